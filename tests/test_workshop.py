"""The lines in front of the processes that draw: who comes when, and what happens when one is full, hangs or is killed.

Most lines here have a process that does as it is told: it sleeps, hangs, dies or answers.
"""

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from roialign_lab.export.deck import Deck
from roialign_lab.export.queue import FullError, Job, Limits, Line, Person, Workshop
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.own_maps import own_matrix
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure
from roialign_lab.ui import figure_buttons, slides, worksheet

ROOT = Path(__file__).parent.parent
OBEDIENT = """
import os, pickle, sys, time
def say(*answer):
    pickle.dump(answer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
while True:
    try:
        what, *rest = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    if what == "at first" and not os.path.exists(rest[0]):
        open(rest[0], "w").close()
        what, rest = rest[1], rest[2:]
    if what == "hang":
        time.sleep(1000)
    if what == "die":
        os.kill(os.getpid(), 9)
    if what == "work":
        for k in range(1000):
            say("progress", k + 1)
            time.sleep(0.02)
    if what == "fail":
        say("failed", None)
    elif what == "large":
        say("made", b"x" * rest[0])
    else:
        say("made", b"%d" % os.getpid())
"""
QUICK = Limits(silent=3, whole=20, away=0.3, idle=30)  # a process that starts on a busy machine is silent for a second
LONG = Limits(silent=60)
PICTURE = figure(Page("roi_align", Session()))
ME, YOU = Person("me", "10.0.0.1"), Person("you", "10.0.0.2")


def line(limits: Limits = LONG) -> Line:
    return Line(limits, (sys.executable, "-c", OBEDIENT))


def begun(job: Job) -> Job:
    """The same job when its process has said something."""
    until = time.monotonic() + 30
    while not job.done:
        assert time.monotonic() < until and not job.over
        time.sleep(0.01)
    return job


def made(job: Job) -> int:
    """The process that made it."""
    assert job.ended.wait(120) and not job.problem, job.problem
    return int(job.made[0] if isinstance(job.made, list) else job.made)


# ---- the order ----------------------------------------------------------------------------------------------------


def test_a_person_has_one_place_and_the_newest_job_has_it():
    at = line()
    running = begun(at.ask(("work",), ME))
    first, other, second = at.ask(("a",), YOU), at.ask(("a",), Person("third")), at.ask(("b",), YOU)
    assert first.problem == "cancelled" and first.ended.is_set()
    assert [at.place(job) for job in (running, other, second)] == [0, 1, 2]
    at.cancel(running)


def test_a_line_has_an_end_in_all_and_for_one_address():
    at = line(Limits(waiting=3, of_address=2))
    running = begun(at.ask(("work",), ME))
    for k in range(2):
        at.ask(("a",), Person(f"at home {k}", "10.0.0.9"))
    with pytest.raises(FullError):
        at.ask(("a",), Person("at home 2", "10.0.0.9"))
    last = at.ask(("a",), YOU)
    with pytest.raises(FullError):
        at.ask(("a",), Person("too late", "10.0.0.3"))
    again = at.ask(("a",), YOU)  # in place of the one before
    assert last.problem == "cancelled" and not again.problem
    at.cancel(running)


def test_who_is_refused_keeps_what_is_being_made_for_them():
    at = line(Limits(waiting=1))
    running, waiting = begun(at.ask(("work",), ME)), at.ask(("a",), YOU)
    with pytest.raises(FullError):
        at.ask(("b",), ME, stops=True)
    assert not running.over and not waiting.over
    again = at.ask(("b",), YOU, stops=True)  # in place of the one that waits
    assert not running.over and waiting.problem == "cancelled"
    at.cancel(running)
    made(again)


