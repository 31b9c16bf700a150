"""A page as a gray picture, for judging ink by its pixels."""

from __future__ import annotations

import pypdfium2
from PIL import Image

from pipeline.forms.inventory import Rect
from pipeline.packet.stamps import PAGE_HEIGHT

SCALE = 2.0
"""Pixels a point."""


class Canvas:
    """Draws pages one after the other into the same bitmap: fresh memory for each costs a fifth of the drawing again."""

    def __init__(self) -> None:
        self._bitmap: pypdfium2.PdfBitmap | None = None

    def picture(self, page: pypdfium2.PdfPage) -> Image.Image:
        """The page's picture, which stays until the next is drawn."""
        drawn: Image.Image = page.render(scale=SCALE, grayscale=True, bitmap_maker=self._kept).to_pil()
        return drawn

    def _kept(self, width: int, height: int, **kind: object) -> pypdfium2.PdfBitmap:
        if self._bitmap is None or (self._bitmap.width, self._bitmap.height) != (width, height):
            self._bitmap = pypdfium2.PdfBitmap.new_native(width, height, **kind)
        return self._bitmap


def pixels(rect: Rect, inset: float = 0.0) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of a rectangle of a page (points, origin lower left) in its picture, less `inset` points."""
    x0, y0, x1, y1 = rect
    edges = (x0 + inset, PAGE_HEIGHT - y1 + inset, x1 - inset, PAGE_HEIGHT - y0 - inset)
    left, upper, right, lower = (round(edge * SCALE) for edge in edges)
    return left, upper, right, lower
