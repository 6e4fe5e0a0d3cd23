"""A lesson on disk: ``lesson.toml`` names the parts of a deck, by their settings or by pasted links."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from roialign_lab.export.deck import ADDRESSES, MOST_SLIDES, PAGE_KINDS, Deck, DeckError, Part
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.options import SCENARIO
from roialign_lab.lesson.scenario import Scenario, first_drawn

LARGEST = 200_000  # characters: what 120 slides need, twice
MOST_DOTS = 16  # in the keys of a line: what reads TOML takes a time that grows with their square
QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
SWITCHES = ("captions", "notes")
DECK_KEYS = tuple(field.name for field in fields(Deck) if field.name != "parts")
LONGEST_LINK = 4000


class LessonError(DeckError):
    """A lesson file that cannot be used: the line and the key, and what is wrong there."""

    def __init__(self, key: str, line: int, where: str, **values: object) -> None:
        super().__init__(key, line=line, where=where, **values)


def settings() -> tuple[str, ...]:
    """What a part of a lesson can set, named as in an address; its steps are a list of their own."""
    return tuple(option.name for option in SCENARIO.values() if option.in_addresses and option.name != "step")


def read_lesson(written: str) -> Deck:
    """The deck that a ``lesson.toml`` describes.

    Raises
    ------
    LessonError : with the line and the key of the first thing that cannot be used.

    >>> deck = read_lesson('theme = "dark"\\n[[part]]\\nwalk = "roi_pool"\\nbox = "0,3,7,8"\\nsteps = ["snap"]\\n')
    >>> deck.theme, deck.parts[0].scenario.box, deck.parts[0].keys
    ('dark', (0.0, 3.0, 7.0, 8.0), ('snap',))
    """
    if len(written) > LARGEST:
        raise LessonError("file_large", 1, "-", limit=LARGEST)
    keys = _keys(written)
    parts = keys.pop("part", None)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts) or not parts:
        raise LessonError("no_parts", _line(written, "part"), "part")
    if len(parts) > MOST_SLIDES:
        raise LessonError(
            "too_many", _line(written, "part", MOST_SLIDES), "part", slides=f"≥ {len(parts)}", limit=MOST_SLIDES
        )
    options = {name: _option(written, name, value) for name, value in keys.items()}
    made = tuple(_part(written, k, part) for k, part in enumerate(parts))
    try:
        return Deck(made, **options)
    except DeckError as error:
        name = error.values.get("name", "part")
        raise _placed(error, _line(written, name), name) from None


def write_lesson(deck: Deck) -> str:
    """The ``lesson.toml`` of a deck: :func:`read_lesson` gives the same deck.

    >>> read_lesson(write_lesson(Deck((Part("roi_align", steps=("join",)),)))).parts[0].keys
    ('join',)
    """
    lines = []
    for name in DECK_KEYS:
        value = getattr(deck, name)
        lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else _quoted(value)}")
    for part in deck.parts:
        lines += ["", "[[part]]", f"walk = {_quoted(part.walk)}"]
        address = to_address(part.scenario, PAGE_KINDS.get(part.walk, part.walk))
        lines += [f"{name} = {_quoted(value)}" for name, value in address.items() if name != "step"]
        if part.steps:
            lines.append(f"steps = [{', '.join(_quoted(step) for step in part.steps)}]")
    return "\n".join(lines) + "\n"


def part_of_link(link: str) -> Part:
    """The part that a shared link shows; for the home page, RoI Align.

    Raises
    ------
    DeckError : for a link to a page without a walk, or a link whose address has something that cannot be shown.

    >>> part_of_link("http://10.0.0.5:8501/RoI_Pooling?lang=zh&box=0,3,7,8&step=snap").walk
    'roi_pool'
    """
    try:
        path, query = urlsplit(link.strip())[2:4]
    except ValueError:
        raise DeckError("link", value=link) from None
    page = unquote(path.rstrip("/").rsplit("/", 1)[-1])
    walks = {name: walk for walk, name in ADDRESSES.items()} | {"": "roi_align"}
    if page not in walks or len(link) > LONGEST_LINK or (not query and not path):
        raise DeckError("link", value=link)
    walk = walks[page]
    address = dict(parse_qsl(query))
    return Part(walk, _scenario(address, walk))


def _keys(written: str) -> dict[str, Any]:
    """What the file says, as TOML has it."""
    for k, line in enumerate(written.split("\n"), start=1):
        if line.count(".") > MOST_DOTS and QUOTED.sub("", line).count(".") > MOST_DOTS:
            raise LessonError("dots", k, "-", limit=MOST_DOTS)
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line_number = int(found[1]) if found else written.count("\n") + 1
        line = written.split("\n")[line_number - 1].strip()
        raise LessonError("toml", line_number, "-", value=line) from None
    except RecursionError:
        raise LessonError("nested", 1, "-") from None
    except ValueError:  # Python reads no whole number of so many digits
        digits = re.search(r"[0-9_]{4000}", written)
        line_number = written.count("\n", 0, digits.start()) + 1 if digits else 1
        raise LessonError("digits", line_number, "-") from None


def _scenario(address: Mapping[str, str], walk: str) -> Scenario:
    kind = PAGE_KINDS.get(walk, walk)
    scenario, problems = from_address(address, kind, first_drawn() if kind == "network" else Scenario())
    if problems:
        raise DeckError("address", problem=problems[0])
    return scenario


def _option(written: str, name: str, value: object) -> Any:
    if name not in DECK_KEYS:
        raise LessonError("key", _line(written, name), name, choices=", ".join((*DECK_KEYS, "part")))
    kind: type = bool if name in SWITCHES else str
    if not isinstance(value, kind):
        raise LessonError("kind", _line(written, name), name, wanted="true / false" if kind is bool else '"…"')
    return value


def _part(written: str, number: int, keys: Mapping[str, object]) -> Part:
    named = dict(keys)
    steps = named.pop("steps", [])
    where = f"part {number + 1}"
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise LessonError("kind", _line(written, "steps", number), f"{where}, steps", wanted='["…", "…"]')
    for name in named:
        if name not in ("link", "walk", *settings()):
            choices = ", ".join(("link", "walk", "steps", *settings()))
            raise LessonError("key", _line(written, name, number), f"{where}, {name}", choices=choices)
    settings_of = {name: _setting(value) for name, value in named.items()}
    for name, setting in settings_of.items():
        if setting is None:
            raise LessonError("kind", _line(written, name, number), f"{where}, {name}", wanted='"…", 2, [0, 3, 7, 8]')
        if "link" in settings_of and name != "link":
            raise LessonError("beside", _line(written, name, number), f"{where}, {name}")
    values = {name: str(setting) for name, setting in settings_of.items()}
    key = next((name for name in ("link", "walk") if name in values), "part")
    try:
        if "link" in values:
            part = part_of_link(values.pop("link"))
            key = "steps"
            return Part(part.walk, part.scenario, tuple(steps))
        walk = values.pop("walk", "")
        Part(walk)
        key = next(iter(values), "steps")
        for name in values:  # each by itself, to name the key that is wrong
            if name != "box" or "map" not in values:
                key = name
            _scenario({n: v for n, v in values.items() if n in (name, "map")}, walk)
        scenario = _scenario(values, walk)
        key = "steps"
        return Part(walk, scenario, tuple(steps))
    except LessonError:
        raise
    except DeckError as error:
        raise _placed(error, _line(written, key, number), f"{where}, {key}") from None


def _setting(value: object) -> str | None:
    """A setting as an address has it: a text, a number, or a list of numbers; None for anything else.

    >>> _setting([0, 3, 7.5, 8]), _setting(2), _setting("0,3,7,8"), _setting(True)
    ('0,3,7.5,8', '2', '0,3,7,8', None)
    """
    if isinstance(value, list) and value and not any(isinstance(one, list | str) for one in value):
        parts = [_setting(one) for one in value]
        return None if None in parts else ",".join(map(str, parts))
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _placed(error: DeckError, line: int, where: str) -> LessonError:
    values = {name: value for name, value in error.given.items() if name not in ("line", "where")}
    return LessonError(error.key.removeprefix("deck.problem."), line, where, **values)


def _line(written: str, key: str, part: int | None = None) -> int:
    """The line where a key stands, in that part or before the first; that of the part where it is not found."""
    number, here = -1, 1
    for k, line in enumerate(written.splitlines(), start=1):
        if re.match(r"\s*\[\[\s*part\s*\]\]", line):
            number += 1
            here = k if number == part else here
        inside = number == part if part is not None else number == -1
        named, equals, _ = line.partition("=")
        if inside and equals and named.strip().strip("\"'") == key:
            return k
    return here


def _quoted(value: str) -> str:
    escaped = "".join(
        f"\\{c}" if c in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in value
    )
    return f'"{escaped}"'
