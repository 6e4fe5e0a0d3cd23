"""Scene -> strokes: where every mark of every role goes, decided once, for the browser, matplotlib and PowerPoint.

A stroke has its place in map cells, its colour as a name of :data:`roialign_lab.figures.style.INKS`, and its sizes as
rules (:class:`Size`) that a painter evaluates with the size of its own cells. So one list serves every painter, theme
and resolution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, product
from math import ceil, floor, hypot, inf, pi, sqrt

import numpy as np

from roialign_core.geometry import Floats, Ints
from roialign_lab.figures.scene import (
    LARGEST_NUMBERED,
    Arrow,
    Cells,
    Dots,
    Grid,
    Lines,
    Outline,
    Photo,
    Rects,
    Samples,
    Scene,
)
from roialign_lab.figures.style import CORNER_INKS
from roialign_lab.lesson.walks import Emphasis

OPACITY = {Emphasis.LIT: 1.0, Emphasis.SHOWN: 1.0, Emphasis.DIM: 0.35, Emphasis.UNKNOWN: 1.0, Emphasis.HIDDEN: 0.0}
UNKNOWN = "?"  # in the place of a number that the step does not explain yet
HEAVY, THICK, MIDDLE, THIN, HAIR = 5.0, 3.0, 1.8, 1.6, 0.5  # points: widths of lines, on cells that are large enough
FULL_CELL, THINNEST = 28.0, 0.6  # points: on smaller cells lines are thinner, down to this share
INSET = 0.03  # cells between a cell's edge and a frame round it
CORNER_X, CORNER_Y = 0.08, 0.08  # cells between a cell's corner and its number
NUMBER, NUMBER_OF_PART = 0.3, 0.15  # cells: the letters of a number of the map
NAME, LEAST_NAME, MOST_NAMED = 0.4, 0.2, 20  # cells: the letters of the name of a bin; bins that are named
LARGEST_NAME = 20.0  # points: on large cells a larger name would lie on the × beside it
SMALLER_NAMES = (1.0, 0.8, 0.65, 0.5)  # shares of the size of a name, where bins share cells
NAMES_APART = 1.1  # from one name to the next, by their size
NAME_INSIDE = 0.06  # cells from a name to the edge of its part of the bin, where there is room
Corners = dict[tuple[int, int], str]  # of cells, by row and column
CORNERS = ("lt", "lb", "rt", "rb")  # of a cell, where its number may stand: left or right, top or bottom
SIDES_OF_TEXT = {"l": "left", "r": "right", "t": "top", "b": "bottom"}
DIGITS = 0.72  # of the size of a text: how high a digit is
MASK_TINT = 0.35  # opacity of a mask
HANDLE = 0.1  # cells from the middle of a handle of the box to its edge
GRADIENT = 0.36  # cells: the letters of what a gradient leaves on a cell
WHOLE_DISC = 0.35 / sqrt(pi)  # cells: the radius of the disc of a neighbour that has all the weight; clear of numbers
CROSS, CROSS_GAP = 0.24, 0.56  # a ×: in cells, and as a share of what is between two
CROSS_HALO = 0.05  # cells round a × that a name leaves free
MANY, FAINT = 100, 0.5  # more × than that are smaller, and all but those of the bin that is looked at fainter
CROSS_OF_MANY, GAP_OF_MANY = 0.2, 0.42
CHOSEN = 9.0  # points: the least size of the × that is looked at
VALUE, LEAST_VALUE = 0.32, 0.12  # cells: the letters of a sample's value, and where there is no room for them
CLOSE_VALUE = 0.24  # the same where the name of a bin has no room between two rows of values
VALUE_BELOW = 0.18  # cells from the × to the upper edge of its value
CORNER, CORNER_ASIDE = 0.12, 0.23  # cells: the letters of the name of a neighbour, and from its centre
CORNER_DOT = 0.055  # cells: the radius of the dot at the centre of a neighbour, where its weight is not looked at
LERP, LERP_ASIDE = 0.105, 0.13  # cells: the letters of the value of a lerp, and from its dot to its pill
WEIGHT, WEIGHT_CLEAR = 0.13, 0.1  # cells: the letters of an area's weight, and how far they stay from the ×
WEIGHT_ASIDE, CLEAR_OF_NUMBER = 0.14, 0.1  # cells from the centre of a neighbour to its weight where that is not on its
# area, and how far beyond the centre that begins: away from the number in the outer corner
WEIGHT_NAME = 0.11  # cells: the letters of the name over it
READABLE, SMALL = 13.0, 11.0  # points: the least size of what is written where a part is drawn larger
SHORT = 4.5  # letters: longer numbers are written smaller
LEGIBLE, LEAST_OUTPUT = 8.0, 4.0  # points: smaller values of samples, and of the output, are not written
EDGE = 0.2  # cells that a mark may reach beyond the part that is drawn larger
LETTER, LINE = 0.58, 1.2  # of the size of a text: how wide a letter is and how high a line
PILL_ASIDE, PILL_LINE = 0.5, 1.5  # of the size of a text: a pill's margin, both sides together, and its height

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in map cells
Bin = tuple[int, int]  # row and column in the output


@dataclass(frozen=True)
class Size:
    """A length that follows the map: so many ``cells``, but at least ``least`` and at most ``most`` points.

    >>> size = Size(0.25, least=6.0, most=15.0)
    >>> size.at(40), size.at(10), size.at(100)
    (10.0, 6.0, 15.0)
    """

    cells: float
    least: float = 0.0
    most: float = inf

    def at(self, cell: float) -> float:
        """The length in points where a map cell is ``cell`` points wide."""
        return min(max(self.cells * cell, self.least), self.most)


@dataclass(frozen=True)
class Spot:
    """A point x, y in map cells, which part of a text is there, and how many points the text keeps away from it."""

    x: float
    y: float
    across: str = "center"  # or "left", "right": the part of the text that is at the point
    down: str = "center"  # or "top", "bottom"
    gap: float = 0.0


@dataclass(frozen=True)
class Words:
    """A text, perhaps on a halo or in a pill, at the first of ``spots`` where it stays ``within`` x1, y1, x2, y2."""

    name: str
    text: str
    size: Size
    color: str
    spots: tuple[Spot, ...]
    bold: bool = False
    halo: str = ""
    pill: str = ""
    opacity: float = 1.0
    within: Box | None = None
    legible: float = 0.0  # points: a smaller text is not written
    line: float = LINE  # of its size: how high it is without a pill
    bin: Bin | None = None

    def is_written(self, cell: float) -> bool:
        """False where it could not be read."""
        return self.size.at(cell) >= self.legible

    def spot(self, cell: float) -> Spot:
        """Where it stands: the last of its spots where it fits none."""
        if self.within is None:
            return self.spots[0]
        x1, y1, x2, y2 = self.within
        for spot in self.spots:
            a, b, c, d = self.box_at(spot, cell)
            if x1 <= a and y1 <= b and c <= x2 and d <= y2:
                return spot
        return self.spots[-1]

    def box(self, cell: float) -> Box:
        """The place x1, y1, x2, y2 in map cells that it takes, with its pill.

        >>> words = Words("x", "+0.50", Size(0, least=10), "paper", (Spot(2, 3, "left"),), pill="read")
        >>> [round(side, 3) for side in words.box(10)]
        [2.0, 2.25, 5.4, 3.75]
        """
        return self.box_at(self.spot(cell), cell)

    def box_at(self, spot: Spot, cell: float) -> Box:
        """The place that it takes at one of its spots."""
        size, gap = self.size.at(cell) / cell, spot.gap / cell
        wide = (LETTER * len(self.text) + (PILL_ASIDE if self.pill else 0)) * size
        high = (PILL_LINE if self.pill else self.line) * size
        x = spot.x + {"left": gap, "center": -wide / 2, "right": -wide - gap}[spot.across]
        y = spot.y + {"top": gap, "center": -high / 2, "bottom": -high - gap}[spot.down]
        return x, y, x + wide, y + high


@dataclass(frozen=True)
class Cell:
    """A cell of a grid with its number, or none; its colours follow from its ``level`` (NaN: it has no number).

    ``under`` says what lies over the number: ``""``, ``"tint"``, or ``"line"`` for a line or a mark.
    """

    name: str
    row: int
    column: int
    level: float
    opacity: float
    words: Words | None
    under: str = ""

    @property
    def is_unknown(self) -> bool:
        """True before the step that explains its number, which may be one or none."""
        return self.words is not None and self.words.text == UNKNOWN


@dataclass(frozen=True)
class Tiles:
    """A grid too fine for numbers: levels (rows, columns), 0…1, NaN for none."""

    name: str
    levels: Floats
    opacity: float


@dataclass(frozen=True)
class Image:
    """A picture, by its data address, in a place x1, y1, x2, y2."""

    name: str
    address: str
    box: Box


@dataclass(frozen=True)
class Frame:
    """A rectangle x1, y1, x2, y2: an edge, a fill, or both; ``bin`` is the one that it is the place of."""

    name: str
    box: Box
    color: str
    width: Size | None = None
    dash: str = "solid"
    opacity: float = 1.0
    filled: float = 0.0
    bin: Bin | None = None


@dataclass(frozen=True)
class Shape:
    """What closed loops of points x, y go round, less what others go round in it: an edge, and perhaps a tint."""

    name: str
    loops: tuple[Floats, ...]
    color: str
    width: Size
    dash: str = "solid"
    halo: str = ""
    filled: float = 0.0


@dataclass(frozen=True)
class Line:
    """From one point to another, perhaps with a head of that length."""

    name: str
    x0: float
    y0: float
    x1: float
    y1: float
    color: str
    width: Size
    dash: str = "solid"
    opacity: float = 1.0
    head: Size | None = None

    def triangle(self, cell: float) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
        """The head in map cells: its tip, then the two ends of its base."""
        assert self.head is not None
        along = hypot(self.x1 - self.x0, self.y1 - self.y0)
        dx, dy = (self.x1 - self.x0) / along, (self.y1 - self.y0) / along
        long = self.head.at(cell) / cell
        x, y, aside = self.x1 - long * dx, self.y1 - long * dy, long * HEAD_ASIDE
        return (self.x1, self.y1), (x - aside * dy, y + aside * dx), (x + aside * dy, y - aside * dx)


@dataclass(frozen=True)
class Disc:
    """A filled circle."""

    name: str
    x: float
    y: float
    radius: Size
    color: str
    opacity: float = 1.0
    edge: str = ""


@dataclass(frozen=True)
class Crosses:
    """A × at every point, perhaps with a halo; ``size`` from end to end, ``weight`` 1 for lines of the usual width.

    ``bins`` are those that the points belong to, none for a point by itself.
    """

    name: str
    numbers: tuple[int, ...]
    xs: Floats
    ys: Floats
    size: Size
    color: str
    halo: str
    opacity: float
    weight: float = 1.0
    bins: tuple[Bin, ...] = ()


PILL = Size(0.45, least=12, most=14)  # of the text beside an arrow
LERP_DOT = Size(0.09, least=3, most=9)  # its radius
AT_CORNER = Size(0.4, least=12, most=14)  # of the coordinates of a corner of the box
GROWN = 2.0  # times as large as the map: the image, before it shrinks onto it
SHIFTS = (0.0, -0.125, 0.125, -0.25, 0.25, -0.375, 0.375, -0.5, 0.5)  # cells that a pill goes up or down its arrow
ASIDE = 0.08  # cells between a pill and an arrow that stands, besides the gap
ARROW_ASIDE = 0.1  # cells from the middle of an arrow to the side of its head
BEST_PLACES = 3  # of a pill: those that the painters are told
PILL_GAP = 5.0  # points between the pill and its arrow
DRAWN = (190.0, 270.0, 430.0)  # points: the side of a map: beside another, on a small screen or not, and alone
ARROWS = {"error": ("read", THICK), "slope": ("sample", HEAVY)}  # the colour and the width of an arrow
LERPS = {"lerp_x": "text", "lerp_y": "sample"}
# Of an arrow: the length of its head in widths of the line, at most, and half the width of the head by its length.
HEAD, HEAD_ASIDE = 3.0, 2 / 3
Stroke = Words | Cell | Tiles | Image | Frame | Shape | Line | Disc | Crosses


def role_of(stroke: Stroke) -> str:
    """The role that a stroke is drawn for: what its name begins with."""
    return stroke.name.partition("-")[0]


def scaled(stroke: Stroke, by: float) -> Stroke:
    """The stroke as a page draws it whose letters are ``by`` times as large: so are all least and largest sizes.

    >>> disc = scaled(Disc("x", 0, 0, Size(0.25, least=6.0, most=16.0), "roi"), 0.5)
    >>> disc.radius.at(4), disc.radius.at(20), disc.radius.at(100)
    (3.0, 5.0, 8.0)
    """
    changed: dict[str, object] = {}
    for name, value in vars(stroke).items():
        match value:
            case Size():
                changed[name] = replace(value, least=value.least * by, most=value.most * by)
            case Words():
                changed[name] = scaled(value, by)
    if isinstance(stroke, Words):
        changed["spots"] = tuple(replace(spot, gap=spot.gap * by) for spot in stroke.spots)
        changed["legible"] = stroke.legible * by
    return replace(stroke, **changed)  # type: ignore[arg-type]


def in_layers(strokes: Sequence[Stroke]) -> tuple[list[Stroke], list[Cell], list[Stroke]]:
    """What lies under the numbers of the cells, the cells whose numbers lie on it, and what lies over these.

    Arrows, dots with an edge and words are over the numbers: they were placed where no number is, or say one.
    """
    under: list[Stroke] = []
    numbers: list[Cell] = []
    over: list[Stroke] = []
    for stroke in strokes:
        match stroke:
            case Words() | Line(head=Size()):
                over.append(stroke)
            case Disc(edge=edge) if edge:
                over.append(stroke)
            case _:
                under.append(stroke)
                if isinstance(stroke, Cell) and stroke.words is not None:
                    numbers.append(stroke)
    return under, numbers, over


def map_strokes(scene: Scene) -> Iterator[Stroke]:
    """The map, or the photo that it was made from, and what lies on it; of a part what lies wholly in it."""
    over = [*(shape for shape in _shapes(scene) if not scene.is_part or _lies_within(shape, scene.extent))]
    words = [*map_words(scene)]
    photo = scene.find(Photo, "photo")
    if photo is not None:
        yield Image("photo", photo.address, (0.0, 0.0, photo.width, photo.height))
    elif scene.is_part:
        yield from _map_cells(scene, over, words, *cells_of_part(scene))
    elif is_fine(scene.map):
        yield Tiles("map", scene.map.levels, _map_opacity(scene))
    else:
        yield from _map_cells(scene, over, words, *map(range, scene.map.levels.shape))
    yield from over
    yield from words


def map_words(scene: Scene, moved: Corners | None = None) -> Iterator[Words]:
    """All that is written on the map besides its own numbers; alike in size and look for each role.

    ``moved`` are the :func:`moved_numbers` of the scene, where they are known.
    """
    pills = _pills(scene)
    names, corners = [*_bin_names(scene, moved, pills)], [*_box_corners(scene)]
    lengths = _lengths_of_arrows(scene, moved, pills, (*names, *corners))
    own = (_lerp_values, _corners, _weights)
    every = (_values(scene), names, _landed_values(scene), lengths, corners, *(write(scene) for write in own))
    for words in chain.from_iterable(every):
        x1, y1, x2, y2 = scene.extent
        spot = words.spots[0]
        if not scene.is_part or (x1 <= spot.x <= x2 and y1 <= spot.y <= y2):
            yield words


def output_as_shown(scene: Scene, output: Grid) -> Grid:
    """The output of a step: before the step that explains it a "?" in every cell, and no colour.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> from roialign_lab.figures.steps import step_of
    >>> scene = step_of(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2), "cells").scene
    >>> output_as_shown(scene, scene.find(Grid, "output")).labels
    (('?', '?'), ('?', '?'))
    """
    if scene.emphasis_of("output") is not Emphasis.UNKNOWN:
        return output
    labels = tuple((UNKNOWN,) * len(row) for row in output.labels)
    return Grid(output.role, labels, np.full(output.levels.shape, np.nan))


def output_strokes(scene: Scene, output: Grid) -> Iterator[Stroke]:
    """The output, and which of its cells is looked at."""
    output = output_as_shown(scene, output)
    opacity = OPACITY[scene.emphasis_of("output")] ** 0.5
    size = Size(output_letters(output), most=26)
    for (row, column), level in np.ndenumerate(output.levels):
        spots = (Spot(column + 0.5, row + 0.5),)
        label, name = output.labels[row][column], f"output-{row}-{column}"
        words = Words(name, label, size, "number", spots, bold=True, legible=LEAST_OUTPUT)
        yield Cell(words.name, row, column, float(level), opacity, words)
    if scene.focus is not None and scene.emphasis_of("focus") is not Emphasis.HIDDEN:
        at = (scene.focus.row, scene.focus.column)
        yield Frame("focus", _inside(*at), "roi", _width(4.0), bin=at)


def output_letters(output: Grid) -> float:
    """The size of the numbers of an output in its cells: less where one of them is long."""
    return min(0.26, 1.5 / output.longest)


def is_fine(grid: Grid) -> bool:
    """True for a grid whose cells are too small for numbers."""
    return max(grid.levels.shape) > LARGEST_NUMBERED


def _width(points: float) -> Size:
    return Size(points / FULL_CELL, points * THINNEST, points)


def _inside(row: int, column: int) -> Box:
    """A frame just inside a cell, so that those of two cells side by side are told apart."""
    return (column + INSET, row + INSET, column + 1 - INSET, row + 1 - INSET)


# ---- the cells ----------------------------------------------------------------------------------------------------


def _map_opacity(scene: Scene) -> float:
    """Faint in a part that is drawn larger for its neighbours where there are none."""
    is_read = not (scene.is_part and scene.reads_nothing)
    return OPACITY[scene.emphasis_of("map") if is_read else Emphasis.DIM] ** 0.5


def _map_cells(
    scene: Scene, over: Sequence[Stroke], words: Sequence[Words], rows: range, columns: range
) -> Iterator[Cell]:
    """Some cells of the map with their numbers, each in a corner; a number gives way to a text that is laid on it.

    In a part that is drawn larger it stays, smaller: that part is there to show it.
    """
    grid, opacity = scene.map, _map_opacity(scene)
    lines = [box for stroke in over for box in _edges(stroke)]
    tints = [stroke.box for stroke in over if isinstance(stroke, Frame) and stroke.filled]
    texts = (
        []
        if scene.is_part
        else [text.box(1.0) for text in words if not text.pill and role_of(text) not in ("name", "corner")]
    )
    landed = scene.find(Cells, "gradient")
    replaced = landed is not None and bool(OPACITY[scene.emphasis_of("gradient")])  # by the numbers of a gradient
    replaced = replaced or not (scene.is_part or has_numbers(scene))
    size = Size(number_letters(grid, NUMBER_OF_PART if scene.is_part else NUMBER), most=22)
    corners = outer_corners(scene) if scene.is_part else moved_numbers(scene)
    for row, column in product(rows, columns):
        name, label = f"map-{row}-{column}", grid.labels[row][column]
        spot = in_corner(row, column, corners.get((row, column), CORNERS[0]))
        words_of_cell = Words(name, label, size, "number", (spot,), line=DIGITS)
        box = words_of_cell.box(1.0)
        under = "line" if _touches(box, lines) else "tint" if _touches(box, tints) else ""
        hidden = replaced or _touches(box, texts)
        level = float(grid.levels[row, column])
        yield Cell(name, row, column, level, opacity, None if hidden else words_of_cell, under)


def has_numbers(scene: Scene) -> bool:
    """False where other numbers count and the map is dim, which leaves their places free."""
    return scene.emphasis_of("map") is not Emphasis.DIM


def number_letters(grid: Grid, most: float) -> float:
    """The size of the numbers of a map in cells: ``most``, or less where one of them is long."""
    return most * min(1.0, SHORT / grid.longest)


def cells_of_part(scene: Scene) -> tuple[range, range]:
    """The rows and columns that lie wholly in a part."""
    (rows, columns), (x1, y1, x2, y2) = scene.map.levels.shape, scene.extent
    return range(max(ceil(y1), 0), min(floor(y2), rows)), range(max(ceil(x1), 0), min(floor(x2), columns))


def in_corner(row: int, column: int, corner: str) -> Spot:
    """Where the number of a cell is when it stands in one of the :data:`CORNERS`."""
    across, down = corner[0], corner[1]
    x = column + CORNER_X if across == "l" else column + 1 - CORNER_X
    y = row + CORNER_Y if down == "t" else row + 1 - CORNER_Y
    return Spot(x, y, SIDES_OF_TEXT[across], SIDES_OF_TEXT[down])


def outer_corners(scene: Scene) -> Corners:
    """The corners of the numbers of a part: away from its middle."""
    rows, columns = cells_of_part(scene)
    return {(r, c): "lr"[c > columns.start] + "tb"[r > rows.start] for r, c in product(rows, columns)}


def moved_numbers(scene: Scene) -> Corners:
    """The cells whose number leaves the top left corner, each with the corner where the fewest × and handles are.

    The number of a neighbour keeps away from the × that reads it: neither that nor the disc and its line lie on it.
    """
    rows, columns = scene.map.levels.shape
    if is_fine(scene.map):
        return {}
    letters, longest = number_letters(scene.map, NUMBER), scene.map.longest
    wide, high = LETTER * longest * letters, DIGITS * letters
    lying = _lying_on_corners(_in_the_way(scene), rows, columns, wide, high)
    for row, column, x, y in _read_by_chosen(scene):
        away = ("l" if x >= column + 0.5 else "r", "t" if y >= row + 0.5 else "b")
        for k, corner in enumerate(CORNERS):
            lying[row, column, k] += inf if corner[1] != away[1] else 0.0 if corner[0] == away[0] else 0.5
    best = lying.argmin(axis=-1)
    places = zip(*(at.tolist() for at in np.nonzero(best)), strict=True)
    return {(row, column): CORNERS[int(best[row, column])] for row, column in places}


def _in_the_way(scene: Scene) -> Floats:
    """What numbers give way to, every × and the handles of the box: x, y, half the size, and how much it counts (4, n).

    A × counts for more than all eight handles. Of many × those of the bin that is looked at: the faint ones are
    everywhere, and numbers that flee from them would hop at every move of a drag.
    """
    samples, roi = scene.samples, scene.find(Rects, "roi")
    marks = [np.empty((4, 0))]
    if samples is not None and samples.interpolated and scene.emphasis_of(samples.role) is not Emphasis.HIDDEN:
        here = scene.focused()[1] if are_many(samples) else slice(None)
        xs, ys = samples.x[here], samples.y[here]
        alike = np.ones(len(xs))
        marks.append(np.array([xs, ys, alike * cross_size(scene).cells / 2, alike * 9]))
    if roi is not None:
        (xs, ys), alike = _handles(roi).T, np.ones(8)
        marks.append(np.array([xs, ys, alike * HANDLE, alike]))
    return np.concatenate(marks, axis=1)


def _handles(roi: Rects) -> Floats:
    """Where the box has its handles (8, 2): x and y of its corners and of the middles of its sides."""
    x1, y1, x2, y2 = _box(roi.boxes[0])
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return np.array([(x1, y1), (x1, y), (x1, y2), (x, y1), (x, y2), (x2, y1), (x2, y), (x2, y2)])


def _lying_on_corners(marks: Floats, rows: int, columns: int, wide: float, high: float) -> Floats:
    """How much lies on a number in each corner of each cell (rows, columns, corners).

    A mark reaches from its cell into the nearest cells beside it.
    """
    x, y, half, counts = marks
    row, column = np.floor(y), np.floor(x)
    below, beside = row + np.where(y - row < 0.5, -1, 1), column + np.where(x - column < 0.5, -1, 1)
    r, c = np.array([row, row, below, below]), np.array([column, beside, column, beside])
    inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
    u, v, cell = (x - c)[inside], (y - r)[inside], (r * columns + c)[inside].astype(np.intp)
    half, counts = (np.broadcast_to(each, r.shape)[inside] for each in (half, counts))
    touches = {
        "l": (u - half < CORNER_X + wide) & (u + half > CORNER_X),
        "r": (u - half < 1 - CORNER_X) & (u + half > 1 - CORNER_X - wide),
        "t": (v - half < CORNER_Y + high) & (v + half > CORNER_Y),
        "b": (v - half < 1 - CORNER_Y) & (v + half > 1 - CORNER_Y - high),
    }
    size = rows * columns
    lying = [np.bincount(cell, counts * (touches[at[0]] & touches[at[1]]), size) for at in CORNERS]
    return np.array(lying, np.float64).T.reshape(rows, columns, len(CORNERS))


def _read_by_chosen(scene: Scene) -> Iterator[tuple[int, int, float, float]]:
    """Row and column of the neighbours that are shown, with the x and y of the × that reads them."""
    samples, chosen = _looked_at(scene)
    if samples is None or chosen is None or not samples.interpolated:
        return
    if scene.emphasis_of("neighbor") is Emphasis.HIDDEN:
        return
    x, y = float(samples.x[chosen]), float(samples.y[chosen])
    weighed = samples.weights[chosen] > 0
    each = zip(samples.neighbor_y[chosen][weighed].tolist(), samples.neighbor_x[chosen][weighed].tolist(), strict=True)
    yield from ((row, column, x, y) for row, column in dict.fromkeys(each))


def _touches(box: Box, others: Sequence[Box]) -> bool:
    a, b, c, d = box
    return any(x1 < c and x2 > a and y1 < d and y2 > b for x1, y1, x2, y2 in others)


def _lies_within(stroke: Stroke, extent: Box) -> bool:
    x1, y1, x2, y2 = extent
    return all(x1 - EDGE <= a and y1 - EDGE <= b and c <= x2 + EDGE and d <= y2 + EDGE for a, b, c, d in _edges(stroke))


def _edges(stroke: Stroke) -> Iterator[Box]:
    """The places that a line or a mark covers; of a frame its four sides, for a tint hides no number."""
    near = 0.05
    match stroke:
        case Frame(box=(x1, y1, x2, y2), width=width) if width is not None:
            yield from ((x - near, y1 - near, x + near, y2 + near) for x in (x1, x2))
            yield from ((x1 - near, y - near, x2 + near, y + near) for y in (y1, y2))
        case Line(x0=x0, y0=y0, x1=x1, y1=y1):
            yield min(x0, x1) - near, min(y0, y1) - near, max(x0, x1) + near, max(y0, y1) + near
        case Disc(x=x, y=y, radius=Size(cells=r)):
            yield x - r, y - r, x + r, y + r
        case Crosses(xs=xs, ys=ys, size=Size(cells=wide)):
            r = wide / 2 + 0.03
            yield from ((x - r, y - r, x + r, y + r) for x, y in zip(xs.tolist(), ys.tolist(), strict=True))


# ---- what lies on them --------------------------------------------------------------------------------------------


def _shapes(scene: Scene) -> Iterator[Stroke]:
    yield from _landed(scene)
    for role in ("bin", "focus", "area"):
        yield from _tints(scene, role)
    yield from _masks(scene)
    yield from _divisions(scene, "pixels", "quiet", Size(0, least=HAIR), "solid")
    yield from _divisions(scene, "part", "roi", _width(THIN), "dashed")
    yield from _divisions(scene, "split", "roi", _width(THIN), "solid")
    for role, color, width, dash in (
        ("reach", "read", THICK, "dashdot"),
        ("square", "text", MIDDLE, "dotted"),
        ("read", "read", THICK, "dashdot"),
        ("snapped", "read", THICK, "dashdot"),
        ("roi", "roi", THICK, "solid"),
    ):
        rects, opacity = scene.find(Rects, role), OPACITY[scene.emphasis_of(role)]
        if rects is not None and opacity:
            for box in rects.boxes:
                yield Frame(role, _box(box), color, _width(width), dash, opacity)
    yield from _neighbors(scene)
    yield from _samples(scene)
    yield from _arrows(scene)
    yield from _lerps(scene)


def _masks(scene: Scene) -> Iterator[Stroke]:
    """The mask that a network draws as a tint with an edge, and the true one as a dotted edge over it."""
    for mark in scene.all(Outline):
        loops = tuple(np.array(loop) * mark.pixel for loop in mark.loops)
        if mark.role == "truth":
            yield Shape(mark.role, loops, "text", _width(MIDDLE), "dotted", halo="paper")
        else:
            color = "read" if mark.role == "mask_pool" else "roi"
            yield Shape(mark.role, loops, color, _width(THICK), halo="paper", filled=MASK_TINT)


def _box(box: Floats) -> Box:
    x1, y1, x2, y2 = (float(side) for side in box)
    return x1, y1, x2, y2


def _tints(scene: Scene, role: str) -> Iterator[Stroke]:
    """Bins as a tint with an edge (an overlap is twice as dark); the focused bin more so; each area in the ink of the
    neighbour that it is the weight of, on paper, so that the cells do not change the ink."""
    opacity = OPACITY[scene.emphasis_of(role)]
    mark = scene.find(Rects, "bin" if role == "focus" else role)
    if mark is None or not opacity:
        return
    boxes = mark.boxes
    output = scene.find(Grid, "output")
    columns = output.levels.shape[1] if output is not None else 1
    bins: list[Bin | None] = [divmod(k, columns) if role == "bin" else None for k in range(len(boxes))]
    if role == "focus" and scene.focus is not None:
        boxes = boxes[scene.focus.row * columns + scene.focus.column][None]
        bins = [(scene.focus.row, scene.focus.column)]
    if role == "area":
        yield Frame("area-ground", (*boxes[3, :2].tolist(), *boxes[0, 2:].tolist()), "paper", filled=1.0)
    strength = {"bin": 0.10, "focus": 0.24, "area": 0.42}[role] * opacity
    for k, box in enumerate(boxes):
        color = CORNER_INKS[k] if role == "area" else "roi"
        yield Frame(f"{role}-{k}", _box(box), color, Size(0, least=THIN), "solid", 0.75 * opacity, strength, bins[k])


def _landed(scene: Scene) -> Iterator[Stroke]:
    """The cells that a gradient reaches, the darker the more of it."""
    cells, opacity = scene.find(Cells, "gradient"), OPACITY[scene.emphasis_of("gradient")]
    if cells is not None and opacity:
        for box, level in zip(cells.boxes.tolist(), cells.levels.tolist(), strict=True):
            name = f"gradient-{box[1]}-{box[0]}"
            yield Frame(name, tuple(box), "neighbor", filled=(0.15 + 0.85 * level) * opacity)


def _divisions(scene: Scene, role: str, color: str, width: Size, dash: str) -> Iterator[Stroke]:
    lines, opacity = scene.find(Lines, role), OPACITY[scene.emphasis_of(role)]
    if lines is not None and opacity:
        x1, y1, x2, y2 = _box(lines.region)
        for k, y in enumerate(lines.ys.tolist()):
            yield Line(f"{role}-y-{k}", x1, y, x2, y, color, width, dash, opacity)
        for k, x in enumerate(lines.xs.tolist()):
            yield Line(f"{role}-x-{k}", x, y1, x, y2, color, width, dash, opacity)


def _neighbors(scene: Scene) -> Iterator[Stroke]:
    """A frame round each neighbour, a line from its centre to the ×, and a disc whose area is its weight.

    Those of a point alone have an ink each, and a halo makes it stand out of every cell; dimmed they are a dot each.
    """
    samples, chosen = _looked_at(scene)
    emphasis = scene.emphasis_of("neighbor")
    opacity = OPACITY[emphasis]
    if samples is None or chosen is None or not opacity or not samples.interpolated:
        return
    y, x = float(samples.y[chosen]), float(samples.x[chosen])
    for k, weight in enumerate(samples.weights[chosen].tolist()):
        row, column = int(samples.neighbor_y[chosen, k]), int(samples.neighbor_x[chosen, k])
        if weight <= 0:
            continue
        alone = samples.role == "point"
        color, strength = (CORNER_INKS[k], 0.8) if alone else ("neighbor", 0.55)
        if alone and emphasis is Emphasis.DIM:
            yield Disc(f"neighbor-{k}-dot", column + 0.5, row + 0.5, Size(CORNER_DOT), color, edge="paper")
            continue
        if alone:
            yield Frame(f"neighbor-{k}-halo", _inside(row, column), "paper", _width(2 * THICK), "solid", opacity)
        yield Frame(f"neighbor-{k}", _inside(row, column), color, _width(THICK), "solid", opacity)
        centre = (column + 0.5, row + 0.5)
        if emphasis is not Emphasis.DIM:
            yield Line(f"neighbor-{k}-line", *centre, x, y, color, _width(MIDDLE), "dotted", opacity)
        radius = Size(WHOLE_DISC * float(np.sqrt(weight)))
        yield Disc(f"neighbor-{k}-weight", *centre, radius, color, strength * opacity)


def _looked_at(scene: Scene) -> tuple[Samples | None, int | None]:
    """The mark and the place of the sample that the step looks at: the focused sample, or the only point."""
    point = scene.find(Samples, "point")
    if point is not None:
        return point, 0
    samples, _, chosen = scene.focused()
    return samples, chosen


def _samples(scene: Scene) -> Iterator[Stroke]:
    """A × at every point that is read, heavier at the point whose neighbours are shown; a frame at a largest cell.

    Very many × are a texture, and only those of the bin that is looked at stand out of it.
    """
    samples = scene.samples
    opacity = OPACITY[scene.emphasis_of(samples.role)] if samples is not None else 0.0
    if samples is None or not opacity:
        return
    if not samples.interpolated:  # the cell that gave each maximum
        for k in np.flatnonzero(samples.wins).tolist():
            box = _inside(int(samples.y[k]), int(samples.x[k]))
            yield Frame(f"largest-{k}", box, "sample", _width(THICK), "solid", opacity)
        return
    numbers, size = tuple(samples.number.tolist()), cross_size(scene)
    many = are_many(samples)
    bins: tuple[Bin, ...] = ()
    if samples.role != "point":
        bins = tuple((row, column) for row, column in samples.bin.tolist())
    halo, strength = ("", FAINT * opacity) if many else ("halo", opacity)
    yield Crosses(samples.role, numbers, samples.x, samples.y, size, "sample", halo, strength, bins=bins)
    _, here, _ = scene.focused()
    if many and here:
        of_bin = slice(here[0], here[-1] + 1)
        places = (samples.x[of_bin], samples.y[of_bin])
        name, of_it = f"{samples.role}-bin", numbers[of_bin]
        yield Crosses(name, of_it, *places, size, "sample", "halo", opacity, bins=bins[of_bin])
    _, chosen = _looked_at(scene)
    if chosen is not None and len(numbers) > 1 and scene.emphasis_of("neighbor") is not Emphasis.HIDDEN:
        at = slice(chosen, chosen + 1)
        places, size = (samples.x[at], samples.y[at]), replace(size, least=CHOSEN)
        yield Crosses("chosen", numbers[at], *places, size, "sample", "halo", opacity, weight=1.5, bins=bins[at])


def are_many(samples: Samples) -> bool:
    """More × than can be told apart at a glance."""
    return len(samples.number) > MANY


def cross_size(scene: Scene) -> Size:
    """A × from end to end: two that are next to one another stay apart."""
    samples = scene.samples
    most, share = (CROSS_OF_MANY, GAP_OF_MANY) if samples is not None and are_many(samples) else (CROSS, CROSS_GAP)
    return Size(min(most, share * min(_least_gaps(samples))), least=3, most=24 if scene.is_part else 15)


def _least_gaps(samples: Samples | None) -> tuple[float, float]:
    """Between two neighbouring columns and two rows of points, at most a cell."""
    if samples is None:
        return 1.0, 1.0
    across, down = (np.diff(np.sort(places)) for places in (samples.x, samples.y))
    x, y = (min(1.0, float(gaps[gaps > 0.001].min(initial=1.0))) for gaps in (across, down))
    return x, y


def _arrows(scene: Scene) -> Iterator[Stroke]:
    """How far a side was moved, and which way to move it; an arrow of no length is not drawn."""
    for arrow in scene.all(Arrow):
        opacity, (color, width) = OPACITY[scene.emphasis_of(arrow.role)], ARROWS[arrow.role]
        if opacity and (arrow.x0, arrow.y0) != (arrow.x1, arrow.y1):
            ends = (arrow.x0, arrow.y0, arrow.x1, arrow.y1)
            head = Size(abs(arrow.x1 - arrow.x0) + abs(arrow.y1 - arrow.y0), most=HEAD * width)
            name = f"{arrow.role}-{arrow.side}"
            yield Line(name, *ends, color, _width(width), opacity=opacity, head=head)


def _lerps(scene: Scene) -> Iterator[Stroke]:
    """The ends of a lerp."""
    for role, color in LERPS.items():
        dots = scene.find(Dots, role)
        if dots is not None and OPACITY[scene.emphasis_of(role)]:
            for k, (x, y) in enumerate(dots.points):
                yield Disc(f"{role}-{k}", x, y, LERP_DOT, color, edge="halo")


# ---- what is written there ----------------------------------------------------------------------------------------


def _values(scene: Scene) -> Iterator[Words]:
    """The value of each sample under its ×, where there is room between two."""
    samples = scene.samples
    if samples is None or not samples.interpolated or OPACITY[scene.emphasis_of("value")] < 1:
        return
    across, down = _least_gaps(samples)
    longest = max(map(len, samples.labels))
    most = min(VALUE, max(CLOSE_VALUE, down / LINE - NAME))
    letters = min(most, 0.92 * across / (LETTER * longest), (down - VALUE_BELOW - CROSS / 2) / LINE)
    if letters < LEAST_VALUE:
        return
    size = Size(letters, most=30)
    for k, label, y, x in zip(
        samples.number.tolist(), samples.labels, samples.y.tolist(), samples.x.tolist(), strict=True
    ):
        spots = (Spot(x, y + VALUE_BELOW, "center", "top"),)
        yield Words(f"value-{k}", label, size, "sample", spots, bold=True, halo="paper", legible=LEGIBLE)


def _bin_names(scene: Scene, moved: Corners | None, pills: Sequence[_Pill]) -> Iterator[Words]:
    """The name of each bin in its own part of the bin, near the middle, where no number, ×, disc or arrow is.

    Where bins share cells or hold many ×, names are smaller if they need to be; no two lie on one another, and none on
    the value of a ×, else none is written.
    """
    bins, output = scene.find(Rects, "bin"), scene.find(Grid, "output")
    opacity = OPACITY[scene.emphasis_of("name")]
    if bins is None or output is None or not bins.labels or not opacity:
        return
    if len(bins.boxes) > MOST_NAMED or is_fine(scene.map):
        return
    letters = max(map(len, bins.labels))
    wide = LETTER * letters if letters > 1 else 1.0  # a number in a circle is as wide as it is high
    room = bins.boxes[:, 2:] - bins.boxes[:, :2]
    most = min(
        NAME if letters == 1 else NUMBER, 0.9 * float(room[:, 0].min()) / wide, 0.9 * float(room[:, 1].min()) / LINE
    )
    arrows = [box for pill in pills for box in (_box_of_arrow(pill.arrow), pill.likely_box(scene.extent))]
    taken = np.concatenate([_taken(scene, bins.boxes, moved), np.reshape(arrows, (-1, 4))])
    samples, found = scene.samples, []  # how much names of a size lie on, the size, and their places
    for size in (share * most for share in SMALLER_NAMES if share * most >= LEAST_NAME):
        parts = _parts_for_names(bins.boxes, output.levels.shape[1], NAMES_APART * size * np.array([wide, LINE]))
        if parts is None:
            continue
        places, lies_on = _free_places(parts, np.array([wide, LINE]) * size / 2, taken)
        found.append((lies_on, size, places))
        if not lies_on or has_numbers(scene) or samples is None or not samples.interpolated:
            break  # numbers of the map give way to a ×: names that also did would change as the box is dragged
    if not found:
        return
    lies_on, size, places = min(found, key=lambda one: one[0])  # of equals the first, which is the largest
    if lies_on and any(True for _ in chain(_values(scene), _landed_values(scene))):  # they count; the output has names
        return
    for k, ((x, y), label) in enumerate(zip(places.tolist(), bins.labels, strict=True)):
        name, spots = f"name-{k}", (Spot(x, y),)
        words = Words(name, label, Size(size, most=LARGEST_NAME), "roi", spots, True, "paper", opacity=opacity)
        yield replace(words, legible=LEGIBLE, bin=divmod(k, output.levels.shape[1]))


def _parts_for_names(boxes: Floats, columns: int, least: Floats) -> Floats | None:
    """A part of each bin (n, 4) for its name, at least ``least`` wide and high; None where there is no such division.

    It is what no other bin reads, where there is such a part; bins that have none divide what they share.
    """
    grid = boxes.reshape(-1, columns, 4)
    across, down = _divided(grid[0, :, 0::2], float(least[0])), _divided(grid[:, 0, 1::2], float(least[1]))
    if across is None or down is None:
        return None
    parts = np.empty_like(grid)
    parts[..., 0::2], parts[..., 1::2] = across, down[:, None]
    return parts.reshape(-1, 4)


def _divided(spans: Floats, least: float) -> Floats | None:
    """Of spans (n, 2) in order, which may overlap, parts that do not, each at least ``least`` long; None without room.

    >>> _divided(np.array([[3.0, 6.0], [5.0, 8.0]]), 0.4).tolist()
    [[3.0, 5.0], [6.0, 8.0]]
    >>> _divided(np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 4.0]]), 0.4).tolist()
    [[0.0, 0.5], [0.5, 1.0], [1.0, 4.0]]
    """
    low, high = spans.T
    alone_from = np.maximum(low, [-inf, *np.maximum.accumulate(high)[:-1]])
    alone_to = np.minimum(high, [*np.minimum.accumulate(low[::-1])[::-1][1:], inf])
    if (alone_to - alone_from >= least).all():  # nothing to divide
        return np.array([alone_from, alone_to]).T
    alone = alone_to - alone_from > 1e-6
    low, high = np.where(alone, alone_from, low), np.where(alone, alone_to, high)
    order = np.arange(len(spans)) * least
    first = np.maximum.accumulate(low - order) + order + least / 2  # the middles when all are as far to the left, and
    last = np.minimum.accumulate((high - order)[::-1])[::-1] + order - least / 2  # to the right, as they can be
    if (first > last).any():
        return None
    ends = np.sort([high[:-1], low[1:]], axis=0)
    cuts = np.clip((first[:-1] + last[1:]) / 2, *ends)
    return np.stack([np.maximum(low, [-inf, *cuts]), np.minimum(high, [*cuts, inf])], axis=1)


def _taken(scene: Scene, bins: Floats, moved: Corners | None) -> Floats:
    """Where the numbers of the map and the × are, the value of each ×, and the discs of the neighbours (n, 4).

    Where a gradient lands, its numbers are there instead.
    """
    landed = [words.box(1.0) for words in _landed_values(scene)]
    if landed:
        return np.array(landed)
    samples, boxes = scene.samples, [_number_boxes(scene, bins, moved)] if has_numbers(scene) else [np.empty((0, 4))]
    if samples is not None and samples.interpolated:
        at = np.stack([samples.x, samples.y], axis=1)
        if OPACITY[scene.emphasis_of(samples.role)]:
            arm = CROSS / 2 + CROSS_HALO
            boxes.append(np.concatenate([at - arm, at + arm], axis=1))
        boxes.append(np.array([words.box(1.0) for words in _values(scene)]).reshape(-1, 4))
        _, chosen = _looked_at(scene)
        if chosen is not None and OPACITY[scene.emphasis_of("neighbor")]:
            middle = np.stack([samples.neighbor_x[chosen], samples.neighbor_y[chosen]], axis=1) + 0.5
            boxes.append(np.concatenate([middle - WHOLE_DISC, middle + WHOLE_DISC], axis=1))
    return np.concatenate(boxes)


def _number_boxes(scene: Scene, bins: Floats, moved: Corners | None) -> Floats:
    """Where the numbers of the cells are that the bins touch, each as long as the longest (n, 4)."""
    rows, columns = scene.map.levels.shape
    size = number_letters(scene.map, NUMBER)
    wide, high = LETTER * scene.map.longest * size, DIGITS * size
    boxes = np.empty((rows, columns, 4))
    boxes[..., 0], boxes[..., 1] = np.arange(columns) + CORNER_X, np.arange(rows)[:, None] + CORNER_Y
    for (row, column), corner in (moved_numbers(scene) if moved is None else moved).items():
        boxes[row, column, 0] += (1 - 2 * CORNER_X - wide) * (corner[0] == "r")
        boxes[row, column, 1] += (1 - 2 * CORNER_Y - high) * (corner[1] == "b")
    boxes[..., 2:] = boxes[..., :2] + (wide, high)
    x1, y1 = (max(floor(side), 0) for side in bins[:, :2].min(axis=0).tolist())
    x2, y2 = (max(ceil(side), 0) for side in bins[:, 2:].max(axis=0).tolist())
    return boxes[y1:y2, x1:x2].reshape(-1, 4)


STEPS = np.arange(-3, 4) / 3  # as far on either side, to the last bit
"""From the middle of a part of a bin to its edges, along each axis."""
FAR = 1e-3 * np.hypot(STEPS[:, None], STEPS)
"""How much it counts that a place is not in the middle: less than whatever lies there."""


def _free_places(boxes: Floats, half: Floats, taken: Floats) -> tuple[Floats, int]:
    """The middles (n, 2) of texts of ``half`` their width and height, one in each box, near its middle if free.

    And how many things they lie on there.
    """
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    room = np.maximum((boxes[:, 2:] - boxes[:, :2]) / 2 - half - NAME_INSIDE, 0.0)
    places = middle[:, None] + STEPS[:, None] * room[:, None]  # (n, steps, axes)
    low, high = (places - half)[:, :, None], (places + half)[:, :, None]
    over = ((low < taken[:, 2:]) & (high > taken[:, :2])).astype(np.float32)
    cost = over[..., 1] @ over[..., 0].transpose(0, 2, 1) + FAR
    best = cost.reshape(len(boxes), -1).argmin(axis=1)
    row, column = np.divmod(best, len(STEPS))
    each = np.arange(len(boxes))
    lies_on = int(cost.reshape(len(boxes), -1)[each, best].sum())  # less than one is how far from the middle they are
    return np.stack([places[each, column, 0], places[each, row, 1]], axis=1), lies_on


def _landed_values(scene: Scene) -> Iterator[Words]:
    """What lands on each cell, over all lines, in the middle of the cell."""
    cells, opacity = scene.find(Cells, "gradient"), OPACITY[scene.emphasis_of("gradient")]
    if cells is None or not opacity or not cells.labels or is_fine(scene.map):
        return
    size = Size(GRADIENT * min(1.0, SHORT / max(map(len, cells.labels))), most=22)
    for (row, column), label in zip(cells.at.tolist(), cells.labels, strict=True):
        name, spots = f"gradient-{row}-{column}-value", (Spot(column + 0.5, row + 0.5),)
        yield Words(name, label, size, "text", spots, bold=True, halo="paper", opacity=opacity)


def _drawn_arrows(scene: Scene) -> list[Arrow]:
    return [arrow for arrow in scene.all(Arrow) if OPACITY[scene.emphasis_of(arrow.role)]]


@dataclass(frozen=True)
class _Pill:
    """An arrow and where its length may stand: the ``places`` (n, 4), and what it covers at each (n, 3, 4)."""

    arrow: Arrow
    places: Floats
    boxes: Floats

    def likely_box(self, extent: Box) -> Box:
        """Where it is likely to stand: outside the box if it fits there, else inside."""
        outside, inside = map(_box, self.boxes[:2, 0])
        (x1, y1, x2, y2), (left, top, right, bottom) = extent, outside
        return outside if x1 <= left and y1 <= top and right <= x2 and bottom <= y2 else inside


def _pills(scene: Scene) -> list[_Pill]:
    """Those of the arrows that are drawn."""
    arrows = _drawn_arrows(scene)
    if not arrows:
        return []
    places = [_places_of_length(arrow) for arrow in arrows]
    many = [len(each) for each in places]
    letters = np.repeat([len(arrow.label) for arrow in arrows], many)
    boxes = _boxes_of_pills(np.concatenate(places), letters, max(scene.map.levels.shape))
    ends = accumulate(many)
    return [_Pill(arrow, at, boxes[end - len(at) : end]) for arrow, at, end in zip(arrows, places, ends, strict=True)]


def _lengths_of_arrows(
    scene: Scene, moved: Corners | None, pills: Sequence[_Pill], others: Sequence[Words]
) -> Iterator[Words]:
    """The length of an arrow, in a pill beside it: outside the box where there is room and no number, else near by.

    ``others`` are the names and coordinates that it leaves free.
    """
    taken = _taken_from_pills(scene, [pill.arrow for pill in pills], moved, others) if pills else None
    for pill in pills:
        arrow, best = pill.arrow, [0]
        if taken is not None:
            best = _freest(pill.boxes, scene.extent, taken)
            taken = np.concatenate([taken, [[*pill.boxes[best[0], 0], 1.0]]])
        spots = tuple(_pill_spot(pill.places[k]) for k in (*best, 1))
        name, (color, _) = f"{arrow.role}-{arrow.side}-cells", ARROWS[arrow.role]
        opacity = OPACITY[scene.emphasis_of(arrow.role)]
        yield Words(
            name, arrow.label, PILL, "paper", spots, bold=True, pill=color, opacity=opacity, within=scene.extent
        )


def _places_of_length(arrow: Arrow) -> Floats:
    """Where its length may stand (n, 4): x, y, which share of the text lies before it, across and down.

    The first is outside the box, the second inside, the others are near either.
    """
    last = arrow.side[1] == "2"
    low, high = (min(arrow.x0, arrow.x1), min(arrow.y0, arrow.y1)), (max(arrow.x0, arrow.x1), max(arrow.y0, arrow.y1))
    if arrow.side[0] == "x":
        ends = [(low[0], 1.0), (high[0], 0.0)][:: -1 if last else 1]
        return np.array([(x, arrow.y0 + shift, across, 0.5) for shift in SHIFTS for x, across in ends])
    ends = [(low[1], 1.0), (high[1], 0.0)][:: -1 if last else 1]
    middle, sides = (low[1] + high[1]) / 2, ((arrow.x0 + ASIDE, 0.0), (arrow.x0 - ASIDE, 1.0))
    beside = [(x, middle + shift, across, 0.5) for shift in SHIFTS for x, across in sides]
    return np.array([*((arrow.x0, y, 0.5, down) for y, down in ends), *beside])


def _pill_spot(place: Floats) -> Spot:
    x, y, across, down = place.tolist()
    return Spot(
        x, y, ("left", "center", "right")[int(2 * across)], ("top", "center", "bottom")[int(2 * down)], PILL_GAP
    )


def _boxes_of_pills(places: Floats, letters: Ints, cells: int) -> Floats:
    """What a pill of so many ``letters`` (n,) covers at each place, on a map of each of the :data:`DRAWN` (n, 3, 4)."""
    cell = np.array(DRAWN) / cells  # points
    size = np.array([PILL.at(each) for each in cell.tolist()]) / cell
    long = np.empty((len(places), len(cell), 2))
    long[..., 0], long[..., 1] = (LETTER * letters + PILL_ASIDE)[:, None] * size, PILL_LINE * size
    at, before = places[:, None, :2], places[:, None, 2:]
    low = at - long * before + (PILL_GAP / cell)[:, None] * (1 - 2 * before)
    return np.concatenate([low, low + long], axis=-1)


def _freest(boxes: Floats, extent: Box, taken: Floats) -> list[int]:
    """The few places where a pill fits and least is covered, in their order."""
    x1, y1, x2, y2 = boxes.T[..., None]  # (2, n, 1) each
    left, top, right, bottom, counts = taken.T
    over = (x1 < right) & (x2 > left) & (y1 < bottom) & (y2 > top)
    outside = (x1 < extent[0]) | (y1 < extent[1]) | (x2 > extent[2]) | (y2 > extent[3])
    cost = (over @ counts).sum(axis=0) + 1e3 * outside.any(axis=(0, 2))
    return [int(k) for k in np.argsort(cost, kind="stable")[:BEST_PLACES]]


def _box_of_arrow(arrow: Arrow) -> Box:
    """What an arrow covers, as wide as its head."""
    aside = ARROW_ASIDE
    x1, x2 = sorted((arrow.x0, arrow.x1))
    y1, y2 = sorted((arrow.y0, arrow.y1))
    return (x1, y1 - aside, x2, y2 + aside) if arrow.side[0] == "x" else (x1 - aside, y1, x2 + aside, y2)


def _taken_from_pills(
    scene: Scene, arrows: Sequence[Arrow], moved: Corners | None, others: Sequence[Words]
) -> Floats | None:
    """What a pill should not cover, x1, y1, x2, y2 and how much it counts (n, 5); None where nothing is written."""
    if is_fine(scene.map) or scene.find(Photo, "photo") is not None:
        return None
    roi, whole = scene.find(Rects, "roi"), np.array([[0.0, 0.0, *scene.map.levels.shape[::-1]]])
    written = _taken(scene, whole, moved)
    handles = _handles(roi) if roi is not None else np.empty((0, 2))
    cells = [side / max(scene.map.levels.shape) for side in DRAWN]
    every = [
        written,
        np.array([words.box(cell) for words in others for cell in cells]).reshape(-1, 4),
        np.concatenate([handles - HANDLE, handles + HANDLE], axis=1),
        np.array([_box_of_arrow(arrow) for arrow in arrows]),
    ]
    counts = np.repeat([8.0, 16.0, 1.0, 1.0], [len(boxes) for boxes in every])
    return np.concatenate([np.concatenate(every), counts[:, None]], axis=1)


def _box_corners(scene: Scene) -> Iterator[Words]:
    """The coordinates of the first and of the last corner of the box, each along its edge, outside where there is room.

    They leave the arrows free.
    """
    arrows, cell = [_box_of_arrow(arrow) for arrow in _drawn_arrows(scene)], _usual_cell(scene)
    for role in ("in_pixels", "in_cells"):
        dots, opacity = scene.find(Dots, role), OPACITY[scene.emphasis_of(role)]
        if dots is None or not opacity:
            continue
        (left, top), (right, bottom) = dots.points
        for k, (label, y, places) in enumerate(zip(dots.labels, (top, bottom), ("bt", "tb"), strict=True)):
            sides = ((left, "left"), (right, "right"))
            spots = tuple(
                Spot(x, y, across, SIDES_OF_TEXT[down], PILL_GAP)
                for down in places
                for x, across in (sides[::-1] if k else sides)
            )
            words = Words(f"{role}-{k}", label, AT_CORNER, "paper", spots, bold=True, pill="roi", opacity=opacity)
            spots = tuple(sorted(spots, key=lambda spot: _touches(words.box_at(spot, cell), arrows)))
            yield replace(words, spots=spots, within=scene.extent)


def _usual_cell(scene: Scene) -> float:
    """Points a cell on a page with one map."""
    return DRAWN[-1] / max(scene.map.levels.shape)


def image_before(scene: Scene) -> Box | None:
    """Where the image lies before it is seen to shrink onto the map: larger, round the middle of the box.

    None where a step shows no pixels, or a cell is one pixel.
    """
    pixels, roi = scene.find(Lines, "pixels"), scene.find(Rects, "roi")
    if pixels is None or roi is None or not len(pixels.xs) or scene.emphasis_of("pixels") is Emphasis.HIDDEN:
        return None
    rows, columns = scene.map.levels.shape
    x1, y1, x2, y2 = _box(roi.boxes[0])
    left, top = ((a + b) / 2 * (1 - GROWN) for a, b in ((x1, x2), (y1, y2)))
    return left, top, left + GROWN * columns, top + GROWN * rows


def _lerp_values(scene: Scene) -> Iterator[Words]:
    """The values of lerps, only where a part is drawn larger: R₁'s above its line, R₂'s under it, P's beside."""
    for role, color in LERPS.items():
        dots = scene.find(Dots, role)
        if dots is None or scene.closer is not None or not OPACITY[scene.emphasis_of(role)]:
            continue
        for k, ((x, y), label) in enumerate(zip(dots.points, dots.labels, strict=True)):
            down = ("bottom", "top")[k] if role == "lerp_x" else "center"
            right, left = Spot(x + LERP_ASIDE, y, "left", down), Spot(x - LERP_ASIDE, y, "right", down)
            spots = (right, left) if role == "lerp_x" else (left, right)
            words = Words(f"{role}-{k}-value", label, Size(LERP), "paper", spots, bold=True, pill=color)
            yield replace(words, within=scene.extent)


