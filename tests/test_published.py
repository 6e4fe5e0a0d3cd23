"""What other projects publish for these operators: their own test numbers, typed in, with the file they stand in.

Where a project differs on purpose, or by mistake, the test says how: that is what an exhibit is made of.
"""

from dataclasses import replace

import numpy as np
import pytest

from roialign_core import (
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_ONNX_MAX,
    ROI_POOL_MMCV,
    crop_and_resize,
    extract,
    prroi_pool,
    prroi_pool_backward,
    roi_align,
    roi_align_backward,
    roi_pool,
    trace,
)


def table(numbers: str, *shape: int) -> np.ndarray:
    return np.array(numbers.replace(",", " ").split(), float).reshape(shape or (-1,))


def on_first_image(boxes: str) -> np.ndarray:
    return np.insert(table(boxes, -1, 4), 0, 0, axis=1)


# ---- ONNX, onnx/onnx: onnx/backend/test/case/node/roialign.py -------------------------------------------------------

TEN = table(
    """
    .2764 .7150 .1958 .3416 .4638 .0259 .2963 .6518 .4856 .7250  .9637 .0895 .2919 .6753 .0234 .6132 .8085 .5324 .8992
    .4467  .3265 .8479 .9698 .2471 .9336 .1878 .4766 .4308 .3400 .2162  .0206 .1720 .2155 .4394 .0653 .3406 .7724 .3921
    .2541 .5799  .4062 .2194 .4473 .4687 .7109 .9327 .9815 .6320 .1728 .6119  .3097 .1283 .4984 .5068 .4279 .0173 .4388
    .0430 .4671 .7119  .1011 .8477 .4726 .1777 .9923 .4042 .1869 .7795 .9946 .9689  .1366 .3671 .7011 .6234 .9867 .5585
    .6985 .5609 .8788 .9928  .5697 .8511 .6711 .9406 .8751 .7496 .1650 .1049 .1559 .2514  .7012 .4056 .7879 .3461 .0415
    .2998 .5094 .3727 .5482 .0502
    """,
    *(1, 1, 10, 10),
)
TEN_BOXES = on_first_image("0 0 9 9  0 5 4 9  5 5 9 9")
TEN_LEGACY = table(
    """
    .4664 .4466 .3405 .5688 .6068  .3714 .4296 .3835 .5562 .3510  .2768 .4883 .5222 .5528 .4171  .4713 .4844 .6904 .4920
    .8774  .6239 .7125 .6289 .3355 .3495
    .3022 .4305 .4696 .3978 .5423  .3656 .7050 .5165 .3172 .7015  .2912 .5059 .6476 .6235 .8299  .5916 .7389 .7048 .8372
    .8893  .6227 .6153 .7097 .6154 .4585
    .2384 .3379 .3717 .6100 .7601  .3767 .3785 .7147 .9243 .9727  .5749 .5826 .5709 .7619 .8770  .5355 .2566 .2141 .2796
    .3600  .4365 .3504 .2887 .3661 .2349
    """,
    *(3, 1, 5, 5),
)
TEN_ALIGNED = table(
    """
    .5178 .3434 .3229 .4474 .6344  .4031 .5366 .4428 .4861 .4023  .2512 .4002 .5155 .6954 .3465  .3350 .4601 .5881 .3439
    .6849  .4932 .7141 .8217 .4719 .4039
    .3070 .2187 .3337 .4880 .4870  .1871 .4914 .5561 .4192 .3686  .1433 .4608 .5971 .5310 .4982  .2788 .4386 .6022 .7000
    .7524  .5774 .7024 .7251 .7338 .8163
    .2393 .4075 .3379 .2525 .4743  .3671 .2702 .4105 .6419 .8308  .5556 .4543 .5564 .7502 .9300  .6626 .5617 .4813 .4954
    .6663  .6636 .3721 .2056 .1928 .2478
    """,
    *(3, 1, 5, 5),
)
TEN_MAX = table(
    """
    0.3445228 0.37310338 0.37865096 0.446696 0.37991184  0.4133513 0.5455125 0.6651902 0.55805874 0.27110294
    0.21223956 0.40924096 0.8417618 0.792561 0.37196714  0.46835402 0.39741728 0.8012819 0.4969306 0.5495158
    0.3595896 0.5196813 0.5403741 0.23814403 0.19992709
    """,
    *(5, 5),
)


