"""Trace one box through any operator: every number between the feature map and the output."""

from __future__ import annotations

import operator as arithmetic
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roialign_core.arguments import (
    as_box,
    as_feature_map,
    as_output_size,
    as_rotated_box,
    as_sampling_ratio,
    as_spatial_scale,
    check_sample_count,
    frozen,
)
from roialign_core.bilinear import (
    AxisWeights,
    axis_weights,
    combine,
    largest_weighted,
    weighted_sum,
)
from roialign_core.errors import OptionError
from roialign_core.geometry import (
    HALF_CELL,
    Axis,
    Floats,
    Ints,
    Scale,
    iou,
    lay_axis,
    scale_of_sides,
    sides_on_map,
)
from roialign_core.operators import (
    LARGEST,
    Aggregate,
    Empty,
    Frame,
    Interpolation,
    Operator,
    Reading,
    as_operator,
    choose,
)
from roialign_core.rotated import RotatedBox, rotated_box
from roialign_core.surface import surface_stops
from roialign_core.trace_formats import csv_table, html_picture, plain_values

MOST_NUMBERS = 1_000_000  # read at once: four neighbours a sample and channel
LEAST_MAXIMUM = -LARGEST  # where torchvision's RoI Pool starts its maximum


@dataclass(frozen=True, eq=False)
class Trace:
    """What one operator does with one box, from the box to the output. Arrays are read-only.

    Geometry is in map coordinates as drawn: cell j spans [j, j + 1] and its value sits at j + 0.5. Boxes run
    x1, y1, x2, y2. S samples in all, in the order of the bins; bins may differ in how many they have.

    Attributes
    ----------
    feature_map (H, W), box (4,) in image pixels, (5,) where it is rotated, spatial_scale, output_size (rows, columns)
    roi (4,) : the box on the map, not rounded.
    roi_used (4,) : the region that the operator reads.
    bins (ph, pw, 4) : the equal split of ``roi_used``. bins_used (ph, pw, 4) : what is read of each bin.
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
        """Intersection over union of ``roi`` and ``roi_used``."""
        return iou(self.roi, self.roi_used)

    @cached_property
    def bin_start(self) -> Ints:
        """Where the samples of each bin begin (ph·pw + 1,), bins in reading order."""
        rows, columns = self.output_size
        return frozen(np.searchsorted(_flat(self.sample_bin, self.output_size), np.arange(rows * columns + 1)))

    def samples_of(self, row: int, column: int) -> range:
        """The indices of the samples of one bin; :class:`OptionError` for a bin outside the output.

        >>> from roialign_core import ROI_ALIGN, trace
        >>> trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2).samples_of(0, 1)
        range(4, 8)
        """
        row, column = self.output_cell((row, column))
        flat = row * self.output_size[1] + column
        return range(int(self.bin_start[flat]), int(self.bin_start[flat + 1]))

    def output_cell(self, cell: object) -> tuple[int, int]:
        """Row and column of an output cell as whole numbers; :class:`OptionError` for a cell outside the output."""
        rows, columns = self.output_size
        try:
            row, column = (arithmetic.index(number) for number in cell)  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            row = column = -1
        if not (0 <= row < rows and 0 <= column < columns):
            raise OptionError("grad.cell", rows=rows, columns=columns, cell=repr(cell))
        return row, column

    @cached_property
    def sample_share(self) -> Floats:
        """The weight of each sample in its bin (S,): ``output`` is the sum of share × value.

        1 / n for a mean of n samples, the part of the bin's area for a surface, 1 for the winner of a maximum and 0 for
        the other samples.

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
            share = _surface(in_y, in_x, self.feature_map.shape, self.operator).share
            return frozen(np.asarray(share, dtype))
        count = np.diff(self.bin_start)
        return frozen((1 / np.repeat(count, count)).astype(dtype))

    @cached_property
    def bin_corners(self) -> Floats:
        """x, y of the four corners of each bin of ``bins`` (ph, pw, 4, 2): top left, then clockwise.

        The bins of Rotated RoI Align are rotated; ``roi`` and ``bins`` hold the upright rectangles around them.
        """
        if self.operator.frame is Frame.TURNED:
            return frozen(rotated_box(self.box, self.box.dtype.type(self.spatial_scale)).bin_corners(*self.output_size))
        return frozen(self.bins[..., [[0, 1], [2, 1], [2, 3], [0, 3]]])

    def to_dict(self) -> dict[str, Any]:
        """All fields as lists, numbers and texts, ready for JSON; a number that is not finite is None.

        >>> from roialign_core import ROI_ALIGN
        >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2).to_dict()["output"]
        [[1.0, 1.25], [1.5, 1.75]]
        """
        return {**plain_values(self), "dtype": str(self.output.dtype)}

    def to_csv(self) -> str:
        """A line a sample: its bin, its place in map cells as drawn, its value, its four neighbours with their weights.

        >>> from roialign_core import ROI_ALIGN
        >>> table = trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 1, sampling_ratio=1).to_csv()
        >>> table.splitlines()[1].split(",")[:6]
        ['0', '0', '0.5', '0.5', '1', '1.0']
        """
        columns: dict[str, NDArray] = {
            "bin_row": self.sample_bin[:, 0],
            "bin_column": self.sample_bin[:, 1],
            "y": self.sample_y,
            "x": self.sample_x,
            "inside": self.sample_inside.astype(int),
            "value": self.sample_value,
            "share": self.sample_share,
            "wins": self.sample_wins.astype(int),
        }
        for k, corner in enumerate(("top_left", "top_right", "bottom_left", "bottom_right")):
            columns[f"{corner}_row"] = self.neighbor_y[:, k]
            columns[f"{corner}_column"] = self.neighbor_x[:, k]
            columns[f"{corner}_weight"] = self.weights[:, k]
        return csv_table(columns)

    def _repr_html_(self) -> str:
        """For notebooks: the map with the box, the bins and the samples, and the output as a table."""
        drawn = self.sample_wins if self.sample_wins.any() else np.ones(len(self.sample_y), bool)
        return html_picture(
            name=f"{self.operator.name}, {self.output_size[0]}×{self.output_size[1]}",
            feature_map=self.feature_map,
            output=self.output,
            bin_corners=self.bin_corners,
            roi=self.roi,
            roi_used=self.roi_used,
            samples=np.stack([self.sample_x[drawn], self.sample_y[drawn]], axis=1),
        )

    def joined(self, aggregate: Aggregate | str) -> Floats:
        """The output (ph, pw) with the same samples aggregated by ``aggregate`` instead."""
        aggregate = choose(Aggregate, aggregate, "aggregate")
        if aggregate is self.operator.aggregate:
            return self.output
        if self.operator.reading is Reading.SURFACE:  # a mean and a maximum have different samples
            other = replace(self.operator, aggregate=aggregate)
            return trace(self.feature_map, self.box, other, self.output_size, self.spatial_scale).output
        if aggregate is Aggregate.MAX and self.operator.reading is Reading.EVERY_CELL:
            flat = _flat(self.sample_bin, self.output_size)
            values = _maximum_of_ragged(self.sample_value, flat, self.output_size, LEAST_MAXIMUM).ravel()
        else:
            join = _maximum_of_lattice if aggregate is Aggregate.MAX else mean_in_order
            per_bin = [self.sample_value[slice(a, b)] for a, b in pairwise(self.bin_start)]
            values = np.array([join(v) for v in per_bin], dtype=self.output.dtype)
        if self.operator.empty is Empty.NAN:
            values[np.diff(self.bin_start) == 0] = np.nan
        return frozen(values.reshape(self.output_size))


