"""Makes the pictures of the README from the real app: `make pictures`.

Screenshots of RoI Align and of the sweep in each language, and an animated drag of the home page.
"""

from __future__ import annotations

import io
import math
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREEN: ViewportSize = {"width": 1280, "height": 720}
FRAMES = 36
ROUND = (34, 26)  # pixels that the drag swings right and down


def main() -> None:
    """Start the app, visit it, save the pictures."""
    PICTURES.mkdir(exist_ok=True)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)], cwd=ROOT
    )
    try:
        wait_for(f"http://localhost:{port}/_stcore/health")
        with sync_playwright() as playwright:
            found = next(path for name in BROWSERS if (path := shutil.which(name)))
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
            for path, dark, name in (
                ("RoI_Align?lang=en&step=neighbors", False, "align-en"),
                ("RoI_Align?lang=zh&step=neighbors", True, "align-zh"),
                ("Quantization_error?lang=en", False, "error-en"),
                ("Quantization_error?lang=zh", True, "error-zh"),
            ):
                page = browser.new_context(viewport=SCREEN, color_scheme="dark" if dark else "light").new_page()
                show(page, f"http://localhost:{port}/{path}")
                save(page.screenshot(), name)
            for language in ("en", "zh"):
                page = browser.new_context(viewport=SCREEN, color_scheme="light").new_page()
                show(page, f"http://localhost:{port}/?lang={language}")
                animate(page, PICTURES / f"drag-{language}.gif")
            browser.close()
    finally:
        server.terminate()


def show(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_test_id("map-0-0").first.wait_for()
    page.wait_for_timeout(1500)


def animate(page: Page, target: Path) -> None:
    """Drag the box round once and keep a frame of every place."""
    box = page.get_by_test_id("box-move").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    frames = []
    for k in range(FRAMES):
        turn = 2 * math.pi * k / FRAMES
        page.mouse.move(x + ROUND[0] * math.sin(turn), y + ROUND[1] * math.sin(2 * turn) - ROUND[1] * math.sin(turn))
        page.wait_for_timeout(120)
        picture = Image.open(io.BytesIO(page.screenshot(clip={"x": 0, "y": 60, "width": 1280, "height": 575})))
        frames.append(picture.convert("RGB").resize((960, 431), Image.Resampling.LANCZOS))
    page.mouse.up()
    palette = frames[0].quantize(128, method=Image.Quantize.MEDIANCUT)
    first, *rest = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    first.save(target, save_all=True, append_images=rest, duration=90, loop=0, optimize=True)


def save(screenshot: bytes, name: str) -> None:
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(PICTURES / f"{name}.png", optimize=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


if __name__ == "__main__":
    main()
