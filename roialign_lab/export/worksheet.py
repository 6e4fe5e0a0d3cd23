"""Worksheets as a PDF, black on white: a page a sheet, then a page a key, laid out alike so that one lies on the other.

Both are written in two columns: the map and the questions of RoI Pooling, then those of RoI Align and both outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from typing import NamedTuple

from roialign_lab.export.fonts import SPACING, fitted, width
from roialign_lab.export.layout import Drawing, Place, Writing, within
from roialign_lab.export.painter import AS_IS, Canvas, Look, rectangle
from roialign_lab.figures.strokes import map_strokes
from roialign_lab.figures.worksheet import Question, Table, key_scene, map_scene, outputs, questions, sheet_strokes
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import SIDES
from roialign_lab.lesson.text import Text, text_in
from roialign_lab.lesson.worksheet import CELLS, PAPERS, Worksheet

# isort: split
from matplotlib.path import Path

INCHES = dict(zip(PAPERS, ((8.27, 11.69), (8.5, 11.0)), strict=True))  # wide and high
THEME = "print"
MARGIN, BETWEEN = 0.55, 0.3  # inches: round the page, between the columns
HEADER, GIVEN, FOOTER = 0.66, 0.62, 0.26  # inches high: title and name, what is given, the foot
TITLE, TEXT, BOX_LINE = 14.0, 10.0, 0.8  # points
AXIS, MAP = 0.24, 3.35  # inches of the numbers of rows and columns, and of the map with them
ROW, GAP, APART = 0.3, 0.07, 0.14  # inches: a row of a table, under a text, between two questions
LEFT = {"snap": 1.6, "split": 1.0, "cells": 3.2}
RIGHT = {"third": 1.8, "neighbors": 1.0, "join": 2.3, "gradient": 1.0}
"""The questions of each column, and the share that each has of the room to write on."""
NARROW, WIDE_ROOM = 2.5, 0.45  # inches wide, and high a line to write on: two stand side by side where there is less
COLUMNS = {"neighbors": (0.18, 0.42, 0.18, 0.22), "gradient": (0.5, 0.5)}  # of a table, shares of its width
OUTPUTS = {"cells": "pool", "join": "align"}
"""The questions beside which an output is filled in, and whose it is."""
OUTPUT = 0.46  # of the width of such a question

Progress = Callable[[int, int], None]


class Page(NamedTuple):
    """Where everything goes, in inches from the top left corner of the paper: the same for a sheet and its key.

    ``asked`` are the places of the questions, ``rooms`` those under them, for what is written by hand or in the key.
    """

    size: tuple[float, float]
    given: Place
    map: Place
    asked: dict[str, Place]
    rooms: dict[str, Place]


def page_of(paper: str, asked: Sequence[Question]) -> Page:
    """The layout of those questions on one of :data:`~roialign_lab.lesson.worksheet.PAPERS`."""
    wide, high = INCHES[paper]
    column = (wide - 2 * MARGIN - BETWEEN) / 2
    top, bottom = MARGIN + HEADER + GIVEN, high - MARGIN - FOOTER
    given = Place(MARGIN, MARGIN + HEADER, wide - 2 * MARGIN, GIVEN)
    map_at = Place(MARGIN + AXIS, top + AXIS, MAP - 2 * AXIS, MAP - 2 * AXIS)
    left = Place(MARGIN, top + MAP + GAP, column, bottom - top - MAP - GAP)
    right = Place(MARGIN + column + BETWEEN, top, column, bottom - top)
    page = Page((wide, high), given, map_at, {}, {})
    for shares, place in ((LEFT, left), (RIGHT, right)):
        _stack([question for question in asked if question.key in shares], shares, place, page)
    return page


def _stack(asked: Sequence[Question], shares: Mapping[str, float], column: Place, page: Page) -> None:
    """Questions one under the other; what the text leaves is room to write, by their shares."""
    highs = {question.key: _height(question, column.width) for question in asked}
    free, whole = column.height - sum(highs.values()) - APART * len(highs), sum(shares.values())
    top = column.y
    for key, high in highs.items():
        page.asked[key] = column._replace(y=top, height=high)
        page.rooms[key] = column._replace(y=top + high, height=free * shares[key] / whole)
        top += high + page.rooms[key].height + APART


def _height(question: Question, wide: float) -> float:
    """Inches of the title, the text and the table of a question."""
    table = ROW * len(question.table) + GAP if question.table else 0.0
    return TEXT * SPACING / 72 + fitted((question.ask,), wide, inf, (TEXT,)).height + GAP + table


def worksheet_file(
    sheets: Sequence[Worksheet],
    seed: int,
    *,
    language: str = "en",
    paper: str = "a4",
    keys: bool = True,
    progress: Progress = lambda _done, _all: None,
) -> bytes:
    """All sheets and, after them, their keys as one PDF; ``progress`` is told how many pages are done.

    >>> from roialign_lab.lesson.worksheet import worksheets
    >>> worksheet_file(worksheets(1, 1), 1)[:5]
    b'%PDF-'
    """
    text = text_in(language)
    pages = [(sheet, is_key) for is_key in (False, True)[: 1 + keys] for sheet in sheets]

    from roialign_lab.export.pdf_pages import Page, pages_of  # 15 MB that no other file needs
    from roialign_lab.export.tagged_pdf import Told

    def drawn() -> Iterator[Page]:
        for k, (sheet, is_key) in enumerate(pages, start=1):
            foot = text("worksheet.foot", seed=seed, number=sheet.number, count=len(sheets))
            yield Page(
                INCHES[paper], THEME, partial(paint, sheet=sheet, text=text, paper=paper, is_key=is_key, foot=foot)
            )
            progress(k, len(pages))

    return pages_of(drawn(), text("worksheet.title"), [Told(_name(*page, text)) for page in pages], language)


def _name(sheet: Worksheet, is_key: bool, text: Text) -> str:
    return text(f"worksheet.{'key' if is_key else 'sheet'}", number=sheet.number)


def paint(canvas: Canvas, sheet: Worksheet, text: Text, paper: str, is_key: bool, foot: str = "") -> None:
    """One page: a sheet, or its key."""
    asked = questions(sheet, text)
    page = page_of(paper, asked)
    _header(canvas, page.size[0], sheet, is_key, text)
    sides = {side: number(at, 1) for side, at in zip(SIDES, sheet.scenario.box, strict=True)}
    canvas.lines(_writing(text("worksheet.given", **sides), page.given))
    _map(canvas, sheet, page.map, is_key)
    filled = dict(zip(("pool", "align"), outputs(sheet, told=is_key), strict=True))
    for k, question in enumerate(asked, start=1):
        _ask(canvas, k, question, page.asked[question.key], is_key)
        room = page.rooms[question.key]
        if question.key in OUTPUTS:
            name = OUTPUTS[question.key]
            room = _beside_output(canvas, text(f"worksheet.{name}"), filled[name], room)
        _answer(canvas, question, room, is_key)
    canvas.write(MARGIN, page.size[1] - MARGIN, foot, Look(TEXT, canvas.color("quiet")), "left", "bottom")


def _header(canvas: Canvas, wide: float, sheet: Worksheet, is_key: bool, text: Text) -> None:
    """The title, the number of the sheet, and on a sheet who fills it in."""
    look = Look(TITLE, canvas.color("text"))
    canvas.write(MARGIN, MARGIN, text("worksheet.title"), look, "left", "top")
    canvas.write(wide - MARGIN, MARGIN, _name(sheet, is_key, text), look, "right", "top")
    if not is_key:
        for name, left, right in (("name", 0.0, 0.62), ("date", 0.66, 1.0)):
            start, end = (MARGIN + share * (wide - 2 * MARGIN) for share in (left, right))
            _field(canvas, text(f"worksheet.{name}"), Place(start, MARGIN + 0.24, end - start, 0.32))


def _map(canvas: Canvas, sheet: Worksheet, at: Place, is_key: bool) -> None:
    """The map with the numbers of its rows and columns at the left and above, of its lines at the right and below."""
    scene = key_scene(sheet) if is_key else map_scene(sheet)
    x1, y1, x2, y2 = scene.extent
    drawing = Drawing(
        "map",
        within(at, x2 - x1, y2 - y1),
        scene.extent,
        tuple(map_strokes(scene) if is_key else sheet_strokes(scene)),
        "",
    )
    canvas.map(drawing)
    cell, place = drawing.cell, drawing.at
    of_cells, of_lines = (Look(TEXT, canvas.color(color)) for color in ("text", "quiet"))
    for k in range(CELLS + 1):
        along = (k - x1) * cell
        canvas.write(place.x + along, place.y + place.height + AXIS / 2, str(k), of_lines, "center", "center")
        canvas.write(place.x + place.width + AXIS / 2, place.y + along, str(k), of_lines, "center", "center")
        if k < CELLS:
            middle = along + cell / 2
            canvas.write(place.x + middle, place.y - AXIS / 2, str(k), of_cells, "center", "center")
            canvas.write(place.x - AXIS / 2, place.y + middle, str(k), of_cells, "center", "center")


def _ask(canvas: Canvas, k: int, question: Question, at: Place, is_key: bool) -> None:
    """A question with its table."""
    head = TEXT * SPACING / 72
    canvas.lines(_writing(f"{k}  {question.title}", at), bold=True)
    canvas.lines(_writing(question.ask, at._replace(y=at.y + head)))
    if question.table:
        rows = question.table if is_key else tuple(_empty(question))
        high = ROW * len(rows)
        _table(canvas, rows, at._replace(y=at.y + at.height - GAP - high, height=high), COLUMNS[question.key])


def _answer(canvas: Canvas, question: Question, at: Place, is_key: bool) -> None:
    """Lines to write on, or the answer."""
    if is_key:
        lines = fitted(question.answer, at.width, at.height, (TEXT,))
        canvas.lines(Writing(question.key, at, lines, "text", ""))
    else:
        _fields(canvas, question.fields, at)


def _beside_output(canvas: Canvas, name: str, table: Table, at: Place) -> Place:
    """An output at the right of a question; returns the room at its left."""
    wide, head = at.width * OUTPUT, TEXT * SPACING / 72
    left = at.x + at.width - wide
    high = min(at.height - head, 0.9)
    canvas.write(left, at.y, name, Look(TEXT, canvas.color("text")), "left", "top")
    _table(canvas, table, Place(left, at.y + head, wide, high), (0.5, 0.5))
    return at._replace(width=at.width - wide - 0.15)


def _empty(question: Question) -> Iterator[tuple[str, ...]]:
    for k, row in enumerate(question.table):
        yield row if question.headed and k == 0 else ("",) * len(row)


def _fields(canvas: Canvas, fields: Sequence[str], at: Place) -> None:
    """A line to write on for each, side by side where they are wide enough, so that there is room above them."""
    is_short = at.width > NARROW and at.height < WIDE_ROOM * len(fields)
    across = min(len(fields), 2) if is_short else 1
    rows = -(-len(fields) // across)
    wide, high = (at.width - BETWEEN * (across - 1)) / across, at.height / rows
    for k, name in enumerate(fields):
        row, column = divmod(k, across)
        _field(canvas, name, Place(at.x + column * (wide + BETWEEN), at.y + row * high, wide, high))


def _field(canvas: Canvas, name: str, at: Place) -> None:
    base = at.y + at.height - 0.05
    canvas.write(at.x, base, name, Look(TEXT, canvas.color("text")), "left", "baseline")
    start = at.x + width(name) * TEXT / 72 + 0.06
    _outline(canvas, Path([canvas.at(start, base + 0.03), canvas.at(at.x + at.width, base + 0.03)]))


def _table(canvas: Canvas, rows: Table, at: Place, shares: Sequence[float]) -> None:
    """Rows of texts in a grid; an empty text leaves room to write."""
    high, edges = at.height / len(rows), [at.x]
    for share in shares:
        edges.append(edges[-1] + share * at.width)
    look = Look(TEXT, canvas.color("text"))
    for r, row in enumerate(rows):
        for c, words in enumerate(row):
            left, right = edges[c : c + 2]
            top, foot = at.y + r * high, at.y + (r + 1) * high
            _outline(canvas, rectangle((*canvas.at(left, top), *canvas.at(right, foot))))
            if words:
                canvas.write((left + right) / 2, (top + foot) / 2, words, look, "center", "center")


def _writing(words: str, at: Place) -> Writing:
    return Writing("", at, fitted((words,), at.width, at.height, (TEXT,)), "text", words)


def _outline(canvas: Canvas, path: Path) -> None:
    canvas.stroke(path, AS_IS, canvas.color("rule"), BOX_LINE)
