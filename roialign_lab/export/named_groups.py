"""Strokes -> groups with a name and a text that is read aloud: one a role, so that a slide can be edited by what it
shows, and so that PowerPoint finds the same thing on the next slide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roialign_lab.export.layout import Drawing
from roialign_lab.figures.strokes import Bin, Cell, Crosses, Frame, Stroke, Words, in_layers, role_of
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.text import Text

MORPH = "!!"
"""What the name of a thing begins with that PowerPoint is to find on the next slide, wherever it is there."""
MOST_APART = 100  # × with a group each
SIDES = ("error", "slope")  # a group for each side of the box
WORDS_OF = {"area": "weights", "opposite": "weights", "gradient": "gradients"}
"""What the words of a role are called where they lie apart from its other strokes."""


@dataclass(frozen=True)
class Group:
    """Strokes that are one thing: its ``name`` is on no other group of the slide, ``alt`` is read aloud for it.

    ``role`` is what it is drawn for, ``numbers`` are True of the numbers of cells and not of the cells.
    """

    role: str
    name: str
    alt: str
    strokes: tuple[Stroke, ...]
    numbers: bool = False


Key = tuple[str, str, Mapping[str, object]]  # the role, what its words are called, and what they have room for


def groups(drawing: Drawing, text: Text) -> Iterator[Group]:
    """The strokes of a drawing in groups, from the bottom to the top: what comes first is read first.

    The numbers of the cells lie over the lines, so they are a group of their own.
    """
    under, numbers, over = in_layers([*_apart(drawing.strokes)])
    places = _places_of_samples(drawing.strokes)
    yield from _groups(under, drawing, text, places)
    if numbers:
        role = role_of(numbers[0])
        key = f"{role}_unknown" if all(cell.is_unknown for cell in numbers) else f"{role}_numbers"
        told = _told_of_numbers(drawing, key, text)
        yield Group(key, _name(drawing, text(f"deck.part.{key}"), text), told, tuple(numbers), numbers=True)
    yield from _groups(over, drawing, text, places)


def _apart(strokes: Iterable[Stroke]) -> Iterator[Stroke]:
    """Each × by itself, where they are not too many to be told apart."""
    for stroke in strokes:
        if isinstance(stroke, Crosses) and len(stroke.numbers) <= MOST_APART:
            for k in range(len(stroke.numbers)):
                at = slice(k, k + 1)
                one = replace(stroke, numbers=stroke.numbers[at], xs=stroke.xs[at], ys=stroke.ys[at])
                yield replace(one, bins=stroke.bins[at])
        else:
            yield stroke


def _places_of_samples(strokes: Sequence[Stroke]) -> dict[int, tuple[Bin, int]]:
    """The bin of each sample by its number in the trace, and its number in the bin, from 1."""
    found: dict[int, tuple[Bin, int]] = {}
    counted: dict[Bin, int] = {}
    for stroke in strokes:
        if isinstance(stroke, Crosses):
            for sample, at in zip(stroke.numbers, stroke.bins, strict=False):
                if sample not in found and role_of(stroke) != "chosen":
                    counted[at] = counted.get(at, 0) + 1
                    found[sample] = (at, counted[at])
    return found


def _groups(
    strokes: Sequence[Stroke], drawing: Drawing, text: Text, places: Mapping[int, tuple[Bin, int]]
) -> Iterator[Group]:
    found: dict[str, tuple[str, str, list[Stroke]]] = {}
    for stroke in strokes:
        role, key, values = _key(stroke, places)
        key = "focus_output" if key == "focus" and drawing.name.startswith("output") else key
        name = text(f"deck.part.{key}", **values)
        found.setdefault(name, (role, key, []))[2].append(stroke)
    for name, (role, key, members) in found.items():
        yield Group(role, _name(drawing, name, text), _told(members, name, key, drawing, text), tuple(members))


def _key(stroke: Stroke, places: Mapping[int, tuple[Bin, int]]) -> Key:
    """What a stroke belongs to: its role, the key of its name, and what the name has room for."""
    role = role_of(stroke)
    _, _, rest = stroke.name.partition("-")
    first = rest.partition("-")[0]
    match stroke:
        case Frame(bin=(row, column)) | Words(bin=(row, column)):
            return role, role, {"row": row, "column": column}
        case Crosses(bins=()):
            return role, role, {}
        case Crosses(numbers=(_, _, *_)):
            return role, f"{role}s", {}
        case Crosses(numbers=(sample,), bins=((row, column),)):
            return role, role, {"row": row, "column": column, "number": places[sample][1]}
        case Words() if role == "value":
            if len(places) > MOST_APART or int(rest) not in places:
                return role, "values", {}
            (row, column), in_bin = places[int(rest)]
            return role, role, {"row": row, "column": column, "number": in_bin}
        case Words() if role in WORDS_OF:
            return role, WORDS_OF[role], {}
    if role == "neighbor":
        return role, role, {"number": int(first) + 1}
    return role, role, {"side": first} if role in SIDES else {}


def _name(drawing: Drawing, name: str, text: Text) -> str:
    """The name of a group with what tells it from the same group of another drawing on the slide."""
    kind, _, which = drawing.name.partition("-")
    if kind == "closer":
        name = text("deck.part.closer", name=name)
    elif which not in ("", "1"):
        name = text("deck.part.of_drawing", name=name, drawing=which)
    return MORPH + name


def _told(members: Sequence[Stroke], name: str, key: str, drawing: Drawing, text: Text) -> str:
    """What is read aloud for a group: its name, and where it is or what it says, as far as a stroke of it has it."""
    first = members[0]
    said = [stroke.text for stroke in members if isinstance(stroke, Words)]
    if isinstance(first, Cell):
        return _told_of_cells(members, key, drawing, text)
    if said:
        return text("deck.alt.said", name=name, said=", ".join(said))
    if (
        isinstance(first, Frame)
        and first.width is not None
        and len({f.box for f in members if isinstance(f, Frame)}) == 1
    ):
        x1, y1, x2, y2 = (number(side, 2) for side in first.box)
        return text("deck.alt.frame", name=name, x1=x1, y1=y1, x2=x2, y2=y2)
    if isinstance(first, Crosses) and len(first.numbers) == 1:
        return text("deck.alt.cross", name=name, x=number(first.xs[0], 2), y=number(first.ys[0], 2))
    return drawing.alt if key in ("map", "photo") else name


def _told_of_cells(members: Sequence[Stroke], key: str, drawing: Drawing, text: Text) -> str:
    cells = [stroke for stroke in members if isinstance(stroke, Cell)]
    rows, columns = (len({getattr(cell, side) for cell in cells}) for side in ("row", "column"))
    if key == "output" and not any(cell.is_unknown for cell in cells):
        return text("deck.alt.output_known", rows=rows, columns=columns, numbers=drawing.alt)
    sized = text(f"deck.alt.{key}", rows=rows, columns=columns)
    return text.paragraph([drawing.alt, sized]) if drawing.name.startswith("map") else sized


def _told_of_numbers(drawing: Drawing, key: str, text: Text) -> str:
    """Of a map the least and the greatest; those of an output are read with it."""
    cells = [stroke for stroke in drawing.strokes if isinstance(stroke, Cell) and stroke.words is not None]
    known = [cell for cell in cells if np.isfinite(cell.level)]
    if key != "map_numbers" or not known:
        return text(f"deck.part.{key}")
    least, most = (pick(known, key=lambda cell: cell.level) for pick in (min, max))
    assert least.words is not None and most.words is not None
    return text("deck.alt.map_numbers", least=least.words.text, most=most.words.text)
