"""Pixels as a PNG file, with the standard library alone."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # of PNG, by the numbers of a pixel: grey, with opacity; colours, with opacity


def png_address(pixels: NDArray[np.uint8]) -> str:
    """Pixels (rows, columns, 1 to 4) as a data address that a browser can show.

    >>> png_address(np.zeros((1, 1, 3), np.uint8))[:40]
    'data:image/png;base64,iVBORw0KGgoAAAANSU'
    """
    rows, columns, numbers = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)  # 0: no filter before the compression
    header = struct.pack(">IIBBBBB", columns, rows, 8, COLOR_TYPES[numbers], 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 6)) + _chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _chunk(name: bytes, content: bytes) -> bytes:
    """One chunk of a PNG file: length, name, content, checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
