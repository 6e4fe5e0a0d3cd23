"""A figure for a paper: as wide as its column, in letters of its size, without the dress of a slide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from roialign_lab.export.fonts import clean, fitted
from roialign_lab.export.layout import Drawing, Place, Sheet, Writing, shown_output, within
from roialign_lab.figures.chart_strokes import chart_strokes
from roialign_lab.figures.picture import Panel
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.strokes import map_strokes, output_as_shown, output_strokes, scaled

INCH = 2.54  # cm
WIDTHS, SIZES = (2.0, 60.0), (4.0, 30.0)  # cm, points: the least and the largest
USUAL = 12.0  # points: the size of letters that the strokes are made for
MAP_SHARE, CLOSER_SHARE = 0.66, 0.47  # of the width: a map beside its output, and beside what is drawn larger
OUTPUT_SHARE, CHART_SHARE = 0.55, 0.48  # of the width: an output under its map; how high a chart is
LARGEST_CELL = 6.0  # letters: of an output
ASIDE = 1.1  # letters beside what is drawn larger, for the names of its neighbours


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
        tuple(part for part in parts if isinstance(part, Drawing)),
    )


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
    if shown_output(panel.scene) is not None:
        top = drawn.at.y + drawn.at.height + points / 72
        yield from _output(f"output-{number}", panel, at._replace(y=top), points, OUTPUT_SHARE * at.width)


def _map(name: str, scene: Scene, at: Place, points: float, alt: str) -> Drawing:
    x1, y1, x2, y2 = scene.extent
    strokes = tuple(scaled(stroke, points / USUAL) for stroke in map_strokes(scene))
    return Drawing(name, within(at, x2 - x1, y2 - y1), scene.extent, strokes, alt)


def _output(name: str, panel: Panel, at: Place, points: float, widest: float = inf) -> Iterator[Part]:
    """The output of a panel under what it is called, no wider than ``widest`` inches."""
    output = shown_output(panel.scene)
    assert output is not None
    if clean(panel.output_caption):
        caption = _writing(f"{name}-name", panel.output_caption, at, points)
        yield caption
        at = at._replace(y=at.y + caption.lines.height + points / 144)
    rows, columns = output.levels.shape
    at = at._replace(width=min(at.width, widest, LARGEST_CELL * columns * points / 72))
    strokes = tuple(scaled(stroke, points / USUAL) for stroke in output_strokes(panel.scene, output))
    numbers = "; ".join(", ".join(row) for row in output_as_shown(panel.scene, output).labels)
    yield Drawing(name, within(at, columns, rows), (0, 0, columns, rows), strokes, numbers)


def _writing(name: str, words: str, at: Place, points: float) -> Writing:
    text = clean(words)
    lines = fitted((text,), at.width, inf, (points,))
    return Writing(name, at._replace(height=lines.height), lines, "text", text)
