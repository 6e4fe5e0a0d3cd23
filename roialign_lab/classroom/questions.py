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
from statistics import median
from typing import Any

from roialign_core.trace import Trace
from roialign_lab.classroom.room import MOST_ROUNDS, Phase, Question, Room, Show
from roialign_lab.classroom.store import Votes
from roialign_lab.figures.strokes import CROSS_OF_MANY
from roialign_lab.lesson.event import places_in
from roialign_lab.lesson.maps import PHOTO_NAME, is_map, is_upload
from roialign_lab.lesson.misconceptions import misconceptions_in
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.predict_step import Verdict, verdict_of
from roialign_lab.lesson.quiz import KINDS
from roialign_lab.lesson.quiz import Question as QuizQuestion
from roialign_lab.lesson.scenario import Focus, nearest_focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import BESIDES, PREDICTED
from roialign_lab.stage.page import WALKS, Page, trace_asked
from roialign_lab.stage.view import choice_labels

OF_CELLS = ("snap", "max", "neighbors", "landed")  # what is answered by cells; the others by places between them
DRAGGED = {"edges": "region", "weight": "weight"}  # and by dragging
RANGES = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0))  # of weights
SOME_ANSWER = {"edges": ((0.0, 0.0), (1.0, 1.0))}  # to see whether something can be asked; of the others (0, 0)
MENDED_BY = {
    "snap.floor": "nearest",
    "snap.ceil": "nearest",
    "samples.other": "row_by_row",
    "samples.off": "part_centre",
    "neighbors.wrong": "cell_centre",
    "edges.no_end": "end_cell",
    "edges.kept": "rounds_nothing",
    "edges.outward": "nearest",
    "edges.inward": "nearest",
    "edges.cut": "nearest",
    "weight.own": "opposite_area",
    "weight.equal": "opposite_area",
    "weight.one_axis": "opposite_area",
}
"""The misconception behind a wrong answer on the map, as :mod:`roialign_lab.lesson.misconceptions` names it."""


@dataclass(frozen=True)
class OnMap:
    """Something to be answered on the map: what it is checked against."""

    trace: Trace
    key: str
    focus: Focus
    every: bool

    def reason(self, places: Sequence[tuple[float, float]]) -> tuple[str, bool]:
        """Why these places are right or not, as a key of ``room.answer``; and whether they are."""
        verdict = self.verdict(places)
        return ("", False) if verdict is None else (verdict.keys[0], verdict.right)

    def verdict(self, places: Sequence[tuple[float, float]]) -> Verdict | None:
        """What these places are worth."""
        return verdict_of(self.trace, self.key, self.focus, places, self.every)


def session_at(show: Show) -> Session:
    """A session that looks at what is shown."""
    session, kind = Session(), WALKS[show.page]
    session.read_address(show.query, kind)
    session.apply_event(show.done, kind)
    return session


def has_its_map(show: Show) -> bool:
    """Is the map here? What a lecturer loaded from a file, the process of their session has, and no other."""
    name = show.query.get("map", "")
    return is_map(name) or not is_upload(name)


def can_be_asked(show: Show, about: str = "") -> bool:
    """Is what is shown a question: of the quiz, or one that can be answered for this very box and bin?"""
    return _on_map(show, about) is not None or (not about and _of_quiz(show) is not None)


def vote_in(question: Question, message: object) -> str | None:
    """The vote of a message, as it is kept; None for what is no answer to the question."""
    if not isinstance(message, Mapping):
        return None
    if question.is_choice:
        asked, answer = _of_quiz(question.show), message.get("answer")
        if asked is None or not isinstance(answer, int) or isinstance(answer, bool):
            return None
        return json.dumps({"answer": answer}) if 0 <= answer < len(asked.choices) else None
    places, on_map = [(round(y, 2), round(x, 2)) for y, x in places_in(message)], _on_map(question.show, question.about)
    is_answer = on_map is not None and on_map.verdict(places) is not None
    return json.dumps({"guess": places}) if is_answer else None


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
    told["cloud"] = _cloud(question, rounds)
    if is_revealed:
        return told | {"bars": _bars_on_map(question, rounds, text), "distance": _distance(question, rounds, text)}
    return told | {"bars": _ranges(rounds, text) if question.about == "weight" else []}


