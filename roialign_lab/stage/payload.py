"""What the stage of each page is sent: the scenes of its scenario, their numbers, and the words around them.

``still`` is what a drag leaves as it is (the map, the words); it is made when a browser does not have it yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import astuple
from functools import cache
from string import Formatter
from typing import Any

import numpy as np

from roialign_core.bilinear import trace_point
from roialign_core.geometry import round_half_away_from_zero
from roialign_core.operators import Aggregate, Operator, Reading
from roialign_core.trace import Trace
from roialign_lab.asset_folder import ASSETS
from roialign_lab.figures.formats import FORMATS
from roialign_lab.figures.gradient_scene import compared, gradient_scene, summary
from roialign_lab.figures.point_steps import loupe_extent, point_steps
from roialign_lab.figures.scene import Scene, extent_of
from roialign_lab.figures.steps import Step, consequence, glance, step_of, steps
from roialign_lab.figures.style import INKS, THEMES, switch_level
from roialign_lab.figures.sweep_chart import sweep_of
from roialign_lab.lesson.maps import photo_of
from roialign_lab.lesson.number_text import number, number_before
from roialign_lab.lesson.operator_names import answer_name, differences, member_name
from roialign_lab.lesson.options import hideable
from roialign_lab.lesson.quiz import KINDS
from roialign_lab.lesson.scenario import POINT_REACH, SIDES, Focus, Scenario, nearest_focus
from roialign_lab.lesson.text import LANGUAGES, Text
from roialign_lab.lesson.walks import ALIGN_STEPS, POOL_STEPS, Emphasis
from roialign_lab.stage import packing
from roialign_lab.stage.controls import controls, controls_on
from roialign_lab.stage.page import PAGES, Page, address_of

# What one level deeper goes through in a step: the bins, or every sample of every bin.
SAMPLED = {"neighbors", "weights", "join"}  # questions whose picture has the × from the start
DEEPER = {"cells": "bin", "max": "bin", "join": "bin", "samples": "sample", "neighbors": "sample", "values": "sample"}


def payload(page: Page) -> tuple[dict[str, Any], Callable[[], dict[str, Any]]]:
    """What an update of this page's stage carries, and the function that makes the rest, named by its ``still_id``."""
    data = _DATA[page.kind](page)
    data["still_id"], still = data.pop("still")
    return data, still


def _lesson(page: Page) -> dict[str, Any]:
    scenario = page.scenario
    operator = page.operator
    trace = scenario.trace(operator)
    step = step_of(trace, scenario.steps[page.kind], page.session.focus)
    data = _moving(page, step, [step.scene], trace)
    if not operator.snaps:
        other = Aggregate.MEAN if operator.aggregate is Aggregate.MAX else Aggregate.MAX
        data["other"] = " ".join(number(value, 4) for value in trace.joined(other).ravel().tolist())
        data["factors"] = packing.matrices(trace)
    data["kind"] = "lesson"

    def still() -> dict[str, Any]:
        text = page.text
        words = _words(text, operator)
        return {
            **_common(page, words),
            "sampled": not operator.snaps,
            "deep": DEEPER,
            "panels": [_panel(step.scene, trace, scenario, text, text("stage_for.map", **_map_size(scenario)))],
            "steps": _walk(steps(trace, page.session.focus), text),
        }

    data["still"] = (_identity(page, scenario, operator, trace.grid), still)
    return data


def _pair(page: Page) -> dict[str, Any]:
    scenario = page.scenario
    traces = [scenario.trace(scenario.pool), scenario.trace(scenario.align)]
    ends = [step_of(trace, key, page.session.focus) for trace, key in zip(traces, ("max", "join"), strict=True)]
    data = _moving(page, ends[0], [step.scene for step in ends], traces[0])
    data |= {"kind": "pair", "formula": (), "values": {}}
    data.pop("sentence", None)  # that of a step: here the page has its own
    extent = extent_of(traces[0])

    def still() -> dict[str, Any]:
        text = page.text
        names = (text("menu.roi_pooling"), text("menu.roi_align"))
        lit = (POOL_STEPS["max"], {**ALIGN_STEPS["neighbors"], "focus": "lit"})
        panels = [
            {**_panel(step.scene, trace, scenario, text, name), "extent": extent, "emphasis": emphasis}
            for step, trace, name, emphasis in zip(ends, traces, names, lit, strict=True)
        ]
        words = _words(text, scenario.pool)
        return {
            **_common(page, words),
            "sampled": False,
            "panels": panels,
            "steps": [],
            "sentence": text(f"stage_for.pair_{scenario.align.aggregate.value}"),
        }

    data["still"] = (_identity(page, scenario, scenario.pool, scenario.align, traces[1].grid), still)
    return data


