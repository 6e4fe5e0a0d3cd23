"""The controls under the picture, as the stage draws them: few, named by their choice, in one line.

A control speaks the language of the address: what it sets is read by the same readers as a link, and checked alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from figures.scenario import (
    LARGEST_OUTPUT,
    LARGEST_SEED,
    MOST_SAMPLES_A_SIDE,
    PHOTO_NAME,
    RANDOM_NAME,
    RANDOM_SIZES,
    SPLITS,
    STRIDES,
    Scenario,
    to_address,
)
from figures.text import Text
from roialign_core.backbone import CHANNELS
from roialign_core.backbone import STRIDES as PHOTO_STRIDES
from roialign_core.examples import EXAMPLES, MAPS
from roialign_core.operators import Aggregate

ON_PAGE = {
    "home": ("out", "map", "stride", "example"),
    "image": ("photo",),
    "roi_pool": ("out", "split", "map", "stride", "example"),
    "roi_align": ("origin", "join", "samples", "out", "map", "stride", "example"),
    "bilinear": ("map",),
}
BUTTONS = {"origin", "join", "samples"}  # the others are menus: their choices are many, or their names long


def controls(scenario: Scenario, kind: str, text: Text) -> list[dict[str, Any]]:
    """The controls of a page with what is chosen now. ``parts`` are one or two lists of (value, label)."""
    now = to_address(scenario, "home")
    photo = PHOTO_NAME.fullmatch(scenario.map)
    now["photo"] = ",".join(photo.groups()) if photo else ""
    return [
        {
            "name": name,
            "label": text(f"control.{name}"),
            "title": text(f"control.{name}_title"),
            "buttons": name in BUTTONS,
            "parts": _parts(name, kind, text, scenario),
            "now": _chosen(name, scenario, now),
            **({"seed": _seed(scenario), "most": LARGEST_SEED} if name == "map" else {}),
        }
        for name in ON_PAGE[kind]
    ]


def _parts(name: str, kind: str, text: Text, scenario: Scenario) -> list[list[tuple[str, str]]]:
    if name == "out":
        sizes = [(str(n), str(n)) for n in range(1, LARGEST_OUTPUT + 1)]
        return [sizes, sizes]
    if name == "split":
        rules = _named((rule.value for rule in SPLITS), "control", text)
        return [rules, rules]
    if name == "samples":
        return [[*((str(n), str(n)) for n in range(1, MOST_SAMPLES_A_SIDE + 1)), ("0", text("control.auto"))]]
    if name == "origin":
        return [_named(("aligned", "legacy"), "control", text)]
    if name == "join":
        return [_named((Aggregate.MEAN.value, Aggregate.MAX.value), "control", text)]
    if name == "map":
        photo = scenario.map if PHOTO_NAME.fullmatch(scenario.map) else "photo-16-vertical"
        _, stride, channel = photo.split("-")
        named = (photo, text("map.photo", stride=stride, channel=text(f"channel.{channel}")))
        return [[*_named((*MAPS, *(f"random-{size}x{size}" for size in RANDOM_SIZES)), "map", text), named]]
    if name == "photo":
        strides = [(str(stride), text("control.at_stride", stride=stride)) for stride in PHOTO_STRIDES]
        return [strides, _named(CHANNELS, "channel", text)]
    if name == "stride":
        made = PHOTO_NAME.fullmatch(scenario.map)
        return [[(str(stride), str(stride)) for stride in ((int(made[1]),) if made else STRIDES)]]
    fits = [one.name for one in EXAMPLES if kind == "home" or one.operator.snaps == (kind == "roi_pool")]
    return [_named((one for one in fits if f"example.{one}" in text.entries), "example", text)]


def _named(values: Iterable[str], table: str, text: Text) -> list[tuple[str, str]]:
    return [(value, text(f"{table}.{value}")) for value in values]


def _chosen(name: str, scenario: Scenario, now: dict[str, str]) -> list[str]:
    if name == "example":
        return [""]
    if name == "map":
        random = RANDOM_NAME.fullmatch(scenario.map)
        return [f"random-{random[1]}" if random else scenario.map]
    return now[name].split(",")


def _seed(scenario: Scenario) -> int | None:
    random = RANDOM_NAME.fullmatch(scenario.map)
    return int(random[2]) if random else None
