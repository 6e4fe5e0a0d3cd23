"""How the value of each option is read from an address, and what is wrong with a value that cannot be used.

A reader takes the value as text and returns the fields that it changes; where the value cannot be used it changes
nothing and adds a :class:`Problem`. Which option has which reader stands in :mod:`roialign_lab.lesson.options`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from roialign_core.backbone import CHANNELS
from roialign_core.errors import OptionError
from roialign_core.examples import MAPS
from roialign_core.operators import Reading, Split
from roialign_lab.lesson.maps import PHOTO_NAME, RANDOM_SIZES, is_map, is_upload, problem_of_matrix
from roialign_lab.lesson.mask_networks import DRAWN_NAME, is_drawn
from roialign_lab.lesson.mask_networks import STRIDES as PICTURE_STRIDES
from roialign_lab.lesson.operator_names import ON_STAGE, base_of, flipped, operator_of, possible, text_of
from roialign_lab.lesson.quiz import STEPS
from roialign_lab.lesson.recorded import recorded_inputs
from roialign_lab.lesson.scenario import (
    DECIMALS,
    LARGEST_OUTPUT,
    LEAST_SIDE,
    MOST_SAMPLES_A_SIDE,
    SPLITS,
    STRIDES,
    TINY,
    Focus,
    Scenario,
    in_decimals,
    nearest_box,
    nearest_point,
    of_drawn,
    of_photo,
)
from roialign_lab.lesson.walks import walk_keys

LONGEST_SHOWN = 40  # characters of an address that a message repeats
LONGEST_OPERATOR = 200  # characters of an address that name an operator
LONGEST_NUMBERS = 200  # characters of an address that are numbers
FIRST_LIT = Scenario().focus


@dataclass(frozen=True)
class Problem:
    """A value in the address that could not be used: a text key and what its sentence has room for."""

    key: str
    values: Mapping[str, str]


Changes = Mapping[str, Any]  # new values by the name of their field
Reader = Callable[[Any, str, str, list[Problem]], Changes]  # what holds the fields, the value, the page, the problems
Fitter = Callable[[Scenario, str | None, str, list[Problem]], Changes]  # None where the address names no value
NOTHING: Changes = {}


def read_map(scenario: Scenario, name: str, kind: str, problems: list[Problem]) -> Changes:
    """A map by its name; a map of a photo or a drawn picture brings its stride, and keeps the box where it was there.

    >>> read_map(Scenario(), "random-8x8-7", "home", [])
    {'map': 'random-8x8-7'}
    """
    if is_drawn(name) and kind != "image":
        return _place_of(of_drawn(scenario, name))
    if is_map(name) and PHOTO_NAME.fullmatch(name) and kind != "network":
        return _place_of(of_photo(scenario, name))
    if is_map(name) and kind not in ("image", "network"):
        return {"map": name}
    if is_upload(name):
        problems.append(Problem("problem.map_gone", {"value": quotable(name)}))
        return NOTHING
    unread = problem_of_matrix(name) if kind not in ("image", "network") else None
    if unread is not None:
        problems.append(Problem(unread.key, {key: quotable(value) for key, value in unread.values.items()}))
        return NOTHING
    photos = [f"photo-16-{channel}" for channel in CHANNELS]
    if kind == "network":
        problems.append(unknown_choice("map", name, (f"drawn-11-{stride}-0" for stride in PICTURE_STRIDES)))
        return NOTHING
    randoms = (f"random-{size}x{size}-1" for size in RANDOM_SIZES)
    others = (photos[1], "drawn-11-16-0", "matrix-1,2;3,4")
    problems.append(unknown_choice("map", name, photos if kind == "image" else [*MAPS, *randoms, *others]))
    return NOTHING


def read_photo(scenario: Scenario, value: str, kind: str, problems: list[Problem]) -> Changes:
    """Another stride and channel of the photo that is shown: ``16,vertical``."""
    name = "-".join([scenario.map.split("-")[0], *value.split(",")])
    if PHOTO_NAME.fullmatch(name) and kind != "network":
        return _place_of(of_photo(scenario, name))
    problems.append(unknown_choice("photo", value, (f"16,{channel}" for channel in CHANNELS)))
    return NOTHING


def read_drawn(scenario: Scenario, value: str, kind: str, problems: list[Problem]) -> Changes:
    """Another drawn picture, stride and channel: ``9,16,0``.

    >>> read_drawn(Scenario(), "9,32,4", "network", [])["map"]
    'drawn-9-32-4'
    """
    name = "-".join(["drawn", *value.split(",")])
    if is_drawn(name) and kind != "image":
        return _place_of(of_drawn(scenario, name))
    problems.append(unknown_choice("drawn", value, (f"11,{stride},0" for stride in PICTURE_STRIDES)))
    return NOTHING


def _place_of(scenario: Scenario) -> Changes:
    return {"map": scenario.map, "stride": scenario.stride, "box": scenario.box}


def read_stride(scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """Image pixels a cell; a map of a picture has only the stride that it was made with."""
    photo = PHOTO_NAME.fullmatch(scenario.map) or DRAWN_NAME.fullmatch(scenario.map)
    choices = (int(photo[2]),) if photo else STRIDES
    if value in map(str, choices):
        return {"stride": int(value)}
    problems.append(unknown_choice("stride", value, choices))
    return NOTHING


def read_output_size(_scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """Rows and columns of the output, or a single number for both.

    >>> read_output_size(Scenario(), "2,3", "home", [])
    {'output_size': (2, 3)}
    """
    sizes = whole_numbers(value)
    if sizes and len(sizes) in (1, 2) and all(1 <= size <= LARGEST_OUTPUT for size in sizes):
        return {"output_size": (sizes[0], sizes[-1])}
    problems.append(malformed("out", value, "expected_output"))
    return NOTHING


def read_samples(_scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """Samples a bin on each axis, 0 for as many as the bin is large."""
    numbers = whole_numbers(value)
    if numbers and len(numbers) == 1 and 0 <= numbers[0] <= MOST_SAMPLES_A_SIDE:
        return {"samples": numbers[0]}
    problems.append(malformed("samples", value, "expected_samples"))
    return NOTHING


def read_split(_scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """How rows and columns are split, or a single rule for both.

    >>> [rule.value for rule in read_split(Scenario(), "ceil,floor", "home", [])["split"]]
    ['ceil', 'floor']
    """
    rules = value.split(",")
    if len(rules) in (1, 2) and all(rule in list(SPLITS) for rule in rules):
        return {"split": (Split(rules[0]), Split(rules[-1]))}
    problems.append(unknown_choice("split", value, SPLITS))
    return NOTHING


def read_step(scenario: Scenario, key: str, kind: str, problems: list[Problem]) -> Changes:
    """A step of the page's walk; a page without a walk has none, and passes over it."""
    keys = walk_keys(kind)
    if key in keys:
        return {"steps": scenario.at_step(kind, key).steps}
    if keys:
        problems.append(unknown_choice("step", key, keys))
    return NOTHING


