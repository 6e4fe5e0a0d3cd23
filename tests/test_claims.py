"""What the sentences of the lesson say, computed: a test for each sentence with a number or an "only" in it."""

from dataclasses import replace

import numpy as np
import pytest

from roialign_core import PRECISE_ROI_POOL, ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_core.finite_differences import check_slopes
from roialign_core.gradients import map_gradient
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.figures.steps import consequence, steps
from roialign_lab.figures.strokes import Cell, Crosses, Words, map_strokes, map_words, role_of
from roialign_lab.figures.sweep_chart import sweep_of
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.operator_names import QUESTIONS, differences
from roialign_lab.lesson.quiz import STEPS
from roialign_lab.lesson.scenario import SIDES, Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.walks import walk_keys
from roialign_lab.stage.answer import answer
from roialign_lab.stage.page import Page
from roialign_lab.stage.plan import ready_parts
from roialign_lab.stage.view import figure, gradient_operators

BOX = (0.55, 2.7, 6.35, 7.4)


def step(operator, key, box=BOX, ratio=2, **options):
    walk = steps(trace(ANIMATION_MAP, box, operator, 2, sampling_ratio=ratio), Focus(0, 1), **options)
    return next(step for step in walk if step.key == key)


def said(step, language="en"):
    return text_in(language)(step.sentence_key, **step.values)


# ---- gradients ----------------------------------------------------------------------------------------------------


def test_of_the_three_operators_only_precise_roi_pooling_hands_a_gradient_to_the_box():
    scenario = Scenario(box=(0.55, 2.7, 6.4, 7.4))
    found = [check_slopes(scenario.trace(operator), (0, 1)) for operator in gradient_operators(scenario)]
    assert [slopes.box_gradient is not None for slopes in found] == [False, False, True]
    pool, align, precise = (np.abs(slopes.box_measured).max() for slopes in found)
    assert pool == 0 and align > 0 and precise > 0  # RoI Align has a slope; its libraries hand none back


def test_the_gradient_of_1_of_an_output_cell_is_shared_among_cells_of_the_map():
    for operator in (ROI_POOL, ROI_ALIGN, PRECISE_ROI_POOL):
        t = trace(ANIMATION_MAP, (1, 2, 6, 6.5), operator, 2)  # inside the map, with its half cell
        assert map_gradient(t, (0, 1)).sum() == pytest.approx(1)
        assert map_gradient(t).sum() == pytest.approx(4)


# ---- RoI Pooling --------------------------------------------------------------------------------------------------


def test_a_side_that_moves_slowly_changes_nothing_then_a_number_jumps():
    """Of a hundred moves by about a hundredth of a cell five at most change an output of RoI Pooling, and by much."""
    jumps = []
    for side in SIDES:
        scenario = Scenario(map="random-8x8-7", side=side)
        sweep = sweep_of(scenario, scenario.pool, scenario.align)
        pool, align = (np.abs(np.diff(output, axis=0)).max(axis=(1, 2)) for output in (sweep.pool, sweep.align))
        assert (pool == 0).mean() > 0.95
        assert align.max() < 0.05 < np.ptp(sweep.align, axis=0).max()  # RoI Align changes as much, without a jump
        jumps += pool[pool > 0].tolist()
    assert len(jumps) > 4 and min(jumps) > 0.01


@pytest.mark.parametrize(("language", "edge"), [("en", "Move the top edge slowly"), ("zh", "慢慢移动上边界")])
def test_the_edge_that_the_last_step_names_makes_a_number_jump(language, edge):
    """From 2.70 down to 2.50 the top edge is rounded to 3; below to 2, and output ② falls from 0.96 to 0.75."""
    assert edge in text_in(language)("steps.roi_pool.result.sentence")
    at = {y1: trace(ANIMATION_MAP, (0.55, y1, 6.35, 7.4), ROI_POOL, 2).output for y1 in (2.7, 2.5, 2.49)}
    assert np.array_equal(at[2.5], at[2.7])
    assert (at[2.49] != at[2.7]).tolist() == [[False, True], [False, False]]
    assert (at[2.7][0, 1], at[2.49][0, 1]) == (0.96, 0.75)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_of_a_lecture_counts_the_questions_that_it_leaves_for_afterwards(language):
    asked = [part for part in ready_parts() if part.walk == "quiz"]
    assert len(STEPS) - 1 - sum(len(part.keys) for part in asked) == 15  # one of the steps is the score
    assert {"en": "The other fifteen questions", "zh": "其余的十五题"}[language] in asked[-1].said(language)


