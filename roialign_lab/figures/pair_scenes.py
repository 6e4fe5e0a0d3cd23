"""RoI Pooling and RoI Align side by side on one box: the maxima of the one, the neighbours of the other."""

from __future__ import annotations

from dataclasses import replace

from roialign_core.trace import Trace
from roialign_lab.figures.picture import Panel, output_caption
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import scene_of
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import ALIGN_STEPS, POOL_STEPS, Emphasis

SIDE_BY_SIDE = (
    POOL_STEPS["max"],
    {**ALIGN_STEPS["neighbors"], "focus": Emphasis.LIT, "output": Emphasis.LIT},
)
"""What stands out: the maxima, the neighbours."""


def both_operators(scenario: Scenario, focus: Focus) -> tuple[tuple[Trace, Trace], tuple[Scene, Scene]]:
    """The traces of both and a scene of each, with as much of the map in both."""
    traces = (scenario.trace(scenario.pool), scenario.trace(scenario.align))
    pool, align = (
        scene_of(trace, emphasis, focus, scenario.numbered)
        for trace, emphasis in zip(traces, SIDE_BY_SIDE, strict=True)
    )
    return traces, (pool, replace(align, extent=pool.extent))


def operator_titles(text: Text) -> tuple[str, str]:
    """What stands above them."""
    return text("menu.roi_pooling"), text("menu.roi_align")


def pair_panels(scenario: Scenario, text: Text) -> tuple[Panel, ...]:
    """Both with what is written above their maps and outputs."""
    traces, scenes = both_operators(scenario, scenario.focus)
    captions = zip(scenes, operator_titles(text), traces, strict=True)
    return tuple(Panel(scene, title, output_caption(trace, text)) for scene, title, trace in captions)
