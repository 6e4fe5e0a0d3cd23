"""The gradients beside slopes that are measured by moving the numbers: the table under the page of the gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from roialign_core.finite_differences import MOST_MOVED, check_slopes
from roialign_lab.figures.gradient_scene import COMPARED, compared
from roialign_lab.lesson.number_text import signed
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text

MOST_READ = 2**20  # cells in all maps on which one is moved: 64 of a map of 128×128 cells, 4 of one of 512×512
Row = tuple[str, ...]


def moved_cells(scenario: Scenario) -> int:
    """How many cells of the map are moved: fewer of a large one, as each takes longer.

    >>> moved_cells(Scenario()), moved_cells(Scenario(map="matrix-1,2,3;4,5,6"))
    (64, 6)
    """
    cells = scenario.feature_map.size
    return min(cells, MOST_MOVED, max(MOST_READ // cells, 1))


def measured(scenario: Scenario, text: Text) -> str:
    """What is moved for the table, as a sentence."""
    return text("gradient.check_intro", cells=moved_cells(scenario), all=f"{scenario.feature_map.size:,}")


def slopes(scenario: Scenario, text: Text, in_turns: Callable[[Iterable[Row]], Iterable[Row]] = iter) -> Table:
    """A row for each operator: how far gradient and slope lie apart, and the slopes of the sides.

    The rows are measured one after the other, as ``in_turns`` takes them.
    """
    head = tuple(text(f"gradient.{name}") for name in ("operator", "map", "sides", "box"))
    return Table(head, tuple(in_turns(_rows(scenario, text))))


def _rows(scenario: Scenario, text: Text) -> Iterator[Row]:
    cell = None if scenario.every else (scenario.focus.row, scenario.focus.column)
    for key, operator in zip(COMPARED, compared(scenario.pool, scenario.mean_align), strict=True):
        found = check_slopes(scenario.trace(operator), cell, moved_cells(scenario))
        agrees = text("gradient.no_box")
        if found.box_gradient is not None:
            agrees = text("gradient.box_agrees", furthest=f"{found.furthest_of_box:.1e}")
        sides = ", ".join(signed(slope, 5) for slope in found.box_measured)
        yield f"**{text(f'family.{key}')}**", f"{found.furthest:.1e}", sides, agrees
