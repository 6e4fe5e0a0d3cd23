"""Bilinear interpolation: one point between four cells."""

import streamlit as st

from figures.charts import surface
from ui import own, shell, stage

page = shell.open_page("bilinear")
stage.live(page)
own.own_data(page)
st.markdown("#### " + page.text("surface.title"))
st.plotly_chart(surface(page.scenario.feature_map, *page.scenario.point, page.text), key="surface")
shell.note(page)
