"""The table of options: everything that an address, a control, a lesson file or a lesson link can name.

A new option is a row of :data:`SCENARIO` and its words in ``assets/text``: ``control.NAME``, ``control.NAME_title`` and
``part.NAME`` where it has a control. Addresses, controls, lesson links, ``lesson.toml``, the checks of the READMEs'
table and the fuzzers read the rows. An option whose values stand for the values of one field of the scenario is made
by :func:`choice`; ``side`` is the shortest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roialign_core.backbone import CHANNELS
from roialign_core.backbone import STRIDES as PHOTO_STRIDES
from roialign_core.examples import MAPS
from roialign_core.operators import CHOICES, Aggregate, Reading, Split
from roialign_lab.lesson import menus, readers
from roialign_lab.lesson.maps import PHOTO_NAME
from roialign_lab.lesson.mask_networks import is_drawn, parts_of
from roialign_lab.lesson.operator_names import ANSWERED, ON_STAGE, answer
from roialign_lab.lesson.quiz import LARGEST_SEED, STEPS
from roialign_lab.lesson.readers import NOTHING, Changes, Fitter, Problem, Reader, unknown_choice, written_numbers
from roialign_lab.lesson.recorded import recorded_inputs
from roialign_lab.lesson.scenario import LARGEST_OUTPUT, MOST_SAMPLES_A_SIDE, SIDES, SPLITS, STRIDES, Scenario
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.lesson.walks import ALIGN_STEPS, POINT_STEPS, POOL_STEPS

Writer = Callable[[Any, str], str]  # what holds the fields (a scenario, a session, a quiz), the kind of page


@dataclass(frozen=True)
class Option:
    """A row of the table.

    Parameters
    ----------
    name : in the address, in ``lesson.toml`` and in the keys of its words.
    write : the value that is chosen, as an address has it; nothing is written where it is empty.
    values : what an address can hold: all values, or examples where they are too many to list.
    read : the fields that a value changes; None where ``fit`` reads it too, and for an option that no address sets.
    fit, fitted_to : moves the value to the nearest that can be shown, after all options were read: when an address
        names this option or the option that it is fitted to.
    written_on : the kinds of page whose address names it. Every page reads it.
    absent : the value that a session reads from an address without it; None where it then stays as it is. What a new
        session begins with stands in :class:`Scenario`, ``Session`` and ``QuizProgress``.
    buttons_on, menus_on : the kinds of page with a control for it, made of buttons, or of menus.
    first_on : those of them where the control is seen at once; elsewhere it stands under *More*.
    presented_on : those of them where the control stays in a lecture, which does without most.
    offer : the lists of values and labels of the control.
    idle : is the control without effect on that kind of page now?
    """

    name: str
    write: Writer
    values: tuple[str, ...] = ()
    read: Reader | None = None
    fit: Fitter | None = None
    fitted_to: str = ""
    written_on: tuple[str, ...] = ()
    absent: str | None = None
    buttons_on: tuple[str, ...] = ()
    menus_on: tuple[str, ...] = ()
    first_on: tuple[str, ...] = ()
    presented_on: tuple[str, ...] = ()
    offer: menus.Offer = menus.nothing
    idle: Callable[[Scenario, str], bool] = lambda _scenario, _kind: False

    @property
    def in_addresses(self) -> bool:
        """Can an address set it?"""
        return self.read is not None or self.fit is not None

    @property
    def has_control(self) -> bool:
        """Does any page have a control for it?"""
        return bool(self.buttons_on or self.menus_on)


def choice(name: str, field: str, meanings: Mapping[str, object], words: str = "", **columns: Any) -> Option:
    """An option whose values each stand for a value of a field; its labels stand under ``words`` in the catalogues.

    >>> from roialign_lab.lesson.scenario import Scenario
    >>> side = choice("side", "side", {"x1": "x1", "y1": "y1"}, written_on=("error",))
    >>> side.write(Scenario(side="x1"), "error"), side.read(Scenario(), "y1", "error", [])
    ('x1', {'side': 'y1'})
    """

    def write(holder: object, _kind: str) -> str:
        return next(value for value, meaning in meanings.items() if meaning == getattr(holder, field))

    def read(_holder: object, value: str, _kind: str, problems: list[Problem]) -> Changes:
        if value in meanings:
            return {field: meanings[value]}
        problems.append(unknown_choice(name, value, meanings))
        return NOTHING

    row: dict[str, Any] = {"values": tuple(meanings), "offer": menus.same(meanings, words), **columns}
    return Option(name, write, read=read, **row)


def table(*rows: Option) -> dict[str, Option]:
    """Rows by their names, in their order."""
    return {row.name: row for row in rows}


def written(holder: object, rows: Mapping[str, Option], kind: str) -> dict[str, str]:
    """What the address of a page says of ``rows``; the names of a whole address are put :func:`in_order`.

    >>> written(Scenario(side="x2"), {"side": SCENARIO["side"]}, "error")
    {'side': 'x2'}
    """
    values = {row.name: row.write(holder, kind) for row in rows.values() if kind in row.written_on}
    return {name: value for name, value in values.items() if value}


def in_order(names: Iterable[str], order: Sequence[str]) -> list[str]:
    """Names in the order of a list; those that it does not hold come last, as they came.

    >>> in_order(("new", "box", "map"), ("map", "stride", "box"))
    ['map', 'box', 'new']
    """
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def fitted() -> list[tuple[str, Fitter, str]]:
    """The options that are moved to the nearest that can be shown, and to which option: by the order of the latter.

    >>> [(name, fitted_to) for name, _, fitted_to in fitted()]
    [('box', 'map'), ('point', 'map'), ('bin', 'out')]
    """
    order = list(SCENARIO)
    rows = [(row.name, row.fit, row.fitted_to) for row in SCENARIO.values() if row.fit is not None]
    return sorted(rows, key=lambda row: order.index(row[2]))


def hideable() -> tuple[str, ...]:
    """What a lesson link can leave out: parts of the page, then controls by their names."""
    controls = (row.name for row in SCENARIO.values() if row.has_control)
    return (*PAGE_PARTS, *in_order(controls, SHARED))


def _step_of_walk(scenario: Scenario, kind: str) -> str:
    return scenario.steps.get(kind, "")


def _photo_map(scenario: Scenario, _kind: str) -> str:
    photo = PHOTO_NAME.fullmatch(scenario.map)
    return f"{photo[2]},{photo[3]}" if photo else ""


def _drawn_map(scenario: Scenario, _kind: str) -> str:
    return ",".join(map(str, parts_of(scenario.map))) if is_drawn(scenario.map) else ""


def _recorded_number(scenario: Scenario, _kind: str) -> str:
    """The number of the recorded call that is shown; empty for any other input."""
    shown = (scenario.map, scenario.box, scenario.stride, scenario.output_size)
    calls = enumerate(recorded_inputs(), start=1)
    same = (k for k, call in calls if (call.map, call.box, call.stride, (call.size, call.size)) == shown)
    return str(next(same, ""))


def _lit_bin(scenario: Scenario, kind: str) -> str:
    """The bin and the sample as they are lit: fewer samples may have been chosen since."""
    return f"{scenario.focus.row},{scenario.focus.column},{readers.nearest_sample(scenario, kind)}"


def _answer_row(question: str) -> Option:
    kinds = Split if question == "split" else CHOICES[question]
    return Option(
        f"answer_{question}",  # the address then has another name for the right operator
        write=lambda scenario, _: answer(scenario.pair[1], question),
        values=tuple(kind.value for kind in kinds),
        read=readers.answer_reader(question),
        menus_on=("family",),
        offer=menus.answers(question),
    )


def _without_lattice(scenario: Scenario, kind: str) -> bool:
    """On the page of the family: does neither operator read as many points as a person chooses?"""
    return kind == "family" and not any(operator.reading is Reading.LATTICE for operator in scenario.pair)


def _read_hidden(_session: object, value: str, _kind: str, problems: list[Problem]) -> Changes:
    names, known = [name for name in value.split(",") if name], hideable()
    unknown = [name for name in names if name not in known]
    if unknown:
        problems.append(unknown_choice("hide", ",".join(unknown), known))
    return {"hidden": tuple(name for name in known if name in names)}


# Kinds of page, as roialign_lab.stage.page.WALKS has them, by what their addresses speak of.
WITH_OPERATOR = ("home", "roi_pool", "roi_align", "error", "family", "gradients")
WITH_BINS = (*WITH_OPERATOR, "slides")
WITH_BOX = (*WITH_BINS, "image", "network")
WITH_MAP = (*WITH_BOX, "bilinear")
EVERY = (*WITH_MAP, "quiz")
WITH_ALIGN = ("home", "roi_align", "error", "gradients")
WITH_POOL = ("home", "roi_pool", "error", "gradients")

# A row is read after those above it: the stride depends on the map, an answer of the right operator on the operator.
SCENARIO = table(
    Option(
        "map",
        write=lambda scenario, _: scenario.map,
        values=(
            *MAPS,
            *(f"{name}-7" for name in menus.RANDOM_MAPS),
            *(f"photo-{stride}-{name}" for stride, name in zip(PHOTO_STRIDES * 2, CHANNELS, strict=True)),
            "matrix-1,2;3,4",
            "drawn-11-16-0",
        ),
        read=readers.read_map,
        written_on=WITH_MAP,
        menus_on=(*WITH_OPERATOR, "image", "bilinear"),
        first_on=("home", "image", "roi_pool", "bilinear"),
        presented_on=("roi_pool",),
        offer=menus.maps,
    ),
    Option(
        "photo",  # another stride or channel of the photo: the address then names the map
        write=_photo_map,
        values=tuple(f"{stride},{name}" for stride, name in zip(PHOTO_STRIDES * 2, CHANNELS, strict=True)),
        read=readers.read_photo,
        menus_on=("image",),
        first_on=("image",),
        presented_on=("image",),
        offer=menus.photo_maps,
    ),
    Option(
        "drawn",  # another drawn picture, stride or channel: the address then names the map
        write=_drawn_map,
        values=("1,8,0", "9,16,47"),
        read=readers.read_drawn,
        menus_on=("network",),
        first_on=("network",),
        presented_on=("network",),
        offer=menus.drawn_maps,
    ),
    choice(
        "seen",
        "on_map",
        {"picture": False, "features": True},
        words="control",
        written_on=("network",),
        buttons_on=("network",),
        first_on=("network",),
        presented_on=("network",),
    ),
    Option(
        "stride",
        write=lambda scenario, _: str(scenario.stride),
        values=tuple(map(str, STRIDES)),
        read=readers.read_stride,
        written_on=WITH_BOX,
        menus_on=WITH_OPERATOR,
        offer=menus.strides,
    ),
    Option(
        "out",
        write=lambda scenario, _: ",".join(map(str, scenario.output_size)),
        values=(*map(str, range(1, LARGEST_OUTPUT + 1)), "2,3"),
        read=readers.read_output_size,
        written_on=WITH_BINS,
        menus_on=WITH_OPERATOR,
        first_on=("home", "roi_pool", "error", "gradients"),
        offer=menus.same(map(str, range(1, LARGEST_OUTPUT + 1)), lists=2),
    ),
    Option(
        "samples",
        write=lambda scenario, _: str(scenario.samples),
        values=tuple(map(str, range(MOST_SAMPLES_A_SIDE + 1))),
        read=readers.read_samples,
        written_on=(*WITH_ALIGN, "family"),
        buttons_on=("roi_align",),
        menus_on=("error", "gradients", "family"),
        first_on=("roi_align", "gradients"),
        presented_on=("roi_align", "error", "gradients", "family"),
        offer=menus.sample_counts(MOST_SAMPLES_A_SIDE),
        idle=_without_lattice,
    ),
    choice(
        "origin",
        "aligned",
        {"aligned": True, "legacy": False},
        words="control",
        written_on=WITH_ALIGN,
        buttons_on=("roi_align", "error", "gradients"),
        first_on=("roi_align",),
        presented_on=("roi_align", "error", "gradients"),
    ),
    choice(
        "join",
        "aggregate",
        {rule.value: rule for rule in Aggregate},
        written_on=WITH_ALIGN,
        buttons_on=("roi_align", "error"),
        first_on=("roi_align", "error"),
        presented_on=("roi_align", "error"),
        offer=menus.same((Aggregate.MEAN.value, Aggregate.MAX.value), "control"),
    ),
    Option(
        "split",
        write=lambda scenario, _: ",".join(rule.value for rule in scenario.split),
        values=(*(rule.value for rule in SPLITS), "ceil,floor"),
        read=readers.read_split,
        written_on=WITH_POOL,
        menus_on=("roi_pool", "error", "gradients"),
        first_on=("roi_pool",),
        offer=menus.same((rule.value for rule in SPLITS), "control", lists=2),
    ),
    Option(
        "step",
        write=_step_of_walk,
        values=tuple(dict.fromkeys((*POOL_STEPS, *ALIGN_STEPS, *POINT_STEPS))),
        read=readers.read_step,
        written_on=("roi_pool", "roi_align", "bilinear"),
    ),
    Option(
        "bin",
        write=_lit_bin,
        values=("0,1,2", "1,0"),
        read=readers.read_bin,
        fit=readers.fit_bin,
        fitted_to="out",
        written_on=WITH_BINS,
    ),
    choice(
        "label",
        "numbered",
        {"number": True, "place": False},
        words="control",
        written_on=WITH_OPERATOR,
        menus_on=("roi_pool", "roi_align"),
    ),
    choice(
        "side",
        "side",
        {side: side for side in SIDES},
        written_on=("error",),
        buttons_on=("error",),
        first_on=("error",),
        presented_on=("error",),
    ),
    Option(
        "left",
        write=lambda scenario, _: scenario.left,
        values=ON_STAGE,
        read=readers.member_reader("left"),
        written_on=("family",),
        menus_on=("family",),
        first_on=("family",),
        presented_on=("family",),
        offer=menus.members("left"),
    ),
    Option(
        "right",
        write=lambda scenario, _: scenario.right,
        values=(*ON_STAGE, "roi_align~split:overlap"),
        read=readers.member_reader("right"),
        written_on=("family",),
        menus_on=("family",),
        first_on=("family",),
        presented_on=("family",),
        offer=menus.members("right"),
    ),
    *(_answer_row(question) for question in ANSWERED),
    Option(
        "recorded",  # a recorded call: the address then names its map, box, stride and output
        write=_recorded_number,
        values=("1", "14"),
        read=readers.read_recorded,
        menus_on=("family",),
        offer=menus.recorded_calls,
    ),
    choice(
        "cell",
        "every",
        {"one": False, "all": True},
        words="control",
        written_on=("gradients",),
        buttons_on=("gradients",),
        first_on=("gradients",),
        presented_on=("gradients",),
    ),
    Option(
        "box",
        write=lambda scenario, _: written_numbers(scenario.box),
        values=("0,3,7,8", "0.55,2.7,6.35,7.4"),
        fit=readers.fit_box,
        fitted_to="map",
        written_on=WITH_BOX,
    ),
    Option(
        "point",
        write=lambda scenario, _: written_numbers(scenario.point),
        values=("1.5,2.25",),
        fit=readers.fit_point,
        fitted_to="map",
        written_on=("bilinear",),
    ),
    Option(
        "example",  # no address names it: it sets other options
        write=lambda *_: "",
        menus_on=("home", "roi_pool", "roi_align"),
        offer=menus.examples,
    ),
)
"""The options of a :class:`Scenario`."""

QUIZ = table(
    Option(
        "seed",
        write=lambda quiz, _: str(quiz.seed),
        values=("1", "12", str(LARGEST_SEED)),
        read=readers.read_seed,
        written_on=("quiz",),
    ),
    Option(
        "step",
        write=lambda quiz, _: quiz.key,
        values=STEPS,
        read=readers.read_question,
        written_on=("quiz",),
    ),
)
"""The options of the quiz: which questions, and which of its steps is open."""

# What a page has besides its controls; a lesson link can leave it out.
PAGE_PARTS = ("menu", "languages", "steps", "sliders", "answer", "figures", "own", "notes")

# The order of names in an address, of controls in their line, and of controls in the list of a lesson link. It is a
# matter of looks: an option that is missing here comes last.
ANSWERS = tuple(f"answer_{question}" for question in ANSWERED)
ADDRESS = (
    *(
        "lang",
        "seed",
        "map",
        "point",
        "stride",
        "box",
        "out",
        "bin",
        "cell",
        "samples",
        "origin",
        "join",
        "label",
        "side",
        "seen",
    ),
    *("split", "left", "right", "step", "hide", "present"),
)
LINE = (
    *(
        "left",
        "right",
        *ANSWERS,
        "side",
        "cell",
        "origin",
        "join",
        "samples",
        "photo",
        "seen",
        "drawn",
        "out",
        "split",
        "label",
    ),
    *("map", "stride", "recorded", "example"),
)
SHARED = (
    *(
        "out",
        "split",
        "origin",
        "join",
        "samples",
        "map",
        "stride",
        "label",
        "example",
        "photo",
        "seen",
        "drawn",
        "side",
    ),
    *("left", "right", *ANSWERS, "recorded", "cell"),
)

SESSION = table(
    choice("lang", "language", {language: language for language in LANGUAGES}, written_on=EVERY),
    Option(
        "hide",
        write=lambda session, _: ",".join(session.hidden),
        values=(*hideable(), "menu,steps"),
        read=_read_hidden,
        written_on=EVERY,
        absent="",
    ),
    Option(
        "present",
        write=lambda session, _: "1" if session.presenting else "",
        values=("1",),
        read=lambda _session, value, *_: {"presenting": value == "1"},
        written_on=EVERY,
        absent="",
    ),
)
"""The options of a session, whatever its page shows: the language, and the view of a lesson link."""
