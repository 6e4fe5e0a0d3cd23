"""A scenario as the query parameters of a page: written as them, and read with a sentence for what cannot be used."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from roialign_core.backbone import CHANNELS
from roialign_core.errors import OptionError
from roialign_core.examples import MAPS
from roialign_core.operators import Aggregate, Split
from roialign_lab.lesson.maps import PHOTO_NAME, RANDOM_SIZES, is_map, is_upload
from roialign_lab.lesson.operator_names import ANSWERED, ON_STAGE, base_of, flipped, operator_of, possible, text_of
from roialign_lab.lesson.recorded import recorded_inputs
from roialign_lab.lesson.scenario import (
    LARGEST_OUTPUT,
    LEAST_SIDE,
    MOST_SAMPLES_A_SIDE,
    SIDES,
    SPLITS,
    STRIDES,
    TINY,
    Focus,
    Scenario,
    nearest_box,
    nearest_point,
    of_photo,
)
from roialign_lab.lesson.walks import walk_keys

LONGEST_SHOWN = 40  # characters of an address that a message repeats

LONGEST_OPERATOR = 200  # characters of an address that name an operator


@dataclass(frozen=True)
class Problem:
    """Something in the address that could not be used: a text key and what it has room for."""

    key: str
    values: Mapping[str, str]


Reader = Callable[["Scenario", str, str, list[Problem]], "Scenario"]


def to_address(scenario: Scenario, kind: str) -> dict[str, str]:
    """The scenario as query parameters; ``kind`` is the walk whose step is named."""
    address = {"map": scenario.map}
    if kind == "bilinear":
        address["point"] = _numbers(scenario.point)
    else:
        address |= {
            "stride": str(scenario.stride),
            "box": _numbers(scenario.box),
            "out": ",".join(str(n) for n in scenario.output_size),
            "bin": f"{scenario.focus.row},{scenario.focus.column},{scenario.focus.sample}",
        }
    if kind == "image":
        return {name: address[name] for name in ("map", "stride", "box")}
    if kind == "family":
        return address | {"samples": str(scenario.samples), "left": scenario.left, "right": scenario.right}
    if kind == "gradients":
        address["cell"] = "all" if scenario.every else "one"
    if kind in ("roi_align", "home", "error", "gradients"):
        origin = "aligned" if scenario.aligned else "legacy"
        address |= {"samples": str(scenario.samples), "origin": origin, "join": scenario.aggregate.value}
    if kind == "error":
        address["side"] = scenario.side
    if kind in ("roi_pool", "home", "error", "gradients"):
        address["split"] = ",".join(rule.value for rule in scenario.split)
    if kind in scenario.steps:
        address["step"] = scenario.steps[kind]
    return address


def from_address(address: Mapping[str, str], kind: str, before: Scenario) -> tuple[Scenario, list[Problem]]:
    """The scenario that an address asks for, the nearest one where it asks for what cannot be shown.

    Only known names are read; what is absent stays as it was ``before``.
    """
    problems: list[Problem] = []
    scenario = before
    for name, read in READERS.items():
        if name in address:
            scenario = read(scenario, address[name], kind, problems)
    if "map" in address or "box" in address:
        scenario = _box_on_map(scenario, address.get("box"), problems)
    if "map" in address or "point" in address:
        scenario = _point_on_map(scenario, address.get("point"), problems)
    if "bin" in address or "out" in address:
        scenario = _bin_in_output(scenario, address.get("bin"), problems)
    return scenario, problems


def _read_map(scenario: Scenario, given: str, kind: str, problems: list[Problem]) -> Scenario:
    if is_map(given) and PHOTO_NAME.fullmatch(given):
        return of_photo(scenario, given)
    if is_map(given) and kind != "image":
        return replace(scenario, map=given)
    if is_upload(given):
        problems.append(Problem("problem.map_gone", {"given": quotable(given)}))
        return scenario
    photos = [f"photo-16-{channel}" for channel in CHANNELS]
    choices = photos if kind == "image" else [*MAPS, *(f"random-{size}x{size}-1" for size in RANDOM_SIZES), photos[1]]
    problems.append(unknown_choice("map", given, choices))
    return scenario


def _read_photo(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    name = "-".join([scenario.map.split("-")[0], *given.split(",")])
    if PHOTO_NAME.fullmatch(name):
        return of_photo(scenario, name)
    problems.append(unknown_choice("photo", given, (f"16,{channel}" for channel in CHANNELS)))
    return scenario


def _read_stride(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    photo = PHOTO_NAME.fullmatch(scenario.map)
    choices = (int(photo[2]),) if photo else STRIDES  # a map of the photo has the stride that it was made with
    if given in map(str, choices):
        return replace(scenario, stride=int(given))
    problems.append(unknown_choice("stride", given, choices))
    return scenario


def _read_output(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    sizes = _whole_numbers(given)
    if sizes and len(sizes) in (1, 2) and all(1 <= size <= LARGEST_OUTPUT for size in sizes):
        return replace(scenario, output_size=(sizes[0], sizes[-1]))
    problems.append(malformed("out", given, "expected_output"))
    return scenario


def _read_samples(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    ratio = _whole_numbers(given)
    if ratio and len(ratio) == 1 and 0 <= ratio[0] <= MOST_SAMPLES_A_SIDE:
        return replace(scenario, samples=ratio[0])
    problems.append(malformed("samples", given, "expected_samples"))
    return scenario


def _read_origin(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in ("aligned", "legacy"):
        return replace(scenario, aligned=given == "aligned")
    problems.append(unknown_choice("origin", given, ("aligned", "legacy")))
    return scenario


def _read_join(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in list(Aggregate):
        return replace(scenario, aggregate=Aggregate(given))
    problems.append(unknown_choice("join", given, Aggregate))
    return scenario


def _read_split(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    rules = given.split(",")
    if len(rules) in (1, 2) and all(rule in list(SPLITS) for rule in rules):
        return replace(scenario, split=(Split(rules[0]), Split(rules[-1])))
    problems.append(unknown_choice("split", given, SPLITS))
    return scenario


def _read_step(scenario: Scenario, given: str, kind: str, problems: list[Problem]) -> Scenario:
    keys = walk_keys(kind)
    if given in keys:
        return scenario.at_step(kind, given)
    if keys:
        problems.append(unknown_choice("step", given, keys))
    return scenario


def _read_bin(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    places = _whole_numbers(given)
    if places and len(places) in (2, 3) and all(place < 10_000 for place in places):
        return replace(scenario, focus=Focus(*places))
    problems.append(malformed("bin", given, "expected_bin"))
    return scenario


def _bin_in_output(scenario: Scenario, given: str | None, problems: list[Problem]) -> Scenario:
    (rows, columns), focus = scenario.output_size, scenario.focus
    near = replace(focus, row=min(focus.row, rows - 1), column=min(focus.column, columns - 1))
    if near != focus and given is not None and _whole_numbers(given):
        where = {"rows": rows, "columns": columns, "row": near.row, "column": near.column}
        values = {"given": quotable(given), **{name: str(value) for name, value in where.items()}}
        problems.append(Problem("problem.bin_outside", values))
    return replace(scenario, focus=near)


def _read_side(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in SIDES:
        return replace(scenario, side=given)
    problems.append(unknown_choice("side", given, SIDES))
    return scenario


def _read_cell(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in ("one", "all"):
        return replace(scenario, every=given == "all")
    problems.append(unknown_choice("cell", given, ("one", "all")))
    return scenario


def _read_member(name: str) -> Reader:
    def read(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
        try:
            operator = operator_of(given[:LONGEST_OPERATOR])
        except (KeyError, OptionError):
            problems.append(unknown_choice(name, given, ON_STAGE))
            return scenario
        member = text_of(operator, base_of(given))
        return replace(scenario, left=member) if name == "left" else replace(scenario, right=member)

    return read


def _read_answer(question: str) -> Reader:
    """Another answer to one question of the right operator."""

    def read(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
        try:
            return replace(scenario, right=flipped(scenario.right, question, given))
        except OptionError:
            problems.append(unknown_choice(question, given, possible(scenario.right, question)))
            return scenario

    return read


def _read_recorded(scenario: Scenario, given: str, kind: str, problems: list[Problem]) -> Scenario:
    numbers, inputs = _whole_numbers(given), recorded_inputs() if kind != "image" else ()  # the page of photos has none
    if numbers and len(numbers) == 1 and 1 <= numbers[0] <= len(inputs):
        one = inputs[numbers[0] - 1]
        size = (one.size, one.size)
        return replace(scenario, map=one.map, box=one.box, stride=one.stride, output_size=size, focus=Focus())
    problems.append(unknown_choice("recorded", given, range(1, len(inputs) + 1)))
    return scenario


READERS: Mapping[str, Reader] = {
    "map": _read_map,
    "photo": _read_photo,
    "stride": _read_stride,
    "out": _read_output,
    "samples": _read_samples,
    "origin": _read_origin,
    "join": _read_join,
    "split": _read_split,
    "step": _read_step,
    "bin": _read_bin,
    "side": _read_side,
    "left": _read_member("left"),
    "right": _read_member("right"),
    **{f"answer_{question}": _read_answer(question) for question in ANSWERED},
    "recorded": _read_recorded,
    "cell": _read_cell,
}


def _box_on_map(scenario: Scenario, given: str | None, problems: list[Problem]) -> Scenario:
    shape = scenario.feature_map.shape
    box = scenario.box
    if given is not None:
        sides = _real_numbers(given)
        if sides is None or len(sides) != 4:
            problems.append(malformed("box", given, "expected_box"))
        elif not all(math.isfinite(side) for side in sides):
            problems.append(Problem("problem.box_not_finite", {"given": quotable(given)}))
        else:
            x1, y1, x2, y2 = sides
            if x1 > x2 or y1 > y2:
                problems.append(Problem("problem.box_reversed", {"given": quotable(given)}))
                x1, x2, y1, y2 = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
            box = (x1, y1, x2, y2)
            near = nearest_box(box, shape)
            if min(x2 - x1, y2 - y1) < LEAST_SIDE - TINY:
                problems.append(Problem("problem.box_empty", {"given": quotable(given)}))
            if x1 < 0 or y1 < 0 or x2 > shape[1] or y2 > shape[0]:
                values = {"given": quotable(given), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.box_outside", {**values, "shown": _numbers(near)}))
    return replace(scenario, box=nearest_box(box, shape))


def _point_on_map(scenario: Scenario, given: str | None, problems: list[Problem]) -> Scenario:
    shape = scenario.feature_map.shape
    point = scenario.point
    if given is not None:
        at = _real_numbers(given)
        if at is None or len(at) != 2 or not all(math.isfinite(side) for side in at):
            problems.append(malformed("point", given, "expected_point"))
        else:
            point = (at[0], at[1])
            near = nearest_point(point, shape)
            if near != point:
                values = {"given": quotable(given), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.point_outside", {**values, "shown": _numbers(near)}))
    return replace(scenario, point=nearest_point(point, shape))


def quotable(given: str) -> str:
    """What an address said, short and without anything that a page could take for markup.

    >>> quotable("<script>alert(1)</script>")
    'script alert(1) /script'
    """
    plain = " ".join(re.sub(r"[^\w.,:;+\-/=()% ]", " ", given).split())
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def unknown_choice(name: str, given: str, choices: Iterable[object]) -> Problem:
    listed = ", ".join(str(choice) for choice in choices)
    return Problem("problem.unknown_choice", {"name": name, "given": quotable(given), "choices": listed})


def malformed(name: str, given: str, expected: str) -> Problem:
    return Problem("problem.number", {"name": name, "given": quotable(given), "expected": f"problem.{expected}"})


def _numbers(values: tuple[float, ...]) -> str:
    return ",".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)


def _real_numbers(text: str) -> list[float] | None:
    try:
        return [float(part) for part in text[:200].split(",")] if "_" not in text else None
    except ValueError:
        return None


def _whole_numbers(text: str) -> list[int] | None:
    parts = text.split(",")
    if len(parts) > 4 or not all(re.fullmatch(r"\d{1,6}", part, re.ASCII) for part in parts):
        return None
    return [int(part) for part in parts]
