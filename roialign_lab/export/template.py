"""A school's own template: which of its layouts a slide is made on, where that has room, and what its colours are."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from itertools import combinations
from math import dist
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml

from roialign_lab.export.drawing_xml import EMU, GROUND, ROLES
from roialign_lab.export.layout import BODY, BODY_HIGH, EDGE, SIZES, TITLE_SIZES, Place, Plan
from roialign_lab.figures.style import contrast, luminance
from roialign_lab.lesson.lesson_part import DeckError

LARGEST, UNPACKED, MOST_FILES = 20_000_000, 100_000_000, 3000  # bytes of a template, of what is in it; files in it
HIGH = SIZES["16:9"][1]  # inches of a plan
KINDS = ("presentation", "template", "slideshow")
MAIN = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.presentationml|ms-powerpoint)\."
    rb"(presentation|template|slideshow)(?:\.macroEnabled)?\.main\+xml"
)
PRESENTATION = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
"""What python-pptx opens: a template and a show are the same but for their name."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
FOOT = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
WORDS = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
LEAST_WIDE, LEAST_HIGH = 0.6, 0.5  # of the slide: the room that the map, the words and the output need
TOUCHING = 0.05  # of the slide's height: as far a title may reach into the words
USUAL_TITLE, LEAST_TITLE = 44.0, 1.0  # points, where a template does not say it; the least that there is
TOLD_APART, STANDS_OUT = (
    60.0,
    2.5,
)  # the least distance of two colours, of 0…255 each; the least contrast with the ground
DARK = 0.18  # luminance: a darker ground needs the colours of the dark theme


@dataclass(frozen=True)
class Template:
    """A presentation without slides, and how to make ours in it.

    ``layout`` is the number of the layout among all of them; ``title``, ``caption``, ``footer`` and ``number`` are what
    its places are known by, "" where it has none. ``slots`` are the colours of its theme, or of its own, for our inks;
    ``dark`` and ``own_roles`` say whether its ground is dark and whether its accents stand for our roles.
    """

    content: bytes
    layout: int
    plan: Plan
    title: str
    caption: str
    footer: str
    number: str
    slots: Mapping[str, str]
    dark: bool
    own_roles: bool

    def theme(self, usual: str) -> str:
        """The theme of ours whose map suits its ground, instead of the usual one."""
        return "dark" if self.dark else "light" if usual == "dark" else usual


