"""One side of the box moved across two cells: every output of RoI Pooling, a staircase, and of RoI Align, a line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from roialign_core.geometry import Floats
from roialign_core.operators import Operator
from roialign_core.sweep import sweep
from roialign_lab.lesson.scenario import LEAST_SIDE, SIDES, Focus, Scenario
from roialign_lab.lesson.text import text_in

POSITIONS, FEWEST_POSITIONS = 201, 5  # a hundredth of a cell apart; half a cell
MOST_READ = 400_000  # sample points that a chart may read: with more at each position it has fewer positions
ACROSS = 2  # cells
TICKS = 5
FARTHEST = 1e300  # from 0: what is further off is beyond the chart, as an infinity is
MOST_LINES_NAMED = 9
MOST_LINES = 49  # outputs that are plotted together
LAST_BITS = 1e-6  # of the numbers: by so much a sum may differ that is the same


@dataclass(frozen=True)
class Sweep:
    """The outputs (n, ph, pw) of both operators while ``side`` stands at ``positions`` (n,), in cells.

    ``looked`` is the number of the output that is looked at, in reading order; ``points`` how many sample points RoI
    Align reads for a position. Of more than :data:`MOST_LINES` outputs
    there is only that output, (n, 1, 1).
    """

    side: str
    at: float
    positions: Floats
    pool: Floats
    align: Floats
    looked: int = 0
    points: int = 0
    names: tuple[str, ...] = ()  # of the outputs

    @property
    def has_few_positions(self) -> bool:
        """True where a position reads so many sample points that there is not one every hundredth of a cell."""
        return len(self.positions) < POSITIONS

    @property
    def first_jumps(self) -> dict[int, float]:
        """The outputs of RoI Pooling that change, by their numbers, and the first position with another value.

        >>> from roialign_core import ROI_ALIGN, ROI_POOL
        >>> {side: sweep_of(Scenario(side=side), ROI_POOL, ROI_ALIGN).first_jumps for side in SIDES}
        {'x1': {0: 0.5}, 'y1': {0: 3.5, 1: 2.5, 3: 3.5}, 'x2': {}, 'y2': {1: 6.5, 2: 6.5, 3: 7.5}}
        """
        pool = self.pool.reshape(len(self.pool), -1)
        changed = (pool[1:] != pool[:-1]) & ~(np.isnan(pool[1:]) & np.isnan(pool[:-1]))
        numbers = np.flatnonzero(changed.any(axis=0))
        return {int(k): round(float(self.positions[1 + np.argmax(changed[:, k])]), 4) for k in numbers}

    @property
    def case(self) -> str:
        """What is special about the chart: ``"_flat"`` without a staircase, ``"_still"`` where no line rises or falls.

        With ``"_one"`` after it where one output is shown: nothing is known of others.

        >>> from roialign_core import ROI_ALIGN, ROI_POOL
        >>> [sweep_of(Scenario(side=side), ROI_POOL, ROI_ALIGN).case for side in SIDES]
        ['', '', '_flat', '']
        >>> sweep_of(Scenario(side="x2", output_size=(8, 8)), ROI_POOL, ROI_ALIGN).case
        '_flat_one'
        """
        if self.first_jumps:
            return ""
        moved = np.ptp(self.align.reshape(len(self.align), -1).astype(np.float64), axis=0).max()
        case = "_flat" if moved > LAST_BITS * max(1.0, *map(abs, self.range)) else "_still"
        return case + ("_one" if self.pool[0].size == 1 else "")

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest value of the chart.

        >>> huge = np.full((2, 1, 1), 1e30)
        >>> low, high = Sweep("x1", 1.0, np.array([0.0, 2.0]), huge, huge).range
        >>> low < 1e30 < high
        True
        """
        values = np.concatenate([self.pool.ravel(), self.align.ravel()]).astype(np.float64)
        values = values[np.abs(values) <= FARTHEST]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        apart = max(0.5, abs(low) * 1e-12)  # where all are alike
        return (low, high) if high - low > 1 / FARTHEST else (low - apart, high + apart)


