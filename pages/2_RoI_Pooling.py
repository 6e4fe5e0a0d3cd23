"""RoI Pooling: two roundings and a maximum."""

import streamlit as st

from ui import controls, shell, stage

page = shell.open_page("roi_pooling")
stage.live(page)
controls.roi_pooling(page)
st.markdown(page.text("note.roi_pooling"))
