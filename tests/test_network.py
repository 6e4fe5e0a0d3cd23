"""The mask network in NumPy: each layer by hand, the whole as torch computes it, and what its training found."""

import json
from pathlib import Path

import numpy as np
import pytest

from roialign_core import OPERATORS, ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, BoxError, MapError, OptionError, roi_align
from roialign_core.masks import mask_iou, paste_mask
from roialign_core.network import MaskNetwork, convolve, enlarged, group_norm, layer_shapes
from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.drawn_pictures import (
    FIRST_HELD_OUT,
    LEAST_SIDE,
    SIDE,
    TRAINED,
    UNSEEN,
    box_of_mask,
    draw_picture,
    jittered_boxes,
)

TESTS = Path(__file__).parent
WEIGHTS = ASSETS / "mask_networks.npz"
RESULTS = json.loads((ASSETS / "mask_results.json").read_text(encoding="utf-8"))
SHOWN = [(name, stride) for stride in (8, 16, 32) for name in ("roi_pool", "roi_align")]
HELD_OUT = draw_picture(FIRST_HELD_OUT)


@pytest.fixture(scope="module")
def network():
    return MaskNetwork.load(WEIGHTS)


@pytest.fixture(scope="module")
def features(network):
    return network.features(HELD_OUT.image)


# ---- the layers, by hand ------------------------------------------------------------------------------------------


def test_a_convolution_multiplies_each_cell_and_its_neighbours_without_turning_the_filter():
    maps = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
    weight = np.zeros((2, 1, 3, 3))
    weight[0, 0, 1, 1], weight[0, 0, 0, 0] = 10, 1  # ten times the cell, and the one above left
    weight[1, 0, 1, 2] = 1  # the cell to the right
    found = convolve(maps, weight, np.array([0.0, 0.5]))
    assert found[0].tolist() == [[10, 20, 30], [40, 51, 62], [70, 84, 95]]  # beyond the map there is 0
    assert found[1].tolist() == [[2.5, 3.5, 0.5], [5.5, 6.5, 0.5], [8.5, 9.5, 0.5]]


def test_a_convolution_adds_up_its_channels():
    maps = np.array([[[1.0, 2.0]], [[30.0, 40.0]]])
    weight = np.zeros((1, 2, 3, 3))
    weight[0, :, 1, 1] = 1
    assert convolve(maps, weight, np.array([0.0])).tolist() == [[[31, 42]]]


