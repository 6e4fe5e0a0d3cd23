"""The page of the two trained networks: the masks in a box, the IoU, the nudge, the tables; what it does without."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from roialign_core.masks import paste_mask
from roialign_lab.export.deck import sheets
from roialign_lab.export.layout import sheet_of
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.export.powerpoint import presentation
from roialign_lab.export.svg import svg
from roialign_lab.figures import mask_scene, trained_results
from roialign_lab.figures.mask_outline import loops
from roialign_lab.figures.strokes import Shape, map_strokes
from roialign_lab.lesson import mask_networks
from roialign_lab.lesson.drawn_pictures import FIRST_HELD_OUT, JITTER, SIDE, draw_picture
from roialign_lab.lesson.lesson_part import Part, part_of_link
from roialign_lab.lesson.mask_networks import TRAINED_WITH, drawn_map, drawn_mask, is_drawn, object_in, picture
from roialign_lab.lesson.mask_results import LIMITS, results, score
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage import answer
from roialign_lab.stage.answer import answer_message
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure

ROOT = Path(__file__).parent.parent
BOX = [0.5375, 1.2437, 2.9813, 4.0]  # round the bar of picture 11, at stride 16


def told(session, **event):
    return answer(session, {"page": "network", **event})


def outputs(payload):
    return [panel["output"] for panel in payload["panels"]]


def at(address, kind="network"):
    session = Session()
    return session, session.read_address(address, kind)


# ---- the masks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [8, 16, 32])
@pytest.mark.parametrize("name", TRAINED_WITH)
def test_the_masks_of_the_page_are_those_of_the_script_that_trained_the_networks(name, stride):
    recorded = np.load(ROOT / "tests/conformance/mask_networks.npz")
    assert np.array_equal(np.rint(picture(3).image * 255), recorded["whole"])
    for box, probable in zip(recorded["boxes"], recorded[f"{name}/{stride}/whole/masks"], strict=True):
        ours = drawn_mask(name, 3, stride, tuple(box.tolist())).mask
        theirs = paste_mask(probable, box, SIDE)
        assert np.count_nonzero(ours != theirs) <= 1  # a pixel at one half


def test_the_page_shows_both_masks_with_their_iou_and_how_it_comes_about():
    shown = told(Session())
    assert outputs(shown) == ["0.77", "0.92"] and shown["box"] == pytest.approx(BOX)
    assert shown["formula"] == (
        "RoI Pooling: 714 pixels in both / 931 in either ≈ 0.77",
        "RoI Align: 780 pixels in both / 845 in either ≈ 0.92",
    )
    pixels = tuple(side * 16 for side in shown["box"])
    for panel, name in zip(shown["panels"], TRAINED_WITH, strict=True):
        drawn = drawn_mask(name, 11, 16, pixels)
        assert (np.count_nonzero(drawn.mask & drawn.truth), np.count_nonzero(drawn.mask | drawn.truth)) == drawn.shared
        pixel, path = panel["mask_" + name.removeprefix("roi_")]
        assert pixel == 1 / 16 and path.count("M") == path.count("Z") == len(loops(drawn.mask))
    assert [set(panel) & {"read", "mask_pool", "mask_align"} for panel in shown["panels"]] == [
        {"read", "mask_pool"},
        {"mask_align"},
    ]
    truths = [panel["truth"] for panel in shown["still"]["panels"]]
    assert truths[0] == truths[1] and truths[0][1].count("M") == 2  # a bar and a flower


def test_the_true_mask_is_the_object_with_most_pixels_in_the_box():
    drawn = draw_picture(FIRST_HELD_OUT + 11)
    assert drawn.shapes == ("flower", "bar")
    assert np.array_equal(object_in(drawn, (8, 19, 48, 64)), drawn.masks[1])
    assert np.array_equal(object_in(drawn, (20, 76, 60, 112)), drawn.masks[0])
    assert not object_in(drawn, (90, 5, 120, 30)).any()


def test_a_tenth_of_a_cell_may_turn_one_mask_over_and_hardly_moves_the_other():
    """From x2 = 2.58 to 2.48: RoI Pooling's region ends a cell earlier."""
    session = Session()
    told(session, box=[0.5375, 1.2438, 2.58, 4.0])
    moved = told(session, box=[0.5375, 1.2438, 2.48, 4.0], nudged={"side": "x2", "from": 2.58})
    assert moved["trail"]["before"] == ["0.60", "0.89"] and outputs(moved) == ["0.77", "0.88"]
    assert "from 2.58 to 2.48" in moved["trail"]["sentence"] and "0.60 → 0.77" in moved["trail"]["sentence"]
    pixels = [
        np.count_nonzero(
            drawn_mask(name, 11, 16, (8.6, 1.2438 * 16, 2.58 * 16, 64.0)).mask
            ^ drawn_mask(name, 11, 16, (8.6, 1.2438 * 16, 2.48 * 16, 64.0)).mask
        )
        for name in TRAINED_WITH
    ]
    assert pixels[0] > 5 * pixels[1] and f"{pixels[0]} pixels changed" in moved["trail"]["sentence"]
    assert "trail" not in told(session, box=BOX, nudged={"side": "x2", "from": 2.4812 + 3})  # farther than a nudge goes


