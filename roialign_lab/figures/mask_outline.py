"""The outline of a mask: the edges between its pixels and the others, as closed loops along the grid of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Loop = list[tuple[int, int]]  # x, y of its corners in pixels, in turn; the last is joined to the first
Run = tuple[int, int, int]  # of an edge: its line, and from where to where along it


def loops(mask: NDArray[np.bool_]) -> list[Loop]:
    """The closed loops round a mask (H, W) and its holes: filled by the even-odd rule they give the mask back.

    >>> loops(np.array([[True, True], [False, False]]))
    [[(0, 0), (2, 0), (2, 1), (0, 1)]]
    """
    across, down = _runs(mask), _runs(mask.T)
    # Where an edge ends another begins that is perpendicular: of each corner the other end of its edge down.
    below = {(x, a): (x, b) for x, a, b in down} | {(x, b): (x, a) for x, a, b in down}
    beside = {(a, y): (b, y) for y, a, b in across} | {(b, y): (a, y) for y, a, b in across}
    found: list[Loop] = []
    while beside:
        corner = next(iter(beside))
        loop: Loop = []
        while corner in beside:
            end = beside.pop(corner)
            del beside[end]
            loop += [corner, end]
            corner = below[end]
        found.append(loop)
    return found


def path(mask: NDArray[np.bool_]) -> str:
    """The loops as an SVG path in pixels.

    >>> path(np.array([[True, True], [False, False]]))
    'M0 0H2V1H0Z'
    """
    return "".join(map(path_of, loops(mask)))


def path_of(loop: Loop) -> str:
    """One loop as an SVG path."""
    (x, y), *rest = loop
    turns = (f"H{a}" if k % 2 == 0 else f"V{b}" for k, (a, b) in enumerate(rest))
    return f"M{x} {y}{''.join(turns)}Z"


def _runs(mask: NDArray[np.bool_]) -> list[Run]:
    """Where two rows of a mask differ: the number of the lower row, and from which column to which."""
    rows, columns = mask.shape
    differs = np.zeros((rows + 1, columns + 2), np.int8)
    framed = np.pad(mask, ((1, 1), (0, 0))).astype(np.int8)
    differs[:, 1:-1] = framed[1:] != framed[:-1]
    change = np.diff(differs, axis=1)
    starts, ends = np.argwhere(change == 1).tolist(), np.argwhere(change == -1).tolist()
    return [(y, a, b) for (y, a), (_, b) in zip(starts, ends, strict=True)]
