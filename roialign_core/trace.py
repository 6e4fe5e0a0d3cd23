"""A box goes in, a Trace comes out: every number between the map and the output, for any operator."""

from __future__ import annotations

import operator as arithmetic
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roialign_core.bilinear import AxisWeights, as_feature_map, axis_weights, combine, frozen, join_four
from roialign_core.errors import BoxError, OptionError
from roialign_core.geometry import HALF_CELL, Axis, Floats, Ints, iou, lay_axis
from roialign_core.operators import Aggregate, Operator, Reading, choose

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
    feature_map (H, W), box (4,) in image pixels, spatial_scale, output_size (rows, columns)
    roi (4,) : the box on the map as it was asked for.
    roi_used (4,) : the region that the operator reads.
    bins (ph, pw, 4) : the equal split of ``roi_used``. bins_used (ph, pw, 4) : what each reads, snapped and clipped.
    sample_bin (S, 2), sample_y (S,), sample_x (S,), sample_inside (S,)
    neighbor_y, neighbor_x (S, 4) : cell numbers, top left, top right, bottom left, bottom right.
    weights (S, 4), sample_value (S,)
    sample_wins (S,) : True where a maximum came from.
    grid (rows, columns) : samples a bin on each axis; (0, 0) where every cell is read.
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

    def joined(self, aggregate: Aggregate | str) -> Floats:
        """The output (ph, pw) if the same samples were joined by ``aggregate`` instead."""
        aggregate = choose(Aggregate, aggregate, "aggregate")
        if aggregate is self.operator.aggregate:
            return self.output
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
    box : x1, y1, x2, y2 in image pixels.
    output_size : bins, one number or (rows, columns).
    spatial_scale : map cells an image pixel, 1 / stride.
    sampling_ratio : samples a bin on each axis; 0 or less is adaptive, ceil(bin size). RoI Pool reads every cell.

    Raises
    ------
    BoxError, MapError, OptionError : with the values that were given, when no operator could answer.

    >>> from roialign_core import ROI_ALIGN
    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2).output.tolist()
    [[1.0, 1.25], [1.5, 1.75]]
    """
    feature_map = as_feature_map(feature_map)
    rows, columns = as_output_size(output_size)
    _check_count(rows * columns)
    scale = as_spatial_scale(spatial_scale)
    ratio = as_sampling_ratio(sampling_ratio)
    dtype = feature_map.dtype
    given, roi = _box_on_map(box, scale, dtype)

    height, width = feature_map.shape
    in_y = lay_axis(roi[[1, 3]], rows, height, operator, operator.split[0])
    in_x = lay_axis(roi[[0, 2]], columns, width, operator, operator.split[1])
    if operator.reading is Reading.EVERY_CELL:
        grid, samples = (0, 0), _every_cell(in_y, in_x, feature_map)
        output, wins = _maximum_of_cells(samples, (rows, columns))
    else:
        grid = _grid(in_y, in_x, rows, columns, ratio)
        samples = _lattice(in_y, in_x, grid, feature_map)
        values = samples.value.reshape(rows, columns, grid[0] * grid[1])
        wins = np.zeros(len(samples.value), dtype=bool)
        if operator.aggregate is Aggregate.MAX:
            output = _maximum_of_lattice(values)
            if values.shape[-1]:
                first = np.argmax(np.where(np.isnan(values), -np.inf, values), axis=-1).ravel()
                wins[np.arange(rows * columns) * values.shape[-1] + first] = True
        else:
            output = _mean(values)

    return Trace(
        operator=operator,
        feature_map=feature_map,
        box=frozen(given),
        spatial_scale=scale,
        output_size=(rows, columns),
        roi=frozen(roi),
        roi_used=frozen(np.array([in_x.used[0], in_y.used[0], in_x.used[1], in_y.used[1]])),
        bins=frozen(_rectangles(in_y.bins, in_x.bins)),
        bins_used=frozen(_rectangles(in_y.read, in_x.read)),
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


def _rectangles(in_y: Floats, in_x: Floats) -> Floats:
    """(ph, 2) and (pw, 2) to (ph, pw, 4) in the order x1, y1, x2, y2."""
    y, x = np.broadcast_arrays(in_y[:, None, :], in_x[None, :, :])
    return np.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], axis=-1)


def _grid(in_y: Axis, in_x: Axis, rows: int, columns: int, ratio: int) -> tuple[int, int]:
    """Samples a bin on each axis, held to what a trace can keep."""
    grid = (ratio, ratio) if ratio > 0 else (in_y.adaptive_grid, in_x.adaptive_grid)
    _check_count(grid[0] * grid[1] * rows * columns)
    return grid


def _check_count(samples: int) -> None:
    if samples > MOST_SAMPLES:
        raise OptionError("samples.too_many", samples=samples, limit=MOST_SAMPLES)


def _lattice(in_y: Axis, in_x: Axis, grid: tuple[int, int], feature_map: Floats) -> _Samples:
    """g x g samples a bin, bins in reading order, rows of samples outer: the kernels' order of summation."""
    height, width = feature_map.shape
    index_y, index_x = in_y.lattice(grid[0]), in_x.lattice(grid[1])
    rows, columns = len(index_y), len(index_x)
    shape = (rows, columns, *grid)

    def spread_y(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(rows, 1, grid[0], 1), shape).ravel()

    def spread_x(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(1, columns, 1, grid[1]), shape).ravel()

    near_y, near_x = axis_weights(index_y, height), axis_weights(index_x, width)
    all_y = AxisWeights(*(spread_y(getattr(near_y, field)) for field in AxisWeights.__dataclass_fields__))
    all_x = AxisWeights(*(spread_x(getattr(near_x, field)) for field in AxisWeights.__dataclass_fields__))
    neighbor_y, neighbor_x, weights, inside = combine(all_y, all_x)
    value = join_four(weights, feature_map[neighbor_y, neighbor_x])
    value[~inside] = 0
    half = feature_map.dtype.type(HALF_CELL)
    bin_row = np.broadcast_to(np.arange(rows).reshape(rows, 1, 1, 1), shape).ravel()
    bin_column = np.broadcast_to(np.arange(columns).reshape(1, columns, 1, 1), shape).ravel()
    return _Samples(
        bin=np.stack([bin_row, bin_column], axis=1),
        y=spread_y(index_y) + half,
        x=spread_x(index_x) + half,
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
    _check_count(int(sizes_y.sum()) * int(sizes_x.sum()))
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


def _maximum_of_cells(samples: _Samples, output_size: tuple[int, int]) -> tuple[Floats, NDArray[np.bool_]]:
    """RoI Pool's maximum: 0 for an empty bin, the first of equals wins, NaN never does."""
    output = np.zeros(output_size, dtype=samples.value.dtype)
    wins = np.zeros(len(samples.value), dtype=bool)
    flat = samples.bin[:, 0] * output_size[1] + samples.bin[:, 1]
    starts = np.searchsorted(flat, np.arange(output_size[0] * output_size[1] + 1))
    comparable = np.where(np.isnan(samples.value), -np.inf, samples.value)
    for k, (a, b) in enumerate(pairwise(starts)):
        if a == b:
            continue
        best = a + int(np.argmax(comparable[a:b]))
        won = comparable[best] > LEAST_MAXIMUM
        wins[best] = won
        output.flat[k] = comparable[best] if won else LEAST_MAXIMUM
    return output, wins


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


def _box_on_map(box: ArrayLike, scale: float, dtype: np.dtype) -> tuple[Floats, Floats]:
    """The box (4,) in pixels and on the map, both in ``dtype``, checked."""
    try:
        given = np.asarray(box, dtype=np.float64)
    except (TypeError, ValueError):
        raise BoxError("box.shape", box=repr(box)) from None
    if given.shape != (4,):
        raise BoxError("box.shape", box=repr(box))
    shown = [float(side) for side in given]
    if not np.isfinite(given).all():
        raise BoxError("box.not_finite", box=shown)
    if given[2] < given[0]:
        raise BoxError("box.reversed_x", x1=shown[0], x2=shown[2])
    if given[3] < given[1]:
        raise BoxError("box.reversed_y", y1=shown[1], y2=shown[3])
    far = float(np.abs(given).max()) * scale
    if not far <= FARTHEST_SIDE:
        raise BoxError("box.too_large", side=far, limit=FARTHEST_SIDE)
    pixels = given.astype(dtype)
    return pixels, pixels * dtype.type(scale)


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
