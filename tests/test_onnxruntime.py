"""A live second opinion: ONNX Runtime's own kernels on the same input."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from roialign_core import crop_and_resize, roi_align, roi_pool


def run(node: onnx.NodeProto, inputs: dict[str, np.ndarray], opset: int) -> np.ndarray:
    kinds = {
        np.dtype(np.float32): TensorProto.FLOAT,
        np.dtype(np.int64): TensorProto.INT64,
        np.dtype(np.int32): TensorProto.INT32,
    }
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, kinds[value.dtype], value.shape) for name, value in inputs.items()],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def scene(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((2, 3, 13, 17)).astype(np.float32)
    x, y = np.sort(rng.uniform(-6, 40, (24, 2))), np.sort(rng.uniform(-6, 32, (24, 2)))
    index = rng.integers(0, 2, 24)
    return features, np.column_stack([index, x[:, 0], y[:, 0], x[:, 1], y[:, 1]]).astype(np.float32)


@pytest.mark.parametrize("ratio", [0, 1, 2, 3])
@pytest.mark.parametrize(("mode", "aligned"), [("half_pixel", True), ("output_half_pixel", False)])
def test_roi_align_average(mode, aligned, ratio):
    features, boxes = scene(11)
    node = helper.make_node(
        "RoiAlign",
        ["features", "boxes", "index"],
        ["out"],
        mode="avg",
        output_height=3,
        output_width=4,
        sampling_ratio=ratio,
        spatial_scale=0.5,
        coordinate_transformation_mode=mode,
    )
    theirs = run(node, {"features": features, "boxes": boxes[:, 1:].copy(), "index": boxes[:, 0].astype(np.int64)}, 16)
    ours = roi_align(features, boxes, (3, 4), 0.5, ratio, aligned)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_max_roi_pool():
    features, boxes = scene(12)
    boxes[:, 1:] = np.clip(boxes[:, 1:], 0, None)  # ONNX Runtime rounds halves away from zero only above zero
    node = helper.make_node("MaxRoiPool", ["features", "boxes"], ["out"], pooled_shape=[3, 4], spatial_scale=0.5)
    theirs = run(node, {"features": features, "boxes": boxes}, 16)
    np.testing.assert_array_equal(roi_pool(features, boxes, (3, 4), 0.5), theirs)


def crops(features: np.ndarray, boxes: np.ndarray, size: tuple[int, int], fill: float) -> np.ndarray:
    node = helper.make_node(
        "CropAndResize", ["X", "rois", "index", "size"], ["out"], domain="com.microsoft", extrapolation_value=fill
    )
    inputs = {"X": features, "rois": boxes[:, 1:].copy(), "index": boxes[:, 0].astype(np.int32)}
    return run(node, inputs | {"size": np.array(size, np.int32)}, 16)


@pytest.mark.parametrize("cells", [1, 2, 3, 8, 17, 33])
def test_crop_and_resize_bit_for_bit(cells):
    """Boxes in hundredths that end on a border, from either side, and boxes anywhere."""
    rng = np.random.default_rng(cells)
    features = rng.standard_normal((2, 3, cells, 5)).astype(np.float32)
    at = np.arange(100) / 100
    sides = [np.stack(pair, axis=1) for end in (0 * at, 0 * at + 1) for pair in ((at, end), (end, at))]
    down = np.concatenate([*sides, rng.uniform(-0.5, 1.5, (100, 2)).round(2)])
    boxes = np.stack([np.arange(500) % 2, down[:, 0], 0 * down[:, 0], down[:, 1], 0 * down[:, 0] + 1], axis=1)
    boxes = boxes.astype(np.float32)
    for rows in (1, 2, 3, 7, 14):
        ours = crop_and_resize(features, boxes, (rows, 3), -7.0)
        assert ours.tobytes() == crops(features, boxes, (rows, 3), -7.0).tobytes(), rows


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_crop_and_resize_of_boxes_that_are_not_finite(rows):
    features = np.array([[[[1.1, 2.2], [3.3, 4.4]]]], np.float32)
    values = (0.0, 1.0, 0.5, np.nan, np.inf, -np.inf)
    boxes = np.array([[0, a, 0, b, c] for a in values for b in values for c in values], np.float32)
    assert crop_and_resize(features, boxes, rows, 5.5).tobytes() == crops(features, boxes, (rows, rows), 5.5).tobytes()
