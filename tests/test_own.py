"""A person's own data: what can be read is read exactly, and everything else is a sentence with nothing spent on it."""

import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from roialign_core import ROI_ALIGN, trace
from roialign_lab.figures.scene import map_grid_of
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.array_files import arrays_in, map_arrays, read_header
from roialign_lab.lesson.maps import is_map, map_named
from roialign_lab.lesson.matrix_text import read_matrix
from roialign_lab.lesson.own_limits import LARGEST_FILE, OwnDataError
from roialign_lab.lesson.own_maps import OwnMaps, matrix_in_address, own_array, own_matrix
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import MOST_UPLOADS, Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.ui import uploads
from roialign_lab.ui.read_photo import MOST_PIXELS, decoded, read_photo
from roialign_lab.ui.uploads import read_upload

RAMP = np.arange(24.0).reshape(2, 3, 4)


def npy(values, **options):
    stream = io.BytesIO()
    np.save(stream, values, **options)
    return stream.getvalue()


def npz(**arrays):
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def packed(way, **arrays):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", way) as archive:
        for name, values in arrays.items():
            archive.writestr(f"{name}.npy", npy(values))
    return stream.getvalue()


def damaged(content, at):
    return content[:at] + b"\xff" * 20 + content[at + 20 :]


def picture(kind, size=(96, 64), **options):
    stream = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(stream, kind, **options)
    return stream.getvalue()


def header(text, version=1):
    long = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + long + text.encode()


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "i4", "u1", "?", "f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_it_was_saved(dtype, order):
    values = np.asarray(RAMP % 2, dtype=dtype, order=order)
    maps = read_upload("map.npy", npy(values))
    assert maps.channels.dtype == (np.float32 if dtype.endswith(("f4", "f2")) else np.float64)
    assert np.array_equal(maps.channels, RAMP % 2)
    assert not maps.channels.flags.writeable


@pytest.mark.parametrize(("shape", "channels"), [((3, 4), 1), ((2, 3, 4), 2), ((5, 2, 3, 4), 10), ((1, 1), 1)])
def test_two_three_or_four_axes(shape, channels):
    values = np.arange(float(np.prod(shape))).reshape(shape)
    maps = read_upload("map.NPY", npy(values))
    assert maps.channels.shape == (channels, *shape[-2:])
    assert np.array_equal(maps.channel(channels - 1), values.reshape(-1, *shape[-2:])[-1])


def test_an_archive_gives_its_first_map():
    maps = read_upload("maps.npz", npz(scale=np.float64(2), layer3=RAMP))
    assert np.array_equal(maps.channels, RAMP)


@pytest.mark.parametrize(
    "text",
    ["1,2,3\n4,5,6", "1 2 3\n4 5 6\n", "1;2;3\r\n4;5;6", "1\t2\t3\n\n4\t5\t6", "[[1, 2, 3], [4, 5, 6]]",
     "tensor([[1., 2., 3.],\n        [4., 5., 6.]])", "array([[1., 2., 3.], [4., 5., 6.]], dtype=float32)"],
)  # fmt: skip
def test_a_matrix_as_people_write_it(text):
    assert read_matrix(text).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert np.array_equal(read_upload("map.csv", ("\ufeff" + text).encode()).channels[0], [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6",
        "1\t2\t3\n4\t5\t6\n",
        "[1 2 3; 4 5 6]",
        "1;2;3\r\n4;5;6",
        "1\xa02\u30003\n4 5 6",
        "[[1, 2, 3],\n [4, 5, 6]]",
    ],
)
def test_numbers_are_counted_before_any_is_read(text, monkeypatch):
    """Of 2 rows of 3 numbers, 6 may be read and 5 may not, even where the first is none."""
    monkeypatch.setattr("roialign_lab.lesson.matrix_text.MOST_NUMBERS", 6)
    assert read_matrix(text).tolist() == [[1, 2, 3], [4, 5, 6]]
    monkeypatch.setattr("roialign_lab.lesson.matrix_text.MOST_NUMBERS", 5)
    with pytest.raises(OwnDataError) as caught:
        read_matrix(text.replace("1", "x"))
    assert (caught.value.key, caught.value.values) == ("own.problem.too_many_numbers", {"count": "6", "limit": "5"})


