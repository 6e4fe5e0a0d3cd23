"""The walk through an operator: ordered steps, each a Scene, a formula with the real numbers in it, and a text key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from figures.scene import (
    Dots,
    Emphasis,
    Focus,
    Grid,
    Mark,
    Rects,
    Samples,
    Scene,
    division_lines,
    error_arrows,
    extent_of,
    loupe_extent,
    map_grid,
    number,
    number_before,
    output_grid,
    point_extent,
    sample_marks,
)
from roialign_core.bilinear import PointTrace
from roialign_core.geometry import Floats, Ints, iou, region_read, round_half_away_from_zero
from roialign_core.operators import ROI_POOL, Aggregate, Reading, Split
from roialign_core.trace import Trace

LIT, SHOWN, DIM, HIDDEN = Emphasis.LIT, Emphasis.SHOWN, Emphasis.DIM, Emphasis.HIDDEN
MOST_TERMS = 9  # values written out in a formula before it says how many more there are


def _lights(lit: str, shown: str = "", dim: str = "") -> Mapping[str, Emphasis]:
    """What one step does with each role: names of roles, separated by spaces; a role that is not named is hidden."""
    chosen = dict.fromkeys(ROLES, HIDDEN)
    for roles, emphasis in ((lit, LIT), (shown, SHOWN), (dim, DIM)):
        chosen |= dict.fromkeys(roles.split(), emphasis)
    return chosen


ROLES = (
    *("map", "asked", "read", "snapped", "error", "split", "part", "bin", "focus", "sample", "value", "neighbor"),
    *("output", "point", "square", "area", "lerp_x", "lerp_y", "reach", "gradient", "slope"),
)
POOL_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": _lights("map", "asked", "output"),
    "project": _lights("asked", "map", "output"),
    "snap": _lights("read error", "map asked", "output"),
    "split": _lights("split", "map read", "asked output"),
    "cells": _lights("bin focus", "map read", "asked split output"),
    "max": _lights("focus sample output", "map asked read error bin"),
    "result": _lights("output", "asked read sample", "map bin"),
}
ALIGN_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": _lights("map", "asked", "output"),
    "project": _lights("asked", "map snapped error read", "output"),
    "bins": _lights("bin split", "map asked read", "output"),
    "samples": _lights("part sample", "map asked read bin split", "output"),
    "neighbors": _lights("neighbor", "map asked read bin split sample focus output"),
    "values": _lights("sample value", "asked read bin split focus output", "map"),
    "join": _lights("focus output", "asked read bin split sample value", "map"),
    "result": _lights("output", "asked read split sample", "map"),
}
POINT_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "neighbors": _lights("point neighbor", "map square"),
    "areas": _lights("point area", "map square", "neighbor"),
    "lerp_x": _lights("lerp_x", "map point square", "neighbor"),
    "lerp_y": _lights("lerp_y", "map point lerp_x", "square"),
    "sum": _lights("point neighbor value", "map"),
    "edge": _lights("point reach", "map neighbor value"),
}
SIDES = ("x1", "y1", "x2", "y2")


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
    values: Mapping[str, str]
    case: str = ""

    @property
    def sentence_key(self) -> str:
        """Where its sentence is: one of its own where the usual one would not be true of this ``case``."""
        return f"{self.text_key}.{self.case}" if self.case else self.text_key + ".sentence"


def steps(trace: Trace, focus: Focus | None = None) -> tuple[Step, ...]:
    """The ordered walk through a trace: seven steps for an operator that snaps, eight for one that samples.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> walk = steps(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2))
    >>> [step.key for step in walk]
    ['map', 'project', 'snap', 'split', 'cells', 'max', 'result']
    >>> walk[2].formula[2]
    'x2: round(6.00) + 1 = 7'
    """
    return _steps(trace, step_keys(trace.operator.snaps), focus)


def step_of(trace: Trace, key: str, focus: Focus | None = None) -> Step:
    """One step of the walk by its key: a drag shows no more than that.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> step_of(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2), "max").formula
    ('max(0.85, 0.34, 0.76, 0.84, 0.32, 0.74, 0.21, 0.39, 0.20, 0.14, 0.16, 0.13) = 0.8500',)
    """
    return _steps(trace, (key,), focus)[0]


def _steps(trace: Trace, keys: tuple[str, ...], focus: Focus | None) -> tuple[Step, ...]:
    focus = held(focus or Focus(), trace)
    scene = Scene(extent_of(trace), _marks(trace, focus), focus=focus)
    table = POOL_STEPS if trace.operator.snaps else ALIGN_STEPS
    kind = "roi_pool" if trace.operator.snaps else "roi_align"
    values = _values(trace, scene)
    return tuple(
        Step(
            key=key,
            text_key=f"steps.{kind}.{key}",
            scene=replace(scene, emphasis=table[key]),
            formula=_FORMULAS[kind, key](trace, scene),
            values=values,
            case=_case(trace, key, focus),
        )
        for key in keys
    )


def _case(trace: Trace, key: str, focus: Focus) -> str:
    """What is special about a step, if anything is."""
    if trace.operator.snaps:
        cells = len(trace.samples_of(focus.row, focus.column))
        cases = {("cells", 0): "empty", ("max", 0): "empty", ("max", 1): "one"}
        return cases.get((key, cells), "apart" if key == "cells" and not _overlap(trace) else "")
    return "legacy" if not trace.operator.aligned and key in ("project", "bins", "samples") else ""


def _overlap(trace: Trace) -> bool:
    """Do two bins of an operator that snaps share a cell?"""
    x1, y1, x2, y2 = np.moveaxis(trace.bins_used, -1, 0)
    across, down = x2[:, :-1] > x1[:, 1:], y2[:-1] > y1[1:]
    return bool(across.any() or down.any())


def glance(trace: Trace, focus: Focus | None = None) -> Scene:
    """All of any operator in one picture: where it reads, with what weights, and the output.

    A surface is read everywhere, so no point of it is marked.
    """
    focus = held(focus or Focus(), trace)
    operator = trace.operator
    surface = operator.reading is Reading.SURFACE
    lit = ("focus", "output", *(() if surface else ("sample", "neighbor")), *(("error",) if operator.snaps else ()))
    shown = ("map", "asked", "read", "bin", "split")
    marks = tuple(mark for mark in _marks(trace, focus) if not (surface and isinstance(mark, Samples)))
    return Scene(extent_of(trace), marks, _lights(" ".join(lit), " ".join(shown)), focus)


def step_keys(snaps: bool) -> tuple[str, ...]:
    """The names of the steps, for an operator that snaps or one that does not."""
    return tuple(POOL_STEPS if snaps else ALIGN_STEPS)


def held(focus: Focus, trace: Trace) -> Focus:
    """The focus moved to a bin and a sample that exist."""
    rows, columns = trace.output_size
    row, column = min(max(focus.row, 0), rows - 1), min(max(focus.column, 0), columns - 1)
    last = max(len(trace.samples_of(row, column)) - 1, 0)
    return Focus(row, column, min(max(focus.sample, 0), last))


def _marks(trace: Trace, focus: Focus) -> tuple[Mark, ...]:
    marks: list[Mark] = [map_grid_of(trace.feature_map), Rects("asked", trace.roi[None])]
    if trace.operator.snaps:
        marks += [Rects("read", trace.roi_used[None]), *error_arrows(trace.roi, trace.roi_used)]
    else:
        if np.array_equal(trace.roi_used, trace.roi):
            snapped = region_read(trace.roi, ROI_POOL)
            marks += [Rects("snapped", snapped[None]), *error_arrows(trace.roi, snapped)]
        else:  # one dashed region is enough: what is read, half a cell off
            marks.append(Rects("read", trace.roi_used[None]))
        marks.append(division_lines("part", trace, trace.grid))
    marks += [division_lines("split", trace), Rects("bin", trace.bins_used.reshape(-1, 4))]
    samples = sample_marks(trace, focus)
    if samples is not None:
        marks.append(samples)
    return (*marks, output_grid(trace))


_map_grids: dict[int, tuple[Floats, Grid]] = {}


def map_grid_of(feature_map: Floats) -> Grid:
    """The grid of a map; the last few maps are remembered, because a drag asks for the same one at every update."""
    known = _map_grids.get(id(feature_map))
    if known is None or known[0] is not feature_map:
        if len(_map_grids) > 16:
            _map_grids.clear()
        known = _map_grids[id(feature_map)] = (feature_map, map_grid(feature_map))
    return known[1]


# ---- sentences: the numbers they have room for --------------------------------------------------------------------


def _values(trace: Trace, scene: Scene) -> dict[str, str]:
    focus = scene.focus or Focus()
    rows, columns = trace.output_size
    x1, y1, x2, y2 = trace.bins_used[focus.row, focus.column]
    values = {
        "row": str(focus.row),
        "column": str(focus.column),
        "bins": f"{rows}×{columns}",
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
            "rows": _span(y1, y2),
            "columns": _span(x1, x2),
            "cells": str(len(trace.samples_of(focus.row, focus.column))),
        }
        return values
    values |= {
        "grid": f"{trace.grid[0]}×{trace.grid[1]}",
        "per_bin": str(trace.grid[0] * trace.grid[1]),
        "other": number(trace.joined(_other(trace))[focus.row, focus.column], 4),
    }
    mine = trace.samples_of(focus.row, focus.column)
    if mine:
        chosen = mine[focus.sample]
        values |= {
            "k": str(focus.sample + 1),
            "y": number(trace.sample_y[chosen], 3),
            "x": number(trace.sample_x[chosen], 3),
            "value": number(trace.sample_value[chosen], 4),
        }
    else:
        values |= {"k": "0", "y": "–", "x": "–", "value": number(0, 4)}
    return values


def consequence(trace: Trace) -> dict[str, str]:
    """What snapping costs this box, as text: IoU of asked and read, the worst side, in cells and in image pixels."""
    read = trace.roi_used if trace.operator.snaps else region_read(trace.roi, ROI_POOL)
    moved = read - trace.roi
    worst = int(np.argmax(np.abs(moved)))
    return {
        "iou": number(iou(trace.roi, read), 2),
        "side": SIDES[worst],
        "cells": f"{moved[worst]:+.2f}",
        "pixels": f"{abs(moved[worst]) / trace.spatial_scale:.1f}",
    }


def cells_in_words(trace: Trace, row: int, column: int) -> tuple[str, str]:
    """The rows and the columns of cells that one bin of an operator that snaps reads."""
    x1, y1, x2, y2 = trace.bins_used[row, column]
    return _span(y1, y2), _span(x1, x2)


def _other(trace: Trace) -> Aggregate:
    return Aggregate.MEAN if trace.operator.aggregate is Aggregate.MAX else Aggregate.MAX


def _span(start: float, end: float) -> str:
    """Cells start…end (end exclusive) as a person says it: 3–5, or 3, or – for none."""
    first, last = int(start), int(end) - 1
    return "–" if last < first else str(first) if first == last else f"{first}–{last}"


# ---- formulas -----------------------------------------------------------------------------------------------------


def _scale(trace: Trace) -> str:
    stride = 1 / trace.spatial_scale
    return f"1/{stride:g}" if stride != 1 else "1"


def _box_in_pixels(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    sides = ", ".join(number(side, 1) for side in trace.box)
    return (f"(x1, y1, x2, y2) = ({sides}) px",)


def _projected(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    scale = _scale(trace)
    return tuple(
        f"{side} = {number(pixels, 1)} × {scale} = {number(cells, 2)}"
        for side, pixels, cells in zip(SIDES, trace.box, trace.roi, strict=True)
    )


def _snapped(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    rules = trace.operator.split
    lines = []
    for k, side in enumerate(SIDES):
        inclusive = k >= 2 and rules[0 if k == 3 else 1] is Split.OVERLAP
        asked = f"round({number_before(round_half_away_from_zero, trace.roi[k], 2)})"
        used = number(trace.roi_used[k], 0)
        if k >= 2 and not inclusive and trace.roi_used[k] - trace.roi_used[k - 2] == 1:  # at least one cell
            lines.append(f"{side}: max({asked}, {number(trace.roi_used[k - 2], 0)} + 1) = {used}")
        else:
            lines.append(f"{side}: {asked}{' + 1' if inclusive else ''} = {used}")
    return tuple(lines)


def _bin_sizes(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    rows, columns = trace.output_size
    decimals = 0 if trace.operator.snaps else 2
    size = trace.bins[0, 0, 2:] - trace.bins[0, 0, :2]
    used = trace.roi_used[2:] - trace.roi_used[:2]
    return (
        f"h = {number(used[1], decimals)} / {rows} = {number(size[1], 3)}",
        f"w = {number(used[0], decimals)} / {columns} = {number(size[0], 3)}",
    )


def _bin_cells(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    exact, read = trace.bins[focus.row, focus.column], trace.bins_used[focus.row, focus.column]
    lines = []
    for name, rule, low, high in (("y", trace.operator.split[0], 1, 3), ("x", trace.operator.split[1], 0, 2)):
        if rule is Split.OVERLAP:
            cells = trace.feature_map.shape[0 if name == "y" else 1]
            start, end = f"⌊{number_before(np.floor, exact[low], 2)}⌋", f"⌈{number_before(np.ceil, exact[high], 2)}⌉"
            if exact[high] > cells:  # the map ends there
                end = f"min({end}, {cells})"
                start = f"min({start}, {cells})" if exact[low] > cells else start
            lines.append(f"{name}: {start} = {number(read[low], 0)}, {end} = {number(read[high], 0)}")
        else:
            extent = trace.bins_used[:, 0, :] if name == "y" else trace.bins_used[0, :, :]
            parts = " + ".join(number(size, 0) for size in extent[:, high] - extent[:, low])
            whole = number(trace.roi_used[high] - trace.roi_used[low], 0)
            lines.append(f"{name}: {whole} → {parts}")
    return tuple(lines)


def _bin_maximum(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    mine = trace.samples_of(focus.row, focus.column)
    if not mine:
        return ("∅ → 0",)
    first = mine[: MOST_TERMS * 2]
    cells = _cell_labels(scene, trace.neighbor_y[first, 0], trace.neighbor_x[first, 0])
    return (f"max({_abridged(cells, len(mine))}) = {number(trace.output[focus.row, focus.column], 4)}",)


def _listed(trace: Trace, mine: range) -> str:
    return _abridged([number(trace.sample_value[k], 3) for k in mine[:MOST_TERMS]], len(mine))


def _abridged(shown: list[str], total: int) -> str:
    """The numbers that are shown, and how many there are where that is more."""
    return ", ".join(shown) + (f", …; n = {total}" if total > len(shown) else "")


def _table(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    return tuple("  ".join(number(v, 4) for v in row) for row in trace.output)


def _sample_position(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    mine = trace.samples_of(focus.row, focus.column)
    if not mine:
        return ("g = 0",)
    chosen, (down, across) = mine[focus.sample], trace.grid
    i, j = divmod(focus.sample, across)
    x1, y1, x2, y2 = trace.bins[focus.row, focus.column]
    return (
        f"y = {number(y1, 3)} + ({i} + ½)/{down} · {number(y2 - y1, 3)} = {number(trace.sample_y[chosen], 3)}",
        f"x = {number(x1, 3)} + ({j} + ½)/{across} · {number(x2 - x1, 3)} = {number(trace.sample_x[chosen], 3)}",
    )


def _weighted_sum(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    mine = trace.samples_of(focus.row, focus.column)
    if not mine:
        return ()
    k = mine[focus.sample]
    weights = [number(w, 3) for w in trace.weights[k]]
    cells = _cell_labels(scene, trace.neighbor_y[k], trace.neighbor_x[k])
    return (_sum_of_products(weights, cells, float(trace.sample_value[k])),)


def _cell_labels(scene: Scene, rows: Ints, columns: Ints) -> list[str]:
    """What is written in those cells of the map."""
    labels = scene.map.labels
    return [labels[row][column] for row, column in zip(rows, columns, strict=True)]


def _sum_of_products(weights: list[str], cells: list[str], result: float) -> str:
    terms = " + ".join(f"{weight}·{cell}" for weight, cell in zip(weights, cells, strict=True))
    return f"{terms} = {number(result, 4)}"


def _sample_values(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    mine = trace.samples_of(focus.row, focus.column)
    return (_listed(trace, mine),) if mine else ()


def _joined(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    mine = trace.samples_of(focus.row, focus.column)
    listed = _listed(trace, mine)
    both = (trace.operator.aggregate, _other(trace))
    return tuple(
        f"{aggregate}({listed}) = {number(trace.joined(aggregate)[focus.row, focus.column], 4)}" for aggregate in both
    )


_FORMULAS = {
    ("roi_pool", "map"): _box_in_pixels,
    ("roi_pool", "project"): _projected,
    ("roi_pool", "snap"): _snapped,
    ("roi_pool", "split"): _bin_sizes,
    ("roi_pool", "cells"): _bin_cells,
    ("roi_pool", "max"): _bin_maximum,
    ("roi_pool", "result"): _table,
    ("roi_align", "map"): _box_in_pixels,
    ("roi_align", "project"): _projected,
    ("roi_align", "bins"): _bin_sizes,
    ("roi_align", "samples"): _sample_position,
    ("roi_align", "neighbors"): _weighted_sum,
    ("roi_align", "values"): _sample_values,
    ("roi_align", "join"): _joined,
    ("roi_align", "result"): _table,
}


# ---- one point ----------------------------------------------------------------------------------------------------


def point_steps(point: PointTrace) -> tuple[Step, ...]:
    """The walk through one bilinear reading: neighbours, areas, the two lerps, the sum, the edge rules.

    >>> from roialign_core import trace_point
    >>> walk = point_steps(trace_point(np.array([[1.0, 2.0], [3.0, 4.0]]), 1.0, 0.75))
    >>> walk[-2].formula[0]
    '0.375·1 + 0.125·2 + 0.375·3 + 0.125·4 = 2.2500'
    """
    scene = Scene(point_extent(point), _point_marks(point), focus=Focus(), closer=loupe_extent(point))
    weights, cells = [number(w, 3) for w in point.weights], _cell_labels(scene, point.neighbor_y, point.neighbor_x)
    ly, lx = number(point.share_bottom, 3), number(point.share_right, 3)
    hy, hx = number(point.share_top, 3), number(point.share_left, 3)
    top, bottom = number(point.top, 4), number(point.bottom, 4)
    outside = ("0",)
    formulas = {
        "neighbors": tuple(
            f"({r}, {c}) = {v}" for r, c, v in zip(point.neighbor_y, point.neighbor_x, cells, strict=True)
        ),
        "areas": tuple(
            f"({r}, {c}) {a}·{b} = {w}"
            for r, c, (a, b), w in zip(
                point.neighbor_y, point.neighbor_x, ((hy, hx), (hy, lx), (ly, hx), (ly, lx)), weights, strict=True
            )
        ),
        "lerp_x": (
            f"{hx}·{cells[0]} + {lx}·{cells[1]} = {top}",
            f"{hx}·{cells[2]} + {lx}·{cells[3]} = {bottom}",
        ),
        "lerp_y": (f"{hy}·{top} + {ly}·{bottom} = {number(point.lerp, 4)}",),
        "sum": (_sum_of_products(weights, cells, point.value),),
        "edge": (
            f"(y − ½, x − ½) = ({number(point.index_y, 3)}, {number(point.index_x, 3)}) → {number(point.value, 4)}",
        ),
    }
    rows, columns = point.feature_map.shape
    values = {
        "y": number(point.y, 3),
        "x": number(point.x, 3),
        "value": number(point.value, 4),
        "rows": str(rows),
        "columns": str(columns),
    }
    return tuple(
        Step(
            key=key,
            text_key=f"steps.bilinear.{key}",
            scene=replace(scene, emphasis=emphasis),
            formula=formulas[key] if point.inside or key == "edge" else outside,
            values=values,
            case=_case_of_point(point, key),
        )
        for key, emphasis in POINT_STEPS.items()
    )


def _case_of_point(point: PointTrace, key: str) -> str:
    """What is special about a step of a point, if anything is."""
    if key == "edge":
        return ""
    if not point.inside:
        return "outside"
    rows, columns = point.feature_map.shape
    beyond = not (0 <= point.index_y <= rows - 1 and 0 <= point.index_x <= columns - 1)
    return "border" if beyond and key in ("neighbors", "areas") else ""


def _point_marks(point: PointTrace) -> tuple[Mark, ...]:
    rows, columns = point.feature_map.shape
    marks: list[Mark] = [map_grid_of(point.feature_map)]
    marks.append(Rects("reach", np.array([[-0.5, -0.5, columns + 0.5, rows + 0.5]])))
    marks.append(
        Samples(
            number=np.array([0]),
            bin=np.array([[0, 0]]),
            y=np.array([point.y]),
            x=np.array([point.x]),
            neighbor_y=point.neighbor_y[None],
            neighbor_x=point.neighbor_x[None],
            weights=point.weights[None],
            labels=(number(point.value, 3),),
            wins=np.array([False]),
            interpolated=True,
            role="point",
        )
    )
    if not point.inside:
        return tuple(marks)
    top, left = point.neighbor_y[0] + 0.5, point.neighbor_x[0] + 0.5
    bottom, right = point.neighbor_y[3] + 0.5, point.neighbor_x[3] + 0.5
    y, x = top + point.share_bottom, left + point.share_right
    marks.append(Rects("square", np.array([[left, top, right, bottom]])))
    opposite = np.array([[x, y, right, bottom], [left, y, x, bottom], [x, top, right, y], [left, top, x, y]])
    marks.append(Rects("area", opposite, tuple(number(w, 3) for w in point.weights)))
    marks.append(Dots("lerp_x", ((x, top), (x, bottom)), (number(point.top, 4), number(point.bottom, 4))))
    marks.append(Dots("lerp_y", ((x, y),), (number(point.lerp, 4),)))
    return tuple(marks)
