"""Plotly charts: the surface over the cells, what rounding does to boxes and to masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from roialign_core.backbone import cell_places
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
HEIGHT, MASK_HEIGHT = 400, 520
SIZES_IN_A_ROW = 2
CELLS_BESIDE = 6  # cells on either side of the blob
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


def mask_chart(costs: Sequence[MaskCost], grid: str, text: Text) -> go.Figure:
    """The mean IoU of the masks on one grid by stride, a panel an object size, a line an operator."""
    sizes = sorted({cost.size for cost in costs})
    rows = -(-len(sizes) // SIZES_IN_A_ROW)
    figure = go.Figure().set_subplots(
        *(rows, SIZES_IN_A_ROW),
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=0.14,
        subplot_titles=[text("mask.size", size=size) for size in sizes],
    )
    figure.update_layout(title={"text": text(f"mask.{grid}"), "font": {"size": 18}, "x": 0, "xref": "container"})
    for n, size in enumerate(sizes):
        row, column = n // SIZES_IN_A_ROW + 1, n % SIZES_IN_A_ROW + 1
        here = [cost for cost in costs if cost.size == size]
        for name in COMPARED:
            figure.add_scatter(
                x=[str(cost.stride) for cost in here],
                y=[float(cost.iou[grid][name].mean()) for cost in here],
                name=text(f"mask.{name}"),
                mode="lines+markers",
                line={"color": INKS[INK_OF[name]].light, "width": 4},
                marker={"size": 10},
                showlegend=n == 0,
                legendgroup=name,
                row=row,
                col=column,
            )
    figure.update_xaxes(type="category")
    figure.update_xaxes(title_text=text("spread.stride"), row=rows)
    figure.update_yaxes(range=[0, 1])
    _laid(figure, None, text("mask.iou"))
    return figure.update_layout(height=MASK_HEIGHT, margin_t=80, legend_y=-0.2)  # for the titles


def places_chart(
    rows: Mapping[str, Floats], shown: Mapping[str, float], pixel: float, stride: int, text: Text
) -> go.Figure:
    """A row of cells through a blob for each kind of filter: bars where they are drawn, dots where they belong."""
    inks = {"even": "roi", "odd": "read"}
    figure = go.Figure().set_subplots(
        len(rows), 1, shared_xaxes=True, vertical_spacing=0.2, subplot_titles=[text(f"places.{name}") for name in rows]
    )
    for n, (name, values) in enumerate(rows.items(), start=1):
        drawn, belongs = cell_places(len(values), stride), cell_places(len(values), stride, name)
        bar = {"color": INKS[inks[name]].light, "opacity": 0.55, "line": {"color": INKS[inks[name]].light, "width": 2}}
        figure.add_bar(x=drawn, y=values, width=stride, marker=bar, showlegend=False, row=n, col=1)
        dots = {"color": INKS["neighbor"].dark, "size": 11, "line": {"color": INKS["neighbor"].light, "width": 2}}
        figure.add_scatter(
            x=belongs, y=values, mode="markers", marker=dots, name=text("places.dots"), showlegend=n == 1, row=n, col=1
        )
        figure.add_vline(
            x=shown[name],
            line={"color": INKS[inks[name]].light, "width": 3},
            annotation={"text": number(shown[name], 1), "font": {"size": 18}},
            annotation_position="top right" if shown[name] > pixel + 1 else "top left",
            layer="below",
            row=n,
            col=1,
        )
        figure.add_scatter(
            x=[pixel, pixel],
            y=[0, 1.4],
            mode="lines",
            line={"color": INKS["sample"].light, "width": 3, "dash": "dash"},
            name=text("places.blob"),
            showlegend=n == 1,
            row=n,
            col=1,
        )
    reach = CELLS_BESIDE * stride
    figure.update_xaxes(range=[pixel - reach, pixel + reach], dtick=stride, showticklabels=True)
    figure.update_xaxes(title_text=text("places.pixels"), row=len(rows))
    figure.update_yaxes(range=[0, 1.4], tickvals=[0, 0.5, 1], title_text=text("places.bright"))
    return _laid(figure, None, text("places.bright")).update_layout(height=MASK_HEIGHT, bargap=0, legend_y=-0.2)


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