def trace(
    feature_map: ArrayLike,
    box: ArrayLike,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int | tuple[int, int] = 2,
) -> Trace:
    """Compute ``operator`` on one box with every intermediate result.

    Parameters
    ----------
    feature_map : (H, W), float32 or float64 (whole numbers become float64); the geometry is computed in its dtype.
    box : x1, y1, x2, y2 in image pixels; centre x, centre y, width, height and degrees for Rotated RoI Align.
    output_size : bins, one number or (rows, columns).
    spatial_scale : map cells an image pixel, 1 / stride.
    sampling_ratio : samples a bin on each axis, a number for both or (rows, columns); 0 or less is adaptive, ceil(bin
        size). For operators with a lattice.

    Raises
    ------
    BoxError, MapError, OptionError : for invalid input, with its values.

    >>> from roialign_core import ROI_ALIGN
    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2).output.tolist()
    [[1.0, 1.25], [1.5, 1.75]]
    """
    feature_map = as_feature_map(feature_map)
    size, scale = as_output_size(output_size), as_spatial_scale(spatial_scale)
    operator = as_operator(operator)
    as_checked = as_rotated_box if operator.frame is Frame.TURNED else as_box
    checked = as_checked(box, scale, feature_map.dtype)
    return _traced(feature_map, checked, operator, size, scale, as_sampling_ratio(sampling_ratio))