def test_the_side_that_the_plan_of_a_lecture_names_has_a_staircase():
    (part,) = (part for part in ready_parts() if part.walk == "sweep")
    assert "Drag the top side, y1, in the chart: a staircase" in part.said("en") and "上边界（y1）：阶梯" in part.said(
        "zh"
    )
    swept = sweep_of(Scenario(side="y1"), ROI_POOL, ROI_ALIGN)
    assert swept.first_jumps[swept.looked] == 2.5 and Scenario().side == "y1"


def test_the_first_rounding_says_where_the_end_cell_is_read_too():
    assert "+ 1 at x2, y2" in said(step(ROI_POOL, "snap"))
    assert "+ 1 at y2:" in said(step(replace(ROI_POOL, split=("overlap", "floor")), "snap"))
    assert "x2 再加 1" in said(step(replace(ROI_POOL, split=("floor", "overlap")), "snap"), "zh")
    on_the_grid = trace(ANIMATION_MAP, (1, 1, 5, 5), ROI_POOL, 2)
    assert on_the_grid.roi_used.tolist() == [1, 1, 6, 6] and consequence(on_the_grid)["iou"] == "0.64"  # 16 of 25 cells
    disjoint = replace(ROI_POOL, split="floor")
    assert step(disjoint, "snap").case == "apart" and "+ 1" not in " ".join(step(disjoint, "snap").formula)
    article = step(replace(ROI_POOL, split=("ceil", "floor")), "snap", (0, 3, 7, 8))
    assert article.case == "on_grid" and article.formula[2] == "x2: round(7.00) = 7"


def test_bins_of_fast_rcnn_overlap_only_where_the_cells_cannot_be_shared_out():
    assert step(ROI_POOL, "cells", (0, 0, 5, 5)).case == "whole"  # six cells to two bins
    assert step(ROI_POOL, "cells", (0, 0, 4, 4)).case == ""  # five


