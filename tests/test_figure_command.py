"""The figure of a link for a paper: as wide as was asked, in groups by role, and as TikZ from the same strokes."""

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from roialign_lab.__main__ import main
from roialign_lab.export.figure_command import KINDS, sheet_of_link
from roialign_lab.export.fonts import clean
from roialign_lab.export.plate import plate_of, readable_plate
from roialign_lab.export.plate_files import plate_file, words_file
from roialign_lab.export.tikz import escaped, tikz
from roialign_lab.figures.strokes import Crosses, Frame, Size, Words, scaled
from roialign_lab.figures.style import DECK_THEMES, ink
from roialign_lab.lesson.lesson_part import ADDRESSES
from roialign_lab.lesson.text import LANGUAGES, text_in

BASE = "http://localhost:8501"
JOIN = f"{BASE}/RoI_Align?map=animation&box=0,3,7,8&out=2&step=join"
TABLE = ["0.4770", "0.4710", "0.4569", "0.4552"]  # of the article's box, mean of 2×2
SVG = "{http://www.w3.org/2000/svg}"
FIGURE, FILM = ("figure", JOIN, "-o", "x.svg"), ("deck", "x.toml", "-o", "x.gif")
SHEET = ("worksheet", "-o", "x.pdf")


def run(tmp_path, link, name, *options):
    target = tmp_path / name
    assert main(["figure", link, "-o", str(target), *options]) == 0
    return target.read_bytes()


# ---- files --------------------------------------------------------------------------------------------------------


def test_an_svg_has_a_group_for_each_role_and_its_words(tmp_path):
    root = ElementTree.fromstring(run(tmp_path, JOIN, "x.svg", "--width", "10"))
    assert root.get("width") == "283.46pt" or float(root.get("width").removesuffix("pt")) == pytest.approx(
        283.46, abs=0.1
    )
    groups = Counter(group.get("class") for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("role-"))
    assert {"map", "roi", "bin", "split", "sample", "name", "output", "focus"} <= groups.keys()
    assert "patch" not in groups and "other" not in groups, "every mark has the name of its role"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert set(TABLE) <= set(texts) and "RoI Align · join" in texts
    assert root.find(f"{SVG}title").text == "RoI Align · join" and root.find(f"{SVG}desc").text


@pytest.mark.parametrize("width", [6, 17.5])
def test_a_pdf_is_as_wide_as_was_asked_and_its_letters_as_large(width, tmp_path):
    run(tmp_path, JOIN, "x.pdf", "--width", str(width), "--font-size", "8")
    found = shutil.which("pdftotext")
    assert found, "pdftotext is missing: run tests/need_programs.sh, or install poppler-utils"
    told = subprocess.run(["pdfinfo", tmp_path / "x.pdf"], check=True, capture_output=True).stdout.decode()
    assert float(re.search(r"Page size: +([\d.]+) x", told)[1]) == pytest.approx(width / 2.54 * 72, abs=0.1)
    text = subprocess.run([found, "-layout", tmp_path / "x.pdf", "-"], check=True, capture_output=True).stdout.decode()
    assert all(value in text for value in TABLE) and "Output" in text
    plate = plate_of(sheet_of_link(JOIN, "light"), width, 8)
    assert {writing.lines.size for writing in plate.writings} == {8}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_says_what_it_shows_to_who_does_not_see_it(language, tmp_path):
    content, text = run(tmp_path, JOIN, "x.pdf", "--lang", language), text_in(language)
    told = subprocess.run(["pdfinfo", "-struct-text", tmp_path / "x.pdf"], check=True, capture_output=True)
    assert told.stdout.decode().splitlines()[:2] == ["Document", "  Figure"]
    about = subprocess.run(["pdfinfo", tmp_path / "x.pdf"], check=True, capture_output=True).stdout.decode()
    title = f"{text('title.roi_align')} · {text('steps.roi_align.join.title')}"
    assert re.search(r"Title: +(.*)", about)[1] == title
    assert b"/Alt (" in content
    assert b"/Lang (%s)" % language.encode() in content and b"/Marked true" in content
    assert b"/Outlines" not in content  # of one page