def trace_again(traced: Trace, feature_map: ArrayLike, box: ArrayLike) -> Trace:
    """The same operator on another map and box, with the same number of samples a bin. Errors as :func:`trace`.

    >>> from roialign_core import ROI_ALIGN
    >>> traced = trace(np.eye(4), (0, 0, 4, 2), ROI_ALIGN, 1, sampling_ratio=0)
    >>> trace_again(traced, np.eye(4), (0, 0, 4.5, 2.5)).grid, traced.grid
    ((2, 4), (2, 4))
    """
    feature_map = as_feature_map(feature_map)
    as_checked = as_rotated_box if traced.operator.frame is Frame.TURNED else as_box
    checked = as_checked(box, traced.spatial_scale, feature_map.dtype)
    return _traced(feature_map, checked, traced.operator, traced.output_size, traced.spatial_scale, traced.grid)


def _traced(
    feature_map: Floats, box: Floats, operator: Operator, size: tuple[int, int], scale: float, ratio: tuple[int, int]
) -> Trace:
    placed = _place_box(box, feature_map.shape, operator, size, scale, ratio)
    samples = placed.samples
    value = _values(feature_map, samples, operator)
    output = _aggregate(value, placed, size, operator)
    return Trace(
        operator=operator,
        feature_map=feature_map,
        box=frozen(box),
        spatial_scale=scale,
        output_size=size,
        roi=frozen(placed.roi),
        roi_used=frozen(placed.roi_used),
        bins=frozen(placed.bins),
        bins_used=frozen(placed.bins_used),
        grid=placed.grid,
        sample_bin=frozen(samples.bin),
        sample_y=frozen(samples.y),
        sample_x=frozen(samples.x),
        sample_inside=frozen(samples.inside),
        neighbor_y=frozen(samples.neighbor_y),
        neighbor_x=frozen(samples.neighbor_x),
        weights=frozen(samples.weights),
        sample_value=frozen(value),
        sample_wins=frozen(_winners(value, samples, size, output, operator)),
        output=frozen(output),
    )


