"""A Scene: marks with roles, in map coordinates (cell j spans [j, j + 1]). Every painter draws the same scene.

A mark says what something *is* (its role); ``roialign_lab.figures.style`` says how a role looks. Every number that is
shown arrives here as text, made from the trace, so that no picture computes a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from roialign_core.geometry import Floats
from roialign_core.trace import Trace
from roialign_lab.figures.mask_outline import Loop
from roialign_lab.lesson.number_text import map_decimals, numbers, signed
from roialign_lab.lesson.scenario import Focus
from roialign_lab.lesson.walks import Emphasis

MOST_SAMPLES_DRAWN = 1024
LARGEST_NUMBERED = 12  # cells on a side: above it numbers give way to colour
MOST_REMEMBERED = 400_000  # cells of maps whose numbers are kept as text
MARGIN = 0.3
BELOW_NUMBER = 0.69  # of a cell, from its top: the middle between its number and that of the cell below
LEAST_SHOWN = 0.005  # cells that a side has to move to get an arrow: less is written as 0.00
CLEAR = 0.25  # cells that an arrow stays from a handle of the box
MOST_PIXELS = 16  # image pixels of a cell that are drawn on each side, and of a whole map:
MOST_OF_MAP = 64
FAR_MARGIN = 1.1  # room for the cell that RoI Pool adds, and for the half cell of the legacy convention


@dataclass(frozen=True)
class Grid:
    """Cells with a number: the feature map or the output. ``levels`` 0…1 choose the colour; NaN has none."""

    role: str
    labels: tuple[tuple[str, ...], ...]
    levels: Floats

    @cached_property
    def longest(self) -> int:
        """Letters of the longest number."""
        return max(max(map(len, row)) for row in self.labels)


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
    """From a side of the RoI to where it is read, or the way to move it, with the length or the slope as a text."""

    side: str
    x0: float
    y0: float
    x1: float
    y1: float
    label: str
    role: str = "error"


@dataclass(frozen=True)
class Samples:
    """Sample points with their neighbours, weights and values; ``number`` is the place of each in the trace."""

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
    """Cells of the map (n, 2), row and column, that carry a number of their own; ``levels`` 0…1 say how much.

    ``spans`` (n, 2) are the rows and columns of cells that share a level; None where each stands for itself. Those have
    no ``labels``.
    """

    role: str
    at: np.ndarray
    labels: tuple[str, ...]
    levels: Floats
    spans: np.ndarray | None = None

    @property
    def boxes(self) -> np.ndarray:
        """x1, y1, x2, y2 of each (n, 4)."""
        ends = self.at + (1 if self.spans is None else self.spans)
        return np.concatenate([self.at[:, ::-1], ends[:, ::-1]], axis=1)


@dataclass(frozen=True)
class Photo:
    """The photo that the map was made from, by its data address, drawn in place of it; its size in map cells."""

    address: str
    width: float
    height: float
    role: str = "photo"


@dataclass(frozen=True)
class Outline:
    """The outline of a mask of image pixels, by its corners in pixels; ``pixel`` is how many cells a pixel is wide."""

    role: str
    loops: tuple[Loop, ...]
    pixel: float


M = TypeVar("M", "Grid", "Rects", "Lines", "Arrow", "Samples", "Dots", "Cells", "Photo", "Outline")
Mark = Grid | Rects | Lines | Arrow | Samples | Dots | Cells | Photo | Outline


@dataclass(frozen=True, eq=False)
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
        return next((mark for mark in self.marks if mark.role == role and isinstance(mark, kind)), None)

    @cached_property
    def map(self) -> Grid:
        """The feature map."""
        return next(grid for grid in self.all(Grid) if grid.role == "map")

    @cached_property
    def samples(self) -> Samples | None:
        """The sample points, if any are drawn."""
        return next(iter(self.all(Samples)), None)

    @property
    def reads_nothing(self) -> bool:
        """True where no × has a neighbour: a point too far outside the map."""
        samples = self.samples
        return samples is not None and samples.interpolated and not samples.weights.any()

    def emphasis_of(self, role: str) -> Emphasis:
        """How much a role stands out; what no step speaks of is shown."""
        return self.emphasis.get(role, Emphasis.SHOWN)

    def focused(self) -> tuple[Samples, list[int], int | None]:
        """The samples, the places in them of the focused bin's samples, and the place of the focused sample."""
        samples = self.samples
        if samples is None or self.focus is None:
            return EMPTY_SAMPLES, [], None
        here = np.flatnonzero((samples.bin[:, 0] == self.focus.row) & (samples.bin[:, 1] == self.focus.column))
        places = [int(place) for place in here]
        chosen = places[min(self.focus.sample, len(places) - 1)] if places else None
        return samples, places, chosen


EMPTY_SAMPLES = Samples(
    *(np.empty(0, int), np.empty((0, 2), int), np.empty(0), np.empty(0), np.empty((0, 4), int), np.empty((0, 4), int)),
    *(np.empty((0, 4)), (), np.empty(0, bool)),
    interpolated=True,
)


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
    texts, columns = numbers(feature_map.ravel(), decimals), feature_map.shape[1]
    labels = tuple(texts[first : first + columns] for first in range(0, len(texts), columns))
    return Grid("map", labels, _levels(feature_map.astype(np.float64), *value_range(feature_map)))


_known_maps: dict[int, tuple[Floats, Grid, tuple[float, float]]] = {}


def map_grid_of(feature_map: Floats) -> Grid:
    """The grid of a map; the last few maps are remembered, because a drag asks for the same one at every update."""
    return _known(feature_map)[1]


