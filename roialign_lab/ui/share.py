"""The link of what is shown, and its QR code: for the phones of a class, with an address that they can reach."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import segno

from roialign_lab.stage.page import Page
from roialign_lab.stage.share_link import is_place, share_link

NOWHERE = "192.0.2.1"  # reserved for documentation: names only the way out of this machine
HERE = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")


def share(page: Page, place: object, hidden: object, presenting: object) -> dict[str, str] | None:
    """The link and its QR code as a picture, for a page at ``place`` (where the browser found it)."""
    if not is_place(place):
        return None
    parts = urlsplit(str(place))
    link = share_link(page, f"{base_of(str(place))}/{parts.path.rpartition('/')[2]}", hidden, presenting)
    code = segno.make(link, error="m", micro=False)
    return {"link": link, "code": code.svg_data_uri(scale=4, border=3, light="#ffffff", dark="#000000")}


def _reachable(host: str) -> str:
    """The same host as others reach it: this machine's address in its network, where the browser says localhost."""
    return (_lan_address() or host) if host in HERE else host


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
