"""A dot on the photo, and in which cell of the feature map it lies: predicted, then checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.backbone import cell_of_pixel
from roialign_core.geometry import round_half_away_from_zero

FIRST = 16  # the column of the first dot
LARGEST_CELL = 9999  # that can be answered
EARLY, LATE = (0.25, 0.4), (0.75, 0.9)  # of a cell: before its middle, where rounding gives the same cell, and after it


@dataclass(frozen=True)
class Dot:
    """A dot at pixel (y, x) of a photo, for a map of that stride."""

    y: int
    x: int
    stride: int

    @property
    def cell(self) -> tuple[int, int]:
        """Its row and its column on the map."""
        return cell_of_pixel(self.y, self.stride), cell_of_pixel(self.x, self.stride)


def dot(photo_shape: tuple[int, int], stride: int, seed: int) -> Dot:
    """The dot of that seed on a photo (height, width); the first lies in column 16, where there is one.

    On one axis it lies before the middle of its cell and on the other after it, and its row is not its column: so
    each of the usual mistakes gives a cell of its own.

    >>> dot((600, 512), 16, 0).cell[1], dot((600, 512), 16, 0) == dot((600, 512), 16, 0)
    (16, True)
    """
    rng = np.random.default_rng((seed, stride))
    rows, columns = (max(side // stride, 1) for side in photo_shape)
    column = FIRST if seed == 0 and columns > FIRST else int(rng.integers(columns))
    row = int(rng.integers(rows))
    if row == column:
        row = (row + 1) % rows
    early, late = rng.uniform(*EARLY), rng.uniform(*LATE)
    down, across = (early, late) if seed % 2 == 0 else (late, early)
    return Dot(int((row + down) * stride), int((column + across) * stride), stride)


def verdict(dot: Dot, row: int, column: int) -> str:
    """What an answer is: ``right``, or the mistake that gives it; ``off`` for any other cell.

    >>> place = Dot(y=243, x=270, stride=16)  # 15.19 and 16.88 cells
    >>> [verdict(place, *cell) for cell in ((15, 16), (16, 15), (15, 17), (16, 17), (243, 270), (3, 4))]
    ['right', 'swapped', 'rounded', 'from_one', 'pixels', 'off']
    """
    right = dot.cell
    answers = {
        "right": right,
        "swapped": right[::-1],
        "rounded": (_rounded(dot.y, dot.stride), _rounded(dot.x, dot.stride)),
        "from_one": (right[0] + 1, right[1] + 1),
        "pixels": (dot.y, dot.x),
    }
    return next((name for name, cell in answers.items() if cell == (row, column)), "off")


def _rounded(pixel: int, stride: int) -> int:
    return int(round_half_away_from_zero(np.array(pixel / stride)))
