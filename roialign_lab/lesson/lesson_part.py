"""A part of a lesson: one page's walk of one scenario, for slides and for a lecture that is stepped through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from roialign_lab.lesson import box_path
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.maps import PHOTO_NAME
from roialign_lab.lesson.mask_networks import is_drawn
from roialign_lab.lesson.quiz import KINDS, LARGEST_SEED, STEPS
from roialign_lab.lesson.readers import Problem
from roialign_lab.lesson.scenario import Scenario, first_drawn, of_photo
from roialign_lab.lesson.text import Text
from roialign_lab.lesson.walks import BESIDES, questions_on, walk_keys

SLIDES = {
    "image": "Image_to_features",
    "roi_pool": "RoI_Pooling",
    "roi_align": "RoI_Align",
    "bilinear": "Bilinear_interpolation",
    "sweep": "Quantization_error",
    "network": "A_trained_network",
    "family": "Operator_family",
    "gradients": "Gradients",
    "quiz": "Quiz",
}
"""The walks that a deck can show, and the page of each."""
ADDRESSES = {"home": "", **SLIDES}
"""The walks that a lesson can have, and the page of each."""
RECORDED = ("roi_pool", "roi_align", "bilinear", "sweep", "network")
"""The walks that an HTML file can play."""
PAGE_KINDS = {"sweep": "error"}  # where the page speaks another address than the walk is called
TITLES = {"roi_pool": "roi_pooling", "sweep": "quantization"}  # likewise the words of it
QUESTIONS: Mapping[str, Mapping[str, str]] = {
    **{walk: questions_on(walk) for walk in BESIDES},
    "quiz": {key: key for key in KINDS},
}
"""What can be asked in a walk, and the step that shows it; a page without steps shows it at once."""
MOVING = ("roi_pool", "roi_align")
"""The walks in whose film the box moves along a path."""
ALONE = ("image", "sweep", "network", "family", "gradients")  # walks of one slide, which is called like them
SEPARATE = ("quiz",)  # walks whose slides have a map of their own each
BASE = "http://localhost:8501"
LONGEST_LINK = 4000  # characters
LONGEST_SAID = 2000  # characters of what is to be said, in one language
MOST_MINUTES = 600
QUOTED = 80  # characters of what was given that a sentence names


class DeckError(ValueError):
    """A lesson that cannot be used: a text key under ``deck.problem`` and what its sentence has room for."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.given = f"deck.problem.{key}", values
        self.values = {name: str(value) for name, value in values.items()}
        for name in ("value", "where"):
            if len(self.values.get(name, "")) > QUOTED:
                self.values[name] = self.values[name][:QUOTED] + "…"
        super().__init__(f"{key}: {self.values}")

    def words(self, text: Text) -> dict[str, str]:
        """What its sentence has room for, in the language of ``text``: the problem of a scenario is a sentence too."""
        problem = self.given.get("problem")
        if not isinstance(problem, Problem):
            return self.values
        values = {name: text(value) if value in text.entries else value for name, value in problem.values.items()}
        return {**self.values, "problem": text(problem.key, **values)}


