"""Code to copy, as plain text with a button: Streamlit's own element loads 1.6 MB to give a few lines their colours."""

from __future__ import annotations

from html import escape
from typing import Protocol

import streamlit as st

from roialign_lab.lesson.text import Text


class Place(Protocol):
    """Where something can be put: the page, a tab, a column."""

    def html(self, body: str) -> object:
        """Show HTML."""


def code_text(text: Text, code: str, place: Place = st) -> None:
    """Show code; ``assets/stage/code_text.js`` hears the button."""
    button = f'<button type="button" data-done="{escape(text("code.copied"))}">{escape(text("code.copy"))}</button>'
    place.html(f'<div class="roi-code">{button}<pre tabindex="0"><code>{escape(code)}</code></pre></div>')