def _known(feature_map: Floats) -> tuple[Floats, Grid, tuple[float, float]]:
    """The map, its grid and its range."""
    known = _known_maps.get(id(feature_map))
    if known is None or known[0] is not feature_map:
        cells = sum(held.size for held, *_ in [*_known_maps.values()])
        if len(_known_maps) >= 64 or cells + feature_map.size > MOST_REMEMBERED:
            _known_maps.clear()
        known = _known_maps[id(feature_map)] = (feature_map, map_grid(feature_map), value_range(feature_map))
    return known


def output_grid(trace: Trace) -> Grid:
    """The output as a grid, coloured on the map's own scale."""
    labels = tuple(numbers(row, 4) for row in trace.output)
    return Grid("output", labels, _levels(trace.output.astype(np.float64), *_known(trace.feature_map)[2]))


def error_arrows(roi: Floats, read: Floats) -> tuple[Arrow, ...]:
    """An arrow for every side that was moved, between the handles at its corner and its middle, with room for a length.

    Arrows that stand are nearer to the corner. Those that lie are about a quarter along, under the numbers of a row.
    """
    x1, y1, x2, y2 = (float(side) for side in roi)
    left, right = x1 + 0.15 * (x2 - x1), x1 + 0.85 * (x2 - x1)
    upper, lower = (_below_numbers(y1 + share * (y2 - y1), 0.25 * (y2 - y1) - CLEAR) for share in (0.25, 0.75))
    moved = read - roi
    ends = {
        "x1": (x1, lower, float(read[0]), lower),
        "y1": (left, y1, left, float(read[1])),
        "x2": (x2, upper, float(read[2]), upper),
        "y2": (right, y2, right, float(read[3])),
    }
    return tuple(
        Arrow(side, *ends[side], label=signed(by, 2))
        for side, by in zip(ends, (float(m) for m in moved), strict=True)
        if abs(by) >= LEAST_SHOWN
    )


def _below_numbers(y: float, reach: float) -> float:
    """The nearest place under the numbers of a row of cells, at most ``reach`` away; ``y`` where there is none."""
    place = round(y - BELOW_NUMBER) + BELOW_NUMBER
    return place if abs(place - y) <= reach else y


def division_lines(role: str, trace: Trace, per_bin: tuple[int, int] = (1, 1)) -> Lines:
    """The inner edges of the equal bins, or of the equal parts that each bin is cut into."""
    x1, y1, x2, y2 = trace.bins[0, 0, 0], trace.bins[0, 0, 1], trace.bins[-1, -1, 2], trace.bins[-1, -1, 3]
    (rows, columns), (down, across) = trace.output_size, per_bin
    ys = np.linspace(y1, y2, rows * down + 1)[1:-1]
    xs = np.linspace(x1, x2, columns * across + 1)[1:-1]
    return Lines(role, trace.roi_used, ys, xs)


def pixel_lines(trace: Trace) -> Lines:
    """The image pixels of the cell where the box begins, by the lines between them; of very many on a side fewer lines.

    >>> from roialign_core import ROI_POOL, trace
    >>> t = trace(np.zeros((4, 4)), (8, 0, 16, 8), ROI_POOL, 2, 1 / 4)
    >>> pixel_lines(t).region.tolist(), pixel_lines(t).xs.tolist()
    ([2.0, 0.0, 3.0, 1.0], [2.25, 2.5, 2.75])
    """
    rows, columns = trace.feature_map.shape
    x, y = (min(max(int(side), 0), cells - 1) for side, cells in zip(trace.roi[:2], (columns, rows), strict=True))
    inner = np.arange(1, parts := _parts(1 / trace.spatial_scale, MOST_PIXELS)) / parts
    return Lines("pixels", np.array([x, y, x + 1.0, y + 1.0]), y + inner, x + inner)


def image_lines(trace: Trace) -> Lines:
    """The same for the whole image: as many lines as can be seen."""
    rows, columns = trace.feature_map.shape
    each = _parts(1 / trace.spatial_scale, max(MOST_OF_MAP // max(rows, columns), 1))
    ys, xs = (np.arange(1, cells * each) / each for cells in (rows, columns))
    return Lines("image", np.array([0.0, 0.0, columns, rows]), ys, xs)


def _parts(pixels: float, most: int) -> int:
    """Into how many parts of equally many pixels a side is cut, at most ``most``."""
    whole = max(round(pixels), 1)
    return next(whole // each for each in range(1, whole + 1) if whole % each == 0 and whole // each <= most)


def extent_of(trace: Trace) -> tuple[float, float, float, float]:
    """What is visible: the map, and room for what the operator may read beyond it. The same wherever the box is."""
    rows, columns = trace.feature_map.shape
    operator = trace.operator
    inside = operator.aligned and not operator.snaps and operator.end in ("of_split", "exclusive")
    far = MARGIN if inside else FAR_MARGIN
    return (-MARGIN, -MARGIN, columns + far, rows + far)


def sample_marks(trace: Trace, focus: Focus) -> Samples | None:
    """The samples of a trace: all of them, the focused bin's where all are too many, else none."""
    first, count = 0, int(trace.bin_start[-1])
    every = count <= MOST_SAMPLES_DRAWN
    if not every:
        mine = trace.samples_of(focus.row, focus.column)
        first, count = mine.start, len(mine)
    if not count or count > MOST_SAMPLES_DRAWN:
        return None
    points = trace.points if every else trace.points_of(focus.row, focus.column)
    return Samples(
        number=np.arange(first, first + count),
        bin=points.bin,
        y=points.y,
        x=points.x,
        neighbor_y=points.neighbor_y,
        neighbor_x=points.neighbor_x,
        weights=points.weights,
        labels=numbers(points.value, 3),
        wins=points.wins,
        interpolated=trace.operator.reading != "every_cell",
    )
