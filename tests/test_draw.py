"""Figures for slides: the geometry of what is drawn is the scene's, and the numbers can be read back."""

import io
import re
import struct
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from roialign_core import ROI_ALIGN, ROI_POOL, trace, trace_point
from roialign_core.examples import ANIMATION_MAP, random_map
from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.draw import draw, draw_sheet, draw_sweep, save
from roialign_lab.export.fonts import FOLDER
from roialign_lab.export.layout import Place, arranged
from roialign_lab.export.painter import painted
from roialign_lab.export.plate import plate_of
from roialign_lab.export.svg import preview, svg
from roialign_lab.export.tikz import tikz
from roialign_lab.figures.formats import FORMATS
from roialign_lab.figures.hatch import clear_of, hatch
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Arrow
from roialign_lab.figures.steps import steps
from roialign_lab.figures.strokes import Cell, Crosses, Disc, Frame, Words, map_strokes
from roialign_lab.figures.style import CORNER_INKS, DECK_THEMES, cell_color, contrast, ink, luminance, number_color
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.text import plain, text_in

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


def test_the_area_of_a_neighbours_disc_follows_its_weight():
    step = walk(ROI_ALIGN)["neighbors"]
    discs = [p for p in draw(step).axes[0].patches if hasattr(p, "radius")]
    _, _, chosen = step.scene.focused()
    np.testing.assert_allclose([np.pi * d.radius**2 for d in discs], 0.35**2 * step.scene.samples.weights[chosen])


@pytest.mark.parametrize("theme", DECK_THEMES)
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
    for value in ("0.5299", "0.4182", "0.3281", "0.4994", "0.491", "0.729", "0.360", "0.092"):
        assert value in words
    assert "0.88" not in words and {"0.88", "0.91"} <= set(svg_text(save(draw(walk(ROI_ALIGN)["neighbors"]), "svg")))
    assert "RoI Align" in words and "This × is read." in words


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("theme", DECK_THEMES)
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
    assert plain("A [roi:box] and a [sample:×].") == "A box and a ×."


def test_every_character_of_the_words_is_in_the_fonts_that_come_along():
    ours = set(FT2Font(str(FOLDER / "LabSansSC-Regular.ttf")).get_charmap())
    bold = set(FT2Font(str(FOLDER / "LabSansSC-Bold.ttf")).get_charmap())
    for language in ("en", "zh"):
        words = {ord(c) for sentence in text_in(language).entries.values() for c in sentence if c != "\n"}
        assert not {chr(c) for c in words - ours}  # none is DejaVu Sans's: half a second in a PDF
        assert not {chr(c) for c in words - bold if c > 0x2E80}  # a title is of one weight


def test_the_fonts_may_be_given_away():
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "Bitstream Vera Fonts Copyright" in (FOLDER / "DEJAVU.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ttf")) < 1_500_000


