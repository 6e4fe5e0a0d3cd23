"""One person whose mask is known, and the outline that an operator makes of it, as a picture of its own (SVG)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from roialign_core.masks import mask_iou, read_masks, shape_mask
from roialign_lab.figures.mask_outline import path
from roialign_lab.figures.style import INKS

SIDE = 256  # pixels of the image, on each side
BOX = (74.6, 59.2, 174.9, 187.3)  # pixels: round the person, on no edge of a cell at any stride
RESOLUTION = 28  # bins on a side, as a mask head of today has
SHOWN = (54, 38, 214, 214)  # pixels of the image that the picture shows: x1, y1, x2, y2
COLORS = {"pool": "read", "align": "roi"}


@dataclass(frozen=True)
class PersonMask:
    """The mask of the person (side, side), what each operator makes of it, and its IoU with the true one."""

    stride: int
    truth: NDArray[np.bool_]
    read: Mapping[str, NDArray[np.bool_]]
    iou: Mapping[str, float]


@cache
def person_at(stride: int) -> PersonMask:
    """The person on a map of that stride: a few milliseconds, once.

    >>> person = person_at(16)
    >>> [f"{person.iou[name]:.2f}" for name in ("pool", "align")]
    ['0.48', '0.74']
    """
    box = np.array(BOX)
    truth = shape_mask("person", box, SIDE)
    read = read_masks(truth, box, stride, RESOLUTION)
    return PersonMask(stride, truth, read, {name: mask_iou(mask, truth) for name, mask in read.items()})


def picture(person: PersonMask, name: str | None = None) -> str:
    """The true mask in grey on the cells of the map, with the box; over it the outline of operator ``name``, if any.

    On paper of its own, like a photo: as an image it does not know the theme of its page.
    """
    x1, y1, x2, y2 = SHOWN
    grid = "".join(f"M{k} {y1}V{y2}M{x1} {k}H{x2}" for k in range(0, SIDE, person.stride))
    a, b, c, d = BOX
    paper, quiet = INKS["paper"].light, INKS["quiet"].light
    marks = [f'<rect x="{x1}" y="{y1}" width="{x2 - x1}" height="{y2 - y1}" fill="{paper}"/>']
    marks.append(f'<path d="{grid}" stroke="{quiet}" stroke-opacity=".4" stroke-width=".5"/>')
    marks.append(f'<path d="{path(person.truth)}" fill-rule="evenodd" fill="{quiet}" fill-opacity=".5"/>')
    edge = f'stroke="{INKS["roi"].light}" stroke-width=".9" fill="none"'
    marks.append(f'<rect x="{a}" y="{b}" width="{c - a:.1f}" height="{d - b:.1f}" {edge} stroke-dasharray="3 2"/>')
    if name is not None:
        ink = INKS[COLORS[name]].light
        marks.append(f'<path d="{path(person.read[name])}" fill="none" stroke="{ink}" stroke-width="2"/>')
    size = f'viewBox="{x1} {y1} {x2 - x1} {y2 - y1}" width="{3 * (x2 - x1)}" height="{3 * (y2 - y1)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(marks)}</svg>'
