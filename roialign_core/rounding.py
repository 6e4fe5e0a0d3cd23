"""What rounding to whole cells costs over many boxes: how far the sides move, how much of the box is still read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.geometry import Floats, round_half_away_from_zero

IMAGE = (1024.0, 768.0)  # width, height of the image that boxes are drawn in, pixels
SIDES = (16.0, 512.0)  # least and greatest side of a box, pixels


@dataclass(frozen=True)
class RoundingCost:
    """What RoI Pooling's rounding does to ``n`` boxes at one stride.

    ``near`` (n, 2) is how far it moves the left and the top side, ``far`` (n, 2) the right and the bottom side, which
    also take the end cell in; both in image pixels. ``iou`` (n,) compares each box with the region that is read.
    """

    stride: int
    near: Floats
    far: Floats
    iou: Floats


def random_boxes(count: int, seed: int) -> Floats:
    """Boxes (n, 4) in image pixels, anywhere in a 1024 × 768 image; sides from 16 to 512 pixels, log-uniform.

    >>> boxes = random_boxes(1000, 0)
    >>> bool((boxes[:, 2:] - boxes[:, :2] >= 16).all()), bool((boxes >= 0).all())
    (True, True)
    """
    rng = np.random.default_rng(seed)
    low, high = np.log(SIDES)
    size = np.exp(rng.uniform(low, high, (count, 2)))
    corner = rng.uniform(0, 1, (count, 2)) * (np.array(IMAGE) - size)
    return np.concatenate([corner, corner + size], axis=1)


def rounding_cost(boxes: Floats, stride: int) -> RoundingCost:
    """What RoI Pooling reads instead of ``boxes`` (n, 4), in image pixels, on a map of that stride.

    >>> cost = rounding_cost(np.array([[24.0, 32.0, 95.0, 112.0]]), 16)
    >>> cost.near.tolist(), cost.far.tolist(), cost.iou.round(3).tolist()
    ([[8.0, 0.0]], [[17.0, 16.0]], [0.606])
    """
    roi = boxes / stride
    read = round_half_away_from_zero(roi)
    read[:, 2:] += 1  # the end cell is read too
    low, high = np.maximum(roi[:, :2], read[:, :2]), np.minimum(roi[:, 2:], read[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(roi[:, 2:] - roi[:, :2], axis=1) + np.prod(read[:, 2:] - read[:, :2], axis=1)
    moved = (read - roi) * stride
    return RoundingCost(stride, moved[:, :2], moved[:, 2:], shared / (area - shared))
