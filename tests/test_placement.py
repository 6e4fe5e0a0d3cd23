"""Every mark is placed once, in map cells; every page has a figure, and nothing on it lies on anything else."""

import io
from dataclasses import replace
from itertools import combinations, product
from math import inf, pi, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pictures
from pptx import Presentation

from roialign_core import PRECISE_ROI_POOL, ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, trace, trace_point
from roialign_core.examples import ANIMATION_MAP
from roialign_core.operators import Split
from roialign_lab.export.draw import draw_alone, draw_sheet, save
from roialign_lab.export.layout import SIZES, Drawing, arranged, sheet_of
from roialign_lab.export.plate import plate_of
from roialign_lab.export.powerpoint import presentation
from roialign_lab.figures.formats import FORMATS
from roialign_lab.figures.gradient_scene import gradient_scene
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Arrow
from roialign_lab.figures.steps import glance, step_of, steps
from roialign_lab.figures.strokes import (
    CORNERS,
    DIGITS,
    DRAWN,
    Cell,
    Crosses,
    Disc,
    Frame,
    Image,
    Line,
    Size,
    Spot,
    Words,
    in_corner,
    map_strokes,
    map_words,
    moved_numbers,
    output_strokes,
    role_of,
)
from roialign_lab.lesson.box_tasks import TASKS
from roialign_lab.lesson.quiz import KINDS
from roialign_lab.lesson.scenario import Focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.walks import ROLES, Emphasis, walk_keys
from roialign_lab.stage import answer
from roialign_lab.stage.page import PAGES, WALKS, Page
from roialign_lab.stage.view import figure, has_figure, view

BOX = (8.8, 43.2, 101.6, 118.4)  # pixels: 0.55, 2.70, 6.35, 7.40 cells at stride 16
SPLITS = (Split.OVERLAP, Split.FLOOR, Split.CEIL)
STAGED = [name for name in PAGES if name != "slides"]


def scene_of(operator, key):
    walk = steps(trace(ANIMATION_MAP, BOX, operator, 2, 1 / 16), Focus(0, 1, 2))
    return next(step for step in walk if step.key == key).scene


def by_name(scene):
    return {stroke.name: stroke for stroke in map_strokes(scene)}


def page_at(name, language="en", **address):
    session = Session()
    assert not session.read_address({"lang": language, **address}, WALKS[name])
    return Page(name, session)


# ---- places, with the numbers written out -------------------------------------------------------------------------


def test_neighbours_of_a_sample():
    """The × at (y, x) = (4.463, 4.175) weighs its lower right neighbour (4, 4) with 0.650."""
    drawn = by_name(scene_of(ROI_ALIGN, "neighbors"))
    assert drawn["neighbor-0"].box == (3.03, 3.03, 3.97, 3.97)
    disc, line = drawn["neighbor-3-weight"], drawn["neighbor-3-line"]
    assert (disc.x, disc.y) == (4.5, 4.5) and disc.radius.at(40) == pytest.approx(14 * sqrt(0.64969 / pi), abs=1e-3)
    assert (line.x0, line.y0, line.x1, line.y1) == pytest.approx((4.5, 4.5, 4.175, 4.4625))
    chosen = drawn["chosen"]
    assert chosen.numbers == (6,) and (chosen.xs[0], chosen.ys[0]) == pytest.approx((4.175, 4.4625))


def test_numbers_stand_in_a_corner_and_leave_it_where_a_cross_is():
    drawn = by_name(scene_of(ROI_ALIGN, "samples"))
    assert drawn["map-0-0"].words.spots == (Spot(0.08, 0.08, "left", "top"),)
    assert drawn["map-3-1"].words.spots == (Spot(1.08, 3.92, "left", "bottom"),)
    assert drawn["map-0-0"].words.size.at(40) == pytest.approx(12.0)  # 0.3 of a cell


def drawn_boxes(scene):
    """What lies round the × that is looked at: places x1, y1, x2, y2 by what they are, in map cells."""
    drawn, crosses, own = by_name(scene), [], []
    for stroke in drawn.values():
        if stroke.name == "sample" and "sample-bin" in drawn:
            continue  # a faint texture, under the numbers
        if isinstance(stroke, Crosses):
            r = stroke.size.cells / 2
            boxes = [(x - r, y - r, x + r, y + r) for x, y in zip(stroke.xs, stroke.ys, strict=True)]
            (own if stroke.name == "chosen" else crosses).extend(boxes)
        elif isinstance(stroke, Disc) and stroke.name.startswith("neighbor"):
            r = stroke.radius.cells
            own.append((stroke.x - r, stroke.y - r, stroke.x + r, stroke.y + r))
        elif isinstance(stroke, Line) and stroke.name.startswith("neighbor"):
            ends = [(stroke.x0 + k / 50 * (stroke.x1 - stroke.x0), stroke.y0 + k / 50 * (stroke.y1 - stroke.y0))
                    for k in range(51)]  # fmt: skip
            own.extend((x, y, x, y) for x, y in ends)
    return drawn, crosses, own


