"""What is on one slide, and where: in inches from the top left corner, the same for a presentation and a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from roialign_lab.export.fonts import Fitted, clean, fitted, one_line, width
from roialign_lab.figures.hatch import in_theme
from roialign_lab.figures.picture import Panel, Picture
from roialign_lab.figures.scene import MARGIN, Grid, Rects, Scene
from roialign_lab.figures.strokes import Box, Stroke, map_strokes, output_as_shown, output_letters, output_strokes
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.walks import Emphasis

SIZES = {"16:9": (40 / 3, 7.5), "4:3": (10.0, 7.5)}
TITLE_SIZES = (28.0, 24.0, 20.0)
CAPTION_SIZES = (20.0, 18.0, 16.0, 14.0, 13.0, 12.0, 11.0)
FORMULA_SIZES = (18.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0)
NAME_SIZES = (15.0, 14.0, 13.0, 12.0, 11.0)  # points: of what is written above a map or an output
FOOT_SIZE = 11.0
LEGEND = (2.4, 0.5, 2.4)  # letters: a piece of line, from it to the name of an operator, and from that to the next
EDGE, GAP, BETWEEN = 0.42, 0.22, 0.4  # inches: round the slide, under a text, between columns
BEYOND = ("roi", "read", "snapped")  # what may reach beyond the map
TO_SPARE = 0.01  # inches: sums of heights are off by the last bit
BODY, BODY_HIGH = 1.05, 5.95  # inches from the top to what is under the title, and its height
CAPTION_SHARE = 0.62  # of the words, where not all can be large
READ_FROM_AFAR = (18.0, 16.0)  # points: of the caption and of the formula
READABLE_CELL, MOST_LEAST = (
    0.94,
    2.9,
)  # inches: a cell whose number is 18 points high; of an output, however many it has
SMALLEST_DIGITS, OUTPUT_SHARE = 9.1, 0.63  # points of the numbers of an output; how much of its column it takes for it
AROUND = 1 / 72  # inches beyond the cells of an output, for the lines along its sides
FOUR_DECIMALS = 0.25  # of a cell: the letters of an output whose numbers have so many
NAME_HIGH = 0.34
LEAST_OUTPUT, MOST_OUTPUT, OUTPUT_CELL = 1.7, 3.4, 0.36  # inches of an output, and of a cell if there are many
LEAST_CLOSER = 2.9  # inches for what is drawn larger
LEAST_BESIDE, MOST_SHARE = 1.3, 0.42  # inches of an output in a column, and how much of the column it may take
NUMBER_WIDE = 1.0  # inches of the number of a slide
MAP_SHARE = {True: 6.35 / (SIZES["16:9"][0] - 2 * EDGE), False: 5.15 / (SIZES["4:3"][0] - 2 * EDGE)}
"""Of the body's width: the place of a map or a chart, on a wide slide and on another."""
BESIDE_MAP = 0.35  # inches between the map and the words
FOOTER_SHARE = 0.55  # of what is left, the title's where there is a link
WORDS_HIGH = (1.1, 1.4, 1.7)  # inches for the words under panels side by side: more where they are cut
LONG_FORMULA, PAIRED = 4, 14.0  # lines of one column of a formula; points at which two of them have to fit one line


