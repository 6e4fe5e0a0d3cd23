"""RoI Align over a feature pyramid, as one call: each box is read from the level that its size picks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log2
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import Boxes, as_boxes, as_features, as_flag, as_given, as_output_size
from roialign_core.batch import roi_align
from roialign_core.errors import MapError, OptionError
from roialign_core.geometry import Floats
from roialign_core.pyramid import CANONICAL_LEVEL, CANONICAL_SIZE, fpn_levels


def multi_scale_roi_align(
    features: Sequence[ArrayLike] | Mapping[str, ArrayLike],
    boxes: Boxes,
    image_shapes: Sequence[tuple[int, int]],
    output_size: int | tuple[int, int],
    sampling_ratio: int | tuple[int, int],
    *,
    canonical_scale: float = CANONICAL_SIZE,
    canonical_level: int = CANONICAL_LEVEL,
    aligned: bool = False,
    exact: bool = False,
) -> Floats:
    """``torchvision.ops.MultiScaleRoIAlign(names, output_size, sampling_ratio)(features, boxes, image_shapes)``.

    Parameters
    ----------
    features : the maps (N, C, H, W) of the levels, the finest first, each half as large as the one before; a sequence
        or a mapping. The scale of a level is the power of two that is next to its height over that of the images.
    boxes : (K, 5) with the batch index first, or a list of N arrays (L, 4); x1, y1, x2, y2 in image pixels.
    image_shapes : (height, width) of each image, in pixels; the largest counts.
    output_size, sampling_ratio, exact : as :func:`roialign_core.roi_align`.
    canonical_scale, canonical_level : the side in pixels of a square box that is read at that level; see
        :func:`roialign_core.fpn_levels`.
    aligned : torchvision's is never aligned; detectron2's ``ROIPooler`` is.

    Returns
    -------
    (K, C, rows, columns) in the dtype of the first level.

    Raises
    ------
    MapError, BoxError, OptionError : for invalid arguments; for levels that differ in images or channels, or that are
        not each half as large as the one before (torchvision then reads boxes from a wrong level, or gives 0).

    >>> fine, coarse = np.full((1, 1, 64, 64), 3.0), np.full((1, 1, 32, 32), 4.0)
    >>> boxes = [[0, 10, 10, 100, 100], [0, 10, 10, 250, 250]]
    >>> multi_scale_roi_align([fine, coarse], boxes, [(512, 512)], 1, 2).ravel().tolist()
    [3.0, 4.0]
    """
    given = list(features.values() if isinstance(features, Mapping) else features)
    if not given:
        raise MapError("pyramid.empty")
    maps = [as_features(level) for level in given]
    shapes = [level.shape for level in maps]
    if len({shape[:2] for shape in shapes}) > 1:
        raise MapError("pyramid.channels", shapes=shapes)
    scales = _scales([shape[2] for shape in shapes], image_shapes)
    if any(after != before / 2 for before, after in pairwise(scales)):
        raise MapError("pyramid.gap", rows=[shape[2] for shape in shapes], height=max(h for h, _ in image_shapes))
    aligned, exact = as_flag(aligned, "aligned"), as_flag(exact, "exact")
    dtype, size = maps[0].dtype, as_output_size(output_size)
    table = as_boxes(boxes, len(maps[0]), dtype)
    lowest, highest = (int(-log2(scale)) for scale in (scales[0], scales[-1]))
    known = np.where(np.isfinite(table).all(axis=1, keepdims=True), table, 0)[:, 1:]  # any level gives 0 for the rest
    levels = fpn_levels(known, lowest, highest, canonical_scale, canonical_level)
    output = np.empty((len(table), shapes[0][1], *size), dtype)
    for level, (cells, scale) in enumerate(zip(maps, scales, strict=True), start=lowest):
        mine = levels == level
        read = roi_align(cells, table[mine], size, scale, sampling_ratio, aligned, exact=exact)
        output[mine] = read
    return as_given(output, given[0])


def _scales(rows: list[int], image_shapes: object) -> list[float]:
    """The power of two next to the height of each level over that of the largest image."""
    try:
        heights = [(index(height), index(width)) for height, width in image_shapes]  # type: ignore[attr-defined]
        if not heights or min(map(min, heights)) < 1:
            raise ValueError
    except (TypeError, ValueError):
        raise OptionError("image_shapes", shapes=repr(image_shapes)[:80]) from None
    height = max(height for height, _ in heights)
    return [2.0 ** round(log2(count / height)) for count in rows]
