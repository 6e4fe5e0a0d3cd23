"""The road to a room: a WebSocket for the lecturer and the students, and the short link that brings them there.

A first message says who comes: ``open`` (a new room), ``lead`` (the lecturer, with the secret) or ``join``. What comes
after it is one thing each; what makes no sense changes nothing. No message takes more of the event loop than it takes
to read it: the store and the core work beside it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from roialign_lab.classroom import lecture, questions
from roialign_lab.classroom.hub import Hub, Rooms, Seat, words
from roialign_lab.classroom.room import (
    CLIENT,
    CODE,
    MOST_ROUNDS,
    Room,
    new_code,
    new_secret,
    opened,
    show_in,
)
from roialign_lab.lesson.lesson_part import BASE
from roialign_lab.lesson.maps import is_map
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import address_of
from roialign_lab.stage.plan import ready_lesson

ADDRESS, SHORT = "roi-room", "r"
LONGEST = 8_192  # characters of a message; of a lecturer's, who may send a plan:
LONGEST_OF_LECTURER = 3 * lecture.LONGEST
MOST_HERE = 500  # students in a room
PATIENCE = 10.0  # seconds until the first message
LATER = (0.1, 0.3, 1.0, 3.0, 0.0)  # seconds until a message is tried again
TRIES, TRIES_A_SECOND = 30, 1.0  # of codes that no room has, from one address; each one after them waits:
LATE = 2.0  # seconds
OPENED, OPENED_A_SECOND = 20, 1 / 60  # rooms, from one address; each one after them waits for its turn:
LATE_OPENED, LATE_OPENED_A_SECOND = 1, 4.0  # and ends when it is left (hub.LEFT)
WORK, WORK_A_SECOND = 30, 1.0  # of what lecturers of one address have computed; each one after them waits for its turn
WORKS = {"ask", "plan", "csv"}  # in a message: has something computed
LONGEST_LINE = 120.0  # seconds that a turn may be away
PLANS, PLANS_A_SECOND = 10, 0.1  # of their own that lecturers of one address load: to read one takes a while
MOST_REMEMBERED = 10_000  # addresses that tried
LinkOf = Callable[[object, str], Mapping[str, str] | None]
"""Gives the short link of a room and its QR code, for where a browser found its page."""


def routes(base: str, rooms: Rooms, link_of: LinkOf) -> list[BaseRoute]:
    """Where the server hears of rooms, under its path ``base``."""
    road = Road(rooms, link_of)
    return [
        WebSocketRoute(f"{base}/{ADDRESS}", road.serve),
        Route(f"{base}/{SHORT}/{{code}}", road.redirect, methods=["GET"]),
    ]


class Allowance:
    """So many at once, then so many a second, for each address.

    >>> tries = Allowance(burst=2, rate=1.0)
    >>> [tries.take("a", now=0.0), tries.take("a", now=0.0), tries.take("a", now=0.0), tries.take("a", now=1.5)]
    [True, True, False, True]
    """

    def __init__(self, burst: int, rate: float) -> None:
        self.burst, self.rate = burst, rate
        self._spent: dict[str, tuple[float, float]] = {}  # by address: how many, and when that was

    def has(self, who: str, now: float) -> bool:
        """Is one more allowed?"""
        return self._left_over(who, now) <= self.burst - 1

    def take(self, who: str, now: float) -> bool:
        """Note one more, where it is allowed."""
        if not self.has(who, now):
            return False
        self._note(who, self._left_over(who, now) + 1, now)
        return True

    def turn(self, who: str, now: float) -> float | None:
        """Note one more, and give the seconds until its turn; None, and nothing noted, where that is too long.

        >>> openings = Allowance(burst=1, rate=0.01)
        >>> [openings.turn("a", now=0.0), openings.turn("a", now=0.0), openings.turn("a", now=50.0)]
        [0.0, 100.0, None]
        >>> openings.turn("a", now=100.0), openings.turn("b", now=100.0)
        (100.0, 0.0)
        """
        spent = self._left_over(who, now) + 1
        wait = max(0.0, (spent - self.burst) / self.rate)
        if wait > LONGEST_LINE:
            return None
        self._note(who, spent, now)
        return wait

    def _note(self, who: str, spent: float, now: float) -> None:
        self._spent[who] = spent, now
        while len(self._spent) > MOST_REMEMBERED:
            del self._spent[next(iter(self._spent))]

    def _left_over(self, who: str, now: float) -> float:
        spent, at = self._spent.get(who, (0.0, now))
        return max(0.0, spent - (now - at) * self.rate)


class Road:
    """What comes from browsers, and what becomes of it."""

    def __init__(self, rooms: Rooms, link_of: LinkOf) -> None:
        self.rooms, self.link_of = rooms, link_of
        self.tries = Allowance(TRIES, TRIES_A_SECOND)
        self.openings = Allowance(OPENED, OPENED_A_SECOND)
        self.late_openings = Allowance(LATE_OPENED, LATE_OPENED_A_SECOND)
        self.work = Allowance(WORK, WORK_A_SECOND)
        self.plans = Allowance(PLANS, PLANS_A_SECOND)

    async def redirect(self, request: Request) -> Response:
        """To what the lecturer shows; the page there says it where no room has that code."""
        code = str(request.path_params["code"]).upper()[:12]
        who = request.client.host if request.client else ""
        try:
            room = await self._room(code, who) if self.tries.has(who, time.monotonic()) else "later"
        except self.rooms.errors:  # it is away: the page comes again
            room = "later"
        page, query = "home", {"room": code}
        if isinstance(room, Room):
            show = room.shown
            shown = {name: value for name, value in show.query.items() if name != "map" or is_map(value)}
            page, query = show.page, {**shown, **query}
        target = f"../{address_of(page).removeprefix('./')}?{urlencode(query, safe=',;')}"
        return RedirectResponse(target, 302, {"Cache-Control": "no-store"})

    async def serve(self, socket: WebSocket) -> None:
        """One browser, until it goes."""
        await socket.accept()
        try:
            async with asyncio.timeout(PATIENCE):
                hello = _parsed(await socket.receive_text())
            who = socket.client.host if socket.client else ""
            seat, hub = await self._welcome(socket, hello, who)
            if hub is not None and seat is not None:
                seat.address = who
                await self._serve_seat(socket, seat, hub)
        except (TimeoutError, WebSocketDisconnect, KeyError):  # KeyError: bytes where text belongs
            return
        except self.rooms.errors:  # it is away: the browser comes again
            return
        finally:
            if socket.application_state is socket.client_state is WebSocketState.CONNECTED:
                await socket.close()

    # ---- who comes ------------------------------------------------------------------------------------------------

    async def _welcome(self, socket: WebSocket, hello: Mapping[str, Any], who: str) -> tuple[Seat | None, Hub | None]:
        """Their seat, or none where they are told why."""
        language = hello.get("lang") if hello.get("lang") in LANGUAGES else LANGUAGES[0]
        client = hello.get("client")
        if not isinstance(client, str) or not CLIENT.fullmatch(client):
            return None, None
        if "open" in hello:
            return await self._open(socket, hello, Seat(client, str(language), is_lecturer=True), who)
        is_lecturer = "lead" in hello
        room = await (self._led(hello, who) if is_lecturer else self._room(hello.get("join"), who))
        refused = room if isinstance(room, str) else ""
        if isinstance(room, Room) and not is_lecturer:
            pulse = await self.rooms.call(self.rooms.store.pulse, room.code, time.time())
            if pulse is not None and pulse.here >= MOST_HERE:
                refused = "full"
        if refused or isinstance(room, str):
            await socket.send_text(words(str(language)))
            await socket.send_text(json.dumps({"refused": refused}))
            return None, None
        seat = Seat(client, str(language), is_lecturer)
        await self._greet(seat, hello, room)
        await self._say_own_vote(seat, room)
        return seat, self.rooms.sit_down(room.code, seat)

    async def _open(
        self, socket: WebSocket, hello: Mapping[str, Any], seat: Seat, who: str
    ) -> tuple[Seat | None, Hub | None]:
        show, secret = show_in(hello.get("open")), new_secret()
        if show is None:
            return None, None
        is_late = not self.openings.take(who, time.monotonic())
        if not is_late or await _has_turn(self.late_openings, who):  # whoever else opens rooms behind the same address
            for _ in range(9):  # two rooms in 200 million have the same code
                room = opened(new_code(), secret, show, time.time())
                if await self.rooms.call(self.rooms.store.create, room):
                    if is_late:
                        self.rooms.opened_late.add(room.code)
                    seat.tell("opened", json.dumps({"opened": {"code": room.code, "secret": secret}}))
                    await self._greet(seat, hello, room)
                    return seat, self.rooms.sit_down(room.code, seat)
        await socket.send_text(words(seat.language))
        await socket.send_text(json.dumps({"refused": "later"}))
        return None, None

    async def _greet(self, seat: Seat, hello: Mapping[str, Any], room: Room) -> None:
        seat.tell("words", words(seat.language))
        link = None
        if seat.is_lecturer:
            link = await self.rooms.compute(self.link_of, hello.get("place"), f"{SHORT}/{room.code}")
        if link is not None:
            seat.tell("link", json.dumps({"link": link}))

    async def _room(self, code: object, who: str) -> Room | str:
        """The room of a code; else why there is none. Who guesses is told later, and so is the class behind the same
        address, which is not to be locked out: its number of connections bounds what can be tried."""
        if not self.tries.has(who, time.monotonic()):
            await asyncio.sleep(LATE)
        room = await self._stored(code)
        if room is None:
            self.tries.take(who, time.monotonic())
        return room or "none"

    async def _led(self, hello: Mapping[str, Any], who: str) -> Room | str:
        """The room that a lecturer has the secret of, whoever else guesses behind the same address."""
        room = await self._stored(hello.get("lead"))
        if room is not None and room.is_led_by(hello.get("secret")):
            return room
        return "none" if self.tries.take(who, time.monotonic()) else "later"

    async def _stored(self, code: object) -> Room | None:
        if isinstance(code, str) and CODE.fullmatch(code):
            return await self.rooms.call(self.rooms.store.read, code, time.time())
        return None

    # ---- what they say --------------------------------------------------------------------------------------------

    async def _serve_seat(self, socket: WebSocket, seat: Seat, hub: Hub) -> None:
        both = [asyncio.create_task(self._listen(socket, seat, hub)), asyncio.create_task(_speak(socket, seat))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.seats.discard(seat)
            hub.wake()
            for task in both:
                task.cancel()
            ended = await asyncio.gather(*both, return_exceptions=True)
        for error in ended:
            if error is not None and not isinstance(error, asyncio.CancelledError | WebSocketDisconnect | KeyError):
                raise error

    async def _listen(self, socket: WebSocket, seat: Seat, hub: Hub) -> None:
        while socket.application_state is WebSocketState.CONNECTED:  # else it was noticed while something was sent
            message = _parsed(await socket.receive_text(), LONGEST_OF_LECTURER if seat.is_lecturer else LONGEST)
            if await self._is_kept(message, seat, hub):
                self._anybody(message, seat)
                hub.wake()

    async def _is_kept(self, message: Mapping[str, Any], seat: Seat, hub: Hub) -> bool:
        """Do what a message says, which the store may be away or too busy for.

        What a lecturer says is tried again, as a key is pressed once; a student's browser says again what it is not
        told that it counted.
        """
        for wait in LATER if seat.is_lecturer else LATER[-1:]:
            try:
                await (self._lecturer if seat.is_lecturer else self._student)(message, seat, hub)
                return True
            except self.rooms.errors:
                await asyncio.sleep(wait)
        return False

    def _anybody(self, message: Mapping[str, Any], seat: Seat) -> None:
        if message.get("lang") in LANGUAGES and message["lang"] != seat.language:
            seat.language = str(message["lang"])
            seat.tell("words", words(seat.language))
        if "here" in message:
            seat.forget("here")
            seat.tell("here", json.dumps({"here": True}))

    async def _student(self, message: Mapping[str, Any], seat: Seat, hub: Hub) -> None:
        if isinstance(message.get("follow"), bool):
            seat.is_following = message["follow"]
            seat.forget("still", "show")
        number, round_ = message.get("question"), message.get("round")
        if "vote" not in message or not isinstance(number, int) or not isinstance(round_, int):
            return
        if not 1 <= round_ <= MOST_ROUNDS:  # SQLite keeps no whole number of so many digits
            return
        room = await self._room_now(hub, number)
        asked = None if room is None else room.question
        if room is None or asked is None or asked.number != number:
            return
        vote = await self.rooms.compute(questions.vote_in, asked, message["vote"])
        if vote is None:
            return
        if await self.rooms.call(self.rooms.store.vote, room.code, number, round_, seat.client, vote):
            seat.forget("mine")
            seat.tell("mine", _mine(number, round_, vote))

    async def _room_now(self, hub: Hub, question: int) -> Room | None:
        """The room as this process knows it; as it is, where that has not heard of the question."""
        room = hub.room
        if room is not None and room.question is not None and room.question.number == question:
            return room
        return await self.rooms.call(self.rooms.store.read, hub.code, time.time())

    async def _say_own_vote(self, seat: Seat, room: Room) -> None:
        """Who comes back is told what they answered."""
        asked = room.question
        if asked is None or seat.is_lecturer:
            return
        votes = await self.rooms.call(self.rooms.store.votes, room.code, asked.number)
        vote = votes.get(asked.round, {}).get(seat.client)
        if vote is not None:
            seat.tell("mine", _mine(asked.number, asked.round, vote))

    async def _lecturer(self, message: Mapping[str, Any], seat: Seat, hub: Hub) -> None:
        store, code, call, compute = self.rooms.store, hub.code, self.rooms.call, self.rooms.compute

        async def change(what: Callable[[Room], Room]) -> None:
            await call(store.change, code, time.time(), what)

        show = show_in(message.get("show"))
        if show is not None and hub.room is not None and not hub.room.is_paused:
            await call(store.show, code, show)
        if WORKS & message.keys() and not await _has_turn(self.work, seat.address):
            message = {name: value for name, value in message.items() if name not in WORKS}
        asked, about = show_in(message.get("ask")), str(message.get("about") or "")
        if asked is not None and await compute(questions.can_be_asked, asked, about):
            await change(lambda room: room.asking(asked, about))
        if isinstance(message.get("lesson"), str):
            await self._take_plan(message["lesson"], seat, code)
        if isinstance(message.get("stop"), int) and not isinstance(message["stop"], bool):
            stop, lesson = message["stop"], hub.room.lesson if hub.room is not None else ""
            if not await compute(lecture.problem_of, lesson, text_in(seat.language)):  # the store finds it computed
                await change(lambda room: lecture.at_stop(room, stop))
        if isinstance(message.get("plan"), str):
            room = await call(store.read, code, time.time())
            lesson = "" if room is None else room.lesson
            file = await compute(self._plan_file, lesson, message["plan"], message.get("place"), seat.language)
            if file:
                seat.forget("file")
                seat.tell("file", json.dumps({"file": {"kind": message["plan"], "content": file}}))
        if isinstance(message.get("turn"), str):
            await change(lambda room: room.turned(message["turn"]))
        if isinstance(message.get("pause"), bool):
            await change(lambda room: replace(room, is_paused=message["pause"]))
        if message.get("gather") is True:
            await change(lambda room: replace(room, gathered=room.gathered + 1, is_paused=False))
        if message.get("csv") is True:
            seat.forget("csv")
            seat.tell("csv", json.dumps({"csv": await self._table(code)}))
        if message.get("end") is True:
            await call(store.delete, code)

    async def _take_plan(self, lesson: str, seat: Seat, code: str) -> None:
        """A plan of the lecturer's own, or the ready one in its place; they are told what is wrong with it."""
        text = text_in(seat.language)
        if not self.plans.take(seat.address, time.monotonic()):
            problem = text("room.plan_later")
        else:
            problem = await self.rooms.compute(lecture.problem_of, lesson, text)
        if not problem:
            await self.rooms.call(self.rooms.store.change, code, time.time(), lambda r: lecture.with_plan(r, lesson))
        seat.forget("problem")
        seat.tell("problem", json.dumps({"problem": problem}, ensure_ascii=False))

    def _plan_file(self, lesson: str, kind: str, place: object, language: str) -> str:
        """A plan: to print, with links to where the lecturer's browser found its page; or as it is.

        Empty where it cannot be read here, of which they were told.
        """
        if kind != "print":
            return lesson or ready_lesson()
        link, text = self.link_of(place, ""), text_in(language)
        if lecture.problem_of(lesson, text):
            return ""
        return lecture.to_print(lesson, text, BASE if link is None else link["link"])

    async def _table(self, code: str) -> str:
        call, store = self.rooms.call, self.rooms.store
        room = await call(store.read, code, time.time())
        if room is None:
            return ""
        votes = {asked.number: await call(store.votes, code, asked.number) for asked in room.questions}
        return await self.rooms.compute(questions.table, room, votes)


async def _has_turn(allowance: Allowance, who: str) -> bool:
    """Wait for the turn of one more, in the order of coming; False where too many wait."""
    wait = allowance.turn(who, time.monotonic())
    if wait:
        await asyncio.sleep(wait)
    return wait is not None


async def _speak(socket: WebSocket, seat: Seat) -> None:
    """Send what waits; the end of a room is the last, and may come while something is sent to who is slow."""
    while not seat.is_done:
        for text in await seat.take():
            await socket.send_text(text)


def _mine(question: int, round_: int, vote: str) -> str:
    return json.dumps({"mine": {"question": question, "round": round_, **json.loads(vote)}})


def _parsed(text: str, longest: int = LONGEST) -> Mapping[str, Any]:
    if len(text) > longest:
        return {}
    try:
        message = json.loads(text)
        if "\\u" in text:
            json.dumps(message, ensure_ascii=False).encode()  # half a character is no text that a store can keep
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
