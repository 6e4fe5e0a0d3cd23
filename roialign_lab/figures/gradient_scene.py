"""Where a gradient lands: the same picture as the forward walk, with a share on every cell that it reaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from roialign_core.geometry import Floats
from roialign_core.gradients import box_gradient, has_box_gradient, map_gradient
from roialign_core.operators import PRECISE_ROI_POOL, Operator
from roialign_core.trace import Trace
from roialign_lab.figures.scene import LARGEST_NUMBERED, Arrow, Cells, Mark, Samples, Scene
from roialign_lab.figures.steps import glance
from roialign_lab.lesson.number_text import number, signed, small_number
from roialign_lab.lesson.scenario import SIDES, Focus, nearest_focus
from roialign_lab.lesson.walks import Emphasis

BLOCKS = 56  # of a large map, along a side: smaller than that is not seen
LEVELS = 20
LONGEST_ARROW = 0.9  # cells: the side with the steepest slope
COMPARED = ("roi_pool", "roi_align", "precise_roi_pool")
"""What the operators are called that stand side by side."""


def compared(pool: Operator, align: Operator) -> tuple[Operator, ...]:
    """The operators whose gradients stand side by side, in the order of :data:`COMPARED`."""
    return (pool, align, PRECISE_ROI_POOL)


def gradient_scene(trace: Trace, focus: Focus, every: bool) -> Scene:
    """The gradient of the output cell that is looked at, or of the sum of all: to the map and, where it is, the box."""
    return gradient_seen(trace, focus, every)[0]


def gradient_seen(trace: Trace, focus: Focus, every: bool) -> tuple[Scene, str, str]:
    """As :func:`gradient_scene`, with how many cells the gradient reaches and what it adds up to, as texts."""
    focus = nearest_focus(focus, trace)
    scene = glance(trace, focus)
    cell = None if every else (focus.row, focus.column)
    gradient = map_gradient(trace, cell)
    marks: list[Mark] = [mark for mark in scene.marks if not isinstance(mark, Samples)]
    marks.append(_each_cell(gradient) if max(gradient.shape) <= LARGEST_NUMBERED else _merged(gradient))
    if has_box_gradient(trace.operator):
        marks += _slopes(trace, cell)
    lights = {"gradient": Emphasis.LIT, "slope": Emphasis.LIT, "map": Emphasis.DIM}
    lights["focus"] = Emphasis.HIDDEN if every else Emphasis.SHOWN
    scene = replace(scene, marks=tuple(marks), emphasis={**scene.emphasis, **lights})
    return scene, str(int(np.count_nonzero(gradient))), number(float(gradient.sum()), 3)


def _each_cell(gradient: Floats) -> Cells:
    at = np.argwhere(gradient)
    values = gradient[at[:, 0], at[:, 1]]
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return Cells("gradient", at, tuple(small_number(v, 2) for v in values), np.abs(values) / largest)


def _merged(gradient: Floats) -> Cells:
    """Cells too small for a number: rectangles of cells of one of twenty levels, of a large map in blocks of cells.

    A block has the level of its largest cell, and what is not 0 has at least the lowest level: no cell is lost.
    """
    size = np.abs(gradient)
    high, wide = (-(-cells // BLOCKS) for cells in size.shape)  # cells a block
    blocks = _largest_of(_largest_of(size, high).T, wide).T
    levels = np.ceil(blocks / (blocks.max() or 1.0) * LEVELS).astype(int)
    found = _rectangles(levels)
    scale = np.array([high, wide, high, wide])
    start, end = np.split(np.minimum(found[:, :4] * scale, [*size.shape, *size.shape]), 2, axis=1)
    return Cells("gradient", start, (), found[:, 4] / LEVELS, end - start)


def _largest_of(size: Floats, rows: int) -> Floats:
    """The largest of every so many rows of a table, column by column: much quicker than ``reduceat``.

    >>> _largest_of(np.array([[1.0, 9.0], [2.0, 3.0], [4.0, 5.0]]), 2).tolist()
    [[2.0, 9.0], [4.0, 5.0]]
    """
    largest = size[::rows].copy()
    for k in range(1, rows):
        here = size[k::rows]
        np.maximum(largest[: len(here)], here, out=largest[: len(here)])
    return largest


def _rectangles(levels: np.ndarray) -> np.ndarray:
    """Rectangles of equal numbers other than 0 that cover a table: (n, 5), first cell, end, number.

    >>> _rectangles(np.array([[2, 2, 0], [2, 2, 1]])).tolist()
    [[0, 0, 2, 2, 2], [1, 2, 2, 3, 1]]
    """
    is_first = np.ones(levels.shape, bool)  # the first of a run of equal numbers in a row
    is_first[:, 1:] = levels[:, 1:] != levels[:, :-1]
    first = np.flatnonzero(is_first)
    row, left = np.divmod(first, levels.shape[1])
    runs = np.column_stack([left, left + np.diff(first, append=levels.size), levels.ravel()[first], row])
    runs = runs[runs[:, 2] != 0]
    runs = runs[np.lexsort(runs.T[[3, 2, 1, 0]])]  # equal runs of rows that follow each other come one after the other
    is_top = np.ones(len(runs), bool)
    is_top[1:] = (np.diff(runs, axis=0) != [0, 0, 0, 1]).any(axis=1)
    left, right, number = runs[is_top, :3].T
    found = np.column_stack([runs[is_top, 3], left, runs[np.roll(is_top, -1), 3] + 1, right, number])
    return found[np.lexsort(found.T[::-1])]


def _slopes(trace: Trace, cell: tuple[int, int] | None) -> list[Arrow]:
    """An arrow a side, the way to move it that makes the output larger, as long as it is steep.

    A slope that is not finite, beside a cell that is not, has none.
    """
    slopes = box_gradient(trace, cell) / trace.spatial_scale  # per map cell, as the picture is drawn
    steepest = float(np.abs(slopes[np.isfinite(slopes)]).max(initial=0.0)) or 1.0
    x1, y1, x2, y2 = (float(side) for side in trace.roi)
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    starts = {"x1": (x1, middle_y), "y1": (middle_x, y1), "x2": (x2, middle_y), "y2": (middle_x, y2)}
    arrows = []
    for side, slope in zip(SIDES, (float(s) for s in slopes), strict=True):
        if not np.isfinite(slope):
            continue
        x, y = starts[side]
        length = LONGEST_ARROW * (slope / steepest)  # of the steepest just that
        end = (x + length, y) if side[0] == "x" else (x, y + length)
        arrows.append(Arrow(side, x, y, *end, label=signed(slope, 3), role="slope"))
    return arrows
