"""How much does snapping cost? One box, every position of a side, 100,000 boxes, and masks."""

from roialign_lab.ui import experiments, moments, shell, stage_component, uploads

page = shell.open_page("quantization")
stage_component.live(page)
uploads.own_data(page)
moments.cards(page)
experiments.spread(page)
experiments.masks(page)
