"""PNG, TIFF, GIF, BMP, WebP, AVIF and HEIF: one page for each picture in the file.

What was stored without loss stays without loss.  PDF cannot hold the coding of AVIF, HEIF and lossy WebP: such pictures become JPEG
of high quality, since the same pixels without loss would make pages of 20 megabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pillow_heif
from msgspec import Struct
from msgspec.structs import replace
from pikepdf import Pdf, Stream
from PIL import Image, ImageOps

from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.model import Sheets, Source
from pipeline.evidence.pictures.jpeg import jpeg_image
from pipeline.evidence.pictures.placing import Picture, add_picture, examine, opened
from pipeline.evidence.pictures.png import SIGNATURE, read_png
from pipeline.findings import Finding, Level

pillow_heif.register_heif_opener()

_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_STARTS: Final = (SIGNATURE, b"GIF87a", b"GIF89a", *_TIFF)
_BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx", b"mif1", b"msf1"})
"""Major brands of AVIF and HEIF pictures (ISO/IEC 23008-12, annex B; AV1 Image File Format, section 6)."""
_KEPT: Final = frozenset({"1", "L", "P", "RGB"})
"""Pillow modes that go into the PDF as they are."""
_BITS_PER_SAMPLE: Final = 0x0102
_PHOTOMETRIC: Final = 0x0106
_WHITE_IS_ZERO: Final = 0
_COMPRESSION: Final = 0x0103
_UNCOMPRESSED: Final = 1
_PLANES: Final = 0x011C
_APART: Final = 2
_SAMPLE_FORMAT: Final = 0x0153
_SIGNED: Final = 2
_SUBFILE: Final = 0x00FE
_REDUCED: Final = 1
_WITHIN: Final = 0x014A
_RAW_VERSION: Final = 0xC612
"""Tags and values of TIFF (6.0, section 8).  MaxSampleValue is not used: it tells about the samples and may not change their look."""
_QUALITY: Final = 95
"""Of JPEG, with colours at full resolution: a second coding that the eye does not see."""


class _Frame(Struct, frozen=True):
    """One picture of a file, upright and on white."""

    image: Image.Image
    picture: Picture

    def stream(self, pdf: Pdf, lossy: bool) -> Stream:
        """The picture as an image XObject of `pdf`."""
        target = io.BytesIO()
        if lossy and self.image.mode in {"L", "RGB"}:
            self.image.save(target, "JPEG", quality=_QUALITY, subsampling=0)
            return jpeg_image(pdf, target.getvalue(), self.image.mode, self.image.size)
        self.image.save(target, "PNG", compress_level=6)
        png = read_png(target.getvalue())
        if png is None:
            raise ValueError("the PNG writer made something that is not a plain PNG")
        return png.image(pdf)


class RasterConverter:
    """Pictures that Pillow decodes.  Transparent parts become white; a file of several pictures gives a page for each.

    A PNG that PDF can show as it is keeps its compressed data; everything else is decoded and coded anew.  Samples of more than 8 bits
    are kept in such a PNG and reduced to 8 bits elsewhere.  Colours other than gray and RGB become RGB by Pillow's conversion, without
    profiles.
    """

    def accepts(self, head: bytes) -> bool:
        bmp = head[:2] == b"BM" and head[6:10] == b"\0\0\0\0"
        webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        phone = head[4:8] == b"ftyp" and head[8:12] in _BRANDS
        return head.startswith(_STARTS) or bmp or webp or phone

    def convert(self, source: Source) -> Sheets:
        pdf = Pdf.new()
        with opened(source) as image:
            kind = image.format or "a picture"
            if _is_preview(image):
                remedy = "Export it in the program of the camera as JPEG, PNG or PDF."
                raise source.refusal(
                    "evidence-picture-kind", "the file is a camera's raw picture, of which only a preview can be shown", remedy
                )
            count = getattr(image, "n_frames", 1)
            chosen = source.select(count)
            lossy = _is_lossy(source.data, kind)
            whole = read_png(source.data) if count == 1 else None
            if whole is not None:
                add_picture(pdf, whole.image(pdf), examine(image))
            else:
                for number in chosen:
                    image.seek(number - 1)
                    frame = _frame(source, image)
                    add_picture(pdf, frame.stream(pdf, lossy), frame.picture)
        return Sheets(kind, write_letter_pdf(pdf), count, chosen, findings=tuple(_findings(source, kind, count, lossy)))


def _is_lossy(data: bytes, kind: str) -> bool:
    """Whether the file's own coding loses detail, and has no place in a PDF."""
    return kind in {"AVIF", "HEIF"} or (kind == "WEBP" and b"VP8 " in _webp_chunks(data))


