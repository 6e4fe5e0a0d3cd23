"""Sheets to compute by hand: from a seed a map with one decimal, a box and a bin, such that every number is short.

The sides of the box are in tenths of a cell and its lengths in eights of them, so that with 2×2 bins of 2×2 sample
points every × lies on a tenth, every weight has two decimals and every reading three. No side lies halfway between two
lines, no × straight between two centres: what a sheet asks has one answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roialign_core.trace import Trace
from roialign_lab.lesson.quiz import LARGEST_SEED
from roialign_lab.lesson.scenario import Box, Focus, Scenario

MOST_SHEETS = 60
"""In one file: a class."""
PAPERS = ("a4", "letter")
CELLS = 6  # the map, on a side
THIRD = 2  # the × that is asked about, counted from 0
LENGTHS = (24, 32, 40)  # tenths of a cell
HALF, CELL = 5, 10  # of a cell, in tenths
LEAST_DIFFERENT = 3  # of the four outputs of RoI Pooling, and of the four readings of a bin
MOST_DRAWS = 10_000
TENTHS = 10_000  # of the mean of a bin: it has four decimals


class WorksheetError(ValueError):
    """A seed or a number of sheets that cannot be had: a text key under ``worksheet.problem``, and the limits."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = f"worksheet.problem.{key}", values
        super().__init__(f"{key}: {values}")


@dataclass(frozen=True)
class Worksheet:
    """One sheet: its number, and the scenario that it asks about, whose focus is the third × of a bin."""

    number: int
    scenario: Scenario

    @cached_property
    def pool(self) -> Trace:
        """RoI Pooling on it."""
        return self.scenario.trace(self.scenario.pool)

    @cached_property
    def align(self) -> Trace:
        """RoI Align on it, with the mean."""
        return self.scenario.trace(self.scenario.align)


def worksheets(seed: int, count: int) -> tuple[Worksheet, ...]:
    """Sheets 1, 2, … of a seed, each with a map and a box of its own; the next one asks about another bin.

    Raises
    ------
    WorksheetError : for a seed beyond 0…9999, or more sheets than :data:`MOST_SHEETS` or less than one.

    >>> first, second = worksheets(1, 2)
    >>> first.scenario.box, first.scenario.focus, second.scenario.focus
    ((1.9, 1.8, 5.1, 4.2), Focus(row=1, column=0, sample=2), Focus(row=1, column=1, sample=2))
    >>> worksheets(1, 3)[:2] == (first, second), first.scenario.map == second.scenario.map
    (True, False)
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise WorksheetError("seed", value=seed, limit=LARGEST_SEED)
    if not 1 <= count <= MOST_SHEETS:
        raise WorksheetError("sheets", value=count, limit=MOST_SHEETS)
    return tuple(_worksheet(seed, number) for number in range(1, count + 1))


def _worksheet(seed: int, number: int) -> Worksheet:
    rng = np.random.default_rng((seed, number))
    focus = Focus(*divmod((seed + number) % 4, 2), THIRD)
    drawn = (Worksheet(number, scenario) for scenario in _scenarios(rng, focus))
    return next(sheet for sheet in drawn if _has_short_answers(sheet))


def _scenarios(rng: np.random.Generator, focus: Focus) -> Iterator[Scenario]:
    for _ in range(MOST_DRAWS):
        cells = rng.integers(1, 100, (CELLS, CELLS))
        rows = ";".join(",".join(f"{cell / CELL:g}" for cell in row) for row in cells.tolist())
        yield Scenario(map=f"matrix-{rows}", stride=1, box=_box(rng), focus=focus)


def _box(rng: np.random.Generator) -> Box:
    """At least one axis of the region that RoI Pooling reads cannot be halved: there the second rounding is seen."""
    while True:
        (x1, x2), (y1, y2) = _span(rng), _span(rng)
        if (_cells_read(x1, x2) % 2 or _cells_read(y1, y2) % 2) and (x1, x2) != (y1, y2):
            return x1 / CELL, y1 / CELL, x2 / CELL, y2 / CELL


def _span(rng: np.random.Generator) -> tuple[int, int]:
    """Two sides in tenths of a cell, off the lines, off their middles, and so are the × off the centres of cells."""
    while True:
        low, length = int(rng.integers(2, 20)), int(rng.choice(LENGTHS))
        high, centres = low + length, [low + (2 * k + 1) * length // 8 for k in range(4)]
        is_within = high < CELL * CELLS - HALF and centres[0] > HALF
        if is_within and all(side % HALF for side in (low, high)) and all(at % CELL != HALF for at in centres):
            return low, high


def _cells_read(low: int, high: int) -> int:
    return round(high / CELL) + 1 - round(low / CELL)


def _has_short_answers(sheet: Worksheet) -> bool:
    """Every mean ends after four decimals, one cell alone is the largest, and few numbers come twice."""
    focus, pool, align = sheet.scenario.focus, sheet.pool, sheet.align
    mean = align.output.astype(np.float64).ravel() * TENTHS
    cells = pool.points_of(focus.row, focus.column).value
    readings = align.points_of(focus.row, focus.column).value.round(3)
    return bool(
        np.allclose(mean, mean.round(), rtol=0, atol=1e-3)
        and (cells == cells.max()).sum() == 1
        and len({*pool.output.ravel().tolist()}) >= LEAST_DIFFERENT
        and len({*readings.tolist()}) > LEAST_DIFFERENT
    )
