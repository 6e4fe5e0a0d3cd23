"""Bilinear interpolation: one point between four cells."""

from roialign_lab.ui import shell, stage_component, surface, uploads

page = shell.open_page("bilinear")
stage_component.live(page)
uploads.own_data(page)
surface.surface(page)
shell.note(page)
