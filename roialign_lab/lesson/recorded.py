"""Inputs with torchvision's recorded answers, from ``assets/recorded.npz``: a page can show each as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from roialign_core.bilinear import frozen
from roialign_core.geometry import Floats
from roialign_lab.asset_folder import ASSETS

RECORDED = ASSETS / "recorded.npz"


@dataclass(frozen=True)
class RecordedInput:
    """The name of a map, a box x1, y1, x2, y2 in cells, the stride and the output size of one recorded call."""

    map: str
    box: tuple[float, float, float, float]
    stride: int
    size: int


@cache
def recorded() -> dict[str, np.ndarray]:
    """torchvision's recorded answers by name, read-only: ``MAP/map``, ``MAP/boxes``, ``MAP/roi_align,aligned,2`` …"""
    with np.load(RECORDED) as arrays:
        return {name: frozen(arrays[name]) for name in arrays.files}


@cache
def recorded_inputs() -> tuple[RecordedInput, ...]:
    """Everything that was recorded.

    >>> recorded_inputs()[0]
    RecordedInput(map='recorded-6x5', box=(1.0, 1.5, 3.5, 2.5), stride=1, size=1)
    """
    answers = recorded()
    inputs = []
    for name in recorded_maps():
        stride, size = int(answers[f"{name}/stride"]), answers[f"{name}/roi_pool"].shape[-1]
        for box in answers[f"{name}/boxes"]:
            x1, y1, x2, y2 = (float(side) / stride for side in box)
            inputs.append(RecordedInput(name, (x1, y1, x2, y2), stride, size))
    return tuple(inputs)


@cache
def recorded_maps() -> dict[str, Floats]:
    """The maps (H, W) by name."""
    return {name.removesuffix("/map"): values for name, values in recorded().items() if name.endswith("/map")}
