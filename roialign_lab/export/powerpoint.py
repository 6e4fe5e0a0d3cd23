"""Sheets -> a presentation (PPTX): titles, captions and notes as text, the figure as shapes or as pictures."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL.Image import Image as Picture
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Inches, Length, Pt

from roialign_lab.export.draw import draw_alone, draw_sweep, save
from roialign_lab.export.fonts import Fitted, clean
from roialign_lab.export.layout import FOOT_SIZE, SIZES, Drawing, Layout, Place, Sheet, Writing, arranged
from roialign_lab.export.movie_slide import Clip, add_movie_slide
from roialign_lab.export.native_chart import add_chart, rgb
from roialign_lab.export.pixels import picture_at, png, tiles_picture
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
    Stroke,
    Tiles,
    Words,
    in_layers,
    role_of,
)
from roialign_lab.figures.style import cell_paint, dash, has_patterns, pattern

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"
"""Fonts that PowerPoint has, and that Keynote and LibreOffice replace by something of the same width."""
PICTURE_DOTS = 220  # an inch
TITLE_ONLY = 5  # the layout with a title alone
LONG_AGO = datetime.datetime(1980, 1, 1)
DASHES = {"dashed": MSO_LINE.DASH, "dotted": MSO_LINE.ROUND_DOT, "dashdot": MSO_LINE.DASH_DOT}
ALIGN = {"left": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}
NOTHING = "wdUpDiag"  # the pattern of a cell without a number
BESIDE_LINE = 0.85  # opacity of the ground of a number that a line runs under
HALO_OF_CROSS = 0.13  # of the size of a ×, at most HALO_POINTS: a wider one would hide a small ×
HALO_POINTS, LEAST_WITH_HALO = 0.9, 5.0
NO_CLIPS: Mapping[int, Clip] = {}
GRAIN = 1000  # of an inch: a freeform has whole numbers


def presentation(
    sheets: Sequence[Sheet],
    *,
    pictures: bool,
    progress: Callable[[int, int], None],
    clips: Mapping[int, Clip] = NO_CLIPS,
) -> bytes:
    """A PPTX with a slide a sheet. With ``pictures`` the figure is a picture, else shapes that can be edited.

    ``clips`` are films on slides of their own, each by how many sheets come before it.
    """
    made = Presentation()
    wide, high = SIZES[sheets[0].aspect]
    made.slide_width, made.slide_height = Inches(wide), Inches(high)
    properties = made.core_properties
    properties.title, properties.author = sheets[0].footer, ""
    properties.created = properties.modified = LONG_AGO
    properties.last_modified_by = ""
    for k, sheet in enumerate(sheets, start=1):
        _add_slide(made, sheet, pictures)
        if k in clips:
            add_movie_slide(made, clips[k])
        progress(k, len(sheets))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _add_slide(made: Any, sheet: Sheet, pictures: bool) -> None:
    layout = arranged(sheet)
    slide = made.slides.add_slide(made.slide_layouts[TITLE_ONLY])
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = rgb("paper", sheet.theme)
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = _emus(layout.title.at)
    _fill(title.text_frame, layout.title.lines, "text", sheet.theme, bold=True, anchor=MSO_ANCHOR.MIDDLE)
    for writing in layout.writings:
        _write(slide.shapes, writing, sheet.theme)
    for drawing in layout.drawings:
        _add_drawing(slide.shapes, drawing, sheet.theme, pictures)
    if sheet.sweep is not None and layout.sweep_at is not None:
        if pictures:
            figure = draw_sweep(sheet.sweep, sheet.theme, layout.sweep_at, sheet.language)
            chart = _add_picture(slide.shapes, save(figure, "png", PICTURE_DOTS), layout.sweep_at)
        else:
            chart = add_chart(slide.shapes, sheet.sweep, layout.sweep_at, sheet.theme, sheet.language)
        _described(chart, "sweep", clean(sheet.alt))
    _add_foot(slide, sheet, layout)
    if sheet.notes:
        slide.notes_slide.notes_text_frame.text = clean(sheet.notes)


def _add_drawing(shapes: Any, drawing: Drawing, theme: str, pictures: bool) -> None:
    if pictures:
        shape = _add_picture(shapes, save(draw_alone(drawing, theme), "png", PICTURE_DOTS), drawing.at)
    else:
        shape = _Canvas(shapes, drawing, theme).group(drawing.strokes)
    _described(shape, drawing.name, clean(drawing.alt))


def _add_foot(slide: Any, sheet: Sheet, layout: Layout) -> None:
    for note in layout.foot:
        line = Writing(note.name, note.at, Fitted((note.text,), FOOT_SIZE, 0.3, whole=False), "quiet", note.text)
        box = _write(slide.shapes, line, sheet.theme, note.across)
        if note.name == "link":
            box.click_action.hyperlink.address = sheet.link  # of a run it would be blue on any ground


# ---- text ---------------------------------------------------------------------------------------------------------


def _write(shapes: Any, writing: Writing, theme: str, across: str = "left") -> Any:
    """A text box. Lines that were broken to fit are a single paragraph, so that it can be edited as a whole."""
    box = shapes.add_textbox(*_emus(writing.at))
    box.name = writing.name
    lines = writing.lines
    if lines.whole:
        lines = replace(lines, lines=tuple(writing.text.split("\n")))
    _fill(box.text_frame, lines, writing.color, theme, across=across)
    return box


def _fill(
    frame: Any,
    fitted: Fitted,
    color: str,
    theme: str,
    *,
    bold: bool = False,
    across: str = "left",
    anchor: Any = MSO_ANCHOR.TOP,
) -> None:
    """Lines as paragraphs, without the margins that a text box has of its own."""
    frame.word_wrap = True
    frame.vertical_anchor = anchor
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for k, line in enumerate(fitted.lines):
        paragraph = frame.paragraphs[0] if k == 0 else frame.add_paragraph()
        paragraph.alignment = ALIGN[across]
        _run(paragraph, line, fitted.size, rgb(color, theme), bold)


def _run(paragraph: Any, text: str, size: float, color: RGBColor, bold: bool) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(round(size, 1)), bold, LATIN
    run.font.color.rgb = color
    _append(run._r.get_or_add_rPr(), "a:ea", typeface=EAST_ASIAN)


def _append(parent: Any, tag: str, **attributes: str) -> None:
    child = OxmlElement(tag)
    for name, value in attributes.items():
        child.set(name, value)
    parent.append(child)


def _described(shape: Any, name: str, alt: str) -> None:
    """The name in the selection pane, and what is read aloud instead of the picture."""
    shape.name = name
    shape._element.xpath(".//p:cNvPr")[0].set("descr", alt)


def _emus(at: Place) -> tuple[Length, Length, Length, Length]:
    return Inches(at.x), Inches(at.y), Inches(at.width), Inches(at.height)


def _add_picture(shapes: Any, content: bytes, at: Place) -> Any:
    return shapes.add_picture(io.BytesIO(content), *_emus(at))


# ---- shapes -------------------------------------------------------------------------------------------------------


class _Canvas:
    """Where strokes become shapes; map cell (x, y) is at ``left + x * unit``, ``top + y * unit`` inches."""

    def __init__(self, shapes: Any, drawing: Drawing, theme: str) -> None:
        self.shapes, self.theme, self.unit = shapes, theme, drawing.cell
        self.left = drawing.at.x - drawing.extent[0] * self.unit
        self.top = drawing.at.y - drawing.extent[1] * self.unit
        self.cell = self.unit * 72  # points
        self.made: list[Any] = []
        self.clear: list[Box] = []

    def group(self, strokes: Iterable[Stroke]) -> Any:
        """The strokes in order, the numbers over the lines, as one group.

        It is made last, as a group is measured anew whenever it gets a shape.
        """
        every = [*strokes]
        under, numbers, over = in_layers(every)
        self.clear = clear_of(every, self.cell) if has_patterns(self.theme) else []
        for stroke in under:
            self._draw(stroke)
        for cell in numbers:
            self._number(cell)
        for stroke in over:
            self._draw(stroke)
        return self.shapes.add_group_shape(self.made)

    def _draw(self, stroke: Stroke) -> None:
        match stroke:
            case Cell():
                self._cell(stroke)
            case Tiles():
                self._tiles(stroke)
            case Image():
                self._image(stroke.name, picture_at(stroke.address), stroke.box)
            case Frame():
                self._frame(stroke)
            case Shape():
                self._outline(stroke)
            case Line():
                self._line(stroke)
            case Disc():
                self._disc(stroke)
            case Crosses():
                self._crosses(stroke)
            case Words() if stroke.is_written(self.cell):
                self._words(stroke)

    def _at(self, x1: float, y1: float, x2: float, y2: float) -> Place:
        unit = self.unit
        return Place(self.left + x1 * unit, self.top + y1 * unit, (x2 - x1) * unit, (y2 - y1) * unit)

    def _shape(self, kind: Any, name: str, at: Place) -> Any:
        shape = self.shapes.add_shape(kind, *_emus(at))
        self.made.append(shape)
        shape.name = name
        shape._element.remove(shape._element.find(qn("p:style")))  # no shadow, no colours but its own
        return shape

    def _paint(self, shape: Any, color: str, opacity: float = 1.0) -> None:
        shape.fill.solid()
        shape.fill.fore_color.rgb = self._color(color)
        self._see_through(shape._element.spPr, opacity)

    def _edge(self, shape: Any, color: str, width: float, dash: str = "solid", opacity: float = 1.0) -> None:
        if not width:
            shape.line.fill.background()
            return
        shape.line.color.rgb, shape.line.width = self._color(color), Pt(width)
        if dash in DASHES:
            shape.line.dash_style = DASHES[dash]
        self._see_through(shape.line._get_or_add_ln(), opacity)

    def _see_through(self, element: Any, opacity: float) -> None:
        if opacity < 1:
            for color in element.findall(qn("a:solidFill") + "/" + qn("a:srgbClr")):
                _append(color, "a:alpha", val=str(round(opacity * 100_000)))

    def _color(self, name: str) -> RGBColor:
        return rgb(name, self.theme)

    def _cell(self, cell: Cell) -> None:
        at = self._at(cell.column, cell.row, cell.column + 1, cell.row + 1)
        shape, paint = self._shape(MSO_SHAPE.RECTANGLE, cell.name, at), cell_paint(cell.level, cell.opacity, self.theme)
        if math.isnan(cell.level) and not cell.is_unknown:
            shape.fill.patterned()
            shape.fill._fill._pattFill.set("prst", NOTHING)
            shape.fill.fore_color.rgb, shape.fill.back_color.rgb = self._color(paint.edge), self._color(paint.fill)
        else:
            self._paint(shape, paint.fill)
        self._edge(shape, paint.edge, paint.edge_width)

    def _number(self, cell: Cell) -> None:
        """The number of a cell as a text of its own: over the lines, which a shape with its text would lie under."""
        words = cell.words
        if words is None or not words.is_written(self.cell):
            return
        paint = cell_paint(cell.level, cell.opacity, self.theme)
        shape = self._shape(MSO_SHAPE.RECTANGLE, f"{cell.name}-number", self._at(*words.box(self.cell)))
        if cell.under == "line":
            self._paint(shape, paint.fill, BESIDE_LINE)
        else:
            shape.fill.background()
        self._edge(shape, "paper", 0)
        self._text(shape, words, self._color(paint.number))

    def _text(self, shape: Any, words: Words, color: RGBColor) -> None:
        """One line in the middle of a shape, which it may reach beyond."""
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap = False
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        _run(frame.paragraphs[0], words.text, words.size.at(self.cell), color, words.bold)

    def _tiles(self, tiles: Tiles) -> None:
        rows, columns = tiles.levels.shape
        self._image(tiles.name, tiles_picture(tiles, self.theme), (0, 0, columns, rows))

    def _image(self, name: str, picture: Picture, box: Box) -> None:
        self.made.append(_add_picture(self.shapes, png(picture), self._at(*box)))
        self.made[-1].name = name

    def _frame(self, frame: Frame) -> None:
        role, has_pattern = role_of(frame), bool(pattern(role_of(frame), self.theme, frame.color))
        if frame.filled and has_pattern:
            self._pattern(frame)
        shape = self._shape(MSO_SHAPE.RECTANGLE, frame.name, self._at(*frame.box))
        if frame.filled and not has_pattern:
            self._paint(shape, frame.color, frame.filled)
        else:
            shape.fill.background()
        width = frame.width.at(self.cell) if frame.width is not None else 0.0
        self._edge(shape, frame.color, width, dash(role, self.theme, frame.dash), frame.opacity)

    def _outline(self, shape: Shape) -> None:
        """A freeform of as many loops."""
        if not shape.loops:
            return
        made = self._freeform(shape.name, [(loop, True) for loop in shape.loops])
        if shape.filled:
            self._paint(made, shape.color, shape.filled)
        else:
            made.fill.background()
        self._edge(made, shape.color, shape.width.at(self.cell), shape.dash)

    def _freeform(self, name: str, parts: Sequence[tuple[Any, bool]]) -> Any:
        """A shape of several lines through points x, y in cells, each closed or not."""
        paths = [(np.asarray(points) * self.unit + (self.left, self.top)) * GRAIN for points, _ in parts]
        builder = self.shapes.build_freeform(*paths[0][0], scale=Inches(1) / GRAIN)
        for k, (path, (_, is_closed)) in enumerate(zip(paths, parts, strict=True)):
            if k:
                builder.move_to(*path[0])
            builder.add_line_segments([*path[1:]], close=is_closed)
        made = builder.convert_to_shape()
        self.made.append(made)
        made.name = name
        made._element.remove(made._element.find(qn("p:style")))
        return made

    def _pattern(self, stroke: Frame | Disc) -> None:
        """The lines of the pattern of a role: PowerPoint's own would hide the cells and run through the digits."""
        lines = hatch(stroke, self.theme, self.cell, self.clear)
        if lines:
            parts = [(((x0, y0), (x1, y1)), False) for x0, y0, x1, y1 in lines]
            made = self._freeform(f"{stroke.name}-pattern", parts)
            made.fill.background()
            self._edge(made, stroke.color, hatch_width(stroke, self.theme))

    def _line(self, line: Line) -> None:
        ends = ((line.x0, line.y0), (line.x1, line.y1))
        (x0, y0), (x1, y1) = ((self.left + x * self.unit, self.top + y * self.unit) for x, y in ends)
        shape = self.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Inches(x0), Inches(y0), Inches(x1), Inches(y1))
        self.made.append(shape)
        shape.name = line.name
        shape._element.remove(shape._element.find(qn("p:style")))
        self._edge(shape, line.color, line.width.at(self.cell), line.dash, line.opacity)
        if line.head is not None:
            _append(shape.line._get_or_add_ln(), "a:tailEnd", type="triangle")

    def _disc(self, disc: Disc) -> None:
        r = disc.radius.at(self.cell) / self.cell
        shape = self._shape(MSO_SHAPE.OVAL, disc.name, self._at(disc.x - r, disc.y - r, disc.x + r, disc.y + r))
        if pattern(role_of(disc), self.theme, disc.color) and not disc.edge:
            self._pattern(disc)
            shape.fill.background()
            self._edge(shape, disc.color, 1.5)
            return
        self._paint(shape, disc.color, disc.opacity)
        self._edge(shape, disc.edge or disc.color, 2 if disc.edge else 0)

    def _crosses(self, crosses: Crosses) -> None:
        size = crosses.size.at(self.cell)
        half = size * 0.95 / self.cell  # the shape's arms end inside its place
        halo = min(HALO_OF_CROSS * size, HALO_POINTS) * crosses.weight if size >= LEAST_WITH_HALO else 0
        places = zip(crosses.numbers, crosses.xs.tolist(), crosses.ys.tolist(), strict=True)
        for number, x, y in places:
            at = self._at(x - half, y - half, x + half, y + half)
            shape = self._shape(MSO_SHAPE.MATH_MULTIPLY, f"{crosses.name}-{number}", at)
            self._paint(shape, crosses.color, crosses.opacity)
            self._edge(shape, crosses.halo, halo if crosses.halo else 0, opacity=crosses.opacity)

    def _words(self, words: Words) -> None:
        kind = MSO_SHAPE.ROUNDED_RECTANGLE if words.pill else MSO_SHAPE.RECTANGLE
        shape = self._shape(kind, words.name, self._at(*words.box(self.cell)))
        if words.pill or words.halo:
            self._paint(shape, words.pill or words.halo, words.opacity if words.pill else 0.7)
        else:
            shape.fill.background()
        self._edge(shape, "paper", 0)
        self._text(shape, words, self._color(words.color))
