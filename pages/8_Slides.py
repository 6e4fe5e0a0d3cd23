"""The walk as slides: choose, look, download."""

from ui import shell, slides, stage

page = shell.open_page("slides")
stage.live(page)
slides.slides(page)
