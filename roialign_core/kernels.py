"""The fast kernels: means as two small matrix products a box, maxima first along the rows and then along the columns.

Both read a channels-last copy of one image, in which the window of a box is rows of contiguous numbers, and write
channels first. Boxes are shared out among threads, NumPy working outside the interpreter's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from roialign_core.geometry import Floats, Ints, lay_axis, round_half_away_from_zero, sides_on_map
from roialign_core.matrices import AxisMatrices, box_matrices
from roialign_core.operators import ROI_POOL, Operator, Split
from roialign_core.trace import LEAST_MAXIMUM

MOST_WEIGHTS = 2_000_000  # numbers in the matrices of the boxes that are laid out together
FEW_NUMBERS = 400_000  # of map and bins, below which all boxes go into one product
ONE_PRODUCT = 250_000  # multiplications that OpenBLAS does without threads of its own, which would get in our way
MOST_CELLS = 2.0**53
WORTH_A_THREAD = 2_000_000  # numbers of output


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
        last = features[n] if few else np.ascontiguousarray(features[n].transpose(1, 2, 0))
        for a in range(0, len(mine), at_once):
            some = mine[a : a + at_once]
            rows, columns = box_matrices(table[some, 1:], size, (height, width), spatial_scale, operator, ratio)
            if few:
                output[some] = _all_boxes_at_once(last, rows.weights, columns.weights)
            else:
                _share_out(len(some), output[0].size, _means_of_boxes(last, rows, columns, some, output))
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


def _means_of_boxes(
    last: Floats, rows: AxisMatrices, columns: AxisMatrices, number: Ints, output: Floats
) -> Callable[[Iterable[int]], None]:
    """What computes some of the boxes from a channels-last image (H, W, C) into their places in ``output``."""
    height, _width, channels = last.shape
    down, across = output.shape[2:]
    spans = list(zip(rows.first, rows.last, columns.first, columns.last, strict=True))

    def compute(boxes: Iterable[int]) -> None:
        wide = np.empty(height * across * channels, last.dtype)
        result = np.empty((down, across * channels), last.dtype)
        turned = result.reshape(down * across, channels).T
        for k in boxes:
            y1, y2, x1, x2 = (int(at) for at in spans[k])
            if y1 >= y2 or x1 >= x2:
                continue
            wy, wx, window = _window(last, rows.weights[k, :, y1:y2], columns.weights[k, :, x1:x2], y1, x1)
            tall = len(window)
            between = wide[: tall * across * channels]
            np.matmul(wx, window, out=between.reshape(tall, across, channels))
            lines = between.reshape(tall, across * channels)
            step = max(ONE_PRODUCT // (down * tall), channels)
            for a in range(0, across * channels, step):
                np.matmul(wy, lines[:, a : a + step], out=result[:, a : a + step])
            output[number[k]].reshape(channels, down * across)[...] = turned

    return compute


def _window(last: Floats, wy: Floats, wx: Floats, y1: int, x1: int) -> tuple[Floats, Floats, Floats]:
    """The part of the map that a box reads, and its matrices, without the many lines that a large box passes over."""
    tall, wide = wy.shape[1], wx.shape[1]
    if tall * wide > 40 * len(wy) * len(wx):
        y, x = np.flatnonzero(wy.any(axis=0)), np.flatnonzero(wx.any(axis=0))
        if 2 * len(y) * len(x) < tall * wide:
            return wy[:, y], wx[:, x], last[(y1 + y)[:, None], x1 + x]
    return wy, wx, last[y1 : y1 + tall, x1 : x1 + wide]


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
        _share_out(len(mine), output[0].size, _maxima_of_boxes(last, rows, columns, mine, output))
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


def _maxima_of_boxes(
    last: Floats, rows: Ints, columns: Ints, number: Ints, output: Floats
) -> Callable[[Iterable[int]], None]:
    """What computes some of the boxes from a channels-last image (H, W, C) into their places in ``output``."""
    _height, width, channels = last.shape
    down, across = output.shape[2:]
    all_rows, all_columns = rows.tolist(), columns.tolist()

    def compute(boxes: Iterable[int]) -> None:
        tall = np.empty(down * width * channels, last.dtype)
        result = np.empty((down, across, channels), last.dtype)
        turned = result.reshape(down * across, channels).T
        largest = np.maximum.reduce
        for k in boxes:
            x1, x2 = all_columns[k][0][0], all_columns[k][-1][1]
            if x1 >= x2:
                continue
            between = tall[: down * (x2 - x1) * channels].reshape(down, x2 - x1, channels)
            for p, (low, high) in enumerate(all_rows[k]):
                if low < high:
                    largest(last[low:high, x1:x2], axis=0, out=between[p])
                else:
                    between[p] = 0  # an empty bin
            for q, (low, high) in enumerate(all_columns[k]):
                if low < high:
                    largest(between[:, low - x1 : high - x1], axis=1, out=result[:, q])
                else:
                    result[:, q] = 0
            output[number[k]].reshape(channels, down * across)[...] = turned

    return compute


def _share_out(boxes: int, numbers: int, compute: Callable[[Iterable[int]], None]) -> None:
    """Compute ``boxes`` boxes of ``numbers`` output numbers each, on more than one core where that is worth it."""
    workers = min(_cores(), boxes * numbers // WORTH_A_THREAD + 1, boxes)
    if workers < 2:
        compute(range(boxes))
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(compute, [range(first, boxes, workers) for first in range(workers)]))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
