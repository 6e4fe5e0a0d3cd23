"""How soon the numbers follow a drag: this app, the least that a WebSocket needs, and the usual sliders with a picture.

    python benchmarks/live_drag.py

It starts the servers, opens headless Chromium and drags the box along a figure of eight of ±1 cell, 60 pointer events
a second. The pointer is moved with ``Input.dispatchMouseEvent`` of the DevTools protocol, paced by the clock and sent
without waiting for the browser's word. ``live_probe.js`` notes the times in the page:

- **number**: from the newest pointer event that a request carried to the second animation frame after the text of the
  output changed: what Python computed is on the screen;
- **arrived**: the same, to the moment when the answer was in the page and drawn, not yet painted;
- **box**: from the pointer event to the first animation frame after the outline of the box moved;
- **KB**: what all WebSockets of the page received, by update.

Chromium hands over pointer events at the start of a frame, so the second frame after is at least 33 ms away, and every
number is a whole count of frames: 33, 50, 67 ms.

The floor is a bare WebSocket in the same server process, in the same page, right after the drag: 100 bytes out at each
pointer event, a kilobyte back, into a text.

The naive design is a whole rerun with ``st.slider`` and ``st.pyplot``, in Streamlit's default configuration (uvloop is
there too; without it the times are the same). One arrow key at a time on a slider, from the key to the second frame
after the changed picture was loaded. Two of them, because what the picture shows decides the ratio: the map and the
box alone (``naive_box.py``), and all that this app shows (``naive_app.py``), which takes more than twice as long.
"""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, CDPSession, Page, async_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PORTS = range(8700, 8721)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
RATE = 60  # pointer events a second
WARM_UP, EVENTS, KEYS = 60, 480, 40
FIGURE_OF_EIGHT = 2.4  # seconds: each event moves the box by at least 0.03 cells
CENTRE = (0.5, -0.5)  # cells from where the box is: it has more room on the right and above

MAP_8 = "?step=join"
MAP_32 = "?step=join&map=random-32x32-1&box=8.5,9.2,21.3,22.7"
MANY_SAMPLES = "?step=join&out=7&samples=4"
MANY_OUTPUTS = "?step=join&out=14&samples=2"


@dataclass
class Times:
    """What one design did; times in ms, one for each update."""

    name: str
    number: list[float]
    arrived: list[float] = field(default_factory=list)
    box: list[float] = field(default_factory=list)
    rate: float = math.nan  # updates a second
    size: float = math.nan  # KB an update

    def row(self) -> str:
        """A line of the table."""
        each = (self.number, self.arrived, self.box)
        times = "".join(f"{p(50, times):8.1f}{p(95, times):7.1f}" if times else " " * 15 for times in each)
        others = "".join(" " * 9 if math.isnan(value) else f"{value:9.2f}" for value in (self.rate, self.size))
        return f"{self.name:34}{len(self.number):5}{times}{others}"


def p(percent: int, times: list[float]) -> float:
    """A percentile."""
    return float(np.percentile(times, percent))


# ---- servers ------------------------------------------------------------------------------------------------------


@contextmanager
def serving(script: Path, folder: Path, *options: str) -> Iterator[str]:
    """``streamlit run script`` in ``folder``, whose configuration it reads, on a free port; gives its address."""
    port = next(port for port in PORTS if _is_free(port))
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("localhost", port)) != 0


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.01)
        if server.poll() is not None:
            break
    raise RuntimeError(f"the server does not answer at {address}")


# ---- the pointer --------------------------------------------------------------------------------------------------


@dataclass
class Pointer:
    """The mouse of a page, starting at the middle of the box; ``cell`` is in CSS pixels."""

    devtools: CDPSession
    x: float
    y: float
    cell: float

    async def send(self, kind: str, x: float, y: float, pressed: bool) -> None:
        """One mouse event. The browser's answer comes about a frame later."""
        button = {"button": "left", "buttons": 1, "clickCount": 1} if pressed else {"button": "none"}
        await self.devtools.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **button})

    async def travel(self, first: int, many: int, pressed: bool) -> None:
        """Follow the figure of eight at 60 Hz from its event number ``first``."""
        start = time.perf_counter()
        sent = []
        for k in range(many):
            await asyncio.sleep(max(0.0, start + k / RATE - time.perf_counter()))
            angle = 2 * math.pi * (first + k) / RATE / FIGURE_OF_EIGHT
            x = self.x + (CENTRE[0] + math.sin(angle)) * self.cell
            y = self.y + (CENTRE[1] + math.sin(2 * angle)) * self.cell
            sent.append(asyncio.create_task(self.send("mouseMoved", x, y, pressed)))
        await asyncio.gather(*sent)
        await asyncio.sleep(0.3)  # the last answers


