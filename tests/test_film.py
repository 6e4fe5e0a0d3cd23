"""Films are decoded again, not just written: their frames, numbers and colours, what they say, what is refused."""

import importlib
import io
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from roialign_core import ROI_ALIGN, ROI_POOL, trace
from roialign_lab.__main__ import main
from roialign_lab.export import film_files
from roialign_lab.export.deck import Deck, LargeError, sheets
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.film import MOST_FRAMES, Film
from roialign_lab.export.film_files import film_file, frames
from roialign_lab.export.layout import arranged
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.export.painter import painted
from roialign_lab.export.queue import Person
from roialign_lab.export.template import read_template
from roialign_lab.export.whole_file import whole_file
from roialign_lab.figures.strokes import Cell
from roialign_lab.figures.style import DECK_THEMES, ink
from roialign_lab.lesson.box_path import positions, reach, side_moved
from roialign_lab.lesson.lesson_file import LessonError
from roialign_lab.lesson.lesson_part import DeckError, Part, part_of_link
from roialign_lab.lesson.scenario import SIDES, Scenario
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.ui import slides

ROOT = Path(__file__).parent.parent
BOX, END = (0.0, 3.0, 6.0, 8.0), (0.0, 3.0, 8.0, 8.0)
ARTICLE = Scenario(map="animation", box=BOX, side="x2")
MOVES = Part("roi_align", ARTICLE, ("samples", "join"), path=(BOX, END))
DRAG = Deck((MOVES,), title="A drag")
QUICK = {"size": "720p", "seconds": 0.4}  # 12 frames a step, 24 on the way, 9 before and 30 after it
POOL = Deck((replace(MOVES, walk="roi_pool", steps=("result",)),))


def nobody(_done, _all):
    """Takes the progress of a film."""


def decoded(content):
    with av.open(io.BytesIO(content)) as container:
        (stream,) = container.streams.video
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return stream.codec_context.name, float(stream.average_rate), container.duration / 1e6, pictures


# ---- when ---------------------------------------------------------------------------------------------------------


def test_the_box_goes_evenly_and_rests_where_a_position_stands_twice():
    way = [*positions((BOX, END, END), 4)]
    assert [box[2] for box in way] == [6.0, 6.25, 6.5, 6.75, 7.0, 7.25, 7.5, 7.75, *[8.0] * 5]


def test_a_drag_in_short_steps_is_as_quick_as_one_in_long_steps():
    drag = tuple((0.0, 3.0, 6 + k / 100, 8.0) for k in range(0, 201, 5))
    for per_cell in (4, 15, 30):
        way = [box[2] for box in positions(drag, per_cell)]
        assert len(way) == 2 * per_cell + 1 and way[-1] == END[2]
        assert max(b - a for a, b in pairwise(way)) < 1 / per_cell + 0.05 + 1e-9


def test_a_side_goes_as_far_as_it_can_from_a_box_of_many_decimals():
    part = part_of_link("http://localhost:8501/RoI_Pooling?box=0.10025,3,1.0,7.5")
    box, shape = part.scenario.box, part.scenario.feature_map.shape
    for side in SIDES:
        for by in reach(box, side, shape):
            moved = replace(part, path=side_moved(box, {side: by})).path[1]
            assert [at for at, name in zip(moved, SIDES, strict=True) if name != side] == [
                at for at, name in zip(box, SIDES, strict=True) if name != side
            ]


def test_the_steps_come_one_after_the_other_and_then_the_box_moves():
    shown = Film(DRAG, **QUICK).frames
    assert len(shown) == 2 * 12 + 9 + 24 + 30
    assert [(frame.now.step, frame.now.box) for frame in (shown[0], shown[12], shown[23])] == [
        ("samples", BOX),
        ("join", BOX),
        ("join", BOX),
    ]
    assert [frame.now.box[2] for frame in (shown[33], shown[44], shown[56], shown[-1])] == [6.0833, 7.0, 8.0, 8.0]
    assert [round(frame.share, 2) for frame in shown[11:22]] == [1, *(k / 10 for k in range(1, 10)), 1]


def test_the_side_of_a_sweep_goes_from_one_end_of_the_chart_to_the_other():
    film = Film(Deck((Part("sweep", ARTICLE),)), seconds=3)
    assert {film.frames[0].now.box, film.frames[-1].now.box} == {BOX, END}
    sheet, _ = film.layout(film.frames[200].now)
    assert len(sheet.panels) == 2 and sheet.sweep.at == film.frames[200].now.box[2] == 7.1333  # the 102nd of 180 steps


