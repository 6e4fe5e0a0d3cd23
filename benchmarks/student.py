"""One student of a class: a session that speaks Streamlit's protocol, and drags over the WebSocket beside it.

What a browser sends is what is sent here (``BackMsg``, the messages of ``assets/stage/``), and what comes back is
read as far as the benchmark needs it: which stage is there, what it shows, and what it answers to.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{id}__events"
LONGEST = 20.0  # seconds for an answer; later it counts as lost
Answers = dict[str, list[float]]


@dataclass
class Log:
    """What happened to a class: ms by kind of update, what went wrong, and how many positions were left out."""

    times: Answers = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    skipped: int = 0  # positions that a newer one took the place of, while an answer was on its way
    wrong_at_rest: int = 0
    rested: int = 0
    started: float = 0.0  # by ``time.perf_counter``

    def add(self, kind: str, seconds: float) -> None:
        """One update."""
        self.times.setdefault(kind, []).append(seconds * 1000)


class Session:
    """A session of Streamlit: one WebSocket, the elements that came, and runs that were asked for."""

    def __init__(self, address: str, node: str) -> None:
        self.address = address.replace("http://", "ws://")
        self.cookie = {"Cookie": f"roi_node={node}", "Origin": address}
        self.id = ""  # of the session, by which a file is put
        self.uploader = ""  # the id of the widget that takes a file
        self.widgets: dict[str, Any] = {}  # by the last part of its id: the id
        self.stage: dict[str, Any] = {}
        self.fragment = ""
        self.page_hash = ""
        self.pages: dict[str, str] = {}
        self.finished = 0
        self.pictures = 0
        self.cached: set[str] = set()  # messages that need not be sent again
        self.errors: list[str] = []
        self.changed = asyncio.Condition()

    async def open(self, page: str, query: str) -> None:
        """Connect, as a browser that was given the link, and wait until the page is there."""
        self.socket = await connect(
            f"{self.address}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=self.cookie,
            max_size=None,
        )
        self.reader = asyncio.create_task(self._read(self.socket))
        self.query = query
        await self.run(BackMsg(), page_name=page)
        await self.until(lambda: self.finished > 0)

    async def run(self, message: BackMsg, page_name: str = "", page_hash: str = "", fragment: str = "") -> None:
        """Ask for a run of the script, or of the fragment."""
        rerun = message.rerun_script
        rerun.query_string = self.query
        rerun.page_name, rerun.page_script_hash, rerun.fragment_id = page_name, page_hash, fragment
        rerun.cached_message_hashes.extend(self.cached)
        rerun.context_info.locale = "en-US"
        await self.socket.send(message.SerializeToString())

    async def event(self, event: dict[str, Any]) -> None:
        """What the stage's script says to Streamlit."""
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = TRIGGER.format(id=self.stage["id"])
        widget.json_trigger_value = json.dumps([{"event": "event", "value": event}])
        await self.run(message, page_hash=self.page_hash, fragment=self.fragment)

    async def slide(self, label: str, value: float) -> None:
        """Move a slider of the naive app."""
        message = BackMsg()
        for name, slider in self.widgets.items():
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id = slider["id"]
            slider["value"] = value if name == label else slider["value"]
            widget.double_array_value.data.append(slider["value"])
        await self.run(message, page_hash=self.page_hash)

    async def until(self, done: Any) -> None:
        """Wait until ``done()``; an answer that takes too long is an error."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(done), LONGEST)

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        await self.socket.close()
        self.reader.cancel()

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for content in socket:
                assert isinstance(content, bytes)
                message = ForwardMsg()
                message.ParseFromString(content)
                self._take(message)
                async with self.changed:
                    self.changed.notify_all()
        except ConnectionClosed:
            pass

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self.cached.add(message.hash)
        if kind == "new_session":
            self.id = message.new_session.initialize.session_id
        elif kind == "script_finished":
            self.finished += message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            what = element.WhichOneof("type")
            if what == "exception":
                self.errors.append(element.exception.message)
            elif what == "imgs":
                self.pictures += 1
            elif what == "file_uploader":
                self.uploader = element.file_uploader.id
            elif what == "slider":
                self.widgets[element.slider.label] = {"id": element.slider.id, "value": element.slider.default[0]}
            elif what == "bidi_component" and element.bidi_component.id.endswith("-stage"):
                self.stage = {"id": element.bidi_component.id, **json.loads(element.bidi_component.json)[0]}
                self.fragment = message.delta.fragment_id or self.fragment


class Student:
    """Opens the link of a lesson and drags, lets go, goes a step on, changes the page, takes a figure home."""

    STEPS = ("input", "projected", "bins", "samples", "neighbors", "values", "join", "result")

    exports = True  # whether a student takes a figure home
    together = False  # whether everybody lets go, steps and changes the page at the same moment

    def __init__(self, address: str, number: int, log: Log) -> None:
        self.number, self.log = number, log
        self.session = Session(address, f"{number:032x}")
        self.road_address = address.replace("http://", "ws://") + "/roi-drag"
        self.page = "roi_align"
        self.sequence = 0
        self.box: list[float] = []

    async def study(self, rate: float, seconds: float) -> None:
        """Everything that is done in class; what goes wrong is in the log."""
        try:
            started = time.perf_counter()
            await self.session.open("RoI_Align", "lang=en&map=animation&stride=16&box=1,2,5,6")
            self.log.add("open", time.perf_counter() - started)
            async with connect(self.road_address, additional_headers=self.session.cookie) as road:
                await self._drag(road, rate, seconds)
            self.log.errors += self.session.errors
        except Exception as error:  # whatever it is, it is a result
            self.log.errors.append(f"{type(error).__name__} {error}")
        finally:
            await self.session.close()

    async def _drag(self, road: ClientConnection, rate: float, seconds: float) -> None:
        start, count = time.perf_counter() + self.number / rate / 60, round(seconds * rate)
        pause = round(4 * rate)  # positions between two releases
        exported = 1 + self.number % max(1, count // pause - 1)
        own = 0 if self.together else self.number * 7 % pause  # nobody lets go when the neighbour does
        for k in range(count):
            late = time.perf_counter() - (start + k / rate)
            turn, place = divmod(k + own, pause)
            if late > 1 / rate and place != pause - 1:
                self.log.skipped += 1  # the browser would send the newest only
                continue
            await asyncio.sleep(max(0.0, -late))
            self.box = self._place(k, rate)
            if place != pause - 1:
                await self._by_road(road)
                continue
            await self._event("release", {"commit": True})
            await self._event("step", {"step": self.STEPS[turn % len(self.STEPS)], "commit": True})
            if turn == exported and self.exports:
                await self._event("export", {"figure": "png"})
            if (turn + (0 if self.together else self.number)) % 4 == 3:
                await self._switch("roi_pooling" if self.page == "roi_align" else "roi_align")
        await self._event("release", {"commit": True})
        self.log.rested += 1
        self.log.wrong_at_rest += self.session.stage["box"] != self.box

    def _place(self, k: int, rate: float) -> list[float]:
        angle = 2 * math.pi * (k / rate / 2.4 + self.number / 60)
        dx, dy = round(1 + math.sin(angle), 2), round(1 + math.sin(2 * angle), 2)
        return [round(side, 2) for side in (1 + dx, 1 + dy, 4.8 + dx, 4.7 + dy)]

    def _event_base(self) -> dict[str, Any]:
        self.sequence += 1
        return {"box": self.box, "seq": self.sequence, "have": self.session.stage["still_id"]}

    async def _by_road(self, road: ClientConnection) -> None:
        stage = self.session.stage
        row, column, sample = stage["focus"]
        focus = {"row": row, "column": column, "sample": sample}
        event = {"page": self.page, "address": stage["address"], "focus": focus, **self._event_base()}
        started = time.perf_counter()
        await road.send(json.dumps(event))
        got = orjson.loads(await asyncio.wait_for(road.recv(), LONGEST))
        self.log.add("drag", time.perf_counter() - started)
        if got.get("refused") or got["box"] != self.box:
            self.log.errors.append(f"refused on {self.page}: {event} {str(got)[:80]}")

    async def _event(self, kind: str, what: dict[str, Any]) -> None:
        base = self._event_base()
        started = time.perf_counter()
        await self.session.event({**base, **what})
        await self.session.until(lambda seq=base["seq"]: self.session.stage["ack"] == seq)
        while isinstance(self.session.stage.get("figure"), int):  # it waits in a line
            base = self._event_base()
            await self.session.event({**base, "figure_wait": True})
            await self.session.until(lambda seq=base["seq"]: self.session.stage["ack"] == seq)
        self.log.add(kind, time.perf_counter() - started)
        if kind == "export" and "download" not in self.session.stage:
            self.log.errors.append(f"no figure in the answer: {self.session.stage.get('figure')}")

    async def _switch(self, page: str) -> None:
        session, before, finished = self.session, self.session.stage["still_id"], self.session.finished
        started = time.perf_counter()
        await session.event({**self._event_base(), "go_to": page})
        await session.until(lambda: session.stage["still_id"] != before)
        self.log.add("switch page", time.perf_counter() - started)
        self.page = page
        await session.until(lambda: session.finished > finished)


class NaiveStudent:
    """Moves a slider of the naive app; a new value when the picture of the one before is there."""

    def __init__(self, address: str, number: int, log: Log) -> None:
        self.number, self.log = number, log
        self.session = Session(address, f"{number:032x}")

    async def study(self, rate: float, seconds: float) -> None:
        """Slide until the time is over."""
        session = self.session
        try:
            started = time.perf_counter()
            await session.open("", "")
            self.log.add("open", time.perf_counter() - started)
            end, due = time.perf_counter() + seconds, time.perf_counter() + self.number / rate / 60
            k = 0
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                k += 1
                before, started = session.pictures, time.perf_counter()
                await session.slide("x1", 0.5 + 0.05 * (k % 40))
                await session.until(lambda before=before: session.pictures > before)
                self.log.add("drag", time.perf_counter() - started)
                missed = math.floor((time.perf_counter() - due) * rate)
                self.log.skipped += missed
                due += (missed + 1) / rate
        except Exception as error:
            self.log.errors.append(f"{type(error).__name__} {error}")
        finally:
            await session.close()
