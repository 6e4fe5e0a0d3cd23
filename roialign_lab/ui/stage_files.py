"""The browser's files (``assets/stage``), served by this server: once for each version, since their address has a hash.

A module imports its neighbours by relative names, so all of them share the hash, and a browser that has been here asks
for none of them again. Where a page has no such server (``streamlit run pages/3_RoI_Align.py``), :func:`loader` asks
for :func:`sources` instead.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.script_files import FOLDER, STYLE, script_file, script_files
from roialign_lab.stage.script_files import sources as script_files_in_order

ADDRESS = "roi-stage"
ENTRY = "index.js"
LOADER, EARLY = "loader.js", "early.js"  # go inline
LATER = "room.js"  # what is loaded by a tab that is in a room
TYPES = {".js": "text/javascript", ".css": "text/css"}
FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StageFile:
    """One file as it is sent, plain and compressed."""

    content_type: str
    plain: bytes
    compressed: bytes


def routes() -> list[Route]:
    """Where the server answers for the files; HEAD comes with GET."""
    base = st.get_option("server.baseUrlPath").strip("/")
    prefix = f"/{base}/{ADDRESS}" if base else f"/{ADDRESS}"
    return [Route(prefix + "/{version}/{name:path}", _serve, methods=["GET"])]


async def _serve(request: Request) -> Response:
    name, version = request.path_params["name"], request.path_params["version"]
    file = files().get(name)
    if file is None or version != version_of_files():
        return Response("not found", 404, media_type="text/plain", headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": FOR_A_YEAR, "ETag": f'W/"{version}"', "Vary": "Accept-Encoding"}
    if _has(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.plain, media_type=file.content_type, headers=headers)
    return Response(file.compressed, media_type=file.content_type, headers={**headers, "Content-Encoding": "gzip"})


def _has(known: str, tag: str) -> bool:
    """Is ``tag`` among those of an If-None-Match header? A proxy may have made a weak tag of it."""
    tags = {entry.strip().removeprefix("W/") for entry in known.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


@cache
def files() -> Mapping[str, StageFile]:
    """What is served, by name. Read once: an edited file counts when the server starts anew."""
    served = {name: text.encode() for name, text in script_files(ENTRY, LATER).items()}
    return {
        name: StageFile(TYPES[name[name.rindex(".") :]], content, gzip.compress(content, mtime=0))
        for name, content in served.items()
    }


@cache
def at_first() -> tuple[str, ...]:
    """What every page loads."""
    return tuple(script_files(ENTRY))


@cache
def version_of_files() -> str:
    """A hash of all that is served."""
    whole = hashlib.sha256()
    for name, file in files().items():
        whole.update(f"{name} {len(file.plain)} ".encode() + file.plain)
    return whole.hexdigest()[:16]


def loader() -> str:
    """The script of the component that brings the files to the page."""
    sentence = "\n".join(text_in(language)("problem.no_stage") for language in LANGUAGES)
    declared = f"const FILES = {json.dumps(_place())}, SENTENCE = {json.dumps(sentence)};\n"
    return declared + (FOLDER / LOADER).read_text(encoding="utf-8")


def early() -> str:
    """The script that asks for the files before Streamlit's page has begun."""
    return f"const FILES = {json.dumps(_place())};\n{script_file(EARLY)}"


def _place() -> dict[str, object]:
    modules = [name for name in at_first() if name != STYLE]
    return {"folder": f"{ADDRESS}/{version_of_files()}", "entry": ENTRY, "modules": modules, "style": STYLE}


@cache
def sources() -> list[tuple[str, str]]:
    """Name and text of what every page loads: the style, then the modules, each after those that it imports."""
    return [(STYLE, files()[STYLE].plain.decode()), *script_files_in_order(ENTRY)]
