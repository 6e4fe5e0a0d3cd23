"""A box goes in, a Trace comes out: every number between the map and the output, for any operator."""

from __future__ import annotations

import operator as arithmetic
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roialign_core.bilinear import (
    AxisWeights,
    as_feature_map,
    axis_weights,
    combine,
    frozen,
    join_four,
    largest_of_four,
)
from roialign_core.errors import BoxError, OptionError
from roialign_core.geometry import HALF_CELL, Axis, Floats, Ints, iou, lay_axis, sides_on_map
from roialign_core.operators import Aggregate, Empty, Frame, Interpolation, Operator, Reading, choose
from roialign_core.rotated import TurnedBox, turned_box
from roialign_core.showing import as_csv, as_dict, as_html
from roialign_core.surface import surface_stops

MOST_SAMPLES = 1_000_000
FARTHEST_SIDE = 2.0**24  # cells: beyond it float32 cannot tell one cell from the next
LEAST_MAXIMUM = -float(np.finfo(np.float32).max)  # where torchvision's RoI Pool starts its maximum


@dataclass(frozen=True, eq=False)
class Trace:
    """What one operator does with one box, from the box to the output. Arrays are read-only.

    Geometry is in map coordinates as drawn: cell j spans [j, j + 1] and its value sits at j + 0.5. Boxes run
    x1, y1, x2, y2. S samples in all, in the order of the bins; bins may differ in how many they have.

    Attributes
    ----------
    feature_map (H, W), box (4,) in image pixels (5,) where it is turned, spatial_scale, output_size (rows, columns)
    roi (4,) : the box on the map as it was asked for.
    roi_used (4,) : the region that the operator reads.
    bins (ph, pw, 4) : the equal split of ``roi_used``. bins_used (ph, pw, 4) : what each reads, snapped and clipped.
    sample_bin (S, 2), sample_y (S,), sample_x (S,), sample_inside (S,)
        Of a surface a sample is the middle of a patch, which reads the mean of the patch.
    neighbor_y, neighbor_x (S, 4) : cell numbers, top left, top right, bottom left, bottom right.
    weights (S, 4), sample_value (S,)
    sample_wins (S,) : True where a maximum came from.
    grid (rows, columns) : samples a bin on each axis; (0, 0) where every cell or the whole surface is read.
    output (ph, pw) : bit for bit torchvision's, where torchvision has the operator.
    """

    operator: Operator
    feature_map: Floats
    box: Floats
    spatial_scale: float
    output_size: tuple[int, int]
    roi: Floats
    roi_used: Floats
    bins: Floats
    bins_used: Floats
    grid: tuple[int, int]
    sample_bin: Ints
    sample_y: Floats
    sample_x: Floats
    sample_inside: NDArray[np.bool_]
    neighbor_y: Ints
    neighbor_x: Ints
    weights: Floats
    sample_value: Floats
    sample_wins: NDArray[np.bool_]
    output: Floats

    @property
    def quantization_error(self) -> Floats:
        """``roi_used - roi`` (4,): how far each side was moved, in cells. Divide by ``spatial_scale`` for pixels."""
        return frozen(self.roi_used - self.roi)

    @property
    def quantization_error_pixels(self) -> Floats:
        """How far each side was moved (4,), in image pixels."""
        return frozen(self.quantization_error / self.spatial_scale)

    @property
    def region_iou(self) -> float:
        """Intersection over union of the region asked for and the region read."""
        return iou(self.roi, self.roi_used)

    @cached_property
    def bin_start(self) -> Ints:
        """Where the samples of each bin begin (ph·pw + 1,), bins in reading order."""
        rows, columns = self.output_size
        flat = self.sample_bin[:, 0] * columns + self.sample_bin[:, 1]
        return frozen(np.searchsorted(flat, np.arange(rows * columns + 1)))

    def samples_of(self, row: int, column: int) -> range:
        """The numbers of the samples of one bin.

        >>> from roialign_core import ROI_ALIGN, trace
        >>> trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2).samples_of(0, 1)
        range(4, 8)
        """
        flat = row * self.output_size[1] + column
        return range(int(self.bin_start[flat]), int(self.bin_start[flat + 1]))

    @cached_property
    def sample_share(self) -> Floats:
        """How much each sample counts in its bin (S,): ``output`` is the sum of share × value.

        1/n of a mean, the part of the area of a surface, 1 for the winner of a maximum and 0 for the others.

        >>> from roialign_core.operators import PRECISE_ROI_POOL
        >>> t = trace(np.arange(16.0).reshape(4, 4), (0.5, 0, 2, 1), PRECISE_ROI_POOL, 1)
        >>> t.sample_share.round(3).tolist(), round(float(t.sample_share @ t.sample_value), 3)
        ([0.333, 0.667], 3.25)
        """
        dtype = self.output.dtype
        if self.operator.aggregate is Aggregate.MAX:
            return frozen(self.sample_wins.astype(dtype))
        if self.operator.reading is Reading.SURFACE:
            in_y, in_x = trace_axes(self)
            share = _surface(in_y, in_x, self.feature_map, self.operator).share
            return frozen(np.asarray(share))
        count = np.diff(self.bin_start)
        return frozen((1 / np.repeat(count, count)).astype(dtype))

    @cached_property
    def bin_corners(self) -> Floats:
        """x, y of the four corners of each bin of ``bins`` (ph, pw, 4, 2), around from its first corner.

        Rotated RoI Align turns its bins; there ``roi``, ``bins`` and the like hold the upright rectangles around them.
        """
        if self.operator.frame is Frame.TURNED:
            return frozen(turned_box(self.box, self.box.dtype.type(self.spatial_scale)).bin_corners(*self.output_size))
        return frozen(self.bins[..., [[0, 1], [2, 1], [2, 3], [0, 3]]])

    def to_dict(self) -> dict[str, Any]:
        """Everything as lists, numbers and texts, ready for JSON; see :func:`roialign_core.showing.as_dict`."""
        return as_dict(self)

    def to_csv(self) -> str:
        """A line a sample; see :func:`roialign_core.showing.as_csv`."""
        return as_csv(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def joined(self, aggregate: Aggregate | str) -> Floats:
        """The output (ph, pw) if the same samples were joined by ``aggregate`` instead."""
        aggregate = choose(Aggregate, aggregate, "aggregate")
        if aggregate is self.operator.aggregate:
            return self.output
        if self.operator.reading is Reading.SURFACE:  # a mean and a maximum read it at other points
            other = replace(self.operator, aggregate=aggregate)
            return trace(self.feature_map, self.box, other, self.output_size, self.spatial_scale).output
        per_bin = [self.sample_value[slice(a, b)] for a, b in pairwise(self.bin_start)]
        join = _maximum_of_lattice if aggregate is Aggregate.MAX else _mean
        values = [join(np.reshape(v, (1, 1, -1)))[0, 0] for v in per_bin]
        return frozen(np.array(values, dtype=self.output.dtype).reshape(self.output_size))


def trace(
    feature_map: ArrayLike,
    box: ArrayLike,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> Trace:
    """Compute ``operator`` on one box with every intermediate result.

    Parameters
    ----------
    feature_map : (H, W), float32 or float64 (whole numbers become float64); the geometry is computed in its dtype.
    box : x1, y1, x2, y2 in image pixels; centre x, centre y, width, height and degrees for Rotated RoI Align.
    output_size : bins, one number or (rows, columns).
    spatial_scale : map cells an image pixel, 1 / stride.
    sampling_ratio : samples a bin on each axis; 0 or less is adaptive, ceil(bin size). Only a lattice has it.

    Raises
    ------
    BoxError, MapError, OptionError : with the values that were given, when no operator could answer.

    >>> from roialign_core import ROI_ALIGN
    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2).output.tolist()
    [[1.0, 1.25], [1.5, 1.75]]
    """
    feature_map = as_feature_map(feature_map)
    rows, columns = as_output_size(output_size)
    check_count(rows * columns)
    scale = as_spatial_scale(spatial_scale)
    ratio = as_sampling_ratio(sampling_ratio)
    size, dtype = (rows, columns), feature_map.dtype
    if operator.frame is Frame.TURNED:
        given = as_turned_box(box, scale, dtype)
        turned = turned_box(given, dtype.type(scale))
        grid = (ratio, ratio) if ratio > 0 else turned.adaptive_grid(rows, columns)
        check_count(grid[0] * grid[1] * rows * columns)
        samples = _turned_lattice(turned, size, grid, feature_map, operator)
        bins = bins_used = _bounds(turned.bin_corners(rows, columns))
        roi = roi_used = _bounds(turned.bin_corners(1, 1))[0, 0]
    else:
        given = as_sides(box, scale, dtype)
        roi = given * dtype.type(scale)
        in_y, in_x = _axes(given, dtype.type(scale), size, feature_map.shape, operator)
        grid = _grid(in_y, in_x, size, ratio, operator.reading)
        samples = _samples(in_y, in_x, grid, feature_map, operator)
        bins, bins_used = _rectangles(in_y.bins, in_x.bins), _rectangles(in_y.read, in_x.read)
        roi_used = np.array([in_x.used[0], in_y.used[0], in_x.used[1], in_y.used[1]])
    output, wins = _join(samples, size, grid, operator)

    return Trace(
        operator=operator,
        feature_map=feature_map,
        box=frozen(given),
        spatial_scale=scale,
        output_size=size,
        roi=frozen(roi),
        roi_used=frozen(roi_used),
        bins=frozen(bins),
        bins_used=frozen(bins_used),
        grid=grid,
        sample_bin=frozen(samples.bin),
        sample_y=frozen(samples.y),
        sample_x=frozen(samples.x),
        sample_inside=frozen(samples.inside),
        neighbor_y=frozen(samples.neighbor_y),
        neighbor_x=frozen(samples.neighbor_x),
        weights=frozen(samples.weights),
        sample_value=frozen(samples.value),
        sample_wins=frozen(wins),
        output=frozen(output),
    )


def trace_axes(trace: Trace) -> tuple[Axis, Axis]:
    """The rows and the columns of a trace whose box is not turned."""
    scale = trace.output.dtype.type(trace.spatial_scale)
    return _axes(trace.box, scale, trace.output_size, trace.feature_map.shape, trace.operator)


@dataclass(frozen=True)
class _Samples:
    bin: Ints
    y: Floats
    x: Floats
    inside: NDArray[np.bool_]
    neighbor_y: Ints
    neighbor_x: Ints
    weights: Floats
    value: Floats
    share: Floats | None = None  # of a surface: the part of the bin that each reading stands for


def _rectangles(in_y: Floats, in_x: Floats) -> Floats:
    """(ph, 2) and (pw, 2) to (ph, pw, 4) in the order x1, y1, x2, y2."""
    y, x = np.broadcast_arrays(in_y[:, None, :], in_x[None, :, :])
    return np.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], axis=-1)


