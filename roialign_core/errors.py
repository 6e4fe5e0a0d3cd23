"""Errors of the core: an English sentence, and a code with the values for user interfaces in other languages."""

from __future__ import annotations

from typing import Any, ClassVar


class RoIError(ValueError):
    """Invalid input; the base class of the others.

    ``code`` names the rule that was broken and ``values`` holds the numbers and names in the message, so that a user
    interface can write it in another language; ``str(error)`` is the English message.

    >>> RoIError("box.reversed_x", x1=5.0, x2=3.0).values
    {'x1': 5.0, 'x2': 3.0}
    """

    sentences: ClassVar[dict[str, str]] = {
        "box.shape": "a box is four numbers x1, y1, x2, y2 (got {box})",
        "box.turned_shape": "a rotated box is five numbers: centre x, centre y, width, height, degrees (got {box})",
        "box.turned_size": "a rotated box has no negative side (got width={width}, height={height})",
        "box.not_finite": "every side of a box must be a finite number (got {box})",
        "box.dtype": "the box {box} overflows {dtype}, the dtype of the map: use float64, or smaller numbers",
        "box.reversed_x": "x2 must not be less than x1 (got x1={x1}, x2={x2}): swap the two",
        "box.reversed_y": "y2 must not be less than y1 (got y1={y1}, y2={y2}): swap the two",
        "box.too_large": "a box side at {side} cells is beyond ±{limit}: "
        "boxes are in image pixels, and spatial_scale is 1 / stride",
        "box.beside": "the box lies beside the picture of {width} x {height} pixels (got {box}): bring it back",
        "box.too_small": "a box needs {least} pixels on each side for a mask (got {width} x {height}): make it larger",
        "map.rank": "a feature map has rows and columns (got an array of shape {shape})",
        "map.empty": "a feature map has at least one row and one column (got shape {shape})",
        "map.dtype": "a feature map holds real numbers (got dtype {dtype})",
        "masked": "masked numbers in {name}: fill the mask first, such as {name}.filled(np.nan)",
        "output_size": "output_size is a positive whole number or a pair, rows then columns (got {output_size})",
        "spatial_scale": "spatial_scale is a finite number above 0, usually 1 / stride, in float32 too "
        "(got {spatial_scale})",
        "spatial_scales": "spatial_scale is a finite number above 0, usually 1 / stride, in float32 too, or a pair, "
        "rows then columns (got {spatial_scales})",
        "spatial_scale.turned": "a rotated box has one spatial_scale for both axes (got {spatial_scale})",
        "sampling_ratio": "sampling_ratio is a whole number or a pair, rows then columns; 0 or less means adaptive "
        "(got {sampling_ratio})",
        "samples.too_many": "{samples} sample points are more than the limit of {limit} a box: "
        "use a smaller box, fewer bins or a smaller fixed sampling_ratio",
        "point.not_finite": "a point needs two finite coordinates (got y={y}, x={x})",
        "operator.kind": "an operator is an Operator, such as ROI_ALIGN or one of OPERATORS (got {value})",
        "operator.choice": "{field} is one of {choices} (got {value})",
        "operator.together": "{field}={value} cannot be combined with {other}={other_value}",
        "operator.number": "{field} is a finite number, in float32 too, and a size is not below 0 (got {value})",
        "operator.split": "split is one rule or a pair, rows then columns (got {value})",
        "features.rank": "features have the shape (N, C, H, W) (got {shape})",
        "features.empty": "features need at least one row and one column (got shape {shape})",
        "features.dtype": "features are float16, float32 or float64 (got dtype {dtype})",
        "features.groups": "position-sensitive features need a channel a bin: a multiple of {bins} (got {channels})",
        "boxes.shape": "boxes are (K, 5) with the batch index first, or a list of N arrays (L, 4) (got {shape})",
        "boxes.turned_shape": "rotated boxes are (K, 6) with the batch index first, or N arrays (L, 5) (got {shape})",
        "boxes.sides": "boxes are (K, 4), x1, y1, x2, y2 (got {shape})",
        "boxes.turned_sides": "rotated boxes are (K, 5), centre x, centre y, width, height, degrees (got {shape})",
        "levels": "levels are whole numbers, lowest <= highest, and the canonical size is above 0 "
        "(got {lowest} to {highest}, size {size} at level {level})",
        "pyramid.empty": "a pyramid has the features of at least one level (got none)",
        "pyramid.channels": "all levels of a pyramid have the same images and channels (got shapes {shapes})",
        "pyramid.gap": "each level of a pyramid is half as large as the one before, the finest first "
        "(got {rows} rows for images of {height} pixels)",
        "image_shapes": "image_shapes are (height, width) of each image, in pixels (got {shapes})",
        "boxes.count": "a list of boxes has an array for each image (got {arrays} arrays for {images} images)",
        "boxes.batch_index": "a batch index is a whole number from 0 to {last} (got {index})",
        "features.shape": "features_shape is (N, C, H, W), H and W at least 1, at most 2**40 in all (got {shape})",
        "grad.dtype": "the gradient is float16, float32 or float64 (got dtype {dtype})",
        "grad.rank": "the gradient has the shape of the output, (K, C, rows, columns) (got {shape})",
        "grad.shape": "the gradient has the shape of the output, {expected} (got {shape})",
        "grad.box": "{name} has no gradient with respect to its box: only Precise RoI Pooling has",
        "grad.turned": "finite differences of {name} are not supported: its box is rotated",
        "grad.cell": "an output cell is (row, column) of {rows} x {columns} (got {cell})",
        "trace.matrices": "{name} is not separable into two matrices: it takes maxima, or its box is rotated",
        "photo.shape": "a photo has the shape (H, W, 3) and at least 32 pixels on each side (got {shape})",
        "photo.numbers": "a photo holds numbers from 0 to 1 (got {least} to {most}): divide bytes by 255",
        "network.file": "no weights can be read from {path}: {reason}",
        "network.unknown": "no network {name}, operator and stride, has its weights in the file; it holds {names}",
        "network.weights": "the weights {name} have the shape {expected} (got {shape}): they are of another network",
        "network.features": "the network reads features of the shape ({channels}, H, W) (got {shape}): "
        "compute them with its features()",
        "flag": "{name} is True or False (got {value}): write one of them, and other options by their names",
        "extrapolation_value": "extrapolation_value is a finite number, in float32 too (got {value})",
        "mode": "mode is 'avg' or 'max' (got {mode})",
        "experiment": "an experiment needs bins, objects, strides, and sizes of at least 8 pixels "
        "(got resolution={resolution}, objects={objects}, strides={strides}, sizes={sizes})",
        "example.unknown": "unknown example {name}; the examples are {names}",
    }

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(self.sentences[code].format(**values))

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors can be copied, and sent to another process."""
        return _rebuild, (type(self), self.code, self.values)


def _rebuild(kind: type[RoIError], code: str, values: dict[str, object]) -> RoIError:
    return kind(code, **values)


class BoxError(RoIError):
    """An invalid box, or an invalid list of boxes."""


class MapError(RoIError):
    """An invalid feature map, or an invalid batch of feature maps or gradients."""


class OptionError(RoIError):
    """An invalid option of an operator or a call."""
