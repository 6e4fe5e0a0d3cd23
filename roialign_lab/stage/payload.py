"""What the stage of each page is sent: the scenes of its scenario, their numbers, and the words around them.

``still`` is what a drag leaves as it is (the map, the words); it is made when a browser does not have it yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from functools import cache
from string import Formatter
from typing import Any

from roialign_core.bilinear import trace_point
from roialign_core.operators import Aggregate, Operator, Reading
from roialign_core.trace import Trace
from roialign_lab.asset_folder import ASSETS
from roialign_lab.figures.formats import FORMATS
from roialign_lab.figures.formulas import signs_of_joined
from roialign_lab.figures.network_picture import output_captions
from roialign_lab.figures.picture import output_caption
from roialign_lab.figures.point_steps import CORNERS, point_steps
from roialign_lab.figures.scene import Scene, image_lines
from roialign_lab.figures.steps import Step, consequence, steps
from roialign_lab.figures.strokes import NUMBER, NUMBER_OF_PART, UNKNOWN
from roialign_lab.figures.style import INKS, THEMES, switch_level
from roialign_lab.figures.sweep_chart import Sweep, sweep_of
from roialign_lab.lesson.box_tasks import TASKS
from roialign_lab.lesson.mask_networks import parts_of
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.options import ANSWERS, hideable
from roialign_lab.lesson.predict_step import asked_sample
from roialign_lab.lesson.quiz import STEPS, SUMMARY
from roialign_lab.lesson.scenario import POINT_REACH, SIDES, Focus, Scenario, nearest_focus
from roialign_lab.lesson.text import LANGUAGES, Text
from roialign_lab.lesson.walks import (
    BESIDES,
    COST_KNOWN_FROM,
    MOTIONS,
    OF_REGION,
    PREDICTED,
    Emphasis,
    before_answer,
    withheld,
)
from roialign_lab.stage import packing, stakes
from roialign_lab.stage.controls import controls, controls_on
from roialign_lab.stage.page import FURTHER, PAGES, PATH, WALKS, Page, address_of
from roialign_lab.stage.quiz_summary import summary
from roialign_lab.stage.view import View, choice_labels, gradient_operators, has_figure, likeness, sentence, view

HALF, TENTH = 0.5, 0.1  # cells that a button moves a side
LETTERS, LARGE, OF_SMALL_MAP = 0.25, 0.34, 0.36  # cells: the size of the numbers of a map
SIDE_BY_SIDE = {"home", "image", "error", "network", "family", "gradients"}
# What one level deeper goes through in a step: the bins, or every sample of every bin.
DEEPER = {"cells": "bin", "max": "bin", "join": "bin", "samples": "sample", "neighbors": "sample", "values": "sample"}


Drawn = tuple[dict[str, Any], Callable[[], dict[str, Any]]]


def payload(page: Page, identity: str | None = None) -> Drawn:
    """What an update of this page's stage carries, and the function that makes the rest, named by its ``still_id``.

    ``identity`` is that name, where it is known already.
    """
    data, still = _DATA[page.kind](page)
    return {**data, "still_id": identity or still_id(page)}, still


def still_id(page: Page) -> str:
    """The name of what a drag leaves as it is: all that it depends on, without the work of an update."""
    if page.kind == "quiz":
        quiz = page.session.quiz
        answered = (sorted(quiz.answered_choices.items()), quiz.first_boxes, quiz.solved, quiz.told is not None)
        return _identity(page, quiz.question.scenario, (quiz.seed, quiz.key, answered))
    scenario = page.scenario
    return _identity(page, scenario, *_DEPENDS.get(page.kind, lambda _page, _scenario: ())(page, scenario))


# What the words and the map of a page depend on beside the map and the options of every page.
_DEPENDS: dict[str, Callable[[Page, Scenario], tuple[object, ...]]] = {
    "roi_pool": lambda page, scenario: (page.operator, scenario.grid(page.operator)),
    "roi_align": lambda page, scenario: (page.operator, scenario.grid(page.operator)),
    "home": lambda _, scenario: (scenario.pool, scenario.align, scenario.grid(scenario.align), scenario.side),
    "image": lambda _, scenario: (scenario.pool,),
    "error": lambda _, scenario: (scenario.pool, scenario.align, scenario.grid(scenario.align), scenario.side),
    "network": lambda _, scenario: (scenario.on_map, scenario.side),
    "family": lambda _, scenario: (*scenario.pair, [scenario.grid(operator) for operator in scenario.pair]),
    "gradients": lambda _, scenario: (
        *gradient_operators(scenario),
        [scenario.grid(operator) for operator in gradient_operators(scenario)],
        scenario.every,
    ),
}


def _lesson(page: Page) -> Drawn:
    scenario, operator, shown = page.scenario, page.operator, view(page)
    (trace,), (step,) = shown.traces, shown.steps
    data = _moving(page, shown, step.key, _sentence_values(step, page.text))
    if not operator.snaps:
        other = Aggregate.MEAN if operator.aggregate is Aggregate.MAX else Aggregate.MAX
        data["other"] = " ".join(number(value, 4) for value in trace.joined(other).ravel().tolist())
        data["factors"] = packing.matrices(trace)
        if step.scene.emphasis_of("output") is not Emphasis.UNKNOWN:
            data["signs"] = " ".join(signs_of_joined(trace, step.scene))
    data["kind"] = "lesson"

    def still() -> dict[str, Any]:
        text = page.text
        words = _words(text, operator)
        caption = "map" if operator.snaps or operator.aligned else "map_legacy"  # of which not every step speaks
        return {
            **_common(page, words),
            "sampled": not operator.snaps,
            "deep": DEEPER,
            "panels": [
                {
                    **_panel(page, step.scene, trace, text(f"stage_for.{caption}", **_map_size(scenario))),
                    "image_lines": packing.lines(image_lines(trace)),
                }
            ],
            "steps": _predictable(page, trace, _walk(steps(trace, page.session.focus, scenario.numbered), text)),
            "questions": _questions(page),
            "cost_from": COST_KNOWN_FROM[page.kind],
        }

    return data, still


def _predictable(page: Page, trace: Trace, walk: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps with what each asks before it shows: those that can be predicted; where the answer is left out, all
    that would tell it."""
    text, kind, (down, across) = page.text, page.kind, trace.grid
    per_bin, is_mean = down * across, trace.operator.aggregate is Aggregate.MEAN
    named = {"k": asked_sample(per_bin) + 1, "grid": f"{down}×{across}", "bin": "{bin}"}  # the script knows which
    asks = {
        **{key: f"{key}.ask" for key in PREDICTED[kind]},
        **({"join": "join.ask_mean"} if is_mean else {}),
        **({"samples": "samples.ask_one"} if per_bin == 1 else {}),
    }
    pointless = {0: ("samples", "join"), 1: ("join",)}.get(per_bin, ()) if kind == "roi_align" else ()
    for step in walk:
        key = step["key"]
        if key in MOTIONS:
            step["motion"] = MOTIONS[key]
        if key in PREDICTED[kind] and key not in pointless:
            step["predict"] = {
                "sentence": text(f"predict.{asks[key]}", **named),
                "emphasis": dict(before_answer(kind, key)),
                "mark": "place" if key in ("samples", "join") else "cell",
                "each": key == "neighbors",
                "of": "region" if key in OF_REGION else "bin",
            }
        if not page.shows("answer") and step["emphasis"]["output"] != Emphasis.UNKNOWN:
            step["withheld"] = {
                "sentence": text("predict.withheld"),
                "emphasis": dict(withheld(step["emphasis"], kind)),
            }
    return walk


