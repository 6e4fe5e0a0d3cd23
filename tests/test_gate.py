"""Who may come in, how much at once, and what a client does to itself that floods, leaves or does not read."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from roialign_lab.lesson.session import Session
from roialign_lab.stage.answer import LONGEST_MESSAGE, answer_message
from roialign_lab.stage.page import Page
from roialign_lab.stage.payload import payload
from roialign_lab.ui import gate

LONGEST = 16_384  # bytes: room for 4,096 characters
BOX = [1.25, 2.0, 3.75, 6.5]
BEAT = BackMsg(app_heartbeat=True).SerializeToString()
TOO_LONG = (1009, 1006)  # how a connection ends; 1006 where it was gone before the reason was read


def in_thread(coroutine):
    """What it returns, run beside the event loop that a browser in the same process has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def drag(number, name="roi_align", box=BOX):
    """A message of a drag."""
    page = Page(name, Session())
    event = {"page": name, "address": urlencode(page.address, safe=","), "have": payload(page)[0]["still_id"]}
    return json.dumps({**event, "box": box, "seq": number})


def road(server, path="roi-drag"):
    return f"{server.replace('http', 'ws')}/{path}"


async def answered(way, message):
    await way.send(message)
    return await asyncio.wait_for(way.recv(), 20)


def status_of(server, path="", **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{server}/{path}", headers=headers)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://[::1", "null", "", "http://127.0.0.1:1", "://", "http://[v1.x]:99999999"]
)
@pytest.mark.parametrize("path", ["roi-drag", "_stcore/stream", "anything"])
def test_a_page_of_another_site_opens_no_socket(server, path, origin):
    async def attempt():
        with pytest.raises(InvalidStatus) as refused:
            async with connect(road(server, path), additional_headers={"Origin": origin}):
                pass
        return refused.value.response.status_code

    assert in_thread(attempt()) == 403


def test_a_page_of_another_site_reads_nothing_either(server):
    assert status_of(server, "_stcore/health", Origin="http://evil.example") == 403
    assert status_of(server, "_stcore/health", Origin="http://[::1") == 403
    assert status_of(server, "_stcore/health", Origin=server) == 200
    behind = {"Origin": "https://hub.example", "X-Forwarded-Host": "hub.example"}  # the proxy's word
    assert status_of(server, "_stcore/health", **behind) == 200
    assert status_of(server, "_stcore/health") == 200


def test_a_page_of_this_app_opens_both(server):
    async def attempt(path):
        async with connect(road(server, path), additional_headers={"Origin": server}) as way:
            return await answered(way, drag(3)) if path == "roi-drag" else "open"

    assert in_thread(attempt("roi-drag")) == answer_message(drag(3))
    assert in_thread(attempt("_stcore/stream")) == "open"


@pytest.mark.parametrize("path", ["_stcore/metrics", "_stcore/metrics/", "lab/_stcore/metrics"])
def test_nobody_outside_reads_what_the_server_counts(server, path):
    assert status_of(server, path) == 404


