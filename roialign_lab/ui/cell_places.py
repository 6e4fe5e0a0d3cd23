"""Where the number of a cell sits, under the stage of the photo page."""

from __future__ import annotations

import streamlit as st

from roialign_lab.figures import cell_places as figures
from roialign_lab.stage.page import Page


def cell_places(page: Page) -> None:
    """A blob through even and through odd filters: the sentence with its numbers, and the two rows of cells."""
    if not page.shows("notes"):
        return
    sentence, chart = figures.cell_places(page.text)
    st.subheader(page.text("places.title"), anchor=False)
    st.markdown(sentence)
    st.plotly_chart(chart, key="places")