def _webp_chunks(data: bytes) -> set[bytes]:
    """The chunk names of a WebP file, and the coding of the frames of an animation (RFC 9649, section 2)."""
    names, at = set(), 12
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        names |= {name, data[at + 24 : at + 28]} if name == b"ANMF" else {name}
        at += 8 + length + length % 2
    return names


def _findings(source: Source, kind: str, count: int, lossy: bool) -> Iterator[Finding]:
    if lossy:
        message = f"the picture was coded anew as JPEG of high quality, because a PDF cannot hold {kind}"
        yield source.finding("evidence-picture-recoded", Level.INFO, message, "Keep the original file.")
    if count > 1 and kind != "TIFF":
        message = f"the file holds {count} pictures; each is a page"
        remedy = "Name the pictures that matter as the exhibit's page range."
        yield source.finding("evidence-more-pictures", Level.INFO, message, remedy)


def _frame(source: Source, image: Image.Image) -> _Frame:
    """The current picture of the file upright, without transparency."""
    if image.width * image.height > source.limits.pixels:
        raise source.refusal("evidence-too-large", "a picture in the file is too large", "Save it smaller; 300 dots per inch are enough.")
    if _is_misread(image):
        remedy = "Save the picture again as JPEG, PNG or PDF."
        raise source.refusal(
            "evidence-picture-kind", "a picture in the file stores its samples in a way that is not read right here", remedy
        )
    stored = examine(image)
    image.load()
    upright = ImageOps.exif_transpose(_eight_bits(image) if image.mode == "I" or image.mode.startswith("I;16") else image)
    density = stored.density[::-1] if stored.orientation >= 5 else stored.density  # a TIFF's size, but not its density, is turned already
    opaque = _opaque(upright)
    return _Frame(opaque, replace(stored, width=opaque.width, height=opaque.height, density=density, orientation=1))


def _is_misread(image: Image.Image) -> bool:
    """Whether Pillow would show a TIFF's samples as others: those with a sign, and wide ones in planes of their own without compression."""
    tags = getattr(image, "tag_v2", {})
    if _SIGNED in tags.get(_SAMPLE_FORMAT, ()):
        return True
    wide = max(tags.get(_BITS_PER_SAMPLE, (1,))) > 8 and len(tags[_BITS_PER_SAMPLE]) > 1
    return wide and tags.get(_PLANES) == _APART and tags.get(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED


def _is_preview(image: Image.Image) -> bool:
    """Whether a TIFF's first picture stands for a larger one that is stored as raw data (DNG 1.4; also NEF and ARW)."""
    tags = getattr(image, "tag_v2", {})
    subfile = tags.get(_SUBFILE, 0)
    is_reduced = isinstance(subfile, int) and bool(subfile & _REDUCED)
    return _RAW_VERSION in tags or (is_reduced and _WITHIN in tags)


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in a mode of `_KEPT`, on white."""
    if "transparency" in image.info or image.mode in {"LA", "La", "RGBA", "RGBa", "PA"}:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("L" if image.mode in {"L", "LA", "La"} else "RGB")
    if image.mode == "F":
        raise ValueError("samples are floating-point numbers without a scale")
    return _without_extras(image if image.mode in _KEPT else image.convert("RGB"))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Gray of more than 8 bits reduced to 8, by the bits that a TIFF states, and with black and white as it states them."""
    tags = getattr(image, "tag_v2", {})
    white = 4095 if tags.get(_BITS_PER_SAMPLE) == (12,) else 65535
    wide = image.convert("I")
    _, brightest = wide.getextrema()
    if not isinstance(brightest, int | float) or brightest > white:
        raise ValueError("samples go beyond their range")
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return wide.point(lambda value: value * (-255 / white) + 255.5).convert("L")
    return wide.point(lambda value: value * (255 / white) + 0.5).convert("L")


def _without_extras(image: Image.Image) -> Image.Image:
    """The same pixels without profile, density or comments, so that only they decide the bytes."""
    plain = image.copy()
    plain.info = {}
    return plain
