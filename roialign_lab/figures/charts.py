"""Charts as Plotly's script reads them, a ``data`` and a ``layout``: the surface over the cells, and what rounding does
to boxes and to masks. Nothing here needs Plotly: the app hands them to it, and a browser to its script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from roialign_core.backbone import cell_places
from roialign_core.bilinear import interpolate, trace_point
from roialign_core.geometry import Floats
from roialign_core.masks import COMPARED, MaskCost
from roialign_core.rounding import RoundingCost
from roialign_lab.figures.point_steps import CORNERS
from roialign_lab.figures.style import CORNER_INKS, INKS, mix
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.text import Text

FINENESS = 24  # points along a line, and along a side of the surface
REACH = 0.75  # cells that the surface goes beyond the four neighbours
PIN = 0.2  # of the heights: how far above all of them the value is written
Part = dict[str, Any]  # of a chart: a line, an axis, a note


def surface(feature_map: Floats, y: float, x: float, text: Text) -> Part:
    """The surface over the cells round the point (y, x), in map coordinates, and the ways across it.

    Along x from neighbour to neighbour it is straight, and along y between those two; along the diagonal it is not.

    >>> from roialign_lab.lesson.text import text_in
    >>> chart = surface(np.array([[0.0, 1.0], [2.0, 5.0]]), 1.0, 0.75, text_in("en"))
    >>> [(line["type"], line.get("name")) for line in chart["data"]][:2]
    [('surface', None), ('scatter3d', 'straight along x, twice')]
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
    lines: list[Part] = [
        {
            "type": "surface",
            "x": _numbers(xs),
            "y": _numbers(ys),
            "z": [_numbers(row) for row in heights],
            "colorscale": [[0, low], [1, high]],
            "opacity": 0.6,
            "showscale": False,
            "hovertemplate": "y %{y:.2f}, x %{x:.2f}: %{z:.4f}<extra></extra>",
            "contours": {axis: {"show": True, "color": "rgba(90,100,110,.35)", "size": 0.25} for axis in ("x", "y")},
        }
    ]
    if point.inside:
        for k, at in enumerate((corners_y[0], corners_y[2])):
            lines += _way(feature_map, (at, at), (left, right), "quiet", text("surface.along_x"), first=not k)
        lines += _way(feature_map, (top, bottom), (x, x), "sample", text("surface.along_y"))
        diagonal = (corners_y[0], corners_y[3]), (corners_x[0], corners_x[3])
        lines += _way(feature_map, *diagonal, "read", text("surface.diagonal"))
        lines.append(
            {
                "type": "scatter3d",
                "x": _numbers(corners_x),
                "y": _numbers(corners_y),
                "z": _numbers(point.neighbor_value),
                "mode": "markers+text",
                "text": [
                    f"{name} {number(value, 2)}" for name, value in zip(CORNERS, point.neighbor_value, strict=True)
                ],
                "textposition": "top center",
                "textfont": {"size": 16},
                "marker": {
                    "size": 9,
                    "color": [mix(INKS[name].light, INKS[name].dark, 0.5) for name in CORNER_INKS],
                    "line": {"color": "white", "width": 2},
                },
                "showlegend": False,
                "hoverinfo": "skip",
            }
        )
    known = heights[np.isfinite(heights)]
    tip = float(known.max() + PIN * (np.ptp(known) or 1.0)) if known.size else 0.0
    ink = INKS["sample"].dark
    lines.append(  # a pin, for what stands at the point itself may lie behind the surface
        {
            "type": "scatter3d",
            "x": [x, x],
            "y": [y, y],
            "z": _numbers(np.array([point.value, tip])),
            "mode": "lines+text",
            "text": ["×", number(point.value, 4)],
            "textposition": ["middle center", "top center"],
            "textfont": {"size": [50, 20], "color": ink},
            "line": {"color": ink, "width": 3},
            "showlegend": False,
            "hoverinfo": "skip",
        }
    )
    legend = {"orientation": "h", "y": 0, "yanchor": "bottom", "x": 0.5, "xanchor": "center", "font": {"size": 15}}
    scene = {
        "xaxis": {"title": {"text": "x"}},
        "yaxis": {"title": {"text": "y"}, "autorange": "reversed"},
        "zaxis": {"title": {"text": text("surface.value")}},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.7},
        "camera": {"eye": {"x": 1.0, "y": 1.85, "z": 1.25}, "center": {"x": 0, "y": 0, "z": -0.15}},
    }
    edges = {"l": 0, "r": 0, "t": 0, "b": 0}
    layout = {"height": 520, "margin": edges, "font": {"size": 15}, "legend": legend, "uirevision": "surface"}
    return {"data": lines, "layout": {**layout, "scene": scene}}


