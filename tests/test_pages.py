"""Every page runs in every language, alone and from the home page, with good and with hostile addresses."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from figures.text import LANGUAGES, text_in

ROOT = Path(__file__).parent.parent
PAGES = ["app.py", *sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))]


def opened(page, **address):
    app = AppTest.from_file(str(ROOT / page), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def stage_data(app):
    sent = [element.proto.json for element in app.get("bidi_component") if getattr(element.proto, "json", "")]
    assert len(sent) == 1
    return json.loads(sent[0])


def outputs(app, panel=0):
    return stage_data(app)["panels"][panel]["output"].split(" ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page, language):
    app = opened(page, lang=language)
    data = stage_data(app)
    assert data["still"]["words"]["language"] == language
    assert not app.warning


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
@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_address_is_answered_by_a_sentence(page, language):
    app = opened(page, lang=language, box="5,nan,2,1e999", out="<b>", map="<script>alert(1)</script>", point="x")
    assert len(app.warning) == 1
    said = app.warning[0].value
    assert said.startswith(text_in(language)("problem.intro"))
    assert "map=script alert(1) /script" in said and "<" not in said
    assert stage_data(app)["panels"]


def test_an_unknown_language_is_named_and_english_is_shown():
    app = opened("app.py", lang="tlh")
    assert "lang=tlh" in app.warning[0].value


def test_a_control_changes_the_numbers_and_the_address():
    app = opened("pages/3_RoI_Align.py", box="0,3,7,8", lang="en")
    assert outputs(app) == ["0.4770", "0.4710", "0.4569", "0.4552"]
    app.segmented_control(key="origin").set_value(False).run()
    assert not app.exception
    assert outputs(app) == ["0.3663", "0.5501", "0.4598", "0.3752"]
    assert app.query_params["origin"] == "legacy"
    app.selectbox(key="output_rows").set_value(3).run()
    assert len(outputs(app)) == 6 and app.query_params["out"] == "3,2"


def test_the_split_of_the_article_can_be_chosen():
    app = opened("pages/2_RoI_Pooling.py", box="0,3,7,8", lang="en")
    app.segmented_control(key="split_rows").set_value("ceil").run()
    app.segmented_control(key="split_columns").set_value("floor").run()
    assert outputs(app) == ["0.8500", "0.9600", "0.9700", "0.8800"]


def test_a_worked_example_by_its_button():
    app = opened("pages/3_RoI_Align.py", lang="zh")
    app.button(key="example_detectron2").click().run()
    assert not app.exception
    assert outputs(app)[:4] == ["4.5000", "5.0000", "5.5000", "6.0000"]


def test_a_random_map_by_its_seed_is_the_same_for_all():
    first, second = (stage_data(opened("app.py", map="random-8x8-7"))["still"]["panels"][0]["labels"] for _ in range(2))
    assert first == second
    app = opened("app.py", map="random-8x8-7")
    app.number_input(key="seed").set_value(8).run()
    assert stage_data(app)["still"]["panels"][0]["labels"] != first
    assert app.query_params["map"] == "random-8x8-8"


def test_changing_the_map_moves_the_box_onto_it():
    app = opened("pages/3_RoI_Align.py", map="random-32x32-1", box="20,20,30,30")
    app.selectbox(key="map").set_value("corner").run()
    assert not app.exception
    assert stage_data(app)["box"] == [0, 0, 2, 2]
