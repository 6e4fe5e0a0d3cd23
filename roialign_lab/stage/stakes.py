"""Why a class should care, before any map: a face on a photo, its box, and what RoI Pooling reads in its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from roialign_core.geometry import Floats, region_read
from roialign_core.operators import ROI_POOL
from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.photo import jpeg_address
from roialign_lab.lesson.text import Text

FACE_PICTURE = ASSETS / "portrait_face.jpg"
FACE_SHOWN = (109, 21, 413, 389)
"""Which part of the portrait the picture shows, x1, y1, x2, y2 in its pixels; docs/make_portrait.py cuts it out."""
FACE = (49.0, 49.0, 263.0, 321.0)
"""The box round the face, x1, y1, x2, y2 in pixels of that picture."""
STRIDE = 32
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Stakes:
    """The region ``read`` in pixels; which share of the box is ``lost``, and of that region ``foreign``."""

    read: Box
    lost: float
    foreign: float
    lost_strips: tuple[Box, ...]
    foreign_strips: tuple[Box, ...]


@cache
def stakes() -> Stakes:
    """What RoI Pooling makes of the face.

    >>> stakes().read, f"{stakes().lost:.0%}", f"{stakes().foreign:.0%}"
    ((64.0, 64.0, 288.0, 352.0), '12%', '21%')
    """
    box = np.array(FACE)
    read = region_read(box / STRIDE, ROI_POOL) * STRIDE
    lost, foreign = outside(box, read), outside(read, box)
    return Stakes(_box(read), _area(lost) / _area((FACE,)), _area(foreign) / _area((_box(read),)), lost, foreign)


def outside(box: Floats, other: Floats) -> tuple[Box, ...]:
    """The part of ``box`` that lies outside ``other``, both x1, y1, x2, y2, as rectangles beside each other.

    >>> outside(np.array([0.0, 0.0, 4.0, 4.0]), np.array([1.0, 0.0, 9.0, 3.0]))
    ((0.0, 0.0, 1.0, 4.0), (1.0, 3.0, 4.0, 4.0))
    """
    x1, y1, x2, y2 = _box(box)
    left, top, right, bottom = _box(other)
    a, c = min(max(x1, left), x2), min(max(y1, top), y2)
    b, d = max(min(x2, right), a), max(min(y2, bottom), c)
    strips = ((x1, y1, a, y2), (b, y1, x2, y2), (a, y1, b, c), (a, d, b, y2))
    return tuple(strip for strip in strips if strip[0] < strip[2] and strip[1] < strip[3])


def still(text: Text) -> dict[str, Any]:
    """The picture and its words, for the stage."""
    x1, y1, x2, y2 = FACE_SHOWN
    made = stakes()
    shares = {"lost": f"{made.lost:.0%}", "foreign": f"{made.foreign:.0%}", "stride": STRIDE}
    return {
        "image": jpeg_address(FACE_PICTURE.read_bytes()),
        "size": (x2 - x1, y2 - y1),
        "box": FACE,
        "read": made.read,
        "lost": made.lost_strips,
        "foreign": made.foreign_strips,
        "ask": text("stakes.ask"),
        "answer": text("stakes.answer", **shares),
        "short": text("stakes.short", **shares),
        "alt": text("stakes.alt", **shares),
    }


def _box(box: Floats) -> Box:
    x1, y1, x2, y2 = (float(side) for side in box)
    return x1, y1, x2, y2


def _area(boxes: tuple[Box, ...]) -> float:
    return sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in boxes)
