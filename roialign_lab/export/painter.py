"""A slide's layout drawn straight on a matplotlib renderer: the pixels of a film's frames, or a page of a PDF.

Quicker than a figure (:mod:`roialign_lab.export.draw`), which makes an artist of every stroke. Short texts of a frame,
such as the numbers of a map, are painted once and kept.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from roialign_lab.export import draw
from roialign_lab.export.fonts import BOLD_FAMILIES, FAMILIES, SPACING
from roialign_lab.export.layout import FOOT_SIZE, Drawing, Layout, Note, Place, Writing
from roialign_lab.export.pixels import picture_at, tiles_picture
from roialign_lab.figures.hatch import clear_of, hatch, hatch_width
from roialign_lab.figures.strokes import (
    Box,
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
    role_of,
)
from roialign_lab.figures.style import INKS, cell_paint, dash, has_patterns, ink, pattern
from roialign_lab.figures.sweep_chart import Sweep

# isort: split
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.patheffects import PathEffectRenderer
from matplotlib.patheffects import Stroke as Outline
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from PIL.Image import Image as Picture
from PIL.Image import Resampling

Pixels = np.ndarray  # (height, width, 4), 8 bits each: red, green, blue, opacity
DASHES = {"solid": (), "dashed": (3.7, 1.6), "dotted": (1.0, 1.65), "dashdot": (6.4, 1.6, 1.0, 1.6)}  # by the width
HALO = 2.5  # points
SHORT = 14  # letters: a longer text is large as a picture, and not often painted again
KEPT, KEPT_LONG = 1500, 64  # texts
ROUND = 4  # pixels round a text that is kept
BEARING = 0.3  # of the size of a text: as far to the right, at most, its first letter may begin
CIRCLE = Path.unit_circle()
CROSS = Path([(-0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (0.5, -0.5)], [1, 2, 1, 2])
AS_IS = IdentityTransform()


def painted(layout: Layout, theme: str, language: str, dots: float, sweep: Sweep | None = None) -> Pixels:
    """The pixels of a slide, ``dots`` of them an inch."""
    canvas = _PixelCanvas(layout.size, theme, dots)
    canvas.paint(layout, language, sweep)
    return np.array(canvas.renderer.buffer_rgba())


class Look(NamedTuple):
    """How a text is written."""

    size: float
    color: tuple[float, float, float, float]
    bold: bool = False
    halo: str = ""


class Canvas(ABC):
    """A slide that a matplotlib renderer draws: ``dots`` of its units are an inch, from the lower left corner."""

    def __init__(self, renderer: Any, size: tuple[float, float], theme: str, dots: float) -> None:
        self.renderer, self.theme, self.dots = renderer, theme, dots
        wide, self.high = size
        self.clip: Bbox | None = None
        self.fill(rectangle((0, 0, wide, self.high)), AS_IS, self.color("paper"))

    def paint(self, layout: Layout, language: str, sweep: Sweep | None, link: str = "") -> None:
        """Everything on it; ``link`` is where the link of the foot goes."""
        for drawing in layout.drawings:
            self.map(drawing)
        if sweep is not None and layout.sweep_at is not None:
            self.chart(sweep, layout.sweep_at, language)
        middle = layout.title.at.y + (layout.title.at.height - layout.title.lines.height) / 2
        self.lines(replace(layout.title, at=layout.title.at._replace(y=middle)), bold=True)
        for writing in layout.writings:
            self.lines(writing)
        for note in layout.foot:
            self._note(note, link if note.name == "link" else "")

    def map(self, drawing: Drawing) -> None:
        """A map with all that is drawn on it."""
        _Map(self, drawing).paint(drawing.strokes)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Inches from the upper left corner in units from the lower left one."""
        return x * self.dots, self.high - y * self.dots

    @abstractmethod
    def text(self, text: str, x: float, y: float, look: Look, across: str, down: str, link: str = "") -> None:
        """A text, which part of it is at x, y, and where it links to."""

    @abstractmethod
    def picture(self, picture: Picture, how: Resampling, box: Box) -> None:
        """A picture from the left and the foot to the right and the top, resampled in some way."""

    @abstractmethod
    def chart(self, sweep: Sweep, place: Place, language: str) -> None:
        """The chart of a sweep."""

    # ---- words ----------------------------------------------------------------------------------------------------

    def write(self, x: float, y: float, text: str, look: Look, across: str, down: str, link: str = "") -> None:
        """A text at x, y in inches from the upper left corner; a box stands for a character that no font has."""
        self.text(draw.drawable(text), *self.at(x, y), look, across, down, link)

    def lines(self, writing: Writing, *, bold: bool = False) -> None:
        """Lines of text, one under the other."""
        at, size = writing.at, writing.lines.size
        look = Look(size, self.color(writing.color), bold)
        for k, line in enumerate(writing.lines.lines):
            if line:
                self.write(at.x, at.y + (k * SPACING + 1.0) * size / 72, line, look, "left", "baseline")

    def _note(self, note: Note, link: str) -> None:
        x = note.at.x + (note.at.width if note.across == "right" else 0)
        look = Look(FOOT_SIZE, self.color("quiet"))
        self.write(x, note.at.y + note.at.height / 2, note.text, look, note.across, "center", link)

    # ---- what a map asks for --------------------------------------------------------------------------------------

    def color(self, color: str, opacity: float = 1.0) -> tuple[float, float, float, float]:
        return (*_channels(ink(color, self.theme) if color in INKS else color), opacity)

    def fill(self, path: Path, transform: Any, color: tuple[float, ...]) -> None:
        gc = self.pen(color, 0.0)
        self.renderer.draw_path(gc, path, transform, color)

    def pen(self, color: tuple[float, ...], width: float, dashes: str = "solid", cap: str = "butt") -> Any:
        gc: Any = self.renderer.new_gc()
        gc.set_foreground(color, isRGBA=True)
        gc.set_linewidth(width)
        gc.set_capstyle(cap)
        gc.set_joinstyle("miter")
        if DASHES[dashes]:
            gc.set_dashes(0, [part * width for part in DASHES[dashes]])
        if self.clip is not None:
            gc.set_clip_rectangle(self.clip)
        return gc

    def stroke(
        self, path: Path, transform: Any, color: tuple[float, ...], width: float, dashes: str = "solid", **pen: Any
    ) -> None:
        """A line; where it is to lie between two pixels it does, or what moves slowly would jerk."""
        gc = self.pen(color, width, dashes, **pen)
        gc.set_snap(False)
        self.renderer.draw_path(gc, path, transform)


