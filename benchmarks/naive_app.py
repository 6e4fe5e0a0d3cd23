"""What one writes first: four sliders, and the same picture made anew on the server for each value."""

import matplotlib.pyplot as plt
import streamlit as st
from matplotlib.patches import Rectangle

from roialign_core import ROI_ALIGN, trace
from roialign_core.examples import ANIMATION_MAP

x1 = st.slider("x1", 0.0, 8.0, 0.55, 0.05)
y1 = st.slider("y1", 0.0, 8.0, 2.70, 0.05)
x2 = st.slider("x2", 0.0, 8.0, 6.35, 0.05)
y2 = st.slider("y2", 0.0, 8.0, 7.40, 0.05)
t = trace(ANIMATION_MAP, (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), ROI_ALIGN, 2)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 6))
left.imshow(ANIMATION_MAP, extent=(0, 8, 8, 0), cmap="Blues")
for row in range(8):
    for column in range(8):
        left.text(column + 0.1, row + 0.3, f"{ANIMATION_MAP[row, column]:.2f}")
for bx1, by1, bx2, by2 in t.bins.reshape(-1, 4):
    left.add_patch(Rectangle((bx1, by1), bx2 - bx1, by2 - by1, fill=False, edgecolor="green"))
left.plot(t.sample_x, t.sample_y, "rx")
right.imshow(t.output, cmap="Blues", vmin=0, vmax=1)
for row in range(2):
    for column in range(2):
        right.text(column, row, f"{t.output[row, column]:.4f}", ha="center")
st.pyplot(figure)