def _way(
    feature_map: Floats, ys: tuple[float, float], xs: tuple[float, float], ink: str, name: str, *, first: bool = True
) -> Iterator[Part]:
    """A line over the surface from one place to another, and the straight one between its ends, dotted."""
    y, x = np.linspace(*ys, FINENESS + 1), np.linspace(*xs, FINENESS + 1)
    heights = interpolate(feature_map, y, x)
    line: Part = {"type": "scatter3d", "mode": "lines", "hoverinfo": "skip"}
    color, ends = mix(INKS[ink].light, INKS[ink].dark, 0.25), slice(None, None, FINENESS)  # for either theme
    yield {**line, **_at(x, y, heights), "line": {"color": color, "width": 7}} | {
        "name": name,
        "legendgroup": name,
        "showlegend": first,
    }
    dotted = {"color": color, "width": 3, "dash": "dot"}
    yield {**line, **_at(x[ends], y[ends], heights[ends]), "line": dotted, "showlegend": False}


def _at(x: Floats, y: Floats, z: Floats) -> Part:
    return {"x": _numbers(x), "y": _numbers(y), "z": _numbers(z)}


def _numbers(values: Floats) -> list[float | None]:
    """What JSON can hold: no number for NaN and the infinities, which no chart draws."""
    return [float(value) if np.isfinite(value) else None for value in np.asarray(values).ravel()]


INK_OF = {"pool": "read", "legacy": "neighbor", "align": "roi"}
HEIGHT, MASK_HEIGHT = 400, 520
SIZES_IN_A_ROW = 2
CELLS_BESIDE = 6  # cells on either side of the blob
IOU_BINS = 40


def shift_chart(costs: Sequence[RoundingCost], text: Text) -> Part:
    """The mean shift in image pixels by stride, of the near and of the far sides."""
    bars = []
    for name, opacity in (("near", 0.5), ("far", 1.0)):
        means = [float(np.abs(getattr(cost, name)).mean()) for cost in costs]
        bars.append(
            {
                "type": "bar",
                "x": [str(cost.stride) for cost in costs],
                "y": means,
                "name": text(f"spread.{name}"),
                "text": [number(mean, 1) for mean in means],
                "textposition": "outside",
                "textfont": {"size": 15},
                "cliponaxis": False,
                "marker": {"color": INKS["read"].light, "opacity": opacity},  # both are RoI Pooling's
            }
        )
    layout = _layout(text("spread.shift"))
    layout["xaxis"] = {"type": "category", "title": {"text": text("spread.stride")}}
    return {"data": bars, "layout": layout}


def iou_chart(costs: Sequence[RoundingCost], text: Text) -> Part:
    """The spread of the IoU of the requested box and the region read, a line for each stride."""
    edges = np.linspace(0, 1, IOU_BINS + 1)
    lines = []
    for k, cost in enumerate(costs):
        shares = np.histogram(cost.iou, edges)[0] / len(cost.iou)
        shade = f"rgba(217,115,10,{0.6 + 0.4 * k / max(len(costs) - 1, 1):.2f})"
        lines.append(
            {
                "type": "scatter",
                "x": _numbers((edges[:-1] + edges[1:]) / 2),
                "y": _numbers(shares),
                "name": f"{text('spread.stride')} {cost.stride}, {text('spread.mean')} {number(cost.iou.mean(), 2)}",
                "mode": "lines",
                "line": {"color": shade, "width": 2 + k / 2, "shape": "hvh"},
            }
        )
    layout = _layout(text("spread.share"))
    layout["xaxis"] = {"title": {"text": text("spread.iou")}}
    return {"data": lines, "layout": layout}


