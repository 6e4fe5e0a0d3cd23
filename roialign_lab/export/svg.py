"""Sheet -> SVG, painted from the strokes of the files in a moment: without matplotlib, in no other process.

:func:`preview` is what the Slides page shows of every slide: what could not be read at that size is left out, such as
the numbers of the map. :func:`svg` has all of it; with it the site makes its figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

import numpy as np

from roialign_lab.export.fonts import SPACING, clean
from roialign_lab.export.layout import FOOT_SIZE, Drawing, Place, Sheet, Writing, arranged, legend
from roialign_lab.figures.hatch import clear_of, hatch, hatch_width
from roialign_lab.figures.png import png_address
from roialign_lab.figures.strokes import (
    Cell,
    Crosses,
    Disc,
    Frame,
    Image,
    Line,
    Shape,
    Spot,
    Stroke,
    Tiles,
    Words,
    in_layers,
    role_of,
)
from roialign_lab.figures.style import INKS, cell_paint, dash, has_patterns, ink, pattern, tile_colors
from roialign_lab.figures.sweep_chart import Sweep, axis_words, half_cells, names_at_ends, round_ticks
from roialign_lab.lesson.number_text import number

POINTS = 72  # an inch: the unit of the picture
LEGIBLE = 18.0  # points: of a slide that is shown a quarter as large
SMALL, SHARP = 128, 512  # pixels of a map on a side: at most in a preview, about in a figure, as viewers smooth pixels
FONTS = "Arial, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
DASHES = {"dashed": "7 4", "dotted": "2 3", "dashdot": "7 3 2 3"}
ANCHOR = {"left": "start", "center": "middle", "right": "end"}
BASELINE = {"top": 0.8, "center": 0.35, "bottom": -0.2}  # of the size of a text, below the point where it stands
SWEEP_POINTS, MOST_SWEEP_POINTS = 101, 2000  # of a line, and of all lines
AXES = (0.62, 0.4, 0.5, 0.65)  # inches left of, above, right of and below a chart, for its words


def preview(sheet: Sheet) -> str:
    """A whole slide as SVG, to be shown small.

    >>> from roialign_lab.export.deck import Deck, sheets
    >>> from roialign_lab.lesson.lesson_part import Part
    >>> preview(sheets(Deck((Part("roi_pool", steps=("map",)),)))[0])[:45]
    '<svg xmlns="http://www.w3.org/2000/svg" viewB'
    """
    return _painted(sheet, LEGIBLE)


def svg(sheet: Sheet) -> str:
    """A whole slide as SVG, to be kept.

    >>> from roialign_lab.export.deck import Deck, sheets
    >>> from roialign_lab.lesson.lesson_part import Part
    >>> made = svg(sheets(Deck((Part("roi_pool", steps=("result",)),)))[0])
    >>> made[:4], ">0.9600</text>" in made
    ('<svg', True)
    """
    return _painted(sheet, 0.0)


def _painted(sheet: Sheet, legible: float) -> str:
    """A slide; words smaller than ``legible`` points are left out."""
    layout, theme = arranged(sheet), sheet.theme
    wide, high = (side * POINTS for side in layout.size)
    parts = [f'<rect width="100%" height="100%" fill="{ink("paper", theme)}"/>']
    for drawing in layout.drawings:
        parts += _drawing(drawing, theme, legible)
    if sheet.sweep is not None and layout.sweep_at is not None:
        at = layout.sweep_at
        if not legible:
            parts += _axes(sheet.sweep, at, theme, sheet.language)
            left, above, right, below = AXES
            at = Place(at.x + left, at.y + above, at.width - left - right, at.height - above - below)
        parts += _sweep(sheet.sweep, at, theme)
    for writing in (layout.title, *layout.writings):
        parts += _lines(writing, theme, bold=writing is layout.title)
    for note in layout.foot:
        x = (note.at.x + (note.at.width if note.across == "right" else 0)) * POINTS
        y = (note.at.y + note.at.height / 2) * POINTS
        parts.append(_text(note.text, x, y, FOOT_SIZE, ink("quiet", theme), across=note.across))
    words = (("title", clean(sheet.title)), ("desc", clean(sheet.alt)))
    told = "" if legible else "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in words if text)
    body = told + "".join(parts)
    size = f'viewBox="0 0 {wide:g} {high:g}"' + ("" if legible else f' width="{2 * wide:g}" height="{2 * high:g}"')
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}">{body}</svg>'


def _text(text: str, x: float, y: float, size: float, color: str, *, across: str = "left", more: str = "") -> str:
    at = f'x="{x:.1f}" y="{y + 0.35 * size:.1f}"'
    return f'<text {at} font-size="{size:g}" fill="{color}" text-anchor="{ANCHOR[across]}"{more}>{escape(text)}</text>'


def _lines(writing: Writing, theme: str, *, bold: bool) -> Iterator[str]:
    size, more = writing.lines.size, ' font-weight="700"' if bold else ""
    for k, line in enumerate(writing.lines.lines):
        y = writing.at.y * POINTS + (k * SPACING + 0.65) * size
        yield _text(line, writing.at.x * POINTS, y, size, ink(writing.color, theme), more=more)


def _sweep(sweep: Sweep, place: Place, theme: str) -> Iterator[str]:
    """The lines of the chart and the position of the side."""
    low, high = sweep.range
    first, last = float(sweep.positions[0]), float(sweep.positions[-1])
    left, top, wide, tall = (side * POINTS for side in place)

    def xs(positions: np.ndarray) -> np.ndarray:
        return left + (positions - first) / (last - first) * wide

    lines = sweep.pool[0].size * 2
    step = -(-len(sweep.positions) // max(min(SWEEP_POINTS, MOST_SWEEP_POINTS // lines), 2))
    x = xs(sweep.positions[::step]).tolist()
    for name, outputs, color in (("pool", sweep.pool, ink("read", theme)), ("align", sweep.align, ink("roi", theme))):
        for k, line in enumerate(outputs[::step].reshape(len(x), -1).T):
            y = top + (high - line) / (high - low) * tall
            points = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x, y.tolist(), strict=True) if np.isfinite(b))
            width = 5 if k == sweep.looked else 3
            look = f'stroke="{color}" stroke-width="{width}"{_of_operator(name, theme, width)}'
            yield f'<polyline points="{points}" fill="none" {look}/>'
    at = float(xs(np.array(sweep.at)))
    look = f'stroke="{ink("sample", theme)}" stroke-width="3"{_dashed("dotted")}'
    yield f'<path d="M{at:.0f} {top:.0f}v{tall:.0f}" {look}/>'


def _of_operator(name: str, theme: str, width: float) -> str:
    """RoI Align's lines are dashed where both operators are black."""
    return f' stroke-dasharray="{4 * width:g} {2 * width:g}"' if name == "align" and has_patterns(theme) else ""


