"""A Scene: marks with roles, in map coordinates (cell j spans [j, j + 1]). The stage and matplotlib draw the same one.

A mark says what something *is* (its role); ``figures.style`` says how a role looks. Every number that is shown arrives
here as text, made from the trace, so that no picture computes one.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from math import isfinite, isinf, isnan
from typing import TypeVar

import numpy as np
from PIL import Image

from roialign_core.bilinear import PointTrace
from roialign_core.geometry import Floats
from roialign_core.trace import Trace

MOST_SAMPLES_DRAWN = 1024
LARGEST_NUMBERED = 12  # cells on a side: above it numbers give way to colour
MOST_DRAWN = 20_000  # cells that a browser draws one by one: above it the map is a picture
MOST_DECIMALS = 17  # with which a float64 is told from every other
MARGIN = 0.3
FAR_MARGIN = 1.1  # room for the cell that RoI Pool adds, and for the half cell of the legacy convention
POINT_MARGIN = 1.15


class Emphasis(StrEnum):
    """What a step does with a role."""

    LIT = "lit"
    SHOWN = "shown"
    DIM = "dim"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Focus:
    """The bin that is looked at, and which of its samples."""

    row: int = 0
    column: int = 0
    sample: int = 0


@dataclass(frozen=True)
class Grid:
    """Cells with a number: the feature map or the output. ``levels`` 0…1 choose the colour; NaN has none."""

    role: str
    labels: tuple[tuple[str, ...], ...]
    levels: Floats


@dataclass(frozen=True)
class Rects:
    """Rectangles x1, y1, x2, y2 (n, 4) of one role, with a text each or none."""

    role: str
    boxes: Floats
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lines:
    """Lines across a region x1, y1, x2, y2: horizontal ones at ``ys``, vertical ones at ``xs``."""

    role: str
    region: Floats
    ys: Floats
    xs: Floats


@dataclass(frozen=True)
class Arrow:
    """From where a side was asked for to where it is read, with how much."""

    side: str
    x0: float
    y0: float
    x1: float
    y1: float
    label: str
    role: str = "error"


@dataclass(frozen=True)
class Samples:
    """Sample points with their neighbours, weights and values; ``number`` is each one's place in the trace."""

    number: np.ndarray
    bin: np.ndarray
    y: Floats
    x: Floats
    neighbor_y: np.ndarray
    neighbor_x: np.ndarray
    weights: Floats
    labels: tuple[str, ...]
    wins: np.ndarray
    interpolated: bool
    role: str = "sample"


@dataclass(frozen=True)
class Dots:
    """Points with a text, such as the two ends of a lerp."""

    role: str
    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """Cells of the map (n, 2), row and column, that carry a number of their own; ``levels`` 0…1 say how much."""

    role: str
    at: np.ndarray
    labels: tuple[str, ...]
    levels: Floats


M = TypeVar("M", "Grid", "Rects", "Lines", "Arrow", "Samples", "Dots", "Cells")
Mark = Grid | Rects | Lines | Arrow | Samples | Dots | Cells


