"""What a person did on a stage, as an event tells it. Events come from a browser: what is nonsense reads as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from roialign_lab.lesson.box_path import MOST, Path
from roialign_lab.lesson.scenario import SIDES, Box, Focus, in_decimals

MOST_TAPPED = 4  # places of one prediction


def focus_in(event: Mapping[str, object]) -> Focus | None:
    """The bin and sample that an event points at; None for an event that points at nothing."""
    focus = event.get("focus")
    if not isinstance(focus, Mapping):
        return None
    places = [focus.get(field.name) for field in fields(Focus)]
    if not all(isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 10_000 for place in places):
        return None
    return Focus(*places)  # type: ignore[arg-type]


def nudge_in(event: Mapping[str, object]) -> tuple[str, float] | None:
    """The side of the box that an event moved, and where it was before; None for an event that nudged nothing.

    >>> nudge_in({"nudged": {"side": "y1", "from": 2.7}}), nudge_in({"nudged": {"side": "z", "from": 2.7}})
    (('y1', 2.7), None)
    """
    nudged = event.get("nudged")
    if not isinstance(nudged, Mapping) or nudged.get("side") not in SIDES:
        return None
    start = numbers_of([nudged.get("from")], 1)
    return None if start is None else (str(nudged["side"]), start[0])


def places_in(event: Mapping[str, object]) -> list[tuple[float, float]]:
    """The places (y, x) that an event says were tapped on the map, as a prediction; none where it says nothing.

    >>> places_in({"guess": [[3.5, 0.5]]}), places_in({"guess": [[1, "2"]]}), places_in({})
    ([(3.5, 0.5)], [], [])
    """
    guess = event.get("guess")
    places = [numbers_of(place, 2) for place in guess] if isinstance(guess, list) and len(guess) <= MOST_TAPPED else []
    return [(place[0], place[1]) for place in places if place is not None] if None not in places else []


def box_in(event: Mapping[str, object]) -> Box | None:
    """The box of an event, in cells of its map, with the decimals that an address has; None where there is none, or
    sides are reversed.

    >>> box_in({"box": [1, 2, 3.4999999, 4]}), box_in({"box": [3, 2, 1, 4]})
    ((1.0, 2.0, 3.5, 4.0), None)
    """
    sides = numbers_of(event.get("box"), 4)
    if sides is None:
        return None
    x1, y1, x2, y2 = in_decimals(sides)
    return (x1, y1, x2, y2) if x1 <= x2 and y1 <= y2 else None


def path_in(event: Mapping[str, object]) -> Path:
    """Where the box was in the drag that an event says was recorded; nothing where it says nothing.

    >>> path_in({"recorded": [[0, 0, 1, 1], [0, 0, 2, 1]]}), path_in({"recorded": [[0, 0, 1, 1], [2, 0, 1, 1]]})
    (((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 2.0, 1.0)), ())
    """
    recorded = event.get("recorded")
    if not isinstance(recorded, list) or len(recorded) > MOST:
        return ()
    boxes = [box_in({"box": place}) for place in recorded]
    path = tuple(box for box in boxes if box is not None)
    return path if len(path) == len(boxes) else ()


def numbers_of(values: object, count: int) -> list[float] | None:
    """A list of that many finite numbers below a million; None for anything else.

    >>> numbers_of([1, 2.5], 2), numbers_of([1, "2"], 2), numbers_of([1, 1e9], 2)
    ([1.0, 2.5], None, None)
    """
    if not isinstance(values, list) or len(values) != count:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and -1e6 < v < 1e6 for v in values):
        return None
    return [float(v) for v in values]
