"""A photo, its feature maps and a small picture of it: the portrait of the first chapter, or an uploaded photo."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache

import numpy as np

from roialign_core.backbone import STRIDES, FeatureMaps
from roialign_core.bilinear import frozen
from roialign_lab.asset_folder import ASSETS

PORTRAIT_MAPS, PORTRAIT_PREVIEW = ASSETS / "portrait.npz", ASSETS / "portrait_preview.jpg"
PERSON = (72.0, 28.0, 452.0, 590.0)
"""A box round the person of the portrait, x1, y1, x2, y2 in image pixels."""
LONGEST_SIDE = 1024  # pixels: a larger photo is made smaller before the network sees it


@dataclass(frozen=True, eq=False)
class Photo:
    """The feature maps of a photo, a data address of a small JPEG for the browser, and a box to begin with.

    ``box`` is x1, y1, x2, y2 in image pixels; ``name`` is made of the photo's bytes, empty for the portrait.
    """

    name: str
    maps: FeatureMaps
    preview: str
    box: tuple[float, float, float, float]

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(maps.nbytes for maps in self.maps.at.values()) + len(self.preview)


def jpeg_address(jpeg: bytes) -> str:
    """A JPEG file as a data address that a browser can show."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


@cache
def portrait() -> Photo:
    """Rear Admiral Grace Hopper, 512 x 600 pixels (US Navy, public domain), as docs/make_portrait.py stored her maps.

    >>> portrait().maps.channel(16, "vertical").shape
    (38, 32)
    """
    with np.load(PORTRAIT_MAPS) as stored:
        maps = {stride: frozen(stored[str(stride)] / 100) for stride in STRIDES}
        height, width = stored["photo_shape"].tolist()
    return Photo("", FeatureMaps((height, width), maps), jpeg_address(PORTRAIT_PREVIEW.read_bytes()), PERSON)
