"""The link of what is shown, and its QR code: for the phones of a class, with an address that they can reach."""

from __future__ import annotations

import os
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import segno
import streamlit as st

from roialign_lab.lesson.lesson_part import BASE
from roialign_lab.lesson.maps import is_upload
from roialign_lab.stage.page import Page, address_of
from roialign_lab.stage.share_link import is_place, share_link

NOWHERE = "192.0.2.1"  # reserved for documentation: names only the way out of this machine
SITE = "ROIALIGN_LAB_SITE"
"""The environment variable that says where the same lesson stands as static files, such as https://lab.example.org/"""
HERE = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")


def share(page: Page, place: object, hidden: object, presenting: object) -> dict[str, Any] | None:
    """The link and its QR code as a picture, for a page at ``place`` (where the browser found it).

    Under ``site`` the same of the site, where there is one and it has the map.
    """
    if not is_place(place):
        return None
    parts = urlsplit(str(place))
    link = share_link(page, f"{base_of(str(place))}/{parts.path.rpartition('/')[2]}", hidden, presenting)
    site = page_of_site(page)
    return with_code(link) | ({"site": with_code(share_link(page, site, hidden, presenting))} if site else {})


def page_of_site(page: Page) -> str | None:
    """Where the site has the same page; None where :data:`SITE` names none, or only this server has the map."""
    base = os.environ.get(SITE, "").strip()
    if not is_place(base) or is_upload(page.scenario.map):
        return None
    folder = "" if page.name == "home" else address_of(page.name) + "/"
    return f"{base.rstrip('/')}/{folder}"


def with_code(link: str) -> dict[str, str]:
    """A link, and its QR code as a picture."""
    code = segno.make(link, error="m", micro=False)
    return {"link": link, "code": code.svg_data_uri(scale=4, border=3, light="#ffffff", dark="#000000")}


def _reachable(host: str) -> str:
    """The same host as others reach it: this machine's address in its network, where the browser says localhost."""
    return (_lan_address() or host) if host in HERE else host


def here() -> str:
    """Where the app is, as others reach it; as it is on this machine, where the browser names no place."""
    url = st.context.url
    return base_of(url if url and is_place(url) else BASE)


def base_of(url: str) -> str:
    """Where the app is of which ``url`` is a page, as others reach it."""
    parts = urlsplit(url)
    host, port = re.fullmatch(r"(.*?)(:\d+)?", parts.netloc).groups("")  # type: ignore[union-attr]  # matches all
    return f"{parts.scheme}://{_reachable(host)}{port}{parts.path.rpartition('/')[0]}"


def _lan_address() -> str | None:
    """The address of this machine in its network; None where it has no network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
        except OSError:
            return None
        found = str(probe.getsockname()[0])
    return None if found.startswith(("127.", "0.")) else found