# ---- what ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("deck", "operator", "start"), [(DRAG, ROI_ALIGN, 32), (POOL, ROI_POOL, 20)])
@pytest.mark.parametrize("ahead", [1, 13, 24])
def test_the_numbers_that_are_drawn_are_those_of_the_trace(deck, operator, start, ahead, monkeypatch):
    """The strokes that went to the painter for a frame, beside what the core says of the box that is there then."""
    recorded = []

    def painting(layout, *look):
        recorded.append(layout)
        return painted(layout, *look)

    monkeypatch.setattr(film_files, "painted", painting)
    film = Film(deck, **QUICK)
    one = replace(film)
    one.__dict__["frames"] = film.frames[start + ahead : start + ahead + 1]
    one._still[0, ""] = film._still_of(0, "")
    assert sum(1 for _ in frames(one, 24)) == 1
    (layout,) = recorded
    output = next(drawing for drawing in layout.drawings if drawing.name == "output")
    written = [stroke.words.text for stroke in output.strokes if isinstance(stroke, Cell)]
    x2 = round(6 + ahead / 12, 4)  # twelve frames a cell
    there = trace(ARTICLE.feature_map, (0, 48, x2 * 16, 128), operator, 2, 1 / 16, 2).output
    assert written == [f"{value:.4f}" for value in there.ravel()]


def test_while_the_box_moves_no_word_changes_its_place_or_size():
    deck = Deck((replace(MOVES, walk="roi_pool", steps=("max",), path=(BOX, (2.0, 0.0, 3.0, 1.0), END)),))
    film = Film(deck, **QUICK)
    moments = [frame.now for frame in film.frames if frame.now.moving][::7]
    layouts = [film.layout(moment)[1] for moment in moments]
    assert len({w.text for layout in layouts for w in layout.writings if w.name == "formula"}) > 5
    for name in ("caption", "formula", "output-name"):
        places = {(w.at.x, w.at.y, w.lines.size) for layout in layouts for w in layout.writings if w.name == name}
        assert len(places) == 1, name
    assert len({drawing.at for layout in layouts for drawing in layout.drawings}) == 2


@pytest.mark.parametrize("theme", DECK_THEMES)
@pytest.mark.parametrize("walk", ["roi_pool", "roi_align", "bilinear", "sweep", "network"])
def test_a_frame_is_the_figure(walk, theme):
    """An independent painter: matplotlib's artists put every mark where the film has it."""
    for sheet in sheets(Deck((Part(walk, Scenario() if walk == "network" else ARTICLE),), theme=theme))[-3:]:
        fast = Image.fromarray(painted(arranged(sheet), theme, "en", 144, sheet.sweep)).convert("RGB")
        slow = Image.open(io.BytesIO(save(draw_sheet(sheet), "png"))).convert("RGB")
        assert fast.size == slow.size == (1920, 1080)
        small = [np.asarray(picture.reduce(10), np.float64) for picture in (fast, slow)]
        apart = np.abs(small[0] - small[1]).max(axis=2)
        assert apart.mean() < 2 and (apart > 40).mean() < 0.004, sheet.name


# ---- the files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "h264"), ("webm", "vp9")])
def test_a_film_read_back(kind, codec):
    content = whole_file(DRAG, kind, **QUICK)
    name, rate, duration, pictures = decoded(content)
    assert codec in name and rate == 30
    assert len(pictures) == 87 and duration == pytest.approx(87 / 30, abs=0.05)
    assert {picture.shape for picture in pictures} == {(720, 1280, 3)}
    drawn = [*frames(Film(DRAG, **QUICK), 96)]
    for k in (0, 40, 86):
        assert np.abs(pictures[k].astype(float) - drawn[k][..., :3]).mean() < 2.5


def test_the_sizes_and_rates_that_can_be_chosen():
    deck = Deck((replace(MOVES, steps=("join",)),), aspect="4:3")
    for size, shape in (("1080p", (1080, 1440, 3)), ("720p", (720, 960, 3))):
        _, rate, _, pictures = decoded(whole_file(deck, "mp4", size=size, rate=60, seconds=0.05))
        assert rate == 60 and pictures[0].shape == shape


