"""How long the first stage takes on a slow line, behind nginx as `deploy/serve.py` sets it up.

    python benchmarks/slow_line.py [--kbit 400] [--delay 200] [--page "RoI_Align?step=join"]

All connections of the browser share one line of so many kbit/s, down and up, and an answer comes ``--delay`` ms later
than without it. **cold**: a browser without a cache; **warm**: the same page once more in that browser. Until the box
can be taken hold of and the output has its numbers; and the KB that came down the line until then.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from live_drag import BROWSERS, FLAGS, ROOT
from playwright.sync_api import BrowserContext, sync_playwright

MOST = {"cold": 20.0, "warm": 5.0}  # seconds
PIECE = 2_000  # bytes that are sent at a time
STAGE = """() => document.querySelector('[data-testid="box-move"]')
  && document.querySelector('[data-testid="output-0-0"]')?.textContent.match(/[0-9]/)"""


class Direction:
    """One way of a line: what is sent leaves in turn, piece by piece, and arrives half of the delay later."""

    def __init__(self, kbit: float, delay: float) -> None:
        self.seconds_a_byte, self.half = 8 / 1000 / kbit, delay / 2000
        self.free_at, self.bytes = 0.0, 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Everything that one connection sends in this direction."""
        underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(underway, writer))
        piece = b"first"
        while piece:
            try:
                piece = await reader.read(PIECE)
            except OSError:
                piece = b""
            now = time.monotonic()
            self.free_at = max(self.free_at, now) + len(piece) * self.seconds_a_byte
            self.bytes += len(piece)
            underway.put_nowait((self.free_at + self.half, piece))
            await asyncio.sleep(self.free_at - now)
        await delivery

    @staticmethod
    async def _deliver(underway: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        piece = b"first"
        while piece:
            due, piece = await underway.get()
            await asyncio.sleep(max(due - time.monotonic(), 0))
            if piece and not writer.is_closing():
                writer.write(piece)
        writer.close()


@contextlib.contextmanager
def line_to(port: int, kbit: float, delay: float) -> Iterator[tuple[int, Direction]]:
    """A slow line to a port of this machine: its own port, and its way down."""
    loop, down, up = asyncio.new_event_loop(), Direction(kbit, delay), Direction(kbit, delay)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_app, from_app = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(up.carry(reader, from_app), down.carry(to_app, writer))

    server = loop.run_until_complete(asyncio.start_server(connected, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1], down
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@contextlib.contextmanager
def behind_nginx() -> Iterator[int]:
    """One process of the app behind nginx: its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "deploy/serve.py", "--processes", "1", "--port", str(port), "--name", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it serves
        yield port
    finally:
        process.terminate()
        process.wait(20)


def visit(context: BrowserContext, address: str, down: Direction) -> tuple[float, float]:
    """Seconds until the first stage of a page, and KB."""
    page, before, start = context.new_page(), down.bytes, time.perf_counter()
    page.set_default_timeout(90_000)
    page.goto(address, wait_until="commit")
    page.wait_for_function(STAGE)
    took, came = time.perf_counter() - start, (down.bytes - before) / 1000
    page.wait_for_load_state("networkidle")  # what comes after it is cached as well
    page.close()
    return took, came


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kbit", type=float, default=400.0, help="a second")
    parser.add_argument("--delay", type=float, default=200.0, help="ms, there and back")
    parser.add_argument("--page", default="RoI_Align?step=join")
    options = parser.parse_args()
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with behind_nginx() as port, line_to(port, options.kbit, options.delay) as (slow, down), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        print(f"{options.kbit:.0f} kbit/s, {options.delay:.0f} ms{'seconds':>12}{'KB':>8}")
        for name, most in MOST.items():
            took, came = visit(context, f"http://127.0.0.1:{slow}/{options.page}", down)
            print(f"  {name:17}{took:12.1f}{came:8.0f}   at most {most} s: {'holds' if took <= most else 'MISSED'}")
        browser.close()


if __name__ == "__main__":
    main()
