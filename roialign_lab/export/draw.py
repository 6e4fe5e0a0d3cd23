"""Sheet or scene -> matplotlib Figure, readable from the back row. ``Figure()`` only: pyplot's state would race."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html import escape
from typing import Any

from roialign_lab.export import no_folder  # noqa: F401 - before matplotlib

# isort: split
import matplotlib
from matplotlib import font_manager, patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from PIL.Image import Image as Picture

from roialign_lab.export.fonts import (
    BOLD,
    BOLD_FAMILIES,
    FAMILIES,
    FOLDER,
    REGULAR,
    SPACING,
    SUBSTITUTES,
    clean,
)
from roialign_lab.export.layout import FOOT_SIZE, Drawing, Place, Sheet, Writing, arranged, legend
from roialign_lab.export.pixels import picture_at, tiles_picture
from roialign_lab.figures.hatch import clear_of, hatch, hatch_width
from roialign_lab.figures.picture import Panel
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import Step
from roialign_lab.figures.strokes import (
    Box,
    Cell,
    Crosses,
    Disc,
    Frame,
    Image,
    Line,
    Shape,
    Spot,
    Stroke,
    Tiles,
    Words,
    role_of,
)
from roialign_lab.figures.style import INKS, cell_paint, dash, has_patterns, ink, pattern
from roialign_lab.figures.sweep_chart import Sweep, axis_words, names_at_ends
from roialign_lab.lesson.text import plain

DOTS_PER_INCH = 144  # a 16:9 slide becomes 1920 x 1080
DASHES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
SWEEP_ROOM = (0.55, 0.35, 0.45, 0.65)  # inches beside, above and below a chart, for its words
NAMES_APART = 0.05  # of the height of a chart, from the name of one line to the next
NOTHING = "///"  # the hatch of a cell without a number
TOFU = "□"

# Constant from import on, never changed: text stays text in SVG and PDF, and the same scene gives the same bytes.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "roialign-lab", "pdf.fonttype": 42})
for _file in ("LabSansSC-Regular.ttf", "LabSansSC-Bold.ttf"):
    font_manager.fontManager.addfont(FOLDER / _file)


@cache
def _drawable() -> frozenset[int]:
    """The characters that some font of the figures has."""
    files = [FOLDER / "LabSansSC-Regular.ttf", font_manager.findfont("DejaVu Sans")]
    return frozenset(code for file in files for code in FT2Font(str(file)).get_charmap())


def drawable(text: str) -> str:
    """The text as a figure can draw it: a box where no font has the character, nothing for a joiner.

    >>> drawable("框 🦄!")
    '框 □!'
    """
    known = _drawable()
    joined = re.sub("[\u200b-\u200f\u2060\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", text)
    return "".join(c if ord(c) in known or c == "\n" else TOFU for c in joined)


def draw(
    step: Step | Scene, *, title: str = "", caption: str = "", theme: str = "light", aspect: str = "16:9"
) -> Figure:
    """One step as a figure: the map at the left; the sentence, the formula and the output at the right."""
    scene, formula = (step.scene, step.formula) if isinstance(step, Step) else (step, ())
    return draw_sheet(Sheet("", plain(title), plain(caption), formula, (Panel(scene),), theme=theme, aspect=aspect))


def draw_sheet(sheet: Sheet) -> Figure:
    """A whole slide as a figure."""
    layout = arranged(sheet)
    figure = Figure(figsize=layout.size, facecolor=ink("paper", sheet.theme))
    for drawing in layout.drawings:
        draw_on(figure, drawing, sheet.theme)
    if sheet.sweep is not None and layout.sweep_at is not None:
        draw_sweep_on(figure, layout.sweep_at, sheet.sweep, sheet.theme, sheet.language)
    title_at = layout.title.at
    middle = title_at.y + (title_at.height - layout.title.lines.height) / 2
    write_lines(figure, replace(layout.title, at=title_at._replace(y=middle)), sheet.theme, bold=True)
    for writing in layout.writings:
        write_lines(figure, writing, sheet.theme)
    for note in layout.foot:
        x = note.at.x + (note.at.width if note.across == "right" else 0)
        options = {"url": sheet.link} if note.name == "link" else {}
        options |= {"color": ink("quiet", sheet.theme), "ha": note.across, "va": "center"}
        write(figure, x, note.at.y + note.at.height / 2, note.text, FOOT_SIZE, **options)
    return figure


def draw_sweep(sweep: Sweep, theme: str, place: Place, language: str = "en") -> Figure:
    """The chart of a sweep alone, as large as its place."""
    figure = Figure(figsize=(place.width, place.height), facecolor=ink("paper", theme))
    draw_sweep_on(figure, Place(0, 0, place.width, place.height), sweep, theme, language)
    return figure


def draw_alone(drawing: Drawing, theme: str) -> Figure:
    """One drawing of a sheet as a figure of its own."""
    at = Place(0, 0, drawing.at.width, drawing.at.height)
    figure = Figure(figsize=(at.width, at.height), facecolor=ink("paper", theme))
    draw_on(figure, replace(drawing, at=at), theme)
    return figure


def figure_file(sheet: Sheet, kind: str) -> bytes:
    """A sheet as a single figure, with a title and a description where the kind of file has them."""
    return save(draw_sheet(sheet), kind, title=clean(sheet.title), alt=clean(sheet.alt), language=sheet.language)


def save(
    figure: Figure,
    kind: str,
    dots_per_inch: float = DOTS_PER_INCH,
    *,
    title: str = "",
    alt: str = "",
    language: str = "en",
) -> bytes:
    """The figure as ``png``, ``svg`` or ``pdf``: the same bytes for the same figure."""
    if kind == "pdf":
        from roialign_lab.export.tagged_pdf import Told, figure_page  # 15 MB that no other file needs

        return figure_page(figure, dots_per_inch, Told(title, alt), language)
    buffer = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}}[kind]
    quick: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    figure.savefig(buffer, format=kind, dpi=dots_per_inch, metadata=metadata, facecolor=figure.get_facecolor(), **quick)
    if kind != "svg":
        return buffer.getvalue()
    return _described(_with_substitutes(buffer.getvalue().decode()), title, alt).encode()


def _with_substitutes(svg: str) -> str:
    """The SVG naming fonts that a viewer may have, and their weight: the bold font of the figures is one of its own."""
    named = ", ".join(f"'{name}'" if " " in name else name for name in SUBSTITUTES)
    bold = re.sub(rf"font: (?=[0-9.]+px '{BOLD}')", "font: 700 ", svg)
    bold = re.sub(rf"font-family: (?='{BOLD}')", "font-weight: 700; font-family: ", bold)
    return bold.replace(f"'{REGULAR}'", f"'{REGULAR}', {named}")


def _described(svg: str, title: str, alt: str) -> str:
    """The SVG with its title and description, and every id once: panels side by side have marks of the same name."""
    seen: Counter[str] = Counter()

    def once(found: re.Match[str]) -> str:
        seen[found[1]] += 1
        return found[0] if seen[found[1]] == 1 else f' id="{found[1]}--{seen[found[1]]}"'

    svg = re.sub(r' id="([^"]*)"', once, svg)
    words = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in (("title", title), ("desc", alt)) if text)
    return re.sub(r"(<svg [^>]*)>", lambda found: f'{found[1]} role="img">{words}', svg, count=1)


# ---- places -------------------------------------------------------------------------------------------------------


def draw_on(figure: Figure, drawing: Drawing, theme: str) -> None:
    wide, high = figure.get_size_inches()
    at = drawing.at
    axes = figure.add_axes((at.x / wide, 1 - (at.y + at.height) / high, at.width / wide, at.height / high))
    x1, y1, x2, y2 = drawing.extent
    axes.set(xlim=(x1, x2), ylim=(y2, y1))
    axes.axis("off")
    _draw_strokes(axes, drawing.strokes, theme, drawing.cell * 72)


def inside_axes(place: Place) -> Place:
    """The lines of a chart; round them are its words."""
    left, right, above, below = SWEEP_ROOM
    return Place(place.x + left, place.y + above, place.width - left - right, place.height - above - below)


def draw_sweep_on(figure: Figure, place: Place, sweep: Sweep, theme: str, language: str) -> None:
    """RoI Pooling's staircases and RoI Align's lines, a pair an output, against the position of the side."""
    wide, high = figure.get_size_inches()
    at = inside_axes(place)
    axes = figure.add_axes((at.x / wide, 1 - (at.y + at.height) / high, at.width / wide, at.height / high))
    axes.set_facecolor(ink("paper", theme))
    pool, align = legend(place, SWEEP_ROOM[0])
    for named, outputs, color, dashes in (
        (pool, sweep.pool, ink("read", theme), "-"),
        (align, sweep.align, ink("roi", theme), "--" if has_patterns(theme) else "-"),
    ):
        for k, line in enumerate(outputs.reshape(len(outputs), -1).T):
            look: dict[str, Any] = {"color": color, "linestyle": dashes, "linewidth": 3 if k == sweep.looked else 1.8}
            axes.plot(sweep.positions, line, gid=f"{named.name}-{k}", **look)
        y, ends = place.y + SWEEP_ROOM[2] / 2, (named.start / wide, named.end / wide)
        look = {"color": color, "linestyle": dashes, "linewidth": 3, "solid_capstyle": "butt"}
        figure.add_artist(Line2D(ends, (1 - y / high, 1 - y / high), gid=f"{named.name}-legend", **look))
        write(figure, named.at, y, named.words, named.size, color=color, ha="left", va="center")
    axes.axvline(sweep.at, color=ink("sample", theme), linewidth=2, linestyle=":")
    axes.set_xlim(float(sweep.positions[0]), float(sweep.positions[-1]))
    axes.grid(color=ink("rule", theme), linewidth=0.8)
    axes.tick_params(colors=ink("quiet", theme), labelsize=14, length=0)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(FAMILIES)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(axis_words(sweep, language)[0], color=ink("sample", theme), fontsize=16, family=FAMILIES)
    low, high = axes.get_ylim()
    for name, y in names_at_ends(sweep, (high - low) * NAMES_APART):
        look = {"color": ink("quiet", theme), "fontsize": 13, "family": FAMILIES, "va": "center"}
        axes.annotate(name, (float(sweep.positions[-1]), y), (5, 0), textcoords="offset points", **look)


def write(figure: Figure, x: float, y: float, text: str, size: float, **options: Any) -> None:
    wide, high = figure.get_size_inches()
    figure.text(x / wide, 1 - y / high, drawable(text), fontsize=size, family=FAMILIES, parse_math=False, **options)


def write_lines(figure: Figure, writing: Writing, theme: str, *, bold: bool = False) -> None:
    """Every line is a text of its own: matplotlib would space lines by what is in them."""
    wide, high = figure.get_size_inches()
    at, fitted = writing.at, writing.lines
    for k, line in enumerate(fitted.lines):
        if line:
            figure.text(
                at.x / wide,
                1 - (at.y + (k * SPACING + 1.0) * fitted.size / 72) / high,
                drawable(line),
                fontsize=fitted.size,
                family=BOLD_FAMILIES if bold else FAMILIES,
                color=ink(writing.color, theme),
                va="baseline",
                parse_math=False,
            )


# ---- strokes ------------------------------------------------------------------------------------------------------


def _paint(color: str, theme: str) -> str:
    return ink(color, theme) if color in INKS else color


def _draw_strokes(axes: Axes, strokes: Sequence[Stroke], theme: str, cell: float) -> None:
    """The strokes in order; the numbers of the cells go over all but the arrows. ``cell``: points a map cell."""
    clear = clear_of(strokes, cell) if has_patterns(theme) else []
    for stroke in strokes:
        match stroke:
            case Cell():
                _draw_cell(axes, stroke, theme, cell)
            case Tiles():
                rows, columns = stroke.levels.shape
                _draw_picture(axes, tiles_picture(stroke, theme), (0, 0, columns, rows), "none", stroke.name)
            case Image():
                _draw_picture(axes, picture_at(stroke.address), stroke.box, "antialiased", stroke.name)
            case Frame():
                _draw_frame(axes, stroke, theme, cell, clear)
            case Shape():
                _draw_shape(axes, stroke, theme, cell)
            case Line():
                _draw_line(axes, stroke, theme, cell)
            case Disc():
                _draw_disc(axes, stroke, theme, cell, clear)
            case Crosses():
                _draw_crosses(axes, stroke, theme, cell)
            case Words() if stroke.is_written(cell):
                _draw_words(axes, stroke, theme, cell)


def _draw_picture(axes: Axes, picture: Picture, box: Box, interpolation: str, name: str) -> None:
    (x1, y1, x2, y2), limits = box, {"xlim": axes.get_xlim(), "ylim": axes.get_ylim()}
    axes.imshow(picture, extent=(x1, x2, y2, y1), aspect="auto", zorder=1, interpolation=interpolation, gid=name)
    axes.set(**limits)


def _draw_cell(axes: Axes, cell: Cell, theme: str, points: float) -> None:
    paint = cell_paint(cell.level, cell.opacity, theme)
    nothing = math.isnan(cell.level) and not cell.is_unknown
    at = Rectangle(
        (cell.column, cell.row),
        1,
        1,
        facecolor=paint.fill,
        edgecolor=paint.edge,
        linewidth=paint.edge_width,
        hatch=NOTHING if nothing else None,
        gid=cell.name,
        zorder=1,
    )
    _add(axes, at)
    if cell.words is not None and cell.words.is_written(points):
        halo = paint.fill if cell.under == "line" else ""
        spot, (_, _, _, foot) = cell.words.spot(points), cell.words.box(points)
        on_line = replace(spot, y=foot, down="baseline")
        words = replace(cell.words, name=f"{cell.name}-number")  # the cell itself has the name of the cell
        _draw_text(axes, words, on_line, paint.number, halo, points, zorder=4)


def _add(axes: Axes, patch: Patch) -> None:
    """As ``add_patch``, without asking where the patch ends: the limits are set already."""
    axes._set_artist_props(patch)  # type: ignore[attr-defined]
    patch.set_clip_path(axes.patch)
    axes._children.append(patch)  # type: ignore[attr-defined]


def _draw_frame(axes: Axes, frame: Frame, theme: str, cell: float, clear: Sequence[Box]) -> None:
    x1, y1, x2, y2 = frame.box
    at, size, role, color = (x1, y1), (x2 - x1, y2 - y1), role_of(frame), _paint(frame.color, theme)
    if frame.filled and pattern(role, theme, frame.color):
        _draw_hatch(axes, frame, theme, cell, clear)
    elif frame.filled:
        axes.add_patch(
            Rectangle(at, *size, facecolor=color, alpha=frame.filled, linewidth=0, zorder=2, gid=f"{frame.name}-fill")
        )
    if frame.width is not None:
        edge: dict[str, Any] = {"linewidth": frame.width.at(cell), "alpha": frame.opacity, "gid": frame.name}
        edge["linestyle"] = DASHES[dash(role, theme, frame.dash)]
        axes.add_patch(Rectangle(at, *size, fill=False, edgecolor=color, zorder=3, **edge))


def _draw_shape(axes: Axes, shape: Shape, theme: str, cell: float) -> None:
    closed = [Path([*loop, loop[0]], closed=True) for loop in shape.loops]
    if not closed:
        return
    path, color, width = Path.make_compound_path(*closed), _paint(shape.color, theme), shape.width.at(cell)
    if shape.halo:
        halo = _paint(shape.halo, theme)
        _add(
            axes, PathPatch(path, fill=False, edgecolor=halo, linewidth=width + 2, zorder=2.5, gid=f"{shape.name}-halo")
        )
    if shape.filled:
        _add(
            axes,
            PathPatch(path, facecolor=color, alpha=shape.filled, linewidth=0, zorder=2.5, gid=f"{shape.name}-fill"),
        )
    edge = {"fill": False, "edgecolor": color, "linewidth": width, "linestyle": DASHES[shape.dash]}
    _add(axes, PathPatch(path, gid=shape.name, zorder=2.6, **edge))


def _draw_line(axes: Axes, line: Line, theme: str, cell: float) -> None:
    color = _paint(line.color, theme)
    x1, y1, over = line.x1, line.y1, 3
    if line.head is not None:
        tip, left, right = line.triangle(cell)
        x1, y1, over = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2, 5
        axes.add_patch(
            Polygon(
                (tip, left, right), facecolor=color, alpha=line.opacity, linewidth=0, zorder=5, gid=f"{line.name}-head"
            )
        )
    axes.plot(
        [line.x0, x1],
        [line.y0, y1],
        color=color,
        linestyle=DASHES[line.dash],
        linewidth=line.width.at(cell),
        solid_capstyle="butt" if line.head else "projecting",
        alpha=line.opacity,
        gid=line.name,
        zorder=over,
    )


def _draw_hatch(axes: Axes, stroke: Frame | Disc, theme: str, cell: float, clear: Sequence[Box]) -> None:
    """The pattern of a role, as lines that leave the numbers free."""
    lines = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in hatch(stroke, theme, cell, clear)]
    look: dict[str, Any] = {"colors": _paint(stroke.color, theme), "linewidths": hatch_width(stroke, theme)}
    axes.add_collection(LineCollection(lines, gid=f"{stroke.name}-pattern", zorder=2, **look), autolim=False)


def _draw_disc(axes: Axes, disc: Disc, theme: str, cell: float, clear: Sequence[Box]) -> None:
    color = _paint(disc.color, theme)
    look: dict[str, Any] = {"facecolor": color, "alpha": disc.opacity}
    if pattern(role_of(disc), theme, disc.color) and not disc.edge:
        look = {"facecolor": "none", "edgecolor": color, "linewidth": 1.5}
        _draw_hatch(axes, disc, theme, cell, clear)
    if disc.edge:
        look |= {"edgecolor": _paint(disc.edge, theme), "linewidth": 2}
    radius = disc.radius.at(cell) / cell
    axes.add_patch(Circle((disc.x, disc.y), radius, gid=disc.name, zorder=5 if disc.edge else 3, **look))


def _draw_crosses(axes: Axes, crosses: Crosses, theme: str, cell: float) -> None:
    size = crosses.size.at(cell)
    halo = f"{crosses.name}-halo"
    for name, color, width, larger in (
        (halo, crosses.halo, size * 0.42, 1.5),
        (crosses.name, crosses.color, size * 0.2, 0.0),
    ):
        if not color:
            continue
        axes.plot(
            crosses.xs,
            crosses.ys,
            linestyle="none",
            marker="x",
            markersize=size + larger,
            markeredgewidth=width * crosses.weight,
            color=_paint(color, theme),
            alpha=crosses.opacity,
            zorder=3,
            gid=name,
        )


def _draw_words(axes: Axes, words: Words, theme: str, cell: float) -> None:
    color, halo = _paint(words.color, theme), _paint(words.halo, theme)
    if not words.pill:
        _draw_text(axes, words, words.spot(cell), color, halo, cell, zorder=6)
        return
    x1, y1, x2, y2 = words.box(cell)
    round_ends = f"round,pad=0,rounding_size={(y2 - y1) / 2}"
    look: dict[str, Any] = {"facecolor": _paint(words.pill, theme), "alpha": words.opacity, "linewidth": 0, "zorder": 6}
    look["gid"] = f"{words.name}-pill"
    axes.add_patch(FancyBboxPatch((x1, y1), x2 - x1, y2 - y1, boxstyle=round_ends, mutation_aspect=1, **look))
    _draw_text(axes, words, Spot((x1 + x2) / 2, (y1 + y2) / 2), color, halo, cell, zorder=6)


def _draw_text(axes: Axes, words: Words, spot: Spot, color: str, halo: str, cell: float, zorder: float) -> None:
    """A text, perhaps on a halo, which is a text of its own: a path effect turns text into outlines."""
    options: dict[str, Any] = {
        "fontsize": words.size.at(cell),
        "family": BOLD_FAMILIES if words.bold else FAMILIES,
        "ha": spot.across,
        "va": spot.down,
        "alpha": words.opacity,
        "zorder": zorder,
    }
    if halo:
        effect = [patheffects.Stroke(linewidth=2.5, foreground=halo)]
        axes.text(spot.x, spot.y, words.text, path_effects=effect, gid=f"{words.name}-halo", **options)
    axes.text(spot.x, spot.y, words.text, color=color, gid=words.name, **options)