def touching(box, others):
    return [o for o in others if o[0] < box[2] and o[2] > box[0] and o[1] < box[3] and o[3] > box[1]]


sides = st.floats(-1, 9).map(lambda side: round(side, 2))


@settings(deadline=None, max_examples=150)
@given(
    st.tuples(sides, sides, sides, sides).map(
        lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
    ),
    st.integers(1, 7),
    st.integers(1, 4),
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 15)),
    st.sampled_from([ROI_ALIGN, ROI_ALIGN_LEGACY]),
    st.sampled_from(["neighbors", "samples"]),
)
def test_no_cross_lies_on_a_number_that_explains_it(box, out, ratio, looked, operator, key):
    """Its × , the discs and the dotted lines leave the numbers of the four neighbours free wherever the × is; any other
    × lies on a number only where one lies on every corner that the number may take."""
    t = trace(ANIMATION_MAP, tuple(side * 16 for side in box), operator, out, 1 / 16, ratio)
    scene = next(step for step in steps(t, Focus(*looked)) if step.key == key).scene
    drawn, crosses, own = drawn_boxes(scene)
    neighbors = {
        (int(s.box[1]), int(s.box[0])) for s in drawn.values() if s.name.startswith("neighbor") and isinstance(s, Frame)
    }
    for name, cell in drawn.items():
        if not isinstance(cell, Cell):
            continue
        words, at = cell.words, (cell.row, cell.column)
        assert words is not None, "no number of the map gives way on these steps"
        (spot,) = words.spots
        number = words.box(1.0)
        corners = [in_corner(*at, corner) for corner in CORNERS if at not in neighbors or corner[1] == spot.down[0]]
        assert spot in corners
        if at in neighbors:
            assert not touching(number, own), name
        if touching(number, crosses):
            assert all(touching(replace(words, spots=(corner,)).box(1.0), crosses) for corner in corners), name


@settings(deadline=None, max_examples=60)
@given(st.floats(-1, 9), st.floats(-1, 9))
def test_the_numbers_round_a_point_are_free(y, x):
    scene = next(step for step in point_steps(trace_point(ANIMATION_MAP, y, x)) if step.key == "neighbors").scene
    drawn, crosses, own = drawn_boxes(scene)
    framed = [s for s in drawn.values() if s.name.startswith("neighbor") and isinstance(s, Frame)]
    for frame in framed:
        words = drawn[f"map-{int(frame.box[1])}-{int(frame.box[0])}"].words
        assert words is not None and not touching(words.box(1.0), crosses + own)


def test_the_number_of_a_neighbour_goes_away_from_the_cross():
    """The × at (4.463, 4.175) stands over the top left of cell (4, 4): 0.34 goes to its foot, at the right."""
    drawn = by_name(scene_of(ROI_ALIGN, "neighbors"))
    parts = {at: drawn["map-{}-{}".format(*at)].words.spots[0] for at in ((3, 3), (3, 4), (4, 3), (4, 4))}
    assert {at: (spot.across, spot.down) for at, spot in parts.items()} == {
        (3, 3): ("left", "top"),
        (3, 4): ("right", "top"),
        (4, 3): ("left", "bottom"),
        (4, 4): ("right", "bottom"),
    }


def test_the_numbers_of_the_map_give_way_to_the_values_of_the_samples():
    """All of them, as on the screen: the number of cell (6, 1) would lie on a × of a 3×3 output and on its value."""
    drawn = by_name(scene_of(ROI_ALIGN, "values"))
    value = drawn["value-14"]
    assert value.text == "0.655" and value.spots == (
        Spot(pytest.approx(4.175), pytest.approx(6.9925), "center", "top"),
    )
    assert drawn["map-7-4"].words is None and drawn["map-0-0"].words is None
    assert by_name(scene_of(ROI_ALIGN, "neighbors"))["map-0-0"].words.text == "0.88"


@pytest.mark.parametrize("out", [1, 2, 3, 4, (2, 3), (4, 5)])
@pytest.mark.parametrize("ratio", [1, 2, 3, 4])
@pytest.mark.parametrize("key", ["values", "join"])
def test_the_name_of_a_bin_lies_on_no_value(out, ratio, key):
    """In smaller letters where the × are close; where there is no room at all, the output alone has the names."""
    scene = step_of(trace(ANIMATION_MAP, BOX, ROI_ALIGN, out, 1 / 16, ratio), key).scene
    words = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Words)]
    values = [one.box(54) for one in words if role_of(one) == "value"]
    for left, top, right, bottom in (one.box(54) for one in words if role_of(one) == "name"):
        assert all(c <= left or a >= right or d <= top or b >= bottom for a, b, c, d in values)
    if out in (1, 2, 3) and ratio < 3:
        assert sum(role_of(one) == "name" for one in words) == out**2


