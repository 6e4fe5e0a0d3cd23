"""Who is in a room by way of this process, and what is sent to them: once computed, then to everybody.

Other processes have others of the same room; what they share is the store. A browser that is slow gets the newest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, TypeVar

from roialign_lab.classroom import lecture, questions
from roialign_lab.classroom.room import Room, Show
from roialign_lab.classroom.store import NoStoreError, Pulse, Store, Votes
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import address_of

LOG = logging.getLogger(__name__)
FOR_EACH = 0.0002  # seconds that a message to one browser takes: a full room gets fewer of them
STILL_HERE = 5.0  # seconds after which a process says again who is with it
SWEEP = 600.0  # seconds between looks for rooms that are over
LEFT = 60.0  # seconds until a room ends that nobody is in, of an address that opened very many
TRIES = 5  # of what is refused, as where a process that answers has ended
LATER = 1.0  # seconds until it is asked for again after those
ORDER = ("words", "room", "mine", "still", "show")  # of what waits; the rest comes after it

Ask = Callable[[str], Awaitable[str]]
"""Gives the answer to a message of a stage (:func:`roialign_lab.stage.answer.answer_message`)."""
Result = TypeVar("Result")


class Seat:
    """One browser in a room: what was told, and what waits to be sent, the newest of each kind."""

    def __init__(self, client: str, language: str, is_lecturer: bool) -> None:
        self.client, self.language, self.is_lecturer = client, language, is_lecturer
        self.is_following = not is_lecturer
        self.is_over = False
        self.address = ""  # of the network that they come from
        self._told: dict[str, str] = {}
        self._waiting: dict[str, str] = {}
        self._arrived = asyncio.Event()

    def tell(self, kind: str, text: str) -> None:
        """Send that, unless it was sent last."""
        if self._told.get(kind) != text:
            self._told[kind] = self._waiting[kind] = text
            self._arrived.set()

    def forget(self, *kinds: str) -> None:
        """The browser has another language, or comes back: what was sent is sent anew."""
        for kind in kinds:
            self._told.pop(kind, None)

    def end(self, text: str) -> None:
        """Send that, and nothing after it."""
        self._waiting = {"over": text}
        self.is_over = True
        self._arrived.set()

    @property
    def is_done(self) -> bool:
        """Was the end sent?"""
        return self.is_over and not self._waiting

    async def take(self) -> list[str]:
        """What waits, when there is something."""
        await self._arrived.wait()
        self._arrived.clear()
        waiting, self._waiting = self._waiting, {}
        return [waiting[kind] for kind in sorted(waiting, key=lambda k: ORDER.index(k) if k in ORDER else len(ORDER))]


class Follower:
    """What those see who follow in one language: asked for once, for all of them."""

    def __init__(self, ask: Ask, language: str) -> None:
        self.ask, self.language = ask, language
        self.show: Show | None = None
        self.asked: Show | None = None
        self.tries, self.asked_at = TRIES, -LATER
        self.still_id = self.still = self.text = ""

    async def follow(self, show: Show) -> None:
        """Make the messages for what is shown."""
        if show == self.show:
            return
        now = time.monotonic()
        if show != self.asked:
            self.asked, self.tries = show, TRIES
        elif not self.tries and now - self.asked_at < LATER:
            return
        self.asked_at = now
        told: dict[str, Any] = {"page": show.page, "path": address_of(show.page), "address": show.address}
        update, is_here = "null", questions.has_its_map(show)
        if not is_here:
            told["elsewhere"] = True
        elif show.page == "quiz":  # nothing of it moves: its browser asks where its session is
            told["step"] = show.done.get("step")
        else:
            address = f"{show.address}&lang={self.language}"
            event = {**show.done, "page": show.page, "address": address, "whole": True, "have": self.still_id}
            update = await self.ask(json.dumps(event, ensure_ascii=False))
            update, has_still, still = update.partition(',"still":')  # it comes last, and is not read here
            if has_still:
                update += "}"
                self.still_id = json.loads(update)["still_id"]
                self.still = f'{{"still":{{"id":{json.dumps(self.still_id)},"still":{still}}}'
        is_refused = update.startswith('{"refused"')
        self.tries = max(self.tries - is_refused, 0)
        self.show = show if is_here and not is_refused else None  # else another look asks again
        self.text = f'{{"show":{json.dumps(told, ensure_ascii=False)},"update":{update}}}'


class Hub:
    """One room in this process: runs while somebody is in it."""

    def __init__(self, code: str, rooms: Rooms) -> None:
        self.code, self.rooms = code, rooms
        self.seats: set[Seat] = set()
        self.room: Room | None = None
        self._followers: dict[str, Follower] = {}
        self._version = 0
        self._noted, self._noted_at = 0, -STILL_HERE
        self._answers: tuple[object, dict[str, str]] = (None, {})
        self._plans: tuple[object, dict[str, str]] = (None, {})
        self._woken = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Something changed."""
        self._woken.set()

    async def _run(self) -> None:
        try:
            while True:
                self._woken.clear()
                try:
                    if not await self._look():
                        return
                except Exception:  # a store that starts anew: the next look finds it
                    LOG.exception("the room %s cannot be read", self.code)
                    await asyncio.sleep(1)
                if not self.seats:
                    return
                await asyncio.sleep(FOR_EACH * len(self.seats))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self.rooms.store.poll)
        finally:
            self.rooms.hubs.pop(self.code, None)
            for seat in self.seats:
                seat.end(_text(ended=True))
            self.rooms.end_if_left(self.code)

    async def _look(self) -> bool:
        """Tell everybody what is new; False where the room is over."""
        store, now = self.rooms.store, time.time()
        count = len({seat.client for seat in self.seats if not seat.is_lecturer})
        if count != self._noted or now - self._noted_at >= STILL_HERE:
            await self.rooms.call(store.be_here, self.code, self.rooms.process, count, now)
            self._noted, self._noted_at = count, now
        pulse = await self.rooms.call(store.pulse, self.code, now)
        if pulse is None:
            return False
        if pulse.version != self._version or self.room is None:
            self.room = await self.rooms.call(store.read, self.code, now)
            if self.room is None:
                return False
            self._version = pulse.version
        await self._tell(self.room, pulse)
        return True

    async def _tell(self, room: Room, pulse: Pulse) -> None:
        state = _text(room=_state(room))
        counts = _text(count={"here": pulse.here, "answered": pulse.answered})
        for seat in [*self.seats]:
            seat.tell("room", state)
            if seat.is_lecturer:
                seat.tell("count", counts)
                seat.tell("answers", await self._answers_in(seat.language, room))
                seat.tell("plan", await self._plan_in(seat.language, room))
        following = [seat for seat in self.seats if seat.is_following]
        for language in {seat.language for seat in following}:
            if language not in self._followers:
                self._followers[language] = Follower(self.rooms.asker(), language)
            await self._followers[language].follow(room.shown)
        for seat in following:
            follower = self._followers.get(seat.language)
            if follower is not None and seat.is_following:
                if room.shown.page != "quiz" and follower.still:
                    seat.tell("still", follower.still)
                seat.tell("show", follower.text)

    async def _answers_in(self, language: str, room: Room) -> str:
        """What was answered, made once for each phase."""
        question = room.question
        if question != self._answers[0]:
            self._answers = question, {}
        made = self._answers[1]
        if language not in made:
            votes = await self.rooms.call(self.rooms.store.votes, room.code, question.number) if question else {}
            made[language] = await self.rooms.compute(_answers, room, votes, language)
        return made[language]

    async def _plan_in(self, language: str, room: Room) -> str:
        """The plan of the lecture, made once for each language."""
        if room.lesson != self._plans[0]:
            self._plans = room.lesson, {}
        made = self._plans[1]
        if language not in made:
            made[language] = await self.rooms.compute(_plan, room.lesson, language)
        return made[language]


