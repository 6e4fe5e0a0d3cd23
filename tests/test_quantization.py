"""What rounding costs: worked numbers, and experiments that come out the same from the same seed."""

import re
from dataclasses import replace

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, ROI_POOL, OptionError, trace
from roialign_core.bilinear import frozen
from roialign_core.examples import random_map
from roialign_core.geometry import iou, region_read
from roialign_core.masks import GRIDS, mask_costs, paste_mask, shape_mask
from roialign_core.rounding import random_boxes, rounding_cost
from roialign_lab.figures.mask_outline import loops, path
from roialign_lab.figures.mask_picture import BOX, COLORS, person_at, picture
from roialign_lab.figures.style import contrast, ink, luminance
from roialign_lab.figures.sweep_chart import POSITIONS, sweep_of
from roialign_lab.lesson.own_maps import OwnMaps, keep
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.stage import packing
from roialign_lab.stage.page import Page
from roialign_lab.stage.payload import payload


def test_a_box_written_out():
    """24 px is 1.5 cells and goes to 2, halves away from zero; 95 px is 5.9375, goes to 6, and its cell is read too."""
    cost = rounding_cost(np.array([[24.0, 32.0, 95.0, 112.0]]), 16)
    assert cost.near.tolist() == [[8.0, 0.0]]
    assert cost.far.tolist() == [[17.0, 16.0]]
    assert cost.iou[0] == pytest.approx((95 - 32) * 80 / (71 * 80 + 80 * 96 - 63 * 80))


@pytest.mark.parametrize("stride", [4, 8, 16, 32, 64])
def test_every_box_is_what_a_trace_says(stride):
    boxes = random_boxes(200, 1)
    cost = rounding_cost(boxes, stride)
    for box, near, far, overlap in zip(boxes, cost.near, cost.far, cost.iou, strict=True):
        read = region_read(box / stride, ROI_POOL)
        assert np.allclose((read - box / stride) * stride, [*near, *far])
        assert overlap == pytest.approx(iou(box / stride, read))


@pytest.mark.parametrize("stride", [4, 16, 64])
def test_a_side_that_stands_anywhere_moves_a_quarter_of_a_cell(stride):
    """|shift| of a uniform offset is uniform on 0 … 0.5 cells: mean 0.25, standard deviation 0.5 / √12."""
    many = 100_000
    rng = np.random.default_rng(7)
    corner = rng.uniform(0, 64 * stride, (many, 2))
    cost = rounding_cost(np.concatenate([corner, corner + 100], axis=1), stride)
    error = 0.5 / np.sqrt(12) / np.sqrt(2 * many)
    assert abs(np.abs(cost.near).mean() / stride - 0.25) < 4 * error
    assert np.abs(cost.near).max() <= stride / 2
    assert (cost.far > 0).all()


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
def test_the_outline_of_the_person_is_that_of_the_mask_that_was_read(stride):
    """Filled between its upright edges, pixel row by pixel row, an outline gives the mask back."""
    person = person_at(stride)
    assert person.iou["align"] > person.iou["pool"]
    for mask in (person.truth, *person.read.values()):
        edges = np.zeros((256, 257), int)
        for loop in loops(mask):
            for (x, top), (_, bottom) in zip(loop[1::2], [*loop[2::2], loop[0]], strict=True):
                edges[min(top, bottom) : max(top, bottom), x] ^= 1
        assert np.array_equal(np.cumsum(edges, axis=1)[:, :256] % 2 == 1, mask)


@pytest.mark.parametrize("name", [None, "pool", "align"])
def test_the_picture_of_the_person_lies_on_paper_on_which_its_colours_are_told_apart(name):
    """It shows pixels 54, 38 to 214, 214, in the inks of a light page, on a dark page too."""
    ground, *marks = re.findall(r"<(?:rect|path) [^>]*>", picture(person_at(16), name))
    assert ground == '<rect x="54" y="38" width="160" height="176" fill="#ffffff"/>'
    inks = {"roi", "quiet", *([] if name is None else [COLORS[name]])}
    assert {color for mark in marks for color in re.findall("#[0-9a-f]{6}", mark)} == {ink(k, "light") for k in inks}
    assert all(contrast(luminance(ink(k, "light")), luminance("#ffffff")) >= 3 for k in inks)


def test_a_loop_goes_round_a_mask_and_another_round_its_hole():
    ring = np.pad(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool), 1)
    assert path(ring) == "M1 1H4V4H1ZM2 2H3V3H2Z"
    touching = np.array([[True, False], [False, True]])  # two pixels that share a corner
    assert path(touching) == "M0 0H1V2H2V1H0Z"
    assert path(np.zeros((2, 2), bool)) == ""


