"""Present, for the lecture hall: larger than the page without, nothing cut, run by a clicker; and small screens."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import box_of, open_more
from tests.test_browser import PATHS, PLAIN

OLD = 1024, 768  # an old projector
HALLS = [(1280, 720), (1920, 1080)]
LARGEST = 1920, 1080
LEGIBLE = 24  # px on the largest screen
# Where so many maps, or maps of so many cells, stand beside each other that what is written on them cannot be larger:
SMALL_CELLS = {"image", "error", "gradients"}
# The numbers of a map that is there to drag on, beside a closer look where those that count are large:
OVERVIEW = {"bilinear": "roi-layer roi-number 0 "}

# Of every text that is seen: what it says, where it stands, its size on the screen.
TEXTS = """() => {
  const found = [];
  for (const node of document.querySelectorAll(".roi :is(.roi-bar, .roi-walk, .roi-floor) *")) {
    const words = [...node.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join(" ").trim();
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    if (!words || !box.width || style.fontSize === "0px" || node.matches("option, title")) continue;
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const scale = node.getScreenCTM?.().a ?? 1, role = node.closest("[data-role]")?.dataset.role ?? "";
    const place = [...document.querySelectorAll(".roi-place")].indexOf(node.closest(".roi-place"));
    const key = `${node.closest("[class^=roi-]").getAttribute("class")} ${place} ${words}`;
    found.push([key, role, parseFloat(style.fontSize) * scale]);
  }
  return found;
}"""
# What sticks out of the window, or has no room for its words.
CUT = """() => [...document.querySelectorAll(".roi *, .stMain :is(button, p, .stMarkdownEllipsis)")].filter((node) => {
  const box = node.getBoundingClientRect(), style = getComputedStyle(node);
  if (!box.width || !node.checkVisibility({ visibilityProperty: true })) return false;
  if (node.closest(".roi-map, .roi-skip")) return false;
  if (box.left < -1 || box.right > innerWidth + 1) return true;
  if (node.matches(".roi-rail span") && box.right > node.parentElement.getBoundingClientRect().right + 2) return true;
  return node.matches("button, a, p, h1, h3, h4, span, b, select, .stMarkdownEllipsis")
    && node.scrollWidth > node.clientWidth + 1 && style.overflowX !== "visible" && style.display !== "inline";
}).map((node) => node.outerHTML.slice(0, 120))"""
UNDER = """() => [...document.querySelectorAll(".roi-floor *")].filter((node) => !node.closest(".roi-map")
  && node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().bottom > innerHeight + 1)
  .map((node) => node.outerHTML.slice(0, 120))"""
SIZES = """(selector) => [...document.querySelectorAll(selector)].map((node) => node.getBoundingClientRect())
  .map(({ width, height }) => [width, height])"""


def settled(page: Page) -> Page:
    """The page when its words stand where they stay."""
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.wait_for_timeout(400)
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PATHS)
def test_the_lecture_hall_sees_all_of_the_stage_and_nothing_smaller(visit, name, language):
    path = f"{PATHS[name]}?lang={language}"
    usual, hall = visit(path), visit(f"{path}&present=1")
    for width, height in [OLD, *HALLS]:
        for page in (usual, hall):
            page.set_viewport_size({"width": width, "height": height})
            settled(page)
        assert hall.evaluate(CUT) == [] == hall.evaluate(UNDER), (width, height)
        if (width, height) == OLD:
            assert usual.evaluate(CUT) == []
            continue
        before, after = ({}, {})
        for sizes, page in ((before, usual), (after, hall)):
            for key, role, size in page.evaluate(TEXTS):
                sizes[key, role] = max(size, sizes.get((key, role), 0))
        assert set(before) & set(after), "the same words are in both"
        assert {text: size for text, size in after.items() if size < before.get(text, 0) - 0.1} == {}
        if (width, height) == LARGEST:
            small = {text: size for text, size in after.items() if size < LEGIBLE}
            small = {text: size for text, size in small.items() if not text[0].startswith(OVERVIEW.get(name, "none"))}
            assert {text: size for text, size in small.items() if not text[1] or name not in SMALL_CELLS} == {}
        maps = zip(usual.evaluate(SIZES, ".roi-panel > svg"), hall.evaluate(SIZES, ".roi-panel > svg"), strict=True)
        assert all(large[0] >= was[0] - 1 for was, large in maps)
        assert all(high >= 48 for _, high in hall.evaluate(SIZES, ".roi-output button"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("options", ["", "&present=1"])
def test_an_old_projector_shows_the_page_of_the_slides_uncut(visit, options, language):
    page = visit(f"{PLAIN}?lang={language}{options}", *OLD, stage=False)
    page.get_by_test_id("stCaptionContainer").first.wait_for()  # of the first preview
    assert settled(page).evaluate(CUT) == []


def test_a_clicker_goes_through_the_steps_and_on_to_the_next_page(visit):
    page = visit("RoI_Pooling?lang=en&present=1&step=max")
    press, heading, step = page.keyboard.press, page.locator("h1"), page.locator(".roi-now")
    expect(step).to_have_text("6 max")
    press("PageDown")
    expect(step).to_have_text("7 result")
    press("PageUp")
    expect(step).to_have_text("6 max")
    press("Space")
    expect(step).to_have_text("7 result")
    press("PageDown")
    expect(heading).to_have_text("RoI Align")
    expect(step).to_have_text("1 map & box")
    press("PageUp")
    expect(heading).to_have_text("RoI Pooling")
    expect(step).to_have_text("7 result")
    expect(page.get_by_test_id("present")).to_have_text("End")


def test_space_goes_on_where_present_was_clicked_with_the_mouse(visit):
    page = visit("RoI_Pooling?lang=en&step=snap")
    page.get_by_test_id("present").click()
    expect(page.get_by_test_id("present")).to_have_text("End")
    page.keyboard.press("Space")
    expect(page.locator(".roi-now")).to_have_text("4 split")
    expect(page.get_by_test_id("present")).to_have_text("End")


def test_a_clicker_goes_on_after_a_control_was_used_and_space_presses_what_the_keyboard_went_to(visit):
    page = visit("RoI_Pooling?lang=en&present=1&step=split")
    press, step = page.keyboard.press, page.locator(".roi-now b")
    page.get_by_test_id("output-0-0").click()
    for number in ("5", "6"):
        press("Space")
        expect(step).to_have_text(number)
    page.get_by_test_id("map-0").focus()
    page.get_by_test_id("map-0").select_option("counting")
    press("PageUp")
    expect(step).to_have_text("5")
    page.get_by_test_id("box-move").focus()
    press("PageDown")
    expect(step).to_have_text("6")
    page.get_by_test_id("output-1-0").focus()
    press("Space")
    expect(page).to_have_url(re.compile("bin=1(,|%2C)0"))
    expect(step).to_have_text("6")


def test_a_clicker_goes_from_the_photo_to_the_8x8_numbers_whatever_was_looked_at_before(visit):
    for path in ("Image_to_features?lang=en&present=1", "RoI_Pooling?lang=en&present=1&map=photo-16-vertical&step=map"):
        page = visit(path)
        if "Pooling" in path:
            page.keyboard.press("PageUp")
        expect(page.locator("h1")).to_have_text("Image to features")
        page.keyboard.press("PageDown")
        expect(page.locator(".roi-now")).to_have_text("1 map & box")
        expect(page).to_have_url(re.compile("map=animation"))
        assert box_of(page) == (0.55, 2.7, 6.35, 7.4)


def test_a_clicker_passes_over_what_is_further_and_comes_back_the_same_way(visit):
    page = visit("A_trained_network?lang=en&present=1")
    heading = page.locator("h1")
    page.keyboard.press("PageDown")
    expect(heading).to_have_text("Predict, then reveal")
    page.keyboard.press("PageUp")
    expect(heading).to_have_text("A trained network")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("next-page")).to_have_text("Next: Family →")
    expect(page.get_by_test_id("next-quiz")).to_be_visible()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize(("width", "height"), HALLS)
def test_all_that_the_plan_of_a_lecture_asks_for_is_there_while_presenting(visit, language, scheme, width, height):
    def presented(path):
        window = {"width": width, "height": height, "color_scheme": scheme}
        return settled(visit(f"{path}?lang={language}&present=1", **window))

    def all_in_sight(page):
        assert page.evaluate(CUT) == [] == page.evaluate(UNDER)

    page = presented("")
    photo, ask = page.get_by_test_id("stakes"), page.get_by_test_id("stakes-open")
    expect(photo).to_be_hidden()
    ask.click()
    expect(photo.locator("svg")).to_be_visible()
    all_in_sight(page)
    ask.click()
    expect(photo).to_be_hidden()
    page.get_by_test_id("nudge").click()
    expect(page.get_by_test_id("trail")).to_contain_text("-0.21")
    all_in_sight(page)

    page = presented("Image_to_features")
    for stride in ("4", "32"):
        page.get_by_test_id("photo-0").select_option(stride)
        expect(page).to_have_url(re.compile(f"map=photo-{stride}-vertical"))
        expect(page.locator(".roi-formula")).to_contain_text("px")
    all_in_sight(page)

    page = presented("Quantization_error")
    for side in ("x1", "x2", "y1"):  # what is said where no line jumps is longest
        page.get_by_test_id(f"side-{side}").click()
        expect(page).to_have_url(re.compile(f"side={side}"))
        all_in_sight(page)

    page = presented("RoI_Pooling")
    page.get_by_test_id("map-0").select_option("counting")
    expect(page).to_have_url(re.compile("map=counting"))
    page.get_by_test_id("map-0").select_option("animation")
    expect(page).to_have_url(re.compile("map=animation"))

    page = presented("Quiz")
    page.get_by_test_id("share").click()
    expect(page.get_by_test_id("share-code")).to_have_attribute("src", re.compile("^data:image/svg"))
    expect(page.get_by_test_id("share-link")).not_to_have_value(re.compile("present"))  # a class sees the usual page
    page.keyboard.press("Escape")  # closes the dialog, and no more
    expect(page.get_by_test_id("share-dialog")).to_be_hidden()
    expect(page.locator(".roi-present")).to_be_visible()


def test_the_first_page_has_none_before_it_and_slides_are_passed_over(visit):
    page = visit("Gradients?lang=en&present=1")
    page.keyboard.press("PageDown")
    expect(page.locator("h1")).to_have_text("Predict, then reveal")
    page = visit("?lang=en&present=1")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageDown")
    expect(page.locator("h1")).to_have_text("Image to features")


@pytest.mark.parametrize(
    ("language", "before", "after"), [("en", "Previous page", "Next page"), ("zh", "上一页", "下一页")]
)
def test_a_hand_without_a_clicker_turns_the_pages_too(visit, language, before, after):
    page = visit(f"?lang={language}&present=1", width=OLD[0], height=OLD[1])
    back, on = (page.get_by_role("button", name=name, exact=True) for name in (before, after))
    expect(back).to_be_disabled()
    assert all(min(size) >= 44 for size in page.evaluate(SIZES, ".roi-pages button"))
    on.click()
    expect(page.get_by_test_id("position")).to_have_text("2 / 10")
    on.click()
    expect(page.locator(".roi-now b")).to_have_text("1")
    back.click()
    expect(page.get_by_test_id("position")).to_have_text("2 / 10")
    expect(page.locator(".roi-present")).to_be_visible()
    page.get_by_test_id("present").click()
    expect(back).to_have_count(0)


def test_a_clicker_means_nothing_outside_the_lecture_hall(visit):
    page = visit("RoI_Pooling?lang=en&step=max")
    for key in ("PageDown", "Space", "b", "s"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    expect(page.locator(".roi-now")).to_have_text("6 max")
    expect(page.get_by_test_id("blank")).to_have_count(0)
    expect(page.get_by_test_id("spot")).to_have_count(0)


def test_b_blanks_the_screen_and_the_next_key_only_shows_it_again(visit):
    page = visit("RoI_Pooling?lang=en&present=1&step=max")
    page.keyboard.press("b")
    blank = page.get_by_test_id("blank")
    assert blank.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    page.keyboard.press("PageDown")
    expect(blank).to_have_count(0)
    expect(page.locator(".roi-now")).to_have_text("6 max")


def test_a_spotlight_stands_where_the_pointer_is_and_lets_it_through(visit):
    page = visit("RoI_Align?lang=en&present=1")
    page.keyboard.press("s")
    page.mouse.move(300, 200)
    spot = page.get_by_test_id("spot")
    assert spot.evaluate("node => [node.style.getPropertyValue('--x'), node.style.getPropertyValue('--y')]") == [
        "300px",
        "200px",
    ]
    page.get_by_test_id("join-max").click()
    expect(page).to_have_url(re.compile("join=max"))
    page.keyboard.press("s")
    expect(spot).to_have_count(0)


def test_escape_and_the_button_end_it_and_few_controls_stay(visit):
    page = visit("RoI_Align?lang=en&present=1")
    expect(page.get_by_test_id("samples-3")).to_be_visible()
    expect(page.get_by_test_id("origin-legacy")).to_be_visible()
    expect(page.get_by_test_id("out-0")).to_have_count(0)
    expect(page.get_by_test_id("figure-png")).to_have_count(0)
    expect(page.get_by_role("button", name="Samples as CSV")).to_have_count(0)
    page.keyboard.press("Escape")
    open_more(page)
    expect(page.get_by_test_id("out-0")).to_be_visible()
    expect(page).not_to_have_url(re.compile("present"))
    page.get_by_test_id("present").click()
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")  # as the browser does on Esc
    expect(page.get_by_test_id("out-0")).to_be_visible()


# Of every element: where it begins, and how many lines it takes.
LEFTS = "nodes => nodes.map((node) => Math.round(node.getBoundingClientRect().left))"
LINES = """nodes => nodes.map((node) => new Set([...node.getClientRects()].map(({ top }) => Math.round(top))).size)"""
# How far the number of each output stays away from the nearest side of its cell.
CLEAR = """() => [...document.querySelectorAll(".roi-output:not(.roi-fine-output) button")].map((button) => {
  const range = document.createRange(), cell = button.getBoundingClientRect();
  range.selectNodeContents(button);
  const text = range.getBoundingClientRect();
  return Math.min(text.left - cell.left, cell.right - text.right);
})"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["pool", "align", "bilinear"])
def test_the_names_of_the_steps_stand_on_one_line_and_stay_where_they_are(visit, name, language):
    page = visit(f"{PATHS[name]}?lang={language}")
    for present in ("", "&present=1"):
        for width, height in [OLD, *HALLS]:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(page.url.split("?")[0] + f"?lang={language}{present}")
            names = settled(page).locator(".roi-rail span")
            names.first.wait_for()
            assert set(names.evaluate_all(LINES)) == {1}, (width, present)
            steps = page.locator(".roi-rail li")
            at_first = steps.evaluate_all(LEFTS)
            page.get_by_test_id("step-next").click()
            expect(page.locator(".roi-now b")).to_have_text("2")
            assert steps.evaluate_all(LEFTS) == at_first


@pytest.mark.parametrize("name", ["home", "family", "error", "gradients"])
def test_outputs_in_a_lecture_hall_do_not_touch_their_frames(visit, name):
    page = visit(f"{PATHS[name]}?lang=en&present=1")
    for width, height in [OLD, *HALLS]:
        page.set_viewport_size({"width": width, "height": height})
        distances = settled(page).evaluate(CLEAR)
        assert distances and min(distances) >= 6, (width, distances)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_controls_of_roi_align_stand_above_the_lower_edge_of_an_old_projector(visit, language):
    page = visit(f"RoI_Align?lang={language}&step=join", width=OLD[0], height=OLD[1])
    controls = page.locator(".roi-controls")
    for step in ("project", "neighbors", "join"):
        page.get_by_test_id(f"step-{step}").click()
        place = settled(page).locator(".roi-controls").bounding_box()
        assert place["y"] + place["height"] <= OLD[1], step
    cards = [page.locator(f".roi-{name}").bounding_box() for name in ("join", "sliders", "panel", "detail")]
    join, sliders, panel, detail = cards
    assert join["y"] >= panel["y"] + panel["height"] and join["x"] + join["width"] < sliders["x"] < detail["x"]
    expect(controls).to_be_visible()


def test_the_bar_of_the_trained_networks_is_one_line_and_maps_side_by_side_are_level(visit):
    page = visit("A_trained_network?lang=en&present=1")
    middles = [
        place["y"] + place["height"] / 2
        for place in (page.locator(name).bounding_box() for name in ("h1", "[data-testid=present]"))
    ]
    assert abs(middles[0] - middles[1]) < 10
    page = visit("Image_to_features?lang=en&present=1")
    tops = {round(node.bounding_box()["y"]) for node in page.locator(".roi-panel > svg").all()}
    assert len(tops) == 1


def test_a_lecturer_chooses_the_operators_of_the_family_while_presenting(visit):
    page = visit("Operator_family?lang=en&present=1")
    page.get_by_test_id("right-0").select_option("precise_roi_pool")
    expect(page).to_have_url(re.compile("right=precise_roi_pool"))
    expect(page.get_by_test_id("answer_split-0")).to_have_count(0)


def test_the_channel_of_the_trained_networks_is_there_where_it_is_seen(visit):
    page = visit("A_trained_network?lang=en")
    expect(page.get_by_test_id("drawn-2")).to_be_hidden()
    page.get_by_test_id("seen-features").click()
    expect(page.get_by_test_id("drawn-2")).to_be_visible()
    page.get_by_test_id("drawn-2").select_option("3")
    expect(page).to_have_url(re.compile("map=drawn-[0-9]+-[0-9]+-3"))
    page.get_by_test_id("seen-picture").click()
    expect(page.get_by_test_id("drawn-2")).to_be_hidden()
    page.get_by_test_id("drawn-0").select_option("4")  # takes the channel along
    expect(page).to_have_url(re.compile("map=drawn-4-[0-9]+-3"))


# ---- a phone, a tablet, paper -------------------------------------------------------------------------------------

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PATHS)
def test_on_a_phone_a_map_comes_first_and_its_output_is_in_sight(visit, name, language):
    page = settled(visit(f"{PATHS[name]}?lang={language}", **PHONE))
    top = min(node.bounding_box()["y"] for node in page.locator("svg.roi-map").all())
    bottom = PHONE["height"]
    assert top <= 160 or name == "quiz"  # where the question comes first
    for output in page.locator(".roi-outputs").all():
        place = output.bounding_box()
        assert place is None or place["y"] + place["height"] <= bottom
    for grip in page.locator(".roi-panel:not(.roi-loupe) .roi-hit").all():
        place = grip.bounding_box()
        assert min(place["width"], place["height"]) >= 43.9
    expect(page.get_by_test_id("present")).to_be_hidden()
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")


