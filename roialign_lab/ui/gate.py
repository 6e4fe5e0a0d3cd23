"""What every request passes before Streamlit sees it: who may come in, how much at once, what a browser may do.

A page of another site has no business here, so what says that it comes from one (``Origin``) is sent away. Streamlit
itself would ask another host for this machine's address, to compare it, and everybody would wait for that.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from roialign_lab.ui.doorway import Budget, attend
from roialign_lab.ui.drag_socket import ADDRESS as DRAG
from roialign_lab.ui.rooms import ADDRESS as ROOM

MOST_SOCKETS, MOST_FROM_ONE = 2000, 400  # WebSockets, two for each tab; a class is often behind one address
# Rooms are counted apart: a class that fills one still reaches everything else.
COMING, COMING_AT_ONCE = 20, 400  # WebSockets that are opened from one address in a second, and at once
MOST_ADDRESSES = 1000  # of which it is known how many came
LONGEST_PATH = 2000  # characters, without the query: what looks through the parts of a path takes their square
MOST_UNREAD = 10.0  # seconds until a browser takes what it is sent
MOST_FLOODED = 60.0  # seconds in which there is always another message of one connection
KINDS = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
"""What pages of this app send to Streamlit. The rest is for developers: it runs git, or clears everybody's cache."""
BACKEND = {"deferred_file"}  # what a download is made by, of what Streamlit can be asked to do without a run
MOST_FILES = 20  # names in one message; a place for files takes one
MOST_WIDGETS, MOST_HELD = 2000, 2000  # a deck of 120 parts has some 500; what a browser says that it holds of 10 runs
LONGEST_VALUES = 500_000  # bytes of all widgets but texts: a drag that was recorded has 2,000 boxes, some 160,000 bytes
LONGEST_NAME = 2000  # characters of where the browser is
LONGEST_OTHER = 32_768  # bytes of a message without widgets: 20 names of 255 characters
HOST = re.compile(r"[\w.\-]{1,253}(:\d{1,5})?|\[[0-9a-f:]{2,39}\](:\d{1,5})?", re.ASCII)
SITE = re.compile(r"\*|https?://[\w.*\-]+(:(\d{1,5}|\*))?", re.ASCII)
EMBED_IN = "ROIALIGN_LAB_EMBED_IN"
"""The environment variable that names the sites that may show the app in a frame, such as https://moodle.example.org"""


@dataclass(frozen=True)
class Road:
    """What a WebSocket may bring: the longest message in bytes, messages a second, and how many at once.

    Connections that bring more and wait for no answer, as no page of the app does, share ``excess`` messages a second.
    """

    longest: int
    rate: float
    burst: int
    excess: float


ROADS = {"drag": Road(16_384, 120, 20, 120), "event": Road(4_000_000, 15, 20, 3), "room": Road(200_000, 30, 60, 30)}
"""A drag is 4,096 characters and comes with every frame; Streamlit's own socket brings a pasted matrix, and what a
person does: drags only where the other road is closed. A room hears where its lecturer is, 20 times a second, and the
plan of a lecture: 32,000 characters in any script; of a student it reads no more than 8,192."""


def middleware() -> list[Middleware]:
    """The gate of the app."""
    return [Middleware(Gate)]


