"""What can be asked of what a lecturer shows, what was answered to it, and what the core says of each answer."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import Any

from roialign_core.trace import Trace
from roialign_lab.classroom.room import MOST_ROUNDS, Phase, Question, Room, Show
from roialign_lab.classroom.store import Votes
from roialign_lab.figures.strokes import CROSS_OF_MANY
from roialign_lab.lesson.event import places_in
from roialign_lab.lesson.misconceptions import misconceptions_in
from roialign_lab.lesson.predict_step import verdict_of
from roialign_lab.lesson.quiz import KINDS
from roialign_lab.lesson.quiz import Question as QuizQuestion
from roialign_lab.lesson.scenario import Focus, nearest_focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import PREDICTED
from roialign_lab.stage.page import WALKS, Page
from roialign_lab.stage.view import choice_labels

OF_CELLS = ("snap", "max", "neighbors")  # steps that are answered by cells; the others by places between them
MENDED_BY = {
    "snap.floor": "nearest",
    "snap.ceil": "nearest",
    "samples.other": "row_by_row",
    "samples.off": "part_centre",
    "neighbors.wrong": "cell_centre",
}
"""The misconception behind a wrong answer on the map, as :mod:`roialign_lab.lesson.misconceptions` names it."""


@dataclass(frozen=True)
class OnMap:
    """A step to be predicted on the map: what it is checked against."""

    trace: Trace
    step: str
    focus: Focus

    def reason(self, places: Sequence[tuple[float, float]]) -> tuple[str, bool]:
        """Why these places are right or not, as a key of ``room.answer``; and whether they are."""
        verdict = verdict_of(self.trace, self.step, self.focus, places)
        return ("", False) if verdict is None else (verdict.keys[0], verdict.right)


def session_at(show: Show) -> Session:
    """A session that looks at what is shown."""
    session, kind = Session(), WALKS[show.page]
    session.read_address(show.query, kind)
    session.apply_event(show.done, kind)
    return session


def can_be_asked(show: Show) -> bool:
    """Is what is shown a question: of the quiz, or a step that can be predicted for this very box and bin?"""
    return _on_map(show) is not None or _of_quiz(show) is not None


def vote_in(question: Question, message: object) -> str | None:
    """The vote of a message, as it is kept; None for what is no answer to the question."""
    if not isinstance(message, Mapping):
        return None
    if question.is_choice:
        asked, answer = _of_quiz(question.show), message.get("answer")
        if asked is None or not isinstance(answer, int) or isinstance(answer, bool):
            return None
        return json.dumps({"answer": answer}) if 0 <= answer < len(asked.choices) else None
    places = [[round(y, 2), round(x, 2)] for y, x in places_in(message)]
    return json.dumps({"guess": places}) if places else None


def answers(room: Room, votes: Votes, text: Text) -> dict[str, Any] | None:
    """What was answered to the open question, for the lecturer's stage; None while it is being answered.

    Which answer is right, and what is behind a wrong one, comes with the reveal: before it a class votes again.
    """
    question = room.question
    if question is None or question.phase is Phase.ASK:
        return None
    rounds = [[json.loads(vote) for vote in votes.get(number, {}).values()] for number in range(1, question.round + 1)]
    is_revealed = question.phase is Phase.REVEALED
    told: dict[str, Any] = {"counts": [len(votes) for votes in rounds]}
    if question.is_choice:
        return told | {"bars": _bars_of_choices(question.show, rounds, is_revealed, text)}
    told["cloud"] = _cloud(question.show, rounds)
    return told | {"bars": _bars_on_map(question.show, rounds, text) if is_revealed else []}


def table(room: Room, votes: Mapping[int, Votes]) -> str:
    """How often what was answered, as CSV: of all questions of a room, by round."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["question", "page", "asked", "round", "answer", "reason", "right", "votes"])
    for question in room.questions:
        key = _key(question.show)
        for round_ in range(1, MOST_ROUNDS + 1):
            kept = votes.get(question.number, {}).get(round_, {}).values()
            for (label, reason, right), count in _counted(question.show, map(json.loads, kept)).items():
                rows.writerow([question.number, question.show.page, key, round_, label, reason, int(right), count])
    return out.getvalue()


