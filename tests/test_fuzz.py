"""Nonsense from browsers and files, made from fixed seeds: nothing crashes, hangs or grows.

The tests run some of each; the longer mode, which prints what it did, is ``python tests/test_fuzz.py 100000 10000``.
"""

from __future__ import annotations

import io
import json
import random
import string
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a script

from roialign_lab.export.deck import Deck as SlideDeck
from roialign_lab.export.deck import sheets
from roialign_lab.export.lesson_file import read_lesson
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.lesson_file import LessonError
from roialign_lab.lesson.lesson_part import DeckError, Part, part_of_link
from roialign_lab.lesson.operator_names import ON_STAGE
from roialign_lab.lesson.options import QUIZ, SCENARIO, SESSION
from roialign_lab.lesson.own_limits import OwnDataError
from roialign_lab.lesson.own_maps import own_matrix
from roialign_lab.lesson.quiz import STEPS
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.answer import answer_message
from roialign_lab.stage.page import WALKS
from roialign_lab.ui.uploads import read_upload

SLOW = 1.0  # seconds for one of them
ADDRESSES, FILES = 2500, 300
NO_OPTIONS = ("x", "", "__proto__", "shade")
BITS = (
    *("0", "1", "-1", "2,2", "0,3,7,8", "nan", "inf", "-inf", "1e999", "1e-999", "9" * 400, "0x10", "١٢", "½", "-0"),
    *(
        "",
        " ",
        ",",
        ",,,,",
        "a" * 3000,
        "\x00",
        "\u202e",
        "\ud800",
        "🎓",
        "<script>",
        "{}",
        "[]",
        "null",
        "true",
        "%00",
    ),
    *("animation", "random-8x8-1", "random-32x32-9999", "random-8x8-99999", "photo-16-vertical", "photo-4-red"),
    *("matrix-1,2;3,4", "matrix-nan", "matrix-" + ";".join(["1,2,3"] * 60), "own-000000000000-0", "recorded-6x5"),
    *("mean", "max", "aligned", "legacy", "overlap", "floor,ceil", "y1", "x2", "en", "zh", "all", *ON_STAGE),
    *("roi_align~split:floor", "roi_pool~~", "roi_align~reading:surface~aggregate:max", "menu,split", "64", "14,14"),
)


def odd(rng: random.Random) -> str:
    """A value: one of the known bits, some of them together, or letters."""
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(BITS)
    if kind < 0.85:
        return rng.choice(",;.~:-_/").join(rng.choice(BITS) for _ in range(rng.randint(1, 5)))[:4000]
    return "".join(rng.choice(string.printable) for _ in range(rng.randint(0, 60)))


def odd_value(rng: random.Random, depth: int = 0) -> object:
    """Anything that JSON can say."""
    kind = rng.random()
    if depth < 3 and kind < 0.15:
        return {odd(rng)[:30]: odd_value(rng, depth + 1) for _ in range(rng.randint(0, 4))}
    if depth < 3 and kind < 0.35:
        return [odd_value(rng, depth + 1) for _ in range(rng.randint(0, 6))]
    simple: tuple[object, ...] = (
        None,
        True,
        False,
        0,
        -1,
        3,
        10**400,
        0.5,
        1e308,
        float("nan"),
        float("inf"),
        odd(rng),
    )
    return rng.choice(simple)


def addresses(rng: random.Random) -> dict[str, str]:
    """A query string's parameters: options with a value from the table or with anything, and what is no option."""
    return dict(setting(rng) for _ in range(rng.randint(0, 7)))


def setting(rng: random.Random) -> tuple[str, str]:
    """A name, mostly that of an option, and a value, often a value of its own."""
    option = rng.choice([*SCENARIO.values(), *QUIZ.values(), *SESSION.values()])
    name = rng.choice(NO_OPTIONS) if rng.random() < 0.1 else option.name
    return name, rng.choice(option.values) if option.values and rng.random() < 0.4 else odd(rng)


