"""A PDF with tags: what a screen reader reads of each page. A single figure is a page of its own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from roialign_lab.export import no_folder  # noqa: F401 - before matplotlib

# isort: split
from matplotlib.backends.backend_pdf import Name, PdfFile, RendererPdf
from matplotlib.figure import Figure

POINTS = 72  # an inch: the unit of a page


class Told(NamedTuple):
    """The name of a page in the outline, and what is read aloud instead of its picture; without, its text is."""

    name: str
    alt: str = ""


def figure_page(figure: Figure, dots_per_inch: float, told: Told, language: str) -> bytes:
    """A figure as a PDF of one page; pictures in it have so many dots. The same figure gives the same bytes."""
    buffer, (wide, high), dots = io.BytesIO(), figure.get_size_inches(), figure.dpi
    file = TaggedFile(buffer, [told.alt], told.name)
    file.newPage(wide, high)
    renderer = RendererPdf(file, dots_per_inch, high, wide)
    figure.dpi = POINTS
    try:
        figure.draw(renderer)
    finally:
        figure.dpi = dots
    renderer.finalize()
    file.endStream()
    file.end([], language)
    return buffer.getvalue()


class TaggedFile(PdfFile):
    """matplotlib's file, whose pages are each one marked content; it has calls neither for tags nor for an outline."""

    def __init__(self, buffer: io.BytesIO, alts: Sequence[str], title: str) -> None:
        self.alts, self.is_marked, self.count = alts, False, 0
        super().__init__(buffer, {"CreationDate": None, "Title": title or None})

    def newPage(self, width: float, height: float) -> None:  # noqa: N802
        super().newPage(width, height)
        assert self.currentstream is not None
        self.currentstream.write(b"/%s <</MCID 0>> BDC\n" % self._kind(self.count - 1).encode())
        self.is_marked = True

    def endStream(self) -> None:  # noqa: N802
        if self.is_marked and self.currentstream is not None:
            self.currentstream.write(b"EMC\n")
            self.is_marked = False
        super().endStream()

    def writeObject(self, object: Any, contents: Any) -> None:  # noqa: N802
        if isinstance(contents, dict) and contents.get("Type") == Name("Page"):
            contents = {**contents, "StructParents": self.count, "Tabs": Name("S")}
            self.count += 1
        super().writeObject(object, contents)

    def _kind(self, page: int) -> str:
        return "Figure" if self.alts[page] else "P"

    def end(self, names: Sequence[str], language: str) -> None:
        """Write the outline, where the pages have names, the tags, and where they are; then all that is left."""
        self.endStream()
        shown = {"Outlines": self._outline(names), "PageMode": Name("UseOutlines")} if names else {}
        shown |= {"ViewerPreferences": {"DisplayDocTitle": True}, "MarkInfo": {"Marked": True}, "Lang": language}
        shown |= {"StructTreeRoot": self._tags(), "Type": Name("Catalog"), "Pages": self.pagesObject}
        self.writeObject(self.rootObject, shown)
        self.finalize()
        self.close()

    def _outline(self, names: Sequence[str]) -> Any:
        outline, items = self.reserveObject("outline"), [self.reserveObject("outline item") for _ in names]
        for k, (item, name) in enumerate(zip(items, names, strict=True)):
            near = {"Prev": items[k - 1]} if k else {}
            near |= {"Next": items[k + 1]} if k + 1 < len(items) else {}
            target = [self.pageList[k], Name("Fit")]
            self.writeObject(item, {"Title": name, "Parent": outline, "Dest": target, **near})
        ends = {"First": items[0], "Last": items[-1], "Count": len(items)}
        self.writeObject(outline, {"Type": Name("Outlines"), **ends})
        return outline

    def _tags(self) -> Any:
        """A document of one element a page, and from each page the way back to its element."""
        root, document, back = (self.reserveObject(name) for name in ("tags", "document", "back to tags"))
        pages = [self.reserveObject("tag") for _ in self.pageList]
        element = {"Type": Name("StructElem")}
        for k, (tag, page) in enumerate(zip(pages, self.pageList, strict=True)):
            alt = {"Alt": self.alts[k]} if self.alts[k] else {}
            self.writeObject(tag, {**element, "S": Name(self._kind(k)), "P": document, "Pg": page, "K": 0, **alt})
        self.writeObject(document, {**element, "S": Name("Document"), "P": root, "K": pages})
        self.writeObject(back, {"Nums": [part for k, tag in enumerate(pages) for part in (k, [tag])]})
        tree = {"Type": Name("StructTreeRoot"), "K": document, "ParentTree": back, "ParentTreeNextKey": len(pages)}
        self.writeObject(root, tree)
        return root
