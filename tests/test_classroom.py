"""A room: what may follow what, that every vote counts once, and who may do what, over real WebSockets."""

import asyncio
import contextlib
import csv
import http.client
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import redis
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from roialign_core.bilinear import frozen
from roialign_lab.classroom import hub, questions, socket
from roialign_lab.classroom.hub import TRIES, Follower, Rooms, Seat
from roialign_lab.classroom.open_store import open_store
from roialign_lab.classroom.room import CODE, LASTS, Phase, Show, new_code, opened, room_of, show_in
from roialign_lab.classroom.socket import Allowance
from roialign_lab.classroom.sqlite_store import SqliteStore
from roialign_lab.classroom.store import AWAY, MOST_VOTES, NoStoreError
from roialign_lab.lesson.own_maps import OwnMaps, keep
from roialign_lab.lesson.quiz import question as quiz_question
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.answer import answer_message, refusal

ROOT = Path(__file__).parent.parent
CODE_HERE = "ACDEFG"
NOW = float(int(time.time()))
# Bins of 4 × 4 cells, × at 1 and 3 of each: the third × of bin (0, 1) at row 3, column 5.
THIRD = Show("roi_align", "out=2", {"box": [0.0, 0.0, 8.0, 8.0], "step": "samples"})
QUIZ = Show("quiz", "seed=7", {"step": "snap"})
ELSEWHERE = Show("roi_align", "map=own-000000000000-0&step=neighbors")  # a file that no session here has loaded


def room(show=THIRD):
    return opened(CODE_HERE, "secret", show, now=NOW)


class Redis:
    """A real redis-server that writes down what it is told, and can be started anew."""

    def __init__(self, folder, options=("--save", "", "--appendonly", "yes", "--appendfsync", "always")):
        self.folder, self.options, self.process = folder, options, None
        self.address = f"unix://{folder}/redis.sock"
        self.start()

    def start(self):
        options = ["--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--dir", self.folder, *self.options]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        while True:
            with contextlib.suppress(redis.RedisError):
                return redis.Redis.from_url(self.address).ping()
            assert self.process.poll() is None, "redis-server did not start"
            time.sleep(0.02)

    def end(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        self.process.wait(60)


def need_redis():
    if shutil.which("redis-server") is None:
        said = "NO REDIS HERE: rooms of several machines are not tested; sudo apt-get install redis-server"
        warnings.warn(said, stacklevel=1)
        pytest.skip(said)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    need_redis()
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.end()


def place_of(kind, request, tmp_path):
    """Where rooms are kept, as ROIALIGN_LAB_ROOMS says it."""
    if kind == "file":
        return str(tmp_path / "rooms.sqlite")
    address = request.getfixturevalue("redis_server").address
    redis.Redis.from_url(address).flushall()
    return address


BOTH = pytest.mark.parametrize("kind", ["file", "redis"])


@pytest.fixture(params=["file", "redis"])
def store(request, tmp_path):
    kept = open_store(place_of(request.param, request, tmp_path))
    yield kept
    kept.close()


@pytest.fixture
def file_store(tmp_path):
    kept = SqliteStore(tmp_path / "rooms.sqlite")
    yield kept
    kept.close()


def asked(store, show=THIRD):
    """A room with an open question, and the question."""
    store.create(room(show))
    return store.change(CODE_HERE, NOW + 1, lambda r: r.asking(show)).question


# ---- what may follow what -----------------------------------------------------------------------------------------


def test_codes_have_six_letters_that_are_not_mistaken_for_another():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200 and all(CODE.fullmatch(code) for code in codes)
    assert not set("".join(codes)) & set("01258BILOSZ")


def test_a_question_goes_from_votes_to_talk_to_votes_to_the_answer_and_no_other_way():
    ask = room().asking(THIRD)
    assert (ask.question.number, ask.question.round, ask.question.phase) == (1, 1, "ask")
    assert ask.turned("talk") == ask.turned("") == ask.turned(7) == ask, "nobody talks before a vote"
    talk = ask.turned("shown").turned("talk")
    again = talk.turned("ask")
    assert (again.question.round, again.question.phase) == (2, "ask")
    third = again.turned("shown").turned("ask")
    assert third.question.phase == "shown", "there is no third vote"
    revealed = third.turned("revealed")
    assert revealed.turned("ask") == revealed.turned("shown") == revealed, "nothing is voted after the answer"
    assert revealed.turned("done").question is None
    assert [question.phase for question in revealed.asking(QUIZ).questions] == ["done", "ask"]


def test_what_is_asked_twice_is_asked_once():
    """Who pressed twice, and whose message is said again as nobody knows whether it was done, closes no vote."""
    ask = room_of(room().asking(THIRD, "weight").to_text())
    assert ask.asking(THIRD, "weight") is ask
    assert ask.asking(THIRD).question.number == ask.asking(QUIZ).question.number == 2, "another question"
    shown = ask.turned("shown")
    assert shown.asking(THIRD, "weight").question.number == 2, "once it was answered it is asked anew"
    assert shown.turned("ask").asking(THIRD, "weight").question.number == 2


def test_students_see_what_was_asked_until_the_answer():
    moved = Show("roi_align", "out=2", {"box": [1.0, 1.0, 2.0, 2.0]})
    ask = room().asking(THIRD)
    after = opened(CODE_HERE, "secret", moved, NOW).asking(THIRD)
    assert ask.shown == THIRD and after.shown == THIRD
    assert after.turned("revealed").shown == THIRD, "asking shows it to everybody"


def test_a_room_is_stored_as_it_is():
    full = room().asking(THIRD).turned("shown").asking(QUIZ)
    assert room_of(full.to_text()) == full and isinstance(room_of(full.to_text()).question.phase, Phase)


def test_only_the_secret_leads():
    assert room().is_led_by("secret")
    assert not any(room().is_led_by(wrong) for wrong in ("", "Secret", None, 7, room().secret))


@pytest.mark.parametrize(
    "message",
    [
        *(None, [], {"page": "roi_align"}, {"page": "nowhere", "address": ""}, {"page": ["home"], "address": ""}),
        *({"page": "slides", "address": ""}, {"page": "home", "address": 7}, {"page": "home", "address": "x" * 3001}),
    ],
)
def test_what_shows_nothing_is_passed_over(message):
    assert show_in(message) is None


def test_nonsense_that_was_done_is_left_out():
    show = show_in({"page": "home", "address": "map=animation&room=X", "box": [3, 0, 1, 1], "focus": 7, "step": ["x"]})
    assert show == Show("home", "map=animation", {})


# ---- what was answered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "message", "kept"),
    [
        (THIRD, {"guess": [[3, 5.004]]}, {"guess": [[3.0, 5.0]]}),
        (THIRD, {"guess": []}, None),
        (THIRD, {"guess": [[1, 1]] * 5}, None),
        (THIRD, {"guess": [["3", 5]]}, None),
        (THIRD, {"answer": 1}, None),
        (QUIZ, {"answer": 3}, {"answer": 3}),
        (QUIZ, {"answer": 4}, None),
        (QUIZ, {"answer": True}, None),
        (QUIZ, {"guess": [[3, 5]]}, None),
        (QUIZ, "3", None),
    ],
)
def test_a_vote_is_an_answer_to_its_question(show, message, kept):
    vote = questions.vote_in(room().asking(show).question, message)
    assert (None if vote is None else json.loads(vote)) == kept


