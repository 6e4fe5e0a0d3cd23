"""The walk: its steps in order, what each lights, and the trace's own numbers in every formula."""

import json
from dataclasses import replace

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, trace, trace_point
from roialign_core.examples import ANIMATION_MAP, random_map
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Arrow, Dots, Grid, Lines, Rects, image_lines, pixel_lines
from roialign_lab.figures.steps import consequence, glance, step_of, steps
from roialign_lab.figures.strokes import image_before
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.number_text import number, numbers
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.walks import Emphasis
from roialign_lab.stage import answer, packing

BOX = (8.8, 43.2, 101.6, 118.4)  # pixels: 0.55, 2.70, 6.35, 7.40 cells at stride 16


def walk(operator, size=2, focus=None, ratio=2):
    return {step.key: step for step in steps(trace(ANIMATION_MAP, BOX, operator, size, 1 / 16, ratio), focus)}


def test_roi_pool_in_seven_steps_with_the_real_numbers():
    by_key = walk(ROI_POOL, focus=Focus(0, 1))
    assert {key: step.formula for key, step in by_key.items()} == {
        "map": ("(x1, y1, x2, y2) = (8.8, 43.2, 101.6, 118.4) px",),
        "project": (
            "x1 = 8.8 × 1/16 = 0.55",
            "y1 = 43.2 × 1/16 = 2.70",
            "x2 = 101.6 × 1/16 = 6.35",
            "y2 = 118.4 × 1/16 = 7.40",
        ),
        "snap": ("x1: round(0.55) = 1", "y1: round(2.70) = 3", "x2: round(6.35) + 1 = 7", "y2: round(7.40) + 1 = 8"),
        "split": ("h = 5 / 2 = 2.500", "w = 6 / 2 = 3.000"),
        "cells": ("y: ⌊3.00⌋ = 3, ⌈5.50⌉ = 6", "x: ⌊4.00⌋ = 4, ⌈7.00⌉ = 7"),
        "max": ("max(0.29, 0.75, 0.62, 0.34, 0.03, 0.33, 0.73, 0.65, 0.96) = 0.9600",),
        "result": ("0.8400  0.9600", "0.9700  0.9600"),
    }


def test_roi_align_in_eight_steps_with_the_real_numbers():
    by_key = walk(ROI_ALIGN, focus=Focus(0, 1, 2))
    assert list(by_key) == ["map", "project", "bins", "samples", "neighbors", "values", "join", "result"]
    assert by_key["bins"].formula == ("h = 4.70 / 2 = 2.350", "w = 5.80 / 2 = 2.900")
    assert by_key["samples"].formula == (
        "y = 2.700 + (1 + ½)/2 · 2.350 = 4.463",
        "x = 3.450 + (0 + ½)/2 · 2.900 = 4.175",
    )
    assert by_key["neighbors"].formula == ("0.012·0.84 + 0.025·0.29 + 0.313·0.39 + 0.650·0.34 ≈ 0.3605",)
    assert by_key["join"].formula == (
        "mean(0.491, 0.729, 0.360, 0.092) ≈ 0.4182",
        "max(0.491, 0.729, 0.360, 0.092) ≈ 0.7292",
    )


def test_an_equation_holds_for_the_numbers_that_stand_in_it():
    t = trace(ANIMATION_MAP, (0, 16 * 3, 16 * 4.73, 16 * 7), ROI_ALIGN, (3, 2), 1 / 16, 2)
    by_key = {step.key: step.formula for step in steps(t)}
    assert by_key["project"][2] == "x2 = 75.7 × 1/16 = 4.73"
    assert by_key["bins"] == ("h = 4.00 / 3 = 1.333", "w = 4.73 / 2 = 2.365")
    coarse = trace(ANIMATION_MAP, (0, 0, 75.76, 64.04), ROI_ALIGN, 2, 1 / 2, 2)
    assert coarse.roi[2] == 37.88 and steps(coarse)[1].formula[2] == "x2 = 75.8 × 1/2 ≈ 37.88"


