"""The address of the server, written into the page, so that a browser that opens a deep link need not search for it.

Streamlit's page asks ``/RoI_Align/_stcore/health`` first when it is opened at ``/RoI_Align``, which is not there: two
failed requests for each visit (https://github.com/streamlit/streamlit/issues/7074). With the address it makes one
request. The address is what is left of the page's own, so that a proxy may put a prefix before it or take one away.
What browsers of 2022 need goes the same way (``assets/stage/old_browser.js``), and the names of the stage's files
(``assets/stage/early.js``).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.script_files import script_file
from roialign_lab.ui import stage_files

HEAD = b"<head>"
FONT = re.compile(rb'<link\s+rel="preload"[^>]*?as="font"[^>]*>')
"""The page's wish for the font of its text: 171 KB that a stage can do without at first. It comes when it is needed."""


def middleware() -> list[Middleware]:
    """What the app's server passes every page through."""
    return [Middleware(DeepLink)]


class DeepLink:
    """ASGI middleware: Streamlit's page, with the place of its server in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or PurePosixPath(scope["path"]).suffix:
            return await self.app(scope, receive, send)
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        script = address_script(scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace"))
        rewriter = _PageRewriter(send, script + inline_scripts())
        return await self.app({**scope, "headers": plain}, receive, rewriter.send)


class _PageRewriter:
    """Passes what the server sends; an HTML page is held back until it is whole and has the script in it."""

    def __init__(self, send: Send, script: bytes) -> None:
        self.out, self.script = send, script
        self.start: Message | None = None
        self.body = b""

    async def send(self, message: Message) -> Any:
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
            return
        if self.start is None or message["type"] != "http.response.body":
            await self.out(message)
            return
        self.body += message.get("body", b"")
        if message.get("more_body", False):
            return
        whole = FONT.sub(b"", self.body.replace(HEAD, HEAD + self.script, 1), count=1)
        if self.body:  # not for HEAD requests
            MutableHeaders(raw=self.start["headers"])["content-length"] = str(len(whole))
        await self.out(self.start)
        await self.out({**message, "body": whole})


def address_script(path: str) -> bytes:
    """A script element with the address of the server, for the page at a path that the server sees.

    The browser may see a longer path or a shorter one; both end alike.

    >>> address_script("/RoI_Align").decode()
    '<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + location.pathname.slice(0, -10)};</script>'
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    page = path.removeprefix(f"/{base}") if base else path
    shown = f"location.pathname.slice(0, -{len(page)})" if page else "location.pathname"
    return f"<script>window.__streamlit = {{BACKEND_BASE_URL: location.origin + {shown}}};</script>".encode()


@cache
def inline_scripts() -> bytes:
    """Script elements: what a browser of 2022 needs, or a sentence in an older one; then the stage's files.

    The sentence is in every language, as none is known yet.
    """
    sentence = json.dumps("\n".join(text_in(language)("problem.old") for language in LANGUAGES))
    texts = (f"const SENTENCE = {sentence};\n{script_file('old_browser.js')}", stage_files.early())
    return "".join(f"<script>{{\n{text}}}</script>" for text in texts).encode()  # in a block: they share no names


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
