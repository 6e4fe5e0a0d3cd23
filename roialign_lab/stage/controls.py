"""The controls under the picture, as the stage draws them: few, named by their choice, in one line.

A control speaks the language of the address: what it sets is read by the same readers as a link, and checked alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from roialign_core.backbone import CHANNELS
from roialign_core.backbone import STRIDES as PHOTO_STRIDES
from roialign_core.examples import EXAMPLES, MAPS
from roialign_core.operators import Aggregate, Reading
from roialign_lab.lesson.address import to_address
from roialign_lab.lesson.maps import LARGEST_SEED, OWN_NAME, PHOTO_NAME, RANDOM_NAME, RANDOM_SIZES
from roialign_lab.lesson.operator_names import ANSWERED, ON_STAGE, answer, answer_name, member_name, possible
from roialign_lab.lesson.own_maps import OwnMaps
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.recorded import recorded_inputs, recorded_maps
from roialign_lab.lesson.scenario import LARGEST_OUTPUT, MOST_SAMPLES_A_SIDE, SIDES, SPLITS, STRIDES, Scenario
from roialign_lab.lesson.text import Text

ON_PAGE = {
    "home": ("out", "map", "stride", "example"),
    "image": ("photo", "map"),
    "roi_pool": ("out", "split", "map", "stride", "example"),
    "roi_align": ("origin", "join", "samples", "out", "map", "stride", "example"),
    "bilinear": ("map",),
    "quiz": (),
    "slides": (),
    "error": ("side", "origin", "join", "samples", "out", "split", "map", "stride"),
    "gradients": ("cell", "origin", "samples", "out", "split", "map", "stride"),
    "family": (
        *("left", "right", *(f"answer_{question}" for question in ANSWERED)),
        *("samples", "out", "map", "stride", "recorded"),
    ),
}
_RANDOM = tuple(f"random-{size}x{size}" for size in RANDOM_SIZES)
Brought = tuple[OwnMaps | Photo, ...]
BUTTONS = {
    "side",
    "cell",
    "origin",
    "join",
    "samples",
}  # the others are menus: their choices are many, or their names long
CROWDED = {"error", "family", "gradients"}  # pages where samples is a menu too


def controls(
    scenario: Scenario, kind: str, text: Text, brought: Iterable[OwnMaps | Photo], hidden: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The controls of a page with what is chosen now. ``parts`` are one or two lists of (value, label).

    One that is ``idle`` would change nothing, so it cannot be chosen.
    """
    brought = tuple(brought)
    now = to_address(scenario, "home") | {"side": scenario.side}
    photo = PHOTO_NAME.fullmatch(scenario.map)
    now["photo"] = f"{photo[2]},{photo[3]}" if photo else ""
    now |= {"left": scenario.left, "right": scenario.right, "recorded": _recorded(scenario)}
    now["cell"] = "all" if scenario.every else "one"
    now |= {f"answer_{question}": answer(scenario.pair[1], question) for question in ANSWERED}
    return [
        {
            "name": name,
            "label": text(f"control.{name}"),
            "title": text(f"control.{name}_title"),
            "buttons": name in BUTTONS and not (name == "samples" and kind in CROWDED),
            "parts": _parts(name, kind, text, scenario, brought),
            "now": _chosen(name, scenario, now),
            "idle": kind == "family" and name == "samples" and not _has_lattice(scenario),
            **({"numbered": _numbered(brought, text), "number": _number(scenario)} if name == "map" else {}),
        }
        for name in ON_PAGE[kind]
        if name not in hidden
    ]


def _has_lattice(scenario: Scenario) -> bool:
    """Does either member of the family read as many points as one chooses?"""
    return any(operator.reading is Reading.LATTICE for operator in scenario.pair)