class Traffic:
    """Bytes that the WebSockets of a page received (``Network.webSocketFrameReceived``), frame headers apart."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload: bytes | str) -> None:
        self.bytes += len(payload if isinstance(payload, bytes) else payload.encode())


# ---- the designs --------------------------------------------------------------------------------------------------


async def measure_drag(browser: Browser, address: str, name: str) -> tuple[Times, Times]:
    """Drag the box of a page, then the floor in the same page."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.add_init_script(path=HERE / "live_probe.js")
    traffic = Traffic(page)
    await page.goto(address)
    mover = page.get_by_test_id("box-move").last
    await mover.scroll_into_view_if_needed(timeout=30_000)
    await page.wait_for_timeout(1500)  # fonts, the first run's left-overs
    await page.evaluate("probe.watchBox(), probe.watchOutput()")

    devtools = await page.context.new_cdp_session(page)
    place = await mover.bounding_box()
    assert place is not None
    cell = await page.evaluate("document.querySelector('.roi-map').getScreenCTM().a * 100")
    pointer = Pointer(devtools, place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, cell)

    await pointer.send("mouseMoved", pointer.x, pointer.y, pressed=False)
    await pointer.send("mousePressed", pointer.x, pointer.y, pressed=True)
    drag = await _travel(page, pointer, traffic, f"this app, {name}", pressed=True)
    await pointer.send("mouseReleased", pointer.x, pointer.y, pressed=True)
    await page.wait_for_timeout(500)

    await page.evaluate("probe.openFloor()")
    floor = await _travel(page, pointer, traffic, "  a bare WebSocket in that page", pressed=False)
    await page.close()
    return drag, floor


async def _travel(page: Page, pointer: Pointer, traffic: Traffic, name: str, pressed: bool) -> Times:
    await pointer.travel(0, WARM_UP, pressed)
    await page.evaluate("probe.clear()")
    before = traffic.bytes
    await pointer.travel(WARM_UP, EVENTS, pressed)
    noted = await page.evaluate("({ moves: probe.moves, answers: probe.answers, follows: probe.follows })")
    answers, moves = noted["answers"], noted["moves"]
    if not answers:
        raise RuntimeError(f"{name}: no update in {len(moves)} pointer events")
    during = [answer for answer in answers if moves[0] <= answer["arrived"] <= moves[-1]]
    return Times(
        name,
        number=[answer["painted"] - answer["event"] for answer in answers],
        arrived=[answer["arrived"] - answer["event"] for answer in answers],
        box=noted["follows"],
        rate=len(during) / (moves[-1] - moves[0]) * 1000,
        size=(traffic.bytes - before) / len(answers) / 1000,
    )