def mask_chart(costs: Sequence[MaskCost], grid: str, text: Text) -> Part:
    """The mean IoU of the masks on one grid by stride, a panel an object size, a line an operator."""
    sizes = sorted({cost.size for cost in costs})
    panels = _panels([text("mask.size", size=size) for size in sizes], SIZES_IN_A_ROW, gap=0.14)
    layout = _layout(None) | panels
    title = f"{text(f'mask.{grid}')}<br>{text('mask.iou')}"  # a phone has no room for it along the axis
    layout["title"] = {"text": title, "font": {"size": 18}, "x": 0, "xref": "container"}
    layout |= {"height": MASK_HEIGHT, "margin": {**layout["margin"], "t": 96}}
    layout["legend"] = {**layout["legend"], "y": -0.2}
    lines = []
    for n, size in enumerate(sizes):
        mark = "" if n == 0 else str(n + 1)
        here = [cost for cost in costs if cost.size == size]
        layout["xaxis" + mark]["type"] = "category"
        layout["yaxis" + mark]["range"] = [0, 1]
        if n + SIZES_IN_A_ROW >= len(sizes):
            layout["xaxis" + mark]["title"] = {"text": text("spread.stride")}
        for name in COMPARED:
            color = INKS[INK_OF[name]].light
            lines.append(
                {
                    "type": "scatter",
                    "x": [str(cost.stride) for cost in here],
                    "y": [float(cost.iou[grid][name].mean()) for cost in here],
                    "name": text(f"mask.{name}"),
                    "mode": "lines+markers",
                    "line": {"color": color, "width": 4},
                    "marker": {"size": 10},
                    "showlegend": n == 0,
                    "legendgroup": name,
                    "xaxis": "x" + mark,
                    "yaxis": "y" + mark,
                }
            )
    return {"data": lines, "layout": layout}


def trained_chart(
    points: Mapping[str, Sequence[Sequence[Sequence[float]]]], sizes: Sequence[str], strides: Sequence[int], text: Text
) -> Part:
    """By operator, size and stride the share of good masks of each seed: a line through the means, a dot a seed."""
    panels = _panels(sizes, len(sizes), gap=0.14)
    layout = _layout(text("trained.share")) | panels
    layout |= {"height": HEIGHT, "legend": {**layout["legend"], "y": -0.3}, "hovermode": "closest"}
    layout["yaxis"] = {**layout["yaxis"], "title": {"text": text("trained.share")}}
    lines = []
    for n in range(len(sizes)):
        mark = "" if n == 0 else str(n + 1)
        layout["xaxis" + mark] |= {"type": "category", "title": {"text": text("spread.stride")}}
        layout["yaxis" + mark]["range"] = [0, 105]
        for name, of_sizes in points.items():
            color = INKS[INK_OF[name.removeprefix("roi_")]].light
            axes = {"type": "scatter", "xaxis": "x" + mark, "yaxis": "y" + mark, "legendgroup": name}
            means = [100 * sum(seeds) / len(seeds) if seeds else None for seeds in of_sizes[n]]
            line = {"x": [str(stride) for stride in strides], "y": means, "mode": "lines"}
            line |= {"line": {"color": color, "width": 4}, "name": text(f"mask.{name.removeprefix('roi_')}")}
            each = [
                (str(stride), 100 * share)
                for stride, seeds in zip(strides, of_sizes[n], strict=True)
                for share in seeds
            ]
            dots = {"x": [x for x, _ in each], "y": [y for _, y in each], "mode": "markers", "showlegend": False}
            dots |= {"marker": {"size": 10, "color": color}, "name": text(f"mask.{name.removeprefix('roi_')}")}
            lines += [{**axes, **line, "showlegend": n == 0}, {**axes, **dots}]
    return {"data": lines, "layout": layout}


