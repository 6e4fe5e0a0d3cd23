"""How fast the calls on many boxes are beside the C++ kernels that they explain, per core.

    python benchmarks/kernels.py

RoI Align and RoI Pooling on the same maps and boxes, float32, in this process and in turn: this project, ONNX Runtime
(RoiAlign, MaxRoiPool) and torchvision where it is installed, each on one thread; and ONNX Runtime on two threads beside
them, as libraries run by default. All take and return channels first, so conversions count. Boxes are as a detector
proposes them at stride 16: anchors of 32 to 512 pixels a side and 1:2 to 2:1, clipped to the image; and, larger,
between any two corners, a third of the map on each side.

In each round every library rests, so that threads which still spin for work after the previous one are idle, and is
then called some times in a row. Times are p50 and p95 of the calls in a row (all but the first after the rest, whose
p50 is printed as "after a rest", with cold caches). A ratio is taken round by round, of calls that ran side by side:
its p50, and p5 to p95, over the rounds are printed: load on the machine, which slows all of them, cancels out.

The share of the machine's limit is the arithmetic of the two matrix products over the rate of a large product, measured
in the same run. Every operator with a name is measured beside its trace of one box and one channel, times boxes and
channels. Peak memory is what `tracemalloc` saw beyond the input, over output and input.
"""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1"))
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when it is imported: it would look up another host
for tuning in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(tuning, None)  # NumPy's BLAS reads all of these once, when it is imported

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from roialign_core import OPERATORS, extract, roi_align, roi_pool, trace  # noqa: E402

ROUNDS = 15
FEWER_ROUNDS = 5  # on the curves
REST = 0.05  # seconds before each turn: threads that spin for work after the previous one are idle again
IN_A_ROW = 6  # calls a turn, besides the first
SCALE, RATIO, PARTS = 1 / 16, 2, 7
MAIN = (256, 50, 68, 512)  # channels, rows, columns, boxes
BOXES = (1, 8, 64, 512, 2048, 8192)
CHANNELS = (1, 16, 256, 1024)
SIDES = (16, 50, 128, 256)
MEASURED = (8, 64, MAIN[3])  # boxes, for the memory
LARGE_MAP, FEW_BOXES = (256, 200, 272), (8, 64, 512)  # as at stride 4, where a pyramid reads small boxes
ANCHORS, CORNERS = "anchors", "corners"
FEWER_CHANNELS = 64  # for the longest lists of boxes: an output of 8,192 boxes has to fit
OURS, ONNX, ONNX_TWO, TORCHVISION = "ours", "ONNX", "ONNX on 2 threads", "torchvision"
TARGETS = {"align": {ONNX: 3.5, TORCHVISION: 4.5}, "pool": {ONNX: 2.5, TORCHVISION: 2.0}}
"""How many times slower the others are at least, per core, on the main map and anchors."""

Call = Callable[[], Any]


def inputs(channels: int, rows: int, columns: int, boxes: int, kind: str = ANCHORS) -> tuple[np.ndarray, np.ndarray]:
    """A map (1, C, H, W) and boxes (K, 5) of a ``kind``, all float32."""
    rng = np.random.default_rng(1)
    features = rng.standard_normal((1, channels, rows, columns), dtype=np.float32)
    ends = np.array([columns, rows]) / SCALE
    if kind == CORNERS:
        low, high = np.sort(rng.uniform(0, ends, (2, boxes, 2)), axis=0)
    else:
        side = np.exp(rng.uniform(np.log(32), np.log(512), (boxes, 1)))
        shape = 2 ** rng.uniform(-0.5, 0.5, (boxes, 1))
        half, middle = side * np.hstack([shape, 1 / shape]) / 2, rng.uniform(0, ends, (boxes, 2))
        low, high = np.clip(middle - half, 0, ends), np.clip(middle + half, 0, ends)
    return features, np.hstack([np.zeros((boxes, 1)), low, high]).astype(np.float32)


# ---- the libraries ------------------------------------------------------------------------------------------------


def ours(features: np.ndarray, table: np.ndarray) -> dict[str, Call]:
    """This project's two calls."""
    return {
        "align": partial(roi_align, features, table, PARTS, SCALE, RATIO, True),
        "pool": partial(roi_pool, features, table, PARTS, SCALE),
    }