def test_the_persons_masks_are_read_as_in_the_experiment():
    box, person = np.array(BOX), person_at(16)
    covered = person.truth.reshape(16, 16, 16, 16).mean(axis=(1, 3))
    for name, operator in (("pool", ROI_POOL), ("align", ROI_ALIGN)):
        output = trace(covered, box, operator, 28, 1 / 16).output
        assert np.array_equal(paste_mask(output, box, 256), person.read[name])


def test_boxes_come_from_their_seed():
    assert np.array_equal(random_boxes(500, 3), random_boxes(500, 3))
    assert not np.array_equal(random_boxes(500, 3), random_boxes(500, 4))


def test_a_mask_that_is_pasted_where_it_was_read_is_itself():
    box = np.array([3.0, 5.0, 13.0, 15.0])
    assert paste_mask(np.ones((10, 10)), box, 20).sum() == 100
    disc = shape_mask("disc", box, 20)
    assert np.array_equal(paste_mask(disc[5:15, 3:13].astype(float), box, 20), disc)


def test_the_masks_come_back_from_their_seed_with_these_numbers():
    (cost,) = mask_costs((16,), (128,), 14, 8, seed=0)
    (again,) = mask_costs((16,), (128,), 14, 8, seed=0)
    means = {}
    for grid, scores in cost.iou.items():
        assert all(np.array_equal(values, again.iou[grid][name]) for name, values in scores.items())
        means[grid] = {name: round(float(values.mean()), 2) for name, values in scores.items()}
    assert means == {
        "middle": {"pool": 0.61, "legacy": 0.64, "align": 0.87},
        "corner": {"pool": 0.73, "legacy": 0.86, "align": 0.65},
    }
    for bad in ({"resolution": 0}, {"objects": 0}, {"sizes": (4,)}):
        with pytest.raises(OptionError):
            next(mask_costs(**{"strides": (4,), "sizes": (32,), "resolution": 14, "objects": 1, "seed": 0} | bad))


@pytest.mark.parametrize("stride", [4, 8, 16])
def test_the_order_of_aligned_and_legacy_turns_round_with_the_grid(stride):
    """At eight cells an object: whichever convention places cells as the map does reads it best."""
    (cost,) = mask_costs((stride,), (8 * stride,), 14, 8, seed=1)
    middle, corner = ({name: values.mean() for name, values in cost.iou[grid].items()} for grid in GRIDS)
    assert middle["align"] > middle["legacy"] + 0.1 and corner["legacy"] > corner["align"] + 0.1
    assert corner["legacy"] == pytest.approx(middle["align"], abs=0.03)


@pytest.mark.parametrize("side", ["x1", "y1", "x2", "y2"])
def test_the_sweep_stays_on_the_map_and_holds_the_side(side):
    for box in ((0.55, 2.7, 6.35, 7.4), (0.0, 0.0, 8.0, 8.0), (3.0, 3.0, 3.05, 3.05), (7.9, 0.0, 8.0, 0.1)):
        scenario = Scenario(box=box, side=side)
        swept = sweep_of(scenario, ROI_POOL, ROI_ALIGN)
        k = ("x1", "y1", "x2", "y2").index(side)
        assert len(swept.positions) == POSITIONS and 0 <= swept.positions[0] <= box[k] <= swept.positions[-1] <= 8
        assert np.diff(swept.positions).min() > 0
        for n in (0, 50, 125, 200):
            at = [side * 16 for side in (*box[:k], swept.positions[n], *box[k + 1 :])]
            for values, operator in ((swept.pool, ROI_POOL), (swept.align, ROI_ALIGN)):
                assert np.array_equal(values[n], trace(scenario.feature_map, at, operator, 2, 1 / 16, 2).output)


@pytest.mark.parametrize(
    ("address", "english", "chinese"),
    [
        (
            {"side": "x1"},
            "While x1 goes from 0.00 to 2.00, no rounding changes the maximum of output ②: its [read:line] is flat. "
            "Point at output ①: it jumps at x1 = 0.50.",
            "指向输出 ①：它在 x1 = 0.50 处跳变。",
        ),
        ({"side": "x2"}, "While x2 goes from 6.00 to 8.00, no rounding changes a maximum in the chart", "改选 y1："),
        ({"side": "x2"}, "Choose y1: with it an output jumps.", "x2 从 6.00 移到 8.00"),
        ({"side": "x2", "out": "8"}, "Choose ", "看不到阶梯"),  # of more than 49 outputs one is in the chart
        ({"map": "matrix-5,5,5,5;5,5,5,5;5,5,5,5;5,5,5,5"}, "Choose another side, or", "换一条边，或者把框"),
    ],
)
def test_where_the_line_looked_at_has_no_step_the_sentence_says_what_has(address, english, chinese):
    for language, said in (("en", english), ("zh", chinese)):
        session = Session(language=language)
        assert session.read_address(address, "error") == []
        assert said in payload(Page("quantization", session))[0]["sentence"]