@pytest.mark.parametrize(
    ("show", "can"),
    [
        (THIRD, True),
        (QUIZ, True),
        (Show("roi_align", "step=bins"), False),
        (Show("roi_pooling", "step=max"), True),
        (Show("roi_pooling", "step=max&bin=0,1", {"box": [7.58, 3.3, 7.63, 3.35]}), False),  # the bin reads nothing
        (Show("home", ""), False),
        (Show("quiz", "step=summary"), False),
        (Show("quiz", "step=all_read"), False),  # answered by a box
    ],
)
def test_what_can_be_asked(show, can):
    assert questions.can_be_asked(show) is can


def told(store, phases, language="en"):
    for phase in phases:
        store.change(CODE_HERE, NOW + 2, lambda r, phase=phase: r.turned(phase))
    now = store.read(CODE_HERE, NOW + 2)
    return questions.answers(now, store.votes(CODE_HERE, 1), text_in(language))


def test_a_class_predicts_the_third_sample_twice(store):
    question = asked(store)
    for client, place in {"a": [3, 5], "b": [1, 7], "c": [2, 6]}.items():  # right; that of the second; the middle
        vote = questions.vote_in(question, {"guess": [place]})
        assert store.vote(CODE_HERE, 1, 1, client, vote)
    assert store.pulse(CODE_HERE, NOW + 2).answered == 3
    assert questions.answers(store.read(CODE_HERE, NOW + 2), store.votes(CODE_HERE, 1), text_in("en")) is None
    shown = told(store, ["shown"])
    assert shown["cloud"] == {"mark": "place", "size": [0.2, 9, 22], "rounds": ["5 3,7 1,6 2"]}
    assert shown["bars"] == [], "who is right is not told before the second vote"
    assert "distance" not in shown
    told(store, ["talk", "ask"])
    for client in "abc":
        assert store.vote(CODE_HERE, 1, 2, client, questions.vote_in(question, {"guess": [[3.2, 5.1]]}))
    revealed = told(store, ["shown", "revealed"])
    assert revealed["counts"] == [3, 3]
    assert [(bar["label"], bar["counts"], bar["right"]) for bar in revealed["bars"]] == [
        ("the place of that ×", [1, 3], True),
        ("where no × of the bin goes", [1, 0], False),
        ("the place of another ×", [1, 0], False),
    ]
    assert revealed["bars"][2]["why"].startswith("Bins, and the × in a bin, are counted row by row")


def test_tapped_cells_are_counted(store):
    show = Show("roi_pooling", "step=max&bin=0,1,0")  # reads rows 3–5, columns 4–6; the largest in row 5, column 6
    question = asked(store, show)
    for client, place in {"a": [5.9, 6.1], "b": [5.2, 6.5], "c": [0.5, 0.5]}.items():
        store.vote(CODE_HERE, 1, 1, client, questions.vote_in(question, {"guess": [place]}))
    revealed = told(store, ["shown", "revealed"], "zh")
    assert revealed["cloud"]["mark"] == "cell" and revealed["cloud"]["rounds"] == ["0.5 0.5 1,6.5 5.5 2"]
    assert [(bar["label"], bar["counts"]) for bar in revealed["bars"]] == [("最大的格", [2]), ("子区域以外的格", [1])]


def test_choices_are_bars_that_say_the_misconception_with_the_answer(store):
    question, quiz = asked(store, QUIZ), quiz_question(7, "snap")
    wrong = next(k for k, choice in enumerate(quiz.choices) if choice.reason.endswith(".kept"))
    for client, choice in {"a": quiz.right, "b": wrong, "c": wrong}.items():
        store.vote(CODE_HERE, 1, 1, client, questions.vote_in(question, {"answer": choice}))
    before = told(store, ["shown"])["bars"]
    assert [bar["counts"] for bar in before] == [[1 if k == quiz.right else 2 if k == wrong else 0] for k in range(4)]
    assert all(bar.keys() == {"label", "counts"} for bar in before)
    after = told(store, ["revealed"])["bars"]
    assert [bar["right"] for bar in after] == [k == quiz.right for k in range(4)]
    assert after[wrong]["why"] == text_in("en")("quiz.mend.rounds_nothing") and after[quiz.right]["why"] == ""


def test_every_reason_of_a_prediction_has_words():
    keys = {key for language in LANGUAGES for key in text_in(language).under("room.answer")}
    verdicts = {key for key in text_in("en").under("predict") if key.count(".") == 1}
    rest = {
        "join.max",
        "join.ask_mean",
        "snap.half",
        "snap.nearest",
        "neighbors.none",
        "edges.truth",
        *(key for key in verdicts if key.endswith((".ask", ".ask_one"))),
    }
    assert keys - {"weight.between"} == verdicts - rest


# RoI Pooling reads x 1–7, y 3–8 of the usual box (0.55, 2.7, 6.35, 7.4).
EDGES = {
    "right": [[3, 1], [8, 7]],
    "no_end": [[3, 1], [7, 6]],
    "outward": [[2, 0], [8, 7]],
    "cut": [[2, 0], [7, 6]],
    "kept": [[3, 1], [7.4, 7]],
    "off": [[3, 2], [8, 7]],
}
# The third × of bin ② lies at (y, x) = (4.4625, 4.175): 0.9625 down and 0.675 across from the centre of cell (3, 3), so
# that cell (4, 4) weighs 0.9625 × 0.675 = 0.650 and the one opposite to it 0.0375 × 0.325 = 0.012.
WEIGHTS = {"right": 0.61, "own": 0.03, "equal": 0.28, "one_axis": 0.95, "off": 0.45}
# Bin ② of RoI Pooling reads rows 3–5, columns 4–6; the largest is 0.96 in row 5, column 6.
LANDED = {"right": [5.5, 6.5], "bin": [4.5, 4.5], "outside": [0.5, 0.5]}


@pytest.mark.parametrize(
    ("show", "about", "answers"),
    [
        (Show("roi_pooling", "step=snap"), "edges", EDGES),
        (Show("roi_align", "step=neighbors"), "weight", {name: [[w, 3]] for name, w in WEIGHTS.items()}),
        (Show("gradients", ""), "landed", {name: [place] for name, place in LANDED.items()}),
        (Show("gradients", "cell=all"), "landed", {"most": [[5.5, 6.5]], "outside": [[0.5, 0.5]]}),
    ],
)
def test_what_is_dragged_and_where_a_gradient_lands_is_named_by_its_misconception(show, about, answers):
    question = room().asking(show, about).question
    assert questions.can_be_asked(show, about) and question.about == about
    for name, places in answers.items():
        vote = json.loads(questions.vote_in(question, {"guess": places}))
        ((reason, right),) = {(r, right) for _, r, right in questions._counted(question, [vote])}
        assert (reason, right) == (f"{about}.{name}", name in ("right", "most")), name