def test_the_second_fault_is_that_bins_differ_in_size():
    """The article's 5×7 region to 2×2: 9, 12, 6 and 8 cells, where equal parts would have 35 / 4 = 8.75."""
    article = step(replace(ROI_POOL, split=("ceil", "floor")), "cells", (0, 3, 7, 8))
    assert article.case == "uneven" and "9, 12, 6, 8 cells, where equal parts would have 8.75 each" in said(article)
    shared = step(ROI_POOL, "cells")  # 5×6 cells: the bins share the third row, so each has 3×3
    assert shared.case == "" and "The bins have 9, 9, 9, 9 cells, where equal parts would have 7.5 each" in said(shared)
    assert step(ROI_POOL, "cells", (0, 0, 5, 5)).case == "whole" and "same size" in said(
        step(ROI_POOL, "cells", (0, 0, 5, 5))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_bins_are_called_by_numbers_or_by_row_and_column(language):
    assert "②" in said(step(ROI_POOL, "max"), language) and "(0, 1)" not in said(step(ROI_POOL, "max"), language)
    assert "(0, 1)" in said(step(ROI_POOL, "max", numbered=False), language)
    words = {s.text: s.spots[0] for s in map_words(step(ROI_ALIGN, "bins").scene)}
    assert list(words) == ["①", "②", "③", "④"]
    for name, (x1, y1, x2, y2) in zip("①②③④", trace(ANIMATION_MAP, BOX, ROI_ALIGN, 2).bins.reshape(-1, 4), strict=True):
        assert x1 < words[name].x < x2 and y1 < words[name].y < y2  # in its own bin


def test_the_name_of_a_bin_hides_no_number_and_no_sample():
    for operator, key in ((ROI_POOL, "cells"), (ROI_ALIGN, "samples"), (ROI_ALIGN, "values")):
        strokes = [*map_strokes(step(operator, key).scene)]
        names = [stroke.box(1.0) for stroke in strokes if isinstance(stroke, Words) and role_of(stroke) == "name"]
        others = [cell.words for cell in strokes if isinstance(cell, Cell) and cell.words is not None]
        others += [stroke for stroke in strokes if isinstance(stroke, Words) and role_of(stroke) == "value"]
        places = [words.box(1.0) for words in others]
        for crosses in (stroke for stroke in strokes if isinstance(stroke, Crosses)):
            places += [(x, y, x, y) for x, y in zip(crosses.xs, crosses.ys, strict=True)]
        assert len(names) == 4
        for a, b, c, d in names:
            assert not any(x1 < c and x2 > a and y1 < d and y2 > b for x1, y1, x2, y2 in places), key


# ---- RoI Align ----------------------------------------------------------------------------------------------------


def test_legacy_is_half_a_cell_off_and_widens_a_side_of_0_4_to_1():
    t = trace(ANIMATION_MAP, (3, 3, 3.4, 6), ROI_ALIGN_LEGACY, 2)
    assert t.roi_used.tolist() == pytest.approx([3.5, 3.5, 4.5, 6.5])
    assert trace(ANIMATION_MAP, BOX, ROI_ALIGN_LEGACY, 2).roi_used == pytest.approx(np.array(BOX) + 0.5)
    widened = step(ROI_ALIGN_LEGACY, "project", (3, 3, 3.4, 6))
    assert widened.case == "widened" and "1.00 × 3.00 cells, where the [roi:box] has 0.40 × 3.00" in said(widened)
    assert step(ROI_ALIGN_LEGACY, "project").case == "legacy"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_called_dashed_are_the_lines_that_cut_a_bin_again(language):
    word = {"en": "dashed", "zh": "虚线"}[language]
    named = {key for key, sentence in text_in(language).entries.items() if word in sentence}
    assert named == {"steps.roi_align.samples.sentence", "steps.roi_align.samples.legacy"}
    assert step(ROI_ALIGN, "samples").case == "" and step(ROI_ALIGN, "samples", ratio=1).case == "one"


def test_the_two_operators_of_the_lesson_answer_all_five_questions_differently():
    assert {question for question, *_ in differences(ROI_POOL, ROI_ALIGN)} >= set(QUESTIONS)


# ---- legacy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_the_walk_says_that_legacy_reads_beside_the_box_and_so_do_its_files(language):
    says = {"en": "half a cell right and down", "zh": "偏右、偏下各半格"}[language]
    in_file = {"en": "legacy: ", "zh": "旧版："}[language] + says

    def said_at(key, origin):
        session = Session(language=language)
        assert not session.read_address({"origin": origin, "step": key}, "roi_align")
        on_screen = answer(session, {"page": "roi_align"})["still"]["panels"][0]["caption"]
        (panel,) = figure(Page("roi_align", session)).panels
        part = Part("roi_align", session.scenario_of("roi_align"), (key,))
        (sheet,) = sheets(Deck((part,), language=language))
        return says in on_screen, in_file in panel.output_caption, in_file in repr(sheet)

    for key in walk_keys("roi_align"):
        assert said_at(key, "legacy") == (True, True, True)
        assert said_at(key, "aligned") == (False, False, False)
    t = trace(ANIMATION_MAP, BOX, ROI_ALIGN_LEGACY, 2)
    assert (t.roi_used - t.roi).round(9).tolist() == [0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("roi_align", "RoI Align on both sides: the same answers to every question."),
        ("ps_roi_align", "RoI Align and PS RoI Align give the same answer in all six menus."),  # the channel differs
        ("roi_align_legacy_max", "Of the six answers they differ in:"),
    ],
)
def test_two_operators_are_called_the_same_only_where_they_are(right, words):
    session = Session()
    assert not session.read_address({"left": "roi_align", "right": right}, "family")
    assert words in answer(session, {"page": "family"})["still"]["sentence"]


@pytest.mark.parametrize(
    ("name", "words"), [("animation", "[neighbor:number] is the share"), ("random-32x32-1", "[neighbor:shading] of a")]
)
def test_a_share_is_called_a_number_only_where_one_is_written(name, words):
    session = Session()
    session.read_address({"map": name}, "gradients")
    scene = figure(Page("gradients", session)).panels[1].scene
    (cells,) = (mark for mark in scene.marks if mark.role == "gradient")
    assert bool(cells.labels) == ("number" in words)
    assert words in answer(session, {"page": "gradients"})["still"]["sentence"]


def test_one_edge_inside_a_cell_is_one():
    walk = {step.key: step for step in steps(trace(ANIMATION_MAP, (0.5, 3, 6, 8), ROI_POOL, 2))}
    step = walk["project"]
    assert "This edge falls inside a cell: x1." in text_in("en")(step.sentence_key, **step.values)