def test_onnx_of_both_origins():
    """Four decimals are published, some of them cut off or rounded up; MIGraphX, below, has six."""
    np.testing.assert_allclose(roi_align(TEN, TEN_BOXES, 5, 1.0, 2, False), TEN_LEGACY, atol=1e-4)
    np.testing.assert_allclose(roi_align(TEN, TEN_BOXES, 5, 1.0, 2, True), TEN_ALIGNED, atol=1e-4)


def test_onnx_of_mode_max_compares_the_weighted_corners():
    """The first box. The largest interpolated sample is always more: the exhibit ``onnx_max``."""
    corners = replace(ROI_ALIGN_ONNX_MAX, origin="cell_centre", minimum_size=1)
    np.testing.assert_allclose(extract(TEN, TEN_BOXES[:1], corners, 5)[0, 0], TEN_MAX, rtol=3e-6)
    assert (roi_align(TEN, TEN_BOXES[:1], 5, 1.0, 2, mode="max")[0, 0] > TEN_MAX).all()


# ---- MIGraphX, ROCm/AMDMIGraphX: test/ref/roialign.cpp; the map and the boxes of ONNX ------------------------------


def test_migraphx_had_the_two_names_the_other_way_round():
    """The file's ``half_pixel`` (the default there) begins .466421 .446553, which is ONNX's ``output_half_pixel``.

    Its ``output_half_pixel`` begins .517783 .343411, which is ONNX's ``half_pixel``. The numbers are these two, the
    names are exchanged; the project's pull request 3482 is about it.
    """
    called_half_pixel = table("0.466421425 0.446552634 0.340521216 0.568848491 0.606780827")
    called_output_half_pixel = table("0.517783 0.343411 0.322905 0.447362 0.634375")
    np.testing.assert_allclose(roi_align(TEN, TEN_BOXES, 5, 1.0, 2, False)[0, 0, 0], called_half_pixel, rtol=1e-6)
    np.testing.assert_allclose(roi_align(TEN, TEN_BOXES, 5, 1.0, 2, True)[0, 0, 0], called_output_half_pixel, rtol=3e-6)


def test_migraphx_of_a_box_that_lies_outside():
    """Scale 5: the middles of the legacy boxes lie beyond the map of 10 cells, and read 0."""
    boxes = on_first_image("0 0 9.99 9.99  0 5 4 9  5 5 9.9 9.9")
    assert roi_align(TEN, boxes, 1, 5.0, 1).ravel().tolist() == [0, 0, 0]


# ---- ONNX Runtime, microsoft/onnxruntime: onnxruntime/test/providers/cpu/object_detection/roialign_test.cc ---------

FIFTEEN_BOXES = on_first_image("7 5 7 5  -15 -15 -15 -15  -10 21 -10 21  13 8 13 8  -14 19 -14 19")


def test_onnx_runtime_of_boxes_without_a_size():
    """Opset 10, scale 1/16, the first channel: a legacy region is at least a cell. A comment there calls that wrong."""
    expected = table(
        """
        2.95833 3.20833 3.45833 3.70833  4.625 4.875 5.125 5.375  6.29167 6.54167 6.79167 7.04167
        0 0 0 0  0 0 0 0  0 0 0 0
        7.39583 7.39583 7.42708 7.64583  9.0625 9.0625 9.09375 9.3125  10.7292 10.7292 10.7604 10.9792
        4.27083 4.52083 4.77083 5.02083  5.9375 6.1875 6.4375 6.6875  7.60417 7.85417 8.10417 8.35417
        6.77083 6.77083 6.77083 6.80208  8.4375 8.4375 8.4375 8.46875  10.1042 10.1042 10.1042 10.1354
        """,
        *(5, 1, 3, 4),
    )
    features = np.arange(25.0).reshape(1, 1, 5, 5)
    np.testing.assert_allclose(roi_align(features, FIFTEEN_BOXES, (3, 4), 1 / 16, 2), expected, rtol=1e-5)


