"""A person's own data: a feature map from a file or pasted text, and a photo. Checked before memory is spent on it.

What is read is kept as long as somebody holds it: a session holds the last few, and :data:`KEPT` finds them by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.arguments import is_masked
from roialign_core.bilinear import frozen
from roialign_core.geometry import Floats
from roialign_lab.lesson.array_files import read_npy, read_npz
from roialign_lab.lesson.matrix_text import read_matrix
from roialign_lab.lesson.own_limits import LARGEST_FILE, MEGABYTE, OwnDataError, check_shape, megabytes
from roialign_lab.lesson.photo import Photo

MOST_KEPT = 128 * MEGABYTE  # bytes of all sessions' own data together
SHARE = 4  # one of so many parts of what is free is the most that one upload takes, so that there is room for the next
ALWAYS_ROOM = MEGABYTE // 4  # bytes: a matrix or a small map that is never refused
MOST_SHOWN = 8  # channels of an upload that are held one by one, for those who look at them
MOST_IN_ADDRESS = 400  # characters: a matrix that is written in the address itself
TEXT_ENDINGS = ("csv", "tsv", "txt")
MAP_ENDINGS = ("npy", "npz", *TEXT_ENDINGS)
PHOTO_ENDINGS = ("png", "jpg", "jpeg", "webp")
SMALL_MATRIX = "0.1, 0.5, 0.9\n0.3, 0.7, 0.2"  # as an example of what can be pasted
RECIPE = """import numpy as np, torch, torchvision

model = torchvision.models.resnet50(weights="DEFAULT").eval()
kept = {}
model.layer3.register_forward_hook(lambda module, inputs, out: kept.update(layer3=out))
with torch.no_grad():
    model(photo)                       # (1, 3, H, W), as your model wants it
np.save("layer3.npy", kept["layer3"][0, :64].numpy())   # (64, H/16, W/16): stride 16"""
"""How to save a layer of a PyTorch model."""
KEPT: WeakValueDictionary[str, OwnMaps | Photo] = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class OwnMaps:
    """Uploaded feature maps (C, H, W); ``name`` is made of their bytes."""

    name: str
    channels: Floats
    _shown: dict[int, Floats] = field(default_factory=dict, repr=False)

    def channel(self, number: int) -> Floats:
        """One of them (H, W), read-only: the same array at every call, so that what is made of it is made once."""
        shown = self._shown.get(number)
        if shown is None:
            while len(self._shown) >= MOST_SHOWN:
                self._shown.pop(next(iter(self._shown)), None)
            shown = self._shown.setdefault(number, frozen(self.channels[number]))
        return shown

    @property
    def size(self) -> int:
        """Bytes that they take, and beside them the channels that were shown."""
        return self.channels.nbytes + sum(shown.nbytes for shown in [*self._shown.values()])

    def only(self, numbers: Iterable[int]) -> OwnMaps:
        """The same upload as far as these channels need it: the others have no cells."""
        return OwnMaps(self.name, np.empty((len(self.channels), 0, 0)), {k: self.channel(k) for k in numbers})


Data = TypeVar("Data", OwnMaps, Photo)


def keep(data: Data) -> Data:
    """Remember uploaded data by its name as long as somebody holds it; the same data that is kept already, if it is."""
    kept = KEPT.setdefault(data.name, data)
    return kept if isinstance(kept, type(data)) else data


def check_room(size: int) -> None:
    """Raises :class:`OwnDataError` where data of ``size`` bytes would leave the others of this server too little."""
    free = MOST_KEPT - sum(data.size for data in list(KEPT.values()))
    if size > max(free // SHARE, ALWAYS_ROOM):
        raise OwnDataError("no_room", size=megabytes(size), limit=megabytes(max(free // SHARE, ALWAYS_ROOM)))


def check_file(name: str, size: int) -> None:
    """Raises :class:`OwnDataError` for a file that is empty or larger than ``LARGEST_FILE`` bytes."""
    if not size:
        raise OwnDataError("empty_file", name=name)
    if size > LARGEST_FILE:
        raise OwnDataError("file_too_large", name=name, size=megabytes(size), limit=megabytes(LARGEST_FILE))


def read_maps(name: str, content: bytes, array: str | None = None) -> OwnMaps:
    """Feature maps from an ``.npy``, ``.npz``, ``.csv``, ``.tsv`` or ``.txt`` file.

    ``array`` names the one of an ``.npz``; without it, the first that can be a feature map.

    Raises
    ------
    OwnDataError : for what is too large, broken, empty, or something else than its name says.
    """
    check_file(name, len(content))
    ending = ending_of(name)
    if ending == "npy":
        return _kept(read_npy(name, content, check_room))
    if ending == "npz":
        return _kept(read_npz(name, content, array, check_room))
    if ending not in MAP_ENDINGS:
        raise OwnDataError("unknown_ending", name=name, endings=", ".join((*MAP_ENDINGS, *PHOTO_ENDINGS)))
    try:
        return own_matrix(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise OwnDataError("not_text", name=name) from None


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, without its dot."""
    return name.rsplit(".", 1)[-1].lower()


def own_matrix(text: str) -> OwnMaps:
    """Feature maps from pasted text: one matrix, or channels in three pairs of brackets."""
    values = read_matrix(text)
    check_room(values.nbytes)
    return _kept(values)


def own_array(values: ArrayLike) -> OwnMaps:
    """Feature maps from an array (H, W), (C, H, W) or (N, C, H, W) of real numbers.

    float16 and float32 are float32, as the operators compute them, and all others float64. Masked numbers are refused.

    >>> own_array([[1, 2], [3, 4]]).channels.shape, own_array(np.zeros((4, 3, 2)).transpose(2, 0, 1)).channels.shape
    ((1, 2, 2), (2, 4, 3))
    """
    if is_masked(values):
        raise OwnDataError("not_real", name="array", dtype="masked")
    try:
        array = np.asarray(values)
    except ValueError:
        raise OwnDataError("uneven") from None
    if array.dtype.kind not in "fiub":
        raise OwnDataError("not_real", name="array", dtype=array.dtype)
    single = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    made = np.array(array, np.float32 if single else np.float64, order="C")
    check_shape(made.shape)
    check_room(made.nbytes)
    return _kept(made)


def matrix_in_address(values: Floats) -> str | None:
    """A small matrix as a map's name, so that a link carries it: rows by ``;``, numbers by ``,``.

    >>> matrix_in_address(np.array([[1.0, 2.5], [3.0, 4.0]]))
    'matrix-1,2.5;3,4'
    """
    if 2 * values.size > MOST_IN_ADDRESS:
        return None
    name = "matrix-" + ";".join(",".join(repr(float(v)).removesuffix(".0") for v in row) for row in values)
    return name if len(name) <= MOST_IN_ADDRESS else None


def _kept(values: np.ndarray) -> OwnMaps:
    """(C, H, W), read-only, under a name that is made of the numbers."""
    check_shape(values.shape)
    channels = values.reshape(-1, *values.shape[-2:])
    channels.setflags(write=False)
    seen = hashlib.sha256(repr((values.shape, values.dtype.str)).encode())
    seen.update(channels)  # type: ignore[arg-type]
    return keep(OwnMaps(seen.hexdigest()[:12], channels))
