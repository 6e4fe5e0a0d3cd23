"""Which questions: a seed that gives a whole class the same ones."""

from __future__ import annotations

import streamlit as st

from figures.quiz import LARGEST_SEED
from ui.shell import Page


def choose_questions(page: Page) -> None:
    """The seed of the questions, and what it is for."""
    text = page.text
    left, right = st.columns([1, 4], vertical_alignment="bottom")
    now = page.now.quiz.seed
    seed = left.number_input(text("quiz.seed"), 0, LARGEST_SEED, now, key=f"quiz_seed_{now}")
    right.markdown(text("quiz.intro"))
    if int(seed) != now:
        page.now.quiz.read({"seed": str(int(seed))})
        page.write_address()
        st.rerun()