def test_what_that_comment_calls_right_widens_no_region():
    """DirectML's numbers, in the same file: the box without a size is one point, at the legacy place."""
    features = np.arange(25.0).reshape(1, 1, 5, 5)
    got = extract(features, FIFTEEN_BOXES, replace(ROI_ALIGN_LEGACY, minimum_size=0), (3, 4), 1 / 16, 2)
    assert (got == got[:, :, :1, :1]).all()
    assert got[:, 0, 0, 0].tolist() == [2, 0, 6.5625, 3.3125, 5.9375]


# ---- ONNX Runtime: onnxruntime/test/contrib_ops/crop_and_resize_op_test.cc -----------------------------------------


@pytest.mark.parametrize(
    ("side", "box", "size", "fill", "expected"),
    [
        (2, "0 0 1 1", 1, 0, "2.75"),
        (2, "0 0 .5 .5", 1, 0, "1.925"),
        (2, "0 0 .5 1", 1, 0, "2.2"),
        (2, "0 0 .5 .5", 2, 0, "1.1 1.65 2.2 2.75"),
        (2, "0 0 .5 1", 2, 0, "1.1 2.2 2.2 3.3"),
        (2, "0 0 1.5 1.5", 2, 5.5, "1.1 5.5 5.5 5.5"),
        (2, ".25 .25 .75 .5", 2, 5.5, "1.925 2.2 3.025 3.3"),
        (3, "0 0 1 1", 2, 0, "1.1 3.3 7.7 9.9"),
        (3, "0 0 .5 .5", 2, 0, "1.1 2.2 4.4 5.5"),
        (3, "0 0 .5 1", 2, 0, "1.1 3.3 4.4 6.6"),
        (2, "nan 0 nan 1", 2, 5.5, "5.5 5.5 5.5 5.5"),
        (2, "0 nan 1 nan", 2, 5.5, "5.5 5.5 5.5 5.5"),
        (2, "inf 0 inf 1", 2, 5.5, "5.5 5.5 5.5 5.5"),
        (2, "-inf 0 -inf 1", 2, 5.5, "5.5 5.5 5.5 5.5"),
        (2, "0 0 1.0001 1.0001", 2, 9, "1.1 9 9 9"),
    ],
)
def test_onnx_runtimes_crop_and_resize(side, box, size, fill, expected):
    features = (np.arange(1, side * side + 1) * 1.1).reshape(1, 1, side, side)
    got = crop_and_resize(features, on_first_image(box), size, fill)
    np.testing.assert_allclose(got.ravel(), table(expected), rtol=1e-6)


# ---- TensorFlow, tensorflow/tensorflow: tensorflow/core/kernels/image/crop_and_resize_op_test.cc -------------------


@pytest.mark.parametrize(
    ("side", "box", "size", "fill", "expected"),
    [
        (2, "0 0 1 1", 1, 0, "2.5"),
        (2, "1 1 0 0", 1, 0, "2.5"),
        (2, "0 0 1 1", 3, 0, "1 1.5 2  2 2.5 3  3 3.5 4"),
        (2, "1 1 0 0", 3, 0, "4 3.5 3  3 2.5 2  2 1.5 1"),
        (3, "0 0 1 1", 2, 0, "1 3 7 9"),
        (3, "0 0 .5 .5", 2, 0, "1 2 4 5"),
        (3, "1 1 0 0", 2, 0, "9 7 3 1"),
        (3, ".5 .5 0 0", 2, 0, "5 4 2 1"),
        (2, "-1 -1 1 1", 3, -1, "-1 -1 -1  -1 1 2  -1 3 4"),
    ],
)
def test_tensorflows_crop_and_resize(side, box, size, fill, expected):
    features = np.arange(1.0, side * side + 1).reshape(1, 1, side, side)
    assert crop_and_resize(features, on_first_image(box), size, fill).ravel().tolist() == table(expected).tolist()


# ---- Core ML, apple/coremltools: coremltools/converters/mil/mil/ops/tests/iOS14/test_image_resizing.py -------------