def onnx_calls(features: np.ndarray, table: np.ndarray, threads: int) -> dict[str, Call]:
    """ONNX Runtime's two kernels."""
    index = table[:, 0].astype(np.int64)
    align = _session(
        "RoiAlign",
        {"features": features, "boxes": table[:, 1:].copy(), "index": index},
        threads,
        mode="avg",
        output_height=PARTS,
        output_width=PARTS,
        sampling_ratio=RATIO,
        spatial_scale=SCALE,
        coordinate_transformation_mode="half_pixel",
    )
    pool = _session(
        "MaxRoiPool", {"features": features, "boxes": table}, threads, pooled_shape=[PARTS, PARTS], spatial_scale=SCALE
    )
    return {"align": align, "pool": pool}


def _session(kind: str, feeds: dict[str, np.ndarray], threads: int, **attributes: Any) -> Call:
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    takes = [helper.make_tensor_value_info(name, kinds[value.dtype], value.shape) for name, value in feeds.items()]
    gives = [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)]
    graph = helper.make_graph([helper.make_node(kind, list(feeds), ["output"], **attributes)], kind, takes, gives)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feeds)[0]


def torchvision_calls(features: np.ndarray, table: np.ndarray) -> dict[str, Call]:
    """torchvision's two kernels on one thread; none where it is not installed."""
    try:
        import torch
        from torchvision import ops  # type: ignore[import-not-found]
    except (ImportError, RuntimeError):
        return {}
    torch.set_num_threads(1)
    maps, boxes = torch.from_numpy(features), torch.from_numpy(table)
    return {
        "align": lambda: ops.roi_align(maps, boxes, PARTS, SCALE, RATIO, True).numpy(),
        "pool": lambda: ops.roi_pool(maps, boxes, PARTS, SCALE).numpy(),
    }


# ---- measuring ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Milliseconds of the calls of one library (rounds, 1 + IN_A_ROW)."""

    calls: np.ndarray

    def p(self, percent: float, *, rested: bool = False) -> float:
        """A percentile of the calls in a row, or of those after a rest."""
        return float(np.percentile(self.calls[:, :1] if rested else self.calls[:, 1:], percent))


def in_turn(calls: dict[str, Call], rounds: int) -> dict[str, Times]:
    """The times of each call, all of them in turn in each round, after a round to warm up."""
    times: dict[str, list[list[float]]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            time.sleep(REST)
            turn = []
            for _ in range(1 + IN_A_ROW):
                start = time.perf_counter()
                call()
                turn.append((time.perf_counter() - start) * 1000)
            times[name].append(turn)
    return {name: Times(np.array(each[1:])) for name, each in times.items()}


def line(name: str, times: dict[str, Times]) -> str:
    """Times of this project and of the others, with the ratios to them, in a row and after a rest."""
    parts = [f"{name}\n    {OURS:18}{summary(times[OURS])}"]
    for other in times:
        if other != OURS:
            low, middle, high = np.percentile(ratios(times, other), [5, 50, 95])
            rested = np.median(ratios(times, other, rested=True))
            slower = f"{middle:5.2f} × ({low:.2f} to {high:.2f}), after a rest {rested:5.2f} ×"
            parts.append(f"    {other:18}{summary(times[other])}   {slower}")
    return "\n".join(parts)


def summary(times: Times) -> str:
    """p50 and p95 of the calls in a row, p50 after a rest."""
    return f"{times.p(50):8.2f} / {times.p(95):7.2f} ms   after a rest {times.p(50, rested=True):8.2f} ms"


def ratios(times: dict[str, Times], other: str, *, rested: bool = False) -> np.ndarray:
    """How many times slower ``other`` is, in each round (rounds,)."""
    calls = slice(None, 1) if rested else slice(1, None)
    return np.median(times[other].calls[:, calls], axis=1) / np.median(times[OURS].calls[:, calls], axis=1)


def compare(shape: tuple[int, int, int, int], rounds: int, kind: str = ANCHORS) -> dict[str, dict[str, Times]]:
    """Both operators on maps and boxes of one shape, every library in turn; prints each."""
    arrays = inputs(*shape, kind)
    libraries = {
        OURS: ours(*arrays),
        ONNX: onnx_calls(*arrays, threads=1),
        ONNX_TWO: onnx_calls(*arrays, threads=2),
        TORCHVISION: torchvision_calls(*arrays),
    }
    found = {}
    for operator in ("align", "pool"):
        calls = {name: library[operator] for name, library in libraries.items() if operator in library}
        outputs = {name: call() for name, call in calls.items()}
        for name, output in outputs.items():  # no library is fast because it computes something else
            np.testing.assert_allclose(output, outputs[OURS], rtol=1e-4, atol=1e-4, err_msg=name)
        found[operator] = in_turn(calls, rounds)
        channels, rows, columns, boxes = shape
        print(line(f"roi_{operator} {channels}×{rows}×{columns}, {boxes} {kind}", found[operator]), flush=True)
    return found


def memory(operator: str, boxes: int) -> float:
    """Peak of `roi_align` or `roi_pool` over output and input together, on the main map."""
    features, table = inputs(*MAIN[:3], boxes)
    call = ours(features, table)[operator]
    output = call()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak + features.nbytes) / (output.nbytes + features.nbytes)