class Place(NamedTuple):
    """A rectangle on the slide, in inches."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plan:
    """A slide without what is on it, in inches: its size, and where its title, its body and its foot are.

    ``title_sizes`` are those of the title in points, the usual one first. ``scale`` is how large an inch of the plan
    is on the slide: a plan is as high as a slide of ours, so that what is readable on one is on the other.
    """

    size: tuple[float, float]
    title: Place
    body: Place
    foot: Place
    title_sizes: tuple[float, ...] = TITLE_SIZES
    scale: float = 1.0

    @property
    def picture(self) -> Place:
        """Where the map or the chart is: at the left, a little more than half of a wide slide."""
        return self.body._replace(width=self.body.width * MAP_SHARE[self.size[0] / self.size[1] > 1.5])

    @property
    def words(self) -> Place:
        """Where the words are, if the picture takes all of its place."""
        left = self.picture.width + BESIDE_MAP
        return self.body._replace(x=self.body.x + left, width=self.body.width - left)

    @property
    def footer(self) -> Place:
        """Where the title of the deck is, where there is no link beside it."""
        return self.foot._replace(width=self.foot.width - NUMBER_WIDE)

    @property
    def number(self) -> Place:
        """Where the number of the slide is."""
        return self.foot._replace(x=self.foot.x + self.foot.width - NUMBER_WIDE, width=NUMBER_WIDE)


def _plan(wide: float, high: float) -> Plan:
    across = wide - 2 * EDGE
    title, body = Place(EDGE, 0.2, across, 0.8), Place(EDGE, BODY, across, BODY_HIGH)
    return Plan((wide, high), title, body, Place(EDGE, high - 0.42, across, 0.3))


PLANS = {aspect: _plan(*size) for aspect, size in SIZES.items()}
"""Of our own slides, by their aspect."""


@dataclass(frozen=True)
class Sheet(Picture):
    """Everything that is on one slide, in words that are ready to be shown."""

    alt: str = ""
    notes: str = ""
    footer: str = ""
    number: str = ""
    link: str = ""
    below_high: float = 0.0  # inches under the words that are kept for the output; 0: as much as there is
    theme: str = "light"
    aspect: str = "16:9"
    language: str = "en"
    template: Plan | None = None  # of a presentation that is not ours
    builds: bool = False  # does what the sheet before does not have appear on a click?
    equations: bool = False  # is the formula what PowerPoint edits as an equation?

    @property
    def plan(self) -> Plan:
        """Where its parts are."""
        return self.template or PLANS[self.aspect]


def sheet_of(picture: Picture, **dress: str) -> Sheet:
    """A sheet with that picture; ``dress`` are fields of the sheet, such as its theme."""
    text = text_in(dress.get("language", LANGUAGES[0]))
    alt = text.paragraph([text.ended(picture.title), picture.caption])
    return Sheet(**{**vars(picture), "alt": alt, **dress})


@dataclass(frozen=True)
class Writing:
    """A text cut into lines for its place; ``text`` is all of it."""

    name: str
    at: Place
    lines: Fitted
    color: str
    text: str


@dataclass(frozen=True)
class Drawing:
    """Strokes and their place ``at``, which the visible part of the map fills: ``extent`` x1, y1, x2, y2 in cells.

    ``alt`` is read aloud instead of the picture.
    """

    name: str
    at: Place
    extent: Box
    strokes: tuple[Stroke, ...]
    alt: str

    @property
    def cell(self) -> float:
        """How wide a map cell is, in inches."""
        return self.at.width / (self.extent[2] - self.extent[0])

    def in_theme(self, theme: str) -> Drawing:
        """The drawing with its strokes as a theme has them."""
        return replace(self, strokes=in_theme(self.strokes, theme))


@dataclass(frozen=True)
class Note:
    """A line at the foot of a slide, ``"footer"``, ``"link"`` or ``"number"``, at the left or right of its place."""

    name: str
    at: Place
    text: str
    across: str


@dataclass(frozen=True)
class Layout:
    """Where each part of a sheet goes; ``None`` for a part that it does not have."""

    size: tuple[float, float]
    title: Writing
    writings: tuple[Writing, ...]
    drawings: tuple[Drawing, ...]
    sweep_at: Place | None
    foot: tuple[Note, ...]


def arranged(sheet: Sheet) -> Layout:
    """The layout of a sheet: one panel with the words at its right, or panels side by side over the words."""
    plan, words = sheet.plan, clean(sheet.title)
    lines = fitted((words,), plan.title.width, plan.title.height, plan.title_sizes)
    title = Writing("title", plan.title, lines, "text", words)
    alone = len(sheet.panels) + (sheet.sweep is not None) == 1
    parts = [*(_beside_words(sheet) if alone else _side_by_side(sheet, plan.body))]
    return Layout(
        plan.size,
        title,
        tuple(part for part in parts if isinstance(part, Writing)),
        tuple(part.in_theme(sheet.theme) for part in parts if isinstance(part, Drawing)),
        next((part for part in parts if isinstance(part, Place)), None),
        tuple(_foot(sheet, plan.foot)),
    )


class Named(NamedTuple):
    """An operator in the legend of a chart: a piece of its line from ``start`` to ``end``, and ``at`` its name."""

    name: str
    words: str
    start: float
    end: float
    at: float
    size: float


def legend(place: Place, left: float) -> tuple[Named, Named]:
    """Both operators side by side over the lines, which begin ``left`` inches from the left of the chart's place.

    In a narrow place they begin further left, and are smaller where they must be.

    >>> [[(round(one.start, 2), round(one.size, 1)) for one in legend(Place(1, 0, wide, 5), 0.5)] for wide in (6, 3, 2)]
    [[(1.5, 15.0), (3.7, 15.0)], [(1.0, 12.2), (2.8, 12.2)], [(1.0, 8.1), (2.2, 8.1)]]
    """
    first, second = "RoI Pooling", "RoI Align"
    line, gap, apart = LEGEND
    step = line + gap + width(first) + apart
    letters = step + line + gap + width(second)
    size = min(FOOT_SIZE + 4, place.width * 72 / letters)
    letter = size / 72
    x = place.x + min(left, place.width - letters * letter)

    def named(name: str, words: str, start: float) -> Named:
        return Named(name, words, start, start + line * letter, start + (line + gap) * letter, size)

    return named("pool", first, x), named("align", second, x + step * letter)


def _foot(sheet: Sheet, at: Place) -> Iterator[Note]:
    """The title of the deck, where the lesson is, and the number of the slide, each in a place of its own.

    Of the link one sees the host and the page; the file has all of it.
    """
    rest = at.width - NUMBER_WIDE
    footer_wide = rest * FOOTER_SHARE - GAP if sheet.link else rest
    yield Note("footer", at._replace(width=footer_wide), one_line(clean(sheet.footer), footer_wide, FOOT_SIZE), "left")
    if sheet.link:
        shown = clean(sheet.link).partition("://")[2].partition("?")[0]
        place = at._replace(x=at.x + rest * FOOTER_SHARE, width=rest * (1 - FOOTER_SHARE))
        yield Note("link", place, one_line(shown, place.width, FOOT_SIZE), "right")
    if sheet.number:
        yield Note("number", at._replace(x=at.x + rest, width=NUMBER_WIDE), sheet.number, "right")


Part = Writing | Drawing | Place  # a place by itself is that of the chart


def with_one_place(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """The sheets of one walk with one place for the output, or for what is drawn larger, on all of them.

    It is as large as the sheet with most words leaves it at a size that the last row can read, within limits.
    """
    sheets = [*_with_one_extent(sheets)]
    room = min((_room_below_words(sheet) for sheet in sheets), default=0.0)
    yield from (replace(sheet, below_high=room) for sheet in sheets)


def _with_one_extent(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """As much of the map on every sheet as the one needs that reads most beyond it."""
    alone = [sheet.panels[0].scene for sheet in sheets if len(sheet.panels) == 1]
    if len(alone) < len(sheets) or not sheets:
        yield from sheets
        return
    boxes = [scene.extent for scene in alone]
    for scene in alone:
        for rects in scene.all(Rects):
            if rects.role in BEYOND and scene.emphasis_of(rects.role) is not Emphasis.HIDDEN:
                x1, y1, x2, y2 = rects.boxes[0].tolist()
                boxes.append((x1 - MARGIN, y1 - MARGIN, x2 + MARGIN, y2 + MARGIN))
    left, top, right, bottom = zip(*boxes, strict=True)
    extent = (min(left), min(top), max(right), max(bottom))
    for sheet in sheets:
        panel = sheet.panels[0]
        yield replace(sheet, panels=(replace(panel, scene=replace(panel.scene, extent=extent)),))


def _room_below_words(sheet: Sheet) -> float:
    """Inches that the words of a sheet, written to be read from the last row, leave under them."""
    if len(sheet.panels) != 1 or sheet.sweep is not None:
        return math.inf
    side, used = _columns(sheet)[1], 0.0
    for texts, size in ((clean(sheet.caption),), READ_FROM_AFAR[0]), (sheet.formula, READ_FROM_AFAR[1]):
        if any(texts):
            lines = fitted(tuple(map(clean, texts)), side.width, math.inf, (size,))
            used += lines.height + GAP + TO_SPARE
    scene = sheet.panels[0].scene
    output = shown_output(scene)
    if output is None:
        return max(side.height - used, LEAST_CLOSER) if scene.closer else math.inf
    rows = len(output.levels)
    legible = min(_legible(output), OUTPUT_SHARE * side.height)
    least = max(min(max(LEAST_OUTPUT, READABLE_CELL * rows), MOST_LEAST), legible)
    return NAME_HIGH + min(max(side.height - used - NAME_HIGH, least), max(MOST_OUTPUT, legible))


def _columns(sheet: Sheet) -> tuple[Place, Place]:
    """Where the map or the chart is, at the left, and the words at its right; the map takes no more than it fills."""
    map_at, body = sheet.plan.picture, sheet.plan.body
    if sheet.panels:
        x1, y1, x2, y2 = sheet.panels[0].scene.extent
        map_at = map_at._replace(width=within(map_at, x2 - x1, y2 - y1).width)
    used = map_at.width + BESIDE_MAP
    return map_at, body._replace(x=body.x + used, width=body.width - used)


def _beside_words(sheet: Sheet) -> Iterator[Part]:
    """The map or the chart at the left; the caption, the formula and the output, or what is closer, at the right."""
    map_at, side = _columns(sheet)
    panel = sheet.panels[0] if sheet.panels else None
    output = shown_output(panel.scene) if panel else None
    close_up = panel.scene.close_up if panel else None
    below = sheet.below_high if math.isfinite(sheet.below_high) else 0.0
    if not below:  # a figure by itself
        high = min(max(LEAST_OUTPUT, OUTPUT_CELL * len(output.levels)), MOST_OUTPUT) if output else 0
        below = high + 0.35 if output else LEAST_CLOSER - GAP if close_up else -GAP
    elif output is None and close_up is None:
        below = -GAP
    room = side.height - below - GAP
    top = side.y
    if len(sheet.formula) >= LONG_FORMULA and not _both_readable(sheet, side.width, room):
        pairs = _in_pairs(sheet.formula)
        if max(map(width, pairs)) * PAIRED / 72 <= side.width:
            sheet = replace(sheet, formula=pairs)
    if clean(sheet.caption):
        at = Place(side.x, top, side.width, _room_of_caption(sheet, side.width, room))
        caption = _writing("caption", sheet.caption, at, CAPTION_SIZES)
        yield caption
        top += caption.lines.height + GAP
    if sheet.formula:
        formula = _formula(sheet.formula, Place(side.x, top, side.width, side.y + room - top), FORMULA_SIZES)
        yield formula
        top += formula.lines.height + GAP
    if panel is None:
        yield map_at
        return
    yield _map("map", panel.scene, map_at, sheet.alt)
    if math.isfinite(sheet.below_high) and sheet.below_high:
        top = side.y + side.height - below
    rest = Place(side.x, top, side.width, side.y + side.height - top)
    if close_up is not None:
        yield _map("closer", close_up, rest, sheet.alt)
    if output is not None:
        yield from _output("output", panel, output, rest)


def _room_of_caption(sheet: Sheet, wide: float, room: float) -> float:
    """Inches of the caption: what the formula leaves where both can be read from afar, else its usual share."""
    if not sheet.formula:
        return room
    if not _both_readable(sheet, wide, room):
        return room * CAPTION_SHARE
    return room - _high(sheet.formula, wide, READ_FROM_AFAR[1]) - GAP


def _both_readable(sheet: Sheet, wide: float, room: float) -> bool:
    """Is there room for the caption and the formula, each written to be read from the last row?"""
    both = zip(((sheet.caption,), sheet.formula), READ_FROM_AFAR, strict=True)
    return sum(_high(texts, wide, size) for texts, size in both) + GAP <= room


def _high(texts: tuple[str, ...], wide: float, size: float) -> float:
    return fitted(tuple(map(clean, texts)), wide, math.inf, (size,)).height


def _in_pairs(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Two lines of mathematics on one, where four have no room.

    >>> _in_pairs(("x1 = 1", "y1 = 2", "x2 = 3"))
    ('x1 = 1;  y1 = 2', 'x2 = 3')
    """
    return tuple(";  ".join(lines[k : k + 2]) for k in range(0, len(lines), 2))


