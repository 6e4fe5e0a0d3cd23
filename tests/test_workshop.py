"""The line in front of the process that draws: who comes when, and what happens when it is full or the process ends."""

import pytest

from roialign_lab.export.deck import Deck, Part, sheets
from roialign_lab.export.queue import MOST_WAITING, FullError, Workshop

SHEETS = sheets(Deck((Part("roi_pool", steps=("map",)),)))


@pytest.fixture
def still() -> Workshop:
    """A workshop where nobody works."""
    workshop = Workshop()
    workshop.bringing = True
    return workshop


def test_a_figure_goes_before_the_decks_that_wait(still):
    first, second = still.ask(SHEETS, "pdf"), still.ask(SHEETS, "gif")
    first.running = True
    figure, another = still.ask(SHEETS, "figure-png"), still.ask(SHEETS, "figure-svg")
    assert still.line == [first, figure, another, second]
    assert [still.place(job) for job in (first, figure, another, second)] == [0, 1, 2, 3]


def test_a_line_has_an_end(still):
    for _ in range(MOST_WAITING[False]):
        still.ask(SHEETS, "pdf")
    with pytest.raises(FullError):
        still.ask(SHEETS, "pdf")
    still.ask(SHEETS, "figure-png")


def test_what_is_not_wanted_any_more_leaves_the_line(still):
    first, second = still.ask(SHEETS, "pdf"), still.ask(SHEETS, "pdf")
    first.running = True
    still.drop(first)
    still.drop(second)
    assert still.line == [first]


def test_a_figure_is_made_by_another_process(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the folder that the app was started in')\n")
    monkeypatch.chdir(tmp_path)
    job = Workshop().ask(SHEETS, "figure-svg")
    assert job.ended.wait(60) and not job.failed
    assert job.made.startswith(b"<?xml")
