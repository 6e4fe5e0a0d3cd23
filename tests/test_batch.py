"""Every operator on many boxes: as the trace, whatever the layout, and a clear error where there is no answer."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import (
    CROP_AND_RESIZE,
    OPERATORS,
    PRECISE_ROI_POOL,
    PS_ROI_ALIGN,
    PS_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_MAX,
    ROI_ALIGN_ROTATED,
    ROI_POOL,
    ROI_WARP,
    BoxError,
    MapError,
    OptionError,
    RoIError,
    crop_and_resize,
    extract,
    fpn_levels,
    multi_scale_roi_align,
    prroi_pool,
    prroi_pool_backward,
    ps_roi_align,
    ps_roi_pool,
    roi_align,
    roi_align_backward,
    roi_align_rotated,
    roi_pool,
    roi_pool_backward,
    roi_warp,
    trace,
    trace_point,
)

TOLERANCE = {np.float32: 2e-5, np.float64: 1e-11}
PLAIN = [key for key, operator in OPERATORS.items() if operator.frame == "sides" and operator.channels == "own"]


def scene(seed, dtype=np.float64, channels=3, boxes=5):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((2, channels, 9, 11)).astype(dtype)
    x, y = np.sort(rng.uniform(-4, 26, (boxes, 2))), np.sort(rng.uniform(-4, 22, (boxes, 2)))
    table = np.column_stack([rng.integers(0, 2, boxes), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(dtype)
    return features, table


def traced(features, table, operator, size, scale, ratio=2):
    return np.array(
        [[trace(c, box[1:], operator, size, scale, ratio).output for c in features[int(box[0])]] for box in table]
    )


@given(st.integers(0, 10**6), st.sampled_from(PLAIN), st.sampled_from([np.float32, np.float64]), st.integers(-1, 3))
@settings(max_examples=80, deadline=None)
def test_every_operator_is_its_trace(seed, key, dtype, ratio):
    features, table = scene(seed, dtype, channels=2, boxes=3)
    expected = traced(features, table, OPERATORS[key], (2, 3), 0.5, ratio)
    got = extract(features, table, OPERATORS[key], (2, 3), 0.5, ratio)
    assert got.dtype == dtype and got.shape == (3, 2, 2, 3)
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * 4)


def test_the_calls_are_their_operators():
    features, table = scene(1)
    for call, operator in ((prroi_pool, PRECISE_ROI_POOL), (roi_warp, ROI_WARP), (roi_pool, ROI_POOL)):
        got = call(features, table, (2, 3), 0.5)
        np.testing.assert_allclose(got, traced(features, table, operator, (2, 3), 0.5), atol=1e-12)
    normal = table.copy()
    normal[:, 1:] = np.sort(np.random.default_rng(2).uniform(-0.2, 1.2, (5, 2, 2)), axis=1).reshape(5, 4)
    cells = normal.copy()  # y first, 1 is the centre of the last of 9 rows and 11 columns
    cells[:, [1, 3]], cells[:, [2, 4]] = normal[:, [2, 4]] * 10, normal[:, [1, 3]] * 8
    got = crop_and_resize(features, normal, 3, extrapolation_value=-7)
    filled = replace(CROP_AND_RESIZE, fill=-7)
    np.testing.assert_allclose(got, traced(features, cells, filled, 3, 1.0), atol=1e-12)


@pytest.mark.parametrize(("call", "operator"), [(ps_roi_pool, PS_ROI_POOL), (ps_roi_align, PS_ROI_ALIGN)])
def test_position_sensitive_bins_read_a_channel_each(call, operator):
    features, table = scene(3, channels=2 * 4)
    options = (2,) if call is ps_roi_align else ()
    got = call(features, table, 2, 0.5, *options)
    assert got.shape == (5, 2, 2, 2)
    for k, box in enumerate(table):
        for c, p, q in np.ndindex(2, 2, 2):
            expected = trace(features[int(box[0]), (c * 2 + p) * 2 + q], box[1:], operator, 2, 0.5).output[p, q]
            assert got[k, c, p, q] == expected


def traced_bins(features, table, operator, size, scale, ratio=2):
    """:func:`traced`; of a position-sensitive operator each bin (p, q) from the map that it reads."""
    every = traced(features, table, operator, size, scale, ratio)
    if operator.channels == "own":
        return every
    rows, columns = size
    of_bins = every.reshape(len(table), -1, rows, columns, rows, columns)
    return np.stack([np.stack([of_bins[:, :, p, q, p, q] for q in range(columns)], -1) for p in range(rows)], -2)


@pytest.mark.parametrize(
    "operator",
    [
        OPERATORS["roi_align_max"],
        OPERATORS["roi_align_onnx_max"],
        replace(PRECISE_ROI_POOL, aggregate="max"),
        replace(ROI_POOL, empty="nan"),
        replace(ROI_POOL, aggregate="mean", empty="nan"),
        replace(ROI_ALIGN, fill=3.0, empty="nan"),
        replace(PRECISE_ROI_POOL, empty="nan"),
        replace(ROI_POOL, channels="one_a_bin"),
        replace(PRECISE_ROI_POOL, channels="one_a_bin"),
        PS_ROI_POOL,
        PS_ROI_ALIGN,
        replace(ROI_ALIGN_ROTATED, aggregate="max"),
    ],
)
def test_all_channels_are_read_together_and_each_is_its_trace(operator):
    features, table = scene(3, channels=2 * 6)
    features[0, :4, :, :2] = np.nan  # which no maximum takes
    if operator.frame == "turned":
        table = np.column_stack([table, [0, 30, -75, 200, 5]])
        table[:, 3:5] = np.abs(table[:, 3:5])
    got = extract(features, table, operator, (2, 3), 0.5)
    np.testing.assert_array_equal(got, traced_bins(features, table, operator, (2, 3), 0.5))


@pytest.mark.parametrize(
    "operator",
    [
        OPERATORS["roi_align_max"],
        OPERATORS["roi_align_onnx_max"],
        replace(PRECISE_ROI_POOL, aggregate="max"),
        replace(ROI_POOL, aggregate="mean", empty="nan"),
        PS_ROI_ALIGN,
    ],
)
def test_channels_beyond_what_is_read_together_take_no_more_memory_and_each_is_its_trace(operator):
    """90 channels under 21,600 samples, or 31,000 cells: together the cells that are read would take 20 to 75 MB."""
    features = np.random.default_rng(5).standard_normal((1, 90, 160, 200))
    table = np.array([[0, 1.3, 2.1, 198.6, 157.2]])
    tracemalloc.start()
    got = extract(features, table, operator, (2, 3), 1.0, 60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25e6
    np.testing.assert_array_equal(got, traced_bins(features, table, operator, (2, 3), 1.0, 60))


def test_the_largest_of_four_corners_in_two_channels():
    """One sample in the middle of four cells: a quarter of each, and the largest of these quarters."""
    features = np.array([[[[1.0, 2.0], [3.0, 4.0]], [[-1.0, -2.0], [-3.0, -4.0]]]])
    got = extract(features, [[0, 0, 0, 2, 2]], OPERATORS["roi_align_onnx_max"], 1, sampling_ratio=1)
    assert got.ravel().tolist() == [1.0, -0.25]
    features[0, 0, 0, 0] = np.inf
    got = extract(features, [[0, 0, 0, 2, 2], [0, 1, 1, 2, 2]], OPERATORS["roi_align_onnx_max"], 1, sampling_ratio=1)
    assert got[:, 0].ravel().tolist() == [np.inf, 4.0]  # the last one is on the centre of cell 4


@pytest.mark.parametrize(
    "call",
    [
        lambda ratio: roi_align(np.zeros((1, 1, 4, 4)), [[0, 0, 0, 2, 2]], 2, 1.0, ratio),
        lambda ratio: roi_align(np.zeros((1, 1, 4, 4)), [[0, 0, 0, 2, 2]], 2, 1.0, ratio, exact=True),
        lambda ratio: roi_align(np.zeros((1, 1, 4, 4)), [[0, 0, 0, 2, 2]], 2, 1.0, ratio, mode="max"),
        lambda ratio: roi_align_rotated(np.zeros((1, 1, 4, 4)), [[0, 2, 2, 2, 2, 30]], 2, 1.0, ratio),
        lambda ratio: ps_roi_align(np.zeros((1, 4, 4, 4)), [[0, 0, 0, 2, 2]], 2, 1.0, ratio),
        lambda ratio: extract(np.zeros((1, 1, 4, 4)), [[0, 0, 0, 2, 2]], ROI_ALIGN, 2, 1.0, ratio),
        lambda ratio: roi_align_backward(np.zeros((1, 1, 2, 2)), [[0, 0, 0, 2, 2]], (1, 1, 4, 4), 2, 1.0, ratio),
    ],
)
def test_more_samples_than_can_be_computed_are_refused(call):
    """A bin of 10**12 samples would fill the memory, or never end; 100 on each axis are computed."""
    with pytest.raises(OptionError, match="more than the limit of 1000000 a box"):
        call(10**6)
    assert not call(100).any()


def test_more_bins_than_can_be_computed_are_refused():
    for call in (roi_align, roi_pool, prroi_pool, roi_warp, crop_and_resize, ps_roi_align, ps_roi_pool):
        with pytest.raises(OptionError, match="1000000000000 sample points are more"):
            call(np.zeros((1, 1, 4, 4)), [[0, 0, 0, 2, 2]], 10**6)


REVERSED = [[0, 1, 1, 4, 4], [0, 5, 5, 1, 1], [0, 1e9, 1, 1e9, 3]]  # as it should be, backwards, far away


@pytest.mark.parametrize("key", PLAIN)
def test_a_cell_that_is_not_a_number_is_not_a_reason_to_refuse_a_box(key):
    """The last cell is read by none of the boxes: everything else is as it was."""
    features = np.random.default_rng(2).standard_normal((1, 2, 16, 16))
    before = extract(features, REVERSED, OPERATORS[key], 2)
    features[0, :, 15, 15] = np.nan
    np.testing.assert_allclose(extract(features, REVERSED, OPERATORS[key], 2), before, atol=1e-12)


def test_a_box_that_is_farther_than_cells_are_counted_gives_nothing_as_roi_pool_has_it():
    far = [[0, 0, 0, 1e300, 3], [0, 0, 0, 3, 3]]
    for key in ("roi_pool", "roi_pool_mmcv", "roi_align_max", "roi_align_onnx_max"):
        nothing, something = extract(np.ones((1, 2, 5, 5)), far, OPERATORS[key], 2)
        assert not nothing.any() and (something > 0).all()
        assert not extract(np.ones((1, 2, 5, 5)), far, OPERATORS[key], 2, 1.0, 0)[0].any()  # nor too many samples


def test_a_region_that_is_not_rounded_and_has_no_size_holds_no_cell():
    operator = replace(ROI_POOL, rounding="none")
    assert trace(np.ones((4, 4)), (1.5, 1.5, 1.5, 3), operator, 1).output.tolist() == [[0.0]]
    assert extract(np.ones((1, 1, 4, 4)), [[0, 1.5, 1.5, 1.5, 3], [0, 3, 1, 1, 3]], operator, 1).ravel().tolist() == [
        0,
        0,
    ]


def test_a_crop_is_flipped_where_a_cell_is_not_a_number():
    features = np.arange(16.0).reshape(1, 1, 4, 4)
    features[0, 0, 0, 3] = np.nan
    assert crop_and_resize(features, [[0, 1, 1 / 3, 2 / 3, 0]], 2).ravel().tolist() == [13.0, 12.0, 9.0, 8.0]


@pytest.mark.parametrize("key", OPERATORS)
@pytest.mark.parametrize(("images", "channels", "boxes"), [(1, 0, 8), (1, 49, 0), (0, 49, 0)])
def test_nothing_in_nothing_out(key, images, channels, boxes):
    turned = OPERATORS[key].frame == "turned"
    table = np.ones((boxes, 6 if turned else 5))
    table[:, 0] = 0
    got = extract(np.zeros((images, channels, 14, 14)), table, OPERATORS[key], 7)
    assert got.shape == (boxes, channels // 49 if OPERATORS[key].channels == "one_a_bin" else channels, 7, 7)


def test_what_a_box_may_be_written_as():
    features = np.arange(50.0, dtype=np.float32).reshape(2, 1, 5, 5)
    expected = roi_align(features, [[1, 1, 1, 3, 3]], 1)
    assert np.array_equal(roi_align(features, [[], [[1, 1, 3, 3]]], 1), expected)
    assert np.array_equal(roi_align(features, (np.empty((0, 4)), np.array([[1, 1, 3, 3]])), 1), expected)
    for call in (roi_align, roi_pool, prroi_pool, roi_warp, ps_roi_align, ps_roi_pool):
        assert not call(features, [[0, 1e300, 1, 2, 3]], 1)[0, 0, 0, 0]  # infinite in float32
        for wrong in ([[0, 1j, 1, 2, 3]], [[0, 10**400, 1, 2, 3]]):
            with pytest.raises(BoxError, match="boxes are"):
                call(features, wrong, 1)
        for scale in (1e300, 1e-40, 10**400):
            with pytest.raises(OptionError, match="spatial_scale is a finite number"):
                call(features, [[0, 1, 1, 2, 3]], 1, scale)
    for call in (extract, trace):
        with pytest.raises(OptionError, match="such as ROI_ALIGN"):
            call(features[0, 0] if call is trace else features, [0, 0, 1, 1], "roi_align", 1)


def test_a_sum_that_overflows_is_infinite_and_zeros_have_torchvisions_sign():
    large = np.full((1, 1, 4, 4), 3e38, np.float32)
    assert ps_roi_pool(large, [[0, 0, 0, 4, 4]], 1).item() == np.inf
    assert not np.signbit(ps_roi_pool(np.full((1, 1, 4, 4), -0.0), [[0, 0, 0, 4, 4]], 1)).any()


@given(
    st.integers(0, 10**6),
    st.sampled_from([4, 400, 800]),  # channels: all sample columns of a row together, twelve, one after the other
    st.sampled_from(["avg", "max"]),
)
@settings(max_examples=30, deadline=None)
def test_samples_that_are_read_together_are_added_in_the_same_order(seed, channels, mode):
    features, table = scene(seed, np.float32, channels=channels, boxes=3)
    operator = replace(ROI_ALIGN, aggregate={"avg": "mean", "max": "max"}[mode])
    checked = [0, 1, channels - 1]
    output = roi_align(features, table, 2, 1.0, -1, True, mode=mode, exact=True)
    assert output[:, checked].tolist() == traced(features[:, checked], table, operator, 2, 1.0, -1).tolist()
    if mode == "avg":
        output = ps_roi_align(features, table, 2, 1.0, 3)
        expected = traced(features[:, :4], table, PS_ROI_ALIGN, 2, 1.0, 3)
        assert output[:, 0].tolist() == [[[b[2 * p + q, p, q] for q in (0, 1)] for p in (0, 1)] for b in expected]


def test_a_large_turned_box_reads_all_its_samples_at_once():
    """200×200 cells in 2×2 bins are 100×100 samples a bin, most of them beyond the map of ones: as the trace."""
    got = roi_align_rotated(np.ones((1, 2, 9, 9)), [[0, 4, 4, 200, 200, 30]], 2)
    assert (
        got[0, 0].tolist() == trace(np.ones((9, 9)), (4, 4, 200, 200, 30), ROI_ALIGN_ROTATED, 2, 1.0, 0).output.tolist()
    )
    assert got[0, 1].tolist() == got[0, 0].tolist() and 0.001 < got.max() < 0.01


def test_a_turned_box():
    features, table = scene(4, boxes=4)
    turned = np.column_stack([table[:, 0], [8, 3, 9, 12], [5, 7, 2, 9], [6, 3, 9, 1], [4, 8, 2, 1], [0, 30, -75, 200]])
    got = roi_align_rotated(features, turned, 2, 0.5, 2)
    np.testing.assert_allclose(got, traced(features, turned, ROI_ALIGN_ROTATED, 2, 0.5), atol=1e-12)


def test_layouts_dtypes_and_read_only_inputs_mean_the_same_and_are_not_written_to():
    features, table = scene(5)
    for call in (roi_align, roi_pool, prroi_pool, roi_warp):
        plain = call(features, table, 2, 0.5)
        for other in (np.asfortranarray(features), features[:, :, ::-1][:, :, ::-1], features.astype(">f8")):
            np.testing.assert_allclose(call(other, table, 2, 0.5), plain, atol=1e-12)
        kept, boxes = features.copy(), table.copy()
        kept.setflags(write=False)
        boxes.setflags(write=False)
        assert np.array_equal(call(kept, boxes, 2, 0.5), plain)
        assert np.array_equal(kept, features) and np.array_equal(boxes, table)
        lists = [table[table[:, 0] == n, 1:] for n in (0, 1)]
        order = np.argsort(table[:, 0], kind="stable")
        np.testing.assert_allclose(call(features, lists, 2, 0.5), plain[order], atol=1e-12)
        with pytest.raises(MapError, match="int64"):
            call(features.astype(np.int64), table, 2, 0.5)


@pytest.mark.parametrize("call", [roi_align, roi_pool, prroi_pool, roi_warp, ps_roi_pool, ps_roi_align])
def test_no_boxes_and_boxes_that_are_not_numbers(call):
    features, table = scene(6, channels=4)
    assert call(features, np.zeros((0, 5)), 2).shape[::3] == (0, 2)
    assert call(features, [np.zeros((0, 4))] * 2, 2).shape[::3] == (0, 2)
    table[1, 2] = np.nan
    table[2, 3] = np.inf
    got = call(features, table, 2)
    assert not got[[1, 2]].any() and got[0].any()


@pytest.mark.parametrize(
    "call", [roi_align, roi_pool, prroi_pool, roi_warp, crop_and_resize, ps_roi_pool, ps_roi_align]
)
@pytest.mark.parametrize("images", [0, 1])
def test_maps_without_channels_and_batches_without_maps(call, images):
    table = np.array([[0, 0, 0, 3, 3], [0, 1, 1, 4, 4]])[: 2 * images].reshape(-1, 5)
    assert call(np.zeros((images, 0, 5, 5)), table, 2).shape == (len(table), 0, 2, 2)


@pytest.mark.parametrize("call", [roi_align, roi_pool, prroi_pool, roi_warp, ps_roi_pool, ps_roi_align])
@pytest.mark.parametrize(
    ("features", "table", "size", "error"),
    [
        (np.zeros((4, 9, 9)), [[0, 0, 0, 1, 1]], 2, MapError),
        (np.zeros((1, 4, 9, 9), complex), [[0, 0, 0, 1, 1]], 2, MapError),
        (np.zeros((1, 4, 0, 9)), [[0, 0, 0, 1, 1]], 2, MapError),
        (np.zeros((1, 4, 9, 9)), [[1, 0, 0, 1, 1]], 2, BoxError),
        (np.zeros((1, 4, 9, 9)), [[-1, 0, 0, 1, 1]], 2, BoxError),
        (np.zeros((1, 4, 9, 9)), [[0.5, 0, 0, 1, 1]], 2, BoxError),
        (np.zeros((1, 4, 9, 9)), [[0, 0, 1, 1]], 2, BoxError),
        (np.zeros((1, 4, 9, 9)), [[[0, 0, 1, 1]], [[0, 0, 1, 1]]], 2, BoxError),
        (np.zeros((1, 4, 9, 9)), "boxes", 2, BoxError),
        (np.zeros((1, 4, 9, 9)), [[0, 0, 0, 1, 1]], 0, OptionError),
        (np.zeros((1, 4, 9, 9)), [[0, 0, 0, 1, 1]], (2, 2, 2), OptionError),
        (np.zeros((1, 4, 9, 9)), [[0, 0, 0, 1, 1]], 2.5, OptionError),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(call, features, table, size, error):
    with pytest.raises(error) as found:
        call(features, table, size)
    assert isinstance(found.value, RoIError) and found.value.code in RoIError.sentences


def test_channels_that_do_not_go_into_bins():
    with pytest.raises(MapError, match="multiple of 4"):
        ps_roi_pool(np.zeros((1, 6, 9, 9)), [[0, 0, 0, 1, 1]], 2)


@pytest.mark.parametrize("call", [roi_align, roi_pool])
@pytest.mark.parametrize("images", [1, 2])
@pytest.mark.parametrize("count", [1, 8, 64, 512])
def test_a_detectors_map_and_boxes_take_half_of_input_and_output_besides(call, images, count):
    rng = np.random.default_rng(9)
    features = np.zeros((images, 256, 50, 68), np.float32)
    middle, half = rng.uniform(0, [1088, 800], (count, 2)), np.exp(rng.uniform(np.log(16), np.log(256), (count, 2)))
    low, high = np.clip(middle - half, 0, [1088, 800]), np.clip(middle + half, 0, [1088, 800])
    table = np.hstack([rng.integers(0, images, (count, 1)), low, high]).astype(np.float32)
    call(features, table, 7, 1 / 16)
    tracemalloc.start()
    output = call(features, table, 7, 1 / 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - output.nbytes <= 0.5 * (features.nbytes + output.nbytes)


def test_many_boxes_go_through_in_parts():
    rng = np.random.default_rng(8)
    features = rng.standard_normal((1, 32, 40, 60)).astype(np.float32)
    x, y = np.sort(rng.uniform(0, 60, (700, 2))), np.sort(rng.uniform(0, 40, (700, 2)))
    table = np.column_stack([np.zeros(700), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(np.float32)
    fast, exact = (roi_align(features, table, 7, 1.0, 2, True, exact=which) for which in (False, True))
    np.testing.assert_allclose(fast, exact, rtol=0, atol=1e-6 * np.abs(features).max())
    each_alone = np.concatenate([roi_pool(features, table[k : k + 1], 7) for k in range(0, 700, 70)])
    assert np.array_equal(roi_pool(features, table, 7)[::70], each_alone)


def test_a_bin_that_is_not_read_has_no_fill():
    """A box without a width has no samples where their number follows its size, and no surface: 0, not 7."""
    features = np.ones((1, 1, 4, 4))
    for operator in (replace(ROI_ALIGN, fill=7.0), replace(PRECISE_ROI_POOL, fill=7.0)):
        boxes = [[0, 2, 1, 2, 3], [0, -3, 0, 1, 2], [0, 9, 0, 10, 2]]
        empty, half, beside = extract(features, boxes, operator, 1, 1.0, sampling_ratio=0)
        assert (empty.item(), beside.item()) == (0, 7)
        assert 1 < half.item() < 7


def test_ps_roi_align_divides_by_the_number_of_samples_whatever_its_sign():
    """Sides of -1 and 1 cell a bin, of -1 and -1, of 0 and 1, of -0.25 (no sample) and 1: as torchvision answers."""
    boxes = [[0, 3, 0, 1, 2], [0, 3, 3, 1, 1], [0, 1, 1, 1, 3], [0, 3, 0, 2.5, 2], [0, 0, 0, 3, 3]]
    got = ps_roi_align(np.ones((1, 4, 4, 4)), boxes, 2, 1.0, 0)[:, 0]
    assert got[[0, 1, 4]].tolist() == [[[0, 0], [0, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]]
    assert np.signbit(got[0]).all() and not np.signbit(got[1]).any()
    assert np.isnan(got[2:4]).all()


@pytest.mark.parametrize("low", [0.0, 0.1, 0.3, 0.45, 1.0, 1.7])
@pytest.mark.parametrize("ulps", [1, 2, 10, 10**6, 10**14])
def test_precise_roi_pooling_of_the_smallest_box_is_a_reading(low, ulps):
    """A map of 5, 6 and 7, read from ``low`` on, which counts from the first centre: 5 + low, and half of the size."""
    features = np.arange(5.0, 8.0).reshape(1, 1, 1, 3).repeat(3, axis=2)
    operator = replace(PRECISE_ROI_POOL, origin="cell_centre")
    high = low + ulps * np.spacing(low)
    got = extract(features, [[0, low, 1.0, high, 2.0]], operator, 1, 1.0).item()
    assert got == pytest.approx(5 + (low + high) / 2, rel=1e-12)


def test_a_bin_of_whole_cells_without_a_size_and_more_samples_than_the_map_has_cells():
    """Cells 1 to 2 of a map of 1 and 3, split in one and one, and then in none and one: 12 samples lie at one place."""
    operator = replace(ROI_ALIGN, rounding="half_away_from_zero", split="floor")
    got = extract([[[[1.0, 3.0]]]], [[0, 1, 0, 2, 1]], operator, (1, 2), 1.0, 12)
    np.testing.assert_allclose(got[0, 0], [[2, 2.75]], rtol=1e-12)


def test_bins_of_whole_cells_with_more_samples_than_the_map_has_cells():
    """Cells -2 to 0 of a map of 1 and 3, in bins of 2 cells that overlap, 20 samples across each.

    Bin 0: 15 samples lie beyond -0.5 and read the fill, 5 read the first cell: (15·9 + 5·1) / 20. Bin 1: 5 beyond, 10
    read the first cell, 5 lie between the centres: (5·9 + 10·1 + 1.1 + 1.3 + 1.5 + 1.7 + 1.9) / 20.
    """
    operator = replace(ROI_ALIGN, rounding="half_away_from_zero", split="overlap", fill=9.0)
    features, box = np.array([[1.0, 3.0]]), (-2, 0, 0, 0)
    got = extract(features[None, None], [[0, *box]], operator, (1, 2), 1.0, 20)[0, 0]
    np.testing.assert_allclose(got, [[7, 3.125]], rtol=1e-12)
    np.testing.assert_allclose(trace(features, box, operator, (1, 2), 1.0, 20).output, [[7, 3.125]], rtol=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exact", [False, True])
def test_sides_that_are_endless(dtype, exact):
    features = np.arange(16.0, dtype=dtype).reshape(1, 1, 4, 4)
    # legacy RoI Align: a box that ends before it begins, however far before, is one cell from where it begins
    got = roi_align(features, np.array([[0, 1, 1, -np.inf, 2]], dtype), 1, sampling_ratio=1, exact=exact)
    assert got.tolist() == [[[[7.5]]]]
    # a bin of 1e29 cells has more samples than a kernel counts
    for ratio in (-1, 2):
        got = roi_align(features, np.array([[0, 1, 1, 1e30, 2]], dtype), 2, sampling_ratio=ratio, exact=exact)
        assert not got.any()
    # more samples a bin than the map has cells, on an axis without an end
    for side in (1, 3):
        table = np.array([[0, 1, 1, 2, 2]], dtype)
        table[0, side] = -np.inf if side == 1 else np.inf
        assert not roi_align(features, table, 2, sampling_ratio=9, exact=exact).any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("call", [roi_pool, ps_roi_pool, prroi_pool, roi_warp, crop_and_resize, ps_roi_align])
@pytest.mark.parametrize("far", [1e30, -1e30, 1e18, np.inf, -np.inf])
def test_sides_that_are_very_far_are_answered_without_a_word(call, far, dtype):
    features = np.ones((1, 4, 3, 3), dtype)
    for side in range(1, 5):
        table = np.array([[0, 0, 0, 2, 2], [0, 0, 0, 2, 2]], dtype)
        table[0, side] = far
        got = call(features, table, 2)
        assert np.isfinite(got).all() or call is ps_roi_align  # which gives NaN to a box without area, as torchvision
        assert (got[1] == call(features, table[1:], 2)[0]).all()


def test_a_translation_by_whole_cells_changes_nothing():
    features, table = scene(9)
    moved = np.pad(features, ((0, 0), (0, 0), (2, 2), (3, 3)))
    inside = table.copy()
    inside[:, 1:] = [[1, 1, 4, 5], [2, 3, 7, 6], [3, 2, 6, 6], [1, 4, 8, 7], [5, 5, 6, 6]]
    for key in PLAIN:
        shifted = inside + np.array([0, 3, 2, 3, 2])
        operator = OPERATORS[key]
        here, there = extract(features, inside, operator, 2), extract(moved, shifted, operator, 2)
        np.testing.assert_allclose(here, there, atol=1e-12, err_msg=key)


@pytest.mark.parametrize(
    "operator",
    [
        replace(ROI_ALIGN, rounding="half_away_from_zero", reading="surface", edge="fade"),
        replace(ROI_ALIGN, fill=-7.0),  # for the samples beyond the map
    ],
)
@pytest.mark.parametrize("size", [2, (2, 3)])
def test_an_operator_without_a_name(operator, size):
    features, table = scene(10)
    np.testing.assert_allclose(
        extract(features, table, operator, size, 0.5), traced(features, table, operator, size, 0.5), atol=1e-12
    )


def test_an_angle_is_not_a_distance():
    features = np.arange(25.0).reshape(1, 1, 5, 5)
    turned = roi_align_rotated(features, [[0, 2, 2, 2, 2, 1e17]], 1, 1.0, 2)
    assert turned.item() == trace(features[0, 0], (2, 2, 2, 2, 1e17), ROI_ALIGN_ROTATED, 1, 1.0, 2).output.item() == 9
    assert roi_align_rotated(features, [[0, 2, 2, 2, 2, np.inf]], 1, 1.0, 2).item() == 0


def test_a_maximum_below_the_least_of_mmcv_is_the_maximum():
    """mmcv begins at -10000, which it would give for both boxes; the second has no area, and so no adaptive sample."""
    features, boxes = np.full((1, 1, 4, 4), -20000.0), [[0, 1, 1, 3, 3], [0, 2, 2, 2, 2]]
    assert roi_align(features, boxes, 1, 1.0, 0, True, mode="max").ravel().tolist() == [-20000, 0]


@pytest.mark.parametrize("value", ["x", "7", None, True, np.nan, 1e39, 1 + 0j, np.complex64(1)])
def test_a_value_beyond_the_map_that_is_no_number_is_named(value):
    with pytest.raises(OptionError, match="extrapolation_value is a finite number"):
        crop_and_resize(np.ones((1, 1, 4, 4)), [[0, 0, 0, 1, 1]], 2, value)


@pytest.mark.parametrize("value", ["max", "False", 0, 1, None, np.array([True])])
def test_true_and_false_are_not_guessed(value):
    """``roi_align(F, B, 2, 1.0, 0, "max")`` is mmcv's order: here it would be the mean."""
    grad, features, box = np.ones((1, 1, 2, 2)), np.ones((1, 1, 4, 4)), [[0, 0, 0, 2, 2]]
    for call in (
        lambda: roi_align(features, box, 2, 1.0, 0, value),
        lambda: roi_align_backward(grad, box, (1, 1, 4, 4), 2, 1.0, 0, value),
        lambda: multi_scale_roi_align([features], box, [(4, 4)], 2, 2, aligned=value),
    ):
        with pytest.raises(OptionError, match="aligned is True or False"):
            call()
    for call in (
        lambda: roi_align(features, box, 2, exact=value),
        lambda: roi_align(features, box, 2, mode="max", exact=value),
        lambda: multi_scale_roi_align([features], box, [(4, 4)], 2, 2, exact=value),
    ):
        with pytest.raises(OptionError, match="exact is True or False"):
            call()
    assert roi_align(features, box, 2, 1.0, 2, np.True_, exact=np.False_).tolist() == [[[[1, 1], [1, 1]]]]


