"""The figure of a link for a paper: ``roialign-lab figure LINK -o x.svg``. The link is pasted from the app."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from roialign_lab.export.command_line import (
    EXIT_CODES,
    MADE,
    NOT_WRITTEN,
    WRONG_INPUT,
    Parser,
    check,
    fail,
    is_stream,
    put,
    reason,
    target_of,
)
from roialign_lab.export.deck import UNCOLORED, without_colors
from roialign_lab.export.layout import Sheet, sheet_of
from roialign_lab.export.plate import SIZES, WIDTHS, readable_plate
from roialign_lab.export.plate_files import plate_file, words_file
from roialign_lab.export.tikz import TikzError
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.lesson.lesson_part import DeckError, page_and_query
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import PAGES, Page, address_of
from roialign_lab.stage.view import figure, has_figure

KINDS = ("svg", "pdf", "png", "tex")
DESCRIPTION = """\
Make the figure of a link, as it is pasted from the app: any page, its step, map, box and options. SVG has a named group
for each role, PDF is vectors, tex is a tikzpicture in named colours that needs no package but tikz.
"""
EXAMPLE = """an example:

  roialign-lab figure "http://localhost:8501/RoI_Align?box=0,3,7,8&step=join" -o join.pdf --width 8.5 --no-title
"""


def main(program: str, arguments: Sequence[str]) -> int:
    """Make the figure and write it, with its words beside it if they are wanted; returns the exit code."""
    options = _parser(program, arguments).parse_args(arguments)
    language = options.lang or _language_of(options.link)
    target: Path | str = options.output
    try:
        targets = [target := target_of(options.output)]
        check(target)
        kind = _kind(target, options.format)
        if options.caption:
            targets.append(target := _words_beside(target))
            check(target)
        sheet = sheet_of_link(options.link, options.theme, options.lang)
        text = text_in(language)
        plate = readable_plate(sheet, options.width, options.font_size, titled=not options.no_title)
        contents = plate_file(plate, kind, sheet, text, transparent=options.transparent), words_file(sheet, text)
    except TikzError as error:
        return fail(text_in(language)(f"plate.problem.{error}"), WRONG_INPUT)
    except DeckError as error:
        text = text_in(language)
        return fail(text(error.key, **error.words(text)), WRONG_INPUT)
    except OSError as error:
        return fail(f"{target}: {reason(error, language)}", NOT_WRITTEN)
    for target, content in zip(targets, contents, strict=False):  # the words last, and only where they are wanted
        try:
            put(target, content)
        except OSError as error:
            return fail(f"{target}: {reason(error, language)}", NOT_WRITTEN)
    return MADE


def _kind(target: Path, wanted: str | None) -> str:
    """What to make. Raises :class:`DeckError` where the ending does not say it, or another than is wanted."""
    ending = target.suffix.lower().lstrip(".")
    kind = wanted or ending
    if kind not in KINDS:
        raise DeckError("ending", value=target, choices=", ".join(KINDS))
    if kind != ending and ending in KINDS:
        raise DeckError("other_ending", name=target, kind=kind)
    return kind


def _words_beside(target: Path) -> Path:
    """The file of the words of a figure. Raises :class:`DeckError` where it would be no other file."""
    if is_stream(target):
        raise DeckError("caption")
    known = target.suffix.lower().lstrip(".") in KINDS
    words = target.with_suffix(".txt") if known else target.with_name(f"{target.name}.txt")
    if os.path.realpath(words) == os.path.realpath(target):
        raise DeckError("same_caption", name=words)
    return words


def sheet_of_link(link: str, theme: str, language: str | None = None) -> Sheet:
    """What the page of a link shows, in its language or another.

    Raises
    ------
    DeckError : for a link to no page of the lesson or to one without a figure, and for an address that says something
        that cannot be shown.

    >>> sheet_of_link("http://localhost:8501/RoI_Pooling?box=0,3,7,8&step=snap", "light").name
    'roi-pooling-snap'
    """
    page = _page_of(link, language or _language_of(link))
    picture, text = figure(page), page.text
    if theme == UNCOLORED:
        title, caption = (without_colors(words, text) for words in (picture.title, picture.caption))
        picture = replace(picture, title=title, caption=caption)
    return sheet_of(picture, theme=theme, language=page.session.language)


def _language_of(link: str) -> str:
    """The language that a link names, or else the first."""
    try:
        named = dict(parse_qsl(page_and_query(link)[1])).get("lang")
    except DeckError:
        named = None
    return named if named in LANGUAGES else LANGUAGES[0]


def _page_of(link: str, language: str) -> Page:
    wanted, query = page_and_query(link)
    names = {address_of(name).removesuffix("/").removeprefix("."): name for name in PAGES}
    name = names.get(wanted)
    if name is None:
        raise DeckError("link", value=link)
    page = Page(name, Session())
    problems = page.session.read_address(dict(parse_qsl(query)), page.kind)
    page.session.language = language
    if problems:
        raise DeckError("address", problem=problems[0])
    if not has_figure(page):
        raise DeckError("no_figure", value=page.title)
    return page


def _parser(program: str, arguments: Sequence[str]) -> Parser:
    parser = Parser(program, arguments, description=DESCRIPTION, epilog=f"{EXAMPLE}\n{EXIT_CODES}")
    parser.add_argument("link", help="in quotation marks, because of the & in it")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=parser.named,
        help=f"the file to make; its ending says which kind: {', '.join(KINDS)}; - for standard output, with --format",
    )
    parser.add_argument(
        "--format", **parser.one_of(KINDS), help="what to make, if the ending of the file does not say it"
    )
    parser.add_argument(
        "--width",
        metavar="CM",
        type=parser.number(*WIDTHS),
        default=12.0,
        help="how wide it is (default %(default)g cm)",
    )
    parser.add_argument(
        "--font-size",
        metavar="PT",
        type=parser.number(*SIZES),
        default=9.0,
        help="of its words, in points; the numbers of the cells follow the cells (default %(default)g)",
    )
    parser.add_argument("--transparent", action="store_true", help="without a ground")
    parser.add_argument("--no-title", action="store_true", help="without the title")
    parser.add_argument("--theme", **parser.one_of(DECK_THEMES), default=DECK_THEMES[0], help="default %(default)s")
    parser.add_argument("--lang", **parser.one_of(LANGUAGES), help="instead of the language of the link")
    parser.add_argument(
        "--caption", action="store_true", help="also write the caption and the alternative text, beside it as .txt"
    )
    return parser
