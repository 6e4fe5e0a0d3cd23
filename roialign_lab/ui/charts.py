"""Plotly charts: the surface over the cells, what rounding does to boxes and to masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from roialign_core.bilinear import interpolate, trace_point
from roialign_core.geometry import Floats
from roialign_core.masks import COMPARED, MaskCost
from roialign_core.rounding import RoundingCost
from roialign_lab.figures.style import INKS
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.text import Text

FINENESS = 24  # points along a line, and along a side of the surface
REACH = 0.75  # cells that the surface goes beyond the four neighbours
PIN = 0.2  # of the heights: how far above all of them the value is written


def surface(feature_map: Floats, y: float, x: float, text: Text) -> go.Figure:
    """The surface over the cells round the point (y, x), in map coordinates, and the ways across it.

    Along x from neighbour to neighbour it is straight, and along y between those two; along the diagonal it is not.
    """
    point = trace_point(feature_map, y, x)
    corners_y, corners_x = point.neighbor_y + 0.5, point.neighbor_x + 0.5
    (top, bottom), (left, right) = (
        (min(at, *corners), max(at, *corners)) if point.inside else (at, at)
        for at, corners in ((y, corners_y), (x, corners_x))
    )
    ys = np.linspace(top - REACH, bottom + REACH, 2 * FINENESS + 1)
    xs = np.linspace(left - REACH, right + REACH, 2 * FINENESS + 1)
    heights = interpolate(feature_map, *np.meshgrid(ys, xs, indexing="ij"))
    low, high = INKS["low"].light, INKS["high"].light
    figure = go.Figure(
        go.Surface(
            x=xs,
            y=ys,
            z=heights,
            colorscale=[[0, low], [1, high]],
            opacity=0.6,
            showscale=False,
            hovertemplate="y %{y:.2f}, x %{x:.2f}: %{z:.4f}<extra></extra>",
            contours={axis: {"show": True, "color": "rgba(90,100,110,.35)", "size": 0.25} for axis in ("x", "y")},
        )
    )
    if point.inside:
        for k, at in enumerate((corners_y[0], corners_y[2])):
            _way(figure, feature_map, (at, at), (left, right), "neighbor", text("surface.along_x"), first=not k)
        _way(figure, feature_map, (top, bottom), (x, x), "sample", text("surface.along_y"))
        diagonal = (corners_y[0], corners_y[3]), (corners_x[0], corners_x[3])
        _way(figure, feature_map, *diagonal, "read", text("surface.diagonal"))
        figure.add_scatter3d(
            x=corners_x,
            y=corners_y,
            z=point.neighbor_value,
            mode="markers+text",
            text=[number(value, 2) for value in point.neighbor_value],
            textposition="top center",
            textfont={"size": 16},
            marker={"size": 7, "color": INKS["neighbor"].dark, "line": {"color": "white", "width": 2}},
            showlegend=False,
            hoverinfo="skip",
        )
    known = heights[np.isfinite(heights)]
    tip = float(known.max() + PIN * (np.ptp(known) or 1.0)) if known.size else 0.0
    ink = INKS["sample"].dark
    figure.add_scatter3d(  # a pin, for what stands at the point itself may lie behind the surface
        x=[x, x],
        y=[y, y],
        z=[point.value, tip],
        mode="lines+text",
        text=["×", number(point.value, 4)],
        textposition=["middle center", "top center"],
        textfont={"size": [50, 20], "color": ink},
        line={"color": ink, "width": 3},
        showlegend=False,
        hoverinfo="skip",
    )
    figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        font={"size": 15},
        legend={"orientation": "h", "y": 0, "yanchor": "bottom", "x": 0.5, "xanchor": "center", "font": {"size": 15}},
        uirevision="surface",
        scene={
            "xaxis_title": "x",
            "yaxis_title": "y",
            "zaxis_title": text("surface.value"),
            "yaxis_autorange": "reversed",
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.7},
            "camera": {"eye": {"x": 1.0, "y": 1.85, "z": 1.25}, "center": {"x": 0, "y": 0, "z": -0.15}},
        },
    )
    return figure


def _way(
    figure: go.Figure,
    feature_map: Floats,
    ys: tuple[float, float],
    xs: tuple[float, float],
    ink: str,
    name: str,
    *,
    first: bool = True,
) -> None:
    """A line over the surface from one place to another, and the straight one between its ends, dotted."""
    y, x = np.linspace(*ys, FINENESS + 1), np.linspace(*xs, FINENESS + 1)
    heights = interpolate(feature_map, y, x)
    line = {"color": INKS[ink].dark, "width": 7}
    figure.add_scatter3d(
        x=x, y=y, z=heights, mode="lines", line=line, name=name, legendgroup=name, showlegend=first, hoverinfo="skip"
    )
    ends = slice(None, None, FINENESS)
    dotted = {"color": INKS[ink].dark, "width": 3, "dash": "dot"}
    figure.add_scatter3d(
        x=x[ends], y=y[ends], z=heights[ends], mode="lines", line=dotted, showlegend=False, hoverinfo="skip"
    )


INK_OF = {"pool": "read", "legacy": "neighbor", "align": "roi"}
HEIGHT = 400
IOU_BINS = 40


def shift_chart(costs: Sequence[RoundingCost], text: Text) -> go.Figure:
    """The mean shift in image pixels by stride, of the near and of the far sides."""
    strides = [str(cost.stride) for cost in costs]
    figure = go.Figure()
    for name, ink in (("near", "roi"), ("far", "read")):
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


def iou_chart(costs: Sequence[RoundingCost], text: Text) -> go.Figure:
    """The spread of the IoU of the requested box and the region read, a line for each stride."""
    edges = np.linspace(0, 1, IOU_BINS + 1)
    figure = go.Figure()
    for k, cost in enumerate(costs):
        shares = np.histogram(cost.iou, edges)[0] / len(cost.iou)
        shade = f"rgba(217,115,10,{0.6 + 0.4 * k / max(len(costs) - 1, 1):.2f})"
        name = f"{text('spread.stride')} {cost.stride}: {number(cost.iou.mean(), 2)}"
        line = {"color": shade, "width": 2 + k / 2, "shape": "hvh"}
        figure.add_scatter(x=(edges[:-1] + edges[1:]) / 2, y=shares, name=name, mode="lines", line=line)
    return _laid(figure, text("spread.iou"), text("spread.share"))


def mask_chart(costs: Sequence[MaskCost], text: Text) -> go.Figure:
    """The mean IoU of the masks by stride, a panel an object size, a line an operator."""
    sizes = sorted({cost.size for cost in costs})
    figure = go.Figure().set_subplots(
        1, len(sizes), shared_yaxes=True, subplot_titles=[text("mask.size", size=size) for size in sizes]
    )
    figure.update_layout(title={"text": text("mask.sizes"), "font": {"size": 16}, "x": 0, "xref": "container"})
    for column, size in enumerate(sizes, start=1):
        here = [cost for cost in costs if cost.size == size]
        for name in COMPARED:
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
    return _laid(figure, None, text("mask.iou")).update_layout(margin_t=80)  # for the title and those of the panels


def _laid(figure: go.Figure, x: str | None, y: str) -> go.Figure:
    """Sizes that are read from the back row."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        font={"size": 16},
        legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0, "font": {"size": 15}},
        yaxis_title=y,
        hovermode="x",
    )
    if x is not None:
        figure.update_xaxes(title_text=x)
    return figure
