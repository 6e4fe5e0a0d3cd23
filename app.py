"""RoIAlign Lab: one box, read by RoI Pooling and by RoI Align."""

import streamlit as st

from ui import shell, stage

page = shell.open_page("home")
st.markdown(page.text("app.promise"))
stage.live(page)
shell.way_in(page)
