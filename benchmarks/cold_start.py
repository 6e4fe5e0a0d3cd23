"""How long from ``streamlit run app.py`` to the first stage that can be dragged, and what the next visitor waits.

    python benchmarks/cold_start.py
    python benchmarks/cold_start.py --starts 20 --page "RoI_Align?lang=zh"

Each start is a new process of the app, and a page without a cache in a Chromium that runs already, as it would on a
lecturer's laptop. **listens**: the server answers; **stage**: the box can be taken hold of and the output has its
numbers, both from the start of the process; **next**: the same page once more, from its request, as everybody after
the first one waits. The files have been read before, except in a first run after the machine was switched on.
"""

from __future__ import annotations

import argparse
import shutil
import time

import numpy as np
from live_drag import BROWSERS, FLAGS, ROOT, serving
from playwright.sync_api import Browser, sync_playwright

MOST = 2.5  # seconds to the first stage


def visit(browser: Browser, address: str) -> None:
    """Open a page in a context of its own and wait until its first stage is there."""
    with browser.new_context(viewport={"width": 1280, "height": 720}) as context:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_function(
            """() => document.querySelector('[data-testid="box-move"]')
                  && document.querySelector('[data-testid="output-0-0"]')?.textContent"""
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long from the start of the app to its first stage.")
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--page", default="", help="such as RoI_Align?lang=zh")
    options = parser.parse_args()
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    times: dict[str, list[float]] = {"listens": [], "stage": [], "next": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        browser.new_page().close()  # the browser itself is there
        for _ in range(options.starts):
            start = time.perf_counter()
            with serving(ROOT / "app.py", ROOT) as address:
                times["listens"].append(time.perf_counter() - start)
                visit(browser, f"{address}/{options.page}")
                times["stage"].append(time.perf_counter() - start)
                again = time.perf_counter()
                visit(browser, f"{address}/{options.page}")
                times["next"].append(time.perf_counter() - again)
        browser.close()
    print(f"{options.starts} starts, seconds{'p50':>12}{'p95':>8}{'most':>8}")
    for name, each in times.items():
        print(f"  {name:18}{np.median(each):12.2f}{np.percentile(each, 95):8.2f}{max(each):8.2f}")
    slow = sum(each > MOST for each in times["stage"])
    print(f"  stage, at most {MOST} s: {'holds' if not slow else f'MISSED in {slow}'}")


if __name__ == "__main__":
    main()
