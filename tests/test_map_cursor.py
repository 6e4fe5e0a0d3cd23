"""What of a map the keyboard reaches besides the box: every ×, and the answer to every prediction."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.test_accessibility import SERIOUS, tab_to

SAMPLES = (  # of RoI Align's box: y, x and value of each × of the bins in the upper row
    "Bin ①, sample 1 of 4, (y, x) = (3.288, 1.275), value 0.432",
    "Bin ①, sample 2 of 4, (y, x) = (3.288, 2.725), value 0.778",
    "Bin ②, sample 1 of 4, (y, x) = (3.288, 4.175), value 0.491",
    "Bin ②, sample 2 of 4, (y, x) = (3.288, 5.625), value 0.729",
)


def press(page: Page, keys: str) -> None:
    """Keys with a space between them; `Down*3` is pressed three times."""
    for key in keys.split():
        name, _, times = key.partition("*")
        for _ in range(int(times or 1)):
            page.keyboard.press(f"Arrow{name}" if name in ("Up", "Down", "Left", "Right") else name)


def says(page: Page, text: str) -> None:
    expect(page.get_by_test_id("map-cursor")).to_have_attribute("aria-valuetext", text)


# ---- every × ------------------------------------------------------------------------------------------------------


def test_arrow_keys_go_from_cross_to_cross_and_say_what_is_there(visit):
    page = visit("RoI_Align?lang=en&step=values")
    cursor = page.get_by_test_id("map-cursor")
    tab_to(page, cursor)
    expect(cursor).to_have_attribute("aria-label", "Sample points: arrow keys go from × to ×, Enter keeps one")
    says(page, "Bin ②, sample 3 of 4, (y, x) = (4.463, 4.175), value 0.360")
    press(page, "Up")
    says(page, SAMPLES[2])
    press(page, "Right")
    says(page, SAMPLES[3])
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ②, sample 2 of 4")
    press(page, "Right")  # there is none further right
    says(page, SAMPLES[3])
    press(page, "Left*3")
    says(page, SAMPLES[0])
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ①, sample 1 of 4")
    expect(page.locator(".roi-chosen .roi-cross")).to_have_attribute("d", re.compile(r"^M(?:11\d|12\d)"))
    ring = page.locator(".roi-cursor-ring").first
    assert (float(ring.get_attribute("cx")), float(ring.get_attribute("cy"))) == pytest.approx((127.5, 328.8), abs=0.1)
    assert ring.evaluate("node => [getComputedStyle(node).opacity, getComputedStyle(node).strokeWidth]") == ["1", "3px"]


def test_enter_keeps_a_cross_and_leaving_goes_back_to_it(visit):
    page = visit("RoI_Align?lang=en&step=values")
    tab_to(page, page.get_by_test_id("map-cursor"))
    title = page.locator(".roi-detail h4")
    press(page, "Left Enter")
    expect(title).to_have_text("Bin ①, sample 4 of 4")
    expect(page).to_have_url(re.compile(r"bin=0(,|%2C)0(,|%2C)3"))
    press(page, "Up")
    expect(title).to_have_text("Bin ①, sample 2 of 4")
    press(page, "Tab")
    expect(title).to_have_text("Bin ①, sample 4 of 4")


def test_no_value_is_said_before_it_is_shown_and_where_no_cross_is_the_key_does_not_stop(visit):
    page = visit("RoI_Align?lang=en&step=samples")
    cursor = page.get_by_test_id("map-cursor")
    says(page, "Bin ②, sample 3 of 4, (y, x) = (4.463, 4.175)")
    page.get_by_test_id("step-bins").click()
    expect(cursor).to_be_hidden()
    page = visit("RoI_Pooling?lang=en&step=max")
    expect(page.get_by_test_id("map-cursor")).to_be_hidden()


def test_the_walk_does_not_turn_while_a_cross_is_chosen(visit):
    page = visit("RoI_Align?lang=zh&step=values")
    tab_to(page, page.get_by_test_id("map-cursor"))
    press(page, "Right Left Left")
    expect(page.locator(".roi-now")).to_have_text("6 采样值")


def test_where_operators_stand_side_by_side_each_map_with_crosses_has_its_own(visit):
    page = visit("?lang=en")
    pooling, align = page.get_by_test_id("map-cursor").all()
    expect(pooling).to_be_hidden()
    tab_to(page, align)
    before = align.get_attribute("aria-valuetext")
    press(page, "Up Left")
    expect(align).not_to_have_attribute("aria-valuetext", before)
    expect(align).to_have_attribute("aria-valuetext", re.compile(r"^Bin ①, sample \d of 4, \(y, x\) = \(\d\.\d{3}, "))


# ---- predictions --------------------------------------------------------------------------------------------------


def predict(page: Page) -> None:
    """Switch predictions on by the keyboard: the cursor has the keys then."""
    tab_to(page, page.get_by_test_id("step-predict"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("map-cursor")).to_be_focused()


def told(page: Page, sentence: str) -> None:
    expect(page.get_by_test_id("verdict")).to_contain_text(sentence)
    expect(page.get_by_test_id("step-next")).to_be_focused()  # Enter goes on


def ask_again(page: Page) -> None:
    for _ in range(2):  # off, and on
        page.get_by_test_id("step-predict").focus()
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("map-cursor")).to_be_focused()


def test_the_keyboard_goes_from_question_to_question(visit):
    page = visit("RoI_Pooling?lang=en&step=snap")
    predict(page)
    cursor, sentence = page.get_by_test_id("map-cursor"), page.locator(".roi-sentence p")
    expect(cursor).to_have_attribute(
        "aria-label", re.compile("begin\\? Tap the cell in its top left corner. Arrow keys move")
    )
    says(page, "row 5, column 3: 0.13")  # the middle of the box
    press(page, "Up*2 Left*2 Enter")
    told(page, "Right: y1 = 2.70 rounds to 3 and x1 = 0.55 to 1, so the region begins in row 3, column 1.")
    press(page, "Enter")
    expect(sentence).to_contain_text("are to become 2×2 bins")
    press(page, "Enter")
    expect(sentence).to_contain_text("The second rounding")
    press(page, "Enter")
    expect(sentence).to_contain_text("which cell of bin ② does RoI Pooling keep?")
    expect(cursor).to_be_focused()
    press(page, "Up Enter")
    told(page, "No: row 3, column 5 holds 0.7500.")
    page.get_by_test_id("step-back").focus()
    press(page, "Enter")
    expect(page.get_by_test_id("step-back")).to_be_focused()  # nothing is asked there
    page.get_by_test_id("step-next").focus()
    press(page, "Enter")
    expect(cursor).to_be_focused()
    page.get_by_test_id("show").focus()
    press(page, "Enter")
    expect(page.get_by_test_id("step-next")).to_be_focused()
    expect(sentence).to_contain_text("only the largest counts")


def test_the_largest_cell_by_keyboard(visit):
    page = visit("RoI_Pooling?lang=en&step=max")
    predict(page)
    cursor = page.get_by_test_id("map-cursor")
    label = "Predict: which cell of bin ② does RoI Pooling keep? Tap it on the map. Arrow keys move, Enter marks."
    expect(cursor).to_have_attribute("aria-label", label)
    says(page, "row 4, column 5: 0.03")  # the middle of the bin
    press(page, "Up Enter")
    told(page, "No: row 3, column 5 holds 0.7500.")
    ask_again(page)
    says(page, "row 4, column 5: 0.03")
    press(page, "Down Right")
    says(page, "row 5, column 6: 0.96")
    press(page, "Enter")
    told(page, "Right: row 5, column 6 holds 0.9600")


def test_the_third_sample_by_keyboard(visit):
    page = visit("RoI_Align?lang=en&step=samples")
    for side, value in zip(("x1", "y1", "x2", "y2"), ("0", "0", "8", "8"), strict=True):
        page.get_by_test_id(f"box-{side}").fill(value)
    predict(page)  # bins of 4×4 cells: from the middle of bin ②, (2, 6), to its third × at (3, 5)
    says(page, "(y, x) = (2.00, 6.00)")
    press(page, "Down*2 Alt+ArrowDown Left*4")
    says(page, "(y, x) = (2.55, 5.00)")
    press(page, "Down Enter")
    told(page, "Right: × 3 of bin ② is at (y, x) = (3.000, 5.000)")
    ask_again(page)
    press(page, "Up*4 Right*4 Enter")
    told(page, "No: that is where × 2 goes.")


def test_the_neighbours_by_keyboard(visit):
    page = visit("RoI_Align?lang=en&step=neighbors")
    predict(page)
    says(page, "row 3, column 4: 0.29")
    press(page, "Enter")
    says(page, "row 3, column 4: 0.29, marked")
    press(page, "Right Enter")
    says(page, "row 3, column 5: 0.75, marked")
    press(page, "Enter")  # taken back
    says(page, "row 3, column 5: 0.75")
    press(page, "Left Left Enter Down Enter Right Enter")
    told(page, "Right: rows 3, 4, columns 3, 4.")
    ask_again(page)
    press(page, "Enter Up Enter Up Enter Up Enter")
    told(page, "1 of 4 found.")


def test_the_largest_value_by_keyboard(visit):
    page = visit("RoI_Align?lang=en&step=join")
    predict(page)
    says(page, "Bin ②, sample 1 of 4, (y, x) = (3.288, 4.175)")  # and no value: it would tell
    press(page, "Down Left Enter")  # the × further left is another bin's
    told(page, "No: × 3 reads 0.360, less than the mean of 0.4182, so it pulls the mean down.")
    ask_again(page)
    press(page, "Right Enter")
    told(page, "Right")


def test_a_prediction_that_is_opened_by_the_pointer_leaves_the_focus_to_it(visit):
    page = visit("RoI_Align?lang=en&step=neighbors")
    page.get_by_test_id("step-predict").click()
    expect(page.get_by_test_id("map-cursor")).not_to_be_focused()


@pytest.mark.parametrize("step", ["snap", "max", "neighbors"])
def test_axe_finds_nothing_serious_while_a_prediction_is_open(visit, step):
    page = visit(
        f"{'RoI_Align' if step == 'neighbors' else 'RoI_Pooling'}?lang=en&step={step}", reduced_motion="reduce"
    )
    predict(page)
    found = [rule["id"] for rule in Axe().run(page).response["violations"] if rule["impact"] in SERIOUS]
    assert found == []
