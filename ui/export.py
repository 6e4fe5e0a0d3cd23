"""The figure of what is seen: the current step as PNG, SVG or PDF, drawn when it is asked for."""

from __future__ import annotations

import base64
from dataclasses import replace

import streamlit as st

from figures.deck import Deck, Part, sheets
from figures.draw import FORMATS, draw_sheet, save
from ui.shell import Page

MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def figure(page: Page, kind: str, theme: str) -> bytes:
    """The current step as ``png``, ``svg`` or ``pdf``: the slide that a deck of this one step has."""
    scenario = replace(page.scenario, focus=page.now.focus)
    part = Part(page.kind, scenario, (scenario.steps[page.kind],))
    (sheet,) = sheets(Deck((part,), language=page.text.language, theme=theme, base=""))
    return save(draw_sheet(replace(sheet, footer="", number="", link="")), kind)


def download(page: Page, kind: object) -> dict[str, str] | None:
    """A file for the browser to keep, if ``kind`` is a format: its name, its type, its bytes in base 64."""
    if kind not in FORMATS or page.kind not in page.scenario.steps:
        return None
    theme = "dark" if st.context.theme.type == "dark" else "light"
    content = figure(page, str(kind), theme)
    name = f"{page.name.replace('_', '-')}-{page.scenario.steps[page.kind]}.{kind}"
    return {"name": name, "type": MIME[str(kind)], "content": base64.b64encode(content).decode("ascii")}
