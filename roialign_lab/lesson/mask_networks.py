"""Two trained networks on one drawn picture: the maps that they read, and the masks that they draw in a box.

``experiments/masks.py`` trained them on other pictures, alike in all but the operator that reads the box.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from roialign_core.bilinear import frozen
from roialign_core.errors import OptionError
from roialign_core.geometry import Floats
from roialign_core.masks import mask_iou, paste_mask
from roialign_core.network import MAP, MaskNetwork
from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.drawn_pictures import FIRST_HELD_OUT, SIDE, DrawnPicture, draw_picture, jittered_boxes

WEIGHTS = ASSETS / "mask_networks.npz"
TRAINED_WITH = ("roi_pool", "roi_align")
STRIDES = (8, 16, 32)
PICTURES, CHANNELS = 12, MAP
DRAWN_NAME = re.compile(r"drawn-([1-9][0-9]?)-(8|16|32)-([0-9]|[1-4][0-9])")
"""The name of a map: a picture by its number, a stride, a channel of the network trained with RoI Align."""


@dataclass(frozen=True)
class DrawnMask:
    """What a network draws in a box, what is there, and the IoU of the two; ``truth`` is empty beside all objects."""

    mask: NDArray[np.bool_]
    truth: NDArray[np.bool_]

    @property
    def iou(self) -> float | None:
        """The pixels that both have, of those that one of them has; None where no object is in the box."""
        return mask_iou(self.mask, self.truth) if self.truth.any() else None

    @property
    def shared(self) -> tuple[int, int]:
        """How many pixels both have, and how many at least one has."""
        return int(np.count_nonzero(self.mask & self.truth)), int(np.count_nonzero(self.mask | self.truth))


def is_drawn(name: str) -> bool:
    """True for the name of a map that a network makes of a drawn picture."""
    match = DRAWN_NAME.fullmatch(name)
    return match is not None and int(match[1]) <= PICTURES and int(match[3]) < CHANNELS


def parts_of(name: str) -> tuple[int, int, int]:
    """The picture, the stride and the channel that a name says.

    >>> parts_of("drawn-9-16-5")
    (9, 16, 5)
    """
    match = DRAWN_NAME.fullmatch(name)
    if match is None:
        raise KeyError(name)
    return int(match[1]), int(match[2]), int(match[3])


@lru_cache(PICTURES)
def picture(number: int) -> DrawnPicture:
    """A picture that no network was trained on."""
    return draw_picture(FIRST_HELD_OUT + number)


def box_to_begin_with(number: int) -> tuple[float, float, float, float]:
    """The box of the largest object as a detector would find it, x1, y1, x2, y2 in pixels."""
    drawn = picture(number)
    largest = int(drawn.masks.sum(axis=(1, 2)).argmax())
    x1, y1, x2, y2 = jittered_boxes(drawn, FIRST_HELD_OUT + number)[largest].round(1).tolist()
    return x1, y1, x2, y2


@lru_cache(64)
def drawn_map(number: int, stride: int, channel: int, trained_with: str = "roi_align") -> Floats:
    """One channel (SIDE / stride, SIDE / stride) of the map that a network makes of a picture."""
    return frozen(_features(trained_with, number, stride)[channel].astype(np.float32))


@lru_cache(256)
def drawn_mask(trained_with: str, number: int, stride: int, box: tuple[float, float, float, float]) -> DrawnMask:
    """The mask of one network in ``box``, x1, y1, x2, y2 in pixels, and the object that most of the box holds.

    Raises
    ------
    BoxError : for a box of less than 8 pixels, or beside the picture.
    OptionError : where the weights of the network cannot be read.

    >>> [f"{drawn_mask(name, 9, 16, box_to_begin_with(9)).iou:.2f}" for name in TRAINED_WITH]
    ['0.66', '0.88']
    """
    network = _network(trained_with, stride)
    probable = network.mask(_features(trained_with, number, stride), box)
    return DrawnMask(paste_mask(probable, np.array(box), SIDE), object_in(picture(number), box))


def object_in(drawn: DrawnPicture, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """The mask (SIDE, SIDE) of the object with most pixels in a box; nothing where there is none."""
    at = np.arange(SIDE) + 0.5
    x1, y1, x2, y2 = box
    inside = ((at > y1) & (at < y2))[:, None] & ((at > x1) & (at < x2))
    counts = (drawn.masks & inside).sum(axis=(1, 2))
    most = int(counts.argmax())
    return drawn.masks[most] if counts[most] else np.zeros((SIDE, SIDE), bool)


@cache
def _network(trained_with: str, stride: int) -> MaskNetwork:
    """In float64: libraries add up in different orders, and every machine is to draw the same mask."""
    network = MaskNetwork.load(WEIGHTS, trained_with, stride)
    return replace(network, weights={name: values.astype(np.float64) for name, values in network.weights.items()})


@lru_cache(16)
def _features(trained_with: str, number: int, stride: int) -> Floats:
    """What a network makes of a picture (C, H, W); no numbers where its weights cannot be read."""
    try:
        return _network(trained_with, stride).features(picture(number).image)
    except OptionError:
        return np.full((CHANNELS, SIDE // stride, SIDE // stride), np.nan)