@pytest.mark.parametrize("kind", ["gif-film", "webp-film"])
def test_an_animation_of_the_film(kind):
    picture = Image.open(io.BytesIO(whole_file(DRAG, kind, **QUICK)))
    assert picture.size == (960, 540) and 20 < picture.n_frames <= 44
    lasting = []
    for k in range(picture.n_frames):
        picture.seek(k)
        picture.load()  # of a WebP only then the duration is known
        lasting.append(picture.info["duration"])
    assert sum(lasting) == pytest.approx(87 / 30 * 1000, abs=60)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_the_colours_that_mean_something_are_in_the_film(kind, theme):
    deck = Deck((replace(MOVES, walk="roi_pool", steps=("snap",)),), theme=theme)
    *_, pictures = decoded(whole_file(deck, kind, size="1080p", seconds=0.05))
    for picture in (pictures[0], pictures[len(pictures) // 2], pictures[-1]):
        for role in ("paper", "roi", "read", "text"):
            meant = np.array([int(ink(role, theme)[k : k + 2], 16) for k in (1, 3, 5)])
            assert (np.abs(picture.astype(int) - meant).max(axis=2) < 24).sum() > 200, role


@pytest.mark.parametrize("theme", DECK_THEMES)
def test_the_colours_that_mean_something_are_in_the_gif_of_a_film(theme):
    """A GIF has 256 colours for all frames: the dots of an ink in a frame have it in the file as well."""
    deck = Deck((replace(MOVES, walk="roi_pool", steps=("snap",), path=()),), theme=theme)
    film = Film(deck, size="720p", seconds=0.2)
    picture = Image.open(io.BytesIO(film_file(film, "gif-film", nobody)))
    drawn = next(frames(film, 72))[..., :3]
    assert picture.size == (960, 540) == drawn.shape[1::-1]
    found = np.asarray(picture.convert("RGB"))
    for role in ("paper", "roi", "read", "text", "high"):
        meant = [int(ink(role, theme)[k : k + 2], 16) for k in (1, 3, 5)]
        has_it = (drawn == meant).all(axis=2)
        assert has_it.any() and (found[has_it] == meant).all(), role


@pytest.mark.parametrize("kind", ["mp4", "webm", "gif-film", "webp-film", "vtt", "png-poster"])
def test_the_same_deck_gives_the_same_frames(kind):
    deck = Deck((replace(MOVES, steps=("join",)),))
    first, second = (whole_file(deck, kind, size="720p", seconds=0.05) for _ in range(2))
    if kind in ("mp4", "webm"):
        assert all(map(np.array_equal, decoded(first)[3], decoded(second)[3]))
    else:
        assert first == second


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_film_says_is_burnt_in_or_beside_it(language):
    deck = replace(DRAG, language=language, captions=False)
    film, text = Film(deck, **QUICK), text_in(language)
    words = {frame.now: film.layout(frame.now)[1].writings for frame in film.frames[::20]}
    assert not any(writing.name == "caption" for writings in words.values() for writing in writings)
    spoken = whole_file(deck, "vtt", **QUICK).decode().split("\n\n")
    assert spoken[0] == "WEBVTT" and len(spoken) == 4
    assert [cue.splitlines()[0] for cue in spoken[1:]] == [
        "00:00:00.000 --> 00:00:00.400",
        "00:00:00.400 --> 00:00:00.800",
        "00:00:00.800 --> 00:00:02.900",
    ]
    burnt = Film(replace(deck, captions=True), **QUICK)
    captions = [
        next(w.text for w in burnt.layout(burnt.frames[k].now)[1].writings if w.name == "caption") for k in (0, 12, 40)
    ]
    assert [cue.splitlines()[1] for cue in spoken[1:]] == captions
    assert captions[2] == re.sub(r"\[\w+:([^\]]*)\]", r"\1", text("deck.moving.roi_align"))


@pytest.mark.parametrize("kind", ["mp4", "gif-film", "png-poster"])
def test_odd_text_is_burnt_into_a_film(kind, recwarn):
    """The title of the deck stands at the foot: markup as it is, and a box for a letter that no font has."""
    odd = Deck((Part("roi_align", ARTICLE, ("join",)),), title="<b>&amp;</b> مرحبا 🎓 \u202eright to left\x00\ud800 框")
    look = {"size": "720p", "seconds": 0.1}
    film = Film(odd, **look)
    foot = film.layout(film.frames[0].now)[1].foot[0]
    assert foot.text.startswith("<b>&amp;</b> مرحبا 🎓 right to left") and foot.text.endswith("框")
    pictures = [shown_in(whole_file(deck, kind, **look), kind) for deck in (odd, replace(odd, title="x"))]
    apart = np.abs(pictures[0].astype(int) - pictures[1]).max(axis=2) > 60  # between black letters and white paper
    high = len(apart)
    at = np.argwhere(apart) * 7.5 / high  # inches
    assert len(at) > 100 * (high / 720) ** 2
    assert at[:, 0].min() >= foot.at.y and at[:, 0].max() <= foot.at.y + foot.at.height
    assert at[:, 1].max() <= foot.at.x + foot.at.width
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def shown_in(content, kind):
    """The first picture of a file."""
    return decoded(content)[3][0] if kind == "mp4" else np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.parametrize("theme", ["light", "print"])
def test_a_film_of_pages_whose_panels_stand_side_by_side(theme):
    """Photo, family, gradients on a map without numbers, and the networks: a frame of each is its slide."""
    fine = Scenario(map="random-16x16-3", every=True)
    deck = Deck((Part("image"), Part("family"), Part("gradients", fine), Part("network")), theme=theme)
    *_, pictures = decoded(whole_file(deck, "mp4", **QUICK))
    assert len(pictures) == 4 * 12
    for sheet, picture in zip(sheets(deck), pictures[11::12], strict=True):  # when it has faded in
        drawn = Image.open(io.BytesIO(save(draw_sheet(sheet), "png", 96))).convert("RGB")
        small = [np.asarray(one.reduce(10), np.float64) for one in (Image.fromarray(picture), drawn)]
        apart = np.abs(small[0] - small[1]).max(axis=2)
        assert apart.mean() < 2.5 and (apart > 40).mean() < 0.004, sheet.name


def test_the_poster_is_how_it_begins():
    poster = Image.open(io.BytesIO(whole_file(DRAG, "png-poster", **QUICK)))
    assert poster.size == (1280, 720)
    assert np.array_equal(np.asarray(poster), next(frames(Film(DRAG, **QUICK), 96))[..., :3])


def test_a_film_stands_on_a_slide_of_its_own():
    deck = Deck((replace(MOVES, film=True), Part("roi_pool", ARTICLE, ("map",))))
    made = Presentation(io.BytesIO(whole_file(deck, "pptx", **QUICK)))
    assert len(made.slides) == 4
    slide = made.slides[2]
    (film,) = [shape for shape in slide.shapes if shape.name == "film"]
    assert slide.shapes.title.text_frame.text == made.slides[1].shapes.title.text_frame.text
    assert (film.left, film.top, film.width, film.height) == (0, 0, made.slide_width, made.slide_height)
    assert {run.get("lang") for run in slide._element.iter("{*}rPr")} == {"en-US"}
    assert film._element.xpath(".//p:cNvPr")[0].get("descr").endswith("Watch the output.")
    (movie,) = [part for part in slide.part.package.iter_parts() if part.content_type == "video/mp4"]
    assert len(decoded(movie.blob)[3]) == 87
    assert whole_file(deck, "pptx", **QUICK) == whole_file(deck, "pptx", **QUICK)


def test_a_film_keeps_its_shape_on_a_slide_of_another():
    school = Presentation()
    assert school.slide_width / school.slide_height == pytest.approx(4 / 3)
    buffer = io.BytesIO()
    school.save(buffer)
    deck = Deck((replace(MOVES, steps=("join",), film=True),))
    made = Presentation(io.BytesIO(whole_file(deck, "pptx", template=read_template(buffer.getvalue()), **QUICK)))
    (film,) = [shape for shape in made.slides[1].shapes if shape.name == "film"]
    assert film.width == made.slide_width and film.width / film.height == pytest.approx(16 / 9, abs=1e-4)
    assert film.top * 2 + film.height == pytest.approx(made.slide_height, abs=1) and film.left == 0


def test_progress_is_told_of_every_frame():
    told = []
    film_file(Film(POOL, size="720p", seconds=0.05), "mp4", lambda done, whole: told.append((done, whole)))
    assert told == [(k, len(told)) for k in range(1, len(told) + 1)]


# ---- lesson.toml and the command line -----------------------------------------------------------------------------

LESSON = """[[part]]
walk = "roi_align"
box = [0, 3, 6, 8]
steps = ["join"]
path = {x2 = 2}
"""


def test_a_path_is_sides_that_move_or_positions():
    (part,) = read_lesson(LESSON).parts
    assert part.path == (BOX, END)
    listed = LESSON.replace("box = [0, 3, 6, 8]\n", "").replace("{x2 = 2}", "[[1, 3, 6, 8], [0, 3, 8, 8.5]]")
    with pytest.raises(LessonError, match="path_box"):
        read_lesson(listed)
    (part,) = read_lesson(listed.replace("8.5", "7.5")).parts
    assert part.path == ((1, 3, 6, 8), (0, 3, 8, 7.5)) and part.scenario.box == (1, 3, 6, 8)
    deck = Deck((replace(part, film=True),))
    (again,) = read_lesson(write_lesson(deck)).parts
    assert (again.path, again.film) == (part.path, True)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("{x2 = 2}", "[[0, 3, 6, 8]]", "path_length"),
        ("{x2 = 2}", "{x2 = 3}", "path_box"),
        ("{x2 = 2}", "{x2 = -6}", "path_box"),
        ("{x2 = 2}", "{x3 = 1}", "kind"),
        ("{x2 = 2}", "{}", "kind"),
        ("{x2 = 2}", '"x2"', "kind"),
        ("{x2 = 2}", "[[0, 3, 6], [0, 3, 8, 8]]", "kind"),
        ("{x2 = 2}", "[[0, 3, 6, nan], [0, 3, 8, 8]]", "kind"),
        ("{x2 = 2}", f"[[0, 3, 6, {'9' * 400}], [0, 3, 8, 8]]", "kind"),
        ("{x2 = 2}", f"[{'[0, 3, 8, 8], ' * 2001}]", "path_length"),
        ('"roi_align"', '"bilinear"', "path_walk"),
        ("{x2 = 2}", "{x2 = 2}\nfilm = 1", "kind"),
    ],
)
def test_a_path_that_cannot_be_is_named(old, new, key, tmp_path, capsys):
    written = LESSON.replace(old, new).replace(
        'steps = ["join"]\n', "" if old == '"roi_align"' else 'steps = ["join"]\n'
    )
    with pytest.raises(LessonError) as found:
        read_lesson(written)
    assert found.value.key == f"deck.problem.{key}"
    assert found.value.values["where"] == ("film" if "film" in new else "path")
    (tmp_path / "lesson.toml").write_text(written, encoding="utf-8")
    refused(tmp_path, capsys)


