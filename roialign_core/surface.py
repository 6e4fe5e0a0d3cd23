"""The bilinear surface over a bin, cut into patches on which its mean and its maximum are exact.

Between the centres of four neighbouring cells the surface is a·x·y + b·x + c·y + d. Over a rectangle inside one such
patch its mean is its value in the middle, and its maximum is its value at a corner. So a bin is cut along the cell
centres, and a few samples give its integral exactly (Jiang et al. 2018, *Acquisition of Localization
Confidence for Accurate Object Detection*, equation 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roialign_core.bilinear import REACH
from roialign_core.geometry import Axis, Floats, Ints
from roialign_core.operators import Aggregate, Interpolation, Operator


@dataclass(frozen=True)
class Stops:
    """Sample positions on one axis: the bin of each, its index coordinate, and its part of the bin."""

    bin: Ints
    position: Floats
    share: Floats


def surface_stops(axis: Axis, cells: int, operator: Operator) -> Stops:
    """The stops of one axis, in float64: the middles of the patches of each bin, or their corners for a maximum.

    >>> from roialign_core.geometry import lay_axis
    >>> from roialign_core.operators import PRECISE_ROI_POOL, Split
    >>> axis = lay_axis(np.array([0.5, 2.0]), 1, 4, PRECISE_ROI_POOL, Split.EXACT)
    >>> stops = surface_stops(axis, 4, PRECISE_ROI_POOL)
    >>> stops.position.tolist(), stops.share.round(2).tolist()
    ([0.75, 1.5], [0.33, 0.67])
    """
    lows, highs = axis.index_edges(np.dtype(np.float64))
    cuts = _cuts(cells, operator)
    numbers, positions, shares = [np.empty(0, np.intp)], [np.empty(0)], [np.empty(0)]
    for p, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if not low < high:
            continue
        a, b = np.searchsorted(cuts, [low, high], side="right"), np.searchsorted(cuts, [low, high], side="left")
        edges = np.concatenate([[low], cuts[a[0] : b[1]], [high]])
        if operator.aggregate is Aggregate.MAX:
            at, share = edges, np.zeros_like(edges)
        else:
            size = edges[1:] - edges[:-1]
            at, share = edges[:-1] + size / 2, size / (high - low)
        numbers.append(np.full(len(at), p))
        positions.append(at)
        shares.append(share)
    return Stops(np.concatenate(numbers), np.concatenate(positions), np.concatenate(shares))


def _cuts(cells: int, operator: Operator) -> Floats:
    """Where the surface has an edge, in index coordinates: at the centres of the cells and where the map ends."""
    reach = REACH[operator.edge]
    nearest = operator.interpolation is Interpolation.NEAREST
    inner = np.arange(1, cells) - 0.5 if nearest else np.arange(float(cells))
    return np.unique(np.concatenate([[-reach], inner, [cells - 1 + reach]]))
