"""Decks are opened, not just written: PPTX, PDF, SVG, GIF, and the pages that LibreOffice and poppler make of them."""

import base64
import io
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pptx import Presentation

from roialign_core import PRECISE_ROI_POOL, ROI_ALIGN, ROI_POOL
from roialign_lab.__main__ import main
from roialign_lab.export.deck import MOST_SLIDES, Deck, sheets, titles
from roialign_lab.export.deck_files import deck_file, write
from roialign_lab.export.draw import draw_sheet, draw_sweep, save
from roialign_lab.export.film import Film
from roialign_lab.export.fonts import width
from roialign_lab.export.layout import Place, arranged, shown_output
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.export.whole_file import whole_file
from roialign_lab.figures.formats import ENDINGS, KINDS, PLAYED
from roialign_lab.figures.scene import Arrow
from roialign_lab.figures.strokes import Cell, Frame
from roialign_lab.figures.style import DECK_THEMES, INKS
from roialign_lab.figures.worksheet import questions
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.lesson_file import DECK_KEYS, OF_PART, LessonError, language_of, read_parts, settings
from roialign_lab.lesson.lesson_part import ADDRESSES, ALONE, QUESTIONS, SLIDES, DeckError, Part, keys_of, part_of_link
from roialign_lab.lesson.own_maps import own_matrix
from roialign_lab.lesson.quiz import question
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.worksheet import worksheets
from roialign_lab.stage.page import PAGES, Page
from roialign_lab.stage.view import figure

ARTICLE = Scenario(map="animation", box=(0.0, 3.0, 7.0, 8.0))
HERE = "https://lab.example.org"
ALIGN = Deck((Part("roi_align", ARTICLE, ("map", "samples", "join", "result")),), title="A lesson", base=HERE)
WALKS = (Part("roi_pool", ARTICLE), Part("roi_align", ARTICLE), Part("bilinear", ARTICLE), Part("sweep", ARTICLE))
WHOLE = Deck(WALKS, base=HERE)
NO_ADDRESSES = (
    "javascript:alert(1)",
    "lab.example.org",
    "",
    "ftp://lab",
    "http://a b",
    "http://a\x07",
    "http://\u202ea",
)
NO_ADDRESSES += ("http://", "http://[::1", "http://a:99999", "https://lab.example.org/?lang=en", "https://lab/#part")
TABLE = ["0.4770", "0.4710", "0.4569", "0.4552"]  # of the article's box, mean of 2×2
HOSTILE = '<script>alert(1)</script> & "quotes"'
ODD = "مرحبا بالعالم 🎓 \u202eright to left\u202c \x00 \ud800"


def program(name):
    found = shutil.which(name)
    assert found, f"{name} is missing: run tests/need_programs.sh, or install libreoffice-impress and poppler-utils"
    return found


def pages_of(pdf, folder):
    target = folder / "deck.pdf"
    target.write_bytes(pdf)
    subprocess.run([program("pdftoppm"), "-r", "40", "-png", target, folder / "page"], check=True)
    text = subprocess.run(
        [program("pdftotext"), "-layout", target, "-"], check=True, capture_output=True
    ).stdout.decode()
    return [Image.open(path) for path in sorted(folder.glob("page*.png"))], text


def words_of(slide):
    def walk(shapes):
        for shape in shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.shape_type == 6:
                yield from walk(shape.shapes)

    return list(walk(slide.shapes))


# ---- the model ----------------------------------------------------------------------------------------------------


def test_every_step_of_every_walk_is_a_sheet():
    made = sheets(WHOLE)
    assert len(made) == 7 + 8 + 6 + 1
    assert titles(WHOLE) == [sheet.title for sheet in made]
    assert made[0].number == "1 / 22" and made[-1].number == "22 / 22"
    assert [bool(sheet.link) for sheet in made] == [False] * 21 + [True]
    assert not any(sheet.link for sheet in sheets(replace(WHOLE, base="http://localhost:8501")))  # of no use to others
    assert made[2].formula[2] == "x2: round(7.00) + 1 = 8"
    assert all("{" not in sheet.caption and "[" not in sheet.caption for sheet in made)


def test_a_slide_says_what_is_true_of_its_scenario():
    legacy, aligned = (sheets(Deck((Part("roi_align", replace(ARTICLE, aligned=a), ("project",)),)))[0] for a in (0, 1))
    assert "half a cell right and down" in legacy.caption and "half a cell" not in aligned.caption


@pytest.mark.parametrize("language", LANGUAGES)
def test_black_on_white_no_word_names_a_colour(language):
    fine = Scenario(map="random-16x16-3")
    of_gradients = [Part("gradients", replace(fine, every=every)) for every in (False, True)]
    deck = Deck(
        (*map(Part, SLIDES), *WHOLE.parts, Part("roi_align", replace(ARTICLE, aligned=False)), *of_gradients),
        language=language,
    )
    names = re.compile("orange|green|violet|\\bred\\b|tint|colour|[橙绿紫红][色边]|着色|颜色")
    told = {theme: sheets(replace(deck, theme=theme)) for theme in ("light", "print")}
    assert any(names.search(sheet.caption) for sheet in told["light"])
    for sheet in told["print"]:
        assert not names.search(f"{sheet.title} {sheet.caption} {sheet.notes} {sheet.alt}")
    assert titles(replace(deck, theme="print")) == [sheet.title for sheet in told["print"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sheet_asks_to_drag(language):
    """On a slide, in a film or in a paper nothing can be dragged. The step "edge" and the tasks of the quiz ask to."""
    moving = Part("roi_pool", ARTICLE, path=((0, 3, 6, 8), (0, 3, 8, 8)))
    deck, text = Deck((*map(Part, SLIDES), moving), language=language), text_in(language)
    made = sheets(deck)
    assert {"bilinear-edge", "quiz-all_read", "quiz-half_iou"} <= {sheet.name[3:] for sheet in made}
    told = [words for sheet in made for words in (sheet.title, sheet.caption, sheet.notes, sheet.alt, *sheet.formula)]
    told += [words for _, _, words in Film(replace(deck, parts=(moving,)), seconds=0.1).captions()]
    told += [figure(Page(name, Session(language))).caption for name in PAGES if name != "slides"]
    told += [question.ask for question in questions(worksheets(1, 1)[0], text)]
    assert not [words for words in told if re.search(r"\bdrag|拖", words, re.IGNORECASE)]
    sentence = {
        "en": "Which box does RoI Pooling (Fast R-CNN, torchvision) read so badly that its IoU with the region that is "
        "read is 0.5 or less? ",
        "zh": "什么样的框，RoI Pooling（Fast R-CNN、torchvision）读得很不准：与读取的区域的 IoU 不超过 0.5？",
    }[language]
    assert next(sheet for sheet in made if sheet.name.endswith("half_iou")).caption.startswith(sentence)


def test_the_slide_of_the_sweep_lights_the_output_that_one_looks_at():
    (sheet,) = sheets(Deck((Part("sweep", replace(ARTICLE, focus=Focus(1, 0, 0))),)))
    lines = draw_sweep(sheet.sweep, "light", Place(0, 0, 9, 5)).axes[0].get_lines()
    assert [line.get_gid() for line in lines if line.get_linewidth() == 3] == ["pool-2", "align-2"]


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Part("roi_warp"), "walk"),
        (lambda: Part("roi_pool", steps=("samples",)), "step"),
        (lambda: Deck((), title="x"), "empty"),
        (lambda: replace(ALIGN, title="x" * 121), "long"),
        (lambda: replace(ALIGN, base="http://" + "x" * 300), "long"),
        *((lambda base=base: replace(ALIGN, base=base), "base") for base in NO_ADDRESSES),
        (lambda: replace(ALIGN, theme="neon"), "choice"),
        (lambda: replace(ALIGN, aspect="3:2"), "choice"),
        (lambda: replace(ALIGN, language="fr"), "choice"),
        (lambda: Deck((Part("sweep", steps=("sweep",) * (MOST_SLIDES + 1)),)), "too_many"),
    ],
)
def test_what_cannot_be_a_deck_is_named(make, key):
    with pytest.raises(DeckError) as found:
        make()
    assert found.value.key == f"deck.problem.{key}"
    for language in LANGUAGES:
        assert text_in(language)(found.value.key, **found.value.values)


