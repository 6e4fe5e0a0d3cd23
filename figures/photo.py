"""A photo and its feature maps: the portrait of the first chapter, or one that a person brought."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from roialign_core.backbone import FeatureMaps, feature_maps

PORTRAIT = Path(__file__).resolve().parent.parent / "assets" / "portrait.jpg"
PERSON = (72.0, 28.0, 452.0, 590.0)
"""A box round the person of the portrait, x1, y1, x2, y2 in pixels."""
LONGEST_SIDE = 1024  # pixels: a larger photo is made smaller before the network sees it
SHOWN_WIDTH = 400  # pixels: the picture that is sent to the browser


@dataclass(frozen=True, eq=False)
class Photo:
    """An RGB photo with a box to begin with, x1, y1, x2, y2 in its pixels."""

    name: str
    image: Image.Image
    box: tuple[float, float, float, float]

    @cached_property
    def maps(self) -> FeatureMaps:
        """Its feature maps at every stride, computed once."""
        return feature_maps(np.asarray(self.image, dtype=np.float32) / 255)

    @cached_property
    def address(self) -> str:
        """The photo as a data address that a browser can show."""
        image = self.image
        width = min(SHOWN_WIDTH, image.width)
        small = image.resize((width, max(round(width * image.height / image.width), 1)))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=72, optimize=True)
        return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


@cache
def portrait() -> Photo:
    """Rear Admiral Grace Hopper, 512 x 600 pixels (US Navy, public domain)."""
    return Photo("", Image.open(PORTRAIT).convert("RGB"), PERSON)