def test_what_jobs_are_made_of_is_counted_while_they_wait_and_let_go_when_they_are_over():
    at, template = line(Limits(brought=2500)), b"x" * 1000
    running = at.ask(("work", "deck", template), YOU)
    begun(running)
    jobs = [at.ask(("a", "deck", template), Person(f"student {k}")) for k in range(2)]
    with pytest.raises(FullError):
        at.ask(("a", "deck", template), ME)
    light = at.ask(("a", "deck", None), ME)
    again = at.ask(("a", "deck", template), jobs[1].person)
    assert jobs[1].order == ("a", "deck", None), "another came in its place"
    at.cancel(running)
    assert all(job.ended.wait(120) for job in (running, jobs[0], again, light))
    assert running.order == ("work", "deck", None)
    assert {again.order, jobs[0].order, light.order} == {("a", "deck", None)}
    at.ask(("a", "deck", template * 2), ME)


def test_who_asks_for_their_place_is_here():
    at, is_here = line(Limits(away=0.3)), [True]
    running, waiting = begun(at.ask(("work",), ME)), at.ask(("a",), Person("you", "", lambda: is_here[0]))
    time.sleep(0.5)
    assert at.place(waiting) == 1
    is_here[0] = False  # the connection drops for a moment, just when it is their turn
    at.cancel(running)
    made(waiting)


def test_what_a_film_says_and_a_figure_do_not_take_each_other_s_place():
    workshop = Workshop(line(), line())
    running = begun(workshop.quick.ask(("work",), ME))
    deck = Deck((Part("roi_pool", Scenario(), ("map", "max")),))
    waiting = [workshop.captions(deck, YOU), workshop.figure(PICTURE, "png", YOU)]
    assert [workshop.quick.place(job) for job in waiting] == [1, 2]
    workshop.quick.cancel(running)


def test_a_figure_never_waits_for_a_deck():
    workshop = Workshop(line(), line())
    deck = begun(workshop.slow.ask(("work",), ME))
    made(workshop.figure(PICTURE, "png", YOU))
    assert not deck.over
    workshop.slow.cancel(deck)


def test_a_deck_never_waits_for_a_film_and_the_next_order_takes_the_place_of_both():
    """A presentation of which one part has a film goes with the films."""
    workshop = Workshop(line(), line(), line())
    still = Deck((Part("roi_pool", Scenario(), ("map", "max")),))
    moving = Deck((Part("roi_align", Scenario(), ("result",), path=((0, 0, 4, 4), (2, 2, 6, 6)), film=True),))
    running = begun(workshop.films.ask(("work",), YOU))
    film, slides_with_film = workshop.deck(still, "mp4", ME), workshop.deck(moving, "pptx", Person("third"))
    assert [workshop.films.place(job) for job in (film, slides_with_film)] == [1, 2]
    made(workshop.deck(still, "pptx", Person("fourth")))
    assert not running.over
    deck = workshop.deck(still, "pptx", ME)
    assert film.problem == "cancelled"
    made(deck)
    workshop.films.cancel(running)
    made(slides_with_film)


def test_who_had_a_deck_or_a_film_rests_before_the_next():
    """As long as it took, and no longer than half a minute."""
    workshop = Workshop()
    assert [(each.limits.rest, each.limits.longest_rest) for each in (workshop.slow, workshop.films)] == [(1, 30)] * 2
    at = line(replace(LONG, rest=1000.0, longest_rest=5.0))
    made(at.ask(("a",), ME))
    now = time.monotonic()
    assert 0 < at.rested[ME.key] - now <= 5
    mine = at.ask(("b",), ME)
    assert made(at.ask(("c",), YOU)) and not mine.over, "who comes later and has rested is next"
    at.cancel(mine)


# ---- what goes wrong ----------------------------------------------------------------------------------------------


def test_a_process_that_was_killed_while_idle_is_replaced():
    at = line()
    first = made(at.ask(("a",), ME))
    os.kill(first, signal.SIGKILL)
    assert made(at.ask(("a",), YOU)) != first


