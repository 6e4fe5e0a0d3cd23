"""The sweep as a chart of PowerPoint: lines with names, axes with units, numbers that can be edited."""

from __future__ import annotations

import math
from typing import Any

from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE, MSO_THEME_COLOR
from pptx.util import Pt

from roialign_lab.export.drawing_xml import Box, Palette
from roialign_lab.figures.sweep_chart import MOST_LINES_NAMED, Sweep, axis_words
from roialign_lab.lesson.number_text import number

LABELS, TITLES = 14, 16  # points
LOOKED_AT, OTHER = 3.0, 1.5  # points: the lines of the output that is looked at, and those of the others


def add_chart(shapes: Any, sweep: Sweep, at: Box, palette: Palette, language: str) -> Any:
    """An XY chart with two lines an output and a third, upright, where the side is now."""
    data = XyChartData()
    looks = []
    for operator, outputs, color, dash in (
        ("RoI Pooling", sweep.pool, "read", None),
        ("RoI Align", sweep.align, "roi", MSO_LINE.DASH if palette.theme == "print" else None),
    ):
        lines = outputs.reshape(len(outputs), -1).T.tolist()
        for k, line in enumerate(lines):
            series = data.add_series(f"{operator} {sweep.names[k] if len(sweep.names) == len(lines) else k + 1}")
            for x, y in zip(sweep.positions.tolist(), line, strict=True):
                if math.isfinite(y):
                    series.add_data_point(x, y)
            looks.append((color, LOOKED_AT if k == sweep.looked else OTHER, dash))
    low, high = sweep.range
    here = data.add_series(f"{sweep.side} = {number(sweep.at, 2)}")
    here.add_data_point(sweep.at, low)
    here.add_data_point(sweep.at, high)
    looks.append(("sample", 2.0, MSO_LINE.ROUND_DOT))
    kind = XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS
    frame = shapes.add_chart(kind, *at, data)
    chart = frame.chart
    for series, (color, width, dash) in zip(chart.plots[0].series, looks, strict=True):
        series.smooth = False
        series.format.line.width = Pt(width)
        _paint(series.format.line.color, color, palette)
        if dash is not None:
            series.format.line.dash_style = dash
    chart.font.size = Pt(LABELS)
    _paint(chart.font.color, "quiet", palette)
    chart.has_title = False
    chart.has_legend = len(looks) <= 2 * MOST_LINES_NAMED + 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    ends = (float(sweep.positions[0]), float(sweep.positions[-1]))
    for axis, words, limits, color in zip(
        (chart.category_axis, chart.value_axis),
        axis_words(sweep, language),
        (ends, None),
        ("sample", "quiet"),
        strict=True,
    ):
        axis.has_title = True
        run = axis.axis_title.text_frame.paragraphs[0].add_run()
        run.text = words
        run.font.size, run.font.bold = Pt(TITLES), False
        _paint(run.font.color, color, palette)
        axis.has_major_gridlines = True
        _paint(axis.major_gridlines.format.line.color, "rule", palette)
        axis.format.line.fill.background()
        axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        if limits:
            axis.minimum_scale, axis.maximum_scale = limits
    for own in chart._chartSpace.xpath(".//*[local-name()='axId' or local-name()='crossAx']"):
        own.set("val", own.get("val").lstrip("-"))  # python-pptx writes them below 0, which the format has not
    return frame


def _paint(color: Any, name: str, palette: Palette) -> None:
    """An ink by its name in a colour of PowerPoint: that of the theme, if there is one for it."""
    slot = palette.slots.get(name, "")
    if slot and not slot.startswith("#"):
        color.theme_color = MSO_THEME_COLOR.from_xml(slot)
    else:
        color.rgb = RGBColor.from_string(palette.rgb(slot or name))
