"""The wheel: what is in it, and that what it installs runs outside the checkout, with the app's own configuration."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder with what the wheel installs and nothing else; the packages it needs are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


@pytest.fixture
def start(installed, tmp_path):
    """Run a program in an empty folder, where Python finds the installed package and not the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "PYTHON"))}
    (tmp_path / "empty").mkdir()

    def run(*command, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*map(str, command)],
            cwd=tmp_path / "empty",
            env={**kept, "PYTHONPATH": str(installed), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run


def pip(*arguments) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process and what it printed."""
    printed, _ = process.communicate(timeout=60)
    return process.returncode, printed


def lines_of(name: str) -> list[str]:
    """The requirements in a file of them, without comments and references."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


# ---- what is in it ------------------------------------------------------------------------------------------------


def test_the_wheel_holds_the_two_packages_with_the_app_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    version = PROJECT["version"]
    assert {name.split("/")[0] for name in names} == {
        "roialign_core",
        "roialign_lab",
        f"roialign_lab-{version}.dist-info",
    }
    places = {"assets": "roialign_lab/assets", "pages": "roialign_lab/app/pages", "app.py": "roialign_lab/app/app.py"}
    places |= {".streamlit": "roialign_lab/app/.streamlit", "roialign_core": "roialign_core"}
    places |= {"roialign_lab": "roialign_lab"}
    expected = set()
    for source, place in places.items():
        top = ROOT / source
        files = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
        found = {path for path in files if "__pycache__" not in path.parts}
        assert found, source
        expected |= {str(Path(place) / path.relative_to(top)) if path != top else place for path in found}
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_the_container_gets_everything_that_the_wheel_is_made_of(wheel, tmp_path):
    written = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "COPY . /src\n" in written and "pip wheel" in written
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()

    def ignored(folder: str, names: list[str]) -> set[str]:
        patterns = [line.removeprefix("**/") for line in left_out if line.startswith("**/") or Path(folder) == ROOT]
        return {name for name in names if any(fnmatch(name, pattern) for pattern in patterns)}

    shutil.copytree(ROOT, tmp_path / "src", ignore=ignored)
    assert not (tmp_path / "src" / "tests").exists()
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path / "wheels", tmp_path / "src")
    (built,) = (tmp_path / "wheels").iterdir()
    with zipfile.ZipFile(built) as theirs, zipfile.ZipFile(wheel) as ours:
        assert sorted(theirs.namelist()) == sorted(ours.namelist())


def test_the_requirements_of_the_wheel_are_those_of_a_checkout():
    assert PROJECT["dependencies"] == lines_of("requirements.txt")
    assert set(PROJECT["optional-dependencies"]["onnx"]) <= set(lines_of("requirements-dev.txt"))
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert set(build) <= set(lines_of("requirements-dev.txt"))
    for requirement in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["onnx"]]:
        assert re.fullmatch(r"[\w-]+(\[\w+\])?>=[\d.]+,<\d+", requirement), "a range with both ends"


# ---- the core -----------------------------------------------------------------------------------------------------


NUMPY_ALONE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {"numpy", "roialign_core", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocked())
from pathlib import Path
import roialign_core
from roialign_core import ROI_ALIGN, roi_align, trace
from roialign_core.examples import ANIMATION_MAP
print(Path(roialign_core.__file__).parent.parent)
print(trace([[1.0, 2.0], [3.0, 4.0]], (0, 0, 2, 2), ROI_ALIGN, 1).output.tolist())
print(roi_align(ANIMATION_MAP[None, None], [[0, 0, 3, 7, 8]], 2).shape)
"""


def test_the_core_needs_numpy_alone(start, installed):
    code, printed = finished(start(sys.executable, "-c", NUMPY_ALONE))
    assert (code, printed.splitlines()) == (0, [str(installed), "[[2.5]]", "(1, 1, 2, 2)"])


# ---- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def command(installed) -> Path:
    """The command that the wheel installs."""
    (found,) = (path for path in (installed / "bin").iterdir() if path.stem == "roialign-lab")
    return found


def test_help_names_every_command(start, command):
    code, printed = finished(start(command, "--help"))
    assert code == 0 and printed.startswith("usage: roialign-lab COMMAND")
    assert re.findall(r"^  (\w+) ", printed, re.M) == ["run", "deck", "figure", "worksheet", "site"]
    for name in ("run", "deck", "figure", "worksheet"):
        code, printed = finished(start(command, name, "--help"))
        assert code == 0 and printed.startswith(f"usage: roialign-lab {name} ")
    assert finished(start(sys.executable, "-m", "roialign_lab", "--help"))[1].startswith(
        "usage: python -m roialign_lab COMMAND"
    )


def test_what_is_no_command_is_named_in_a_sentence(start, command):
    code, printed = finished(start(command, "fly"))
    commands = "run, deck, figure, worksheet, site"
    assert (code, printed) == (2, f'roialign-lab: there is no command "fly". The commands are: {commands}.\n')
    code, printed = finished(start(command))
    assert code == 2 and printed.startswith("usage: roialign-lab COMMAND")
    code, printed = finished(start(command, "run", "--no-such-option"))
    assert code == 2 and "--no-such-option" in printed and "Traceback" not in printed


def test_slides_are_made_outside_the_checkout(start, command, tmp_path):
    lesson, deck = tmp_path / "lesson.toml", tmp_path / "lecture.pdf"
    lesson.write_text('[[part]]\nwalk = "roi_pool"\nbox = "0,3,7,8"\nsteps = ["map", "max"]\n', encoding="utf-8")
    assert finished(start(command, "deck", lesson, "-o", deck)) == (0, "")
    assert deck.read_bytes().startswith(b"%PDF-")


@pytest.fixture
def served(start, command) -> Iterator[str]:
    """The address of the installed app. A variable of the user changes one option: files may have 3 MB, not 10."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--port", port, "--address", "127.0.0.1", "--server.baseUrlPath=lab")
    process = start(command, "run", *options, STREAMLIT_SERVER_MAX_UPLOAD_SIZE="3")
    address = f"http://127.0.0.1:{port}/lab"
    try:
        for _ in range(900):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                    assert answer.read() == b"ok"
                    break
            except OSError:
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.1)
        else:
            raise AssertionError("the app did not answer within 90 s")
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_installed_app_answers_with_its_own_configuration(served, chromium: Browser):
    wrong: list[str] = []
    page = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="en-US").new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    for path in ("", "RoI_Align"):
        page.goto(f"{served}/{path}?lang=en&map=animation&box=0,3,7,8")
        expect(page.get_by_test_id("output-0-0").first).to_be_visible(timeout=30_000)
    page.get_by_role("heading", level=1, name="RoI Align").wait_for()
    primary = "element => getComputedStyle(element).getPropertyValue('--st-primary-color').trim()"
    stage = page.get_by_test_id("map-0-0").first
    assert stage.evaluate(primary) == "#087a5c", "the configuration that is installed beside the app"
    page.get_by_text("Your own data").click()
    expect(page.get_by_text("3MB per file")).to_be_visible()
    page.context.close()
    assert not wrong
