"""How far a file is that is being made for a session, and how to stop it."""

from __future__ import annotations

import streamlit as st

from roialign_lab.export.queue import Job
from roialign_lab.lesson.text import Text

OFTEN = 0.4  # seconds between two looks


@st.fragment(run_every=OFTEN)
def job_progress(name: str, text: Text, unit: str) -> None:
    """What is done of the job that this session keeps under ``name_job``, in the words of ``unit``, or its place in the
    line; the page is drawn anew when it is over or stopped."""
    job: Job | None = st.session_state.get(f"{name}_job")
    if job is None or job.over or job.line is None:
        st.rerun()
    ahead = job.line.place(job)
    done = text(unit, done=job.done, all=job.all)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.done / job.all, text("slides.waiting", ahead=ahead) if ahead else done)
        if st.button(text("slides.cancel"), key=f"{name}_cancel"):
            job.line.cancel(job)
            st.rerun()
