"""How much does snapping cost? One box, every position of a side, 100,000 boxes, and masks."""

from ui import experiments, own, shell, stage

page = shell.open_page("quantization")
stage.live(page)
own.own_data(page)
experiments.spread(page)
experiments.masks(page)
