"""The numbers of the picture as files: the samples as CSV, everything as JSON. Made when a button is pressed."""

from __future__ import annotations

import json

import streamlit as st

from roialign_lab.stage.page import Page

CSV, JSON = "text/csv", "application/json"


def downloads(page: Page) -> None:
    """Two buttons, for the trace that the page shows at that moment."""
    if not page.shows("downloads"):
        return
    text, name = page.text, page.name.replace("_", "-")

    def traced_csv() -> str:
        return page.scenario.trace(page.operator).to_csv()

    def traced_json() -> str:
        return json.dumps(page.scenario.trace(page.operator).to_dict(), ensure_ascii=False)

    with st.container(horizontal=True):
        st.download_button(text("numbers.csv"), traced_csv, f"{name}.csv", CSV, on_click="ignore")
        st.download_button(text("numbers.json"), traced_json, f"{name}.json", JSON, on_click="ignore")