@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN, PRECISE_ROI_POOL])
@pytest.mark.parametrize(("cells", "named"), [(2, 0), (3, None), (8, 4)])  # where bins are cells there is no room
def test_the_name_of_a_bin_hides_no_share_of_a_gradient(cells, named, operator):
    numbers = ANIMATION_MAP[:cells, :cells]
    scene = gradient_scene(trace(numbers, (0, 0, cells, cells), operator, 2), Focus(), every=True)
    words = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Words)]
    shares = [one.box(54) for one in words if one.name.startswith("gradient-")]
    names = [one.box(54) for one in words if role_of(one) == "name"]
    assert shares and (operator is not ROI_ALIGN or named is None or len(names) == named)
    for left, top, right, bottom in names:
        assert all(c <= left or a >= right or d <= top or b >= bottom for a, b, c, d in shares)


@pytest.mark.parametrize(
    ("samples", "letters"),
    [(1, 0.32), (2, 0.32), (3, 0.783 / 1.2 - 0.4), (4, 0.92 * 0.725 / (0.58 * 5))],  # with 3 × a row of values is 0.783
)
def test_values_are_as_large_as_the_room_between_two_crosses_and_lie_on_nothing(samples, letters):
    walk = steps(trace(ANIMATION_MAP, BOX, ROI_ALIGN, 2, 1 / 16, samples), Focus(0, 1))
    drawn = by_name(next(step for step in walk if step.key == "values").scene)
    values = [words for name, words in drawn.items() if name.startswith("value-")]
    assert len(values) == 4 * samples**2
    assert all(words.size.at(100) == pytest.approx(min(100 * letters, 30), abs=0.1) for words in values)
    assert all(words.size.at(58.4) > 12 for words in values), "pixels, on a screen of 1280×720"
    boxes = [words.box(58.4) for words in values]
    if samples < 3:
        boxes += [words.box(58.4) for name, words in drawn.items() if name.startswith("name-")]
    for (a, b, c, d), (x1, y1, x2, y2) in combinations(boxes, 2):
        assert a >= x2 or c <= x1 or b >= y2 or d <= y1


def test_an_arrow_ends_in_a_head_and_has_its_length_beside_it():
    """x2 goes from 6.35 to 7 near a quarter of the height, 3.875, under the numbers of row 3: 26 points
    on cells of 40, so the head is 9 long."""
    drawn = by_name(scene_of(ROI_POOL, "snap"))
    assert drawn["error-x2"].triangle(40) == tuple(
        pytest.approx(point) for point in ((7, 3.69), (6.775, 3.84), (6.775, 3.54))
    )
    assert drawn["error-x2"].triangle(4)[1] == pytest.approx((6.35, 3.69 + 0.65 * 2 / 3))  # no longer than the arrow
    x1, y1, x2, y2 = drawn["error-x2-cells"].box(40)  # 14 points: five letters of 8.12 and 7 more, 21 high
    assert (x1, x2 - x1) == pytest.approx((7 + 5 / 40, 47.6 / 40))
    assert (y1, y2) == pytest.approx((3.69 - 10.5 / 40, 3.69 + 10.5 / 40))


def covered(scene, cell):
    """Which numbers of the map, and which other pills, each pill lies on where a cell is ``cell`` points long."""
    drawn = by_name(scene)
    numbers = {name: s.words.box(cell) for name, s in drawn.items() if isinstance(s, Cell) and s.words is not None}
    pills = {name: s.box(cell) for name, s in drawn.items() if isinstance(s, Words) and s.pill}
    return {
        name: [other for other, at in {**numbers, **pills}.items() if other != name and touching(at, [box])]
        for name, box in pills.items()
    }


@pytest.mark.parametrize("cell", [34, 40, 54, 80])
@pytest.mark.parametrize("key", ["snap", "max"])
def test_the_lengths_of_the_arrows_leave_every_number_of_the_first_box_free(key, cell):
    """On the page about the error a cell is 34 points long, on the page of RoI Pooling 54."""
    free = {f"error-{side}-cells": [] for side in ("x1", "y1", "x2", "y2")}
    assert covered(scene_of(ROI_POOL, key), cell) == free


