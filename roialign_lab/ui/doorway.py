"""Where bytes arrive, before anybody reads messages in them: a little at a time, and most of the time for the others.

What a request or a message may cost is said by :mod:`roialign_lab.ui.gate`. The server beneath (uvicorn) reads before
that, on the event loop and without a limit: what is no message (pings, the pieces of one, messages by the thousand in
one packet), headers without an end, a request that never becomes whole, an answer that is never taken. One connection
that did nothing but ping kept everybody waiting for as long as it did.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

PIECE = 4096  # bytes that are read at a time, at most: 680 empty frames of a WebSocket, which take 17 ms
FIRST_PIECE = 256  # bytes of the first piece; each may be twice as long as the one before
SHARE, AT_ONCE = 0.02, 0.003  # of the event loop's time, and seconds of it, that reading one connection may take
EXCESS, EXCESS_AT_ONCE = 0.05, 0.02  # the same for all together that take more
ALL, ALL_AT_ONCE = 0.3, 0.1  # the same for all together
SMALL_SHARE = 0.005  # what each may take where that is used up
LONGEST_HEADER = 65_536  # bytes of a request before its body
MOST_RESTING = 60.0  # seconds in which a connection always brings too much
MOST_ASKING = 20.0  # seconds until a request is whole, or the next one begins
MOST_UNTAKEN = 30.0  # seconds in which a browser takes nothing of what waits for it
MOST_OPEN = 4000  # connections
GIVING_WAY = 0.01  # of them, which end at once where all places are taken
SPARE = 200  # files that a process opens besides
LOOK = 5.0  # seconds between two looks at all connections
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Budget:
    """So much a second, and some at once.

    >>> budget = Budget(rate=10, burst=2)
    >>> for _ in range(4):
    ...     budget.spend(now=0.0)
    >>> budget.wait(now=0.0), budget.wait(now=0.1), budget.wait(now=10.0)
    (0.2, 0.1, 0.0)
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = float(burst), 0.0

    def wait(self, now: float) -> float:
        """The seconds to wait before more is spent."""
        return max(0.0, -self._left / self._rate - (now - self._at))

    def halt(self, now: float) -> None:
        """Regain nothing for the time until now."""
        self._at = now

    def spend(self, now: float, amount: float = 1.0) -> None:
        """Note what is spent."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - amount
        self._at = now


class Doorway:
    """All connections of a server. Those that bring too much rest, and the one that took least of late is the next."""

    def __init__(
        self,
        make: Callable[..., asyncio.Protocol],
        most_open: int = MOST_OPEN,
        asking: float = MOST_ASKING,
        untaken: float = MOST_UNTAKEN,
        look: float = LOOK,
    ) -> None:
        self._make, self._most_open, self._asking, self._untaken, self._look = make, most_open, asking, untaken, look
        self._open: set[Entrance] = set()
        self._resting: set[Entrance] = set()
        self._all, self._excess = Budget(ALL, ALL_AT_ONCE), Budget(EXCESS, EXCESS_AT_ONCE)
        self._next: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None

    def __call__(self, **of_server: Any) -> Entrance:
        """The protocol of a new connection."""
        return Entrance(self._make(**of_server), self)

    def come(self, entrance: Entrance) -> None:
        """One more. Where all places are taken, some give way: who has asked for nothing for the longest; where all ask
        for something, the oldest of the address that has most places."""
        if len(self._open) >= self._most_open:
            leaving = [other for other in self._open if other.is_idle]
            if not leaving:
                ((greedy, _),) = Counter(other.address for other in self._open).most_common(1)
                leaving = [other for other in self._open if other.address == greedy]
            some = max(round(self._most_open * GIVING_WAY), 1)
            for other in heapq.nsmallest(some, leaving, key=lambda other: (other.since, other.came)):
                other.end()
        self._open.add(entrance)
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(self._look, self._look_at_all)

    def go(self, entrance: Entrance) -> None:
        """A connection has ended."""
        self._open.discard(entrance)
        self._resting.discard(entrance)

    def is_too_much(self, seconds: float, now: float) -> bool:
        """Note what reading took; have all together taken too much?"""
        self._all.spend(now, seconds)
        return self._all.wait(now) > 0

    def rest(self, entrance: Entrance, seconds: float) -> None:
        """A connection took more than its share, so many seconds just now: nothing is read of it until its turn."""
        self._excess.spend(time.monotonic(), seconds)
        self._resting.add(entrance)
        self._wait()

    def _wait(self) -> None:
        if self._next is None and self._resting:
            wait = self._excess.wait(time.monotonic())
            self._next = asyncio.get_running_loop().call_later(wait, self._read_next)

    def _read_next(self) -> None:
        self._next, now = None, time.monotonic()
        if self._resting and not self._excess.wait(now):
            entrance = min(self._resting, key=lambda resting: resting.own.wait(now))
            self._resting.discard(entrance)
            self._excess.spend(now, EXCESS_AT_ONCE)  # nobody else is read before it is known what this one takes
            entrance.rested(EXCESS_AT_ONCE)
        self._wait()

    def give_back(self, seconds: float) -> None:
        """It took less than was set aside."""
        self._excess.spend(time.monotonic(), -seconds)

    def _look_at_all(self) -> None:
        now = time.monotonic()
        for entrance in [*self._open]:
            if entrance.is_overdue(now, self._asking, self._untaken):
                entrance.end()
        self._looking = asyncio.get_running_loop().call_later(self._look, self._look_at_all) if self._open else None


class Entrance(asyncio.BufferedProtocol):
    """One connection: what comes goes on to the protocol of the server, HTTP at first, then perhaps a WebSocket's."""

    def __init__(self, protocol: asyncio.Protocol, doorway: Doorway) -> None:
        self.protocol: Any = protocol
        self.own, self._small = Budget(SHARE, AT_ONCE), Budget(SMALL_SHARE, AT_ONCE)
        self.since = self.came = self._calm = self._taken = time.monotonic()
        self._doorway, self._buffer, self._piece = doorway, memoryview(bytearray(PIECE)), FIRST_PIECE
        self._is_resting = self._is_held = False  # by us; by the server, which has enough of it
        self._set_aside = 0.0
        self._request: Any = None  # the last that was whole
        self._header: Any = None  # of the request that comes, and the bytes of it
        self._length = self._untaken = 0

    # ---- what the event loop says ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody comes."""
        self._transport: Any = transport
        self._doorway.come(self)
        self.protocol.connection_made(_Transport(self, transport))

    def connection_lost(self, error: Exception | None) -> None:
        """They went."""
        self._doorway.go(self)
        self.protocol.connection_lost(error)

    def get_buffer(self, _size: int) -> memoryview:
        """Room for a piece."""
        return self._buffer[: self._piece]

    def buffer_updated(self, count: int) -> None:
        """A piece is there."""
        started = time.thread_time()
        self._piece = min(2 * self._piece, PIECE)
        self.protocol.data_received(bytes(self._buffer[:count]))
        self._note_request(count)
        self._charge(time.thread_time() - started)

    def eof_received(self) -> bool | None:
        """They bring nothing more."""
        ended: bool | None = self.protocol.eof_received()
        return ended

    def pause_writing(self) -> None:
        """Much waits for the browser."""
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        """The browser took it."""
        self._taken = time.monotonic()
        self.protocol.resume_writing()

    def become(self, protocol: asyncio.Protocol) -> None:
        """What was HTTP is a WebSocket from now on."""
        self.protocol, self._piece = protocol, FIRST_PIECE

    # ---- reading --------------------------------------------------------------------------------------------------

    def hold(self, is_held: bool) -> None:
        """The server reads no more of it, or again."""
        self._is_held = is_held
        self._read()

    def rested(self, set_aside: float) -> None:
        """It is this connection's turn, for which so many seconds are set aside."""
        self._is_resting, self._set_aside = False, set_aside
        self._read()

    def _read(self) -> None:
        if self._is_held or self._is_resting:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _charge(self, seconds: float) -> None:
        now, set_aside = time.monotonic(), self._set_aside
        if set_aside:
            self._set_aside = 0.0
            self._doorway.give_back(set_aside)
        self.own.spend(now, seconds)
        self._small.spend(now, seconds)
        is_too_much = self._doorway.is_too_much(seconds, now) and self._small.wait(now) > 0
        if not self.own.wait(now) and not is_too_much:
            self._calm = now
        elif now - self._calm > MOST_RESTING:
            self.end()
        else:
            self._is_resting = True
            self._read()
            self._doorway.rest(self, seconds)

    # ---- requests -------------------------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Where it comes from."""
        return str((self._transport.get_extra_info("peername") or ("",))[0])

    @property
    def is_idle(self) -> bool:
        """Is there nothing to do for this connection: no request of it is whole, and the browser has every answer?"""
        cycle = getattr(self.protocol, "cycle", self)  # a WebSocket has none
        is_answered = cycle is None or getattr(cycle, "response_complete", False)
        return is_answered and not self._transport.get_write_buffer_size()

    def _note_request(self, count: int) -> None:
        """Note when a request was whole; end a connection whose header is too long."""
        cycle, header = (getattr(self.protocol, name, None) for name in ("cycle", "scope"))
        if cycle is not self._request:
            self._request, self.since = cycle, time.monotonic()
        is_whole = not hasattr(self.protocol, "cycle") or (cycle is not None and cycle.scope is header)
        self._length = 0 if is_whole else count if header is not self._header else self._length + count
        self._header = header
        if self._length > LONGEST_HEADER and not self._transport.is_closing():
            self._transport.write(TOO_LONG)
            self._transport.close()

    def is_overdue(self, now: float, asking: float, untaken: float) -> bool:
        """Has it asked for nothing, or taken nothing of what waits for it, for too long?"""
        waiting, before = self._transport.get_write_buffer_size(), self._untaken
        self._untaken = waiting
        if not waiting or waiting < before:
            self._taken = now
        if not self.is_idle:
            self.since = now
        return now - self.since > asking or now - self._taken > untaken

    def end(self) -> None:
        """End it, whatever is under way."""
        self._doorway.go(self)
        self._transport.abort()


class _Transport:
    """The connection, as the server has it: whether it is read is not for the server alone to say."""

    def __init__(self, entrance: Entrance, transport: Any) -> None:
        self._entrance, self._transport = entrance, transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """To a browser that is still there; of one that just went, uvloop would say so with an error."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def pause_reading(self) -> None:
        self._entrance.hold(True)

    def resume_reading(self) -> None:
        self._entrance.hold(False)

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self._entrance.become(protocol)


def attend(config: Any) -> None:
    """Let all connections of a server come through the doorway; ``config`` is uvicorn's, and no other has it."""
    make = getattr(config, "http_protocol_class", None)
    if make is not None and not isinstance(make, Doorway):
        config.http_protocol_class = Doorway(make, most_open=min(MOST_OPEN, _files() - SPARE))
        logging.getLogger("uvicorn.error").addFilter(_without_trace)


def _files() -> int:
    """How many files this process may have open: as many as the system lets it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_OPEN + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def _without_trace(record: logging.LogRecord) -> bool:
    """Text that is none is the sender's fault: the log says so in a line."""
    if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.exc_info = None
    return True
