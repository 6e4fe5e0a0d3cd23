"""RoIAlign Lab: one box, read by RoI Pooling and by RoI Align."""

from ui import shell, stage

page = shell.open_page("home")
stage.live(page)
shell.way_in(page)
