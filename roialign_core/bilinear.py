"""One point of a map: its four neighbours, their four weights, its value.

The rule of torchvision, detectron2, mmcv and ONNX Runtime: a point more than one cell outside the outermost cell
centres reads 0, a point within that cell reads the border, every other point is a weighted mean of four cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roialign_core.arguments import as_feature_map, frozen
from roialign_core.errors import RoIError
from roialign_core.geometry import HALF_CELL, Floats, Ints
from roialign_core.operators import Edge, as_float


@dataclass(frozen=True)
class AxisWeights:
    """Of positions on one axis: whether each is inside, its two neighbouring cells, and their weights."""

    inside: NDArray[np.bool_]
    low: Ints
    high: Ints
    to_low: Floats  # l = position - low: the weight of the high cell
    to_high: Floats  # h = 1 - l: the weight of the low cell

    def __getitem__(self, where: Any) -> AxisWeights:
        """The same for some of the positions, in the way of array indexing."""
        return AxisWeights(*(getattr(self, name)[where] for name in self.__dataclass_fields__))


def axis_weights(
    position: Floats, cells: int | Ints, edge: Edge = Edge.ONE_CELL, *, nearest: bool = False
) -> AxisWeights:
    """Neighbours and weights on an axis of ``cells`` cells; ``position`` in index coordinates (cell j's value at j).

    ``cells`` may also be an array that broadcasts with the positions. With the default ``edge`` exactly -1 and exactly
    ``cells`` are inside; NaN never is. ``nearest`` gives all weight to the cell that contains the point.

    >>> w = axis_weights(np.array([-1.0, 1.25, 2.0, 3.5]), 3)
    >>> w.inside.tolist(), w.low.tolist(), w.high.tolist(), w.to_low.tolist()
    ([True, True, True, False], [0, 1, 2, 0], [1, 2, 2, 0], [0.0, 0.25, 0.0, 0.0])
    >>> axis_weights(np.array([-0.25, 1.25]), 3, Edge.FADE).to_high.tolist()
    [0.0, 0.75]
    """
    if edge is Edge.FADE:
        return _fading_weights(position, cells)
    dtype = position.dtype
    reach = REACH[edge]
    inside = (position >= -reach) & (position <= cells - 1 + reach)
    at = np.where(inside, np.maximum(position, dtype.type(0)), dtype.type(0))
    if nearest:
        at = np.floor(at + dtype.type(HALF_CELL))
    low = at.astype(np.intp)
    last = low >= cells - 1
    low = np.where(last, cells - 1, low)
    high = np.where(last, cells - 1, low + 1)
    to_low = np.where(last, dtype.type(0), at - low.astype(dtype))
    if edge is Edge.CENTRES:  # TensorFlow takes floor and ceil: at a centre there is one cell, not a second of weight 0
        high = np.where(to_low > 0, high, low)
    low, high = np.where(inside, low, 0), np.where(inside, high, 0)
    return AxisWeights(inside, low, high, to_low, dtype.type(1) - to_low)


def _fading_weights(position: Floats, cells: int | Ints) -> AxisWeights:
    """The map lies among zeros: a neighbour that is not on the map has no weight."""
    dtype = position.dtype
    inside = (position > -1) & (position < cells)
    at = np.where(inside, position, dtype.type(0))
    below = np.floor(at)
    low = below.astype(np.intp)
    to_low = at - below
    to_high = np.where(low < 0, dtype.type(0), dtype.type(1) - to_low)
    to_low = np.where(low >= cells - 1, dtype.type(0), to_low)
    return AxisWeights(inside, np.maximum(low, 0), np.minimum(low + 1, cells - 1), to_low, to_high)


REACH = {Edge.ONE_CELL: 1.0, Edge.HALF_CELL: 0.5, Edge.CENTRES: 0.0, Edge.FADE: 1.0}
"""How far beyond the outermost centres, in cells, the map is read."""


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def weighted_sum(weights: Floats, values: Floats) -> Floats:
    """((w1·v1 + w2·v2) + w3·v3) + w4·v4 along the last axis, in this order."""
    w, v = weights, values
    joined = ((w[..., 0] * v[..., 0] + w[..., 1] * v[..., 1]) + w[..., 2] * v[..., 2]) + w[..., 3] * v[..., 3]
    return np.asarray(joined)


@np.errstate(invalid="ignore", over="ignore")
def largest_weighted(weights: Floats, values: Floats) -> Floats:
    """The largest of the four weighted cells along the last axis: what ONNX RoiAlign compares in mode "max"."""
    return np.asarray(np.max(weights * values, axis=-1))


@dataclass(frozen=True)
class PointTrace:
    """Everything about one bilinear reading.

    ``y``, ``x`` are map coordinates as drawn (cell j spans [j, j + 1]). Neighbours run top left, top right, bottom
    left, bottom right; ``weights`` are also the areas of the four opposite rectangles. ``share_left`` and
    ``share_right`` (of ``share_top`` and ``share_bottom`` alike) sum to 1: the weights of the sides. ``top`` and
    ``bottom`` are the lerps along x, ``lerp`` the lerp along y of those two, ``value`` the sum of the four weighted
    cells, as the kernels compute it: the same number but for the last bit. ``index_y``, ``index_x`` are the
    kernels' own coordinates, where the value of cell j sits at j.
    """

    feature_map: Floats
    y: float
    x: float
    index_y: float
    index_x: float
    inside: bool
    neighbor_y: Ints
    neighbor_x: Ints
    neighbor_value: Floats
    weights: Floats
    share_top: float
    share_bottom: float
    share_left: float
    share_right: float
    top: float
    bottom: float
    lerp: float
    value: float


@np.errstate(invalid="ignore", over="ignore")
def trace_point(feature_map: Floats, y: float, x: float) -> PointTrace:
    """Read ``feature_map`` (H, W) at one point, map coordinates as drawn.

    Raises
    ------
    MapError : for a map that is not a non-empty (H, W) array.
    RoIError : for a coordinate that is not finite.

    >>> point = trace_point(np.array([[1.0, 2.0], [3.0, 4.0]]), y=1.0, x=0.75)
    >>> point.value, point.weights.tolist()
    (2.25, [0.375, 0.125, 0.375, 0.125])
    """
    feature_map = as_feature_map(feature_map)
    point = as_float(y), as_float(x)
    if not np.isfinite(point).all():
        raise RoIError("point.not_finite", y=repr(y)[:80], x=repr(x)[:80])
    y, x = point
    dtype = feature_map.dtype
    rows, columns = feature_map.shape
    in_y = axis_weights(np.array([y - HALF_CELL], dtype=dtype), rows)
    in_x = axis_weights(np.array([x - HALF_CELL], dtype=dtype), columns)
    neighbor_y, neighbor_x, weights, inside = combine(in_y, in_x)
    values = feature_map[neighbor_y, neighbor_x]
    ly, hy, lx, hx = in_y.to_low[0], in_y.to_high[0], in_x.to_low[0], in_x.to_high[0]
    top = hx * values[0, 0] + lx * values[0, 1]
    bottom = hx * values[0, 2] + lx * values[0, 3]
    here = bool(inside[0])
    return PointTrace(
        feature_map=feature_map,
        y=y,
        x=x,
        index_y=y - HALF_CELL,
        index_x=x - HALF_CELL,
        inside=here,
        neighbor_y=frozen(neighbor_y[0]),
        neighbor_x=frozen(neighbor_x[0]),
        neighbor_value=frozen(values[0]),
        weights=frozen(weights[0]),
        share_top=float(hy),
        share_bottom=float(ly),
        share_left=float(hx),
        share_right=float(lx),
        top=float(top) if here else 0.0,
        bottom=float(bottom) if here else 0.0,
        lerp=float(hy * top + ly * bottom) if here else 0.0,
        value=float(weighted_sum(weights, values)[0]) if here else 0.0,
    )


def interpolate(feature_map: object, y: Floats, x: Floats) -> Floats:
    """Read ``feature_map`` (H, W) at many points, map coordinates as drawn; ``y`` and ``x`` have the same shape.

    >>> interpolate([[1.0, 2.0], [3.0, 4.0]], np.array([1.0, 1.0]), np.array([0.5, 1.0])).tolist()
    [2.0, 2.5]
    """
    feature_map = as_feature_map(feature_map)
    dtype = feature_map.dtype
    index_y, index_x = ((np.ravel(at) - HALF_CELL).astype(dtype) for at in (y, x))
    in_y, in_x = axis_weights(index_y, feature_map.shape[0]), axis_weights(index_x, feature_map.shape[1])
    neighbor_y, neighbor_x, weights, inside = combine(in_y, in_x)
    value = weighted_sum(weights, feature_map[neighbor_y, neighbor_x])
    value[~inside] = 0
    return value.reshape(np.shape(y))


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def read_pairs(features: Floats, y: AxisWeights, x: AxisWeights) -> Floats:
    """Each of ``features`` (C, H, W) where rows ``y`` meet columns ``x``, which broadcast: (C, …), as the kernels add.

    Of (C, P, Q, H, W), a map a bin, the first two axes of the rows and columns are the bins.

    >>> eye = np.eye(3)[None]
    >>> y, x = axis_weights(np.array([0.0, 1.5]), 3), axis_weights(np.array([1.0, 1.5]), 3)
    >>> read_pairs(eye, y[:, None], x[None, :])[0].tolist()
    [[0.0, 0.0], [0.5, 0.5]]
    """
    before: tuple[Any, ...] = (slice(None),)
    if features.ndim == 5:
        rows, columns = features.shape[1:3]
        before += (np.arange(rows).reshape(-1, 1, 1), np.arange(columns).reshape(-1, 1))

    def at(row: Ints, column: Ints) -> Floats:
        return np.asarray(features[*before, row, column])

    value = (y.to_high * x.to_high) * at(y.low, x.low)
    value = value + (y.to_high * x.to_low) * at(y.low, x.high)
    value = value + (y.to_low * x.to_high) * at(y.high, x.low)
    value = value + (y.to_low * x.to_low) * at(y.high, x.high)
    return np.where(y.inside & x.inside, value, value.dtype.type(0))


def combine(in_y: AxisWeights, in_x: AxisWeights) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
    """Four neighbours (S, 4), weights (S, 4) and inside (S,) of points paired from two axes of the same length.

    A point outside has four weights of 0.
    """
    neighbor_y = np.stack([in_y.low, in_y.low, in_y.high, in_y.high], axis=-1)
    neighbor_x = np.stack([in_x.low, in_x.high, in_x.low, in_x.high], axis=-1)
    weights = np.stack(
        [
            in_y.to_high * in_x.to_high,
            in_y.to_high * in_x.to_low,
            in_y.to_low * in_x.to_high,
            in_y.to_low * in_x.to_low,
        ],
        axis=-1,
    )
    inside = in_y.inside & in_x.inside
    weights[~inside] = 0
    return neighbor_y, neighbor_x, weights, inside