def every_operator() -> None:
    """Each named operator on the main map and boxes in one call, beside its trace of one box and one channel."""
    features, table = inputs(*MAIN)
    for key, operator in OPERATORS.items():
        if operator.frame == "sides" and operator.channels == "own":
            times = in_turn(
                {
                    "call": partial(extract, features, table, operator, PARTS, SCALE, RATIO),
                    "trace": partial(trace, features[0, 0], table[0, 1:], operator, PARTS, SCALE, RATIO),
                },
                FEWER_ROUNDS,
            )
            call, traces = times["call"], times["trace"].p(50) * MAIN[0] * MAIN[3]
            print(f"{key:22}{call.p(50):9.1f}/{call.p(95):8.1f} ms   {traces / call.p(50):8.0f} × its traces")
    print()


def product_rate() -> float:
    """Arithmetic a second of a large matrix product, in GFLOP/s."""
    a, b = (np.random.default_rng(k).standard_normal((1536, 1536), dtype=np.float32) for k in (1, 2))
    times = in_turn({"product": lambda: a @ b}, ROUNDS)["product"]
    return 2 * 1536**3 / times.p(50) / 1e6


def arithmetic(shape: tuple[int, int, int, int]) -> float:
    """GFLOP of the two products on the windows of all boxes."""
    channels, rows, columns, boxes = shape
    table = inputs(1, rows, columns, boxes)[1]
    wide = np.minimum((table[:, 3] - table[:, 1]) * SCALE + 2, columns)
    tall = np.minimum((table[:, 4] - table[:, 2]) * SCALE + 2, rows)
    return float(2 * channels * (wide * tall * PARTS + tall * PARTS * PARTS).sum() / 1e9)


def main() -> None:
    """Measure and print."""
    print(f"{os.cpu_count()} cores, {sys.platform}, NumPy {np.__version__}, ONNX Runtime {onnxruntime.__version__}")
    print("p50 / p95 in a row; × is how many times slower than this project, per core where nothing else is written\n")
    found = compare(MAIN, ROUNDS)
    compare(MAIN, ROUNDS, CORNERS)
    rate, work = product_rate(), arithmetic(MAIN)
    p50 = found["align"][OURS].p(50)
    print(f"\nmatrix product: {rate:.0f} GFLOP/s; roi_align: {work:.2f} GFLOP, {work / p50 * 1e3:.0f} GFLOP/s, "
          f"{100 * work / p50 * 1e3 / rate:.0f} % of that")  # fmt: skip
    used = {operator: [memory(operator, n) for n in MEASURED] for operator in found}
    for operator, peaks in used.items():
        listed = ", ".join(f"{peak:.2f} ({n})" for n, peak in zip(MEASURED, peaks, strict=True))
        print(f"roi_{operator}, peak memory over input and output (boxes): {listed}")
    for operator, targets in TARGETS.items():
        for other in targets.keys() & found[operator].keys():
            slower = float(np.median(ratios(found[operator], other)))
            verdict = "holds" if slower >= targets[other] else "MISSED"
            print(f"roi_{operator}, per core: at least {targets[other]} × {other:12}{slower:6.2f} ×  {verdict}")
    for operator, peaks in used.items():
        verdict = "holds" if max(peaks) <= 1.5 else "MISSED"
        print(f"roi_{operator}: peak memory at most 1.5 × input and output{max(peaks):8.2f} ×  {verdict}")
    print()
    every_operator()
    curves = {
        "boxes": [(FEWER_CHANNELS if n > 2000 else 256, 50, 68, n) for n in BOXES],
        "channels": [(n, 50, 68, 512 if n < 1000 else 128) for n in CHANNELS],
        "map": [(64, n, n, 256) for n in SIDES],
        "boxes on a large map": [(*LARGE_MAP, n) for n in FEW_BOXES],
    }
    linear = []
    for name, shapes in curves.items():
        print(name)
        for shape in shapes:
            times = compare(shape, FEWER_ROUNDS)["align"][OURS]
            if name == "boxes" and shape[3] >= 512:
                linear.append(times.p(50) / (shape[0] * shape[3]) * 1e6)
    print(f"\nroi_align, ns a box and channel from 512 boxes on: {', '.join(f'{n:.0f}' for n in linear)}")


if __name__ == "__main__":
    main()
