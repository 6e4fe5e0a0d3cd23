"""A small mask network in NumPy: a photo to a feature map, the bins of one box to a mask. Only what was trained runs.

Every layer is one function here, with the arithmetic of the textbook. ``experiments/masks.py`` trained the weights, and
the outputs are those of torch with the same weights to about 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from zipfile import BadZipFile

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from roialign_core.arguments import as_box, as_photo, frozen, real, refuse_masked
from roialign_core.batch import extract
from roialign_core.errors import BoxError, MapError, OptionError
from roialign_core.geometry import Floats
from roialign_core.operators import OPERATORS, Operator, as_operator

BINS, MASK = 14, 28
"""A box is read as (BINS, BINS), and its mask is (MASK, MASK)."""
SAMPLES = 2  # a bin, on each axis, where an operator takes samples
WIDTHS = (16, 24, 32, 40, 48)
"""Channels after each halving of the picture."""
MAP, HEAD, LAST = 48, 40, 24  # channels of the map that is read, of the head, and of its last, enlarged maps
GROUPS = 8  # of channels that are normalised together
LEAST_SIDE = 8.0  # pixels of a box; the objects of the training had 14 and more
_EPSILON = np.float32(1e-5)


@dataclass(frozen=True)
class MaskNetwork:
    """The weights of one trained network, with the operator and the stride that it was trained with.

    ``weights`` have the names of torch's layers, and the shapes of :func:`layer_shapes`.

    >>> nothing = {name: np.zeros(shape, np.float32) for name, shape in layer_shapes(16).items()}
    >>> network = MaskNetwork(OPERATORS["roi_align"], 16, nothing)
    >>> features = network.features(np.full((128, 128, 3), 0.5))
    >>> mask = network.mask(features, (40, 40, 80, 80))
    >>> features.shape, mask.shape, mask[0, 0].item()
    ((48, 8, 8), (28, 28), 0.5)
    """

    operator: Operator
    stride: int
    weights: Mapping[str, Floats]

    @classmethod
    def load(cls, path: str | PathLike[str], operator: str = "roi_align", stride: int = 16) -> MaskNetwork:
        """The network of an operator, by its key in :data:`OPERATORS`, and a stride, from a file of weights.

        Raises
        ------
        OptionError : for a file that is not there or holds no weights, a network that is not in it, and weights of
            other shapes.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                start = f"{operator}/{stride}/"
                known = sorted({name.rpartition("/")[0] for name in arrays.files})
                found = {name.removeprefix(start): arrays[name] for name in arrays.files if name.startswith(start)}
        except (OSError, ValueError, TypeError, AttributeError, EOFError, BadZipFile) as error:
            raise OptionError("network.file", path=str(path), reason=str(error)[:120]) from None
        if not found or operator not in OPERATORS:
            raise OptionError("network.unknown", name=f"{operator}/{stride}", names=", ".join(known) or "none")
        for name, expected in layer_shapes(stride).items():
            shape = found[name].shape if name in found else "no array"
            if shape != expected:
                raise OptionError("network.weights", name=name, expected=expected, shape=shape)
        return cls(OPERATORS[operator], stride, {name: real(value, np.float32) for name, value in found.items()})

    def features(self, photo: ArrayLike) -> Floats:
        """The feature map (C, ceil(H / stride), ceil(W / stride)) of a photo (H, W, 3) of numbers 0 to 1, read-only.

        It is the same for every box, so compute it once.

        Raises
        ------
        MapError : for an array of another shape, fewer than 32 pixels on a side, or other numbers.
        """
        maps, last = as_photo(photo).transpose(2, 0, 1), halvings(self.stride)
        for k in range(last + 1):
            maps = self._block(f"body.{3 * k}", f"body.{3 * k + 1}", maps, 1 if k == last else 2)
        return frozen(maps)

    def mask(self, features: ArrayLike, box: ArrayLike, operator: Operator | None = None) -> Floats:
        """How probable the object is at each of (28, 28) places within ``box``, x1, y1, x2, y2 in pixels.

        ``features`` are what :meth:`features` gives. ``operator`` reads the box in place of the one that the network
        was trained with.

        Raises
        ------
        BoxError : for what is no box, for one that lies beside the picture, and for one of less than 8 pixels.
        MapError : for features of other channels.
        """
        return _sigmoid(self._head(self.read(features, box, operator)))

    def read(self, features: ArrayLike, box: ArrayLike, operator: Operator | None = None) -> Floats:
        """What the head sees of a box: its bins (C, 14, 14). Arguments and errors as :meth:`mask`."""
        operator = self.operator if operator is None else as_operator(operator)
        refuse_masked(features, "features", MapError)
        maps = np.asarray(features)
        if maps.ndim != 3 or len(maps) != MAP or maps.dtype.kind != "f" or not maps.size:
            raise MapError("network.features", channels=MAP, shape=maps.shape)
        x1, y1, x2, y2 = as_box(box, 1 / self.stride, np.dtype(np.float64)).tolist()
        height, width = (side * self.stride for side in maps.shape[1:])
        if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
            raise BoxError("box.beside", box=[x1, y1, x2, y2], width=width, height=height)
        if min(x2 - x1, y2 - y1) < LEAST_SIDE:
            raise BoxError("box.too_small", width=x2 - x1, height=y2 - y1, least=LEAST_SIDE)
        batch = maps[None].astype(np.float32, copy=False)
        return extract(batch, [[0, x1, y1, x2, y2]], operator, BINS, 1 / self.stride, SAMPLES)[0]

    def _head(self, bins: Floats) -> Floats:
        """Bins (C, BINS, BINS) to the logits (MASK, MASK)."""
        maps = self._block("head.3", "head.4", self._block("head.0", "head.1", bins))
        maps = np.maximum(enlarged(maps, *self._of("head.6")), 0)
        weight, bias = self._of("head.8")
        return np.asarray(np.tensordot(weight[0, :, 0, 0], maps, 1) + bias[0])

    def _block(self, convolution: str, norm: str, maps: Floats, stride: int = 1) -> Floats:
        """A convolution, a normalisation, a ReLU."""
        convolved = convolve(maps, *self._of(convolution), stride)
        return np.maximum(group_norm(convolved, *self._of(norm), GROUPS), 0)

    def _of(self, layer: str) -> tuple[Floats, Floats]:
        return self.weights[f"{layer}.weight"], self.weights[f"{layer}.bias"]


