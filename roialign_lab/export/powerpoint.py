"""Sheets -> a presentation (PPTX): titles, captions and notes as text, the figure as shapes or as pictures.

A slide is made on a layout, ours or a template's: what the layout says of places, fonts and colours is not said again.
"""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL.Image import Image as Picture
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml

from roialign_lab.export.draw import draw_alone, draw_sweep, save
from roialign_lab.export.drawing_xml import GROUND, NAMESPACES, NO_FILL, NO_LINE, ROLES, Node, Palette, Pen
from roialign_lab.export.equations import are_formulas, either
from roialign_lab.export.fonts import clean, one_line
from roialign_lab.export.layout import CAPTION_SIZES, FOOT_SIZE, FORMULA_SIZES, Drawing, Place, Sheet, Writing, arranged
from roialign_lab.export.movie_slide import Clip, add_movie_slide
from roialign_lab.export.named_groups import MORPH as SAME
from roialign_lab.export.named_groups import Group, groups
from roialign_lab.export.native_chart import add_chart
from roialign_lab.export.pixels import picture_at, png, tiles_picture
from roialign_lab.export.slide_master import CAPTION, FOOTER, FORMULA, NUMBER, PICTURE, caption_layout, own_presentation
from roialign_lab.export.slide_motion import MORPH, appearing
from roialign_lab.export.template import Template
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
    role_of,
)
from roialign_lab.figures.style import cell_paint, dash, has_patterns, pattern
from roialign_lab.lesson.text import text_in

PICTURE_DOTS = 220  # an inch
LONG_AGO = datetime.datetime(1980, 1, 1)
NOTHING = "wdUpDiag"  # the pattern of a cell without a number
BESIDE_LINE = 0.85  # opacity of the ground of a number that a line runs under
HALO_OF_CROSS = 0.13  # of the size of a ×, at most HALO_POINTS: a wider one would hide a small ×
HALO_POINTS, LEAST_WITH_HALO = 0.9, 5.0
NO_CLIPS: Mapping[int, Clip] = {}
TIGHT = '<a:bodyPr wrap="{wrap}" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr>'
WRAPPED, ONE_LINE = TIGHT.format(wrap="square", anchor="t"), TIGHT.format(wrap="none", anchor="ctr")
NO_BULLET = (
    '<a:pPr marL="0" indent="0" algn="l"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc>'
    '<a:spcBef><a:spcPts val="0"/></a:spcBef><a:spcAft><a:spcPts val="0"/></a:spcAft><a:buNone/></a:pPr>'
)
IN_MIDDLE, AT_RIGHT = '<a:pPr algn="ctr"/>', '<a:pPr algn="r"/>'


@dataclass(frozen=True)
class _Base:
    """What slides are made on: an empty presentation, one of its layouts, and what its colours stand for.

    ``title`` to ``number`` are what the places of the layout are known by, "" where it has none; ``is_ours`` says
    whether they have the sizes of our texts.
    """

    made: Any
    layout: Any
    title: str
    caption: str
    formula: str
    picture: str
    footer: str
    number: str
    slots: Mapping[str, str]
    is_ours: bool


def _our_base(sheet: Sheet) -> _Base:
    made = own_presentation(sheet.plan, sheet.theme, sheet.language)
    return _Base(
        made,
        caption_layout(made),
        title='type="title"',
        caption=f'type="body" sz="half" idx="{CAPTION}"',
        formula=f'type="body" sz="quarter" idx="{FORMULA}"',
        picture=f'type="pic" idx="{PICTURE}"',
        footer=f'type="ftr" sz="quarter" idx="{FOOTER}"',
        number=f'type="sldNum" sz="quarter" idx="{NUMBER}"',
        slots=GROUND | ROLES,
        is_ours=True,
    )


def _base_of(template: Template) -> _Base:
    made = Presentation(io.BytesIO(template.content))
    layouts = [layout for master in made.slide_masters for layout in master.slide_layouts]
    places = {name: getattr(template, name) for name in ("title", "caption", "footer", "number", "slots")}
    return _Base(made, layouts[template.layout], formula="", picture="", is_ours=False, **places)


