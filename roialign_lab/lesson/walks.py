"""The steps of each walk, and what each step lights: a table of roles and how much each stands out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Emphasis(StrEnum):
    """What a step does with a role."""

    LIT = "lit"
    SHOWN = "shown"
    DIM = "dim"
    UNKNOWN = "unknown"  # its place is shown, a "?" in it: a later step explains what is there
    HIDDEN = "hidden"


LIT, SHOWN, DIM, HIDDEN = Emphasis.LIT, Emphasis.SHOWN, Emphasis.DIM, Emphasis.HIDDEN
UNKNOWN = Emphasis.UNKNOWN


def lights(lit: str, shown: str = "", dim: str = "", unknown: str = "") -> Mapping[str, Emphasis]:
    """What one step does with each role: names of roles, separated by spaces; a role that is not named is hidden."""
    chosen = dict.fromkeys(ROLES, HIDDEN)
    for roles, emphasis in ((lit, LIT), (shown, SHOWN), (dim, DIM), (unknown, UNKNOWN)):
        chosen |= dict.fromkeys(roles.split(), emphasis)
    return chosen


ROLES = (
    *("map", "roi", "read", "snapped", "error", "split", "part", "bin", "name", "focus", "sample", "value", "neighbor"),
    *("output", "point", "square", "area", "corner", "lerp_x", "lerp_y", "reach", "gradient", "slope"),
    *("in_pixels", "in_cells", "pixels", "mask_pool", "mask_align", "truth"),
)
POOL_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": lights("map in_pixels", "roi", unknown="output"),
    "project": lights("roi in_cells pixels", "map", unknown="output"),
    "snap": lights("read error", "map roi", unknown="output"),
    "split": lights("split", "map read", "roi", unknown="output"),
    "cells": lights("bin name focus", "map read", "roi split", unknown="output"),
    "max": lights("focus sample output", "map roi read error bin name"),
    "result": lights("output focus", "roi read sample name", "map bin"),
}
ALIGN_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": lights("map in_pixels", "roi", unknown="output"),
    "project": lights("roi in_cells pixels", "map snapped error read", unknown="output"),
    "bins": lights("bin name split", "map roi read", unknown="output"),
    "samples": lights("part sample", "map roi read bin name split", unknown="output"),
    "neighbors": lights("neighbor", "map roi read bin name split sample focus", unknown="output"),
    "values": lights("sample value", "roi read bin name split focus", "map", unknown="output"),
    "join": lights("focus output", "roi read bin name split sample value", "map"),
    "result": lights("output focus", "roi read name split sample", "map"),
}
POINT_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "neighbors": lights("point neighbor corner", "map square"),
    "areas": lights("point area", "map square corner", "neighbor"),
    "lerp_x": lights("lerp_x", "map point square corner", "neighbor"),
    "lerp_y": lights("lerp_y", "map point lerp_x corner", "square"),
    "sum": lights("point neighbor value", "map corner"),
    "edge": lights("point reach", "map neighbor value"),
}
WALKS_WITH_STEPS = ("roi_pool", "roi_align", "bilinear")

COST_KNOWN_FROM = {"roi_pool": "snap", "roi_align": "project"}
"""The step of a walk that shows the region that RoI Pooling reads: what rounding costs is not known before."""
PREDICTED = {
    "roi_pool": {"snap": "read error", "max": "sample"},
    "roi_align": {"samples": "sample part", "neighbors": "neighbor", "join": "value"},
}
"""The steps that can be predicted on the map, and the roles that would tell: they are hidden until the answer."""
OF_REGION = ("snap", "edges")
"""Those of them that ask about the region that is read, not about one bin."""
BESIDES = {"roi_pool": {"edges": "snap"}, "roi_align": {"weight": "neighbors"}, "gradients": {"landed": ""}}
"""What a room asks on the map besides, and the step that shows it; a page without steps shows it at once."""


def questions_on(kind: str) -> dict[str, str]:
    """What can be asked on the map of a page, and the step that shows it.

    >>> questions_on("roi_pool"), questions_on("home")
    ({'snap': 'snap', 'max': 'max', 'edges': 'snap'}, {})
    """
    return {**{step: step for step in PREDICTED.get(kind, ())}, **BESIDES.get(kind, {})}


MOTIONS = {"project": "shrink", "values": "read", "max": "join", "join": "join"}
"""What is seen to happen when a step is opened: the image shrinks onto the map, each × becomes its value, the values go
into the output."""


def before_answer(kind: str, key: str) -> Mapping[str, Emphasis]:
    """What a step does with each role while it is predicted: from the numbers of the map, which are shown.

    >>> before_answer("roi_pool", "max")["sample"], before_answer("roi_pool", "max")["output"]
    (<Emphasis.HIDDEN: 'hidden'>, <Emphasis.UNKNOWN: 'unknown'>)
    """
    table = POOL_STEPS if kind == "roi_pool" else ALIGN_STEPS
    return {**table[key], "map": SHOWN, **dict.fromkeys(PREDICTED[kind][key].split(), HIDDEN), "output": UNKNOWN}


def withheld(emphasis: Mapping[str, Emphasis], kind: str) -> Mapping[str, Emphasis]:
    """A step that would tell the output, without it and without the cells that it came from."""
    telling = {"sample": HIDDEN} if kind == "roi_pool" else {}
    return {**emphasis, **telling, "output": UNKNOWN}


def step_keys(snaps: bool) -> tuple[str, ...]:
    """The names of the steps, for an operator that snaps, or for an operator that does not."""
    return tuple(POOL_STEPS if snaps else ALIGN_STEPS)


def walk_keys(kind: str) -> tuple[str, ...]:
    """The steps of a walk; none for a page without one."""
    if kind == "bilinear":
        return tuple(POINT_STEPS)
    return step_keys(kind == "roi_pool") if kind in ("roi_pool", "roi_align") else ()