# ---- the files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pptx", "pptx-picture"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_presentation_read_back(kind, language):
    deck = replace(ALIGN, language=language)
    made = Presentation(io.BytesIO(deck_file(sheets(deck), kind)))
    text = text_in(language)
    assert [slide.shapes.title.text_frame.text for slide in made.slides] == [
        f"{text('title.roi_align')} · {text(f'steps.roi_align.{key}.title')}" for key in ALIGN.parts[0].keys
    ]
    join = made.slides[2]
    figure = next(shape for shape in join.shapes if shape.name == f"!!{text('deck.part.map')}")
    assert figure._element.xpath(".//p:cNvPr")[0].get("descr").startswith(join.shapes.title.text_frame.text)
    assert "mean(" in join.notes_slide.notes_text_frame.text
    last = made.slides[3]
    link = next(shape for shape in last.shapes if shape.name == "link").click_action.hyperlink.address
    assert part_of_link(link).scenario.box == ARTICLE.box
    output = next(shape for shape in last.shapes if shape.name == f"!!{text('deck.part.output')}")
    assert re.findall(r"\d\.\d+", output._element.xpath(".//p:cNvPr")[0].get("descr")) == TABLE


def test_the_numbers_of_the_trace_are_text_in_the_presentation():
    slides = Presentation(io.BytesIO(deck_file(sheets(ALIGN), "pptx"))).slides
    words = words_of(slides[3])
    assert [word for word in words if word in TABLE] == TABLE
    cells = [sum(bool(re.fullmatch(r"0\.\d\d", word)) for word in words_of(slides[k])) for k in (1, 3)]
    assert cells == [64, 0]  # of the map, which gives way to the values of the samples
    names = {shape.name for group in slides[1].shapes if group.shape_type == 6 for shape in group.shapes}
    assert {"map-0-0", "map-7-7", "sample-0", "sample-15", "roi", "bin-3", "output-1-1"} <= names


