"""The browser's files come from the server: once for each version, compressed, and nothing else comes that way."""

import asyncio
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.datastructures import Headers

from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.script_files import IMPORTED, script_files
from roialign_lab.ui import stage_files
from tests.conftest import shows_the_truth

ROOT = Path(__file__).parent.parent
FOLDER = f"/roi-stage/{stage_files.version_of_files()}"


@dataclass
class Answer:
    """What the server sends."""

    status: int
    headers: Headers
    body: bytes


def request(path: str, method: str = "GET", **headers: str) -> Answer:
    """Ask the route as uvicorn would; names of headers have _ for -."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "headers": raw}
    app = Starlette(routes=stage_files.routes())
    with ThreadPoolExecutor(1) as own_thread:  # Playwright keeps an event loop in this one
        run = app({**scope, "query_string": b"", "root_path": ""}, receive, send)
        own_thread.submit(asyncio.run, run).result()
    start, *parts = sent
    return Answer(start["status"], Headers(raw=start["headers"]), b"".join(part.get("body", b"") for part in parts))


def test_a_module_is_sent_compressed_and_kept_for_a_year():
    answer = request(f"{FOLDER}/index.js", accept_encoding="br, gzip")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "Accept-Encoding"
    text = script_files("index.js")["index.js"].encode()
    assert gzip.decompress(answer.body) == text
    assert int(answer.headers["content-length"]) == len(answer.body) < len(text)


def test_a_browser_that_takes_no_gzip_gets_the_text():
    answer = request(f"{FOLDER}/stage.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "content-encoding" not in answer.headers
    assert b".roi-output" in answer.body and b"--roi-roi: #" in answer.body, "the style and its inks"


def test_head_says_the_same_without_the_text():
    get, head = (request(f"{FOLDER}/stage.js", method) for method in ("GET", "HEAD"))
    assert head.status == 200
    assert head.headers == get.headers


@pytest.mark.parametrize("known", ["{tag}", '"other", {tag}', "*", "{strong}"])
def test_what_a_browser_has_is_not_sent_again(known):
    tag = request(f"{FOLDER}/index.js").headers["etag"]
    again = request(f"{FOLDER}/index.js", if_none_match=known.format(tag=tag, strong=tag.removeprefix("W/")))
    assert again.status == 304 and again.body == b""
    assert again.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert request(f"{FOLDER}/index.js", if_none_match='"other"').status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/roi-stage/0123456789abcdef/index.js",
        f"{FOLDER}/none.js",
        f"{FOLDER}/",
        f"{FOLDER}/../index.js",
        f"{FOLDER}/%2e%2e/%2e%2e/app.py",
        f"{FOLDER}/..%2f..%2fapp.py",
        f"{FOLDER}/loader.js",  # goes inline
        f"{FOLDER}/wire.js",  # types only
        f"{FOLDER}/globals.d.ts",
        f"{FOLDER}//etc/passwd",
    ],
)
def test_nothing_else_comes_that_way(path):
    answer = request(path)
    assert answer.status == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_a_script_travels_without_its_documentation_and_keeps_its_lines():
    for name, text in script_files("index.js").items():
        if name.endswith(".js"):
            plain = (ROOT / "assets/stage" / name).read_text(encoding="utf-8").splitlines()
            sent = text.splitlines()
            assert len(sent) == len(plain), name
            assert {was for now, was in zip(sent, plain, strict=True) if now and now != was} == set(), name
            assert "@param" not in text, name


def test_every_import_leads_to_a_file_that_is_served():
    served = stage_files.files()
    for name, file in served.items():
        for other in re.findall(r'\bfrom "([^"]+)"', file.plain.decode()):
            assert other.startswith("./") and other.removeprefix("./") in served, f"{name} imports {other}"


def test_sources_stand_in_the_order_of_their_imports():
    seen: set[str] = set()
    for name, text in stage_files.sources():
        assert set(IMPORTED.findall(text)) <= seen, name
        seen.add(name)
    assert seen == set(stage_files.at_first())


def test_no_module_is_too_long_to_be_read_in_one_sitting():
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "assets/stage").glob("*.js")
    }
    assert len(lengths) > 20
    assert max(lengths.values()) <= 320, max(lengths, key=lengths.__getitem__)


# ---- in Chromium --------------------------------------------------------------------------------------------------


@pytest.fixture
def started() -> Iterator[Callable[..., str]]:
    """Start the app, or one page of it, with options; gives the address."""
    processes = []

    def start(script: str, *options: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *options]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen([*command, "--server.address=127.0.0.1"], cwd=ROOT, stdout=quiet, stderr=quiet)
        processes.append(process)
        for _ in range(900):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            assert process.poll() is None, "it did not start"
            time.sleep(0.1)
        raise AssertionError("it did not answer within 90 s")

    yield start
    for process in processes:
        process.terminate()
        process.wait(60)


def drag(page: Page) -> None:
    """Move the box a little."""
    at = page.get_by_test_id("box-move").bounding_box()
    assert at is not None
    page.mouse.move(at["x"] + 60, at["y"] + 60)
    page.mouse.down()
    page.mouse.move(at["x"] + 80, at["y"] + 46, steps=6)
    page.mouse.up()


def loaded(page: Page) -> list[dict]:
    """What came from the server's folder: the address, and the bytes that travelled."""
    return page.evaluate(
        """performance.getEntriesByType("resource").filter(({ name }) => name.includes("/roi-stage/"))
             .map(({ name, transferSize }) => ({ name, transferSize }))"""
    )