class _PixelCanvas(Canvas):
    """A slide as pixels."""

    def __init__(self, size: tuple[float, float], theme: str, dots: float) -> None:
        wide, high = (round(side * dots) for side in size)
        renderer = RendererAgg(wide, high, dots)
        self.plain = renderer.new_gc()
        super().__init__(renderer, (wide, high), theme, dots)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        look: Look,
        across: str,
        down: str,
        link: str = "",  # noqa: ARG002 - pixels link nowhere
    ) -> None:
        kept = (_short_text if len(text) <= SHORT else _long_text)(text, look, self.dots)
        x, y = base_of(x, y, across, down, (kept.wide, kept.high, kept.below))
        self.renderer.draw_image(self.plain, round(x) - ROUND, round(y) - kept.foot, kept.pixels)

    def picture(self, picture: Picture, how: Resampling, box: Box) -> None:
        left, foot, right, top = (round(side) for side in box)
        size = (max(right - left, 1), max(top - foot, 1))
        self._put(np.asarray(picture.convert("RGBA").resize(size, how)), left, foot)

    def _put(self, pixels: Pixels, left: float, foot: float) -> None:
        self.renderer.draw_image(self.pen((0, 0, 0, 1), 0.0), round(left), round(foot), pixels[::-1])

    def chart(self, sweep: Sweep, place: Place, language: str) -> None:
        """The chart, which stays, and the position of the side on it, which moves."""
        still = _still_chart(_Chart(sweep, self.theme, place, language, self.dots))
        self._put(still, place.x * self.dots, self.high - place.y * self.dots - still.shape[0])
        inner = draw.inside_axes(place)
        first, last = float(sweep.positions[0]), float(sweep.positions[-1])
        x = (inner.x + (sweep.at - first) / (last - first) * inner.width) * self.dots
        foot, top = (self.high - y * self.dots for y in (inner.y + inner.height, inner.y))
        self.stroke(Path([(x, foot), (x, top)]), AS_IS, self.color("sample"), 2.0, "dotted")


