"""A lecture by a plan: what a lesson.toml may say, what a room does at a stop, what is printed, what a bad one is."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from roialign_lab.classroom import lecture, questions
from roialign_lab.classroom.room import Show, opened, room_of
from roialign_lab.export.deck import Deck, sheets, titles
from roialign_lab.export.lesson_file import read_lesson, write_lesson
from roialign_lab.lesson.lesson_file import LessonError, read_parts
from roialign_lab.lesson.lesson_part import ADDRESSES, QUESTIONS, DeckError, Part
from roialign_lab.lesson.scenario import Focus, Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import WALKS
from roialign_lab.stage.plan import plan, printed, ready_lesson, ready_parts, stops_of
from tests.conftest import ROOT

OWN = """
title = "Two questions"

[[part]]
walk = "roi_pool"
box = "0.55,2.7,6.35,7.4"
steps = ["map", "snap"]
ask = "edges"
minutes = 5
say.en = "Drag."
say.zh = "拖动。"

[[part]]
link = "http://localhost:8501/Gradients?box=1,2,5,6&bin=0,1"
ask = "landed"
minutes = 2.5
say = "Tap."

[[part]]
walk = "quiz"
seed = 7
steps = ["join"]
ask = "join"
"""


def room():
    return opened("ACDEFG", "secret", Show("home", ""), now=0.0)


def test_a_plan_says_what_is_shown_how_long_what_is_asked_and_what_to_say():
    first, second, third = read_parts(OWN)[0]
    assert (first.walk, first.keys, first.minutes, first.ask) == ("roi_pool", ("map", "snap"), 5, "edges")
    assert (first.said("en"), first.said("zh"), second.said("zh"), third.said("en")) == ("Drag.", "拖动。", "Tap.", "")
    assert (second.walk, second.scenario.box, second.minutes) == ("gradients", (1.0, 2.0, 5.0, 6.0), 2.5)
    assert (third.seed, third.keys) == (7, ("join",))
    stops = [(stop.page, stop.step, stop.ask) for stop in stops_of([first, second, third])]
    assert stops[:2] == [("roi_pooling", "map", ""), ("roi_pooling", "snap", "edges")]
    assert stops[2:] == [("gradients", "", "landed"), ("quiz", "join", "join")]


def test_the_same_file_makes_slides_of_what_has_some_and_is_written_as_it_was():
    deck = read_lesson(OWN)
    assert titles(deck)[:2] == ["RoI Pooling · map & box", "RoI Pooling · snap"]
    assert titles(deck)[2:] == ["Gradients", "Predict, then reveal · join"]
    assert [sheet.notes.partition("\n")[0] in ("Drag.", "Tap.") for sheet in sheets(deck)] == [True, False, True, False]
    assert read_lesson(write_lesson(deck)) == deck
    assert len(titles(read_lesson(ready_lesson()))) == sum(len(part.slides) for part in ready_parts()) > 15
    with pytest.raises(DeckError, match="empty"):
        Deck((Part("home"),))


def test_a_lit_bin_is_judged_by_the_output_and_the_samples_beside_it():
    scenario = replace(Scenario(), output_size=(7, 7), samples=4, focus=Focus(5, 6, 15), box=(0.123456, 1, 6, 7))
    deck = Deck((Part("roi_align", scenario),))
    assert read_lesson(write_lesson(deck)) == deck
    (part,), _ = read_parts('[[part]]\nwalk = "roi_align"\nbin = "5,6,15"\nsamples = 4\nout = 7')
    assert part.scenario.focus == Focus(5, 6, 15)
    with pytest.raises(LessonError) as refused:
        read_parts('[[part]]\nwalk = "roi_align"\nbin = "0,1,9"\nsamples = 2')
    assert (refused.value.values["line"], refused.value.values["where"]) == ("3", "bin")


@pytest.mark.parametrize(
    ("lesson", "line", "where", "said"),
    [
        (OWN.replace('"edges"', '"edge"'), 8, "part 1, ask", "Its questions are: snap, max, edges."),
        (OWN.replace('["map", "snap"]', '["map"]'), 8, "part 1, ask", "opens at the step snap"),
        (OWN.replace("minutes = 5", "minutes = 900"), 9, "part 1, minutes", "from 0 to 600"),
        (OWN.replace("minutes = 5", 'minutes = "5"'), 9, "part 1, minutes", "look like 5"),
        (OWN.replace("say.zh", "say.fr"), 10, "part 1, say", "say.zh"),
        (OWN.replace("seed = 7", "seed = 70000"), 21, "part 3, seed", "from 0 to 9999"),
        (OWN.replace("bin=0,1", "bin=0,1&box=7.58,3.3,7.63,3.35"), 15, "part 2, ask", "cannot be asked of this box"),
        ('[[part]]\nwalk = "home"\nsteps = ["map"]\n', 3, "part 1, steps", "has no steps"),
        ('[[part]]\nwalk = "home"\nask = "snap"\n', 3, "part 1, ask", "nothing can be asked"),
        ('[[part]]\nwalk = "homes"\n', 2, "part 1, walk", "There are: home, image, roi_pool"),
        ("[[part]]\nwalk = ", 2, "", "This is no TOML"),
        (OWN + "#" * 40_000, 1, "", "longer than 32000 characters"),
    ],
)
def test_a_plan_that_cannot_be_used_is_told_with_its_line_and_key(lesson, line, where, said):
    for language in LANGUAGES:
        problem = lecture.problem_of(lesson, text_in(language))
        assert problem and "{" not in problem.replace('"…"', "")
    english = lecture.problem_of(lesson, text_in("en"))
    assert english.startswith(f"lesson.toml, line {line}{where and f', {where}'}: ") and said in english


def test_what_can_be_asked_is_what_the_questions_of_a_room_are():
    for walk, asks in QUESTIONS.items():
        for ask, step in asks.items():
            (stop,) = (stop for stop in stops_of([Part(walk, steps=(step,) if step else (), ask=ask)]) if stop.ask)
            assert questions.can_be_asked(lecture.show_of(stop), lecture.about(stop)), (walk, ask)


def test_a_stop_shows_its_scenario_and_opens_its_question_once():
    begun = lecture.at_stop(lecture.with_plan(room(), OWN), 0)
    assert (begun.stop, begun.show.page, begun.question) == (0, "roi_pooling", None)
    asked = lecture.at_stop(begun, 1)
    assert (asked.question.about, asked.question.phase, asked.gathered) == ("edges", "ask", 1)
    assert asked.shown.done == {"step": "snap"} and "box=0.55,2.7,6.35,7.4" in asked.shown.address
    assert lecture.at_stop(asked, 1) is asked, "a second key, or a second tab, asks nothing twice"
    assert room_of(asked.to_text()) == asked
    by_hand = replace(asked, stop=0)
    assert lecture.at_stop(by_hand, 1).question == asked.question, "what was asked there before goes on"
    on = lecture.at_stop(asked.turned("revealed"), 2)
    assert [question.phase for question in on.questions] == ["done", "ask"] and on.question.about == "landed"
    quiz = lecture.at_stop(on, 3)
    assert (quiz.question.is_choice, quiz.question.about, quiz.shown.query) == (True, "", {"seed": "7", "step": "join"})
    assert lecture.at_stop(quiz, 4) is quiz and lecture.at_stop(quiz, -2) is quiz
    left = lecture.at_stop(quiz, -1)
    assert left.stop == -1 and left.question == quiz.question, "who leaves the plan goes on without it"


def test_a_plan_with_a_map_that_only_another_process_has_is_told_and_turns_to_no_stop():
    """Who leads comes back to the server by another process than the one that their file was loaded in."""
    lesson = OWN.replace("bin=0,1", "bin=0,1&map=own-000000000000-0")
    for language in LANGUAGES:
        told = lecture.told(lesson, text_in(language))
        assert told["stops"] == told["parts"] == [] and told["title"] == lecture.problem_of(lesson, text_in(language))
    assert told["title"].startswith("lesson.toml，第 14 行，第 2 部分，link：")
    begun = replace(lecture.with_plan(room(), lesson), stop=1)
    assert lecture.at_stop(begun, 2) is begun
    assert lecture.at_stop(begun, -1).stop == -1, "it can be left"


def test_a_stop_moves_nobody_while_the_lecturer_pauses_until_it_asks():
    paused = replace(lecture.with_plan(room(), OWN), is_paused=True)
    assert lecture.at_stop(paused, 0).show == paused.show
    asked = lecture.at_stop(paused, 1)
    assert not asked.is_paused and asked.shown.page == "roi_pooling"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ready_plan_has_45_minutes_five_questions_and_words_in_both_languages(language):
    text = text_in(language)
    told = lecture.told("", text)
    assert sum(part["minutes"] for part in told["parts"]) == 45
    assert sum(stop["asks"] for stop in told["stops"]) == sum(bool(part["asks"]) for part in told["parts"]) == 5
    spoken = [part["say"] for part in told["parts"]]
    assert all(spoken) and all(bool(re.search("[一-鿿]", said)) == (language == "zh") for said in spoken)
    assert [row[2] for row in plan(text).rows] == [
        (f"**{text('plan.asks', question=part['asks'])}** " if part["asks"] else "") + part["say"]
        for part in told["parts"]
    ]


def test_a_browser_that_sets_what_a_stop_says_looks_at_what_its_address_says():
    """Whatever it looked at before: the lecturer may have gone elsewhere."""
    for stop in stops_of(ready_parts()):
        kind, query = WALKS[stop.page], dict(parse_qsl(stop.address))
        there, here = Session(), Session()
        there.read_address(query, kind)
        step = query.pop("step", None)
        here.apply_event({"set": {"out": "7", "map": "random-32x32-7"}, "step": "result"}, kind)
        here.apply_event({"box": [0, 0, 30, 30]}, kind)
        here.apply_event({"set": query, "step": step}, kind)
        if kind == "quiz":
            assert (here.quiz.seed, here.quiz.key) == (there.quiz.seed, there.quiz.key)
        else:
            assert here.to_address(kind) == there.to_address(kind)


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [dict(attrs)["href"]] if tag == "a" else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printed_plan_says_all_of_it_with_links_that_open_what_it_shows(language):
    parts = ready_parts()
    page = printed(parts, text_in(language), "http://10.0.0.5:8501/")
    links = Links()
    links.feed(page)
    assert len(links.found) == len(parts) and all(part.said(language).split("'")[0] in page for part in parts)
    for part, link in zip(parts, links.found, strict=True):
        address = urlsplit(link)
        assert address.netloc == "10.0.0.5:8501" and address.path == f"/{ADDRESSES[part.walk]}"
        session, query = Session(), dict(parse_qsl(address.query))
        assert session.read_address(query, part.kind) == [] and session.language == language
        assert part.walk == "quiz" or session.scenario_of(part.kind).box == part.scenario.box
    own = printed(read_parts(OWN.replace("Drag.", "<i>"))[0], text_in("en"), "http://h", "<i>")
    assert "<i>" not in own and own.count("&lt;i&gt;") == 3, "twice in the title, once in what is said"


def test_the_plan_that_is_shipped_explains_its_keys():
    written = (ROOT / "assets/lessons/lecture.toml").read_text(encoding="utf-8")
    head = written.split("\n[[part]]")[0]
    assert all(walk in head for walk in ADDRESSES) and all(key in head for key in ("minutes", "ask", "say", "steps"))
    assert all(question in head for walk, asks in QUESTIONS.items() if walk != "quiz" for question in asks)
