"""A session: the scenarios that a person looks at, and how an address or an event of the browser changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

from roialign_core.examples import EXAMPLES
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.box_tasks import TASKS, Grade, box_of_text, box_text, on_hundredths
from roialign_lab.lesson.maps import PHOTO_NAME, is_map, upload_of
from roialign_lab.lesson.options import ADDRESS, QUIZ, SCENARIO, SESSION, Option, in_order, written
from roialign_lab.lesson.own_maps import OwnMaps, matrix_in_address
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.quiz import (
    CHOICES,
    KINDS,
    LARGEST_SEED,
    NO_CHOICE,
    STEPS,
    SUMMARY,
    Question,
    grade_box,
    question,
)
from roialign_lab.lesson.readers import Problem
from roialign_lab.lesson.scenario import SIDES, Box, Focus, Scenario, nearest_box, nearest_point, of_example, of_photo
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.lesson.walks import walk_keys

SOLVED = ".solved"  # after the name of a task, in what a browser keeps: the box that is right
MOST_TAPPED = 4  # places of one prediction
MOST_UPLOADS = 3
MOST_UPLOADED = 48_000_000  # bytes of them


@dataclass
class QuizProgress:
    """Where a session stands in the quiz: which questions, which of :data:`STEPS` is open, what was answered first.

    A task is answered by a box: ``boxes`` are those that are drawn, ``checked`` the first and the last of those that
    were checked. The first counts, as it does of other answers; a task can be tried until it is solved.
    """

    seed: int = 1
    key: str = STEPS[0]
    answers: dict[tuple[int, str], int] = field(default_factory=dict)
    boxes: dict[tuple[int, str], Box] = field(default_factory=dict)
    checked: dict[tuple[int, str], tuple[Box, Box]] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Is the summary open, and no question?"""
        return self.key == SUMMARY

    @property
    def question(self) -> Question:
        """The open question, a task with the box that is drawn; at the summary, the last one."""
        key = STEPS[-2] if self.is_over else self.key
        asked, box = question(self.seed, key), self._drawn(key)
        if key not in TASKS:
            return asked
        scenario = replace(asked.scenario, box=box or asked.scenario.box)
        return replace(asked, scenario=scenario, values=self.grade(key, scenario.box).values)

    def _drawn(self, key: str) -> Box | None:
        """The box of a task: that which solved it, was drawn or was checked last; None for none of these."""
        _, last = self.checked.get((self.seed, key), (None, None))
        return last if key in self.solved else self.boxes.get((self.seed, key), last)

    @property
    def answered(self) -> int | None:
        """The choice that was made for it, :data:`NO_CHOICE` for a task that is solved; None before."""
        return NO_CHOICE if self.key in self.solved else self.answers.get((self.seed, self.key))

    @property
    def told(self) -> Grade | None:
        """Of the open task, where the box that was checked stands as it was; None where there is nothing to tell."""
        _, last = self.checked.get((self.seed, self.key), (None, None))
        return None if last is None or self._drawn(self.key) != last else self.grade(self.key, last)

    @property
    def answered_choices(self) -> dict[str, int]:
        """The choices that were made for the questions of this seed, by question."""
        return {key: choice for (seed, key), choice in self.answers.items() if seed == self.seed}

    @property
    def first_boxes(self) -> dict[str, Box]:
        """The box that was checked first, by task of this seed."""
        return {key: self.checked[self.seed, key][0] for key in TASKS if (self.seed, key) in self.checked}

    @property
    def solved(self) -> dict[str, Box]:
        """The box that is right, by task of this seed."""
        last = {key: self.checked[self.seed, key][1] for key in TASKS if (self.seed, key) in self.checked}
        return {key: box for key, box in last.items() if self.grade(key, box).is_right}

    @property
    def reasons(self) -> dict[str, str]:
        """Why what was answered first is right (``right``) or not, by question, in their order."""
        choices, boxes = self.answered_choices, self.first_boxes
        chosen = {key: question(self.seed, key).choices[choices[key]].reason for key in KINDS if key in choices}
        return {
            **{key: reason.rpartition(".")[2] for key, reason in chosen.items()},
            **{key: self.grade(key, box).reason for key, box in boxes.items()},
        }

    @property
    def score(self) -> tuple[int, int]:
        """How many of the first answers to these questions were right, and how many there are."""
        reasons = list(self.reasons.values())
        return reasons.count("right"), len(reasons)

    @property
    def labels(self) -> dict[str, str]:
        """What was answered first to which question, as its choice says it or as a box, and boxes that are right: for
        a browser to keep."""
        choices = self.answered_choices
        return {
            **{key: question(self.seed, key).choices[choices[key]].label for key in KINDS if key in choices},
            **{key: box_text(box) for key, box in self.first_boxes.items()},
            **{key + SOLVED: box_text(box) for key, box in self.solved.items()},
        }

    def recall(self, kept: Mapping[object, object]) -> None:
        """Take over the ``labels`` that a browser kept of the questions of ``seed``, when these are open.

        What was answered here stands; what is not a choice of its question, or a box on its map, is passed over.

        >>> quiz = QuizProgress(seed=7)
        >>> quiz.recall({"seed": 7, "labels": {"aligned": "quiz.aligned.shift", "snap": "a lot", "x": 1}})
        >>> quiz.labels, quiz.score
        ({'aligned': 'quiz.aligned.shift'}, (1, 1))
        """
        labels = kept.get("labels")
        if kept.get("seed") != self.seed or not isinstance(labels, Mapping):
            return
        for key in KINDS:
            if isinstance(labels.get(key), str):
                offered = [choice.label for choice in question(self.seed, key).choices]
                if labels[key] in offered:
                    self.answers.setdefault((self.seed, key), offered.index(labels[key]))
        for key in TASKS:
            scenario = question(self.seed, key).scenario
            first, right = (box_of_text(labels.get(name), scenario) for name in (key, key + SOLVED))
            if first is not None:
                self.checked.setdefault((self.seed, key), (first, first))
            if right is not None and self.grade(key, right).is_right:
                self._check(key, right)

    def check_in(self, event: Mapping[str, object]) -> tuple[str, Box] | None:
        """The task and the box on its map that an event checks; None for one that checks none, or on another map.

        >>> QuizProgress().check_in({"check": {"question": "all_read", "box": [1, 1, 3, 3]}})
        ('all_read', (1.0, 1.0, 3.0, 3.0))
        """
        check = event.get("check")
        if not isinstance(check, Mapping):
            return None
        key, box = check.get("question"), _box_in(check)
        if not isinstance(key, str) or key not in TASKS or box is None:
            return None
        scenario = question(self.seed, key).scenario
        return (key, on_hundredths(box, scenario)) if event.get("on", scenario.map) == scenario.map else None

    def grade(self, key: str, box: Box) -> Grade:
        """What the core says of a box as the answer to a task of these questions."""
        return grade_box(self.seed, key, box)

    def _check(self, key: str, box: Box) -> None:
        """The first box stays, and so does one that is right."""
        first, _ = self.checked.get((self.seed, key), (box, box))
        if key not in self.solved:
            self.checked[self.seed, key] = first, box

    def _draw(self, event: Mapping[str, object]) -> None:
        """The box of the open task; what comes late, in cells of another map, is passed over."""
        box = _box_in(event)
        if box is None or self.key not in TASKS:
            return
        scenario = question(self.seed, self.key).scenario
        if event.get("on", scenario.map) == scenario.map:
            self.boxes[self.seed, self.key] = on_hundredths(box, scenario)

    def apply_event(self, event: Mapping[str, object]) -> None:
        """What a browser kept; an answer, which counts once; a box that is drawn or checked; another question, another
        seed; at the end, the next."""
        kept, answer, key, chosen = (event.get(name) for name in ("kept", "answer", "step", "set"))
        if isinstance(kept, Mapping):
            self.recall(kept)
        if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < CHOICES and self.key in KINDS:
            self.answers.setdefault((self.seed, self.key), answer)
        self._draw(event)
        check = self.check_in(event)
        if check is not None:
            self._check(*check)
        if event.get("others") is True and self.is_over:  # sent again, it finds a question open, and changes nothing
            self.seed, self.key = (self.seed + 1) % (LARGEST_SEED + 1), STEPS[0]
        if isinstance(key, str) and key in STEPS:
            self.key = key
        if isinstance(chosen, Mapping) and isinstance(chosen.get("seed"), str):
            self.read_address(chosen)

    def read_address(self, address: Mapping[str, str]) -> list[Problem]:
        """Take over ``seed`` and ``step`` of an address; returns what could not be used."""
        return _take_over(self, QUIZ.values(), address)

    def to_address(self) -> dict[str, str]:
        """The seed of the questions and the open question, so that a link gives a whole class the same."""
        return written(self, QUIZ, "quiz")


