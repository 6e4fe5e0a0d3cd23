"""Gradients: where a change of the output lands, and what moving the box does."""

from ui import family, own, shell, stage

page = shell.open_page("gradients")
stage.live(page)
own.own_data(page)
family.slopes(page)
shell.note(page)
