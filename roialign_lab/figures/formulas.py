"""The formula of each step, with the numbers of the trace in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan, prod

import numpy as np

from roialign_core.geometry import Floats, Ints, round_half_away_from_zero
from roialign_core.operators import Aggregate, Operator, Split
from roialign_core.samples import Points
from roialign_core.trace import Trace
from roialign_lab.figures.scene import Grid, Scene
from roialign_lab.lesson.number_text import number, number_before
from roialign_lab.lesson.scenario import SIDES, Focus

MOST_TERMS = 9  # values written out in a formula before it says how many more there are


def other_aggregate(operator: Operator) -> Aggregate:
    """The maximum for an operator that averages, the mean for an operator that takes the maximum."""
    return Aggregate.MEAN if operator.aggregate is Aggregate.MAX else Aggregate.MAX


def _scale(trace: Trace) -> str:
    stride = 1 / trace.spatial_scale
    return f"1/{stride:g}" if stride != 1 else "1"


def _box_in_pixels(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    sides = ", ".join(number(side, 1) for side in trace.box)
    return (f"(x1, y1, x2, y2) = ({sides}) px",)


def _projected(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    scale, lines = _scale(trace), []
    for side, pixels, cells in zip(SIDES, trace.box, trace.roi, strict=True):
        shown, result = number(pixels, 1), number(cells, 2)
        lines.append(f"{side} = {shown} × {scale} {sign(_read(shown) * trace.spatial_scale, result)} {result}")
    return tuple(lines)


def corner_in_pixels(trace: Trace, first: int) -> str:
    """A corner of the box, by the place of its x among the sides.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> t = trace(ANIMATION_MAP, (8.8, 43.2, 101.6, 118.4), ROI_POOL, 2, 1 / 16)
    >>> corner_in_pixels(t, 0), corner_in_cells(t, 2)
    ('(8.8, 43.2) px', '(6.35, 7.40)')
    """
    x, y = (number(trace.box[k], 1) for k in (first, first + 1))
    return f"({x}, {y}) px"


def corner_in_cells(trace: Trace, first: int) -> str:
    """The same corner in cells of the map. The division stands in the formula: here it would lie on seven numbers."""
    x, y = (number(trace.roi[k], 2) for k in (first, first + 1))
    return f"({x}, {y})"


def _snapped(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    rules = trace.operator.split
    lines = []
    for k, side in enumerate(SIDES):
        inclusive = k >= 2 and rules[0 if k == 3 else 1] is Split.OVERLAP
        rounded = f"round({number_before(round_half_away_from_zero, trace.roi[k], 2)})"
        used = number(trace.roi_used[k], 0)
        if k >= 2 and not inclusive and trace.roi_used[k] - trace.roi_used[k - 2] == 1:  # at least one cell
            lines.append(f"{side}: max({rounded}, {number(trace.roi_used[k - 2], 0)} + 1) = {used}")
        else:
            lines.append(f"{side}: {rounded}{' + 1' if inclusive else ''} = {used}")
    return tuple(lines)


def _bin_sizes(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    rows, columns = trace.output_size
    decimals = 0 if trace.operator.snaps else 2
    size = trace.bins[0, 0, 2:] - trace.bins[0, 0, :2]
    used = trace.roi_used[2:] - trace.roi_used[:2]
    lines = []
    for name, k, parts in (("h", 1, rows), ("w", 0, columns)):
        whole, part = number(used[k], decimals), number(size[k], 3)
        lines.append(f"{name} = {whole} / {parts} {sign(_read(whole) / parts, part)} {part}")
    return tuple(lines)


def _bin_cells(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    exact, read = trace.bins[focus.row, focus.column], trace.bins_used[focus.row, focus.column]
    lines = []
    for name, rule, low, high in (("y", trace.operator.split[0], 1, 3), ("x", trace.operator.split[1], 0, 2)):
        if rule is Split.OVERLAP:
            cells, parts = (of[0 if name == "y" else 1] for of in (trace.feature_map.shape, trace.output_size))
            first, kind = trace.roi_used[low], trace.roi_used.dtype.type
            size, at = (trace.roi_used[high] - first) / kind(parts), focus.row if name == "y" else focus.column
            begins, ends = kind(at) * size, kind(at + 1) * size
            start = _whole(np.floor, "⌊{}⌋", exact[low], first, begins)
            end = _whole(np.ceil, "⌈{}⌉", exact[high], first, ends)
            if first + np.ceil(ends) > cells:  # the map ends there
                end = f"min({end}, {cells})"
                start = f"min({start}, {cells})" if exact[low] > cells else start
            lines.append(f"{name}: {start} = {number(read[low], 0)}, {end} = {number(read[high], 0)}")
        else:
            extent = trace.bins_used[:, 0, :] if name == "y" else trace.bins_used[0, :, :]
            parts = " + ".join(number(size, 0) for size in extent[:, high] - extent[:, low])
            whole = number(trace.roi_used[high] - trace.roi_used[low], 0)
            lines.append(f"{name}: {whole} → {parts}")
    return tuple(lines)


def _whole(rule: Callable[[Floats], Floats], around: str, edge: float, first: float, within: float) -> str:
    """The edge of a bin before it is rounded: where it lies, or the region's ``first`` cell and how far ``within`` it.

    The kernel rounds the second and then adds; both are the same but for the last bits of a sum.

    >>> _whole(np.ceil, "⌈{}⌉", 5.5, 3.0, 2.5), _whole(np.ceil, "⌈{}⌉", 33.0, 8.0, 25.000000000000004)
    ('⌈5.50⌉', '8 + ⌈25.000000000000004⌉')
    """
    of_sum, of_part = rule(np.array([edge, within]))
    if of_sum == first + of_part:
        return around.format(number_before(rule, edge, 2))
    return f"{number(first, 0)} + {around.format(number_before(rule, within, 2))}"


def _bin_maximum(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    in_bin = trace.samples_of(focus.row, focus.column)
    if not in_bin:
        return ("∅ → 0",)
    first = trace.points_of(focus.row, focus.column, slice(MOST_TERMS * 2))
    cells = cell_labels(scene, first.neighbor_y[:, 0], first.neighbor_x[:, 0])
    result = number(trace.output[focus.row, focus.column], 4)
    equals = _sign_of_list(Aggregate.MAX, cells, len(in_bin), result)
    return (f"max({_abridged(cells, len(in_bin))}) {equals} {result}",)


def looked_at(trace: Trace, focus: Focus) -> Points:
    """The one sample point that is looked at."""
    return trace.points_of(focus.row, focus.column, slice(focus.sample, focus.sample + 1))


def _listed(trace: Trace, focus: Focus) -> str:
    first = trace.points_of(focus.row, focus.column, slice(MOST_TERMS))
    return _abridged([number(value, 3) for value in first.value], len(trace.samples_of(focus.row, focus.column)))


def _abridged(shown: list[str], total: int) -> str:
    """The numbers that are shown, and how many there are where that is more."""
    return ", ".join(shown) + (f", …; n = {total}" if total > len(shown) else "")


def _table(trace: Trace, _scene: Scene) -> tuple[str, ...]:
    return tuple("  ".join(number(v, 4) for v in row) for row in trace.output)


def _sample_position(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    if not trace.samples_of(focus.row, focus.column):
        return ("g = 0",)
    chosen, (down, across) = looked_at(trace, focus), trace.grid
    i, j = divmod(focus.sample, across)
    x1, y1, x2, y2 = trace.bins[focus.row, focus.column]
    lines = []
    for name, k, parts, start, length, place in (
        ("y", i, down, y1, y2 - y1, chosen.y[0]),
        ("x", j, across, x1, x2 - x1, chosen.x[0]),
    ):
        first, size, result = number(start, 3), number(length, 3), number(place, 3)
        equals = sign(_read(first) + (k + 0.5) / parts * _read(size), result)
        lines.append(f"{name} = {first} + ({k} + ½)/{parts} · {size} {equals} {result}")
    return tuple(lines)


def _weighted_sum(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    if not trace.samples_of(focus.row, focus.column):
        return ()
    chosen = looked_at(trace, focus)
    weights = [number(w, 3) for w in chosen.weights[0]]
    cells = cell_labels(scene, chosen.neighbor_y[0], chosen.neighbor_x[0])
    return (sum_of_products(weights, cells, float(chosen.value[0])),)


def cell_labels(scene: Scene, rows: Ints, columns: Ints) -> list[str]:
    """What is written in those cells of the map."""
    labels = scene.map.labels
    return [labels[row][column] for row, column in zip(rows, columns, strict=True)]


def sum_of_products(weights: Sequence[str], cells: Sequence[str], result: float) -> str:
    """The sum with its result: ``≈`` where the numbers as they are written give another.

    >>> sum_of_products(["0.500", "0.500"], ["3", "4"], 3.5), sum_of_products(["0.012", "0.988"], ["1", "0"], 0.0123)
    ('0.500·3 + 0.500·4 = 3.5000', '0.012·1 + 0.988·0 ≈ 0.0123')
    """
    terms = " + ".join(f"{weight}·{cell}" for weight, cell in zip(weights, cells, strict=True))
    written = sum(_read(weight) * _read(cell) for weight, cell in zip(weights, cells, strict=True))
    return f"{terms} {sign(written, number(result, 4))} {number(result, 4)}"


def _read(text: str) -> float:
    """A number as it is written; NaN for an infinite one."""
    return float(text) if "∞" not in text else nan


def sign(written: float, result: str) -> str:
    """``=`` where ``written``, reckoned with the numbers that stand there, is the result to its last digit; else ``≈``.

    >>> sign(0.36049, "0.3605"), sign(0.36041, "0.3605"), sign(123460.0, "1.23e+05")
    ('=', '≈', '=')
    """
    digits, _, exponent = result.partition("e")
    half = 0.5 * 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    return "≈" if abs(written - _read(result)) > half * (1 + 1e-6) + 1e-9 else "="


def product(factors: Sequence[str], result: float, decimals: int) -> str:
    """The product of numbers as they are written, with its sign and its result.

    >>> product(("0.5", "0.3"), 0.15, 3), product(("0.012", "0.5"), 0.0058, 4)
    ('0.5·0.3 = 0.150', '0.012·0.5 ≈ 0.0058')
    """
    shown = number(result, decimals)
    return f"{'·'.join(factors)} {sign(prod(map(_read, factors)), shown)} {shown}"


def _sample_values(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    return (_listed(trace, focus),) if trace.samples_of(focus.row, focus.column) else ()


def _joined(trace: Trace, scene: Scene) -> tuple[str, ...]:
    focus = scene.focus or Focus()
    listed = _listed(trace, focus)
    both = (trace.operator.aggregate, other_aggregate(trace.operator))
    lines = []
    for aggregate in both:
        result = number(trace.joined(aggregate)[focus.row, focus.column], 4)
        lines.append(f"{aggregate}({listed}) {_sign_of_joined(trace, focus, aggregate, result)} {result}")
    return tuple(lines)


def signs_of_joined(trace: Trace, scene: Scene) -> list[str]:
    """Of each bin in reading order, the sign between the values of its samples, as they are written, and its output.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> from roialign_lab.figures.steps import step_of
    >>> t = trace(ANIMATION_MAP, (8.8, 43.2, 101.6, 118.4), ROI_ALIGN, 2, 1 / 16)
    >>> signs_of_joined(t, step_of(t, "join").scene)
    ['≈', '≈', '≈', '≈']
    """
    samples, output = scene.samples, scene.find(Grid, "output")
    count = trace.grid[0] * trace.grid[1]
    signs = dict.fromkeys(np.ndindex(trace.output_size), "=")
    if samples is None or output is None or not count:
        return list(signs.values())
    for first in range(0, len(samples.labels), count):
        row, column = samples.bin[first].tolist()
        shown = samples.labels[first : first + min(count, MOST_TERMS)]
        signs[row, column] = _sign_of_list(trace.operator.aggregate, shown, count, output.labels[row][column])
    return list(signs.values())


def _sign_of_joined(trace: Trace, focus: Focus, aggregate: Aggregate, result: str) -> str:
    """Of values that are written with three digits."""
    count = len(trace.samples_of(focus.row, focus.column))
    first = trace.points_of(focus.row, focus.column, slice(MOST_TERMS))
    return _sign_of_list(aggregate, [number(value, 3) for value in first.value], count, result)


def _sign_of_list(aggregate: Aggregate, shown: Sequence[str], count: int, result: str) -> str:
    """The sign between ``count`` numbers, of which the first are ``shown``, and what they are joined to.

    What is not shown can make a greater maximum and any mean; only a shown number that is greater refutes a maximum.

    >>> [_sign_of_list(Aggregate.MAX, ("0.85", "0.30"), count, "0.8472") for count in (2, 5)]
    ['≈', '≈']
    >>> _sign_of_list(Aggregate.MAX, ("0.85", "0.30"), 5, "0.9600"), _sign_of_list(Aggregate.MEAN, ("0", "1"), 2, "0.5")
    ('=', '=')
    """
    written = [_read(text) for text in shown]
    if not written:
        return "="
    if count > len(written):
        return sign(max(written), result) if aggregate is Aggregate.MAX and max(written) > _read(result) else "="
    return sign(max(written) if aggregate is Aggregate.MAX else sum(written) / count, result)


FORMULAS = {
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
