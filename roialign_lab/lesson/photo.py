"""A photo, its feature maps and a small picture of it: the portrait of the first chapter, or an uploaded photo."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from roialign_core.backbone import STRIDES, FeatureMaps, feature_maps
from roialign_core.bilinear import frozen
from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.own_limits import LARGEST_SIDE, OwnDataError

PORTRAIT_MAPS, PORTRAIT_PREVIEW = ASSETS / "portrait.npz", ASSETS / "portrait_preview.jpg"
PERSON = (72.0, 28.0, 452.0, 590.0)
"""A box round the person of the portrait, x1, y1, x2, y2 in image pixels."""
LONGEST_SIDE = 1024  # pixels: a larger photo is made smaller before the network sees it
LONGEST_SHAPE = STRIDES[0] * LARGEST_SIDE // STRIDES[-1]  # one side of a photo by the other, at most
PREVIEW_WIDTH = 400  # pixels: the picture of a photo that is shown


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
        return self.maps.nbytes + len(self.preview)


def photo_size(name: str, width: int, height: int) -> tuple[int, int]:
    """The width and the height that the network takes of a photo: no side longer than ``LONGEST_SIDE`` pixels; of a
    panorama longer, so that its shorter side has a cell of the coarsest map.

    Raises
    ------
    OwnDataError : for what is too small, or too long.

    >>> photo_size("a.png", 4096, 2048), photo_size("b.png", 3200, 64), photo_size("c.png", 40, 50)
    ((1024, 512), (1600, 32), (40, 50))
    """
    if min(width, height) < STRIDES[-1]:
        raise OwnDataError("photo_too_small", name=name, size=f"{width}×{height}", limit=STRIDES[-1])
    if max(width, height) > LONGEST_SHAPE * min(width, height):
        raise OwnDataError("photo_too_long", name=name, size=f"{width}×{height}", limit=LONGEST_SHAPE)
    shrink = min(max(LONGEST_SIDE / max(width, height), STRIDES[-1] / min(width, height)), 1)
    return max(round(width * shrink), STRIDES[-1]), max(round(height * shrink), STRIDES[-1])


def preview_size(width: int, height: int) -> tuple[int, int]:
    """The width and the height of the picture of a photo that is shown.

    >>> preview_size(1024, 512)
    (400, 200)
    """
    across = min(PREVIEW_WIDTH, width)
    return across, max(round(across * height / width), 1)


def photo_from(pixels: NDArray[np.uint8], preview: str) -> Photo:
    """The photo (H, W, 3) run through the network; ``preview`` is its picture, as a data address."""
    height, width = pixels.shape[:2]
    box = (round(width / 4), round(height / 4), round(width * 3 / 4), round(height * 3 / 4))
    digest = hashlib.sha256(repr((width, height)).encode() + pixels.tobytes()).hexdigest()[:12]
    return Photo(digest, feature_maps(pixels.astype(np.float32) / 255), preview, box)


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
