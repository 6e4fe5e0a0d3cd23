"""What stands under a stage and is made while somebody looks: tables, charts, code, experiments, as the app makes them.

A section answers with HTML, in which ``<div data-chart="0">`` is the place of its first chart, and with the charts.
Slow work is done in pieces, so that a drag is answered in between: what says ``again`` wants to be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from roialign_core.masks import RESOLUTIONS
from roialign_lab.export.deck import Deck
from roialign_lab.export.lesson_file import write_lesson
from roialign_lab.figures import experiments, trained_results
from roialign_lab.figures.cell_places import cell_places
from roialign_lab.figures.charts import surface
from roialign_lab.figures.dot_picture import answer_values, dot_picture
from roialign_lab.figures.mask_picture import person_at, picture
from roialign_lab.figures.slopes import measured, slopes
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.maps import is_upload, photo_of
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.predict_cell import LARGEST_CELL, Dot, dot, verdict
from roialign_lab.libraries import tables
from roialign_lab.libraries.code_to_copy import LIBRARY_NAMES, calls, needs_file
from roialign_lab.libraries.differences import exhibits
from roialign_lab.site.html import button, code, prose, table
from roialign_lab.stage.downloads import File, numbers_as, too_many_samples
from roialign_lab.stage.page import Page

Chosen = Mapping[str, object]  # what stands in the fields of a section, and what was pressed
Made = dict[str, Any]
LESSON = "lesson.toml"
NAMES = (
    *("surface", "places", "slopes", "conventions", "members", "code", "exhibits", "lesson"),
    *("downloads", "person", "spread", "masks", "trained", "dot"),
)


@dataclass
class Job:
    """Work that is done in pieces; ``key`` is what was asked for."""

    key: tuple[int, ...]
    rounds: Iterator[Any]
    done: list[Any] = field(default_factory=list)


class Sections:
    """The sections of a visitor: what was measured for them, and which dot they look for."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.dots = 0
        self.answered: tuple[Dot, int, int] | None = None

    def make(self, name: str, page: Page, chosen: Chosen) -> Made:
        """The section of that name, for what a page shows; empty for a name that no section has.

        >>> from roialign_lab.lesson.session import Session
        >>> made = Sections().make("spread", Page("quantization", Session()), {"seed": "3"})
        >>> made["html"], made["again"]
        ('<p role="status">Stride 4 …</p><progress value="1" max="5"></progress>', True)
        """
        made: Made = getattr(self, f"_{name}")(page, chosen) if name in NAMES else {}
        return {"html": "", "charts": [], "again": False, **made}

    def _surface(self, page: Page, _chosen: Chosen) -> Made:
        return _charted([surface(page.scenario.feature_map, *page.scenario.point, page.text)], "")

    def _places(self, page: Page, _chosen: Chosen) -> Made:
        sentence, chart = cell_places(page.text)
        return {"html": prose(sentence) + _place(0), "charts": [chart]}

    def _slopes(self, page: Page, _chosen: Chosen) -> Made:
        return {"html": prose(measured(page.scenario, page.text)) + table(slopes(page.scenario, page.text))}

    def _conventions(self, page: Page, _chosen: Chosen) -> Made:
        return {"html": table(tables.conventions(page.scenario, page.text))}

    def _members(self, page: Page, _chosen: Chosen) -> Made:
        return {"html": table(tables.members(page.text))}

    def _code(self, page: Page, _chosen: Chosen) -> Made:
        file = button(page.text("family.map_file", name=numbers_as("npy", page).name), file="npy")
        snippets = (
            f"<h3>{escape(LIBRARY_NAMES.get(library, library))}</h3>{code(snippet)}"
            for library, snippet in calls(page.scenario).items()
        )
        return {"html": (f"<p>{file}</p>" if needs_file(page.scenario) else "") + "".join(snippets)}

    def _downloads(self, page: Page, _chosen: Chosen) -> Made:
        problem = too_many_samples(page)
        buttons = "".join(button(page.text(f"numbers.{kind}"), file=kind) for kind in ("csv", "json"))
        return {"html": prose(problem) if problem else f'<div class="site-row">{buttons}</div>'}

    def _exhibits(self, page: Page, _chosen: Chosen) -> Made:
        text = page.text
        cards = (
            f"<article><h3>{escape(text(f'exhibit.{exhibit.key}.title'))}</h3>"
            f"{prose(text(f'exhibit.{exhibit.key}.sentence', **exhibit.values))}</article>"
            for exhibit in exhibits()
        )
        return {"html": f'<div class="site-cards">{"".join(cards)}</div>'}

    def _lesson(self, page: Page, _chosen: Chosen) -> Made:
        if is_upload(page.session.scenario.map):
            return {"html": prose(page.text("site.own_stays"))}
        command = prose(page.text("site.lesson")) + code(f"roialign-lab deck {LESSON} -o lecture.pptx")
        return {"html": command + f"<p>{button(LESSON, file='lesson')}</p>" + code(lesson_of(page))}

    def _person(self, page: Page, chosen: Chosen) -> Made:
        text = page.text
        stride = _one_of(chosen.get("stride"), experiments.MASK_STRIDES, experiments.SPOKEN[0])
        person = person_at(stride)
        words: dict[str | None, str] = {None: text("mask.truth", stride=stride)}
        words |= {name: text(f"mask.outline_{name}", iou=number(person.iou[name], 2)) for name in ("pool", "align")}
        figures = (
            f'<figure><div role="img" aria-label="{escape(said)}">{picture(person, name)}</div>'
            f"<figcaption>{escape(said)}</figcaption></figure>"
            for name, said in words.items()
        )
        return {"html": f'<div class="site-beside">{"".join(figures)}</div>'}

    def _spread(self, page: Page, chosen: Chosen) -> Made:
        seed = _whole(chosen.get("seed"), experiments.LARGEST_SEED)
        if "spread" not in self.jobs or self.jobs["spread"].key != (seed,):
            self.jobs["spread"] = Job((seed,), experiments.spread_costs(seed))
        working = lambda cost: page.text("spread.working", stride=cost.stride)  # noqa: E731
        return self._piece(
            "spread", len(experiments.STRIDES), working, lambda costs: experiments.spread_shown(costs, page.text)
        )

    def _masks(self, page: Page, chosen: Chosen) -> Made:
        if chosen.get("do") == "run":
            key = (
                _one_of(chosen.get("resolution"), RESOLUTIONS, RESOLUTIONS[0]),
                _one_of(chosen.get("objects"), experiments.OBJECTS, experiments.USUAL_OBJECTS),
                _whole(chosen.get("seed"), experiments.LARGEST_SEED),
            )
            self.jobs["masks"] = Job(key, experiments.masks_measured(*key))
        if "masks" not in self.jobs:
            return {}
        working = lambda cost: page.text("mask.working", stride=cost.stride, size=cost.size)  # noqa: E731
        return self._piece(
            "masks", experiments.ROUNDS, working, lambda costs: experiments.masks_shown(costs, page.text)
        )

    def _trained(self, page: Page, _chosen: Chosen) -> Made:
        return _charted([trained_results.chart(page.text)], trained_results.sentence(page.text))

    def _piece(
        self, name: str, rounds: int, working: Callable[[Any], str], shown: Callable[[list[Any]], experiments.Shown]
    ) -> Made:
        """One more piece of a job; all of it when it is done."""
        job = self.jobs[name]
        if len(job.done) < rounds:
            job.done.append(next(job.rounds))
            said = f'<p role="status">{escape(working(job.done[-1]))}</p>'
            return {"html": f'{said}<progress value="{len(job.done)}" max="{rounds}"></progress>', "again": True}
        return _charted(*shown(job.done))

    def _dot(self, page: Page, chosen: Chosen) -> Made:
        text, photo = page.text, photo_of(page.scenario.map)
        self.dots += chosen.get("do") == "another"
        stride = _one_of(chosen.get("stride"), tuple(photo.maps.at), experiments.SPOKEN[0])
        place = dot(photo.maps.photo_shape, stride, self.dots)
        if chosen.get("do") == "check":
            cell = (_whole(chosen.get(side), LARGEST_CELL) for side in ("row", "column"))
            self.answered = (place, *cell)  # type: ignore[assignment]
        said = ""
        if self.answered and self.answered[0] == place:
            found = verdict(*self.answered)
            answer = text("moment.predict.answer", **answer_values(place))
            said = f'<p role="status"><strong>{escape(text(f"moment.predict.{found}"))}</strong> {escape(answer)}</p>'
        ask = prose(text("moment.predict.ask", x=place.x, y=place.y, stride=stride))
        drawn = f'<div class="site-photo" role="img" aria-label="{escape(text("moment.predict.picture"))}">'
        return {"html": f"{ask}{said}{drawn}{dot_picture(photo, place, bool(said))}</div>"}


def lesson_of(page: Page) -> str:
    """The ``lesson.toml`` of what a visitor looks at: both operators and the sweep."""
    scenario = page.session.scenario
    parts = tuple(Part(walk, scenario) for walk in ("roi_pool", "roi_align", "sweep"))
    return write_lesson(Deck(parts, language=page.session.language))


def file_named(kind: str, page: Page) -> File:
    """A file that a button of a page names."""
    if kind == "lesson":
        return File(LESSON, "application/toml", lambda: lesson_of(page).encode())
    return numbers_as(kind, page)


def _charted(charts: list[dict[str, Any]], sentence: str) -> Made:
    """Charts side by side, and the sentence under them."""
    places = "".join(_place(k) for k in range(len(charts)))
    return {"html": f'<div class="site-beside">{places}</div>{prose(sentence) if sentence else ""}', "charts": charts}


def _place(k: int) -> str:
    return f'<div class="site-chart" data-chart="{k}"></div>'


def _whole(value: object, largest: int) -> int:
    """A whole number that a field holds, the nearest that it may hold."""
    written = str(value)
    return min(int(written), largest) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _one_of(value: object, choices: tuple[int, ...], usual: int) -> int:
    return next((choice for choice in choices if str(choice) == str(value)), usual)