def table(room: Room, votes: Mapping[int, Votes]) -> str:
    """How often what was answered, as CSV: of all questions of a room, by round."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["question", "page", "asked", "round", "answer", "reason", "right", "votes"])
    for question in room.questions:
        key = _key(question)
        for round_ in range(1, MOST_ROUNDS + 1):
            kept = votes.get(question.number, {}).get(round_, {}).values()
            for (label, reason, right), count in _counted(question, map(json.loads, kept)).items():
                rows.writerow([question.number, question.show.page, key, round_, label, reason, int(right), count])
    return out.getvalue()


def _counted(question: Question, votes: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str, bool]]:
    """How often each answer was given: what it says, why it is right or wrong, and whether it is right."""
    quiz, on_map = _of_quiz(question.show), _on_map(question.show, question.about)
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


def _bars_on_map(question: Question, rounds: Sequence[list[Any]], text: Text) -> list[dict[str, Any]]:
    counted = [_counted(question, votes) for votes in rounds]
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


def _ranges(rounds: Sequence[list[Any]], text: Text) -> list[dict[str, Any]]:
    """How many weights lie between which two; the last range has its upper end too."""
    said = [[_places(vote)[0][0] for vote in votes] for votes in rounds]
    return [
        {
            "label": text("room.answer.weight.between", low=f"{low:g}", high=f"{high:g}"),
            "counts": [sum(low <= weight < high or weight == high == 1 for weight in round_) for round_ in said],
        }
        for low, high in RANGES
    ]


def _distance(question: Question, rounds: Sequence[list[Any]], text: Text) -> str:
    """How far off half of the answers of each round are at most, as a sentence; empty where that has no meaning."""
    on_map, middles = _on_map(question.show, question.about), []
    for votes in rounds:
        verdicts = [on_map.verdict(_places(vote)) for vote in votes] if on_map is not None else []
        off = [verdict.distance for verdict in verdicts if verdict is not None and verdict.distance is not None]
        if not off:
            return ""
        middles.append(number(median(off), 2))
    key = "off_weight" if question.about == "weight" else "distance"
    return text(f"room.{key}{'_two' if len(middles) > 1 else ''}", first=middles[0], second=middles[-1])


def _cloud(question: Question, rounds: Sequence[list[Any]]) -> dict[str, Any]:
    """What was tapped or dragged, a table for each round: of cells x, y of the middle and how often; of places x and y;
    of regions x1, y1, x2, y2; of weights x, y of the middle of the cell and the weight."""
    is_cell, tables = _key(question) in OF_CELLS, []
    for votes in rounds:
        places = [place for vote in votes for place in _places(vote)]
        if question.about == "edges":
            pairs = zip(places[::2], places[1::2], strict=True)
            tables.append(",".join(f"{x1:g} {y1:g} {x2:g} {y2:g}" for (y1, x1), (y2, x2) in pairs))
        elif question.about == "weight":
            middles = [(weight, _neighbor(question, int(n))) for weight, n in places]
            tables.append(",".join(f"{at[1] + 0.5} {at[0] + 0.5} {weight:g}" for weight, at in middles if at))
        elif is_cell:
            cells = Counter((floor(y), floor(x)) for y, x in places)
            tables.append(",".join(f"{x + 0.5} {y + 0.5} {count}" for (y, x), count in sorted(cells.items())))
        else:
            tables.append(",".join(f"{x:g} {y:g}" for y, x in places))
    mark = DRAGGED.get(question.about, "cell" if is_cell else "place")
    return {"mark": mark, "size": [CROSS_OF_MANY, 9, 22], "rounds": tables}


def _neighbor(question: Question, n: int) -> tuple[int, int] | None:
    """Row and column of a neighbour of the × that is asked about; None where its map is not here."""
    on_map = _on_map(question.show, question.about)
    if on_map is None:
        return None
    focus = on_map.focus
    point = on_map.trace.points_of(focus.row, focus.column, slice(focus.sample, focus.sample + 1))
    return int(point.neighbor_y[0, n]), int(point.neighbor_x[0, n])


def _places(vote: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [(y, x) for y, x in vote["guess"]]


def _key(question: Question) -> str:
    """What is asked: a step, a question of the quiz, or one of those besides."""
    if question.about:
        return question.about
    show = question.show
    session, kind = session_at(show), WALKS[show.page]
    return session.quiz.key if kind == "quiz" else session.scenario_of(kind).steps.get(kind, "")


def _on_map(show: Show, about: str = "") -> OnMap | None:
    if not has_its_map(show):
        return None
    name = show.query.get("map", "")
    is_large = is_upload(name) or PHOTO_NAME.fullmatch(name) is not None
    of = _on_large_map_of if is_large else _on_map_of
    return of(show.page, show.address, json.dumps(show.done), about)


def _found_on_map(page: str, address: str, done: str, about: str) -> OnMap | None:
    kind, session = WALKS[page], session_at(Show(page, address, json.loads(done)))
    scenario = session.scenario_of(kind)
    key = about or scenario.steps.get(kind, "")
    if key not in (BESIDES if about else PREDICTED).get(kind, ()):
        return None
    trace = trace_asked(Page(page, session))
    focus = nearest_focus(session.focus, trace)
    asked = OnMap(trace, key, focus, scenario.every)
    some = [SOME_ANSWER.get(key, ((0.0, float(n)),)) for n in range(4 if key == "weight" else 1)]
    return asked if any(asked.reason(places)[0] not in ("", "neighbors.none") for places in some) else None


# Of a map of 512×512 cells one takes 2 MB and more, and holds what was uploaded though its session has ended.
_on_map_of, _on_large_map_of = lru_cache(64)(_found_on_map), lru_cache(8)(_found_on_map)


def _of_quiz(show: Show) -> QuizQuestion | None:
    """The question of the quiz that is open; None for its end, and for one that is answered by a box."""
    if show.page != "quiz":
        return None
    quiz = session_at(show).quiz
    return quiz.question if quiz.key in KINDS else None
