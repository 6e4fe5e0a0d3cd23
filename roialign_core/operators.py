"""Operators of the RoI family, each described by how it snaps the box and the bins, samples, reads and aggregates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from roialign_core.errors import OptionError

LARGEST = 3.4028234663852886e38  # of float32
Choice = TypeVar("Choice", bound=StrEnum)


class Rounding(StrEnum):
    """How the sides of the box are rounded to the grid."""

    NONE = "none"
    HALF_AWAY_FROM_ZERO = "half_away_from_zero"  # C's round(); NumPy's and Python's round half to even


class Split(StrEnum):
    """How the region is cut into bins, on one axis."""

    EXACT = "exact"  # equal real-valued bins, nothing rounded
    OVERLAP = "overlap"  # floor of each start, ceil of each end; in Fast R-CNN the end cell is inclusive (+ 1)
    FLOOR = "floor"  # disjoint, short bins first: 5 -> 2+3; the end is exclusive
    CEIL = "ceil"  # disjoint, long bins first: 5 -> 3+2; the end is exclusive


class Origin(StrEnum):
    """Where coordinate 0 lies for the bilinear kernels."""

    CELL_CORNER = "cell_corner"  # aligned=True: the kernel takes half a cell off, so the box lands where it was drawn
    CELL_CENTRE = "cell_centre"  # aligned=False: it does not, so everything lands half a cell right and down


class Reading(StrEnum):
    """Which points of a bin are read."""

    EVERY_CELL = "every_cell"
    LATTICE = "lattice"  # g x g points in the centres of g x g equal parts
    TOP_LEFT = "top_left"  # one point, the first corner of the bin (RoI Warp)
    ENDS = "ends"  # one point, spread so that the first and last lie on the ends of the region (crop_and_resize)
    SURFACE = "surface"  # every point: the whole surface over the bin (Precise RoI Pooling)


class Interpolation(StrEnum):
    """How a point is read."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    LARGEST_CORNER = "largest_corner"  # the largest of the four weighted cells, not their sum (ONNX, mode "max")


class Aggregate(StrEnum):
    """How the samples of a bin are aggregated."""

    MAX = "max"
    MEAN = "mean"  # over a surface: its integral divided by the area of the bin


class End(StrEnum):
    """What is added where the box ends."""

    OF_SPLIT = "of_split"  # one cell where whole cells are cut into overlapping bins (Fast R-CNN), else nothing
    EXCLUSIVE = "exclusive"  # nothing
    LAST_CELL = "last_cell"  # one cell: the box names the last cell that it holds
    LAST_PIXEL = "last_pixel"  # one image pixel, before scaling (mmcv's RoI Pool)


class Edge(StrEnum):
    """How far beyond the centres of the outermost cells a point still reads the map."""

    ONE_CELL = "one_cell"  # up to a whole cell, reading the border: torchvision, detectron2, mmcv, ONNX Runtime
    HALF_CELL = "half_cell"  # as far as the map is drawn, reading the border: RoI Warp
    CENTRES = "centres"  # not at all: crop_and_resize
    FADE = "fade"  # the map lies among zeros and slopes down to them within a cell: Precise RoI Pooling


class Clip(StrEnum):
    """Where bins of whole cells are cut off."""

    MAP = "map"
    BEFORE_LAST_CELL = "before_last_cell"  # torchvision's ps_roi_pool: the last row and column are never read


class Channels(StrEnum):
    """Which channel of the features a bin reads."""

    OWN = "own"  # every bin of an output channel reads the same input channel
    ONE_A_BIN = "one_a_bin"  # position-sensitive: output channel c, bin (p, q) reads channel (c·P + p)·Q + q


class Empty(StrEnum):
    """What a bin without any sample gives."""

    ZERO = "zero"
    NAN = "nan"  # torchvision's ps_roi_align divides 0 by 0


class Frame(StrEnum):
    """How a box is described."""

    SIDES = "sides"  # x1, y1, x2, y2
    TURNED = "turned"  # rotated: centre x, centre y, width, height, degrees counterclockwise