@pytest.mark.parametrize(
    ("about", "guess"),
    [
        ("edges", [[3, 1]]),
        ("weight", [[0.5, 4]]),
        ("weight", [[1.5, 3]]),
        ("weight", [[0.5, 0.5]]),
        ("weight", [[0.5, 3], [0.5, 2]]),
    ],
)
def test_what_answers_no_question_is_no_vote(about, guess):
    show = Show("roi_pooling", "step=snap") if about == "edges" else Show("roi_align", "step=neighbors")
    assert questions.vote_in(room().asking(show, about).question, {"guess": guess}) is None


@pytest.mark.parametrize("split", ["floor", "ceil", "floor,overlap"])
def test_where_the_end_cell_is_not_read_nobody_is_asked_for_the_edges(split):
    """The sentences say that it is read, which is so where the bins overlap."""
    assert not questions.can_be_asked(Show("roi_pooling", f"step=snap&split={split}"), "edges")


def test_a_room_that_an_older_server_kept_is_read():
    kept = json.loads(room(THIRD).asking(THIRD).to_text())
    del kept["questions"][0]["about"]
    assert room_of(json.dumps(kept)).question.about == ""


def test_half_a_character_is_no_message():
    assert socket._parsed('{"lesson": "\\ud800"}') == {} and socket._parsed('{"lesson": "\\u53d6"}') == {"lesson": "取"}


def test_a_class_drags_the_edges_and_is_told_how_far_off_it_was(store):
    store.create(room(THIRD))
    show = Show("roi_pooling", "step=snap")
    question = store.change(CODE_HERE, NOW + 1, lambda r: r.asking(show, "edges")).question
    for client, name in {"a": "right", "b": "no_end", "c": "outward"}.items():
        assert store.vote(CODE_HERE, 1, 1, client, questions.vote_in(question, {"guess": EDGES[name]}))
    shown = told(store, ["shown"])
    assert shown["cloud"]["mark"] == "region" and shown["cloud"]["rounds"] == ["1 3 7 8,1 3 6 7,0 2 7 8"]
    assert shown["bars"] == [] and "distance" not in shown
    revealed = told(store, ["revealed"])
    assert revealed["distance"] == "Half of the room is within 1.00 cells of the answer"  # 0, 1 and 1
    assert [(bar["label"], bar["counts"]) for bar in revealed["bars"]] == [
        ("the region that is read", [1]),
        ("rounded, without the end cell", [1]),
        ("all cells that the box touches", [1]),
    ]
    assert revealed["bars"][1]["why"] == text_in("en")("quiz.mend.end_cell")


def test_weights_are_bars_before_the_reveal_and_misconceptions_after_it(store):
    store.create(room(THIRD))
    show = Show("roi_align", "step=neighbors")
    question = store.change(CODE_HERE, NOW + 1, lambda r: r.asking(show, "weight")).question
    for client, weight in {"a": 0.65, "b": 0.25, "c": 1.0}.items():
        assert store.vote(CODE_HERE, 1, 1, client, questions.vote_in(question, {"guess": [[weight, 3]]}))
    shown = told(store, ["shown"])
    assert shown["cloud"] == {"mark": "weight", "size": [0.2, 9, 22], "rounds": ["4.5 4.5 0.65,4.5 4.5 0.25,4.5 4.5 1"]}
    assert [bar["counts"] for bar in shown["bars"]] == [[0], [1], [0], [1], [1]]
    assert all(bar.keys() == {"label", "counts"} for bar in shown["bars"])
    revealed = told(store, ["revealed"])
    assert revealed["distance"] == "Half of the room is within 0.35 of the answer"  # 0.000, 0.350 and 0.400
    assert revealed["bars"][0]["label"] == "within 0.05 of the weight" and revealed["bars"][0]["counts"] == [1]


def test_counts_of_a_room_as_a_table(store):
    question = asked(store)
    for client, place in {"a": [3, 5], "b": [3, 5], "c": [2, 6]}.items():
        store.vote(CODE_HERE, 1, 1, client, questions.vote_in(question, {"guess": [place]}))
    now = store.change(CODE_HERE, NOW + 2, lambda r: r.asking(QUIZ))
    store.vote(CODE_HERE, 2, 1, "a", questions.vote_in(now.question, {"answer": 1}))
    kept = {number: store.votes(CODE_HERE, number) for number in (1, 2)}
    rows = list(csv.reader(io.StringIO(questions.table(now, kept))))
    choice = quiz_question(7, "snap").choices[1]
    assert rows == [
        ["question", "page", "asked", "round", "answer", "reason", "right", "votes"],
        ["1", "roi_align", "samples", "1", "", "samples.right", "1", "2"],
        ["1", "roi_align", "samples", "1", "", "samples.off", "0", "1"],
        ["2", "quiz", "snap", "1", choice.label, choice.reason.rpartition(".")[2], "0", "1"],
    ]


# ---- the store ----------------------------------------------------------------------------------------------------


def test_the_last_vote_of_a_browser_counts_and_none_after_the_end(store):
    asked(store)
    for k in range(1000):
        assert store.vote(CODE_HERE, 1, 1, "a", str(k))
    assert store.votes(CODE_HERE, 1) == {1: {"a": "999"}} and store.pulse(CODE_HERE, NOW + 2).answered == 1
    assert not store.vote(CODE_HERE, 1, 2, "a", "early") and not store.vote(CODE_HERE, 2, 1, "a", "another")
    store.change(CODE_HERE, NOW + 2, lambda r: r.turned("shown"))
    assert not store.vote(CODE_HERE, 1, 1, "b", "late")
    store.change(CODE_HERE, NOW + 2, lambda r: r.turned("revealed"))
    assert not store.vote(CODE_HERE, 1, 1, "a", "after the reveal")
    assert store.votes(CODE_HERE, 1) == {1: {"a": "999"}}


def test_a_round_takes_no_more_votes_than_a_lecture_hall_has_seats(store):
    asked(store)
    taken = [store.vote(CODE_HERE, 1, 1, f"{k}", "x") for k in range(MOST_VOTES + 1)]
    assert all(taken[:-1]) and not taken[-1] and store.vote(CODE_HERE, 1, 1, "0", "another")


def test_a_room_takes_no_more_votes_than_a_day_of_questions_has(store, monkeypatch):
    for kind in ("sqlite_store", "redis_store"):
        monkeypatch.setattr(f"roialign_lab.classroom.{kind}.MOST_OF_ROOM", 5)
    asked(store)
    assert all(store.vote(CODE_HERE, 1, 1, name, "x") for name in "aabbabc")
    store.change(CODE_HERE, NOW + 2, lambda r: r.asking(QUIZ))
    assert [store.vote(CODE_HERE, 2, 1, name, "x") for name in "abcab"] == [True, True, False, True, True]
    store.delete(CODE_HERE)
    asked(store)
    assert store.vote(CODE_HERE, 1, 1, "a", "x"), "of the next room there are none yet"


