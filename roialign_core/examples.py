"""Named worked examples, each with an output that can be checked by hand or in the libraries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from roialign_core.arguments import frozen
from roialign_core.errors import OptionError
from roialign_core.geometry import Floats
from roialign_core.operators import (
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_LEGACY_MAX,
    ROI_ALIGN_MAX,
    ROI_POOL,
    ROI_POOL_ANIMATION,
    ROI_POOL_ARTICLE,
    Operator,
)
from roialign_core.trace import Trace, trace

ANIMATION_MAP: Floats = frozen(
    np.array(
        [
            [0.88, 0.44, 0.14, 0.16, 0.37, 0.77, 0.96, 0.27],
            [0.19, 0.45, 0.57, 0.16, 0.63, 0.29, 0.71, 0.70],
            [0.66, 0.26, 0.82, 0.64, 0.54, 0.73, 0.59, 0.26],
            [0.85, 0.34, 0.76, 0.84, 0.29, 0.75, 0.62, 0.25],
            [0.32, 0.74, 0.21, 0.39, 0.34, 0.03, 0.33, 0.48],
            [0.20, 0.14, 0.16, 0.13, 0.73, 0.65, 0.96, 0.32],
            [0.19, 0.69, 0.09, 0.86, 0.88, 0.07, 0.01, 0.48],
            [0.83, 0.24, 0.97, 0.04, 0.24, 0.35, 0.50, 0.91],
        ]
    )
)
"""The 8 x 8 map of the well-known RoI Pool animation."""

ARTICLE_BOX = (0.0, 3.0, 7.0, 8.0)
"""Rows 3-7, columns 0-6: the article's 5 x 7 region, its end exclusive."""

DETECTRON2_MAP: Floats = frozen(np.arange(25.0).reshape(5, 5))
"""The 5 x 5 map of detectron2's RoI Align test."""

CORNER_MAP: Floats = frozen(np.array([[1.0, 2.0], [3.0, 4.0]]))
COUNTING_MAP: Floats = frozen(np.arange(48.0).reshape(8, 6))

ROI_ALIGN_ARTICLE = replace(ROI_ALIGN_MAX, name="RoI Align (the article's maximum)")


@dataclass(frozen=True)
class Example:
    """A map, a box, an operator, and the output to ``decimals`` places."""

    name: str
    feature_map: Floats
    box: tuple[float, float, float, float]
    operator: Operator
    output_size: int
    sampling_ratio: int
    answer: tuple[tuple[float, ...], ...]
    decimals: int

    def trace(self) -> Trace:
        """The example computed."""
        return trace(self.feature_map, self.box, self.operator, self.output_size, sampling_ratio=self.sampling_ratio)


def _rows(first: float, step: float, down: float) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(first + down * p + step * q for q in range(4)) for p in range(4))


EXAMPLES: tuple[Example, ...] = (
    Example("article-pool", ANIMATION_MAP, ARTICLE_BOX, ROI_POOL_ARTICLE, 2, 2, ((0.85, 0.96), (0.97, 0.88)), 2),
    Example("animation-pool", ANIMATION_MAP, ARTICLE_BOX, ROI_POOL_ANIMATION, 2, 2, ((0.85, 0.84), (0.97, 0.96)), 2),
    Example("fast-rcnn-pool", ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2, 2, ((0.85, 0.96), (0.97, 0.96)), 2),
    Example("fast-rcnn-pool-larger", ANIMATION_MAP, ARTICLE_BOX, ROI_POOL, 2, 2, ((0.85, 0.96), (0.97, 0.91)), 2),
    Example("align", ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN, 2, 2, ((0.4770, 0.4710), (0.4569, 0.4552)), 4),
    Example(
        "article-align", ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN_ARTICLE, 2, 2, ((0.7028, 0.6123), (0.7703, 0.7941)), 4
    ),
    Example(
        "align-legacy", ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN_LEGACY, 2, 2, ((0.3663, 0.5501), (0.4598, 0.3752)), 4
    ),
    Example(
        "align-legacy-max",
        ANIMATION_MAP,
        ARTICLE_BOX,
        ROI_ALIGN_LEGACY_MAX,
        2,
        2,
        ((0.5811, 0.8136), (0.5883, 0.5512)),
        4,
    ),
    Example("detectron2", DETECTRON2_MAP, (1, 1, 3, 3), ROI_ALIGN, 4, 0, _rows(4.5, 0.5, 2.5), 6),
    Example("detectron2-legacy", DETECTRON2_MAP, (1, 1, 3, 3), ROI_ALIGN_LEGACY, 4, 0, _rows(7.5, 0.5, 2.5), 6),
    Example("corner", CORNER_MAP, (0, 0, 1, 1), ROI_ALIGN, 2, 2, ((1.0, 1.25), (1.5, 1.75)), 6),
    Example("counting-pool", COUNTING_MAP, (0, 0, 3, 3), ROI_POOL, 2, 2, ((7, 9), (19, 21)), 6),
    Example("counting-align", COUNTING_MAP, (0, 0, 3, 3), ROI_ALIGN, 2, 0, ((2.1875, 3.625), (10.8125, 12.25)), 6),
    Example(
        "counting-align-legacy", COUNTING_MAP, (0, 0, 3, 3), ROI_ALIGN_LEGACY, 2, 0, ((5.25, 6.75), (14.25, 15.75)), 6
    ),
)


MAPS: dict[str, Floats] = {
    "animation": ANIMATION_MAP,
    "detectron2": DETECTRON2_MAP,
    "counting": COUNTING_MAP,
    "corner": CORNER_MAP,
}
"""The maps of the examples, by name."""


@lru_cache(maxsize=64)
def random_map(rows: int, columns: int, seed: int) -> Floats:
    """A map of numbers 0.00 to 0.99 with two decimals, the same for the same seed.

    >>> random_map(2, 2, seed=7).tolist()
    [[0.94, 0.62], [0.68, 0.89]]
    """
    whole = np.random.default_rng(seed).integers(0, 100, (rows, columns))
    return frozen(whole / 100)


def example(name: str) -> Example:
    """The example of that name.

    Raises
    ------
    OptionError : for a name that does not exist.

    >>> example("article-pool").trace().output.tolist()
    [[0.85, 0.96], [0.97, 0.88]]
    """
    for known in EXAMPLES:
        if known.name == name:
            return known
    raise OptionError("example.unknown", name=repr(name), names=", ".join(known.name for known in EXAMPLES))
