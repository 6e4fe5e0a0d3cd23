"""What is being looked at: a Scenario, everything that decides a picture; read from an address and written as one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from figures.family import ANSWERED, ON_STAGE, base_of, flipped, operator_of, possible, text_of
from figures.maps import PHOTO_NAME, RANDOM_SIZES, is_map, map_named, photo_of, was_brought
from figures.recorded import recorded_inputs
from figures.scene import Focus
from figures.steps import POINT_STEPS, SIDES, step_keys
from roialign_core.backbone import CHANNELS
from roialign_core.errors import OptionError
from roialign_core.examples import MAPS, Example
from roialign_core.geometry import Floats
from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, Aggregate, Operator, Split
from roialign_core.trace import Trace, trace

LARGEST_OUTPUT = 7
MOST_SAMPLES_A_SIDE = 4
STRIDES = (1, 2, 4, 8, 16, 32, 64)  # powers of two: cells to pixels and back is exact
LEAST_SIDE = 0.05  # cells
TINY = 1e-9  # what a difference of two decimals may be off by
SPLITS = (Split.OVERLAP, Split.FLOOR, Split.CEIL)
POINT_REACH = 1.0  # cells beyond the map that a point may go: far enough to read 0
LONGEST_SHOWN = 40  # characters of an address that a message repeats

LONGEST_OPERATOR = 200  # characters of an address that name an operator

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scenario:
    """Everything that decides what a page shows. Lengths are in map cells; ``box`` is x1, y1, x2, y2."""

    map: str = "animation"
    stride: int = 16
    box: Box = (0.55, 2.7, 6.35, 7.4)
    output_size: tuple[int, int] = (2, 2)
    samples: int = 2
    aligned: bool = True
    aggregate: Aggregate = Aggregate.MEAN
    split: tuple[Split, Split] = (Split.OVERLAP, Split.OVERLAP)
    focus: Focus = field(default_factory=lambda: Focus(0, 1, 2))
    steps: Mapping[str, str] = field(
        default_factory=lambda: {"roi_pool": "max", "roi_align": "neighbors", "bilinear": "areas"}
    )
    point: tuple[float, float] = (3.7, 4.2)
    side: str = "y1"  # which side of the box is swept
    left: str = "roi_pool"  # two members of the family, as figures.family names them
    right: str = "roi_align"
    every: bool = False  # the gradient of all output cells together, not of the one that is looked at

    @property
    def feature_map(self) -> Floats:
        """The map (H, W) of that name."""
        return map_named(self.map)

    @property
    def pool(self) -> Operator:
        """RoI Pooling as this scenario splits it."""
        return replace(ROI_POOL, split=self.split)

    @property
    def align(self) -> Operator:
        """RoI Align as this scenario aligns and joins it."""
        return replace(ROI_ALIGN if self.aligned else ROI_ALIGN_LEGACY, aggregate=self.aggregate)

    @property
    def mean_align(self) -> Operator:
        """RoI Align with the mean, which has a gradient in every library."""
        return replace(self.align, aggregate=Aggregate.MEAN)

    @property
    def pair(self) -> tuple[Operator, Operator]:
        """The two members of the family that are compared."""
        return operator_of(self.left), operator_of(self.right)

    def trace(self, operator: Operator, dtype: np.dtype | None = None) -> Trace:
        """The trace of ``operator`` on this map (in another ``dtype`` if told) and box, which goes in as pixels."""
        x1, y1, x2, y2 = (side * self.stride for side in self.box)
        values = self.feature_map if dtype is None else self.feature_map.astype(dtype)
        return trace(values, (x1, y1, x2, y2), operator, self.output_size, 1 / self.stride, self.samples)

    def at_step(self, kind: str, key: str) -> Scenario:
        """The same at another step of one walk."""
        return replace(self, steps={**self.steps, kind: key})


def of_photo(scenario: Scenario, name: str) -> Scenario:
    """The scenario on a feature map of a photo: the same box in the photo, or the photo's own where there was none."""
    match, before = PHOTO_NAME.fullmatch(name), PHOTO_NAME.fullmatch(scenario.map)
    assert match is not None
    stride = int(match[2])
    same = before is not None and before[1] == match[1]
    pixels = tuple(side * scenario.stride for side in scenario.box) if same else photo_of(name).box
    x1, y1, x2, y2 = (round(side / stride, 4) for side in pixels)
    box = nearest_box((x1, y1, x2, y2), map_named(name).shape)
    return replace(scenario, map=name, stride=stride, box=box)