def test_a_code_is_given_once(store):
    assert store.create(room()) and not store.create(room())


def test_after_six_hours_nothing_is_kept(file_store, tmp_path):
    store = file_store
    asked(store)
    store.vote(CODE_HERE, 1, 1, "0123456789", "a vote to be forgotten")
    store.be_here(CODE_HERE, "process", 3, NOW + 1)
    assert store.read(CODE_HERE, NOW + LASTS - 1) and store.pulse(CODE_HERE, NOW + LASTS - 1)
    assert store.read(CODE_HERE, NOW + LASTS) is None and store.pulse(CODE_HERE, NOW + LASTS) is None
    store.expire(NOW + LASTS)
    assert store.votes(CODE_HERE, 1) == {}
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"forgotten" not in kept and CODE_HERE.encode() not in kept


def test_a_room_that_is_ended_is_forgotten_at_once(file_store, tmp_path):
    store = file_store
    asked(store)
    store.vote(CODE_HERE, 1, 1, "0123456789", "a vote to be forgotten")
    store.delete(CODE_HERE)
    assert store.read(CODE_HERE, NOW + 2) is None and not store.vote(CODE_HERE, 1, 1, "a", "x")
    store.be_here(CODE_HERE, "process", 3, NOW + 1)  # a process that has not heard of it
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"forgotten" not in kept and CODE_HERE.encode() not in kept


def test_who_is_here_is_counted_over_processes_until_they_say_nothing(store):
    store.create(room())
    store.be_here(CODE_HERE, "a", 3, now=NOW + 100)
    store.be_here(CODE_HERE, "b", 4, now=NOW + 109)
    store.be_here(CODE_HERE, "a", 2, now=NOW + 104)
    assert store.pulse(CODE_HERE, NOW + 110).here == 6 and store.pulse(CODE_HERE, NOW + 120).here == 4


