"""What the commands that make files share: why one was not made, how far one is, and where it goes."""

from __future__ import annotations

import argparse
import errno
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import Any, NoReturn

from roialign_lab.export.deck_files import write
from roialign_lab.lesson.text import LANGUAGES, text_in

MADE, NOT_WRITTEN, WRONG_INPUT = 0, 1, 2  # what a command returns
STANDARD = Path("-")  # standard input or output
NUMBERS = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}  # of the files that every process has open
NUMBERED = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")
EXIT_CODES = f"""exit code: {MADE} where all was made, {NOT_WRITTEN} where a file could not be written, \
{WRONG_INPUT} where what was given cannot be used"""
REASONS = {
    errno.ENOENT: "no_file",
    errno.ENOTDIR: "no_file",
    errno.EISDIR: "is_folder",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.EROFS: "not_allowed",
    errno.ENOSPC: "disk_full",
    errno.ENAMETOOLONG: "long_name",
    errno.EEXIST: "is_file",
    errno.EFBIG: "large_file",
    errno.ELOOP: "link_loop",
    errno.EBADF: "closed",
}

OF_ARGPARSE = {
    "required": "the following arguments are required: (?P<names>.*)",
    "unknown": "unrecognized arguments: (?P<names>.*)",
    "no_value": "argument (?P<option>[^:]*): expected (?:one|at least one) argument",
    "no_room": "argument (?P<option>[^:]*): ignored explicit argument .*",
    "ambiguous": "ambiguous option: (?P<option>.*) could match (?P<names>.*)",
    "at": "argument (?P<option>[^:]*): (?P<said>.*)",
}
"""What argparse says, by the key of the sentence that the commands say instead."""
ORDERS = ("Cc", "Cf", "Cs", "Zl", "Zp")  # kinds of characters that no terminal is sent
Progress = Callable[[int, int], None]


class Parser(argparse.ArgumentParser):
    """The options of a command; what is wrong with them is said in the language that ``arguments`` name with --lang."""

    def __init__(self, program: str, arguments: Sequence[str], **about: str) -> None:
        super().__init__(prog=program, formatter_class=argparse.RawDescriptionHelpFormatter, **about)  # type: ignore[arg-type]
        words = [word for argument in arguments for word in argument.split("=", 1)]
        named = [after for word, after in pairwise(words) if word == "--lang" and after in LANGUAGES]
        self.text = text_in(named[-1] if named else LANGUAGES[0])

    def number(self, least: float, most: float) -> Callable[[str], float]:
        """What reads a number between those."""

        def read(written: str) -> float:
            try:
                value = float(written)
            except ValueError:
                value = nan
            if not least <= value <= most:
                raise self._refused("number", value=written, least=f"{least:g}", most=f"{most:g}")
            return value

        return read

    def whole(self, written: str) -> int:
        """A whole number."""
        try:
            return int(written)
        except ValueError:
            raise self._refused("whole", value=written) from None

    def named(self, written: str) -> str:
        """The name of a file or of a link."""
        if not written.strip():
            raise self._refused("no_name")
        return written

    def path(self, written: str) -> Path:
        """A file by its name."""
        return Path(self.named(written))

    def one_of(self, choices: Sequence[Any]) -> dict[str, Any]:
        """What an option has that is one of these."""
        listed = {str(choice): choice for choice in choices}

        def read(written: str) -> Any:
            if written not in listed:
                raise self._refused("choice", value=written, choices=tuple(listed))
            return listed[written]

        return {"type": read, "metavar": f"{{{','.join(listed)}}}"}

    def error(self, message: str) -> NoReturn:
        """Say how the command is used and what is wrong; ends with the exit code of wrong input."""
        self.print_usage(sys.stderr)
        found = ((key, re.fullmatch(pattern, message, re.DOTALL)) for key, pattern in OF_ARGPARSE.items())
        key, match = next(((key, match) for key, match in found if match), ("", None))
        said = self.text(f"command.{key}", **match.groupdict()) if match else message
        sys.exit(fail(f"{self.prog}: {said}", WRONG_INPUT))

    def _refused(self, key: str, **values: object) -> argparse.ArgumentTypeError:
        return argparse.ArgumentTypeError(self.text(f"command.{key}", **values))


def add_progress(parser: argparse.ArgumentParser) -> None:
    """The option that shows progress where standard error is no terminal."""
    parser.add_argument(
        "--progress", action="store_true", help="say on standard error how far it is; a terminal is told anyway"
    )


def progress_of(name: str, key: str, language: str, wanted: bool) -> Progress:
    """Says how many of all are done: on a terminal on one line, elsewhere a line each, and only where it is wanted."""
    is_terminal = sys.stderr.isatty()
    text, begin, end = text_in(language), "\r" if is_terminal else "", "" if is_terminal else "\n"

    def say(done: int, count: int) -> None:
        if is_terminal or wanted:
            last = "\n" if is_terminal and done == count else end
            with suppress(OSError):  # what cannot be said is no reason to stop
                print(
                    begin + text(key, name=escaped(name), done=done, all=count), end=last, file=sys.stderr, flush=True
                )

    return say


def check(target: Path) -> None:
    """Find out before the work whether a file can have that name.

    Raises
    ------
    OSError : where it is a folder, its folder is not there, or it is standard output and closed.
    """
    number = number_of(target)
    if number is not None:
        os.fstat(number)
        return
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if Path(os.path.realpath(target)).parent.is_dir():  # a new file, also that of a link
            return
        raise
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "")


def target_of(written: str) -> Path:
    """The file that ``-o`` names.

    Raises
    ------
    FileNotFoundError : where it ends in a slash, which names a folder, and there is none.
    """
    target = Path(written)
    if written.endswith(("/", os.sep)) and not target.is_dir():
        raise FileNotFoundError(errno.ENOENT, "")
    return target


def number_of(target: Path) -> int | None:
    """The number of the open file that a target stands for.

    >>> [number_of(Path(name)) for name in ("-", "/dev/stderr", "/dev/fd/63", "deck.pdf")]
    [1, 2, 63, None]
    """
    numbered = NUMBERED.fullmatch(target.as_posix())
    return int(numbered[1]) if numbered else NUMBERS.get(target.as_posix())


def is_stream(target: Path) -> bool:
    """Whether a target is standard output, a pipe or a device: nothing beside it, and no ending that says its kind."""
    return number_of(target) is not None or (target.exists() and not target.is_file() and not target.is_dir())


def put(target: Path, content: bytes) -> None:
    """Write a file, or standard output for ``-``; ends the command where nobody reads the pipe any more.

    Raises
    ------
    OSError : where it cannot be written; then nothing of a file is left.
    """
    number = number_of(target)
    try:
        if number is None:
            write(target, content)
        else:
            with open(number, "wb", closefd=False) as opened:
                opened.write(content)
    except BrokenPipeError:
        raise SystemExit(NOT_WRITTEN) from None


def reason(error: OSError, language: str) -> str:
    """Why a file could not be read or written; in the words of the system where it is a rare reason."""
    key = REASONS.get(error.errno or 0)
    return text_in(language)(f"deck.problem.{key}") if key else error.strerror or str(error)


def fail(sentence: str, code: int) -> int:
    """Say what went wrong, on one line; returns the exit code."""
    with suppress(OSError):
        print(escaped(sentence), file=sys.stderr)
    return code


def escaped(sentence: str) -> str:
    """The sentence for a terminal: what would order it about is written out.

    >>> print(escaped("“a\\x1b[2Jb”"))
    “a\\x1b[2Jb”
    """
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in ORDERS else c for c in sentence)
