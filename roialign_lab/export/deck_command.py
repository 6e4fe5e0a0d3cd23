"""Slides without a browser: ``roialign-lab deck lesson.toml -o lecture.pptx``, or of several lessons at once."""

from __future__ import annotations

import argparse
import errno
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from roialign_lab.export.command_line import (
    EXIT_CODES,
    MADE,
    NOT_WRITTEN,
    STANDARD,
    WRONG_INPUT,
    Parser,
    add_progress,
    check,
    fail,
    progress_of,
    put,
    reason,
    target_of,
)
from roialign_lab.export.layout import SIZES
from roialign_lab.export.lesson_file import read_lesson
from roialign_lab.export.template import LARGEST as MOST_BYTES
from roialign_lab.export.template import Template, read_template
from roialign_lab.export.whole_file import whole_file
from roialign_lab.figures.formats import ENDINGS, FILM_SECONDS, FILM_SIZES, FILMS, PLAYED, RATES, SECONDS, VIDEOS
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.lesson.lesson_file import LARGEST, LessonError, language_of
from roialign_lab.lesson.lesson_part import DeckError
from roialign_lab.lesson.text import LANGUAGES, text_in

INPUT = Path("/dev/stdin")  # what standard input is, where the system has a name for it
MOST_OF_LESSON = 4 * (LARGEST + 4)  # bytes: no character of UTF-8 has more than four
SECONDS_RANGE = (0.05, 60.0)  # of a slide or a step
SLIDES = ("pptx", "pptx-picture")
NOT_HTML = tuple(kind for kind in ENDINGS if kind not in PLAYED)
ONLY_FOR = {
    "template": SLIDES,
    "builds": SLIDES[:1],
    "equations": SLIDES,
    "no_notes": SLIDES,
    "theme print": NOT_HTML,
    "theme contrast": NOT_HTML,
    "size": (*VIDEOS, "png-poster", *SLIDES),
    "rate": (*VIDEOS, "vtt", *SLIDES),
    "seconds": (*(kind for kind in FILMS if kind != "png-poster"), *SLIDES, "gif", "webp"),
    "aspect": NOT_HTML,
    "no_captions": tuple(kind for kind in ENDINGS if kind != "vtt"),
}
"""Options, or a value of one, that say something of these kinds alone."""
EXAMPLE = """an example of lesson.toml:

  title = "RoI Pooling, then RoI Align"
  theme = "light"

  [[part]]
  walk = "roi_pool"
  box = [0, 3, 7, 8]
  steps = ["map", "snap", "max", "result"]

  [[part]]
  link = "http://localhost:8501/RoI_Align?map=animation&box=0,3,7,8&out=2"

every key, with an example: docs/lesson_toml.md, docs/lesson_toml.zh.md
"""


def main(program: str, arguments: Sequence[str]) -> int:
    """Read the lessons, make a deck of each, write them; returns the exit code, 0 where all of that worked.

    A lesson that cannot be used is said, and the others are made.
    """
    options = _parser(program, arguments).parse_args(arguments)
    language = options.lang or _language_of(options.lessons[0])
    try:
        targets = _targets(options)
        _keep_apart(targets, [*options.lessons, *filter(None, [options.template])])
    except DeckError as error:
        return fail(text_in(language)(error.key, **error.values), WRONG_INPUT)
    except OSError as error:
        return fail(f"{options.output}: {reason(error, language)}", NOT_WRITTEN)
    return max(_make(lesson, target, options) for lesson, target in targets.items())


