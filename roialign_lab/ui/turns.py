"""Fair turns: who asks for long answers, who asks for too many, and one answer of Streamlit's sessions at a time.

A session of Streamlit is a thread, and all threads share one interpreter. Where many compute at once, the server is one
of many; where one does, it has every other turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

QUICK = 0.02  # seconds of an answer
FORGOTTEN = 5.0  # seconds until the time that a long answer took counts 1/e
SUMMED = 10.0  # seconds until the time that all answers took counts 1/e
SHARE = 0.03  # of the time of one processor: what a session that is not alone has for its answers, half of a run
LONGEST_REST = 1.0  # seconds
SHARE_OF_DEAR = 0.04  # of the time: what all have together who took more than their share with long answers
LONGEST_REST_OF_DEAR = 3.0  # seconds
COMPANY = 2.0  # seconds after which somebody who asked is not counted as there
Answer = TypeVar("Answer")


class Cost:
    """What the longest answer of late took, and all of them together; those of long ago count less.

    >>> cost = Cost()
    >>> cost.is_quick(now=0.0)
    False
    >>> cost.charge(0.04, now=0.0)
    >>> cost.is_quick(now=1.0), cost.is_quick(now=4.0)
    (False, True)

    Who takes more than a share of the time rests until it is no more than that:

    >>> for second in range(5):
    ...     cost.charge(0.4, now=5.0 + second)
    >>> cost.rest(0.5, now=9.0), round(cost.rest(0.08, now=9.0), 2), round(cost.rest(0.08, now=9.3), 2)
    (0.0, 7.36, 7.06)
    """

    def __init__(self) -> None:
        self._seconds, self._together, self._at = math.inf, 0.0, 0.0

    def is_quick(self, now: float) -> bool:
        """Were the answers of late quick? Not before the first."""
        return self._seconds * math.exp((self._at - now) / FORGOTTEN) < QUICK

    def charge(self, seconds: float, now: float) -> None:
        """Note what an answer took."""
        passed = now - self._at
        before = 0.0 if self._seconds == math.inf else self._seconds * math.exp(-passed / FORGOTTEN)
        self._together = self._together * math.exp(-passed / SUMMED) + seconds
        self._seconds, self._at = max(seconds, before), now

    def rest(self, share: float, now: float) -> float:
        """Seconds until the answers of late took no more than this share of the time."""
        too_much = self._together / (share * SUMMED)
        return max(0.0, self._at - now + SUMMED * math.log(too_much)) if too_much > 1 else 0.0


class Series(Cost):
    """What answers take that come one after the other: a rest is before the first, where they took much of late, and
    not between one and the next.

    >>> cost = Series()
    >>> cost.charge(2.0, now=0.0)
    >>> cost.rest(0.03, now=0.0)
    0.0
    >>> cost.begin()
    >>> cost.rest(0.03, now=0.0) > 1
    True
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_first = True

    def begin(self) -> None:
        """The first one comes."""
        self.is_first = True

    def charge(self, seconds: float, now: float) -> None:
        """As of any answer."""
        super().charge(seconds, now)
        self.is_first = False

    def rest(self, share: float, now: float) -> float:
        """None between two of them."""
        return super().rest(share, now) if self.is_first else 0.0


class Company:
    """Is somebody else there?

    >>> company = Company()
    >>> [company.join(who, now=float(now)) for now, who in enumerate("aabbaaaa")]
    [False, False, True, True, True, True, False, False]
    """

    def __init__(self) -> None:
        self._last: object = None
        self._changed = -math.inf

    def join(self, who: object, now: float) -> bool:
        """Note that ``who`` asks; was it somebody else a moment ago?"""
        if who is not self._last:
            self._changed = -math.inf if self._last is None else now
            self._last = who
        return now - self._changed < COMPANY


class Turns:
    """One at a time: first those whose answers were quick of late, then the others, each in the order of coming."""

    def __init__(self) -> None:
        self._bell = threading.Condition()
        self._waiting: list[Cost] = []
        self._company = Company()
        self.dear = Cost()  # the long answers of those who took more than their share, all together
        self._is_taken = False
        self._chosen: Cost | None = None  # whose turn it is, while it is not taken

    @contextmanager
    def turn(self, cost: Cost) -> Iterator[None]:
        """Wait for the turn, have it, and be charged for it. Who is not alone and took much of late rests first."""
        now = time.monotonic()
        with self._bell:
            has_company = self._company.join(cost, now)
            is_dear = _is_dear(cost, now)
        if has_company:
            time.sleep(self.rest(cost, now))
        with self._bell:
            self._waiting.append(cost)
            self._choose()
            self._bell.wait_for(lambda: self._chosen is cost)
            self._waiting.remove(cost)
            self._is_taken, self._chosen = True, None
        started = time.thread_time()
        try:
            yield
        finally:
            with self._bell:
                seconds, now = time.thread_time() - started, time.monotonic()
                cost.charge(seconds, now)
                if is_dear:
                    self.dear.charge(seconds, now)
                self._is_taken = False
                self._choose()
                self._bell.notify_all()

    def each(self, answers: Iterable[Answer], cost: Series) -> Iterator[Answer]:
        """Answers that are computed one after the other, each in a turn of its own."""
        cost.begin()
        coming = iter(answers)
        while True:
            with self.turn(cost):
                answer = next(coming, None)
            if answer is None:
                return
            yield answer

    def rest(self, cost: Cost, now: float) -> float:
        """Seconds that who is not alone rests. Those who took more than their share with long answers share a rest: so
        many of them take no more than a few."""
        own = min(cost.rest(SHARE, now), LONGEST_REST)
        return max(own, min(self.dear.rest(SHARE_OF_DEAR, now), LONGEST_REST_OF_DEAR)) if _is_dear(cost, now) else own

    def _choose(self) -> None:
        """Say whose turn is next, once: who is quick changes while those who wait look, one after the other."""
        if self._waiting and not self._is_taken and self._chosen is None:
            now = time.monotonic()
            self._chosen = next((cost for cost in self._waiting if cost.is_quick(now)), self._waiting[0])


def _is_dear(cost: Cost, now: float) -> bool:
    return cost.rest(SHARE, now) > 0 and not cost.is_quick(now)


TURNS = Turns()
"""The turns of this server's sessions."""
