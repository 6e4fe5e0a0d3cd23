"""Backward passes: gradients with respect to the feature map, and for Precise RoI Pooling also to the box.

RoI Pooling gives the gradient of a bin to the cell that won the maximum, RoI Align to the four cells of each sample,
by their weights. In the libraries neither has a gradient with respect to the box. Precise RoI Pooling integrates up to
the sides of the bin, so moving a side has a derivative: the values along that side.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import (
    ADAPTIVE,
    Boxes,
    as_boxes,
    as_features,
    as_flag,
    as_given,
    as_gradient,
    as_output_size,
    as_sampling_ratio,
    as_scales,
)
from roialign_core.errors import MapError, OptionError
from roialign_core.geometry import FARTHEST_CELL, Floats, Ints, Scale, cells_read, scale_of_sides, sides_on_map
from roialign_core.matrices import (
    AxisMatrices,
    box_matrices,
    boxes_at_once,
    hat,
    hat_integrals,
    is_separable,
    surface_edges,
    two_matrices,
)
from roialign_core.operators import (
    PRECISE_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_POOL,
    Aggregate,
    Interpolation,
    Operator,
    Split,
)
from roialign_core.trace import LEAST_MAXIMUM, Trace

MOST_NUMBERS = 2**40  # in a gradient: more than any machine holds


@np.errstate(invalid="ignore", over="ignore")  # a gradient may hold NaN and infinities
def roi_align_backward(
    grad: ArrayLike,
    boxes: Boxes,
    features_shape: tuple[int, int, int, int],
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
    sampling_ratio: int | tuple[int, int] = -1,
    aligned: bool = False,
) -> Floats:
    """The gradient of RoI Align's mean with respect to the features, by the transposes of its two matrices.

    Parameters
    ----------
    grad : (K, C, rows, columns) float32 or float64, the gradient of the output; float16 as in ``roi_align``.
    boxes : (K, 5) with the batch index first, or a list of N arrays (L, 4); x1, y1, x2, y2 in image pixels.
    features_shape : (N, C, H, W).
    output_size, spatial_scale, sampling_ratio, aligned : as :func:`roialign_core.batch.roi_align`.

    Returns
    -------
    (N, C, H, W) in the dtype of ``grad``.

    Raises
    ------
    MapError, BoxError, OptionError : for invalid arguments, with their shapes or values.

    >>> roi_align_backward(np.ones((1, 1, 2, 2)), [[0, 0, 0, 1, 1]], (1, 1, 2, 2), 2, 1.0, 2, True)[0, 0].tolist()
    [[3.0625, 0.4375], [0.4375, 0.0625]]
    """
    given, shape = grad, as_features_shape(features_shape)
    size, scale, ratio = as_output_size(output_size), as_scales(spatial_scale), as_sampling_ratio(sampling_ratio)
    grad = as_gradient(grad)
    table = as_boxes(boxes, shape[0], grad.dtype)
    _check_grad(grad, len(table), shape[1], size)
    operator = ROI_ALIGN if as_flag(aligned, "aligned") else ROI_ALIGN_LEGACY
    result = np.zeros(shape, grad.dtype)
    at_once = boxes_at_once(size, shape[2:])
    for first in range(0, len(table), at_once):
        some = slice(first, first + at_once)
        in_y, in_x = box_matrices(table[some, 1:], size, shape[2:], scale, operator, ratio)
        _scatter_back(result, grad[some], table[some, 0].astype(np.intp), in_y, in_x)
    return as_given(result, given)


def roi_pool_backward(
    grad: ArrayLike,
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
) -> Floats:
    """The gradient (N, C, H, W) of RoI Pooling: that of a bin goes to the first of its largest cells.

    Parameters and errors as :func:`roi_align_backward`; ``features`` are those of the forward pass, and ``grad`` is
    computed with, and given back, in their dtype.

    >>> features = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> roi_pool_backward(np.ones((1, 1, 1, 1)), features, [[0, 0, 0, 1, 1]], 1)[0, 0, :2, :2].tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    size, scale = as_output_size(output_size), as_scales(spatial_scale)
    grad = as_gradient(grad)
    given, features = features, as_features(features)
    grad = grad.astype(features.dtype, copy=False)
    images, channels, height, width = features.shape
    table = as_boxes(boxes, images, features.dtype)
    _check_grad(grad, len(table), channels, size)
    result = np.zeros(features.shape, features.dtype)
    every = np.arange(channels)
    for k, image, rows, columns in _pooled(table, size, (height, width), scale):
        for p, (y1, y2) in enumerate(rows):
            for q, (x1, x2) in enumerate(columns):
                if y1 >= y2 or x1 >= x2:
                    continue
                cells = features[image, :, y1:y2, x1:x2].reshape(channels, (y2 - y1) * (x2 - x1))
                comparable = np.where(np.isnan(cells), -np.inf, cells)
                best = np.argmax(comparable, axis=1)
                won = comparable[every, best] > LEAST_MAXIMUM
                y, x = np.divmod(best, x2 - x1)
                result[image, every[won], y1 + y[won], x1 + x[won]] += grad[k, won, p, q]
    return as_given(result, given)


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def prroi_pool_backward(
    grad: ArrayLike,
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
) -> tuple[Floats, Floats]:
    """The gradients of Precise RoI Pooling with respect to features (N, C, H, W) and boxes (K, 5).

    The columns of the second are the batch index, always 0, and x1, y1, x2, y2, per image pixel. Both are in the dtype
    of ``features``. Parameters and errors as :func:`roi_align_backward`.

    >>> to_map, to_box = prroi_pool_backward(np.ones((1, 1, 2, 2)), [[[[1.0, 2.0], [3.0, 4.0]]]], [[0, 0, 0, 1, 1]], 2)
    >>> to_map[0, 0].tolist(), to_box.tolist()
    ([[1.0, 1.0], [1.0, 1.0]], [[0.0, 2.0, 4.0, 2.0, 4.0]])
    """
    size, scale = as_output_size(output_size), as_scales(spatial_scale)
    grad = as_gradient(grad)
    given, features = features, as_features(features)
    grad = grad.astype(features.dtype, copy=False)
    images, channels, height, width = features.shape
    table = as_boxes(boxes, images, features.dtype)
    _check_grad(grad, len(table), channels, size)
    to_map = np.zeros(features.shape, features.dtype)
    at_once = boxes_at_once(size, (height, width))
    for first in range(0, len(table), at_once):
        some = slice(first, first + at_once)
        in_y, in_x = box_matrices(table[some, 1:], size, (height, width), scale, PRECISE_ROI_POOL, (ADAPTIVE, ADAPTIVE))
        _scatter_back(to_map, grad[some], table[some, 0].astype(np.intp), in_y, in_x)
    return as_given(to_map, given), as_given(_to_boxes(grad, features, table, size, scale), given)


