"""Rotated boxes, as in detectron2's Rotated RoI Align: where their samples and their bins lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.geometry import HALF_CELL, Floats


@dataclass(frozen=True)
class RotatedBox:
    """A box on the map: its centre in index coordinates, its size in cells, sine and cosine of its angle."""

    center_y: np.floating
    center_x: np.floating
    height: np.floating
    width: np.floating
    cos: np.floating
    sin: np.floating

    def adaptive_grid(self, rows: int, columns: int) -> tuple[int, int]:
        """Samples a bin on each axis when ``sampling_ratio <= 0``: ceil(bin size)."""
        dtype = np.result_type(self.height)
        tall, wide = self.height / dtype.type(rows), self.width / dtype.type(columns)
        return max(int(np.ceil(tall)), 0), max(int(np.ceil(wide)), 0)

    def turn(self, down: Floats, across: Floats) -> tuple[Floats, Floats]:
        """Offsets from the centre, along the box, to y and x in index coordinates.

        A positive angle turns counterclockwise as the picture is seen: y runs down.
        """
        y = down * self.cos - across * self.sin + self.center_y
        x = down * self.sin + across * self.cos + self.center_x
        return y, x

    def samples(self, rows: int, columns: int, grid: tuple[int, int]) -> tuple[Floats, Floats]:
        """y and x (rows, columns, *grid) in index coordinates, in detectron2's order of operations."""
        down = _along(self.height, rows, grid[0])[:, None, :, None]
        across = _along(self.width, columns, grid[1])[None, :, None, :]
        return self.turn(down, across)

    def bin_corners(self, rows: int, columns: int) -> Floats:
        """(rows, columns, 4, 2): x, y of the corners of each bin as drawn: top left, then clockwise."""
        dtype = np.result_type(self.height)
        down = (np.arange(rows + 1) / rows - 0.5).astype(dtype) * self.height
        across = (np.arange(columns + 1) / columns - 0.5).astype(dtype) * self.width
        y, x = self.turn(down[:, None], across[None, :])
        grid = np.stack([x, y], axis=-1) + dtype.type(HALF_CELL)
        return np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)


def rotated_box(box: Floats, scale: np.floating) -> RotatedBox:
    """centre x, centre y, width, height in image pixels and degrees (5,) on the map, in the dtype of ``box``."""
    dtype = box.dtype
    half = dtype.type(HALF_CELL)
    angle = dtype.type(float(box[4]) * np.pi / 180.0)
    return RotatedBox(
        center_y=box[1] * scale - half,
        center_x=box[0] * scale - half,
        height=box[3] * scale,
        width=box[2] * scale,
        cos=np.cos(angle),
        sin=np.sin(angle),
    )


def _along(size: np.floating, parts: int, grid: int) -> Floats:
    """Sample offsets from the centre (parts, grid) on one side of the box."""
    dtype = np.result_type(size)
    start, bin_size = -size / dtype.type(2), size / dtype.type(parts)
    part = np.arange(parts).astype(dtype)[:, None]
    k = np.arange(grid).astype(dtype) + dtype.type(0.5)
    return (start + part * bin_size) + (k * bin_size) / dtype.type(max(grid, 1))
