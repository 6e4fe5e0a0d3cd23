"""RoI Align over a pyramid: torchvision's MultiScaleRoIAlign, numbers of its own, and what is refused."""

import numpy as np
import pytest

from roialign_core import MapError, OptionError, fpn_levels, multi_scale_roi_align, roi_align

RAMP = np.arange(256, dtype=np.float32).reshape(1, 1, 16, 16)
PYRAMID = {"fine": RAMP, "middle": 1000 + RAMP[..., :8, :8], "coarse": 2000 + RAMP[..., :4, :4]}
BOXES = np.array([[8, 8, 40, 40], [0, 0, 120, 100], [10, 4, 61, 60.5], [0, 0, 128, 128]], np.float32)


def test_the_numbers_of_torchvision():
    """torchvision 0.28: MultiScaleRoIAlign(names, 2, 2, canonical_scale=64)(pyramid, [boxes], [(128, 128)])."""
    expected = [
        [34.0, 36.0, 66.0, 68.0],
        [1026.875, 1030.625, 1076.875, 1080.625],
        [39.09375, 42.28125, 95.59375, 98.78125],
        [2017.0, 2018.75, 2045.0, 2046.75],
    ]
    for pyramid in (PYRAMID, list(PYRAMID.values())):
        got = multi_scale_roi_align(pyramid, [BOXES], [(128, 128)], 2, 2, canonical_scale=64, exact=True)
        assert got.dtype == np.float32 and got.reshape(4, 4).tolist() == expected


def test_each_box_is_read_from_its_level():
    rng = np.random.default_rng(3)
    pyramid = [rng.standard_normal((2, 3, 800 // s, 1088 // s)) for s in (4, 8, 16, 32)]
    corner, side = rng.uniform(0, 300, (80, 2)), np.exp(rng.uniform(2.5, 6.6, (80, 2)))
    boxes = np.column_stack([rng.integers(0, 2, 80), corner, corner + side])
    boxes[0, 1:], boxes[1, 1:] = (0, 0, 223, 223), (0, 0, 224, 224)
    levels = fpn_levels(boxes[:, 1:])
    assert levels[:2].tolist() == [3, 4] and set(levels) == {2, 3, 4, 5}
    for aligned in (False, True):
        got = multi_scale_roi_align(pyramid, boxes, [(800, 1088), (793, 1000)], (3, 4), (2, 0), aligned=aligned)
        for box, level, output in zip(boxes, levels, got, strict=True):
            read = roi_align(pyramid[level - 2], box[None], (3, 4), 1 / 2**level, (2, 0), aligned)
            np.testing.assert_allclose(output, read[0], rtol=1e-12, atol=1e-12)


def test_a_pyramid_of_one_level_is_roi_align():
    got = multi_scale_roi_align([RAMP], [BOXES], [(128, 128)], 2, 2, exact=True)
    assert got.tolist() == roi_align(RAMP, [BOXES], 2, 1 / 8, 2, exact=True).tolist()


def test_no_boxes_boxes_that_are_not_finite_and_half_precision():
    assert multi_scale_roi_align(PYRAMID, [np.empty((0, 4))], [(128, 128)], 7, 2).shape == (0, 1, 7, 7)
    boxes = [[0, np.nan, 0, 9, 9], [0, 8, 8, 40, 40]]
    got = multi_scale_roi_align(PYRAMID, boxes, [(128, 128)], 2, 2, canonical_scale=64)
    assert got.reshape(2, 4).tolist() == [[0, 0, 0, 0], [34, 36, 66, 68]]
    half = [level.astype(np.float16) for level in PYRAMID.values()]
    got = multi_scale_roi_align(half, boxes, [(128, 128)], 2, 2, canonical_scale=64)
    assert got.dtype == np.float16 and got[1].ravel().tolist() == [34, 36, 66, 68]


@pytest.mark.parametrize(
    ("pyramid", "shapes", "error", "message"),
    [
        ([], [(128, 128)], MapError, "at least one level"),
        (
            [RAMP, RAMP[..., :4, :4]],
            [(128, 128)],
            MapError,
            r"half as large .* \(got \[16, 4\] rows",
        ),  # a level left out
        ([RAMP[..., :4, :4], RAMP], [(128, 128)], MapError, "the finest first"),
        ([RAMP, np.zeros((1, 2, 8, 8))], [(128, 128)], MapError, "same images and channels"),
        ([RAMP[0, 0]], [(128, 128)], MapError, "the shape"),
        ([RAMP], [], OptionError, r"image_shapes are \(height, width\)"),
        ([RAMP], [(0, 128)], OptionError, "image_shapes"),
        ([RAMP], 128, OptionError, "image_shapes"),
    ],
)
def test_what_is_no_pyramid(pyramid, shapes, error, message):
    with pytest.raises(error, match=message):
        multi_scale_roi_align(pyramid, [BOXES], shapes, 2, 2)