MARKS = {"edges": "region", "weight": "weight", "landed": "cell"}
"""How what a room asks besides is answered."""


OF_GRADIENT = {"map": Emphasis.SHOWN, "gradient": Emphasis.HIDDEN, "slope": Emphasis.HIDDEN}
"""What the page of gradients does with these roles while it asks: the numbers of the map are compared."""


def _questions(page: Page) -> dict[str, Any]:
    """What a room can ask besides what the steps ask."""
    text, made = page.text, {}
    words = {"edges": text.under("question.edge"), "weight": {"disc": text("question.disc")}}
    for key, step in BESIDES[page.kind].items():
        emphasis = before_answer(page.kind, step) if step else dict(OF_GRADIENT)
        made[key] = {
            "title": text(f"question.{key}.title"),
            "sentence": text(f"question.{key}.ask_all" if not step and page.scenario.every else f"question.{key}.ask"),
            "emphasis": dict(emphasis),
            "mark": MARKS[key],
            "each": False,
            "of": "region" if key in OF_REGION else "bin",
            "step": step,
            "words": words.get(key, {}),
        }
    return made


def _pair(page: Page) -> Drawn:
    shown, scenario = view(page), page.scenario
    data = _moving(page, shown, "max", {"values": {}}) | {"kind": "pair"}
    if shown.sweep:
        data["sweep"] = packing.sweep_chart(shown.sweep)
        if shown.sweep.has_few_positions:
            many = {"positions": len(shown.sweep.positions), "points": f"{shown.sweep.points:,}"}
            data["sweep"]["few"] = page.text("sweep.few", **many)
        if shown.sweep.looked not in shown.sweep.first_jumps:
            data["sentence"] = _without_step(page, shown.sweep)

    def still() -> dict[str, Any]:
        text = page.text
        if not shown.sweep:
            words = {
                "sentence": text("stage_for.pair", pair=sentence(page, shown)),
                "nudged": {"side": scenario.side, "by": -HALF, "returns": True},
                "nudge": text("trail.ask"),
            }
            picture = {} if "notes" in page.session.hidden else {"stakes": stakes.still(text)}
            return _side_by_side(page, shown) | words | picture
        chart = {name: text(f"sweep.{name}") for name in ("label", "pool", "align", "grip")}
        return _side_by_side(page, shown) | {"sentence": text("stage_for.error"), "chart": chart}

    return data, still


