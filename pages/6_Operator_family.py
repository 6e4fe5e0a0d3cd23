"""The RoI family: any two operators on one box, five answers, and what each library computes."""

from ui import family, own, shell, stage

page = shell.open_page("family")
stage.live(page)
own.own_data(page)
shell.note(page)
family.conventions(page)
family.members(page)
family.code(page)
family.exhibits(page)
