"""The site beside the app, in the same Chromium: how soon it is there, and how soon a drag is answered.

    python benchmarks/site.py [--line 4]

It builds the site, serves it with Python's ``http.server``, starts the app, and opens RoI Align and Quantization error:

- **picture**: from the navigation to the first map of the page as it opens; **draggable**: until an arrow key
  is answered; *cold* with an empty profile, *cached* in the same profile again;
- **drag**: at the step that shows the output, 200 pointer events at 60 a second; from the newest pointer event that a
  request carried to the second animation frame after the numbers changed, and how many updates a second there were;
- **memory**: what the browser's processes of that page hold together, beyond those of an empty page.

Last, it opens the site over a line of 4 Mbit/s with 40 ms of delay, or of as many as ``--line`` says; ``--line 0``
leaves that out. The host compresses nothing, so the bytes of that line are those of the files; what they are behind a
host that compresses is printed beside the targets.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import math
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from roialign_lab.site.build import build  # noqa: E402
from roialign_lab.site.command import site_server  # noqa: E402

PAGES = {
    "RoI_Align": "?lang=en&step=result",  # where the output is shown
    "Quantization_error": "?lang=en",
    "A_trained_network": "?lang=en&seen=features",
}
OUTPUT = ".roi-out button"
EVENTS, RATE = 200, 60
LATER = ("plotly.bin", "mask_networks.npz")  # come when a chart, or the page of trained networks, is seen
PROBE = """
const asked = new Map(), times = [];
let newest = 0;
addEventListener("pointermove", () => (newest = performance.now()), true);
for (const [kind, method] of [[WebSocket, "send"], [Worker, "postMessage"]]) {
  const send = kind.prototype[method];
  kind.prototype[method] = function (message, ...rest) {
    const found = /"seq":(\\d+)/.exec(typeof message === "string" ? message : String(message?.args?.[0]));
    if (found) asked.set(Number(found[1]), newest);
    return send.call(this, message, ...rest);
  };
}
globalThis.times = times;
globalThis.watch = () => {
  const host = document.querySelector("[data-ack]"), output = [...document.querySelectorAll(".roi-out")].at(-1);
  const mask = document.querySelector(".roi-mask_align .roi-outline[d^=M]");
  const drawn = () => mask ? mask.getAttribute("d") : output.textContent;
  let before = drawn();
  new MutationObserver(() => {
    if (drawn() === before) return;
    before = drawn();
    const from = asked.get(Number(host.dataset.ack));
    if (from) requestAnimationFrame(() => requestAnimationFrame(() => times.push(performance.now() - from)));
  }).observe(mask ?? output, { childList: true, characterData: true, subtree: true, attributes: true });
};
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--line", type=float, default=4.0, help="Mbit/s of a slow line (default 4; 0: none)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "site")
        weight = sum(
            min(file.stat().st_size, len(gzip.compress(file.read_bytes())))
            for file in Path(folder).rglob("*")
            if file.is_file() and file.name not in LATER
        )
        with site_server(Path(folder) / "site", 0) as server, app() as app_address:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            places = {"site": f"http://127.0.0.1:{server.server_port}/", "app": app_address}
            rows = asyncio.run(measure(places, options.line))
            server.shutdown()
    judge(rows, weight / 1e6)


@dataclass
class Row:
    """A line of the table: seconds, milliseconds of the updates of a drag, how many a second, MB."""

    picture: tuple[float, float]
    draggable: tuple[float, float]
    times: list[float]
    rate: float
    memory: float


def judge(rows: dict[tuple[str, str], Row], weight: float) -> None:
    """Print what was asked for beside what was measured."""

    def say(target: str, measured: float, unit: str, most: float) -> None:
        print(f"{target:58}{measured:8.2f} {unit:4}{'holds' if measured <= most else 'MISSED'}")

    print()
    for page in PAGES:
        site, app = rows["site", page], rows["app", page]
        p50 = [float(np.percentile(row.times, 50)) for row in (site, app)]
        if page == "A_trained_network":
            say(f"{page}: between two updates in the app, at most 33.3 ms", 1000 / app.rate, "ms", 33.4)
            say(f"{page}: between two updates on the site, at most 66.7 ms", 1000 / site.rate, "ms", 66.7)
            continue
        say(f"{page}: picture, cold, at most 1.0 s", site.picture[0], "s", 1.0)
        say(f"{page}: draggable, cold, at most 3.5 s", site.draggable[0], "s", 3.5)
        say(f"{page}: draggable, cached, at most 2.2 s", site.draggable[1], "s", 2.2)
        say(f"{page}: drag p50, at most 1.3 × the app's", p50[0] / p50[1], "×", 1.3)
        say(f"{page}: between two updates, at most 20 ms (50 a second)", 1000 / site.rate, "ms", 20.0)
    say("all files but those of charts and networks, gzip, at most 8 MB", weight, "MB", 8.0)


