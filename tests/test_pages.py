"""Every page runs in every language, alone and from the home page, with good and with hostile addresses."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from roialign_lab.lesson.lesson_file import LARGEST
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.options import ANSWERS
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import FURTHER, PATH, Page
from roialign_lab.stage.plan import ready_lesson
from roialign_lab.stage.view import figure

ROOT = Path(__file__).parent.parent
PAGES = ["app.py", *sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))]


def opened(page, **address):
    app = AppTest.from_file(str(ROOT / page), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def stage_data(app):
    sent = [element.proto.json for element in app.get("bidi_component") if getattr(element.proto, "json", "")]
    assert len(sent) == 1
    (data,) = json.loads(sent[0])
    return data


def outputs(app, panel=0):
    return stage_data(app)["panels"][panel]["output"].split(" ")


FIRST_STAGE = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
assert not app.exception and app.get("bidi_component")
print(*{"pandas", "pyarrow", "matplotlib", "onnxruntime", "streamlit.emojis"} & sys.modules.keys())
"""


def test_the_first_visitor_waits_for_no_library_that_the_stage_does_without():
    run = subprocess.run([sys.executable, "-c", FIRST_STAGE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page, language):
    app = opened(page, lang=language)
    data = stage_data(app)
    assert data["still"]["words"]["language"] == language
    assert not app.warning


def test_an_array_of_an_archive_is_chosen():
    stream = io.BytesIO()
    np.savez_compressed(
        stream, boxes=np.arange(20.0).reshape(5, 4), names=np.array(["a"]), layer3=np.full((2, 6, 7), 0.25)
    )
    app = opened("pages/3_RoI_Align.py", lang="en")
    app.file_uploader[0].upload("maps.npz", stream.getvalue(), "application/zip").run()
    assert app.selectbox[0].options == ["boxes, 5×4", "layer3, 2×6×7"]
    assert set(outputs(app)) != {"0.2500"}  # the first that can be a map
    app.selectbox[0].select("layer3").run()
    assert not app.exception and not app.warning
    assert set(outputs(app)) == {"0.2500"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_quoted_in_a_warning_is_no_markdown(language):
    name = "![](http://example.org/x.png).npy"
    shown = r"\!\[\]\(http\:\/\/example\.org\/x\.png\)"
    app = opened("pages/3_RoI_Align.py", lang=language)
    app.file_uploader[0].upload(name, b"nonsense", "application/x").run()
    assert [warning.value.count("![](") for warning in app.warning] == [0]
    slides = opened("pages/8_Slides.py", lang=language)
    slides.text_input(key="deck_link_0").input(name).run()
    assert shown in slides.warning[0].value
    lesson = f'theme = "{name}"\n[[part]]\nwalk = "roi_pool"\n'
    slides = opened("pages/8_Slides.py", lang=language)
    slides.file_uploader[0].upload("![](x).toml", lesson.encode(), "application/toml").run()
    (warning,) = slides.warning
    assert shown in warning.value and r"\!\[\]\(x\)\.toml" in warning.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_does_not_fit_the_slides_page_is_said(language):
    """A thirteenth part; a lesson file that is too long, whose last letter that is read is half a letter."""
    text = text_in(language)
    slides = opened("pages/8_Slides.py", lang=language)
    slides.session_state["deck_parts"] = [Part("roi_pool", steps=("map",))] * 12
    slides.text_input(key="deck_link_0").input("http://localhost:8501/RoI_Align?box=1,2,3,4").run()
    assert [said.value for said in slides.warning] == [text("slides.parts_full", limit=12)]
    assert len(slides.session_state["deck_parts"]) == 12
    slides = opened("pages/8_Slides.py", lang=language)
    slides.file_uploader[0].upload("long.toml", b"#" + "框".encode() * 300_000, "application/toml").run()
    (warning,) = slides.warning
    assert text("deck.problem.file_large", limit=LARGEST) in warning.value.replace("\\", "")


def test_the_slides_page_takes_the_plan_of_a_lecture_and_leaves_out_what_has_no_slide():
    slides = opened("pages/8_Slides.py", lang="en")
    slides.file_uploader[0].upload("lecture.toml", ready_lesson().encode(), "application/toml").run()
    assert not slides.warning and not slides.exception
    assert [part.ask for part in slides.session_state["deck_parts"] if part.ask] == [
        *("edges", "samples", "weight", "cells", "join"),
    ]
    snap = next(steps for steps in slides.multiselect if steps.value == ["snap"])
    snap.set_value(["map"]).run()  # a question goes with its step
    assert not slides.exception and "edges" not in [part.ask for part in slides.session_state["deck_parts"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_of_a_lecture_has_every_page_that_it_needs_and_45_minutes(language):
    text = text_in(language)
    (table,) = (
        block.value
        for block in opened("app.py", lang=language).markdown
        if block.value.startswith(f"| {text('plan.page')}")
    )
    rows = [line.split(" | ") for line in table.splitlines()[2:] if line.startswith("|")]
    pages = [text("menu.home" if name == "home" else f"title.{name}") for name in PATH if name not in FURTHER]
    assert list(dict.fromkeys(row[0].removeprefix("| ").split(" · ")[0] for row in rows)) == pages and len(rows) == 15
    assert sum(int(minutes) for _, minutes, _ in rows) == 45


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_home_page_to_every_lesson(language):
    app = opened("app.py", lang=language)
    for page in PAGES[1:]:
        app.switch_page(page).run()
        assert not app.exception


def test_the_numbers_on_the_stage_are_the_worked_example():
    assert outputs(opened("pages/3_RoI_Align.py", box="0,3,7,8", map="animation", out="2", join="max")) == [
        "0.7028",
        "0.6123",
        "0.7703",
        "0.7941",
    ]
    assert outputs(opened("pages/2_RoI_Pooling.py", box="0,3,7,8", split="ceil,floor")) == [
        "0.8500",
        "0.9600",
        "0.9700",
        "0.8800",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", [page for page in PAGES if "Quiz" not in page])
def test_a_hostile_address_is_answered_by_a_sentence(page, language):
    app = opened(page, lang=language, box="5,nan,2,1e999", out="<b>", map="<script>alert(1)</script>", point="x")
    assert len(app.warning) == 1
    warning = app.warning[0].value
    assert warning.startswith(text_in(language)("problem.intro"))
    assert "map=script alert(1) /script" in warning and "<" not in warning
    assert stage_data(app)["panels"] or "Slides" in page  # which has no stage


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_address_of_the_quiz_is_answered_by_a_sentence(language):
    app = opened("pages/9_Quiz.py", lang=language, seed="<script>", step="'; --")
    assert app.warning[0].value.startswith(text_in(language)("problem.intro"))
    assert "seed=script" in app.warning[0].value and "<" not in app.warning[0].value


def test_an_unknown_language_is_named_and_english_is_shown():
    app = opened("app.py", lang="tlh")
    assert "lang=tlh" in app.warning[0].value


def test_what_was_said_of_an_address_can_be_closed():
    app = opened("pages/3_RoI_Align.py", lang="en", out="99", box="1,1,5,5")
    assert "out=99" in app.warning[0].value
    app.button(key="problem_close").click().run()
    assert not app.warning and not app.exception
    assert stage_data(app)["box"] == [1, 1, 5, 5]  # what could be used stands


def test_every_control_shows_what_the_address_chose():
    address = {"origin": "legacy", "join": "max", "samples": "0", "out": "3,5", "map": "random-16x16-9", "stride": "8"}
    controls = {
        control["name"]: control
        for control in stage_data(opened("pages/3_RoI_Align.py", **address))["still"]["controls"]
    }
    assert {name: control["now"] for name, control in controls.items()} == {
        "origin": ["legacy"],
        "join": ["max"],
        "samples": ["0"],
        "label": ["number"],
        "out": ["3", "5"],
        "map": ["random-16x16"],
        "stride": ["8"],
        "example": [""],
    }
    assert controls["map"]["number"] == 9
    for control in controls.values():
        for now, part in zip(control["now"], control["parts"], strict=True):
            assert now == "" or now in [value for value, _ in part]


@pytest.mark.parametrize(
    ("left", "right", "offered"),
    [("roi_pool", "roi_align", True), ("roi_align", "roi_warp", True), ("roi_pool", "precise_roi_pool", False)],
)
def test_the_family_offers_a_number_of_samples_where_one_of_both_reads_them(left, right, offered):
    controls = stage_data(opened("pages/6_Operator_family.py", left=left, right=right))["still"]["controls"]
    assert next(control["idle"] for control in controls if control["name"] == "samples") != offered
    assert not any(control["idle"] for control in controls if control["name"] != "samples")


def test_a_random_map_by_its_seed_is_the_same_for_all():
    first, second = (stage_data(opened("app.py", map="random-8x8-7"))["still"]["panels"][0]["labels"] for _ in range(2))
    assert first == second
    other = stage_data(opened("app.py", map="random-8x8-8"))["still"]["panels"][0]["labels"]
    assert first != other


def test_changing_the_map_moves_the_box_onto_it():
    assert stage_data(opened("pages/3_RoI_Align.py", map="corner", box="20,20,30,30"))["box"] == [0, 0, 2, 2]


@pytest.mark.parametrize("path", ["app.py", "pages/5_Quantization_error.py"])
@pytest.mark.parametrize("box", ["1,1,3,3", "7.6,7.6,8,8"])
def test_two_operators_side_by_side_do_not_say_the_sentence_of_a_step(path, box):
    """The first bin holds one cell, or none: the step of RoI Pooling has a sentence of its own for that."""
    data = stage_data(opened(path, lang="en", box=box, out="3", bin="0,0,0"))
    said = data.get("sentence", data["still"]["sentence"])  # of the chart, where a line of it is flat
    assert "bin ①" not in said.lower() and "{" not in said


@pytest.mark.parametrize(("join", "words"), [("mean", "and averages"), ("max", "keeps the largest of their values")])
def test_the_first_page_says_how_roi_align_joins(join, words):
    assert words in stage_data(opened("app.py", lang="en", join=join))["still"]["sentence"]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ({}, "The menus under “More” flip one answer"),
        ({"left": "roi_align", "right": "ps_roi_align"}, "give the same answer in all six menus"),
    ],
)
def test_the_family_names_its_menus_only_where_they_are(pair, words):
    """In the frame of the lecture hall, in a link that hides them and in a file there are none."""
    usual, shown, left_out = (
        stage_data(opened("pages/6_Operator_family.py", lang="en", present=present, hide=hide, **pair))["still"]
        for present, hide in (("0", ""), ("1", ""), ("0", ",".join(ANSWERS)))
    )
    assert all(control["more"] for control in usual["controls"] if control["name"] in ANSWERS)
    assert words in usual["sentence"]
    session = Session()
    assert not session.read_address(pair, "family")
    for sentence in (shown["sentence"], left_out["sentence"], figure(Page("family", session)).caption):
        assert "menu" not in sentence and "six answers" in sentence


def test_the_half_cell_is_not_called_rounding():
    warp = stage_data(opened("pages/6_Operator_family.py", lang="en", left="roi_warp", right="roi_align"))
    assert "What snapping and the half cell cost" in warp["still"]["words"]["cost"]
    assert warp["cost"]["side"] == "x1" and warp["cost"]["cells"] == "+0.95"  # 0.45 of rounding, 0.50 of the origin


def test_the_table_of_the_family_tells_aligned_from_legacy():
    tables = [
        table.value
        for table in opened("pages/6_Operator_family.py", lang="en").markdown
        if "**RoI Warp**" in table.value
    ]
    rows = {line.split("|")[1].strip(): line.split("|")[2:] for line in tables[0].splitlines()}
    assert rows["**RoI Align**"] != rows["**RoI Align (legacy)**"]