def _error(page: Page) -> dict[str, Any]:
    """Both operators on one box, and what every output does while one side of it moves across two cells."""
    scenario = page.scenario
    data = _pair(page)
    _, still = data.pop("still")
    trace = scenario.trace(scenario.pool)
    swept = sweep_of(scenario, scenario.pool, scenario.align)
    data |= {
        "sweep": packing.sweep_chart(swept),
        "formula": _two_roundings(trace, nearest_focus(page.session.focus, trace), page.text),
    }

    def with_chart() -> dict[str, Any]:
        text = page.text
        chart = {name: text(f"sweep.{name}") for name in ("label", "pool", "align", "grip")}
        return {**still(), "sentence": text("stage_for.error"), "chart": chart}

    data["still"] = (_identity(page, scenario, scenario.pool, scenario.align, scenario.side), with_chart)
    return data


def _family(page: Page) -> dict[str, Any]:
    """Any two operators on one box, and the questions that they answer differently."""
    scenario, text = page.scenario, page.text
    pair = scenario.pair
    traces = [scenario.trace(operator) for operator in pair]
    scenes = [glance(trace, page.session.focus) for trace in traces]
    told = differences(*pair)
    said = tuple(
        f"{text(f'control.answer_{one}')}: {answer_name(one, a, text)} → {answer_name(one, b, text)}"
        for one, a, b in told
    )
    data = {**_beside(page, traces, scenes), "formula": said, "values": {}}

    def still() -> dict[str, Any]:
        names = [member_name(one, text) for one in (scenario.left, scenario.right)]
        key = "family" + ("" if told else "_same") + ("_shown" if page.session.presenting else "")  # without the menus
        sentence = text(f"stage_for.{key}", left=names[0], right=names[1])
        return _side_by_side(page, traces, scenes, names) | {"sentence": sentence}

    data["still"] = (_identity(page, scenario, *pair, [trace.grid for trace in traces]), still)
    return data


def _gradients(page: Page) -> dict[str, Any]:
    """Where the gradient of the output lands, for three operators."""
    scenario, text = page.scenario, page.text
    operators = compared(scenario.pool, scenario.mean_align)
    traces = [scenario.trace(operator) for operator in operators]
    scenes = [gradient_scene(trace, page.session.focus, scenario.every) for trace in traces]
    names = [text(f"family.{name}") for name in ("roi_pool", "roi_align", "precise_roi_pool")]
    reached = (summary(trace, page.session.focus, scenario.every) for trace in traces)
    said = (text("gradient.reaches", name=n, cells=c, total=t) for n, (c, t) in zip(names, reached, strict=True))
    data = {**_beside(page, traces, scenes), "formula": tuple(said), "values": {}}

    def still() -> dict[str, Any]:
        sentence = text("stage_for.gradients_all" if scenario.every else "stage_for.gradients")
        return _side_by_side(page, traces, scenes, names) | {"sentence": sentence}

    data["still"] = (_identity(page, scenario, *operators, [trace.grid for trace in traces], scenario.every), still)
    return data


def _beside(page: Page, traces: list[Trace], scenes: list[Scene]) -> dict[str, Any]:
    """What a drag changes where operators stand side by side."""
    first = traces[0]
    return {
        "kind": "pair",
        "box": page.scenario.box,
        "step": "",
        "focus": astuple(nearest_focus(page.session.focus, first)),
        **({"pinned": astuple(nearest_focus(page.scenario.focus, first))} if page.session.hovered else {}),
        "panels": [packing.moving(scene) for scene in scenes],
        "cost": consequence(first),
    }


