"""RoI Pooling of many boxes in every way it can go: from tables of maxima on one thread and on two, and box by box."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import OPERATORS, batch_max, extract, roi_pool, trace, windows
from roialign_core.trace import LEAST_MAXIMUM

POOLINGS = [
    operator for operator in OPERATORS.values() if batch_max.is_pooling(operator) and operator.channels == "own"
]
ENDS = ["of_split", "exclusive", "last_cell", "last_pixel"]
WAYS = {"tables": (10**9, 0), "box by box, of one copy": (0, 0), "box by box, each alone": (0, np.inf)}


def go(way: str, patch: pytest.MonkeyPatch) -> None:
    tables, little = WAYS[way]
    patch.setattr(batch_max, "TABLES_A_BIN", tables)
    patch.setattr(windows, "LITTLE", little)


def test_the_tables_by_hand():
    """Maxima over 1 and 2 rows by 1 and 2 columns of a map of 2×3 cells; beyond the map the last ones stand."""
    tables = np.empty((2, 2, 2, 3, 1))
    batch_max._fill_tables(tables, np.array([[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0]]]))
    assert tables[..., 0].tolist() == [
        [[[1, 5, 2], [4, 3, 6]], [[5, 5, 2], [4, 6, 6]]],
        [[[4, 5, 6], [4, 3, 6]], [[5, 6, 6], [4, 6, 6]]],
    ]


def test_a_span_is_two_overlapping_ones_of_a_power_of_two():
    """5 cells from 2: 2 to 5 and 3 to 6. 4 cells are one of 4 twice. An empty one begins anywhere on the map."""
    spans = batch_max._powers_of_two(np.array([[[2, 7], [0, 4], [9, 9]]]))
    assert spans.level.tolist() == [[2, 2, 0]]
    assert spans.begin.tolist() == [[[2, 3], [0, 0], [0, 0]]]
    assert spans.empty.tolist() == [[False, False, True]]
    assert spans.levels == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_region_of_5_by_7_to_2_by_2(way, monkeypatch):
    """The map counts 0 to 34 in rows of 7: rows 0 to 2 and 2 to 4, columns 0 to 3 and 3 to 6, as they overlap."""
    go(way, monkeypatch)
    features = np.arange(35.0).reshape(1, 1, 5, 7)
    assert roi_pool(features, [[0, 0, 0, 6, 4]], 2)[0, 0].tolist() == [[17, 20], [31, 34]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("roi_pool", [[17, 20], [31, 34]]),
        ("roi_pool_article", [[16, 20], [30, 34]]),  # 3 + 2 rows, 3 + 4 columns
        ("roi_pool_animation", [[9, 13], [30, 34]]),  # 2 + 3 rows, 3 + 4 columns
        ("roi_pool_mmcv", [[17, 20], [31, 34]]),  # the last pixel counts: 2.5 rows a bin, 3.5 columns
    ],
)
def test_the_splits_of_the_libraries_and_of_the_article(way, key, expected, monkeypatch):
    """The same map in one channel, and 100 more in the other. The disjoint splits leave the end cell out."""
    go(way, monkeypatch)
    one = np.arange(35.0).reshape(5, 7)
    box = [0, 0, 0, 7, 5] if key in ("roi_pool_article", "roi_pool_animation") else [0, 0, 0, 6, 4]
    got = extract(np.stack([one, one + 100])[None], [box], OPERATORS[key], 2)[0]
    assert got.tolist() == [expected, (np.array(expected) + 100).tolist()]


@pytest.mark.parametrize("way", WAYS)
def test_bins_beside_the_map_are_empty_and_not_a_number_never_wins(way, monkeypatch):
    go(way, monkeypatch)
    features = np.array([[[[1.0, np.nan], [np.nan, -2.0]]]])
    boxes = [[0, 0, 0, 1, 1], [0, 1, 1, 2, 2], [0, 50, 50, 60, 60], [0, np.nan, 0, 1, 1]]
    pooled = roi_pool(features, boxes, 2)[:, 0].tolist()
    assert pooled[0] == [[1, LEAST_MAXIMUM], [LEAST_MAXIMUM, -2]]
    assert pooled[1] == [[-2, 0], [0, 0]]
    assert pooled[2] == pooled[3] == [[0, 0], [0, 0]]


@given(
    seed=st.integers(0, 10**6),
    way=st.sampled_from(list(WAYS)),
    dtype=st.sampled_from([np.float32, np.float64]),
    channels=st.integers(1, 7),
    count=st.integers(1, 9),
    table=st.sampled_from([4000, 10**7]),
    gather=st.sampled_from([1, 300, 10**7]),
    worth=st.sampled_from([0, 10**9]),
    part=st.integers(1, 7),
    size=st.sampled_from([(2, 3), (1, 1), (7, 7), (3, 2)]),
    pooling=st.sampled_from(POOLINGS),
    end=st.sampled_from(ENDS),
    clip=st.sampled_from(["map", "before_last_cell"]),
)
@settings(max_examples=200, deadline=None)
def test_every_way_through_is_the_trace(
    seed, way, dtype, channels, count, table, gather, worth, part, size, pooling, end, clip
):
    operator = replace(pooling, end=end, clip=clip)
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((1, channels, 9, 11)).astype(dtype)
    x, y = np.sort(rng.uniform(-4, 26, (count, 2))), np.sort(rng.uniform(-4, 22, (count, 2)))
    boxes = np.column_stack([np.zeros(count), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(dtype)
    expected = [[trace(c, box[1:], operator, size, 0.5).output for c in features[0]] for box in boxes]
    with pytest.MonkeyPatch.context() as patch:
        go(way, patch)
        patch.setattr(batch_max, "ONE_TABLE", table)
        patch.setattr(batch_max, "ONE_GATHER", gather)
        patch.setattr(batch_max, "WORTH_A_THREAD", worth)
        patch.setattr(windows, "ONE_COPY", 1e-9)
        patch.setattr(windows, "LEAST_CHANNELS", part)
        got = extract(features, boxes, operator, size, 0.5)
    assert got.dtype == dtype
    assert got.tolist() == np.array(expected).tolist()
