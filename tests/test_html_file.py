"""A lesson as one HTML file: opened from a disk without a network, its numbers are the core's, and nothing is asked."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from roialign_core import ROI_ALIGN, ROI_POOL, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.__main__ import main
from roialign_lab.export.deck import Deck
from roialign_lab.export.html_file import html_file, playable
from roialign_lab.export.whole_file import whole_file
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.lesson_part import RECORDED, DeckError, Part
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.answer import answer
from tests.conftest import PATIENCE, ROOT
from tests.engines import ENGINES
from tests.test_deck import HOSTILE, ODD

MOST = 400_000  # bytes
THREE = Deck((Part("roi_pool"), Part("roi_align"), Part("sweep")), title="A lesson to take home")
ALIGN = Deck((Part("roi_align"),))
TABLE = ["0.5299", "0.4182", "0.3281", "0.4994"]  # of the box that the lesson begins with, mean of 2×2
EN, ZH = text_in("en"), text_in("zh")


def recording_of(content: bytes) -> dict:
    """What a file holds."""
    return json.loads(re.search(r'id="file">(.*?)</script>', content.decode(), re.S)[1])


def value(recording: dict, number: int):
    """A value of its pool."""
    kept = recording["pool"][number]
    if not isinstance(kept, list):
        return kept
    kind, *inner = kept
    values = [value(recording, one) for one in inner]
    return values if kind < 0 else dict(zip(recording["names"][kind], values, strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the files lie."""
    made = tmp_path_factory.mktemp("html")
    (made / "three.html").write_bytes(whole_file(THREE, "html"))
    (made / "align.html").write_bytes(whole_file(ALIGN, "html"))
    return made


