"""Where a product finds the windows of boxes: cells of an image with the channels last, for two boxes at a time.

Many boxes read cells more than once, and a copy of the whole image serves them all. A few read little of it, and then
each window is copied when its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roialign_core.geometry import Floats, Ints

LINE_APART = 16  # numbers
SAME_PLACE = 4096  # bytes: what lies as far apart as a multiple of them shares a place in the processor's cache
LARGE_IMAGE, ONE_BAND = 4_000_000, 64_000  # numbers

Pair = tuple[int, int, int, int, int, int]
"""Height and width of both windows, then top and left of the one and of the other."""
Place = tuple[Floats, int, int, int]
"""An array that holds two windows, and bytes: where the one begins, from there to the other, from a line to the next.

A window may be read somewhat further than it is wide: what follows are numbers, but of no meaning.
"""


class WholeImage:
    """A copy of an image (C, H, W) as lines of W·C numbers, each a little further from the next than it is long.

    Else they could share a place in the processor's cache. One more line of zeros follows.
    """

    def __init__(self, feature: Floats) -> None:
        channels, height, width = feature.shape
        self._lines = np.empty((height + 1, width * channels + LINE_APART), feature.dtype)
        self._cells = self._lines[:height, : width * channels].reshape(height, width, channels)
        channels_last(feature, self._cells)
        self._lines[:, width * channels :] = 0
        self._lines[height:] = 0

    def cells(self, y: Ints, x: Ints) -> Floats:
        """Some rows and columns, (y, x, C)."""
        return self._cells[y[:, None], x]

    def reader(self) -> Callable[[Pair], Place]:
        """For one thread: two windows to where they are."""
        line, cell = self._lines.strides[0], self._cells.strides[1]

        def place(pair: Pair) -> Place:
            _, _, top, left, other_top, other_left = pair
            return self._lines, top * line + left * cell, (other_top - top) * line + (other_left - left) * cell, line

        return place


class EachWindow:
    """Windows of an image (C, H, W), each copied when it is read."""

    def __init__(self, feature: Floats) -> None:
        self._feature = feature

    def cells(self, y: Ints, x: Ints) -> Floats:
        """Some rows and columns, (y, x, C)."""
        return self._feature[:, y[:, None], x].transpose(1, 2, 0)

    def reader(self) -> Callable[[Pair], Place]:
        """For one thread: two windows to a place that is theirs until the next are read."""
        feature, channels = self._feature, len(self._feature)
        room = np.empty(0, feature.dtype)

        def place(pair: Pair) -> Place:
            nonlocal room
            tall, wide, *corners = pair
            if len(room) < (2 * tall + 1) * wide * channels:
                room = np.empty((2 * tall + 1) * wide * channels, feature.dtype)
            windows = room[: 2 * tall * wide * channels].reshape(2, tall, wide, channels)
            for window, top, left in zip(windows, corners[::2], corners[1::2], strict=True):
                channels_last(feature[:, top : top + tall, left : left + wide], window)
            return room, 0, windows.strides[0], windows.strides[1]

        return place


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
