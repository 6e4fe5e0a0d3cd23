"""The masks of both trained networks side by side, and how each IoU comes about: for the page, figures and decks."""

from __future__ import annotations

from roialign_core.errors import BoxError
from roialign_lab.figures.mask_scene import MaskSeen, mask_seen
from roialign_lab.figures.picture import Panel, Picture
from roialign_lab.lesson.mask_networks import TRAINED_WITH
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import Text, plain


def both_seen(scenario: Scenario) -> tuple[MaskSeen, ...]:
    """What each network draws, as much of the picture in both."""
    seen = [mask_seen(scenario, name) for name in TRAINED_WITH]
    left, top, right, bottom = zip(*(one.scene.extent for one in seen), strict=True)
    extent = (min(left), min(top), max(right), max(bottom))
    return tuple(one.within(extent) for one in seen)


def network_names(text: Text) -> tuple[str, ...]:
    """What each network was trained with."""
    return tuple(text(f"network.{name}") for name in TRAINED_WITH)


def output_captions(text: Text) -> tuple[str, ...]:
    """What is written above the IoU of each."""
    return tuple(text("network.output", name=text(f"network.short_{name}")) for name in TRAINED_WITH)


def how_they_compare(seen: tuple[MaskSeen, ...], text: Text) -> tuple[str, ...]:
    """A line for each network: the pixels that both masks have, those that either has, and the IoU."""
    names = (text(f"network.short_{name}") for name in TRAINED_WITH)
    return tuple(_of_pixels(name, one, text) for name, one in zip(names, seen, strict=True))


def network_picture(scenario: Scenario, text: Text) -> Picture:
    """Both networks on the box of a scenario, for a file."""
    seen = both_seen(scenario)
    panels = zip((one.scene for one in seen), network_names(text), output_captions(text), strict=True)
    caption = plain(text("network.shown", stride=scenario.stride))
    made = tuple(Panel(*panel) for panel in panels)
    return Picture("network", text("title.network"), caption, how_they_compare(seen, text), made)


def _of_pixels(name: str, seen: MaskSeen, text: Text) -> str:
    if isinstance(seen.problem, BoxError):
        values = seen.problem.values.items()
        sizes = {key: number(value, 1) if isinstance(value, float) else value for key, value in values}
        return text(f"network.{seen.problem.code.replace('.', '_')}", **sizes)
    if seen.drawn is None:
        return text("network.no_weights")
    if seen.drawn.iou is None:
        return text("network.no_object", name=name)
    both, either = seen.drawn.shared
    shown = number(seen.drawn.iou, 2)
    sign = "=" if float(shown) == seen.drawn.iou else "≈"
    return text("network.pixels", name=name, both=both, either=either, sign=sign, iou=shown)
