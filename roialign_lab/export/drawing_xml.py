"""DrawingML, the language of shapes, as text. To build every node by itself takes five times as long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from roialign_lab.export.equations import equation
from roialign_lab.export.layout import Place
from roialign_lab.figures.style import INKS, ink

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
EMU, POINT = 914_400, 12_700  # units of the format in an inch and in a point
LANGUAGES = {"en": 'lang="en-US"', "zh": 'lang="zh-CN" altLang="en-US"'}
"""What a run of text says of its language."""
DASHES = {"dashed": "dash", "dotted": "sysDot", "dashdot": "dashDot"}
GROUND = {"paper": "bg1", "text": "tx1", "rule": "bg2", "quiet": "tx2"}
"""The colours of a theme that a page is made of, by the ink that each stands for."""
ROLES = {
    "roi": "accent1",
    "read": "accent2",
    "sample": "accent3",
    "neighbor": "accent4",
    "q11": "accent4",
    "q12": "accent5",
    "q21": "accent6",
    "q22": "hlink",
}
"""The colours of a theme that tell the roles apart."""
SLIDE_NUMBER = 'id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"'
NO_FILL, NO_LINE = "<a:noFill/>", "<a:ln><a:noFill/></a:ln>"
ALIGN = {"left": "l", "center": "ctr", "right": "r"}


@dataclass(frozen=True)
class Palette:
    """Inks to colours: a colour of the presentation's theme (``slots``) where there is one, else of the deck's.

    >>> Palette("light").color("roi"), Palette("light").color("#0a0b0c", 0.5)
    ('<a:schemeClr val="accent1"/>', '<a:srgbClr val="0A0B0C"><a:alpha val="50000"/></a:srgbClr>')
    """

    theme: str
    slots: Mapping[str, str] = field(default_factory=lambda: GROUND | ROLES)

    def color(self, name: str, opacity: float = 1.0) -> str:
        """An ink by its name, or a colour ``#rrggbb``."""
        slot = self.slots.get(name, "")
        kind, value = ("scheme", slot) if slot and not slot.startswith("#") else ("srgb", self.rgb(slot or name))
        if opacity >= 1:
            return f'<a:{kind}Clr val="{value}"/>'
        return f'<a:{kind}Clr val="{value}"><a:alpha val="{round(opacity * 100_000)}"/></a:{kind}Clr>'

    def fill(self, name: str, opacity: float = 1.0) -> str:
        """A fill of one colour."""
        return f"<a:solidFill>{self.color(name, opacity)}</a:solidFill>"

    def of_page(self, color: str) -> str:
        """The name of the ink that a colour of a cell is, where it is one of the page's."""
        return next((name for name in ("paper", "rule", "quiet") if ink(name, self.theme) == color), color)

    def rgb(self, name: str) -> str:
        """The colour itself, ``RRGGBB``."""
        return (ink(name, self.theme) if name in INKS else name).lstrip("#").upper()


class Box(NamedTuple):
    """A place in the units of the format."""

    x: int
    y: int
    width: int
    height: int


class Node(NamedTuple):
    """An element as text, and its place."""

    xml: str
    box: Box