def test_libreoffice_shows_every_slide(tmp_path):
    deck = replace(WHOLE, language="zh", theme="dark", title=HOSTILE)
    (tmp_path / "deck.pptx").write_bytes(deck_file(sheets(deck), "pptx"))
    office = [program("soffice"), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    subprocess.run(
        [*office, "--convert-to", "pdf", "--outdir", tmp_path / "out", tmp_path / "deck.pptx"],
        check=True,
        capture_output=True,
        timeout=180,
    )
    pages, text = pages_of((tmp_path / "out" / "deck.pdf").read_bytes(), tmp_path)
    assert len(pages) == 22
    assert all(value in text for value in TABLE)
    assert "四邻点" in text and HOSTILE.split()[0] in text
    for page in pages:
        assert len(page.convert("RGB").getcolors(1 << 20)) > 20, "an empty page"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_has_a_page_a_step_and_its_text(language, tmp_path):
    pages, text = pages_of(deck_file(sheets(replace(ALIGN, language=language)), "pdf"), tmp_path)
    assert len(pages) == 4
    assert abs(pages[0].width / pages[0].height - 16 / 9) < 0.01
    assert all(value in text for value in TABLE) and "0.88" in text
    assert text_in(language)("steps.roi_align.samples.title").split()[0] in text


@pytest.mark.parametrize("theme", DECK_THEMES)
def test_a_page_of_a_pdf_is_the_figure_of_the_slide(theme, tmp_path):
    """Both as poppler shows them, in squares of four dots. Thin edges between the tiles of a large map may differ."""
    large = replace(ARTICLE, map="random-32x32-1")
    steps = [("roi_pool", ARTICLE, "cells"), ("roi_align", ARTICLE, "neighbors"), ("roi_align", large, "samples")]
    parts = (*(Part(walk, scenario, (step,)) for walk, scenario, step in steps), Part("sweep", ARTICLE))
    some = sheets(Deck(parts, base=HERE, theme=theme))
    pages, _ = pages_of(deck_file(some, "pdf"), tmp_path)
    for page, sheet, most in zip(pages, some, (0.2, 0.2, 1.2, 0.2), strict=True):
        (tmp_path / sheet.name).mkdir()
        figure = pages_of(save(draw_sheet(sheet), "pdf"), tmp_path / sheet.name)[0][0]
        a, b = (np.asarray(picture.convert("RGB").reduce(4), float) for picture in (page, figure))
        differs = np.abs(a - b).max(axis=2)
        assert differs.mean() < most and differs.max() < 60, sheet.name


def test_a_pdf_is_tagged_so_that_a_screen_reader_reads_each_slide(tmp_path):
    content, whole = deck_file(sheets(ALIGN), "pdf"), tmp_path / "deck.pdf"
    whole.write_bytes(content)
    told = subprocess.run([program("pdfinfo"), "-struct", whole], check=True, capture_output=True).stdout.decode()
    assert told.splitlines() == ["Document", *["  Figure"] * 4]
    assert b"/Marked true" in content
    read = [re.sub(rb"\\(.)", rb"\1", alt) for alt in re.findall(rb"(?s)/Alt \(((?:\\.|[^\\)])*)\)", content)]
    assert len(read) == 4
    for alt, sheet in zip(read, sheets(ALIGN), strict=True):
        words = alt.removeprefix(b"\xfe\xff").decode("utf-16-be") if alt.startswith(b"\xfe\xff") else alt.decode()
        assert words == " ".join((f"{sheet.title}. {sheet.caption}", *sheet.formula))


def test_an_archive_has_every_step_in_every_format():
    with zipfile.ZipFile(io.BytesIO(deck_file(sheets(ALIGN), "zip"))) as archive:
        assert sorted(archive.namelist()) == sorted(
            f"{kind}/{sheet.name}.{kind}" for sheet in sheets(ALIGN) for kind in ("svg", "pdf", "png")
        )
        svg = ElementTree.fromstring(archive.read("svg/04-roi_align-result.svg"))
        words = ["".join(node.itertext()).strip() for node in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert [word for word in words if word in TABLE] == TABLE
        assert Image.open(io.BytesIO(archive.read("png/01-roi_align-map.png"))).size == (1920, 1080)
        assert archive.read("pdf/01-roi_align-map.pdf").startswith(b"%PDF-")


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_an_animation_has_a_frame_a_step(kind):
    picture = Image.open(io.BytesIO(deck_file(sheets(ALIGN), kind, seconds=1.5)))
    assert picture.n_frames == 4 and picture.info["loop"] == 0
    frames = []
    for k in range(4):
        picture.seek(k)
        picture.load()
        assert picture.info["duration"] == 1500
        frames.append(np.asarray(picture.convert("L"), dtype=float))
    assert all(np.abs(a - b).mean() > 0.1 for a, b in pairwise(frames))


@pytest.mark.parametrize("theme", DECK_THEMES)
@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_an_animation_keeps_the_colours_that_mean_something(kind, theme):
    """Dots of an ink in the figure have it in every frame, whatever colours the other frames need."""
    made = sheets(replace(ALIGN, theme=theme))
    picture = Image.open(io.BytesIO(deck_file(made, kind)))
    inks = {color.of(theme) for color in INKS.values()}
    seen = set()
    for k, sheet in enumerate(made):
        picture.seek(k)
        frame = np.asarray(picture.convert("RGB"))
        drawn = np.asarray(Image.open(io.BytesIO(save(draw_sheet(sheet), "png", 72))).convert("RGB"))
        for color in inks:
            has_it = (drawn == [int(color[n : n + 2], 16) for n in (1, 3, 5)]).all(axis=2)
            seen |= {color} if has_it.any() else set()
            assert (frame[has_it] == drawn[has_it]).all()
        assert np.abs(frame.astype(int) - drawn).mean() < 0.5
    assert len(seen) >= 4


def test_a_contact_sheet_shows_all_of_them():
    picture = Image.open(io.BytesIO(deck_file(sheets(WHOLE), "png")))
    assert picture.height / picture.width == pytest.approx(8 * (360 + 12) / (3 * (640 + 12)), abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_deck_gives_the_same_bytes(kind):
    deck = Deck((Part("roi_align", ARTICLE, ("join",)), Part("sweep", ARTICLE)))
    assert whole_file(deck, kind) == whole_file(deck, kind)


@pytest.mark.parametrize("theme", DECK_THEMES)
@pytest.mark.parametrize("aspect", ["16:9", "4:3"])
def test_every_theme_and_aspect_is_drawn_without_a_missing_letter(theme, aspect, recwarn):
    deck = replace(WHOLE, theme=theme, aspect=aspect, language="zh")
    for sheet in (sheets(deck)[k] for k in (2, 11, 17, 21)):
        save(draw_sheet(sheet), "png", 40)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in PLAYED]
)  # that has no sheets: test_html_file.py
def test_odd_text_gives_a_clean_file(kind, tmp_path):
    made = sheets(replace(ALIGN, title=f"{HOSTILE} {ODD}"))
    long = tuple(replace(sheet, caption=f"{ODD} " + "word 长句 " * 700, title=HOSTILE * 3) for sheet in made[:2])
    content = deck_file(long, kind)
    if kind.startswith("pptx"):
        slides = Presentation(io.BytesIO(content)).slides
        assert HOSTILE in slides[0].shapes.title.text_frame.text
        assert "\u202e" not in slides[0].notes_slide.notes_text_frame.text
    if kind == "pdf":
        assert len(pages_of(content, tmp_path)[0]) == 2


def test_the_sweep_is_a_chart_of_powerpoint_with_its_numbers():
    (sheet,) = made = sheets(Deck((Part("sweep", replace(ARTICLE, side="y1")),)))
    (slide,) = Presentation(io.BytesIO(deck_file(made, "pptx"))).slides
    chart = next(shape for shape in slide.shapes if shape.name == "!!chart").chart
    names = [series.name for series in chart.plots[0].series]
    assert names == [*(f"RoI Pooling {k}" for k in "①②③④"), *(f"RoI Align {k}" for k in "①②③④"), "y1 = 3.00"]
    of_bin_2 = chart.plots[0].series[1]
    np.testing.assert_allclose([*of_bin_2.values], sheet.sweep.pool[:, 0, 1], atol=1e-12)
    assert [axis.axis_title.text_frame.text for axis in (chart.category_axis, chart.value_axis)] == [
        "y1, in cells of the map",
        "output",
    ]


def test_the_foot_of_a_slide_is_not_written_over():
    """The longest title, a long address: each has a place of its own, and the file the whole link."""
    deck = replace(ALIGN, title="长" * 120, base="https://" + "x" * 200 + ".example.org")
    sheet = sheets(deck)[-1]
    places = sorted((note.at.x, note.at.x + note.at.width, note) for note in arranged(sheet).foot)
    assert [note.name for *_, note in places] == ["footer", "link", "number"]
    assert all(end <= start for (_, end, _), (start, _, _) in pairwise(places))
    for _, _, note in places:
        assert width(note.text) * 11 / 72 <= note.at.width + 0.01
    assert sheet.link.startswith(deck.base + "/RoI_Align?lang=en&")


def test_a_figure_in_an_archive_is_no_slide():
    with zipfile.ZipFile(io.BytesIO(deck_file(sheets(ALIGN), "zip"))) as archive:
        svg = archive.read("svg/04-roi_align-result.svg").decode()
    assert "A lesson" not in svg and "4 / 4" not in svg and "example.org" not in svg
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids)) > 60
    root = ElementTree.fromstring(svg)
    title, alt = (root.find(f"{{http://www.w3.org/2000/svg}}{tag}").text for tag in ("title", "desc"))
    assert title == "RoI Align · result" and alt.startswith("RoI Align · result. An output of 2×2.")
    assert "font-weight: 700; font-family: 'Lab Sans SC Bold'" in svg or "font: 700 " in svg


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_has_an_outline_of_its_steps(language, tmp_path):
    (tmp_path / "deck.pdf").write_bytes(deck_file(sheets(replace(ALIGN, language=language)), "pdf"))
    command = [program("pdftohtml"), "-xml", "-i", "-stdout", tmp_path / "deck.pdf"]
    told = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    items = re.findall(r'<item page="(\d+)">(.*)</item>', told)
    items = [(page, unescape(title)) for page, title in items]
    assert items == [(str(k), title) for k, title in enumerate(titles(replace(ALIGN, language=language)), start=1)]


ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", ["article", "usual"])
def test_flipping_through_a_walk_nothing_jumps_and_all_can_be_read(language, lesson):
    """The map, the box, the output: one place and one size; 18 points a text, 16 a formula; the foot is free."""
    article = read_lesson((ROOT / "docs" / "article.toml").read_text(encoding="utf-8"))
    usual = Deck((Part("roi_pool", Scenario()), Part("roi_align", Scenario()), Part("bilinear", Scenario())))
    deck = replace(article if lesson == "article" else usual, language=language)
    for part in deck.parts:
        layouts = [arranged(sheet) for sheet in sheets(replace(deck, parts=(part,)))]
        for name in ("map", "output", "closer"):
            drawn = [drawing for layout in layouts for drawing in layout.drawings if drawing.name == name]
            assert len({(drawing.at, drawing.extent) for drawing in drawn}) <= 1, name
            assert len(drawn) in (0, len(layouts))
        for layout in layouts:
            sizes = {writing.name: writing.lines.size for writing in layout.writings}
            assert sizes["caption"] >= 18 and sizes.get("formula", 16) >= 16, (layout.title.text, sizes)
            assert all(writing.lines.whole for writing in layout.writings)
            foot = min(note.at.y for note in layout.foot)
            places = [*(d.at for d in layout.drawings), *(w.at for w in layout.writings)]
            assert all(at.y + at.height <= foot + 1e-6 for at in places)
            for a, b in combinations([d.at for d in layout.drawings] + [w.at for w in layout.writings], 2):
                apart = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
                assert apart or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6
            for drawing in layout.drawings:
                x1, y1, x2, y2 = drawing.extent
                for stroke in drawing.strokes:
                    if isinstance(stroke, Frame) and drawing.name == "map":
                        a, b, c, d = stroke.box
                        assert x1 <= a and y1 <= b and c <= x2 and d <= y2, stroke.name
                if drawing.name == "output":
                    numbers = [stroke.words for stroke in drawing.strokes if isinstance(stroke, Cell)]
                    assert min(words.size.at(drawing.cell * 72) for words in numbers) >= 16