def refused(folder, capsys, *options, ending="mp4"):
    """Both languages say a sentence of their own, and no file is left."""
    said, made = [], folder / f"film.{ending}"
    for language in LANGUAGES:
        try:
            code = main(["deck", str(folder / "lesson.toml"), "-o", str(made), "--lang", language, *options])
        except SystemExit as ended:  # an option of a value that there is not
            code = ended.code
        assert code == 2
        said.append(capsys.readouterr().err)
        assert said[-1] and not made.exists()
    assert "Traceback" not in "".join(said) and said[0] != said[1]
    assert re.search("[一-鿿]", said[1]) and not re.search("[一-鿿]", said[0])
    return said


@pytest.mark.parametrize(
    ("options", "number"),
    [
        (("--size", "8k"), "720p"),
        (("--rate", "25"), "60"),
        (("--seconds", "60", "--rate", "60"), str(MOST_FRAMES)),  # 60 + 120 + 1 seconds: more than 10,000 frames
    ],
)
def test_a_film_that_cannot_be_is_refused_with_what_can(options, number, tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    assert all(number in said for said in refused(tmp_path, capsys, *options))


@pytest.mark.parametrize(
    ("ending", "options", "kinds"),
    [
        ("pdf", ("--size", "720p"), "webm"),
        ("html", ("--rate", "60"), "webm"),
        ("zip", ("--seconds", "3"), "gif"),
        ("mp4", ("--builds",), "pptx"),
        ("pdf", ("--equations",), "pptx"),
        ("zip", ("--no-notes",), "pptx-picture"),
        ("html", ("--theme", "print"), "pdf"),
        ("html", ("--theme", "contrast"), "webm"),
        ("vtt", ("--no-captions",), "mp4"),
        ("html", ("--aspect", "4:3"), "pdf"),
    ],
)
def test_an_option_that_the_kind_of_file_has_no_use_for_is_refused(ending, options, kinds, tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    for said in refused(tmp_path, capsys, *options, ending=ending):
        assert options[0] in said and kinds in said and ending in said


def test_without_codecs_there_is_a_sentence(tmp_path, capsys, monkeypatch):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "av", None)
    assert all("pip install av" in said for said in refused(tmp_path, capsys, "--seconds", "0.05"))
    assert main(["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "film.vtt")]) == 0
    monkeypatch.undo()
    monkeypatch.setitem(film_files.ENCODERS, "mp4", ("no-such-encoder", {}))
    assert all("no-such-encoder" in said for said in refused(tmp_path, capsys, "--seconds", "0.05"))
    assert importlib.import_module("av")


def test_the_command_makes_a_film_by_its_ending_and_says_how_many_frames_are_done(tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(LESSON, encoding="utf-8")
    last = {"en": "lesson.toml: frame 44 of 44", "zh": "lesson.toml：第 44 帧，共 44 帧"}
    for name, language in (("film.mp4", "en"), ("film.webm", "zh")):
        options = ["--size", "720p", "--seconds", "0.05", "--progress", "--lang", language]
        assert main(["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / name), *options]) == 0
        assert len(decoded((tmp_path / name).read_bytes())[3]) == 2 + 9 + 3 + 30
        assert capsys.readouterr().err.splitlines()[-1] == last[language]


def test_a_film_that_becomes_too_large_is_no_file():
    with pytest.raises(LargeError):
        whole_file(DRAG, "mp4", most=1000, **QUICK)


def test_the_workshop_makes_films_and_says_why_it_cannot(workshop):
    me = Person("me")
    job = workshop.deck(POOL, "mp4", me, size="720p", rate=30, seconds=0.1)
    assert job.all == len(Film(POOL, "720p", 30, 0.1).frames)
    assert job.ended.wait(120)
    assert job.problem == "" and job.done == job.all and len(decoded(job.made)[3]) == job.all
    with pytest.raises(DeckError, match="film_long"):
        workshop.deck(DRAG, "mp4", me, seconds=60.0, rate=60)


# ---- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_makes_and_plays_a_film(language, workshop, monkeypatch):
    text = text_in(language)
    monkeypatch.setattr(slides, "workshop", lambda: workshop)
    app = AppTest.from_file(str(ROOT / "pages" / "8_Slides.py"), default_timeout=120)
    app.query_params.update({"lang": language, "box": "0,3,6,8"})
    app.session_state["deck_parts"] = [Part("roi_align", ARTICLE, ("result",))]
    app.run()
    app.selectbox(key="path_0_0").select("x2").run()
    assert app.session_state["deck_parts"][0].path == (BOX, END)
    app.selectbox(key="deck_kind").select("mp4").run()
    app.selectbox(key="film_size").select("720p").run()
    app.number_input(key="film_seconds").set_value(20.0).run()
    app.selectbox(key="film_rate").select(60).run()
    app.button(key="deck_make").click().run()
    assert [told.value for told in app.warning] == [
        text("deck.problem.film_long", limit=MOST_FRAMES, seconds=60, rate=60)
    ]
    app.number_input(key="film_seconds").set_value(0.5).run()
    app.selectbox(key="film_rate").select(30).run()
    app.toggle(key="deck_captions").set_value(False).run()
    app.button(key="deck_make").click().run()
    job = app.session_state["deck_job"]
    assert job.ended.wait(120) and not job.problem and job.done == job.all == 15 + 9 + 30 + 30
    app.run()
    assert not app.exception and len(decoded(job.made)[3]) == job.all
    spoken = app.session_state["deck_spoken"]
    assert spoken.ended.wait(120) and spoken.made.count(b"-->") == 2
    app.number_input(key="film_seconds").set_value(20.0).run()
    app.selectbox(key="film_rate").select(60).run()
    app.button(key="deck_make").click().run()
    assert len(app.warning) == 1 and not app.exception
    assert [app.session_state[name] for name in ("deck_job", "deck_spoken")] == [job, spoken]  # as they were


def test_positions_of_the_box_are_kept_one_by_one():
    app = AppTest.from_file(str(ROOT / "pages" / "8_Slides.py"), default_timeout=120)
    app.query_params.update({"lang": "en", "box": "0,3,8,8"})
    app.session_state["deck_parts"] = [Part("roi_align", ARTICLE, ("result",))]
    app.run()
    app.button(key="keep_0").click().run()
    assert app.session_state["deck_parts"][0].path == (BOX, END)
    assert app.button(key="keep_0").disabled  # it is there already
    assert not app.exception


def test_a_question_with_a_large_map_is_whole_in_a_film_after_one_with_a_small_map():
    film = Film(Deck((Part("quiz", steps=("join", "unread")),)))
    first, last = (film.layout(frame.now)[0].panels[0].scene for frame in (film.frames[0], film.frames[-1]))
    assert first.extent[2:] != last.extent[2:] and last.extent[2] >= last.map.levels.shape[1]
