"""The figure of what a page shows as PNG, SVG or PDF, made beside the live path."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from roialign_lab.export.queue import FullError, Job, workshop
from roialign_lab.figures.formats import FORMATS, MIME
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure, has_figure
from roialign_lab.ui.person import person

PATIENCE = 0.7  # seconds that one answer waits for it; then the browser is told the place in the line, and asks again


def start(page: Page, kind: object) -> None:
    """Order what the page shows, if ``kind`` is a format, in place of what was ordered before."""
    session = st.session_state
    if kind not in FORMATS or not has_figure(page):
        return
    picture = figure(page)
    theme = "dark" if st.context.theme.type == "dark" else "light"
    session["figure_name"] = f"{picture.name}.{kind}"
    try:
        dress = {"language": page.session.language, "theme": theme}
        session["figure_job"] = workshop().figure(picture, str(kind), person(), **dress)
    except FullError:
        session["figure_job"] = None


def progress() -> dict[str, Any]:
    """What the browser is told of its order: the file, or ``figure``, how it stands."""
    session = st.session_state
    job: Job | None = session.get("figure_job")
    if job is None:
        session.pop("figure_job", None)
        return {"figure": "full"}
    if not job.ended.wait(PATIENCE):
        return {"figure": workshop().quick.place(job)}
    del session["figure_job"]
    if job.made is None:
        return {"figure": "failed"}
    name: str = session.pop("figure_name")
    content = base64.b64encode(job.made).decode("ascii")
    return {"download": {"name": name, "type": MIME[name.rpartition(".")[2]], "content": content}}
