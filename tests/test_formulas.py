"""Every formula that is printed, reckoned with the numbers that stand in it, over scenarios drawn by chance."""

import math
import re

import numpy as np
import pytest

from roialign_core import trace_point
from roialign_core.operators import Aggregate
from roialign_lab.figures.formulas import signs_of_joined
from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Dots, Grid
from roialign_lab.figures.steps import steps
from roialign_lab.lesson.scenario import SPLITS, STRIDES, Focus, Scenario, nearest_box

MAPS = ("animation", "counting", "corner", "random-8x8-7", "random-16x16-3", "matrix-1,-2,3;0.25,7,1e6;-3,4,12345.678")
SIGN = re.compile(r" ([=≈]) ")
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"


def scenario_of(seed):
    """A scenario by chance: whole boxes, boxes on hundredths and on halves of a cell, any option."""
    rng = np.random.default_rng(seed)
    options = {
        "map": str(rng.choice(MAPS)),
        "stride": int(rng.choice(STRIDES)),
        "output_size": (int(rng.integers(1, 6)), int(rng.integers(1, 6))),
        "samples": int(rng.integers(0, 5)),
        "aligned": bool(rng.integers(2)),
        "aggregate": Aggregate.MAX if rng.integers(2) else Aggregate.MEAN,
        "split": tuple(SPLITS[k] for k in rng.integers(0, 3, 2)),
        "focus": Focus(*(int(k) for k in rng.integers(0, 5, 3))),
        "numbered": bool(rng.integers(2)),
    }
    scenario = Scenario(**options)
    rows, columns = scenario.feature_map.shape
    grain = float(rng.choice([1.0, 2.0, 100.0]))
    xs, ys = (np.round(np.sort(rng.uniform(0, cells, 2)) * grain) / grain for cells in (columns, rows))
    box = nearest_box((xs[0], ys[0], xs[1], ys[1]), (rows, columns))
    reach = np.round(rng.uniform(-1, 1 + np.array([rows, columns])) * grain) / grain
    return Scenario(**options, box=box, point=tuple(reach.tolist()))


def walks_of(scenario):
    """The steps of the three walks, and the trace of each that has one."""
    for operator in (scenario.pool, scenario.align):
        trace = scenario.trace(operator)
        yield trace, steps(trace, scenario.focus, scenario.numbered)
    yield None, point_steps(trace_point(scenario.feature_map, *scenario.point))


def reckoned(expression):
    """What an expression comes to with the numbers as they are written; None for a name, a place or a cut list."""
    written = re.sub(r"1/(\d+)", r"(1/\1)", expression.replace("÷", "/").replace("½", "0.5"))
    written = re.sub("[×·]", "*", written).replace("⌊", "floor(").replace("⌈", "ceil(")
    written = re.sub("[⌋⌉]", ")", written)
    if re.sub(rf"{NUMBER}|round|floor|ceil|max|min|mean|[-+*/(),\s]", "", written):
        return None
    functions = {
        "round": lambda x: math.copysign(math.floor(abs(x) + 0.5), x),
        "floor": math.floor,
        "ceil": math.ceil,
        "max": lambda *values: max(values),
        "min": lambda *values: min(values),
        "mean": lambda *values: sum(values) / len(values),
    }
    return eval(written, {"__builtins__": {}, **functions})


def equations(line):
    """Left side, sign and right side of everything in a line that says that two things are alike."""
    line = re.sub(r"^[^:=≈]*: ", "", re.sub(r"; n = \d+", "", line))
    for part in re.split(r", (?=[⌊⌈]|min\(|\d+ \+ [⌊⌈])", line):
        pieces = SIGN.split(part)
        for k in range(0, len(pieces) - 2, 2):
            yield pieces[k], pieces[k + 1], pieces[k + 2]


