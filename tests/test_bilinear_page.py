"""The page about one point: four neighbours, each with an ink of its own, the closer look, and the surface below."""

from itertools import combinations
from math import dist

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from roialign_core import trace_point
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Rects
from roialign_lab.figures.strokes import Cell, Spot, Words, map_strokes
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import text_in
from roialign_lab.stage.answer import answer
from tests.test_browser import drag

INKS = ("q11", "q12", "q21", "q22")
NAMES = ("Q₁₁", "Q₁₂", "Q₂₁", "Q₂₂")
HUE = "node => getComputedStyle(node).getPropertyValue('--hue')"
PIN = (  # undefined while the surface is drawn anew
    "() => [document.querySelector('.js-plotly-plot')?.data?.at(-1)]"
    ".map((pin) => pin && [pin.y[0], pin.x[0], pin.text[1]])[0]"
)


# ---- what the browser is sent -------------------------------------------------------------------------------------


def test_a_text_travels_with_its_own_ink_where_those_of_its_role_differ():
    payload = answer(Session(), {"page": "bilinear", "step": "areas", "point": [3.7, 4.2]})
    words = payload["panels"][1]["words"]
    assert words["corner"]["each"].split("\n") == [
        "Q₁₁|3.27 3.5 rc|q11",
        "Q₁₂|4.73 3.5 lc|q12",
        "Q₂₁|3.27 4.5 rc|q21",
        "Q₂₂|4.73 4.5 lc|q22",
    ]
    assert [line.split("|")[::2] for line in words["opposite"]["each"].split("\n")] == [["Q₁₁", "q11"], ["Q₁₂", "q12"]]
    assert all(line.count("|") == 1 for line in words["area"]["each"].split("\n"))
    assert payload["still"]["corners"] == NAMES and payload["still"]["placement"]["corner_dot"] == 0.055


def close_up_at(y, x, key="areas"):
    """The close-up of a step, and what is written on it, by name."""
    point = trace_point(ANIMATION_MAP, y, x)
    scene = next(step for step in point_steps(point) if step.key == key).scene.close_up
    return point, scene, {stroke.name: stroke for stroke in map_strokes(scene) if isinstance(stroke, Words)}


def test_beyond_the_last_centre_the_weights_stand_at_their_own_neighbours():
    """At x = 8.2 the rectangles have no width: 0.800 over the centre of Q₁₁, 0.200 under that of Q₂₁."""
    *_, words = close_up_at(3.7, 8.2)
    weights = {name: (text.text, text.spots) for name, text in words.items() if name.startswith("area")}
    assert weights == {
        "area-0-weight": ("0.800", (Spot(7.6, pytest.approx(3.36), "right", "bottom"),)),
        "area-2-weight": ("0.200", (Spot(7.6, pytest.approx(4.64), "right", "top"),)),
    }
    assert {name: text.spots[0].across for name, text in words.items() if name.startswith("corner")} == {
        "corner-Q₁₁": "right",  # away from the ×
        "corner-Q₂₁": "right",
    }


@settings(deadline=None, max_examples=200)
@given(st.floats(-1, 9).map(lambda at: round(at, 2)), st.floats(-1, 9).map(lambda at: round(at, 2)))
@example(1.25, 0.5)  # exactly above and below two centres
def test_a_weight_stands_on_its_area_or_nearest_to_its_own_neighbour(y, x):
    """Nothing that is written lies on the × or on anything else, and the × is in sight."""
    point, scene, words = close_up_at(y, x)
    x1, y1, x2, y2 = scene.extent
    assert x1 + 0.4 < x < x2 - 0.4 and y1 + 0.4 < y < y2 - 0.4 and x2 - x1 == pytest.approx(y2 - y1)
    boxes = {name: text.box(150) for name, text in words.items()} | {"×": (x - 0.1, y - 0.1, x + 0.1, y + 0.1)}
    for (name, (a, b, c, d)), (other, (e, f, g, h)) in combinations(boxes.items(), 2):
        assert c <= e + 1e-9 or g <= a + 1e-9 or d <= f + 1e-9 or h <= b + 1e-9, (name, other)
    areas = scene.find(Rects, "area")
    centres = [(column + 0.5, row + 0.5) for row, column in zip(point.neighbor_y, point.neighbor_x, strict=True)]
    for k, weight in enumerate(point.weights.tolist()):
        assert (f"area-{k}-weight" in words) == (f"{weight:.3f}" != "0.000")
        if f"area-{k}-weight" in words:
            left, top, right, bottom = boxes[f"area-{k}-weight"]
            at, (a, b, c, d) = ((left + right) / 2, (top + bottom) / 2), areas.boxes[k]
            nearest = min(centres, key=lambda centre: dist(centre, at))
            assert (a <= at[0] <= c and b <= at[1] <= d) or nearest == centres[k]
            others = [centre for centre in centres if centre != centres[k]]
            assert not [centre for centre in others if left < centre[0] < right and top < centre[1] < bottom]


