"""Means of many boxes, quickly: two small matrix products a box.

They read a channels-last copy of one image, in which the window of a box is rows of contiguous numbers, and write
channels first.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from roialign_core.geometry import Floats, Ints
from roialign_core.matrices import MOST_WEIGHTS, AxisMatrices, box_matrices, boxes_at_once
from roialign_core.operators import Operator
from roialign_core.threads import at_both_ends, second_thread
from roialign_core.windows import EachWindow, WholeImage, in_parts, is_little, view

FEW_NUMBERS = 60_000  # of map and bins, below which all boxes go into one product
ONE_PRODUCT = 900_000  # multiplications below which OpenBLAS takes its short way, without copies
WORTH_A_THREAD, WORTH_A_CALL = 30_000_000, 200_000  # multiplications, in all and a box, above which a thread helps
LARGE = 40  # cells a bin above which a box may pass over most of them
COPY = 60  # multiplications that take as long as the copy of a number
_Job = tuple[Floats, Any, Floats, Floats, tuple[int, ...]]
"""Matrices of the rows, windows as the source prepared them, matrices of the columns, places in the output; and the
count, the pieces, the columns of a piece and all columns.
"""


@np.errstate(over="ignore", invalid="ignore")
def separable_means(
    features: Floats,
    table: Floats,
    size: tuple[int, int],
    spatial_scale: float,
    operator: Operator,
    ratio: int,
) -> Floats | None:
    """An operator that takes means (see :func:`roialign_core.matrices.is_separable`) on boxes (K, 5).

    None where numbers are not finite, of the images or only of the result: a product would spread one over its window.
    """
    images, channels, height, width = features.shape
    output = np.empty((len(table), channels, *size), dtype=features.dtype)
    if not output.size:
        return output
    at_once = boxes_at_once(size, (height, width))
    few = channels * height * width * size[1] <= FEW_NUMBERS
    cells = _cells_read(table[:, 1:], spatial_scale, height * width)
    read, held = float(cells.sum()), images * height * width
    laid_out = read if is_little(read, held) else held
    late = output.size < features.size  # the smaller of both is looked at for numbers that are not finite
    multiplications = (read * size[0] + laid_out * COPY) * channels
    worth = multiplications >= max(WORTH_A_THREAD, len(table) * WORTH_A_CALL)
    matrices = partial(box_matrices, size=size, cells=(height, width), operator=operator, ratio=ratio)
    with second_thread(wanted=worth and not few) as second:
        for n in range(images):
            mine = np.flatnonzero(table[:, 0] == n)
            if not len(mine):
                continue
            little = is_little(float(cells[mine].sum()), height * width)
            copied = 0 if few else float(cells[mine].max()) if little else height * width
            for part in in_parts(channels, copied, features.size + output.size):
                feature = features[n, part]
                source = EachWindow(feature) if few or little else WholeImage(feature)
                image = _Image(source, second.submit(_make_ready, source, feature, late), output, part)
                for a in range(0, len(mine), at_once):
                    number = mine[a : a + at_once]
                    rows, columns = matrices(table[number, 1:], spatial_scale=spatial_scale)
                    if not few:
                        _means_of_boxes(image, rows, columns, number, second)
                    if not image.ready.result():
                        return None
                    if few:
                        output[number, part] = _all_boxes_at_once(feature, rows.weights, columns.weights)
                    if operator.fill:
                        output[number, part] += features.dtype.type(operator.fill) * _outside(rows, columns)
                del source, image, rows, columns  # before there are others
    return None if late and not _all_finite(output) else output


def _make_ready(source: WholeImage | EachWindow, feature: Floats, late: bool) -> bool:
    """False where the image is not all finite, unless one will see that ``late``."""
    if not late and not _all_finite(feature):
        return False
    if isinstance(source, WholeImage):
        source.fill()
    return True


def _all_finite(numbers: Floats) -> bool:
    """False where a number is not finite, and perhaps where the sum is too large."""
    return bool(np.isfinite(numbers.sum()))


def _outside(rows: AxisMatrices, columns: AxisMatrices) -> Floats:
    """The part of each bin's readings (K, 1, P, Q) that lies beside the map; 0 where there are none."""
    (read_y, inside_y), (read_x, inside_x) = ((axis.read, axis.inside) for axis in (rows, columns))
    outside = read_y[:, :, None] * read_x[:, None] - inside_y[:, :, None] * inside_x[:, None]
    return outside[:, None]


