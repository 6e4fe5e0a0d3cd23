"""Plotly charts: the surface over the cells, what rounding does to boxes and to masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from figures.scene import number
from figures.style import INKS
from figures.text import Text
from roialign_core.bilinear import interpolate, trace_point
from roialign_core.geometry import Floats
from roialign_core.quantization import OPERATORS, Cost, MaskCost

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


INK_OF = {"pool": "read", "legacy": "neighbor", "align": "asked"}
HEIGHT = 360
IOU_BINS = 40


def shift_chart(costs: Sequence[Cost], text: Text) -> go.Figure:
    """The mean shift in image pixels by stride, of the near and of the far sides."""
    strides = [str(cost.stride) for cost in costs]
    figure = go.Figure()
    for name, ink in (("near", "asked"), ("far", "read")):
        means = [float(np.abs(getattr(cost, name)).mean()) for cost in costs]
        shown = [number(mean, 1) for mean in means]
        figure.add_bar(
            x=strides,
            y=means,
            name=text(f"spread.{name}"),
            text=shown,
            textposition="outside",
            marker_color=INKS[ink].light,
        )
    figure.update_xaxes(type="category")
    figure.update_traces(textposition="outside", textfont_size=15, cliponaxis=False)
    return _laid(figure, text("spread.stride"), text("spread.shift"))


def iou_chart(costs: Sequence[Cost], text: Text) -> go.Figure:
    """How the IoU of what was asked for and what is read is spread, a line a stride."""
    edges = np.linspace(0, 1, IOU_BINS + 1)
    figure = go.Figure()
    for k, cost in enumerate(costs):
        shares = np.histogram(cost.iou, edges)[0] / len(cost.iou)
        shade = f"rgba(200,95,0,{0.4 + 0.6 * k / max(len(costs) - 1, 1):.2f})"
        name = f"{text('spread.stride')} {cost.stride}: {number(cost.iou.mean(), 2)}"
        line = {"color": shade, "width": 3, "shape": "hvh"}
        figure.add_scatter(x=(edges[:-1] + edges[1:]) / 2, y=shares, name=name, mode="lines", line=line)
    return _laid(figure, text("spread.iou"), text("spread.share"))


def mask_chart(costs: Sequence[MaskCost], text: Text) -> go.Figure:
    """The mean IoU of the masks by stride, a panel an object size, a line an operator."""
    sizes = sorted({cost.size for cost in costs})
    figure = go.Figure().set_subplots(
        1, len(sizes), shared_yaxes=True, subplot_titles=[text("mask.size", size=size) for size in sizes]
    )
    for column, size in enumerate(sizes, start=1):
        here = [cost for cost in costs if cost.size == size]
        for name in OPERATORS:
            figure.add_scatter(
                x=[str(cost.stride) for cost in here],
                y=[float(cost.iou[name].mean()) for cost in here],
                name=text(f"mask.{name}"),
                mode="lines+markers",
                line={"color": INKS[INK_OF[name]].light, "width": 4},
                marker={"size": 10},
                showlegend=column == 1,
                legendgroup=name,
                row=1,
                col=column,
            )
    figure.update_xaxes(title_text=text("spread.stride"), type="category")
    figure.update_yaxes(range=[0, 1])
    return _laid(figure, None, text("mask.iou")).update_layout(legend_y=1.1, margin_t=80)  # above the panels' titles


def _laid(figure: go.Figure, x: str | None, y: str) -> go.Figure:
    """Sizes that are read from the back row."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        font={"size": 16},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 15}},
        yaxis_title=y,
        hovermode="x",
    )
    if x is not None:
        figure.update_xaxes(title_text=x)
    return figure
