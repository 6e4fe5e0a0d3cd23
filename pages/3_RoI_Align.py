"""RoI Align: nothing is rounded."""

import streamlit as st

from ui import controls, shell, stage

page = shell.open_page("roi_align")
stage.live(page)
controls.roi_align(page)
st.markdown(page.text("note.roi_align"))
