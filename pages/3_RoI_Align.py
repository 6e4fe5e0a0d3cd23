"""RoI Align: nothing is rounded."""

from ui import matrices, numbers, own, shell, stage

page = shell.open_page("roi_align")
stage.live(page)
own.own_data(page)
shell.note(page)
numbers.downloads(page)
matrices.two_matrices(page)
