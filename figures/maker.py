"""A process that makes slides: ``python -m figures.maker`` reads jobs from its input and writes what became of them.

Jobs and answers are pickles, one after the other, between two processes of one server; nobody else can write here.
"""

from __future__ import annotations

import pickle
import sys
from typing import BinaryIO

from figures.files import deck_file, thumbnails

THUMBNAILS = "thumbnails"


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Make what is asked for until nobody is there any more."""

    def say(what: str, value: object) -> None:
        pickle.dump((what, value), answers)
        answers.flush()

    def progress(done: int, _all: int) -> None:
        say("progress", done)

    while True:
        try:
            sheets, kind, seconds = pickle.load(jobs)
        except EOFError:
            return
        try:
            made = thumbnails(sheets, progress) if kind == THUMBNAILS else deck_file(sheets, kind, progress, seconds)
        except Exception as error:  # whatever it is, the next job must not suffer
            print(f"{kind}: {error!r}", file=sys.stderr, flush=True)
            say("failed", None)
        else:
            say("made", made)


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    work(sys.stdin.buffer, answers)
