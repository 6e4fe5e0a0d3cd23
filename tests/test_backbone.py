"""The hand-set network: each channel answers to what its name says, at every stride."""

import numpy as np
import pytest

from roialign_core import MapError
from roialign_core.backbone import CHANNELS, STRIDES, feature_maps
from roialign_lab.lesson.photo import PERSON, portrait


def answers(picture: np.ndarray) -> dict[str, float]:
    """How strongly each channel answers: the mean of its finest map."""
    maps = feature_maps(picture)
    return {name: float(maps.channel(4, name).mean()) for name in CHANNELS}


def grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[:, :, None], 3, axis=2)


def test_a_vertical_edge_is_seen_by_the_vertical_channel_alone():
    picture = grey(np.repeat([0.0, 1.0], 32)[None, :].repeat(64, axis=0))
    maps = feature_maps(picture)
    assert maps.channel(4, "vertical")[:, 8].min() == 1 and maps.channel(4, "vertical")[:, :6].max() == 0
    assert not maps.channel(4, "horizontal").any()
    turned = feature_maps(picture.transpose(1, 0, 2))
    np.testing.assert_array_equal(turned.channel(4, "horizontal"), maps.channel(4, "vertical").T)


def test_colours_answer_against_their_opponents():
    red, green, blue = (np.tile(np.eye(3)[k], (64, 64, 1)) for k in range(3))
    assert feature_maps(red).channel(4, "red").min() == 1 and not feature_maps(green).channel(4, "red").any()
    assert feature_maps(blue).channel(4, "blue").min() == 1 and not feature_maps(red).channel(4, "blue").any()


def test_a_flat_picture_has_light_and_nothing_else():
    assert answers(np.full((64, 64, 3), 0.5)) == {name: float(name == "bright") for name in CHANNELS}


@pytest.mark.parametrize("stride", STRIDES)
def test_each_map_is_the_photo_at_one_over_its_stride(stride):
    maps = portrait().maps
    height, width = maps.photo_shape
    for name in CHANNELS:
        channel = maps.channel(stride, name)
        assert channel.shape == (-(-height // stride), -(-width // stride))
        assert channel.min() >= 0 and channel.max() == 1 and not channel.flags.writeable
        np.testing.assert_array_equal(channel, channel.round(2))


def test_the_person_is_in_the_photo():
    x1, y1, x2, y2 = PERSON
    assert 0 <= x1 < x2 <= portrait().maps.photo_shape[1] and 0 <= y1 < y2 <= portrait().maps.photo_shape[0]


def test_a_picture_that_cannot_be_read():
    for wrong in (np.zeros((64, 64)), np.zeros((64, 64, 4)), np.zeros((31, 64, 3))):
        with pytest.raises(MapError, match="photo"):
            feature_maps(wrong)


@pytest.mark.parametrize("photo", ["photo.png", [[1, 2], [3]], np.full((32, 32, 3), np.nan), np.full((32, 32, 3), 255)])
def test_what_is_no_photo_is_named(photo):
    with pytest.raises(MapError, match="photo"):
        feature_maps(photo)
