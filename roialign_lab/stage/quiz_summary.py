"""The end of the quiz: how many answers were right, and what to look up for those that were wrong."""

from __future__ import annotations

from typing import Any

from roialign_lab.lesson.misconceptions import Misconception, misconceptions_in
from roialign_lab.lesson.quiz import STEPS
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import walk_keys
from roialign_lab.stage.page import WALKS, Page, address_of


def summary(page: Page) -> dict[str, Any]:
    """What to look up, each with the questions that show it and the page and step that mend it; what is not answered.

    >>> from roialign_lab.lesson.quiz_progress import QuizProgress
    >>> from roialign_lab.lesson.session import Session
    >>> quiz = QuizProgress(seed=7, key="summary")
    >>> quiz.recall({"seed": 7, "labels": {"aligned": "quiz.aligned.left"}})
    >>> told = summary(Page("quiz", Session(quiz=quiz)))
    >>> told["rows"][0]["page"], told["rows"][0]["step"], told["rows"][0]["questions"], len(told["unanswered"])
    (('roi_align', 'RoI Align, step 2: not snapped', 'RoI_Align'), 'project', ['aligned'], 16)
    """
    text, quiz = page.text, page.session.quiz
    reasons = quiz.reasons
    found = misconceptions_in((key, reason) for key, reason in reasons.items() if reason != "right")
    return {
        "rows": [_row(misconception, kinds, text) for misconception, kinds in found.items()],
        "unanswered": [key for key in STEPS[:-1] if key not in reasons],
        "friendly": text("quiz.summary.friendly") if reasons and not found else "",
        "words": text.under("quiz.summary.words"),
    }


def _row(misconception: Misconception, kinds: list[str], text: Text) -> dict[str, Any]:
    """One misconception: what is so instead, the keys of its questions, and the link to where it is shown."""
    name, step = misconception.page, misconception.step
    label = text(f"menu.{name}")
    if step:
        place = walk_keys(WALKS[name]).index(step) + 1
        title = text(f"steps.{WALKS[name]}.{step}.title")
        label = text("quiz.summary.at_step", page=label, place=place, step=title)
    return {
        "sentence": text(f"quiz.mend.{misconception.key}"),
        "questions": kinds,
        "page": (name, label, address_of(name)),
        "step": step,
    }
