"""A person's own data: a feature map from a file or pasted text, and a photo. Checked before memory is spent on it.

What is read is kept as long as somebody holds it: a session holds the last few, and :data:`KEPT` finds them by name.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakValueDictionary

import numpy as np

from roialign_core.bilinear import frozen
from roialign_core.geometry import Floats
from roialign_lab.lesson.photo import Photo

MEGABYTE = 1_000_000
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UNPACKED = 64 * MEGABYTE
LARGEST_SIDE = 512  # cells
MOST_CHANNELS = 2048
MOST_IN_ARCHIVE = 100  # files
MOST_IN_ADDRESS = 400  # characters: a matrix that is written in the address itself
MAP_ENDINGS = ("npy", "npz", "csv", "txt")
PHOTO_ENDINGS = ("png", "jpg", "jpeg", "webp")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
KEPT: WeakValueDictionary[str, OwnMaps | Photo] = WeakValueDictionary()


class OwnDataError(ValueError):
    """Data that cannot be shown: a text key under ``own.problem`` and what its sentence has room for."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = f"own.problem.{key}"
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(f"{key}: {self.values}")


@dataclass(frozen=True, eq=False)
class OwnMaps:
    """Uploaded feature maps (C, H, W); ``name`` is made of their bytes."""

    name: str
    channels: Floats
    _shown: dict[int, Floats] = field(default_factory=dict, repr=False)

    def channel(self, number: int) -> Floats:
        """One of them (H, W), read-only: the same array at every call, so that what is made of it is made once."""
        if number not in self._shown:
            self._shown[number] = frozen(self.channels[number])
        return self._shown[number]

    def only(self, numbers: Iterable[int]) -> OwnMaps:
        """The same upload as far as these channels need it: the others have no cells."""
        return OwnMaps(self.name, np.empty((len(self.channels), 0, 0)), {k: self.channel(k) for k in numbers})


Data = TypeVar("Data", OwnMaps, Photo)


def keep(data: Data) -> Data:
    """Remember uploaded data by its name as long as somebody holds it; the same data that is kept already, if it is."""
    kept = KEPT.setdefault(data.name, data)
    return kept if isinstance(kept, type(data)) else data


def check_file(name: str, content: bytes) -> None:
    """Raises :class:`OwnDataError` for a file that is empty or larger than ``LARGEST_FILE`` bytes."""
    if not content:
        raise OwnDataError("empty_file", name=name)
    if len(content) > LARGEST_FILE:
        raise OwnDataError("file_too_large", name=name, size=_megabytes(len(content)), limit=_megabytes(LARGEST_FILE))


