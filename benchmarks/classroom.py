"""A room on this machine: a lecturer drags at 20 Hz, 60 or 300 students follow, all vote within two seconds.

    python benchmarks/classroom.py                        # 60 and 300 students, and three real pages of a phone's size
    python benchmarks/classroom.py --processes 2          # behind nginx
    ROIALIGN_LAB_ROOMS=redis://localhost python benchmarks/classroom.py --processes 2

Times are from the moment when the lecturer's browser would send a position to the moment when a student has the numbers
that Python computed for it, or a real page has painted them. A student who is behind gets the newest position. The
students run on the machine that they measure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import numpy as np
from class_load import Server, app
from live_drag import BROWSERS, FLAGS
from playwright.async_api import Page, async_playwright
from uvloop import run
from websockets.asyncio.client import ClientConnection, connect

RATE = 20.0  # positions a second
VOTING = 2.0  # seconds in which all vote
SHOW = {"page": "roi_align", "address": "map=animation&stride=16&out=2,2&samples=2", "step": "join"}
THIRD = {**SHOW, "step": "samples"}
WATCH = """
globalThis.painted = [];
const look = () => {
  const box = document.querySelector("[data-testid=box-x1]")?.value;
  const last = painted.at(-1);
  if (box && last?.box !== box) painted.push({ box, at: performance.timeOrigin + performance.now() });
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


class Browser:
    """One that is in the room: what it is told, the newest of each kind."""

    def __init__(self, way: ClientConnection) -> None:
        self.way = way
        self.told: dict[str, Any] = {}
        self.arrived: list[tuple[float, float]] = []  # the left side of the box, and when it was there
        self.bytes = 0
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self.way:
            assert isinstance(text, str)
            now = time.time()
            self.bytes += len(text)
            message = json.loads(text)
            self.told |= message
            if message.get("update"):
                self.arrived.append((message["update"]["box"][0], now))

    async def say(self, **message: object) -> None:
        """One message."""
        await self.way.send(json.dumps(message))

    async def until(self, name: str, seen: Any = bool) -> None:
        """Wait until it was told that."""
        async with asyncio.timeout(60):
            while not seen(self.told.get(name)):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def browser(address: str, number: int, hello: dict[str, Any]) -> AsyncIterator[Browser]:
    """Somebody comes to the room; behind nginx each with a cookie of its own."""
    headers = {"Cookie": f"roi_node={number:032x}", "Origin": address}
    way = await connect(address.replace("http", "ws") + "/roi-room", additional_headers=headers, max_size=None)
    here = Browser(way)
    await here.say(client=f"{number:032x}", lang="zh" if number % 4 == 3 else "en", **hello)
    yield here
    here.reader.cancel()
    await way.close()


async def hold(address: str, server: Server, students: int, pages: int, seconds: float) -> None:
    """A lecture in one room; prints what it was like."""
    async with AsyncExitStack() as stack:
        lecturer = await stack.enter_async_context(browser(address, 0, {"open": SHOW}))
        await lecturer.until("opened")
        code = lecturer.told["opened"]["code"]
        opened = await stack.enter_async_context(in_chromium(pages, f"{address}/r/{code}"))
        join = [browser(address, number, {"join": code}) for number in range(1, students + 1)]
        class_ = await asyncio.gather(*(stack.enter_async_context(each) for each in join))
        await asyncio.gather(*(student.until("update") for student in class_))
        everybody = students + pages
        await lecturer.until("count", lambda count: count and count["here"] == everybody)
        before, started = server.cpu, time.perf_counter()
        sent = await drag(lecturer, seconds)
        await asyncio.sleep(0.5)
        spent = (server.cpu - before) / (time.perf_counter() - started)
        print(f"\n{students} students and {pages} pages of Chromium, one room, {RATE:.0f} positions a second")
        told("students", [(at - sent[x]) * 1000 for s in class_ for x, at in s.arrived if x in sent])
        count = sum(x in sent for student in class_ for x, _ in student.arrived)
        rate, size = count / seconds / students, sum(student.bytes for student in class_) / max(1, count)
        painted = [entry for page in opened for entry in await page.evaluate("painted")]
        frames = [(p["at"] / 1000 - sent[float(p["box"])]) * 1000 for p in painted if float(p["box"]) in sent]
        if frames:
            told("painted", frames)
        at_rest = sum(student.arrived[-1][0] == list(sent)[-1] for student in class_)
        print(
            f"  {rate:.1f} updates a second each, {size / 1000:.1f} KB; at rest {at_rest} of {students} have the last"
        )
        print(f"  {spent:.2f} cores, {server.memory:.0f} MB (the largest process)")
        await vote(lecturer, class_)
        await lecturer.say(end=True)
        await lecturer.until("ended")


async def drag(lecturer: Browser, seconds: float) -> dict[float, float]:
    """Move the box; gives by its left side when that was sent."""
    sent = {}
    for k in range(round(seconds * RATE)):
        start = time.perf_counter()
        x = round(0.3 + 0.01 * (k % 250), 2)
        sent[x] = time.time()
        await lecturer.say(show={**SHOW, "box": [x, 1.5, round(x + 4.2, 2), 6.2]})
        await asyncio.sleep(max(0.0, start + 1 / RATE - time.perf_counter()))
    return sent


async def vote(lecturer: Browser, class_: list[Browser]) -> None:
    """Everybody answers within two seconds, some twice; prints how long until all was counted."""
    await lecturer.say(ask=THIRD)
    is_asked = lambda room: room and room["question"] and room["question"]["phase"] == "ask"  # noqa: E731
    await asyncio.gather(*(student.until("room", is_asked) for student in class_))
    waited = []

    async def answer(student: Browser) -> None:
        await asyncio.sleep(random.uniform(0, VOTING))
        started = time.time()
        await student.say(question=1, round=1, vote={"guess": [[4.5, 4.2]]})
        await student.until("mine")
        waited.append((time.time() - started) * 1000)

    await asyncio.gather(*map(answer, class_))
    await lecturer.until("count", lambda count: count["answered"] == len(class_))
    told("votes", waited)
    print(f"  {len(class_)} of {len(class_)} votes counted")


def told(kind: str, times: list[float]) -> None:
    """One line of percentiles."""
    figures = "".join(f"{value:8.1f}" for value in (*np.percentile(times, (50, 95, 99)), max(times)))
    print(f"  {kind:10}{len(times):7}{figures}   ms (p50, p95, p99, most)")


@asynccontextmanager
async def in_chromium(pages: int, link: str) -> AsyncIterator[list[Page]]:
    """Real pages of a phone's size that came by the short link and follow."""
    if not pages:
        yield []
        return
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        opened = []
        for _ in range(pages):
            context = await chromium.new_context(viewport={"width": 390, "height": 844})
            page = await context.new_page()
            await page.goto(link)
            await page.get_by_test_id("room-look").wait_for(timeout=60_000)
            await page.evaluate(WATCH)
            opened.append(page)
        yield opened
        await chromium.close()


def main() -> None:
    """Hold a lecture for each size of class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[60, 300])
    parser.add_argument("--pages", type=int, default=3, help="real pages of Chromium among them")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a drag")
    parser.add_argument("--processes", type=int, default=1, help="of the app; more than one behind nginx")
    options = parser.parse_args()
    for students in options.students:
        with app(options.processes) as (address, server):
            time.sleep(5)  # until it is warm
            run(hold(address, server, students, options.pages, options.seconds))


if __name__ == "__main__":
    main()