def _targets(options: argparse.Namespace) -> dict[Path, Path]:
    """The file that each lesson becomes: the output, or in a folder one of the lesson's name."""
    output, lessons = Path(options.output), [*dict.fromkeys(options.lessons)]
    if len(lessons) == 1 and not output.is_dir():
        return {lessons[0]: target_of(options.output)}
    if not output.is_dir() and (output == STANDARD or output.exists() or _kind_of(output)):
        raise DeckError("folder", count=len(lessons), value=output)
    if not options.format:
        raise DeckError("ending", value=output, choices=", ".join(ENDINGS))
    ending = ENDINGS[options.format]
    targets = {lesson: output / f"{lesson.stem if lesson != STANDARD else 'lesson'}.{ending}" for lesson in lessons}
    for name, times in Counter(targets.values()).items():
        if times > 1:
            raise DeckError("same_name", name=name)
    return targets


def _keep_apart(targets: Mapping[Path, Path], inputs: Iterable[Path]) -> None:
    """Raise :class:`DeckError` where a deck would replace a file that it is made of."""
    files = [INPUT if given == STANDARD else given for given in inputs]
    for target, given in product(targets.values(), files):
        if _is_same(target, given):
            raise DeckError("input", name=target)


def _is_same(target: Path, given: Path) -> bool:
    """Are both names those of one file? A name that no file can have is that of none: who opens it says so."""
    try:
        return target.is_file() and given.is_file() and target.samefile(given)
    except OSError:
        return False


def _make(lesson: Path, target: Path, options: argparse.Namespace) -> int:
    """Make the deck of one lesson; returns the exit code."""
    language = options.lang or LANGUAGES[0]
    try:
        content = _content(lesson)
        language = options.lang or language_of(content.decode("latin-1"))  # also of one that is no UTF-8
        deck = read_lesson(_text_of(content))
        language = options.lang or deck.language
        changes = {"language": options.lang, "theme": options.theme, "aspect": options.aspect}
        deck = replace(deck, **{name: value for name, value in changes.items() if value})
        captions, notes = deck.captions and not options.no_captions, deck.notes and not options.no_notes
        builds, equations = deck.builds or options.builds, deck.equations or options.equations
        deck = replace(deck, captions=captions, notes=notes, builds=builds, equations=equations)
    except OSError as error:
        return fail(f"{lesson}: {reason(error, language)}", WRONG_INPUT)
    except UnicodeDecodeError:
        return fail(f"{lesson}: {text_in(language)('deck.problem.not_text')}", WRONG_INPUT)
    except DeckError as error:
        return fail(_sentence(lesson, error, language), WRONG_INPUT)
    kind = options.format or _kind_of(target)
    if kind is None:
        return fail(text_in(language)("deck.problem.ending", value=target, choices=", ".join(ENDINGS)), WRONG_INPUT)
    if ENDINGS[kind] != ENDINGS[_kind_of(target) or kind]:
        return fail(text_in(language)("deck.problem.other_ending", name=target, kind=kind), WRONG_INPUT)
    for name, kinds in ONLY_FOR.items():
        option, _, value = name.partition(" ")
        given = getattr(options, option)
        if (given == value if value else given) and kind not in kinds:
            values = {"name": name.replace("_", "-"), "value": kind, "choices": ", ".join(kinds)}
            return fail(text_in(language)("deck.problem.only_for", **values), WRONG_INPUT)
    try:
        template = _template(options.template) if options.template else None
    except OSError as error:
        return fail(f"{options.template}: {reason(error, language)}", WRONG_INPUT)
    except DeckError as error:
        return fail(_sentence(options.template, error, language), WRONG_INPUT)
    try:
        if target != Path(options.output):
            target.parent.mkdir(exist_ok=True)
        check(target)
        key = "deck.progress_film" if kind in FILMS else "deck.progress"
        said = progress_of(lesson.name, key, language, options.progress)
        look = {name: value for name in ("seconds", "size", "rate") if (value := getattr(options, name)) is not None}
        put(target, whole_file(deck, kind, said, template=template, **look))
    except OSError as error:
        return fail(f"{target}: {reason(error, language)}", NOT_WRITTEN)
    except DeckError as error:
        return fail(_sentence(lesson, error, language), WRONG_INPUT)
    return MADE


