"""Trace one box through any operator: every number between the feature map and the output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roialign_core.arguments import (
    as_box,
    as_feature_map,
    as_output_cell,
    as_output_size,
    as_rotated_box,
    as_sampling_ratio,
    as_spatial_scale,
    check_sample_count,
    frozen,
)
from roialign_core.geometry import Axis, Floats, Ints, Scale, iou, lay_axis, scale_of_sides, sides_on_map
from roialign_core.operators import (
    LARGEST,
    Aggregate,
    Empty,
    Frame,
    Operator,
    Reading,
    as_operator,
    choose,
)
from roialign_core.rotated import rotated_box
from roialign_core.samples import Crossing, Points, Samples, cross, rotated_lattice
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
        Of a surface a sample is the middle of a patch, which reads the mean of the patch. These, and what follows, are
        made when they are first wanted.
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
    output: Floats
    _samples: Samples = field(repr=False)
    _values: Floats = field(repr=False)

    @cached_property
    def points(self) -> Points:
        """All sample points: made when they are wanted, which an output does not need."""
        return self._points_at(self._samples.order)

    def points_of(self, row: int, column: int, some: slice = slice(None)) -> Points:
        """The sample points of one bin, or some of them; :class:`OptionError` for a bin outside the output.

        >>> from roialign_core import ROI_ALIGN
        >>> trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2).points_of(0, 1).x.tolist()
        [2.5, 3.5, 2.5, 3.5]
        """
        return self._points_at(self._samples.places_of(*self.output_cell((row, column)))[some])

    @property
    def winners(self) -> Points:
        """The sample points that a maximum came from: one for each bin that has one."""
        return self._points_at(self._winners)

    def _points_at(self, places: Ints) -> Points:
        wins = np.zeros(self._values.size, bool)
        wins[self._winners] = True
        return self._samples.points(places, self._values.ravel()[places], wins[places])

    @cached_property
    def _winners(self) -> Ints:
        return _winners(self._values, self._samples, self.output, self.operator)

    @property
    def sample_bin(self) -> Ints:
        """The bin of each sample (S, 2)."""
        return self.points.bin

    @property
    def sample_y(self) -> Floats:
        """Where each sample lies (S,), as drawn."""
        return self.points.y

    @property
    def sample_x(self) -> Floats:
        """Where each sample lies (S,), as drawn."""
        return self.points.x

    @property
    def sample_inside(self) -> NDArray[np.bool_]:
        """Whether each sample lies on the map (S,)."""
        return self.points.inside

    @property
    def neighbor_y(self) -> Ints:
        """The rows of the four neighbours of each sample (S, 4)."""
        return self.points.neighbor_y

    @property
    def neighbor_x(self) -> Ints:
        """The columns of the four neighbours of each sample (S, 4)."""
        return self.points.neighbor_x

    @property
    def weights(self) -> Floats:
        """The weights of the four neighbours of each sample (S, 4)."""
        return self.points.weights

    @property
    def sample_value(self) -> Floats:
        """What each sample reads (S,)."""
        return self.points.value

    @property
    def sample_wins(self) -> NDArray[np.bool_]:
        """True where a maximum came from (S,)."""
        return self.points.wins

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
        return frozen(self._samples.bin_start)

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
        return as_output_cell(cell, self.output_size)

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
            assert isinstance(self._samples, Crossing)
            return frozen(self._samples.shares.ravel()[self._samples.order].astype(dtype))
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
        values = {name: plain_values(getattr(self, name)) for name in IN_DICTIONARY}
        return {**values, "dtype": str(self.output.dtype)}

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
        return frozen(_aggregate(self._values, self._samples, self.operator, aggregate))


IN_DICTIONARY = (
    *("operator", "feature_map", "box", "spatial_scale", "output_size", "roi", "roi_used", "bins", "bins_used", "grid"),
    *("sample_bin", "sample_y", "sample_x", "sample_inside", "neighbor_y", "neighbor_x", "weights", "sample_value"),
    *("sample_wins", "output"),
)


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
    feature_map : (H, W), float32 or float64; the geometry is computed in its dtype. float16 becomes float32, as in the
        calls on many boxes, and whole numbers become float64.
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
    values = placed.samples.read(feature_map, operator)
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
        output=frozen(_aggregate(values, placed.samples, operator, operator.aggregate)),
        _samples=placed.samples,
        _values=values,
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
    samples = placed.samples
    at_once = max(MOST_NUMBERS // max(4 * int(samples.bin_start[-1]), 1), 1)
    for a in range(0, len(features), at_once):
        values = samples.read(features[a : a + at_once], operator)
        output[a : a + at_once] = _aggregate(values, samples, operator, operator.aggregate)
    return output


def sample_grid(
    feature_map: ArrayLike,
    box: ArrayLike,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int | tuple[int, int] = 2,
) -> tuple[int, int]:
    """Samples a bin on each axis, ``grid`` of :func:`trace`, without reading the map. Errors as there.

    >>> from roialign_core import ROI_ALIGN
    >>> sample_grid(np.eye(8), (0, 0, 5, 3), ROI_ALIGN, 2, sampling_ratio=0)
    (2, 3)
    """
    feature_map = as_feature_map(feature_map)
    size, scale, ratio = as_output_size(output_size), as_spatial_scale(spatial_scale), as_sampling_ratio(sampling_ratio)
    if as_operator(operator).frame is Frame.TURNED:
        rotated = rotated_box(as_rotated_box(box, scale, feature_map.dtype), feature_map.dtype.type(scale))
        return _grid(ratio, lambda: rotated.adaptive_grid(*size), size, operator.reading)
    checked = as_box(box, scale, feature_map.dtype)

    def adaptive() -> tuple[int, int]:
        in_y, in_x = _axes(checked, checked.dtype.type(scale), size, feature_map.shape, operator)
        return in_y.adaptive_grid, in_x.adaptive_grid

    return _grid(ratio, adaptive, size, operator.reading)


def trace_axes(trace: Trace) -> tuple[Axis, Axis]:
    """The rows and the columns of a trace whose box is not rotated."""
    scale = trace.output.dtype.type(trace.spatial_scale)
    return _axes(trace.box, scale, trace.output_size, trace.feature_map.shape, trace.operator)


@dataclass(frozen=True)
class _PlacedBox:
    """The geometry of a box on a map, before the map is read. Names as in :class:`Trace`."""

    roi: Floats
    roi_used: Floats
    bins: Floats
    bins_used: Floats
    grid: tuple[int, int]
    samples: Samples


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
        return _PlacedBox(whole, whole, bins, bins, grid, rotated_lattice(rotated, size, grid, cells, operator))
    on_sides = scale_of_sides(scale, dtype)
    in_y, in_x = _axes(box, on_sides, size, cells, operator)
    grid = _grid(ratio, lambda: (in_y.adaptive_grid, in_x.adaptive_grid), size, operator.reading)
    return _PlacedBox(
        roi=box * on_sides,
        roi_used=np.array([in_x.used[0], in_y.used[0], in_x.used[1], in_y.used[1]]),
        bins=_rectangles(in_y.bins, in_x.bins),
        bins_used=_rectangles(in_y.read, in_x.read),
        grid=grid,
        samples=cross(in_y, in_x, grid, cells[-2:], operator),
    )


def _rectangles(in_y: Floats, in_x: Floats) -> Floats:
    """(ph, 2) and (pw, 2) to (ph, pw, 4) in the order x1, y1, x2, y2."""
    rectangles = np.empty((len(in_y), len(in_x), 4), in_y.dtype)
    rectangles[..., 0::2], rectangles[..., 1::2] = in_x, in_y[:, None]
    return rectangles


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


def _aggregate(values: Floats, samples: Samples, operator: Operator, aggregate: Aggregate) -> Floats:
    """The output (..., ph, pw) of the values of the samples: tables (..., rows, columns), or lists (..., S)."""
    largest = aggregate is Aggregate.MAX
    if not isinstance(samples, Crossing) or operator.reading not in (Reading.EVERY_CELL, Reading.SURFACE):
        bins = _bin_by_bin(values, samples)
        output = maximum_of_lattice(bins) if largest else mean_in_order(bins)
    elif largest:
        output = _maximum_of_spans(values, samples, _least(operator))
    elif operator.reading is Reading.EVERY_CELL:
        output = _mean_of_cells(values, samples)
    else:
        output = _integral(values, samples)
    if operator.empty is Empty.NAN:
        count = np.diff(samples.bin_start).reshape(samples.size)
        output = np.where(count == 0, output.dtype.type(np.nan), output)
    return output


def _bin_by_bin(values: Floats, samples: Samples) -> Floats:
    """The values of samples that are as many in every bin: (..., ph, pw, samples)."""
    rows, columns = samples.size
    if not isinstance(samples, Crossing):
        return values.reshape(*values.shape[:-1], rows, columns, values.shape[-1] // (rows * columns))
    down, across = (n // parts for n, parts in zip(values.shape[-2:], samples.size, strict=True))
    table = values.reshape(*values.shape[:-2], rows, down, columns, across)
    return table.swapaxes(-3, -2).reshape(*values.shape[:-2], rows, columns, down * across)


def _least(operator: Operator) -> float:
    """Where the maximum of whole cells, or of a surface, starts."""
    return LEAST_MAXIMUM if operator.reading is Reading.EVERY_CELL else -np.inf


def _comparable(values: Floats) -> Floats:
    """``values`` with NaN as minus infinity, so that NaN never wins a maximum."""
    return np.where(np.isnan(values), values.dtype.type(-np.inf), values)


def _winners(values: Floats, samples: Samples, output: Floats, operator: Operator) -> Ints:
    """The places of the samples of one map that a maximum came from, bin by bin: the first of equals.

    A lattice always has a winner. Whole cells have none where all are NaN or not above :data:`LEAST_MAXIMUM`.
    """
    if operator.aggregate is not Aggregate.MAX:
        return np.empty(0, np.intp)
    comparable, bins = _comparable(values.ravel()), samples.bin_numbers
    best = comparable == _comparable(output.ravel())[bins]
    if operator.reading in (Reading.EVERY_CELL, Reading.SURFACE):
        best &= comparable > _least(operator)
    places = np.flatnonzero(best)
    _, first = np.unique(bins[places], return_index=True)
    return places[first]


def _maximum_of_spans(values: Floats, samples: Crossing, least: float) -> Floats:
    """RoI Pool's maximum: 0 for an empty bin, ``least`` where nothing is larger, NaN never wins."""
    output = np.zeros((*values.shape[:-2], *samples.size), dtype=values.dtype)
    rows, columns = (np.flatnonzero(np.diff(line.start)) for line in (samples.rows, samples.columns))
    if len(rows) and len(columns):
        comparable = np.fmax(values, values.dtype.type(least))
        spans = pairwise(samples.rows.start.tolist())
        by_row = np.stack([np.maximum.reduce(comparable[..., a:b, :], axis=-2) for a, b in spans if a < b], axis=-2)
        largest = np.maximum.reduceat(by_row, samples.columns.start[columns], axis=-1)
        output[..., rows[:, None], columns] = largest
    return output


def _mean_of_cells(values: Floats, samples: Crossing) -> Floats:
    """The mean of the cells of each bin, added in order; 0 for an empty bin."""
    before = values.shape[:-2]
    means = [
        mean_in_order(values[..., top:bottom, left:right].reshape(*before, (bottom - top) * (right - left)))
        for top, bottom in pairwise(samples.rows.start.tolist())
        for left, right in pairwise(samples.columns.start.tolist())
    ]
    return np.stack(means, axis=-1).reshape(*before, *samples.size)


def _integral(values: Floats, samples: Crossing) -> Floats:
    """The integral of the surface over each bin, divided by the area of the bin; 0 where it has none."""
    before, bins = values.shape[:-2], samples.size[0] * samples.size[1]
    maps = prod(before)
    flat = np.arange(maps)[:, None] * bins + samples.bin_numbers
    total = np.bincount(flat.ravel(), weights=(values * samples.shares).ravel(), minlength=maps * bins)
    return total.reshape(*before, *samples.size).astype(values.dtype)


def maximum_of_lattice(values: Floats) -> Floats:
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
