"""The hand-set network: each channel answers to what its name says, at every stride."""

import numpy as np
import pytest
from PIL import Image

from roialign_core import ROI_ALIGN, ROI_ALIGN_LEGACY, MapError, OptionError, trace
from roialign_core.backbone import CHANNELS, STRIDES, Taps, blob_shown_at, feature_maps
from roialign_lab.asset_folder import ASSETS
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
    columns = maps.channel(4, "vertical")  # the edge at pixel 32 lies between cells 7 and 8: both see it alike
    assert (columns[:, 7:9] == 1).all() and columns[:, :6].max() == columns[:, 10:].max() == 0
    np.testing.assert_array_equal(columns, columns[:, ::-1])
    assert not maps.channel(4, "horizontal").any()
    turned = feature_maps(picture.transpose(1, 0, 2))
    np.testing.assert_array_equal(turned.channel(4, "horizontal"), maps.channel(4, "vertical").T)


def blob(x: float, y: float) -> np.ndarray:
    """A photo of 512 × 512 pixels with a round spot of light at (x, y), in pixels."""
    across, down = (np.exp(-(((np.arange(512) + 0.5 - at) / 24) ** 2)) for at in (x, y))
    return grey(down[:, None] * across)


def place(channel: np.ndarray, stride: int) -> tuple[float, float]:
    """Where the light of a map lies in the photo, in pixels, each cell counted where it is drawn."""
    y, x = (np.indices(channel.shape) + 0.5) * stride
    return float((channel * x).sum() / channel.sum()), float((channel * y).sum() / channel.sum())


@pytest.mark.parametrize("stride", STRIDES)
def test_a_blob_shows_where_it_is_at_every_stride(stride):
    """The even filters keep the mean place; what is left is the rounding to two decimals."""
    for x, y in ((256.0, 256.0), (240.0, 264.0), (201.7, 310.2)):
        for taps, shift in ((Taps.EVEN, 0), (Taps.ODD, (stride - 1) / 2)):
            shown = place(feature_maps(blob(x, y), taps).channel(stride, "bright"), stride)
            assert shown == pytest.approx((x + shift, y + shift), abs=0.35), (taps, shown)


def test_the_middle_of_the_photo():
    """Pixel 256 is an edge of cells at every stride: even filters are symmetric about it, odd ones half a cell off."""
    assert [blob_shown_at(256.0, stride) for stride in STRIDES] == pytest.approx([256.0] * 4, abs=1e-9)
    odd = [blob_shown_at(256.0, stride, "odd") for stride in STRIDES]
    assert odd == pytest.approx([257.5, 259.5, 263.5, 271.5], abs=0.15)


def test_aligned_reads_a_blob_where_it_is_and_legacy_half_a_cell_beside_it():
    """A box round the blob, read as one row of 8 bins: the even network goes with aligned, the odd one with legacy."""
    box, middle = (160.0, 160.0, 352.0, 352.0), {}
    for taps in Taps:
        bright = feature_maps(blob(256.0, 256.0), taps).channel(16, "bright")
        for operator in (ROI_ALIGN, ROI_ALIGN_LEGACY):
            row = trace(bright, box, operator, (1, 8), 1 / 16).output[0]
            middle[taps, operator.aligned] = 160 + 24 * float(row @ (np.arange(8) + 0.5)) / float(row.sum())
    assert middle[Taps.EVEN, True] == pytest.approx(256, abs=0.1)
    assert middle[Taps.ODD, False] == pytest.approx(256, abs=0.6)
    assert middle[Taps.EVEN, False] < 249 and middle[Taps.ODD, True] > 262


def test_taps_that_the_network_does_not_have():
    with pytest.raises(OptionError, match="even, odd"):
        feature_maps(np.ones((64, 64, 3)), "three")


def test_the_stored_portrait_is_what_the_network_makes():
    stored, photo = portrait().maps, np.asarray(Image.open(ASSETS / "portrait.jpg").convert("RGB"), np.float32) / 255
    made = feature_maps(photo)
    for stride in STRIDES:  # a decoder of JPEG may differ in the last bit of a pixel, and so a cell by a hundredth
        np.testing.assert_allclose(stored.at[stride], made.at[stride], atol=0.0101)


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
