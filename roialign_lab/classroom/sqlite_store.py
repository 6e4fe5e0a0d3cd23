"""Rooms in a file of SQLite, which the processes of one machine share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from roialign_lab.classroom.room import LASTS, Phase, Room, Show, room_of
from roialign_lab.classroom.store import AWAY, MOST_OF_ROOM, MOST_ROOMS, MOST_VOTES, Pulse, Votes

TABLES = """
CREATE TABLE IF NOT EXISTS room (
    code TEXT PRIMARY KEY, opened REAL, state TEXT, show TEXT, version INTEGER, question INTEGER, round INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vote (
    code TEXT, question INTEGER, round INTEGER, client TEXT, vote TEXT, PRIMARY KEY (code, question, round, client)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS present (
    code TEXT, process TEXT, count INTEGER, seen REAL, PRIMARY KEY (code, process)
) WITHOUT ROWID;
"""
# One statement, so that no vote comes between the question whether it is taken and the answer:
VOTE = """
INSERT INTO vote SELECT room.code, room.question, room.round, :client, :vote FROM room
WHERE code = :code AND question = :question AND round = :round AND (
    (SELECT count(*) FROM vote WHERE code = :code AND question = :question AND round = :round) < :most
    AND (SELECT count(*) FROM vote WHERE code = :code) < :most_of_room
    OR EXISTS (SELECT 1 FROM vote WHERE code = :code AND question = :question AND round = :round AND client = :client)
) ON CONFLICT (code, question, round, client) DO UPDATE SET vote = excluded.vote
"""
PULSE = """
SELECT version, opened,
    (SELECT count(*) FROM vote WHERE code = r.code AND question = r.question AND round = r.round),
    (SELECT coalesce(sum(count), 0) FROM present WHERE code = r.code AND seen > ?)
FROM room r WHERE code = ?
"""


class SqliteStore:
    """Rooms in a file of SQLite, whose journal (WAL) lets several processes read while one writes.

    What a process has written is there when it dies: only a machine that loses its power may lose the last moment.
    """

    poll = 0.05
    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.executescript(TABLES)

    def create(self, room: Room) -> bool:
        """Keep a new room."""
        with self._writing():
            (rooms,) = self.connection.execute("SELECT count(*) FROM room").fetchone()
            taken = self.connection.execute("SELECT 1 FROM room WHERE code = ?", (room.code,)).fetchone()
            if taken or rooms >= MOST_ROOMS:
                return False
            self.connection.execute(
                "INSERT INTO room VALUES (?, ?, ?, ?, 1, NULL, NULL)",
                (room.code, room.opened, room.to_text(), _show_text(room.show)),
            )
        return True

    def read(self, code: str, now: float) -> Room | None:
        """The room of that code."""
        row = self.connection.execute("SELECT state, show FROM room WHERE code = ?", (code,)).fetchone()
        if row is None:
            return None
        room = replace(room_of(row[0]), show=Show(**json.loads(row[1])))
        return None if room.is_over(now) else room

    def change(self, code: str, now: float, change: Callable[[Room], Room]) -> Room | None:
        """Change a room."""
        with self._writing():
            before = self.read(code, now)
            room = None if before is None else change(before)
            if room is None or room == before:
                return room
            asked = room.question
            taken = (asked.number, asked.round) if asked is not None and asked.phase is Phase.ASK else (None, None)
            self.connection.execute(
                "UPDATE room SET state = ?, show = ?, version = version + 1, question = ?, round = ? WHERE code = ?",
                (room.to_text(), _show_text(room.show), *taken, code),
            )
        return room

    def show(self, code: str, show: Show) -> None:
        """Note what the lecturer shows."""
        self.connection.execute(
            "UPDATE room SET show = ?, version = version + 1 WHERE code = ?", (_show_text(show), code)
        )

    def vote(self, code: str, question: int, round_: int, client: str, vote: str) -> bool:
        """Keep the vote of a client."""
        values = {"code": code, "question": question, "round": round_, "client": client, "vote": vote}
        return self.connection.execute(VOTE, {**values, "most": MOST_VOTES, "most_of_room": MOST_OF_ROOM}).rowcount == 1

    def votes(self, code: str, question: int) -> Votes:
        """What was answered to a question."""
        rows = self.connection.execute(
            "SELECT round, client, vote FROM vote WHERE code = ? AND question = ? ORDER BY round, client",
            (code, question),
        )
        found: dict[int, dict[str, str]] = {}
        for round_, client, vote in rows:
            found.setdefault(round_, {})[client] = vote
        return found

    def be_here(self, code: str, process: str, count: int, now: float) -> None:
        """Note how many students are in a room by way of one process."""
        self.connection.execute(
            "INSERT INTO present SELECT code, ?, ?, ? FROM room WHERE code = ?"
            " ON CONFLICT (code, process) DO UPDATE SET count = excluded.count, seen = excluded.seen",
            (process, count, now, code),
        )

    def is_in_another(self, code: str, process: str, now: float) -> bool:
        """Is anybody in a room by way of another process? Each says again and again how many students it has."""
        said = "SELECT 1 FROM present WHERE code = ? AND process != ? AND seen > ?"
        return self.connection.execute(said, (code, process, now - AWAY)).fetchone() is not None

    def pulse(self, code: str, now: float) -> Pulse | None:
        """What changes often."""
        row = self.connection.execute(PULSE, (now - AWAY, code)).fetchone()
        if row is None or now >= row[1] + LASTS:
            return None
        return Pulse(row[0], row[2], row[3])

    def delete(self, code: str) -> None:
        """Keep nothing of a room."""
        with self._writing():
            for table in ("room", "vote", "present"):
                self.connection.execute(f"DELETE FROM {table} WHERE code = ?", (code,))
        self._forget()

    def expire(self, now: float) -> None:
        """Keep nothing of the rooms that are over."""
        with self._writing():
            gone = self.connection.execute("DELETE FROM room WHERE opened <= ?", (now - LASTS,)).rowcount
            for table in ("vote", "present"):
                self.connection.execute(f"DELETE FROM {table} WHERE code NOT IN (SELECT code FROM room)")
        if gone:
            self._forget()

    def listen(self, changed: Callable[[str], None]) -> None:
        """A file says nothing by itself."""

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _forget(self) -> None:
        """What was deleted stands in the journal until it is emptied."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All of it or nothing, while nobody else writes."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


def _show_text(show: Show) -> str:
    return json.dumps(asdict(show), separators=(",", ":"), ensure_ascii=False)