def events(rng: random.Random) -> dict[str, object]:
    """What a browser may say a person did."""
    names = (
        "box",
        "point",
        "focus",
        "set",
        "step",
        "example",
        "pin",
        "answer",
        "asked",
        "check",
        "kept",
        "others",
        "at_step",
        "present",
        "seq",
        "have",
        "page",
        "go_to",
        "x",
    )
    event = {rng.choice(names): odd_value(rng) for _ in range(rng.randint(0, 6))}
    if rng.random() < 0.4:
        event["box"] = [rng.choice((0, 1, 2.5, 7, 8, -3, 1e9, float("nan"))) for _ in range(rng.choice((4, 4, 4, 3)))]
    if rng.random() < 0.4:
        event["set"] = addresses(rng)
    if rng.random() < 0.2:
        sides = [rng.choice((0, 1, 2.5, 7, 8, -3, 1e9, odd_value(rng))) for _ in range(rng.choice((4, 4, 3)))]
        event["check"] = {"question": rng.choice(STEPS), "box": sides}
    if rng.random() < 0.2:
        labels = {
            rng.choice(STEPS): rng.choice((odd_value(rng), "quiz.aligned.left", "P3", "1.00,2.00,5.00,6.00"))
            for _ in range(3)
        }
        event["kept"] = {"seed": rng.choice((1, 1, 7, odd_value(rng))), "labels": labels}
    return event


def one_session(seed: int) -> None:
    """An address and some events, on some page; then the same over the road of drags."""
    rng = random.Random(seed)
    name, kind = rng.choice(list(WALKS.items()))
    session = Session()
    options = addresses(rng)
    for problem in session.read_address(options, kind):
        for language in LANGUAGES:
            words = text_in(language)
            values = {key: words(value) if value in words.entries else value for key, value in problem.values.items()}
            assert words(problem.key, **values)
    for _ in range(3):
        session.apply_event(events(rng), kind)
    scenario = session.scenario_of(kind)
    for operator in (scenario.pool, scenario.align, *scenario.pair):
        assert scenario.trace(operator).output.shape == scenario.output_size
    if kind != "quiz":
        assert not from_address(session.to_address(kind), kind, Scenario())[1], "a page's own address has a problem"
    address = urlencode({"lang": "en", **session.to_address(kind)}, errors="replace")
    message = {"page": name, "address": address, **events(rng)} if rng.random() < 0.7 else events(rng)
    reply = json.loads(answer_message(json.dumps(message)))
    assert isinstance(reply, dict)
    answer_message(odd(rng))


def files(rng: random.Random) -> tuple[str, bytes]:
    """A file that may be what its name says, cut, turned or grown."""
    ending = rng.choice(("npy", "npz", "csv", "tsv", "txt", "png", "jpg", "webp", "gif", "toml", ""))
    buffer = io.BytesIO()
    kind = rng.choice(("npy", "npz", "csv", "png", "jpeg", "webp", "zip", "noise", "header"))
    shape = rng.choice(((3, 4), (2, 3, 4), (1, 2, 3, 4), (0, 3), (1, 1), (100, 1), (), (5,), (2, 2, 2, 2, 2)))
    if kind in ("npy", "npz"):
        dtype = rng.choice(("f4", "f8", "i8", "u1", "?", "c8", "f2", "U3", "O"))
        values = np.zeros(shape, dtype) if dtype != "O" else np.array([None], object)
        np.save(buffer, values) if kind == "npy" else np.savez(buffer, a=values, b=np.array(3))
    elif kind == "csv":
        buffer.write(b"\n".join(odd(rng).encode("utf-8", "replace") for _ in range(rng.randint(0, 9))))
    elif kind in ("png", "jpeg", "webp"):
        mode = rng.choice(("RGB", "L", "RGBA", "LA", "P", "1") if kind == "png" else ("RGB", "L"))
        exif = rng.choice((b"", odd_exif(rng)))
        Image.new(mode, (rng.randint(20, 90), rng.randint(20, 90))).save(buffer, kind, exif=exif)
    elif kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(rng.choice(("a.npy", "../x", "b.txt")), b"\0" * rng.choice((10, 10**6)))
    elif kind == "header":
        header = rng.choice(("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999, 999), }", "{" * 500, "x"))
        buffer.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    else:
        buffer.write(rng.randbytes(rng.randint(0, 500)))
    content = bytearray(buffer.getvalue())
    for _ in range(rng.choice((0, 0, 1, 3, 20))):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    if rng.random() < 0.3:
        del content[rng.randrange(len(content) + 1) :]
    return f"map.{ending}", bytes(content)


