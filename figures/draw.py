"""Scene -> matplotlib Figure, 16:9, readable from the back row. ``Figure()`` only: pyplot's state would race."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager, patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from figures.scene import LARGEST_NUMBERED, Arrow, Dots, Emphasis, Grid, Lines, Rects, Samples, Scene
from figures.steps import Step
from figures.style import cell_color, ink, mix, number_color

FORMATS = ("png", "svg", "pdf")
WIDE = (12.8, 7.2)  # inches: 16:9; at 150 dots an inch 1920 x 1080
DOTS_PER_INCH = 150
CJK_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "SimHei",
)
OPACITY = {Emphasis.LIT: 1.0, Emphasis.SHOWN: 1.0, Emphasis.DIM: 0.35, Emphasis.HIDDEN: 0.0}

# Constant from import on, never changed: text stays text in SVG and PDF, and the same scene gives the same bytes.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "roialign-lab", "pdf.fonttype": 42})


def families() -> list[str]:
    """Font families to draw with: a Latin one that matplotlib carries, then the first CJK one that is installed."""
    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *[name for name in CJK_FAMILIES if name in installed][:1]]


def draws_chinese() -> bool:
    """True where a font with Chinese characters is installed."""
    return len(families()) > 1


def plain(text: str) -> str:
    """The text without its role marks.

    >>> plain("This [sample:×] sits between [neighbor:four cells].")
    'This × sits between four cells.'
    """
    return re.sub(r"\[\w+:([^\]]*)\]", r"\1", text)


def draw(step: Step | Scene, *, title: str = "", caption: str = "", theme: str = "light") -> Figure:
    """One step as a 16:9 figure: the map at the left; the sentence, the formula and the output at the right."""
    scene, formula = (step.scene, step.formula) if isinstance(step, Step) else (step, ())
    figure = Figure(figsize=WIDE, facecolor=ink("paper", theme))
    font = families()
    text: dict[str, Any] = {"family": font, "color": ink("text", theme)}
    if title:
        figure.text(0.035, 0.945, plain(title), fontsize=26, fontweight="bold", va="center", **text)
    _draw_map(figure.add_axes((0.03, 0.035, 0.48, 0.86)), scene, theme, font)
    top = 0.87
    if caption:
        wrapped = _wrap(plain(caption), 46)
        figure.text(0.55, top, wrapped, fontsize=17, va="top", linespacing=1.45, **text)
        top -= 0.058 * (wrapped.count("\n") + 1) + 0.03
    for line in formula:
        wrapped = _wrap(line, 52)
        figure.text(0.55, top, wrapped, fontsize=15, va="top", linespacing=1.4, family=font, color=ink("quiet", theme))
        top -= 0.045 * (wrapped.count("\n") + 1) + 0.008
    output = scene.find(Grid, "output")
    if output is not None and scene.emphasis_of("output") is not Emphasis.HIDDEN and top > 0.2:
        height = min(top - 0.07, 0.46)
        _draw_output(figure.add_axes((0.55, top - 0.03 - height, 0.42, height)), output, scene, theme, font)
    return figure


def save(figure: Figure, kind: str) -> bytes:
    """The figure as ``png``, ``svg`` or ``pdf``: the same bytes for the same figure."""
    buffer = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH, metadata=metadata, facecolor=figure.get_facecolor())
    return buffer.getvalue()


def _wrap(text: str, width: int) -> str:
    """Lines of at most ``width`` Latin characters; a CJK character counts for two and may end a line anywhere."""
    lines, line, used = [], "", 0
    for word in re.findall(r"[⺀-鿿＀-￯]|[^\s⺀-鿿＀-￯]+|\s+", text):
        size = sum(2 if ord(c) > 0x2E7F else 1 for c in word)
        if used + size > width and line.strip() and not word.isspace() and word not in "，。；：、）":
            lines.append(line.rstrip())
            line, used = "", 0
        line, used = line + word, used + size
    return "\n".join([*lines, line.rstrip()]).strip()


def _draw_map(axes: Axes, scene: Scene, theme: str, font: list[str]) -> None:
    x1, y1, x2, y2 = scene.extent
    axes.set(xlim=(x1, x2), ylim=(y2, y1), aspect="equal", anchor="NW")
    axes.axis("off")
    grid = scene.map
    _draw_cells(axes, grid, theme, OPACITY[scene.emphasis_of("map")] ** 0.5)
    rows, columns = grid.levels.shape
    cell = _points_per_cell(axes, scene)
    for role in ("bin", "focus", "area"):
        _draw_tints(axes, scene, role, theme, cell, font)
    for role, style in (("part", ":"), ("split", "--")):
        lines = scene.find(Lines, role)
        if lines is not None:
            _draw_lines(axes, lines, style, ink("asked", theme), OPACITY[scene.emphasis_of(role)])
    for role, color, style in (
        ("reach", "read", "--"),
        ("square", "neighbor", "-"),
        ("read", "read", "--"),
        ("snapped", "read", "--"),
        ("asked", "asked", "-"),
    ):
        rects = scene.find(Rects, role)
        if rects is not None:
            for box in rects.boxes:
                _draw_box(axes, box, ink(color, theme), style, OPACITY[scene.emphasis_of(role)], width=3)
    _draw_neighbors(axes, scene, theme)
    _draw_samples(axes, scene, theme, cell, font)
    if max(rows, columns) <= LARGEST_NUMBERED:
        _draw_numbers(axes, scene, grid, theme, cell, font)
    _draw_arrows(axes, scene, theme, font)
    _draw_lerps(axes, scene, theme, font)


def _points_per_cell(axes: Axes, scene: Scene) -> float:
    """The side of a map cell in points, for sizes that follow it."""
    x1, y1, x2, y2 = scene.extent
    box = axes.get_position()
    return 72 * min(box.width * WIDE[0] / (x2 - x1), box.height * WIDE[1] / (y2 - y1))


def _draw_cells(axes: Axes, grid: Grid, theme: str, opacity: float) -> None:
    paper = ink("paper", theme)
    rows, columns = grid.levels.shape
    width = 1.5 if max(rows, columns) <= LARGEST_NUMBERED else 0.4
    for (row, column), level in np.ndenumerate(grid.levels):
        nothing = bool(np.isnan(level))
        color = paper if nothing else mix(paper, cell_color(float(level), theme), opacity)
        axes.add_patch(
            Rectangle(
                (column, row),
                1,
                1,
                facecolor=color,
                edgecolor=ink("quiet", theme) if nothing else paper,
                linewidth=width,
                hatch="///" if nothing else None,
                gid=f"{grid.role}-{row}-{column}",
            )
        )


def _write(axes: Axes, x: float, y: float, text: str, halo: str, **options: Any) -> None:
    """Text on a halo. Written twice, because a path effect would turn the text itself into outlines."""
    behind = axes.text(x, y, text, **options)
    behind.set_path_effects([patheffects.Stroke(linewidth=2.5, foreground=halo)])
    axes.text(x, y, text, **options)


def _draw_numbers(axes: Axes, scene: Scene, grid: Grid, theme: str, cell: float, font: list[str]) -> None:
    dodging = scene.dodging
    opacity = OPACITY[scene.emphasis_of("map")] ** 0.5
    for (row, column), level in np.ndenumerate(grid.levels):
        shown = 0.0 if np.isnan(level) else float(level)
        low = (row, column) in dodging
        halo = mix(ink("paper", theme), cell_color(shown, theme), opacity)
        color = number_color(shown, theme) if opacity == 1 else ink("text", theme)
        _write(
            axes,
            column + 0.08,
            row + (0.92 if low else 0.08),
            grid.labels[row][column],
            halo,
            fontsize=cell * 0.25 * min(1.0, 5 / max(len(grid.labels[row][column]), 1)),
            va="bottom" if low else "top",
            family=font,
            color=color,
        )


def _draw_tints(axes: Axes, scene: Scene, role: str, theme: str, cell: float, font: list[str]) -> None:
    """Bins as a tint with an edge (an overlap is twice as dark); the focused bin more so; areas in violet."""
    opacity = OPACITY[scene.emphasis_of(role)]
    mark = scene.find(Rects, "bin" if role == "focus" else role)
    if mark is None or not opacity:
        return
    boxes = mark.boxes
    if role == "focus" and scene.focus is not None:
        output = scene.find(Grid, "output")
        columns = output.levels.shape[1] if output is not None else 1
        boxes = boxes[scene.focus.row * columns + scene.focus.column][None]
    color = ink("neighbor" if role == "area" else "asked", theme)
    strength = {"bin": 0.10, "focus": 0.24, "area": 0.30}[role]
    for k, (x1, y1, x2, y2) in enumerate(boxes):
        fill = Rectangle((x1, y1), x2 - x1, y2 - y1, facecolor=color, alpha=strength * opacity, gid=f"{role}-{k}")
        axes.add_patch(fill)
        _draw_box(axes, boxes[k], color, "-", 0.75 * opacity, width=1.6)
        if mark.labels and (x2 - x1) * (y2 - y1) > 0.02:
            _write(
                axes,
                (x1 + x2) / 2,
                (y1 + y2) / 2,
                mark.labels[k],
                ink("paper", theme),
                fontsize=cell * 0.16,
                ha="center",
                va="center",
                family=font,
                color=ink("text", theme),
            )


def _draw_lines(axes: Axes, mark: Lines, style: str, color: str, opacity: float) -> None:
    x1, y1, x2, y2 = mark.region
    options: dict[str, Any] = {"color": color, "linestyle": style, "linewidth": 1.6, "alpha": opacity}
    axes.hlines(mark.ys, x1, x2, **options)
    axes.vlines(mark.xs, y1, y2, **options)


def _draw_box(axes: Axes, box: np.ndarray, color: str, style: str, opacity: float, width: float) -> None:
    if opacity:
        x1, y1, x2, y2 = box
        axes.add_patch(
            Rectangle(
                (x1, y1),
                x2 - x1,
                y2 - y1,
                fill=False,
                edgecolor=color,
                linestyle=style,
                linewidth=width,
                alpha=opacity,
            )
        )


def _draw_neighbors(axes: Axes, scene: Scene, theme: str) -> None:
    samples, chosen = _looked_at(scene)
    opacity = OPACITY[scene.emphasis_of("neighbor")]
    if samples is None or chosen is None or not opacity or not samples.interpolated:
        return
    color = ink("neighbor", theme)
    y, x = float(samples.y[chosen]), float(samples.x[chosen])
    for row, column, weight in zip(
        samples.neighbor_y[chosen], samples.neighbor_x[chosen], samples.weights[chosen], strict=True
    ):
        if weight <= 0:
            continue
        _draw_box(axes, np.array([column + 0.03, row + 0.03, column + 0.97, row + 0.97]), color, "-", opacity, 3)
        axes.plot([column + 0.5, x], [row + 0.5, y], color=color, linestyle=":", linewidth=1.8, alpha=opacity)
        radius = 0.5 * float(np.sqrt(weight / np.pi))
        axes.add_patch(Circle((column + 0.5, row + 0.5), radius, facecolor=color, alpha=0.55 * opacity))


def _looked_at(scene: Scene) -> tuple[Samples | None, int | None]:
    """The mark and the place of the sample that the step looks at: the focused one, or the only point."""
    point = scene.find(Samples, "point")
    if point is not None:
        return point, 0
    samples, _, chosen = scene.focused()
    return samples, chosen


def _draw_samples(axes: Axes, scene: Scene, theme: str, cell: float, font: list[str]) -> None:
    samples = scene.samples
    if samples is None:
        return
    opacity = OPACITY[scene.emphasis_of(samples.role)]
    if not opacity:
        return
    if not samples.interpolated:  # the cell that gave each maximum
        for k in np.flatnonzero(samples.wins):
            y, x = float(samples.y[k]), float(samples.x[k])
            _draw_box(axes, np.array([x - 0.46, y - 0.46, x + 0.46, y + 0.46]), ink("sample", theme), "-", opacity, 3)
        return
    size = min(cell * 0.24, 15.0)
    for color, width in ((ink("halo", theme), size * 0.42), (ink("sample", theme), size * 0.2)):
        axes.plot(
            samples.x,
            samples.y,
            linestyle="none",
            marker="x",
            markersize=size + (1.5 if width > size * 0.3 else 0),
            markeredgewidth=width,
            color=color,
            alpha=opacity,
        )
    if scene.emphasis_of("value") in (Emphasis.LIT, Emphasis.SHOWN) and len(samples.labels) <= 64:
        for label, y, x in zip(samples.labels, samples.y, samples.x, strict=True):
            _write(
                axes,
                x,
                y + 0.16,
                label,
                ink("paper", theme),
                fontsize=cell * 0.19,
                ha="center",
                va="top",
                family=font,
                color=ink("sample", theme),
                fontweight="bold",
            )


def _draw_arrows(axes: Axes, scene: Scene, theme: str, font: list[str]) -> None:
    opacity = OPACITY[scene.emphasis_of("error")]
    if not opacity:
        return
    for arrow in scene.all(Arrow):
        color = ink("read", theme)
        axes.add_patch(
            FancyArrowPatch(
                (arrow.x0, arrow.y0),
                (arrow.x1, arrow.y1),
                arrowstyle="-|>",
                mutation_scale=20,
                linewidth=3,
                color=color,
                alpha=opacity,
                shrinkA=0,
                shrinkB=0,
            )
        )
        along_x = arrow.side in ("x1", "x2")
        axes.text(
            (arrow.x0 + arrow.x1) / 2 + (0 if along_x else 0.2),
            (arrow.y0 + arrow.y1) / 2 - (0.25 if along_x else 0),
            arrow.label,
            fontsize=14,
            fontweight="bold",
            ha="center" if along_x else "left",
            va="center",
            family=font,
            color=ink("paper", theme),
            alpha=opacity,
            bbox={"boxstyle": "round,pad=0.25,rounding_size=0.6", "facecolor": color, "edgecolor": "none"},
        )


def _draw_lerps(axes: Axes, scene: Scene, theme: str, font: list[str]) -> None:
    for role in ("lerp_x", "lerp_y"):
        opacity = OPACITY[scene.emphasis_of(role)]
        dots = scene.find(Dots, role)
        if dots is not None and opacity:
            for (x, y), label in zip(dots.points, dots.labels, strict=True):
                axes.add_patch(Circle((x, y), 0.09, facecolor=ink("neighbor", theme), edgecolor="white", linewidth=2))
                axes.text(
                    x + 0.16,
                    y,
                    label,
                    fontsize=15,
                    fontweight="bold",
                    va="center",
                    family=font,
                    color=ink("paper", theme),
                    bbox={"boxstyle": "round,pad=0.25", "facecolor": ink("neighbor", theme), "edgecolor": "none"},
                )


def _draw_output(axes: Axes, grid: Grid, scene: Scene, theme: str, font: list[str]) -> None:
    rows, columns = grid.levels.shape
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal", anchor="NW")
    axes.axis("off")
    opacity = OPACITY[scene.emphasis_of("output")] ** 0.5
    _draw_cells(axes, grid, theme, opacity)
    box = axes.get_position()
    cell = 72 * min(box.width * WIDE[0] / columns, box.height * WIDE[1] / rows)
    for (row, column), level in np.ndenumerate(grid.levels):
        shown = 0.0 if np.isnan(level) else float(level)
        axes.text(
            column + 0.5,
            row + 0.5,
            grid.labels[row][column],
            fontsize=min(cell * 0.2, cell * 1.15 / len(grid.labels[row][column]), 24),
            fontweight="bold",
            ha="center",
            va="center",
            family=font,
            color=number_color(shown, theme) if opacity == 1 else ink("text", theme),
        )
    if scene.focus is not None and scene.emphasis_of("focus") is not Emphasis.HIDDEN:
        x, y = scene.focus.column, scene.focus.row
        box_at = np.array([x + 0.03, y + 0.03, x + 0.97, y + 0.97])
        _draw_box(axes, box_at, ink("asked", theme), "-", 1.0, 4)
