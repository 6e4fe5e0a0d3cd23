"""Fair turns: who asks for long answers, and one answer of Streamlit's sessions at a time.

A session of Streamlit is a thread, and all threads share one interpreter. Where many compute at once, the server is one
of many; where one does, it has every other turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

QUICK = 0.02  # seconds of an answer
FORGOTTEN = 5.0  # seconds until the time that a long answer took counts 1/e


class Cost:
    """What the longest answer of late took; those of long ago count less.

    >>> cost = Cost()
    >>> cost.is_quick(now=0.0)
    False
    >>> cost.charge(0.04, now=0.0)
    >>> cost.is_quick(now=1.0), cost.is_quick(now=4.0)
    (False, True)
    """

    def __init__(self) -> None:
        self._seconds, self._at = math.inf, 0.0

    def is_quick(self, now: float) -> bool:
        """Were the answers of late quick? Not before the first."""
        return self._seconds * math.exp((self._at - now) / FORGOTTEN) < QUICK

    def charge(self, seconds: float, now: float) -> None:
        """Note what an answer took."""
        before = 0.0 if self._seconds == math.inf else self._seconds * math.exp((self._at - now) / FORGOTTEN)
        self._seconds, self._at = max(seconds, before), now


class Turns:
    """One at a time: first those whose answers were quick of late, then the others, each in the order of coming."""

    def __init__(self) -> None:
        self._bell = threading.Condition()
        self._waiting: list[Cost] = []
        self._is_taken = False

    @contextmanager
    def turn(self, cost: Cost) -> Iterator[None]:
        """Wait for the turn, have it, and be charged for it."""
        with self._bell:
            self._waiting.append(cost)
            self._bell.wait_for(lambda: not self._is_taken and self._next() is cost)
            self._waiting.remove(cost)
            self._is_taken = True
        started = time.thread_time()
        try:
            yield
        finally:
            with self._bell:
                cost.charge(time.thread_time() - started, time.monotonic())
                self._is_taken = False
                self._bell.notify_all()

    def _next(self) -> Cost:
        now = time.monotonic()
        return next((cost for cost in self._waiting if cost.is_quick(now)), self._waiting[0])


TURNS = Turns()
"""The turns of this server's sessions."""
