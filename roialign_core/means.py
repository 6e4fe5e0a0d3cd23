"""Means of many boxes, quickly: two small matrix products a box.

They read a channels-last copy of one image, in which the window of a box is rows of contiguous numbers, and write
channels first.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial

import numpy as np

from roialign_core.geometry import Floats, Ints
from roialign_core.matrices import AxisMatrices, box_matrices
from roialign_core.operators import Operator
from roialign_core.threads import at_both_ends, second_thread
from roialign_core.windows import EachWindow, WholeImage

MOST_WEIGHTS = 2_000_000  # numbers in the matrices of the boxes that are laid out together
FEW_NUMBERS = 60_000  # of map and bins, below which all boxes go into one product
ONE_PRODUCT = 900_000  # multiplications below which OpenBLAS takes its short way, without copies
WORTH_A_THREAD, WORTH_A_CALL = 50_000_000, 300_000  # multiplications, in all and a box, above which a thread helps
LARGE = 40  # cells a bin above which a box may pass over most of them
COPY = 60  # multiplications that take as long as the copy of a number
LITTLE = 0.6  # of the cells of an image: boxes that read less than that have their windows copied alone
_view = np.ndarray  # (shape, dtype, buffer, offset and strides in bytes)


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
    at_once = max(MOST_WEIGHTS // (size[0] * height + size[1] * width), 1)
    few = channels * height * width * size[1] <= FEW_NUMBERS
    cells = _cells_read(table[:, 1:], spatial_scale, height * width)
    read, held = float(cells.sum()), images * height * width
    copied = read if read < LITTLE * held else held
    late = output.size < features.size  # the smaller of both is looked at for numbers that are not finite
    multiplications = (read * size[0] + copied * COPY) * channels
    worth = multiplications >= max(WORTH_A_THREAD, len(table) * WORTH_A_CALL)
    with second_thread(wanted=worth and not few) as second:
        for n in range(images):
            mine = np.flatnonzero(table[:, 0] == n)
            if not len(mine):
                continue
            alone = float(cells[mine].sum()) < LITTLE * height * width
            whole = None if few or alone else second.submit(WholeImage, features[n])
            if not late and not _all_finite(features[n]):
                return None
            for a in range(0, len(mine), at_once):
                some = mine[a : a + at_once]
                rows, columns = box_matrices(table[some, 1:], size, (height, width), spatial_scale, operator, ratio)
                if few:
                    output[some] = _all_boxes_at_once(features[n], rows.weights, columns.weights)
                else:
                    source = whole.result() if whole else EachWindow(features[n])
                    _means_of_boxes(source, (height, width), rows, columns, some, output, second)
                if operator.fill:
                    outside = 1 - rows.inside[:, None, :, None] * columns.inside[:, None, None, :]
                    output[some] += features.dtype.type(operator.fill) * outside
    return None if late and not _all_finite(output) else output


def _all_finite(numbers: Floats) -> bool:
    """False where a number is not finite, and perhaps where the sum is too large."""
    return bool(np.isfinite(numbers.sum()))


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


def _means_of_boxes(
    source: WholeImage | EachWindow,
    cells: tuple[int, int],
    rows: AxisMatrices,
    columns: AxisMatrices,
    number: Ints,
    output: Floats,
    second: Executor,
) -> None:
    """Some boxes from an image of ``cells`` (H, W) into their places in ``output``."""
    tall, wide = (np.maximum(axis.last - axis.first, 1) for axis in (rows, columns))
    dense = np.ones(len(number), bool)
    for k in np.flatnonzero(tall * wide > LARGE * output.shape[2] * output.shape[3]).tolist():
        y, x = np.flatnonzero(rows.weights[k].any(axis=0)), np.flatnonzero(columns.weights[k].any(axis=0))
        if 2 * len(y) * len(x) < tall[k] * wide[k]:
            dense[k] = False
            between = (rows.weights[k][:, y] @ source.cells(y, x).transpose(1, 0, 2)).transpose(1, 0, 2)
            output[number[k]] = (columns.weights[k][:, x] @ between).transpose(2, 0, 1)
    order = np.flatnonzero(dense)
    order = order[np.lexsort((tall[order], np.rint(3 * np.log2(wide[order]))))]  # so that pairs are of about one size
    pairs = _pairs(order, rows.first, columns.first, tall, wide, cells)
    work = partial(_means_of_pairs, source, rows.weights, columns.weights, number.tolist(), output)
    at_both_ends(work, pairs, second)


def _pairs(order: Ints, top: Ints, left: Ints, tall: Ints, wide: Ints, cells: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Boxes by twos, small windows first: height and width of both windows, then number, top and left of each.

    The last of an odd number is paired with itself.
    """
    one, other = order[::2], np.append(order[1::2], order[-1:])[: (len(order) + 1) // 2]
    rows, columns = np.maximum(tall[one], tall[other]), np.maximum(wide[one], wide[other])
    corners = [(k, np.minimum(top[k], cells[0] - rows), np.minimum(left[k], cells[1] - columns)) for k in (one, other)]
    jobs = np.stack([rows, columns, *corners[0], *corners[1]], axis=1)
    return [tuple(job) for job in jobs[np.argsort(rows * columns, kind="stable")].tolist()]


def _means_of_pairs(
    source: WholeImage | EachWindow,
    wy: Floats,
    wx: Floats,
    number: list[int],
    output: Floats,
    pairs: Iterator[tuple[int, ...]],
) -> None:
    """Rows first, then columns, straight into channels first: two calls of NumPy for two boxes.

    Any two windows are a whole number of bytes apart, so that a pair of them is one array, and so are their matrices
    and their places in ``output``: NumPy is told where they begin and how far apart they are, and refuses what is not
    inside. The first product is cut along the columns into pieces that OpenBLAS does at once.
    """
    (_, down, height), (_, across, width) = wy.shape, wx.shape
    channels, dtype, e = output.shape[1], output.dtype, output.itemsize
    cell, place = channels * e, output.strides[0]
    box_y, box_x = down * height * e, across * width * e
    between = np.empty(4 * down * width * channels, dtype)
    read = source.reader()
    for tall, wide, a, top_a, left_a, b, top_b, left_b in pairs:
        held, begin, further, line = read((tall, wide, top_a, left_a, top_b, left_b))
        count, apart, lower, right = 1 + (a != b), b - a, top_b - top_a, left_b - left_a
        pieces = -(-wide // max(ONE_PRODUCT // (down * tall * channels), 1))
        each = -(-wide // pieces)  # columns
        pieces, long = -(-wide // each), each * channels
        row = pieces * long * e

        rows = (a * box_y + top_a * e, (apart * box_y + lower * e, 0, height * e, e))
        np.matmul(
            _view((count, 1, down, tall), dtype, wy, *rows),
            _view((count, pieces, tall, long), dtype, held, begin, (further, each * cell, line, e)),
            _view((count, pieces, down, long), dtype, between, 0, (down * row, each * cell, row, e)),
        )

        columns = (a * box_x + left_a * e, (apart * box_x + right * e, 0, e, width * e))
        bins = (number[a] * place, ((number[b] - number[a]) * place, across * e, down * across * e, e))
        np.matmul(
            _view((count, down, channels, wide), dtype, between, 0, (down * row, row, e, cell)),
            _view((count, 1, wide, across), dtype, wx, *columns),
            _view((count, down, channels, across), dtype, output, *bins),
        )