@dataclass(frozen=True)
class Scene:
    """Marks, what is visible (``extent`` x1, y1, x2, y2), what is emphasised, and which sample is looked at.

    ``closer`` is a part that is also drawn larger, with what is too small to be read on the whole; ``is_part`` is True
    of the scene of such a part.
    """

    extent: tuple[float, float, float, float]
    marks: tuple[Mark, ...]
    emphasis: Mapping[str, Emphasis] = field(default_factory=dict)
    focus: Focus | None = None
    closer: tuple[float, float, float, float] | None = None
    is_part: bool = False

    @property
    def close_up(self) -> Scene | None:
        """The part that is drawn larger, as a scene of its own."""
        return None if self.closer is None else replace(self, extent=self.closer, closer=None, is_part=True)

    def all(self, kind: type[M]) -> tuple[M, ...]:
        """The marks of one kind."""
        return tuple(mark for mark in self.marks if isinstance(mark, kind))

    def find(self, kind: type[M], role: str) -> M | None:
        """The mark of that kind and role, if there is one."""
        return next((mark for mark in self.all(kind) if mark.role == role), None)

    @property
    def map(self) -> Grid:
        """The feature map."""
        return next(grid for grid in self.all(Grid) if grid.role == "map")

    @property
    def samples(self) -> Samples | None:
        """The sample points, if any are drawn."""
        return next(iter(self.all(Samples)), None)

    def emphasis_of(self, role: str) -> Emphasis:
        """How much a role stands out; what no step speaks of is shown."""
        return self.emphasis.get(role, Emphasis.SHOWN)

    def focused(self) -> tuple[Samples, list[int], int | None]:
        """The samples, the places in them of the focused bin's samples, and the place of the focused one."""
        samples = self.samples
        if samples is None or self.focus is None:
            return EMPTY_SAMPLES, [], None
        here = np.flatnonzero((samples.bin[:, 0] == self.focus.row) & (samples.bin[:, 1] == self.focus.column))
        places = [int(place) for place in here]
        chosen = places[min(self.focus.sample, len(places) - 1)] if places else None
        return samples, places, chosen

    @property
    def dodging(self) -> frozenset[tuple[int, int]]:
        """Map cells whose number leaves the top left corner, because a × or a corner of the box is there."""
        rows, columns = self.map.levels.shape
        taken: set[tuple[int, int, bool]] = set()
        for x, y in self._crowding():
            row, column = int(np.floor(y)), int(np.floor(x))
            if 0 <= row < rows and 0 <= column < columns:
                low = y - row >= 0.5
                if x - column < 0.75 and not 0.42 < y - row < 0.58:
                    taken.add((row, column, low))
        return frozenset((r, c) for r, c, low in taken if not low and (r, c, True) not in taken)

    def _crowding(self) -> Iterable[tuple[float, float]]:
        samples, asked = self.samples, self.find(Rects, "asked")
        if samples is not None and samples.interpolated and self.emphasis_of(samples.role) is not Emphasis.HIDDEN:
            yield from zip(samples.x.tolist(), samples.y.tolist(), strict=True)
        if asked is not None:
            x1, y1, x2, y2 = (float(side) for side in asked.boxes[0])
            xs, ys = (x1, (x1 + x2) / 2, x2), (y1, (y1 + y2) / 2, y2)
            yield from ((x, y) for x in xs for y in ys if (x, y) != (xs[1], ys[1]))

    # ---- for the browser ------------------------------------------------------------------------------------------

    def still(self) -> dict[str, object]:
        """What a drag never changes: the map, its numbers, what is visible."""
        grid = self.map
        rows, columns = grid.levels.shape
        return {
            "extent": [round(float(side), 3) for side in self.extent],
            "rows": rows,
            "columns": columns,
            "labels": " ".join(label for row in grid.labels for label in row),
            **({"picture": _picture(grid.levels)} if grid.levels.size > MOST_DRAWN else {}),
            "levels": " ".join("-" if np.isnan(v) else str(round(float(v) * 100)) for v in grid.levels.ravel()),
            "numbered": max(rows, columns) <= LARGEST_NUMBERED,
        }

    def moving(self) -> dict[str, object]:
        """What a drag changes, packed, without what is hidden; a 2 x 2 output with 2 x 2 samples is about 0.8 KB.

        Bins and samples are there even when hidden: pointing at an output cell lights them.
        """
        packed: dict[str, object] = {}
        for mark in self.marks:
            hidden = self.emphasis_of(mark.role) is Emphasis.HIDDEN
            if mark.role == "asked" or (hidden and mark.role not in ("bin", "sample")):
                continue  # the browser has the box that was asked for: it moves it
            if isinstance(mark, Rects):
                packed[mark.role] = ",".join(" ".join(_short(side) for side in box) for box in mark.boxes)
                if mark.labels:
                    packed[f"{mark.role}_labels"] = "|".join(mark.labels)
            elif isinstance(mark, Grid) and mark.role == "output":
                packed["output"] = " ".join(label for row in mark.labels for label in row)
                packed["output_levels"] = " ".join(
                    "-" if np.isnan(v) else str(round(float(v) * 100)) for v in mark.levels.ravel()
                )
                packed["output_columns"] = mark.levels.shape[1]
            elif isinstance(mark, Samples):
                packed["samples"] = _packed_samples(mark)
            elif isinstance(mark, Lines):
                packed[mark.role] = ",".join(
                    " ".join(_short(v) for v in values) for values in (mark.region, mark.ys, mark.xs)
                )
            elif isinstance(mark, Dots):
                packed[mark.role] = ",".join(f"{_short(x)} {_short(y)}" for x, y in mark.points)
                packed[f"{mark.role}_labels"] = "|".join(mark.labels)
            elif isinstance(mark, Cells):
                each = zip(mark.at, mark.levels, mark.labels, strict=True)
                packed[mark.role] = ",".join(f"{y} {x} {round(float(v) * 100)} {label}" for (y, x), v, label in each)
        for role in sorted({arrow.role for arrow in self.all(Arrow)}):
            if self.emphasis_of(role) is not Emphasis.HIDDEN:
                packed[role] = ",".join(
                    f"{a.side} {_short(a.x0)} {_short(a.y0)} {_short(a.x1)} {_short(a.y1)} {a.label}"
                    for a in self.all(Arrow)
                    if a.role == role
                )
        packed["dodge"] = ",".join(f"{row} {column}" for row, column in sorted(self.dodging))
        return packed


