"""Operators by their answers, as an address holds them: a named one, and what was answered otherwise.

``roi_align`` is RoI Align; ``roi_align~aggregate:max`` is RoI Align with another answer to one question. What a person
builds that way and has a name goes by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache

from roialign_core.errors import OptionError
from roialign_core.operators import (
    CHOICES,
    OPERATORS,
    Frame,
    Operator,
    Split,
)
from roialign_lab.lesson.text import Text

QUESTIONS = ("rounding", "split", "reading", "interpolation", "aggregate")
"""The five questions that every operator answers, in the order in which it acts."""
ANSWERED = (*QUESTIONS, "origin")
"""What can be answered on the page: the five, and where coordinate 0 lies."""
ON_STAGE = tuple(key for key, operator in OPERATORS.items() if operator.frame is Frame.SIDES)
"""The named operators that take a box of four sides, by key."""


def operator_of(text: str) -> Operator:
    """The operator that an address names.

    Raises
    ------
    KeyError : for a name that is not :data:`ON_STAGE`, or a question that is not :data:`ANSWERED`.
    OptionError : for an answer that does not exist, or that does not go together with the others.

    >>> operator_of("roi_align~aggregate:max~origin:cell_centre").aggregate.value
    'max'
    """
    base, changes = _parted(text)
    if base not in ON_STAGE:
        raise KeyError(base)
    for question in changes:
        if question not in ANSWERED:
            raise KeyError(question)
    return _with(OPERATORS[base], changes)


def text_of(operator: Operator, base: str) -> str:
    """How an address names an operator: by its name, or as another than ``base``.

    >>> text_of(operator_of("roi_align~aggregate:max"), "roi_align")
    'roi_align_max'
    """
    named = name_of(operator)
    if named:
        return named
    before = OPERATORS[base]
    changes = {one: answer(operator, one) for one in ANSWERED if answer(operator, one) != answer(before, one)}
    return "~".join([base, *(f"{question}:{value}" for question, value in changes.items())])


def flipped(text: str, question: str, value: str) -> str:
    """The address of the same operator with another answer to one question. Errors as :func:`operator_of`.

    >>> flipped("roi_align_legacy", "aggregate", "max"), flipped("roi_pool", "split", "floor")
    ('roi_align_legacy_max', 'roi_pool_animation')
    """
    if question not in ANSWERED:
        raise KeyError(question)
    return text_of(_with(operator_of(text), {question: value}), _parted(text)[0])


def name_of(operator: Operator) -> str | None:
    """The key of the named operator with the same answers, whatever this one is called."""
    same = replace(operator, name="")
    return next((key for key in ON_STAGE if replace(OPERATORS[key], name="") == same), None)


def base_of(text: str) -> str:
    """The named operator that an address starts from."""
    return _parted(text)[0]


def answer(operator: Operator, question: str) -> str:
    """One answer as an address writes it; the two split rules with a comma where they differ."""
    if question == "split":
        rows, columns = operator.split
        return rows.value if rows == columns else f"{rows.value},{columns.value}"
    return str(getattr(operator, question).value)


@lru_cache(256)
def possible(text: str, question: str) -> tuple[str, ...]:
    """The answers to one question that go together with the others of an operator.

    >>> possible("roi_align", "split"), possible("roi_pool", "interpolation")
    (('exact', 'overlap'), ('nearest',))
    """
    operator = operator_of(text)
    now = answer(operator, question)
    kind: type[StrEnum] = Split if question == "split" else CHOICES[question]
    candidates = [now, *(one.value for one in kind if one.value != now)] if "," in now else [one.value for one in kind]
    return tuple(value for value in candidates if value == now or _goes(operator, question, value))


def member_name(text: str, words: Text) -> str:
    """What an operator is called; one without a name goes by what it was made from."""
    name = words(f"family.{base_of(text)}")
    return name if text in ON_STAGE else words("control.unnamed", name=name)


def answer_name(question: str, value: str, words: Text) -> str:
    """An answer in words."""
    return " × ".join(words(f"answer.{question}.{one}") for one in value.split(","))


def differences(left: Operator, right: Operator) -> tuple[tuple[str, str, str], ...]:
    """The questions that two operators answer differently, with both answers."""
    pairs = ((one, answer(left, one), answer(right, one)) for one in ANSWERED)
    return tuple((one, a, b) for one, a, b in pairs if a != b)


def _goes(operator: Operator, question: str, value: str) -> bool:
    try:
        _with(operator, {question: value})
    except OptionError:
        return False
    return True


def _with(operator: Operator, changes: Mapping[str, str]) -> Operator:
    values = {name: tuple(value.split(",")) if "," in value else value for name, value in changes.items()}
    return replace(operator, **values) if values else operator  # type: ignore[arg-type]


def _parted(text: str) -> tuple[str, dict[str, str]]:
    base, *changes = text.split("~")
    return base, {change.partition(":")[0]: change.partition(":")[2] for change in changes}
