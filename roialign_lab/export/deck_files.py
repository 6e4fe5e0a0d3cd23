"""A deck as files: PDF, figures, an animation, a contact sheet, a page. The same deck gives the same bytes."""

from __future__ import annotations

import io
import os
import re
import secrets
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from roialign_lab.export.deck import LargeError
from roialign_lab.export.draw import draw_sheet, save
from roialign_lab.export.fonts import clean
from roialign_lab.export.layout import SIZES, Layout, Sheet, arranged
from roialign_lab.export.movie_slide import Clip
from roialign_lab.export.powerpoint import NO_CLIPS, presentation
from roialign_lab.export.template import Template
from roialign_lab.figures.formats import FORMATS, SECONDS
from roialign_lab.figures.style import INKS, ink

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of everything in an archive
DAY = b"1980-01-01T00:00:00Z"  # and in what an archive says of itself
FRAME_DOTS = 72  # an inch, of an animation: 960 x 540
SMALL_DOTS = 48  # of a contact sheet
ACROSS, BETWEEN = 3, 12  # sheets in a row of the contact sheet, pixels between them
COLORS = 256  # of a GIF

Progress = Callable[[int, int], None]


def silent(_done: int, _all: int) -> None:
    """Takes the progress of a deck and tells nobody."""


def deck_file(
    sheets: Sequence[Sheet],
    kind: str,
    progress: Progress = silent,
    seconds: float = SECONDS,
    most: float = inf,
    clips: Mapping[int, Clip] = NO_CLIPS,
    template: Template | None = None,
) -> bytes:
    """A deck of those sheets as one of :data:`roialign_lab.figures.formats.KINDS`.

    ``progress`` is told how many are done, ``seconds`` is a frame's. ``clips`` are films for a presentation, each by
    how many slides come before it; ``template`` is that of a presentation, for which the sheets were arranged.

    Raises
    ------
    LargeError : where the file would have more than ``most`` bytes.

    >>> from roialign_lab.export.deck import Deck, sheets
    >>> from roialign_lab.lesson.lesson_part import Part
    >>> deck_file(sheets(Deck((Part("roi_pool", steps=("map",)),))), "pdf")[:5]
    b'%PDF-'
    """
    match kind:
        case "pptx" | "pptx-picture":
            with_pictures = kind == "pptx-picture"
            made = presentation(sheets, pictures=with_pictures, progress=progress, clips=clips, template=template)
            return _dated(made)
        case "pdf":
            return _pdf(sheets, progress)
        case "zip":
            return _archive(sheets, progress, most)
        case "gif" | "webp":
            files = _frames(sheets, FRAME_DOTS, progress)
            return animation(files, kind, sheets[0].theme, [round(seconds * 1000)] * len(files))
        case "png":
            return _contact_sheet(sheets, progress)
    raise ValueError(kind)


def write(target: Path, content: bytes) -> None:
    """Replace a file at once: the old file stays until the new one is complete, and nothing half written is left.

    A link stays, and the file that it names is replaced. A pipe or a device is no file to replace: it is written into.

    Raises
    ------
    OSError : where the folder is not there or not writable, or the disk is full.
    """
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is None or stat.S_ISREG(mode):
        _replace(Path(os.path.realpath(target)), content, mode)
    else:
        with target.open("wb") as opened:
            opened.write(content)


def _replace(target: Path, content: bytes, mode: int | None) -> None:
    """Write a file beside the target, then put it in its place; it has that mode, or that of any new file."""
    beside = target.with_name(f".roialign-{secrets.token_hex(8)}")  # short, however long the name of the target is
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _pdf(sheets: Sequence[Sheet], progress: Progress) -> bytes:
    from roialign_lab.export.pdf_pages import Page, PageCanvas, pages_of  # 15 MB that no other file needs
    from roialign_lab.export.tagged_pdf import Told

    def pages() -> Iterator[Page]:
        for k, sheet in enumerate(sheets, start=1):
            layout = arranged(sheet)

            def paint(canvas: PageCanvas, sheet: Sheet = sheet, layout: Layout = layout) -> None:
                canvas.paint(layout, sheet.language, sheet.sweep, sheet.link)

            yield Page(layout.size, sheet.theme, paint)
            progress(k, len(sheets))

    told = [Told(clean(sheet.title), clean(" ".join((sheet.alt, *sheet.formula)))) for sheet in sheets]
    return pages_of(pages(), clean(sheets[0].footer), told, sheets[0].language)


