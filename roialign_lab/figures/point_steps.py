"""The walk through one bilinear interpolation: one point between four cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from roialign_core.bilinear import PointTrace
from roialign_core.geometry import HALF_CELL
from roialign_lab.figures.formulas import cell_labels, product, sum_of_products
from roialign_lab.figures.scene import Dots, Mark, Rects, Samples, Scene, map_grid_of
from roialign_lab.figures.steps import Step
from roialign_lab.lesson.number_text import NO_WEIGHT, number
from roialign_lab.lesson.scenario import POINT_REACH, Focus
from roialign_lab.lesson.walks import POINT_STEPS

POINT_MARGIN = 1.15
LOUPE_EDGE, LOUPE_ROUND = 0.06, 0.5  # cells round the neighbours, and round the ×, in what is drawn larger
CORNERS = ("Q₁₁", "Q₁₂", "Q₂₁", "Q₂₂")
"""The four neighbours, upper left, upper right, lower left, lower right, numbered as every place here is, y first; R₁
above and R₂ below are the ends of the interpolation along x, P is the point."""


def point_steps(point: PointTrace) -> tuple[Step, ...]:
    """The walk through one bilinear reading: neighbours, areas, the two lerps, the sum, the edge rules.

    >>> from roialign_core import trace_point
    >>> walk = point_steps(trace_point(np.array([[1.0, 2.0], [3.0, 4.0]]), 1.0, 0.75))
    >>> walk[-2].formula[0]
    'f(P) = 0.375·1 + 0.125·2 + 0.375·3 + 0.125·4 = 2.2500'
    """
    scene = Scene(point_extent(point), _point_marks(point), focus=Focus(), closer=loupe_extent(point))
    weights, cells = [number(w, 3) for w in point.weights], cell_labels(scene, point.neighbor_y, point.neighbor_x)
    ly, lx = number(point.share_bottom, 3), number(point.share_right, 3)
    hy, hx = number(point.share_top, 3), number(point.share_left, 3)
    top, bottom = number(point.top, 4), number(point.bottom, 4)
    outside = ("0",)
    formulas = {
        "neighbors": tuple(
            f"f({corner}) = {v}   ({r}, {c})"
            for corner, r, c, v in zip(CORNERS, point.neighbor_y, point.neighbor_x, cells, strict=True)
        ),
        "areas": tuple(
            f"{corner} ({r}, {c}): {product((a, b), weight, 3)}"
            for corner, r, c, (a, b), weight in zip(
                CORNERS,
                point.neighbor_y,
                point.neighbor_x,
                ((hy, hx), (hy, lx), (ly, hx), (ly, lx)),
                point.weights.tolist(),
                strict=True,
            )
        ),
        "lerp_x": (
            f"f(R₁) = {sum_of_products((hx, lx), cells[:2], point.top)}",
            f"f(R₂) = {sum_of_products((hx, lx), cells[2:], point.bottom)}",
        ),
        "lerp_y": (f"f(P) = {sum_of_products((hy, ly), (top, bottom), point.lerp)}",),
        "sum": (f"f(P) = {sum_of_products(weights, cells, point.value)}",),
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
    if key == "sum" and np.isnan(point.value):
        return "no_number"
    rows, columns = point.feature_map.shape
    if not (0 <= point.index_y <= rows - 1 and 0 <= point.index_x <= columns - 1):
        return "border" if key in ("neighbors", "areas", "lerp_x") else ""
    weighed = int((point.weights > NO_WEIGHT).sum())
    return {1: "centre", 2: "line"}.get(weighed, "") if key == "neighbors" else ""


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
    marks.append(
        Dots("lerp_x", ((x, top), (x, bottom)), (f"f(R₁) {number(point.top, 4)}", f"f(R₂) {number(point.bottom, 4)}"))
    )
    marks.append(Dots("lerp_y", ((x, y),), (f"f(P) {number(point.lerp, 4)}",)))
    centres = zip((point.neighbor_x + 0.5).tolist(), (point.neighbor_y + 0.5).tolist(), strict=True)
    marks.append(Dots("corner", tuple(centres), CORNERS))
    return tuple(marks)


def loupe_extent(point: PointTrace) -> tuple[float, float, float, float]:
    """The four neighbours and a little round them, or the cells nearest to a point outside; a square.

    It is larger where the point lies beyond the centres of the cells: the × is always in it.

    >>> from roialign_core import trace_point
    >>> [round(side, 2) for side in loupe_extent(trace_point(np.zeros((8, 8)), 3.7, 8.2))]
    [5.94, 2.62, 8.7, 5.38]
    """
    rows, columns = point.feature_map.shape
    (left, right), (top, bottom) = _visible(point.x, columns), _visible(point.y, rows)
    side = max(right - left, bottom - top)
    across, down = (side - (right - left)) / 2, (side - (bottom - top)) / 2
    return (left - across, top - down, right + across, bottom + down)


def _visible(at: float, cells: int) -> tuple[float, float]:
    """What of one axis is drawn larger: two cells, and as far as the × with its value reaches."""
    first = min(max(int(np.floor(at - HALF_CELL)), 0), max(cells - 2, 0))
    at = min(max(at, -POINT_REACH), cells + POINT_REACH)
    return min(first - LOUPE_EDGE, at - LOUPE_ROUND), max(first + 2 + LOUPE_EDGE, at + LOUPE_ROUND)


def point_extent(point: PointTrace) -> tuple[float, float, float, float]:
    """What is visible round one point: the map and a cell outside it on every side."""
    rows, columns = point.feature_map.shape
    return (-POINT_MARGIN, -POINT_MARGIN, columns + POINT_MARGIN, rows + POINT_MARGIN)
