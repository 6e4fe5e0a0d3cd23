"""A presentation as PowerPoint has it: a master with places, colours and fonts of a theme, named groups, motion."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Inches

from roialign_lab.__main__ import main
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.deck_files import deck_file
from roialign_lab.export.layout import arranged
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.export.queue import Person
from roialign_lab.export.template import LARGEST, UNPACKED, read_template
from roialign_lab.figures.style import DECK_THEMES, ink
from roialign_lab.lesson.lesson_part import DeckError, Part
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import LANGUAGES, text_in
from tests.conftest import ROOT

ARTICLE = Scenario(map="animation", box=(0.0, 3.0, 7.0, 8.0))
ALIGN = Deck(
    (Part("roi_align", ARTICLE, ("map", "samples", "join", "result")),), title="A lesson", base="https://a.example"
)
WHOLE = Deck(tuple(Part(walk, ARTICLE) for walk in ("roi_pool", "roi_align", "bilinear", "sweep")), base=ALIGN.base)
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
FOUR = {
    "accent1": "roi",
    "accent2": "read",
    "accent3": "sample",
    "accent4": "neighbor",
    "accent5": "q12",
    "accent6": "q21",
    "hlink": "q22",
}


def presentation_of(deck, kind="pptx"):
    return Presentation(io.BytesIO(deck_file(sheets(deck), kind)))


def description(shape):
    return shape._element.xpath(".//p:cNvPr")[0].get("descr") or ""


def things(slide):
    """The groups of a slide, by their names."""
    return {shape.name: shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.GROUP}


def theme_of(made):
    """The colours of its theme, by their slots."""
    part = made.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    scheme = etree.fromstring(part.blob).find(f".//{A}clrScheme")
    return {color.tag.removeprefix(A): "#" + color[0].get("val").lower() for color in scheme}


# ---- the master ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("aspect", "size"), [("16:9", (13.333, 7.5)), ("4:3", (10, 7.5))])
def test_a_master_with_places_and_layouts_that_have_them(aspect, size):
    made = presentation_of(replace(ALIGN, aspect=aspect))
    assert (made.slide_width.inches, made.slide_height.inches) == pytest.approx(size, abs=0.001)
    kinds = PP_PLACEHOLDER
    every = [kinds.TITLE, kinds.BODY, kinds.FOOTER, kinds.SLIDE_NUMBER]
    assert [place.placeholder_format.type for place in made.slide_master.placeholders] == every
    layouts = {
        layout.name: [place.placeholder_format.type for place in layout.placeholders] for layout in made.slide_layouts
    }
    foot = [kinds.FOOTER, kinds.SLIDE_NUMBER]
    assert layouts == {
        "Title slide": [kinds.CENTER_TITLE, kinds.SUBTITLE, *foot],
        "Title only": [kinds.TITLE, *foot],
        "Blank": foot,
        "Title, picture and caption": [kinds.TITLE, kinds.PICTURE, kinds.BODY, kinds.BODY, *foot],
    }
    for layout in (made.slide_master, *made.slide_layouts):
        for place in layout.placeholders:
            assert place.left >= 0 and place.left + place.width <= made.slide_width
            assert place.top >= 0 and place.top + place.height <= made.slide_height


def test_a_slide_fills_the_places_of_its_layout():
    first, *_, last = presentation_of(ALIGN).slides
    kinds = PP_PLACEHOLDER
    for slide in (first, last):
        filled = {place.placeholder_format.idx: place.placeholder_format.type for place in slide.placeholders}
        words = {0: kinds.TITLE, 14: kinds.BODY, 11: kinds.FOOTER, 12: kinds.SLIDE_NUMBER}
        assert filled == (words | {15: kinds.BODY} if slide is first else words)
        assert slide.shapes.title._element.spPr.xfrm is None  # it is where the layout has it
    (number,) = first._element.iter(f"{A}fld")
    assert number.get("type") == "slidenum" and number.findtext(f"{A}t") == "1"
    picture = presentation_of(ALIGN, "pptx-picture").slides[1]
    assert picture.placeholders[13].placeholder_format.type == kinds.PICTURE


@pytest.mark.parametrize("theme", DECK_THEMES)
def test_the_colours_of_the_roles_are_those_of_the_theme(theme):
    made = presentation_of(replace(WHOLE, theme=theme))
    colors = theme_of(made)
    assert {slot: colors[slot] for slot in FOUR} == {slot: ink(role, theme) for slot, role in FOUR.items()}
    mapped = made.slide_master._element.find(f"{P}clrMap")
    for slot, name in (("bg1", "paper"), ("tx1", "text"), ("bg2", "rule"), ("tx2", "quiet")):
        assert colors[mapped.get(slot)] == ink(name, theme), slot
    neighbors = {"accent4", "accent5", "accent6", "hlink"}  # those of a point alone have a colour each
    named = {"roi": {"accent1"}, "read": {"accent2"}, "sample": {"accent3"}, "neighbor": neighbors}
    for slide in made.slides:
        for group in things(slide).values():
            for shape in group.shapes:
                role = shape.name.partition("-")[0]
                if role in named and not shape.name.endswith(("-halo", "-dot")):
                    fixed = {color.get("val") for color in shape._element.iter(f"{A}srgbClr")}
                    assert fixed <= {"FFFFFF"}, shape.name  # the halo of a ×, white in every theme
                    assert named[role] & {color.get("val") for color in shape._element.iter(f"{A}schemeClr")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_font_is_named_on_a_slide_and_every_run_has_its_language(language):
    made = presentation_of(replace(WHOLE, language=language))
    said = {"en": "en-US", "zh": "zh-CN"}[language]
    for slide in (*made.slides, *(slide.notes_slide for slide in made.slides)):
        assert not [*slide._element.iter(f"{A}latin", f"{A}ea")]
        runs = [*slide._element.iter(f"{A}r")]
        assert runs and {run.find(f"{A}rPr").get("lang") for run in runs} == {said}
    assert made.core_properties.language == language


# ---- the groups ---------------------------------------------------------------------------------------------------


def test_every_role_is_a_group_with_a_name_and_a_text():
    slides = presentation_of(ALIGN).slides
    made = {name.removeprefix("!!"): description(group) for name, group in things(slides[1]).items()}
    assert [*made][:3] == ["feature map", "bin (0,0)", "bin (0,1)"]  # the order in which they are read
    assert [*made][-2:] == ["output", "numbers of the output, not known yet"]
    assert made["RoI box"] == "RoI box: x from 0.00 to 7.00, y from 3.00 to 8.00, in cells of the map"
    assert made["bin (0,1)"] == "bin (0,1): x from 3.50 to 7.00, y from 3.00 to 5.50, in cells of the map"
    assert made["sample 3 of bin (0,1)"].startswith("sample 3 of bin (0,1), at x = 4.38, y = 4.88")
    assert made["numbers of the feature map"] == "Numbers of the feature map, 0.01 to 0.97"
    assert made["feature map"].endswith("Feature map, 8×8 cells.")
    assert all(made.values())
    assert len([name for name in made if name.startswith("sample ")]) == 16
    assert [shape.name for shape in slides[1].shapes][:3] == ["title", "caption", "formula"]
    assert "!!RoI 框" in things(presentation_of(replace(ALIGN, language="zh")).slides[1])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["pptx", "pptx-picture"])
def test_no_two_things_of_a_slide_have_one_name_or_one_number(kind, language):
    odd = replace(ARTICLE, box=(0.8, 3.3, 6.4, 7.7), output_size=(7, 7), samples=(4, 4))
    more = WHOLE.parts if kind == "pptx" else (Part("sweep"), Part("bilinear", steps=("areas",)))
    several = Deck((*more, Part("network"), Part("roi_pool", odd), Part("roi_align", odd)), language=language)
    for slide in presentation_of(several, kind).slides:
        own = [*slide._element.iter(f"{P}cNvPr")]
        assert len({one.get("id") for one in own}) == len(own)
        named = Counter(one.get("name") for one in own if one.get("name").startswith("!!"))
        assert named and max(named.values()) == 1, named.most_common(1)
        assert all(one.get("descr") for one in own if one.get("name").startswith("!!"))
        assert not [name for name in named if "{" in name]


NUMBERS = "numbers of the feature map"
UNDER = (
    r"!!(RoI box|region that is read|snapped region|bin|lines between|cell-centre square|areas|sample|largest cell)\b"
)


def test_the_numbers_of_a_map_lie_over_its_lines_and_discs():
    """Only a dot with an edge lies over them: it is drawn where no number is."""
    under = 0
    for slide in presentation_of(WHOLE).slides:
        every = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.GROUP]
        for drawing in ("", ", drawn larger"):
            groups = [group for group in every if ("larger" in group.name) == bool(drawing)]
            names = [group.name for group in groups]
            if f"!!{NUMBERS}{drawing}" in names:
                at = names.index(f"!!{NUMBERS}{drawing}")
                assert not [name for name in names[at:] if re.match(UNDER, name)]
                for k, group in enumerate(groups):
                    for disc in group._element.xpath('.//p:spPr[a:prstGeom/@prst="ellipse"]'):
                        assert k < at or disc.xpath("a:ln/a:solidFill"), group.name
                        under += k < at
    assert under > 20


def test_no_line_of_a_pattern_runs_through_a_digit():
    """Of the bins and the neighbours of the print theme, on every slide: the ends of a line, and 99 places between."""
    along = np.linspace(0, 1, 101)[:, None]
    drawn = set()
    for slide in presentation_of(replace(WHOLE, theme="print")).slides:
        shapes = [shape for group in things(slide).values() for shape in group.shapes]
        numbers = [shape for shape in shapes if shape.name.endswith("-number")]
        for shape in (shape for shape in shapes if shape.name.endswith("-pattern")):
            drawn.add(shape.name.partition("-")[0])
            points = [(int(point.get("x")), int(point.get("y"))) for point in shape._element.iter(f"{A}pt")]
            ends = np.reshape(points, (-1, 2, 2)) + np.array((shape.left, shape.top))
            xs, ys = (ends[:, 0, axis] * (1 - along) + ends[:, 1, axis] * along for axis in (0, 1))
            for number in numbers:
                across = (number.left < xs) & (xs < number.left + number.width)
                down = (number.top < ys) & (ys < number.top + number.height)
                assert not (across & down).any(), (shape.name, number.name)
    assert {"bin", "neighbor"} <= drawn


# ---- motion -------------------------------------------------------------------------------------------------------


def test_the_box_moves_from_slide_to_slide():
    """Every slide but the first comes by Morph, which finds what has the same name; an older PowerPoint fades."""
    first, *others = presentation_of(ALIGN).slides
    names = {P: "p:", "{http://schemas.openxmlformats.org/markup-compatibility/2006}": "mc:"}

    def children(slide):
        tags = [child.tag for child in slide._element]
        return [re.sub(r"\{.*\}", lambda found: names[found[0]], tag) for tag in tags]

    assert children(first) == ["p:cSld", "p:clrMapOvr"]
    for slide in others:
        assert children(slide) == ["p:cSld", "p:clrMapOvr", "mc:AlternateContent"]
        written = etree.tostring(slide._element).decode()
        assert 'Requires="p159"' in written and '<p159:morph option="byObject"/>' in written and "<p:fade/>" in written
    for one, other in pairwise(presentation_of(ALIGN).slides):
        assert {"!!RoI box", "!!feature map", "!!output"} <= {*things(one)} & {*things(other)}


def odp_of(content, folder):
    """The presentation as LibreOffice understands it."""
    (folder / "deck.pptx").write_bytes(content)
    program = shutil.which("soffice")
    assert program, "soffice is missing: run tests/need_programs.sh, or install libreoffice-impress"
    office = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command = [*office, "--convert-to", "odp", "--outdir", folder, folder / "deck.pptx"]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    with zipfile.ZipFile(folder / "deck.odp") as archive:
        return archive.read("content.xml").decode()


def test_libreoffice_keeps_the_names(tmp_path):
    content = odp_of(deck_file(sheets(ALIGN), "pptx"), tmp_path)
    assert 'draw:name="!!sample 3 of bin (0,1)"' in content and 'draw:name="!!RoI box"' in content


def test_with_builds_what_is_new_appears_on_a_click():
    """Each role with one click, its shapes together; the first slide of a walk has all of it at once."""
    deck = replace(ALIGN, builds=True)
    first, second, *_ = made = presentation_of(deck).slides
    assert first._element.find(f"{P}timing") is None
    assert [child.tag for child in second._element][-1] == f"{P}timing"  # after the transition
    ids = {group.shape_id: name for name, group in things(second).items()}
    effects = [node for node in second._element.iter(f"{P}cTn") if node.get("presetClass") == "entr"]
    appear = [(node.get("nodeType"), ids[int(node.find(f".//{P}spTgt").get("spid"))]) for node in effects]
    new = [name for name in things(second) if name not in things(first)]
    assert sorted(name for _, name in appear) == sorted(new)
    assert [name for kind, name in appear if kind == "clickEffect"] == [
        "!!bin (0,0)",
        "!!lines between the parts of a bin",
        "!!lines between the bins",
        "!!sample 1 of bin (0,0)",
        "!!name of bin (0,0)",
    ]
    own = [int(node.get("id")) for node in second._element.iter(f"{P}cTn")]
    assert own == [*range(1, len(own) + 1)]
    (sequence,) = second._element.iter(f"{P}seq")
    assert [child.tag.removeprefix(P) for child in sequence] == ["cTn", "prevCondLst", "nextCondLst"]
    assert not [*presentation_of(ALIGN).slides[1]._element.iter(f"{P}timing")]
    assert len(made) == 4 and read_lesson(write_lesson(deck)).builds


def test_libreoffice_keeps_what_appears(tmp_path):
    content = odp_of(deck_file(sheets(replace(ALIGN, builds=True)), "pptx"), tmp_path)
    assert content.count('presentation:preset-id="ooo-entrance-appear"') > 16
    assert "anim:par" in content and "on-click" in content


EQUATIONS = replace(WHOLE, equations=True)
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def versions(slide):
    """Of every formula of a slide that is an equation: the shape with the equation, and the one with the text."""
    both = [each for each in slide.shapes._spTree if each.tag == f"{MC}AlternateContent"]
    return [(each.find(f"{MC}Choice/{P}sp"), each.find(f"{MC}Fallback/{P}sp")) for each in both]


@pytest.mark.parametrize("deck", [EQUATIONS, replace(EQUATIONS, language="zh", aspect="4:3")], ids=["en", "zh-4:3"])
def test_a_formula_is_an_equation_that_says_what_its_text_says(deck):
    plain = presentation_of(replace(deck, equations=False)).slides
    found = 0
    for slide, other in zip(presentation_of(deck).slides, plain, strict=True):
        told = [shape for shape in other.shapes if shape.name == "formula"]
        computed = [shape for shape in told if "=" in shape.text_frame.text or "≈" in shape.text_frame.text]
        for (equation, text), shape in zip(versions(slide), computed, strict=True):
            as_it_was, now = (etree.tostring(node, method="c14n", exclusive=True) for node in (shape._element, text))
            assert as_it_was == now
            same = [node.find(f".//{P}cNvPr").attrib for node in (equation, text)]
            assert same[0] == same[1] and same[0]["name"] == "formula"
            paragraphs = [*equation.iter(f"{A}p")]
            lines = [paragraph.findtext(f".//{M}oMathPara/{M}oMath/{M}r/{M}t") for paragraph in paragraphs]
            assert "".join("".join(lines).split()) == "".join(shape.text_frame.text.split())
            assert not equation.findall(f".//{A}t")
            assert [child.tag for run in equation.iter(f"{M}r") for child in run] == len(lines) * [
                f"{M}rPr",
                f"{A}rPr",
                f"{M}t",
            ]
            found += 1
        words = [shape for shape in slide.shapes if shape.name == "formula"]
        assert [shape.text_frame.text for shape in words] == [
            shape.text_frame.text for shape in told if shape not in computed
        ]
    assert found > 12 and read_lesson(write_lesson(deck)).equations


def test_an_equation_is_for_programs_that_know_it():
    """A program takes it only if it knows both names; each stands for a namespace where it is asked for."""
    asked = [
        choice for slide in presentation_of(EQUATIONS).slides for choice in slide.shapes._spTree.iter(f"{MC}Choice")
    ]
    known = {
        "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
        "p159": "http://schemas.microsoft.com/office/powerpoint/2015/09/main",
    }
    assert all({name: choice.nsmap[name] for name in choice.get("Requires").split()} == known for choice in asked)
    assert all(node.nsmap["a14"] == known["a14"] for choice in asked for node in choice.iter("{*}m"))


def test_words_with_numbers_in_them_are_no_equations():
    """The photo's column has a root and an arrow, that of the networks a quotient: sentences, in both languages."""
    for language in LANGUAGES:
        parts = tuple(Part(walk) for walk in ("image", "sweep", "network", "family", "gradients", "quiz"))
        deck = Deck(parts, language=language, equations=True)
        assert [versions(slide) for slide in presentation_of(deck).slides if versions(slide)] == []


