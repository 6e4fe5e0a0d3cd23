"""The stage in real Chromium, used as a lecturer uses it: every number on the screen is the core's."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import ImageColor
from playwright.sync_api import Page, expect
from pptx import Presentation

from roialign_core import PRECISE_ROI_POOL, ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, ROI_WARP, trace, trace_point
from roialign_core.examples import ANIMATION_MAP, random_map
from roialign_core.matrices import two_matrices
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.lesson_file import read_lesson
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.misconceptions import misconceptions_in
from roialign_lab.lesson.photo import portrait
from roialign_lab.lesson.quiz import KINDS, Choice, question
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import plain, text_in
from roialign_lab.lesson.walks import walk_keys
from roialign_lab.stage.answer import answer
from roialign_lab.stage.page import PAGES, PATH, WALKS
from tests.conftest import PATIENCE, box_of, open_more

PATHS = {
    "home": "",
    "image": "Image_to_features",
    "pool": "RoI_Pooling",
    "align": "RoI_Align",
    "bilinear": "Bilinear_interpolation",
    "error": "Quantization_error",
    "network": "A_trained_network",
    "family": "Operator_family",
    "gradients": "Gradients",
    "quiz": "Quiz",
}
PLAIN = "Slides"  # a page without a stage
START = (0.55, 2.7, 6.35, 7.4)


def expected(operator, box, size=2, ratio=2, feature_map=ANIMATION_MAP):
    pixels = tuple(side * 16 for side in box)
    return [[f"{v:.4f}" for v in row] for row in trace(feature_map, pixels, operator, size, 1 / 16, ratio).output]


def traced(*box):
    return trace(ANIMATION_MAP, tuple(side * 16 for side in box), ROI_ALIGN, 2, 1 / 16)


def shows(page: Page, rows: list[list[str]], nth: int = 0) -> None:
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            expect(page.get_by_test_id(f"output-{r}-{c}").nth(nth)).to_have_text(value)


def drag(page: Page, name: str, dx: float, dy: float) -> None:
    """Drag by pixels, from the middle of an element, as a hand does: in small moves."""
    at = page.get_by_test_id(name).first.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 9):
        page.mouse.move(x + dx * k / 8, y + dy * k / 8)
    page.mouse.up()


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_dragging_the_box_changes_every_number_to_the_cores(visit):
    page = visit("RoI_Align?lang=en&step=join")
    shows(page, expected(ROI_ALIGN, START))
    drag(page, "box-move", 40, -37)
    box = box_of(page)
    assert box != START and box[2] - box[0] == pytest.approx(5.8, abs=0.011)
    shows(page, expected(ROI_ALIGN, box))
    expect(page).to_have_url(re.compile("box="))
    assert tuple(float(side) for side in address(page)["box"].split(",")) == pytest.approx(box)


@pytest.mark.parametrize("where", ["RoI_Align?step=join&out=7&samples=4", "?lang=en", "Quantization_error?lang=en"])
def test_a_drag_matches_the_styles_of_what_it_changes_and_not_of_the_page(visit, where):
    """A selector like ``body:has(…)`` has the browser match all of the page, 446 elements once, in every frame of every
    drag; what stands below the stage may settle in one of three."""
    page = visit(where)
    at = page.get_by_test_id("box-move").first.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y)  # the marks of a drag are put on
    page.wait_for_load_state("networkidle")
    many = [sum(count > 100 for count in matched_in_a_drag(page, x + way, y)) for way in (0, 2, 4)]
    page.mouse.up()
    assert min(many) <= 2, many


def matched_in_a_drag(page, x, y):
    """How many elements the browser matched with the styles, each time that it did in a drag from there."""
    stage, chromium = page.locator("[data-ack]"), page.context.browser
    answered = stage.get_attribute("data-ack")
    chromium.start_tracing(page=page, categories=["devtools.timeline"])
    try:
        for k in range(2, 12):
            page.mouse.move(x + 5 * k, y - 4 * k)
        expect(stage).not_to_have_attribute("data-ack", answered)
    finally:
        events = json.loads(chromium.stop_tracing())["traceEvents"]
    matched = [event["args"]["elementCount"] for event in events if "elementCount" in event.get("args", {})]
    assert matched
    return matched


@pytest.mark.parametrize(
    ("handle", "moved"),
    [
        ("nw", "1100"),
        ("n", "0100"),
        ("ne", "0110"),
        ("w", "1000"),
        ("e", "0010"),
        ("sw", "1001"),
        ("s", "0001"),
        ("se", "0011"),
    ],
)
def test_each_handle_moves_its_own_sides(visit, handle, moved):
    page = visit("RoI_Pooling?lang=en&step=result")
    drag(page, f"box-{handle}", -14, -17)
    box = box_of(page)
    assert "".join("01"[now != before] for now, before in zip(box, START, strict=True)) == moved
    shows(page, expected(ROI_POOL, box))


@pytest.mark.parametrize("name", ["counting", "detectron2", "corner"])
def test_the_pointer_meets_the_cell_that_it_points_at(visit, name):
    page = visit(f"RoI_Align?lang=en&step=join&map={name}&box=0.25,0.25,1.5,1.75")
    first, below, right = (page.get_by_test_id(f"map-{cell}").bounding_box() for cell in ("0-0", "1-0", "0-1"))
    cell = right["x"] - first["x"]
    assert below["y"] - first["y"] == pytest.approx(cell, abs=0.6), "cells are square"
    drag(page, "box-move", cell * 0.25, cell * 0.25)
    assert box_of(page) == pytest.approx((0.5, 0.5, 1.75, 2.0), abs=0.03)


def test_the_sliders_are_live(visit):
    page = visit("RoI_Align?lang=en&step=join")
    for side, value in (("x1", "1.25"), ("y1", "0.5"), ("x2", "7.75"), ("y2", "3.1")):
        page.get_by_test_id(f"box-{side}").fill(value)
    shows(page, expected(ROI_ALIGN, (1.25, 0.5, 7.75, 3.1)))
    page.get_by_test_id("box-x1").fill("7.99")  # cannot pass the right edge
    expect(page.get_by_test_id("box-x1")).to_have_value("7.7")


def test_the_keyboard_moves_and_resizes(visit):
    page = visit("RoI_Align?lang=en&step=join")
    page.get_by_test_id("box-move").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+ArrowLeft")
    shows(page, expected(ROI_ALIGN, (0.59, 2.7, 6.39, 7.45)))
    page.get_by_test_id("box-n").focus()
    page.keyboard.press("ArrowUp")
    shows(page, expected(ROI_ALIGN, (0.59, 2.65, 6.39, 7.45)))


def test_touch_drags_the_box(visit):
    page = visit("RoI_Align?lang=en&step=join", width=390, height=844, has_touch=True, is_mobile=True)
    session = page.context.new_cdp_session(page)
    at = page.get_by_test_id("box-move").bounding_box()
    x, y = at["x"] + at["width"] / 2 + 12, at["y"] + at["height"] / 2 + 12
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    cell = page.get_by_test_id("map-0-0").bounding_box()["width"]
    for k in range(1, 16):  # sideways and up, which is where a finger scrolls: a tenth of a cell at a time
        moved = {"x": x + 0.05 * cell * k, "y": y - 0.1 * cell * k}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_test_id("box-x1")).not_to_have_value("0.55")
    shows(page, expected(ROI_ALIGN, box_of(page)))
    assert box_of(page)[:2] == pytest.approx([0.55 + 0.75, 2.7 - 1.5], abs=0.06)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0


def test_a_box_under_its_own_handles_grows_to_where_it_is_pulled(visit):
    page = visit("RoI_Pooling?lang=en&box=7.95,7.95,8,8")
    at = page.get_by_test_id("box-se").bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 60, steps=5)
    page.mouse.up()
    expect(page.get_by_test_id("box-x1")).not_to_have_value("7.95")
    x1, y1, x2, y2 = box_of(page)
    assert x1 < 7.2 and y1 < 7.2 and (x2, y2) == (8, 8)


def test_an_output_cell_lights_its_bin_samples_neighbours_and_weights(visit):
    page = visit("RoI_Align?lang=en&step=neighbors")
    page.get_by_test_id("output-1-0").hover()
    t = trace(ANIMATION_MAP, tuple(side * 16 for side in START), ROI_ALIGN, 2, 1 / 16)
    k = t.samples_of(1, 0)[2]
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ③, sample 3 of 4")
    expect(page.locator(".roi-weight b")).to_have_text(
        [f"({r}, {c})" for r, c in zip(t.neighbor_y[k], t.neighbor_x[k], strict=True)]
    )
    expect(page.locator(".roi-weight span:nth-child(3)")).to_have_text([f"{w:.3f}" for w in t.weights[k]])
    expect(page.locator(".roi-sentence p")).to_contain_text(f"{t.sample_y[k]:.3f}, {t.sample_x[k]:.3f}")
    lit, bin_ = page.locator(".roi-focus rect").bounding_box(), page.get_by_test_id("bin-1-0").bounding_box()
    assert lit == pytest.approx(bin_, abs=3)
    page.mouse.move(4, 400)  # away: back to the bin that was clicked last
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ②, sample 3 of 4")
    page.get_by_test_id("output-1-1").click()
    expect(page).to_have_url(re.compile("bin=1%2C1%2C2"))


def test_very_many_outputs_are_one_picture_in_the_colours_of_either_theme(visit):
    page = visit("RoI_Align?lang=en&step=join&out=14&samples=2", color_scheme="light")
    session = Session()
    session.read_address({"out": "14", "samples": "2"}, "roi_align")
    payload = answer(session, {"page": "roi_align"})
    levels = [int(level) / 100 for level in payload["panels"][0]["output_levels"].split(" ")]
    inks = payload["still"]["inks"]
    for theme, scheme in enumerate(("light", "dark")):
        page.emulate_media(color_scheme=scheme)
        low, high = (ImageColor.getrgb(inks[end][theme]) for end in ("low", "high"))
        wanted = [[round(a + level * (b - a)) for a, b in zip(low, high, strict=True)] + [255] for level in levels]
        page.wait_for_function(
            """wanted => {
                 const pixels = document.querySelector(".roi-sheet").getContext("2d").getImageData(0, 0, 14, 14).data;
                 return wanted.flat().every((part, k) => Math.abs(part - pixels[k]) <= 1);
               }""",
            arg=wanted,
        )


def crosses_on_screen(page: Page) -> list[list[float]]:
    """The middle of every ×, in pixels: all are one path, and each × begins with an absolute M."""
    return page.get_by_test_id("samples").first.evaluate(
        """path => path.getAttribute("d").split("M").slice(1).map((shape) => {
             const lone = document.createElementNS(path.namespaceURI, "path");
             lone.setAttribute("d", "M" + shape);
             path.parentNode.append(lone);
             const box = lone.getBBox(), screen = path.getScreenCTM();
             lone.remove();
             const at = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2).matrixTransform(screen);
             return [at.x, at.y];
           })"""
    )


def test_the_crosses_sit_where_the_core_samples(visit):
    page = visit("RoI_Align?lang=en&step=samples")
    t = trace(ANIMATION_MAP, tuple(side * 16 for side in START), ROI_ALIGN, 2, 1 / 16)
    first, second = page.get_by_test_id("map-0-0").bounding_box(), page.get_by_test_id("map-1-1").bounding_box()
    cell = second["x"] - first["x"]
    left, top = first["x"] + first["width"] / 2 - cell / 2, first["y"] + first["height"] / 2 - cell / 2
    crosses = crosses_on_screen(page)
    assert len(crosses) == 16
    for k, (x, y) in enumerate(crosses):
        assert x == pytest.approx(left + t.sample_x[k] * cell, abs=1)
        assert y == pytest.approx(top + t.sample_y[k] * cell, abs=1)


def test_many_crosses_sit_where_the_core_samples(visit):
    page = visit("RoI_Align?lang=en&step=samples&out=7&samples=4")
    t = trace(ANIMATION_MAP, tuple(side * 16 for side in START), ROI_ALIGN, 7, 1 / 16, 4)
    cell = page.get_by_test_id("map-0-0").evaluate("node => node.getScreenCTM().a * 100")
    crosses = np.array(crosses_on_screen(page))
    assert crosses.shape == (784, 2)
    corner = crosses[0] - np.array([t.sample_x[0], t.sample_y[0]]) * cell
    assert crosses == pytest.approx(corner + np.stack([t.sample_x, t.sample_y], axis=1) * cell, abs=0.5)


def test_steps_by_buttons_keys_and_names(visit):
    page = visit("RoI_Pooling?lang=en&step=map")
    now = page.locator(".roi-now")
    expect(now).to_have_text("1 map & box")
    expect(page.get_by_test_id("step-back")).to_be_disabled()
    page.get_by_test_id("step-next").click()
    expect(now).to_have_text("2 project")
    expect(page.locator(".roi-formula")).to_contain_text("x1 = 8.8 × 1/16 = 0.55")
    page.mouse.click(4, 400)
    page.keyboard.press("ArrowRight")
    expect(now).to_have_text("3 snap")
    expect(page.locator(".roi-formula")).to_contain_text("x2: round(6.35) + 1 = 7")
    page.keyboard.press("ArrowLeft")
    expect(now).to_have_text("2 project")
    page.get_by_test_id("step-result").click()
    expect(page.get_by_test_id("step-next")).to_be_disabled()
    expect(page).to_have_url(re.compile("step=result"))


COUNT_MOVES = """() => {
  const animate = Element.prototype.animate;
  window.moves = [];
  Element.prototype.animate = function (frames, how) {
    moves.push(how.duration);
    return animate.call(this, frames, how);
  };
}"""


def test_what_changes_is_seen_to_change_when_a_step_is_opened_and_never_in_a_drag(visit):
    page = visit("RoI_Align?lang=en&step=map", reduced_motion="no-preference")
    page.evaluate(COUNT_MOVES)
    for key in ("project", "values", "join"):
        page.get_by_test_id(f"step-{key}").click()
        page.wait_for_function("() => moves.length > 0")
        assert max(page.evaluate("moves.splice(0)")) <= 400
        expect(page.locator(".roi-image, .roi-flight")).to_have_count(0)  # nothing of it stays
    drag(page, "box-move", 20, 10)
    shows(page, expected(ROI_ALIGN, box_of(page)))
    assert page.evaluate("moves") == []
    page.get_by_test_id("step-project").click()  # back: nothing shrinks
    words = page.locator(".roi-in_cells .roi-words:visible")
    x1, y1, x2, y2 = box_of(page)
    expect(words).to_have_text([f"({x:.2f}, {y:.2f})" for x, y in ((x1, y1), (x2, y2))])
    assert page.evaluate("moves") == []


def test_the_step_player(visit):
    page = visit("RoI_Align?lang=en&step=bins")
    now = page.locator(".roi-now")
    page.get_by_test_id("step-last").click()
    expect(now).to_have_text("8 result")
    page.get_by_test_id("step-slider").fill("3")
    expect(now).to_have_text("4 red ×")
    expect(page).to_have_url(re.compile("step=samples"))
    page.get_by_test_id("step-first").click()
    expect(now).to_have_text("1 map & box")
    page.get_by_test_id("step-speed").select_option("1.25")
    page.get_by_test_id("step-play").click()
    expect(now).to_have_text("3 equal bins")
    page.get_by_test_id("step-play").click()  # pause
    page.wait_for_timeout(1600)
    expect(now).to_have_text("3 equal bins")


def test_one_level_deeper_goes_sample_by_sample_and_bin_by_bin(visit):
    page = visit("RoI_Align?lang=en&step=neighbors&bin=0,0,2")
    title = page.locator(".roi-detail h4")
    page.get_by_test_id("step-deeper").click()
    seen = []
    for _ in range(3):
        seen.append(title.inner_text())
        page.get_by_test_id("step-next").click()
    assert seen == ["Bin ①, sample 3 of 4", "Bin ①, sample 4 of 4", "Bin ②, sample 1 of 4"]
    page.get_by_test_id("step-back").click()
    page.get_by_test_id("step-back").click()
    expect(title).to_have_text("Bin ①, sample 4 of 4")
    page.get_by_test_id("step-join").click()
    page.get_by_test_id("step-next").click()
    expect(page.locator(".roi-formula")).to_contain_text("≈ 0.4182")
    page.get_by_test_id("output-1-1").click()
    page.get_by_test_id("step-next").click()  # after the last bin comes the next step
    expect(page.locator(".roi-now")).to_have_text("8 result")


def test_a_link_opens_the_same_scene_in_a_second_browser(visit):
    scene = "map=random-16x16-5&box=2.5,3.25,12.75,14&out=3,4&samples=3&origin=legacy&join=max"
    first = visit(f"RoI_Align?lang=zh&step=join&{scene}")
    drag(first, "box-e", 20, 0)
    expect(first).to_have_url(re.compile(f"box=2.5(,|%2C)3.25(,|%2C){box_of(first)[2]:g}(,|%2C)14&"))
    second = visit(first.url.split("/", 3)[3])
    assert box_of(first) == box_of(second)
    operator = replace(ROI_ALIGN_LEGACY, aggregate="max")
    for page in (first, second):
        shows(page, expected(operator, box_of(page), (3, 4), 3, random_map(16, 16, 5)))


def test_pool_and_align_on_one_box_at_home(visit):
    page = visit("?lang=en")
    drag(page, "box-move", 21, 13)
    box = box_of(page)
    shows(page, expected(ROI_POOL, box), nth=0)
    shows(page, expected(ROI_ALIGN, box), nth=1)
    assert page.get_by_test_id("roi-stage").count() == 2


def test_a_persons_box_on_the_photo_and_on_its_feature_map(visit):
    page = visit("Image_to_features?lang=en")
    assert page.get_by_test_id("roi-stage").count() == 2
    assert box_of(page) == (4.5, 1.75, 28.25, 36.88)
    expect(page.locator(".roi-formula")).to_contain_text("x1: 72.0 → 80 px (+8.0)")
    drag(page, "box-move", 8, 0)  # on the photo
    box = box_of(page)
    assert box[0] > 4.5 and box[1] == 1.75
    read = trace(portrait().maps.channel(16, "vertical"), [side * 16 for side in box], ROI_POOL, 2, 1 / 16)
    moved = read.quantization_error_pixels[0]
    expect(page.locator(".roi-formula")).to_contain_text(f"({moved:+.1f})")
    page.get_by_test_id("photo-0").select_option("32")
    expect(page.get_by_test_id("box-x1")).to_have_value(re.compile(f"^{box[0] / 2:.2f}"[:-1]))
    page.get_by_test_id("photo-0").select_option("16")
    expect(page.get_by_test_id("box-x1")).to_have_value(f"{box[0]:.2f}")
    page.get_by_test_id("next-roi_pooling").click()  # with the photo's map
    expect(page.locator(".roi-now")).to_have_text("1 map & box")
    there = box_of(page)
    page.get_by_test_id("step-last").click()
    shows(page, expected(ROI_POOL, there, feature_map=portrait().maps.channel(16, "vertical")))


def test_the_point_of_the_bilinear_page(visit):
    page = visit("Bilinear_interpolation?lang=en&step=sum")
    page.get_by_test_id("point-y").fill("2.2")
    page.get_by_test_id("point-x").fill("5.9")
    value = trace_point(ANIMATION_MAP, 2.2, 5.9).value
    expect(page.locator(".roi-formula")).to_contain_text(f"= {value:.4f}")
    page.get_by_test_id("step-edge").click()
    page.get_by_test_id("point-y").fill("-0.6")
    expect(page.locator(".roi-formula")).to_contain_text("(-1.100, 5.400) → 0.0000")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_export_is_what_is_seen(visit, kind):
    page = visit("RoI_Align?lang=en&step=result")
    drag(page, "box-move", 33, 11)
    values = [value for row in expected(ROI_ALIGN, box_of(page)) for value in row]
    shows(page, expected(ROI_ALIGN, box_of(page)))
    with page.expect_download() as download:
        page.get_by_test_id(f"figure-{kind}").click()
    assert download.value.suggested_filename == f"roi-align-result.{kind}"
    content = download.value.path().read_bytes()
    assert content[:4] in {"png": [b"\x89PNG"], "svg": [b"<?xm"], "pdf": [b"%PDF"]}[kind]
    if kind == "svg":
        text = {"".join(node.itertext()).strip() for node in ElementTree.fromstring(content).iter()}
        assert set(values) <= text and "RoI Align · result" in text


def test_controls_and_language_keep_the_box(visit):
    page = visit("RoI_Align?lang=en&step=join")
    drag(page, "box-move", 15, 15)
    box = box_of(page)
    page.get_by_test_id("origin-legacy").click()
    shows(page, expected(ROI_ALIGN_LEGACY, box))
    page.get_by_test_id("join-max").click()
    shows(page, expected(replace(ROI_ALIGN_LEGACY, aggregate="max"), box))
    page.get_by_test_id("samples-0").click()
    shows(page, expected(replace(ROI_ALIGN_LEGACY, aggregate="max"), box, ratio=0))
    expect(page.get_by_test_id("samples-0")).to_have_attribute("aria-pressed", "true")
    open_more(page)
    page.get_by_test_id("out-0").select_option("3")
    shows(page, expected(replace(ROI_ALIGN_LEGACY, aggregate="max"), box, (3, 2), ratio=0))
    expect(page).to_have_url(re.compile("out=3%2C2"))
    page.get_by_test_id("lang-zh").click()
    expect(page.locator(".roi-sentence p")).to_contain_text("聚合成一个")
    expect(page.get_by_test_id("out-0")).to_be_visible()  # what is open stays open
    page.get_by_role("link", name="RoI Pooling").click()
    expect(page.locator(".roi-now")).to_contain_text(text_in("zh")("steps.roi_pool.map.title"))
    assert box_of(page) == box
    page.get_by_test_id("step-last").click()
    shows(page, expected(ROI_POOL, box, (3, 2)))


def test_the_articles_split_and_a_worked_example(visit):
    page = visit("RoI_Pooling?lang=en&step=result&box=0,3,7,8")
    page.get_by_test_id("split-0").select_option("ceil")
    page.get_by_test_id("split-1").select_option("floor")
    shows(page, [["0.8500", "0.9600"], ["0.9700", "0.8800"]])
    open_more(page)
    page.get_by_test_id("example-0").select_option("animation-pool")
    shows(page, [["0.8500", "0.8400"], ["0.9700", "0.9600"]])


def test_a_random_map_by_its_seed(visit):
    page = visit("RoI_Align?lang=en&step=join")
    open_more(page)
    page.get_by_test_id("map-0").select_option("random-16x16")
    shows(page, expected(ROI_ALIGN, box_of(page), feature_map=random_map(16, 16, 1)))
    page.get_by_test_id("map-seed").fill("77")
    page.get_by_test_id("map-seed").press("Enter")
    shows(page, expected(ROI_ALIGN, box_of(page), feature_map=random_map(16, 16, 77)))
    expect(page).to_have_url(re.compile("map=random-16x16-77"))


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize("name", PATHS)
def test_a_page_fits_a_lecturers_screen(visit, name, language, scheme):
    page = visit(f"{PATHS[name]}?lang={language}", color_scheme=scheme)
    page.wait_for_timeout(500)
    stage = page.locator(".roi").first.bounding_box()
    assert page.locator(".roi-bar").first.bounding_box()["height"] < 60, "title and menu on one line"
    assert stage["y"] < 110 and stage["y"] + stage["height"] <= 700, "the whole stage without scrolling at 1280x720"
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    assert page.evaluate(
        "[...document.querySelectorAll('.roi')].every((n) => n.getBoundingClientRect().right <= innerWidth)"
    )
    for small in page.locator(".roi-talk, .roi-sliders").all():
        assert small.bounding_box() is None or small.bounding_box()["width"] <= 390
    assert page.locator(".roi-map").first.bounding_box()["x"] >= 0


@pytest.mark.parametrize("name", ["home", "error", "family", "gradients"])
def test_the_controls_stay_on_the_screen_with_larger_outputs(visit, name):
    """Two and three outputs of 3x3 and of 4x4 beside the maps, at 1280x720."""
    page = visit(f"{PATHS[name]}?lang=en")
    for size in (3, 4):
        page.goto(f"{page.url.split('?')[0]}?lang=en&out={size}")
        expect(page.get_by_test_id(f"output-{size - 1}-{size - 1}").last).to_be_visible()
        controls = page.locator(".roi-controls").bounding_box()
        assert controls["y"] + controls["height"] <= 720
        for cell in page.get_by_test_id("output-0-0").all():
            assert cell.bounding_box()["width"] >= 36 and cell.bounding_box()["height"] >= 24


def test_the_words_of_a_step_follow_the_box_out_of_an_empty_bin_and_back(visit):
    page = visit("RoI_Pooling?lang=en&step=max&box=7.58,3.3,7.63,3.35")
    sentence = page.locator(".roi-sentence p")
    expect(sentence).to_contain_text("No cell of the map lies in bin ②")
    page.get_by_test_id("box-x1").fill("3")
    expect(sentence).to_contain_text("Of the 2 cells of bin ②")
    page.get_by_test_id("box-x1").fill("7.58")
    expect(sentence).to_contain_text("No cell of the map lies in bin ②")
    page.get_by_test_id("step-cells").click()
    expect(sentence).to_contain_text("No cell of the map is left for bin ②")


def test_the_map_of_a_question_is_as_wide_as_the_phone(visit):
    page = visit("Quiz?lang=zh", width=390, height=844)
    assert page.locator("svg.roi-map").first.bounding_box()["width"] > 330
    for wide in (740, 844, 932):  # held sideways
        page.set_viewport_size({"width": wide, "height": 390})
        page.wait_for_timeout(300)
        answers = [answer.bounding_box() for answer in page.locator(".roi-answers button").all()]
        assert all(answer["x"] + answer["width"] <= wide and answer["width"] > 100 for answer in answers)
        assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [3, 7])
@pytest.mark.parametrize("name", ["Gradients", "Quantization_error"])
def test_outputs_side_by_side_do_not_cover_one_another(visit, name, size):
    page = visit(f"{name}?lang=en&out={size}")
    sides = (
        "all => all.map((element) => { const r = element.getBoundingClientRect(); return [r.left, r.right, r.top]; })"
    )
    outputs = page.locator(".roi-output").evaluate_all(sides)
    assert len({round(top) for _, _, top in outputs}) == 1, "in one row"
    for output, (left, right, _) in enumerate(outputs):
        buttons = page.locator(".roi-output").nth(output).locator("button").evaluate_all(sides)
        assert len(buttons) == size * size
        assert all(left - 1 <= x1 and x2 <= right + 1 for x1, x2, _ in buttons)
    assert all(before[1] <= after[0] for before, after in pairwise(outputs))


def test_a_hostile_address_is_answered_by_a_sentence(visit):
    page = visit("RoI_Align?lang=zh&step=join&box=7,7,1,nan&out=99&map=%3Cimg%20src=x%20onerror=alert(1)%3E")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("地址中有一部分不能使用")
    expect(warning).to_contain_text("box=7,7,1,nan")
    shows(page, expected(ROI_ALIGN, START))
    assert page.locator("img[src=x]").count() == 0


def test_without_a_road_for_drags_the_numbers_still_follow(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.route_web_socket(re.compile("roi-drag"), lambda socket: socket.close())
    page.goto(f"{server}/RoI_Align?lang=en&step=join")
    shows(page, expected(ROI_ALIGN, START))
    drag(page, "box-move", 40, -37)
    shows(page, expected(ROI_ALIGN, box_of(page)))
    expect(page).to_have_url(re.compile("box="))
    context.close()


def test_an_answer_that_the_road_loses_comes_through_streamlit(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    messages = []
    page.route_web_socket(
        re.compile("roi-drag"), lambda socket: socket.on_message(lambda message: messages.append(message))
    )
    page.goto(f"{server}/RoI_Align?lang=en&step=join")
    shows(page, expected(ROI_ALIGN, START))
    drag(page, "box-move", 40, -37)
    shows(page, expected(ROI_ALIGN, box_of(page)))
    assert len(messages) >= 1
    context.close()


def test_two_menus_changed_before_the_answer_both_count(visit):
    page = visit("RoI_Pooling?lang=en&step=result")
    page.evaluate(
        """() => { for (const [id, value] of [["out-0", "3"], ["out-1", "4"]]) {
             const menu = document.querySelector(`[data-testid=${id}]`);
             menu.value = value; menu.dispatchEvent(new Event("change")); } }"""
    )
    expect(page).to_have_url(re.compile("out=3(,|%2C)4"))
    shows(page, expected(ROI_POOL, START, (3, 4)))


def test_a_second_finger_does_not_take_over(visit):
    page = visit("RoI_Align?lang=en&step=join", has_touch=True)
    moved = page.evaluate(
        """() => {
          const svg = document.querySelector(".roi-map"), mover = document.querySelector("[data-testid=box-move]");
          svg.setPointerCapture = () => {};
          const { x, y, width, height } = mover.getBoundingClientRect(), cx = x + width / 2, cy = y + height / 2;
          const at = (node, kind, pointerId, dx, dy) => node.dispatchEvent(new PointerEvent(kind,
            { pointerId, clientX: cx + dx, clientY: cy + dy, bubbles: true, button: 0 }));
          at(mover, "pointerdown", 1, 0, 0); at(svg, "pointermove", 1, 10, 0);
          const held = document.querySelector("[data-testid=box-x1]").value;
          at(mover, "pointerdown", 2, -60, 30); at(svg, "pointermove", 2, -80, 30); at(svg, "pointerup", 2, -80, 30);
          const during = document.querySelector("[data-testid=box-x1]").value;
          at(svg, "pointermove", 1, 20, 0); at(svg, "pointerup", 1, 20, 0);
          return [held, during, document.querySelector("[data-testid=box-x1]").value].map(Number);
        }"""
    )
    assert moved[0] == moved[1] < moved[2]


# ---- the whole lesson ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_a_lecture_from_the_first_page_to_the_last(visit, language, scheme):
    text = text_in(language)
    page = visit(f"?lang={language}", color_scheme=scheme)
    page.get_by_role("link", name=text("menu.image")).first.click()
    expect(page.locator("h1")).to_have_text(text("title.image"))
    drag(page, "box-move", 30, 20)
    page.get_by_test_id("photo-0").select_option("8")
    expect(page).to_have_url(re.compile("map=photo-8-vertical"))
    page.get_by_test_id("next-roi_pooling").click()
    expect(page.locator("h1")).to_have_text(text("title.roi_pooling"))
    expect(page).to_have_url(re.compile("map=photo-8-vertical"))
    page.get_by_test_id("map-0").select_option("animation")
    expect(page).to_have_url(re.compile("map=animation"))
    for _ in range(3):
        page.get_by_test_id("step-next").click()
    drag(page, "box-e", -30, 0)
    page.get_by_role("link", name=text("menu.roi_align")).first.click()
    expect(page.locator("h1")).to_have_text(text("title.roi_align"))
    page.get_by_test_id("join-max").click()
    expect(page).to_have_url(re.compile("join=max"))
    page.get_by_test_id("step-join").click()
    with page.expect_download() as kept:
        page.get_by_test_id("figure-svg").click()
    ElementTree.parse(kept.value.path())
    shows(page, expected(replace(ROI_ALIGN, aggregate="max"), box_of(page)))
    page.get_by_role("link", name=text("menu.bilinear")).first.click()
    drag(page, "point-move", 30, 10)
    expect(page).to_have_url(re.compile("point="))
    page.get_by_role("link", name=text("menu.quantization")).first.click()
    expect(page.get_by_test_id("sweep-align-0")).to_be_visible()
    drag(page, "box-move", -20, -30)
    shows(page, expected(ROI_POOL, box_of(page)))
    page.get_by_test_id("further").click()
    page.get_by_role("link", name=text("menu.family"), exact=True).click()
    expect(page.locator("h1")).to_have_text(text("title.family"))
    page.get_by_test_id("right-0").select_option("roi_warp")
    expect(page).to_have_url(re.compile("right=roi_warp"))
    open_more(page)
    expect(page.get_by_test_id("samples-0")).to_be_disabled()  # neither reads samples
    drag(page, "box-move", 15, 25)
    shows(page, expected(ROI_WARP, box_of(page)), nth=1)
    page.get_by_test_id("further").click()
    page.get_by_role("link", name=text("menu.gradients"), exact=True).click()
    expect(page.locator("h1")).to_have_text(text("title.gradients"))
    drag(page, "box-move", -15, -20)
    shows(page, expected(PRECISE_ROI_POOL, box_of(page)), nth=2)
    page.get_by_role("link", name=text("menu.quiz")).first.click()
    page.get_by_test_id(f"answer-{question(1, 'snap').right}").click()
    expect(page.get_by_role("status")).to_contain_text(text("quiz.right"))


def test_the_slides_stand_beside_the_path_and_say_so(visit):
    page = visit("Slides?lang=en", stage=False)
    expect(page.get_by_test_id("position")).to_have_text("beside the 10 pages")
    expect(page.get_by_test_id("present")).to_have_count(0)  # there is no stage to fill the screen with
    page.get_by_test_id("lang-zh").click()
    expect(page.get_by_test_id("position")).to_have_text("10 页之外")


def test_next_alone_goes_from_the_first_page_to_the_last_with_one_box(visit):
    """From the photo with the 8×8 numbers; from RoI Pooling on with the box that was dragged there."""
    page, text = visit("?lang=en"), text_in("en")
    menu = page.get_by_role("navigation", name=text("stage.pages"))
    labels, box = [text(f"menu.{name}") for name in PAGES], None
    for place, name in enumerate(PATH, start=1):
        expect(page.get_by_test_id("position")).to_have_text(f"{place} / {len(PATH)}")
        expect(menu.locator("[aria-current=page]")).to_have_text(text(f"menu.{name}"))
        expect(menu.locator("a")).to_have_text(labels)
        if name == PATH[-1]:
            break
        if walk := walk_keys(WALKS[name]):
            expect(page.locator(".roi-now")).to_contain_text("1 ")
            for _ in walk[1:]:
                expect(page.get_by_test_id("next-page")).to_be_hidden()
                page.get_by_test_id("step-next").click()
        if name == "image":
            drag(page, "box-move", 12, 9)
            expect(page.get_by_test_id("next-page")).to_have_text("Next: RoI Pooling, 8×8 numbers →")
        elif name == "roi_pooling":
            assert box_of(page) == START
            drag(page, "box-move", 12, 9)
            box = box_of(page)
            assert box != START
        elif box and name not in ("bilinear", "network"):  # which have a point, and pictures of their own
            assert box_of(page) == box
        page.get_by_test_id("next-page").click()
    expect(page.get_by_test_id("answer-0")).to_be_visible()


def test_back_leaves_a_page_in_one_step_and_finds_the_one_before_as_it_was(visit):
    page = visit("RoI_Pooling?lang=en")
    before = page.evaluate("history.length")
    page.get_by_test_id("step-next").click()
    drag(page, "box-move", 20, -15)
    page.get_by_test_id("step-snap").click()
    expect(page).to_have_url(re.compile("step=snap"))
    left, box = address(page), box_of(page)
    assert page.evaluate("history.length") == before
    page.get_by_role("link", name="RoI Align", exact=True).click()
    expect(page.locator("h1")).to_have_text("RoI Align")
    for step in ("project", "bins", "samples"):
        page.get_by_test_id("step-next").click()
        expect(page).to_have_url(re.compile(f"step={step}"))
    drag(page, "box-e", 30, 0)
    expect(page).not_to_have_url(re.compile(f"box=.*{box[2]:g}"))
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect(page.locator("h1")).to_have_text("RoI Pooling")
    expect(page.locator(".roi-now")).to_have_text("3 snap")
    assert box_of(page) == box
    assert address(page) == left
    page.go_forward()
    expect(page.locator(".roi-now")).to_have_text("4 red ×")


def test_a_shared_link_shows_the_same_numbers_to_somebody_else(visit):
    page = visit("RoI_Align?lang=zh&step=join&out=3&samples=3&join=max")
    drag(page, "box-move", 25, -40)
    numbers = expected(replace(ROI_ALIGN, aggregate="max"), box_of(page), 3, 3)
    shows(page, numbers)
    page.get_by_test_id("share").click()
    expect(page.get_by_test_id("share-code")).to_have_attribute("src", re.compile("^data:image/svg"))
    page.get_by_test_id("part-menu").uncheck()
    page.get_by_test_id("part-join").uncheck()
    expect(page.get_by_test_id("share-link")).to_have_value(re.compile("hide=menu,join"))
    link = urlsplit(page.get_by_test_id("share-link").input_value())
    other = visit(f"{link.path.lstrip('/')}?{link.query}")
    shows(other, numbers)
    assert box_of(other) == box_of(page)
    expect(other.get_by_test_id("origin-aligned")).to_be_visible()
    expect(other.get_by_test_id("join-max")).to_have_count(0)
    expect(other.get_by_role("link", name="RoI Pooling")).to_have_count(0)


def test_every_output_of_the_sweep_is_drawn_and_its_side_can_be_dragged(visit):
    page = visit("Quantization_error?lang=en")
    for name in ("pool", "align"):
        for k in range(4):
            expect(page.get_by_test_id(f"sweep-{name}-{k}")).to_be_attached()
    line = page.get_by_test_id("sweep-align-1").get_attribute("d")
    assert line.count("L") == 200
    plot = page.locator(".roi-plot svg").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] * 0.25, plot["y"] + 50)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.5, plot["y"] + 60, steps=6)
    page.mouse.up()
    box = box_of(page)
    assert box[1] == pytest.approx(3.0, abs=0.02) and (box[0], *box[2:]) == (START[0], *START[2:])
    shows(page, expected(ROI_POOL, box))
    shows(page, expected(ROI_ALIGN, box), nth=1)


def test_one_persons_mask_is_seen_at_once_at_every_stride(visit):
    page = visit("Quantization_error?lang=en")
    expect(page.get_by_text("RoI Pooling: its outline, IoU 0.48 with the true mask").first).to_be_visible()
    expect(page.get_by_text("RoI Align: its outline, IoU 0.74 with the true mask").first).to_be_visible()
    page.get_by_role("slider", name="Stride of the map").press("ArrowRight")
    expect(page.get_by_text("RoI Pooling: its outline, IoU 0.36 with the true mask").first).to_be_visible()


def test_the_masks_are_measured_on_the_page(visit):
    page = visit("Quantization_error?lang=en")
    page.get_by_text("Run the experiment").click()
    said = page.get_by_text("objects of 128 px: with cells at s·(j + ½) RoI Pooling 0.618")
    expect(said).to_be_visible(timeout=PATIENCE)  # sixteen objects of seed 0, and on the other grid:
    expect(said).to_contain_text("with cells at s·j 0.725, 0.857, 0.643")


def test_own_data_is_shown_and_a_bad_file_changes_nothing(visit, tmp_path):
    page = visit("RoI_Pooling?lang=en&step=result")
    values = np.arange(30.0).reshape(5, 6) / 10
    np.save(tmp_path / "map.npy", values)
    np.save(tmp_path / "bad.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    page.get_by_text("Your own data").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "map.npy")
    expect(page).to_have_url(re.compile("map=(matrix|own)"))
    expect(page.get_by_test_id("map-7-7")).to_have_count(0)  # the map before it is gone
    shows(page, expected(ROI_POOL, box_of(page), feature_map=values))
    before = page.url
    page.locator("input[type=file]").set_input_files(tmp_path / "bad.npy")
    expect(page.get_by_text("bad.npy holds Python objects")).to_be_visible()
    assert page.url == before
    shows(page, expected(ROI_POOL, box_of(page), feature_map=values))


def test_the_two_matrices_follow_the_drag(visit):
    page = visit("RoI_Align?lang=en&step=join&box=0,0,4,4")
    wy, wx = page.get_by_test_id("matrix-0").locator("span"), page.get_by_test_id("matrix-2").locator("span")
    half, none = ["0.50"] * 2, ["0"]
    expect(wy).to_have_text([*half, *none * 6, *none * 2, *half, *none * 4])  # 2 rows of bins × 8 rows of the map
    expect(wx).to_have_text([*["0.50", "0"] * 2, *["0", "0.50"] * 2, *["0", "0"] * 4])  # 8 columns × 2 of bins
    page.get_by_test_id("box-x1").fill("1")  # a slider: nothing is let go
    weights = two_matrices(traced(1, 0, 4, 4))[1].T.ravel().tolist()
    expect(wx).to_have_text([f"{weight:.2f}" if weight else "0" for weight in weights])
    shows(page, expected(ROI_ALIGN, (1, 0, 4, 4)))
    output = page.get_by_test_id("matrix-3").locator("span")
    expect(output).to_have_text([value for row in expected(ROI_ALIGN, (1, 0, 4, 4)) for value in row])
    page.get_by_test_id("join-max").click()
    expect(page.get_by_text("With the maximum there are no such matrices")).to_be_visible()


def test_a_recorded_input_gets_its_badges(visit):
    page = visit("Operator_family?lang=en")
    open_more(page)
    page.get_by_test_id("recorded-0").select_option("5")
    expect(page).to_have_url(re.compile("map=recorded-12x13"))
    expect(page.get_by_text("equal to torchvision 0.29 (recorded) on this very input, to the last bit")).to_have_count(
        3
    )
    expect(page.get_by_text("equal to ONNX Runtime")).to_have_count(5)
    drag(page, "box-move", 40, 10)
    expect(page.get_by_text("equal to torchvision 0.29")).to_have_count(0)
    expect(page.get_by_text("equal to ONNX Runtime")).to_have_count(5)


def test_flipping_one_answer_changes_one_operator(visit):
    page = visit("Operator_family?lang=en&left=roi_align")
    open_more(page)
    page.get_by_test_id("answer_aggregate-0").select_option("max")
    expect(page).to_have_url(re.compile("right=roi_align_max"))
    shows(page, expected(ROI_ALIGN, box_of(page)))
    shows(page, expected(replace(ROI_ALIGN, aggregate="max"), box_of(page)), nth=1)
    page.get_by_test_id("answer_origin-0").select_option("cell_centre")
    expect(page.get_by_text("origin: corner (aligned) → centre (legacy)")).to_be_visible()


def test_the_gradient_follows_the_output_cell(visit):
    page = visit("Gradients?lang=en")
    pooled = page.get_by_test_id("roi-stage").first.locator(".roi-landed text:visible")
    expect(pooled).to_have_text(["1.00"])
    page.get_by_test_id("cell-all").click()
    expect(page).to_have_url(re.compile("cell=all"))
    expect(page.get_by_text("RoI Pooling hands 4.000 in all to 3 cells")).to_be_visible()


def test_slides_are_chosen_seen_and_downloaded(visit):
    page = visit(f"{PLAIN}?lang=en&box=0,3,7,8", stage=False)
    expect(page.get_by_text("16 · Quantization error")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="✕").nth(2).click()
    expect(page.get_by_text("15 · RoI Align · result")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("16 · Quantization error")).to_have_count(0)
    page.get_by_role("button", name="Make it").click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download lesson.pptx").click()
    made = Presentation(kept.value.path())
    assert len(made.slides) == 15
    assert "round(7.00) + 1 = 8" in made.slides[2].notes_slide.notes_text_frame.text
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save lesson.toml").click()
    assert read_lesson(Path(kept.value.path()).read_text(encoding="utf-8")).parts[0].scenario.box == (0, 3, 7, 8)


def test_a_vector_figure_is_shown_by_a_browser_with_its_numbers(chromium, tmp_path):
    deck = Deck((Part("roi_align", steps=("join",)),), language="zh")
    (tmp_path / "join.svg").write_bytes(save(draw_sheet(sheets(deck)[0]), "svg"))
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"file://{tmp_path}/join.svg")
    box = page.locator("text", has_text="0.4182").last.bounding_box()
    assert box and box["width"] > 20 and box["height"] > 10
    page.close()


def test_on_a_phone_the_output_stands_under_the_map_that_is_dragged(visit):
    page = visit("?lang=en", width=390, height=844, has_touch=True, is_mobile=True)
    first, second = (page.get_by_test_id("roi-stage").nth(k).bounding_box() for k in (0, 1))
    output = page.get_by_test_id("output-0-0").first.bounding_box()
    assert first["y"] + first["height"] <= output["y"] < second["y"]
    assert output["y"] + output["height"] < 844


@pytest.mark.parametrize("path", ["Home", "Operator_family", "Quantization_error", "Gradients"])
def test_on_a_phone_no_number_of_an_output_is_cut_off(visit, path):
    for columns in (3, 4, 7):
        page = visit(f"{path.removeprefix('Home')}?lang=en&out={columns}", width=390, height=844)
        cut = page.locator(".roi-output button").evaluate_all(
            "(all) => all.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)"
        )
        assert cut == [], columns


# ---- the quiz -----------------------------------------------------------------------------------------------------

KEPT = "roialign-lab quiz 7"  # where the browser keeps the answers of those questions


def answer_question(page: Page, seed: int, key: str, right: bool) -> str:
    """Answer the open question; gives the reason of the choice."""
    asked = question(seed, key)
    choice = asked.right if right else (asked.right + 1) % 4
    expect(page.get_by_test_id("answer-0")).to_have_text(label_of(asked.choices[0]))
    page.get_by_test_id(f"answer-{choice}").click()
    reason = text_in("en")(asked.choices[choice].reason, **asked.values)
    expect(page.locator(".roi-verdict p")).to_have_text(plain(reason))
    return asked.choices[choice].reason.rpartition(".")[2]


def label_of(choice: Choice) -> str:
    text = text_in("en")
    return text(choice.label) if choice.label in text.entries else choice.label


def test_the_quiz_from_its_first_question_to_its_end_over_reloads_and_again_with_other_numbers(visit):
    """Every third answer is wrong, the last ones are left out; what is shown at the end is counted here again."""
    page, text = visit("Quiz?lang=en&seed=7"), text_in("en")
    wrong, place = [], {key: k for k, key in enumerate(KINDS, start=1)}
    for k, key in enumerate([*KINDS][:-1]):
        reason = answer_question(page, 7, key, right=k % 3 != 2)
        wrong += [(key, reason)] if k % 3 == 2 else []
        page.get_by_test_id("next-question").click()
        if k == 5:
            expect(page).to_have_url(re.compile("step=library"))
            page.reload()
            expect(page.locator(".roi-now b")).to_have_text("7")
            expect(page.get_by_test_id("score")).to_have_text("4 of the 6 answers were right.")
    page.get_by_test_id("step-half_iou").click()
    expect(page.get_by_test_id("next-question")).to_have_text("To the score →")
    page.get_by_test_id("next-question").click()

    def shows_the_end() -> None:
        expect(page.locator(".roi-sentence")).to_have_text("10 of the 14 answers were right.")
        found = misconceptions_in(wrong)
        assert sum(len(kinds) for kinds in found.values()) == 4
        rows = page.get_by_test_id("summary").locator("tbody tr")
        expect(rows).to_have_count(len(found))
        for row, (misconception, kinds) in zip(rows.all(), found.items(), strict=True):
            expect(row.locator("td").first).to_have_text(text(f"quiz.mend.{misconception.key}"))
            expect(row.get_by_role("button")).to_have_text(
                [f"{place[key]} {text(f'quiz.{key}.title')}" for key in kinds]
            )
        unanswered = page.get_by_test_id("unanswered").get_by_role("button")
        expect(unanswered).to_have_text(["15 trained", "16 no loss", "17 IoU"])

    shows_the_end()
    page.reload()
    shows_the_end()

    link = page.get_by_test_id("summary").get_by_role("link").filter(has_text="step").first
    step = parse_qs(urlsplit(link.get_attribute("href")).query)["step"]
    assert link.inner_text().endswith(page_step_title(link.get_attribute("href")))
    link.click()
    expect(page.locator("h1")).not_to_have_text(text("title.quiz"))
    expect(page).to_have_url(re.compile(f"step={step[0]}"))
    page.get_by_role("link", name=text("menu.quiz")).first.click()
    shows_the_end()

    page.get_by_test_id("open-learned_join").click()
    answer_question(page, 7, "learned_join", right=True)
    page.get_by_test_id("step-summary").click()
    expect(page.locator(".roi-sentence")).to_have_text("11 of the 15 answers were right.")
    expect(page.get_by_test_id("unanswered").get_by_role("button")).to_have_text(["16 no loss", "17 IoU"])
    page.get_by_test_id("other-questions").click()
    expect(page).to_have_url(re.compile("seed=8&step=snap"))
    expect(page.get_by_role("spinbutton", name=text("quiz.seed"))).to_have_value("8")
    answer_question(page, 8, "snap", right=True)
    expect(page.get_by_test_id("score")).to_have_text("One question answered, and rightly.")


@pytest.mark.parametrize(("step", "pressed", "then"), [("snap", "answer-0", "2"), ("all_read", "check", "17")])
def test_a_button_of_the_question_before_answers_no_other_question(visit, step, pressed, then):
    """The next question and the old button in one turn of the browser: until Python answers, the old one stands."""
    page = visit(f"Quiz?lang=en&seed=7&step={step}")
    stage = page.locator("[data-ack]")
    events = int(stage.get_attribute("data-ack") or 0)
    press = "(names) => names.forEach((name) => document.querySelector(`[data-testid=${name}]`).click())"
    page.evaluate(press, ["next-question", pressed])
    expect(stage).to_have_attribute("data-ack", str(events + 2))
    expect(page.locator(".roi-now b")).to_have_text(then)
    expect(page.get_by_test_id("score")).to_have_text("No question answered yet.")


def page_step_title(href: str) -> str:
    """The title of the step that a link opens."""
    path, step = urlsplit(href).path, parse_qs(urlsplit(href).query)["step"][0]
    kind = {"RoI_Pooling": "roi_pool", "RoI_Align": "roi_align", "Bilinear_interpolation": "bilinear"}[path]
    return text_in("en")(f"steps.{kind}.{step}.title")


def test_all_right_is_answered_with_a_friendly_sentence_and_the_keyboard_goes_through(visit):
    """The last two are answered by arrow keys: a corner is moved onto its cell, and the right side far to the left."""
    page = visit("Quiz?lang=en&seed=9")
    for key in KINDS:
        expect(page.get_by_test_id("answer-0")).to_be_enabled()
        page.get_by_test_id(f"answer-{question(9, key).right}").press("Enter")
        expect(page.get_by_role("status").filter(has_text=text_in("en")("quiz.right"))).to_be_visible()
        page.get_by_test_id("next-question").press("Enter")
    for grip, keys in (("nw", {"ArrowRight": 1, "ArrowUp": 3}), ("e", {"ArrowLeft": 47})):
        expect(page.get_by_test_id("box-move")).to_be_focused()
        tab_to(page, f"box-{grip}")
        for key, times in keys.items():
            for _ in range(times):
                page.keyboard.press(key)
        tab_to(page, "check")
        page.keyboard.press("Enter")
        expect(page.locator(".roi-verdict h4")).to_have_text("Right.")
        expect(page.get_by_test_id("next-question")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("friendly")).to_have_text(text_in("en")("quiz.summary.friendly"))
    expect(page.locator(".roi-sentence")).to_have_text("All 17 answers were right.")
    expect(page.get_by_test_id("summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("other-questions")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("answer-0")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("seed=10&step=cells"))


def tab_to(page: Page, name: str) -> None:
    """Press tab until an element has the keyboard."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.testid") == name:
            return
    raise AssertionError(f"tab does not come to {name}")


