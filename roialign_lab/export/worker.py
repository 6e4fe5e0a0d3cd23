"""The process that draws slides: ``python -m roialign_lab.export.worker`` reads jobs from its input, writes files.

Jobs and answers are pickles, one after the other, between two processes of one server; nobody else can write here.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Sequence
from typing import BinaryIO

from roialign_lab.export.deck_files import Progress, deck_file, thumbnails
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.layout import Sheet
from roialign_lab.figures.formats import FIGURE, THUMBNAILS


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Do jobs in their order until the input ends."""

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
            made = _made(sheets, kind, progress, seconds)
        except Exception as error:  # whatever it is, the next job must not suffer
            print(f"{kind}: {error!r}", file=sys.stderr, flush=True)
            say("failed", None)
        else:
            say("made", made)


def _made(sheets: Sequence[Sheet], kind: str, progress: Progress, seconds: float) -> bytes | list[bytes]:
    if kind == THUMBNAILS:
        return thumbnails(sheets, progress)
    if kind.startswith(FIGURE):
        return save(draw_sheet(sheets[0]), kind.removeprefix(FIGURE))
    return deck_file(sheets, kind, progress, seconds)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # who drags comes first
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    work(sys.stdin.buffer, answers)
