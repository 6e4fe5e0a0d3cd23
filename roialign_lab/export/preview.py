"""Sheet -> SVG, small: what the Slides page shows of every slide. Painted from the strokes of the files in a moment.

No other process is asked for it. What could not be read at the size of a preview is left out: the numbers of the map,
whose cells are one picture.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from roialign_lab.export.fonts import SPACING
from roialign_lab.export.layout import FOOT_SIZE, Drawing, Place, Sheet, Writing, arranged
from roialign_lab.export.pixels import png, tiles_picture
from roialign_lab.figures.strokes import Cell, Crosses, Disc, Frame, Image, Line, Spot, Stroke, Tiles, Words, role_of
from roialign_lab.figures.style import INKS, cell_paint, dash, ink
from roialign_lab.figures.sweep_chart import Sweep

POINTS = 72  # an inch: the unit of the picture
LEGIBLE = 18.0  # points: of a slide that is shown a quarter as large
SHARP = 128  # pixels of a map on a side
FONTS = "Arial, 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
DASHES = {"dashed": "7 4", "dotted": "2 3", "dashdot": "7 3 2 3"}
ANCHOR = {"left": "start", "center": "middle", "right": "end"}
BASELINE = {"top": 0.8, "center": 0.35, "bottom": -0.2}  # of the size of a text, below the point where it stands
SWEEP_POINTS, MOST_SWEEP_POINTS = 101, 2000  # of a line, and of all lines


def preview(sheet: Sheet) -> str:
    """A whole slide as SVG.

    >>> from roialign_lab.export.deck import Deck, Part, sheets
    >>> preview(sheets(Deck((Part("roi_pool", steps=("map",)),)))[0])[:45]
    '<svg xmlns="http://www.w3.org/2000/svg" viewB'
    """
    layout, theme = arranged(sheet), sheet.theme
    wide, high = (side * POINTS for side in layout.size)
    parts = [f'<rect width="100%" height="100%" fill="{ink("paper", theme)}"/>']
    for drawing in layout.drawings:
        parts += _drawing(drawing, theme)
    if sheet.sweep is not None and layout.sweep_at is not None:
        parts += _sweep(sheet.sweep, layout.sweep_at, theme)
    for writing in (layout.title, *layout.writings):
        parts += _lines(writing, theme, bold=writing is layout.title)
    foot, quiet = layout.foot_at, ink("quiet", theme)
    y = (foot.y + foot.height / 2) * POINTS
    parts.append(_text(sheet.footer, foot.x * POINTS, y, FOOT_SIZE, quiet))
    parts.append(_text(sheet.number, (foot.x + foot.width) * POINTS, y, FOOT_SIZE, quiet, across="right"))
    body = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" font-family="{FONTS}">{body}</svg>'


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
    for outputs, color in ((sweep.pool, ink("read", theme)), (sweep.align, ink("roi", theme))):
        for k, line in enumerate(outputs[::step].reshape(len(x), -1).T):
            y = top + (high - line) / (high - low) * tall
            points = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x, y.tolist(), strict=True) if np.isfinite(b))
            width = 5 if k == sweep.looked else 3
            yield f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}"/>'
    at = float(xs(np.array(sweep.at)))
    yield f'<path d="M{at:.0f} {top:.0f}v{tall:.0f}" stroke="{ink("sample", theme)}" stroke-width="3"/>'


def _drawing(drawing: Drawing, theme: str) -> Iterator[str]:
    canvas = _Canvas(drawing, theme)
    cells = [stroke for stroke in drawing.strokes if isinstance(stroke, Cell)]
    if cells:
        yield from canvas.cells(cells)
    for stroke in drawing.strokes:
        if not isinstance(stroke, Cell):
            yield from canvas.paint(stroke)


class _Canvas:
    """Where strokes become shapes; map cell (x, y) is at ``left + x * cell``, ``top + y * cell`` points."""

    def __init__(self, drawing: Drawing, theme: str) -> None:
        self.theme, self.cell = theme, drawing.cell * POINTS
        self.left = drawing.at.x * POINTS - drawing.extent[0] * self.cell
        self.top = drawing.at.y * POINTS - drawing.extent[1] * self.cell

    def paint(self, stroke: Stroke) -> Iterator[str]:
        """A stroke as elements."""
        match stroke:
            case Tiles():
                rows, columns = stroke.levels.shape
                yield self._picture(_png(stroke, self.theme), (0, 0, columns, rows))
            case Image():
                yield self._picture(stroke.address, stroke.box)
            case Frame():
                yield self._frame(stroke)
            case Line():
                yield from self._line(stroke)
            case Disc():
                edge = f' stroke="{self._ink(stroke.edge)}" stroke-width="2"' if stroke.edge else ""
                at = f'cx="{self._x(stroke.x)}" cy="{self._y(stroke.y)}" r="{stroke.radius.at(self.cell):.1f}"'
                yield f'<circle {at} fill="{self._ink(stroke.color)}" opacity="{stroke.opacity:g}"{edge}/>'
            case Crosses():
                yield self._crosses(stroke)
            case Words() if stroke.is_written(self.cell) and stroke.size.at(self.cell) >= LEGIBLE:
                yield from self._words(stroke, stroke.spot(self.cell), self._ink(stroke.color))

    def cells(self, cells: Sequence[Cell]) -> Iterator[str]:
        """All cells of a grid as one picture with lines between them, and their numbers where they can be read."""
        top, left = min(cell.row for cell in cells), min(cell.column for cell in cells)
        rows, columns = max(cell.row for cell in cells) + 1 - top, max(cell.column for cell in cells) + 1 - left
        levels = np.full((rows, columns), np.nan)
        for cell in cells:
            levels[cell.row - top, cell.column - left] = cell.level
        paint = cell_paint(0.0, 1.0, self.theme)
        address = _png(Tiles("", levels, cells[0].opacity), self.theme)
        yield self._picture(address, (left, top, left + columns, top + rows))
        down = "".join(f"M{self._x(left + k)} {self._y(top)}v{rows * self.cell:.1f}" for k in range(columns + 1))
        along = "".join(f"M{self._x(left)} {self._y(top + k)}h{columns * self.cell:.1f}" for k in range(rows + 1))
        yield f'<path d="{down}{along}" stroke="{paint.edge}" stroke-width="{paint.edge_width:g}"/>'
        for cell in cells:
            if cell.words is not None and cell.words.size.at(self.cell) >= LEGIBLE:
                number = cell_paint(cell.level, cell.opacity, self.theme).number
                yield from self._words(cell.words, cell.words.spot(self.cell), number)

    def _x(self, x: float) -> str:
        return f"{self.left + x * self.cell:.1f}"

    def _y(self, y: float) -> str:
        return f"{self.top + y * self.cell:.1f}"

    def _ink(self, color: str) -> str:
        return ink(color, self.theme) if color in INKS else color

    def _place(self, box: tuple[float, float, float, float]) -> str:
        x1, y1, x2, y2 = box
        size = f'width="{(x2 - x1) * self.cell:.1f}" height="{(y2 - y1) * self.cell:.1f}"'
        return f'x="{self._x(x1)}" y="{self._y(y1)}" {size}'

    def _picture(self, address: str, box: tuple[float, float, float, float]) -> str:
        return f'<image href="{address}" {self._place(box)} preserveAspectRatio="none" image-rendering="pixelated"/>'

    def _frame(self, frame: Frame) -> str:
        color, look = self._ink(frame.color), 'fill="none"'
        if frame.filled:
            look = f'fill="{color}" fill-opacity="{frame.filled:.2f}"'
        if frame.width is not None:
            width = frame.width.at(self.cell)
            look += f' stroke="{color}" stroke-width="{width:.1f}" stroke-opacity="{frame.opacity:g}"'
            look += _dashed(dash(role_of(frame), self.theme, frame.dash))
        return f"<rect {self._place(frame.box)} {look}/>"

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


def _png(tiles: Tiles, theme: str) -> str:
    """A grid as a data address, a pixel a cell unless there are more cells than the preview has pixels."""
    picture = tiles_picture(tiles, theme, sharp=1)
    picture.thumbnail((SHARP, SHARP))
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode("ascii")