def base_of(x: float, y: float, across: str, down: str, size: tuple[float, float, float]) -> tuple[float, float]:
    """Where a text begins on its base line, that is at x, y by some part of it: its width, height, and depth below."""
    wide, high, below = size
    x -= {"left": 0.0, "center": wide / 2, "right": wide}[across]
    y += {"baseline": 0.0, "center": below - high / 2, "top": below - high, "bottom": below}[down]
    return x, y


class _Map:
    """A drawing of a slide: from map cells to pixels."""

    def __init__(self, canvas: Canvas, drawing: Drawing) -> None:
        self.canvas, self.cell, self.theme = canvas, drawing.cell * 72, canvas.theme
        self.scale = drawing.cell * canvas.dots
        self.left = drawing.at.x * canvas.dots - drawing.extent[0] * self.scale
        self.top = canvas.high - drawing.at.y * canvas.dots + drawing.extent[1] * self.scale
        self.to_pixels = Affine2D().scale(self.scale, -self.scale).translate(self.left, self.top)
        x1, y1, x2, y2 = drawing.extent
        self.clip = Bbox([self._at(x1, y2), self._at(x2, y1)])

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top - y * self.scale

    def paint(self, strokes: Sequence[Stroke]) -> None:
        """The strokes in their layers, as :mod:`roialign_lab.export.draw` has them."""
        clear = clear_of(strokes, self.cell) if has_patterns(self.theme) else []
        layers = [layer for stroke in strokes for layer in self._layers(stroke, clear)]
        for _, paint in sorted(layers, key=lambda layer: layer[0]):
            paint()
        self.canvas.clip = None

    def _layers(self, stroke: Stroke, clear: Sequence[Box]) -> Iterator[tuple[float, Callable[[], None]]]:
        """What is painted of a stroke, and how far above the rest."""
        match stroke:
            case Cell():
                yield 1, lambda: self._ground(stroke)
                if stroke.words is not None and stroke.words.is_written(self.cell):
                    yield 4, lambda: self._number(stroke)
            case Tiles():
                rows, columns = stroke.levels.shape
                picture = tiles_picture(stroke, self.theme)
                yield 1, lambda: self._image(picture, (0.0, 0.0, columns, rows), Resampling.NEAREST)
            case Image():
                yield 1, lambda: self._image(picture_at(stroke.address), stroke.box, Resampling.BICUBIC)
            case Frame():
                if stroke.filled:
                    yield 2, lambda: self._tint(stroke, clear)
                if stroke.width is not None:
                    yield 3, lambda: self._edge(stroke)
            case Shape():
                yield 2.5, lambda: self._shape(stroke)
            case Line():
                yield 3 if stroke.head is None else 5, lambda: self._line(stroke)
            case Disc():
                yield 5 if stroke.edge else 3, lambda: self._disc(stroke, clear)
            case Crosses():
                yield 3, lambda: self._crosses(stroke)
            case Words() if stroke.is_written(self.cell):
                yield 6, lambda: self._words(stroke)

    def _color(self, color: str, opacity: float = 1.0) -> tuple[float, float, float, float]:
        return self.canvas.color(color, opacity)

    def _stroke(self, path: Path, color: str, opacity: float, width: float, dashes: str = "solid", **pen: Any) -> None:
        self.canvas.clip = self.clip
        self.canvas.stroke(path, self.to_pixels, self._color(color, opacity), width, dashes, **pen)

    def _fill(self, path: Path, color: str, opacity: float) -> None:
        self.canvas.clip = self.clip
        self.canvas.fill(path, self.to_pixels, self._color(color, opacity))

    # ---- strokes --------------------------------------------------------------------------------------------------

    def _ground(self, cell: Cell) -> None:
        paint = _paint_of_cell(cell.level, cell.opacity, self.theme)
        self.canvas.clip = self.clip
        gc = self.canvas.pen(self._color(paint.edge), paint.edge_width)
        if math.isnan(cell.level) and not cell.is_unknown:
            gc.set_hatch(draw.NOTHING)
            gc.set_hatch_color(self._color(paint.edge))
        box = rectangle((cell.column, cell.row, cell.column + 1, cell.row + 1))
        self.canvas.renderer.draw_path(gc, box, self.to_pixels, self._color(paint.fill))

    def _number(self, cell: Cell) -> None:
        words = cell.words
        assert words is not None
        paint = _paint_of_cell(cell.level, cell.opacity, self.theme)
        on_line = replace(words.spot(self.cell), y=words.box(self.cell)[3], down="baseline")
        self._text(words, on_line, paint.number, paint.fill if cell.under == "line" else "")

    def _image(self, picture: Picture, box: Box, how: Resampling) -> None:
        self.canvas.clip = self.clip
        self.canvas.picture(picture, how, (*self._at(box[0], box[3]), *self._at(box[2], box[1])))

    def _tint(self, frame: Frame, clear: Sequence[Box]) -> None:
        if pattern(role_of(frame), self.theme, frame.color):
            self._hatch(frame, clear)
        else:
            self._fill(rectangle(frame.box), frame.color, frame.filled)

    def _edge(self, frame: Frame) -> None:
        assert frame.width is not None
        dashes = dash(role_of(frame), self.theme, frame.dash)
        self._stroke(rectangle(frame.box), frame.color, frame.opacity, frame.width.at(self.cell), dashes)

    def _hatch(self, stroke: Frame | Disc, clear: Sequence[Box]) -> None:
        ends = [end for x0, y0, x1, y1 in hatch(stroke, self.theme, self.cell, clear) for end in ((x0, y0), (x1, y1))]
        if ends:
            path = Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))
            self._stroke(path, stroke.color, 1.0, hatch_width(stroke, self.theme))

    def _shape(self, shape: Shape) -> None:
        closed = [Path([*loop, loop[0]], closed=True) for loop in shape.loops]
        if not closed:
            return
        path, width = Path.make_compound_path(*closed), shape.width.at(self.cell)
        if shape.halo:
            self._stroke(path, shape.halo, 1.0, width + 2)
        if shape.filled:
            self._fill(path, shape.color, shape.filled)
        self._stroke(path, shape.color, 1.0, width, shape.dash)

    def _line(self, line: Line) -> None:
        x1, y1 = line.x1, line.y1
        if line.head is not None:
            tip, left, right = line.triangle(self.cell)
            x1, y1 = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
            self._fill(Path([tip, left, right, tip], closed=True), line.color, line.opacity)
        path = Path([(line.x0, line.y0), (x1, y1)])
        cap = "butt" if line.head or line.dash != "solid" else "projecting"
        self._stroke(path, line.color, line.opacity, line.width.at(self.cell), line.dash, cap=cap)

    def _disc(self, disc: Disc, clear: Sequence[Box]) -> None:
        radius = disc.radius.at(self.cell) / self.cell
        path = CIRCLE.transformed(Affine2D().scale(radius).translate(disc.x, disc.y))
        if pattern(role_of(disc), self.theme, disc.color) and not disc.edge:
            self._hatch(disc, clear)
            self._stroke(path, disc.color, 1.0, 1.5)
            return
        self._fill(path, disc.color, disc.opacity)
        if disc.edge:
            self._stroke(path, disc.edge, disc.opacity, 2.0)

    def _crosses(self, crosses: Crosses) -> None:
        size, at = crosses.size.at(self.cell), Path(np.column_stack([crosses.xs, crosses.ys]))
        self.canvas.clip = self.clip
        for color, width, larger in ((crosses.halo, size * 0.42, 1.5), (crosses.color, size * 0.2, 0.0)):
            if color:
                gc = self.canvas.pen(self._color(color, crosses.opacity), width * crosses.weight)
                gc.set_snap(False)
                arms = Affine2D().scale((size + larger) * self.canvas.dots / 72)
                self.canvas.renderer.draw_markers(gc, CROSS, arms, at, self.to_pixels)

    def _words(self, words: Words) -> None:
        if not words.pill:
            self._text(words, words.spot(self.cell), words.color, words.halo)
            return
        x1, y1, x2, y2 = words.box(self.cell)
        self._fill(_pill(x1, y1, x2, y2), words.pill, words.opacity)
        self._text(words, Spot((x1 + x2) / 2, (y1 + y2) / 2), words.color, words.halo)

    def _text(self, words: Words, spot: Spot, color: str, halo: str) -> None:
        outline = ink(halo, self.theme) if halo in INKS else halo
        look = Look(words.size.at(self.cell), self._color(color, words.opacity), words.bold, outline)
        self.canvas.clip = None
        self.canvas.text(words.text, *self._at(spot.x, spot.y), look, spot.across, spot.down)


