"""A session: the scenarios that a person looks at, and how an address or an event of the browser changes them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from roialign_core.examples import EXAMPLES
from roialign_lab.lesson.address import from_address, take_over, to_address
from roialign_lab.lesson.box_path import thinned
from roialign_lab.lesson.event import box_in, focus_in, numbers_of, path_in
from roialign_lab.lesson.lesson_part import MOVING, DeckError, Part
from roialign_lab.lesson.maps import PHOTO_NAME, is_map, upload_of
from roialign_lab.lesson.mask_networks import is_drawn
from roialign_lab.lesson.options import ADDRESS, SCENARIO, SESSION, in_order, written
from roialign_lab.lesson.own_maps import OwnMaps, matrix_in_address
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.quiz_progress import QuizProgress
from roialign_lab.lesson.readers import Problem
from roialign_lab.lesson.scenario import Focus, Scenario, first_drawn, nearest_box, nearest_point, of_example, of_photo
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.lesson.walks import walk_keys

MOST_UPLOADS = 3
MOST_UPLOADED = 48_000_000  # bytes of them


@dataclass
class Session:
    """What a person looks at: the scenario of the lessons; the photo and the trained networks have one of their own.

    ``hovered`` is the bin under the pointer while there is one; the scenario's own focus is the bin that was clicked.
    ``hidden`` names the parts of the page that a lesson link leaves out; ``presenting`` is the view for the lecture
    hall. ``recorded`` is a drag of the box that waits to be a part of a deck. ``uploads`` holds the last data that this
    person uploaded, and the data that the scenarios show, whoever uploaded it.
    """

    language: str = LANGUAGES[0]
    scenario: Scenario = field(default_factory=Scenario)
    photo: Scenario = field(default_factory=lambda: of_photo(Scenario(), "photo-16-vertical"))
    drawn: Scenario = field(default_factory=first_drawn)
    hovered: Focus | None = None
    uploads: list[OwnMaps | Photo] = field(default_factory=list)
    quiz: QuizProgress = field(default_factory=QuizProgress)
    hidden: tuple[str, ...] = ()
    presenting: bool = False
    recorded: Part | None = None

    @property
    def focus(self) -> Focus:
        """The bin and sample that are lit."""
        return self.hovered or self.scenario.focus

    def scenario_of(self, kind: str) -> Scenario:
        """The scenario of a page."""
        if kind == "quiz":
            return self.quiz.question.scenario
        return {"image": self.photo, "network": self.drawn}.get(kind, self.scenario)

    def set_scenario(self, kind: str, scenario: Scenario) -> None:
        """Look at another scenario on a page. A question of the quiz stands as it was made."""
        if kind == "quiz":
            return
        if kind == "image":
            self.photo = scenario
        elif kind == "network":
            self.drawn = scenario
        else:
            self.scenario = scenario
        upload = upload_of(scenario.map)
        if upload is not None and upload not in self.uploads:
            self.keep_upload(upload)

    def open_walk(self, kind: str, at_end: bool) -> None:
        """Open the walk of a page at its first step or its last; a page without a walk stays as it is.

        >>> session = Session()
        >>> session.open_walk("roi_pool", at_end=True)
        >>> session.scenario.steps["roi_pool"]
        'result'
        """
        keys = walk_keys(kind)
        if keys:
            self.scenario = self.scenario.at_step(kind, keys[-1 if at_end else 0])

    def open_step(self, kind: str, key: str) -> None:
        """Open one step of a page's walk; a page without it stays as it is."""
        if key in walk_keys(kind):
            self.scenario = self.scenario.at_step(kind, key)

    def read_address(self, address: Mapping[str, str], kind: str) -> list[Problem]:
        """Take over an address; returns what could not be used.

        >>> session = Session()
        >>> session.read_address({"lang": "zh", "hide": "menu,split", "out": "3"}, "roi_pool")
        []
        >>> session.language, session.hidden, session.scenario.output_size
        ('zh', ('menu', 'split'), (3, 3))
        """
        problems = take_over(self, SESSION.values(), address)
        if kind == "quiz":
            return problems + self.quiz.read_address(address)
        scenario, unusable = from_address(address, kind, self.scenario_of(kind))
        self.set_scenario(kind, scenario)
        return problems + unusable

    def carries(self, kind: str, target: str) -> bool:
        """Can a page of one kind hand its map and box to a page of another? The photo page takes photos only, the page
        of trained networks what is drawn for them.

        >>> session = Session()
        >>> session.carries("image", "roi_pool"), session.carries("home", "image"), session.carries("home", "quiz")
        (True, False, False)
        """
        if "quiz" in (kind, target) or "network" in (kind, target):
            return False
        return target != "image" or PHOTO_NAME.fullmatch(self.scenario_of(kind).map) is not None

    def carry(self, kind: str, target: str) -> None:
        """Go on with the map and the box of one page on another, where that page can show them."""
        if self.carries(kind, target):
            self.set_scenario(target, self.scenario_of(kind))

    def look_at_small_map(self) -> None:
        """Go on with the map that the lessons begin with, whose numbers can be read; the box stays where it fits.

        >>> session = Session()
        >>> session.carry("image", "roi_pool")
        >>> session.look_at_small_map()
        >>> session.scenario.map, session.scenario.box, session.scenario.stride
        ('animation', (0.55, 2.7, 6.35, 7.4), 16)
        """
        self.scenario = _after_map(self.scenario, replace(self.scenario, map=Scenario().map))

    def to_address(self, kind: str) -> dict[str, str]:
        """The query parameters of a page: :meth:`read_address` brings back the same session."""
        page = self.quiz.to_address() if kind == "quiz" else to_address(self.scenario_of(kind), kind)
        values = {**page, **written(self, SESSION, kind)}
        return {name: values[name] for name in in_order(values, ADDRESS)}

    def keep_upload(self, data: OwnMaps | Photo) -> None:
        """Hold uploaded data; the oldest that no scenario shows is let go."""
        shown = [upload_of(scenario.map) for scenario in (self.scenario, self.photo)]
        self.uploads = [data, *(upload for upload in self.uploads if upload is not data)]
        for old in reversed(self.uploads[1:]):
            held = sum(upload.size for upload in self.uploads)
            if (len(self.uploads) > MOST_UPLOADS or held > MOST_UPLOADED) and old not in shown:
                self.uploads.remove(old)

    def show_upload(self, kind: str, data: OwnMaps | Photo) -> None:
        """Hold uploaded data and look at it: at a part in the middle of a map, at the middle of a photo.

        >>> from roialign_lab.lesson.own_maps import own_matrix
        >>> session = Session()
        >>> session.show_upload("roi_align", own_matrix("1 2 3 4\\n5 6 7 8"))
        >>> session.scenario.map, session.scenario.box
        ('matrix-1,2,3,4;5,6,7,8', (0.92, 0.54, 3.12, 1.62))
        """
        self.keep_upload(data)
        before = self.scenario_of(kind)
        if isinstance(data, Photo):
            self.set_scenario(kind, of_photo(before, f"photo.{data.name}-16-vertical"))
            return
        after = replace(before, map=_name_of(data))
        rows, columns = after.feature_map.shape
        x1, y1, x2, y2 = (round(side, 2) for side in (0.23 * columns, 0.27 * rows, 0.78 * columns, 0.81 * rows))
        box, point = nearest_box((x1, y1, x2, y2), (rows, columns)), nearest_point(before.point, (rows, columns))
        self.set_scenario(kind, replace(after, box=box, point=point))

    def apply_event(self, event: Mapping[str, object], kind: str) -> None:
        """Take over what a person did on the stage. A browser can send anything: nonsense changes nothing."""
        if isinstance(event.get("present"), bool):
            self.presenting = bool(event["present"])
        language = event.get("language")
        if isinstance(language, str) and language in LANGUAGES:
            self.language = language
        if kind == "quiz":
            self.quiz.apply_event(event)
            return
        scenario = self.scenario_of(kind)
        if event.get("on", scenario.map) != scenario.map:  # sent again, or late: its places are in cells of another map
            event = {name: value for name, value in event.items() if name not in ("box", "point", "recorded")}
        self.set_scenario(kind, after_event(scenario, event, kind))
        self._record(event, kind)
        if "set" in event or "example" in event:
            self.hovered = None
        focus = focus_in(event)
        if focus is not None:
            pinned = event.get("pin") is True
            self.hovered = None if pinned or focus == self.scenario_of(kind).focus else focus
            if pinned:
                self.set_scenario(kind, replace(self.scenario_of(kind), focus=focus))

    def _record(self, event: Mapping[str, object], kind: str) -> None:
        """Keep the drag that an event brings, as a part with a film; one that leaves its map is passed over."""
        path = thinned(path_in(event))
        if kind in MOVING and path:
            scenario, steps = replace(self.scenario, box=path[0]), walk_keys(kind)[-1:]
            with suppress(DeckError):
                self.recorded = Part(kind, scenario, steps, path=path, film=True)


