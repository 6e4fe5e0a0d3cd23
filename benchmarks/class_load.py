"""A class of sixty on one laptop: sessions that drag at 5 Hz, let go, step, change the page, take a figure home.

    python benchmarks/class_load.py                       # 60 sessions for 60 s, then the naive app beside it
    python benchmarks/class_load.py --processes 2         # the same behind nginx, one process and then two
    python benchmarks/class_load.py --processes 2 --share 0.5    # as root: half a core each, the rest for the clients
    python benchmarks/class_load.py --together            # a class that does everything at the same moment
    python benchmarks/class_load.py --soak 20             # minutes, with sessions that come and go
    python benchmarks/class_load.py --hostile 5           # with five who flood, in five ways (hostile.py), one after
                                                          # the other, against the quiet class

The sessions (``student.py``) speak Streamlit's protocol over real WebSockets, and a few real Chromium pages are among
them. Times are from the moment when a student sends to the moment when the answer is there, at the student's end; the
load generator runs on the same machine. One update is in flight for each student, as in the browser: a position that
comes while an answer is on its way gives place to the next, and is counted as left out. At the end everybody rests,
and what is shown must be where the box is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
from live_drag import BROWSERS, FLAGS, HERE, ROOT, serving
from playwright.async_api import Page, async_playwright
from student import Log, NaiveStudent, Student
from uvloop import run  # as light a load generator as there is: it shares the cores with the app

TICKS = os.sysconf("SC_CLK_TCK")
UPDATES = ("drag", "release", "step")  # what changes the numbers on the screen: the target is theirs


def processes_of(parent: int) -> list[int]:
    """The processes of the app that ``parent`` started, or ``parent`` itself."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    children = [int(pid) for pid, above, what in rows if int(above) == parent and "roialign_lab run" in what]
    return children or [parent]


class Server:
    """What the processes of a server use, from /proc."""

    def __init__(self, pids: list[int]) -> None:
        self.pids = pids

    @property
    def cpu(self) -> float:
        """Seconds of processor time until now."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in self.pids]
        return sum(int(row[11]) + int(row[12]) for row in fields) / TICKS

    @property
    def memory(self) -> float:
        """Resident MB of the largest process."""
        return max(self._resident(pid) for pid in self.pids)

    @property
    def memory_of_all(self) -> float:
        """Resident MB of the processes and of all that they started, with what they share counted once."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        above = {int(pid): int(parent) for pid, parent in map(str.split, listed.splitlines())}
        family = {*self.pids}
        while more := {pid for pid, parent in above.items() if parent in family} - family:
            family |= more
        return sum(self._proportional(pid) for pid in family)

    @staticmethod
    def _proportional(pid: int) -> float:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it is gone
            return 0.0
        return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) / 1000

    def hold_to(self, share: float) -> None:
        """Give each process this share of one core, as a smaller machine would (cgroup, as root)."""
        for pid in self.pids:
            group = Path(f"/sys/fs/cgroup/cpu/roialign-{pid}")
            group.mkdir()
            (group / "cpu.cfs_period_us").write_text("10000")
            (group / "cpu.cfs_quota_us").write_text(str(round(share * 10000)))
            (group / "cgroup.procs").write_text(str(pid))

    @staticmethod
    def _resident(pid: int) -> float:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


@contextmanager
def app(processes: int) -> Iterator[tuple[str, Server]]:
    """The app: one process as ``make run`` starts it, or several behind nginx."""
    with tempfile.TemporaryFile() as errors:
        if processes == 1:
            with serving(ROOT / "app.py", ROOT) as address:
                yield address, Server(_listening_at(int(address.rsplit(":", 1)[1])))
            return
        command = [sys.executable, str(ROOT / "deploy" / "serve.py"), "--processes", str(processes), "--port", "8790"]
        parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert parent.stdout is not None
            parent.stdout.readline()
            time.sleep(1)
            yield "http://localhost:8790", Server(processes_of(parent.pid))
        finally:
            parent.terminate()
            parent.wait(20)


def _listening_at(port: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split(None, 1)[0]) for line in listed.splitlines() if f"--server.port={port}" in line][:1]


