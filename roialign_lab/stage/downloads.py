"""The numbers of the picture as files: the samples as CSV, everything as JSON, the map for NumPy."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from roialign_lab.lesson.maps import MAP_FILE
from roialign_lab.stage.page import Page


@dataclass(frozen=True)
class File:
    """A file to be saved: its name, its type, and its content, which is made when it is wanted."""

    name: str
    type: str
    made: Callable[[], bytes]


def numbers_as(kind: str, page: Page) -> File:
    """The trace that a page shows as ``csv`` or ``json``; the map itself as ``npy``.

    >>> from roialign_lab.lesson.session import Session
    >>> file = numbers_as("csv", Page("roi_align", Session()))
    >>> file.name, file.made().splitlines()[0].decode()[:15]
    ('roi-align.csv', 'bin_row,bin_col')
    """
    return _MADE[kind](page)


def _csv(page: Page) -> File:
    return File(f"{_name(page)}.csv", "text/csv", lambda: page.scenario.trace(page.operator).to_csv().encode())


def _json(page: Page) -> File:
    def made() -> bytes:
        return json.dumps(page.scenario.trace(page.operator).to_dict(), ensure_ascii=False).encode()

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
