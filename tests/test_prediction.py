"""A step of a walk predicted on the map: what is a right answer, and that nothing tells it before."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from roialign_core import ROI_ALIGN, ROI_POOL, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_core.operators import Aggregate
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.layout import arranged, sheet_of
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.predict_step import verdict_of
from roialign_lab.lesson.scenario import Focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.walks import walk_keys
from roialign_lab.stage.answer import answer
from roialign_lab.stage.page import Page as OpenPage
from roialign_lab.stage.view import figure

BOX = (0.55, 2.7, 6.35, 7.4)
UNKNOWN = ["?"] * 4


def traced(operator, box=BOX, samples=2):
    return trace(ANIMATION_MAP, [16 * side for side in box], operator, 2, 1 / 16, samples)


# ---- what is right ------------------------------------------------------------------------------------------------


def test_the_first_cell_of_the_region():
    t = traced(ROI_POOL)  # y1 = 2.70 rounds to 3, x1 = 0.55 to 1
    row, column = range(2)
    cases = {
        (3, 1): ("snap.right",),
        (2, 0): ("snap.floor", "snap.nearest"),
        (2, 1): ("snap.row", "snap.nearest"),
        (3, 0): ("snap.column", "snap.nearest"),
        (6, 5): ("snap.off", "snap.nearest"),
    }
    for place, keys in cases.items():
        verdict = verdict_of(t, "snap", Focus(0, 1), [(place[row] + 0.9, place[column] + 0.1)])
        assert (verdict.right, verdict.keys) == (place == (3, 1), keys)
        rounded = {"y1": "2.70", "x1": "0.55", "best_row": "3", "best_column": "1"}
        assert verdict.values == {**rounded, "row": str(place[row]), "column": str(place[column])}


def test_a_side_on_a_half_goes_up_and_a_side_below_it_down():
    t = traced(ROI_POOL, (2.5, 1.3, 6, 7))  # not to the even neighbour, 2
    cases = {
        (1.5, 3.5): ("snap.right", "snap.half"),
        (1.5, 2.5): ("snap.column", "snap.half"),
        (2.5, 3.5): ("snap.row", "snap.half"),
    }
    for place, keys in cases.items():
        verdict = verdict_of(t, "snap", Focus(), [place])
        assert verdict.keys == keys and verdict.right == (keys[0] == "snap.right")
    up = verdict_of(traced(ROI_POOL, (2.4, 1.3, 6, 7)), "snap", Focus(), [(2.5, 3.5)])
    assert up.keys == ("snap.ceil", "snap.nearest") and (up.values["y1"], up.values["x1"]) == ("1.30", "2.40")
    almost = verdict_of(traced(ROI_POOL, (2.499, 1.3, 6, 7)), "snap", Focus(), [(1.5, 2.5)])
    assert almost.right and almost.values["x1"] == "2.499", "2.50 would go to 3"


def test_where_the_region_begins_is_asked_of_the_box_and_not_of_a_bin():
    short_first = replace(ROI_POOL, split=("floor", "floor"))
    t = traced(short_first, (2.2, 2.2, 3.2, 3.2))  # one cell for four bins: three read nothing
    assert len(t.samples_of(0, 0)) == 0
    assert verdict_of(t, "max", Focus(0, 0), [(2.5, 2.5)]) is None
    assert verdict_of(t, "snap", Focus(0, 0), [(2.5, 2.5)]).right


def test_the_largest_cell_of_the_bin():
    t = traced(ROI_POOL)  # bin (0, 1) reads rows 3–5, columns 4–6: 0.29 0.75 0.62 | 0.34 0.03 0.33 | 0.73 0.65 0.96
    right, smaller, outside = (
        verdict_of(t, "max", Focus(0, 1), [place]) for place in ((5.1, 6.9), (3.5, 5.5), (0.5, 6.5))
    )
    assert right.right and right.keys == ("max.right",)
    assert (smaller.right, smaller.keys, smaller.values["value"]) == (False, ("max.smaller",), "0.7500")
    assert (smaller.values["best_row"], smaller.values["best_column"], smaller.values["best"]) == ("5", "6", "0.9600")
    assert (outside.keys, outside.values["rows"], outside.values["columns"]) == (("max.outside",), "3–5", "4–6")


def test_of_equal_cells_each_is_the_largest():
    t = trace(np.full((4, 4), 0.5), (0, 0, 3, 3), ROI_POOL, 1)
    assert all(verdict_of(t, "max", Focus(), [(y + 0.5, x + 0.5)]).right for y, x in np.ndindex(4, 4))


def test_a_bin_without_a_maximum_is_not_asked_about():
    empty = trace(np.array([[np.nan, np.nan, 3.0], [np.nan, np.nan, 1.0]]), (0, 0, 1, 1), ROI_POOL, 1)
    assert verdict_of(empty, "max", Focus(), [(0.5, 0.5)]) is None
    assert verdict_of(trace(np.full((2, 2), -np.inf), (0, 0, 1, 1), ROI_POOL, 1), "max", Focus(), [(0.5, 0.5)]) is None


def test_what_is_no_number_wins_no_maximum_and_is_no_part_of_a_mean():
    values = np.array([[np.nan, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3], [4, 5, 6, 7]])
    places = [(1, 1), (1, 3)]  # × 1, which reads NaN, and × 2 with 5.5; × 3 and 4 read 4.75 and 4.5
    largest = trace(values, (0, 0, 4, 4), replace(ROI_ALIGN, aggregate=Aggregate.MAX), 1)
    of_nan, right = (verdict_of(largest, "join", Focus(), [place]) for place in places)
    assert (of_nan.right, of_nan.values["value"], of_nan.values["best"]) == (False, "NaN", "5.500")
    assert (right.right, right.values["k"], right.values["output"]) == (True, "2", "5.5000")
    mean = trace(values, (0, 0, 4, 4), ROI_ALIGN, 1)
    assert [verdict_of(mean, "join", Focus(), [place]) for place in places] == [None, None]
    session = Session()
    session.read_address({"map": "matrix-nan,2,3,4;5,6,7,8;9,1,2,3;4,5,6,7", "box": "0,0,4,4", "out": "1"}, "roi_align")
    told = answer(session, {"page": "roi_align", "step": "join", "guess": [[1, 1]]})["verdict"]
    assert not told["right"] and told["sentence"].startswith("Bin ① has nothing to compare here")


def test_the_place_of_the_third_sample():
    t = traced(ROI_ALIGN, (0, 0, 8, 8))  # bins of 4 × 4 cells, parts of 2 × 2: × at 1 and 3
    right, second, off = (verdict_of(t, "samples", Focus(), [place]) for place in ((3.4, 0.6), (1, 3), (2, 2)))
    assert right.right and (right.values["y"], right.values["x"]) == ("3.000", "1.000")
    assert (second.keys, second.values["tapped"]) == (("samples.other",), "2")
    assert off.keys == ("samples.off",)
    alone = traced(ROI_ALIGN, (0, 0, 8, 8), samples=1)  # where a bin has one ×, that is asked for
    assert [verdict_of(alone, "samples", Focus(), [place]).keys for place in ((2, 2), (0.5, 3.5))] == [
        ("samples.right_one",),
        ("samples.off_one",),
    ]


def test_the_four_neighbours():
    t = traced(ROI_ALIGN)  # × 3 of bin (0, 1) is at y 4.463, x 4.175
    focus, cells = Focus(0, 1, 2), [(3.5, 3.5), (3.5, 4.5), (4.5, 3.5), (4.5, 4.5)]
    assert verdict_of(t, "neighbors", focus, cells[::-1]).right
    wrong = verdict_of(t, "neighbors", focus, [*cells[2:], (5.5, 3.5), (5.5, 4.5)])  # the cells round its own corner
    assert not wrong.right and (wrong.values["hits"], wrong.values["count"]) == ("2", "4")
    assert (wrong.values["rows"], wrong.values["columns"]) == (("3", "4"), ("3", "4"))


RULES = {
    "mean": ("mean_less", "mean_right", "mean_below", "mean_below"),
    "max": ("wrong", "right", "wrong", "wrong"),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_sample_with_the_largest_value(rule):
    t = traced(replace(ROI_ALIGN, aggregate=rule))  # values of bin (0, 1): 0.491, 0.729, 0.360, 0.092, mean 0.4182
    points = t.points_of(0, 1)
    places = list(zip(points.y, points.x, strict=True))
    verdicts = [verdict_of(t, "join", Focus(0, 1), [(y + 0.2, x - 0.2)]) for y, x in places]
    assert [verdict.right for verdict in verdicts] == [False, True, False, False]
    for verdict, key, value in zip(verdicts, RULES[rule], ("0.491", "0.729", "0.360", "0.092"), strict=True):
        assert verdict.keys == ((f"join.{key}",) if rule == "mean" else (f"join.{key}", "join.max"))
        assert (verdict.values["best"], verdict.values["value"]) == ("0.729", value)
    assert verdicts[0].values["output"] == {"mean": "0.4182", "max": "0.7292"}[rule]


def test_a_sample_that_reads_just_the_mean_pulls_neither_up_nor_down():
    ramp = np.arange(64.0).reshape(8, 8)
    t = trace(ramp, (0.5, 0.5, 6.5, 6.5), ROI_ALIGN, 1, 1, 3)  # of the nine × the fifth, at (3.5, 3.5), reads 27
    verdict = verdict_of(t, "join", Focus(), [(3.5, 3.5)])
    assert verdict.keys == ("join.mean_level",) and verdict.values["value"] == "27.000"
    assert verdict.values["output"] == "27.0000" and (verdict.values["k"], verdict.values["best"]) == ("9", "45.000")


def test_what_cannot_be_predicted_has_no_verdict():
    t = traced(ROI_POOL)
    assert verdict_of(t, "split", Focus(), [(1, 1)]) is None and verdict_of(t, "max", Focus(), []) is None
    empty = traced(ROI_POOL, (7.58, 3.3, 7.63, 3.35))
    assert verdict_of(empty, "max", Focus(0, 1), [(3.5, 7.5)]) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "step", "guess", "right"),
    [
        ("roi_pooling", "snap", [[3.5, 1.5]], True),
        ("roi_pooling", "snap", [[2.5, 0.5]], False),
        ("roi_pooling", "snap", [[2.5, 1.5]], False),
        ("roi_pooling", "snap", [[3.5, 0.5]], False),
        ("roi_pooling", "snap", [[6.5, 5.5]], False),
        ("roi_pooling", "max", [[5.5, 6.5]], True),
        ("roi_pooling", "max", [[3.5, 5.5]], False),
        ("roi_pooling", "max", [[0.5, 0.5]], False),
        ("roi_align", "samples", [[4.46, 4.18]], True),
        ("roi_align", "samples", [[3.3, 5.6]], False),
        ("roi_align", "samples", [[0, 0]], False),
        ("roi_align", "neighbors", [[3.5, 3.5], [3.5, 4.5], [4.5, 3.5], [4.5, 4.5]], True),
        ("roi_align", "neighbors", [[3.5, 3.5]], False),
        ("roi_align", "join", [[3.3, 5.6]], True),
        ("roi_align", "join", [[4.46, 4.18]], False),
        ("roi_align", "join", [[3.3, 4.2]], False),
    ],
)
def test_the_sentence_comes_with_the_answer_to_that_event_alone(language, page, step, guess, right):
    session = Session(language=language)
    verdict = answer(session, {"page": page, "step": step, "guess": guess})["verdict"]
    assert verdict["right"] is right and "{" not in verdict["sentence"]
    assert "verdict" not in answer(session, {"page": page})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mean_is_not_asked_for_its_largest_sample_and_one_sample_for_nothing(language):
    def asked(**options):
        session = Session(language=language)
        session.read_address({**options, "step": "join"}, "roi_align")
        steps = answer(session, {"page": "roi_align"})["still"]["steps"]
        return {step["key"]: step["predict"]["sentence"].format(bin="②") for step in steps if "predict" in step}

    text = text_in(language)
    assert asked(join="mean")["join"] == text("predict.join.ask_mean", bin="②")
    assert asked(join="max")["join"] == text("predict.join.ask", bin="②")
    assert list(asked(samples="2")) == ["samples", "neighbors", "join"]
    assert list(asked(samples="1")) == ["samples", "neighbors"]


@pytest.mark.parametrize("guess", [None, "x", [], [[1]], [[1, "2"]], [[1, float("nan")]], [[1, 1]] * 5, [[1e9, 1]]])
def test_a_prediction_that_is_none_is_passed_over(guess):
    assert "verdict" not in answer(Session(), {"page": "roi_pooling", "step": "max", "guess": guess})


# ---- before the step that explains it -----------------------------------------------------------------------------

FIRST_KNOWN = {"roi_pool": "max", "roi_align": "join"}


@pytest.mark.parametrize("walk", FIRST_KNOWN)
def test_slides_say_the_output_from_the_step_on_that_explains_it(walk):
    keys = walk_keys(walk)
    known = keys.index(FIRST_KNOWN[walk])
    for k, sheet in enumerate(sheets(Deck((Part(walk),)))):
        (output,) = (drawing for drawing in arranged(sheet).drawings if drawing.name == "output")
        written = [stroke.words.text for stroke in output.strokes if stroke.name.startswith("output")]
        assert (written == UNKNOWN) == (k < known) and (output.alt == "?, ?; ?, ?") == (k < known)


def test_a_lesson_link_without_the_answer_asks_for_it_in_the_figure_too():
    session = Session()
    session.read_address({"hide": "answer", "step": "join"}, "roi_align")
    picture = figure(OpenPage("roi_align", session))
    assert (picture.caption, picture.formula) == (text_in("en")("predict.withheld"), ())
    assert "0.4182" not in repr([drawing.alt for drawing in arranged(sheet_of(picture)).drawings])
    steps = {step["key"]: step for step in answer(session, {"page": "roi_align"})["still"]["steps"]}
    assert [key for key, step in steps.items() if "withheld" in step] == ["join", "result"]


# ---- on the screen ------------------------------------------------------------------------------------------------


def numbers(page: Page) -> list[str]:
    return page.locator(".roi-output button").all_inner_texts()


def tap(page: Page, cell: str) -> None:
    """Tap a cell of the map where nothing is that can be dragged or pointed at."""
    at = page.get_by_test_id(f"map-{cell}").bounding_box()
    page.mouse.click(at["x"] + 0.3 * at["width"], at["y"] + 0.6 * at["height"])


def tap_place(page: Page, y: float, x: float) -> None:
    first = page.get_by_test_id("map-0-0").bounding_box()
    cell = page.get_by_test_id("map-0-0").evaluate("node => node.getScreenCTM().a * 100")
    left, top = first["x"] + (first["width"] - cell) / 2, first["y"] + (first["height"] - cell) / 2
    page.mouse.click(left + x * cell, top + y * cell)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outputs_and_the_cost_are_question_marks_until_their_step(visit, scheme):
    page = visit("RoI_Pooling?lang=en&step=map", color_scheme=scheme)
    cost = page.locator(".roi-cost")
    for key in ("map", "project"):
        page.get_by_test_id(f"step-{key}").click()
        expect(cost).to_have_text("What snapping costs ?")
        assert numbers(page) == UNKNOWN
    for key in ("snap", "split", "cells"):
        page.get_by_test_id(f"step-{key}").click()
        expect(cost).to_contain_text("IoU 0.70")
        assert numbers(page) == UNKNOWN
    assert page.locator(".roi-cells .roi-wins").count() == 0, "the largest cell comes with the next step"
    page.get_by_test_id("step-max").click()
    expect(page.locator(".roi-output button")).to_have_text(["0.8400", "0.9600", "0.9700", "0.9600"])
    expect(page.locator(".roi-cells .roi-wins")).to_have_text("0.96")


def test_the_join_fills_step_by_step(visit):
    page = visit("RoI_Align?lang=en&step=neighbors")
    joined = page.locator(".roi-joined")
    expect(joined).to_have_text("mean( ?, ?, 0.360, ? ) = ?")
    page.get_by_test_id("step-values").click()
    expect(joined).to_have_text("mean( 0.491, 0.729, 0.360, 0.092 ) = ?")
    assert numbers(page) == UNKNOWN
    page.get_by_test_id("step-join").click()
    expect(joined).to_have_text("mean( 0.491, 0.729, 0.360, 0.092 ) ≈ 0.4182")
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.4182")


# What would tell an answer, after every change of the screen: outputs that are no "?", layers that are not hidden.
WATCHED = """(roles) => {
  const told = (window.told = new Set());
  const look = () => {
    for (const { textContent } of document.querySelectorAll(".roi-output button")) {
      if (textContent !== "?") told.add(textContent);
    }
    for (const role of roles) {
      if (document.querySelector(`.roi-layer.roi-${role}:not([data-emphasis="hidden"])`)) told.add(role);
    }
    const cost = document.querySelector(".roi-cost")?.textContent ?? "";
    if (cost.includes("IoU")) told.add("cost");
    (window.toldAt ??= {})[document.querySelector(".roi-now")?.textContent] = [...told];
  };
  look();
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, all);
}"""
MODE = "roialign-lab predict first"


def asks(page: Page, words: str) -> None:
    expect(page.locator('.roi-sentence[data-asks="true"] p')).to_contain_text(words)
    expect(page.get_by_test_id("show")).to_be_visible()


def told_by(page: Page) -> list[str]:
    return page.evaluate("() => [...window.told]")


def test_predict_first_is_a_mode_that_asks_at_every_step_with_a_question(visit):
    page = visit("RoI_Pooling?lang=en&step=map")
    mode, step_on = page.get_by_test_id("step-predict"), page.get_by_test_id("step-next")
    expect(mode).to_have_attribute("aria-pressed", "false")
    mode.click()
    expect(mode).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("show")).to_be_hidden()
    page.evaluate(WATCHED, ["read", "error", "sample"])
    step_on.click()
    expect(page.locator(".roi-sentence p")).to_contain_text("Divide by the stride")
    step_on.click()
    asks(page, "Predict: RoI Pooling can only read whole cells.")
    expect(page.locator(".roi-cost")).to_have_text("What snapping costs ?")
    assert told_by(page) == [], "no flash of it"
    tap(page, "2-0")
    expect(page.get_by_test_id("verdict")).to_have_text(
        "No: that is the cell in which the corner of the box lies, as if the decimals were cut off. "
        "y1 = 2.70 rounds to row 3, x1 = 0.55 to column 1. RoI Pooling rounds a side to the nearest whole number."
    )
    expect(page.locator(".roi-cost")).to_contain_text("IoU 0.70")
    expect(page.locator(".roi-layer.roi-read")).to_have_attribute("data-emphasis", "lit")
    for key in ("split", "cells"):
        page.get_by_test_id(f"step-{key}").click()
        expect(page.locator(".roi-sentence")).to_have_attribute("data-asks", "false")
    page.evaluate(WATCHED, ["sample"])
    step_on.click()
    asks(page, "which cell of bin ② does RoI Pooling keep?")
    assert told_by(page) == ["cost"]
    page.get_by_test_id("show").click()
    expect(page.locator(".roi-sentence p")).to_contain_text("only the largest counts: 0.9600")
    expect(page.get_by_test_id("show")).to_be_hidden()
    expect(page.get_by_test_id("verdict")).to_be_hidden()
    expect(mode).to_have_attribute("aria-pressed", "true")
    step_on.click()
    expect(page.locator(".roi-now")).to_have_text("7 result")
    page.get_by_test_id("step-back").click()  # it asks whenever it is opened
    asks(page, "which cell of bin ② does RoI Pooling keep?")
    step_on.click()  # or gone on from without an answer
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.9600")
    mode.click()
    page.get_by_test_id("step-max").click()
    expect(page.locator(".roi-sentence p")).to_contain_text("only the largest counts: 0.9600")


@pytest.mark.parametrize("present", ["", "&present=1"])
def test_the_mode_stays_on_another_page_over_a_reload_and_while_presenting(visit, present):
    page = visit(f"RoI_Align?lang=en&step=project{present}", own=True)
    page.add_init_script(f"({WATCHED})(['sample'])")
    page.get_by_test_id("step-predict").click()
    page.evaluate(WATCHED, ["sample"])
    for _ in range(2):
        page.keyboard.press("ArrowRight" if not present else "PageDown")
    asks(page, "where does × 3 of bin ② go?")
    assert [told for told in told_by(page) if told != "cost"] == []
    page.reload()
    asks(page, "where does × 3 of bin ② go?")
    assert [told for told in told_by(page) if told != "cost"] == [], "no flash of it"
    page.goto(f"{page.url.split('/RoI')[0]}/RoI_Pooling?lang=en&step=max{present}")
    asks(page, "which cell of bin ② does RoI Pooling keep?")
    expect(page.get_by_test_id("step-predict")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("(name) => sessionStorage.getItem(name)", MODE) == "true"


def test_the_player_goes_on_and_tells_no_answer_that_is_asked_for(visit):
    page = visit("RoI_Pooling?lang=en&step=split")
    page.get_by_test_id("step-predict").click()
    page.evaluate(WATCHED, ["sample"])
    page.get_by_test_id("step-speed").select_option("1.25")
    page.get_by_test_id("step-play").click()
    asks(page, "which cell of bin ② does RoI Pooling keep?")
    expect(page.locator(".roi-now")).to_have_text("7 result")
    assert page.evaluate("() => toldAt['6 max']") == ["cost"]  # the player goes on by itself, however slow the machine
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.9600")
    expect(page.get_by_test_id("step-play")).to_have_text("▶")


def test_where_the_region_begins_off_the_map_nothing_is_asked(visit):
    page = visit("RoI_Pooling?lang=en&step=snap&box=7.6,2,8,6")  # 7.6 rounds to 8: there is no column 8
    page.get_by_test_id("step-predict").click()
    expect(page.locator(".roi-sentence")).to_have_attribute("data-asks", "false")
    page.get_by_test_id("box-x1").fill("7.4")
    asks(page, "RoI Pooling can only read whole cells.")


def test_a_maximum_predicted_wrong_then_right(visit):
    page = visit("RoI_Pooling?lang=en&step=max")
    verdict, winners = page.get_by_test_id("verdict"), page.locator(".roi-layer.roi-sample")
    page.get_by_test_id("step-predict").click()
    expect(page.locator(".roi-sentence p")).to_have_text(
        "Predict: which cell of bin ② does RoI Pooling keep? Tap it on the map."
    )
    expect(winners).to_have_attribute("data-emphasis", "hidden")
    assert numbers(page) == UNKNOWN and page.locator(".roi-formula div").count() == 0
    tap(page, "3-5")
    expect(verdict).to_have_text(
        "No: row 3, column 5 holds 0.7500. Row 5, column 6 holds 0.9600, the largest of bin ②."
    )
    expect(winners).not_to_have_attribute("data-emphasis", "hidden")
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.9600")
    page.get_by_test_id("step-result").click()
    page.get_by_test_id("step-max").click()
    expect(verdict).to_be_hidden()
    tap(page, "5-6")
    expect(verdict).to_have_text(
        "Right: row 5, column 6 holds 0.9600, and no other of the 9 cells of bin ② holds more."
    )
    page.get_by_test_id("step-back").click()
    expect(verdict).to_be_hidden()
    expect(page.locator(".roi-sentence p")).to_contain_text("The second rounding")


def test_a_verdict_stays_while_something_else_is_pointed_at(visit):
    page = visit("RoI_Align?lang=en&step=join")
    page.get_by_test_id("step-predict").click()
    asks(page, "which × of bin ② pulls the mean of the bin up most?")
    tap_place(page, 4.46, 4.18)
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_text(
        "No: × 3 reads 0.360, less than the mean of 0.4182, so it pulls the mean down. "
        "× 2 of bin ② with 0.729 pulls it up most."
    )
    page.get_by_test_id("output-1-0").hover()
    expect(page.locator(".roi-detail h4")).to_contain_text("Bin ③")
    expect(verdict).to_be_visible()
    page.get_by_test_id("output-1-0").click()
    expect(verdict).to_be_hidden()


def test_neighbours_are_tapped_one_by_one_and_one_can_be_taken_back(visit):
    page = visit("RoI_Align?lang=en&step=neighbors")
    page.get_by_test_id("step-predict").click()
    expect(page.locator(".roi-layer.roi-neighbor")).to_have_attribute("data-emphasis", "hidden")
    expect(page.locator(".roi-detail")).to_be_hidden()
    for cell in ("3-3", "5-4", "5-4", "3-4", "4-3", "4-4"):  # 5-4 is taken back
        expect(page.get_by_test_id("verdict")).to_be_hidden()
        tap(page, cell)
    expect(page.get_by_test_id("verdict")).to_have_text(
        "Right: rows 3, 4, columns 3, 4. Their centres lie nearest round (y, x) = (4.463, 4.175)."
    )
    expect(page.locator(".roi-detail")).to_be_visible()


def test_the_third_sample_is_predicted_and_a_drag_stays_a_drag(visit):
    page = visit("RoI_Align?lang=en&step=samples")
    page.get_by_test_id("step-predict").click()
    expect(page.locator(".roi-layer.roi-sample")).to_have_attribute("data-emphasis", "hidden")
    middle = page.get_by_test_id("box-move").bounding_box()
    x, y = middle["x"] + 60, middle["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.up()
    expect(page.get_by_test_id("box-x1")).not_to_have_value("0.55")
    expect(page.get_by_test_id("verdict")).to_be_hidden()
    page.get_by_test_id("box-x1").fill("0")
    page.get_by_test_id("box-y1").fill("0")
    page.get_by_test_id("box-x2").fill("8")
    page.get_by_test_id("box-y2").fill("8")
    tap_place(page, 3, 5)  # bins of 4×4 cells: the third × of bin ② at row 3, column 5
    expect(page.get_by_test_id("verdict")).to_contain_text("Right: × 3 of bin ② is at (y, x) = (3.000, 5.000)")
    page.get_by_test_id("step-predict").click()  # off, and on: it asks again
    page.get_by_test_id("step-predict").click()
    tap_place(page, 1, 7)
    expect(page.get_by_test_id("verdict")).to_contain_text("No: that is where × 2 goes.")


def test_a_prediction_travels_without_the_road_for_drags(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.route_web_socket("**/roi-drag*", lambda socket: socket.close())
    page.goto(f"{server}/RoI_Align?lang=zh&step=join")
    page.get_by_test_id("step-predict").click()
    expect(page.locator(".roi-layer.roi-value")).to_have_attribute("data-emphasis", "hidden")
    expect(page.locator(".roi-layer.roi-number")).to_have_attribute("data-emphasis", "shown")  # to predict from
    tap_place(page, 3.4, 5.4)
    expect(page.get_by_test_id("verdict")).to_contain_text("对：子区域 ② 的第 2 个 × 读到 0.729。4 个的均值是 0.4182")
    context.close()


def test_an_answer_that_is_left_out_comes_with_a_tap(visit):
    page = visit("RoI_Align?lang=en&step=join&hide=answer")
    expect(page.locator(".roi-sentence p")).to_have_text("What comes out? Say it first, then tap the output.")
    expect(page.locator(".roi-joined")).to_have_text("mean( 0.491, 0.729, 0.360, 0.092 ) = ?")
    assert numbers(page) == UNKNOWN and page.locator(".roi-formula div").count() == 0
    page.get_by_test_id("output-0-1").click()
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.4182")
    expect(page.locator(".roi-formula")).to_contain_text("0.4182")
    page.get_by_test_id("step-result").click()
    assert numbers(page) == UNKNOWN


def test_what_a_link_leaves_out_stays_out_while_every_step_asks(visit):
    page = visit("RoI_Align?lang=en&step=join&hide=answer")
    page.get_by_test_id("step-predict").click()
    asks(page, "pulls the mean of the bin up most?")
    page.get_by_test_id("output-0-1").click()  # it does not tell
    assert numbers(page) == UNKNOWN
    page.get_by_test_id("show").click()  # what the step shows, and that is without the output
    expect(page.locator(".roi-sentence p")).to_have_text("What comes out? Say it first, then tap the output.")
    expect(page.locator(".roi-layer.roi-value")).not_to_have_attribute("data-emphasis", "hidden")
    assert numbers(page) == UNKNOWN
    page.get_by_test_id("output-0-1").click()
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.4182")
