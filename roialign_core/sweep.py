"""The outputs of many boxes on one map, as a side of the box moves: bit for bit those of ``trace``."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roialign_core.arguments import (
    FARTHEST_SIDE,
    MOST_SAMPLES,
    as_feature_map,
    as_output_cell,
    as_output_size,
    as_sampling_ratio,
    as_spatial_scale,
    check_sample_count,
    real,
    refuse_masked,
)
from roialign_core.batch_max import is_pooling, pool_boxes
from roialign_core.bilinear import AxisWeights, axis_weights, read_pairs
from roialign_core.errors import BoxError
from roialign_core.geometry import Floats, exact_region, round_half_away_from_zero, sides_on_map
from roialign_core.operators import ROI_ALIGN, Aggregate, Empty, Frame, Operator, Rounding, as_operator
from roialign_core.trace import maximum_of_lattice, mean_in_order, trace

ANSWERED_ALIKE = {field.name for field in fields(Operator)} - {"name", "origin", "aggregate", "minimum_size"}
"""What the operators answer alike that are read as RoI Align."""
MOST_TOGETHER = 50_000  # samples that are read at a time: more do not stay in the processor's cache


def sweep(
    feature_map: ArrayLike,
    boxes: ArrayLike,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int | tuple[int, int] = 2,
    cell: tuple[int, int] | None = None,
) -> Floats:
    """The outputs (n, ph, pw) of ``boxes`` (n, 4) in image pixels on one ``feature_map`` (H, W).

    Equal to the last bit to ``trace(feature_map, box, …).output`` of every box, and much faster: boxes in a row that
    RoI Pooling rounds to the same cells are read once, RoI Align reads all boxes together, and an axis on which no
    box moves is laid once. With ``cell``, a row and a column of the output, the outputs of that bin alone (n, 1, 1).

    Raises
    ------
    RoIError : as :func:`roialign_core.trace.trace`, for the first invalid box.
    OptionError : for a ``cell`` that the output does not have.

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
    bins = (slice(None), slice(None))
    if cell is not None:
        row, column = as_output_cell(cell, (rows, columns))
        bins = (slice(row, row + 1), slice(column, column + 1))
    near = np.abs(boxes).max(initial=0) * max(scale, 1) < FARTHEST_SIDE  # False where one is not a number
    regular = near and operator.frame is Frame.SIDES and (boxes[:, :2] <= boxes[:, 2:4]).all()
    if _is_roi_align(operator) and regular:
        return _together(feature_map, boxes, operator, (rows, columns), scale, ratio, bins)
    same = boxes
    if operator.rounding is Rounding.HALF_AWAY_FROM_ZERO and regular:
        dtype = feature_map.dtype
        same = round_half_away_from_zero(sides_on_map(boxes.astype(dtype), dtype.type(scale), operator))
    is_other = _is_other(same)
    first, which = np.flatnonzero(is_other), np.cumsum(is_other) - 1
    if regular and is_pooling(operator) and operator.empty is Empty.ZERO:
        table = np.concatenate([np.zeros((len(first), 1)), boxes[first]], axis=1).astype(feature_map.dtype)
        pooled = pool_boxes(feature_map[None, None], table, (rows, columns), scale, operator)[:, 0]
        return pooled[which][:, bins[0], bins[1]]
    each = np.empty((len(first), rows, columns), dtype=feature_map.dtype)
    for n, box in enumerate(boxes[first]):
        each[n] = trace(feature_map, box, operator, (rows, columns), scale, ratio).output
    return each[which][:, bins[0], bins[1]]


