"""torchvision's own recorded answers, bit for bit: float32 and float64, ties, boxes off the map, tiny boxes."""

import numpy as np
import pytest

from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, roi_align, roi_pool, trace


def same_bits(ours: np.ndarray, theirs: np.ndarray) -> bool:
    return ours.dtype == theirs.dtype and ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


def of(answers, op):
    chosen = [(case, arrays) for case, arrays in answers if case["op"] == op]
    assert chosen
    return chosen


@pytest.mark.parametrize("op", ["roi_align", "roi_pool"])
def test_every_value_of_a_trace_is_torchvisions(torchvision_answers, op):
    compared = 0
    for case, arrays in of(torchvision_answers, op):
        operator = ROI_POOL if op == "roi_pool" else ROI_ALIGN if case["aligned"] else ROI_ALIGN_LEGACY
        for box, answer in zip(arrays["boxes"], arrays["output"], strict=True):
            for channel, expected in zip(arrays["features"][0], answer, strict=True):
                got = trace(
                    channel, box, operator, case["output_size"], case["spatial_scale"], case.get("sampling_ratio", 2)
                )
                assert same_bits(got.output, expected), (case, box)
                compared += expected.size
    assert compared == {"roi_align": 43_092, "roi_pool": 7_182}[op]


def test_every_batched_roi_align_is_torchvisions(torchvision_answers):
    for case, arrays in of(torchvision_answers, "roi_align"):
        got = roi_align(
            arrays["features"],
            [arrays["boxes"]],
            case["output_size"],
            case["spatial_scale"],
            case["sampling_ratio"],
            case["aligned"],
            exact=True,
        )
        assert same_bits(got, arrays["output"]), case


def test_the_fast_roi_align_is_near_it(torchvision_answers):
    for case, arrays in of(torchvision_answers, "roi_align"):
        got = roi_align(
            arrays["features"],
            [arrays["boxes"]],
            case["output_size"],
            case["spatial_scale"],
            case["sampling_ratio"],
            case["aligned"],
        )
        assert got.dtype == arrays["output"].dtype
        tolerance = 1e-5 if got.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(got, arrays["output"], rtol=tolerance, atol=tolerance)


def test_every_batched_roi_pool_is_torchvisions(torchvision_answers):
    for case, arrays in of(torchvision_answers, "roi_pool"):
        got = roi_pool(arrays["features"], [arrays["boxes"]], case["output_size"], case["spatial_scale"])
        assert same_bits(got, arrays["output"]), case
