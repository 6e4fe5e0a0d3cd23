"""What no message is, and a server would read without a limit: pings, endless headers, half a request."""

import asyncio
import json
import logging
import sys
from contextlib import asynccontextmanager

import pytest
import uvicorn
from websockets.asyncio.client import connect

from roialign_lab.ui.doorway import Budget, Doorway, attend
from tests.test_gate import address_of, answered, drag, frame, handshake, in_thread, road

PING = b"\x89\x80" + bytes(4)
PIECE = b"\x00\x80" + bytes(4)  # a piece of a message, which is not the last and empty
EMPTY = b"\x81\x80" + bytes(4)
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize("flood", [PING * 5000, b"\x01\x81" + bytes(4) + b"{" + PIECE * 5000, EMPTY * 5000])
def test_of_what_is_no_message_the_others_notice_nothing(server, flood):
    """One sends nothing else and as much as it can, for as long as the other takes to have twenty answers."""

    async def pour(writer):
        while True:
            writer.write(flood)
            await writer.drain()

    async def attempt():
        async with connect(road(server)) as polite:
            _, writer = await asyncio.open_connection(*address_of(server))
            writer.write(handshake(server) + frame(drag(0)))
            pouring = asyncio.ensure_future(pour(writer))
            for number in range(20):
                assert json.loads(await answered(polite, drag(number)))["ack"] == number
            pouring.cancel()
            writer.transport.abort()

    in_thread(attempt())


def test_a_header_without_an_end_is_refused(server):
    async def attempt(beginning, more):
        reader, writer = await asyncio.open_connection(*address_of(server))
        writer.write(beginning)
        try:
            for _ in range(1000):
                writer.write(more * 1000)
                await writer.drain()
        except OSError:
            return True
        return await reader.read() == b""

    assert in_thread(attempt(ASK + b"X-A: ", b"a" * 10))
    assert in_thread(attempt(ASK, b"a: b\r\n"))
    assert in_thread(attempt(b"GET /", b"a" * 10))


# ---- a small server -----------------------------------------------------------------------------------------------


async def app(scope, receive, send):
    """Says "here" to every request, after it has read the body."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"here"})


@asynccontextmanager
async def serving(app=app, **limits):
    """The port of a server with a doorway of these limits."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="error", log_config=None)
    config.load()
    config.http_protocol_class = Doorway(config.http_protocol_class, **limits)
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    await running


def of_small_server(attempt, **limits):
    """What the coroutine function returns for the port of a small server."""

    async def run():
        async with serving(**limits) as port:
            return await asyncio.wait_for(attempt(port), 20)

    return in_thread(run())


def test_a_request_that_never_becomes_whole_ends():
    async def attempt(port):
        half, silent, kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        half[1].write(ASK)
        kept[1].write(ASK + b"\r\n" + ASK)  # a whole one, and half of the next
        return [await way[0].read() for way in (half, silent)], (await kept[0].read())[-4:]

    assert of_small_server(attempt, asking=0.3, look=0.05) == ([b"", b""], b"here")


def test_a_body_that_comes_slowly_is_waited_for():
    async def attempt(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.1)
            writer.write(b"x")
        return (await reader.readuntil(b"here"))[:15]

    assert of_small_server(attempt, asking=0.3, look=0.05) == b"HTTP/1.1 200 OK"


def test_where_all_places_are_taken_the_longest_idle_gives_way():
    async def attempt(port):
        ways = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK + b"\r\n")
        told = await reader.readuntil(b"here")
        return await ways[0][0].read(), told[:15], [way[0].at_eof() for way in ways[1:]]

    assert of_small_server(attempt, most_open=3) == (b"", b"HTTP/1.1 200 OK", [False, False])


