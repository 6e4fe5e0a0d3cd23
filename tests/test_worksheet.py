"""Sheets to compute by hand: every number is short and the core's, no two are alike, and all of it is on paper."""

import io
import os
import re
import shutil
import subprocess
import sys
import threading
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfFile
from streamlit.testing.v1 import AppTest

from roialign_core import ROI_ALIGN, ROI_POOL, roi_align, trace
from roialign_lab.__main__ import main
from roialign_lab.export.fonts import fitted
from roialign_lab.export.painter import base_of, font_of
from roialign_lab.export.pdf_pages import PageCanvas
from roialign_lab.export.queue import Line, Person, Workshop
from roialign_lab.export.worksheet import INCHES, MARGIN, OUTPUTS, TEXT, THEME, page_of, paint, worksheet_file
from roialign_lab.figures.worksheet import outputs, questions
from roialign_lab.lesson.scenario import Focus
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.worksheet import CELLS, MOST_SHEETS, PAPERS, WorksheetError, worksheets
from roialign_lab.ui import worksheet as on_page

ROOT = Path(__file__).parent.parent
CLASS = worksheets(1, MOST_SHEETS)
FIRST = CLASS[0]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def numbers_of(*texts):
    return [float(found) for text in texts for found in NUMBER.findall(text)]


