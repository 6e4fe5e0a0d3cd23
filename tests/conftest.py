"""What the tests share: the recorded answers, the processes that make files, and the app in real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.export.queue import Workshop

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # some tests call it themselves
expect.set_options(timeout=60_000)  # ms: several browsers share the machine, and a page of Streamlit takes its time
collect_ignore = ["conformance/make_torchvision.py"]  # needs torch; kept to say how the answers were made
RECORDED = Path(__file__).parent / "conformance" / "torchvision.npz"


@pytest.fixture(scope="session")
def torchvision_answers() -> list[tuple[dict, dict[str, np.ndarray]]]:
    """Every recorded call with its arrays, as make_torchvision.py wrote them."""
    with np.load(RECORDED) as stored:
        cases = json.loads(str(stored["cases"]))
        return [
            (case, {name.split("/")[1]: stored[name] for name in stored.files if name.split("/")[0] == str(k)})
            for k, case in enumerate(cases)
        ]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """Lines of their own for the tests of one file, with the processes that they start."""
    made = Workshop()
    yield made
    for line in (made.quick, made.slow, made.films):
        process = line.process  # None where the line was idle for long
        if process is not None:
            process.kill()


# ---- the app in real Chromium -------------------------------------------------------------------------------------

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PATIENCE = 180_000  # milliseconds: a busy machine makes figures and slides last
LEFT = "net::ERR_ABORTED"  # a page that was closed before it had everything
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # a lecture hall without a network


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the app, started as a person starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.address", "127.0.0.1"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                assert process.poll() is None, "the app did not start"
                time.sleep(0.1)
        else:
            raise AssertionError("the app did not answer within 90 s")
        yield address
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium or Chrome as the system has it."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    found = found or (MAC_CHROME if Path(MAC_CHROME).exists() else None)
    assert found, "no Chromium or Chrome: run `make programs`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, ALONE])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile by its options, kept for the whole run: a page opens sooner where its files are cached."""
    contexts: dict[str, BrowserContext] = {}

    def kept(**options) -> BrowserContext:
        name = repr(sorted(options.items()))
        if name not in contexts:
            contexts[name] = chromium.new_context(**options)
        return contexts[name]

    yield kept
    for context in contexts.values():
        context.close()


STAYING = ("add_init_script", "expose_binding", "expose_function", "on", "once", "route", "route_web_socket")
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference"}  # what a tab has where nothing else is asked for


class Tab:
    """A tab that one test after another uses: in a new one the scripts of the app are compiled again."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.page, self.server, self.is_resting = context.new_page(), server, False
        self.wrong: list[str] = []
        self.history = context.new_cdp_session(self.page)
        hear, page = self._hear, self.page
        page.on("pageerror", lambda error: hear(str(error)))
        page.on("console", lambda said: hear(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda r: hear(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
        page.on("response", lambda r: hear(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("requestfailed", lambda r: hear(f"{r.failure} {r.url}") if r.failure != LEFT else None)

    def _hear(self, wrong: str) -> None:
        if not self.is_resting:
            self.wrong.append(wrong)

    def rest(self) -> list[str]:
        """Leave the app, so that nothing of this test is there for the next one; gives what went wrong."""
        self.is_resting = True
        self.page.goto(f"{self.server}/_stcore/health")  # of the same address, so the process stays
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")  # answers of the quiz, a room
        self.page.mouse.move(-1, -1)
        self.history.send("Page.resetNavigationHistory")
        wrong, self.wrong = self.wrong, []
        return wrong


@pytest.fixture(scope="session")
def tabs() -> dict[str, list[Tab]]:
    """The tabs of each profile that no test uses now."""
    return {}


@pytest.fixture
def visit(
    profile: Callable[..., BrowserContext], chromium: Browser, server: str, tabs: dict[str, list[Tab]]
) -> Iterator[Callable[..., Page]]:
    """Open a page of the app; afterwards nothing may have gone wrong, been missing or left for another host.

    ``color_scheme`` and ``reduced_motion`` are emulated; other options are those of a browser profile. With ``own`` the
    page is of a profile of its own, for a test that puts into it what would stay there: a script, a clock.
    """
    used: list[tuple[Tab, list[Tab]]] = []
    alone: list[BrowserContext] = []

    def stays(*_arguments: object, **_options: object) -> None:
        raise AssertionError("this would stay in the tab for the next test: visit(…, own=True)")

    def taken(own: bool, options: dict) -> Tab:
        if own:
            alone.append(chromium.new_context(**options))
            used.append((Tab(alone[-1], server), []))
            return used[-1][0]
        free = tabs.setdefault(repr(sorted(options.items())), [])
        tab = free.pop() if free else Tab(profile(**options), server)
        for name in STAYING:
            setattr(tab.page, name, stays)
        used.append((tab, free))
        return tab

    def open_page(
        path: str = "", width: int = 1280, height: int = 720, stage: bool = True, own: bool = False, **options
    ) -> Page:
        media = {name: options.pop(name, usual) for name, usual in MEDIA.items()}
        tab = taken(own, options)
        page, tab.is_resting = tab.page, False
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(media="null", **media)
        page.goto(f"{server}/{path}")
        heading = page.get_by_role("heading", level=1)
        (page.locator("[data-testid=map-0-0], .roi-map image").first if stage else heading).wait_for()
        return page

    yield open_page
    wrong: list[str] = []
    for tab, free in used:
        wrong += tab.rest()
        free.append(tab)
    for context in alone:
        context.close()
    assert not wrong


def box_of(page: Page) -> tuple[float, ...]:
    """The box on the screen, in cells."""
    return tuple(float(page.get_by_test_id(f"box-{side}").input_value()) for side in ("x1", "y1", "x2", "y2"))


def open_more(page: Page) -> None:
    """Show the controls that stand under *More*."""
    more = page.get_by_test_id("more")
    if more.get_attribute("aria-expanded") != "true":
        more.click()
    expect(more).to_have_attribute("aria-expanded", "true")


def outputs(page: Page) -> list[str]:
    """The four numbers of a 2x2 output on the screen."""
    return [page.get_by_test_id(f"output-{r}-{c}").inner_text() for r, c in np.ndindex(2, 2)]


def shows_the_truth(page: Page, nth: int = 0) -> tuple[float, ...]:
    """The numbers of RoI Align on the screen are the core's for the box on the screen, which is returned."""
    box = box_of(page)
    rows = trace(ANIMATION_MAP, tuple(16 * side for side in box), ROI_ALIGN, 2, 1 / 16).output
    for (r, c), value in np.ndenumerate(rows):
        expect(page.get_by_test_id(f"output-{r}-{c}").nth(nth)).to_have_text(f"{value:.4f}")
    return box
