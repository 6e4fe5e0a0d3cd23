"""Questions to predict before the stage reveals: made from a seed, answered by the core, a reason for each choice.

Everybody who opens the same seed gets the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from roialign_core.geometry import round_half_away_from_zero
from roialign_core.operators import Aggregate, Operator, Split
from roialign_core.trace import Trace
from roialign_lab.lesson.number_text import cells_in_words, number
from roialign_lab.lesson.scenario import SIDES, Focus, Scenario

LARGEST_SEED = 9999
CHOICES = 4
MOST_DRAWS = 200
THIRD = 2


@dataclass(frozen=True)
class Choice:
    """An answer: what it says (as it is, or the text key of words) and the text key of why it is wrong or right."""

    label: str
    reason: str


@dataclass(frozen=True)
class Question:
    """One question: what the stage shows before and after, four choices, and which of them is right.

    ``text_key`` names the question in the catalogues, ``values`` are the numbers that it has room for.
    """

    key: str
    scenario: Scenario
    snaps: bool
    before: str
    after: str
    values: Mapping[str, str]
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
        """What the stage shows with the answer: the operator itself where that was the question."""
        if self.key != "library":
            return self.scenario, self.operator
        return _candidates(self.scenario)[self.choices[self.right].label.rpartition(".")[2]]


Draft = tuple[Mapping[str, str], list[tuple[str, str]]]  # the numbers of the question; (label, reason), the right first


@lru_cache(256)
def question(seed: int, key: str) -> Question:
    """The question of that kind for a seed.

    >>> first = question(7, "snap")
    >>> first == question(7, "snap"), first == question(8, "snap"), len(first.choices)
    (True, False, 4)
    """
    kind = KINDS[key]
    rng = np.random.default_rng((seed, list(KINDS).index(key)))
    for _ in range(MOST_DRAWS):
        scenario = replace(_scenario(rng), aligned=kind.aligned)
        if kind.sample is not None:
            scenario = replace(scenario, focus=replace(scenario.focus, sample=kind.sample))
        trace = scenario.trace(scenario.pool if kind.snaps else scenario.align)
        values, answers = kind.draft(trace, scenario, rng)
        answers = _different(answers)
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
        values={**values, "row": str(scenario.focus.row), "column": str(scenario.focus.column)},
        choices=tuple(choices[k] for k in order),
        right=int(np.flatnonzero(order == 0)[0]),
    )


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
    wrong = [(rounded, "rounded"), (np.floor(side), "floor"), (np.ceil(side), "ceil"), (rounded + 1, "end")]
    wrong += [(np.ceil(side) + 1, "far"), (np.floor(side) - 1, "far")]
    answers = [(number(read, 0), "right"), *((number(float(value), 0), reason) for value, reason in wrong)]
    return {"side": SIDES[k], "position": number(side, 2)}, answers


def _cells(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    row, column = scenario.focus.row, scenario.focus.column
    others = {
        "disjoint": replace(trace.operator, split=(Split.FLOOR, Split.FLOOR)),
        "long_first": replace(trace.operator, split=(Split.CEIL, Split.CEIL)),
    }
    answers = [(cells_in_words(trace, row, column), "right")]
    answers += [(cells_in_words(scenario.trace(rule), row, column), reason) for reason, rule in others.items()]
    answers += [
        (cells_in_words(trace, row, 1 - column), "neighbor"),
        (cells_in_words(trace, 1 - row, column), "neighbor"),
    ]
    answers += [(cells_in_words(trace, column, row), "swapped")]
    return {}, [(f"({rows}) × ({columns})", reason) for (rows, columns), reason in answers]


def _sample(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    mine = trace.samples_of(scenario.focus.row, scenario.focus.column)
    third, second, first = mine[THIRD], mine[1], mine[0]
    x1, y1, x2, y2 = (float(side) for side in trace.bins[scenario.focus.row, scenario.focus.column])

    def at(y: float, x: float) -> str:
        return f"({number(y, 2)}, {number(x, 2)})"

    places = [(float(trace.sample_y[k]), float(trace.sample_x[k])) for k in (third, second, first)]
    answers = [(at(*places[0]), "right"), (at(*places[1]), "second"), (at((y1 + y2) / 2, x1), "edge")]
    answers += [(at((y1 + y2) / 2, (x1 + x2) / 2), "centre"), (at(*places[0][::-1]), "swapped")]
    return {"bin": f"y {number(y1, 2)}–{number(y2, 2)}, x {number(x1, 2)}–{number(x2, 2)}"}, answers


def _chosen(trace: Trace, scenario: Scenario) -> tuple[int, dict[str, str]]:
    mine = trace.samples_of(scenario.focus.row, scenario.focus.column)
    k = mine[scenario.focus.sample]
    return k, {"y": number(trace.sample_y[k], 2), "x": number(trace.sample_x[k], 2)}


def _neighbors(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    k, values = _chosen(trace, scenario)
    top, left = int(trace.neighbor_y[k, 0]), int(trace.neighbor_x[k, 0])
    row, column = int(trace.sample_y[k]), int(trace.sample_x[k])

    def four(y: int, x: int) -> str:
        return f"{y}–{y + 1} × {x}–{x + 1}"

    answers = [(four(top, left), "right"), (four(row, column), "cell"), (four(row - 1, column - 1), "cell")]
    answers += [(four(left, top), "swapped"), (four(top + 1, left), "off"), (four(top, left + 1), "off")]
    return values, answers


def _weights(trace: Trace, scenario: Scenario, _rng: np.random.Generator) -> Draft:
    k, values = _chosen(trace, scenario)
    weights = [number(weight, 3) for weight in trace.weights[k]]
    values["cell"] = f"({trace.neighbor_y[k, 0]}, {trace.neighbor_x[k, 0]})"
    answers = [(weights[0], "right"), (weights[3], "own"), (weights[1], "other"), (weights[2], "other")]
    return values, [*answers, ("0.250", "equal")]


def _join(trace: Trace, scenario: Scenario, rng: np.random.Generator) -> Draft:
    mine = trace.samples_of(scenario.focus.row, scenario.focus.column)
    readings = trace.sample_value[slice(mine[0], mine[-1] + 1)]
    best = Aggregate.MAX if rng.integers(2) else Aggregate.MEAN
    output = trace.joined(best)[scenario.focus.row, scenario.focus.column]
    listed = ", ".join(number(value, 3) for value in readings)
    right, wrong = ("max", "mean") if best is Aggregate.MAX else ("mean", "max")
    answers = [(f"quiz.join.{right}", "right"), (f"quiz.join.{wrong}", f"not_{wrong}")]
    answers += [("quiz.join.nearest", "not_nearest"), ("quiz.join.sum", "not_sum")]
    return {"values": listed, "output": number(output, 4)}, answers


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
    tables = {name: where.trace(operator) for name, (where, operator) in _candidates(scenario).items()}
    names = list(tables)
    chosen = names[int(rng.integers(len(names)))]
    shown = " / ".join("  ".join(number(value, 3) for value in row) for row in tables[chosen].output)
    if len({table.output.tobytes() for table in tables.values()}) < len(tables):
        return {}, []
    return {"table": shown}, [(f"quiz.library.{name}", "right" if name == chosen else "not") for name in
                              (chosen, *(name for name in names if name != chosen))]  # fmt: skip


def _aligned(_trace: Trace, _scenario: Scenario, _rng: np.random.Generator) -> Draft:
    return {}, [(f"quiz.aligned.{name}", "right" if name == "shift" else f"not_{name}")
                for name in ("shift", "left", "rounds", "nothing")]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What a kind of question shows before and after, and how it is drawn."""

    snaps: bool
    before: str
    after: str
    draft: Callable[[Trace, Scenario, np.random.Generator], Draft]
    aligned: bool = True
    sample: int | None = None  # the sample of the question, which the stage lights when it reveals the answer


KINDS: Mapping[str, Kind] = {
    "snap": Kind(True, "project", "snap", _snap),
    "cells": Kind(True, "split", "cells", _cells),
    "sample": Kind(False, "bins", "samples", _sample, sample=THIRD),
    "neighbors": Kind(False, "samples", "neighbors", _neighbors),
    "weights": Kind(False, "samples", "neighbors", _weights),
    "join": Kind(False, "samples", "join", _join),
    "library": Kind(False, "project", "result", _library),
    "aligned": Kind(False, "map", "project", _aligned, aligned=False),
}


def questions(seed: int) -> Iterator[Question]:
    """All the questions of a seed, in order."""
    return (question(seed, key) for key in KINDS)