def test_the_lesson_of_the_article_has_its_numbers():
    """Rows 3 + 2, columns 3 + 4, the maximum of each part, and the maximum of four samples."""
    made = {sheet.name[3:]: sheet for sheet in sheets(read_lesson((ROOT / "docs" / "article.toml").read_text("utf-8")))}
    assert made["roi_pool-cells"].formula == ("y: 5 → 3 + 2", "x: 7 → 3 + 4")
    output = arranged(made["roi_pool-result"]).drawings[-1]
    assert output.alt == "0.8500, 0.9600; 0.9700, 0.8800"
    assert "①" in made["roi_pool-max"].caption or "②" in made["roi_pool-max"].caption
    assert made["roi_align-join"].formula[0].startswith("max(") and "4 in all" in made["roi_align-join"].caption


def test_a_map_without_numbers_is_one_picture():
    """A shape a cell would make 65,536 of a map of 256x256, and a file that takes a minute."""
    values = np.linspace(0, 1, 256 * 256).reshape(256, 256)
    own = own_matrix("\n".join(",".join(f"{value:.3f}" for value in row) for row in values))
    (sheet,) = sheets(Deck((Part("roi_align", Scenario(map=f"own-{own.name}-0"), ("map",)),)))
    svg = ElementTree.fromstring(save(draw_sheet(sheet), "svg"))
    (image,) = svg.iter("{http://www.w3.org/2000/svg}image")
    content = base64.b64decode(image.get("{http://www.w3.org/1999/xlink}href").partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert pixels.shape == (1024, 1024, 3)
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()
    assert corners == [[239, 244, 250], [238, 243, 250], [32, 88, 150], [31, 87, 150]]
    assert len([*svg.iter("{http://www.w3.org/2000/svg}path")]) < 200


def test_a_map_with_nan_and_a_large_map_are_drawn():
    odd, _ = from_address({"map": "matrix-1,nan;inf,-inf", "box": "0,0,2,2"}, "home", Scenario())
    large, _ = from_address({"map": "random-32x32-1"}, "home", Scenario())
    for scenario in (odd, large):
        walks = (Part("roi_pool", scenario, ("max",)), Part("roi_align", scenario, ("join",)))
        made = sheets(Deck((*walks, Part("gradients", scenario))))
        for kind in ("pptx", "pdf"):
            assert len(deck_file(made, kind)) > 1000


@pytest.mark.parametrize(("value", "least"), [("nan", 0), ("inf", 0), ("2", 4)])
def test_a_slope_that_is_not_finite_has_no_arrow(value, least):
    scenario, _ = from_address({"map": f"matrix-1,{value};3,4", "box": "0,0,2,2", "out": "1"}, "home", Scenario())
    (sheet,) = sheets(Deck((Part("gradients", scenario),)))
    arrows = [mark for panel in sheet.panels for mark in panel.scene.marks if isinstance(mark, Arrow)]
    assert len(arrows) >= least
    assert np.isfinite([(arrow.x0, arrow.y0, arrow.x1, arrow.y1) for arrow in arrows]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_title_makes_a_file(kind):
    assert len(whole_file(Deck((Part("roi_align", ARTICLE, ("map",)),), title="长" * 120), kind)) > 1000


def test_what_a_sentence_quotes_is_short():
    with pytest.raises(LessonError) as found:
        read_lesson(LESSON.replace('"roi_pool"', f'"{"x" * 100_000}"'))
    assert found.value.values["value"] == "x" * 80 + "…"
    with pytest.raises(LessonError) as found:
        read_lesson(f"{'y' * 100_000} = 1\n{LESSON}")
    assert (found.value.values["line"], found.value.values["where"]) == ("1", "y" * 80 + "…")


# ---- lesson.toml and the command line -----------------------------------------------------------------------------


def test_a_lesson_comes_back_as_it_was_written():
    deck = replace(WHOLE, title=f'{HOSTILE} "x" \\ \n é 框', theme="print", captions=False, base="http://10.0.0.5:80")
    again = read_lesson(write_lesson(deck))
    assert write_lesson(again) == write_lesson(deck)
    assert (again.title, again.theme, again.captions, again.base) == (deck.title, "print", False, deck.base)
    texts = [(sheet.title, sheet.caption, sheet.formula, sheet.footer, sheet.link) for sheet in sheets(again)]
    assert texts == [(sheet.title, sheet.caption, sheet.formula, sheet.footer, sheet.link) for sheet in sheets(deck)]


def test_what_a_part_says_of_itself_comes_back():
    for say in ({"": "a"}, {"": "a", "en": "b"}, {"en": "b", "zh": "c"}):
        deck = Deck((Part("roi_align", ARTICLE, minutes=3.1234567, say=say),))
        (part,) = read_lesson(write_lesson(deck)).parts
        assert (part.minutes, part.say) == (3.1234567, say)


LESSON = """title = "x"
theme = "light"

[[part]]
walk = "roi_pool"
box = "0,3,7,8"
steps = ["snap"]

[[part]]
link = "http://localhost:8501/RoI_Align?box=0,3,7,8&out=2"
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "part"),
    [
        ('theme = "light"', 'theme = "neon"', 2, "theme", 0),
        ('theme = "light"', "theme = 3", 2, "theme", 0),
        ('theme = "light"', 'thema = "light"', 2, "thema", 0),
        ('walk = "roi_pool"', 'walk = "warp"', 5, "walk", 1),
        ('walk = "roi_pool"', '# a\u2028b\x85c\nwalk = "warp"', 6, "walk", 1),  # TOML ends no line with these
        ('box = "0,3,7,8"', 'box = "0,3,x,8"', 6, "box", 1),
        ('box = "0,3,7,8"', 'box = [0, "3", 7, 8]', 6, "box", 1),
        ('box = "0,3,7,8"', "box = [0, 3, 7]", 6, "box", 1),
        ('box = "0,3,7,8"', "box = true", 6, "box", 1),
        ('box = "0,3,7,8"', "stride = 0x" + "f" * 4000, 6, "stride", 1),  # read, and not to be written
        ('box = "0,3,7,8"', f"box = [0, 3, 7, 0x{'f' * 4000}]", 6, "box", 1),
        ('out=2"', 'out=2"\nbox = "0,3,7,8"', 11, "box", 2),
        ('out=2"', 'out=2"\nwalk = "roi_pool"', 11, "walk", 2),
        ('steps = ["snap"]', 'steps = ["snip"]', 7, "steps", 1),
        ('steps = ["snap"]', 'step = "snap"', 7, "step", 1),
        ('steps = ["snap"]', "steps = []", 7, "steps", 1),
        ('steps = ["snap"]', "path = []", 7, "path", 1),
        ("RoI_Align?", "Elsewhere?", 10, "link", 2),
        ('walk = "roi_pool"', 'say = """\n[[part]]\nwalk = 1"""\nwalk = "warp"', 8, "walk", 1),  # in a string
        ('walk = "roi_pool"', "say = '''a \u2028 b'''\nwalk = 'warp'", 6, "walk", 1),
        ('walk = "roi_pool"', "", 4, "walk", 1),  # no walk and no link
        ('theme = "light"', 'title = "b"', 2, "", 0),  # twice
        ("out=2", "out=99", 10, "link", 2),
        ("[[part]]\nlink", "[[part\nlink", 9, "", 0),
        ('theme = "light"', "theme = " + "9" * 150_000, 2, "", 0),  # more digits than Python reads
        ('theme = "light"', "theme" + ".a" * 90_000 + " = 1", 2, "", 0),  # a time that grows with the square
        ('theme = "light"', "theme" + '."\u2028"' * 20_000 + " = 1", 2, "", 0),
        ('theme = "light"', "theme" + ".a" * 17 + '\\"' * 90_000, 2, "", 0),  # a string that does not end
        ('theme = "light"', "title = 'b'\n" + '\\"""x"' * 30_000, 2, "", 0),  # very many that do not
        ('theme = "light"', "x = [{a = '''\n\"''', " + "b." * 17 + "b = '\"'}]", 3, "", 0),  # between strings
        ('theme = "light"', "theme = " + "[" * 5000, 1, "", 0),
        ('walk = "roi_pool"', "[[part]]\n" * 200, 124, "part", 0),
        ('title = "x"', f'title = "{"x" * 121}"', 1, "title", 0),
        ('theme = "light"', f'base = "{"x" * 301}"', 2, "base", 0),
    ],
)
def test_a_bad_lesson_is_named_by_line_and_key(old, new, line, where, part, tmp_path, capsys):
    assert old in LESSON
    written = LESSON.replace(old, new)
    with pytest.raises(LessonError) as found:
        read_lesson(written)
    assert [found.value.values[name] for name in ("line", "where", "part")] == [str(line), where, str(part)]
    path = tmp_path / "lesson.toml"
    path.write_text(written, encoding="utf-8")
    for language in LANGUAGES:
        assert main(["deck", str(path), "-o", str(tmp_path / "deck.pdf"), "--lang", language]) == 2
        said = capsys.readouterr().err
        place = {
            "en": f"{path}, line {line}{f', part {part}' if part else ''}{f', {where}' if where else ''}: ",
            "zh": f"{path}，第 {line} 行{f'，第 {part} 部分' if part else ''}{f'，{where}' if where else ''}：",
        }
        assert said.startswith(place[language])
        if language == "zh":
            own = said.partition("：")[2].replace(new, "")  # without what the lesson itself says
            assert not re.search("[a-z]+ [a-z]+ [a-z]+", own), said
    assert not (tmp_path / "deck.pdf").exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('title = "a"\ntitle="b"', "line 2: “title” is there twice. Leave one of them out."),
        ('title = "a"\ntitle="""\nb = c"""\n', "line 2: “title” is there twice. Leave one of them out."),
        ("[base]\n[base]\n", "line 2: “[base]” is there twice. Leave one of them out."),
        ("[[part]]\npath = {x2 = 1, x2 = 2}\n", "line 2: “x2” is there twice. Leave one of them out."),
        ('x = {"line 999" = 1, "line 999" = 2}\n', "line 1: “line 999” is there twice. Leave one of them out."),
        (
            '[[part]]\nsteps = ["map"]\n',
            "part 1, walk: The part has neither a walk nor a link. Give it one, such as walk",
        ),
        ("title = \x1b[2J\u202e\n", "line 1: This is no TOML: title = \\x1b[2J\\u202e\n"),
        ('[[part]]\nwalk = "a\\u001b[2J\\nb"\n', "walk: There is no walk “a\\x1b[2J\\nb”."),
    ],
)
def test_what_is_wrong_with_a_lesson_is_said_on_one_line_without_its_orders_to_a_terminal(
    written, said, tmp_path, capsys
):
    (tmp_path / "lesson.toml").write_text(written, encoding="utf-8")
    assert main(["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "x.pdf")]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and "\x1b" not in told


@pytest.mark.parametrize(
    "wrong",
    [
        b'language = "zh"\n[[part]]\nwalk = "roi_pool"\nsteps = ["snp"]\n',
        b'title = "x"\n  "language"=\'zh\' # \xe4\n[[part]]\nwalk = "roi_pool"\n',  # in another encoding
        b'language = "zh"\ntitle = [\n',
        b'language = "zh"\nlanguage = "zh"\n',
        b'language = "zh"\ntheme = "neon"\n[[part]]\nwalk = "roi_pool"\n',
        b"\n" * 190_000 + b'language = "zh"\n[[part]]\n',
    ],
)
def test_what_is_wrong_with_a_lesson_is_said_in_its_own_language(wrong, tmp_path, capsys):
    lesson = tmp_path / "lesson.toml"
    lesson.write_bytes(wrong)
    assert main(["deck", str(lesson), "-o", str(tmp_path / "x.pdf")]) == 2
    assert re.search("[一-鿿]", capsys.readouterr().err)
    assert main(["deck", str(lesson), "-o", str(tmp_path / "x.pdf"), "--lang", "en"]) == 2
    assert not re.search("[一-鿿]", capsys.readouterr().err)
    lesson.write_text('language = "zh"\n[[part]]\nwalk = "roi_pool"\n', encoding="utf-8")
    for arguments in (
        [str(lesson), "-o", str(tmp_path)],
        [str(lesson), str(lesson.with_name("b.toml")), "-o", "x.pdf"],
    ):
        assert main(["deck", *arguments]) == 2  # before any lesson is read
        assert re.search("[一-鿿]", capsys.readouterr().err)


def test_the_language_of_a_lesson_of_empty_lines_is_found_at_once():
    begun = time.monotonic()
    assert language_of("\n" * 100_000 + 'language = "zh"') == "zh"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("written", ["", "part = 3", "[[part]]", "x" * 2_000_000, "a = " + "[" * 5000, "\x00"])
def test_nonsense_is_no_lesson(written):
    with pytest.raises(LessonError):
        read_lesson(written)


def test_the_command_makes_what_the_page_makes(tmp_path):
    lesson, target = tmp_path / "lesson.toml", tmp_path / "deck.pdf"
    lesson.write_text(write_lesson(ALIGN), encoding="utf-8")
    assert main(["deck", str(lesson), "-o", str(target)]) == 0
    assert target.read_bytes() == deck_file(sheets(ALIGN), "pdf")
    assert main(["deck", str(lesson), "-o", str(target), "--theme", "dark", "--lang", "zh", "--no-captions"]) == 0
    changed = replace(ALIGN, theme="dark", language="zh", captions=False)
    assert target.read_bytes() == deck_file(sheets(changed), "pdf")


def test_an_option_leaves_out_what_the_lesson_has_and_brings_nothing_back(tmp_path):
    lesson, target = tmp_path / "lesson.toml", tmp_path / "deck.pptx"
    bare = replace(ALIGN, captions=False, notes=False)
    for without, option in (("captions", "--no-notes"), ("notes", "--no-captions")):
        lesson.write_text(write_lesson(replace(ALIGN, **{without: False})), encoding="utf-8")
        assert main(["deck", str(lesson), "-o", str(target), option]) == 0
        assert target.read_bytes() == deck_file(sheets(bare), "pptx")


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, capsys, monkeypatch):
    lesson, target = tmp_path / "lesson.toml", tmp_path / "there" / "deck.pdf"
    lesson.write_text(LESSON, encoding="utf-8")
    assert main(["deck", str(lesson), "-o", str(target)]) == 1  # no such folder
    assert "deck.pdf" in capsys.readouterr().err
    assert main(["deck", str(tmp_path / "none.toml"), "-o", str(target)]) == 2
    assert main(["deck", str(lesson), "-o", str(tmp_path / "deck.doc")]) == 2
    assert "--format" in capsys.readouterr().err
    kept = tmp_path / "kept.pdf"
    kept.write_bytes(b"before")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["deck", str(lesson), "-o", str(kept)]) == 1
    assert "No space left" in capsys.readouterr().err
    assert kept.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.pdf", "lesson.toml"]
    with pytest.raises(OSError, match="No space"):
        write(kept, b"after")


