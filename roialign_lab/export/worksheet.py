"""Worksheets as a PDF, black on white: a page a sheet, then a page a key, laid out alike so that one lies on the other.

Both are written in two columns: the map and the questions of RoI Pooling, then those of RoI Align and both outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from roialign_lab.export.draw import draw_on, write, write_lines

# isort: split
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from roialign_lab.export.fonts import SPACING, fitted, width
from roialign_lab.export.layout import Drawing, Place, Writing, within
from roialign_lab.figures.strokes import map_strokes
from roialign_lab.figures.style import ink
from roialign_lab.figures.worksheet import Question, Table, key_scene, map_scene, outputs, questions, sheet_strokes
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import SIDES
from roialign_lab.lesson.text import Text, text_in
from roialign_lab.lesson.worksheet import CELLS, PAPERS, Worksheet

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

    from roialign_lab.export.pdf_pages import Page, PageCanvas, Told, pages_of  # 15 MB that no other file needs

    def drawn() -> Iterator[Page]:
        for k, (sheet, is_key) in enumerate(pages, start=1):
            foot = text("worksheet.foot", seed=seed, number=sheet.number, count=len(sheets))
            figure = worksheet_page(sheet, text, paper, is_key, foot)

            def paint(canvas: PageCanvas, figure: Figure = figure) -> None:
                canvas.figure(figure)

            yield Page(INCHES[paper], THEME, paint)
            progress(k, len(pages))

    return pages_of(drawn(), text("worksheet.title"), [Told(_name(*page, text)) for page in pages], language)


def _name(sheet: Worksheet, is_key: bool, text: Text) -> str:
    return text(f"worksheet.{'key' if is_key else 'sheet'}", number=sheet.number)


def worksheet_page(sheet: Worksheet, text: Text, paper: str, is_key: bool, foot: str = "") -> Figure:
    """One page: a sheet, or its key."""
    asked = questions(sheet, text)
    page = page_of(paper, asked)
    figure = Figure(figsize=page.size, facecolor=ink("paper", THEME))
    _header(figure, sheet, is_key, text)
    sides = {side: number(at, 1) for side, at in zip(SIDES, sheet.scenario.box, strict=True)}
    write_lines(figure, _writing(text("worksheet.given", **sides), page.given), THEME)
    _map(figure, sheet, page.map, is_key)
    filled = dict(zip(("pool", "align"), outputs(sheet, told=is_key), strict=True))
    for k, question in enumerate(asked, start=1):
        _ask(figure, k, question, page.asked[question.key], is_key)
        room = page.rooms[question.key]
        if question.key in OUTPUTS:
            name = OUTPUTS[question.key]
            room = _beside_output(figure, text(f"worksheet.{name}"), filled[name], room)
        _answer(figure, question, room, is_key)
    write(figure, MARGIN, page.size[1] - MARGIN, foot, TEXT, color=ink("quiet", THEME), va="bottom")
    return figure


def _header(figure: Figure, sheet: Worksheet, is_key: bool, text: Text) -> None:
    """The title, the number of the sheet, and on a sheet who fills it in."""
    wide = figure.get_size_inches()[0]
    write(figure, MARGIN, MARGIN, text("worksheet.title"), TITLE, va="top")
    write(figure, wide - MARGIN, MARGIN, _name(sheet, is_key, text), TITLE, va="top", ha="right")
    if not is_key:
        for name, left, right in (("name", 0.0, 0.62), ("date", 0.66, 1.0)):
            start, end = (MARGIN + share * (wide - 2 * MARGIN) for share in (left, right))
            _field(figure, text(f"worksheet.{name}"), Place(start, MARGIN + 0.24, end - start, 0.32))


def _map(figure: Figure, sheet: Worksheet, at: Place, is_key: bool) -> None:
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
    draw_on(figure, drawing, THEME)
    cell, place = drawing.cell, drawing.at
    look: dict[str, Any] = {"color": ink("quiet", THEME), "ha": "center", "va": "center"}
    for k in range(CELLS + 1):
        along = (k - x1) * cell
        write(figure, place.x + along, place.y + place.height + AXIS / 2, str(k), TEXT, **look)
        write(figure, place.x + place.width + AXIS / 2, place.y + along, str(k), TEXT, **look)
        if k < CELLS:
            middle = along + cell / 2
            write(figure, place.x + middle, place.y - AXIS / 2, str(k), TEXT, **{**look, "color": ink("text", THEME)})
            write(figure, place.x - AXIS / 2, place.y + middle, str(k), TEXT, **{**look, "color": ink("text", THEME)})


def _ask(figure: Figure, k: int, question: Question, at: Place, is_key: bool) -> None:
    """A question with its table."""
    head = TEXT * SPACING / 72
    write_lines(figure, _writing(f"{k}  {question.title}", at), THEME, bold=True)
    write_lines(figure, _writing(question.ask, at._replace(y=at.y + head)), THEME)
    if question.table:
        rows = question.table if is_key else tuple(_empty(question))
        high = ROW * len(rows)
        draw_table(figure, rows, at._replace(y=at.y + at.height - GAP - high, height=high), COLUMNS[question.key])


def _answer(figure: Figure, question: Question, at: Place, is_key: bool) -> None:
    """Lines to write on, or the answer."""
    if is_key:
        lines = fitted(question.answer, at.width, at.height, (TEXT,))
        write_lines(figure, Writing(question.key, at, lines, "text", ""), THEME)
    else:
        _fields(figure, question.fields, at)


def _beside_output(figure: Figure, name: str, table: Table, at: Place) -> Place:
    """An output at the right of a question; returns the room at its left."""
    wide, head = at.width * OUTPUT, TEXT * SPACING / 72
    left = at.x + at.width - wide
    high = min(at.height - head, 0.9)
    write(figure, left, at.y, name, TEXT, va="top")
    draw_table(figure, table, Place(left, at.y + head, wide, high), (0.5, 0.5))
    return at._replace(width=at.width - wide - 0.15)


def _empty(question: Question) -> Iterator[tuple[str, ...]]:
    for k, row in enumerate(question.table):
        yield row if question.headed and k == 0 else ("",) * len(row)


def _fields(figure: Figure, fields: Sequence[str], at: Place) -> None:
    """A line to write on for each, side by side where they are wide enough, so that there is room above them."""
    is_short = at.width > NARROW and at.height < WIDE_ROOM * len(fields)
    across = min(len(fields), 2) if is_short else 1
    rows = -(-len(fields) // across)
    wide, high = (at.width - BETWEEN * (across - 1)) / across, at.height / rows
    for k, name in enumerate(fields):
        row, column = divmod(k, across)
        _field(figure, name, Place(at.x + column * (wide + BETWEEN), at.y + row * high, wide, high))


def _field(figure: Figure, name: str, at: Place) -> None:
    base = at.y + at.height - 0.05
    write(figure, at.x, base, name, TEXT, va="baseline")
    _line(figure, at.x + width(name) * TEXT / 72 + 0.06, base + 0.03, at.x + at.width)


def draw_table(figure: Figure, rows: Table, at: Place, shares: Sequence[float]) -> None:
    """Rows of texts in a grid; an empty text leaves room to write."""
    high, edges = at.height / len(rows), [at.x]
    for share in shares:
        edges.append(edges[-1] + share * at.width)
    for r, row in enumerate(rows):
        for c, words in enumerate(row):
            left, right = edges[c : c + 2]
            _rectangle(figure, Place(left, at.y + r * high, right - left, high))
            if words:
                write(figure, (left + right) / 2, at.y + (r + 0.5) * high, words, TEXT, ha="center", va="center")


def _writing(words: str, at: Place) -> Writing:
    return Writing("", at, fitted((words,), at.width, at.height, (TEXT,)), "text", words)


def _line(figure: Figure, x0: float, y: float, x1: float) -> None:
    wide, high = figure.get_size_inches()
    look: dict[str, Any] = {"color": ink("rule", THEME), "linewidth": BOX_LINE, "transform": figure.transFigure}
    figure.add_artist(Line2D((x0 / wide, x1 / wide), (1 - y / high, 1 - y / high), **look))


def _rectangle(figure: Figure, at: Place) -> None:
    wide, high = figure.get_size_inches()
    corner, size = (at.x / wide, 1 - (at.y + at.height) / high), (at.width / wide, at.height / high)
    look: dict[str, Any] = {
        "fill": False,
        "edgecolor": ink("rule", THEME),
        "linewidth": BOX_LINE,
        "transform": figure.transFigure,
    }
    figure.add_artist(Rectangle(corner, *size, **look))
