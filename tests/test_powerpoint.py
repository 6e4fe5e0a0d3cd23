"""A presentation as PowerPoint has it: a master with places, colours and fonts of a theme, named groups, motion."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE

from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.deck_files import deck_file
from roialign_lab.figures.style import DECK_THEMES, ink
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import LANGUAGES

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
    several = Deck((*WHOLE.parts, Part("network"), Part("roi_pool", odd), Part("roi_align", odd)), language=language)
    for slide in presentation_of(several, kind).slides:
        own = [*slide._element.iter(f"{P}cNvPr")]
        assert len({one.get("id") for one in own}) == len(own)
        named = Counter(one.get("name") for one in own if one.get("name").startswith("!!"))
        assert named and max(named.values()) == 1, named.most_common(1)
        assert all(one.get("descr") for one in own if one.get("name").startswith("!!"))
        assert not [name for name in named if "{" in name]


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


def test_libreoffice_keeps_the_names(tmp_path):
    (tmp_path / "deck.pptx").write_bytes(deck_file(sheets(ALIGN), "pptx"))
    program = shutil.which("soffice")
    assert program, "soffice is missing: run tests/need_programs.sh, or install libreoffice-impress"
    office = [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command = [*office, "--convert-to", "odp", "--outdir", tmp_path, tmp_path / "deck.pptx"]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    with zipfile.ZipFile(tmp_path / "deck.odp") as archive:
        content = archive.read("content.xml").decode()
    assert 'draw:name="!!sample 3 of bin (0,1)"' in content
    assert 'draw:name="!!RoI box"' in content