@np.errstate(invalid="ignore", over="ignore")
def _to_boxes(grad: Floats, features: Floats, table: Floats, size: tuple[int, int], scale: Scale) -> Floats:
    """The gradient (K, 5) of Precise RoI Pooling with respect to the boxes of a table (K, 5)."""
    height, width = features.shape[2:]
    scale_y, scale_x = scale if isinstance(scale, tuple) else (scale, scale)
    to_box = np.zeros((len(table), 5), features.dtype)
    at_once = boxes_at_once(size, (height, width))
    for first in range(0, len(table), at_once):
        some = slice(first, first + at_once)
        in_y, in_x = box_matrices(table[some, 1:], size, (height, width), scale, PRECISE_ROI_POOL, (ADAPTIVE, ADAPTIVE))
        moved_y = _side_derivatives(table[some][:, [2, 4]], size[0], height, scale_y)
        moved_x = _side_derivatives(table[some][:, [1, 3]], size[1], width, scale_x)
        for k, n in enumerate(table[some, 0].astype(np.intp)):
            grad_output = grad[first + k].astype(np.float64)
            y, x = slice(in_y.first[k], in_y.last[k]), slice(in_x.first[k], in_x.last[k])  # other cells have no weight
            wy, wx = in_y.weights[k, :, y].astype(np.float64), in_x.weights[k, :, x].astype(np.float64)
            across, down = features[n, :, y, x] @ wx.T, wy @ features[n, :, y, x]
            for side in range(2):
                to_box[first + k, 1 + 2 * side] = np.vdot(grad_output, down @ moved_x[side, k, :, x].T) * scale_x
                to_box[first + k, 2 + 2 * side] = np.vdot(grad_output, moved_y[side, k, :, y] @ across) * scale_y
    return to_box


