"""The numbers of the picture as files. Made when a button is pressed, in a turn: all share the server."""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore

import streamlit as st

from roialign_lab.stage.downloads import File, numbers_as, too_many_samples
from roialign_lab.stage.page import Page
from roialign_lab.ui.turns import TURNS, Cost

AT_ONCE = 2  # files of one session that are made or wait for their turn


def downloads(page: Page) -> None:
    """Two buttons, for the trace that the page shows at that moment; a sentence where it is too large for files."""
    if not page.shows("downloads"):
        return
    state, problem = st.session_state, too_many_samples(page)
    state["numbers_missing"] = bool(problem)
    if problem:
        st.markdown(problem)
        return
    cost, places = state.setdefault("numbers_cost", (Cost(), BoundedSemaphore(AT_ONCE)))
    with st.container(horizontal=True):
        for kind in ("csv", "json"):
            file = numbers_as(kind, page)
            made = _in_turn(file, cost, places)
            st.download_button(page.text(f"numbers.{kind}"), made, file.name, file.type, on_click="ignore")


def is_other_now(page: Page) -> bool:
    """Is a sentence to stand where buttons stand, or the other way round?"""
    missing = st.session_state.get("numbers_missing")
    has_files = page.kind in ("roi_pool", "roi_align") and page.shows("downloads")
    return has_files and missing is not None and missing != bool(too_many_samples(page))


def _in_turn(file: File, cost: Cost, places: BoundedSemaphore) -> Callable[[], bytes]:
    """What makes a file in its turn. Streamlit calls it in one of a few threads, of which nobody is to have all."""

    def made() -> bytes:
        if not places.acquire(blocking=False):
            raise RuntimeError(f"{file.name}: {AT_ONCE} files are being made for this session; try again after them")
        try:
            with TURNS.turn(cost):
                return file.made()
        finally:
            places.release()

    return made
