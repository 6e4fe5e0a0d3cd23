"""A room: what the lecturer shows, the questions that were asked, and what may follow what.

Nobody has a name in it. A student is a random number that their browser drew; the lecturer is who has the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from roialign_lab.lesson.event import box_in, focus_in, numbers_of
from roialign_lab.stage.page import WALKS

LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"  # of two that look alike, one: no 0 beside O, no 1, I, L, no B8, S5, Z2
CODE = re.compile(f"[{LETTERS}]{{6}}")
CLIENT = re.compile(r"[0-9a-f]{32}")
LASTS = 6 * 3600  # seconds
MOST_ROUNDS = 2
MOST_QUESTIONS = 200
LONGEST_ADDRESS, LONGEST_STEP = 3000, 40
OF_ONE_BROWSER = ("lang", "present", "room")  # what an address says of the browser and not of what is shown


class Phase(StrEnum):
    """Where a question is. Votes are taken in the first alone."""

    ASK = "ask"
    SHOWN = "shown"  # the lecturer sees what was answered
    TALK = "talk"
    REVEALED = "revealed"
    DONE = "done"


NEXT: Mapping[Phase, tuple[Phase, ...]] = {
    Phase.ASK: (Phase.SHOWN, Phase.REVEALED, Phase.DONE),
    Phase.SHOWN: (Phase.TALK, Phase.ASK, Phase.REVEALED, Phase.DONE),
    Phase.TALK: (Phase.ASK, Phase.REVEALED, Phase.DONE),
    Phase.REVEALED: (Phase.DONE,),
    Phase.DONE: (),
}
"""What may follow; to ask again is the next round."""


@dataclass(frozen=True)
class Show:
    """What a lecturer's stage shows: the page, where it stands as its address says it, and what was done since."""

    page: str
    address: str
    done: Mapping[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The address, name by name."""
        return dict(parse_qsl(self.address))


def show_in(message: object) -> Show | None:
    """What a lecturer's browser says that its stage shows; None for nonsense.

    >>> show = show_in({"page": "roi_align", "address": "lang=zh&box=1,2,3,4&present=1", "step": "join", "x": 1})
    >>> show.address, show.done
    ('box=1,2,3,4', {'step': 'join'})
    >>> show_in({"page": "slides", "address": ""}), show_in({"page": "home", "address": "x" * 4000})
    (None, None)
    """
    if not isinstance(message, Mapping):
        return None
    page, address = message.get("page"), message.get("address")
    if not isinstance(page, str) or page not in WALKS or page == "slides":
        return None
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        return None
    query = {name: value for name, value in parse_qsl(address) if name not in OF_ONE_BROWSER}
    box, focus, step = box_in(message), focus_in(message), message.get("step")
    done = {
        "box": None if box is None else list(box),
        "point": numbers_of(message.get("point"), 2),
        "focus": None if focus is None else asdict(focus),
        "step": step if isinstance(step, str) and len(step) <= LONGEST_STEP else None,
    }
    return Show(page, urlencode(query, safe=",;"), {name: value for name, value in done.items() if value is not None})


@dataclass(frozen=True)
class Question:
    """A question of the lecturer: what was shown when it was asked, and where it is.

    ``about`` names one of :data:`roialign_lab.lesson.walks.BESIDES`; empty, it is what the step or the quiz asks.
    """

    number: int
    show: Show
    round: int = 1
    phase: Phase = Phase.ASK
    about: str = ""

    @property
    def is_choice(self) -> bool:
        """Is it one of the quiz, with choices, and not one that is answered on the map?"""
        return self.show.page == "quiz"


@dataclass(frozen=True)
class Room:
    """Everything that is true of a room besides who is in it and what they answered."""

    code: str
    secret: str  # its hash
    opened: float
    show: Show
    is_paused: bool = False
    gathered: int = 0  # how often everybody was asked back
    questions: tuple[Question, ...] = ()
    lesson: str = ""  # the plan of the lecture, as a lesson.toml; empty: the one that comes with the lesson
    stop: int = -1  # of the plan; -1: it is not followed

    @property
    def question(self) -> Question | None:
        """The question that is open."""
        last = self.questions[-1] if self.questions else None
        return None if last is None or last.phase is Phase.DONE else last

    @property
    def shown(self) -> Show:
        """What students look at: until its answer is seen, what the question was asked about."""
        asked = self.question
        return self.show if asked is None or asked.phase is Phase.REVEALED else asked.show

    def is_over(self, now: float) -> bool:
        """Has it ended by itself?"""
        return now >= self.opened + LASTS

    def is_led_by(self, secret: object) -> bool:
        """Does the secret make a browser the lecturer?"""
        return isinstance(secret, str) and hmac.compare_digest(_hash(secret), self.secret)

    def is_asking(self, show: Show, about: str = "") -> bool:
        """Is this what is asked, for the first time?"""
        asked = self.question
        return asked is not None and asked == Question(asked.number, show, about=about)

    def asking(self, show: Show, about: str = "") -> Room:
        """With a new question, to which everybody comes; the one that was open is over.

        As it is where that is asked already: who presses twice, or is not told that it was done, asks once.
        """
        before = tuple(replace(asked, phase=Phase.DONE) for asked in self.questions)
        if len(before) >= MOST_QUESTIONS or self.is_asking(show, about):
            return self
        question = Question(len(before) + 1, show, about=about)
        return replace(self, show=show, questions=(*before, question), gathered=self.gathered + 1, is_paused=False)

    def turned(self, phase: object) -> Room:
        """With the open question in another phase, where that may follow.

        >>> room = opened("ACDEFG", "secret", Show("home", ""), now=0.0).asking(Show("roi_pooling", "step=max"))
        >>> room.turned("talk").question.phase, room.turned("shown").turned("ask").question.round
        (<Phase.ASK: 'ask'>, 2)
        """
        asked = self.question
        if asked is None or phase not in NEXT[asked.phase]:
            return self
        again = asked.round + (phase == Phase.ASK)
        if again > MOST_ROUNDS:
            return self
        turned = replace(asked, phase=Phase(str(phase)), round=again)
        back = self.gathered + (phase == Phase.ASK)
        return replace(self, questions=(*self.questions[:-1], turned), gathered=back)

    def to_text(self) -> str:
        """As it is stored: :func:`room_of` brings it back."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)


def room_of(text: str) -> Room:
    """The room that was stored as that text."""
    kept = json.loads(text)
    questions = tuple(
        Question(asked["number"], Show(**asked["show"]), asked["round"], Phase(asked["phase"]), asked.get("about", ""))
        for asked in kept["questions"]
    )
    return Room(**{**kept, "show": Show(**kept["show"]), "questions": questions})


def opened(code: str, secret: str, show: Show, now: float) -> Room:
    """A new room."""
    return Room(code, _hash(secret), now, show)


def new_code() -> str:
    """A code that nobody can guess from another, and that can be read from the back row."""
    return "".join(secrets.choice(LETTERS) for _ in range(6))


def new_secret() -> str:
    """What makes a browser the lecturer."""
    return secrets.token_urlsafe(16)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
