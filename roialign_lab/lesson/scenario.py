"""A Scenario: the map, the box, the options, the step and the focus that decide what a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from roialign_core.examples import MAPS, Example
from roialign_core.geometry import Floats
from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, Aggregate, Operator, Split
from roialign_core.trace import Trace, sample_grid, trace
from roialign_lab.lesson.drawn_pictures import SIDE as PICTURE_SIDE
from roialign_lab.lesson.maps import PHOTO_NAME, map_named, photo_of
from roialign_lab.lesson.mask_networks import box_to_begin_with, is_drawn, parts_of
from roialign_lab.lesson.number_text import bin_names
from roialign_lab.lesson.operator_names import operator_of
from roialign_lab.lesson.walks import WALKS_WITH_STEPS, walk_keys

LARGEST_OUTPUT = 14  # rows or columns: the mask head of Mask R-CNN reads 14×14 bins
MOST_SAMPLES_A_SIDE = 4
STRIDES = (1, 2, 4, 8, 16, 32, 64)  # powers of two: cells to pixels and back is exact
LEAST_SIDE = 0.05  # cells
DECIMALS = 6  # of a place in map cells: what comes in is rounded to them, so that an address says all of it
TINY = 1e-9  # what a difference of two decimals may be off by
SPLITS = (Split.OVERLAP, Split.FLOOR, Split.CEIL)
POINT_REACH = 1.0  # cells beyond the map that a point may go: far enough to read 0
Box = tuple[float, float, float, float]
SIDES = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class Focus:
    """The bin that is looked at, and which of its samples."""

    row: int = 0
    column: int = 0
    sample: int = 0


@dataclass(frozen=True)
class Scenario:
    """Everything that decides what a page shows. Lengths are in map cells; ``box`` is x1, y1, x2, y2."""

    map: str = "animation"
    stride: int = 16
    box: Box = (0.55, 2.7, 6.35, 7.4)
    output_size: tuple[int, int] = (2, 2)
    samples: int = 2
    aligned: bool = True
    aggregate: Aggregate = Aggregate.MEAN
    split: tuple[Split, Split] = (Split.OVERLAP, Split.OVERLAP)
    focus: Focus = field(default_factory=lambda: Focus(0, 1, 2))
    steps: Mapping[str, str] = field(default_factory=lambda: {walk: walk_keys(walk)[0] for walk in WALKS_WITH_STEPS})
    point: tuple[float, float] = (3.7, 4.2)
    side: str = "y1"  # which side of the box is swept
    left: str = "roi_pool"  # two members of the family, as roialign_lab.lesson.operator_names names them
    right: str = "roi_align"
    numbered: bool = True  # are bins called ①②③④, or (row, column)?
    on_map: bool = False  # are the masks of trained networks shown on the map that is read, or on the picture?
    every: bool = False  # the gradient of all output cells together, not of the cell that is looked at

    @property
    def feature_map(self) -> Floats:
        """The map (H, W) of that name."""
        return map_named(self.map)

    @property
    def bin_names(self) -> tuple[str, ...]:
        """What the bins are called, row by row."""
        return bin_names(self.output_size, self.numbered)

    def bin_name(self, focus: Focus) -> str:
        """What a bin is called."""
        return self.bin_names[focus.row * self.output_size[1] + focus.column]

    @property
    def pool(self) -> Operator:
        """RoI Pooling as this scenario splits it."""
        return _pool(self.split)

    @property
    def align(self) -> Operator:
        """RoI Align as this scenario aligns and joins it."""
        return _align(self.aligned, self.aggregate)

    @property
    def mean_align(self) -> Operator:
        """RoI Align with the mean, which has a gradient in every library."""
        return _align(self.aligned, Aggregate.MEAN)

    @property
    def pair(self) -> tuple[Operator, Operator]:
        """The two members of the family that are compared."""
        return operator_of(self.left), operator_of(self.right)

    def trace(self, operator: Operator, dtype: np.dtype | None = None) -> Trace:
        """The trace of ``operator`` on this map, as ``dtype`` if that is not None, and box, which goes in as pixels."""
        x1, y1, x2, y2 = (side * self.stride for side in self.box)
        values = self.feature_map if dtype is None else self.feature_map.astype(dtype)
        return trace(values, (x1, y1, x2, y2), operator, self.output_size, 1 / self.stride, self.samples)

    def grid(self, operator: Operator) -> tuple[int, int]:
        """Samples a bin of ``operator`` on each axis, without reading the map: ``grid`` of the trace."""
        box = [side * self.stride for side in self.box]
        return sample_grid(self.feature_map, box, operator, self.output_size, 1 / self.stride, self.samples)

    def at_step(self, kind: str, key: str) -> Scenario:
        """The same scenario at another step of a walk."""
        return replace(self, steps={**self.steps, kind: key})


@cache
def _pool(split: tuple[Split, Split]) -> Operator:
    return replace(ROI_POOL, split=split)


@cache
def _align(aligned: bool, aggregate: Aggregate) -> Operator:
    return replace(ROI_ALIGN if aligned else ROI_ALIGN_LEGACY, aggregate=aggregate)


def of_photo(scenario: Scenario, name: str) -> Scenario:
    """The scenario on a feature map of a photo: the same box in the photo, or the photo's own where there was none."""
    match, before = PHOTO_NAME.fullmatch(name), PHOTO_NAME.fullmatch(scenario.map)
    assert match is not None
    stride = int(match[2])
    same = before is not None and before[1] == match[1]
    pixels = tuple(side * scenario.stride for side in scenario.box) if same else photo_of(name).box
    x1, y1, x2, y2 = (round(side / stride, 4) for side in pixels)
    box = nearest_box((x1, y1, x2, y2), map_named(name).shape)
    return replace(scenario, map=name, stride=stride, box=box)


