"""Finite differences: gradients beside slopes that are measured by moving a cell or a side of the box a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.errors import OptionError
from roialign_core.geometry import Floats, Ints
from roialign_core.gradients import box_gradient, has_box_gradient, map_gradient
from roialign_core.operators import Frame
from roialign_core.trace import Trace, trace_again

STEP = 2.0**-20  # a power of two: added and taken away without rounding
MOST_MOVED = 64  # cells of the map that are moved in turn


@dataclass(frozen=True)
class SlopeCheck:
    """A gradient beside the slopes that are measured by finite differences.

    ``cells`` (n, 2) are rows and columns of the map; ``gradient`` and ``measured`` (n,) belong to them.
    ``box_gradient`` and ``box_measured`` (4,) are per image pixel; the first is None for an operator whose box
    has no gradient in the libraries.
    """

    cells: Ints
    gradient: Floats
    measured: Floats
    box_gradient: Floats | None
    box_measured: Floats

    @property
    def furthest(self) -> float:
        """The largest difference on the map."""
        return float(np.max(np.abs(self.gradient - self.measured), initial=0.0))

    @property
    def furthest_of_box(self) -> float:
        """The largest difference on the box; NaN where it has no gradient."""
        if self.box_gradient is None:
            return float("nan")
        return float(np.max(np.abs(self.box_gradient - self.box_measured)))


def check_slopes(traced: Trace, cell: tuple[int, int] | None = None, most_moved: int = MOST_MOVED) -> SlopeCheck:
    """Measure the slopes of one output cell, or of the sum of all, in float64. Bins keep their number of samples.

    Up to ``most_moved`` cells of the map are moved: those with the largest gradient, then the others in row-major
    order. Each is moved on a map of its own, so a large map takes long. The slope of a maximum is that of the winner,
    unless another cell is within the step of it.

    Raises
    ------
    OptionError : for an operator with rotated boxes, and for a cell outside the output.
    BoxError : for a box without area, or too far from the map to be moved.

    >>> from roialign_core import PRECISE_ROI_POOL, trace
    >>> check = check_slopes(trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), PRECISE_ROI_POOL, 2))
    >>> check.measured.round(6).tolist(), check.box_measured.round(4).tolist()
    ([1.0, 1.0, 1.0, 1.0], [2.0, 4.0, 2.0, 4.0])
    """
    if traced.operator.frame is Frame.TURNED:
        raise OptionError("grad.turned", name=traced.operator.name)
    cell = None if cell is None else traced.output_cell(cell)
    values, box = traced.feature_map.astype(np.float64), traced.box.astype(np.float64)
    exact = trace_again(traced, values, box)
    gradient = map_gradient(exact, cell)
    order = np.argsort(-np.abs(gradient).ravel(), kind="stable")[:most_moved]
    cells = np.stack(np.unravel_index(np.sort(order), gradient.shape), axis=1)
    measured = []
    for row, column in cells:
        moved = values.copy()
        moved[row, column] += STEP
        above = _output(trace_again(traced, moved, box), cell)
        moved[row, column] -= 2 * STEP
        measured.append((above - _output(trace_again(traced, moved, box), cell)) / (2 * STEP))
    sides = []
    for side in range(4):
        step = STEP * np.eye(4)[side]
        above, below = (_output(trace_again(traced, values, box + sign * step), cell) for sign in (1, -1))
        sides.append((above - below) / (2 * STEP))
    return SlopeCheck(
        cells=cells,
        gradient=gradient[cells[:, 0], cells[:, 1]],
        measured=np.array(measured),
        box_gradient=box_gradient(exact, cell) if has_box_gradient(traced.operator) else None,
        box_measured=np.array(sides),
    )


def _output(traced: Trace, cell: tuple[int, int] | None) -> float:
    return float(traced.output.sum() if cell is None else traced.output[cell])
