"""What a worksheet asks and its key answers: every number is the trace's, by the formulas of the lesson's steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from roialign_core.gradients import map_gradient
from roialign_lab.figures.formulas import cell_labels, looked_at, product, sign
from roialign_lab.figures.scene import Rects, Samples, Scene, map_grid_of
from roialign_lab.figures.steps import scene_of, steps
from roialign_lab.figures.strokes import Cell, Stroke, in_corner, map_strokes
from roialign_lab.lesson.number_text import cells_in_words, number
from roialign_lab.lesson.scenario import SIDES
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import lights
from roialign_lab.lesson.worksheet import CELLS, THIRD, Worksheet

Table = tuple[tuple[str, ...], ...]  # rows of texts
ROOM = 0.06  # cells round the map
OF_EACH = ("number", "bin", "y", "x", "neighbor_y", "neighbor_x", "weights", "wins")
ON_KEY = lights("roi snapped sample neighbor", "map split")
"""What the map of a key shows: both regions, the × of the bin, and the neighbours of the third."""


@dataclass(frozen=True)
class Question:
    """A question: what is written on the sheet, the ``fields`` to fill in, and what the key has in their place.

    A ``table`` is filled in too: on the sheet its first row (``headed``) stands alone, on the key all of it.
    """

    key: str
    title: str
    ask: str
    fields: tuple[str, ...]
    answer: tuple[str, ...]
    table: Table = ()
    headed: bool = False


def questions(sheet: Worksheet, text: Text) -> tuple[Question, ...]:
    """The questions of a sheet, from snapping the edges to the gradient.

    >>> from roialign_lab.lesson.text import text_in
    >>> from roialign_lab.lesson.worksheet import worksheets
    >>> asked = questions(worksheets(1, 1)[0], text_in("en"))
    >>> asked[0].answer[0], asked[3].answer[1]
    ('x1: round(1.90) = 2   y1: round(1.80) = 2', 'x = 1.900 + (0 + ½)/2 · 1.600 = 2.300')
    """
    scenario, pool, align = sheet.scenario, sheet.pool, sheet.align
    focus, here = scenario.focus, (scenario.focus.row, scenario.focus.column)
    lines = {("pool", step.key): step.formula for step in steps(pool, focus)}
    lines |= {("align", step.key): step.formula for step in steps(align, focus)}
    third = looked_at(align, focus)
    cells = [f"({row}, {column})" for row, column in zip(third.neighbor_y[0], third.neighbor_x[0], strict=True)]
    rows, columns = cells_in_words(pool, *here)
    readings = [number(value, 3) for value in align.points_of(*here).value]
    values = {"bin": scenario.bin_name(focus), "values": tuple(np.delete(readings, THIRD).tolist())}
    winner = np.argwhere(map_gradient(pool, here))[0]
    shares = [float(weight * align.sample_share[align.samples_of(*here)[THIRD]]) for weight in third.weights[0]]
    weights = [number(weight, 2) for weight in third.weights[0]]
    products = tuple(
        product((weight, f"{align.sample_share[0]:g}"), share, 4) for weight, share in zip(weights, shares, strict=True)
    )
    table = _products(sheet, cells, text)
    parts = [row[-1] for row in table[1:]]
    answers = {
        "snap": tuple("   ".join(lines["pool", "snap"][k : k + 2]) for k in (0, 2)),
        "split": lines["pool", "split"],
        "cells": (
            *lines["pool", "cells"],
            f"{text('worksheet.rows')}: {rows}   {text('worksheet.columns')}: {columns}",
            *lines["pool", "max"],
        ),
        "third": lines["align", "samples"],
        "neighbors": (f"{' + '.join(parts)} {sign(sum(map(float, parts)), readings[THIRD])} {readings[THIRD]}",),
        "join": lines["align", "join"],
        "gradient": (text("worksheet.of_pool", cell=f"({winner[0]}, {winner[1]})"),),
    }
    fields = {
        "snap": tuple(f"{side} →" for side in SIDES),
        "split": ("h =", "w ="),
        "cells": (text("worksheet.rows"), text("worksheet.columns"), "max ="),
        "third": ("y =", "x ="),
        "neighbors": (text("worksheet.reads"),),
        "join": ("mean =", "max ="),
        "gradient": (text("worksheet.whole"),),
    }
    tables = {
        "neighbors": table,
        "gradient": tuple(tuple(f"{cells[k]}: {products[k]}" for k in (row, row + 1)) for row in (0, 2)),
    }
    return tuple(
        Question(
            key,
            text(f"worksheet.{key}.title"),
            text(f"worksheet.{key}.ask", **values),
            fields[key],
            answers[key],
            tables.get(key, ()),
            key == "neighbors",
        )
        for key in answers
    )


def _products(sheet: Worksheet, cells: list[str], text: Text) -> Table:
    """Of each neighbour of the third ×: its cell, its weight from two shares, its number, and their product."""
    third = looked_at(sheet.align, sheet.scenario.focus)
    rows, columns = third.neighbor_y[0], third.neighbor_x[0]
    weights, labels = third.weights[0], cell_labels(map_scene(sheet), rows, columns)
    along_y = [number(weights[list(pair)].sum(), 1) for pair in ((0, 1), (0, 1), (2, 3), (2, 3))]
    along_x = [number(weights[list(pair)].sum(), 1) for pair in ((0, 2), (1, 3), (0, 2), (1, 3))]
    products = weights * sheet.scenario.feature_map[rows, columns]
    head = tuple(text(f"worksheet.{name}") for name in ("cell", "weight", "number", "product"))
    filled = [
        (cells[k], product((along_y[k], along_x[k]), float(weights[k]), 2), labels[k], number(products[k], 3))
        for k in range(len(cells))
    ]
    return (head, *filled)


def map_scene(sheet: Worksheet) -> Scene:
    """The map of a sheet and its box, and nothing that would tell; white, to be written on."""
    grid = map_grid_of(sheet.scenario.feature_map)
    marks = (replace(grid, levels=np.zeros_like(grid.levels)), Rects("roi", sheet.align.roi[None]))
    return Scene((-ROOM, -ROOM, CELLS + ROOM, CELLS + ROOM), marks, lights("roi map"))


def key_scene(sheet: Worksheet) -> Scene:
    """The map of its key: the region that RoI Pooling reads, RoI Align's bins, the × of one, four neighbours."""
    plain, scene = map_scene(sheet), scene_of(sheet.align, ON_KEY, sheet.scenario.focus)
    others = [mark for mark in scene.marks if not isinstance(mark, Samples) and mark.role != "map"]
    return replace(scene, extent=plain.extent, marks=(plain.map, *others, _of_bin(scene)))


