"""The page about one point: four neighbours, each with an ink of its own, the closer look, and the surface below."""

import pytest
from playwright.sync_api import expect

from roialign_core import trace_point
from roialign_core.examples import ANIMATION_MAP
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import text_in
from roialign_lab.stage.answer import answer
from tests.test_browser import drag

INKS = ("q11", "q12", "q21", "q22")
NAMES = ("Q₁₁", "Q₁₂", "Q₂₁", "Q₂₂")
HUE = "node => getComputedStyle(node).getPropertyValue('--hue')"
PIN = "() => (({ y, x, text }) => [y[0], x[0], text[1]])(document.querySelector('.js-plotly-plot').data.at(-1))"


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
