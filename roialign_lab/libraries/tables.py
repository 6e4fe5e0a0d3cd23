"""What stands under the page of the family as tables: the libraries' conventions, and the family by its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from roialign_core.geometry import Floats
from roialign_core.operators import OPERATORS
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.operator_names import ANSWERED, answer, answer_name
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text
from roialign_lab.libraries.answers import Verdict, verdicts

MOST_SHOWN = 3  # rows and columns of an output in a table


Verdicts = Iterable[Verdict]


def conventions(scenario: Scenario, text: Text, in_turns: Callable[[Verdicts], Verdicts] = iter) -> Table:
    """Every library's convention on this very input, and what the library itself answers.

    They are computed one after the other, as ``in_turns`` takes them.
    """
    head = (text("family.call"), text("family.output"), text("family.verdict"))
    rows = (
        (text(f"convention.{verdict.convention.key}"), _numbers(verdict.output), _comparison(verdict, text))
        for verdict in in_turns(verdicts(scenario))
    )
    return Table(head, tuple(rows))


def members(text: Text) -> Table:
    """The named operators by their answers."""
    head = (text("family.operator"), *(text(f"control.answer_{question}") for question in ANSWERED))
    rows = (
        (
            f"**{text(f'family.{key}')}**",
            *(answer_name(question, answer(OPERATORS[key], question), text) for question in ANSWERED),
        )
        for key in OPERATORS
    )
    return Table(head, tuple(rows))


def _comparison(verdict: Verdict, text: Text) -> str:
    """How this project's output compares with the library's, green where they agree and red where they do not."""
    if verdict.answer is None:
        return text("family.unasked")
    source = text("family.recorded", source=verdict.answer.source) if verdict.answer.recorded else verdict.answer.source
    values = {"source": source, "furthest": f"{verdict.furthest:.1e}", "answer": _numbers(verdict.answer.output)}
    sentence = text(f"family.{verdict.state}", **values)
    return f":green[{sentence}]" if verdict.state in ("bits", "close") else f":red[{sentence}]"


def _numbers(output: Floats) -> str:
    """An output in one line, its rows apart; a large one begins."""
    rows = (" ".join(number(value, 4) for value in row[:MOST_SHOWN]) for row in output[:MOST_SHOWN])
    return " / ".join(rows) + (" …" if max(output.shape) > MOST_SHOWN else "")
