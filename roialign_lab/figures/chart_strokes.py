"""The chart of a sweep as strokes, where it stands among maps: a letter is one cell high."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from roialign_core.geometry import Floats
from roialign_lab.figures.strokes import Line, Size, Spot, Stroke, Words
from roialign_lab.figures.style import has_patterns
from roialign_lab.figures.sweep_chart import Sweep, axis_words, half_cells, names_at_ends, round_ticks
from roialign_lab.lesson.number_text import number

LEFT, ABOVE, RIGHT, BELOW = 4.0, 2.2, 1.8, 3.2  # letters round the lines, for words
LETTER = Size(1.0)
LOOKED, USUAL, RULE = Size(0.25), Size(0.13), Size(0.06)  # widths of lines: of the output that is looked at, the others
APART, SAMPLE = 13.0, 2.6  # letters from the name of one operator to that of the other; a piece of its line
STRAIGHT = 1e-3  # letters that a point may be off the line between its neighbours


def chart_strokes(sweep: Sweep, wide: float, high: float, language: str, theme: str = "light") -> Iterator[Stroke]:
    """The ticks, the lines of both operators, where the side is now, and what they are called, on a place of so many
    letters. A theme without colours has RoI Align's lines dashed.

    >>> from roialign_lab.lesson.scenario import Scenario
    >>> from roialign_lab.figures.sweep_chart import sweep_of
    >>> strokes = [*chart_strokes(sweep_of(Scenario(), *Scenario().pair), 40, 20, "en")]
    >>> [stroke.text for stroke in strokes if isinstance(stroke, Words)][-3:]
    ['RoI Pooling', 'RoI Align', 'y1, in cells of the map']
    """
    low, high_value = sweep.range
    first, last = float(sweep.positions[0]), float(sweep.positions[-1])
    x0, x1, y0, y1 = LEFT, wide - RIGHT, ABOVE, high - BELOW

    def x_at(position: Floats | float) -> Floats:
        return x0 + (np.asarray(position) - first) / (last - first) * (x1 - x0)

    def y_at(value: Floats | float) -> Floats:
        return y1 - (np.asarray(value, np.float64) - low) / (high_value - low) * (y1 - y0)

    ticks, decimals = round_ticks(low, high_value)
    for k, tick in enumerate(ticks):
        y = float(y_at(tick))
        yield Line(f"rule-y-{k}", x0, y, x1, y, "rule", RULE)
        yield _words(f"tick-y-{k}", number(tick, decimals), x0 - 0.5, y, "quiet", "right")
    for k, cell in enumerate(half_cells(first, last)):
        x = float(x_at(cell))
        yield Line(f"rule-x-{k}", x, y0, x, y1, "rule", RULE)
        yield _words(f"tick-x-{k}", f"{cell:g}", x, y1 + 0.9, "quiet")
    dashed = "dashed" if has_patterns(theme) else "solid"
    for name, outputs, color, dash in (("pool", sweep.pool, "read", "solid"), ("align", sweep.align, "roi", dashed)):
        for k, values in enumerate(outputs.reshape(len(outputs), -1).T):
            width = LOOKED if k == sweep.looked else USUAL
            for line in _curve(f"{name}-{k}", x_at(sweep.positions), y_at(values), color, width):
                yield replace(line, dash=dash)
    at = float(x_at(sweep.at))
    yield Line("position", at, y0, at, y1, "sample", USUAL, "dotted")
    for k, (words, value) in enumerate(names_at_ends(sweep, (high_value - low) * 1.2 / (y1 - y0))):
        yield _words(f"name-{k}", words, x1 + 0.4, float(y_at(value)), "quiet", "left")
    for x, words, color, dash in ((x0, "RoI Pooling", "read", "solid"), (x0 + APART, "RoI Align", "roi", dashed)):
        yield Line(f"name-{color}-line", x, ABOVE / 2, x + SAMPLE, ABOVE / 2, color, LOOKED, dash)
        yield _words(f"name-{color}", words, x + SAMPLE + 0.6, ABOVE / 2, color, "left")
    yield _words("side", axis_words(sweep, language)[0], (x0 + x1) / 2, high - 0.8, "sample")


def _words(name: str, text: str, x: float, y: float, color: str, across: str = "center") -> Words:
    return Words(name, text, LETTER, color, (Spot(x, y, across),))


def _curve(name: str, xs: Floats, ys: Floats, color: str, width: Size) -> Iterator[Line]:
    """A line through the points, of as few straight pieces as it has; none to a point that is not finite."""
    start = 0
    for k in range(1, len(xs)):
        if not np.isfinite(ys[k]) or not np.isfinite(ys[start]):
            start = k
        elif k + 1 == len(xs) or not _is_straight(xs[start : k + 2], ys[start : k + 2]):
            x = [float(xs[j]) for j in (start, k)]
            yield Line(f"{name}-{start}", x[0], float(ys[start]), x[1], float(ys[k]), color, width)
            start = k


def _is_straight(xs: Floats, ys: Floats) -> bool:
    if not np.isfinite(ys).all():
        return False
    between = ys[0] + (ys[-1] - ys[0]) * (xs - xs[0]) / (xs[-1] - xs[0])
    return bool(np.abs(ys - between).max() <= STRAIGHT)
