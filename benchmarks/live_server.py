"""This app and a bare WebSocket in one server process: ``streamlit run benchmarks/live_server.py``, from the root.

``live_drag.py`` starts it. The page is the same as with ``streamlit run app.py``, with the same configuration.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

ROOT = Path(__file__).resolve().parent.parent
ANSWER = "=" * 1000  # about what an update of the stage weighs

sys.path.insert(0, str(ROOT))
from roialign_lab.ui import drag_socket, stage_files  # noqa: E402


async def echo(socket: WebSocket) -> None:
    """Answer each message with its first word, its sequence number, and a kilobyte."""
    await socket.accept()
    try:
        while True:
            message = await socket.receive_text()
            await socket.send_text(f"{message.split(' ', 1)[0]} {ANSWER}")
    except WebSocketDisconnect:
        pass


app = st.App(ROOT / "app.py", routes=[*drag_socket.routes(), *stage_files.routes(), WebSocketRoute("/echo", echo)])