def presentation(
    sheets: Sequence[Sheet],
    *,
    pictures: bool,
    progress: Callable[[int, int], None],
    clips: Mapping[int, Clip] = NO_CLIPS,
    template: Template | None = None,
) -> bytes:
    """A PPTX with a slide a sheet, ours or in a template that the sheets were arranged for.

    With ``pictures`` the figure is a picture, else shapes that can be edited. ``clips`` are films on slides of their
    own, each by how many sheets come before it.
    """
    first = sheets[0]
    base = _base_of(template) if template is not None else _our_base(first)
    made = base.made
    properties = made.core_properties
    properties.title, properties.author = first.footer, ""
    properties.created = properties.modified = LONG_AGO
    properties.last_modified_by, properties.language = "", first.language
    shown = frozenset[str]()
    for k, sheet in enumerate(sheets, start=1):
        slide = _Slide(base, sheet, pictures=pictures)
        slide.fill(k)
        slide.move(shown, is_first=k == 1)
        shown = frozenset(slide.things)
        if k in clips:
            add_movie_slide(made, clips[k], slide.pen)
        progress(k, len(sheets))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


class _Slide:
    """A slide that is being made: its parts from the bottom to the top, which is the order in which they are read."""

    def __init__(self, base: _Base, sheet: Sheet, *, pictures: bool) -> None:
        self.base, self.sheet, self.pictures = base, sheet, pictures
        self.slide = base.made.slides.add_slide(base.layout)
        self.layout, self.text = arranged(sheet), text_in(sheet.language)
        self.palette = Palette(sheet.theme, base.slots)
        self.pen = Pen(self.palette, sheet.language, sheet.plan.scale)
        self.nodes: list[str] = []
        self.things: dict[str, tuple[str, int]] = {}  # the role and the number of every group, by its name

    def fill(self, number: int) -> None:
        """Everything that is on it."""
        tree = self.slide.shapes._spTree
        for place in tree.iter_ph_elms():
            tree.remove(place)
        self._add_words()
        for drawing in self.layout.drawings:
            self._add_drawing(drawing)
        self._add_foot(number)
        whole = parse_xml(f"<p:spTree {NAMESPACES}>{''.join(self.nodes)}</p:spTree>")
        tree.extend([*whole])
        if self.sheet.sweep is not None and self.layout.sweep_at is not None:
            self._add_sweep(self.layout.sweep_at)
        if self.sheet.notes:
            self._add_notes()

    def move(self, shown: frozenset[str], *, is_first: bool) -> None:
        """How it comes, and what appears on it on a click: each role that the slide before, with ``shown``, has not."""
        if not is_first:
            self.slide._element.append(parse_xml(MORPH))
        if self.sheet.builds:
            clicks: dict[str, list[int]] = {}
            for name, (role, shape) in self.things.items():
                if name not in shown:
                    clicks.setdefault(role, []).append(shape)
            if clicks:
                self.slide._element.append(parse_xml(appearing(clicks.values())))

    # ---- text -----------------------------------------------------------------------------------------------------

    def _add_words(self) -> None:
        """The title, the caption and the formula in the places of the layout, other words in boxes of their own."""
        base = self.base
        self._put(self.layout.title, base.title, self.sheet.plan.title_sizes[0], is_title=True)
        places = {"caption": (base.caption, CAPTION_SIZES[0]), "formula": (base.formula, FORMULA_SIZES[0])}
        for writing in self.layout.writings:
            self._put(writing, *places.pop(writing.name, ("", 0.0)))

    def _put(self, writing: Writing, place: str, usual: float, *, is_title: bool = False) -> None:
        """A text in a place of the layout, whose ``usual`` size it has, or in a box of its own.

        Lines that were broken to fit are one paragraph, so that it can be edited as a whole. An equation is a line.
        """
        size, lines = round(writing.lines.size, 1), writing.lines.lines
        if writing.lines.whole and not is_title:
            lines = tuple(writing.text.split("\n"))
        if place and (is_title or self.base.is_ours):
            look: tuple[str, ...] = (self.pen.look(0.0 if size == usual else size),)
            said = self.pen.text(lines, *look)
            node = self.pen.placeholder(writing.name, place, said, None if is_title else writing.at)
        elif place:  # of a template: without its bullets
            look = (self.pen.look(size), WRAPPED, NO_BULLET)
            said = self.pen.text(lines, *look)
            node = self.pen.placeholder(writing.name, place, said, writing.at)
        else:
            color = "" if writing.color == "text" and self.base.is_ours else writing.color
            look = (self.pen.look(size, color, bold=is_title), WRAPPED)
            said = self.pen.text(lines, *look)
            node = self.pen.text_box(writing.name, writing.at, said)
        if self.sheet.equations and writing.name == "formula" and are_formulas(lines):
            equations = self.pen.equations(writing.lines.lines, *look)
            self.nodes.append(either(node.xml.replace(said, equations), node.xml))
        else:
            self.nodes.append(node.xml)

    def _add_foot(self, number: int) -> None:
        """The title of the deck, the link, the number of the slide, in the places that there are for them.

        A template's footer is the link too.
        """
        base, sheet, pen = self.base, self.sheet, self.pen
        notes = {note.name: note for note in self.layout.foot}
        to = ""
        if sheet.link:
            to = self.slide.part.relate_to(sheet.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        if base.footer and base.is_ours:
            footer = notes["footer"]
            said = pen.text([footer.text], "")
            self.nodes.append(pen.placeholder("footer", base.footer, said, footer.at if to else None).xml)
        elif base.footer:
            words = " · ".join(filter(None, (clean(sheet.footer), notes["link"].text if to else "")))
            said = pen.text([one_line(words, sheet.plan.foot.width, FOOT_SIZE)], "")
            self.nodes.append(pen.placeholder("footer", base.footer, said, link=to).xml)
        if to and (base.is_ours or not base.footer):
            said = pen.text([notes["link"].text], pen.look(FOOT_SIZE, "q22"), WRAPPED, AT_RIGHT)
            self.nodes.append(pen.text_box("link", notes["link"].at, said, link=to).xml)
        if base.number and "number" in notes:
            self.nodes.append(pen.placeholder("number", base.number, pen.number(str(number))).xml)

    def _add_notes(self) -> None:
        frame = self.slide.notes_slide.notes_text_frame
        body = frame._txBody
        for paragraph in body.findall("{*}p"):
            body.remove(paragraph)
        for line in self.sheet.notes.split("\n"):
            body.append(parse_xml(f"<a:p {NAMESPACES}>{self.pen.run(clean(line))}</a:p>"))

    # ---- pictures -------------------------------------------------------------------------------------------------

    def _add_drawing(self, drawing: Drawing) -> None:
        if self.pictures:
            content = save(draw_alone(drawing, self.sheet.theme), "png", PICTURE_DOTS)
            kind = "output" if drawing.name.startswith("output") else "map"
            place = f"<p:ph {self.base.picture}/>" if drawing.name == "map" and self.base.picture else ""
            name = SAME + self.text(f"deck.part.{kind}") + drawing.name.removeprefix(kind).replace("-", " ")
            relation = self._relation(content)
            self.nodes.append(self.pen.picture(name, relation, drawing.at, clean(drawing.alt), place).xml)
            return
        canvas = _Canvas(self.pen, drawing, self.sheet.theme, self._relation)
        for group in groups(drawing, self.text):
            nodes = [*canvas.nodes(group)]
            if nodes:
                node, number = self.pen.group(group.name, clean(group.alt), nodes)
                self.things[group.name] = (group.role, number)
                self.nodes.append(node.xml)

    def _add_sweep(self, at: Place) -> None:
        """The chart, as a chart of PowerPoint or as a picture."""
        sheet, name = self.sheet, SAME + self.text("deck.part.sweep")
        assert sheet.sweep is not None
        if self.pictures:
            figure = draw_sweep(sheet.sweep, sheet.theme, at, sheet.language)
            relation = self._relation(save(figure, "png", PICTURE_DOTS))
            picture = self.pen.picture(name, relation, at, clean(sheet.alt)).xml
            self.slide.shapes._spTree.append(parse_xml(picture.replace("<p:pic>", f"<p:pic {NAMESPACES}>", 1)))
            return
        chart = add_chart(self.slide.shapes, sheet.sweep, self.pen.box(at), self.palette, sheet.language)
        own = chart._element.xpath(".//p:cNvPr")[0]
        own.set("name", name)
        own.set("descr", clean(sheet.alt))

    def _relation(self, content: bytes) -> str:
        """What the slide calls a picture."""
        _, relation = self.slide.part.get_or_add_image_part(io.BytesIO(content))
        return str(relation)


class _Canvas:
    """Where strokes become shapes; map cell (x, y) is at ``left + x * unit``, ``top + y * unit`` inches."""

    def __init__(self, pen: Pen, drawing: Drawing, theme: str, relation: Callable[[bytes], str]) -> None:
        self.pen, self.theme, self.unit, self.relation = pen, theme, drawing.cell, relation
        self.left = drawing.at.x - drawing.extent[0] * self.unit
        self.top = drawing.at.y - drawing.extent[1] * self.unit
        self.cell = self.unit * 72  # points
        self.clear = clear_of(drawing.strokes, self.cell) if has_patterns(theme) else []

    def nodes(self, group: Group) -> Iterator[Node]:
        """The shapes of a group."""
        for stroke in group.strokes:
            if group.numbers:
                assert isinstance(stroke, Cell)
                yield from self._number(stroke)
            else:
                yield from self._draw(stroke)

    def _draw(self, stroke: Stroke) -> Iterator[Node]:
        match stroke:
            case Cell():
                yield self._cell(stroke)
            case Tiles():
                rows, columns = stroke.levels.shape
                yield self._image(stroke.name, tiles_picture(stroke, self.theme), (0, 0, columns, rows))
            case Image():
                yield self._image(stroke.name, picture_at(stroke.address), stroke.box)
            case Frame():
                yield from self._frame(stroke)
            case Shape() if stroke.loops:
                yield self._outline(stroke)
            case Line():
                yield self._line(stroke)
            case Disc():
                yield from self._disc(stroke)
            case Crosses():
                yield from self._crosses(stroke)
            case Words() if stroke.is_written(self.cell):
                yield self._words(stroke)

    def _at(self, x1: float, y1: float, x2: float, y2: float) -> Place:
        unit = self.unit
        return Place(self.left + x1 * unit, self.top + y1 * unit, (x2 - x1) * unit, (y2 - y1) * unit)

    def _cell(self, cell: Cell) -> Node:
        at, palette = self._at(cell.column, cell.row, cell.column + 1, cell.row + 1), self.pen.palette
        paint = cell_paint(cell.level, cell.opacity, self.theme)
        fill, edge = palette.of_page(paint.fill), palette.of_page(paint.edge)
        if math.isnan(cell.level) and not cell.is_unknown:
            colors = f"<a:fgClr>{palette.color(edge)}</a:fgClr><a:bgClr>{palette.color(fill)}</a:bgClr>"
            look = f'<a:pattFill prst="{NOTHING}">{colors}</a:pattFill>'
        else:
            look = palette.fill(fill if math.isnan(cell.level) else paint.fill)
        return self.pen.shape(cell.name, "rect", at, look + self.pen.line(edge, paint.edge_width))

    def _number(self, cell: Cell) -> Iterator[Node]:
        """The number of a cell as a text of its own: over the lines, which a shape with its text would lie under."""
        words = cell.words
        if words is None or not words.is_written(self.cell):
            return
        paint = cell_paint(cell.level, cell.opacity, self.theme)
        fill = self.pen.palette.fill(paint.fill, BESIDE_LINE) if cell.under == "line" else NO_FILL
        color = "text" if math.isnan(cell.level) else paint.number
        said = self._text(words, color)
        yield self.pen.shape(f"{cell.name}-number", "rect", self._at(*words.box(self.cell)), fill + NO_LINE, said)

    def _text(self, words: Words, color: str) -> str:
        """One line in the middle of a shape, which it may reach beyond."""
        look = self.pen.look(round(words.size.at(self.cell), 1), color, bold=words.bold)
        return self.pen.text([words.text], look, ONE_LINE, IN_MIDDLE)

    def _image(self, name: str, picture: Picture, box: Box) -> Node:
        return self.pen.picture(name, self.relation(png(picture)), self._at(*box))

    def _frame(self, frame: Frame) -> Iterator[Node]:
        role, has_pattern = role_of(frame), bool(pattern(role_of(frame), self.theme, frame.color))
        if frame.filled and has_pattern:
            yield from self._pattern(frame)
        fill = self.pen.palette.fill(frame.color, frame.filled) if frame.filled and not has_pattern else NO_FILL
        width = frame.width.at(self.cell) if frame.width is not None else 0.0
        edge = self.pen.line(frame.color, width, dash(role, self.theme, frame.dash), frame.opacity)
        yield self.pen.shape(frame.name, "rect", self._at(*frame.box), fill + edge)

    def _outline(self, shape: Shape) -> Node:
        """A freeform of as many loops."""
        fill = self.pen.palette.fill(shape.color, shape.filled) if shape.filled else NO_FILL
        look = fill + self.pen.line(shape.color, shape.width.at(self.cell), shape.dash)
        return self._freeform(shape.name, [(loop, True) for loop in shape.loops], look)

    def _freeform(self, name: str, parts: Sequence[tuple[Any, bool]], look: str) -> Node:
        """A shape of several lines through points x, y in cells, each closed or not."""
        placed = [
            ((np.asarray(points) * self.unit + (self.left, self.top)).tolist(), is_closed)
            for points, is_closed in parts
        ]
        return self.pen.freeform(name, placed, look)

    def _pattern(self, stroke: Frame | Disc) -> Iterator[Node]:
        """The lines of the pattern of a role: PowerPoint's own would hide the cells and run through the digits."""
        lines = hatch(stroke, self.theme, self.cell, self.clear)
        if lines:
            parts = [(((x0, y0), (x1, y1)), False) for x0, y0, x1, y1 in lines]
            look = NO_FILL + self.pen.line(stroke.color, hatch_width(stroke, self.theme))
            yield self._freeform(f"{stroke.name}-pattern", parts, look)

    def _line(self, line: Line) -> Node:
        x0, y0, width, height = self._at(line.x0, line.y0, line.x1, line.y1)
        look = (line.color, line.width.at(self.cell), line.dash, line.opacity)
        drawn = self.pen.line(*look, has_head=line.head is not None)
        return self.pen.connector(line.name, (x0, y0, x0 + width, y0 + height), drawn)

    def _disc(self, disc: Disc) -> Iterator[Node]:
        r = disc.radius.at(self.cell) / self.cell
        at = self._at(disc.x - r, disc.y - r, disc.x + r, disc.y + r)
        if pattern(role_of(disc), self.theme, disc.color) and not disc.edge:
            yield from self._pattern(disc)
            look = NO_FILL + self.pen.line(disc.color, 1.5)
        else:
            fill = self.pen.palette.fill(disc.color, disc.opacity)
            look = fill + self.pen.line(disc.edge or disc.color, 2 if disc.edge else 0)
        yield self.pen.shape(disc.name, "ellipse", at, look)

    def _crosses(self, crosses: Crosses) -> Iterator[Node]:
        size = crosses.size.at(self.cell)
        half = size * 0.95 / self.cell  # the shape's arms end inside its place
        halo = min(HALO_OF_CROSS * size, HALO_POINTS) * crosses.weight if size >= LEAST_WITH_HALO else 0
        look = self.pen.palette.fill(crosses.color, crosses.opacity)
        look += self.pen.line(crosses.halo, halo, opacity=crosses.opacity) if crosses.halo else NO_LINE
        for number, x, y in zip(crosses.numbers, crosses.xs.tolist(), crosses.ys.tolist(), strict=True):
            at = self._at(x - half, y - half, x + half, y + half)
            yield self.pen.shape(f"{crosses.name}-{number}", "mathMultiply", at, look)

    def _words(self, words: Words) -> Node:
        fill = NO_FILL
        if words.pill or words.halo:
            fill = self.pen.palette.fill(words.pill or words.halo, words.opacity if words.pill else 0.7)
        at, kind = self._at(*words.box(self.cell)), "roundRect" if words.pill else "rect"
        return self.pen.shape(words.name, kind, at, fill + NO_LINE, self._text(words, words.color))
