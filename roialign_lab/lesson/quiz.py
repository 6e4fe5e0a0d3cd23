"""Questions to predict before the stage reveals: made from a seed, answered by the core, a reason for each choice.

Everybody who opens the same seed gets the same questions. A wrong choice is what a misconception gives: its reason
names that misconception, so it is true of the number that it stands at. The last questions have no choices: a box is
drawn, see :mod:`roialign_lab.lesson.box_tasks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from roialign_core.geometry import Floats, round_half_away_from_zero
from roialign_core.operators import ROI_ALIGN_LEGACY, ROI_ALIGN_ONNX_MAX, ROI_POOL, Aggregate, Operator, Split
from roialign_core.pyramid import CANONICAL_LEVEL, CANONICAL_SIZE, fpn_levels
from roialign_core.trace import Trace
from roialign_core.trace import trace as trace_box
from roialign_lab.lesson.box_tasks import TASKS, Grade, grade
from roialign_lab.lesson.mask_results import LIMITS, points, score
from roialign_lab.lesson.moments import share_read
from roialign_lab.lesson.number_text import cell_range, cells_in_words, number, number_before
from roialign_lab.lesson.scenario import SIDES, Box, Focus, Scenario
from roialign_lab.lesson.text import Values

LARGEST_SEED = 9999
CHOICES = 4
MOST_DRAWS = 200
THIRD = 2
NO_CHOICE = -1
"""What stands for the right choice of a question that has none."""
TRAINED_AT, SPOKEN = 16, "above_0.75"  # the stride of the networks that are asked about, and a measure
FIRST_TASK = 100  # apart from the kinds, so that a new kind leaves what a seed draws


@dataclass(frozen=True)
class Choice:
    """An answer: what it says (as it is, or the text key of words) and the text key of why it is wrong or right."""

    label: str
    reason: str


@dataclass(frozen=True)
class Question:
    """One question: what the stage shows before and after, four choices, and which of them is right.

    A question of :data:`~roialign_lab.lesson.box_tasks.TASKS` has no choices: it is answered by the box.
    ``text_key`` names the question in the catalogues, ``values`` are the numbers that it and its reasons have room for.
    """

    key: str
    scenario: Scenario
    snaps: bool
    before: str
    after: str
    values: Values
    choices: tuple[Choice, ...]
    right: int

    @property
    def text_key(self) -> str:
        """Where its words are."""
        return f"quiz.{self.key}"

    @property
    def operator(self) -> Operator:
        """The operator that the stage shows until the answer."""
        return self.scenario.pool if self.snaps else self.scenario.align

    @property
    def revealed(self) -> tuple[Scenario, Operator]:
        """What the stage shows with the answer: the operator, or how it joins, where that was the question."""
        if self.key not in ("library", "join"):
            return self.scenario, self.operator
        name = self.choices[self.right].label.rpartition(".")[2]
        if self.key == "library":
            return _candidates(self.scenario)[name]
        joined = replace(self.scenario, aggregate=Aggregate(name))
        return joined, joined.align


Draft = tuple[Values, str, list[tuple[str, str]]]  # numbers; the right label; (label, reason) by mistake


@lru_cache(256)
def question(seed: int, key: str) -> Question:
    """The question of that kind for a seed; of a task, with the box that it begins with.

    >>> first = question(7, "snap")
    >>> first == question(7, "snap"), first == question(8, "snap"), len(first.choices)
    (True, False, 4)
    """
    if key in TASKS:
        return _task(seed, key)
    kind = KINDS[key]
    rng = np.random.default_rng((seed, list(KINDS).index(key)))
    for _ in range(MOST_DRAWS):
        scenario = kind.adapt(_scenario(rng), rng)
        trace = scenario.trace(scenario.pool if kind.snaps else scenario.align)
        values, right, mistakes = kind.draft(trace, scenario, rng)
        answers = _different([(right, "right"), *(mistakes[k] for k in rng.permutation(len(mistakes)))])
        if len(answers) >= CHOICES:
            break
    order = rng.permutation(CHOICES)
    choices = [Choice(label, f"quiz.{key}.{reason}") for label, reason in answers[:CHOICES]]
    return Question(
        key=key,
        scenario=scenario,
        snaps=kind.snaps,
        before=kind.before,
        after=kind.after,
        values={
            **values,
            "row": str(scenario.focus.row),
            "column": str(scenario.focus.column),
            "bin": scenario.bin_name(scenario.focus),
        },
        choices=tuple(choices[k] for k in order),
        right=int(np.flatnonzero(order == 0)[0]),
    )


def _task(seed: int, key: str) -> Question:
    """What is seen before and after are steps of RoI Pooling."""
    rng = np.random.default_rng((seed, FIRST_TASK + list(TASKS).index(key)))
    drawn = (_scenario(rng) for _ in range(MOST_DRAWS))
    scenario = next(scenario for scenario in drawn if TASKS[key].begins(scenario.trace(scenario.pool)))
    return Question(key, scenario, True, "project", "snap", {}, (), NO_CHOICE)


@lru_cache(256)
def grade_box(seed: int, key: str, box: Box) -> Grade:
    """What the core says of a box as the answer to a task of a seed.

    >>> grade_box(7, "half_iou", (2.0, 2.0, 4.0, 4.0)).reason, grade_box(7, "half_iou", (2.0, 2.0, 5.0, 5.0)).reason
    ('right', 'large')
    """
    return grade(key, replace(question(seed, key).scenario, box=box))


def _scenario(rng: np.random.Generator) -> Scenario:
    """A box on a map that leaves room for every mistake to look different."""
    x1, y1 = (round(float(side), 2) for side in rng.uniform(0.3, 2.4, 2))
    width, height = (round(float(side), 2) for side in rng.uniform(3.6, 5.2, 2))
    box = (x1, y1, round(x1 + width, 2), round(y1 + height, 2))
    bins = Focus(int(rng.integers(2)), int(rng.integers(2)), int(rng.integers(4)))
    return Scenario(map=f"random-8x8-{int(rng.integers(1000))}", box=box, focus=bins)


def _different(answers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    seen: dict[str, str] = {}
    for label, reason in answers:
        seen.setdefault(label, reason)
    return list(seen.items())


# ---- the kinds ----------------------------------------------------------------------------------------------------


def _snap(trace: Trace, _scenario: Scenario, rng: np.random.Generator) -> Draft:
    k = int(rng.integers(4))
    side, read = float(trace.roi[k]), float(trace.roi_used[k])
    rounded = float(round_half_away_from_zero(trace.roi[k : k + 1])[0])
    if k < 2:
        mistakes = [(np.floor(side), "floor"), (np.ceil(side), "ceil"), (rounded + 1, "end"), (rounded - 1, "start")]
    else:
        mistakes = [(np.floor(side), "floor"), (rounded, "rounded"), (np.ceil(side) + 1, "ceil_end")]
    wrong = [(number(float(value), 0), reason) for value, reason in mistakes if value >= 0]
    if side != rounded:
        wrong.append((number(side, 2), "kept"))
    return {"side": SIDES[k], "position": number(side, 2)}, number(read, 0), wrong


def _cells(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    row, column = scenario.focus.row, scenario.focus.column
    x1, y1, x2, y2 = (int(side) for side in trace.bins_used[row, column])
    read = cells_in_words(trace, row, column)
    mistakes = [
        (cells_in_words(_disjoint(trace, Split.FLOOR), row, column), "disjoint"),
        (cells_in_words(_disjoint(trace, Split.CEIL), row, column), "long_first"),
        (cells_in_words(trace, row, 1 - column), "neighbor"),
        (cells_in_words(trace, 1 - row, column), "neighbor"),
        (read[::-1], "swapped"),
    ]
    size = len(trace.feature_map)
    if trace.roi_used.max() > size:  # the map ends within the region: another question
        return {}, _product(read), []
    if max(x2, y2) < size:  # cells that are there
        mistakes.append(((cell_range(y1, y2 + 1), cell_range(x1, x2 + 1)), "end"))
    return {}, _product(read), [(_product(cells), reason) for cells, reason in mistakes]


def _disjoint(trace: Trace, rule: Split) -> Trace:
    """The same region under a split without overlap."""
    operator = replace(trace.operator, split=(rule, rule))
    return trace_box(trace.feature_map, trace.roi_used, operator, trace.output_size)


def _product(cells: tuple[str, str]) -> str:
    return f"({cells[0]}) × ({cells[1]})"


def _sample(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    mine = trace.samples_of(scenario.focus.row, scenario.focus.column)
    x1, y1, x2, y2 = (float(side) for side in trace.bins[scenario.focus.row, scenario.focus.column])

    def at(y: float, x: float) -> str:
        return f"({number(y, 2)}, {number(x, 2)})"

    (y, x), second = ((float(trace.sample_y[k]), float(trace.sample_x[k])) for k in (mine[THIRD], mine[1]))
    mistakes = [(at(*second), "second"), (at((y1 + y2) / 2, x1), "edge"), (at(x, y), "swapped")]
    mistakes += [(at((y1 + y2) / 2, (x1 + x2) / 2), "centre")]
    return {"range": f"y {number(y1, 2)}–{number(y2, 2)}, x {number(x1, 2)}–{number(x2, 2)}"}, at(y, x), mistakes


def _chosen(trace: Trace, scenario: Scenario) -> tuple[int, dict[str, str]]:
    mine = trace.samples_of(scenario.focus.row, scenario.focus.column)
    k = mine[scenario.focus.sample]
    return k, {"y": number(trace.sample_y[k], 2), "x": number(trace.sample_x[k], 2)}


def _neighbors(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    k, values = _chosen(trace, scenario)
    top, left = int(trace.neighbor_y[k, 0]), int(trace.neighbor_x[k, 0])
    inside = (int(trace.sample_y[k]), int(trace.sample_x[k]))
    mistakes = [(inside, "cell"), ((left, top), "swapped"), ((top + 1, left + 1), "rounded")]
    mistakes += [((top + 1, left), "off"), ((top, left + 1), "off"), ((top - 1, left), "off"), ((top, left - 1), "off")]
    last = len(trace.feature_map) - 2
    there = [(at, reason) for at, reason in mistakes if min(at) >= 0 and max(at) <= last]
    if any(at.endswith(".50") for at in values.values()):  # as written, straight between two centres
        there = []
    return values, _four(top, left), [(_four(*at), reason) for at, reason in there]


def _four(y: int, x: int) -> str:
    """Two rows and two columns of cells, from those on."""
    return f"{y}–{y + 1} × {x}–{x + 1}"


def _weights(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    k, values = _chosen(trace, scenario)
    right, *others = (number(weight, 3) for weight in trace.weights[k])
    along_y, along_x = (float(trace.weights[k, list(pair)].sum()) for pair in ((0, 1), (0, 2)))
    values |= {"cell": f"({trace.neighbor_y[k, 0]}, {trace.neighbor_x[k, 0]})"}
    values |= {"along_y": number(along_y, 3), "along_x": number(along_x, 3)}
    mistakes = [(others[0], "other"), (others[1], "other"), (others[2], "own"), ("0.250", "equal")]
    mistakes += [(values["along_y"], "one_axis"), (values["along_x"], "one_axis")]
    return values, right, [*mistakes, (number((along_y + along_x) / 2, 3), "average")]


def _join(trace: Trace, scenario: Scenario, rng: np.random.Generator) -> Draft:
    row, column = scenario.focus.row, scenario.focus.column
    mine = trace.samples_of(row, column)
    readings = trace.sample_value[mine.start : mine.stop]
    corners = scenario.trace(ROI_ALIGN_ONNX_MAX)
    joined = {
        "mean": trace.joined(Aggregate.MEAN)[row, column],
        "max": trace.joined(Aggregate.MAX)[row, column],
        "sum": readings.sum(),
        "corner": corners.output[row, column],
    }
    values = {name: number(value, 4) for name, value in joined.items()}
    right = ("mean", "max")[int(rng.integers(2))]
    mistakes = [(f"quiz.join.{name}", f"not_{name}") for name in joined if name != right]
    if len(set(values.values())) < len(values):
        mistakes = []
    listed = tuple(number(value, 3) for value in readings)
    return {**values, "values": listed, "output": values[right]}, f"quiz.join.{right}", mistakes


def _candidates(scenario: Scenario) -> dict[str, tuple[Scenario, Operator]]:
    """Who may have computed a table, and on what it was."""
    legacy, article = replace(scenario, aligned=False), replace(scenario, aggregate=Aggregate.MAX)
    return {
        "aligned": (scenario, scenario.align),
        "legacy": (legacy, legacy.align),
        "article": (article, article.align),
        "pool": (scenario, scenario.pool),
    }


def _library(_trace: Trace, scenario: Scenario, rng: np.random.Generator) -> Draft:
    tables = {
        name: " / ".join("  ".join(number(value, 3) for value in row) for row in where.trace(operator).output)
        for name, (where, operator) in _candidates(scenario).items()
    }
    chosen = tuple(tables)[int(rng.integers(len(tables)))]
    others = [name for name in tables if name != chosen] if len({*tables.values()}) == len(tables) else []
    mistakes = [(f"quiz.library.{name}", f"not_{name}") for name in others]
    return {**tables, "table": tables[chosen]}, f"quiz.library.{chosen}", mistakes


def _aligned(_trace: Trace, _scenario: Scenario, _rng: np.random.Generator) -> Draft:
    return {}, "quiz.aligned.shift", [(f"quiz.aligned.{name}", f"not_{name}") for name in ("left", "rounds", "nothing")]


def _legacy(scenario: Scenario, _rng: np.random.Generator) -> Scenario:
    return replace(scenario, aligned=False)


def _on_third(scenario: Scenario, _rng: np.random.Generator) -> Scenario:
    """The sample of the question is the one that the stage lights when it reveals the answer."""
    return replace(scenario, focus=replace(scenario.focus, sample=THIRD))


# ---- how many × a bin has -------------------------------------------------------------------------------------------


def _with_ratio(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """Six or nine bins, so that their number is not that of the neighbours of a ×."""
    ratio = (0, 0, 1, 1, 2, 3)[int(rng.integers(6))]
    size = ((2, 3), (3, 2), (3, 3))[int(rng.integers(3))]
    return replace(scenario, samples=ratio, output_size=size, focus=replace(scenario.focus, sample=0))


def _both_ways(length: Floats) -> Floats:
    """Tells lengths apart that are rounded up or down to different numbers."""
    return np.ceil(length) + np.floor(length)


def _ratio(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    ratio, (down, across), (rows, columns) = scenario.samples, trace.grid, scenario.output_size
    x1, y1, x2, y2 = trace.bins[0, 0]
    count = down * across
    mistakes = [(count * rows * columns, "box"), (4 * count, "corners")]
    if ratio:
        adaptive = replace(scenario, samples=0).grid(scenario.align)
        mistakes += [(adaptive[0] * adaptive[1], "adaptive"), (2 * ratio, "sum"), (ratio, "side")]
    else:
        mistakes += [(0, "none"), (1, "one"), (int(y2 - y1) * int(x2 - x1), "floor")]
    values = {
        "ratio": str(ratio),
        "bins": f"{rows}×{columns}",
        "height": number_before(_both_ways, y2 - y1, 2),
        "width": number_before(_both_ways, x2 - x1, 2),
        "grid": f"{down}×{across}",
    }
    return values, str(count), [(str(value), reason) for value, reason in mistakes]


# ---- where the region of RoI Align ends -----------------------------------------------------------------------------


def _end(trace: Trace, scenario: Scenario, rng: np.random.Generator) -> Draft:
    k = 2 + int(rng.integers(2))
    side, read = float(trace.roi[k]), float(trace.roi_used[k])
    pooled, legacy = (float(scenario.trace(operator).roi_used[k]) for operator in (ROI_POOL, ROI_ALIGN_LEGACY))
    mistakes = [(side + 1, "plus"), (pooled, "pool"), (pooled - 1, "rounded"), (legacy, "legacy")]
    mistakes += [(2 * side - legacy, "half")]
    wrong = [(number(value, 2), reason) for value, reason in mistakes]
    return {"side": SIDES[k], "position": number(side, 2)}, number(read, 2), wrong


# ---- who hands a gradient to the box --------------------------------------------------------------------------------

HANDS_TO_BOX = ("precise_roi_pool", "roi_warp", "crop_and_resize")
"""By their papers and sources: Jiang et al. 2018; Dai, He, Sun 2016 (MNC); TensorFlow, CropAndResizeGradBoxes."""
FLAT_IN_BOX = ("roi_pool", "ps_roi_pool")
"""They round the box: almost everywhere nothing changes with a side, so there is nothing to hand."""
HANDS_NONE = ("roi_align", "roi_align_legacy", "roi_align_max", "ps_roi_align")
"""Their output changes with the box, but the backward passes of the libraries take the box as given."""


def _box_gradient(trace: Trace, _scenario: Scenario, rng: np.random.Generator) -> Draft:
    right = HANDS_TO_BOX[int(rng.integers(len(HANDS_TO_BOX)))]
    wrong = [(key, "flat") for key in FLAT_IN_BOX] + [(key, "given") for key in HANDS_NONE]
    if (trace.roi % 1 == 0.5).any():  # one of the few places where rounding jumps
        wrong = []
    return {}, f"family.{right}", [(f"family.{key}", reason) for key, reason in wrong]


# ---- the level of a feature pyramid ---------------------------------------------------------------------------------

LEVELS = range(2, 6)
COARSEST = 2 ** LEVELS[-1]  # its stride: the map of the question
PICTURE = 16 * COARSEST  # pixels on each side
LEAST_BOX, LARGEST_BOX = 60, 500  # pixels: the side of a square box of its area
LONGEST = 2.4  # of a box, by its other side


def _of_any_level(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """A box of whole pixels on the coarsest map of the pyramid of that picture; every level as often."""
    level = int(rng.integers(len(LEVELS)))
    ends = (LEAST_BOX, *(CANONICAL_SIZE / 2 ** (CANONICAL_LEVEL - n) for n in LEVELS[1:]), LARGEST_BOX)
    side = rng.uniform(ends[level], ends[level + 1])
    shape = min(rng.uniform(1, LONGEST), (PICTURE / side) ** 2) ** 0.5
    width, height = rng.permutation([round(side * shape), round(side / shape)]).tolist()
    x1, y1 = (int(rng.integers(PICTURE - length + 1)) for length in (width, height))
    box = (x1 / COARSEST, y1 / COARSEST, (x1 + width) / COARSEST, (y1 + height) / COARSEST)
    return replace(scenario, map=f"random-16x16-{int(rng.integers(1000))}", stride=COARSEST, box=box)


def _level(trace: Trace, _scenario: Scenario, _rng: np.random.Generator) -> Draft:
    x1, y1, x2, y2 = (float(side) for side in trace.box)
    width, height = x2 - x1, y2 - y1
    side = float(np.sqrt(width * height))
    squares = [[0, 0, length, length] for length in (max(width, height), 2**0.5 * side)]
    longest, rounded = fpn_levels(squares).tolist()  # half a level up is √2 times as large
    (right,) = fpn_levels([trace.box]).tolist()
    mistakes = [(level, "finer" if level < right else "coarser") for level in LEVELS if level != right]
    mistakes += [(longest, "longest"), (rounded, "rounded")]
    if fpn_levels([[0, 0, round(side), round(side)]])[0] != right:  # the side as it is shown would mislead
        mistakes = []
    values = {
        "width": number(width, 0),
        "height": number(height, 0),
        "longest": number(max(width, height), 0),
        "area_side": number(side, 0),
        "level": f"P{right}",
        "exact": number_before(np.floor, CANONICAL_LEVEL + np.log2(round(side) / CANONICAL_SIZE), 2),
    }
    return values, f"P{right}", [(f"P{level}", reason) for level, reason in mistakes]


# ---- which cells are never read -------------------------------------------------------------------------------------


def _large(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """A box of whole cells, many for each bin."""
    size, bins = int(rng.integers(20, 31)), (3, 4, 5, 7)[int(rng.integers(4))]
    x1, y1 = (int(start) for start in rng.integers(33 - size, size=2))
    return replace(
        scenario,
        map=f"random-32x32-{int(rng.integers(1000))}",
        box=(x1, y1, x1 + size, y1 + size),
        output_size=(bins, bins),
        samples=1 + int(rng.integers(2)),
        focus=replace(scenario.focus, sample=0),
    )


def _unread(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    bins, ratio = scenario.output_size[0], scenario.samples
    size = int(trace.roi[2] - trace.roi[0])
    read = share_read(trace)
    mistakes = {"read": read, "axis": 1 - read**0.5, "own": 1 - (bins * ratio / size) ** 2, "none": 0.0}
    values = {
        "size": f"{size}×{size}",
        "bins": f"{bins}×{bins}",
        "ratio": str(ratio),
        "samples": str(len(trace.sample_value)),
        "cells": str(size * size),
        "read": str(round(read * size * size)),
    }
    return values, f"{1 - read:.0%}", [(f"{share:.0%}", reason) for reason, share in mistakes.items()]


def _limit(_trace: Trace, _scenario: Scenario, _rng: np.random.Generator) -> Draft:
    """At which limit two trained networks part: the numbers are those that were measured."""
    values = {
        f"{name}_{k}": points(_measured(f"roi_{name}", limit))
        for name in ("pool", "align")
        for k, limit in enumerate(LIMITS)
    }
    return values, "quiz.limit.middle", [(f"quiz.limit.{name}", f"not_{name}") for name in ("low", "high", "same")]


def _learned_join(_trace: Trace, _scenario: Scenario, _rng: np.random.Generator) -> Draft:
    """Whether it matters that a network is trained with the maximum: the numbers are those that were measured."""
    values = {"mean": points(_measured("roi_align", SPOKEN)), "max": points(_measured("roi_align_max", SPOKEN))}
    mistakes = [(f"quiz.learned_join.{name}", f"not_{name}") for name in ("fewer", "more", "none")]
    return values, "quiz.learned_join.same", mistakes


def _measured(operator: str, measure: str) -> float:
    """Of the first training, which every operator had."""
    found = score(operator, TRAINED_AT, measure)
    assert found is not None
    return found.seeds[0]


@dataclass(frozen=True)
class Kind:
    """What a kind of question shows before and after, how it is drawn, and on which scenario."""

    snaps: bool
    before: str
    after: str
    draft: Callable[[Trace, Scenario, np.random.Generator], Draft]
    adapt: Callable[[Scenario, np.random.Generator], Scenario] = lambda scenario, _rng: scenario


KINDS: Mapping[str, Kind] = {
    "snap": Kind(True, "project", "snap", _snap),
    "cells": Kind(True, "split", "cells", _cells),
    "sample": Kind(False, "bins", "samples", _sample, _on_third),
    "neighbors": Kind(False, "samples", "neighbors", _neighbors),
    "weights": Kind(False, "samples", "neighbors", _weights),
    "join": Kind(False, "samples", "join", _join),
    "library": Kind(False, "project", "result", _library),
    "aligned": Kind(False, "map", "project", _aligned, _legacy),
    "ratio": Kind(False, "bins", "samples", _ratio, _with_ratio),
    "end": Kind(False, "map", "project", _end),
    "box_gradient": Kind(False, "map", "map", _box_gradient),
    "level": Kind(False, "map", "map", _level, _of_any_level),
    "unread": Kind(False, "bins", "samples", _unread, _large),
    "limit": Kind(True, "project", "snap", _limit),
    "learned_join": Kind(False, "samples", "join", _learned_join),
}
"""In their order, which decides what a seed draws: a new kind comes last."""

SUMMARY = "summary"
STEPS = (*KINDS, *TASKS, SUMMARY)
"""The steps of the quiz: its questions, last those that are answered on the map, and the summary."""


def questions(seed: int) -> Iterator[Question]:
    """All the questions of a seed that have choices, in order."""
    return (question(seed, key) for key in KINDS)