@pytest.mark.parametrize(
    "kept",
    [
        *("", "nonsense", "null", "[[]]", '"snap"', "{" * 5000, '{"snap":3,"cells":{"a":[]},"x":"<img src=x>"}'),
        '{"__proto__":{"snap":"7"},"constructor":"7","snap":"<script>alert(1)</script>"}',
    ],
)
def test_nonsense_that_the_browser_kept_changes_nothing(visit, kept):
    page = visit("Quiz?lang=en&seed=7&step=join")
    page.evaluate("([name, text]) => localStorage.setItem(name, text)", [KEPT, kept])
    page.reload()
    expect(page.get_by_test_id("score")).to_have_text("No question answered yet.")
    answer_question(page, 7, "join", right=True)
    expect(page.get_by_test_id("score")).to_have_text("One question answered, and rightly.")
    page.reload()
    expect(page.get_by_test_id("score")).to_have_text("One question answered, and rightly.")


IN_SIGHT = """() => ['sentence p:not(:empty)', 'map', 'answers', 'verdict', 'quiz-foot'].map((name) => {
  const { top, bottom, height } = document.querySelector(`.roi-${name}`).getBoundingClientRect();
  return height > 0 && top >= 0 && bottom <= innerHeight;
})"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_a_question_its_map_and_its_answers_are_on_one_screen_and_so_is_the_reveal(visit, language):
    """The answer with the longest reason to each kind of question; nothing is scrolled."""
    page = visit(f"Quiz?lang={language}&seed=12", width=390, height=844, has_touch=True, is_mobile=True)
    for key in KINDS:
        asked = question(12, key)
        expect(page.locator(".roi-now b")).to_have_text(str([*KINDS].index(key) + 1))
        expect(page.locator(".roi-unanswered")).to_have_count(1)
        assert page.evaluate(IN_SIGHT) == [True, True, True, False, True], key
        reasons = [text_in(language)(choice.reason, **asked.values) for choice in asked.choices]
        page.get_by_test_id(f"answer-{reasons.index(max(reasons, key=len))}").tap()
        expect(page.locator(".roi-unanswered")).to_have_count(0)
        asked_at, on_map, _, verdict, foot = page.evaluate(IN_SIGHT)
        assert asked_at and on_map and verdict and foot, key
        page.get_by_test_id("next-question").tap()
    page.get_by_test_id("step-summary").tap()
    expect(page.get_by_test_id("summary")).to_be_in_viewport()
