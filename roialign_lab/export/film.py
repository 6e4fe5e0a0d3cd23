"""A film of a deck: what each of its frames shows. The steps one after the other, then the box on its path.

Nothing here draws: a frame is two moments and how far one fades into the other, a moment a slide's layout, and that is
made of the same strokes as the slide. So every number of a frame is that of the trace of the box where it is then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, groupby, islice
from math import inf
from typing import NamedTuple

from roialign_lab.export.deck import Deck, dressed, pictures
from roialign_lab.export.fonts import clean, fitted
from roialign_lab.export.layout import SIZES, Layout, Sheet, Writing, arranged, with_one_place
from roialign_lab.figures.formats import FILM_SECONDS, FILM_SIZES, FILMS, RATES
from roialign_lab.figures.pair_scenes import pair_panels
from roialign_lab.figures.picture import Picture
from roialign_lab.lesson import box_path
from roialign_lab.lesson.lesson_part import SEPARATE, DeckError, Part
from roialign_lab.lesson.scenario import SIDES, Box
from roialign_lab.lesson.text import Text, plain, text_in
from roialign_lab.lesson.walks import Emphasis

MOST_FRAMES = 3600  # two minutes at 30 a second
FADE = 0.3  # seconds in which one step becomes the next
REST = 1.0  # seconds at the end of a path
SAMPLES = 24  # positions of a path that tell how much room its words need


class Moment(NamedTuple):
    """A part of the deck by its number, one of its steps, and where the box is; is it on its path?"""

    part: int
    step: str
    box: Box
    moving: bool = False


class Frame(NamedTuple):
    """A moment; where ``share`` is below 1, what is still seen of the one before."""

    now: Moment
    before: Moment
    share: float = 1.0


@dataclass(frozen=True)
class Film:
    """A film of a deck, ``rate`` frames a second, of a :data:`FILM_SIZES` size.

    A step is shown for so many ``seconds``, and the box on its path crosses a cell in as many.

    Raises
    ------
    DeckError : for an unknown size or rate, and for more than :data:`MOST_FRAMES` frames.

    >>> deck = Deck((Part("roi_align", steps=("result",), path=((0, 3, 6, 8), (0, 3, 8, 8))),))
    >>> film = Film(deck, seconds=3)
    >>> len(film.frames) / film.rate, film.frames[-1].now.box
    (10.3, (0, 3, 8, 8))
    """

    deck: Deck
    size: str = "1080p"
    rate: int = 30
    seconds: float = FILM_SECONDS
    _still: dict[tuple[int, str], _Still] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, choices in (("size", tuple(FILM_SIZES)), ("rate", RATES)):
            if getattr(self, name) not in choices:
                listed = ", ".join(map(str, choices))
                raise DeckError("film_choice", name=name, value=getattr(self, name), choices=listed)
        if len(self.frames) > MOST_FRAMES:
            most = MOST_FRAMES // self.rate
            raise DeckError("film_long", name="film", limit=MOST_FRAMES, seconds=most, rate=self.rate)

    @property
    def dots(self) -> float:
        """Pixels an inch."""
        return FILM_SIZES[self.size] / SIZES[self.deck.aspect][1]

    @property
    def pixels(self) -> tuple[int, int]:
        """How wide and how high it is."""
        wide, high = (round(side * self.dots) for side in SIZES[self.deck.aspect])
        return wide, high

    @property
    def text(self) -> Text:
        """Its language."""
        return text_in(self.deck.language)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """All frames, one more than allowed where there are too many."""
        return tuple(islice(self._fading(), MOST_FRAMES + 1))

    # ---- when -----------------------------------------------------------------------------------------------------

    def _fading(self) -> Iterator[Frame]:
        before: Moment | None = None
        fade = round(FADE * self.rate)
        for take in self._takes():
            for k, now in enumerate(take):
                fades = before is not None and k < fade
                yield Frame(now, before or now, (k + 1) / (fade + 1)) if fades else Frame(now, now)
                last = now
            before = last

    def _takes(self) -> Iterator[Iterator[Moment]]:
        """What is seen in one go: a step, or the box on its way."""
        for number, part in enumerate(self.deck.parts):
            path = path_of(part)
            start = path[0] if path and part.walk == "sweep" else part.scenario.box
            for step in part.slides:
                yield self._standing(Moment(number, step, start), self.seconds)
            if path and part.slides:
                yield self._on_way(number, part.slides[-1], path)

    def _standing(self, moment: Moment, seconds: float) -> Iterator[Moment]:
        yield from (moment for _ in range(max(round(seconds * self.rate), 1)))

    def _on_way(self, number: int, step: str, path: box_path.Path) -> Iterator[Moment]:
        first, last = (Moment(number, step, box, moving=True) for box in (path[0], path[-1]))
        yield from self._standing(first, FADE)
        for box in islice(box_path.positions(path, self.seconds * self.rate), 1, None):
            yield Moment(number, step, box, moving=True)
        yield from self._standing(last, REST)

    # ---- what -----------------------------------------------------------------------------------------------------

    def layout(self, moment: Moment) -> tuple[Sheet, Layout]:
        """The slide of a moment, and where everything is on it."""
        is_separate = self.deck.parts[moment.part].walk in SEPARATE
        alike = (moment.part, moment.step if is_separate else "")
        still = self._still.get(alike)
        if still is None:
            still = self._still[alike] = self._still_of(*alike)
        sheet = still.placed(self._sheet(moment))
        layout = arranged(sheet)
        return sheet, still.steady(layout) if moment.moving else layout

    def _sheet(self, moment: Moment) -> Sheet:
        deck, text = self.deck, self.text
        sheet = dressed(self._picture(moment, text), deck, text)
        return replace(sheet, footer=clean(deck.title) or text("app.name"))

    def _picture(self, moment: Moment, text: Text) -> Picture:
        part = self.deck.parts[moment.part]
        scenario = replace(part.scenario, box=moment.box)
        if part.walk == "sweep":
            chart = self._charts[moment.part]
            assert chart.sweep is not None
            sweep = replace(chart.sweep, at=moment.box[SIDES.index(scenario.side)])
            return replace(chart, panels=pair_panels(scenario, text), sweep=sweep)
        alone = replace(part, scenario=scenario, steps=(moment.step,), ask="", path=())
        picture = next(pictures(alone, text))
        if not moment.moving:
            return picture
        told = picture.panels[0].scene.emphasis_of("output") not in (Emphasis.UNKNOWN, Emphasis.HIDDEN)
        return replace(picture, caption=plain(text(f"deck.moving.{part.walk}{'' if told else '_before'}")))

    @cached_property
    def _charts(self) -> dict[int, Picture]:
        """The chart of each sweep, by the number of its part: it is the same wherever the side is."""
        parts = enumerate(self.deck.parts)
        return {number: next(pictures(part, self.text)) for number, part in parts if part.walk == "sweep"}

    def _still_of(self, number: int, step: str) -> _Still:
        """What stays where it is, however the box moves and whatever the step; in a ``step``, where one is named."""
        shown = (frame.now for frame in self.frames if frame.now.part == number)
        seen = dict.fromkeys(now for now in shown if step in ("", now.step))
        stands, moves = ([m for m in seen if m.moving is moving] for moving in (False, True))
        tried = [*moves[:: max(len(moves) // SAMPLES, 1)], *_farthest(moves)]
        placed = [*with_one_place([self._sheet(moment) for moment in (*stands, *tried)])]
        layouts = [arranged(sheet) for sheet in placed[len(stands) :]]
        return _Still(placed[0], [writing for layout in layouts for writing in layout.writings])

    def captions(self) -> Iterator[tuple[int, int, str]]:
        """What is said, burnt in or not: from which frame, up to which."""
        spoken = replace(self, deck=replace(self.deck, captions=True))
        start = 0
        for _, run in groupby(self.frames, key=lambda frame: (frame.now.part, frame.now.step, frame.now.moving)):
            shown = [*run]
            yield start, start + len(shown), spoken._sheet(shown[0].now).caption
            start += len(shown)


class _Still:
    """Of one part: as much of the map, as much room for the output, and the words of a move in one place and size."""

    def __init__(self, sheet: Sheet, moving: Sequence[Writing]) -> None:
        self.below_high = sheet.below_high
        self.extent = sheet.panels[0].scene.extent if len(sheet.panels) == 1 else None
        self.places: dict[str, tuple[float, float]] = {}
        for writing in moving:
            y, size = self.places.get(writing.name, (0.0, inf))
            self.places[writing.name] = (max(y, writing.at.y), min(size, writing.lines.size))

    def placed(self, sheet: Sheet) -> Sheet:
        """A sheet with that much of the map and that room."""
        if self.extent is None:
            return replace(sheet, below_high=self.below_high)
        (panel,) = sheet.panels
        scene = replace(panel.scene, extent=self.extent)
        return replace(sheet, below_high=self.below_high, panels=(replace(panel, scene=scene),))

    def steady(self, layout: Layout) -> Layout:
        """A layout with its words there."""
        return replace(layout, writings=tuple(map(self._held, layout.writings)))

    def _held(self, writing: Writing) -> Writing:
        y, size = self.places.get(writing.name, (writing.at.y, writing.lines.size))
        lines = fitted(tuple(writing.text.split("\n")), writing.at.width, inf, (min(size, writing.lines.size),))
        return replace(writing, at=writing.at._replace(y=y, height=lines.height), lines=lines)


def path_of(part: Part) -> box_path.Path:
    """Where the box goes in a film of that part: the side of a sweep goes from one end of the chart to the other."""
    if part.walk != "sweep":
        return part.path
    sweep, side = next(pictures(part, text_in("en"))).sweep, SIDES.index(part.scenario.side)
    assert sweep is not None
    first, last = ([*part.scenario.box] for _ in range(2))
    first[side], last[side] = float(sweep.positions[0]), float(sweep.positions[-1])
    (a, b, c, d), (e, f, g, h) = first, last
    return (a, b, c, d), (e, f, g, h)


def _farthest(moments: Sequence[Moment]) -> list[Moment]:
    """Where the box reaches farthest to each side."""
    if not moments:
        return []
    ends = [min(moments, key=lambda moment: moment.box[side]) for side in range(2)]
    return [*ends, *(max(moments, key=lambda moment: moment.box[side]) for side in range(2, 4))]


def films_in(
    deck: Deck, kind: str, seconds: float | None = None, size: str = "1080p", rate: int = 30
) -> dict[int, Film]:
    """The films in a file of that kind, each by how many slides come before it: one of the whole deck, or in a
    presentation one of every part that has its own.

    Raises
    ------
    DeckError : as :class:`Film`.
    """
    look = (size, rate, seconds or FILM_SECONDS)
    if kind in FILMS:
        return {deck.slides: Film(deck, *look)}
    ends = accumulate(len(part.slides) for part in deck.parts)
    shown = [(end, part) for end, part in zip(ends, deck.parts, strict=True) if part.film and part.slides]
    return {end: Film(replace(deck, parts=(part,)), *look) for end, part in shown if kind.startswith("pptx")}
