"""The gradients beside slopes that are measured by moving the numbers: the table under the page of the gradients."""

from __future__ import annotations

from roialign_core.finite_differences import check_slopes
from roialign_lab.figures.gradient_scene import COMPARED, compared
from roialign_lab.lesson.number_text import signed
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text


def slopes(scenario: Scenario, text: Text) -> Table:
    """A row for each operator: how far gradient and slope lie apart, and the slopes of the sides."""
    head = tuple(text(f"gradient.{name}") for name in ("operator", "map", "sides", "box"))
    rows = []
    cell = None if scenario.every else (scenario.focus.row, scenario.focus.column)
    for key, operator in zip(COMPARED, compared(scenario.pool, scenario.mean_align), strict=True):
        found = check_slopes(scenario.trace(operator), cell)
        agrees = text("gradient.no_box")
        if found.box_gradient is not None:
            agrees = text("gradient.box_agrees", furthest=f"{found.furthest_of_box:.1e}")
        sides = ", ".join(signed(slope, 5) for slope in found.box_measured)
        rows.append((f"**{text(f'family.{key}')}**", f"{found.furthest:.1e}", sides, agrees))
    return Table(head, tuple(rows))