@settings(deadline=None, max_examples=100)
@given(st.tuples(st.floats(0, 3.5), st.floats(0, 3.5), st.floats(2.5, 4.5), st.floats(2.5, 4.5)))
def test_the_length_of_an_arrow_covers_no_number_where_it_could_stand_free(place):
    """Neither outside the box nor inside, straight before or behind the arrow, would it cover fewer of them."""
    x, y, width, height = (round(side, 2) for side in place)
    t = trace(ANIMATION_MAP, tuple(16 * side for side in (x, y, x + width, y + height)), ROI_POOL, 2, 1 / 16)
    scene = next(step for step in steps(t) if step.key == "snap").scene
    drawn = by_name(scene)
    cells = [side / 8 for side in DRAWN]
    numbers = [s.words.box(1.0) for s in drawn.values() if isinstance(s, Cell) and s.words is not None]
    for arrow in scene.all(Arrow):
        pill = drawn[f"error-{arrow.side}-cells"]
        on = sum(len(touching(pill.box(cell), numbers)) for cell in cells)
        if arrow.side[0] == "x":
            spots = [Spot(max(arrow.x0, arrow.x1), arrow.y0, "left", gap=5.0),
                     Spot(min(arrow.x0, arrow.x1), arrow.y0, "right", gap=5.0)]  # fmt: skip
        else:
            spots = [Spot(arrow.x0, max(arrow.y0, arrow.y1), down="top", gap=5.0),
                     Spot(arrow.x0, min(arrow.y0, arrow.y1), down="bottom", gap=5.0)]  # fmt: skip
        for spot in spots:
            there = [replace(pill, spots=(spot,), within=None).box(cell) for cell in cells]
            fits = all(a >= -0.3 and b >= -0.3 and c <= 9.1 and d <= 9.1 for a, b, c, d in there)
            if fits:
                assert on <= sum(len(touching(box, numbers)) for box in there), (arrow, spot)


@pytest.mark.parametrize("cell", [24.0, 34.0, 42.5, 54.0])
@pytest.mark.parametrize("box", [BOX, (9.6, 40.0, 104.0, 118.4), (20.8, 35.2, 90.4, 102.4)])
def test_the_length_of_an_arrow_and_the_name_of_a_bin_leave_each_other_free(box, cell):
    """On the home page, beside another operator, and at the step of the maximum; a phone has cells of 42 pixels, an old
    projector of 24."""
    t = trace(ANIMATION_MAP, box, ROI_POOL, 2, 1 / 16)
    for scene in (step_of(t, "max").scene, glance(t)):
        words = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Words)]
        names = [stroke.box(cell) for stroke in words if role_of(stroke) == "name"]
        arrows = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Line) and role_of(stroke) == "error"]
        lines = [(*sorted((a.x0, a.x1)), *sorted((a.y0, a.y1))) for a in arrows]
        pills = [stroke.box(cell) for stroke in words if role_of(stroke) == "error"]
        assert len(names) == 4 and pills
        for left, top, right, bottom in names:
            for a, b, c, d in [*pills, *((x1, y1, x2, y2) for x1, x2, y1, y2 in lines)]:
                assert c <= left or a >= right or d <= top or b >= bottom


@pytest.mark.parametrize("cell", [34.0, 42.5, 54.0])
@pytest.mark.parametrize("operator", [ROI_POOL, ROI_ALIGN])
def test_the_corners_of_the_box_cover_no_more_than_three_cells_and_no_arrow(operator, cell):
    """The first corner of the box, (0.55, 2.70), is written over its upper edge, over columns 0 to 3."""
    scene = step_of(trace(ANIMATION_MAP, BOX, operator, 2, 1 / 16), "project").scene
    words = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Words)]
    corners = [stroke.box(cell) for stroke in words if role_of(stroke) == "in_cells"]
    assert [round(x2 - x1, 2) <= 3.1 for x1, _, x2, _ in corners] == [True, True]
    for a, b, c, d in (stroke.box(cell) for stroke in words if role_of(stroke) == "error"):
        assert all(c <= x1 or a >= x2 or d <= y1 or b >= y2 for x1, y1, x2, y2 in corners)


def names_of(scene):
    """The middle of the name of each bin, and the place that it takes on cells of 54 points."""
    names = [s for s in map_strokes(scene) if isinstance(s, Words) and role_of(s) == "name"]
    return [(s.spots[0].x, s.spots[0].y) for s in names], [s.box(54) for s in names]


@pytest.mark.parametrize("key", ["cells", "max"])
def test_the_name_of_a_bin_stands_in_the_cells_that_no_other_bin_reads(key):
    """The box ends at 6.71: columns 1–4 and 4–7 share column 4, rows 3–5 and 5–7 share row 5."""
    t = trace(ANIMATION_MAP, (0.55, 2.7, 6.71, 7.4), ROI_POOL, 2)
    places, boxes = names_of(step_of(t, key).scene)
    own = [(1, 3, 4, 5), (5, 3, 8, 5), (1, 6, 4, 8), (5, 6, 8, 8)]
    assert len(places) == 4
    for (a, b, c, d), (x1, y1, x2, y2) in zip(boxes, own, strict=True):
        assert x1 < a and y1 < b and c < x2 and d < y2


