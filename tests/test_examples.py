"""Worked examples, the numbers written out: anyone can check them by hand, in the article or in the libraries."""

from dataclasses import replace

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, roi_align, roi_pool, trace
from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX, EXAMPLES, example

ARANGE_5 = np.arange(25.0).reshape(5, 5)
ARANGE_8X6 = np.arange(48.0).reshape(8, 6)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_gives_the_answer_that_it_names(example):
    np.testing.assert_array_equal(example.trace().output.round(example.decimals), example.answer)


def test_the_article_pools_5x7_to_2x2_with_rows_3_2_and_columns_3_4():
    operator = replace(ROI_POOL, split=("ceil", "floor"))
    t = trace(ANIMATION_MAP, (0, 3, 7, 8), operator, 2)
    assert t.output.tolist() == [[0.85, 0.96], [0.97, 0.88]]
    assert t.roi_used.tolist() == [0, 3, 7, 8]
    assert t.bins_used.tolist() == [[[0, 3, 3, 6], [3, 3, 7, 6]], [[0, 6, 3, 8], [3, 6, 7, 8]]]


def test_the_animation_pools_with_rows_2_3_and_columns_3_4():
    t = trace(ANIMATION_MAP, (0, 3, 7, 8), replace(ROI_POOL, split=("floor", "floor")), 2)
    assert t.output.tolist() == [[0.85, 0.84], [0.97, 0.96]]
    assert t.bins_used[:, 0, 1].tolist() == [3, 5] and t.bins_used[:, 0, 3].tolist() == [5, 8]


def test_fast_rcnn_bins_overlap_and_the_end_cell_counts_in():
    t = trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2)
    assert t.output.tolist() == [[0.85, 0.96], [0.97, 0.96]]
    assert t.roi_used.tolist() == [0, 3, 7, 8]  # box 0…6 reads 7 columns
    assert t.bins_used[0, :, 0].tolist() == [0, 3] and t.bins_used[0, :, 2].tolist() == [4, 7]  # column 3 twice
    larger = trace(ANIMATION_MAP, (0, 3, 7, 8), ROI_POOL, 2)
    assert larger.output.tolist() == [[0.85, 0.96], [0.97, 0.91]]


@pytest.mark.parametrize(
    ("operator", "aggregate", "expected"),
    [
        (ROI_ALIGN, "mean", [[0.4770, 0.4710], [0.4569, 0.4552]]),
        (ROI_ALIGN, "max", [[0.7028, 0.6123], [0.7703, 0.7941]]),
        (ROI_ALIGN_LEGACY, "mean", [[0.3663, 0.5501], [0.4598, 0.3752]]),
        (ROI_ALIGN_LEGACY, "max", [[0.5811, 0.8136], [0.5883, 0.5512]]),
    ],
)
def test_roi_align_of_the_articles_region(operator, aggregate, expected):
    t = trace(ANIMATION_MAP, ARTICLE_BOX, replace(operator, aggregate=aggregate), 2)
    assert t.output.round(4).tolist() == expected
    other = "max" if aggregate == "mean" else "mean"
    theirs = trace(ANIMATION_MAP, ARTICLE_BOX, replace(operator, aggregate=other), 2)
    np.testing.assert_array_equal(t.joined(other), theirs.output)


def test_detectron2s_two_tables():
    #  legacy:  7.5  8   8.5  9          aligned:  4.5  5   5.5  6      each is 3 less: half a cell up (5 / 2)
    #          10   10.5 11  11.5                  7    7.5 8    8.5    and half a cell left (1 / 2)
    legacy = trace(ARANGE_5, (1, 1, 3, 3), ROI_ALIGN_LEGACY, 4, sampling_ratio=0).output
    aligned = trace(ARANGE_5, (1, 1, 3, 3), ROI_ALIGN, 4, sampling_ratio=0).output
    assert legacy.tolist() == [[7.5, 8, 8.5, 9], [10, 10.5, 11, 11.5], [12.5, 13, 13.5, 14], [15, 15.5, 16, 16.5]]
    assert aligned.tolist() == [[4.5, 5, 5.5, 6], [7, 7.5, 8, 8.5], [9.5, 10, 10.5, 11], [12, 12.5, 13, 13.5]]


def test_a_corner_box_reads_the_border():
    t = trace([[1, 2], [3, 4]], (0, 0, 1, 1), ROI_ALIGN, 2)
    assert t.output.tolist() == [[1, 1.25], [1.5, 1.75]]


def test_the_counting_map():
    assert trace(ARANGE_8X6, (0, 0, 3, 3), ROI_POOL, 2).output.tolist() == [[7, 9], [19, 21]]
    legacy = trace(ARANGE_8X6, (0, 0, 3, 3), ROI_ALIGN_LEGACY, 2, sampling_ratio=0).output
    aligned = trace(ARANGE_8X6, (0, 0, 3, 3), ROI_ALIGN, 2, sampling_ratio=0).output
    assert legacy.tolist() == [[5.25, 6.75], [14.25, 15.75]]
    assert aligned.tolist() == [[2.1875, 3.625], [10.8125, 12.25]]


def test_the_dtype_of_the_geometry_decides_the_adaptive_grid():
    box = (10, 10, 28, 28)  # scale 1/3: a width of 6, but for the last bit
    wide = trace(np.zeros((12, 12)), box, ROI_ALIGN, 2, 1 / 3, 0)
    narrow = trace(np.zeros((12, 12), np.float32), box, ROI_ALIGN, 2, 1 / 3, 0)
    assert (wide.grid, narrow.grid) == ((3, 3), (4, 4))


def test_the_dtype_of_the_geometry_decides_the_last_bin_of_roi_pool():
    box = (0, 0, 56, 56)  # 57 cells to 7 bins
    wide = trace(np.zeros((60, 60)), box, ROI_POOL, 7)
    narrow = trace(np.zeros((60, 60), np.float32), box, ROI_POOL, 7)
    assert wide.bins_used[0, -1, [0, 2]].tolist() == [48, 57]
    assert narrow.bins_used[0, -1, [0, 2]].tolist() == [48, 58]


def test_batched_calls_have_torchvisions_defaults():
    features = ARANGE_5[None, None]
    box = [[0, 1, 1, 3, 3]]
    assert roi_align(features, box, 4)[0, 0, 0].tolist() == [7.5, 8, 8.5, 9]  # aligned=False, adaptive
    assert roi_align(features, box, 4, 1.0, -1, True)[0, 0, 0].tolist() == [4.5, 5, 5.5, 6]
    assert roi_pool(ARANGE_8X6[None, None], [[0, 0, 0, 3, 3]], 2)[0, 0].tolist() == [[7, 9], [19, 21]]


def test_batched_maximum_is_the_articles():
    got = roi_align(ANIMATION_MAP[None, None], [[0, *ARTICLE_BOX]], 2, 1.0, 2, True, mode="max")
    np.testing.assert_array_equal(got[0, 0].round(4), example("article-align").answer)
