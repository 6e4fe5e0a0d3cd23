"""A live second opinion: ONNX Runtime's own kernels on the same input."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from roialign_core import roi_align, roi_pool


def run(node: onnx.NodeProto, inputs: dict[str, np.ndarray], opset: int) -> np.ndarray:
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, kinds[value.dtype], value.shape) for name, value in inputs.items()],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
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
