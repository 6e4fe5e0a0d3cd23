"""The backward passes: torchvision's recorded gradients, mmcv's, finite differences, and the transpose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import (
    OPERATORS,
    PRECISE_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_ONNX_MAX,
    ROI_ALIGN_ROTATED,
    ROI_POOL,
    BoxError,
    MapError,
    OptionError,
    finite_differences,
    prroi_pool_backward,
    roi_align,
    roi_align_backward,
    roi_pool,
    roi_pool_backward,
    trace,
)
from roialign_core.bilinear import frozen
from roialign_core.finite_differences import check_slopes
from roialign_core.gradients import box_gradient, map_gradient
from roialign_core.trace import trace_again
from roialign_lab.figures import slopes
from roialign_lab.lesson.own_maps import OwnMaps, keep
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import text_in

FOUR = np.array([[1.0, 2.0], [3.0, 4.0]])
CLOSE = {"float32": 1e-5, "float64": 1e-6}


def test_every_recorded_gradient_of_roi_align(torchvision_answers):
    compared = 0
    for case, arrays in torchvision_answers:
        if case["op"] != "roi_align":
            continue
        got = roi_align_backward(
            arrays["grad_output"],
            [arrays["boxes"]],
            arrays["features"].shape,
            case["output_size"],
            case["spatial_scale"],
            case["sampling_ratio"],
            case["aligned"],
        )
        close = CLOSE[case["dtype"]]
        assert got.dtype == arrays["features"].dtype
        np.testing.assert_allclose(got, arrays["grad_features"], rtol=close, atol=close, err_msg=str(case))
        compared += 1
    assert compared == 192


def test_every_recorded_gradient_of_roi_pool(torchvision_answers):
    compared = 0
    for case, arrays in torchvision_answers:
        if case["op"] != "roi_pool":
            continue
        got = roi_pool_backward(
            arrays["grad_output"], arrays["features"], [arrays["boxes"]], case["output_size"], case["spatial_scale"]
        )
        close = CLOSE[case["dtype"]]
        np.testing.assert_allclose(got, arrays["grad_features"], rtol=close, atol=close, err_msg=str(case))
        compared += 1
    assert compared == 32


def test_the_corner_example():
    grad, box = np.ones((1, 1, 2, 2)), [[0, 0, 0, 1, 1]]
    expected = [[3.0625, 0.4375], [0.4375, 0.0625]]
    assert roi_align_backward(grad, box, (1, 1, 2, 2), 2, 1.0, 2, True)[0, 0].tolist() == expected
    assert map_gradient(trace(FOUR, (0, 0, 1, 1), ROI_ALIGN, 2)).tolist() == expected


def test_mmcvs_precise_roi_pooling_has_a_gradient_to_its_box():
    to_map, to_box = prroi_pool_backward(np.ones((1, 1, 2, 2)), FOUR[None, None], [[0, 0, 0, 1, 1]], 2)
    assert to_map[0, 0].tolist() == [[1, 1], [1, 1]]
    assert to_box.tolist() == [[0, 2, 4, 2, 4]]


def test_a_pixel_is_worth_less_where_the_map_is_coarser():
    fine = prroi_pool_backward(np.ones((1, 1, 2, 2)), FOUR[None, None], [[0, 0, 0, 1, 1]], 2)[1]
    coarse = prroi_pool_backward(np.ones((1, 1, 2, 2)), FOUR[None, None], [[0, 0, 0, 16, 16]], 2, 1 / 16)[1]
    np.testing.assert_allclose(coarse, fine / 16)


numbers = st.integers(0, 2**31)


@given(numbers)
@settings(max_examples=40, deadline=None)
def test_the_box_gradient_is_the_slope_that_finite_differences_measure(seed):
    rng = np.random.default_rng(seed)
    feature_map = rng.standard_normal((6, 7))
    x1, y1 = rng.uniform(-2, 4, 2)
    box = np.array([x1, y1, x1 + rng.uniform(0.5, 6), y1 + rng.uniform(0.5, 6)])
    rows, columns = (int(n) for n in rng.integers(1, 4, 2))
    t = trace(feature_map, box, PRECISE_ROI_POOL, (rows, columns))
    cell = (int(rng.integers(rows)), int(rng.integers(columns)))
    step = 1e-5
    for side in range(4):
        there, back = (
            trace(feature_map, box + by * np.eye(4)[side], PRECISE_ROI_POOL, (rows, columns)).output
            for by in (step, -step)
        )
        slope = (there - back) / (2 * step)
        np.testing.assert_allclose(box_gradient(t, cell)[side], slope[cell], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(box_gradient(t)[side], slope.sum(), rtol=1e-3, atol=1e-3)


@given(numbers, st.sampled_from([key for key in OPERATORS if key != "roi_align_rotated"]))
@settings(max_examples=120, deadline=None)
def test_the_map_gradient_is_the_slope_that_finite_differences_measure(seed, key):
    rng = np.random.default_rng(seed)
    # no two cells alike and none 0, which weighs as little as a cell without weight: a small step changes no winner
    feature_map = 1 + rng.permutation(36).astype(float).reshape(6, 6)
    x1, y1 = rng.uniform(-1, 4, 2)
    box = (x1, y1, x1 + rng.uniform(0.5, 4), y1 + rng.uniform(0.5, 4))
    t = trace(feature_map, box, OPERATORS[key], 2)
    cell = (int(rng.integers(2)), int(rng.integers(2)))
    gradient, direction, step = map_gradient(t, cell), rng.standard_normal((6, 6)), 1e-7
    there = trace(feature_map + step * direction, box, OPERATORS[key], 2).output[cell]
    back = trace(feature_map - step * direction, box, OPERATORS[key], 2).output[cell]
    np.testing.assert_allclose(np.vdot(gradient, direction), (there - back) / (2 * step), atol=1e-4)


@given(numbers, st.booleans(), st.integers(-1, 3))
@settings(max_examples=60, deadline=None)
def test_backward_is_the_transpose_of_forward(seed, aligned, ratio):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((2, 3, 6, 8))
    x, y = np.sort(rng.uniform(-4, 20, (5, 2))), np.sort(rng.uniform(-4, 16, (5, 2)))
    boxes = np.column_stack([rng.integers(0, 2, 5), x[:, 0], y[:, 0], x[:, 1], y[:, 1]])
    grad = rng.standard_normal((5, 3, 2, 3))
    forward = np.vdot(roi_align(features, boxes, (2, 3), 0.5, ratio, aligned), grad)
    backward = np.vdot(features, roi_align_backward(grad, boxes, features.shape, (2, 3), 0.5, ratio, aligned))
    np.testing.assert_allclose(backward, forward, atol=1e-9)
    pooled = np.vdot(roi_pool(features, boxes, (2, 3), 0.5), grad)  # a maximum is linear where its winner stays
    unpooled = np.vdot(features, roi_pool_backward(grad, features, boxes, (2, 3), 0.5))
    np.testing.assert_allclose(unpooled, pooled, atol=1e-9)


def test_one_cell_a_bin_for_pool_and_a_patch_for_align():
    feature_map = np.arange(64.0).reshape(8, 8)
    pool, align = (
        map_gradient(trace(feature_map, (1.2, 1.7, 6.4, 6.1), operator, 2), (0, 1))
        for operator in (ROI_POOL, ROI_ALIGN)
    )
    assert np.count_nonzero(pool) == 1 and pool.sum() == 1
    assert np.count_nonzero(align) > 4 and np.isclose(align.sum(), 1)


def test_of_four_corners_only_the_largest_learns():
    t = trace(np.ones((4, 4)), (1, 1, 2, 2), ROI_ALIGN_ONNX_MAX, 1, sampling_ratio=1)
    assert np.count_nonzero(map_gradient(t)) == 1


def test_an_empty_bin_and_a_box_without_area_send_nothing_back():
    features, grad = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    assert not roi_pool_backward(grad, features, [[0, 20, 20, 22, 22]], 2).any()
    far = [[0, 0, 0, 1e30, 2], [0, -np.inf, 0, 3, 2], [0, 0, 0, np.nan, 2]]  # forward they are 0, so nothing comes back
    assert not roi_pool_backward(np.ones((3, 1, 2, 2)), features, far, 2).any()
    to_map, to_box = prroi_pool_backward(grad, features, [[0, 1, 1, 1, 3]], 2)
    assert not to_map.any() and not to_box.any()
    assert not roi_align_backward(grad, [[0, np.nan, 0, 1, 1]], (1, 1, 4, 4), 2).any()
    assert roi_align_backward(np.zeros((0, 3, 2, 2)), [], (2, 3, 4, 4), 2).shape == (2, 3, 4, 4)


def test_what_is_not_finite_stays_where_it_belongs():
    """A cell that no box reads, and the gradient of one bin: torchvision's spreads over the cells of that bin alone."""
    features = np.arange(64.0).reshape(1, 1, 8, 8)
    before = prroi_pool_backward(np.ones((1, 1, 2, 2)), features, [[0, 0, 0, 2, 2]], 2)[1]
    features[0, 0, 7, 7] = np.nan
    assert prroi_pool_backward(np.ones((1, 1, 2, 2)), features, [[0, 0, 0, 2, 2]], 2)[1].tolist() == before.tolist()
    grad = np.ones((1, 1, 4, 4))
    plain = roi_align_backward(grad, [[0, 0, 0, 8, 8]], (1, 1, 8, 8), 4, 1.0, 2, True)
    grad[0, 0, 0, 0] = np.nan
    got = roi_align_backward(grad, [[0, 0, 0, 8, 8]], (1, 1, 8, 8), 4, 1.0, 2, True)
    assert np.isnan(got[0, 0, :2, :2]).all() and np.isnan(got).sum() == 4
    np.testing.assert_allclose(got[~np.isnan(got)], plain[~np.isnan(got)])


