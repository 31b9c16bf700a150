"""What stands on a converted page, measured on paper: visible text, pictures, and whether anything is drawn beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from msgspec import Struct
from PIL import Image, ImageChops

from pipeline.evidence.letter import CONTENT, Box

SCALE: Final = 0.5
"""Pixels per point of the maps that pages are judged by."""

_DRAWINGS: Final = frozenset({pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING})
_AREA: Final = CONTENT.width * CONTENT.height


class Text(Struct, frozen=True):
    """A run of visible text of one size."""

    item: pdfium.PdfTextObj
    outer: pdfium.PdfMatrix
    """Of the forms around it."""
    size: float
    """Of the type, in points."""
    length: float
    """In points; more than 0."""
    area: float
    """Share of the content box, of the rectangle around its letters."""

    def box(self) -> Box:
        """The rectangle around it on the page."""
        return Box.around(self.outer.on_rect(*self.item.get_bounds()))


class Picture(Struct, frozen=True):
    """A picture that lies in the content box, at least in part."""

    item: pdfium.PdfImage
    area: float
    """Share of the content box, before anything is cut off."""
    dpi: float
    """Pixels per inch on paper, of its coarser side."""
    box: Box
    """The part that lies in the content box."""


class OnPaper(Struct, frozen=True):
    """What a page shows."""

    texts: tuple[Text, ...]
    pictures: tuple[Picture, ...]
    """From the coarsest to the finest."""
    has_drawing: bool
    """Lines, areas or shadings."""

    @property
    def text_area(self) -> float:
        """Share of the content box that the lines of text take."""
        return sum(text.area for text in self.texts)

    def picture_map(self) -> Image.Image:
        """The content box at SCALE: 0 where no picture is, elsewhere the number (from 1) of the finest picture there.

        Where pictures lie on one another, as the letters of a scan on its background, the finest decides what can be read.
        """
        drawn = Image.new("I", pixels(CONTENT)[2:])
        for number, picture in enumerate(self.pictures, start=1):
            drawn.paste(number, pixels(picture.box))
        return drawn

    def share_over(self, dpi: float) -> float:
        """Share of the content box where a picture of at least this resolution lies on a coarser one, as in a scan of several layers."""
        below = Image.new("L", pixels(CONTENT)[2:])
        above = below.copy()
        for picture in self.pictures:
            (below if picture.dpi < dpi else above).paste(255, pixels(picture.box))
        both = ImageChops.darker(below, above)
        return both.histogram()[255] / (both.width * both.height)

    def text_mask(self) -> Image.Image:
        """The content box at SCALE: 255 everywhere but on text and its fringe."""
        mask = Image.new("L", pixels(CONTENT)[2:], 255)
        for text in self.texts:
            box = text.box().common(CONTENT)
            if box is not None:
                left, upper, right, lower = pixels(box)
                mask.paste(0, (left - 1, upper - 1, right + 1, lower + 1))
        return mask


def pixels(box: Box) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge in a map of the content box at SCALE."""
    edges = (box.x0 - CONTENT.x0, CONTENT.y1 - box.y1, box.x1 - CONTENT.x0, CONTENT.y1 - box.y0)
    left, upper, right, lower = (round(edge * SCALE) for edge in edges)
    return left, upper, right, lower


def on_paper(page: pdfium.PdfPage) -> OnPaper:
    """What a page of a converted PDF shows; valid while the page is open."""
    texts: list[Text] = []
    pictures: list[Picture] = []
    has_drawing = False
    holder, outer = None, pdfium.PdfMatrix()
    for item in page.get_objects():
        if item.container is not holder:  # neighbours mostly lie in the same form
            holder, outer = item.container, _outer(item)
        has_drawing = has_drawing or item.type in _DRAWINGS
        if isinstance(item, pdfium.PdfTextObj):
            texts += _text(item, outer)
        elif isinstance(item, pdfium.PdfImage):
            pictures += _picture(item, outer)
    if not any(text.box().common(CONTENT) for text in texts):  # all of it lies outside of what the page shows
        texts = []
    return OnPaper(tuple(texts), tuple(sorted(pictures, key=lambda picture: picture.dpi)), has_drawing)


def _outer(item: pdfium.PdfObject) -> pdfium.PdfMatrix:
    """The matrix that the forms around an object put it onto the page with."""
    matrix, holder = pdfium.PdfMatrix(), item.container
    while holder is not None:
        matrix = matrix.multiply(holder.get_matrix())
        holder = holder.container
    return matrix


def _text(item: pdfium.PdfTextObj, outer: pdfium.PdfMatrix) -> Iterator[Text]:
    """The run, unless it is not drawn (such as recognised text over a scan) or has no length."""
    if pdfium_c.FPDFTextObj_GetTextRenderMode(item) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE:
        return
    matrix, scale = item.get_matrix(), math.sqrt(abs(outer.a * outer.d - outer.b * outer.c))
    size = float(item.get_font_size() * math.hypot(matrix.c, matrix.d) * scale)
    left, bottom, right, top = item.get_bounds()
    if size > 0 and right > left and top > bottom:  # spaces have no height
        yield Text(item, outer, size, (right - left) * scale, (right - left) * (top - bottom) * scale**2 / _AREA)


def _picture(item: pdfium.PdfImage, outer: pdfium.PdfMatrix) -> Iterator[Picture]:
    """The picture, unless nothing of it lies in the content box."""
    matrix = item.get_matrix().multiply(outer)
    width, height = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    box = Box.around(matrix.on_rect(0, 0, 1, 1)).common(CONTENT)
    if box is not None and width > 0 and height > 0:
        across, down = item.get_px_size()
        yield Picture(item, width * height / _AREA, float(min(across / width, down / height) * 72), box)
