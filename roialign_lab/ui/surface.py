"""The surface over the cells, under the stage of the bilinear page."""

from __future__ import annotations

import streamlit as st

from roialign_lab.figures import charts
from roialign_lab.stage.page import Page


def surface(page: Page) -> None:
    """The surface round the point, and the ways across it."""
    st.markdown("#### " + page.text("surface.title"))
    st.plotly_chart(charts.surface(page.scenario.feature_map, *page.scenario.point, page.text), key="surface")
