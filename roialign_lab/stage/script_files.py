"""The script and the style of the stage, as every way of serving them needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter

from roialign_lab.asset_folder import ASSETS
from roialign_lab.figures.style import INKS, THEMES, mix

FOLDER = ASSETS / "stage"
STYLE = "stage.css"
MIXED = re.compile(r"color-mix\(in srgb, var\(--roi-(\w+)\) (\d+)%, (?:transparent|var\(--roi-(\w+)\))\)")
# A comment that has its lines to itself:
DOCUMENTATION = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", re.M | re.S)
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";', re.M)
EXPORTED = re.compile(r"^export (?:async )?(?:class|const|function) (\w+)", re.M)
IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "\./([\w.]+)";', re.M)


def script_files(*entries: str) -> dict[str, str]:
    """The modules that are imported from ``entries``, by name and sorted, and the style with its inks.

    They come without the types and comments that only a developer reads: those are a fifth of what would travel. Every
    line keeps its number.

    >>> sorted(script_files("wire.js"))
    ['stage.css', 'wire.js']
    """
    texts = {STYLE: _style()}
    wanted = list(entries)
    while wanted:
        name = wanted.pop()
        if name not in texts:
            texts[name] = script_file(name)
            wanted += IMPORTED.findall(texts[name])
    return dict(sorted(texts.items()))


def script_file(name: str) -> str:
    """One script as it travels."""
    return _without_documentation((FOLDER / name).read_text(encoding="utf-8"))


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


def one_script(entry: str) -> str:
    """All modules that ``entry`` is made of as one script, for a page that can load none: a page from ``file://``.

    Each becomes a function that gives what it exports, after those that it imports.

    >>> lines = [line for line in one_script("placement.js").splitlines() if line]
    >>> lines[0], lines[-1]
    ('"use strict";', '})();')
    """
    return '"use strict";\n' + "\n".join(_as_function(*source) for source in sources(entry))


def _as_function(name: str, text: str) -> str:
    """A module as a constant that holds what it exports.

    >>> print(_as_function("b.js", 'import { a as c } from "./a.js";\\nexport const b = c;'))
    const b_js = (() => {
    const { a: c } = a_js;
    const b = c;
    return { b };
    })();
    """
    body = IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {_constant(found[2])};", text)
    body = re.sub(r"^export (?=\w)", "", body, flags=re.M)
    exported = ", ".join(EXPORTED.findall(text))
    return f"const {_constant(name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _constant(name: str) -> str:
    return name.replace(".", "_")


def in_html(text: str) -> str:
    """JSON inside a script element: nothing in it may end that.

    >>> in_html('{"a": "</script>"}')
    '{"a": "\\\\u003c/script>"}'
    """
    return text.replace("<", "\\u003c")


def _style() -> str:
    """The style with its inks as variables of either theme. The script sets ``data-roi-dark`` where the page is dark.

    Browsers of 2022 know neither ``light-dark()`` nor ``color-mix()``: what the style mixes is mixed here.
    """
    style = (FOLDER / STYLE).read_text(encoding="utf-8")
    mixed = {match[0]: f"--roi-{match[1]}-{match[2]}-{match[3] or 'clear'}" for match in MIXED.finditer(style)}
    blocks = []
    for theme, place in zip(THEMES, (".stApp", ".stApp[data-roi-dark], [data-roi-dark] .stApp"), strict=True):
        inks = {name: ink.of(theme) for name, ink in INKS.items()}
        lines = [f"--roi-{name}: {color};" for name, color in inks.items()]
        lines += [f"{name}: {_mixed(text, inks)};" for text, name in mixed.items()]
        red, green, blue = bytes.fromhex(inks["roi"][1:])
        blocks.append(f"{place} {{ {' '.join(lines)} --roi-roi-parts: {red} {green} {blue}; }}\n")
    return "".join(blocks) + MIXED.sub(lambda match: f"var({mixed[match[0]]})", style)


def _mixed(text: str, inks: Mapping[str, str]) -> str:
    """What ``color-mix(in srgb, A N%, B)`` gives.

    >>> _mixed("color-mix(in srgb, var(--roi-a) 50%, var(--roi-b))", {"a": "#000000", "b": "#fffffe"})
    '#80807f'
    >>> _mixed("color-mix(in srgb, var(--roi-a) 9%, transparent)", {"a": "#0b8a68"})
    'rgb(11 138 104 / 9%)'
    """
    match = MIXED.fullmatch(text)
    assert match is not None, text
    first, share, second = match.groups()
    if second is not None:
        return mix(inks[second], inks[first], int(share) / 100)
    red, green, blue = bytes.fromhex(inks[first][1:])
    return f"rgb({red} {green} {blue} / {share}%)"
