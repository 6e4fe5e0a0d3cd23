"""RoI Pooling: two roundings and a maximum."""

import streamlit as st

from ui import own, shell, stage

page = shell.open_page("roi_pooling")
stage.live(page)
own.own_data(page)
st.markdown(page.text("note.roi_pooling"))
