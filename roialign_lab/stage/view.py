"""What a page shows: its scenes side by side, the traces that they are made from, and the lines of mathematics.

The payload packs a view for the browser; :func:`figure` puts the words round it, for a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roialign_core.bilinear import trace_point
from roialign_core.geometry import Floats, round_half_away_from_zero
from roialign_core.operators import Operator
from roialign_core.pyramid import fpn_levels
from roialign_core.trace import Trace
from roialign_lab.figures.gradient_scene import COMPARED, compared, gradient_seen
from roialign_lab.figures.network_picture import both_seen, how_they_compare, network_names, network_picture
from roialign_lab.figures.pair_scenes import both_operators, operator_titles
from roialign_lab.figures.picture import Panel, Picture, caption_in_walk, output_caption, shown_key, step_picture
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import LARGEST_NUMBERED, Grid, Photo, Rects, Samples, Scene
from roialign_lab.figures.steps import Step, glance, step_of
from roialign_lab.figures.sweep_chart import Sweep, sweep_of
from roialign_lab.lesson.maps import photo_of
from roialign_lab.lesson.number_text import number, number_before, signed
from roialign_lab.lesson.operator_names import answer_name, differences, member_name
from roialign_lab.lesson.scenario import SIDES, Focus, Scenario, nearest_focus
from roialign_lab.lesson.text import Text, plain
from roialign_lab.lesson.walks import PREDICTED, UNKNOWN, Emphasis, withheld
from roialign_lab.stage.page import Page

SAMPLED = {"neighbors", "weights", "join"}  # questions whose picture has the × from the start


@dataclass(frozen=True)
class View:
    """The scenes of a page, each with its trace and its name where there are several; what is written beside them.

    ``steps`` are the scenes as steps of walks, on pages that show steps.
    """

    scenes: tuple[Scene, ...]
    traces: tuple[Trace, ...] = ()
    names: tuple[str, ...] = ()
    formula: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    sweep: Sweep | None = None


def view(page: Page) -> View:
    """What a page shows now; nothing on a page without a stage."""
    return _VIEWS[page.kind](page)


def _lesson(page: Page) -> View:
    trace = page.scenario.trace(page.operator)
    step = step_of(trace, page.scenario.steps[page.kind], page.session.focus, page.scenario.numbered)
    return View((step.scene,), (trace,), (), step.formula, (step,))


def _point(page: Page) -> View:
    walk = point_steps(trace_point(page.scenario.feature_map, *page.scenario.point))
    step = next(step for step in walk if step.key == page.scenario.steps["bilinear"])
    return View((step.scene,), (), (), step.formula, (step,))


def _pair(page: Page) -> View:
    """RoI Pooling's maxima and RoI Align's neighbours, as much of the map in both."""
    scenario = page.scenario
    traces, scenes = both_operators(scenario, page.session.focus)
    return View(scenes, traces, operator_titles(page.text))


def _error(page: Page) -> View:
    """Both operators on one box, and what every output does while one side of it moves across two cells."""
    pair, scenario = _pair(page), page.scenario
    trace = pair.traces[0]
    formula = _two_roundings(trace, nearest_focus(page.session.focus, trace), page)
    looked = replace(scenario, focus=page.session.focus)
    return replace(pair, formula=formula, sweep=sweep_of(looked, scenario.pool, scenario.align))


def _family(page: Page) -> View:
    """Any two operators on one box, and the questions that they answer differently."""
    scenario, text, pair = page.scenario, page.text, page.scenario.pair
    traces = tuple(scenario.trace(operator) for operator in pair)
    scenes = [glance(trace, page.session.focus, scenario.numbered) for trace in traces]
    names = tuple(member_name(member, text) for member in (scenario.left, scenario.right))
    formula = tuple(
        f"{text(f'control.answer_{question}')}: {answer_name(question, a, text)} → {answer_name(question, b, text)}"
        for question, a, b in differences(*pair)
    )
    return View(_of_one_extent(scenes), traces, names, formula)


def _gradients(page: Page) -> View:
    """Where the gradient of the output lands, for three operators."""
    scenario, text, focus = page.scenario, page.text, page.session.focus
    traces = tuple(scenario.trace(operator) for operator in gradient_operators(scenario))
    seen = [gradient_seen(trace, focus, scenario.every) for trace in traces]
    names = tuple(text(f"family.{name}") for name in COMPARED)
    formula = tuple(
        text("gradient.reaches" if cells != "0" else "gradient.reaches_none", name=name, cells=cells, total=total)
        for name, (_, cells, total) in zip(names, seen, strict=True)
    )
    return View(_of_one_extent([scene for scene, _, _ in seen]), traces, names, formula)


def gradient_operators(scenario: Scenario) -> tuple[Operator, ...]:
    """The operators of the page about gradients."""
    return compared(scenario.pool, scenario.mean_align)


def _image(page: Page) -> View:
    """The photo and one of its feature maps; on both, the RoI as drawn and the region that RoI Pooling reads."""
    scenario = page.scenario
    trace = scenario.trace(scenario.pool)
    step = step_of(trace, "snap", page.session.focus)
    photo = photo_of(scenario.map)
    height, width = (side / scenario.stride for side in photo.maps.photo_shape)
    on_photo = replace(step.scene, marks=(*step.scene.marks, Photo(photo.preview, width, height)))
    formula = (*_in_pixels(trace), _pyramid_level(trace, page.text))
    return View((on_photo, step.scene), (trace, trace), (), formula, (step, step))


def _network(page: Page) -> View:
    """The masks of two trained networks in one box, on the picture or on the map that each reads."""
    seen, text = both_seen(page.scenario), page.text
    scenes, traces = (tuple(one.scene for one in seen), tuple(one.trace for one in seen))
    return View(scenes, traces, network_names(text), how_they_compare(seen, text))


IN_WORDS = dict.fromkeys(("in_pixels", "in_cells", "pixels"), Emphasis.HIDDEN)
"""What a question says in words, where it is asked: the corners of the box."""


def _quiz(page: Page) -> View:
    """A question: the picture before its answer, without what would tell; after it with the reason; at the end none.

    The box of a task that was checked is shown with what is read, until it is moved.
    """
    if page.session.quiz.is_over:
        return View(())
    quiz = page.session.quiz
    question, reveals = quiz.question, quiz.answered is not None or quiz.told is not None
    scenario, operator = question.revealed if reveals else (question.scenario, question.operator)
    trace = scenario.trace(operator)
    step = step_of(trace, question.after if reveals else question.before, scenario.focus)
    scene = replace(step.scene, emphasis={**step.scene.emphasis, **IN_WORDS})
    if scene.emphasis_of("value") is Emphasis.HIDDEN:  # the numbers of the map are compared
        scene = replace(scene, emphasis={**scene.emphasis, "map": Emphasis.SHOWN})
    if not reveals:
        marks = (mark for mark in scene.marks if not _would_tell(mark, question.key))
        scene = replace(scene, marks=tuple(marks))
    return View((scene,), (trace,), (), step.formula if quiz.answered is not None else (), (step,))


def _would_tell(mark: object, question: str) -> bool:
    samples = isinstance(mark, Samples) and question not in SAMPLED
    return samples or (isinstance(mark, Grid | Rects) and mark.role in ("output", "bin"))


_VIEWS: dict[str, Callable[[Page], View]] = {
    "roi_pool": _lesson,
    "roi_align": _lesson,
    "home": _pair,
    "image": _image,
    "bilinear": _point,
    "error": _error,
    "network": _network,
    "family": _family,
    "gradients": _gradients,
    "quiz": _quiz,
    "slides": lambda _page: View(()),
}


def _of_one_extent(scenes: Sequence[Scene]) -> tuple[Scene, ...]:
    """Every scene showing as much of the map as the scene that needs most."""
    left, top, right, bottom = zip(*(scene.extent for scene in scenes), strict=True)
    extent = (min(left), min(top), max(right), max(bottom))
    return tuple(replace(scene, extent=extent) for scene in scenes)


def _two_roundings(trace: Trace, focus: Focus, page: Page) -> tuple[str, ...]:
    """Each side before and after the first rounding, in cells and pixels; the bin looked at, through the second."""
    moved = zip(trace.roi, trace.roi_used, trace.quantization_error_pixels, strict=True)
    sides = [
        f"{side}: {number_before(round_half_away_from_zero, roi, 2)} → {number(read, 0)} ({signed(pixels, 1)} px)"
        for side, (roi, read, pixels) in zip(SIDES, moved, strict=True)
    ]
    equal, read = trace.bins[focus.row, focus.column], trace.bins_used[focus.row, focus.column]
    bins = [
        f"{page.text('sweep.bin', bin=page.scenario.bin_name(focus))} {axis}: "
        f"{number_before(np.floor, equal[k], 2)}–{number_before(np.ceil, equal[k + 2], 2)} → "
        f"{number(read[k], 0)}–{number(read[k + 2], 0)}"
        for k, axis in enumerate("xy")
    ]
    return (*sides, *bins)


def _in_pixels(trace: Trace) -> tuple[str, ...]:
    """Box, region read and shift of every side, in image pixels."""
    read = trace.roi_used / trace.spatial_scale
    return tuple(
        f"{side}: {drawn:.1f} → {used:.0f} px ({signed(moved, 1)})"
        for side, drawn, used, moved in zip(SIDES, trace.box, read, trace.quantization_error_pixels, strict=True)
    )


def _pyramid_level(trace: Trace, text: Text) -> str:
    """From which level a feature pyramid would read the box, and how many cells a square of its area has there."""
    x1, y1, x2, y2 = trace.box
    side = float(np.sqrt((x2 - x1) * (y2 - y1)))
    level = int(_level_of(np.array([side]))[0])
    cells = number(side / 2**level, 1)
    return text("moment.level", side=number_before(_level_of, side, 0), level=level, stride=2**level, cells=cells)


def _level_of(sides: Floats) -> Floats:
    """The level of each square box with a side of that many pixels (n,)."""
    return fpn_levels([(0, 0, side, side) for side in sides.tolist()]).astype(float)


# ---- the figure of a page -----------------------------------------------------------------------------------------


def has_figure(page: Page) -> bool:
    """False for a page without a stage, and for the end of the quiz."""
    return page.kind != "slides" and not (page.kind == "quiz" and page.session.quiz.is_over)


def figure(page: Page) -> Picture:
    """What a page shows now, as a file draws it: all its panels, the chart, and words that need no page round them.

    >>> from roialign_lab.lesson.session import Session
    >>> figure(Page("gradients", Session())).name, len(figure(Page("gradients", Session())).panels)
    ('gradients', 3)
    """
    text, scenario, shown = page.text, page.scenario, view(page)
    name, title = page.name.replace("_", "-"), page.title
    if page.kind in scenario.steps:
        caption = caption_in_walk(shown.traces[0], text) if shown.traces else ""
        step = shown.steps[0]
        if not page.shows("answer") and page.kind in PREDICTED and step.scene.emphasis_of("output") is not UNKNOWN:
            scene = replace(step.scene, emphasis=withheld(step.scene.emphasis, page.kind))
            plain_step = replace(step, scene=scene, formula=())
            return replace(step_picture(name, title, plain_step, text, caption), caption=text("predict.withheld"))
        return step_picture(name, title, step, text, caption)
    if page.kind == "quiz":
        return _figure_of_question(page, shown)
    if page.kind == "network":
        return network_picture(scenario, text)
    if page.kind == "image":
        rows, columns = scenario.feature_map.shape
        on_map = text("stage_for.map_quiz", rows=rows, columns=columns, stride=scenario.stride)
        scenes = [replace(scene, emphasis={**scene.emphasis, "output": Emphasis.HIDDEN}) for scene in shown.scenes]
        panels = [Panel(scene, words) for scene, words in zip(scenes, (text("figure.photo"), on_map), strict=True)]
    else:
        panels = [
            Panel(scene, words, _caption_of_output(page, trace))
            for scene, trace, words in zip(shown.scenes, shown.traces, shown.names, strict=True)
        ]
    return Picture(name, title, plain(sentence(page, shown)), shown.formula, tuple(panels), shown.sweep)


def _caption_of_output(page: Page, trace: Trace) -> str:
    """How the values are made, where the operators are those that the lesson explains."""
    if page.kind in ("home", "error"):
        return output_caption(trace, page.text)
    rows, columns = trace.output_size
    return page.text("figure.output", rows=rows, columns=columns)


def sentence(page: Page, shown: View) -> str:
    """What is to be seen where scenes stand side by side, without what to do with the page."""
    text, scenario = page.text, page.scenario
    match page.kind:
        case "home":
            return text(f"stage_for.pair_{scenario.align.aggregate.value}")
        case "error":
            return text(f"deck.sweep{'' if shown.sweep is None else shown.sweep.case}", side=scenario.side)
        case "family":
            return text(f"stage_for.family{likeness(shown)}_shown", left=shown.names[0], right=shown.names[1])
        case "gradients":
            tinted = "_tinted" if max(scenario.feature_map.shape) > LARGEST_NUMBERED else ""
            return text(f"stage_for.gradients{'_all' if scenario.every else ''}{tinted}")
        case "image":
            return text("stage_for.image", stride=scenario.stride)
    raise KeyError(page.kind)


def likeness(shown: View) -> str:
    """How alike two operators are: ``"_same"``, ``"_alike"`` where they answer all questions alike, or ``""``."""
    if shown.formula:
        return ""
    left, right = (trace.operator for trace in shown.traces)
    return "_same" if left == right else "_alike"


def _figure_of_question(page: Page, shown: View) -> Picture:
    """The question and its choices; the right choice is marked when the question was answered."""
    text, question, answered = page.text, page.session.quiz.question, page.session.quiz.answered
    labels = choice_labels(page)
    choices = [f"{letter}: {label}" for letter, label in zip("ABCDEFGH", labels, strict=False)]
    if answered is not None and choices:
        choices[question.right] += " ✓"
    return Picture(
        name=f"quiz-{question.key}",
        title=f"{page.title} · {text(f'quiz.{question.key}.title')}",
        caption=plain(text(shown_key(f"quiz.{question.key}.ask", text), **question.values)),
        formula=(*choices, *shown.formula),
        panels=(Panel(shown.scenes[0], output_caption=output_caption(shown.traces[0], text)),),
    )


def choice_labels(page: Page) -> list[str]:
    """What can be answered to the open question."""
    text = page.text
    labels = (choice.label for choice in page.session.quiz.question.choices)
    return [text(label) if label in text.entries else label for label in labels]
