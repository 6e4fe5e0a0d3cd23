"""The answer to a drag, over a WebSocket of its own: no session, no rerun, as quick as a number can cross.

Streamlit runs a script for every event and its page draws itself again, which takes longer than a frame. While a person
only looks (drags the box, points at a bin), the browser says here where the page stands, as its address does, and what
is being looked at; it gets what the same event would bring through Streamlit. Nothing is kept here, so any process can
answer; on release the browser tells Streamlit, and that is what stays. Without this road every event goes there.

A browser has one message under way; of one that sends more, the newest is answered. How much may come, and what becomes
of who reads no answers, is said by :mod:`roialign_lab.ui.gate`.
"""

from __future__ import annotations

import asyncio

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from roialign_lab.ui.answer_pool import Client, answer_pool

ADDRESS = "roi-drag"


def routes() -> list[WebSocketRoute]:
    """Where the server hears drags."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return [WebSocketRoute(f"/{base}/{ADDRESS}" if base else f"/{ADDRESS}", _serve)]


async def _serve(socket: WebSocket) -> None:
    await socket.accept()
    client = Client()
    both = [asyncio.create_task(_listen(socket, client)), asyncio.create_task(_speak(socket, client))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        ended = await asyncio.gather(*both, return_exceptions=True)
    for error in ended:  # KeyError: bytes where text belongs
        if error is not None and not isinstance(error, asyncio.CancelledError | WebSocketDisconnect | KeyError):
            raise error


async def _listen(socket: WebSocket, client: Client) -> None:
    """Keep the newest message."""
    while True:
        client.put(await socket.receive_text())


async def _speak(socket: WebSocket, client: Client) -> None:
    """Answer one message after the other."""
    while True:
        await client.arrived.wait()
        await socket.send_text(await answer_pool().answer(client))
