"""What a trace holds, and what it says to input that no operator can answer."""

import copy
import pickle
import tracemalloc
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import numpy as np
import pytest

from roialign_core import (
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_POOL,
    BoxError,
    MapError,
    OptionError,
    RoIError,
    fpn_levels,
    roi_align,
    roi_pool,
    trace,
    trace_point,
)
from roialign_core.examples import ANIMATION_MAP
from roialign_core.operators import CROP_AND_RESIZE, OPERATORS, PRECISE_ROI_POOL, ROI_ALIGN_ROTATED
from roialign_core.sweep import sweep
from roialign_core.trace import sample_grid

MAP = np.arange(64.0).reshape(8, 8)
BOX = (0.55, 2.7, 6.35, 7.4)


def test_the_worked_sample_of_the_lesson():
    t = trace(ANIMATION_MAP, tuple(16 * side for side in BOX), ROI_ALIGN, 2, 1 / 16)
    k = t.samples_of(0, 1)[2]
    assert (round(t.sample_y[k], 4), round(t.sample_x[k], 4)) == (4.4625, 4.175)
    assert list(zip(t.neighbor_y[k], t.neighbor_x[k], strict=True)) == [(3, 3), (3, 4), (4, 3), (4, 4)]
    assert t.weights[k].round(3).tolist() == [0.012, 0.025, 0.313, 0.65]
    assert round(t.sample_value[k], 4) == 0.3605
    assert t.output.round(4).tolist() == [[0.5299, 0.4182], [0.3281, 0.4994]]


def test_quantization_error_in_cells_and_in_pixels():
    t = trace(ANIMATION_MAP, tuple(16 * side for side in BOX), ROI_POOL, 2, 1 / 16)
    assert t.roi_used.tolist() == [1, 3, 7, 8]
    assert t.quantization_error.round(2).tolist() == [0.45, 0.3, 0.65, 0.6]
    assert t.quantization_error_pixels.round(1).tolist() == [7.2, 4.8, 10.4, 9.6]
    assert round(t.region_iou, 2) == 0.7


def test_legacy_is_drawn_half_a_cell_right_and_down():
    aligned, legacy = trace(MAP, BOX, ROI_ALIGN, 2), trace(MAP, BOX, ROI_ALIGN_LEGACY, 2)
    assert legacy.quantization_error.round(6).tolist() == [0.5, 0.5, 0.5, 0.5]
    np.testing.assert_allclose(legacy.sample_x - aligned.sample_x, 0.5, atol=1e-12)
    tiny = trace(MAP, (3, 3, 3.25, 3.25), ROI_ALIGN_LEGACY, 1)
    assert (tiny.roi_used[2:] - tiny.roi_used[:2]).tolist() == [1, 1]


@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN, ROI_ALIGN_LEGACY])
def test_every_array_is_read_only_and_the_input_is_not_touched(operator):
    mine = MAP.copy()
    t = trace(mine, BOX, operator, 2)
    arrays = [
        value
        for value in (getattr(t, name) for name in t.to_dict() if name != "dtype")
        if isinstance(value, np.ndarray)
    ]
    assert len(arrays) == 16
    assert not any(array.flags.writeable for array in arrays)
    mine[:] = 0
    assert t.feature_map[7, 7] == 63
    with pytest.raises(FrozenInstanceError):
        t.output = np.zeros((2, 2))


def test_shapes():
    t = trace(MAP, BOX, ROI_ALIGN, (2, 3), sampling_ratio=2)
    assert t.output.shape == (2, 3) and t.bins.shape == t.bins_used.shape == (2, 3, 4)
    assert t.sample_y.shape == t.sample_x.shape == t.sample_value.shape == t.sample_wins.shape == (24,)
    assert t.weights.shape == t.neighbor_y.shape == (24, 4) and t.sample_bin.shape == (24, 2)


def test_roi_pool_is_the_case_of_one_neighbour_of_weight_one():
    t = trace(MAP, BOX, ROI_POOL, 2)
    assert (t.weights == [1, 0, 0, 0]).all()
    np.testing.assert_array_equal(t.sample_value, MAP[t.neighbor_y[:, 0], t.neighbor_x[:, 0]])
    assert t.sample_wins.sum() == 4
    np.testing.assert_array_equal(t.sample_value[t.sample_wins], t.output.ravel())


