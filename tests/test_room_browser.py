"""A lecture in real Chromium: a lecturer, two students with phones, and what each of them sees."""

import itertools
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from websockets.sync.client import connect

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.lesson.quiz import question
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import text_in
from roialign_lab.stage.page import address_of
from roialign_lab.stage.plan import ready_parts, stops_of
from roialign_lab.stage.script_files import script_files
from roialign_lab.ui import stage_files
from tests.conftest import ROOT, box_of

USUAL_BOX = Scenario().box
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def enter(chromium: Browser, server: str):
    """Open a page in a browser profile of its own; afterwards nothing may have gone wrong."""
    contexts, wrong = [], []

    def open_page(path: str, viewport=None, locale="en-US", **options) -> Page:
        context = chromium.new_context(viewport=viewport or {"width": 1280, "height": 720}, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.goto(f"{server}/{path}")
        page.get_by_test_id("map-0-0").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def open_room(page: Page) -> str:
    """Two clicks; gives the code that is shown."""
    page.get_by_test_id("share").click()
    page.get_by_test_id("room-open").click()
    link = page.get_by_test_id("room-link").inner_text()
    page.get_by_test_id("room-close").click()
    return link.rpartition("/r/")[2]


def says(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_test_id("room-words")).to_have_text(words)


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_test_id(f"room-{name}").click()


def tap(page: Page, y: float, x: float) -> None:
    first = page.get_by_test_id("map-0-0").first
    at, cell = first.bounding_box(), first.evaluate("node => node.getScreenCTM().a * 100")
    left, top = at["x"] + (at["width"] - cell) / 2, at["y"] + (at["height"] - cell) / 2
    page.mouse.click(left + x * cell, top + y * cell)


def test_a_whole_lecture(enter, server):
    lecturer = enter("RoI_Align?lang=en&step=bins")
    code = open_room(lecturer)
    one = enter(f"r/{code}", PHONE)
    two = enter(f"r/{code}", PHONE, locale="zh-CN", color_scheme="dark")
    says(one, "You see what the lecturer shows.")
    says(two, text_in("zh")("room.following"))
    says(lecturer, "2 here")
    assert one.url.startswith(f"{server}/RoI_Align?"), "the short link leads to what is shown"

    # follow: the box, the step
    at = lecturer.get_by_test_id("box-move").bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    lecturer.mouse.move(x, y)
    lecturer.mouse.down()
    lecturer.mouse.move(x + 40, y - 30, steps=8)
    for student in (one, two):
        expect(student.get_by_test_id("box-x1")).to_have_value(lecturer.get_by_test_id("box-x1").input_value())
    lecturer.mouse.up()
    lecturer.get_by_test_id("step-result").click()
    box = box_of(lecturer)
    rows = trace(ANIMATION_MAP, tuple(16 * side for side in box), ROI_ALIGN, 2, 1 / 16).output
    for student in (one, two):
        expect(student.get_by_test_id("output-1-1")).to_have_text(f"{rows[1, 1]:.4f}")
        assert box_of(student) == box

    # a prediction on the map, twice
    lecturer.get_by_test_id("step-bins").click()
    press(lecturer, "ask")
    for page in (lecturer, one, two):
        expect(page.locator(".roi-layer.roi-sample")).to_have_attribute("data-emphasis", "hidden")
    says(one, "Vote 1: tap on the map.")
    points = trace(ANIMATION_MAP, tuple(16 * side for side in box), ROI_ALIGN, 2, 1 / 16).points_of(0, 1)
    y, x = float(points.y[2]), float(points.x[2])
    tap(one, y, x)
    tap(two, y - 0.9, x + 0.9)
    says(one, "Your answer is in. You can change it until the vote ends.")
    says(lecturer, "Vote 1: 2 of 2")
    expect(one.get_by_test_id("verdict")).to_be_hidden()
    press(lecturer, "shown")
    expect(lecturer.get_by_test_id("cloud-now-cross")).to_have_attribute("d", re.compile(r"^(M[^M]*m[^M]*){2}$"))
    says(one, "The vote is over.")
    press(lecturer, "talk")
    says(two, text_in("zh")("room.talking"))
    press(lecturer, "again")
    says(one, "Vote 2: tap on the map.")
    tap(one, y, x)
    tap(two, y, x)
    says(lecturer, "Vote 2: 2 of 2")
    press(lecturer, "shown", "revealed")
    expect(one.get_by_test_id("verdict")).to_contain_text("Right: × 3 of bin ②")
    expect(two.get_by_test_id("verdict")).to_contain_text("对：")
    bars = lecturer.get_by_test_id("room-answers")
    expect(bars).to_contain_text("1st vote")
    expect(bars.locator(".roi-bar-line span")).to_have_text(["1", "2", "1", "0"])
    expect(lecturer.locator(".roi-layer.roi-sample")).not_to_have_attribute("data-emphasis", "hidden")
    press(lecturer, "done")
    expect(bars).to_be_hidden()

    # another page, and a question of the quiz there
    lecturer.goto(f"{server}/Quiz?lang=en&seed=7")
    lecturer.get_by_test_id("answer-0").wait_for()
    press(lecturer, "ask")
    for student in (one, two):
        student.get_by_test_id("answer-3").wait_for()
    says(one, "Vote 1: choose an answer.")
    asked = question(7, "snap")
    wrong = next(k for k, choice in enumerate(asked.choices) if choice.reason.endswith(".kept"))
    one.get_by_test_id(f"answer-{wrong}").click()
    one.get_by_test_id(f"answer-{asked.right}").click()  # another opinion
    expect(one.get_by_test_id(f"answer-{asked.right}")).to_have_attribute("aria-pressed", "true")
    two.get_by_test_id(f"answer-{wrong}").click()
    says(lecturer, "Vote 1: 2 of 2")
    lecturer.get_by_test_id("answer-0").click()  # the lecturer has no vote, and tells nothing by accident
    expect(lecturer.get_by_test_id("answer-0")).to_be_enabled()
    press(lecturer, "shown")
    expect(lecturer.locator(".roi-bar-line span")).to_have_text([str(int(k in (wrong, asked.right))) for k in range(4)])
    expect(bars).not_to_contain_text("rounds nothing")
    press(lecturer, "revealed")
    expect(bars).to_contain_text(text_in("en")("quiz.mend.rounds_nothing"))
    expect(one.locator(".roi-verdict h4")).to_have_text("Right.")
    expect(two.locator(".roi-verdict h4")).to_contain_text(asked.choices[asked.right].label)

    with lecturer.expect_download() as download:
        press(lecturer, "csv")
    rows = download.value.path().read_text().splitlines()
    choices = [(asked.choices[k].label, asked.choices[k].reason.rpartition(".")[2], k == asked.right) for k in range(4)]
    assert sorted(rows[1:]) == sorted(
        [
            "1,roi_align,samples,1,,samples.off,0,1",
            "1,roi_align,samples,1,,samples.right,1,1",
            "1,roi_align,samples,2,,samples.right,1,2",
            *(f"2,quiz,snap,1,{choices[k][0]},{choices[k][1]},{int(choices[k][2])},1" for k in (wrong, asked.right)),
        ]
    )
    press(lecturer, "end", "end")
    says(one, "The room has ended. Nothing of it is kept.")
    press(one, "close")
    expect(one.get_by_test_id("room-bar")).to_be_hidden()
    late = enter(f"r/{code}", PHONE)
    says(late, f"There is no room with the code {code}. A room ends after six hours, or when its lecturer ends it.")


def drag(page: Page, name: str, dx: float, dy: float) -> None:
    """A finger takes hold of a part of the answer and pulls it by so many cells."""
    at = page.get_by_test_id(f"guess-{name}").locator(".roi-guess-hit").bounding_box()
    assert max(at["width"], at["height"]) >= 44, "as wide as a finger"
    cell = page.get_by_test_id("map-0-0").first.evaluate("node => node.getScreenCTM().a * 100")
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, k in (("touchStart", 0), *(("touchMove", k) for k in range(1, 5)), ("touchEnd", 4)):
        places = [] if kind == "touchEnd" else [{"x": x + dx * cell * k / 4, "y": y + dy * cell * k / 4}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def stands_at(lecturer: Page, number: int, count: int) -> None:
    expect(lecturer.get_by_test_id("room-plan")).to_have_text(f"{number} / {count}")


def answer(student: Page, stop) -> None:
    """What a student does about the question of a stop of the ready plan: each is answered right."""
    if stop.ask == "edges":  # from 0.55, 2.7, 6.35, 7.4
        for name, dx, dy in (("x1", 0.45, 0), ("y1", 0, 0.3), ("x2", 0.65, 0), ("y2", 0, 0.6)):
            drag(student, name, dx, dy)
    elif stop.ask == "weight":  # from a half; two cells are all of it
        drag(student, "weight", 0.3, 0)
        expect(student.get_by_test_id("guess-number")).to_have_text("0.65")
    elif stop.ask == "samples":
        points = trace(ANIMATION_MAP, tuple(16 * side for side in USUAL_BOX), ROI_ALIGN, 2, 1 / 16).points_of(0, 1)
        tap(student, float(points.y[2]), float(points.x[2]))
    else:
        student.get_by_test_id(f"answer-{question(stop.part.seed, stop.ask).right}").click()


LOSE_ONE = """() => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (message) {
    if (globalThis.lost || !String(message).startsWith('{"stop"')) return send.call(this, message);
    globalThis.lost = message;
  };
}"""


def test_a_key_whose_message_is_lost_on_the_way_counts(enter):
    lecturer, count = enter("?lang=en"), len(stops_of(ready_parts()))
    open_room(lecturer)
    press(lecturer, "plan")
    lecturer.get_by_test_id("plan-start").click()
    stands_at(lecturer, 1, count)
    lecturer.evaluate(LOSE_ONE)
    lecturer.keyboard.press("PageDown")
    stands_at(lecturer, 2, count)
    assert lecturer.evaluate("lost") == '{"stop":1}'


def test_a_question_that_is_pressed_twice_is_asked_once(enter):
    lecturer, sent = enter("RoI_Align?lang=en&step=bins"), []
    lecturer.on("websocket", lambda way: way.on("framesent", lambda text: sent.append(str(text))))
    open_room(lecturer)
    lecturer.get_by_test_id("room-ask").evaluate("button => { button.click(); button.click(); }")
    says(lecturer, "Vote 1: 0 of 0")
    assert sum('"ask":' in text for text in sent) == 1


def test_a_lecture_by_the_ready_plan_with_the_keys_of_a_clicker_alone(enter):
    lecturer = enter("?lang=en")
    code = open_room(lecturer)
    student = enter(f"r/{code}", PHONE, has_touch=True, is_mobile=True)
    says(student, "You see what the lecturer shows.")
    stops = stops_of(ready_parts())
    press(lecturer, "plan")
    lecturer.get_by_test_id("plan-start").click()
    keys = itertools.cycle(("ArrowRight", "PageDown"))
    for number, stop in enumerate(stops, start=1):
        stands_at(lecturer, number, len(stops))
        for page in (lecturer, student):
            expect(page).to_have_url(re.compile(f"/{address_of(stop.page).removeprefix('./')}[?]"))
            if stop.step:
                expect(page.get_by_test_id(f"step-{stop.step}")).to_have_attribute("aria-current", "step")
        stands_at(lecturer, number, len(stops))  # a page that came late is opened anew, and joins again
        if stop.ask:
            says(student, re.compile("^Vote 1: "))
            answer(student, stop)
            says(lecturer, "Vote 1: 1 of 1")
            lecturer.keyboard.press(next(keys))
            expect(lecturer.get_by_test_id("room-talk")).to_be_visible()
            press(lecturer, "revealed")  # nearly all are right: nothing to talk over
            told = student.locator(".roi-verdict h4") if stop.page == "quiz" else student.get_by_test_id("verdict")
            expect(told).to_have_text(re.compile("^Right"))
            expect(lecturer.get_by_test_id("room-answers").locator(".roi-bar-right")).to_have_count(1)
        lecturer.keyboard.press(next(keys))
    stands_at(lecturer, len(stops), len(stops))
    lecturer.keyboard.press("PageUp")
    stands_at(lecturer, len(stops) - 1, len(stops))
    says(student, re.compile("^Vote 1: "))


OWN_PLAN = """
title = "Edges"
[[part]]
walk = "roi_align"
steps = ["project"]
say = "Secret words"
minutes = 1
[[part]]
walk = "roi_pool"
steps = ["snap"]
ask = "edges"
"""


def link_to_lead(lecturer):
    """Opens a room; the link that makes another browser its lecturer. The dialog stays open."""
    lecturer.get_by_test_id("share").click()
    lecturer.get_by_test_id("room-open").click()
    lecturer.get_by_test_id("room-lead").click()
    return lecturer.get_by_test_id("room-lead").get_attribute("data-link")


def test_what_to_say_is_the_lecturers_alone_and_a_second_browser_of_theirs_turns_the_first(enter):
    lecturer = enter("RoI_Pooling?lang=en")
    link = link_to_lead(lecturer)
    code = lecturer.get_by_test_id("room-link").inner_text().rpartition("/r/")[2]
    lecturer.get_by_test_id("room-close").click()
    student = enter(f"r/{code}", PHONE)
    received = []
    student.context.pages[0].on(
        "websocket", lambda socket: socket.on("framereceived", lambda text: received.append(text))
    )
    student.reload()
    student.get_by_test_id("map-0-0").wait_for()
    phone = enter(re.sub(r"^http://[^/]*/", "", link), PHONE)
    press(lecturer, "plan")
    for content, said in (
        ("[[part]]\nwalk = 'roi'", "lesson.toml, line 2, part 1, walk: There is no walk “roi”."),
        (OWN_PLAN, ""),
    ):
        plan = {"name": "my.toml", "mimeType": "application/toml", "buffer": content.encode()}
        lecturer.get_by_test_id("plan-file").set_input_files(plan)
        expect(lecturer.get_by_test_id("plan-problem")).to_have_text(
            re.compile("^" + re.escape(said) + ("" if said else "$"))
        )
    expect(lecturer.get_by_test_id("plan-dialog").locator("h2")).to_have_text("Edges · 1 min")
    lecturer.get_by_test_id("plan-print").first.click()
    printed = lecturer.frame_locator("iframe.roi-plan-print")
    expect(printed.locator("h1")).to_have_text("Edges · 1 minutes")
    with lecturer.expect_download() as download:
        lecturer.get_by_test_id("plan-save").click()
    assert download.value.path().read_text(encoding="utf-8") == OWN_PLAN
    lecturer.get_by_test_id("plan-start").click()
    for page in (lecturer, phone, student):
        expect(page.get_by_role("heading", level=1)).to_have_text("RoI Align")
    press(phone, "plan-say")
    expect(phone.get_by_test_id("plan-notes")).to_contain_text("Secret words")
    expect(lecturer.get_by_test_id("plan-notes")).to_be_hidden()
    press(phone, "plan-on")
    for page in (lecturer, phone, student):
        expect(page.get_by_role("heading", level=1)).to_have_text("RoI Pooling")
    says(student, "Vote 1: drag on the map.")
    handle = student.get_by_test_id("guess-x1")
    expect(handle).to_have_attribute("aria-label", "Left edge of the region")
    handle.focus()
    student.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "at 1")
    says(lecturer, "Vote 1: 1 of 1")
    assert received and not [text for text in received if "Secret" in str(text)], "no message to a student has it"


def test_the_site_and_the_notebook_bring_no_room():
    site = re.findall(r'from "../stage/([\w.]+)"', (ROOT / "assets/site/site.js").read_text(encoding="utf-8"))
    for entries in (site, ["notebook.js"]):
        assert "stage.js" in script_files(*entries)
        assert not [name for name in script_files(*entries) if name.startswith("room")]
    assert "room.js" not in script_files("index.js"), "a page without a room loads none of it"
    assert {"room.js", "room_lecture.js"} <= set(stage_files.files())


def test_a_map_of_a_file_that_another_process_has_is_said(enter, server):
    """The lecturer is with that process: here they are a WebSocket."""
    with connect(f"{server.replace('http', 'ws')}/roi-room") as lecturer:
        shown = {"page": "roi_align", "address": "map=own-000000000000-0&step=snap"}
        lecturer.send(json.dumps({"client": "0" * 32, "lang": "en", "open": shown}))
        opened = next(message["opened"] for message in map(json.loads, lecturer) if "opened" in message)
        student = enter(f"r/{opened['code']}", locale="zh-CN")
        says(student, text_in("zh")("room.elsewhere"))
        lecturer.send(json.dumps({"show": {"page": "roi_align", "address": "map=animation&step=join"}}))
        says(student, text_in("zh")("room.following"))
        expect(student.get_by_test_id("step-join")).to_have_attribute("aria-current", "step")


def test_a_student_looks_around_and_comes_back(enter):
    lecturer = enter("RoI_Align?lang=en&step=join&map=random-8x8-7&box=1,1,4,4")
    code = open_room(lecturer)
    student = enter(f"r/{code}", PHONE)
    says(student, "You see what the lecturer shows.")
    lecturer.get_by_test_id("box-x2").fill("3.5")
    expect(student.get_by_test_id("box-x2")).to_have_value("3.5")
    student.get_by_test_id("box-x1").fill("0.5")  # a hand of their own
    says(student, "You look around.")
    lecturer.get_by_test_id("box-x2").fill("3")
    expect(lecturer.get_by_test_id("box-x2")).to_have_value("3")
    expect(student).to_have_url(re.compile("box=0.5%2C1%2C3.5%2C4"))  # its own session knows the map and the box
    assert box_of(student) == (0.5, 1.0, 3.5, 4.0)
    press(student, "back")
    expect(student.get_by_test_id("box-x1")).to_have_value("1")
    expect(student.get_by_test_id("box-x2")).to_have_value("3")
    press(student, "look")
    press(lecturer, "gather")
    says(student, "You see what the lecturer shows.")
    press(lecturer, "pause")
    says(student, "The lecturer pauses.")
    lecturer.get_by_test_id("box-x2").fill("5")
    press(lecturer, "pause")
    expect(student.get_by_test_id("box-x2")).to_have_value("5")
    press(student, "leave")
    expect(student.get_by_test_id("room-bar")).to_be_hidden()
    says(lecturer, "0 here")


def test_pages_are_followed_and_a_tab_that_is_loaded_again_is_in_the_room(enter):
    lecturer = enter("?lang=en")
    code = open_room(lecturer)
    student = enter(f"r/{code}", PHONE)
    says(student, "You see what the lecturer shows.")
    lecturer.get_by_role("link", name="RoI Pooling").first.click()
    expect(student.get_by_role("heading", level=1)).to_have_text("RoI Pooling")
    lecturer.get_by_test_id("step-max").click()
    expect(student.get_by_test_id("step-max")).to_have_attribute("aria-current", "step")
    press(lecturer, "ask")
    says(student, "Vote 1: tap on the map.")
    tap(student, 5.6, 6.4)
    says(lecturer, "Vote 1: 1 of 1")
    student.reload()
    student.get_by_test_id("map-0-0").wait_for()
    says(student, "Your answer is in. You can change it until the vote ends.")
    lecturer.reload()
    lecturer.get_by_test_id("map-0-0").wait_for()
    says(lecturer, "Vote 1: 1 of 1")
    press(lecturer, "shown")
    expect(lecturer.get_by_test_id("cloud-count")).to_have_text("1")


def test_the_link_to_take_along_makes_another_browser_the_lecturer(enter):
    lecturer = enter("RoI_Pooling?lang=en&step=cells")
    link = link_to_lead(lecturer)
    lecturer.get_by_test_id("room-close").click()
    second = enter(re.sub(r"^http://[^/]*/", "", link))
    assert "#" not in second.url, "the secret is on no screen"
    second.get_by_test_id("room-ask").click()
    says(lecturer, "Vote 1: 0 of 0")
    press(lecturer, "revealed")
    expect(second.get_by_test_id("room-done")).to_be_visible()


def test_a_lecture_without_a_mouse(enter):
    lecturer = enter("RoI_Pooling?lang=en&step=cells")
    lecturer.get_by_test_id("share").focus()
    lecturer.keyboard.press("Enter")
    lecturer.get_by_test_id("room-open").focus()
    lecturer.keyboard.press("Enter")
    expect(lecturer.get_by_test_id("room-dialog")).to_be_visible()
    code = lecturer.get_by_test_id("room-link").inner_text().rpartition("/r/")[2]
    lecturer.keyboard.press("Escape")
    expect(lecturer.get_by_test_id("room-dialog")).to_be_hidden()
    student = enter(f"r/{code}", PHONE)
    says(student, "You see what the lecturer shows.")
    lecturer.get_by_test_id("room-ask").focus()
    lecturer.keyboard.press("Enter")
    says(student, "Vote 1: tap on the map.")
    cursor = student.get_by_test_id("map-cursor")
    expect(cursor).to_have_attribute("aria-label", re.compile("^Predict: which cell of bin"))
    cursor.focus()
    student.keyboard.press("Enter")
    says(student, "Your answer is in. You can change it until the vote ends.")
    for name in ("shown", "revealed"):
        lecturer.get_by_test_id(f"room-{name}").focus()
        lecturer.keyboard.press("Enter")
    expect(student.get_by_test_id("verdict")).to_contain_text(re.compile("^(Right|No):"))


def test_a_vote_that_is_sent_while_nobody_listens_is_sent_again(enter):
    lecturer = enter("RoI_Pooling?lang=en&step=cells")
    code = open_room(lecturer)
    student = enter(f"r/{code}", PHONE)
    says(student, "You see what the lecturer shows.")
    press(lecturer, "ask")
    says(student, "Vote 1: tap on the map.")
    student.context.set_offline(True)
    student.evaluate("() => globalThis.WebSocket.prototype.send = function () {}")  # the road is dead, and says nothing
    tap(student, 5.6, 6.4)
    says(student, "Sending …")
    student.context.set_offline(False)
    student.evaluate(
        "() => { const frame = document.createElement('iframe'); document.body.append(frame);"
        " WebSocket.prototype.send = frame.contentWindow.WebSocket.prototype.send; }"
    )
    says(student, "Your answer is in. You can change it until the vote ends.")
    says(lecturer, "Vote 1: 1 of 1")


def serious(page: Page) -> list:
    """What axe finds serious in what is seen of a room."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(600)
        report = Axe().run(page).response
        assert report["passes"], "axe looked at something"
        found += [
            (rule["id"], node["target"], scheme)
            for rule in report["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
    return found


def test_the_arrows_turn_the_plan_and_not_the_steps_of_the_page_after_a_reload_too(enter):
    lecturer = enter("RoI_Pooling?lang=en")
    open_room(lecturer)
    count = len(stops_of(ready_parts()))
    press(lecturer, "plan")
    lecturer.get_by_test_id("plan-part-2").click()
    stands_at(lecturer, 3, count)
    lecturer.keyboard.press("ArrowRight")
    stands_at(lecturer, 4, count)
    lecturer.reload()
    stands_at(lecturer, 4, count)
    lecturer.keyboard.press("ArrowLeft")
    stands_at(lecturer, 3, count)
    expect(lecturer.get_by_test_id("step-map")).to_have_attribute("aria-current", "step")
    lecturer.get_by_test_id("box-e").hover()
    lecturer.mouse.down()
    lecturer.mouse.move(700, 300)
    lecturer.mouse.up()
    expect(lecturer.get_by_test_id("box-e")).to_be_focused()
    lecturer.keyboard.press("PageDown")
    stands_at(lecturer, 4, count)


def test_axe_finds_nothing_serious_in_a_lecture(enter):
    lecturer = enter("RoI_Align?lang=en&step=bins")
    lecturer.get_by_test_id("share").click()
    lecturer.get_by_test_id("room-open").click()
    link = lecturer.get_by_test_id("room-link").inner_text()
    assert serious(lecturer) == []
    lecturer.get_by_test_id("room-close").click()
    student = enter(f"r/{link.rpartition('/r/')[2]}", PHONE)
    press(lecturer, "ask")
    says(student, "Vote 1: tap on the map.")
    student.get_by_test_id("room-privacy").click()
    expect(student.get_by_test_id("room-bar")).to_contain_text("A room knows no names.")
    assert serious(student) == [] and serious(lecturer) == []
    tap(student, 4.4, 4.2)
    says(lecturer, "Vote 1: 1 of 1")
    press(lecturer, "revealed")
    expect(lecturer.get_by_test_id("room-answers")).to_be_visible()
    assert serious(lecturer) == []
    press(lecturer, "plan")
    assert serious(lecturer) == []
    lecturer.get_by_test_id("plan-part-3").click()
    says(student, "Vote 1: drag on the map.")
    expect(student.get_by_role("slider", name="Left edge of the region")).to_be_visible()
    press(lecturer, "plan-say")
    expect(lecturer.get_by_role("region", name="What to say")).to_be_visible()
    assert serious(student) == [] and serious(lecturer) == []


def test_a_phone_shows_the_map_and_the_whole_bar(enter):
    lecturer = enter("RoI_Align?lang=en&step=bins")
    student = enter(f"r/{open_room(lecturer)}", PHONE)
    press(lecturer, "ask")
    says(student, "Vote 1: tap on the map.")
    bar, at = student.get_by_test_id("room-bar").bounding_box(), student.get_by_test_id("map-7-7").bounding_box()
    assert at["y"] + at["height"] <= bar["y"], "nothing of the map is under the bar"
    assert bar["height"] <= 80 and bar["y"] + bar["height"] == PHONE["height"]
    for name in ("look", "leave"):
        button = student.get_by_test_id(f"room-{name}").bounding_box()
        assert button["height"] >= 44 and button["x"] + button["width"] <= PHONE["width"]
