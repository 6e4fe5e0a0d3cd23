"""The quiz: the same questions for the same seed, the right answer is the core's, every choice has a reason."""

import re

import numpy as np
import pytest

from roialign_core import ROI_ALIGN_LEGACY, ROI_POOL, trace, trace_point
from roialign_lab.lesson.quiz import KINDS, question, questions
from roialign_lab.lesson.session import QuizProgress, Session
from roialign_lab.lesson.text import LANGUAGES, text_in

SEEDS = range(40)


@pytest.mark.parametrize("key", KINDS)
def test_four_different_choices_and_words_for_all_of_them(key):
    for seed in SEEDS:
        generated = question(seed, key)
        assert generated == question(seed, key)
        assert len({choice.label for choice in generated.choices}) == 4
        assert [choice.reason.endswith(".right") for choice in generated.choices].count(True) == 1
        assert generated.choices[generated.right].reason == f"quiz.{key}.right"
        for language in LANGUAGES:
            text = text_in(language)
            assert "{" not in text(f"quiz.{key}.ask", **generated.values)
            for choice in generated.choices:
                assert text(choice.reason)
                assert choice.label in text.entries or not choice.label.startswith("quiz.")


def test_the_right_choice_moves_about():
    assert {question(seed, "snap").right for seed in SEEDS} == {0, 1, 2, 3}


def right(seed, key):
    generated = question(seed, key)
    made = trace(
        generated.scenario.feature_map,
        [side * 16 for side in generated.scenario.box],
        ROI_POOL if generated.snaps else generated.operator,
        2,
        1 / 16,
        2,
    )
    return generated, made, generated.choices[generated.right].label


@pytest.mark.parametrize("seed", SEEDS)
def test_snap_cells_and_third_sample_are_the_traces(seed):
    generated, made, label = right(seed, "snap")
    side = ("x1", "y1", "x2", "y2").index(generated.values["side"])
    assert int(label) == made.roi_used[side]
    generated, made, label = right(seed, "cells")
    x1, y1, x2, y2 = made.bins_used[int(generated.values["row"]), int(generated.values["column"])]
    assert [int(n) for n in re.findall(r"\d+", label)] == [y1, y2 - 1, x1, x2 - 1]
    generated, made, label = right(seed, "sample")
    third = made.samples_of(int(generated.values["row"]), int(generated.values["column"]))[2]
    assert label == f"({made.sample_y[third]:.2f}, {made.sample_x[third]:.2f})"
    assert (
        generated.scenario.focus.sample == 2
    )  # the stage lights the sample of the question, and shows how it is computed


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_weight_join_and_library_are_the_traces(seed):
    for key in ("neighbors", "weights"):
        generated, made, label = right(seed, key)
        row, column = int(generated.values["row"]), int(generated.values["column"])
        k = made.samples_of(row, column)[generated.scenario.focus.sample]
        point = trace_point(generated.scenario.feature_map, made.sample_y[k], made.sample_x[k])
        if key == "weights":
            assert label == f"{point.weights[0]:.3f}"
        else:
            y, x = point.neighbor_y, point.neighbor_x
            assert [int(n) for n in re.findall(r"\d+", label)] == [y[0], y[2], x[0], x[1]]
    generated, made, label = right(seed, "join")
    values = [float(value) for value in generated.values["values"].split(", ")]
    joined = max(values) if label.endswith("max") else float(np.mean(values))
    assert label in ("quiz.join.max", "quiz.join.mean")
    assert float(generated.values["output"]) == pytest.approx(joined, abs=1e-3)
    generated, _, label = right(seed, "library")
    scenario, shown = generated.scenario, [float(n) for n in re.findall(r"\d\.\d+", generated.values["table"])]
    tables = {
        "aligned": scenario.trace(scenario.align).output,
        "legacy": scenario.trace(ROI_ALIGN_LEGACY).output,
        "article": scenario.trace(scenario.align).joined("max"),
        "pool": scenario.trace(scenario.pool).output,
    }
    near = [name for name, table in tables.items() if np.allclose(table.ravel(), shown, atol=6e-4)]
    assert near == [label.removeprefix("quiz.library.")]


def test_the_first_answer_counts_and_only_for_its_questions():
    quiz = QuizProgress(seed=7)
    first = quiz.question.right
    quiz.apply_event({"answer": first})
    quiz.apply_event({"answer": (first + 1) % 4})
    assert (quiz.answered, quiz.score) == (first, (1, 1))
    quiz.apply_event({"step": "cells"})
    quiz.apply_event({"answer": (quiz.question.right + 1) % 4})
    assert quiz.score == (1, 2)
    quiz.apply_event({"set": {"seed": "8"}})
    assert quiz.answered is None and quiz.score == (0, 0)


@pytest.mark.parametrize(
    "event", [{"answer": 4}, {"answer": True}, {"answer": "1"}, {"step": "x"}, {"set": {"seed": "-1"}}]
)
def test_nonsense_changes_nothing(event):
    quiz = QuizProgress()
    quiz.apply_event(event)
    assert quiz == QuizProgress()


def test_the_address_carries_the_questions():
    session = Session()
    assert not session.read_address({"seed": "12", "step": "weights"}, "quiz")
    assert session.to_address("quiz") == {"lang": "en", "seed": "12", "step": "weights"}
    problems = session.read_address({"seed": "1e9", "step": "<b>"}, "quiz")
    assert [problem.key for problem in problems] == ["problem.number", "problem.unknown_choice"]
    assert session.quiz.seed == 12
    assert len(list(questions(3))) == len(KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_main_mistake_of_the_first_question_has_its_own_reason(seed):
    generated, made, _ = right(seed, "snap")
    side = ("x1", "y1", "x2", "y2").index(generated.values["side"])
    rounded = int(made.roi[side] + 0.5)
    reasons = {int(choice.label): choice.reason.split(".")[-1] for choice in generated.choices}
    assert reasons[rounded] == ("right" if side < 2 else "rounded")  # x2 and y2 also read the end cell


@pytest.mark.parametrize("seed", SEEDS)
def test_the_picture_after_the_question_who_computed_it_is_theirs(seed):
    generated = question(seed, "library")
    scenario, operator = generated.revealed
    table = " / ".join("  ".join(f"{value:.3f}" for value in row) for row in scenario.trace(operator).output)
    assert table == generated.values["table"]
