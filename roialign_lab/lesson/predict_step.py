"""A step of a walk, predicted on the map: what was tapped, checked against the trace, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, isclose

import numpy as np

from roialign_core.geometry import round_half_away_from_zero
from roialign_core.operators import Aggregate
from roialign_core.samples import Points
from roialign_core.trace import Trace
from roialign_lab.lesson.number_text import cells_in_words, number, number_before
from roialign_lab.lesson.scenario import Focus
from roialign_lab.lesson.walks import OF_REGION

NEAR = 0.25  # of the part of a bin that a × lies in the middle of: so far from it a tap still means it
THIRD = 2  # the × that is asked for, where a bin has so many
Place = tuple[float, float]  # y, x in map cells


@dataclass(frozen=True)
class Verdict:
    """What a prediction is worth: the keys of its sentences under ``predict``, and the numbers they have room for."""

    right: bool
    keys: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)


def verdict_of(trace: Trace, step: str, focus: Focus, places: Sequence[Place]) -> Verdict | None:
    """Whether the tapped ``places`` are what ``step`` shows for the bin and the sample of ``focus``.

    None for a step that cannot be predicted, for no places, and of a bin that reads nothing.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> t = trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2)
    >>> verdict_of(t, "max", Focus(), [(3.5, 0.5)]).right, verdict_of(t, "max", Focus(), [(4.5, 1.5)]).keys
    (True, ('max.smaller',))
    """
    check = _CHECKS.get(("roi_pool" if trace.operator.snaps else "roi_align", step))
    if check is None or not len(places):
        return None
    reads = step in OF_REGION or len(trace.samples_of(focus.row, focus.column))
    return check(trace, focus, places) if reads else None


def asked_sample(per_bin: int) -> int:
    """Which × of a bin is asked for: the third, or the last of fewer; counted from 0."""
    return min(THIRD, per_bin - 1)


def _first_cell(trace: Trace, _focus: Focus, places: Sequence[Place]) -> Verdict:
    """Where the region that is read begins: in row round(y1), column round(x1)."""
    tapped = np.floor(places[0])
    drawn, read = trace.roi[1::-1], trace.roi_used[1::-1]  # y1, x1
    whole, wrong = np.floor(drawn), tapped != read
    y1, x1 = (number_before(round_half_away_from_zero, side, 2) for side in drawn.tolist())
    row, column, best_row, best_column = (f"{at:.0f}" for at in (*tapped, *read))
    values = {"y1": y1, "x1": x1, "row": row, "column": column, "best_row": best_row, "best_column": best_column}
    is_half = bool((drawn - whole == 0.5).any())
    if not wrong.any():
        return Verdict(True, ("snap.right", *(("snap.half",) if is_half else ())), values)
    if not wrong.all():
        case = "row" if wrong[0] else "column"
    elif (tapped == whole).all():
        case = "floor"
    else:
        case = "ceil" if (tapped == np.ceil(drawn)).all() else "off"
    return Verdict(False, (f"snap.{case}", "snap.half" if is_half else "snap.nearest"), values)


def _largest_cell(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict:
    row, column = (floor(at) for at in places[0])
    cells = trace.points_of(focus.row, focus.column)
    best = int(np.flatnonzero(cells.wins)[0])
    rows, columns = cells_in_words(trace, focus.row, focus.column)
    values = {
        "row": str(row),
        "column": str(column),
        "best_row": str(floor(cells.y[best])),
        "best_column": str(floor(cells.x[best])),
        "best": number(cells.value[best], 4),
        "cells": str(len(cells.value)),
        "rows": rows,
        "columns": columns,
    }
    tapped = np.flatnonzero((np.floor(cells.y) == row) & (np.floor(cells.x) == column))
    if not len(tapped):
        return Verdict(False, ("max.outside",), values)
    k = int(tapped[0])
    if k == best or cells.value[k] == cells.value[best]:
        return Verdict(True, ("max.right",), values)
    return Verdict(False, ("max.smaller",), {**values, "value": number(cells.value[k], 4)})


def _place_of_sample(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict:
    y, x = places[0]
    points = trace.points_of(focus.row, focus.column)
    asked = asked_sample(len(points.y))
    x1, y1, x2, y2 = trace.bins[focus.row, focus.column]
    down, across = trace.grid
    reach_y, reach_x = NEAR * (y2 - y1) / down, NEAR * (x2 - x1) / across
    near = np.flatnonzero((np.abs(points.y - y) <= reach_y) & (np.abs(points.x - x) <= reach_x))
    values = {
        "k": str(asked + 1),
        "y": number(points.y[asked], 3),
        "x": number(points.x[asked], 3),
        "tapped_y": number(y, 2),
        "tapped_x": number(x, 2),
    }
    if asked in near:
        return Verdict(True, ("samples.right",), values)
    if len(near):
        return Verdict(False, ("samples.other",), {**values, "tapped": str(int(near[0]) + 1)})
    return Verdict(False, ("samples.off",), values)


def _neighbors(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict:
    point = trace.points_of(focus.row, focus.column, slice(focus.sample, focus.sample + 1))
    weighed = point.weights[0] > 0
    rows, columns = point.neighbor_y[0][weighed].tolist(), point.neighbor_x[0][weighed].tolist()
    read, tapped = set(zip(rows, columns, strict=True)), {(floor(y), floor(x)) for y, x in places}
    values = {
        "y": number(point.y[0], 3),
        "x": number(point.x[0], 3),
        "rows": _listed(rows),
        "columns": _listed(columns),
        "hits": str(len(read & tapped)),
        "count": str(len(read)),
    }
    if not read:
        return Verdict(False, ("neighbors.none",), values)
    return Verdict(read == tapped, ("neighbors.right" if read == tapped else "neighbors.wrong",), values)


def _largest_sample(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict:
    """The × that gives the maximum of its bin, or pulls its mean up most."""
    y, x = places[0]
    points = trace.points_of(focus.row, focus.column)
    tapped, best = _nearest(points, y, x), int(np.argmax(points.value))
    right = tapped == best or bool(points.value[tapped] == points.value[best])
    values = {
        "k": str(best + 1),
        "best": number(points.value[best], 3),
        "tapped": str(tapped + 1),
        "value": number(points.value[tapped], 3),
        "count": str(len(points.value)),
        "output": number(trace.output[focus.row, focus.column], 4),
    }
    if trace.operator.aggregate is Aggregate.MAX:
        return Verdict(right, ("join.right" if right else "join.wrong", "join.max"), values)
    value, mean = float(points.value[tapped]), float(trace.output[focus.row, focus.column])
    wrong = "join.mean_level" if isclose(value, mean) else "join.mean_below" if value < mean else "join.mean_less"
    return Verdict(right, ("join.mean_right" if right else wrong,), values)


def _nearest(points: Points, y: float, x: float) -> int:
    return int(np.argmin((points.y - y) ** 2 + (points.x - x) ** 2))


def _listed(cells: list[int]) -> str:
    return ", ".join(map(str, sorted(set(cells))))


_CHECKS: Mapping[tuple[str, str], Callable[[Trace, Focus, Sequence[Place]], Verdict]] = {
    ("roi_pool", "snap"): _first_cell,
    ("roi_pool", "max"): _largest_cell,
    ("roi_align", "samples"): _place_of_sample,
    ("roi_align", "neighbors"): _neighbors,
    ("roi_align", "join"): _largest_sample,
}