class Pen:
    """Writes the elements of one slide, each with a number of its own; ``scale`` makes all of it larger or smaller."""

    def __init__(self, palette: Palette, language: str, scale: float = 1.0) -> None:
        self.palette, self.language, self.scale = palette, LANGUAGES[language], scale
        self.last = 1  # number of an element; 1 is the slide's own

    def box(self, at: Place) -> Box:
        """A place in inches as the format has it."""
        return Box(*(round(side * EMU * self.scale) for side in at))

    def line(
        self, color: str, width: float, dash: str = "solid", opacity: float = 1.0, *, has_head: bool = False
    ) -> str:
        """An edge or a line ``width`` points wide; none where that is 0."""
        if not width:
            return NO_LINE
        dashed = f'<a:prstDash val="{DASHES[dash]}"/>' if dash in DASHES else ""
        head = '<a:tailEnd type="triangle"/>' if has_head else ""
        wide = round(width * POINT * self.scale)
        return f'<a:ln w="{wide}">{self.palette.fill(color, opacity)}{dashed}{head}</a:ln>'

    def shape(self, name: str, kind: str, at: Place, look: str, text: str = "") -> Node:
        """A shape of one of the format's kinds; ``look`` is its fill and its edge."""
        box = self.box(at)
        geometry = f'<a:prstGeom prst="{kind}"><a:avLst/></a:prstGeom>'
        own = f"<p:spPr>{_transform(box)}{geometry}{look}</p:spPr>"
        return Node(f"<p:sp><p:nvSpPr>{self._own(name)}<p:cNvSpPr/><p:nvPr/></p:nvSpPr>{own}{text}</p:sp>", box)

    def freeform(self, name: str, parts: Sequence[tuple[Sequence[tuple[float, float]], bool]], look: str) -> Node:
        """A shape of several lines through points x, y in inches, each closed or not."""
        paths = [[(round(x * EMU * self.scale), round(y * EMU * self.scale)) for x, y in points] for points, _ in parts]
        xs, ys = zip(*(point for path in paths for point in path), strict=True)
        left, top = min(xs), min(ys)
        box = Box(left, top, max(xs) - left, max(ys) - top)
        drawn = []
        for path, (_, is_closed) in zip(paths, parts, strict=True):
            for k, (x, y) in enumerate(path):
                tag = "a:lnTo" if k else "a:moveTo"
                drawn.append(f'<{tag}><a:pt x="{x - left}" y="{y - top}"/></{tag}>')
            drawn.append("<a:close/>" if is_closed else "")
        whole = f'<a:path w="{box.width}" h="{box.height}">{"".join(drawn)}</a:path>'
        lists = '<a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/>'
        geometry = f"<a:custGeom>{lists}<a:pathLst>{whole}</a:pathLst></a:custGeom>"
        own = f"<p:spPr>{_transform(box)}{geometry}{look}</p:spPr>"
        return Node(f"<p:sp><p:nvSpPr>{self._own(name)}<p:cNvSpPr/><p:nvPr/></p:nvSpPr>{own}</p:sp>", box)

    def connector(self, name: str, ends: tuple[float, float, float, float], line: str) -> Node:
        """A straight line from x0, y0 to x1, y1, in inches."""
        x0, y0, x1, y1 = (round(side * EMU * self.scale) for side in ends)
        box = Box(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
        turned = (' flipH="1"' if x1 < x0 else "") + (' flipV="1"' if y1 < y0 else "")
        geometry = '<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
        own = f"<p:spPr>{_transform(box, turned)}{geometry}{line}</p:spPr>"
        return Node(
            f"<p:cxnSp><p:nvCxnSpPr>{self._own(name)}<p:cNvCxnSpPr/><p:nvPr/></p:nvCxnSpPr>{own}</p:cxnSp>", box
        )

    def picture(self, name: str, relation: str, at: Place, alt: str = "", placeholder: str = "") -> Node:
        """A picture by the relation of the slide to it."""
        box = self.box(at)
        locks = '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr>'
        filled = f'<p:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        geometry = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        kept = f"<p:nvPicPr>{self._own(name, alt)}{locks}<p:nvPr>{placeholder}</p:nvPr></p:nvPicPr>"
        return Node(f"<p:pic>{kept}{filled}<p:spPr>{_transform(box)}{geometry}</p:spPr></p:pic>", box)

    def group(self, name: str, alt: str, nodes: Sequence[Node]) -> tuple[Node, int]:
        """Elements as one, with what is read aloud for them; and its number."""
        left, top = min(node.box.x for node in nodes), min(node.box.y for node in nodes)
        right = max(node.box.x + node.box.width for node in nodes)
        bottom = max(node.box.y + node.box.height for node in nodes)
        box = Box(left, top, right - left, bottom - top)
        own = self._own(name, alt)
        inside = f'<a:chOff x="{box.x}" y="{box.y}"/><a:chExt cx="{box.width}" cy="{box.height}"/></a:xfrm>'
        placed = _transform(box).replace("</a:xfrm>", inside)
        head = f"<p:nvGrpSpPr>{own}<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr>{placed}</p:grpSpPr>"
        return Node(f"<p:grpSp>{head}{''.join(node.xml for node in nodes)}</p:grpSp>", box), self.last

    def placeholder(self, name: str, kind: str, text: str, at: Place | None = None, link: str = "") -> Node:
        """What fills a place of the layout: ``kind`` are the attributes that name it. Its look is the layout's."""
        box = self.box(at) if at is not None else Box(0, 0, 0, 0)
        moved = _transform(box) if at is not None else ""
        locks = '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        kept = f"<p:nvSpPr>{self._own(name, link=link)}{locks}<p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>"
        return Node(f"<p:sp>{kept}<p:spPr>{moved}</p:spPr>{text}</p:sp>", box)

    def text_box(self, name: str, at: Place, text: str, link: str = "") -> Node:
        """A text at a place, without fill and edge."""
        box = self.box(at)
        geometry = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        kept = f'<p:nvSpPr>{self._own(name, link=link)}<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        return Node(f"<p:sp>{kept}<p:spPr>{_transform(box)}{geometry}<a:noFill/></p:spPr>{text}</p:sp>", box)

    def text(self, paragraphs: Iterable[str], look: str, body: str = "<a:bodyPr/>", paragraph: str = "") -> str:
        """A text of paragraphs: ``look`` of a run; ``body`` and ``paragraph`` where they differ from the usual."""
        return _text((self.run(words, look) for words in paragraphs), body, paragraph)

    def equations(self, lines: Iterable[str], look: str, body: str = "<a:bodyPr/>", paragraph: str = "") -> str:
        """The same with an equation in each paragraph."""
        attributes, _, inside = look.partition("|")
        return _text((equation(line, f"{self.language} {attributes}", inside) for line in lines), body, paragraph)

    def run(self, words: str, look: str = "") -> str:
        """Words in one look, in the language of the slide."""
        attributes, _, inside = look.partition("|")
        return f"<a:r><a:rPr {self.language} {attributes}>{inside}</a:rPr><a:t>{escape(words)}</a:t></a:r>"

    def number(self, number: str) -> str:
        """The number of the slide, which follows where the slide goes."""
        field_ = f"<a:fld {SLIDE_NUMBER}><a:rPr {self.language}/><a:t>{escape(number)}</a:t></a:fld>"
        return f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p>{field_}</a:p></p:txBody>"

    def look(self, size: float = 0.0, color: str = "", *, bold: bool = False) -> str:
        """That of a run: its size in points and its ink, where they differ from the usual."""
        sized, heavy = f'sz="{round(size * 100 * self.scale)}"' if size else "", ' b="1"' if bold else ""
        return f"{sized}{heavy}|{self.palette.fill(color) if color else ''}"

    def _own(self, name: str, alt: str = "", link: str = "") -> str:
        self.last += 1
        told = f" descr={quoteattr(alt)}" if alt else ""
        clicked = f'<a:hlinkClick r:id="{link}"/>' if link else ""
        return f'<p:cNvPr id="{self.last}" name={quoteattr(name)}{told}>{clicked}</p:cNvPr>'


def _text(paragraphs: Iterable[str], body: str, paragraph: str) -> str:
    said = "".join(f"<a:p>{paragraph}{inside}</a:p>" for inside in paragraphs)
    return f"<p:txBody>{body}<a:lstStyle/>{said}</p:txBody>"


def _transform(box: Box, turned: str = "") -> str:
    return f'<a:xfrm{turned}><a:off x="{box.x}" y="{box.y}"/><a:ext cx="{box.width}" cy="{box.height}"/></a:xfrm>'