def read_bin(_scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """The row, column and sample that are lit; :func:`fit_bin` moves them into the output."""
    places = whole_numbers(value)
    if places and len(places) in (2, 3) and all(place < 10_000 for place in places):
        return {"focus": Focus(*places)}
    problems.append(malformed("bin", value, "expected_bin"))
    return NOTHING


def fit_bin(scenario: Scenario, value: str | None, kind: str, problems: list[Problem]) -> Changes:
    """The nearest bin that the output has; of a bin that is named, the nearest sample.

    The sample that a lesson begins with is none that somebody chose: where there are fewer, nothing is said.

    >>> problems = []
    >>> fit_bin(replace(Scenario(), focus=Focus(0, 1, 9)), "0,1,9", "roi_align", problems), problems[0].key
    ({'focus': Focus(row=0, column=1, sample=3)}, 'problem.sample_outside')
    """
    (rows, columns), focus = scenario.output_size, scenario.focus
    near = replace(focus, row=min(focus.row, rows - 1), column=min(focus.column, columns - 1))
    if near != focus and value is not None and whole_numbers(value):
        places = {"rows": rows, "columns": columns, "row": near.row, "column": near.column}
        values = {"value": quotable(value), **{name: str(place) for name, place in places.items()}}
        problems.append(Problem("problem.bin_outside", values))
    there = replace(near, sample=nearest_sample(scenario, kind))
    if there != near and near.sample != FIRST_LIT.sample and value is not None and whole_numbers(value):
        most, shown = samples_a_bin(scenario, kind), f"{there.row},{there.column},{there.sample}"
        problems.append(
            Problem("problem.sample_outside", {"value": quotable(value), "count": str(most), "shown": shown})
        )
    return {"focus": near if value is None else there}


def samples_a_bin(scenario: Scenario, kind: str) -> int | None:
    """Samples that each bin of a page has; None where the box decides it: on a page that reads cells, and for adaptive.

    >>> [samples_a_bin(Scenario(samples=count), "roi_align") for count in (1, 3, 0)]
    [1, 9, None]
    >>> [samples_a_bin(Scenario(), kind) for kind in ("family", "roi_pool")]
    [None, None]
    """
    align = (scenario.align,)
    operators = {"roi_align": align, "home": align, "family": scenario.pair}.get(kind, ())
    if not scenario.samples or not operators or any(operator.reading is not Reading.LATTICE for operator in operators):
        return None
    return max(math.prod(scenario.grid(operator)) for operator in operators)


def nearest_sample(scenario: Scenario, kind: str) -> int:
    """The sample that is lit, or the last that there is."""
    most = samples_a_bin(scenario, kind)
    return scenario.focus.sample if most is None else min(scenario.focus.sample, max(most - 1, 0))


def member_reader(side: str) -> Reader:
    """Reads an operator of the family, for the ``left`` or the ``right`` of the page.

    >>> member_reader("right")(Scenario(), "roi_align~aggregate:max", "family", [])
    {'right': 'roi_align_max'}
    """

    def read(_scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
        try:
            operator = operator_of(value if len(value) <= LONGEST_OPERATOR else "")
        except (KeyError, OptionError):
            problems.append(unknown_choice(side, value, ON_STAGE))
            return NOTHING
        return {side: text_of(operator, base_of(value))}

    return read


def answer_reader(question: str) -> Reader:
    """Reads another answer of the right operator to a question of the family."""

    def read(scenario: Scenario, value: str, _kind: str, problems: list[Problem]) -> Changes:
        try:
            return {"right": flipped(scenario.right, question, value)}
        except OptionError:
            problems.append(unknown_choice(question, value, possible(scenario.right, question)))
            return NOTHING

    return read


def read_recorded(_scenario: Scenario, value: str, kind: str, problems: list[Problem]) -> Changes:
    """The map, box, stride and output size of a recorded call of torchvision, by its number from 1."""
    inputs = recorded_inputs() if kind not in ("image", "network") else ()  # those show their pictures alone
    numbers = whole_numbers(value)
    if numbers and len(numbers) == 1 and 1 <= numbers[0] <= len(inputs):
        call = inputs[numbers[0] - 1]
        size = (call.size, call.size)
        return {"map": call.map, "box": call.box, "stride": call.stride, "output_size": size, "focus": Focus()}
    problems.append(unknown_choice("recorded", value, range(1, len(inputs) + 1)))
    return NOTHING


def fit_box(scenario: Scenario, value: str | None, _kind: str, problems: list[Problem]) -> Changes:
    """The nearest box x1, y1, x2, y2 (map cells) that lies on the map, with the decimals that an address has.

    >>> problems = []
    >>> fit_box(Scenario(), "6,1,2,5", "home", problems), problems[0].key
    ({'box': (2.0, 1.0, 6.0, 5.0)}, 'problem.box_reversed')
    """
    shape = scenario.feature_map.shape
    box = scenario.box
    if value is not None:
        sides = real_numbers(value)
        if sides is None or len(sides) != 4:
            problems.append(malformed("box", value, "expected_box"))
        elif not all(math.isfinite(side) for side in sides):
            problems.append(Problem("problem.box_not_finite", {"value": quotable(value)}))
        else:
            x1, y1, x2, y2 = in_decimals(sides)
            if x1 > x2 or y1 > y2:
                problems.append(Problem("problem.box_reversed", {"value": quotable(value)}))
                x1, x2, y1, y2 = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
            box = (x1, y1, x2, y2)
            near = nearest_box(box, shape)
            if min(x2 - x1, y2 - y1) < LEAST_SIDE - TINY:
                problems.append(Problem("problem.box_empty", {"value": quotable(value)}))
            if x1 < 0 or y1 < 0 or x2 > shape[1] or y2 > shape[0]:
                values = {"value": quotable(value), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.box_outside", {**values, "shown": written_numbers(near)}))
    return {"box": nearest_box(box, shape)}


def fit_point(scenario: Scenario, value: str | None, _kind: str, problems: list[Problem]) -> Changes:
    """The nearest point y, x (map cells) within reach of the map, with the decimals that an address has."""
    shape = scenario.feature_map.shape
    point = scenario.point
    if value is not None:
        numbers = real_numbers(value)
        if numbers is None or len(numbers) != 2 or not all(math.isfinite(number) for number in numbers):
            problems.append(malformed("point", value, "expected_point"))
        else:
            y, x = in_decimals(numbers)
            point = (y, x)
            near = nearest_point(point, shape)
            if near != point:
                values = {"value": quotable(value), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.point_outside", {**values, "shown": written_numbers(near)}))
    return {"point": nearest_point(point, shape)}


def read_seed(_quiz: object, value: str, _kind: str, problems: list[Problem]) -> Changes:
    """The seed of the quiz's questions."""
    if re.fullmatch(r"[0-9]{1,4}", value):
        return {"seed": int(value)}
    problems.append(malformed("seed", value, "expected_seed"))
    return NOTHING


def read_question(_quiz: object, key: str, _kind: str, problems: list[Problem]) -> Changes:
    """The question of the quiz that is open, or its summary."""
    if key in STEPS:
        return {"key": key}
    problems.append(unknown_choice("step", key, STEPS))
    return NOTHING


def quotable(value: str) -> str:
    """A value of an address, short and without anything that a page could take for markup.

    >>> quotable("<script>alert(1)</script>")
    'script alert(1) /script'
    """
    plain = " ".join(re.sub(r"[^\w.,:;+\-/=()% ]", " ", value).split())
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def unknown_choice(name: str, value: str, choices: Iterable[object]) -> Problem:
    """A value that is not among the choices of its option.

    >>> unknown_choice("cell", "two", ("one", "all")).values["choices"]
    'one, all'
    """
    listed = ", ".join(str(choice) for choice in choices)
    return Problem("problem.unknown_choice", {"name": name, "value": quotable(value), "choices": listed})


def malformed(name: str, value: str, expected: str) -> Problem:
    """A value that is not of the form that its option takes; ``expected`` is the text key of that form."""
    return Problem("problem.number", {"name": name, "value": quotable(value), "expected": f"problem.{expected}"})


def written_numbers(numbers: Iterable[float]) -> str:
    """Places in map cells as an address has them.

    >>> written_numbers((0.5, 2.0, 1 / 3))
    '0.5,2,0.333333'
    """
    return ",".join(f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".") for number in in_decimals(numbers))


def real_numbers(text: str) -> list[float] | None:
    """Numbers that commas separate; None where a part is not a number, or where they are too long to be read.

    >>> real_numbers("0.5,2"), real_numbers("0.5;2")
    ([0.5, 2.0], None)
    """
    if "_" in text or len(text) > LONGEST_NUMBERS:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return None


def whole_numbers(text: str) -> list[int] | None:
    """At most four whole numbers in plain digits, without a sign; None where a part is anything else.

    >>> whole_numbers("2,3"), whole_numbers("-2"), whole_numbers("2.5")
    ([2, 3], None, None)
    """
    parts = text.split(",")
    if len(parts) > 4 or not all(re.fullmatch(r"\d{1,6}", part, re.ASCII) for part in parts):
        return None
    return [int(part) for part in parts]
