"""The address and the browser can say anything: the nearest scenario is shown, and a sentence names what was given."""

import math
import random
import string
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from roialign_core.examples import EXAMPLES
from roialign_core.operators import Aggregate, Split
from roialign_lab.export.figure_command import sheet_of_link
from roialign_lab.lesson import lesson_part
from roialign_lab.lesson.address import from_address, to_address
from roialign_lab.lesson.lesson_part import DeckError, part_of_link
from roialign_lab.lesson.maps import is_map
from roialign_lab.lesson.options import SCENARIO
from roialign_lab.lesson.own_maps import own_matrix
from roialign_lab.lesson.scenario import Focus, Scenario, nearest_box, of_example
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.page import Page
from roialign_lab.ui import share
from roialign_lab.ui.shell import sentence_of

KINDS = ("home", "image", "roi_pool", "roi_align", "bilinear")


def read(kind="roi_align", **address):
    return from_address(address, kind, Scenario())


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_brings_back_the_scenario(kind):
    before = replace(
        Scenario(),
        map="photo-32-blob" if kind == "image" else "random-16x16-42",
        stride=32,
        box=(1.25, 2.5, 9.75, 12.0),
        output_size=(3, 4),
        samples=0,
        aligned=False,
        aggregate=Aggregate.MAX,
        split=(Split.CEIL, Split.FLOOR),
        focus=Focus(1, 2, 3),
        point=(1.5, 2.25),
    )
    address = to_address(before, kind)
    after, problems = from_address(address, kind, Scenario())
    assert not problems
    assert to_address(after, kind) == address
    if kind == "home":
        assert replace(after, point=before.point) == before


def test_the_short_address_of_the_issue():
    scenario, problems = read(box="0,3,7,8", out="2", map="animation")
    assert not problems
    assert scenario.box == (0, 3, 7, 8) and scenario.output_size == (2, 2)
    assert scenario.trace(scenario.align).output.round(4).tolist() == [[0.4770, 0.4710], [0.4569, 0.4552]]


@pytest.mark.parametrize(
    ("address", "box", "words"),
    [
        ({"box": "6,1,2,5"}, (2, 1, 6, 5), "box=6,1,2,5: x1 must be less than x2 and y1 less than y2"),
        ({"box": "3,3,3,5"}, (3, 3, 3.05, 5), "box=3,3,3,5: the box has no area"),
        ({"box": "1,1,1e30,5"}, (0, 1, 8, 5), "box=1,1,1e30,5: the box reaches beyond the 8×8 map"),
        ({"box": "100,100,102,103"}, (6, 5, 8, 8), "nearest inside is 6,5,8,8"),
        ({"box": "1,nan,3,4"}, Scenario().box, "box=1,nan,3,4: every side must be a finite number"),
        ({"box": "1,inf,3,4"}, Scenario().box, "every side must be a finite number"),
        ({"box": "1,2,3"}, Scenario().box, "box=1,2,3: this takes four numbers"),
        ({"box": ""}, Scenario().box, "box=: this takes four numbers"),
        ({"box": "a,b,c,d"}, Scenario().box, "box=a,b,c,d: this takes four numbers"),
    ],
)
def test_a_bad_box_in_the_address(address, box, words):
    scenario, problems = read(**address)
    assert scenario.box == pytest.approx(box)
    assert words in " ".join(sentence_of(text_in("en"), problem) for problem in problems)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("out", "0", "out=0: this takes one or two whole numbers from 1 to 14"),
        ("out", "15,2", "out=15,2"),
        ("out", "-1", "out=-1"),
        ("out", "2.5", "out=2.5"),
        ("samples", "5", "samples=5: this takes a whole number from 0 (auto) to 4"),
        ("samples", "9" * 99, "samples=" + "9" * 40 + "…"),
        ("map", "nothing", "map=nothing: not one of animation, detectron2, counting, corner, random-8x8-1"),
        ("map", "random-9x9-1", "map=random-9x9-1"),
        ("map", "../../etc/passwd", "map=../../etc/passwd"),
        ("map", "<script>alert(1)</script>", "map=script alert(1) /script"),
        ("map", "[x](javascript:alert(1))", "map=x (javascript:alert(1))"),
        ("stride", "3", "stride=3: not one of 1, 2, 4, 8, 16, 32, 64"),
        ("origin", "x", "origin=x: not one of aligned, legacy"),
        ("join", "median", "join=median: not one of max, mean"),
        ("split", "exact", "split=exact: not one of overlap, floor, ceil"),
        ("step", "snap", "step=snap: not one of map, project, bins"),
        ("bin", "1", "bin=1: this takes row, column and sample"),
        ("bin", "a,b", "bin=a,b"),
    ],
)
def test_other_nonsense_in_the_address_changes_nothing_and_is_named(name, value, words):
    scenario, problems = read(**{name: value})
    assert scenario == Scenario()
    assert len(problems) == 1
    assert words in sentence_of(text_in("en"), problems[0])
    assert value[:3] in sentence_of(text_in("zh"), problems[0]).replace(" ", "") or "<" in value or "[" in value