def pages_of(pdf, folder):
    """The text of each page."""
    found = shutil.which("pdftotext")
    assert found, "pdftotext is missing: run tests/need_programs.sh, or install poppler-utils"
    (folder / "sheets.pdf").write_bytes(pdf)
    command = [found, "-layout", folder / "sheets.pdf", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\f")[:-1]


# ---- the numbers --------------------------------------------------------------------------------------------------


def test_a_worked_sheet():
    """Sheet 1 of seed 1, computed by hand: box 1.9, 1.8, 5.1, 4.2, third × of bin ③ at y = 3.9, x = 2.3."""
    assert (FIRST.scenario.box, FIRST.scenario.focus) == ((1.9, 1.8, 5.1, 4.2), Focus(1, 0, 2))
    rows = FIRST.scenario.feature_map[3:5].tolist()
    assert rows == [[6.8, 3.7, 0.3, 9.0, 7.6, 3.4], [2.7, 4.5, 9.8, 3.3, 1.3, 4.7]]
    asked = {question.key: question for question in questions(FIRST, text_in("en"))}
    assert [*asked] == ["snap", "split", "cells", "third", "neighbors", "join", "gradient"]
    assert numbers_of(*asked["snap"].answer)[-2:] == [1, 5]  # y2: round(4.2) + 1 = 5
    assert asked["split"].answer == ("h = 3 / 2 = 1.500", "w = 4 / 2 = 2.000")
    assert asked["cells"].answer[2:] == ("rows: 3–4   columns: 2–3", "max(0.3, 9.0, 9.8, 3.3) = 9.8000")
    assert asked["third"].answer == (
        "y = 3.000 + (1 + ½)/2 · 1.200 = 3.900",  # the bin is 1.2 high: parts of 0.6, the second from 3.6 on
        "x = 1.900 + (0 + ½)/2 · 1.600 = 2.300",
    )
    assert asked["neighbors"].table[1:] == (
        ("(3, 1)", "0.6·0.2 = 0.12", "3.7", "0.444"),
        ("(3, 2)", "0.6·0.8 = 0.48", "0.3", "0.144"),
        ("(4, 1)", "0.4·0.2 = 0.08", "4.5", "0.360"),
        ("(4, 2)", "0.4·0.8 = 0.32", "9.8", "3.136"),
    )
    assert asked["neighbors"].answer == ("0.444 + 0.144 + 0.360 + 3.136 = 4.084",)
    assert asked["join"].answer[0] == "mean(2.228, 5.604, 4.084, 5.672) = 4.3970"
    assert asked["gradient"].table[1] == ("(4, 1): 0.08·0.25 = 0.0200", "(4, 2): 0.32·0.25 = 0.0800")
    assert asked["gradient"].answer == ("RoI Pooling: all of it to cell (4, 2)",)
    assert outputs(FIRST, told=False) == ((("", ""), ("", "")), (("6.6390", "6.5290"), ("", "6.3610")))


@pytest.mark.parametrize("seed", [0, 7, 9999])
def test_every_number_of_a_key_is_the_cores(seed):
    for sheet in worksheets(seed, 12):
        scenario, focus = sheet.scenario, sheet.scenario.focus
        here = (focus.row, focus.column)
        values, box = scenario.feature_map, scenario.box
        pool, align = trace(values, box, ROI_POOL, 2), trace(values, box, ROI_ALIGN, 2, sampling_ratio=2)
        asked = {question.key: question for question in questions(sheet, text_in("en"))}
        sides = numbers_of(*(line.rpartition("=")[2] for part in asked["snap"].answer for line in part.split("   ")))
        assert sides == pool.roi_used.tolist()
        assert numbers_of(asked["cells"].answer[-1])[-1] == pool.output[here]
        k = align.samples_of(*here)[2]
        place = [numbers_of(line)[-1] for line in asked["third"].answer]
        np.testing.assert_allclose(place, (align.sample_y[k], align.sample_x[k]), atol=1e-9)
        cells = [numbers_of(row[0]) for row in asked["neighbors"].table[1:]]
        assert cells == np.stack([align.neighbor_y[k], align.neighbor_x[k]], axis=1).tolist()
        weights = [numbers_of(row[1])[-1] for row in asked["neighbors"].table[1:]]
        np.testing.assert_allclose(weights, align.weights[k], atol=1e-9)
        np.testing.assert_allclose(numbers_of(*asked["neighbors"].answer)[-1], align.sample_value[k], atol=1e-9)
        batch = roi_align(values[None, None], [[0, *box]], 2, 1.0, 2, True)[0, 0]
        np.testing.assert_allclose(numbers_of(asked["join"].answer[0])[-1], batch[here], atol=1e-9)
        readings = [align.sample_value[j] for j in align.samples_of(*here)]
        np.testing.assert_allclose(numbers_of(asked["join"].answer[1])[-1], max(readings), atol=1e-9)
        shares = [numbers_of(cell)[-1] for row in asked["gradient"].table for cell in row]
        np.testing.assert_allclose(shares, align.weights[k] / 4, atol=1e-9)
        row, column = (int(at) for at in numbers_of(*asked["gradient"].answer))
        higher = values.copy()
        higher[row, column] += 0.5
        assert trace(higher, box, ROI_POOL, 2).output[here] == pool.output[here] + 0.5
        for (y, x), share in zip(cells, shares, strict=True):  # with the other three × as they are
            higher = values.copy()
            higher[int(y), int(x)] += 1
            changed = trace(higher, box, ROI_ALIGN, 2, sampling_ratio=2).sample_value[k] - align.sample_value[k]
            assert changed / 4 == pytest.approx(share)
        for told, table in zip((pool, align), outputs(sheet, told=True), strict=True):
            np.testing.assert_allclose(np.array(table, float), told.output, atol=1e-9)


def test_every_equation_is_exact_and_nothing_is_a_tie():
    for sheet in CLASS:
        x1, y1, x2, y2 = (round(10 * side) for side in sheet.scenario.box)
        assert all(side % 5 for side in (x1, y1, x2, y2))  # on no line, and halfway between no two
        places = np.concatenate([sheet.align.sample_y, sheet.align.sample_x])
        assert not np.isclose(places % 1, 0.5).any()  # straight between no two centres
        assert ((places > 0.5) & (places < 5.5)).all()  # nor beyond the outermost
        assert sheet.pool.roi_used.max() <= 6 and (sheet.pool.roi_used[2:] - sheet.pool.roi_used[:2] != 1).all()
        written = [line for question in questions(sheet, text_in("en")) for line in question.answer]
        assert not any("≈" in line or "<" in line for line in written)


def test_sixty_sheets_are_sixty_different_ones():
    answers = [[q.answer + q.table for q in questions(sheet, text_in("en"))[4:]] for sheet in CLASS]
    assert all(a != b for a, b in combinations(answers, 2))
    assert len({sheet.scenario.map for sheet in CLASS}) == len(CLASS) == 60
    for a, b in pairwise(CLASS):
        bins = [(sheet.scenario.focus.row, sheet.scenario.focus.column) for sheet in (a, b)]
        assert bins[0] != bins[1]
    assert {sheet.scenario.map for sheet in worksheets(2, 20)}.isdisjoint(sheet.scenario.map for sheet in CLASS)


@pytest.mark.parametrize(
    ("seed", "count", "key"), [(-1, 1, "seed"), (10_000, 1, "seed"), (1, 0, "sheets"), (1, 61, "sheets")]
)
def test_what_is_out_of_range_is_said(seed, count, key, tmp_path, capsys):
    with pytest.raises(WorksheetError) as found:
        worksheets(seed, count)
    assert found.value.key == f"worksheet.problem.{key}"
    for language in LANGUAGES:
        command = ["worksheet", f"--seed={seed}", f"--sheets={count}", "--lang", language]
        assert main([*command, "-o", str(tmp_path / "sheets.pdf")]) == 2
        said = capsys.readouterr().err
        assert str(seed if key == "seed" else count) in said
        assert bool(re.search("[a-z]{4}", said)) is (language == "en")
    assert not any(tmp_path.iterdir())


# ---- the paper ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("paper", PAPERS)
def test_there_is_room_for_every_answer(language, paper):
    """A line to write on has 6.5 mm; every answer of a key is there to its last digit."""
    for sheet in CLASS:
        asked = questions(sheet, text_in(language))
        page = page_of(paper, asked)
        bottom = page.size[1] - MARGIN
        for question in asked:
            text, room = page.asked[question.key], page.rooms[question.key]
            assert text.y + text.height <= room.y + 1e-9 and room.y + room.height < bottom
            wide = room.width * (0.54 if question.key in OUTPUTS else 1) - 0.15
            answer = fitted(question.answer, wide, room.height, (TEXT,))
            assert answer.whole, (sheet.number, question.key, question.answer)
            lines = (
                2 if question.key in ("snap", "third") else 1 if question.key not in OUTPUTS else len(question.fields)
            )
            assert room.height / lines >= 0.256


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("paper", "points"), [("a4", "595.44 x 841.68 pts"), ("letter", "612 x 792 pts")])
def test_a_sheet_and_its_key_are_read_back(language, paper, points, tmp_path):
    text = text_in(language)
    pages = pages_of(worksheet_file(worksheets(7, 2), 7, language=language, paper=paper), tmp_path)
    assert len(pages) == 4
    told = subprocess.run(["pdfinfo", tmp_path / "sheets.pdf"], check=True, capture_output=True).stdout.decode()
    assert points in told and text("worksheet.title") in told
    for k, page in enumerate(pages):
        sheet, is_key = worksheets(7, 2)[k % 2], k >= 2
        assert text("worksheet.key" if is_key else "worksheet.sheet", number=sheet.number) in page
        assert (text("worksheet.name") in page) is not is_key
        assert text("worksheet.foot", seed=7, number=sheet.number, count=2) in page
        for row in sheet.scenario.feature_map:
            assert all(f"{value:.1f}" in page for value in row)
        squeezed = re.sub(r"\s", "", page)
        for question in questions(sheet, text):
            assert re.sub(r"\s", "", question.title) in squeezed
            answers = [line.rpartition("=")[2].strip() for line in question.answer if question.key == "join"]
            assert all((answer in page) is is_key for answer in answers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_outline_names_the_sheets_and_the_keys(language, tmp_path):
    (tmp_path / "sheets.pdf").write_bytes(worksheet_file(worksheets(1, 2), 1, language=language))
    command = ["pdftohtml", "-xml", "-i", "-stdout", tmp_path / "sheets.pdf"]
    told = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    items = [unescape(title) for title in re.findall(r'<item page="\d+">(.*)</item>', told)]
    text = text_in(language)
    assert items == [text(f"worksheet.{kind}", number=k) for kind in ("sheet", "key") for k in (1, 2)]


class Noted(PageCanvas):
    """A page that notes what is drawn: each text with its size and its box in points, and the colours."""

    def __init__(self, sheet, paper, is_key):
        self.texts, self.colors = [], set()
        file = PdfFile(io.BytesIO())
        file.newPage(*INCHES[paper])
        super().__init__(file, INCHES[paper], THEME)
        paint(self, sheet, text_in("en"), paper, is_key, "foot")

    def text(self, text, x, y, look, across, down, link=""):
        wide, high, below = self.renderer.get_text_width_height_descent(text, font_of(look.size, look.bold), False)
        left, base = base_of(x, y, across, down, (wide, high, below))
        self.texts.append((text, look.size, (left, base - below, left + wide, base - below + high)))
        self.colors.add(look.color[:3])
        super().text(text, x, y, look, across, down, link)

    def pen(self, color, *rest, **more):
        self.colors.add(color[:3])
        return super().pen(color, *rest, **more)


@pytest.mark.parametrize("is_key", [False, True])
def test_black_on_white_and_no_letter_is_small(is_key):
    page = Noted(FIRST, "letter", is_key)
    assert len(page.texts) > 60 and min(size for _, size, _ in page.texts) >= 10
    assert (1, 1, 1) in page.colors and (0, 0, 0) in page.colors
    assert all(red == green == blue for red, green, blue in page.colors)


def test_no_side_of_the_box_crosses_a_number_of_a_sheet():
    for sheet in CLASS[:20]:
        page, at = Noted(sheet, "a4", False), page_of("a4", questions(sheet, text_in("en"))).map
        x1, y1, x2, y2 = sheet.scenario.box
        crossed, seen = [], 0
        for text, _, (left, foot, right, top) in page.texts:
            a, b = (72 * at.x, 72 * (at.x + at.width)), (page.high - 72 * (at.y + at.height), page.high - 72 * at.y)
            if not (a[0] < left < right < a[1] and b[0] < foot < top < b[1]):
                continue
            seen += 1
            left, right = ((x - a[0]) / (a[1] - a[0]) * CELLS for x in (left, right))
            foot, top = ((b[1] - y) / (b[1] - b[0]) * CELLS for y in (foot, top))
            beside, over = y2 < top or y1 > foot, x2 < left or x1 > right
            if not beside and any(left < x < right for x in (x1, x2)):
                crossed.append(text)
            if not over and any(top < y < foot for y in (y1, y2)):
                crossed.append(text)
        assert (seen, crossed) == (CELLS * CELLS, []), sheet.number


# ---- the command --------------------------------------------------------------------------------------------------


def test_the_command_makes_the_same_bytes_twice(tmp_path, capfdbinary):
    target = tmp_path / "sheets.pdf"
    command = ["worksheet", "--seed", "3", "--sheets", "2", "--lang", "zh", "--paper", "letter"]
    assert main([*command, "-o", str(target), "--progress"]) == 0
    assert capfdbinary.readouterr().err.decode().splitlines()[-1] == "sheets.pdf：第 4 页，共 4 页"
    assert target.read_bytes() == worksheet_file(worksheets(3, 2), 3, language="zh", paper="letter")
    assert main([*command, "--no-key", "-o", "-"]) == 0
    said = capfdbinary.readouterr()
    assert (said.out, said.err) == (
        worksheet_file(worksheets(3, 2), 3, language="zh", paper="letter", keys=False),
        b"",
    )


def test_what_cannot_be_written_leaves_nothing(tmp_path, capsys, monkeypatch):
    for language in LANGUAGES:
        text = text_in(language)
        for target, key in ((tmp_path / "none" / "x.pdf", "no_file"), (tmp_path, "is_folder")):
            assert main(["worksheet", "-o", str(target), "--lang", language]) == 1
            assert capsys.readouterr().err == f"{target}: {text(f'deck.problem.{key}')}\n"

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["worksheet", "--no-key", "-o", str(tmp_path / "x.pdf")]) == 1
    assert capsys.readouterr().err.endswith("No space left on the disk.\n")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_not_that_of_a_pdf_is_said(language, tmp_path, capsys):
    for name in ("w.docx", "w"):
        assert main(["worksheet", "-o", str(tmp_path / name), "--lang", language]) == 2
        said = text_in(language)("worksheet.problem.ending", value=tmp_path / name)
        assert capsys.readouterr().err == f"{said}\n"
    assert main(["worksheet", "-o", f"{tmp_path}/new.pdf/", "--lang", language]) == 1
    assert text_in(language)("deck.problem.no_file") in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_sheets_go_into_a_pipe_that_has_no_ending(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert main(["worksheet", "--no-key", "-o", str(pipe)]) == 0
    reader.join()
    assert read == [worksheet_file(worksheets(1, 1), 1, keys=False)] and pipe.is_fifo()


# ---- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def lines(workshop, monkeypatch):
    monkeypatch.setattr(on_page, "workshop", lambda: workshop)
    return workshop


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_makes_the_sheets_of_the_command(language):
    app, text = AppTest.from_file(str(ROOT / "pages" / "8_Slides.py"), default_timeout=120), text_in(language)
    app.query_params["lang"] = language
    app.run()
    app.number_input(key="sheet_seed").set_value(5)
    app.number_input(key="sheet_count").set_value(2)
    app.selectbox(key="sheet_paper").set_value("letter")
    app.button(key="sheet_make").click().run()
    job = app.session_state["sheet_job"]
    assert job.ended.wait(120) and not job.problem and job.done == job.all == 4
    assert job.made == worksheet_file(worksheets(5, 2), 5, language=language, paper="letter")
    app.run()
    labels = [button.proto.label for button in app.get("download_button")]
    size = f"{len(job.made) / 1e6:.1f}"
    assert text("worksheet.ui.download", name="sheets-5.pdf", size=size) in labels and not app.exception
    job.made, job.problem = None, "forgotten"
    app.run()
    assert text("worksheet.ui.again") in [told.value for told in app.info]


def test_a_greedy_person_has_one_place_for_decks_and_sheets():
    mute = Line(command=(sys.executable, "-c", "import time; time.sleep(1000)"))
    workshop, me = Workshop(slow=mute), Person("me")
    first = workshop.worksheets(1, 60, me)
    second = workshop.worksheets(2, 1, me, keys=False)
    assert (first.all, second.all) == (120, 1)
    assert first.ended.wait(120) and first.problem == "cancelled"
    mute.cancel(second)
    assert second.ended.wait(120)