@dataclass(frozen=True)
class Part:
    """One walk of one scenario; ``steps`` in the order in which they are shown, all of them where none is named.

    For a lecture: how many ``minutes`` it takes, what is to be said (``say``, by language; under "" in any), and which
    question of :data:`QUESTIONS` it asks. ``seed`` is that of the questions of the quiz. For a film: the ``path`` of
    the box, in map cells, and whether slides have the ``film`` of this part too.

    >>> Part("roi_pool", steps=("snap",), ask="edges", say={"en": "Round.", "zh": "取整。"}).said("zh")
    '取整。'
    """

    walk: str
    scenario: Scenario = field(default_factory=Scenario)
    steps: tuple[str, ...] = ()
    minutes: float = 0
    say: Mapping[str, str] = field(default_factory=dict)
    ask: str = ""
    seed: int = 1
    path: box_path.Path = ()
    film: bool = False

    def __post_init__(self) -> None:
        if self.walk not in ADDRESSES:
            raise DeckError("walk", value=self.walk, choices=", ".join(ADDRESSES))
        if not fits(self.walk, self.scenario):
            object.__setattr__(self, "scenario", first_scenario(self.walk))
        known = keys_of(self.walk)
        for step in self.steps:
            if step not in known:
                raise DeckError("step" if known else "no_step", value=step, walk=self.walk, choices=", ".join(known))
        if not 0 <= self.minutes <= MOST_MINUTES:
            raise DeckError("minutes", name="minutes", limit=MOST_MINUTES)
        if not 0 <= self.seed <= LARGEST_SEED:
            raise DeckError("seed", name="seed", limit=LARGEST_SEED)
        if any(len(said) > LONGEST_SAID for said in self.say.values()):
            raise DeckError("long", name="say", length=max(map(len, self.say.values())), limit=LONGEST_SAID)
        questions = QUESTIONS.get(self.walk, {})
        if self.ask and self.ask not in questions:
            raise DeckError("ask" if questions else "no_ask", name="ask", value=self.ask, choices=", ".join(questions))
        if self.ask and questions[self.ask] not in (*self.keys, ""):
            raise DeckError("ask_step", name="ask", value=self.ask, step=questions[self.ask])
        if self.path:
            self._check_path()

    def _check_path(self) -> None:
        path, shape = self.path, self.scenario.feature_map.shape
        if self.walk not in MOVING:
            raise DeckError("path_walk", name="path", value=self.walk, choices=", ".join(MOVING))
        if not box_path.FEWEST <= len(path) <= box_path.MOST:
            few, many = box_path.FEWEST, box_path.MOST
            raise DeckError("path_length", name="path", count=len(path), least=few, limit=many)
        wrong = box_path.off_map(path, shape)
        if wrong is not None:
            box = ", ".join(f"{side:g}" for side in path[wrong - 1])
            raise DeckError("path_box", name="path", number=wrong, value=box, rows=shape[0], columns=shape[1])

    @property
    def keys(self) -> tuple[str, ...]:
        """The steps that are shown."""
        return self.steps or keys_of(self.walk)

    @property
    def slides(self) -> tuple[str, ...]:
        """Those of them that a deck has a slide of."""
        return self.keys if self.walk in SLIDES else ()

    @property
    def kind(self) -> str:
        """What its page is called in addresses."""
        return PAGE_KINDS.get(self.walk, self.walk)

    @property
    def settings(self) -> dict[str, str]:
        """The scenario as the address of its page says it."""
        if self.walk == "quiz":
            return {"seed": str(self.seed)}
        return {name: value for name, value in to_address(self.scenario, self.kind).items() if name != "step"}

    def address(self, language: str, base: str = BASE, step: str = "") -> str:
        """The link to the page that shows this scenario, at a step of it."""
        named = {"lang": language, **self.settings}
        if self.walk != "quiz" and not step:
            named |= to_address(self.scenario, self.kind)
        elif step:
            named["step"] = step
        return f"{base.rstrip('/')}/{ADDRESSES[self.walk]}?{urlencode(named, safe=',;')}"

    def said(self, language: str) -> str:
        """What is to be said, in a language or else in the one that there is."""
        return self.say.get(language) or self.say.get("") or next(iter(self.say.values()), "")


def fits(walk: str, scenario: Scenario) -> bool:
    """Can the page of a walk show that scenario? The photo's page has photos alone, that of networks what is drawn."""
    if walk == "image":
        return PHOTO_NAME.fullmatch(scenario.map) is not None
    return walk != "network" or is_drawn(scenario.map)


def first_scenario(walk: str) -> Scenario:
    """What the page of a walk begins with."""
    if walk == "image":
        return of_photo(Scenario(), "photo-16-vertical")
    return first_drawn() if walk == "network" else Scenario()


def keys_of(walk: str) -> tuple[str, ...]:
    """The steps of a walk, in order; those of the quiz are its questions. None for a page without.

    >>> keys_of("roi_pool"), keys_of("home")
    (('map', 'project', 'snap', 'split', 'cells', 'max', 'result'), ())
    """
    if walk == "quiz":
        return STEPS[:-1]
    return (walk,) if walk in ALONE else walk_keys(walk)


def part_of_link(link: str, walks: Mapping[str, str] = SLIDES) -> Part:
    """The part that a shared link shows; for the home page, RoI Align.

    Raises
    ------
    DeckError : for a link to a page of no walk, or a link whose address has something that cannot be shown.

    >>> part_of_link("http://10.0.0.5:8501/RoI_Pooling?lang=zh&box=0,3,7,8&step=snap").walk
    'roi_pool'
    """
    page, query = page_and_query(link)
    pages = {name: walk for walk, name in walks.items()} | {"": "roi_align"}
    if page not in pages:
        raise DeckError("link", value=link)
    walk, address = pages[page], dict(parse_qsl(query))
    if walk == "quiz":
        seed = address.get("seed", "1")
        return Part(walk, seed=int(seed) if seed.isdecimal() and seed.isascii() and len(seed) < 9 else -1)
    return Part(walk, scenario_at(address, walk))


def page_and_query(link: str) -> tuple[str, str]:
    """The page that a link names, as addresses write it, and what follows the question mark.

    Raises
    ------
    DeckError : for what is no link, or too long. That is not parsed, for Python keeps what it parsed of late.

    >>> page_and_query(" http://10.0.0.5:8501/lab/RoI_Pooling/?lang=zh ")
    ('RoI_Pooling', 'lang=zh')
    """
    try:
        path, query = urlsplit(link.strip())[2:4] if len(link) <= LONGEST_LINK else ("", "")
    except ValueError:
        path, query = "", ""
    if not query and not path:
        raise DeckError("link", value=link)
    return unquote(path.rstrip("/").rsplit("/", 1)[-1]), query


def scenario_at(address: Mapping[str, str], walk: str) -> Scenario:
    """The scenario of an address on the page of a walk.

    Raises
    ------
    DeckError : where something of the address cannot be shown.
    """
    kind = PAGE_KINDS.get(walk, walk)
    scenario, problems = from_address(address, kind, first_scenario(walk))
    if problems:
        raise DeckError("address", problem=problems[0])
    return scenario
