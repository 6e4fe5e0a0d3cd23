"""From a photo to a feature map: where a box lands, and what rounding does to it."""

from ui import own, shell, stage

page = shell.open_page("image")
stage.live(page)
own.own_data(page)
shell.note(page)
