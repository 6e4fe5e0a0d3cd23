"""A sweep is the trace at every position, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_ALIGN_ROTATED, ROI_POOL, RoIError, trace
from roialign_core.examples import ANIMATION_MAP, random_map
from roialign_core.sweep import sweep

OPERATORS = {
    "pool": ROI_POOL,
    "article": replace(ROI_POOL, split=("ceil", "floor")),
    "align": ROI_ALIGN,
    "legacy": ROI_ALIGN_LEGACY,
    "max": replace(ROI_ALIGN, aggregate="max"),
}


def moved(side, many=401):
    boxes = np.tile([0.55, 2.7, 6.35, 7.4], (many, 1))
    boxes[:, side] += np.linspace(-1, 1, many)
    return boxes * 16


def test_a_sweep_refuses_what_a_trace_refuses():
    for boxes in (1, [0, 0, 1], [[0, 0, 1]], np.zeros((1, 2, 4)), "abc", [[0, 0, 1, 1], [0]], None):
        with pytest.raises(RoIError, match="boxes are"):
            sweep(ANIMATION_MAP, boxes, ROI_ALIGN, 2)
    assert sweep(ANIMATION_MAP, [], ROI_ALIGN, 2).shape == (0, 2, 2)
    with pytest.raises(RoIError, match="1000000000000 sample points"):
        sweep(ANIMATION_MAP, [(0, 0, 2, 2)], ROI_ALIGN, 1, 1.0, 10**6)
    with pytest.raises(RoIError, match="beyond"):
        sweep(ANIMATION_MAP, [(0, 0, 1, 1)], ROI_ALIGN, 2, 1e30)
    with pytest.raises(RoIError, match=r"x1=5\.0, x2=3\.0"):  # the first of two
        sweep(ANIMATION_MAP, [(5, 0, 3, 1), (4, 0, 2, 1)], ROI_POOL, 2)
    with pytest.raises(RoIError, match="such as ROI_ALIGN"):
        sweep(ANIMATION_MAP, [(0, 0, 1, 1)], "roi_align", 2)


def test_a_sweep_of_turned_boxes():
    boxes = [(4, 4, 3, 2, 0), (4, 4, 3, 2, 30), (4, 4, 3, 2, 30)]
    expected = [trace(ANIMATION_MAP, box, ROI_ALIGN_ROTATED, 2).output for box in boxes]
    assert sweep(ANIMATION_MAP, boxes, ROI_ALIGN_ROTATED, 2).tolist() == np.array(expected).tolist()


def test_a_box_that_comes_again_later_is_read_again():
    """Cells 0 to 2, twice in a row, then 1 to 4, then the first box once more: only neighbours in the table are one."""
    boxes = [(0, 0, 2, 2), (0.2, 0, 2.2, 2), (1, 0, 4, 2), (0, 0, 2, 2)]
    ramp = np.tile(np.arange(6.0), (6, 1))
    assert sweep(ramp, boxes, ROI_POOL, 1).ravel().tolist() == [2, 2, 4, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("ratio", [2, 0])
def test_every_position_is_a_trace(name, side, dtype, ratio):
    feature_map, boxes = ANIMATION_MAP.astype(dtype), moved(side)
    got = sweep(feature_map, boxes, OPERATORS[name], (2, 3), 1 / 16, ratio)
    each = [trace(feature_map, box, OPERATORS[name], (2, 3), 1 / 16, ratio).output for box in boxes]
    assert got.dtype == dtype and got.tobytes() == np.array(each).tobytes()


def test_many_boxes_anywhere_are_traces():
    rng = np.random.default_rng(3)
    feature_map = random_map(9, 7, 4)
    boxes = np.sort(rng.uniform(-40, 200, (200, 2, 2)), axis=1).reshape(200, 4)
    for operator in OPERATORS.values():
        got = sweep(feature_map, boxes, operator, 3, 1 / 16, 3)
        for box, values in zip(boxes, got, strict=True):
            assert np.array_equal(values, trace(feature_map, box, operator, 3, 1 / 16, 3).output)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("pool", {"end": "last_pixel"}),
        ("pool", {"aggregate": "mean"}),
        *(
            (name, other)
            for name in ("align", "max")
            for other in (
                {"end": "last_pixel"},
                {"edge": "half_cell"},
                {"edge": "fade"},
                {"fill": 7.0},
                {"minimum_size": 3.0},
                {"origin": "cell_centre"},
                {"interpolation": "nearest"},
                {"reading": "surface"},
                {"rounding": "half_away_from_zero", "split": "overlap"},
            )
        ),
    ],
)
def test_another_answer_is_another_sweep(name, other):
    operator = replace(OPERATORS[name], **other)
    boxes = np.array([(k / 2 - 2, 0, k / 2 + 1, 5) for k in range(20)])
    got = sweep(ANIMATION_MAP, boxes, operator, 2, 0.5, 2)
    assert got.tolist() == [trace(ANIMATION_MAP, box, operator, 2, 0.5, 2).output.tolist() for box in boxes]


def test_the_staircase_and_the_line():
    """The right side of the article's box goes from 6 to 8 cells; the upper right bin of 2 × 2."""
    boxes = [(0, 3, x, 8) for x in (6.0, 6.25, 6.49, 6.5, 6.75, 7.0, 7.5, 8.0)]
    pooled = sweep(ANIMATION_MAP, boxes, replace(ROI_POOL, split="floor"), 2)[:, 0, 1].tolist()
    assert pooled == [0.84, 0.84, 0.84, 0.84, 0.84, 0.84, 0.75, 0.75]
    aligned = sweep(ANIMATION_MAP, boxes, ROI_ALIGN, 2)[:, 0, 1]
    assert np.abs(np.diff(aligned)).max() < 0.05 and len(set(aligned.tolist())) == 8


