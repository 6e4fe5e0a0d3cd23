"""What one session looks at, and what it makes of what a browser says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from figures.maps import brought_in
from figures.own import OwnMaps
from figures.photo import Photo
from figures.scenario import (
    READERS,
    Scenario,
    from_address,
    nearest_box,
    nearest_point,
    of_example,
    of_photo,
    walk_keys,
)
from figures.scene import Focus
from roialign_core.examples import EXAMPLES

MOST_BROUGHT = 3


@dataclass
class Now:
    """What one session looks at: the scenario of the lessons, and that of the photo page, which has a map of its own.

    ``looking`` is the bin under the pointer while there is one; the scenario's own focus is the one that was clicked.
    ``brought`` holds the last data that a person brought, and that which the scenarios show, whoever brought it.
    """

    scenario: Scenario = field(default_factory=Scenario)
    photo: Scenario = field(default_factory=lambda: of_photo(Scenario(), "photo-16-vertical"))
    looking: Focus | None = None
    brought: list[OwnMaps | Photo] = field(default_factory=list)

    @property
    def focus(self) -> Focus:
        """The bin and sample that are lit."""
        return self.looking or self.scenario.focus

    def at(self, kind: str) -> Scenario:
        """The scenario of a page."""
        return self.photo if kind == "image" else self.scenario

    def put(self, kind: str, scenario: Scenario) -> None:
        """Look at another scenario on a page."""
        if kind == "image":
            self.photo = scenario
        else:
            self.scenario = scenario
        shown = brought_in(scenario.map)
        if shown is not None and shown not in self.brought:
            self.bring(shown)

    def bring(self, data: OwnMaps | Photo) -> None:
        """Hold some data; the oldest that nothing shows is let go."""
        shown = [brought_in(one.map) for one in (self.scenario, self.photo)]
        self.brought = [data, *(one for one in self.brought if one is not data)]
        for old in reversed(self.brought[1:]):
            if len(self.brought) > MOST_BROUGHT and old not in shown:
                self.brought.remove(old)

    def take(self, event: Mapping[str, object], kind: str) -> None:
        """Take over what a person did on the stage. A browser can send anything: nonsense changes nothing."""
        self.put(kind, after_event(self.at(kind), event, kind))
        if "set" in event or "example" in event:
            self.looking = None
        focus = focus_in(event)
        if focus is not None:
            pinned = event.get("pin") is True
            self.looking = None if pinned or focus == self.at(kind).focus else focus
            self.put(kind, replace(self.at(kind), focus=focus) if pinned else self.at(kind))


def after_event(scenario: Scenario, event: Mapping[str, object], kind: str) -> Scenario:
    """The scenario after something a person did on the stage: what is not a box, a point, a choice or a step is
    passed over, and what lies off the map is moved onto it."""
    box, point = _floats(event.get("box"), 4), _floats(event.get("point"), 2)
    if box is not None and box[0] <= box[2] and box[1] <= box[3]:
        scenario = replace(scenario, box=nearest_box((box[0], box[1], box[2], box[3]), scenario.feature_map.shape))
    if point is not None:
        scenario = replace(scenario, point=nearest_point((point[0], point[1]), scenario.feature_map.shape))
    chosen = event.get("set")
    if isinstance(chosen, Mapping) and all(
        isinstance(value, str) and name in READERS for name, value in chosen.items()
    ):
        wanted, problems = from_address(chosen, kind, scenario)
        scenario = scenario if problems else wanted
    named = next((one for one in EXAMPLES if one.name == event.get("example")), None)
    if named is not None and kind in ("home", "roi_pool", "roi_align"):
        scenario = of_example(scenario, named)
    step = event.get("step")
    if isinstance(step, str) and step in walk_keys(kind):
        scenario = scenario.at_step(kind, step)
    return scenario


def focus_in(event: Mapping[str, object]) -> Focus | None:
    """The bin and sample that an event points at, if it points at one."""
    given = event.get("focus")
    if not isinstance(given, Mapping):
        return None
    places = [given.get(one.name) for one in fields(Focus)]
    if not all(isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 10_000 for place in places):
        return None
    return Focus(*places)  # type: ignore[arg-type]


def _floats(given: object, many: int) -> list[float] | None:
    if not isinstance(given, list) or len(given) != many:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and -1e6 < v < 1e6 for v in given):
        return None
    return [float(v) for v in given]