def test_the_first_of_equal_cells_wins():
    t = trace(np.ones((4, 4)), (0, 0, 3, 3), ROI_POOL, 1)
    assert np.flatnonzero(t.sample_wins).tolist() == [0]


def test_an_empty_bin_gives_0_and_nothing_wins():
    t = trace(MAP + 1, (20, 20, 22, 22), ROI_POOL, 2)
    assert t.output.tolist() == [[0, 0], [0, 0]] and not len(t.sample_y)


def test_a_sample_outside_adds_0_and_still_counts():
    t = trace(np.ones((2, 2)), (-4, 0, 2, 2), ROI_ALIGN, 1, sampling_ratio=4)
    assert t.sample_inside.reshape(4, 4)[0].tolist() == [False, False, True, True]
    assert t.output.tolist() == [[0.5]]
    assert (t.weights[~t.sample_inside] == 0).all()


def test_a_box_without_area():
    adaptive = trace(MAP, (3, 3, 3, 3), ROI_ALIGN, 2, sampling_ratio=0)
    assert adaptive.grid == (0, 0) and adaptive.output.tolist() == [[0, 0], [0, 0]]
    fixed = trace(MAP, (3, 3, 3, 3), ROI_ALIGN, 2, sampling_ratio=2)
    assert fixed.output.tolist() == [[22.5, 22.5], [22.5, 22.5]]  # the point (3, 3), between rows 2 and 3


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((5, 0, 3, 2), "x2 must not be less than x1 (got x1=5.0, x2=3.0): swap the two"),
        ((0, 5, 3, 2), "y2 must not be less than y1 (got y1=5.0, y2=2.0): swap the two"),
        ((0, 0, float("nan"), 1), "every side of a box must be a finite number (got [0.0, 0.0, nan, 1.0])"),
        ((0, 0, float("inf"), 1), "every side of a box must be a finite number (got [0.0, 0.0, inf, 1.0])"),
        ((0, 0, 1), "a box is four numbers x1, y1, x2, y2 (got (0, 0, 1))"),
        ("box", "a box is four numbers x1, y1, x2, y2 (got 'box')"),
        (
            (0, 0, 1e12, 1),
            "a box side at 1000000000000.0 cells is beyond ±16777216.0: "
            "boxes are in image pixels, and spatial_scale is 1 / stride",
        ),
    ],
)
@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN])
def test_a_box_that_cannot_be_read(box, message, operator):
    with pytest.raises(BoxError) as raised:
        trace(MAP, box, operator, 2)
    assert str(raised.value) == message
    assert isinstance(raised.value, RoIError) and isinstance(raised.value, ValueError)


def test_a_bin_that_there_is_not():
    t = trace(MAP, (0, 0, 2, 2), ROI_ALIGN, 2)
    assert t.samples_of(1, 0) == range(8, 12)
    for cell in ((0, 2), (-1, 0), (0.5, 0)):
        with pytest.raises(OptionError, match="of 2 x 2"):
            t.samples_of(*cell)


def test_an_empty_bin_is_joined_as_the_operator_has_it():
    nothing = trace(MAP, (90, 90, 92, 92), replace(ROI_POOL, empty="nan"), 2)
    assert np.isnan(nothing.output).all() and np.isnan(nothing.joined("mean")).all()


def test_an_error_can_be_sent_to_another_process():
    error = BoxError("box.reversed_x", x1=5.0, x2=3.0)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is BoxError and str(again) == str(error)
        assert (again.code, again.values) == (error.code, error.values)


def test_a_box_far_too_large_for_a_trace_says_what_to_do():
    with pytest.raises(OptionError, match="use a smaller box, fewer bins or a smaller fixed sampling_ratio") as raised:
        trace(MAP, (0, 0, 50_000, 50_000), ROI_ALIGN, 2, sampling_ratio=0)
    assert raised.value.values == {"samples": 2_500_000_000, "limit": 1_000_000}


