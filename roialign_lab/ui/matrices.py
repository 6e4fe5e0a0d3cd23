"""Under RoI Align: the two small matrices that hold all that it does to the box, drawn by the stage in every drag."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from roialign_lab.stage.page import Page

# The stage fills this place, in whichever order the two arrive.
PLACE = """export default c => {
globalThis.roiBelow = c.parentElement; globalThis.roiDrawBelow?.(); }"""


@cache
def _place() -> Any:
    return st.components.v2.component("roi_matrices", js=PLACE, isolate_styles=False)


def two_matrices(page: Page) -> None:
    """``Wy``, ``Wx`` and their product with the map; a maximum has none, and the stage says so."""
    text = page.text
    st.subheader(text("matrices.title"), anchor=False)
    st.markdown(text("matrices.intro"))
    _place()(key="matrices")
