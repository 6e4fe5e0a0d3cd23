"""Plate -> TikZ: a picture that LaTeX sets in the letters of the paper, in named colours, with no package but tikz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from roialign_lab.export.fonts import SPACING
from roialign_lab.export.layout import Drawing, Writing
from roialign_lab.export.plate import Plate
from roialign_lab.figures.hatch import clear_of, hatch, hatch_width
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
from roialign_lab.figures.style import INKS, cell_paint, dash, has_patterns, ink, pattern

PREFIX = "lab"  # of the names of the colours
NORMAL = 10.0  # points: the letters that a text is set in before it is scaled, which every font has
MOST_CELLS = 4096  # of a map that is drawn cell by cell
BASELINE = {"top": 0.8, "center": 0.35, "bottom": -0.2}  # of the size of a text, below the point where it stands
ANCHOR = {"left": "base west", "center": "base", "right": "base east"}
DASHES = {"dashed": (3.7, 1.6), "dotted": (1.0, 1.65), "dashdot": (6.4, 1.6, 1.0, 1.6)}  # widths of the line: on, off
HALO = 0.8  # opacity of what lies under a text on a halo
ESCAPED = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    "×": "$\\times$",
    "·": "$\\cdot$",
    "−": "$-$",
    "≈": "$\\approx$",
    "≥": "$\\geq$",
    "≤": "$\\leq$",
    "→": "$\\rightarrow$",
    "∞": "$\\infty$",
    "∅": "$\\emptyset$",
    "½": "$\\frac12$",
    "⌊": "$\\lfloor$",
    "⌋": "$\\rfloor$",
    "⌈": "$\\lceil$",
    "⌉": "$\\rceil$",
    "√": "$\\surd$",
    "÷": "$\\div$",
    **{chr(0x2080 + k): f"$_{k}$" for k in range(10)},
    **{chr(0x2460 + k): f"\\textcircled{{\\tiny {k + 1}}}" for k in range(20)},
    "–": "--",
    "—": "---",
    "…": "\\dots{}",
    "“": "``",
    "”": "''",
    "\u00a0": "~",
}


class TikzError(ValueError):
    """What no TikZ picture can show: the end of a text key, ``"photo"`` or ``"fine"``."""


def tikz(plate: Plate, theme: str, note: str) -> str:
    """The plate as a ``tikzpicture``, after ``note`` as a comment.

    Raises
    ------
    TikzError : for a photo, and for a map of more than :data:`MOST_CELLS` cells.
    """
    painter = _Tikz(theme)
    lines = [line for drawing in plate.drawings for line in painter.drawing(drawing)]
    lines += [line for writing in plate.writings for line in painter.writing(writing)]
    colors = [f"\\definecolor{{{name}}}{{HTML}}{{{code}}}" for name, code in sorted(painter.used.items())]
    wide, high = (_number(side * 72) for side in plate.size)
    head = [f"% {line}" for line in note.splitlines()]
    frame = f"\\path[use as bounding box] (0,0) rectangle ({wide},{high});"
    return "\n".join(
        [*head, "\\begin{tikzpicture}[x=1bp, y=-1bp, inner sep=0pt]", *colors, frame, *lines, "\\end{tikzpicture}", ""]
    )


def escaped(text: str) -> str:
    """The text as LaTeX has it.

    >>> escaped("50 % of ① × {x_1} ≈ ½")
    '50 \\\\% of \\\\textcircled{\\\\tiny 1} $\\\\times$ \\\\{x\\\\_1\\\\} $\\\\approx$ $\\\\frac12$'
    """
    return "".join(ESCAPED.get(c, c) for c in text)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class _Tikz:
    """Where strokes become commands; ``used`` are the colours that they name, with their codes."""

    def __init__(self, theme: str) -> None:
        self.theme = theme
        self.used: dict[str, str] = {}
        self.cell = self.left = self.top = 1.0
        self.clear: Sequence[tuple[float, float, float, float]] = ()

    def drawing(self, drawing: Drawing) -> Iterator[str]:
        """The strokes of a drawing; before those of each role a comment with its name."""
        self.cell = drawing.cell * 72
        self.left = drawing.at.x * 72 - drawing.extent[0] * self.cell
        self.top = drawing.at.y * 72 - drawing.extent[1] * self.cell
        self.clear = clear_of(drawing.strokes, self.cell) if has_patterns(self.theme) else []
        under, numbers, over = in_layers(drawing.strokes)
        role = ""
        for stroke in (*under, *over):
            if stroke is (over[0] if over else None):
                yield from (line for cell in numbers for line in self._number_of(cell))
            if role_of(stroke) != role:
                role = role_of(stroke)
                yield f"% {drawing.name}: {role}"
            yield from self._stroke(stroke)
        if not over:
            yield from (line for cell in numbers for line in self._number_of(cell))

    def writing(self, writing: Writing) -> Iterator[str]:
        """A text, a node a line."""
        yield f"% {writing.name}"
        size = writing.lines.size
        for k, line in enumerate(writing.lines.lines):
            x, y = writing.at.x * 72, writing.at.y * 72 + (k * SPACING + 1.0) * size
            if line:
                yield self._node(line, x, y, size, self._ink(writing.color), bold=writing.name == "title")

    def _stroke(self, stroke: Stroke) -> Iterator[str]:
        match stroke:
            case Cell():
                yield self._square(stroke.column, stroke.row, stroke.level, stroke.opacity)
                if isnan(stroke.level) and not stroke.is_unknown:
                    yield self._nothing(stroke)
            case Tiles():
                rows, columns = stroke.levels.shape
                if rows * columns > MOST_CELLS:
                    raise TikzError("fine")
                for row in range(rows):
                    for column in range(columns):
                        yield self._square(column, row, float(stroke.levels[row, column]), stroke.opacity, lined=False)
            case Image():
                raise TikzError("photo")
            case Frame():
                yield from self._frame(stroke)
            case Shape():
                yield from self._shape(stroke)
            case Line():
                yield from self._line(stroke)
            case Disc():
                yield from self._disc(stroke)
            case Crosses():
                yield from self._crosses(stroke)
            case Words() if stroke.is_written(self.cell):
                yield from self._words(stroke, stroke.spot(self.cell), self._ink(stroke.color))

    # ---- places and colours ---------------------------------------------------------------------------------------

    def _at(self, x: float, y: float) -> str:
        return f"({_number(self.left + x * self.cell)},{_number(self.top + y * self.cell)})"

    def _ink(self, color: str) -> str:
        """The name of a colour; one of a code that some ink has is that ink's."""
        if color not in INKS:
            color = next((name for name in INKS if ink(name, self.theme) == color), color)
        code = ink(color, self.theme) if color in INKS else color
        name = PREFIX + color.replace("_", "").lstrip("#")
        self.used[name] = code.lstrip("#").upper()
        return name

    def _level(self, level: float, opacity: float) -> str:
        """The colour of a cell, mixed of the named ones, so that who changes these changes the map."""
        paper = self._ink("paper")
        if isnan(level):
            return paper
        mixed = f"{self._ink('high')}!{_number(100 * level)}!{self._ink('low')}"
        return mixed if opacity >= 1 else f"{mixed}!{_number(100 * opacity)}!{paper}"

    # ---- strokes --------------------------------------------------------------------------------------------------

    def _square(self, column: int, row: int, level: float, opacity: float, *, lined: bool = True) -> str:
        paint, place = cell_paint(level, opacity, self.theme), f"{self._at(column, row)} rectangle"
        look = f"fill={self._level(level, opacity)}"
        if lined:
            look += f", draw={self._ink(paint.edge)}, line width={_number(paint.edge_width / 2)}bp"
        return f"\\path[{look}] {place} {self._at(column + 1, row + 1)};"

    def _nothing(self, cell: Cell) -> str:
        """The stripes of a cell without a number."""
        x, y, edge = cell.column, cell.row, cell_paint(cell.level, cell.opacity, self.theme).edge
        ends = ((x, y + 0.5, x + 0.5, y), (x, y + 1, x + 1, y), (x + 0.5, y + 1, x + 1, y + 0.5))
        path = " ".join(f"{self._at(x0, y0)} -- {self._at(x1, y1)}" for x0, y0, x1, y1 in ends)
        return f"\\draw[{self._ink(edge)}, line width=0.5bp] {path};"

    def _number_of(self, cell: Cell) -> Iterator[str]:
        if cell.words is not None and cell.words.is_written(self.cell):
            paint = cell_paint(cell.level, cell.opacity, self.theme)
            halo = self._level(cell.level, cell.opacity) if cell.under == "line" else ""
            yield from self._words(cell.words, cell.words.spot(self.cell), self._ink(paint.number), halo)

    def _frame(self, frame: Frame) -> Iterator[str]:
        x1, y1, x2, y2 = frame.box
        color, place = self._ink(frame.color), f"{self._at(x1, y1)} rectangle {self._at(x2, y2)};"
        if frame.filled and pattern(role_of(frame), self.theme, frame.color):
            yield from self._hatch(frame)
        elif frame.filled:
            yield f"\\fill[{color}, opacity={_number(frame.filled)}] {place}"
        if frame.width is not None:
            width = frame.width.at(self.cell)
            dashed = _dashed(dash(role_of(frame), self.theme, frame.dash), width)
            yield f"\\draw[{color}, line width={_number(width)}bp, opacity={_number(frame.opacity)}{dashed}] {place}"

    def _hatch(self, stroke: Frame | Disc) -> Iterator[str]:
        lines = hatch(stroke, self.theme, self.cell, self.clear)
        if lines:
            path = " ".join(f"{self._at(x0, y0)} -- {self._at(x1, y1)}" for x0, y0, x1, y1 in lines)
            width = _number(hatch_width(stroke, self.theme))
            yield f"\\draw[{self._ink(stroke.color)}, line width={width}bp] {path};"

    def _shape(self, shape: Shape) -> Iterator[str]:
        path = " ".join(" -- ".join(self._at(x, y) for x, y in loop.tolist()) + " -- cycle" for loop in shape.loops)
        if not path:
            return
        color, width = self._ink(shape.color), shape.width.at(self.cell)
        if shape.halo:
            yield f"\\draw[{self._ink(shape.halo)}, line width={_number(width + 2)}bp] {path};"
        if shape.filled:
            yield f"\\fill[{color}, even odd rule, opacity={_number(shape.filled)}] {path};"
        yield f"\\draw[{color}, line width={_number(width)}bp{_dashed(shape.dash, width)}] {path};"

    def _line(self, line: Line) -> Iterator[str]:
        color, x, y = self._ink(line.color), line.x1, line.y1
        look, width = f"{color}, opacity={_number(line.opacity)}", line.width.at(self.cell)
        if line.head is not None:
            tip, left, right = line.triangle(self.cell)
            x, y = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
            yield f"\\fill[{look}] {self._at(*tip)} -- {self._at(*left)} -- {self._at(*right)} -- cycle;"
        cap = "" if line.head else ", line cap=rect"
        cap = ", line cap=butt" if line.dash != "solid" else cap
        look += f", line width={_number(width)}bp{cap}{_dashed(line.dash, width)}"
        yield f"\\draw[{look}] {self._at(line.x0, line.y0)} -- {self._at(x, y)};"

    def _disc(self, disc: Disc) -> Iterator[str]:
        color, look = self._ink(disc.color), f"fill={self._ink(disc.color)}, fill opacity={_number(disc.opacity)}"
        if pattern(role_of(disc), self.theme, disc.color) and not disc.edge:
            yield from self._hatch(disc)
            look = f"draw={color}, line width=1bp"
        elif disc.edge:
            look += f", draw={self._ink(disc.edge)}, line width=1bp"
        yield f"\\path[{look}] {self._at(disc.x, disc.y)} circle[radius={_number(disc.radius.at(self.cell))}bp];"

    def _crosses(self, crosses: Crosses) -> Iterator[str]:
        """Every × in one path, and its halo in the same path below."""
        size, half = crosses.size.at(self.cell), crosses.size.at(self.cell) / 2 / self.cell
        places = zip(crosses.xs.tolist(), crosses.ys.tolist(), strict=True)
        path = " ".join(
            f"{self._at(x - half, y - half)} -- {self._at(x + half, y + half)}"
            f" {self._at(x + half, y - half)} -- {self._at(x - half, y + half)}"
            for x, y in places
        )
        for color, share in ((crosses.halo, 0.42), (crosses.color, 0.2)):
            if color and path:
                width, opacity = _number(size * share * crosses.weight), _number(crosses.opacity)
                yield f"\\draw[{self._ink(color)}, line width={width}bp, opacity={opacity}] {path};"

    def _words(self, words: Words, spot: Spot, color: str, halo: str = "") -> Iterator[str]:
        size, (x, y), across = words.size.at(self.cell), (spot.x, spot.y), spot.across
        if words.pill:
            x1, y1, x2, y2 = words.box(self.cell)
            look = f"{self._ink(words.pill)}, opacity={_number(words.opacity)}"
            radius = _number((y2 - y1) / 2 * self.cell)
            yield f"\\fill[{look}, rounded corners={radius}bp] {self._at(x1, y1)} rectangle {self._at(x2, y2)};"
            x, y, across = (x1 + x2) / 2, (y1 + y2) / 2, "center"
            down = "center"
        else:
            halo, down = halo or (self._ink(words.halo) if words.halo else ""), spot.down
        if halo and not words.pill:
            a, b, c, d = words.box(self.cell)
            place = f"{self._at(a, b)} rectangle {self._at(c, d)};"
            yield f"\\fill[{halo}, opacity={_number(HALO * words.opacity)}] {place}"
        left, top = self.left + x * self.cell, self.top + y * self.cell + BASELINE[down] * size
        yield self._node(words.text, left, top, size, color, across, bold=words.bold, opacity=words.opacity)

    def _node(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        color: str,
        across: str = "left",
        *,
        bold: bool = False,
        opacity: float = 1.0,
    ) -> str:
        look = f"anchor={ANCHOR[across]}, text={color}, scale={_number(size / NORMAL)}"
        look += "" if opacity >= 1 else f", opacity={_number(opacity)}"
        font = f"\\fontsize{{{_number(NORMAL)}}}{{12}}\\selectfont" + ("\\bfseries" if bold else "")
        return f"\\node[{look}] at ({_number(x)},{_number(y)}) {{{font} {escaped(text)}}};"


def _dashed(name: str, width: float) -> str:
    if name not in DASHES:
        return ""
    pairs = (f"{'on' if k % 2 == 0 else 'off'} {_number(part * width)}bp" for k, part in enumerate(DASHES[name]))
    return f", dash pattern={' '.join(pairs)}"