def test_libreoffice_shows_the_text_of_an_equation(tmp_path):
    shown = sheets(replace(ALIGN, equations=True, notes=False))  # in the notes they are text anyway
    words = {*etree.fromstring(odp_of(deck_file(shown, "pptx"), tmp_path).encode()).itertext()}
    formulas = {line for sheet in shown for line in sheet.formula}
    assert len(formulas) == 5 and formulas <= words


def test_equations_in_a_template(tmp_path):
    (tmp_path / "lesson.toml").write_text(write_lesson(ALIGN), encoding="utf-8")
    (tmp_path / "school.pptx").write_bytes(school())
    command = ["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "deck.pptx"), "--equations"]
    assert main([*command, "--template", str(tmp_path / "school.pptx")]) == 0
    shown = [equation for slide in Presentation(tmp_path / "deck.pptx").slides for equation, _ in versions(slide)]
    assert len(shown) == 3 and all(equation.find(f".//{M}t").text for equation in shown)


# ---- a template ---------------------------------------------------------------------------------------------------

GROUND = ("112233", "FFFFFF", "445566", "EEEEEE")
SCHOOL = (*GROUND, "004488", "AA5500", "AA0022", "660088", "556B2F", "008855", "0000EE", "551A8B")
SLOTS = ("dk1", "lt1", "dk2", "lt2", *(f"accent{k}" for k in range(1, 7)), "hlink", "folHlink")


def school(colors=SCHOOL, keep=(0, 1, 5), kind="presentation", wide=13.333, slides=1):
    """A template as bytes: 16:9, with colours and a font of its own, some layouts, and a slide that is to go."""
    made = Presentation()
    made.slide_width, made.slide_height = Inches(wide), Inches(7.5)
    for place in (place for part in (made.slide_master, *made.slide_layouts) for place in part.placeholders):
        if place._element.spPr.xfrm is not None:
            place.left, place.width = round(place.left * wide / 10), round(place.width * wide / 10)
    for k, layout in reversed([*enumerate(made.slide_layouts)]):
        if k not in keep:
            made.slide_layouts.remove(layout)
    for _ in range(slides):
        made.slides.add_slide(made.slide_layouts[0]).shapes.add_textbox(0, 0, 9, 9).text_frame.text = "to go"
    theme = made.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    scheme = "".join(
        f'<a:{slot}><a:srgbClr val="{color}"/></a:{slot}>' for slot, color in zip(SLOTS, colors, strict=True)
    )
    written = re.sub(r"(?s)(<a:clrScheme [^>]*>).*(</a:clrScheme>)", rf"\1{scheme}\2", theme.blob.decode())
    theme._blob = written.replace("Calibri", "Georgia").encode()
    buffer = io.BytesIO()
    made.save(buffer)
    main = b"ml.%s.main" % kind.encode()
    return repacked(buffer.getvalue(), lambda _, data: data.replace(b"ml.presentation.main", main))


def repacked(content, change, more=()):
    """The archive with each of its files changed, and with more."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in more:
            new.writestr(name, data)
    return buffer.getvalue()


def in_template(deck, content, kind="pptx"):
    template = read_template(content)
    return template, Presentation(io.BytesIO(deck_file(sheets(deck, template), kind, template=template)))


@pytest.mark.parametrize("kind", ["presentation", "template"])
def test_a_schools_template_applies(kind):
    template, made = in_template(ALIGN, school(kind=kind))
    assert len(made.slides) == 4 and "to go" not in str([*map(things, made.slides)])
    assert {slide.slide_layout.name for slide in made.slides} == {"Title and Content"}
    assert theme_of(made)["accent2"] == "#aa5500" and "Georgia" in str(
        made.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob
    )
    for slide, sheet in zip(made.slides, sheets(ALIGN, template), strict=True):
        assert slide.shapes.title.text_frame.text == sheet.title
        assert slide.placeholders[1].text_frame.text == sheet.caption  # the words, in the place for words
        assert slide.shapes.title._element.spPr.xfrm is None
        assert not [*slide._element.iter(f"{A}latin", f"{A}ea")]
        top = slide.shapes.title.top + slide.shapes.title.height
        for shape in slide.shapes:
            if not shape.is_placeholder:
                assert shape.top >= top - Inches(0.02) and shape.top + shape.height <= made.slide_height
                assert shape.left >= 0 and shape.left + shape.width <= made.slide_width
    assert {place.placeholder_format.type for place in made.slides[1].placeholders} >= {
        PP_PLACEHOLDER.FOOTER,
        PP_PLACEHOLDER.SLIDE_NUMBER,
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("wide", "aspect"), [(None, "4:3"), (13.333, "16:9"), (10, "4:3")])
def test_through_a_walk_the_map_and_the_output_stay_in_a_narrow_deck_and_in_a_template(wide, aspect, language):
    """One place and one size for each; in a wide template 18 points a text and 16 a formula, as in a deck of ours."""
    template = None if wide is None else read_template(school(wide=wide))
    article = replace(read_lesson((ROOT / "docs/article.toml").read_text("utf-8")), language=language, aspect=aspect)
    for part in (*article.parts, Part("bilinear", Scenario())):
        layouts = [arranged(sheet) for sheet in sheets(replace(article, parts=(part,)), template)]
        shown = Counter(drawing.name for layout in layouts for drawing in layout.drawings)
        assert {*shown} in ({"map", "output"}, {"map", "closer"}) and {*shown.values()} == {len(layouts)}
        places = {(drawing.name, drawing.at, drawing.extent) for layout in layouts for drawing in layout.drawings}
        assert len(places) == 2
        for layout in layouts if wide == 13.333 and part in article.parts else ():
            sizes = {writing.name: writing.lines.size for writing in layout.writings}
            assert sizes["caption"] >= 18 and sizes.get("formula", 16) >= 16, (layout.title.text, sizes)
            assert all(writing.lines.whole for writing in layout.writings)


def test_the_roles_take_colours_of_a_school_that_can_be_told_apart():
    """Then no word names a colour. Where two are alike, or one is pale, the roles keep their own."""
    template, made = in_template(ALIGN, school())
    assert template.own_roles and "red" not in made.slides[1].shapes.title.text_frame.text
    box = things(made.slides[1])["!!RoI box"]
    assert [color.get("val") for color in box._element.iter(f"{A}schemeClr")] == ["accent1"]
    alike = (*SCHOOL[:6], "AA5501", *SCHOOL[7:])
    pale = (*SCHOOL[:6], "FFEECC", *SCHOOL[7:])
    for colors in (alike, pale):
        template, made = in_template(ALIGN, school(colors))
        box = things(made.slides[1])["!!RoI box"]
        assert [color.get("val") for color in box._element.iter(f"{A}srgbClr")] == [ink("roi", "light")[1:].upper()]
        assert made.slides[1].shapes.title.text_frame.text == "RoI Align · red ×"


def test_a_dark_template_has_a_dark_map_and_a_blank_one_a_title_of_ours():
    dark = ("FFFFFF", "101820", "DDDDDD", "333333", *SCHOOL[4:])
    template, made = in_template(ALIGN, school(dark))
    assert template.dark and not template.own_roles and sheets(ALIGN, template)[0].theme == "dark"
    template, made = in_template(ALIGN, school(keep=(6,), slides=0))
    assert [shape.name for shape in made.slides[0].shapes][:2] == ["title", "caption"]
    assert made.slides[0].shapes[0].text_frame.text == "RoI Align · map & box"
    assert {place.placeholder_format.type for place in made.slides[0].placeholders} == {
        PP_PLACEHOLDER.FOOTER,
        PP_PLACEHOLDER.SLIDE_NUMBER,
    }


def test_the_same_deck_in_the_same_template_gives_the_same_bytes():
    template = read_template(school())
    one, other = (deck_file(sheets(ALIGN, template), "pptx", template=read_template(school())) for _ in range(2))
    assert one == other


RELATION = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
PACKAGE = b"http://schemas.openxmlformats.org/package/2006/relationships"
ELSEWHERE = RELATION % b"image" + b'Target="http://203.0.113.1/x.png" TargetMode="External"/></Relationships>'


def linked(name, data):
    is_layout = name.startswith("ppt/slideLayouts/_rels/")
    return data.replace(b"</Relationships>", ELSEWHERE) if is_layout else data


def linked_notes(name, data):
    return data.replace(b"</Relationships>", ELSEWHERE) if "notesMasters/_rels" in name else data


def with_notes(change=lambda _made: None):
    """A template with a notes master."""
    made = Presentation(io.BytesIO(school()))
    assert made.notes_master.placeholders
    change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def without_place_for_notes(made):
    for place in [*made.notes_master.placeholders]:
        if place.placeholder_format.type == PP_PLACEHOLDER.BODY:
            place._element.getparent().remove(place._element)


def test_a_template_on_whose_notes_nothing_can_be_written_has_notes_of_ours():
    template, made = in_template(ALIGN, with_notes(without_place_for_notes))
    for slide, sheet in zip(made.slides, sheets(ALIGN, template), strict=True):
        assert slide.notes_slide.notes_text_frame.text.split() == sheet.notes.split() != []
    _, kept = in_template(ALIGN, with_notes(lambda made: setattr(made.notes_master, "name", "of the school")))
    assert kept.notes_master.name == "of the school"


def test_a_template_leaves_no_slide_behind_that_its_views_name():
    view = b"application/vnd.openxmlformats-officedocument.presentationml.viewProps+xml"
    relation = (RELATION % b"slide").replace(b"<R", b'<Relationships xmlns="%s"><R' % PACKAGE)
    more = [("ppt/_rels/viewProps.xml.rels", relation + b'Target="slides/slide1.xml"/></Relationships>')]
    written = repacked(school(), lambda _, data: data)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert view in archive.read("[Content_Types].xml")
    content = repacked(written, lambda _, data: data, more)
    template, made = in_template(ALIGN, content)
    with zipfile.ZipFile(io.BytesIO(template.content)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("ppt/slides/")]
    assert len(made.slides) == 4


def test_a_title_of_no_size_has_the_usual_one():
    def sizeless(name, data):
        return (
            re.sub(rb'(<p:titleStyle>.*?) sz="\d+"', rb'\1 sz="0"', data, flags=re.S) if "Master1.x" in name else data
        )

    template, made = in_template(ALIGN, repacked(school(), sizeless))
    assert template.plan.title_sizes[0] == 44 and len(made.slides) == 4


GROUND_OF = '<p:bg xmlns:p="%s" xmlns:a="%s"><p:bgPr>%%s<a:effectLst/></p:bgPr></p:bg>'
GROUND_OF %= (P[1:-1], A[1:-1])


def on_ground(of, fill):
    """The master or a layout ``of`` a presentation with another ground."""
    for old in of._element.xpath("p:cSld/p:bg"):
        old.getparent().remove(old)
    of._element.cSld.insert(0, etree.fromstring(GROUND_OF % fill))


def as_template(made):
    buffer = io.BytesIO()
    made.save(buffer)
    return read_template(buffer.getvalue())


@pytest.mark.parametrize("on", ["layout", "master"])
@pytest.mark.parametrize(
    "color",
    [
        '<a:srgbClr val="101820"/>',
        '<a:sysClr val="windowText" lastClr="101820"/>',
        '<a:sysClr val="windowText"/>',
        '<a:schemeClr val="bg1"><a:lumMod val="5000"/></a:schemeClr>',
    ],
)
def test_words_stand_out_from_a_ground_of_a_colour_of_its_own(on, color):
    made = Presentation(io.BytesIO(school(keep=(1,), slides=0)))
    on_ground(made.slide_layouts[0] if on == "layout" else made.slide_master, f"<a:solidFill>{color}</a:solidFill>")
    template = as_template(made)
    ground = "#101820" if "101820" in color else "#0d0d0d" if "lumMod" in color else "#000000"
    assert template.dark and template.slots["paper"] == ground
    assert {template.slots["text"], template.slots["quiet"]} == {"bg1"}  # white, as tx1 is dark here


def test_words_on_a_pattern_are_those_of_the_template():
    """White on what may be dark: of a pattern, as of a picture, nobody knows what stands out from it."""
    made = Presentation(io.BytesIO(school(keep=(1,), slides=0)))
    on_ground(made.slide_master, '<a:pattFill prst="dkUpDiag"/>')
    for words in made.slide_master._element.xpath("p:txStyles/p:bodyStyle/a:lvl1pPr/a:defRPr/a:solidFill"):
        words[:] = [etree.fromstring(f'<a:schemeClr xmlns:a="{A[1:-1]}" val="bg1"/>')]
    assert as_template(made).slots["text"] == "bg1"


def test_a_colour_of_the_system_is_what_it_usually_is():
    def of_system(name, data):
        system = {b"112233": b"windowText", b"FFFFFF": b"window"}
        for color, called in system.items() if name.endswith("theme1.xml") else ():
            data = data.replace(b'<a:srgbClr val="%s"/>' % color, b'<a:sysClr val="%s"/>' % called, 1)
        return data

    template = read_template(repacked(school(), of_system))
    assert not template.dark and template.own_roles


def with_entities(name, data):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    return data.replace(b"?>", b"?>" + bomb, 1) if name == "ppt/presentation.xml" else data


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: b"", "not"),
        (lambda: b"PK\x03\x04" + b"x" * 500, "not"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not"),  # with a password
        (lambda: school()[:-400], "not"),
        (lambda: repacked(school(), with_entities), "not"),
        (lambda: repacked(school(), lambda name, data: b"" if name.endswith("theme1.xml") else data), "not"),
        (lambda: bytes(LARGEST + 1), "large"),
        (lambda: repacked(school(), lambda _, data: data, [("ppt/media/zeros.bin", bytes(UNPACKED))]), "unpacked"),
        (lambda: repacked(school(), lambda _, data: data, [(f"x/{k}", b"") for k in range(3000)]), "files"),
        (lambda: school(keep=(0, 2), slides=0), "layouts"),
        (lambda: repacked(school(), linked), "links"),
        (lambda: repacked(with_notes(), linked_notes), "links"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(make, key, tmp_path, capsys):
    (tmp_path / "school.potx").write_bytes(make())
    with pytest.raises(DeckError) as found:
        read_template((tmp_path / "school.potx").read_bytes())
    assert found.value.key == f"deck.problem.template_{key}"
    (tmp_path / "lesson.toml").write_text(write_lesson(ALIGN), encoding="utf-8")
    for language in LANGUAGES:
        command = ["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "deck.pptx"), "--lang", language]
        assert main([*command, "--template", str(tmp_path / "school.potx")]) == 2
        assert text_in(language)(found.value.key, **found.value.values) in capsys.readouterr().err
    assert not (tmp_path / "deck.pptx").exists()


def test_a_template_on_the_slides_page(workshop):
    """The process that makes the deck reads it; what is wrong with it is said, and the next deck is made."""
    me = Person("me")
    job = workshop.deck(ALIGN, "pptx", me, school(kind="template"))
    assert job.ended.wait(120) and not job.problem
    assert Presentation(io.BytesIO(job.made)).slides[0].slide_layout.name == "Title and Content"
    for content, key in ((b"PK", "not"), (school(keep=(0, 2), slides=0), "layouts"), (bytes(LARGEST + 1), "large")):
        job = workshop.deck(ALIGN, "pptx", me, content)
        assert job.ended.wait(120) and job.problem == f"deck.problem.template_{key}"
        assert "{" not in text_in("zh")(job.problem, **job.told)
    job = workshop.deck(ALIGN, "pptx", me)
    assert job.ended.wait(120) and Presentation(io.BytesIO(job.made)).slides[0].slide_layout.name != "Title and Content"


def test_a_template_on_the_command_line(tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(write_lesson(ALIGN), encoding="utf-8")
    (tmp_path / "school.potx").write_bytes(school(kind="template"))
    command = ["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "deck.pptx"), "--builds"]
    assert main([*command, "--template", str(tmp_path / "school.potx")]) == 0
    made = Presentation(tmp_path / "deck.pptx")
    assert made.slides[0].slide_layout.name == "Title and Content"
    assert [*made.slides[1]._element.iter(f"{P}timing")]
    for change, sentence in (
        (["-o", str(tmp_path / "deck.pdf")], "--template is only for pptx"),
        (["--template", "none"], "no such file"),
    ):
        assert main([*command, "--template", str(tmp_path / "school.potx"), *change]) == 2
        assert sentence in capsys.readouterr().err