def of_example(scenario: Scenario, example: Example) -> Scenario:
    """The scenario that shows a worked example."""
    name = next(name for name, values in MAPS.items() if values is example.feature_map)
    operator = example.operator
    x1, y1, x2, y2 = (float(side) for side in example.box)
    return replace(
        scenario,
        map=name,
        box=(x1, y1, x2, y2),
        point=nearest_point(scenario.point, example.feature_map.shape),
        output_size=(example.output_size, example.output_size),
        samples=example.sampling_ratio,
        aligned=operator.aligned,
        aggregate=scenario.aggregate if operator.snaps else operator.aggregate,
        split=operator.split if operator.snaps else scenario.split,
        focus=Focus(),
    )


# ---- the nearest that can be shown --------------------------------------------------------------------------------


def nearest_box(box: Box, shape: tuple[int, ...]) -> Box:
    """The box pushed onto a map of ``shape`` rows, columns, as large as it was where that fits.

    >>> nearest_box((6.0, 6.0, 9.0, 7.0), (8, 8))
    (5.0, 6.0, 8.0, 7.0)
    """
    x1, x2 = _nearest_span(box[0], box[2], float(shape[1]))
    y1, y2 = _nearest_span(box[1], box[3], float(shape[0]))
    return (x1, y1, x2, y2)


def _nearest_span(low: float, high: float, size: float) -> tuple[float, float]:
    if low >= 0 and high <= size and high - low >= LEAST_SIDE - TINY:
        return low, high
    length = min(max(high - low, LEAST_SIDE), size)
    start = round(min(max(low, 0.0), size - length), 4)
    return start, round(start + length, 4)


def nearest_point(point: tuple[float, float], shape: tuple[int, ...]) -> tuple[float, float]:
    """The point (y, x) pulled to within reach of a map of ``shape``."""
    y, x = (min(max(at, -POINT_REACH), size + POINT_REACH) for at, size in zip(point, shape, strict=True))
    return (y, x)


# ---- the address --------------------------------------------------------------------------------------------------


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
    if was_brought(given):
        problems.append(Problem("problem.map_gone", {"given": shown(given)}))
        return scenario
    photos = [f"photo-16-{channel}" for channel in CHANNELS]
    choices = photos if kind == "image" else [*MAPS, *(f"random-{size}x{size}-1" for size in RANDOM_SIZES), photos[1]]
    problems.append(_unknown("map", given, choices))
    return scenario


