"""What a stage answers, recorded, so that a page without Python can be walked through: ``assets/stage/recording.js``.

Recorded are, in every language, the steps of a walk with every bin and sample point to look at where its box is, and
the places of the side that a slider moves; on the page of the sweep every bin at every place. Of too many, fewer are
looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np

from roialign_core.operators import Operator
from roialign_core.trace import Trace
from roialign_lab.figures.sweep_chart import sweep_of
from roialign_lab.lesson.lesson_part import ALONE, Part
from roialign_lab.lesson.options import hideable
from roialign_lab.lesson.scenario import SIDES, Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, Text, text_in
from roialign_lab.lesson.walks import ALIGN_STEPS, Emphasis
from roialign_lab.stage.answer import answer
from roialign_lab.stage.plan import page_of

LEFT_OUT = tuple(part for part in hideable() if part not in ("languages", "steps", "sliders", "answer"))
ASKING = ("questions", "nudge", "nudged", "predict", "withheld")
"""What of a stage and of a step somebody would have to answer."""
KNOWN = ("focus", "pinned", "step", "still_id", "ack")
"""What of an answer the page knows itself."""
WALKED, SWEPT = 0.25, 0.1  # cells from one place of the moved side to the next: in a walk, on a page without steps
ACROSS = 2.0  # cells that a point is moved
MOST_LOOKED = 200  # bins or sample points to look at, at all places of a step
NEARLY = 1e-9  # what a sum of decimals may be off by


@dataclass
class Pool:
    """Values, each kept once. A list holds -1 and the numbers of its values; an object first that of its names.

    >>> pool = Pool()
    >>> pool.put({"a": "x", "b": ["y", "x"]}), pool.values, pool.names
    (3, ['x', 'y', [-1, 1, 0], [0, 0, 2]], [('a', 'b')])
    >>> pool.put(["y", "x"])
    2
    """

    values: list[Any] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)

    def put(self, value: Any) -> int:
        """The number of a value."""
        if isinstance(value, Mapping):
            names = tuple(sorted(value))
            kept = [self._number(names, self.names, names), *(self.put(value[name]) for name in names)]
        elif isinstance(value, list | tuple):
            kept = [-1, *map(self.put, value)]
        else:
            return self._number((type(value), value), self.values, value)
        return self._number(tuple(kept), self.values, kept)

    def _number(self, key: object, kept: list[Any], value: Any) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(kept)
            kept.append(value)
        return self.numbers[key]


@dataclass(frozen=True)
class Remembering(Scenario):
    """A scenario whose traces are made once: two languages and all steps tell the same."""

    kept: dict[object, Trace] = field(default_factory=dict, compare=False, repr=False)

    def trace(self, operator: Operator, dtype: np.dtype | None = None) -> Trace:
        """As that of any scenario."""
        call = (self.map, self.stride, self.box, operator, self.output_size, self.samples, dtype)
        if call not in self.kept:
            self.kept[call] = super().trace(operator, dtype)
        return self.kept[call]


@dataclass(frozen=True)
class Axis:
    """What a slider moves: a side of the box or of the point, where it is, and the places where it is recorded."""

    name: str
    here: float
    places: list[float]

    def moved(self, part: Part, at: float) -> dict[str, Any]:
        """The box or the point with the side at a place, as an event has it."""
        if part.walk == "bilinear":
            return {"point": [part.scenario.point[0], at]}
        k = SIDES.index(self.name)
        return {"box": [at if side == k else was for side, was in enumerate(part.scenario.box)]}

    def limits(self, part: Part) -> dict[str, tuple[float, float]]:
        """Of every slider: nothing else is moved."""
        scenario = part.scenario
        sides = (
            zip("yx", scenario.point, strict=True) if part.walk == "bilinear" else zip(SIDES, scenario.box, strict=True)
        )
        return {name: (at, at) for name, at in sides} | {self.name: (self.places[0], self.places[-1])}


def recorded(parts: Sequence[Part], number: int, pool: Pool, tell: Callable[[], None]) -> dict[str, Any]:
    """One of the parts as the page reads it; ``tell`` hears of every step that is done.

    >>> pool = Pool()
    >>> made = recorded([Part("roi_pool", steps=("snap", "max"))], 0, pool, lambda: None)
    >>> made["steps"], made["axis"], made["start"], len(made["records"])
    (['snap', 'max'], 'y1', [0, 0, 1, 2, 2.7], 24)
    """
    part = replace(parts[number], scenario=Remembering(**vars(parts[number].scenario)))
    page, axis = page_of(part), _axis(part)
    sessions = {language: Session(language=language, hidden=LEFT_OUT) for language in LANGUAGES}
    for session in sessions.values():
        session.set_scenario(part.kind, part.scenario)
    first = {language: answer(session, {"page": page}) for language, session in sessions.items()}
    steps = [first[LANGUAGES[0]]["step"]] if part.walk in ALONE else [*dict.fromkeys(part.keys)]
    case = _case(part)
    stills = {language: _still(told["still"], parts, number, steps, axis) for language, told in first.items()}
    records = []
    for k, step in enumerate(steps):
        for focus, at in _looked_at(part, step, axis):
            looked = dict(zip(("row", "column", "sample"), astuple(focus), strict=True))
            event = {"page": page, "step": step, "focus": looked, **axis.moved(part, at)}
            told = (answer(sessions[name], {**event, "have": first[name]["still_id"]}) for name in LANGUAGES)
            records.append([k, *astuple(focus), at, *(pool.put(_moving(one, case)) for one in told)])
        tell()
    return {
        "axis": axis.name,
        "steps": steps,
        "start": records[0][: -len(LANGUAGES)],
        "stills": {language: pool.put(still) for language, still in stills.items()},
        "records": records,
    }


# ---- where it is looked ---------------------------------------------------------------------------------------------


def _axis(part: Part) -> Axis:
    scenario, by = part.scenario, SWEPT if part.walk in ALONE else WALKED
    columns, rows = reversed(scenario.feature_map.shape)
    if part.walk == "bilinear":
        here = scenario.point[1]
        first = max(min(math.floor(here), columns - ACROSS), 0.0)
        return Axis("x", here, _evenly(first, min(first + ACROSS, columns), by))
    k = SIDES.index(scenario.side)
    positions = sweep_of(scenario, scenario.pool, scenario.align).positions.tolist()
    last = (
        positions[-1] if positions[-1] == (columns, rows)[k % 2] else positions[-1] - by
    )  # there the next cells begin
    return Axis(scenario.side, scenario.box[k], _evenly(positions[0], max(last, positions[0]), by))


def _evenly(first: float, last: float, by: float) -> list[float]:
    """Places from the first to the last.

    >>> _evenly(2.0, 3.0, 0.25)
    [2.0, 2.25, 2.5, 2.75, 3.0]
    """
    return [round(first + k * by, 4) for k in range(math.floor((last - first) / by + NEARLY) + 1)]


def _looked_at(part: Part, step: str, axis: Axis) -> Iterator[tuple[Focus, float]]:
    """What is recorded of a step: where its box is, then with the side elsewhere; the part's own focus first."""
    others = [at for at in axis.places if at != axis.here]
    yield from ((focus, axis.here) for focus in _foci(part, step, 1))
    for at in others:
        yield from ((focus, at) for focus in _foci(part, step, 1 + len(others))[: None if part.walk == "sweep" else 1])


