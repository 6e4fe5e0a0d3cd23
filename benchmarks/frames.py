"""Frames a second while a box is dragged, in Chromium, Firefox and WebKit: `python benchmarks/frames.py`.

Each engine opens the app, takes the box and moves it a little in every frame for some seconds; a frame is counted when
the browser asks for the next one. Maps: 8×8 with numbers, 32×32, and a photo at stride 4 (19,200 cells), which are one
picture. Needs what the tests of the engines need; without a graphics card it says what a classroom's PC would do. On a
machine that has other work the last column still counts: what the processor does for one frame, in all the browser's
processes.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.engines import ENGINES  # noqa: E402

PAGES = {
    "8×8": "RoI_Align?lang=en&step=result",
    "32×32": "RoI_Align?lang=en&step=result&map=random-32x32-7",
    "photo, stride 4": "RoI_Align?lang=en&step=result&map=photo-4-bright",
}
READY = """JSON.stringify(Boolean(document.querySelector("[data-testid=box-move]")
  && document.querySelector("[data-testid=output-0-0]")?.innerText.match(/[0-9]/)))"""
START = """(() => {
  Element.prototype.setPointerCapture = () => {};
  const handle = document.querySelector("[data-testid=box-move]"), place = handle.getBoundingClientRect();
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
  const send = (name, dx, dy) => handle.dispatchEvent(new PointerEvent(name, {
    bubbles: true, cancelable: true, pointerId: 7, pointerType: "mouse", clientX: x + dx, clientY: y + dy,
  }));
  globalThis.framesDrawn = null;
  send("pointerdown", 0, 0);
  let count = 0, longest = 0, last = 0, first = 0;
  requestAnimationFrame(function frame(now) {
    if (!first) first = now; else longest = Math.max(longest, now - last);
    last = now;
    const turn = (now - first) / 400;
    send("pointermove", 24 * Math.sin(turn), 16 * Math.cos(turn));
    if (now - first < SECONDS * 1000) return count++, requestAnimationFrame(frame);
    send("pointerup", 0, 0);
    globalThis.framesDrawn = [count / (now - first) * 1000, longest];
  });
  return "null";
})()"""
DRAWN = "JSON.stringify(globalThis.framesDrawn)"
NODES = "JSON.stringify(document.querySelectorAll('svg.roi-map *').length)"


class Chromium:
    """A window of the system's Chromium."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def open(self, address: str) -> None:
        """Go to an address."""
        self.page.goto(address)

    def value(self, script: str) -> Any:
        """What an expression that gives JSON gives in the page."""
        return json.loads(self.page.evaluate(script))


@contextmanager
def chromium(_folder: Path) -> Iterator[Chromium]:
    """Chromium without a graphics card."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield Chromium(browser.new_page(viewport={"width": 1280, "height": 720}))
        browser.close()


@contextmanager
def app(checkout: Path) -> Iterator[tuple[str, int]]:
    """The app of a checkout; its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "roialign_lab", "run", f"--port={port}", "--address=127.0.0.1"]
    process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health"):
                break
            time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(20)


def processor_time(but_not: int) -> float:
    """Seconds that the processes started from here have taken, without those of one (the app) and its own."""
    parents: dict[int, int] = {}
    taken: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            pid = int(path.parent.name)
            parents[pid], taken[pid] = int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    total = 0.0
    for pid, seconds in taken.items():
        above = pid
        while above in parents and above not in (os.getpid(), but_not):
            above = parents[above]
        total += seconds if above == os.getpid() != pid else 0.0
    return total


def wait_for(window: Any, script: str) -> Any:
    """What a script gives once it gives something."""
    for _ in range(600):
        if found := window.value(script):
            return found
        time.sleep(0.1)
    raise TimeoutError(script)


def main() -> None:
    """Print one line for each engine and map."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose app is opened: another one, to compare")
    options = parser.parse_args()
    engines: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {"Chromium": chromium, **ENGINES}
    print(f"{'':10}{'map':18}{'frames/s':>9}{'longest, ms':>13}{'nodes':>8}{'ms/frame':>10}")
    with app(options.checkout) as (address, pid):
        for name, engine in engines.items():
            try:
                with tempfile.TemporaryDirectory() as folder, engine(Path(folder)) as window:
                    for size, page in PAGES.items():
                        window.open(f"{address}/{page}")
                        wait_for(window, READY)
                        time.sleep(1.5)
                        before = processor_time(pid)
                        window.value(START.replace("SECONDS", str(options.seconds)))
                        rate, longest = wait_for(window, DRAWN)
                        spent = 1000 * (processor_time(pid) - before) / (rate * options.seconds)
                        print(
                            f"{name:10}{size:18}{rate:9.0f}{longest:13.0f}{window.value(NODES):8}{spent:10.0f}",
                            flush=True,
                        )
            except pytest.skip.Exception as missing:
                print(f"{name:10}{missing}")


if __name__ == "__main__":
    main()