@pytest.mark.parametrize("way", ["die", "hang"])
def test_a_job_whose_process_dies_or_hangs_is_tried_once_more(way, tmp_path):
    at = line(QUICK)
    begin = made(at.ask(("a",), ME))
    assert made(at.ask(("at first", str(tmp_path / "tried"), way), ME)) != begin
    twice = at.ask((way,), ME)
    assert twice.ended.wait(120) and twice.problem == "failed"
    made(at.ask(("a",), YOU))  # and the line goes on


def test_a_stopped_process_is_replaced():
    at = line(QUICK)
    first = made(at.ask(("a",), ME))
    os.kill(first, signal.SIGSTOP)
    assert made(at.ask(("a",), YOU)) != first


def test_a_job_that_takes_too_long_is_stopped():
    at = line(Limits(whole=4))
    job = at.ask(("work",), ME)
    assert job.ended.wait(120) and job.problem == "slow"
    made(at.ask(("a",), YOU))


def test_a_job_is_stopped_and_the_next_begins():
    at = line()
    running, waiting, next_one = begun(at.ask(("work",), ME)), at.ask(("a",), YOU), at.ask(("a",), Person("third"))
    at.cancel(waiting)
    at.cancel(running)
    made(next_one)
    assert running.problem == waiting.problem == "cancelled" and running.ended.wait(120)
    at.cancel(running)
    at.cancel(None)


def test_what_somebody_asked_for_who_has_gone_is_left():
    at, open_tabs = line(QUICK), {"me", "you"}
    me, you = (Person(name, "", lambda name=name: name in open_tabs) for name in ("me", "you"))
    running, waiting = begun(at.ask(("work",), me)), at.ask(("a",), you)
    time.sleep(0.6)
    assert not running.over and not waiting.over
    open_tabs.clear()
    assert running.ended.wait(120) and waiting.ended.wait(120)
    assert running.problem == waiting.problem == "cancelled"


def test_what_cannot_be_sent_or_started_is_a_failure_of_that_job_alone():
    at = line()
    job = at.ask(("a", lambda: None), ME)  # which no pickle can carry
    assert job.ended.wait(120) and job.problem == "failed"
    made(at.ask(("a",), YOU))
    nothing = Line(LONG, ("/no/such/program",)).ask(("a",), ME)
    assert nothing.ended.wait(120) and nothing.problem == "failed"


def test_a_process_ends_when_nobody_needs_it():
    at = line(Limits(idle=0.1))
    first = made(at.ask(("a",), ME))
    until = time.monotonic() + 30
    while at.process is not None:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert made(at.ask(("a",), ME)) != first


def test_files_that_nobody_fetches_give_way():
    at = line(Limits(kept=2500))
    jobs = [at.ask(("large", 1000), Person(f"student {k}")) for k in range(3)]
    assert all(job.ended.wait(120) for job in jobs)
    assert [len(job.made or b"") for job in jobs] == [0, 1000, 1000] and jobs[0].problem == "forgotten"


def test_a_figure_that_cannot_be_drawn_is_said_beside_the_stage(monkeypatch):
    broken = Workshop(quick=Line(LONG, ("/no/such/program",)))
    monkeypatch.setattr(figure_buttons, "workshop", lambda: broken)

    def page():
        import streamlit

        from roialign_lab.ui import figure_buttons, shell

        figure_buttons.start(shell.open_page("roi_align"), "png")
        streamlit.session_state["told"] = figure_buttons.progress()

    app = AppTest.from_function(page, default_timeout=120).run()
    assert not app.exception and app.session_state["told"] == {"figure": "failed"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("part", "name", "told"), [(slides, "deck", "slides.cancelled"), (worksheet, "sheet", "worksheet.ui.again")]
)
def test_what_is_being_made_is_stopped_on_its_page(monkeypatch, language, part, name, told):
    mute = Line(LONG, (sys.executable, "-c", "import time; time.sleep(1000)"))
    workshop = Workshop(Line(LONG, ("/no/such/program",)), mute)
    monkeypatch.setattr(part, "workshop", lambda: workshop)
    app, text = AppTest.from_file(str(ROOT / "pages" / "8_Slides.py"), default_timeout=120), text_in(language)
    app.query_params["lang"] = language
    app.run()
    assert len(app.get("image")) == 16  # by no process
    app.button(key=f"{name}_make").click().run()
    app.button(key=f"{name}_cancel").click().run()
    assert not app.exception and app.session_state[f"{name}_job"].ended.wait(120)
    assert [said.value for said in app.info] == [text(told)]


