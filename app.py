"""RoIAlign Lab. ``streamlit run app.py`` serves it, and shows this page: one box, RoI Pooling and RoI Align."""

import streamlit as st

from ui import deep_link, drag, stage_files, start

app = st.App(
    __file__, routes=[*drag.routes(), *stage_files.routes()], middleware=deep_link.middleware(), lifespan=start.lifespan
)

if __name__ == "__main__":  # a run of the page; the server imports this file for `app`, and listens the sooner
    from ui import shell, stage

    page = shell.open_page("home")
    stage.live(page)
    shell.way_in(page)
    shell.glossary(page)
