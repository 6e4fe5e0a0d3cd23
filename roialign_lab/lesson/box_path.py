"""A path of the box: where it is one after the other, in map cells, for a film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from roialign_lab.lesson.scenario import LEAST_SIDE, SIDES, Box, in_decimals, nearest_box

Path = tuple[Box, ...]
FEWEST, MOST = 2, 2000  # positions: a drag that was recorded has hundreds


def side_moved(box: Box, by: Mapping[str, float]) -> Path:
    """The path on which sides go so many cells from where they are.

    >>> side_moved((0.0, 3.0, 6.0, 8.0), {"x2": 2})
    ((0.0, 3.0, 6.0, 8.0), (0.0, 3.0, 8.0, 8.0))
    """
    x1, y1, x2, y2 = in_decimals(at + by.get(side, 0.0) for side, at in zip(SIDES, box, strict=True))
    return box, (x1, y1, x2, y2)


def reach(box: Box, side: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """How many cells a side can go to the left or up, below 0, and to the right or down, on a map of ``shape``.

    >>> reach((0.0, 3.0, 6.0, 8.0), "x2", (8, 8)), reach((0.0, 3.0, 6.0, 8.0), "x1", (8, 8))
    ((-5.95, 2.0), (0.0, 5.95))
    """
    k = SIDES.index(side)
    low, high = (0.0, box[k + 2] - LEAST_SIDE) if k < 2 else (box[k - 2] + LEAST_SIDE, float(shape[1 - k % 2]))
    least, most = in_decimals((low - box[k], high - box[k]))
    return least, most


def thinned(path: Path, least: float = 0.05) -> Path:
    """The positions of a path that are at least so many cells from the one before, and the last.

    >>> thinned(((0, 0, 1, 1), (0, 0, 1.02, 1), (0, 0, 1.06, 1), (0, 0, 1.08, 1)))
    ((0, 0, 1, 1), (0, 0, 1.06, 1), (0, 0, 1.08, 1))
    """
    kept = [*path[:1]]
    for box in path[1:]:
        if max(abs(a - b) for a, b in zip(box, kept[-1], strict=True)) >= least or box is path[-1] != kept[-1]:
            kept.append(box)
    return tuple(kept)


def off_map(path: Path, shape: tuple[int, ...]) -> int | None:
    """The number, from 1, of the first position that is no box on a map of ``shape`` rows, columns; None if all are.

    >>> off_map(((0, 0, 1, 1), (0, 0, 9, 1)), (8, 8))
    2
    """
    return next((k for k, box in enumerate(path, start=1) if nearest_box(box, shape) != in_decimals(box)), None)


def positions(path: Path, per_cell: float) -> Iterator[Box]:
    """The box on its way, evenly: the side that goes farthest crosses a cell in ``per_cell`` positions.

    It rests as long where a position stands twice.

    >>> [box[2] for box in positions(((0, 0, 1, 1), (0, 0, 2, 1)), 4)]
    [1, 1.25, 1.5, 1.75, 2]
    >>> {box[1] for box in positions(((0, 0.49996, 1, 1), (0, 0.49996, 2, 1)), 4)}  # a side that rests is as it was
    {0.49996}
    """
    yield path[0]
    for before, after in pairwise(path):
        cells = max(abs(b - a) for a, b in zip(before, after, strict=True)) or 1.0
        count = max(round(cells * per_cell), 1)
        for k in range(1, count):
            sides = (a if a == b else round(a + (b - a) * k / count, 4) for a, b in zip(before, after, strict=True))
            x1, y1, x2, y2 = sides
            yield x1, y1, x2, y2
        yield after
