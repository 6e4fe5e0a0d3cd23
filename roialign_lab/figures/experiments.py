"""The two experiments under the sweep, many boxes and masks: what is measured, its charts and the sentence about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from roialign_core.masks import COMPARED, GRIDS, MaskCost, mask_costs
from roialign_core.rounding import RoundingCost, random_boxes, rounding_cost
from roialign_lab.figures.charts import iou_chart, mask_chart, shift_chart
from roialign_lab.lesson.text import Text

BOXES = 100_000
STRIDES = (4, 8, 16, 32, 64)
MASK_STRIDES = (4, 8, 16, 32)
MASK_SIZES = (32, 64, 128, 256)
ROUNDS = len(MASK_STRIDES) * len(MASK_SIZES)
OBJECTS, USUAL_OBJECTS = (8, 16, 32), 16
LARGEST_SEED = 9999
SPOKEN = (16, 128)  # the stride and the size that the sentence is about
Shown = tuple[list[dict[str, Any]], str]  # charts, and the sentence under them


def spread_costs(seed: int) -> Iterator[RoundingCost]:
    """How far RoI Pooling moves the boxes, stride by stride."""
    boxes = random_boxes(BOXES, seed)
    for stride in STRIDES:
        yield rounding_cost(boxes, stride)


def spread_shown(costs: Sequence[RoundingCost], text: Text) -> Shown:
    """The two charts of all strides, and what was measured at one of them."""
    cost = costs[STRIDES.index(SPOKEN[0])]
    near, far = (f"{abs(moved).mean() / cost.stride:.3f}" for moved in (cost.near, cost.far))
    sentence = text("spread.measured", near=near, far=far, stride=cost.stride)
    return [shift_chart(costs, text), iou_chart(costs, text)], sentence


def masks_measured(resolution: int, objects: int, seed: int) -> Iterator[MaskCost]:
    """What each operator makes of a mask, :data:`ROUNDS` strides and object sizes."""
    return mask_costs(MASK_STRIDES, MASK_SIZES, resolution, objects, seed)


def masks_shown(costs: Sequence[MaskCost], text: Text) -> Shown:
    """A chart for each grid, and what they say at one stride and size."""
    spoken = next(cost for cost in costs if (cost.stride, cost.size) == SPOKEN)
    means = {f"{grid}_{name}": f"{spoken.iou[grid][name].mean():.3f}" for grid in GRIDS for name in COMPARED}
    sentence = text("mask.says", stride=spoken.stride, size=spoken.size, **means)
    return [mask_chart(costs, grid, text) for grid in GRIDS], sentence