@dataclass(frozen=True)
class Operator:
    """One member of the RoI family. Make variants with :func:`dataclasses.replace`; plain strings are accepted.

    Parameters
    ----------
    name : shown in figures and messages.
    rounding : how the box is snapped to the grid.
    split : how the region is split into bins. A rule for both axes, or a pair: rows, then columns.
    reading, interpolation, aggregate : which points of a bin are read, how each is read, how they are aggregated.
    origin : the half-cell convention of the bilinear kernels (``aligned``); whole cells have none.
    minimum_size : the least width and height of the region, in cells; a region of whole cells has at least one.
    end : what is added where the box ends.
    edge : how far beyond the outermost centres a point still reads the map.
    fill : what a point beyond that reads.
    clip : where bins of whole cells are cut off.
    channels : which channel a bin reads. A trace has a single map, so this matters to the calls on many channels only.
    empty : what a bin without any sample gives.
    frame : how a box is described: by its sides, or by centre, size and angle.

    Raises
    ------
    OptionError : for a value that is not among the choices, and for two answers that contradict each other.

    >>> from dataclasses import replace
    >>> replace(ROI_POOL, split=("ceil", "floor")).split[0] is Split.CEIL
    True
    >>> ROI_ALIGN.aligned, ROI_ALIGN_LEGACY.aligned
    (True, False)
    >>> replace(ROI_ALIGN, reading="every_cell")
    Traceback (most recent call last):
    roialign_core.errors.OptionError: split=exact cannot be combined with reading=every_cell
    """

    name: str
    rounding: Rounding
    split: tuple[Split, Split]
    reading: Reading
    interpolation: Interpolation
    aggregate: Aggregate
    origin: Origin = Origin.CELL_CORNER
    minimum_size: float = 0.0
    end: End = End.OF_SPLIT
    edge: Edge = Edge.ONE_CELL
    fill: float = 0.0
    clip: Clip = Clip.MAP
    channels: Channels = Channels.OWN
    empty: Empty = Empty.ZERO
    frame: Frame = Frame.SIDES

    def __post_init__(self) -> None:
        split: Any = self.split
        if isinstance(split, str):
            split = (split, split)
        if not isinstance(split, tuple | list) or len(split) != 2:
            raise OptionError("operator.split", value=repr(self.split))
        object.__setattr__(self, "split", tuple(choose(Split, rule, "split") for rule in split))
        for field, kind in CHOICES.items():
            object.__setattr__(self, field, choose(kind, getattr(self, field), field))
        for field in ("minimum_size", "fill"):
            object.__setattr__(self, field, _number(getattr(self, field), field))
        self._check_combinations()

    def _check_combinations(self) -> None:
        """:class:`OptionError` for two answers that contradict each other."""
        cells = self.reading is Reading.EVERY_CELL
        disjoint = [rule for rule in self.split if rule in (Split.FLOOR, Split.CEIL)]
        exact = [rule for rule in self.split if rule is Split.EXACT]
        snapped = [rule for rule in self.split if rule is not Split.EXACT]
        rotated = self.frame is Frame.TURNED
        clashes: list[tuple[str, object, str, object]] = []
        if cells and exact:
            clashes.append(("split", exact[0], "reading", self.reading))
        if cells and self.interpolation is not Interpolation.NEAREST:
            clashes.append(("interpolation", self.interpolation, "reading", self.reading))
        if cells and self.edge is not Edge.ONE_CELL:
            clashes.append(("edge", self.edge, "reading", self.reading))
        if cells and self.fill:
            clashes.append(("fill", self.fill, "reading", self.reading))
        if not cells and self.clip is not Clip.MAP:
            clashes.append(("clip", self.clip, "reading", self.reading))
        if disjoint and not self.snaps:
            clashes.append(("split", disjoint[0], "rounding", self.rounding))
        if snapped and self.reading is Reading.ENDS:
            clashes.append(("split", snapped[0], "reading", self.reading))
        if self.interpolation is Interpolation.LARGEST_CORNER and self.reading is Reading.SURFACE:
            clashes.append(("interpolation", self.interpolation, "reading", self.reading))
        if self.interpolation is Interpolation.NEAREST and self.edge is Edge.FADE:
            clashes.append(("edge", self.edge, "interpolation", self.interpolation))
        if rotated and self.snaps:
            clashes.append(("rounding", self.rounding, "frame", self.frame))
        if rotated and snapped:
            clashes.append(("split", snapped[0], "frame", self.frame))
        if rotated and self.reading is not Reading.LATTICE:
            clashes.append(("reading", self.reading, "frame", self.frame))
        if rotated and self.end in (End.LAST_CELL, End.LAST_PIXEL):
            clashes.append(("end", self.end, "frame", self.frame))
        for field, value, other, other_value in clashes:
            raise OptionError(
                "operator.together", field=field, value=str(value), other=other, other_value=str(other_value)
            )

    @property
    def aligned(self) -> bool:
        """True where a box lands exactly where it was drawn."""
        return self.origin is Origin.CELL_CORNER

    @property
    def snaps(self) -> bool:
        """True where the sides of the box are rounded to whole cells."""
        return self.rounding is not Rounding.NONE