def _side_by_side(sheet: Sheet, body: Place) -> Iterator[Part]:
    """A column for each panel and for the chart; under them the caption and, beside it, the formula."""
    for high in WORDS_HIGH:
        words = [*_words(sheet, body._replace(height=high))]
        if all(writing.lines.whole for writing in words):
            break
    used = max(writing.lines.height for writing in words)
    yield from (replace(line, at=line.at._replace(y=body.y + body.height - used)) for line in words)
    count = len(sheet.panels) + (sheet.sweep is not None)
    across = (body.width - BETWEEN * (count - 1)) / count
    columns = [Place(body.x + k * (across + BETWEEN), body.y, across, body.height - used - GAP) for k in range(count)]
    for k, (panel, at) in enumerate(zip(sheet.panels, columns, strict=False), start=1):
        yield from _column(f"-{k}", panel, at)
    if sheet.sweep is not None:
        yield columns[-1]


def _words(sheet: Sheet, at: Place) -> Iterator[Writing]:
    """The caption; at its right the formula, in two columns if it is long."""
    if not sheet.formula:
        yield _writing("caption", sheet.caption, at, CAPTION_SIZES[2:])
        return
    half = (at.width - BETWEEN) / 2
    yield _writing("caption", sheet.caption, at._replace(width=half), CAPTION_SIZES[2:])
    each = len(sheet.formula) if len(sheet.formula) <= LONG_FORMULA else -(-len(sheet.formula) // 2)
    parts = [sheet.formula[k : k + each] for k in range(0, len(sheet.formula), each)]
    wide = (half - GAP * (len(parts) - 1)) / len(parts)
    places = [at._replace(x=at.x + half + BETWEEN + k * (wide + GAP), width=wide) for k in range(len(parts))]
    size = min(_formula(*part, NAME_SIZES).lines.size for part in zip(parts, places, strict=True))  # of both alike
    yield from (_formula(*part, (size,)) for part in zip(parts, places, strict=True))


def _column(mark: str, panel: Panel, at: Place) -> Iterator[Part]:
    """A panel's caption over its map; its output at the right of the map or under it, where the map becomes larger."""
    caption_at = at._replace(height=NAME_HIGH)
    below = Place(at.x, at.y + NAME_HIGH, at.width, at.height - NAME_HIGH)
    output = shown_output(panel.scene)
    if output is None:
        yield _writing("map-caption" + mark, panel.caption, caption_at, NAME_SIZES)
        yield _map("map" + mark, panel.scene, below, panel.caption)
        return
    rows, columns = output.levels.shape
    wide, high = _room(columns, below.width), _room(rows, below.height)
    beside = _map("map" + mark, panel.scene, below._replace(width=below.width - wide - GAP), panel.caption)
    above = _map("map" + mark, panel.scene, below._replace(height=below.height - high - GAP), panel.caption)
    if beside.cell > above.cell:
        left = beside.at.x + beside.at.width + GAP
        caption_at = caption_at._replace(width=left - GAP / 2 - at.x)
        yield _writing("map-caption" + mark, panel.caption, caption_at, NAME_SIZES)
        yield beside
        yield from _output("output" + mark, panel, output, at._replace(x=left, width=wide))
        return
    yield _writing("map-caption" + mark, panel.caption, caption_at, NAME_SIZES)
    top = above.at.y + above.at.height + GAP / 2
    grid = _grid("output" + mark, panel.scene, output, Place(at.x, top, at.width, high))
    left = grid.at.x + grid.at.width + GAP
    words_at = Place(left, top, at.x + at.width - left, high)
    yield from (above, grid, _writing(grid.name + "-name", panel.output_caption, words_at, NAME_SIZES[2:], "quiet"))


def _room(cells: int, most: float) -> float:
    """Inches along which so many cells of an output are drawn, of a column that has ``most``."""
    return min(max(LEAST_BESIDE, OUTPUT_CELL * cells), MOST_SHARE * most)


def _map(name: str, scene: Scene, place: Place, alt: str) -> Drawing:
    x1, y1, x2, y2 = scene.extent
    return Drawing(name, within(place, x2 - x1, y2 - y1), scene.extent, tuple(map_strokes(scene)), alt)


def _output(name: str, panel: Panel, output: Grid, place: Place) -> Iterator[Part]:
    if clean(panel.output_caption):
        caption = _writing(name + "-name", panel.output_caption, place._replace(height=0.5), NAME_SIZES[2:], "quiet")
        yield caption
        used = max(caption.lines.height + 0.06, NAME_HIGH)
        place = place._replace(y=place.y + used, height=place.height - used)
    yield _grid(name, panel.scene, output, place._replace(height=min(place.height, max(MOST_OUTPUT, _legible(output)))))


def _legible(output: Grid) -> float:
    """Inches at which the smallest number of an output can be read; before its step as if it had its numbers."""
    return SMALLEST_DIGITS / 72 / min(output_letters(output), FOUR_DECIMALS) * len(output.levels)


def _grid(name: str, scene: Scene, output: Grid, place: Place) -> Drawing:
    rows, columns = output.levels.shape
    numbers = "; ".join(", ".join(row) for row in output_as_shown(scene, output).labels)
    strokes = tuple(output_strokes(scene, output))
    return with_edges(Drawing(name, within(place, columns, rows), (0, 0, columns, rows), strokes, numbers))


def with_edges(drawing: Drawing) -> Drawing:
    """The drawing and :data:`AROUND` it, so that the lines along its sides are not cut off along their middles."""
    around, (x1, y1, x2, y2), at = AROUND / drawing.cell, drawing.extent, drawing.at
    wider = Place(at.x - AROUND, at.y - AROUND, at.width + 2 * AROUND, at.height + 2 * AROUND)
    return replace(drawing, at=wider, extent=(x1 - around, y1 - around, x2 + around, y2 + around))


def _writing(name: str, text: str, at: Place, sizes: tuple[float, ...], color: str = "text") -> Writing:
    text = clean(text)
    lines = fitted((text,), at.width, at.height, sizes)
    return Writing(name, at._replace(height=lines.height), lines, color, text)


def _formula(formula: tuple[str, ...], at: Place, sizes: tuple[float, ...]) -> Writing:
    lines = fitted(tuple(clean(line) for line in formula), at.width, at.height, sizes)
    return Writing("formula", at._replace(height=lines.height), lines, "quiet", "\n".join(map(clean, formula)))


def shown_output(scene: Scene) -> Grid | None:
    """The output grid, if the step shows it."""
    output = scene.find(Grid, "output")
    return output if scene.emphasis_of("output") is not Emphasis.HIDDEN else None


def within(place: Place, across: float, down: float) -> Place:
    """The largest part of a place, from its top left corner, that a picture of that many units fits.

    >>> within(Place(1, 1, 4, 2), 2, 2)
    Place(x=1, y=1, width=2.0, height=2.0)
    """
    unit = min(place.width / across, place.height / down)
    return Place(place.x, place.y, across * unit, down * unit)
