"""Operators by their answers: what an address can name, and what it cannot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roialign_core.errors import OptionError
from roialign_core.operators import OPERATORS, ROI_ALIGN, ROI_POOL
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.operator_names import (
    ANSWERED,
    ON_STAGE,
    answer,
    differences,
    flipped,
    name_of,
    operator_of,
    possible,
    text_of,
)
from roialign_lab.lesson.scenario import Scenario


def test_every_named_operator_is_found_by_its_key():
    for key in ON_STAGE:
        assert operator_of(key) is OPERATORS[key]
        assert name_of(OPERATORS[key]) == key
    assert "roi_align_rotated" not in ON_STAGE  # its box is turned


def test_roi_align_becomes_roi_pooling_one_answer_at_a_time():
    member = "roi_align"
    for question, value, name in (
        ("rounding", "half_away_from_zero", None),
        ("split", "overlap", None),
        ("interpolation", "nearest", None),
        ("reading", "every_cell", None),
        ("aggregate", "max", "roi_pool"),
    ):
        member = flipped(member, question, value)
        assert name_of(operator_of(member)) == name
    assert member == "roi_pool"


def test_the_two_operators_of_the_lesson_differ_in_all_five_answers():
    assert differences(ROI_POOL, ROI_ALIGN) == (
        ("rounding", "half_away_from_zero", "none"),
        ("split", "overlap", "exact"),
        ("reading", "every_cell", "lattice"),
        ("interpolation", "nearest", "bilinear"),
        ("aggregate", "max", "mean"),
    )


def test_what_does_not_go_together_is_refused_and_not_offered():
    assert "every_cell" not in possible("roi_align", "reading")
    with pytest.raises(OptionError):
        flipped("roi_align", "reading", "every_cell")
    with pytest.raises(KeyError):
        operator_of("roi_align~color:red")
    with pytest.raises(KeyError):
        operator_of("roi_align_rotated")
    with pytest.raises(OptionError):
        operator_of("roi_align~aggregate:sum")


@settings(deadline=None)
@given(st.sampled_from(ON_STAGE), st.lists(st.tuples(st.sampled_from(ANSWERED), st.integers(0, 9)), max_size=6))
def test_every_offered_answer_can_be_chosen_and_comes_back_from_its_address(member, flips):
    for question, number in flips:
        offered = possible(member, question)
        member = flipped(member, question, offered[number % len(offered)])
        assert answer(operator_of(member), question) == offered[number % len(offered)]
    assert text_of(operator_of(member), member.split("~")[0]) == member
    scenario = Scenario(right=member)
    again, problems = from_address(to_address(scenario, "family"), "family", Scenario())
    assert again.right == member and not problems
    assert scenario.trace(scenario.pair[1]).output.shape == (2, 2)


@pytest.mark.parametrize("name", ["", "x", "roi_align~", "roi_align~split:floor", "roi_align~~", "a" * 5000])
def test_a_member_that_does_not_exist_is_named_and_nothing_changes(name):
    scenario, problems = from_address({"left": name}, "family", Scenario())
    assert scenario.left == "roi_pool"
    assert [problem.key for problem in problems] == ["problem.unknown_choice"]