def trace_channels(
    features: Floats, box: Floats, operator: Operator, size: tuple[int, int], scale: Scale, ratio: tuple[int, int]
) -> Floats:
    """The output (C, ph, pw) of :func:`trace` for each channel of ``features`` (C, H, W).

    Of features with a map a bin (C, ph, pw, H, W) each bin reads its own. The box is in the dtype of the features and
    finite on the map; it may be reversed. :class:`OptionError` where it has too many samples.

    >>> from roialign_core import ROI_POOL
    >>> features = np.arange(8.0).reshape(2, 2, 2)
    >>> trace_channels(features, np.array([0.0, 0, 1, 1]), ROI_POOL, (1, 1), 1.0, (2, 2)).ravel().tolist()
    [3.0, 7.0]
    """
    placed = _place_box(box, features.shape[-2:], operator, size, scale, ratio)
    output = np.empty((len(features), *size), features.dtype)
    at_once = max(MOST_NUMBERS // max(placed.samples.weights.size, 1), 1)
    for a in range(0, len(features), at_once):
        some = slice(a, a + at_once)
        output[some] = _aggregate(_values(features[some], placed.samples, operator), placed, size, operator)
    return output


def trace_axes(trace: Trace) -> tuple[Axis, Axis]:
    """The rows and the columns of a trace whose box is not rotated."""
    scale = trace.output.dtype.type(trace.spatial_scale)
    return _axes(trace.box, scale, trace.output_size, trace.feature_map.shape, trace.operator)


@dataclass(frozen=True)
class _Samples:
    """Sample points with their neighbours and weights, before the map is read. Names as in :class:`Trace`."""

    bin: Ints
    y: Floats
    x: Floats
    inside: NDArray[np.bool_]
    neighbor_y: Ints
    neighbor_x: Ints
    weights: Floats
    share: Floats | None = None  # of a surface: the part of the bin's area that each sample stands for


@dataclass(frozen=True)
class _PlacedBox:
    """The geometry of a box on a map, before the map is read. Names as in :class:`Trace`."""

    roi: Floats
    roi_used: Floats
    bins: Floats
    bins_used: Floats
    grid: tuple[int, int]
    samples: _Samples


def _place_box(
    box: Floats, cells: tuple[int, ...], operator: Operator, size: tuple[int, int], scale: Scale, ratio: tuple[int, int]
) -> _PlacedBox:
    """``operator`` on one box in image pixels and a map of ``cells`` (H, W)."""
    dtype = box.dtype
    if operator.frame is Frame.TURNED:
        assert not isinstance(scale, tuple)
        rotated = rotated_box(box, dtype.type(scale))
        grid = _grid(ratio, lambda: rotated.adaptive_grid(*size), size, operator.reading)
        bins, whole = _bounds(rotated.bin_corners(*size)), _bounds(rotated.bin_corners(1, 1))[0, 0]
        return _PlacedBox(whole, whole, bins, bins, grid, _rotated_lattice(rotated, size, grid, cells, operator))
    on_sides = scale_of_sides(scale, dtype)
    in_y, in_x = _axes(box, on_sides, size, cells, operator)
    grid = _grid(ratio, lambda: (in_y.adaptive_grid, in_x.adaptive_grid), size, operator.reading)
    return _PlacedBox(
        roi=box * on_sides,
        roi_used=np.array([in_x.used[0], in_y.used[0], in_x.used[1], in_y.used[1]]),
        bins=_rectangles(in_y.bins, in_x.bins),
        bins_used=_rectangles(in_y.read, in_x.read),
        grid=grid,
        samples=_samples(in_y, in_x, grid, cells, operator),
    )


def _rectangles(in_y: Floats, in_x: Floats) -> Floats:
    """(ph, 2) and (pw, 2) to (ph, pw, 4) in the order x1, y1, x2, y2."""
    y, x = np.broadcast_arrays(in_y[:, None, :], in_x[None, :, :])
    return np.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], axis=-1)


def _bounds(corners: Floats) -> Floats:
    """(..., 4, 2) corners to (..., 4): the upright rectangle x1, y1, x2, y2 around them."""
    return np.concatenate([corners.min(axis=-2), corners.max(axis=-2)], axis=-1)


def _grid(
    ratio: tuple[int, int], adaptive: Callable[[], tuple[int, int]], size: tuple[int, int], reading: Reading
) -> tuple[int, int]:
    """Samples a bin on each axis; (0, 0) where bins differ in how many they have. :class:`OptionError` for too many."""
    if reading in (Reading.EVERY_CELL, Reading.SURFACE):
        return 0, 0
    if reading in (Reading.TOP_LEFT, Reading.ENDS):
        return 1, 1
    down, across = adaptive() if min(ratio) < 0 else (0, 0)
    grid = ratio[0] if ratio[0] >= 0 else down, ratio[1] if ratio[1] >= 0 else across
    check_sample_count(grid[0] * grid[1] * size[0] * size[1])
    return grid


def _samples(in_y: Axis, in_x: Axis, grid: tuple[int, int], cells: tuple[int, ...], operator: Operator) -> _Samples:
    if operator.reading is Reading.EVERY_CELL:
        return _every_cell(in_y, in_x)
    if operator.reading is Reading.SURFACE:
        return _surface(in_y, in_x, cells, operator)
    at_y, at_x = positions(in_y, grid[0], cells[0], operator), positions(in_x, grid[1], cells[1], operator)
    return _lattice(at_y, at_x, cells, operator)


