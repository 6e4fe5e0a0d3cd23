"""The words, by key, from assets/text/{en,zh}.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from roialign_lab.asset_folder import ASSETS

LANGUAGES = ("en", "zh")
FOLDER = ASSETS / "text"
SEPARATORS = {"en": ", ", "zh": "、"}
STOPS = {"en": ".", "zh": "。"}
Values = Mapping[str, str | tuple[str, ...]]
"""What a sentence has room for, by name; several things are listed as the language lists them."""
COUNTED = re.compile(r"\{(\w+)\|([^|}]*)\|([^}]*)\}")
"""``{cells|cell|cells}``: the first words where the value is 1, the others where it is not."""


class Text:
    """The catalogue of one language: ``text("steps.roi_pool.snap.title")``, ``text("key", name=value)``."""

    def __init__(self, language: str, entries: Mapping[str, str]) -> None:
        self.language = language
        self.entries = entries
        self._under: dict[str, dict[str, str]] = {}  # found once: a page asks for all words of its stage each time

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that key, its placeholders filled in.

        >>> words = Text("en", {"read": "It reads {n} {n|cell|cells}."})
        >>> words("read", n=1), words("read", n=2), words("read", n=("1", "2"))
        ('It reads 1 cell.', 'It reads 2 cells.', 'It reads 1, 2 cells.')
        """
        sentence = self.entries[key]
        if not values:
            return sentence
        values = self.listed(values)
        return COUNTED.sub(lambda found: found[2 if str(values[found[1]]) == "1" else 3], sentence).format(**values)

    def listed(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values with every list as a text.

        >>> text_in("zh").listed({"sides": ("x2", "y2"), "n": "2"})
        {'sides': 'x2、y2', 'n': '2'}
        """
        between = SEPARATORS[self.language]
        return {name: between.join(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def under(self, prefix: str) -> dict[str, str]:
        """All sentences whose key begins with ``prefix.``, by the rest of the key.

        >>> Text("en", {"room.open": "Open", "room.ask.go": "Go", "rooms": "Rooms"}).under("room")
        {'open': 'Open', 'ask.go': 'Go'}
        """
        if prefix not in self._under:
            begin, entries = f"{prefix}.", self.entries.items()
            self._under[prefix] = {key.removeprefix(begin): value for key, value in entries if key.startswith(begin)}
        return self._under[prefix].copy()

    def ended(self, words: str) -> str:
        """The words as a sentence, with a full stop if they have no end of their own.

        >>> text_in("zh").ended("取整"), text_in("en").ended("They differ in:")
        ('取整。', 'They differ in:')
        """
        return words if words.endswith(tuple(".!?:…。！？：")) else words + STOPS[self.language]

    def paragraph(self, sentences: Iterable[str]) -> str:
        """Sentences one after another, in Chinese without a space between.

        >>> text_in("en").paragraph(["One.", "Two."]), text_in("zh").paragraph(["一。", "二。"])
        ('One. Two.', '一。二。')
        """
        return ("" if self.language == "zh" else " ").join(sentences)


@cache
def text_in(language: str) -> Text:
    """The catalogue of ``en`` or ``zh``.

    >>> text_in("zh")("menu.roi_align")
    'RoI Align'
    """
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return Text(language, dict(_flat(tomllib.load(file))))


def plain(text: str) -> str:
    """The text without its role marks.

    >>> plain("This [sample:×] sits between [neighbor:four cells].")
    'This × sits between four cells.'
    """
    return re.sub(r"\[\w+:([^\]]*)\]", r"\1", text)


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value).strip()
