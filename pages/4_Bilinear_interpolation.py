"""Bilinear interpolation: one point between four cells."""

from ui import own, shell, stage, surface

page = shell.open_page("bilinear")
stage.live(page)
own.own_data(page)
surface.surface(page)
shell.note(page)
