"""Firefox and WebKit as the tests drive them: Firefox by WebDriver BiDi, WebKitGTK by its WebDriver."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import ClientConnection, connect

MINI_BROWSER = "webkit2gtk-4.*/MiniBrowser"  # in a folder of the libraries: it is on no path
SCREEN = re.compile(r"(\d+)\n")
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES = """
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
"""


class Engine(Protocol):
    """One window of a browser."""

    def open(self, address: str) -> None:
        """Go to an address."""

    def value(self, script: str) -> Any:
        """What an expression that gives JSON gives in the page."""

    def drag(self, places: Sequence[tuple[float, float]]) -> None:
        """Press the mouse at the first place, move it through the others, and let go."""


class Firefox:
    """Firefox, by WebDriver BiDi."""

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

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self.window, url=address, wait="complete")

    def value(self, script: str) -> Any:
        target = {"context": self.window}
        told = self.ask("script.evaluate", expression=script, target=target, awaitPromise=True)
        return json.loads(told["result"]["value"])

    def drag(self, places: Sequence[tuple[float, float]]) -> None:
        self.ask("input.performActions", context=self.window, actions=[mouse(places)])


class WebKit:
    """WebKitGTK's MiniBrowser, by WebDriver."""

    def __init__(self, driver: str, program: str) -> None:
        self.driver = driver
        options = {"webkitgtk:browserOptions": {"binary": program, "args": ["--automation"]}}
        session = self.ask("POST", "/session", capabilities={"alwaysMatch": options})
        self.session = f"/session/{session['sessionId']}"

    def ask(self, method: str, path: str, **parameters: Any) -> Any:
        """Send a command and wait for its answer."""
        content = json.dumps(parameters).encode() if method == "POST" else None
        with urlopen(Request(self.driver + path, content, method=method), timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        self.ask("POST", f"{self.session}/url", url=address)

    def value(self, script: str) -> Any:
        return json.loads(self.ask("POST", f"{self.session}/execute/sync", script=f"return {script}", args=[]))

    def drag(self, places: Sequence[tuple[float, float]]) -> None:
        self.ask("POST", f"{self.session}/actions", actions=[mouse(places)])

    def end(self) -> None:
        """Close the window."""
        self.ask("DELETE", self.session)


def mouse(places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """A drag as both protocols write it."""
    first, *moves = ({"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0} for x, y in places)
    hand = [first, {"type": "pointerDown", "button": 0}, *moves, {"type": "pointerUp", "button": 0}]
    return {"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": hand}


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        skip("FIREFOX", "firefox-esr")
    (folder / "user.js").write_text(PREFERENCES)
    command = [program, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
    with process(command, folder / "said", LISTENING) as address, connect(f"{address}/session", max_size=None) as way:
        yield Firefox(way)


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    folders = (Path("/usr/lib"), *Path("/usr/lib").glob("*-linux-gnu"))
    program = next((found for folder in folders for found in folder.glob(MINI_BROWSER)), None)
    if driver is None or screen is None or program is None:
        skip("WEBKIT", "webkit2gtk-driver xvfb")
    command = [screen, "-displayfd", "2", "-screen", "0", "1280x800x24"]
    with process(command, folder / "screen", SCREEN) as display:
        # Without a graphics card WebKit's compositor is drawn by the processor, 80 to 200 ms a frame of any page.
        environment = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", **os.environ, "DISPLAY": f":{display}"}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with process([driver, f"--port={port}"], folder / "said", None, environment):
            wait_for_port(port)
            window = WebKit(f"http://127.0.0.1:{port}", str(program))
            try:
                yield window
            finally:
                window.end()


def wait_for_port(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(100):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at port {port}")


def skip(name: str, packages: str) -> NoReturn:
    """Loudly, as nobody reads the names of skipped tests."""
    said = f"NO {name} HERE: nothing was opened in it (Debian: apt-get install {packages})"
    warnings.warn(said, stacklevel=2)
    pytest.skip(said)


def wait_for_words(running: subprocess.Popen[bytes], said: Path, awaited: re.Pattern[str]) -> str:
    """What is awaited, once the process has said it."""
    for _ in range(600):
        if found := awaited.search(said.read_text()):
            return found[1]
        assert running.poll() is None, said.read_text()
        time.sleep(0.1)
    raise AssertionError(said.read_text())


@contextmanager
def process(
    command: Sequence[str], said: Path, awaited: re.Pattern[str] | None, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """A process while it runs, from when it has said what is awaited; that."""
    with said.open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        yield "" if awaited is None else wait_for_words(running, said, awaited)
    finally:
        running.terminate()
        running.wait(20)


ENGINES: Mapping[str, Callable[[Path], AbstractContextManager[Engine]]] = {"Firefox": firefox, "WebKit": webkit}
