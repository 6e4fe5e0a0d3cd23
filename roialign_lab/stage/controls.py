"""The controls under the picture, as the stage draws them: two or three, named by their choice, the rest under *More*.

A control speaks the language of the address: what it sets is read by the same readers as a link, and checked alike.
Which page has which control stands in the table of options.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from roialign_lab.lesson.maps import LARGEST_SEED, OWN_NAME, RANDOM_NAME
from roialign_lab.lesson.menus import RANDOM_MAPS, Uploads
from roialign_lab.lesson.options import LINE, SCENARIO, Option, in_order
from roialign_lab.lesson.own_maps import OwnMaps
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import Text

FEW = 3  # controls that are seen at once
NEW = Scenario()


def controls_on(kind: str) -> list[Option]:
    """The options that have a control on that kind of page, in the order of their line.

    >>> [option.name for option in controls_on("roi_pool")]
    ['out', 'split', 'label', 'map', 'stride', 'example']
    """
    names = in_order(SCENARIO, LINE)
    return [SCENARIO[name] for name in names if kind in (*SCENARIO[name].buttons_on, *SCENARIO[name].menus_on)]


def controls(
    scenario: Scenario,
    kind: str,
    text: Text,
    uploads: Iterable[OwnMaps | Photo],
    hidden: Iterable[str] = (),
    folded: bool = True,
) -> list[dict[str, Any]]:
    """The controls of a page but those that a lesson link leaves out, for the stage.

    ``parts`` are one or two lists of (value, label) and ``now`` the value that is chosen in each; a control that is
    ``idle`` has no effect, so nothing can be chosen in it; ``changed``: another value is chosen than at the beginning.
    Where they are more than :data:`FEW` and ``folded``, the ``first_on`` of the page come first, the rest are ``more``.
    The map also has a number (a seed, a channel).

    >>> from roialign_lab.lesson.text import text_in
    >>> side = controls(Scenario(side="x2"), "error", text_in("en"), ())[0]
    >>> side["name"], side["parts"], side["now"], side["buttons"]
    ('side', [[('x1', 'x1'), ('y1', 'y1'), ('x2', 'x2'), ('y2', 'y2')]], ['x2'], True)
    """
    own = tuple(uploads)
    shown = [option for option in controls_on(kind) if option.name not in hidden]
    folded = folded and len(shown) > FEW
    shown.sort(key=lambda option: folded and kind not in option.first_on)
    rows = [
        {**_control(option, scenario, kind, text, own), "more": folded and kind not in option.first_on}
        for option in shown
    ]
    return [row | _number_of_map(scenario, own, text) if row["name"] == "map" else row for row in rows]


def _control(option: Option, scenario: Scenario, kind: str, text: Text, uploads: Uploads) -> dict[str, Any]:
    parts = option.offer(scenario, kind, text, uploads)
    value = option.write(scenario, kind)
    return {
        "name": option.name,
        "label": text(f"control.{option.name}"),
        "title": text(f"control.{option.name}_title"),
        "buttons": kind in option.buttons_on,
        "parts": parts,
        "now": value.split(",") if len(parts) > 1 else [value],
        "idle": option.idle(scenario, kind),
        "changed": value != option.write(NEW, kind),
    }


def _number_of_map(scenario: Scenario, uploads: Uploads, text: Text) -> dict[str, Any]:
    """The maps that take a number, each with its largest number and two names of it; the map and the number now."""
    named = RANDOM_NAME.fullmatch(scenario.map) or OWN_NAME.fullmatch(scenario.map)
    split = re.fullmatch(r"(.+)-(\d+)", scenario.map) if named else None
    own = (upload for upload in uploads if isinstance(upload, OwnMaps))
    seed, channel = ((text(key), text(f"{key}_short")) for key in ("stage.seed", "own.channel"))
    return {
        "now": [split[1] if split else scenario.map],
        "numbered": {
            **dict.fromkeys(RANDOM_MAPS, (LARGEST_SEED, *seed)),
            **{f"own-{maps.name}": (len(maps.channels) - 1, *channel) for maps in own},
        },
        "number": int(split[2]) if split else None,
    }