def test_slopes_are_not_measured_where_nothing_can_be_moved():
    with pytest.raises(OptionError, match="its box is rotated"):
        check_slopes(trace(np.ones((8, 8)), (4, 4, 3, 3, 30), ROI_ALIGN_ROTATED, 2))
    t = trace(FOUR, (0, 0, 1, 1), PRECISE_ROI_POOL, 2)
    for cell in ((0.5, 1), "01", (np.inf, 0), (0, 2)):
        for call in (check_slopes, map_gradient, box_gradient):
            with pytest.raises(OptionError, match="of 2 x 2"):
                call(t, cell)
    assert check_slopes(t, [0, 1]).furthest < 1e-6 and box_gradient(t, np.array([0, 1])).shape == (4,)


def test_what_cannot_be_answered_is_named():
    with pytest.raises(MapError, match="features_shape"):
        roi_align_backward(np.ones((1, 1, 2, 2)), [[0, 0, 0, 1, 1]], (1, 1, 8.9, 4), 2)
    features, grad, box = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), [[0, 0, 0, 1, 1]]
    with pytest.raises(MapError, match=r"\(1, 1, 3, 3\) \(got \(1, 1, 2, 2\)\)"):
        roi_pool_backward(grad, features, box, 3)
    with pytest.raises(MapError, match="features_shape"):
        roi_align_backward(grad, box, (4, 4), 2)
    calls = (
        lambda grad: roi_align_backward(grad, box, features.shape, 2),
        lambda grad: roi_pool_backward(grad, features, box, 2),
        lambda grad: prroi_pool_backward(grad, features, box, 2),
    )
    wrong = (
        (grad.astype(int), r"the gradient is float16, float32 or float64 \(got dtype int64\)"),
        (grad[0], r"the gradient has the shape of the output, \(K, C, rows, columns\) \(got \(1, 2, 2\)\)"),
        (grad[..., :0], r"the gradient has the shape of the output, \(1, 1, 2, 2\) \(got \(1, 1, 2, 0\)\)"),
        (np.ma.array(grad, mask=grad > 0), r"grad\.filled\(np\.nan\)"),
    )
    for call in calls:
        for given_grad, message in wrong:
            with pytest.raises(MapError, match=message):
                call(given_grad)
    with pytest.raises(BoxError, match="batch index"):
        prroi_pool_backward(grad, features, [[1, 0, 0, 1, 1]], 2)
    t = trace(FOUR, (0, 0, 1, 1), ROI_ALIGN, 2)
    with pytest.raises(OptionError, match="only Precise RoI Pooling"):
        box_gradient(t)
    for cell in ((2, 0), (0, -1), "ab", 3):
        with pytest.raises(OptionError, match="of 2 x 2"):
            map_gradient(t, cell)
    named = replace(PRECISE_ROI_POOL, name="mine")
    assert box_gradient(trace(FOUR, (0, 0, 1, 1), named, 2)).tolist() == [2, 4, 2, 4]