def _picture(levels: Floats) -> str:
    """A map of too many cells to draw one by one, as a picture whose opacity is the level: the page has the colours."""
    opacity = np.round(np.nan_to_num(levels) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.merge("LA", (Image.new("L", opacity.shape[::-1]), Image.fromarray(opacity))).save(
        buffer, "PNG", optimize=True
    )
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


EMPTY_SAMPLES = Samples(
    *(np.empty(0, int), np.empty((0, 2), int), np.empty(0), np.empty(0), np.empty((0, 4), int), np.empty((0, 4), int)),
    *(np.empty((0, 4)), (), np.empty(0, bool)),
    interpolated=True,
)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _packed_samples(samples: Samples) -> dict[str, object]:
    """Positions by reference to the few distinct rows and columns; weights in thousandths as two base-36 digits."""
    packed: dict[str, object] = {}
    if not samples.interpolated:
        packed["whole"] = True
    if samples.number[0]:
        packed["first"] = int(samples.number[0])
    for axis, at, low, high in (
        ("y", samples.y, samples.neighbor_y[:, 0], samples.neighbor_y[:, 3]),
        ("x", samples.x, samples.neighbor_x[:, 0], samples.neighbor_x[:, 3]),
    ):
        known: dict[tuple[float, int, int], int] = {}
        rows = zip(at.tolist(), low.tolist(), high.tolist(), strict=True)
        place = [known.setdefault(row, len(known)) for row in rows]
        width = 1 if len(known) <= len(DIGITS) else 2
        packed[axis] = ",".join(f"{_short(y)} {below} {above}" for y, below, above in known)
        packed[f"{axis}_at"] = "".join(_base36(k, width) for k in place)
    packed["bin"] = ",".join(f"{a} {b} {n}" for (a, b), n in _runs(samples.bin))
    if samples.interpolated:
        thousandths = (int(f"{weight:.3f}".replace(".", "")) for weight in samples.weights.ravel().tolist())
        packed["weights"] = "".join(_base36(one, 2) for one in thousandths)  # as the sum beside them says them
        packed["values"] = " ".join(samples.labels)
    if samples.wins.any():
        packed["wins"] = " ".join(str(k) for k in np.flatnonzero(samples.wins))
    return packed


def _runs(bins: np.ndarray) -> Iterable[tuple[tuple[int, int], int]]:
    """Bins in order, each with how many samples it has."""
    if len(bins):
        change = np.flatnonzero(np.any(np.diff(bins, axis=0) != 0, axis=1)) + 1
        edges = [0, *change.tolist(), len(bins)]
        for a, b in pairwise(edges):
            yield (int(bins[a, 0]), int(bins[a, 1])), b - a


def _base36(value: int, width: int) -> str:
    return (DIGITS[value // 36] if width == 2 else "") + DIGITS[value % 36]


def _short(value: float) -> str:
    """At most three decimals, none that say nothing: a thousandth of a cell is less than a pixel."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


# ---- numbers as text ----------------------------------------------------------------------------------------------


def number(value: float, decimals: int) -> str:
    """One number as it is shown everywhere; beyond 100,000 with an exponent.

    >>> number(-0.00001, 4), number(0.5, 2), number(float("nan"), 2), number(1234567.0, 4)
    ('0.0000', '0.50', 'NaN', '1.2346e+06')
    """
    value = float(value)
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:.{decimals}f}" if abs(value) < 1e5 else f"{value:.{max(decimals, 2)}e}"
    return text.lstrip("-") if float(text) == 0 else text


def number_before(rule: Callable[[Floats], Floats], value: float, decimals: int) -> str:
    """:func:`number`, with as many more decimals as it takes for a ``rule`` to make the same whole number of its text.

    >>> number_before(np.floor, 2.996, 2), number_before(np.floor, 2.5, 2)
    ('2.996', '2.50')
    """
    for n in range(decimals, MOST_DECIMALS):
        text = number(value, n)
        if not isfinite(value) or rule(np.array(float(text))) == rule(np.array(value)):
            return text
    return number(value, MOST_DECIMALS)


def map_decimals(values: Floats) -> int:
    """0, 1 or 2 decimals: the fewest that show every number of the map alike.

    >>> map_decimals(np.array([1.0, 2.0])), map_decimals(np.array([0.5])), map_decimals(np.array([1 / 3]))
    (0, 1, 2)
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    for decimals in (0, 1):
        if np.allclose(finite, np.round(finite, decimals), atol=1e-6, rtol=0):
            return decimals
    return 2


@np.errstate(over="ignore", invalid="ignore")
def _levels(values: Floats, low: float, high: float) -> Floats:
    """Values to 0…1 for the colour; one half where all are equal, NaN where there is no finite value."""
    spread = high - low
    scaled = (values - low) / spread if spread else np.full(values.shape, 0.5)
    return np.where(np.isfinite(values), np.clip(scaled, 0, 1), np.where(np.isposinf(values), 1.0, np.nan))


def value_range(feature_map: Floats) -> tuple[float, float]:
    """Least and greatest finite value of a map; (0, 0) where there is none."""
    finite = feature_map[np.isfinite(feature_map)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


# ---- from a trace -------------------------------------------------------------------------------------------------


def map_grid(feature_map: Floats) -> Grid:
    """The feature map as a grid."""
    decimals = map_decimals(feature_map)
    labels = tuple(tuple(number(v, decimals) for v in row) for row in feature_map)
    return Grid("map", labels, _levels(feature_map.astype(np.float64), *value_range(feature_map)))


def output_grid(trace: Trace) -> Grid:
    """The output as a grid, coloured on the map's own scale."""
    labels = tuple(tuple(number(v, 4) for v in row) for row in trace.output)
    return Grid("output", labels, _levels(trace.output.astype(np.float64), *value_range(trace.feature_map)))


def error_arrows(roi: Floats, read: Floats) -> tuple[Arrow, ...]:
    """An arrow for every side that was moved, a quarter along that side: corners and middles have handles."""
    x1, y1, x2, y2 = (float(side) for side in roi)
    left, right = x1 + 0.25 * (x2 - x1), x1 + 0.75 * (x2 - x1)
    upper, lower = y1 + 0.25 * (y2 - y1), y1 + 0.75 * (y2 - y1)
    moved = read - roi
    ends = {
        "x1": (x1, lower, float(read[0]), lower),
        "y1": (left, y1, left, float(read[1])),
        "x2": (x2, upper, float(read[2]), upper),
        "y2": (right, y2, right, float(read[3])),
    }
    return tuple(
        Arrow(side, *ends[side], label=f"{by:+.2f}")
        for side, by in zip(ends, (float(m) for m in moved), strict=True)
        if abs(by) >= 0.005
    )


def division_lines(role: str, trace: Trace, per_bin: tuple[int, int] = (1, 1)) -> Lines:
    """The inner edges of the equal bins, or of the equal parts that each bin is cut into."""
    x1, y1, x2, y2 = trace.bins[0, 0, 0], trace.bins[0, 0, 1], trace.bins[-1, -1, 2], trace.bins[-1, -1, 3]
    (rows, columns), (down, across) = trace.output_size, per_bin
    ys = np.linspace(y1, y2, rows * down + 1)[1:-1]
    xs = np.linspace(x1, x2, columns * across + 1)[1:-1]
    return Lines(role, trace.roi_used, ys, xs)


def extent_of(trace: Trace) -> tuple[float, float, float, float]:
    """What is visible: the map, and room for what the operator may read beyond it. The same wherever the box is."""
    rows, columns = trace.feature_map.shape
    operator = trace.operator
    inside = operator.aligned and not operator.snaps and operator.end in ("of_split", "exclusive")
    far = MARGIN if inside else FAR_MARGIN
    return (-MARGIN, -MARGIN, columns + far, rows + far)


def sample_marks(trace: Trace, focus: Focus) -> Samples | None:
    """The samples of a trace: all of them, the focused bin's where all are too many, else none."""
    total = len(trace.sample_y)
    chosen = range(total)
    if total > MOST_SAMPLES_DRAWN:
        chosen = trace.samples_of(focus.row, focus.column)
    if not len(chosen) or len(chosen) > MOST_SAMPLES_DRAWN:
        return None
    at = slice(chosen.start, chosen.stop)
    return Samples(
        number=np.arange(chosen.start, chosen.stop),
        bin=trace.sample_bin[at],
        y=trace.sample_y[at],
        x=trace.sample_x[at],
        neighbor_y=trace.neighbor_y[at],
        neighbor_x=trace.neighbor_x[at],
        weights=trace.weights[at],
        labels=tuple(number(v, 3) for v in trace.sample_value[at]),
        wins=trace.sample_wins[at],
        interpolated=trace.operator.reading != "every_cell",
    )


def loupe_extent(point: PointTrace) -> tuple[float, float, float, float]:
    """The four neighbours and a little round them; the cells nearest to a point outside."""
    rows, columns = point.feature_map.shape
    top = min(max(int(np.floor(point.index_y)), 0), max(rows - 2, 0))
    left = min(max(int(np.floor(point.index_x)), 0), max(columns - 2, 0))
    return (left - 0.06, top - 0.06, left + 2.06, top + 2.06)


def point_extent(point: PointTrace) -> tuple[float, float, float, float]:
    """What is visible round one point: the map and a cell outside it on every side."""
    rows, columns = point.feature_map.shape
    return (-POINT_MARGIN, -POINT_MARGIN, columns + POINT_MARGIN, rows + POINT_MARGIN)