class Gate:
    """ASGI middleware: sends away who must not come in; tells browsers what pages of this app may do."""

    def __init__(self, app: ASGIApp, most_unread: float = MOST_UNREAD, most_flooded: float = MOST_FLOODED) -> None:
        self.app, self.most_unread, self.most_flooded = app, most_unread, most_flooded
        _framing_sites()  # what cannot be used is said at the start
        self.sockets: Counter[tuple[str, bool]] = Counter()  # open WebSockets by the address they are from; of rooms?
        self.coming: dict[tuple[str, bool], Budget] = {}  # the same, opened of late
        self.excess = {road: Budget(road.excess, 1) for road in ROADS.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            attend(getattr(getattr(receive, "__self__", None), "config", None))
            return await self.app(scope, receive, send)
        headers, path = Headers(scope=scope), scope["path"].rstrip("/")
        host = headers.get("host")
        hosts = {host, headers.get("x-forwarded-host")}  # no page of another site can have its browser send these
        if not all(_is_ours(origin, hosts) for origin in headers.getlist("origin")):
            return await _refused(403, "A page of another site cannot use this app.")(scope, receive, send)
        if len(path) > LONGEST_PATH:
            return await _refused(414, "The address is too long.")(scope, receive, send)
        if path.endswith("/_stcore/metrics"):
            return await _refused(404, "not found")(scope, receive, send)
        if scope["type"] == "http":
            return await self.app(scope, receive, _with_headers(send, host))
        return await self._socket(scope, receive, send, ROADS[_road_at(path)])

    async def _socket(self, scope: Scope, receive: Receive, send: Send, road: Road) -> None:
        who = (scope.get("client") or ("",))[0], road is ROADS["room"]
        if self.sockets[who] >= MOST_FROM_ONE or self.sockets.total() >= MOST_SOCKETS:
            await _refused(503, "Too many connections. Close some tabs.")(scope, receive, send)
            return
        self.sockets[who] += 1
        try:
            await self._come(who)
            await self._serve(scope, receive, send, road)
        finally:
            self.sockets -= Counter({who: 1})

    async def _come(self, who: tuple[str, bool]) -> None:
        """Wait, where an address opens one after the other: a connection takes the server longer than a message."""
        now = time.monotonic()
        budget = self.coming.pop(who, None) or Budget(COMING, COMING_AT_ONCE)
        wait = budget.wait(now)
        budget.spend(now)
        self.coming[who] = budget
        while len(self.coming) > MOST_ADDRESSES:
            del self.coming[next(iter(self.coming))]
        await asyncio.sleep(wait)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, road: Road) -> None:
        connection: Any = getattr(receive, "__self__", None)  # of uvicorn, which has one limit for all roads
        if hasattr(connection, "conn"):
            connection.conn.max_message_size = road.longest
        budgets = Budget(road.rate, road.burst), self.excess[road]
        coming = _no_faster(receive, *budgets, connection, self.most_flooded)
        if road is ROADS["event"]:
            coming = _of_streamlit(coming)
        await self.app(scope, coming, _unless_unread(send, connection, self.most_unread))


def _road_at(path: str) -> str:
    """The name of the road, of :data:`ROADS`."""
    return {DRAG: "drag", ROOM: "room"}.get(path.rpartition("/")[2], "event")


def _is_ours(origin: str, hosts: Container[str | None]) -> bool:
    """Is a page of this origin one of the app, at a host that the browser asked or at the name that the server has?

    Behind a proxy that says neither it is, where Streamlit is told to take every origin (``server.enableCORS=false``).
    """
    try:
        parts = urlsplit(origin)
        if (parts.netloc and parts.netloc in hosts) or not st.get_option("server.enableCORS"):
            return True
        named = st.get_option("browser.serverAddress")
        return parts.hostname is not None and parts.hostname == named != "localhost"
    except ValueError:  # http://[::1 is no address
        return False


