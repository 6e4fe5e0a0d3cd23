"""Predict, then reveal: eight questions made from a seed, answered by the core."""

from ui import quiz, shell, stage

page = shell.open_page("quiz")
stage.live(page)
quiz.choose_questions(page)
