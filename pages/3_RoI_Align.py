"""RoI Align: nothing is rounded."""

import streamlit as st

from ui import own, shell, stage

page = shell.open_page("roi_align")
stage.live(page)
own.own_data(page)
st.markdown(page.text("note.roi_align"))