def test_a_point_beyond_reach():
    scenario, problems = read("bilinear", point="-50,4")
    assert scenario.point == (-1, 4)
    assert "too far from the 8×8 map" in sentence_of(text_in("en"), problems[0])
    assert read("bilinear", point="nan,1")[0].point == Scenario().point


@pytest.mark.parametrize("kind", KINDS)
def test_two_thousand_random_addresses_each_give_something_that_can_be_shown(kind):
    rng = random.Random(5)
    pieces = [
        "1",
        "0",
        "-3",
        "1e9",
        "nan",
        "inf",
        "",
        "animation",
        "corner",
        "max",
        "ceil",
        "½",
        "٣",
        "\0",
        "😀",
        ",",
        "None",
    ]
    names = [*SCENARIO, "zzz"]
    for _ in range(500):
        address = {
            name: ",".join(
                rng.choice(
                    [*pieces, rng.choice(string.printable), *(SCENARIO[name].values if name in SCENARIO else ())]
                )
                for _ in range(rng.randint(0, 5))
            )
            for name in rng.sample(names, rng.randint(1, 5))
        }
        scenario, problems = from_address(address, kind, Scenario())
        for operator in (scenario.pool, scenario.align, *scenario.pair):
            scenario.trace(operator)
        assert all(math.isfinite(side) for side in (*scenario.box, *scenario.point))
        for language in LANGUAGES:
            assert all("{" not in sentence_of(text_in(language), problem) for problem in problems)


def test_a_box_is_pushed_onto_the_map_as_large_as_it_was():
    assert nearest_box((6, 6, 9, 7), (8, 8)) == (5, 6, 8, 7)
    assert nearest_box((-2, 0, 20, 4), (8, 8)) == (0, 0, 8, 4)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_shown_on_the_page_has_its_answer(example):
    scenario = of_example(Scenario(), example)
    operator = scenario.pool if example.operator.snaps else scenario.align
    got = scenario.trace(operator).output.round(example.decimals)
    assert got.tolist() == [list(row) for row in example.answer]


def test_an_event_that_comes_twice_counts_once():
    """The browser asks again where an answer is late: its box is then in cells of the map before."""
    session = Session()
    event = {"box": [4.0, 2.0, 8.0, 6.0], "on": "photo-16-vertical", "set": {"photo": "32,vertical"}}
    for _ in range(2):
        session.apply_event(event, "image")
        assert (session.photo.map, session.photo.box) == ("photo-32-vertical", (2.0, 1.0, 4.0, 3.0))
    session.apply_event({"box": [1.0, 1.0, 4.0, 3.0], "on": "photo-32-vertical"}, "image")
    assert session.photo.box == (1.0, 1.0, 4.0, 3.0)

    for _ in range(2):  # the point of another map neither
        session.apply_event(
            {"point": [3.25, 2.5], "on": session.scenario.map, "set": {"map": "random-16x16-1"}}, "bilinear"
        )
        assert (session.scenario.map, session.scenario.point) == ("random-16x16-1", (3.25, 2.5))
        session.apply_event({"point": [1.0, 1.0], "on": "animation"}, "bilinear")


