"""Every member of the family through `trace`: answers written out, torchvision's recorded ones, unnamed variants."""

import itertools
from dataclasses import fields, replace

import numpy as np
import pytest

from roialign_core import (
    CROP_AND_RESIZE,
    OPERATORS,
    PRECISE_ROI_POOL,
    PS_ROI_ALIGN,
    PS_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_MAX,
    ROI_ALIGN_ONNX_MAX,
    ROI_ALIGN_ROTATED,
    ROI_POOL,
    ROI_POOL_MMCV,
    ROI_WARP,
    BoxError,
    OptionError,
    crop_and_resize,
    extract,
    trace,
)
from roialign_core.operators import CHOICES, Operator, Split
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.scenario import Scenario

FOUR = np.array([[1.0, 2.0], [3.0, 4.0]])
COUNTING = np.arange(25.0).reshape(5, 5)
SIXTEEN = np.arange(16.0).reshape(4, 4)


# ---- answers that can be read -------------------------------------------------------------------------------------


def test_detectron2s_rotated_table():
    aligned = [[4.5, 5.0, 5.5, 6.0], [7.0, 7.5, 8.0, 8.5], [9.5, 10.0, 10.5, 11.0], [12.0, 12.5, 13.0, 13.5]]
    for k in range(4):
        t = trace(COUNTING, (2, 2, 2, 2, 90 * k), ROI_ALIGN_ROTATED, 4, sampling_ratio=0)
        np.testing.assert_allclose(t.output, np.rot90(aligned, -k), atol=1e-12)
        np.testing.assert_allclose(t.roi_used, [1, 1, 3, 3], atol=1e-12)


def test_a_box_that_is_not_turned_is_roi_align():
    upright = trace(COUNTING, (0.5, 1, 3.5, 4), ROI_ALIGN, 3)
    turned = trace(COUNTING, (2, 2.5, 3, 3, 0), ROI_ALIGN_ROTATED, 3)
    np.testing.assert_allclose(turned.output, upright.output, atol=1e-12)
    np.testing.assert_allclose(turned.bins, upright.bins, atol=1e-12)
    np.testing.assert_allclose(turned.bin_corners, upright.bin_corners, atol=1e-12)


def test_a_quarter_turn_counterclockwise_reads_up_what_was_right():
    t = trace(COUNTING, (2.5, 2.5, 4, 1, 90), ROI_ALIGN_ROTATED, (1, 4), sampling_ratio=1)
    assert t.sample_y.round(9).tolist() == [4, 3, 2, 1]  # the first bin is at the foot of the picture
    assert t.sample_x.round(9).tolist() == [2.5] * 4
    assert t.bin_corners[0, 0].round(9).tolist() == [[2, 4.5], [2, 3.5], [3, 3.5], [3, 4.5]]


def test_mmcvs_precise_roi_pooling():
    t = trace(FOUR, (0, 0, 1, 1), PRECISE_ROI_POOL, 2)
    assert t.output.tolist() == [[1.75, 2.25], [2.75, 3.25]]
    assert t.roi_used.tolist() == [0.5, 0.5, 1.5, 1.5]


def test_precise_roi_pooling_is_the_limit_of_ever_more_samples():
    box, lattice = (-0.7, 0.4, 4.9, 3.1), replace(PRECISE_ROI_POOL, reading="lattice")
    shown = [trace(COUNTING, box, lattice, 2, sampling_ratio=ratio).output for ratio in (4, 32, 256)]
    exact = trace(COUNTING, box, PRECISE_ROI_POOL, 2).output
    errors = [np.abs(output - exact).max() for output in shown]
    assert errors[0] > errors[1] > errors[2] and errors[2] < 1e-4


def test_precise_roi_pooling_fades_to_the_zeros_around_the_map():
    ones = np.ones((2, 2))
    assert trace(ones, (-1, 0, 0, 1), PRECISE_ROI_POOL, 1).output.tolist() == [[0.5]]
    assert trace(ones, (-3, 0, -1, 1), PRECISE_ROI_POOL, 1).output.tolist() == [[0.0]]
    assert trace(ones, (0.5, 0.5, 0.5, 1), PRECISE_ROI_POOL, 1).output.tolist() == [[0.0]]  # no area


