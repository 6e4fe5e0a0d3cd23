"""Who asks for a figure or a deck: the session of this browser tab."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from roialign_lab.export.queue import Person


def person() -> Person:
    """The session that runs now; gone when its tab is closed."""
    context = get_script_run_ctx()
    key = context.session_id if context is not None else ""
    return Person(key, st.context.ip_address or "", lambda: not runtime.exists() or _is_open(key))


def _is_open(key: str) -> bool:
    return runtime.get_instance().is_active_session(key)
