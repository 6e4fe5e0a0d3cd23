"""The outputs of many boxes on one map, as a side of the box moves: bit for bit those of ``trace``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import (
    FARTHEST_SIDE,
    as_feature_map,
    as_output_size,
    as_sampling_ratio,
    as_spatial_scale,
    check_sample_count,
    real,
)
from roialign_core.bilinear import axis_weights, read_pairs
from roialign_core.errors import BoxError
from roialign_core.geometry import Floats, exact_region, round_half_away_from_zero, sides_on_map
from roialign_core.operators import ROI_ALIGN, Aggregate, Frame, Operator, Rounding, as_operator
from roialign_core.trace import trace


def sweep(
    feature_map: ArrayLike,
    boxes: ArrayLike,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int | tuple[int, int] = 2,
) -> Floats:
    """The outputs (n, ph, pw) of ``boxes`` (n, 4) in image pixels on one ``feature_map`` (H, W).

    Equal to the last bit to ``trace(feature_map, box, …).output`` of every box, and much faster: boxes that RoI Pooling
    rounds to the same cells are read once, and RoI Align reads all boxes together.

    Raises
    ------
    RoIError : as :func:`roialign_core.trace.trace`, for the first invalid box.

    >>> from roialign_core import ROI_ALIGN, ROI_POOL
    >>> boxes = [(0, 0, 1 + k / 4, 1) for k in range(4)]
    >>> sweep([[0.0, 1.0], [2.0, 3.0]], boxes, ROI_POOL, 1).ravel().tolist()
    [3.0, 3.0, 3.0, 3.0]
    >>> sweep([[0.0, 1.0], [2.0, 3.0]], boxes, ROI_ALIGN, 1).ravel().tolist()
    [0.375, 0.46875, 0.5625, 0.65625]
    """
    operator = as_operator(operator)
    feature_map = as_feature_map(feature_map)
    boxes = _as_boxes(boxes, 5 if operator.frame is Frame.TURNED else 4)
    rows, columns = as_output_size(output_size)
    scale, ratio = as_spatial_scale(spatial_scale), as_sampling_ratio(sampling_ratio)
    near = np.abs(boxes).max(initial=0) * max(scale, 1) < FARTHEST_SIDE  # False where one is not a number
    regular = near and operator.frame is Frame.SIDES and (boxes[:, :2] <= boxes[:, 2:4]).all()
    if _is_roi_align(operator) and min(ratio) > 0 and regular:
        check_sample_count(ratio[0] * ratio[1] * rows * columns)
        return _together(feature_map, boxes, operator, (rows, columns), scale, ratio)
    same = boxes
    if operator.rounding is Rounding.HALF_AWAY_FROM_ZERO and regular:
        dtype = feature_map.dtype
        same = round_half_away_from_zero(sides_on_map(boxes.astype(dtype), dtype.type(scale), operator))
    _, first, which = np.unique(same, axis=0, return_index=True, return_inverse=True)
    each = np.empty((len(first), rows, columns), dtype=feature_map.dtype)
    for n in np.argsort(first):  # in the order of the boxes: the error is that of the first invalid box
        each[n] = trace(feature_map, boxes[first[n]], operator, (rows, columns), scale, ratio).output
    return each[which.ravel()]


def _as_boxes(boxes: ArrayLike, sides: int) -> Floats:
    code = "boxes.sides" if sides == 4 else "boxes.turned_sides"
    try:
        table = real(boxes, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BoxError(code, shape=repr(boxes)[:80]) from None
    if table.ndim == 1 and not len(table):
        return table.reshape(0, sides)
    if table.ndim != 2 or table.shape[1] != sides:
        raise BoxError(code, shape=table.shape)
    return table


def _is_roi_align(operator: Operator) -> bool:
    """RoI Align of either half-cell convention, with means or maxima."""
    free = {name: getattr(ROI_ALIGN, name) for name in ("name", "origin", "aggregate", "minimum_size")}
    return replace(operator, **free) == ROI_ALIGN


@np.errstate(invalid="ignore", over="ignore")
def _together(
    feature_map: Floats,
    boxes: Floats,
    operator: Operator,
    output_size: tuple[int, int],
    scale: float,
    ratio: tuple[int, int],
) -> Floats:
    """RoI Align of all boxes at once: the operations of a trace in their order, with the boxes as one more axis."""
    dtype = feature_map.dtype
    roi = boxes.astype(dtype) * dtype.type(scale)
    rows, columns = output_size
    y = axis_weights(_lattice(roi[:, 1::2], rows, ratio[0], operator), feature_map.shape[0])
    x = axis_weights(_lattice(roi[:, ::2], columns, ratio[1], operator), feature_map.shape[1])
    total = np.zeros((len(boxes), rows, columns), dtype=dtype)
    join = np.fmax if operator.aggregate is Aggregate.MAX else np.add
    for j in range(ratio[0]):
        for i in range(ratio[1]):
            value = read_pairs(feature_map[None], y[:, :, j, None], x[:, None, :, i])[0]
            total = value if not (i or j) and join is np.fmax else join(total, value)
    return total if join is np.fmax else total / dtype.type(ratio[0] * ratio[1])


def _lattice(rois: Floats, parts: int, grid: int, operator: Operator) -> Floats:
    """Sample positions (n, P, grid) in index coordinates, of ``rois`` (n, 2) on one axis."""
    dtype = rois.dtype
    start, size = exact_region(rois, operator)
    bin_size = (size / dtype.type(parts))[:, None, None]
    part = np.arange(parts).astype(dtype)[:, None]
    k = np.arange(grid).astype(dtype) + dtype.type(0.5)
    return (start[:, None, None] + part * bin_size) + (k * bin_size) / dtype.type(grid)
