"""Gradients: where a change of the output lands, and what moving the box does."""

from roialign_lab.ui import family, moments, shell, stage_component, uploads

page = shell.open_page("gradients")
stage_component.live(page)
uploads.own_data(page)
family.slopes(page)
shell.note(page)
moments.cards(page)
