"""Our own master of slides and its layouts: places for the title, the words, a picture, the foot; colours and fonts."""

from __future__ import annotations

import re
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

from roialign_lab.export.drawing_xml import EMU, GROUND, LANGUAGES, NAMESPACES, ROLES, SLIDE_NUMBER
from roialign_lab.export.layout import CAPTION_SIZES, FOOT_SIZE, FORMULA_SIZES, TITLE_SIZES, Place, Plan
from roialign_lab.figures.style import INKS, ink, luminance
from roialign_lab.lesson.text import Text, text_in

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"
"""Fonts that PowerPoint has, and that Keynote and LibreOffice replace by something of the same width."""
PICTURE, CAPTION, FORMULA, FOOTER, NUMBER = 13, 14, 15, 11, 12  # what the places of a layout are known by
TITLE_SLIDE, WITH_CAPTION, TITLE_ONLY, BLANK = 0, 8, 5, 6  # the layouts of python-pptx's own file that become ours
NAMES = {TITLE_SLIDE: "title", WITH_CAPTION: "caption", TITLE_ONLY: "title_only", BLANK: "blank"}
INSETS = 'lIns="0" tIns="0" rIns="0" bIns="0"'
NO_TRANSFORM = (
    '<a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm>'
)


def own_presentation(plan: Plan, theme: str, language: str) -> Any:
    """An empty presentation with our master in a theme of ours; the second of its layouts is that of a step."""
    made = Presentation()
    made.slide_width, made.slide_height = (Inches(side) for side in plan.size)
    for k, layout in reversed([*enumerate(made.slide_layouts)]):
        if k not in NAMES:
            made.slide_layouts.remove(layout)
    text, master = text_in(language), made.slide_master
    for slot, color in mapping(theme).items():
        master._element.find("{*}clrMap").set(slot, color)
    _dress(master.part.part_related_by(RELATIONSHIP_TYPE.THEME), theme, text("app.name"))
    _write(master._element, _places_of_master(plan, text))
    for old in master._element.findall("{*}txStyles"):
        master._element.replace(old, parse_xml(_styles()))
    for k, layout in zip(sorted(NAMES), made.slide_layouts, strict=True):
        for name in ("type", "userDrawn"):
            layout._element.attrib.pop(name, None)
        if k == TITLE_SLIDE:
            layout._element.set("type", "title")
        _write(layout._element, _places_of_layout(k, plan, text), text(f"deck.layout.{NAMES[k]}"))
    _forget_the_example(made.part.package)
    return made


def caption_layout(made: Any) -> Any:
    """The layout of a step in :func:`own_presentation`."""
    return made.slide_layouts[sorted(NAMES).index(WITH_CAPTION)]


def _dress(theme_part: Any, theme: str, name: str) -> None:
    """Our colours and fonts in a theme. One that is light on dark has them the other way round."""
    dark, light = sorted(("paper", "text"), key=lambda at: luminance(ink(at, theme)))
    is_dark = dark == "paper"
    slots = {"dk1": dark, "lt1": light, "dk2": "rule" if is_dark else "quiet", "lt2": "quiet" if is_dark else "rule"}
    slots |= {slot: role for role, slot in reversed(ROLES.items())} | {"folHlink": "neighbor"}
    order = ("dk1", "lt1", "dk2", "lt2", *(f"accent{k}" for k in range(1, 7)), "hlink", "folHlink")
    colors = "".join(f'<a:{slot}><a:srgbClr val="{_rgb(slots[slot], theme)}"/></a:{slot}>' for slot in order)
    faces = f'<a:latin typeface="{LATIN}"/><a:ea typeface="{EAST_ASIAN}"/><a:cs typeface=""/>'
    fonts = f"<a:majorFont>{faces}</a:majorFont><a:minorFont>{faces}</a:minorFont>"
    written = theme_part.blob.decode("utf-8")
    written = re.sub("(?s)<a:clrScheme.*</a:clrScheme>", f'<a:clrScheme name="{name}">{colors}</a:clrScheme>', written)
    written = re.sub(
        "(?s)<a:fontScheme.*</a:fontScheme>", f'<a:fontScheme name="{name}">{fonts}</a:fontScheme>', written
    )
    written = re.sub('(<a:theme [^>]*name=")[^"]*', rf"\g<1>{name}", written)
    theme_part._blob = written.encode("utf-8")


def _rgb(name: str, theme: str) -> str:
    assert name in INKS
    return ink(name, theme).lstrip("#").upper()


def _write(element: Any, places: str, name: str = "") -> None:
    """The places of a master or a layout instead of those that it has; of a dark one the ground is dark."""
    named = f' name="{name}"' if name else ""
    ground = (
        ""
        if name
        else '<p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>'
    )
    own = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
    own += f"<p:grpSpPr>{NO_TRANSFORM}</p:grpSpPr>"
    slide = f"<p:cSld {NAMESPACES}{named}>{ground}<p:spTree>{own}{places}</p:spTree></p:cSld>"
    element.replace(element.find("{*}cSld"), parse_xml(slide))


