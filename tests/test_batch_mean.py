"""Means of many boxes in every way they can go: in one product, from a copy of the map, from copies of the windows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import OPERATORS, extract, roi_align, trace
from roialign_core.batch_mean import separable_means
from roialign_core.matrices import is_separable

MEANS = [key for key, operator in OPERATORS.items() if is_separable(operator) and operator.channels == "own"]
MANY = 300  # channels, more than are multiplied at a time
READ_BACK = [0, 1, 127, 128, 255, 256, 299]  # of them: at the ends of the blocks


def boxes_and_map(seed, dtype, channels, count, reach=26):
    """A map (1, C, 9, 11), and boxes at half a cell a pixel: inside, across the border, far outside, all of it."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((1, channels, 9, 11)).astype(dtype)
    x, y = np.sort(rng.uniform(-4, reach, (count, 2))), np.sort(rng.uniform(-4, reach - 4, (count, 2)))
    boxes = np.column_stack([np.zeros(count), x[:, 0], y[:, 0], x[:, 1], y[:, 1]])
    if count > 1:
        boxes[:: rng.integers(2, 6), 1:] = [[0, 0, 22, 18], [100, 100, 120, 130], [21, 17, 22, 18]][rng.integers(0, 3)]
    return features, boxes.astype(dtype)


@given(
    seed=st.integers(0, 10**6),
    key=st.sampled_from(MEANS),
    dtype=st.sampled_from([np.float32, np.float64]),
    channels=st.sampled_from([3, MANY]),  # one product, or one after the other
    count=st.integers(1, 7),
    reach=st.sampled_from([8, 26]),  # pixels: boxes read little of the map, or most of it
    fill=st.sampled_from([0.0, 2.0]),
    size=st.sampled_from([(2, 3), (3, 3), (5, 4)]),
)
@settings(max_examples=150, deadline=None)
def test_every_way_through_is_the_trace(seed, key, dtype, channels, count, reach, fill, size):
    features, boxes = boxes_and_map(seed, dtype, channels, count, reach)
    operator = replace(OPERATORS[key], fill=fill)
    checked = [c for c in READ_BACK if c < channels]
    expected = [[trace(features[0, c], box[1:], operator, size, 0.5).output for c in checked] for box in boxes]
    output = separable_means(features, boxes, size, 0.5, operator, (2, 2))
    np.testing.assert_allclose(output[:, checked], expected, rtol=0, atol=2e-5 if dtype == np.float32 else 1e-11)


