"""Questions that are answered on the map: a box is drawn, and the core says whether it is one that was asked for.

Both are about RoI Pooling as torchvision has it, which reads the end cell too: from the rounded left and top sides to
one more than the rounded right and bottom sides. No box equals such a region, so *all of it is read* is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from roialign_core.geometry import Floats, area, iou
from roialign_lab.lesson.number_text import number, number_before
from roialign_lab.lesson.scenario import Box, Scenario, nearest_box

LARGEST_IOU = 0.5
FAR_FROM_IT = 0.6  # the least IoU that the box of that question begins with
BOX_TEXT = re.compile(r"\d{1,2}\.\d\d(?:,\d{1,2}\.\d\d){3}")


@dataclass(frozen=True)
class Grade:
    """Is a box one that was asked for, and the numbers that tell why."""

    is_right: bool
    values: Mapping[str, str]


def grade(key: str, scenario: Scenario) -> Grade:
    """What the core says of the box of a scenario.

    >>> from dataclasses import replace
    >>> drawn = replace(Scenario(), box=(1.6, 2.0, 5.0, 6.0))
    >>> grade("all_read", drawn).is_right, grade("all_read", drawn).values["lost"]
    (False, '12%')
    >>> grade("half_iou", drawn).is_right, grade("half_iou", drawn).values["iou"]
    (False, '0.60')
    """
    trace = scenario.trace(scenario.pool)
    box, read = trace.roi, trace.roi_used
    inside = np.array([*np.maximum(box[:2], read[:2]), *np.minimum(box[2:], read[2:])])
    lost, match = 1 - area(inside) / area(box), iou(box, read)
    width, height, read_width, read_height = (*(box[2:] - box[:2]), *(read[2:] - read[:2]))
    values = {
        "drawn_x": f"{number(box[0], 2)}–{number(box[2], 2)}",
        "drawn_y": f"{number(box[1], 2)}–{number(box[3], 2)}",
        "lost": number_before(_none_some_all, 100 * lost, 0) + "%",
        "iou": number_before(_small, match, 2),
        "x": f"{number(read[0], 0)}–{number(read[2], 0)}",
        "y": f"{number(read[1], 0)}–{number(read[3], 0)}",
        "size": f"{number(width, 2)} × {number(height, 2)}",
        "read_size": f"{number(read_width, 0)} × {number(read_height, 0)}",
    }
    is_right = {"all_read": bool((inside == box).all()), "half_iou": match <= LARGEST_IOU}
    return Grade(is_right[key], values)


def _none_some_all(percent: Floats) -> Floats:
    return np.sign(percent) + (percent >= 100)


def _small(match: Floats) -> Floats:
    return np.less_equal(match, LARGEST_IOU).astype(float)


def _loses_left_and_top(scenario: Scenario) -> bool:
    return all(side % 1 >= 0.5 for side in scenario.box[:2])


def _matches_well(scenario: Scenario) -> bool:
    trace = scenario.trace(scenario.pool)
    return iou(trace.roi, trace.roi_used) >= FAR_FROM_IT


TASKS: Mapping[str, Callable[[Scenario], bool]] = {"all_read": _loses_left_and_top, "half_iou": _matches_well}
"""Each with what holds for the box that it begins with."""


def on_hundredths(box: Box, scenario: Scenario) -> Box:
    """The box on the map of a scenario, each side in hundredths of a cell, as it is dragged and written."""
    x1, y1, x2, y2 = (round(side, 2) for side in nearest_box(box, scenario.feature_map.shape))
    return x1, y1, x2, y2


def box_text(box: Box) -> str:
    """A box as a browser keeps it: :func:`box_of_text` brings it back.

    >>> box_text((1.0, 2.25, 5.5, 6.0))
    '1.00,2.25,5.50,6.00'
    """
    return ",".join(f"{side:.2f}" for side in box)


def box_of_text(text: str, scenario: Scenario) -> Box | None:
    """The box of a text; None for a text that is no box on the map of the scenario.

    >>> box_of_text("1.00,2.25,5.50,6.00", Scenario()), box_of_text("1.00,2.25,5.50,99.00", Scenario())
    ((1.0, 2.25, 5.5, 6.0), None)
    """
    if not BOX_TEXT.fullmatch(text):
        return None
    x1, y1, x2, y2 = (float(side) for side in text.split(","))
    box = on_hundredths((x1, y1, x2, y2), scenario)
    return box if box_text(box) == text else None
