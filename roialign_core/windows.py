"""Where an operator finds the windows of boxes: cells of an image with the channels last.

Many boxes read cells more than once, and a copy of the whole image serves them all. A few read little of it, and then
each window is copied when its turn comes.

A cut is two windows of one height, each in some pieces of so many columns: these three numbers, then how many windows
(the two may be one), then top and left of each. The last piece may reach further than its window: what is read there
are numbers, but of no meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from roialign_core.geometry import Floats, Ints

LITTLE = 0.6  # of the cells of an image: boxes that read less than that have their windows copied alone
LINE_APART = 16  # numbers
ONE_COPY = 0.4  # of input and output: what a copy of an image may take
LEAST_CHANNELS = 128  # that are copied and computed at a time: with fewer, products are too short
SAME_PLACE = 4096  # bytes: what lies as far apart as a multiple of them shares a place in the processor's cache
LARGE_IMAGE, ONE_BAND = 4_000_000, 64_000  # numbers

view = np.ndarray  # (shape, dtype, buffer, offset and strides in bytes)


def is_little(read: float, cells: int) -> bool:
    """Are so many cells, some of them perhaps more than once, little of all ``cells``?

    >>> is_little(50, 100), is_little(500, 100)
    (True, False)
    """
    return read < LITTLE * cells


def in_parts(channels: int, cells: float, numbers: int) -> list[slice]:
    """Some channels after the others, if copies of so many ``cells`` of all are large beside so many ``numbers``.

    >>> in_parts(256, 25, 20_000), in_parts(256, 25, 10_000)
    ([slice(0, 256, None)], [slice(0, 128, None), slice(128, 256, None)])
    """
    parts = math.ceil(channels * cells / (ONE_COPY * max(numbers, 1)))
    each = max(math.ceil(channels / max(min(parts, channels // LEAST_CHANNELS), 1)), 1)
    return [slice(a, min(a + each, channels)) for a in range(0, channels, each)]


class WholeImage:
    """A copy of an image (C, H, W) as lines of W·C numbers, each a little further from the next than it is long.

    Else they could share a place in the processor's cache. One more line of zeros follows. :meth:`fill` it once before
    it is read.
    """

    def __init__(self, feature: Floats) -> None:
        channels, height, width = feature.shape
        self._feature = feature
        self._lines = np.empty((height + 1, width * channels + LINE_APART), feature.dtype)
        self._cells = self._lines[:height, : width * channels].reshape(height, width, channels)

    def fill(self) -> None:
        """Copy the image."""
        height, width, channels = self._cells.shape
        self._lines[:, width * channels :] = 0
        self._lines[height:] = 0
        channels_last(self._feature, self._cells)

    def cells(self, y: Ints, x: Ints) -> Floats:
        """Some rows and columns, (y, x, C)."""
        return self._cells[y[:, None], x]

    def prepare(self, cuts: Ints) -> list[Floats]:
        """What :meth:`reader` takes, for each of some cuts (8, n); as early as one likes."""
        tall, pieces, each, count, top, left, other_top, other_left = cuts
        lines, channels = self._lines, self._cells.shape[2]
        line, cell, e = lines.strides[0], self._cells.strides[1], lines.itemsize
        apart = (other_top - top) * line + (other_left - left) * cell
        of_each = np.stack([count, pieces, tall, each, top * line + left * cell, apart], axis=1).tolist()
        return [
            view((two, parts, rows, columns * channels), lines.dtype, lines, begin, (further, columns * cell, line, e))
            for two, parts, rows, columns, begin, further in of_each
        ]

    def reader(self) -> Callable[[Floats], Floats]:
        """For one thread: what was prepared to windows (count, pieces, height, columns · C)."""
        return lambda windows: windows


class EachWindow:
    """Windows of an image (C, H, W), each copied when it is read; as :class:`WholeImage`, for cuts of one window."""

    def __init__(self, feature: Floats) -> None:
        self._feature = feature

    def cells(self, y: Ints, x: Ints) -> Floats:
        """Some rows and columns, (y, x, C)."""
        return self._feature[:, y[:, None], x].transpose(1, 2, 0)

    def prepare(self, cuts: Ints) -> list[list[int]]:
        """What :meth:`reader` takes."""
        return cuts.T.tolist()

    def reader(self) -> Callable[[list[int]], Floats]:
        """For one thread: what was prepared to windows, which stand until the next are read."""
        feature, (channels, _height, width) = self._feature, self._feature.shape
        room = np.empty(0, feature.dtype)

        def read(cut: list[int]) -> Floats:
            nonlocal room
            tall, pieces, each, _one, top, left, *_ = cut
            wide = pieces * each
            if len(room) < tall * wide * channels:
                room = np.zeros(tall * wide * channels, feature.dtype)
            window = room[: tall * wide * channels].reshape(tall, wide, channels)
            there = min(left + wide, width) - left
            channels_last(feature[:, top : top + tall, left : left + there], window[:, :there])
            return window.reshape(1, tall, pieces, -1).transpose(0, 2, 1, 3)

        return read


def channels_last(feature: Floats, into: Floats) -> None:
    """Copy (C, H, W) to (H, W, C), some rows after the others where all channels of a cell do not go into the cache.

    >>> into = np.empty((1, 2, 3))
    >>> channels_last(np.arange(6.0).reshape(3, 1, 2), into)
    >>> into.tolist()
    [[[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]]
    """
    channels, height, width = feature.shape
    if feature.size <= LARGE_IMAGE and feature.strides[0] % SAME_PLACE:
        into[...] = feature.transpose(1, 2, 0)
        return
    step = max(ONE_BAND // max(channels * width, 1), 1)
    for a in range(0, height, step):
        into[a : a + step] = np.ascontiguousarray(feature[:, a : a + step]).transpose(1, 2, 0)
