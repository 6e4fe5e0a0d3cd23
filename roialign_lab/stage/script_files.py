"""The script and the style of the stage, as every way of serving them needs them."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter

from roialign_lab.asset_folder import ASSETS
from roialign_lab.figures.style import INKS

FOLDER = ASSETS / "stage"
STYLE = "stage.css"
# A comment that has its lines to itself:
DOCUMENTATION = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", re.M | re.S)
IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "\./([\w.]+)";', re.M)


def script_files(*entries: str) -> dict[str, str]:
    """The modules that are imported from ``entries``, by name and sorted, and the style with its inks.

    They come without the types and comments that only a developer reads: those are a fifth of what would travel. Every
    line keeps its number.

    >>> sorted(script_files("wire.js"))
    ['stage.css', 'wire.js']
    """
    texts = {STYLE: _palette() + (FOLDER / STYLE).read_text(encoding="utf-8")}
    wanted = list(entries)
    while wanted:
        name = wanted.pop()
        if name not in texts:
            texts[name] = _without_documentation((FOLDER / name).read_text(encoding="utf-8"))
            wanted += IMPORTED.findall(texts[name])
    return dict(sorted(texts.items()))


def _without_documentation(script: str) -> str:
    """A script without the comments ``/** … */`` that stand alone, with empty lines in their place.

    >>> _without_documentation("/** Doubles.\\n @param {number} x */\\nconst f = (x) => /** @type {number} */ (2 * x);")
    '\\n\\nconst f = (x) => /** @type {number} */ (2 * x);'
    """
    return DOCUMENTATION.sub(lambda comment: "\n" * comment[0].count("\n"), script)


def sources(*entries: str) -> list[tuple[str, str]]:
    """Name and text of every module that is imported from ``entries``, each after those that it imports.

    >>> [name for name, _ in sources("chart.js")][-1]
    'chart.js'
    """
    texts = {name: text for name, text in script_files(*entries).items() if name != STYLE}
    order = TopologicalSorter({name: IMPORTED.findall(text) for name, text in texts.items()})
    return [(name, texts[name]) for name in order.static_order()]


def _palette() -> str:
    """The inks of ``roialign_lab.figures.style`` as CSS variables that follow the theme."""
    names = {"sample": "cross", **{name: name for name in INKS if name != "sample"}}
    lines = [f"--roi-{names[name]}: light-dark({ink.light}, {ink.dark});" for name, ink in INKS.items()]
    return f".stApp {{ {' '.join(lines)} --roi-sample: var(--roi-cross); }}\n"