def test_the_file_is_this_users_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("ROIALIGN_LAB_ROOMS", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_store().close()
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0 and (folder / "rooms.sqlite").exists()


def test_redis_forgets_by_itself_and_at_the_end(redis_server):
    store = open_store(redis_server.address)
    redis.Redis.from_url(redis_server.address).flushall()
    now = time.time()
    store.create(opened(CODE_HERE, "secret", THIRD, now))
    store.change(CODE_HERE, now, lambda r: r.asking(THIRD))
    store.vote(CODE_HERE, 1, 1, "a", "x")
    store.be_here(CODE_HERE, "process", 3, now)
    kept = redis.Redis.from_url(redis_server.address)
    left = [kept.ttl(key) for key in kept.scan_iter("roi-room:*")]
    assert len(left) == 4 and all(LASTS - 10 <= seconds <= LASTS for seconds in left)
    store.delete(CODE_HERE)
    assert [*kept.scan_iter()] == []
    store.close()


VOTING = """
import sys
from roialign_lab.classroom.open_store import open_store
store = open_store(sys.argv[1])
for k in range(10_000_000):
    assert store.vote("ACDEFG", 1, 1, f"{k % 1000}", f"{k}")
    print(k, flush=True)
"""


@BOTH
def test_a_process_that_is_killed_loses_no_vote(kind, request, tmp_path):
    """Another process votes and is killed in the middle of it; what it said it had kept is there."""
    place = place_of(kind, request, tmp_path)
    store = open_store(place)
    asked(store)
    command = [sys.executable, "-c", VOTING, place]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for _ in range(50):
        last = int(process.stdout.readline())
        store.show(CODE_HERE, THIRD)  # and this one writes meanwhile
    process.send_signal(signal.SIGKILL)
    rest = process.communicate()[0].split()
    last = int(rest[-1]) if rest else last
    votes = store.votes(CODE_HERE, 1)[1]
    assert votes[str(last % 1000)] in (str(last), str(last + 1000)) and len(votes) >= min(last + 1, 1000)
    assert store.vote(CODE_HERE, 1, 1, "survivor", "x")


# ---- the road -----------------------------------------------------------------------------------------------------


class Running:
    """A server of rooms alone, and the browsers that come to it."""

    def __init__(self, place):
        sys.setswitchinterval(0.0005)  # as the app does: the store has a thread of its own
        self.rooms = Rooms(lambda: open_store(place), lambda: self.answer)
        routes = socket.routes("", self.rooms, self.link_of)
        self.road = routes[0].endpoint.__self__
        self.server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", ws="websockets-sansio")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    async def answer(self, message):
        return answer_message(message)

    @staticmethod
    def link_of(place, path):
        return {"link": f"{place}/{path}", "code": "data:,"} if place else None

    def end(self):
        self.server.should_exit = True
        self.thread.join(10)

    def browser(self, hello, client="0" * 32):
        return Browser(f"ws://127.0.0.1:{self.port}/roi-room", {"client": client, "lang": "en", **hello})


class Browser:
    """One that says hello, and reads what it is told: the newest of each kind."""

    def __init__(self, address, hello):
        self.address, self.hello = address, hello
        self.told = {}
        self.all = []

    async def __aenter__(self):
        self.way = await connect(self.address)
        await self.say(**self.hello)
        self.reader = asyncio.create_task(self.read())
        return self

    async def __aexit__(self, *_):
        await self.way.close()  # the reader takes what is under way
        await self.reader

    async def read(self):
        with contextlib.suppress(ConnectionClosed):
            async for text in self.way:
                message = json.loads(text)
                self.all.append(message)
                self.told |= message

    async def say(self, **message):
        await self.way.send(json.dumps(message))

    def has(self, seen):
        try:
            return seen(self.told)
        except (KeyError, TypeError):  # it was not told that yet
            return False

    async def until(self, seen, patience=10.0):
        """Wait until what was told is as it should be."""
        try:
            async with asyncio.timeout(patience):
                while not self.has(seen):
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(
                {name: self.told[name] for name in self.told if name not in ("words", "still")}
            ) from None
        return self.told

    async def phase(self, phase, round_=1):
        await self.until(
            lambda t: (
                t.get("room", {}).get("question")
                and ((t["room"]["question"]["phase"], t["room"]["question"]["round"]) == (phase, round_))
            )
        )


@pytest.fixture(params=["file", "redis"])
def running(request, tmp_path):
    server = Running(place_of(request.param, request, tmp_path))
    yield server
    server.end()


OPEN = {"open": {"page": "roi_align", "address": "lang=en&out=2", "step": "bins"}, "place": "http://lab.example"}
ASK = {"page": "roi_align", "address": "out=2", "box": [0, 0, 8, 8], "step": "samples"}


def client(k):
    return f"{k:032x}"


@contextlib.asynccontextmanager
async def question_open(running):
    """A lecturer, and a student in their room, in which a question is open."""
    async with running.browser(OPEN) as lecturer:
        code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
        async with running.browser({"join": code}, client(1)) as student:
            await lecturer.say(ask=ASK)
            await student.phase("ask")
            yield lecturer, student


def run(coroutine):
    """In a thread of its own: Playwright keeps an event loop in this one."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(coroutine)))
    thread.start()
    thread.join()
    assert outcome, "it failed: see above"
    return outcome[0]


def test_a_whole_question_over_the_road(running):
    async def lecture():
        async with running.browser(OPEN) as lecturer:
            told = await lecturer.until(lambda t: "room" in t and "link" in t)
            code = told["opened"]["code"]
            assert told["link"]["link"] == f"http://lab.example/r/{code}" and told["words"]["ask"] == "Ask: {title}"
            async with (
                running.browser({"join": code}, client(1)) as one,
                running.browser({"join": code, "lang": "zh"}, client(2)) as two,
            ):
                await two.until(lambda t: "show" in t and "still" in t)
                assert two.told["update"]["step"] == "bins" and two.told["still"]["still"]["words"]["language"] == "zh"
                await lecturer.say(show={"page": "roi_align", "address": "out=2", "box": [1, 2, 5, 6], "step": "join"})
                await one.until(lambda t: t.get("update") and t["update"]["step"] == "join")
                assert one.told["update"]["box"] == [1, 2, 5, 6] and "box=1,2,5,6" in one.told["update"]["address"]
                assert one.told["update"]["still_id"] == one.told["still"]["id"] and "still" not in one.told["update"]
                await lecturer.until(lambda t: t["count"]["here"] == 2)
                await lecturer.say(ask=ASK)
                await one.phase("ask")
                await one.say(question=1, round=1, vote={"guess": [[3, 5]]})
                await one.until(lambda t: "mine" in t)
                for _ in range(3):
                    await two.say(question=1, round=1, vote={"guess": [[1, 7]]})
                await lecturer.until(lambda t: t["count"] == {"here": 2, "answered": 2})
                assert "answers" not in one.told and lecturer.told["answers"] is None
                await lecturer.say(turn="shown")
                await lecturer.until(lambda t: t["answers"])
                assert lecturer.told["answers"]["cloud"]["rounds"] == ["5 3,7 1"]
                await lecturer.say(turn="talk")
                await lecturer.say(turn="ask")
                await two.phase("ask", 2)
                await two.say(question=1, round=2, vote={"guess": [[3, 5]]})
                await lecturer.until(lambda t: t["count"]["answered"] == 1)
                await lecturer.say(turn="revealed")
                await lecturer.until(lambda t: t["answers"] and t["answers"]["bars"])
                assert [bar["counts"] for bar in lecturer.told["answers"]["bars"]] == [[1, 1], [1, 0]]
                await two.phase("revealed", 2)
                await two.say(question=1, round=2, vote={"guess": [[1, 1]]})
                await lecturer.say(csv=True)
                await lecturer.until(lambda t: "csv" in t)
                assert lecturer.told["csv"].splitlines()[1:] == [
                    "1,roi_align,samples,1,,samples.right,1,1",
                    "1,roi_align,samples,1,,samples.other,0,1",
                    "1,roi_align,samples,2,,samples.right,1,1",
                ]
                await lecturer.say(end=True)
                await two.until(lambda t: t.get("ended"))
                await lecturer.until(lambda t: t.get("ended"))
            async with running.browser({"join": code}, client(1)) as late:
                assert (await late.until(lambda t: "refused" in t))["refused"] == "none"
        return True

    assert run(lecture())


def test_a_thousand_votes_of_one_student_are_one_and_sixty_at_once_are_sixty(running):
    async def burst():
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
            await lecturer.say(ask=ASK)
            await lecturer.phase("ask")
            async with contextlib.AsyncExitStack() as stack:
                class_ = [
                    await stack.enter_async_context(running.browser({"join": code}, client(k))) for k in range(60)
                ]
                await asyncio.gather(*(student.phase("ask") for student in class_))
                for k in range(1000):
                    await class_[0].say(question=1, round=1, vote={"guess": [[3, k % 5]]})
                await asyncio.gather(*(s.say(question=1, round=1, vote={"guess": [[3, 5]]}) for s in class_[1:]))
                await lecturer.until(lambda t: t["count"] == {"here": 60, "answered": 60}, 30)
                await class_[0].until(lambda t: t["mine"]["guess"] == [[3.0, 4.0]], 30)
            await lecturer.say(turn="shown")
            told = await lecturer.until(lambda t: t["answers"])
            return told["answers"]["counts"], told["answers"]["cloud"]["rounds"][0].split(",").count("5 3")

    assert run(burst()) == ([60], 59)


def test_students_cannot_lead_and_two_tabs_of_the_lecturer_can(running):
    async def lecture():
        async with running.browser(OPEN) as first:
            told = await first.until(lambda t: "room" in t)
            code, secret = told["opened"]["code"], told["opened"]["secret"]
            async with running.browser({"join": code}, client(1)) as student:
                await student.until(lambda t: "room" in t)
                for message in ({"ask": ASK}, {"turn": "shown"}, {"end": True}, {"csv": True}, {"pause": True}):
                    await student.say(**message)
                await student.say(here=1)
                await student.until(lambda t: "here" in t)
                assert student.told["room"]["question"] is None and not student.told["room"]["paused"]
                assert not {"csv", "count", "answers", "opened", "link"} & student.told.keys()
            for wrong in ("", "x", None):
                async with running.browser({"lead": code, "secret": wrong}, client(3)) as guess:
                    assert (await guess.until(lambda t: "refused" in t))["refused"] == "none"
            async with running.browser({"lead": code, "secret": secret}, client(2)) as second:
                await second.until(lambda t: "count" in t)
                await second.say(ask=ASK)
                await first.phase("ask")
                await first.say(turn="shown")
                await second.until(lambda t: t["answers"])
                await second.say(turn="shown")  # both pressed it
                await first.say(turn="revealed")
                await second.phase("revealed")
                return second.told["count"]["here"], len(running.rooms.hubs)

    assert run(lecture()) == (0, 1)


PLAN = """
[[part]]
walk = "roi_pool"
steps = ["map", "snap"]
ask = "edges"
say = "Between us."
"""


def test_a_lecturer_goes_through_a_plan_and_nobody_else_does_or_hears_what_to_say(running):
    async def lecture():
        async with running.browser(OPEN) as lecturer:
            told = await lecturer.until(lambda t: "room" in t and "plan" in t)
            code, first = told["opened"]["code"], told["plan"]
            assert not first["own"] and len(first["stops"]) == 23 and told["room"]["stop"] == -1
            async with running.browser({"join": code}, client(1)) as student:
                await lecturer.say(lesson="[[part]]\nwalk = 1")
                told = await lecturer.until(lambda t: t.get("problem"))
                assert told["problem"].startswith("lesson.toml, line 2, part 1, walk: ") and not told["plan"]["own"]
                await lecturer.say(lesson=PLAN)
                told = await lecturer.until(lambda t: t["plan"]["own"] and t["problem"] == "")
                assert [part["say"] for part in told["plan"]["parts"]] == ["Between us."]
                await student.say(stop=1, lesson="", plan="toml")  # who has no secret leads nobody
                await lecturer.say(stop=0)
                await student.until(lambda t: t["room"]["stop"] == 0 and t["show"]["page"] == "roi_pooling")
                await lecturer.say(stop=1)
                await student.phase("ask")
                assert student.told["room"]["question"]["about"] == "edges"
                await student.say(question=1, round=1, vote={"guess": [[3, 1], [8, 7]]})
                await lecturer.until(lambda t: t["count"]["answered"] == 1)
                assert not {"plan", "file", "problem"} & student.told.keys()
                assert "Between us" not in json.dumps(student.told)
                await lecturer.say(plan="toml")
                await lecturer.until(lambda t: t.get("file") == {"kind": "toml", "content": PLAN})
                await lecturer.say(plan="print", place="http://lab.example/RoI_Align")
                printed = (await lecturer.until(lambda t: t["file"]["kind"] == "print"))["file"]["content"]
                for _ in range(12):
                    await lecturer.say(lesson=PLAN)
                await lecturer.until(lambda t: t["problem"].startswith("Too many plans"))
                return printed

    assert "Between us." in run(lecture())


def test_what_a_lecturer_says_once_is_done_though_the_store_is_busy(running, monkeypatch):
    store, failed = running.rooms.store, []
    change = store.change

    def busy(*arguments):
        if len(failed) < 2:
            failed.append("busy")
            raise store.errors[0]("database is locked")
        return change(*arguments)

    async def lecture():
        async with running.browser(OPEN) as lecturer:
            await lecturer.until(lambda t: "room" in t)
            monkeypatch.setattr(store, "change", busy)
            await lecturer.say(stop=3)
            await lecturer.until(lambda t: t["room"]["stop"] == 3)

    run(lecture())
    assert failed == ["busy", "busy"]


def late(monkeypatch):
    """What was waited for on the road, as short as can be."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(socket, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    return waited


def test_where_somebody_guesses_codes_the_class_comes_in_later(running, monkeypatch):
    waited = late(monkeypatch)

    async def guess():
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
            said = []
            for guessed in ["AAAAAA"] * 29 + ["aaaaaa", "", "x" * 4000]:
                async with running.browser({"join": guessed}) as student:
                    said.append((await student.until(lambda t: "refused" in t))["refused"])
            before = [*waited]
            async with running.browser({"join": code}) as student:
                await student.until(lambda t: "room" in t)
            during = [*waited]
            monkeypatch.setattr(running.road.tries, "rate", 1e6)
            async with running.browser({"join": code}) as student:
                await student.until(lambda t: "room" in t)
            return said, before, during

    said, before, during = run(guess())
    assert said == ["none"] * 32 and before == [socket.LATE] * 2, "the first 30 are told at once"
    assert during == waited == [socket.LATE] * 3, "after a while nobody waits"


def test_who_is_slow_is_told_that_the_room_has_ended():
    """It ends while something is sent to them."""
    seat, sent = Seat("0" * 32, "en", is_lecturer=False), []

    class Slow:
        async def send_text(self, text):
            sent.append(text)
            if text == "first":
                seat.end("over")

    async def lecture():
        seat.tell("room", "first")
        await asyncio.wait_for(socket._speak(Slow(), seat), 5)
        return sent

    assert run(lecture()) == ["first", "over"]


def test_where_somebody_opens_many_rooms_a_lecturer_waits_for_a_turn_and_what_is_left_ends(running, monkeypatch):
    """At one in fifty seconds: three are opened in 0, 50 and 100 seconds, and for the next the line is too long."""
    waited = late(monkeypatch)
    monkeypatch.setattr(hub, "LEFT", 0.01)
    monkeypatch.setattr(running.road, "openings", Allowance(burst=1, rate=1e-9))
    monkeypatch.setattr(running.road, "late_openings", Allowance(burst=1, rate=0.02))

    def kept(code):
        return running.rooms._thread.submit(running.rooms.store.read, code, time.time()).result(10) is not None

    async def open_one():
        async with running.browser(OPEN) as lecturer:
            told = await lecturer.until(lambda t: "room" in t or "refused" in t)
            if "refused" in told:
                return told["refused"]
            await asyncio.sleep(0.05)
            stayed.append(kept(told["opened"]["code"]))
            return told["opened"]["code"]

    async def lecture():
        first, *rest, refused = [await open_one() for _ in range(5)]
        until = time.monotonic() + 10
        while any(map(kept, rest)) and time.monotonic() < until:
            await asyncio.sleep(0.02)
        return refused, kept(first), [*map(kept, rest)]

    stayed = []
    assert run(lecture()) == ("later", True, [False] * 3)
    assert [round(seconds, -1) for seconds in waited] == [50, 100]
    assert stayed == [True] * 4, "while somebody is in it"


def test_a_room_that_was_opened_late_stays_while_another_process_has_its_lecturer(store):
    store.create(room())
    store.be_here(CODE_HERE, "ours", 0, NOW)
    assert not store.is_in_another(CODE_HERE, "ours", NOW + 1)
    store.be_here(CODE_HERE, "theirs", 0, NOW)
    assert store.is_in_another(CODE_HERE, "ours", NOW + 1)
    assert not store.is_in_another(CODE_HERE, "ours", NOW + AWAY + 1)


def test_what_is_computed_holds_up_no_pulse_and_no_student_who_comes(running, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def can_be_asked(*_):
        begun.set()
        return go_on.wait(30)

    monkeypatch.setattr(questions, "can_be_asked", can_be_asked)

    async def lecture():
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "plan" in t))["opened"]["code"]
            await lecturer.say(ask=ASK)
            await asyncio.to_thread(begun.wait, 30)
            async with running.browser({"join": code}, client(1)) as student:
                await student.until(lambda t: "room" in t)
                await lecturer.until(lambda t: t["count"]["here"] == 1)
                go_on.set()
                await student.phase("ask")
        return True

    assert run(lecture())


