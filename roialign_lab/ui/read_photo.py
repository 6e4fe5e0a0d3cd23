"""A photo from an uploaded file: checked, made small enough, turned upright, and run through the network."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from itertools import islice

import numpy as np
from PIL import Image, UnidentifiedImageError

from roialign_lab.lesson.own_limits import MEGABYTE, OwnDataError
from roialign_lab.lesson.own_maps import check_room
from roialign_lab.lesson.photo import Photo, jpeg_address, photo_from, photo_size, preview_size

MOST_PIXELS = 40_000_000
MOST_DECODED = 128 * MEGABYTE  # bytes that decoding a photo takes for a moment
MOST_PARTS = 5000  # of a file: Pillow takes some microseconds for each, and for those of EXIF the square of the time
FORMATS = ("PNG", "JPEG", "WEBP")
BROKEN = (OSError, ValueError, SyntaxError, TypeError, OverflowError, MemoryError, zlib.error, struct.error)
ORIENTATION = 0x0112  # the tag of EXIF
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a photo upright whose orientation tag has that value; with 1 it stands upright already."""
GREY_16 = ("I;16", "I;16B", "I")  # a PNG with 16 bits a pixel, in the versions of Pillow
TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")


def read_photo(name: str, content: bytes) -> Photo:
    """The photo (PNG, JPEG or WebP) as its camera meant it to stand, on white where it is transparent, as large as
    :func:`roialign_lab.lesson.photo.photo_size` has it.

    Raises
    ------
    OwnDataError : for what is too large, too small, broken, or not a photo.
    """
    photo = decoded(name, content)
    width, height = photo.size
    check_room(width * height * 6)  # 8 channels of float64 at stride 4 to 32
    return photo_from(np.asarray(photo), jpeg_address(small_jpeg(photo)))


def decoded(name: str, content: bytes) -> Image.Image:
    """The photo as the network takes it; what decoding needed is given back when this returns."""
    if sum(1 for _ in islice(_parts(content), MOST_PARTS + 1)) > MOST_PARTS:
        raise OwnDataError("broken", name=name, kind="photo")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(name, image)
                return _small(image)
    except OwnDataError:
        raise
    except Image.DecompressionBombError:  # so large that Pillow does not even say how large
        limit = MOST_PIXELS // 1_000_000
        raise OwnDataError("photo_too_large", name=name, size=f"> {limit}·10⁶", limit=limit) from None
    except UnidentifiedImageError:
        raise OwnDataError("not_a_photo", name=name, formats=", ".join(FORMATS)) from None
    except BROKEN:
        raise OwnDataError("broken", name=name, kind="photo") from None


def _parts(content: bytes) -> Iterator[int]:
    """Where the chunks of a PNG begin, or the segments of a JPEG down to its picture, and what lies between them."""
    place = 8
    while content[:8] == b"\x89PNG\r\n\x1a\n" and place < len(content):
        yield place
        place += 12 + int.from_bytes(content[place : place + 4])
    place = 2
    while content[:2] == b"\xff\xd8" and content[place : place + 2] not in (b"\xff\xda", b""):
        yield place
        marker = content[place : place + 2]
        if marker[0] != 0xFF or marker == b"\xff\xff":
            place += 1
        else:
            has_length = marker[-1] > 1 and not 0xD0 <= marker[-1] <= 0xD9
            place += 2 + (int.from_bytes(content[place + 2 : place + 4]) if has_length else 0)


def small_jpeg(photo: Image.Image) -> bytes:
    """The photo as a small JPEG."""
    small = photo.resize(preview_size(*photo.size))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=72, optimize=True)
    return buffer.getvalue()


def _check_size(name: str, image: Image.Image) -> None:
    """Refuse by the header what is too small, too long, or takes too much memory to decode."""
    photo_size(name, *image.size)
    pixels = min(MOST_PIXELS, MOST_DECODED // _bytes_a_pixel(image))
    if image.width * image.height > pixels:
        size = f"{image.width}×{image.height}"
        raise OwnDataError("photo_too_large", name=name, size=size, limit=pixels // 1_000_000)


def _bytes_a_pixel(image: Image.Image) -> int:
    """What decoding takes for a moment, at most: measured for each format and mode."""
    if image.format == "JPEG":  # decoded at a fraction of its size; a progressive one is held whole before
        return 7 if image.info.get("progressive") else 1
    if image.format == "WEBP":
        return 18
    if "transparency" in image.info:  # converted first
        return 14
    return 10 if _is_transparent(image) else 8 if image.mode == "P" or image.mode in GREY_16 else 6


def _small(image: Image.Image) -> Image.Image:
    """The image in colours, upright, and no larger than the network takes."""
    width, height = photo_size("", *image.size)
    image.draft("RGB", (width, height))
    transparent, orientation = _is_transparent(image), _orientation(image)
    if image.mode in GREY_16:
        image = _in_eight_bits(image)
    elif image.mode in ("P", "PA", "1") or (transparent and image.mode not in ("LA", "RGBA")):
        image = image.convert("RGBA" if transparent else "RGB" if image.mode == "P" else "L")
    small = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if transparent:
        small = small.convert("RGBA")
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    small = small.convert("RGB")
    return small.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else small


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in TRANSPARENT or "transparency" in image.info


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; 1 where the file does not say it, or says it in no way that can be read."""
    try:
        value = image.getexif().get(ORIENTATION)
    except Exception:  # what cameras and programs write into EXIF fails in many ways, and a photo is no worse for it
        return 1
    return value if isinstance(value, int) else 1


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits: the upper 8; the value that stands for transparent is white."""
    values = np.asarray(image)
    grey = (np.clip(values, 0, 65535) >> 8).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        grey[values == clear] = 255
    return Image.fromarray(grey)