def test_a_link_stays_and_the_file_that_it_names_is_replaced(tmp_path, capsys):
    (tmp_path / "far").mkdir()
    real, link, loop = tmp_path / "far" / "real.pdf", tmp_path / "link.pdf", tmp_path / "loop.pdf"
    link.symlink_to(real)
    for content in (b"first", b"second"):  # where nothing is there yet, and where it is
        write(link, content)
        assert link.is_symlink() and real.read_bytes() == content
    assert [path.name for path in real.parent.iterdir()] == ["real.pdf"]
    loop.symlink_to(loop)
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    for language in LANGUAGES:
        assert main(["deck", str(tmp_path / "lesson.toml"), "-o", str(loop), "--lang", language]) == 1
        assert capsys.readouterr().err == f"{loop}: {text_in(language)('deck.problem.link_loop')}\n"


def test_a_pipe_and_a_device_are_written_into_and_not_replaced(tmp_path):
    pipe, content, read = tmp_path / "pipe.pdf", bytes(100_000), []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, content)
    reader.join()
    assert read == [content] and stat.S_ISFIFO(pipe.stat().st_mode)
    screen, terminal = os.openpty()  # a device that no harm comes to
    write(Path(os.ttyname(terminal)), b"x")
    assert os.read(screen, 10) == b"x" and stat.S_ISCHR(Path(os.ttyname(terminal)).stat().st_mode)
    os.close(screen)
    os.close(terminal)


