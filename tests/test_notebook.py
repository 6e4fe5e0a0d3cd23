"""The widget: a box that goes both ways, in the script that a notebook runs, and the notebooks of the documentation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from importlib import import_module

import nbformat
import numpy as np
import pytest
import traitlets
from nbclient import NotebookClient
from playwright.sync_api import expect

from roialign_lab.lesson.scenario import Scenario, first_drawn, of_photo
from roialign_lab.notebook import Lab
from roialign_lab.site.command import site_server
from tests.conftest import PATIENCE, ROOT, box_of, shows_the_truth

FRAME = """<!doctype html><meta charset="utf-8"><input id="typed"><div id="place"></div>
<script type="module">
import widget from "./widget.js";
const takers = new Set();
const model = {
  send: (event) => window.toKernel(event).then(window.arrive),
  on: (name, take) => takers.add(take), off: (name, take) => takers.delete(take),
};
window.arrive = (messages) => messages.forEach((m) => takers.forEach((take) => take(m)));
window.commands = []; // keys that a notebook takes as commands, as JupyterLab's listener does
document.addEventListener("keydown", (event) => event.defaultPrevented || window.commands.push(event.key));
const place = document.getElementById("place"), el = document.createElement("div");
(%s).append(Object.assign(document.createElement("style"), { textContent: %s }), el);
window.leave = await widget.render({ model, el });
</script>"""
IN_THE_PAGE = "place"
IN_A_SHADOW_ROOT = 'place.attachShadow({ mode: "open" })'
# What marimo 0.25 says of its theme, which it writes as a class of the body:
OF_MARIMO = "<style>:root { color-scheme: light; } :root:has(body.dark) { color-scheme: dark; }</style>"


@pytest.fixture
def lab(monkeypatch):
    """A widget whose messages to the browser are kept in a list."""
    made = Lab(Scenario(box=(0, 3, 7, 8)))
    made.sent = []
    monkeypatch.setattr(made, "send", lambda content, **_options: made.sent.append(content))
    return made


def test_what_is_dragged_is_the_box_and_the_trace(lab):
    lab._handle_custom_msg({"box": [1.5, 2, 4, 6], "seq": 7, "have": None}, [])
    assert lab.box == (1.5, 2.0, 4.0, 6.0)
    assert lab.trace.box.tolist() == [24, 32, 64, 96]
    (told,) = lab.sent
    assert told["answer"]["ack"] == 7 and told["answer"]["box"] == (1.5, 2, 4, 6)


def test_a_box_that_is_set_is_shown_and_one_beyond_the_map_is_moved_onto_it(lab):
    lab.box = (6, 6, 12, 7)
    assert lab.box == lab.scenario.box == lab.sent[-1]["answer"]["box"] == (2, 6, 8, 7)
    with pytest.raises(traitlets.TraitError, match="x1 <= x2"):
        lab.box = (4, 1, 2, 3)
    assert len(lab.sent) == 1


def test_a_map_of_ones_own_is_read_by_the_page_that_is_asked_for():
    lab = Lab(feature_map=np.arange(48.0).reshape(6, 8), page="roi_pooling")
    assert lab.scenario.feature_map.shape == (6, 8) and lab.trace.operator.snaps
    with pytest.raises(ValueError, match="not one of home, image"):
        Lab(page="roi_poling")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"scenario": Scenario(), "page": "image"}, "scenario: the page 'image' shows maps of a photo alone"),
        ({"scenario": Scenario(), "page": "network"}, "not the map 'animation'; take another page"),
        ({"scenario": Scenario(), "page": "quiz"}, "the page 'quiz' shows its own questions alone"),
        ({"feature_map": np.eye(8), "page": "image"}, "feature_map: the page 'image' shows maps of a photo alone"),
        ({"feature_map": np.eye(8), "page": "network"}, "the page 'network' shows maps of drawn pictures alone"),
        ({"feature_map": np.eye(8), "page": "quiz"}, "the page 'quiz' shows its own questions alone; take another"),
        ({"language": "fr"}, "language: 'fr' is not one of en, zh"),
        ({"scenario": Scenario(map="nope")}, "there is no map 'nope'; give your own as feature_map"),
        ({"scenario": Scenario(box=(5, 5, 1, 1))}, "box is finite x1, y1, x2, y2 with x1 <= x2"),
        ({"feature_map": np.zeros(3)}, "feature_map: This array has the shape 3; a feature map has 2, 3 or 4 axes"),
        ({"feature_map": np.zeros(3), "language": "zh"}, "feature_map: 这个数组的形状是 3"),
        ({"feature_map": [[1j, 2]]}, "feature_map: array holds complex128 values"),
        ({"feature_map": [[1, 2], [3]]}, "feature_map: The rows of this array are not equally long."),
    ],
)
def test_what_the_page_cannot_show_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises((ValueError, traitlets.TraitError)) as refused:
        Lab(**arguments)
    assert sentence in str(refused.value)


def test_a_page_of_its_own_maps_takes_a_scenario_of_them():
    lab = Lab(of_photo(Scenario(), "photo-32-vertical"), page="image")
    assert lab.scenario.map == "photo-32-vertical"
    lab.box = (1, 1, 4, 4)
    assert lab.box == lab.scenario.box == (1, 1, 4, 4)
    assert Lab(first_drawn(), page="network").scenario == first_drawn()


def test_the_box_of_a_question_stands():
    lab = Lab(page="quiz")
    before = lab.scenario.box
    lab.box = (1, 1, 4, 4)
    assert lab.box == lab.scenario.box == before


def test_on_a_map_of_ones_own_the_scenarios_box_stays_as_far_as_it_fits():
    assert Lab(Scenario(box=(1, 1, 4, 4)), np.arange(64.0).reshape(8, 8)).box == (1, 1, 4, 4)
    assert Lab(Scenario(box=(5, 1, 7, 4)), np.arange(18.0).reshape(3, 6)).box == (4, 0, 6, 3)
    assert Lab(feature_map=np.arange(64.0).reshape(8, 8)).box == (1.84, 2.16, 6.24, 6.48)


def test_a_box_has_the_decimals_of_an_address_and_is_finite(lab):
    lab.box = (2.49999999999, 1, 6, 7)
    assert lab.box == lab.scenario.box == (2.5, 1, 6, 7)
    assert Lab(Scenario(box=(2.49999999999, 1, 6, 7))).scenario.box == (2.5, 1, 6, 7)
    with pytest.raises(traitlets.TraitError, match="finite"):
        lab.box = (np.inf, 1, np.inf, 4)
    assert lab.box == lab.scenario.box == (2.5, 1, 6, 7)


@pytest.fixture
def shown(lab, chromium, tmp_path):
    """Gives a page with the widget, in a place of it."""
    (tmp_path / "widget.js").write_text(Lab._esm, encoding="utf-8")

    def to_kernel(event):
        lab._handle_custom_msg(event, [])
        told, lab.sent[:] = json.loads(json.dumps(lab.sent)), []
        return told

    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.expose_function("toKernel", to_kernel)

    def show(place, head=""):
        (tmp_path / "index.html").write_text(FRAME % (place, json.dumps(Lab._css)) + head, encoding="utf-8")
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.get_by_test_id("map-0-0").wait_for()
        return page

    with site_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield show
        server.shutdown()
    page.close()
    assert not wrong


def test_its_script_draws_drags_and_leaves_the_notebooks_keys_alone(lab, shown):
    page = shown(IN_THE_PAGE)
    page.get_by_test_id("box-x1").press("ArrowRight")
    page.get_by_role("button", name="result").click()
    shows_the_truth(page)
    assert lab.box == box_of(page) == (0.01, 3, 7, 8)
    lab.box = (1, 2, 4, 6)
    page.evaluate("messages => window.arrive(messages)", json.loads(json.dumps(lab.sent)))
    expect(page.get_by_test_id("box-x2")).to_have_value("4")
    assert shows_the_truth(page) == (1, 2, 4, 6)
    page.locator("#typed").evaluate("field => { field.type = 'button'; field.focus(); }")
    page.keyboard.press("ArrowLeft")
    assert lab.scenario.steps["roi_align"] == "result"
    expect(page.get_by_test_id("share")).to_be_hidden()
    page.evaluate("window.leave()")
    expect(page.locator("#place > div > *")).to_have_count(0)


def test_a_key_in_the_widget_is_no_command_of_the_notebook(shown):
    page = shown(IN_THE_PAGE)
    grip = page.locator('[data-grip="se"]')
    for key in ("x", "d", "d", "ArrowDown", "Shift+M"):
        grip.press(key)
    page.get_by_role("button", name="result").press("ArrowDown")
    assert page.evaluate("window.commands") == []
    for key in ("F9", "Escape"):
        grip.press(key)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("x")
    assert page.evaluate("window.commands") == ["F9", "Escape", "x"]
    page.keyboard.down("Control")
    grip.press("m")
    assert page.evaluate("window.commands.slice(3)") == ["Control", "m"]


def test_in_the_shadow_root_of_a_dark_marimo_it_is_dark_and_has_its_keys(shown):
    page = shown(IN_A_SHADOW_ROOT, f'{OF_MARIMO}<script>document.body.className = "dark dark-theme"</script>')
    host = page.locator(".roi-notebook")
    expect(host).to_have_css("background-color", "rgb(15, 23, 32)")
    assert host.evaluate("host => getComputedStyle(host).getPropertyValue('--tall')") != ""
    page.get_by_test_id("lang-zh").press("Enter")
    expect(page.get_by_role("group", name="语言")).to_be_visible()
    expect(page.get_by_test_id("lang-zh")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("step-project")).to_have_attribute("aria-current", "step")
    page.evaluate("document.body.className = 'light light-theme'")
    expect(host).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.parametrize("missing", ["anywidget", "traitlets"])
def test_without_what_it_needs_a_sentence_says_what_to_install(missing, monkeypatch):
    monkeypatch.delitem(sys.modules, "roialign_lab.notebook")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r'the widget needs anywidget: pip install "roialign-lab\[notebook\]"'):
        import_module("roialign_lab.notebook")


def test_the_notebook_of_the_documentation_runs():
    notebook = nbformat.read(ROOT / "docs/notebooks/one_box.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [cell.outputs[0] for cell in notebook.cells if cell.cell_type == "code"]
    assert "application/vnd.jupyter.widget-view+json" in outputs[0].data
    assert outputs[1].data["text/plain"] == "array([[0.477 , 0.471 ],\n       [0.4569, 0.4552]])"
    assert "application/vnd.jupyter.widget-view+json" in outputs[3].data


def test_the_marimo_file_runs():
    program = [sys.executable, str(ROOT / "docs/notebooks/one_box_marimo.py")]
    ran = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ran.returncode == 0, ran.stderr
    assert "[[0.477  0.471 ]\n [0.4569 0.4552]]" in ran.stdout
