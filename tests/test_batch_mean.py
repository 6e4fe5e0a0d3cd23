"""Many boxes at once in every way they can go: pairs, a last box alone, pieces, sparse boxes, one thread and two."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from threading import get_ident

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import OPERATORS, batch_mean, extract, roi_align, threads, trace, windows
from roialign_core.matrices import is_separable

MEANS = [key for key, operator in OPERATORS.items() if is_separable(operator) and operator.channels == "own"]


def boxes_and_map(seed, dtype, count):
    """A map (1, 3, 9, 11) and boxes on it at half a cell a pixel: inside, across the border, far outside, all of it."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((1, 3, 9, 11)).astype(dtype)
    x, y = np.sort(rng.uniform(-4, 26, (count, 2))), np.sort(rng.uniform(-4, 22, (count, 2)))
    table = np.column_stack([np.zeros(count), x[:, 0], y[:, 0], x[:, 1], y[:, 1]])
    table[:: rng.integers(2, 6), 1:] = [[0, 0, 22, 18], [100, 100, 120, 130], [21, 17, 22, 18]][rng.integers(0, 3)]
    return features, table.astype(dtype)


@given(
    seed=st.integers(0, 10**6),
    key=st.sampled_from(MEANS),
    dtype=st.sampled_from([np.float32, np.float64]),
    count=st.integers(1, 7),
    few=st.sampled_from([0, 0, 0, 10**6]),
    product=st.sampled_from([1, 150, 10**6]),
    large=st.sampled_from([0, 10**6]),
    worth=st.sampled_from([0, 10**9]),
    little=st.sampled_from([0, np.inf]),
    channels=st.integers(1, 3),
    fill=st.sampled_from([0.0, 2.0]),
    size=st.sampled_from([(2, 3), (1, 1), (3, 3), (5, 4)]),
)
@settings(max_examples=200, deadline=None)
def test_every_way_through_is_the_trace(
    seed, key, dtype, count, few, product, large, worth, little, channels, fill, size
):
    features, table = boxes_and_map(seed, dtype, count)
    operator = replace(OPERATORS[key], fill=fill)
    expected = [[trace(c, box[1:], operator, size, 0.5).output for c in features[0]] for box in table]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_mean, "FEW_NUMBERS", few)
        patch.setattr(batch_mean, "ONE_PRODUCT", product)
        patch.setattr(batch_mean, "LARGE", large)
        patch.setattr(batch_mean, "WORTH_A_THREAD", worth)
        patch.setattr(batch_mean, "WORTH_A_CALL", 0)
        patch.setattr(windows, "LITTLE", little)
        patch.setattr(windows, "ONE_COPY", 1e-9)
        patch.setattr(windows, "LEAST_CHANNELS", channels)
        got = batch_mean.separable_means(features, table, size, 0.5, operator, 2)
    np.testing.assert_allclose(got, expected, rtol=0, atol=2e-5 if dtype == np.float32 else 1e-11)


