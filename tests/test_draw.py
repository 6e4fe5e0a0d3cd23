"""Figures for slides: the geometry of what is drawn is the scene's, and the numbers can be read back."""

import struct
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from figures import Focus, draw, point_steps, steps
from figures.draw import FORMATS, plain, save
from figures.style import cell_color, contrast, luminance, number_color
from roialign_core import ROI_ALIGN, ROI_POOL, trace, trace_point
from roialign_core.examples import ANIMATION_MAP, random_map

BOX = (8.8, 43.2, 101.6, 118.4)


def walk(operator, **options):
    return {step.key: step for step in steps(trace(ANIMATION_MAP, BOX, operator, 2, 1 / 16), Focus(0, 1, 2), **options)}


def rectangles(figure):
    return [
        tuple(np.round([p.get_x(), p.get_y(), p.get_width(), p.get_height()], 2))
        for p in figure.axes[0].patches
        if isinstance(p, Rectangle)
    ]


def test_a_figure_is_16_to_9():
    width, height = draw(walk(ROI_ALIGN)["map"]).get_size_inches()
    assert width / height == pytest.approx(16 / 9)


def test_boxes_are_drawn_where_they_are():
    snap = rectangles(draw(walk(ROI_POOL)["snap"]))
    assert (0.55, 2.7, 5.8, 4.7) in snap and (1, 3, 6, 5) in snap
    assert (1, 3, 6, 5) not in rectangles(draw(walk(ROI_POOL)["map"]))


def test_a_cross_in_the_centre_of_every_part_with_a_white_halo():
    step = walk(ROI_ALIGN)["samples"]
    crosses = [a for a in draw(step).axes[0].lines if isinstance(a, Line2D) and a.get_marker() == "x"]
    assert [line.get_color() for line in crosses] == ["#ffffff", "#dc143c"]
    for line in crosses:
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([step.scene.samples.x, step.scene.samples.y]))


def test_the_area_of_a_neighbours_disc_is_a_quarter_cell_times_its_weight():
    step = walk(ROI_ALIGN)["neighbors"]
    discs = [p for p in draw(step).axes[0].patches if hasattr(p, "radius")]
    _, _, chosen = step.scene.focused()
    np.testing.assert_allclose([np.pi * d.radius**2 for d in discs], step.scene.samples.weights[chosen] / 4)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_are_legible_on_every_cell(theme):
    for level in np.linspace(0, 1, 101):
        ratio = contrast(luminance(cell_color(level, theme)), luminance(number_color(level, theme)))
        assert ratio >= 4.0, (theme, level)


def svg_text(svg: bytes) -> list[str]:
    return [
        "".join(node.itertext()).strip() for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")
    ]


def test_the_numbers_in_the_svg_are_the_traces():
    step = walk(ROI_ALIGN)["join"]
    words = svg_text(save(draw(step, title="RoI Align", caption="This [sample:×] is read."), "svg"))
    for value in ("0.5299", "0.4182", "0.3281", "0.4994", "0.491", "0.729", "0.360", "0.092", "0.88", "0.91"):
        assert value in words
    assert "RoI Align" in words and "This × is read." in words


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_in_every_format_twice_the_same(kind, theme):
    every = [*walk(ROI_POOL).values(), *walk(ROI_ALIGN).values(), *point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2))]
    for step in every[:: 1 if kind == "svg" and theme == "light" else 6]:
        first, second = (save(draw(step, title=step.key, theme=theme), kind) for _ in range(2))
        assert first == second
        if kind == "png":
            assert struct.unpack(">II", first[16:24]) == (1920, 1080)
        else:
            assert first.startswith({"svg": b"<?xml", "pdf": b"%PDF-"}[kind])


def test_a_large_map_is_drawn_without_numbers():
    step = steps(trace(random_map(32, 32, 1), (3, 3, 20, 20), ROI_ALIGN, 7, sampling_ratio=4))[3]
    assert "0.04" not in svg_text(save(draw(step), "svg"))


def test_role_marks_are_for_the_screen():
    assert plain("A [asked:box] and a [sample:×].") == "A box and a ×."