def _axes(sweep: Sweep, place: Place, theme: str, language: str) -> Iterator[str]:
    """The names of the lines, the ticks and the name of the side, round the chart."""
    low, high = sweep.range
    first, last = float(sweep.positions[0]), float(sweep.positions[-1])
    left, above, right, below = AXES
    x0, x1 = (place.x + left) * POINTS, (place.x + place.width - right) * POINTS
    y0, y1 = (place.y + above) * POINTS, (place.y + place.height - below) * POINTS
    quiet, rule = ink("quiet", theme), ink("rule", theme)
    for (name, words, *places, size), color in zip(legend(place, left), ("read", "roi"), strict=True):
        (x, end, at), y, look = (side * POINTS for side in places), y0 - 14, _of_operator(name, theme, 3)
        yield f'<path d="M{x:.1f} {y:.1f}H{end:.1f}" stroke="{ink(color, theme)}" stroke-width="3"{look}/>'
        yield _text(words, at, y, size, ink(color, theme))
    ticks, decimals = round_ticks(low, high)
    for tick in ticks:
        y = y1 - (tick - low) / (high - low) * (y1 - y0)
        yield f'<path d="M{x0:.1f} {y:.1f}H{x1:.1f}" stroke="{rule}"/>'
        yield _text(number(tick, decimals), x0 - 6, y, FOOT_SIZE, quiet, across="right")
    for cell in half_cells(first, last):
        x = x0 + (cell - first) / (last - first) * (x1 - x0)
        yield f'<path d="M{x:.1f} {y0:.1f}V{y1:.1f}" stroke="{rule}"/>'
        yield _text(f"{cell:g}", x, y1 + 12, FOOT_SIZE, quiet, across="center")
    said = axis_words(sweep, language)[0]
    yield _text(said, (x0 + x1) / 2, y1 + 30, FOOT_SIZE + 4, ink("sample", theme), across="center")
    for name, value in names_at_ends(sweep, (high - low) * FOOT_SIZE / (y1 - y0)):
        yield _text(name, x1 + 4, y1 - (value - low) / (high - low) * (y1 - y0), FOOT_SIZE, quiet)


