"""Who is answered next, and by which process: so that no message of one person holds up the others.

Answers are computed in processes of their own: Python runs one thread at a time, and an answer in a thread would take
every other turn from the server. A process that dies in an answer, or takes too long, is replaced.

Each client has one message under way and one that waits, the newest; who came first is served first. The first process
is for those whose answers were quick of late. Who asks for long ones, and who is new, is served by the others, which
yield to everything else on the machine: a flood of dear messages costs the rest next to nothing. When nobody asks for
quick answers, all processes serve everybody. Where several ask, who took much of late rests before the next answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from roialign_lab.lesson.maps import is_map, uploads_for
from roialign_lab.lesson.own_maps import MEGABYTE, OwnMaps
from roialign_lab.lesson.photo import Photo
from roialign_lab.stage.answer import answer_message, refusal
from roialign_lab.stage.answer_process import HEAD, YIELDS, Held
from roialign_lab.ui import at_once
from roialign_lab.ui.turns import LONGEST_REST, Company, Cost

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-P", "-m", "roialign_lab.stage.answer_process")

PROCESSES = 2
SHARE = 0.2  # of the time of one process: what a client that is not alone has for its answers
PUSHING = 0.03  # the same of one that does not wait for them, as no page of ours does
PATIENCE, FIRST_PATIENCE = 5.0, 30.0  # seconds that an answer may take; the first, for which a process has to start
UPLOADED = re.compile(r"own-[0-9a-f]{12}-[0-9]{1,4}|(photo\.[0-9a-f]{12})-[0-9]{1,4}-[a-z]{1,20}")


class Client:
    """Somebody who asks: the newest message that waits, and what time the answers took."""

    def __init__(self) -> None:
        self.waiting: str | None = None
        self.arrived = asyncio.Event()
        self.cost = Cost()
        self.question: tuple[object, ...] | None = None  # that of the last message, if its answer was quick
        self.replaced = 0.0  # messages that others took the place of, the last ones counting most

    def put(self, message: str) -> None:
        """A message takes the place of the one that waits."""
        self.replaced = 0.9 * self.replaced + (self.waiting is not None)
        self.waiting = message
        self.arrived.set()

    @property
    def share(self) -> float:
        """Of the time of one process, what this client has where it is not alone."""
        return PUSHING if self.replaced > 3 else SHARE

    def take(self) -> str:
        """The message that waits."""
        message, self.waiting = self.waiting, None
        self.arrived.clear()
        assert message is not None
        return message

    def is_quick(self, now: float) -> bool:
        """Were the answers of late quick? Not before the first."""
        return self.cost.is_quick(now)


class AnswerPool:
    """A few processes that answer, and the clients that wait for them. All of it runs on one event loop."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        processes: int = PROCESSES,
        patience: float = PATIENCE,
        first_patience: float = FIRST_PATIENCE,
    ) -> None:
        self._idle = [
            _Process(command, patience, first_patience, yields=number > 0 or processes == 1)
            for number in range(processes)
        ]
        self._is_alone = processes == 1
        self._quick_at = -math.inf  # when somebody whose answers are quick waited
        self._waiting: dict[asyncio.Future[str], Client] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._spent = at_once.Spent()
        self._company = Company()

    async def answer(self, client: Client) -> str:
        """The answer to the message of a client that is the newest when its turn comes."""
        now = time.monotonic()
        if self._company.join(client, now):
            await asyncio.sleep(min(client.cost.rest(client.share, now), LONGEST_REST))
        light = self._light_answer(client)
        if light is not None:
            return light
        turn: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = client
        self._hand_out()
        try:
            return await turn
        finally:
            self._waiting.pop(turn, None)

    def _light_answer(self, client: Client) -> str | None:
        """The answer, where it is light (:mod:`roialign_lab.ui.at_once`); else None, and the message still waits."""
        now, waiting = time.monotonic(), client.waiting
        if waiting is None or client.question is None or not self._spent.has_time(now):
            return None
        if at_once.question(waiting) != client.question:
            return None
        try:
            answer = answer_message(client.take())
        except Exception:  # whatever it is, it is the other process that says so
            client.put(waiting)
            client.question = None
            return None
        seconds = time.monotonic() - now
        self._spent.charge(seconds, now)
        client.cost.charge(seconds, now)
        if seconds >= at_once.QUICK:
            client.question = None
        return answer

    async def start(self) -> None:
        """Start all processes, so that nobody waits for one."""
        for process in self._idle:
            await process.start()

    async def end(self) -> None:
        """End all processes."""
        under_way = [*self._answering]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for process in self._idle:
            await process.end()

    def _hand_out(self) -> None:
        for process in [*self._idle]:
            now = time.monotonic()
            quick = [turn for turn, client in self._waiting.items() if client.is_quick(now)]
            if quick:
                self._quick_at = now
            if process.yields:
                fits = [turn for turn in self._waiting if turn not in quick or len(quick) > 1 or self._is_alone]
            else:
                fits = quick or [turn for turn in self._waiting if now - self._quick_at > 1]
            if fits:
                self._idle.remove(process)
                task = asyncio.create_task(self._serve(process, self._waiting.pop(fits[0]), fits[0]))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _serve(self, process: _Process, client: Client, turn: asyncio.Future[str]) -> None:
        message = client.take()
        try:
            answer, seconds = await process.answer(message)
            client.cost.charge(seconds, time.monotonic())
            client.question = at_once.question(message) if seconds < at_once.QUICK else None
        except Exception:  # whatever it is, who asked must not wait for ever
            LOG.exception("an answer failed")
            answer = refusal(message)
        finally:
            self._idle.append(process)
            self._idle.sort(key=lambda idle: idle.yields)  # the first process first
        if not turn.done():  # it is, where the client left meanwhile
            turn.set_result(answer)
        self._hand_out()


