"""RoI Align: nothing is rounded."""

from ui import own, shell, stage

page = shell.open_page("roi_align")
stage.live(page)
own.own_data(page)
shell.note(page)
