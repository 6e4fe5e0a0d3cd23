"""Separable operators as two small matrices a box: an operator that takes means is ``Wy @ map @ Wx.T``.

A bilinear weight is a weight along y times a weight along x, and so is "0 outside the map". So the mean of the samples
of bin (p, q) is the sum over rows i and columns j of ``Wy[p, i] · map[i, j] · Wx[q, j]``: the two matrices are the
whole forward pass, and their transposes the backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.arguments import check_sample_count
from roialign_core.bilinear import AxisWeights
from roialign_core.errors import OptionError
from roialign_core.geometry import (
    MOST_COUNTED,
    Axis,
    Floats,
    Ints,
    Scale,
    exact_region,
    lay_axis,
    point_of_each_bin,
    scale_of_sides,
    sides_on_map,
)
from roialign_core.operators import Aggregate, Edge, Frame, Interpolation, Operator, Reading, Split
from roialign_core.samples import near, positions
from roialign_core.surface import surface_stops
from roialign_core.trace import Trace, trace_axes

MOST_WEIGHTS = 2_000_000  # numbers in the matrices that are computed together
MOST_AT_ONCE = 1_000_000  # positions that are computed together: memory stays small for any number of boxes


@dataclass(frozen=True)
class AxisMatrices:
    """One axis of K boxes. ``weights`` (K, P, cells) are 0 but from cell ``first`` to ``last`` (K,), exclusive.

    ``read`` (K, P) is 1 for a bin with samples and 0 for a bin without; ``inside`` (K, P) is the part of its samples
    that lies on the map. The others read the operator's fill, and so does a box that is not finite.
    """

    weights: Floats
    first: Ints
    last: Ints
    read: Floats
    inside: Floats


def two_matrices(trace: Trace) -> tuple[Floats, Floats]:
    """``Wy`` (ph, H) and ``Wx`` (pw, W) of a trace that takes means: ``Wy @ feature_map @ Wx.T`` is its output.

    A fill other than 0 is not in them.

    Raises
    ------
    OptionError : for an operator that is not separable: it takes maxima, or its box is rotated.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> t = trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2)
    >>> wy, wx = two_matrices(t)
    >>> wy.tolist(), (wy @ t.feature_map @ wx.T == t.output).all()
    ([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], np.True_)
    """
    if not is_separable(trace.operator):
        raise OptionError("trace.matrices", name=trace.operator.name)
    in_y, in_x = trace_axes(trace)
    height, width = trace.feature_map.shape
    down, across = trace.grid
    return (
        axis_matrix(in_y, height, trace.operator, down)[0],
        axis_matrix(in_x, width, trace.operator, across)[0],
    )


def product(trace: Trace) -> Floats:
    """``Wy @ feature_map @ Wx.T`` (ph, pw): the output but for rounding, and for a fill other than 0.

    Errors as :func:`two_matrices`.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> product(trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2)).tolist()
    [[2.5, 4.5], [10.5, 12.5]]
    """
    wy, wx = two_matrices(trace)
    with np.errstate(invalid="ignore", over="ignore"):  # a map may hold NaN and infinities
        return np.asarray(wy @ trace.feature_map @ wx.T)


def axis_matrix(axis: Axis, cells: int, operator: Operator, grid: int) -> tuple[Floats, Floats, Floats]:
    """The matrix (P, cells) of one axis of one box, with ``read`` (P,) and ``inside`` (P,) of :class:`AxisMatrices`."""
    parts, dtype = len(axis.bins), axis.bins.dtype
    if operator.reading is Reading.EVERY_CELL:
        cell = np.arange(cells)
        in_bin = (axis.read[:, :1] <= cell) & (cell < axis.read[:, 1:])
        count = np.maximum(in_bin.sum(axis=1, keepdims=True), 1)
        return (in_bin / count).astype(dtype), np.ones(parts, dtype), np.ones(parts, dtype)
    if operator.reading is Reading.SURFACE:
        stops = surface_stops(axis, cells, operator)
        number, at, share = stops.bin, stops.position, stops.share
        read = np.bincount(number, minlength=parts) > 0
    else:
        number, at = _lattice_in_reach(axis, cells, operator, grid)
        share = np.full(len(at), 1 / max(grid, 1), dtype)
        read = np.full(parts, grid > 0)
    around = near(at, cells, operator)
    weights = np.zeros(parts * cells)
    _scatter(weights, number * cells, around, share)
    inside = np.bincount(number, weights=share * around.inside, minlength=parts)
    return weights.reshape(parts, cells).astype(dtype), read.astype(dtype), inside.astype(dtype)


def _lattice_in_reach(axis: Axis, cells: int, operator: Operator, grid: int) -> tuple[Ints, Floats]:
    """Bins and positions of the samples of one axis; of a large lattice only samples that can lie on the map."""
    parts = len(axis.bins)
    if operator.reading is not Reading.LATTICE or grid <= cells or not axis.bin_size > 0:
        at = positions(axis, grid, cells, operator)
        return np.repeat(np.arange(parts), at.shape[1]), at.ravel()
    low, high = (edge.astype(np.float64) for edge in axis.index_edges())
    size = high - low if axis.snapped else np.full(parts, float(axis.bin_size))
    step = np.where(size > 0, size / grid, np.inf)  # all samples of an empty bin are at the same place
    first, last = np.clip((-1.0 - low) / step - 2, 0, grid), np.clip((cells - low) / step + 2, 0, grid)
    first[size <= 0], last[size <= 0] = 0, grid
    numbers, found = [np.empty(0, np.intp)], [np.empty(0, axis.bins.dtype)]
    for p, (a, b) in enumerate(zip(first, last, strict=True)):
        for chunk in range(int(a), int(b), MOST_AT_ONCE):
            places = np.arange(chunk, min(int(b), chunk + MOST_AT_ONCE), dtype=np.float64)
            found.append(axis.lattice(grid, places)[p])
            numbers.append(np.full(len(places), p))
    return np.concatenate(numbers), np.concatenate(found)


def _scatter(into: Floats, base: Ints, around: AxisWeights, share: Floats | np.floating) -> None:
    """Add both weights of every position at the cells they belong to: ``base`` + cell of the flat ``into``."""
    share = np.where(around.inside, share, into.dtype.type(0))
    np.add.at(into, (base + around.low).ravel(), (around.to_high * share).ravel())
    np.add.at(into, (base + around.high).ravel(), (around.to_low * share).ravel())


def boxes_at_once(size: tuple[int, int], cells: tuple[int, ...]) -> int:
    """How many boxes have their matrices computed together, so that memory stays small."""
    return max(MOST_WEIGHTS // (size[0] * cells[0] + size[1] * cells[1]), 1)


def box_matrices(
    boxes: Floats,
    size: tuple[int, int],
    cells: tuple[int, int],
    spatial_scale: Scale,
    operator: Operator,
    ratio: tuple[int, int],
) -> tuple[AxisMatrices, AxisMatrices]:
    """The matrices of many boxes (K, 4) in image pixels, rows then columns, in the dtype of the boxes.

    One matrix or both are 0 for a box that is not finite on the map. :class:`OptionError` where an axis has too many
    samples.
    """
    if operator.reading is Reading.LATTICE:
        check_sample_count(max(ratio[0] * size[0], ratio[1] * size[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        rois = sides_on_map(boxes, scale_of_sides(spatial_scale, boxes.dtype), operator)
    sides = rois.T.reshape(2, 2, -1).transpose(1, 2, 0)[::-1]  # of rows, then of columns: (2, K, 2)
    lattice = operator.reading is Reading.LATTICE and operator.split == (Split.EXACT, Split.EXACT)
    if lattice and size[0] == size[1] and ratio[0] == ratio[1]:
        rows, columns = _lattices(sides, size[0], cells, operator, ratio[0])
    else:
        rows, columns = (
            _axis_of_many(sides[k], size[k], cells[k], operator, operator.split[k], ratio[k]) for k in (0, 1)
        )
    return rows, columns


def _axis_of_many(rois: Floats, parts: int, cells: int, operator: Operator, split: Split, ratio: int) -> AxisMatrices:
    if split is Split.EXACT and operator.reading is Reading.LATTICE:
        return _lattices(rois[None], parts, (cells,), operator, ratio)[0]
    finite = np.asarray(np.isfinite(rois).all(axis=1))
    if operator.reading is Reading.ENDS:  # one side that is finite gives positions that are
        finite[:] = True
    rois = np.where(finite[:, None], rois, rois.dtype.type(0))
    count, dtype = len(rois), rois.dtype
    if split is Split.EXACT and operator.reading is Reading.SURFACE and operator.edge is Edge.FADE:
        low, high = surface_edges(rois, parts, operator)
        weights, read = hat_integrals(low, high, cells), (high > low).astype(np.float64)
        inside = _share_between(-1, cells, low, high)
    elif split is Split.EXACT and operator.reading in (Reading.TOP_LEFT, Reading.ENDS):
        around = near(point_of_each_bin(rois, parts, cells, operator), cells, operator)
        flat = np.zeros(count * parts * cells)
        _scatter(flat, np.arange(count * parts).reshape(count, parts) * cells, around, dtype.type(1))
        weights, read, inside = flat.reshape(count, parts, cells), np.ones((count, parts)), around.inside.astype(dtype)
    else:
        weights, read, inside = np.zeros((count, parts, cells)), np.zeros((count, parts)), np.zeros((count, parts))
        grid = ratio if operator.reading is Reading.LATTICE else 1
        for k, roi in enumerate(rois):
            axis = lay_axis(roi, parts, cells, operator, split)
            weights[k], read[k], inside[k] = axis_matrix(
                axis, cells, operator, grid if grid > 0 else axis.adaptive_grid
            )
    if not finite.all():
        weights[~finite] = read[~finite] = inside[~finite] = 0
    used = np.asarray(weights.any(axis=1))
    some = np.asarray(used.any(axis=1))
    first = np.where(some, used.argmax(axis=1), 0)
    # and the next cell: its weight of 0 times a number that is not finite is NaN
    last = np.where(some, np.minimum(cells - used[:, ::-1].argmax(axis=1) + 1, cells), 0)
    of_bins = (each.astype(dtype, copy=False) for each in (read, inside))
    return AxisMatrices(weights.astype(dtype, copy=False), first, last, *of_bins)


def _lattices(rois: Floats, parts: int, cells: tuple[int, ...], operator: Operator, ratio: int) -> list[AxisMatrices]:
    """RoI Align's matrices of many boxes at once: ``rois`` (axes, K, 2), both axes split into as many ``parts``.

    Axes with equally many samples a bin are computed together, rows and columns alike, along the last axis of every
    array: loops over it are fast.
    """
    dtype, (axes, count) = rois.dtype, rois.shape[:2]
    with np.errstate(over="ignore", invalid="ignore"):  # a side may be infinite, or not a number
        start, size = (side.ravel() for side in exact_region(rois, operator))
        bin_size = size / dtype.type(parts)
        grids = np.full(axes * count, ratio)
        if ratio <= 0:
            grids = np.maximum(np.ceil(np.where(bin_size < MOST_COUNTED, bin_size, 0)), 0).astype(np.int64)
        # the region may be finite where a side is not: legacy RoI Align makes it one cell wide, whatever it was
        grids[~(np.isfinite(start) & np.isfinite(size))] = 0
    along = np.repeat(cells, count)  # cells of the axis of each
    rows = np.cumsum(parts * along) - parts * along + np.arange(parts)[:, None] * along  # where each bin's weights are
    weights, inside = np.zeros(count * parts * sum(cells), dtype), np.zeros((parts, axes * count), dtype)
    first, last = along.copy(), np.zeros(axes * count, np.intp)
    part = np.arange(parts).astype(dtype)[:, None]
    for grid in [ratio] if ratio > 0 else np.unique(grids[grids > 0]).tolist():
        mine = np.flatnonzero(grids == grid)
        for k in mine[grid > along[mine]]:
            n = int(along[k])
            axis = lay_axis(rois.reshape(-1, 2)[k], parts, n, operator, Split.EXACT)
            matrix, _read, inside[:, k] = axis_matrix(axis, n, operator, grid)
            weights[rows[0, k] : rows[0, k] + parts * n] = matrix.ravel()
            used = np.flatnonzero(matrix.any(axis=0))
            first[k], last[k] = (used[0], min(used[-1] + 2, n)) if len(used) else (0, 0)
        mine = mine[grid <= along[mine]]
        if not len(mine):
            continue
        number = (np.arange(grid).astype(dtype) + dtype.type(0.5))[:, None, None]
        share = np.full((), 1 / grid, dtype)
        most = max(MOST_AT_ONCE // (parts * grid), 1)
        for a in range(0, len(mine), most):
            some = mine[a : a + most] if len(mine) < axes * count else slice(a, a + most)
            begin, step = start[some], bin_size[some]
            around = near((begin + part * step) + (number * step) / dtype.type(grid), along[some], operator)
            _scatter(weights, rows[:, some], around, share)
            everywhere = around.inside.all()
            inside[:, some] = 1 if everywhere else around.inside.mean(axis=0)
            low = around.low if everywhere else np.where(around.inside, around.low, along[some])
            first[some], last[some] = low.min(axis=(0, 1)), around.high.max(axis=(0, 1)) + 1
    nothing = first >= last
    first[nothing] = last[nothing] = 0
    read = np.broadcast_to((grids > 0).astype(dtype), inside.shape)
    places = np.split(weights, np.cumsum([count * parts * n for n in cells])[:-1])
    of_axis = [slice(k * count, (k + 1) * count) for k in range(axes)]
    return [
        AxisMatrices(place.reshape(count, parts, n), first[each], last[each], read[:, each].T, inside[:, each].T)
        for place, n, each in zip(places, cells, of_axis, strict=True)
    ]


def surface_edges(rois: Floats, parts: int, operator: Operator) -> tuple[Floats, Floats]:
    """Where the bins of many regions begin and end (K, P), in index coordinates, in float64.

    Only the size of a bin is divided in the dtype of the box, as in a trace: it may be 0 in that dtype.
    """
    start, size = exact_region(rois, operator)
    start, bin_size = (side.astype(np.float64)[:, None] for side in (start, size / size.dtype.type(parts)))
    edge = start + np.arange(parts + 1) * bin_size
    return edge[:, :-1], edge[:, 1:]


def hat_integrals(low: Floats, high: Floats, cells: int) -> Floats:
    """The mean over [low, high] of each cell's hat, which is 1 at its centre and 0 one cell away: (..., cells).

    0 where the bin has no size.

    >>> hat_integrals(np.array([0.0]), np.array([1.0]), 3).tolist()
    [[0.5, 0.5, 0.0]]
    """
    size = (high - low)[..., None]
    cell = np.arange(float(cells))
    low, high, mean = low[..., None], high[..., None], np.zeros((*low.shape, cells))
    for first, last, slope in (
        (-1, 0, 1),
        (0, 1, -1),
    ):  # up to the centre, down from it; its mean is halfway
        a, b = np.clip(low, cell + first, cell + last), np.clip(high, cell + first, cell + last)
        mean += (b - a) / np.where(size > 0, size, 1) * (1 + slope * ((a - cell) + (b - cell)) / 2)
    return np.where(size > 0, mean, 0)


def _share_between(first: float, last: float, low: Floats, high: Floats) -> Floats:
    """The part of each [low, high] that lies between ``first`` and ``last``; 0 where it has no size."""
    size = high - low
    between = np.minimum(high, last) - np.maximum(low, first)
    return np.maximum(between, 0) / np.where(size > 0, size, 1)


def hat(at: Floats) -> Floats:
    """max(0, 1 - abs(at)): the bilinear weight of a cell at that distance."""
    return np.maximum(0.0, 1 - np.abs(at))


def is_separable(operator: Operator) -> bool:
    """True where the operator is two matrices: it takes means, and its weights are products along the axes."""
    product = operator.interpolation is not Interpolation.LARGEST_CORNER and operator.frame is Frame.SIDES
    return product and operator.aggregate is Aggregate.MEAN
