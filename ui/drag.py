"""The answer to a drag, over a WebSocket of its own: no session, no rerun, as quick as a number can cross.

Streamlit runs a script for every event and its page draws itself again, which takes longer than a frame. While a person
only looks (drags the box, points at a bin), the browser says here where the page stands, as its address does, and what
is being looked at; it gets what the same event would bring through Streamlit. Nothing is kept here, so any process can
answer; on release the browser tells Streamlit, and that is what stays. Without this road every event goes there.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

LONGEST = 4096  # characters of a message: an address, a box, a bin
POLICY = 1008  # a WebSocket's close code for what is not allowed


def routes() -> list[WebSocketRoute]:
    """Where the server hears drags."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return [WebSocketRoute(f"/{base}/roi-drag" if base else "/roi-drag", _serve)]


async def _serve(socket: WebSocket) -> None:
    if not _from_here(socket):
        return await socket.close(POLICY)
    await socket.accept()
    try:
        while True:
            await socket.send_text(answer(await socket.receive_text()))
    except (WebSocketDisconnect, KeyError):  # KeyError: bytes where text belongs
        pass


def _from_here(socket: WebSocket) -> bool:
    """A page of another site has no business here. Streamlit is stricter where it has a session to protect."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


def answer(message: str) -> str:
    """What the stage draws after what ``message`` says; ``refused`` where the browser has to ask Streamlit.

    ``message`` is a JSON object: ``page``, ``address`` (a query string), ``seq``, ``have``, and an event of the stage.
    """
    asked = _read(message)
    if asked is None:
        return '{"refused": true}'
    # Looked up at each message, so that an edited file counts while the server runs.
    from figures.text import LANGUAGES, text_in
    from ui.picture import picture
    from ui.shell import WALKS, Page
    from ui.state import Now

    name, sequence = asked.get("page"), asked.get("seq")
    refused = json.dumps({"refused": True, "ack": sequence if isinstance(sequence, int) else None})
    address = dict(parse_qsl(str(asked.get("address"))))
    if not isinstance(name, str) or name not in WALKS or address.get("lang") not in LANGUAGES:
        return refused
    kind, now = WALKS[name], Now()
    if now.read(address, kind):
        return refused
    now.take(asked, kind)
    data, _ = picture(Page(name, text_in(address["lang"]), now))
    if data["still_id"] != asked.get("have"):
        return refused
    return json.dumps({**data, "ack": sequence}, separators=(",", ":"), ensure_ascii=False)


def _read(message: str) -> dict[str, Any] | None:
    if len(message) > LONGEST:
        return None
    try:
        asked = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None
