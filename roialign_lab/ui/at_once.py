"""Light answers, which the server gives itself: a drag that goes on saves the way to another process and back.

A message is light where the one before it was answered quickly and differs from it in nothing but the place that is
looked at, on a map and with samples whose number that place does not change. So what it costs is known before it is
answered. The server spends no more than a part of its time so; the rest is for everybody's messages.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from urllib.parse import unquote_plus

QUICK = 0.005  # seconds that an answer may keep the others waiting
SHARE = 0.3  # of the server's time
FORGOTTEN = 1.0  # seconds until time that was spent counts 1/e
PLACES = {"page", "address", "have", "seq", "box", "point", "focus"}
GROWS = ("own-", "photo", "matrix-", "samples=0")  # in an address: what an answer costs depends on the box


def question(message: str) -> tuple[object, ...] | None:
    """What a message asks but for the place that is looked at; None where its cost may depend on that place.

    >>> question('{"page": "home", "address": "samples=2", "have": "1f", "box": [0, 0, 2, 2], "seq": 7}')
    ('home', 'samples=2', '1f')
    >>> question('{"page": "home", "address": "s%61mples=%30", "have": "1f"}'), question("}")
    (None, None)
    """
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not event.keys() <= PLACES:
        return None
    page, address, have = (event.get(name) for name in ("page", "address", "have"))
    if not (isinstance(page, str) and isinstance(address, str) and isinstance(have, str)):
        return None
    read = unquote_plus(address)
    return None if any(part in read for part in GROWS) else (page, address, have)


@dataclass
class Spent:
    """The time that the server spent on answers of its own.

    >>> spent = Spent()
    >>> spent.charge(0.35, now=0.0)
    >>> spent.has_time(now=0.0), spent.has_time(now=0.5)
    (False, True)
    """

    seconds: float = 0.0
    at: float = -math.inf

    def lately(self, now: float) -> float:
        """Seconds, those of long ago counting less."""
        return self.seconds * math.exp((self.at - now) / FORGOTTEN)

    def has_time(self, now: float) -> bool:
        """Is there time for another answer?"""
        return self.lately(now) < SHARE

    def charge(self, seconds: float, now: float) -> None:
        """Note what an answer took."""
        self.seconds, self.at = self.lately(now) + seconds, now
