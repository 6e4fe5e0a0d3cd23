"""Arguments of the public calls: checked, and converted to arrays and numbers of one kind."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from numbers import Real
from operator import index

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from roialign_core.errors import BoxError, MapError, OptionError, RoIError
from roialign_core.geometry import Floats, Scale
from roialign_core.operators import LARGEST, as_float

Boxes = ArrayLike | Sequence[ArrayLike]
"""(K, 5) with the batch index first, or a list of N arrays (L, 4)."""

ADAPTIVE = -1
"""As many samples as a bin is large, rounded up."""
MOST_SAMPLES = 1_000_000
FARTHEST_SIDE = 2.0**24  # cells: beyond it float32 cannot tell a cell from the next
LEAST_PHOTO = 32  # pixels of a side: a cell of the coarsest map
SMALLEST = float(np.finfo(np.float32).tiny)


def as_feature_map(feature_map: object) -> Floats:
    """A read-only copy (H, W) in float32 or float64: float16 becomes float32, and whole numbers become float64.

    :class:`MapError` for others, and for masked numbers.
    """
    refuse_masked(feature_map, "feature_map", MapError)
    try:
        array = np.asarray(feature_map)
    except ValueError:  # rows of different lengths
        raise MapError("map.rank", shape="ragged") from None
    if array.ndim != 2:
        raise MapError("map.rank", shape=array.shape)
    if not array.size:
        raise MapError("map.empty", shape=array.shape)
    if array.dtype.kind == "f" and array.dtype.itemsize in (2, 4, 8):
        return frozen(_computed(array))
    if array.dtype.kind in "iub":
        return frozen(array.astype(np.float64))
    raise MapError("map.dtype", dtype=array.dtype)


def as_features(features: ArrayLike) -> Floats:
    """(N, C, H, W) float32 or float64 in the machine's byte order: the same array where it is that already.

    float16 becomes float32; :func:`as_given` makes the output float16 again. :class:`MapError` for others.
    """
    array = _four_axes(features, "features")
    if not array.shape[2] or not array.shape[3]:
        raise MapError("features.empty", shape=array.shape)
    return array


def as_gradient(grad: ArrayLike) -> Floats:
    """The gradient (K, C, rows, columns) of an output, in float32 or float64 as :func:`as_features`."""
    return _four_axes(grad, "grad")


def _four_axes(numbers: ArrayLike, name: str) -> Floats:
    """An array of four axes in float32 or float64; an error names the argument."""
    refuse_masked(numbers, name, MapError)
    try:
        array = np.asarray(numbers)
    except ValueError:  # rows of different lengths
        raise MapError(f"{name}.rank", shape="ragged") from None
    if array.ndim != 4:
        raise MapError(f"{name}.rank", shape=array.shape)
    if array.dtype.kind != "f" or array.dtype.itemsize not in (2, 4, 8):
        raise MapError(f"{name}.dtype", dtype=array.dtype)
    return _computed(array)


def _computed(array: Floats) -> Floats:
    """``array`` in the dtype that is computed in: float16 in float32, others in their own, the machine's bytes first.

    >>> _computed(np.ones(1, np.float16)).dtype, _computed(np.ones(1, ">f8")).dtype
    (dtype('float32'), dtype('float64'))
    """
    return array.astype(np.float32 if array.dtype.itemsize == 2 else array.dtype.newbyteorder("="), copy=False)


def refuse_masked(numbers: object, name: str, kind: type[RoIError]) -> None:
    """An error of ``kind`` for masked numbers in an array or in a list of arrays: NumPy would read what is hidden.

    >>> refuse_masked(np.ma.array([1.0, 2.0], mask=[False, True]), "boxes", BoxError)
    Traceback (most recent call last):
    roialign_core.errors.BoxError: masked numbers in boxes: fill the mask first, such as boxes.filled(np.nan)
    """
    if is_masked(numbers):
        raise kind("masked", name=name)
    if isinstance(numbers, list | tuple) and numbers and isinstance(numbers[0], list | tuple | np.ndarray):
        for part in numbers:
            refuse_masked(part, name, kind)


def as_given(output: Floats, features: ArrayLike) -> Floats:
    """``output`` in float16 where the ``features`` that a call was given are, infinite where that cannot hold it.

    >>> as_given(np.ones(1, np.float32), np.zeros((1, 1, 2, 2), np.float16)).dtype
    dtype('float16')
    """
    kind = getattr(features, "dtype", None)
    if not isinstance(kind, np.dtype) or kind.kind != "f" or kind.itemsize != 2:
        return output
    with np.errstate(over="ignore"):
        return output.astype(np.float16)


def is_masked(numbers: object) -> bool:
    """True for a masked array with masked numbers. Where NumPy's module of them is not loaded, there is none.

    >>> is_masked(np.ma.array([1.0, 2.0], mask=[False, True])), is_masked(np.ma.array([1.0])), is_masked([1.0])
    (True, False, False)
    """
    loaded = sys.modules.get("numpy.ma")  # in the browser it cannot be
    return loaded is not None and bool(loaded.is_masked(numbers))


def as_boxes(boxes: Boxes, images: int, dtype: np.dtype, sides: int = 4) -> Floats:
    """(K, 1 + sides) in ``dtype``, each with the index of one of the ``images`` first.

    >>> as_boxes([[], [[0, 1, 2, 3]]], 2, np.dtype(np.float32)).tolist()
    [[1.0, 0.0, 1.0, 2.0, 3.0]]
    """
    shape_code = "boxes.shape" if sides == 4 else "boxes.turned_shape"
    refuse_masked(boxes, "boxes", BoxError)
    try:
        listed = isinstance(boxes, list | tuple) and all(np.ndim(part) == 2 or not np.size(part) for part in boxes)
        parts = [real(part, dtype) for part in boxes] if listed else []  # type: ignore[union-attr]
        table = np.empty((0, 1 + sides), dtype) if listed else real(boxes, dtype)
    except (TypeError, ValueError, OverflowError):
        raise BoxError(shape_code, shape=repr(boxes)[:80]) from None
    parts = [part.reshape(0, sides) if part.shape == (0,) else part for part in parts]
    if any(part.ndim != 2 or part.shape[1] != sides for part in parts):
        raise BoxError(shape_code, shape=[part.shape for part in parts])
    if parts and len(parts) != images:
        raise BoxError("boxes.count", images=images, arrays=len(parts))
    if parts:
        return np.concatenate(
            [np.column_stack([np.full(len(part), n, dtype=dtype), part]) for n, part in enumerate(parts)]
        )
    if table.ndim != 2 or table.shape[1] != 1 + sides:
        raise BoxError(shape_code, shape=table.shape)
    batch_index = table[:, 0]
    wrong = ~((batch_index >= 0) & (batch_index < images) & (batch_index == np.trunc(batch_index)))
    if wrong.any():
        raise BoxError("boxes.batch_index", index=float(batch_index[wrong][0]), last=images - 1)
    return table


def as_box(box: ArrayLike, scale: float, dtype: np.dtype) -> Floats:
    """A box (4,) x1, y1, x2, y2 in image pixels, in ``dtype``.

    :class:`BoxError` where it is reversed, not finite or too far from the map.
    """
    sides = _box_numbers(box, 4, "box.shape", dtype)
    x1, y1, x2, y2 = sides.tolist()
    if x2 < x1:
        raise BoxError("box.reversed_x", x1=x1, x2=x2)
    if y2 < y1:
        raise BoxError("box.reversed_y", y1=y1, y2=y2)
    _refuse_far(sides, scale)
    return sides.astype(dtype)


def as_rotated_box(box: ArrayLike, scale: float, dtype: np.dtype) -> Floats:
    """A box (5,) centre x, centre y, width, height in image pixels and degrees, in ``dtype``.

    :class:`BoxError` where a side is negative, not finite or too far from the map.
    """
    numbers = _box_numbers(box, 5, "box.turned_shape", dtype)
    if numbers[2] < 0 or numbers[3] < 0:
        raise BoxError("box.turned_size", width=float(numbers[2]), height=float(numbers[3]))
    _refuse_far(numbers[:4], scale)
    return numbers.astype(dtype)


def _box_numbers(box: ArrayLike, count: int, code: str, dtype: np.dtype) -> Floats:
    """In float64, so that an error shows all digits, and finite in ``dtype``."""
    refuse_masked(box, "box", BoxError)
    try:
        numbers = real(box, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BoxError(code, box=repr(box)[:200]) from None
    if numbers.shape != (count,):
        raise BoxError(code, box=repr(box))
    if not np.isfinite(numbers).all():
        raise BoxError("box.not_finite", box=numbers.tolist())
    if dtype != numbers.dtype and not np.isfinite(real(numbers, dtype)).all():
        raise BoxError("box.dtype", box=numbers.tolist(), dtype=dtype)
    return numbers


def _refuse_far(sides: Floats, scale: float) -> None:
    far = float(np.abs(sides).max()) * scale
    if not far <= FARTHEST_SIDE:
        raise BoxError("box.too_large", side=far, limit=FARTHEST_SIDE)


def as_photo(photo: ArrayLike) -> Floats:
    """A photo (H, W, 3) of numbers 0 to 1, in float32. :class:`MapError` for others, and for a side below 32 pixels."""
    refuse_masked(photo, "photo", MapError)
    try:
        image = real(photo, np.float32)
    except (TypeError, ValueError, OverflowError):
        raise MapError("photo.shape", shape=repr(photo)[:80]) from None
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < LEAST_PHOTO:
        raise MapError("photo.shape", shape=image.shape)
    if not (image.min() >= 0 and image.max() <= 1):
        raise MapError("photo.numbers", least=float(image.min()), most=float(image.max()))
    return image


def as_output_size(output_size: object) -> tuple[int, int]:
    """(rows, columns) of positive whole numbers, not too many bins in all.

    >>> as_output_size(7), as_output_size((2, 3))
    ((7, 7), (2, 3))
    """
    rows, columns = (_whole(number, "output_size", output_size) for number in _pair(output_size, "output_size"))
    if rows < 1 or columns < 1:
        raise OptionError("output_size", output_size=repr(output_size))
    check_sample_count(rows * columns)
    return rows, columns


def as_sampling_ratio(sampling_ratio: object) -> tuple[int, int]:
    """(rows, columns) of whole numbers, :data:`ADAPTIVE` for 0 or less.

    >>> as_sampling_ratio(2), as_sampling_ratio((3, 0))
    ((2, 2), (3, -1))
    """
    pair = _pair(sampling_ratio, "sampling_ratio")
    down, across = (max(_whole(number, "sampling_ratio", sampling_ratio), 0) or ADAPTIVE for number in pair)
    return down, across


def as_flag(value: object, name: str) -> bool:
    """True or False, NumPy's too; :class:`OptionError` for anything else that could be taken for one.

    >>> as_flag(np.True_, "aligned")
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise OptionError("flag", name=name, value=repr(value)[:80])
    return bool(value)