def mapping(theme: str) -> dict[str, str]:
    """Which colours of the theme the ground and the text are."""
    is_dark = luminance(ink("paper", theme)) < luminance(ink("text", theme))
    return {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"} if is_dark else {}


def _places_of_master(plan: Plan, text: Text) -> str:
    words = plan.body
    return "".join(
        (
            _place(2, 'type="title"', text("deck.layout.your_title"), plan.title, text, anchor="ctr"),
            _place(3, 'type="body" idx="1"', text("deck.layout.your_words"), words, text),
            _place(4, 'type="ftr" sz="quarter" idx="3"', text("app.name"), plan.footer, text, style=_small("l")),
            _place(5, 'type="sldNum" sz="quarter" idx="4"', "#", plan.number, text, style=_small("r")),
        )
    )


def _places_of_layout(layout: int, plan: Plan, text: Text) -> str:
    foot = _place(8, f'type="ftr" sz="quarter" idx="{FOOTER}"', text("app.name"), plan.footer, text, style=_small("l"))
    foot += _place(9, f'type="sldNum" sz="quarter" idx="{NUMBER}"', "#", plan.number, text, style=_small("r"))
    title = _place(2, 'type="title"', text("deck.layout.your_title"), None, text)
    if layout == TITLE_SLIDE:
        wide, high = plan.size
        first = Place(plan.title.x, 0.28 * high, plan.title.width, 0.25 * high)
        second = first._replace(y=0.56 * high, height=0.2 * high)
        large = f'<a:lvl1pPr><a:defRPr sz="{4000 if wide > 12 else 3200}"/></a:lvl1pPr>'
        return (
            _place(2, 'type="ctrTitle"', text("deck.layout.your_title"), first, text, anchor="b", style=large)
            + _place(3, 'type="subTitle" idx="1"', text("deck.layout.your_words"), second, text, style=_quiet(24))
            + foot
        )
    if layout == WITH_CAPTION:
        upper, lower = plan.words._replace(height=2.2), plan.words._replace(y=plan.words.y + 2.4, height=1.2)
        formula = _quiet(FORMULA_SIZES[0])
        return (
            title
            + _place(3, f'type="pic" idx="{PICTURE}"', text("deck.layout.your_picture"), plan.picture, text)
            + _place(4, f'type="body" sz="half" idx="{CAPTION}"', text("deck.layout.your_words"), upper, text)
            + _place(
                5,
                f'type="body" sz="quarter" idx="{FORMULA}"',
                text("deck.layout.your_formula"),
                lower,
                text,
                style=formula,
            )
            + foot
        )
    return title + foot if layout == TITLE_ONLY else foot


def _small(across: str) -> str:
    color = f'<a:solidFill><a:schemeClr val="{GROUND["quiet"]}"/></a:solidFill>'
    return f'<a:lvl1pPr algn="{across}"><a:defRPr sz="{FOOT_SIZE * 100:.0f}">{color}</a:defRPr></a:lvl1pPr>'


def _quiet(size: float) -> str:
    color = f'<a:solidFill><a:schemeClr val="{GROUND["quiet"]}"/></a:solidFill>'
    return f'<a:lvl1pPr><a:defRPr sz="{size * 100:.0f}">{color}</a:defRPr></a:lvl1pPr>'


def _place(
    number: int, kind: str, words: str, at: Place | None, text: Text, *, anchor: str = "", style: str = ""
) -> str:
    """A place for something. Without ``at`` it is where the master has it."""
    language = LANGUAGES[text.language]
    moved = ""
    if at is not None:
        x, y, wide, high = (round(side * EMU) for side in at)
        shape = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        moved = f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>{shape}'
    body = f'<a:bodyPr {INSETS} anchor="{anchor or "t"}"/>' if at is not None else "<a:bodyPr/>"
    if words == "#":
        said = f"<a:fld {SLIDE_NUMBER}><a:rPr {language}/><a:t>‹#›</a:t></a:fld>"
    else:
        said = f"<a:r><a:rPr {language}/><a:t>{words}</a:t></a:r>" if words else f"<a:endParaRPr {language}/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{text("deck.layout.place")} {number - 1}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{moved}</p:spPr><p:txBody>{body}<a:lstStyle>{style}</a:lstStyle><a:p>{said}</a:p></p:txBody></p:sp>"
    )


def _styles() -> str:
    """How titles and words are written, where a layout does not say it."""
    title = _level(1, TITLE_SIZES[0], "mj", 'b="1"')
    body = "".join(_level(k, CAPTION_SIZES[0], "mn") for k in range(1, 6))
    other = _level(1, 18, "mn")
    return (
        f"<p:txStyles {NAMESPACES}><p:titleStyle>{title}</p:titleStyle><p:bodyStyle>{body}</p:bodyStyle>"
        f"<p:otherStyle>{other}</p:otherStyle></p:txStyles>"
    )


def _level(level: int, size: float, fonts: str, look: str = "") -> str:
    color = f'<a:solidFill><a:schemeClr val="{GROUND["text"]}"/></a:solidFill>'
    faces = "".join(
        f'<a:{kind} typeface="+{fonts}-{short}"/>' for kind, short in (("latin", "lt"), ("ea", "ea"), ("cs", "cs"))
    )
    indent = f'marL="{(level - 1) * EMU // 4}" indent="0" algn="l" rtl="0" eaLnBrk="1" hangingPunct="1"'
    return (
        f'<a:lvl{level}pPr {indent}><a:buNone/><a:defRPr sz="{size * 100:.0f}" kern="1200" {look}>{color}{faces}'
        f"</a:defRPr></a:lvl{level}pPr>"
    )


def _forget_the_example(package: Any) -> None:
    """The small picture of the file that this one began as, and what its printer was."""
    for holder, kind in ((package, RELATIONSHIP_TYPE.THUMBNAIL), (package.presentation_part, "printerSettings")):
        rels = holder._rels
        for key in [key for key, rel in rels.items() if rel.reltype.endswith(kind)]:
            rels.pop(key)
