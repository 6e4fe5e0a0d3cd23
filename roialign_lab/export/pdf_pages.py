"""Pages -> a PDF with an outline of them, and what a screen reader reads of each page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from roialign_lab.export.draw import draw_sweep_on
from roialign_lab.export.layout import Place
from roialign_lab.export.painter import HALO, KEPT, Canvas, Look, base_of, font_of
from roialign_lab.export.tagged_pdf import POINTS, TaggedFile, Told
from roialign_lab.figures.strokes import Box
from roialign_lab.figures.sweep_chart import Sweep

# isort: split
import numpy as np
from matplotlib.backends.backend_pdf import PdfFile, RendererPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import PathEffectRenderer
from matplotlib.patheffects import Stroke as Outline
from matplotlib.transforms import Affine2D
from PIL.Image import Image as Picture
from PIL.Image import Resampling

FINE = 2  # dots a point, of a picture
RULER = RendererPdf(None, POINTS, 1, 1)  # writes nothing


class Page(NamedTuple):
    """Inches, the theme, and what draws the page."""

    size: tuple[float, float]
    theme: str
    paint: Callable[[PageCanvas], None]


def pages_of(pages: Iterable[Page], title: str, told: Sequence[Told], language: str) -> bytes:
    """The PDF of those pages; the same pages give the same bytes."""
    buffer = io.BytesIO()
    file = TaggedFile(buffer, [page.alt for page in told], title)
    for page in pages:
        file.newPage(*page.size)
        canvas = PageCanvas(file, page.size, page.theme)
        page.paint(canvas)
        canvas.renderer.finalize()
        file.endStream()
    file.end([page.name for page in told], language)
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
