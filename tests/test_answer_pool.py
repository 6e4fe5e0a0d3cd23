"""Who is answered next, and what happens when the process that answers dies, hangs, or is asked by too many."""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import numpy as np
import pytest

from roialign_core.backbone import feature_maps
from roialign_lab.lesson.maps import uploads_for
from roialign_lab.lesson.own_maps import OwnMaps, keep
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.session import Session
from roialign_lab.stage.answer import LONGEST_MESSAGE, answer_message
from roialign_lab.stage.page import Page
from roialign_lab.stage.payload import payload
from roialign_lab.ui.answer_pool import AnswerPool, Client, _Process

# Answers with the message and the number of the process; "die", "hang" and "work SECONDS" do what they say.
PROGRAM = """
import os, pickle, struct, sys, time
while True:
    try:
        message, name, sent = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    word, _, seconds = message.partition(" ")
    if word == "die" or (word == "once" and not os.path.exists(seconds)):
        open(seconds or os.devnull, "w").close()
        os._exit(1)
    time.sleep(60 if word == "hang" else float(seconds) if word == "work" else 0)
    text = f"{message} by {os.getpid()}".encode()
    sys.stdout.buffer.write(struct.pack(">fI", float(seconds) if word == "work" else 0, len(text)) + text)
    sys.stdout.buffer.flush()
"""
COMMAND = (sys.executable, "-c", PROGRAM)