@pytest.mark.parametrize("name, least", [("align", 500), ("error", 360), ("home", 360)])
def test_a_tablet_shows_large_maps_above_all_else(visit, name, least):
    page = settled(visit(f"{PATHS[name]}?lang=en", width=820, height=1180))
    maps = [node.bounding_box() for node in page.locator(".roi-panel > svg").all()]
    assert all(place["width"] >= least for place in maps)
    for below in page.locator(".roi-chart, .roi-sentence").all():
        assert below.bounding_box()["y"] > maps[0]["y"] + maps[0]["height"]


def test_paper_has_the_stage_and_nothing_to_press(visit):
    page = settled(visit("RoI_Align?lang=en", width=794, height=1123))  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    for gone in ("share", "present", "lang-zh", "join-max", "step-next", "figure-png", "box-x1"):
        expect(page.get_by_test_id(gone)).to_be_hidden()
    assert page.locator(".roi-panel > svg").bounding_box()["width"] > 400
    expect(page.get_by_test_id("output-0-0")).to_be_visible()
    expect(page.get_by_test_id("step-join")).to_be_visible()


def test_the_end_of_the_quiz_has_no_next_question(visit):
    page = visit("Quiz?lang=en")
    onward = page.get_by_test_id("next-question")
    expect(onward).to_be_enabled()
    page.get_by_test_id("step-last").click()
    expect(onward).to_have_count(0)