def _drawing(drawing: Drawing, theme: str, legible: float) -> Iterator[str]:
    canvas = _Canvas(drawing, theme, legible)
    under, numbers, over = in_layers(drawing.strokes)
    cells = [stroke for stroke in under if isinstance(stroke, Cell)]
    if cells:
        yield from canvas.cells(cells)
    for stroke in under:
        if not isinstance(stroke, Cell):
            yield from canvas.paint(stroke)
    for cell in numbers:
        yield from canvas.number(cell)
    for stroke in over:
        yield from canvas.paint(stroke)


class _Canvas:
    """Where strokes become shapes; map cell (x, y) is at ``left + x * cell``, ``top + y * cell`` points."""

    def __init__(self, drawing: Drawing, theme: str, legible: float) -> None:
        self.theme, self.cell, self.legible = theme, drawing.cell * POINTS, legible
        self.clear = clear_of(drawing.strokes, self.cell) if has_patterns(theme) else []
        self.left = drawing.at.x * POINTS - drawing.extent[0] * self.cell
        self.top = drawing.at.y * POINTS - drawing.extent[1] * self.cell

    def paint(self, stroke: Stroke) -> Iterator[str]:
        """A stroke as elements."""
        match stroke:
            case Tiles():
                rows, columns = stroke.levels.shape
                yield self._picture(self._png(stroke), (0, 0, columns, rows))
            case Image():
                yield self._picture(stroke.address, stroke.box)
            case Frame():
                yield from self._frame(stroke)
            case Shape():
                yield from self._shape(stroke)
            case Line():
                yield from self._line(stroke)
            case Disc():
                yield from self._disc(stroke)
            case Crosses():
                yield self._crosses(stroke)
            case Words() if stroke.is_written(self.cell) and stroke.size.at(self.cell) >= self.legible:
                yield from self._words(stroke, stroke.spot(self.cell), self._ink(stroke.color))

    def cells(self, cells: Sequence[Cell]) -> Iterator[str]:
        """All cells of a grid as one picture with lines between them, and their numbers where they can be read."""
        top, left = min(cell.row for cell in cells), min(cell.column for cell in cells)
        rows, columns = max(cell.row for cell in cells) + 1 - top, max(cell.column for cell in cells) + 1 - left
        levels = np.full((rows, columns), np.nan)
        for cell in cells:
            levels[cell.row - top, cell.column - left] = cell.level
        paint = cell_paint(0.0, 1.0, self.theme)
        address = self._png(Tiles("", levels, cells[0].opacity))
        yield self._picture(address, (left, top, left + columns, top + rows))
        down = "".join(f"M{self._x(left + k)} {self._y(top)}v{rows * self.cell:.1f}" for k in range(columns + 1))
        along = "".join(f"M{self._x(left)} {self._y(top + k)}h{columns * self.cell:.1f}" for k in range(rows + 1))
        yield f'<path d="{down}{along}" stroke="{paint.edge}" stroke-width="{paint.edge_width:g}"/>'
        for cell in cells:
            if math.isnan(cell.level) and not cell.is_unknown:
                yield self._nothing(cell, paint.edge)

    def number(self, cell: Cell) -> Iterator[str]:
        """The number of a cell where it can be read."""
        if cell.words is not None and cell.words.size.at(self.cell) >= self.legible:
            paint = cell_paint(cell.level, cell.opacity, self.theme)
            words = replace(cell.words, halo=paint.fill) if cell.under == "line" else cell.words
            yield from self._words(words, words.spot(self.cell), paint.number)

    def _nothing(self, cell: Cell, color: str) -> str:
        """The stripes of a cell without a number."""
        x, y = self.left + cell.column * self.cell, self.top + cell.row * self.cell
        whole, half = f"{self.cell:.1f}", f"{self.cell / 2:.1f}"
        stripes = f"M{x:.1f} {y:.1f}m0 {half}l{half} -{half}m{half} 0l-{whole} {whole}m{half} 0l{half} -{half}"
        return f'<path d="{stripes}" stroke="{color}" fill="none"/>'

    def _x(self, x: float) -> str:
        return f"{self.left + x * self.cell:.1f}"

    def _y(self, y: float) -> str:
        return f"{self.top + y * self.cell:.1f}"

    def _png(self, tiles: Tiles) -> str:
        """A grid as a data address: a pixel a cell in a preview, or fewer; in a figure squares of equal pixels."""
        rows, columns = tiles.levels.shape
        colors = np.rint(tile_colors(tiles.levels, tiles.opacity, self.theme) * 255).astype(np.uint8)
        if self.legible:
            every = -(-max(rows, columns) // SMALL)
            return png_address(colors[::every, ::every])
        larger = max(SHARP // max(rows, columns), 1)
        return png_address(colors.repeat(larger, axis=0).repeat(larger, axis=1))

    def _ink(self, color: str) -> str:
        return ink(color, self.theme) if color in INKS else color

    def _place(self, box: tuple[float, float, float, float]) -> str:
        x1, y1, x2, y2 = box
        size = f'width="{(x2 - x1) * self.cell:.1f}" height="{(y2 - y1) * self.cell:.1f}"'
        return f'x="{self._x(x1)}" y="{self._y(y1)}" {size}'

    def _picture(self, address: str, box: tuple[float, float, float, float]) -> str:
        return f'<image href="{address}" {self._place(box)} preserveAspectRatio="none" image-rendering="pixelated"/>'

    def _pattern(self, stroke: Frame | Disc) -> Iterator[str]:
        lines = hatch(stroke, self.theme, self.cell, self.clear)
        if lines:
            path = "".join(f"M{self._x(x0)} {self._y(y0)}L{self._x(x1)} {self._y(y1)}" for x0, y0, x1, y1 in lines)
            look = f'stroke="{self._ink(stroke.color)}" stroke-width="{hatch_width(stroke, self.theme):g}"'
            yield f'<path d="{path}" {look}/>'

    def _frame(self, frame: Frame) -> Iterator[str]:
        color, look = self._ink(frame.color), 'fill="none"'
        if frame.filled and pattern(role_of(frame), self.theme, frame.color):
            yield from self._pattern(frame)
        elif frame.filled:
            look = f'fill="{color}" fill-opacity="{frame.filled:.2f}"'
        if frame.width is not None:
            width = frame.width.at(self.cell)
            look += f' stroke="{color}" stroke-width="{width:.1f}" stroke-opacity="{frame.opacity:g}"'
            look += _dashed(dash(role_of(frame), self.theme, frame.dash))
        yield f"<rect {self._place(frame.box)} {look}/>"

    def _shape(self, shape: Shape) -> Iterator[str]:
        corners = (" ".join(f"{self._x(x)},{self._y(y)}" for x, y in loop) for loop in shape.loops)
        path, color, width = "".join(f"M{loop}Z" for loop in corners), self._ink(shape.color), shape.width.at(self.cell)
        if shape.halo:
            yield f'<path d="{path}" fill="none" stroke="{self._ink(shape.halo)}" stroke-width="{width + 2:.1f}"/>'
        look = f'fill="{color}" fill-rule="evenodd" fill-opacity="{shape.filled:g}" stroke="{color}"'
        yield f'<path d="{path}" {look} stroke-width="{width:.1f}"{_dashed(shape.dash)}/>'

    def _line(self, line: Line) -> Iterator[str]:
        color, x, y = self._ink(line.color), line.x1, line.y1
        if line.head is not None:
            corners = line.triangle(self.cell)
            x, y = (corners[1][0] + corners[2][0]) / 2, (corners[1][1] + corners[2][1]) / 2
            points = " ".join(f"{self._x(a)},{self._y(b)}" for a, b in corners)
            yield f'<polygon points="{points}" fill="{color}" opacity="{line.opacity:g}"/>'
        look = f'stroke="{color}" stroke-width="{line.width.at(self.cell):.1f}" opacity="{line.opacity:g}"'
        at = f"M{self._x(line.x0)} {self._y(line.y0)}L{self._x(x)} {self._y(y)}"
        yield f'<path d="{at}" {look}{_dashed(line.dash)}/>'

    def _disc(self, disc: Disc) -> Iterator[str]:
        color, radius = self._ink(disc.color), disc.radius.at(self.cell)
        look = f'fill="{color}" opacity="{disc.opacity:g}"'
        if pattern(role_of(disc), self.theme, disc.color) and not disc.edge:
            yield from self._pattern(disc)
            look = f'fill="none" stroke="{color}" stroke-width="1.5"'
        elif disc.edge:
            look += f' stroke="{self._ink(disc.edge)}" stroke-width="2"'
        yield f'<circle cx="{self._x(disc.x)}" cy="{self._y(disc.y)}" r="{radius:.1f}" {look}/>'

    def _crosses(self, crosses: Crosses) -> str:
        """Every × in one path, and its halo in the same path below."""
        size = crosses.size.at(self.cell)
        half = f"{size / 2:.1f}"
        arms = f"l{size:.1f} {size:.1f}m-{size:.1f} 0l{size:.1f} -{size:.1f}"
        places = zip(crosses.xs.tolist(), crosses.ys.tolist(), strict=True)
        path = "".join(f"M{self._x(x)} {self._y(y)}m-{half} -{half}{arms}" for x, y in places)
        lines = (
            f'<path d="{path}" stroke="{self._ink(color)}" stroke-width="{width * crosses.weight:.1f}"/>'
            for color, width in ((crosses.halo, size * 0.42), (crosses.color, size * 0.2))
        )
        return f'<g opacity="{crosses.opacity:g}">{"".join(lines)}</g>'

    def _words(self, words: Words, spot: Spot, color: str) -> Iterator[str]:
        size = words.size.at(self.cell)
        x, y, across = self.left + spot.x * self.cell, self.top + spot.y * self.cell, spot.across
        more = ' font-weight="700"' if words.bold else ""
        y += (BASELINE[spot.down] - BASELINE["center"]) * size
        if words.pill:
            box = words.box(self.cell)
            radius = (box[3] - box[1]) / 2 * self.cell
            fill = f'fill="{self._ink(words.pill)}" opacity="{words.opacity:g}"'
            yield f'<rect {self._place(box)} rx="{radius:.1f}" {fill}/>'
            x, y, across = (
                self.left + (box[0] + box[2]) / 2 * self.cell,
                self.top + (box[1] + box[3]) / 2 * self.cell,
                "center",
            )
        elif words.halo:
            more += f' stroke="{self._ink(words.halo)}" stroke-width="4" paint-order="stroke"'
        yield _text(words.text, x, y, size, color, across=across, more=more)


def _dashed(name: str) -> str:
    return f' stroke-dasharray="{DASHES[name]}"' if name in DASHES else ""