def test_many_boxes_at_the_size_of_a_detector_are_the_exact_ones():
    rng = np.random.default_rng(5)
    features = rng.standard_normal((2, 64, 50, 68), dtype=np.float32)
    x, y = np.sort(rng.uniform(0, 1088, (101, 2))), np.sort(rng.uniform(0, 800, (101, 2)))
    table = np.column_stack([rng.integers(0, 2, 101), x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(np.float32)
    got = roi_align(features, table, 7, 1 / 16, 2, True)
    np.testing.assert_allclose(got, roi_align(features, table, 7, 1 / 16, 2, True, exact=True), rtol=0, atol=1e-5)


def test_a_map_on_the_border_of_memory_is_never_read_beyond_it():
    """One row, boxes at its end, pieces that do not divide the window: what lies after the last cell counts nothing."""
    features = np.arange(7.0).reshape(1, 1, 1, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_mean, "FEW_NUMBERS", 0)
        patch.setattr(batch_mean, "ONE_PRODUCT", 3)
        got = roi_align(features, [[0, 2, 0, 7, 1], [0, 0, 0, 7, 1]], (1, 1), sampling_ratio=1, aligned=True)
    assert got.ravel().tolist() == [4.0, 3.0]


def test_a_few_boxes_are_not_spoiled_by_what_they_do_not_read(monkeypatch):
    """Four columns of 1 beside one that is not a number: a box on the first two, then one that reaches the last."""
    monkeypatch.setattr(batch_mean, "FEW_NUMBERS", 0)
    monkeypatch.setattr(windows, "LITTLE", np.inf)
    features = np.ones((1, 1, 3, 5))
    features[..., 4] = np.nan
    apart, across = [0, 0, 0, 2, 3], [0, 0, 0, 5, 3]
    assert (
        batch_mean.separable_means(features, np.array([apart], float), (2, 2), 1.0, OPERATORS["roi_align"], 2).min()
        == 1
    )
    assert (
        batch_mean.separable_means(features, np.array([across], float), (2, 2), 1.0, OPERATORS["roi_align"], 2) is None
    )
    both = roi_align(features, [apart, across], 2, 1.0, 2, True)
    assert both[0].tolist() == [[[1, 1], [1, 1]]]
    assert both[1, 0, :, 0].tolist() == [1, 1]
    assert np.isnan(both[1, 0, :, 1]).all()


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
    assert len(windows.in_parts(256, 400, 256 * 404)) == 2
    features[0, 255, 0, 0] = np.inf
    for boxes, size in ((1, 2), (5, 10)):  # the result is looked at, or the image
        got = roi_align(features, [[0, 0, 0, 20, 20]] * boxes, size, 1.0, 20 // size, True)
        assert not np.isfinite(got[:, 255, 0, 0]).any()
        assert (np.isfinite(got).sum(axis=(0, 2, 3)) == boxes * size**2).sum() == 255


@pytest.mark.parametrize("large", [0, 10**6])
@pytest.mark.parametrize(
    ("key", "box", "ratio"),
    [
        ("roi_align", (0, 0, 10, 1), 2),
        ("roi_align", (2.5, 0, 2.5, 1), 12),  # more samples than the map has cells
        ("roi_warp", (2, 0, 2, 0), 1),
        ("crop_and_resize", (0, 0, 4, 0), 1),
    ],
)
def test_a_neighbour_of_weight_0_that_is_infinite(key, box, ratio, large, monkeypatch):
    """A reading at the centre of cell 2; its next is infinite, and 0 times that is not a number."""
    monkeypatch.setattr(batch_mean, "FEW_NUMBERS", 0)
    monkeypatch.setattr(batch_mean, "LARGE", large)
    features = np.ones((1, 1, 1, 9))
    features[..., 3] = np.inf
    read = trace(features[0, 0], box, OPERATORS[key], 1, 1.0, ratio)
    assert not read.weights[read.neighbor_x == 3].any() and np.isnan(read.output).all()
    assert np.isnan(extract(features, [[0, *box]], OPERATORS[key], 1, 1.0, ratio)).all()


def test_many_channels_of_a_tiny_map():
    """All of them in one product, whatever the copy would take that is not made."""
    features = np.arange(256.0).reshape(1, 256, 1, 1) * np.ones((1, 256, 3, 3))
    assert roi_align(features, [[0, 0, 0, 3, 3]], 1, 1.0, 2, True).ravel().tolist() == list(range(256))


def test_windows_are_the_same_from_a_copy_of_all_and_each_alone(monkeypatch):
    """3 channels of 4 rows by 5 columns that count: channel c of row y and column x is 100·c + 10·y + x."""
    c, y, x = np.indices((3, 4, 5))
    feature = 100.0 * c + 10 * y + x
    for band in (10**9, 1):  # in one go, and row by row
        monkeypatch.setattr(windows, "LARGE_IMAGE", band - 1)
        monkeypatch.setattr(windows, "ONE_BAND", band)
        whole = windows.WholeImage(feature)
        whole.fill()
        for source in (whole, windows.EachWindow(feature)):
            several = source is whole
            cuts = [[2, 2, 2, 2, 0, 1, 2, 2]] if several else [[2, 2, 2, 1, 0, 1, 0, 1], [2, 2, 2, 1, 2, 2, 2, 2]]
            read = source.reader()  # 2 rows in 2 pieces of 2 columns
            first, second = np.concatenate([read(cut).copy() for cut in source.prepare(np.array(cuts).T)])
            assert first.shape == second.shape == (2, 2, 6)
            assert first[..., ::3].tolist() == [[[1, 2], [11, 12]], [[3, 4], [13, 14]]]
            assert second[..., 2].tolist() == [[222, 232], [224, 234]]
            assert source.cells(np.array([0, 3]), np.array([4]))[..., 1].tolist() == [[104], [134]]


# ---- two threads --------------------------------------------------------------------------------------------------


def test_jobs_are_each_done_once_from_both_ends():
    done, where = [], set()

    def work(jobs: Iterator[int]) -> None:
        where.add(get_ident())
        done.extend(jobs)

    with threads.second_thread(wanted=True) as second:
        threads.at_both_ends(work, list(range(1000)), second)
    assert sorted(done) == list(range(1000))
    assert len(where) == (2 if threads._other_processors() else 1)


def test_alone_takes_the_short_ones_first():
    done = []
    with threads.second_thread(wanted=False) as second:
        threads.at_both_ends(done.extend, [1, 2, 3], second)
        assert second.submit(get_ident).result() == get_ident()
    assert done == [1, 2, 3]


def test_what_fails_on_the_other_thread_is_not_lost():
    def work(jobs: Iterator[int]) -> None:
        for job in jobs:
            raise MemoryError(job)

    with threads.second_thread(wanted=True) as second, pytest.raises(MemoryError):
        threads.at_both_ends(work, [1, 2], second)
    with threads.second_thread(wanted=True) as second, np.errstate(divide="raise"):
        assert second.submit(np.geterr).result()["divide"] == "raise"  # it works on, in the context of who calls


def test_who_comes_while_it_is_taken_goes_alone():
    with threads.second_thread(wanted=True), threads.second_thread(wanted=True) as second:
        assert second.submit(get_ident).result() == get_ident()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux says where a thread runs")
def test_the_caller_stays_where_it_may_run_and_one_processor_is_enough():
    before = os.sched_getaffinity(0)
    with threads.second_thread(wanted=True) as second:
        elsewhere = second.submit(os.sched_getaffinity, 0).result()
        assert len(before) == 1 or not elsewhere & os.sched_getaffinity(0)
    assert os.sched_getaffinity(0) == before
    try:
        os.sched_setaffinity(0, {min(before)})
        with threads.second_thread(wanted=True) as second:
            assert second.submit(get_ident).result() == get_ident()
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_a_second_thread_of_its_own():
    program = (
        "import os; from roialign_core import threads\n"
        "with threads.second_thread(wanted=True) as second: second.submit(int).result()\n"
        "if not (child := os.fork()):\n"
        "    with threads.second_thread(wanted=True) as second: os._exit(second.submit(lambda: 7).result())\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "7", run.stderr


@pytest.mark.parametrize("when", ["threading.Thread(target=work).start()", "atexit.register(work)"])
def test_a_call_after_the_end_of_the_program_does_everything_itself(when):
    """A thread may live longer than the main one: no other thread begins then."""
    script = (
        "import atexit, threading, time, numpy as np\n"
        "from roialign_core import roi_align\n"
        "boxes = np.tile([[0, 100, 100, 700, 700.0]], (300, 1))\n"
        "def work():\n"
        "    time.sleep(0.3)\n"
        "    print(int(roi_align(np.ones((1, 256, 50, 50), np.float32), boxes, 7, 1 / 16, 2).sum()))\n"
        f"{when}\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str(300 * 256 * 49) and not done.stderr


def test_where_a_thread_may_not_be_moved_the_call_is_answered_by_one(monkeypatch):
    def denied(*_: object) -> None:
        raise PermissionError(1, "not permitted")

    features, boxes = np.ones((1, 256, 50, 68), np.float32), [[0, 0, 0, 500, 500]] * 300
    monkeypatch.setattr(threads.os, "sched_setaffinity", denied, raising=False)
    assert (roi_align(features, boxes, 7, 1 / 16, 2) == 1).all()
    assert threads._beside.free.acquire(blocking=False)  # the next call can have it
    threads._beside.free.release()


def test_a_bin_too_small_for_float32_is_empty_in_both_ways():
    """Half of the smallest number that float32 has is 0 there, and would not be in float64."""
    cells, box = np.ones((1, 1), np.float32), np.array([0, 0, 1, 1.4e-45], np.float32)
    precise = OPERATORS["precise_roi_pool"]
    batched = extract(cells[None, None], [[0, *box]], precise, (2, 1))
    assert batched.ravel().tolist() == trace(cells, box, precise, (2, 1)).output.ravel().tolist() == [0, 0]