def test_what_a_lecturer_has_computed_waits_for_its_turn(running, monkeypatch):
    """Two at once and then one in fifty seconds: of six tables four are made, after 0, 0, 50 and 100 seconds."""
    waited, made = late(monkeypatch), []
    monkeypatch.setattr(running.road, "work", Allowance(burst=2, rate=0.02))
    monkeypatch.setattr(questions, "table", lambda *_: made.append(1) or f"table {len(made)}")

    async def lecture():
        async with running.browser(OPEN) as lecturer:
            await lecturer.until(lambda t: "room" in t)
            for _ in range(6):
                await lecturer.say(csv=True)
            await lecturer.say(pause=True)
            await lecturer.until(lambda t: t["room"]["paused"])
            return lecturer.told["csv"]

    assert run(lecture()) == "table 4" and len(made) == 4
    assert [round(seconds, -1) for seconds in waited] == [50, 100]


def test_of_large_maps_no_more_than_eight_questions_are_remembered():
    maps = keep(OwnMaps("c1a55c1a55c1", frozen(np.arange(32.0 * 32).reshape(1, 32, 32))))
    for cache in (questions._on_map_of, questions._on_large_map_of):
        cache.cache_clear()
    for name in ("animation", f"own-{maps.name}-0"):
        for k in range(12):
            assert questions.can_be_asked(Show("roi_align", f"map={name}&box=0,0,{4 + k / 4},8&step=samples"))
    assert questions._on_map_of.cache_info().currsize == 12
    assert questions._on_large_map_of.cache_info().currsize == 8