def _of_bin(scene: Scene) -> Samples:
    """The sample points of the bin that is looked at."""
    samples, here, _ = scene.focused()
    some = {name: getattr(samples, name)[here] for name in OF_EACH}
    return replace(samples, **some, labels=tuple(samples.labels[k] for k in here))


def sheet_strokes(scene: Scene) -> Iterator[Stroke]:
    """The strokes of the map of a sheet, each number in the corner of its cell that no side of the box crosses."""
    roi = scene.find(Rects, "roi")
    assert roi is not None
    x1, y1, x2, y2 = roi.boxes[0].tolist()
    for stroke in map_strokes(scene):
        if isinstance(stroke, Cell) and stroke.words is not None:
            row, column = stroke.row, stroke.column
            right = y1 < row + 1 and y2 > row and any(0 < x - column < 0.5 for x in (x1, x2))
            below = x1 < column + 1 and x2 > column and any(0 < y - row < 0.5 for y in (y1, y2))
            words = replace(stroke.words, spots=(in_corner(row, column, "lr"[right] + "tb"[below]),))
            yield replace(stroke, words=words, under="")
        else:
            yield stroke


def outputs(sheet: Worksheet, told: bool) -> tuple[Table, Table]:
    """The outputs of RoI Pooling and of RoI Align: all of both, or only what a sheet gives, RoI Align's other bins.

    >>> from roialign_lab.lesson.worksheet import worksheets
    >>> outputs(worksheets(1, 1)[0], told=False)
    ((('', ''), ('', '')), (('6.6390', '6.5290'), ('', '6.3610')))
    """
    pool, align = (
        [[number(v, decimals) for v in row] for row in trace.output]
        for trace, decimals in ((sheet.pool, 1), (sheet.align, 4))
    )
    if not told:
        pool = [[""] * len(row) for row in pool]
        align[sheet.scenario.focus.row][sheet.scenario.focus.column] = ""
    return tuple(map(tuple, pool)), tuple(map(tuple, align))
