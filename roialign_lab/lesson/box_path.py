"""A path of the box: where it is one after the other, in map cells, for a film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import ceil, floor

from roialign_lab.lesson.scenario import LEAST_SIDE, SIDES, Box, in_decimals, nearest_box

Path = tuple[Box, ...]
FEWEST, MOST = 2, 2000  # positions: a drag that was recorded has hundreds


def side_moved(box: Box, by: Mapping[str, float]) -> Path:
    """The path on which sides go so many cells from where they are.

    >>> side_moved((0.0, 3.0, 6.0, 8.0), {"x2": 2})
    ((0.0, 3.0, 6.0, 8.0), (0.0, 3.0, 8.0, 8.0))
    """
    x1, y1, x2, y2 = (round(at + by[side], 4) if by.get(side) else at for side, at in zip(SIDES, box, strict=True))
    return box, (x1, y1, x2, y2)


def reach(box: Box, side: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """How many cells a side can go to the left or up, below 0, and to the right or down, on a map of ``shape``.

    Both are rounded so that the side stays on the map where :func:`side_moved` rounds too.

    >>> reach((0.0, 3.0, 6.0, 8.0), "x2", (8, 8)), reach((0.0, 3.0, 6.0, 8.0), "x1", (8, 8))
    ((-5.95, 2.0), (0.0, 5.95))
    """
    k = SIDES.index(side)
    low, high = (0.0, box[k + 2] - LEAST_SIDE) if k < 2 else (box[k - 2] + LEAST_SIDE, float(shape[1 - k % 2]))
    return min(_up(_up(low) - box[k]), 0.0), max(_down(_down(high) - box[k]), 0.0)


def _up(cells: float) -> float:
    """The next number of four decimals."""
    return ceil(round(cells * 10_000, 6)) / 10_000


def _down(cells: float) -> float:
    return floor(round(cells * 10_000, 6)) / 10_000


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

    It rests as long where a position stands twice. Steps too short for a position of their own have one together.

    >>> [box[2] for box in positions(((0, 0, 1, 1), (0, 0, 2, 1)), 4)]
    [1, 1.25, 1.5, 1.75, 2]
    >>> {box[1] for box in positions(((0, 0.49996, 1, 1), (0, 0.49996, 2, 1)), 4)}  # a side that rests is as it was
    {0.49996}
    >>> [box[2] for box in positions(tuple((0, 0, 1 + k / 10, 1) for k in range(11)), 4)]
    [1.0, 1.3, 1.5, 1.8, 2.0]
    """
    last = path[0]
    yield last
    way, done = 0.0, 0
    for before, after in pairwise(path):
        way += (max(abs(b - a) for a, b in zip(before, after, strict=True)) or 1.0) * per_cell
        whole = floor(round(way, 6))
        count, done = whole - done, whole
        for k in range(1, count):
            sides = (a if a == b else round(a + (b - a) * k / count, 4) for a, b in zip(before, after, strict=True))
            x1, y1, x2, y2 = sides
            yield x1, y1, x2, y2
        if count:
            last = after
            yield last
    if last != path[-1]:
        yield path[-1]
