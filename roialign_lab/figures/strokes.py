"""Scene -> strokes: the few plain shapes that every drawing of it is made of, in order, each with a name.

A stroke has its place in map cells and its look as the names of colours, so that matplotlib and a presentation draw
the same picture from the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, floor

import numpy as np

from roialign_core.geometry import Floats
from roialign_lab.figures.scene import LARGEST_NUMBERED, Arrow, Dots, Grid, Lines, Rects, Samples, Scene
from roialign_lab.figures.style import cell_color, ink, mix, number_color, pattern
from roialign_lab.lesson.walks import Emphasis

OPACITY = {Emphasis.LIT: 1.0, Emphasis.SHOWN: 1.0, Emphasis.DIM: 0.35, Emphasis.HIDDEN: 0.0}
THICK, MIDDLE, THIN = 3.0, 1.8, 1.6  # points
MOST_VALUES = 64  # sample values that are written beside their ×
LARGEST_NUMBER = 22.0  # points, of a cell of the map
FULL_CELL = 28.0  # points: on smaller cells lines are thinner
LINE_HIGH = 0.3  # of a cell: what a number takes
PILL_SIZE, PILL_LETTER = 14, 4.6  # points: of the text in a pill, and half of the width of its letters
EDGE = 0.2  # of a cell: what may reach beyond the part that is drawn larger
LARGEST_WEIGHT = 18.0  # points, of the weights on the areas


@dataclass(frozen=True)
class Words:
    """A text at a point. ``size`` in points; ``across`` and ``down`` say which part of the text is at the point."""

    name: str
    x: float
    y: float
    text: str
    size: float
    color: str
    across: str = "center"
    down: str = "center"
    bold: bool = False
    halo: str = ""
    pill: str = ""
    opacity: float = 1.0


@dataclass(frozen=True)
class Cell:
    """A cell of a grid with its number, or none."""

    name: str
    row: int
    column: int
    fill: str
    edge: str
    width: float
    empty: bool
    words: Words | None


@dataclass(frozen=True)
class Tiles:
    """A grid too fine for numbers: colours (rows, columns, 3) 0…1."""

    name: str
    colors: Floats


@dataclass(frozen=True)
class Frame:
    """A rectangle x1, y1, x2, y2: an edge, a fill, or both."""

    name: str
    box: tuple[float, float, float, float]
    color: str
    width: float = 0.0
    dash: str = "solid"
    opacity: float = 1.0
    filled: float = 0.0
    pattern: str = ""


@dataclass(frozen=True)
class Line:
    """From one point to another, perhaps with a head."""

    name: str
    x0: float
    y0: float
    x1: float
    y1: float
    color: str
    width: float
    dash: str = "solid"
    opacity: float = 1.0
    head: bool = False


@dataclass(frozen=True)
class Disc:
    """A filled circle; ``radius`` in cells."""

    name: str
    x: float
    y: float
    radius: float
    color: str
    opacity: float = 1.0
    edge: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Crosses:
    """A × with a halo at every point; ``size`` in points."""

    name: str
    numbers: tuple[int, ...]
    xs: Floats
    ys: Floats
    size: float
    color: str
    halo: str
    opacity: float


Stroke = Words | Cell | Tiles | Frame | Line | Disc | Crosses


def map_strokes(scene: Scene, theme: str, cell: float) -> Iterator[Stroke]:
    """The map and what lies on it, of a part what lies wholly in it; ``cell`` is the side of a cell in points."""
    over = [one for one in _over(scene, theme, cell) if not scene.is_part or _lies_within(one, scene.extent)]
    if scene.is_part:
        yield from _cells_of_part(scene, theme, cell, over)
    elif is_fine(scene.map):
        yield Tiles("map", _colors(scene.map, theme, _map_opacity(scene)))
    else:
        yield from _map_cells(scene, theme, cell, over, *map(range, scene.map.levels.shape))
    yield from over


def _cells_of_part(scene: Scene, theme: str, cell: float, over: list[Stroke]) -> Iterator[Stroke]:
    """The whole cells of a part, each with its number in an outer corner."""
    (rows, columns), (x1, y1, x2, y2) = scene.map.levels.shape, scene.extent
    top, left = ceil(y1), ceil(x1)
    near = range(top, min(floor(y2), rows)), range(left, min(floor(x2), columns))
    for one in _map_cells(scene, theme, cell, over, *near):
        low = one.row > top or (one.row, one.column) in scene.dodging
        yield replace(one, words=one.words and _outwards(one.words, low, one.column > left))


def _outwards(words: Words, lower: bool, right: bool) -> Words:
    """The number of a cell in that corner of it which is further from the middle of four."""
    x, across = (floor(words.x) + 0.92, "right") if right else (floor(words.x) + 0.08, "left")
    y, down = (floor(words.y) + 0.94, "bottom") if lower else (floor(words.y) + 0.06, "top")
    return replace(words, x=x, y=y, across=across, down=down)


def _lies_within(stroke: Stroke, extent: tuple[float, float, float, float]) -> bool:
    x1, y1, x2, y2 = extent
    places = [(stroke.x, stroke.y) * 2] if isinstance(stroke, Words) else _edges(stroke)
    return all(x1 - EDGE <= a and y1 - EDGE <= b and c <= x2 + EDGE and d <= y2 + EDGE for a, b, c, d in places)


def _over(scene: Scene, theme: str, cell: float) -> Iterator[Stroke]:
    slim = min(1.0, max(cell / FULL_CELL, 0.4))
    for role in ("bin", "focus", "area"):
        yield from _tints(scene, role, theme)
    for role, dash in (("part", "dotted"), ("split", "dashed")):
        yield from _divisions(scene, role, dash, slim)
    for role, color, dash in (
        ("reach", "read", "dashed"),
        ("square", "neighbor", "solid"),
        ("read", "read", "dashed"),
        ("snapped", "read", "dashed"),
        ("asked", "asked", "solid"),
    ):
        rects, opacity = scene.find(Rects, role), OPACITY[scene.emphasis_of(role)]
        if rects is not None and opacity:
            for box in rects.boxes:
                yield Frame(role, _box(box), color, THICK * slim, dash, opacity)
    yield from _neighbors(scene, theme, slim)
    yield from _samples(scene, cell, slim)
    yield from _arrows(scene, cell)
    yield from _lerps(scene)
    yield from _weights(scene, cell)


def output_strokes(scene: Scene, output: Grid, theme: str, cell: float) -> Iterator[Stroke]:
    """The output, and which of its cells is looked at."""
    opacity = OPACITY[scene.emphasis_of("output")] ** 0.5
    longest = max(len(label) for row in output.labels for label in row)
    size = min(cell * 0.26, cell * 1.5 / longest, 26)
    for row, column, level in _levels(output):
        color = _number_color(level, theme, opacity)
        at = (column + 0.5, row + 0.5)
        words = Words(f"output-{row}-{column}", *at, output.labels[row][column], size, color, bold=True)
        yield _cell(output, row, column, level, theme, opacity, 1.5, words)
    if scene.focus is not None and scene.emphasis_of("focus") is not Emphasis.HIDDEN:
        x, y = scene.focus.column, scene.focus.row
        yield Frame("focus", (x + 0.03, y + 0.03, x + 0.97, y + 0.97), "asked", 4.0)


def is_fine(grid: Grid) -> bool:
    """True for a grid whose cells are too small for numbers."""
    return max(grid.levels.shape) > LARGEST_NUMBERED


# ---- the cells ----------------------------------------------------------------------------------------------------


def _levels(grid: Grid) -> Iterator[tuple[int, int, float]]:
    rows, columns = grid.levels.shape
    return ((r, c, float(grid.levels[r, c])) for r in range(rows) for c in range(columns))


def _map_opacity(scene: Scene) -> float:
    return OPACITY[scene.emphasis_of("map")] ** 0.5


def _map_cells(
    scene: Scene, theme: str, cell: float, over: list[Stroke], rows: range, columns: range
) -> Iterator[Cell]:
    """Some cells of the map with their numbers, which lie under all that is ``over`` them."""
    grid, dodging, opacity = scene.map, scene.dodging, _map_opacity(scene)
    taken = [near for stroke in over for near in _edges(stroke)]
    for row, column in product(rows, columns):
        level = float(grid.levels[row, column])
        label, low = grid.labels[row][column], (row, column) in dodging
        size = 0.27 * min(1.0, 5 / max(len(label), 1))
        top = row + (0.94 - LINE_HIGH if low else 0.06)
        right = column + 0.08 + len(label) * size * 0.55
        crossed = any(x1 < right and x2 > column and y1 < top + LINE_HIGH and y2 > top for x1, y1, x2, y2 in taken)
        words = Words(
            f"map-{row}-{column}",
            column + 0.08,
            row + (0.94 if low else 0.06),
            label,
            min(cell * size, LARGEST_NUMBER),
            _number_color(level, theme, opacity),
            across="left",
            down="bottom" if low else "top",
            halo=_fill(level, theme, opacity) if crossed else "",
        )
        yield _cell(grid, row, column, level, theme, opacity, 1.5, words)


def _edges(stroke: Stroke) -> Iterator[tuple[float, float, float, float]]:
    """The places x1, y1, x2, y2 that a stroke covers; of a frame its four sides, for a tint hides no number."""
    near = 0.05
    match stroke:
        case Frame(box=(x1, y1, x2, y2), pattern=pattern):
            if pattern:
                yield x1, y1, x2, y2
            yield from ((x - near, y1 - near, x + near, y2 + near) for x in (x1, x2))
            yield from ((x1 - near, y - near, x2 + near, y + near) for y in (y1, y2))
        case Line(x0=x0, y0=y0, x1=x1, y1=y1):
            yield min(x0, x1) - near, min(y0, y1) - near, max(x0, x1) + near, max(y0, y1) + near
        case Disc(x=x, y=y, radius=radius):
            yield x - radius, y - radius, x + radius, y + radius
        case Crosses(xs=xs, ys=ys):
            yield from ((x - 0.15, y - 0.15, x + 0.15, y + 0.15) for x, y in zip(xs.tolist(), ys.tolist(), strict=True))


def _cell(
    grid: Grid, row: int, column: int, level: float, theme: str, opacity: float, width: float, words: Words
) -> Cell:
    nothing = bool(np.isnan(level))
    name = f"{grid.role}-{row}-{column}"
    fill = "paper" if nothing else _fill(level, theme, opacity)
    edge = "quiet" if nothing else "rule" if theme in ("contrast", "print") else "paper"
    return Cell(name, row, column, fill, edge, width if edge == "paper" else 0.75, nothing, words)


def _fill(level: float, theme: str, opacity: float) -> str:
    return mix(ink("paper", theme), cell_color(0.0 if np.isnan(level) else level, theme), opacity)


def _number_color(level: float, theme: str, opacity: float) -> str:
    return number_color(0.0 if np.isnan(level) else level, theme) if opacity == 1 else "text"


def _colors(grid: Grid, theme: str, opacity: float) -> Floats:
    low, high, paper = (_channels(ink(name, theme)) for name in ("low", "high", "paper"))
    levels = grid.levels[..., None]
    return np.where(np.isnan(levels), paper, paper + ((low + (high - low) * levels) - paper) * opacity)


def _channels(color: str) -> Floats:
    return np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])


# ---- what lies on them --------------------------------------------------------------------------------------------


def _box(box: Floats) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(side) for side in box)
    return x1, y1, x2, y2


def _tints(scene: Scene, role: str, theme: str) -> Iterator[Stroke]:
    """Bins as a tint with an edge (an overlap is twice as dark); the focused bin more so; areas in violet."""
    opacity = OPACITY[scene.emphasis_of(role)]
    mark = scene.find(Rects, "bin" if role == "focus" else role)
    if mark is None or not opacity:
        return
    boxes = mark.boxes
    if role == "focus" and scene.focus is not None:
        output = scene.find(Grid, "output")
        columns = output.levels.shape[1] if output is not None else 1
        boxes = boxes[scene.focus.row * columns + scene.focus.column][None]
    color = "neighbor" if role == "area" else "asked"
    strength = {"bin": 0.10, "focus": 0.24, "area": 0.30}[role] * opacity
    for k, box in enumerate(boxes):
        yield Frame(f"{role}-{k}", _box(box), color, THIN, "solid", 0.75 * opacity, strength, pattern(role, theme))


def _weights(scene: Scene, cell: float) -> Iterator[Stroke]:
    """The weights on the areas, clear of the × at one corner of each; where a part is drawn larger, only there."""
    areas = scene.find(Rects, "area")
    if areas is None or scene.closer is not None or not OPACITY[scene.emphasis_of("area")]:
        return
    size = min(cell * 0.17, LARGEST_WEIGHT)
    wide, tall = (size * 1.6 + 8) / cell, (size * 0.6 + 8) / cell
    for k, (label, box) in enumerate(zip(areas.labels, areas.boxes, strict=True)):
        x1, y1, x2, y2 = _box(box)
        x = min((x1 + x2) / 2, x2 - wide) if k % 2 else max((x1 + x2) / 2, x1 + wide)
        y = max((y1 + y2) / 2, y1 + tall) if k < 2 else min((y1 + y2) / 2, y2 - tall)
        if float(label):
            yield Words(f"area-{k}-weight", x, y, label, size, "text", halo="paper", bold=True)


def _divisions(scene: Scene, role: str, dash: str, slim: float) -> Iterator[Stroke]:
    lines, opacity = scene.find(Lines, role), OPACITY[scene.emphasis_of(role)]
    if lines is not None and opacity:
        x1, y1, x2, y2 = _box(lines.region)
        for k, y in enumerate(lines.ys.tolist()):
            yield Line(f"{role}-y-{k}", x1, y, x2, y, "asked", THIN * slim, dash, opacity)
        for k, x in enumerate(lines.xs.tolist()):
            yield Line(f"{role}-x-{k}", x, y1, x, y2, "asked", THIN * slim, dash, opacity)


def _neighbors(scene: Scene, theme: str, slim: float) -> Iterator[Stroke]:
    samples, chosen = _looked_at(scene)
    opacity = OPACITY[scene.emphasis_of("neighbor")]
    if samples is None or chosen is None or not opacity or not samples.interpolated:
        return
    y, x = float(samples.y[chosen]), float(samples.x[chosen])
    for k, weight in enumerate(samples.weights[chosen].tolist()):
        row, column = int(samples.neighbor_y[chosen, k]), int(samples.neighbor_x[chosen, k])
        if weight <= 0:
            continue
        box = (column + 0.03, row + 0.03, column + 0.97, row + 0.97)
        dash = "dashdot" if pattern("neighbor", theme) else "solid"
        yield Frame(f"neighbor-{k}", box, "neighbor", THICK * slim, dash, opacity)
        yield Line(f"neighbor-{k}-line", column + 0.5, row + 0.5, x, y, "neighbor", MIDDLE * slim, "dotted", opacity)
        radius = 0.5 * float(np.sqrt(weight / np.pi))
        fill = pattern("neighbor", theme)
        yield Disc(f"neighbor-{k}-weight", column + 0.5, row + 0.5, radius, "neighbor", 0.55 * opacity, pattern=fill)


def _looked_at(scene: Scene) -> tuple[Samples | None, int | None]:
    """The mark and the place of the sample that the step looks at: the focused one, or the only point."""
    point = scene.find(Samples, "point")
    if point is not None:
        return point, 0
    samples, _, chosen = scene.focused()
    return samples, chosen


def _samples(scene: Scene, cell: float, slim: float) -> Iterator[Stroke]:
    samples = scene.samples
    opacity = OPACITY[scene.emphasis_of(samples.role)] if samples is not None else 0.0
    if samples is None or not opacity:
        return
    if not samples.interpolated:  # the cell that gave each maximum
        for k in np.flatnonzero(samples.wins).tolist():
            y, x = float(samples.y[k]), float(samples.x[k])
            yield Frame(
                f"largest-{k}", (x - 0.46, y - 0.46, x + 0.46, y + 0.46), "sample", THICK * slim, "solid", opacity
            )
        return
    numbers = tuple(samples.number.tolist())
    size = min(cell * 0.24, 15.0)
    yield Crosses(samples.role, numbers, samples.x, samples.y, size, "sample", "halo", opacity)
    if scene.emphasis_of("value") in (Emphasis.LIT, Emphasis.SHOWN) and len(samples.labels) <= MOST_VALUES:
        for k, label, y, x in zip(numbers, samples.labels, samples.y.tolist(), samples.x.tolist(), strict=True):
            above = _is_crowded(scene, y + 0.16, x) and not _is_crowded(scene, y - 0.42, x)
            at, down = ((x, y - 0.14), "bottom") if above else ((x, y + 0.16), "top")
            yield Words(f"value-{k}", *at, label, cell * 0.2, "sample", down=down, bold=True, halo="paper")


def _is_crowded(scene: Scene, top: float, x: float) -> bool:
    """True where a line of text from ``top`` down would meet the number of a cell."""
    dodging = scene.dodging
    for y in (top, top + 0.26):
        row, column = int(np.floor(y)), int(np.floor(x))
        start = 1 - 0.06 - LINE_HIGH if (row, column) in dodging else 0.06
        if start - 0.02 < y - row < start + LINE_HIGH:
            return True
    return False


def _arrows(scene: Scene, cell: float) -> Iterator[Stroke]:
    """How far each side was moved: its length beside the arrow, outside the box where there is room."""
    opacity = OPACITY[scene.emphasis_of("error")]
    if not opacity:
        return
    arrows = scene.all(Arrow)
    for arrow in arrows:
        ends = (arrow.x0, arrow.y0, arrow.x1, arrow.y1)
        yield Line(f"error-{arrow.side}", *ends, "read", THICK, opacity=opacity, head=True)
    for arrow in arrows:
        half = (len(arrow.label) * PILL_LETTER + PILL_SIZE / 2, PILL_SIZE)  # of the pill, in points
        k = 0 if arrow.side[0] == "x" else 1
        low, high = sorted(((arrow.x0, arrow.x1), (arrow.y0, arrow.y1))[k])
        before, after = low - half[k] / cell - 0.08, high + half[k] / cell + 0.08
        least, most = scene.extent[k], scene.extent[k + 2]
        if arrow.side[1] == "1":
            place = before if before - half[k] / cell > least else after
        else:
            place = after if after + half[k] / cell < most else before
        at = (place, arrow.y0) if k == 0 else (arrow.x0, place)
        name = f"error-{arrow.side}-cells"
        yield Words(name, *at, arrow.label, PILL_SIZE, "paper", bold=True, pill="read", opacity=opacity)


def _lerps(scene: Scene) -> Iterator[Stroke]:
    for role in ("lerp_x", "lerp_y"):
        opacity = OPACITY[scene.emphasis_of(role)]
        dots = scene.find(Dots, role)
        if dots is not None and opacity:
            for k, ((x, y), label) in enumerate(zip(dots.points, dots.labels, strict=True)):
                yield Disc(f"{role}-{k}", x, y, 0.09, "neighbor", edge="halo")
                if scene.closer is None:
                    aside, across = (0.16, "left") if role == "lerp_x" else (-0.16, "right")
                    at = (x + aside, y)
                    yield Words(f"{role}-{k}-value", *at, label, 15, "paper", across, bold=True, pill="neighbor")
