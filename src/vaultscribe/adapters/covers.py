"""The door to Pillow: a site's picture becomes a small, plain JPEG.

The bytes come from anybody. Their size is judged before anything is decoded: at most
10 million pixels, which take up to 220 MB for a second or two (measured).
"""

import io
import logging
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

WIDTH_PX, HEIGHT_PX = 480, 960
"""The room that a cover gets; it keeps its shape."""

QUALITY = 80
"""Of the JPEG, as libjpeg counts: 10 to 40 KB for what sites show."""

MAX_PIXELS, LEAST_PX = 10_000_000, 16
"""The largest picture that is decoded; the shortest side that shows anything."""

MAX_SCANS = 60
"""Of a progressive JPEG; each is decoded over the whole picture. Encoders write 10."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def shrink(data: bytes) -> bytes | None:
    """Make a small JPEG of a picture; None, and a line in the log, if it is none.

    Upright, without what the file says besides (place, camera, comments); what is
    transparent becomes white, and of what moves the first picture is taken.
    """
    from PIL import Image, UnidentifiedImageError

    # Pillow's own advice: a bomb is an error, not a warning.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image, data)
            return _jpeg(_small(image))
    except UnidentifiedImageError:
        log.warning("the cover cannot be used: it is no JPEG, PNG, WebP or GIF")
        return None
    except Exception as error:  # noqa: BLE001 - Pillow raises anything
        log.warning("the cover cannot be used: %s", error)
        return None


def _check(image: "Image", data: bytes) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are too many")
    if image.format == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise ValueError("it is drawn over and over again")


def _small(image: "Image") -> "Image":
    from PIL import Image, ImageOps

    image.draft("RGB", (2 * HEIGHT_PX, 2 * HEIGHT_PX))  # decodes less of a large JPEG
    full = image.convert("RGBA")
    full.thumbnail((HEIGHT_PX, HEIGHT_PX))
    upright = ImageOps.exif_transpose(full)
    upright.thumbnail((WIDTH_PX, HEIGHT_PX))
    if min(upright.size) < LEAST_PX:
        raise ValueError("it is too small to show anything")
    # A new picture carries none of what the old one's file said.
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright.getchannel("A"))
    return paper


def _jpeg(image: "Image") -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()
