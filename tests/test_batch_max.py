"""RoI Pooling of many boxes in both ways it can go: from tables of maxima, and box by box."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import OPERATORS, batch_max, extract, roi_pool, trace
from roialign_core.trace import LEAST_MAXIMUM

POOLINGS = [
    operator for operator in OPERATORS.values() if batch_max.is_pooling(operator) and operator.channels == "own"
]
ENDS = ["of_split", "exclusive", "last_cell", "last_pixel"]
TIMES = {"box by box": 1, "tables": 90}  # the same boxes so many times: tables are worth while for many


def test_the_tables_by_hand():
    """Maxima over 1 and 2 rows by 1 and 2 columns of a map of 2×3 cells; beyond the map the last ones stand."""
    tables = np.empty((2, 2, 2, 3, 1))
    batch_max._fill_tables(tables, np.array([[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0]]]))
    assert tables[..., 0].tolist() == [
        [[[1, 5, 2], [4, 3, 6]], [[5, 5, 2], [4, 6, 6]]],
        [[[4, 5, 6], [4, 3, 6]], [[5, 6, 6], [4, 6, 6]]],
    ]


def test_a_span_is_two_overlapping_ones_of_a_power_of_two():
    """5 cells from 2: 2 to 5 and 3 to 6. 4 cells are one of 4 twice. An empty one begins at 0."""
    level, (first, second) = batch_max._two_spans(np.array([[[2, 7], [0, 4], [9, 9]]]))
    assert level.tolist() == [[2, 2, 0]]
    assert first.tolist() == [[2, 0, 0]]
    assert second.tolist() == [[3, 0, 0]]


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_a_region_of_5_by_7_to_2_by_2(times):
    """The map counts 0 to 34 in rows of 7: rows 0 to 2 and 2 to 4, columns 0 to 3 and 3 to 6, as they overlap."""
    features = np.arange(35.0).reshape(1, 1, 5, 7)
    pooled = roi_pool(features, [[0, 0, 0, 6, 4]] * times, 2)
    assert pooled[:, 0].tolist() == [[[17, 20], [31, 34]]] * times


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_57_cells_in_7_bins_end_at_58_in_float32(times):
    """57 / 7 is rounded up in float32, and 7 times that is more than 57: the last bin reads cell 57 too."""
    features = np.arange(80.0).reshape(1, 1, 1, 80)
    for dtype, last in ((np.float32, 57), (np.float64, 56)):
        pooled = roi_pool(features.astype(dtype), [[0, 0, 0, 56, 0]] * times, (1, 7))
        assert pooled[:, 0, 0].tolist() == [[8, 16, 24, 32, 40, 48, last]] * times


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("roi_pool", [[17, 20], [31, 34]]),
        ("roi_pool_article", [[16, 20], [30, 34]]),  # 3 + 2 rows, 3 + 4 columns
        ("roi_pool_animation", [[9, 13], [30, 34]]),  # 2 + 3 rows, 3 + 4 columns
        ("roi_pool_mmcv", [[17, 20], [31, 34]]),  # the last pixel counts: 2.5 rows a bin, 3.5 columns
    ],
)
def test_the_splits_of_the_libraries_and_of_the_article(times, key, expected):
    """The same map in one channel, and 100 more in the other. The disjoint splits leave the end cell out."""
    counting = np.arange(35.0).reshape(5, 7)
    box = [0, 0, 0, 7, 5] if key in ("roi_pool_article", "roi_pool_animation") else [0, 0, 0, 6, 4]
    pooled = extract(np.stack([counting, counting + 100])[None], [box] * times, OPERATORS[key], 2)
    assert pooled.tolist() == [[expected, (np.array(expected) + 100).tolist()]] * times


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_bins_beside_the_map_are_empty_and_not_a_number_never_wins(times):
    features = np.array([[[[1.0, np.nan], [np.nan, -2.0]]]])
    boxes = [[0, 0, 0, 1, 1], [0, 1, 1, 2, 2], [0, 50, 50, 60, 60], [0, np.nan, 0, 1, 1]]
    pooled = roi_pool(features, boxes * times, 2)[:, 0].tolist()
    assert pooled[::4] == [[[1, LEAST_MAXIMUM], [LEAST_MAXIMUM, -2]]] * times
    assert pooled[1::4] == [[[-2, 0], [0, 0]]] * times
    assert pooled[2::4] == pooled[3::4] == [[[0, 0], [0, 0]]] * times


def test_a_large_window_is_reduced_some_channels_after_the_others():
    """40 channels of 200×200 cells that count in reading order: channel c begins at 40,000·c."""
    features = np.arange(1_600_000.0).reshape(1, 40, 200, 200)
    quarters = np.array([[100 * 200 - 100, 100 * 200], [200 * 200 - 100, 200 * 200]]) - 1
    expected = 40_000.0 * np.arange(40)[:, None, None] + quarters
    assert roi_pool(features, [[0, 0, 0, 199, 199]], 2)[0].tolist() == expected.tolist()


@given(
    seed=st.integers(0, 10**6),
    times=st.sampled_from(list(TIMES.values())),
    dtype=st.sampled_from([np.float32, np.float64]),
    channels=st.sampled_from([1, 3, 7, 700]),  # 700 are more than tables are made of at a time
    count=st.integers(1, 9),
    size=st.sampled_from([(2, 3), (1, 1), (7, 7), (3, 2)]),
    pooling=st.sampled_from(POOLINGS),
    end=st.sampled_from(ENDS),
    clip=st.sampled_from(["map", "before_last_cell"]),
    unknown=st.sampled_from([0.0, 0.2]),  # of the cells, which are NaN
)
@settings(max_examples=150, deadline=None)
def test_every_way_through_is_the_trace(seed, times, dtype, channels, count, size, pooling, end, clip, unknown):
    operator = replace(pooling, end=end, clip=clip)
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((1, channels, 9, 11)).astype(dtype)
    features[rng.random(features.shape) < unknown] = np.nan
    x, y = np.sort(rng.uniform(-4, 26, (count, 2))), np.sort(rng.uniform(-4, 22, (count, 2)))
    boxes = np.column_stack([np.zeros(count), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(dtype)
    checked = [c for c in (0, 2, 6, 624, 699) if c < channels]
    expected = [[trace(features[0, c], box[1:], operator, size, 0.5).output for c in checked] for box in boxes]
    pooled = extract(features, np.tile(boxes, (times, 1)), operator, size, 0.5)
    assert pooled.dtype == dtype
    assert pooled[:, checked].tolist() == np.array(expected).tolist() * times
