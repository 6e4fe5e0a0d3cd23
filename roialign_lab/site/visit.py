"""A visit of the site: what the worker in the browser asks of Python, and what the build renders into the pages.

Messages are JSON in both directions. What :meth:`Visit.open` and :meth:`Visit.take` answer says which ``page`` is open
and holds the ``update`` that its stage draws; ``title`` and ``language`` are those of the document, and ``shows`` names
what of the page stands under the stage. Where a person only looked, as in a drag, these three and the address of the
update are as before, and are left out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np

from roialign_lab.export.layout import sheet_of
from roialign_lab.export.svg import svg
from roialign_lab.figures.style import THEMES
from roialign_lab.lesson.array_files import map_arrays
from roialign_lab.lesson.maps import is_upload
from roialign_lab.lesson.own_limits import LARGEST_FILE, OwnDataError
from roialign_lab.lesson.own_maps import (
    MAP_ENDINGS,
    PHOTO_ENDINGS,
    OwnMaps,
    check_file,
    check_room,
    ending_of,
    keep,
    own_matrix,
    read_maps,
)
from roialign_lab.lesson.photo import Photo, photo_from, photo_size, preview_size
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.site.sections import Sections, file_named
from roialign_lab.stage.answer import ASKED, answer
from roialign_lab.stage.page import WALKS, Page, page_after
from roialign_lab.stage.share_link import is_place, share_link
from roialign_lab.stage.view import figure, has_figure

LONGEST_QUERY, PARAMETERS = 20_000, 100
BELOW = ("notes", "own", "downloads")
"""What of a page stands under its stage, by the names of the parts that a lesson link leaves out."""
LOOKS = {"box", "point", "focus", "guess", "seq", "have", "on", "again"}
"""What an event of a person who only looks can hold (``assets/stage/events.js``)."""
FIGURES = ("svg", "png")
"""What a browser can make of a figure; the app makes PDF as well."""


class Visit:
    """One visitor's session and the page that is open."""

    def __init__(self) -> None:
        self.session = Session()
        self.name = "home"
        self.sections = Sections()

    @property
    def page(self) -> Page:
        """The page that is open."""
        return Page(self.name, self.session)

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
        problems = self.session.read_address(address, self.page.kind)
        text = self.page.text
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
        >>> sorted(json.loads(visit.take('{"box": [1, 2, 4, 5]}')))
        ['page', 'update']
        """
        event = json.loads(message)
        language = self.session.language
        self.session.apply_event(event, self.page.kind)
        only_looked = event.keys() <= LOOKS
        target = page_after(self.page, event)
        if target is not None:
            self.name, self.session.hovered = target, None
            event = {name: event[name] for name in ("seq",) if name in event}
        kept = target is not None or event.get("commit") is True or self.session.language != language
        if only_looked and not kept:
            return _written({"page": self.name, "update": self._update(event)})
        return _written(self._answer(event) | {"kept": kept})

    def _update(self, event: Mapping[str, Any]) -> dict[str, Any]:
        asked = {name: event[name] for name in ("seq", "have", *ASKED) if name in event}
        return answer(self.session, {"seq": 0, **asked, "page": self.name})

    def _answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        page, update = self.page, self._update(event)
        update["address"] = urlencode(page.address, safe=",")
        shared = event.get("share")
        if isinstance(shared, Mapping) and is_upload(page.scenario.map):
            update["share"] = {"problem": page.text("site.own_stays")}
        elif isinstance(shared, Mapping) and is_place(shared.get("place")):
            link = share_link(page, str(shared["place"]), shared.get("hide"), shared.get("present"))
            update["share"] = {"link": link, "code": qr_code(link)}
        text = page.text
        title = page.title if self.name == "home" else f"{page.title} · {text('app.name')}"
        shows = [part for part in BELOW if page.shows(part)]
        told = {"page": self.name, "language": text.language, "title": title, "shows": shows, "update": update}
        if event.get("figure") in FIGURES and has_figure(page):
            told["figure"] = self._figure(str(event["figure"]), str(event.get("theme")))
        return told

    def _figure(self, kind: str, theme: str) -> dict[str, str]:
        """What the page shows as SVG, of which the browser makes a PNG."""
        drawn = figure(self.page)
        sheet = sheet_of(drawn, language=self.session.language, theme=theme if theme in THEMES else THEMES[0])
        return {"name": f"{drawn.name}.{kind}", "svg": svg(sheet)}

    def section(self, name: str, chosen: str) -> str:
        """A section under the stage (``sections``); ``chosen`` is what stands in its fields."""
        return _written(self.sections.make(name, self.page, json.loads(chosen)))

    def file(self, kind: str) -> str:
        """The file that a button names, its content in base 64.

        >>> json.loads(Visit().file("json"))["name"]
        'home.json'
        """
        file = file_named(kind, self.page)
        content = base64.b64encode(file.made()).decode("ascii")
        return _written({"name": file.name, "type": file.type, "content": content})

    # ---- own data -------------------------------------------------------------------------------------------------

    def keep_matrix(self, text: str) -> str:
        """Show a matrix that was pasted.

        >>> visit = Visit()
        >>> json.loads(visit.keep_matrix("1 2 3\\n4 5 6"))["answer"]["update"]["still"]["map"]
        'matrix-1,2,3;4,5,6'
        >>> json.loads(visit.keep_matrix("1 2\\n3"))["problem"]
        'Row 2 has 1 number, row 1 has 2. Every row needs the same number of them.'
        """
        return self._kept(lambda: own_matrix(text))

    def photo_or_maps(self, name: str, size: int) -> str:
        """What a file of that many bytes is, before the browser reads it; or why the page does not take it.

        >>> visit = Visit()
        >>> json.loads(visit.photo_or_maps("layer3.npy", 8320)), json.loads(visit.photo_or_maps("cat.jpg", 250_000))
        ({'kind': 'maps'}, {'kind': 'photo'})
        >>> json.loads(visit.photo_or_maps("layer3.npy", 10_100_000))["problem"]
        'layer3.npy has 10.1 MB; the limit is 10.0 MB. Save fewer channels, or a smaller photo.'
        """

        def kind() -> dict[str, Any]:
            self._check(name, size)
            return {"kind": "photo" if ending_of(name) in PHOTO_ENDINGS else "maps"}

        return _written(self._told(kind))

    def _check(self, name: str, size: int) -> None:
        check_file(name, size)
        endings = PHOTO_ENDINGS if self.page.kind == "image" else (*MAP_ENDINGS, *PHOTO_ENDINGS)
        if ending_of(name) not in endings:
            raise OwnDataError("unknown_ending", name=name, endings=", ".join(endings))

    def keep_file(self, name: str, content: Any, array: str | None) -> str:
        """Show the feature maps of a file; ``arrays`` of the answer are those of an archive that can be chosen."""
        data = _bytes(content)

        def read() -> OwnMaps:
            self._check(name, len(data))
            return read_maps(name, data, array)

        told = json.loads(self._kept(read))
        arrays = map_arrays(name, data) if ending_of(name) == "npz" and len(data) <= LARGEST_FILE else {}
        return _written({**told, "arrays": arrays if len(arrays) > 1 else {}})

    def photo_size(self, name: str, size: int, width: int, height: int) -> str:
        """How large the browser has to draw a photo of that many bytes and pixels for the network, and to be shown."""

        def sizes() -> dict[str, Any]:
            self._check(name, size)
            network = photo_size(name, width, height)
            check_room(network[0] * network[1] * 6)  # 8 channels of float64 at stride 4 to 32
            return {"network": network, "preview": preview_size(*network)}

        return _written(self._told(sizes))

    def keep_photo(self, pixels: Any, width: int, height: int, preview: str) -> str:
        """Show a photo: its pixels (H, W, 4), row by row, opaque, and its picture as a data address."""

        def read() -> Photo:
            colors = np.frombuffer(_bytes(pixels), np.uint8).reshape(height, width, 4)[..., :3]
            return keep(photo_from(np.ascontiguousarray(colors), preview))

        return self._kept(read)

    def _kept(self, read: Callable[[], OwnMaps | Photo]) -> str:
        def shown() -> dict[str, Any]:
            self.session.show_upload(self.page.kind, read())
            return {"answer": self._answer({}) | {"kept": True}}

        return _written(self._told(shown))

    def _told(self, made: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return made()
        except OwnDataError as error:
            key = "site.no_room" if error.key.endswith(".no_room") else error.key
            return {"problem": self.page.text(key, **error.values)}


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


def _bytes(content: Any) -> bytes:
    """What a browser hands over: a typed array, of which this is a view."""
    return bytes(content.to_bytes()) if hasattr(content, "to_bytes") else bytes(content)


def _written(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