def _side_by_side(page: Page, traces: list[Trace], scenes: list[Scene], names: list[str]) -> dict[str, Any]:
    """What a drag leaves as it is: every panel shows as much of the map as the one that needs most."""
    text, scenario = page.text, page.scenario
    extents = np.array([scene.extent for scene in scenes])
    extent = (*extents[:, :2].min(axis=0).tolist(), *extents[:, 2:].max(axis=0).tolist())
    panels = [
        {
            **_panel(scene, trace, scenario, text, name),
            "extent": extent,
            "emphasis": dict(scene.emphasis),
            "output_caption": name,
        }
        for scene, trace, name in zip(scenes, traces, names, strict=True)
    ]
    return {**_common(page, _words(text, traces[0].operator)), "sampled": False, "panels": panels, "steps": []}


def _quiz(page: Page) -> dict[str, Any]:
    """A question: the picture before its answer, or after it with the reason."""
    asked, answered = page.session.quiz.question, page.session.quiz.answered
    scenario, operator = (asked.scenario, asked.operator) if answered is None else asked.revealed
    trace = scenario.trace(operator)
    key = asked.before if answered is None else asked.after
    step = step_of(trace, key, scenario.focus)
    shown = packing.moving(step.scene)
    data: dict[str, Any] = {
        "kind": "quiz",
        "box": asked.scenario.box,
        "step": asked.key,
        "focus": astuple(asked.scenario.focus),
        "panels": [shown],
        "values": asked.values,
        "formula": step.formula if answered is not None else (),
    }
    if answered is None:  # nothing that would tell
        for role in (
            "output",
            "output_levels",
            "output_columns",
            "bin",
            *(() if asked.key in SAMPLED else ("samples",)),
        ):
            shown.pop(role, None)

    def still() -> dict[str, Any]:
        text = page.text
        labels = [text(one.label) if one.label in text.entries else one.label for one in asked.choices]
        right, given = page.session.quiz.score
        kinds = [{"key": k, "title": text(f"quiz.{k}.title"), "sentence": text(f"quiz.{k}.ask")} for k in KINDS]
        panel = _panel(step.scene, trace, scenario, text, text("stage_for.map_quiz", **_map_size(scenario)))
        emphasis = {**step.scene.emphasis, "map": Emphasis.SHOWN}  # one compares with the numbers of the map
        verdict = {} if answered is None else {
            "chosen": answered,
            "right": asked.right,
            "verdict": text("quiz.right" if answered == asked.right else "quiz.wrong", answer=labels[asked.right]),
            "reason": text(asked.choices[answered].reason),
        }  # fmt: skip
        return {
            **_common(page, _words(text, operator)),
            "sampled": False,
            "deep": {},
            "panels": [{**panel, "emphasis": emphasis}],
            "steps": [{**kind, "emphasis": {}} for kind in kinds],
            "quiz": {"choices": labels, "score": text("quiz.score", right=right, given=given), **verdict},
        }

    depends = (page.session.quiz.seed, asked.key, answered, page.session.quiz.score)
    data["still"] = (_identity(page, asked.scenario, depends), still)
    return data


def _slides(page: Page) -> dict[str, Any]:
    """A page without a stage: its title and its menu."""
    scenario = page.scenario
    data: dict[str, Any] = {
        "kind": "plain",
        "box": scenario.box,
        "step": "",
        "focus": astuple(scenario.focus),
        "panels": [],
    }

    def still() -> dict[str, Any]:
        return {**_common(page, _words(page.text, scenario.pool)), "sampled": False, "panels": [], "steps": []}

    data["still"] = (_identity(page, scenario), still)
    return data


def _two_roundings(trace: Trace, focus: Focus, text: Text) -> tuple[str, ...]:
    """Each side before and after the first rounding, in cells and pixels; the bin looked at, through the second."""
    moved = zip(trace.roi, trace.roi_used, trace.quantization_error_pixels, strict=True)
    sides = [
        f"{side}: {number_before(round_half_away_from_zero, asked, 2)} → {number(read, 0)} ({pixels:+.1f} px)"
        for side, (asked, read, pixels) in zip(SIDES, moved, strict=True)
    ]
    equal, read = trace.bins[focus.row, focus.column], trace.bins_used[focus.row, focus.column]
    bins = [
        f"{text('sweep.bin', row=focus.row, column=focus.column)} {axis}: "
        f"{number_before(np.floor, equal[k], 2)}–{number_before(np.ceil, equal[k + 2], 2)} → "
        f"{number(read[k], 0)}–{number(read[k + 2], 0)}"
        for k, axis in enumerate("xy")
    ]
    return (*sides, *bins)


