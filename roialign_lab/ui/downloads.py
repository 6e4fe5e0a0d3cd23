"""The numbers of the picture as files. Made when a button is pressed."""

from __future__ import annotations

import streamlit as st

from roialign_lab.stage.downloads import numbers_as
from roialign_lab.stage.page import Page


def downloads(page: Page) -> None:
    """Two buttons, for the trace that the page shows at that moment."""
    if not page.shows("downloads"):
        return
    with st.container(horizontal=True):
        for kind in ("csv", "json"):
            file = numbers_as(kind, page)
            st.download_button(page.text(f"numbers.{kind}"), file.made, file.name, file.type, on_click="ignore")