def simulated(color, kind):
    """The colour as a person without one kind of cone sees it, in CIE Lab (Machado, Oliveira and Fernandes 2009)."""
    missing = {
        "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }[kind]
    channels = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(missing) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ seen / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", ["none", "protan", "deutan", "tritan"])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_roles_are_told_apart_without_one_kind_of_cone(theme, kind):
    for role, other in combinations(("roi", "read", "sample", "neighbor"), 2):
        distance = np.linalg.norm(simulated(ink(role, theme), kind) - simulated(ink(other, theme), kind))
        assert distance >= 15, (role, other, distance)


def patterns_of(axes):
    """The lines of each pattern, by its name."""
    return {lines.get_gid(): lines.get_segments() for lines in axes.collections if "-pattern" in str(lines.get_gid())}


def slopes_of(lines):
    """Which ways the lines of a pattern go: 1 down to the right, -1 up to the right, 0 dots."""
    return {round(float((b[1] - a[1]) / (b[0] - a[0]))) for a, b in lines}


def test_print_has_no_colour_and_tells_roles_by_pattern():
    names = ("paper", "text", "quiet", "low", "high", "roi", "read", "sample", "neighbor", "rule")
    assert all(len({ink(name, "print")[k : k + 2] for k in (1, 3, 5)}) == 1 for name in names)
    patterns = patterns_of(draw(walk(ROI_POOL)["cells"], theme="print").axes[0])
    assert {name: slopes_of(lines) for name, lines in patterns.items()} == {
        **{f"bin-{k}-pattern": {0} for k in range(4)},  # dots
        "focus-0-pattern": {-1},  # rising lines, y goes down
    }
    assert not patterns_of(draw(walk(ROI_POOL)["cells"]).axes[0])


@pytest.mark.parametrize("theme", ["contrast", "print"])
def test_roles_stand_out_on_every_cell_where_contrast_is_high(theme):
    for name in ("roi", "read", "sample", "neighbor"):
        on_cells = [contrast(luminance(ink(name, theme)), luminance(cell_color(level, theme))) for level in (0, 0.5, 1)]
        assert min(on_cells) >= 3.8, name


@pytest.mark.parametrize("kind", ["none", "protan", "deutan", "tritan"])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_four_neighbours_of_a_point_are_told_apart_without_one_kind_of_cone(theme, kind):
    seen = {name: simulated(ink(name, theme), kind) for name in (*CORNER_INKS, "sample")}
    for one, other in combinations(seen, 2):
        least = 10 if other == "sample" else 20  # the × has its own shape
        assert np.linalg.norm(seen[one] - seen[other]) >= least, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_four_neighbours_of_a_point_stand_out_on_every_cell(theme):
    """No ink has 3 : 1 on a pale and on a dark cell: each line is on a wider one in the colour of the page."""
    for name in CORNER_INKS:
        for ground in ("paper", "card"):
            assert contrast(luminance(ink(name, theme)), luminance(ink(ground, theme))) >= 4.5, (name, ground)
    scene = next(step for step in point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2)) if step.key == "neighbors").scene
    frames = {s.name: s for s in map_strokes(scene) if isinstance(s, Frame) and s.name.startswith("neighbor")}
    for k, name in enumerate(CORNER_INKS):
        line, halo = frames[f"neighbor-{k}"], frames[f"neighbor-{k}-halo"]
        assert (line.color, halo.color, halo.box) == (name, "paper", line.box)
        assert halo.width.at(40) - line.width.at(40) >= 2  # points


def test_a_neighbour_and_the_rectangle_opposite_to_it_have_one_ink():
    """The × at (3.7, 4.2) among the centres (3.5, 3.5) … (4.5, 4.5): Q₁₁, upper left, has the lower right rectangle."""
    scene = next(step for step in point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2)) if step.key == "areas").scene
    drawn = {stroke.name: stroke for stroke in map_strokes(scene.close_up)}
    expected = {
        "Q₁₁": ("q11", (3.5, 3.5), (4.2, 3.7, 4.5, 4.5), "0.240"),
        "Q₁₂": ("q12", (4.5, 3.5), (3.5, 3.7, 4.2, 4.5), "0.560"),
        "Q₂₁": ("q21", (3.5, 4.5), (4.2, 3.5, 4.5, 3.7), "0.060"),
        "Q₂₂": ("q22", (4.5, 4.5), (3.5, 3.5, 4.2, 3.7), "0.140"),
    }
    for k, (corner, (color, centre, box, weight)) in enumerate(expected.items()):
        dot, area = drawn[f"neighbor-{k}-dot"], drawn[f"area-{k}"]
        assert ((dot.x, dot.y), dot.color) == (centre, color)
        assert area.box == pytest.approx(box) and area.color == color
        assert drawn[f"area-{k}-weight"].text == weight
        assert drawn[f"corner-{corner}"].color == color
    names = {name: words.text for name, words in drawn.items() if name.startswith("opposite")}
    assert names == {"opposite-0": "Q₁₁", "opposite-1": "Q₁₂"}  # where there is room
    assert [drawn[name].color for name in names] == ["q11", "q12"]


def test_in_print_each_rectangle_has_a_pattern_of_its_own():
    step = next(step for step in point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2)) if step.key == "areas")
    patterns = patterns_of(draw(step, theme="print").axes[1])
    assert {name: slopes_of(lines) for name, lines in patterns.items()} == {
        "area-0-pattern": {-1, 1},  # crossing, falling, rising lines and dots
        "area-1-pattern": {1},
        "area-2-pattern": {-1},
        "area-3-pattern": {0},
    }


