"""Where a box lands on the map: scaling, rounding rules, bins, quantization error.

The kernels do this in the dtype of the map and in a fixed order of operations, and the last bit of an answer depends
on both, so every function here works on NumPy values of that dtype and keeps that order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roialign_core.operators import Clip, End, Operator, Reading, Split

Floats = NDArray[np.floating]
Ints = NDArray[np.intp]
Scale = float | tuple[float, float]
"""Map cells an image pixel: one number, or (rows, columns)."""
HALF_CELL = 0.5
MOST_COUNTED = 2**31  # samples a bin
FARTHEST_CELL = 2**53  # from there on a whole number of cells is not exact


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

    ``roi`` is the (start, end) of the box on the map, ``used`` that of the region which is read. ``bins`` (P, 2) is
    the equal split of ``used``, and ``read`` (P, 2) the cells of each bin after snapping and clipping. ``start``,
    ``stop`` and ``bin_size`` are the kernel's own numbers in index coordinates, where the value of cell j sits at j.
    ``snapped`` is True where ``read`` is not ``bins``.
    """

    roi: Floats
    used: Floats
    bins: Floats
    read: Floats
    start: np.floating
    stop: np.floating
    bin_size: np.floating
    snapped: bool = False

    def is_countable(self, ratio: int) -> bool:
        """False where the axis is not finite, or where an adaptive grid has more samples than an ``int`` of C counts.

        The output is 0 there, as in the kernels.
        """
        return bool(np.isfinite(self.bin_size) and (ratio > 0 or self.bin_size < MOST_COUNTED))

    @property
    def adaptive_grid(self) -> int:
        """Samples a bin when ``sampling_ratio <= 0``: ceil(bin size), none where the bin has no size."""
        return max(self.signed_grid, 0)

    @property
    def signed_grid(self) -> int:
        """ceil(bin size), less than 0 where the box is reversed."""
        return int(np.ceil(self.bin_size))

    def lattice(self, grid: int, places: Floats | None = None) -> Floats:
        """Sample positions (P, grid) in index coordinates, in the kernels' order of operations.

        ``places`` are the numbers of the samples to compute, by default all ``grid`` of them.
        """
        dtype = self.bins.dtype
        k = (np.arange(grid) if places is None else places).astype(dtype) + dtype.type(0.5)
        if self.snapped:
            low, high = self.index_edges()
            return low[:, None] + (k * (high - low)[:, None]) / dtype.type(grid)
        part = np.arange(len(self.bins)).astype(dtype)[:, None]
        return (self.start + part * self.bin_size) + (k * self.bin_size) / dtype.type(grid)

    def ends(self, cells: int) -> Floats:
        """One sample position a bin (P, 1), index coordinates: see :func:`points_from_end_to_end`."""
        start, stop = np.array([self.start]), np.array([self.stop])
        return points_from_end_to_end(*normalised(start, stop, cells), len(self.bins), cells).T

    def index_edges(self, dtype: np.dtype | None = None) -> tuple[Floats, Floats]:
        """Where the bins begin and end (P,), (P,), in index coordinates, computed in ``dtype``."""
        kind = (dtype or self.bins.dtype).type
        if self.snapped:
            read = self.read.astype(kind)
            return read[:, 0] - kind(HALF_CELL), read[:, 1] - kind(HALF_CELL)
        edge = np.arange(len(self.bins) + 1).astype(kind) * kind(self.bin_size) + kind(self.start)
        return edge[:-1], edge[1:]


def pooled_axis(roi: Floats, parts: int, cells: int | None, split: Split, end: End = End.OF_SPLIT) -> Axis:
    """RoI Pool on one axis: round both sides of ``roi``, split into ``parts``, clip to the map's ``cells``, if any.

    ``overlap`` includes the end cell (+ 1), unless ``end`` excludes it, and lets bins overlap; ``floor`` and ``ceil``
    exclude the end cell and split the region without overlap.

    >>> axis = pooled_axis(np.array([0.0, 7.0]), 2, 8, Split.FLOOR)
    >>> axis.used.tolist(), axis.read.tolist()
    ([0.0, 7.0], [[0.0, 3.0], [3.0, 7.0]])
    >>> pooled_axis(np.array([0.0, 6.0]), 2, 8, Split.OVERLAP).read.tolist()
    [[0.0, 4.0], [3.0, 7.0]]
    """
    dtype = roi.dtype
    first, size = _pooled_region(roi, split, end)
    read = _within(_pooled_spans(first, size, parts, split, dtype), cells).astype(dtype)
    start, bin_size = dtype.type(first), dtype.type(size) / dtype.type(parts)
    edge = np.arange(parts + 1).astype(dtype) * bin_size + start
    used = np.array([first, first + size], dtype=dtype)
    stop = start + dtype.type(size)
    return Axis(roi, used, np.array([edge[:-1], edge[1:]]).T, read, start, stop, bin_size, snapped=True)