def test_gradients_are_in_the_dtype_of_the_features():
    grad, box = np.ones((1, 1, 2, 2)), [[0, 0, 0, 2, 2]]
    for of_grad, of_features in ((np.float64, np.float32), (np.float32, np.float64), (np.float64, np.float16)):
        features = np.ones((1, 1, 4, 4), of_features)
        assert roi_pool_backward(grad.astype(of_grad), features, box, 2).dtype == of_features
        both = prroi_pool_backward(grad.astype(of_grad), features, box, 2)
        assert [gradient.dtype for gradient in both] == [of_features, of_features]
    assert roi_align_backward(grad.astype(np.float32), box, (1, 1, 4, 4), 2).dtype == np.float32


def test_maps_without_channels_have_gradients_without_channels():
    grad, table = np.zeros((2, 0, 2, 2)), np.array([[0, 0, 0, 3, 3], [0, 1, 1, 4, 4]])
    features = np.zeros((1, 0, 5, 5))
    assert roi_align_backward(grad, table, features.shape, 2).shape == features.shape
    assert roi_pool_backward(grad, features, table, 2).shape == features.shape
    assert [gradient.shape for gradient in prroi_pool_backward(grad, features, table, 2)] == [features.shape, (2, 5)]


def test_a_side_that_is_moved_leaves_every_bin_its_samples():
    """Adaptive, one bin of 2×4 cells: a side that is any longer would have one sample more."""
    squares = np.tile(np.arange(7.0) ** 2, (4, 1))  # between two columns 3, 5, 7, 9 a cell, where the four samples lie
    check = check_slopes(trace(squares, (1.25, 1, 5.25, 3), ROI_ALIGN, 1, 1.0, 0))
    assert check.box_measured.round(6).tolist() == [2.375, 0, 3.625, 0]  # x2: (3 + 3·5 + 5·7 + 7·9) / 8 / 4
    assert check.furthest < 1e-6


