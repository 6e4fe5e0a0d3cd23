"""The wire format: a Scene, a sweep and the two matrices as the short texts that the browser script unpacks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby, pairwise

import numpy as np

from roialign_core.geometry import Floats
from roialign_core.matrices import is_separable, two_matrices
from roialign_core.trace import Trace
from roialign_lab.figures import strokes
from roialign_lab.figures.mask_outline import path_of
from roialign_lab.figures.scene import Arrow, Cells, Dots, Grid, Lines, Outline, Photo, Rects, Samples, Scene
from roialign_lab.figures.style import CORNER_INKS
from roialign_lab.figures.sweep_chart import Sweep, half_cells, round_ticks
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.walks import Emphasis

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
TWO_DIGITS = [a + b for a in DIGITS for b in DIGITS]  # whole numbers below 1296 in base 36
PAIRS = np.array(TWO_DIGITS, "S2")
HUNDREDTHS = np.array([*map(str, range(101)), "-"], object)
FINEST = 1295  # what two digits of base 36 hold: the height of the chart in steps


def placement() -> dict[str, object]:
    """The rules of ``figures.strokes`` for what the browser places itself, of data that it has: lengths in cells."""
    return {
        "inset": strokes.INSET,
        "unknown": strokes.UNKNOWN,
        "corner": (strokes.CORNER_X, strokes.CORNER_Y),
        "digits": strokes.DIGITS,
        "disc": round(strokes.WHOLE_DISC, 4),
        "corner_dot": strokes.CORNER_DOT,
        "chosen": strokes.CHOSEN,
        "faint": strokes.FAINT,
        "dot": _size(strokes.LERP_DOT),
        "heads": {role: strokes.HEAD * width for role, (_, width) in strokes.ARROWS.items()},
        "head_aside": round(strokes.HEAD_ASIDE, 4),
        "letter": strokes.LETTER,
        "line": strokes.LINE,
        "pill": (strokes.PILL_ASIDE, strokes.PILL_LINE),
    }


def still(scene: Scene, letters: float = strokes.NUMBER) -> dict[str, object]:
    """What a drag never changes: the map, its numbers (``letters``: their size in cells), what is visible."""
    grid, photo, truth = scene.map, scene.find(Photo, "photo"), scene.find(Outline, "truth")
    rows, columns = grid.levels.shape
    return {
        "extent": [round(float(side), 3) for side in scene.extent],
        "rows": rows,
        "columns": columns,
        "labels": " ".join(" ".join(row) for row in grid.labels),
        "levels": _hundredths(grid.levels),
        "numbered": not strokes.is_fine(grid),
        "letters": round(strokes.number_letters(grid, letters), 4),
        **({"image": photo.address, "image_size": (photo.width, photo.height)} if photo else {}),
        **({"truth": _outline(truth)} if truth else {}),
    }


def _hundredths(levels: Floats) -> str:
    """Levels 0…1 in reading order, as whole hundredths; "-" where there is none."""
    whole = np.where(np.isnan(levels), len(HUNDREDTHS) - 1, np.rint(levels * 100)).astype(int)
    return " ".join(HUNDREDTHS[whole.ravel()].tolist())


@lru_cache(maxsize=1)  # a recording asks for the same in two languages
def moving(scene: Scene) -> Mapping[str, object]:
    """What a drag changes, packed, without what is hidden; a 2 x 2 output with 2 x 2 samples is about 0.8 KB.

    Bins and samples are there even when hidden: pointing at an output cell lights them.
    """
    packed: dict[str, object] = {}
    for mark in scene.marks:
        hidden = scene.emphasis_of(mark.role) is Emphasis.HIDDEN
        if mark.role == "roi" or (hidden and mark.role not in ("bin", "sample")):
            continue  # the browser draws the RoI itself: it moves it
        if isinstance(mark, Rects):
            packed[mark.role] = _packed_boxes(mark.boxes)
        elif isinstance(mark, Grid) and mark.role == "output":
            packed["output"] = " ".join(" ".join(row) for row in mark.labels)
            packed["output_levels"] = _hundredths(mark.levels)
            packed["output_columns"] = mark.levels.shape[1]
        elif isinstance(mark, Samples):
            packed["samples"] = _packed_samples(mark)
            if mark.interpolated:
                packed["cross"] = _size(strokes.cross_size(scene))
                packed |= {"many": True} if strokes.are_many(mark) else {}
        elif isinstance(mark, Outline) and mark.role != "truth":
            packed[mark.role] = _outline(mark)
        elif isinstance(mark, Lines):
            packed[mark.role] = lines(mark)
        elif isinstance(mark, Dots) and mark.role in strokes.LERPS:
            packed[mark.role] = ",".join(f"{_short(x)} {_short(y)}" for x, y in mark.points)
        elif isinstance(mark, Cells):
            each = np.column_stack([mark.boxes, np.rint(mark.levels * 100).astype(int)])
            packed[mark.role] = ",".join(f"{x1} {y1} {x2} {y2} {level}" for x1, y1, x2, y2, level in each.tolist())
    for role in sorted({arrow.role for arrow in scene.all(Arrow)}):
        if scene.emphasis_of(role) is not Emphasis.HIDDEN:
            packed[role] = ",".join(
                f"{a.side} {_short(a.x0)} {_short(a.y0)} {_short(a.x1)} {_short(a.y1)}"
                for a in scene.all(Arrow)
                if a.role == role
            )
    corners = strokes.outer_corners(scene) if scene.is_part else strokes.moved_numbers(scene)
    packed["corners"] = ",".join(f"{row} {column} {corner}" for (row, column), corner in corners.items())
    packed["words"] = _packed_words(scene, corners)
    image = strokes.image_before(scene)
    return packed if image is None else packed | {"shrink": [round(side, 3) for side in image]}


def _outline(mark: Outline) -> tuple[float, str]:
    """How many cells a pixel is wide, and the outline as an SVG path in pixels."""
    return mark.pixel, "".join(map(path_of, mark.loops))


def _packed_boxes(boxes: Floats) -> str:
    """Boxes (n, 4), each side that many share written once.

    >>> _packed_boxes(np.array([[0.25, 1, 2, 3], [2, 1, 4.5, 3]]))
    '0.25 1 2 3,2 1 4.5 3'
    """
    sides, which = np.unique(boxes, return_inverse=True)
    written = np.array([_short(side) for side in sides.tolist()], object)
    return ",".join(map(" ".join, written[which].reshape(-1, 4).tolist()))


def lines(mark: Lines) -> str:
    """Lines across a region: the region, their heights, their places across."""
    return ",".join(" ".join(_short(v) for v in values) for values in (mark.region, mark.ys, mark.xs))


def _packed_words(scene: Scene, corners: strokes.Corners) -> dict[str, dict[str, object]]:
    """What is written on the map, by role: how it looks, then each text and the spots that it may stand at."""
    packed: dict[str, dict[str, object]] = {}
    for role, group in groupby(strokes.map_words(scene, corners), key=strokes.role_of):
        every = list(group)
        first = every[0]
        look: dict[str, object] = {"size": _size(first.size)}
        if first.pill:
            look |= {"pill": True, "gap": first.spots[0].gap}
        if first.legible:
            look["legible"] = first.legible
        texts = (f"{words.text}|{';'.join(map(_spot, words.spots))}{_own_ink(words)}" for words in every)
        packed[role] = {**look, "each": "\n".join(texts)}
    return packed


def _own_ink(words: strokes.Words) -> str:
    """The ink of a text, where those of one role differ in it."""
    return f"|{words.color}" if words.color in CORNER_INKS else ""


def _spot(spot: strokes.Spot) -> str:
    """Its place, then a letter each for the part of the text that is there, across and down."""
    return f"{_short(spot.x)} {_short(spot.y)} {spot.across[0]}{spot.down[0]}"


def _size(size: strokes.Size) -> tuple[float, ...]:
    """Cells, the least number of points and, where the size has a limit, the greatest."""
    cells = round(size.cells, 4)
    return (cells, size.least) if size.most == math.inf else (cells, size.least, size.most)


def sweep_chart(sweep: Sweep) -> dict[str, object]:
    """A line for each output: two digits a position for RoI Align; for RoI Pooling position and height of each step."""
    low, high = sweep.range
    first, last = float(sweep.positions[0]), float(sweep.positions[-1])
    ticks, decimals = round_ticks(low, high)
    heights = _heights(np.concatenate([sweep.pool, sweep.align], axis=1), low, high)
    pool, align = heights[: len(heights) // 2], heights[len(heights) // 2 :]
    return {
        "side": sweep.side,
        "at": (sweep.at - first) / (last - first),
        "across": [first, last],
        "positions": len(sweep.positions),
        "pool": _steps(pool),
        "align": ",".join(line.tobytes().decode("ascii") for line in PAIRS[align]),
        "x": [(str(cell), (cell - first) / (last - first)) for cell in half_cells(first, last)],
        "y": [(number(tick, decimals), (tick - low) / (high - low)) for tick in ticks],
    }


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
        digits = DIGITS if len(known) <= len(DIGITS) else TWO_DIGITS
        packed[axis] = ",".join([f"{_short(y)} {below} {above}" for y, below, above in known])
        packed[f"{axis}_at"] = "".join([digits[k] for k in place])
    packed["bin"] = ",".join(f"{a} {b} {n}" for (a, b), n in _runs(samples.bin))
    if samples.interpolated:
        packed["weights"] = PAIRS[_thousandths(samples.weights.ravel())].tobytes().decode("ascii")
        packed["values"] = " ".join(samples.labels)
    if samples.wins.any():
        packed["wins"] = " ".join(str(k) for k in np.flatnonzero(samples.wins))
    return packed


def _thousandths(weights: Floats) -> np.ndarray:
    """Weights 0…1 as whole thousandths, rounded as the three decimals of the sum beside them."""
    exact = weights.astype(np.float64) * 1000
    whole = np.rint(exact).astype(int)
    for k in np.flatnonzero(np.abs(exact - np.floor(exact) - 0.5) < 1e-6).tolist():  # the product may have lost a bit
        whole[k] = int(f"{float(weights[k]):.3f}".replace(".", ""))
    return whole


def _heights(outputs: Floats, low: float, high: float) -> np.ndarray:
    """(n, ph, pw) to whole numbers by output and position, 0 for the least value of the chart."""
    flat = outputs.reshape(len(outputs), -1).T
    shown = np.clip(np.where(np.isnan(flat), low, flat), low, high)
    return np.round((shown - low) / (high - low) * FINEST).astype(int)


def _steps(heights: np.ndarray) -> str:
    """Of each output, position and height wherever the height changes, two digits each."""
    changes = np.ones(heights.shape, bool)
    changes[:, 1:] = heights[:, 1:] != heights[:, :-1]
    at = np.nonzero(changes)[1]
    digits = PAIRS[np.stack([at, heights[changes]], axis=1)].tobytes().decode("ascii")
    ends = 4 * np.cumsum(changes.sum(axis=1))
    return ",".join(digits[a:b] for a, b in pairwise([0, *ends.tolist()]))


def _runs(bins: np.ndarray) -> Iterable[tuple[tuple[int, int], int]]:
    """Bins in order, each with how many samples it has."""
    if len(bins):
        change = np.flatnonzero(np.any(np.diff(bins, axis=0) != 0, axis=1)) + 1
        edges = [0, *change.tolist(), len(bins)]
        for a, b in pairwise(edges):
            yield (int(bins[a, 0]), int(bins[a, 1])), b - a


def _short(value: float) -> str:
    """At most three decimals, none that say nothing: a thousandth of a cell is less than a pixel."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=1)
def matrices(trace: Trace) -> Mapping[str, str] | None:
    """``Wy`` and ``Wx`` of a trace as text; None where they do not exist, as for a maximum.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> matrices(trace(np.arange(16.0).reshape(4, 4), (0, 0, 4, 4), ROI_ALIGN, 2))
    {'wy': '0 0.50 1 0.50,2 0.50 3 0.50', 'wx': '0 0.50 1 0.50,2 0.50 3 0.50'}
    """
    if not is_separable(trace.operator):
        return None
    wy, wx = two_matrices(trace)
    return {"wy": _sparse(wy), "wx": _sparse(wx)}


def _sparse(matrix: Floats) -> str:
    """The rows, each with its cells and their weights in turn."""
    rows: list[list[str]] = [[] for _ in matrix]
    at = np.nonzero(matrix)
    for row, cell, weight in zip(*(places.tolist() for places in at), matrix[at].tolist(), strict=True):
        rows[row].append(f"{cell} {number(weight, 2)}")
    return ",".join(" ".join(row) for row in rows)
