"""One point: weights as areas, two lerps, and the edge rules at -1 and H."""

import numpy as np
import pytest

from roialign_core import RoIError, trace_point
from roialign_core.bilinear import axis_weights, interpolate

SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])


def test_three_ways_to_say_one_thing():
    p = trace_point(SQUARE, 0.75, 1.25)  # a quarter down and three quarters right between the centres
    assert p.weights.tolist() == [0.1875, 0.5625, 0.0625, 0.1875]
    assert (p.share_top, p.share_bottom, p.share_left, p.share_right) == (0.75, 0.25, 0.25, 0.75)
    assert (p.top, p.bottom) == (1.75, 3.75)
    assert p.value == p.lerp == 2.25


@pytest.mark.parametrize(
    ("index", "value"),
    [(-1.0, 10), (-1.0001, 0), (-0.5, 10), (0.0, 10), (0.25, 12.5), (2.0, 30), (2.9, 30), (3.0, 30), (3.0001, 0)],
)
def test_the_edge_rules_of_a_column_of_three(index, value):
    column = np.array([[10.0], [20.0], [30.0]])
    assert trace_point(column, index + 0.5, 0.5).value == value


def test_nan_is_outside():
    assert axis_weights(np.array([np.nan]), 3).inside.tolist() == [False]
    assert interpolate(SQUARE, np.array([np.nan]), np.array([1.0])).tolist() == [0]


def test_a_point_outside_has_no_weights():
    p = trace_point(SQUARE, -0.75, 1)
    assert not p.inside and p.value == 0 and p.weights.tolist() == [0, 0, 0, 0]


def test_a_point_needs_finite_coordinates():
    with pytest.raises(RoIError, match="finite"):
        trace_point(SQUARE, float("nan"), 1)


def test_many_points_are_read_as_one_is():
    rng = np.random.default_rng(3)
    feature_map = rng.standard_normal((5, 7)).astype(np.float32)
    ys, xs = rng.uniform(-2, 7, 200), rng.uniform(-2, 9, 200)
    one_by_one = [trace_point(feature_map, y, x).value for y, x in zip(ys, xs, strict=True)]
    np.testing.assert_array_equal(interpolate(feature_map, ys, xs), np.array(one_by_one, np.float32))