def test_in_print_more_of_a_gradient_is_a_darker_grey():
    """On a map of 16×16, which has no numbers. The weakest tint has 0.15 + 0.85 · 1/20 of the ink #4a4a4a, on paper
    255 - 0.1925 · 181 = 220; of 3/20 there are four cells of four numbers of the map, all 205; all of it is 74."""
    fine = Scenario(map="random-16x16-3", box=(2.0, 3.0, 11.0, 12.0))
    (sheet,) = sheets(Deck((Part("gradients", fine),), theme="print"))
    greys = {(8, 5): 220, (8, 4): 205, (7, 5): 205, (9, 5): 205, (8, 6): 205, (7, 6): 74, (12, 2): 255}
    layout = arranged(sheet)
    drawing = next(drawing for drawing in layout.drawings if drawing.name == "map-2")  # RoI Align's
    figure = Image.open(io.BytesIO(save(draw_sheet(sheet), "png")))
    frame = Image.fromarray(painted(layout, "print", "en", 144))
    for picture in (figure, frame):
        for (x, y), grey in greys.items():
            left, top = drawing.at.x + (x - drawing.extent[0]) * drawing.cell, drawing.at.y
            top += (y - drawing.extent[1]) * drawing.cell
            box = [round(144 * side) for side in (left, top, left + drawing.cell, top + drawing.cell)]
            pixels = np.asarray(picture.convert("RGB").crop(box))[4:-4, 4:-4].reshape(-1, 3)  # the dots of the bin, too
            usual = Counter(map(tuple, pixels.tolist())).most_common(1)[0][0]
            assert usual == pytest.approx((grey, grey, grey), abs=1), (x, y)  # 204.8 may be cut off
    assert {'fill="#4a4a4a" fill-opacity="0.19"', 'fill="#4a4a4a" fill-opacity="1.00"'} <= set(
        re.findall(r'fill="#4a4a4a" fill-opacity="[^"]*"', svg(sheet))
    )
    assert {"0.19", "1"} <= set(
        re.findall(r"\\fill\[labneighbor, opacity=([\d.]+)\]", tikz(plate_of(sheet, 12, 9), "print", ""))
    )
    assert "colour" not in sheet.caption and "The stronger the shading" in sheet.caption


@pytest.mark.parametrize(("theme", "dashed"), [("light", False), ("print", True)])
def test_the_legend_of_a_sweep_says_whose_lines_are_dashed(theme, dashed):
    """Both operators are black in print: a piece of the line of each stands before its name, also in a narrow place."""
    (sheet,) = sheets(Deck((Part("sweep"),), theme=theme))
    figure = draw_sweep(sheet.sweep, theme, Place(0, 0, 2.8, 5))
    (words,) = (text for text in figure.texts if text.get_text() == "RoI Align")
    pieces = {line.get_gid(): line for line in figure.get_children() if isinstance(line, Line2D)}
    styles = {name: line.get_linestyle() for name, line in pieces.items()}
    assert styles == {"pool-legend": "-", "align-legend": "--" if dashed else "-"}
    of_align = [line for line in figure.axes[0].get_lines() if str(line.get_gid()).startswith("align")]
    assert [line.get_linestyle() for line in of_align] == [styles["align-legend"]] * 4
    assert max(pieces["align-legend"].get_xdata()) < words.get_position()[0]
    assert words.get_window_extent(FigureCanvasAgg(figure).get_renderer()).x1 <= figure.bbox.x1
    drawn = {paint: re.findall(r"<polyline[^>]*>", paint(sheet)) for paint in (svg, preview)}
    for lines in drawn.values():  # four outputs of RoI Pooling, then four of RoI Align
        assert ["stroke-dasharray" in line for line in lines] == [False] * 4 + [dashed] * 4
    before = re.search(
        r"(<path[^>]*>)<text[^>]*>RoI Pooling</text>(<path[^>]*>)<text[^>]*>RoI Align</text>", svg(sheet)
    )
    assert ["stroke-dasharray" in piece for piece in before.groups()] == [False, dashed]


def test_a_pattern_keeps_clear_of_every_number_and_cross():
    """A tint that a copier can copy: between dots or lines one reads the digits as on white."""
    seen = (walk(ROI_POOL)["cells"], 61), (walk(ROI_ALIGN)["samples"], 61), (walk(ROI_ALIGN)["values"], 36)
    for step, least in seen:
        strokes, cell = [*map_strokes(step.scene)], 45.0
        clear = clear_of(strokes, cell)
        assert len(clear) >= least
        for stroke in strokes:
            if isinstance(stroke, Frame) and stroke.filled:
                for x0, y0, x1, y1 in hatch(stroke, "print", cell, clear):
                    x, y = (x0 + x1) / 2, (y0 + y1) / 2
                    assert not any(a < x < c and b < y < d for a, b, c, d in clear)
                    left, top, right, bottom = stroke.box
                    assert left <= x0 <= x1 <= right and top <= min(y0, y1) <= max(y0, y1) <= bottom


