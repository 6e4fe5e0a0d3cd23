"""Work on two threads that take jobs from the two ends of one list.

Threads hand the interpreter's lock to each other at every call of NumPy, and a handover costs as much as a short call.
So one of them takes the short jobs and the other the long ones: the long ones seldom ask for the lock.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Job = TypeVar("Job")
Work = Callable[[Iterator[Job]], None]


def at_both_ends(work: Work[Job], jobs: list[Job], *, alone: bool) -> None:
    """``work`` on all ``jobs``, which are ordered from short to long; on this thread only if ``alone``."""
    left = deque(jobs)
    others = set() if alone else _other_processors()
    if not others:
        work(_taken(left.popleft))
        return
    failures: list[BaseException] = []
    helper = Thread(target=copy_context().run, args=(_help, work, left, others, failures), daemon=True)
    with _kept_away_from(others):
        helper.start()
        try:
            work(_taken(left.popleft))
        finally:
            helper.join()
    if failures:
        raise failures[0]


def _help(work: Work[Job], left: deque[Job], processors: set[int], failures: list[BaseException]) -> None:
    try:
        os.sched_setaffinity(0, processors)
        work(_taken(left.pop))
    except BaseException as failure:
        failures.append(failure)


def _taken(take: Callable[[], Job]) -> Iterator[Job]:
    while True:
        try:
            yield take()
        except IndexError:
            return


def _other_processors() -> set[int]:
    """Where a second thread runs beside this one; none where the system cannot say.

    Left alone, Linux wakes a thread on the processor of the one that woke it, and there the two would take turns.
    """
    if not hasattr(os, "sched_setaffinity"):
        return set()
    return os.sched_getaffinity(0) - {ctypes.CDLL(None).sched_getcpu()}


@contextmanager
def _kept_away_from(processors: set[int]) -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, allowed - processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
