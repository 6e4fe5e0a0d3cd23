"""The two matrices of a box as the stage draws them: of each row, what is not 0."""

from __future__ import annotations

import numpy as np

from figures.scene import number
from roialign_core.geometry import Floats
from roialign_core.matrices import is_separable, two_matrices
from roialign_core.trace import Trace


def factors(trace: Trace) -> dict[str, str] | None:
    """``Wy`` and ``Wx`` of a trace as text; None for an operator that is not two matrices, as one that takes maxima.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> factors(trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2))
    {'wy': '0 0.50 1 0.50,2 0.50 3 0.50', 'wx': '0 0.50 1 0.50,2 0.50 3 0.50'}
    """
    if not is_separable(trace.operator):
        return None
    wy, wx = two_matrices(trace)
    return {"wy": _sparse(wy), "wx": _sparse(wx)}


def _sparse(matrix: Floats) -> str:
    """The rows, each with its cells and their weights in turn."""
    rows: list[list[str]] = [[] for _ in matrix]
    at = np.nonzero(matrix)
    for row, cell, weight in zip(*(one.tolist() for one in at), matrix[at].tolist(), strict=True):
        rows[row].append(f"{cell} {number(weight, 2)}")
    return ",".join(" ".join(row) for row in rows)