@pytest.mark.parametrize("value", [True, np.True_, np.array(True), "1", b"1", np.timedelta64(1, "s")])
def test_what_is_no_number_is_no_size(value):
    features, box = np.ones((1, 1, 4, 4)), [[0, 0, 0, 2, 2]]
    for scale in (value, (value, 1.0)):
        with pytest.raises(OptionError, match="spatial_scale is a finite number"):
            roi_align(features, box, 2, scale)
    with pytest.raises(OptionError, match="spatial_scale is a finite number"):
        trace(features[0, 0], (0, 0, 2, 2), ROI_ALIGN, 2, value)
    with pytest.raises(OptionError, match="fill is a finite number"):
        replace(ROI_ALIGN, fill=value)
    with pytest.raises(RoIError, match="a point needs two finite coordinates"):
        trace_point(features[0, 0], value, 1.0)
    with pytest.raises(OptionError, match="the canonical size is above 0"):
        fpn_levels([[0, 0, 8, 8]], canonical_size=value)
    with pytest.raises(OptionError, match="levels are whole numbers"):
        fpn_levels([[0, 0, 8, 8]], True, 5)


def test_a_mode_that_is_not_a_word_is_named():
    with pytest.raises(OptionError, match="mode"):
        roi_align(np.ones((1, 1, 5, 5)), [[0, 1, 1, 3, 3]], 1, mode=np.array(["avg", "max"]))