def _cells_read(boxes: Floats, spatial_scale: float, cells: int) -> Floats:
    """About how many cells the window of each box (K, 4) holds, none of them more than the ``cells`` of the map."""
    wide, tall = np.abs(boxes[:, 2:] - boxes[:, :2]).T * spatial_scale + 1
    return np.fmin(wide * tall, cells)


def _all_boxes_at_once(feature: Floats, rows: Floats, columns: Floats) -> Floats:
    """(C, H, W) and the whole matrices (K, P, H), (K, Q, W) of K boxes to (K, C, P, Q): for few channels."""
    channels, height, width = feature.shape
    count, parts = columns.shape[:2]
    result = np.empty((count, channels, rows.shape[1], parts), feature.dtype)
    step = max(MOST_WEIGHTS // (channels * height * parts), 1)
    for a in range(0, count, step):
        some = slice(a, a + step)
        across = feature.reshape(-1, width) @ columns[some].reshape(-1, width).T
        across = across.reshape(channels, height, -1, parts).transpose(2, 0, 1, 3)
        np.matmul(rows[some, None], across, out=result[some])
    return result


@dataclass(frozen=True)
class _Image:
    """Some ``channels`` of an image, the source of which may be read when it is ``ready``, and where all boxes go."""

    source: WholeImage | EachWindow
    ready: Future[bool]
    output: Floats
    channels: slice


def _means_of_boxes(image: _Image, rows: AxisMatrices, columns: AxisMatrices, number: Ints, second: Executor) -> None:
    """Some boxes from an image into the places of their ``number`` in its output."""
    tall, wide = (np.maximum(axis.last - axis.first, 1) for axis in (rows, columns))
    wy, wx = rows.weights, columns.weights
    sparse = []
    for k in np.flatnonzero(tall * wide > LARGE * wy.shape[1] * wx.shape[1]).tolist():
        y, x = _cells_used(wy[k]), _cells_used(wx[k])
        if 2 * len(y) * len(x) < tall[k] * wide[k]:
            sparse.append((k, y, x))
    order = np.delete(np.arange(len(number)), [k for k, _, _ in sparse])
    order = order[np.lexsort((tall[order], np.rint(3 * np.log2(wide[order]))))]  # so that pairs are of about one size
    if isinstance(image.source, WholeImage):
        one, other = order[::2], np.append(order[1::2], order[-1:])[: (len(order) + 1) // 2]
    else:
        one = other = order  # where windows are copied, two at a time are no quicker
    pairs = _pairs(one, other, rows.first, columns.first, tall, wide, (wy.shape[2], wx.shape[2]))
    jobs, numbers = _jobs(image, wy, wx, number, pairs)
    beside = second.submit(_means_of_sparse, image, wy, wx, number, sparse)
    at_both_ends(partial(_means_of_pairs, image, numbers), jobs, second)
    beside.result()


def _cells_used(weights: Floats) -> Ints:
    """The cells with a weight in any bin (P, cells), and each one's next.

    A reading on the very centre of a cell has the next one with weight 0: NaN where that one is not finite.
    """
    used = np.asarray(weights.any(axis=0))
    used[1:] |= used[:-1].copy()
    return np.flatnonzero(used)


def _means_of_sparse(image: _Image, wy: Floats, wx: Floats, number: Ints, boxes: list[tuple[int, Ints, Ints]]) -> None:
    """Boxes, each with the rows and columns that it reads: few, far apart."""
    for k, y, x in boxes if image.ready.result() else []:
        between = (wy[k][:, y] @ image.source.cells(y, x).transpose(1, 0, 2)).transpose(1, 0, 2)
        image.output[number[k], image.channels] = (wx[k][:, x] @ between).transpose(2, 0, 1)


def _pairs(one: Ints, other: Ints, top: Ints, left: Ints, tall: Ints, wide: Ints, cells: tuple[int, ...]) -> Ints:
    """Boxes by twos, small windows first: height and width of both windows, then number, top and left of each.

    The last of an odd number is paired with itself, and so is each that goes alone.
    """
    rows, columns = np.maximum(tall[one], tall[other]), np.maximum(wide[one], wide[other])
    corners = [(k, np.minimum(top[k], cells[0] - rows), np.minimum(left[k], cells[1] - columns)) for k in (one, other)]
    return np.stack([rows, columns, *corners[0], *corners[1]])[:, np.argsort(rows * columns, kind="stable")]


def _jobs(image: _Image, wy: Floats, wx: Floats, number: Ints, pairs: Ints) -> tuple[list[_Job], int]:
    """All that the products of pairs need, and how many numbers the largest pair has between its two products.

    Any two windows are a whole number of bytes apart, so that a pair of them is one array, and so are their matrices
    and their places in ``output``: NumPy is told where they begin and how far apart they are, and refuses what is not
    inside. The first product is cut along the columns into pieces that OpenBLAS does at once.

    This is done before, and by one thread: what holds the interpreter's lock is not to hold up the products.
    """
    (_, down, height), (_, across, width) = wy.shape, wx.shape
    output, begin, channels = image.output, image.channels.start, image.channels.stop - image.channels.start
    dtype, e, (place, of_channel) = output.dtype, output.itemsize, output.strides[:2]
    tall, wide, a, top, left, b, other_top, other_left = pairs
    most = np.maximum(ONE_PRODUCT // (down * tall * channels), 1)  # columns
    each = -(-wide // -(-wide // most))
    pieces, count = -(-wide // each), 1 + (a != b)
    one_y, one_x = (a * down * height + top) * e, (a * across * width + left) * e
    further_y = ((b - a) * down * height + other_top - top) * e
    further_x = ((b - a) * across * width + other_left - left) * e
    bins, further = number[a] * place + begin * of_channel, (number[b] - number[a]) * place
    step_y, step_x, step = (0, height * e, e), (0, e, width * e), (across * e, down * across * e, e)
    of_rows = [
        view((two, 1, down, n), dtype, wy, y, (apart, *step_y))
        for two, n, y, apart in np.stack([count, tall, one_y, further_y], axis=1).tolist()
    ]
    of_columns = [
        view((two, 1, n, across), dtype, wx, x, (apart, *step_x))
        for two, n, x, apart in np.stack([count, wide, one_x, further_x], axis=1).tolist()
    ]
    places = [
        view((two, down, channels, across), dtype, output, at, (apart, *step))
        for two, at, apart in np.stack([count, bins, further], axis=1).tolist()
    ]
    windows = image.source.prepare(np.stack([tall, pieces, each, count, top, left, other_top, other_left]))
    keys = zip(*(n.tolist() for n in (count, pieces, each, wide)), strict=True)
    jobs = list(zip(of_rows, windows, of_columns, places, keys, strict=True))
    return jobs, int((count * pieces * each).max(initial=0)) * down * channels


def _means_of_pairs(image: _Image, numbers: int, jobs: Iterator[_Job]) -> None:
    """Rows first, then columns, straight into channels first: two calls of NumPy for two boxes."""
    read, between = image.source.reader(), None
    places: dict[tuple[int, ...], tuple[Floats, Floats]] = {}
    for wy, window, wx, bins, key in jobs if image.ready.result() else ():
        if key not in places:
            if between is None:
                between = np.empty(numbers, bins.dtype)
            places[key] = _between(between, key, *bins.shape[1:3])
        by_row, by_cell = places[key]
        np.matmul(wy, read(window), by_row)
        np.matmul(by_cell, wx, bins)


def _between(room: Floats, key: tuple[int, ...], down: int, channels: int) -> tuple[Floats, Floats]:
    """What the first product writes (count, pieces, P, columns · C), as the second reads it (count, P, C, columns)."""
    count, pieces, each, wide = key
    dtype, e = room.dtype, room.itemsize
    cell = channels * e
    row = pieces * each * cell
    return (
        view((count, pieces, down, each * channels), dtype, room, 0, (down * row, each * cell, row, e)),
        view((count, down, channels, wide), dtype, room, 0, (down * row, row, e, cell)),
    )
