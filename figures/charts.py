"""Plotly charts: the surface that bilinear interpolation spans over the cells."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures.scene import number
from figures.style import INKS
from figures.text import Text
from roialign_core.bilinear import interpolate, trace_point
from roialign_core.geometry import Floats

FINENESS = 12  # points a cell
REACH = 2.0  # cells round the point


def surface(feature_map: Floats, y: float, x: float, text: Text) -> go.Figure:
    """The surface round the point (y, x), with its four neighbours, drawn in map coordinates."""
    point = trace_point(feature_map, y, x)
    ys = np.linspace(y - REACH, y + REACH, int(2 * REACH * FINENESS) + 1)
    xs = np.linspace(x - REACH, x + REACH, int(2 * REACH * FINENESS) + 1)
    heights = interpolate(feature_map, *np.meshgrid(ys, xs, indexing="ij"))
    low, high = INKS["low"].light, INKS["high"].light
    figure = go.Figure(
        go.Surface(
            x=xs,
            y=ys,
            z=heights,
            colorscale=[[0, low], [1, high]],
            opacity=0.92,
            showscale=False,
            hovertemplate="y %{y:.2f}, x %{x:.2f}: %{z:.4f}<extra></extra>",
            contours={axis: {"show": True, "color": "rgba(90,100,110,.35)", "size": 0.5} for axis in ("x", "y")},
        )
    )
    if point.inside:
        figure.add_scatter3d(
            x=point.neighbor_x + 0.5,
            y=point.neighbor_y + 0.5,
            z=point.neighbor_value,
            mode="markers+text",
            text=[number(value, 2) for value in point.neighbor_value],
            textposition="top center",
            textfont={"size": 14},
            marker={"size": 7, "color": INKS["neighbor"].dark, "line": {"color": "white", "width": 2}},
            hoverinfo="skip",
        )
    figure.add_scatter3d(
        x=[x],
        y=[y],
        z=[point.value],
        mode="markers+text",
        text=[number(point.value, 4)],
        textposition="top center",
        textfont={"size": 16, "color": INKS["sample"].dark},
        marker={"size": 8, "symbol": "x", "color": INKS["sample"].dark},
        hoverinfo="skip",
    )
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        uirevision="surface",
        scene={
            "xaxis_title": "x",
            "yaxis_title": "y",
            "zaxis_title": text("surface.value"),
            "yaxis_autorange": "reversed",
            "aspectmode": "manual",
            "aspectratio": {"x": 1.25, "y": 1.25, "z": 0.75},
            "camera": {"eye": {"x": 1.15, "y": 1.35, "z": 0.85}},
        },
    )
    return figure
