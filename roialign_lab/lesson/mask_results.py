"""What the training of mask networks found, as ``experiments/masks.py`` wrote it (``assets/mask_results.json``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from roialign_lab.asset_folder import ASSETS

RESULTS = ASSETS / "mask_results.json"
LIMITS = ("above_0.5", "above_0.75", "above_0.9")
"""Measures: the shares of masks whose IoU is above a limit."""


@dataclass(frozen=True)
class Score:
    """One measure of the networks of one operator at one stride: a number for each training, by its seed."""

    seeds: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the trainings."""
        return sum(self.seeds) / len(self.seeds)


@cache
def results() -> Mapping[str, Any]:
    """All that was measured."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


@cache
def score(operator: str, stride: int, measure: str, objects: str = "held_out") -> Score | None:
    """A measure of the networks trained and tested with an operator; None where there is none.

    >>> score("roi_align", 16, "above_0.75").mean > score("roi_pool", 16, "above_0.75").mean + 0.4
    True
    """
    runs = (run for run in results()["runs"] if run["operator"] == operator and run["stride"] == stride)
    found = tuple(run["tested_with"][operator][objects][measure] for run in runs)
    return Score(found) if found else None


def points(share: float) -> str:
    """A share as a percentage, with one decimal.

    >>> points(0.3261)
    '32.6'
    """
    return f"{100 * share:.1f}"
