"""A matrix that people write or paste: lines of a table, a printed tensor, a list of lists.

What could be two different matrices is refused, never guessed: an empty cell, a comma that may be a decimal mark, a
new line that may or may not begin a row. Lengths are checked before a line is looked into, and every step goes through
the text once, so that nothing a person pastes can hold the others up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import inf

import numpy as np

from roialign_core.geometry import Floats
from roialign_lab.lesson.own_limits import LARGEST_SIDE, MOST_CHANNELS, OwnDataError, check_shape, dimensions

LONGEST_TEXT = 4_000_000  # characters
MOST_NUMBERS = 2 * LARGEST_SIDE**2  # read in half a second; 512 channels of 32×32 are as many
LONGEST_LINE = 32_768  # characters of one row
LONGEST_NUMBER = 64  # characters
MOST_ROWS = 16_384  # rows of all channels together, blank lines among them
LONGEST_AROUND = 400  # characters before and after the brackets
DEEPEST = 4  # brackets: images, channels, rows, numbers
PARTS = np.isin(np.arange(256), [*b" \t\r\n,;[]?"])
"""Which signs stand between numbers; whatever is not ASCII is counted as ``?``, which could be a space."""
BEFORE = re.compile(r"(?:[a-z_]\w{0,30} ?= ?)?(?:[a-z_][\w.]{0,30}\()?", re.ASCII | re.IGNORECASE)
AFTER = re.compile(r"(?:, ?[a-z_]{1,20}=[^\[\]]{1,200})?\)? ?;?", re.ASCII)
LINE_END = re.compile(r"\r\n|\r|\n")
OTHER_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # what other programs end lines or pages with
Nested = list["str | Nested"]  # a bracket: the text of a row, or the brackets in it


def read_matrix(text: str) -> Floats:
    """Rows of numbers (H, W): a line or a pair of brackets each, separated by commas, semicolons, tabs or spaces.

    Three or four brackets inside each other are channels (C, H, W) or (N, C, H, W). In one pair of brackets, semicolons
    end the rows.

    Raises
    ------
    OwnDataError : for what is no matrix, could be two different ones, or is too large.

    >>> read_matrix("1, 2\\n3, 4.5").tolist()
    [[1.0, 2.0], [3.0, 4.5]]
    >>> read_matrix("tensor([[1., 2.], [3., 4.]])").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    >>> read_matrix("[1 2; 3 4]").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    >>> read_matrix("[[[1, 2]], [[3, 4]]]").shape
    (2, 1, 2)
    """
    if len(text) > LONGEST_TEXT:
        raise OwnDataError("text_too_long", size=len(text), limit=LONGEST_TEXT)
    count = _count(text)
    if count > MOST_NUMBERS:
        raise OwnDataError("too_many_numbers", count=count, limit=MOST_NUMBERS)
    if "[" in text or "]" in text:
        return _bracketed(text)
    if text.count("\n") + text.count("\r") > 2 * MOST_ROWS:
        raise OwnDataError("too_many_rows", limit=MOST_ROWS)
    lines = [line for line in LINE_END.split(text) if line and not line.isspace()]
    if len(lines) == 1 and _rows_by_semicolons(lines[0]):
        lines = lines[0].rstrip().removesuffix(";").split(";")
    return _matrix(lines)


def _count(text: str) -> int:
    """How many numbers a text has, without reading them; what stands around the brackets counts as one or two.

    >>> _count("tensor([[1., 2.],\\n [3., 4.]])"), _count("1;2 ; 3\u30004\\n"), _count("")
    (6, 4, 0)
    """
    parts = np.concatenate(([True], PARTS[np.frombuffer(text.encode("ascii", "replace"), np.uint8)]))
    return int(np.count_nonzero(parts[:-1] & ~parts[1:]))


# ---- rows ---------------------------------------------------------------------------------------------------------


def _matrix(lines: Iterable[str]) -> Floats:
    """The matrix (H, W) of lines, each of which is a row."""
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        row = _row(line, number)
        if rows and len(row) != len(rows[0]):
            raise OwnDataError("ragged", row=number, count=len(row), first=len(rows[0]))
        if number > LARGEST_SIDE:
            raise OwnDataError("side_too_large", rows=f"> {LARGEST_SIDE}", columns=len(row), limit=LARGEST_SIDE)
        rows.append(row)
    if not rows or not rows[0]:
        raise OwnDataError("no_numbers")
    return np.array(rows)


def _row(line: str, number: int) -> list[float]:
    """The numbers of one row; ``number`` is the row's, from 1."""
    columns = max(line.count(","), line.count(";"), line.count("\t")) + 1
    if columns > LARGEST_SIDE + 1:  # one more, for a separator at the end
        raise OwnDataError("side_too_large", rows=f"≥ {number}", columns=columns, limit=LARGEST_SIDE)
    if len(line) > LONGEST_LINE:
        raise OwnDataError("line_too_long", row=number, size=len(line), limit=LONGEST_LINE)
    if OTHER_END.search(line):
        cell = next(cell for cell in re.split(r"[,;\t ]", line) if OTHER_END.search(cell))
        raise OwnDataError("not_a_number", row=number, text=OTHER_END.sub("⏎", cell))
    cells = _cells(line, number)
    if len(cells) > LARGEST_SIDE:
        raise OwnDataError("side_too_large", rows=f"≥ {number}", columns=len(cells), limit=LARGEST_SIDE)
    if max(map(len, cells), default=0) <= LONGEST_NUMBER and line.isascii() and "_" not in line:
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            numbers = [inf]
        if inf not in numbers and -inf not in numbers:
            return numbers
    for cell in cells:
        if len(cell) > LONGEST_NUMBER:
            raise OwnDataError("number_too_long", row=number, text=cell[:20], size=len(cell), limit=LONGEST_NUMBER)
        if not _is_number(cell):
            raise OwnDataError("not_a_number", row=number, text=cell)
    return [float(cell) for cell in cells]