@lru_cache(KEPT)
def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue, _ = to_rgba(color)
    return red, green, blue


_paint_of_cell = lru_cache(KEPT)(cell_paint)


def rectangle(box: Box) -> Path:
    """The outline from x1, y1 to x2, y2."""
    x1, y1, x2, y2 = box
    return Path([(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)], closed=True)


def _pill(x1: float, y1: float, x2: float, y2: float) -> Path:
    """A rectangle with round ends."""
    r = (y2 - y1) / 2
    turn = np.linspace(-math.pi / 2, math.pi / 2, 17)
    right = np.column_stack([x2 - r + r * np.cos(turn), y1 + r + r * np.sin(turn)])
    left = np.column_stack([x1 + r - r * np.cos(turn), y2 - r - r * np.sin(turn)])
    return Path(np.concatenate([right, left, right[:1]]), closed=True)


# ---- texts that are painted once ----------------------------------------------------------------------------------


class _Text(NamedTuple):
    """A text as a picture, which has ``foot`` pixels below its base line; how wide and high its letters are, and how
    much of that is below the base line."""

    pixels: Pixels
    foot: int
    wide: float
    high: float
    below: float


def _written(text: str, look: Look, dots: float) -> _Text:
    font = font_of(look.size, look.bold)
    wide, high, below = _measured(text, font, dots)
    foot = ROUND + math.ceil(below)
    beside = ROUND + math.ceil(BEARING * look.size * dots / 72)
    renderer = RendererAgg(math.ceil(wide) + ROUND + beside, math.ceil(high) + 2 * ROUND, dots)
    gc = renderer.new_gc()
    gc.set_foreground(look.color, isRGBA=True)
    gc.set_alpha(look.color[3])
    at = (ROUND, renderer.height - foot)
    if look.halo:
        effect = Outline(linewidth=HALO, foreground=look.halo)
        PathEffectRenderer([effect], renderer).draw_text(gc, *at, text, font, 0)
    renderer.draw_text(gc, *at, text, font, 0)
    least_high, least_below = _least(font, dots)
    pixels = np.array(renderer.buffer_rgba())[::-1]
    return _Text(pixels, foot, wide, max(high, least_high), max(below, least_below))


