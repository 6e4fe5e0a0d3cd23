"""The RoI family: any two operators on one box, five answers, and what each library computes."""

from roialign_lab.ui import family, moments, shell, stage_component, uploads

page = shell.open_page("family")
stage_component.live(page)
uploads.own_data(page)
shell.note(page)
moments.cards(page)
family.conventions(page)
family.members(page)
family.code(page)
family.exhibits(page)