def _archive(sheets: Sequence[Sheet], progress: Progress, most: float) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for k, sheet in enumerate(sheets, start=1):
            alone = replace(sheet, footer="", number="", link="")  # a figure is no slide
            figure = draw_sheet(alone)
            title, alt = clean(sheet.title), clean(sheet.alt)
            for kind in FORMATS:
                content = save(figure, kind, title=title, alt=alt, language=sheet.language)
                _add(archive, f"{kind}/{sheet.name}.{kind}", content)
            if buffer.tell() > most:
                raise LargeError
            progress(k, len(sheets))
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _dated(archive: bytes) -> bytes:
    """The same archive with the same date for every file, so that the same deck has the same bytes.

    So has the table of numbers of each chart, an archive of its own.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".xlsx"):
                content = _dated(content)
            elif name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", DAY, content)
            _add(new, name, content)
    return buffer.getvalue()


def _frames(sheets: Sequence[Sheet], dots_per_inch: float, progress: Progress) -> list[bytes]:
    """Each sheet as a PNG file: a tenth of what it takes as a picture."""
    files = []
    for k, sheet in enumerate(sheets, start=1):
        files.append(save(draw_sheet(sheet), "png", dots_per_inch))
        progress(k, len(sheets))
    return files


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def animation(files: Sequence[bytes], kind: str, theme: str, milliseconds: Sequence[int]) -> bytes:
    """Frames that are PNG files as a GIF or a WebP, each for so long."""
    buffer = io.BytesIO()
    timing: dict[str, Any] = {"save_all": True, "duration": [*milliseconds], "loop": 0}
    if kind == "webp":
        first, *rest = map(_opened, files)
        first.save(buffer, "WEBP", append_images=rest, lossless=True, quality=40, method=2, **timing)
        return buffer.getvalue()
    palette = _palette(files, theme)
    first, *rest = (_in_colors(_opened(file), palette) for file in files)
    first.save(buffer, "GIF", append_images=rest, optimize=False, disposal=1, **timing)
    return buffer.getvalue()


def _colors_of(picture: Image.Image) -> np.ndarray:
    """The colour of every dot (H, W) as one number."""
    red, green, blue = np.moveaxis(np.asarray(picture, np.int32), 2, 0)
    return red << 16 | green << 8 | blue


def _palette(files: Sequence[bytes], theme: str) -> np.ndarray:
    """The colours of all frames (n, 3): those that mean something, whatever their number, then the most frequent."""
    counts: Counter[int] = Counter()
    for file in files:
        colors, of_each = np.unique(_colors_of(_opened(file)), return_counts=True)
        counts.update(dict(zip(colors.tolist(), of_each.tolist(), strict=True)))
    meant = dict.fromkeys(int(color.of(theme)[1:], 16) for color in INKS.values())
    frequent = sorted(counts.keys() - meant.keys(), key=lambda color: (-counts[color], color))
    chosen = [*meant, *frequent][:COLORS]
    return np.array([[color >> 16, color >> 8 & 255, color & 255] for color in chosen], np.uint8)


def _in_colors(picture: Image.Image, palette: np.ndarray) -> Image.Image:
    """The same picture, each dot in the nearest colour of the palette."""
    colors, place = np.unique(_colors_of(picture), return_inverse=True)
    channels = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1)
    apart = ((channels[:, None] - palette.astype(np.int32)) ** 2).sum(axis=2)
    indexed = Image.fromarray(apart.argmin(axis=1).astype(np.uint8)[place].reshape(picture.height, picture.width))
    indexed.putpalette(palette.tobytes())
    return indexed


def _contact_sheet(sheets: Sequence[Sheet], progress: Progress) -> bytes:
    wide, high = (round(side * SMALL_DOTS) for side in SIZES[sheets[0].aspect])
    rows = -(-len(sheets) // ACROSS)
    size = (ACROSS * (wide + BETWEEN) + BETWEEN, rows * (high + BETWEEN) + BETWEEN)
    whole = Image.new("RGB", size, ink("rule", sheets[0].theme))
    for k, file in enumerate(_frames(sheets, SMALL_DOTS, progress)):
        row, column = divmod(k, ACROSS)
        whole.paste(
            _opened(file).resize((wide, high)), (BETWEEN + column * (wide + BETWEEN), BETWEEN + row * (high + BETWEEN))
        )
    buffer = io.BytesIO()
    whole.save(buffer, "PNG")
    return buffer.getvalue()
