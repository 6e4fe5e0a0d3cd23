"""A deck as one file of any kind: its slides, its film, slides with films among them, or a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf

from roialign_lab.export.deck import Deck, sheets
from roialign_lab.export.deck_files import Progress, deck_file, silent
from roialign_lab.export.film import Film, films_in
from roialign_lab.export.film_files import film_file
from roialign_lab.export.fonts import clean
from roialign_lab.export.html_file import fragment, html_file
from roialign_lab.export.movie_slide import Clip
from roialign_lab.export.template import Template
from roialign_lab.figures.formats import FILMS, PLAYED, SECONDS


def whole_file(
    deck: Deck,
    kind: str,
    progress: Progress = silent,
    most: float = inf,
    *,
    seconds: float | None = None,
    size: str = "1080p",
    rate: int = 30,
    template: Template | None = None,
) -> bytes:
    """A deck as one of the kinds of :mod:`roialign_lab.figures.formats`.

    ``seconds`` are those of a slide in an animation, or of a step in a film, which has that ``size`` and ``rate``;
    ``template`` is that of a presentation.

    Raises
    ------
    LargeError : where the file would have more than ``most`` bytes.
    DeckError : for a film that is too long, or whose codecs are missing.

    >>> from roialign_lab.lesson.lesson_part import Part
    >>> whole_file(Deck((Part("roi_pool", steps=("map",)),)), "vtt").splitlines()[:3]
    [b'WEBVTT', b'', b'00:00:00.000 --> 00:00:04.000']
    """
    if kind in PLAYED:
        page = html_file(deck, progress)
        return page if kind == "html" else fragment(page, deck)
    films = films_in(deck, kind, seconds, size, rate)
    if kind in FILMS:
        return film_file(films[deck.slides], kind, progress, most)
    clips = {before: _clip(film, partial(progress, before, deck.slides)) for before, film in films.items()}
    return deck_file(sheets(deck, template), kind, progress, seconds or SECONDS, most, clips, template)


def _clip(film: Film, alive: Callable[[], None]) -> Clip:
    movie, poster = (film_file(film, kind, lambda _done, _all: alive()) for kind in ("mp4", "png-poster"))
    said = " ".join(dict.fromkeys(words for _, _, words in film.captions()))
    return Clip(movie, poster, clean(sheets(film.deck)[-1].title), clean(said), film.pixels)
