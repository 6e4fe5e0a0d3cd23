"""NumPy's files: ``.npy`` and ``.npz``. What an array takes is read in its header, before anything is unpacked."""

from __future__ import annotations

import ast
import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from roialign_lab.lesson.own_limits import MEGABYTE, OwnDataError, check_shape, dimensions, megabytes

LARGEST_UNPACKED = 32 * MEGABYTE  # bytes of the numbers as they are computed with
LONGEST_HEADER = 10_000  # bytes, as NumPy has it
MOST_IN_ARCHIVE = 100  # files
ENTRY = b"PK\x01\x02"  # what every file's entry in the list of an archive begins with
EXTRA = re.compile(ENTRY + b"(?=.{26}(..))", re.DOTALL)  # an entry says there how many bytes of extra fields it has
MOST_EXTRA = 500_000  # bytes of the extra fields of all entries: for one entry's, zipfile needs the square of the time
PACKED_BY = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)  # np.savez and np.savez_compressed; others take seconds a megabyte
LONG = re.compile(rb"(?<=[0-9])L")  # of Python 2
PIECE = 4 * MEGABYTE  # bytes that are unpacked at a time
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True)
class Header:
    """What an ``.npy`` file says of its array, and where its numbers begin (bytes)."""

    shape: tuple[int, ...]
    dtype: np.dtype
    column_major: bool
    start: int

    @property
    def size(self) -> int:
        """Bytes of the array in the file."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def computed(self) -> np.dtype:
        """The dtype that the operators compute in: float32 for float16 and float32, float64 for everything else."""
        return np.dtype(np.float32 if self.dtype.kind == "f" and self.dtype.itemsize <= 4 else np.float64)


Room = Callable[[int], None]  # raises OwnDataError where so many bytes more cannot be kept


def read_npy(name: str, content: bytes, room: Room) -> np.ndarray:
    """The array of an ``.npy`` file (any header version), in the dtype that the operators compute in.

    Raises
    ------
    OwnDataError : for what is broken or no feature map; objects are never loaded.
    """
    header = read_header(name, content)
    check_map(name, header)
    room(math.prod(header.shape) * header.computed.itemsize)
    numbers = memoryview(content)[header.start :]
    if len(numbers) < header.size:
        raise OwnDataError("truncated", name=name, needed=header.size, found=len(numbers))
    return _array(header, numbers)


def arrays_in(name: str, content: bytes) -> dict[str, Header | OwnDataError]:
    """The arrays of an ``.npz`` archive by their names: their headers, or why they cannot be feature maps.

    Raises
    ------
    OwnDataError : for an archive that is broken, has too many files, or has no array.
    """
    try:
        with _opened(name, content) as archive:
            return {_key(member): _header_or_problem(name, archive, member) for member in _members(name, archive)}
    except BROKEN as error:
        raise _broken(name, error) from None


def map_arrays(name: str, content: bytes) -> dict[str, str]:
    """The arrays of an ``.npz`` archive that can be feature maps, each by its name with its shape; none for an archive
    that cannot be read.

    >>> stream = io.BytesIO()
    >>> np.savez(stream, layer=np.zeros((2, 3)), names=np.array(["a"]))
    >>> map_arrays("a.npz", stream.getvalue())
    {'layer': 'layer, 2×3'}
    """
    try:
        found = arrays_in(name, content)
    except OwnDataError:  # read_npz says why
        return {}
    headers = {key: header for key, header in found.items() if isinstance(header, Header)}
    return {key: f"{key}, {dimensions(header.shape)}" for key, header in headers.items()}


def read_npz(name: str, content: bytes, chosen: str | None, room: Room) -> np.ndarray:
    """An array of an ``.npz`` archive: the one with the name ``chosen``, or the first that can be a feature map.

    Raises
    ------
    OwnDataError : as :func:`read_npy`; where no array can be a feature map, what is wrong with the first.
    """
    found = arrays_in(name, content)
    fitting = [key for key, header in found.items() if isinstance(header, Header)]
    key = chosen if chosen in found else (fitting or list(found))[0]
    header = found[key]
    if not isinstance(header, Header):
        raise header
    room(math.prod(header.shape) * header.computed.itemsize)
    try:
        with _opened(name, content) as archive:
            member = next(member for member in _members(name, archive) if _key(member) == key)
            return _unpacked(f"{name}/{member.filename}", archive, member, header)
    except BROKEN as error:
        raise _broken(name, error) from None


def read_header(name: str, content: bytes) -> Header:
    """What an ``.npy`` file says of its array; ``content`` is the file or its beginning.

    >>> stream = io.BytesIO()
    >>> np.save(stream, np.zeros((2, 3), np.float32))
    >>> read_header("a.npy", stream.getvalue()).shape
    (2, 3)
    """
    try:
        version = np.lib.format.read_magic(io.BytesIO(content))
        if version == (3, 0):  # 2.0 with names in UTF-8, which only columns of tables have
            content = content[:6] + b"\x02\x00" + content[8 : LONGEST_HEADER + 100]
        stream = io.BytesIO(_quickly_read(content[: LONGEST_HEADER + 100]))
        stream.seek(8)
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, column_major, dtype = read[min(version[0], 2)](stream, max_header_size=LONGEST_HEADER)
        if not all(type(side) is int and side >= 0 for side in shape):
            raise ValueError(shape)
    except Exception:  # NumPy reads a header with Python's tokenizer and parser, which fail in many ways
        raise OwnDataError("broken", name=name, kind="NumPy") from None
    return Header(shape, dtype, column_major, stream.tell())


def _quickly_read(beginning: bytes) -> bytes:
    """The same file, where Python reads its header. NumPy would look through the signs of any other one by one, as
    Python 2 wrote an L after its numbers, and take 0.1 s for each file of an archive.

    Raises
    ------
    Exception : whatever Python finds wrong with the header.
    """
    first = 10 if beginning[6] == 1 else 12
    end = first + int.from_bytes(beginning[8:first], "little")
    header = LONG.sub(b" ", beginning[first:end])
    ast.literal_eval(header.decode("latin-1").strip())
    return beginning[:first] + header + beginning[end:]


def check_map(name: str, header: Header) -> None:
    """Raises :class:`OwnDataError` for an array that is no feature map, or too large a one."""
    if header.dtype.hasobject:
        raise OwnDataError("objects", name=name)
    if header.dtype.kind not in "fiub":
        raise OwnDataError("not_real", name=name, dtype=header.dtype)
    check_shape(header.shape)
    size = max(math.prod(header.shape) * header.computed.itemsize, header.size)
    if size > LARGEST_UNPACKED:
        raise OwnDataError("unpacked_too_large", name=name, size=megabytes(size), limit=megabytes(LARGEST_UNPACKED))


# ---- members of an archive ----------------------------------------------------------------------------------------


def _opened(name: str, content: bytes) -> zipfile.ZipFile:
    """The archive, unless its list is too long: zipfile reads all of it at once."""
    count = content.count(ENTRY)
    if count > MOST_IN_ARCHIVE:
        raise OwnDataError("archive_too_long", name=name, count=count, limit=MOST_IN_ARCHIVE)
    if sum(int.from_bytes(found[1], "little") for found in EXTRA.finditer(content)) > MOST_EXTRA:
        raise zipfile.BadZipFile
    return zipfile.ZipFile(io.BytesIO(content))


def _members(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    arrays = [member for member in archive.infolist() if member.filename.endswith(".npy")]
    if not arrays:
        raise OwnDataError("no_array", name=name)
    return arrays


def _key(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _header_or_problem(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Header | OwnDataError:
    """The header of an array, of which no more is unpacked than that; or why it cannot be a feature map."""
    inside = f"{name}/{member.filename}"
    if member.compress_type not in PACKED_BY:
        return OwnDataError("packed_otherwise", name=inside)
    try:
        with archive.open(member) as packed:
            header = read_header(inside, packed.read(LONGEST_HEADER + 100))
        check_map(inside, header)
    except BROKEN as error:
        return _broken(inside, error)
    return header


def _unpacked(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: Header) -> np.ndarray:
    """The array of a member, unpacked piece by piece: as much as its header speaks of, whatever the archive says."""
    numbers, filled = bytearray(header.size), 0
    with archive.open(member) as packed, memoryview(numbers) as view:
        packed.read(header.start)
        while filled < header.size and (piece := packed.read(min(PIECE, header.size - filled))):
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
    if filled < header.size:
        raise OwnDataError("truncated", name=name, needed=header.size, found=filled)
    return _array(header, numbers)


def _array(header: Header, numbers: bytearray | memoryview) -> np.ndarray:
    values = np.frombuffer(numbers, header.dtype, math.prod(header.shape))
    values = values.reshape(header.shape, order="F" if header.column_major else "C")
    return np.ascontiguousarray(values, header.computed)


def _broken(name: str, error: Exception) -> OwnDataError:
    return error if isinstance(error, OwnDataError) else OwnDataError("broken", name=name, kind="NumPy")