def test_the_names_of_bins_that_are_one_cell_stand_side_by_side():
    """One cell for 2×2 bins: a quarter of it each, in smaller letters."""
    places, boxes = names_of(step_of(trace(ANIMATION_MAP, (2.1, 3.1, 2.4, 3.4), ROI_POOL, 2), "cells").scene)
    assert places == [pytest.approx(place) for place in ((2.25, 3.25), (2.75, 3.25), (2.25, 3.75), (2.75, 3.75))]
    assert boxes[0][2] < boxes[1][0] and boxes[0][3] < boxes[2][1]


@settings(deadline=None, max_examples=150)
@given(
    st.tuples(st.floats(0, 7), st.floats(0, 7), st.floats(0.1, 8), st.floats(0.1, 8)),
    st.tuples(st.integers(1, 5), st.integers(1, 4)),
    st.sampled_from([ROI_ALIGN, *(replace(ROI_POOL, split=(a, b)) for a, b in product(SPLITS, repeat=2))]),
    st.booleans(),
)
def test_the_name_of_a_bin_stands_in_its_bin_and_on_no_other_name(place, out, operator, numbered):
    """Among cells that only its bin reads where there are such cells, so never among those of another bin alone."""
    x, y, width, height = (round(side, 2) for side in place)
    t = trace(ANIMATION_MAP, (x, y, min(x + width, 8), min(y + height, 8)), operator, out)
    scene = step_of(t, "cells" if operator.snaps else "bins", numbered=numbered).scene
    places, boxes = names_of(scene)
    bins = t.bins_used.reshape(-1, 4).tolist()
    for k, (at_x, at_y) in enumerate(places):
        reading = [n for n, (x1, y1, x2, y2) in enumerate(bins) if x1 <= at_x <= x2 and y1 <= at_y <= y2]
        assert k in reading
        x1, y1, x2, y2 = bins[k]
        if operator.snaps:
            cells = [(column, row) for row in range(int(y1), int(y2)) for column in range(int(x1), int(x2))]
            alone = [(x, y) for x, y in cells if sum(b[0] <= x < b[2] and b[1] <= y < b[3] for b in bins) == 1]
            assert not alone or (int(at_x), int(at_y)) in alone
        else:
            assert reading == [k]
    for (a, b, c, d), (e, f, g, h) in combinations(boxes, 2):
        assert c <= e or g <= a or d <= f or h <= b
    if operator.snaps and (t.roi_used[2:] - t.roi_used[:2]).min() >= max(out) and t.roi_used.max() <= 8:
        assert len(places) == len(bins)  # there is a cell or more for each


def test_what_a_gradient_leaves_on_a_cell_stands_in_its_middle():
    scene = gradient_scene(trace(ANIMATION_MAP, BOX, ROI_POOL, 2, 1 / 16), Focus(0, 1), every=False)
    drawn = by_name(scene)
    reached, value = drawn["gradient-5-6"], drawn["gradient-5-6-value"]
    assert reached.box == (6, 5, 7, 6) and reached.filled == 1.0
    assert value.text == "1.00" and value.spots == (Spot(6.5, 5.5),)
    assert all(stroke.words is None for stroke in drawn.values() if isinstance(stroke, Cell))  # one kind of number


def test_slopes_start_at_the_middle_of_a_side():
    drawn = by_name(gradient_scene(trace(ANIMATION_MAP, BOX, PRECISE_ROI_POOL, 2, 1 / 16), Focus(0, 1), every=False))
    y2 = drawn["slope-y2"]  # the steepest: 0.9 cells long
    assert (y2.x0, y2.y0, y2.x1, y2.y1) == pytest.approx((3.45, 7.4, 3.45, 8.3))
    assert {f"slope-{side}-cells" for side in ("x1", "y1", "x2", "y2")} <= set(drawn)


def test_crosses_shrink_where_they_are_dense():
    """Bins of 2.9 × 2.35 cells with 5×5 samples: 0.47 cells between two rows; with 6×6, 144 ×, they are a texture."""
    every = {ratio: by_name(steps(trace(ANIMATION_MAP, BOX, ROI_ALIGN, 2, 1 / 16, ratio), Focus())[3].scene)
             for ratio in (2, 5, 6)}  # fmt: skip
    sizes = {ratio: drawn["sample"].size.cells for ratio, drawn in every.items()}
    assert sizes == {2: 0.24, 5: 0.24, 6: pytest.approx(0.42 * 2.35 / 6)}
    many = every[6]
    assert (many["sample"].halo, many["sample"].opacity) == ("", 0.5) and len(many["sample"].numbers) == 144
    assert (many["sample-bin"].halo, many["sample-bin"].opacity, many["sample-bin"].numbers) == (
        "halo",
        1.0,
        (*range(36),),
    )
    assert (every[5]["sample"].opacity, "sample-bin" in every[5]) == (1.0, False)


