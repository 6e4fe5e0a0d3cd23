"""The small pictures of the Slides page: there at once, painted once for all, each in a turn of its own."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from xml.etree import ElementTree

from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.svg import preview
from roialign_lab.lesson.lesson_part import Part
from roialign_lab.lesson.own_maps import own_matrix
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.ui import slide_previews
from roialign_lab.ui.slide_previews import Previews

DECK = Deck((Part("roi_pool", steps=("map", "max")), Part("sweep")))


def turns():
    """Turns that are counted."""
    taken = []

    @contextmanager
    def turn():
        taken.append("in")
        yield
        taken.append("out")

    return turn, taken


def test_each_slide_is_painted_in_a_turn_of_its_own_and_for_the_next_person_in_none():
    previews, (turn, taken) = Previews(), turns()
    pictures = previews.of(DECK, turn)
    first = next(pictures)
    assert taken == ["in", "out"], "one is there before the next is painted"
    assert [first, *pictures] == [preview(sheet) for sheet in sheets(DECK)]
    assert taken == ["in", "out"] * 3
    assert next(previews.of(replace(DECK, base="http://10.0.0.5"), turn)) == first
    assert len(taken) == 6
    assert next(previews.of(replace(DECK, theme="dark"), turn)) != first


def test_a_picture_has_the_words_the_map_and_the_lines_of_its_slide():
    own = own_matrix("1 2 3\n4 5 6")
    deck = Deck((Part("roi_pool", Scenario(map=f"own-{own.name}-0"), ("map", "max")), Part("sweep")))
    pictures = Previews().of(deck, nullcontext)
    names = [[element.tag.partition("}")[2] for element in ElementTree.fromstring(svg)] for svg in pictures]
    assert all("text" in tags for tags in names) and "image" in names[0] and names[2].count("polyline") == 8


def test_what_was_looked_at_long_ago_gives_way(monkeypatch):
    monkeypatch.setattr(slide_previews, "MOST_KEPT", 30_000)
    previews, (turn, taken) = Previews(), turns()
    for title in "abcde":
        assert len(list(previews.of(replace(DECK, title=title), turn))) == 3
    assert 1 <= len(previews.kept) < 5
    before = len(taken)
    assert len(list(previews.of(replace(DECK, title="e"), turn))) == 3
    assert len(taken) == before
