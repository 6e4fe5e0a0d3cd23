"""A film on a slide of its own: it fills the slide, and its title is there for the outline and the screen reader."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from roialign_lab.figures.formats import MIME


@dataclass(frozen=True)
class Clip:
    """A film as MP4, how it begins as PNG, its title, and what is read aloud instead."""

    movie: bytes
    poster: bytes
    title: str
    alt: str


def add_movie_slide(made: Any, clip: Clip) -> None:
    """Add a slide with the film to a presentation, of the layout of the slide before."""
    slide = made.slides.add_slide(made.slides[-1].slide_layout)
    for place in list(slide.placeholders):
        if place != slide.shapes.title:
            place._element.getparent().remove(place._element)  # nobody would fill it
    if slide.shapes.title is not None:  # a blank layout of a school's template has none
        slide.shapes.title.text_frame.text = clip.title
    whole = (0, 0, made.slide_width, made.slide_height)
    movie = slide.shapes.add_movie(io.BytesIO(clip.movie), *whole, io.BytesIO(clip.poster), MIME["mp4"])
    movie.name = "film"
    movie._element.xpath(".//p:cNvPr")[0].set("descr", clip.alt)