def _without_step(page: Page, sweep: Sweep) -> str:
    """What is said where the line of the output looked at is flat: another output that jumps, or else another side."""
    text, scenario, columns = page.text, page.scenario, page.scenario.output_size[1]
    here = {"side": sweep.side, "first": number(sweep.positions[0], 2), "last": number(sweep.positions[-1], 2)}
    for other, at in sweep.first_jumps.items():
        looked, jumps = (scenario.bin_name(Focus(*divmod(k, columns))) for k in (sweep.looked, other))
        return text("sweep.flat_output", bin=looked, other=jumps, at=number(at, 2), **here)
    if sweep.has_few_positions:  # three more would take too long
        return text("sweep.flat", **here)
    looking, pool = replace(scenario, focus=page.session.focus), scenario.pool
    jumps_with = {
        side: sweep_of(replace(looking, side=side), pool, pool).first_jumps for side in SIDES if side != sweep.side
    }
    with_steps = [side for side, jumps in jumps_with.items() if jumps]
    if not with_steps:
        return text("sweep.flat", **here)
    best = next((side for side in with_steps if sweep.looked in jumps_with[side]), with_steps[0])
    return text("sweep.flat_side", other=best, **here)


def _network(page: Page) -> Drawn:
    """Two trained networks on one box."""
    shown, scenario = view(page), page.scenario

    def still() -> dict[str, Any]:
        text, made = page.text, _side_by_side(page, shown, output_captions(page.text))
        made["words"]["nudge"] = text("network.nudge")
        for panel in made["panels"]:
            panel |= {"names": [""], "label": text("network.label", number=parts_of(scenario.map)[0])}
        return made | {
            "sentence": text("network.sentence", stride=scenario.stride),
            "nudged": {"side": scenario.side, "by": -TENTH, "returns": False},
            "nudge": text("network.nudge_ask"),
        }

    return _beside(page, shown), still


