"""What a film says, beside it, as WebVTT: for players that show it, and for those who read it."""

from __future__ import annotations

from roialign_lab.export.film import Film


def web_vtt(film: Film) -> str:
    """A cue for every step, and one for each move of the box."""
    cues = [
        f"{_clock(start / film.rate)} --> {_clock(end / film.rate)}\n{_escaped(words)}\n"
        for start, end, words in film.captions()
        if words
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    """A time as WebVTT has it.

    >>> _clock(62.5)
    '00:01:02.500'
    """
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
