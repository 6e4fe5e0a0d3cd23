"""What is on one slide, and where: in inches from the top left corner, the same for a presentation and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from roialign_lab.export.fonts import Fitted, clean, fitted, one_line
from roialign_lab.figures.scene import Grid, Scene
from roialign_lab.figures.sweep_chart import Sweep
from roialign_lab.lesson.walks import Emphasis

SIZES = {"16:9": (40 / 3, 7.5), "4:3": (10.0, 7.5)}
TITLE_SIZES = (28.0, 24.0, 20.0)
CAPTION_SIZES = (20.0, 18.0, 16.0, 14.0, 13.0)
FORMULA_SIZES = (18.0, 16.0, 15.0, 14.0, 13.0, 12.0)
FOOT_SIZE = 11.0
GAP = 0.22
LEAST_OUTPUT, MOST_OUTPUT = 1.7, 3.1
LEAST_CLOSER = 2.6  # inches for what is drawn larger
OUTPUT_NAME_SIZE = 13.0


class Place(NamedTuple):
    """A rectangle on the slide, in inches."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sheet:
    """Everything that is on one slide, in words that are ready to be shown."""

    name: str
    title: str
    caption: str
    formula: tuple[str, ...]
    scene: Scene
    output_name: str = ""
    alt: str = ""
    notes: str = ""
    footer: str = ""
    number: str = ""
    link: str = ""
    theme: str = "light"
    aspect: str = "16:9"
    language: str = "en"
    sweep: Sweep | None = None  # drawn in place of the map


@dataclass(frozen=True)
class Layout:
    """Where each part of a sheet goes, with its text cut to fit; ``None`` for a part that it does not have."""

    size: tuple[float, float]
    title_at: Place
    title: Fitted
    map_at: Place
    caption_at: Place
    caption: Fitted | None
    formula_at: Place
    formula: Fitted | None
    output_at: Place | None
    output_name_at: Place | None
    closer_at: Place | None
    foot_at: Place
    link: str


def arranged(sheet: Sheet) -> Layout:
    """The layout of a sheet: the map at the left; the caption, the formula and the output at the right."""
    wide, high = size = SIZES[sheet.aspect]
    edge = 0.42
    title_at = Place(edge, 0.2, wide - 2 * edge, 0.8)
    map_wide = 6.35 if sheet.aspect == "16:9" else 5.15
    map_at = Place(edge, 1.08, map_wide, 5.9)
    foot_at = Place(edge, high - 0.42, wide - 2 * edge, 0.3)
    side = Place(map_at.x + map_wide + 0.35, 1.12, wide - map_at.x - map_wide - 0.35 - edge, 5.86)
    output = shown_output(sheet.scene)
    closer = sheet.scene.closer is not None and sheet.sweep is None
    room = side.height - (LEAST_OUTPUT + 0.35 + GAP if output is not None else LEAST_CLOSER if closer else 0)
    caption = formula = None
    caption_at = formula_at = side
    top = side.y
    if clean(sheet.caption):
        share = room * (0.62 if sheet.formula else 1.0)
        caption = fitted((clean(sheet.caption),), side.width, share, CAPTION_SIZES)
        caption_at = Place(side.x, top, side.width, caption.height)
        top += caption.height + GAP
    if sheet.formula:
        left = side.y + room - top
        formula = fitted(tuple(clean(line) for line in sheet.formula), side.width, left, FORMULA_SIZES)
        formula_at = Place(side.x, top, side.width, formula.height)
        top += formula.height + GAP
    output_at = name_at = None
    if output is not None:
        if sheet.output_name:
            name_at = Place(side.x, top, side.width, 0.3)
            top += 0.34
        output_at = Place(side.x, top, side.width, min(side.y + side.height - top, MOST_OUTPUT))
    return Layout(
        size,
        title_at,
        fitted((clean(sheet.title),), title_at.width, title_at.height, TITLE_SIZES),
        map_at,
        caption_at,
        caption,
        formula_at,
        formula,
        output_at,
        name_at,
        Place(side.x, top, side.width, side.y + side.height - top) if closer else None,
        foot_at,
        one_line(clean(sheet.link), foot_at.width - 4.2, FOOT_SIZE) if sheet.link else "",
    )


def shown_output(scene: Scene) -> Grid | None:
    """The output grid, if the step shows it."""
    output = scene.find(Grid, "output")
    return output if scene.emphasis_of("output") is not Emphasis.HIDDEN else None


def within(place: Place, across: float, down: float) -> Place:
    """The largest part of a place, from its top left corner, that a picture of that many units fits.

    >>> within(Place(1, 1, 4, 2), 2, 2)
    Place(x=1, y=1, width=2.0, height=2.0)
    """
    unit = min(place.width / across, place.height / down)
    return Place(place.x, place.y, across * unit, down * unit)
