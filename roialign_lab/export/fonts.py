"""The letters of a figure: fonts that come with the app, and how text fits a place. matplotlib is not loaded."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from roialign_lab.asset_folder import ASSETS

if TYPE_CHECKING:
    from PIL import ImageFont

FOLDER = ASSETS / "fonts"
REGULAR, BOLD = "Lab Sans SC", "Lab Sans SC Bold"
FAMILIES = [REGULAR, "DejaVu Sans"]
BOLD_FAMILIES = [BOLD, REGULAR, "DejaVu Sans"]
SUBSTITUTES = ("Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
"""What a viewer that has no Lab Sans SC may take instead: named in every SVG."""
WIDTH = 0.95  # of DejaVu Sans: at least as wide as Arial and as the font of the figures
WIDE_FROM = 0x2E80  # from here on a character is an em wide and a line may end after it
MEASURED = (range(0x20, 0x250), range(0x370, 0x400), range(0x2000, 0x2C00))
"""Characters whose widths are known where nothing can measure them."""
ADVANCES = FOLDER / "advances.json"
"""Their widths, which the build of the site writes: a browser's Python has no Pillow."""
LONGEST = 5000  # characters of a text that are read
WORD = re.compile(r"[⺀-\U0003ffff]|[^\s⺀-\U0003ffff]+|\s+")  # what no line is cut in, if there is room for it
CLOSING = "，。；：、）！？》」』”’…,.;:)!?"


def _of_matplotlib(name: str) -> Path:
    """A font file that comes with matplotlib, found without loading it: that takes long, and needs a folder."""
    package = find_spec("matplotlib")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "mpl-data" / "fonts" / "ttf" / name


def clean(text: str) -> str:
    """The text without what no file may hold: control characters, halves of pairs, orders to turn the writing round.

    >>> clean("a\\x00b\\u202e c\\ud800  d")
    'ab c d'
    """
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    spaced = re.sub(" +", " ", "".join(kept)).strip()
    return re.sub("[\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]", "", spaced)


@cache
def _advance(character: str) -> float:
    if ord(character) >= WIDE_FROM:
        return 1.0
    if find_spec("PIL") is None:
        return _advances().get(character, 1.0)
    return _ruler().getlength(character) / 100 * WIDTH


def advances() -> dict[str, float]:
    """The widths, in ems, of the characters that are :data:`MEASURED`."""
    return {chr(code): _advance(chr(code)) for codes in MEASURED for code in codes}


@cache
def _advances() -> Mapping[str, float]:
    known: dict[str, float] = json.loads(ADVANCES.read_text(encoding="utf-8"))
    return known


@cache
def _ruler() -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(_of_matplotlib("DejaVuSans.ttf"), 100, layout_engine=ImageFont.Layout.BASIC)


def width(text: str) -> float:
    """How wide a line of text is at most, in ems."""
    return sum(map(_advance, text))


def width_of_longest_word(text: str) -> float:
    """How wide a line has to be, in ems, to be cut only where a line may end.

    >>> width_of_longest_word("取整。"), width_of_longest_word("a word") == width("word")
    (1.0, True)
    """
    return max(map(width, WORD.findall(text)), default=0.0)


@dataclass(frozen=True)
class Fitted:
    """Text cut into lines for a place: in points, with how high it becomes in inches."""

    lines: tuple[str, ...]
    size: float
    height: float
    whole: bool = True


SPACING = 1.35  # of one line to the next


def fitted(texts: tuple[str, ...], wide: float, high: float, sizes: tuple[float, ...]) -> Fitted:
    """The paragraphs at the first of ``sizes`` (points) at which they fit ``wide`` x ``high`` inches, else cut.

    >>> fitted(("one two",), 0.6, 1.0, (12.0,)).lines
    ('one', 'two')
    """
    lines: list[str] = []
    for size in sizes:
        lines = [line for text in texts for line in wrapped(text[:LONGEST], wide * 72 / size)]
        if len(lines) * size * SPACING / 72 <= high:
            return Fitted(tuple(lines), size, len(lines) * size * SPACING / 72)
    room = max(int(high * 72 / SPACING / sizes[-1]), 1)
    lines = [*lines[: room - 1], _cut(lines[room - 1], wide * 72 / sizes[-1])]
    return Fitted(tuple(lines), sizes[-1], len(lines) * sizes[-1] * SPACING / 72, whole=False)


def _cut(line: str, ems: float) -> str:
    while line and width(line + "…") > ems:
        line = line[:-1]
    return line.rstrip() + "…"


def one_line(text: str, wide: float, size: float) -> str:
    """The text if it fits ``wide`` inches at ``size`` points, else its beginning and an ellipsis."""
    ems = wide * 72 / size
    return text if width(text[:LONGEST]) <= ems and len(text) <= LONGEST else _cut(text[: int(ems * 4)], ems)


def wrapped(text: str, ems: float) -> list[str]:
    """Lines of at most so many ems; a line may end at a space or after a Chinese character, and inside a long word."""
    lines, line, used = [], "", 0.0
    for word in _words(text, ems):
        size = width(word)
        if line.strip() and used + size > ems and not word.isspace() and word not in CLOSING:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not word.isspace():
            line, used = line + word, used + size
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _words(text: str, ems: float) -> Iterator[str]:
    for word in WORD.findall(text):
        start, used = 0, 0.0
        for k, character in enumerate(word):
            used += _advance(character)
            if used > ems and k > start:
                yield word[start:k]
                start, used = k, _advance(character)
        yield word[start:]
