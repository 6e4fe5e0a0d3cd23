"""RoI Pooling of many boxes: a maximum has no order and counts no cell twice, so every way to it gives the same bits.

Many bins for the size of the map are read from tables of the maxima over 1, 2, 4, 8 … rows by 1, 2, 4, 8 … columns:
two spans that overlap cover any bin on each axis, so that four numbers answer it. Few are reduced box by box, rows
first, then columns.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from roialign_core.geometry import FARTHEST_CELL, Floats, Ints, Scale, cells_read, scale_of_sides, sides_on_map
from roialign_core.operators import Aggregate, Frame, Operator, Reading
from roialign_core.trace import LEAST_MAXIMUM  # NaN never wins, and nothing is less than where the maximum starts

CELLS_A_BIN = 8  # of the tables: with more for each bin they cost more than they save
MOST_IN_TABLES, MORE_IN_TABLES = 1_000_000, 2_000_000  # numbers in the tables; more beside a large input and output
PART = 4  # of input and output together
MOST_READ = 50_000  # numbers read from the tables at a time
MOST_IN_WINDOW, FEWEST_CHANNELS = 400_000, 32  # numbers of a window that are reduced at a time, and channels at least


def is_pooling(operator: Operator) -> bool:
    """True for a maximum over whole cells: RoI Pooling, with whichever rounding and split."""
    cells = operator.reading is Reading.EVERY_CELL and operator.frame is Frame.SIDES
    return cells and operator.aggregate is Aggregate.MAX


def pool_boxes(
    features: Floats, boxes: Floats, size: tuple[int, int], spatial_scale: Scale, operator: Operator
) -> Floats:
    """The output (K, C, rows, columns) of RoI Pooling (see :func:`is_pooling`) on ``boxes`` (K, 5) in image pixels.

    0 for a box that is not finite on the map.

    >>> from roialign_core import ROI_POOL
    >>> pool_boxes(np.arange(16.0).reshape(1, 1, 4, 4), np.array([[0.0, 0, 0, 3, 3]]), (2, 2), 1.0, ROI_POOL).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    images, channels, height, width = features.shape
    output = np.zeros((len(boxes), channels, *size), dtype=features.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        sides = sides_on_map(boxes[:, 1:], scale_of_sides(spatial_scale, features.dtype), operator)
    finite = np.all(np.abs(sides) < FARTHEST_CELL, axis=1)
    for n in range(images):
        chosen = np.flatnonzero(finite & (boxes[:, 0] == n))
        if not len(chosen):
            continue
        rows = cells_read(sides[chosen][:, [1, 3]], size[0], height, operator, operator.split[0])
        columns = cells_read(sides[chosen][:, [0, 2]], size[1], width, operator, operator.split[1])
        in_tables = _levels(rows) * _levels(columns) * height * width
        if in_tables <= min(CELLS_A_BIN * len(chosen) * size[0] * size[1], MOST_IN_TABLES):
            _read_from_tables(features[n], rows, columns, chosen, output)
        else:
            _reduce_each(features[n], rows, columns, chosen, output)
    return output


def _levels(spans: Ints) -> int:
    """How many powers of two there are up to the longest of the spans (..., 2).

    >>> _levels(np.array([[0, 1], [2, 7]]))
    3
    """
    return int((spans[..., 1] - spans[..., 0]).max(initial=1)).bit_length()


def _two_spans(spans: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
    """Spans (K, P, 2) as two each of a power of two: its exponent (K, P), and where the two begin, (K, P) and (K, P).

    An empty span begins at 0.

    >>> level, (first, second) = _two_spans(np.array([[[2, 7], [9, 9]]]))
    >>> level.tolist(), first.tolist(), second.tolist()
    ([[2, 0]], [[2, 0]], [[3, 0]])
    """
    first, last = spans[..., 0], spans[..., 1]
    level = np.frexp(np.maximum(last - first, 1))[1] - 1
    return level, (np.where(first < last, first, 0), np.where(first < last, last - 2**level, 0))


def _read_from_tables(feature: Floats, rows: Ints, columns: Ints, chosen: Ints, output: Floats) -> None:
    """All boxes of one map (C, H, W) into ``output[chosen]``, some channels at a time."""
    channels, height, width = feature.shape
    shape = (_levels(rows), _levels(columns), height, width)
    most = max(min((feature.size + output.size) // PART, MORE_IN_TABLES), MOST_IN_TABLES)
    (level_y, begin_y), (level_x, begin_x) = _two_spans(rows), _two_spans(columns)
    in_y = [(level_y * shape[1] * height + begin) * width for begin in begin_y]
    in_x = [level_x * height * width + begin for begin in begin_x]
    empty = (rows[:, :, None, 0] >= rows[:, :, None, 1]) | (columns[:, None, :, 0] >= columns[:, None, :, 1])
    cells = shape[0] * shape[1] * height * width
    each = max(min(most // cells, channels), 1)
    at_once = max(MOST_READ // (each * empty[0].size), 1)
    room = np.empty(cells * each, feature.dtype)
    for first in range(0, channels, each):
        maps = feature[first : first + each]
        flat = room[: cells * len(maps)].reshape(cells, len(maps))
        _fill_tables(flat.reshape(*shape, len(maps)), maps)
        for start in range(0, len(chosen), at_once):
            some = slice(start, start + at_once)
            read = (flat.take(y[some, :, None] + x[some, None, :], axis=0) for y in in_y for x in in_x)
            best = reduce(lambda a, b: np.maximum(a, b, out=a), read)
            best[empty[some]] = 0
            output[chosen[some], first : first + each] = best.transpose(0, 3, 1, 2)


def _fill_tables(tables: Floats, maps: Floats) -> None:
    """``tables[i, j, y, x]`` is the maximum over 2**i rows from y and 2**j columns from x, where that is on the map."""
    np.fmax(maps.transpose(1, 2, 0), LEAST_MAXIMUM, out=tables[0, 0])
    for i in range(1, len(tables)):
        half = 2 ** (i - 1)
        np.maximum(tables[i - 1, 0, :-half], tables[i - 1, 0, half:], out=tables[i, 0, :-half])
        tables[i, 0, -half:] = tables[i - 1, 0, -half:]
    for j in range(1, tables.shape[1]):
        half = 2 ** (j - 1)
        np.maximum(tables[:, j - 1, :, :-half], tables[:, j - 1, :, half:], out=tables[:, j, :, :-half])
        tables[:, j, :, -half:] = tables[:, j - 1, :, -half:]


def _reduce_each(feature: Floats, rows: Ints, columns: Ints, chosen: Ints, output: Floats) -> None:
    """The boxes of one map (C, H, W) into ``output[chosen]``, some channels of one window at a time."""
    for k, in_y, in_x in zip(chosen.tolist(), rows.tolist(), columns.tolist(), strict=True):
        top, bottom, left, right = in_y[0][0], in_y[-1][1], in_x[0][0], in_x[-1][1]
        if top >= bottom or left >= right:
            continue
        each = max(MOST_IN_WINDOW // ((bottom - top) * (right - left)), FEWEST_CHANNELS)
        for first in range(0, len(feature), each):
            maps = feature[first : first + each, top:bottom, left:right]
            window = np.ascontiguousarray(maps.transpose(1, 2, 0))
            by_row = _largest_of_rows(window, in_y, top)
            if np.isnan(by_row).any():  # somewhere in a column, and it must not win
                by_row = _largest_of_rows(np.fmax(window, LEAST_MAXIMUM), in_y, top)
            np.maximum(by_row, LEAST_MAXIMUM, out=by_row)
            pooled = np.zeros((len(in_y), len(in_x), len(maps)), feature.dtype)
            for q, (low, high) in enumerate(in_x):
                if low < high:
                    np.maximum.reduce(by_row[:, low - left : high - left], axis=1, out=pooled[:, q])
            output[k, first : first + each] = pooled.transpose(2, 0, 1)


def _largest_of_rows(window: Floats, spans: list[list[int]], top: int) -> Floats:
    """The maximum (P, W, C) of the rows of each span, in a window (H, W, C) whose first row is ``top``; of none, 0."""
    by_row = np.zeros((len(spans), *window.shape[1:]), window.dtype)
    for p, (low, high) in enumerate(spans):
        if low < high:
            np.maximum.reduce(window[low - top : high - top], axis=0, out=by_row[p])
    return by_row
