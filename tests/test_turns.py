"""Sessions of Streamlit take turns; who asks for long answers waits for who does not."""

import threading
import time

from roialign_lab.ui.turns import LONGEST_REST, LONGEST_REST_OF_DEAR, SHARE, Cost, Turns


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