@pytest.fixture
def opened(chromium, folder):
    """Open a file in a browser whose network is cut; afterwards it has asked for nothing and nothing went wrong."""
    pages, wrong = [], []

    def open_file(name, address="", width=1280, height=720, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        page = context.new_page()
        pages.append(context)
        page.set_default_timeout(PATIENCE)
        own = (folder / name).as_uri()
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(own) else route.abort())
        page.on(
            "request", lambda request: None if request.url.startswith((own, "data:")) else wrong.append(request.url)
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(own + address)
        page.locator(".roi-map").first.wait_for()
        return page

    yield open_file
    for context in pages:
        context.close()
    assert not wrong


def outputs(page, nth=0):
    """The four numbers of an output."""
    places = ("0-0", "0-1", "1-0", "1-1")
    return [page.get_by_test_id(f"output-{place}").nth(nth).inner_text() for place in places]


def numbers(operator, box):
    """What the core says."""
    made = trace(ANIMATION_MAP, tuple(16 * side for side in box), operator, 2, 1 / 16, 2).output
    return [f"{number:.4f}" for number in made.ravel()]


# ---- the file -----------------------------------------------------------------------------------------------------


def test_a_file_of_an_8x8_map_has_at_most_400_kb(folder):
    sizes = {walk: len(whole_file(Deck((Part(walk),)), "html")) for walk in RECORDED}
    sizes["three"] = (folder / "three.html").stat().st_size
    print(sizes)
    assert max(sizes.values()) <= MOST
    four = Deck(tuple(Part(walk) for walk in ("roi_pool", "roi_align", "bilinear", "sweep")))
    assert len(whole_file(four, "html")) <= MOST


def test_the_same_lesson_gives_the_same_bytes_in_another_process(tmp_path):
    (tmp_path / "lesson.toml").write_text('[[part]]\nwalk = "roi_align"\n', encoding="utf-8")
    command = [sys.executable, "-m", "roialign_lab", "deck", tmp_path / "lesson.toml", "-o", tmp_path / "made.html"]
    subprocess.run(command, cwd=ROOT, env={"PYTHONHASHSEED": "7", "PATH": ""}, check=True)
    assert (tmp_path / "made.html").read_bytes() == whole_file(ALIGN, "html")


def test_what_is_recorded_is_what_the_stage_answers(folder):
    recording = recording_of((folder / "three.html").read_bytes())["recording"]
    for part, page in zip(recording["parts"], ("roi_pooling", "roi_align", "quantization"), strict=True):
        assert len(part["records"]) > 70
        for record in part["records"][::11]:
            step, row, column, sample, at, *answers = record
            for language, number in zip(recording["languages"], answers, strict=True):
                event = {"page": page, "step": part["steps"][step], "box": [0.55, at, 6.35, 7.4]}
                event |= {"focus": {"row": row, "column": column, "sample": sample}}
                told = json.loads(json.dumps(answer(Session(language=language), event)))
                kept = value(recording, number)
                assert kept == {name: told[name] for name in kept}
                assert {"focus", "pinned", "step", "still", "still_id", "ack"} >= told.keys() - kept.keys()


def test_a_step_looks_at_every_bin_and_once_crosses_are_seen_at_every_cross(folder):
    part = recording_of((folder / "align.html").read_bytes())["recording"]["parts"][0]
    here = [tuple(record[:4]) for record in part["records"] if record[4] == 2.7]
    looked = {step: sum(record[0] == k for record in here) for k, step in enumerate(part["steps"])}
    assert looked == dict.fromkeys(("map", "project", "bins"), 4) | dict.fromkeys(
        ("samples", "neighbors", "values", "join", "result"), 16
    )
    assert len(set(here)) == len(here)


@pytest.mark.parametrize("title", [HOSTILE, ODD, "</script><img src=x onerror=alert(1)>", "$title ${file}", "长" * 120])
def test_a_title_stands_as_it_was_written_and_does_nothing(title, opened, folder):
    (folder / "titled.html").write_bytes(whole_file(Deck((Part("bilinear", steps=("sum",)),), title=title), "html"))
    page = opened("titled.html")
    shown = page.locator(".file-head p").inner_text()
    assert shown.split() == re.sub("[\u202e\u202c\x00\ud800]", "", title).split()
    assert page.title().startswith(shown.strip()[:20])
    assert page.locator("img, .file-head script").count() == 0


@pytest.mark.parametrize(
    "address",
    [
        {"map": "matrix-1,nan;inf,-inf", "box": "0,0,2,2"},
        {"map": "random-32x32-1", "box": "3,4,29.5,30", "out": "7"},
        {"map": "animation", "box": "0,0,0.05,0.05", "out": "14"},
        {"map": "photo-32-vertical", "out": "3,5"},
        {"map": "animation", "box": "1,1,3,2", "samples": "auto", "origin": "legacy", "join": "max"},
    ],
)
@pytest.mark.parametrize("walk", ["roi_pool", "roi_align", "sweep"])
def test_any_scenario_opens(address, walk, opened, folder):
    scenario, _ = from_address(address, "roi_align", Scenario())
    steps = () if walk == "sweep" else ("map", "result")
    (folder / "any.html").write_bytes(whole_file(Deck((Part(walk, scenario, steps),)), "html"))
    page = opened("any.html")
    if walk != "sweep":
        page.get_by_test_id("step-last").click()
    assert re.search(r"\d|NaN|∞|–", page.locator(".roi-output, .roi-out").first.inner_text())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[[part]]\nwalk = "roi_pool"\nsteps = ["snip"]\n', "snip"),
        ('[[part]]\nwalk = "home"\n', "lesson.toml"),
        (f'title = "{"x" * 5000}"\n[[part]]\nwalk = "roi_pool"\n', "5000"),
    ],
)
def test_a_bad_lesson_is_a_sentence_and_no_file(written, said, tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text(written, encoding="utf-8")
    for language in ("en", "zh"):
        arguments = [str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "made.html"), "--lang", language]
        assert main(["deck", *arguments]) == 2
        assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.toml"]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path, capsys):
    (tmp_path / "lesson.toml").write_text('[[part]]\nwalk = "bilinear"\nsteps = ["sum"]\n', encoding="utf-8")
    assert main(["deck", str(tmp_path / "lesson.toml"), "-o", str(tmp_path / "none" / "made.html")]) == 1
    assert EN("deck.problem.no_file") in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.toml"]


# ---- the page -----------------------------------------------------------------------------------------------------


