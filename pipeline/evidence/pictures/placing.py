"""How large a picture is on paper, which way up it stands, and the PDF objects that show it."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from pikepdf import Matrix, Pdf, Stream
from PIL import Image, UnidentifiedImageError

from pipeline.evidence.letter import Box, placement
from pipeline.evidence.letter_pdf import add_letter_page
from pipeline.evidence.model import Source

_ORIENTATIONS = {
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}
"""EXIF orientation (tag 0x0112) to the matrix that turns or mirrors the unit square upright (CIPA DC-008, 4.6.5)."""

_EXIF_ORIENTATION = 0x0112
_EXIF_GPS = 0x8825
_BELIEVABLE_DENSITY = (20.0, 2400.0)
"""Pixels per inch; a stated density outside is taken as not stated (JFIF writes 1 for "no unit")."""
_UNSTATED_DENSITY = 72.0
"""Then no pixel is larger than a point, and a large picture is reduced to the page."""

_READER_FAULTS = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow and its decoders raise for a malformed file."""


class Picture(Struct, frozen=True):
    """What Pillow reads from a picture's head."""

    width: int
    """In pixels, as stored: before the orientation is applied."""
    height: int
    density: tuple[float, float]
    """Pixels per inch across and down."""
    orientation: int = 1
    """EXIF orientation, 1 to 8."""
    has_place: bool = False
    """Whether the camera noted where the picture was taken."""

    def matrix(self) -> Matrix:
        """Puts the unit square that PDF draws an image in onto the letter page, upright and not enlarged."""
        width, height = (pixels * 72 / dots for pixels, dots in zip((self.width, self.height), self.density, strict=True))
        if self.orientation >= 5:
            width, height = height, width
        upright = Matrix(*_ORIENTATIONS.get(self.orientation, (1, 0, 0, 1, 0, 0)))
        return upright @ Matrix(width, 0, 0, height, 0, 0) @ placement(Box(0, 0, width, height))


def _density(image: Image.Image) -> tuple[float, float]:
    stated = image.info.get("dpi")
    try:
        across, down = (float(value) for value in stated or ())
    except (TypeError, ValueError, ZeroDivisionError):
        return (_UNSTATED_DENSITY, _UNSTATED_DENSITY)
    low, high = _BELIEVABLE_DENSITY
    return (across, down) if low <= across <= high and low <= down <= high else (_UNSTATED_DENSITY, _UNSTATED_DENSITY)


def examine(image: Image.Image) -> Picture:
    """Size, density and orientation of an open picture; broken EXIF data counts as none."""
    try:
        exif = image.getexif()
        orientation, has_place = exif.get(_EXIF_ORIENTATION, 1), _EXIF_GPS in exif
    except (ValueError, SyntaxError, OSError, KeyError, TypeError, OverflowError):
        orientation, has_place = 1, False
    known = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return Picture(image.width, image.height, _density(image), known, has_place)


@contextmanager
def opened(source: Source) -> Iterator[Image.Image]:
    """The picture, its pixels not read yet.  Raises EvidenceError when it is damaged or larger than the limit, also while it is used."""
    remedy = "Open the picture in a viewer and save it again as JPEG, PNG or PDF, or ask for it again."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(source.data)) as image:
                if image.width * image.height > source.limits.pixels:
                    message = f"the picture has more than {source.limits.pixels:,} pixels"
                    raise source.refusal("evidence-too-large", message, "Save it smaller; 300 dots per inch are enough.")
                yield image
    except Image.DecompressionBombError as error:
        raise source.refusal(
            "evidence-too-large", "the picture is too large to open", "Save it smaller; 300 dots per inch are enough."
        ) from error
    except _READER_FAULTS as error:
        raise source.refusal("evidence-damaged", "the picture is damaged or of a kind that cannot be read", remedy) from error


def add_picture(pdf: Pdf, shown: Stream, picture: Picture) -> None:
    """Appends a letter page with the picture."""
    add_letter_page(pdf, shown, picture.matrix())
