"""A deck: which walks of which scenarios, in what language and look; and the sheets that it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from roialign_core.bilinear import trace_point
from roialign_lab.export.fonts import clean
from roialign_lab.export.layout import SIZES, Sheet, sheet_of, with_one_place
from roialign_lab.figures.network_picture import network_picture
from roialign_lab.figures.picture import Picture, caption_in_walk, step_picture
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.steps import Step, step_of, steps
from roialign_lab.figures.style import DECK_THEMES
from roialign_lab.figures.sweep_chart import sweep_of
from roialign_lab.figures.trained_results import gaps
from roialign_lab.lesson.lesson_part import BASE, SEPARATE, TITLES, DeckError, Part
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, Text, plain, text_in
from roialign_lab.lesson.walks import WALKS_WITH_STEPS
from roialign_lab.stage.page import Page
from roialign_lab.stage.plan import page_of, step_title
from roialign_lab.stage.view import figure

if TYPE_CHECKING:
    from roialign_lab.export.template import Template

MOST_SLIDES = 120
OF_PAGES = ("image", "family", "gradients", "quiz")  # walks whose slides are what their page shows
UNCOLORED = "print"  # the theme that has no colours
LONGEST = {"title": 120, "base": 300}
"""Characters: PowerPoint opens no file whose title has more than 255, and a longer one does not fit a slide."""


class LargeError(ValueError):
    """A file that has become larger than it may be."""


class NoCodecsError(DeckError):
    """A film that cannot be made where it is asked for: nothing there encodes it."""

    def __init__(self, kind: str, encoder: str) -> None:
        super().__init__("codecs", name="film", kind=kind.upper(), value=encoder)


@dataclass(frozen=True)
class Deck:
    """Parts one after the other, in one language, theme and aspect, with captions and speaker notes or without.

    A lecture can have parts that no slide shows: they are kept, and left out of the slides. With ``builds`` what is new
    on a slide of PowerPoint appears on a click; with ``equations`` the formulas of the walks are equations there.
    """

    parts: tuple[Part, ...]
    title: str = ""
    language: str = "en"
    theme: str = "light"
    aspect: str = "16:9"
    captions: bool = True
    notes: bool = True
    builds: bool = False
    equations: bool = False
    base: str = BASE

    def __post_init__(self) -> None:
        for name, choices in (("language", LANGUAGES), ("theme", DECK_THEMES), ("aspect", tuple(SIZES))):
            if getattr(self, name) not in choices:
                raise DeckError("choice", name=name, value=getattr(self, name), choices=", ".join(choices))
        for name, limit in LONGEST.items():
            if len(getattr(self, name)) > limit:
                raise DeckError("long", name=name, length=len(getattr(self, name)), limit=limit)
        if not _is_address(self.base):
            raise DeckError("base", name="base", value=self.base)
        if not self.slides:
            raise DeckError("empty")
        if self.slides > MOST_SLIDES:
            raise DeckError("too_many", slides=self.slides, limit=MOST_SLIDES)

    @property
    def slides(self) -> int:
        """How many there are."""
        return sum(len(part.slides) for part in self.parts)


def titles(deck: Deck) -> list[str]:
    """The title of every slide, without drawing any.

    >>> titles(Deck((Part("roi_align", steps=("samples", "join")), Part("sweep"))))
    ['RoI Align · red ×', 'RoI Align · join', 'Quantization error']
    """
    text, made = text_in(deck.language), []
    for part in deck.parts:
        if not part.slides:
            continue
        title = text("title." + TITLES.get(part.walk, part.walk))
        steps = [step_title(part.walk, key, text) for key in part.slides]
        made += [f"{title} · {step}" if step else title for step in steps]
    return [without_colors(words, text) for words in made] if deck.theme == UNCOLORED else made


def without_colors(words: str, text: Text) -> str:
    """The words of a figure that is black on white: what they call by its colour they call by its shape.

    >>> without_colors("RoI Pooling reads the orange region.", text_in("en"))
    'RoI Pooling reads the dash-dotted region.'
    """
    for key, colored in text.under("deck.colored").items():
        words = words.replace(colored, text(f"deck.uncolored.{key}"))
    return words


def sheets(deck: Deck, template: Template | None = None) -> tuple[Sheet, ...]:
    """Every slide of a deck, in words that are ready to be shown. The last one has the link, if others can open it.

    With a ``template`` they are arranged for it: where its colours stand for the roles, no word names a colour.

    >>> [sheet.name for sheet in sheets(Deck((Part("roi_align", steps=("samples", "join")),)))]
    ['01-roi_align-samples', '02-roi_align-join']
    """
    text = text_in(deck.language)
    shown = [part for part in deck.parts if part.slides]
    made = [sheet for part in shown for sheet in _sheets_of(part, deck, text, template)]
    last = len(made)
    return tuple(
        replace(
            sheet,
            name=f"{k:02}-{sheet.name}",
            number=f"{k} / {last}",
            footer=clean(deck.title) or text("app.name"),
            link=shown[-1].address(deck.language, deck.base) if k == last and _is_found(deck.base) else "",
        )
        for k, sheet in enumerate(made, start=1)
    )


def _is_address(base: str) -> bool:
    """Is it what a browser opens, with nothing after its path? A page's name and its settings follow it.

    >>> [_is_address(base) for base in ("https://lab.example.org/a", "javascript:alert(1)", "http://a b", "http://a?b")]
    [True, False, False, False]
    """
    try:
        parts = urlsplit(base)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and base.isprintable() and not set(" ?#").intersection(base)


def _is_found(base: str) -> bool:
    """Can somebody else open it? Not where it is the address of the machine that made the slides."""
    host = urlsplit(base).hostname or ""
    return host not in ("localhost", "0.0.0.0", "::1") and not host.startswith("127.")


def _sheets_of(part: Part, deck: Deck, text: Text, template: Template | None) -> Iterator[Sheet]:
    """The slides of one walk: the map, the box and the output stand still while one flips through them.

    Questions of the quiz have a map of their own each, and each its own size.
    """
    made = [*_words_of(part, deck, text)]
    if template is not None:
        made = [_in_template(sheet, template, text) for sheet in made]
    if part.walk in SEPARATE:
        yield from made
        return
    equations = deck.equations and part.walk in WALKS_WITH_STEPS  # what stands elsewhere are words with numbers
    made = [replace(sheet, builds=deck.builds and k > 0, equations=equations) for k, sheet in enumerate(made)]
    yield from with_one_place(made)


def _in_template(sheet: Sheet, template: Template, text: Text) -> Sheet:
    told = {name: getattr(sheet, name) for name in ("title", "caption", "notes", "alt")}
    if template.own_roles:
        told = {name: without_colors(words, text) for name, words in told.items()}
    return replace(sheet, **told, template=template.plan, theme=template.theme(sheet.theme))


def _words_of(part: Part, deck: Deck, text: Text) -> Iterator[Sheet]:
    for k, picture in enumerate(pictures(part, text)):
        said = [part.said(deck.language)] if k == 0 and part.say else []
        yield dressed(picture, deck, text, said)


def dressed(picture: Picture, deck: Deck, text: Text, said: Sequence[str] = ()) -> Sheet:
    """A picture as the deck looks; what is to be ``said`` is among its notes."""
    if deck.theme == UNCOLORED:
        title, caption = (without_colors(words, text) for words in (picture.title, picture.caption))
        picture = replace(picture, title=title, caption=caption)
    words = "\n".join([*said, picture.caption, *picture.formula])
    if picture.name.endswith("-result"):  # the same numbers again, which the output shows
        picture = replace(picture, formula=())
    return sheet_of(
        picture,
        caption=picture.caption if deck.captions else "",
        notes=words if deck.notes else "",
        theme=deck.theme,
        aspect=deck.aspect,
        language=deck.language,
    )


def pictures(part: Part, text: Text) -> Iterator[Picture]:
    """What the slides of a part show."""
    scenario, title = part.scenario, text("title." + TITLES.get(part.walk, part.walk))
    if part.walk == "sweep":
        sweep = sweep_of(scenario, scenario.pool, scenario.align)
        caption = plain(text(f"deck.sweep{sweep.case}", side=scenario.side))
        yield from (Picture("sweep", title, caption, sweep=sweep) for _ in part.slides)
        return
    if part.walk == "network":
        picture = network_picture(scenario, text)
        found = tuple(text("trained.on_slide", gap=gap) for gap in gaps(text))
        yield from (replace(picture, formula=(*picture.formula, *found)) for _ in part.slides)
        return
    if part.walk in OF_PAGES:
        yield from (figure(_page_at(part, key, text.language)) for key in part.slides)
        return
    for step, caption in _steps_of(part, text):
        yield step_picture(part.walk, title, step, text, caption)


def _page_at(part: Part, step: str, language: str) -> Page:
    """The page of a part as it stands at a step."""
    page = Page(page_of(part), Session(language))
    if part.walk == "quiz":
        page.session.read_address({"seed": str(part.seed), "step": step}, part.kind)
    else:
        page.session.set_scenario(part.kind, part.scenario)
    return page


def _steps_of(part: Part, text: Text) -> Iterator[tuple[Step, str]]:
    """The steps of a walk that are shown, each with what is written above the output."""
    scenario = part.scenario
    if part.walk == "bilinear":
        walk = {step.key: step for step in point_steps(trace_point(scenario.feature_map, *scenario.point))}
        yield from ((walk[key], "") for key in part.slides)
        return
    trace = scenario.trace(scenario.pool if part.walk == "roi_pool" else scenario.align)
    caption = caption_in_walk(trace, text)
    if len(part.slides) == 1:
        yield step_of(trace, part.slides[0], scenario.focus, scenario.numbered), caption
        return
    walk = {step.key: step for step in steps(trace, scenario.focus, scenario.numbered)}
    yield from ((walk[key], caption) for key in part.slides)
