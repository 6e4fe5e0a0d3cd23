"""Rooms in Redis, for processes of several machines: ``ROIALIGN_LAB_ROOMS=redis://…``, and ``pip install redis``.

Every change is published, so that no process has to ask again and again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import redis

from roialign_lab.classroom.room import LASTS, Phase, Room, Show, room_of
from roialign_lab.classroom.store import AWAY, MOST_OF_ROOM, MOST_ROOMS, MOST_VOTES, Pulse, Votes

ROOMS = "roi-rooms"  # codes by the time of their opening
CHANGED = "roi-room-changed"  # the channel on which codes are published

# Of a room: a hash of what it is; a hash of the votes of each round, by client; how many these are; a hash of who
# is here, by process.
# One script each, so that nothing comes between the question whether something is taken and the answer.
SHOW = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'show', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
"""
VOTE = """
local open = redis.call('HMGET', KEYS[1], 'question', 'round', 'opened')
if open[1] ~= ARGV[1] or open[2] ~= ARGV[2] then return 0 end
local over = math.floor(tonumber(open[3]) + tonumber(ARGV[7]))
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 0 then
    if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[5]) then return 0 end
    if tonumber(redis.call('GET', KEYS[3]) or 0) >= tonumber(ARGV[6]) then return 0 end
    redis.call('INCR', KEYS[3])
    redis.call('EXPIREAT', KEYS[3], over)
end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
redis.call('EXPIREAT', KEYS[2], over)
return 1
"""
HERE = """
local opened = redis.call('HGET', KEYS[1], 'opened')
if not opened then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('EXPIREAT', KEYS[2], math.floor(tonumber(opened) + tonumber(ARGV[4])))
return 1
"""


class RedisStore:
    """Rooms in Redis. They outlive a Redis that starts anew where it keeps an append-only file."""

    poll = 0.5  # seconds: what is published comes sooner
    errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)

    def __init__(self, address: str) -> None:
        self._redis: Any = redis.Redis.from_url(  # typed for both of its kinds, it can be typed for neither
            address, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
        )
        self._show, self._vote, self._here = (self._redis.register_script(text) for text in (SHOW, VOTE, HERE))
        self._is_closed = False

    def create(self, room: Room) -> bool:
        """Keep a new room."""
        self._redis.zremrangebyscore(ROOMS, "-inf", time.time() - LASTS)
        if self._redis.zcard(ROOMS) >= MOST_ROOMS or not self._redis.hsetnx(_key(room.code), "version", 1):
            return False
        self._redis.zadd(ROOMS, {room.code: time.time()})
        kept = {"opened": room.opened, "state": room.to_text(), "show": _text(room.show)}
        self._redis.hset(_key(room.code), mapping=kept)
        self._redis.expireat(_key(room.code), _end(room))
        return True

    def read(self, code: str, now: float) -> Room | None:
        """The room of that code."""
        return _room(self._redis.hmget(_key(code), ["state", "show"]), now)

    def change(self, code: str, now: float, change: Callable[[Room], Room]) -> Room | None:
        """Change a room; again, where another did meanwhile."""
        key = _key(code)
        with self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(key)
                    before = _room(pipe.hmget(key, ["state", "show"]), now)
                    room = None if before is None else change(before)
                    if room is None or room == before:
                        return room
                    asked = room.question
                    is_open = asked is not None and asked.phase is Phase.ASK
                    taken = {"question": asked.number, "round": asked.round} if asked is not None and is_open else {}
                    pipe.multi()
                    pipe.hdel(key, "question", "round")
                    pipe.hset(key, mapping={"state": room.to_text(), "show": _text(room.show), **taken})
                    pipe.hincrby(key, "version", 1)
                    pipe.publish(CHANGED, code)
                    pipe.execute()
                    return room
                except redis.WatchError:
                    continue

    def show(self, code: str, show: Show) -> None:
        """Note what the lecturer shows."""
        if self._show(keys=[_key(code)], args=[_text(show)]):
            self._redis.publish(CHANGED, code)

    def vote(self, code: str, question: int, round_: int, client: str, vote: str) -> bool:
        """Keep the vote of a client."""
        keys = [_key(code), _votes_key(code, question, round_), _key(code) + ":voted"]
        limits = [MOST_VOTES, MOST_OF_ROOM, LASTS]
        is_taken = bool(self._vote(keys=keys, args=[question, round_, client, vote, *limits]))
        if is_taken:
            self._redis.publish(CHANGED, code)
        return is_taken

    def votes(self, code: str, question: int) -> Votes:
        """What was answered to a question."""
        found = {round_: self._redis.hgetall(_votes_key(code, question, round_)) for round_ in (1, 2)}
        return {round_: dict(sorted(votes.items())) for round_, votes in found.items() if votes}

    def be_here(self, code: str, process: str, count: int, now: float) -> None:
        """Note how many students are in a room by way of one process."""
        self._here(keys=[_key(code), _key(code) + ":here"], args=[process, count, now, LASTS])
        self._redis.publish(CHANGED, code)

    def is_in_another(self, code: str, process: str, now: float) -> bool:
        """Is anybody in a room by way of another process? Each says again and again how many students it has."""
        said = self._redis.hgetall(_key(code) + ":here")
        return any(float(entry.split()[1]) > now - AWAY for other, entry in said.items() if other != process)

    def pulse(self, code: str, now: float) -> Pulse | None:
        """What changes often."""
        version, opened, question, round_ = self._redis.hmget(_key(code), ["version", "opened", "question", "round"])
        if opened is None or now >= float(opened) + LASTS:
            return None
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hvals(_key(code) + ":here")
            pipe.hlen(_votes_key(code, int(question or 0), int(round_ or 0)))
            said, answered = pipe.execute()
        counts = [(int(count), float(seen)) for count, seen in (entry.split() for entry in said)]
        return Pulse(int(version), answered, sum(count for count, seen in counts if seen > now - AWAY))

    def delete(self, code: str) -> None:
        """Keep nothing of a room."""
        keys = [*self._redis.scan_iter(_key(code) + "*")]
        if keys:
            self._redis.delete(*keys)
        self._redis.zrem(ROOMS, code)
        self._redis.publish(CHANGED, code)

    def expire(self, now: float) -> None:
        """Redis forgets rooms that are over by itself; their codes are forgotten here."""
        self._redis.zremrangebyscore(ROOMS, "-inf", now - LASTS)

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call ``changed`` with the code of every room that changes, from a thread of its own."""
        threading.Thread(target=self._listen, args=(changed,), daemon=True, name="rooms in Redis").start()

    def _listen(self, changed: Callable[[str], None]) -> None:
        while not self._is_closed:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    pubsub.subscribe(CHANGED)
                    while not self._is_closed:
                        message = pubsub.get_message(timeout=1.0)
                        if message is not None:
                            changed(message["data"])
            except self.errors:
                time.sleep(0.5)  # it starts anew

    def close(self) -> None:
        """Let go of the connection."""
        self._is_closed = True
        self._redis.close()


def _room(kept: Any, now: float) -> Room | None:
    state, show = kept
    if state is None or show is None:
        return None
    room = replace(room_of(state), show=Show(**json.loads(show)))
    return None if room.is_over(now) else room


def _key(code: str) -> str:
    return f"roi-room:{{{code}}}"


def _votes_key(code: str, question: int, round_: int) -> str:
    return f"{_key(code)}:votes:{question}:{round_}"


def _end(room: Room) -> int:
    return int(room.opened + LASTS)


def _text(show: Show) -> str:
    return json.dumps(asdict(show), separators=(",", ":"), ensure_ascii=False)
