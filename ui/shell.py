"""The frame of every page: configuration, language, what the address says, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from figures.scenario import Problem, Scenario, shown
from figures.text import LANGUAGES, Text, text_in
from roialign_core.operators import Operator
from ui.state import Now

PAGES = {
    "home": "app.py",
    "image": "pages/1_Image_to_features.py",
    "roi_pooling": "pages/2_RoI_Pooling.py",
    "roi_align": "pages/3_RoI_Align.py",
    "bilinear": "pages/4_Bilinear_interpolation.py",
    "quantization": "pages/5_Quantization_error.py",
    "family": "pages/6_Operator_family.py",
    "gradients": "pages/7_Gradients.py",
    "slides": "pages/8_Slides.py",
    "quiz": "pages/9_Quiz.py",
}
WALKS = {
    "home": "home",
    "image": "image",
    "roi_pooling": "roi_pool",
    "roi_align": "roi_align",
    "bilinear": "bilinear",
    "quantization": "error",
    "family": "family",
    "gradients": "gradients",
    "slides": "slides",
    "quiz": "quiz",
}

ICON = str(Path(__file__).resolve().parent.parent / "assets" / "icon.svg")
ACROSS = 4  # cards in a row


@dataclass(frozen=True)
class Page:
    """The page that is open: its name, its words, and what its session looks at."""

    name: str
    text: Text
    now: Now

    @property
    def kind(self) -> str:
        """``home``, or the walk that the page shows."""
        return WALKS[self.name]

    @property
    def scenario(self) -> Scenario:
        """What is being looked at now."""
        return self.now.at(self.kind)

    @property
    def operator(self) -> Operator:
        """The operator of a page that walks through one."""
        return self.scenario.pool if self.kind == "roi_pool" else self.scenario.align

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.text("app.name" if self.name == "home" else "title." + self.name)

    def shows(self, part: str) -> bool:
        """False for a part that the lesson link left out."""
        return part not in self.now.hidden and not (self.now.presenting and part in ("own", "notes"))

    @property
    def address(self) -> dict[str, str]:
        """What the address of the page says."""
        return {"lang": self.text.language, **self.now.to_address(self.kind)}

    def write_address(self) -> None:
        """Put the scenario in the address. Every write is an entry in the browser's history, so only on release."""
        address = self.address
        st.session_state["address"] = address
        if st.query_params.to_dict() != address:
            st.query_params.from_dict(address)


def open_page(name: str) -> Page:
    """Configure the page, read the address, say what was wrong with it."""
    now = st.session_state.setdefault("now", Now())
    now.looking = None
    st.session_state["opened"] = name
    problems = _read_address(WALKS[name], now)
    text = text_in(st.session_state["language"])
    page = Page(name, text, now)
    title = text("app.name") if name == "home" else f"{text('title.' + name)} · {text('app.name')}"
    st.set_page_config(page_title=title, page_icon=ICON, layout="wide", initial_sidebar_state="collapsed")
    if problems:
        said = [text("problem.intro"), *(_sentence(text, problem) for problem in problems)]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning("  \n".join(said), width="stretch")
            st.button(text("problem.close"), key="problem_close")  # the address has been read: the next run is silent
    return page


def _read_address(kind: str, now: Now) -> list[Problem]:
    """Take the address over into the session when it is new: a link, or one that a person typed."""
    session = st.session_state
    address = st.query_params.to_dict()
    session.setdefault("language", _browser_language())
    if not address or address == session.get("address"):
        return []
    session["address"] = address
    problems: list[Problem] = []
    if "lang" in address:
        if address["lang"] in LANGUAGES:
            session["language"] = address["lang"]
        else:
            values = {"name": "lang", "given": shown(address["lang"]), "choices": ", ".join(LANGUAGES)}
            problems.append(Problem("problem.unknown_choice", values))
    return problems + now.read(address, kind)


def _browser_language() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def _sentence(text: Text, problem: Problem) -> str:
    values = {key: text(value) if value in text.entries else value for key, value in problem.values.items()}
    return text(problem.key, **values)


def address_of(name: str) -> str:
    """Where a page is, as a link from any other page."""
    return "./" if name == "home" else PAGES[name].split("_", 1)[1].removesuffix(".py")


def _link(path: str, label: str, page: Page) -> None:
    try:
        st.page_link(path, label=label, query_params={"lang": page.text.language})
    except StreamlitAPIException:  # a page that was started by itself does not know the others
        st.markdown(label, width="content")


def note(page: Page) -> None:
    """What a lecturer would say beside the picture."""
    if page.shows("notes"):
        st.markdown(page.text("note." + page.name))


def way_in(page: Page) -> None:
    """The lessons, each with what it is about."""
    if not page.shows("notes"):
        return
    st.subheader(page.text("app.start"), anchor=False)
    names = [name for name in PAGES if name != "home"]
    for row in (names[:ACROSS], names[ACROSS:]):
        for column, name in zip(st.columns(ACROSS), row, strict=False):
            with column.container(border=True, height="stretch"):
                _link(PAGES[name], page.text("title." + name), page)
                st.markdown(page.text("card." + name))


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
