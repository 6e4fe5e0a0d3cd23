"""The Plotly charts: what they say is what was computed, and no map breaks them."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from roialign_core.backbone import blob_row, blob_shown_at
from roialign_core.masks import GRIDS, mask_costs
from roialign_core.rounding import random_boxes, rounding_cost
from roialign_lab.figures import charts
from roialign_lab.lesson.text import text_in

ENGLISH = text_in("en")
CELLS = np.array([[0.0, 1.0], [2.0, 5.0]])


def drawn(chart: charts.Part) -> go.Figure:
    """The chart as Plotly reads it, which refuses what it does not know; it also travels as JSON."""
    return go.Figure(json.loads(json.dumps(chart, allow_nan=False)))


def surface(feature_map: np.ndarray, y: float, x: float) -> go.Figure:
    return drawn(charts.surface(feature_map, y, x, ENGLISH))


def _ways(feature_map: np.ndarray, y: float, x: float) -> dict[str, list[np.ndarray]]:
    """The heights along each way that has a name in the legend."""
    found: dict[str, list[np.ndarray]] = {}
    for trace in surface(feature_map, y, x).data:
        if trace.name is not None:
            found.setdefault(trace.name, []).append(np.array(trace.z))
    return found


def test_the_ways_along_x_and_y_are_straight_and_the_diagonal_is_not() -> None:
    ways = _ways(CELLS, y=1.0, x=0.75)
    upper, lower = ways["straight along x, twice"]
    np.testing.assert_allclose(upper, np.linspace(0, 1, 25), atol=1e-12)
    np.testing.assert_allclose(lower, np.linspace(2, 5, 25), atol=1e-12)
    np.testing.assert_allclose(ways["straight along y"][0], np.linspace(0.25, 2.75, 25), atol=1e-12)
    (diagonal,) = ways["along the diagonal: curved, unless the four lie in one plane"]
    assert (diagonal[0], diagonal[12], diagonal[-1]) == (0, 2.0, 5)  # halfway between 0 and 5 would be 2.5


def test_the_point_is_a_cross_with_its_value_on_a_pin_above_the_surface() -> None:
    pin = surface(CELLS, 1.0, 1.0).data[-1]
    assert pin.text == ("×", "2.0000")
    assert (pin.x, pin.y, pin.z[0]) == ((1.0, 1.0), (1.0, 1.0), 2.0)
    assert pin.z[1] > 5


def test_beyond_the_last_cell_the_ways_reach_the_point() -> None:
    ways = _ways(CELLS, y=2.25, x=1.75)  # reads the corner cell alone
    assert all(np.array_equal(way, np.full(25, 5.0)) for name in ways for way in ways[name] if "diagonal" not in name)


@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_a_map_of_numbers_that_are_not_finite_has_a_chart(unknown: float) -> None:
    assert surface(np.full((2, 2), unknown), 1.0, 1.0).data[-1].z[1] == 0
    assert np.isfinite(surface(np.array([[1.0, unknown], [2.0, 3.0]]), 0.5, 0.5).data[-1].z[1])


def test_far_outside_the_map_there_is_nothing_but_the_point() -> None:
    assert _ways(CELLS, 5.0, 5.0) == {}
    assert surface(CELLS, 5.0, 5.0).data[-1].text == ("×", "0.0000")


def test_a_chart_of_masks_for_each_grid() -> None:
    (cost,) = mask_costs((16,), (64,), 14, 4, 0)
    for grid in GRIDS:
        chart = drawn(charts.mask_chart([cost], grid, ENGLISH))
        assert [line.y for line in chart.data] == [(float(values.mean()),) for values in cost.iou[grid].values()]
    title = drawn(charts.mask_chart([cost], "corner", ENGLISH)).layout.title.text
    assert title == "cells at s·j<br>mean IoU with the true mask"


def test_bars_stand_where_cells_are_drawn_and_dots_where_they_belong() -> None:
    rows = {taps: blob_row(256.0, 16, taps) for taps in ("even", "odd")}
    shown = {taps: blob_shown_at(256.0, 16, taps) for taps in rows}
    chart = drawn(charts.places_chart(rows, shown, 256.0, 16, ENGLISH))
    bars = [trace for trace in chart.data if trace.type == "bar"]
    dots = [trace for trace in chart.data if trace.name == "where the number of a cell belongs"]
    assert [bar.x[16] for bar in bars] == [264.0, 264.0] and [bar.width for bar in bars] == [16, 16]
    assert [dot.x[16] for dot in dots] == [264.0, 256.5]
    assert [note.text for note in chart.layout.annotations if note.text[0] == "2"] == ["256.0", "263.5"]


def test_bars_of_the_mean_shift_and_the_spread_of_the_iou() -> None:
    costs = [rounding_cost(random_boxes(200, 0), stride) for stride in (8, 16)]
    near, far = drawn(charts.shift_chart(costs, ENGLISH)).data
    assert (near.x, far.name) == (("8", "16"), "right and bottom side")
    assert near.y == tuple(np.abs(cost.near).mean() for cost in costs)
    lines = drawn(charts.iou_chart(costs, ENGLISH)).data
    assert [sum(line.y) for line in lines] == pytest.approx([1.0, 1.0])
