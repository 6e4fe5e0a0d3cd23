"""The live stage: a component that draws scenes as SVG and reports what a person does. Everything is computed here.

The words and the map are sent once (``still``); an update carries what a drag changes. The browser says with each
event what it has, so nothing is sent twice and a page that lost everything gets it again. While something is dragged
or hovered the browser asks over the WebSocket of :mod:`roialign_lab.ui.drag_socket`; what is kept comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from roialign_lab.stage.answer import ASKED, answer, sequence_of
from roialign_lab.stage.page import PAGES, Page, page_after
from roialign_lab.ui import figure_buttons, stage_files
from roialign_lab.ui.downloads import is_other_now
from roialign_lab.ui.share import share
from roialign_lab.ui.shell import write_address
from roialign_lab.ui.turns import TURNS, Cost

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
    state = st.session_state
    if state.pop("stage_rerun", False):
        st.rerun()
    have, sequence = state.pop("stage_have", None), state.get("stage_sequence", 0)
    with TURNS.turn(state.setdefault("stage_cost", Cost())):
        asked = state.pop("stage_asked", {})
        data = answer(page.session, {"page": page.name, "have": have, "seq": sequence, **asked})
    data["address"] = urlencode(page.address, safe=",")  # what the browser sends back with a drag
    if state.pop("stage_reveal", False):
        data["reveal"] = True
    figure_buttons.start(page, state.pop("stage_figure", None))
    if "figure_job" in state:
        data |= figure_buttons.progress()
    sharing = state.pop("stage_share", None)
    if sharing is not None:
        data["share"] = share(page, sharing.get("place"), sharing.get("hide"), sharing.get("present"))
    _, stage = _components()
    # In a list: in a mapping Streamlit would look for tables, and import pandas for that while the first visitor waits.
    stage(key=KEY, data=[data], on_event_change=lambda: _on_event(page))
    target = state.pop("stage_go_to", None)
    if target is not None:
        address = Page(target, page.session).address
        state["address"] = address
        st.switch_page(PAGES[target], query_params=address)


def _on_anew(page: Page) -> None:
    """The browser had no answer: it may have been with a process that is gone, and the run that follows is for it.

    Or the answer is under way, and the event came from a page that was left meanwhile: then the open page comes again.
    """
    opened = st.session_state.get("opened", page.name)
    if opened != page.name:
        st.session_state["stage_go_to"] = opened


def _on_event(page: Page) -> None:
    """Take over what a person did. Runs before the fragment; what makes no sense changes nothing."""
    state = st.session_state
    component = state.get(KEY)  # nothing, where a browser names another page than the stage is on
    event = None if component is None else component.event
    if not isinstance(event, Mapping):
        return
    have, sharing = event.get("have"), event.get("share")
    state["stage_sequence"] = sequence_of(event) or 0
    state["stage_have"] = have if isinstance(have, str) else None
    language = page.session.language
    page.session.apply_event(event, page.kind)
    state["stage_asked"] = {name: event[name] for name in ASKED if name in event}
    state["stage_figure"] = event.get("figure")
    state["stage_share"] = sharing if isinstance(sharing, Mapping) else None
    target = page_after(page, event)
    if target is not None:
        state["stage_go_to"] = target
    spoken = page.session.language != language
    if spoken or event.get("commit") is True:
        write_address(page)
        below = page.kind in DRAWN_BELOW or is_other_now(page)
        state["stage_rerun"] = spoken or below or "present" in event or "others" in event