def test_without_a_ground_and_without_a_title(tmp_path):
    run(tmp_path, JOIN, "x.png", "--transparent", "--no-title", "--width", "8")
    picture = Image.open(tmp_path / "x.png")
    assert picture.mode == "RGBA" and picture.getpixel((0, 0))[3] == 0
    assert picture.width == pytest.approx(8 / 2.54 * 300, abs=1)
    assert b"RoI Align \xc2\xb7 join</text>" not in run(tmp_path, JOIN, "x.svg", "--no-title")
    pixel = Image.open(tmp_path / "x.png").convert("RGBA")
    assert {pixel.getpixel((x, pixel.height - 1))[3] for x in range(0, pixel.width, 50)} == {0}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_stand_beside_it(language, tmp_path):
    run(tmp_path, JOIN, "x.svg", "--caption", "--lang", language)
    words = (tmp_path / "x.txt").read_text(encoding="utf-8").splitlines()
    text = text_in(language)
    assert words[0] == text("plate.caption") and text("plate.alt") in words
    begins = {"en": "RoI Align · join. Join the", "zh": "RoI Align · 聚合。把子区域"}
    assert words[1].startswith(begins[language])
    assert words[2].startswith("mean(") and words[2].endswith("0.4710")
    assert "[" not in "".join(words[1:2]) and "{" not in "".join(words)


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (
            "Operator_family?map=animation&box=0,3,7,8",
            "Of the six answers they differ in: box: rounded → as it is. bins: overlapping → equal. points: every cell "
            "→ a grid of points. read: one cell → four, weighted. join: max → mean. RoI Pooling: Output 2×2: 0.85",
        ),
        ("Gradients", " to 25 cells. RoI Pooling: Output 2×2: 0.8400, 0.9600; 0.9700, 0.9600. RoI Align: Output 2×2: "),
        (
            "Gradients?lang=zh",
            "合计 1.000。RoI Pooling 的输出 2×2，数值为 0.8400, 0.9600; 0.9700, 0.9600。RoI Align 的",
        ),
        ("RoI_Align?step=join&lang=zh", "两者都列在下面。mean(0.491, 0.729, 0.360, 0.092) ≈ 0.4182。"),
        ("A_trained_network", "≈ 0.92. RoI Pooling: IoU: 0.77. RoI Align: IoU: 0.92."),
        ("RoI_Align?out=9", " px. Output 9×9, mean of 2×2."),
    ],
)
def test_the_alternative_text_says_all_that_is_drawn(page, says, tmp_path):
    svg = run(tmp_path, f"{BASE}/{page}", "x.svg", "--caption")
    alt = (tmp_path / "x.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert says in alt and alt[-1] in ".。" and ElementTree.fromstring(svg).find(f"{SVG}desc").text == alt


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_has_a_figure_twice_the_same(kind, tmp_path):
    for walk, page in ADDRESSES.items():
        link = f"{BASE}/{page}?lang=en"
        if kind == "tex" and walk in ("image", "network"):
            continue  # a picture of pixels: said below
        first = run(tmp_path, link, f"a.{kind}")
        assert first == run(tmp_path, link, f"b.{kind}") and len(first) > 3000


@pytest.mark.parametrize("cells", [5, 7, 8, 14])
def test_an_output_of_many_cells_has_room_at_the_usual_width(cells):
    for page in ("RoI_Align", "Quantization_error", "Operator_family", "Gradients"):
        readable_plate(sheet_of_link(f"{BASE}/{page}?out={cells}", "light"), 12, 9)


def test_the_theme_for_print_names_no_colour(tmp_path):
    link = f"{BASE}/RoI_Align?step=samples"
    run(tmp_path, link, "x.pdf", "--theme", "print", "--caption")
    assert "red" not in (tmp_path / "x.txt").read_text(encoding="utf-8").split()


# ---- TikZ ---------------------------------------------------------------------------------------------------------


def test_tikz_is_painted_from_the_same_strokes():
    sheet = sheet_of_link(f"{BASE}/RoI_Align?step=neighbors", "light")
    plate = plate_of(sheet, 12, 9)
    picture = tikz(plate, "light", "a note\nof two lines")
    lines = picture.splitlines()
    assert lines[:3] == ["% a note", "% of two lines", r"\begin{tikzpicture}[x=1bp, y=-1bp, inner sep=0pt]"]
    assert lines[-1] == r"\end{tikzpicture}"
    assert r"\definecolor{labroi}{HTML}{" + ink("roi", "light").lstrip("#").upper() + "}" in lines
    drawing = plate.drawings[0]
    (roi,) = (stroke for stroke in drawing.strokes if isinstance(stroke, Frame) and stroke.name == "roi")
    x1, y1, x2, y2 = ((side - drawing.extent[k % 2]) * drawing.cell * 72 for k, side in enumerate(roi.box))
    x, y = drawing.at.x * 72, drawing.at.y * 72
    drawn = next(
        line for line in lines if line.startswith(r"\draw[labroi") and "rectangle" in line and "0.75" not in line
    )
    found = [float(number) for number in re.findall(r"\((-?[\d.]+),(-?[\d.]+)\)", drawn) for number in number]
    assert found == pytest.approx([x + x1, y + y1, x + x2, y + y2], abs=0.01)
    (crosses,) = (stroke for stroke in drawing.strokes if isinstance(stroke, Crosses) and stroke.name == "sample")
    path = next(line for line in lines if line.startswith(r"\draw[labsample"))
    assert path.count("--") == 2 * len(crosses.xs) == 32


def test_a_cell_of_nan_has_stripes_in_tikz_and_one_that_is_not_known_yet_has_none():
    """The cell of row 0 and column 1 is NaN: three lines from edge to edge at 45°. The output is "?" in this step."""
    sheet = sheet_of_link(f"{BASE}/RoI_Pooling?map=matrix-1,nan;2,3&box=0,0,2,2&step=map", "light")
    plate = plate_of(sheet, 12, 9)
    striped = [
        line for line in tikz(plate, "light", "").splitlines() if line.startswith(r"\draw[labquiet, line width=0.5bp]")
    ]
    drawing = plate.drawings[0]
    cell = drawing.cell * 72
    left, top = drawing.at.x * 72 - drawing.extent[0] * cell, drawing.at.y * 72 - drawing.extent[1] * cell
    (found,) = (re.findall(r"\((-?[\d.]+),(-?[\d.]+)\)", line) for line in striped)
    ends = [((float(x) - left) / cell, (float(y) - top) / cell) for x, y in found]
    expected = [(1, 0.5), (1.5, 0), (1, 1), (2, 0), (1.5, 1), (2, 0.5)]
    np.testing.assert_allclose(ends, expected, atol=0.001)


def test_every_brace_of_tikz_is_closed_and_only_its_own_colours_are_named():
    for link in (
        f"{BASE}/RoI_Pooling?step=snap",
        f"{BASE}/Quantization_error",
        f"{BASE}/A_trained_network?seen=features",
    ):
        for theme in DECK_THEMES:
            picture = tikz(plate_of(sheet_of_link(link, theme), 14, 9), theme, "")
            plain = picture.replace(r"\{", "").replace(r"\}", "")
            assert plain.count("{") == plain.count("}") and plain.isascii()
            named, defined = set(re.findall(r"\blab\w+", picture)), set(re.findall(r"\{(lab\w+)\}\{HTML\}", picture))
            assert named == defined
            drawn = re.sub(r"\\definecolor.*", "", picture)
            assert not re.search(r"#|\\usepackage", drawn)


def test_what_latex_would_take_for_its_own_is_escaped():
    assert escaped(r"\input{x} 50% & #1 $a_b^c$ ~") == (
        r"\textbackslash{}input\{x\} 50\% \& \#1 \$a\_b\textasciicircum{}c\$ \textasciitilde{}"
    )


def test_a_page_of_smaller_letters_has_smaller_marks():
    words = scaled(Words("x", "+0.5", Size(0.45, least=12, most=14), "paper", ()), 0.5)
    assert (words.size.at(1), words.size.at(100), words.size.at(14)) == (6, 7, pytest.approx(6.3))


# ---- what cannot be done ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("link", "name", "key"),
    [
        ("nonsense", "x.svg", "deck.problem.link"),
        ("http://[::1", "x.svg", "deck.problem.link"),
        ("", "x.svg", "deck.problem.link"),
        (f"{BASE}/Elsewhere?box=0,3,7,8", "x.svg", "deck.problem.link"),
        (f"{BASE}/RoI_Align?{'x' * 5000}", "x.svg", "deck.problem.link"),
        (f"{BASE}/Slides", "x.svg", "deck.problem.no_figure"),
        (f"{BASE}/RoI_Align?step=warp", "x.svg", "deck.problem.address"),
        (f"{BASE}/RoI_Align?box=0,3,x,8", "x.svg", "deck.problem.address"),
        (f"{BASE}/RoI_Align?map=own-0123456789ab-0", "x.svg", "deck.problem.address"),
        (JOIN, "x.doc", "deck.problem.ending"),
        (JOIN, "x", "deck.problem.ending"),
        (f"{BASE}/Image_to_features", "x.tex", "plate.problem.photo"),
        (f"{BASE}/RoI_Align?map=photo-4-vertical", "x.tex", "plate.problem.fine"),
    ],
)
def test_what_is_no_figure_is_said(link, name, key, language, tmp_path, capsys):
    assert main(["figure", link, "-o", str(tmp_path / name), "--lang", language, "--caption"]) == 2
    said = capsys.readouterr().err
    begins, _, ends = text_in(language)(key).partition("{")
    assert said.startswith(begins) and said.rstrip().endswith(ends.rpartition("}")[2]) and len(said) < 400
    assert not any(tmp_path.iterdir())


