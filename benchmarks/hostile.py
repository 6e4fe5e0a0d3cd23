"""Clients that mean the others no good: ``python benchmarks/hostile.py http://localhost:8501 drags 5 60``.

A process of its own, started by ``class_load.py --hostile N``, so that the students' times are not those of a load
generator that is busy; and one that yields (nice 19), as in a class it would be another machine. What each kind does:

drags    sends the dearest message of a drag as fast as it can, and reads the answers
deaf     the same, and reads nothing
events   the same through Streamlit's own socket
uploads  loads a file of 8 MB, again and again, and shows it
figures  asks for a figure, again and again
elsewhere  computes without a pause and asks nobody: what of the students' times comes from a machine that is shared
           with the load generators, and not from the server
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from student import Session
from uvloop import run
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

PAGE = "quantization", "Quantization_error"
DEAREST = "lang=en&map=random-32x32-7&out=7&samples=0&box=0,0,32,32"
count: Counter[str] = Counter()


async def drags(address: str, reads: bool = True) -> None:
    """The dearest drag, in a frame as a browser's."""
    session = Session(address, uuid.uuid4().hex)
    await session.open(PAGE[1], DEAREST)
    stage = session.stage
    event = {"page": PAGE[0], "address": stage["address"], "box": [0, 0, 32, 32], "have": stage["still_id"]}
    await session.close()
    road = address.replace("http://", "ws://") + "/roi-drag"
    async with connect(road, additional_headers=session.cookie, max_queue=None if reads else 1) as way:

        async def listen() -> None:
            async for _ in way:
                count["answers"] += 1

        listening = asyncio.create_task(listen()) if reads else None
        try:
            while True:
                count["sent"] += 1
                await way.send(json.dumps({**event, "seq": count["sent"]}))
        finally:
            if listening is not None:
                listening.cancel()


async def deaf(address: str) -> None:
    """The dearest drag, and nothing is read."""
    await drags(address, reads=False)


async def events(address: str) -> None:
    """The dearest event through Streamlit."""
    session = Session(address, uuid.uuid4().hex)
    await session.open(PAGE[1], DEAREST)
    while True:
        count["sent"] += 1
        box = [0, 0, 32 - count["sent"] % 16, 32]
        await session.event({"box": box, "seq": count["sent"], "have": ""})
        await asyncio.sleep(0)


async def figures(address: str) -> None:
    """A figure, and the next as soon as it is there or refused."""
    session = Session(address, uuid.uuid4().hex)
    await session.open("RoI_Align", "lang=en&step=result")
    sequence = 0
    while True:
        sequence += 1
        count["sent"] += 1
        await session.event({"figure": "pdf", "seq": sequence, "have": session.stage["still_id"]})
        await session.until(lambda expected=sequence: session.stage["ack"] == expected)
        while isinstance(session.stage.get("figure"), int):
            sequence += 1
            await session.event({"figure_wait": True, "seq": sequence, "have": session.stage["still_id"]})
            await session.until(lambda expected=sequence: session.stage["ack"] == expected)
        count["answers"] += "download" in session.stage


async def elsewhere(_address: str) -> None:
    """Work of this machine that the server has nothing to do with."""
    while True:
        count["rounds"] += 1
        json.loads(json.dumps([*range(1000)]))
        await asyncio.sleep(0)


async def uploads(address: str) -> None:
    """A file of 8 MB that is put and shown."""
    session = Session(address, uuid.uuid4().hex)
    await session.open("RoI_Align", "lang=en")
    file = io.BytesIO()
    np.save(file, np.random.default_rng().random((4, 500, 500)))
    while True:
        name = uuid.uuid4().hex
        count["sent"] += 1
        place = f"{address}/_stcore/upload_file/{session.id}/{name}"
        await asyncio.to_thread(_put, place, file.getvalue(), address)
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = session.uploader
        info = widget.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = name, "map.npy", len(file.getvalue())
        finished = session.finished
        await session.run(message, page_hash=session.page_hash)
        await session.until(lambda before=finished: session.finished > before)
        count["answers"] += 1


def _put(place: str, content: bytes, address: str) -> None:
    with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
        cookie = (answer.headers.get("Set-Cookie") or "").split(";")[0]
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="map.npy"\r\n\r\n' + content + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie}
    headers["X-Xsrftoken"] = cookie.partition("=")[2]
    urllib.request.urlopen(urllib.request.Request(place, body, headers, method="PUT"), timeout=60).close()


KINDS: dict[str, Callable[[str], Awaitable[None]]] = {
    "elsewhere": elsewhere,
    "drags": drags,
    "deaf": deaf,
    "events": events,
    "uploads": uploads,
    "figures": figures,
}


async def attack(address: str, kind: str, clients: int, seconds: float) -> None:
    """So many clients; who is thrown out comes again."""

    async def again() -> None:
        while True:
            try:
                await KINDS[kind](address)
            except (OSError, TimeoutError, WebSocketException) as error:
                count[f"thrown out, {type(error).__name__}"] += 1
                await asyncio.sleep(0.1)

    attackers = [asyncio.create_task(again()) for _ in range(clients)]
    started = time.perf_counter()
    done, _ = await asyncio.wait(attackers, timeout=seconds)
    for task in attackers:
        task.cancel()
    print(
        kind, dict(count), f"in {time.perf_counter() - started:.0f} s", *(task.exception() for task in done), flush=True
    )


if __name__ == "__main__":
    os.nice(19)
    run(attack(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
