"""The call of each library for the present scenario, ready to copy: RoI Pooling and RoI Align on this map and box.

Beside each call stands whether it was run, and with which version, or read in the library's source.
"""

from __future__ import annotations

import numpy as np

from roialign_core.operators import Aggregate
from roialign_lab.lesson.maps import MAP_FILE
from roialign_lab.lesson.scenario import Scenario

PLACE = ".12g"  # all digits of a side of a box, in cells or in pixels
MOST_WRITTEN = 1024  # values that are written out in the code; a larger map is loaded from a file
LIBRARIES = ("torchvision", "detectron2", "mmcv", "onnx", "tensorflow", "numpy")
LIBRARY_NAMES = {"onnx": "ONNX Runtime", "tensorflow": "TensorFlow", "numpy": "NumPy"}  # the others are their own


def calls(scenario: Scenario) -> dict[str, str]:
    """Python code by library; each prints its results.

    >>> print(calls(Scenario())["torchvision"].splitlines()[-4])
    print(roi_pool(features, boxes, output_size=(2, 2), spatial_scale=1 / 16))  # run: torchvision 0.29, torch 2.14
    """
    return {library: _CODE[library](scenario) for library in LIBRARIES}


def needs_file(scenario: Scenario) -> bool:
    """Is the map too large to be written out? The code then loads :data:`MAP_FILE`."""
    return scenario.feature_map.size > MOST_WRITTEN


def _values(scenario: Scenario) -> str:
    values = scenario.feature_map
    if needs_file(scenario):
        return f'np.load("{MAP_FILE}")'
    rows = (", ".join(_written(value) for value in row) for row in values)
    return "np.array([\n" + "".join(f"    [{row}],\n" for row in rows) + f'], dtype="{values.dtype}")'


def _written(value: np.floating) -> str:
    number = float(value)
    if not np.isfinite(number):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(number)]
    return str(value).removesuffix(".0") if value == int(value) else str(value)


def _pixels(scenario: Scenario) -> str:
    return ", ".join(f"{side * scenario.stride:{PLACE}}" for side in scenario.box)


def _scale(scenario: Scenario) -> str:
    return "1.0" if scenario.stride == 1 else f"1 / {scenario.stride}"


def _ratio(scenario: Scenario, adaptive: int) -> int:
    return scenario.samples or adaptive


def _torch_input(scenario: Scenario) -> str:
    return (
        f"features = torch.from_numpy({_values(scenario)})[None, None]  # (N, C, H, W)\n"
        f"boxes = torch.tensor([[0, {_pixels(scenario)}]], dtype=features.dtype)"
        "  # image, x1, y1, x2, y2 in pixels\n"
    )


def _torchvision(scenario: Scenario) -> str:
    size, scale = scenario.output_size, _scale(scenario)
    note = "; it has no maximum" if scenario.aggregate is Aggregate.MAX else ""
    return (
        "import numpy as np\nimport torch\nfrom torchvision.ops import roi_align, roi_pool\n\n"
        f"{_torch_input(scenario)}\n"
        f"print(roi_pool(features, boxes, output_size={size}, spatial_scale={scale}))  # {_RUN_TORCH}\n"
        f"print(roi_align(  # {_RUN_TORCH}{note}\n"
        f"    features, boxes, output_size={size}, spatial_scale={scale}, "
        f"sampling_ratio={_ratio(scenario, -1)}, aligned={scenario.aligned}\n"
        "))\n"
    )


def _detectron2(scenario: Scenario) -> str:
    size, scale = scenario.output_size, _scale(scenario)
    return (
        "import numpy as np\nimport torch\nfrom detectron2.layers import ROIAlign\n"
        "from torchvision.ops import RoIPool  # detectron2 takes it from there\n\n"
        f"{_torch_input(scenario)}\n"
        f"print(RoIPool({size}, spatial_scale={scale})(features, boxes))  # {_RUN_TORCH}\n"
        "align = ROIAlign(  # read, not run: it calls torchvision's roi_align, aligned unless told otherwise\n"
        f"    {size}, spatial_scale={scale}, sampling_ratio={_ratio(scenario, 0)}, aligned={scenario.aligned}\n"
        ")\n"
        "print(align(features, boxes))  # the mean\n"
    )


