"""RoIAlign Lab. ``streamlit run app.py`` serves it, and shows this page: one box, RoI Pooling and RoI Align."""

import streamlit as st

from roialign_lab.ui import deep_link, drag_socket, gate, rooms, stage_files, startup, upload_store

app = st.App(
    __file__,
    routes=[*drag_socket.routes(), *stage_files.routes(), *rooms.routes()],
    middleware=[*gate.middleware(), *upload_store.middleware(), *deep_link.middleware()],
    lifespan=startup.lifespan,
)

if __name__ == "__main__":  # a run of the page; the server imports this file for `app`, and listens the sooner
    from roialign_lab.ui import moments, shell, stage_component

    page = shell.open_page("home")
    stage_component.live(page)
    shell.plan(page)
    shell.way_in(page)
    moments.all_moments(page)
    shell.glossary(page)
