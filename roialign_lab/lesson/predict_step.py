"""A prediction on the map: what was tapped or dragged, checked against the trace, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, isclose

import numpy as np

from roialign_core.geometry import round_half_away_from_zero
from roialign_core.gradients import map_gradient
from roialign_core.operators import Aggregate, Split
from roialign_core.samples import Points
from roialign_core.trace import Trace
from roialign_lab.lesson.number_text import NO_WEIGHT, cells_in_words, number, number_before
from roialign_lab.lesson.scenario import SIDES, Focus
from roialign_lab.lesson.text import Values
from roialign_lab.lesson.walks import OF_REGION

NEAR = 0.25  # of the part of a bin that a × lies in the middle of: so far from it a tap still means it
NEAR_WEIGHT = 0.05  # so far from a weight an answer still means it
SAME_LINE = 0.01  # cells: two places are the same line of the grid
THIRD = 2  # the × that is asked for, where a bin has so many
Place = tuple[float, float]  # y, x in map cells


@dataclass(frozen=True)
class Verdict:
    """What a prediction is worth: the keys of its sentences under ``predict``, and the numbers they have room for."""

    right: bool
    keys: tuple[str, ...]
    values: Values = field(default_factory=dict)
    distance: float | None = None  # from the answer: cells, or of a weight


def verdict_of(
    trace: Trace, question: str, focus: Focus, places: Sequence[Place], every: bool = False
) -> Verdict | None:
    """Whether ``places`` answer a question, for the bin and the sample of ``focus``.

    ``question`` is a step that is predicted, or one of :data:`roialign_lab.lesson.walks.BESIDES`: the two corners of a
    region (``edges``), one pair of a weight and which neighbour has it, 0 to 3 (``weight``), and the cell where the
    gradient of a bin, or of ``every`` one, lands (``landed``). None for another, for no places, and of a bin that reads
    nothing.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> t = trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2)
    >>> verdict_of(t, "max", Focus(), [(3.5, 0.5)]).right, verdict_of(t, "max", Focus(), [(4.5, 1.5)]).keys
    (True, ('max.smaller',))
    """
    check = _CHECKS.get(("roi_pool" if trace.operator.snaps else "roi_align", question))
    if check is None or not len(places):
        return None
    if question == "landed" and every:
        return _landed(trace, None, places)
    reads = question in OF_REGION or len(trace.samples_of(focus.row, focus.column))
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
    is_half, off = bool((drawn - whole == 0.5).any()), float(np.hypot(*(tapped - read)))
    if not wrong.any():
        return Verdict(True, ("snap.right", *(("snap.half",) if is_half else ())), values, off)
    if not wrong.all():
        case = "row" if wrong[0] else "column"
    elif (tapped == whole).all():
        case = "floor"
    else:
        case = "ceil" if (tapped == np.ceil(drawn)).all() else "off"
    return Verdict(False, (f"snap.{case}", "snap.half" if is_half else "snap.nearest"), values, off)


def _largest_cell(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict | None:
    row, column = (floor(at) for at in places[0])
    cells = trace.points_of(focus.row, focus.column)
    if not cells.wins.any():  # no number in it, or nothing above -∞
        return None
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
        "row_count": str(int(np.ptp(cells.y)) + 1),  # the cells of a rectangle
        "column_count": str(int(np.ptp(cells.x)) + 1),
    }
    off = float(np.hypot(row - floor(cells.y[best]), column - floor(cells.x[best])))
    tapped = np.flatnonzero((np.floor(cells.y) == row) & (np.floor(cells.x) == column))
    if not len(tapped):
        return Verdict(False, ("max.outside",), values, off)
    k = int(tapped[0])
    if k == best or cells.value[k] == cells.value[best]:
        return Verdict(True, ("max.right" if len(cells.value) > 1 else "max.right_one",), values, 0.0)
    return Verdict(False, ("max.smaller",), {**values, "value": number(cells.value[k], 4)}, off)


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
    off = float(np.hypot(points.y[asked] - y, points.x[asked] - x))
    one = "_one" if len(points.y) == 1 else ""
    if asked in near:
        return Verdict(True, (f"samples.right{one}",), values, off)
    if len(near):
        return Verdict(False, ("samples.other",), {**values, "tapped": str(int(near[0]) + 1)}, off)
    return Verdict(False, (f"samples.off{one}",), values, off)


def _neighbors(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict:
    point = trace.points_of(focus.row, focus.column, slice(focus.sample, focus.sample + 1))
    weighed = point.weights[0] > NO_WEIGHT
    rows, columns = point.neighbor_y[0][weighed].tolist(), point.neighbor_x[0][weighed].tolist()
    read, tapped = set(zip(rows, columns, strict=True)), {(floor(y), floor(x)) for y, x in places}
    values: Values = {
        "y": number(point.y[0], 3),
        "x": number(point.x[0], 3),
        "rows": _listed(rows),
        "columns": _listed(columns),
        "row_count": str(len({*rows})),
        "column_count": str(len({*columns})),
        "hits": str(len(read & tapped)),
        "count": str(len(read)),
    }
    if not read:
        return Verdict(False, ("neighbors.none",), values)
    return Verdict(read == tapped, ("neighbors.right" if read == tapped else "neighbors.wrong",), values)


def _largest_sample(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict | None:
    """The × that gives the maximum of its bin, or pulls its mean up most; None where no number does."""
    y, x = places[0]
    points = trace.points_of(focus.row, focus.column)
    is_max = trace.operator.aggregate is Aggregate.MAX
    if not (points.wins.any() if is_max else np.isfinite(points.value).all()):
        return None
    tapped, best = _nearest(points, y, x), int(np.flatnonzero(points.wins)[0] if is_max else np.argmax(points.value))
    right = tapped == best or bool(points.value[tapped] == points.value[best])
    values = {
        "k": str(best + 1),
        "best": number(points.value[best], 3),
        "tapped": str(tapped + 1),
        "value": number(points.value[tapped], 3),
        "count": str(len(points.value)),
        "output": number(trace.output[focus.row, focus.column], 4),
    }
    if is_max:
        return Verdict(right, ("join.right" if right else "join.wrong", "join.max"), values)
    value, mean = float(points.value[tapped]), float(trace.output[focus.row, focus.column])
    wrong = "join.mean_level" if isclose(value, mean) else "join.mean_below" if value < mean else "join.mean_less"
    return Verdict(right, ("join.mean_right" if right else wrong,), values)


def _region(trace: Trace, _focus: Focus, places: Sequence[Place]) -> Verdict | None:
    """The region that RoI Pooling reads, by two opposite corners; a mistake that makes the region is named.

    Only where the end cell is read too: the sentences say why.
    """
    if len(places) != 2 or set(trace.operator.split) != {Split.OVERLAP}:
        return None
    (y1, x1), (y2, x2) = places
    said, box, read = np.array([x1, y1, x2, y2]), trace.roi, trace.roi_used
    low, high = np.floor(box), np.ceil(box)
    mistakes = {
        "no_end": read - [0, 0, 1, 1],
        "outward": np.array([*low[:2], *high[2:]]),
        "inward": np.array([*high[:2], *low[2:]]),
        "cut": low,
    }
    off = float(np.abs(said - read).max())
    values = {side: number(at, 0) for side, at in zip(SIDES, read, strict=True)}
    values["off"] = number(off, 2)
    if off < SAME_LINE:
        return Verdict(True, ("edges.right",), values, 0.0)
    made = next((name for name, sides in mistakes.items() if np.abs(said - sides).max() < SAME_LINE), "off")
    if (np.abs(said - np.round(said)) > SAME_LINE).any():  # some edge was left between two lines, as the box has it
        made = "kept"
    return Verdict(False, (f"edges.{made}", "edges.truth"), values, off)


def _weight(trace: Trace, focus: Focus, places: Sequence[Place]) -> Verdict | None:
    """The weight of one neighbour of the ×, within 0.05; a mistake that gives a weight as near is named."""
    point = trace.points_of(focus.row, focus.column, slice(focus.sample, focus.sample + 1))
    said, which = places[0]
    if len(places) != 1 or which not in range(4) or not 0 <= said <= 1:
        return None
    n, weights = int(which), point.weights[0]
    cells = list(zip(point.neighbor_y[0].tolist(), point.neighbor_x[0].tolist(), strict=True))
    if cells.count(cells[n]) > 1 or not 0 < weights[n] < 1:  # at the border two neighbours are one cell
        return None
    right = float(weights[n])
    beside = [[k for k in range(4) if (k in pair) == (n in pair)] for pair in ((0, 1), (0, 2))]  # same row, same column
    mistakes = {
        "own": [float(weights[3 - n])],
        "equal": [0.25],
        "one_axis": [float(weights[along].sum()) for along in beside],
    }
    off = abs(said - right)
    row, column = cells[n]
    values = {"row": str(row), "column": str(column), "weight": number(right, 3), "said": number(said, 2)}
    if off <= NEAR_WEIGHT:
        return Verdict(True, ("weight.right",), values, off)
    near = {name: min(abs(said - weight) for weight in meant) for name, meant in mistakes.items()}
    nearest = min(near, key=lambda name: near[name])
    return Verdict(False, (f"weight.{nearest if near[nearest] <= NEAR_WEIGHT else 'off'}",), values, off)


def _landed(trace: Trace, focus: Focus | None, places: Sequence[Place]) -> Verdict:
    """The cell to which most of the gradient of a bin goes, or of all bins together; of RoI Pooling's bin all of it."""
    row, column = (floor(at) for at in places[0])
    gradient = map_gradient(trace, None if focus is None else (focus.row, focus.column))
    best_row, best_column = (int(at) for at in np.unravel_index(int(gradient.argmax()), gradient.shape))
    most, is_inside = float(gradient.max()), 0 <= row < gradient.shape[0] and 0 <= column < gradient.shape[1]
    part = float(gradient[row, column]) if is_inside else 0.0
    values = {"row": str(row), "column": str(column), "best_row": str(best_row), "best_column": str(best_column)}
    values |= {"part": number(part, 2), "most": number(most, 2)}
    off = float(np.hypot(row - best_row, column - best_column))
    if part == most:
        return Verdict(True, ("landed.most" if focus is None else "landed.right",), values, 0.0)
    if part > 0:
        return Verdict(False, ("landed.some",), values, off)
    x1, y1, x2, y2 = (0, 0, 0, 0) if focus is None else trace.bins_used[focus.row, focus.column]
    return Verdict(False, ("landed.bin" if y1 <= row < y2 and x1 <= column < x2 else "landed.outside",), values, off)


def _nearest(points: Points, y: float, x: float) -> int:
    return int(np.argmin((points.y - y) ** 2 + (points.x - x) ** 2))


def _listed(cells: list[int]) -> tuple[str, ...]:
    return tuple(map(str, sorted(set(cells))))


_CHECKS: Mapping[tuple[str, str], Callable[[Trace, Focus, Sequence[Place]], Verdict | None]] = {
    ("roi_pool", "snap"): _first_cell,
    ("roi_pool", "max"): _largest_cell,
    ("roi_pool", "edges"): _region,
    ("roi_pool", "landed"): _landed,
    ("roi_align", "samples"): _place_of_sample,
    ("roi_align", "neighbors"): _neighbors,
    ("roi_align", "weight"): _weight,
    ("roi_align", "join"): _largest_sample,
}