@pytest.mark.parametrize(
    ("feature_map", "message"),
    [
        (np.zeros(4), "(4,)"),
        (np.zeros((1, 2, 2)), "(1, 2, 2)"),
        (np.zeros((0, 3)), "(0, 3)"),
        (np.zeros((2, 2), complex), "complex128"),
        (np.array([["a"]]), "<U1"),
        (np.array([[None]]), "object"),
        (np.ones((2, 2), "m8[s]"), "timedelta64[s]"),
        (np.ma.array(np.ones((2, 2)), mask=[[0, 1], [0, 0]]), "feature_map.filled(np.nan)"),
        ([np.ma.array([1.0, 2.0], mask=[0, 1])] * 2, "feature_map.filled(np.nan)"),
    ],
)
def test_a_map_that_cannot_be_read(feature_map, message):
    with pytest.raises(MapError) as raised:
        trace(feature_map, (0, 0, 1, 1), ROI_ALIGN, 1)
    assert message in str(raised.value)


@pytest.mark.parametrize("output_size", [0, -1, 2.5, (2, 0), (1, 2, 3), "2", True, None])
def test_an_output_size_that_cannot_be_read(output_size):
    with pytest.raises(OptionError, match="output_size is a positive whole number"):
        trace(MAP, BOX, ROI_ALIGN, output_size)


def test_other_choices_that_cannot_be_read():
    for scale in (0, -1, float("nan"), float("inf"), "x", None):
        with pytest.raises(OptionError, match="spatial_scale"):
            trace(MAP, BOX, ROI_ALIGN, 2, scale)
    for ratio in (1.5, "2", None, True):
        with pytest.raises(OptionError, match="sampling_ratio"):
            trace(MAP, BOX, ROI_ALIGN, 2, 1.0, ratio)
    with pytest.raises(OptionError, match="aggregate is one of max, mean \\(got 'median'\\)"):
        replace(ROI_ALIGN, aggregate="median")
    with pytest.raises(OptionError, match="split is one rule or a pair"):
        replace(ROI_POOL, split=("ceil",))


def test_whole_numbers_become_float64_and_float32_stays():
    assert trace(np.arange(4).reshape(2, 2), (0, 0, 1, 1), ROI_ALIGN, 1).output.dtype == np.float64
    assert trace(np.zeros((2, 2), np.float32), (0, 0, 1, 1), ROI_ALIGN, 1).output.dtype == np.float32


def test_float16_takes_the_samples_of_float32_as_the_calls_do():
    """A bin is 3 cells long, and a rounding error decides: 4 samples a side in float32, 3 in float64."""
    half = np.arange(12.0).astype(np.float16) ** 2 * np.ones((12, 1), np.float16)
    of_half = trace(half, (10, 10, 28, 28), ROI_ALIGN, 2, 1 / 3, 0)
    assert of_half.grid == (4, 4) and of_half.output.dtype == np.float32
    assert trace(half.astype(np.float64), (10, 10, 28, 28), ROI_ALIGN, 2, 1 / 3, 0).grid == (3, 3)
    called = roi_align(half[None, None], [[0, 10, 10, 28, 28]], 2, 1 / 3, 0, True, exact=True)[0, 0]
    assert called.tolist() == of_half.output.astype(np.float16).tolist()


@pytest.mark.parametrize("call", [roi_align, roi_pool])
def test_batched_calls_say_what_is_wrong(call):
    features = np.zeros((2, 3, 4, 4))
    cases = [
        (MapError, "(N, C, H, W)", (np.zeros((4, 4)), [[0, 0, 0, 1, 1]], 2)),
        (MapError, "float32 or float64 (got dtype int64)", (np.zeros((1, 1, 4, 4), np.int64), [[0, 0, 0, 1, 1]], 2)),
        (BoxError, "(K, 5)", (features, [[0, 0, 1, 1]], 2)),
        (BoxError, "got 1 arrays for 2 images", (features, [np.zeros((1, 4))], 2)),
        (BoxError, "from 0 to 1 (got 2.0)", (features, [[2, 0, 0, 1, 1]], 2)),
        (BoxError, "from 0 to 1 (got 0.5)", (features, [[0.5, 0, 0, 1, 1]], 2)),
        (OptionError, "output_size", (features, [[0, 0, 0, 1, 1]], 0)),
    ]
    for kind, message, arguments in cases:
        with pytest.raises(kind) as raised:
            call(*arguments)
        assert message in str(raised.value)
    assert call(features, np.zeros((0, 5)), (2, 3)).shape == (0, 3, 2, 3)
    nothing = call(features, [[0, float("nan"), 0, 1, 1]], 2)
    assert nothing.shape == (1, 3, 2, 2) and not nothing.any()


