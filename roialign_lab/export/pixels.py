"""What is a picture of pixels in a figure: a photo, and a map whose cells are too small for numbers."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL.Image import Image as Picture
from PIL.Image import Resampling, fromarray
from PIL.Image import open as open_picture

from roialign_lab.figures.strokes import Tiles
from roialign_lab.figures.style import tile_colors

SHARP = 1024  # pixels on a side, at least half as many: a viewer that smooths a picture blurs a small part of a cell


def picture_at(address: str) -> Picture:
    """The picture in a data address."""
    return open_picture(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


def tiles_picture(tiles: Tiles, theme: str, sharp: int = SHARP) -> Picture:
    """A fine grid as one picture, each cell a square of equal pixels: at most ``sharp`` of them on a side."""
    rows, columns = tiles.levels.shape
    larger = max(sharp // max(rows, columns), 1)
    picture = fromarray(np.rint(tile_colors(tiles.levels, tiles.opacity, theme) * 255).astype(np.uint8))
    return picture.resize((columns * larger, rows * larger), Resampling.NEAREST)


def png(picture: Picture) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
