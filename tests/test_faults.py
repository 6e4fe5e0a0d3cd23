"""What goes wrong in a lecture hall: the connection drops, two tabs are open, a clock jumps."""

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, box_of, outputs, shows_the_truth


def hold(page: Page, dx: float, dy: float) -> None:
    """Take the box and move it, without letting go."""
    at = page.get_by_test_id("box-move").first.bounding_box()
    page.mouse.move(at["x"] + 60, at["y"] + 60)
    page.mouse.down()
    page.mouse.move(at["x"] + 60 + dx, at["y"] + 60 + dy, steps=6)


@pytest.mark.parametrize("times", [1, 3])
def test_the_connection_drops_while_the_box_is_dragged(chromium, server, times):
    """The browser connects again, and what was let go meanwhile is what the new connection is told."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page, ways = context.new_page(), []

    def road(way):
        way.connect_to_server()
        ways.append(way)

    page.route_web_socket(re.compile("_stcore/stream"), road)
    page.goto(f"{server}/RoI_Align?lang=en&step=join")
    page.get_by_test_id("box-move").wait_for()
    for turn in range(times):
        hold(page, 20 + 4 * turn, -14)
        ways[-1].close(code=1012, reason="the server starts again")
        page.mouse.move(500, 300 + 5 * turn, steps=4)
        page.mouse.up()
        box = shows_the_truth(page)
        expect(page).to_have_url(re.compile("box=" + "%2C".join(f"{side:g}" for side in box)))
        assert len(ways) == turn + 2
    page.reload()
    page.get_by_test_id("map-0-0").first.wait_for()
    assert shows_the_truth(page) == box
    context.close()


def test_numbers_of_the_box_before_do_not_come_back_while_the_new_one_is_on_its_way(chromium, server):
    """The page draws itself anew from what Python knew before; what the browser said on release is not there yet."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    held: list = []
    holds = False

    def road(way):
        up = way.connect_to_server()
        way.on_message(lambda message: held.append((up, message)) if holds else up.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), road)
    page.add_init_script(
        """let draw; // every call of the script is noted: the last one can be made again
        Object.defineProperty(globalThis, "roiStage", {
          set: (made) => (draw = made),
          get: () => draw && ((component) => draw((globalThis.drawnFrom = component))),
        });"""
    )
    page.goto(f"{server}/RoI_Align?lang=en&step=join")
    before = shows_the_truth(page)
    holds = True
    hold(page, 20, -14)
    assert shows_the_truth(page) != before  # the last place of the drag has its answer
    page.mouse.up()
    box, shown = shows_the_truth(page), outputs(page)
    page.evaluate("globalThis.roiStage(globalThis.drawnFrom)")
    assert held and (box_of(page), outputs(page)) == (box, shown)
    holds = False
    for up, message in held:
        up.send(message)
    expect(page).to_have_url(re.compile("box="))
    assert shows_the_truth(page) == box
    context.close()


def test_two_tabs_do_not_disturb_each_other(visit):
    first = visit("RoI_Align?lang=en&step=join")
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_test_id("map-0-0").first.wait_for()
    hold(first, 30, -20)
    second.bring_to_front()
    hold(second, -12, 16)
    second.mouse.up()
    first.mouse.up()
    boxes = [shows_the_truth(page) for page in (first, second)]
    assert boxes[0] != boxes[1]


def test_a_clock_that_jumps_changes_nothing(visit):
    page = visit("RoI_Align?lang=en&step=join", own=True)
    page.clock.install()
    hold(page, 20, -14)
    page.clock.set_system_time("2001-01-01")
    page.mouse.move(520, 320, steps=3)
    page.clock.set_system_time("2050-01-01")
    page.mouse.up()
    page.clock.run_for(30_000)
    shows_the_truth(page)


@pytest.mark.parametrize(
    ("start", "link", "come"),
    [
        ("Bilinear_interpolation", "Error", "Quantization error"),  # the stage's own
        ("", "RoI Pooling", "RoI Pooling"),  # Streamlit's, below the stage, with a drag under way
    ],
)
def test_a_page_that_is_slow_to_come_comes_and_stays(chromium, server, start, link, come):
    """Two seconds from Streamlit to the browser: more than the stage waits for other answers."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    under_way: list = []

    def slow(road):
        road.connect_to_server().on_message(lambda message: under_way.append((time.monotonic() + 2, road, message)))

    def pass_time(seconds):
        for _ in range(round(seconds * 20)):
            while under_way and under_way[0][0] < time.monotonic():
                _, road, message = under_way.pop(0)
                road.send(message)
            page.wait_for_timeout(50)

    page.route_web_socket(re.compile("_stcore/stream"), slow)
    page.goto(f"{server}/{start}?lang=en")
    pass_time(6)
    if not start:
        hold(page, 20, -14)
        page.mouse.up()
        page.wait_for_timeout(300)
    page.get_by_role("link", name=link).last.click()
    pass_time(8)
    expect(page.locator("h1")).to_have_text(come)
    expect(page).to_have_url(re.compile(come.replace(" ", "_")))
    expect(page.get_by_test_id("box-move").first).to_be_visible()
    context.close()


def test_a_link_that_python_never_answers_is_followed_all_the_same(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    deaf = False

    def road(way):
        nonlocal deaf
        deaf = False  # a new page has a new road
        way.connect_to_server().on_message(lambda message: None if deaf else way.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), road)
    page.goto(f"{server}/RoI_Align?lang=en&step=join&box=1,2,5,6")
    page.get_by_test_id("box-move").wait_for()
    deaf = True
    page.get_by_role("link", name="Error").first.click()
    expect(page.locator("h1")).to_have_text("Quantization error")
    shows_the_truth(page, 1)
    expect(page.get_by_test_id("box-x1")).to_have_value("1")
    context.close()


def test_two_sessions_that_are_a_process_s_first_share_what_streamlit_makes_at_its_first_use():
    """Browsers come back at once to a process that was started again: one of them got an error instead of a page."""
    program = """
import asyncio, contextvars
from streamlit import delta_generator_singletons as streamlit
from roialign_lab.ui.startup import lifespan

made = []
streamlit.ContextVar = lambda *name, **default: made.append(name) or contextvars.ContextVar(*name, **default)

async def session():
    async with lifespan(None):
        at_start = len(made)
        streamlit.context_dg_stack.get()
        print(at_start, len(made))

asyncio.run(session())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1 1\n"
