"""The least that one writes first: four sliders, and a picture of the map with the box."""

import matplotlib.pyplot as plt
import streamlit as st
from matplotlib.patches import Rectangle

from roialign_core.examples import ANIMATION_MAP

x1 = st.slider("x1", 0.0, 8.0, 0.55, 0.05)
y1 = st.slider("y1", 0.0, 8.0, 2.70, 0.05)
x2 = st.slider("x2", 0.0, 8.0, 6.35, 0.05)
y2 = st.slider("y2", 0.0, 8.0, 7.40, 0.05)

figure, axes = plt.subplots()
axes.imshow(ANIMATION_MAP, extent=(0, 8, 8, 0))
axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor="red"))
st.pyplot(figure)
