"""Patterns, where a theme has no colours: the same lines for every painter, clear of the numbers and of every ×."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil, floor, hypot, sqrt

from roialign_lab.figures.strokes import Box, Cell, Crosses, Disc, Frame, Size, Stroke, Tiles, Words, role_of
from roialign_lab.figures.style import SHADED, has_patterns, pattern

Segment = tuple[float, float, float, float]  # x0, y0, x1, y1 in map cells
LINE_GAP, DOT_GAP, DOT = 8.0, 7.0, 1.3  # points: between two lines, between two dots, and how long a dot is
LINE_WIDTH, DOT_WIDTH = 0.7, 1.3  # points
OUTLINE = 0.75  # points
CLEAR = 1.5  # points round a number or a × that a pattern leaves free
SHORTEST = 0.5  # points: what is left of a line


def in_theme(strokes: Iterable[Stroke], theme: str) -> tuple[Stroke, ...]:
    """The strokes of a drawing as a theme has them: with greys only, the cells under tints that are compared are paper.

    Their own grey would make a tint darker than another of the same strength. A map without lines gets an outline.

    >>> import numpy as np
    >>> drawn = (Tiles("map", np.ones((1, 1)), 0.6), Frame("gradient-0-0", (0, 0, 1, 1), "neighbor", filled=0.5))
    >>> [in_theme(strokes, theme)[0].opacity for theme in ("light", "print") for strokes in (drawn, drawn[:1])]
    [0.6, 0.6, 0.0, 0.6]
    >>> in_theme(drawn, "print")[1].name
    'map-outline'
    """
    drawn = tuple(strokes)
    if not has_patterns(theme) or not any(role_of(stroke) in SHADED for stroke in drawn):
        return drawn
    return tuple(part for stroke in drawn for part in _on_paper(stroke))


def _on_paper(stroke: Stroke) -> Iterator[Stroke]:
    yield replace(stroke, opacity=0.0) if isinstance(stroke, Cell | Tiles) else stroke
    if isinstance(stroke, Tiles):
        rows, columns = stroke.levels.shape
        yield Frame(f"{stroke.name}-outline", (0.0, 0.0, columns, rows), "rule", Size(0.0, least=OUTLINE))


def clear_of(strokes: Iterable[Stroke], cell: float) -> list[Box]:
    """What a pattern leaves free: the numbers, the texts, and every ×; ``cell`` is how many points a map cell has."""
    around, boxes = CLEAR / cell, []
    for stroke in strokes:
        match stroke:
            case Cell(words=Words() as words) if words.is_written(cell):
                boxes.append(words.box(cell))
            case Words() if stroke.is_written(cell):
                boxes.append(stroke.box(cell))
            case Crosses():
                r = stroke.size.at(cell) / cell / 2
                boxes += [
                    (x - r, y - r, x + r, y + r) for x, y in zip(stroke.xs.tolist(), stroke.ys.tolist(), strict=True)
                ]
    return [(x1 - around, y1 - around, x2 + around, y2 + around) for x1, y1, x2, y2 in boxes]


def hatch_width(stroke: Frame | Disc, theme: str) -> float:
    """How wide the lines of its pattern are, in points."""
    return DOT_WIDTH if pattern(role_of(stroke), theme, stroke.color) == "dots" else LINE_WIDTH


def hatch(stroke: Frame | Disc, theme: str, cell: float, clear: Sequence[Box]) -> list[Segment]:
    """The lines of the pattern that fills a frame or a disc in that theme; none where a tint does.

    >>> bin = Frame("bin-0", (0, 0, 1, 1), "roi", filled=0.1)
    >>> [len(hatch(bin, "print", 28.0, clear)) for clear in ([], [(0, 0, 1, 1)])], hatch(bin, "light", 28.0, [])
    ([11, 0], [])
    """
    name = pattern(role_of(stroke), theme, stroke.color)
    if not name:
        return []
    box = stroke.box if isinstance(stroke, Frame) else _round(stroke, cell)
    lines: Iterator[Segment]
    if name == "dots":
        lines = _dots(box, cell, _number_of(stroke))
    else:
        slopes = {"rising": (-1,), "falling": (1,), "cross": (-1, 1)}[name]
        lines = (line for slope in slopes for line in _slanted(box, LINE_GAP / cell, slope))
    if isinstance(stroke, Disc):
        lines = (part for line in lines for part in _in_circle(line, stroke, cell))
    free = [other for other in clear if _overlap(other, box)]
    return [part for line in lines for part in _outside(line, free, SHORTEST / cell)]


def _round(disc: Disc, cell: float) -> Box:
    r = disc.radius.at(cell) / cell
    return disc.x - r, disc.y - r, disc.x + r, disc.y + r


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _number_of(stroke: Stroke) -> int:
    number = stroke.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _dots(box: Box, cell: float, number: int) -> Iterator[Segment]:
    """Dots in rows, each row half a step on; those of one bin between those of the next, so that both are seen where
    they share cells."""
    (x1, y1, x2, y2), gap, long = box, DOT_GAP / cell, DOT / cell
    aside, down = (number % 2) * gap / 2, (number // 2 % 2) * gap / 2
    for row in range(floor((y1 - down) / gap) + 1, ceil((y2 - down) / gap)):
        y, first = row * gap + down, aside + (row % 2) * gap / 2
        for k in range(floor((x1 - first) / gap) + 1, ceil((x2 - first) / gap)):
            x = first + k * gap
            if x - long / 2 > x1 and x + long / 2 < x2:
                yield x - long / 2, y, x + long / 2, y


def _slanted(box: Box, gap: float, slope: int) -> Iterator[Segment]:
    """Lines at 45°, ``gap`` from one another, down to the right (1) or up to the right (-1)."""
    x1, y1, x2, y2 = box
    step = gap * sqrt(2)
    low, high = (y1 - x2, y2 - x1) if slope > 0 else (y1 + x1, y2 + x2)  # of y - slope * x
    for k in range(ceil(low / step), floor(high / step) + 1):
        at = k * step
        first, last = (max(x1, y1 - at), min(x2, y2 - at)) if slope > 0 else (max(x1, at - y2), min(x2, at - y1))
        if first < last:
            yield first, at + slope * first, last, at + slope * last


def _in_circle(line: Segment, disc: Disc, cell: float) -> Iterator[Segment]:
    (x0, y0, x1, y1), r = line, disc.radius.at(cell) / cell
    dx, dy = x1 - x0, y1 - y0
    long = hypot(dx, dy)
    along = ((disc.x - x0) * dx + (disc.y - y0) * dy) / long  # from the start to the nearest point to the centre
    aside = abs((disc.x - x0) * dy - (disc.y - y0) * dx) / long
    if aside < r:
        half = sqrt(r * r - aside * aside)
        start, end = max(0.0, along - half) / long, min(long, along + half) / long
        if start < end:
            yield x0 + start * dx, y0 + start * dy, x0 + end * dx, y0 + end * dy


def _outside(line: Segment, boxes: Sequence[Box], shortest: float) -> Iterator[Segment]:
    """The parts of a line that lie in none of the boxes."""
    x0, y0, x1, y1 = line
    dx, dy = x1 - x0, y1 - y0
    hidden = sorted(part for box in boxes if (part := _inside(line, box)) is not None)
    here = 0.0
    for start, end in (*hidden, (1.0, 1.0)):
        if (start - here) * hypot(dx, dy) > shortest:
            yield x0 + here * dx, y0 + here * dy, x0 + start * dx, y0 + start * dy
        here = max(here, end)


def _inside(line: Segment, box: Box) -> tuple[float, float] | None:
    """Which share of a line lies in a box, from 0 to 1, if any does."""
    x0, y0, x1, y1 = line
    start, end = 0.0, 1.0
    for at, step, low, high in ((x0, x1 - x0, box[0], box[2]), (y0, y1 - y0, box[1], box[3])):
        if step == 0:
            if not low < at < high:
                return None
        else:
            a, b = sorted(((low - at) / step, (high - at) / step))
            start, end = max(start, a), min(end, b)
    return (start, end) if start < end else None
