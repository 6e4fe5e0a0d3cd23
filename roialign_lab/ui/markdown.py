"""Values in sentences that Streamlit takes for Markdown: the name of a file must not become a picture or a link."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roialign_lab.lesson.text import Text


def literal(value: str) -> str:
    """The value as Markdown that shows it letter by letter, in one line.

    >>> literal("![](http://x/a_b.png)")
    '\\\\!\\\\[\\\\]\\\\(http\\\\:\\\\/\\\\/x\\\\/a\\\\_b\\\\.png\\\\)'
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(value.split()))


def sentence(text: Text, key: str, values: Mapping[str, str]) -> str:
    """The sentence of that key; what it quotes is shown letter by letter."""
    return text(key, **{name: literal(value) for name, value in values.items()})