def test_a_box_keeps_its_place_in_the_photo_at_every_stride():
    session = Session()
    before = session.photo
    session.apply_event({"set": {"photo": "8,blob"}}, "image")
    assert session.photo.map == "photo-8-blob" and session.photo.stride == 8
    assert session.photo.box == pytest.approx([2 * side for side in before.box])
    assert session.scenario == Scenario()  # the lessons keep theirs
    scenario, problems = read("roi_pool", map="photo-32-red", stride="16")
    assert scenario.stride == 32 and "stride=16: not one of 32" in sentence_of(text_in("en"), problems[0])


def test_what_a_person_does():
    session = Session()
    session.apply_event({"box": [1, 2, 3.5, 4], "seq": 1}, "roi_align")
    assert session.scenario.box == (1, 2, 3.5, 4)
    session.apply_event({"focus": {"row": 1, "column": 0, "sample": 3}}, "roi_align")
    assert session.focus == Focus(1, 0, 3) and session.scenario.focus == Scenario().focus  # only looked at
    session.apply_event({"focus": {"row": 1, "column": 1, "sample": 0}, "pin": True}, "roi_align")
    assert session.focus == session.scenario.focus == Focus(1, 1, 0)
    session.apply_event({"step": "join"}, "roi_align")
    assert session.scenario.steps["roi_align"] == "join"


def test_a_control_sets_what_a_link_would():
    session = Session()
    session.apply_event({"set": {"origin": "legacy", "join": "max", "out": "2,3", "map": "random-8x8-7"}}, "roi_align")
    assert not session.scenario.aligned and session.scenario.aggregate == "max"
    assert session.scenario.output_size == (2, 3) and session.scenario.map == "random-8x8-7"
    session.apply_event({"example": "detectron2"}, "roi_align")
    assert session.scenario.map == "detectron2" and session.scenario.output_size == (4, 4)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"set": {"out": "99"}},
        {"set": {"origin": "legacy", "join": "median"}},
        {"set": {"nothing": "1"}},
        {"set": {"out": 2}},
        {"set": ["out"]},
        {"example": "nothing"},
        {"example": ["align"]},
        {"box": None},
        {"box": [1, 2, 3]},
        {"box": [1, 2, 3, "4"]},
        {"box": [1, 2, 3, float("nan")]},
        {"box": [1, 2, 3, float("inf")]},
        {"box": [1, 2, 3, 10**400]},
        {"box": [True, False, True, True]},
        {"box": [5, 5, 1, 1]},
        {"box": {"x1": 1}},
        {"point": [1]},
        {"point": [float("nan"), 1]},
        {"focus": [0, 0, 0]},
        {"focus": {"row": -1, "column": 0, "sample": 0}},
        {"focus": {"row": 0.5, "column": 0, "sample": 0}},
        {"focus": {"row": 10**9, "column": 0, "sample": 0}},
        {"step": "nothing"},
        {"step": ["join"]},
        {"step": "x" * 1_000_000},
        {"anything": {"else": []}},
    ],
)
def test_nonsense_from_a_browser_changes_nothing(event):
    session = Session()
    session.apply_event(event, "roi_align")
    assert session == Session()


def test_the_smallest_box_is_not_called_empty_and_a_fitting_box_is_not_rounded():
    assert not read(box="7.95,7.95,8,8")[1]
    assert read(box="0.49996,0,4,4")[0].box[0] == 0.49996


