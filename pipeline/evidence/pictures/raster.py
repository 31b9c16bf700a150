"""PNG, TIFF, GIF, BMP, WebP and AVIF: one page for each picture in the file, stored without loss."""

from __future__ import annotations

import io
from dataclasses import replace

from pikepdf import Pdf
from PIL import Image, ImageOps

from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.model import Sheets, Source
from pipeline.evidence.pictures.placing import Picture, add_picture, examine, opened
from pipeline.evidence.pictures.png import SIGNATURE, PngData, read_png
from pipeline.findings import Finding, Level

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_STARTS = (SIGNATURE, b"GIF87a", b"GIF89a", *_TIFF)
_AVIF_BRANDS = (b"avif", b"avis")
_KEPT = frozenset({"1", "L", "P", "RGB"})
"""Pillow modes that go into the PDF as they are."""


class RasterConverter:
    """Pictures that Pillow decodes without loss.  Transparent parts become white; an animation gives a page for each frame.

    A PNG that PDF can show as it is keeps its compressed data; everything else is decoded and deflated anew.  Samples of more than
    8 bits are kept in such a PNG and reduced to 8 bits elsewhere.  Colours other than gray and RGB become RGB by Pillow's
    conversion, without profiles.
    """

    def accepts(self, head: bytes) -> bool:
        bmp = head[:2] == b"BM" and head[6:10] == b"\0\0\0\0"
        webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        avif = head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS
        return head.startswith(_STARTS) or bmp or webp or avif

    def convert(self, source: Source) -> Sheets:
        pdf = Pdf.new()
        with opened(source) as image:
            count = getattr(image, "n_frames", 1)
            chosen = source.select(count)
            findings = _animation(source, image, count)
            whole = read_png(source.data) if count == 1 else None
            if whole is not None:
                add_picture(pdf, whole.image(pdf), examine(image))
            else:
                for number in chosen:
                    image.seek(number - 1)
                    png, picture = _plain(source, image)
                    add_picture(pdf, png.image(pdf), picture)
        return Sheets(write_letter_pdf(pdf), count, chosen, findings=tuple(findings))


def _animation(source: Source, image: Image.Image, count: int) -> list[Finding]:
    if count == 1 or image.format == "TIFF":
        return []
    message = f"the file is an animation of {count} pictures; each is a page"
    return [source.finding("evidence-more-pictures", Level.INFO, message, "Name the pictures that matter as the exhibit's page range.")]


def _plain(source: Source, image: Image.Image) -> tuple[PngData, Picture]:
    """The current frame upright, without transparency, as PNG data."""
    if image.width * image.height > source.limits.pixels:
        raise source.refusal("evidence-too-large", "a picture in the file is too large", "Save it smaller; 300 dots per inch are enough.")
    stored = examine(image)
    image.load()
    upright = ImageOps.exif_transpose(image)
    density = stored.density if upright.size == (stored.width, stored.height) else stored.density[::-1]
    opaque = _opaque(upright)
    target = io.BytesIO()
    opaque.save(target, "PNG", compress_level=6)
    png = read_png(target.getvalue())
    if png is None:
        raise ValueError("the PNG writer made something that is not a plain PNG")
    return png, replace(stored, width=opaque.width, height=opaque.height, density=density, orientation=1)


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in a mode of `_KEPT`, on white."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return _eight_bits(image)
    if "transparency" in image.info or image.mode in {"LA", "La", "RGBA", "RGBa", "PA"}:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("L" if image.mode in {"L", "LA", "La"} else "RGB")
    if image.mode == "F":
        raise ValueError("samples are floating-point numbers without a scale")
    return _without_extras(image if image.mode in _KEPT else image.convert("RGB"))


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit gray reduced to 8 bits."""
    wide = image.convert("I")
    _, brightest = wide.getextrema()
    if not isinstance(brightest, int | float) or brightest > 65535:
        raise ValueError("samples go beyond 16 bits")
    return wide.point(lambda value: value * (1 / 257)).convert("L")


def _without_extras(image: Image.Image) -> Image.Image:
    """The same pixels without profile, density or comments, so that only they decide the bytes."""
    plain = image.copy()
    plain.info = {}
    return plain