def _counted(show: Show, votes: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str, bool]]:
    """How often each answer was given: what it says, why it is right or wrong, and whether it is right."""
    quiz, on_map = _of_quiz(show), _on_map(show)
    found: Counter[tuple[str, str, bool]] = Counter()
    for vote in votes:
        if quiz is not None:
            choice = quiz.choices[vote["answer"]]
            found[choice.label, choice.reason.rpartition(".")[2], vote["answer"] == quiz.right] += 1
        elif on_map is not None:
            reason, right = on_map.reason(_places(vote))
            found["", reason, right] += 1
    return found


def _bars_of_choices(show: Show, rounds: Sequence[list[Any]], is_revealed: bool, text: Text) -> list[dict[str, Any]]:
    session, quiz = session_at(show), _of_quiz(show)
    assert quiz is not None
    session.language = text.language
    bars: list[dict[str, Any]] = []
    for k, label in enumerate(choice_labels(Page(show.page, session))):
        counts = [sum(vote["answer"] == k for vote in votes) for votes in rounds]
        bar: dict[str, Any] = {"label": label, "counts": counts}
        if is_revealed:
            is_mended = k != quiz.right and any(counts)
            bar |= {"right": k == quiz.right, "why": _behind(quiz, k, text) if is_mended else ""}
        bars.append(bar)
    return bars


def _behind(quiz: QuizQuestion, choice: int, text: Text) -> str:
    """The misconception behind a wrong choice."""
    reason = quiz.choices[choice].reason.rpartition(".")[2]
    (misconception,) = misconceptions_in([(quiz.key, reason)])
    return text(f"quiz.mend.{misconception.key}")


def _bars_on_map(show: Show, rounds: Sequence[list[Any]], text: Text) -> list[dict[str, Any]]:
    counted = [_counted(show, votes) for votes in rounds]
    found = {(reason, right) for round_ in counted for _, reason, right in round_}
    return [
        {
            "label": text(f"room.answer.{reason}"),
            "counts": [round_["", reason, right] for round_ in counted],
            "right": right,
            "why": text(f"quiz.mend.{MENDED_BY[reason]}") if reason in MENDED_BY else "",
        }
        for reason, right in sorted(found, key=lambda answer: (not answer[1], answer[0]))
    ]


def _cloud(show: Show, rounds: Sequence[list[Any]]) -> dict[str, Any]:
    """What was tapped: of cells x, y of the middle and how often; of places x and y. A table for each round."""
    is_cell = _key(show) in OF_CELLS
    tables = []
    for votes in rounds:
        places = [place for vote in votes for place in _places(vote)]
        if is_cell:
            cells = Counter((floor(y), floor(x)) for y, x in places)
            tables.append(",".join(f"{x + 0.5} {y + 0.5} {count}" for (y, x), count in sorted(cells.items())))
        else:
            tables.append(",".join(f"{x:g} {y:g}" for y, x in places))
    return {"mark": "cell" if is_cell else "place", "size": [CROSS_OF_MANY, 9, 22], "rounds": tables}


def _places(vote: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [(y, x) for y, x in vote["guess"]]


def _key(show: Show) -> str:
    """The step or the question of the quiz that is open."""
    session, kind = session_at(show), WALKS[show.page]
    return session.quiz.key if kind == "quiz" else session.scenario_of(kind).steps.get(kind, "")


def _on_map(show: Show) -> OnMap | None:
    return _on_map_of(show.page, show.address, json.dumps(show.done))


@lru_cache(64)
def _on_map_of(page: str, address: str, done: str) -> OnMap | None:
    kind, session = WALKS[page], session_at(Show(page, address, json.loads(done)))
    scenario = session.scenario_of(kind)
    step = scenario.steps.get(kind, "")
    if step not in PREDICTED.get(kind, ()):
        return None
    trace = scenario.trace(Page(page, session).operator)
    focus = nearest_focus(session.focus, trace)
    asked = OnMap(trace, step, focus)
    return asked if asked.reason([(0.0, 0.0)])[0] not in ("", "neighbors.none") else None


def _of_quiz(show: Show) -> QuizQuestion | None:
    """The question of the quiz that is open; None for its end, and for one that is answered by a box."""
    if show.page != "quiz":
        return None
    quiz = session_at(show).quiz
    return quiz.question if quiz.key in KINDS else None
