"""The masks of two trained networks in one box: a scene for each, with the IoU as its output."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from roialign_core.errors import BoxError, OptionError
from roialign_core.operators import OPERATORS
from roialign_core.trace import Trace
from roialign_core.trace import trace as trace_box
from roialign_lab.figures.mask_outline import loops
from roialign_lab.figures.png import png_address
from roialign_lab.figures.scene import (
    Grid,
    Mark,
    Outline,
    Photo,
    Rects,
    Scene,
    error_arrows,
    extent_of,
    map_grid_of,
)
from roialign_lab.lesson.mask_networks import DrawnMask, drawn_map, drawn_mask, parts_of, picture
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import Box, Scenario
from roialign_lab.lesson.walks import lights

NOTHING = "–"  # in the place of an IoU, where there is none
MASKS = {"roi_pool": "mask_pool", "roi_align": "mask_align"}
"""The role of the mask that the network draws which was trained with an operator."""
LIT = {name: lights(f"{role} output", "map roi read error truth") for name, role in MASKS.items()}


@dataclass(frozen=True)
class MaskSeen:
    """One network's scene, the trace of the box, and the mask; ``problem`` is why there is none."""

    scene: Scene
    trace: Trace
    drawn: DrawnMask | None
    problem: BoxError | OptionError | None = None

    def within(self, extent: tuple[float, float, float, float]) -> MaskSeen:
        """The same with that much of the map visible."""
        return replace(self, scene=replace(self.scene, extent=extent))


def mask_seen(scenario: Scenario, trained_with: str) -> MaskSeen:
    """What the network that was trained with an operator draws in the box of a scenario.

    >>> from roialign_lab.lesson.session import Session
    >>> mask_seen(Session().drawn, "roi_align").scene.find(Grid, "output").labels
    (('0.92',),)
    """
    drawn: DrawnMask | None = None
    problem: BoxError | OptionError | None = None
    try:
        drawn = mask_in(scenario, trained_with)
    except (BoxError, OptionError) as error:
        problem = error
    number_of_picture, stride, channel = parts_of(scenario.map)
    values = drawn_map(number_of_picture, stride, channel, trained_with)
    trace = trace_box(values, np.array(scenario.box) * stride, OPERATORS[trained_with], 1, 1 / stride, 1)
    cells = map_grid_of(values)
    marks: list[Mark] = [cells, _truth(number_of_picture, stride), Rects("roi", trace.roi[None])]
    if not scenario.on_map:
        rows, columns = cells.levels.shape
        marks.append(Photo(_address(number_of_picture), columns, rows))
    if trace.operator.snaps:
        marks += [Rects("read", trace.roi_used[None]), *error_arrows(trace.roi, trace.roi_used)]
    iou = None if drawn is None else drawn.iou
    if drawn is not None:
        marks.append(Outline(MASKS[trained_with], tuple(loops(drawn.mask)), 1 / stride))
    marks.append(
        Grid("output", ((NOTHING if iou is None else number(iou, 2),),), np.array([[np.nan if iou is None else iou]]))
    )
    return MaskSeen(Scene(extent_of(trace), tuple(marks), LIT[trained_with]), trace, drawn, problem)


def mask_in(scenario: Scenario, trained_with: str, box: Box | None = None) -> DrawnMask:
    """The mask in the box of a scenario, or in another ``box``; both in map cells.

    Raises
    ------
    BoxError : for a box of less than 8 pixels.
    OptionError : where the weights of the network cannot be read.
    """
    number_of_picture, stride, _ = parts_of(scenario.map)
    x1, y1, x2, y2 = (side * stride for side in (box or scenario.box))
    return drawn_mask(trained_with, number_of_picture, stride, (x1, y1, x2, y2))


@lru_cache(16)
def _truth(number_of_picture: int, stride: int) -> Outline:
    """The outlines of all objects of a picture; none is over another."""
    whole = picture(number_of_picture).masks
    return Outline("truth", tuple(loop for mask in whole for loop in loops(mask)), 1 / stride)


@lru_cache(16)
def _address(number_of_picture: int) -> str:
    return png_address(np.rint(picture(number_of_picture).image * 255).astype(np.uint8))
