"""What the libraries themselves answer to the input that is shown: recorded answers, or a call made now.

torchvision's answers are recorded for a few inputs (``roialign_lab.lesson.recorded``); ONNX Runtime is called wherever
it is installed, which is the choice of who installs the lab. A library that is neither recorded nor installed has no
answer, and the page says so.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from roialign_core.geometry import Floats, normalised
from roialign_core.operators import (
    CROP_AND_RESIZE,
    PRECISE_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_MAX,
    ROI_ALIGN_ONNX_MAX,
    ROI_POOL,
    ROI_POOL_MMCV,
    ROI_WARP,
    Operator,
)
from roialign_lab.lesson.recorded import recorded, recorded_maps
from roialign_lab.lesson.scenario import Scenario

TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-6}
"""How far two answers may lie apart, relative to the larger of 1 and the answer, and still be called equal."""
ONNX_OPSET, ONNX_IR = 16, 8
OWN_DOMAIN, OWN_OPERATORS = "com.microsoft", ("CropAndResize",)
"""Operators that ONNX Runtime has and the standard does not."""
ERRORS = 3  # of ONNX Runtime's levels


@dataclass(frozen=True)
class Answer:
    """What a library gave: its output (ph, pw) and where the answer is from, such as ``ONNX Runtime 1.22``."""

    output: Floats
    source: str
    recorded: bool = False


@dataclass(frozen=True)
class Convention:
    """One library's call: the operator that computes it here, and how to ask the library itself."""

    key: str
    operator: Operator
    ask: Callable[[Scenario], Answer | None] = lambda _scenario: None


@dataclass(frozen=True)
class Verdict:
    """This project's output (ph, pw) beside the library's own, where there is one."""

    convention: Convention
    output: Floats
    answer: Answer | None

    @property
    def furthest(self) -> float:
        """The largest difference of the two; NaN where there is no answer."""
        if self.answer is None:
            return float("nan")
        return float(np.max(np.abs(self.output.astype(np.float64) - self.answer.output), initial=0.0))

    @property
    def state(self) -> str:
        """``bits`` where every bit is the same, ``close`` within :data:`TOLERANCE`, ``differs``, or ``unasked``."""
        if self.answer is None:
            return "unasked"
        theirs = self.answer.output
        if self.output.dtype == theirs.dtype and self.output.tobytes() == theirs.tobytes():
            return "bits"
        scale = np.maximum(np.abs(theirs.astype(np.float64)), 1.0)
        apart = np.abs(self.output.astype(np.float64) - theirs) / scale
        return "close" if bool((apart <= TOLERANCE[theirs.dtype]).all()) else "differs"


def verdicts(scenario: Scenario) -> Iterator[Verdict]:
    """Every convention on the map, box, output size and samples of a scenario, computed one after the other."""
    for convention in CONVENTIONS:
        answer = convention.ask(scenario)
        output = scenario.trace(convention.operator).output
        if answer is not None and answer.output.dtype != output.dtype:  # a kernel that has no float64
            output = scenario.trace(convention.operator, answer.output.dtype).output
        yield Verdict(convention, output, answer)


# ---- torchvision --------------------------------------------------------------------------------------------------


def _torchvision(call: str) -> Callable[[Scenario], Answer | None]:
    """Ask torchvision for ``roi_pool``, or for ``roi_align`` with ``aligned`` or ``legacy``."""

    def ask(scenario: Scenario) -> Answer | None:
        return _recorded_answer(scenario, call) if scenario.map in recorded_maps() else None

    return ask


def _recorded_answer(scenario: Scenario, call: str) -> Answer | None:
    answers, name = recorded(), scenario.map
    size = answers[f"{name}/roi_pool"].shape[-2:]
    if scenario.stride != answers[f"{name}/stride"] or scenario.output_size != size:
        return None
    key = f"{name}/{call}" if call == "roi_pool" else f"{name}/{call},{scenario.samples}"
    pixels = np.array(scenario.box) * scenario.stride
    same = np.flatnonzero((answers[f"{name}/boxes"] == pixels).all(axis=1))
    if key not in answers or not len(same):
        return None
    return Answer(answers[key][same[0]], "torchvision 0.29", recorded=True)


# ---- ONNX Runtime -------------------------------------------------------------------------------------------------


def _onnx_pool(scenario: Scenario) -> Answer | None:
    features = scenario.feature_map.astype(np.float32)[None, None]  # the kernel has no float64
    boxes = np.array([[0.0, *(side * scenario.stride for side in scenario.box)]], np.float32)
    attributes = (("pooled_shape", scenario.output_size), ("spatial_scale", 1 / scenario.stride))
    return _onnx_answer("MaxRoiPool", {"features": features, "boxes": boxes}, attributes)


