"""A second thread on another processor, and work that two threads take from the two ends of one list.

Threads hand the interpreter's lock to each other at every call of NumPy, and a handover costs as much as a short call.
So one of them takes the short jobs and the other the long ones: the long ones seldom ask for the lock.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from threading import Lock
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")
Work = Callable[[Iterator[Job]], None]


@contextmanager
def second_thread(*, wanted: bool) -> Iterator[Executor]:
    """One more thread, kept on another processor than this one meanwhile.

    This very thread where no other is wanted, or there is no other processor, or while someone else has it.
    """
    others = _other_processors() if wanted else set()
    beside = _beside
    if not others or not beside.free.acquire(blocking=False):
        yield _AtOnce()
        return
    try:
        yield from _on(others, beside)
    finally:
        beside.free.release()


def _on(others: set[int], beside: _Beside) -> Iterator[Executor]:
    """``beside`` on the ``others``, and this thread kept off them meanwhile."""
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, allowed - others)
        beside.submit(os.sched_setaffinity, 0, others)
        second: Executor = beside
    except (OSError, RuntimeError):  # it is not allowed; or the interpreter is about to end, and no thread begins
        second = _AtOnce()
    try:
        yield second
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)


def at_both_ends(work: Work[Job], jobs: list[Job], second: Executor) -> None:
    """``work`` on all ``jobs``, which are ordered from short to long, here and on the ``second`` thread."""
    left = deque(jobs)
    other = second.submit(work, _taken(left.pop)) if isinstance(second, _Beside) else None
    try:
        work(_taken(left.popleft))
    finally:
        if other:
            other.result()


class _Beside(ThreadPoolExecutor):
    """One thread, started when it is first needed, that works in the context of who calls: ``errstate`` is part of it.

    ``free`` is held by the one who has it.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self.free = Lock()

    def submit(self, fn: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        return super().submit(copy_context().run, fn, *args, **options)


class _AtOnce(Executor):
    """Does everything when it is given, where it is given."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        done: Future[Result] = Future()
        done.set_result(fn(*args, **options))
        return done


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
    try:
        allowed, mine = os.sched_getaffinity(0), _running_on()
    except OSError:
        return set()
    return allowed - {mine} if mine in allowed else set()


def _start_anew() -> None:
    """In a process that was forked: threads do not come along."""
    global _beside
    _beside = _Beside()


_running_on: Callable[[], int] = ctypes.CDLL(None).sched_getcpu if hasattr(os, "sched_setaffinity") else int
_beside = _Beside()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