def sweep_of(scenario: Scenario, pool: Operator, align: Operator) -> Sweep:
    """The two cells that the side stands in, less what lies beyond the other side of the box.

    The map is divided into twos, with a last three where it is odd, so the range stays while the side moves in it.
    """
    k = SIDES.index(scenario.side)
    rows, columns = scenario.feature_map.shape
    other, at, cells = scenario.box[(k + 2) % 4], scenario.box[k], (columns, rows)[k % 2]
    part = min(int(at / ACROSS), max(cells // ACROSS, 1) - 1)
    first, last = float(part * ACROSS), float(cells if (part + 2) * ACROSS > cells else (part + 1) * ACROSS)
    if k < 2:
        last = max(min(last, other - LEAST_SIDE), at)
    else:
        first = min(max(first, other + LEAST_SIDE), at)
    if last - first < LEAST_SIDE:
        first, last = (first - LEAST_SIDE, last) if first >= LEAST_SIDE else (first, last + LEAST_SIDE)
    return _swept(scenario, pool, align, first, last, POSITIONS)


def sweep_between(scenario: Scenario, pool: Operator, align: Operator, start: float) -> Sweep:
    """The way that the side came, from ``start`` to where it is now, a hundredth of a cell at a time.

    >>> from roialign_core import ROI_ALIGN, ROI_POOL
    >>> nudged = sweep_between(Scenario(box=(0.55, 2.2, 6.35, 7.4), side="y1"), ROI_POOL, ROI_ALIGN, 2.7)
    >>> nudged.positions[[0, -1]].tolist(), len(nudged.positions), nudged.pool[[0, -1], 0, 1].round(2).tolist()
    ([2.2, 2.7], 51, [0.75, 0.96])
    """
    at = scenario.box[SIDES.index(scenario.side)]
    first, last = sorted((start, at))
    return _swept(scenario, pool, align, first, last, round((last - first) * 100) + 1)


def _swept(scenario: Scenario, pool: Operator, align: Operator, first: float, last: float, most: int) -> Sweep:
    """The side at no more than ``most`` positions from the first to the last."""
    k = SIDES.index(scenario.side)
    (rows, columns), focus = scenario.output_size, scenario.focus
    row, column = min(focus.row, rows - 1), min(focus.column, columns - 1)
    cell = (row, column) if rows * columns > MOST_LINES else None  # more would be a tangle
    points = _points(scenario, cell)
    many = min(max(MOST_READ // max(points, 1), FEWEST_POSITIONS), most)
    positions = np.linspace(first, last, many)
    boxes = np.tile(np.array(scenario.box), (len(positions), 1))
    boxes[:, k] = positions
    call = (scenario.output_size, 1 / scenario.stride, scenario.samples, cell)
    pixels = boxes * scenario.stride
    staircase, line = (sweep(scenario.feature_map, pixels, operator, *call) for operator in (pool, align))
    looked = 0 if cell else row * columns + column
    names = (scenario.bin_name(Focus(row, column)),) if cell else scenario.bin_names
    return Sweep(scenario.side, scenario.box[k], positions, staircase, line, looked, points, names)


def _points(scenario: Scenario, cell: tuple[int, int] | None) -> int:
    """How many sample points RoI Align reads for a position: in all bins, or in one."""
    (x1, y1, x2, y2), (rows, columns) = scenario.box, scenario.output_size
    down, across = scenario.samples or math.ceil((y2 - y1) / rows), scenario.samples or math.ceil((x2 - x1) / columns)
    return down * across * (1 if cell else rows * columns)


def axis_words(sweep: Sweep, language: str) -> tuple[str, str]:
    """What the axes of the chart are called, the lower with its unit.

    >>> axis_words(sweep_of(Scenario(), *Scenario().pair), "en")
    ('y1, in cells of the map', 'output')
    """
    text = text_in(language)
    return text("deck.axis_side", side=sweep.side), text("deck.axis_output")


def names_at_ends(sweep: Sweep, apart: float) -> list[tuple[str, float]]:
    """The name of each pair of lines, and the value where RoI Align's ends, moved so that names are ``apart``.

    None where there are too many lines to be told apart.
    """
    ends = sweep.align[-1].ravel().astype(float)
    if len(ends) > MOST_LINES_NAMED or len(sweep.names) != len(ends) or not np.isfinite(ends).all():
        return []
    order = np.argsort(ends, kind="stable")
    steps = np.arange(len(ends)) * apart
    low = np.maximum.accumulate(ends[order] - steps) + steps  # pushed up by those below
    high = np.minimum.accumulate((ends[order] - steps)[::-1])[::-1] + steps  # and down by those above
    return [(sweep.names[k], float(y)) for k, y in zip(order.tolist(), (low + high) / 2, strict=True)]


def round_ticks(low: float, high: float) -> tuple[list[float], int]:
    """Round numbers between two values, about :data:`TICKS` of them, and the decimals they need.

    >>> round_ticks(0.31, 0.97)
    ([0.4, 0.6, 0.8], 1)
    """
    rough = (high - low) / TICKS
    power = math.floor(math.log10(rough))
    step = next(nice * 10.0**power for nice in (1, 2, 5, 10) if nice * 10.0**power >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 12) for k in range(first, last + 1)], max(-math.floor(math.log10(step)), 0)


def half_cells(first: float, last: float) -> Iterator[float]:
    """Whole and half cells between two positions."""
    yield from (k / 2 for k in range(math.ceil(first * 2), math.floor(last * 2) + 1))