def test_a_stride_of_2_keeps_the_first_the_third_the_fifth():
    rng = np.random.default_rng(0)
    maps, weight, bias = rng.normal(size=(3, 5, 8)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    every = convolve(maps, weight, bias)
    assert every.shape == (4, 5, 8)
    assert np.allclose(convolve(maps, weight, bias, 2), every[:, ::2, ::2])


def test_group_norm_makes_each_group_of_channels_0_on_average():
    maps = np.array([[[2.0, 4.0]], [[6.0, 8.0]], [[0.0, 0.0]], [[0.0, 20.0]]])  # two groups of two channels
    found = group_norm(maps, np.array([1.0, 1.0, 1.0, 10.0]), np.array([0.0, 100.0, 0.0, 0.0]), 2)
    # 2 4 6 8: mean 5, variance 5, deviation 2.236; 0 0 0 20: mean 5, variance 75, deviation 8.660
    assert found.round(3).tolist() == [[[-1.342, -0.447]], [[100.447, 101.342]], [[-0.577, -0.577]], [[-5.774, 17.321]]]


def test_group_norm_does_not_see_brightness_or_contrast():
    rng = np.random.default_rng(1)
    maps, one, zero = rng.normal(size=(8, 4, 5)), np.ones(8), np.zeros(8)
    assert np.allclose(group_norm(3 * maps + 7, one, zero, 4), group_norm(maps, one, zero, 4), atol=1e-4)


def test_each_cell_becomes_two_by_two_by_its_own_weights():
    maps = np.array([[[1.0, 2.0]], [[10.0, 0.0]]])
    weight = np.array([[[[1.0, 2.0], [3.0, 4.0]]], [[[0.0, 0.0], [0.0, 1.0]]]])  # two channels in, one out
    assert enlarged(maps, weight, np.array([0.0])).tolist() == [[[1, 2, 2, 4], [3, 14, 6, 8]]]


# ---- the whole, as torch computes it ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "stride"), SHOWN)
def test_the_network_answers_as_torch_does(name, stride):
    network = MaskNetwork.load(WEIGHTS, name, stride)
    with np.load(TESTS / "conformance" / "mask_networks.npz") as recorded:
        for which in ("whole", "cut"):
            maps = network.features(recorded[which] / np.float32(255))
            masks = np.array([network.mask(maps, box) for box in recorded["boxes"]])
            assert np.abs(masks - recorded[f"{name}/{stride}/{which}/masks"]).max() < 1e-4
            assert masks.dtype == np.float32 and np.ptp(masks) > 0.9  # a mask, not a grey patch
        assert maps.shape == (48, -(-109 // stride), -(-119 // stride))  # of the cut picture
        assert np.abs(maps - recorded[f"{name}/{stride}/cut/features"]).max() < 1e-4


def test_the_weights_are_small_enough_to_be_sent():
    assert WEIGHTS.stat().st_size <= 1_000_000
    with np.load(WEIGHTS) as arrays:
        assert {tuple(name.split("/")[:2]) for name in arrays.files} == {(name, str(stride)) for name, stride in SHOWN}
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype(np.float16)}


# ---- what it reads ------------------------------------------------------------------------------------------------


def test_the_box_is_read_by_the_operator_of_the_core(network, features):
    box = (20.5, 31.25, 70.0, 75.5)
    assert np.array_equal(network.read(features, box), roi_align(features[None], [[0, *box]], 14, 1 / 16, 2, True)[0])
    assert network.operator is ROI_ALIGN and network.stride == 16


def test_another_operator_can_read_for_it(network, features):
    box = (20.5, 31.25, 70.0, 75.5)
    own = network.mask(features, box)
    assert np.array_equal(network.mask(features, box, ROI_ALIGN), own)
    assert not np.array_equal(network.mask(features, box, ROI_ALIGN_LEGACY), own)
    assert not np.array_equal(network.mask(features, box, ROI_POOL), own)


def test_roi_pool_gives_one_mask_for_boxes_that_round_alike_and_roi_align_does_not():
    near, far = (41.0, 41.0, 86.0, 86.0), (55.0, 55.0, 86.0, 86.0)  # 41 / 16 and 55 / 16 are both nearest to 3
    for name, alike in (("roi_pool", True), ("roi_align", False)):
        network = MaskNetwork.load(WEIGHTS, name, 16)
        features = network.features(HELD_OUT.image)
        assert np.array_equal(network.mask(features, near), network.mask(features, far)) == alike


def test_features_are_computed_once_and_cannot_be_changed(features):
    assert features.shape == (48, 8, 8) and not features.flags.writeable
    assert features.min() == 0  # behind a ReLU


def test_a_mask_is_probabilities_also_where_the_box_leaves_the_picture(network, features):
    for box in ((-20, -20, 30, 30), (100, 100, 160, 160), (-50, -50, 200, 200), (0, 0, 8, 8)):
        mask = network.mask(features, box)
        assert mask.shape == (28, 28) and mask.min() >= 0 and mask.max() <= 1


# ---- what it refuses ----------------------------------------------------------------------------------------------


def test_a_box_that_cannot_have_a_mask_is_an_error_with_its_numbers(network, features):
    with pytest.raises(BoxError, match=r"beside the picture of 128 x 128 pixels \(got \[128\.0, 0\.0, 150\.0, 20\.0\]"):
        network.mask(features, (128, 0, 150, 20))
    with pytest.raises(BoxError, match="beside the picture"):
        network.mask(features, (10, -30, 40, 0))
    with pytest.raises(BoxError, match=r"8\.0 pixels on each side for a mask \(got 30\.0 x 7\.5\)"):
        network.mask(features, (10, 10, 40, 17.5))
    with pytest.raises(BoxError, match=r"x2 must not be less than x1 \(got x1=40\.0, x2=10\.0\)"):
        network.mask(features, (40, 10, 10, 40))
    with pytest.raises(BoxError, match="finite"):
        network.mask(features, (0, 0, float("nan"), 40))
    with pytest.raises(BoxError, match="four numbers"):
        network.mask(features, (0, 0, 40))


def test_features_of_another_network_are_an_error(network, features):
    for wrong in (features[:16], features[0], np.zeros((48, 0, 8), np.float32), np.zeros((48, 8, 8), np.int64)):
        with pytest.raises(MapError, match=r"reads features of the shape \(48, H, W\)"):
            network.mask(wrong, (10, 10, 40, 40))
    with pytest.raises(OptionError, match="an operator is an Operator"):
        network.mask(features, (10, 10, 40, 40), "roi_align")


def test_a_photo_that_is_none_is_an_error(network):
    with pytest.raises(MapError, match="at least 32 pixels"):
        network.features(np.zeros((31, 64, 3)))
    with pytest.raises(MapError, match="from 0 to 1"):
        network.features(np.full((64, 64, 3), 255))


def test_weights_that_are_missing_or_others_are_an_error(tmp_path):
    with pytest.raises(OptionError, match=r"no weights can be read from .*nowhere\.npz"):
        MaskNetwork.load(tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("no weights", encoding="utf-8")
    with pytest.raises(OptionError, match=r"no weights can be read from .*text\.npz"):
        MaskNetwork.load(tmp_path / "text.npz")
    with pytest.raises(OptionError, match=r"no network roi_align/4, .* it holds roi_align/16, roi_align/32"):
        MaskNetwork.load(WEIGHTS, "roi_align", 4)
    arrays = {f"roi_align/16/{name}": np.zeros(shape, np.float16) for name, shape in layer_shapes(16).items()}
    np.savez(tmp_path / "narrow.npz", **{**arrays, "roi_align/16/head.0.bias": np.zeros(12, np.float16)})
    with pytest.raises(OptionError, match=r"head\.0\.bias have the shape \(40,\) \(got \(12,\)\)"):
        MaskNetwork.load(tmp_path / "narrow.npz")
    del arrays["roi_align/16/head.8.bias"]
    np.savez(tmp_path / "short.npz", **arrays)
    with pytest.raises(OptionError, match=r"head\.8\.bias have the shape \(1,\) \(got no array\)"):
        MaskNetwork.load(tmp_path / "short.npz")


# ---- the pictures -------------------------------------------------------------------------------------------------


def test_a_seed_draws_one_picture():
    assert np.array_equal(draw_picture(FIRST_HELD_OUT).image, HELD_OUT.image)
    assert not np.array_equal(draw_picture(FIRST_HELD_OUT + 1).image, HELD_OUT.image)
    assert not HELD_OUT.image.flags.writeable and HELD_OUT.image.dtype == np.float32
    assert np.abs(HELD_OUT.image * 255 - np.round(HELD_OUT.image * 255)).max() < 1e-4  # a PNG holds it


@pytest.mark.parametrize("shapes", [TRAINED, UNSEEN])
def test_no_object_lies_over_another_and_each_box_is_tight(shapes):
    for seed in range(FIRST_HELD_OUT, FIRST_HELD_OUT + 20):
        picture = draw_picture(seed, shapes)
        assert 1 <= len(picture.shapes) == len(picture.boxes) == len(picture.masks) <= 5
        assert picture.masks.sum(axis=0).max() == 1 and set(picture.shapes) <= set(shapes)
        assert [box_of_mask(mask).tolist() for mask in picture.masks] == picture.boxes.tolist()
        x1, y1, x2, y2 = picture.boxes.T
        assert min(x1.min(), y1.min()) >= 0 and max(x2.max(), y2.max()) <= SIDE
        assert min((x2 - x1).min(), (y2 - y1).min()) >= LEAST_SIDE
        off = np.abs(jittered_boxes(picture, seed) - picture.boxes)
        assert (off <= 1 + 0.05 * np.stack([x2 - x1, y2 - y1] * 2, axis=1)).all() and off.max() > 0


def test_the_unseen_shapes_are_no_shapes_of_the_training():
    assert set(RESULTS["settings"]["trained_shapes"]) == set(TRAINED)
    assert set(RESULTS["settings"]["unseen_shapes"]) == set(UNSEEN) and not set(TRAINED) & set(UNSEEN)
    assert RESULTS["settings"]["pictures"] < FIRST_HELD_OUT


# ---- what the training found --------------------------------------------------------------------------------------


def score(name, stride, seed, tested=None):
    run = next(run for run in RESULTS["runs"] if (run["operator"], run["stride"], run["seed"]) == (name, stride, seed))
    return run["tested_with"][tested or name]


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_trained_with_roi_align_more_masks_are_good_whatever_the_seed(stride):
    """Of the masks of held-out objects, the share that overlaps the true one by more than 0.75; and the mean IoU."""
    for measure in ("above_0.75", "mean_iou"):
        found = RESULTS["align_less_pool"][str(stride)]["held_out"][measure]
        gaps = [
            score("roi_align", stride, seed)["held_out"][measure] - score("roi_pool", stride, seed)["held_out"][measure]
            for seed in found["seeds"]
        ]
        assert found["gap"] == pytest.approx(gaps) and found["mean"] == pytest.approx(np.mean(gaps), abs=1e-4)
        assert (found["least"], found["most"]) == (min(found["gap"]), max(found["gap"]))
        assert found["seeds"] and found["least"] > 0
    runs = {(run["operator"], run["seed"]) for run in RESULTS["runs"] if run["stride"] == stride}
    assert found["seeds"] == sorted(seed for name, seed in runs if name == "roi_pool" and ("roi_align", seed) in runs)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_half_a_cell_aside_the_same_weights_fail(stride):
    """A network trained with RoI Align, read as legacy RoI Align does: the box lands half a cell right and down."""
    own, half_a_cell_off = (
        score("roi_align", stride, 0, read)["held_out"] for read in ("roi_align", "roi_align_legacy")
    )
    assert half_a_cell_off["above_0.75"] < own["above_0.75"] / 10
    assert half_a_cell_off["mean_iou"] < own["mean_iou"] - 0.2


def test_a_network_learns_either_convention_and_fails_with_the_other():
    """At stride 16: trained and tested with legacy RoI Align it is nearly as good, and with the other it is not."""
    aligned, legacy = score("roi_align", 16, 0)["held_out"], score("roi_align_legacy", 16, 0)["held_out"]
    assert legacy["mean_iou"] == pytest.approx(aligned["mean_iou"], abs=0.02)
    swapped = score("roi_align_legacy", 16, 0, "roi_align")["held_out"]
    assert swapped["mean_iou"] < legacy["mean_iou"] - 0.2


def test_rounding_the_box_costs_it_and_not_how_a_bin_is_read():
    """At stride 16: bilinear RoI Warp is where RoI Pool is; one sample or four, a mean or a maximum, matter little."""
    mean_iou = {run["operator"]: run for run in RESULTS["runs"] if (run["stride"], run["seed"]) == (16, 0)}
    mean_iou = {name: run["tested_with"][name]["held_out"]["mean_iou"] for name, run in mean_iou.items()}
    rounded, exact = (
        ("roi_pool", "roi_pool_mean", "roi_warp"),
        ("roi_align", "roi_align_1", "roi_align_max", "roi_align_legacy"),
    )
    low, high = ([mean_iou[name] for name in names] for names in (rounded, exact))
    assert np.ptp(low) < 0.02 and np.ptp(high) < 0.02 and min(high) - max(low) > 0.1


def test_no_learning_rate_makes_up_for_the_rounding():
    """Of three rates, in a shorter training: RoI Pool's best is below RoI Align's worst."""
    checks = [check for check in RESULTS["rate_check"] if check["operator"] in ("roi_pool", "roi_align")]
    at = {(check["operator"], check["rate"]): check["tested_with"][check["operator"]]["held_out"] for check in checks}
    assert set(at) == {(name, rate) for name in ("roi_pool", "roi_align") for rate in (1e-3, 3e-3, 1e-2)}
    for measure in ("mean_iou", "above_0.75"):
        pool, align = ([at[name, rate][measure] for rate in (1e-3, 3e-3, 1e-2)] for name in ("roi_pool", "roi_align"))
        assert max(pool) < min(align)


def test_what_contradicts_the_lesson_is_said():
    """A network that another operator reads better than the one it was trained with."""
    better = {
        (run["operator"], run["stride"], run["seed"], other, measure)
        for run in RESULTS["runs"]
        for other, tested in run["tested_with"].items()
        for measure in ("mean_iou", "above_0.75")
        if tested["held_out"][measure] > run["tested_with"][run["operator"]]["held_out"][measure]
    }
    listed = [said for said in RESULTS["contradictions"] if "better_read_with" in said]
    assert {(s["operator"], s["stride"], s["seed"], s["better_read_with"], s["in"]) for s in listed} == better
    assert not [said for said in RESULTS["contradictions"] if "pool_ahead_in" in said]


@pytest.mark.parametrize("name", ["roi_pool", "roi_align"])
def test_the_results_come_out_again_in_numpy(name):
    """All held-out objects at stride 16, with the weights of the lesson: the table's numbers but for a mask or two."""
    network = MaskNetwork.load(WEIGHTS, name, 16)
    found = []
    for seed in range(FIRST_HELD_OUT, FIRST_HELD_OUT + RESULTS["settings"]["held_out_pictures"]):
        picture = draw_picture(seed)
        features = network.features(picture.image)
        for box, truth in zip(jittered_boxes(picture, seed), picture.masks, strict=True):
            found.append(mask_iou(paste_mask(network.mask(features, box), box, SIDE), truth))
    expected = score(name, 16, 0)["held_out"]
    assert len(found) == expected["objects"]
    assert np.mean(found) == pytest.approx(expected["mean_iou"], abs=2e-3)
    assert np.mean(np.array(found) > 0.75) == pytest.approx(expected["above_0.75"], abs=5e-3)


def test_every_operator_of_the_results_is_one_of_the_core_or_says_how_it_differs():
    names = {run["operator"] for run in RESULTS["runs"]}
    assert names - set(OPERATORS) <= {"roi_align_1", "roi_pool_mean"}
