"""A photo from an uploaded file: checked, turned upright, made small enough, and run through the network."""

from __future__ import annotations

import hashlib
import io
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from roialign_core.backbone import STRIDES, feature_maps
from roialign_lab.lesson.own_maps import OwnDataError
from roialign_lab.lesson.photo import LONGEST_SIDE, Photo, jpeg_address

MOST_PIXELS = 40_000_000
PREVIEW_WIDTH = 400  # pixels: the picture that is sent to the browser
FORMATS = ("PNG", "JPEG", "WEBP")
BROKEN = (OSError, ValueError, SyntaxError, TypeError, OverflowError, MemoryError, zlib.error)


def read_photo(name: str, content: bytes) -> Photo:
    """The photo (PNG, JPEG or WebP) as its camera meant it to stand, no side longer than ``LONGEST_SIDE`` pixels.

    Raises
    ------
    OwnDataError : for what is too large, too small, broken, or not a photo.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    size, limit = f"{image.width}×{image.height}", MOST_PIXELS // 1_000_000
                    raise OwnDataError("photo_too_large", name=name, size=size, limit=limit)
                _refuse_small(name, image)
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                photo = upright.convert("RGB")
    except OwnDataError:
        raise
    except Image.DecompressionBombError:  # so large that Pillow does not even say how large
        limit = MOST_PIXELS // 1_000_000
        raise OwnDataError("photo_too_large", name=name, size=f"> {limit}·10⁶", limit=limit) from None
    except UnidentifiedImageError:
        raise OwnDataError("not_a_photo", name=name, formats=", ".join(FORMATS)) from None
    except BROKEN:
        raise OwnDataError("broken", name=name, kind="photo") from None
    _refuse_small(name, photo)
    width, height = photo.size
    box = (round(width / 4), round(height / 4), round(width * 3 / 4), round(height * 3 / 4))
    digest = hashlib.sha256(photo.tobytes()).hexdigest()[:12]
    return Photo(digest, feature_maps(np.asarray(photo, dtype=np.float32) / 255), jpeg_address(small_jpeg(photo)), box)


def small_jpeg(photo: Image.Image) -> bytes:
    """The photo as a JPEG that is at most ``PREVIEW_WIDTH`` pixels wide."""
    width = min(PREVIEW_WIDTH, photo.width)
    small = photo.resize((width, max(round(width * photo.height / photo.width), 1)))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=72, optimize=True)
    return buffer.getvalue()


def _refuse_small(name: str, image: Image.Image) -> None:
    if min(image.size) < STRIDES[-1]:
        raise OwnDataError("photo_too_small", name=name, size=f"{image.width}×{image.height}", limit=STRIDES[-1])