async def measure_naive(browser: Browser, address: str, name: str) -> Times:
    """Arrow keys on a slider, each after the picture of the one before."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.add_init_script(path=HERE / "live_probe.js")
    await page.goto(address)
    await page.get_by_test_id("stImage").wait_for(timeout=30_000)
    await page.get_by_role("slider").first.focus()
    times = []
    for _ in range(KEYS):
        await page.wait_for_timeout(300)
        await page.evaluate("probe.awaitPicture()")
        await page.keyboard.press("ArrowRight")
        times.append(await page.evaluate("probe.pictured"))
    await page.close()
    return Times(f"sliders, st.pyplot: {name}", times)


# ---- the table ----------------------------------------------------------------------------------------------------


@dataclass
class Results:
    """What all designs did. Each drag with the floor of its page."""

    small: tuple[Times, Times]
    fine: tuple[Times, Times]
    samples: tuple[Times, Times]
    outputs: tuple[Times, Times]
    pair: tuple[Times, Times]
    swept: tuple[Times, Times]
    networks: tuple[Times, Times]
    naive_box: Times
    naive_app: Times

    def rows(self) -> list[Times]:
        """All, in the order of the table."""
        drags = (self.small, self.fine, self.samples, self.outputs, self.pair, self.swept, self.networks)
        return [times for drag in drags for times in drag] + [self.naive_box, self.naive_app]


async def measure() -> Results:
    """All designs, one after the other."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)  # else the one that Playwright brought
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        with serving(HERE / "live_server.py", ROOT) as address:
            lesson = f"{address}/RoI_Align"
            small = await measure_drag(browser, lesson + MAP_8, "8×8 map, 2×2 bins of 2×2")
            fine = await measure_drag(browser, lesson + MAP_32, "32×32 map, the same bins")
            samples = await measure_drag(browser, lesson + MANY_SAMPLES, "8×8 map, 7×7 bins of 4×4")
            outputs = await measure_drag(browser, lesson + MANY_OUTPUTS, "8×8 map, 14×14 bins of 2×2")
            pair = await measure_drag(browser, address, "Pool and Align on one box")
            swept = await measure_drag(browser, f"{address}/Quantization_error", "both, and the sweep")
            networks = await measure_drag(browser, f"{address}/A_trained_network", "two trained networks")
        with tempfile.TemporaryDirectory() as folder:  # where no configuration is
            options = ("--server.headless=true", "--browser.gatherUsageStats=false")
            with serving(HERE / "naive_box.py", Path(folder), *options) as address:
                naive_box = await measure_naive(browser, address, "map, box")
            with serving(HERE / "naive_app.py", Path(folder), *options) as address:
                naive_app = await measure_naive(browser, address, "all of it")
        await browser.close()
    return Results(small, fine, samples, outputs, pair, swept, networks, naive_box, naive_app)


def targets(results: Results) -> list[str]:
    """Each target, what was measured, and whether it holds."""
    lines = []

    def say(target: str, measured: float, unit: str, holds: bool) -> None:
        lines.append(f"{target:64}{measured:8.2f} {unit:10}{'holds' if holds else 'MISSED'}")

    for name, (times, floor), most in (
        ("8×8", results.small, 1.3),
        ("32×32", results.fine, 1.3),
        ("7×7 bins of 4×4", results.samples, 2.0),
        ("14×14 bins of 2×2", results.outputs, 2.0),
        ("both on one box", results.pair, 1.3),
        ("the sweep", results.swept, 1.3),
    ):
        ratio = p(50, times.number) / p(50, floor.number)
        say(f"{name}: number p50, at most {most} × the floor", ratio, "×", ratio <= most)
        say(f"{name}: at least 50 updates a second", times.rate, "/s", times.rate >= 50)
        say(f"{name}: box p95 within a frame of 16.7 ms", p(95, times.box), "ms", p(95, times.box) <= 16.7)
    drawn = results.networks[0]
    say("two trained networks: at least 30 updates a second", drawn.rate, "/s", drawn.rate >= 30)
    say("two trained networks: box p95 within a frame of 16.7 ms", p(95, drawn.box), "ms", p(95, drawn.box) <= 16.7)
    for name, (times, _), most in (
        ("8×8", results.small, 2.5),
        ("32×32", results.fine, 2.5),
        ("7×7 bins of 4×4", results.samples, 20.0),
        ("14×14 bins of 2×2", results.outputs, 25.0),
    ):
        say(f"{name}: at most {most} KB an update", times.size, "KB", times.size <= most)
    for name, (times, floor) in (("8×8", results.small), ("32×32", results.fine)):
        at_floor = p(50, times.number) <= 1.1 * p(50, floor.number)  # nothing in a browser is quicker
        for naive, picture in ((results.naive_box, "map, box"), (results.naive_app, "all of it")):
            gain = p(50, naive.number) / p(50, times.number)
            say(f"{name}: 8 × faster than sliders, {picture}, or at the floor", gain, "×", gain >= 8 or at_floor)
    return lines


def main() -> None:
    """Measure and print."""
    results = asyncio.run(measure())
    print(f"{os.cpu_count()} cores, {sys.platform}, Python {sys.version.split()[0]}; ms, p50 and p95")
    print(f"{'':34}{'n':>5}{'number':>15}{'arrived':>15}{'box':>15}{'/s':>9}{'KB':>9}")
    print("\n".join(times.row() for times in results.rows()), "", *targets(results), sep="\n")


if __name__ == "__main__":
    main()
