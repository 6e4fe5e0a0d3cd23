"""Under RoI Align: the two small matrices that hold all that it does to the box."""

from __future__ import annotations

import streamlit as st

from figures.charts import matrix_chart
from roialign_core.operators import Aggregate
from ui.shell import Page


def two_matrices(page: Page) -> None:
    """``Wy``, ``Wx`` and their product with the map, for the present box; a maximum has none."""
    text, scenario = page.text, page.scenario
    st.subheader(text("matrices.title"), anchor=False)
    if scenario.aggregate is Aggregate.MAX:
        st.markdown(text("matrices.max"))
        return
    st.markdown(text("matrices.intro"))
    st.plotly_chart(matrix_chart(scenario.trace(scenario.align), text), key="matrices")
