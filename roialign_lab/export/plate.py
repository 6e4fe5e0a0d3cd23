"""A figure for a paper: as wide as its column, in letters of its size, without the dress of a slide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

from roialign_lab.export.fonts import clean, fitted, width_of_longest_word
from roialign_lab.export.fonts import width as ems_of
from roialign_lab.export.layout import AROUND, Drawing, Place, Sheet, Writing, shown_output, with_edges, within
from roialign_lab.figures.chart_strokes import chart_strokes
from roialign_lab.figures.picture import Panel
from roialign_lab.figures.scene import Grid, Scene
from roialign_lab.figures.strokes import (
    LEAST_OUTPUT,
    Box,
    Cell,
    Size,
    Spot,
    Stroke,
    Words,
    map_strokes,
    output_as_shown,
    output_letters,
    output_strokes,
    scaled,
)
from roialign_lab.lesson.lesson_part import DeckError

INCH = 2.54  # cm
WIDTHS, SIZES = (2.0, 60.0), (4.0, 30.0)  # cm, points: the least and the largest
USUAL = 12.0  # points: the size of letters that the strokes are made for
MAP_SHARE, CLOSER_SHARE = 0.66, 0.47  # of the width: a map beside its output, and beside what is drawn larger
OUTPUT_SHARE, CHART_SHARE = 0.55, 0.48  # of the width: an output under its map; how high a chart is
LARGEST_CELL = 6.0  # letters: of an output
ASIDE = 1.1  # letters beside what is drawn larger, for the names of its neighbours
LEAST_LINE = 4.0  # letters: a narrower column of words is no column
LEAST_MAP, LEAST_WRITTEN_ON = 6.0, 10.0  # letters: the width of a map, and of one with words in letters of that size
SMALLEST = 0.6  # of the size of letters: of words that are too long for their map otherwise
MOST_NUMBERED = 8  # cells on a side: the numbers of an output of more give way to colour
WIDTH_STEP, SIZE_STEP = 0.5, 0.5  # cm, points: of the widths and the sizes that are tried


@dataclass(frozen=True)
class Plate:
    """What is on it, in inches from its top left corner."""

    size: tuple[float, float]
    writings: tuple[Writing, ...]
    drawings: tuple[Drawing, ...]


def plate_of(sheet: Sheet, width: float, points: float, *, titled: bool = True) -> Plate:
    """The panels of a sheet, and perhaps its title, ``width`` cm wide, in letters of so many points.

    The numbers of a map follow its cells; all other letters, lines and marks follow ``points``.

    >>> from roialign_lab.export.deck import Deck, sheets
    >>> from roialign_lab.lesson.lesson_part import Part
    >>> (sheet,) = sheets(Deck((Part("roi_pool", steps=("max",)),)))
    >>> plate = plate_of(sheet, 10.16, 9, titled=False)
    >>> plate.size[0], [part.name for part in (*plate.writings, *plate.drawings)]
    (4.0, ['output-name', 'map', 'output'])
    """
    wide, gap = width / INCH, points / 72
    parts: list[Part] = []
    top = 0.0
    if titled and clean(sheet.title):
        title = _writing("title", sheet.title, Place(0, 0, wide, inf), points)
        parts.append(title)
        top = title.lines.height + gap / 2
    panels = sheet.panels
    across = (wide - 2 * gap * (len(panels) - 1)) / len(panels) if panels else wide
    columns = []
    for k, panel in enumerate(panels):
        at = Place(k * (across + 2 * gap), top, across, inf)
        alone = len(panels) == 1
        columns.append([*(_beside(panel, at, points, sheet.alt) if alone else _below(panel, at, points, k + 1))])
    parts += [part for column in _level(columns) for part in column]
    bottom = max((_end(part) for part in parts), default=0.0)
    if sheet.sweep is not None:
        high, start = CHART_SHARE * wide, bottom + gap if panels else bottom
        extent = (0.0, 0.0, wide / gap, high / gap)
        strokes = tuple(chart_strokes(sheet.sweep, wide / gap, high / gap, sheet.language, sheet.theme))
        parts.append(Drawing("chart", Place(0, start, wide, high), extent, strokes, sheet.alt))
        bottom = start + high
    return Plate(
        (wide, bottom),
        tuple(part for part in parts if isinstance(part, Writing)),
        tuple(part.in_theme(sheet.theme) for part in parts if isinstance(part, Drawing)),
    )


def readable_plate(sheet: Sheet, width: float, points: float, *, titled: bool = True) -> Plate:
    """The same, where everything on it can be read.

    Raises
    ------
    DeckError : for letters that are too large for the width, with the least width and the largest letters that would
        do.

    >>> from roialign_lab.export.deck import Deck, sheets
    >>> from roialign_lab.lesson.lesson_part import Part
    >>> (sheet,) = sheets(Deck((Part("roi_pool", steps=("max",)),)))
    >>> readable_plate(sheet, 4, 20)
    Traceback (most recent call last):
    ...
    roialign_lab.lesson.lesson_part.DeckError: narrow: {'points': '20', 'width': '4', 'least': '11.5', 'most': '7'}
    """
    plate = plate_of(sheet, width, points, titled=titled)
    if is_readable(plate, points):
        return plate

    def works(wide: float, size: float) -> bool:
        return is_readable(plate_of(sheet, wide, size, titled=titled), size)

    least = _first(lambda wide: works(wide, points), width, WIDTHS[1], WIDTH_STEP)
    most = _first(lambda size: works(width, size), points, SIZES[0], -SIZE_STEP)
    given = {"points": f"{points:g}", "width": f"{width:g}"}
    if least is not None and most is not None:
        raise DeckError("narrow", **given, least=f"{least:g}", most=f"{most:g}")
    if least is not None:
        raise DeckError("narrow_width", **given, least=f"{least:g}")
    if most is not None:
        raise DeckError("narrow_size", **given, most=f"{most:g}")
    raise DeckError("narrow_both", **given)


def is_readable(plate: Plate, points: float) -> bool:
    """Does everything on it have room in letters of so many points: every word, map, chart and number of an output?"""
    return all(_has_room(writing) for writing in plate.writings) and all(
        drawing.at.width > 0 and drawing.at.height > 0 and _is_large_enough(drawing, points / 72)
        for drawing in plate.drawings
    )


def _has_room(writing: Writing) -> bool:
    """Is its column as wide as its longest word, and no narrower than a few letters?"""
    needed = max(width_of_longest_word(writing.text), min(LEAST_LINE, ems_of(writing.text)))
    return needed * writing.lines.size / 72 <= writing.at.width


def _is_large_enough(drawing: Drawing, letter: float) -> bool:
    if drawing.name == "chart":
        return _has_room_for_words(drawing)
    if drawing.name.startswith("output"):
        numbers = [stroke.words for stroke in drawing.strokes if isinstance(stroke, Cell) and stroke.words is not None]
        many = round(max(drawing.extent[2:])) > MOST_NUMBERED
        return many or all(words.is_written(drawing.cell * 72) for words in numbers)
    pills = [stroke for stroke in drawing.strokes if isinstance(stroke, Words) and stroke.pill]
    least = LEAST_WRITTEN_ON if pills or drawing.name == "closer" else LEAST_MAP
    return drawing.at.width >= letter * least and all(
        pill.size.at(drawing.cell * 72) >= SMALLEST * letter * 72 for pill in pills
    )


def _has_room_for_words(chart: Drawing) -> bool:
    """Are all words of a chart within it, and none on another? Not so the names at the ends of lines, however many."""
    x1, y1, x2, y2 = chart.extent
    words = (stroke for stroke in chart.strokes if isinstance(stroke, Words))
    boxes = [_box_of(one) for one in words if not re.fullmatch(r"name-\d+", one.name)]
    inside = all(x1 <= a and y1 <= b and c <= x2 and d <= y2 for a, b, c, d in boxes)
    return inside and not any(_overlap(one, other) for k, one in enumerate(boxes) for other in boxes[:k])


def _box_of(words: Words) -> Box:
    """What the words of a chart cover, a letter high."""
    spot, wide = words.spots[0], ems_of(words.text)
    left = spot.x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[spot.across]
    return left, spot.y - 0.5, left + wide, spot.y + 0.5


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _first(works: Callable[[float], bool], start: float, end: float, step: float) -> float | None:
    """Of the multiples of ``step`` from ``start`` to ``end`` the first that works, where all after it do too.

    >>> _first(lambda value: value >= 7.2, 2.1, 60, 0.5), _first(lambda value: value > 70, 2, 60, 0.5)
    (7.5, None)
    """
    low, high = int(start // step), round(end / step)
    if not works(high * step):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle * step) else (middle, high)
    return high * step


Part = Writing | Drawing


def _end(part: Part) -> float:
    return part.at.y + (part.lines.height if isinstance(part, Writing) else part.at.height)


def _level(columns: list[list[Part]]) -> list[list[Part]]:
    """Columns with their maps on one line, and their outputs: what has fewer lines above it stands lower."""
    for kind in ("map-", "output-"):
        places = [_top_of(column, kind) for column in columns]
        lowest = max((place for place in places if place is not None), default=0.0)
        columns = [
            column if place is None else [_lower(part, lowest - place, kind) for part in column]
            for column, place in zip(columns, places, strict=True)
        ]
    return columns


def _top_of(column: list[Part], kind: str) -> float | None:
    return next((part.at.y for part in column if isinstance(part, Drawing) and part.name.startswith(kind)), None)


def _lower(part: Part, by: float, kind: str) -> Part:
    """A part further down; where outputs are moved, what is above them stays."""
    return (
        part
        if kind == "output-" and part.name.startswith("map-")
        else replace(part, at=part.at._replace(y=part.at.y + by))
    )


def _beside(panel: Panel, at: Place, points: float, alt: str) -> Iterator[Part]:
    """The map of a panel; at its right the output, or what is drawn larger."""
    output, close_up, gap = shown_output(panel.scene), panel.scene.close_up, points / 72
    if output is None and close_up is None:
        yield _map("map", panel.scene, at, points, alt)
        return
    share = MAP_SHARE if close_up is None else CLOSER_SHARE
    drawn = _map("map", panel.scene, at._replace(width=share * at.width), points, alt)
    yield drawn
    left = drawn.at.x + drawn.at.width + 1.5 * gap
    side = Place(left, at.y, at.x + at.width - left, inf)
    if close_up is not None:
        narrower = side._replace(x=left + ASIDE * gap, width=side.width - 2 * ASIDE * gap)
        larger = _map("closer", close_up, narrower, points, alt)
        yield larger
        side = side._replace(y=larger.at.y + larger.at.height + gap)
    if output is not None:
        yield from _output("output", panel, side, points)


def _below(panel: Panel, at: Place, points: float, number: int) -> Iterator[Part]:
    """The name of a panel, its map, and under it the output."""
    if clean(panel.caption):
        name = _writing(f"map-caption-{number}", panel.caption, at, points)
        yield name
        at = at._replace(y=at.y + name.lines.height)
    drawn = _map(f"map-{number}", panel.scene, at, points, panel.caption)
    yield drawn
    output = shown_output(panel.scene)
    if output is not None:
        top = drawn.at.y + drawn.at.height + points / 72
        widest = max(OUTPUT_SHARE * at.width, _legible(output) * points / 72)
        yield from _output(f"output-{number}", panel, at._replace(y=top), points, widest)


def _legible(output: Grid) -> float:
    """Letters: the width at which the numbers of an output are written."""
    return 1.001 * output.levels.shape[1] * LEAST_OUTPUT / USUAL / output_letters(output)


def _map(name: str, scene: Scene, at: Place, points: float, alt: str) -> Drawing:
    x1, y1, x2, y2 = scene.extent
    drawn = Drawing(name, within(at, x2 - x1, y2 - y1), scene.extent, (), alt)
    strokes = (scaled(stroke, points / USUAL) for stroke in map_strokes(scene))
    return replace(drawn, strokes=tuple(_kept_inside(stroke, drawn.cell * 72) for stroke in strokes))


def _kept_inside(stroke: Stroke, cell: float) -> Stroke:
    """The stroke; words that would be cut off at the edge of the map are moved from it, and smaller where they must."""
    if not isinstance(stroke, Words) or stroke.within is None or cell <= 0:
        return stroke
    (x1, y1, x2, y2), (left, top, right, bottom) = stroke.within, stroke.box(cell)
    if x1 <= left and y1 <= top and right <= x2 and bottom <= y2:
        return stroke
    share = min(1.0, (x2 - x1) / (right - left))
    half, half_high, size = (right - left) * share / 2, (bottom - top) * share / 2, stroke.size.at(cell) * share
    x = min(max((left + right) / 2, x1 + half), x2 - half)
    y = min(max((top + bottom) / 2, y1 + half_high), y2 - half_high)
    return replace(stroke, size=Size(0.0, least=size, most=size), spots=(Spot(x, y),))


def _output(name: str, panel: Panel, at: Place, points: float, widest: float = inf) -> Iterator[Part]:
    """The output of a panel under what it is called, no wider than ``widest`` inches."""
    output = shown_output(panel.scene)
    assert output is not None
    if clean(panel.output_caption):
        caption = _writing(f"{name}-name", panel.output_caption, at, points)
        yield caption
        at = at._replace(y=at.y + caption.lines.height + points / 144)
    rows, columns = output.levels.shape
    left = max(at.x - AROUND, AROUND)  # the lines at its sides are on the page
    at = at._replace(x=left, width=min(at.width, widest, LARGEST_CELL * columns * points / 72))
    strokes = tuple(scaled(stroke, points / USUAL) for stroke in output_strokes(panel.scene, output))
    numbers = "; ".join(", ".join(row) for row in output_as_shown(panel.scene, output).labels)
    yield with_edges(Drawing(name, within(at, columns, rows), (0, 0, columns, rows), strokes, numbers))


def _writing(name: str, words: str, at: Place, points: float) -> Writing:
    text = clean(words)
    lines = fitted((text,), at.width, inf, (points,))
    return Writing(name, at._replace(height=lines.height), lines, "text", text)