def _corners(scene: Scene) -> Iterator[Words]:
    """What the neighbours are called, beside their centres and away from the ×, where a part is drawn larger."""
    corners = scene.find(Dots, "corner")
    if corners is None or scene.closer is not None or not OPACITY[scene.emphasis_of("corner")]:
        return
    samples = scene.samples
    middle = float(samples.x[0]) if samples is not None else 0.0
    named: set[tuple[float, float]] = set()
    for k, ((x, y), label, color) in enumerate(zip(corners.points, corners.labels, CORNER_INKS, strict=True)):
        if (x, y) in named:  # at the border two neighbours are one cell
            continue
        named.add((x, y))
        is_left = x < middle or (x == middle and k % 2 == 0)  # of the × that is exactly above or below it, its own side
        spot = Spot(x - CORNER_ASIDE, y, "right") if is_left else Spot(x + CORNER_ASIDE, y, "left")
        yield Words(f"corner-{label}", label, Size(CORNER, least=READABLE), color, (spot,), bold=True, halo="paper")


def _weights(scene: Scene) -> Iterator[Words]:
    """The weights on the areas, clear of the × at one corner of each; where a part is drawn larger, only there.

    Over a weight, where its area has room, the neighbour that it is the weight of (role ``opposite``). An area without
    room for its weight is near another neighbour: the weight stands at its own, on the side away from the ×. So do all
    four where the × is not between the centres.
    """
    areas, corners, samples = scene.find(Rects, "area"), scene.find(Dots, "corner"), scene.samples
    if areas is None or corners is None or samples is None or scene.closer is not None:
        return
    if not OPACITY[scene.emphasis_of("area")]:
        return
    high, name_high, names = LINE * WEIGHT, LINE * WEIGHT_NAME, []
    at_x, at_y = float(samples.x[0]), float(samples.y[0])
    (left, top), (right, bottom) = corners.points[0], corners.points[3]
    first = cells_of_part(scene)[1].start
    is_between = left <= at_x <= right and top <= at_y <= bottom
    for k, (label, box) in enumerate(zip(areas.labels, areas.boxes, strict=True)):
        (x1, y1, x2, y2), own = _box(box), corners.points[k]
        half = LETTER * WEIGHT * len(label) / 2
        wide, named = half + WEIGHT_CLEAR, y2 - y1 >= high + name_high + WEIGHT_CLEAR
        tall = (high + name_high * named) / 2 + WEIGHT_CLEAR
        x = min((x1 + x2) / 2, x2 - wide) if k % 2 else max((x1 + x2) / 2, x1 + wide)
        y = max((y1 + y2) / 2, y1 + tall) if k < 2 else min((y1 + y2) / 2, y2 - tall)
        y += name_high / 2 * named
        dot_x, dot_y = corners.points[3 - k]  # at the corner that is the other neighbour's
        covers_dot = abs(x - dot_x) < half + CORNER_DOT and abs(y - dot_y) < high / 2 + CORNER_DOT
        if is_between and not covers_dot and x2 - x1 >= wide and y2 - y1 >= high / 2 + WEIGHT_CLEAR:
            spot = Spot(x, y)
            if named:
                above = (Spot(x, y - high / 2, "center", "bottom"),)
                name = Words(
                    f"opposite-{k}", corners.labels[k], Size(WEIGHT_NAME, least=SMALL), CORNER_INKS[k], above, bold=True
                )
                names.append(replace(name, halo="paper"))
        else:
            x, across = (
                (own[0] - CLEAR_OF_NUMBER, "left") if own[0] < first + 1 else (own[0] + CLEAR_OF_NUMBER, "right")
            )
            is_above = at_y > own[1] or (k < 2 and at_y == own[1])
            y, down = (own[1] - WEIGHT_ASIDE, "bottom") if is_above else (own[1] + WEIGHT_ASIDE, "top")
            spot = Spot(x, y, across, down)
        if float(label):
            size = Size(WEIGHT, least=READABLE)
            yield Words(f"area-{k}-weight", label, size, "text", (spot,), halo="paper", bold=True)
    yield from names
