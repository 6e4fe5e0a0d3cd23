"""What the place that an operator reads costs a mask: shapes with a known mask, read and pasted back, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roialign_core.bilinear import axis_weights, read_pairs
from roialign_core.errors import OptionError
from roialign_core.geometry import HALF_CELL, Floats

SHAPES = ("disc", "ring", "star", "person")
COMPARED = ("pool", "legacy", "align")
GRIDS = ("middle", "corner")
"""Where the number of cell j sits in the photo: at s·(j + ½), or at s·j as behind filters of odd length."""
RESOLUTIONS = (14, 28)


@dataclass(frozen=True)
class MaskCost:
    """``iou`` (objects,) of pasted and true mask by grid and operator, at one stride, object size and resolution."""

    stride: int
    size: int
    resolution: int
    iou: Mapping[str, Mapping[str, Floats]]


def mask_costs(
    strides: tuple[int, ...], sizes: tuple[int, ...], resolution: int, objects: int, seed: int
) -> Iterator[MaskCost]:
    """Shapes with a known mask, read by each operator and put back where the box was, one stride and size at a time.

    The feature map is the best that one channel could give for a mask: each cell holds the share of it that the object
    covers. Of the same objects there are two maps, one for each of :data:`GRIDS`: the cells stand round s·(j + ½), or
    round s·j. It is read at ``resolution`` × ``resolution`` bins, the output is pasted into the box, as Mask R-CNN
    does, and compared, at a threshold of one half, with the true mask, pixel by pixel.

    This isolates where the operator reads. Nothing is trained: a network learns with either grid and either
    convention, and makes up for a shift that is always the same.

    Raises
    ------
    OptionError : for a resolution below 1, no objects, no strides, no sizes, or a size below 8 pixels.
    """
    if resolution < 1 or objects < 1 or min(sizes, default=0) < 8 or min(strides, default=0) < 1:
        raise OptionError("experiment", resolution=resolution, objects=objects, sizes=sizes, strides=strides)
    return (_mask_cost(stride, size, resolution, objects, seed) for stride in strides for size in sizes)


def _mask_cost(stride: int, size: int, resolution: int, objects: int, seed: int) -> MaskCost:
    rng = np.random.default_rng((seed, stride, size))
    scores = [_object_iou(SHAPES[k % len(SHAPES)], stride, size, resolution, rng) for k in range(objects)]
    every = {grid: {name: np.array([iou[grid, name] for iou in scores]) for name in COMPARED} for grid in GRIDS}
    return MaskCost(stride, size, resolution, every)


def _object_iou(
    shape: str, stride: int, size: int, resolution: int, rng: np.random.Generator
) -> dict[tuple[str, str], float]:
    """IoU by grid and operator of one object of about ``size`` pixels, placed anywhere on the grid."""
    width, height = size * rng.uniform(0.75, 1.0), size * rng.uniform(0.75, 1.0)
    pad = 2 * stride
    side = int(np.ceil((size + 2 * pad + stride) / stride)) * stride
    x1, y1 = pad + rng.uniform(0, stride, 2)
    box = np.array([x1, y1, x1 + width, y1 + height])
    truth = shape_mask(shape, box, side)
    later = np.pad(truth, ((stride // 2, 0), (stride // 2, 0)))[:side, :side]  # a cell starts half a cell earlier
    scores = {}
    for grid, pixels in zip(GRIDS, (truth, later), strict=True):
        for name, pasted in read_masks(pixels, box, stride, resolution).items():
            scores[grid, name] = mask_iou(pasted, truth)
    return scores


def read_masks(pixels: NDArray[np.bool_], box: Floats, stride: int, resolution: int) -> dict[str, NDArray[np.bool_]]:
    """A mask (side, side) as each operator of :data:`COMPARED` reads it from a map of that stride, pasted back.

    ``box`` is x1, y1, x2, y2 in pixels; ``side`` is a multiple of the stride.

    >>> box = np.array([8.0, 8.0, 24.0, 24.0])  # whole cells of 8 pixels, and a square that fills it
    >>> square = np.pad(np.ones((16, 16), bool), 8)
    >>> {name: int(mask.sum()) for name, mask in read_masks(square, box, 8, 2).items() if name != "legacy"}
    {'pool': 256, 'align': 256}
    """
    from roialign_core.batch import roi_align, roi_pool  # here: the names above are read where nothing is computed

    side = len(pixels)
    covered = pixels.reshape(side // stride, stride, side // stride, stride).mean(axis=(1, 3))
    features, boxes = covered[None, None], [[0.0, *box]]
    outputs = {
        "pool": roi_pool(features, boxes, resolution, 1 / stride),
        "legacy": roi_align(features, boxes, resolution, 1 / stride, 2),
        "align": roi_align(features, boxes, resolution, 1 / stride, 2, True),
    }
    return {name: paste_mask(values[0, 0], box, side) for name, values in outputs.items()}


def shape_mask(shape: str, box: Floats, side: int) -> NDArray[np.bool_]:
    """The mask (side, side) of a shape that fills ``box``; a pixel belongs to it when its centre does.

    >>> int(shape_mask("disc", np.array([2.0, 2.0, 10.0, 10.0]), 12).sum())
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


def paste_mask(mask: Floats, box: Floats, side: int) -> NDArray[np.bool_]:
    """A mask of bins resized to ``box`` in an image of (side, side) pixels: bilinear, above one half."""
    rows, columns = mask.shape
    at = np.arange(side) + 0.5
    y = (at - box[1]) / (box[3] - box[1]) * rows
    x = (at - box[0]) / (box[2] - box[0]) * columns
    inside_y, inside_x = (np.flatnonzero((place >= 0) & (place < n)) for place, n in ((y, rows), (x, columns)))
    down, across = axis_weights(y[inside_y] - HALF_CELL, rows), axis_weights(x[inside_x] - HALF_CELL, columns)
    pasted = np.zeros((side, side), bool)
    pasted[np.ix_(inside_y, inside_x)] = read_pairs(mask[None], down[:, None], across[None])[0] > 0.5
    return pasted


def mask_iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """What two masks share of all that they cover; 1 where both are empty."""
    together = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / together if together else 1.0