def read_maps(name: str, content: bytes) -> OwnMaps:
    """Feature maps from an ``.npy``, ``.npz``, ``.csv`` or ``.txt`` file.

    Raises
    ------
    OwnDataError : for what is too large, broken, empty, or something else than its name says.
    """
    check_file(name, content)
    ending = ending_of(name)
    if ending == "npy":
        values = _npy(name, content)
    elif ending == "npz":
        values = _npz(name, content)
    elif ending in MAP_ENDINGS:
        try:
            values = read_matrix(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise OwnDataError("not_text", name=name) from None
    else:
        raise OwnDataError("unknown_ending", name=name, endings=", ".join((*MAP_ENDINGS, *PHOTO_ENDINGS)))
    return keep(OwnMaps(_name_of(values), _channels(values)))


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, without its dot."""
    return name.rsplit(".", 1)[-1].lower()


def own_matrix(text: str) -> OwnMaps:
    """Feature maps from pasted text: one matrix."""
    if len(text) > LARGEST_FILE:
        raise OwnDataError("file_too_large", name="…", size=_megabytes(len(text)), limit=_megabytes(LARGEST_FILE))
    values = read_matrix(text)
    return keep(OwnMaps(_name_of(values), _channels(values)))


def read_matrix(text: str) -> Floats:
    """Rows of numbers (H, W): a line or a pair of brackets each, separated by commas, semicolons, tabs or spaces.

    >>> read_matrix("1, 2\\n3, 4.5").tolist()
    [[1.0, 2.0], [3.0, 4.5]]
    >>> read_matrix("tensor([[1., 2.], [3., 4.]])").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    lines = re.findall(r"\[([^\[\]]*)\]", text) if "[" in text else text.splitlines()
    rows: list[list[float]] = []
    for line in lines:
        parts = [part for part in re.split(r"[,;\s]+", line.strip()) if part]
        if not parts:
            continue
        if _could_be_other_numbers(line.strip()):
            raise OwnDataError("two_separators", row=len(rows) + 1, text=line.strip()[:40])
        for part in parts:
            if not NUMBER.fullmatch(part):
                raise OwnDataError("not_a_number", row=len(rows) + 1, text=part[:40])
        if rows and len(parts) != len(rows[0]):
            raise OwnDataError("ragged", row=len(rows) + 1, count=len(parts), first=len(rows[0]))
        if len(parts) > LARGEST_SIDE or len(rows) >= LARGEST_SIDE:
            rows_so_far, columns = max(len(rows), len(lines)), len(parts)
            raise OwnDataError("side_too_large", rows=rows_so_far, columns=columns, limit=LARGEST_SIDE)
        rows.append([float(part) for part in parts])
    if not rows:
        raise OwnDataError("no_numbers")
    return np.array(rows)


def _could_be_other_numbers(line: str) -> bool:
    """Whether commas may stand for something else than the ends of numbers: for decimal points, or inside rows.

    >>> [_could_be_other_numbers(line) for line in ("0,5; 0,7", "0,5\\t0,7", "0,5;", "1, 2; 3, 4")]
    [True, True, True, True]
    >>> [_could_be_other_numbers(line) for line in ("1,2", "1, 2;", "1 , 2", "1; 2", "1 2")]
    [False, False, False, False, False]
    """
    spaced = re.sub(r"\s*,\s*", ",", line)
    within_digits = re.search(r"\d,\d", line) and re.search(r"[;\s]", spaced)
    return bool(within_digits) or ("," in line and ";" in line.rstrip(";"))


def matrix_in_address(values: Floats) -> str | None:
    """A small matrix as a map's name, so that a link carries it: rows by ``;``, numbers by ``,``.

    >>> matrix_in_address(np.array([[1.0, 2.5], [3.0, 4.0]]))
    'matrix-1,2.5;3,4'
    """
    name = "matrix-" + ";".join(",".join(repr(float(v)).removesuffix(".0") for v in row) for row in values)
    return name if len(name) <= MOST_IN_ADDRESS else None


# ---- files --------------------------------------------------------------------------------------------------------


def _npy(name: str, content: bytes) -> np.ndarray:
    """The array of an ``.npy`` file. The header is checked before anything is made of it; objects are never loaded."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, column_major, dtype = read(stream)
    except Exception:  # NumPy reads a header with Python's tokenizer and parser, which fail in many ways
        raise OwnDataError("broken", name=name, kind="NumPy") from None
    if dtype.hasobject:
        raise OwnDataError("objects", name=name)
    if dtype.kind not in "fiub":
        raise OwnDataError("not_real", name=name, dtype=dtype)
    _check_shape(shape)
    found, needed = len(content) - stream.tell(), math.prod(shape) * dtype.itemsize
    if found < needed:
        raise OwnDataError("truncated", name=name, needed=needed, found=found)
    values = np.frombuffer(content, dtype, math.prod(shape), stream.tell())
    return values.reshape(shape, order="F" if column_major else "C")


def _npz(name: str, content: bytes) -> np.ndarray:
    """The first array of an ``.npz`` archive that has rows and columns."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
            if len(inside) > MOST_IN_ARCHIVE:
                raise OwnDataError("archive_too_long", name=name, count=len(inside), limit=MOST_IN_ARCHIVE)
            first: OwnDataError | None = None
            for member in inside:
                if not member.filename.endswith(".npy"):
                    continue
                try:
                    return _npy(f"{name}/{member.filename}", _unpacked(archive, member, name))
                except OwnDataError as error:
                    first = first or error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OwnDataError):
            raise
        raise OwnDataError("broken", name=name, kind="NumPy") from None
    raise first or OwnDataError("no_array", name=name)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """A file of an archive, no more of it than is allowed whatever its header says."""
    with archive.open(member) as packed:
        content = packed.read(LARGEST_UNPACKED + 1) if member.file_size <= LARGEST_UNPACKED else None
    if content is None or len(content) > LARGEST_UNPACKED:
        size = _megabytes(member.file_size)
        raise OwnDataError("unpacked_too_large", name=name, size=size, limit=_megabytes(LARGEST_UNPACKED))
    return content


def _check_shape(shape: tuple[int, ...]) -> None:
    if not 2 <= len(shape) <= 4:
        raise OwnDataError("rank", shape=_dimensions(shape))
    if not all(shape):
        raise OwnDataError("no_values", shape=_dimensions(shape))
    if max(shape[-2:]) > LARGEST_SIDE:
        raise OwnDataError("side_too_large", rows=shape[-2], columns=shape[-1], limit=LARGEST_SIDE)
    if math.prod(shape[:-2]) > MOST_CHANNELS:
        raise OwnDataError("too_many_channels", channels=math.prod(shape[:-2]), limit=MOST_CHANNELS)


def _channels(values: np.ndarray) -> Floats:
    """(C, H, W), read-only, in the dtype that the operators compute in."""
    _check_shape(values.shape)
    if values.dtype.kind != "f" or values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float64)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    return frozen(values.reshape(-1, *values.shape[-2:]))


def _name_of(values: np.ndarray) -> str:
    seen = hashlib.sha256(repr((values.shape, values.dtype.str)).encode())
    seen.update(np.ascontiguousarray(values).tobytes())
    return seen.hexdigest()[:12]


def _dimensions(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "1"


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"
