"""What a nudge of one side changed: the outputs before, the way both operators came, and the difference in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from roialign_core.errors import BoxError, OptionError
from roialign_core.geometry import Floats
from roialign_lab.figures.mask_scene import NOTHING, mask_in
from roialign_lab.figures.sweep_chart import Sweep, sweep_between
from roialign_lab.lesson.mask_networks import TRAINED_WITH
from roialign_lab.lesson.number_text import number, numbers, signed
from roialign_lab.lesson.scenario import LEAST_SIDE, SIDES, Focus
from roialign_lab.stage import packing
from roialign_lab.stage.page import Page

FARTHEST = 1.0  # cells: a nudge that is longer is none


def trail(page: Page, side: str, start: float) -> dict[str, Any]:
    """The trail of a nudge that moved ``side`` of the box from ``start`` to where it is; nothing for no nudge."""
    scenario, k = replace(page.scenario, side=side, focus=page.session.focus), SIDES.index(side)
    before = [*scenario.box]
    before[k] = start
    moved = abs(scenario.box[k] - start)
    if not 0.005 < moved <= FARTHEST or min(before[2] - before[0], before[3] - before[1]) < LEAST_SIDE / 2:
        return {}
    way = sweep_between(scenario, scenario.pool, scenario.align, start)
    if scenario.box[k] < start:  # as it was walked
        way = replace(way, positions=way.positions[::-1], pool=way.pool[::-1], align=way.align[::-1])
    jumps = _steps(way.pool).reshape(len(way.pool) - 1, -1)
    at, looked = divmod(int(np.argmax(np.abs(jumps))), jumps.shape[1])
    jump = float(jumps[at, looked])
    if not jump:
        looked = int(np.argmax(np.abs(_change(way.align))))
    if way.pool[0].size == np.prod(scenario.output_size):
        way = replace(way, looked=looked)
    return {"trail": {
        "before": [" ".join(numbers(outputs[0].ravel(), 4)) for outputs in (way.pool, way.align)],
        "looked": way.looked,
        "sentence": _sentence(page, way, start, jump, at, looked),
        "chart": packing.sweep_chart(_from_low_to_high(way)),
    }}  # fmt: skip


def trail_of_masks(page: Page, side: str, start: float) -> dict[str, Any]:
    """How many pixels of each network's mask changed with a nudge; nothing for no nudge, or where there is no mask."""
    scenario, k = page.scenario, SIDES.index(side)
    x1, y1, x2, y2 = (start if at == k else value for at, value in enumerate(scenario.box))
    if not 0.005 < abs(scenario.box[k] - start) <= FARTHEST:
        return {}
    try:
        masks = {name: (mask_in(scenario, name, (x1, y1, x2, y2)), mask_in(scenario, name)) for name in TRAINED_WITH}
    except (BoxError, OptionError):
        return {}
    ious = {name: [one.iou for one in pair] for name, pair in masks.items()}
    shown = {name: [NOTHING if iou is None else number(iou, 2) for iou in pair] for name, pair in ious.items()}
    values: dict[str, object] = {f"{name}_pixels": np.count_nonzero(a.mask != b.mask) for name, (a, b) in masks.items()}
    values |= {
        f"{name}_{when}": iou for name, pair in shown.items() for when, iou in zip(("from", "to"), pair, strict=True)
    }
    moved = {"name": side, "start": number(start, 2), "end": number(scenario.box[k], 2)}
    sentence = page.text("trail.masks", **moved, **values)
    return {"trail": {"before": [pair[0] for pair in shown.values()], "looked": 0, "sentence": sentence}}


def _sentence(page: Page, way: Sweep, start: float, jump: float, at: int, looked: int) -> str:
    text, columns = page.text, page.scenario.output_size[1]
    whole = way.pool[0].size == np.prod(page.scenario.output_size)
    focus = Focus(*divmod(looked, columns)) if whole else page.session.focus
    grain = abs(float(way.positions[-1] - way.positions[0])) / (len(way.positions) - 1)
    values = {
        "name": way.side,
        "start": number(start, 2),
        "end": number(way.at, 2),
        "bin": page.scenario.bin_name(focus),
        "jump": signed(jump, 2),
        "at": number(float(way.positions[at + 1]), 2),
        "step": number(float(np.abs(_steps(way.align)).max()), 4),
        "grain": number(grain, 2),
        "total": signed(float(_change(way.align)[looked]), 4),
    }
    return text(("trail.jumps" if jump else "trail.rests") + ("" if whole else "_one"), **values)


TRAILS = {"home": trail, "network": trail_of_masks}
"""The trail of a nudge, by the kind of the page."""


def _change(outputs: Floats) -> Floats:
    """Of each output from the first position to the last."""
    return _steps(outputs[[0, -1]]).ravel()


def _steps(outputs: Floats) -> Floats:
    """From each position to the next (n - 1, ph, pw); 0 where there is no number to compare."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.diff(outputs.astype(float), axis=0), posinf=0.0, neginf=0.0)


def _from_low_to_high(way: Sweep) -> Sweep:
    if way.positions[0] <= way.positions[-1]:
        return way
    return replace(way, positions=way.positions[::-1], pool=way.pool[::-1], align=way.align[::-1])
