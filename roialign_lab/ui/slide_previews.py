"""A small picture of every slide of a deck, painted in a moment: no line, no other process.

A class looks at the same deck: what was painted for one is there for all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.lesson_file import write_lesson
from roialign_lab.export.svg import preview
from roialign_lab.lesson.lesson_part import BASE

MOST_KEPT = 8_000_000  # characters of SVG


@dataclass
class Previews:
    """What was painted, by the deck that it shows and the number of the slide."""

    kept: OrderedDict[str, dict[int, str]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, deck: Deck, turn: Callable[[], AbstractContextManager[None]]) -> Iterator[str]:
        """Each slide as SVG, as soon as it is there; what has to be painted is painted in a ``turn`` of its own.

        >>> from contextlib import nullcontext
        >>> from roialign_lab.lesson.lesson_part import Part
        >>> previews, deck = Previews(), Deck((Part("roi_pool", steps=("map", "max")),))
        >>> [picture[:4] for picture in previews.of(deck, nullcontext)], len(previews.kept)
        (['<svg', '<svg'], 1)
        """
        key = write_lesson(replace(deck, base=BASE))
        with self.lock:
            painted = self.kept.setdefault(key, {})
            self.kept.move_to_end(key)
        made = None
        for k in range(deck.slides):
            if k not in painted:
                with turn():
                    made = made or sheets(deck)
                    picture = preview(made[k])
                with self.lock:
                    painted[k] = picture
            yield painted[k]
        with self.lock:
            while len(self.kept) > 1 and sum(len(one) for of in self.kept.values() for one in of.values()) > MOST_KEPT:
                self.kept.popitem(last=False)


PREVIEWS = Previews()
"""Those of this server."""
