"""What one message of a drag may cost: every page, map, output size and number of samples.

    python benchmarks/cost.py [--page gradients] [--rounds 3]

Each combination is answered as a drag is (``stage.answer.answer_message``), with a box that is most of the map, one
that ends in the middle of cells, and one of a few cells; the box moves a hundredth of a cell between two answers, so
that nothing is remembered from one to the next. So are nudges, predictions, and what a room asks for those who follow
(``whole``, which brings the map once), each with the first of the options. For each page the table shows the dearest
messages: the time (p50 and greatest of the rounds, ms) and the size (KB). At the end the dearest messages of all pages
go through the processes that answer (``ui.answer_pool``), four clients at once, while a clock on the event loop of the
server ticks every millisecond: the longest time between two ticks is what one person can make the others wait.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the processes that answer
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from roialign_core.backbone import STRIDES  # noqa: E402
from roialign_core.bilinear import frozen  # noqa: E402
from roialign_lab.lesson.mask_networks import STRIDES as DRAWN_STRIDES  # noqa: E402
from roialign_lab.lesson.operator_names import ON_STAGE  # noqa: E402
from roialign_lab.lesson.own_maps import OwnMaps, keep  # noqa: E402
from roialign_lab.lesson.quiz import STEPS  # noqa: E402
from roialign_lab.lesson.scenario import LARGEST_OUTPUT, MOST_SAMPLES_A_SIDE  # noqa: E402
from roialign_lab.lesson.session import Session  # noqa: E402
from roialign_lab.lesson.walks import questions_on  # noqa: E402
from roialign_lab.stage.answer import answer_message  # noqa: E402
from roialign_lab.stage.page import WALKS, Page  # noqa: E402
from roialign_lab.stage.payload import payload  # noqa: E402
from roialign_lab.stage.trail import TRAILS  # noqa: E402
from roialign_lab.ui.answer_pool import AnswerPool, Client  # noqa: E402

MOST_TIME, MOST_SIZE = 50.0, 256.0  # ms, KB
MOST_GAP = 5.0  # ms between two ticks of a clock on the event loop
CLIENTS, SECONDS = 4, 10.0
DEAREST = 4  # lines a page
PAGES = (
    *("home", "image", "roi_pooling", "roi_align", "bilinear"),
    *("quantization", "network", "family", "gradients", "quiz"),
)
OUTPUTS = ("1", "2", "7", f"1,{LARGEST_OUTPUT}", str(LARGEST_OUTPUT))
SAMPLES = ("0", "1", "2", str(MOST_SAMPLES_A_SIDE))  # 0: as many as the bin is large
OWN_SHAPES = {"own 512×512": (1, 512, 512), "own 1×512": (1, 1, 512), "own 2048 channels": (2048, 16, 16)}


@dataclass(frozen=True)
class Message:
    """What one combination costs."""

    page: str
    of: str
    time: float  # ms, p50
    most: float  # ms
    size: float  # KB
    text: str  # one of them
    has_still: bool  # it brings the map and the words, which a room sends once

    @property
    def is_dear(self) -> bool:
        """Does it cost more than one may?"""
        return self.time > MOST_TIME or (self.size > MOST_SIZE and not self.has_still)


def own_data() -> dict[str, OwnMaps]:
    """Maps as a person may load them. They are held here, as a session holds them."""
    rng = np.random.default_rng(7)
    return {
        name: keep(OwnMaps(f"{number:012x}", frozen(rng.random(shape))))
        for number, (name, shape) in enumerate(OWN_SHAPES.items(), 1)
    }


def maps_of(page: str, own: dict[str, OwnMaps]) -> dict[str, str]:
    """The maps that a page is measured with: what is written here, and its name in an address."""
    photos = {f"photo, stride {stride}": f"photo-{stride}-bright" for stride in STRIDES}
    if page == "image":
        return photos
    if page == "network":
        return {f"drawn, stride {stride}": f"drawn-11-{stride}-0" for stride in DRAWN_STRIDES}
    if page == "quiz":
        return {"": ""}  # each question has its own
    examples = {"8×8": "animation", "random 32×32": "random-32x32-1"}
    return {**examples, **photos, **{name: f"own-{maps.name}-0" for name, maps in own.items()}}


def boxes_on(rows: int, columns: int) -> dict[str, tuple[float, ...]]:
    """x1, y1, x2, y2 in cells."""
    return {
        "whole": (0.0, 0.0, float(columns), float(rows)),
        "inner": (0.03 * columns, 0.03 * rows, 0.96 * columns, 0.97 * rows),
        "small": (
            0.3 * columns,
            0.3 * rows,
            0.3 * columns + min(3.3, 0.5 * columns),
            0.3 * rows + min(2.7, 0.5 * rows),
        ),
    }


def options_of(page: str) -> Iterator[dict[str, str]]:
    """The options that a page is measured with."""
    more = {
        "gradients": [{"cell": "all"}, {"cell": "one"}],
        "roi_align": [{"join": "max"}, {"join": "mean"}],
        "quantization": [{"side": "x2", "join": "max"}, {"side": "y1", "join": "mean"}],
        "family": [{"right": member} for member in ON_STAGE],
        "network": [{"seen": seen} for seen in ("picture", "features")],
    }.get(page, [{}])
    if page == "quiz":
        yield from ({"seed": str(seed), "step": step} for seed in (1, 7) for step in STEPS)
        return
    if page == "network":
        yield from more
        return
    samples = {"roi_pooling": ("2",), "bilinear": ("2",), "image": ("2",), "family": ("0", "4")}.get(page, SAMPLES)
    outputs = ("2",) if page in ("bilinear", "image") else OUTPUTS
    for out, count, options in itertools.product(outputs, samples, more):
        yield {"out": out, "samples": count, **options}


def asked_besides(page: str) -> dict[str, dict[str, object]]:
    """What a message of a page can ask for besides what a drag changes: a name for it, and what the event holds."""
    asked: dict[str, dict[str, object]] = {}
    if page in TRAILS:
        asked["nudged"] = {"nudged": {"side": "x2", "from": 3.0}}
    for key in questions_on(WALKS[page]):
        asked[f"guess of {key}"] = {"about": key, "guess": [[1.0, 1.0], [3.0, 3.0]][: 2 if key == "edges" else 1]}
    return {**asked, "whole": {"whole": True}}


def messages(
    name: str, address: dict[str, str], box: tuple[float, ...], rounds: int, besides: dict[str, object]
) -> Iterator[str]:
    """As many messages of a drag as are wanted, each with another box."""
    session = Session("en")
    page = Page(name, session)
    problems = session.read_address(address, page.kind)
    if problems:
        raise ValueError(f"{address}: {problems}")
    have = "" if "whole" in besides else payload(page)[0]["still_id"]
    place = urlencode(page.address, safe=",")
    rows, columns = session.scenario_of(page.kind).feature_map.shape
    for k in range(rounds):
        x1, y1, x2, y2 = box
        moved = (x1, y1, max(x2 - 0.01 * k, x1 + 0.05), max(y2 - 0.01 * k, y1 + 0.05))
        event = {"page": name, "address": place, "seq": k + 1, "have": have, "box": moved, **besides}
        point = {"point": [min(rows / 2 + 0.01 * k, rows), columns / 2]} if name == "bilinear" else {}
        yield json.dumps({**event, **point})


def measure(name: str, own: dict[str, OwnMaps], rounds: int) -> Iterator[Message]:
    """Every combination of one page; what is asked besides with the first options of each map."""
    for what, written in maps_of(name, own).items():
        for number, options in enumerate(options_of(name)):
            besides = {"": {}, **({} if number else asked_besides(name))}
            address = {**({"map": written} if written else {}), **options}
            session = Session("en")
            session.read_address(address, WALKS[name])
            boxes = boxes_on(*session.scenario_of(WALKS[name]).feature_map.shape)
            for (where, box), (asked, more) in itertools.product(boxes.items(), besides.items()):
                at = address if name == "quiz" else {**address, "box": ",".join(f"{side:.4f}" for side in box)}
                times, size = [], 0
                for message in messages(name, at, box, rounds, more):
                    start = time.perf_counter()
                    answer = answer_message(message)
                    times.append((time.perf_counter() - start) * 1000)
                    size = max(size, len(answer.encode()))
                    if '"refused"' in answer[:20]:
                        raise ValueError(f"refused: {message}")
                described = ", ".join(f"{key} {value}" for key, value in options.items())
                parts = (part for part in (what, f"{where} box", described, asked) if part)
                times_of = statistics.median(times), max(times)
                yield Message(name, ", ".join(parts), *times_of, size / 1000, message, asked == "whole")


async def gaps(texts: list[str]) -> list[float]:
    """Milliseconds between the ticks of a clock on the event loop, beyond the one that it waits."""
    gc.collect()
    gc.freeze()  # as the server does once it has started
    pool, late = AnswerPool(), []
    await pool.start()

    async def ask(first: int) -> None:
        client = Client()
        for text in itertools.islice(itertools.cycle(texts), first, None):
            client.put(text)
            await pool.answer(client)

    for first in range(2):  # the processes import and remember what they need
        await asyncio.wait([asyncio.create_task(ask(first))], timeout=2)
    clients = [asyncio.create_task(ask(first)) for first in range(CLIENTS)]
    until = time.perf_counter() + SECONDS
    while (before := time.perf_counter()) < until:
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - before) * 1000 - 1)
    for client in clients:
        client.cancel()
    await pool.end()
    return late


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", choices=PAGES, action="append", help="only this page, and those named as well")
    parser.add_argument("--rounds", type=int, default=3, help="answers of each combination")
    chosen = parser.parse_args()
    own, dear, dearest = own_data(), False, []
    print(f"{'the dearest messages of each page':100}{'p50':>8}{'most':>8}  ms{'KB':>9}")
    for name in chosen.page or PAGES:
        every = list(measure(name, own, chosen.rounds))
        by_time = sorted(every, key=lambda message: -message.time)[:DEAREST]
        dearest.append(by_time[0].text)
        largest = max((m for m in every if not m.has_still), key=lambda message: message.size)
        print(f"{name}, {len(every)} combinations")
        for message in (*by_time, largest):
            dear |= message.is_dear
            line = f"  {message.of:98}{message.time:8.1f}{message.most:8.1f}    {message.size:9.1f}"
            print(f"{line}{'  MISSED' if message.is_dear else ''}")
    print(f"every message at most {MOST_TIME:g} ms and {MOST_SIZE:g} KB: {'MISSED' if dear else 'holds'}")
    late = asyncio.run(gaps(dearest))
    p50, p95, most = statistics.median(late), statistics.quantiles(late, n=20)[-1], max(late)
    print(f"late ticks on the event loop, ms: p50 {p50:.2f}, p95 {p95:.2f}, longest {most:.2f}")
    print(f"the longest at most {MOST_GAP:g} ms: {'holds' if most <= MOST_GAP else 'MISSED'}")


if __name__ == "__main__":
    main()
