"""The two questions that are answered by a box: which boxes are right, what is told of the others, what is kept."""

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from roialign_core.geometry import iou
from roialign_lab.lesson.box_tasks import TASKS, box_of_text, grade
from roialign_lab.lesson.quiz import NO_CHOICE, STEPS, question
from roialign_lab.lesson.quiz_progress import QuizProgress
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, plain, text_in
from roialign_lab.stage import answer
from roialign_lab.stage import page as stage_page
from roialign_lab.stage.payload import payload

MAP = "random-8x8-1"
SEEDS = range(300)


def told(key, *box, language="en"):
    """What is said of a box when it is checked."""
    grading = grade(key, replace(Scenario(map=MAP), box=box))
    return grading.is_right, plain(text_in(language)(f"quiz.{key}.{grading.reason}", **grading.values))


def test_a_left_or_upper_side_that_is_rounded_up_loses_what_lies_before_it():
    """5.2 - 1.6 = 3.6 and 6.1 - 2.7 = 3.4 cells; of those 3.2 × 3.1 lie from 2 and 3 on, and 9.92 / 12.24 is 81%."""
    assert told("all_read", 1.6, 2.7, 5.2, 6.1) == (
        False,
        "19% of the box is lost. x1 = 1.60 is rounded up to 2, y1 = 2.70 to 3: what lies left of that or above it is "
        "never read. IoU 0.54.",  # 9.92 / (12.24 + 4 × 4 - 9.92)
    )
    assert told("all_read", 1.6, 2.0, 5.0, 6.0) == (
        False,  # 0.4 of 3.4 columns
        "12% of the box is lost. Its left side, x1 = 1.60, is rounded up to 2: what lies left of that is never read. "
        "IoU 0.56.",
    )
    assert told("all_read", 1.4, 2.5, 5.0, 6.0, language="zh") == (
        False,  # 0.5 of 3.5 rows
        "框丢了 14%。上边 y1 = 2.50 向上取整到 3，它上方的部分没有读到。IoU 是 0.50。",
    )
    assert told("all_read", 2.6, 3.0, 2.65, 5.0)[1].startswith("100% of the box is lost.")


@pytest.mark.parametrize(
    "box, match",
    [
        ((1, 2, 5, 6), "0.64"),  # on the grid: 4 × 4 of 5 × 5
        ((1.49, 2.0, 5.5, 6.49), "0.60"),  # 4.01 × 4.49 of 6 × 5
        ((0, 0, 8, 8), "0.79"),  # 64 / 81
    ],
)
def test_nothing_is_lost_where_neither_is_rounded_up(box, match):
    is_right, words = told("all_read", *box)
    assert is_right and words.endswith(f"below 1: here {match}.")


def test_little_is_not_said_to_be_nothing_and_much_not_to_be_all():
    assert grade("all_read", replace(Scenario(map=MAP), box=(0, 0.5, 8, 8))).values["lost"] == "7%"
    narrow = grade("all_read", replace(Scenario(map=MAP), box=(0.99, 0, 8, 8)))
    assert narrow.values["lost"] == "0.1%"  # 0.01 of 7.01 columns


def test_a_box_whose_iou_with_what_is_read_is_a_half_or_less():
    small = (
        "Rounding moves a side by up to half a cell and the end cell adds 1 on the right and the bottom, however small"
    )
    assert told("half_iou", 2, 2, 4, 4) == (
        True,  # 4 / 9
        f"IoU 0.44: the box is 2.00 × 2.00 cells, the region 3 × 3. {small} the box is.",
    )
    assert told("half_iou", 2, 2, 5, 5) == (
        False,
        "IoU 0.56. The box, 3.00 × 3.00 cells, and the region, x 2–6, y 2–6, share 9.00 of the 16.00 cells that they "
        "cover together. No side moves by more than one and a half cells, in a small box or a large one.",
    )
    assert told("half_iou", 2.5, 2, 5, 5)[0]  # read is 3–6 × 2–6: 2 × 3 of 7.5 + 12 - 6 cells
    assert told("half_iou", 3, 1, 4, 5)[0]  # long and thin: 4 / 10
    assert told("half_iou", 1.0, 1.0, 2.0, 2.0, language="zh") == (
        True,
        "IoU 是 0.25：框是 1.00 × 1.00 格，区域是 2 × 2 格。无论框多小，取整最多让一条边移动半格，"
        "右边和下边还要多读最后一格（+ 1）。",
    )


