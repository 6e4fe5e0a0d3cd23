"""What one session looks at, and what it makes of what a browser says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from figures.family import ANSWERED
from figures.maps import brought_in
from figures.own import OwnMaps
from figures.photo import Photo
from figures.quiz import CHOICES, KINDS, Question, question
from figures.scenario import (
    READERS,
    Problem,
    Scenario,
    from_address,
    nearest_box,
    nearest_point,
    of_example,
    of_photo,
    shown,
    to_address,
    walk_keys,
)
from figures.scene import Focus
from roialign_core.examples import EXAMPLES

MOST_BROUGHT = 3
# What a lesson link can leave out: parts of the page, then controls by name.
PARTS = (
    *("menu", "languages", "steps", "sliders", "figures", "own", "notes"),
    *("out", "split", "origin", "join", "samples", "map", "stride", "example", "photo", "side"),
    *("left", "right", *(f"answer_{question}" for question in ANSWERED), "recorded", "cell"),
)


@dataclass
class Quiz:
    """Where a session stands in the quiz: which questions, which of them is open, and what was answered first."""

    seed: int = 1
    key: str = next(iter(KINDS))
    answers: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def question(self) -> Question:
        """The open question."""
        return question(self.seed, self.key)

    @property
    def answered(self) -> int | None:
        """The choice that was made for it, if one was."""
        return self.answers.get((self.seed, self.key))

    @property
    def score(self) -> tuple[int, int]:
        """How many of the answers to these questions were right, and how many there are."""
        given = {key: answer for (seed, key), answer in self.answers.items() if seed == self.seed}
        return sum(question(self.seed, key).right == answer for key, answer in given.items()), len(given)

    def take(self, event: Mapping[str, object]) -> None:
        """An answer, which counts once, another question, or another seed."""
        answer, key, chosen = event.get("answer"), event.get("step"), event.get("set")
        if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < CHOICES:
            self.answers.setdefault((self.seed, self.key), answer)
        if isinstance(key, str) and key in KINDS:
            self.key = key
        if isinstance(chosen, Mapping) and isinstance(chosen.get("seed"), str):
            self.read(chosen)

    def read(self, address: Mapping[str, str]) -> list[Problem]:
        """Take over ``seed`` and ``step`` of an address."""
        problems = []
        seed, key = address.get("seed"), address.get("step")
        if seed is not None and re.fullmatch(r"[0-9]{1,4}", seed):
            self.seed = int(seed)
        elif seed is not None:
            values = {"name": "seed", "given": shown(seed), "expected": "problem.expected_seed"}
            problems.append(Problem("problem.number", values))
        if key in KINDS:
            self.key = str(key)
        elif key is not None:
            values = {"name": "step", "given": shown(key), "choices": ", ".join(KINDS)}
            problems.append(Problem("problem.unknown_choice", values))
        return problems

    def to_address(self) -> dict[str, str]:
        """The questions and the open one, so that a link gives a whole class the same."""
        return {"seed": str(self.seed), "step": self.key}


@dataclass
class Now:
    """What one session looks at: the scenario of the lessons, and that of the photo page, which has a map of its own.

    ``looking`` is the bin under the pointer while there is one; the scenario's own focus is the one that was clicked.
    ``hidden`` names the parts of the stage that a lesson link leaves out; ``presenting`` is for the lecture hall.
    ``brought`` holds the last data that a person brought, and that which the scenarios show, whoever brought it.
    """

    scenario: Scenario = field(default_factory=Scenario)
    photo: Scenario = field(default_factory=lambda: of_photo(Scenario(), "photo-16-vertical"))
    looking: Focus | None = None
    brought: list[OwnMaps | Photo] = field(default_factory=list)
    quiz: Quiz = field(default_factory=lambda: Quiz())
    hidden: tuple[str, ...] = ()
    presenting: bool = False

    @property
    def focus(self) -> Focus:
        """The bin and sample that are lit."""
        return self.looking or self.scenario.focus

    def at(self, kind: str) -> Scenario:
        """The scenario of a page."""
        if kind == "quiz":
            return self.quiz.question.scenario
        return self.photo if kind == "image" else self.scenario

    def put(self, kind: str, scenario: Scenario) -> None:
        """Look at another scenario on a page. A question of the quiz stands as it was made."""
        if kind == "quiz":
            return
        if kind == "image":
            self.photo = scenario
        else:
            self.scenario = scenario
        shown = brought_in(scenario.map)
        if shown is not None and shown not in self.brought:
            self.bring(shown)

    def read(self, address: Mapping[str, str], kind: str) -> list[Problem]:
        """Take over an address; gives what could not be used."""
        self.presenting = address.get("present") == "1"
        hidden = [name for name in address.get("hide", "").split(",") if name]
        self.hidden = tuple(name for name in PARTS if name in hidden)
        wrong = [name for name in hidden if name not in PARTS]
        problems = []
        if wrong:
            values = {"name": "hide", "given": shown(",".join(wrong)), "choices": ", ".join(PARTS)}
            problems.append(Problem("problem.unknown_choice", values))
        if kind == "quiz":
            return problems + self.quiz.read(address)
        scenario, more = from_address(address, kind, self.at(kind))
        self.put(kind, scenario)
        return problems + more

    def to_address(self, kind: str) -> dict[str, str]:
        """What the address of a page says."""
        address = self.quiz.to_address() if kind == "quiz" else to_address(self.at(kind), kind)
        hidden = {"hide": ",".join(self.hidden)} if self.hidden else {}
        return {**address, **hidden, **({"present": "1"} if self.presenting else {})}

    def bring(self, data: OwnMaps | Photo) -> None:
        """Hold some data; the oldest that nothing shows is let go."""
        shown = [brought_in(one.map) for one in (self.scenario, self.photo)]
        self.brought = [data, *(one for one in self.brought if one is not data)]
        for old in reversed(self.brought[1:]):
            if len(self.brought) > MOST_BROUGHT and old not in shown:
                self.brought.remove(old)

    def take(self, event: Mapping[str, object], kind: str) -> None:
        """Take over what a person did on the stage. A browser can send anything: nonsense changes nothing."""
        if isinstance(event.get("present"), bool):
            self.presenting = bool(event["present"])
        if kind == "quiz":
            self.quiz.take(event)
            return
        self.put(kind, after_event(self.at(kind), event, kind))
        if "set" in event or "example" in event:
            self.looking = None
        focus = focus_in(event)
        if focus is not None:
            pinned = event.get("pin") is True
            self.looking = None if pinned or focus == self.at(kind).focus else focus
            self.put(kind, replace(self.at(kind), focus=focus) if pinned else self.at(kind))


def after_event(scenario: Scenario, event: Mapping[str, object], kind: str) -> Scenario:
    """The scenario after something a person did on the stage: what is not a box, a point, a choice or a step is
    passed over, and what lies off the map is moved onto it."""
    box, point = _floats(event.get("box"), 4), _floats(event.get("point"), 2)
    if box is not None and box[0] <= box[2] and box[1] <= box[3]:
        scenario = replace(scenario, box=nearest_box((box[0], box[1], box[2], box[3]), scenario.feature_map.shape))
    if point is not None:
        scenario = replace(scenario, point=nearest_point((point[0], point[1]), scenario.feature_map.shape))
    chosen = event.get("set")
    if isinstance(chosen, Mapping) and all(
        isinstance(value, str) and name in READERS for name, value in chosen.items()
    ):
        wanted, problems = from_address(chosen, kind, scenario)
        scenario = scenario if problems else wanted
    named = next((one for one in EXAMPLES if one.name == event.get("example")), None)
    if named is not None and kind in ("home", "roi_pool", "roi_align"):
        scenario = of_example(scenario, named)
    step = event.get("step")
    if isinstance(step, str) and step in walk_keys(kind):
        scenario = scenario.at_step(kind, step)
    return scenario


def focus_in(event: Mapping[str, object]) -> Focus | None:
    """The bin and sample that an event points at, if it points at one."""
    given = event.get("focus")
    if not isinstance(given, Mapping):
        return None
    places = [given.get(one.name) for one in fields(Focus)]
    if not all(isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 10_000 for place in places):
        return None
    return Focus(*places)  # type: ignore[arg-type]


def _floats(given: object, many: int) -> list[float] | None:
    if not isinstance(given, list) or len(given) != many:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and -1e6 < v < 1e6 for v in given):
        return None
    return [float(v) for v in given]