def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_any_new_file(tmp_path):
    old, new = tmp_path / "old.pdf", tmp_path / ("x" * 251 + ".pdf")  # 255 bytes, as long as a name can be
    old.write_bytes(b"before")
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write(old, b"after")
        write(new, b"after")
    finally:
        os.umask(before)
    assert [oct(path.stat().st_mode & 0o777) for path in (old, new)] == ["0o640", "0o640"]
    old.chmod(0o604)
    write(old, b"again")
    assert old.stat().st_mode & 0o777 == 0o604 and old.read_bytes() == b"again"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_deck_is_made_of_is_not_replaced_by_it(language, tmp_path, capsys):
    lesson, template = tmp_path / "lesson.toml", tmp_path / "lesson.pptx"
    lesson.write_text(LESSON, encoding="utf-8")
    template.write_bytes(b"template")
    (tmp_path / "link.pdf").symlink_to(lesson)
    for target, options, lost in (
        (lesson, ("--format", "pdf"), lesson),
        (tmp_path / "link.pdf", (), tmp_path / "link.pdf"),
        (template, ("--template", str(template)), template),
        (tmp_path, ("--format", "pptx", "--template", str(template)), template),  # lesson.pptx in this folder
    ):
        assert main(["deck", str(lesson), "-o", str(target), *options, "--lang", language]) == 2
        assert capsys.readouterr().err == text_in(language)("deck.problem.input", name=lost) + "\n"
    assert lesson.read_text(encoding="utf-8") == LESSON and template.read_bytes() == b"template"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ending_of_another_kind_and_a_folder_that_is_not_there_are_said(language, tmp_path, capsys):
    lesson, text = tmp_path / "lesson.toml", text_in(language)
    lesson.write_text(LESSON, encoding="utf-8")
    target = tmp_path / "y.pdf"
    for kind in ("pptx", "pptx-picture", "gif-film"):
        assert main(["deck", str(lesson), "-o", str(target), "--format", kind, "--lang", language]) == 2
        assert capsys.readouterr().err == text("deck.problem.other_ending", name=target, kind=kind) + "\n"
    for command in (["deck", str(lesson)], ["figure", f"{HERE}/RoI_Align"]):
        command += ["-o", f"{tmp_path / 'new'}/", "--format", "pdf", "--lang", language]
        assert main(command) == 1
        assert capsys.readouterr().err == f"{tmp_path / 'new'}/: {text('deck.problem.no_file')}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.toml"]