@pytest.mark.parametrize(
    ("box", "size", "expected"),
    [
        ("1 1 2 2", 2, "6 7 10 11"),
        (
            "1 1 2 2",
            4,
            "6 6.333333 6.66666 7 7.333333 7.666666 8 8.333333 8.666666 9 9.333333 9.666666 10 10.333333 10.666666 11",
        ),
        ("1 1 2 2", 1, "8.5"),
        ("0 0 1 1", 2, "1 2 5 6"),
        ("2 2 1 1", 2, "11 10 7 6"),
    ],
)
def test_core_mls_crop_resize_that_aligns_corners_is_crop_and_resize(box, size, expected):
    """Boxes are in cells there, y first; the fourth is given as (0, 0, 1/3, 1/3) of 4 × 4 cells."""
    features = np.arange(1.0, 17).reshape(1, 1, 4, 4)
    got = crop_and_resize(features, on_first_image(box) / [1, 3, 3, 3, 3], size)
    np.testing.assert_allclose(got.ravel(), table(expected), rtol=2e-6)


# ---- detectron2, facebookresearch/detectron2: tests/layers/test_roi_align.py ---------------------------------------


def test_detectron2s_two_tables():
    features = np.arange(25, dtype=np.float32).reshape(1, 1, 5, 5)
    old = table("7.5 8 8.5 9  10 10.5 11 11.5  12.5 13 13.5 14  15 15.5 16 16.5", 4, 4)
    right = table("4.5 5 5.5 6  7 7.5 8 8.5  9.5 10 10.5 11  12 12.5 13 13.5", 4, 4)
    np.testing.assert_allclose(roi_align(features, [[0, 1, 1, 3, 3]], 4, 1.0, 0, False)[0, 0], old, rtol=1e-6)
    np.testing.assert_allclose(roi_align(features, [[0, 1, 1, 3, 3]], 4, 1.0, 0, True)[0, 0], right, rtol=1e-6)
    assert not roi_align(features, [[0, 3, 4, 5, 4]], 7, 1.0, 0, True).any()  # a box without height


# ---- mmcv, open-mmlab/mmcv: tests/test_ops/test_roi_align.py, test_prroi_pool.py, test_roi_pool.py -----------------

TWO = np.array([[[[1.0, 2.0], [3.0, 4.0]], [[4.0, 3.0], [2.0, 1.0]]]])
BLOCKS = table("1 2 5 6  3 4 7 8  9 10 13 14  11 12 15 16", 1, 1, 4, 4)
UNIT, THREE = on_first_image("0 0 1 1"), on_first_image("0 0 3 3")


def test_mmcvs_roi_align_with_its_gradient():
    got = roi_align(TWO, UNIT, 2, 1.0, 2, True)
    assert got.tolist() == [[[[1, 1.25], [1.5, 1.75]], [[4, 3.75], [3.5, 3.25]]]]
    assert roi_align(BLOCKS, THREE, 2, 1.0, 2, True).ravel().tolist() == [1.9375, 4.75, 7.5625, 10.375]
    gradient = roi_align_backward(np.ones((1, 1, 2, 2)), THREE, BLOCKS.shape, 2, 1.0, 2, True)
    edge = np.array([0.6875, 0.625, 0.625, 0.0625])  # 0.47265625 = 0.6875², 0.4296875 = 0.6875 · 0.625, …
    np.testing.assert_allclose(gradient[0, 0], np.outer(edge, edge), rtol=1e-12)


def test_mmcvs_precise_roi_pooling_with_both_gradients():
    assert prroi_pool(TWO, UNIT, 2).tolist() == [[[[1.75, 2.25], [2.75, 3.25]], [[3.25, 2.75], [2.25, 1.75]]]]
    to_map, to_box = prroi_pool_backward(np.ones((1, 2, 2, 2)), TWO, UNIT, 2)
    assert to_map.tolist() == np.ones((1, 2, 2, 2)).tolist() and not to_box.any()
    np.testing.assert_allclose(prroi_pool(BLOCKS, THREE, 2).ravel(), [3.75, 6.91666651, 10.08333302, 13.25], rtol=1e-7)
    to_map, to_box = prroi_pool_backward(np.ones((1, 1, 2, 2)), BLOCKS, THREE, 2)
    edge = np.array([1, 2, 2, 1]) / 3
    np.testing.assert_allclose(to_map[0, 0], np.outer(edge, edge), rtol=1e-6)
    np.testing.assert_allclose(to_box[0], [0, 3.33333302, 6.66666603, 3.33333349, 6.66666698], rtol=1e-6)


