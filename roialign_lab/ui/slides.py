"""The Slides page: parts and their steps, a small picture of every slide, the file."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from roialign_lab.export.deck import LONGEST, Deck, titles
from roialign_lab.export.layout import SIZES
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.export.queue import FullError, Job, workshop
from roialign_lab.figures.formats import ENDINGS, FILM_SECONDS, FILM_SIZES, FILMS, KINDS, MIME, RATES, VIDEOS
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.lesson.box_path import MOST, reach, side_moved
from roialign_lab.lesson.lesson_file import LARGEST, LessonError
from roialign_lab.lesson.lesson_part import (
    ALONE,
    MOVING,
    QUESTIONS,
    SEPARATE,
    SLIDES,
    TITLES,
    DeckError,
    Part,
    keys_of,
    part_of_link,
)
from roialign_lab.lesson.maps import is_map
from roialign_lab.lesson.scenario import SIDES
from roialign_lab.lesson.text import LANGUAGES, Text
from roialign_lab.stage.page import Page
from roialign_lab.stage.plan import step_title
from roialign_lab.ui.job_progress import job_progress
from roialign_lab.ui.markdown import literal, sentence
from roialign_lab.ui.person import person
from roialign_lab.ui.share import here
from roialign_lab.ui.slide_previews import PREVIEWS
from roialign_lab.ui.turns import TURNS, Series
from roialign_lab.ui.upload_store import LET_GO
from roialign_lab.ui.worksheet import worksheet

ACROSS = 3  # small pictures in a row
MOST_PARTS = 12
CHOSEN = ("title", "language", "theme", "aspect", "captions", "notes", "builds", "equations")
"""What is chosen of a deck besides its parts."""
USUAL_MOVE = 2.0  # cells that a side moves in a film, where there is room


def slides(page: Page) -> None:
    """Everything on the page."""
    left, right = st.columns([0.42, 0.58], gap="large")
    with left:
        _add(page)
        parts = _parts(page)
        deck = _deck(page, parts)
        worksheet(page)
    with right:
        if deck is not None:
            _make(page, deck)
            _preview(deck)


# ---- what is in it ------------------------------------------------------------------------------------------------


def _chosen(page: Page) -> list[Part]:
    """The parts of this session's deck: at first RoI Pooling, RoI Align and the sweep of the present scenario.

    A drag that was recorded becomes one of them as soon as there is room.
    """
    scenario = page.session.scenario
    first = [Part("roi_pool", scenario), Part("roi_align", scenario), Part("sweep", scenario)]
    parts: list[Part] = st.session_state.setdefault("deck_parts", first)
    if page.session.recorded is not None and len(parts) < MOST_PARTS:
        parts.append(page.session.recorded)
        page.session.recorded = None
    there = [part for part in parts if is_map(part.scenario.map)]
    if len(there) < len(parts):
        st.warning(page.text("slides.map_gone"))
        parts[:] = there
    return parts


def _add(page: Page) -> None:
    text, parts = page.text, _chosen(page)
    st.markdown(f"**{text('slides.add')}**")
    with st.container(horizontal=True):
        for walk in SLIDES:
            name = _name(walk, text)
            if st.button(f"+ {name}", key=f"add_{walk}", disabled=len(parts) >= MOST_PARTS):
                _put(parts, Part(walk, page.session.scenario_of(walk), seed=page.session.quiz.seed))
    with st.expander(text("slides.from"), icon=":material/link:"):
        link = st.text_input(text("slides.link"), key=f"deck_link_{_round()}")
        if link:
            _take_link(link, parts, text)
        lesson = st.file_uploader(text("slides.lesson"), type=["toml"], key=f"deck_file_{_round()}")
        if lesson is not None:
            _take_lesson(lesson.name, lesson.getvalue(), text)


def _take_link(link: str, parts: list[Part], text: Text) -> None:
    try:
        part = part_of_link(link)
    except DeckError as error:
        st.warning(sentence(text, error.key, error.words(text)))
        return
    if len(parts) >= MOST_PARTS:
        st.warning(text("slides.parts_full", limit=MOST_PARTS))
        return
    _put(parts, part)


def _take_lesson(name: str, content: bytes, text: Text) -> None:
    try:
        read = getincrementaldecoder("utf-8-sig")().decode  # the beginning of a long file may end in a letter
        deck = read_lesson(read(content[: 4 * LARGEST], len(content) <= 4 * LARGEST))
    except UnicodeDecodeError:
        st.warning(f"{literal(name)}: {text('deck.problem.not_text')}")
    except LessonError as error:
        st.warning(sentence(text, *error.at(name, text)))
    else:
        st.session_state["deck_parts"] = list(deck.parts)
        for option in CHOSEN:
            st.session_state[f"deck_{option}"] = getattr(deck, option)
        _again()


def _parts(page: Page) -> list[Part]:
    """The parts with their steps, in the order that was chosen; each can be moved and dropped."""
    text, parts = page.text, _chosen(page)
    for k, part in enumerate(parts):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{_name(part.walk, text)}**  \n{_about(part, text)}", width="stretch")
                with st.container(horizontal=True, gap="small", width="content"):  # they stay together
                    if st.button("↑", key=f"up_{k}", help=text("slides.up"), disabled=k == 0):
                        parts.insert(k - 1, parts.pop(k))
                        _again()
                    if st.button("↓", key=f"down_{k}", help=text("slides.down"), disabled=k == len(parts) - 1):
                        parts.insert(k + 1, parts.pop(k))
                        _again()
                    if part.walk in MOVING:
                        parts[k] = part = _with_path(page, k, parts)
                    if st.button("✕", key=f"drop_{k}", help=text("slides.drop")):
                        parts.pop(k)
                        _again()
            if part.walk in ALONE or not part.slides:
                continue
            titles = {key: step_title(part.walk, key, text) for key in keys_of(part.walk)}
            keys = st.multiselect(
                text("slides.steps"),
                list(titles),
                default=list(part.keys),
                format_func=titles.__getitem__,
                key=f"steps_{k}_{_round()}",
                label_visibility="collapsed",
                placeholder=text("slides.steps"),
            )
            ask = part.ask if QUESTIONS.get(part.walk, {}).get(part.ask) in keys else ""
            parts[k] = replace(part, steps=tuple(keys), ask=ask)
    named = {k for k in range(len(parts)) if st.session_state.get(f"steps_{k}_{_round()}")}
    return [part for k, part in enumerate(parts) if part.walk in ALONE or not part.slides or k in named]


def _with_path(page: Page, k: int, parts: list[Part]) -> Part:
    """The part with the path of its box in a film: a side that moves, or positions that were kept one by one."""
    part, text, now = parts[k], page.text, page.session.scenario
    moved = _side_of(part)
    own = part.path and not moved
    named = {"": text("slides.stays"), **{side: text("slides.side", side=side) for side in SIDES}}
    named |= {"own": text("slides.own_path", count=len(part.path))} if own else {}
    with st.popover(text("slides.of_film"), icon=":material/movie:", help=text("slides.path")):
        first = [*named].index("own" if own else moved)
        side = st.selectbox(
            text("slides.path"), [*named], first, format_func=named.__getitem__, key=f"path_{k}_{_round()}"
        )
        if side in SIDES:
            least, most = reach(part.scenario.box, side, part.scenario.feature_map.shape)
            at = SIDES.index(side)
            usual = part.path[1][at] - part.path[0][at] if side == moved else USUAL_MOVE
            by = st.number_input(
                text("slides.by"),
                least,
                most,
                min(max(usual, least), most),
                0.5,
                format="%.2f",
                key=f"by_{side}_{k}_{_round()}",
            )
            part = replace(part, path=side_moved(part.scenario.box, {side: by}))
        elif side == "":
            part = replace(part, path=())
        path = (*(part.path or (part.scenario.box,)), now.box)
        other = now.map != part.scenario.map or path[-1] == path[-2] or len(path) > MOST
        label, icon = text("slides.keep"), ":material/add_location:"
        if st.button(label, f"keep_{k}", text("slides.keep_help"), icon=icon, disabled=other):
            parts[k] = replace(part, path=path)
            _again()
        film = st.toggle(text("slides.film"), part.film, key=f"film_{k}_{_round()}")
    return replace(part, film=film)


def _side_of(part: Part) -> str:
    """The side that moves where it is one, and starts from the box; else none."""
    if len(part.path) != 2 or part.path[0] != part.scenario.box:
        return ""
    moved = [side for side, a, b in zip(SIDES, *part.path, strict=True) if a != b]
    return moved[0] if len(moved) == 1 else ""


def _deck(page: Page, parts: list[Part]) -> Deck | None:
    """The deck of those parts with the look that was chosen; a sentence where there is nothing in it."""
    text, session = page.text, st.session_state
    session.setdefault("deck_language", text.language)
    with st.expander(text("slides.look"), icon=":material/palette:", expanded=True):
        st.text_input(text("slides.title"), key="deck_title", max_chars=LONGEST["title"])
        first, second = st.columns(2)
        first.selectbox(
            text("slides.theme"),
            DECK_THEMES,
            format_func=lambda theme: text(f"slides.themes.{theme}"),
            key="deck_theme",
        )
        first.selectbox(text("slides.aspect"), list(SIZES), key="deck_aspect")
        second.selectbox(
            text("slides.language"),
            LANGUAGES,
            format_func=lambda language: text(f"app.languages.{language}"),
            key="deck_language",
        )
        second.toggle(text("slides.captions"), value=True, key="deck_captions")
        second.toggle(text("slides.notes"), value=True, key="deck_notes")
        second.toggle(text("slides.builds"), key="deck_builds")
        second.toggle(text("slides.equations"), key="deck_equations")
    options = {name: session[f"deck_{name}"] for name in CHOSEN}
    try:
        return Deck(tuple(parts), base=here(), **options)
    except DeckError as error:
        st.warning(sentence(text, error.key, error.values))
        return None


# ---- what it becomes ----------------------------------------------------------------------------------------------


def _make(page: Page, deck: Deck) -> None:
    text, session = page.text, st.session_state
    first, second, third = st.columns([0.46, 0.27, 0.27], vertical_alignment="bottom")
    kind = first.selectbox(
        text("slides.kind"), (*KINDS, *FILMS), format_func=lambda kind: text(f"slides.kinds.{kind}"), key="deck_kind"
    )
    look = _look_of_film(kind, text) if kind in FILMS else {}
    template = _template(text) if ENDINGS[kind] == "pptx" else None
    if second.button(text("slides.make"), type="primary", width="stretch", key="deck_make"):
        try:  # what is refused leaves the job before it, and its file
            session["deck_job"] = workshop().deck(deck, kind, person(), template, **look)
            session["deck_made"], session["deck_spoken"] = f"lesson.{ENDINGS[kind]}", None
            if kind in VIDEOS and not deck.captions:
                session["deck_spoken"] = workshop().captions(deck, person(), **look)
        except FullError:
            st.warning(text("slides.full"))
        except DeckError as error:
            st.warning(sentence(text, error.key, error.words(text)))
    third.download_button(
        text("slides.save"), write_lesson(deck), "lesson.toml", "application/toml", width="stretch", key="deck_save"
    )
    job: Job | None = session.get("deck_job")
    if job is None:
        return
    if job.made is not None:
        name = session["deck_made"]
        label = text("slides.download", name=name, size=f"{len(job.made) / 1e6:.1f}")
        mime = MIME[name.rpartition(".")[2]]
        # Fetched when it is pressed: what a browser was given, Streamlit would hold besides for every session.
        st.download_button(label, _made(job), name, mime, width="stretch", key="deck_download", on_click="ignore")
        if name.rpartition(".")[2] in VIDEOS:
            spoken: Job | None = session["deck_spoken"]
            st.video(job.made, mime, subtitles=spoken.made if spoken is not None else None)
    elif job.problem in ("cancelled", "forgotten"):
        st.info(text(f"slides.{job.problem}"))
    elif job.problem in text.entries:
        st.warning(sentence(text, job.problem, job.told))
    elif job.problem:
        st.error(text(f"slides.{job.problem}"))
    else:
        unit = "working_film" if job.order[3] in FILMS else "working"
        job_progress("deck", text, f"slides.{unit}")


def _template(text: Text) -> bytes | None:
    """The presentation of the school that was chosen; none where there is none, or it cannot be had any more."""
    with st.popover(text("slides.template"), icon=":material/style:", help=text("slides.template_help")):
        file = st.file_uploader(text("slides.template_file"), type=["pptx", "potx"], key="deck_template")
        if file is None:
            return None
        st.caption(text("slides.template_looks"))
        if file.type == LET_GO:
            st.warning(sentence(text, "own.problem.let_go", {"name": file.name}))
            return None
    return file.getvalue()


def _look_of_film(kind: str, text: Text) -> dict[str, Any]:
    """How large a film is, how often it changes, how long it shows a step."""
    first, second, third = st.columns(3)
    size, rate = "1080p", 30
    if kind in (*VIDEOS, "png-poster"):
        size = first.selectbox(text("slides.size"), list(FILM_SIZES), key="film_size")
    if kind in VIDEOS:
        rate = second.selectbox(text("slides.rate"), RATES, key="film_rate")
    seconds = third.number_input(text("slides.seconds"), 0.5, 20.0, FILM_SECONDS, 0.5, key="film_seconds")
    return {"size": size, "rate": rate, "seconds": seconds}


def _made(job: Job) -> Callable[[], bytes]:
    def file() -> bytes:
        if job.made is None:
            raise LookupError(job.problem)
        return bytes(job.made)

    return file


def _preview(deck: Deck) -> None:
    """Every slide, small, as soon as it is painted."""
    cost = st.session_state.setdefault("deck_cost", Series())
    cost.begin()
    pictures = enumerate(zip(PREVIEWS.of(deck, lambda: TURNS.turn(cost)), titles(deck), strict=True))
    columns: list[Any] = []
    for k, (picture, title) in pictures:
        columns = columns or list(st.columns(ACROSS))
        named = f"{k + 1} · {title}"
        columns.pop(0).container(border=True).image(picture, caption=named, alt=named, width="stretch")


# ---- small things -------------------------------------------------------------------------------------------------


def _put(parts: list[Part], part: Part) -> None:
    if len(parts) < MOST_PARTS:
        parts.append(part)
    _again()


def _round() -> int:
    """Counts the times that parts were moved: the fields of every round are new."""
    return int(st.session_state.get("deck_round", 0))


def _again() -> None:
    st.session_state["deck_round"] = _round() + 1
    st.rerun()


def _name(walk: str, text: Text) -> str:
    return text("menu." + TITLES.get(walk, walk))


def _about(part: Part, text: Text) -> str:
    if part.walk in SEPARATE:
        return ""
    rows, columns = part.scenario.feature_map.shape
    return text("slides.about", rows=rows, columns=columns, box=", ".join(f"{side:g}" for side in part.scenario.box))