_short_text, _long_text = lru_cache(KEPT)(_written), lru_cache(KEPT_LONG)(_written)


@lru_cache(KEPT)
def font_of(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=BOLD_FAMILIES if bold else FAMILIES, size=size)


@lru_cache(KEPT)
def _least(font: FontProperties, dots: float) -> tuple[float, float]:
    """How high a line of that font is at least, and how much of it is below the base line."""
    return _measured("lp", font, dots)[1:]


def _measured(text: str, font: FontProperties, dots: float) -> tuple[float, float, float]:
    wide, high, below = RendererAgg(1, 1, dots).get_text_width_height_descent(text, font, False)
    return wide, high, below


class _Chart:
    """A chart without the position of its side; two are equal that look alike."""

    def __init__(self, sweep: Sweep, theme: str, place: Place, language: str, dots: float) -> None:
        self.sweep, self.key = sweep, (sweep.side, theme, place, language, dots, sweep.looked, sweep.names)
        self.theme, self.place, self.language, self.dots = theme, place, language, dots
        self.numbers = (sweep.positions.tobytes(), sweep.pool.tobytes(), sweep.align.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Chart) and (self.key, self.numbers) == (other.key, other.numbers)

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(4)
def _still_chart(chart: _Chart) -> Pixels:
    still = replace(chart.sweep, at=math.nan)
    canvas = FigureCanvasAgg(draw.draw_sweep(still, chart.theme, chart.place, chart.language))
    canvas.figure.set_dpi(chart.dots)
    canvas.draw()
    return np.array(canvas.buffer_rgba())
