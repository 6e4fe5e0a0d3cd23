"""How long slides take, and whether a drag stays live while they are made.

    python benchmarks/deck.py

Each file is made five times in this process after one to warm up; p50 and p95 in seconds. Then the app is started, one
page asks for decks one after the other, and another drags as in ``live_drag.py``: p50 beside that of the same drag
before. The targets are those of a lecturer who waits: printed with what was measured.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time

import numpy as np
from live_drag import BROWSERS, FLAGS, HERE, ROOT, measure_drag, p, serving
from playwright.async_api import Browser, async_playwright

sys.path.insert(0, str(ROOT))
from roialign_lab.export.deck import Deck, Part, sheets
from roialign_lab.export.deck_files import deck_file
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.scenario import Scenario

ROUNDS = 5
POOL, ALIGN = (
    ("map", "snap", "split", "cells", "max", "result"),
    ("map", "bins", "samples", "neighbors", "join", "result"),
)


def twelve(name: str) -> Deck:
    """A deck of twelve slides on one map."""
    scenario, _ = from_address({"map": name}, "home", Scenario())
    return Deck((Part("roi_pool", scenario, POOL), Part("roi_align", scenario, ALIGN)))


def seconds(make: object, *arguments: object) -> np.ndarray:
    """Each of the rounds, the first left out."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        make(*arguments)  # type: ignore[operator]
        times.append(time.perf_counter() - start)
    return np.array(times[1:])


def files() -> dict[str, np.ndarray]:
    """Every kind of file of the 8x8 map and of the 32x32 map, and a single figure."""
    found = {}
    for name, label in (("animation", "8×8"), ("random-32x32-1", "32×32")):
        deck = twelve(name)
        for kind in ("pptx", "pptx-picture", "pdf", "gif", "zip"):
            found[f"{label} {kind}"] = seconds(lambda deck=deck, kind=kind: deck_file(sheets(deck), kind))
        sheet = sheets(deck)[9]
        found[f"{label} one figure, png"] = seconds(lambda sheet=sheet: save(draw_sheet(sheet), "png"))
        found[f"{label} one figure, svg"] = seconds(lambda sheet=sheet: save(draw_sheet(sheet), "svg"))
    return found


async def keep_asking(browser: Browser, address: str) -> None:
    """A page that asks for one deck after the other."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.goto(f"{address}/Slides?lang=en")
    while True:
        await page.get_by_role("button", name="Make it").click()
        await page.get_by_role("button", name="Download").wait_for(timeout=60_000)
        await page.wait_for_timeout(100)


async def drags() -> tuple[np.ndarray, np.ndarray]:
    """The drag of one session alone, and while another has decks made."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        other = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        with serving(HERE / "live_server.py", ROOT) as address:
            alone, _ = await measure_drag(browser, f"{address}/RoI_Align", "alone")
            asking = asyncio.create_task(keep_asking(other, address))
            await asyncio.sleep(6)
            busy, _ = await measure_drag(browser, f"{address}/RoI_Align", "meanwhile")
            asking.cancel()
        await browser.close()
        await other.close()
    return np.array(alone.number), np.array(busy.number)


def main() -> None:
    """Measure and print."""
    found = files()
    print(f"Python {sys.version.split()[0]}, {sys.platform}; seconds, p50 and p95 of {ROUNDS}; 12 slides a deck")
    for name, times in found.items():
        print(f"{name:28}{np.median(times):8.2f}{np.percentile(times, 95):8.2f}")
    alone, busy = asyncio.run(drags())
    print(f"\na drag, ms: alone {p(50, list(alone)):.0f}/{p(95, list(alone)):.0f}, "
          f"while decks are made {p(50, list(busy)):.0f}/{p(95, list(busy)):.0f}\n")  # fmt: skip
    for name, most in (
        ("8×8 pptx", 3),
        ("8×8 pptx-picture", 3),
        ("8×8 pdf", 3),
        ("8×8 gif", 4),
        ("8×8 one figure, png", 0.25),
    ):
        median = float(np.median(found[name]))
        print(f"{name}: at most {most} s {median:8.2f} s  {'holds' if median <= most else 'MISSED'}")
    for kind in ("pptx", "pdf", "gif"):
        ratio = float(np.median(found[f"32×32 {kind}"]) / np.median(found[f"8×8 {kind}"]))
        print(f"{kind}: 32×32 at most 2 × 8×8 {ratio:8.2f} ×  {'holds' if ratio <= 2 else 'MISSED'}")


if __name__ == "__main__":
    main()
