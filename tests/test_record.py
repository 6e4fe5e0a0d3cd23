"""*Record*: a drag of the box becomes a part of the deck, with a film of what the box did."""

import json

import pytest
from playwright.sync_api import expect

from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.box_path import MOST
from roialign_lab.lesson.lesson_file import read_parts, write_part
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from tests.conftest import box_of
from tests.test_browser import drag

DRAG = [[1, 2, 3, 4], [1.02, 2, 3.02, 4], [1.5, 2, 3.5, 4], [1.5, 2.5, 3.5, 4.5]]


def test_a_recorded_drag_is_a_part_with_its_film():
    session = Session(scenario=Scenario(map="animation"))
    session.apply_event({"box": DRAG[-1], "recorded": DRAG, "on": "animation"}, "roi_align")
    path = ((1, 2, 3, 4), (1.5, 2, 3.5, 4), (1.5, 2.5, 3.5, 4.5))
    assert session.recorded == Part(
        "roi_align", Scenario(map="animation", box=(1, 2, 3, 4)), ("result",), path=path, film=True
    )
    assert session.scenario.box == (1.5, 2.5, 3.5, 4.5)


def test_a_recorded_drag_that_is_saved_reads_back():
    """Its path has 48 decimal points in one line, which are no dots of a key."""
    session = Session(scenario=Scenario(map="animation"))
    drag = [[0.5 + k / 10, 2.5, 5.5 + k / 10, 6.5] for k in range(12)]
    session.apply_event({"recorded": drag, "on": "animation"}, "roi_align")
    assert session.recorded is not None and len(session.recorded.path) == 12
    ((part,), _) = read_parts(write_part(session.recorded))
    assert part == session.recorded


@pytest.mark.parametrize(
    ("recorded", "kind", "on"),
    [
        (DRAG, "home", "animation"),  # no walk whose box moves
        (DRAG, "roi_align", "random-8x8-1"),  # in cells of another map
        ([*DRAG, [7, 7, 9, 9]], "roi_align", "animation"),  # off the map
        (DRAG[:1], "roi_align", "animation"),
        ([DRAG[0]] * 5, "roi_align", "animation"),  # it did not move
        ([[0, 0, 1, 1], [0, 0, 2, 2]] * (MOST // 2 + 1), "roi_align", "animation"),
        ([[1, 2, 3, 4], [3, 2, 1, 4]], "roi_align", "animation"),
        ([[1, 2, 3, 4], None], "roi_align", "animation"),
        ("x" * 99, "roi_align", "animation"),
        ({"0": DRAG[0]}, "roi_align", "animation"),
    ],
)
def test_nonsense_is_not_recorded(recorded, kind, on):
    session = Session(scenario=Scenario(map="animation"))
    session.apply_event(json.loads(json.dumps({"recorded": recorded, "on": on})), kind)
    assert session.recorded is None and session.scenario == Scenario(map="animation")


def test_the_browser_keeps_as_many_positions_as_a_film_takes():
    assert f"const MOST = {MOST};" in (ASSETS / "stage" / "drag_recorder.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drag_is_recorded_at_the_stage_and_found_on_the_slides_page(visit, language):
    page, text = visit(f"RoI_Align?lang={language}&box=1,2,4,5"), text_in(language)
    record, message = page.get_by_test_id("record"), page.locator(".roi-figures [role=status]")
    expect(record).to_have_text(text("stage.record"))
    record.click()
    expect(record).to_have_attribute("aria-pressed", "true")
    expect(message).to_have_text(text("stage.record_now"))
    record.click()
    expect(message).to_have_text(text("stage.record_nothing"))
    record.click()
    drag(page, "box-move", 90, 40)
    record.click()
    expect(message).to_have_text(text("stage.recorded"))
    moved = box_of(page)
    assert moved != (1, 2, 4, 5)
    page.locator("a[href*='Slides']").first.click()
    expect(page.get_by_role("button", name="✕")).to_have_count(4)
    page.get_by_role("button", name=text("slides.of_film")).nth(2).click()
    expect(page.get_by_text(text("slides.film"))).to_be_visible()
    expect(page.locator("[data-testid=stCheckbox] input").filter(visible=False).last).to_be_checked()
