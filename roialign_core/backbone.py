"""A small convolutional network with fixed filters: a photo becomes feature maps at stride 4, 8, 16 and 32.

Nothing here is trained. The filters are set by hand, so that a learner can name what each channel responds to: edges
of four directions, blobs, a colour against its opponent, brightness. The layers are those of a real backbone:
convolution, ReLU, stride 2 in each stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import frozen, real
from roialign_core.errors import MapError
from roialign_core.geometry import Floats

STRIDES = (4, 8, 16, 32)
CHANNELS = ("bright", "vertical", "horizontal", "rising", "falling", "blob", "red", "blue")
"""What each responds to: light, edges of four directions, small blobs, red against green, blue against yellow."""

_SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 4
_DIAGONAL = np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0]]) / 4
_BLOB = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]) / 8
_SMOOTH = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16


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


def feature_maps(photo: ArrayLike) -> FeatureMaps:
    """Run the network on a photo (H, W, 3) of numbers 0 to 1.

    Raises
    ------
    MapError : for an array of another shape, a photo smaller than a cell of the coarsest map, or other numbers.

    >>> maps = feature_maps(np.ones((64, 96, 3)))
    >>> {stride: values.shape for stride, values in maps.at.items()}
    {4: (8, 16, 24), 8: (8, 8, 12), 16: (8, 4, 6), 32: (8, 2, 3)}
    """
    try:
        image = real(photo, np.float32)
    except (TypeError, ValueError, OverflowError):
        raise MapError("photo.shape", shape=repr(photo)[:80]) from None
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < STRIDES[-1]:
        raise MapError("photo.shape", shape=image.shape)
    if not (image.min() >= 0 and image.max() <= 1):
        raise MapError("photo.numbers", least=float(image.min()), most=float(image.max()))
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
        current = np.stack([_relu(_convolve(channel, _SMOOTH))[::2, ::2] for channel in current])
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


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0)


def _rounded(channels: Floats) -> Floats:
    """Each channel 0 to 1 by its own greatest value; two decimals, so that all digits can be shown."""
    greatest = channels.max(axis=(1, 2), keepdims=True)
    scaled = np.divide(channels, greatest, out=np.zeros_like(channels), where=greatest > 0)
    return np.round(scaled.astype(np.float64), 2)
