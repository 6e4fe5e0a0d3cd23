"""What holds for every box and every map."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from roialign_core import (
    OPERATORS,
    PRECISE_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_POOL,
    ROI_WARP,
    OptionError,
    extract,
    roi_align,
    roi_pool,
    trace,
)
from roialign_core.operators import CHOICES, Split
from roialign_core.sweep import sweep
from roialign_core.trace import sample_grid
from roialign_lab.lesson.session import Session

LEFT = ("channels", "frame")  # one map has neither a channel for each bin nor, in this table, boxes that are turned
dtypes = st.sampled_from([np.float32, np.float64])
whole = st.integers(1, 4)
ratios = st.integers(-1, 4)
scales = st.sampled_from([1.0, 0.5, 1 / 3, 1 / 16])
aligns = st.sampled_from([ROI_ALIGN, ROI_ALIGN_LEGACY])
pools = st.tuples(*[st.sampled_from(["overlap", "floor", "ceil"])] * 2).map(lambda rule: replace(ROI_POOL, split=rule))
operators = st.one_of(
    st.builds(lambda op, how: replace(op, aggregate=how), aligns, st.sampled_from(["mean", "max"])), pools
)


@st.composite
def maps(draw):
    dtype, shape = draw(dtypes), (draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    return draw(arrays(dtype, shape, elements=st.floats(-100, 100, width=32)))


@st.composite
def asked(draw):
    """A scenario as a person may come to it: by an address, then perhaps by what was dragged or typed, to any digit."""
    kind = draw(st.sampled_from(["roi_pool", "roi_align", "bilinear", "error", "family"]))
    sides = [repr(side) for side in draw(boxes(-1, 18))]
    out, samples, lit = (draw(st.integers(*limits)) for limits in ((1, 4), (0, 4), (0, 20)))
    session = Session()
    session.read_address(
        {
            "map": draw(st.sampled_from(["animation", "random-16x16-3"])),
            "stride": draw(st.sampled_from(["1", "16", "64"])),
            "box": ",".join(sides),
            "point": ",".join(sides[:2]),
            "out": str(out),
            "samples": str(samples),
            "bin": f"0,{out - 1},{lit}",
        },
        kind,
    )
    if draw(st.booleans()):
        at = session.scenario.box[2]
        near = draw(st.sampled_from([math.nextafter(round(at), 0), round(at) + 0.5 - 1e-11, at - 1 / 3]))
        session.apply_event({"box": [0.1 + 0.2, 1 / 3, near, 7.0], "point": [near, -1e-12]}, kind)
    return session, kind


@given(asked())
@settings(max_examples=300, deadline=None)
def test_what_share_writes_read_again_is_the_same_scenario_and_the_same_trace(asked):
    session, kind = asked
    told, again = session.to_address(kind), Session()
    assert not again.read_address(told, kind) and again.to_address(kind) == told
    before, after = session.scenario, again.scenario
    if kind == "bilinear":
        assert after.point == before.point
        return
    after = replace(after, samples=before.samples)  # the address of RoI Pooling does not speak of them
    assert after.box == before.box and after.output_size == before.output_size
    for operator in (before.pool, before.align):
        here, there = before.trace(operator), after.trace(operator)
        np.testing.assert_array_equal(there.output, here.output)
        np.testing.assert_array_equal(there.roi_used, here.roi_used)


@st.composite
def boxes(draw, low=-12.0, high=24.0):
    sides = st.floats(low, high, width=32)
    x1, x2 = sorted((draw(sides), draw(sides)))
    y1, y2 = sorted((draw(sides), draw(sides)))
    return (x1, y1, x2, y2)


@given(maps(), boxes(), operators, whole, whole, scales, ratios)
@settings(max_examples=300, deadline=None)
def test_a_trace_is_consistent(feature_map, box, operator, rows, columns, scale, ratio):
    t = trace(feature_map, box, operator, (rows, columns), scale, ratio)
    assert t.output.shape == (rows, columns) and t.output.dtype == feature_map.dtype
    assert np.isfinite(t.output).all()
    inside = t.sample_inside
    np.testing.assert_allclose(t.weights[inside].sum(axis=1), 1, atol=1e-6)
    assert not t.weights[~inside].any() and not t.sample_value[~inside].any()
    height, width = feature_map.shape
    assert ((t.neighbor_y >= 0) & (t.neighbor_y < height) & (t.neighbor_x >= 0) & (t.neighbor_x < width)).all()
    assert t.bin_start[-1] == len(t.sample_y)
    assert t.sample_wins.sum() <= rows * columns
    if operator.aggregate == "max":
        winners = t.sample_bin[t.sample_wins]
        np.testing.assert_array_equal(t.sample_value[t.sample_wins], t.output[winners[:, 0], winners[:, 1]])


def rounding(feature_map, samples):
    """How far the fast mean of so many samples is from that of the trace: in float32 a millionth, up to 16 of them."""
    largest = np.abs(feature_map.astype(np.float64)).max()
    return max(samples, 16) * np.finfo(feature_map.dtype).eps / 2 * largest + 1e-37  # smaller numbers have fewer digits


def test_numbers_that_cancel_leave_little_but_rounding():
    """±1000 like a chess board: the mean of these nine samples is almost 0, so that no digit of it need be right."""
    board = 1000 * (-1.0) ** np.add.outer(np.arange(4), np.arange(4))
    features, box = board.astype(np.float32)[None, None], [[0, 0.7, 0.4, 2.1, 3.6]]
    fast, exact = (roi_align(features, box, 1, 1.0, 3, True, exact=which).item() for which in (False, True))
    assert abs(roi_align(board[None, None], box, 1, 1.0, 3, True).item()) < 1e-10
    assert 0 < abs(exact) < 1e-3 and abs(fast - exact) < 1e-6 * 1000


@given(maps(), boxes(), st.sampled_from([PRECISE_ROI_POOL, ROI_WARP]), whole, whole, scales)
@settings(max_examples=200, deadline=None)
def test_the_other_fast_means_are_as_close(feature_map, box, operator, rows, columns, scale):
    expected = trace(feature_map, box, operator, (rows, columns), scale).output
    got = extract(feature_map[None, None], [[0, *box]], operator, (rows, columns), scale)[0, 0]
    np.testing.assert_allclose(got, expected, rtol=0, atol=rounding(feature_map, 1))


@given(maps(), boxes(), operators, whole, whole, scales, ratios)
@settings(max_examples=300, deadline=None)
def test_the_batched_call_agrees_with_the_trace(feature_map, box, operator, rows, columns, scale, ratio):
    operator = replace(ROI_POOL, split="overlap") if operator.snaps else operator
    expected = trace(feature_map, box, operator, (rows, columns), scale, ratio).output
    features, table = feature_map[None, None], [[0, *box]]
    if operator.snaps:
        got = roi_pool(features, table, (rows, columns), scale)
    else:
        mode = {"mean": "avg", "max": "max"}[operator.aggregate]
        arguments = (features, table, (rows, columns), scale, ratio, operator.aligned)
        got = roi_align(*arguments, mode=mode, exact=True)
        fast = roi_align(*arguments, mode=mode)
        grid = sample_grid(feature_map, box, operator, (rows, columns), scale, ratio)
        np.testing.assert_allclose(fast[0, 0], expected, rtol=0, atol=rounding(feature_map, grid[0] * grid[1]))
    np.testing.assert_array_equal(got[0, 0], expected)


@st.composite
def built(draw):
    """What a user makes of a named operator by other answers, as long as they go together."""
    named = [operator for operator in OPERATORS.values() if operator.channels == "own" and operator.frame == "sides"]
    answers = {name: draw(st.sampled_from(list(kind))) for name, kind in CHOICES.items() if name not in LEFT}
    answers["split"] = (draw(st.sampled_from(list(Split))), draw(st.sampled_from(list(Split))))
    changed = draw(st.sets(st.sampled_from(list(answers)), max_size=4))
    try:
        fill = draw(st.sampled_from([0.0, 2.0]))
        return replace(draw(st.sampled_from(named)), fill=fill, **{name: answers[name] for name in changed})
    except OptionError:
        reject()


@given(maps(), boxes(), built(), whole, whole, scales, st.sampled_from([0, 1, 2, 12]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_what_a_user_builds_is_the_same_everywhere(feature_map, box, operator, rows, columns, scale, ratio):
    expected = trace(feature_map, box, operator, (rows, columns), scale, ratio).output
    two = np.stack([feature_map, feature_map[::-1, ::-1]])
    got = extract(two[None], [[0, *box]], operator, (rows, columns), scale, ratio)[0]
    largest = max(float(np.abs(feature_map).max()), 2.0)
    other = trace(two[1], box, operator, (rows, columns), scale, ratio).output
    np.testing.assert_allclose(got, [expected, other], rtol=1e-5, atol=1e-5 * largest)
    np.testing.assert_array_equal(sweep(feature_map, [box], operator, (rows, columns), scale, ratio)[0], expected)


@given(st.floats(-50, 50, width=32), boxes(0.5, 7.5), operators, whole, dtypes)
@settings(max_examples=100, deadline=None)
def test_a_constant_map_stays_constant_inside(value, box, operator, size, dtype):
    t = trace(np.full((10, 10), value, dtype), box, operator, size, sampling_ratio=2)
    bins_with_samples = np.diff(t.bin_start).reshape(size, size) > 0
    smallest = np.finfo(dtype).tiny  # below it numbers have fewer digits
    np.testing.assert_allclose(t.output[bins_with_samples], dtype(value), rtol=2e-6, atol=smallest)


@given(arrays(np.float64, (6, 6), elements=st.floats(-9, 9)), boxes(0, 6), operators, whole, st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_moving_map_and_box_by_whole_cells_changes_nothing(feature_map, box, operator, size, by):
    box = tuple(round(side * 8) / 8 for side in box)  # eighths: moving them by whole cells is exact
    padded = np.pad(feature_map, 8, mode="edge")
    here = trace(padded, tuple(side + 8 for side in box), operator, size)
    moved = trace(np.roll(padded, (by, by), axis=(0, 1)), tuple(side + 8 + by for side in box), operator, size)
    np.testing.assert_allclose(moved.output, here.output, atol=1e-9)


@given(maps(), boxes(), aligns, whole, st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_nothing_is_rounded_in_roi_align(feature_map, box, operator, size, ratio):
    t = trace(feature_map, box, operator, size, sampling_ratio=ratio)
    assert t.grid == (ratio, ratio) and len(t.sample_y) == (size * ratio) ** 2
    widths = t.bins[..., 2] - t.bins[..., 0]
    np.testing.assert_allclose(widths, widths[0, 0], atol=1e-4)
    if operator.aligned:
        np.testing.assert_array_equal(t.quantization_error, 0)


@given(boxes(-4, 12), st.integers(1, 7), st.sampled_from(["floor", "ceil"]))
@settings(max_examples=100, deadline=None)
def test_disjoint_splits_tile_the_region(box, size, rule):
    t = trace(np.zeros((40, 40)), tuple(side + 8 for side in box), replace(ROI_POOL, split=rule), size)
    x1, y1, x2, y2 = t.roi_used
    cells = (t.bins_used[..., 2] - t.bins_used[..., 0]) * (t.bins_used[..., 3] - t.bins_used[..., 1])
    assert cells.sum() == (x2 - x1) * (y2 - y1)
    heights = t.bins_used[:, 0, 3] - t.bins_used[:, 0, 1]
    assert heights.max() - heights.min() <= 1


@given(boxes(0, 12))
@settings(max_examples=100, deadline=None)
def test_rounding_moves_no_side_by_more_than_half_a_cell(box):
    error = trace(np.zeros((4, 4)), box, replace(ROI_POOL, split="floor"), 2).quantization_error
    assert (np.abs(error[:2]) <= 0.5).all()
