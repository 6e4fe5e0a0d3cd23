"""A deck: which walks of which scenarios, in what language and look; and the sheets that it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlencode

from roialign_core.bilinear import trace_point
from roialign_lab.export.fonts import clean
from roialign_lab.export.layout import SIZES, Sheet
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import Step, steps
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.figures.sweep_chart import sweep_of
from roialign_lab.lesson.address import to_address
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import LANGUAGES, Text, plain, text_in
from roialign_lab.lesson.walks import walk_keys

ADDRESSES = {
    "roi_pool": "RoI_Pooling",
    "roi_align": "RoI_Align",
    "bilinear": "Bilinear_interpolation",
    "sweep": "Quantization_error",
}
"""The walks that a deck can show, and the page of each."""
PAGE_KINDS = {"sweep": "error"}  # where the page speaks another address than the walk is called
TITLES = {"roi_pool": "roi_pooling", "sweep": "quantization"}
SWEEP = ("sweep",)  # the only step of a sweep
BASE = "http://localhost:8501"
MOST_SLIDES = 120


class DeckError(ValueError):
    """A deck that cannot be made: a text key under ``deck.problem`` and what its sentence has room for."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = f"deck.problem.{key}"
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(f"{key}: {self.values}")


@dataclass(frozen=True)
class Part:
    """One walk of one scenario; ``steps`` in the order in which they are shown, all of them where none is named."""

    walk: str
    scenario: Scenario = field(default_factory=Scenario)
    steps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.walk not in ADDRESSES:
            raise DeckError("walk", given=self.walk, choices=", ".join(ADDRESSES))
        for step in self.steps:
            if step not in keys_of(self.walk):
                raise DeckError("step", given=step, walk=self.walk, choices=", ".join(keys_of(self.walk)))

    @property
    def keys(self) -> tuple[str, ...]:
        """The steps that are shown."""
        return self.steps or keys_of(self.walk)

    def address(self, language: str, base: str = BASE) -> str:
        """The link to the page that shows this scenario."""
        named = to_address(self.scenario, PAGE_KINDS.get(self.walk, self.walk))
        return f"{base.rstrip('/')}/{ADDRESSES[self.walk]}?{urlencode({'lang': language, **named}, safe=',;')}"


@dataclass(frozen=True)
class Deck:
    """Parts one after the other, in one language, theme and aspect, with captions and speaker notes or without."""

    parts: tuple[Part, ...]
    title: str = ""
    language: str = "en"
    theme: str = "light"
    aspect: str = "16:9"
    captions: bool = True
    notes: bool = True
    base: str = BASE

    def __post_init__(self) -> None:
        for name, choices in (("language", LANGUAGES), ("theme", DECK_THEMES), ("aspect", tuple(SIZES))):
            if getattr(self, name) not in choices:
                raise DeckError("choice", name=name, given=getattr(self, name), choices=", ".join(choices))
        many = sum(len(part.keys) for part in self.parts)
        if not many:
            raise DeckError("empty")
        if many > MOST_SLIDES:
            raise DeckError("too_many", slides=many, limit=MOST_SLIDES)


def keys_of(walk: str) -> tuple[str, ...]:
    """The steps of a walk, in order.

    >>> keys_of("roi_pool")
    ('map', 'project', 'snap', 'split', 'cells', 'max', 'result')
    """
    return SWEEP if walk == "sweep" else walk_keys(walk)


def sheets(deck: Deck) -> tuple[Sheet, ...]:
    """Every slide of a deck, in words that are ready to be shown. The last one has the link.

    >>> [sheet.name for sheet in sheets(Deck((Part("roi_align", steps=("samples", "join")),)))]
    ['01-roi_align-samples', '02-roi_align-join']
    """
    text = text_in(deck.language)
    made = [sheet for part in deck.parts for sheet in _sheets_of(part, deck, text)]
    last = len(made)
    return tuple(
        replace(
            sheet,
            name=f"{k:02}-{sheet.name}",
            number=f"{k} / {last}",
            footer=clean(deck.title) or text("app.name"),
            link=deck.parts[-1].address(deck.language, deck.base) if k == last else "",
        )
        for k, sheet in enumerate(made, start=1)
    )


def _sheets_of(part: Part, deck: Deck, text: Text) -> Iterator[Sheet]:
    dressed = partial(Sheet, theme=deck.theme, aspect=deck.aspect, language=deck.language)
    name = text("title." + TITLES.get(part.walk, part.walk))
    if part.walk == "sweep":
        said = plain(text("deck.sweep", side=part.scenario.side))
        swept = sweep_of(part.scenario, part.scenario.pool, part.scenario.align)
        for _ in part.keys:
            yield dressed(
                "sweep",
                name,
                said if deck.captions else "",
                (),
                Scene((0, 0, 1, 1), ()),
                alt=f"{name}. {said}",
                notes=said if deck.notes else "",
                sweep=swept,
            )
        return
    walk = {step.key: step for step in _walk(part)}
    for key in part.keys:
        step = walk[key]
        title = f"{name} · {text(step.text_key + '.title')}"
        said = plain(text(step.sentence_key, **step.values))
        yield dressed(
            f"{part.walk}-{key}",
            title,
            said if deck.captions else "",
            step.formula,
            step.scene,
            output_name="" if part.walk == "bilinear" else _output_name(part, text),
            alt=f"{title}. {said}",
            notes="\n".join([said, *step.formula]) if deck.notes else "",
        )


def _walk(part: Part) -> tuple[Step, ...]:
    scenario = part.scenario
    if part.walk == "bilinear":
        return point_steps(trace_point(scenario.feature_map, *scenario.point))
    operator = scenario.pool if part.walk == "roi_pool" else scenario.align
    return steps(scenario.trace(operator), scenario.focus)


def _output_name(part: Part, text: Text) -> str:
    scenario = part.scenario
    rows, columns = scenario.output_size
    if part.walk == "roi_pool":
        return text("stage_for.output_max", rows=rows, columns=columns)
    down, across = scenario.trace(scenario.align).grid
    key = f"stage_for.output_{scenario.aggregate.value}_samples"
    return text(key, rows=rows, columns=columns, samples=f"{down}×{across}")