def _pooled_region(roi: Floats, split: Split, end: End) -> tuple[Ints, Ints]:
    """First cell and size of the rounded region, of one box (2,) or of many (K, 2)."""
    rounded = round_half_away_from_zero(roi).astype(np.intp)
    first, last = rounded[..., 0], rounded[..., 1]
    inclusive = end is End.LAST_CELL or (end is End.OF_SPLIT and split is Split.OVERLAP)
    return first, np.maximum(last - first + inclusive, 1)


def _pooled_spans(first: Ints, size: Ints, parts: int, split: Split, dtype: np.dtype) -> Ints:
    """Cells of each bin (..., P, 2), on the map or not."""
    if split is Split.OVERLAP:
        part, bin_size = np.arange(parts).astype(dtype), size[..., None].astype(dtype) / dtype.type(parts)
        low, high = np.floor(part * bin_size).astype(np.intp), np.ceil((part + 1) * bin_size).astype(np.intp)
    else:
        whole = np.arange(parts + 1) * size[..., None]
        edges = whole // parts if split is Split.FLOOR else -(-whole // parts)
        low, high = edges[..., :-1], edges[..., 1:]
    return np.stack([low, high], axis=-1) + first[..., None, None]


def unrounded_axis(roi: Floats, parts: int, cells: int | None, end: End = End.OF_SPLIT) -> Axis:
    """mmcv's RoI Pool on one axis: the region is not rounded, but each bin is: floor of its start, ceil of its end.

    >>> axis = unrounded_axis(np.array([0.5, 4.5]), 2, 8)
    >>> axis.used.tolist(), axis.read.tolist()
    ([0.5, 4.5], [[0.0, 3.0], [2.0, 5.0]])
    """
    dtype = roi.dtype
    bins, size = _unrounded_bins(roi, parts, end)
    start, bin_size = roi[0], dtype.type(size) / dtype.type(parts)
    read = _within(_unrounded_spans(bins, size), cells)
    return Axis(roi, np.array([start, start + size]), bins, read, start, start + size, bin_size, snapped=True)


def _unrounded_bins(roi: Floats, parts: int, end: End) -> tuple[Floats, Floats]:
    """The bins (..., P, 2) and the size of a region that is not rounded, of one box (2,) or of many (K, 2)."""
    dtype = roi.dtype
    start, size = roi[..., 0], roi[..., 1] - roi[..., 0] + dtype.type(end is End.LAST_CELL)
    bin_size = size / dtype.type(parts)
    edge = np.arange(parts + 1).astype(dtype) * bin_size[..., None] + start[..., None]
    return np.stack([edge[..., :-1], edge[..., 1:]], axis=-1), size


def _unrounded_spans(bins: Floats, size: Floats) -> Floats:
    """Cells of each bin (..., P, 2), on the map or not; none where the region has no size."""
    low, high = np.floor(bins[..., 0]), np.ceil(bins[..., 1])
    return np.stack([low, np.where(size[..., None] > 0, high, low)], axis=-1)


def cells_read(roi: Floats, parts: int, cells: int, operator: Operator, split: Split) -> Ints:
    """The cells of each bin (K, P, 2) of many RoIs (K, 2) on one axis: ``read`` of :func:`lay_axis`.

    >>> from roialign_core.operators import ROI_POOL, ROI_POOL_MMCV
    >>> cells_read(np.array([[0.0, 6.0], [0.4, 3.6]]), 2, 8, ROI_POOL, Split.OVERLAP).tolist()
    [[[0, 4], [3, 7]], [[0, 3], [2, 5]]]
    >>> cells_read(np.array([[0.5, 4.5]]), 2, 8, ROI_POOL_MMCV, Split.OVERLAP).tolist()
    [[[0, 3], [2, 5]]]
    """
    spans: NDArray
    if operator.snaps:
        spans = _pooled_spans(*_pooled_region(roi, split, operator.end), parts, split, roi.dtype)
    else:
        spans = _unrounded_spans(*_unrounded_bins(roi, parts, operator.end))
    return _within(spans, cells - (operator.clip is Clip.BEFORE_LAST_CELL)).astype(np.intp)


