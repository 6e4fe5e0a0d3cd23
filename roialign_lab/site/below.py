"""What stands under the stage of a page, as HTML: cards, notes, what surprises, the glossary. Made by the build."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from roialign_lab.lesson.address import to_address
from roialign_lab.lesson.moments import MOMENTS, Moment, moments_of
from roialign_lab.lesson.text import Text
from roialign_lab.stage.page import PAGES, WALKS, address_of

NOTES = ("image", "roi_pooling", "roi_align", "bilinear", "family", "gradients")
"""The pages with a note of the lecturer."""


def below(page: str, text: Text) -> str:
    """The words under a page; empty where it has none."""
    parts: list[str] = []
    if page == "home":
        parts += [_heading(text("app.start")), _cards(_way_in(name, text) for name in PAGES if name != "home")]
        parts += [_heading(text("moment.all")), _links(MOMENTS, text), _glossary(text), html(text("site.more"))]
    if page == "slides":
        parts.append(html(text("site.slides")))
    if page in NOTES:
        parts.append(html(text(f"note.{page}")))
    if page != "home" and moments_of(page):
        parts += [_heading(text("moment.heading")), _cards(_moment(moment, text) for moment in moments_of(page))]
    return "\n".join(parts)


def matrices_words(text: Text) -> dict[str, str]:
    """Heading and introduction of the two matrices of RoI Align, which the stage draws."""
    return {"matrices_title": escape(text("matrices.title")), "matrices_intro": html(text("matrices.intro"))}


def html(markdown: str) -> str:
    """Paragraphs of the catalogues as HTML: they have bold, slanted and code words, and nothing else.

    >>> html("**Mean** or *max* < `roi_align`?")
    '<p><strong>Mean</strong> or <em>max</em> &lt; <code>roi_align</code>?</p>'
    """
    return "\n".join(f"<p>{_words(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", markdown.strip()))


def _words(markdown: str) -> str:
    marked = escape(markdown, quote=False)
    for mark, element in ((r"`([^`]+)`", "code"), (r"\*\*(.+?)\*\*", "strong"), (r"\*([^*]+)\*", "em")):
        marked = re.sub(mark, rf"<{element}>\1</{element}>", marked)
    return marked


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _cards(cards: Iterable[str]) -> str:
    return '<div class="site-cards">' + "".join(f"<article>{card}</article>" for card in cards) + "</div>"


def _way_in(page: str, text: Text) -> str:
    return f"<h3>{_link(page, {}, text(f'title.{page}'), text)}</h3>{html(text(f'card.{page}'))}"


def _moment(moment: Moment, text: Text) -> str:
    words = html(text(f"moment.{moment.key}.sentence", **moment.values))
    code = f"<pre><code>{escape(inspect.getsource(moment.recipe))}</code></pre>" if moment.recipe else ""
    way = _link(moment.page, to_address(moment.scenario, WALKS[moment.page]), text("moment.open"), text)
    return f"<h3>{escape(text(f'moment.{moment.key}.title'))}</h3>{words}{code}<p>{way}</p>"


def _links(moments: Iterable[Moment], text: Text) -> str:
    items = (_link(m.page, to_address(m.scenario, WALKS[m.page]), text(f"moment.{m.key}.title"), text) for m in moments)
    return '<ul class="site-links">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _link(page: str, address: dict[str, str], words: str, text: Text) -> str:
    query = urlencode({**address, "lang": text.language}, safe=",;")
    return f'<a data-page="{page}" href="{escape(f"{address_of(page)}?{query}")}">{escape(words)}</a>'


def _glossary(text: Text) -> str:
    terms = [key.split(".")[0] for key in text.under("glossary") if key.endswith(".term")]
    rows = (
        f"<dt>{_words(text(f'glossary.{term}.term'))}</dt><dd>{_words(text(f'glossary.{term}.meaning'))}</dd>"
        for term in terms
    )
    return f"<details><summary>{escape(text('glossary.title'))}</summary><dl>{''.join(rows)}</dl></details>"
