"""A trace as JSON, as CSV, in a notebook; and the level of a pyramid that a box goes to."""

import csv
import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import OPERATORS, ROI_ALIGN, ROI_POOL, BoxError, OptionError, fpn_levels, trace
from roialign_core.examples import ANIMATION_MAP

KEYS = [key for key in OPERATORS if key != "roi_align_rotated"]
ODD = np.array([[1.0, np.nan], [np.inf, -np.inf]])


@pytest.mark.parametrize("key", KEYS)
def test_a_trace_is_json_and_back(key):
    traced = trace(ANIMATION_MAP, (0, 3, 6, 7), OPERATORS[key], 2)
    again = json.loads(json.dumps(traced.to_dict(), allow_nan=False))
    assert again["output"] == traced.output.tolist()
    assert again["operator"]["name"] == OPERATORS[key].name
    assert np.array(again["weights"]).shape == traced.weights.shape
    assert again["box"] == [0, 3, 6, 7] and again["dtype"] == "float64"


@pytest.mark.parametrize("key", KEYS)
def test_the_samples_of_the_csv_give_the_output(key):
    traced = trace(ANIMATION_MAP, (0.5, 2.7, 6.3, 7.4), OPERATORS[key], 2)
    table = list(csv.DictReader(io.StringIO(traced.to_csv())))
    assert len(table) == len(traced.sample_value)
    output = np.zeros((2, 2))
    for line in table:
        corners = ("top_left", "top_right", "bottom_left", "bottom_right")
        cells = [ANIMATION_MAP[int(line[f"{c}_row"]), int(line[f"{c}_column"])] for c in corners]
        read = float(np.dot([float(line[f"{c}_weight"]) for c in corners], cells))
        if key != "roi_align_onnx_max":
            assert float(line["value"]) == pytest.approx(read)
        output[int(line["bin_row"]), int(line["bin_column"])] += float(line["value"]) * float(line["share"])
    np.testing.assert_allclose(output, traced.output)


def test_what_is_not_finite_is_null_in_json_and_named_in_csv():
    traced = trace(ODD, (0, 0, 2, 2), ROI_POOL, 2)
    assert json.loads(json.dumps(traced.to_dict(), allow_nan=False))["feature_map"] == [[1.0, None], [None, None]]
    assert "nan" in traced.to_csv()


@pytest.mark.parametrize("box", [(0, 3, 6, 7), (-3, -3, 2, 2)])
def test_a_notebook_shows_the_map_the_box_and_the_output(box):
    shown = ElementTree.fromstring(trace(ANIMATION_MAP, box, ROI_ALIGN, 2)._repr_html_())
    svg = "{http://www.w3.org/2000/svg}"
    inks = [text.get("fill") for text in shown.iter(svg + "text")]
    levels = [float(cell.get("fill-opacity")) for cell in shown.iter(svg + "rect") if cell.get("fill-opacity")]
    assert inks == ["#ffffff" if level > 0.5 else "currentColor" for level in levels]  # read in light and dark
    assert len(inks) == 64
    assert len(list(shown.iter(svg + "path"))) == 16  # a × a sample
    assert len(list(shown.iter(svg + "polygon"))) == 4
    cells = [cell.text for cell in shown.iter("td")]
    assert cells == [f"{value:.4f}" for value in trace(ANIMATION_MAP, box, ROI_ALIGN, 2).output.ravel()]


def test_a_notebook_shows_a_large_map_and_an_odd_one_too():
    assert "td" in trace(np.zeros((64, 64)), (0, 0, 9, 9), ROI_ALIGN, 2)._repr_html_()
    ElementTree.fromstring(trace(ODD, (0, 0, 2, 2), ROI_ALIGN, 2)._repr_html_())


def test_the_levels_of_known_boxes():
    sides = [10, 111.9, 112, 223.9, 224, 447.9, 448, 5000]
    boxes = [[3, 5, 3 + side, 5 + side] for side in sides]
    assert fpn_levels(boxes).tolist() == [2, 2, 3, 3, 4, 4, 5, 5]
    assert fpn_levels([[0, 0, 224, 56]]).tolist() == [3]  # sqrt(224 · 56) = 112
    assert fpn_levels([[5, 5, 5, 5], [9, 9, 1, 1]]).tolist() == [2, 2]
    assert fpn_levels(np.zeros((0, 4))).shape == fpn_levels([]).shape == (0,)


@settings(deadline=None)
@given(st.floats(0.01, 1e4), st.floats(1, 8), st.sampled_from([np.float32, np.float64]))
def test_levels_grow_with_the_box(side, times, dtype):
    small, large = fpn_levels(np.array([[0, 0, side, side], [0, 0, side * times, side * times]], dtype))
    assert 2 <= small <= large <= 5
    unbound = fpn_levels(np.array([[0, 0, side, side], [0, 0, 2 * side, 2 * side]]), -50, 50)
    assert unbound[1] - unbound[0] == 1


def test_levels_of_nonsense_are_refused():
    with pytest.raises(BoxError, match="nan"):
        fpn_levels([[0, 0, np.nan, 1]])
    with pytest.raises(BoxError):
        fpn_levels([[0, 0, 1]])
    with pytest.raises(OptionError):
        fpn_levels([[0, 0, 1, 1]], 5, 2)
    for boxes in ("x", [[0, 0, 1, 1], [0]], [[10**400, 0, 1, 1]]):
        with pytest.raises(BoxError):
            fpn_levels(boxes)
    for levels in ({"lowest": None}, {"canonical_size": "a"}, {"canonical_level": 10**400}, {"highest": 2.5}):
        with pytest.raises(OptionError, match="levels are whole numbers"):
            fpn_levels([[0, 0, 1, 1]], **levels)
    assert fpn_levels([[-1e200, -1e200, 1e200, 1e200]]).tolist() == [5]


def test_levels_that_are_no_levels_are_named():
    for lowest, highest in ((-(10**400), 5), (2**63, 2**63), (2, 1001)):
        with pytest.raises(OptionError, match="levels"):
            fpn_levels([[0, 0, 1, 1]], lowest, highest)
    with pytest.raises(BoxError, match="boxes are"):
        fpn_levels(np.array([[0, 0, 1, 1j]]))
