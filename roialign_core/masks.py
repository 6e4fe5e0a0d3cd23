"""What rounding costs over many boxes, and what it costs a mask: experiments that anyone can run again from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roialign_core.batch import roi_align, roi_pool
from roialign_core.bilinear import interpolate
from roialign_core.errors import OptionError
from roialign_core.geometry import Floats, round_half_away_from_zero

IMAGE = (1024.0, 768.0)  # width, height of the image that boxes are drawn in, pixels
SIDES = (16.0, 512.0)  # least and greatest side of a box, pixels
SHAPES = ("disc", "ring", "star", "person")
COMPARED = ("pool", "legacy", "align")
RESOLUTIONS = (14, 28)


@dataclass(frozen=True)
class Cost:
    """What RoI Pooling's rounding does to ``n`` boxes at one stride.

    ``near`` (n, 2) is how far it moves the left and the top side, ``far`` (n, 2) the right and the bottom side, which
    also take the end cell in; both in image pixels. ``iou`` (n,) compares the region asked for and the region read.
    """

    stride: int
    near: Floats
    far: Floats
    iou: Floats


def random_boxes(many: int, seed: int) -> Floats:
    """Boxes (n, 4) in image pixels, anywhere in a 1024 × 768 image, sides from 16 to 512 pixels, small ones as likely
    as large ones on a scale of ratios.

    >>> boxes = random_boxes(1000, 0)
    >>> bool((boxes[:, 2:] - boxes[:, :2] >= 16).all()), bool((boxes >= 0).all())
    (True, True)
    """
    rng = np.random.default_rng(seed)
    low, high = np.log(SIDES)
    size = np.exp(rng.uniform(low, high, (many, 2)))
    corner = rng.uniform(0, 1, (many, 2)) * (np.array(IMAGE) - size)
    return np.concatenate([corner, corner + size], axis=1)


def rounding_cost(boxes: Floats, stride: int) -> Cost:
    """What RoI Pooling reads instead of ``boxes`` (n, 4) on a map of that stride.

    >>> cost = rounding_cost(np.array([[24.0, 32.0, 95.0, 112.0]]), 16)
    >>> cost.near.tolist(), cost.far.tolist(), cost.iou.round(3).tolist()
    ([[8.0, 0.0]], [[17.0, 16.0]], [0.606])
    """
    asked = boxes / stride
    read = round_half_away_from_zero(asked)
    read[:, 2:] += 1  # the end cell is read too
    low, high = np.maximum(asked[:, :2], read[:, :2]), np.minimum(asked[:, 2:], read[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(asked[:, 2:] - asked[:, :2], axis=1) + np.prod(read[:, 2:] - read[:, :2], axis=1)
    moved = (read - asked) * stride
    return Cost(stride, moved[:, :2], moved[:, 2:], shared / (area - shared))


# ---- masks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaskCost:
    """How well a mask comes back: ``iou`` (objects,) by operator, for one stride, object size and resolution."""

    stride: int
    size: int
    resolution: int
    iou: Mapping[str, Floats]


def mask_costs(
    strides: tuple[int, ...], sizes: tuple[int, ...], resolution: int, objects: int, seed: int
) -> Iterator[MaskCost]:
    """Shapes with a known mask, read by each operator and put back where the box was, one stride and size at a time.

    The feature map is the best that a network could give for a mask: each cell holds the share of it that the object
    covers. It is read at ``resolution`` × ``resolution`` bins, the result is laid over the box that was asked for, as
    Mask R-CNN does, and what is above one half is compared with the true mask, pixel by pixel.

    This isolates where the operator reads. Nothing is trained: a network that has learned with RoI Pooling makes up
    for a part of it.

    Raises
    ------
    OptionError : for a resolution below 1, no objects, no strides, no sizes, or a size below 8 pixels.
    """
    if resolution < 1 or objects < 1 or min(sizes, default=0) < 8 or min(strides, default=0) < 1:
        given = {"resolution": resolution, "objects": objects, "sizes": sizes, "strides": strides}
        raise OptionError("experiment", given=given)
    return (_mask_cost(stride, size, resolution, objects, seed) for stride in strides for size in sizes)


def _mask_cost(stride: int, size: int, resolution: int, objects: int, seed: int) -> MaskCost:
    rng = np.random.default_rng((seed, stride, size))
    scores = [_one_mask(SHAPES[k % len(SHAPES)], stride, size, resolution, rng) for k in range(objects)]
    return MaskCost(stride, size, resolution, {name: np.array([one[name] for one in scores]) for name in COMPARED})


def _one_mask(shape: str, stride: int, size: int, resolution: int, rng: np.random.Generator) -> dict[str, float]:
    """IoU by operator of one object of about ``size`` pixels, placed anywhere on the grid."""
    width, height = size * rng.uniform(0.75, 1.0), size * rng.uniform(0.75, 1.0)
    pad = 2 * stride
    side = int(np.ceil((size + 2 * pad + stride) / stride)) * stride
    x1, y1 = pad + rng.uniform(0, stride, 2)
    box = np.array([x1, y1, x1 + width, y1 + height])
    truth = drawn(shape, box, side)
    covered = truth.reshape(side // stride, stride, side // stride, stride).mean(axis=(1, 3))
    features, asked = covered[None, None], [[0.0, *box]]
    read = {
        "pool": roi_pool(features, asked, resolution, 1 / stride),
        "legacy": roi_align(features, asked, resolution, 1 / stride, 2),
        "align": roi_align(features, asked, resolution, 1 / stride, 2, True),
    }
    return {name: _overlap(pasted(values[0, 0], box, side), truth) for name, values in read.items()}


def drawn(shape: str, box: Floats, side: int) -> NDArray[np.bool_]:
    """The mask (side, side) of a shape that fills ``box``; a pixel belongs to it when its centre does.

    >>> int(drawn("disc", np.array([2.0, 2.0, 10.0, 10.0]), 12).sum())
    52
    """
    at = np.arange(side) + 0.5
    v, u = np.meshgrid(
        (at - box[1]) / (box[3] - box[1]) * 2 - 1, (at - box[0]) / (box[2] - box[0]) * 2 - 1, indexing="ij"
    )
    return _INSIDE[shape](u, v)


def _star(u: Floats, v: Floats) -> NDArray[np.bool_]:
    reach = 0.68 + 0.32 * np.cos(5 * (np.arctan2(u, -v)))
    return np.hypot(u, v) <= reach


def _person(u: Floats, v: Floats) -> NDArray[np.bool_]:
    head = np.hypot(u / 0.30, (v + 0.76) / 0.24) <= 1
    trunk = (np.abs(u) <= 0.42 - 0.12 * v) & (v > -0.5) & (v <= 0.3)
    arms = (np.abs(np.abs(u) - 0.72 - 0.2 * v) <= 0.16) & (v > -0.45) & (v <= 0.35)
    legs = (np.abs(np.abs(u) - 0.26) <= 0.18) & (v > 0.2) & (v <= 1)
    return head | trunk | arms | legs


_INSIDE: Mapping[str, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    "disc": lambda u, v: np.hypot(u, v) <= 1,
    "ring": lambda u, v: (np.hypot(u, v) <= 1) & (np.hypot(u, v) >= 0.5),
    "star": _star,
    "person": _person,
}


def pasted(mask: Floats, box: Floats, side: int) -> NDArray[np.bool_]:
    """A mask of bins laid over ``box`` (pixels) of an image (side, side): bilinear, above one half, nothing outside."""
    rows, columns = mask.shape
    at = np.arange(side) + 0.5
    y = (at - box[1]) / (box[3] - box[1]) * rows
    x = (at - box[0]) / (box[2] - box[0]) * columns
    inside = ((y >= 0) & (y < rows))[:, None] & ((x >= 0) & (x < columns))
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    return (interpolate(mask, grid_y, grid_x) > 0.5) & inside


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    together = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / together if together else 1.0
