"""Questions that are answered on the map: a box is drawn, and the core says whether it is one that was asked for.

Both are about RoI Pooling as torchvision has it, which reads the end cell too: from the rounded left and upper sides to
one more than the rounded right and lower sides. No box equals such a region, so *nothing of it is lost* is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from roialign_core.geometry import Floats, area, iou
from roialign_core.trace import Trace
from roialign_lab.lesson.number_text import number, number_before
from roialign_lab.lesson.scenario import SIDES, Box, Scenario, nearest_box

LARGEST_IOU = 0.5
FAR_FROM_IT = 0.6  # the least IoU that the box of that question begins with
BOX_TEXT = re.compile(r"\d{1,2}\.\d\d(?:,\d{1,2}\.\d\d){3}", re.ASCII)


@dataclass(frozen=True)
class Grade:
    """What the core says of a box: ``right``, or the reason why it is not what was asked for, and the numbers of it."""

    reason: str
    values: Mapping[str, str]

    @property
    def is_right(self) -> bool:
        """Is the box one that was asked for?"""
        return self.reason == "right"


def grade(key: str, scenario: Scenario) -> Grade:
    """What the core says of the box of a scenario as the answer to a task of :data:`TASKS`.

    >>> from dataclasses import replace
    >>> drawn = replace(Scenario(), box=(1.6, 2.0, 5.0, 6.0))
    >>> grade("all_read", drawn).reason, grade("all_read", drawn).values["lost"]
    ('x1', '12%')
    >>> grade("half_iou", drawn).reason, grade("half_iou", drawn).values["iou"]
    ('large', '0.56')
    """
    trace = scenario.trace(scenario.pool)
    box, read = trace.roi, trace.roi_used
    inside = np.array([*np.maximum(box[:2], read[:2]), *np.minimum(box[2:], read[2:])])
    shared = area(inside)
    lost = 0.0 if (inside == box).all() else 1 - shared / area(box)
    values = {
        "drawn_x": f"{number(box[0], 2)}–{number(box[2], 2)}",
        "drawn_y": f"{number(box[1], 2)}–{number(box[3], 2)}",
        "size": f"{number(box[2] - box[0], 2)} × {number(box[3] - box[1], 2)}",
        "x": f"{number(read[0], 0)}–{number(read[2], 0)}",
        "y": f"{number(read[1], 0)}–{number(read[3], 0)}",
        "read_size": f"{number(read[2] - read[0], 0)} × {number(read[3] - read[1], 0)}",
        "lost": number_before(_none_some_all, 100 * lost, 0) + "%",
        "shared": number(shared, 2),
        "together": number(area(box) + area(read) - shared, 2),
        "iou": number_before(_small, iou(box, read), 2),
        **{side: number(box[k], 2) for k, side in enumerate(SIDES[:2])},
        **{f"read_{side}": number(read[k], 0) for k, side in enumerate(SIDES[:2])},
    }
    return Grade(TASKS[key].reason(trace), values)


def _none_some_all(percent: Floats) -> Floats:
    return np.sign(percent) + (percent >= 100)


def _small(match: Floats) -> Floats:
    return np.less_equal(match, LARGEST_IOU).astype(float)


@dataclass(frozen=True)
class Task:
    """``reason`` says of a box's trace ``right``, or why not; ``begins`` what holds for the box that it begins with."""

    reason: Callable[[Trace], str]
    begins: Callable[[Trace], bool]


def _side_that_loses(trace: Trace) -> str:
    """A left or upper side that is rounded up loses what lies before it; the end cell covers the right and the bottom.

    So nothing else can lose: one more than the nearest whole number is never less than the side.
    """
    left, upper = (trace.roi_used[:2] > trace.roi[:2]).tolist()
    return "both" if left and upper else "x1" if left else "y1" if upper else "right"


TASKS: Mapping[str, Task] = {
    "all_read": Task(_side_that_loses, lambda trace: _side_that_loses(trace) == "both"),
    "half_iou": Task(
        lambda trace: "right" if iou(trace.roi, trace.roi_used) <= LARGEST_IOU else "large",
        lambda trace: iou(trace.roi, trace.roi_used) >= FAR_FROM_IT,
    ),
}
"""In their order, which decides what a seed draws: a new task comes last."""


def on_hundredths(box: Box, scenario: Scenario) -> Box:
    """The box on the map of a scenario, each side in hundredths of a cell, as it is dragged and written; no −0."""
    x1, y1, x2, y2 = (round(side, 2) + 0.0 for side in nearest_box(box, scenario.feature_map.shape))
    return x1, y1, x2, y2


def box_text(box: Box) -> str:
    """A box as a browser keeps it: :func:`box_of_text` brings it back.

    >>> box_text((1.0, 2.25, 5.5, 6.0))
    '1.00,2.25,5.50,6.00'
    """
    return ",".join(f"{side:.2f}" for side in box)


def box_of_text(text: object, scenario: Scenario) -> Box | None:
    """The box of a text; None for what is no text of a box on the map of the scenario.

    >>> box_of_text("1.00,2.25,5.50,6.00", Scenario()), box_of_text("1.00,2.25,5.50,99.00", Scenario())
    ((1.0, 2.25, 5.5, 6.0), None)
    """
    if not isinstance(text, str) or not BOX_TEXT.fullmatch(text):
        return None
    x1, y1, x2, y2 = (float(side) for side in text.split(","))
    if x1 > x2 or y1 > y2:
        return None
    box = on_hundredths((x1, y1, x2, y2), scenario)
    return box if box_text(box) == text else None