def test_a_sentence_is_in_one_language_with_the_title_in_it(tmp_path, capsys):
    chinese = "“测验：先预测，再揭晓”这一页在这个地址上没有图。\n"
    english = "The page “Predict, then reveal” has no figure at this address.\n"
    for link, options, said in (
        ("Quiz?step=summary", ("--lang", "zh"), chinese),
        ("Quiz?step=summary&lang=zh", (), chinese),
        ("Quiz?step=summary&lang=zh", ("--lang", "en"), english),
        ("Quiz?step=summary", (), english),
    ):
        assert main(["figure", f"{BASE}/{link}", "-o", str(tmp_path / "x.svg"), *options]) == 2
        assert capsys.readouterr().err == said


@pytest.mark.parametrize("odd", ['<script>alert(1)</script> & "x"', "مرحبا 🎓 \u202eright to left", "x" * 5000])
def test_odd_words_in_a_link_are_said_or_passed_over(odd, tmp_path, capsys):
    code = main(["figure", f"{BASE}/RoI_Align?step={odd}", "-o", str(tmp_path / "x.svg")])
    assert code == 2 and len(capsys.readouterr().err) < 600 and not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "odd",
    ['<script>alert(1)</script> & "q"', "مرحبا 🎓 \u202eright to left\u202c \x00 \ud800", "word " * 1000, "x" * 5000],
)
def test_odd_titles_and_captions_make_a_clean_figure(odd):
    sheet = replace(sheet_of_link(JOIN, "light"), title=odd, caption=odd, alt=odd)
    text = text_in("en")
    plate = plate_of(sheet, 9, 9)
    svg = plate_file(plate, "svg", sheet, text).decode()
    assert ElementTree.fromstring(svg).find(f"{SVG}title").text == clean(odd) and "<script" not in svg
    picture = plate_file(plate, "tex", sheet, text).decode()
    assert picture.splitlines()[0] == f"% {clean(odd)}" and "\\begin{tikzpicture}" in picture
    assert plate_file(plate, "pdf", sheet, text).startswith(b"%PDF-")
    words = words_file(sheet, text).decode()
    assert clean(odd) in words and "\x00" not in words and "\u202e" not in words


