"""The walk as slides: choose, look, download."""

from roialign_lab.ui import shell, slides, stage_component

page = shell.open_page("slides")
stage_component.live(page)
slides.slides(page)