def _family(page: Page) -> Drawn:
    """Any two operators on one box, and the questions that they answer differently."""
    text, shown = page.text, view(page)

    def still() -> dict[str, Any]:
        words = sentence(page, shown)
        if any(control["more"] and control["name"] in ANSWERS for control in _controls(page)):  # those it speaks of
            left, right = shown.names
            words = text(f"stage_for.family{likeness(shown)}", left=left, right=right)
        return _side_by_side(page, shown, shown.names) | {"sentence": words}

    return _beside(page, shown), still


def _gradients(page: Page) -> Drawn:
    """Where the gradient of the output lands, for three operators."""
    shown = view(page)

    def still() -> dict[str, Any]:
        made = _side_by_side(page, shown, shown.names)
        return made | {"sentence": sentence(page, shown), "questions": _questions(page)}

    return _beside(page, shown), still


def _beside(page: Page, shown: View) -> dict[str, Any]:
    """What a drag changes where operators stand side by side."""
    first = shown.traces[0]
    return {
        "kind": "pair",
        "box": page.scenario.box,
        "step": "",
        "focus": astuple(nearest_focus(page.session.focus, first)),
        **({"pinned": astuple(nearest_focus(page.scenario.focus, first))} if page.session.hovered else {}),
        "panels": [packing.moving(scene) for scene in shown.scenes],
        "cost": consequence(first),
        "formula": shown.formula,
        "values": {},
    }


def _side_by_side(page: Page, shown: View, output_captions: Sequence[str] = ()) -> dict[str, Any]:
    """What a drag leaves as it is, where operators stand side by side."""
    text = page.text
    panels = [
        {**_panel(page, scene, trace, name), "emphasis": dict(scene.emphasis)}
        for scene, trace, name in zip(shown.scenes, shown.traces, shown.names, strict=True)
    ]
    for panel, caption in zip(panels, output_captions, strict=False):
        panel["output_caption"] = caption
    return {**_common(page, _words(text, shown.traces[0].operator)), "sampled": False, "panels": panels, "steps": []}


def _quiz(page: Page) -> Drawn:
    """A question: the picture before its answer, or after it with the reason. At the end there is none."""
    quiz, shown = page.session.quiz, view(page)
    question, answered = quiz.question, quiz.answered
    data: dict[str, Any] = {
        "kind": "quiz",
        "box": question.scenario.box,
        "step": quiz.key,
        "focus": astuple(question.scenario.focus),
        "panels": [packing.moving(scene) for scene in shown.scenes],
        "formula": shown.formula,
    }
    if not quiz.is_over:
        places = _places(page.text(f"{question.text_key}.ask"))
        data["values"] = page.text.listed({name: question.values[name] for name in places})
        told = quiz.told
        if told and not told.is_right:
            data["tried"] = page.text(f"{question.text_key}.{told.reason}", **told.values)

    def still() -> dict[str, Any]:
        text = page.text
        score = score_in_words(text, *quiz.score)
        sentences = {**{key: text(f"quiz.{key}.ask") for key in STEPS[:-1]}, SUMMARY: score}
        walk = [
            {"key": key, "title": text(f"quiz.{key}.title"), "sentence": sentence, "emphasis": {}}
            for key, sentence in sentences.items()
        ]
        operator = shown.traces[0].operator if shown.traces else question.operator
        common = {**_common(page, _words(text, operator)), "sampled": False, "deep": {}, "steps": walk}
        onward = text("quiz.summary.go" if quiz.key == STEPS[-2] else "quiz.next")
        kept = {"score": score, "seed": quiz.seed, "labels": quiz.labels, "onward": onward}
        if quiz.is_over:
            return {**common, "panels": [], "quiz": {"choices": [], **kept, "summary": summary(page)}}
        labels = choice_labels(page)
        verdict: dict[str, Any] = {}
        if answered is None and quiz.key in TASKS:
            verdict = {"check": text("quiz.check")}
        elif answered is not None:
            verdict = {"chosen": answered, "right": question.right, **_verdict(page, labels)}
        (scene,), (trace,) = shown.scenes, shown.traces
        caption = text("stage_for.map_quiz", **_map_size(question.scenario))
        panel = {**_panel(page, scene, trace, caption), "emphasis": dict(scene.emphasis)}
        return {**common, "panels": [panel], "quiz": {"choices": labels, **kept, **verdict}}

    return data, still


