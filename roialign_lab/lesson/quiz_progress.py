"""Where a person stands in the quiz: the questions, what was answered first, what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from roialign_lab.lesson.address import take_over
from roialign_lab.lesson.box_tasks import TASKS, Grade, box_of_text, box_text, on_hundredths
from roialign_lab.lesson.event import box_in
from roialign_lab.lesson.options import QUIZ, written
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
from roialign_lab.lesson.scenario import Box

SOLVED = ".solved"  # after the name of a task, in what a browser keeps: the box that is right


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
        key, box = check.get("question"), box_in(check)
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
        box = box_in(event)
        if box is None or self.key not in TASKS:
            return
        scenario = question(self.seed, self.key).scenario
        if event.get("on", scenario.map) == scenario.map:
            self.boxes[self.seed, self.key] = on_hundredths(box, scenario)

    def apply_event(self, event: Mapping[str, object]) -> None:
        """What a browser kept; an answer, which counts once; a box that is drawn or checked; another question, another
        seed; at the end, the next. What answers a question that is ``asked`` no more is passed over."""
        asked = {"seed": self.seed, "question": self.key}
        if event.get("asked", asked) != asked:
            event = {name: value for name, value in event.items() if name not in ("answer", "check")}
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
        return take_over(self, QUIZ.values(), address)

    def to_address(self) -> dict[str, str]:
        """The seed of the questions and the open question, so that a link gives a whole class the same."""
        return written(self, QUIZ, "quiz")