def test_mmcvs_roi_pool_reads_a_pixel_more():
    assert extract(TWO, UNIT, ROI_POOL_MMCV, 2).tolist() == TWO.tolist()
    assert extract(BLOCKS, THREE, ROI_POOL_MMCV, 2).ravel().tolist() == [4, 8, 12, 16]


# ---- OpenVINO, openvinotoolkit/openvino: src/plugins/template/tests/functional/op_reference/roi_align.cpp ----------

EIGHTS = table(
    """
    0 1 8 5 5 2 0 7  7 10 4 5 9 0 0 5  7 0 4 0 4 7 6 10  9 5 1 7 4 7 10 8  2 0 8 3 6 8 10 4  2 10 7 8 7 0 6 9
    2 4 8 5 2 3 3 1  5 9 10 0 9 5 5 3  10 5 2 0 10 0 5 4  3 10 5 5 10 0 8 8  9 1 0 7 9 6 8 7  10 9 2 3 3 5 6 9
    4 9 2 4 5 5 3 1  1 6 8 0 5 5 10 8  6 9 6 9 1 2 7 1  1 3 0 4 0 7 10 2
    """,
    *(2, 1, 8, 8),
)
BOTH_IMAGES = [[0, 2, 2, 4, 4], [1, 2, 2, 4, 4]]


def test_openvinos_means():
    legacy, aligned = (roi_align(EIGHTS, BOTH_IMAGES, 2, 1.0, 2, aligned).ravel() for aligned in (False, True))
    assert legacy.tolist() == [3, 3.75, 4.75, 5, 3, 5.5, 2.75, 3.75]  # "asymmetric"
    expected = table("3.14 2.16 2.86 5.03 1.83 5.84 2.77 3.44")  # "half_pixel_for_nn"
    np.testing.assert_allclose(aligned, expected, atol=0.006)


def test_openvinos_maximum_is_that_of_interpolated_samples():
    """As mmcv's, not as ONNX's. Its ``half_pixel`` also adds half a pixel to the box: at scale 1 the two cancel."""
    got = roi_align(EIGHTS, BOTH_IMAGES, 2, 1.0, 2, mode="max").ravel()
    assert got.tolist() == [4.375, 4.9375, 5.6875, 5.625, 4.625, 7.125, 3.3125, 4.3125]


# The same folder: roi_pooling.cpp


def test_openvinos_roi_pooling():
    features = (np.arange(36.0) / 10).reshape(1, 1, 6, 6)
    boxes = on_first_image("1 1 3 3  1 2 2 4  0 1 4 5")
    expected = table("1.4 1.5 2 2.1  1.9 2 2.5 2.6  2 2.2 3.2 3.4")
    np.testing.assert_allclose(roi_pool(features, boxes, 2).ravel(), expected, rtol=1e-12)
    assert roi_pool(features, on_first_image("1 1 2 3"), 1).ravel().tolist() == [2]


def test_openvinos_bilinear_roi_pooling_is_crop_and_resize():
    """Its mode "bilinear" takes x first, and normalised boxes, like TensorFlow's; the numbers have no fill."""
    features = (np.arange(64.0) / 10).reshape(1, 1, 8, 8)
    x1, y1, x2, y2 = 0.15, 0.2, 0.75, 0.8
    got = crop_and_resize(features, [[0, y1, x1, y2, x2]], 2).ravel()
    np.testing.assert_allclose(got, [1.225, 1.645, 4.585, 5.005], rtol=1e-9)
    small = (np.arange(36.0) / 10).reshape(1, 1, 6, 6)
    got = crop_and_resize(small, on_first_image(".2 .2 .4 .4  .2 .2 .6 .6"), 1).ravel()
    np.testing.assert_allclose(got, [1.05, 1.4], rtol=1e-9)


# ---- NNAPI, Android: runtime/test/specs/V1_2/roi_align.mod.py and roi_pooling.mod.py -------------------------------

ANDROID = table("-10 -1 4 -5  -8 -2 9 1  7 -2 3 -7  -2 10 -3 5", 1, 1, 4, 4)