def as_operator(operator: object) -> Operator:
    """``operator`` itself; :class:`OptionError` where it is not an :class:`Operator`."""
    if not isinstance(operator, Operator):
        raise OptionError("operator.kind", value=repr(operator)[:80])
    return operator


CHOICES: dict[str, type[StrEnum]] = {
    "rounding": Rounding,
    "reading": Reading,
    "interpolation": Interpolation,
    "aggregate": Aggregate,
    "origin": Origin,
    "end": End,
    "edge": Edge,
    "clip": Clip,
    "channels": Channels,
    "empty": Empty,
    "frame": Frame,
}
"""The fields with a fixed set of values; ``split`` is a pair of :class:`Split`, rows then columns."""


def as_float(value: object) -> float:
    """``value`` as a float, NaN where it is no number: a text, a complex number, and True and False are none.

    >>> as_float(2), as_float("2"), as_float(True)
    (2.0, nan, nan)
    """
    kind = getattr(getattr(value, "dtype", None), "kind", "f")  # of NumPy's numbers
    if isinstance(value, bool | str | bytes) or kind not in "fiu":
        return float("nan")
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _number(value: object, field: str) -> float:
    """``value`` as a number that is finite in float32; ``minimum_size`` is not below 0 either."""
    number = as_float(value)
    if not abs(number) <= LARGEST or (field == "minimum_size" and number < 0):
        raise OptionError("operator.number", field=field, value=repr(value)[:80])
    return number


def choose(kind: type[Choice], value: object, field: str) -> Choice:
    """``value`` as a member of ``kind``; :class:`OptionError` names ``field`` and its choices otherwise."""
    try:
        return kind(value)  # type: ignore[arg-type]
    except ValueError:
        choices = ", ".join(kind)
        raise OptionError("operator.choice", field=field, choices=choices, value=repr(value)) from None


ROI_POOL = Operator(
    name="RoI Pooling",
    rounding=Rounding.HALF_AWAY_FROM_ZERO,
    split=(Split.OVERLAP, Split.OVERLAP),
    reading=Reading.EVERY_CELL,
    interpolation=Interpolation.NEAREST,
    aggregate=Aggregate.MAX,
)
"""Fast R-CNN, torchvision ``roi_pool``, ONNX MaxRoiPool."""

ROI_ALIGN = Operator(
    name="RoI Align",
    rounding=Rounding.NONE,
    split=(Split.EXACT, Split.EXACT),
    reading=Reading.LATTICE,
    interpolation=Interpolation.BILINEAR,
    aggregate=Aggregate.MEAN,
)
"""Mask R-CNN as detectron2 and mmcv have it: torchvision ``roi_align(aligned=True)``."""

ROI_ALIGN_LEGACY = Operator(
    name="RoI Align (legacy)",
    rounding=Rounding.NONE,
    split=(Split.EXACT, Split.EXACT),
    reading=Reading.LATTICE,
    interpolation=Interpolation.BILINEAR,
    aggregate=Aggregate.MEAN,
    origin=Origin.CELL_CENTRE,
    minimum_size=1.0,
)
"""torchvision's default, ``roi_align(aligned=False)``; ONNX RoiAlign before opset 16."""

ROI_POOL_ARTICLE = replace(ROI_POOL, name="RoI Pooling (the article's split)", split=(Split.CEIL, Split.FLOOR))
"""The seed article's disjoint split: 5 rows into 3 + 2, 7 columns into 3 + 4."""

ROI_POOL_ANIMATION = replace(ROI_POOL, name="RoI Pooling (the animation's split)", split=(Split.FLOOR, Split.FLOOR))
"""The well-known animation's disjoint split: 5 rows into 2 + 3, 7 columns into 3 + 4."""