def test_an_iou_just_above_a_half_is_not_written_as_a_half():
    """x 1–3.01 is read as 1–4 and y 0–3 as 0–4: 2.01 × 3 / 12 = 0.5025; x 1–3 likewise: 6 / 12."""
    above, exactly = (grade("half_iou", replace(Scenario(map=MAP), box=(1, 0, x2, 3))) for x2 in (3.01, 3))
    assert (above.reason, above.values["iou"]) == ("large", "0.502")
    assert (exactly.reason, exactly.values["iou"]) == ("right", "0.50")


def test_what_the_reasons_say_of_every_box():
    """Every side in steps of a tenth of a cell: which sides lose, how far the region reaches, and that no IoU is 1."""
    starts, lengths = np.arange(0, 3, 0.1).round(2).tolist(), (0.05, 0.5, 1.3, 2.45, 5.0)
    for x1, y1, width, height in product(starts, (0.3, 0.5, 1.9), lengths, (0.7, 3.35)):
        scenario = replace(Scenario(map=MAP), box=(x1, y1, round(x1 + width, 2), round(y1 + height, 2)))
        made = scenario.trace(scenario.pool)
        loses = {"x1": x1 % 1 >= 0.5, "y1": y1 % 1 >= 0.5}
        expected = "both" if all(loses.values()) else next((side for side in loses if loses[side]), "right")
        assert grade("all_read", scenario).reason == expected
        beyond = made.roi_used - made.roi
        assert (np.abs(beyond[:2]) <= 0.5).all() and (beyond[2:] > 0.5).all() and (beyond[2:] <= 1.5).all()
        assert iou(made.roi, made.roi_used) < 1


def test_the_numbers_of_the_summary():
    """n × n whole cells are read as n + 1 × n + 1."""
    for n, match in ((2, "0.44"), (5, "0.69")):
        assert grade("half_iou", replace(Scenario(map=MAP), box=(1, 1, 1 + n, 1 + n))).values["iou"] == match
        for language in LANGUAGES:
            assert f"{n}×{n}" in text_in(language)("quiz.mend.small_box")
            assert match in text_in(language)("quiz.mend.small_box")


@pytest.mark.parametrize("key", TASKS)
def test_every_seed_begins_with_a_box_that_is_not_right_and_others_have_other_boxes(key):
    drawn = [question(seed, key) for seed in SEEDS]
    assert {grade(key, asked.scenario).reason for asked in drawn} == {{"all_read": "both", "half_iou": "large"}[key]}
    assert len({asked.scenario.box for asked in drawn}) == len(drawn)
    assert len({asked.scenario.map for asked in drawn}) > 200


@pytest.mark.parametrize(
    "text",
    [
        *("", "1,2,3,4", "1.00,2.00,3.00,9.00", "5.00,1.00,2.00,3.00", "1.00,2.00,3.00,nan", "1.00,2.00,1.01,4.00"),
        *("-0.00,0.00,1.00,1.00", "\uff11.00,2.00,3.00,4.00", 7, None),  # and a digit that is not ASCII
    ],
)
def test_what_is_no_text_of_a_box(text):
    assert box_of_text(text, Scenario(map=MAP)) is None


# ---- wrong first, then right ---------------------------------------------------------------------------------------

WRONG, RIGHT = (1.6, 2.0, 5.0, 6.0), (1.0, 2.0, 5.0, 6.0)


def check(session, box, key="all_read", **more):
    return answer(session, {"page": "quiz", "box": [*box], "check": {"question": key, "box": [*box]}, **more})


def opened(key="all_read", language="en"):
    return Session(language, quiz=QuizProgress(seed=7, key=key))


def emphasis_of(told):
    return told["still"]["panels"][0]["emphasis"]