def _bounds(corners: Floats) -> Floats:
    """(..., 4, 2) corners to (..., 4): the upright rectangle x1, y1, x2, y2 around them."""
    return np.concatenate([corners.min(axis=-2), corners.max(axis=-2)], axis=-1)


def _grid(in_y: Axis, in_x: Axis, size: tuple[int, int], ratio: int, reading: Reading) -> tuple[int, int]:
    """Samples a bin on each axis, held to what a trace can keep; (0, 0) where bins differ in how many they have."""
    if reading in (Reading.EVERY_CELL, Reading.SURFACE):
        return 0, 0
    if reading in (Reading.TOP_LEFT, Reading.ENDS):
        return 1, 1
    grid = (ratio, ratio) if ratio > 0 else (in_y.adaptive_grid, in_x.adaptive_grid)
    check_count(grid[0] * grid[1] * size[0] * size[1])
    return grid


def check_count(samples: int) -> None:
    """Refuse more samples than can be kept."""
    if samples > MOST_SAMPLES:
        raise OptionError("samples.too_many", samples=samples, limit=MOST_SAMPLES)


def _samples(in_y: Axis, in_x: Axis, grid: tuple[int, int], feature_map: Floats, operator: Operator) -> _Samples:
    if operator.reading is Reading.EVERY_CELL:
        return _every_cell(in_y, in_x, feature_map)
    if operator.reading is Reading.SURFACE:
        return _surface(in_y, in_x, feature_map, operator)
    return _lattice(positions(in_y, grid[0], operator), positions(in_x, grid[1], operator), feature_map, operator)


