"""The fast kernels: means as two small matrix products a box, maxima first along the rows and then along the columns.

Both read a channels-last copy of one image, in which the window of a box is rows of contiguous numbers, and write
channels first. On one thread: a box is a few calls of NumPy of ten microseconds each, and threads that hand the
interpreter's lock to each other that often are slower than one.
"""

from __future__ import annotations

import numpy as np

from roialign_core.geometry import Floats, Ints, lay_axis, round_half_away_from_zero, sides_on_map
from roialign_core.matrices import AxisMatrices, box_matrices
from roialign_core.operators import ROI_POOL, Operator, Split
from roialign_core.trace import LEAST_MAXIMUM

MOST_WEIGHTS = 2_000_000  # numbers in the matrices of the boxes that are laid out together
FEW_NUMBERS = 60_000  # of map and bins, below which all boxes go into one product
ONE_PRODUCT = 900_000  # multiplications below which OpenBLAS takes its short way, without copies
LINE_APART = 16  # numbers
MOST_CELLS = 2.0**53


def separable_means(
    features: Floats,
    table: Floats,
    size: tuple[int, int],
    spatial_scale: float,
    operator: Operator,
    ratio: int,
) -> Floats:
    """An operator that takes means (see :func:`roialign_core.matrices.is_separable`) on boxes (K, 5)."""
    images, channels, height, width = features.shape
    output = np.zeros((len(table), channels, *size), dtype=features.dtype)
    at_once = max(MOST_WEIGHTS // (size[0] * height + size[1] * width), 1)
    few = channels * height * width * size[1] <= FEW_NUMBERS
    for n in range(images):
        mine = np.flatnonzero(table[:, 0] == n)
        if not len(mine):
            continue
        for a in range(0, len(mine), at_once):
            some = mine[a : a + at_once]
            rows, columns = box_matrices(table[some, 1:], size, (height, width), spatial_scale, operator, ratio)
            if few:
                output[some] = _all_boxes_at_once(features[n], rows.weights, columns.weights)
            else:
                _means_of_boxes(features[n], rows, columns, some, output)
            if operator.fill:
                outside = 1 - rows.inside[:, None, :, None] * columns.inside[:, None, None, :]
                output[some] += features.dtype.type(operator.fill) * outside
    return output


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


def _means_of_boxes(feature: Floats, rows: AxisMatrices, columns: AxisMatrices, number: Ints, output: Floats) -> None:
    """Some boxes from a channels-first image (C, H, W) into their places in ``output``, one box after the other."""
    lines = _lines(feature)
    channels, height, width = feature.shape
    cells = lines[:, : width * channels].reshape(height, width, channels)
    down, across = output.shape[2:]
    between = np.empty(down * width * channels, feature.dtype)
    result = np.empty((down, across, channels), feature.dtype)
    turned = result.reshape(down * across, channels).T
    bands = _bands(rows.weights)
    spans = np.stack([rows.first, rows.last, columns.first, columns.last], axis=1).tolist()
    for k, (place, (y1, y2, x1, x2)) in enumerate(zip(number.tolist(), spans, strict=True)):
        if y1 >= y2 or x1 >= x2:
            continue
        wy, wx = rows.weights[k], columns.weights[k, :, x1:x2]
        y, x = _stepping_stones(wy, wx, y2 - y1) if (y2 - y1) * (x2 - x1) > 40 * down * across else (None, None)
        if y is not None and x is not None:
            wx, window = wx[:, x], cells[y[:, None], x1 + x].reshape(len(y), -1)
            across_bins = between[: down * len(x) * channels].reshape(down, -1)
            _product(wy[:, y], window, across_bins)
        else:
            across_bins = between[: down * (x2 - x1) * channels].reshape(down, -1)
            for part, first, last in bands:
                low, high = first[k], last[k]
                _product(wy[part, low:high], lines[low:high, x1 * channels : x2 * channels], across_bins[part])
        np.matmul(wx, across_bins.reshape(down, -1, channels), out=result)
        output[place].reshape(channels, down * across)[...] = turned


def _lines(feature: Floats) -> Floats:
    """(C, H, W) as H lines of W·C numbers, channels last, each a little further from the next than it is long.

    Lines that are a multiple of 4096 bytes apart would share a place in the processor's cache.
    """
    channels, height, width = feature.shape
    lines = np.empty((height, width * channels + LINE_APART), feature.dtype)
    lines[:, : width * channels].reshape(height, width, channels)[...] = feature.transpose(1, 2, 0)
    return lines


def _stepping_stones(wy: Floats, wx: Floats, tall: int) -> tuple[Ints, Ints] | tuple[None, None]:
    """The rows and columns that a large box reads, if it passes over more than half of its cells."""
    y, x = np.flatnonzero(wy.any(axis=0)), np.flatnonzero(wx.any(axis=0))
    return (y, x) if 2 * len(y) * len(x) < tall * wx.shape[1] else (None, None)


def _bands(weights: Floats) -> list[tuple[slice, list[int], list[int]]]:
    """The upper and the lower bins of matrices (K, P, cells), and from which cell to which each half counts.

    Half of the bins read about half of the rows: two smaller products do with half of the multiplications.
    """
    parts, cells = weights.shape[1:]
    middle = (parts + 1) // 2
    bands = []
    for part in (slice(0, middle), slice(middle, parts)):
        used = np.asarray((weights[:, part] != 0).any(axis=1))
        some = np.asarray(used.any(axis=1))
        first = np.where(some, used.argmax(axis=1), 0).tolist()
        bands.append((part, first, np.where(some, cells - used[:, ::-1].argmax(axis=1), 0).tolist()))
    return bands[: min(parts, 2)]


def _product(weights: Floats, lines: Floats, out: Floats) -> None:
    """``weights @ lines``, in pieces that the library of NumPy does at once."""
    length, size = lines.shape[1], weights.size
    if size * length <= ONE_PRODUCT:
        np.matmul(weights, lines, out=out)
        return
    step = max(ONE_PRODUCT // size, 1)
    for a in range(0, length, step):
        np.matmul(weights, lines[:, a : a + step], out=out[:, a : a + step])


def separable_maxima(features: Floats, table: Floats, size: tuple[int, int], spatial_scale: float) -> Floats:
    """RoI Pooling of boxes (K, 5), finite on the map or not: a maximum does not mind the order, so no bit differs."""
    images, channels, height, width = features.shape
    output = np.zeros((len(table), channels, *size), dtype=features.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        sides = sides_on_map(table[:, 1:], features.dtype.type(spatial_scale), ROI_POOL)
    finite = np.all(np.isfinite(sides), axis=1)
    for n in range(images):
        mine = np.flatnonzero(finite & (table[:, 0] == n))
        if not len(mine):
            continue
        rows = _spans(sides[mine][:, [1, 3]], size[0], height)
        columns = _spans(sides[mine][:, [0, 2]], size[1], width)
        # NaN never wins, and nothing is less than where the maximum starts
        last = np.fmax(features[n].transpose(1, 2, 0), LEAST_MAXIMUM, order="C")
        _maxima_of_boxes(last, rows, columns, mine, output)
    return output


def _spans(asked: Floats, parts: int, cells: int) -> Ints:
    """Cells of the bins of RoI Pool (K, P, 2) on one axis of many boxes, as :func:`geometry.pooled_axis` of each."""
    dtype = asked.dtype
    if np.abs(asked).max() >= MOST_CELLS:  # whole numbers that need more than an integer of the machine
        return np.array([lay_axis(one, parts, cells, ROI_POOL, Split.OVERLAP).read for one in asked]).astype(np.intp)
    first, last = round_half_away_from_zero(asked).astype(np.intp).T
    bin_size = np.maximum(last - first + 1, 1).astype(dtype) / dtype.type(parts)
    part = np.arange(parts).astype(dtype)
    low = np.floor(part * bin_size[:, None]).astype(np.intp)
    high = np.ceil((part + 1) * bin_size[:, None]).astype(np.intp)
    return np.clip(np.stack([low, high], axis=-1) + first[:, None, None], 0, cells)


def _maxima_of_boxes(last: Floats, rows: Ints, columns: Ints, number: Ints, output: Floats) -> None:
    """Some boxes from a channels-last image (H, W, C) into their places in ``output``, one box after the other."""
    _height, width, channels = last.shape
    down, across = output.shape[2:]
    tall = np.empty(down * width * channels, last.dtype)
    result = np.empty((down, across, channels), last.dtype)
    turned = result.reshape(down * across, channels).T
    largest = np.maximum.reduce
    for k, in_y, in_x in zip(number.tolist(), rows.tolist(), columns.tolist(), strict=True):
        x1, x2 = in_x[0][0], in_x[-1][1]
        if x1 >= x2:
            continue
        between = tall[: down * (x2 - x1) * channels].reshape(down, x2 - x1, channels)
        for p, (low, high) in enumerate(in_y):
            if low < high:
                largest(last[low:high, x1:x2], axis=0, out=between[p])
            else:
                between[p] = 0  # an empty bin
        for q, (low, high) in enumerate(in_x):
            if low < high:
                largest(between[:, low - x1 : high - x1], axis=1, out=result[:, q])
            else:
                result[:, q] = 0
        output[k].reshape(channels, down * across)[...] = turned
