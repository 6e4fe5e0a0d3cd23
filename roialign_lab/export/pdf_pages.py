"""Pages -> a PDF with an outline of them, and tags: what a screen reader reads of each page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from roialign_lab.export.draw import draw_sweep_on
from roialign_lab.export.layout import Place
from roialign_lab.export.painter import HALO, KEPT, Canvas, Look, base_of, font_of
from roialign_lab.figures.strokes import Box
from roialign_lab.figures.sweep_chart import Sweep

# isort: split
import numpy as np
from matplotlib.backends.backend_pdf import Name, PdfFile, RendererPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import PathEffectRenderer
from matplotlib.patheffects import Stroke as Outline
from matplotlib.transforms import Affine2D
from PIL.Image import Image as Picture
from PIL.Image import Resampling

POINTS = 72  # an inch: the unit of a page
FINE = 2  # dots a point, of a picture
RULER = RendererPdf(None, POINTS, 1, 1)  # writes nothing


class Told(NamedTuple):
    """The name of a page in the outline, and what is read aloud instead of its picture; without, its text is."""

    name: str
    alt: str = ""


class Page(NamedTuple):
    """Inches, the theme, and what draws the page."""

    size: tuple[float, float]
    theme: str
    paint: Callable[[PageCanvas], None]


def pages_of(pages: Iterable[Page], title: str, told: Sequence[Told], language: str) -> bytes:
    """The PDF of those pages; the same pages give the same bytes."""
    buffer = io.BytesIO()
    file = _TaggedFile(buffer, [page.alt for page in told], {"CreationDate": None, "Title": title})
    for page in pages:
        file.newPage(*page.size)
        canvas = PageCanvas(file, page.size, page.theme)
        page.paint(canvas)
        canvas.renderer.finalize()
        file.endStream()
    file.add_catalog([page.name for page in told], language)
    file.finalize()
    file.close()
    return buffer.getvalue()


class PageCanvas(Canvas):
    """A page that is drawn on, in points."""

    def __init__(self, file: PdfFile, size: tuple[float, float], theme: str) -> None:
        wide, high = size
        self.size = size
        super().__init__(RendererPdf(file, FINE * POINTS, high, wide), (wide * POINTS, high * POINTS), theme, POINTS)

    def text(self, text: str, x: float, y: float, look: Look, across: str, down: str, link: str = "") -> None:
        font = font_of(look.size, look.bold)
        wide, high, below = _measured(text, font)
        _, least_high, least_below = _measured("lp", font)
        at = base_of(x, y, across, down, (wide, max(high, least_high), max(below, least_below)))
        gc = self.renderer.new_gc()
        gc.set_foreground(look.color, isRGBA=True)
        gc.set_alpha(look.color[3])
        if look.halo:
            effect = [Outline(linewidth=HALO, foreground=look.halo)]
            PathEffectRenderer(effect, self.renderer).draw_text(gc, *at, text, font, 0)
        gc.set_url(link or None)
        self.renderer.draw_text(gc, *at, text, font, 0)

    def picture(self, picture: Picture, how: Resampling, box: Box) -> None:
        left, foot, right, top = box
        wide, high = right - left, top - foot
        dots = (max(round(wide * FINE), 1), max(round(high * FINE), 1))
        pixels = np.asarray(picture.convert("RGBA").resize(dots, how))[::-1]
        self.renderer.draw_image(self.pen((0, 0, 0, 1), 0.0), left, foot, pixels, Affine2D().scale(wide, high))

    def chart(self, sweep: Sweep, place: Place, language: str) -> None:
        figure = Figure(figsize=self.size)
        figure.patch.set_visible(False)
        draw_sweep_on(figure, place, sweep, self.theme, language)
        figure.set_dpi(POINTS)
        figure.draw(self.renderer)


@lru_cache(KEPT)
def _measured(text: str, font: FontProperties) -> tuple[float, float, float]:
    """The width and the height of a text in points, and how much of that is below the base line."""
    wide, high, below = RULER.get_text_width_height_descent(text, font, False)
    return wide, high, below


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