def test_the_steps_by_button_key_and_play(opened):
    page = opened("align.html", reduced_motion="reduce")
    shown = page.locator(".roi-now b")
    expect(shown).to_have_text("1")
    page.get_by_test_id("step-next").click()
    expect(shown).to_have_text("2")
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_text("3")
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_text("2")
    page.get_by_test_id("step-join").click()
    expect(shown).to_have_text("7")
    assert outputs(page) == TABLE == numbers(ROI_ALIGN, (0.55, 2.7, 6.35, 7.4))
    page.get_by_test_id("step-speed").select_option("1.25")
    page.get_by_test_id("step-play").click()
    expect(shown).to_have_text("8")
    expect(page.get_by_test_id("step-play")).to_have_text("▶")
    assert page.get_by_test_id("step-predict").is_hidden()


def test_a_bin_and_a_cross_are_looked_at(opened):
    page = opened("align.html")
    page.get_by_test_id("step-values").click()
    page.get_by_test_id("output-1-0").hover()
    expect(page.locator(".roi-detail h4")).to_contain_text("③")
    expect(page.locator(".roi-formula")).to_contain_text("0.514")
    cross = page.locator("[data-testid=map-4-5]").bounding_box()  # the last × of ② lies in this cell
    side = cross["width"]
    page.mouse.move(cross["x"] + 0.625 * side, cross["y"] + 0.463 * side)
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ②, sample 4 of 4")
    expect(page.locator(".roi-formula")).to_contain_text("0.092")
    page.mouse.move(5, 700)
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ②, sample 3 of 4")
    page.get_by_test_id("step-deeper").click()
    page.get_by_test_id("step-next").click()
    expect(page.locator(".roi-detail h4")).to_have_text("Bin ②, sample 4 of 4")


@pytest.mark.parametrize(("walk", "operator"), [("roi_pool", ROI_POOL), ("roi_align", ROI_ALIGN)])
def test_the_slider_of_a_walk_shows_the_cores_numbers(walk, operator, opened, folder):
    (folder / "walk.html").write_bytes(whole_file(Deck((Part(walk),)), "html"))
    page = opened("walk.html")
    page.get_by_test_id("step-result").click()
    slider = page.get_by_test_id("box-y1")
    assert page.get_by_test_id("box-x1").count() == 0
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("2", "3.75")
    for k in range(8):
        y1 = 2 + k / 4
        slider.fill(str(y1))
        expect(page.locator(".roi-slider output")).to_have_text(f"{y1:.2f}")
        assert outputs(page) == numbers(operator, (0.55, y1, 6.35, 7.4))


def test_the_sweep_shows_the_cores_numbers_at_every_place(opened):
    page = opened("three.html", "#3")
    expect(page.get_by_role("heading", level=1)).to_have_text(EN("title.quantization"))
    slider = page.get_by_test_id("box-y1")
    slider.focus()
    page.keyboard.press("Home")
    for k in range(20):
        y1 = round(2 + k / 10, 2)
        expect(page.locator(".roi-slider output")).to_have_text(f"{y1:.2f}")
        assert outputs(page) == numbers(ROI_POOL, (0.55, y1, 6.35, 7.4))
        assert outputs(page, 1) == numbers(ROI_ALIGN, (0.55, y1, 6.35, 7.4))
        expect(page.locator(".roi-formula")).to_contain_text(f"y1: {y1:.2f} →")
        page.keyboard.press("ArrowRight")
    chart = page.get_by_test_id("sweep").locator("svg").bounding_box()
    page.mouse.click(chart["x"] + 0.26 * chart["width"], chart["y"] + 50)
    expect(page.locator(".roi-slider output")).to_have_text("2.50")


def test_nothing_is_dragged_but_the_slider(opened):
    page = opened("align.html")
    cell = page.locator("[data-testid=map-4-3]").bounding_box()
    page.mouse.move(cell["x"] + 20, cell["y"] + 20)
    page.mouse.down()
    page.mouse.move(cell["x"] + 90, cell["y"] + 60, steps=4)
    page.mouse.up()
    expect(page.locator(".roi-slider output")).to_have_text("2.70")
    assert page.locator("[data-grip]:visible").count() == 0
    assert "Drag" not in page.locator("body").inner_text()


