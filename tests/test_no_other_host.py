"""The server asks no other host for anything, whoever asks it for what: its system calls are read while it serves."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.test_gate import in_thread

ROOT = Path(__file__).parent.parent
HIDDEN = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")


@pytest.fixture
def traced(tmp_path):
    """The address of the app, run under strace, and the file of the connections that it opens."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace here")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "calls"
    trace = [strace, "--follow-forks", "--seccomp-bpf", "--trace=connect,sendto,sendmmsg", f"--output={log}"]
    app = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*trace, *app], cwd=ROOT, env=environment, start_new_session=True, **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    pytest.skip("no process may be traced here")
                time.sleep(0.1)
        yield address, log
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # strace ends with what it follows
        process.wait(60)


async def opened(address, page):
    """A session that opens a page, as a browser's."""
    road = f"{address.replace('http', 'ws')}/_stcore/stream"
    async with connect(road, additional_headers={"Origin": address}, max_size=None) as way:
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, "lang=en"
        await way.send(message.SerializeToString())
        everything = b""
        async for content in way:
            everything += content
            answer = ForwardMsg()
            answer.ParseFromString(content)
            if answer.WhichOneof("type") == "script_finished":
                return everything
    raise AssertionError("the connection ended")


async def foreign(address, path, origin):
    """A page of another site opens a WebSocket."""
    with pytest.raises(InvalidStatus):
        async with connect(f"{address.replace('http', 'ws')}/{path}", additional_headers={"Origin": origin}):
            pass


def test_nothing_is_looked_up_and_no_other_host_is_asked(traced):
    address, log = traced
    page = in_thread(opened(address, "Operator_family"))
    assert b"ONNX Runtime 1." in page, "its answer is on the page, so it was imported and called"
    for path in ("_stcore/stream", "roi-drag"):
        for origin in ("http://evil.example", "http://192.0.2.7", "http://[::1", "null"):
            in_thread(foreign(address, path, origin))
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(f"{address}/", headers={"Origin": "http://evil.example"}))
    in_thread(asyncio.sleep(1.5))  # what another thread may still do
    calls = [line for line in log.read_text().splitlines() if re.search(r"AF_INET6?\b", line)]
    assert [call for call in calls if "127.0.0.1" not in call and '"::1"' not in call] == []
    assert not any("htons(53)" in call for call in calls)
    # ONNX Runtime's telemetry would look up its host nine seconds later; it keeps a number of this device at once.
    assert not list(log.parent.rglob("deviceid"))