def test_nnapis_roi_align():
    got = roi_align(ANDROID, on_first_image("2 2 4 4  0 0 8 8  2 0 4 8  0 2 8 4"), 2, 0.5, 4)
    expected = ".375 5.125 -.375 2.875  -.5 -.3125 3.1875 1.125  .25 4.25 4.875 .625  -.1875 1.125 .9375 -2.625"
    np.testing.assert_allclose(got.ravel(), table(expected), rtol=1e-12)


def test_nnapi_has_a_scale_and_a_ratio_for_each_axis():
    """Its test 4: height stride 2, width stride 1, ratio 0 (adaptive) down and 4 across."""
    boxes = on_first_image("1 2 2 4  0 0 4 8  1 0 2 8  0 2 4 4  0 0 0 0")
    expected = table(
        """
        .375 5.125 -.375 2.875  -.5 -.3125 3.1875 1.125  .25 4.25 4.875 .625  -.1875 1.125 .9375 -2.625
        -7.4375 -3.3125 -6.8125 -3.4375
        """
    )
    for exact in (False, True):
        got = roi_align(ANDROID, boxes, 2, (0.5, 1.0), (0, 4), exact=exact)
        np.testing.assert_allclose(got.ravel(), expected, rtol=1e-12)


def test_nnapis_roi_pooling():
    """The end cell counts, and here too each axis may have its own scale (its test 3); bins are those of Fast R-CNN."""
    expected = table("-2 9 -2 3  -1 9 10 5  -1 9 10 3  -2 9 7 3").tolist()
    boxes = on_first_image("2 2 4 4  0 0 6 6  2 0 4 6  0 2 6 4")
    assert roi_pool(ANDROID, boxes, 2, 0.5).ravel().tolist() == expected
    boxes = on_first_image("1 2 2 4  0 0 3 6  1 0 2 6  0 2 3 4  0 0 0 0")
    assert roi_pool(ANDROID, boxes, 2, (0.5, 1.0)).ravel().tolist() == [*expected, -10, -10, -10, -10]


# ---- MindSpore, mindspore-ai/mindspore: tests/st/ops/gpu/test_roi_align_op.py --------------------------------


@pytest.mark.parametrize(
    ("box", "size", "scale", "ratio", "expected"),
    [
        ("-2 -2 22 22", 3, 0.25, 2, "2.75 4.5 6.5  13.25 15 17  25.25 27 29"),
        (
            "-2 -2 22 22",
            4,
            0.2,
            3,
            "1.2333 2.1 3.3 4.5  6.4333 7.3 8.5 9.7  13.6333 14.5 15.7 16.9  20.8333 21.7 22.9 24.1",
        ),
        ("-2 -2 22 22", 3, 0.3, 3, "3.3333 5.5 7.6667  16.3333 18.5 20.6667  29.3333 31.5 33.6667"),
        ("1 0 19 18", 3, 0.3, 3, "4.5 6.3 8.1  14.9 16.7 18.5  25.7 27.5 29.3"),
    ],
)
def test_mindspores_roi_align_is_aligned(box, size, scale, ratio, expected):
    features = np.arange(1.0, 37).reshape(1, 1, 6, 6)
    got = roi_align(features, on_first_image(box), size, scale, ratio, True)
    np.testing.assert_allclose(got.ravel(), table(expected), atol=6e-5)


def test_mindspore_ends_the_map_before_minus_1_and_before_h():
    """Its fourth case, adaptive at scale 1, is 4.625: samples at exactly -1 and exactly 6 read 0 there.

    In torchvision, detectron2, mmcv and ONNX Runtime both still read the border: of 12 × 12 samples 8 × 8 count, not
    6 × 6.
    """
    cells = np.arange(1.0, 37).reshape(6, 6)
    read = trace(cells, (-2, -2, 22, 22), ROI_ALIGN, 2, 1.0, 0)
    assert read.output.ravel().tolist() == pytest.approx([1184 / 144, 0, 0, 0])
    within = (np.minimum(read.sample_y, read.sample_x) > -0.5) & (np.maximum(read.sample_y, read.sample_x) < 6.5)
    assert within.sum() == 36 and read.sample_inside.sum() == 64
    assert read.sample_value[within].sum() / 144 == 4.625
