"""Sessions of Streamlit take turns; who asks for long answers waits for who does not."""

import threading
import time

from streamlit.testing.v1 import AppTest

from roialign_core.finite_differences import check_slopes
from roialign_lab.figures import slopes
from roialign_lab.figures.experiments import ROUNDS, STRIDES
from roialign_lab.lesson.text import text_in
from roialign_lab.libraries import tables
from roialign_lab.libraries.answers import CONVENTIONS, verdicts
from roialign_lab.ui import experiments
from roialign_lab.ui.turns import LONGEST_REST, LONGEST_REST_OF_DEAR, SHARE, TURNS, Cost, Series, Turns
from tests.conftest import ROOT


def test_one_at_a_time_and_quick_ones_first():
    turns, order, quick, long = Turns(), [], Cost(), Cost()
    quick.charge(0.002, time.monotonic())
    long.charge(0.1, time.monotonic())

    def answer(name, cost):
        with turns.turn(cost):
            order.append(name)

    with turns.turn(Cost()):
        threads = []
        for name, cost in (("long", long), ("new", Cost()), ("quick", quick), ("quick", quick)):
            threads.append(threading.Thread(target=answer, args=(name, cost)))
            threads[-1].start()
            time.sleep(0.02)  # until it waits
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == ["quick", "quick", "long", "new"]


def test_between_answers_that_come_one_after_the_other_somebody_else_has_a_turn():
    turns, order, quick = Turns(), [], Cost()
    quick.charge(0.002, time.monotonic())

    def drag():
        with turns.turn(quick):
            order.append("drag")

    def computed():
        for k in range(3):
            other = threading.Thread(target=drag)
            other.start()
            while not turns._waiting:
                time.sleep(0.001)
            order.append(k)
            yield k
            others.append(other)

    others = []
    for k in turns.each(computed(), Series()):
        assert order.count(k) == 1
        while order[-1] != "drag":
            time.sleep(0.001)
    for other in others:
        other.join(10)
    assert order == [0, "drag", 1, "drag", 2, "drag"]


def test_both_experiments_are_computed_in_turns(monkeypatch):
    """Sixty who press the button at once do not hold up who drags."""
    seen = {}

    def watched(name):
        costs = getattr(experiments, name)

        def watch(*given):
            for cost in costs(*given):
                seen.setdefault(name, []).append(TURNS._is_taken)
                yield cost

        monkeypatch.setattr(experiments, name, watch)

    watched("spread_costs")
    watched("masks_measured")
    experiments._kept.cache_clear()
    app = AppTest.from_file(str(ROOT / "pages" / "5_Quantization_error.py"), default_timeout=120).run()
    next(button for button in app.button if button.label == text_in("en")("mask.run")).click().run()
    assert not app.exception
    assert seen == {"spread_costs": [True] * len(STRIDES), "masks_measured": [True] * ROUNDS}
    assert not TURNS._is_taken


def test_what_stands_under_a_stage_is_computed_in_turns(monkeypatch):
    """Slopes and conventions, after each release, row by row."""
    seen = {"slopes": [], "conventions": []}

    def check(*given):
        seen["slopes"].append(TURNS._is_taken)
        return check_slopes(*given)

    def told(scenario):
        for verdict in verdicts(scenario):
            seen["conventions"].append(TURNS._is_taken)
            yield verdict

    monkeypatch.setattr(slopes, "check_slopes", check)
    monkeypatch.setattr(tables, "verdicts", told)
    for page in ("6_Operator_family", "7_Gradients"):
        assert not AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120).run().exception
    assert seen == {"slopes": [True] * 3, "conventions": [True] * len(CONVENTIONS)}
    assert not TURNS._is_taken


def test_an_error_gives_the_turn_back():
    turns, cost = Turns(), Cost()
    for _ in range(3):
        try:
            with turns.turn(cost):
                raise ValueError
        except ValueError:
            pass
    with turns.turn(cost):
        assert cost.is_quick(time.monotonic())


def test_who_took_much_of_late_lets_others_go_first():
    turns, greedy, other, order = Turns(), Cost(), Cost(), []
    greedy.charge(30.0, time.monotonic())

    def ask(name, cost):
        with turns.turn(cost):
            order.append(name)

    ask("other", other)
    first = threading.Thread(target=ask, args=("greedy", greedy))
    first.start()
    ask("other", other)
    first.join(10)
    assert order == ["other", "other", "greedy"]


def test_those_who_took_much_with_long_answers_share_what_one_of_them_would_have():
    """Each of five rests longer than it would alone; who was quick does not."""
    turns, now = Turns(), time.monotonic()
    greedy = [Cost() for _ in range(5)]
    for cost in greedy:
        cost.charge(0.5, now)  # 5 % of the last ten seconds, and a long answer
    alone = min(greedy[0].rest(SHARE, now), LONGEST_REST)
    assert turns.rest(greedy[0], now) == alone
    for _ in greedy:
        turns.dear.charge(0.5, now)
    assert LONGEST_REST < turns.rest(greedy[0], now) <= LONGEST_REST_OF_DEAR
    quick = Cost()
    quick.charge(0.001, now)
    assert turns.rest(quick, now) == 0


def test_somebody_is_next_though_all_who_wait_find_somebody_else_quicker():
    """As where an answer of long ago becomes quick between two looks."""

    class Fickle(Cost):
        def is_quick(self, now):
            return now > 0 and threading.current_thread() is not self.owner

    turns, had = Turns(), []

    def ask():
        cost = Fickle()
        cost.owner = threading.current_thread()
        for _ in range(5):
            with turns.turn(cost):
                had.append(cost)
                time.sleep(0.01)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(had) == 4 * 5