def _read_photo(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    name = "-".join([scenario.map.split("-")[0], *given.split(",")])
    if PHOTO_NAME.fullmatch(name):
        return of_photo(scenario, name)
    problems.append(_unknown("photo", given, (f"16,{channel}" for channel in CHANNELS)))
    return scenario


def _read_stride(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    photo = PHOTO_NAME.fullmatch(scenario.map)
    choices = (int(photo[2]),) if photo else STRIDES  # a map of the photo has the stride that it was made with
    if given in map(str, choices):
        return replace(scenario, stride=int(given))
    problems.append(_unknown("stride", given, choices))
    return scenario


def _read_output(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    sizes = _whole_numbers(given)
    if sizes and len(sizes) in (1, 2) and all(1 <= size <= LARGEST_OUTPUT for size in sizes):
        return replace(scenario, output_size=(sizes[0], sizes[-1]))
    problems.append(_malformed("out", given, "expected_output"))
    return scenario


def _read_samples(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    ratio = _whole_numbers(given)
    if ratio and len(ratio) == 1 and 0 <= ratio[0] <= MOST_SAMPLES_A_SIDE:
        return replace(scenario, samples=ratio[0])
    problems.append(_malformed("samples", given, "expected_samples"))
    return scenario


def _read_origin(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in ("aligned", "legacy"):
        return replace(scenario, aligned=given == "aligned")
    problems.append(_unknown("origin", given, ("aligned", "legacy")))
    return scenario


def _read_join(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in list(Aggregate):
        return replace(scenario, aggregate=Aggregate(given))
    problems.append(_unknown("join", given, Aggregate))
    return scenario


def _read_split(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    rules = given.split(",")
    if len(rules) in (1, 2) and all(rule in list(SPLITS) for rule in rules):
        return replace(scenario, split=(Split(rules[0]), Split(rules[-1])))
    problems.append(_unknown("split", given, SPLITS))
    return scenario


def _read_step(scenario: Scenario, given: str, kind: str, problems: list[Problem]) -> Scenario:
    keys = walk_keys(kind)
    if given in keys:
        return scenario.at_step(kind, given)
    if keys:
        problems.append(_unknown("step", given, keys))
    return scenario


def _read_bin(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    places = _whole_numbers(given)
    if places and len(places) in (2, 3) and all(place < 10_000 for place in places):
        return replace(scenario, focus=Focus(*places))
    problems.append(_malformed("bin", given, "expected_bin"))
    return scenario


def _bin_in_output(scenario: Scenario, given: str | None, problems: list[Problem]) -> Scenario:
    (rows, columns), focus = scenario.output_size, scenario.focus
    near = replace(focus, row=min(focus.row, rows - 1), column=min(focus.column, columns - 1))
    if near != focus and given is not None and _whole_numbers(given):
        where = {"rows": rows, "columns": columns, "row": near.row, "column": near.column}
        values = {"given": shown(given), **{name: str(value) for name, value in where.items()}}
        problems.append(Problem("problem.bin_outside", values))
    return replace(scenario, focus=near)


def _read_side(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in SIDES:
        return replace(scenario, side=given)
    problems.append(_unknown("side", given, SIDES))
    return scenario


def _read_cell(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
    if given in ("one", "all"):
        return replace(scenario, every=given == "all")
    problems.append(_unknown("cell", given, ("one", "all")))
    return scenario


def _read_member(name: str) -> Reader:
    def read(scenario: Scenario, given: str, _kind: str, problems: list[Problem]) -> Scenario:
        try:
            operator = operator_of(given[:LONGEST_OPERATOR])
        except (KeyError, OptionError):
            problems.append(_unknown(name, given, ON_STAGE))
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
            problems.append(_unknown(question, given, possible(scenario.right, question)))
            return scenario

    return read


def _read_recorded(scenario: Scenario, given: str, kind: str, problems: list[Problem]) -> Scenario:
    numbers, inputs = _whole_numbers(given), recorded_inputs() if kind != "image" else ()  # the page of photos has none
    if numbers and len(numbers) == 1 and 1 <= numbers[0] <= len(inputs):
        one = inputs[numbers[0] - 1]
        size = (one.size, one.size)
        return replace(scenario, map=one.map, box=one.box, stride=one.stride, output_size=size, focus=Focus())
    problems.append(_unknown("recorded", given, range(1, len(inputs) + 1)))
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
            problems.append(_malformed("box", given, "expected_box"))
        elif not all(math.isfinite(side) for side in sides):
            problems.append(Problem("problem.box_not_finite", {"given": shown(given)}))
        else:
            x1, y1, x2, y2 = sides
            if x1 > x2 or y1 > y2:
                problems.append(Problem("problem.box_reversed", {"given": shown(given)}))
                x1, x2, y1, y2 = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
            box = (x1, y1, x2, y2)
            near = nearest_box(box, shape)
            if min(x2 - x1, y2 - y1) < LEAST_SIDE - TINY:
                problems.append(Problem("problem.box_empty", {"given": shown(given)}))
            if x1 < 0 or y1 < 0 or x2 > shape[1] or y2 > shape[0]:
                values = {"given": shown(given), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.box_outside", {**values, "shown": _numbers(near)}))
    return replace(scenario, box=nearest_box(box, shape))


def _point_on_map(scenario: Scenario, given: str | None, problems: list[Problem]) -> Scenario:
    shape = scenario.feature_map.shape
    point = scenario.point
    if given is not None:
        at = _real_numbers(given)
        if at is None or len(at) != 2 or not all(math.isfinite(side) for side in at):
            problems.append(_malformed("point", given, "expected_point"))
        else:
            point = (at[0], at[1])
            near = nearest_point(point, shape)
            if near != point:
                values = {"given": shown(given), "rows": str(shape[0]), "columns": str(shape[1])}
                problems.append(Problem("problem.point_outside", {**values, "shown": _numbers(near)}))
    return replace(scenario, point=nearest_point(point, shape))


def walk_keys(kind: str) -> tuple[str, ...]:
    """The steps of a walk; none for a page without one."""
    if kind == "bilinear":
        return tuple(POINT_STEPS)
    return step_keys(kind == "roi_pool") if kind in ("roi_pool", "roi_align") else ()


def shown(given: str) -> str:
    """What an address said, short and without anything that a page could take for markup.

    >>> shown("<script>alert(1)</script>")
    'script alert(1) /script'
    """
    plain = " ".join(re.sub(r"[^\w.,:;+\-/=()% ]", " ", given).split())
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def _unknown(name: str, given: str, choices: Iterable[object]) -> Problem:
    listed = ", ".join(str(choice) for choice in choices)
    return Problem("problem.unknown_choice", {"name": name, "given": shown(given), "choices": listed})


def _malformed(name: str, given: str, expected: str) -> Problem:
    return Problem("problem.number", {"name": name, "given": shown(given), "expected": f"problem.{expected}"})


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
