"""Role -> colour. The one place where a colour is chosen: the stage, the charts and the exports all read it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

THEMES = ("light", "dark")
"""What the screen has."""
DECK_THEMES = (*THEMES, "contrast", "print")
"""What a figure may have besides: high contrast for a bright room, black on white for a copier."""


@dataclass(frozen=True)
class Ink:
    """A colour in every theme."""

    light: str
    dark: str
    contrast: str
    print: str

    def of(self, theme: str) -> str:
        """The colour in that theme."""
        return str(getattr(self, theme))


INKS: Mapping[str, Ink] = {
    # the page
    "paper": Ink("#ffffff", "#0f1720", "#ffffff", "#ffffff"),
    "card": Ink("#f5f7fa", "#17212c", "#ffffff", "#ffffff"),
    "rule": Ink("#dde3ea", "#2b3846", "#000000", "#767676"),
    "text": Ink("#16202b", "#eaf0f6", "#000000", "#000000"),
    "quiet": Ink("#566370", "#9fb0c0", "#262626", "#3a3a3a"),
    # the map: one hue, and what is written on it
    "low": Ink("#eff4fa", "#132232", "#ffffff", "#ffffff"),
    "high": Ink("#1f5796", "#7fb8f0", "#c4defa", "#b4b4b4"),
    "on_low": Ink("#000000", "#ffffff", "#000000", "#000000"),
    "on_high": Ink("#ffffff", "#000000", "#ffffff", "#ffffff"),
    # the roles, alike on every page
    "asked": Ink("#0b8a68", "#2cc79c", "#00655a", "#000000"),
    "read": Ink("#d9730a", "#ff9f3d", "#a25800", "#000000"),
    "sample": Ink("#dc143c", "#ff4d6d", "#b8002c", "#000000"),
    "halo": Ink("#ffffff", "#ffffff", "#ffffff", "#ffffff"),
    "neighbor": Ink("#7030d8", "#b794ff", "#4a10b0", "#4a4a4a"),
}
"""Green is what was asked for, orange what snapping reads, red a sample, violet its neighbours: each has a shape too
(solid with handles, dashed, a × with a white halo, a frame), so that none is told by colour alone."""

PATTERNS: Mapping[str, Mapping[str, str]] = {
    "print": {"bin": "dots", "focus": "rising", "area": "falling", "neighbor": "cross"},
}
"""What fills a role where a theme has no colours for it."""


def pattern(role: str, theme: str) -> str:
    """The name of the pattern that fills that role in that theme; none where a tint does."""
    return PATTERNS.get(theme, {}).get(role, "")


def ink(name: str, theme: str) -> str:
    """The colour ``#rrggbb`` of that name in that theme."""
    return INKS[name].of(theme)


def mix(low: str, high: str, share: float) -> str:
    """The colour at ``share`` of the way from ``low`` to ``high``, each ``#rrggbb``.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_channels(low), _channels(high), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def cell_color(level: float, theme: str) -> str:
    """The colour of a map cell at ``level`` 0…1."""
    return mix(ink("low", theme), ink("high", theme), level)


def number_color(level: float, theme: str) -> str:
    """Black or white, whichever stands out more on a cell at ``level``: decided by relative luminance.

    >>> number_color(0.0, "light"), number_color(1.0, "light")
    ('#000000', '#ffffff')
    """
    on = luminance(cell_color(level, theme))
    candidates = (ink("on_low", theme), ink("on_high", theme))
    return max(candidates, key=lambda color: contrast(luminance(color), on))


def switch_level(theme: str) -> int:
    """The level, in hundredths, from which a number is written in the other colour."""
    first = number_color(0.0, theme)
    return next((k for k in range(101) if number_color(k / 100, theme) != first), 101)


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2).

    >>> round(luminance("#ffffff"), 3)
    1.0
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: float, b: float) -> float:
    """Contrast ratio of two luminances (WCAG 2): 1 to 21."""
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