def test_tensorflows_crop_and_resize():
    whole = (0, 0, 1, 1)  # normalised (0, 0, 1, 1) times H - 1 = W - 1 = 1
    assert trace(FOUR, whole, CROP_AND_RESIZE, 3).output.tolist() == [[1, 1.5, 2], [2, 2.5, 3], [3, 3.5, 4]]
    assert trace(FOUR, whole, CROP_AND_RESIZE, 1).output.tolist() == [[2.5]]
    beyond = trace(FOUR, (0, 0, 2, 1), replace(CROP_AND_RESIZE, fill=-9), (2, 3))
    assert beyond.output.tolist() == [[1, 2, -9], [3, 4, -9]]
    assert beyond.sample_inside.tolist() == [True, True, False] * 2


def test_a_crop_that_ends_on_the_border_reads_no_fill():
    """0.04 · 7 + 0.96 · 7 is 7 in float32; half a cell more and less would make it 7.0000005, beyond the map."""
    tall, square = np.ones((1, 1, 8, 2), np.float32), np.ones((1, 1, 2, 2))
    assert (crop_and_resize(tall, [[0, 0.04, 0, 1, 1]], 2, -7.0) == 1).all()
    assert (crop_and_resize(square, [[0, 0.1, 0, 0, 1]], 2, -7.0) == 1).all()
    filled = replace(CROP_AND_RESIZE, fill=-7)
    assert (extract(tall, [[0, 0, 0.28, 1, 7]], filled, 2) == 1).all()
    assert (trace(tall[0, 0], (0, 0.28, 1, 7), filled, 2).output == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_box_in_hundredths_that_ends_on_the_border_reads_the_fill(dtype):
    """Of every size of map and output those boxes that half a cell there and back carries over the border."""
    start, tried = (np.arange(100) / 100).astype(dtype), 0
    for cells in range(2, 65):
        for rows in range(2, 15):
            first = start * dtype(cells - 1)
            drawn = first + dtype(0.5)
            step = ((drawn + (dtype(cells - 1) - first)) - drawn) / dtype(rows - 1)
            over = start[first + dtype(rows - 1) * step > cells - 1]
            boxes = [[0, y, 0, 1, 1] for y in over] + [[0, 1, 0, y, 1] for y in over]
            tried += len(boxes)
            if boxes:
                assert (crop_and_resize(np.ones((1, 1, cells, 2), dtype), boxes, (rows, 2), -7.0) == 1).all()
    assert tried > 1000


def test_the_crop_on_the_page_ends_in_the_last_cells():
    """The animation's map: the last row of cells ends in .91, the first in .27."""
    address = {"map": "animation", "box": "0.44,0,7,7", "out": "2", "right": "crop_and_resize"}
    scenario, problems = from_address(address, "family", Scenario())
    assert not problems
    assert scenario.trace(scenario.pair[1]).output[:, 1].tolist() == [0.27, 0.91]


def test_a_crop_at_a_centre_reads_one_cell():
    """TensorFlow takes floor and ceil, which are one cell there; the other kernels add 0 times the next."""
    cells = np.array([[1.0, np.inf], [np.nan, 4.0]])
    assert trace(cells, (0, 0, 0, 0), CROP_AND_RESIZE, 1).output.tolist() == [[1.0]]
    assert crop_and_resize(cells[None, None], [[0, 0, 0, 0, 0]], 1).tolist() == [[[[1.0]]]]
    assert np.isnan(trace(cells, (0.5, 0.5, 0.5, 0.5), ROI_ALIGN, 1, sampling_ratio=1).output).all()


def test_a_crop_of_a_box_that_is_not_finite_reads_the_fill():
    features = np.array([[[[1.1, 2.2], [3.3, 4.4]]]])
    nan, inf = np.nan, np.inf
    for box, expected in (
        ((nan, 0, nan, 1), [5.5, 5.5, 5.5, 5.5]),
        ((inf, 0, inf, 1), [5.5, 5.5, 5.5, 5.5]),
        ((0, 0, inf, 1), [1.1, 2.2, 5.5, 5.5]),  # the first row is that of the side which is finite
        ((0, 0, 1, inf), [1.1, 5.5, 3.3, 5.5]),
    ):
        assert crop_and_resize(features, [[0, *box]], 2, 5.5).ravel().tolist() == expected
        y1, x1, y2, x2 = box
        got = extract(features, [[0, x1, y1, x2, y2]], replace(CROP_AND_RESIZE, fill=5.5), 2)
        assert got.ravel().tolist() == expected


@pytest.mark.parametrize("key", OPERATORS)
@pytest.mark.parametrize("ratio", [0, 2])
@pytest.mark.parametrize("cell", [1.0, np.nan])  # a map that is not finite takes another way
def test_whatever_has_a_fill_reads_it_for_a_box_that_is_not_finite(key, ratio, cell):
    operator = OPERATORS[key]
    if operator.reading == "every_cell":
        with pytest.raises(OptionError, match="fill"):
            replace(operator, fill=5.5)
        return
    features = np.full((1, 4, 3, 3), cell)
    box = [[0, np.nan, 1, np.nan, 1, 0]] if operator.frame == "turned" else [[0, np.nan, np.nan, 1, np.inf]]
    assert (extract(features, box, replace(operator, fill=5.5), 2, 1.0, ratio) == 5.5).all()
    assert not extract(features, box, operator, 2, 1.0, ratio).any()


def test_roi_warp_reads_the_first_corner_of_each_bin_of_a_rounded_box():
    t = trace(SIXTEEN, (0.4, 0.6, 2.6, 2.9), ROI_WARP, 2)  # (0, 1) to (3, 3)
    assert t.output.tolist() == [[4, 5.5], [8, 9.5]]
    assert t.roi_used.tolist() == [0.5, 1.5, 3.5, 3.5]
    assert trace(SIXTEEN + 1, (1, 1, 1.4, 3), ROI_WARP, 2).output.tolist() == [[6, 6], [10, 10]]  # no width: no +1
    outside = trace(SIXTEEN + 1, (-2, 0, 2, 2), ROI_WARP, 2)  # its first column is read at -2, beyond -0.5
    assert outside.output.tolist() == [[0, 1], [0, 5]]


def test_mmcvs_roi_pool_rounds_the_bins_and_not_the_box():
    t = trace(SIXTEEN, (0.6, 0.6, 1.6, 1.6), ROI_POOL_MMCV, 2)  # [0.6, 2.6] in cells
    assert t.roi_used.tolist() == [0.6, 0.6, 2.6, 2.6]
    assert t.bins_used[0, :, [0, 2]].T.tolist() == [[0, 2], [1, 3]]
    assert t.output.tolist() == [[5, 6], [9, 10]]
    half = trace(SIXTEEN, (1.2, 1.2, 3.2, 3.2), ROI_POOL_MMCV, 1, 0.5)
    np.testing.assert_allclose(half.roi_used, [0.6, 0.6, 2.1, 2.1])  # the pixel is half a cell


def test_torchvisions_ps_roi_pool_drops_the_last_row_and_column():
    assert trace(SIXTEEN, (0, 0, 4, 4), PS_ROI_POOL, 1).output.tolist() == [[5.0]]
    kept = replace(PS_ROI_POOL, clip="map")
    assert trace(SIXTEEN, (0, 0, 4, 4), kept, 1).output.tolist() == [[7.5]]


def test_ps_roi_align_divides_nothing_by_nothing():
    assert np.isnan(trace(SIXTEEN, (1, 1, 1, 1), PS_ROI_ALIGN, 2, sampling_ratio=0).output).all()
    assert not trace(SIXTEEN, (1, 1, 1, 1), ROI_ALIGN, 2, sampling_ratio=0).output.any()


def test_onnx_compares_the_weighted_corners():
    legacy = replace(ROI_ALIGN_ONNX_MAX, origin="cell_centre", minimum_size=1)
    t = trace(np.ones((5, 5)), (1, 1, 3, 3), legacy, 2, sampling_ratio=2)
    assert t.output.tolist() == [[0.5625, 0.5625], [0.5625, 0.5625]]
    assert trace(np.ones((5, 5)), (1, 1, 3, 3), ROI_ALIGN_MAX, 2).output.tolist() == [[1, 1], [1, 1]]


# ---- torchvision's recorded answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["ps_roi_align", "ps_roi_pool"])
def test_every_value_of_a_position_sensitive_trace_is_torchvisions(torchvision_answers, op):
    operator, compared = {"ps_roi_align": PS_ROI_ALIGN, "ps_roi_pool": PS_ROI_POOL}[op], 0
    for case, arrays in torchvision_answers:
        if case["op"] != op:
            continue
        size = case["output_size"]
        for box, answer in zip(arrays["boxes"], arrays["output"], strict=True):
            for c, p, q in np.ndindex(answer.shape):
                group = arrays["features"][0, (c * size + p) * size + q]
                got = trace(group, box, operator, size, case["spatial_scale"], case.get("sampling_ratio", 2))
                assert got.output[p, q].tobytes() == answer[c, p, q].tobytes(), (case, box)
                compared += 1
    assert compared == 6_048


# ---- operators without a name -------------------------------------------------------------------------------------


def every_operator() -> list[Operator]:
    """All answers that make sense together, but for the conventions that change only where things lie."""
    names = ["rounding", "reading", "interpolation", "aggregate", "edge", "end"]
    found = []
    for answers in itertools.product(*(CHOICES[name] for name in names), Split):
        try:
            found.append(Operator(name="one", split=answers[-1], **dict(zip(names, answers[:-1], strict=True))))
        except OptionError:
            continue
    return found


def test_the_named_operators_differ_in_their_answers():
    answers = [
        tuple(getattr(operator, field.name) for field in fields(operator)[1:]) for operator in OPERATORS.values()
    ]
    assert len(set(answers)) == len(answers) == 15
    assert len({operator.name for operator in OPERATORS.values()}) == 15


def test_every_combination_that_makes_sense_gives_a_constant_map_back():
    operators = every_operator()
    assert len(operators) > 500
    ones = np.full((9, 9), 3.0)
    for operator in operators:
        t = trace(ones, (2.25, 2.5, 5.75, 4.5), operator, 2)
        if operator.interpolation != "largest_corner":
            np.testing.assert_allclose(t.output, 3, rtol=1e-12)
            np.testing.assert_allclose(t.weights.sum(axis=1), 1)
        assert (t.output > 0).all() and len(t.sample_y) == t.bin_start[-1]
        shares = np.add.reduceat(t.sample_share, t.bin_start[:-1])
        np.testing.assert_allclose(shares, 1)
        joined = np.add.reduceat(t.sample_share * t.sample_value, t.bin_start[:-1])
        np.testing.assert_allclose(joined, t.output.ravel())


def test_a_box_quantised_before_roi_align_is_roi_align_of_the_quantised_box():
    snapped = replace(ROI_ALIGN, rounding="half_away_from_zero")
    t = trace(COUNTING, (0.6, 1.2, 3.4, 3.5), snapped, 2)
    assert t.roi_used.tolist() == [1, 1, 3, 4]
    assert t.output.tolist() == trace(COUNTING, (1, 1, 3, 4), ROI_ALIGN, 2).output.tolist()


def test_the_mean_of_whole_cells():
    t = trace(SIXTEEN, (0, 0, 3, 3), replace(ROI_POOL, aggregate="mean"), 2)
    assert t.output.tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_the_whole_surface_read_by_the_nearest_cell_weighs_cells_by_area():
    nearest = replace(PRECISE_ROI_POOL, origin="cell_corner", interpolation="nearest", edge="half_cell")
    assert trace(FOUR, (0.5, 0, 2, 2), nearest, 1).output.round(9).tolist() == [[round((4 / 2 * 0.5 + 3) / 1.5, 9)]]


def test_the_maximum_of_a_surface_lies_at_a_corner_of_a_patch():
    highest = replace(PRECISE_ROI_POOL, aggregate="max")
    peak = np.array([[0.0, 0, 0], [0, 8, 0], [0, 0, 0]])
    t = trace(peak, (0.5, 0.5, 1.5, 1.5), highest, 1)
    assert t.output.tolist() == [[8]] and t.sample_y[t.sample_wins].tolist() == [1.5]
    assert trace(peak, (0.5, 0.5, 0.75, 0.75), highest, 1).output.tolist() == [[4.5]]
    assert trace(peak, (0.5, 0.5, 1.5, 1.5), PRECISE_ROI_POOL, 1).joined("max").tolist() == [[8]]


# ---- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((0, 0, 1, 1), "five numbers"),
        ((0, 0, -1, 1, 0), "no negative side"),
        ((0, 0, 1, 1, float("nan")), "finite"),
        ((0, 0, 1e12, 1, 0), "beyond"),
        (None, "five numbers"),
    ],
)
def test_a_turned_box_that_cannot_be_read(box, message):
    with pytest.raises(BoxError, match=message):
        trace(SIXTEEN, box, ROI_ALIGN_ROTATED, 2)


@pytest.mark.parametrize("changes", [{"fill": "x"}, {"fill": float("nan")}, {"minimum_size": -1}])
def test_numbers_that_an_operator_does_not_have(changes):
    with pytest.raises(OptionError, match="finite number"):
        replace(ROI_ALIGN, **changes)
