"""The opening of the home page: what RoI Pooling loses of a face, and what half a cell does to both operators."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from roialign_core import ROI_ALIGN, ROI_POOL, trace
from roialign_core.examples import ANIMATION_MAP
from roialign_core.sweep import sweep
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.stage.answer import answer
from roialign_lab.stage.stakes import FACE, FACE_PICTURE, FACE_SHOWN, STRIDE, outside, stakes
from tests.conftest import box_of

START = (0.55, 2.7, 6.35, 7.4)


def test_the_region_of_the_face_is_what_a_trace_reads():
    """49 px is 1.53 cells and goes to 2; 263 px is 8.22, goes to 8, and that cell is read too."""
    read = trace(np.zeros((12, 10)), FACE, ROI_POOL, 1, 1 / STRIDE).roi_used * STRIDE
    assert stakes().read == tuple(read) == (64, 64, 288, 352)
    shared = (263 - 64) * (321 - 64)
    assert stakes().lost == pytest.approx(1 - shared / (214 * 272))
    assert stakes().foreign == pytest.approx(1 - shared / (224 * 288))


def test_what_lies_outside_is_cut_into_strips_that_do_not_overlap():
    rng = np.random.default_rng(3)
    for _ in range(200):
        a, b = np.sort(rng.integers(0, 9, (2, 2, 2)), axis=1).reshape(2, 4).astype(float)
        strips = outside(a, b)
        covered = np.zeros((9, 9), int)
        for x1, y1, x2, y2 in np.array(strips).reshape(-1, 4).astype(int):
            covered[y1:y2, x1:x2] += 1
        wanted = np.zeros((9, 9), int)
        (x1, y1, x2, y2), (c1, d1, c2, d2) = a.astype(int), b.astype(int)
        wanted[y1:y2, x1:x2] = 1
        wanted[d1:d2, c1:c2] = 0
        assert np.array_equal(covered, wanted)


def test_the_picture_of_the_face_has_the_shape_of_the_part_that_it_shows():
    (x1, y1, x2, y2), (width, height) = FACE_SHOWN, Image.open(FACE_PICTURE).size
    assert width / height == pytest.approx((x2 - x1) / (y2 - y1), abs=0.005)


def nudged(session, side, start, **event):
    return answer(session, {"page": "home", "nudged": {"side": side, "from": start}, **event})


def test_a_nudge_tells_the_largest_jump_and_the_largest_step():
    """y1 from 2.7 to 2.2: below 2.5 it is rounded to 2, and a bin that read rows 3–5 reads rows 2–4."""
    boxes = np.tile(START, (51, 1))
    boxes[:, 1] = np.linspace(2.7, 2.2, 51)
    pool, align = (sweep(ANIMATION_MAP, boxes * 16, operator, 2, 1 / 16) for operator in (ROI_POOL, ROI_ALIGN))
    assert pool[-1, 0, 1] - pool[0, 0, 1] == pytest.approx(-0.21)
    trail = nudged(Session(), "y1", 2.7, box=[0.55, 2.2, 6.35, 7.4])["trail"]
    assert trail["before"] == ["0.8400 0.9600 0.9700 0.9600", "0.5299 0.4182 0.3281 0.4994"]
    assert "output ② jumps by [read:-0.21] at one instant, at y1 = 2.49." in trail["sentence"]
    assert f"by more than [roi:{np.abs(np.diff(align, axis=0)).max():.4f}] in a step of 0.01 cell" in trail["sentence"]
    assert f"output ② changes by [roi:{align[-1, 0, 1] - align[0, 0, 1]:+.4f}] in all" in trail["sentence"]
    assert (trail["looked"], trail["chart"]["positions"], trail["chart"]["across"]) == (1, 51, [2.2, 2.7])


def test_a_nudge_that_rounding_swallows_changes_no_number_of_roi_pooling():
    trail = nudged(Session(), "x2", 6.35, box=[0.55, 2.7, 6.85, 7.4])["trail"]
    assert "[read:RoI Pooling]: not one number changed." in trail["sentence"]
    assert "output ④ changes by [roi:+0.0756] in all" in trail["sentence"]


def test_a_nudge_speaks_of_one_output_where_only_that_one_is_reckoned():
    """With 8×8 outputs 29 of RoI Pooling change when y1 goes from 2.7 to 2.2; (7, 7) is not one of them."""
    session = Session()
    session.read_address({"out": "8"}, "home")
    boxes = [tuple(16 * side for side in (0.55, y1, 6.35, 7.4)) for y1 in (2.7, 2.2)]
    before, after = (trace(ANIMATION_MAP, box, ROI_POOL, 8, 1 / 16).output for box in boxes)
    assert np.count_nonzero(before != after) == 29 and before[7, 7] == after[7, 7]
    trail = nudged(session, "y1", 2.7, box=[0.55, 2.2, 6.35, 7.4], focus={"row": 7, "column": 7, "sample": 0})["trail"]
    assert "Output (7, 7) alone: [read:RoI Pooling] did not change; [roi:RoI Align] changes by" in trail["sentence"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", ["map=corner&box=0,0.5,2,2", "out=14&bin=3,2,1", "samples=0", "map=photo-4-bright"])
def test_a_nudge_is_told_in_words_for_any_scene(language, scene):
    session = Session(language=language)
    session.read_address(dict(pair.split("=") for pair in scene.split("&")), "home")
    x1, y1, x2, y2 = session.scenario.box
    trail = nudged(session, "y1", y1, box=[x1, y1 + 0.5, x2, y2])["trail"]
    assert "{" not in trail["sentence"] and len(trail["before"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [None, "y1", {"side": "y1"}, {"side": "q", "from": 1}, {"side": "y1", "from": "2"}, {"side": "y1", "from": 9}],
)
def test_a_nudge_that_is_none_leaves_no_trail(wrong):
    assert "trail" not in answer(Session(), {"page": "home", "nudged": wrong})
    assert "trail" not in answer(Session(), {"page": "roi_align", "nudged": {"side": "y1", "from": 2.2}})


def test_the_home_page_opens_with_the_face_and_the_question(visit):
    for language, scheme, words in (
        ("en", "light", ["Whose pixels did RoI Pooling lose?", "region of interest"]),
        ("zh", "dark", ["RoI Pooling 丢掉了谁的像素？", "感兴趣区域"]),
    ):
        page = visit(f"?lang={language}", color_scheme=scheme)
        card, at = page.get_by_test_id("stakes"), page.get_by_test_id("stakes").bounding_box()
        for each in words:
            expect(card).to_contain_text(each)
        expect(card).to_contain_text("12%")
        assert at["y"] + at["height"] <= 720, "seen without scrolling, and so are both maps and the nudge:"
        for part in (page.get_by_test_id("map-7-7").last, page.get_by_test_id("nudge")):
            box = part.bounding_box()
            assert box["y"] + box["height"] <= 720
    assert visit("?lang=en&hide=notes").get_by_test_id("stakes").count() == 0


def test_a_nudge_leaves_a_trail_with_the_cores_difference(visit):
    page = visit("?lang=en")
    before = trace(ANIMATION_MAP, [16 * side for side in START], ROI_ALIGN, 2, 1 / 16).output[0, 1]
    page.get_by_test_id("nudge").click()
    trail = page.get_by_test_id("trail")
    expect(trail).to_contain_text("RoI Pooling: output ② jumps by -0.21 at one instant, at y1 = 2.49.")
    expect(trail).to_contain_text("RoI Align: no output changes by more than 0.0014 in a step of 0.01 cell; output ②")
    expect(trail).to_contain_text("output ② changes by +0.0699 in all.")
    assert box_of(page) == (0.55, 2.2, 6.35, 7.4)
    expect(page).to_have_url(re.compile(r"box=0\.55(,|%2C)2\.2(,|%2C)"))
    ghost = page.get_by_test_id("output-0-1").last
    expect(ghost).to_have_attribute("data-before", f"before: {before:.4f}")
    expect(page.get_by_test_id("output-0-0").first).not_to_have_attribute("data-before", re.compile("."))  # as before
    assert page.locator(".roi-nudge path.roi-looked").count() == 2
    page.get_by_test_id("nudge").click()  # back
    expect(trail).to_contain_text("y1 from 2.20 to 2.70. RoI Pooling: output ② jumps by +0.21")
    assert box_of(page) == START
    page.get_by_test_id("box-x1").fill("1")  # another box: the trail is gone
    expect(trail).to_have_text("Move one side by half a cell, and compare what the two operators say.")
    expect(ghost).not_to_have_attribute("data-before", re.compile("."))