def test_a_box_is_explained_where_it_stands_and_counted_once():
    session = opened()
    first = answer(session, {"page": "quiz"})
    assert first["still"]["quiz"]["check"] == "Check the box" and first["still"]["quiz"]["choices"] == []
    assert first["values"] == {"drawn_x": "0.63–5.64", "drawn_y": "1.96–6.74"} and "tried" not in first
    assert first["formula"] == () and emphasis_of(first)["read"] == "hidden"

    wrong = check(session, WRONG)
    assert wrong["tried"].startswith("12% of the box is lost. Its left side, x1 = 1.60")
    assert emphasis_of(wrong)["read"] != "hidden" and wrong["formula"] == ()
    assert (session.quiz.score, session.quiz.answered) == ((0, 1), None)

    moved = answer(session, {"page": "quiz", "box": [1.45, 2, 5, 6]})
    assert "tried" not in moved and emphasis_of(moved)["read"] == "hidden"  # nothing tells before it is checked
    back = answer(session, {"page": "quiz", "box": [*WRONG]})
    assert back["tried"] == wrong["tried"]

    right = check(session, RIGHT)
    told = right["still"]["quiz"]
    assert "check" not in told and "tried" not in right and told["chosen"] == told["right"] == NO_CHOICE
    assert right["formula"][0] == "x1: round(1.00) = 1"
    assert told["verdict"] == "Now it is right. The first box that you checked is the one that counts."
    assert told["reason"].endswith("here 0.64.") and told["score"] == "One question answered, and the answer was wrong."
    check(session, WRONG)
    answer(session, {"page": "quiz", "box": [*WRONG]})
    assert session.quiz.question.scenario.box == RIGHT and session.quiz.answered == NO_CHOICE  # it stands


def test_right_at_once_counts():
    session = opened("half_iou")
    told = check(session, (2, 2, 4, 4), "half_iou")["still"]["quiz"]
    assert (told["verdict"], told["score"]) == ("Right.", "One question answered, and rightly.")
    assert told["labels"] == {"half_iou": "2.00,2.00,4.00,4.00", "half_iou.solved": "2.00,2.00,4.00,4.00"}


def test_a_reload_finds_the_first_box_and_the_right_one_again():
    session = opened()
    for box in (WRONG, (1.7, 2.6, 5, 6)):
        check(session, box)
    assert session.quiz.labels == {"all_read": "1.60,2.00,5.00,6.00"}
    reloaded = opened()
    told = answer(reloaded, {"page": "quiz", "kept": {"seed": 7, "labels": session.quiz.labels}})
    assert told["box"] == WRONG and told["tried"].startswith("12% of the box is lost.")
    check(session, RIGHT)
    reloaded = opened()
    told = answer(reloaded, {"page": "quiz", "kept": {"seed": 7, "labels": session.quiz.labels}})
    assert told["box"] == RIGHT and told["still"]["quiz"]["score"] == "One question answered, and the answer was wrong."
    assert told["still"]["quiz"]["verdict"].startswith("Now it is right.")
    assert reloaded.quiz.labels == session.quiz.labels


def test_the_summary_lists_what_the_first_boxes_show():
    session = opened()
    check(session, WRONG)
    check(session, RIGHT)
    check(session, (2, 2, 5, 5), "half_iou", step="summary")
    summary = answer(session, {"page": "quiz"})["still"]["quiz"]["summary"]
    text = text_in("en")
    assert [(row["sentence"], row["questions"], row["page"][0], row["step"]) for row in summary["rows"]] == [
        (text("quiz.mend.rounded_up"), ["all_read"], "roi_pooling", "snap"),
        (text("quiz.mend.small_box"), ["half_iou"], "roi_pooling", "snap"),
    ]
    assert summary["unanswered"] == list(STEPS[:-3]) and summary["friendly"] == ""


@pytest.mark.parametrize(
    "event",
    [
        *({"check": value} for value in (None, True, 7, "all_read", [], {}, {"question": "all_read"})),
        *({"check": {"question": key, "box": [1, 2, 5, 6]}} for key in (None, 3, "snap", "summary", "x", ["all_read"])),
        *({"check": {"question": "all_read", "box": box}} for box in (None, "x", [], [1, 2, 3], [5, 2, 1, 6])),
        *({"check": {"question": "all_read", "box": [side, 2, 5, 6]}} for side in ("1", True, float("nan"), -1e9, [1])),
        {"check": {"question": "all_read", "box": [1, 2, 5, 6]}, "on": "animation"},  # in cells of another map
        {"box": [1, 2, 5, 6], "on": "animation"},
        {"box": [5, 2, 1, 6]},
        {"check": {"question": "all_read", "box": [1, 2, 5, 6]}, "asked": {"seed": 7, "question": "half_iou"}},
        {"check": {"question": "all_read", "box": [1, 2, 5, 6]}, "asked": {"seed": 8, "question": "all_read"}},
        {"answer": 0},  # there is nothing to choose
    ],
)
def test_nonsense_changes_nothing(event):
    quiz = QuizProgress(seed=7, key="all_read")
    quiz.apply_event(event)
    assert quiz == QuizProgress(seed=7, key="all_read")


