"""The frame of every page: configuration, language, the address and what was wrong with it, notes, cards, glossary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import streamlit as st
from streamlit.errors import StreamlitAPIException

from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.options import SESSION, written
from roialign_lab.lesson.readers import Problem
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import Text
from roialign_lab.stage.page import PAGES, WALKS, Page
from roialign_lab.stage.plan import plan as table_of_pages
from roialign_lab.stage.plan import printed, ready_lesson, ready_parts
from roialign_lab.ui.share import here

ICON = str(ASSETS / "icon.svg")
ACROSS = 3  # cards in a row
TO_PRINT, TO_EDIT = ("lecture.html", "text/html"), ("lesson.toml", "application/toml")  # files and their types
NO_ADDRESS: Mapping[str, str] = MappingProxyType({})


def open_page(name: str) -> Page:
    """Configure the page, read the address, and show what could not be used of it."""
    session = current_session()
    session.hovered = None
    st.session_state["opened"] = name
    page = Page(name, session)
    problems = _read_address(page)
    text = page.text
    title = text("app.name") if name == "home" else f"{text('title.' + name)} · {text('app.name')}"
    st.set_page_config(page_title=title, page_icon=ICON, layout="wide", initial_sidebar_state="collapsed")
    if problems:
        lines = [text("problem.intro"), *(sentence_of(text, problem) for problem in problems)]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning("  \n".join(lines), width="stretch")
            st.button(text("problem.close"), key="problem_close")  # the address has been read: the next run is silent
    return page


def current_session() -> Session:
    """The session of this browser tab; a new one speaks the language of the browser."""
    if "session" not in st.session_state:
        chinese = (st.context.locale or "").lower().startswith("zh")
        st.session_state["session"] = Session(language="zh" if chinese else "en")
    session: Session = st.session_state["session"]
    return session


def _read_address(page: Page) -> list[Problem]:
    """Take the address over into the session when it is new: a link, or an address that a person typed."""
    address = st.query_params.to_dict()
    if not address or address == st.session_state.get("address"):
        return []
    st.session_state["address"] = address
    return page.session.read_address(address, page.kind)


def write_address(page: Page) -> None:
    """Put the scenario in the address, on release: in a drag there would be too many for a browser."""
    address = page.address
    st.session_state["address"] = address
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def sentence_of(text: Text, problem: Problem) -> str:
    """What could not be used of an address, in words."""
    values = {key: text(value) if value in text.entries else value for key, value in problem.values.items()}
    return text(problem.key, **values)


def link(page: Page, name: str, label: str, address: Mapping[str, str] = NO_ADDRESS, icon: str | None = None) -> None:
    """A link to a page, in the language and with the parts of the page that it is on."""
    query = {**address, **written(page.session, SESSION, WALKS[name])}
    try:
        st.page_link(PAGES[name], label=label, query_params=query, icon=icon)
    except StreamlitAPIException:  # a page that was started by itself does not know the others
        st.markdown(label, width="content")


def note(page: Page) -> None:
    """What a lecturer would add beside the picture."""
    if page.shows("notes"):
        st.markdown(page.text("note." + page.name))


def way_in(page: Page) -> None:
    """The lessons, each with what it is about."""
    if not page.shows("notes"):
        return
    st.subheader(page.text("app.start"), anchor=False)
    names = [name for name in PAGES if name != "home"]
    for start in range(0, len(names), ACROSS):
        row = names[start : start + ACROSS]
        for column, name in zip(st.columns(ACROSS), row, strict=False):
            with column.container(border=True, height="stretch"):
                link(page, name, page.text("title." + name))
                st.markdown(page.text("card." + name))


def plan(page: Page) -> None:
    """The lesson in 45 minutes: how long each page takes, what to do and to say on it."""
    text = page.text
    if not page.shows("notes"):
        return
    with st.expander(text("plan.title"), icon=":material/schedule:"):
        st.markdown(f"{table_of_pages(text).markdown}\n\n{text('plan.room')}\n\n{text('plan.further')}")
        with st.container(horizontal=True):
            base = here()
            to_print = partial(printed, ready_parts(), text, base)  # made when it is wanted
            st.download_button(text("plan.print"), to_print, *TO_PRINT, on_click="ignore")
            st.download_button(text("plan.save"), ready_lesson(), *TO_EDIT, on_click="ignore")


def glossary(page: Page) -> None:
    """The words of the field, as this project uses them."""
    text = page.text
    if not page.shows("notes"):
        return
    with st.expander(text("glossary.title"), icon=":material/menu_book:"):
        terms = [key.split(".")[0] for key in text.under("glossary") if key.endswith(".term")]
        st.markdown(
            "\n".join(f"- **{text(f'glossary.{term}.term')}** · {text(f'glossary.{term}.meaning')}" for term in terms)
        )