def places_chart(rows: Mapping[str, Floats], shown: Mapping[str, float], pixel: float, stride: int, text: Text) -> Part:
    """A row of cells through a blob for each kind of filter: bars where they are drawn, dots where they belong."""
    inks = {"even": "roi", "odd": "read"}
    layout = _layout(None) | _panels([text(f"places.{name}") for name in rows], 1, gap=0.2)
    lines: list[Part] = []
    reach, high = CELLS_BESIDE * stride, 1.4
    for n, (name, values) in enumerate(rows.items()):
        mark, color = "" if n == 0 else str(n + 1), INKS[inks[name]].light
        on = {"xaxis": "x" + mark, "yaxis": "y" + mark}
        drawn, belongs = cell_places(len(values), stride), cell_places(len(values), stride, name)
        bar = {"color": color, "opacity": 0.55, "line": {"color": color, "width": 2}}
        at = {"x": _numbers(drawn), "y": _numbers(values), "width": stride}
        lines.append({"type": "bar", **at, "marker": bar, "showlegend": False, **on})
        dots = {"color": INKS["neighbor"].dark, "size": 11, "line": {"color": INKS["neighbor"].light, "width": 2}}
        legend = {"name": text("places.dots"), "showlegend": n == 0}
        at = {"x": _numbers(belongs), "y": _numbers(values)}
        lines.append({"type": "scatter", **at, "mode": "markers", "marker": dots, **legend, **on})
        blob = {"color": INKS["sample"].light, "width": 3, "dash": "dash"}
        legend = {"name": text("places.blob"), "showlegend": n == 0}
        lines.append(
            {"type": "scatter", "x": [pixel, pixel], "y": [0, high], "mode": "lines", "line": blob} | legend | on
        )
        layout["shapes"].append(
            {
                "type": "line",
                "xref": "x" + mark,
                "yref": f"y{mark} domain",
                "x0": shown[name],
                "x1": shown[name],
                "y0": 0,
                "y1": 1,
                "line": {"color": color, "width": 3},
                "layer": "below",
            }
        )
        beyond = shown[name] > pixel + 1
        layout["annotations"].append(
            {
                "text": number(shown[name], 1),
                "font": {"size": 18},
                "showarrow": False,
                "xref": "x" + mark,
                "yref": f"y{mark} domain",
                "x": shown[name],
                "y": 1,
                "xanchor": "left" if beyond else "right",
                "yanchor": "top",
            }
        )
        layout["xaxis" + mark] |= {"range": [pixel - reach, pixel + reach], "dtick": stride, "showticklabels": True}
        layout["yaxis" + mark] |= {
            "range": [0, high],
            "tickvals": [0, 0.5, 1],
            "title": {"text": text("places.bright")},
        }
    layout["xaxis" + mark]["title"] = {"text": text("places.pixels")}
    layout["legend"] = {**layout["legend"], "y": -0.2}
    return {"data": lines, "layout": {**layout, "height": MASK_HEIGHT, "bargap": 0}}


def _panels(titles: Sequence[str], across: int, *, gap: float) -> Part:
    """Axes of panels in rows, ``gap`` of the height apart, each under its title; all have the first one's range."""
    down = -(-len(titles) // across)
    beside = 0.2 / across if across > 1 else 0.0
    wide, high = (1 - beside * (across - 1)) / across, (1 - gap * (down - 1)) / down
    layout: Part = {"annotations": [], "shapes": []}
    for n, title in enumerate(titles):
        row, column = divmod(n, across)
        mark = "" if n == 0 else str(n + 1)
        left, foot = column * (wide + beside), (down - 1 - row) * (high + gap)
        below, first = n + across < len(titles), column == 0
        layout["xaxis" + mark] = {"domain": [left, left + wide], "anchor": "y" + mark, "showticklabels": not below}
        layout["yaxis" + mark] = {"domain": [foot, foot + high], "anchor": "x" + mark, "showticklabels": first}
        if n:
            layout["xaxis" + mark]["matches"], layout["yaxis" + mark]["matches"] = "x", "y"
        at = {"x": left + wide / 2, "y": foot + high, "xref": "paper", "yref": "paper"}
        ends = {"xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 16}}
        layout["annotations"].append({"text": title, **at, **ends})
    return layout


def _layout(y: str | None) -> Part:
    """Sizes that are read from the back row."""
    return {
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 40, "b": 0},
        "font": {"size": 16},
        "legend": {"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0, "font": {"size": 15}},
        "hovermode": "x",
        **({"yaxis": {"title": {"text": y}}} if y is not None else {}),
    }