def test_the_number_beside_a_map_says_what_it_is(visit):
    page = visit("RoI_Align?lang=en&map=random-8x8-7")
    expect(page.locator(".roi-control-map")).to_contain_text("seed")
    open_more(page)
    page.get_by_test_id("map-0").select_option("animation")
    expect(page.get_by_test_id("map-seed")).to_be_hidden()
    expect(page.locator(".roi-control-map .roi-label")).to_be_hidden()


@pytest.mark.parametrize("name", ["pool", "align", "bilinear"])
def test_on_a_phone_a_finger_finds_each_step_and_the_name_of_the_open_one_is_read(visit, name):
    page = settled(visit(f"{PATHS[name]}?lang=en", **PHONE))
    boxes = [step.bounding_box() for step in page.locator(".roi-rail button").all()]
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    page.locator(".roi-rail button").nth(2).click()
    expect(page.locator(".roi-now span")).to_be_visible()
    assert len(page.locator(".roi-rail span:visible").all()) == 1


@pytest.mark.parametrize("name", ["home", "network", "gradients", "quiz"])
def test_on_a_phone_the_menu_shows_which_page_is_open(visit, name):
    page = settled(visit(f"{PATHS[name]}?lang=en", **PHONE))
    place = page.locator(".roi-menu [aria-current=page]").bounding_box()
    assert place["x"] >= 0 and place["x"] + place["width"] <= PHONE["width"]