def test_the_card_of_the_join_has_a_sign_for_every_bin():
    """(0.491 + 0.729 + 0.360 + 0.092) / 4 is 0.4180, not 0.4182; the mean of 10.5, 11.5, 18.5 and 19.5 is 15."""
    session = Session()
    session.read_address({"step": "values"}, "roi_align")
    assert "signs" not in answer(session, {"page": "roi_align"}), "the output is not known yet"
    session.read_address({"step": "join"}, "roi_align")
    assert answer(session, {"page": "roi_align"})["signs"] == "≈ ≈ ≈ ≈"
    session.read_address({"step": "join", "map": "counting", "box": "1,1,5,5"}, "roi_align")
    assert answer(session, {"page": "roi_align"})["signs"] == "= = = ="


def test_a_disjoint_split_says_how_it_parts_the_cells():
    t = trace(ANIMATION_MAP, (0, 3, 7, 8), replace(ROI_POOL, split=("ceil", "floor")), 2)
    cells = next(step for step in steps(t) if step.key == "cells")
    assert cells.formula == ("y: 5 → 3 + 2", "x: 7 → 3 + 4")


def test_each_step_lights_what_it_speaks_of():
    pool, align = walk(ROI_POOL), walk(ROI_ALIGN)
    lit = lambda step: {role for role, how in step.scene.emphasis.items() if how is Emphasis.LIT}  # noqa: E731
    assert [lit(step) for step in pool.values()] == [
        {"map", "in_pixels"},
        {"roi", "in_cells", "pixels"},
        {"read", "error"},
        {"split"},
        {"bin", "name", "focus"},
        {"focus", "sample", "output"},
        {"output", "focus"},
    ]
    assert lit(align["samples"]) == {"part", "sample"} and lit(align["neighbors"]) == {"neighbor"}
    assert pool["map"].scene.emphasis["read"] is Emphasis.HIDDEN


def test_from_pixels_to_cells_is_written_at_the_corners_of_the_box():
    """Two corners in pixels at the first step, in cells at the second, with the pixels of one cell."""
    session = Session()
    assert not session.read_address({"step": "map"}, "roi_pool")
    before = answer(session, {"page": "roi_pooling"})["panels"][0]
    assert [line.split("|")[0] for line in before["words"]["in_pixels"]["each"].split("\n")] == [
        "(8.8, 43.2) px",
        "(101.6, 118.4) px",
    ]
    assert "shrink" not in before and "in_cells" not in before["words"]
    session.read_address({"step": "project"}, "roi_pool")
    update = answer(session, {"page": "roi_pooling"})
    after = update["panels"][0]
    assert [line.split("|")[0] for line in after["words"]["in_cells"]["each"].split("\n")] == [
        "(0.55, 2.70)",
        "(6.35, 7.40)",
    ]
    region, ys, xs = after["pixels"].split(",")
    assert region == "0 2 1 3" and len(xs.split()) == len(ys.split()) == 15, "16 pixels a side of the cell"
    assert xs.split()[:2] == ["0.062", "0.125"]
    assert after["shrink"] == [-3.45, -5.05, 12.55, 10.95], "twice the map, round the middle (3.45, 5.05) of the box"
    motions = {step["key"]: step.get("motion") for step in update["still"]["steps"]}
    assert motions == {"project": "shrink", "max": "join", **dict.fromkeys(("map", "snap", "split", "cells", "result"))}


def test_an_image_of_one_pixel_a_cell_does_not_shrink():
    t = trace(ANIMATION_MAP, (0.57, 2.7, 6.35, 7.4), ROI_POOL, 2)
    scene = step_of(t, "project").scene
    assert image_before(scene) is None and not pixel_lines(t).xs.size
    assert scene.find(Dots, "in_cells").labels[0] == "(0.57, 2.70)"
    assert len(image_lines(trace(ANIMATION_MAP, (0, 0, 500, 500), ROI_POOL, 2, 1 / 64)).xs) == 63


def test_the_scene_says_where_everything_is():
    scene = walk(ROI_POOL)["snap"].scene
    assert scene.find(Rects, "roi").boxes.round(2).tolist() == [[0.55, 2.7, 6.35, 7.4]]
    assert scene.find(Rects, "read").boxes.tolist() == [[1, 3, 7, 8]]
    assert {arrow.side: arrow.label for arrow in scene.all(Arrow)} == {
        "x1": "+0.45",
        "y1": "+0.30",
        "x2": "+0.65",
        "y2": "+0.60",
    }
    assert scene.find(Grid, "output").labels == (("0.8400", "0.9600"), ("0.9700", "0.9600"))
    assert scene.find(Lines, "split").ys.tolist() == [5.5]


