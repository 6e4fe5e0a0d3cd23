"""Figures -> a PDF with a page a figure, an outline of its pages, and tags: what a screen reader reads of each page."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from matplotlib.backends.backend_pdf import Name, PdfFile, PdfPages
from matplotlib.figure import Figure


class Told(NamedTuple):
    """The name of a page in the outline, and what is read aloud instead of its picture; without, its text is."""

    name: str
    alt: str = ""


def pages_of(figures: Iterable[Figure], title: str, told: Sequence[Told], language: str) -> bytes:
    """The PDF of those figures; the same figures give the same bytes."""
    buffer = io.BytesIO()
    file = _TaggedFile(buffer, [page.alt for page in told], {"CreationDate": None, "Title": title})
    with PdfPages(buffer) as pages:
        pages._file = file
        for figure in figures:
            pages.savefig(figure, facecolor=figure.get_facecolor())
        file.add_catalog([page.name for page in told], language)
    return buffer.getvalue()


class _TaggedFile(PdfFile):
    """matplotlib's file, whose pages are each one marked content; it has calls neither for tags nor for an outline."""

    def __init__(self, buffer: io.BytesIO, alts: Sequence[str], metadata: dict[str, Any]) -> None:
        self.alts, self.is_marked, self.count = alts, False, 0
        super().__init__(buffer, metadata)

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

    def add_catalog(self, names: Sequence[str], language: str) -> None:
        """The outline, the tags, and where they are."""
        self.endStream()
        shown = {"Outlines": self._outline(names), "PageMode": Name("UseOutlines"), "Lang": language}
        shown |= {"ViewerPreferences": {"DisplayDocTitle": True}, "MarkInfo": {"Marked": True}}
        shown |= {"StructTreeRoot": self._tags(), "Type": Name("Catalog"), "Pages": self.pagesObject}
        self.writeObject(self.rootObject, shown)

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
