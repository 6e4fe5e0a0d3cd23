"""What the sentences of the walks claim of scenarios drawn by chance and of the article's lesson, in both languages."""

import re
from dataclasses import replace

import numpy as np
import pytest

from roialign_core import ROI_POOL, trace, trace_point
from roialign_core.examples import ANIMATION_MAP
from roialign_core.operators import Aggregate, Split
from roialign_lab.export.deck import Deck, Part, sheets
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Arrow
from roialign_lab.figures.steps import steps
from roialign_lab.lesson.predict_step import verdict_of
from roialign_lab.lesson.scenario import SPLITS, STRIDES, Focus, Scenario, nearest_box, nearest_focus
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, plain, text_in
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure

ARTICLE = Scenario(map="animation", box=(0.0, 3.0, 7.0, 8.0), stride=1, split=(SPLITS[2], SPLITS[1]))
FALSE_PLURAL = re.compile(
    r"(?<![×–])(?<!, )\b1 (?:cells|points|bins|numbers|pixels|values|sample points)\b|\brows \d+(?![\d–]|, \d)"
    r"|\bcolumns \d+(?![\d–]|, \d)|\bare 1\b|\brow \d+–|\bcolumn \d+–|1×1 (?:of them|equal)"
)


def scenario_of(seed):
    """A scenario by chance; many boxes have whole sides, many outputs one number."""
    rng = np.random.default_rng(seed)
    options = {
        "map": str(rng.choice(["animation", "counting", "random-8x8-7", "matrix-1,-2,3;0.25,7,6;-3,4,5"])),
        "stride": int(rng.choice(STRIDES)),
        "output_size": tuple(int(k) for k in rng.integers(1, 4, 2)),
        "samples": int(rng.integers(0, 4)),
        "aligned": bool(rng.integers(2)),
        "aggregate": Aggregate.MAX if rng.integers(2) else Aggregate.MEAN,
        "split": tuple(SPLITS[k] for k in rng.integers(0, 3, 2)),
        "focus": Focus(*(int(k) for k in rng.integers(0, 3, 3))),
    }
    rows, columns = Scenario(**options).feature_map.shape
    grain = float(rng.choice([1.0, 2.0, 100.0]))
    xs, ys = (np.round(np.sort(rng.uniform(0, cells, 2)) * grain) / grain for cells in (columns, rows))
    point = np.round(rng.uniform(-1, 1 + np.array([rows, columns])) * grain) / grain
    return Scenario(
        **options, box=nearest_box((xs[0], ys[0], xs[1], ys[1]), (rows, columns)), point=tuple(point.tolist())
    )


SCENARIOS = [ARTICLE, *map(scenario_of, range(300))]


def said(step, language):
    return plain(text_in(language)(step.sentence_key, **step.values))


def said_by(walk):
    """The sentence of each step in English and in Chinese, by the key of the step."""
    return {step.key: [said(step, language) for language in LANGUAGES] for step in walk}