def as_spatial_scale(spatial_scale: object) -> float:
    """A number above 0, in float32 too."""
    scale = _scale(spatial_scale)
    if np.isnan(scale):
        raise OptionError("spatial_scale", spatial_scale=repr(spatial_scale)[:80])
    return scale


def as_output_cell(cell: object, size: tuple[int, int]) -> tuple[int, int]:
    """Row and column of an output of ``size`` as whole numbers; :class:`OptionError` for a cell it does not have."""
    try:
        row, column = (index(number) for number in cell)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        row = column = -1
    if not (0 <= row < size[0] and 0 <= column < size[1]):
        raise OptionError("grad.cell", rows=size[0], columns=size[1], cell=repr(cell))
    return row, column


def as_scales(spatial_scale: object) -> Scale:
    """A number above 0, in float32 too, or a pair (rows, columns) where the axes differ.

    >>> as_scales(0.5), as_scales((0.5, 0.25)), as_scales([0.5, 0.5])
    (0.5, (0.5, 0.25), 0.5)
    """
    down, across = (_scale(number) for number in _pair(spatial_scale, "spatial_scales"))
    if np.isnan(down + across):
        raise OptionError("spatial_scales", spatial_scales=repr(spatial_scale)[:80])
    return down if down == across else (down, across)