def layer_shapes(stride: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array of weights, by its name: each layer takes the channels that the one before gives.

    >>> shapes = layer_shapes(8)
    >>> shapes["body.0.weight"], shapes["body.0.bias"], shapes["body.1.bias"], shapes["head.6.weight"]
    ((16, 3, 3, 3), (16,), (16,), (40, 24, 2, 2))
    """
    shapes: dict[str, tuple[int, ...]] = {}
    widths = [3, *WIDTHS[: halvings(stride)], MAP]
    blocks = [(f"body.{3 * k}", f"body.{3 * k + 1}", widths[k], widths[k + 1]) for k in range(len(widths) - 1)]
    blocks += [("head.0", "head.1", MAP, HEAD), ("head.3", "head.4", HEAD, HEAD)]
    for convolution, norm, before, after in blocks:
        shapes |= {f"{convolution}.weight": (after, before, 3, 3), f"{convolution}.bias": (after,)}
        shapes |= {f"{norm}.weight": (after,), f"{norm}.bias": (after,)}
    shapes |= {"head.6.weight": (HEAD, LAST, 2, 2), "head.6.bias": (LAST,)}
    return shapes | {"head.8.weight": (1, LAST, 1, 1), "head.8.bias": (1,)}


def halvings(stride: int) -> int:
    """How many convolutions halve the map: 3 for a stride of 8."""
    return int(stride).bit_length() - 1


def convolve(maps: Floats, weight: Floats, bias: Floats, stride: int = 1) -> Floats:
    """A 3 x 3 convolution of maps (C, H, W) among zeros: (D, ceil(H / stride), ceil(W / stride)).

    ``weight`` (D, C, 3, 3) lies over each cell and its eight neighbours and is not turned round: torch's ``Conv2d``
    with a padding of 1.

    >>> ones = np.ones((1, 1, 3, 3))
    >>> convolve(np.arange(1.0, 10.0).reshape(1, 3, 3), ones, np.array([0.5]))[0].tolist()
    [[12.5, 21.5, 16.5], [27.5, 45.5, 33.5], [24.5, 39.5, 28.5]]
    >>> convolve(np.arange(1.0, 10.0).reshape(1, 3, 3), ones, np.array([0.5]), 2)[0].tolist()
    [[12.5, 16.5], [24.5, 28.5]]
    """
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
    around = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::stride, ::stride]  # (C, H, W, 3, 3)
    rows = around.transpose(1, 0, 3, 4, 2).reshape(around.shape[1], -1, around.shape[2])  # (H, 9 C, W)
    return _by_row(weight.reshape(len(weight), -1), rows).transpose(1, 0, 2) + bias[:, None, None]


def _by_row(weight: Floats, rows: Floats) -> Floats:
    """``weight`` (D, n) times each of ``rows`` (H, n, W): (H, D, W).

    A row at a time, as a product of this size stays on one thread: others have the next core in a class.
    """
    return np.asarray(np.matmul(weight, rows))


def group_norm(maps: Floats, scale: Floats, shift: Floats, groups: int) -> Floats:
    """Maps (C, H, W), so that each of ``groups`` of channels has a mean of 0 and a variance of 1; then scaled, shifted.

    torch's ``GroupNorm``: the variance is divided by the number of cells, and 1e-5 is added to it.

    >>> two_maps, scale, shift = np.array([[[1.0]], [[3.0]]]), np.array([1.0, 2.0]), np.array([0.0, 5.0])
    >>> group_norm(two_maps, scale, shift, 1).ravel().round(3).tolist()
    [-1.0, 7.0]
    """
    grouped = maps.reshape(groups, -1)
    centred = grouped - grouped.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + _EPSILON)
    return np.asarray((centred / spread).reshape(maps.shape) * scale[:, None, None] + shift[:, None, None])


def enlarged(maps: Floats, weight: Floats, bias: Floats) -> Floats:
    """Each cell of maps (C, H, W) becomes 2 x 2 cells, by its own weights: (D, 2 H, 2 W).

    ``weight`` is (C, D, 2, 2): torch's ``ConvTranspose2d`` with a stride of 2.

    >>> enlarged(np.array([[[1.0, 10.0]]]), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([0.5]))[0].tolist()
    [[1.5, 2.5, 10.5, 20.5], [3.5, 4.5, 30.5, 40.5]]
    """
    (channels, height, width), count = maps.shape, weight.shape[1]
    parts = _by_row(weight.reshape(channels, -1).T, maps.transpose(1, 0, 2)).reshape(height, count, 2, 2, width)
    return parts.transpose(1, 0, 2, 4, 3).reshape(count, 2 * height, 2 * width) + bias[:, None, None]


def _sigmoid(logits: Floats) -> Floats:
    """From any number to a probability; of numbers far below 0 it is 0."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits)))
