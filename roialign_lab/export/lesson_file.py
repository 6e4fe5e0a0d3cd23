"""A deck on disk: the parts of a ``lesson.toml``, and how their slides look."""

from __future__ import annotations

from dataclasses import fields

from roialign_lab.export.deck import Deck
from roialign_lab.lesson.lesson_file import DECK_KEYS, line_of, placed, quoted, read_parts, write_part
from roialign_lab.lesson.lesson_part import DeckError

assert {field.name for field in fields(Deck)} == {"parts", *DECK_KEYS}


def read_lesson(written: str) -> Deck:
    """The deck that a ``lesson.toml`` describes.

    Raises
    ------
    LessonError : with the line and the key of the first thing that cannot be used.

    >>> deck = read_lesson('theme = "dark"\\n[[part]]\\nwalk = "roi_pool"\\nbox = "0,3,7,8"\\nsteps = ["snap"]\\n')
    >>> deck.theme, deck.parts[0].scenario.box, deck.parts[0].keys
    ('dark', (0.0, 3.0, 7.0, 8.0), ('snap',))
    """
    parts, options = read_parts(written)
    try:
        return Deck(parts, **options)
    except DeckError as error:
        name = error.values.get("name", "part")
        raise placed(error, line_of(written, name), name) from None


def write_lesson(deck: Deck) -> str:
    """The ``lesson.toml`` of a deck: :func:`read_lesson` gives the same deck.

    >>> from roialign_lab.lesson.lesson_part import Part
    >>> read_lesson(write_lesson(Deck((Part("roi_align", steps=("join",)),)))).parts[0].keys
    ('join',)
    """
    lines = []
    for name in DECK_KEYS:
        value = getattr(deck, name)
        lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else quoted(value)}\n")
    return "\n".join(["".join(lines), *map(write_part, deck.parts)])