class _Process:
    """One process that answers, started when it is needed and again when it is gone."""

    def __init__(self, command: Sequence[str], patience: float, first_patience: float, yields: bool) -> None:
        self.command = [*command, YIELDS] if yields else [*command]
        self.patience, self.first_patience, self.yields = patience, first_patience, yields
        self._has_answered = False
        self._here: asyncio.subprocess.Process | None = None
        self._held = Held()

    async def answer(self, message: str) -> tuple[str, float]:
        """The answer and the seconds that it took. In a process that dies it is tried once more."""
        started = time.monotonic()
        for _ in range(2):
            try:
                async with asyncio.timeout(self.patience if self._has_answered else self.first_patience):
                    answer = await self._ask(await self.start(), message)
                self._has_answered = True
                return answer
            except TimeoutError:
                await self.end()
                break
            except (OSError, EOFError):
                await self.end()
        return refusal(message), time.monotonic() - started

    async def start(self) -> asyncio.subprocess.Process:
        """The process, started where there is none, with the import path of this process.

        It imports nothing (``-P``) from the folder that the app was started in.
        """
        if self._here is None:
            import_path = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
            self._held = Held()
            self._here = await asyncio.create_subprocess_exec(
                *self.command,
                env={**os.environ, "PYTHONPATH": import_path, "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                limit=MEGABYTE,
            )
        return self._here

    async def end(self) -> None:
        """End the process."""
        here, self._here, self._has_answered = self._here, None, False
        if here is not None:
            with contextlib.suppress(ProcessLookupError):
                here.kill()
            await here.wait()

    async def _ask(self, here: asyncio.subprocess.Process, message: str) -> tuple[str, float]:
        assert here.stdin is not None and here.stdout is not None
        here.stdin.write(pickle.dumps((message, *self._upload(message))))
        await here.stdin.drain()
        seconds, length = HEAD.unpack(await here.stdout.readexactly(HEAD.size))
        return (await here.stdout.readexactly(length)).decode(), seconds

    def _upload(self, message: str) -> tuple[str, OwnMaps | Photo | None]:
        """What a message looks at of uploaded data, and the data where the process does not hold them.

        A photo is held with all of its maps; of a file with channels, the one that is looked at.
        """
        found = UPLOADED.search(message)
        if found is None or not is_map(found[0]):  # nobody holds it any more
            return "", None
        name = found[1] or found[0]
        sent = None if name in self._held.names else uploads_for([found[0]])[0]
        self._held.add(name)
        return name, sent


@cache
def answer_pool() -> AnswerPool:
    """The processes of this server, made at the first call and started at the first answer."""
    return AnswerPool()