class Rooms:
    """The rooms of this process: the store, which a thread of its own asks, and a hub for each that somebody is in.

    What takes a while is computed in another thread, so that no pulse of a room waits for it.
    """

    def __init__(self, make_store: Callable[[], Store], asker: Callable[[], Ask]) -> None:
        self._make_store, self.asker = make_store, asker
        self._store: Store | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rooms")
        self._computing = ThreadPoolExecutor(1, thread_name_prefix="answers in rooms")
        self.opened_late: set[str] = set()  # codes of the rooms that end when nobody is in them
        self._ending: set[asyncio.Task[None]] = set()
        self.process = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.hubs: dict[str, Hub] = {}

    @property
    def store(self) -> Store:
        """Opened at the start; again, where that failed, when a room is looked for. Raises NoStoreError."""
        if self._store is None:
            self._store = self._make_store()
            self._store.listen(self._changed)
        return self._store

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What is raised while there is no store, or it is away."""
        return (NoStoreError, *(() if self._store is None else self._store.errors))

    def _changed(self, code: str) -> None:
        """Another process changed a room; called in a thread."""
        hub = self.hubs.get(code)
        if hub is not None:
            with contextlib.suppress(RuntimeError):  # this process ends
                hub.loop.call_soon_threadsafe(hub.wake)

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What the store says, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def compute(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What is computed, beside the event loop and the store."""
        return await asyncio.get_running_loop().run_in_executor(self._computing, function, *arguments)

    def sit_down(self, code: str, seat: Seat) -> Hub:
        """Somebody comes into a room."""
        if code not in self.hubs:
            self.hubs[code] = Hub(code, self)
        hub = self.hubs[code]
        hub.seats.add(seat)
        hub.wake()
        return hub

    def end_if_left(self, code: str) -> None:
        """Nobody is in a room by way of this process: end it after a while, where it was opened late."""
        if code in self.opened_late:
            task = asyncio.get_running_loop().create_task(self._end_if_left(code))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _end_if_left(self, code: str) -> None:
        while code in self.opened_late:
            await asyncio.sleep(LEFT)
            if code in self.hubs:  # somebody came back, and will leave again
                return
            with contextlib.suppress(*self.errors):  # it is away: a while later
                if not await self.call(self.store.is_in_another, code, self.process, time.time()):
                    await self.call(self.store.delete, code)
                    self.opened_late.discard(code)

    async def sweep(self) -> None:
        """Keep nothing of rooms that are over, and say where none can be kept: runs beside the server."""
        while True:
            try:
                await self.call(lambda: self.store.expire(time.time()))
            except NoStoreError as error:
                print(error, file=sys.stderr, flush=True)
            except Exception as error:  # whatever it is: one that is away keeps nothing, and is asked again
                print(f"The store of the rooms is away: {error}", file=sys.stderr, flush=True)
            await asyncio.sleep(SWEEP)


def _state(room: Room) -> dict[str, Any]:
    """What everybody in a room may know of it."""
    question = room.question
    asked = None
    if question is not None:
        asked = {"number": question.number, "round": question.round, "phase": question.phase}
        asked |= {"is_choice": question.is_choice, "about": question.about, "show": asdict(question.show)}
    told = {"code": room.code, "paused": room.is_paused, "gathered": room.gathered, "question": asked}
    return told | {"stop": room.stop}


def _plan(lesson: str, language: str) -> str:
    return _text(plan=lecture.told(lesson, text_in(language)))


def _answers(room: Room, votes: Votes, language: str) -> str:
    return _text(answers=questions.answers(room, votes, text_in(language)))


def words(language: str) -> str:
    """The words of a room in a language, for the script."""
    assert language in LANGUAGES
    return _text(words=text_in(language).under("room"))


def _text(**message: Any) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