def test_the_values_of_the_lerps_have_their_names_and_stay_in_the_part():
    """The article's f(R₁), f(R₂) and f(P): on one side of their dots where there is room, else on the other."""
    for x, sides in ((3.7, ("left", "left")), (4.2, ("right", "right"))):  # the end of the text at the dot
        walk = point_steps(trace_point(ANIMATION_MAP, 3.7, x))
        scene = next(step for step in walk if step.key == "lerp_y").scene.close_up
        drawn = by_name(scene)
        names = ("lerp_x-0-value", "lerp_x-1-value", "lerp_y-0-value")
        assert [drawn[name].text.split()[0] for name in names] == ["f(R₁)", "f(R₂)", "f(P)"]
        x1, y1, x2, y2 = scene.extent
        boxes = [drawn[name].box(100) for name in names]
        assert all(x1 <= a and y1 <= b and c <= x2 and d <= y2 for a, b, c, d in boxes)
        assert (drawn[names[0]].spot(100).across, drawn[names[2]].spot(100).across) == sides
        assert boxes[0][3] <= boxes[2][1] and boxes[2][3] <= boxes[1][1]  # one above the other
        assert {"corner-Q₁₁", "corner-Q₂₁", "corner-Q₁₂", "corner-Q₂₂"} <= drawn.keys()


def test_only_the_lines_that_cut_a_bin_again_are_dashed():
    """Bins of RoI Align are cut at 3.875 and 6.225, between the rows of their samples: the article's dashed lines."""
    dashed = [s for s in map_strokes(scene_of(ROI_ALIGN, "samples")) if getattr(s, "dash", "") == "dashed"]
    assert [line.y0 for line in dashed if line.y0 == line.y1] == pytest.approx([3.875, 5.05, 6.225])
    for picture in every_picture():
        for stroke in map_strokes(picture.panels[0].scene):
            assert getattr(stroke, "dash", "") != "dashed" or role_of(stroke) == "part", stroke


def test_the_photo_takes_the_place_of_the_map():
    on_photo, on_map = (panel.scene for panel in figure(page_at("image")).panels)
    (photo,) = [stroke for stroke in map_strokes(on_photo) if isinstance(stroke, Image)]
    assert photo.box == (0, 0, 32, 37.5)  # 512 × 600 pixels at stride 16
    assert not [stroke for stroke in map_strokes(on_map) if isinstance(stroke, Image)]


def test_sizes_do_not_depend_on_the_resolution():
    """The same strokes on cells of any size: what is in cells keeps its share, what is in points its points."""
    drawn = by_name(scene_of(ROI_POOL, "snap"))
    assert drawn["roi"].width.at(200) == 3.0 and drawn["roi"].width.at(5) == pytest.approx(1.8)
    assert drawn["map-0-0"].words.box(10) == pytest.approx(drawn["map-0-0"].words.box(60))


# ---- every role, in every painter ---------------------------------------------------------------------------------


def every_picture():
    """A figure of every step of every walk and of every other page, and of what a page shows with other options."""
    for name in STAGED:
        for key in walk_keys(WALKS[name]) or ("",):
            yield figure(page_at(name, **({"step": key} if key else {})))
    yield figure(page_at("gradients", cell="all", out="3"))
    yield figure(page_at("roi_align", origin="legacy", step="project"))


def drawn_roles(scene):
    output = [stroke for grid in [scene.marks[-1]] if grid.role == "output" for stroke in output_strokes(scene, grid)]
    return {role_of(stroke) for stroke in (*map_strokes(scene), *output)}


def test_every_role_that_a_step_lights_is_drawn():
    """Of a map drawn from a photo it is the photo; of a pooled sample it is the cell that was largest."""
    lit_anywhere = set()
    for picture in every_picture():
        for panel in picture.panels:
            scenes = [panel.scene] + [scene for scene in [panel.scene.close_up] if scene]
            drawn = set().union(*({role_of(stroke) for stroke in map_strokes(scene)} for scene in scenes))
            drawn |= {"sample"} if "largest" in drawn else set()
            drawn |= {"map"} if "photo" in drawn else set()
            lit = {role for role, how in panel.scene.emphasis.items() if how is Emphasis.LIT} - {"output"}
            samples = panel.scene.samples
            if samples is None:
                lit -= {"sample", "neighbor"}  # a gradient is drawn without them
            elif not samples.interpolated:
                lit -= {"neighbor"}  # what is read whole has no neighbours
            if not any(arrow.role == "slope" for arrow in panel.scene.all(Arrow)):
                lit -= {"slope"}  # most operators have no gradient to the box
            assert lit <= drawn, picture.name
            lit_anywhere |= lit
    assert lit_anywhere >= set(ROLES) - {"output", "roi", "snapped", "square", "truth"}


