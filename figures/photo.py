"""The photo of the first chapter: a portrait in the public domain that matplotlib carries, and its feature maps."""

from __future__ import annotations

import base64
import io
from functools import cache

import numpy as np
from matplotlib import cbook
from PIL import Image

from roialign_core.backbone import FeatureMaps, feature_maps

PERSON = (72.0, 28.0, 452.0, 590.0)
"""A box round the person, x1, y1, x2, y2 in pixels of the photo."""
SHOWN_WIDTH = 400  # pixels: the picture that is sent to the browser


@cache
def photo() -> Image.Image:
    """Rear Admiral Grace Hopper, 512 x 600 pixels (US Navy, public domain)."""
    return Image.open(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))).convert("RGB")


@cache
def photo_maps() -> FeatureMaps:
    """Its feature maps at every stride, computed once a process."""
    return feature_maps(np.asarray(photo(), dtype=np.float32) / 255)


@cache
def photo_address() -> str:
    """The photo as a data address that a browser can show."""
    picture = photo()
    small = picture.resize((SHOWN_WIDTH, round(SHOWN_WIDTH * picture.height / picture.width)))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=72, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
