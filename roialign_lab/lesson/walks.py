"""The steps of each walk, and what each step lights: a table of roles and how much each stands out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Emphasis(StrEnum):
    """What a step does with a role."""

    LIT = "lit"
    SHOWN = "shown"
    DIM = "dim"
    HIDDEN = "hidden"


LIT, SHOWN, DIM, HIDDEN = Emphasis.LIT, Emphasis.SHOWN, Emphasis.DIM, Emphasis.HIDDEN


def lights(lit: str, shown: str = "", dim: str = "") -> Mapping[str, Emphasis]:
    """What one step does with each role: names of roles, separated by spaces; a role that is not named is hidden."""
    chosen = dict.fromkeys(ROLES, HIDDEN)
    for roles, emphasis in ((lit, LIT), (shown, SHOWN), (dim, DIM)):
        chosen |= dict.fromkeys(roles.split(), emphasis)
    return chosen


ROLES = (
    *("map", "roi", "read", "snapped", "error", "split", "part", "bin", "name", "focus", "sample", "value", "neighbor"),
    *("output", "point", "square", "area", "corner", "lerp_x", "lerp_y", "reach", "gradient", "slope"),
)
POOL_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": lights("map", "roi", "output"),
    "project": lights("roi", "map", "output"),
    "snap": lights("read error", "map roi", "output"),
    "split": lights("split", "map read", "roi output"),
    "cells": lights("bin name focus", "map read", "roi split output"),
    "max": lights("focus sample output", "map roi read error bin name"),
    "result": lights("output", "roi read sample name", "map bin"),
}
ALIGN_STEPS: Mapping[str, Mapping[str, Emphasis]] = {
    "map": lights("map", "roi", "output"),
    "project": lights("roi", "map snapped error read", "output"),
    "bins": lights("bin name split", "map roi read", "output"),
    "samples": lights("part sample", "map roi read bin name split", "output"),
    "neighbors": lights("neighbor", "map roi read bin name split sample focus output"),
    "values": lights("sample value", "roi read bin name split focus output", "map"),
    "join": lights("focus output", "roi read bin name split sample value", "map"),
    "result": lights("output", "roi read name split sample", "map"),
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


def step_keys(snaps: bool) -> tuple[str, ...]:
    """The names of the steps, for an operator that snaps, or for an operator that does not."""
    return tuple(POOL_STEPS if snaps else ALIGN_STEPS)


def walk_keys(kind: str) -> tuple[str, ...]:
    """The steps of a walk; none for a page without one."""
    if kind == "bilinear":
        return tuple(POINT_STEPS)
    return step_keys(kind == "roi_pool") if kind in ("roi_pool", "roi_align") else ()
