"""A lesson as one HTML file: the stage of the app, answered from a recording. It loads nothing and asks nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from itertools import count
from string import Template
from typing import Any

from roialign_lab.asset_folder import ASSETS
from roialign_lab.export.deck import Deck
from roialign_lab.export.fonts import clean
from roialign_lab.export.recording import Pool, recorded
from roialign_lab.figures.style import THEMES
from roialign_lab.lesson.lesson_part import RECORDED, DeckError, Part
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.script_files import STYLE, in_html, one_script, script_files

FOLDER = ASSETS / "html_file"
ENTRY = "html_file.js"
WORDS = ("theme", "light", "dark")
INDENTED = re.compile(r"\n\s+")
LOOK = "width: 100%; height: 720px; border: 0"
FRAME = """<iframe title="{title}" sandbox="allow-scripts" style="{look}" srcdoc='{page}'></iframe>\n"""
WITHOUT_CAPTIONS = ".roi-sentence > p { display: none; }\n"


def html_file(deck: Deck, progress: Callable[[int, int], None]) -> bytes:
    """The file of a deck: its parts one after the other, or by a menu; ``progress`` is told how many steps are done.

    It begins in the deck's language, and dark where that is the deck's theme; else as the browser has it.
    """
    parts, pool, done = playable(deck), Pool(), count(1)
    steps = sum(len({*part.slides}) for part in parts)
    made = [recorded(parts, k, pool, lambda: progress(next(done), steps)) for k in range(len(parts))]
    title = clean(deck.title) or text_in(deck.language)("app.name")
    file: dict[str, Any] = {
        "title": title,
        "language": deck.language,
        "scheme": deck.theme if deck.theme == THEMES[1] else "",
        "words": {name: {key: text_in(name)(f"html_file.{key}") for key in WORDS} for name in LANGUAGES},
        "recording": {"languages": LANGUAGES, "names": pool.names, "pool": pool.values, "parts": made},
    }
    style = script_files()[STYLE] + _read("page.css") + ("" if deck.captions else WITHOUT_CAPTIONS)
    page = Template(_read("page.html")).substitute(
        language=deck.language,
        title=escape(title),
        unable=escape(" ".join(text_in(name)("html_file.unable") for name in LANGUAGES)),
        style=INDENTED.sub("\n", style),
        script=INDENTED.sub("\n", one_script(ENTRY)),
        file=in_html(json.dumps(file, ensure_ascii=False, separators=(",", ":"))),
    )
    return page.encode()


def fragment(page: bytes, deck: Deck) -> bytes:
    """A page as one line for another page (reveal.js, Quarto, a text of one's own): a frame that holds it.

    Neither sees the other's styles and scripts. A text in Markdown may have no empty line in a piece of HTML.
    """
    whole = page.decode()
    for sign, written in (("&", "&amp;"), ("'", "&#39;"), ("\n", "&#10;")):
        whole = whole.replace(sign, written)
    title = clean(deck.title) or text_in(deck.language)("app.name")
    return FRAME.format(title=escape(title), look=LOOK, page=whole).encode()


def playable(deck: Deck) -> list[Part]:
    """The parts of a deck that a page can play.

    Raises
    ------
    DeckError : where there is none.
    """
    parts = [part for part in deck.parts if part.walk in RECORDED]
    if not parts:
        raise DeckError("not_played", choices=", ".join(RECORDED))
    return parts


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
