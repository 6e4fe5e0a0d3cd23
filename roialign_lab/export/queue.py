"""Where slides and figures are made: processes of their own for all sessions, so that drawing holds up no drag.

One makes figures, one decks and sheets, one films: no figure waits for a deck, and no deck for a film. A person has one
place in each line. A process that hangs or dies is replaced, and what it was at is tried once more; it ends when
nothing comes for a while.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roialign_lab.export.deck import Deck
from roialign_lab.export.film import films_in
from roialign_lab.export.html_file import playable
from roialign_lab.figures.formats import DECK, FIGURE, FILMS, PLAYED, WORKSHEET
from roialign_lab.lesson.maps import uploads_for

if TYPE_CHECKING:
    from roialign_lab.figures.picture import Picture

Process = subprocess.Popen[bytes]
WORKER = (sys.executable, "-P", "-m", "roialign_lab.export.worker")  # -P: nothing from the folder of the app's start
TICK = 0.5  # seconds between two looks at whether the process still works and the person is still here
TRIES = 2
GIVE_BACK = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "262144"}
"""To glibc: give back what was freed. A process that waits holds 10 to 50 MB less."""


class FullError(Exception):
    """As many jobs wait as may, in all or from one address."""


@dataclass(frozen=True)
class Person:
    """Who asks: a session by its ``key``, the network address that it comes from, and whether it is still open."""

    key: str
    address: str = ""
    is_here: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Limits:
    """Of one line. A class of sixty sits behind one address, so an address may have more places than that.

    In seconds: ``silent`` from one sign of life of a job to the next, ``whole`` of a whole job, ``away`` without the
    person (a dropped connection comes back), ``idle`` until a process ends that nobody needs. ``rest``: how often the
    time that a job took passes until the next one of the same person begins, at most ``longest_rest``.
    """

    waiting: int = 200
    of_address: int = 100
    silent: float = 30.0
    whole: float = 300.0
    away: float = 20.0
    idle: float = 10.0
    rest: float = 0.0
    longest_rest: float = 300.0
    kept: int = 64_000_000  # bytes of files that are ready and not fetched
    brought: int = 100_000_000  # bytes of the files that wait with the jobs that they are for: templates


@dataclass(eq=False)
class Job:
    """Something to be made: ``order`` is what the process gets, ``made`` what came back.

    Once it is over, of ``order`` only its words are left.

    ``problem`` says why there is nothing: ``"failed"``, ``"slow"``, ``"large"``, ``"cancelled"``, or ``"forgotten"``
    where it was there and gave way to others; or the key of a sentence about what was given, which has room for what is
    ``told``.
    """

    order: tuple[Any, ...]
    person: Person
    all: int = 1
    line: Line | None = None
    done: int = 0
    made: Any = None
    problem: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    heard: float = 0.0  # when the process gave a sign of life, and when the person was there, by time.monotonic
    seen: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """True when nothing more will happen."""
        return self.made is not None or bool(self.problem)

    @property
    def brought(self) -> int:
        """Bytes of the files that came with it."""
        return sum(len(part) for part in self.order if isinstance(part, bytes))

    def end(self) -> None:
        """Nothing more will happen: what it was made of is let go, a template or the maps of a file."""
        self.order = tuple(part if isinstance(part, str) else None for part in self.order)
        self.ended.set()


class Line:
    """Jobs in their order, the process that does them, and the thread that brings them to it."""

    def __init__(self, limits: Limits = Limits(), command: Sequence[str] = WORKER) -> None:
        self.limits, self.command = limits, command
        self.waiting: list[Job] = []
        self.kept: list[Job] = []
        self.rested: dict[str, float] = {}  # when the next job of a person may begin, by time.monotonic
        self.running: Job | None = None
        self.process: Process | None = None
        self.lock = threading.Condition()
        self.is_served = False

    def ask(self, order: tuple[Any, ...], person: Person, count: int = 1, *, stops: bool = False) -> Job:
        """A new job of ``count`` sheets at the end of the line, in place of what this person still waits for.

        With ``stops`` also in place of what is being made for this person: no moment is between the two, in which a
        job would be neither.

        Raises
        ------
        FullError : where as many jobs wait as may, or files as large; what this person has is left to them.
        """
        job = Job(order, person, count, self)
        with self.lock:
            self._leave_absent()
            own = [other for other in self.waiting if other.person.key == person.key]
            of_address = sum(other.person.address == person.address for other in self.waiting if other not in own)
            if len(self.waiting) - len(own) >= self.limits.waiting or of_address >= self.limits.of_address:
                raise FullError
            brought = sum(other.brought for other in self.waiting if other not in own)
            if job.brought and brought + job.brought > self.limits.brought:
                raise FullError
            if stops and self.running is not None and self.running.person.key == person.key:
                self.cancel(self.running)
            for other in own:
                self._leave(other, "cancelled")
            self.waiting.append(job)
            self.lock.notify()
            if not self.is_served:
                self.is_served = True
                threading.Thread(target=self._serve, daemon=True).start()
        return job

    def place(self, job: Job) -> int:
        """How many jobs come before this one; who asks is here."""
        with self.lock:
            job.seen = time.monotonic()
            return self.waiting.index(job) + (self.running is not None) if job in self.waiting else 0

    def cancel(self, job: Job | None) -> None:
        """Nobody wants it any more: it leaves the line, and if it has begun, its process ends."""
        with self.lock:
            if job is None or job.over:
                return
            if job in self.waiting:
                self._leave(job, "cancelled")
            elif job is self.running:
                job.problem = "cancelled"
                self._kill()

    def give_up(self, person: Person, kind: str) -> None:
        """This person wants no job of that kind any more, waiting or begun."""
        with self.lock:
            running = [] if self.running is None else [self.running]
            for job in [*self.waiting, *running]:
                if job.person.key == person.key and job.order[0] == kind:
                    self.cancel(job)

    # ---- in the lock ----------------------------------------------------------------------------------------------

    def _next(self) -> Job | None:
        """The first job of somebody who has rested, taken from the line; None after waiting where there is none."""
        now = time.monotonic()
        rests = [self.rested.get(job.person.key, 0.0) - now for job in self.waiting]
        for job, rest in zip(self.waiting, rests, strict=True):
            if rest <= 0:
                self.waiting.remove(job)
                return job
        self.lock.wait(min(rests, default=0.0))
        return None

    def _leave(self, job: Job, problem: str) -> None:
        self.waiting.remove(job)
        job.problem = problem
        job.end()

    def _leave_absent(self) -> None:
        for job in [*self.waiting]:
            if self._is_away(job):
                self._leave(job, "cancelled")

    def _is_away(self, job: Job) -> bool:
        now = time.monotonic()
        if job.person.is_here():
            job.seen = now
        return now - job.seen > self.limits.away

    def _kill(self) -> None:
        if self.process is not None:
            self.process.kill()

    def _keep(self, job: Job) -> None:
        """What is ready stays until it is too much for one server: then the oldest gives way."""
        self.kept = [other for other in [*self.kept, job] if isinstance(other.made, bytes)]
        while len(self.kept) > 1 and sum(len(other.made) for other in self.kept) > self.limits.kept:
            oldest = self.kept.pop(0)
            oldest.made, oldest.problem = None, "forgotten"

    # ---- the thread that brings jobs to the process ---------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            with self.lock:
                if not self.lock.wait_for(lambda: bool(self.waiting), self.limits.idle):
                    self.is_served = False
                    idle, self.process = self.process, None
                    break
                self._leave_absent()
                job = self._next()
                if job is None:
                    continue
                self.running = job
            started = time.monotonic()
            self._do(job)
            with self.lock:
                self.running, ended = None, time.monotonic()
                self.rested = {key: until for key, until in self.rested.items() if until > ended}
                self.rested[job.person.key] = ended + min(
                    self.limits.rest * (ended - started), self.limits.longest_rest
                )
                self._keep(job)
            job.end()
        if idle is not None:
            _end(idle)

    def _do(self, job: Job) -> None:
        """Have it made, by another process once more if the first is gone."""
        until = time.monotonic() + self.limits.whole
        job.heard = time.monotonic()
        threading.Thread(target=self._watch, args=(job, until), daemon=True).start()
        for _ in range(TRIES):
            try:
                self._give(self._ready(), job)
            except Exception as error:  # whatever it is, the next job must not suffer
                if not job.problem:  # else it was stopped
                    print(f"{job.order[0]}: {error!r}", file=sys.stderr, flush=True)
                self._put_away()
            if job.problem in ("cancelled", "slow"):
                self._put_away()  # it may have ended its job just before
            if job.over:
                return
            job.heard = time.monotonic()
        with self.lock:
            job.problem = job.problem or "failed"

    def _put_away(self) -> None:
        with self.lock:
            process, self.process = self.process, None
        if process is not None:
            process.kill()
            _end(process)

    def _ready(self) -> Process:
        """The process, a new one where there is none or it has ended."""
        with self.lock:
            if self.process is not None and self.process.poll() is not None:
                _end(self.process)
                self.process = None
            if self.process is None:
                self.process = _start(self.command)
            return self.process

    def _give(self, process: Process, job: Job) -> None:
        assert process.stdin is not None and process.stdout is not None
        pickle.dump(job.order, process.stdin)
        process.stdin.flush()
        while not job.over:
            kind, value = pickle.load(process.stdout)
            job.heard = time.monotonic()
            with self.lock:
                if kind == "progress":
                    job.done = value
                elif job.problem:
                    return
                elif kind == "made":
                    job.made = value
                else:
                    job.problem, job.told = kind, value or {}

    def _watch(self, job: Job, until: float) -> None:
        """End the process of a job that takes too long, gives no sign of life, or that nobody waits for."""
        while not job.ended.wait(TICK):
            with self.lock:
                if job is not self.running or job.over:
                    return
                now = time.monotonic()
                if self._is_away(job):
                    job.problem = "cancelled"
                elif now > until:
                    job.problem = "slow"
                if job.problem or now - job.heard > self.limits.silent:
                    self._kill()


def _start(command: Sequence[str]) -> Process:
    """Start the process that draws, with the import path of this process.

    Not by ``multiprocessing``: that would run the page again, which Streamlit calls the main module.
    """
    import_path = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    environment = {**os.environ, **GIVE_BACK, "PYTHONPATH": import_path}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _end(process: Process) -> None:
    """Close its input, upon which it ends; if it does not, end it."""
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        try:
            pipe.close()
        except OSError:  # what was written last did not arrive
            continue
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


LONG = Limits(rest=1.0, longest_rest=30.0)


@dataclass(frozen=True)
class Workshop:
    """The three lines of a server."""

    quick: Line = field(default_factory=lambda: Line(Limits(silent=45.0, whole=90.0, idle=30.0, rest=3.0)))
    slow: Line = field(default_factory=lambda: Line(LONG))
    films: Line = field(default_factory=lambda: Line(LONG))

    def figure(self, picture: Picture, kind: str, person: Person, **dress: str) -> Job:
        """A single figure; ``dress`` are fields of its sheet, such as its theme. Raises :class:`FullError`."""
        return self.quick.ask((FIGURE, picture, dress, kind), person)

    def deck(self, deck: Deck, kind: str, person: Person, template: bytes | None = None, **look: Any) -> Job:
        """A deck as a file, in place of the one that this person waits for or that is being made; a film, and what has
        films in it, in a line of its own.

        ``template`` is the content of a PPTX or POTX: the process reads it, and where it cannot be used the job's
        ``problem`` is the key of the sentence that says why. ``look`` is that of
        :func:`roialign_lab.export.whole_file.whole_file`, such as the size of a film. Raises :class:`FullError`, and
        DeckError for a film that is not to be, or where a page has nothing to play.
        """
        if kind in PLAYED:
            playable(deck)
        films = films_in(deck, kind, **look)
        count = len(films[deck.slides].frames) if kind in FILMS else deck.slides
        line, other = (self.films, self.slow) if films else (self.slow, self.films)
        job = line.ask(_order(deck, kind, template, look), person, count, stops=True)
        other.give_up(person, DECK)
        return job

    def captions(self, deck: Deck, person: Person, **look: Any) -> Job:
        """What the film of a deck says, as WebVTT, while the film is made. Raises :class:`FullError`."""
        return self.quick.ask(_order(deck, "vtt", None, look), replace(person, key=f"{person.key} captions"))

    def worksheets(self, seed: int, count: int, person: Person, **dress: Any) -> Job:
        """Sheets to fill in, in place of what this person waits for; ``dress`` as in
        :func:`roialign_lab.export.worksheet.worksheet_file`.

        Raises :class:`FullError`.
        """
        pages = count * (1 + bool(dress.get("keys", True)))
        return self.slow.ask((WORKSHEET, seed, count, dress), person, pages, stops=True)


def _order(deck: Deck, kind: str, template: bytes | None, look: dict[str, Any]) -> tuple[Any, ...]:
    return DECK, deck, uploads_for(part.scenario.map for part in deck.parts), kind, template, look


@cache
def workshop() -> Workshop:
    """The lines of this server, made at the first call."""
    return Workshop()
