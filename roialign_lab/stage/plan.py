"""The plan of a lecture: the parts of a ``lesson.toml`` one stop after the other, as a table and as a page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import urlencode

from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.lesson_file import read_parts
from roialign_lab.lesson.lesson_part import ALONE, QUESTIONS, TITLES, Part
from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text
from roialign_lab.stage.page import WALKS

READY = ASSETS / "lessons" / "lecture.toml"
PRINTED = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 12pt/1.4 system-ui, sans-serif; color: #111; background: #fff; max-width: 52em; margin: 2em auto; }}
h1 {{ font-size: 17pt; }} table {{ border-collapse: collapse; width: 100%; }} tr {{ break-inside: avoid; }}
th, td {{ border-top: 1px solid #999; padding: 5pt 8pt 5pt 0; text-align: left; vertical-align: top; }}
td:nth-child(2) {{ text-align: right; font-variant-numeric: tabular-nums; }} p {{ margin: 0 0 3pt; }}
.link {{ font-size: 8pt; overflow-wrap: anywhere; }} a {{ color: inherit; }}
</style><h1>{title}</h1><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></html>
"""


@dataclass(frozen=True)
class Stop:
    """One thing that a lecture shows: a step of a part, or the page of a part without steps."""

    part: Part
    number: int  # of the part, counted from 0
    step: str

    @property
    def page(self) -> str:
        """The page that it is on."""
        return page_of(self.part)

    @property
    def ask(self) -> str:
        """The question that opens here; empty where none does."""
        part = self.part
        return part.ask if part.ask and QUESTIONS[part.walk][part.ask] in (self.step, "") else ""

    @property
    def address(self) -> str:
        """What the page shows, as a query string without language."""
        step = {"step": self.step} if self.step else {}
        return urlencode({**self.part.settings, **step}, safe=",;")


def page_of(part: Part) -> str:
    """The page that shows a part.

    >>> page_of(Part("sweep"))
    'quantization'
    """
    return next(name for name, kind in WALKS.items() if kind == part.kind)


@cache
def ready_lesson() -> str:
    """The plan that comes with the lesson, as a ``lesson.toml``."""
    return READY.read_text(encoding="utf-8")


@cache
def ready_parts() -> tuple[Part, ...]:
    """Its parts.

    >>> sum(part.minutes for part in ready_parts())
    45
    """
    return read_parts(ready_lesson())[0]


def stops_of(parts: Sequence[Part]) -> tuple[Stop, ...]:
    """Where a lecture of these parts stops, in order.

    >>> parts = [Part("home"), Part("roi_pool", steps=("map", "snap"), ask="edges")]
    >>> [(stop.step, stop.ask) for stop in stops_of(parts)]
    [('', ''), ('map', ''), ('snap', 'edges')]
    """
    return tuple(
        Stop(part, number, "" if part.walk in ALONE else step)
        for number, part in enumerate(parts)
        for step in (("",) if part.walk in ALONE else part.keys or ("",))
    )


def step_title(walk: str, step: str, text: Text) -> str:
    """What a step is called; empty for none."""
    if not step or walk in ALONE:
        return ""
    return text(f"quiz.{step}.title" if walk == "quiz" else f"steps.{walk}.{step}.title")


def page_title(part: Part, text: Text) -> str:
    """What the page of a part is called."""
    return text("menu.home" if part.walk == "home" else "title." + TITLES.get(part.walk, part.walk))


def question_title(part: Part, text: Text) -> str:
    """What is asked in a part; empty where nothing is."""
    if not part.ask:
        return ""
    return text(f"{'quiz' if part.walk == 'quiz' else 'question'}.{part.ask}.title")


def title_of(part: Part, text: Text) -> str:
    """The page of a part with the steps of it that are shown.

    >>> from roialign_lab.lesson.text import text_in
    >>> title_of(Part("roi_pool", steps=("map", "project")), text_in("en"))
    'RoI Pooling · map & box · project'
    """
    steps = [step_title(part.walk, step, text) for step in part.steps]
    return " · ".join([page_title(part, text), *filter(None, steps)])


def plan(text: Text) -> Table:
    """The ready lecture as a table.

    >>> from roialign_lab.lesson.text import text_in
    >>> [row[:2] for row in plan(text_in("en")).rows][:3]
    [('Home', '3'), ('Image to features', '4'), ('RoI Pooling · map & box · project', '2')]
    """
    head = tuple(text(f"plan.{name}") for name in ("page", "minutes", "talk"))
    return Table(head, tuple(_row(part, text) for part in ready_parts()))


def _row(part: Part, text: Text) -> tuple[str, str, str]:
    asked = f"**{text('plan.asks', question=question_title(part, text))}** " if part.ask else ""
    return title_of(part, text), _minutes(part.minutes), asked + part.said(text.language)


def printed(parts: Sequence[Part], text: Text, base: str, title: str = "") -> str:
    """A page to print: what stands in a plan, with the link of every part, on the server at ``base``."""
    total = sum(part.minutes for part in parts)
    heading = f"{title or text('plan.lecture')} · {total:g} {text('plan.minutes')}"
    head = "".join(f"<th>{escape(text(f'plan.{name}'))}</th>" for name in ("page", "minutes", "talk"))
    rows = []
    for part in parts:
        link = escape(part.address(text.language, base, part.steps[0] if part.steps and part.walk not in ALONE else ""))
        asked = text("plan.asks", question=question_title(part, text)) if part.ask else ""
        said = f"<p><b>{escape(asked)}</b></p>" if asked else ""
        said += f'<p>{escape(part.said(text.language))}</p><p><a class="link" href="{link}">{link}</a></p>'
        cells = (
            escape(title_of(part, text)),
            escape(_minutes(part.minutes)),
            said,
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return PRINTED.format(language=text.language, title=escape(heading), head=head, rows="".join(rows))


def _minutes(minutes: float) -> str:
    return f"{minutes:g}" if minutes else ""