def test_legacy_shows_what_it_reads_half_a_cell_off():
    scene = walk(ROI_ALIGN_LEGACY)["bins"].scene
    assert scene.find(Rects, "read").boxes.round(2).tolist() == [[1.05, 3.2, 6.85, 7.9]]
    assert walk(ROI_ALIGN)["bins"].scene.find(Rects, "read") is None


def test_what_snapping_costs_this_box():
    expected = {"iou": "0.70", "side": "x2", "cells": "+0.65", "pixels": "10.4"}
    for operator in (ROI_POOL, ROI_ALIGN):
        assert consequence(trace(ANIMATION_MAP, BOX, operator, 2, 1 / 16)) == expected


@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN, ROI_ALIGN_LEGACY])
@pytest.mark.parametrize("size", [1, 2, (1, 7), 7])
@pytest.mark.parametrize("ratio", [0, 1, 4])
def test_every_step_of_every_variant_can_be_sent(operator, size, ratio):
    for step in walk(operator, size, Focus(99, 99, 99), ratio).values():
        json.dumps(
            [packing.still(step.scene), packing.moving(step.scene), step.formula, dict(step.values)], allow_nan=False
        )
        assert all(isinstance(value, str) for value in text_in("zh").listed(step.values).values())


def test_an_update_is_small():
    small = packing.moving(steps(trace(ANIMATION_MAP, BOX, ROI_ALIGN, 2, 1 / 16))[4].scene)
    large = packing.moving(steps(trace(ANIMATION_MAP, BOX, ROI_ALIGN, 7, 1 / 16, 4))[4].scene)
    assert len(json.dumps(small, ensure_ascii=False)) < 900
    assert len(json.dumps(large)) < 17_000


def test_packed_samples_can_be_unpacked():
    t = trace(random_map(16, 16, 1), (1.3, 2.2, 13.7, 14.1), ROI_ALIGN, 7, sampling_ratio=4)
    packed = packing.moving(steps(t)[4].scene)["samples"]
    rows = [row.split(" ") for row in packed["y"].split(",")]
    at = [int(place, 36) for place in packed["y_at"]]
    np.testing.assert_allclose([float(rows[k][0]) for k in at], t.sample_y, atol=5e-4)
    assert [[int(rows[k][1]), int(rows[k][2])] for k in at] == t.neighbor_y[:, [0, 3]].tolist()
    weights = [int(packed["weights"][k : k + 2], 36) / 1000 for k in range(0, len(packed["weights"]), 2)]
    np.testing.assert_allclose(weights, t.weights.ravel(), atol=5e-4)


def test_too_many_samples_are_thinned_to_the_bin_that_is_looked_at():
    t = trace(np.zeros((64, 64)), (0, 0, 60, 60), ROI_ALIGN, 2, sampling_ratio=0)
    assert len(t.sample_y) == 3600
    samples = steps(t, Focus(1, 0))[3].scene.samples
    assert len(samples.y) == 900 and samples.number[0] == 1800
    more = trace(np.zeros((64, 64)), (0, 0, 60, 60), ROI_ALIGN, 1, sampling_ratio=0)
    assert steps(more)[3].scene.samples is None