def _verdict(page: Page, labels: Sequence[str]) -> dict[str, str]:
    """Whether the answer to the open question is right, and why. A task is answered when it is solved."""
    text, quiz = page.text, page.session.quiz
    question, answered = quiz.question, quiz.answered
    if quiz.key in TASKS:
        verdict = text("quiz.right" if quiz.reasons[quiz.key] == "right" else "quiz.right_now")
        return {"verdict": verdict, "reason": text(f"{question.text_key}.right", **question.values)}
    assert answered is not None
    is_right = answered == question.right
    return {
        "verdict": text("quiz.right") if is_right else text("quiz.wrong", answer=labels[question.right]),
        "reason": text(question.choices[answered].reason, **question.values),
    }


def score_in_words(text: Text, right: int, answered: int) -> str:
    """How many answers were right, as a sentence.

    >>> from roialign_lab.lesson.text import text_in
    >>> score_in_words(text_in("en"), 0, 0), score_in_words(text_in("en"), 2, 3)
    ('No question answered yet.', '2 of the 3 answers were right.')
    """
    if answered == 0:
        case = "none"
    elif answered == 1:
        case = "one_right" if right else "one_wrong"
    else:
        case = {0: "zero", answered: "all", 1: "single"}.get(right, "some")
    return text(f"quiz.score.{case}", right=right, answered=answered)


def _slides(page: Page) -> Drawn:
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

    return data, still


def _image(page: Page) -> Drawn:
    """The photo and one of its feature maps, with one box on both."""
    scenario, shown = page.scenario, view(page)
    data = _moving(page, shown, shown.steps[0].key, _sentence_values(shown.steps[0], page.text))
    data["panels"] = [{name: drawn for name, drawn in panel.items() if name != "output"} for panel in data["panels"]]
    data.pop("sentence", None)  # that of a step: here the page has its own
    data |= {"kind": "pair", "values": {"stride": str(scenario.stride)}}

    def still() -> dict[str, Any]:
        text = page.text
        # that of the photo says for both what can be dragged
        captions = (text("stage_for.photo"), text("stage_for.map_quiz", **_map_size(scenario)))
        on_photo, on_map = (
            {**_panel(page, scene, trace, caption), "emphasis": dict(scene.emphasis)}
            for scene, trace, caption in zip(shown.scenes, shown.traces, captions, strict=True)
        )
        return {
            **_common(page, _words(text, scenario.pool)),
            "sampled": False,
            "deep": {},
            "panels": [{**on_photo, "label": text("stage_for.photo_label")}, on_map],
            "steps": [],
            "sentence": text("stage_for.image"),
        }

    return data, still


def _point(page: Page) -> Drawn:
    scenario, shown = page.scenario, view(page)
    (step,) = shown.steps
    part = step.scene.close_up
    assert part is not None
    outside = {"nothing_read": page.text("stage_for.loupe_outside")} if part.reads_nothing else {}
    data: dict[str, Any] = {
        "kind": "point",
        "point": scenario.point,
        "step": step.key,
        "focus": (0, 0, 0),
        "panels": [packing.moving(step.scene), {**packing.moving(part), "extent": part.extent, **outside}],
        **_sentence_values(step, page.text),
        "formula": shown.formula,
    }

    def still() -> dict[str, Any]:
        text = page.text
        rows, columns = scenario.feature_map.shape
        return {
            **_common(page, _words(text, scenario.align)),
            "limits": {"y": (-POINT_REACH, rows + POINT_REACH), "x": (-POINT_REACH, columns + POINT_REACH)},
            "sampled": False,
            "deep": {},
            "corners": CORNERS,
            "panels": [
                {
                    **packing.still(step.scene, letters),
                    "caption": text(f"stage_for.{name}", **_map_size(scenario)),
                    "label": label,
                }
                for name, letters, label in (
                    ("map_point", OF_SMALL_MAP, text("stage_for.map_label", **_map_size(scenario))),
                    ("loupe", NUMBER_OF_PART, ""),
                )
            ],
            "steps": _walk(point_steps(trace_point(scenario.feature_map, *scenario.point)), text),
        }

    return data, still