def positions(axis: Axis, grid: int, cells: int, operator: Operator) -> Floats:
    """Where the bins of one axis are read (P, g), in index coordinates."""
    if operator.reading is Reading.TOP_LEFT:
        return axis.index_edges()[0][:, None]
    if operator.reading is Reading.ENDS:
        return axis.ends(cells)
    return axis.lattice(grid)


def _lattice(index_y: Floats, index_x: Floats, cells: tuple[int, ...], operator: Operator) -> _Samples:
    """g x g samples a bin, bins in reading order, rows of samples outer: the kernels' order of summation."""
    (rows, down), (columns, across) = index_y.shape, index_x.shape
    shape = (rows, columns, down, across)

    def spread_y(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(rows, 1, down, 1), shape).ravel()

    def spread_x(values: NDArray) -> NDArray:
        return np.broadcast_to(values.reshape(1, columns, 1, across), shape).ravel()

    near_y, near_x = near(index_y, cells[0], operator), near(index_x, cells[1], operator)
    all_y = AxisWeights(*(spread_y(getattr(near_y, field)) for field in AxisWeights.__dataclass_fields__))
    all_x = AxisWeights(*(spread_x(getattr(near_x, field)) for field in AxisWeights.__dataclass_fields__))
    bins = np.stack([spread_y(np.arange(rows).repeat(down)), spread_x(np.arange(columns).repeat(across))], axis=1)
    return _at(bins, spread_y(index_y), spread_x(index_x), all_y, all_x)


def _surface(in_y: Axis, in_x: Axis, cells: tuple[int, ...], operator: Operator) -> _Samples:
    """The samples of a surface: every stop of a bin's rows with every stop of its columns.

    Computed in float64, whatever the dtype of the box: in float32 a small bin far from 0 would lose half its digits.
    """
    height, width = cells
    down, across = surface_stops(in_y, height, operator), surface_stops(in_x, width, operator)
    y, x, bins = _crossed(down.bin, across.bin)
    all_y, all_x = near(down.position, height, operator)[y], near(across.position, width, operator)[x]
    dtype, samples = in_y.bins.dtype, _at(bins, down.position[y], across.position[x], all_y, all_x)
    as_asked = {name: getattr(samples, name).astype(dtype, copy=False) for name in ("y", "x", "weights")}
    return replace(samples, share=down.share[y] * across.share[x], **as_asked)


def _crossed(in_y: Ints, in_x: Ints) -> tuple[Ints, Ints, Ints]:
    """All pairs of row samples and column samples: their indices (S,), (S,), and their bins (S, 2).

    In the order of the bins, then of the samples of a bin. ``in_y`` and ``in_x`` are the bins of the samples.
    """
    check_sample_count(len(in_y) * len(in_x))
    y, x = np.repeat(np.arange(len(in_y)), len(in_x)), np.tile(np.arange(len(in_x)), len(in_y))
    order = np.lexsort((in_x[x], in_y[y]))
    y, x = y[order], x[order]
    return y, x, np.stack([in_y[y], in_x[x]], axis=1)


def _rotated_lattice(
    rotated: RotatedBox, size: tuple[int, int], grid: tuple[int, int], cells: tuple[int, ...], operator: Operator
) -> _Samples:
    index_y, index_x = (at.ravel() for at in rotated.samples(*size, grid))
    bins = np.stack(np.unravel_index(np.arange(size[0] * size[1]), size), axis=1).repeat(grid[0] * grid[1], axis=0)
    return _at(bins, index_y, index_x, near(index_y, cells[0], operator), near(index_x, cells[1], operator))


def near(position: Floats, cells: int | Ints, operator: Operator) -> AxisWeights:
    """Neighbours and weights on one axis, by the operator's interpolation and edge."""
    return axis_weights(position, cells, operator.edge, nearest=operator.interpolation is Interpolation.NEAREST)


