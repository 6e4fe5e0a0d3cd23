"""What a figure and a deck can be made as. Nothing here draws, so that it can be known without what draws."""

from __future__ import annotations

FORMATS = ("png", "svg", "pdf")
"""What a single figure can be made as."""
KINDS = ("pptx", "pptx-picture", "pdf", "zip", "gif", "webp", "png", "html")
"""What a deck can become. ``pptx`` has shapes that can be edited, ``pptx-picture`` pictures; ``png`` is one sheet,
``html`` a page to play with."""
FIGURE, DECK = "figure", "deck"
"""What can be ordered: one figure, a deck as a file."""
ENDINGS = {kind: kind.partition("-")[0] for kind in KINDS}
MIME = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "gif": "image/gif",
    "webp": "image/webp",
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html",
}
SECONDS = 2.0  # of a frame of an animation
