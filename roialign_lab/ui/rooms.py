"""Rooms in the app: where the server hears of them, what answers for all who follow, and the link with its QR code."""

from __future__ import annotations

from functools import cache

import streamlit as st
from starlette.routing import BaseRoute

from roialign_lab.classroom import socket
from roialign_lab.classroom.hub import Ask, Rooms
from roialign_lab.classroom.open_store import open_store
from roialign_lab.stage.share_link import is_place
from roialign_lab.ui.answer_pool import Client, answer_pool
from roialign_lab.ui.share import base_of, with_code

ADDRESS = socket.ADDRESS


class _ForAll(Client):
    """Asks for everybody in a room, and so may have the time of one process."""

    share = 1.0


@cache
def rooms() -> Rooms:
    """The rooms of this process."""
    return Rooms(open_store, _asker)


def routes() -> list[BaseRoute]:
    """Where the server hears of rooms."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return socket.routes(f"/{base}" if base else "", rooms(), _link_of)


def _asker() -> Ask:
    client = _ForAll()

    async def ask(message: str) -> str:
        client.put(message)
        return await answer_pool().answer(client)

    return ask


def _link_of(place: object, path: str) -> dict[str, str] | None:
    """The short link for others, where the browser said at which address it found the page."""
    return with_code(f"{base_of(str(place))}/{path}") if is_place(place) else None
