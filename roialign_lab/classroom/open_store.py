"""Where rooms are kept, as an environment variable says it."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from roialign_lab.classroom.sqlite_store import SqliteStore
from roialign_lab.classroom.store import NoStoreError, Store

ROOMS = "ROIALIGN_LAB_ROOMS"
"""The environment variable that says where rooms are: a file, or redis://… for processes of several machines."""
REDIS = re.compile(r"(?:rediss?|unix)://")


def open_store(place: str | None = None) -> Store:
    """The store at that place: a file or an address, else what :data:`ROOMS` says, else a file of this user.

    Raises
    ------
    NoStoreError : where there is none and none can be made, or its client is missing.
    """
    place = place or os.environ.get(ROOMS, "").strip()
    if not REDIS.match(place):
        try:
            return SqliteStore(Path(place) if place else _own_file())
        except SqliteStore.errors as error:
            raise NoStoreError(f"There are no rooms: their file ({ROOMS}={place}) cannot be opened: {error}") from error
    try:
        from roialign_lab.classroom.redis_store import RedisStore  # an extra: not everybody has several machines
    except ModuleNotFoundError as error:
        missing = "for which Python has no client yet: pip install redis"
        raise NoStoreError(f"There are no rooms: {ROOMS} names a Redis, {missing}") from error
    try:
        return RedisStore(place)
    except ValueError as error:
        raise NoStoreError(f"There are no rooms: {ROOMS} is no address of a Redis: {error}") from error


def _own_file() -> Path:
    """A file in a folder that nobody else can read."""
    user = getattr(os, "getuid", lambda: "user")()
    folder = Path(tempfile.gettempdir()) / f"roialign-lab-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and (folder.stat().st_uid != user or folder.is_symlink()):
        folder = Path(tempfile.mkdtemp(prefix="roialign-lab-"))  # somebody else made one of that name
    return folder / "rooms.sqlite"
