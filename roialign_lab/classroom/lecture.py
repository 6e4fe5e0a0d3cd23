"""The lecture of a room: a plan that the lecturer goes through, stop by stop; some stops ask the class."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from roialign_lab.classroom.questions import can_be_asked
from roialign_lab.classroom.room import Phase, Room, Show
from roialign_lab.lesson.lesson_file import LessonError, line_of, read_parts
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.text import Text
from roialign_lab.stage.page import address_of
from roialign_lab.stage.plan import Stop, printed, question_title, ready_lesson, stops_of, title_of

LONGEST = 32_000  # characters of a plan: the ready one has a third of it


@lru_cache(32)
def parts_of(lesson: str) -> tuple[tuple[Part, ...], str]:
    """The parts of a plan and its title; empty stands for the plan that comes with the lesson.

    Raises
    ------
    LessonError : where it cannot be read, or asks what cannot be asked of its box.
    """
    written = lesson or ready_lesson()
    if len(written) > LONGEST:
        raise LessonError("file_large", 1, limit=LONGEST)
    parts, options = read_parts(written)
    for stop in stops_of(parts):
        if stop.ask and not can_be_asked(show_of(stop), about(stop)):
            line = line_of(written, "ask", stop.number)
            raise LessonError("ask_here", line, "ask", stop.number + 1, value=stop.ask)
    return parts, str(options.get("title", ""))


@lru_cache(32)
def stops(lesson: str) -> tuple[Stop, ...]:
    """The stops of a plan."""
    return stops_of(parts_of(lesson)[0])


def show_of(stop: Stop) -> Show:
    """What a lecturer's stage shows at a stop."""
    return Show(stop.page, stop.address, {"step": stop.step} if stop.step else {})


def about(stop: Stop) -> str:
    """What is asked at a stop besides what its step asks; empty for the step's own question."""
    return "" if stop.ask == stop.step else stop.ask


def problem_of(lesson: str, text: Text) -> str:
    """Why a plan cannot be used, as a sentence; empty where it can."""
    try:
        parts_of(lesson)
    except LessonError as error:
        key, values = error.at("lesson.toml", text)
        return text(key, **values)
    return ""


def at_stop(room: Room, number: int) -> Room:
    """The room at a stop of its plan, whose question opens; -1 leaves the plan. The question that was open is over.

    As it is where the plan cannot be read: it shows a map that another process has.
    """
    try:
        count = len(stops(room.lesson))
    except LessonError:
        count = 0
    if number == room.stop or not -1 <= number < count:
        return room
    room = replace(room, stop=number)
    if number < 0:
        return room
    stop = stops(room.lesson)[number]
    if stop.ask:
        asking = room.asking(show_of(stop), about(stop))
        if asking.is_asking(show_of(stop), about(stop)):  # a room has room for so many questions
            return asking
    done = tuple(replace(asked, phase=Phase.DONE) for asked in room.questions)
    return replace(room, questions=done, show=room.show if room.is_paused else show_of(stop))


def with_plan(room: Room, lesson: str) -> Room:
    """The room with another plan, which is not begun."""
    return replace(room, lesson=lesson, stop=-1)


def told(lesson: str, text: Text) -> dict[str, Any]:
    """A plan as the lecturer's browser shows it: without a stop, and titled by the reason, where it cannot be read."""
    problem = problem_of(lesson, text)
    if problem:
        return {"title": problem, "own": True, "parts": [], "stops": []}
    parts, title = parts_of(lesson)
    return {
        "title": title or text("plan.lecture"),
        "own": bool(lesson),
        "parts": [
            {
                "title": title_of(part, text),
                "minutes": part.minutes,
                "say": part.said(text.language),
                "asks": question_title(part, text),
            }
            for part in parts
        ],
        "stops": [
            {
                "part": stop.number,
                "page": stop.page,
                "path": address_of(stop.page),
                "address": stop.address,
                "step": stop.step,
                "asks": bool(stop.ask),
            }
            for stop in stops(lesson)
        ],
    }


def to_print(lesson: str, text: Text, base: str) -> str:
    """A plan as a page to print."""
    parts, title = parts_of(lesson)
    return printed(parts, text, base, title)
