"""The live stage: a component that draws scenes as SVG and reports what a person does. Everything is computed here.

The words and the map are sent once (``still``); an update carries what a drag changes. The browser says with each
event what it has, so nothing is sent twice and a page that lost everything gets it again. While something is dragged
or hovered the browser asks over the WebSocket of :mod:`ui.drag`; what is kept comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from figures.text import LANGUAGES, text_in
from ui import export, stage_files
from ui.picture import picture
from ui.share import share
from ui.shell import PAGES, WALKS, Page

KEY = "stage"
DRAWN_BELOW = {"bilinear", "family", "gradients"}  # pages that show more of the scenario under the stage
# The script comes by a component of its own: what is inline in the stage itself comes with every update.
STAGE = """export default ({data: [data], ...c}) =>
globalThis.roiStage ? roiStage({...c, data}) : void (globalThis.roiWaiting ??= []).push({...c, data})"""


@cache
def _components() -> tuple[Any, Any]:
    """The loader and the stage. Made in the first run: the server imports ``app.py`` before there is a runtime."""
    code = st.components.v2.component("roi_stage_code", js=stage_files.loader(), isolate_styles=False)
    return code, st.components.v2.component("roi_stage", js=STAGE, isolate_styles=False)


def live(page: Page) -> None:
    """The stage of a page. What loads its script and style stands outside the fragment that an event runs."""
    code, _ = _components()
    session = st.session_state
    # The text of the files only for a browser that did not get them from the server.
    data = stage_files.sources() if session.pop("stage_inline", False) else None
    with st.container(key="roi-code"):
        code(
            key="roi_code",
            data=data,
            on_anew_change=lambda: _on_anew(page),
            on_inline_change=lambda: session.update(stage_inline=True),
        )
    _run(page)


@st.fragment
def _run(page: Page) -> None:
    """What a person did runs this function and nothing else."""
    session = st.session_state
    if session.pop("stage_rerun", False):
        st.rerun()
    data, still = picture(page)
    data["ack"] = session.get("stage_ack", 0)
    data["address"] = urlencode(page.address, safe=",")  # what the browser says back with a drag
    if session.pop("stage_have", None) != data["still_id"]:
        data["still"] = still()
    export.start(page, session.pop("stage_figure", None))
    if "figure_job" in session:
        data |= export.answer()
    asked = session.pop("stage_share", None)
    if asked is not None:
        data["share"] = share(page, asked.get("place"), asked.get("hide"), asked.get("present"))
    _, stage = _components()
    # In a list: in a mapping Streamlit would look for tables, and import pandas for that while the first visitor waits.
    stage(key=KEY, data=[data], on_event_change=lambda: _on_event(page))
    target = session.pop("stage_page", None)
    if target is not None:
        kind = WALKS[target]
        address = {"lang": page.text.language, **page.now.to_address(kind)}
        session["address"] = address
        st.switch_page(PAGES[target], query_params=address)


def _on_anew(page: Page) -> None:
    """The browser had no answer: it may have been with a process that is gone, and the run that follows is for it.

    Or the answer is under way, and it asks for a page that was left meanwhile: then the page that is open comes again.
    """
    opened = st.session_state.get("opened", page.name)
    if opened != page.name:
        st.session_state["stage_page"] = opened


def _on_event(page: Page) -> None:
    """Take over what a person did. Runs before the fragment; what makes no sense changes nothing."""
    session = st.session_state
    said = session.get(KEY)  # nothing, where a browser names another page than the stage is on
    event = None if said is None else said.event
    if not isinstance(event, Mapping):
        return
    sequence, have = event.get("seq"), event.get("have")
    session["stage_ack"] = sequence if isinstance(sequence, int) else 0
    session["stage_have"] = have if isinstance(have, str) else None
    page.now.take(event, page.kind)
    session["stage_figure"] = event.get("figure")
    asked = event.get("share")
    session["stage_share"] = asked if isinstance(asked, Mapping) else None
    target = event.get("page")
    if isinstance(target, str) and target in PAGES:
        session["stage_page"] = target
        if page.kind == "image" and event.get("take") is True:  # the lesson goes on with this map and box
            page.now.put("home", page.scenario)
    language = event.get("language")
    if isinstance(language, str) and language in LANGUAGES:
        session["language"] = language
        Page(page.name, text_in(language), page.now).write_address()
        session["stage_rerun"] = True
        return
    if event.get("commit") is True:
        page.write_address()
        session["stage_rerun"] = page.kind in DRAWN_BELOW or "present" in event