def _refused(status: int, sentence: str) -> PlainTextResponse:
    return PlainTextResponse(sentence, status, {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def _no_faster(receive: Receive, own: Budget, excess: Budget, connection: Any, most_flooded: float) -> Receive:
    """Take messages no faster than the budget of the connection; those beyond it share one with all who bring too many.

    Many may have been read at once, and would otherwise be taken one after the other: others have their turn after
    each. A connection on which there is always more for a while ends. What was read of a connection that has ended is
    not taken: with it the server would be at work for minutes, and could not end either.
    """
    emptied = time.monotonic()
    transport, queue = (getattr(connection, name, None) for name in ("transport", "queue"))

    async def receiver() -> Message:
        nonlocal emptied
        now = time.monotonic()
        wait = own.wait(now)
        if wait and queue is not None and not queue.empty():  # it does not wait for answers
            wait = max(wait, excess.wait(now))
            excess.spend(now)
            await asyncio.sleep(wait)
            own.halt(time.monotonic())
        else:
            own.spend(now)
            await asyncio.sleep(wait)
        message = await receive()
        now = time.monotonic()
        if transport is None or queue is None:
            return message
        if queue.empty():  # as it is after each message of a browser that waits for its answers
            emptied = now
        elif now - emptied > most_flooded:
            transport.abort()
        while transport.is_closing() and message["type"] == "websocket.receive":
            message = await receive()
        return message

    return receiver


def _of_streamlit(receive: Receive) -> Receive:
    """Take messages until one that no page of Streamlit sends, which ends the connection: it would fill the log, or
    keep everybody waiting. Messages of another kind than the pages of this app send are left out."""

    async def receiver() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                content = message["bytes"]
                read = BackMsg.FromString(content)
                is_short = _is_short(read, len(content))
            except Exception:  # text, or bytes of something else, which protobuf has errors of its own for
                is_short = False
            if not is_short:
                return {"type": "websocket.disconnect", "code": 1003}
            if _is_of_a_page(read):
                return message

    return receiver


def _is_of_a_page(message: BackMsg) -> bool:
    """Is it of a kind that a page of this app sends?"""
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in BACKEND
    return kind in KINDS


def _is_short(message: BackMsg, size: int) -> bool:
    """Has it no more parts than a page sends? Streamlit goes through them while everybody waits."""
    if not message.HasField("rerun_script"):
        return size <= LONGEST_OTHER and len(message.file_urls_request.file_names) <= MOST_FILES
    state = message.rerun_script
    widgets, context = state.widget_states.widgets, state.context_info
    if len(widgets) > MOST_WIDGETS or len(state.cached_message_hashes) > MOST_HELD:
        return False
    names = (state.page_name, state.page_script_hash, state.fragment_id, context.url, context.timezone, context.locale)
    if max(map(len, names)) > LONGEST_NAME:
        return False
    values: int = sum(each.ByteSize() for each in widgets if each.WhichOneof("value") != "string_value")
    return values <= LONGEST_VALUES


def _unless_unread(send: Send, connection: Any, most: float) -> Send:
    """Send, or end the connection where the browser takes nothing for a while: what waits for it is memory."""

    async def sender(message: Message) -> None:
        try:
            async with asyncio.timeout(most):
                await send(message)
        except TimeoutError:
            if hasattr(connection, "transport"):
                connection.transport.abort()
            raise

    return sender


# ---- what a browser may do ----------------------------------------------------------------------------------------


def _with_headers(send: Send, host: str | None) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            for name, value in _headers(host if host and HOST.fullmatch(host) else None).items():
                MutableHeaders(scope=message).setdefault(name, value)
        await send(message)

    return sender


@lru_cache(64)
def _headers(host: str | None) -> dict[str, str]:
    """Nothing comes from another host. Streamlit starts its page and an inline component with a script of its own, and
    its page brings WebAssembly."""
    sites = _framing_sites()
    sockets = f" ws://{host} wss://{host}" if host else ""
    policy = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self'{sockets} data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(["'self'", *sites]),
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        **({} if sites else {"X-Frame-Options": "SAMEORIGIN"}),  # which can name no other site
    }


def _framing_sites() -> list[str]:
    """The sites of :data:`EMBED_IN`.

    Raises
    ------
    ValueError : for what is no site.
    """
    sites = os.environ.get(EMBED_IN, "").split()
    for site in sites:
        if not SITE.fullmatch(site):
            raise ValueError(f"{EMBED_IN}: {site!r} is no site: write it as https://moodle.example.org, or * for any")
    return sites
