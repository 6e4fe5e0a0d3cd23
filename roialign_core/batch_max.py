"""Maxima of many boxes, quickly: a maximum does not mind the order, nor what is counted twice, so no bit differs.

Where there are many bins for the size of the map, tables of the maxima over 1, 2, 4, 8 … rows by 1, 2, 4, 8 … columns
answer any bin with four numbers, which may overlap. Where there are few, a box is reduced along its rows and then along
its columns. Both read channels last and write channels first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roialign_core.geometry import FARTHEST_CELL, Floats, Ints, cells_read, sides_on_map
from roialign_core.operators import Aggregate, Frame, Operator, Reading
from roialign_core.threads import at_both_ends, second_thread
from roialign_core.trace import LEAST_MAXIMUM  # NaN never wins, and nothing is less than where the maximum starts
from roialign_core.windows import channels_last, in_parts, is_little

TABLES_A_BIN = 8  # cells of the tables for each bin, above which they cost more than they save
ONE_TABLE, ONE_GATHER = 1_000_000, 100_000  # numbers in the tables, and in what is read of them, at a time
WORTH_A_THREAD = 500_000  # numbers of the output above which a second thread helps


def is_pooling(operator: Operator) -> bool:
    """True for a maximum over whole cells: RoI Pooling, with whichever rounding and split."""
    cells = operator.reading is Reading.EVERY_CELL and operator.frame is Frame.SIDES
    return cells and operator.aggregate is Aggregate.MAX


def separable_maxima(
    features: Floats, table: Floats, size: tuple[int, int], spatial_scale: float, operator: Operator
) -> Floats:
    """RoI Pooling (see :func:`is_pooling`) of boxes (K, 5), finite on the map or not."""
    images, channels, height, width = features.shape
    output = np.zeros((len(table), channels, *size), dtype=features.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        sides = sides_on_map(table[:, 1:], features.dtype.type(spatial_scale), operator)
    finite = np.all(np.abs(sides) < FARTHEST_CELL, axis=1)
    for n in range(images):
        mine = np.flatnonzero(finite & (table[:, 0] == n))
        if not len(mine):
            continue
        rows = cells_read(sides[mine][:, [1, 3]], size[0], height, operator, operator.split[0])
        columns = cells_read(sides[mine][:, [0, 2]], size[1], width, operator, operator.split[1])
        spans = _powers_of_two(rows), _powers_of_two(columns)
        in_tables = spans[0].levels * spans[1].levels * height * width
        if in_tables <= min(TABLES_A_BIN * len(mine) * size[0] * size[1], ONE_TABLE):
            _all_boxes_at_once(features[n], *spans, mine, output)
        else:
            regions = np.concatenate([rows[:, 0, :1], rows[:, -1, 1:], columns[:, 0, :1], columns[:, -1, 1:]], axis=1)
            top, bottom, left, right = regions.T
            cells = (bottom - top) * (right - left)
            little = is_little(cells.sum(), height * width)
            copied = cells.max() if little else height * width
            boxes = [each.tolist() for each in (mine, regions, rows, columns)]
            for part in in_parts(channels, copied, features.size + output.size):
                _box_by_box(features[n, part], boxes, output[:, part], little=little)
    return output


@dataclass(frozen=True)
class _Powers:
    """Spans (K, P) of one axis, each as two of a length that is a power of two: both ``begin`` somewhere (K, P, 2)."""

    level: Ints
    begin: Ints
    empty: NDArray[np.bool_]
    levels: int


def _powers_of_two(spans: Ints) -> _Powers:
    """Spans from a cell to another, exclusive (K, P, 2)."""
    first, last = spans[..., 0], spans[..., 1]
    level = np.frexp(np.maximum(last - first, 1))[1] - 1
    begin = np.stack([first, last - 2**level], axis=-1)
    empty = first >= last
    begin[empty] = 0
    return _Powers(level, begin, empty, int(level.max()) + 1)


def _all_boxes_at_once(feature: Floats, rows: _Powers, columns: _Powers, number: Ints, output: Floats) -> None:
    """All boxes from an image (C, H, W) into their places in ``output``, some channels after the others."""
    channels, height, width = feature.shape
    cells = rows.levels * columns.levels * height * width
    each = max(min(ONE_TABLE // cells, channels), 1)
    in_y = rows.begin * width + (rows.level * (columns.levels * height * width))[..., None]
    in_x = columns.begin + (columns.level * (height * width))[..., None]
    empty = rows.empty[:, :, None] | columns.empty[:, None, :]

    def work(parts: Iterator[slice]) -> None:
        room = np.empty(cells * each, feature.dtype)
        for some in parts:
            mine = feature[some]
            tables = room[: cells * len(mine)].reshape(rows.levels, columns.levels, height, width, len(mine))
            _fill_tables(tables, mine)
            _read_tables(tables.reshape(cells, len(mine)), in_y, in_x, empty, number, output[:, some])

    parts = [slice(a, min(a + each, channels)) for a in range(0, channels, each)]
    with second_thread(wanted=len(parts) > 1 and output.size >= WORTH_A_THREAD) as second:
        at_both_ends(work, parts, second)


def _fill_tables(tables: Floats, feature: Floats) -> None:
    """``tables[i, j, y, x]`` is the maximum over 2**i rows from y and 2**j columns from x, where that is on the map."""
    channels_last(feature, tables[0, 0])
    np.fmax(tables[0, 0], LEAST_MAXIMUM, out=tables[0, 0])
    for i in range(1, len(tables)):
        before, half = tables[i - 1, 0], 2 ** (i - 1)
        np.maximum(before[:-half], before[half:], out=tables[i, 0, :-half])
        tables[i, 0, -half:] = before[-half:]
    for j in range(1, tables.shape[1]):
        before, half = tables[:, j - 1], 2 ** (j - 1)
        np.maximum(before[:, :, :-half], before[:, :, half:], out=tables[:, j, :, :-half])
        tables[:, j, :, -half:] = before[:, :, -half:]


def _read_tables(cells: Floats, in_y: Ints, in_x: Ints, empty: NDArray[np.bool_], number: Ints, output: Floats) -> None:
    """The larger of four numbers of the tables (cells, C) for each bin; 0 for an empty one."""
    at_once = max(ONE_GATHER // (cells.shape[1] * empty[0].size), 1)
    for a in range(0, len(number), at_once):
        some = slice(a, a + at_once)
        four = (cells.take(in_y[some, :, None, p] + in_x[some, None, :, q], axis=0) for p in (0, 1) for q in (0, 1))
        best = next(four)
        for one in four:
            np.maximum(best, one, out=best)
        best[empty[some]] = 0
        output[number[some]] = best.transpose(0, 3, 1, 2)


def _box_by_box(feature: Floats, boxes: list[list[Any]], output: Floats, *, little: bool) -> None:
    """Boxes from an image (C, H, W), one after the other: their places in ``output``, regions, rows and columns.

    Where they read ``little`` of it, it is not copied but for their regions.
    """
    channels, _height, width = feature.shape
    down, across = output.shape[2:]
    image = None if little else _numbers_last(feature)
    tall = np.empty(down * width * channels, feature.dtype)
    result = np.empty((down, across, channels), feature.dtype)
    turned = result.reshape(down * across, channels).T
    largest = np.maximum.reduce
    for k, (top, bottom, left, right), in_y, in_x in zip(*boxes, strict=True):
        if top >= bottom or left >= right:
            continue
        cells = slice(top, bottom), slice(left, right)
        window = _numbers_last(feature[:, *cells]) if image is None else image[cells]
        between = tall[: down * (right - left) * channels].reshape(down, right - left, channels)
        for p, (low, high) in enumerate(in_y):
            if low < high:
                largest(window[low - top : high - top], axis=0, out=between[p])
            else:
                between[p] = 0  # an empty bin
        for q, (low, high) in enumerate(in_x):
            if low < high:
                largest(between[:, low - left : high - left], axis=1, out=result[:, q])
            else:
                result[:, q] = 0
        output[k].reshape(channels, down * across)[...] = turned


def _numbers_last(feature: Floats) -> Floats:
    """(C, H, W) as (H, W, C), with the least number where one is not a number."""
    channels, height, width = feature.shape
    cells = np.empty((height, width, channels), feature.dtype)
    channels_last(feature, cells)
    return np.fmax(cells, LEAST_MAXIMUM, out=cells)