def test_a_huge_box_costs_no_more_than_the_map():
    got = roi_align(np.ones((1, 1, 4, 4)), [[0, 0, 0, 1e6, 1e6]], 1)
    assert got.shape == (1, 1, 1, 1) and 0 < got[0, 0, 0, 0] < 1e-9


@pytest.mark.parametrize(
    ("operator", "changes"),
    [
        (ROI_POOL, {"split": "exact"}),
        (ROI_POOL, {"split": "floor", "rounding": "none"}),
        (ROI_POOL, {"interpolation": "bilinear"}),
        (ROI_POOL, {"interpolation": "largest_corner"}),
        (ROI_POOL, {"edge": "fade"}),
        (ROI_POOL, {"fill": 1.0}),
        (ROI_ALIGN, {"reading": "every_cell"}),
        (ROI_ALIGN, {"split": "ceil"}),
        (ROI_ALIGN, {"clip": "before_last_cell"}),
        (ROI_ALIGN, {"interpolation": "nearest", "edge": "fade"}),
        (CROP_AND_RESIZE, {"split": "overlap"}),
        (PRECISE_ROI_POOL, {"interpolation": "largest_corner"}),
        (ROI_ALIGN_ROTATED, {"rounding": "half_away_from_zero"}),
        (ROI_ALIGN_ROTATED, {"reading": "surface"}),
    ],
)
def test_answers_that_do_not_go_together_are_refused_not_ignored(operator, changes):
    with pytest.raises(OptionError, match="cannot be combined with"):
        replace(operator, **changes)


def test_a_map_of_nan_has_a_maximum_of_nan_one_by_one_and_batched():
    nothing = np.full((4, 4), np.nan)
    traced = trace(nothing, (0, 0, 4, 4), replace(ROI_ALIGN, aggregate="max"), 2).output
    many = roi_align(nothing[None, None], [[0, 0, 0, 4, 4]], 2, 1.0, 2, True, mode="max")[0, 0]
    assert np.isnan(traced).all() and np.isnan(many).all()


def test_what_means_the_same_is_read_the_same():
    plain = trace(ANIMATION_MAP, (0, 3, 7, 8), ROI_ALIGN, (2, 3)).output
    for size in (np.array([2, 3]), [2, 3], (np.int64(2), 3)):
        assert np.array_equal(trace(ANIMATION_MAP, (0, 3, 7, 8), ROI_ALIGN, size).output, plain)
    swapped = ANIMATION_MAP.astype(">f8")
    assert np.array_equal(trace(swapped, (0, 3, 7, 8), ROI_ALIGN, (2, 3)).output, plain)
    assert np.array_equal(
        roi_align(swapped[None, None], [[0, 0, 3, 7, 8]], (2, 3), 1.0, 2, True, exact=True)[0, 0], plain
    )


def test_an_unknown_way_to_join_is_named():
    with pytest.raises(OptionError, match="median"):
        trace(ANIMATION_MAP, (0, 3, 7, 8), ROI_ALIGN, 2).joined("median")


def test_a_point_that_is_no_number_is_named():
    with pytest.raises(RoIError, match="None"):
        trace_point(ANIMATION_MAP, None, 1.0)


@pytest.mark.parametrize("boxes", [[[0, 1]], [[0, 1, 2, 3, 4], [0, 1]], "box", [["a"] * 5], [[[1, 2, 3]]], None])
def test_boxes_that_make_no_table_are_refused(boxes):
    with pytest.raises(BoxError):
        roi_align(ANIMATION_MAP[None, None], boxes, 2)


