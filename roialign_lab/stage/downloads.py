"""The numbers of the picture as files: the samples as CSV, everything as JSON, the map for NumPy.

Of a picture with very many samples there is a sentence in place of the first two: all share the server that makes them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from roialign_core.trace import Trace
from roialign_lab.lesson.maps import MAP_FILE
from roialign_lab.stage.page import Page

MOST_SAMPLES = 20_000
"""Of a picture whose numbers are files: JSON of them and of a large map takes less than half a second."""


class TooManyError(Exception):
    """A file of more samples than :data:`MOST_SAMPLES`; its text says so to a person."""


@dataclass(frozen=True)
class File:
    """A file to be saved: its name, its type, and its content, which is made when it is wanted."""

    name: str
    type: str
    made: Callable[[], bytes]


def numbers_as(kind: str, page: Page) -> File:
    """The trace that a page shows as ``csv`` or ``json``; the map itself as ``npy``.

    Making the first two raises :class:`TooManyError` where ``too_many_samples`` has something to say.

    >>> from roialign_lab.lesson.session import Session
    >>> file = numbers_as("csv", Page("roi_align", Session()))
    >>> file.name, file.made().splitlines()[0].decode()[:15]
    ('roi-align.csv', 'bin_row,bin_col')
    """
    return _MADE[kind](page)


def too_many_samples(page: Page) -> str:
    """Why there are no files of what the page of RoI Pooling or RoI Align shows, as a sentence; empty where there are.

    >>> from roialign_lab.lesson.session import Session
    >>> too_many_samples(Page("roi_align", Session()))
    ''
    """
    scenario, operator = page.scenario, page.operator
    samples = prod(scenario.grid(operator)) * prod(scenario.output_size)
    if operator.snaps:  # its bins differ in how many cells they have
        samples = int(scenario.trace(operator).bin_start[-1])
    is_file = samples <= MOST_SAMPLES
    return "" if is_file else page.text("numbers.too_many", samples=f"{samples:,}", limit=f"{MOST_SAMPLES:,}")


def _trace(page: Page) -> Trace:
    problem = too_many_samples(page)
    if problem:
        raise TooManyError(problem)
    return page.scenario.trace(page.operator)


def _csv(page: Page) -> File:
    return File(f"{_name(page)}.csv", "text/csv", lambda: _trace(page).to_csv().encode())


def _json(page: Page) -> File:
    def made() -> bytes:
        return json.dumps(_trace(page).to_dict(), ensure_ascii=False).encode()

    return File(f"{_name(page)}.json", "application/json", made)


def _npy(page: Page) -> File:
    def made() -> bytes:
        file = io.BytesIO()
        np.save(file, page.scenario.feature_map)
        return file.getvalue()

    return File(MAP_FILE, "application/octet-stream", made)


def _name(page: Page) -> str:
    return page.name.replace("_", "-")


_MADE: dict[str, Callable[[Page], File]] = {"csv": _csv, "json": _json, "npy": _npy}
NUMBERS = tuple(_MADE)
