"""A scenario as the query parameters of a page, and the scenario that they describe: by the table of options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from roialign_lab.lesson.options import ADDRESS, SCENARIO, Option, fitted, in_order, written
from roialign_lab.lesson.readers import Problem
from roialign_lab.lesson.scenario import Scenario


def to_address(scenario: Scenario, kind: str) -> dict[str, str]:
    """The scenario as query parameters; ``kind`` is the kind of page that they are for.

    >>> to_address(Scenario(map="corner", point=(0.5, 1)), "bilinear")
    {'map': 'corner', 'point': '0.5,1', 'step': 'neighbors'}
    """
    values = written(scenario, SCENARIO, kind)
    return {name: values[name] for name in in_order(values, ADDRESS)}


def from_address(address: Mapping[str, str], kind: str, before: Scenario) -> tuple[Scenario, list[Problem]]:
    """The scenario that an address describes, and what of it could not be used: there the nearest is shown.

    Only known names are read; what the address does not name stays as it was ``before``.

    >>> scenario, problems = from_address({"out": "2,3", "stride": "5"}, "roi_align", Scenario())
    >>> scenario.output_size, scenario.stride, [problem.key for problem in problems]
    ((2, 3), 16, ['problem.unknown_choice'])
    """
    problems: list[Problem] = []
    scenario = before
    for name, option in SCENARIO.items():
        if option.read is not None and name in address:
            scenario = replace(scenario, **option.read(scenario, address[name], kind, problems))
    for name, fit, fitted_to in fitted():
        if name in address or fitted_to in address:
            scenario = replace(scenario, **fit(scenario, address.get(name), kind, problems))
    return scenario, problems


def take_over(holder: object, options: Iterable[Option], address: Mapping[str, object]) -> list[Problem]:
    """Set the fields of ``holder`` that ``options`` read from an address; returns what could not be used."""
    problems: list[Problem] = []
    for option in options:
        value = address.get(option.name, option.absent)
        if option.read is not None and isinstance(value, str):
            for name, meaning in option.read(holder, value, "", problems).items():
                setattr(holder, name, meaning)
    return problems