@pytest.mark.parametrize(
    ("command", "english", "chinese"),
    [
        (
            ("figure", JOIN, "-o", "x.svg", "--width", "abc"),
            "--width: “abc” is no number from 2 to 60.",
            "不是 2 到 60 ",
        ),
        (
            ("figure", JOIN, "-o", "x.svg", "--format", "gif"),
            "There are: svg, pdf, png, tex.",
            "可选：svg、pdf、png、tex。",
        ),
        (("figure", JOIN), "This has to be given: -o/--output.", "还需要写明：-o/--output。"),
        ((*FIGURE, "--caption=1"), "--caption takes no value.", "--caption 后面不需要值。"),
        ((*FIGURE, "--t", "1"), "--t may stand for --t", "--t 可以指 --t"),
        (("figure", JOIN, "-o"), "-o/--output needs a value.", "-o/--output 后面需要一个值。"),
        (("figure", JOIN, "-o", ""), "-o/--output: This is empty. Give", "选项 -o/--output：这里是空的。"),
        (("deck", "x.toml", "-o", " "), "-o/--output: This is empty. Give", "选项 -o/--output：这里是空的。"),
        (("deck", "", "-o", "x.gif"), "LESSON: This is empty. Give", "选项 LESSON：这里是空的。"),
        (("worksheet", "-o", ""), "-o/--output: This is empty. Give", "选项 -o/--output：这里是空的。"),
        (
            ("deck", "x.toml", "-o", "x.gif", "--seconds", "abc"),
            "“abc” is no number from 0.05 to 60.",
            "不是 0.05 到 60 ",
        ),
        (
            ("deck", "x.toml", "-o", "x.gif", "--rate", "a"),
            "--rate: There is no “a”. There are: 30, 60.",
            "选项 --rate：没有“a”。可选：30、60。",
        ),
        (
            ("worksheet", "-o", "x.pdf", "--seed", "1.5"),
            "--seed: “1.5” is no whole number.",
            "选项 --seed：“1.5”不是整数。",
        ),
        ((*SHEET, "--paper", "a9"), "--paper: There is no “a9”.", "选项 --paper：没有“a9”。"),
        ((*SHEET, "--colour"), "There is no such option: --colour.", "没有这个选项：--colour。"),
    ],
)
def test_a_wrong_option_is_said_in_the_language_that_is_asked_for(command, english, chinese, capsys):
    for language, said in zip(LANGUAGES, (english, chinese), strict=True):
        with pytest.raises(SystemExit) as ended:
            main([command[0], "--lang", language, *command[1:]])
        line = capsys.readouterr().err.splitlines()[-1]
        assert ended.value.code == 2 and said in line and "invalid" not in line
        own = line.partition(f"{command[0]}: ")[2]
        assert language == "en" or not re.search("[a-z]+ [a-z]+ [a-z]+", own)


