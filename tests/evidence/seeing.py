"""Looking at pages the way a reader does, with pdfium."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageChops

from pipeline.evidence.convert import convert
from pipeline.evidence.letter import CONTENT, LETTER, Box
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Attachments, Converted, Wishes
from tests.resources.make import FOLDER

Seen = Image.Image
Rect = tuple[float, float, float, float]


@cache
def converted(
    name: str,
    pages: str | None = None,
    password: str | None = None,
    shrink: int | None = None,
    attachments: Attachments | None = None,
    limits: Limits | None = None,
) -> Converted:
    """A resource as intake makes it; made once and kept, since nothing of it changes (`converted.__wrapped__` makes it anew)."""
    return convert(FOLDER / name, shown_as=name, wishes=Wishes(pages, password, shrink, attachments), limits=limits)


def written(folder: Path, data: bytes, name: str = "file.pdf") -> Path:
    """The bytes as a file."""
    path = folder / name
    path.write_bytes(data)
    return path


def picture(pdf: bytes, page: int = 1, scale: float = 1.0) -> Seen:
    """A page as pdfium draws it, in colour on white."""
    document = pdfium.PdfDocument(pdf)
    try:
        image: Seen = document[page - 1].render(scale=scale).to_pil()
        return image.convert("RGB")
    finally:
        document.close()


def text(pdf: bytes, page: int = 1) -> str:
    """The text of a page."""
    document = pdfium.PdfDocument(pdf)
    try:
        return str(document[page - 1].get_textpage().get_text_range())
    finally:
        document.close()


def ink_box(image: Seen, scale: float = 1.0) -> Box | None:
    """Where a letter page has ink, in points from the lower left; None on a page without any."""
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    if box is None:
        return None
    return Box(box[0] / scale, LETTER.height - box[3] / scale, box[2] / scale, LETTER.height - box[1] / scale)


def stays_inside(image: Seen, scale: float = 1.0) -> bool:
    """Whether all ink lies in the content box, give or take the pixel that its edge crosses."""
    box = ink_box(image, scale)
    slack = 1.01 / scale
    return box is None or (
        box.x0 >= CONTENT.x0 - slack and box.y0 >= CONTENT.y0 - slack and box.x1 <= CONTENT.x1 + slack and box.y1 <= CONTENT.y1 + slack
    )


def box_of(image: Seen, colour: tuple[int, int, int], tolerance: int = 90) -> tuple[int, int, int, int] | None:
    """The box around all pixels near a colour, from the top left, in pixels; None when there are none."""
    near = Image.new("L", image.size, 255)
    for band, value in zip(image.split(), colour, strict=True):
        within = [255 if abs(level - value) <= tolerance else 0 for level in range(256)]
        near = ImageChops.multiply(near, band.point(within))
    return near.getbbox()