def _within(spans: NDArray, cells: int | None) -> NDArray:
    return spans if cells is None else np.minimum(np.maximum(spans, 0), cells)


def exact_region(roi: Floats, operator: Operator) -> tuple[Floats, Floats]:
    """Start and size of the region in index coordinates, on one axis of one box or of many: ``roi`` (..., 2).

    >>> from roialign_core.operators import ROI_ALIGN_LEGACY
    >>> start, size = exact_region(np.array([[1.0, 3.0], [2.0, 2.25]]), ROI_ALIGN_LEGACY)
    >>> start.tolist(), size.tolist()
    ([1.0, 2.0], [2.0, 1.0])
    """
    dtype = roi.dtype
    offset = dtype.type(HALF_CELL if operator.aligned else 0.0)
    sides = round_half_away_from_zero(roi) if operator.snaps else roi
    start = sides[..., 0] - offset
    size = (sides[..., 1] - offset) - start
    if operator.end is End.LAST_CELL:
        size = size + dtype.type(1)
    if operator.minimum_size:
        size = np.maximum(size, dtype.type(operator.minimum_size))
    elif operator.snaps or operator.reading is Reading.SURFACE:
        size = np.maximum(size, dtype.type(0))
    return start, size


def aligned_axis(roi: Floats, parts: int, operator: Operator) -> Axis:
    """RoI Align on one axis: equal bins; legacy boxes are at least one cell and half a cell off.

    >>> from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY
    >>> aligned_axis(np.array([1.0, 3.0]), 2, ROI_ALIGN).used.tolist()
    [1.0, 3.0]
    >>> aligned_axis(np.array([1.0, 1.25]), 2, ROI_ALIGN_LEGACY).used.tolist()
    [1.5, 2.5]
    """
    dtype = roi.dtype
    start, size = exact_region(roi, operator)
    bin_size = size / dtype.type(parts)
    used = _region_as_drawn(roi, start, size, operator)
    edge = np.arange(parts + 1).astype(dtype) * bin_size + used[0]
    bins = np.array([edge[:-1], edge[1:]]).T
    stop = _end_of_region(roi, start, size, operator)
    return Axis(roi, used, bins, bins, dtype.type(start), dtype.type(stop), dtype.type(bin_size))


def _end_of_region(roi: Floats, start: Floats, size: Floats, operator: Operator) -> Floats:
    """Where the region ends in index coordinates: the side of the box itself, unless the operator moved it."""
    if _moves(operator):
        return start + size
    return roi[..., 1] - roi.dtype.type(HALF_CELL if operator.aligned else 0.0)


def _moves(operator: Operator) -> bool:
    """True where the region may end elsewhere than the box."""
    return bool(operator.snaps or operator.minimum_size or operator.end is End.LAST_CELL)


def _region_as_drawn(roi: Floats, start: Floats, size: Floats, operator: Operator) -> Floats:
    """The region (..., 2) that ``start`` and ``size`` in index coordinates mean, as drawn."""
    if operator.aligned and not _moves(operator):
        return roi.copy()  # to the last bit
    drawn = start + roi.dtype.type(HALF_CELL)
    return np.stack([drawn, drawn + size], axis=-1)


def normalised(start: Floats, stop: Floats, cells: int) -> tuple[Floats, Floats]:
    """Index coordinates as TensorFlow counts them: 0 is the centre of the first cell and 1 that of the last."""
    far = start.dtype.type(max(cells - 1, 1))
    return start / far, stop / far