@pytest.mark.parametrize(
    "options", [("--width", "1"), ("--width", "nan"), ("--font-size", "99"), ("--theme", "neon"), ("--lang", "xx")]
)
def test_an_option_out_of_range_names_the_range(options, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["figure", JOIN, "-o", str(tmp_path / "x.svg"), *options])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and options[0] in said and "Traceback" not in said and not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("page", "width", "size", "would_do"),
    [
        ("Bilinear_interpolation?step=sum", 2, 9, {"--width": 8.5}),
        ("RoI_Align?step=join", 2, 20, {"--width": 11.5}),
        ("RoI_Align?step=join", 3, 9, {"--width": 5.5, "--font-size": 5}),
        ("RoI_Align?step=join", 4, 20, {"--width": 11.5, "--font-size": 7}),
        ("RoI_Align?step=join", 12, 30, {"--width": 17.5, "--font-size": 21}),
        ("Operator_family", 2, 30, {"--width": 23.5}),
        ("Quantization_error", 4, 12, {"--width": 10.5, "--font-size": 4.5}),
        ("Gradients", 2, 20, {"--width": 24}),
    ],
)
def test_letters_without_room_are_refused_with_what_would_do(page, width, size, would_do, tmp_path, capsys):
    options = {"--width": width, "--font-size": size}

    def ends(changed):
        words = [str(word) for option in {**options, **changed}.items() for word in option]
        return main(["figure", f"{BASE}/{page}", "-o", str(tmp_path / "x.tex"), *words])

    assert ends({}) == 2 and not any(tmp_path.iterdir())
    said = capsys.readouterr().err
    assert said.startswith(f"Letters of {size} pt have no room in a figure {width} cm wide. ")
    assert re.findall(r"(--[a-z-]+) ([\d.]+\d|\d)", said) == [(name, f"{value:g}") for name, value in would_do.items()]
    for name, value in would_do.items():
        assert ends({name: value}) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_letters_without_room_are_refused_in_every_kind_and_in_chinese(kind, tmp_path, capsys):
    options = ("--width", "4", "--font-size", "20", "--lang", "zh")
    assert main(["figure", JOIN, "-o", str(tmp_path / f"x.{kind}"), *options]) == 2 and not any(tmp_path.iterdir())
    assert capsys.readouterr().err == (
        "4 cm 宽的图放不下 20 pt 的文字。请让 --width 至少为 11.5，或让 --font-size 最多为 7。\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_on_a_map_stays_on_it(language):
    for step in ("project", "samples", "values"):
        for width, points in ((12, 9), (8.5, 9), (8.5, 7), (40, 12)):
            plate = readable_plate(sheet_of_link(f"{BASE}/RoI_Align?step={step}", "light", language), width, points)
            drawing = plate.drawings[0]
            x1, y1, x2, y2 = drawing.extent
            for words in (stroke for stroke in drawing.strokes if isinstance(stroke, Words) and stroke.pill):
                left, top, right, bottom = words.box(drawing.cell * 72)
                assert min(left - x1, top - y1, x2 - right, y2 - bottom) > -1e-9, words.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_that_cannot_be_written_leaves_nothing(language, tmp_path, capsys, monkeypatch):
    text = text_in(language)
    for target, key in ((tmp_path / "none" / "x.svg", "no_file"), (tmp_path / "x.svg", "is_folder")):
        (tmp_path / "x.svg").mkdir(exist_ok=True)
        assert main(["figure", JOIN, "-o", str(target), "--lang", language, "--caption"]) == 1
        assert capsys.readouterr().err == f"{target}: {text(f'deck.problem.{key}')}\n"

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["figure", JOIN, "-o", str(tmp_path / "y.tex"), "--lang", language]) == 1
    assert text("deck.problem.disk_full") in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["x.svg"]