def test_on_the_map_each_network_shows_the_map_that_it_reads():
    session, problems = at({"map": "drawn-11-16-5", "seen": "features"})
    shown = told(session)
    assert problems == []
    for panel, name in zip(shown["still"]["panels"], TRAINED_WITH, strict=True):
        values = drawn_map(11, 16, 5, name)
        assert panel["labels"].split() == [f"{value:.2f}" for value in values.ravel()] and "image" not in panel
    assert all("image" in panel for panel in told(Session())["still"]["panels"])


def test_another_stride_keeps_the_box_in_the_picture_and_another_picture_has_a_box_of_its_own():
    session = Session()
    pixels = [16 * side for side in session.drawn.box]
    finer = told(session, set={"drawn": "11,8,0"})
    assert finer["box"] == pytest.approx([side / 8 for side in pixels], abs=1e-3)
    other = told(session, set={"drawn": "4,8,0"})
    assert other["box"] != finer["box"] and session.drawn.map == "drawn-4-8-0"
    assert session.scenario.map == "animation"  # the lessons keep their own


def test_a_drag_is_answered_in_any_process():
    session = Session()
    first = told(session)
    address = "&".join(f"{name}={value}" for name, value in Page("network", session).address.items())
    event = {"page": "network", "address": address, "have": first["still_id"], "box": [1, 1, 3, 4], "seq": 3}
    assert json.loads(answer_message(json.dumps(event)))["panels"] == json.loads(
        json.dumps(told(session, box=[1, 1, 3, 4])["panels"])
    )