def positions(axis: Axis, grid: int, operator: Operator) -> Floats:
    """Where the bins of one axis are read (P, g), in index coordinates."""
    if operator.reading is Reading.TOP_LEFT:
        return axis.index_edges()[0][:, None]
    if operator.reading is Reading.ENDS:
        return axis.ends()
    return axis.lattice(grid)


def _lattice(index_y: Floats, index_x: Floats, feature_map: Floats, operator: Operator) -> _Samples:
    """g x g samples a bin, bins in reading order, rows of samples outer: the kernels' order of summation."""
    (rows, down), (columns, across) = index_y.shape, index_x.shape
    shape = (rows, columns, down, across)

    def spread_y(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(rows, 1, down, 1), shape).ravel()

    def spread_x(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(1, columns, 1, across), shape).ravel()

    near_y, near_x = near(index_y, feature_map.shape[0], operator), near(index_x, feature_map.shape[1], operator)
    all_y = AxisWeights(*(spread_y(getattr(near_y, field)) for field in AxisWeights.__dataclass_fields__))
    all_x = AxisWeights(*(spread_x(getattr(near_x, field)) for field in AxisWeights.__dataclass_fields__))
    bins = np.stack([spread_y(np.arange(rows).repeat(down)), spread_x(np.arange(columns).repeat(across))], axis=1)
    return _read(bins, spread_y(index_y), spread_x(index_x), all_y, all_x, feature_map, operator)


