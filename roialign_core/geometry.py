"""Where a box lands on the map: scaling, rounding rules, bins, quantization error.

The kernels do this in the dtype of the map and in a fixed order of operations, and the last bit of an answer depends
on both, so every function here works on NumPy values of that dtype and keeps that order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roialign_core.operators import Operator, Split

Floats = NDArray[np.floating]
Ints = NDArray[np.intp]
HALF_CELL = 0.5


def round_half_away_from_zero(value: Floats) -> Floats:
    """C's ``round``: halves go away from zero. ``numpy.round`` sends them to the even neighbour.

    >>> round_half_away_from_zero(np.array([0.5, 1.5, 2.5, -0.5, 0.49999999999999994]))
    array([ 1.,  2.,  3., -1.,  0.])
    """
    whole = np.trunc(value)
    return whole + np.copysign((np.abs(value - whole) >= 0.5).astype(value.dtype), value)


@dataclass(frozen=True)
class Axis:
    """One axis of an operator on one box. Lengths in cells, as drawn: cell j spans [j, j + 1].

    ``asked`` and ``used`` are (start, end); ``bins`` (P, 2) is the equal split of ``used``; ``read`` (P, 2) is what
    each bin reads after snapping and clipping; ``start`` and ``bin_size`` are the kernel's own numbers in index
    coordinates, where the value of cell j sits at j.
    """

    asked: Floats
    used: Floats
    bins: Floats
    read: Floats
    start: np.floating
    bin_size: np.floating

    @property
    def adaptive_grid(self) -> int:
        """Samples a bin when ``sampling_ratio <= 0``: ceil(bin size), none where the bin has no size."""
        return max(int(np.ceil(self.bin_size)), 0)

    def lattice(self, grid: int, places: Floats | None = None) -> Floats:
        """Sample positions (P, grid) in index coordinates, in the kernels' order of operations.

        ``places`` are the numbers of the samples that are wanted, where not all ``grid`` are.
        """
        dtype = self.bins.dtype
        part = np.arange(len(self.bins)).astype(dtype)[:, None]
        k = (np.arange(grid) if places is None else places).astype(dtype) + dtype.type(0.5)
        return (self.start + part * self.bin_size) + (k * self.bin_size) / dtype.type(grid)


def pooled_axis(asked: Floats, parts: int, cells: int, split: Split) -> Axis:
    """RoI Pool on one axis: round both sides, cut into ``parts``, clip to the map's ``cells``.

    ``overlap`` counts the end cell in (+ 1) and lets bins overlap; ``floor`` and ``ceil`` leave the end cell out and
    split the region without overlap.

    >>> axis = pooled_axis(np.array([0.0, 7.0]), 2, 8, Split.FLOOR)
    >>> axis.used.tolist(), axis.read.tolist()
    ([0.0, 7.0], [[0.0, 3.0], [3.0, 7.0]])
    >>> pooled_axis(np.array([0.0, 6.0]), 2, 8, Split.OVERLAP).read.tolist()
    [[0.0, 4.0], [3.0, 7.0]]
    """
    dtype = asked.dtype
    first, last = (int(side) for side in round_half_away_from_zero(asked))
    inclusive = split is Split.OVERLAP
    size = max(last - first + inclusive, 1)
    part = np.arange(parts).astype(dtype)
    bin_size = dtype.type(size) / dtype.type(parts)
    if inclusive:
        low = np.floor(part * bin_size).astype(np.intp)
        high = np.ceil((part + 1) * bin_size).astype(np.intp)
    else:
        whole = np.arange(parts + 1) * size
        edges = whole // parts if split is Split.FLOOR else -(-whole // parts)
        low, high = edges[:-1], edges[1:]
    read = np.clip(np.stack([low, high], axis=1) + first, 0, cells).astype(dtype)
    start = dtype.type(first)
    edge = np.arange(parts + 1).astype(dtype) * bin_size + start
    used = np.array([first, first + size], dtype=dtype)
    return Axis(asked, used, np.stack([edge[:-1], edge[1:]], axis=1), read, start, bin_size)


def aligned_axis(asked: Floats, parts: int, operator: Operator) -> Axis:
    """RoI Align on one axis: nothing rounded, equal bins; legacy boxes are at least one cell and half a cell off.

    >>> from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY
    >>> aligned_axis(np.array([1.0, 3.0]), 2, ROI_ALIGN).used.tolist()
    [1.0, 3.0]
    >>> aligned_axis(np.array([1.0, 1.25]), 2, ROI_ALIGN_LEGACY).used.tolist()
    [1.5, 2.5]
    """
    dtype = asked.dtype
    offset = dtype.type(HALF_CELL if operator.aligned else 0.0)
    start, end = asked[0] - offset, asked[1] - offset
    size = end - start
    if operator.minimum_size:
        size = np.maximum(size, dtype.type(operator.minimum_size))
    bin_size = size / dtype.type(parts)
    if operator.aligned:
        used = asked.copy()
    else:
        drawn = start + dtype.type(HALF_CELL)
        used = np.array([drawn, drawn + size], dtype=dtype)
    edge = np.arange(parts + 1).astype(dtype) * bin_size + used[0]
    bins = np.stack([edge[:-1], edge[1:]], axis=1)
    return Axis(asked, used, bins, bins, start, bin_size)


def lay_axis(asked: Floats, parts: int, cells: int, operator: Operator, split: Split) -> Axis:
    """One axis of ``operator``: ``asked`` (start, end) in cells, ``parts`` bins on a map of ``cells``."""
    if operator.snaps:
        return pooled_axis(asked, parts, cells, split)
    return aligned_axis(asked, parts, operator)


def region_read(roi: Floats, operator: Operator) -> Floats:
    """The region (4,) that ``operator`` reads when ``roi`` (4,) is asked for, both x1, y1, x2, y2 in cells.

    >>> from roialign_core.operators import ROI_POOL
    >>> region_read(np.array([0.55, 2.7, 6.35, 7.4]), ROI_POOL).tolist()
    [1.0, 3.0, 7.0, 8.0]
    """
    far = int(np.abs(roi).max()) + 2  # clipping does not move the region, so any map that holds it will do
    in_y = lay_axis(roi[[1, 3]], 1, far, operator, operator.split[0])
    in_x = lay_axis(roi[[0, 2]], 1, far, operator, operator.split[1])
    return np.array([in_x.used[0], in_y.used[0], in_x.used[1], in_y.used[1]])


def area(box: Floats) -> float:
    """Area of x1, y1, x2, y2; 0 for a box without width or height."""
    return float(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0))


def iou(a: Floats, b: Floats) -> float:
    """Intersection over union of two boxes; 0 where both are empty.

    >>> round(iou(np.array([0.55, 2.7, 6.35, 7.4]), np.array([1.0, 3.0, 7.0, 8.0])), 2)
    0.7
    """
    shared = area(np.array([*np.maximum(a[:2], b[:2]), *np.minimum(a[2:], b[2:])]))
    together = area(a) + area(b) - shared
    return shared / together if together else 0.0
