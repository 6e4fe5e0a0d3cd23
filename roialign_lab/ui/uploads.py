"""Uploads: a photo, a feature map, or a pasted matrix, under the stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from roialign_lab.lesson.array_files import map_arrays
from roialign_lab.lesson.own_limits import LARGEST_FILE, OwnDataError
from roialign_lab.lesson.own_maps import (
    MAP_ENDINGS,
    PHOTO_ENDINGS,
    RECIPE,
    SMALL_MATRIX,
    OwnMaps,
    check_file,
    ending_of,
    keep,
    own_matrix,
    read_maps,
)
from roialign_lab.lesson.photo import Photo
from roialign_lab.stage.page import Page
from roialign_lab.ui.code_text import code_text
from roialign_lab.ui.markdown import sentence
from roialign_lab.ui.read_photo import read_photo
from roialign_lab.ui.shell import write_address
from roialign_lab.ui.turns import Cost
from roialign_lab.ui.upload_store import LET_GO, let_go, note_session

READING = threading.Lock()  # whoever reads a file holds it: what that takes is freed before the next


def own_data(page: Page) -> None:
    """A place to upload data. What cannot be read gets a sentence, and the scenario before it stays."""
    text = page.text
    if not page.shows("own"):
        return
    of_kind = "own.image_" if page.kind == "image" else "own."
    with st.expander(text(of_kind + "title"), icon=":material/upload_file:"):
        st.markdown(text(of_kind + "intro"))
        file_side, text_side = st.columns(2)
        endings = PHOTO_ENDINGS if page.kind == "image" else (*MAP_ENDINGS, *PHOTO_ENDINGS)
        file = file_side.file_uploader(text("own.file"), type=list(endings), key=f"own_file_{page.name}")
        if file is not None:
            with file_side:
                _take_file(page, file)
        if page.kind != "image":
            pasted = text_side.text_area(text("own.matrix"), placeholder=SMALL_MATRIX, key="own_matrix")
            if text_side.button(text("own.use"), key="own_use"):
                _take(page, lambda: own_matrix(pasted))
        problem = st.session_state.get("own_problem")
        if problem is not None and problem[0] == page.name:
            st.warning(sentence(text, problem[1], problem[2]))
        if page.kind != "image":
            st.markdown(text("own.recipe"))
            code_text(text, RECIPE)


def read_upload(name: str, content: bytes, array: str | None = None) -> OwnMaps | Photo:
    """A photo or feature maps, by the ending of the file's name; :class:`OwnDataError` for what cannot be shown.

    ``array`` names the one of an ``.npz`` that is wanted.
    """
    check_file(name, len(content))
    with READING:
        if ending_of(name) in PHOTO_ENDINGS:
            return keep(read_photo(name, content))
        return read_maps(name, content, array)


def _take_file(page: Page, file: UploadedFile) -> None:
    """Read a file once, and an archive once more for each array that is chosen; then its bytes are let go."""
    session = st.session_state
    new = session.get("own_seen") != file.file_id
    if new:
        session["own_seen"], session["own_arrays"] = file.file_id, _arrays(file)
    arrays: dict[str, str] = session["own_arrays"]
    chosen = None
    if len(arrays) > 1:
        key = f"own_array_{file.file_id}"
        chosen = st.selectbox(page.text("own.array"), list(arrays), format_func=arrays.__getitem__, key=key)
    if not new and chosen == session["own_array"]:
        return
    session["own_array"], name, content = chosen, file.name, file.getvalue()
    if file.type == LET_GO:
        session["own_problem"] = (page.name, "own.problem.let_go", {"name": name})
        return
    if len(arrays) < 2:
        let_go(file.file_id)
    _take(page, lambda: read_upload(name, content, chosen))


def _arrays(file: UploadedFile) -> dict[str, str]:
    """The arrays of an archive that can be feature maps, each by its name with its shape; none for another file."""
    if ending_of(file.name) != "npz" or file.size > LARGEST_FILE:
        return {}
    with READING:
        return map_arrays(file.name, file.getvalue())


def _take(page: Page, read: Callable[[], OwnMaps | Photo]) -> None:
    session = st.session_state
    note_session(page.session)
    started = time.thread_time()
    try:
        data = read()
    except OwnDataError as error:
        session["own_problem"] = (page.name, error.key, error.values)
        return
    finally:
        session.setdefault("stage_cost", Cost()).charge(time.thread_time() - started, time.monotonic())
    session.pop("own_problem", None)
    page.session.show_upload(page.kind, data)
    write_address(page)
    st.rerun()