def _is_number(cell: str) -> bool:
    """Whether Python reads it as a number, in plain digits and without underscores; digits are not infinite.

    >>> [_is_number(cell) for cell in ("1e308", "1e400", "-inf", "1_0", "x")]
    [True, False, True, False, False]
    """
    try:
        too_large = abs(float(cell)) == inf and any(sign.isdigit() for sign in cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell and not too_large


def _cells(line: str, number: int) -> list[str]:
    """The numbers of a row as they are written. A separator at the end closes the row; every other one parts two.

    >>> _cells("1, 2,", 1), _cells("1;2;", 1), _cells("1 \\t2\\t", 1), _cells("1   2", 1)
    (['1', '2'], ['1', '2'], ['1', '2'], ['1', '2'])
    """
    row = line.strip(" \r\n")
    closed = row.endswith(";")
    row = row.removesuffix(";").rstrip(" ") if closed else row
    separator = next((sign for sign in ",;\t" if sign in row), None)
    quoted = {"row": number, "text": row.strip()[:40]}
    tight = separator == "," and re.search(r"\d,\d", row)
    if separator == "," and (";" in row or (closed and tight)):
        raise OwnDataError("two_separators", **quoted)
    if separator is None:
        return row.split()
    cells = [cell.strip() for cell in row.rstrip(" ").removesuffix(separator).split(separator)]
    if not all(cells):
        raise OwnDataError("empty_cell", cell=cells.index("") + 1, **quoted)
    if separator == "\t":
        return row.split()
    if any(len(cell.split(None, 1)) > 1 for cell in cells):
        raise OwnDataError("two_separators", **quoted)
    if tight and re.search(r"\s,|,\s", row):  # "0,5, 0,7" may be two numbers or four
        raise OwnDataError("decimal_commas", **quoted)
    return cells


def _rows_by_semicolons(line: str) -> bool:
    """Whether semicolons end the rows of a line: between them stand several numbers, which something else separates."""
    parts = line.rstrip().removesuffix(";").split(";", LARGEST_SIDE + 1)
    return len(parts) > 1 and "," not in line and all(len(part.split(None, 1)) > 1 for part in parts)


# ---- brackets -----------------------------------------------------------------------------------------------------


def _bracketed(text: str) -> Floats:
    """The array that brackets make: ``[1 2; 3 4]``, ``[[1, 2], [3, 4]]``, or deeper for channels."""
    outer = _nested(text)
    while len(outer) == 1 and isinstance(outer[0], list):
        outer = outer[0]
    if isinstance(outer[0], str):
        return _matrix(_rows_of(outer[0]))
    return _stacked(outer)


def _stacked(children: Nested) -> Floats:
    """Rows, or what is nested alike, one after another in a new axis."""
    if all(isinstance(child, list) and isinstance(child[0], str) for child in children):
        return _matrix(child[0] for child in children)  # type: ignore[misc]
    if not all(isinstance(child, list) and isinstance(child[0], list) for child in children):
        raise OwnDataError("brackets_unlike")
    parts = [_stacked(child) for child in children]  # type: ignore[arg-type]
    for number, part in enumerate(parts, start=1):
        if part.shape != parts[0].shape:
            shape, first = dimensions(part.shape), dimensions(parts[0].shape)
            raise OwnDataError("channels_unlike", channel=number, shape=shape, first=first)
    check_shape((len(parts), *parts[0].shape))
    return np.stack(parts)


def _rows_of(row: str) -> list[str]:
    """What semicolons part in one pair of brackets; a new line between numbers could begin a row too, or not."""
    written = row.strip().removesuffix(";")
    for part in written.split(";", LARGEST_SIDE + 1):
        lines = LINE_END.split(part.strip()[:LONGEST_LINE])  # a longer one is no row
        if not all(line.rstrip().endswith(",") for line in lines[:-1]):
            raise OwnDataError("row_or_not", text=" ⏎ ".join(line.strip() for line in lines[:2])[:40])
    if "," in written and ";" in written:
        raise OwnDataError("two_separators", row=1, text=written[:40])
    return written.split(";") if written else []


def _nested(text: str) -> Nested:
    """The brackets of a text as lists in lists. Around and between them stands nothing that could be a number.

    >>> _nested("array([[1, 2], [3, 4]], dtype=float32)")
    [[['1, 2'], ['3, 4']]]
    """
    outer: Nested = []
    open_ones, start, rows = [outer], 0, 0
    for sign, at in _brackets(text):
        between = text[start:at]
        start = at + 1
        inner = open_ones[-1]
        if sign == "[":
            if not _parts_only(between, inner, len(open_ones) == 1) or len(open_ones) > DEEPEST:
                raise OwnDataError("brackets", text=_around(text, at))
            if len(inner) >= MOST_CHANNELS:
                raise OwnDataError("too_many_rows", limit=MOST_CHANNELS)
            child: Nested = []
            inner.append(child)
            open_ones.append(child)
            continue
        open_ones.pop()
        if not open_ones or (inner and between.strip(" \r\n\t,;")):
            raise OwnDataError("brackets", text=_around(text, at))
        if not inner:
            inner.append(between)
            rows += 1
            if rows > MOST_ROWS:
                raise OwnDataError("too_many_rows", limit=MOST_ROWS)
    rest = text[start:].strip()
    if len(open_ones) > 1 or len(rest) > LONGEST_AROUND or not AFTER.fullmatch(" ".join(rest.split())):
        raise OwnDataError("brackets", text=_around(text, start))
    return outer


def _brackets(text: str) -> Iterator[tuple[str, int]]:
    return ((match[0], match.start()) for match in re.finditer(r"[\[\]]", text))


def _parts_only(between: str, before: Nested, outermost: bool) -> bool:
    """Whether the text before a bracket only parts it from the one before, or is what comes first: ``tensor(``."""
    if outermost and not before:
        return len(between.strip()) <= LONGEST_AROUND and BEFORE.fullmatch(between.strip()) is not None
    return not between.strip(" \r\n\t,;") and between.count(",") <= 1


def _around(text: str, at: int) -> str:
    return " ".join(text[max(at - 20, 0) : at + 20].split())
