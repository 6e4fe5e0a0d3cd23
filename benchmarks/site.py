"""The site beside the app, in the same Chromium: how soon it is there, and how soon a drag is answered.

    python benchmarks/site.py [--line 4]

It builds the site, serves it with Python's ``http.server``, starts the app, and opens RoI Align and Quantization error:

- **picture**: from the navigation to the first map; **draggable**: until a press of an arrow key is answered;
  *cold* with an empty profile, *cached* in the same profile again;
- **drag**: 200 pointer events at 60 a second; from the newest pointer event that a request carried to the second
  animation frame after the numbers changed, and how many updates a second there were.

``--line`` also opens the site over a line of that many Mbit/s with 40 ms of delay. The host compresses nothing, so the
bytes are those of the files.
"""

from __future__ import annotations

import argparse
import asyncio
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
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from roialign_lab.site.build import build  # noqa: E402
from roialign_lab.site.command import site_server  # noqa: E402

PAGES = ("RoI_Align", "Quantization_error")
EVENTS, RATE = 200, 60
PROBE = """
const asked = new Map(), times = [];
let newest = 0;
addEventListener("pointermove", () => (newest = performance.now()), true);
for (const [kind, method] of [[WebSocket, "send"], [Worker, "postMessage"]]) {
  const send = kind.prototype[method];
  kind.prototype[method] = function (message, ...rest) {
    const found = /"seq":(\\d+)/.exec(typeof message === "string" ? message : message?.event ?? "");
    if (found) asked.set(Number(found[1]), newest);
    return send.call(this, message, ...rest);
  };
}
globalThis.times = times;
globalThis.watch = () => {
  const host = document.querySelector("[data-ack]"), output = [...document.querySelectorAll(".roi-out")].at(-1);
  let before = output.textContent;
  new MutationObserver(() => {
    if (output.textContent === before) return;
    before = output.textContent;
    const from = asked.get(Number(host.dataset.ack));
    if (from) requestAnimationFrame(() => requestAnimationFrame(() => times.push(performance.now() - from)));
  }).observe(output, { childList: true, characterData: true, subtree: true });
};
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--line", type=float, help="Mbit/s of a slow line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "site")
        with site_server(Path(folder) / "site", 0) as server, app() as app_address:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            places = {"site": f"http://127.0.0.1:{server.server_port}/", "app": app_address}
            asyncio.run(measure(places, options.line))
            server.shutdown()


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


async def measure(places: dict[str, str], line: float | None) -> None:
    """Both, page by page."""
    chromium = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        print(f"{'':26}{'picture':>16}{'draggable':>18}{'drag':>16}{'updates':>10}")
        print(f"{'':26}{'cold':>8}{'cached':>8}{'cold':>9}{'cached':>9}{'p50':>8}{'p95':>8}{'a second':>10}")
        for page in PAGES:
            for name, address in places.items():
                await row(browser, f"{name} {page}", address + page)
        if line:
            context = await browser.new_context()
            picture, ready = await opened(context, places["site"] + PAGES[0], line)
            print(f"site at {line:g} Mbit/s, cold: picture {picture:.1f} s, draggable {ready:.1f} s")
        await browser.close()


async def row(browser: Browser, name: str, address: str) -> None:
    """A line of the table."""
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    await context.add_init_script(PROBE)
    cold = await opened(context, address)
    await asyncio.sleep(2)  # the service worker keeps what it needs
    cached = await opened(context, address)
    times, rate = await dragged(context.pages[-1])
    spent = "".join(
        f"{value:{width}.2f}"
        for value, width in zip((cold[0], cached[0], cold[1], cached[1]), (8, 8, 9, 9), strict=True)
    )
    print(f"{name:26}{spent}{np.percentile(times, 50):8.1f}{np.percentile(times, 95):8.1f}{rate:10.1f}", flush=True)
    await context.close()


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
    await page.get_by_test_id("map-0-0").first.wait_for()
    picture = time.perf_counter() - begun
    before = await page.locator(".roi-out").last.inner_text()
    await page.get_by_test_id("box-x1").press("ArrowRight")
    await page.wait_for_function(
        "before => [...document.querySelectorAll('.roi-out')].at(-1).innerText !== before", arg=before
    )
    return picture, time.perf_counter() - begun


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