def in_thread(coroutine):
    """What it returns, run beside the event loop that a browser in the same process has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def asked(pool, message, client=None):
    """An answer, as a task."""
    client = client or Client()
    client.put(message)
    return asyncio.ensure_future(pool.answer(client))


def process_of(answer):
    return answer.split()[-1]


def run(conversation, **options):
    """Hold a conversation with a pool, and end the pool."""

    async def whole():
        pool = AnswerPool(**options)
        try:
            return await conversation(pool)
        finally:
            await pool.end()

    return in_thread(whole())


def message_of(page, **event):
    have = payload(page)[0]["still_id"]
    event = {"page": page.name, "address": urlencode(page.address, safe=","), "seq": 7, "have": have, **event}
    return json.dumps(event)


def test_the_answer_is_that_of_this_process():
    messages = [message_of(Page(name, Session()), box=[1.25, 2, 3.75, 6.5]) for name in ("home", "roi_align", "slides")]
    messages += ["", "[]", "x" * LONGEST_MESSAGE, '{"seq": 3, "page": "\\ud800"}']

    async def conversation(pool):
        return [await asked(pool, message) for message in messages]

    assert run(conversation) == [answer_message(message) for message in messages]


def test_who_asks_for_what_cannot_be_answered_does_not_wait_for_ever(monkeypatch):
    def fails(_process, message):
        raise IndexError(message)

    monkeypatch.setattr(_Process, "answer", fails)

    async def conversation(pool):
        return [await asyncio.wait_for(asked(pool, '{"seq": 3}'), 20) for _ in range(3)]

    assert run(conversation) == ['{"refused": true, "ack": 3}'] * 3


def test_an_upload_is_brought_to_the_process_that_answers():
    values = np.random.default_rng(3).random((6, 40, 30))
    maps = keep(OwnMaps("0123456789ab", values))
    photo = keep(Photo("ba9876543210", feature_maps(np.random.default_rng(4).random((128, 96, 3))), "", (9, 9, 80, 70)))
    names = [f"own-0123456789ab-{channel}" for channel in range(6)] + [
        "photo.ba9876543210-8-rising",
        "photo.ba9876543210-16-red",
    ]
    messages = []
    for name in names:
        session = Session()
        kind = "image" if name.startswith("photo") else "roi_align"
        page = Page(kind, session)
        assert session.read_address({"map": name}, page.kind) == []
        messages.append(message_of(page, box=[0.5, 0.75, 9.5, 8.25]))

    async def conversation(pool):
        return [
            await asked(pool, message) for message in (*messages, *messages)
        ]  # four are held, the others come again

    answers = run(conversation, processes=1)
    assert answers == [answer_message(message) for message in messages] * 2
    assert len({json.loads(answer)["panels"][0]["output"] for answer in answers[:6]}) == 6
    assert maps.channel(5).shape == (40, 30) and photo.maps.photo_shape == (128, 96)


def test_a_photo_is_sent_once_whichever_of_its_maps_is_looked_at():
    photo = keep(Photo("ab9876543210", feature_maps(np.random.default_rng(4).random((64, 64, 3))), "", (9, 9, 40, 40)))
    maps = keep(OwnMaps("00000000000b", np.arange(24.0).reshape(2, 3, 4)))
    process = _Process(COMMAND, patience=1.0, first_patience=1.0, yields=False)
    asked_for = [process._upload(f'"map=photo.ab9876543210-{of}&box=1,2,3,4"') for of in ("4-red", "8-blue", "4-red")]
    assert asked_for == [("photo.ab9876543210", photo), ("photo.ab9876543210", None), ("photo.ab9876543210", None)]
    (first, sent), (second, also) = (process._upload(f"own-{maps.name}-{channel}") for channel in (0, 1))
    assert (first, second) == ("own-00000000000b-0", "own-00000000000b-1") and sent is not None and also is not None
    assert process._upload("photo.000000000000-4-red") == process._upload("animation") == ("", None)


def test_of_an_upload_uploads_for_travels():
    kept = keep(OwnMaps("00000000000a", np.arange(24.0).reshape(2, 3, 4)))
    (sent,) = uploads_for(["own-00000000000a-1"])
    assert sent.channel(1).tolist() == kept.channels[1].tolist()
    assert sent.channels.shape == (2, 0, 0) and uploads_for(["animation"]) == []


def test_what_dies_is_tried_once_more_and_then_refused(tmp_path):
    async def conversation(pool):
        return [await asked(pool, text) for text in ("a", f"once {tmp_path / 'seen'}", '{"seq": 5}', "die", "b")]

    first, again, _, refused, after = run(conversation, command=COMMAND, processes=1)
    assert again.startswith("once") and json.loads(refused) == {"refused": True} and after.startswith("b by")
    assert process_of(first) != process_of(again) != process_of(after)


def test_what_hangs_is_refused_with_its_number_and_the_next_is_answered():
    async def conversation(pool):
        return [await asked(pool, text) for text in ("hang", "b")]

    refused, after = run(conversation, command=COMMAND, processes=1, patience=1.0, first_patience=1.0)
    assert json.loads(refused) == {"refused": True} and after.startswith("b by")


def test_a_process_has_time_to_start_and_then_no_more_than_an_answer_may_take():
    """It starts in 1.2 seconds, where an answer may take 1: also anew, after one that was let go at 3."""

    async def conversation(pool):
        return [await asked(pool, message) for message in ("first", "work 3", "after")]

    command = (sys.executable, "-c", "import time; time.sleep(1.2)" + PROGRAM)
    first, refused, after = run(conversation, command=command, processes=1, patience=1.0, first_patience=30.0)
    assert first.startswith("first by") and json.loads(refused) == {"refused": True}
    assert after.startswith("after by") and process_of(after) != process_of(first)


def test_a_program_that_is_not_there_is_a_refusal():
    async def conversation(pool):
        return await asked(pool, '{"seq": 5}')

    assert json.loads(run(conversation, command=("/no/such/program",))) == {"refused": True, "ack": 5}


def test_the_newest_message_is_answered():
    async def conversation(pool):
        busy, client = asked(pool, "work 0.3"), Client()
        waiting = asked(pool, "old", client)
        await asyncio.sleep(0.1)
        client.put("new")
        return await asyncio.gather(busy, waiting)

    assert run(conversation, command=COMMAND, processes=1)[1].startswith("new by")


def test_the_first_process_is_for_those_whose_answers_are_quick():
    """Three floods hold no more than the second process, and each of them is answered."""

    async def conversation(pool):
        polite, floods = Client(), [Client() for _ in range(3)]
        for client in (polite, *floods):
            await asked(pool, "work 0.1" if client in floods else "a", client)
        first = process_of(await asked(pool, "a", polite))
        asks = [asked(pool, "work 0.3", flood) for flood in floods]
        by = {process_of(await asked(pool, "a", polite)) for _ in range(20)}
        unfinished = sum(not ask.done() for ask in asks)
        while not all(ask.done() for ask in asks):  # the polite one stays: else the first process helps the floods
            by.add(process_of(await asked(pool, "a", polite)))
            await asyncio.sleep(0.02)
        return first, by, unfinished, {process_of(answer) for answer in await asyncio.gather(*asks)}

    first, by, unfinished, flooded = run(conversation, command=COMMAND)
    assert by == {first} and unfinished == 3 and len(flooded) == 1 and first not in flooded


def test_where_nobody_asks_for_quick_answers_all_processes_answer():
    async def conversation(pool):
        return await asyncio.gather(*(asked(pool, "work 0.2") for _ in range(6)))

    assert len({process_of(answer) for answer in run(conversation, command=COMMAND)}) == 2


def test_many_wait_and_all_are_answered():
    async def conversation(pool):
        return await asyncio.gather(*(asked(pool, f"m{number}") for number in range(300)))

    assert [answer.split()[0] for answer in run(conversation, command=COMMAND)] == [f"m{n}" for n in range(300)]


@pytest.mark.parametrize("is_under_way", [True, False])
def test_a_client_that_leaves_takes_no_turn_and_no_process_with_it(is_under_way):
    async def conversation(pool):
        await asked(pool, "a")
        busy = asked(pool, "work 0.2")
        left = busy if is_under_way else asked(pool, "b")
        await asyncio.sleep(0.05)
        left.cancel()
        await asyncio.gather(busy, left, return_exceptions=True)
        return await asked(pool, "c")

    assert run(conversation, command=COMMAND, processes=1).startswith("c by")


def test_a_drag_that_goes_on_is_answered_by_the_server_itself():
    """The first message goes to a process, which says what it took; the next differs in its box alone."""
    page = Page("roi_align", Session("en"))
    event = {"page": "roi_align", "address": urlencode(page.address), "have": payload(page)[0]["still_id"]}
    drags = [json.dumps({**event, "seq": k, "box": [0.5, 1, 3 + k / 10, 4]}) for k in range(2)]

    async def conversation(pool):
        client = Client()
        return [await asked(pool, message, client) for message in (*drags, "another question")]

    first, light, other = run(conversation, command=COMMAND, processes=1)
    assert light == answer_message(drags[1])
    assert first.startswith(drags[0]) and other.startswith("another question by")


def test_what_may_cost_more_with_another_box_goes_to_a_process():
    for address in ("lang=en&samples=0", "lang=en&map=own-0123456789ab-0", "lang=en&map=photo-4-bright"):
        message = json.dumps({"page": "roi_align", "address": address, "have": "1f", "box": [0, 0, 1, 1], "seq": 1})

        async def conversation(pool, message=message):
            client = Client()
            return [await asked(pool, message, client) for _ in range(2)]

        assert all(" by " in answer for answer in run(conversation, command=COMMAND, processes=1))


def test_who_took_much_rests_where_others_ask_and_not_where_nobody_does():
    async def conversation(pool):
        greedy, other = Client(), Client()
        greedy.cost.charge(20.0, time.monotonic())
        order = [await asked(pool, "alone", greedy)]  # at once
        await asked(pool, "other", other)

        async def note(message, client):
            await asked(pool, message, client)
            order.append(message)

        await asyncio.gather(note("greedy", greedy), note("other again", other))
        return order

    assert run(conversation, command=COMMAND, processes=2)[1:] == ["other again", "greedy"]


def test_who_does_not_wait_for_answers_has_a_smaller_share():
    polite, pushing = Client(), Client()
    for number in range(20):
        polite.put(str(number))
        polite.take()
        pushing.put(str(number))
    assert pushing.share < polite.share