def _image(page: Page) -> dict[str, Any]:
    """The photo and one of its feature maps, with one box on both: what was asked for, and what RoI Pooling reads."""
    scenario = page.scenario
    trace = scenario.trace(scenario.pool)
    step = step_of(trace, "snap", page.session.focus)
    data = _moving(page, step, [step.scene, step.scene], trace)
    for panel in data["panels"]:
        panel.pop("output")
    data |= {"kind": "pair", "formula": _in_pixels(trace), "values": {"stride": str(scenario.stride)}}

    def still() -> dict[str, Any]:
        text = page.text
        photo = photo_of(scenario.map)
        height, width = (side / scenario.stride for side in photo.maps.photo_shape)
        on_map = _panel(step.scene, trace, scenario, text, text("stage_for.map", **_map_size(scenario)))
        on_photo = {**on_map, "image": photo.preview, "image_size": (width, height)}
        on_photo |= {"caption": text("stage_for.photo"), "label": text("stage_for.photo_label")}
        return {
            **_common(page, _words(text, scenario.pool)),
            "sampled": False,
            "deep": {},
            "panels": [{**panel, "emphasis": POOL_STEPS["snap"]} for panel in (on_photo, on_map)],
            "steps": [],
            "figures": (),
            "lessons": [(name, text("menu." + name), address_of(name)) for name in ("roi_pooling", "roi_align")],
            "sentence": text("stage_for.image"),
        }

    data["still"] = (_identity(page, scenario, scenario.pool), still)
    return data


def _in_pixels(trace: Trace) -> tuple[str, ...]:
    """Box, region read and shift of every side, in image pixels."""
    read = trace.roi_used / trace.spatial_scale
    return tuple(
        f"{side}: {asked:.1f} → {got:.0f} px ({by:+.1f})"
        for side, asked, got, by in zip(SIDES, trace.box, read, trace.quantization_error_pixels, strict=True)
    )


def _point(page: Page) -> dict[str, Any]:
    scenario = page.scenario
    point = trace_point(scenario.feature_map, *scenario.point)
    walk = point_steps(point)
    key = scenario.steps["bilinear"]
    step = next(one for one in walk if one.key == key)
    data: dict[str, Any] = {
        "kind": "point",
        "point": scenario.point,
        "step": key,
        "focus": (0, 0, 0),
        "panels": [packing.moving(step.scene), {**packing.moving(step.scene), "extent": loupe_extent(point)}],
        **_said(step, page.text),
        "formula": step.formula,
    }

    def still() -> dict[str, Any]:
        text = page.text
        rows, columns = scenario.feature_map.shape
        return {
            **_common(page, _words(text, scenario.align)),
            "limits": {"y": (-POINT_REACH, rows + POINT_REACH), "x": (-POINT_REACH, columns + POINT_REACH)},
            "sampled": False,
            "deep": {},
            "panels": [
                {
                    **packing.still(step.scene),
                    "caption": text(f"stage_for.{name}", **_map_size(scenario)),
                    "label": label,
                }
                for name, label in (("map_point", text("stage_for.map_label", **_map_size(scenario))), ("loupe", ""))
            ],
            "steps": _walk(walk, text),
        }

    data["still"] = (_identity(page, scenario), still)
    return data


_DATA = {
    "roi_pool": _lesson,
    "roi_align": _lesson,
    "home": _pair,
    "image": _image,
    "bilinear": _point,
    "error": _error,
    "family": _family,
    "gradients": _gradients,
    "quiz": _quiz,
    "slides": _slides,
}


def _moving(page: Page, step: Step, scenes: list[Scene], trace: Trace) -> dict[str, Any]:
    return {
        "box": page.scenario.box,
        "step": step.key,
        "focus": astuple(nearest_focus(page.session.focus, trace)),
        **({"pinned": astuple(nearest_focus(page.scenario.focus, trace))} if page.session.hovered else {}),
        "panels": [packing.moving(scene) for scene in scenes],
        **_said(step, page.text),
        "formula": step.formula,
        "cost": consequence(trace),
    }