def test_every_kind_of_stroke_of_every_role_is_painted():
    """matplotlib adds something for each, PowerPoint a shape that is named like it."""
    seen, names = set(), set()
    for picture in every_picture():
        sheet = sheet_of(picture)
        for drawing in arranged(sheet).drawings:
            new = [s for s in drawing.strokes if (role_of(s), type(s)) not in seen and not isinstance(s, Words)]
            for stroke in {(role_of(s), type(s)): s for s in new}.values():
                alone = draw_alone(replace(drawing, strokes=(stroke,)), "light").axes[0]
                empty = draw_alone(replace(drawing, strokes=()), "light").axes[0]
                assert len(alone.get_children()) > len(empty.get_children()), stroke
                seen.add((role_of(stroke), type(stroke)))
        if any(role not in names for panel in picture.panels for role in drawn_roles(panel.scene)):
            slide = Presentation(io.BytesIO(presentation([sheet], pictures=False, progress=lambda *_: None))).slides[0]
            shapes = [shape for group in slide.shapes if group.shape_type == 6 for shape in group.shapes]
            names |= {shape.name.partition("-")[0] for shape in shapes}
    assert {kind for _, kind in seen} >= {Cell, Frame, Line, Disc, Crosses, Image}
    assert names >= {role for role, _ in seen}


# ---- the figure of every page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STAGED)
def test_every_page_has_a_figure_with_all_its_panels(name, language):
    picture = figure(page_at(name, language))
    assert [has_figure(Page(name, Session())), has_figure(Page("slides", Session()))] == [True, False]
    payload = answer(Session(language=language), {"page": name})
    assert payload["still"]["figures"] == FORMATS
    panels = {"bilinear": 1, "roi_pooling": 1, "roi_align": 1, "quiz": 1, "gradients": 3}.get(name, 2)
    assert len(picture.panels) == panels and (picture.sweep is not None) == (name == "quantization")
    words = [picture.title, picture.caption, *picture.formula, *(panel.caption for panel in picture.panels)]
    assert picture.caption and not [text for text in words if "{" in text or "[" in text]
    assert picture.formula == payload["formula"] or name == "quiz"
    outputs = [drawing for drawing in arranged(sheet_of(picture)).drawings if drawing.name.startswith("output")]
    sent = [panel["output"] for panel in payload["panels"] if "output" in panel]
    is_unknown = name in ("roi_pooling", "roi_align")  # which open at their first step
    shown = [["?"] * 4] if is_unknown else [output.split(" ") for output in sent]
    assert [drawing.alt.replace(";", ",").split(", ") for drawing in outputs] == shown


def test_files_are_named_by_page_and_step():
    names = {name: figure(page_at(name)).name for name in STAGED}
    assert names == {
        "home": "home",
        "image": "image",
        "roi_pooling": "roi-pooling-map",
        "roi_align": "roi-align-map",
        "bilinear": "bilinear-neighbors",
        "quantization": "quantization",
        "network": "network",
        "family": "family",
        "gradients": "gradients",
        "quiz": "quiz-snap",
    }


@pytest.mark.parametrize("key", KINDS)
def test_the_figure_of_a_question_does_not_give_the_answer_away(key):
    page = page_at("quiz", seed="7", step=key)
    question = page.session.quiz.question
    before = figure(page)
    assert [line[:2] for line in before.formula] == ["A:", "B:", "C:", "D:"]
    assert not any("✓" in line for line in before.formula)
    drawing = arranged(sheet_of(before)).drawings
    assert [part.name for part in drawing] == ["map"]  # and no output
    roles = {role_of(stroke) for stroke in drawing[0].strokes}
    assert not roles & {"bin", "focus", "largest", "neighbor", "value"}
    page.session.quiz.answers[7, key] = question.right
    after = figure(page)
    assert [line.endswith("✓") for line in after.formula[:4]] == [k == question.right for k in range(4)]


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("seed", ["1", "7"])
def test_no_value_of_an_answered_question_lies_on_a_number_that_the_stage_shows(seed, key):
    """The stage shows every number of a map that is not dim, where a file leaves out those that lie under a text."""
    page = page_at("quiz", seed=seed, step=key)
    page.session.quiz.apply_event({"answer": page.session.quiz.question.right})
    (scene,) = view(page).scenes
    (panel,) = answer(page.session, {"page": "quiz"})["still"]["panels"]
    values = [words.box(54) for words in map_words(scene) if role_of(words) == "value"]
    assert len(values) == (16 if key in ("join", "learned_join") else 0)
    corners, rows, columns = moved_numbers(scene), panel["rows"], panel["columns"]
    is_shown = panel["numbered"] and panel["emphasis"]["map"] is not Emphasis.DIM
    for row, column in product(range(rows), range(columns)) if is_shown else ():
        spots = (in_corner(row, column, corners.get((row, column), CORNERS[0])),)
        number = Words("number", scene.map.labels[row][column], Size(panel["letters"]), "number", spots, line=DIGITS)
        assert not touching(number.box(54), values), (row, column)
    assert is_shown == (key not in ("join", "learned_join", "level", "unread"))


