"""The lesson in 45 minutes: how long each page takes, what to do and to say on it."""

from __future__ import annotations

from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text
from roialign_lab.stage.page import FURTHER, PATH


def plan(text: Text) -> Table:
    """The pages of a short lecture, in their order.

    >>> from roialign_lab.lesson.text import text_in
    >>> [row[:2] for row in plan(text_in("en")).rows][:2]
    [('Home', '4'), ('Image to features', '5')]
    """
    head = tuple(text(f"plan.{name}") for name in ("page", "minutes", "talk"))
    rows = (
        (
            text("menu.home") if name == "home" else text(f"title.{name}"),
            text(f"plan.{name}.minutes"),
            text(f"plan.{name}.talk"),
        )
        for name in PATH
        if name not in FURTHER
    )
    return Table(head, tuple(rows))
