"""The teaching moments of a page as cards, all of them as links, and the dot on the photo."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import streamlit as st

from roialign_core.backbone import STRIDES
from roialign_lab.figures.dot_picture import answer_values, dot_picture
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.maps import photo_of
from roialign_lab.lesson.moments import MOMENTS, Moment, moments_of
from roialign_lab.lesson.predict_cell import LARGEST_CELL, dot, verdict
from roialign_lab.stage.page import WALKS, Page
from roialign_lab.ui.code_text import code_text
from roialign_lab.ui.shell import link, write_address

ACROSS = 3  # cards in a row
ICON = ":material/play_circle:"


def cards(page: Page) -> None:
    """The moments of this page: what surprises, its numbers, and a link that opens the scenario."""
    if not page.shows("notes"):
        return
    st.subheader(page.text("moment.heading"), anchor=False)
    here = moments_of(page.name)
    for row in _in_rows([moment for moment in here if moment.recipe is None]):
        for column, moment in zip(st.columns(len(row)), row, strict=True):
            with column.container(border=True, height="stretch"):
                _card(page, moment)
    for moment in here:
        if moment.recipe is not None:
            with st.container(border=True):
                words, code = st.columns([2, 3])
                with words:
                    _card(page, moment)
                code_text(page.text, inspect.getsource(moment.recipe), code)


def _card(page: Page, moment: Moment) -> None:
    text = page.text
    st.markdown(f"**{text(f'moment.{moment.key}.title')}**")
    st.markdown(text(f"moment.{moment.key}.sentence", **moment.values))
    key = f"moment_{moment.key}"
    st.button(text("moment.open"), key=key, icon=ICON, on_click=lambda: _open(page, moment))


def _open(page: Page, moment: Moment) -> None:
    """Show the scenario of a moment on the page that it stands on, and bring the stage into view."""
    scenario, _ = from_address(_address(moment), page.kind, page.scenario)
    page.session.set_scenario(page.kind, scenario)
    write_address(page)
    st.session_state["stage_reveal"] = True


def all_moments(page: Page) -> None:
    """Every moment by its title, as a link to the page that it opens."""
    if not page.shows("notes"):
        return
    st.subheader(page.text("moment.all"), anchor=False)
    for row in _in_rows(MOMENTS):
        for column, moment in zip(st.columns(ACROSS), row, strict=False):
            with column:
                link(page, moment.page, page.text(f"moment.{moment.key}.title"), _address(moment), ICON)


def _address(moment: Moment) -> dict[str, str]:
    return to_address(moment.scenario, WALKS[moment.page])


def _in_rows(moments: Sequence[Moment]) -> list[Sequence[Moment]]:
    return [moments[k : k + ACROSS] for k in range(0, len(moments), ACROSS)]


# ---- the dot on the photo -----------------------------------------------------------------------------------------


@st.fragment
def predict_cell(page: Page) -> None:
    """A dot on the photo: in which cell of the map does it lie? Checked, then shown with the cells drawn."""
    if not page.shows("notes"):
        return
    text, state, photo = page.text, st.session_state, photo_of(page.scenario.map)
    st.subheader(text("moment.predict.title"), anchor=False)
    picture, answer = st.columns([2, 3])
    with answer:
        stride = st.segmented_control(text("moment.predict.stride"), STRIDES, default=16, key="dot_stride") or 16
        place = dot(photo.maps.photo_shape, stride, state.get("dot_seed", 0))
        st.markdown(text("moment.predict.ask", x=place.x, y=place.y, stride=stride))
        with st.form("dot", border=False):
            left, right, check = st.columns([1, 1, 1], vertical_alignment="bottom")
            row = left.number_input(text("moment.predict.row"), 0, LARGEST_CELL, 0, key="dot_row")
            column = right.number_input(text("moment.predict.column"), 0, LARGEST_CELL, 0, key="dot_column")
            if check.form_submit_button(text("moment.predict.check"), type="primary"):
                state["dot_answer"] = (place, int(row), int(column))
        answered, *cell = state.get("dot_answer", (None, 0, 0))
        shown = answered == place
        if shown:
            found = verdict(place, *cell)
            say = st.success if found == "right" else st.info
            say(f"{text(f'moment.predict.{found}')} {text('moment.predict.answer', **answer_values(place))}")
        st.button(text("moment.predict.another"), on_click=_another_dot)
    picture.image(dot_picture(photo, place, shown), alt=text("moment.predict.picture"), width="stretch")


def _another_dot() -> None:
    st.session_state["dot_seed"] = st.session_state.get("dot_seed", 0) + 1