# ---- a class ------------------------------------------------------------------------------------------------------


async def hold_class(address: str, kind: type, students: int, rate: float, seconds: float, pages: int = 0) -> Log:
    """Everybody opens the link within two seconds, then studies."""
    log = Log()

    async def attend(number: int) -> None:
        await asyncio.sleep(2 * number / students)
        await kind(address, number, log).study(rate, seconds)

    async with _in_chromium(pages, log) as opened:
        log.started = time.perf_counter()
        everyone = [attend(number) for number in range(students)]
        everyone += [_one_page(page, address, rate, seconds, log) for page in opened]
        await asyncio.gather(*everyone)
    return log


@asynccontextmanager
async def _in_chromium(pages: int, log: Log) -> AsyncIterator[list[Page]]:
    """A few real pages, still empty: starting a browser takes both cores for seconds and is no part of a class."""
    if not pages:
        yield []
        return
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        opened = [await browser.new_page(viewport={"width": 1000, "height": 700}) for _ in range(pages)]
        for page in opened:
            page.on("pageerror", lambda error: log.errors.append(f"in Chromium: {error}"))
        await asyncio.sleep(2)  # until they are at rest
        yield opened
        await browser.close()


async def _one_page(page: Page, address: str, rate: float, seconds: float, log: Log) -> None:
    """A real page, from the pointer event to the paint of the number (``live_probe.js``)."""
    await page.add_init_script(path=HERE / "live_probe.js")
    await page.goto(f"{address}/RoI_Align?lang=en&step=join")
    place = await page.get_by_test_id("box-move").bounding_box(timeout=30_000)
    assert place is not None
    await page.evaluate("probe.watchOutput()")
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    end = time.perf_counter() + seconds - 2
    k = 0
    while (start := time.perf_counter()) < end:
        k += 1
        await page.mouse.move(x + 40 * np.sin(k / 3), y + 20 * np.cos(k / 4))
        await asyncio.sleep(max(0.0, start + 1 / rate - time.perf_counter()))
    await page.mouse.up()
    await page.wait_for_timeout(1500)
    for answer in await page.evaluate("probe.answers"):
        log.add("Chromium", (answer["painted"] - answer["event"]) / 1000)
    shown = [float(await page.get_by_test_id(f"box-{side}").input_value()) for side in ("x1", "y1", "x2", "y2")]
    kept = await page.evaluate("new URLSearchParams(location.search).get('box')")
    log.rested += 1
    log.wrong_at_rest += [float(side) for side in (kept or "0").split(",")] != shown


# ---- what is printed ----------------------------------------------------------------------------------------------


def table(log: Log, seconds: float) -> str:
    """Times by kind of update, and what went wrong."""
    lines = [f"  {'':14}{'n':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>8}   ms"]
    for kind, times in [*log.times.items(), ("updates", updates(log))]:
        figures = "".join(f"{value:8.1f}" for value in (*np.percentile(times, (50, 95, 99)), max(times)))
        lines.append(f"  {kind:14}{len(times):7}{figures}")
    sent = len(updates(log))
    lines.append(f"  {sent / seconds:.0f} updates a second; {log.skipped} positions left out for newer ones")
    lines.append(f"  {len(log.errors)} errors; at rest {log.rested - log.wrong_at_rest} of {log.rested} show their box")
    return "\n".join(lines + [f"    {error[:200]}" for error in log.errors[:5]])


def updates(log: Log) -> list[float]:
    """The times of what changes the numbers on the screen."""
    return [time for kind in UPDATES for time in log.times.get(kind, [])] or [float("nan")]


def say(target: str, measured: float, unit: str, holds: bool) -> None:
    """A line of the targets."""
    print(f"  {target:58}{measured:9.2f} {unit:9}{'holds' if holds else 'MISSED'}", flush=True)