@dataclass
class Session:
    """What a person looks at: the scenario of the lessons, and that of the photo page, which has a map of its own.

    ``hovered`` is the bin under the pointer while there is one; the scenario's own focus is the bin that was clicked.
    ``hidden`` names the parts of the page that a lesson link leaves out; ``presenting`` is the view for the lecture
    hall. ``uploads`` holds the last data that this person uploaded, and the data that the scenarios show, whoever
    uploaded it.
    """

    language: str = LANGUAGES[0]
    scenario: Scenario = field(default_factory=Scenario)
    photo: Scenario = field(default_factory=lambda: of_photo(Scenario(), "photo-16-vertical"))
    hovered: Focus | None = None
    uploads: list[OwnMaps | Photo] = field(default_factory=list)
    quiz: QuizProgress = field(default_factory=QuizProgress)
    hidden: tuple[str, ...] = ()
    presenting: bool = False

    @property
    def focus(self) -> Focus:
        """The bin and sample that are lit."""
        return self.hovered or self.scenario.focus

    def scenario_of(self, kind: str) -> Scenario:
        """The scenario of a page."""
        if kind == "quiz":
            return self.quiz.question.scenario
        return self.photo if kind == "image" else self.scenario

    def set_scenario(self, kind: str, scenario: Scenario) -> None:
        """Look at another scenario on a page. A question of the quiz stands as it was made."""
        if kind == "quiz":
            return
        if kind == "image":
            self.photo = scenario
        else:
            self.scenario = scenario
        upload = upload_of(scenario.map)
        if upload is not None and upload not in self.uploads:
            self.keep_upload(upload)

    def open_walk(self, kind: str, at_end: bool) -> None:
        """Open the walk of a page at its first step or its last; a page without a walk stays as it is.

        >>> session = Session()
        >>> session.open_walk("roi_pool", at_end=True)
        >>> session.scenario.steps["roi_pool"]
        'result'
        """
        keys = walk_keys(kind)
        if keys:
            self.scenario = self.scenario.at_step(kind, keys[-1 if at_end else 0])

    def open_step(self, kind: str, key: str) -> None:
        """Open one step of a page's walk; a page without it stays as it is."""
        if key in walk_keys(kind):
            self.scenario = self.scenario.at_step(kind, key)

    def read_address(self, address: Mapping[str, str], kind: str) -> list[Problem]:
        """Take over an address; returns what could not be used.

        >>> session = Session()
        >>> session.read_address({"lang": "zh", "hide": "menu,split", "out": "3"}, "roi_pool")
        []
        >>> session.language, session.hidden, session.scenario.output_size
        ('zh', ('menu', 'split'), (3, 3))
        """
        problems = _take_over(self, SESSION.values(), address)
        if kind == "quiz":
            return problems + self.quiz.read_address(address)
        scenario, unusable = from_address(address, kind, self.scenario_of(kind))
        self.set_scenario(kind, scenario)
        return problems + unusable

    def carries(self, kind: str, target: str) -> bool:
        """Can a page of one kind hand its map and box to a page of another? The photo page takes photos only.

        >>> session = Session()
        >>> session.carries("image", "roi_pool"), session.carries("home", "image"), session.carries("home", "quiz")
        (True, False, False)
        """
        if "quiz" in (kind, target):
            return False
        return target != "image" or PHOTO_NAME.fullmatch(self.scenario_of(kind).map) is not None

    def carry(self, kind: str, target: str) -> None:
        """Go on with the map and the box of one page on another, where that page can show them."""
        if self.carries(kind, target):
            self.set_scenario(target, self.scenario_of(kind))

    def to_address(self, kind: str) -> dict[str, str]:
        """The query parameters of a page: :meth:`read_address` brings back the same session."""
        page = self.quiz.to_address() if kind == "quiz" else to_address(self.scenario_of(kind), kind)
        values = {**page, **written(self, SESSION, kind)}
        return {name: values[name] for name in in_order(values, ADDRESS)}

    def keep_upload(self, data: OwnMaps | Photo) -> None:
        """Hold uploaded data; the oldest that no scenario shows is let go."""
        shown = [upload_of(scenario.map) for scenario in (self.scenario, self.photo)]
        self.uploads = [data, *(upload for upload in self.uploads if upload is not data)]
        for old in reversed(self.uploads[1:]):
            held = sum(upload.size for upload in self.uploads)
            if (len(self.uploads) > MOST_UPLOADS or held > MOST_UPLOADED) and old not in shown:
                self.uploads.remove(old)

    def show_upload(self, kind: str, data: OwnMaps | Photo) -> None:
        """Hold uploaded data and look at it: at a part in the middle of a map, at the middle of a photo.

        >>> from roialign_lab.lesson.own_maps import own_matrix
        >>> session = Session()
        >>> session.show_upload("roi_align", own_matrix("1 2 3 4\\n5 6 7 8"))
        >>> session.scenario.map, session.scenario.box
        ('matrix-1,2,3,4;5,6,7,8', (0.92, 0.54, 3.12, 1.62))
        """
        self.keep_upload(data)
        before = self.scenario_of(kind)
        if isinstance(data, Photo):
            self.set_scenario(kind, of_photo(before, f"photo.{data.name}-16-vertical"))
            return
        after = replace(before, map=_name_of(data))
        rows, columns = after.feature_map.shape
        x1, y1, x2, y2 = (round(side, 2) for side in (0.23 * columns, 0.27 * rows, 0.78 * columns, 0.81 * rows))
        box, point = nearest_box((x1, y1, x2, y2), (rows, columns)), nearest_point(before.point, (rows, columns))
        self.set_scenario(kind, replace(after, box=box, point=point))

    def apply_event(self, event: Mapping[str, object], kind: str) -> None:
        """Take over what a person did on the stage. A browser can send anything: nonsense changes nothing."""
        if isinstance(event.get("present"), bool):
            self.presenting = bool(event["present"])
        language = event.get("language")
        if isinstance(language, str) and language in LANGUAGES:
            self.language = language
        if kind == "quiz":
            self.quiz.apply_event(event)
            return
        scenario = self.scenario_of(kind)
        if event.get("on", scenario.map) != scenario.map:  # sent again, or late: its places are in cells of another map
            event = {name: value for name, value in event.items() if name not in ("box", "point")}
        self.set_scenario(kind, after_event(scenario, event, kind))
        if "set" in event or "example" in event:
            self.hovered = None
        focus = focus_in(event)
        if focus is not None:
            pinned = event.get("pin") is True
            self.hovered = None if pinned or focus == self.scenario_of(kind).focus else focus
            if pinned:
                self.set_scenario(kind, replace(self.scenario_of(kind), focus=focus))