def test_a_small_matrix_travels_in_the_address():
    maps = own_matrix("0.1, -2e-3\nnan, inf")
    name = matrix_in_address(maps.channels[0])
    assert name == "matrix-0.1,-0.002;nan,inf"
    assert np.array_equal(map_named(name), maps.channels[0], equal_nan=True)
    assert matrix_in_address(np.ones((100, 100))) is None


def with_tags(*tags, orientation=6):
    """A JPEG 96 wide and 64 high whose EXIF has an orientation and other tags, each of any type: tag, type, value."""
    entries = [(0x0112, 3, orientation.to_bytes(2, "big") + bytes(2)), *tags]
    entries = b"".join(tag.to_bytes(2, "big") + kind.to_bytes(2, "big") + bytes((0, 0, 0, 1)) + value
                       for tag, kind, value in sorted(entries))  # fmt: skip
    block = b"Exif\0\0MM\0*\0\0\0\x08" + (len(entries) // 12).to_bytes(2, "big") + entries + bytes(4)
    jpeg = picture("JPEG", (96, 64))
    return jpeg[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]


OFFSET_OF_RATIO = bytes((0, 0, 0, 10 + 12))  # eight bytes from here: of the tag itself, whatever they say
ODD_TAGS = {
    "nothing else": (),
    "a signed resolution": ((0x011A, 9, (-72).to_bytes(4, "big", signed=True)),),
    "a resolution of -1/0": ((0x011A, 10, OFFSET_OF_RATIO),),
    "a unit of resolution as a fraction": ((0x0128, 5, OFFSET_OF_RATIO),),
    "a unit of resolution as text": ((0x0128, 2, b"inch"),),
    "a program with a number for a name": ((0x0131, 4, bytes((0, 0, 1, 0))),),
    "a type that there is not": ((0x0131, 99, b"abcd"),),
    "a pointer beyond the file": ((0x8769, 4, b"\xff\xff\xff\xff"), (0x8825, 4, b"\xff\xff\xff\xff")),
}


@pytest.mark.parametrize("name", ODD_TAGS)
def test_a_photo_stands_as_its_camera_was_held_whatever_else_is_noted(name):
    assert read_upload("photo.jpg", with_tags(*ODD_TAGS[name])).maps.photo_shape == (96, 64)


@pytest.mark.parametrize(
    ("orientation", "shape", "corner"),  # the corner of the map that is bright where the picture's upper left is
    [(1, (64, 96), (0, 0)), (2, (64, 96), (0, -1)), (3, (64, 96), (-1, -1)), (4, (64, 96), (-1, 0)),
     (5, (96, 64), (0, 0)), (6, (96, 64), (0, -1)), (7, (96, 64), (-1, -1)), (8, (96, 64), (-1, 0)),
     (0, (64, 96), (0, 0)), (9, (64, 96), (0, 0)), (65535, (64, 96), (0, 0))],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_way_to_hold_a_camera(kind, orientation, shape, corner):
    drawn = Image.new("RGB", (96, 64))
    drawn.paste((255, 255, 255), (0, 0, 32, 32))
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    drawn.save(stream, kind, exif=exif)
    photo = read_upload(f"a.{kind.lower()}", stream.getvalue())
    assert photo.maps.photo_shape == shape
    bright = photo.maps.channel(16, "bright")
    assert bright[corner] == 1 and np.sum(bright > 0.9) <= 4


def shown(image, **options):
    """The brightness, 0 to 1, of a picture that was saved as PNG and uploaded."""
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    photo = decoded("a.png", stream.getvalue())
    return np.asarray(photo.convert("L"), float) / 255


def test_grey_of_sixteen_bits_keeps_its_ramp():
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    values = shown(Image.fromarray(ramp)) * 255
    assert values[0, 0] == 0 and values[0, -1] == 255
    assert abs(values[0, 128] - 128) <= 1
    assert np.abs(values[0] - np.arange(256)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB"])
def test_a_drawing_on_transparent_ground_stands_on_white(mode):
    drawn = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), (16, 16, 48, 48))
    options = {}
    if mode in ("L", "RGB"):  # one colour stands for transparent
        ground = Image.new(mode, (64, 64), 7 if mode == "L" else (7, 7, 7))
        ground.paste(0 if mode == "L" else (0, 0, 0), (16, 16, 48, 48))
        drawn, options = ground, {"transparency": 7 if mode == "L" else (7, 7, 7)}
    elif mode == "P":
        drawn = Image.new("P", (64, 64), 1)
        drawn.putpalette([0, 0, 0, 10, 10, 10])
        drawn.paste(0, (16, 16, 48, 48))
        options = {"transparency": 1}
    else:
        drawn = drawn.convert(mode)
    values = shown(drawn, **options)
    assert values[2, 2] == 1 and values[32, 32] == 0


@pytest.mark.parametrize(
    ("size", "shape"),
    [((8000, 200), (32, 1280)), ((200, 8000), (1280, 32)), ((2048, 32), (32, 2048)), ((33, 1500), (1455, 32))],
)
def test_a_panorama_keeps_a_cell_of_the_coarsest_map(size, shape):
    assert read_upload("a.png", picture("PNG", size)).maps.photo_shape == shape


def test_a_header_of_version_3_is_read():
    stream = io.BytesIO()
    np.lib.format.write_array(stream, RAMP, version=(3, 0))
    assert stream.getvalue()[6:8] == b"\x03\x00"
    assert np.array_equal(read_upload("a.npy", stream.getvalue()).channels, RAMP)


def test_an_archive_lists_its_arrays_and_gives_the_chosen_one():
    content = npz(boxes=np.zeros((5, 4)), names=np.array(["a"]), layer3=RAMP, scale=np.float32(2))
    found = arrays_in("a.npz", content)
    assert {key: getattr(value, "shape", None) for key, value in found.items()} == {
        "boxes": (5, 4), "names": None, "layer3": (2, 3, 4), "scale": None,
    }  # fmt: skip
    assert read_upload("a.npz", content).channels.shape == (1, 5, 4)
    assert np.array_equal(read_upload("a.npz", content, "layer3").channels, RAMP)
    with pytest.raises(OwnDataError, match="not_real"):
        read_upload("a.npz", content, "names")


def test_a_table_by_tabs():
    assert read_upload("a.tsv", b"1\t2\n3\t4\n").channels.tolist() == [[[1, 2], [3, 4]]]


def test_one_upload_leaves_room_for_the_next_and_none_for_what_is_too_large():
    held = []
    with pytest.raises(OwnDataError, match="no_room"):
        held.extend(read_upload("a.npy", npy(np.full((9, 512, 512), k, np.float32))) for k in range(100))  # 9.4 MB each
    assert 9 <= len(held) <= 13
    assert read_upload("a.csv", b"1,2\n3,4").channels.tolist() == [[[1, 2], [3, 4]]]  # the small ones still come in
    held.clear()  # their sessions ended
    assert read_upload("a.npy", npy(np.zeros((9, 512, 512), np.float32))).size == 9 * 512 * 512 * 4


def test_a_session_holds_no_more_than_its_share_of_memory():
    session = Session()
    for k in range(3):
        maps = OwnMaps(f"{k:012}", np.broadcast_to(np.float32(k), (30, 512, 512)))  # 31 MB as they are counted
        session.keep_upload(maps)
    assert session.uploads == [maps]


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.JPG", "JPEG"), ("a.webp", "WEBP")])
def test_a_photo_becomes_maps_once(name, kind):
    photo = read_upload(name, picture(kind))
    assert photo.maps.at[16].shape == (8, 4, 6)
    assert photo.maps is read_upload(name, picture(kind)).maps


def test_the_map_of_a_channel_is_one_array_so_a_drag_lays_it_out_once():
    for name in (f"own-{(own := read_upload('map.npy', npy(RAMP))).name}-0", "photo-4-vertical"):
        values = map_named(name)
        assert map_named(name) is values and map_grid_of(values) is map_grid_of(map_named(name))
        assert trace(values, (0, 0, 2, 2), ROI_ALIGN, 2).feature_map is values
    assert np.array_equal(own.channel(0), RAMP.reshape(-1, *RAMP.shape[-2:])[0])


def test_the_size_of_an_upload_counts_the_channels_that_were_shown():
    # no other test has uploaded these numbers: what is still held would be the same file
    photo, own = read_upload("a.png", picture("PNG", (64, 64))), read_upload("a.npy", npy(RAMP + 0.375))
    assert photo.size == 8 * 8 * (16**2 + 8**2 + 4**2 + 2**2) + len(photo.preview) and own.size == 24 * 8
    for _ in range(2):  # one array each, however often
        photo.maps.channel(4, "red"), own.channel(1)
    assert photo.size == 8 * 8 * (16**2 + 8**2 + 4**2 + 2**2) + 8 * 16**2 + len(photo.preview)
    assert own.size == 24 * 8 + 12 * 8


def test_a_large_photo_is_made_smaller():
    assert max(read_upload("a.png", picture("PNG", (3000, 100))).maps.photo_shape) == 1024


BAD = {
    "empty_file": ("map.npy", b""),
    "file_too_large": ("map.npy", bytes(LARGEST_FILE + 1)),
    "unknown_ending": ("map.pt", b"PK"),
    "not_text": ("map.csv", b"\xff\xfe\x00\x81"),
    "broken": ("map.npy", b"not a map"),
    "truncated": ("map.npy", npy(RAMP)[:-8]),
    "objects": ("map.npy", npy(np.array([[{}]], dtype=object), allow_pickle=True)),
    "not_real": ("map.npy", npy(RAMP.astype(complex))),
    "rank": ("map.npy", npy(np.arange(5.0))),
    "no_values": ("map.npy", npy(np.zeros((3, 0)))),
    "side_too_large": ("map.npy", npy(np.zeros((100_000, 1), np.uint8))),
    "too_many_channels": ("map.npy", npy(np.zeros((2049, 1, 1)))),
    "unpacked_too_large": ("map.npz", npz(a=np.zeros((16, 512, 512), bool))),  # 33.6 MB as float64
    "packed_otherwise": ("map.npz", packed(zipfile.ZIP_BZIP2, a=RAMP)),
    "no_array": ("map.npz", b"PK\x05\x06" + bytes(18)),
    "not_a_number": ("map.csv", b"1,2\n3,four"),
    "ragged": ("map.csv", b"1,2,3\n4,5"),
    "no_numbers": ("map.csv", b"\n\n"),
    "not_a_photo": ("photo.png", npy(RAMP)),
    "photo_too_small": ("photo.png", picture("PNG", (31, 200))),
    "photo_too_large": ("photo.webp", picture("WEBP", (4000, 2000))),
    "photo_too_long": ("photo.png", picture("PNG", (33 * 64, 32))),
    "text_too_long": ("map.csv", b" " * 4_000_001),
    "too_many_numbers": ("map.txt", b"[" + (b"[" + b"[1, 2]," * 512 + b"]") * 513 + b"]"),
    "too_many_rows": ("map.txt", b"\n" * 40_000),
    "line_too_long": ("map.txt", b"1" + b" " * 40_000 + b"2"),
    "number_too_long": ("map.csv", b"1," + b"7" * 65),
    "empty_cell": ("map.csv", b"1,,3\n,5,6"),
    "decimal_commas": ("map.csv", b"0,5, 0,7"),
    "row_or_not": ("map.txt", b"[1 2\n3 4]"),
    "brackets": ("map.txt", b"[[1, 2], [3, 4]"),
    "brackets_unlike": ("map.txt", b"[[1, 2], [[3, 4]]]"),
    "channels_unlike": ("map.txt", b"[[[1, 2]], [[3]]]"),
}


@pytest.mark.parametrize("key", BAD)
def test_bad_data_is_a_sentence(key):
    with pytest.raises(OwnDataError) as caught:
        read_upload(*BAD[key])
    assert caught.value.key == f"own.problem.{key}"
    for language in LANGUAGES:
        sentence = text_in(language)(caught.value.key, **caught.value.values)
        assert "{" not in sentence.replace("{}", "")
        assert all(value in sentence for value in caught.value.values.values())


CLAIM = "{{'descr': '<f8', 'fortran_order': False, 'shape': {}}}\n"
BROKEN = {
    "wrong type under a right name": ("photo.jpg", b"<svg/>"),
    "a header of a gigabyte": ("map.npy", b"\x93NUMPY\x02\x00" + (10**9).to_bytes(4, "little") + b"{"),
    "two megabytes that are not there": ("map.npy", header(CLAIM.format("(512, 512)"))),
    "a terabyte that is not there": ("map.npy", header(CLAIM.format("(10**6, 10**6)"))),
    "a negative shape": ("map.npy", header(CLAIM.format("(-1, 2)"))),
    "a shape that is half a truth": ("map.npy", header(CLAIM.format("(True, 2)")) + bytes(16)),
    "a member that is packed with LZMA, and damaged": ("map.npz", damaged(packed(zipfile.ZIP_LZMA, a=RAMP), 60)),
    "a shape of words": ("map.npy", header(CLAIM.format("('a', 2)"))),
    "a header of brackets": ("map.npy", header("(" * 9000, 2)),
    "a cut archive": ("map.npz", npz(a=RAMP)[:60]),
    "a cut photo": ("photo.jpg", picture("JPEG", (400, 400))[:900]),
    "a cut picture": ("photo.png", picture("PNG", (400, 400))[:300]),
    "an archive of something else": ("map.npz", b"PK\x03\x04" + bytes(50)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused(name):
    with pytest.raises(OwnDataError):
        read_upload(*BROKEN[name])


def test_a_decompression_bomb_costs_nothing():
    rows = 60_000
    bomb = io.BytesIO()
    stored = Image.new("1", (8, 8))
    stored.save(bomb, "PNG")
    large = bytearray(bomb.getvalue())
    large[16:24] = rows.to_bytes(4, "big") * 2  # the width and height that the header speaks of
    large[29:33] = zlib.crc32(large[12:29]).to_bytes(4, "big")
    assert rows * rows > MOST_PIXELS
    tracemalloc.start()
    with pytest.raises(OwnDataError) as caught:
        read_upload("photo.png", bytes(large))
    assert caught.value.key == "own.problem.photo_too_large"
    spent = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent < 1_000_000


def test_an_archive_that_lies_about_its_size_is_cut_off():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(70_000_000))
    content = bytearray(stream.getvalue())
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(OwnDataError):
        read_upload("a.npz", bytes(content))


def listing(files, extra=b""):
    """An archive of files without content, each with that extra field in the archive's list."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for k in range(files):
            archive.writestr(f"{k}.npy", b"")
        for member in archive.infolist():
            member.extra = extra
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "key"),
    [(listing(101), "archive_too_long"), (listing(90, struct.pack("<HH", 0x7777, 0) * 16_000), "broken")],
)
def test_a_list_of_an_archive_that_is_too_long_is_refused_before_it_is_read(content, key, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(OwnDataError) as caught:
        read_upload("a.npz", content)
    assert caught.value.key == f"own.problem.{key}"


def test_an_archive_of_as_many_files_as_may_be_is_read():
    assert len(arrays_in("a.npz", npz(**{f"a{k}": RAMP for k in range(100)}))) == 100


def test_one_file_is_read_at_a_time_the_list_of_an_archive_too(monkeypatch):
    monkeypatch.setattr(uploads, "map_arrays", lambda name, _content: {name: str(uploads.READING.locked())})
    content = npz(a=RAMP)
    file = UploadedFile(UploadedFileRec("f", "a.npz", "application/zip", content), FileURLs())
    assert uploads._arrays(file) == {"a.npz": "True"}
    assert not uploads.READING.locked()


def test_random_damage_is_never_a_crash():
    rng = random.Random(11)
    good = {"a.npy": npy(RAMP), "a.npz": npz(a=RAMP), "a.csv": b"1,2\n3,4\n", "a.png": picture("PNG"),
            "a.jpg": picture("JPEG"), "a.webp": picture("WEBP")}  # fmt: skip
    read = refused = 0
    for _ in range(600):
        name, content = rng.choice([*good.items()])
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(min(len(damaged), 200))] = rng.randrange(256)
        try:
            assert isinstance(read_upload(name, bytes(damaged[: rng.randint(1, len(damaged))])), OwnMaps | Photo)
            read += 1
        except OwnDataError:
            refused += 1
    assert read and refused


def test_a_session_holds_what_it_shows_and_the_last_few_and_no_more():
    session = Session()
    first = own_matrix("\n".join(",".join(str(k * j) for j in range(40)) for k in range(40)))
    name = f"own-{first.name}-0"
    session.keep_upload(first)
    session.set_scenario("home", Scenario(map=name))
    for k in range(5):
        session.keep_upload(own_matrix(f"{k}, 1"))
    assert len(session.uploads) == MOST_UPLOADS and first in session.uploads and is_map(name)
    session.set_scenario("home", Scenario())
    for k in range(5):
        session.keep_upload(own_matrix(f"{k}, 2"))
    del first
    assert not is_map(name)
    scenario, problems = from_address({"map": name}, "roi_align", Scenario())
    assert scenario == Scenario() and [problem.key for problem in problems] == ["problem.map_gone"]


@pytest.mark.parametrize("values", [[[np.nan]], [[np.nan, np.inf], [-np.inf, 1.0]], [[0.0]], [[1e308, -1e308]]])
def test_odd_values_are_shown_as_they_are(values):
    from roialign_lab.stage.page import WALKS, Page
    from roialign_lab.stage.payload import payload as sent

    maps = own_matrix("\n".join(",".join(map(str, row)) for row in values))
    name = matrix_in_address(maps.channels[0])
    for page_name, kind in WALKS.items():
        if kind in ("image", "network", "slides"):  # pages with pictures of their own, and one without a stage
            continue
        session = Session()
        session.set_scenario(kind, from_address({"map": name}, kind, Scenario())[0])
        data, still = sent(Page(page_name, session))
        assert still()["panels"][0]["labels"] and data["panels"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[1 2;3 4]", [[1, 2], [3, 4]]),
        ("[1 2; 3 4;]", [[1, 2], [3, 4]]),
        ("[1;2;3]", [[1], [2], [3]]),  # in brackets a semicolon ends a row
        ("1;2;3", [[1, 2, 3]]),
        ("1 2;3 4", [[1, 2], [3, 4]]),
        ("[1, 2]", [[1, 2]]),
        ("[1,\n 2]", [[1, 2]]),
        ("[1, 2]\n[3, 4]", [[1, 2], [3, 4]]),
        ("x = np.array([[1, 2], [3, 4]])", [[1, 2], [3, 4]]),
        ("[[1. 2.\n  3.]\n [4. 5.\n  6.]]", [[1, 2, 3], [4, 5, 6]]),  # as NumPy breaks long rows
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[[[1,2],[3,4]],[[5,6],[7,8]]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        ("[[[1 2]\n  [3 4]]\n\n [[5 6]\n  [7 8]]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        ("[[[[1, 2]], [[3, 4]]]]", [[[1, 2]], [[3, 4]]]),
        ("[[[[1]], [[2]]], [[[3]], [[4]]]]", [[[[1]], [[2]]], [[[3]], [[4]]]]),
        ("1,nan,3\nnan,5,6", [[1, np.nan, 3], [np.nan, 5, 6]]),
        ("1,2,\n3,4,", [[1, 2], [3, 4]]),
    ],
)
def test_brackets_and_semicolons_say_where_rows_and_channels_end(text, values):
    assert np.array_equal(read_matrix(text), np.array(values, float), equal_nan=True)
    assert own_matrix(text).channels.shape[1:] == np.shape(values)[-2:]


@pytest.mark.parametrize(
    "text", ["1,,3\n,5,6", "1\t\t3\n\t5\t6", "1;;3\n;5;6", "1, ,3", ",5,6", "1,2,,", "[[1,,3],[4,5,6]]"]
)
def test_an_empty_cell_moves_no_number_to_its_place(text):
    with pytest.raises(OwnDataError, match="empty_cell"):
        read_matrix(text)


def test_an_empty_cell_in_a_link_says_so():
    scenario, problems = from_address({"map": "matrix-1,,3;4,,6"}, "roi_align", Scenario())
    assert scenario == Scenario()
    assert [problem.key for problem in problems] == ["own.problem.empty_cell"]
    assert problems[0].values == {"cell": "2", "row": "1", "text": "1,,3"}


@pytest.mark.parametrize(
    "text", ["1 2 [3, 4]", "[[1, 2] 3 [4, 5]]", "[[1 2]\n ...\n [3 4]]", "[[1, 2]]]", "]1[", "[1, 2] 3", "[[[[[1]]]]]"]
)
def test_nothing_beside_the_brackets_is_passed_over(text):
    with pytest.raises(OwnDataError, match="brackets"):
        read_matrix(text)


@pytest.mark.parametrize("text", ["0,5, 0,7", "0,5 ,0,7", "[0,5, 0,7]", "1 2\n0,5, 0,7", "-1,5,\t-2,5"])
def test_commas_that_may_be_decimal_marks_are_not_guessed(text):
    with pytest.raises(OwnDataError, match="decimal_commas"):
        read_matrix(text)


@pytest.mark.parametrize(
    "text",
    [
        "1,5;2,5\n3,5;4,5",
        "1,5\t2,5\n3,5\t4,5",  # copied from a table where decimals have commas
        "1,5 2,5",
        "1,5;\n3,5;",
        "[1, 2; 3, 4]",
        "1 2\n0,5 0,7",
    ],
)
def test_numbers_that_could_be_others_are_not_guessed(text):
    """Decimal commas, and a matrix with its rows by semicolons, would come out as one row of other numbers."""
    with pytest.raises(OwnDataError, match="two_separators"):
        read_matrix(text)


@pytest.mark.parametrize("text", ["1, 1e400", "1, -1e309", "[[1, 1e400]]", "1\t" + "9" * 60 + "e300"])
def test_digits_that_no_float_holds_are_not_read_as_infinity(text):
    with pytest.raises(OwnDataError, match="not_a_number"):
        read_matrix(text)
    assert read_matrix("1, 1e308, inf, -Infinity").tolist() == [[1, 1e308, np.inf, -np.inf]]


def test_an_array_from_a_notebook_is_in_the_dtype_of_the_operators_and_nothing_in_it_is_hidden():
    for dtype, computed in ((np.float16, np.float32), (np.float32, np.float32), (int, np.float64)):
        assert own_array(np.ones((2, 2), dtype)).channels.dtype == computed
    with pytest.raises(OwnDataError, match=r"not_real.*masked"):
        own_array(np.ma.array([[1.0, 2.0]], mask=[[0, 1]]))


@pytest.mark.parametrize("text", ["1{}2", "1, 2{}", "5\r\n1 {}2", "[[1{}2]]", "[1{}2; 3 4]", "1{0}2\n" * 400])
@pytest.mark.parametrize("sign", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_only_line_ends_end_a_row_and_other_signs_are_no_numbers(text, sign):
    with pytest.raises(OwnDataError, match=r"not_a_number.*⏎"):
        read_matrix(text.format(sign))


def test_the_lines_that_are_counted_are_those_that_are_made():
    assert read_matrix("1 2\r\n3 4\r5 6\n\x0c\n7 8").tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    with pytest.raises(OwnDataError, match="line_too_long"):
        read_matrix("12\x0b" * 1_000_000)


@pytest.mark.parametrize(
    "text", ["1, 2;\n3, 4;", "1,2\n3,4", "1,\t2\n3 ,4", "1;2\n3;4;", "1\t2\n3 4", "[[1., 2.], [3., 4.]]"]
)
def test_numbers_that_can_be_no_others_are_read(text):
    assert read_matrix(text).tolist() == [[1, 2], [3, 4]]


HEADERS = 95 * [b"(" * 9000 + b"\n"]
SEGMENT = b"\xff\xe1\x00\x0aExif\0\0MM"


def test_a_header_that_python_cannot_read_is_not_looked_through_by_numpy(monkeypatch):
    """Each of 95 such headers took 0.1 s; as Python 2 wrote it, with an L, a header is read as before."""
    monkeypatch.setattr(np.lib._format_impl, "_filter_header", None)  # what looks through the signs one by one
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(HEADERS):
            archive.writestr(f"{number}.npy", b"\x93NUMPY\2\0" + len(text).to_bytes(4, "little") + text)
    assert map_arrays("a.npz", stream.getvalue()) == {}
    old = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }\n"
    content = b"\x93NUMPY\1\0" + len(old).to_bytes(2, "little") + old + bytes(48)
    assert read_header("a.npy", content).shape == (2, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_of_very_many_parts_is_refused_before_pillow_reads_them(kind):
    """800,000 segments of EXIF took 25 s, and as many chunks of a PNG 5 s; a hundred are read."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, kind)
    photo = stream.getvalue()
    first, part = (2, SEGMENT) if kind == "JPEG" else (33, bytes(4) + b"prVt" + zlib.crc32(b"prVt").to_bytes(4))
    assert read_photo("a", photo[:first] + 100 * part + photo[first:]) is not None
    with pytest.raises(OwnDataError, match="broken"):
        read_photo("a", photo[:first] + 6000 * part + photo[first:])
    with pytest.raises(OwnDataError, match="broken"):
        read_photo("a", b"\xff\xd8" + b"\xff" * 6000 + photo[2:])


@pytest.mark.parametrize(("kind", "size"), [("JPEG", 65_000), ("PNG", 200_000), ("WEBP", 200_000)])
def test_tags_that_lie_over_each_other_are_not_all_read(kind, size):
    """2,500 tags that each name the same half of the EXIF: 80 MB of a JPEG, and of the others 250 MB."""
    entries = b"".join(struct.pack(">HHII", 1000 + k, 2, size // 2, size // 4) for k in range(2500))
    block = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 2500) + entries + bytes(4)
    content = picture(kind, exif=block.ljust(size, b"\0"))
    assert len(content) > size
    tracemalloc.start()
    assert decoded("a", content).size == (96, 64)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