def test_who_takes_nothing_of_a_long_answer_is_let_go():
    """20 MB wait for a browser; the server gives them up, and what came before that is all there is."""

    async def long(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"20000000")]})
        await send({"type": "http.response.body", "body": bytes(20_000_000)})

    async def attempt(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(ASK + b"\r\n")
        await asyncio.sleep(1)
        try:
            taken = 0
            while piece := await reader.read(1 << 16):
                taken += len(piece)
        except ConnectionResetError:
            pass
        return taken

    assert of_small_server(attempt, app=long, untaken=0.2, look=0.05) < 20_000_000


def test_a_long_answer_that_is_taken_slowly_arrives_whole():
    async def long(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"20000000")]})
        await send({"type": "http.response.body", "body": bytes(20_000_000)})

    async def attempt(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        writer.write(ASK + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(20):
            await reader.readexactly(1_000_000)
            await asyncio.sleep(0.1)
        return True

    assert of_small_server(attempt, app=long, asking=0.3, look=0.05)


def test_where_everybody_asks_for_something_the_oldest_of_the_address_that_has_most_places_gives_way():
    async def attempt(port):
        ways = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        other = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        for _, writer in (*ways, other):
            writer.write(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK + b"\r\n")
        told = await reader.readuntil(b"here")
        return await ways[0][0].read(), told[:15], [reader.at_eof() for reader, _ in (ways[1], other)]

    assert of_small_server(attempt, most_open=3) == (b"", b"HTTP/1.1 200 OK", [False, False])


@pytest.mark.parametrize(("took", "is_read"), [(0.0004, True), (0.0019, False)])
def test_many_that_each_take_a_little_are_together_too_much(took, is_read, monkeypatch):
    """Fifty connections are read ten times a second for a second, and each time takes so long."""
    clock = [100.0]
    monkeypatch.setattr("roialign_lab.ui.doorway.time.monotonic", lambda: clock[0])

    class Way:
        is_paused = False

        def pause_reading(self):
            self.is_paused = True

        def resume_reading(self):
            self.is_paused = False

    async def attempt():
        doorway = Doorway(asyncio.Protocol)
        entrances = [doorway() for _ in range(50)]
        for entrance in entrances:
            entrance.connection_made(Way())
        for _ in range(10):
            for entrance in entrances:
                entrance._charge(took)
            clock[0] += 0.1
        return not any(entrance._transport.is_paused for entrance in entrances)

    assert in_thread(attempt()) is is_read


class Gone:
    """A connection that has ended, as uvloop has it."""

    def is_closing(self):
        return True

    def write(self, _data):
        raise RuntimeError("the handler is closed")

    def abort(self):
        pass


def test_to_who_left_in_an_answer_nothing_is_written():
    class Server(asyncio.Protocol):
        def connection_made(self, transport):
            transport.write(b"the rest of a file")
            self.transport = transport

    async def attempt():
        entrance = Doorway(Server)()
        entrance.connection_made(Gone())
        return entrance.protocol.transport.is_closing()

    assert in_thread(attempt())


def test_text_that_is_none_is_one_line_of_the_log():
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    attend(config)
    try:
        b"\xff".decode()
    except UnicodeDecodeError:
        record = logging.getLogger("uvicorn.error").makeRecord("", 40, "", 0, "Invalid", (), sys.exc_info())
    assert logging.getLogger("uvicorn.error").filter(record) and record.exc_info is None


def test_an_upload_arrives_whole():
    async def attempt(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" + bytes(10_000_000))
        return (await reader.readuntil(b"here"))[:15]

    assert of_small_server(attempt) == b"HTTP/1.1 200 OK"


def test_of_seconds_as_of_messages_there_is_so_much_and_no_more():
    budget = Budget(rate=0.1, burst=0.05)
    budget.spend(now=0.0, amount=0.25)
    assert budget.wait(now=0.0) == pytest.approx(2.0) and budget.wait(now=3.0) == 0
    budget.spend(now=0.0, amount=-0.25)
    assert budget.wait(now=0.0) == 0


def test_another_server_is_left_as_it_is():
    attend(None)
    config = object()
    attend(config)