@pytest.mark.parametrize(("part", "name"), [(slides, "deck"), (worksheet, "sheet")])
def test_who_is_refused_on_the_page_keeps_the_file_that_was_made(monkeypatch, part, name):
    full = Workshop(line(), line(Limits(waiting=0)))
    monkeypatch.setattr(part, "workshop", lambda: full)
    app, job = AppTest.from_file(str(ROOT / "pages" / "8_Slides.py"), default_timeout=120), Job((), ME, made=b"%PDF-")
    app.query_params["lang"] = "en"
    app.session_state[f"{name}_job"], app.session_state[f"{name}_made"] = job, "made.pdf"
    app.run()
    app.button(key=f"{name}_make").click().run()
    assert [said.value for said in app.warning] == [text_in("en")("slides.full")] and not app.exception
    assert (app.session_state[f"{name}_job"], app.session_state[f"{name}_made"]) == (job, "made.pdf")


# ---- the real process ---------------------------------------------------------------------------------------------


def test_figures_and_decks_are_made_by_other_processes(workshop, tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the folder that the app was started in')\n")
    monkeypatch.chdir(tmp_path)
    own = own_matrix("1 2 3\n4 5 6")
    deck = Deck((Part("roi_pool", Scenario(map=f"own-{own.name}-0"), ("map", "max")), Part("sweep")))
    pdf = workshop.deck(deck, "pdf", ME)
    assert pdf.ended.wait(120) and pdf.made.startswith(b"%PDF-") and pdf.done == 3
    svg = workshop.figure(PICTURE, "svg", ME, theme="dark")
    assert svg.ended.wait(120) and escape(PICTURE.title).encode() in svg.made


def test_it_draws_where_nothing_can_be_written():
    program = """
import os, sys, tempfile
tempfile._candidate_tempdir_list = lambda: []
os.environ |= {"HOME": "/dev/null/nobody"}
[os.environ.pop(name, None) for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")]
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.layout import sheet_of
from roialign_lab.lesson.session import Session
from roialign_lab.stage.page import Page
from roialign_lab.stage.view import figure
from roialign_lab.ui import figure_buttons, slides, worksheet
sys.stdout.buffer.write(save(draw_sheet(sheet_of(figure(Page("roi_align", Session())))), "png"))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120)
    assert ran.returncode == 0 and ran.stdout.startswith(b"\x89PNG"), ran.stderr.decode()
    assert b"Traceback" not in ran.stderr


def test_the_process_that_serves_loads_nothing_that_draws():
    program = """
import sys
from roialign_lab.ui import figure_buttons, shell, slides, stage_component
from roialign_lab.stage.page import Page
from roialign_lab.lesson.session import Session
from roialign_lab.stage.view import figure
from roialign_lab.ui import figure_buttons, slides, worksheet
figure(Page("roi_align", Session()))
print([name for name in ("matplotlib", "pptx") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize("module", ["roialign_lab.export.worker", "roialign_lab.stage.answer_process"])
def test_a_process_whose_server_has_ended_ends_without_a_traceback(module):
    process = subprocess.Popen([sys.executable, "-m", module], stdin=-1, stdout=-1, stderr=-1, cwd=ROOT)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdout.close()
    pickle.dump(("{}", "", None), process.stdin)  # an order that is answered: refused or failed
    process.stdin.close()
    assert process.wait(60) == 0
    assert b"Traceback" not in process.stderr.read()
