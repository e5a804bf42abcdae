"""Pictures of all kinds, honest and hostile, become small JPEGs or nothing."""

import io
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from vaultscribe.adapters.covers import MAX_PIXELS, shrink


def photo(width: int = 1280, height: int = 720, mode: str = "RGB") -> Image.Image:
    """Draw something with edges, slopes and grain, as a still of a film has them."""
    image = Image.radial_gradient("L").resize((width, height))
    image = Image.merge("RGB", (image, image.rotate(90), image.rotate(180)))
    pen = ImageDraw.Draw(image)
    for n in range(60):
        x, y = n * 197 % width, n * 331 % height
        color = (n * 83 % 256, n * 151 % 256, n * 59 % 256)
        pen.ellipse((x, y, x + width // 9, y + height // 9), color)
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def read(data: bytes | None) -> Image.Image:
    assert data is not None
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_a_usual_picture_becomes_a_small_jpeg(kind: str, mode: str) -> None:
    small = shrink(saved(photo(mode=mode), kind))

    image = read(small)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (480, 270))
    assert small is not None
    assert 4_000 < len(small) < 40_000


def test_a_small_picture_is_not_made_larger() -> None:
    assert read(shrink(saved(photo(320, 180)))).size == (320, 180)


def test_a_tall_picture_is_kept_in_bounds() -> None:
    image = read(shrink(saved(photo(300, 3000), "PNG")))

    assert image.size == (96, 960)


def test_what_is_transparent_becomes_white() -> None:
    image = read(shrink(saved(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG")))

    assert image.getpixel((30, 30)) == (255, 255, 255)


def test_a_picture_taken_sideways_is_set_upright() -> None:
    image = Image.new("RGB", (800, 400), "white")
    image.paste("red", (0, 0, 400, 400))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side belongs on top

    found = read(shrink(saved(image, exif=exif)))

    assert found.size == (400, 800)
    assert found.getpixel((200, 100)) == pytest.approx((254, 0, 0), abs=3)
    assert found.getpixel((200, 700)) == (255, 255, 255)


def test_nothing_that_the_file_says_besides_the_picture_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET maker"
    data = saved(photo(), exif=exif, comment=b"SECRET comment", icc_profile=b"SECRET")

    small = shrink(data)

    assert b"SECRET" in data
    assert small is not None
    assert b"SECRET" not in small
    assert {"exif", "icc_profile", "comment"}.isdisjoint(read(small).info)


def test_of_what_moves_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    image = read(shrink(data))

    assert image.getpixel((30, 30)) == pytest.approx((254, 0, 0), abs=3)


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """Write a PNG by hand, as its maker wishes; black where *pixels* are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def redrawn(times: int) -> bytes:
    """Repeat the last scan of a progressive JPEG, as a bomb of time does."""
    data = saved(photo(64, 64), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * times + data[-2:]


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Not found</title>",
        SVG,
        saved(Image.new("RGB", (1, 1)), "PNG"),
        saved(Image.new("RGB", (4000, 20)), "PNG"),
        saved(photo())[:9000],
        saved(photo(), "PNG")[:9000],
        saved(photo(), "WEBP")[:5000],
        saved(photo(), "TIFF"),
        saved(photo(), "BMP"),
        png(60_000, 60_000),
        png(12_000, 12_000, b"\0" * 100),
        png(5000, 5000),
        png(100, 100, b"\0" * 50),
        redrawn(500),
    ],
    ids=[
        "nothing",
        "html",
        "svg",
        "pixel",
        "line",
        "cut jpeg",
        "cut png",
        "cut webp",
        "tiff",
        "bmp",
        "bomb",
        "bomb that warns",
        "large",
        "cut rows",
        "redrawn",
    ],
)
def test_what_is_no_usable_picture_is_none(
    data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert shrink(data) is None
    assert "the cover cannot be used" in caplog.text


def test_a_few_scans_are_no_bomb() -> None:
    assert shrink(redrawn(5)) is not None


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    data = png(16_383, 16_383, b"\0" * 1000)
    tracemalloc.start()

    assert shrink(data) is None

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MAX_PIXELS


GOOD = saved(photo(96, 64), "PNG"), saved(photo(96, 64)), saved(photo(96, 64), "WEBP")


@settings(deadline=None)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=9),
    st.integers(0, 9000),
)
def test_damaged_bytes_give_a_sane_picture_or_none(
    data: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    damaged = bytearray(data)
    for at, byte in changes:
        damaged[at % len(damaged)] = byte

    small = shrink(bytes(damaged[:end]))

    assert small is None or max(read(small).size) <= 960
