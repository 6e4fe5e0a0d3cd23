"""A feature map by its name: an example, a recorded map, ``random-8x8-SEED``, ``photo-STRIDE-CHANNEL``, an upload, or
``drawn-PICTURE-STRIDE-CHANNEL`` of a trained network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from roialign_core.backbone import CHANNELS, STRIDES
from roialign_core.bilinear import frozen
from roialign_core.examples import MAPS, random_map
from roialign_core.geometry import Floats
from roialign_lab.lesson.mask_networks import drawn_map, is_drawn, parts_of
from roialign_lab.lesson.matrix_text import read_matrix
from roialign_lab.lesson.own_limits import OwnDataError
from roialign_lab.lesson.own_maps import KEPT, MOST_IN_ADDRESS, OwnMaps
from roialign_lab.lesson.photo import Photo, portrait
from roialign_lab.lesson.recorded import recorded_maps

RANDOM_SIZES = (8, 16, 32)
MAP_FILE = "map.npy"  # the map that is shown, as code to copy loads it
LARGEST_SEED = 9999
RANDOM_NAME = re.compile(r"random-(8x8|16x16|32x32)-([0-9]{1,4})")
PHOTO_NAME = re.compile(rf"photo(?:\.([0-9a-f]{{12}}))?-({'|'.join(map(str, STRIDES))})-({'|'.join(CHANNELS)})")
OWN_NAME = re.compile(r"own-([0-9a-f]{12})-([0-9]{1,4})")
MATRIX_NAME = re.compile(r"matrix-([-+0-9.,;einfa]+)")


def map_named(name: str) -> Floats:
    """The map (H, W) of a name that :func:`is_map` knows, read-only.

    >>> map_named("matrix-1,2;3,4.5").tolist()
    [[1.0, 2.0], [3.0, 4.5]]
    """
    known = MAPS.get(name, recorded_maps().get(name))
    if known is not None:
        return known
    photo, random, own, matrix = (
        pattern.fullmatch(name) for pattern in (PHOTO_NAME, RANDOM_NAME, OWN_NAME, MATRIX_NAME)
    )
    if photo:
        return photo_of(name).maps.channel(int(photo[2]), photo[3])
    if random:
        rows, columns = (int(size) for size in random[1].split("x"))
        return random_map(rows, columns, int(random[2]))
    if own:
        return own_maps(own[1]).channel(int(own[2]))
    if matrix:
        return _matrix(matrix[1])
    if is_drawn(name):
        return drawn_map(*parts_of(name))
    raise KeyError(name)


def is_map(name: str) -> bool:
    """True for the name of a map that is there."""
    photo, own, matrix = PHOTO_NAME.fullmatch(name), OWN_NAME.fullmatch(name), MATRIX_NAME.fullmatch(name)
    if photo:
        return photo[1] is None or isinstance(KEPT.get(photo[1]), Photo)
    if own:
        kept = KEPT.get(own[1])
        return isinstance(kept, OwnMaps) and int(own[2]) < len(kept.channels)
    if matrix and len(name) <= MOST_IN_ADDRESS:
        return problem_of_matrix(name) is None
    return name in MAPS or name in recorded_maps() or bool(RANDOM_NAME.fullmatch(name)) or is_drawn(name)


def problem_of_matrix(name: str) -> OwnDataError | None:
    """Why the matrix that such a name writes cannot be read; None where it can, and for other names.

    >>> problem_of_matrix("matrix-1,,3").key
    'own.problem.empty_cell'
    """
    matrix = MATRIX_NAME.fullmatch(name)
    try:
        if matrix and len(name) <= MOST_IN_ADDRESS:
            _matrix(matrix[1])
    except OwnDataError as error:
        return error
    return None


def is_upload(name: str) -> bool:
    """True for the name of uploaded data, whether it is still held or not: a link does not carry it."""
    photo = PHOTO_NAME.fullmatch(name)
    return bool(OWN_NAME.fullmatch(name) or (photo and photo[1]))


def upload_of(name: str) -> OwnMaps | Photo | None:
    """The uploaded data that a map of that name shows; None for a map that was not uploaded."""
    match = OWN_NAME.fullmatch(name) or PHOTO_NAME.fullmatch(name)
    return KEPT.get(match[1]) if match and match[1] else None


def uploads_for(names: Iterable[str]) -> list[OwnMaps | Photo]:
    """The uploaded data that maps of those names need, of a file with many channels those that are named.

    For another process: :func:`roialign_lab.lesson.own_maps.keep` makes the names known there.
    """
    photos: dict[str, Photo] = {}
    channels: dict[str, set[int]] = {}
    for name in names:
        match, data = OWN_NAME.fullmatch(name), upload_of(name)
        if match and isinstance(data, OwnMaps):
            channels.setdefault(data.name, set()).add(int(match[2]))
        elif isinstance(data, Photo):
            photos[data.name] = data
    return [*photos.values(), *(own_maps(name).only(numbers) for name, numbers in channels.items())]


def photo_of(name: str) -> Photo:
    """The photo whose map has that name; the portrait for any other map."""
    match = PHOTO_NAME.fullmatch(name)
    kept = KEPT[match[1]] if match and match[1] else portrait()
    assert isinstance(kept, Photo)
    return kept


def own_maps(name: str) -> OwnMaps:
    """All channels of one uploaded file, by the name that is made of its bytes."""
    kept = KEPT[name]
    assert isinstance(kept, OwnMaps)
    return kept


@lru_cache(64)
def _matrix(text: str) -> Floats:
    return frozen(read_matrix(text.replace(";", "\n")))