def _name_of(data: OwnMaps) -> str:
    """In the address itself where the map is small, so that a link carries it."""
    written = matrix_in_address(data.channel(0)) if len(data.channels) == 1 else None
    return written if written and is_map(written) else f"own-{data.name}-0"


def _take_over(
    holder: Session | QuizProgress, options: Iterable[Option], address: Mapping[str, object]
) -> list[Problem]:
    """Set the fields that ``options`` read from an address; returns what could not be used."""
    problems: list[Problem] = []
    for option in options:
        value = address.get(option.name, option.absent)
        if option.read is not None and isinstance(value, str):
            for name, meaning in option.read(holder, value, "", problems).items():
                setattr(holder, name, meaning)
    return problems


def after_event(scenario: Scenario, event: Mapping[str, object], kind: str) -> Scenario:
    """The scenario after something a person did on the stage: what is not a box, a point, a choice or a step is
    passed over, and what lies off the map is moved onto it."""
    box, point = _box_in(event), _floats(event.get("point"), 2)
    if box is not None:
        scenario = replace(scenario, box=nearest_box(box, scenario.feature_map.shape))
    if point is not None:
        scenario = replace(scenario, point=nearest_point((point[0], point[1]), scenario.feature_map.shape))
    chosen = event.get("set")
    if isinstance(chosen, Mapping) and all(
        isinstance(value, str) and name in SCENARIO and SCENARIO[name].read for name, value in chosen.items()
    ):
        changed, problems = from_address(chosen, kind, scenario)
        scenario = scenario if problems else _after_map(scenario, changed)
    example = next((example for example in EXAMPLES if example.name == event.get("example")), None)
    if example is not None and kind in SCENARIO["example"].menus_on:
        scenario = of_example(scenario, example)
    step = event.get("step")
    if isinstance(step, str) and step in walk_keys(kind):
        scenario = scenario.at_step(kind, step)
    return scenario