def test_a_box_that_is_no_box_is_refused_as_a_trace_refuses_it():
    with pytest.raises(RoIError, match="x2 must not be less"):
        sweep(ANIMATION_MAP, [(0, 0, 3, 3), (5, 0, 3, 3)], ROI_ALIGN, 2)


def test_boxes_that_are_not_real_are_named():
    with pytest.raises(RoIError, match="boxes are"):
        sweep(ANIMATION_MAP, np.array([[0, 0, 2, 2 + 5j]]), ROI_ALIGN, 2)


def test_a_box_that_float32_cannot_hold_is_named():
    with pytest.raises(RoIError, match="overflows float32"):
        sweep(ANIMATION_MAP.astype(np.float32), [(0, 0, 1e39, 1e39)], ROI_POOL, 2, 1e-37)


def test_a_large_adaptive_box_is_a_trace_at_every_position():
    """262,144 sample points or so: too many to be read together."""
    feature_map = random_map(512, 512, 6)
    boxes = np.array([(0.0, 0.0, 512.0, side) for side in (510.25, 511.0, 512.0)])
    for name in ("align", "max", "pool"):
        for size in (1, 3):
            got = sweep(feature_map, boxes, OPERATORS[name], size, 1.0, 0)
            each = [trace(feature_map, box, OPERATORS[name], size, 1.0, 0).output for box in boxes]
            assert got.tobytes() == np.array(each).tobytes()


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("ratio", [0, 2])
def test_one_bin_of_a_sweep_is_that_bin_of_all(name, ratio):
    boxes = moved(2, 41)
    every = sweep(ANIMATION_MAP, boxes, OPERATORS[name], (2, 3), 1 / 16, ratio)
    one = sweep(ANIMATION_MAP, boxes, OPERATORS[name], (2, 3), 1 / 16, ratio, cell=(1, 2))
    assert one.shape == (41, 1, 1) and one.ravel().tolist() == every[:, 1, 2].tolist()
    with pytest.raises(RoIError, match=r"\(row, column\) of 2 x 3 \(got \(2, 0\)\)"):
        sweep(ANIMATION_MAP, boxes, OPERATORS[name], (2, 3), 1 / 16, ratio, cell=(2, 0))
