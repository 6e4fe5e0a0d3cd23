"""Fair turns: what time somebody used lately, and one answer of Streamlit's sessions at a time.

A session of Streamlit is a thread, and all threads share one interpreter. Where many compute at once, the server is one
of many; where one does, it has every other turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

FORGOTTEN = 1.0  # seconds until the time that was used counts 1/e …
REMEMBERED = 5.0  # … and the time that the longest answer took


class Use:
    """The time that the answers to somebody took.

    >>> use = Use()
    >>> use.charge(0.5, now=0.0)
    >>> round(use.lately(now=1.0), 3), round(use.longest(now=5.0), 3)
    (0.184, 0.184)
    """

    def __init__(self) -> None:
        self._use, self._longest, self._at = 0.0, math.inf, 0.0

    def lately(self, now: float) -> float:
        """Seconds of answers, those of long ago counting less."""
        return self._use * math.exp((self._at - now) / FORGOTTEN)

    def longest(self, now: float) -> float:
        """Seconds of the longest answer of late; infinite before the first."""
        return self._longest * math.exp((self._at - now) / REMEMBERED)

    def charge(self, seconds: float, now: float) -> None:
        """Note what an answer took."""
        longest = 0.0 if self._longest == math.inf else self.longest(now)
        self._use, self._longest, self._at = self.lately(now) + seconds, max(seconds, longest), now


class Turns:
    """One at a time; the next is who used the least."""

    def __init__(self) -> None:
        self._bell = threading.Condition()
        self._waiting: list[Use] = []
        self._is_taken = False

    @contextmanager
    def turn(self, use: Use) -> Iterator[None]:
        """Wait for the turn, have it, and be charged for it."""
        with self._bell:
            self._waiting.append(use)
            self._bell.wait_for(lambda: not self._is_taken and self._next() is use)
            self._waiting.remove(use)
            self._is_taken = True
        started = time.thread_time()
        try:
            yield
        finally:
            with self._bell:
                use.charge(time.thread_time() - started, time.monotonic())
                self._is_taken = False
                self._bell.notify_all()

    def _next(self) -> Use:
        now = time.monotonic()
        return min(self._waiting, key=lambda use: use.lately(now))


TURNS = Turns()
"""The turns of this server's sessions."""