def _template(file: Path) -> Template:
    """The template of the school, read. Raises :class:`DeckError` where it cannot be used, OSError for the file."""
    with file.open("rb") as opened:
        return read_template(opened.read(MOST_BYTES + 1))


def _parser(program: str, arguments: Sequence[str]) -> Parser:
    parser = Parser(
        program,
        arguments,
        description="Make slides of lesson.toml files: native PPTX, PDF, figures, animations, films, an HTML page.",
        epilog=f"{EXAMPLE}\n{EXIT_CODES}",
    )
    parser.add_argument(
        "lessons",
        metavar="LESSON",
        type=parser.path,
        nargs="+",
        help="a lesson.toml, as the Slides page saves it; - for input",
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=parser.named,
        help="the file to make; its ending says which kind; - for standard output, with --format; of several lessons a "
        "folder, where each becomes a file of its name, with --format",
    )
    parser.add_argument(
        "--format", **parser.one_of(tuple(ENDINGS)), help="what to make, if the ending of the file does not say it"
    )
    parser.add_argument("--lang", **parser.one_of(LANGUAGES), help="instead of the language of the lesson")
    parser.add_argument("--theme", **parser.one_of(DECK_THEMES), help="instead of the theme of the lesson")
    parser.add_argument("--aspect", **parser.one_of(tuple(SIZES)), help="instead of the aspect of the lesson")
    parser.add_argument(
        "--template", type=parser.path, help="a PPTX or POTX whose layouts, fonts and colours the slides take"
    )
    parser.add_argument("--builds", action="store_true", help="in PowerPoint, what is new on a slide appears on click")
    parser.add_argument("--equations", action="store_true", help="in PowerPoint, formulas are equations to edit")
    parser.add_argument("--no-captions", action="store_true", help="leave the sentences out")
    parser.add_argument("--no-notes", action="store_true", help="leave the speaker notes out")
    parser.add_argument(
        "--seconds",
        metavar="SECONDS",
        type=parser.number(*SECONDS_RANGE),
        help=f"of a slide in GIF and WebP (default {SECONDS:g}); of a step in a film, where the box moves a cell in as"
        f" many (default {FILM_SECONDS:g})",
    )
    parser.add_argument("--size", **parser.one_of(tuple(FILM_SIZES)), help="of a film (default 1080p)")
    parser.add_argument("--rate", **parser.one_of(RATES), help="frames of a film in a second (default 30)")
    add_progress(parser)
    return parser


def _language_of(lesson: Path) -> str:
    """The language that a lesson names; the first where it cannot be read twice, or not at all."""
    try:
        return language_of(_content(lesson).decode("latin-1")) if lesson.is_file() else LANGUAGES[0]
    except OSError:
        return LANGUAGES[0]


def _content(lesson: Path) -> bytes:
    """What a lesson has, or of one that is too long more than is allowed."""
    if lesson == STANDARD and sys.stdin is None:
        raise OSError(errno.EBADF, "")
    if lesson == STANDARD:
        return sys.stdin.buffer.read(MOST_OF_LESSON)
    with lesson.open("rb") as file:
        return file.read(MOST_OF_LESSON)


def _text_of(content: bytes) -> str:
    """UTF-8 as any lesson, whatever the locale of the terminal; a character more than is allowed of one too long."""
    return io.TextIOWrapper(io.BytesIO(content), "utf-8-sig").read(LARGEST + 1)


def _kind_of(output: Path) -> str | None:
    ending = output.suffix.lower().lstrip(".")
    return next((kind for kind, known in ENDINGS.items() if known == ending), None)


def _sentence(lesson: Path, error: DeckError, language: str) -> str:
    text = text_in(language)
    if isinstance(error, LessonError):
        key, values = error.at(lesson, text)
        return text(key, **values)
    return f"{lesson}: {text(error.key, **error.words(text))}"
