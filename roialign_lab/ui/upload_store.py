"""The bytes of uploads, from when a browser sends them until a page has read them: few, and none of a closed tab.

Streamlit takes whatever a session sends and holds it as long as it holds the session. Here a session holds one or two
files and all sessions together hold little more: the oldest of whoever holds most is let go, and a page says so if it
had not read it yet. What a page has read is let go at once.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from roialign_lab.lesson.session import Session

MOST_A_SESSION = 12_000_000  # bytes: a file of the largest size, and small ones
MOST = 64_000_000  # bytes of all sessions
MOST_NAMES = 20  # files of a session of which a name is left
AT_ONCE = 8  # files that are on their way into memory
PACE = 1_000_000  # bytes a second of all sessions that send one file after the other
LONGEST_REST, LOOK = 40.0, 0.5  # seconds until the next file, and between two looks at whether its browser is there
PATIENCE = 60.0  # seconds for a file to arrive
SLOW, AT_FIRST = 50_000, 5.0  # bytes a second, after so many seconds: what is slower gives its place to who waits
GRACE = 100.0  # seconds after which a session without a browser is given up; Streamlit finds it again until 120
OFTEN = 5.0  # seconds between two looks for such sessions
LET_GO = "application/x-let-go"  # the type of a file whose bytes are not held any more
WITH_DATA: dict[str, Session] = {}
"""The sessions that may hold own data, by Streamlit's name of them."""
ADDRESS = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")


def middleware() -> list[Middleware]:
    """What the app's server passes every upload through."""
    return [Middleware(UploadRoom)]


class UploadRoom:
    """ASGI middleware: one upload of a session at a time, room for it, and a rest after one that was taken."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.under_way, self.waiting = asyncio.Semaphore(AT_ONCE), 0
        self.rested: dict[str, float] = {}  # when a session that sent a file may send the next, by time.monotonic
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = ADDRESS.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if address is None:
            await self.app(scope, receive, send)
            return
        turn = self.turns.setdefault(address[1], asyncio.Lock())
        try:
            async with asyncio.timeout(PATIENCE), turn:
                await self._has_rested(address[1], getattr(receive, "__self__", None))
                async with self._place():
                    upload = _Passing(receive, send, self)
                    await self.app(scope, upload.receive, upload.send)
                    make_room(address[1])
                if upload.is_taken:
                    self._rest(address[1], upload.length)
        except ClientDisconnect:  # a tab that is closed meanwhile
            return
        except TimeoutError:
            await PlainTextResponse("The file took too long to arrive.", 408)(scope, receive, send)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places of files on their way, waited for."""
        self.waiting += 1
        try:
            await self.under_way.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self.under_way.release()

    async def _has_rested(self, session: str, request: Any) -> None:
        """Wait until the session may send its next file, or its browser is gone."""
        while (left := self.rested.get(session, 0.0) - time.monotonic()) > 0:
            if getattr(request, "disconnected", False):  # as uvicorn's requests say it
                raise TimeoutError
            await asyncio.sleep(min(left, LOOK))

    def _rest(self, session: str, length: int) -> None:
        """Rest after a file of so many bytes, the longer the more rest: together they send no more than one."""
        now = time.monotonic()
        self.rested = {other: until for other, until in self.rested.items() if until > now}
        self.rested[session] = now + min((len(self.rested) + 1) * length / PACE, LONGEST_REST)


class _Passing:
    """An upload on its way to the app: the bytes that arrived, whatever their sender claims, and the app's answer."""

    def __init__(self, receive: Receive, send: Send, room: UploadRoom) -> None:
        self._receive, self._send, self._room = receive, send, room
        self._begun = time.monotonic()
        self.length, self.is_taken = 0, False

    async def receive(self) -> Message:
        """The next piece. TimeoutError where they come slowly and somebody waits for the place."""
        coming = asyncio.ensure_future(self._receive())
        try:
            while not (await asyncio.wait([coming], timeout=LOOK))[0]:
                self._hurry()
        finally:
            coming.cancel()
        message = coming.result()
        self.length += len(message.get("body", b""))
        if message.get("more_body"):
            self._hurry()
        return message

    def _hurry(self) -> None:
        lasted = time.monotonic() - self._begun
        if self._room.waiting and lasted > AT_FIRST and self.length < SLOW * lasted:
            raise TimeoutError

    async def send(self, message: Message) -> None:
        """A part of the answer, which says whether the app took the file."""
        if message["type"] == "http.response.start":
            self.is_taken = 200 <= message["status"] < 300
        await self._send(message)


def make_room(session: str) -> None:
    """Let go of the oldest files, until ``session`` and all sessions hold no more than they may."""
    files = _files()
    if files is None:
        return
    for name in [*files]:
        if not runtime.get_instance().is_active_session(name):
            _manager().remove_session_files(name)
    own = [*files.get(session, {}).values()]
    for record in own[:-MOST_NAMES]:
        _manager().remove_file(session, record.file_id)
    _let_go_of_oldest(session, MOST_A_SESSION)
    while sum(map(held_by, [*files])) > MOST:
        most = max([*files], key=held_by)
        _let_go_of_oldest(most, held_by(most) - 1)


def held_by(session: str) -> int:
    """Bytes of the files that are held for a session."""
    files = _files() or {}
    return sum(len(record.data) for record in [*files.get(session, {}).values()])


def let_go(file_id: str) -> None:
    """The open page has read this file: its name stays, its bytes are not needed any more."""
    context, files = get_script_run_ctx(), _files()
    record = files.get(context.session_id, {}).get(file_id) if context is not None and files is not None else None
    if context is not None and record is not None:
        _manager().add_file(context.session_id, record._replace(data=b"", type=LET_GO))


async def give_up_closed_tabs() -> None:
    """End sessions whose browser went away, with all that they hold: Streamlit would wait for the next visitor."""
    seen: dict[str, float] = {}
    while True:
        await asyncio.sleep(OFTEN)
        if not runtime.exists():
            continue
        now, server = time.monotonic(), runtime.get_instance()
        for session in [*WITH_DATA]:
            if server.is_active_session(session):
                seen[session] = now
            elif now - seen.setdefault(session, now) > GRACE:
                server.close_session(session)
                WITH_DATA.pop(session).uploads.clear()  # now, not when Python looks for circles
                seen.pop(session, None)
        make_room("")


def note_session(session: Session) -> None:
    """The open page's session holds own data from now on."""
    context = get_script_run_ctx()
    if context is not None:
        WITH_DATA[context.session_id] = session


def _let_go_of_oldest(session: str, most: int) -> None:
    files = _files() or {}
    for record in [*files.get(session, {}).values()]:
        if held_by(session) <= most:
            return
        if record.data:
            _manager().add_file(session, record._replace(data=b"", type=LET_GO))


def _manager() -> Any:
    return runtime.get_instance().uploaded_file_mgr


def _files() -> dict[str, dict[str, Any]] | None:
    """Streamlit's files by session and by their own names; None where it keeps them otherwise, or does not run."""
    return getattr(_manager(), "file_storage", None) if runtime.exists() else None
