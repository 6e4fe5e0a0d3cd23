"""A figure for a paper as a file: SVG with a group a role, PDF, PNG, TikZ; the words beside it as a text."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from xml.etree import ElementTree

from roialign_lab.export.draw import draw_on, save, write_lines

# isort: split
from matplotlib.figure import Figure

from roialign_lab.export.fonts import clean
from roialign_lab.export.layout import Sheet, shown_output
from roialign_lab.export.plate import MOST_NUMBERED, Plate
from roialign_lab.export.tikz import tikz
from roialign_lab.figures.picture import Panel
from roialign_lab.figures.strokes import output_as_shown
from roialign_lab.figures.style import ink
from roialign_lab.lesson.text import Text

SVG = "http://www.w3.org/2000/svg"
NAMESPACES = {
    "": SVG,
    "xlink": "http://www.w3.org/1999/xlink",
    "cc": "http://creativecommons.org/ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
DOTS_PER_INCH = 300


def plate_file(plate: Plate, kind: str, sheet: Sheet, text: Text, *, transparent: bool = False) -> bytes:
    """The plate of a sheet as ``svg``, ``pdf``, ``png`` or ``tex``; ``transparent`` leaves its ground out.

    Raises
    ------
    TikzError : for what no TikZ picture can show.
    """
    if kind == "tex":
        return tikz(plate, sheet.theme, f"{clean(sheet.title)}\n{text('plate.note')}").encode()
    figure = Figure(figsize=plate.size, facecolor="none" if transparent else ink("paper", sheet.theme))
    for drawing in plate.drawings:
        draw_on(figure, drawing, sheet.theme)
    for writing in plate.writings:
        write_lines(figure, writing, sheet.theme, bold=writing.name == "title")
    title, alt = clean(sheet.title), described(sheet, text)
    content = save(figure, kind, DOTS_PER_INCH, title=title, alt=alt, language=sheet.language)
    return grouped(content.decode()).encode() if kind == "svg" else content


def words_file(sheet: Sheet, text: Text) -> bytes:
    """The caption and the alternative text of a figure: what its paper says under it, and for who does not see it."""
    caption = [clean(line) for line in (text.paragraph([text.ended(sheet.title), sheet.caption]), *sheet.formula)]
    lines = [text("plate.caption"), *filter(None, caption), "", text("plate.alt"), described(sheet, text), ""]
    return "\n".join(lines).encode()


def described(sheet: Sheet, text: Text) -> str:
    """All that a figure shows, in words: what it is, the lines of its formula, each output and whose it is."""
    outputs = (_output_in_words(panel, text) for panel in sheet.panels if shown_output(panel.scene) is not None)
    sentences = (clean(words) for words in (sheet.alt, *sheet.formula, *outputs))
    return text.paragraph(text.ended(words) for words in sentences if words)


def _output_in_words(panel: Panel, text: Text) -> str:
    """What an output is called, whose it is where its name does not say so, and its numbers where they are drawn."""
    output, words = shown_output(panel.scene), panel.output_caption
    if output is None or not words:
        return ""
    if panel.caption and not {*panel.caption.split()} & {*words.split()}:
        words = text("plate.whose", name=panel.caption, words=words)
    shown = output_as_shown(panel.scene, output)
    if max(shown.levels.shape) > MOST_NUMBERED or shown is not output:
        return words
    return text("plate.numbers", words=words, numbers="; ".join(", ".join(row) for row in shown.labels))


def grouped(svg: str) -> str:
    """The marks of each drawing in groups by what they are: ``<g id="role-roi">``, with a number where it comes again.

    A mark is named ``roi``, ``bin-0``, ``map-2-3``: its role is what the name begins with.

    >>> made = grouped(f'<svg xmlns="{SVG}"><g id="axes_1"><g id="bin-0"/><g id="bin-1"/><g id="roi"/></g></svg>')
    >>> re.findall('id="(.*?)"', made)
    ['axes_1', 'role-bin', 'bin-0', 'bin-1', 'role-roi', 'roi']
    """
    for prefix, address in NAMESPACES.items():
        ElementTree.register_namespace(prefix, address)
    root, seen = ElementTree.fromstring(svg), Counter[str]()
    for axes in root.iter(f"{{{SVG}}}g"):
        if re.fullmatch(r"axes_\d+", axes.get("id", "")):
            marks = [*axes]
            for mark in marks:
                axes.remove(mark)
            for role, same in groupby(marks, lambda mark: re.split(r"[-_]", mark.get("id", "other"))[0]):
                seen[role] += 1
                name = f"role-{role}" if seen[role] == 1 else f"role-{role}-{seen[role]}"
                ElementTree.SubElement(axes, f"{{{SVG}}}g", {"id": name, "class": role}).extend(same)
    return ElementTree.tostring(root, encoding="unicode")
