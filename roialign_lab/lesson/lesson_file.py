"""A lesson on disk: ``lesson.toml`` names the parts of a deck or a lecture, by their settings or by pasted links."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roialign_lab.lesson.box_path import side_moved
from roialign_lab.lesson.lesson_part import ADDRESSES, DeckError, Part, part_of_link, scenario_at
from roialign_lab.lesson.options import SCENARIO
from roialign_lab.lesson.readers import written_numbers
from roialign_lab.lesson.scenario import SIDES, Box, in_decimals
from roialign_lab.lesson.text import LANGUAGES, Text

LARGEST = 200_000  # characters: what 120 slides need, twice
MOST_PARTS = 120
LONGEST_NUMBER = 10**4000  # Python writes no longer one, though it reads one in base 16
MOST_DOTS = 16  # in the keys of a line: what reads TOML takes a time that grows with their square
FAR = 1e6  # cells: no map is as large
STRINGS = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\\?\Z)|\'\'\'.*?(?:\'{3,5}|\Z)|"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'?|#[^\n]*', re.DOTALL
)
"""Strings and comments. One without an end goes on to where it could have one: nothing is looked through twice."""
NUMBER = re.compile(r"(?<=[\[,=\s])[+-]?\d+\.\d+(?=\s*(?:[,\]\n]|\Z))")
"""A value with a decimal point, which is no dot of a key."""
LANGUAGE = re.compile(r"^[ \t]*[\"']?language[\"']?[ \t]*=[ \t]*[\"'](\w+)[\"']", re.MULTILINE)
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
TWICE = re.compile(r"Cannot (?:overwrite|declare|redefine)|Duplicate inline table key '(.+)'")
DECK_KEYS = ("title", "language", "theme", "aspect", "captions", "notes", "builds", "equations", "base")
"""What stands before the first part: how a deck looks."""
SWITCHES = ("captions", "notes", "builds", "equations")
BESIDE = {"bin": ("out", "samples")}  # what says whether a setting can be shown, besides the map
OF_PART = ("link", "walk", "steps", "minutes", "say", "ask", "seed", "path", "film")  # besides its settings


class LessonError(DeckError):
    """A lesson file that cannot be used: the line, the part (from 1; 0 for none) and the key ``where`` it is wrong.

    ``where`` is empty for what is wrong with the file as a whole, or with a line that has no key.
    """

    def __init__(self, key: str, line: int, where: str = "", part: int = 0, **values: object) -> None:
        super().__init__(key, line=line, where=where, part=part, **values)

    def at(self, file: object, text: Text) -> tuple[str, dict[str, str]]:
        """The key of the sentence that says what is wrong and where in that file, and what it has room for."""
        key = "at_line" if not self.values["where"] else "at" if self.values["part"] == "0" else "at_part"
        place = {name: self.values[name] for name in ("line", "where", "part")}
        return f"deck.problem.{key}", {**place, "name": str(file), "problem": text(self.key, **self.words(text))}


def read_parts(written: str) -> tuple[tuple[Part, ...], dict[str, Any]]:
    """The parts of a ``lesson.toml``, and what it says before them of the deck that they become.

    Raises
    ------
    LessonError : with the line and the key of the first thing that cannot be used.

    >>> parts, options = read_parts('theme = "dark"\\n[[part]]\\nwalk = "roi_pool"\\nsteps = ["snap"]\\nask = "edges"')
    >>> parts[0].ask, parts[0].keys, options
    ('edges', ('snap',), {'theme': 'dark'})
    """
    if len(written) > LARGEST:
        raise LessonError("file_large", 1, limit=LARGEST)
    keys = _keys(written)
    parts = keys.pop("part", None)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts) or not parts:
        raise LessonError("no_parts", line_of(written, "part"), "part")
    if len(parts) > MOST_PARTS:
        raise LessonError(
            "too_many", line_of(written, "part", MOST_PARTS), "part", slides=f"≥ {len(parts)}", limit=MOST_PARTS
        )
    options = {name: _option(written, name, value) for name, value in keys.items()}
    return tuple(_part(written, k, part) for k, part in enumerate(parts)), options


def language_of(written: str) -> str:
    """The language that a lesson names before its first part, else the first; also where it is no TOML.

    >>> language_of('language = "zh"\\nsteps = [\\n'), language_of('[[part]]\\nlanguage = "zh"')
    ('zh', 'en')
    """
    named = LANGUAGE.search(re.split(r"^[ \t]*\[", written, maxsplit=1, flags=re.MULTILINE)[0])
    return named[1] if named and named[1] in LANGUAGES else LANGUAGES[0]


def write_part(part: Part) -> str:
    """A part as ``lesson.toml`` has it: :func:`read_parts` gives the same part.

    >>> print(write_part(Part("gradients", minutes=2.5, say={"": "Ask first."}, ask="landed")).splitlines()[-1])
    say = "Ask first."
    """
    lines = ["[[part]]", f"walk = {quoted(part.walk)}"]
    lines += [f"{name} = {part.seed if name == 'seed' else quoted(value)}" for name, value in part.settings.items()]
    if part.steps:
        lines.append(f"steps = [{', '.join(quoted(step) for step in part.steps)}]")
    if part.minutes:
        lines.append(f"minutes = {part.minutes}")
    if part.ask:
        lines.append(f"ask = {quoted(part.ask)}")
    if part.path:
        lines.append(f"path = [{', '.join(f'[{written_numbers(box)}]' for box in part.path)}]")
    if part.film:
        lines.append("film = true")
    any_language = "say" if len(part.say) == 1 else 'say.""'  # beside languages it is a key like theirs
    for language, said in part.say.items():
        lines.append(f"{f'say.{language}' if language else any_language} = {quoted(said)}")
    return "\n".join(lines) + "\n"


def settings() -> tuple[str, ...]:
    """What a part of a lesson can set, named as in an address; its steps are a list of their own."""
    return tuple(option.name for option in SCENARIO.values() if option.in_addresses and option.name != "step")


def _keys(written: str) -> dict[str, Any]:
    """What the file says, as TOML has it."""
    bare = NUMBER.sub("", STRINGS.sub(lambda found: "\n" * found[0].count("\n"), written))
    for k, line in enumerate(bare.split("\n"), start=1):
        if line.count(".") > MOST_DOTS:
            raise LessonError("dots", k, limit=MOST_DOTS)
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.search(str(error))
        line_number = int(found[1]) if found else written.count("\n") + 1
        twice = TWICE.match(str(error))
        if twice:
            line_number, key = _key_at(written, line_number)
            raise LessonError("twice", line_number, value=twice[1] or key) from None
        raise LessonError("toml", line_number, value=written.split("\n")[line_number - 1].strip()) from None
    except RecursionError:
        raise LessonError("nested", 1) from None
    except ValueError:  # Python reads no whole number of so many digits
        digits = re.search(r"(?<![0-9_])[0-9_]{4000}", written)
        line_number = written.count("\n", 0, digits.start()) + 1 if digits else 1
        raise LessonError("digits", line_number) from None


def _key_at(written: str, line_number: int) -> tuple[int, str]:
    """The line of the last key or heading down to a line, and what it is called."""
    lines = _outside_strings(written).split("\n")
    number = next((k for k in range(line_number, 1, -1) if re.match(r"\s*\[|[^#]*=", lines[k - 1])), 1)
    return number, lines[number - 1].partition("=")[0].strip()


def _option(written: str, name: str, value: object) -> Any:
    if name not in DECK_KEYS:
        raise LessonError("key", line_of(written, name), name, choices=", ".join((*DECK_KEYS, "part")))
    kind: type = bool if name in SWITCHES else str
    if not isinstance(value, kind):
        raise LessonError("kind", line_of(written, name), name, wanted="true / false" if kind is bool else '"…"')
    return value


def _part(written: str, number: int, keys: Mapping[str, object]) -> Part:
    def refuse(key: str, name: str, **values: object) -> LessonError:
        return LessonError(key, line_of(written, name, number), name, number + 1, **values)

    named, steps = dict(keys), keys.get("steps", [])
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise refuse("kind", "steps", wanted='["…", "…"]')
    if not keys.get("steps", True):
        raise refuse("empty", "steps")
    minutes, seed, say = keys.get("minutes", 0), keys.get("seed", 1), keys.get("say", {})
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        raise refuse("kind", "minutes", wanted="5")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise refuse("kind", "seed", wanted="7")
    spoken = say if isinstance(say, dict) else {"": say}
    if not all(isinstance(said, str) for said in spoken.values()) or not {*spoken} <= {"", *LANGUAGES}:
        raise refuse("kind", "say", wanted='"…", ' + ", ".join(f'say.{language} = "…"' for language in LANGUAGES))
    film = keys.get("film", False)
    path: Any = keys.get("path", [])
    if not isinstance(film, bool):
        raise refuse("kind", "film", wanted="true / false")
    if "path" in keys and not _is_path(path):
        raise refuse("kind", "path", wanted="[[0, 3, 6, 8], [0, 3, 8, 8]], {x2 = 2}")
    for name in ("steps", "minutes", "seed", "say", "path", "film"):
        named.pop(name, None)
    for name in named:
        if name not in (*OF_PART, *settings()):
            raise refuse("key", name, choices=", ".join((*OF_PART, *settings())))
        if _is_long(named[name]):
            raise refuse("digits", name)
    settings_of = {name: _setting(value) for name, value in named.items()}
    for name, setting in settings_of.items():
        if setting is None:
            raise refuse("kind", name, wanted='"…", 2, [0, 3, 7, 8]')
        if "link" in settings_of and name not in ("link", "ask"):
            raise refuse("beside", name)
    if not {"link", "walk"} & {*named}:
        raise refuse("no_walk", "walk")
    values = {name: str(setting) for name, setting in settings_of.items()}
    ask, key = values.pop("ask", ""), next((name for name in ("link", "walk") if name in values), "part")
    more: dict[str, Any] = {"minutes": minutes, "say": spoken, "ask": ask}
    try:
        if "link" in values:
            part = part_of_link(values.pop("link"), ADDRESSES)
            walk, scenario, seed = part.walk, part.scenario, part.seed if "seed" not in keys else seed
        else:
            walk = values.pop("walk", "")
            Part(walk)
            key = next(iter(values), "steps")
            for name in sorted(values, key=BESIDE.__contains__):  # each by itself, to name the key that is wrong
                if name != "box" or "map" not in values:
                    key = name
                scenario_at({n: v for n, v in values.items() if n in (name, "map", *BESIDE.get(name, ()))}, walk)
            scenario = scenario_at(values, walk)
        key = "steps"
        if isinstance(path, list) and path and "box" not in keys and "link" not in keys:
            scenario = replace(scenario, box=_box(path[0]))
        way = side_moved(scenario.box, path) if isinstance(path, dict) else tuple(map(_box, path))
        return Part(walk, scenario, tuple(steps), seed=seed, path=way, film=film, **more)
    except LessonError:
        raise
    except DeckError as error:
        key = error.values.get("name", key) if key == "steps" else key
        raise placed(error, line_of(written, key, number), key, number + 1) from None


def _box(sides: Sequence[float]) -> Box:
    x1, y1, x2, y2 = in_decimals(sides)
    return x1, y1, x2, y2


def _is_path(value: Any) -> bool:
    """A list of positions, or sides with how far they go."""
    if isinstance(value, dict):
        return bool(value) and {*value} <= {*SIDES} and all(map(_is_number, value.values()))
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(box, list) and len(box) == len(SIDES) and all(map(_is_number, box)) for box in value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < FAR


def _is_long(value: object) -> bool:
    """Is it a whole number of more digits than Python writes, or a list with one?"""
    numbers = value if isinstance(value, list) else [value]
    return any(isinstance(number, int) and abs(number) >= LONGEST_NUMBER for number in numbers)


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


def placed(error: DeckError, line: int, where: str, part: int = 0) -> LessonError:
    """The same, with the place in the file."""
    values = {name: value for name, value in error.given.items() if name not in ("line", "where", "part")}
    return LessonError(error.key.removeprefix("deck.problem."), line, where, part, **values)


def line_of(written: str, key: str, part: int | None = None) -> int:
    """The line where a key stands, in that part or before the first; that of the part where it is not found.

    >>> line_of("title = '''\\n[[part]]\\n'''\\n[[part]]\\nwalk = 'roi_pool'", "walk", 0)
    5
    """
    number, here = -1, 1
    for k, line in enumerate(_outside_strings(written).split("\n"), start=1):
        if re.match(r"\s*\[\[\s*[\"']?part[\"']?\s*\]\]", line):
            number += 1
            here = k if number == part else here
        inside = number == part if part is not None else number == -1
        named, equals, _ = line.partition("=")
        if inside and equals and named.split(".")[0].strip().strip("\"'") == key:
            return k
    return here


def _outside_strings(written: str) -> str:
    """The file with as many lines, without what its strings of several lines hold."""
    return STRINGS.sub(lambda found: "\n" * found[0].count("\n") if "\n" in found[0] else found[0], written)


def quoted(value: str) -> str:
    """A text as TOML has it."""
    escaped = "".join(
        f"\\{c}" if c in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in value
    )
    return f'"{escaped}"'
