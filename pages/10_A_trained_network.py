"""What a trained network says: two mask networks on one box, and how far apart they are."""

from roialign_lab.ui import experiments, shell, stage_component

page = shell.open_page("network")
stage_component.live(page)
experiments.trained(page)
