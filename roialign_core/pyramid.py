"""Which level of a feature pyramid a box is read from: small boxes from the fine maps, large boxes from the coarse."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import real, refuse_masked
from roialign_core.errors import BoxError, OptionError
from roialign_core.geometry import Ints
from roialign_core.operators import as_float

CANONICAL_SIZE, CANONICAL_LEVEL = 224, 4
"""A box as large as an ImageNet picture belongs to the level whose stride is 16."""
MOST_LEVELS = 1000
NUDGE = 1e-6  # a box of exactly a power of two goes to the upper level, as in torchvision and detectron2


def fpn_levels(
    boxes: ArrayLike,
    lowest: int = 2,
    highest: int = 5,
    canonical_size: float = CANONICAL_SIZE,
    canonical_level: int = CANONICAL_LEVEL,
) -> Ints:
    """The level of each box (K,): ``floor(4 + log2(sqrt(area) / 224) + 1e-6)``, clipped to lowest and highest.

    Level n has stride 2**n.

    Parameters
    ----------
    boxes : (K, 4), x1, y1, x2, y2 in image pixels.
    lowest, highest : the first and the last level of the pyramid.
    canonical_size, canonical_level : the side in pixels of a square box that is read at that level.

    Raises
    ------
    BoxError : for boxes of another shape, or with a side that is not finite.
    OptionError : where lowest is above highest, a level is not a whole number from -:data:`MOST_LEVELS` to
        :data:`MOST_LEVELS`, or the size is not a finite number above 0.

    Source: Lin et al. 2017, *Feature Pyramid Networks*, equation 1; torchvision ``LevelMapper``.

    >>> fpn_levels([[0, 0, 112, 112], [0, 0, 224, 224], [0, 0, 448, 448], [0, 0, 5, 5]]).tolist()
    [3, 4, 5, 2]
    """
    refuse_masked(boxes, "boxes", BoxError)
    try:
        table = np.asarray(boxes)
        table = real(table, np.float32 if table.dtype == np.float32 else np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BoxError("boxes.sides", shape=repr(boxes)[:80]) from None
    if table.shape == (0,):
        table = table.reshape(0, 4)
    if table.ndim != 2 or table.shape[1] != 4:
        raise BoxError("boxes.sides", shape=table.shape)
    if not np.isfinite(table).all():
        raise BoxError("box.not_finite", box=table[~np.isfinite(table).all(axis=1)][0].tolist())
    try:
        valid = not any(isinstance(level, bool) for level in (lowest, highest, canonical_level))
        lowest, highest, canonical_level = (operator.index(level) for level in (lowest, highest, canonical_level))
        valid = valid and lowest <= highest and max(map(abs, (lowest, highest, canonical_level))) <= MOST_LEVELS
        valid = valid and 0 < as_float(canonical_size) < np.inf
    except TypeError:
        valid = False
    if not valid:
        options = {"lowest": lowest, "highest": highest, "size": canonical_size, "level": canonical_level}
        raise OptionError("levels", **{name: repr(value)[:80] for name, value in options.items()})
    dtype = table.dtype.type
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        area = (table[:, 2] - table[:, 0]) * (table[:, 3] - table[:, 1])
        found = np.floor(canonical_level + np.log2(np.sqrt(np.maximum(area, 0)) / dtype(canonical_size)) + dtype(NUDGE))
    return np.clip(found, lowest, highest).astype(np.int64)
