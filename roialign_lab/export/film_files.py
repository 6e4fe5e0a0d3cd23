"""A film as files: MP4 and WebM by PyAV, GIF and WebP by Pillow, what it says as WebVTT, how it begins as PNG."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np
from PIL.Image import blend, fromarray

from roialign_lab.export.deck import LargeError, NoCodecsError
from roialign_lab.export.deck_files import FRAME_DOTS, animation
from roialign_lab.export.film import Film, Moment
from roialign_lab.export.painter import Pixels, painted
from roialign_lab.export.pixels import png
from roialign_lab.export.web_vtt import web_vtt
from roialign_lab.figures.formats import ENDINGS

ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "mp4": ("libx264", {"preset": "superfast", "crf": "17"}),
    "webm": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "16", "b": "0"}),
}
"""The encoder of each kind, told to be quick and to keep small digits sharp."""
THREADS = 2
AHEAD = 3  # frames that are painted and not yet encoded
JUMP = 2.0  # seconds from one frame that a player can jump to, to the next
SMALL_RATE = 15  # frames a second of a GIF or WebP
HD, LIMITED = 1, 1  # the colours of BT.709, in the range of television: what players take for granted

Progress = Callable[[int, int], None]


def film_file(film: Film, kind: str, progress: Progress, most: float = inf) -> bytes:
    """A film as one of :data:`roialign_lab.figures.formats.FILMS`; ``progress`` is told how many frames are done.

    Raises
    ------
    NoCodecsError : where there is no encoder for it.
    LargeError : where the file would have more than ``most`` bytes.
    """
    match kind:
        case "mp4" | "webm":
            return _video(film, kind, progress, most)
        case "gif-film" | "webp-film":
            return _animated(film, ENDINGS[kind], progress, most)
        case "vtt":
            return web_vtt(film).encode()
        case "png-poster":
            return png(fromarray(np.array(next(frames(film, film.dots)))).convert("RGB"))
    raise ValueError(kind)


def frames(film: Film, dots: float, every: int = 1) -> Iterator[Pixels]:
    """The pixels of every frame, or of some; a frame like the one before is the same array."""

    @lru_cache(2)
    def seen(moment: Moment) -> Pixels:
        sheet, layout = film.layout(moment)
        return painted(layout, sheet.theme, sheet.language, dots, sheet.sweep)

    for frame in film.frames[::every]:
        if frame.share < 1:
            yield np.asarray(blend(fromarray(seen(frame.before)), fromarray(seen(frame.now)), frame.share))
        else:
            yield seen(frame.now)


def _video(film: Film, kind: str, progress: Progress, most: float) -> bytes:
    name, options = ENCODERS[kind]
    try:
        import av

        av.codec.Codec(name, "w")
    except (ImportError, ValueError):  # there are builds of FFmpeg without some encoders
        raise NoCodecsError(kind, name) from None
    buffer, whole = io.BytesIO(), len(film.frames)
    with av.open(buffer, "w", format=kind) as container, ThreadPoolExecutor(1) as beside:
        stream: Any = container.add_stream(name, rate=film.rate, options={**options, "g": str(round(JUMP * film.rate))})
        context = stream.codec_context
        context.width, context.height = film.pixels
        context.pix_fmt, context.thread_count = "yuv420p", THREADS
        context.colorspace = context.color_primaries = context.color_trc = HD
        context.color_range = LIMITED

        last: list[Any] = [None, None]  # the pixels that were encoded last, and what they became

        def encode(k: int, pixels: Pixels) -> None:
            if pixels is not last[0]:
                last[:] = pixels, _converted(av, pixels)
            last[1].pts = k
            container.mux(stream.encode(last[1]))

        coming: deque[Future[None]] = deque()
        for k, pixels in enumerate(frames(film, film.dots), start=1):  # the next is painted while this one is encoded
            coming.append(beside.submit(encode, k - 1, pixels))
            if len(coming) > AHEAD:
                coming.popleft().result()
            if buffer.tell() > most:
                raise LargeError
            progress(k, whole)
        for left in coming:
            left.result()
        container.mux(stream.encode(None))
    if buffer.tell() > most:
        raise LargeError
    return buffer.getvalue()


def _converted(av: Any, pixels: Pixels) -> Any:
    """A frame as films have it: brightness, and colour half as fine."""
    frame = av.VideoFrame.from_ndarray(pixels, "rgba")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")


def _animated(film: Film, kind: str, progress: Progress, most: float) -> bytes:
    """Fewer and smaller frames; one that stays is one frame that lasts."""
    every, last = film.rate // SMALL_RATE, None
    files: list[bytes] = []
    lasting: list[int] = []
    for k, pixels in enumerate(frames(film, FRAME_DOTS, every)):
        milliseconds = 10 * (round(100 * (k + 1) / SMALL_RATE) - round(100 * k / SMALL_RATE))  # of a GIF: hundredths
        if pixels is last:
            lasting[-1] += milliseconds
        else:
            files.append(png(fromarray(pixels).convert("RGB")))
            lasting.append(milliseconds)
        last = pixels
        if sum(map(len, files)) > most:
            raise LargeError
        progress(min((k + 1) * every, len(film.frames)), len(film.frames))
    return animation(files, kind, film.deck.theme, lasting)
