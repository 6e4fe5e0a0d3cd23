"""Writes what comes of assets/portrait.jpg: its feature maps (.npz), a small copy (_preview.jpg), the face (_face.jpg).

``python docs/make_portrait.py`` after a change of ``roialign_core.backbone``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from roialign_core.backbone import feature_maps
from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.photo import PORTRAIT_MAPS, PORTRAIT_PREVIEW
from roialign_lab.stage.stakes import FACE_PICTURE, FACE_SHOWN
from roialign_lab.ui.read_photo import small_jpeg

FACE_WIDTH = 260  # pixels


def main() -> None:
    """Run the network on the portrait; its channels are whole hundredths, so a byte holds each."""
    photo = Image.open(ASSETS / "portrait.jpg").convert("RGB")
    maps = feature_maps(np.asarray(photo, dtype=np.float32) / 255)
    hundredths = {str(stride): np.round(values * 100).astype(np.uint8) for stride, values in maps.at.items()}
    arrays: dict[str, Any] = {"photo_shape": np.array(maps.photo_shape), **hundredths}
    np.savez_compressed(PORTRAIT_MAPS, **arrays)
    PORTRAIT_PREVIEW.write_bytes(small_jpeg(photo))
    face = photo.crop(FACE_SHOWN)
    face.thumbnail((FACE_WIDTH, photo.height))
    face.save(FACE_PICTURE, "JPEG", quality=72, optimize=True)


if __name__ == "__main__":
    main()