def of_drawn(scenario: Scenario, name: str) -> Scenario:
    """The scenario on a map of a drawn picture: the same box in the picture, or that of an object in another picture.

    >>> of_drawn(Scenario(), "drawn-9-16-0").box
    (2.075, 0.0, 4.5812, 3.8251)
    """
    number, stride, _ = parts_of(name)
    same = is_drawn(scenario.map) and parts_of(scenario.map)[0] == number
    pixels = tuple(side * scenario.stride for side in scenario.box) if same else box_to_begin_with(number)
    x1, y1, x2, y2 = (round(side / stride, 4) for side in pixels)
    cells = PICTURE_SIDE // stride
    return replace(scenario, map=name, stride=stride, box=nearest_box((x1, y1, x2, y2), (cells, cells)))


@cache
def first_drawn() -> Scenario:
    """What the page of trained networks begins with."""
    return of_drawn(Scenario(side="x2"), "drawn-11-16-0")


def of_example(scenario: Scenario, example: Example) -> Scenario:
    """The scenario that shows a worked example."""
    name = next(name for name, values in MAPS.items() if values is example.feature_map)
    operator = example.operator
    x1, y1, x2, y2 = (float(side) for side in example.box)
    return replace(
        scenario,
        map=name,
        box=(x1, y1, x2, y2),
        point=nearest_point(scenario.point, example.feature_map.shape),
        output_size=(example.output_size, example.output_size),
        samples=example.sampling_ratio,
        aligned=operator.aligned,
        aggregate=scenario.aggregate if operator.snaps else operator.aggregate,
        split=operator.split if operator.snaps else scenario.split,
        focus=Focus(),
    )


def nearest_box(box: Box, shape: tuple[int, ...]) -> Box:
    """The box pushed onto a map of ``shape`` rows, columns, as large as before where that fits, in :data:`DECIMALS`.

    >>> nearest_box((6.0, 6.0, 9.0, 7.0), (8, 8)), nearest_box((2.4999999, 0.49996, 4.0, 5.0), (8, 8))
    ((5.0, 6.0, 8.0, 7.0), (2.5, 0.49996, 4.0, 5.0))
    """
    x1, y1, x2, y2 = in_decimals(box)
    x1, x2 = _nearest_span(x1, x2, float(shape[1]))
    y1, y2 = _nearest_span(y1, y2, float(shape[0]))
    return (x1, y1, x2, y2)


def _nearest_span(low: float, high: float, size: float) -> tuple[float, float]:
    if low >= 0 and high <= size and high - low >= LEAST_SIDE - TINY:
        return low, high
    length = min(max(high - low, LEAST_SIDE), size)
    start = min(max(low, 0.0), size - length)
    first, last = in_decimals((start, start + length))
    return first, last


def nearest_point(point: tuple[float, float], shape: tuple[int, ...]) -> tuple[float, float]:
    """The point (y, x) pulled to within reach of a map of ``shape``, in :data:`DECIMALS`."""
    places = in_decimals(point)
    y, x = (min(max(at, -POINT_REACH), size + POINT_REACH) for at, size in zip(places, shape, strict=True))
    return (y, x)


def in_decimals(places: Iterable[float]) -> tuple[float, ...]:
    """Places in map cells, each with as many decimals as an address has; no −0.

    >>> in_decimals((2.49999999999, 0.1 + 0.2, -1e-9))
    (2.5, 0.3, 0.0)
    """
    return tuple(round(float(at), DECIMALS) + 0.0 for at in places)


def nearest_focus(focus: Focus, trace: Trace) -> Focus:
    """The focus moved to a bin and a sample that exist."""
    rows, columns = trace.output_size
    row, column = min(max(focus.row, 0), rows - 1), min(max(focus.column, 0), columns - 1)
    last = max(len(trace.samples_of(row, column)) - 1, 0)
    return Focus(row, column, min(max(focus.sample, 0), last))
