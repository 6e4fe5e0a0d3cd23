"""The numbers of a picture as files: of so many samples at most, and each in its turn."""

import json
import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from roialign_core.bilinear import frozen
from roialign_lab.lesson.own_maps import OwnMaps, keep
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.site.sections import Sections
from roialign_lab.stage.downloads import File, TooManyError, numbers_as, too_many_samples
from roialign_lab.stage.page import Page
from roialign_lab.ui import downloads, stage_component
from roialign_lab.ui.turns import TURNS

MAP = keep(OwnMaps("d0d0d0d0d0d0", frozen(np.arange(150.0 * 150).reshape(1, 150, 150))))
FEW, MANY = 141, 142  # cells a side of a box that has a sample in each: 19,881 and 20,164


def page_of(name, side, language="en"):
    page = Page(name, Session(language))
    address = {"map": f"own-{MAP.name}-0", "box": f"0,0,{side},{side}", "out": "1", "samples": "0"}
    if name == "roi_pooling":
        del address["samples"]
        address["box"] = f"0,0,{side - 1},{side - 1}"  # the cell of its end belongs to it
    assert page.session.read_address(address, page.kind) == []
    return page


@pytest.fixture
def shown(monkeypatch):
    """What the page shows: its sentences, and its buttons with what makes their files."""
    said, buttons = [], {}

    def button(label, made, *_, **__):
        buttons[label] = made

    fake = SimpleNamespace(
        session_state={}, markdown=said.append, container=lambda **_: nullcontext(), download_button=button
    )
    monkeypatch.setattr(downloads, "st", fake)
    return SimpleNamespace(said=said, buttons=buttons, state=fake.session_state)


@pytest.mark.parametrize("name", ["roi_pooling", "roi_align"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_of_more_samples_than_files_have_says_so(name, language, shown):
    few, many = (page_of(name, side, language) for side in (FEW, MANY))
    assert too_many_samples(few) == ""
    assert len(json.loads(numbers_as("json", few).made())["sample_value"]) == 19_881
    assert numbers_as("csv", few).made().count(b"\n") == 1 + 19_881
    sentence = text_in(language)("numbers.too_many", samples="20,164", limit="20,000")
    assert too_many_samples(many) == sentence
    for kind in ("csv", "json"):
        with pytest.raises(TooManyError, match="20,164"):
            numbers_as(kind, many).made()
    downloads.downloads(many)
    assert (shown.said, shown.buttons) == ([sentence], {})
    downloads.downloads(few)
    assert (len(shown.said), len(shown.buttons)) == (1, 2)


def test_the_site_has_the_same_sentence_in_place_of_the_buttons():
    few, many = (Sections().make("downloads", page_of("roi_align", side), {})["html"] for side in (FEW, MANY))
    assert few.count("data-file") == 2 and "20,000" not in few
    assert "data-file" not in many and "20,164" in many


@pytest.mark.parametrize(("before", "after", "is_other"), [(FEW, MANY, True), (MANY, FEW, True), (FEW, 20, False)])
def test_a_box_that_changes_whether_there_are_files_draws_the_page_again(before, after, is_other, shown, monkeypatch):
    page = page_of("roi_align", before)
    downloads.downloads(page)
    event = {"box": [0, 0, after, after], "commit": True}
    state = shown.state | {stage_component.KEY: SimpleNamespace(event=event)}
    monkeypatch.setattr(stage_component, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(stage_component, "write_address", lambda _: None)
    stage_component._on_event(page)
    assert state["stage_rerun"] is is_other


def test_a_file_is_made_in_a_turn_and_two_at_once_are_all_that_a_session_has(shown, monkeypatch):
    """More clicks are told at once, and hold no thread that others wait for."""
    taken = []

    def file(kind, _):
        return File(kind, "", lambda: taken.append(TURNS._is_taken) or b"file")

    monkeypatch.setattr(downloads, "numbers_as", file)
    downloads.downloads(page_of("roi_align", FEW))
    (made, other), files = shown.buttons.values(), []
    with TURNS.turn(SimpleNamespace(rest=lambda *_: 0, is_quick=lambda *_: True, charge=lambda *_: None)):
        clicks = [threading.Thread(target=lambda click=click: files.append(click())) for click in (made, other)]
        for click in clicks:
            click.start()
        until = time.monotonic() + 10
        while len(TURNS._waiting) < 2 and time.monotonic() < until:
            time.sleep(0.001)
        assert taken == []
        with pytest.raises(RuntimeError, match="2 files are being made"):
            made()
    for click in clicks:
        click.join(10)
    assert files == [b"file"] * 2 and taken == [True] * 2
    assert made() == b"file", "after them there is room again"