def test_a_menu_of_the_parts_and_the_way_to_the_next(opened):
    page = opened("three.html")
    expect(page.get_by_test_id("position")).to_have_text("1 / 3")
    page.get_by_test_id("step-last").click()
    page.get_by_test_id("next-page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("RoI Align")
    expect(page.locator(".roi-now b")).to_have_text("1")
    page.get_by_role("link", name="RoI Pooling").click()
    expect(page.get_by_test_id("position")).to_have_text("1 / 3")
    assert page.title() == "A lesson to take home · RoI Pooling"


def test_the_same_page_twice_has_two_numbered_parts_and_a_deck_without_captions_has_formulas_alone(opened, folder):
    parts = (Part("roi_align"), Part("roi_align", steps=("map", "result")))
    (folder / "twice.html").write_bytes(whole_file(Deck(parts, captions=False, language="zh"), "html"))
    page = opened("twice.html")
    assert page.locator(".roi-menu a").all_inner_texts() == ["1 · RoI Align", "2 · RoI Align"]
    assert page.locator(".roi-sentence p").is_hidden() and page.locator(".roi-formula").is_visible()
    page.locator(".roi-menu a").last.click()
    expect(page.locator(".roi-rail li")).to_have_count(2)


def test_a_step_that_slides_show_twice_is_there_once():
    told = []
    deck = Deck((Part("roi_pool", steps=("map", "snap", "map", "result")),))
    recording = recording_of(html_file(deck, lambda done, of: told.append((done, of))))["recording"]
    assert recording["parts"][0]["steps"] == ["map", "snap", "result"] and told == [(1, 3), (2, 3), (3, 3)]


def test_an_address_leads_to_a_part_also_in_an_open_file(opened):
    page = opened("three.html", "#2")
    expect(page.locator(".roi-position")).to_have_text("2 / 3")
    for hash_, place in (("#3", "3 / 3"), ("#1", "1 / 3"), ("#nonsense", "1 / 3"), ("#9", "1 / 3"), ("#2", "2 / 3")):
        page.evaluate("hash => { location.hash = hash; }", hash_)
        expect(page.locator(".roi-position")).to_have_text(place)
    page.go_back()
    expect(page.locator(".roi-position")).to_have_text("1 / 3")


def test_both_languages_at_the_same_step(opened):
    page = opened("align.html")
    page.get_by_test_id("step-join").click()
    page.get_by_test_id("lang-zh").click()
    expect(page.locator(".roi-now")).to_contain_text(ZH("steps.roi_align.join.title"))
    assert outputs(page) == TABLE
    assert page.evaluate("document.documentElement.lang") == "zh"
    expect(page.get_by_test_id("theme-dark")).to_have_text(ZH("html_file.dark"))
    page.get_by_test_id("lang-en").click()
    expect(page.locator(".roi-now")).to_contain_text("join")


def test_the_theme_is_the_browsers_until_one_is_chosen(opened, folder):
    paper = "getComputedStyle(document.body).backgroundColor"
    page = opened("align.html", color_scheme="dark")
    assert page.evaluate(paper) == "rgb(15, 23, 32)"
    page.emulate_media(color_scheme="light")
    expect(page.get_by_test_id("theme-light")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"{paper} === 'rgb(255, 255, 255)'")
    page.get_by_test_id("theme-dark").click()
    page.wait_for_function(f"{paper} === 'rgb(15, 23, 32)'")
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    expect(page.get_by_test_id("theme-dark")).to_have_attribute("aria-pressed", "true")
    (folder / "dark.html").write_bytes(whole_file(Deck((Part("bilinear"),), theme="dark"), "html"))
    assert opened("dark.html", color_scheme="light").evaluate(paper) == "rgb(15, 23, 32)"


@pytest.mark.parametrize("address", ["#1", "#2", "#3"])
def test_axe_finds_nothing_serious(address, opened):
    for scheme in ("light", "dark"):
        page = opened("three.html", address, color_scheme=scheme, reduced_motion="reduce")
        if address != "#3":
            page.get_by_test_id("step-last").click()
        report = Axe().run(page).response
        assert report["passes"]
        found = [(rule["id"], node["target"]) for rule in report["violations"] for node in rule["nodes"]
                 if rule["impact"] in ("serious", "critical")]  # fmt: skip
        assert found == [], scheme


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_nothing_is_wider_than_the_window(width, height, opened):
    for address in ("#1", "#2", "#3"):
        page = opened("three.html", address, width, height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_lives_in_a_frame_that_may_do_nothing_but_run_scripts(opened, folder):
    frame = '<!doctype html><iframe src="align.html" sandbox="allow-scripts" width="1200" height="640"></iframe>'
    (folder / "outer.html").write_text(frame)
    context = opened("align.html").context
    page = context.new_page()
    page.goto((folder / "outer.html").as_uri())
    inner = page.frame_locator("iframe")
    inner.get_by_test_id("step-join").click()
    expect(inner.get_by_test_id("output-0-0")).to_have_text(TABLE[0])


def test_a_fragment_is_played_within_another_page(opened, folder):
    """Two of them and the styles of the page around them do not disturb each other; a title's quotes stay a title's."""
    title = """"A" & 'B' <b>"""
    made = whole_file(replace(ALIGN, title=title), "html-fragment").decode()
    assert made.count("\n") == 1 and made.endswith("</iframe>\n")
    style = "<style>* { color: red !important; display: inline } button { display: none !important }</style>"
    page = f"<!doctype html><title>mine</title>{style}<section>{made}</section><section>{made}</section>"
    (folder / "mine.html").write_text(page, encoding="utf-8")
    page = opened("align.html").context.new_page()
    page.goto((folder / "mine.html").as_uri())
    expect(page.locator("iframe").first).to_have_attribute("title", title)
    first, second = (page.frame_locator("iframe").nth(k) for k in range(2))
    first.get_by_test_id("step-join").click()
    expect(first.get_by_test_id("output-0-0")).to_have_text(TABLE[0])
    expect(second.get_by_test_id("output-0-0")).to_have_text("?")
    assert first.locator("body").evaluate("body => document.title").startswith(title)


def test_its_own_rules_let_nothing_in(opened):
    page = opened("align.html")
    rules = page.locator("meta[http-equiv]").get_attribute("content")
    assert rules.startswith("default-src 'none'; ") and "http" not in rules and "blob" not in rules
    source = page.content()
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", source.split("<script>")[0])
    assert "await import(" not in source and not re.search("^(?:im|ex)port ", source, re.M)


SHOWN = """JSON.stringify(["0-0", "0-1", "1-0", "1-1"]
  .map((place) => document.querySelector(`[data-testid="output-${place}"]`)?.innerText))"""


@pytest.mark.parametrize("engine", ENGINES)
def test_another_engine_walks_through_the_file(engine, folder, tmp_path):
    with ENGINES[engine](tmp_path) as window:
        window.open((folder / "align.html").as_uri())
        for name in ("step-next", "step-join"):
            window.value(f"""JSON.stringify(document.querySelector('[data-testid="{name}"]').click() ?? null)""")
        for _ in range(50):
            if window.value(SHOWN) == TABLE:
                break
            time.sleep(0.1)
        assert window.value(SHOWN) == TABLE


def test_the_focus_of_a_scenario_is_what_a_part_begins_with():
    part = Part("roi_align", Scenario(focus=Focus(1, 0, 1)), ("join", "map"))
    recording = recording_of(whole_file(Deck((part,)), "html"))["recording"]
    assert recording["parts"][0]["start"] == [0, 1, 0, 1, 2.7]
    assert recording["parts"][0]["steps"] == ["join", "map"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_page_cannot_play_is_left_out_and_a_lesson_of_that_alone_is_refused(language):
    both = Deck((Part("gradients"), Part("bilinear", steps=("sum",))), language=language)
    assert [part.walk for part in playable(both)] == ["bilinear"]
    with pytest.raises(DeckError) as refused:
        whole_file(Deck((Part("gradients"), Part("quiz"))), "html")
    said = text_in(language)(refused.value.key, **refused.value.values)
    assert "roi_pool, roi_align, bilinear, sweep, network" in said
