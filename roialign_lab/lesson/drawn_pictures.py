"""Pictures drawn from a seed, with the true mask of every object: what the small mask networks were trained to cut out.

The same seed draws the same picture in the training and on a page. Seeds from :data:`FIRST_HELD_OUT` on were never
trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roialign_core.bilinear import frozen
from roialign_core.geometry import Floats

SIDE = 128  # pixels
RADII = 9.0, 31.0  # pixels, of the circle that holds a shape
LEAST_SIDE = 14  # pixels of an object: thinner ones are drawn again
MOST_TRIES = 8  # places tried in a picture
FIRST_HELD_OUT = 1_000_000
JITTER = 0.05  # of a side of the box: how far a detector's box is off, at most, and a pixel more

Inside = Callable[[Floats, Floats], NDArray[np.bool_]]


@dataclass(frozen=True)
class DrawnPicture:
    """``image`` (SIDE, SIDE, 3) of numbers 0 to 1, and its K objects, none over another.

    ``boxes`` (K, 4) are x1, y1, x2, y2 in pixels, as tight as the mask allows; ``masks`` (K, SIDE, SIDE) and the names
    of the ``shapes`` belong to them, one each.
    """

    image: Floats
    boxes: Floats
    masks: NDArray[np.bool_]
    shapes: tuple[str, ...]


def draw_picture(seed: int, shapes: tuple[str, ...] | None = None) -> DrawnPicture:
    """One to five objects in colours on a plain ground, with noise; by default of the :data:`TRAINED` shapes.

    >>> picture = draw_picture(FIRST_HELD_OUT)
    >>> picture.image.shape, picture.shapes
    ((128, 128, 3), ('disc', 'flower'))
    >>> picture.boxes[1].tolist(), int(picture.masks[1].sum())
    ([60.0, 49.0, 79.0, 67.0], 141)
    """
    names = TRAINED if shapes is None else shapes
    rng = np.random.default_rng((seed, 1))
    ground = rng.uniform(0.2, 0.8, 3)
    image = np.tile(ground, (SIDE, SIDE, 1))
    taken = np.zeros((SIDE, SIDE), bool)
    masks: list[NDArray[np.bool_]] = []
    drawn: list[str] = []
    wanted, tries = rng.integers(2, 6), 0
    while not masks or (len(masks) < wanted and tries < MOST_TRIES):
        tries += 1
        name = names[rng.integers(len(names))]
        radius = rng.uniform(*RADII)
        mask = shape_in_circle(name, rng.uniform(radius, SIDE - radius, 2), radius, rng.uniform(0, 2 * np.pi))
        color = _color_unlike(ground, rng)
        x1, y1, x2, y2 = box_of_mask(mask)
        if (mask & taken).any() or min(x2 - x1, y2 - y1) < LEAST_SIDE:
            continue
        taken |= mask
        image[mask] = color
        masks.append(mask)
        drawn.append(name)
    image += rng.normal(0, 0.05, image.shape)
    image = np.round(np.clip(image, 0, 1) * 255) / 255  # as a PNG holds it
    boxes = np.array([box_of_mask(mask) for mask in masks])
    return DrawnPicture(frozen(image.astype(np.float32)), frozen(boxes), frozen(np.array(masks)), tuple(drawn))


def jittered_boxes(picture: DrawnPicture, seed: int) -> Floats:
    """The boxes (K, 4) as a detector would find them: each side off by up to 5 % of the length, and a pixel."""
    rng = np.random.default_rng((seed, 2))
    x1, y1, x2, y2 = picture.boxes.T
    far = 1 + JITTER * np.stack([x2 - x1, y2 - y1, x2 - x1, y2 - y1], axis=1)
    return picture.boxes + rng.uniform(-1, 1, far.shape) * far


def box_of_mask(mask: NDArray[np.bool_]) -> Floats:
    """x1, y1, x2, y2 of the pixels of a mask (H, W), the last pixel within.

    >>> box_of_mask(np.eye(6, dtype=bool)[:, 2:]).tolist()
    [0.0, 2.0, 4.0, 6.0]
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float64)


def shape_in_circle(name: str, centre: Floats, radius: float, turn: float) -> NDArray[np.bool_]:
    """The mask (SIDE, SIDE) of a shape within a circle: centre (y, x) and radius in pixels, turned by radians.

    >>> int(shape_in_circle("disc", np.array([64.0, 64.0]), 2.0, 0.0).sum())
    12
    """
    at = np.arange(SIDE) + 0.5
    y, x = (at[:, None] - centre[0]) / radius, (at - centre[1]) / radius
    along, across = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    return _SHAPES[name](along, across)


def _color_unlike(ground: Floats, rng: np.random.Generator) -> Floats:
    """A colour (3,) that can be told from the ground."""
    while True:
        color = rng.uniform(0, 1, 3)
        if np.abs(color - ground).max() >= 0.3:
            return color


def _bar(u: Floats, v: Floats, length: float = 0.9, width: float = 0.4) -> NDArray[np.bool_]:
    return (np.abs(u) < length) & (np.abs(v) < width)


_SHAPES: Mapping[str, Inside] = {
    "disc": lambda u, v: np.hypot(u, v) < 1,
    "ring": lambda u, v: (np.hypot(u, v) < 1) & (np.hypot(u, v) > 0.5),
    "bar": _bar,
    "cross": lambda u, v: _bar(u, v, 0.95, 0.3) | _bar(v, u, 0.95, 0.3),
    "corner": lambda u, v: _bar(u, v + 0.45, 0.75, 0.25) | _bar(u + 0.5, v, 0.25, 0.7),
    "flower": lambda u, v: np.hypot(u, v) < 0.65 + 0.35 * np.cos(5 * np.arctan2(v, u)),
    "triangle": lambda u, v: (u > -0.5) & (np.abs(v) < (1 - u) * 0.577),
    "crescent": lambda u, v: (np.hypot(u, v) < 1) & (np.hypot(u - 0.5, v) > 0.75),
    "arrow": lambda u, v: (_bar(u + 0.4, v, 0.55, 0.2)) | ((u > 0) & (np.abs(v) < 0.95 - u)),
}
TRAINED = ("disc", "ring", "bar", "cross", "corner", "flower")
UNSEEN = ("triangle", "crescent", "arrow")
"""Shapes that no picture of the training holds."""