@pytest.mark.parametrize("point", [(-1.0, 3.0), (3.7, 8.51), (9.0, 9.0)])
@pytest.mark.parametrize("key", ["neighbors", "edge"])
def test_a_point_without_neighbours_has_a_faint_close_up_that_says_so(key, point):
    _, scene, _ = close_up_at(*point, key)
    cells = [stroke for stroke in map_strokes(scene) if isinstance(stroke, Cell)]
    assert len(cells) == 4 and {round(cell.opacity, 3) for cell in cells} == {0.592}
    for language, says in (("en", "no neighbours"), ("zh", "没有邻点")):
        payload = answer(Session(language=language), {"page": "bilinear", "step": key, "point": [*point]})
        assert says in payload["panels"][1]["nothing_read"] and "nothing_read" not in payload["panels"][0]
    on_the_line = answer(Session(), {"page": "bilinear", "step": key, "point": [-0.5, 8.5]})
    assert "nothing_read" not in on_the_line["panels"][1]


# ---- on the screen ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_neighbour_its_rectangle_its_weight_and_its_bar_have_one_ink(visit, scheme):
    page = visit("Bilinear_interpolation?lang=en&step=areas", color_scheme=scheme)
    rows = page.locator("[data-testid=weights] .roi-weight")
    expect(rows.locator("b")).to_have_text(["Q₁₁ (3, 3)", "Q₁₂ (3, 4)", "Q₂₁ (4, 3)", "Q₂₂ (4, 4)"])
    weights = [f"{weight:.3f}" for weight in trace_point(ANIMATION_MAP, 3.7, 4.2).weights]
    expect(rows.locator("span:nth-child(3)")).to_have_text(weights)
    hues = [rows.nth(k).evaluate(HUE) for k in range(4)]
    assert len(set(hues)) == 4 and all(hues)
    closer = page.locator(".roi-loupe")
    for k, (name, ink) in enumerate(zip(NAMES, INKS, strict=True)):
        bar = rows.nth(k).locator("i i")
        assert bar.evaluate("node => getComputedStyle(node).backgroundColor") == bar.evaluate(
            "(node, hue) => { node.style.color = hue; return getComputedStyle(node).color }", hues[k]
        )
        for part in (f".roi-area rect.roi-{ink}", f".roi-neighbor g.roi-{ink} circle", f".roi-words.roi-{ink} text"):
            assert closer.locator(part).first.evaluate(HUE) == hues[k], (name, part)
        expect(closer.locator(f".roi-words.roi-{ink} text").first).to_have_text(name)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (1024, 768), (390, 844)])
def test_the_closer_look_is_larger_than_the_map_whose_numbers_can_be_read(visit, width, height):
    page = visit("Bilinear_interpolation?lang=en&step=areas", width=width, height=height)
    closer = page.locator(".roi-loupe svg.roi-map").bounding_box()
    whole = page.locator(".roi-panel:not(.roi-loupe) svg.roi-map").bounding_box()
    assert closer["width"] > whole["width"]
    assert width < 720 or closer["width"] >= 0.4 * width
    assert closer["y"] + closer["height"] <= height and closer["x"] >= 0
    letters = page.locator(".roi-panel:not(.roi-loupe) .roi-number text").first
    assert letters.evaluate("node => node.getBoundingClientRect().height") >= 11
    table = page.get_by_test_id("weights").bounding_box()
    assert (width, height) not in ((1280, 720), (1920, 1080)) or table["y"] + table["height"] <= height


