"""A film on a slide of its own: as large as fits, with its title for the outline and the screen reader."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from pptx.oxml import parse_xml

from roialign_lab.export.drawing_xml import NAMESPACES, Pen
from roialign_lab.figures.formats import MIME


@dataclass(frozen=True)
class Clip:
    """A film as MP4, how it begins as PNG, its title, what is read aloud instead, how wide and high it is in pixels."""

    movie: bytes
    poster: bytes
    title: str
    alt: str
    pixels: tuple[int, int]


def add_movie_slide(made: Any, clip: Clip, pen: Pen) -> None:
    """Add a slide with the film to a presentation, of the layout of the slide before, which the pen wrote."""
    slide = made.slides.add_slide(made.slides[-1].slide_layout)
    for place in list(slide.placeholders):
        if place != slide.shapes.title:
            place._element.getparent().remove(place._element)  # nobody would fill it
    if slide.shapes.title is not None:  # a blank layout of a school's template has none
        (empty,) = slide.shapes.title.text_frame._txBody.findall("{*}p")
        empty.getparent().replace(empty, parse_xml(f"<a:p {NAMESPACES}>{pen.run(clip.title)}</a:p>"))
    at = _in_middle(clip.pixels, (made.slide_width, made.slide_height))
    movie = slide.shapes.add_movie(io.BytesIO(clip.movie), *at, io.BytesIO(clip.poster), MIME["mp4"])
    movie.name = "film"
    movie._element.xpath(".//p:cNvPr")[0].set("descr", clip.alt)


def _in_middle(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height of what has that shape, in the middle of a room and as large as fits.

    >>> _in_middle((16, 9), (400, 300))
    (0, 37, 400, 225)
    """
    larger = min(there / own for there, own in zip(room, size, strict=True))
    wide, high = (round(own * larger) for own in size)
    return (room[0] - wide) // 2, (room[1] - high) // 2, wide, high
