"""RoI Align: nothing is rounded."""

from ui import matrices, own, shell, stage

page = shell.open_page("roi_align")
stage.live(page)
own.own_data(page)
shell.note(page)
matrices.two_matrices(page)