@pytest.mark.parametrize("address", [{}, {"side": "x1", "bin": "0,0"}, {"side": "y2"}])
def test_where_it_has_one_the_sentence_is_that_of_the_page(address):
    session = Session()
    assert session.read_address(address, "error") == []
    moving, still = payload(Page("quantization", session))
    assert "sentence" not in moving
    assert "Each step of the [read:staircase] is a rounding" in still()["sentence"]


def test_the_packed_lines_say_the_values():
    assert sweep_of(replace(Scenario(), focus=Focus(1, 0, 0)), ROI_POOL, ROI_ALIGN).looked == 2
    many = replace(Scenario(), output_size=(14, 14), focus=Focus(3, 5, 0))  # of many lines the one that is looked at
    assert sweep_of(many, ROI_POOL, ROI_ALIGN).pool.shape == (POSITIONS, 1, 1)
    middle = sweep_of(many, ROI_POOL, ROI_ALIGN).align[POSITIONS // 2, 0, 0]
    at_the_middle = replace(many, box=(many.box[0], 3.0, *many.box[2:]))
    assert middle == at_the_middle.trace(ROI_ALIGN).output[3, 5]
    swept = sweep_of(Scenario(), ROI_POOL, ROI_ALIGN)
    low, high = swept.range
    packed = packing.sweep_chart(swept)
    lines = packed["align"].split(",")
    assert len(lines) == 4
    for line, values in zip(lines, swept.align.reshape(-1, 4).T, strict=True):
        heights = [int(line[k : k + 2], 36) for k in range(0, len(line), 2)]
        assert np.allclose(low + np.array(heights) / 1295 * (high - low), values, atol=(high - low) / 1295)
    staircase = packed["pool"].split(",")[1]
    steps = [(int(staircase[k : k + 2], 36), int(staircase[k + 2 : k + 4], 36)) for k in range(0, len(staircase), 4)]
    assert [position for position, _ in steps] == [0, 50]  # from 2.0 to 4.0: y1 = 2.5 rounds up to 3


def test_an_experiment_on_nothing_is_refused_at_once():
    for strides, sizes in (((), (32,)), ((4,), ()), ((4,), (7,))):
        with pytest.raises(OptionError, match="experiment"):
            mask_costs(strides, sizes, 14, 1, 0)


def test_a_chart_that_reads_very_many_points_has_fewer_positions_and_says_so():
    own = keep(OwnMaps("0123456789ab", frozen(random_map(512, 512, 1)[None])))
    session = Session("en")
    session.read_address({"map": f"own-{own.name}-0", "box": "0,0,512,512", "out": "1", "samples": "0"}, "error")
    sent, _ = payload(Page("quantization", session))
    assert sent["sweep"]["few"] == "5 positions: each reads 262,144 sample points"
    assert len(sent["sweep"]["align"]) == 2 * sent["sweep"]["positions"] == 10
    session.read_address({"box": "0,0,7,7", "map": "animation"}, "error")
    sent, _ = payload(Page("quantization", session))
    assert "few" not in sent["sweep"] and sent["sweep"]["positions"] == 201


@pytest.mark.parametrize(
    "numbers", ["1e30,1e30;3,4", "5e-324,0;0,0", "1.7e308,-1.7e308,1.7e308,-1.7e308", "inf,-inf;nan,1"]
)
@pytest.mark.parametrize("out", ["1", "14"])
def test_a_chart_has_room_for_every_number_that_a_map_may_hold(numbers, out):
    """Between 1e30 and 1e30 half a unit is no room; from -1.7e308 to 1.7e308 is further than a float64 counts."""
    page = Page("quantization", Session())
    assert not page.session.read_address({"map": f"matrix-{numbers}", "out": out, "box": "0,0,2,1"}, page.kind)
    sweep = payload(page)[0]["sweep"]
    assert all(len(line) == 2 * sweep["positions"] for line in sweep["align"].split(","))
    assert sweep["y"] and all(0 <= at <= 1 for _, at in sweep["y"])