# ---- each axis its own, and half precision ------------------------------------------------------------------------


@pytest.mark.parametrize("key", [key for key in OPERATORS if OPERATORS[key].frame != "turned"])
@pytest.mark.parametrize("ratio", [(2, 3), (0, 2), (3, -1)])
def test_a_scale_and_a_ratio_for_each_axis(key, ratio):
    """The same as boxes that are scaled first, and as the trace with that ratio."""
    operator, rng = OPERATORS[key], np.random.default_rng(6)
    features = rng.standard_normal((1, 6, 9, 11))
    x, y = np.sort(rng.uniform(-2, 22, (12, 2))), np.sort(rng.uniform(-8, 40, (12, 2)))
    boxes = np.column_stack([0 * x[:, 0], x[:, 0], y[:, 0], x[:, 1], y[:, 1]])
    got = extract(features, boxes, operator, (2, 3), (0.25, 0.5), ratio)
    scaled = boxes * [1, 0.5, 0.25, 0.5, 0.25]
    if operator.end == "last_pixel":  # a pixel is half a cell across and a quarter down
        scaled += [0, 0, 0, 0.5 - 1, 0.25 - 1]
    assert got.tolist() == extract(features, scaled, operator, (2, 3), 1.0, ratio).tolist()
    channel = 0 if operator.channels == "own" else None
    for box, output in zip(scaled, got, strict=True):
        if channel is not None and (box[1:3] <= box[3:]).all():
            expected = trace(features[0, 0], box[1:], operator, (2, 3), 1.0, ratio).output
            np.testing.assert_allclose(output[0], expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("mode", ["avg", "max"])
def test_roi_align_of_each_axis_its_own(exact, mode):
    features = np.random.default_rng(7).standard_normal((1, 2, 8, 9))
    boxes, operator = [[0, 1.3, 2.2, 11.9, 27.5]], ROI_ALIGN_MAX if mode == "max" else ROI_ALIGN
    got = roi_align(features, boxes, 3, (0.25, 0.5), (1, 4), True, mode=mode, exact=exact)
    expected = trace(features[0, 1], (0.65, 0.55, 5.95, 6.875), operator, 3, 1.0, (1, 4))
    assert expected.grid == (1, 4)
    np.testing.assert_allclose(got[0, 1], expected.output, rtol=1e-12)


def test_pooling_and_gradients_of_each_axis_its_own():
    rng = np.random.default_rng(8)
    features, boxes = rng.standard_normal((1, 4, 8, 9)), np.array([[0, 1.3, 2.2, 11.9, 27.5]])
    scaled, scales = boxes * [1, 0.5, 0.25, 0.5, 0.25], (0.25, 0.5)
    for call in (roi_pool, prroi_pool, roi_warp, ps_roi_pool, ps_roi_align):
        assert call(features, boxes, 2, scales).tolist() == call(features, scaled, 2).tolist()
    grad = rng.standard_normal((1, 4, 2, 2))
    got = roi_align_backward(grad, boxes, features.shape, 2, scales, (1, 3), True)
    assert got.tolist() == roi_align_backward(grad, scaled, features.shape, 2, 1.0, (1, 3), True).tolist()
    assert roi_pool_backward(grad, features, boxes, 2, scales).tolist() == (
        roi_pool_backward(grad, features, scaled, 2).tolist()
    )
    to_map, to_box = prroi_pool_backward(grad, features, boxes, 2, scales)
    in_cells = prroi_pool_backward(grad, features, scaled, 2)
    assert to_map.tolist() == in_cells[0].tolist()
    np.testing.assert_allclose(to_box, in_cells[1] * [1, 0.5, 0.25, 0.5, 0.25], rtol=1e-12)  # per image pixel


def test_pairs_that_are_none():
    features, box = np.ones((1, 1, 4, 4)), [[0, 0, 0, 2, 2]]
    for scale in ((1, 2, 3), (1.0, 0.0), (np.nan, 1.0), "one", [[1], [2]]):
        with pytest.raises(OptionError, match=r"spatial_scale is a finite number .* or a pair"):
            roi_align(features, box, 1, scale)
    for ratio in ((1, 2, 3), (1, 2.5), (True, 1)):
        with pytest.raises(OptionError, match="sampling_ratio is a whole number or a pair"):
            roi_align(features, box, 1, 1.0, ratio)
    with pytest.raises(OptionError, match="one spatial_scale for both axes"):
        roi_align_rotated(features, [[0, 1, 1, 1, 1, 30]], 1, (0.5, 0.25))
    with pytest.raises(OptionError, match="spatial_scale is a finite number"):
        trace(features[0, 0], box[0][1:], ROI_ALIGN, 1, (0.5, 0.25))  # a trace is drawn, and has one scale


def test_half_precision_is_computed_in_single():
    """torchvision's CPU kernel rounds to float16 after every step, and differs by some thousandths."""
    features = np.random.default_rng(9).standard_normal((1, 4, 6, 7)).astype(np.float16)
    single, box = features.astype(np.float32), [[0, 1.25, 0.5, 5.5, 4.75]]
    calls = [
        lambda f: roi_align(f, box, 2, 1.0, 2, True),
        lambda f: roi_align(f, box, 2, 1.0, 2, True, exact=True),
        lambda f: roi_align(f, box, 2, 1.0, 2, True, mode="max"),
        lambda f: roi_pool(f, box, 2),
        lambda f: ps_roi_align(f, box, 2),
        lambda f: ps_roi_pool(f, box, 2),
        lambda f: prroi_pool(f, box, 2),
        lambda f: roi_warp(f, box, 2),
        lambda f: crop_and_resize(f, [[0, 0.1, 0.2, 0.9, 0.7]], 2),
        lambda f: roi_align_rotated(f, [[0, 3, 3, 2, 4, 30]], 2),
        lambda f: extract(f, box, ROI_ALIGN_MAX, 2),
        lambda f: roi_align_backward(f[..., :2, :2], box, f.shape, 2),
        lambda f: roi_pool_backward(f[..., :2, :2], f, box, 2),
        lambda f: prroi_pool_backward(f[..., :2, :2], f, box, 2)[0],
        lambda f: prroi_pool_backward(f[..., :2, :2], f, box, 2)[1],
    ]
    for call in calls:
        got, expected = call(features), call(single)
        assert got.dtype == np.float16 and expected.dtype == np.float32
        assert got.tobytes() == expected.astype(np.float16).tobytes()
    far = roi_align(features, [[0, 2049.25, 0, 2051, 4]], 1, 1 / 1024, 1, True)  # 2049.25 is no float16
    in_single = roi_align(single, [[0, 2049.25, 0, 2051, 4]], 1, 1 / 1024, 1, True)
    assert far.tolist() == in_single.astype(np.float16).tolist()
    large = np.full((2, 1, 1, 1), 60000, np.float16)
    two_boxes = [[0, 1, 1, 2, 2]] * 2  # both gradients arrive in the same cell: more than float16 holds
    assert roi_align_backward(large, two_boxes, (1, 1, 3, 3), 1, 1.0, 1, True)[0, 0, 1, 1] == np.inf
