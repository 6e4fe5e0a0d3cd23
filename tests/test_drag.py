"""The road of a drag: the same answer_message as through Streamlit, and nothing for what makes no sense."""

import json
import random
from urllib.parse import urlencode

import numpy as np
import pytest

from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.stage.answer import LONGEST_MESSAGE, answer_message
from roialign_lab.stage.page import WALKS, Page
from roialign_lab.stage.payload import payload

BOX = [1.25, 2.0, 3.75, 6.5]


def opened(name, language="en"):
    return Page(name, Session(language))


def answer_to(page, **event):
    have = payload(page)[0]["still_id"]
    address = urlencode(page.address, safe=",")
    return answer_message(json.dumps({"page": page.name, "address": address, "seq": 7, "have": have, **event}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", WALKS)
def test_the_answer_is_what_streamlit_would_be_given(name, language):
    page = opened(name, language)
    event = {"box": BOX, "point": [2.5, 3.25], "focus": {"row": 1, "column": 0, "sample": 3}}
    got = json.loads(answer_to(page, **event))
    page.session.apply_event(event, page.kind)
    expected, _ = payload(page)
    assert got == {**json.loads(json.dumps(expected)), "ack": 7}


def test_a_worked_answer():
    page = opened("roi_align")
    got = json.loads(answer_to(page, box=[0, 3, 7, 8]))
    assert got["panels"][0]["output"].split(" ") == ["0.4770", "0.4710", "0.4569", "0.4552"]


def test_a_browser_that_has_other_words_or_another_map_is_sent_to_streamlit():
    assert json.loads(answer_to(opened("roi_align"), have="0123456789ab")) == {"refused": True, "ack": 7}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        "[" * 4000,
        "x" * (LONGEST_MESSAGE + 1),
        json.dumps({"page": "roi_align", "address": "lang=en&map=nowhere", "seq": 1}),
        json.dumps({"page": "roi_align", "address": "lang=tlh", "seq": "<b>"}),
        json.dumps({"page": ["roi_align"], "address": None, "seq": True}),
        json.dumps({"page": "roi_align", "address": "lang=en&box=nan,1,2,3", "seq": 1}),
    ],
)
def test_nonsense_is_refused(message):
    assert json.loads(answer_message(message))["refused"] is True


def test_random_messages_never_fail():
    rng = random.Random(5)
    page = opened("roi_align")
    good = {"page": "roi_align", "address": urlencode(page.address), "seq": 1, "have": payload(page)[0]["still_id"]}
    odd = [None, True, -1, 1e308, float("nan"), "", "💥", [], {}, [1, 2, 3, 4], {"row": 1}, "lang=en", 10**400]
    for _ in range(500):
        event = {**good, rng.choice([*good, "box", "point", "focus", "step", "set", "pin"]): rng.choice(odd)}
        assert isinstance(json.loads(answer_message(json.dumps(event))), dict)


@pytest.mark.parametrize("odd", ["\ud800", ["\ud800"], {"\udfff": "\ud800"}, {"map": "\ud800", "seed": "\ud800"}])
@pytest.mark.parametrize("is_escaped", [True, False])
def test_half_a_character_anywhere_is_answered_with_whole_ones(odd, is_escaped):
    for name in WALKS:
        page = opened(name)
        good = {"page": name, "address": urlencode(page.address), "seq": 1, "have": payload(page)[0]["still_id"]}
        for key in (*good, "box", "point", "focus", "step", "set", "example", "language"):
            answer_message(json.dumps({**good, key: odd}, ensure_ascii=is_escaped)).encode()
        answer_message(
            json.dumps({**good, "address": f"{good['address']}&step={odd}"}, ensure_ascii=is_escaped)
        ).encode()


@pytest.mark.parametrize("name", [name for name in WALKS if name not in ("quiz", "slides")])
def test_what_has_the_same_name_is_the_same(name):
    """Of two places of the box and the side, where the browser keeps what a drag leaves as it is."""
    rng, found = np.random.default_rng(5), 0
    for _ in range(40):
        samples, out = str(rng.choice([0, 0, 2])), str(rng.choice([2, 7]))
        made = []
        for _ in range(2):
            session = Session()
            x1, y1, width, height = rng.uniform(0, 8, 4).round(2)
            box = f"{x1},{y1},{x1 + max(width, 1)},{y1 + max(height, 1)}"
            address = {"map": "random-16x16-3", "samples": samples, "out": out, "box": box}
            session.read_address({**address, "side": str(rng.choice(["x1", "y2"]))}, Page(name, session).kind)
            made.append(payload(Page(name, session)))
        (first, still), (second, other) = made
        if first["still_id"] == second["still_id"]:
            found += 1
            assert still() == other()
    assert found > 5