def _name_of(data: OwnMaps) -> str:
    """In the address itself where the map is small, so that a link carries it."""
    written = matrix_in_address(data.channel(0)) if len(data.channels) == 1 else None
    return written if written and is_map(written) else f"own-{data.name}-0"


def after_event(scenario: Scenario, event: Mapping[str, object], kind: str) -> Scenario:
    """The scenario after something a person did on the stage: what is not a box, a point, a choice or a step is
    passed over, and what lies off the map is moved onto it."""
    box, point = box_in(event), numbers_of(event.get("point"), 2)
    if box is not None:
        scenario = replace(scenario, box=nearest_box(box, scenario.feature_map.shape))
    if point is not None:
        scenario = replace(scenario, point=nearest_point((point[0], point[1]), scenario.feature_map.shape))
    chosen = event.get("set")
    if isinstance(chosen, Mapping) and all(
        isinstance(value, str) and name in SCENARIO and SCENARIO[name].in_addresses for name, value in chosen.items()
    ):
        changed, problems = from_address(chosen, kind, scenario)
        changed = changed if "box" in chosen else _after_map(scenario, changed)
        scenario = scenario if problems else changed
    example = next((example for example in EXAMPLES if example.name == event.get("example")), None)
    if example is not None and kind in SCENARIO["example"].menus_on:
        scenario = of_example(scenario, example)
    step = event.get("step")
    if isinstance(step, str) and step in walk_keys(kind):
        scenario = scenario.at_step(kind, step)
    return scenario


def _after_map(before: Scenario, after: Scenario) -> Scenario:
    """A box that is larger than the map that was chosen gives place to the usual one; a photo keeps its own stride.

    >>> photo = replace(of_photo(Scenario(), "photo-32-vertical"), box=(2.25, 0.88, 11.57, 14.19))
    >>> small = after_event(photo, {"set": {"map": "animation"}}, "roi_pool")
    >>> small.box, small.stride
    ((0.55, 2.7, 6.35, 7.4), 16)
    """
    (rows, columns), (x1, y1, x2, y2), usual = after.feature_map.shape, before.box, Scenario()
    if PHOTO_NAME.fullmatch(after.map) or is_drawn(after.map) or (x2 - x1 <= columns and y2 - y1 <= rows):
        return after
    stride = usual.stride if PHOTO_NAME.fullmatch(before.map) else after.stride
    return replace(after, box=nearest_box(usual.box, after.feature_map.shape), stride=stride)
