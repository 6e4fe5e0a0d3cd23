"""What a figure and a deck can be made as. Nothing here draws, so that it can be known without what draws."""

from __future__ import annotations

FORMATS = ("png", "svg", "pdf")
"""What a single figure can be made as."""
PLAYED = ("html", "html-fragment")
"""A page to play with, and the same as a piece of a page of one's own."""
KINDS = ("pptx", "pptx-picture", "pdf", "zip", "gif", "webp", "png", *PLAYED)
"""What a deck can become besides a film. ``pptx`` has shapes that can be edited, ``pptx-picture`` pictures; ``png`` is
one sheet."""
FILMS = ("mp4", "webm", "gif-film", "webp-film", "vtt", "png-poster")
"""What its film can become: ``vtt`` is what it says, beside it, and ``png-poster`` how it begins."""
VIDEOS = ("mp4", "webm")
"""Those that a page plays."""
FILM_SIZES = {"1080p": 1080, "720p": 720}
"""Pixels from the top of a film to its foot."""
RATES = (30, 60)
"""Frames of a film in a second."""
FIGURE, DECK, WORKSHEET = "figure", "deck", "worksheet"
"""What can be ordered: one figure, a deck as a file, sheets to fill in."""
ENDINGS = {kind: kind.partition("-")[0] for kind in (*KINDS, *FILMS)}
MIME = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "gif": "image/gif",
    "webp": "image/webp",
    "png": "image/png",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "vtt": "text/vtt",
    "html": "text/html",
}
SECONDS, FILM_SECONDS = 2.0, 4.0  # of a slide in an animation; of a step in a film, whose sentences are read
