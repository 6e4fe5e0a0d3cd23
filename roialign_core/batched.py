"""The same operators over (N, C, H, W) maps and many boxes, with torchvision's argument order and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.bilinear import AxisWeights, axis_weights
from roialign_core.errors import BoxError, MapError, OptionError
from roialign_core.geometry import Axis, Floats, lay_axis
from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, Operator
from roialign_core.trace import LEAST_MAXIMUM, as_output_size, as_sampling_ratio, as_spatial_scale

Boxes = ArrayLike | Sequence[ArrayLike]


def roi_align(
    features: ArrayLike,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
    *,
    mode: str = "avg",
) -> Floats:
    """RoI Align of many boxes, as ``torchvision.ops.roi_align``; ``mode="max"`` as mmcv and the article.

    Parameters
    ----------
    features : (N, C, H, W) float32 or float64.
    boxes : (K, 5) with the batch index first, or a list of N arrays (L, 4); x1, y1, x2, y2 in image pixels.
    output_size : bins, one number or (rows, columns).
    spatial_scale : map cells an image pixel.
    sampling_ratio : samples a bin on each axis; 0 or less is adaptive.
    aligned : True takes the half cell off that makes a box land where it was drawn.

    Returns
    -------
    (K, C, rows, columns) in the dtype of ``features``. A box that is not finite on the map gives 0.

    Raises
    ------
    MapError, BoxError, OptionError : with the shapes or values that were given.

    >>> features = np.arange(25.0).reshape(1, 1, 5, 5)
    >>> roi_align(features, [[0, 1, 1, 3, 3]], 4)[0, 0, 0].tolist()
    [7.5, 8.0, 8.5, 9.0]
    """
    features, boxes = as_features(features), as_boxes(boxes, len(features), features.dtype)
    rows, columns = as_output_size(output_size)
    ratio = as_sampling_ratio(sampling_ratio)
    if mode not in ("avg", "max"):
        raise OptionError("mode", mode=repr(mode))
    operator = ROI_ALIGN if aligned else ROI_ALIGN_LEGACY
    output = np.zeros((len(boxes), features.shape[1], rows, columns), dtype=features.dtype)
    for k, (image, in_y, in_x) in enumerate(_lay(features, boxes, rows, columns, spatial_scale, operator)):
        if not (np.isfinite(in_y.bin_size) and np.isfinite(in_x.bin_size)):
            continue
        grid_y, grid_x = (ratio, ratio) if ratio > 0 else (in_y.adaptive_grid, in_x.adaptive_grid)
        output[k] = _join_lattice(features[image], in_y, in_x, (grid_y, grid_x), mode)
    return output


def roi_pool(
    features: ArrayLike, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: float = 1.0
) -> Floats:
    """RoI Pooling of many boxes, as ``torchvision.ops.roi_pool``.

    Parameters, result and errors as :func:`roi_align`.

    >>> features = np.arange(48.0).reshape(1, 1, 8, 6)
    >>> roi_pool(features, [[0, 0, 0, 3, 3]], 2)[0, 0].tolist()
    [[7.0, 9.0], [19.0, 21.0]]
    """
    features, boxes = as_features(features), as_boxes(boxes, len(features), features.dtype)
    rows, columns = as_output_size(output_size)
    output = np.zeros((len(boxes), features.shape[1], rows, columns), dtype=features.dtype)
    with np.errstate(over="ignore"):
        finite = np.isfinite(boxes[:, 1:] * features.dtype.type(as_spatial_scale(spatial_scale))).all(axis=1)
    for k, (image, in_y, in_x) in zip(
        np.flatnonzero(finite), _lay(features, boxes[finite], rows, columns, spatial_scale, ROI_POOL), strict=True
    ):
        read_y, read_x = in_y.read.astype(np.intp), in_x.read.astype(np.intp)
        for p, (y1, y2) in enumerate(read_y):
            for q, (x1, x2) in enumerate(read_x):
                if y1 < y2 and x1 < x2:
                    cells = features[image, :, y1:y2, x1:x2]
                    output[k, :, p, q] = np.fmax.reduce(cells, axis=(1, 2), initial=LEAST_MAXIMUM)
    return output


def _join_lattice(feature: Floats, in_y: Axis, in_x: Axis, grid: tuple[int, int], mode: str) -> Floats:
    """(C, H, W) to (C, ph, pw): samples are added one by one, rows outer, as the kernels add them.

    Sample rows and columns that lie outside the map in every bin add 0, so they are passed over: the work is bounded
    by the map, however large the box is.
    """
    channels, height, width = feature.shape
    dtype = feature.dtype
    shape = (channels, len(in_y.bins), len(in_x.bins))
    if not grid[0] * grid[1]:
        return np.zeros(shape, dtype=dtype)
    rows, columns = _inner(in_y, grid[0], height), _inner(in_x, grid[1], width)
    hidden = mode == "max" and (len(rows) < grid[0] or len(columns) < grid[1])
    total = np.zeros(shape, dtype=dtype)
    fresh = not hidden  # nothing has been read yet that a maximum must beat
    for y in rows:
        for x in columns:
            value = _read(feature, y, x)
            if mode == "max":
                total = value if fresh else np.fmax(total, value)
                fresh = False
            else:
                total = total + value
    return total if mode == "max" else total / dtype.type(grid[0] * grid[1])


def _inner(axis: Axis, grid: int, cells: int) -> list[AxisWeights]:
    """For each k of the ``grid`` samples a bin, the weights of that sample in every bin, if any of them is inside.

    Only those k are laid out that can be: a bin of size b has its samples b / grid apart.
    """
    ends = (np.array([-1.0, float(cells)]) - float(axis.start)) / float(axis.bin_size or 1) * grid  # of the whole axis
    near = np.arange(len(axis.bins))[:, None] * grid
    first, last = np.clip(np.stack([ends[0] - near - 2, ends[1] - near + 2]), 0, grid).astype(object)
    reach = {int(k) for a, b in zip(first.ravel(), last.ravel(), strict=True) for k in range(int(a), int(b))}
    places = np.array(sorted(reach if axis.bin_size > 0 else range(grid)), dtype=np.float64)
    every = axis_weights(axis.lattice(grid, places), cells)
    fields = [getattr(every, name) for name in AxisWeights.__dataclass_fields__]
    return [AxisWeights(*(field[:, k] for field in fields)) for k in np.flatnonzero(every.inside.any(axis=0))]


@np.errstate(invalid="ignore", over="ignore")  # a map may hold NaN and infinities
def _read(feature: Floats, y: AxisWeights, x: AxisWeights) -> Floats:
    """Bilinear values (C, ph, pw) at the points where one sample row meets one sample column in every bin."""
    low, high = np.ix_(y.low, x.low), np.ix_(y.high, x.high)
    value = (y.to_high[:, None] * x.to_high) * feature[:, low[0], low[1]]
    value = value + (y.to_high[:, None] * x.to_low) * feature[:, low[0], high[1]]
    value = value + (y.to_low[:, None] * x.to_high) * feature[:, high[0], low[1]]
    value = value + (y.to_low[:, None] * x.to_low) * feature[:, high[0], high[1]]
    return np.where(y.inside[:, None] & x.inside, value, value.dtype.type(0))


def _lay(
    features: Floats, boxes: Floats, rows: int, columns: int, spatial_scale: float, operator: Operator
) -> Iterator[tuple[int, Axis, Axis]]:
    """For each box: its image and its two axes, computed in the dtype of the features."""
    dtype = features.dtype
    scale = dtype.type(as_spatial_scale(spatial_scale))
    height, width = features.shape[2:]
    for box in boxes:
        with np.errstate(over="ignore"):
            x1, y1, x2, y2 = box[1:] * scale
        in_y = lay_axis(np.array([y1, y2]), rows, height, operator, operator.split[0])
        in_x = lay_axis(np.array([x1, x2]), columns, width, operator, operator.split[1])
        yield int(box[0]), in_y, in_x


def as_features(features: ArrayLike) -> Floats:
    """(N, C, H, W) float32 or float64 in the machine's byte order: the array itself where it is that already."""
    try:
        given = np.asarray(features)
    except ValueError:  # rows of different lengths
        raise MapError("features.rank", shape="ragged") from None
    if given.ndim != 4:
        raise MapError("features.rank", shape=given.shape)
    if given.dtype.kind != "f" or given.dtype.itemsize not in (4, 8):
        raise MapError("features.dtype", dtype=given.dtype)
    if not given.shape[2] or not given.shape[3]:
        raise MapError("features.empty", shape=given.shape)
    return given.astype(given.dtype.newbyteorder("="), copy=False)


