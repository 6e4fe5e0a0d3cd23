"""What stands under the stages of the family and of the gradients: tables, the code, the exhibits."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from roialign_core.finite_differences import check_slopes
from roialign_core.geometry import Floats
from roialign_core.operators import OPERATORS
from roialign_lab.figures.gradient_scene import compared
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.operator_names import ANSWERED, answer, answer_name
from roialign_lab.lesson.text import Text
from roialign_lab.libraries.answers import Verdict, missing_packages, verdicts
from roialign_lab.libraries.code_to_copy import MAP_FILE, calls, needs_file
from roialign_lab.libraries.differences import exhibits as all_exhibits
from roialign_lab.stage.page import Page

LIBRARY_NAMES = {"onnx": "ONNX Runtime", "tensorflow": "TensorFlow", "numpy": "NumPy"}  # the others are their own


def conventions(page: Page) -> None:
    """Every library's convention on this very input, and what the library itself answers."""
    text = page.text
    with st.expander(text("family.conventions")):
        st.markdown(text("family.conventions_intro"))
        missing = missing_packages()
        if missing:
            st.info(text("family.onnx_missing", packages=", ".join(missing)), icon=":material/info:")
        head = (text("family.call"), text("family.output"), text("family.verdict"))
        rows = [
            (text(f"convention.{verdict.convention.key}"), _numbers(verdict.output), _comparison(verdict, text))
            for verdict in verdicts(page.scenario)
        ]
        st.markdown(_table(head, rows))


def members(page: Page) -> None:
    """The named operators by their answers."""
    text = page.text
    with st.expander(text("family.table")):
        st.markdown(text("family.table_intro"))
        head = (text("family.operator"), *(text(f"control.answer_{question}") for question in ANSWERED))
        rows = [
            (
                f"**{text(f'family.{key}')}**",
                *(answer_name(question, answer(OPERATORS[key], question), text) for question in ANSWERED),
            )
            for key in OPERATORS
        ]
        st.markdown(_table(head, rows))


def code(page: Page) -> None:
    """The call of each library for this map and box, and the map as a file where it is too large to be written out."""
    with st.expander(page.text("family.code")):
        snippets = calls(page.scenario)
        if needs_file(page.scenario):
            st.download_button(
                page.text("family.map_file", name=MAP_FILE), _map_file(page), MAP_FILE, on_click="ignore"
            )
        tabs = st.tabs([LIBRARY_NAMES.get(library, library) for library in snippets])
        for tab, snippet in zip(tabs, snippets.values(), strict=True):
            tab.code(snippet, language="python")


def _map_file(page: Page) -> Callable[[], bytes]:
    """The map that the page shows when the button is pressed."""

    def saved() -> bytes:
        file = io.BytesIO()
        np.save(file, page.scenario.feature_map)
        return file.getvalue()

    return saved


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
    text, scenario = page.text, page.scenario
    st.subheader(text("gradient.check"), anchor=False)
    st.markdown(text("gradient.check_intro"))
    head = tuple(text(f"gradient.{name}") for name in ("operator", "map", "sides", "box"))
    rows = []
    cell = None if scenario.every else (scenario.focus.row, scenario.focus.column)
    for key, operator in zip(
        ("roi_pool", "roi_align", "precise_roi_pool"), compared(scenario.pool, scenario.mean_align), strict=True
    ):
        found = check_slopes(scenario.trace(operator), cell)
        agrees = text("gradient.no_box")
        if found.box_gradient is not None:
            agrees = text("gradient.box_agrees", furthest=f"{found.furthest_of_box:.1e}")
        sides = ", ".join(f"{slope:+.5f}" for slope in found.box_measured)
        rows.append((f"**{text(f'family.{key}')}**", f"{found.furthest:.1e}", sides, agrees))
    st.markdown(_table(head, rows))


def _comparison(verdict: Verdict, text: Text) -> str:
    """How this project's output compares with the library's, green where they agree and red where they do not."""
    if verdict.answer is None:
        return text("family.unasked")
    source = text("family.recorded", source=verdict.answer.source) if verdict.answer.recorded else verdict.answer.source
    values = {"source": source, "furthest": f"{verdict.furthest:.1e}", "answer": _numbers(verdict.answer.output)}
    sentence = text(f"family.{verdict.state}", **values)
    return f":green[{sentence}]" if verdict.state in ("bits", "close") else f":red[{sentence}]"


def _numbers(output: Floats) -> str:
    """An output in one line, its rows apart; a large one begins."""
    rows = (" ".join(number(value, 4) for value in row[:MOST_SHOWN]) for row in output[:MOST_SHOWN])
    return " / ".join(rows) + (" …" if max(output.shape) > MOST_SHOWN else "")


MOST_SHOWN = 3  # rows and columns of an output in a table


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
