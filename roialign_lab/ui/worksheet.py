"""The sheets to fill in, on the Slides page: a seed, how many, the paper, and the file."""

from __future__ import annotations

import streamlit as st

from roialign_lab.export.queue import FullError, Job, workshop
from roialign_lab.figures.formats import MIME
from roialign_lab.lesson.quiz import LARGEST_SEED
from roialign_lab.lesson.worksheet import MOST_SHEETS, PAPERS
from roialign_lab.stage.page import Page
from roialign_lab.ui.job_progress import job_progress
from roialign_lab.ui.person import person

USUAL = 20  # sheets


def worksheet(page: Page) -> None:
    """An expander with all of it."""
    text, session = page.text, st.session_state
    with st.expander(text("worksheet.ui.heading"), icon=":material/edit_note:"):
        st.markdown(text("worksheet.ui.about"))
        first, second, third = st.columns(3)
        seed = first.number_input(text("worksheet.ui.seed"), 0, LARGEST_SEED, 1, key="sheet_seed")
        count = second.number_input(text("worksheet.ui.sheets"), 1, MOST_SHEETS, USUAL, key="sheet_count")
        paper = third.selectbox(
            text("worksheet.ui.paper"),
            PAPERS,
            format_func=lambda paper: text(f"worksheet.ui.papers.{paper}"),
            key="sheet_paper",
        )
        keys = st.toggle(text("worksheet.ui.keys"), value=True, key="sheet_keys")
        if st.button(text("worksheet.ui.make"), width="stretch", key="sheet_make"):
            look = {"language": text.language, "paper": paper, "keys": keys}
            try:
                session["sheet_job"] = workshop().worksheets(int(seed), int(count), person(), **look)
                session["sheet_made"] = f"sheets-{int(seed)}.pdf"
            except FullError:  # the job before it stays, and its file
                st.warning(text("slides.full"))
        _outcome(page, session.get("sheet_job"))


def _outcome(page: Page, job: Job | None) -> None:
    """The file, how far it is, or why there is none."""
    text = page.text
    if job is None:
        return
    if job.made is not None:
        name, made = st.session_state["sheet_made"], job.made
        label = text("worksheet.ui.download", name=name, size=f"{len(made) / 1e6:.1f}")
        st.download_button(label, made, name, MIME["pdf"], width="stretch", key="sheet_get", on_click="ignore")
    elif job.problem in ("cancelled", "forgotten"):
        st.info(text("worksheet.ui.again"))
    elif job.problem:
        st.error(text("worksheet.ui.failed"))
    else:
        job_progress("sheet", text, "worksheet.ui.working")
