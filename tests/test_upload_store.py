"""What browsers upload is held in small amounts and for a short time, whoever sends how much."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import ClientDisconnect
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from roialign_lab.ui import upload_store
from roialign_lab.ui.upload_store import (
    AT_ONCE,
    LET_GO,
    MOST,
    MOST_A_SESSION,
    MOST_NAMES,
    UploadRoom,
    held_by,
    make_room,
)
from tests.test_gate import in_thread


class Server:
    """As much of Streamlit's runtime as holds uploads: these sessions have a browser."""

    def __init__(self, *sessions):
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
        self.sessions = set(sessions)

    def is_active_session(self, session):
        return session in self.sessions

    def bring(self, session, name, size):
        self.uploaded_file_mgr.add_file(session, UploadedFileRec(name, f"{name}.npy", "application/x", bytes(size)))

    def held(self, session):
        return {name: len(record.data) for name, record in self.uploaded_file_mgr.file_storage[session].items()}


@pytest.fixture
def server(monkeypatch):
    server = Server("a", "b", *map(str, range(20)))
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    return server


def test_the_oldest_files_of_a_session_are_let_go_and_their_names_stay(server):
    for k in range(4):
        server.bring("a", f"f{k}", 5_000_000)
        make_room("a")
    assert server.held("a") == {"f0": 0, "f1": 0, "f2": 5_000_000, "f3": 5_000_000}
    types = [record.type for record in server.uploaded_file_mgr.file_storage["a"].values()]
    assert types == [LET_GO, LET_GO, "application/x", "application/x"]


def test_no_number_of_files_grows(server):
    for k in range(500):
        server.bring("a", f"f{k}", 1_000_000)
        make_room("a")
    assert held_by("a") <= MOST_A_SESSION and len(server.held("a")) == MOST_NAMES


def test_all_sessions_together_hold_little_and_the_small_ones_keep_theirs(server):
    server.bring("a", "small", 1000)
    for k in range(20):
        server.bring(str(k), "large", 10_000_000)
        make_room(str(k))
    assert sum(map(held_by, ["a", *map(str, range(20))])) <= MOST
    assert server.held("a") == {"small": 1000}


def test_a_session_without_a_browser_holds_no_file(server):
    server.bring("a", "f", 1000)
    server.bring("b", "f", 1000)
    server.sessions.discard("a")
    make_room("b")
    assert held_by("a") == 0 and server.held("b") == {"f": 1000}


def test_one_file_of_a_session_at_a_time_and_other_requests_pass(server):
    under_way = {"a": 0, "b": 0, "most": 0}

    async def streamlit(scope, _receive, _send):
        session = scope["path"].split("/")[-2]
        under_way[session] += 1
        under_way["most"] = max(under_way["most"], under_way[session])
        await asyncio.sleep(0)
        server.bring(session, scope["path"], 10_000_000)
        under_way[session] -= 1

    async def flood():
        room = UploadRoom(streamlit)
        paths = [f"/lab/_stcore/upload_file/{session}/{k}" for k in range(10) for session in "ab"]
        scopes = [{"type": "http", "method": "PUT", "path": path, "headers": []} for path in paths]
        await asyncio.gather(*(room(scope, None, None) for scope in scopes))

    with ThreadPoolExecutor(1) as beside:  # a browser in this process has an event loop of its own
        beside.submit(asyncio.run, flood()).result()
    assert under_way == {"a": 0, "b": 0, "most": 1}
    assert held_by("a") == held_by("b") == 10_000_000


async def take(scope, receive, send):
    """As Streamlit answers: a session that it does not know is refused before anything is read."""
    known = "invented" not in scope["path"]
    while known and (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 204 if known else 400, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def put(room, session, pieces, claimed=None):
    """Send a file in pieces, with the length that it is claimed to have, or in chunks without one."""
    left = [*pieces]

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(_message):
        pass

    headers = [] if claimed is None else [(b"content-length", str(claimed).encode())]
    path = f"/_stcore/upload_file/{session}/f"
    await room({"type": "http", "method": "PUT", "path": path, "headers": headers}, receive, send)


def test_who_was_refused_costs_nobody_a_rest_whatever_was_claimed():
    async def flood():
        room = UploadRoom(take)
        for k in range(300):
            await put(room, f"invented{k}", [], claimed=10_000_000)
        return room.rested

    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(asyncio.run, flood()).result() == {}


def test_a_rest_is_for_the_bytes_that_arrived_with_and_without_a_claim(monkeypatch):
    rests = []
    monkeypatch.setattr(UploadRoom, "_rest", lambda _room, session, length: rests.append((session, length)))

    async def two():
        room = UploadRoom(take)
        await put(room, "a", [bytes(300_000), bytes(200_000)])
        await put(room, "b", [bytes(70)], claimed=10_000_000)

    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, two()).result()
    assert rests == [("a", 500_000), ("b", 70)]


def test_after_a_large_file_a_session_rests_the_longer_the_more_do_and_others_do_not():
    begun = []

    async def streamlit(scope, receive, send):
        begun.append((scope["path"].split("/")[-2], time.monotonic()))
        await take(scope, receive, send)

    async def four():
        room = UploadRoom(streamlit)
        await asyncio.gather(*(put(room, session, [bytes(600_000)]) for session in "aabb"))

    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, four()).result()
    assert [session for session, _ in begun] == ["a", "b", "a", "b"]
    assert begun[2][1] - begun[0][1] >= 0.6  # 600 KB at 1 MB a second
    assert begun[3][1] - begun[1][1] >= 1.2  # two rest


def test_files_that_stop_in_the_middle_give_their_places_to_who_waits(monkeypatch):
    monkeypatch.setattr(upload_store, "AT_FIRST", 0.2)
    told = []

    async def attempt():
        room, scope = UploadRoom(take), {"type": "http", "method": "PUT", "headers": []}

        async def stops():
            await asyncio.sleep(1000)

        async def send(message):
            told.append(message.get("status", 0))

        stopped = [
            asyncio.ensure_future(room({**scope, "path": f"/_stcore/upload_file/{k}/f"}, stops, send))
            for k in range(AT_ONCE)
        ]
        await asyncio.sleep(0.5)
        assert not any(one.done() for one in stopped)  # nobody waits
        await asyncio.wait_for(put(room, "polite", [b"x"]), 30)
        for one in stopped:
            one.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)

    in_thread(attempt())
    assert 408 in told


def test_a_tab_that_is_closed_in_the_middle_of_an_upload_is_no_fault():
    async def leaving(_scope, _receive, _send):
        raise ClientDisconnect

    async def attempt():
        room = UploadRoom(leaving)
        await put(room, "one", [b"x"])
        return room.under_way.locked(), room.rested

    assert in_thread(attempt()) == (False, {})


def test_of_a_browser_that_left_the_next_file_is_not_waited_for():
    """Else the server could not end before the session had rested."""
    sent = []

    class Request:
        disconnected = True

        async def receive(self):
            return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message.get("status"))

    async def attempt():
        room = UploadRoom(None)
        room.rested["a"] = time.monotonic() + 30
        scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/1", "headers": []}
        await asyncio.wait_for(room(scope, Request().receive, send), 10)

    in_thread(attempt())
    assert sent[0] == 408