@np.errstate(invalid="ignore", over="ignore")  # a side may be infinite
def points_from_end_to_end(first: Floats, last: Floats, parts: int, cells: int) -> Floats:
    """One position a bin (K, P), index coordinates: the first on the start of the region, the last on its end.

    ``first`` and ``last`` (K,) are normalised. The operations are TensorFlow's, in their order; a single bin is read in
    the middle. The outermost positions are the sides themselves, as in ONNX Runtime: TensorFlow adds steps up to the
    last, which by rounding may end beyond the map where the side does not.

    >>> points_from_end_to_end(np.array([0.25]), np.array([1.0]), 3, 9).tolist()
    [[2.0, 5.0, 8.0]]
    """
    dtype, far = first.dtype, first.dtype.type(cells - 1)
    if parts == 1:
        return (dtype.type(0.5) * (first + last) * far)[:, None]
    step = (last - first) * far / dtype.type(parts - 1)
    at = (first * far)[:, None] + np.arange(parts).astype(dtype) * step[:, None]
    at[:, 0], at[:, -1] = first * far, last * far
    return at


def point_of_each_bin(roi: Floats, parts: int, cells: int, operator: Operator) -> Floats:
    """The sample point of each bin (K, P) of many RoIs (K, 2), in index coordinates, for operators with a point a bin.

    >>> from roialign_core.operators import ROI_WARP
    >>> point_of_each_bin(np.array([[0.6, 4.4], [0.0, 2.0]]), 2, 8, ROI_WARP).tolist()
    [[1.0, 2.5], [0.0, 1.0]]
    """
    dtype = roi.dtype
    start, size = exact_region(roi, operator)
    if operator.reading is Reading.ENDS:
        stop = _end_of_region(roi, start, size, operator)
        return points_from_end_to_end(*normalised(start, stop, cells), parts, cells)
    return np.arange(parts).astype(dtype) * (size / dtype.type(parts))[:, None] + start[:, None]


def lay_axis(roi: Floats, parts: int, cells: int, operator: Operator, split: Split) -> Axis:
    """One axis of ``operator``: ``roi`` (start, end) in cells, ``parts`` bins on a map of ``cells``.

    Where the operator includes the last pixel, ``roi`` includes it already (see :func:`sides_on_map`).
    """
    if split is Split.EXACT:
        return aligned_axis(roi, parts, operator)
    limit: int | None = cells - (operator.clip is Clip.BEFORE_LAST_CELL)
    if operator.reading is not Reading.EVERY_CELL:
        limit = None  # what a point beyond the map reads is decided later, by the edge
    if operator.snaps:
        return pooled_axis(roi, parts, limit, split, operator.end)
    return unrounded_axis(roi, parts, limit, operator.end)


def sides_on_map(box: Floats, scale: Floats | np.floating, operator: Operator) -> Floats:
    """x1, y1, x2, y2 (..., 4) in image pixels to cells, with the last pixel where ``operator`` includes it.

    >>> from roialign_core.operators import ROI_POOL_MMCV
    >>> sides_on_map(np.array([0.0, 0.0, 7.0, 3.0]), np.float64(0.5), ROI_POOL_MMCV).tolist()
    [0.0, 0.0, 4.0, 2.0]
    """
    if operator.end is End.LAST_PIXEL:
        box = box + np.array([0, 0, 1, 1], dtype=box.dtype)
    return box * scale


def scale_of_sides(scale: Scale, dtype: np.dtype) -> Floats | np.floating:
    """What x1, y1, x2, y2 are multiplied with: a number, or four.

    >>> scale_of_sides((0.5, 0.25), np.dtype(np.float32)).tolist()
    [0.25, 0.5, 0.25, 0.5]
    """
    if not isinstance(scale, tuple):
        return np.asarray(scale, dtype)[()]
    down, across = scale
    return np.array([across, down, across, down], dtype)


def region_read(roi: Floats, operator: Operator, spatial_scale: float = 1.0) -> Floats:
    """The region (4,) that ``operator`` reads for ``roi`` (4,), both x1, y1, x2, y2 in cells.

    ``spatial_scale``, cells an image pixel, matters where the operator includes the last pixel.

    >>> from roialign_core.operators import ROI_POOL
    >>> region_read(np.array([0.55, 2.7, 6.35, 7.4]), ROI_POOL).tolist()
    [1.0, 3.0, 7.0, 8.0]
    """
    if operator.end is End.LAST_PIXEL:
        roi = roi + np.array([0, 0, spatial_scale, spatial_scale], dtype=roi.dtype)
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
