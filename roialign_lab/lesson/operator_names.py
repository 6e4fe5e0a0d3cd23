"""Operators as an address names them: by the key of a named operator, and the answers that differ from it.

``roi_align`` is RoI Align; ``roi_align~aggregate:max`` is RoI Align with another answer to the question how the samples
are joined. An operator that has a name of its own goes by it, however a person came to it: this is ``roi_align_max``.
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
"""The questions that the page of the family offers answers to: the five, and where coordinate 0 lies."""
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
    """How an address names an operator: by its key, or by the key ``base`` and the answers that differ from it.

    >>> text_of(operator_of("roi_align~aggregate:max"), "roi_align")
    'roi_align_max'
    """
    named = name_of(operator)
    if named:
        return named
    before = OPERATORS[base]
    changes = {
        question: answer(operator, question)
        for question in ANSWERED
        if answer(operator, question) != answer(before, question)
    }
    return "~".join([base, *(f"{question}:{value}" for question, value in changes.items())])


def flipped(text: str, question: str, value: str) -> str:
    """The same operator with another answer to a question, as an address names it. Errors as :func:`operator_of`.

    >>> flipped("roi_align_legacy", "aggregate", "max"), flipped("roi_pool", "split", "floor")
    ('roi_align_legacy_max', 'roi_pool_animation')
    """
    if question not in ANSWERED:
        raise KeyError(question)
    return text_of(_with(operator_of(text), {question: value}), _parted(text)[0])


@lru_cache(256)
def name_of(operator: Operator) -> str | None:
    """The key of the named operator with the same answers, whatever its name is; None where there is none."""
    same = replace(operator, name="")
    return next((key for key in ON_STAGE if replace(OPERATORS[key], name="") == same), None)


def base_of(text: str) -> str:
    """The key of the named operator that a name in an address starts from."""
    return _parted(text)[0]


def answer(operator: Operator, question: str) -> str:
    """The answer to a question as an address writes it; the two split rules with a comma where they differ."""
    if question == "split":
        rows, columns = operator.split
        return rows.value if rows == columns else f"{rows.value},{columns.value}"
    return str(getattr(operator, question).value)


@lru_cache(256)
def possible(text: str, question: str) -> tuple[str, ...]:
    """The answers to a question that go together with the others of an operator.

    >>> possible("roi_align", "split"), possible("roi_pool", "interpolation")
    (('exact', 'overlap'), ('nearest',))
    """
    operator = operator_of(text)
    now = answer(operator, question)
    kind: type[StrEnum] = Split if question == "split" else CHOICES[question]
    values = [choice.value for choice in kind]
    candidates = [now, *values] if "," in now else values
    return tuple(value for value in candidates if value == now or _goes(operator, question, value))


def member_name(text: str, words: Text) -> str:
    """What an operator is called; an operator without a name goes by the named operator that it was made from."""
    name = words(f"family.{base_of(text)}")
    return name if text in ON_STAGE else words("control.unnamed", name=name)


def answer_name(question: str, value: str, words: Text) -> str:
    """An answer in words."""
    return " × ".join(words(f"answer.{question}.{part}") for part in value.split(","))


def differences(left: Operator, right: Operator) -> tuple[tuple[str, str, str], ...]:
    """The questions that two operators answer differently, with both answers."""
    answers = ((question, answer(left, question), answer(right, question)) for question in ANSWERED)
    return tuple((question, a, b) for question, a, b in answers if a != b)


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