def _foci(part: Part, step: str, places: int) -> list[Focus]:
    """The part's own focus, then every sample point once × are seen, or one of every bin, or no other."""
    scenario = part.scenario
    if part.walk in ("bilinear", "network"):
        return [Focus()]
    own, trace = scenario.focus, scenario.trace(scenario.pool if part.walk == "roi_pool" else scenario.align)
    rows, columns = trace.output_size
    bins = [Focus(row, column) for row in range(rows) for column in range(columns)]
    if part.walk == "roi_align" and ALIGN_STEPS[step]["sample"] is not Emphasis.HIDDEN:
        counts = [max(len(trace.samples_of(one.row, one.column)), 1) for one in bins]
        samples = [replace(one, sample=k) for one, count in zip(bins, counts, strict=True) for k in range(count)]
        if len(samples) * places <= MOST_LOOKED:
            return [own, *(focus for focus in samples if focus != own)]
    others = [one for one in bins if (one.row, one.column) != (own.row, own.column)]
    return [own, *others] if len(bins) * places <= MOST_LOOKED else [own]


# ---- what is kept of it ---------------------------------------------------------------------------------------------


def _moving(told: Mapping[str, Any], case: str) -> dict[str, Any]:
    """Of a chart of a special ``case`` one sentence says all."""
    known = (*KNOWN, "sentence") if case else KNOWN
    return {name: value for name, value in told.items() if name not in known}


def _case(part: Part) -> str:
    """What is special about the chart of a part, if anything is."""
    scenario = part.scenario
    return sweep_of(scenario, scenario.pool, scenario.align).case if part.walk == "sweep" else ""


def _still(
    still: Mapping[str, Any], parts: Sequence[Part], number: int, steps: Sequence[str], axis: Axis
) -> dict[str, Any]:
    """What a drag leaves as it is, without what asks; the pages of its menu are the parts."""
    part, text = parts[number], text_in(still["words"]["language"])
    by_key = {step["key"]: step for step in still["steps"]}
    if part.walk == "bilinear" and "edge" in steps:
        by_key["edge"] = {**by_key["edge"], "sentence": text("steps.bilinear.edge.sentence_shown")}
    kept = {name: value for name, value in still.items() if name not in ASKING}
    if part.walk == "sweep":
        kept["sentence"] = text(f"deck.sweep{_case(part)}", side=axis.name)
    return {
        **kept,
        "page": f"part-{number + 1}",
        "bar": {**still["bar"], **_menu(parts, number, text)},
        "panels": _captioned(still["panels"], part, text),
        "controls": [],
        "parts": [],
        "left_out": [],
        "recorded": WALKED if by_key else SWEPT,
        "limits": axis.limits(part),
        "steps": [
            {name: value for name, value in by_key[key].items() if name not in ASKING} for key in steps if key in by_key
        ],
    }


def _menu(parts: Sequence[Part], number: int, text: Text) -> dict[str, Any]:
    """The parts as the pages of a menu, and the way to the next; none where there is one part."""
    if len(parts) == 1:
        return {}
    names = [text(f"menu.{page_of(part)}") for part in parts]
    titles = [name if names.count(name) == 1 else f"{k} · {name}" for k, name in enumerate(names, start=1)]
    pages = [(f"part-{k}", title, f"#{k}") for k, title in enumerate(titles, start=1)]
    onward = [
        {"page": (name, text("stage_for.next", page=title), address), "take": False, "small": False}
        for name, title, address in pages[number + 1 : number + 2]
    ]
    return {"position": f"{number + 1} / {len(parts)}", "pages": pages, "further": [], "next": onward}


def _captioned(panels: Sequence[dict[str, Any]], part: Part, text: Text) -> list[dict[str, Any]]:
    """The panels with a caption that asks nobody to drag."""
    scenario, (first, *others) = part.scenario, panels
    if part.walk in ALONE or (part.walk == "roi_align" and not scenario.aligned):
        return [first, *others]
    rows, columns = scenario.feature_map.shape
    caption = text("stage_for.map_quiz", rows=rows, columns=columns, stride=scenario.stride)
    return [{**first, "caption": caption}, *others]
