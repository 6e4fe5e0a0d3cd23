"""RoI Pooling: two roundings and a maximum."""

from ui import numbers, own, shell, stage

page = shell.open_page("roi_pooling")
stage.live(page)
own.own_data(page)
shell.note(page)
numbers.downloads(page)
