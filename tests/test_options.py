"""The table of options: what it lists can be read, the READMEs list it, and a new row is all that an option takes."""

import re
from pathlib import Path

import pytest

from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.lesson.operator_names import ON_STAGE
from roialign_lab.lesson.options import ADDRESS, LINE, QUIZ, SCENARIO, SESSION, SHARED, choice, hideable
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage import answer
from roialign_lab.stage.controls import controls, controls_on
from roialign_lab.stage.page import WALKS

ROOT = Path(__file__).parent.parent
ROWS = [*SCENARIO.values(), *QUIZ.values(), *SESSION.values()]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_lists_every_option_with_its_values(readme):
    values = {}
    for row in ROWS:
        if row.in_addresses:  # `step` is an option of the walks and of the quiz
            values[row.name] = list(dict.fromkeys((*values.get(row.name, ()), *row.values)))
    written = (ROOT / readme).read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", written, re.MULTILINE)
    assert len(dict(listed)) == len(listed)
    assert dict(listed) == {name: " ".join(f"`{value}`" for value in values[name]) for name in values}


@pytest.mark.parametrize("row", [row for row in ROWS if row.in_addresses], ids=lambda row: row.name)
def test_every_value_in_the_table_can_be_read_on_some_page(row):
    for value in row.values:
        sessions = [(kind, Session(scenario=Scenario(right=right))) for kind in WALKS.values() for right in ON_STAGE]
        assert any(not session.read_address({row.name: value}, kind) for kind, session in sessions), value


def test_what_a_page_writes_of_an_option_is_read_back():
    for kind in WALKS.values():
        address = Session().to_address(kind)
        assert set(address) | {"hide", "present"} == {row.name for row in ROWS if kind in row.written_on}
        again = Session(language="zh")
        assert not again.read_address(address, kind)
        assert again == Session()


@pytest.mark.parametrize("order", [ADDRESS, LINE, SHARED])
def test_an_order_names_options_and_none_twice(order):
    assert len(set(order)) == len(order)
    assert set(order) <= {row.name for row in ROWS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_and_every_part_that_a_link_leaves_out_has_words(language):
    entries = text_in(language).entries
    for kind in WALKS.values():
        for option in controls_on(kind):
            assert {f"control.{option.name}", f"control.{option.name}_title"} <= entries.keys()
    assert {f"part.{name}" for name in hideable()} <= entries.keys()


def test_a_new_row_and_its_words_are_a_new_option(monkeypatch):
    row = choice("shade", "every", {"off": False, "on": True}, written_on=("roi_pool",), buttons_on=("roi_pool",))
    monkeypatch.setitem(SCENARIO, "shade", row)
    for key in ("control.shade", "control.shade_title", "part.shade"):
        monkeypatch.setitem(text_in("en").entries, key, "shade of the map")
    session = Session()

    assert not session.read_address({"shade": "on"}, "roi_pool") and session.scenario.every
    assert session.to_address("roi_pool")["shade"] == "on"
    assert "shade" not in session.to_address("roi_align")
    (problem,) = session.read_address({"shade": "green"}, "roi_pool")
    assert (problem.key, problem.values["choices"]) == ("problem.unknown_choice", "off, on")

    session.apply_event({"set": {"shade": "off"}}, "roi_pool")
    assert not session.scenario.every
    still = answer(session, {"page": "roi_pooling"})["still"]
    assert still["controls"][-1] == {
        "name": "shade",
        "label": "shade of the map",
        "title": "shade of the map",
        "buttons": True,
        "parts": [[("off", "off"), ("on", "on")]],
        "now": ["off"],
        "idle": False,
        "changed": False,
        "more": True,
    }
    assert ("shade", "shade of the map") in still["parts"]

    assert not session.read_address({"hide": "shade"}, "roi_pool")
    assert session.to_address("roi_pool")["hide"] == "shade"
    still = answer(session, {"page": "roi_pooling"})["still"]
    assert "shade" not in [control["name"] for control in still["controls"]]

    deck = read_lesson('[[part]]\nwalk = "roi_pool"\nshade = "on"\n')
    assert deck.parts[0].scenario.every and 'shade = "on"' in write_lesson(deck)


def test_the_output_has_up_to_the_fourteen_rows_and_columns_that_a_mask_head_reads():
    session = Session()
    assert not session.read_address({"out": "14", "samples": "4"}, "roi_align")
    still = answer(session, {"page": "roi_align"})["still"]
    out = next(control for control in still["controls"] if control["name"] == "out")
    counts = [(str(count), str(count)) for count in range(1, 15)]
    assert (out["parts"], out["now"]) == ([counts, counts], ["14", "14"])
    assert session.scenario.trace(session.scenario.align).output.shape == (14, 14)
    assert len(session.read_address({"out": "15"}, "roi_align")) == 1


def test_a_changed_operator_with_two_split_rules_is_one_value_of_its_menu():
    session = Session()
    assert not session.read_address({"right": "ps_roi_pool~split:ceil,floor"}, "family")
    controls = answer(session, {"page": "family"})["still"]["controls"]
    right = next(control for control in controls if control["name"] == "right")
    assert right["now"] == ["ps_roi_pool~split:ceil,floor"]
    assert right["now"][0] in [value for value, _ in right["parts"][0]]


def test_a_page_begins_with_two_or_three_controls_and_says_what_is_changed_under_more():
    text = text_in("en")
    first = {}
    for kind in sorted({kind for row in SCENARIO.values() for kind in (*row.buttons_on, *row.menus_on)}):
        rows = controls(Scenario(), kind, text, ())
        first[kind] = [row["name"] for row in rows if not row["more"]]
        assert [row["more"] for row in rows] == sorted(row["more"] for row in rows), "the rest comes after them"
    assert first == {
        "bilinear": ["map"],
        "error": ["side", "join", "out"],
        "family": ["left", "right"],
        "gradients": ["cell", "samples", "out"],
        "home": ["out", "map"],
        "image": ["photo", "map"],
        "network": ["seen", "drawn"],
        "roi_align": ["origin", "join", "samples"],
        "roi_pool": ["out", "split", "map"],
    }
    rows = controls(Scenario(stride=8, map="counting"), "roi_align", text, ())
    assert [row["name"] for row in rows if row["more"] and row["changed"]] == ["map", "stride"]
    assert not any(
        row["more"] for row in controls(Scenario(), "roi_align", text, (), ("label", "map", "example", "stride", "out"))
    )
    assert not any(row["more"] for row in controls(Scenario(), "error", text, (), folded=False))