def half_of_last(shown):
    digits, _, exponent = shown.strip().partition("e")
    return 0.5 * 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def check(left, sign, right):
    """Does the equation hold? None where it is none of numbers."""
    shown = right.strip()
    if "…" in left and left.startswith("max("):  # only a greater number that is shown refutes it
        left = f"max({left[4:].partition(', …')[0]}, {shown})"
    value = reckoned(left)
    if value is None or not re.fullmatch(NUMBER, shown):
        return None
    apart, half = abs(value - float(shown)), half_of_last(shown)
    exact = apart <= half * (1 + 1e-6) + 1e-9
    assert (sign == "=") is exact, f"{left} {sign} {right}: it is {value}"
    return True


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_a_calculator_agrees_with_every_equals_sign(first):
    """= where the numbers that stand there give the last digit, and ≈ only where they do not."""
    checked = 0
    for seed in range(first, first + 50):
        for trace, walk in walks_of(scenario_of(seed)):
            lines = [line for step in walk for line in step.formula]
            if trace is not None:
                lines += [label for dots in walk[1].scene.all(Dots) for label in dots.labels]
            checked += sum(bool(check(*each)) for line in lines for each in equations(line))
    assert checked > 50 * 15


def test_what_the_test_of_the_formulas_finds():
    assert check("0.012·0.84 + 0.025·0.29 + 0.313·0.39 + 0.650·0.34", "≈", "0.3605")
    with pytest.raises(AssertionError):
        check("0.012·0.84 + 0.025·0.29 + 0.313·0.39 + 0.650·0.34", "=", "0.3605")
    with pytest.raises(AssertionError):
        check("max(0.491, 0.729, 0.360, 0.092)", "=", "0.7292")
    assert check("2.700 + (1 + ½)/2 · 2.350", "=", "4.463")
    assert [*equations("y: ⌊4.50⌋ = 4, min(⌈9.00⌉, 8) = 8")] == [("⌊4.50⌋", "=", "4"), ("min(⌈9.00⌉, 8)", "=", "8")]
    assert [*equations("x: ⌊7.46⌋ = 7, 1 + ⌈7.0000005⌉ = 9")][1] == ("1 + ⌈7.0000005⌉", "=", "9")
    assert check("x1", "=", "8.8") is None


def test_the_divisions_of_a_disjoint_split_add_up():
    for seed in range(200):
        scenario = scenario_of(seed)
        trace = scenario.trace(scenario.pool)
        for step in steps(trace):
            for line in step.formula:
                if step.key == "cells" and "→" in line:
                    whole, parts = line.split(": ")[1].split(" → ")
                    assert sum(map(int, parts.split(" + "))) <= int(whole), line


def test_the_card_of_the_join_says_equal_where_it_is():
    """The stage lists up to nine values of a bin and the output, with the sign that comes with the answer."""
    for seed in range(200):
        scenario = scenario_of(seed)
        trace = scenario.trace(scenario.align)
        scene = next(step for step in steps(trace, scenario.focus) if step.key == "join").scene
        samples, output, signs = scene.samples, scene.find(Grid, "output"), signs_of_joined(trace, scene)
        count = trace.grid[0] * trace.grid[1]
        if samples is None or count > 9 or len(samples.labels) < count * output.levels.size:
            continue
        labels = [label for row in output.labels for label in row]
        for k, (sign, label) in enumerate(zip(signs, labels, strict=True)):
            listed = ", ".join(samples.labels[k * count : (k + 1) * count])
            assert check(f"{scenario.aggregate}({listed})", sign, label)


def test_the_numbers_of_the_map_are_what_a_maximum_is_taken_of():
    """A map with two decimals a number: what is written as 0.67 is 0.6726, and the sign says so."""
    scenario = Scenario(map="matrix-0.6726,0.3;0.125,0.2", box=(0.0, 0.0, 1.0, 1.0), output_size=(1, 1))
    (line,) = next(step for step in steps(scenario.trace(scenario.pool)) if step.key == "max").formula
    ((left, sign, right),) = equations(line)
    assert sign == "≈" and check(left, sign, right), line