def _surface(in_y: Axis, in_x: Axis, feature_map: Floats, operator: Operator) -> _Samples:
    """Where the patches of the surface are read: every stop of a bin's rows with every stop of its columns."""
    height, width = feature_map.shape
    down, across = surface_stops(in_y, height, operator), surface_stops(in_x, width, operator)
    check_count(len(down.bin) * len(across.bin))
    y, x = (index.ravel() for index in np.indices((len(down.bin), len(across.bin))))
    order = np.lexsort((across.bin[x], down.bin[y]))
    y, x = y[order], x[order]
    near_y, near_x = near(down.position, height, operator), near(across.position, width, operator)
    all_y = AxisWeights(*(getattr(near_y, field)[y] for field in AxisWeights.__dataclass_fields__))
    all_x = AxisWeights(*(getattr(near_x, field)[x] for field in AxisWeights.__dataclass_fields__))
    bins = np.stack([down.bin[y], across.bin[x]], axis=1)
    samples = _read(bins, down.position[y], across.position[x], all_y, all_x, feature_map, operator)
    return replace(samples, share=down.share[y] * across.share[x])


def _turned_lattice(
    turned: TurnedBox, size: tuple[int, int], grid: tuple[int, int], feature_map: Floats, operator: Operator
) -> _Samples:
    index_y, index_x = (at.ravel() for at in turned.samples(*size, grid))
    bins = np.stack(np.unravel_index(np.arange(size[0] * size[1]), size), axis=1).repeat(grid[0] * grid[1], axis=0)
    all_y, all_x = near(index_y, feature_map.shape[0], operator), near(index_x, feature_map.shape[1], operator)
    return _read(bins, index_y, index_x, all_y, all_x, feature_map, operator)


def near(position: Floats, cells: int | Ints, operator: Operator) -> AxisWeights:
    """Neighbours and weights on one axis, by the operator's interpolation and edge."""
    return axis_weights(position, cells, operator.edge, nearest=operator.interpolation is Interpolation.NEAREST)


def _read(
    bins: Ints,
    index_y: Floats,
    index_x: Floats,
    in_y: AxisWeights,
    in_x: AxisWeights,
    feature_map: Floats,
    operator: Operator,
) -> _Samples:
    """The samples at paired positions (S,), read as the operator reads a point."""
    neighbor_y, neighbor_x, weights, inside = combine(in_y, in_x)
    join = largest_of_four if operator.interpolation is Interpolation.LARGEST_CORNER else join_four
    value = join(weights, feature_map[neighbor_y, neighbor_x])
    value[~inside] = operator.fill
    half = feature_map.dtype.type(HALF_CELL)
    return _Samples(
        bin=bins,
        y=index_y + half,
        x=index_x + half,
        inside=inside,
        neighbor_y=neighbor_y,
        neighbor_x=neighbor_x,
        weights=weights,
        value=value,
    )