ROI_POOL_MMCV = replace(ROI_POOL, name="RoI Pooling (mmcv)", rounding=Rounding.NONE, end=End.LAST_PIXEL)
"""mmcv ``RoIPool``: the box is not rounded and its last pixel counts, only the bins are snapped."""

ROI_WARP = Operator(
    name="RoI Warp",
    rounding=Rounding.HALF_AWAY_FROM_ZERO,
    split=(Split.EXACT, Split.EXACT),
    reading=Reading.TOP_LEFT,
    interpolation=Interpolation.BILINEAR,
    aggregate=Aggregate.MEAN,
    origin=Origin.CELL_CENTRE,
    edge=Edge.HALF_CELL,
)
"""Multi-task Network Cascades, as its source computes it: the box is rounded, the bins are not."""

ROI_ALIGN_MAX = replace(ROI_ALIGN, name="RoI Align (maximum)", aggregate=Aggregate.MAX)
"""mmcv ``RoIAlign(pool_mode="max")`` and the seed article: the largest interpolated sample."""

ROI_ALIGN_LEGACY_MAX = replace(ROI_ALIGN_LEGACY, name="RoI Align (legacy, maximum)", aggregate=Aggregate.MAX)

ROI_ALIGN_ONNX_MAX = replace(
    ROI_ALIGN,
    name="RoI Align (ONNX, mode max)",
    interpolation=Interpolation.LARGEST_CORNER,
    aggregate=Aggregate.MAX,
)
"""A curiosity: ONNX RoiAlign ``mode="max"`` compares the four weighted cells and never adds them up."""

CROP_AND_RESIZE = Operator(
    name="crop_and_resize",
    rounding=Rounding.NONE,
    split=(Split.EXACT, Split.EXACT),
    reading=Reading.ENDS,
    interpolation=Interpolation.BILINEAR,
    aggregate=Aggregate.MEAN,
    origin=Origin.CELL_CENTRE,
    edge=Edge.CENTRES,
)
"""TensorFlow ``tf.image.crop_and_resize``: a normalised side ``n`` is the side ``n·(H - 1)`` on the map."""

PRECISE_ROI_POOL = Operator(
    name="Precise RoI Pooling",
    rounding=Rounding.NONE,
    split=(Split.EXACT, Split.EXACT),
    reading=Reading.SURFACE,
    interpolation=Interpolation.BILINEAR,
    aggregate=Aggregate.MEAN,
    origin=Origin.CELL_CENTRE,
    edge=Edge.FADE,
)
"""IoU-Net's Precise RoI Pooling, mmcv ``PrRoIPool``: the integral of the bilinear surface over the area of the bin."""

PS_ROI_POOL = replace(
    ROI_POOL,
    name="PS RoI Pooling",
    aggregate=Aggregate.MEAN,
    end=End.EXCLUSIVE,
    clip=Clip.BEFORE_LAST_CELL,
    channels=Channels.ONE_A_BIN,
)
"""torchvision ``ps_roi_pool`` (R-FCN)."""

PS_ROI_ALIGN = replace(ROI_ALIGN, name="PS RoI Align", channels=Channels.ONE_A_BIN, empty=Empty.NAN)
"""torchvision ``ps_roi_align`` (Light-Head R-CNN)."""

ROI_ALIGN_ROTATED = replace(ROI_ALIGN, name="Rotated RoI Align", frame=Frame.TURNED)
"""detectron2 ``ROIAlignRotated``."""

OPERATORS: dict[str, Operator] = {
    "roi_pool": ROI_POOL,
    "roi_pool_mmcv": ROI_POOL_MMCV,
    "roi_pool_article": ROI_POOL_ARTICLE,
    "roi_pool_animation": ROI_POOL_ANIMATION,
    "roi_warp": ROI_WARP,
    "roi_align": ROI_ALIGN,
    "roi_align_max": ROI_ALIGN_MAX,
    "roi_align_legacy": ROI_ALIGN_LEGACY,
    "roi_align_legacy_max": ROI_ALIGN_LEGACY_MAX,
    "roi_align_onnx_max": ROI_ALIGN_ONNX_MAX,
    "crop_and_resize": CROP_AND_RESIZE,
    "precise_roi_pool": PRECISE_ROI_POOL,
    "ps_roi_pool": PS_ROI_POOL,
    "ps_roi_align": PS_ROI_ALIGN,
    "roi_align_rotated": ROI_ALIGN_ROTATED,
}
"""Every named operator, by a key that does not change."""