def read_template(content: bytes) -> Template:
    """What a PPTX or POTX has for our slides. Nothing that it links to is asked for.

    Raises
    ------
    DeckError : where it is no presentation, too large, has links to elsewhere, or no layout with enough room.
    """
    if len(content) > LARGEST:
        raise DeckError("template_large", limit=LARGEST // 1_000_000)
    try:
        made = Presentation(io.BytesIO(_repacked(content)))
        _empty(made)
        found = _layouts(made)
        best = max(found, key=lambda layout: layout[0], default=None)
        if best is None:
            raise DeckError("template_layouts")
        return _template(made, *best[1:])
    except DeckError:
        raise
    except Exception as error:  # whatever is wrong in it, it is no presentation that can be used
        raise DeckError("template_not") from error


def _repacked(content: bytes) -> bytes:
    """The same as a plain presentation, which is what a template is besides its name.

    Its size is what the archive says of itself: nothing reads beyond that.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        files = old.infolist()
        if len(files) > MOST_FILES:
            raise DeckError("template_files", limit=MOST_FILES)
        if sum(file.file_size for file in files) > UNPACKED:
            raise DeckError("template_unpacked", limit=UNPACKED // 1_000_000)
        for file in files:
            data = old.read(file)
            if file.filename.endswith((".xml", ".rels")) and (
                b"<!DOCTYPE" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")
            ):
                raise DeckError("template_not")
            if file.filename == "[Content_Types].xml":
                data = MAIN.sub(PRESENTATION, data)
            new.writestr(file.filename, data)
    return buffer.getvalue()


def _empty(made: Any) -> None:
    """Leave the slides of a presentation out, and what names them; macros and notes without a place for them too.

    Nothing that is left links to a slide, or to a picture or a file elsewhere, which PowerPoint would fetch. The
    address of a page is fetched by nobody.
    """
    part, own = made.part, made.part._element
    for name in ("custShowLst", "extLst"):
        for element in own.findall(f"{{*}}{name}"):
            own.remove(element)
    slides = made.slides._sldIdLst
    for slide in [*slides]:
        part.drop_rel(slide.rId)
        slides.remove(slide)
    for holder, kinds in ((part, ("vbaProject", "printerSettings", "viewProps")), (part.package, ("thumbnail",))):
        for key in [key for key, rel in holder._rels.items() if rel.reltype.endswith(kinds)]:
            holder._rels.pop(key)
    for key in [key for key, rel in part._rels.items() if _has_no_place_for_notes(rel)]:
        part._rels.pop(key)
        for element in own.findall("{*}notesMasterIdLst"):
            own.remove(element)
    for rel in part.package.iter_rels():
        leads_out = rel.is_external and not rel.reltype.endswith("/hyperlink")
        if leads_out or (not rel.is_external and rel.reltype == RELATIONSHIP_TYPE.SLIDE):
            raise DeckError("template_links")


def _has_no_place_for_notes(rel: Any) -> bool:
    """Is it the relation to a notes master on which no notes can be written? Without one, python-pptx has its own."""
    if rel.is_external or rel.reltype != RELATIONSHIP_TYPE.NOTES_MASTER:
        return False
    places = rel.target_part.notes_master.placeholders
    return all(place.placeholder_format.type != PP_PLACEHOLDER.BODY for place in places)


def _every_layout(made: Any) -> list[Any]:
    return [layout for master in made.slide_masters for layout in master.slide_layouts]


Found = tuple[tuple[int, float], int, Any, Place, Any, Any]  # how well it serves; number, layout, room, title, words


def _layouts(made: Any) -> Iterator[Found]:
    """The layouts that have room: best with a title and one place for words, else with a title, else blank."""
    wide, high = made.slide_width / EMU, made.slide_height / EMU
    for number, layout in enumerate(_every_layout(made)):
        places = [place for place in layout.placeholders if place.placeholder_format.type not in FOOT]
        titles = [place for place in places if place.placeholder_format.type == PP_PLACEHOLDER.TITLE]
        others = [place for place in places if place not in titles]
        if any(place.placeholder_format.type not in WORDS or _is_upright(place) for place in others):
            continue
        if len(titles) > 1 or len(others) > 1 or (others and not titles):
            continue
        title, words = (titles or [None])[0], (others or [None])[0]
        room = _room(layout, title, words, wide, high)
        if room is not None and room.width >= LEAST_WIDE * wide and room.height >= LEAST_HIGH * high:
            yield (len(titles) + len(others), room.width * room.height), number, layout, room, title, words


def _is_upright(place: Any) -> bool:
    return bool(place._element.xpath(".//p:ph/@orient"))


def _at(place: Any) -> Place | None:
    """Where a place is, its own or that of the master."""
    sides = (place.left, place.top, place.width, place.height)
    return None if None in sides else Place(*(side / EMU for side in sides))


def _room(layout: Any, title: Any, words: Any, wide: float, high: float) -> Place | None:
    """What is under the title and over the foot, as wide as the words, or else as the title."""
    feet = [_at(place) for place in layout.placeholders if place.placeholder_format.type in FOOT]
    foot = min((at.y for at in feet if at is not None and at.y > high / 2), default=high * (1 - EDGE / HIGH))
    if title is None:
        top = BODY / HIGH * high
        return Place(EDGE, top, wide - 2 * EDGE, min(foot, BODY_HIGH / HIGH * high + top) - top)
    at, across = _at(title), _at(words) if words is not None else _at(title)
    if at is None or across is None:
        return None
    top = at.y + at.height
    if words is not None and across.y < top - TOUCHING * high:
        return None
    return Place(across.x, top, across.width, (max(across.y + across.height, top) if words is not None else foot) - top)


def _template(made: Any, number: int, layout: Any, room: Place, title: Any, words: Any) -> Template:
    wide, high = made.slide_width / EMU, made.slide_height / EMU
    scale = high / HIGH
    by_kind = {place.placeholder_format.type: place for place in layout.placeholders}
    footer, slide_number = (by_kind.get(kind) for kind in FOOT[1:])
    title_at = _at(title) if title is not None else Place(EDGE, 0.2 * scale, wide - 2 * EDGE, 0.8 * scale)
    foot = _at(footer) if footer is not None else None
    assert title_at is not None
    size = _size_of(title, layout.slide_master) / scale if title is not None else TITLE_SIZES[0]
    inside = title_at._replace(width=0.9 * title_at.width)  # a place has margins, and its letters may be bold
    end = foot or Place(EDGE, high - 0.4 * scale, wide - 2 * EDGE, 0.3 * scale)
    title_at, room, end = (Place(*(side / scale for side in at)) for at in (inside, room, end))
    sizes = (size, *(smaller for smaller in TITLE_SIZES if smaller < size))
    plan = Plan((wide / scale, HIGH), title_at, room, end, sizes, scale)
    slots, dark, own_roles = _colors(layout)
    buffer = io.BytesIO()
    made.save(buffer)
    names = ("title", "caption", "footer", "number")
    known = dict(zip(names, map(_known_by, (title, words, footer, slide_number)), strict=True))
    return Template(buffer.getvalue(), number, plan, **known, slots=slots, dark=dark, own_roles=own_roles)


def _known_by(place: Any) -> str:
    """The attributes by which a slide names a place of its layout."""
    if place is None:
        return ""
    (own,) = place._element.xpath(".//p:ph")
    return " ".join(f'{name}="{own.get(name)}"' for name in ("type", "sz", "idx") if own.get(name))


def _size_of(title: Any, master: Any) -> float:
    """Of the letters of a title, in points: as its layout, its master or the style of titles says."""
    own = [title, *(place for place in master.placeholders if place.placeholder_format.idx == 0)]
    sizes = [size for place in own for size in place._element.xpath(".//a:lvl1pPr/a:defRPr/@sz")]
    sizes += master._element.xpath("p:txStyles/p:titleStyle/a:lvl1pPr/a:defRPr/@sz")
    return next((points for points in (int(size) / 100 for size in sizes) if points >= LEAST_TITLE), USUAL_TITLE)


def _colors(layout: Any) -> tuple[dict[str, str], bool, bool]:
    """What stands for our inks, whether the ground is dark, and whether the accents stand for the roles.

    They do where they can be told apart and stand out from the ground; else the roles keep their own colours. The
    ground is that of the layout where it has its own; words that would not stand out from it have the other colour.
    """
    master = layout.slide_master
    colors, mapped = _scheme(master), dict(master._element.find("{*}clrMap").attrib)

    def color(slot: str) -> str:
        return slot if slot.startswith("#") else colors.get(mapped.get(slot, slot), "#000000")

    def stands_out(slot: str) -> float:
        return contrast(luminance(color(slot)), luminance(color(ground)))

    fills = ("bgRef/*", "bgPr/a:solidFill/*", "bgPr/a:gradFill/a:gsLst/a:gs[1]/*")
    path = "|".join(f"p:cSld/p:bg/p:{fill}" for fill in fills)
    backs = [part._element.xpath(path) for part in (layout, master)]
    ground = _slot([found for back in backs for found in back], "", color)
    is_known, ground = bool(ground), ground or "bg1"  # of a picture nobody knows what stands out
    words = _slot(master._element.xpath("p:txStyles/p:bodyStyle/a:lvl1pPr/a:defRPr/a:solidFill/*"), "tx1", color)
    if is_known and stands_out(words) < STANDS_OUT:
        words = max("tx1", "bg1", key=stands_out)
    slots = {**GROUND, "paper": ground, "text": words}
    if stands_out(slots["quiet"]) < 2 * STANDS_OUT:
        slots["quiet"] = words
    roles = [color(slot) for slot in dict.fromkeys(ROLES.values())]
    channels = [tuple(bytes.fromhex(role[1:])) for role in roles]
    far = all(dist(one, other) >= TOLD_APART for one, other in combinations(channels, 2))
    own = far and all(stands_out(role) >= STANDS_OUT for role in roles)
    return slots | (ROLES if own else {}), luminance(color(ground)) < DARK, own


def _slot(found: Sequence[Any], usual: str, color: Callable[[str], str]) -> str:
    """The first of those colours that is one of the theme, by its name there, or fixed: ``#rrggbb``.

    One of the theme that is made lighter or darker is fixed too; ``color`` says what it is by its name.
    """
    for one in found:
        kind = one.tag.partition("}")[2]
        if kind in ("schemeClr", "srgbClr", "sysClr"):
            slot = str(one.get("val")) if kind == "schemeClr" else _fixed(one)
            changes = {name: one.find(f"{{*}}{name}") for name in ("lumMod", "lumOff")}
            shares = {name: int(by.get("val")) / 100_000 for name, by in changes.items() if by is not None}
            return _shifted(color(slot), shares) if shares else slot
    return usual


def _shifted(color: str, shares: Mapping[str, float]) -> str:
    """A colour as light as ``lumMod`` times and ``lumOff`` more.

    >>> _shifted("#ffffff", {"lumMod": 0.5}), _shifted("#000000", {"lumMod": 0.8, "lumOff": 0.2})
    ('#808080', '#333333')
    """
    hue, light, strong = rgb_to_hls(*(channel / 255 for channel in bytes.fromhex(color[1:])))
    light = min(max(light * shares.get("lumMod", 1.0) + shares.get("lumOff", 0.0), 0.0), 1.0)
    return "#" + bytes(round(channel * 255) for channel in hls_to_rgb(hue, light, strong)).hex()


def _fixed(color: Any) -> str:
    """A colour as ``#rrggbb``; one of the system as it was last, or as it usually is."""
    if not color.tag.endswith("}sysClr"):
        return f"#{color.get('val').lower()}"
    usual = "ffffff" if color.get("val") == "window" else "000000"
    return f"#{(color.get('lastClr') or usual).lower()}"


def _scheme(master: Any) -> dict[str, str]:
    """The colours ``#rrggbb`` of a theme by their names."""
    theme = parse_xml(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob)
    found = {}
    for color in theme.xpath(".//*[local-name()='clrScheme']/*"):
        found[color.tag.partition("}")[2]] = _fixed(color[0])
    return found