def claim(words, *phrases):
    """Does every language make the claim that has a phrase in each? True, False, or a fault where they differ."""
    found = [phrase in sentence for phrase, sentence in zip(phrases, words, strict=True)]
    assert len(set(found)) == 1, words
    return found[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_nouns_go_together(language):
    for scenario in SCENARIOS:
        walks = [steps(scenario.trace(operator), scenario.focus) for operator in (scenario.pool, scenario.align)]
        for step in (*walks[0], *walks[1], *point_steps(trace_point(scenario.feature_map, *scenario.point))):
            words = said(step, language)
            assert "{" not in words and "|" not in words and not FALSE_PLURAL.search(words), words


def test_what_the_walk_of_roi_pooling_claims_is_so():
    for scenario in SCENARIOS:
        trace = scenario.trace(scenario.pool)
        walk = steps(trace, scenario.focus)
        words = said_by(walk)
        snap = next(step for step in walk if step.key == "snap")
        whole = [side == round(side) for side in scenario.box]
        assert claim(words["map"], "×", "×") is (scenario.stride > 1)
        assert claim(words["project"], "Its edges fall inside cells", "都落在格子中间") is not any(whole)
        assert claim(words["project"], "every edge lies on a line", "每条边都正好在格线上") is all(whole)
        assert claim(words["snap"], "arrow", "箭头") is bool(snap.scene.all(Arrow))
        assert claim(words["split"], "bins", "等分后") is (scenario.output_size != (1, 1))
        x1, y1, x2, y2 = trace.bins_used[snap.scene.focus.row, snap.scene.focus.column]
        cells = int(max(x2 - x1, 0) * max(y2 - y1, 0))
        assert claim(words["max"], "only the largest counts", "只有最大的起作用") is (cells > 1)
        if cells > 1:
            assert ("The other leaves" in words["max"][0]) is (cells == 2)
        read = [
            {(y, x) for y in range(int(b), int(d)) for x in range(int(a), int(c))}
            for a, b, c, d in trace.bins_used.reshape(-1, 4)
        ]
        shared = sum(map(len, read)) > len(set().union(*read))
        if cells and len(read) > 1:
            assert claim(words["cells"], "bins may overlap", "子区域可以重叠") is shared
        if claim(words["cells"], "all bins have the same size", "各子区域一样大"):
            assert len({len(one) for one in read}) == 1
        if claim(words["cells"], "the bins differ in size", "子区域大小不一"):
            assert len({len(one) for one in read}) > 1
        if claim(words["cells"], "moves nothing here", "在这里没有移动任何东西"):
            assert not shared and (trace.bins == np.round(trace.bins)).all()
        if claim(words["cells"], "beyond the map", "伸出了特征图"):
            rows, columns = trace.feature_map.shape
            assert trace.roi_used[2] > columns or trace.roi_used[3] > rows


def test_bins_of_whole_cells_are_not_moved():
    """0 to 5, the end cell too: 6 cells in two bins of 3. 0 to 8: 9 cells in three bins, of which the map has 8."""
    for box, bins, case, sizes in (((0.0, 0.0, 5.0, 5.0), 2, "whole", None), ((0.0, 0.0, 8.0, 8.0), 3, "cut", "4–9")):
        scenario = Scenario(map="animation", box=box, output_size=(bins, bins))
        step = next(step for step in steps(scenario.trace(scenario.pool)) if step.key == "cells")
        assert step.case == case
        assert sizes is None or f"the bins have {sizes} cells, where equal parts would have 9 each" in said(step, "en")


def test_bins_that_the_end_of_the_map_cuts_are_not_called_a_fault_of_rounding():
    """Rows 7 and 8, of which the map has 7; columns 1 to 3 as 2 + 1; and the same a row higher."""
    operator = replace(ROI_POOL, split=(Split.OVERLAP, Split.CEIL))
    for box, case, sizes in (((1, 7, 4, 8), "beyond", "2, 1, 0, 0"), ((1, 6, 4, 7), "uneven", "2, 1, 2, 1")):
        (step,) = (one for one in steps(trace(ANIMATION_MAP, box, operator, 2)) if one.key == "cells")
        assert step.case == case
        words = [said(step, language) for language in LANGUAGES]
        assert claim(words, "the second fault", "第二个缺陷") is (case == "uneven")
        assert f"{sizes} cells, where equal parts would have 1.5 each" in said(step, "en")


def test_several_things_are_listed_as_the_language_lists_them():
    scenario = Scenario(map="animation", box=(0.5, 3.25, 6.0, 8.0))
    walk = {step.key: step for step in steps(scenario.trace(scenario.pool))}
    assert "These edges fall inside cells: x1, y1. Most edges do." in said(walk["project"], "en")
    assert "x1、y1" in said(walk["project"], "zh") and "x2、y2" in said(walk["snap"], "zh")


@pytest.mark.parametrize(
    ("side", "words"), [("y1", "Each step of the staircase"), ("x2", "every line of RoI Pooling is flat")]
)
def test_the_figure_of_the_error_page_speaks_of_steps_where_there_are_some(side, words):
    page = Page("quantization", Session("en"))
    page.session.scenario = Scenario(side=side)
    assert words in figure(page).caption


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_prediction_is_told_has_its_plurals(language):
    for scenario in SCENARIOS:
        for operator, question, places in (
            (scenario.pool, "max", [(-1.0, -1.0)]),
            (scenario.pool, "max", None),
            (scenario.align, "neighbors", [(-1.0, -1.0)]),
        ):
            trace, focus = scenario.trace(operator), nearest_focus(scenario.focus, scenario.trace(operator))
            mine = trace.points_of(focus.row, focus.column)
            if len(mine.y):
                best = int(np.argmax(mine.value))
                told = verdict_of(trace, question, focus, places or [(mine.y[best], mine.x[best])])
                words = " ".join(text_in(language)(f"predict.{key}", **told.values, bin="①") for key in told.keys)
                assert not FALSE_PLURAL.search(words), words


def test_what_the_walk_of_roi_align_claims_is_so():
    for scenario in SCENARIOS:
        trace = scenario.trace(scenario.align)
        walk = steps(trace, scenario.focus)
        words, focus = said_by(walk), walk[0].scene.focus
        count = trace.grid[0] * trace.grid[1]
        assert claim(words["bins"], "equal bins", "等分成") is (scenario.output_size != (1, 1))
        assert claim(words["samples"], "Cut each bin again", "再等分成") is (count > 1)
        assert claim(words["join"], "Join the values", "聚合成一个") is (count > 1)
        k = trace.samples_of(focus.row, focus.column)[focus.sample]
        weighs = int((trace.weights[k] > 1e-9).sum())
        inside = all(
            0.5 <= at <= cells - 0.5
            for at, cells in zip((trace.sample_y[k], trace.sample_x[k]), trace.feature_map.shape, strict=True)
        )
        assert claim(words["neighbors"], "between four cell centres", "在四个格子的中心之间") is (
            inside and weighs == 4
        )
        assert claim(words["neighbors"], "straight between two", "连线上") is (inside and weighs == 2)
        assert claim(words["neighbors"], "on the centre of a cell", "正好在一个格子的中心") is (inside and weighs == 1)
        assert claim(words["neighbors"], "the border repeats", "沿用边缘的值") is (not inside and weighs > 0)
        assert claim(words["neighbors"], "it reads 0", "读到的是 0") is (weighs == 0)


def test_what_the_walk_of_a_point_claims_is_so():
    for scenario in SCENARIOS:
        point = trace_point(scenario.feature_map, *scenario.point)
        words = said_by(point_steps(point))
        weighs = int((point.weights > 1e-9).sum())
        rows, columns = point.feature_map.shape
        between = 0 <= point.index_y <= rows - 1 and 0 <= point.index_x <= columns - 1
        assert claim(words["neighbors"], "between four cell centres", "在四个格子的中心之间") is (
            between and weighs == 4
        )
        assert claim(words["neighbors"], "straight between two", "连线上") is (between and weighs == 2)
        for key in ("neighbors", "areas", "lerp_x"):
            assert claim(words[key], "the border repeats", "沿用边缘的值") is (point.inside and not between)


def test_the_chart_of_a_sweep_has_a_staircase_where_its_slide_says_so():
    flat = Scenario(map="matrix-1,1,1;1,1,1;1,1,1", box=(0.2, 0.3, 2.0, 2.4), side="y1")
    for scenario, stairs, still in [
        (Scenario(box=(0.55, 2.7, 6.35, 7.4), side="y1"), True, False),
        (Scenario(box=(0.55, 2.7, 6.35, 7.4), side="x2"), False, False),
        (flat, False, True),
        (
            Scenario(map="matrix-1,2,3;1,2,3;1,2,3", box=(0.2, 0.3, 2.0, 2.4), side="y1"),
            False,
            True,
        ),  # but for the last bit
    ]:
        words = [sheets(Deck((Part("sweep", scenario),), language=language))[0].caption for language in LANGUAGES]
        assert claim(words, "staircase", "阶梯") is stairs
        assert claim(words, "its × move along", "它的 × 跟着移动") is not still


def test_the_article_is_told_as_it_is():
    """The article's lesson: a whole box of 5×7 cells, no + 1, so no arrow; 3 + 2 and 3 + 4; the maximum of four."""
    words = said_by(steps(ARTICLE.trace(ARTICLE.pool), Focus(0, 0, 0)))
    assert words["project"][0].endswith("usually edges fall inside cells.")
    assert words["map"][0].endswith("The stride is 1: a cell of the map is one pixel.")
    assert "arrow" not in words["snap"][0] and "moves nothing here" in words["snap"][0]
    assert "Bin ① reads rows 3–5, columns 0–2." in words["cells"][0]
    align = said_by(steps(Scenario(box=(0.0, 3.0, 7.0, 8.0), samples=1).trace(ARTICLE.align), Focus(0, 0, 0)))
    assert align["values"][0].endswith("Bin ① has one.") and align["join"][0].startswith("Bin ① has one value")