def _scale(number: object) -> float:
    """``number`` as a float, NaN where it is no scale."""
    scale = as_float(number)
    return scale if SMALLEST <= scale <= LARGEST else np.nan


def _pair(value: object, option: str) -> tuple[object, object]:
    """Two of the same, or the two that ``value`` holds; :class:`OptionError` for another number of them."""
    if not isinstance(value, tuple | list) and np.ndim(value) == 0:  # type: ignore[arg-type]
        return value, value
    pair: tuple[object, ...] = tuple(value)  # type: ignore[arg-type]
    if len(pair) != 2:
        raise OptionError(option, **{option: repr(value)[:80]})
    return pair


def check_sample_count(samples: int) -> None:
    """:class:`OptionError` for more sample points than memory should hold."""
    if samples > MOST_SAMPLES:
        raise OptionError("samples.too_many", samples=samples, limit=MOST_SAMPLES)


def _whole(number: object, option: str, value: object) -> int:
    """``number`` as an int; an error shows the whole ``value`` of the ``option`` that it belongs to."""
    if isinstance(number, bool):
        raise OptionError(option, **{option: repr(value)})
    try:
        return index(number)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(option, **{option: repr(value)}) from None


def real(numbers: object, dtype: DTypeLike) -> Floats:
    """``numbers`` in ``dtype``, infinite where it cannot hold them.

    TypeError, ValueError or OverflowError for anything but real numbers: complex ones are not made real, texts and None
    are not read as numbers, and spans of time lose no unit.

    >>> real([1, 2.5], np.float32).tolist()
    [1.0, 2.5]
    """
    array = np.asarray(numbers)
    if array.dtype.kind not in "fiubO" or not all(isinstance(entry, Real) for entry in _objects(array)):
        raise TypeError(array.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(array, dtype=dtype)


def _objects(array: NDArray) -> list[object]:
    """What an array of Python's objects holds; nothing for another array."""
    return array.ravel().tolist() if array.dtype.kind == "O" else []


def frozen(array: NDArray) -> NDArray:
    """The same array where it owns its memory and is read-only already, else a read-only copy."""
    if not array.flags.writeable and array.flags.owndata:
        return array
    copy = array.copy()
    copy.setflags(write=False)
    return copy
