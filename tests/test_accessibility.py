"""The lesson for everybody: axe-core on every page in both themes, by keyboard alone, at 200 %, without motion."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from roialign_core import ROI_ALIGN, ROI_POOL, trace_point
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.lesson.quiz import question
from roialign_lab.lesson.text import text_in
from roialign_lab.stage.page import FURTHER
from tests.test_browser import COUNT_MOVES, PATHS, PLAIN, box_of, drag, expected, shows

TEXT = text_in("en")
SERIOUS = ("serious", "critical")
DARK = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(15, 23, 32)'"


@pytest.mark.parametrize("path", [*PATHS.values(), PLAIN])
def test_axe_finds_nothing_serious_in_either_theme(visit, path):
    page = visit(f"{path}?lang=en", stage=path != PLAIN, reduced_motion="reduce")
    if path == PLAIN:  # its previews come later than the page, with a title each
        page.get_by_test_id("stCaptionContainer").first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(DARK if scheme == "dark" else f"!({DARK})()")
        page.wait_for_timeout(400)  # the rest of the page follows the theme
        report = Axe().run(page).response
        assert report["passes"], "axe looked at something"
        found = [
            (rule["id"], node["target"], node["any"][0]["message"] if node["any"] else rule["help"])
            for rule in report["violations"]
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]
        assert found == [], scheme


def test_axe_would_find_a_grey_word_and_a_nameless_button(visit):
    page = visit("RoI_Align?lang=en&step=join")
    page.evaluate(
        """() => document.querySelector(".roi").insertAdjacentHTML("beforeend",
             "<p style='color: #ccc; background: #fff'>faint</p><button></button>")"""
    )
    found = {rule["id"] for rule in Axe().run(page).response["violations"] if rule["impact"] in SERIOUS}
    assert found == {"color-contrast", "button-name"}


def tab_to(page: Page, wanted: Locator, back: bool = False) -> None:
    """Press the tab key until that element has the focus."""
    wanted.wait_for()
    for _ in range(150):
        if wanted.evaluate("node => node === document.activeElement || node.contains(document.activeElement)"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the tab key never comes to {wanted}")


def go(page: Page, name: str) -> None:
    """Follow a link of the menu."""
    if name in FURTHER:
        tab_to(page, page.get_by_test_id("further"))
        page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name=TEXT(f"menu.{name}"), exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(TEXT(f"title.{name}"))


def test_the_whole_lesson_by_keyboard_alone(visit):
    page = visit("?lang=en")
    press = page.keyboard.press

    tab_to(page, page.get_by_test_id("box-move").first)
    press("ArrowRight")
    shows(page, expected(ROI_POOL, box_of(page)))

    go(page, "image")
    tab_to(page, page.get_by_test_id("box-move").first)
    before = box_of(page)
    press("ArrowRight")
    expect(page.get_by_test_id("box-x1")).not_to_have_value(f"{before[0]:g}")
    tab_to(page, page.get_by_test_id("next-roi_pooling"))  # with the photo's map
    press("Enter")
    expect(page.locator("h1")).to_have_text("RoI Pooling")
    tab_to(page, page.get_by_test_id("map-0").first)
    press("8")  # a menu goes to what begins so
    expect(page).to_have_url(re.compile("map=animation"))
    expect(page.locator(".roi-now")).to_have_text("1 map & box")
    tab_to(page, page.get_by_test_id("step-next"))
    press("Enter")
    press("Enter")
    expect(page.locator(".roi-now")).to_have_text("3 snap")
    shows(page, [["?", "?"], ["?", "?"]])  # not explained yet
    tab_to(page, page.get_by_test_id("step-last"))
    press("Enter")
    shows(page, expected(ROI_POOL, box_of(page)))

    go(page, "roi_align")
    tab_to(page, page.get_by_test_id("skip"))
    press("Enter")  # to the picture
    tab_to(page, page.get_by_test_id("step-last"), back=True)
    press("Enter")
    tab_to(page, page.get_by_test_id("box-se"))
    press("ArrowRight")
    press("Shift+ArrowDown")
    tab_to(page, page.get_by_test_id("output-1-0"))
    press("Enter")
    expect(page.locator(".roi-detail h4")).to_contain_text("Bin ③")
    shows(page, expected(ROI_ALIGN, box_of(page)))
    tab_to(page, page.get_by_test_id("figure-svg"))
    with page.expect_download() as kept:
        press("Enter")
    assert kept.value.suggested_filename == "roi-align-result.svg"
    tab_to(page, page.get_by_test_id("share"), back=True)
    press("Enter")
    expect(page.get_by_test_id("share-code")).to_be_visible()
    press("Escape")
    expect(page.get_by_test_id("share-code")).to_be_hidden()

    go(page, "bilinear")
    tab_to(page, page.get_by_test_id("point-move"))
    press("ArrowRight")
    y, x = (float(page.get_by_test_id(f"point-{axis}").input_value()) for axis in "yx")
    tab_to(page, page.get_by_test_id("step-sum"), back=True)
    press("Enter")
    expect(page.locator(".roi-formula")).to_have_text(re.compile(f"[=≈] {trace_point(ANIMATION_MAP, y, x).value:.4f}$"))

    go(page, "quantization")
    tab_to(page, page.get_by_test_id("box-x1"))
    press("ArrowRight")
    shows(page, expected(ROI_ALIGN, box_of(page)), nth=1)

    go(page, "family")
    tab_to(page, page.get_by_test_id("right-0"))
    page.keyboard.type("RoI Warp")
    expect(page).to_have_url(re.compile("right=roi_warp"))

    go(page, "gradients")
    tab_to(page, page.get_by_test_id("cell-all"))
    press("Enter")
    expect(page).to_have_url(re.compile("cell=all"))

    go(page, "slides")
    tab_to(page, page.get_by_role("button", name="Make it"))
    press("Enter")
    tab_to(page, page.get_by_role("button", name="Download lesson.pptx"))
    with page.expect_download() as kept:
        press("Enter")
    assert kept.value.suggested_filename == "lesson.pptx"

    go(page, "quiz")
    tab_to(page, page.get_by_test_id(f"answer-{question(1, 'snap').right}"))
    press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Right")


@pytest.mark.parametrize("path", PATHS.values())
def test_what_a_person_takes_hold_of_is_five_keys_from_the_top(visit, path):
    page = visit(f"{path}?lang=en")
    held = "document.activeElement?.closest('[data-grip], [data-testid^=answer-]') !== null"
    # Streamlit's Stop, which comes and goes while a page is made; where it has gone, nothing (the body) has the focus.
    passing = "document.activeElement.matches('body, [data-testid=stStatusWidget] *')"
    keys = 0
    page.get_by_test_id("stStatusWidget").wait_for(state="hidden")
    for _ in range(8):
        page.keyboard.press("Tab")
        keys += not page.evaluate(passing)
        if page.evaluate("document.activeElement?.dataset.testid") == "skip":
            page.keyboard.press("Enter")
            assert page.evaluate(held) and keys < 5
            return
    raise AssertionError("no skip link")


@pytest.mark.parametrize("path", PATHS.values())
def test_nothing_is_cut_off_at_200_per_cent(visit, path):
    """A window of 1280×720 at 200 % is one of 640×360: one column, everything can be scrolled to and used."""
    page = visit(f"{path}?lang=en", width=640, height=360, device_scale_factor=2)
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".roi button, .roi input, .roi a, .roi p, .roi h1, .roi h2, .roi h4")]
             .map((node) => [node.getBoundingClientRect(), node.outerHTML.slice(0, 80)])
             .filter(([at]) => at.width && (at.left < -1 || at.right > innerWidth + 1)).map(([, html]) => html)"""
    )
    assert cut == []


def test_the_box_is_dragged_at_200_per_cent(visit):
    page = visit("RoI_Align?lang=en&step=join", width=640, height=360, device_scale_factor=2)
    page.get_by_test_id("box-move").scroll_into_view_if_needed()
    before = box_of(page)
    drag(page, "box-move", 30, 10)
    assert box_of(page) != before
    shows(page, expected(ROI_ALIGN, box_of(page)))


def test_reduced_motion_is_honoured(visit):
    page = visit("RoI_Align?lang=en&step=values", reduced_motion="reduce")
    page.evaluate(COUNT_MOVES)
    page.get_by_test_id("step-join").click()
    expect(page.get_by_test_id("output-0-1")).to_have_text("0.4182")
    assert page.evaluate("moves") == []
    assert page.locator(".roi-layer").first.evaluate("node => getComputedStyle(node).transitionDuration") == "0s"
    moving = visit("RoI_Align?lang=en&step=join", reduced_motion="no-preference")
    assert moving.locator(".roi-layer").first.evaluate("node => getComputedStyle(node).transitionDuration") != "0s"
