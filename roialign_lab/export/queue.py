"""Where slides and figures are made: a process of its own for all sessions, so that drawing never holds up a drag.

Jobs wait in a line of bounded length and are told their place in it. The process ends when nothing comes for a while.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roialign_lab.figures.formats import FIGURE, SECONDS

if TYPE_CHECKING:
    from roialign_lab.export.layout import Sheet

Process = subprocess.Popen[bytes]
MOST_WAITING = {False: 20, True: 60}  # decks, and single figures, which go before them
IDLE = 60.0  # seconds


class FullError(Exception):
    """As many jobs wait as may."""


class Job:
    """Something to be made. ``made`` is bytes, or a list of pictures for thumbnails; None until it is done."""

    def __init__(self, sheets: Sequence[Sheet], kind: str, seconds: float) -> None:
        self.order = (tuple(sheets), kind, seconds)
        self.quick = kind.startswith(FIGURE)
        self.ended = threading.Event()
        self.done, self.all = 0, len(sheets)
        self.made: Any = None
        self.failed = self.dropped = self.running = False

    @property
    def over(self) -> bool:
        """True when nothing more will happen."""
        return self.made is not None or self.failed


class Workshop:
    """The line of jobs, the process that does them, and the thread that brings them to it."""

    def __init__(self) -> None:
        self.line: list[Job] = []
        self.lock = threading.Lock()
        self.bell = threading.Condition(self.lock)
        self.bringing = False

    def ask(self, sheets: Sequence[Sheet], kind: str, seconds: float = SECONDS) -> Job:
        """A new job at the end of the line; a single figure goes before the decks that have not begun.

        Raises
        ------
        FullError : where :data:`MOST_WAITING` jobs of its kind wait already.
        """
        job = Job(sheets, kind, seconds)
        with self.lock:
            if sum(other.quick is job.quick for other in self.line) >= MOST_WAITING[job.quick]:
                raise FullError
            behind = (k for k, other in enumerate(self.line) if job.quick and not other.quick and not other.running)
            self.line.insert(next(behind, len(self.line)), job)
            self.bell.notify()
            if not self.bringing:
                self.bringing = True
                threading.Thread(target=self._bring, daemon=True).start()
        return job

    def place(self, job: Job) -> int:
        """How many jobs come before this one."""
        with self.lock:
            return self.line.index(job) if job in self.line else 0

    def drop(self, job: Job | None) -> None:
        """Nobody wants it any more: it leaves the line, if it has not begun."""
        with self.lock:
            if job in self.line and not job.running:
                self.line.remove(job)

    def _bring(self) -> None:
        here: Process | None = None
        while True:
            with self.lock:
                if not self.line and not self.bell.wait_for(lambda: bool(self.line), IDLE):
                    self.bringing = False
                    if here is not None:
                        here.communicate()  # its input ends, and so does it
                    return
                job = self.line[0]
                job.running = True
            try:
                here = here or _start()
                self._give(here, job)
            except (EOFError, OSError, pickle.UnpicklingError):
                job.failed, here = True, None  # the process is gone: the next job gets another
            with self.lock:
                self.line.remove(job)
            job.ended.set()

    def _give(self, here: Process, job: Job) -> None:
        assert here.stdin is not None and here.stdout is not None
        pickle.dump(job.order, here.stdin)
        here.stdin.flush()
        while not job.over:
            kind, value = pickle.load(here.stdout)
            if kind == "progress":
                job.done = value
            elif kind == "made":
                job.made = value
            else:
                job.failed = True


def _start() -> Process:
    """Start the process that draws, with the import path of this process.

    It imports nothing (``-P``) from the folder that the app was started in.

    Not by ``multiprocessing``: that would run the page again, which Streamlit calls the main module.
    """
    import_path = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "roialign_lab.export.worker"],
        env={**os.environ, "PYTHONPATH": import_path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@cache
def workshop() -> Workshop:
    """The queue of this server, made at the first call."""
    return Workshop()
