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
expect.set_options(timeout=15_000)  # ms: several browsers share the machine, and a page of Streamlit takes its time
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
    for line in (made.quick, made.slow):
        process = line.process  # None where the line was idle for long
        if process is not None:
            process.kill()


# ---- the app in real Chromium -------------------------------------------------------------------------------------

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PATIENCE = 90_000  # milliseconds: a busy machine makes figures and slides last
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
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                assert process.poll() is None, "the app did not start"
                time.sleep(0.1)
        else:
            raise AssertionError("the app did not answer within 30 s")
        yield address
    finally:
        process.terminate()
        process.wait(10)


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


@pytest.fixture
def visit(profile: Callable[..., BrowserContext], server: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the app; afterwards nothing may have gone wrong, been missing or left for another host.

    ``color_scheme`` and ``reduced_motion`` are emulated; other options are those of a browser profile.
    """
    pages, wrong = [], []

    def open_page(path: str = "", width: int = 1280, height: int = 720, stage: bool = True, **options) -> Page:
        media = {name: options.pop(name) for name in ("color_scheme", "reduced_motion") if name in options}
        page = profile(**options).new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(**media)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
        page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("requestfailed", lambda r: wrong.append(f"{r.failure} {r.url}") if r.failure != LEFT else None)
        page.goto(f"{server}/{path}")
        heading = page.get_by_role("heading", level=1)
        (page.locator("[data-testid=map-0-0], .roi-map image").first if stage else heading).wait_for()
        return page

    yield open_page
    for page in pages:
        page.evaluate("try { localStorage.clear() } catch {}")  # the next test finds no answers of the quiz
        page.close()
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
        expect(page.get_by_test_id(f"output-{r}-{c}").nth(nth)).to_have_text(f"{value:.4f}", timeout=20_000)
    return box
