"""The teaching moments: their numbers written out, and that what opens is what was computed."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from roialign_core import ROI_ALIGN, ROI_POOL, roi_align
from roialign_core.pyramid import fpn_levels
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.moments import MOMENTS, align_by_crops, cells_reached, median_iou, moments_of
from roialign_lab.lesson.predict_cell import Dot, dot, verdict
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage import answer
from roialign_lab.stage.page import PAGES, WALKS, Page
from roialign_lab.stage.view import view
from tests.conftest import box_of
from tests.test_pages import opened, stage_data

BY_KEY = {moment.key: moment for moment in MOMENTS}


def test_there_are_ten_and_each_stands_on_a_page():
    assert len(BY_KEY) == len(MOMENTS) == 10
    assert {moment.page for moment in MOMENTS} < set(PAGES)
    assert [moment for page in PAGES for moment in moments_of(page)] != []


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("bilinear_alone", {"pool": "0.70", "warp": "0.67", "align": "1.00"}),
        ("stride_32", {"coarse": "28", "fine": "6"}),
        ("small_object", {"small": "0.38", "large": "0.75", "cells": "2", "read": "3", "here": "0.38"}),
        ("unread_cells", {"one": "8%", "two": "27%", "auto": "100%"}),
        ("numbers_from_cells", {"numbers": "49", "cells": "9"}),
        ("fpn_level", {"small": "223", "small_level": "P3", "small_cells": "27.9"}),
        ("fpn_level", {"large": "224", "large_level": "P4", "large_cells": "14.0"}),
        ("sample_count", {"g1": "0.377", "g2": "0.418", "g3": "0.457", "g4": "0.462", "many": "0.465"}),
        ("gradient_cells", {"pool": "3", "align": "42", "all": "64"}),
        ("align_by_crop", {"recipe": "0.5690  0.4842 / 0.3349  0.5038", "align": "0.5690  0.4842 / 0.3349  0.5038"}),
        ("cell_16", {"start": "256", "middle": "264", "end": "272", "last": "271", "divided": "16.94", "cell": "16"}),
    ],
)
def test_its_numbers(key, numbers):
    assert BY_KEY[key].values.items() >= numbers.items()


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.key)
def test_its_link_opens_the_scenario_that_it_speaks_of_whatever_was_open_before(moment):
    session, kind = Session(), WALKS[moment.page]
    session.read_address({"map": "corner", "out": "5", "samples": "4", "origin": "legacy", "join": "max"}, kind)
    address = to_address(moment.scenario, kind)
    assert session.read_address(address, kind) == []
    assert session.to_address(kind) | {"lang": ""} == address | {"lang": ""}
    assert moment.compute(session.scenario_of(kind)) == moment.values
    assert answer(session, {"page": moment.page})["panels"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.key)
def test_its_sentence_has_room_for_its_numbers(moment, language):
    sentence = text_in(language)(f"moment.{moment.key}.sentence", **moment.values)
    assert not re.search(r"[{}]", sentence) and re.search(r"\d", sentence)


def test_the_published_numbers_stand_with_their_table():
    for language in LANGUAGES:
        text = text_in(language)
        alone, coarse = (text(f"moment.{key}.sentence") for key in ("bilinear_alone", "stride_32"))
        assert all(f"**{ap}**" in alone for ap in ("26.9", "27.2", "27.1", "30.2", "30.3")) and "2c" in alone
        assert all(f"**{ap}**" in coarse for ap in ("23.6", "30.9", "10.5", "1.5")) and "2d" in coarse


# ---- what the sentences say besides ----------------------------------------------------------------------------------


def test_the_box_of_the_small_object_shows_its_iou_on_the_page():
    moment = BY_KEY["small_object"]
    session = Session(scenario=moment.scenario)
    assert answer(session, {"page": "quantization"})["cost"]["iou"] == moment.values["here"]


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
def test_the_median_iou_depends_on_the_cells_alone(stride):
    assert median_iou(2 * stride, stride) == pytest.approx(median_iou(32, 16))
    assert median_iou(2 * stride, stride) < median_iou(4 * stride, stride) < median_iou(8 * stride, stride) < 1


def test_roi_pooling_reads_every_cell_of_the_box_that_roi_align_skips():
    moment = BY_KEY["unread_cells"]
    x1, y1, x2, y2 = (int(side) for side in moment.scenario.box)
    bins = moment.scenario.trace(ROI_POOL).bins_used.reshape(-1, 4).astype(int)
    read = np.zeros(moment.scenario.feature_map.shape, bool)
    for left, top, right, bottom in bins:
        read[top:bottom, left:right] = True
    assert (y2 - y1, x2 - x1) == (50, 50) and read[y1:y2, x1:x2].all()


def test_two_bins_of_roi_pooling_share_their_largest_cell():
    scenario = BY_KEY["gradient_cells"].scenario
    (cells,) = [line for line in view(Page("gradients", Session(scenario=scenario))).formula if "RoI Pooling" in line][
        :1
    ]
    assert cells == "RoI Pooling hands 4.000 in all to 3 cells"
    winners = scenario.trace(ROI_POOL).output
    assert len(np.unique(winners)) == 3 and cells_reached(scenario.trace(ROI_POOL)) == 3


@pytest.mark.parametrize(("bins", "samples"), [(1, 2), (2, 2), (3, 1), (3, 4), (7, 2)])
def test_crop_and_resize_makes_roi_align_inside_the_map(bins, samples):
    rng = np.random.default_rng(bins)
    for _ in range(20):
        y1, x1 = rng.uniform(0.5, 3.5, 2)
        y2, x2 = y1 + rng.uniform(0.5, 4), x1 + rng.uniform(0.5, 4)
        feature_map = rng.normal(size=(8, 9))
        expected = roi_align(feature_map[None, None], [[0, x1, y1, x2, y2]], bins, 1.0, samples, True)[0, 0]
        found = align_by_crops(feature_map, np.array([x1, y1, x2, y2]), bins, samples)
        assert found == pytest.approx(expected, abs=1e-12)


def test_more_samples_change_the_output_less_and_less():
    scenario = BY_KEY["sample_count"].scenario
    outputs = [replace(scenario, samples=g).trace(ROI_ALIGN).output[0, 1] for g in (1, 2, 3, 4, 100)]
    first, second, third, last = np.diff(outputs)
    assert min(first, second) > 0.03 and max(third, last) < 0.01


# ---- the level of a feature pyramid, on the page of the photo --------------------------------------------------------


def level_line(width, height, stride=8, language="en"):
    box = (1.0, 1.0, 1 + width / stride, 1 + height / stride)
    scenario, problems = from_address({"map": f"photo-{stride}-bright"}, "image", Scenario())
    assert not problems
    session = Session(language=language, photo=replace(scenario, box=box))
    return answer(session, {"page": "image"})["formula"][-1]


@pytest.mark.parametrize(
    ("width", "height", "line"),
    [
        (223, 223, "√(w·h) = 223 px → with FPN, level P3: stride 8, 27.9 cells"),
        (224, 224, "√(w·h) = 224 px → with FPN, level P4: stride 16, 14.0 cells"),
        (112, 448, "√(w·h) = 224 px → with FPN, level P4: stride 16, 14.0 cells"),
        (223.97, 223.97, "√(w·h) = 223.97 px → with FPN, level P3: stride 8, 28.0 cells"),  # 224 would be P4
        (448, 448, "√(w·h) = 448 px → with FPN, level P5: stride 32, 14.0 cells"),
        (20, 20, "√(w·h) = 20 px → with FPN, level P2: stride 4, 5.0 cells"),
    ],
)
def test_the_size_of_the_box_picks_the_level(width, height, line):
    assert level_line(width, height) == line
    level = int(re.search(r"P(\d)", line)[1])
    assert fpn_levels([[0, 0, width, height]]).tolist() == [level]


def test_the_level_comes_with_a_drag_and_does_not_depend_on_the_map_that_is_shown():
    session = Session(language="zh")
    first = answer(session, {"page": "image"})
    event = {"page": "image", "box": [1, 1, 15, 15], "have": first["still_id"]}
    update = answer(session, event)
    assert "still" not in update
    assert update["formula"][-1] == "√(w·h) = 224 像素 → 若用 FPN，取 P4 层：步长 16，14.0 格"
    assert level_line(224, 224, stride=32) == level_line(224, 224, stride=4)


# ---- a dot on the photo ----------------------------------------------------------------------------------------------


def test_a_dot_written_out():
    """Pixel 271 divided by 16 is 16.94: cell 16, which ends at 272."""
    assert Dot(y=40, x=271, stride=16).cell == (2, 16)
    assert Dot(y=40, x=272, stride=16).cell == (2, 17)


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
def test_every_mistake_gives_a_cell_of_its_own(stride):
    for seed in range(200):
        place = dot((600, 512), stride, seed)
        (row, column), (height, width) = place.cell, (600, 512)
        assert 0 <= place.y < height and 0 <= place.x < width
        assert verdict(place, row, column) == "right"
        assert verdict(place, column, row) == "swapped"
        assert verdict(place, row + 1, column + 1) == "from_one"
        rounded = (round(place.y / stride), round(place.x / stride))
        assert verdict(place, *rounded) == "rounded" and rounded != (row, column)
        assert verdict(place, place.y, place.x) == "pixels"
        assert verdict(place, row + 40, column + 50) == "off"


def test_a_photo_of_one_cell_has_a_dot_too():
    place = dot((32, 32), 32, 5)
    assert place.cell == (0, 0) and verdict(place, 0, 0) == "right"


# ---- on the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.key)
def test_the_button_of_its_card_opens_it(moment):
    app = opened(PAGES[moment.page], lang="en", map="photo-4-red" if moment.page == "image" else "corner", hide="menu")
    card = next(markdown for markdown in app.markdown if text_in("en")(f"moment.{moment.key}.title") in markdown.value)
    assert card
    app.button(key=f"moment_{moment.key}").click().run()
    assert not app.exception and not app.warning
    assert stage_data(app)["box"] == list(moment.scenario.box) and stage_data(app)["reveal"]
    assert not stage_data(app)["still"]["bar"]["pages"], "what a lesson link leaves out is still left out"
    assert "reveal" not in stage_data(app.run())


def test_the_first_page_links_to_all_and_a_lesson_link_can_leave_them_out():
    titles = [text_in("zh")(f"moment.{moment.key}.title") for moment in MOMENTS]
    labels = [link.proto.label for link in opened("app.py", lang="zh").get("page_link")]
    assert [label for label in labels if label in titles] == titles
    for page in ("app.py", *{PAGES[moment.page] for moment in MOMENTS}):
        app = opened(page, lang="en", hide="notes")
        assert not [heading for heading in app.subheader if "surprise" in heading.value or "dot" in heading.value]
        assert not [button for button in app.button if (button.key or "").startswith("moment")]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [(6, 16, "Right."), (6, 17, "rounded to the nearest"), (16, 6, "swapped"), (7, 17, "count from 0"), (0, 3, "Not")],
)
def test_a_prediction_is_checked(row, column, words):
    app = opened(PAGES["image"], lang="en")
    assert "269 px from the left edge of the photo and 101 px from the top" in " ".join(m.value for m in app.markdown)
    app.number_input(key="dot_row").set_value(row)
    app.number_input(key="dot_column").set_value(column)
    next(button for button in app.button if button.label == "Check").click().run()
    (said,) = [*app.success, *app.info]
    assert words in said.value and "101 / 16 = 6.31: row 6. 269 / 16 = 16.81: column 16." in said.value
    next(button for button in app.button if button.label == "Another dot").click().run()
    assert not app.success and not app.info and not app.exception


def test_a_card_brings_the_stage_into_view_and_its_address(visit):
    page = visit("RoI_Align?lang=en&map=corner")
    page.get_by_role("button", name="Open this").nth(1).click()
    expect(page.get_by_test_id("output-6-6")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("box=3%2C3%2C4%2C4.*out=7%2C7|out=7%2C7.*box=3%2C3%2C4%2C4"))
    assert box_of(page) == (3, 3, 4, 4)


def test_the_photo_page_says_its_own_sentence_whatever_the_split():
    for split in ("overlap", "floor"):
        session = Session()
        session.read_address({"split": split}, "image")
        shown = answer(session, {"page": "image"})
        assert "sentence" not in shown and shown["still"]["sentence"] == text_in("en")("stage_for.image")
