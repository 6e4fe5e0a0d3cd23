"""What a process does once, as it starts: what the first visitor would wait for, and what keeps a full room small."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.delta_generator_singletons import context_dg_stack

from roialign_lab.ui.answer_pool import answer_pool
from roialign_lab.ui.rooms import rooms
from roialign_lab.ui.upload_store import give_up_closed_tabs

TURN = 0.0005  # seconds that a session computes while the server waits for its turn
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """For ``st.App``: the server listens at once, the rest happens beside it."""
    little_held()
    sys.setswitchinterval(TURN)
    context_dg_stack.get()  # made at its first use: two sessions that come at the same moment would each make their own
    threading.Thread(target=warm_up, daemon=True).start()
    working = (answer_pool().start(), give_up_closed_tabs(), rooms().sweep())
    beside = [asyncio.create_task(work) for work in working]
    yield
    for task in beside:
        task.cancel()
    await answer_pool().end()


def little_held() -> None:
    """Give memory back. By default glibc keeps some for each of up to eight threads a core, and Streamlit runs a thread
    for every session; and a large piece, once freed, is kept for the next, so that the files and figures of a moment
    leave holes: 62 sessions held 17 MB instead of 9."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library has none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 2)
            mallopt(M_MMAP_THRESHOLD, 256 * 1024)
            mallopt(M_TRIM_THRESHOLD, 128 * 1024)


def warm_up() -> None:
    """Draw every lesson once, so that everything is imported and cached, and tell the garbage collector that all this
    stays: it then looks through what sessions make, not through the modules."""
    from roialign_lab.lesson.session import Session
    from roialign_lab.stage.answer import answer
    from roialign_lab.stage.page import PAGES

    for page in PAGES:
        answer(Session(), {"page": page})
    gc.collect()
    gc.freeze()
