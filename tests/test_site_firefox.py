"""The site in Firefox, driven by WebDriver BiDi: it computes there too, and a drag is answered with the core's numbers.

Where there is no Firefox this is skipped, and a line at the end of the run says so loudly.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP
from tests.test_site import built, host  # noqa: F401  the same folder

LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES = """
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
"""
SHOWN = """(() => {
  const value = (name) => document.querySelector(`[data-testid="${name}"]`);
  const sides = ["x1", "y1", "x2", "y2"].map((side) => Number(value(`box-${side}`)?.value));
  const outputs = ["0-0", "0-1", "1-0", "1-1"].map((place) => value(`output-${place}`)?.innerText);
  return JSON.stringify({ sides, outputs, isOpen: Boolean(globalThis.roiConnection?.isOpen) });
})()"""
MIDDLE = """(() => {
  const { x, y, width, height } = document.querySelector('[data-testid="box-move"]').getBoundingClientRect();
  return JSON.stringify([x + width / 2, y + height / 2]);
})()"""


class Firefox:
    """One window of a Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.ask("session.new", capabilities={})
        self.window = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=60))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def value(self, script: str) -> Any:
        """What a script that gives JSON gives in the page."""
        target = {"context": self.window}
        told = self.ask("script.evaluate", expression=script, target=target, awaitPromise=True)
        return json.loads(told["result"]["value"])


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        warnings.warn(
            "NO FIREFOX HERE: the site was not opened in it (Debian: apt-get install firefox-esr)", stacklevel=1
        )
        pytest.skip("NO FIREFOX HERE")
    (tmp_path / "user.js").write_text(PREFERENCES)
    said = tmp_path / "said"
    command = [program, "--headless", "--no-remote", "--profile", str(tmp_path), "--remote-debugging-port", "0"]
    with said.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(600):
            found = LISTENING.search(said.read_text())
            if found:
                break
            assert process.poll() is None, said.read_text()
            time.sleep(0.1)
        assert found, said.read_text()
        with connect(f"{found[1]}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(20)


def test_firefox_opens_the_site_and_answers_a_drag_with_the_cores_numbers(firefox, host):  # noqa: F811
    firefox.ask(
        "browsingContext.navigate",
        context=firefox.window,
        url=f"{host}/RoI_Align/?step=result&lang=en",
        wait="complete",
    )
    before = wait_for_the_truth(firefox)
    x, y = firefox.value(MIDDLE)
    moves = [{"type": "pointerMove", "x": round(x + 8 * k), "y": round(y + 4 * k)} for k in range(1, 6)]
    first, press, lift = {"type": "pointerMove", "x": round(x), "y": round(y)}, "pointerDown", "pointerUp"
    hand = [first, {"type": press, "button": 0}, *moves, {"type": lift, "button": 0}]
    actions = [{"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": hand}]
    firefox.ask("input.performActions", context=firefox.window, actions=actions)
    assert wait_for_the_truth(firefox) != before


def wait_for_the_truth(firefox: Firefox) -> list[float]:
    """The box on the screen, once Python is there and the numbers are the core's for it."""
    shown: dict[str, Any] = {}
    for _ in range(600):
        shown = firefox.value(SHOWN)
        if shown["isOpen"] and None not in shown["outputs"]:
            rows = trace(ANIMATION_MAP, 16 * np.array(shown["sides"]), ROI_ALIGN, 2, 1 / 16).output
            if shown["outputs"] == [f"{value:.4f}" for value in rows.ravel()]:
                return shown["sides"]
        time.sleep(0.1)
    raise AssertionError(f"not the core's numbers: {shown}")