def map_gradient(trace: Trace, cell: tuple[int, int] | None = None) -> Floats:
    """The gradient (H, W) of one output cell, or of the sum of all, with respect to the map.

    For a maximum of cells one cell a bin is not 0, for a mean of bilinear samples a patch of cells.

    Raises
    ------
    OptionError : for a cell that the output does not have.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> t = trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2)
    >>> map_gradient(t).tolist(), map_gradient(t, (1, 1)).tolist()
    ([[3.0625, 0.4375], [0.4375, 0.0625]], [[0.5625, 0.1875], [0.1875, 0.0625]])
    """
    if is_separable(trace.operator):
        wy, wx = two_matrices(trace)
        if cell is not None:
            row, column = trace.output_cell(cell)
            return np.outer(wy[row], wx[column])
        return np.outer(wy.sum(axis=0), wx.sum(axis=0))
    if trace.operator.aggregate is Aggregate.MAX:
        points, share = trace.winners, np.ones((), trace.output.dtype)
        mine = slice(None) if cell is None else (points.bin == trace.output_cell(cell)).all(axis=1)
    else:
        points, share = trace.points, trace.sample_share[:, None]
        mine = slice(None) if cell is None else _slice_of(trace, cell)
    weights = (points.weights * share)[mine]
    at = points.neighbor_y[mine], points.neighbor_x[mine]
    if trace.operator.interpolation is Interpolation.LARGEST_CORNER:  # only the corner that was the largest
        readings = points.weights[mine] * trace.feature_map[at]
        weights = np.where(np.arange(4) == readings.argmax(axis=1)[:, None], weights, 0)
    height, width = trace.feature_map.shape
    flat = np.bincount((at[0] * width + at[1]).ravel(), weights=weights.ravel(), minlength=height * width)
    return flat.reshape(height, width).astype(trace.feature_map.dtype)


def box_gradient(trace: Trace, cell: tuple[int, int] | None = None) -> Floats:
    """The gradient (4,) of one output cell, or of the sum of all, with respect to x1, y1, x2, y2, per image pixel.

    Raises
    ------
    OptionError : for an operator without such a gradient, and for a cell that the output does not have.

    >>> from roialign_core import PRECISE_ROI_POOL, trace
    >>> t = trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), PRECISE_ROI_POOL, 2)
    >>> box_gradient(t).tolist(), box_gradient(t, (0, 0)).tolist()
    ([2.0, 4.0, 2.0, 4.0], [0.75, 1.5, 0.25, 0.5])
    """
    if not has_box_gradient(trace.operator):
        raise OptionError("grad.box", name=trace.operator.name)
    grad = np.zeros((1, 1, *trace.output_size), trace.output.dtype)
    grad[(0, 0, *trace.output_cell(cell)) if cell is not None else ...] = 1
    table = np.concatenate([[0], trace.box]).astype(trace.output.dtype)[None]
    return _to_boxes(grad, trace.feature_map[None, None], table, trace.output_size, trace.spatial_scale)[0, 1:]


def has_box_gradient(operator: Operator) -> bool:
    """True for Precise RoI Pooling under any name."""
    return _arithmetic(operator) == _arithmetic(PRECISE_ROI_POOL)


def _arithmetic(operator: Operator) -> tuple[object, ...]:
    return tuple(value for name, value in vars(operator).items() if name not in ("name", "channels", "clip", "empty"))