def test_who_may_open_no_more_rooms_is_told_in_words(running, monkeypatch):
    for name in ("openings", "late_openings"):
        monkeypatch.setattr(running.road, name, Allowance(burst=0, rate=1e-9))

    async def lecture():
        async with running.browser({**OPEN, "lang": "zh"}) as lecturer:
            return await lecturer.until(lambda t: "refused" in t)

    told = run(lecture())
    assert told["refused"] == "later" and told["words"]["refused.later"] == text_in("zh")("room.refused.later")


def test_a_round_that_there_is_not_is_passed_over(running):
    async def lecture():
        async with question_open(running) as (_, student):
            for number in (10**30, -(10**30), 0, 3):
                await student.say(question=1, round=number, vote={"guess": [[3, 5]]})
            await student.say(question=1, round=1, vote={"guess": [[2, 2]]})
            return (await student.until(lambda t: "mine" in t))["mine"]

    assert run(lecture()) == {"question": 1, "round": 1, "guess": [[2.0, 2.0]]}


def test_the_lecturer_comes_back_whoever_guesses_behind_the_same_address(running, monkeypatch):
    monkeypatch.setattr(running.road, "tries", Allowance(burst=1, rate=0.0))

    async def lecture():
        async with running.browser(OPEN) as first:
            opened = (await first.until(lambda t: "room" in t))["opened"]
        async with running.browser({"join": "AAAAAA"}, client(1)) as guess:
            assert (await guess.until(lambda t: "refused" in t))["refused"] == "none"
        async with running.browser({"lead": opened["code"], "secret": "x"}, client(2)) as guess:
            assert (await guess.until(lambda t: "refused" in t))["refused"] == "later"
        async with running.browser({"lead": opened["code"], "secret": opened["secret"]}, client(3)) as again:
            return "room" in await again.until(lambda t: "room" in t)

    assert run(lecture())


def test_who_follows_is_asked_for_again_where_an_answer_was_refused():
    """What a drag leaves as it is goes on apart from the rest."""
    asked = []

    async def ask(message):
        asked.append(message)
        return refusal(message) if len(asked) == 1 else answer_message(message)

    async def lecture():
        follower, show = Follower(ask, "en"), Show("roi_align", "box=1,2,3,4")
        await follower.follow(show)
        refused = json.loads(follower.text)["update"]
        await follower.follow(show)
        await follower.follow(show)
        return follower, refused

    follower, refused = run(lecture())
    assert refused == {"refused": True, "ack": None} and len(asked) == 2
    whole, update = json.loads(answer_message(asked[1])), json.loads(follower.text)["update"]
    assert json.loads(follower.still) == {"still": {"id": whole["still_id"], "still": whole.pop("still")}}
    assert update == whole and follower.still_id == whole["still_id"]


def test_what_is_refused_for_a_while_is_asked_for_again_later(monkeypatch):
    now, asked = [100.0], []
    monkeypatch.setattr("roialign_lab.classroom.hub.time.monotonic", lambda: now[0])

    async def ask(message):
        asked.append(message)
        return refusal(message) if len(asked) <= 2 * TRIES else answer_message(message)

    async def lecture():
        follower, show = Follower(ask, "en"), Show("roi_align", "box=1,2,3,4")
        for _ in range(20 * TRIES):  # twenty looks a second
            await follower.follow(show)
            now[0] += 0.05
        return follower

    follower = run(lecture())
    assert len(asked) < 2 * TRIES  # five at once, then one a second
    now[0] += 10
    for _ in range(2 * TRIES):
        run(follower.follow(follower.asked))
        now[0] += 1.0
    assert "refused" not in json.loads(follower.text)["update"] and follower.still


def test_what_is_always_refused_is_asked_a_few_times_and_what_is_not_here_never():
    asked = []

    async def ask(message):
        asked.append(message)
        return refusal(message)

    async def lecture():
        follower = Follower(ask, "en")
        for show in (Show("roi_align", "out=x"), ELSEWHERE, Show("roi_align", "out=y")):
            for _ in range(20):
                await follower.follow(show)
        return follower

    assert not run(lecture()).still and len(asked) == 2 * TRIES


def test_a_map_of_a_file_that_another_process_has_is_said_and_the_room_goes_on(running):
    """The lecturer loaded it in that process; of this one are a student, and a phone of the lecturer."""

    async def lecture():
        async with running.browser(OPEN) as phone:
            code = (await phone.until(lambda t: "room" in t))["opened"]["code"]
            await phone.say(show={"page": ELSEWHERE.page, "address": ELSEWHERE.address})
            async with running.browser({"join": code}, client(1)) as student:
                await student.until(lambda t: t["show"].get("elsewhere"))
                assert student.told["update"] is None
                store, now = running.rooms.store, time.time()
                store.change(code, now, lambda r: r.asking(ELSEWHERE, "weight"))
                await student.phase("ask")
                await student.say(question=1, round=1, vote={"guess": [[0.5, 3]]})
                await student.say(here=1)
                await student.until(lambda t: "here" in t)
                assert store.votes(code, 1) == {}, "what cannot be checked is no vote"
                assert store.vote(code, 1, 1, "there", '{"guess": [[0.5, 3]]}')
                for phase in ("shown", "revealed"):
                    await phone.say(turn=phase)
                    await phone.phase(phase)
                    await phone.until(lambda t: t["answers"]["cloud"]["rounds"] == [""])
                await phone.say(show={"page": "roi_align", "address": "out=2"}, turn="done")
                await student.until(lambda t: t["update"] and "still" in t and "elsewhere" not in t["show"])
                return phone.told["answers"]

    assert run(lecture()) is None


def test_a_pause_a_call_and_looking_around(running):
    async def lecture():
        shown = {"page": "roi_align", "address": "out=2", "step": "bins"}
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
            async with running.browser({"join": code}, client(1)) as student:
                await student.until(lambda t: t.get("update"))
                await lecturer.say(pause=True)
                await student.until(lambda t: t["room"]["paused"])
                await lecturer.say(show={**shown, "box": [1, 1, 2, 2]})
                await lecturer.say(pause=False)
                await student.until(lambda t: not t["room"]["paused"])
                assert student.told["update"]["box"] != [1, 1, 2, 2], "that was not shown"
                await student.say(follow=False)
                await student.say(here=1)
                await student.until(lambda t: "here" in t)
                await lecturer.say(show={**shown, "box": [3, 3, 4, 4]})
                await lecturer.say(gather=True)
                await student.until(lambda t: t["room"]["gathered"] == 1)
                assert student.told["update"]["box"] != [3, 3, 4, 4], "who looks around is left alone"
                await student.say(follow=True)
                await student.until(lambda t: t["update"]["box"] == [3, 3, 4, 4])
        return True

    assert run(lecture())