def one_class(options: argparse.Namespace, processes: int) -> Log:
    """Warm up, hold the class, print."""
    with app(processes) as (address, server):
        run(hold_class(address, Student, 20 * processes, 5, 20))  # what is imported, cached and allocated once
        time.sleep(1)
        before, used = server.memory, server.cpu
        log = run(hold_class(address, Student, options.students, options.rate, options.seconds, options.pages))
        lasted = time.perf_counter() - log.started
        used = server.cpu - used
        memory = server.memory
    print(f"\n{options.students} sessions × {options.rate:g} Hz for {options.seconds} s, {processes} process(es)")
    print(table(log, options.seconds))
    print(f"  processor: {100 * used / lasted:.0f} % of one core; memory {before:.0f} MB before, {memory:.0f} MB after")
    p95 = float(np.percentile(updates(log), 95))
    each = (memory - before) / options.students * processes
    say("updates p95, at most 80 ms", p95, "ms", p95 <= 80)
    say("errors, none", len(log.errors), "", not log.errors)
    say(
        "at rest the last position is shown, always",
        log.wrong_at_rest,
        "wrong",
        not log.wrong_at_rest and log.rested > 0,
    )
    say("memory a session, at most 0.2 MB", each, "MB", each <= 0.2)
    say("memory of a process, at most 350 MB", memory, "MB", memory <= 350)
    return log


def hostile_class(options: argparse.Namespace) -> None:
    """A quiet class, then one for each way to disturb it: what the students notice, and what the server holds.

    The first way asks nothing of the server: a flood costs its sender as much as it costs the server, and here both are
    one machine. The times of the other ways are compared with it too.
    """
    quiet: float | None = None
    beside: float | None = None  # where as much is computed on this machine, and nothing asked of the server
    for kind in ("", *options.kinds.split(",")):
        with app(1) as (address, server):
            run(hold_class(address, Student, 20, 5, 10))
            command = [
                sys.executable,
                str(HERE / "hostile.py"),
                address,
                kind,
                str(options.hostile),
                str(options.seconds),
            ]
            most = [(server.memory, server.memory_of_all)]

            async def held(
                attack: subprocess.Popen[bytes] | None, address: str = address, most: list[tuple[float, float]] = most
            ) -> Log:
                watching = asyncio.create_task(_note_memory(server, most))
                log = await hold_class(address, Student, options.students, options.rate, options.seconds)
                watching.cancel()
                if attack is not None:
                    await asyncio.to_thread(attack.wait)
                return log

            print(f"\n{options.students} students, {options.hostile if kind else 0} hostile: {kind}", flush=True)
            log = run(held(subprocess.Popen(command, cwd=ROOT) if kind else None))
        print(table(log, options.seconds))
        p95 = float(np.percentile(updates(log), 95))
        quiet = quiet or p95
        beside = p95 if kind == "elsewhere" else beside
        say("updates p95, at most 1.5 × that of the quiet class", p95 / quiet, "×", p95 <= 1.5 * quiet)
        if kind and kind != "elsewhere" and beside:
            say("at most 1.5 × that beside work elsewhere", p95 / beside, "×", p95 <= 1.5 * beside)
        say("errors, none", len(log.errors), "", not log.errors)
        say("at rest the last position is shown", log.wrong_at_rest, "wrong", not log.wrong_at_rest and log.rested > 0)
        largest, together = map(max, zip(*most, strict=True))
        say("memory of the process, at most 350 MB", largest, "MB", largest <= 350)
        print(f"  with those that it starts {together:.0f} MB")


async def _note_memory(server: Server, most: list[tuple[float, float]]) -> None:
    while True:
        most.append((server.memory, server.memory_of_all))
        await asyncio.sleep(0.5)


def naive_class(options: argparse.Namespace) -> None:
    """The same number of students on sliders and ``st.pyplot``, for a third of the time."""
    seconds = options.seconds / 3
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--server.headless=true", "--browser.gatherUsageStats=false")
        with serving(HERE / "naive_app.py", Path(folder), *flags) as address:
            log = run(hold_class(address, NaiveStudent, options.students, options.rate, seconds))
    print(f"\nthe naive app, {options.students} sessions × {options.rate:g} Hz for {seconds:.0f} s")
    print(table(log, seconds))