def test_one_point_in_six_steps():
    by_key = {step.key: step for step in point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2))}
    assert list(by_key) == ["neighbors", "areas", "lerp_x", "lerp_y", "sum", "edge"]
    assert by_key["areas"].formula == (
        "Q₁₁ (3, 3): 0.800·0.300 = 0.240",
        "Q₁₂ (3, 4): 0.800·0.700 = 0.560",
        "Q₂₁ (4, 3): 0.200·0.300 = 0.060",
        "Q₂₂ (4, 4): 0.200·0.700 = 0.140",
    )
    assert by_key["lerp_x"].formula == (
        "f(R₁) = 0.300·0.84 + 0.700·0.29 = 0.4550",
        "f(R₂) = 0.300·0.39 + 0.700·0.34 = 0.3550",
    )
    assert by_key["lerp_y"].formula == ("f(P) = 0.800·0.4550 + 0.200·0.3550 = 0.4350",)
    assert by_key["neighbors"].formula[1] == "f(Q₁₂) = 0.29   (3, 4)"
    assert by_key["sum"].formula[0].endswith("= 0.4350")
    areas = by_key["areas"].scene.find(Rects, "area").boxes
    sizes = (areas[:, 2] - areas[:, 0]) * (areas[:, 3] - areas[:, 1])
    np.testing.assert_allclose(sizes, trace_point(ANIMATION_MAP, 3.7, 4.2).weights, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
def test_very_many_numbers_are_written_as_each_is(dtype, decimals):
    """Also what lies on a tie, or next to one: 0.125 is 0.12 and 0.135, a little more in binary, is 0.14."""
    values = np.random.default_rng(3).normal(0, 2, 5000).astype(dtype)
    values[:1000] = (np.arange(-500, 500) + 0.5) / 10**decimals
    values[1000:1002] = -0.0, -1e-9
    assert numbers(values, decimals) == tuple(number(value, decimals) for value in values)


def test_numbers_as_text():
    assert [number(v, 2) for v in (0.125, -0.001, float("inf"), -float("inf"))] == ["0.12", "0.00", "∞", "-∞"]


def test_a_map_with_nothing_finite_is_still_shown():
    t = trace(np.full((3, 3), np.nan), (0, 0, 2, 2), ROI_ALIGN, 1)
    scene = steps(t)[-1].scene
    assert scene.map.labels[0][0] == "NaN" and scene.find(Grid, "output").labels == (("NaN",),)
    assert set(packing.still(scene)["levels"].split(" ")) == {"-"}


def test_what_is_no_number_is_not_called_the_largest_or_a_value_between_others():
    for cells, case in ((np.nan, "nothing"), (-np.inf, "nothing"), (2.0, "")):
        largest = step_of(trace(np.array([[cells, cells], [9.0, 9.0]]), (0, 0, 1, 1), ROI_POOL, 2), "max")
        assert (largest.case, largest.values["cells"]) == (case or "one", "1")
    with np.errstate(invalid="ignore"):
        points = [trace_point(np.array([[1.0, cell], [3.0, 4.0]]), 1.0, 1.0) for cell in (np.nan, np.inf, 2.0)]
    assert [point_steps(point)[4].case for point in points] == ["no_number", "", ""]


@pytest.mark.parametrize(
    ("address", "focus", "end"),
    [  # the region's first cell is added after the rounding: the sum alone would not tell of the last bits
        ({"map": "photo-4-bright", "box": "8,8,32,32", "out": "11"}, Focus(10, 10), "8 + ⌈25.000000000000004⌉ = 34"),
        ({"map": "drawn-11-8-0", "box": "1,1,7,7", "out": "13"}, Focus(12, 12), "1 + ⌈7.0000005⌉ = 9"),
        ({"map": "drawn-11-8-0", "box": "1,1,7,7", "out": "2"}, Focus(1, 1), "⌈8.00⌉ = 8"),
    ],
)
def test_the_end_of_a_bin_is_rounded_as_the_kernel_does(address, focus, end):
    scenario, problems = from_address(address, "roi_pool", Scenario())
    assert not problems
    assert step_of(scenario.trace(ROI_POOL), "cells", focus).formula[0].endswith(f", {end}")


def test_formulas_say_where_the_map_ends_and_that_a_region_has_one_cell():
    clipped = next(s for s in steps(trace(ANIMATION_MAP, (0, 0, 8, 8), ROI_POOL, 2), Focus(1, 1)) if s.key == "cells")
    assert clipped.formula[0] == "y: ⌊4.50⌋ = 4, min(⌈9.00⌉, 8) = 8"
    disjoint = replace(ROI_POOL, split=("floor", "floor"))
    snapped = next(s for s in steps(trace(ANIMATION_MAP, (3.1, 3.1, 3.4, 3.4), disjoint, 2)) if s.key == "snap")
    assert snapped.formula[2] == "x2: max(round(3.40), 3 + 1) = 4"


def test_a_sentence_is_true_of_what_it_is_said_about():
    """An empty bin, one of one cell, half a cell off, a point far outside: each has a sentence of its own."""
    lines = np.arange(64.0).reshape(8, 8)
    nothing = steps(trace(lines, (20, 20, 22, 22), ROI_POOL, 2))
    alone = steps(trace(lines, (3, 3, 3, 3), ROI_POOL, 1))
    legacy = steps(trace(lines, (1, 1, 5, 5), ROI_ALIGN_LEGACY, 2))
    disjoint = steps(trace(lines, (1, 1, 6.2, 6), replace(ROI_POOL, split="floor"), 2))
    outside, border = point_steps(trace_point(lines, 9.5, 9.5)), point_steps(trace_point(lines, 0.2, 3.2))
    special = (*nothing, *alone, *disjoint, *legacy, *outside, *border)
    keys = {step.sentence_key for step in special if step.case}
    assert keys == {
        *(f"steps.roi_pool.{key}" for key in ("map.one_pixel", "project.on_grid", "project.some", "split.single")),
        *(f"steps.roi_pool.cells.{key}" for key in ("empty", "uneven", "single")),
        *(f"steps.roi_pool.{key}" for key in ("snap.apart", "max.empty", "max.one")),
        "steps.roi_align.map.one_pixel",
        *(f"steps.roi_align.{key}.legacy" for key in ("project", "bins", "samples")),
        *(f"steps.bilinear.{key}.outside" for key in ("neighbors", "areas", "lerp_x", "lerp_y", "sum")),
        *(f"steps.bilinear.{key}.border" for key in ("neighbors", "areas", "lerp_x")),
    }
    for step in special:
        assert all("{" not in text_in(language)(step.sentence_key, **step.values) for language in LANGUAGES)
    assert next(step for step in nothing if step.key == "max").formula == ("∅ → 0",)
    roles = [mark.role for mark in legacy[1].scene.marks if isinstance(mark, Rects)]
    assert "read" in roles and "snapped" not in roles  # two orange regions would be one too many
    usual = (*steps(trace(lines, (1.1, 1.1, 5, 5), ROI_ALIGN, 2)), *point_steps(trace_point(lines, 3.2, 3.2)))
    usual += steps(trace(lines, (1, 1, 5, 5), ROI_POOL, 2))  # 5 cells: the bins share the third
    for split in (("overlap", "floor"), ("floor", "overlap")):  # on one axis alone
        usual += steps(trace(lines, (1, 1, 5, 5), replace(ROI_POOL, split=split), 2))
    assert not any(step.case for step in usual if step.key not in ("map", "project"))  # a whole box, a pixel a cell


def test_what_is_rounded_is_shown_with_enough_decimals_to_round_alike():
    shown = [step for step in steps(trace(ANIMATION_MAP, (0.6, 2.496, 6.3, 7.4), ROI_POOL, 2)) if step.key == "snap"]
    assert shown[0].formula[:2] == ("x1: round(0.60) = 1", "y1: round(2.496) = 2")
    inner = steps(trace(ANIMATION_MAP, (0, 0, 5, 5), ROI_POOL, 2), Focus(0, 0))
    assert any("⌊0.00⌋ = 0, ⌈3.00⌉ = 3" in line for step in inner for line in step.formula)


def test_weights_are_packed_with_the_decimals_of_the_sum():
    scenario = Scenario(box=(1.17, 2.67, 2.69, 5.97), output_size=(7, 7), samples=4)
    scene = glance(scenario.trace(scenario.align), Focus())
    assert packed_weights(scene) == in_thousandths(scene.samples.weights)
    ties = (np.arange(scene.samples.weights.size) % 1000 + 0.5) / 1000  # half way between two thousandths
    tied = replace(scene.samples, weights=ties.reshape(-1, 4))
    scene = replace(scene, marks=tuple(tied if mark is scene.samples else mark for mark in scene.marks))
    assert packed_weights(scene) == in_thousandths(ties)


def packed_weights(scene):
    digits = packing.moving(scene)["samples"]["weights"]
    return [int(digits[k : k + 2], 36) for k in range(0, len(digits), 2)]


def in_thousandths(weights):
    return [int(number(weight, 3).replace(".", "")) for weight in np.ravel(weights)]


def test_a_count_is_no_argument():
    adaptive = steps(trace(ANIMATION_MAP, (0, 0, 8, 8), ROI_ALIGN, 2, 1.0, 0))  # 4×4 samples a bin
    joined = next(step for step in adaptive if step.key == "join")
    assert ", …; n = 16) = " in joined.formula[0]