def test_the_table_comes_with_the_step_that_explains_it(visit):
    page = visit("Bilinear_interpolation?lang=en&step=neighbors")
    expect(page.get_by_test_id("weights")).to_be_hidden()
    page.get_by_test_id("step-areas").click()
    expect(page.get_by_test_id("weights")).to_be_visible()


def test_the_closer_look_and_the_table_follow_a_drag_and_the_surface_its_end(visit):
    page = visit("Bilinear_interpolation?lang=en&step=areas")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)  # until it is opened: a stage that stands at once
    page.get_by_text(text_in("en")("surface.title")).click()
    page.locator(".js-plotly-plot .gl-container").first.wait_for(state="attached")
    assert page.evaluate(PIN) == [3.7, 4.2, "0.4350"]
    drag(page, "point-move", 80, -45)
    y, x = (float(page.get_by_test_id(f"point-{axis}").input_value()) for axis in "yx")
    assert (y, x) != (3.7, 4.2)
    point = trace_point(ANIMATION_MAP, y, x)
    shown = page.locator("[data-testid=weights] .roi-weight span:nth-child(3)")
    expect(shown).to_have_text([f"{weight:.3f}" for weight in point.weights])
    wanted = [y, x, f"{point.value:.4f}"]
    page.wait_for_function(f"wanted => String(({PIN})()) === String(wanted)", arg=wanted)
    left, top = point.neighbor_x[0] - 0.06, point.neighbor_y[0] - 0.06
    assert page.locator(".roi-loupe svg.roi-map").get_attribute("viewBox").startswith(f"{left * 100:g} {top * 100:g} ")


HELD = "() => document.querySelector('.roi-loupe svg.roi-map').getAttribute('viewBox')"


def test_the_point_is_dragged_in_the_closer_look_as_far_as_the_pointer_goes(visit):
    """130 pixels there are half a cell or so, not two; what it shows stays until the pointer is released."""
    page = visit("Bilinear_interpolation?lang=en&step=areas")
    closer = page.locator(".roi-loupe svg.roi-map").bounding_box()
    before, cell = page.evaluate(HELD), closer["width"] / 2.12
    handle = page.locator(".roi-loupe [data-grip=point]").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 9):
        page.mouse.move(x + 0.6 * cell * k / 8, y - 0.5 * cell * k / 8)
    expect(page.get_by_test_id("point-x")).to_have_value("4.8")
    expect(page.get_by_test_id("point-y")).to_have_value("3.2")
    shown = page.locator("[data-testid=weights] .roi-weight b")
    expect(shown).to_have_text(["Q₁₁ (2, 4)", "Q₁₂ (2, 5)", "Q₂₁ (3, 4)", "Q₂₂ (3, 5)"])
    assert page.evaluate(HELD) == before
    page.mouse.up()
    page.wait_for_function(f"before => ({HELD})() !== before", arg=before)
    assert page.evaluate(HELD).startswith("394 194 ")
    page.wait_for_url("**point=3.2%2C4.8**")


def test_the_closer_look_of_a_point_outside_says_that_nothing_is_read(visit):
    page = visit("Bilinear_interpolation?lang=en&step=edge&point=3.7,9")
    closer = page.locator(".roi-loupe")
    expect(closer.locator(".roi-caption")).to_have_text(text_in("en")("stage_for.loupe_outside"))
    opacity = "node => getComputedStyle(node).opacity"
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.roi-loupe [data-role=map]')).opacity === '0.4'"
    )
    assert page.locator(".roi-panel:not(.roi-loupe) [data-role=map]").evaluate(opacity) == "1"
    whole, cross = closer.locator("svg.roi-map").bounding_box(), closer.locator("[data-grip=point]").bounding_box()
    assert cross["x"] + cross["width"] <= whole["x"] + whole["width"]
    page.get_by_test_id("point-x").fill("7")
    expect(closer.locator(".roi-caption")).to_have_text(text_in("en")("stage_for.loupe"))