def test_a_box_is_of_no_question_that_has_choices_and_one_off_the_map_is_pushed_onto_it():
    quiz = QuizProgress(seed=7)
    quiz.apply_event({"box": [1, 2, 5, 6]})
    assert quiz == QuizProgress(seed=7)
    quiz.apply_event({"check": {"question": "half_iou", "box": [7, 7, 11, 11]}})  # late: another is open by now
    assert quiz.first_boxes == {"half_iou": (4, 4, 8, 8)} and quiz.key == "snap"


@pytest.mark.parametrize("value", [0, None, [], "nonsense", "1.00,2.00,5.00,99.00", "9" * 10**5])
def test_nonsense_that_a_browser_kept_of_a_task_changes_nothing(value):
    quiz = QuizProgress(seed=7)
    quiz.recall({"seed": 7, "labels": {"all_read": value, "all_read.solved": value}})
    quiz.recall({"seed": 7, "labels": {"half_iou.solved": "1.00,1.00,7.00,7.00"}})  # a box that does not solve it
    assert quiz == QuizProgress(seed=7)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TASKS)
def test_before_a_box_is_checked_nothing_is_sent_that_tells(key, language):
    sent, still = payload(stage_page.Page("quiz", opened(key, language)))
    values = question(7, key)
    hidden = grade(key, values.scenario).values
    assert all(f"{{{name}}}" in text_in(language)(f"quiz.{key}.ask") for name in sent["values"])
    said = plain(str(still()["quiz"]))
    assert not any(re.search(rf"(?<![\d.]){re.escape(hidden[name])}", said) for name in ("iou", "lost"))


# ---- in a browser --------------------------------------------------------------------------------------------------

BEGIN = {key: question(7, key).scenario.box for key in TASKS}
PULLED = {"all_read": ("nw", 0.6, 0.3), "half_iou": ("se", -2.6, -3.6)}  # which grip, and by how many cells
FOUND = {"all_read": (1.23, 2.26, 5.64, 6.74), "half_iou": (1.84, 2.3, 3.1, 3.79)}


def words_of(key, box, language):
    """What the core says of a box of seed 7, in words, as the page shows it."""
    grading = grade(key, replace(question(7, key).scenario, box=box))
    return plain(text_in(language)(f"quiz.{key}.{grading.reason}", **grading.values))


def box_on(page: Page) -> tuple[float, ...]:
    """The box on the screen: a question has no sliders that say it."""
    words = page.get_by_test_id("box-move").get_attribute("aria-valuetext") or ""
    return tuple(float(side) for side in re.findall(r"\d+\.\d\d", words))


def place_of(page: Page, name: str) -> tuple[float, float, float]:
    """The middle of a grip, and how wide a cell is."""
    at, cell = page.get_by_test_id(f"box-{name}").bounding_box(), page.get_by_test_id("map-0-0").bounding_box()
    return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2, cell["width"]


def pull_by_mouse(page: Page, name: str, dx: float, dy: float) -> None:
    x, y, cell = place_of(page, name)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx * cell, y + dy * cell, steps=6)
    page.mouse.up()