@pytest.mark.parametrize(
    "box",
    [[0, None, 2, 2], [0, "1", 2, 2], ["0", "1", "2", "2"], np.array([0, 1, 2, 2], "m8[s]"), [0, 1, 2, 2 + 0j]],
)
def test_a_side_that_is_no_number_is_not_read_as_one(box):
    """NumPy would make NaN of None, so that the output were 0, and numbers of texts and of spans of time."""
    for call in (
        lambda: trace(MAP, box, ROI_ALIGN, 2),
        lambda: sweep(MAP, [box], ROI_ALIGN, 2),
        lambda: fpn_levels([box]),
        lambda: roi_align(MAP[None, None], [[box]], 2),
        lambda: roi_align(MAP[None, None], [np.array([box])], 2),
    ):
        with pytest.raises(BoxError, match="box"):
            call()


def test_python_objects_that_are_numbers_are_read():
    box = np.array([0, Fraction(1, 2), 2.0, np.float32(2)], object)
    assert trace(MAP, box, ROI_ALIGN, 2).box.tolist() == [0, 0.5, 2, 2]


def test_masked_sides_are_not_read():
    hidden = np.ma.array([[0.0, 1.0, 2.0, 3.0]], mask=[[0, 0, 1, 0]])
    for call in (
        lambda: trace(MAP, hidden[0], ROI_ALIGN, 2),
        lambda: sweep(MAP, hidden, ROI_ALIGN, 2),
        lambda: fpn_levels(hidden),
        lambda: roi_align(MAP[None, None], [hidden], 2),
        lambda: roi_align(MAP[None, None], np.ma.concatenate([[[0]], hidden], axis=1), 2),
    ):
        with pytest.raises(BoxError, match=r"masked numbers in box\w*: fill the mask first, such as box"):
            call()
    features = np.ma.array(MAP[None, None], mask=MAP[None, None] > 60)
    with pytest.raises(MapError, match=r"features\.filled\(np\.nan\)"):
        roi_pool(features, [[0, 0, 0, 2, 2]], 2)
    nothing_hidden = np.ma.array(MAP, mask=np.zeros((8, 8), bool))
    assert trace(nothing_hidden, BOX, ROI_ALIGN, 2).output.tolist() == trace(MAP, BOX, ROI_ALIGN, 2).output.tolist()


def test_a_table_without_sides_is_not_a_table_without_boxes():
    for boxes in (np.zeros((3, 0)), np.zeros((0, 7)), np.zeros((0, 4, 1)), [[]]):
        with pytest.raises(BoxError, match=r"boxes are \(K, 4\)"):
            fpn_levels(boxes)
    for part in (np.zeros((0, 7)), np.zeros((0, 4, 1))):
        with pytest.raises(BoxError, match=r"N arrays \(L, 4\)"):
            roi_align(MAP[None, None], [part], 2)
    assert fpn_levels([]).shape == fpn_levels(np.zeros((0, 4))).shape == (0,)
    assert roi_align(MAP[None, None], [[]], 2).shape == (0, 1, 2, 2)


def test_no_image_and_no_box_is_an_empty_answer():
    assert roi_align(np.zeros((0, 3, 4, 4)), [], 2).shape == (0, 3, 2, 2)


def test_a_box_beyond_all_measure_costs_no_more_than_the_map():
    features = ANIMATION_MAP[None, None].astype(np.float32)
    for exact in (False, True):
        tracemalloc.start()
        wide = roi_align(features, [[0, -1e9, 1, 1e9, 6]], 2, aligned=True, exact=exact)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert np.isfinite(wide).all()
        assert peak < 1_000_000  # bytes: a bin has 10**9 samples
    for k, box in enumerate(([0, -3000.5, 1, 2500.25, 6], [0, 2, -900, 5, 800])):  # as trace, which lays out everything
        expected = trace(features[0, 0], box[1:], ROI_ALIGN, 2, 1.0, -1).output
        assert np.array_equal(roi_align(features, [box], 2, aligned=True, exact=True)[0, 0], expected), k
        np.testing.assert_allclose(roi_align(features, [box], 2, aligned=True)[0, 0], expected, rtol=1e-5, atol=1e-6)
    assert not roi_pool(features, [[0, 0, 0, 3e38, 3e38]], 2, 16.0).any()


