"""How long slides take, whether a drag stays live while they are made, and what a class and one greedy person get.

    python benchmarks/deck.py
    python benchmarks/deck.py --class 60    # only the lines and a class of that size

    python benchmarks/deck.py --film        # only the films: ten seconds of each, made once

Each file is made five times in this process after one to warm up; p50 and p95 in seconds. Then the app is started, one
page asks for decks one after the other, and another drags as in ``live_drag.py``: p50 beside that of the same drag
before. In the lines themselves a figure is asked for while a deck of 96 slides is made; then sixty sessions open the
Slides page, each with a box of its own, and each has to get its previews. The targets are those of a lecturer who
waits: printed with what was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
from class_load import app
from live_drag import BROWSERS, FLAGS, HERE, ROOT, measure_drag, p, serving
from playwright.async_api import Browser, async_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from student import Session

sys.path.insert(0, str(ROOT))
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.deck_files import deck_file
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.plate import plate_of
from roialign_lab.export.queue import Person, Workshop
from roialign_lab.export.tikz import tikz
from roialign_lab.export.whole_file import whole_file
from roialign_lab.export.worksheet import worksheet_file
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.own_maps import read_maps
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session as LessonSession
from roialign_lab.lesson.worksheet import worksheets
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure

ROUNDS = 5
FILM_OF_TEN = 2.9  # seconds of a step and of a cell: with the fade and the rest at the end ten
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


def films() -> dict[str, np.ndarray]:
    """Ten seconds of film in which a side moves by two cells, as the worker makes them; each once, after one frame."""
    box, end = (0.0, 3.0, 6.0, 8.0), (0.0, 3.0, 8.0, 8.0)
    found = {}
    for walk in ("roi_pool", "roi_align"):
        deck = Deck((Part(walk, Scenario(box=box), ("result",), path=(box, end)),))
        whole_file(deck, "png-poster")
        for kind in ("mp4", "webm"):
            start = time.perf_counter()
            whole_file(deck, kind, seconds=FILM_OF_TEN)
            found[f"{walk} {kind}, 10 s of 1080p30"] = np.array([time.perf_counter() - start])
    return found


def tell_films() -> None:
    """Measure and print them."""
    for name, times in films().items():
        print(f"{name:36}at most 15 s {times[0]:8.2f} s  {'holds' if times[0] <= 15 else 'MISSED'}")


def files() -> dict[str, np.ndarray]:
    """Every kind of file of the 8x8 map and of the 32x32 map, a single figure, a worksheet, a figure of a paper."""
    found = {}
    for name, label in (("animation", "8×8"), ("random-32x32-1", "32×32")):
        deck = twelve(name)
        for kind in ("pptx", "pptx-picture", "pdf", "gif", "zip"):
            found[f"{label} {kind}"] = seconds(lambda deck=deck, kind=kind: deck_file(sheets(deck), kind))
        found[f"{label} html"] = seconds(lambda deck=deck: whole_file(deck, "html"))
        sheet = sheets(deck)[9]
        found[f"{label} one figure, png"] = seconds(lambda sheet=sheet: save(draw_sheet(sheet), "png"))
        found[f"{label} one figure, svg"] = seconds(lambda sheet=sheet: save(draw_sheet(sheet), "svg"))
    found["one worksheet and its key"] = seconds(lambda: worksheet_file(worksheets(1, 1), 1))
    found["one figure of a paper, tex"] = seconds(
        lambda: tikz(plate_of(sheets(twelve("animation"))[9], 12, 9), "light", "")
    )
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
            alone, _ = await measure_drag(browser, f"{address}/RoI_Align?step=join", "alone")
            asking = asyncio.create_task(keep_asking(other, address))
            await asyncio.sleep(6)
            busy, _ = await measure_drag(browser, f"{address}/RoI_Align?step=join", "meanwhile")
            asking.cancel()
        await browser.close()
        await other.close()
    return np.array(alone.number), np.array(busy.number)


class Visitor(Session):
    """Opens the Slides page and looks until every preview is there."""

    def __init__(self, address: str, number: int) -> None:
        super().__init__(address, f"{number:032x}")
        self.number = number
        self.warnings: list[str] = []

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "alert":
            self.warnings.append(message.delta.new_element.alert.body)

    async def look(self) -> float | None:
        """Seconds until 16 previews are there; None where they did not come within a minute."""
        start = time.perf_counter()
        try:
            with suppress(TimeoutError):  # the page is there before the last of them
                await self.open("Slides", f"lang=en&map=animation&box=0,3,{4 + self.number * 0.05:.2f},8")
            while self.pictures < 16 and not self.warnings and time.perf_counter() - start < 60:
                await asyncio.sleep(0.1)
            return time.perf_counter() - start if self.pictures >= 16 else None
        finally:
            await self.close()


async def visit(address: str, visitors: int) -> tuple[list[float], list[str]]:
    """Everybody opens the Slides page within two seconds; what they were told instead of the previews."""
    people = [Visitor(address, number) for number in range(visitors)]

    async def come(person: Visitor) -> float | None:
        await asyncio.sleep(2 * person.number / visitors)
        return await person.look()

    waited = await asyncio.gather(*map(come, people))
    told = [word for person in people for word in (*person.warnings, *person.errors)]
    return [seconds for seconds in waited if seconds is not None], told


def hold_class(visitors: int) -> None:
    """A class opens the Slides page of a fresh app."""
    with app(1) as (address, server):
        waited, told = asyncio.run(visit(address, visitors))
        pids = [*server.pids, *children(server.pids[0])]
        memory = sum(server._resident(pid) for pid in pids)
    print(f"\n{visitors} sessions open Slides: {len(waited)} have their previews, p50 and p95 "
          f"{np.percentile(waited or [np.nan], 50):.1f} and {np.percentile(waited or [np.nan], 95):.1f} s; "
          f"told something else: {len(told)} {set(told) or ''}; {len(pids)} processes, {memory:.0f} MB")  # fmt: skip


def children(parent: int) -> list[int]:
    """The processes that draw for an app."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, above in rows if int(above) == parent]