def test_many_boxes_at_the_size_of_a_detector_are_the_exact_ones():
    rng = np.random.default_rng(5)
    features = rng.standard_normal((2, 64, 50, 68), dtype=np.float32)
    x, y = np.sort(rng.uniform(0, 1088, (101, 2))), np.sort(rng.uniform(0, 800, (101, 2)))
    table = np.column_stack([rng.integers(0, 2, 101), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(np.float32)
    got = roi_align(features, table, 7, 1 / 16, 2, True)
    exact = roi_align(features, table, 7, 1 / 16, 2, True, exact=True)
    np.testing.assert_allclose(got, exact, rtol=0, atol=1e-6 * np.abs(features).max())


@pytest.mark.parametrize("channels", [1, 10_000])  # one product, or one box after the other
def test_a_box_at_the_end_of_a_map_of_one_row(channels):
    """Cells 0 to 6; the mean of the 5 from 2 on is 4, that of all is 3."""
    features = np.arange(7.0).reshape(1, 1, 1, 7).repeat(channels, axis=1)
    boxes = [[0, 2, 0, 7, 1], [0, 0, 0, 7, 1]]
    means = roi_align(features, boxes, (1, 1), sampling_ratio=1, aligned=True)
    assert (means[:, :, 0, 0] == [[4], [3]]).all()
    every = roi_align(features, boxes, (1, 7), sampling_ratio=1, aligned=True)
    assert (every[1, :, 0] == np.arange(7)).all()


def test_a_few_boxes_are_not_spoiled_by_what_they_do_not_read():
    """Four columns of 1 beside one that is not a number: a box on the first two, then one that reaches the last."""
    features = np.ones((1, 3000, 3, 5))
    features[..., 4] = np.nan
    apart, across = [0, 0, 0, 2, 3], [0, 0, 0, 5, 3]
    assert separable_means(features, np.array([apart], float), (2, 2), 1.0, OPERATORS["roi_align"], (2, 2)).min() == 1
    assert separable_means(features, np.array([across], float), (2, 2), 1.0, OPERATORS["roi_align"], (2, 2)) is None
    both = roi_align(features, [apart, across], 2, 1.0, 2, True)
    assert (both[0] == 1).all()
    assert (both[1, :, :, 0] == 1).all()
    assert np.isnan(both[1, :, :, 1]).all()


@pytest.mark.parametrize("few", [True, False])
def test_an_image_that_boxes_read_over_and_over_is_looked_at_first(few):
    """More numbers in the result than in the image; one of the image is endless, and so are those that read it."""
    features = np.ones((1, 2 if few else 3000, 3, 3))
    features[0, 1, 0, 0] = np.inf
    got = roi_align(features, [[0, 0, 0, 3, 3]] * 5, 3, 1.0, 2, True)
    assert got[0, 0].tolist() == [[1, 1, 1]] * 3
    assert np.isinf(got[0, 1, 0, 0])
    assert got[0, 1, 2].tolist() == [1, 1, 1]


def test_the_last_channel_of_an_image_in_parts_is_looked_at_too():
    """256 channels that are copied by halves, as one box reads all of them: an infinite number in the second half."""
    features = np.ones((1, 256, 20, 20))
    features[0, 255, 0, 0] = np.inf
    for boxes, size in ((1, 2), (5, 10)):  # the result is looked at, or the image
        got = roi_align(features, [[0, 0, 0, 20, 20]] * boxes, size, 1.0, 20 // size, True)
        assert not np.isfinite(got[:, 255, 0, 0]).any()
        assert (np.isfinite(got).sum(axis=(0, 2, 3)) == boxes * size**2).sum() == 255


@pytest.mark.parametrize("channels", [1, 7000])  # one product, or one box after the other
@pytest.mark.parametrize(
    ("key", "box", "ratio"),
    [
        ("roi_align", (0, 0, 10, 1), 2),
        ("roi_align", (2.5, 0, 2.5, 1), 12),  # more samples than the map has cells
        ("roi_warp", (2, 0, 2, 0), 1),
    ],
)
def test_a_neighbour_of_weight_0_that_is_infinite(key, box, ratio, channels):
    """A reading at the centre of cell 2; its next is infinite, and 0 times that is not a number."""
    features = np.ones((1, channels, 1, 9))
    features[..., 3] = np.inf
    read = trace(features[0, 0], box, OPERATORS[key], 1, 1.0, ratio)
    assert not read.weights[read.neighbor_x == 3].any() and np.isnan(read.output).all()
    assert np.isnan(extract(features, [[0, *box]], OPERATORS[key], 1, 1.0, ratio)).all()


def test_many_channels_of_a_tiny_map():
    """All of them in one product, whatever the copy would take that is not made."""
    features = np.arange(256.0).reshape(1, 256, 1, 1) * np.ones((1, 256, 3, 3))
    assert roi_align(features, [[0, 0, 0, 3, 3]], 1, 1.0, 2, True).ravel().tolist() == list(range(256))


def test_windows_are_the_same_from_a_copy_of_the_map_and_each_alone():
    """Channel c of row y and column x is 1000·c + 10·y + x; one sample in the middle of each cell reads it."""
    c, y, x = np.indices((300, 16, 16))
    features = (1000.0 * c + 10 * y + x)[None]
    box = [0, 3, 5, 7, 8]  # columns 3 to 6, rows 5 to 7
    few = roi_align(features, [box], (3, 4), sampling_ratio=1, aligned=True)[0]
    many = roi_align(features, [box, *[[0, 0, 0, 16, 16]] * 9], (3, 4), sampling_ratio=1, aligned=True)[0]
    assert few.tolist() == many.tolist() == features[0, :, 5:8, 3:7].tolist()


def test_a_bin_too_small_for_float32_is_empty_in_both_ways():
    """Half of the smallest number that float32 has is 0 there, and would not be in float64."""
    cells, box = np.ones((1, 1), np.float32), np.array([0, 0, 1, 1.4e-45], np.float32)
    precise = OPERATORS["precise_roi_pool"]
    batched = extract(cells[None, None], [[0, *box]], precise, (2, 1))
    assert batched.ravel().tolist() == trace(cells, box, precise, (2, 1)).output.ravel().tolist() == [0, 0]
