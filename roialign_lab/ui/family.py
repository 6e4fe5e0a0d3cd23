"""What stands under the stages of the family and of the gradients: tables, the code, the exhibits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import streamlit as st

from roialign_lab.figures.slopes import measured
from roialign_lab.figures.slopes import slopes as table_of_slopes
from roialign_lab.libraries import tables
from roialign_lab.libraries.answers import missing_packages
from roialign_lab.libraries.code_to_copy import LIBRARY_NAMES, calls, needs_file
from roialign_lab.libraries.differences import exhibits as all_exhibits
from roialign_lab.stage.downloads import numbers_as
from roialign_lab.stage.page import Page
from roialign_lab.ui.code_text import code_text
from roialign_lab.ui.turns import TURNS, Series

Computed = TypeVar("Computed")


def conventions(page: Page) -> None:
    """Every library's convention on this very input, and what the library itself answers."""
    text = page.text
    with st.expander(text("family.conventions")):
        st.markdown(text("family.conventions_intro"))
        missing = missing_packages()
        if missing:
            st.info(text("family.onnx_missing", packages=", ".join(missing)), icon=":material/info:")
        st.markdown(tables.conventions(page.scenario, text, _in_turns).markdown)


def members(page: Page) -> None:
    """The named operators by their answers."""
    text = page.text
    with st.expander(text("family.table")):
        st.markdown(text("family.table_intro"))
        st.markdown(tables.members(text).markdown)


def code(page: Page) -> None:
    """The call of each library for this map and box, and the map as a file where it is too large to be written out."""
    with st.expander(page.text("family.code")):
        snippets = calls(page.scenario)
        if needs_file(page.scenario):
            file = numbers_as("npy", page)
            st.download_button(page.text("family.map_file", name=file.name), file.made, file.name, on_click="ignore")
        tabs = st.tabs([LIBRARY_NAMES.get(library, library) for library in snippets])
        for tab, snippet in zip(tabs, snippets.values(), strict=True):
            code_text(page.text, snippet, tab)


def exhibits(page: Page) -> None:
    """Where the libraries differ, in small cases that run."""
    text = page.text
    with st.expander(text("family.exhibits")):
        shown = all_exhibits()
        for first in range(0, len(shown), 2):
            for column, exhibit in zip(st.columns(2), shown[first : first + 2], strict=False):
                with column.container(border=True, height="stretch"):
                    st.markdown(f"**{text(f'exhibit.{exhibit.key}.title')}**")
                    st.markdown(text(f"exhibit.{exhibit.key}.sentence", **exhibit.values))


def slopes(page: Page) -> None:
    """The gradients beside slopes that are measured by moving the numbers."""
    text = page.text
    st.subheader(text("gradient.check"), anchor=False)
    st.markdown(measured(page.scenario, text))
    st.markdown(table_of_slopes(page.scenario, text, _in_turns).markdown)


def _in_turns(rows: Iterable[Computed]) -> Iterator[Computed]:
    """One after the other, so that those who drag come in between: they are computed anew after each drag."""
    return TURNS.each(rows, st.session_state.setdefault("tables_cost", Series()))
