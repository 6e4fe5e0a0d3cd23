"""Sheet or scene -> matplotlib Figure, readable from the back row. ``Figure()`` only: pyplot's state would race."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import matplotlib
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Patch, Rectangle

from roialign_lab.export.fonts import (
    BOLD,
    BOLD_FAMILIES,
    FAMILIES,
    REGULAR,
    SPACING,
    SUBSTITUTES,
    Fitted,
    clean,
    drawable,
)
from roialign_lab.export.layout import FOOT_SIZE, OUTPUT_NAME_SIZE, Place, Sheet, arranged, shown_output, within
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import Step
from roialign_lab.figures.strokes import (
    Cell,
    Crosses,
    Disc,
    Frame,
    Line,
    Stroke,
    Tiles,
    Words,
    map_strokes,
    output_strokes,
)
from roialign_lab.figures.style import INKS, ink
from roialign_lab.figures.sweep_chart import Sweep
from roialign_lab.lesson.text import plain

DOTS_PER_INCH = 144  # a 16:9 slide becomes 1920 x 1080
DASHES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
HATCHES = {"dots": ".", "rising": "//", "falling": "\\\\", "cross": "xx", "": None}
SWEEP_ROOM = (0.55, 0.35, 0.45, 0.65)  # inches beside, above and below a chart, for its words
NOTHING = "///"  # the hatch of a cell without a number

# Constant from import on, never changed: text stays text in SVG and PDF, and the same scene gives the same bytes.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "roialign-lab", "pdf.fonttype": 42})


def draw(
    step: Step | Scene, *, title: str = "", caption: str = "", theme: str = "light", aspect: str = "16:9"
) -> Figure:
    """One step as a figure: the map at the left; the sentence, the formula and the output at the right."""
    scene, formula = (step.scene, step.formula) if isinstance(step, Step) else (step, ())
    return draw_sheet(Sheet("", plain(title), plain(caption), formula, scene, theme=theme, aspect=aspect))


def draw_sheet(sheet: Sheet) -> Figure:
    """A whole slide as a figure."""
    layout = arranged(sheet)
    figure = Figure(figsize=layout.size, facecolor=ink("paper", sheet.theme))
    if sheet.sweep is None:
        _draw_map(figure, layout.map_at, sheet.scene, sheet.theme)
    else:
        _draw_sweep(figure, layout.map_at, sheet.sweep, sheet.theme)
    output = shown_output(sheet.scene)
    if output is not None and layout.output_at is not None:
        rows, columns = output.levels.shape
        at = within(layout.output_at, columns, rows)
        axes = _axes(figure, at, (0, 0, columns, rows))
        _draw_strokes(axes, output_strokes(sheet.scene, output, sheet.theme, at.width / columns * 72), sheet.theme)
    if layout.closer_at is not None and sheet.scene.close_up is not None:
        _draw_map(figure, layout.closer_at, sheet.scene.close_up, sheet.theme)
    text, quiet = ink("text", sheet.theme), ink("quiet", sheet.theme)
    title_at, foot = layout.title_at, layout.foot_at
    middle = title_at.y + (title_at.height - layout.title.height) / 2
    _write_lines(figure, title_at._replace(y=middle), layout.title, color=text, bold=True)
    if layout.caption is not None:
        _write_lines(figure, layout.caption_at, layout.caption, color=text)
    if layout.formula is not None:
        _write_lines(figure, layout.formula_at, layout.formula, color=quiet)
    if layout.output_name_at is not None:
        name = Fitted((clean(sheet.output_name),), OUTPUT_NAME_SIZE, 0.3)
        _write_lines(figure, layout.output_name_at, name, color=quiet)
    for said, x, across in (
        (sheet.footer, foot.x, "left"),
        (layout.link, foot.x + foot.width / 2, "center"),
        (sheet.number, foot.x + foot.width, "right"),
    ):
        if said:
            link = {"url": sheet.link} if across == "center" else {}
            _write(figure, x, foot.y + foot.height / 2, said, FOOT_SIZE, color=quiet, ha=across, va="center", **link)
    return figure


def draw_sweep(sweep: Sweep, theme: str, place: Place) -> Figure:
    """The chart of a sweep alone, as large as its place."""
    figure = Figure(figsize=(place.width, place.height), facecolor=ink("paper", theme))
    _draw_sweep(figure, Place(0, 0, place.width, place.height), sweep, theme)
    return figure


def draw_map(scene: Scene, theme: str, place: Place) -> Figure:
    """The map alone, as large as its place."""
    x1, y1, x2, y2 = scene.extent
    at = within(place, x2 - x1, y2 - y1)
    figure = Figure(figsize=(at.width, at.height), facecolor=ink("paper", theme))
    _draw_map(figure, Place(0, 0, at.width, at.height), scene, theme)
    return figure


def draw_output(scene: Scene, theme: str, place: Place) -> Figure | None:
    """The output alone, as large as its place; none where the step does not show it."""
    output = shown_output(scene)
    if output is None:
        return None
    rows, columns = output.levels.shape
    at = within(place, columns, rows)
    figure = Figure(figsize=(at.width, at.height), facecolor=ink("paper", theme))
    axes = _axes(figure, Place(0, 0, at.width, at.height), (0, 0, columns, rows))
    _draw_strokes(axes, output_strokes(scene, output, theme, at.width / columns * 72), theme)
    return figure


def save(figure: Figure, kind: str, dots_per_inch: float = DOTS_PER_INCH) -> bytes:
    """The figure as ``png``, ``svg`` or ``pdf``: the same bytes for the same figure."""
    buffer = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    quick: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    figure.savefig(buffer, format=kind, dpi=dots_per_inch, metadata=metadata, facecolor=figure.get_facecolor(), **quick)
    return _with_substitutes(buffer.getvalue()) if kind == "svg" else buffer.getvalue()


def _with_substitutes(svg: bytes) -> bytes:
    """The SVG naming fonts that a viewer may have."""
    named = ", ".join(f"'{name}'" if " " in name else name for name in SUBSTITUTES)
    bold = re.sub(rb"font: (?=[0-9.]+px '%s')" % BOLD.encode(), b"font: 700 ", svg)
    return bold.replace(f"'{REGULAR}'".encode(), f"'{REGULAR}', {named}".encode())


# ---- places -------------------------------------------------------------------------------------------------------


def _axes(figure: Figure, at: Place, extent: tuple[float, float, float, float]) -> Axes:
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((at.x / wide, 1 - (at.y + at.height) / high, at.width / wide, at.height / high))
    x1, y1, x2, y2 = extent
    axes.set(xlim=(x1, x2), ylim=(y2, y1))
    axes.axis("off")
    return axes


def _draw_map(figure: Figure, place: Place, scene: Scene, theme: str) -> None:
    x1, y1, x2, y2 = scene.extent
    at = within(place, x2 - x1, y2 - y1)
    axes = _axes(figure, at, scene.extent)
    _draw_strokes(axes, map_strokes(scene, theme, at.width / (x2 - x1) * 72), theme)


def _draw_sweep(figure: Figure, place: Place, sweep: Sweep, theme: str) -> None:
    """RoI Pooling's staircases and RoI Align's lines, a pair an output, against the position of the side."""
    wide, high = figure.get_size_inches()
    left, right, above, below = SWEEP_ROOM
    at = Place(place.x + left, place.y + above, place.width - left - right, place.height - above - below)
    axes = figure.add_axes((at.x / wide, 1 - (at.y + at.height) / high, at.width / wide, at.height / high))
    axes.set_facecolor(ink("paper", theme))
    for name, outputs, color, dash in (
        ("pool", sweep.pool, ink("read", theme), "-"),
        ("align", sweep.align, ink("asked", theme), "--" if theme == "print" else "-"),
    ):
        for k, line in enumerate(outputs.reshape(len(outputs), -1).T):
            look: dict[str, Any] = {"color": color, "linestyle": dash, "linewidth": 3 if k == sweep.looked else 1.8}
            axes.plot(sweep.positions, line, gid=f"{name}-{k}", **look)
        said, x = ("RoI Pooling", at.x) if name == "pool" else ("RoI Align", at.x + 1.9)
        _write(figure, x, place.y + above / 2, said, FOOT_SIZE + 4, color=color, ha="left", va="center")
    axes.axvline(sweep.at, color=ink("sample", theme), linewidth=2, linestyle=":")
    axes.set_xlim(float(sweep.positions[0]), float(sweep.positions[-1]))
    axes.grid(color=ink("rule", theme), linewidth=0.8)
    axes.tick_params(colors=ink("quiet", theme), labelsize=14, length=0)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(FAMILIES)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(sweep.side, color=ink("sample", theme), fontsize=16, family=FAMILIES)


def _write(figure: Figure, x: float, y: float, text: str, size: float, **options: Any) -> None:
    wide, high = figure.get_size_inches()
    figure.text(x / wide, 1 - y / high, drawable(text), fontsize=size, family=FAMILIES, parse_math=False, **options)


def _write_lines(figure: Figure, at: Place, fitted: Fitted, *, color: str, bold: bool = False) -> None:
    """Every line is a text of its own: matplotlib would space lines by what is in them."""
    wide, high = figure.get_size_inches()
    for k, line in enumerate(fitted.lines):
        if line:
            figure.text(
                at.x / wide,
                1 - (at.y + (k * SPACING + 1.0) * fitted.size / 72) / high,
                drawable(line),
                fontsize=fitted.size,
                family=BOLD_FAMILIES if bold else FAMILIES,
                color=color,
                va="baseline",
                parse_math=False,
            )


# ---- strokes ------------------------------------------------------------------------------------------------------


def _paint(color: str, theme: str) -> str:
    return ink(color, theme) if color in INKS else color


def _draw_strokes(axes: Axes, strokes: Iterable[Stroke], theme: str) -> None:
    """The strokes in order; the numbers of the cells go over all but the arrows."""
    for stroke in strokes:
        match stroke:
            case Cell():
                _draw_cell(axes, stroke, theme)
            case Tiles():
                rows, columns = stroke.colors.shape[:2]
                mesh = axes.pcolormesh(range(columns + 1), range(rows + 1), stroke.colors, zorder=1)
                mesh.set_edgecolor("face")
                mesh.set_linewidth(0.2)
            case Frame():
                _draw_frame(axes, stroke, theme)
            case Line():
                _draw_line(axes, stroke, theme)
            case Disc():
                _draw_disc(axes, stroke, theme)
            case Crosses():
                _draw_crosses(axes, stroke, theme)
            case Words():
                _draw_words(axes, stroke, theme, zorder=6)


def _draw_cell(axes: Axes, cell: Cell, theme: str) -> None:
    at = Rectangle(
        (cell.column, cell.row),
        1,
        1,
        facecolor=_paint(cell.fill, theme),
        edgecolor=_paint(cell.edge, theme),
        linewidth=cell.width,
        hatch=NOTHING if cell.empty else None,
        gid=cell.name,
        zorder=1,
    )
    _add(axes, at)
    if cell.words is not None:
        _draw_words(axes, cell.words, theme, zorder=4)


def _add(axes: Axes, patch: Patch) -> None:
    """As ``add_patch``, without asking where the patch ends: the limits are set already."""
    axes._set_artist_props(patch)  # type: ignore[attr-defined]
    patch.set_clip_path(axes.patch)
    axes._children.append(patch)  # type: ignore[attr-defined]


def _draw_frame(axes: Axes, frame: Frame, theme: str) -> None:
    x1, y1, x2, y2 = frame.box
    color = _paint(frame.color, theme)
    options: dict[str, Any] = {"gid": frame.name, "zorder": 3}
    if frame.filled and frame.pattern:
        hatch = HATCHES[frame.pattern]
        axes.add_patch(
            Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=color, linewidth=0, hatch=hatch, zorder=2)
        )
    elif frame.filled:
        axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, facecolor=color, alpha=frame.filled, zorder=2))
    if frame.width:
        edge: dict[str, Any] = {"linestyle": DASHES[frame.dash], "linewidth": frame.width, "alpha": frame.opacity}
        axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=color, **edge, **options))


def _draw_line(axes: Axes, line: Line, theme: str) -> None:
    color = _paint(line.color, theme)
    if line.head:
        axes.add_patch(
            FancyArrowPatch(
                (line.x0, line.y0),
                (line.x1, line.y1),
                arrowstyle="-|>",
                mutation_scale=20,
                linewidth=line.width,
                color=color,
                alpha=line.opacity,
                shrinkA=0,
                shrinkB=0,
                gid=line.name,
                zorder=5,
            )
        )
        return
    axes.plot(
        [line.x0, line.x1],
        [line.y0, line.y1],
        color=color,
        linestyle=DASHES[line.dash],
        linewidth=line.width,
        alpha=line.opacity,
        gid=line.name,
        zorder=3,
    )


def _draw_disc(axes: Axes, disc: Disc, theme: str) -> None:
    color = _paint(disc.color, theme)
    look: dict[str, Any] = {"facecolor": color, "alpha": disc.opacity}
    if disc.pattern:
        look = {"facecolor": ink("paper", theme), "edgecolor": color, "hatch": HATCHES[disc.pattern], "linewidth": 1.5}
    if disc.edge:
        look |= {"edgecolor": _paint(disc.edge, theme), "linewidth": 2}
    axes.add_patch(Circle((disc.x, disc.y), disc.radius, gid=disc.name, zorder=5 if disc.edge else 3, **look))


def _draw_crosses(axes: Axes, crosses: Crosses, theme: str) -> None:
    size = crosses.size
    for color, width, larger in ((crosses.halo, size * 0.42, 1.5), (crosses.color, size * 0.2, 0.0)):
        axes.plot(
            crosses.xs,
            crosses.ys,
            linestyle="none",
            marker="x",
            markersize=size + larger,
            markeredgewidth=width,
            color=_paint(color, theme),
            alpha=crosses.opacity,
            zorder=3,
        )


def _draw_words(axes: Axes, words: Words, theme: str, zorder: float) -> None:
    """Text, on a halo or in a pill. A halo is a text of its own: a path effect turns text into outlines."""
    options: dict[str, Any] = {
        "fontsize": words.size,
        "family": BOLD_FAMILIES if words.bold else FAMILIES,
        "ha": words.across,
        "va": words.down,
        "alpha": words.opacity,
        "zorder": zorder,
    }
    if words.halo:
        effect = [patheffects.Stroke(linewidth=2.5, foreground=_paint(words.halo, theme))]
        axes.text(words.x, words.y, words.text, path_effects=effect, **options)
    if words.pill:
        pad = {"boxstyle": "round,pad=0.25,rounding_size=0.6", "edgecolor": "none"}
        options["bbox"] = {**pad, "facecolor": _paint(words.pill, theme), "alpha": words.opacity}
    axes.text(words.x, words.y, words.text, color=_paint(words.color, theme), gid=words.name, **options)