def test_no_font_comes_before_a_text_needs_it(server):
    with urllib.request.urlopen(f"{server}/RoI_Align") as answer:
        page = answer.read()
    assert b'as="font"' not in page and b'rel="modulepreload"' in page and b"BACKEND_BASE_URL" in page


def test_a_page_that_is_opened_again_loads_no_file_again(visit, server):
    page = visit("RoI_Align?lang=en&step=join")
    first = loaded(page)
    assert {entry["name"] for entry in first} == {f"{server}{FOLDER}/{name}" for name in stage_files.at_first()}
    assert sum(entry["transferSize"] for entry in first) < 100_000
    page.reload()
    page.get_by_test_id("map-0-0").wait_for()
    assert [entry["transferSize"] for entry in loaded(page)] == [0] * len(first)


def test_code_is_copied_and_nothing_is_loaded_to_colour_it(visit):
    page = visit("Operator_family?lang=en")
    assert page.evaluate("document.documentElement.hasAttribute('data-roi-waiting')") is False, "icons wait no more"
    page.get_by_text(text_in("en")("family.code")).click()
    code = page.locator(".roi-code:visible").filter(has_text="import torch")
    expect(code.locator("code")).to_contain_text("import torch")
    code.get_by_role("button").click()
    expect(code.get_by_role("button")).to_have_text(text_in("en")("code.copied"))
    assert page.evaluate("getSelection().toString()").strip() == code.locator("code").inner_text().strip()
    names = page.evaluate('performance.getEntriesByType("resource").map(({ name }) => name)')
    assert any("StreamlitMarkdown" in name for name in names)
    assert not [name for name in names if "SyntaxHighlighter" in name], "1.6 MB"


def test_the_stage_loads_under_a_base_path(started, chromium: Browser):
    address = started("app.py", "--server.baseUrlPath=/class/lab")
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/class/lab/RoI_Align?lang=en&step=join")
    before = shows_the_truth(page)
    assert all(entry["name"].startswith(f"{address}/class/lab{FOLDER}/") for entry in loaded(page))
    drag(page)
    assert shows_the_truth(page) != before
    page.close()


@pytest.fixture
def proxied(tmp_path) -> Iterator[Callable[[str], str]]:
    """nginx before an address, under a path that it takes away, as a JupyterHub does; gives the address to open."""
    processes = []

    def proxy(address: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        kept = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        upgrade = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
        (tmp_path / "nginx.conf").write_text(
            f"""daemon off; pid {tmp_path}/pid; error_log stderr crit; events {{}}
            http {{ access_log off; client_body_temp_path {tmp_path}/body; {kept} server {{ listen 127.0.0.1:{port};
            location /user/me/proxy/8501/ {{ proxy_pass {address}/; proxy_http_version 1.1; {upgrade}
            proxy_set_header X-Forwarded-Host $http_host; }} }} }}"""
        )
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        assert nginx is not None
        processes.append(subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]))
        for _ in range(900):
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        return f"http://127.0.0.1:{port}/user/me/proxy/8501"

    tmp_path.chmod(0o755)
    yield proxy
    for process in processes:
        process.terminate()
        process.wait(60)


def test_the_app_works_behind_a_proxy_that_takes_a_prefix_away(started, proxied, chromium: Browser):
    address = proxied(started("app.py"))
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    roads: list[str] = []
    page.on("websocket", lambda road: roads.append(road.url))
    page.goto(f"{address}/RoI_Align?lang=en&step=join")
    before = shows_the_truth(page)
    drag(page)
    assert shows_the_truth(page) != before
    assert {road.partition("?")[0].rsplit("/proxy/8501/", 1)[1] for road in roads} == {"_stcore/stream", "roi-drag"}
    page.get_by_role("link", name="Bilinear").first.click()
    expect(page).to_have_url(re.compile(f"^{address}/Bilinear_interpolation"))
    expect(page.locator("h1")).to_have_text("Bilinear interpolation")
    page.close()


def test_a_page_that_is_started_by_itself_gets_the_files_from_streamlit(started, chromium: Browser):
    address = started("pages/3_RoI_Align.py")
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/?lang=en&step=join")
    before = shows_the_truth(page)
    assert page.locator(".roi-output").evaluate("node => getComputedStyle(node).display") == "grid", "with their style"
    drag(page)
    assert shows_the_truth(page) != before
    page.close()


def test_a_stage_that_does_not_come_is_said(chromium: Browser, server):
    """The server does not send the files, and Streamlit does not hear that it is asked for them."""
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.route("**/roi-stage/**", lambda route: route.abort())
    requests: list = []

    def connection(way):
        up = way.connect_to_server()
        way.on_message(lambda message: requests.append(message) if b"inline" in bytes(message) else up.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), connection)
    page.goto(f"{server}/RoI_Align?lang=en&step=join")
    for language in LANGUAGES:
        expect(page.get_by_role("alert")).to_contain_text(text_in(language)("problem.no_stage"))
    assert requests
    page.close()
