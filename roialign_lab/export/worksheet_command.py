"""Worksheets to print: ``roialign-lab worksheet --seed 7 --sheets 20 -o sheets.pdf``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from roialign_lab.export.command_line import (
    EXIT_CODES,
    MADE,
    NOT_WRITTEN,
    WRONG_INPUT,
    Parser,
    add_progress,
    check,
    fail,
    is_stream,
    progress_of,
    put,
    reason,
    target_of,
)
from roialign_lab.export.worksheet import worksheet_file
from roialign_lab.lesson.quiz import LARGEST_SEED
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.lesson.worksheet import MOST_SHEETS, PAPERS, WorksheetError, worksheets

DESCRIPTION = """\
Make sheets to compute by hand as a PDF: a small map, a box, seven questions with room to write, numbers of its own on
every sheet; after the sheets their keys, a page each, with every number on the way. A seed makes the same sheets again.
"""


def main(program: str, arguments: Sequence[str]) -> int:
    """Make the sheets and write them; returns the exit code."""
    options = _parser(program, arguments).parse_args(arguments)
    output = Path(options.output)
    try:
        sheets = worksheets(options.seed, options.sheets)
        check(target_of(options.output))
        if output.suffix.lower() != ".pdf" and not is_stream(output):
            raise WorksheetError("ending", value=output)
    except WorksheetError as error:
        return fail(text_in(options.lang)(error.key, **error.values), WRONG_INPUT)
    except OSError as error:
        return fail(f"{options.output}: {reason(error, options.lang)}", NOT_WRITTEN)
    said = progress_of(output.name, "worksheet.progress", options.lang, options.progress)
    look = {"language": options.lang, "paper": options.paper, "keys": not options.no_key}
    try:
        put(output, worksheet_file(sheets, options.seed, **look, progress=said))
    except OSError as error:
        return fail(f"{options.output}: {reason(error, options.lang)}", NOT_WRITTEN)
    return MADE


def _parser(program: str, arguments: Sequence[str]) -> Parser:
    parser = Parser(program, arguments, description=DESCRIPTION, epilog=EXIT_CODES)
    parser.add_argument(
        "-o", "--output", required=True, type=parser.named, help="the PDF file to make; - for standard output"
    )
    parser.add_argument("--seed", type=parser.whole, default=1, help=f"0 to {LARGEST_SEED} (default %(default)s)")
    parser.add_argument(
        "--sheets", type=parser.whole, default=1, help=f"how many: 1 to {MOST_SHEETS} (default %(default)s)"
    )
    parser.add_argument("--lang", **parser.one_of(LANGUAGES), default=LANGUAGES[0], help="default %(default)s")
    parser.add_argument("--paper", **parser.one_of(PAPERS), default=PAPERS[0], help="default %(default)s")
    parser.add_argument("--no-key", action="store_true", help="only the sheets")
    add_progress(parser)
    return parser