def as_boxes(boxes: Boxes, images: int, dtype: np.dtype) -> Floats:
    """(K, 5) in ``dtype``, with a batch index that exists."""
    try:
        listed = isinstance(boxes, list | tuple) and all(np.ndim(one) == 2 for one in boxes)
        parts = [np.asarray(one, dtype=dtype) for one in boxes] if listed else []  # type: ignore[union-attr]
        table = np.empty((0, 5), dtype) if listed else np.asarray(boxes, dtype=dtype)
    except (TypeError, ValueError):
        raise BoxError("boxes.shape", shape=repr(boxes)[:80]) from None
    if any(part.shape[1] != 4 for part in parts):
        raise BoxError("boxes.shape", shape=[part.shape for part in parts])
    if parts and len(parts) != images:
        raise BoxError("boxes.count", images=images, arrays=len(parts))
    if parts:
        return np.concatenate(
            [np.column_stack([np.full(len(part), n, dtype=dtype), part]) for n, part in enumerate(parts)]
        )
    if table.ndim != 2 or table.shape[1] != 5:
        raise BoxError("boxes.shape", shape=table.shape)
    index = table[:, 0]
    wrong = ~((index >= 0) & (index < images) & (index == np.trunc(index)))
    if wrong.any():
        raise BoxError("boxes.batch_index", index=float(index[wrong][0]), last=images - 1)
    return table
