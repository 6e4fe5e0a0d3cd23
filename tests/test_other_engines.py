"""The site and the app in Firefox and in WebKit: a drag is answered there too with the core's numbers.

Where one of them is not installed its test is skipped, and a line at the end of the run says so loudly.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP
from tests.engines import ENGINES, Engine
from tests.test_site import built, host  # noqa: F401  the same folder

SHOWN = """(() => {
  const value = (name) => document.querySelector(`[data-testid="${name}"]`);
  const sides = ["x1", "y1", "x2", "y2"].map((side) => Number(value(`box-${side}`)?.value));
  const outputs = ["0-0", "0-1", "1-0", "1-1"].map((place) => value(`output-${place}`)?.innerText);
  return JSON.stringify({ sides, outputs, isOpen: globalThis.roiConnection?.isOpen ?? IS_APP });
})()"""
MIDDLE = """(() => {
  const { x, y, width, height } = document.querySelector('[data-testid="box-move"]').getBoundingClientRect();
  return JSON.stringify([x + width / 2, y + height / 2]);
})()"""


SAVES = """(() => {
  const own = URL.createObjectURL;
  URL.createObjectURL = (file) => {
    globalThis.roiSaved = [file.type, file.size];
    return own.call(URL, file);
  };
  return "null";
})()"""


@pytest.mark.parametrize("engine", ENGINES)
def test_another_engine_opens_the_site_and_answers_a_drag_with_the_cores_numbers(engine, host, tmp_path):  # noqa: F811
    with ENGINES[engine](tmp_path) as window:
        window.open(f"{host}/RoI_Align/?step=result&lang=en")
        before = wait_for_the_truth(window)
        x, y = window.value(MIDDLE)
        window.drag([(x + 8 * k, y + 4 * k) for k in range(6)])
        assert wait_for_the_truth(window) != before


@pytest.mark.parametrize("engine", ENGINES)
def test_another_engine_goes_the_main_path_of_the_app(engine, server, tmp_path):
    with ENGINES[engine](tmp_path) as window:
        window.open(f"{server}/RoI_Align?step=result&lang=en")
        before = wait_for_the_truth(window, is_app=True)
        x, y = window.value(MIDDLE)
        window.drag([(x + 8 * k, y + 4 * k) for k in range(6)])
        moved = wait_for_the_truth(window, is_app=True)
        assert moved != before
        press(window, "step-bins")
        wait_for(window, "document.querySelector('[data-testid=\"output-0-0\"]').innerText.includes('?')")
        press(window, "step-result")
        assert wait_for_the_truth(window, is_app=True) == moved
        window.value(SAVES)
        press(window, "figure-svg")
        kind, size = wait_for(window, "globalThis.roiSaved")
        assert kind == "image/svg+xml" and size > 5_000
        press(window, "lang-zh")
        wait_for(window, "document.querySelector('.roi-bar').innerText.includes('双线性')")
        assert wait_for_the_truth(window, is_app=True) == moved
        window.open(f"{server}/Quiz?seed=1&lang=en")
        press(window, "answer-0")
        verdict = wait_for(window, "document.querySelector('.roi:not(.roi-unanswered) .roi-verdict')?.innerText")
        assert verdict.startswith(("Right", "Wrong", "Not", "✓", "✗")), verdict


def press(window: Engine, name: str) -> None:
    """Click what has that test id, once it is there."""
    wait_for(
        window, f"[document.querySelector('[data-testid=\"{name}\"]')].filter(Boolean).map((it) => (it.click(), 1))[0]"
    )


def wait_for(window: Engine, script: str) -> Any:
    """What an expression gives, once it gives something."""
    for _ in range(600):
        if found := window.value(f"JSON.stringify({script} ?? null)"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {script}")


def wait_for_the_truth(window: Engine, *, is_app: bool = False) -> list[float]:
    """The box on the screen, once Python is there and the numbers are the core's for it."""
    shown: dict[str, Any] = {}
    for _ in range(600):
        shown = window.value(SHOWN.replace("IS_APP", str(is_app).lower()))
        if shown["isOpen"] and None not in shown["outputs"]:
            rows = trace(ANIMATION_MAP, 16 * np.array(shown["sides"]), ROI_ALIGN, 2, 1 / 16).output
            if shown["outputs"] == [f"{value:.4f}" for value in rows.ravel()]:
                return shown["sides"]
        time.sleep(0.1)
    raise AssertionError(f"not the core's numbers: {shown}")
