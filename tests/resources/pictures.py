"""Pictures from phones, scanners and screens.  Each shows red at the top left, green at the top right, blue at the bottom left."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Final

import pillow_heif
from PIL import Image, ImageOps

from tests.resources.building import chunk, png
from tests.resources.catalogue import Catalogue

PICTURES: Final = Catalogue()

WIDTH, HEIGHT = 900, 1200

_COARSE = "evidence-low-resolution"
_DAMAGED = "evidence-damaged"
_RECODED = "evidence-picture-recoded"
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera stores an upright picture so that the orientation makes it upright again."""


def corners(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """The picture as it should be seen."""
    image = Image.new("RGB", (width, height), "white")
    side = min(width, height) // 4
    image.paste((220, 0, 0), (0, 0, side, side))
    image.paste((0, 150, 0), (width - side, 0, width, side))
    image.paste((0, 0, 220), (0, height - side, side, height))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture in a file format."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _jpeg(image: Image.Image, **options: object) -> bytes:
    return encoded(image, "JPEG", **{"quality": 80, "dpi": (150, 150), **options})


def _exif(orientation: int = 1, place: bool = False) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if place:
        exif.get_ifd(0x8825).update({1: "N", 2: (14.0, 35.0, 0.0)})
    return exif


@PICTURES.add("rgb.jpg", "A colour JPEG at 150 dots per inch.")
def rgb_jpg() -> bytes:
    return _jpeg(corners())


@PICTURES.add("gray.jpg", "A gray JPEG.")
def gray_jpg() -> bytes:
    return _jpeg(corners().convert("L"))


@PICTURES.add("progressive.jpg", "A progressive JPEG.")
def progressive_jpg() -> bytes:
    return _jpeg(corners(), progressive=True)


@PICTURES.add("cmyk.jpg", "A CMYK JPEG as Adobe writes it, with inverted inks.")
def cmyk_jpg() -> bytes:
    return _jpeg(corners().convert("CMYK"))


def _turned(orientation: int) -> Callable[[], bytes]:
    return lambda: _jpeg(corners().transpose(_TURNS[orientation]), exif=_exif(orientation))


for _orientation in _TURNS:
    PICTURES.add(f"exif-{_orientation}.jpg", f"A phone's JPEG with EXIF orientation {_orientation}.")(_turned(_orientation))


@PICTURES.add("exif-broken.jpg", "An EXIF block of nonsense: no orientation.")
def exif_broken_jpg() -> bytes:
    return _jpeg(corners(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")


@PICTURES.add("place.jpg", "A JPEG that says where it was taken.", "evidence-picture-place")
def place_jpg() -> bytes:
    return _jpeg(corners(), exif=_exif(place=True))


@PICTURES.add("no-density.jpg", "A phone's picture without a density: as large as the page allows.")
def no_density_jpg() -> bytes:
    return encoded(corners(2400, 3200), "JPEG", quality=40)


@PICTURES.add("coarse.jpg", "A letter page scanned at 75 dots per inch.", _COARSE)
def coarse_jpg() -> bytes:
    return encoded(corners(638, 825), "JPEG", quality=80, dpi=(75, 75))


@PICTURES.add("small.jpg", "A small picture of low resolution, which is all that its page shows.", _COARSE)
def small_jpg() -> bytes:
    return encoded(corners(120, 160), "JPEG", quality=80)


@PICTURES.add("blank.jpg", "The back of a page: paper and dust.", "evidence-blank-page")
def blank_jpg() -> bytes:
    paper = Image.new("L", (1275, 1650), 246)
    chance = random.Random(3)
    for _ in range(12):
        paper.putpixel((chance.randrange(1275), chance.randrange(1650)), 90)
    return _jpeg(paper)


@PICTURES.add("black.jpg", "A page scanned with the lid open.", "evidence-black-page")
def black_jpg() -> bytes:
    return _jpeg(Image.new("L", (1275, 1650), 9))


@PICTURES.add("cut-off.jpg", "The last third of a JPEG is missing.", refused=_DAMAGED)
def cut_off_jpg() -> bytes:
    data = _jpeg(_noise())
    return data[: len(data) * 2 // 3]


def _noise() -> Image.Image:
    return Image.frombytes("L", (300, 400), random.Random(5).randbytes(300 * 400))


@PICTURES.add("two-in-one.jpg", "A JPEG with a second picture behind the first, as cameras write it.", "evidence-more-pictures", _COARSE)
def two_in_one_jpg() -> bytes:
    return encoded(corners(), "MPO", save_all=True, append_images=[corners(90, 120)], quality=80)


@PICTURES.add("rgb.png", "A colour PNG.")
def rgb_png() -> bytes:
    return encoded(corners(), "PNG", dpi=(150, 150))


@PICTURES.add("rgba.png", "A PNG with transparent parts, which become white.")
def rgba_png() -> bytes:
    image = corners().convert("RGBA")
    image.paste((0, 0, 0, 0), (300, 300, 600, 900))
    return encoded(image, "PNG", dpi=(150, 150))


@PICTURES.add("gray-alpha.png", "A gray PNG with transparency.")
def gray_alpha_png() -> bytes:
    return encoded(corners().convert("LA"), "PNG", dpi=(150, 150))


@PICTURES.add("palette.png", "A PNG with a palette.")
def palette_png() -> bytes:
    return encoded(corners().quantize(8), "PNG", dpi=(150, 150))


@PICTURES.add("palette-transparent.png", "A palette PNG with a transparent colour.")
def palette_transparent_png() -> bytes:
    return encoded(corners().quantize(8), "PNG", dpi=(150, 150), transparency=0)


@PICTURES.add("one-bit.png", "A black and white PNG of one bit a pixel.")
def one_bit_png() -> bytes:
    return encoded(corners().convert("1"), "PNG", dpi=(150, 150))


_DENSITY: Final = chunk(b"pHYs", struct.pack(">IIB", 5906, 5906, 1))
"""150 dots per inch."""


def _rows16(samples: int) -> bytes:
    image = corners(300, 400)
    flat = image.tobytes() if samples == 3 else image.convert("L").tobytes()
    width = 300 * samples
    rows = [flat[start : start + width] for start in range(0, len(flat), width)]
    return b"".join(b"\0" + b"".join(bytes((value, value)) for value in row) for row in rows)


@PICTURES.add("sixteen-bit.png", "A colour PNG of 16 bits a sample.")
def sixteen_bit_png() -> bytes:
    return png(300, 400, 16, 2, _rows16(3), _DENSITY)


@PICTURES.add("sixteen-bit-gray.png", "A gray PNG of 16 bits a sample.")
def sixteen_bit_gray_png() -> bytes:
    return png(300, 400, 16, 0, _rows16(1), _DENSITY)


@PICTURES.add("interlaced.png", "An interlaced PNG, whose rows come in seven passes.")
def interlaced_png() -> bytes:
    image = corners(300, 400).convert("L")
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = [
        b"\0" + bytes(image.getpixel((x, y)) for x in range(left, 300, across))  # type: ignore[misc]
        for left, top, across, down in passes
        for y in range(top, 400, down)
    ]
    return png(300, 400, 8, 0, b"".join(rows), _DENSITY, interlace=1)


@PICTURES.add("turned.png", "A PNG with EXIF orientation 6.")
def turned_png() -> bytes:
    return encoded(corners().transpose(_TURNS[6]), "PNG", dpi=(150, 150), exif=_exif(6))


@PICTURES.add("cut-off.png", "A PNG whose end is missing.", refused=_DAMAGED)
def cut_off_png() -> bytes:
    data = encoded(_noise(), "PNG")
    return data[: len(data) // 2]


@PICTURES.add("animated.png", "An animated PNG of three pictures.", "evidence-more-pictures", pages=3)
def animated_png() -> bytes:
    return encoded(corners(), "PNG", save_all=True, append_images=[ImageOps.mirror(corners()), ImageOps.flip(corners())], dpi=(150, 150))


@PICTURES.add("bomb.png", "A PNG that claims 60,000 by 60,000 pixels.", refused="evidence-too-large")
def bomb_png() -> bytes:
    return png(60_000, 60_000, 1, 0, zlib.compress(b""))


@PICTURES.add("large.png", "A PNG that claims 10,000 by 10,000 pixels.", refused="evidence-too-large")
def large_png() -> bytes:
    return png(10_000, 10_000, 1, 0, b"\0")


@PICTURES.add("pages.tiff", "A TIFF of three pages, the second across.", pages=3)
def pages_tiff() -> bytes:
    more = [corners(WIDTH, HEIGHT).rotate(90, expand=True), corners()]
    return encoded(corners(), "TIFF", save_all=True, append_images=more, compression="tiff_lzw", dpi=(150, 150))


@PICTURES.add("fax.tiff", "A fax: CCITT group 4, more dots across than down.", _COARSE)
def fax_tiff() -> bytes:
    return encoded(corners(1728, 1100).convert("1"), "TIFF", compression="group4", dpi=(204, 98))


@PICTURES.add("sixteen-bit.tiff", "A gray TIFF of 16 bits a sample.")
def sixteen_bit_tiff() -> bytes:
    gray = corners(300, 400).convert("L")
    wide = Image.frombytes("I;16", gray.size, b"".join(bytes((value, value)) for value in gray.tobytes()))
    return encoded(wide, "TIFF", dpi=(150, 150))


@PICTURES.add("turned.tiff", "A TIFF with orientation 6.")
def turned_tiff() -> bytes:
    return encoded(corners().transpose(_TURNS[6]), "TIFF", dpi=(150, 150), tiffinfo={274: 6}, compression="tiff_lzw")


@PICTURES.add("cmyk.tiff", "A CMYK TIFF.")
def cmyk_tiff() -> bytes:
    return encoded(corners().convert("CMYK"), "TIFF", compression="tiff_lzw", dpi=(150, 150))


@PICTURES.add("floats.tiff", "A TIFF of floating-point numbers, which have no scale.", refused=_DAMAGED)
def floats_tiff() -> bytes:
    return encoded(corners(60, 80).convert("F"), "TIFF", compression="tiff_lzw")


@PICTURES.add("animated.gif", "A GIF of two pictures.", "evidence-more-pictures", _COARSE, pages=2)
def animated_gif() -> bytes:
    return encoded(corners(300, 400), "GIF", save_all=True, append_images=[ImageOps.mirror(corners(300, 400))])


@PICTURES.add("screen.bmp", "A BMP of a screen.", _COARSE)
def screen_bmp() -> bytes:
    return encoded(corners(300, 400).quantize(8), "BMP")


@PICTURES.add("web.webp", "A WebP picture with transparency.", _COARSE)
def web_webp() -> bytes:
    return encoded(corners(300, 400).convert("RGBA"), "WEBP", lossless=True)


@PICTURES.add("lossy.webp", "A lossy WebP picture, which becomes a JPEG.", _COARSE, _RECODED)
def lossy_webp() -> bytes:
    return encoded(corners(300, 400), "WEBP", quality=80)


@PICTURES.add("phone.avif", "An AVIF picture, which becomes a JPEG.", _COARSE, _RECODED)
def phone_avif() -> bytes:
    return encoded(corners(304, 400), "AVIF", quality=70, speed=8)


@PICTURES.add("animated.webp", "A WebP animation of two pictures without loss.", _COARSE, "evidence-more-pictures", pages=2)
def animated_webp() -> bytes:
    return encoded(corners(120, 160), "WEBP", lossless=True, save_all=True, append_images=[corners(120, 160).rotate(180)])


@PICTURES.add("sequence.avif", "An AVIF sequence of two pictures.", _COARSE, _RECODED, "evidence-more-pictures", pages=2)
def sequence_avif() -> bytes:
    return encoded(corners(304, 400), "AVIF", quality=70, speed=8, save_all=True, append_images=[corners(304, 400).rotate(180)])


@PICTURES.add("torn.avif", "An AVIF picture whose coded data are overwritten.", refused=_DAMAGED)
def torn_avif() -> bytes:
    data = phone_avif()
    return data[: len(data) * 2 // 3] + b"\xff" * (len(data) - len(data) * 2 // 3)


def _heif(*images: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    first = pillow_heif.from_pillow(images[0])
    for image in images[1:]:
        first.add_from_pillow(image)
    first.save(target, quality=60, **options)
    return target.getvalue()


@PICTURES.add("photo.heic", "A phone's HEIC photo, stored on its side with an orientation; it becomes a JPEG.", _RECODED)
@cache
def photo_heic() -> bytes:
    stored = corners(1200, 1600).transpose(_TURNS[6])
    return _heif(stored, exif=_exif(6).tobytes())


@PICTURES.add("burst.heic", "A HEIC file of two photos.", _RECODED, "evidence-more-pictures", _COARSE, pages=2)
def burst_heic() -> bytes:
    return _heif(corners(300, 400), corners(400, 300))


@PICTURES.add("cut-off.heic", "A HEIC photo whose last third is missing.", refused=_DAMAGED)
def cut_off_heic() -> bytes:
    data = photo_heic()
    return data[: len(data) * 2 // 3]