@BOTH
def test_another_process_goes_on_where_one_was_killed(kind, request, tmp_path):
    """Two servers with one store: a lecturer with one, a student with the other, and then one of them ends."""
    place = place_of(kind, request, tmp_path)
    first, second = Running(place), Running(place)

    async def lecture():
        async with first.browser(OPEN) as lecturer:
            told = await lecturer.until(lambda t: "room" in t)
            code, secret = told["opened"]["code"], told["opened"]["secret"]
            async with second.browser({"join": code}, client(1)) as student:
                await lecturer.until(lambda t: t["count"]["here"] == 1)
                await lecturer.say(ask=ASK)
                await student.phase("ask")
                await student.say(question=1, round=1, vote={"guess": [[3, 5]]})
                await lecturer.until(lambda t: t["count"]["answered"] == 1)
                await asyncio.to_thread(first.end)
                async with second.browser({"lead": code, "secret": secret}) as again:
                    await again.until(lambda t: t["count"]["answered"] == 1)
                    await again.say(turn="shown")
                    await again.until(lambda t: t["answers"])
                    assert again.told["answers"]["cloud"]["rounds"] == ["5 3"]
                    await student.phase("shown")
            async with second.browser({"join": code}, client(1)) as woken:  # a phone that slept
                await woken.until(lambda t: "mine" in t)
                return woken.told["mine"]["guess"]

    try:
        assert run(lecture()) == [[3.0, 5.0]]
    finally:
        second.end()


@pytest.mark.parametrize("text", ["", "x", "[]", "7", '{"join": ["A"]}', "[" * 8000, '{"vote": 1, "question": 1}'])
def test_nonsense_ends_nothing_else(running, text):
    async def attempt():
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
            async with connect(f"ws://127.0.0.1:{running.port}/roi-room") as way:
                await way.send(text)
                with pytest.raises(ConnectionClosed):
                    async with asyncio.timeout(5):
                        while True:
                            await way.recv()
            async with running.browser({"join": code}, client(1)) as student:
                await student.until(lambda t: "room" in t)
                for _ in range(3):
                    await student.way.send(text)
                await student.say(here=1)
                await student.until(lambda t: "here" in t)
        return True

    assert run(attempt())


def test_the_short_link_leads_to_the_page_that_is_shown(running):
    async def lecture():
        async with running.browser(OPEN) as lecturer:
            code = (await lecturer.until(lambda t: "room" in t))["opened"]["code"]
            found = []
            for tried in (code, code.lower(), "AAAAAA", "%2e%2e"):
                way = http.client.HTTPConnection("127.0.0.1", running.port)
                await asyncio.to_thread(way.request, "GET", f"/r/{tried}")
                answer = await asyncio.to_thread(way.getresponse)
                found.append((answer.status, answer.getheader("location").replace(code, "CODE")))
            return found

    assert run(lecture()) == [
        (302, "../RoI_Align?out=2&room=CODE"),
        (302, "../RoI_Align?out=2&room=CODE"),
        (302, "../?room=AAAAAA"),
        (302, "../?room=.."),
    ]


def test_redis_starts_anew_in_the_middle_of_a_vote(redis_server):
    redis.Redis.from_url(redis_server.address).flushall()
    running = Running(redis_server.address)

    async def lecture():
        async with question_open(running) as (lecturer, student):
            await student.say(question=1, round=1, vote={"guess": [[1, 1]]})
            await student.until(lambda t: "mine" in t)
            redis_server.end(signal.SIGKILL)
            await student.say(question=1, round=1, vote={"guess": [[2, 2]]})  # nobody keeps it, nobody says so
            await asyncio.sleep(1.5)
            assert student.told["mine"]["guess"] == [[1.0, 1.0]]
            await asyncio.to_thread(redis_server.start)
            await student.say(question=1, round=1, vote={"guess": [[3, 5]]})  # so it is said again
            await student.until(lambda t: t["mine"]["guess"] == [[3.0, 5.0]], 20)
            await lecturer.until(lambda t: t["count"] == {"here": 1, "answered": 1}, 20)
            await lecturer.say(turn="shown")
            return (await lecturer.until(lambda t: t["answers"], 20))["answers"]["cloud"]["rounds"]

    try:
        assert run(lecture()) == ["5 3"]
    finally:
        running.end()


def test_the_redis_of_the_pods_keeps_rooms_over_a_restart_and_forgets_none_when_it_is_full(tmp_path):
    """With the very options of deploy/kubernetes."""
    need_redis()
    written = (ROOT / "deploy/kubernetes/rooms.yaml").read_text(encoding="utf-8")
    command = [word.strip().strip('"') for word in re.search(r"args: \[(.*)\]", written)[1].split(",")]
    assert command[0] == "redis-server" and "100mb" in command
    server = Redis(tmp_path, command[1:])
    try:
        store = open_store(server.address)
        question = asked(store)
        assert store.vote(CODE_HERE, 1, 1, "a", questions.vote_in(question, {"guess": [[3, 5]]}))
        server.end(signal.SIGKILL)
        server.start()
        assert store.read(CODE_HERE, NOW + 2).question == question
        assert store.votes(CODE_HERE, 1) == {1: {"a": '{"guess": [[3.0, 5.0]]}'}}
        redis.Redis.from_url(server.address).config_set("maxmemory", "3mb")
        with pytest.raises(store.errors):
            for _ in range(500):
                store.create(replace(room(), code=new_code(), lesson="#" * 32_000))
        assert store.read(CODE_HERE, NOW + 2).question == question, "a full Redis takes no more, and lets go of nothing"
        store.close()
    finally:
        server.end()


def test_a_redis_without_its_client_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "roialign_lab.classroom.redis_store", None)
    with pytest.raises(NoStoreError, match=r"ROIALIGN_LAB_ROOMS names a Redis.*pip install redis"):
        open_store("redis://localhost")


@pytest.mark.parametrize("place", ["/no/such/folder/rooms.sqlite", "redis://localhost:x"])
def test_where_no_rooms_can_be_kept_it_is_said_once_at_the_start(place, capsys, caplog):
    """A browser that comes is let go, and comes again, until there is a store."""
    running = Running(place)

    async def lecture():
        looks = asyncio.create_task(running.rooms.sweep())
        for _ in range(3):
            async with running.browser(OPEN) as lecturer:
                await asyncio.wait_for(lecturer.reader, 10)
                assert lecturer.all == []
        way = http.client.HTTPConnection("127.0.0.1", running.port)
        await asyncio.to_thread(way.request, "GET", "/r/ACDEFG")
        answer = await asyncio.to_thread(way.getresponse)
        looks.cancel()
        return answer.status, answer.getheader("location")

    try:
        assert run(lecture()) == (302, "../?room=ACDEFG")
    finally:
        running.end()
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("There are no rooms: ") and "ROIALIGN_LAB_ROOMS" in said and not caplog.records
