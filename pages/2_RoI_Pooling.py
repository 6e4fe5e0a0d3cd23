"""RoI Pooling: two roundings and a maximum."""

from roialign_lab.ui import downloads, shell, stage_component, uploads

page = shell.open_page("roi_pooling")
stage_component.live(page)
uploads.own_data(page)
shell.note(page)
downloads.downloads(page)
