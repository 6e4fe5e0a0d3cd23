"""Where the libraries differ, or surprise: small inputs that run, with the numbers of the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from roialign_core.batch import crop_and_resize
from roialign_core.examples import ANIMATION_MAP
from roialign_core.geometry import HALF_CELL, Floats
from roialign_core.operators import (
    CROP_AND_RESIZE,
    PS_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_MAX,
    ROI_ALIGN_ONNX_MAX,
    ROI_POOL,
    ROI_POOL_MMCV,
    Clip,
    Operator,
)
from roialign_core.trace import trace
from roialign_lab.lesson.number_text import number


@dataclass(frozen=True)
class Exhibit:
    """One difference: ``exhibit.KEY`` in the catalogues has a title and a sentence with room for ``values``."""

    key: str
    values: dict[str, str]


def exhibits() -> tuple[Exhibit, ...]:
    """All of them, computed now.

    >>> exhibits()[0].values
    {'onnx': '0.5625', 'largest': '1.0000'}
    """
    return tuple(Exhibit(key, make()) for key, make in _EXHIBITS.items())


def _onnx_max() -> dict[str, str]:
    ones = np.ones((5, 5))
    return {
        "onnx": _first(ones, (1, 1, 3, 3), ROI_ALIGN_ONNX_MAX),
        "largest": _first(ones, (1, 1, 3, 3), ROI_ALIGN_MAX),
    }


def _last_row() -> dict[str, str]:
    ramp = np.arange(16.0).reshape(4, 4)
    whole = replace(PS_ROI_POOL, clip=Clip.MAP)
    return {
        "torchvision": _first(ramp, (0, 0, 4, 4), PS_ROI_POOL, 1),
        "whole": _first(ramp, (0, 0, 4, 4), whole, 1),
    }


def _always_legacy() -> dict[str, str]:
    ramp = np.arange(25.0).reshape(5, 5)
    return {
        "legacy": _row(trace(ramp, (1, 1, 3, 3), ROI_ALIGN_LEGACY, 4, 1.0, 0).output),
        "aligned": _row(trace(ramp, (1, 1, 3, 3), ROI_ALIGN, 4, 1.0, 0).output),
    }


def _half() -> dict[str, str]:
    read = trace(np.zeros((8, 8)), (2.5, 0, 6, 6), ROI_POOL, 2).roi_used
    return {"roi_pool": number(read[0], 0), "python": str(round(2.5))}


def _dtype_grid() -> dict[str, str]:
    ramp = np.arange(144.0).reshape(12, 12)
    single, double = (
        trace(ramp.astype(dtype), (10, 10, 28, 28), ROI_ALIGN, 2, 1 / 3, 0).grid for dtype in (np.float32, np.float64)
    )
    return {"float32": f"{single[0]}×{single[1]}", "float64": f"{double[0]}×{double[1]}"}


def _dtype_bins() -> dict[str, str]:
    single, double = (
        trace(np.zeros((1, 60), dtype), (0, 0, 56, 0), ROI_POOL, (1, 7)).bins_used[0, -1]
        for dtype in (np.float32, np.float64)
    )
    return {"float32": f"{single[0]:.0f}–{single[2]:.0f}", "float64": f"{double[0]:.0f}–{double[2]:.0f}"}


def _not_align() -> dict[str, str]:
    """The whole map: for TensorFlow from the centre of the first cell to that of the last."""
    return {
        "crop": _table(trace(ANIMATION_MAP, (0, 0, 7, 7), CROP_AND_RESIZE, 2).output),
        "align": _table(trace(ANIMATION_MAP, (0, 0, 8, 8), ROI_ALIGN, 2).output),
    }


def _plus_one() -> dict[str, str]:
    pool, mmcv = (trace(ANIMATION_MAP, (0, 0, 48, 48), rule, 2, 1 / 16).roi_used for rule in (ROI_POOL, ROI_POOL_MMCV))
    return {"pool": number(pool[2], 0), "mmcv": number(mmcv[2], 4)}


def _map_end() -> dict[str, str]:
    read = trace(np.arange(1.0, 37).reshape(6, 6), (-2, -2, 22, 22), ROI_ALIGN, 2, 1.0, 0)
    within = (np.minimum(read.sample_y, read.sample_x) > -HALF_CELL) & (  # not at exactly -1, not at exactly 6
        np.maximum(read.sample_y, read.sample_x) < 6 + HALF_CELL
    )
    first = within & (read.sample_bin == 0).all(axis=1)
    mean = read.sample_value[first].sum() / len(read.samples_of(0, 0))
    return {"most": number(read.output[0, 0], 4), "mindspore": number(mean, 4)}


def _crop_border() -> dict[str, str]:
    side, far = np.float32(0.01), np.float32(7)
    stepped = side * far + np.float32(1) * ((np.float32(1) - side) * far)  # the second of two rows, in its order
    crop = crop_and_resize(np.ones((1, 1, 8, 1), np.float32), [[0, float(side), 0, 1, 1]], (2, 1), -1.0)
    return {"stepped": f"{stepped:.7f}", "read": number(crop[0, 0, 1, 0], 0)}


_EXHIBITS: dict[str, Callable[[], dict[str, str]]] = {
    "onnx_max": _onnx_max,
    "last_row": _last_row,
    "always_legacy": _always_legacy,
    "half": _half,
    "dtype_grid": _dtype_grid,
    "dtype_bins": _dtype_bins,
    "not_align": _not_align,
    "plus_one": _plus_one,
    "map_end": _map_end,
    "crop_border": _crop_border,
}


def _first(feature_map: ArrayLike, box: ArrayLike, operator: Operator, size: int = 2) -> str:
    return number(trace(feature_map, box, operator, size).output[0, 0], 4)


def _row(output: Floats) -> str:
    return "  ".join(number(value, 2) for value in output[0])


def _table(output: Floats) -> str:
    return " / ".join("  ".join(number(value, 4) for value in row) for row in output)
