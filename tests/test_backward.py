"""Where a gradient lands, as it is drawn, and slopes measured by moving the numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core import PRECISE_ROI_POOL, ROI_ALIGN, ROI_POOL, trace
from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX, random_map
from roialign_core.finite_differences import check_slopes
from roialign_core.gradients import map_gradient
from roialign_lab.figures.gradient_scene import compared, gradient_scene, gradient_seen
from roialign_lab.figures.scene import Arrow, Cells
from roialign_lab.figures.strokes import map_words, role_of
from roialign_lab.lesson.scenario import Focus, Scenario

SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])


def landed(scene):
    mark = scene.find(Cells, "gradient")
    return {(int(row), int(column)): label for (row, column), label in zip(mark.at, mark.labels, strict=True)}


def test_roi_pooling_hands_all_of_it_to_the_cell_that_won():
    traced = trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2)
    assert landed(gradient_scene(traced, Focus(0, 1), every=False)) == {(5, 6): "1.00"}
    assert landed(gradient_scene(traced, Focus(), every=True)) == {(3, 0): "1.00", (5, 6): "2.00", (7, 2): "1.00"}


def test_roi_align_hands_it_to_a_soft_patch():
    traced = trace(SQUARE, (0, 0, 1, 1), ROI_ALIGN, 2)
    every = landed(gradient_scene(traced, Focus(), every=True))
    assert every == {(0, 0): "3.06", (0, 1): "0.44", (1, 0): "0.44", (1, 1): "0.06"}
    assert gradient_seen(traced, Focus(), every=True)[1:] == ("4", "4.000")


def test_a_cell_that_gets_very_little_does_not_say_that_it_gets_nothing():
    traced = trace(ANIMATION_MAP, (0.55, 2.7, 6.35, 7.4), PRECISE_ROI_POOL, 2)
    scene = gradient_scene(traced, Focus(0, 1), every=False)
    labels = landed(scene)
    rows = [[labels.get((row, column), "") for column in range(3, 8)] for row in (2, 3, 5, 6)]
    assert rows == [  # 0.0010, 0.0059, 0.0066, 0.0052, 0.0004 in the upper row
        ["<0.01", "0.01", "0.01", "0.01", "<0.01"],
        ["0.02", "0.10", "0.11", "0.09", "0.01"],
        ["0.01", "0.07", "0.08", "0.06", "<0.01"],
        ["<0.01"] * 5,
    ]
    written = [words.text for words in map_words(scene) if role_of(words) == "gradient"]
    assert written == list(labels.values()), "what every painter writes, a file too"


def test_precise_roi_pooling_has_arrows_and_the_others_have_none():
    scenes = {
        operator.name: gradient_scene(trace(SQUARE, (0, 0, 1, 1), operator, 2), Focus(), every=True)
        for operator in compared(ROI_POOL, ROI_ALIGN)
    }
    arrows = {name: [arrow for arrow in scene.all(Arrow) if arrow.role == "slope"] for name, scene in scenes.items()}
    assert [len(some) for some in arrows.values()] == [0, 0, 4]
    assert [arrow.label for arrow in arrows["Precise RoI Pooling"]] == ["+2.000", "+4.000", "+2.000", "+4.000"]
    longest = max(arrows["Precise RoI Pooling"], key=lambda arrow: abs(arrow.x1 - arrow.x0) + abs(arrow.y1 - arrow.y0))
    assert longest.side in ("y1", "y2") and longest.y1 - longest.y0 == pytest.approx(0.9)


def test_the_whole_output_is_as_much_as_its_cells():
    scenario = Scenario()
    traced = trace(ANIMATION_MAP, ARTICLE_BOX, scenario.align, 2)
    assert [gradient_seen(traced, Focus(0, column), every=False)[2] for column in (0, 1)] == ["1.000", "1.000"]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(1, 50), st.integers(13, 150)),
    operator=st.sampled_from(compared(ROI_POOL, ROI_ALIGN)),
    size=st.sampled_from([1, 2, 7]),
    every=st.booleans(),
)
def test_on_a_large_map_rectangles_cover_what_the_gradient_reaches(seed, shape, operator, size, every):
    """Of no two the same cell, and each at the level of its largest cell in twenty steps, of blocks up to 56 a side."""
    rng = np.random.default_rng(seed)
    x, y = (np.sort(rng.uniform(-1, cells + 1, 2)) for cells in shape[::-1])
    traced = trace(rng.random(shape), (x[0], y[0], x[1], y[1]), operator, size)
    gradient = np.abs(map_gradient(traced, None if every else (0, 0)))
    mark = gradient_scene(traced, Focus(), every).find(Cells, "gradient")
    drawn, times = np.zeros(shape), np.zeros(shape, int)
    for (row, column), (high, wide), level in zip(mark.at, mark.spans, mark.levels, strict=True):
        drawn[row : row + high, column : column + wide] = level
        times[row : row + high, column : column + wide] += 1
    assert times.max() <= 1
    assert not gradient[times == 0].any()
    high, wide = (-(-cells // 56) for cells in shape)
    for row in range(0, shape[0], high):
        for column in range(0, shape[1], wide):
            block = slice(row, row + high), slice(column, column + wide)
            level = np.ceil(gradient[block].max() / (gradient.max() or 1.0) * 20) / 20
            assert (drawn[block] == level).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    x=st.floats(0.3, 3.0),
    y=st.floats(0.3, 3.0),
    size=st.floats(1.2, 3.5),
    cell=st.sampled_from([None, (0, 0), (1, 0)]),
)
def test_gradients_are_the_slopes_that_are_measured(seed, x, y, size, cell):
    values = np.random.default_rng(seed).permutation(64).reshape(8, 8) / 8  # no two alike: a maximum has one winner
    for operator in (ROI_POOL, ROI_ALIGN, PRECISE_ROI_POOL):
        found = check_slopes(trace(values, (x, y, x + size, y + size), operator, 2), cell)
        assert found.furthest < 1e-6
        assert (found.box_gradient is None) == (operator is not PRECISE_ROI_POOL)
    assert found.furthest_of_box < 1e-4


def test_cells_too_small_for_a_number_are_merged_and_none_is_lost():
    feature_map = random_map(200, 150, 3)
    for operator in compared(ROI_POOL, ROI_ALIGN):
        traced = trace(feature_map, (3.3, 10.0, 140.0, 190.5), operator, 3, 1.0, 0)
        gradient = map_gradient(traced)
        mark = gradient_scene(traced, Focus(), every=True).find(Cells, "gradient")
        assert mark.labels == () and len(mark.at) < 300
        levels = np.zeros(gradient.shape)
        for (x1, y1, x2, y2), level in zip(mark.boxes, mark.levels, strict=True):
            assert not levels[y1:y2, x1:x2].any()  # none overlap
            levels[y1:y2, x1:x2] = level
        assert (levels[gradient != 0] >= 0.05).all()
        assert (levels >= np.abs(gradient) / np.abs(gradient).max() - 1e-9).all()


def test_what_a_gradient_reaches_is_counted_whole_where_cells_are_merged():
    """The mean of 512 × 512 cells hands each of them a 262,144th."""
    traced = trace(np.zeros((512, 512)), (0, 0, 512, 512), ROI_ALIGN, 1, 1.0, 0)
    scene, cells, total = gradient_seen(traced, Focus(), every=True)
    assert (cells, total) == ("262144", "1.000")
    assert scene.find(Cells, "gradient").boxes.tolist() == [[0, 0, 512, 512]]


@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN, PRECISE_ROI_POOL])
def test_the_names_of_bins_leave_the_numbers_of_a_gradient_free(operator):
    """On the box that the page opens with; in the middle of bin ② of RoI Align stands 0.14."""
    scene = gradient_scene(trace(ANIMATION_MAP, (0.55, 2.7, 6.35, 7.4), operator, 2), Focus(0, 1), every=False)
    boxes = {words.name: words.box(35.0) for words in map_words(scene)}
    numbers = [box for name, box in boxes.items() if name.startswith("gradient-") and name.endswith("-value")]
    names = [box for name, box in boxes.items() if name.startswith("name-")]
    assert numbers and len(names) == 4
    for x1, y1, x2, y2 in names:
        assert not any(x1 < c and a < x2 and y1 < d and b < y2 for a, b, c, d in numbers)