def test_a_shape_that_no_machine_holds_is_named():
    with pytest.raises(MapError, match="at most 2"):
        roi_align_backward(np.ones((0, 1, 2, 2)), np.zeros((0, 5)), (1, 1, 10**12, 10**12), 2)


@pytest.mark.parametrize(("side", "cells"), [(8, 64), (128, 64), (256, 16), (512, 4)])
def test_of_a_large_map_fewer_cells_are_moved_and_the_sentence_says_how_many(side, cells, monkeypatch):
    """For each of three operators: the output as it is, of each cell and each of four sides two more."""
    maps = keep(OwnMaps(f"51de{side:08}", frozen(np.arange(float(side * side)).reshape(1, side, side))))
    scenario, traced, moved = Scenario(map=f"own-{maps.name}-0", box=(0.5, 0.5, 4, 4), every=True), [], []

    def again(*given):
        traced.append(given)
        return trace_again(*given)

    def check(*given):
        moved.append(len((found := check_slopes(*given)).cells))
        return found

    monkeypatch.setattr(finite_differences, "trace_again", again)
    monkeypatch.setattr(slopes, "check_slopes", check)
    assert len(slopes.slopes(scenario, text_in("en")).rows) == 3
    assert moved == [cells] * 3 and len(traced) == 3 * (1 + 2 * cells + 2 * 4)
    assert slopes.measured(scenario, text_in("en")).startswith(f"{cells} of {side * side:,} cells of the map")
    assert f"{side * side:,} 格中的 {cells} 格" in slopes.measured(scenario, text_in("zh"))