def _after_map(before: Scenario, after: Scenario) -> Scenario:
    """A box that is larger than the map that was chosen gives place to the usual one; a photo keeps its own stride.

    >>> photo = replace(of_photo(Scenario(), "photo-32-vertical"), box=(2.25, 0.88, 11.57, 14.19))
    >>> small = after_event(photo, {"set": {"map": "animation"}}, "roi_pool")
    >>> small.box, small.stride
    ((0.55, 2.7, 6.35, 7.4), 16)
    """
    (rows, columns), (x1, y1, x2, y2), usual = after.feature_map.shape, before.box, Scenario()
    if PHOTO_NAME.fullmatch(after.map) or (x2 - x1 <= columns and y2 - y1 <= rows):
        return after
    stride = usual.stride if PHOTO_NAME.fullmatch(before.map) else after.stride
    return replace(after, box=nearest_box(usual.box, after.feature_map.shape), stride=stride)


def focus_in(event: Mapping[str, object]) -> Focus | None:
    """The bin and sample that an event points at; None for an event that points at nothing."""
    focus = event.get("focus")
    if not isinstance(focus, Mapping):
        return None
    places = [focus.get(field.name) for field in fields(Focus)]
    if not all(isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 10_000 for place in places):
        return None
    return Focus(*places)  # type: ignore[arg-type]


