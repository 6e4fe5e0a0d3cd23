"""The surface over the cells, under the stage of the bilinear page."""

from __future__ import annotations

import streamlit as st

from roialign_lab.figures import charts
from roialign_lab.stage.page import Page


def surface(page: Page) -> None:
    """The surface round the point, and the ways across it; drawn when it is opened, for 3-D takes a browser seconds."""
    opened = st.expander(page.text("surface.title"), key="surface_open", icon=":material/landscape:", on_change="rerun")
    if opened.open:
        chart = charts.surface(page.scenario.feature_map, *page.scenario.point, page.text)
        opened.plotly_chart(chart, key="surface")