def _parts(name: str, kind: str, text: Text, scenario: Scenario, brought: Brought) -> list[list[tuple[str, str]]]:
    if name == "out":
        sizes = [(str(n), str(n)) for n in range(1, LARGEST_OUTPUT + 1)]
        return [sizes, sizes]
    if name == "split":
        rules = _named((rule.value for rule in SPLITS), "control", text)
        return [rules, rules]
    if name == "samples":
        return [[*((str(n), str(n)) for n in range(1, MOST_SAMPLES_A_SIDE + 1)), ("0", text("control.auto"))]]
    if name == "side":
        return [[(side, side) for side in SIDES]]
    if name == "cell":
        return [_named(("one", "all"), "control", text)]
    if name == "origin":
        return [_named(("aligned", "legacy"), "control", text)]
    if name == "join":
        return [_named((Aggregate.MEAN.value, Aggregate.MAX.value), "control", text)]
    if name == "map":
        photo = scenario.map if PHOTO_NAME.fullmatch(scenario.map) else "photo-16-vertical"
        _, stride, channel = photo.split("-")
        suffix, values = f"-{stride}-{channel}", {"stride": stride, "channel": text(f"channel.{channel}")}
        photos = [("photo" + suffix, text("map.photo", **values))]
        photos += [(f"photo.{p.name}{suffix}", text("own.photo", **values)) for p in brought if isinstance(p, Photo)]
        if kind == "image":
            return [photos]
        return [[*_named((*MAPS, *_RANDOM), "map", text), *photos, *_own(scenario, brought, text)]]
    if name == "photo":
        strides = [(str(stride), text("control.at_stride", stride=stride)) for stride in PHOTO_STRIDES]
        return [strides, _named(CHANNELS, "channel", text)]
    if name in ("left", "right"):
        member = getattr(scenario, name)
        unnamed = [] if member in ON_STAGE else [(member, member_name(member, text))]
        return [[*_named(ON_STAGE, "family", text), *unnamed]]
    if name.startswith("answer_"):
        question = name.removeprefix("answer_")
        return [[(value, answer_name(question, value, text)) for value in possible(scenario.right, question)]]
    if name == "recorded":
        every = ((str(k), text("control.recorded_one", k=k)) for k in range(1, len(recorded_inputs()) + 1))
        return [[("", text("control.recorded_title")), *every]]
    if name == "stride":
        made = PHOTO_NAME.fullmatch(scenario.map)
        return [[(str(stride), str(stride)) for stride in ((int(made[2]),) if made else STRIDES)]]
    fits = [one.name for one in EXAMPLES if kind == "home" or one.operator.snaps == (kind == "roi_pool")]
    return [_named((one for one in fits if f"example.{one}" in text.entries), "example", text)]


def _named(values: Iterable[str], table: str, text: Text) -> list[tuple[str, str]]:
    return [(value, text(f"{table}.{value}")) for value in values]


def _chosen(name: str, scenario: Scenario, now: dict[str, str]) -> list[str]:
    if name == "example":
        return [""]
    if name.startswith("answer_"):
        return [now[name]]
    if name == "map":
        counted = _counted(scenario)
        return [counted[1] if counted else scenario.map]
    return now[name].split(",")


def _recorded(scenario: Scenario) -> str:
    """The number of the recorded input that is shown; none where it is another."""
    shown = (scenario.map, scenario.box, scenario.stride, scenario.output_size)
    same = (k for k, one in enumerate(recorded_inputs(), 1) if (one.map, one.box, one.stride, (one.size,) * 2) == shown)
    return str(next(same, ""))


def _counted(scenario: Scenario) -> re.Match[str] | None:
    """The name of a map whose last part is a number that a person chooses: a seed or a channel."""
    named = RANDOM_NAME.fullmatch(scenario.map) or OWN_NAME.fullmatch(scenario.map)
    return re.fullmatch(r"(.+)-(\d+)", scenario.map) if named else None


def _number(scenario: Scenario) -> int | None:
    counted = _counted(scenario)
    return int(counted[2]) if counted else None


def _numbered(brought: Brought, text: Text) -> dict[str, tuple[int, str]]:
    """The maps that take a number: its greatest value, and what it is."""
    seeds = {name: (LARGEST_SEED, text("stage.seed")) for name in _RANDOM}
    maps = (one for one in brought if isinstance(one, OwnMaps))
    return {**seeds, **{f"own-{one.name}": (len(one.channels) - 1, text("own.channel")) for one in maps}}


def _own(scenario: Scenario, brought: Brought, text: Text) -> list[tuple[str, str]]:
    """What a person brought, and a matrix that is written in the address while it is shown."""
    shapes = {f"own-{one.name}": one.channels.shape[1:] for one in brought if isinstance(one, OwnMaps)}
    if scenario.map in recorded_maps():
        return [(scenario.map, text("control.recorded_map"))]
    if scenario.map.startswith("matrix-"):
        shapes[scenario.map] = scenario.feature_map.shape
    return [(name, text("own.map", rows=rows, columns=columns)) for name, (rows, columns) in shapes.items()]