@contextmanager
def app() -> Iterator[str]:
    """The app on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "roialign_lab", "run", "--port", str(port), "--address", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


async def measure(places: dict[str, str], line: float) -> dict[tuple[str, str], Row]:
    """Both, page by page."""
    rows = {}
    chromium = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        print(f"{'':26}{'picture':>16}{'draggable':>16}{'drag':>16}{'updates':>10}{'memory':>9}")
        print(f"{'':26}{'cold':>8}{'cached':>8}{'cold':>8}{'cached':>8}{'p50':>8}{'p95':>8}{'a second':>10}{'MB':>9}")
        for page in PAGES:
            for name, address in places.items():
                rows[name, page] = await row(browser, f"{name} {page}", address + page, PAGES[page])
        if line:
            context = await browser.new_context()
            picture, ready = await opened(context, places["site"] + next(iter(PAGES)), line)
            print(f"site at {line:g} Mbit/s, cold: picture {picture:.1f} s, draggable {ready:.1f} s")
        await browser.close()
    return rows


async def row(browser: Browser, name: str, address: str, dragged_at: str) -> Row:
    """A line of the table: a page as it opens, then a drag where it stands at another place."""
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    empty = await context.new_page()
    before = await memory(browser)
    await empty.close()
    await context.add_init_script(PROBE)
    cold = await opened(context, address)
    await asyncio.sleep(5)  # what the next visit needs is kept
    await context.pages[-1].close()
    cached = await opened(context, address)
    page = context.pages[-1]
    await page.goto(address + dragged_at)
    await page.locator(OUTPUT).first.wait_for()
    await answered(page)
    times, rate = await dragged(page)
    made = Row((cold[0], cached[0]), (cold[1], cached[1]), times, rate, await memory(browser) - before)
    spent = "".join(f"{value:8.2f}" for value in (*made.picture, *made.draggable))
    middle, late = np.percentile(times, (50, 95))
    print(f"{name:26}{spent}{middle:8.1f}{late:8.1f}{rate:10.1f}{made.memory:9.0f}", flush=True)
    await context.close()
    return made


async def memory(browser: Browser) -> float:
    """MB that the processes of the browser hold, what they share counted once."""
    session = await browser.new_browser_cdp_session()
    listed = await session.send("SystemInfo.getProcessInfo")
    total = 0
    for process in listed["processInfo"]:
        for line in Path(f"/proc/{process['id']}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1000


async def opened(context: BrowserContext, address: str, line: float | None = None) -> tuple[float, float]:
    """Seconds to the picture and to the first answer."""
    page = await context.new_page()
    page.set_default_timeout(180_000)
    if line:
        session = await context.new_cdp_session(page)
        speed = {"offline": False, "latency": 40, "downloadThroughput": line * 125_000, "uploadThroughput": 125_000}
        await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", speed)
    begun = time.perf_counter()
    await page.goto(address, wait_until="commit")
    await page.locator("[data-testid=map-0-0], .roi-map image").first.wait_for()
    picture = time.perf_counter() - begun
    await answered(page)
    return picture, time.perf_counter() - begun


async def answered(page: Page) -> None:
    """A press of an arrow key is answered."""
    stage = page.locator("[data-ack]")
    before = await stage.get_attribute("data-ack")
    await page.get_by_test_id("box-x1").press("ArrowRight")
    await expect(stage).not_to_have_attribute("data-ack", before or "", timeout=180_000)


async def dragged(page: Page) -> tuple[list[float], float]:
    """The times of the updates of a drag in ms, and how many a second there were."""
    await page.evaluate("watch()")
    box = await page.get_by_test_id("box-move").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    begun = time.perf_counter()
    for k in range(EVENTS):
        await asyncio.sleep(max(0, begun + k / RATE - time.perf_counter()))
        turn = 2 * math.pi * k / EVENTS * 2
        await page.mouse.move(x + 40 * math.sin(turn), y + 20 * math.sin(2 * turn))
    lasted = time.perf_counter() - begun
    await page.mouse.up()
    await asyncio.sleep(0.5)
    times: list[float] = await page.evaluate("times")
    return times, len(times) / lasted


if __name__ == "__main__":
    main()