def _at(bins: Ints, index_y: Floats, index_x: Floats, in_y: AxisWeights, in_x: AxisWeights) -> _Samples:
    """The samples at paired positions (S,)."""
    neighbor_y, neighbor_x, weights, inside = combine(in_y, in_x)
    half = index_y.dtype.type(HALF_CELL)
    return _Samples(bins, index_y + half, index_x + half, inside, neighbor_y, neighbor_x, weights)


def _every_cell(in_y: Axis, in_x: Axis) -> _Samples:
    """Each cell of each bin is a sample with one neighbour of weight 1."""
    bins_y, rows = _cells_of(in_y)
    bins_x, columns = _cells_of(in_x)
    y, x, bins = _crossed(bins_y, bins_x)
    cell_y, cell_x = rows[y], columns[x]
    dtype = in_y.read.dtype
    weights = np.zeros((len(cell_y), 4), dtype=dtype)
    weights[:, 0] = 1
    return _Samples(
        bin=bins,
        y=cell_y.astype(dtype) + dtype.type(HALF_CELL),
        x=cell_x.astype(dtype) + dtype.type(HALF_CELL),
        inside=np.ones(len(cell_y), dtype=bool),
        neighbor_y=np.repeat(cell_y[:, None], 4, axis=1),
        neighbor_x=np.repeat(cell_x[:, None], 4, axis=1),
        weights=weights,
    )


def _cells_of(axis: Axis) -> tuple[Ints, Ints]:
    """The cells of the bins of one axis, bin after bin: index of the bin, index of the cell."""
    low, high = axis.read.astype(np.intp).T
    count = np.maximum(high - low, 0)
    before = np.cumsum(count) - count
    return np.repeat(np.arange(len(low)), count), np.arange(count.sum()) + np.repeat(low - before, count)


def _values(features: Floats, samples: _Samples, operator: Operator) -> Floats:
    """Sample values (..., S) of a map (H, W), of channels (C, H, W), or of a map a bin (C, ph, pw, H, W)."""
    whole = operator.reading is Reading.EVERY_CELL  # then a sample has one neighbour
    y, x = (near[:, 0] if whole else near for near in (samples.neighbor_y, samples.neighbor_x))
    where: tuple[Any, ...] = (y, x)
    if features.ndim == 5:
        where = (*(samples.bin.T if whole else samples.bin.T[..., None]), y, x)
    cells = np.asarray(features[..., *where])
    if whole:
        return cells
    join = largest_weighted if operator.interpolation is Interpolation.LARGEST_CORNER else weighted_sum
    values = join(samples.weights, cells)
    values[..., ~samples.inside] = operator.fill
    return values


def _aggregate(values: Floats, placed: _PlacedBox, size: tuple[int, int], operator: Operator) -> Floats:
    """Aggregate the sample values (..., S) of each bin to the output (..., ph, pw)."""
    samples, grid = placed.samples, placed.grid
    largest = operator.aggregate is Aggregate.MAX
    if operator.reading is Reading.EVERY_CELL:
        output = (
            _maximum_of_ragged(values, _flat(samples.bin, size), size, LEAST_MAXIMUM)
            if largest
            else _mean_of_cells(values, samples, size)
        )
    elif operator.reading is Reading.SURFACE:
        flat = _flat(samples.bin, size)
        output = _maximum_of_ragged(values, flat, size, -np.inf) if largest else _integral(values, samples, size)
    else:
        values = values.reshape(*values.shape[:-1], *size, grid[0] * grid[1])
        output = _maximum_of_lattice(values) if largest else mean_in_order(values)
    if operator.empty is Empty.NAN:
        count = np.bincount(_flat(samples.bin, size), minlength=size[0] * size[1]).reshape(size)
        output = np.where(count == 0, output.dtype.type(np.nan), output)
    return output


def _flat(bins: Ints, size: tuple[int, int]) -> Ints:
    """Rows and columns of bins (S, 2) as indices in row-major order (S,)."""
    return bins[:, 0] * size[1] + bins[:, 1]


def _begins(flat: Ints) -> NDArray[np.bool_]:
    """True where an index differs from the previous one."""
    return np.concatenate([np.ones(min(len(flat), 1), dtype=bool), flat[1:] != flat[:-1]])


