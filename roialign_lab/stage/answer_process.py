"""A process that answers drags: ``python -m roialign_lab.stage.answer_process`` reads requests, writes answers.

A server keeps a few of them (``roialign_lab.ui.answer_pool``), so that no answer holds up what else the server does. A
request is a pickle of a message and, where the message looks at uploaded data that this process does not hold yet, that
data. An answer is the processor time that it took, the length of a text and the text. Both pass between two processes
of one server; nobody else can write here.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import time
import traceback
from typing import BinaryIO

from roialign_lab.lesson.own_maps import KEPT, OwnMaps
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.session import Session
from roialign_lab.stage.answer import answer, answer_message, refusal
from roialign_lab.stage.page import WALKS

HEAD = struct.Struct(">fI")  # seconds of processor time, and bytes of the text that follows
YIELDS = "--yields"  # to everything else on the machine
MOST_HELD = 4  # photos, and channels of other uploads: the last that were looked at


class Held:
    """What uploads an answering process holds. The server counts along, and sends each of them once."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add(self, name: str) -> list[str]:
        """Note that ``name`` is looked at now; returns those that are let go for it."""
        self.names = [*(held for held in self.names if held != name), name]
        gone, self.names = self.names[:-MOST_HELD], self.names[-MOST_HELD:]
        return gone


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests in their order until the input ends."""
    held, uploads = Held(), {}
    while True:
        try:
            message, name, sent = pickle.load(requests)
        except EOFError:
            return
        started = time.process_time()
        if isinstance(sent, OwnMaps | Photo):
            uploads[name] = sent
        if name:
            for gone in held.add(name):
                del uploads[gone]
            KEPT[uploads[name].name] = uploads[name]
        try:
            text = answer_message(message)
        except Exception:  # whatever it is, the next message must not suffer
            traceback.print_exc()
            text = refusal(message)
        content = text.encode("utf-8", "replace")
        answers.write(HEAD.pack(time.process_time() - started, len(content)) + content)
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server; with it the input ends
    if YIELDS in sys.argv and hasattr(os, "nice"):
        os.nice(5)
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    for name in WALKS:  # what is imported and cached once
        answer(Session(), {"page": name})
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:  # the server has ended
        os._exit(0)
