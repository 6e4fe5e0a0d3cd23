"""The figure of what is seen: the current step as PNG, SVG or PDF, drawn when it is asked for."""

from __future__ import annotations

import base64

import streamlit as st

from figures.draw import FORMATS, draw, save
from figures.steps import Step, point_steps, steps
from roialign_core.bilinear import trace_point
from ui.shell import Page

MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def current_step(page: Page) -> Step:
    """The step that the page shows now."""
    scenario = page.scenario
    if page.kind == "bilinear":
        walk = point_steps(trace_point(scenario.feature_map, *scenario.point))
    else:
        operator = scenario.pool if page.kind == "roi_pool" else scenario.align
        walk = steps(scenario.trace(operator), page.now.focus)
    return next(step for step in walk if step.key == scenario.steps[page.kind])


def figure(page: Page, kind: str, theme: str) -> bytes:
    """The current step as ``png``, ``svg`` or ``pdf``."""
    step, text = current_step(page), page.text
    title = f"{text('title.' + page.name)} · {text(step.text_key + '.title')}"
    caption = text(step.text_key + ".sentence", **step.values)
    return save(draw(step, title=title, caption=caption, theme=theme), kind)


def download(page: Page, kind: object) -> dict[str, str] | None:
    """A file for the browser to keep, if ``kind`` is a format: its name, its type, its bytes in base 64."""
    if kind not in FORMATS or page.kind not in page.scenario.steps:
        return None
    theme = "dark" if st.context.theme.type == "dark" else "light"
    content = figure(page, str(kind), theme)
    name = f"{page.name.replace('_', '-')}-{page.scenario.steps[page.kind]}.{kind}"
    return {"name": name, "type": MIME[str(kind)], "content": base64.b64encode(content).decode("ascii")}
