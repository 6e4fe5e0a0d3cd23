"""Where an operator reads a map: sample points, their four neighbours, their weights, the values read there.

On an upright box an operator reads wherever a row of samples crosses a column of samples. So each axis has its samples
(:class:`Line`) and the values stand in a table, rows by columns. The list of the points, bin by bin, is made when it is
wanted: an output needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from roialign_core.arguments import check_sample_count
from roialign_core.bilinear import AxisWeights, axis_weights, combine, largest_weighted, weighted_sum
from roialign_core.geometry import HALF_CELL, Axis, Floats, Ints
from roialign_core.operators import Interpolation, Operator, Reading
from roialign_core.rotated import RotatedBox
from roialign_core.surface import surface_stops

MOST_TOGETHER = 48_000  # samples that are read at a time: more do not stay in the processor's cache
MOST_SHORT = 2**15  # bins whose numbers fit into 16 bits: those are sorted by their digits


@dataclass(frozen=True)
class Line:
    """The samples of one axis, bin after bin.

    ``bin`` (n,) is the bin of each, ``position`` (n,) where it lies in index coordinates (the value of cell j sits at
    j), ``around`` its neighbours and weights, ``start`` (P + 1,) where the samples of each bin begin. ``share`` (n,) is
    the part of its bin that a sample of a surface stands for; None for other operators.
    """

    bin: Ints
    position: Floats
    around: AxisWeights
    start: Ints
    share: Floats | None = None

    def __len__(self) -> int:
        return len(self.bin)


@dataclass(frozen=True)
class Points:
    """Sample points (S,) in the order of their bins. Names as in :class:`roialign_core.trace.Trace`."""

    bin: Ints
    y: Floats
    x: Floats
    inside: NDArray[np.bool_]
    neighbor_y: Ints
    neighbor_x: Ints
    weights: Floats
    value: Floats
    wins: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for array in vars(self).values():
            array.setflags(write=False)


@dataclass(frozen=True)
class Crossing:
    """The samples of an upright box: every sample of ``rows`` with every sample of ``columns``.

    Their values stand in a table (rows, columns). The *place* of a sample is its index in the table, row by row.
    """

    rows: Line
    columns: Line
    dtype: np.dtype

    @property
    def size(self) -> tuple[int, int]:
        """Bins, rows and columns."""
        return len(self.rows.start) - 1, len(self.columns.start) - 1

    @cached_property
    def bin_start(self) -> Ints:
        """Where the samples of each bin begin in the list of all (ph·pw + 1,), bins in reading order."""
        counts = np.outer(np.diff(self.rows.start), np.diff(self.columns.start)).ravel()
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)

    @cached_property
    def bin_numbers(self) -> NDArray:
        """The bin of every place (S,), bins in reading order."""
        rows, columns = self.size
        numbers = np.arange(rows * columns, dtype=np.int16 if rows * columns < MOST_SHORT else np.intp)
        return np.asarray(numbers.reshape(self.size)[self.rows.bin[:, None], self.columns.bin]).ravel()

    @cached_property
    def order(self) -> Ints:
        """The places (S,) in the order of their bins."""
        return np.argsort(self.bin_numbers, kind="stable")

    def places_of(self, row: int, column: int) -> Ints:
        """The places of the samples of one bin."""
        y = np.arange(self.rows.start[row], self.rows.start[row + 1])
        x = np.arange(self.columns.start[column], self.columns.start[column + 1])
        return np.add.outer(y * len(self.columns), x).ravel()

    def points(self, places: Ints, value: Floats, wins: NDArray[np.bool_]) -> Points:
        """The sample points at some places, with what they read."""
        y, x = np.divmod(places, max(len(self.columns), 1))
        neighbor_y, neighbor_x, weights, inside = combine(self.rows.around[y], self.columns.around[x])
        bins = np.stack([self.rows.bin[y], self.columns.bin[x]], axis=1)
        at_y, at_x = (self._drawn(line)[at] for line, at in ((self.rows, y), (self.columns, x)))
        weights = weights.astype(self.dtype, copy=False)
        return Points(bins, at_y, at_x, inside, neighbor_y, neighbor_x, weights, value, wins)

    def _drawn(self, line: Line) -> Floats:
        """Positions as drawn, where the value of cell j sits at j + 0.5."""
        return (line.position + line.position.dtype.type(HALF_CELL)).astype(self.dtype, copy=False)

    def read(self, features: Floats, operator: Operator) -> Floats:
        """The tables of values of a map (H, W), of channels (C, H, W), or of a map a bin (C, ph, pw, H, W)."""
        maps, across = features.shape[: -2 if features.ndim < 5 else 1], len(self.columns)
        values = np.empty((*maps, len(self.rows), across), self.dtype)
        at_once = max(MOST_TOGETHER // max(prod(maps) * across, 1), 1)
        for first in range(0, len(self.rows), at_once):
            some = slice(first, first + at_once)
            self._read_rows(features, some, operator, values[..., some, :])
        return values

    def _read_rows(self, features: Floats, some: slice, operator: Operator, values: Floats) -> None:
        """Some rows of the tables, into ``values``."""
        y, x = self.rows.around[some], self.columns.around
        if operator.reading is Reading.EVERY_CELL:
            values[...] = self._cells(features, some, y.low, x.low)
            return
        corners = (
            (y.to_high, x.to_high, y.low, x.low),
            (y.to_high, x.to_low, y.low, x.high),
            (y.to_low, x.to_high, y.high, x.low),
            (y.to_low, x.to_low, y.high, x.high),
        )
        join = np.maximum if operator.interpolation is Interpolation.LARGEST_CORNER else np.add
        with np.errstate(invalid="ignore", over="ignore"):  # a map may hold NaN and infinities
            for k, (in_y, in_x, rows, columns) in enumerate(corners):  # in this order, as the kernels add
                weights = np.multiply.outer(in_y, in_x).astype(self.dtype, copy=False)
                cells = self._cells(features, some, rows, columns)
                if k == 0:
                    np.multiply(weights, cells, out=values)
                else:
                    join(values, np.multiply(weights, cells, out=cells), out=values)
        if not (y.inside.all() and x.inside.all()):
            values[..., ~np.logical_and.outer(y.inside, x.inside)] = operator.fill

    def _cells(self, features: Floats, some: slice, rows: Ints, columns: Ints) -> Floats:
        """The cells where rows of the samples ``some`` cross columns, as a new array."""
        if features.ndim == 5:
            return np.asarray(features[:, self.rows.bin[some, None], self.columns.bin, rows[:, None], columns])
        return features.take(rows, axis=-2, mode="clip").take(columns, axis=-1, mode="clip")  # all inside: no check

    @property
    def shares(self) -> Floats:
        """The table of the parts of their bins that the samples of a surface stand for."""
        assert self.rows.share is not None and self.columns.share is not None
        return np.multiply.outer(self.rows.share, self.columns.share)


@dataclass(frozen=True)
class Listed:
    """The samples of a rotated box, as many in every bin: a list, and a list of values. Names as in :class:`Crossing`.

    ``bin`` (S, 2), ``y`` and ``x`` (S,) in index coordinates, ``in_y`` and ``in_x`` their neighbours and weights.
    """

    size: tuple[int, int]
    bin: Ints
    y: Floats
    x: Floats
    in_y: AxisWeights
    in_x: AxisWeights

    @property
    def bin_start(self) -> Ints:
        """Where the samples of each bin begin."""
        bins = self.size[0] * self.size[1]
        return np.arange(bins + 1) * (len(self.y) // bins)

    @property
    def bin_numbers(self) -> NDArray:
        """The bin of every sample (S,)."""
        return self.bin[:, 0] * self.size[1] + self.bin[:, 1]

    @property
    def order(self) -> Ints:
        """All of them."""
        return np.arange(len(self.y))

    def places_of(self, row: int, column: int) -> Ints:
        """The samples of one bin."""
        flat = row * self.size[1] + column
        return np.arange(self.bin_start[flat], self.bin_start[flat + 1])

    def points(self, places: Ints, value: Floats, wins: NDArray[np.bool_]) -> Points:
        """Some of them, with what they read."""
        neighbor_y, neighbor_x, weights, inside = combine(self.in_y[places], self.in_x[places])
        y, x = (at[places] + at.dtype.type(HALF_CELL) for at in (self.y, self.x))
        return Points(self.bin[places], y, x, inside, neighbor_y, neighbor_x, weights, value, wins)

    def read(self, features: Floats, operator: Operator) -> Floats:
        """The values (..., S) of a map (H, W) or of channels (C, H, W)."""
        neighbor_y, neighbor_x, weights, inside = combine(self.in_y, self.in_x)
        join = largest_weighted if operator.interpolation is Interpolation.LARGEST_CORNER else weighted_sum
        values = join(weights, np.asarray(features[..., neighbor_y, neighbor_x]))
        values[..., ~inside] = operator.fill
        return values


Samples = Crossing | Listed


# ---- how each operator lays them ----------------------------------------------------------------------------------


def cross(in_y: Axis, in_x: Axis, grid: tuple[int, int], cells: tuple[int, ...], operator: Operator) -> Crossing:
    """The samples of an upright box on a map of ``cells`` (H, W). :class:`OptionError` where they are too many."""
    rows, columns = line(in_y, grid[0], cells[0], operator), line(in_x, grid[1], cells[1], operator)
    check_sample_count(len(rows) * len(columns))
    return Crossing(rows, columns, in_y.bins.dtype)


def line(axis: Axis, grid: int, cells: int, operator: Operator) -> Line:
    """The samples of one axis."""
    parts, share = len(axis.bins), None
    if operator.reading is Reading.EVERY_CELL:
        bins, at = _cells_of(axis)
        position, one = at.astype(axis.bins.dtype), np.ones(len(at), axis.bins.dtype)
        around = AxisWeights(np.ones(len(at), bool), at, at, one - one, one)
    elif operator.reading is Reading.SURFACE:  # in float64: a small bin far from 0 would lose digits
        stops = surface_stops(axis, cells, operator)
        bins, position, share = stops.bin, stops.position, stops.share
        around = near(position, cells, operator)
    else:
        places = positions(axis, grid, cells, operator)
        bins, position = np.repeat(np.arange(parts), places.shape[1]), places.ravel()
        around = near(position, cells, operator)
    return Line(bins, position, around, np.searchsorted(bins, np.arange(parts + 1)), share)


def rotated_lattice(
    rotated: RotatedBox, size: tuple[int, int], grid: tuple[int, int], cells: tuple[int, ...], operator: Operator
) -> Listed:
    """The samples of a rotated box on a map of ``cells`` (H, W)."""
    y, x = (at.ravel() for at in rotated.samples(*size, grid))
    bins = np.stack(np.unravel_index(np.arange(size[0] * size[1]), size), axis=1).repeat(grid[0] * grid[1], axis=0)
    return Listed(size, bins, y, x, near(y, cells[0], operator), near(x, cells[1], operator))


def positions(axis: Axis, grid: int, cells: int, operator: Operator) -> Floats:
    """Where the bins of one axis are read (P, g), in index coordinates."""
    if operator.reading is Reading.TOP_LEFT:
        return axis.index_edges()[0][:, None]
    if operator.reading is Reading.ENDS:
        return axis.ends(cells)
    return axis.lattice(grid)


def near(position: Floats, cells: int | Ints, operator: Operator) -> AxisWeights:
    """Neighbours and weights on one axis, by the operator's interpolation and edge."""
    return axis_weights(position, cells, operator.edge, nearest=operator.interpolation is Interpolation.NEAREST)


def _cells_of(axis: Axis) -> tuple[Ints, Ints]:
    """The cells of the bins of one axis, bin after bin: index of the bin, index of the cell."""
    low, high = axis.read.astype(np.intp).T
    count = np.maximum(high - low, 0)
    before = np.cumsum(count) - count
    return np.repeat(np.arange(len(low)), count), np.arange(count.sum()) + np.repeat(low - before, count)
