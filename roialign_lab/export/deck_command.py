"""Slides without a browser: ``roialign-lab deck lesson.toml -o lecture.pptx``."""

from __future__ import annotations

import argparse
import errno
import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from roialign_lab.export.deck_files import file_of, write
from roialign_lab.export.layout import SIZES
from roialign_lab.export.lesson_file import read_lesson
from roialign_lab.figures.formats import ENDINGS, KINDS, SECONDS
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.lesson.lesson_file import LARGEST, LessonError
from roialign_lab.lesson.lesson_part import DeckError
from roialign_lab.lesson.text import LANGUAGES, text_in

WRONG_LESSON, NOT_WRITTEN = 2, 1  # what the command returns
REASONS = {
    errno.ENOENT: "no_file",
    errno.ENOTDIR: "no_file",
    errno.EISDIR: "is_folder",
    errno.EACCES: "not_allowed",
    errno.EROFS: "not_allowed",
    errno.ENOSPC: "disk_full",
}
EXAMPLE = """an example of lesson.toml:

  title = "RoI Pooling, then RoI Align"
  theme = "light"

  [[part]]
  walk = "roi_pool"
  box = [0, 3, 7, 8]
  steps = ["map", "snap", "max", "result"]

  [[part]]
  link = "http://localhost:8501/RoI_Align?map=animation&box=0,3,7,8&out=2"
"""


def main(program: str, arguments: Sequence[str]) -> int:
    """Read the lesson, make the deck, write it; returns the exit code, 0 where that worked."""
    options = _parser(program).parse_args(arguments)
    language = options.lang or "en"
    try:
        deck = read_lesson(_content(options.lesson))
        language = options.lang or deck.language
        changes = {"language": options.lang, "theme": options.theme, "aspect": options.aspect}
        deck = replace(deck, **{name: value for name, value in changes.items() if value})
        if options.no_captions or options.no_notes:
            deck = replace(deck, captions=not options.no_captions, notes=not options.no_notes)
    except OSError as error:
        return _fail(f"{options.lesson}: {_reason(error, language)}", WRONG_LESSON)
    except UnicodeDecodeError:
        return _fail(f"{options.lesson}: {text_in(language)('deck.problem.not_text')}", WRONG_LESSON)
    except DeckError as error:
        return _fail(_sentence(options.lesson, error, language), WRONG_LESSON)
    kind = options.format or _kind_of(options.output)
    if kind is None:
        return _fail(
            text_in(language)("deck.problem.ending", value=options.output, choices=", ".join(KINDS)), WRONG_LESSON
        )
    try:
        content = file_of(deck, kind, seconds=options.seconds)
        if str(options.output) == "-":
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            write(options.output, content)
    except OSError as error:
        return _fail(f"{options.output}: {_reason(error, language)}", NOT_WRITTEN)
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Make slides from a lesson.toml: native PPTX, PDF, figures, animations, a page to play with.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lesson", type=Path, help="a lesson.toml, as the Slides page saves it; - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        help="the file to make; its ending says which kind; - for standard output, with --format",
    )
    parser.add_argument("--format", choices=KINDS, help="what to make, if the ending of the file does not say it")
    parser.add_argument("--lang", choices=LANGUAGES, help="instead of the language of the lesson")
    parser.add_argument("--theme", choices=DECK_THEMES, help="instead of the theme of the lesson")
    parser.add_argument("--aspect", choices=tuple(SIZES), help="instead of the aspect of the lesson")
    parser.add_argument("--no-captions", action="store_true", help="leave the sentences out")
    parser.add_argument("--no-notes", action="store_true", help="leave the speaker notes out")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, help="of a frame of GIF and WebP (default %(default)s)"
    )
    return parser


def _seconds(written: str) -> float:
    seconds = float(written)
    if not 0.05 <= seconds <= 60:
        raise argparse.ArgumentTypeError(f"0.05 to 60 seconds (got {written})")
    return seconds


def _content(lesson: Path) -> str:
    if str(lesson) == "-":  # UTF-8 as any lesson, whatever the locale of the terminal
        return io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig").read(LARGEST + 1)
    with lesson.open(encoding="utf-8-sig") as file:
        return file.read(LARGEST + 1)


def _kind_of(output: Path) -> str | None:
    ending = output.suffix.lower().lstrip(".")
    return next((kind for kind, known in ENDINGS.items() if known == ending), None)


def _sentence(lesson: Path, error: DeckError, language: str) -> str:
    text = text_in(language)
    problem = text(error.key, **error.words(text))
    if not isinstance(error, LessonError):
        return f"{lesson}: {problem}"
    return text("deck.problem.at", name=lesson, problem=problem, line=error.values["line"], where=error.values["where"])


def _reason(error: OSError, language: str) -> str:
    """Why a file could not be read or written; in the words of the system where it is a rare reason."""
    key = REASONS.get(error.errno or 0)
    return text_in(language)(f"deck.problem.{key}") if key else error.strerror or str(error)


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