def test_a_side_with_more_digits_than_an_address_reads_the_same_on_screen_and_in_its_link():
    screen, problems = read("roi_pool", box="2.49999999999,1,6,7")
    assert not problems and screen.box == (2.5, 1, 6, 7)
    link, _ = from_address(to_address(screen, "roi_pool"), "roi_pool", Scenario())
    assert link == screen and link.trace(link.pool).roi_used.tolist() == [3, 1, 7, 8]
    screen, _ = read("roi_pool", box="2.499999,1,6,7")
    assert to_address(screen, "roi_pool")["box"] == "2.499999,1,6,7"
    assert screen.trace(screen.pool).roi_used.tolist() == [2, 1, 7, 8]
    session = Session()
    session.apply_event({"box": [0.1 + 0.2, 1, 6, 7], "point": [-1e-9, 0.1 + 0.2]}, "bilinear")
    assert (session.scenario.box, session.scenario.point) == ((0.3, 1, 6, 7), (0, 0.3))
    assert session.to_address("bilinear")["point"] == "0,0.3"


def test_a_number_that_is_too_long_is_not_cut():
    scenario, problems = read(box="0,0,4," + "0" * 200 + "8")
    assert scenario.box == Scenario().box and [problem.key for problem in problems] == ["problem.number"]


def test_leaving_a_cell_ends_the_looking():
    session = Session()
    session.apply_event({"focus": {"row": 1, "column": 0, "sample": 0}}, "roi_align")
    session.apply_event({"focus": {"row": 0, "column": 1, "sample": 2}}, "roi_align")
    assert session.hovered is None


def test_a_bin_that_the_output_does_not_have_is_named():
    scenario, problems = from_address({"bin": "5,5,1", "out": "2,3"}, "roi_align", Scenario())
    assert (scenario.focus.row, scenario.focus.column, scenario.focus.sample) == (1, 2, 1)
    assert [problem.key for problem in problems] == ["problem.bin_outside"]
    smaller, problems = from_address({"out": "1"}, "roi_align", scenario)
    assert (smaller.focus.row, smaller.focus.column) == (0, 0) and not problems


def test_a_sample_that_the_bin_does_not_have_is_named():
    scenario, problems = read(bin="0,1,9", samples="2")
    assert scenario.focus == Focus(0, 1, 3)
    assert sentence_of(text_in("en"), problems[0]) == (
        "bin=0,1,9: each bin has only 4 samples here, counted from 0. The nearest is 0,1,3."
    )
    assert "只有 4 个采样点" in sentence_of(text_in("zh"), problems[0])
    assert [problem.key for problem in read(bin="5,0,9", samples="1")[1]] == [
        "problem.bin_outside",
        "problem.sample_outside",
    ]
    assert not read(bin="0,1,15", samples="4")[1]
    assert not read(bin="0,1,9", samples="0")[1]  # the box decides how many there are
    assert not read("roi_pool", bin="0,1,9")[1]  # a cell of the bin
    assert [problem.key for problem in read("family", bin="0,1,4", left="roi_align")[1]] == ["problem.sample_outside"]


def test_a_lesson_of_one_sample_says_nothing_of_the_sample_that_every_lesson_begins_with():
    assert Scenario().focus == Focus(0, 1, 2)
    scenario, problems = read(bin="0,1,2", samples="1")
    assert scenario.focus == Focus(0, 1, 0) and not problems
    session = Session()
    session.apply_event({"set": {"samples": "1"}}, "roi_align")
    assert session.to_address("home")["bin"] == "0,1,0"  # a link to this page is that of a walk through RoI Align


def test_where_fewer_samples_are_chosen_the_address_of_the_page_has_one_that_is_there():
    session = Session()
    session.apply_event({"set": {"samples": "4"}}, "roi_align")
    session.apply_event({"focus": {"row": 0, "column": 1, "sample": 9}, "pin": True}, "roi_align")
    assert session.to_address("roi_align")["bin"] == "0,1,9"
    session.apply_event({"set": {"samples": "1"}}, "roi_align")
    assert session.to_address("roi_align")["bin"] == "0,1,0"
    assert not Session().read_address(session.to_address("roi_align"), "roi_align")


