"""Which questions: a seed that gives a whole class the same questions."""

from __future__ import annotations

import streamlit as st

from roialign_lab.lesson.quiz import LARGEST_SEED
from roialign_lab.stage.page import Page
from roialign_lab.ui.shell import write_address


def choose_questions(page: Page) -> None:
    """The seed of the questions, and what it is for."""
    text = page.text
    left, right = st.columns([1, 4], vertical_alignment="bottom")
    seed = page.session.quiz.seed
    chosen = left.number_input(text("quiz.seed"), 0, LARGEST_SEED, seed, key=f"quiz_seed_{seed}")
    right.markdown(text("quiz.intro"))
    if int(chosen) != seed:
        page.session.quiz.read_address({"seed": str(int(chosen))})
        write_address(page)
        st.rerun()
