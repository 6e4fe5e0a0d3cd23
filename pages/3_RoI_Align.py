"""RoI Align: nothing is rounded."""

from roialign_lab.ui import downloads, matrices, moments, shell, stage_component, uploads

page = shell.open_page("roi_align")
stage_component.live(page)
uploads.own_data(page)
shell.note(page)
moments.cards(page)
downloads.downloads(page)
matrices.two_matrices(page)
