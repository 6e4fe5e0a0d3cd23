"""The operators on features (N, C, H, W) and many boxes, with torchvision's argument order and defaults.

Fast: ``roi_align``, ``prroi_pool`` and ``roi_warp`` multiply by two small matrices a box and differ from the trace by
rounding alone, in float32 less than 1e-6 of the largest number of the map (see ``exact`` of ``roi_align``). Bit for bit
torchvision's: ``roi_align(exact=True)``, ``ps_roi_align`` and ``ps_roi_pool``; ONNX Runtime's: ``crop_and_resize``.
``roi_pool`` is fast and exact, as a maximum does not round.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import (
    Boxes,
    as_boxes,
    as_features,
    as_flag,
    as_given,
    as_output_size,
    as_sampling_ratio,
    as_scales,
    check_sample_count,
)
from roialign_core.batch_max import is_pooling, pool_boxes
from roialign_core.batch_mean import separable_means
from roialign_core.bilinear import AxisWeights, axis_weights, read_pairs
from roialign_core.errors import BoxError, MapError, OptionError
from roialign_core.geometry import (
    FARTHEST_CELL,
    Axis,
    Floats,
    Scale,
    lay_axis,
    points_from_end_to_end,
    scale_of_sides,
)
from roialign_core.matrices import is_separable
from roialign_core.operators import (
    LARGEST,
    PRECISE_ROI_POOL,
    PS_ROI_ALIGN,
    PS_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_ROTATED,
    ROI_POOL,
    ROI_WARP,
    Channels,
    Edge,
    Empty,
    Frame,
    Operator,
    Reading,
    as_float,
    as_operator,
)
from roialign_core.trace import mean_in_order, trace_channels

MOST_TOGETHER = 20_000  # numbers interpolated at a time: more do not stay in the processor's cache
LEAST_TOGETHER = 8  # sample columns: fewer are faster one by one


def roi_align(
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
    sampling_ratio: int | tuple[int, int] = -1,
    aligned: bool = False,
    *,
    mode: str = "avg",
    exact: bool = False,
) -> Floats:
    """RoI Align of many boxes, as ``torchvision.ops.roi_align``; ``mode="max"`` as mmcv and the article.

    Parameters
    ----------
    features : (N, C, H, W) float32 or float64; or float16, which is computed as float32 and given back as float16.
    boxes : (K, 5) with the batch index first, or a list of N arrays (L, 4); x1, y1, x2, y2 in image pixels.
    output_size : bins, a number for both axes or (rows, columns).
    spatial_scale : map cells an image pixel, a number for both axes or (rows, columns).
    sampling_ratio : samples a bin on each axis, a number for both or (rows, columns); 0 or less is adaptive. At most a
        million samples a box; where the mean is not ``exact``, a million on each axis.
    aligned : True subtracts half a cell from the box, so that it lands where it was drawn.
    mode : "avg", or "max" of the interpolated samples. mmcv's maximum begins at -10000 instead: it gives that where all
        samples of a bin are below it, and for a bin without samples, which is 0 here.
    exact : True adds in torchvision's order, bit for bit. False computes the mean as two matrix products a box, many
        times faster. In float32 the two are within 1e-6 of the largest number of the map of each other, up to 4 × 4
        samples a bin; n samples, more than that, within n · 2**-24 of it, as torchvision's sum rounds n times. Where
        numbers cancel, that may be much of a mean near 0. A maximum, and features that are not all finite, are always
        computed in torchvision's order.

    Returns
    -------
    (K, C, rows, columns) in the dtype of ``features``. The output is 0 for a box that is not finite on the map
    and for a box whose adaptive grid has more than 2**31 samples.

    Raises
    ------
    MapError, BoxError, OptionError : for invalid arguments, with their shapes or values.

    >>> features = np.arange(25.0).reshape(1, 1, 5, 5)
    >>> roi_align(features, [[0, 1, 1, 3, 3]], 4)[0, 0, 0].tolist()
    [7.5, 8.0, 8.5, 9.0]
    """
    given, features = features, as_features(features)
    boxes = as_boxes(boxes, len(features), features.dtype)
    rows, columns = as_output_size(output_size)
    ratio = as_sampling_ratio(sampling_ratio)
    if not isinstance(mode, str) or mode not in ("avg", "max"):
        raise OptionError("mode", mode=repr(mode))
    operator = ROI_ALIGN if as_flag(aligned, "aligned") else ROI_ALIGN_LEGACY
    scale = as_scales(spatial_scale)
    fast = not as_flag(exact, "exact") and mode == "avg"
    means = separable_means(features, boxes, (rows, columns), scale, operator, ratio) if fast else None
    if means is not None:
        return as_given(means, given)
    output = np.zeros((len(boxes), features.shape[1], rows, columns), dtype=features.dtype)
    check_sample_count(max(ratio[0], 0) * max(ratio[1], 0) * rows * columns)
    for k, (image, in_y, in_x) in enumerate(_axes_of_boxes(features, boxes, rows, columns, scale, operator)):
        if not (in_y.is_countable(ratio[0]) and in_x.is_countable(ratio[1])):
            continue
        grid_y = ratio[0] if ratio[0] > 0 else in_y.adaptive_grid
        grid_x = ratio[1] if ratio[1] > 0 else in_x.adaptive_grid
        output[k] = _aggregate_lattice(features[image], in_y, in_x, (grid_y, grid_x), mode)
    return as_given(output, given)


def roi_pool(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: Scale = 1.0
) -> Floats:
    """RoI Pooling of many boxes, as ``torchvision.ops.roi_pool``: fast and exact.

    Parameters, result and errors as :func:`roi_align`. A side beyond 2**53 cells counts as not finite.

    >>> features = np.arange(48.0).reshape(1, 1, 8, 6)
    >>> roi_pool(features, [[0, 0, 0, 3, 3]], 2)[0, 0].tolist()
    [[7.0, 9.0], [19.0, 21.0]]
    """
    given, features = features, as_features(features)
    boxes = as_boxes(boxes, len(features), features.dtype)
    pooled = pool_boxes(features, boxes, as_output_size(output_size), as_scales(spatial_scale), ROI_POOL)
    return as_given(pooled, given)


def ps_roi_align(
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
    sampling_ratio: int | tuple[int, int] = -1,
) -> Floats:
    """Position-sensitive RoI Align, as ``torchvision.ops.ps_roi_align``: exact.

    ``features`` have C·rows·columns channels: bin (p, q) of output channel c reads channel (c·rows + p)·columns + q.
    Where the grid is adaptive, the output is NaN for a box without area, and 0 for a box that is reversed by a cell a
    bin or more. Otherwise as :func:`roi_align` with ``aligned=True``.

    >>> features = np.arange(4.0).reshape(1, 4, 1, 1) * np.ones((1, 4, 3, 3))
    >>> ps_roi_align(features, [[0, 0, 0, 3, 3]], 2)[0, 0].tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """
    given, features = features, as_features(features)
    boxes = as_boxes(boxes, len(features), features.dtype)
    rows, columns = as_output_size(output_size)
    ratio, scale = as_sampling_ratio(sampling_ratio), as_scales(spatial_scale)
    groups = _groups(features, rows, columns)
    check_sample_count(max(ratio[0], 0) * max(ratio[1], 0) * rows * columns)
    output = np.zeros((len(boxes), groups.shape[1], rows, columns), dtype=features.dtype)
    for k, (image, in_y, in_x) in enumerate(_axes_of_boxes(features, boxes, rows, columns, scale, PS_ROI_ALIGN)):
        if not (in_y.is_countable(ratio[0]) and in_x.is_countable(ratio[1])):
            continue
        grid_y = ratio[0] if ratio[0] > 0 else in_y.signed_grid
        grid = (grid_y, ratio[1] if ratio[1] > 0 else in_x.signed_grid)
        if min(grid) > 0:
            output[k] = _aggregate_lattice(groups[image], in_y, in_x, grid, "avg")
        else:  # the kernel still divides 0 by the number of samples
            output[k] = np.nan if 0 in grid else np.copysign(0, grid[0] * grid[1])
    return as_given(output, given)


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def ps_roi_pool(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: Scale = 1.0
) -> Floats:
    """Position-sensitive RoI Pooling, as ``torchvision.ops.ps_roi_pool``: exact.

    ``features`` as for :func:`ps_roi_align`, otherwise as :func:`roi_pool`. As in torchvision, the last row and column
    of the map are never read.

    >>> ps_roi_pool(np.arange(16.0).reshape(1, 1, 4, 4), [[0, 0, 0, 4, 4]], 1).tolist()
    [[[[5.0]]]]
    """
    given, features = features, as_features(features)
    boxes = as_boxes(boxes, len(features), features.dtype)
    (rows, columns), scale = as_output_size(output_size), as_scales(spatial_scale)
    groups = _groups(features, rows, columns)
    channels = groups.shape[1]
    output = np.zeros((len(boxes), channels, rows, columns), dtype=features.dtype)
    with np.errstate(over="ignore"):
        sides = boxes[:, 1:] * scale_of_sides(scale, features.dtype)
        finite = np.all(np.abs(sides) < FARTHEST_CELL, axis=1)
    axes = _axes_of_boxes(features, boxes[finite], rows, columns, scale, PS_ROI_POOL)
    for k, (image, in_y, in_x) in zip(np.flatnonzero(finite), axes, strict=True):
        for p, (y1, y2) in enumerate(in_y.read.astype(np.intp)):
            for q, (x1, x2) in enumerate(in_x.read.astype(np.intp)):
                if y1 < y2 and x1 < x2:
                    cells = groups[image, :, p, q, y1:y2, x1:x2].reshape(channels, (y2 - y1) * (x2 - x1))
                    output[k, :, p, q] = mean_in_order(cells)
    return as_given(output, given)


def prroi_pool(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: Scale = 1.0
) -> Floats:
    """Precise RoI Pooling, as mmcv's ``prroi_pool``: the exact integral of the bilinear surface over the bin's area.

    Parameters, result and errors as :func:`roi_align`; no half cell is subtracted. A box without area
    gives 0.

    Source: Jiang et al. 2018, *Acquisition of Localization Confidence for Accurate Object Detection*.

    >>> prroi_pool([[[[1.0, 2.0], [3.0, 4.0]]]], [[0, 0, 0, 1, 1]], 2)[0, 0].tolist()
    [[1.75, 2.25], [2.75, 3.25]]
    """
    return extract(features, boxes, PRECISE_ROI_POOL, output_size, spatial_scale)


def roi_warp(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: Scale = 1.0
) -> Floats:
    """RoI Warp of Multi-task Network Cascades: one bilinear reading at the first corner of each bin of a rounded box.

    Parameters, result and errors as :func:`roi_align`.

    >>> roi_warp(np.arange(16.0).reshape(1, 1, 4, 4), [[0, 0.4, 0.6, 2.6, 2.9]], 2)[0, 0].tolist()
    [[4.0, 5.5], [8.0, 9.5]]
    """
    return extract(features, boxes, ROI_WARP, output_size, spatial_scale)


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def crop_and_resize(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], extrapolation_value: float = 0.0
) -> Floats:
    """TensorFlow's ``tf.image.crop_and_resize(method="bilinear")`` on channels-first features.

    In the operator's own coordinates and its order of operations: in float32 bit for bit ONNX Runtime's. TensorFlow's
    differs where its sum of steps ends beyond the map by rounding (see :func:`points_from_end_to_end`), and it refuses
    a box that is not finite: here, as in ONNX Runtime, a sample that is not on the map reads ``extrapolation_value``.

    Parameters
    ----------
    features : (N, C, H, W) float16, float32 or float64, as for :func:`roi_align`.
    boxes : (K, 5) with the batch index first, or a list of N arrays (L, 4); normalised y1, x1, y2, x2:
        0 is the centre of the first cell and 1 that of the last. Reversed sides flip the crop.
    output_size : bins, a number for both axes or (rows, columns).
    extrapolation_value : the value of samples beyond the centres of the outermost cells.

    Returns
    -------
    (K, C, rows, columns) in the dtype of ``features``.

    Raises
    ------
    MapError, BoxError, OptionError : for invalid arguments, with their shapes or values.

    >>> crop_and_resize([[[[1.0, 2.0], [3.0, 4.0]]]], [[0, 0, 0, 1, 1]], 3)[0, 0].tolist()
    [[1.0, 1.5, 2.0], [2.0, 2.5, 3.0], [3.0, 3.5, 4.0]]
    """
    given, features = features, as_features(features)
    table = as_boxes(boxes, len(features), features.dtype)
    (rows, columns), (height, width) = as_output_size(output_size), features.shape[2:]
    fill = as_float(extrapolation_value)
    if not abs(fill) <= LARGEST:
        raise OptionError("extrapolation_value", value=repr(extrapolation_value)[:80])
    in_y = axis_weights(points_from_end_to_end(table[:, 1], table[:, 3], rows, height), height, Edge.CENTRES)
    in_x = axis_weights(points_from_end_to_end(table[:, 2], table[:, 4], columns, width), width, Edge.CENTRES)
    output = np.empty((len(table), features.shape[1], rows, columns), dtype=features.dtype)
    for k, image in enumerate(table[:, 0].astype(np.intp)):
        y, x = in_y[k, :, None], in_x[k]
        top, bottom = (
            (left := features[image][:, row, x.low]) + (features[image][:, row, x.high] - left) * x.to_low
            for row in (y.low, y.high)
        )
        output[k] = np.where(y.inside & x.inside, top + (bottom - top) * y.to_low, features.dtype.type(fill))
    return as_given(output, given)


def roi_align_rotated(
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
    sampling_ratio: int | tuple[int, int] = -1,
) -> Floats:
    """Rotated RoI Align, as detectron2's ``roi_align_rotated``.

    ``boxes`` are (K, 6): the batch index, centre x, centre y, width, height in image pixels, and the angle in degrees
    counterclockwise; or a list of N arrays (L, 5). Otherwise as :func:`roi_align` with ``aligned=True``.

    >>> features = np.arange(25.0).reshape(1, 1, 5, 5)
    >>> roi_align_rotated(features, [[0, 2, 2, 2, 2, 90]], 2, sampling_ratio=2)[0, 0].round(9).tolist()
    [[11.0, 6.0], [12.0, 7.0]]
    """
    return extract(features, boxes, ROI_ALIGN_ROTATED, output_size, spatial_scale, sampling_ratio)


def extract(
    features: ArrayLike,
    boxes: Boxes,
    operator: Operator,
    output_size: int | tuple[int, int],
    spatial_scale: Scale = 1.0,
    sampling_ratio: int | tuple[int, int] = 2,
) -> Floats:
    """Any :class:`Operator` on many boxes; fast where it takes means, or maxima of whole cells.

    Parameters, result and errors as :func:`roi_align` and :func:`roialign_core.trace.trace`. Other operators are
    computed box by box, in all channels at once. A box that is not finite on the map reads the operator's fill.

    >>> from dataclasses import replace
    >>> from roialign_core import ROI_POOL
    >>> mean_of_cells = replace(ROI_POOL, aggregate="mean")
    >>> extract(np.arange(16.0).reshape(1, 1, 4, 4), [[0, 0, 0, 3, 3]], mean_of_cells, 2)[0, 0].tolist()
    [[2.5, 4.5], [10.5, 12.5]]
    """
    operator = as_operator(operator)
    given, features = features, as_features(features)
    rotated = operator.frame is Frame.TURNED
    table = as_boxes(boxes, len(features), features.dtype, sides=5 if rotated else 4)
    size, ratio = as_output_size(output_size), as_sampling_ratio(sampling_ratio)
    scale = as_scales(spatial_scale)
    if rotated and isinstance(scale, tuple):
        raise OptionError("spatial_scale.turned", spatial_scale=repr(spatial_scale)[:80])
    plain = operator.channels is Channels.OWN  # not position-sensitive
    with np.errstate(over="ignore", invalid="ignore"):
        sides = np.abs(table[:, 1:5] * scale_of_sides(scale, features.dtype))
    finite = np.isfinite(sides).all(axis=1) & np.isfinite(table).all(axis=1)
    by_sample = operator.reading is Reading.ENDS  # a side that is finite is read where the other is not
    if plain and operator.empty is Empty.ZERO:
        if is_pooling(operator):
            return as_given(pool_boxes(features, table, size, scale, operator), given)
        means = separable_means(features, table, size, scale, operator, ratio) if is_separable(operator) else None
        if means is not None:
            if operator.fill and not by_sample:
                means[~finite] = operator.fill
            return as_given(means, given)
    groups = features if plain else _groups(features, *size)
    output = np.full((len(table), groups.shape[1], *size), operator.fill, dtype=features.dtype)
    for box in table[(table[:, 3:5] < 0).any(axis=1) & finite][:1] if rotated else ():
        raise BoxError("box.turned_size", width=float(box[3]), height=float(box[4]))
    near = (sides < FARTHEST_CELL).all(axis=1) & finite
    for k in range(len(table)) if by_sample else np.flatnonzero(near):
        box = table[k]
        with np.errstate(over="ignore", invalid="ignore"):
            output[k] = trace_channels(groups[int(box[0])], box[1:], operator, size, scale, ratio)
    return as_given(output, given)


def _groups(features: Floats, rows: int, columns: int) -> Floats:
    """(N, C·rows·columns, H, W) as (N, C, rows, columns, H, W)."""
    images, channels, height, width = features.shape
    if channels % (rows * columns):
        raise MapError("features.groups", bins=rows * columns, channels=channels)
    return features.reshape(images, channels // (rows * columns), rows, columns, height, width)


@np.errstate(invalid="ignore", over="ignore")
def _aggregate_lattice(feature: Floats, in_y: Axis, in_x: Axis, grid: tuple[int, int], mode: str) -> Floats:
    """(C, H, W), or (C, ph, pw, H, W) with a map a bin, to (C, ph, pw), adding in the order of the kernels.

    Sample rows and columns that lie outside the map in every bin add 0 and are skipped: the work is bounded by the
    map, however large the box is.
    """
    channels, (height, width) = len(feature), feature.shape[-2:]
    dtype = feature.dtype
    shape = (channels, len(in_y.bins), len(in_x.bins))
    if not grid[0] * grid[1]:
        return np.zeros(shape, dtype=dtype)
    rows, columns = _inner(in_y, grid[0], height), _inner(in_x, grid[1], width)
    skipped = mode == "max" and (rows.low.shape[1] < grid[0] or columns.low.shape[1] < grid[1])
    total = np.zeros(shape, dtype=dtype)
    first = not skipped  # a skipped sample is 0, which takes part in a maximum
    at_once = min(MOST_TOGETHER // max(total.size, 1), columns.low.shape[1])
    if at_once < LEAST_TOGETHER:
        at_once = 1
    for j in range(rows.low.shape[1]):
        for i in range(0, columns.low.shape[1], at_once):
            value = read_pairs(feature, rows[:, None, j : j + 1], columns[None, :, i : i + at_once])
            if mode == "max":
                largest = np.fmax.reduce(value, axis=-1)
                total = largest if first else np.fmax(total, largest)
                first = False
            else:
                value[..., 0] += total
                total = np.cumsum(value, axis=-1)[..., -1] if value.shape[-1] > 1 else value[..., 0]
    return total if mode == "max" else total / dtype.type(grid[0] * grid[1])


def _inner(axis: Axis, grid: int, cells: int) -> AxisWeights:
    """The weights (P, n) of those n of the ``grid`` samples a bin that are on the map in any of the bins.

    Positions are computed only for samples that can be: those of a bin of size b are b / grid apart.
    """
    ends = (np.array([-1.0, float(cells)]) - float(axis.start)) / float(axis.bin_size or 1) * grid  # of the whole axis
    near = np.arange(len(axis.bins))[:, None] * grid
    first, last = np.clip(np.stack([ends[0] - near - 2, ends[1] - near + 2]), 0, grid).astype(object)
    reach = {int(k) for a, b in zip(first.ravel(), last.ravel(), strict=True) for k in range(int(a), int(b))}
    places = np.array(sorted(reach if axis.bin_size > 0 else range(grid)), dtype=np.float64)
    every = axis_weights(axis.lattice(grid, places), cells)
    return every[:, every.inside.any(axis=0)]


def _axes_of_boxes(
    features: Floats, boxes: Floats, rows: int, columns: int, spatial_scale: Scale, operator: Operator
) -> Iterator[tuple[int, Axis, Axis]]:
    """For each box: its image and its two axes, computed in the dtype of the features."""
    scale = scale_of_sides(spatial_scale, features.dtype)
    height, width = features.shape[2:]
    for box in boxes:
        with np.errstate(over="ignore", invalid="ignore"):  # a side may be infinite
            x1, y1, x2, y2 = box[1:] * scale
            in_y = lay_axis(np.array([y1, y2]), rows, height, operator, operator.split[0])
            in_x = lay_axis(np.array([x1, x2]), columns, width, operator, operator.split[1])
        yield int(box[0]), in_y, in_x
