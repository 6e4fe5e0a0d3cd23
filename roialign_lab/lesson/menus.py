"""What the control of an option offers: lists of values, each with its label in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from roialign_core.backbone import CHANNELS
from roialign_core.backbone import STRIDES as PHOTO_STRIDES
from roialign_core.examples import EXAMPLES, MAPS
from roialign_lab.lesson.maps import PHOTO_NAME, RANDOM_SIZES
from roialign_lab.lesson.mask_networks import CHANNELS as DRAWN_CHANNELS
from roialign_lab.lesson.mask_networks import DRAWN_NAME, PICTURES, is_drawn, parts_of
from roialign_lab.lesson.mask_networks import STRIDES as PICTURE_STRIDES
from roialign_lab.lesson.operator_names import ON_STAGE, answer_name, member_name, possible
from roialign_lab.lesson.own_maps import OwnMaps
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.recorded import recorded_inputs, recorded_maps
from roialign_lab.lesson.scenario import STRIDES, Scenario
from roialign_lab.lesson.text import Text

Uploads = tuple[OwnMaps | Photo, ...]
Menu = list[tuple[str, str]]  # value and label
Offer = Callable[[Scenario, str, Text, Uploads], list[Menu]]  # the scenario, the page's kind, the words, own data
RANDOM_MAPS = tuple(f"random-{size}x{size}" for size in RANDOM_SIZES)  # without the seed, which has a field of its own


def same(values: Iterable[str], words: str = "", lists: int = 1) -> Offer:
    """Offers the same values on every page, ``lists`` times; their labels stand under ``words`` in the catalogues,
    and are the values themselves without it.

    >>> from roialign_lab.lesson.text import text_in
    >>> same(("one", "all"), "control")(Scenario(), "gradients", text_in("en"), ())
    [[('one', 'one bin'), ('all', 'all bins')]]
    """
    values = tuple(values)

    def offer(_scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
        return [labelled(values, words, text) if words else [(value, value) for value in values]] * lists

    return offer


def labelled(values: Iterable[str], words: str, text: Text) -> Menu:
    """Values with the labels that the catalogue has for them under ``words``."""
    return [(value, text(f"{words}.{value}")) for value in values]


def nothing(_scenario: Scenario, _kind: str, _text: Text, _uploads: Uploads) -> list[Menu]:
    """Offers nothing: for an option without a control."""
    return []


def sample_counts(most: int) -> Offer:
    """Offers 1 to ``most`` samples a bin on each axis, and 0 under the name of automatic."""

    def offer(_scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
        return [[*((str(count), str(count)) for count in range(1, most + 1)), ("0", text("control.auto"))]]

    return offer


def maps(scenario: Scenario, kind: str, text: Text, uploads: Uploads) -> list[Menu]:
    """The maps: examples, random maps, photos at the stride and channel that are shown, and own data."""
    photo = scenario.map if PHOTO_NAME.fullmatch(scenario.map) else "photo-16-vertical"
    _, stride, channel = photo.split("-")
    suffix, values = f"-{stride}-{channel}", {"stride": stride, "channel": text(f"channel.{channel}")}
    photos = [("photo" + suffix, text("map.photo", **values))]
    own_photos = (upload for upload in uploads if isinstance(upload, Photo))
    photos += [(f"photo.{upload.name}{suffix}", text("own.photo", **values)) for upload in own_photos]
    if kind == "image":
        return [photos]
    return [[*labelled((*MAPS, *RANDOM_MAPS), "map", text), *photos, *_own(scenario, uploads, text)]]


def _own(scenario: Scenario, uploads: Uploads, text: Text) -> Menu:
    """The maps that a person uploaded; while it is shown a recorded map, one of a trained network, or a matrix."""
    shapes = {f"own-{upload.name}": upload.channels.shape[1:] for upload in uploads if isinstance(upload, OwnMaps)}
    if scenario.map in recorded_maps():
        return [(scenario.map, text("control.recorded_map"))]
    if is_drawn(scenario.map):
        number, _, channel = parts_of(scenario.map)
        return [(scenario.map, text("control.drawn_map", number=number, channel=channel))]
    if scenario.map.startswith("matrix-"):
        shapes[scenario.map] = scenario.feature_map.shape
    return [(name, text("own.map", rows=rows, columns=columns)) for name, (rows, columns) in shapes.items()]


def strides(scenario: Scenario, _kind: str, _text: Text, _uploads: Uploads) -> list[Menu]:
    """The strides; a map of a picture has only the stride that it was made with."""
    photo = PHOTO_NAME.fullmatch(scenario.map) or DRAWN_NAME.fullmatch(scenario.map)
    return [[(str(stride), str(stride)) for stride in ((int(photo[2]),) if photo else STRIDES)]]


def photo_maps(_scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
    """The strides and the channels of the photo's network."""
    return [
        [(str(stride), text("control.at_stride", stride=stride)) for stride in PHOTO_STRIDES],
        labelled(CHANNELS, "channel", text),
    ]


def drawn_maps(scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
    """The drawn pictures, the strides, and the channels of the maps that networks make of them.

    On the picture no channel is seen: there is only the one that is chosen.
    """
    is_seen = scenario.on_map or not is_drawn(scenario.map)
    channels = range(DRAWN_CHANNELS) if is_seen else (parts_of(scenario.map)[2],)
    return [
        [(str(k), text("control.drawn_picture", number=k)) for k in range(1, PICTURES + 1)],
        [(str(stride), text("control.at_stride", stride=stride)) for stride in PICTURE_STRIDES],
        [(str(k), text("control.drawn_channel", number=k)) for k in channels],
    ]


def members(side: str) -> Offer:
    """Offers the operators of the family for the ``left`` or the ``right``, and that shown there if it has no name."""

    def offer(scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
        member = getattr(scenario, side)
        unnamed = [] if member in ON_STAGE else [(member, member_name(member, text))]
        return [[*labelled(ON_STAGE, "family", text), *unnamed]]

    return offer


def answers(question: str) -> Offer:
    """Offers the answers to a question that go together with the other answers of the right operator."""

    def offer(scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
        return [[(value, answer_name(question, value, text)) for value in possible(scenario.right, question)]]

    return offer


def recorded_calls(_scenario: Scenario, _kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
    """The recorded calls of torchvision by their numbers, after a heading that stands for none of them."""
    numbers = range(1, len(recorded_inputs()) + 1)
    return [[("", text("control.recorded_title")), *((str(k), text("control.recorded_one", k=k)) for k in numbers)]]


def examples(_scenario: Scenario, kind: str, text: Text, _uploads: Uploads) -> list[Menu]:
    """The worked examples of the operator that the page shows; of both on the home page."""
    fitting = [example.name for example in EXAMPLES if kind == "home" or example.operator.snaps == (kind == "roi_pool")]
    return [labelled((name for name in fitting if f"example.{name}" in text.entries), "example", text)]
