"""The walk through an operator: ordered steps, each a Scene, a formula with the real numbers in it, and a text key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from roialign_core.geometry import iou, region_read
from roialign_core.operators import ROI_POOL, Reading, Split
from roialign_core.samples import Points
from roialign_core.trace import Trace
from roialign_lab.figures.formulas import FORMULAS, corner_in_cells, corner_in_pixels, looked_at, other_aggregate
from roialign_lab.figures.scene import (
    LEAST_SHOWN,
    Dots,
    Mark,
    Rects,
    Samples,
    Scene,
    division_lines,
    error_arrows,
    extent_of,
    map_grid_of,
    output_grid,
    pixel_lines,
    sample_marks,
)
from roialign_lab.lesson.number_text import NO_WEIGHT, bin_names, cell_range, number, signed
from roialign_lab.lesson.scenario import SIDES, Focus, nearest_focus
from roialign_lab.lesson.text import Values
from roialign_lab.lesson.walks import ALIGN_STEPS, POOL_STEPS, Emphasis, lights, step_keys

MOST_LISTED = 4  # bins whose sizes a sentence lists
WIDENED = 1e-3  # cells that a region is larger than its box, at least, to be called widened


@dataclass(frozen=True)
class Step:
    """One step of a walk.

    ``text_key`` names its title and sentence in the catalogues of ``assets/text``; ``values`` are the numbers that
    the sentence has room for; ``formula`` is lines of mathematics with the numbers of the trace in them.
    """

    key: str
    text_key: str
    scene: Scene
    formula: tuple[str, ...]
    values: Values
    case: str = ""

    @property
    def sentence_key(self) -> str:
        """The text key of its sentence; a ``case`` of which the usual sentence would not be true has its own."""
        return f"{self.text_key}.{self.case}" if self.case else self.text_key + ".sentence"


def steps(trace: Trace, focus: Focus | None = None, numbered: bool = True) -> tuple[Step, ...]:
    """The ordered walk through a trace: seven steps for an operator that snaps, eight for an operator that samples.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> walk = steps(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2))
    >>> [step.key for step in walk]
    ['map', 'project', 'snap', 'split', 'cells', 'max', 'result']
    >>> walk[2].formula[2]
    'x2: round(6.00) + 1 = 7'
    """
    return _steps(trace, step_keys(trace.operator.snaps), focus, numbered)


@lru_cache(maxsize=1)  # a recording asks for the same in two languages
def step_of(trace: Trace, key: str, focus: Focus | None = None, numbered: bool = True) -> Step:
    """One step of the walk by its key: a drag shows no more than that.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> step_of(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2), "max").formula
    ('max(0.85, 0.34, 0.76, 0.84, 0.32, 0.74, 0.21, 0.39, 0.20, 0.14, 0.16, 0.13) = 0.8500',)
    """
    return _steps(trace, (key,), focus, numbered)[0]


def _steps(trace: Trace, keys: tuple[str, ...], focus: Focus | None, numbered: bool) -> tuple[Step, ...]:
    focus = nearest_focus(focus or Focus(), trace)
    names = bin_names(trace.output_size, numbered)
    table = POOL_STEPS if trace.operator.snaps else ALIGN_STEPS
    shown = set().union(*(_shown(table[key]) for key in keys))
    scene = Scene(extent_of(trace), _marks(trace, focus, names, shown), focus=focus)
    kind = "roi_pool" if trace.operator.snaps else "roi_align"
    values = _values(trace, scene) | {"bin": names[focus.row * trace.output_size[1] + focus.column]}
    return tuple(
        Step(
            key=key,
            text_key=f"steps.{kind}.{key}",
            scene=replace(scene, emphasis=table[key]),
            formula=FORMULAS[kind, key](trace, scene),
            values=values,
            case=_case(trace, key, focus),
        )
        for key in keys
    )


def _case(trace: Trace, key: str, focus: Focus) -> str:
    """What is special about a step, if anything is."""
    if key == "map":
        return "one_pixel" if trace.spatial_scale == 1 else ""
    return _case_of_pool(trace, key, focus) if trace.operator.snaps else _case_of_align(trace, key, focus)


def _case_of_pool(trace: Trace, key: str, focus: Focus) -> str:
    cells = len(trace.samples_of(focus.row, focus.column))
    match key:
        case "project":
            inside = _inside_cells(trace)
            return "" if len(inside) == len(SIDES) else "some" if inside else "on_grid"
        case "snap" if not _inclusive(trace):
            moved = np.abs(trace.roi_used - trace.roi).max() >= LEAST_SHOWN
            return "apart" if moved else "on_grid"
        case "cells" if not cells:
            return "empty"
        case "split" | "cells" if trace.output_size == (1, 1):
            return "single"
        case "cells" if not _overlap(trace):
            if (trace.bins != np.round(trace.bins)).any():
                return "beyond" if _reaches_beyond(trace) else "uneven"
            return "cut" if len(set(_sizes(trace))) > 1 else "whole"
        case "max" if not cells:
            return "empty"
        case "max" if not trace.points_of(focus.row, focus.column).wins.any():
            return "nothing"
        case "max" if cells == 1:
            return "one"
    return ""


def _case_of_align(trace: Trace, key: str, focus: Focus) -> str:
    legacy = "" if trace.operator.aligned else "legacy"
    match key:
        case "project" if legacy and _is_widened(trace):
            return "widened"
        case "bins" if trace.output_size == (1, 1):
            return "single_legacy" if legacy else "single"
        case "samples" | "values" | "join" if trace.grid == (1, 1):
            return "one"
        case "project" | "bins" | "samples":
            return legacy
        case "neighbors":
            return place_among_centres(looked_at(trace, focus), trace.feature_map.shape)
    return ""


def place_among_centres(point: Points, shape: tuple[int, ...]) -> str:
    """Where the first point lies among the centres of the cells: ``""`` where it is between four of them.

    Else ``"outside"``, where it reads nothing; ``"border"``, beyond the outermost; ``"line"``, straight between two;
    ``"centre"``, on one.
    """
    weighed = point.weights[0] > NO_WEIGHT
    if not weighed.any():
        return "outside"
    if any(not 0.5 <= at <= cells - 0.5 for at, cells in zip((point.y[0], point.x[0]), shape, strict=True)):
        return "border"
    return {1: "centre", 2: "line"}.get(int(weighed.sum()), "")


def _inside_cells(trace: Trace) -> list[str]:
    """The sides of the box that do not lie on an edge of cells."""
    return [side for side, at in zip(SIDES, trace.roi.tolist(), strict=True) if at != np.floor(at)]


def _inclusive(trace: Trace) -> list[str]:
    """The sides of an operator that snaps at which the end cell is read too."""
    down, across = trace.operator.split
    return [side for side, rule in (("x2", across), ("y2", down)) if rule is Split.OVERLAP]


def _is_widened(trace: Trace) -> bool:
    """Is the region that is read larger than the box?"""
    drawn, read = (region[2:] - region[:2] for region in (trace.roi, trace.roi_used))
    return bool((read - drawn > WIDENED).any())


def _sizes(trace: Trace) -> list[int]:
    """How many cells each bin of an operator that snaps reads."""
    x1, y1, x2, y2 = np.moveaxis(trace.bins_used.reshape(-1, 4), -1, 0)
    return [int(size) for size in (x2 - x1) * (y2 - y1)]


def _listed(sizes: list[int]) -> str | tuple[str, ...]:
    """Four sizes one by one, of more the least and the greatest."""
    if len(sizes) <= MOST_LISTED:
        return tuple(map(str, sizes))
    return f"{min(sizes)}–{max(sizes)}"


def _reaches_beyond(trace: Trace) -> bool:
    """Does an operator that snaps read a region that ends where there are no cells?"""
    rows, columns = trace.feature_map.shape
    return bool((trace.roi_used[:2] < 0).any() or (trace.roi_used[2:] > (columns, rows)).any())


def _overlap(trace: Trace) -> bool:
    """Do two bins of an operator that snaps share a cell?"""
    x1, y1, x2, y2 = np.moveaxis(trace.bins_used, -1, 0)
    across, down = x2[:, :-1] > x1[:, 1:], y2[:-1] > y1[1:]
    return bool(across.any() or down.any())


def glance(trace: Trace, focus: Focus | None = None, numbered: bool = True) -> Scene:
    """All of any operator in one picture: where it reads, with what weights, and the output.

    A surface is read everywhere, so no point of it is marked.
    """
    operator = trace.operator
    surface = operator.reading is Reading.SURFACE
    lit = ("focus", "output", *(() if surface else ("sample", "neighbor")), *(("error",) if operator.snaps else ()))
    shown = ("map", "roi", "read", "bin", "split", "name")
    scene = scene_of(trace, lights(" ".join(lit), " ".join(shown)), focus, numbered)
    return replace(scene, marks=tuple(mark for mark in scene.marks if not (surface and isinstance(mark, Samples))))


def scene_of(
    trace: Trace, emphasis: Mapping[str, Emphasis], focus: Focus | None = None, numbered: bool = True
) -> Scene:
    """One picture of a trace, in which every role stands out as much as ``emphasis`` says.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> scene = scene_of(trace(ANIMATION_MAP, (0.55, 2.7, 6.35, 7.4), ROI_POOL, 2), POOL_STEPS["cells"])
    >>> [mark.role for mark in scene.marks]
    ['map', 'roi', 'read', 'split', 'bin', 'sample', 'output']
    """
    focus = nearest_focus(focus or Focus(), trace)
    names = bin_names(trace.output_size, numbered)
    return Scene(extent_of(trace), _marks(trace, focus, names, _shown(emphasis)), emphasis, focus)


def _shown(emphasis: Mapping[str, Emphasis]) -> set[str]:
    return {role for role, how in emphasis.items() if how is not Emphasis.HIDDEN}


def _marks(trace: Trace, focus: Focus, names: tuple[str, ...], shown: Set[str]) -> tuple[Mark, ...]:
    """What is drawn of the roles ``shown``; the bins, the samples and the output in any case: pointing lights them."""
    marks: list[Mark] = [map_grid_of(trace.feature_map), Rects("roi", trace.roi[None])]
    if "pixels" in shown:
        marks.append(pixel_lines(trace))
    if not shown.isdisjoint(("in_pixels", "in_cells")):
        marks += _corners_of_box(trace)
    marks += _regions(trace, shown)
    if "part" in shown and not trace.operator.snaps:
        marks.append(division_lines("part", trace, trace.grid))
    if "split" in shown:
        marks.append(division_lines("split", trace))
    marks.append(Rects("bin", trace.bins_used.reshape(-1, 4), names))
    samples = sample_marks(trace, focus)
    if samples is not None:
        marks.append(samples)
    return (*marks, output_grid(trace))


def _regions(trace: Trace, shown: Set[str]) -> Iterator[Mark]:
    """The region that is read, or that rounding would read, and how far it moves each side of the box."""
    if trace.operator.snaps:
        yield Rects("read", trace.roi_used[None])
        if "error" in shown:
            yield from error_arrows(trace.roi, trace.roi_used)
    elif not np.array_equal(trace.roi_used, trace.roi):  # one orange region is enough: what is read, half a cell off
        yield Rects("read", trace.roi_used[None])
    elif not shown.isdisjoint(("snapped", "error")):
        snapped = region_read(trace.roi, ROI_POOL)
        yield Rects("snapped", snapped[None])
        yield from error_arrows(trace.roi, snapped)


def _corners_of_box(trace: Trace) -> tuple[Dots, ...]:
    """Where the box begins and ends, in image pixels, and from pixels to cells."""
    x1, y1, x2, y2 = trace.roi.tolist()
    points = ((x1, y1), (x2, y2))
    return (
        Dots("in_pixels", points, tuple(corner_in_pixels(trace, k) for k in (0, 2))),
        Dots("in_cells", points, tuple(corner_in_cells(trace, k) for k in (0, 2))),
    )


# ---- sentences: the numbers they have room for --------------------------------------------------------------------


def _values(trace: Trace, scene: Scene) -> dict[str, str | tuple[str, ...]]:
    focus = scene.focus or Focus()
    rows, columns = trace.output_size
    x1, y1, x2, y2 = trace.bins_used[focus.row, focus.column]
    inside = _inside_cells(trace)
    values: dict[str, str | tuple[str, ...]] = {
        "row": str(focus.row),
        "column": str(focus.column),
        "bins": f"{rows}×{columns}",
        "inside": tuple(inside),
        "inside_count": str(len(inside)),
        "output": number(trace.output[focus.row, focus.column], 4),
        "height": number(trace.roi[3] - trace.roi[1], 2),
        "width": number(trace.roi[2] - trace.roi[0], 2),
        "stride": f"{1 / trace.spatial_scale:g}",
        "bin_height": number(trace.bins[0, 0, 3] - trace.bins[0, 0, 1], 2),
        "bin_width": number(trace.bins[0, 0, 2] - trace.bins[0, 0, 0], 2),
    }
    if trace.operator.snaps:
        values |= {
            "used_height": number(trace.roi_used[3] - trace.roi_used[1], 0),
            "used_width": number(trace.roi_used[2] - trace.roi_used[0], 0),
            "used": number(float(np.prod(trace.roi_used[2:] - trace.roi_used[:2])), 0),
            "rows": cell_range(y1, y2),
            "columns": cell_range(x1, x2),
            "row_count": str(int(y2 - y1)),
            "column_count": str(int(x2 - x1)),
            "cells": str(len(trace.samples_of(focus.row, focus.column))),
            "others": str(len(trace.samples_of(focus.row, focus.column)) - 1),
            "sizes": _listed(_sizes(trace)),
            "equal": f"{np.prod(trace.roi_used[2:] - trace.roi_used[:2]) / (rows * columns):.4g}",
            "inclusive": tuple(_inclusive(trace)),
        }
        return values
    values |= {
        "grid": f"{trace.grid[0]}×{trace.grid[1]}",
        "per_bin": str(trace.grid[0] * trace.grid[1]),
        "read_height": number(trace.roi_used[3] - trace.roi_used[1], 2),
        "read_width": number(trace.roi_used[2] - trace.roi_used[0], 2),
        "other": number(trace.joined(other_aggregate(trace.operator))[focus.row, focus.column], 4),
    }
    if trace.samples_of(focus.row, focus.column):
        chosen = looked_at(trace, focus)
        values |= {
            "k": str(focus.sample + 1),
            "y": number(chosen.y[0], 3),
            "x": number(chosen.x[0], 3),
            "value": number(chosen.value[0], 4),
        }
    else:
        values |= {"k": "0", "y": "–", "x": "–", "value": number(0, 4)}
    return values


@lru_cache(maxsize=1)
def consequence(trace: Trace) -> Mapping[str, str]:
    """What snapping costs a box, as text: IoU with the region read; the side that moved most, in cells and pixels."""
    read = trace.roi_used if trace.operator.snaps else region_read(trace.roi, ROI_POOL)
    moved = read - trace.roi
    worst = int(np.argmax(np.abs(moved)))
    return {
        "iou": number(iou(trace.roi, read), 2),
        "side": SIDES[worst],
        "cells": signed(moved[worst], 2),
        "pixels": f"{abs(moved[worst]) / trace.spatial_scale:.1f}",
    }
