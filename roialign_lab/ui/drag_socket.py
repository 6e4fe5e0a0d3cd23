"""The answer to a drag, over a WebSocket of its own: no session, no rerun, as quick as a number can cross.

Streamlit runs a script for every event and its page draws itself again, which takes longer than a frame. While a person
only looks (drags the box, points at a bin), the browser says here where the page stands, as its address does, and what
is being looked at; it gets what the same event would bring through Streamlit. Nothing is kept here, so any process can
answer; on release the browser tells Streamlit, and that is what stays. Without this road every event goes there.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from roialign_lab.stage.answer import answer_message

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
            await socket.send_text(answer_message(await socket.receive_text()))
    except (WebSocketDisconnect, KeyError):  # KeyError: bytes where text belongs
        pass


def _from_here(socket: WebSocket) -> bool:
    """A page of another site has no business here. Streamlit is stricter where it has a session to protect."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
