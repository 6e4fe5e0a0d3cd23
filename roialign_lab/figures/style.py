"""Role -> colour. The one place where a colour is chosen: the stage, the charts and the exports all read it here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from roialign_core.geometry import Floats

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
    "roi": Ink("#0b8a68", "#2cc79c", "#00655a", "#000000"),
    "read": Ink("#d9730a", "#ff9f3d", "#a25800", "#000000"),
    "sample": Ink("#dc143c", "#ff4d6d", "#b8002c", "#000000"),
    "halo": Ink("#ffffff", "#ffffff", "#ffffff", "#ffffff"),
    "neighbor": Ink("#7030d8", "#b794ff", "#4a10b0", "#4a4a4a"),
    # the four neighbours apart, on the page that is about them, each with its name beside it
    "q11": Ink("#7030d8", "#b794ff", "#4a10b0", "#4a4a4a"),
    "q12": Ink("#c8229f", "#f06ab8", "#a3007a", "#4a4a4a"),
    "q21": Ink("#8a6a00", "#f4e06a", "#5e4600", "#4a4a4a"),
    "q22": Ink("#00505a", "#8ff3ea", "#00363d", "#4a4a4a"),
}
"""Green is the RoI as drawn, orange the region that is read, red a sample, violet its neighbours: each has a shape too
(solid with handles, dash-dotted, a × with a white halo, a frame), so that none is told by colour alone."""
CORNER_INKS = ("q11", "q12", "q21", "q22")
"""Of the neighbours upper left, upper right, lower left, lower right, and of the rectangle opposite to each."""

PATTERNS: Mapping[str, Mapping[str, str]] = {
    "print": {
        "bin": "dots",
        "focus": "rising",
        "neighbor": "cross",
        "q11": "cross",
        "q12": "falling",
        "q21": "rising",
        "q22": "dots",
    },
}
"""What fills a role, or what an ink would tell apart, where a theme has no colours for it."""
SHADED = ("gradient",)
"""The roles that say how much by how strong their tint is: in every theme it is a tint, for patterns look alike."""
DASHES: Mapping[str, Mapping[str, str]] = {"print": {"neighbor": "dotted"}}
"""How the frame of a role is dashed there."""


def pattern(role: str, theme: str, color: str = "") -> str:
    """The name of the pattern that fills that role, or stands for that ink, in that theme; none where a tint does."""
    patterns = {} if role in SHADED else PATTERNS.get(theme, {})
    return patterns.get(color) or patterns.get(role, "")


def has_patterns(theme: str) -> bool:
    """True for a theme that fills some roles with patterns."""
    return bool(PATTERNS.get(theme))


def dash(role: str, theme: str, usual: str) -> str:
    """How a frame of that role is dashed in that theme."""
    return DASHES.get(theme, {}).get(role, usual)


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


@dataclass(frozen=True)
class CellPaint:
    """The colours ``#rrggbb`` of a cell: its fill, its edge with a width in points, its number."""

    fill: str
    edge: str
    edge_width: float
    number: str


def cell_paint(level: float, opacity: float, theme: str) -> CellPaint:
    """How a cell at ``level`` 0…1 is painted; at NaN it has no colour of its own.

    >>> cell_paint(1.0, 1.0, "light").fill, cell_paint(float("nan"), 1.0, "light").fill
    ('#1f5796', '#ffffff')
    """
    paper, nothing = ink("paper", theme), math.isnan(level)
    lined = nothing or theme in ("contrast", "print")  # white lines would not part white cells
    return CellPaint(
        paper if nothing else mix(paper, cell_color(level, theme), opacity),
        ink("quiet" if nothing else "rule" if lined else "paper", theme),
        0.75 if lined else 1.5,
        ink("text", theme) if opacity < 1 else number_color(0.0 if nothing else level, theme),
    )


def tile_colors(levels: Floats, opacity: float, theme: str) -> Floats:
    """Levels (rows, columns) to colours (rows, columns, 3), 0…1."""
    low, high, paper = (np.array(_channels(ink(name, theme))) / 255 for name in ("low", "high", "paper"))
    each = levels[..., None]
    return np.where(np.isnan(each), paper, paper + ((low + (high - low) * each) - paper) * opacity)


@cache
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