def pull_by_touch(page: Page, name: str, dx: float, dy: float) -> None:
    x, y, cell = place_of(page, name)
    session = page.context.new_cdp_session(page)
    for kind, k in (("touchStart", 0), *(("touchMove", k) for k in range(1, 7)), ("touchEnd", 6)):
        at = [] if kind == "touchEnd" else [{"x": x + dx * cell * k / 6, "y": y + dy * cell * k / 6}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


LARGE = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
IN_SIGHT = """() => ['.roi-sentence p:not(:empty)', '.roi-map', '[data-testid=check]', '[data-testid=tried]',
  '.roi-verdict', '.roi-quiz-foot'].map((name) => {
  const { top, bottom, height } = document.querySelector(name)?.getBoundingClientRect() ?? { height: 0 };
  return height > 0 && top >= 0 && bottom <= innerHeight;
})"""


@pytest.mark.parametrize(
    "language, screen, pull",
    [
        *((language, LARGE, pull_by_mouse) for language in LANGUAGES),
        *((language, PHONE, pull_by_touch) for language in LANGUAGES),
    ],
)
def test_both_are_solved_at_the_second_try_over_reloads(visit, language, screen, pull):
    page, text = visit(f"Quiz?lang={language}&seed=7&step=all_read", **screen), text_in(language)
    tried, region = page.get_by_test_id("tried"), page.locator(".roi-map .roi-read rect")
    for key in TASKS:
        expect(page.get_by_test_id("check")).to_have_text(text("quiz.check"))
        assert box_on(page) == BEGIN[key] and page.evaluate(IN_SIGHT)[:3] == [True] * 3
        expect(tried).to_have_text("")
        expect(region).to_be_hidden()
        page.get_by_test_id("check").click()
        wrong = words_of(key, BEGIN[key], language)
        expect(tried).to_have_text(wrong)
        expect(region).to_be_visible()
        expect(page.get_by_test_id("check")).to_be_focused()  # to move on with tab, and to check again
        assert page.evaluate(IN_SIGHT)[:4] == [True] * 4
        page.reload()
        expect(tried).to_have_text(wrong)

        pull(page, *PULLED[key])
        expect(tried).to_have_text("")  # what was told was told of another box
        expect(region).to_be_hidden()
        box = box_on(page)
        assert box == pytest.approx(FOUND[key], abs=0.15)
        page.get_by_test_id("check").click()
        expect(page.locator(".roi-verdict h4")).to_have_text(text("quiz.right_now"))
        expect(page.locator(".roi-verdict p")).to_have_text(words_of(key, box, language))
        expect(page.get_by_test_id("check")).to_have_count(0)
        expect(page.get_by_test_id("box-move")).to_have_count(0)
        told = page.evaluate(IN_SIGHT)
        assert told[:2] == told[4:] == [True, True]
        page.reload()
        expect(page.locator(".roi-verdict p")).to_have_text(words_of(key, box, language))
        page.get_by_test_id("next-question").click()
    expect(page.locator(".roi-sentence")).to_have_text(text("quiz.score.zero", answered=2))
    rows = page.get_by_test_id("summary").locator("tbody tr")
    expect(rows.locator("td:first-child")).to_have_text([text("quiz.mend.rounded_up"), text("quiz.mend.small_box")])
    rows.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile("RoI_Pooling.*step=snap"))


def test_again_with_other_numbers_begins_with_another_box_and_what_was_solved_is_kept(visit):
    page = visit("Quiz?lang=en&seed=7&step=half_iou")
    pull_by_mouse(page, *PULLED["half_iou"])
    page.get_by_test_id("check").click()
    expect(page.locator(".roi-verdict h4")).to_have_text("Right.")
    page.get_by_test_id("next-question").click()
    page.get_by_test_id("other-questions").click()
    page.get_by_test_id("step-half_iou").click()
    expect(page.get_by_test_id("check")).to_be_visible()
    assert box_on(page) == question(8, "half_iou").scenario.box
    page.goto(page.url.replace("seed=8", "seed=7"))
    expect(page.locator(".roi-verdict h4")).to_have_text("Right.")


@pytest.mark.parametrize("width", [390, 360])
def test_the_numbers_of_the_questions_fit_on_a_phone(visit, width):
    page = visit("Quiz?lang=en&step=all_read", width=width, height=844, has_touch=True, is_mobile=True)
    expect(page.locator(".roi-now span")).to_have_text("no loss")
    boxes = page.locator(".roi-rail button").evaluate_all(
        "all => all.map((button) => button.getBoundingClientRect())"
        ".map(({ x, y, width, height }) => [x, y, width, height])"
    )
    assert len(boxes) == len(STEPS) == 18
    assert all(wide >= 24 and high >= 24 for _, _, wide, high in boxes), "large enough for a finger"
    for row in (boxes[:9], boxes[9:]):
        assert len({y for _, y, _, _ in row}) == 1
        assert min(after[0] - before[0] - before[2] for before, after in pairwise(row)) >= 1.5, "numbers run together"
        assert row[0][0] >= 0 and row[-1][0] + row[-1][2] <= width
    assert boxes[9][1] >= boxes[0][1] + boxes[0][3]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [1280, 1500, 1920])
def test_the_names_of_the_questions_stand_on_one_line(visit, width, language):
    page = visit(f"Quiz?lang={language}&step=ratio", width=width, height=900)
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    places = page.locator(".roi-rail span").evaluate_all(
        "all => all.map((name) => [name.getClientRects().length, name.getBoundingClientRect()])"
        ".map(([lines, { left, right, top }]) => [lines, left, right, top])"
    )
    assert (
        len(places) == len(STEPS) and {lines for lines, *_ in places} == {1} and len({top for *_, top in places}) == 1
    )
    assert all(before[2] < after[1] for before, after in pairwise(places)) and places[-1][2] < width


@pytest.mark.parametrize("width", [390, 360])
def test_the_questions_on_a_phone_push_nothing_off_the_screen(visit, width):
    page = visit("Quiz?lang=en&step=all_read", width=width, height=844, has_touch=True, is_mobile=True)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")