def words_of(strokes):
    return {stroke.name: stroke for stroke in strokes if isinstance(stroke, Words)}


@pytest.mark.parametrize("box", [BOX, (0, 0, 127, 127), (9, 9, 120, 120)])
def test_the_length_of_an_arrow_stands_beside_it(box):
    scene = next(step for step in steps(trace(ANIMATION_MAP, box, ROI_POOL, 2, 1 / 16)) if step.key == "snap").scene
    lengths = words_of(map_strokes(scene))
    for cell in (15.0, 40.0, 90.0):
        for arrow in scene.all(Arrow):
            x1, y1, x2, y2 = lengths[f"error-{arrow.side}-cells"].box(cell)
            left, right, top, bottom = *sorted((arrow.x0, arrow.x1)), *sorted((arrow.y0, arrow.y1))
            apart = max(x1 - right, left - x2, y1 - bottom, top - y2)
            assert 0 < apart < 0.1 + 5 / cell
            if box == BOX and arrow.side[1] == "2" and cell > 15:  # there is room, so it stands outside the box
                assert x1 > right if arrow.side == "x2" else y1 > bottom


@pytest.mark.parametrize("y", [3.5, 3.52, 3.7, 4.48])
@pytest.mark.parametrize("x", [3.51, 4.2, 4.5])
def test_the_four_neighbours_are_drawn_closer_with_all_four_weights(y, x):
    point = trace_point(ANIMATION_MAP, y, x)
    scene = next(step for step in point_steps(point) if step.key == "areas").scene
    assert not any(name.startswith("area") for name in words_of(map_strokes(scene)))
    drawn = list(map_strokes(scene.close_up))
    near = words_of(drawn)
    weights = {name: words for name, words in near.items() if name.startswith("area")}
    assert sorted(words.text for words in weights.values()) == sorted(f"{w:.3f}" for w in point.weights if w >= 0.0005)
    boxes = [words.box(110.0) for words in weights.values()]
    for (a, b, c, d), (e, f, g, h) in combinations(boxes, 2):
        assert c < e or g < a or d < f or h < b
    cells = {(stroke.row, stroke.column): stroke.words.text for stroke in drawn if isinstance(stroke, Cell)}
    places = zip(point.neighbor_y.tolist(), point.neighbor_x.tolist(), strict=True)
    assert cells == {place: f"{ANIMATION_MAP[place]:.2f}" for place in places}


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (30, 30)])
def test_a_map_of_any_shape_is_drawn_closer(shape):
    rows, columns = shape
    for y, x in ((0.5, 0.5), (rows, columns), (-3, -3)):
        for step in point_steps(trace_point(np.arange(rows * columns, dtype=float).reshape(shape), y, x)):
            cells = [stroke for stroke in map_strokes(step.scene.close_up) if isinstance(stroke, Cell)]
            assert len(cells) == min(rows, 2) * min(columns, 2)
            save(draw(step), "svg")


def test_the_values_of_the_lerps_are_written_where_the_neighbours_are_closer():
    by_key = {step.key: step.scene for step in point_steps(trace_point(ANIMATION_MAP, 3.7, 4.2))}
    for key, values in (
        ("lerp_x", ["f(R₁) 0.4550", "f(R₂) 0.3550"]),
        ("lerp_y", ["f(R₁) 0.4550", "f(R₂) 0.3550", "f(P) 0.4350"]),
    ):
        near = words_of(map_strokes(by_key[key].close_up))
        assert [words.text for name, words in near.items() if name.startswith("lerp")] == values
        assert not any(name.startswith("lerp") for name in words_of(map_strokes(by_key[key])))
        dots = [stroke for stroke in map_strokes(by_key[key]) if isinstance(stroke, Disc) and "lerp" in stroke.name]
        assert len(dots) == len(values)


def test_nothing_reaches_out_of_the_part_that_is_drawn_closer():
    for y, x in ((3.7, 4.2), (-0.4, 3.2)):
        for step in point_steps(trace_point(ANIMATION_MAP, y, x)):
            part = step.scene.close_up
            x1, y1, x2, y2 = part.extent
            drawn = list(map_strokes(part))
            assert "reach" not in [
                stroke.name for stroke in drawn if isinstance(stroke, Frame)
            ]  # it goes round the whole map
            for stroke in drawn:
                if isinstance(stroke, Crosses):
                    assert x1 <= stroke.xs[0] <= x2 and y1 <= stroke.ys[0] <= y2
