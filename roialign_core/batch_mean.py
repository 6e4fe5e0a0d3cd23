"""Operators that take means, on many boxes: two small matrix products a box, ``Wy @ window @ Wx.T``.

The products read cells with their channels last, so that a window is rows of contiguous numbers, and write channels
first.
"""

from __future__ import annotations

import numpy as np

from roialign_core.geometry import Floats, Ints, Scale
from roialign_core.matrices import MOST_WEIGHTS, AxisMatrices, box_matrices, boxes_at_once
from roialign_core.operators import Operator

SMALL = 60_000  # numbers of a map, times columns of bins: up to there all boxes go into one product
COPY_WHOLE = 0.6  # of the cells of a map: boxes that read fewer have only their windows copied
CHANNELS_AT_ONCE = 128  # with more, a window leaves the cache; with fewer, the products are too short
PADDING = 16  # numbers after each row of a copy: rows a multiple of 4096 bytes apart evict each other from the cache


@np.errstate(over="ignore", invalid="ignore")
def separable_means(
    features: Floats,
    boxes: Floats,
    size: tuple[int, int],
    spatial_scale: Scale,
    operator: Operator,
    ratio: tuple[int, int],
) -> Floats | None:
    """The output (K, C, rows, columns) of a separable operator on ``boxes`` (K, 5) in image pixels.

    For which operators, see :func:`roialign_core.matrices.is_separable`. None where numbers of the maps, or of the
    output alone, are not finite: a product would spread them over the window.

    >>> from roialign_core import ROI_ALIGN
    >>> features = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> separable_means(features, np.array([[0.0, 0, 0, 4, 4]]), (2, 2), 1.0, ROI_ALIGN, (2, 2)).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    images, channels, height, width = features.shape
    output = np.empty((len(boxes), channels, *size), dtype=features.dtype)
    check_output = output.size < features.size  # whichever is smaller is searched for numbers that are not finite
    at_once = boxes_at_once(size, (height, width))
    small = channels * height * width * size[1] <= SMALL
    if small and channels:
        at_once = min(at_once, max(MOST_WEIGHTS // (channels * height * size[1]), 1))
    for n in range(images if output.size else 0):
        of_image = np.flatnonzero(boxes[:, 0] == n)
        if len(of_image) and not check_output and not _all_finite(features[n]):
            return None
        for start in range(0, len(of_image), at_once):
            chosen = of_image[start : start + at_once]
            rows, columns = box_matrices(boxes[chosen, 1:], size, (height, width), spatial_scale, operator, ratio)
            if small:
                output[chosen] = _multiply_together(features[n], rows.weights, columns.weights)
            else:
                _multiply_each(features[n], rows, columns, chosen, output)
            if operator.fill:
                output[chosen] += features.dtype.type(operator.fill) * _outside(rows, columns)
    return None if check_output and not _all_finite(output) else output


def _all_finite(numbers: Floats) -> bool:
    """False where a number is not finite, and perhaps where the sum is too large."""
    return bool(np.isfinite(numbers.sum()))


def _outside(rows: AxisMatrices, columns: AxisMatrices) -> Floats:
    """The part of each bin's readings (K, 1, P, Q) that lies outside the map; 0 for a bin without readings."""
    read = rows.read[:, :, None] * columns.read[:, None]
    return (read - rows.inside[:, :, None] * columns.inside[:, None])[:, None]


def _multiply_together(feature: Floats, wy: Floats, wx: Floats) -> Floats:
    """(C, H, W) and the whole matrices (K, P, H), (K, Q, W) of K boxes to (K, C, P, Q)."""
    channels, height, width = feature.shape
    by_column = feature.reshape(-1, width) @ wx.reshape(-1, width).T
    return np.asarray(wy[:, None] @ by_column.reshape(channels, height, *wx.shape[:2]).transpose(2, 0, 1, 3))


def _multiply_each(feature: Floats, rows: AxisMatrices, columns: AxisMatrices, chosen: Ints, output: Floats) -> None:
    """``Wy @ window @ Wx.T`` of the boxes of one map (C, H, W) into ``output[chosen]``, some channels at a time."""
    (channels, height, width), parts = feature.shape, rows.weights.shape[1]
    tall, wide = rows.last - rows.first, columns.last - columns.first
    in_y = [slice(*ends) for ends in np.stack([rows.first, rows.last], axis=1).tolist()]
    in_x = [slice(*ends) for ends in np.stack([columns.first, columns.last], axis=1).tolist()]
    wy = [weights[:, y] for weights, y in zip(rows.weights, in_y, strict=True)]
    wx = [weights[:, x].T for weights, x in zip(columns.weights, in_x, strict=True)]
    copy_whole = (tall * wide).sum() >= COPY_WHOLE * height * width
    for first in range(0, channels, CHANNELS_AT_ONCE):
        maps = feature[first : first + CHANNELS_AT_ONCE]
        cells = _channels_last(maps) if copy_whole else None
        between = np.empty(parts * wide.max() * len(maps), feature.dtype)  # the two products of a box
        bins = output[:, first : first + CHANNELS_AT_ONCE].transpose(0, 2, 1, 3)
        for y, x, left, right, k in zip(in_y, in_x, wy, wx, chosen.tolist(), strict=True):
            window = np.ascontiguousarray(maps[:, y, x].transpose(1, 2, 0)) if cells is None else cells[y, x]
            h, w, n = window.shape
            by_row = between[: parts * w * n].reshape(parts, w * n)
            np.matmul(left, window.reshape(h, w * n), out=by_row)
            np.matmul(by_row.reshape(parts, w, n).transpose(0, 2, 1), right, out=bins[k])
        del cells, window  # before the next block is copied


def _channels_last(maps: Floats) -> Floats:
    """A copy (H, W, C) of ``maps`` (C, H, W), each row contiguous."""
    channels, height, width = maps.shape
    padded = np.empty((height, width * channels + PADDING), maps.dtype)
    cells = padded[:, : width * channels].reshape(height, width, channels)
    for y in range(height):  # row by row: cells of a channel may be a power of two apart
        cells[y] = np.ascontiguousarray(maps[:, y]).T
    return cells