def _comparable(values: Floats) -> Floats:
    """``values`` with NaN as minus infinity, so that NaN never wins a maximum."""
    return np.where(np.isnan(values), values.dtype.type(-np.inf), values)


def _winners(
    values: Floats, samples: _Samples, size: tuple[int, int], output: Floats, operator: Operator
) -> NDArray[np.bool_]:
    """Which samples (S,) of one map a maximum came from: the first of equals.

    A lattice always has a winner. Whole cells have none where all are NaN or not above :data:`LEAST_MAXIMUM`.
    """
    wins = np.zeros(len(values), dtype=bool)
    if operator.aggregate is not Aggregate.MAX:
        return wins
    flat, comparable = _flat(samples.bin, size), _comparable(values)
    best = comparable == _comparable(output.ravel())[flat]
    if operator.reading is Reading.EVERY_CELL:
        best &= comparable > LEAST_MAXIMUM
    elif operator.reading is Reading.SURFACE:
        best &= comparable > -np.inf
    best = np.flatnonzero(best)
    wins[best[_begins(flat[best])]] = True
    return wins


def _maximum_of_ragged(values: Floats, flat: Ints, size: tuple[int, int], least: float) -> Floats:
    """RoI Pool's maximum: 0 for an empty bin, ``least`` where nothing is larger, NaN never wins."""
    output = np.zeros((*values.shape[:-1], size[0] * size[1]), dtype=values.dtype)
    first = np.flatnonzero(_begins(flat))
    if len(first):
        comparable = np.maximum(_comparable(values), values.dtype.type(least))
        output[..., flat[first]] = np.maximum.reduceat(comparable, first, axis=-1)
    return output.reshape(*values.shape[:-1], *size)


def _mean_of_cells(values: Floats, samples: _Samples, size: tuple[int, int]) -> Floats:
    """The mean of the cells of each bin, added in order; 0 for an empty bin."""
    starts = np.searchsorted(_flat(samples.bin, size), np.arange(size[0] * size[1] + 1))
    means = np.stack([mean_in_order(values[..., a:b]) for a, b in pairwise(starts)], axis=-1)
    return means.reshape(*values.shape[:-1], *size)


def _integral(values: Floats, samples: _Samples, size: tuple[int, int]) -> Floats:
    """The integral of the surface over each bin, divided by the area of the bin; 0 where it has none."""
    maps, bins = prod(values.shape[:-1]), size[0] * size[1]
    flat = np.arange(maps)[:, None] * bins + _flat(samples.bin, size)
    total = np.bincount(flat.ravel(), weights=(values * np.asarray(samples.share)).ravel(), minlength=maps * bins)
    return total.reshape(*values.shape[:-1], *size).astype(values.dtype)


def _maximum_of_lattice(values: Floats) -> Floats:
    """The maximum of interpolated samples (the article, mmcv); 0 where a bin has none."""
    if not values.shape[-1]:
        return np.zeros(values.shape[:-1], dtype=values.dtype)
    return np.asarray(np.fmax.reduce(values, axis=-1))


@np.errstate(invalid="ignore", over="ignore")
def mean_in_order(values: Floats) -> Floats:
    """Sum in order (NumPy's own sum adds pairwise and rounds otherwise), then divide by max(count, 1)."""
    count = values.shape[-1]
    if not count:
        return np.zeros(values.shape[:-1], dtype=values.dtype)
    total = np.cumsum(values, axis=-1)[..., -1] + values.dtype.type(0)
    return np.asarray(total / values.dtype.type(count))


def _axes(
    box: Floats, scale: Floats | np.floating, size: tuple[int, int], cells: tuple[int, ...], operator: Operator
) -> tuple[Axis, Axis]:
    """Rows and columns of ``operator`` on a box in image pixels."""
    x1, y1, x2, y2 = sides_on_map(box, scale, operator)
    in_y = lay_axis(np.array([y1, y2]), size[0], cells[0], operator, operator.split[0])
    in_x = lay_axis(np.array([x1, x2]), size[1], cells[1], operator, operator.split[1])
    return in_y, in_x
