"""Where a gradient lands: the same picture as the forward walk, with a share on every cell that it reaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from roialign_core.gradients import box_gradient, has_box_gradient, map_gradient
from roialign_core.operators import PRECISE_ROI_POOL, Operator
from roialign_core.trace import Trace
from roialign_lab.figures.scene import Arrow, Cells, Mark, Samples, Scene
from roialign_lab.figures.steps import glance
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import SIDES, Focus, nearest_focus
from roialign_lab.lesson.walks import Emphasis

LONGEST_ARROW = 0.9  # cells: the side with the steepest slope


def compared(pool: Operator, align: Operator) -> tuple[Operator, ...]:
    """The three operators whose gradients stand side by side."""
    return (pool, align, PRECISE_ROI_POOL)


def gradient_scene(trace: Trace, focus: Focus, every: bool) -> Scene:
    """The gradient of the output cell that is looked at, or of the sum of all: to the map and, where it is, the box."""
    focus = nearest_focus(focus, trace)
    scene = glance(trace, focus)
    cell = None if every else (focus.row, focus.column)
    marks: list[Mark] = [mark for mark in scene.marks if not isinstance(mark, Samples)]
    marks.append(_landed(trace, cell))
    if has_box_gradient(trace.operator):
        marks += _slopes(trace, cell)
    lights = {"gradient": Emphasis.LIT, "slope": Emphasis.LIT, "map": Emphasis.DIM}
    lights["focus"] = Emphasis.HIDDEN if every else Emphasis.SHOWN
    return replace(scene, marks=tuple(marks), emphasis={**scene.emphasis, **lights})


def summary(trace: Trace, focus: Focus, every: bool) -> tuple[str, str]:
    """How many cells the gradient reaches, and what it adds up to."""
    focus = nearest_focus(focus, trace)
    gradient = map_gradient(trace, None if every else (focus.row, focus.column))
    return str(int(np.count_nonzero(gradient))), number(float(gradient.sum()), 3)


def _landed(trace: Trace, cell: tuple[int, int] | None) -> Cells:
    gradient = map_gradient(trace, cell)
    at = np.argwhere(gradient)
    values = gradient[at[:, 0], at[:, 1]]
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return Cells("gradient", at, tuple(number(v, 2) for v in values), np.abs(values) / largest)


def _slopes(trace: Trace, cell: tuple[int, int] | None) -> list[Arrow]:
    """An arrow a side, the way to move it that makes the output larger, as long as it is steep."""
    slopes = box_gradient(trace, cell) / trace.spatial_scale  # per map cell, as the picture is drawn
    steepest = float(np.abs(slopes).max(initial=0.0)) or 1.0
    x1, y1, x2, y2 = (float(side) for side in trace.roi)
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    starts = {"x1": (x1, middle_y), "y1": (middle_x, y1), "x2": (x2, middle_y), "y2": (middle_x, y2)}
    arrows = []
    for side, slope in zip(SIDES, (float(s) for s in slopes), strict=True):
        x, y = starts[side]
        length = LONGEST_ARROW * slope / steepest
        end = (x + length, y) if side[0] == "x" else (x, y + length)
        arrows.append(Arrow(side, x, y, *end, label=f"{slope:+.3f}", role="slope"))
    return arrows
