"""The words of the catalogues, tables and code as HTML."""

from __future__ import annotations

import re
from html import escape

from roialign_lab.lesson.table import Table

COLOURED = re.compile(r":(green|red)\[(.*)\]", re.S)
MARKS = ((r"`([^`]+)`", "code"), (r"\*\*(.+?)\*\*", "strong"), (r"\*([^*]+)\*", "em"))


def prose(markdown: str) -> str:
    """Paragraphs of the catalogues as HTML: they have bold, slanted and code words, and nothing else.

    >>> prose("**Mean** or *max* < `roi_align`?")
    '<p><strong>Mean</strong> or <em>max</em> &lt; <code>roi_align</code>?</p>'
    """
    return "\n".join(f"<p>{words(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", markdown.strip()))


def words(markdown: str) -> str:
    """Words within a paragraph or a cell.

    >>> words(":green[equal to **it**]")
    '<span class="site-green">equal to <strong>it</strong></span>'
    """
    coloured = COLOURED.fullmatch(markdown)
    if coloured:
        return f'<span class="site-{coloured[1]}">{words(coloured[2])}</span>'
    marked = escape(markdown, quote=False)
    for mark, element in MARKS:
        marked = re.sub(mark, rf"<{element}>\1</{element}>", marked)
    return marked


def table(made: Table) -> str:
    """A table, in a place that scrolls where it is too wide."""
    head = "".join(f'<th scope="col">{words(cell)}</th>' for cell in made.head)
    rows = "".join("<tr>" + "".join(f"<td>{words(cell)}</td>" for cell in row) + "</tr>" for row in made.rows)
    return (
        f'<div class="site-table" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def code(text: str) -> str:
    """Lines to be copied."""
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def heading(text: str) -> str:
    """The heading of a part of the page."""
    return f"<h2>{escape(text)}</h2>"


def button(text: str, **data: str) -> str:
    """A button; ``data`` says what it does.

    >>> button("Samples as CSV", file="csv")
    '<button type="button" class="site-button" data-file="csv">Samples as CSV</button>'
    """
    marks = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    return f'<button type="button" class="site-button"{marks}>{escape(text)}</button>'


def whole_number(label: str, name: str, value: int, largest: int) -> str:
    """A field for a whole number from 0 on."""
    field = f'<input type="number" min="0" max="{largest}" step="1" value="{value}" data-value="{name}">'
    return f"<label>{escape(label)} {field}</label>"


def choice(label: str, name: str, choices: dict[str, str], value: str) -> str:
    """A list of values by what they are called."""
    options = "".join(
        f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(called)}</option>'
        for key, called in choices.items()
    )
    return f'<label>{escape(label)} <select data-value="{name}">{options}</select></label>'