def _slice_of(trace: Trace, cell: tuple[int, int]) -> slice:
    """The samples of one output cell."""
    mine = trace.samples_of(*trace.output_cell(cell))
    return slice(mine.start, mine.stop)


def _scatter_back(result: Floats, grad: Floats, image: Ints, in_y: AxisMatrices, in_x: AxisMatrices) -> None:
    """Add ``Wy.T @ grad @ Wx`` of each box to the gradient of its image."""
    for k, n in enumerate(image):
        y1, y2, x1, x2 = in_y.first[k], in_y.last[k], in_x.first[k], in_x.last[k]
        if y1 >= y2 or x1 >= x2:
            continue
        window, wy, wx = result[n, :, y1:y2, x1:x2], in_y.weights[k, :, y1:y2], in_x.weights[k, :, x1:x2]
        if np.isfinite(grad[k]).all():
            window += wy.T @ grad[k] @ wx
            continue
        for p, q in np.ndindex(*grad.shape[2:]):  # a product would spread a number that is not finite over the window
            y, x = np.flatnonzero(wy[p]), np.flatnonzero(wx[q])
            window[:, y[:, None], x] += grad[k, :, p, q, None, None] * np.outer(wy[p, y], wx[q, x])


def _side_derivatives(pixels: Floats, parts: int, cells: int, scale: float) -> Floats:
    """Derivatives (2, K, P, cells) of the matrices with respect to the start and the end of the region, in cells.

    The mean over [a, b] is I / (b - a), so its derivative is (value at b - mean) / (b - a) with respect to b, and
    (mean - value at a) / (b - a) to a. Both edges of a bin move with both sides of the region, by their place between.
    """
    low, high = surface_edges(pixels * pixels.dtype.type(scale), parts, PRECISE_ROI_POOL)
    size = (high - low)[..., None]
    mean = hat_integrals(low, high, cells)
    cell, safe = np.arange(float(cells)), np.where(size > 0, size, 1)
    at_high = np.where(size > 0, (hat(high[..., None] - cell) - mean) / safe, 0)
    at_low = np.where(size > 0, (mean - hat(low[..., None] - cell)) / safe, 0)
    place = (np.arange(parts + 1) / parts)[:, None]  # of each edge between the sides: 0 at the start, 1 at the end
    with_start = at_low * (1 - place[:-1]) + at_high * (1 - place[1:])
    with_end = at_low * place[:-1] + at_high * place[1:]
    return np.stack([with_start, with_end])


def _pooled(
    table: Floats, size: tuple[int, int], cells: tuple[int, int], scale: Scale
) -> Iterator[tuple[int, int, Ints, Ints]]:
    """For each box that is finite on the map: its index, its image, and the cells of its bins, rows and columns."""
    with np.errstate(over="ignore", invalid="ignore"):
        sides = sides_on_map(table[:, 1:], scale_of_sides(scale, table.dtype), ROI_POOL)
    finite = np.flatnonzero(np.all(np.abs(sides) < FARTHEST_CELL, axis=1))
    rows = cells_read(sides[finite][:, [1, 3]], size[0], cells[0], ROI_POOL, Split.OVERLAP)
    columns = cells_read(sides[finite][:, [0, 2]], size[1], cells[1], ROI_POOL, Split.OVERLAP)
    return zip(finite.tolist(), table[finite, 0].astype(int).tolist(), rows, columns, strict=True)


def as_features_shape(shape: object) -> tuple[int, int, int, int]:
    """(N, C, H, W) of whole numbers, the last two at least 1."""
    try:
        images, channels, height, width = (index(n) for n in shape)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise MapError("features.shape", shape=repr(shape)) from None
    if min(images, channels) < 0 or min(height, width) < 1 or images * channels * height * width > MOST_NUMBERS:
        raise MapError("features.shape", shape=repr(shape))
    return images, channels, height, width


def _check_grad(grad: Floats, count: int, channels: int, size: tuple[int, int]) -> None:
    if grad.shape != (count, channels, *size):
        raise MapError("grad.shape", expected=(count, channels, *size), shape=grad.shape)
