"""An event of the browser goes in, the payload that its stage draws comes out. Nothing here knows how they travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from roialign_lab.lesson.event import nudge_in, places_in
from roialign_lab.lesson.predict_step import verdict_of
from roialign_lab.lesson.scenario import nearest_focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.lesson.walks import questions_on
from roialign_lab.stage.page import WALKS, Page, trace_asked
from roialign_lab.stage.payload import payload, still_id
from roialign_lab.stage.trail import TRAILS

LONGEST_MESSAGE = 4096  # characters: an address, a box, a bin
ASKED = ("guess", "nudged")  # what an event asks for itself: its answer alone tells it


class EventError(ValueError):
    """An event that no page can answer."""


def answer(session: Session, event: Mapping[str, object]) -> dict[str, Any]:
    """The payload of a page after what a person did on it; the session is changed by it.

    Parameters
    ----------
    event : ``page`` (its name in :data:`roialign_lab.stage.page.PAGES`), ``seq`` (a number that comes back as ``ack``),
        ``have`` (the ``still_id`` that the browser holds), and what was done: ``box`` (x1, y1, x2, y2 in map cells;
        passed over where ``on`` names another map),
        ``point`` (y, x in map cells), ``focus``, ``step``, ``set``, ``language`` …; or what was predicted: ``guess``
        (places y, x in map cells, to the step or the question that it is ``about``); or the ``side`` that was nudged
        and where it came ``from``: ``nudged``; or the ``box`` that is to answer a ``question`` of the quiz: ``check``

    Returns
    -------
    What a drag changes; under ``still`` all the rest, where the browser does not hold it.

    Raises
    ------
    EventError : for a page that does not exist.

    >>> payload = answer(Session(), {"page": "roi_pooling", "box": [0, 3, 6, 7], "seq": 3})
    >>> payload["panels"][0]["output"], payload["ack"], "still" in payload
    ('0.8500 0.9600 0.9700 0.9600', 3, True)
    """
    page = _page(session, event)
    session.apply_event(event, page.kind)
    moving, still = payload(page)
    rest = {} if event.get("have") == moving["still_id"] else {"still": still()}
    return {**moving, **rest, **_told(page, event), "ack": sequence_of(event)}


def answer_message(message: str) -> str:
    """The answer to one message of a drag, both JSON: the payload, or ``refused`` where it cannot be given.

    The message says with each event where the page stands (``address``, a query string with ``lang``), so any process
    can answer it and nothing is kept. It is refused where it makes no sense, or where the browser does not hold what a
    drag leaves as it is: then it has to ask for all of it where its session is. With ``whole`` that comes too, and the
    address: so a room asks once for all who follow. It is the last of the answer then.
    """
    event = _parsed(message)
    if event is None:
        return refusal(message)
    address = dict(parse_qsl(str(event.get("address"))))
    session = Session()
    try:
        page = _page(session, event)
    except EventError:
        return refusal(message)
    if address.get("lang") not in LANGUAGES or session.read_address(address, page.kind):
        return refusal(message)
    session.apply_event({name: value for name, value in event.items() if name != "language"}, page.kind)
    identity, is_whole = still_id(page), event.get("whole") is True
    is_held = identity == event.get("have")
    if not is_held and not is_whole:
        return refusal(message)
    moving, still = payload(page, identity)
    told = {**moving, **_told(page, event), "ack": sequence_of(event)}
    if is_whole:
        told |= {"address": urlencode(page.address, safe=","), **({} if is_held else {"still": still()})}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _told(page: Page, event: Mapping[str, object]) -> dict[str, Any]:
    """What an event asked for itself: whether a prediction is right, or what a nudge of the box changed."""
    nudge, places = nudge_in(event), places_in(event)
    if nudge is not None and page.kind in TRAILS:
        return TRAILS[page.kind](page, *nudge)
    about = event.get("about") or page.scenario.steps.get(page.kind, "")
    if not places or not isinstance(about, str) or about not in questions_on(page.kind):
        return {}
    trace = trace_asked(page)
    focus = nearest_focus(page.session.focus, trace)
    verdict, name = verdict_of(trace, about, focus, places, page.scenario.every), page.scenario.bin_name(focus)
    if verdict is None:  # the browser waits for a word
        return {"verdict": {"right": False, "sentence": page.text("predict.nothing", bin=name)}}
    values = {**verdict.values, "bin": name}
    sentence = page.text.paragraph(page.text(f"predict.{key}", **values) for key in verdict.keys)
    return {"verdict": {"right": verdict.right, "sentence": sentence}}


def refusal(message: str) -> str:
    """What a message is told that cannot be answered: the browser asks Streamlit, where its session is."""
    event = _parsed(message)
    return json.dumps({"refused": True} if event is None else {"refused": True, "ack": sequence_of(event)})


def sequence_of(event: Mapping[str, object]) -> int | None:
    """The number of an event, by which the browser knows its answer."""
    sequence = event.get("seq")
    return sequence if isinstance(sequence, int) else None


def _page(session: Session, event: Mapping[str, object]) -> Page:
    name = event.get("page")
    if not isinstance(name, str) or name not in WALKS:
        raise EventError(f"page: {str(name)[:40]!r} is not one of {', '.join(WALKS)}")
    return Page(name, session)


def _parsed(message: str) -> dict[str, Any] | None:
    if len(message) > LONGEST_MESSAGE:
        return None
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