def _onnx_align(mode: str, origin: str) -> Callable[[Scenario], Answer | None]:
    def ask(scenario: Scenario) -> Answer | None:
        features = scenario.feature_map[None, None]
        boxes = np.array([[side * scenario.stride for side in scenario.box]], features.dtype)
        rows, columns = scenario.output_size
        attributes = (
            ("mode", mode),
            ("coordinate_transformation_mode", origin),
            ("output_height", rows),
            ("output_width", columns),
            ("sampling_ratio", scenario.samples),
            ("spatial_scale", 1 / scenario.stride),
        )
        inputs = {"features": features, "boxes": boxes, "index": np.zeros(1, np.int64)}
        return _onnx_answer("RoiAlign", inputs, attributes)

    return ask


def _onnx_crop(scenario: Scenario) -> Answer | None:
    """ONNX Runtime's own ``CropAndResize``, which is TensorFlow's kernel: the box normalised as TensorFlow takes it."""
    features = scenario.feature_map.astype(np.float32)[None, None]  # the kernel has no float64
    x1, y1, x2, y2 = np.array(scenario.box, np.float32)[:, None]
    rows, columns = scenario.feature_map.shape
    (top, bottom), (left, right) = normalised(y1, y2, rows), normalised(x1, x2, columns)
    inputs = {
        "features": features,
        "boxes": np.concatenate([top, left, bottom, right])[None],
        "index": np.zeros(1, np.int32),
        "size": np.array(scenario.output_size, np.int32),
    }
    return _onnx_answer("CropAndResize", inputs, (("mode", "bilinear"),))


def missing_packages() -> tuple[str, ...]:
    """Those of ``onnx`` and ``onnxruntime`` that cannot be imported here; none where ONNX Runtime can answer.

    Everything here that imports ONNX Runtime calls this first: version 1.32 looks up a host and keeps an id of the
    device in the cache folder, unless the variable is set before the import.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    missing = []
    for name in ("onnx", "onnxruntime"):
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return tuple(missing)


def _onnx_answer(kind: str, inputs: dict[str, np.ndarray], attributes: tuple[tuple[str, Any], ...]) -> Answer | None:
    if missing_packages():
        return None
    import onnxruntime

    shapes = tuple((name, value.shape, value.dtype.name) for name, value in inputs.items())
    session = _onnx_session(kind, shapes, attributes)
    output = session.run(None, inputs)[0]
    return Answer(output[0, 0], f"ONNX Runtime {onnxruntime.__version__}")


@lru_cache(64)
def _onnx_session(
    kind: str, shapes: tuple[tuple[str, tuple[int, ...], str], ...], attributes: tuple[tuple[str, Any], ...]
) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    kinds = {
        "float32": TensorProto.FLOAT,
        "float64": TensorProto.DOUBLE,
        "int64": TensorProto.INT64,
        "int32": TensorProto.INT32,
    }
    inputs = [helper.make_tensor_value_info(name, kinds[dtype], shape) for name, shape, dtype in shapes]
    output = helper.make_tensor_value_info("output", kinds[shapes[0][2]], None)
    values: dict[str, Any] = {n: list(value) if isinstance(value, tuple) else value for n, value in attributes}
    own = kind in OWN_OPERATORS
    node = helper.make_node(kind, [name for name, *_ in shapes], ["output"], domain=OWN_DOMAIN if own else "", **values)
    opsets = [helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid(OWN_DOMAIN, 1)]
    model = helper.make_model(
        helper.make_graph([node], kind, inputs, [output]), opset_imports=opsets, ir_version=ONNX_IR
    )
    onnxruntime.set_default_logger_severity(ERRORS)  # it warns of its mode="max" at every session
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


CONVENTIONS = (
    Convention("torchvision_pool", ROI_POOL, _torchvision("roi_pool")),
    Convention("onnx_pool", ROI_POOL, _onnx_pool),
    Convention("torchvision_align", ROI_ALIGN_LEGACY, _torchvision("roi_align,legacy")),
    Convention("torchvision_aligned", ROI_ALIGN, _torchvision("roi_align,aligned")),
    Convention("onnx_half_pixel", ROI_ALIGN, _onnx_align("avg", "half_pixel")),
    Convention("onnx_legacy", ROI_ALIGN_LEGACY, _onnx_align("avg", "output_half_pixel")),
    Convention("onnx_max", ROI_ALIGN_ONNX_MAX, _onnx_align("max", "half_pixel")),
    Convention("mmcv_max", ROI_ALIGN_MAX),
    Convention("mmcv_pool", ROI_POOL_MMCV),
    Convention("mmcv_precise", PRECISE_ROI_POOL),
    Convention("mnc_warp", ROI_WARP),
    Convention("tensorflow", CROP_AND_RESIZE, _onnx_crop),
)