def odd_exif(rng: random.Random) -> bytes:
    """EXIF with an orientation and what cameras and programs write beside it, of the right type or of any."""
    order, mark = rng.choice((("big", b"MM\0*\0\0\0\x08"), ("little", b"II*\0\x08\0\0\0")))
    tags = rng.sample(
        (0x010F, 0x0112, 0x011A, 0x011B, 0x0128, 0x0131, 0x8298, 0x8769, 0x8825, 0xA005), rng.randint(0, 6)
    )
    entries = b"".join(
        tag.to_bytes(2, order)
        + rng.randint(0, 13).to_bytes(2, order)
        + rng.choice((0, 1, 1, 2, 10**9)).to_bytes(4, order)
        + rng.choice((rng.randbytes(4), rng.randint(0, 9).to_bytes(4, order), b"\0\0\0\x16"))
        for tag in sorted(tags)
    )
    return b"Exif\0\0" + mark + len(tags).to_bytes(2, order) + entries + rng.randbytes(rng.choice((0, 4, 40)))


def one_file(seed: int) -> None:
    """A file and a pasted matrix; a lesson and a link."""
    rng = random.Random(seed)
    name, content = files(rng)
    _spoken(lambda: read_upload(name, content), OwnDataError)
    _spoken(lambda: own_matrix("\n".join(odd(rng) for _ in range(rng.randint(0, 6)))), OwnDataError)
    lines = [rng.choice(("[[part]]", "a = 1", 'walk = "roi_pool"', "steps = [", f'link = "{odd(rng)}"', odd(rng)))]
    lines += [f'{name} = "{value}"' for name, value in addresses(rng).items()]
    _spoken(lambda: read_lesson("\n".join(lines)), LessonError)
    _spoken(lambda: part_of_link(f"http://x/RoI_Align?{urlencode(addresses(rng), errors='replace')}"), DeckError)


def _spoken(act: Callable[[], object], error: type[OwnDataError] | type[DeckError]) -> None:
    """It works, or says why not in every language."""
    try:
        act()
    except error as found:
        for language in LANGUAGES:
            assert text_in(language)(found.key, **found.values)


def timed(act: Callable[[int], None], many: int, first: int = 0) -> Iterator[tuple[int, float]]:
    """Every seed with how long it took."""
    for seed in range(first, first + many):
        start = time.perf_counter()
        try:
            act(seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
        yield seed, time.perf_counter() - start


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("part", range(5))
def test_no_address_and_no_message_breaks_anything(part):
    assert len(list(timed(one_session, ADDRESSES // 5, part * 1_000_000))) == ADDRESSES // 5


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about files that are cut
def test_no_file_breaks_anything():
    assert len(list(timed(one_file, FILES))) == FILES


@pytest.mark.parametrize(
    "message", ["x" * 1_000_000, '{"page":' * 5000, "[" * 100_000, '{"box": ' + "[" * 3000, "\ud800"]
)
def test_a_long_message_is_refused(message):
    assert json.loads(answer_message(message)) == {"refused": True}


def test_a_deck_of_fuzzed_scenarios_is_drawn():
    for seed in range(6):
        scenario, _ = from_address(addresses(random.Random(seed)), "home", Scenario())
        assert sheets(SlideDeck((Part("roi_pool", scenario, ("max",)), Part("roi_align", scenario, ("join",)))))


if __name__ == "__main__":
    import tracemalloc

    wanted = [int(number) for number in sys.argv[1:]] or [ADDRESSES, FILES]
    for what, run, count in (("sessions", one_session, wanted[0]), ("files", one_file, wanted[-1])):
        tracemalloc.start()
        slowest = max(timed(run, count, 10_000_000), key=lambda one: one[1])
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"{count} {what}: none crashed; the slowest took {slowest[1]:.2f} s (seed {slowest[0]}); {peak:.0f} MB")
        assert slowest[1] < SLOW and peak < 200