def test_sizes_and_boxes_that_hold_something_else_are_named():
    for size in ((2, [3, 4]), ((2, 2), 2), [[1, 2], [3]], (2, np.array([2]))):
        with pytest.raises(OptionError, match="output_size"):
            trace(np.eye(5), (0, 0, 2, 2), ROI_ALIGN, size)
    with pytest.raises(BoxError, match="four numbers"):
        trace(np.eye(5), np.array([0, 0, 2, 2 + 5j]), ROI_ALIGN, 1)


@pytest.mark.parametrize("ratio", [0, 2])
def test_a_box_that_the_dtype_of_the_map_cannot_hold_is_named(ratio):
    far = (0, 0, 1e39, 1e39)
    with pytest.raises(BoxError, match="overflows float32"):
        trace(np.eye(5, dtype=np.float32), far, ROI_ALIGN, 1, 1e-37, ratio)
    assert trace(np.eye(5), far, ROI_ALIGN, 1, 1e-37, ratio).roi.round(9).tolist() == [0, 0, 100, 100]


@pytest.mark.parametrize("unknown", [np.nan, -np.inf])
def test_cells_joined_by_their_maximum_are_roi_pooling(unknown):
    cells = np.full((4, 4), unknown)
    means = trace(cells, (0, 0, 3, 3), replace(ROI_POOL, aggregate="mean"), 1)
    assert means.joined("max").tolist() == trace(cells, (0, 0, 3, 3), ROI_POOL, 1).output.tolist()


def test_a_small_box_far_out_is_as_exact_in_float32_as_the_batched_call():
    """In float32 cell 471 is known to a 32,000th: too coarse to lay the patches of half a cell."""
    features = np.random.default_rng(0).uniform(0.1, 1, (512, 512))
    box = np.array([471.8, 477.772, 472.243, 478.554], np.float32)
    exact = trace(features.astype(np.float32).astype(np.float64), box, PRECISE_ROI_POOL, 2).output
    np.testing.assert_allclose(trace(features.astype(np.float32), box, PRECISE_ROI_POOL, 2).output, exact, rtol=1e-6)


@pytest.mark.parametrize("key", OPERATORS)
def test_the_points_of_a_bin_are_those_of_all_points(key):
    operator = OPERATORS[key]
    box = (50.0, 80.0, 70.0, 60.0, 30.0) if operator.frame == "turned" else (9.0, 43.2, 101.6, 118.4)
    t = trace(ANIMATION_MAP, box, operator, (2, 3), 1 / 16, 0)
    for row, column in np.ndindex(2, 3):
        mine = t.samples_of(row, column)
        points = t.points_of(row, column)
        for name, values in vars(points).items():
            assert np.array_equal(values, getattr(t.points, name)[slice(mine.start, mine.stop)]), name
        assert len(t.points_of(row, column, slice(1)).y) == min(len(mine), 1)
    assert t.winners.value.tolist() == t.sample_value[t.sample_wins].tolist()
    with pytest.raises(OptionError):
        t.points_of(2, 0)


@pytest.mark.parametrize("key", OPERATORS)
@pytest.mark.parametrize("ratio", [0, 3])
def test_the_grid_is_known_without_reading_the_map(key, ratio):
    operator = OPERATORS[key]
    box = (50.0, 80.0, 70.0, 60.0, 30.0) if operator.frame == "turned" else (9.0, 43.2, 101.6, 118.4)
    expected = trace(ANIMATION_MAP, box, operator, (2, 3), 1 / 16, ratio).grid
    assert sample_grid(ANIMATION_MAP, box, operator, (2, 3), 1 / 16, ratio) == expected


def test_the_grid_of_what_no_trace_reads_is_refused():
    for operator, ratio in ((ROI_POOL, 2), (ROI_ALIGN, 2), (ROI_ALIGN, 0), (CROP_AND_RESIZE, 2), (PRECISE_ROI_POOL, 2)):
        with pytest.raises(BoxError, match="x2 must not be less than x1"):
            sample_grid(MAP, (3, 0, 1, 1), operator, 2, 1.0, ratio)
        with pytest.raises(BoxError, match="finite"):
            sample_grid(MAP, (np.nan, 0, 1, 1), operator, 2, 1.0, ratio)
    with pytest.raises(OptionError, match="an operator is an Operator"):
        sample_grid(MAP, (0, 0, 1, 1), "roi_align", 2)
