"""What keeps rooms: one small interface, and what both that have it (SQLite, Redis) say and take.

What is kept of a room goes with it: when the lecturer ends it, or six hours after it was opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from roialign_lab.classroom.room import Room, Show

MOST_ROOMS = 2000
MOST_VOTES = 2000  # of one round: several times the largest class
MOST_OF_ROOM = 30_000  # votes of all rounds: 500 students who are asked 30 questions twice
AWAY = 15.0  # seconds after which a process that says nothing has nobody


class NoStoreError(Exception):
    """Rooms cannot be kept where it is said: a sentence that says why."""


@dataclass(frozen=True)
class Pulse:
    """What changes often in a room: another ``version`` says that the rest is to be read again."""

    version: int
    answered: int  # votes of the open round
    here: int


Votes = Mapping[int, Mapping[str, str]]
"""By round, by client: what was answered, as it was sent."""


class Store(Protocol):
    """What keeps rooms. Calls may come from one thread at a time; several processes share one.

    ``poll`` are the seconds until it is asked what another process changed; ``errors`` is raised while it is away.
    """

    poll: float
    errors: tuple[type[Exception], ...]

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call ``changed`` with the code of a room that changes, where that is known before it is asked for."""

    def create(self, room: Room) -> bool:
        """Keep a new room. False where there is one of that code, or no place for more."""

    def read(self, code: str, now: float) -> Room | None:
        """The room of that code; None where there is none, or it is over."""

    def change(self, code: str, now: float, change: Callable[[Room], Room]) -> Room | None:
        """Change a room, while nobody else does; gives what it is then."""

    def show(self, code: str, show: Show) -> None:
        """Note what the lecturer shows: of a room the one thing that changes many times a second."""

    def vote(self, code: str, question: int, round_: int, client: str, vote: str) -> bool:
        """Keep the vote of a client in the open round, in the place of an earlier one; False where none is taken."""

    def votes(self, code: str, question: int) -> Votes:
        """What was answered to a question."""

    def be_here(self, code: str, process: str, count: int, now: float) -> None:
        """Note how many students are in a room by way of one process."""

    def is_in_another(self, code: str, process: str, now: float) -> bool:
        """Is anybody in a room by way of another process, a student or the lecturer?"""

    def pulse(self, code: str, now: float) -> Pulse | None:
        """What changes often; None where there is no such room."""

    def delete(self, code: str) -> None:
        """Keep nothing of a room."""

    def expire(self, now: float) -> None:
        """Keep nothing of the rooms that are over."""

    def close(self) -> None:
        """Let go of the file or the connection."""
