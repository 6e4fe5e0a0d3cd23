"""From a photo to a feature map: where a box lands, and what rounding does to it."""

from roialign_lab.ui import cell_places, moments, shell, stage_component, uploads

page = shell.open_page("image")
stage_component.live(page)
uploads.own_data(page)
shell.note(page)
cell_places.cell_places(page)
moments.cards(page)
moments.predict_cell(page)
