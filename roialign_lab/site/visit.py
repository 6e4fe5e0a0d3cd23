"""A visit of the site: what the worker in the browser asks of Python, and what the build renders into the pages.

Messages are JSON in both directions. An answer says which ``page`` is open and holds the ``update`` that its stage
draws; ``title`` and ``language`` are those of the document, and ``notes`` says whether it has words under the stage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.stage.answer import ASKED, answer
from roialign_lab.stage.page import WALKS, Page, page_after
from roialign_lab.stage.share_link import is_place, share_link

LONGEST_QUERY, PARAMETERS = 20_000, 100


class Visit:
    """One visitor's session and the page that is open."""

    def __init__(self) -> None:
        self.session = Session()
        self.name = "home"

    def open(self, name: str, query: str, language: str) -> str:
        """Open a page at an address, as a link does; ``language`` is the visitor's, where the address names none.

        >>> opened = json.loads(Visit().open("roi_align", "out=3&lang=zh", "en"))
        >>> opened["page"], opened["language"], opened["update"]["panels"][0]["output_columns"], opened["problems"]
        ('roi_align', 'zh', 3, [])
        """
        self.name = name if name in WALKS else "home"
        self.session.hovered = None
        if language in LANGUAGES:
            self.session.language = language
        address = dict(parse_qsl(query[:LONGEST_QUERY])[:PARAMETERS])
        page = Page(self.name, self.session)
        problems = self.session.read_address(address, page.kind)
        text = page.text
        said = [
            text(problem.key, **{k: text(v) if v in text.entries else v for k, v in problem.values.items()})
            for problem in problems
        ]
        return _written(self._answer({}) | {"problems": [text("problem.intro"), *said] if said else []})

    def take(self, message: str) -> str:
        """Answer what a person did.

        >>> visit = Visit()
        >>> answered = json.loads(visit.take('{"box": [1, 2, 4, 6], "go_to": "roi_pooling", "commit": true}'))
        >>> answered["page"], answered["update"]["box"], answered["update"]["address"][:43], answered["kept"]
        ('roi_pooling', [1.0, 2.0, 4.0, 6.0], 'lang=en&map=animation&stride=16&box=1,2,4,6', True)
        """
        event = json.loads(message)
        page = Page(self.name, self.session)
        language = self.session.language
        self.session.apply_event(event, page.kind)
        target = page_after(page, event)
        if target is not None:
            self.name, self.session.hovered = target, None
            event = {name: event[name] for name in ("seq",) if name in event}
        kept = target is not None or event.get("commit") is True or self.session.language != language
        return _written(self._answer(event) | {"kept": kept})

    def _answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        page = Page(self.name, self.session)
        asked = {name: event[name] for name in ("seq", "have", *ASKED) if name in event}
        update = answer(self.session, {"seq": 0, **asked, "page": self.name})
        update["address"] = urlencode(page.address, safe=",")
        shared = event.get("share")
        if isinstance(shared, Mapping) and is_place(shared.get("place")):
            link = share_link(page, str(shared["place"]), shared.get("hide"), shared.get("present"))
            update["share"] = {"link": link, "code": qr_code(link)}
        text = page.text
        title = page.title if self.name == "home" else f"{page.title} · {text('app.name')}"
        notes = page.shows("notes")
        return {"page": self.name, "language": text.language, "title": title, "notes": notes, "update": update}


def qr_code(link: str) -> str:
    """The QR code of a link as the data address of a picture.

    >>> qr_code("https://lab.example.org/")[:40]
    'data:image/svg+xml,%3Csvg%20xmlns%3D%22h'
    """
    from segno.encoder import encode  # only when somebody shares

    rows = encode(link, error="m", micro=False).matrix
    size = len(rows) + 6  # with a margin of three
    dark = "".join(f"M{x + 3} {y + 3}h1v1h-1z" for y, row in enumerate(rows) for x, bit in enumerate(row) if bit)
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
    picture += f'<rect width="{size}" height="{size}" fill="#fff"/>'
    picture += f'<path d="{dark}" shape-rendering="crispEdges"/></svg>'
    return "data:image/svg+xml," + quote(picture)


def _written(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