def lines() -> None:
    """A figure while a deck of 96 slides is made, twenty decks of one person, and one slide of a map of 512x512."""
    workshop, greedy, student = Workshop(), Person("greedy"), Person("student")
    scenario, _ = from_address({"map": "animation"}, "home", Scenario())
    picture = figure(Page("roi_align", LessonSession()))
    workshop.figure(picture, "png", student).ended.wait()
    long = workshop.deck(Deck((Part("roi_align", scenario),) * 12), "zip", greedy)
    while not long.done:
        time.sleep(0.05)
    start = time.perf_counter()
    workshop.figure(picture, "png", student).ended.wait()
    print(f"\na figure behind a deck of 96 slides as zip: {time.perf_counter() - start:.2f} s")
    for k in range(20):
        workshop.deck(replace(twelve("animation"), title=f"{k}"), "pptx", greedy)
    start = time.perf_counter()
    mine = workshop.deck(twelve("animation"), "pptx", student)
    print(f"after twenty decks of one person: {workshop.slow.place(mine)} before the next person's, ", end="")
    mine.ended.wait()
    print(f"which is there after {time.perf_counter() - start:.1f} s")
    content = io.BytesIO()
    np.save(content, np.random.default_rng(0).random((512, 512), dtype=np.float32))
    own = read_maps("own.npy", content.getvalue())
    one = Part("roi_pool", Scenario(map=f"own-{own.name}-0", box=(100.0, 100.0, 400.0, 400.0)), ("max",))
    start = time.perf_counter()
    slide = workshop.deck(Deck((one,)), "zip", student)
    slide.ended.wait()
    size = len(slide.made or b"") / 1e6
    print(f"one slide of a map of 512×512 as zip: {time.perf_counter() - start:.1f} s, {size:.1f} MB {slide.problem}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--class", type=int, dest="visitors", help="only the lines, and a class that opens Slides")
    parser.add_argument("--film", action="store_true", help="only the films")
    options = parser.parse_args()
    visitors = options.visitors
    if options.film:
        tell_films()
        return
    if visitors:
        lines()
        hold_class(visitors)
        return
    found = files()
    print(f"Python {sys.version.split()[0]}, {sys.platform}; seconds, p50 and p95 of {ROUNDS}; 12 slides a deck")
    for name, times in found.items():
        print(f"{name:28}{np.median(times):8.2f}{np.percentile(times, 95):8.2f}")
    alone, busy = asyncio.run(drags())
    print(f"\na drag, ms: alone {p(50, list(alone)):.0f}/{p(95, list(alone)):.0f}, "
          f"while decks are made {p(50, list(busy)):.0f}/{p(95, list(busy)):.0f}\n")  # fmt: skip
    lines()
    hold_class(60)
    for name, most in (
        ("8×8 pptx", 1.5),
        ("8×8 pptx-picture", 3),
        ("8×8 pdf", 2),
        ("8×8 gif", 4),
        ("8×8 html", 1),
        ("8×8 one figure, png", 0.25),
        ("one worksheet and its key", 1),
    ):
        median = float(np.median(found[name]))
        print(f"{name}: at most {most} s {median:8.2f} s  {'holds' if median <= most else 'MISSED'}")
    slower = p(50, list(busy)) / p(50, list(alone))
    print(f"a drag while decks are made: at most 1.5 × {slower:8.2f} ×  {'holds' if slower <= 1.5 else 'MISSED'}")
    tell_films()
    for kind in ("pptx", "pdf", "gif"):
        ratio = float(np.median(found[f"32×32 {kind}"]) / np.median(found[f"8×8 {kind}"]))
        print(f"{kind}: 32×32 at most 2 × 8×8 {ratio:8.2f} ×  {'holds' if ratio <= 2 else 'MISSED'}")


if __name__ == "__main__":
    main()