# ---- what cannot be shown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_there_is_no_mask_a_sentence_says_why_and_the_picture_stands(language):
    session = Session(language)
    small = told(session, box=[1, 1, 1.4, 3])  # 6.4 pixels
    text = text_in(language)
    sentence = text("network.box_too_small", width="6.4", height="32.0", least="8.0")
    assert outputs(small) == ["–", "–"] and set(small["formula"]) == {sentence}
    beside = told(session, box=[5, 0.2, 7.5, 2])
    assert beside["formula"][0] == text("network.no_object", name="RoI Pooling") and outputs(beside) == ["–", "–"]
    assert outputs(told(session, box=BOX)) == ["0.77", "0.92"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("content", [None, b"no weights"])
def test_without_its_weights_the_page_stands_and_says_what_is_missing(monkeypatch, tmp_path, language, content):
    if content is not None:
        (tmp_path / "weights.npz").write_bytes(content)
    caches = (mask_networks._network, mask_networks._features, drawn_map, drawn_mask)
    monkeypatch.setattr(mask_networks, "WEIGHTS", tmp_path / "weights.npz")
    for cache in caches:
        cache.cache_clear()
    try:
        shown = told(Session(language))
        assert outputs(shown) == ["–", "–"] and shown["formula"][0] == text_in(language)("network.no_weights")
        assert "image" in shown["still"]["panels"][0] and shown["panels"][0]["read"]
        assert outputs(answer(Session(language), {"page": "roi_align"})) != []
    finally:
        for cache in caches:
            cache.cache_clear()


def test_an_address_of_another_page_and_names_of_no_picture_are_answered_with_what_there_is():
    session, problems = at({"map": "photo-16-red"})
    assert problems[0].key == "problem.unknown_choice" and session.drawn.map == "drawn-11-16-0"
    assert [is_drawn(name) for name in ("drawn-12-8-47", "drawn-13-8-0", "drawn-1-4-0", "drawn-1-8-48")] == [
        True, False, False, False,
    ]  # fmt: skip
    elsewhere, problems = at({"map": "drawn-11-16-5"}, "roi_align")
    assert problems == [] and elsewhere.scenario.stride == 16
    assert np.array_equal(elsewhere.scenario.feature_map, drawn_map(11, 16, 5))
    assert at({"map": "drawn-11-16-5"}, "image")[1][0].key == "problem.unknown_choice"


# ---- what the training found --------------------------------------------------------------------------------------


def test_the_tables_are_the_numbers_of_the_committed_results():
    text, runs = text_in("en"), results()["runs"]
    rows = {(row[0], row[1]): row for row in trained_results.table_of_strides(text).rows}
    assert len(rows) == 6
    for (operator, stride), row in rows.items():
        key = {"RoI Pooling": "roi_pool", "RoI Align": "roi_align"}[operator]
        mine = [
            run["tested_with"][key]["held_out"]
            for run in runs
            if (run["operator"], str(run["stride"])) == (key, stride)
        ]
        assert row[2] == str(len(mine))
        assert row[4:] == tuple(f"{100 * np.mean([one[limit] for one in mine]):.1f} %" for limit in LIMITS)
        assert row[3] == f"{np.mean([one['mean_iou'] for one in mine]):.3f}"


def test_what_the_words_say_of_the_results_is_so():
    """The sentences about the variants, the mix and the two questions of the quiz."""
    at_16 = {name: score(name, 16, "above_0.75").mean for name in trained_results.VARIANTS}
    alike = [at_16[name] for name in ("roi_align", "roi_align_1", "roi_align_max")]
    assert max(alike) - min(alike) < 0.03 and at_16["roi_align"] - at_16["roi_align_legacy"] < 0.1
    snapped = [at_16[name] for name in ("roi_pool", "roi_pool_mean", "roi_warp")]
    assert max(snapped) - min(snapped) < 0.03 and min(alike) - max(snapped) > 0.35
    mix = trained_results.table_of_mix(text_in("en"))
    aligned = next(row for row in mix.rows if row[0] == "RoI Align")
    assert float(aligned[2].split()[0]) > 70 and float(aligned[3].split()[0]) < 2  # read as trained, and as legacy
    first = {name: {limit: score(name, 16, limit).seeds[0] for limit in LIMITS} for name in ("roi_pool", "roi_align")}
    gaps = [first["roi_align"][limit] - first["roi_pool"][limit] for limit in LIMITS]
    assert gaps[1] > gaps[2] > gaps[0] and gaps[1] > 0.4
    assert abs(score("roi_align", 16, "above_0.75").seeds[0] - score("roi_align_max", 16, "above_0.75").seeds[0]) < 0.02
    for run in (run for run in results()["runs"] if (run["operator"], run["stride"]) == ("roi_pool", 8)):
        tested = run["tested_with"]
        assert tested["roi_align_legacy"]["held_out"]["above_0.75"] > tested["roi_pool"]["held_out"]["above_0.75"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_words_say_of_the_training_is_what_was_done(language):
    words, settings = text_in(language)("trained.about"), results()["settings"]
    with np.load(mask_networks.WEIGHTS) as weights:
        names = [name for name in weights.files if name.startswith("roi_align/16/")]
        numbers = sum(weights[name].size for name in names)
    assert names and f"{round(numbers, -3):,}" in words
    side = settings["picture_side"]
    for said in (f"{settings['pictures']:,}", f"{settings['held_out_pictures']}", f"{side}×{side}"):
        assert said in words
    assert f"{JITTER:.0%}" in words.replace(" %", "%")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_under_the_stage_shows_what_was_measured_beside_the_papers_numbers(language):
    app = AppTest.from_file(str(ROOT / "pages/10_A_trained_network.py"), default_timeout=120)
    app.query_params["lang"] = language
    app.run()
    text, written = text_in(language), "\n".join(block.value for block in app.markdown)
    assert not app.exception
    assert text("trained.about").strip() in written and trained_results.sentence(text) in written
    for table in (trained_results.table_of_strides, trained_results.table_of_mix, trained_results.table_of_paper):
        assert table(text).markdown in written
    assert mask_scene.NOTHING not in trained_results.table_of_variants(text).markdown


# ---- in files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deck_has_both_masks_and_what_the_training_found(language):
    deck = read_lesson(
        f'language = "{language}"\n[[part]]\nwalk = "network"\nmap = "drawn-9-16-0"\nseen = "features"\n'
    )
    (sheet,) = sheets(deck)
    text = text_in(language)
    assert sheet.title == text("title.network") and all(
        text("trained.on_slide", gap=gap) in sheet.formula for gap in trained_results.gaps(text)
    )
    assert [panel.caption for panel in sheet.panels] == [text("network.roi_pool"), text("network.roi_align")]
    assert read_lesson(write_lesson(deck)) == deck
    assert Part("network").scenario == Session().drawn  # where no picture is named
    shown = part_of_link("http://localhost:8501/A_trained_network?lang=en&map=drawn-4-8-3&box=3,3,9,9")
    assert (shown.walk, shown.scenario.map, shown.scenario.box) == ("network", "drawn-4-8-3", (3, 3, 9, 9))


def test_the_outline_of_a_mask_is_a_shape_in_every_kind_of_file():
    picture_of_page = figure(Page("network", Session()))
    sheet = sheet_of(picture_of_page)
    shapes = [stroke for stroke in map_strokes(picture_of_page.panels[0].scene) if isinstance(stroke, Shape)]
    assert [shape.name for shape in shapes] == ["truth", "mask_pool"]
    drawn = svg(sheet)
    assert drawn.count('fill-rule="evenodd"') == 4 and "0.77" in drawn
    slide = Presentation(io.BytesIO(presentation([sheet], pictures=False, progress=lambda *_: None))).slides[0]
    named = {shape.name: shape for group in slide.shapes if group.shape_type == 6 for shape in group.shapes}
    mask = named["mask_align"]
    loops_of = mask._element.xpath(".//a:custGeom//a:close")
    assert len(loops_of) == len(loops(drawn_mask("roi_align", 11, 16, tuple(s * 16 for s in Session().drawn.box)).mask))