def _said(step: Step, text: Text) -> dict[str, Any]:
    """The numbers that the sentence of this step has room for, and no others: they travel with every update.

    So does the sentence where it is not the usual one.
    """
    sentence = text(step.sentence_key)
    values = {name: step.values[name] for name in _places(sentence)}
    return {"values": values, "sentence": sentence} if step.case else {"values": values}


@cache
def _places(sentence: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(sentence) if name)


def _panel(scene: Scene, trace: Trace, scenario: Scenario, text: Text, caption: str) -> dict[str, Any]:
    rows, columns = trace.output_size
    operator = trace.operator
    key = "max" if operator.snaps else f"{operator.aggregate.value}_samples"
    values = {"rows": rows, "columns": columns, "samples": f"{trace.grid[0]}×{trace.grid[1]}"}
    return {
        **packing.still(scene),
        "caption": caption,
        "label": text("stage_for.map_label", **_map_size(scenario)),
        "output_caption": text(f"stage_for.output_{key}", **values),
    }


def _common(page: Page, words: Mapping[str, str]) -> dict[str, Any]:
    rows, columns = page.scenario.feature_map.shape
    others = [name for name in PAGES if name != page.name and page.shows("menu")]
    return {
        "words": words,
        "page": page.name,
        "bar": {
            "title": page.title,
            "lead": page.text("app.promise") if page.name == "home" else "",
            "pages": [(n, page.text("menu." + n), address_of(n)) for n in others],
            "languages": [(n, page.text(f"app.languages.{n}")) for n in LANGUAGES if page.shows("languages")],
        },
        "controls": controls(page.scenario, page.kind, page.text, page.session.uploads, page.session.hidden),
        "figures": FORMATS if page.kind in page.scenario.steps and page.shows("figures") else (),
        "hidden": [part for part in ("steps", "sliders") if not page.shows(part)],
        "presenting": page.session.presenting,
        "parts": [(part, page.text(f"part.{part}")) for part in hideable() if part in _parts_of(page)],
        "left_out": page.session.hidden,
        "lessons": (),
        "inks": {
            **{name: [INKS[name].of(theme) for theme in THEMES] for name in ("low", "high", "on_low", "on_high")},
            "switch_level": [switch_level(theme) for theme in THEMES],
        },
        "limits": {"x1": (0, columns), "y1": (0, rows), "x2": (0, columns), "y2": (0, rows)},
    }


def _parts_of(page: Page) -> set[str]:
    """What this page has that a lesson link can leave out."""
    walks = page.kind in page.scenario.steps
    staged = page.kind not in ("quiz", "slides")
    choosable = (option.name for option in controls_on(page.kind))
    sliders, data = ({"sliders"}, {"own", "notes"}) if staged else (set(), set())
    return {"menu", "languages", *sliders, *data, *choosable, *(("steps", "figures") if walks else ())}


def _walk(walk: tuple[Step, ...], text: Text) -> list[dict[str, Any]]:
    return [
        {
            "key": step.key,
            "title": text(step.text_key + ".title"),
            "sentence": text(step.text_key + ".sentence"),
            "emphasis": dict(step.scene.emphasis),
        }
        for step in walk
    ]


def _words(text: Text, operator: Operator) -> dict[str, str]:
    mean = operator.aggregate is Aggregate.MEAN
    shifted = operator.snaps and operator.reading is not Reading.EVERY_CELL and not operator.aligned
    cost = "cost_shifted" if shifted else "cost_pool" if operator.snaps else "cost_align"
    return {
        **text.under("stage"),
        "cost": text(f"stage_for.{cost}"),
        "other": text("stage_for.other_when_mean" if mean else "stage_for.other_when_max"),
        "aggregate": operator.aggregate.value,
    }


def _map_size(scenario: Scenario) -> dict[str, object]:
    rows, columns = scenario.feature_map.shape
    return {"rows": rows, "columns": columns, "stride": scenario.stride}


def _identity(page: Page, scenario: Scenario, *others: object) -> str:
    """A name for all that ``still`` depends on."""
    depends = (page.name, page.session.language, scenario.map, scenario.stride, scenario.output_size, scenario.samples)
    view = (page.session.hidden, page.session.presenting)
    return hashlib.sha256(repr((depends, view, others, _code_version())).encode()).hexdigest()[:12]


@cache
def _code_version() -> str:
    texts = sorted((ASSETS / "text").glob("*.toml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in texts)).hexdigest()[:8]
