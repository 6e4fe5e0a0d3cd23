"""A process that draws: ``python -m roialign_lab.export.worker`` reads jobs from its input and writes what they make.

Jobs and answers are pickles, one after the other, between two processes of one server; nobody else can write here.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import sys
from typing import Any, BinaryIO

from roialign_lab.export.deck import LargeError, NoCodecsError
from roialign_lab.export.layout import sheet_of
from roialign_lab.figures.formats import DECK, FIGURE, WORKSHEET
from roialign_lab.lesson.lesson_part import DeckError
from roialign_lab.lesson.own_maps import keep

LARGEST = 64_000_000  # bytes of one file: a server has to hold it until it is fetched
MOST_MEMORY = 1_500_000_000  # bytes of address space: one job must not take the machine's
ORPHANED = 600.0  # seconds: longer than any server waits for a job


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Do jobs in their order until the input ends."""

    def say(what: str, value: object) -> None:
        pickle.dump((what, value), answers)
        answers.flush()

    def progress(done: int, _all: int) -> None:
        say("progress", done)

    while True:
        try:
            order = pickle.load(jobs)
        except EOFError:
            return
        faulthandler.dump_traceback_later(ORPHANED, exit=True)
        try:
            made = _made(order, progress)
            if len(made) > LARGEST:
                raise LargeError
        except LargeError:
            say("large", None)
        except NoCodecsError:
            say("codecs", None)
        except DeckError as error:
            say(error.key, error.values)
        except Exception as error:  # whatever it is, the next job must not suffer
            print(f"{order[0]}: {error!r}", file=sys.stderr, flush=True)
            say("failed", None)
        else:
            say("made", made)
        faulthandler.cancel_dump_traceback_later()


def _made(order: tuple[Any, ...], progress: Any) -> bytes:
    """What an order says, by the modules that it needs: they come with matplotlib and more, which take time."""
    match order:
        case (kind, picture, dress, file) if kind == FIGURE:
            from roialign_lab.export.draw import figure_file

            return figure_file(sheet_of(picture, **dress), file)
        case (kind, deck, uploads, file, template, look) if kind == DECK:
            from roialign_lab.export.template import read_template
            from roialign_lab.export.whole_file import whole_file

            _held = [keep(data) for data in uploads]
            read = read_template(template) if template is not None else None
            return whole_file(deck, file, progress, LARGEST, template=read, **look)
        case (kind, seed, count, dress) if kind == WORKSHEET:
            from roialign_lab.export.worksheet import worksheet_file
            from roialign_lab.lesson.worksheet import worksheets

            return worksheet_file(worksheets(seed, count), seed, **dress, progress=progress)
    raise ValueError(order[0])


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # who drags comes first
    _bound_memory()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    try:
        work(sys.stdin.buffer, answers)
    except BrokenPipeError:  # the server has ended
        os._exit(0)
