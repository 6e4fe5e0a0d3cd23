"""Predict, then reveal: fifteen questions made from a seed, answered by the core."""

from roialign_lab.ui import quiz, shell, stage_component

page = shell.open_page("quiz")
stage_component.live(page)
quiz.choose_questions(page)
