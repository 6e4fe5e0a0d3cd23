"""An operator is five answers: is the box snapped, are the bins, which points are read, how, how are they joined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from roialign_core.errors import OptionError

Choice = TypeVar("Choice", bound=StrEnum)


class Rounding(StrEnum):
    """How the sides of the box meet the grid."""

    NONE = "none"
    HALF_AWAY_FROM_ZERO = "half_away_from_zero"  # C's round(); NumPy's and Python's round half to even


class Split(StrEnum):
    """How a snapped region of whole cells is cut into bins, on one axis."""

    EXACT = "exact"  # equal real-valued bins, nothing rounded
    OVERLAP = "overlap"  # Fast R-CNN: floor of each start, ceil of each end; the end cell is inclusive (+ 1)
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


class Interpolation(StrEnum):
    """How a point is read."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"


class Aggregate(StrEnum):
    """How the readings of a bin are joined."""

    MAX = "max"
    MEAN = "mean"


@dataclass(frozen=True)
class Operator:
    """One member of the RoI family. Make variants with :func:`dataclasses.replace`; plain strings are accepted.

    Parameters
    ----------
    name : what it is called where it is drawn.
    rounding : is the box snapped to the grid?
    split : are the bins snapped? One rule, or a pair: rows, then columns.
    reading, interpolation, aggregate : which points of a bin are read, how, and how they are joined.
    origin : the half-cell convention of the bilinear kernels (``aligned``).
    minimum_size : the least width and height of the region, in cells.

    Raises
    ------
    OptionError : for a value that is not among the choices.

    >>> from dataclasses import replace
    >>> replace(ROI_POOL, split=("ceil", "floor")).split[0] is Split.CEIL
    True
    >>> ROI_ALIGN.aligned, ROI_ALIGN_LEGACY.aligned
    (True, False)
    """

    name: str
    rounding: Rounding
    split: tuple[Split, Split]
    reading: Reading
    interpolation: Interpolation
    aggregate: Aggregate
    origin: Origin = Origin.CELL_CORNER
    minimum_size: float = 0.0

    def __post_init__(self) -> None:
        split: Any = self.split
        if isinstance(split, str):
            split = (split, split)
        if not isinstance(split, tuple | list) or len(split) != 2:
            raise OptionError("operator.split", value=repr(self.split))
        chosen = {
            "rounding": choose(Rounding, self.rounding, "rounding"),
            "split": tuple(choose(Split, rule, "split") for rule in split),
            "reading": choose(Reading, self.reading, "reading"),
            "interpolation": choose(Interpolation, self.interpolation, "interpolation"),
            "aggregate": choose(Aggregate, self.aggregate, "aggregate"),
            "origin": choose(Origin, self.origin, "origin"),
        }
        for field, value in chosen.items():
            object.__setattr__(self, field, value)
        pools = self.reading is Reading.EVERY_CELL
        fits = {
            "rounding": self.snaps == pools,
            "split": all((rule is not Split.EXACT) == pools for rule in self.split),
            "interpolation": (self.interpolation is Interpolation.NEAREST) == pools,
            "aggregate": not pools or self.aggregate is Aggregate.MAX,
        }
        for field, possible in fits.items():
            if not possible:
                value = chosen[field]
                raise OptionError("operator.together", field=field, value=str(value), reading=self.reading.value)

    @property
    def aligned(self) -> bool:
        """True where a box lands exactly where it was drawn."""
        return self.origin is Origin.CELL_CORNER

    @property
    def snaps(self) -> bool:
        """True where the sides of the box are rounded to whole cells."""
        return self.rounding is not Rounding.NONE


def choose(kind: type[Choice], value: object, field: str) -> Choice:
    """``value`` as a member of ``kind``; :class:`OptionError` names ``field`` and the choices where it is none."""
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
