"""What is drawn in a box of a page: as a gray picture, or only how dark it is."""

from __future__ import annotations

import ctypes
import math
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from pipeline.forms.inventory import Rect
from pipeline.packet.stamps import PAGE_HEIGHT, PAGE_WIDTH

_SCALE = 2.0
"""Pixels a point."""
_LIGHT: Final = bytes(range(128, 256))
_WHITE: Final = b"\xff"


def drawn(page: pypdfium2.PdfPage, rect: Rect) -> Image.Image:
    """The picture of a rectangle of a letter page (points, origin lower left).

    Only this is drawn, where the whole page of a form takes two milliseconds.
    """
    x0, y0, x1, y1 = rect
    picture: Image.Image = page.render(scale=_SCALE, grayscale=True, crop=(x0, y0, PAGE_WIDTH - x1, PAGE_HEIGHT - y1)).to_pil()
    return picture


def darkness(page: pypdfium2.PdfPage, rect: Rect, inset: float) -> float:
    """The share of dark pixels, 0 to 1, in a rectangle of a letter page (points) without `inset` points at each of its edges.

    A packet has hundreds of checkboxes, so this calls PDFium itself: 26 microseconds for one, where a picture of it takes 100.
    """
    left, low, right, high = rect[0] + inset, rect[1] + inset, PAGE_WIDTH - rect[2] + inset, PAGE_HEIGHT - rect[3] + inset
    across, down = math.ceil(PAGE_WIDTH * _SCALE), math.ceil(PAGE_HEIGHT * _SCALE)
    x, y = math.ceil(left * _SCALE), math.ceil(high * _SCALE)
    width, height = across - x - math.ceil(right * _SCALE), down - y - math.ceil(low * _SCALE)
    if width < 1 or height < 1:
        return 0.0
    pixels = ctypes.create_string_buffer(_WHITE * (width * height), width * height)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, pixels, width)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, -x, -y, across, down, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return len(pixels.raw.translate(None, _LIGHT)) / (width * height)