def _mmcv(scenario: Scenario) -> str:
    size, scale = scenario.output_size, _scale(scenario)
    mode = "max" if scenario.aggregate is Aggregate.MAX else "avg"
    return (
        "import numpy as np\nimport torch\nfrom mmcv.ops import PrRoIPool, RoIAlign, RoIPool\n\n"
        f"{_torch_input(scenario)}\n"
        "align = RoIAlign(  # read, not run\n"
        f"    {size}, spatial_scale={scale}, sampling_ratio={_ratio(scenario, 0)}, "
        f'pool_mode="{mode}", aligned={scenario.aligned}\n'
        ")\n"
        "print(align(features, boxes))\n\n"
        "# These two have no kernel for the CPU: here CUDA, PrRoIPool's for float32 alone. Both read, not run.\n"
        "features, boxes = features.float().cuda(), boxes.float().cuda()\n"
        f"print(RoIPool({size}, spatial_scale={scale})(features, boxes))  # not rounded, the last pixel counts\n"
        f"print(PrRoIPool({size}, spatial_scale={scale})(features, boxes))\n"
    )


def _onnx(scenario: Scenario) -> str:
    rows, columns = scenario.output_size
    origin = "half_pixel" if scenario.aligned else "output_half_pixel"
    return (
        "import numpy as np\nimport onnxruntime\nfrom onnx import TensorProto, helper\n\n"
        f"features = {_values(scenario)}.astype(np.float32)[None, None]\n"
        f"boxes = np.array([[{_pixels(scenario)}]], np.float32)  # x1, y1, x2, y2 in pixels\n\n"
        'names = [("features", TensorProto.FLOAT), ("boxes", TensorProto.FLOAT), ("index", TensorProto.INT64)]\n'
        "node = helper.make_node(\n"
        '    "RoiAlign", [name for name, _ in names], ["output"], mode="avg",  # "max" is not a maximum of samples\n'
        f"    output_height={rows}, output_width={columns}, sampling_ratio={scenario.samples}, "
        f'spatial_scale={_scale(scenario)},\n    coordinate_transformation_mode="{origin}",\n)\n'
        "inputs = [helper.make_tensor_value_info(name, kind, None) for name, kind in names]\n"
        'output = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)\n'
        'graph = helper.make_graph([node], "lesson", inputs, [output])\n'
        'model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)\n'
        "session = onnxruntime.InferenceSession(model.SerializeToString())\n"
        'result = session.run(None, {"features": features, "boxes": boxes, "index": np.zeros(1, np.int64)})[0]\n'
        "print(result)  # run: ONNX Runtime 1.32\n"
    )


def _tensorflow(scenario: Scenario) -> str:
    rows, columns = scenario.feature_map.shape
    x1, y1, x2, y2 = (f"{side:{PLACE}}" for side in scenario.box)
    down, across = max(rows - 1, 1), max(columns - 1, 1)
    return (
        "import numpy as np\nimport tensorflow as tf\n\n"
        f"image = {_values(scenario)}.astype(np.float32)[None, :, :, None]  # (N, H, W, C)\n"
        "# Not RoI Align: one point a bin, the outermost on the sides. y first; 0 is the centre of the first cell,\n"
        "# 1 that of the last, so cells are divided by H - 1 and W - 1. No half cell is taken off: to read where the\n"
        "# box was drawn, take 0.5 off each side. Beyond the outermost centres a point reads extrapolation_value, 0.\n"
        f"boxes = [[{y1} / {down}, {x1} / {across}, {y2} / {down}, {x2} / {across}]]\n\n"
        f"crop = tf.image.crop_and_resize(image, boxes, box_indices=[0], crop_size={scenario.output_size})\n"
        "print(crop[0, :, :, 0].numpy())  # read, not run\n"
    )


def _numpy(scenario: Scenario) -> str:
    size, scale = scenario.output_size, _scale(scenario)
    mode = "max" if scenario.aggregate is Aggregate.MAX else "avg"
    return (
        "import numpy as np\nfrom roialign_core import roi_align, roi_pool\n\n"
        f"features = {_values(scenario)}[None, None]  # (N, C, H, W)\n"
        f"boxes = [[0, {_pixels(scenario)}]]  # image, x1, y1, x2, y2 in pixels\n\n"
        f"pooled = roi_pool(features, boxes, {size}, {scale})\n"
        f"aligned = roi_align(features, boxes, {size}, {scale}, {_ratio(scenario, -1)}, {scenario.aligned}, "
        f'mode="{mode}", exact=True)\n'
        'print(pooled, aligned, sep="\\n")  # run: NumPy, the numbers of this page\n'
    )


_RUN_TORCH = "run: torchvision 0.29, torch 2.14"
_CODE = {
    "torchvision": _torchvision,
    "detectron2": _detectron2,
    "mmcv": _mmcv,
    "onnx": _onnx,
    "tensorflow": _tensorflow,
    "numpy": _numpy,
}