def test_browsers_are_told_what_a_page_may_do(server):
    with urllib.request.urlopen(server) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    here = server.removeprefix("http://")
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
    assert policy["img-src"] == "'self' data: blob:" and policy["frame-ancestors"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://{here} wss://{here} data: blob:"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "SAMEORIGIN"


def headers_of(host):
    """What the gate adds to an answer for a request that names this host."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"host", host)]}
    in_thread(gate.Gate(app)(scope, None, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_host_that_is_no_host_gets_into_no_header():
    assert "evil" not in headers_of(b"a; script-src evil")["content-security-policy"]
    assert "ws://[::1]:8501 " in headers_of(b"[::1]:8501")["content-security-policy"]


def test_another_site_may_show_the_app_where_the_switch_says_so(monkeypatch):
    monkeypatch.setenv(gate.EMBED_IN, "https://moodle.example.org https://*.school.example")
    headers = headers_of(b"embedded.example")
    assert "frame-ancestors 'self' https://moodle.example.org https://*.school.example" in str(headers)
    assert "x-frame-options" not in headers
    monkeypatch.setenv(gate.EMBED_IN, "moodle; script-src *")
    with pytest.raises(ValueError, match="ROIALIGN_LAB_EMBED_IN: 'moodle;' is no site"):
        gate.Gate(None)


def test_the_longest_message_is_answered_and_a_longer_frame_ends_the_connection(server):
    message = drag(5)
    message += " " * (LONGEST_MESSAGE - len(message))

    async def attempt():
        async with connect(road(server)) as way:
            assert json.loads(await answered(way, message))["ack"] == 5
            assert json.loads(await answered(way, message + " ")) == {"refused": True}
            with pytest.raises(ConnectionClosed):
                await answered(way, "x" * (LONGEST + 1))
            return way.close_code

    assert in_thread(attempt()) in TOO_LONG


def test_the_longest_plan_of_a_lecturer_is_read_and_of_a_student_no_long_message(server):
    client = {"client": "0" * 32, "lang": "en"}
    plan = '[[part]]\nwalk = "roi_pool"\n#'
    plan += "课" * (32_000 - len(plan))

    async def told(way, *names):
        while True:
            message = json.loads(await asyncio.wait_for(way.recv(), 20))
            if message.keys() & {*names}:
                return message

    async def attempt():
        async with connect(road(server, "roi-room")) as lecturer, connect(road(server, "roi-room")) as student:
            opening = {**client, "open": {"page": "roi_align", "address": ""}}
            code = json.loads(await answered(lecturer, json.dumps(opening)))
            while "opened" not in code:
                code = json.loads(await asyncio.wait_for(lecturer.recv(), 20))
            await student.send(json.dumps({**client, "join": code["opened"]["code"]}))
            await told(student, "room")
            await student.send(json.dumps({"here": True, "x": "课" * 60_000}, ensure_ascii=False))
            await student.send(json.dumps({"lang": "zh"}))
            await lecturer.send(json.dumps({"lesson": plan}, ensure_ascii=False))
            problem = await told(lecturer, "problem")
            return (await told(student, "here", "words")).keys(), problem["problem"]

    keys, problem = in_thread(attempt())
    assert keys == {"words"} and problem == ""


def test_fragments_that_never_end_are_held_up_to_the_limit(server):
    async def attempt():
        async with connect(road(server)) as way:
            with pytest.raises(ConnectionClosed):
                await way.send(["x" * 1000] * 40)
                await way.recv()
            return way.close_code

    assert in_thread(attempt()) in TOO_LONG


def test_what_streamlit_is_sent_has_a_limit_too(server):
    async def attempt():
        async with connect(road(server, "_stcore/stream"), max_size=None) as way:
            with pytest.raises(ConnectionClosed):
                await way.send(b"\0" * (4_000_000 + 1))
                async for _ in way:
                    pass
                raise ConnectionClosed(None, None)
            return way.close_code

    assert in_thread(attempt()) in TOO_LONG


def test_of_ten_thousand_messages_that_nobody_reads_the_others_notice_nothing(server):
    """One sends without reading; another asks and is answered meanwhile, and so is who comes next."""
    dear = drag(1, "quantization")

    async def attempt():
        async with connect(road(server)) as polite:
            assert await answered(polite, drag(0)) == answer_message(drag(0))
            _, writer = await asyncio.open_connection(*address_of(server))
            writer.write(handshake(server) + 10_000 * frame(dear))
            for number in range(1, 20):
                assert json.loads(await answered(polite, drag(number)))["ack"] == number
            writer.transport.abort()  # in the middle of an answer
            async with connect(road(server)) as after:
                assert json.loads(await answered(after, drag(20)))["ack"] == 20

    in_thread(attempt())


def reaching_streamlit(*messages):
    """What Streamlit gets of these, and whether the connection ends before the heartbeat that comes last."""
    coming = iter([*messages, {"bytes": BEAT}])
    reached = []

    async def app(_scope, receive, _send):
        while reached[-1:] not in ([BEAT], ["ended"]):
            reached.append((await receive()).get("bytes", "ended"))

    async def attempt():
        async def receive():
            return {"type": "websocket.receive", **next(coming)}

        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [], "client": ("10.0.0.1", 1)}
        await gate.Gate(app)(scope, receive, None)

    in_thread(attempt())
    return reached[:-1], reached[-1] == "ended"


@pytest.mark.parametrize("message", [{"text": "{}"}, {"bytes": b"\xff" * 30}, {"bytes": None}])
def test_what_no_page_of_streamlit_sends_does_not_reach_it(message):
    first = BackMsg(stop_script=True).SerializeToString()
    assert reaching_streamlit({"bytes": first}, message) == ([first], True)


OPERATION = "backend_operation_request"
DEVELOPERS = {
    "load_git_info": {"load_git_info": True},  # runs git, and names files of the lecturer's
    "clear_cache": {"clear_cache": True},  # everybody's
    "set_run_on_save": {"set_run_on_save": True},
    "debug_shutdown_runtime": {"debug_shutdown_runtime": True},
    "install_skills": {OPERATION: {"request_id": "1", "install_skills": {}}},
    "dataframe_chunk": {OPERATION: {"request_id": "1", "dataframe_chunk": {"source_id": "a"}}},
    "an operation without a name": {OPERATION: {"request_id": "1"}},
    "nothing": {},
}


@pytest.mark.parametrize("name", DEVELOPERS)
def test_what_only_developers_send_is_left_out(name):
    assert reaching_streamlit({"bytes": BackMsg(**DEVELOPERS[name]).SerializeToString()}) == ([], False)


def widgets(count, **value):
    return {"rerun_script": {"widget_states": {"widgets": [{"id": f"$$ID-{k}", **value} for k in range(count)]}}}


def files(*names):
    return {"file_urls_request": {"request_id": "1", "file_names": names, "session_id": "2"}}


PAGES_SEND = {
    "a visit": {"rerun_script": {"query_string": "box=1,2,3,4", "context_info": {"url": "https://a.org/" + "p" * 900}}},
    "a stop": {"stop_script": True},
    "a file": files("功能图" * 80 + ".npy"),
    "twenty files": files(*["a"] * 20),
    "a download": {OPERATION: {"request_id": "1", "session_id": "2", "deferred_file": {"file_id": "3"}}},
    "a pasted matrix": widgets(1, string_value="1 " * 1_900_000),
    "a deck of 120 parts": widgets(600, string_array_value={"data": ["Snap the box"] * 7}),
    "a recorded drag": widgets(1, json_trigger_value=json.dumps({"recorded": [[123.4567890123456] * 4] * 2000})),
    "what a browser holds": {"rerun_script": {"cached_message_hashes": ["0" * 32] * 200}},
}
TOO_MUCH = {
    "two million files": files(*[""] * 1_990_000),
    "21 files": files(*["a"] * 21),
    "a long name of a file": files("a" * 40_000),
    "a long name of a download": {OPERATION: {"deferred_file": {"file_id": "a" * 40_000}}},
    "two thousand widgets and one": widgets(2001),
    "many messages": {"rerun_script": {"cached_message_hashes": ["a"] * 2001}},
    "a long page": {"rerun_script": {"page_name": "a" * 2001}},
    "a long place": {"rerun_script": {"context_info": {"url": "http://localhost/" + "a" * 2000}}},
    "a long list": widgets(1, string_array_value={"data": [""] * 250_001}),
}


@pytest.mark.parametrize("name", PAGES_SEND)
def test_what_a_page_sends_reaches_streamlit(name):
    sent = BackMsg(**PAGES_SEND[name]).SerializeToString()
    assert reaching_streamlit({"bytes": sent}) == ([sent], False)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_message_of_more_parts_than_a_page_sends_ends_the_connection(name):
    """Two million names of files, each of 2 bytes, would stop the server for 16 seconds and take 860 MB."""
    assert reaching_streamlit({"bytes": BackMsg(**TOO_MUCH[name]).SerializeToString()}) == ([], True)


def test_of_a_burst_the_newest_is_answered(server):
    burst = [drag(number, "quantization") for number in range(40)]

    async def attempt():
        async with connect(road(server)) as way:
            for message in burst:
                await way.send(message)
            answers = []
            while not answers or answers[-1] != 39:
                answers.append(json.loads(await asyncio.wait_for(way.recv(), 20))["ack"])
            return answers

    answers = in_thread(attempt())
    assert answers == sorted(set(answers)) and len(answers) < 40


def test_bytes_end_the_connection_and_no_more(server):
    async def attempt():
        async with connect(road(server)) as way:
            with pytest.raises(ConnectionClosed):
                await answered(way, b"\0")
        async with connect(road(server)) as way:
            return await answered(way, drag(1))

    assert in_thread(attempt()) == answer_message(drag(1))


def test_who_opens_too_many_sockets_is_refused_and_a_class_is_not():
    """Sixty behind one address, each with three tabs; a hundred times as many are not."""
    opened, statuses = [], []

    async def app(_scope, receive, _send):
        await receive()

    async def attempt():
        door, end = gate.Gate(app), asyncio.Event()

        async def come(who):
            async def send(message):
                statuses.append(message.get("status"))

            scope = {"type": "websocket", "path": "/roi-drag", "headers": [], "client": (who, 1), "extensions": {}}
            scope["extensions"]["websocket.http.response"] = {}
            await door(scope, end.wait, send)

        opened.extend(asyncio.ensure_future(come("10.0.0.1")) for _ in range(360))
        await asyncio.sleep(0)
        assert not any(task.done() for task in opened)
        opened.extend(asyncio.ensure_future(come("10.0.0.1")) for _ in range(100))
        opened.append(asyncio.ensure_future(come("10.0.0.2")))
        await asyncio.sleep(0.01)
        refused = sum(task.done() for task in opened)
        assert not opened[-1].done()
        end.set()
        await asyncio.gather(*opened)
        return refused, door.sockets.total()

    assert in_thread(attempt()) == (60, 0)
    assert {status for status in statuses if status} == {503}


def test_who_opens_one_socket_after_the_other_waits_and_others_do_not():
    """A class opens its sockets at once; who goes on gets 20 a second, whatever becomes of them."""
    opened = []

    async def app(scope, _receive, _send):
        opened.append(scope["client"][0])

    async def attempt():
        door = gate.Gate(app)

        async def come(who):
            await door({"type": "websocket", "path": "/roi-drag", "headers": [], "client": (who, 1)}, None, None)

        async def again():
            while True:
                await come("10.0.0.1")

        for _ in range(400):
            await come("10.0.0.1")
        started = time.monotonic()
        going_on = [asyncio.ensure_future(again()) for _ in range(50)]
        await asyncio.sleep(1)
        await asyncio.gather(*(come("10.0.0.2") for _ in range(120)))
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)
        return time.monotonic() - started, door.sockets.total()

    seconds, left = in_thread(attempt())
    assert opened.count("10.0.0.2") == 120 and left == 0
    assert 400 < opened.count("10.0.0.1") <= 400 + 20 * seconds + 2


def test_a_path_that_is_too_long_is_refused(server):
    assert status_of(server, "a/../" * 500) == 414
    assert status_of(server, "RoI_Align?map=" + "a" * 20_000) == 200


def address_of(server):
    host, port = server.removeprefix("http://").split(":")
    return host, int(port)


def handshake(server):
    lines = ["GET /roi-drag HTTP/1.1", f"Host: {server.removeprefix('http://')}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
    return "\r\n".join(lines).encode()


def frame(text):
    """A text frame with the mask 0."""
    content = text.encode()
    assert 126 <= len(content) < 65536
    return b"\x81" + bytes([128 | 126]) + len(content).to_bytes(2, "big") + bytes(4) + content


def test_who_reads_nothing_is_let_go():
    """The browser takes no more of what it is sent: the connection ends, and the app hears of it."""
    ended = []

    class Connection:
        """The end of a connection that a server has."""

        transport = None

        async def receive(self):
            await asyncio.sleep(60)

        def abort(self):
            ended.append("aborted")

    async def app(_scope, _receive, send):
        try:
            await send({"type": "websocket.send", "text": "answer"})
        except OSError:
            ended.append("heard")

    async def attempt():
        connection = Connection()
        connection.transport = connection
        scope = {"type": "websocket", "path": "/roi-drag", "headers": [], "client": ("10.0.0.1", 1)}
        await gate.Gate(app, most_unread=0.05)(scope, connection.receive, lambda _message: asyncio.sleep(60))

    in_thread(attempt())
    assert ended == ["aborted", "heard"]


def test_messages_come_no_faster_than_they_may():
    """Of a thousand that are there at once, a burst is taken, and what else has its turn between any two."""

    async def attempt():
        taken, turns = [], []

        async def app(_scope, receive, _send):
            while True:
                taken.append(await receive())

        async def there():
            return {"type": "websocket.receive", "text": ""}

        async def other():
            while True:
                turns.append(len(taken))
                await asyncio.sleep(0)

        scope = {"type": "websocket", "path": "/roi-drag", "headers": [], "client": ("10.0.0.1", 1)}
        both = [asyncio.ensure_future(gate.Gate(app)(scope, there, None)), asyncio.ensure_future(other())]
        await asyncio.sleep(0.2)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        return taken, turns

    taken, turns = in_thread(attempt())
    assert 20 <= len(taken) <= 20 + 120 * 2, "some at once, then no more than so many a second"
    assert max(b - a for a, b in pairwise(turns)) == 1


class Flood:
    """The end of a connection of which a thousand messages are there at any time, or after each none."""

    def __init__(self, is_empty=False):
        self.transport = self.queue = self
        self.is_empty, self.left = is_empty, None

    async def receive(self):
        if self.left is not None:
            self.left -= 1
        return {"type": "websocket.disconnect" if self.left == 0 else "websocket.receive", "bytes": BEAT}

    def empty(self):
        return self.is_empty

    def is_closing(self):
        return self.left is not None

    def abort(self):
        self.left = 1000


def taken_of(flood, seconds, **limits):
    """What an app gets of a flood of events until it ends, in so many seconds at most."""
    taken = []

    async def app(_scope, receive, _send):
        while not taken or taken[-1] != "websocket.disconnect":
            taken.append((await receive())["type"])

    async def attempt():
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [], "client": ("10.0.0.1", 1)}
        await asyncio.wait(
            [asyncio.ensure_future(gate.Gate(app, **limits)(scope, flood.receive, None))], timeout=seconds
        )

    in_thread(attempt())
    return taken


def test_all_who_flood_share_the_pace_of_one():
    """Five connections: a burst of 20 each, then 3 messages a second in all, not 15 each."""
    taken = []

    async def app(_scope, receive, _send):
        while True:
            taken.append(await receive())

    async def attempt():
        door = gate.Gate(app)
        scopes = [
            {"type": "websocket", "path": "/_stcore/stream", "headers": [], "client": (f"10.0.0.{k}", 1)}
            for k in range(5)
        ]
        floods, started = (
            [asyncio.ensure_future(door(scope, Flood().receive, None)) for scope in scopes],
            time.monotonic(),
        )
        await asyncio.sleep(2)
        lasted = time.monotonic() - started
        for flood in floods:
            flood.cancel()
        await asyncio.gather(*floods, return_exceptions=True)
        return lasted

    lasted = in_thread(attempt())
    assert 5 * 20 < len(taken) <= 5 * (20 + 1) + 3 * lasted + 1


def test_who_floods_for_a_while_is_let_go_and_who_waits_for_answers_is_not():
    taken = taken_of(Flood(), 60, most_flooded=0.5)
    assert 20 < len(taken) < 80 and taken[-1] == "websocket.disconnect"
    assert "websocket.disconnect" not in taken_of(Flood(is_empty=True), 2, most_flooded=0.5)


def test_of_a_connection_that_has_ended_nothing_more_is_taken():
    """A thousand messages that were read of it would take a minute, and hold up the end of the server."""
    flood = Flood()
    flood.abort()
    assert taken_of(flood, 60) == ["websocket.disconnect"]