@pytest.mark.parametrize("value", ["random-8x8-٣", "random-8x8-1_0"])
def test_a_seed_is_written_in_plain_digits(value):
    assert not is_map(value)
    assert from_address({"box": "1_0,2,3,4"}, "roi_align", Scenario())[1]


class Network:
    """A socket of a machine that has one address in its network, or none and no way out."""

    def __init__(self, address):
        self.address = address

    def __call__(self, *_kind):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def connect(self, _place):
        if self.address is None:
            raise OSError("Network is unreachable")

    def getsockname(self):
        return self.address, 50000


def test_slides_name_the_address_that_others_can_reach(monkeypatch):
    monkeypatch.setattr("socket.socket", Network("192.168.1.7"))
    assert share.base_of("http://localhost:8501/Slides?lang=en") == "http://192.168.1.7:8501"
    assert share.base_of("http://localhost:8501") == "http://192.168.1.7:8501"
    assert share.base_of("http://[::1]:8501/lab/Slides") == "http://192.168.1.7:8501/lab"
    assert share.base_of("https://lab.example.org/roi/Slides") == "https://lab.example.org/roi"
    for address in (None, "127.0.0.1", "0.0.0.0"):
        monkeypatch.setattr("socket.socket", Network(address))
        assert share.base_of("http://localhost:8501/Slides") == "http://localhost:8501"


@pytest.mark.parametrize("url", [None, "http://[::1", "javascript:alert(1)", "http://a.org/" + "x" * 300])
def test_what_a_browser_says_that_can_be_no_place_is_not_parsed(url, monkeypatch):
    """Python would keep it: the last 128 addresses that it parsed, however long."""
    parsed = []
    monkeypatch.setattr(share, "urlsplit", lambda address: parsed.append(address) or urlsplit(address))
    monkeypatch.setattr("socket.socket", Network("192.168.1.7"))
    monkeypatch.setattr(share.st, "context", SimpleNamespace(url=url))
    assert (share.here(), parsed) == ("http://192.168.1.7:8501", ["http://localhost:8501"])
    share.st.context.url = "https://lab.example.org/roi/Slides"
    assert share.here() == "https://lab.example.org/roi"


@pytest.mark.parametrize("read", [part_of_link, lambda link: sheet_of_link(link, "light")])
def test_a_link_that_is_too_long_is_not_parsed(read, monkeypatch):
    link, parsed = "http://localhost:8501/RoI_Align?x=", []
    monkeypatch.setattr(lesson_part, "urlsplit", lambda address: parsed.append(len(address)) or urlsplit(address))
    with pytest.raises(DeckError):
        read(link.ljust(4001, "x"))
    assert parsed == []
    read(link.ljust(4000, "x"))
    assert {*parsed} == {4000}


def test_where_the_lesson_also_stands_as_a_site_its_link_is_shared_too(monkeypatch):
    session = Session()
    session.read_address({"box": "1,2,4,6", "step": "join"}, "roi_align")
    page = Page("roi_align", session)
    place = "https://lab.example.org/RoI_Align"
    assert "site" not in share.share(page, place, [], False)
    monkeypatch.setenv("ROIALIGN_LAB_SITE", "https://someone.github.io/roi/")
    shared = share.share(page, place, ["menu"], True)
    assert shared["site"]["link"].startswith("https://someone.github.io/roi/RoI_Align/?lang=en&map=animation")
    assert shared["site"]["link"].partition("?")[2] == shared["link"].partition("?")[2]
    assert shared["site"]["code"].startswith("data:image/svg+xml") and shared["site"]["code"] != shared["code"]
    assert share.page_of_site(Page("home", session)) == "https://someone.github.io/roi/"
    session.show_upload("roi_align", own_matrix("\n".join(" ".join(map(str, range(40))) for _ in range(40))))
    assert session.scenario.map.startswith("own-") and share.page_of_site(page) is None
    monkeypatch.setenv("ROIALIGN_LAB_SITE", "javascript:alert(1)")
    assert share.page_of_site(Page("home", Session())) is None