_DATA: dict[str, Callable[[Page], Drawn]] = {
    "roi_pool": _lesson,
    "roi_align": _lesson,
    "home": _pair,
    "image": _image,
    "bilinear": _point,
    "error": _pair,
    "network": _network,
    "family": _family,
    "gradients": _gradients,
    "quiz": _quiz,
    "slides": _slides,
}


def _moving(page: Page, shown: View, step: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a drag changes on a page that shows a step of an operator, and what its sentence is ``told``."""
    trace = shown.traces[0]
    return {
        "box": page.scenario.box,
        "step": step,
        "focus": astuple(nearest_focus(page.session.focus, trace)),
        **({"pinned": astuple(nearest_focus(page.scenario.focus, trace))} if page.session.hovered else {}),
        "panels": [packing.moving(scene) for scene in shown.scenes],
        **told,
        "formula": shown.formula,
        "cost": consequence(trace),
    }


def _sentence_values(step: Step, text: Text) -> dict[str, Any]:
    """The numbers that the sentence of this step has room for, and no others: they travel with every update.

    So does the sentence itself in a special case (:attr:`Step.case`).
    """
    sentence = text(step.sentence_key)
    values = text.listed({name: step.values[name] for name in _places(sentence)})
    return {"values": values, "sentence": sentence} if step.case else {"values": values}


@cache
def _places(sentence: str) -> tuple[str, ...]:
    named = (name.partition("|")[0] for _, name, _, _ in Formatter().parse(sentence) if name)
    return tuple(dict.fromkeys(named))


def _panel(page: Page, scene: Scene, trace: Trace, caption: str) -> dict[str, Any]:
    return {
        **packing.still(scene, _letters(page)),
        "caption": caption,
        "label": page.text("stage_for.map_label", **_map_size(page.scenario)),
        "output_caption": output_caption(trace, page.text),
        "names": page.scenario.bin_names,
    }


def _letters(page: Page) -> float:
    """The size of the numbers of a map: larger where maps stand side by side, and in the lecture hall."""
    if page.session.presenting and page.kind in SIDE_BY_SIDE:
        return LARGE
    return NUMBER if page.session.presenting or page.kind in SIDE_BY_SIDE else LETTERS


def _common(page: Page, words: Mapping[str, str]) -> dict[str, Any]:
    rows, columns = page.scenario.feature_map.shape
    has_menu, parts = page.shows("menu"), _parts_of(page)
    return {
        "words": words,
        "page": page.name,
        "map": page.scenario.map,
        "bar": {
            "title": page.title,
            "lead": page.text("app.promise") if page.name == "home" else "",
            "position": _position(page) if has_menu else "",
            "pages": [(name, page.text("menu." + name), address_of(name)) for name in PAGES if has_menu],
            "further": FURTHER,
            "next": _ways_on(page) if has_menu else [],
            "languages": [(n, page.text(f"app.languages.{n}")) for n in LANGUAGES if page.shows("languages")],
            "before": _before_it(page),
        },
        "controls": _controls(page),
        "figures": FORMATS if has_figure(page) and page.shows("figures") else (),
        "hidden": [part for part in ("steps", "sliders") if not page.shows(part)],
        "presenting": page.session.presenting,
        "parts": [(part, page.text(f"part.{part}")) for part in hideable() if part in parts],
        "left_out": page.session.hidden,
        "inks": {
            **{name: [INKS[name].of(theme) for theme in THEMES] for name in ("low", "high", "on_low", "on_high")},
            "switch_level": [switch_level(theme) for theme in THEMES],
        },
        "placement": packing.placement(),
        "limits": {"x1": (0, columns), "y1": (0, rows), "x2": (0, columns), "y2": (0, rows)},
    }


def _position(page: Page) -> str:
    """Where the page is on the path; the slides stand beside it."""
    if page.name not in PATH:
        return page.text("app.beside", count=len(PATH))
    return f"{PATH.index(page.name) + 1} / {len(PATH)}"


def _before_it(page: Page) -> tuple[str, str, str] | None:
    """The link to the page before this one, as a clicker turns back."""
    name = page.before
    if name is None or not page.shows("menu"):
        return None
    return name, page.text("menu." + name), address_of(name)


def _controls(page: Page) -> list[dict[str, Any]]:
    shown = (page.scenario, page.kind, page.text, page.session.uploads, _hidden_controls(page))
    return controls(*shown, folded=not page.session.presenting)


def _hidden_controls(page: Page) -> tuple[str, ...]:
    """What a lesson link leaves out; a lecture also leaves out all but a few."""
    if not page.session.presenting:
        return page.session.hidden
    rows = controls_on(page.kind)
    return (*page.session.hidden, *(option.name for option in rows if page.kind not in option.presented_on))


def _ways_on(page: Page) -> list[dict[str, Any]]:
    """The links to the pages further on along the path; with ``take`` the map and the box of this page go along.

    From the photo the first goes on with the ``small`` map: the photo's own has cells too many for numbers.
    """
    if page.kind == "image":
        (name,), (rows, columns) = page.onward, Scenario().feature_map.shape
        return [
            _way_on(page, name, "next_small", small=True, rows=rows, columns=columns),
            _way_on(page, name, "next_photo", take=True),
        ]
    links = []
    for name in page.onward:
        takes = page.session.carries(page.kind, WALKS[name])
        case = "next" if not takes else "next_map" if name == "bilinear" else "next_box"
        links.append(_way_on(page, name, case if name == page.onward[0] else "next_skip", take=takes))
    return links


def _way_on(page: Page, name: str, case: str, take: bool = False, small: bool = False, **size: int) -> dict[str, Any]:
    label = page.text(f"stage_for.{case}", page=page.text("menu." + name), **size)
    return {"page": (name, label, address_of(name)), "take": take, "small": small}


def _parts_of(page: Page) -> set[str]:
    """What this page has that a lesson link can leave out."""
    parts = {"menu", "languages", *(option.name for option in controls_on(page.kind))}
    if has_figure(page):
        parts |= {"figures"}
    if page.kind in page.scenario.steps:
        parts |= {"steps"}
    if page.kind in PREDICTED:
        parts |= {"answer"}
    return parts if page.kind in ("quiz", "slides") else parts | {"sliders", "own", "notes"}


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
    costs = text(f"stage_for.{cost}")
    return {
        **text.under("stage"),
        "cost": costs,
        "cost_unknown": f"{costs.splitlines()[0]}\n[read:{UNKNOWN}]",
        "other": text("stage_for.other_when_mean" if mean else "stage_for.other_when_max"),
        "aggregate": operator.aggregate.value,
    }


def _map_size(scenario: Scenario) -> dict[str, object]:
    rows, columns = scenario.feature_map.shape
    return {"rows": rows, "columns": columns, "stride": scenario.stride}


def _identity(page: Page, scenario: Scenario, *others: object) -> str:
    """A name for all that ``still`` depends on."""
    depends = (page.name, page.session.language, scenario.map, scenario.stride, scenario.output_size, scenario.samples)
    view = (scenario.numbered, page.session.hidden, page.session.presenting)
    return hashlib.sha256(repr((depends, view, others, _code_version())).encode()).hexdigest()[:12]


@cache
def _code_version() -> str:
    texts = sorted((ASSETS / "text").glob("*.toml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in texts)).hexdigest()[:8]