@pytest.mark.parametrize(
    ("name", "words"), [("cap.txt", "cap.txt.txt"), ("fig.1", "fig.1.txt"), ("fig.2", "fig.2.txt"), ("x.SVG", "x.txt")]
)
def test_the_words_have_a_name_of_their_own(name, words, tmp_path):
    figure = run(tmp_path, JOIN, name, "--format", "svg", "--caption")
    assert figure.startswith(b"<svg") and sorted(path.name for path in tmp_path.iterdir()) == sorted([name, words])
    assert (tmp_path / words).read_text(encoding="utf-8").startswith(text_in("en")("plate.caption"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_would_replace_the_figure_are_refused(language, tmp_path, capsys):
    text, target, words = text_in(language), tmp_path / "x.svg", tmp_path / "x.txt"
    words.symlink_to(target)
    command = ["figure", JOIN, "-o", str(target), "--lang", language, "--caption"]
    assert main(command) == 2
    assert capsys.readouterr().err == text("deck.problem.same_caption", name=words) + "\n"
    words.unlink()
    words.mkdir()
    assert main(command) == 1 and not target.exists()
    assert capsys.readouterr().err == f"{words}: {text('deck.problem.is_folder')}\n"
    command[3] = "/dev/stdout"
    assert main([*command, "--format", "svg"]) == 2
    assert capsys.readouterr().err == text("deck.problem.caption") + "\n"


def test_the_words_are_written_after_the_figure(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("roialign_lab.export.figure_command.put", lambda target, _content: written.append(target.name))
    assert main(["figure", JOIN, "-o", str(tmp_path / "x.svg"), "--caption"]) == 0
    assert written == ["x.svg", "x.txt"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ending_of_another_kind_is_said(language, tmp_path, capsys):
    target = tmp_path / "x.pdf"
    assert main(["figure", JOIN, "-o", str(target), "--format", "svg", "--lang", language]) == 2
    said = text_in(language)("deck.problem.other_ending", name=target, kind="svg")
    assert capsys.readouterr().err == f"{said}\n" and not target.exists()


def test_a_figure_goes_to_standard_output(capfdbinary, tmp_path):
    assert main(["figure", JOIN, "-o", "-", "--format", "tex"]) == 0
    assert capfdbinary.readouterr().out == run(tmp_path, JOIN, "x.tex")
    assert main(["figure", JOIN, "-o", "-", "--format", "tex", "--caption"]) == 2
