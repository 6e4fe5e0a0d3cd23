"""A picture: the scenes that stand side by side, the chart of a sweep, and the words round them. What a file draws."""

from __future__ import annotations

from dataclasses import dataclass

from roialign_core.trace import Trace
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import Step
from roialign_lab.figures.sweep_chart import Sweep
from roialign_lab.lesson.text import Text, plain


@dataclass(frozen=True)
class Panel:
    """One scene, what is written above its map, and what is written above its output."""

    scene: Scene
    caption: str = ""
    output_caption: str = ""


@dataclass(frozen=True)
class Picture:
    """Panels and perhaps the chart of a sweep, with a title, a caption and lines of mathematics, ready to be shown.

    ``name`` is what a file of it is called, without an ending.
    """

    name: str
    title: str
    caption: str
    formula: tuple[str, ...] = ()
    panels: tuple[Panel, ...] = ()
    sweep: Sweep | None = None


def step_picture(name: str, title: str, step: Step, text: Text, output_caption: str = "") -> Picture:
    """One step of a walk: its scene, its sentence and its formula; ``title`` is that of the walk."""
    return Picture(
        name=f"{name}-{step.key}",
        title=f"{title} · {text(step.text_key + '.title')}",
        caption=plain(text(shown_key(step.sentence_key, text), **step.values)),
        formula=step.formula,
        panels=(Panel(step.scene, output_caption=output_caption),),
    )


def shown_key(key: str, text: Text) -> str:
    """The key of a sentence for a picture that nobody can move, where the usual one asks to.

    >>> from roialign_lab.lesson.text import text_in
    >>> [shown_key(f"steps.bilinear.{step}.sentence", text_in("en")) for step in ("sum", "edge")]
    ['steps.bilinear.sum.sentence', 'steps.bilinear.edge.sentence_shown']
    """
    return f"{key}_shown" if f"{key}_shown" in text.entries else key


def caption_in_walk(trace: Trace, text: Text) -> str:
    """:func:`output_caption`, and that the region is not read where the box was drawn, which not every step says."""
    caption = output_caption(trace, text)
    is_legacy = not trace.operator.snaps and not trace.operator.aligned
    return text("stage_for.output_legacy", caption=caption) if is_legacy else caption


def output_caption(trace: Trace, text: Text) -> str:
    """How many values a trace has, and what each is made of.

    >>> from roialign_core import ROI_POOL, trace
    >>> from roialign_core.examples import ANIMATION_MAP
    >>> from roialign_lab.lesson.text import text_in
    >>> output_caption(trace(ANIMATION_MAP, (0, 3, 6, 7), ROI_POOL, 2), text_in("en"))
    'Output 2×2, max of the cells'
    """
    rows, columns = trace.output_size
    key = "max" if trace.operator.snaps else f"{trace.operator.aggregate.value}_samples"
    samples = f"{trace.grid[0]}×{trace.grid[1]}"
    return text(f"stage_for.output_{key}", rows=rows, columns=columns, samples=samples)