def nudge_in(event: Mapping[str, object]) -> tuple[str, float] | None:
    """The side of the box that an event moved, and where it was before; None for an event that nudged nothing.

    >>> nudge_in({"nudged": {"side": "y1", "from": 2.7}}), nudge_in({"nudged": {"side": "z", "from": 2.7}})
    (('y1', 2.7), None)
    """
    nudged = event.get("nudged")
    if not isinstance(nudged, Mapping) or nudged.get("side") not in SIDES:
        return None
    start = _floats([nudged.get("from")], 1)
    return None if start is None else (str(nudged["side"]), start[0])


def places_in(event: Mapping[str, object]) -> list[tuple[float, float]]:
    """The places (y, x) that an event says were tapped on the map, as a prediction; none where it says nothing.

    >>> places_in({"guess": [[3.5, 0.5]]}), places_in({"guess": [[1, "2"]]}), places_in({})
    ([(3.5, 0.5)], [], [])
    """
    guess = event.get("guess")
    places = [_floats(place, 2) for place in guess] if isinstance(guess, list) and len(guess) <= MOST_TAPPED else []
    return [(place[0], place[1]) for place in places if place is not None] if None not in places else []


def _box_in(event: Mapping[str, object]) -> Box | None:
    box = _floats(event.get("box"), 4)
    return (box[0], box[1], box[2], box[3]) if box and box[0] <= box[2] and box[1] <= box[3] else None


def _floats(values: object, count: int) -> list[float] | None:
    if not isinstance(values, list) or len(values) != count:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and -1e6 < v < 1e6 for v in values):
        return None
    return [float(v) for v in values]
