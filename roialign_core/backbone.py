"""A small convolutional network with fixed filters: a photo becomes feature maps at stride 4, 8, 16 and 32.

Nothing here is trained. The filters are set by hand, so that a learner can name what each channel responds to: edges
of four directions, blobs, a colour against its opponent, brightness. The layers are those of a real backbone:
convolution, ReLU, stride 2 in each stage.

Where the number of a cell sits in the photo is the network's choice. A filter with an even number of taps and stride 2
lies on the middle of its output cell, so that cell j sits at pixel s·(j + ½) at stride s, where it is drawn. One with
an odd number lies on its first pixel: cell j then sits at s·j + ½, as in many ResNets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import as_photo, frozen
from roialign_core.geometry import Floats
from roialign_core.operators import choose

STRIDES = (4, 8, 16, 32)
_BLOB_PHOTO, _BLOB_RADIUS = 512, 24.0  # pixels
CHANNELS = ("bright", "vertical", "horizontal", "rising", "falling", "blob", "red", "blue")
"""What each responds to: light, edges of four directions, small blobs, red against green, blue against yellow."""

_SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 4
_DIAGONAL = np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0]]) / 4
_BLOB = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]) / 8


class Taps(StrEnum):
    """How many taps the filter that halves a map has along each axis, and so where the number of a cell sits."""

    EVEN = "even"  # 1 3 3 1, over the cell and one pixel on either side: at its middle
    ODD = "odd"  # 1 2 1, over the first pixel and one on either side: near its corner


_HALVING = {Taps.EVEN: np.array([1.0, 3.0, 3.0, 1.0]) / 8, Taps.ODD: np.array([1.0, 2.0, 1.0]) / 4}


@dataclass(frozen=True)
class FeatureMaps:
    """Feature maps (C, H, W) of one photo at every stride, each channel 0 to 1 and rounded to two decimals."""

    photo_shape: tuple[int, int]
    at: dict[int, Floats]
    _shown: dict[tuple[int, str], Floats] = field(default_factory=dict, repr=False)

    def channel(self, stride: int, name: str) -> Floats:
        """One channel (H, W) at one stride, read-only: the same array at every call."""
        if (stride, name) not in self._shown:
            self._shown[stride, name] = frozen(self.at[stride][CHANNELS.index(name)])
        return self._shown[stride, name]

    @property
    def nbytes(self) -> int:
        """Bytes that all of them take, and beside them the channels that were asked for."""
        return sum(values.nbytes for values in [*self.at.values(), *self._shown.values()])


def feature_maps(photo: ArrayLike, taps: Taps | str = Taps.EVEN) -> FeatureMaps:
    """Run the network on a photo (H, W, 3) of numbers 0 to 1, halving the maps with ``even`` or ``odd`` filters.

    Raises
    ------
    MapError : for an array of another shape, a photo smaller than a cell of the coarsest map, or other numbers.
    OptionError : for other ``taps``.

    >>> maps = feature_maps(np.ones((64, 96, 3)))
    >>> {stride: values.shape for stride, values in maps.at.items()}
    {4: (8, 16, 24), 8: (8, 8, 12), 16: (8, 4, 6), 32: (8, 2, 3)}
    """
    halving = _HALVING[choose(Taps, taps, "taps")]
    image = as_photo(photo)
    red, green, blue = np.moveaxis(image, 2, 0)
    light = (red + green + blue) / 3
    first = np.stack(
        [
            light,
            np.abs(_convolve(light, _SOBEL)),
            np.abs(_convolve(light, _SOBEL.T)),
            np.abs(_convolve(light, _DIAGONAL)),
            np.abs(_convolve(light, _DIAGONAL[:, ::-1])),
            _relu(_convolve(light, _BLOB)),
            _relu(red - green),
            _relu(blue - (red + green) / 2),
        ]
    )
    maps, current, stride = {}, first, 1
    while stride < STRIDES[-1]:
        current = np.stack([_relu(_halved(_halved(channel, halving).T, halving).T) for channel in current])
        stride *= 2
        if stride in STRIDES:
            maps[stride] = frozen(_rounded(current))
    return FeatureMaps((image.shape[0], image.shape[1]), maps)


def _convolve(channel: Floats, kernel: Floats) -> Floats:
    """A 3 x 3 filter over (H, W), the border repeated."""
    padded = np.pad(channel, 1, mode="edge")
    height, width = channel.shape
    total = np.zeros_like(channel)
    for (i, j), weight in np.ndenumerate(kernel.astype(channel.dtype)):
        if weight:
            total += weight * padded[i : i + height, j : j + width]
    return total


def _halved(channel: Floats, taps: Floats) -> Floats:
    """A filter down the columns of (H, W) with stride 2, the border repeated: (ceil(H / 2), W)."""
    height, (count,) = -(-len(channel) // 2), taps.shape
    padded = np.pad(channel, [(1, count - 2 + len(channel) % 2), (0, 0)], mode="edge")
    total = np.zeros((height, channel.shape[1]), channel.dtype)
    for k, weight in enumerate(taps.astype(channel.dtype)):
        total += weight * padded[k : k + 2 * height : 2]
    return total


def blob_shown_at(pixel: float, stride: int, taps: Taps | str = Taps.EVEN) -> float:
    """Where a bright blob in the middle of the pixel columns at ``pixel`` shows in the map of a stride, in pixels.

    The mean place of its light, each cell counted where it is drawn, at s·(j + ½). The photo is 512 pixels wide.

    >>> [round(blob_shown_at(256.0, 16, taps), 1) for taps in Taps]
    [256.0, 263.5]
    """
    row = blob_row(pixel, stride, taps)
    return float(row @ cell_places(len(row), stride) / row.sum())


def cell_places(cells: int, stride: int, taps: Taps | str = Taps.EVEN) -> Floats:
    """The pixel (cells,) that the number of each cell belongs to.

    >>> cell_places(3, 16).tolist(), cell_places(3, 16, "odd").tolist()
    ([8.0, 24.0, 40.0], [0.5, 16.5, 32.5])
    """
    first = stride / 2 if choose(Taps, taps, "taps") is Taps.EVEN else 0.5
    return np.arange(cells) * float(stride) + first


def blob_row(pixel: float, stride: int, taps: Taps | str = Taps.EVEN) -> Floats:
    """The row of cells (W,) through such a blob, in the channel of brightness.

    >>> blob_row(256.0, 32)[6:10].tolist(), blob_row(256.0, 32, "odd")[6:10].tolist()
    ([0.15, 1.0, 1.0, 0.15], [0.01, 0.35, 1.0, 0.33])
    """
    at = np.arange(_BLOB_PHOTO) + 0.5
    light = np.exp(-(((at - pixel) / _BLOB_RADIUS) ** 2))
    down = np.exp(-(((at - _BLOB_PHOTO / 2) / _BLOB_RADIUS) ** 2))
    photo = np.repeat((down[:, None] * light)[:, :, None], 3, axis=2)
    bright = feature_maps(photo, taps).channel(stride, "bright")
    return np.asarray(bright[bright.shape[0] // 2])


def cell_of_pixel(pixel: float, stride: int) -> int:
    """The cell in which a pixel lies along one axis: cell j spans the pixels from s·j to s·(j + 1).

    >>> cell_of_pixel(271.0, 16), cell_of_pixel(272.0, 16)
    (16, 17)
    """
    return int(pixel // stride)


def span_of_cell(cell: int, stride: int) -> tuple[float, float, float]:
    """Where cell j begins, where its number sits and where it ends, in pixels along one axis.

    >>> span_of_cell(16, 16)
    (256.0, 264.0, 272.0)
    """
    return (float(stride * cell), stride * (cell + 0.5), float(stride * (cell + 1)))


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0)


def _rounded(channels: Floats) -> Floats:
    """Each channel 0 to 1 by its own greatest value; two decimals, so that all digits can be shown."""
    greatest = channels.max(axis=(1, 2), keepdims=True)
    scaled = np.divide(channels, greatest, out=np.zeros_like(channels), where=greatest > 0)
    return np.round(scaled.astype(np.float64), 2)