def _every_cell(in_y: Axis, in_x: Axis, feature_map: Floats) -> _Samples:
    """Each cell of each bin is a sample with one neighbour of weight 1."""
    spans_y, spans_x = in_y.read.astype(np.intp), in_x.read.astype(np.intp)
    sizes_y, sizes_x = np.maximum(np.diff(spans_y, axis=1), 0), np.maximum(np.diff(spans_x, axis=1), 0)
    check_count(int(sizes_y.sum()) * int(sizes_x.sum()))
    rows, columns, bins = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty((0, 2), np.intp)]
    for p, (y1, y2) in enumerate(spans_y):
        for q, (x1, x2) in enumerate(spans_x):
            y, x = np.arange(y1, y2), np.arange(x1, x2)
            rows.append(np.repeat(y, len(x)))
            columns.append(np.tile(x, len(y)))
            bins.append(np.broadcast_to([p, q], (len(y) * len(x), 2)))
    cell_y, cell_x = np.concatenate(rows), np.concatenate(columns)
    dtype = feature_map.dtype
    weights = np.zeros((len(cell_y), 4), dtype=dtype)
    weights[:, 0] = 1
    return _Samples(
        bin=np.concatenate(bins),
        y=cell_y.astype(dtype) + dtype.type(HALF_CELL),
        x=cell_x.astype(dtype) + dtype.type(HALF_CELL),
        inside=np.ones(len(cell_y), dtype=bool),
        neighbor_y=np.repeat(cell_y[:, None], 4, axis=1),
        neighbor_x=np.repeat(cell_x[:, None], 4, axis=1),
        weights=weights,
        value=feature_map[cell_y, cell_x],
    )


def _join(
    samples: _Samples, size: tuple[int, int], grid: tuple[int, int], operator: Operator
) -> tuple[Floats, NDArray[np.bool_]]:
    """The readings of each bin to its output, and which of them a maximum came from."""
    wins = np.zeros(len(samples.value), dtype=bool)
    largest = operator.aggregate is Aggregate.MAX
    if operator.reading is Reading.EVERY_CELL:
        output, wins = (
            _maximum_of_ragged(samples, size, LEAST_MAXIMUM) if largest else (_mean_of_cells(samples, size), wins)
        )
    elif operator.reading is Reading.SURFACE:
        output, wins = _maximum_of_ragged(samples, size, -np.inf) if largest else (_integral(samples, size), wins)
    else:
        values = samples.value.reshape(*size, grid[0] * grid[1])
        output = _maximum_of_lattice(values) if largest else _mean(values)
        if largest and values.shape[-1]:
            first = np.argmax(np.where(np.isnan(values), -np.inf, values), axis=-1).ravel()
            wins[np.arange(size[0] * size[1]) * values.shape[-1] + first] = True
    if operator.empty is Empty.NAN:
        count = np.bincount(_flat(samples, size), minlength=size[0] * size[1]).reshape(size)
        output = np.where(count == 0, output.dtype.type(np.nan), output)
    return output, wins


def _flat(samples: _Samples, size: tuple[int, int]) -> Ints:
    """The number of each sample's bin, bins in reading order."""
    return samples.bin[:, 0] * size[1] + samples.bin[:, 1]