ONE_SLIDE = LESSON.partition("\n[[part]]\nlink")[0]
CLOSED, FULL = (text_in("en")(f"deck.problem.{key}") for key in ("closed", "disk_full"))
LOST = text_in("en")("deck.problem.input", name="lesson.toml")


@pytest.mark.parametrize(
    ("streams", "arguments", "code", "begins", "told"),
    [
        (">&-", "lesson.toml -o - --format png", 1, b"", f"-: {CLOSED}\n"),
        (">/dev/full", "lesson.toml -o - --format png", 1, b"", f"-: {FULL}\n"),
        (">/dev/full", "--help", 1, b"", "standard output: No space left on device\n"),
        ("<&-", "- -o none.png", 2, b"", f"-: {CLOSED}\n"),
        ("<lesson.toml", "- -o lesson.toml --format pdf", 2, b"", f"{LOST}\n"),
        ("2>&-", "lesson.toml -o made.png --progress", 0, b"", ""),
        ("2>&-", "none.toml -o none.png", 2, b"", ""),
        ("2>&-", "lesson.toml --format none", 2, b"", ""),  # what argparse says
        ("2>&-", "--help", 0, b"usage: ", ""),
    ],
)
def test_a_stream_that_is_closed_full_or_the_output_is_no_traceback(streams, arguments, code, begins, told, tmp_path):
    (tmp_path / "lesson.toml").write_text(ONE_SLIDE, encoding="utf-8")
    command = ["sh", "-c", f'"$@" {streams}', "sh", sys.executable, "-m", "roialign_lab", "deck", *arguments.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert (ended.returncode, ended.stderr.decode()) == (code, told)
    assert ended.stdout.startswith(begins) and bool(ended.stdout) == bool(begins)
    made = ["made.png"] if "made.png" in arguments else []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lesson.toml", *made]


def test_a_pipe_that_nobody_reads_ends_the_command_quietly(tmp_path):
    (tmp_path / "lesson.toml").write_text(ONE_SLIDE, encoding="utf-8")
    command = [sys.executable, "-m", "roialign_lab", "deck", tmp_path / "lesson.toml", "-o", "-", "--format", "png"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait(120)) == (b"", 1)


def test_what_goes_to_the_name_of_standard_output_is_added_to_what_is_there(tmp_path):
    lesson, made = tmp_path / "lesson.toml", tmp_path / "made"
    lesson.write_text(ONE_SLIDE, encoding="utf-8")
    with made.open("wb") as output:
        output.write(b"before")
        output.flush()
        command = [sys.executable, "-m", "roialign_lab", "deck", lesson, "-o", "/dev/stdout", "--format", "pdf"]
        subprocess.run(command, cwd=ROOT, stdout=output, check=True)
        output.write(b"after")
    assert made.read_bytes() == b"before" + deck_file(sheets(read_lesson(ONE_SLIDE)), "pdf") + b"after"


def test_a_number_and_a_list_are_settings_like_a_text():
    written = LESSON.replace('box = "0,3,7,8"', "box = [0, 3, 7.5, 8]\nout = 3\nstride = 8")
    scenario = read_lesson(written).parts[0].scenario
    assert (scenario.box, scenario.output_size, scenario.stride) == ((0.0, 3.0, 7.5, 8.0), (3, 3), 8)


def test_a_deck_goes_to_standard_output(tmp_path, capfdbinary):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    assert main(["deck", str(tmp_path / "lesson.toml"), "-o", "-"]) == 2  # of what kind?
    assert "--format" in capfdbinary.readouterr().err.decode()
    assert main(["deck", str(tmp_path / "lesson.toml"), "-o", "-", "--format", "pdf"]) == 0
    assert capfdbinary.readouterr().out == deck_file(sheets(read_lesson(LESSON)), "pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.toml"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_lessons_become_files_of_a_folder_and_a_bad_one_is_said(language, tmp_path, capsys):
    lessons = [tmp_path / f"{name}.toml" for name in ("one", "bad", "two")]
    for lesson in lessons:
        lesson.write_text(LESSON, encoding="utf-8")
    lessons[1].write_text(LESSON.replace("snap", "snip"), encoding="utf-8")
    folder, command = tmp_path / "decks", ["deck", *map(str, lessons), "--lang", language]
    assert main([*command, "-o", str(folder), "--format", "pdf", "--progress"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert sorted(path.name for path in folder.iterdir()) == ["one.pdf", "two.pdf"]
    expected = deck_file(sheets(replace(read_lesson(LESSON), language=language)), "pdf")
    assert [(folder / name).read_bytes() == expected for name in ("one.pdf", "two.pdf")] == [True, True]
    text = text_in(language)
    last = [text("deck.progress", name=f"{name}.toml", done=9, all=9) for name in ("one", "two")]
    assert [line for line in said if line in last] == last and sum("snip" in line for line in said) == 1


def test_a_name_that_would_order_a_terminal_about_is_written_out_in_the_progress_too(tmp_path, capsys):
    (tmp_path / "a\x1b[2J.toml").write_text(LESSON, encoding="utf-8")
    assert main(["deck", str(tmp_path / "a\x1b[2J.toml"), "-o", str(tmp_path / "made.pptx"), "--progress"]) == 0
    said = capsys.readouterr().err
    assert "a\\x1b[2J.toml" in said and "\x1b" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_several_lessons_cannot_go_is_said_before_any_is_made(language, tmp_path, capsys):
    lessons = [tmp_path / "a" / "lesson.toml", tmp_path / "b" / "lesson.toml", tmp_path / "c.toml"]
    for lesson in lessons:
        lesson.parent.mkdir(exist_ok=True)
        lesson.write_text(LESSON, encoding="utf-8")
    text, (a, b, c) = text_in(language), map(str, lessons)
    decks = tmp_path / "decks"
    for given, target, options, told in (
        ((a, c), "-", ("--format", "pdf"), text("deck.problem.folder", count=2, value="-")),
        ((a, c), tmp_path / "x.pdf", (), text("deck.problem.folder", count=2, value=tmp_path / "x.pdf")),
        ((a, c), lessons[2], ("--format", "pdf"), text("deck.problem.folder", count=2, value=c)),
        ((a, c), decks, (), text("deck.problem.ending", value=decks, choices=", ".join(ENDINGS))),
        ((a, b), decks, ("--format", "pdf"), text("deck.problem.same_name", name=decks / "lesson.pdf")),
    ):
        assert main(["deck", *given, "-o", str(target), *options, "--lang", language]) == 2
        assert capsys.readouterr().err == told + "\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c.toml"]
    command = ["deck", a, c, "-o", str(tmp_path / "no" / "decks"), "--format", "pdf", "--lang", language]
    assert main(command) == 1
    assert capsys.readouterr().err.count(text("deck.problem.no_file")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_no_file_can_have_is_said(language, tmp_path, capsys):
    lesson, text = tmp_path / "lesson.toml", text_in(language)
    lesson.write_text(LESSON, encoding="utf-8")
    for command in (["deck", str(lesson)], ["worksheet"], ["figure", f"{HERE}/RoI_Align"]):
        assert main([*command, "-o", str(tmp_path / ("x" * 300 + ".pdf")), "--lang", language]) == 1
        assert capsys.readouterr().err.endswith(f": {text('deck.problem.long_name')}\n")
    long = tmp_path / ("x" * 300 + ".toml")
    for command in (["deck", str(long)], ["deck", str(lesson), "--template", str(long)]):
        (tmp_path / "made.pptx").write_bytes(b"before")
        assert main([*command, "-o", str(tmp_path / "made.pptx"), "--lang", language]) == 2
        assert capsys.readouterr().err == f"{long}: {text('deck.problem.long_name')}\n"
        (tmp_path / "made.pptx").unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.toml"]
    odd = tmp_path / "مرحبا 🎓 <b>&.pdf"
    assert main(["deck", str(lesson), "-o", str(odd)]) == 0 and odd.read_bytes().startswith(b"%PDF-")


def test_one_lesson_goes_into_a_folder_that_is_there(tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    (tmp_path / "x.pdf").mkdir()
    command = ["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "x.pdf")]
    assert main(command) == 2 and "--format" in capsys.readouterr().err
    assert main([*command, "--format", "png"]) == 0
    assert (tmp_path / "x.pdf" / "lesson.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["lesson_toml.md", "lesson_toml.zh.md"])
def test_the_reference_of_lesson_toml_has_an_example_of_every_key(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", written, re.S)
    keys = set()
    for example in examples:
        parts, options = read_parts(example)  # each can be used as it stands
        keys |= {line.split("=")[0].strip().split(".")[0] for line in example.splitlines() if "=" in line}
        assert parts and options.keys() <= set(DECK_KEYS)
        if any(part.slides for part in parts):
            assert sheets(read_lesson(example))
    rows = re.findall(r"^\| (`[^|]*) \|", written, re.M)
    explained = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert keys >= {*DECK_KEYS, *OF_PART, *settings()} and explained >= keys
    for walk in ADDRESSES:
        row = re.search(rf"^\| `{walk}` \| (.*) \| (.*) ?\|$", written, re.M)
        told = re.findall(r"`(\w+)`", row[1]) if row else []
        assert tuple(told) == (() if walk in ALONE else keys_of(walk)), walk
        if row and walk != "quiz":
            assert set(re.findall(r"`(\w+)`", row[2])) == set(QUESTIONS.get(walk, ()))


def test_every_walk_of_a_deck_has_its_steps():
    assert keys_of("sweep") == ("sweep",)
    assert keys_of("bilinear") == ("neighbors", "areas", "lerp_x", "lerp_y", "sum", "edge")


def test_a_lesson_from_standard_input_is_utf_8_whatever_the_locale(tmp_path):
    lesson = 'title = "感兴趣区域"\n\n[[part]]\nwalk = "roi_pool"\nsteps = ["map"]\n'.encode("utf-8-sig")
    command = [sys.executable, "-m", "roialign_lab", "deck", "-", "-o", tmp_path / "deck.pptx"]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    subprocess.run(command, input=lesson, env=environment, cwd=Path(__file__).parent.parent, check=True)
    slide = Presentation(tmp_path / "deck.pptx").slides[0]
    assert any("感兴趣区域" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["animation", "random-32x32-1"])
def test_the_numbers_of_an_output_of_seven_by_seven_can_be_read(name, language):
    """9 points, and no text is cut for it: where four lines of a formula have no room they are two."""
    scenario, _ = from_address({"map": name, "out": "7"}, "home", Scenario())
    for sheet in sheets(Deck((Part("roi_pool", scenario), Part("roi_align", scenario)), language=language)):
        layout = arranged(sheet)
        (output,) = (drawing for drawing in layout.drawings if drawing.name == "output")
        numbers = [stroke.words for stroke in output.strokes if isinstance(stroke, Cell)]
        assert len(numbers) == 49 and min(words.size.at(output.cell * 72) for words in numbers) >= 9
        assert all(writing.lines.whole for writing in layout.writings), sheet.name
        assert min(writing.lines.size for writing in layout.writings if writing.name in ("caption", "formula")) >= 13


@pytest.mark.parametrize("language", LANGUAGES)
def test_photo_family_gradients_and_questions_are_slides_of_what_their_pages_show(language):
    text, scenario = text_in(language), replace(Scenario(), focus=Focus(0, 1, 0))
    parts = (
        Part("image"),
        Part("family", scenario),
        Part("gradients", scenario),
        Part("quiz", steps=("join",), seed=7),
    )
    photo, family, gradients, asked = made = sheets(Deck(parts, language=language))
    assert titles(Deck(parts, language=language)) == [sheet.title for sheet in made]
    assert len(photo.panels) == len(family.panels) == 2
    traces = [scenario.trace(operator) for operator in (ROI_POOL, ROI_ALIGN, PRECISE_ROI_POOL)]
    for panel, made_by in zip(gradients.panels, traces, strict=True):
        output = shown_output(panel.scene)
        assert output is not None and output.labels == tuple(
            tuple(f"{value:.4f}" for value in row) for row in made_by.output
        )
    assert text("quiz.join.title") in asked.title and not any("✓" in line for line in asked.formula)
    assert [line[:3] for line in asked.formula[: len(question(7, "join").choices)]] == ["A: ", "B: ", "C: ", "D: "]
    assert deck_file(made, "pdf")[:5] == b"%PDF-"


def test_a_small_map_of_a_question_is_as_large_beside_a_question_with_a_large_one():
    small, large = ("join", "unread")
    alone, both = (sheets(Deck((Part("quiz", steps=steps),))) for steps in ((small,), (small, large)))
    scenes = [sheet.panels[0].scene for sheet in (*alone, *both)]
    assert scenes[0].extent == scenes[1].extent and scenes[2].extent[2] > 2 * scenes[1].extent[2]