def soak(options: argparse.Namespace) -> None:
    """Sessions come and go; memory once a minute."""
    with app(1) as (address, server):

        async def through() -> tuple[Log, list[float]]:
            log, noted, chance = Log(), [], random.Random(1)
            end = time.perf_counter() + 60 * options.soak

            async def seat(number: int) -> None:
                while (left := end - time.perf_counter()) > 10:
                    stay = min(left, chance.uniform(10, 60))
                    await Student(address, number, log).study(options.rate, stay)
                    await asyncio.sleep(chance.uniform(0, 3))

            async def watch() -> None:
                while time.perf_counter() < end:
                    await asyncio.sleep(min(60, max(0.1, end - time.perf_counter())))
                    noted.append(server.memory)
                    print(f"  {len(noted):3} min {noted[-1]:7.1f} MB", flush=True)

            await asyncio.gather(watch(), *(seat(number) for number in range(options.students)))
            return log, noted

        print(f"\n{options.students} seats × {options.rate:g} Hz for {options.soak} minutes, sessions of 10 to 60 s")
        log, noted = run(through())
    print(table(log, 60 * options.soak))
    if len(noted) > 5:
        growth = 100 * (max(noted[5:]) / noted[4] - 1)
        say("memory after the fifth minute, at most 5 % more", growth, "%", growth <= 5)
    say("errors, none", len(log.errors), "", not log.errors)


def most(options: argparse.Namespace) -> None:
    """How many updates one process and several answer when everybody asks as quickly as they can, without figures.

    What the machine did in that time says what the limit was: the processes, the load generator, or both cores.
    """
    Student.exports = False
    seconds, rates = options.seconds / 3, []
    for processes in (1, options.processes):
        with app(processes) as (address, server):
            run(hold_class(address, Student, 4 * processes, 5, 20))
            if options.share:
                server.hold_to(options.share)
            used, generator, busy, started = server.cpu, time.process_time(), all_cores(), time.perf_counter()
            log = run(hold_class(address, Student, options.students, 50, seconds))
            lasted = time.perf_counter() - started
            rates.append(len(updates(log)) / seconds)
            print(f"\nas quickly as they can, {processes} process(es): {rates[-1]:.0f} updates a second")
            print(table(log, seconds))
            shares = (server.cpu - used, time.process_time() - generator, all_cores() - busy)
            sentence = "server {:.0f} %, load generator {:.0f} %, everything {:.0f} %".format(
                *(100 * share / lasted for share in shares)
            )
            cores = os.cpu_count() or 1
            print(f"  of one core: {sentence}, of {cores} cores")
            limit = "the machine" if shares[2] / lasted > 0.9 * cores else "the processes of the app"
            print(f"  the limit was {limit}")
        for group in Path("/sys/fs/cgroup/cpu").glob("roialign-*"):
            group.rmdir()  # its process is gone
    say(
        f"throughput of {options.processes} processes, at least 1.6 × one",
        rates[1] / rates[0],
        "×",
        rates[1] >= 1.6 * rates[0],
    )


def all_cores() -> float:
    """Seconds of processor time that anything on this machine used until now."""
    user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    return sum(map(int, (user, nice, system, *rest[:2]))) / TICKS


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A class on one machine.")
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--rate", type=float, default=5, help="positions a second (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pages", type=int, default=2, help="real Chromium pages among them (default %(default)s)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--soak", type=float, default=0, help="minutes")
    parser.add_argument(
        "--share", type=float, default=0, help="of a core, for each process: what is left is the clients'"
    )
    parser.add_argument("--together", action="store_true", help="everybody lets go and changes the page at once")
    parser.add_argument("--hostile", type=int, default=0, help="clients that flood, beside the students")
    parser.add_argument(
        "--kinds", default="elsewhere,drags,deaf,events,uploads,figures", help="ways to flood (%(default)s)"
    )
    options = parser.parse_args()
    Student.together = options.together
    print(f"{os.cpu_count()} cores, {sys.platform}, Python {sys.version.split()[0]}", flush=True)
    if options.soak:
        return soak(options)
    if options.hostile:
        return hostile_class(options)
    if options.processes > 1:
        one_class(options, options.processes)
        return most(options)
    one_class(options, 1)
    return naive_class(options)


if __name__ == "__main__":
    main()
