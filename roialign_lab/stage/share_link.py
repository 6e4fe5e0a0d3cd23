"""The link of what a page shows, with the parts that a teacher leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from roialign_lab.lesson.options import hideable
from roialign_lab.stage.page import Page

PLACE = re.compile(r"(https?)://([\w.\-]+|\[[0-9a-f:]+\])(:\d{1,5})?(/[\w\-./~%+!$&'()*,;=:@]*)?", re.ASCII)
LONGEST_PLACE = 300


def is_place(place: object) -> bool:
    """Can a page be at that address? It comes from a browser.

    >>> is_place("https://lab.example.org/~ann/@2026 (draft)/".replace(" ", "%20")), is_place("javascript:alert(1)")
    (True, False)
    """
    return len(str(place)) <= LONGEST_PLACE and PLACE.fullmatch(str(place)) is not None


def share_link(page: Page, place: str, hidden: object, presenting: object) -> str:
    """The link of a page that is at ``place``.

    >>> from roialign_lab.lesson.session import Session
    >>> share_link(Page("quiz", Session()), "https://lab.example.org/Quiz/", ["menu"], True)
    'https://lab.example.org/Quiz/?lang=en&seed=1&step=snap&hide=menu&present=1'
    """
    address = page.address | {"hide": ",".join(_parts(hidden)), "present": "1" if presenting is True else ""}
    return f"{place}?{urlencode({name: value for name, value in address.items() if value}, safe=',;')}"


def _parts(hidden: object) -> Sequence[str]:
    return [name for name in hideable() if isinstance(hidden, list) and name in hidden]