def _maximum_of_ragged(
    samples: _Samples, output_size: tuple[int, int], least: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """RoI Pool's maximum: 0 for an empty bin, the first of equals wins, NaN never does."""
    output = np.zeros(output_size, dtype=samples.value.dtype)
    wins = np.zeros(len(samples.value), dtype=bool)
    starts = np.searchsorted(_flat(samples, output_size), np.arange(output_size[0] * output_size[1] + 1))
    comparable = np.where(np.isnan(samples.value), -np.inf, samples.value)
    for k, (a, b) in enumerate(pairwise(starts)):
        if a == b:
            continue
        best = a + int(np.argmax(comparable[a:b]))
        won = comparable[best] > least
        wins[best] = won
        output.flat[k] = comparable[best] if won else least
    return output, wins


def _mean_of_cells(samples: _Samples, size: tuple[int, int]) -> Floats:
    """The mean of the cells of each bin, added in order; 0 for an empty bin."""
    starts = np.searchsorted(_flat(samples, size), np.arange(size[0] * size[1] + 1))
    means = [_mean(samples.value[a:b].reshape(1, 1, -1))[0, 0] for a, b in pairwise(starts)]
    return np.array(means, dtype=samples.value.dtype).reshape(size)


def _integral(samples: _Samples, size: tuple[int, int]) -> Floats:
    """The integral of the surface over each bin, divided by the area of the bin; 0 where it has none."""
    parts = samples.value * np.asarray(samples.share)
    total = np.bincount(_flat(samples, size), weights=parts, minlength=size[0] * size[1])
    return total.reshape(size).astype(samples.value.dtype)


def _maximum_of_lattice(values: Floats) -> Floats:
    """The maximum of interpolated samples (the article, mmcv); 0 where a bin has none."""
    if not values.shape[-1]:
        return np.zeros(values.shape[:2], dtype=values.dtype)
    return np.asarray(np.fmax.reduce(values, axis=-1))


@np.errstate(invalid="ignore", over="ignore")
def _mean(values: Floats) -> Floats:
    """Sum in order (NumPy's own sum adds pairwise and rounds otherwise), then divide by max(count, 1)."""
    count = values.shape[-1]
    if not count:
        return np.zeros(values.shape[:2], dtype=values.dtype)
    total = np.cumsum(values, axis=-1)[..., -1] + values.dtype.type(0)
    return np.asarray(total / values.dtype.type(count))


def _axes(
    box: Floats, scale: np.floating, size: tuple[int, int], cells: tuple[int, ...], operator: Operator
) -> tuple[Axis, Axis]:
    """Rows and columns of ``operator`` on a box in image pixels."""
    x1, y1, x2, y2 = sides_on_map(box, scale, operator)
    in_y = lay_axis(np.array([y1, y2]), size[0], cells[0], operator, operator.split[0])
    in_x = lay_axis(np.array([x1, x2]), size[1], cells[1], operator, operator.split[1])
    return in_y, in_x


def as_sides(box: ArrayLike, scale: float, dtype: np.dtype) -> Floats:
    """A box (4,) x1, y1, x2, y2 in pixels in ``dtype``, checked."""
    given = _numbers(box, 4, "box.shape")
    shown = [float(side) for side in given]
    if given[2] < given[0]:
        raise BoxError("box.reversed_x", x1=shown[0], x2=shown[2])
    if given[3] < given[1]:
        raise BoxError("box.reversed_y", y1=shown[1], y2=shown[3])
    _refuse_far(given, scale)
    return given.astype(dtype)


def as_turned_box(box: ArrayLike, scale: float, dtype: np.dtype) -> Floats:
    """A box (5,) centre x, centre y, width, height in pixels and degrees, in ``dtype``, checked."""
    given = _numbers(box, 5, "box.turned_shape")
    if given[2] < 0 or given[3] < 0:
        raise BoxError("box.turned_size", width=float(given[2]), height=float(given[3]))
    _refuse_far(given[:4], scale)
    return given.astype(dtype)


def _numbers(box: ArrayLike, count: int, code: str) -> Floats:
    try:
        given = np.asarray(box, dtype=np.float64)
    except (TypeError, ValueError):
        raise BoxError(code, box=repr(box)) from None
    if given.shape != (count,):
        raise BoxError(code, box=repr(box))
    if not np.isfinite(given).all():
        raise BoxError("box.not_finite", box=[float(side) for side in given])
    return given


def _refuse_far(given: Floats, scale: float) -> None:
    far = float(np.abs(given).max()) * scale
    if not far <= FARTHEST_SIDE:
        raise BoxError("box.too_large", side=far, limit=FARTHEST_SIDE)


def as_output_size(output_size: object) -> tuple[int, int]:
    """(rows, columns) of positive whole numbers."""
    one = not isinstance(output_size, tuple | list | np.ndarray) or np.ndim(output_size) == 0
    pair = (output_size, output_size) if one else tuple(output_size)  # type: ignore[arg-type]
    if len(pair) != 2:
        raise OptionError("output_size", output_size=repr(output_size))
    rows, columns = (_whole(n, "output_size", output_size) for n in pair)
    if rows < 1 or columns < 1:
        raise OptionError("output_size", output_size=repr(output_size))
    return rows, columns


def as_sampling_ratio(sampling_ratio: object) -> int:
    """A whole number; 0 or less means adaptive."""
    return _whole(sampling_ratio, "sampling_ratio", sampling_ratio)


def as_spatial_scale(spatial_scale: object) -> float:
    """A finite number above 0."""
    try:
        scale = float(spatial_scale)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        scale = np.nan
    if not (np.isfinite(scale) and scale > 0):
        raise OptionError("spatial_scale", spatial_scale=repr(spatial_scale))
    return scale


def _whole(value: object, code: str, given: object) -> int:
    if isinstance(value, bool):
        raise OptionError(code, **{code: repr(given)})
    try:
        return arithmetic.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(code, **{code: repr(given)}) from None