def test_the_figure_of_how_values_are_joined_draws_the_output_that_it_names():
    """Seed 1 asks what makes 0.6292: the maximum. The mean of the same four values is 0.5605."""
    page = page_at("quiz", seed="1", step="join")
    question = page.session.quiz.question
    assert question.choices[question.right].label == "quiz.join.max"
    assert (question.values["max"], question.values["mean"]) == ("0.6292", "0.5605")
    page.session.quiz.apply_event({"answer": question.right})
    drawn = figure(page)
    (panel,) = drawn.panels
    assert "0.6292" in drawn.caption and panel.output_caption == "Output 2×2, max of 2×2"
    (output,) = [part for part in arranged(sheet_of(drawn)).drawings if part.name == "output"]
    assert "0.6292" in output.alt and "0.5605" not in output.alt
    assert any("max" in line and "0.6292" in line for line in drawn.formula)


@pytest.mark.parametrize("key", TASKS)
def test_the_figure_of_a_question_that_a_box_answers_shows_what_is_read_once_it_was_checked(key):
    page = page_at("quiz", seed="7", step=key)
    unchecked = arranged(sheet_of(figure(page))).drawings
    roles = {role_of(stroke) for stroke in unchecked[0].strokes}
    assert [part.name for part in unchecked] == ["map"] and "roi" in roles and not roles & {"read", "error", "bin"}
    box = [*page.scenario.box]
    page.session.quiz.apply_event({"check": {"question": key, "box": box}})
    assert "read" in {role_of(stroke) for stroke in arranged(sheet_of(figure(page))).drawings[0].strokes}
    assert figure(page).formula == ()


def places(sheet):
    layout = arranged(sheet)
    yield from ((part.name, part.at) for part in (*layout.writings, *layout.drawings))
    if layout.sweep_at is not None:
        yield "sweep", layout.sweep_at
    yield "title", layout.title.at
    yield from ((note.name, note.at) for note in layout.foot)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("aspect", SIZES)
@pytest.mark.parametrize("out", ["1", "2", "3,6", "7", "14"])
def test_nothing_on_a_sheet_lies_on_anything_else(out, aspect, language):
    wide, high = SIZES[aspect]
    for name in STAGED:
        options = {} if name in ("quiz", "bilinear", "image") else {"out": out}
        sheet = sheet_of(figure(page_at(name, language, **options)), aspect=aspect, language=language)
        taken = [*places(sheet)]
        for what, at in taken:
            assert at.x >= 0 and at.y >= 0 and at.x + at.width <= wide + 1e-9 and at.y + at.height <= high, (name, what)
        for (what, a), (other, b) in combinations(taken, 2):
            apart = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
            assert apart or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6, (name, what, other)


@pytest.mark.parametrize(("name", "kind"), [("image", "png"), ("gradients", "svg"), ("quantization", "pdf")])
def test_figures_of_pages_are_drawn(name, kind):
    picture = figure(page_at(name, "zh"))
    content = save(draw_sheet(sheet_of(picture, language="zh", theme="dark")), kind)
    if kind == "png":
        assert Pictures.open(io.BytesIO(content)).size == (1920, 1080)
    elif kind == "svg":
        markup = content.decode()
        assert all(
            value in markup for value in ("0.8400", "0.9600", "Precise RoI Pooling", text_in("zh")("title.gradients"))
        )
    else:
        assert content.startswith(b"%PDF-")


def test_a_sheet_of_several_panels_becomes_a_slide():
    slide = Presentation(
        io.BytesIO(presentation([sheet_of(figure(page_at("family")))], pictures=False, progress=lambda *_: None))
    ).slides[0]
    names = {shape.name for shape in slide.shapes}
    assert {"!!feature map", "!!feature map, picture 2", "!!output", "!!output, picture 2"} <= names


@pytest.mark.parametrize("name", ["roi_align", "home", "gradients"])
def test_the_lines_round_an_output_are_drawn_whole(name):
    """A line lies half on either side of an edge: the drawing goes on there, by a point, and stays on its page."""
    page = page_at(name, step="project") if name == "roi_align" else page_at(name)
    sheet = sheet_of(figure(page))
    drawn, alone = arranged(sheet).drawings, plate_of(sheet, 16.0, 9.0)
    for drawings, width in ((drawn, inf), (alone.drawings, alone.size[0])):
        outputs = [part for part in drawings if isinstance(part, Drawing) and part.name.startswith("output")]
        assert len(outputs) == len(sheet.panels)
        for part in outputs:
            around = 1 / 72 / part.cell
            assert part.extent == pytest.approx((-around, -around, 2 + around, 2 + around))
            assert part.at.x >= -1e-9 and part.at.x + part.at.width <= width + 1e-9