def _as_boxes(boxes: ArrayLike, sides: int) -> Floats:
    code = "boxes.sides" if sides == 4 else "boxes.turned_sides"
    refuse_masked(boxes, "boxes", BoxError)
    try:
        table = real(boxes, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BoxError(code, shape=repr(boxes)[:80]) from None
    if table.shape == (0,):
        return table.reshape(0, sides)
    if table.ndim != 2 or table.shape[1] != sides:
        raise BoxError(code, shape=table.shape)
    return table


def _is_other(table: NDArray) -> NDArray[np.bool_]:
    """False for a row of a table that is as the row before it.

    >>> _is_other(np.array([[1, 2], [1, 2], [3, 2], [1, 2]])).tolist()
    [True, False, True, True]
    """
    is_other = np.ones(len(table), bool)
    is_other[1:] = (table[1:] != table[:-1]).any(axis=1)
    return is_other


def _is_roi_align(operator: Operator) -> bool:
    """RoI Align of either half-cell convention, with means or maxima."""
    return all(getattr(operator, name) == getattr(ROI_ALIGN, name) for name in ANSWERED_ALIKE)


@np.errstate(invalid="ignore", over="ignore")
def _together(
    feature_map: Floats,
    boxes: Floats,
    operator: Operator,
    output_size: tuple[int, int],
    scale: float,
    ratio: tuple[int, int],
    bins: tuple[slice, slice],
) -> Floats:
    """RoI Align of all boxes: the operations of a trace in their order, with the boxes as one more axis."""
    dtype = feature_map.dtype
    roi = boxes.astype(dtype) * dtype.type(scale)
    rows, columns = (
        _Lattice(exact_region(roi[:, axis::2], operator), parts, feature_map.shape[1 - axis], some)
        for axis, parts, some in ((1, output_size[0], bins[0]), (0, output_size[1], bins[1]))
    )
    grids = np.stack([rows.grids(ratio[0]), columns.grids(ratio[1])], axis=1)
    counts = grids.prod(axis=1) * output_size[0] * output_size[1]
    for too_many in np.flatnonzero(counts > MOST_SAMPLES)[:1]:
        check_sample_count(int(counts[too_many]))
    join = maximum_of_lattice if operator.aggregate is Aggregate.MAX else mean_in_order
    output = np.zeros((len(boxes), rows.read, columns.read), dtype=dtype)
    for first, end in pairwise([*np.flatnonzero(_is_other(grids)).tolist(), len(grids)]):
        down, across = grids[first].tolist()
        at_once = MOST_TOGETHER // max(down * across * rows.read * columns.read, 1)
        if not at_once:  # so many samples that there is nothing to gain
            for n in range(first, end):
                output[n] = trace(feature_map, boxes[n], operator, output_size, scale, ratio).output[bins]
            continue
        for a in range(first, end if down and across else first, at_once):
            some = slice(a, min(a + at_once, end))
            y, x = rows.weights(some, down)[:, :, None, :, None], columns.weights(some, across)[:, None, :, None, :]
            values = read_pairs(feature_map[None], y, x)[0]
            output[some] = join(values.reshape(*values.shape[:3], down * across))
    return output


class _Lattice:
    """One axis of many boxes: where the samples of the bins ``some`` of ``parts`` lie on a map of ``cells``."""

    def __init__(self, region: tuple[Floats, Floats], parts: int, cells: int, some: slice) -> None:
        start, size = region
        self.bin_size = size / size.dtype.type(parts)
        self.start, self.cells = start, cells
        self.part = np.arange(parts).astype(start.dtype)[some]
        self.read = len(self.part)
        self.is_at_rest = bool(len(start)) and bool((start == start[0]).all() and (size == size[0]).all())

    def grids(self, ratio: int) -> NDArray[np.intp]:
        """Samples a bin of every box (n,)."""
        adaptive = np.maximum(np.ceil(self.bin_size), 0)
        return np.full(len(self.start), ratio) if ratio > 0 else adaptive.astype(np.intp)

    def weights(self, some: slice, grid: int) -> AxisWeights:
        """Neighbours and weights (n, P, grid); (1, P, grid) where no box moves on this axis."""
        some = slice(1) if self.is_at_rest else some
        dtype = self.start.dtype
        start, bin_size = (each[some][:, None, None] for each in (self.start, self.bin_size))
        k = np.arange(grid).astype(dtype) + dtype.type(0.5)
        return axis_weights((start + self.part[:, None] * bin_size) + (k * bin_size) / dtype.type(grid), self.cells)
