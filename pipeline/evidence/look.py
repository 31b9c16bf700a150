"""Looking at converted pages: what a reader of the paper could not see or make out."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from pipeline.evidence.letter import CONTENT, LETTER
from pipeline.evidence.model import PageFinding, Sheets, Source
from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Level
from pipeline.pdfium import pdfium_document

LEAST_DPI: Final = 150.0
"""Pixels per inch on paper below which small print in a scan does not survive printing and copying."""
LEAST_TEXT: Final = 5.0
"""Points."""

_SCAN_SHARE: Final = 0.25
"""Share of the content box that makes a picture a scan; smaller ones are logos and stamps."""
_SMALL_TEXT_RUN: Final = 72.0
"""Points of small text on one page that make a finding: one raised figure does not."""
_LOOK_SCALE: Final = 0.5
"""Pixels per point of the picture that blank and black pages are judged by."""
_INK_BELOW: Final = 200
"""Gray level; paper, also yellowed, is lighter."""
_BLANK_SHARE: Final = 0.0001
"""Dark pixels of a blank page: dust, staple holes."""
_BLACK_MEAN: Final = 40.0
"""Mean gray level of a nearly black page."""


@dataclass(frozen=True, slots=True)
class PageLook:
    """One converted page as a reader sees it."""

    has_text: bool
    dpi: float | None
    """The lowest resolution among its scans, or None without one."""
    small_text: float
    """Length in points of all text below LEAST_TEXT."""
    only_small: bool
    """That text is all there is."""
    ink: float
    """Share of dark pixels; 1.0 where it was not needed to look."""
    gray: float
    """Mean gray level, 0 black to 255 white; 128 where it was not needed to look."""

    @property
    def is_blank(self) -> bool:
        return not self.has_text and self.ink < _BLANK_SHARE

    @property
    def is_too_small(self) -> bool:
        return self.only_small or self.small_text >= _SMALL_TEXT_RUN

    @property
    def is_black(self) -> bool:
        return self.gray < _BLACK_MEAN


def _outer_scale(item: pdfium.PdfObject) -> float:
    """How much the forms around an object enlarge it: the square root of the area."""
    scale = 1.0
    holder = item.container
    while holder is not None:
        matrix = holder.get_matrix()
        scale *= abs(matrix.a * matrix.d - matrix.b * matrix.c)
        holder = holder.container
    return math.sqrt(scale)


def _text_height(item: pdfium.PdfTextObj) -> float:
    """Size of the type in points on paper; 0 for text that is not drawn (such as recognised text over a scan)."""
    if pdfium_c.FPDFTextObj_GetTextRenderMode(item) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE:
        return 0.0
    matrix = item.get_matrix()
    return float(item.get_font_size() * math.hypot(matrix.c, matrix.d) * _outer_scale(item))


def _picture_dpi(item: pdfium.PdfImage) -> float | None:
    """Pixels per inch on paper of a picture large enough to be a scan."""
    matrix, outer = item.get_matrix(), _outer_scale(item)
    width, height = (math.hypot(matrix.a, matrix.b) * outer, math.hypot(matrix.c, matrix.d) * outer)
    if width * height < _SCAN_SHARE * CONTENT.width * CONTENT.height:
        return None
    across, down = item.get_px_size()
    return float(min(across / width, down / height) * 72)


def _look(page: pdfium.PdfPage) -> PageLook:
    kinds: set[int] = set()
    pictures: list[pdfium.PdfImage] = []
    resolutions: list[float] = []
    has_text, readable, small_text = False, False, 0.0
    for item in page.get_objects():
        kinds.add(item.type)
        if isinstance(item, pdfium.PdfTextObj):
            size = _text_height(item)
            left, _, right, _ = item.get_bounds()
            has_text = has_text or (size > 0 and right > left)
            readable = readable or (size >= LEAST_TEXT and right > left)
            small_text += (right - left) * _outer_scale(item) if 0 < size < LEAST_TEXT else 0.0
        elif isinstance(item, pdfium.PdfImage):
            pictures.append(item)
            dpi = _picture_dpi(item)
            resolutions += [dpi] if dpi is not None else []
    drawing = bool(kinds & {pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING})
    ink, gray = (float(has_text), 128.0)
    if not has_text and (pictures or drawing):
        one_scan = len(pictures) == len(resolutions) == 1 and not drawing
        levels = (_jpeg_levels(pictures[0]) if one_scan else None) or _levels(page)
        ink, gray = sum(levels[:_INK_BELOW]) / sum(levels), sum(level * count for level, count in enumerate(levels)) / sum(levels)
    only_small = has_text and not readable and not pictures and not drawing
    return PageLook(has_text, min(resolutions, default=None), small_text, only_small, ink, gray)


def _jpeg_levels(scan: pdfium.PdfImage) -> list[int] | None:
    """How often each gray level occurs in a page that is one JPEG, decoded at an eighth of its size; None when that cannot be told so.

    Four times as fast as having the page drawn.  CMYK is left to the renderer, which knows whether its inks are inverted.
    """
    if scan.get_filters() != ["DCTDecode"]:
        return None
    try:
        with Image.open(io.BytesIO(scan.get_data())) as image:
            if image.mode not in {"L", "RGB"}:
                return None
            image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
            return image.convert("L").histogram()
    except (OSError, SyntaxError, ValueError):
        return None


def _levels(page: pdfium.PdfPage) -> list[int]:
    """How often each gray level occurs in the content box, as the page is drawn."""
    image: Image.Image = page.render(scale=_LOOK_SCALE, grayscale=True, draw_annots=False).to_pil()
    top = LETTER.height - CONTENT.y1
    left, upper, right, lower = (round(edge * _LOOK_SCALE) for edge in (CONTENT.x0, top, CONTENT.x1, top + CONTENT.height))
    return image.convert("L").crop((left, upper, right, lower)).histogram()


def looks(pdf: bytes) -> Iterator[PageLook]:
    """Every page of a converted PDF, in order."""
    with pdfium_document(pdf) as document:
        for page in document:
            yield _look(page)
            page.close()


def look_at(sheets: Sheets, source: Source) -> list[PageFinding]:
    """A finding for each thing that is hard to see, with the pages of the client's file it is on."""
    pages: dict[str, list[int]] = {"blank": [], "black": [], "dpi": [], "small": []}
    for number, look in zip(sheets.chosen, looks(sheets.pdf), strict=True):
        faults = {
            "blank": look.is_blank,
            "black": look.is_black,
            "dpi": look.dpi is not None and look.dpi < LEAST_DPI and not look.is_blank,
            "small": look.is_too_small,
        }
        for fault, there in faults.items():
            pages[fault] += [number] if there else []
    return [
        PageFinding(
            rule,
            Level.WARNING,
            source.shown_as,
            f"{message}: {describe_pages(pages[fault])} of the file",
            remedy,
            pages=tuple(pages[fault]),
        )
        for fault, rule, message, remedy in _MESSAGES
        if pages[fault]
    ]


_MESSAGES: Final = (
    ("blank", "evidence-blank-page", "nothing to be seen", "Leave it out by a page range, if nothing was lost in scanning."),
    ("black", "evidence-black-page", "nearly black", "Scan it again."),
    (
        "dpi",
        "evidence-low-resolution",
        f"a picture of fewer than {LEAST_DPI:.0f} dots per inch",
        "Scan it again at 300 dots per inch, if it is hard to read.",
    ),
    ("small", "evidence-small-text", f"text of less than {LEAST_TEXT:.0f} points on letter paper", "File it in larger print, or in parts."),
)
