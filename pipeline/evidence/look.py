"""Looking at converted pages: what a reader of the paper could not see or make out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pypdfium2 as pdfium
from msgspec import Struct
from PIL import Image

from pipeline.evidence.letter import CONTENT, LETTER
from pipeline.evidence.model import PageFinding, Sheets, Source
from pipeline.evidence.on_paper import SCALE, OnPaper, Picture, on_paper
from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Level
from pipeline.pdfium import pdfium_document

LEAST_DPI: Final = 150.0
"""Pixels per inch on paper below which small print in a scan does not survive printing and copying."""
MOST_DPI: Final = 700.0
"""Pixels per inch on paper above which a long screenshot cannot be read: a phone's letters of 48 pixels are below LEAST_TEXT then.

A scan of A4 at 600 has 688 when it is reduced to the content box.
"""
LEAST_TEXT: Final = 5.0
"""Points."""

_SCAN_SHARE: Final = 0.25
"""Share of the content box that makes pictures a scan; beside text, less are logos and stamps."""
_SPECK_SHARE: Final = 0.005
"""Share of the content box, also for a page that shows nothing else: less is an ornament."""
_COVER_SHARE: Final = 0.5
"""Share of the content box from which pictures are the page, whatever text stands on them."""
_FEW_WORDS: Final = 0.005
"""Share of the content box that is all the text of a page with a scanner program's mark: some 40 letters of 12 points."""
_LOGO_SHARE: Final = 0.1
"""Share of the content box; beside a few words, less is a logo."""
_LAYER_SHARE: Final = 0.05
"""Share of the content box where a fine picture lies on a coarse one, from which these are letters on their background."""
_LONG: Final = 2.5
"""Long side to short side of a picture that is neither a sheet (legal paper: 1.6), a cheque (2.4) nor a photo (1.8)."""
_STAMP: Final = 144.0
"""Points: the long side of what is smaller than any identity paper (a bank card is 243 points wide)."""
_SMALL_TEXT_RUN: Final = 72.0
"""Points of small text on one page that make a finding: one raised figure does not."""
_INK_BELOW: Final = 200
"""Gray level; paper, also yellowed, is lighter."""
_BLANK_SHARE: Final = 0.0001
"""Dark pixels of a blank page: dust, staple holes."""
_BLACK_MEAN: Final = 40.0
"""Mean gray level of a nearly black page."""


class PageLook(Struct, frozen=True):
    """One converted page as a reader sees it."""

    has_text: bool
    dpi: float | None
    """The lowest resolution among its scans, or None without one."""
    is_reduced: bool
    """All that it shows is pictures far finer than anybody scans, and so long or so small that this is no scan."""
    small_text: float
    """Length in points of all text below LEAST_TEXT."""
    only_small: bool
    """That text is all there is."""
    ink: float
    """Share of dark pixels, without the few words on a scan; 1.0 where it was not needed to look."""
    gray: float
    """Mean gray level of the pictures, or of a page without; 0 black to 255 white; 128 where it was not needed to look."""

    @property
    def is_blank(self) -> bool:
        return self.ink < _BLANK_SHARE

    @property
    def is_too_small(self) -> bool:
        return self.only_small or self.small_text >= _SMALL_TEXT_RUN

    @property
    def is_black(self) -> bool:
        return self.gray < _BLACK_MEAN


class _Shown(Struct, frozen=True):
    """The pictures of a page together."""

    area: Image.Image
    """The content box: 255 where a picture is, 0 elsewhere."""
    share: float
    """Of the content box."""
    dpi: tuple[tuple[float, float], ...]
    """Resolutions, rising, each with the share of the content box that has no better."""
    size: tuple[float, float]
    """Long and short side of the box around all of them, in points."""

    def coarsest(self, least: float) -> float | None:
        """The resolution that this share of the content box does not surpass; None when less is covered."""
        return next((dpi for dpi, share in self.dpi if share >= least), None)


def _shown(paper: OnPaper) -> _Shown:
    drawn = paper.picture_map()
    whole, share, rising = drawn.width * drawn.height, 0.0, []
    counts = {number: count for count, number in drawn.getcolors(whole) or ()}
    for number, picture in enumerate(paper.pictures, start=1):
        share += counts.get(number, 0) / whole
        rising.append((picture.dpi, share))
    boxes = [picture.box for picture in paper.pictures]
    width = max((box.x1 for box in boxes), default=0.0) - min((box.x0 for box in boxes), default=0.0)
    height = max((box.y1 for box in boxes), default=0.0) - min((box.y0 for box in boxes), default=0.0)
    area = drawn.point(lambda value: value * 255.0).convert("L")
    return _Shown(area, share, tuple(rising), (max(width, height), min(width, height)))


def _look(page: pdfium.PdfPage) -> PageLook:
    paper = on_paper(page)
    shown = _shown(paper) if paper.pictures else None
    has_text = bool(paper.texts)
    ink, gray = _ink_and_gray(page, paper, shown)
    only_small = has_text and all(text.size < LEAST_TEXT for text in paper.texts) and not paper.pictures and not paper.has_drawing
    small_text = sum(text.length for text in paper.texts if text.size < LEAST_TEXT)
    return PageLook(has_text, _scan_dpi(paper, shown), _is_reduced(paper, shown), small_text, only_small, ink, gray)


def _scan_dpi(paper: OnPaper, shown: _Shown | None) -> float | None:
    """The lowest resolution of a picture that is large enough to be a scan, of the parts of one, or of all that the page shows."""
    if shown is None:
        return None
    found = [picture.dpi for picture in paper.pictures if picture.area >= _SCAN_SHARE]
    alone = paper.text_area <= _FEW_WORDS and not paper.has_drawing and shown.share >= (_LOGO_SHARE if paper.texts else _SPECK_SHARE)
    together = shown.coarsest(_SCAN_SHARE * (shown.share if alone else 1.0))
    if together is not None and paper.share_over(LEAST_DPI) < _LAYER_SHARE:
        found.append(together)
    return min(found, default=None)


def _is_reduced(paper: OnPaper, shown: _Shown | None) -> bool:
    if shown is None or paper.texts or paper.has_drawing or shown.share < _SPECK_SHARE:
        return False
    dpi, (long, short) = shown.coarsest(_SCAN_SHARE * shown.share), shown.size
    return dpi is not None and dpi > MOST_DPI and (long < _STAMP or long > _LONG * short)


def _ink_and_gray(page: pdfium.PdfPage, paper: OnPaper, shown: _Shown | None) -> tuple[float, float]:
    """What PageLook says of them.  Text without a picture under most of it is never drawn: that is what takes time."""
    share = shown.share if shown is not None else 0.0
    covered = share >= _COVER_SHARE
    few_words = paper.text_area <= _FEW_WORDS
    if paper.texts and not covered:
        return 1.0, 128.0
    if shown is None and not paper.has_drawing:
        return 0.0, 128.0
    one_scan = len(paper.pictures) == 1 and paper.pictures[0].area >= _SCAN_SHARE and not paper.has_drawing and few_words
    levels = _jpeg_levels(paper.pictures[0]) if one_scan else None
    if levels is not None and _share_of_ink(levels) >= _BLANK_SHARE and _mean(levels) >= _BLACK_MEAN:
        return _share_of_ink(levels), _mean(levels)
    image = _drawn(page)
    ink = _share_of_ink(image.histogram(paper.text_mask())) if few_words else 1.0
    judged = shown.area if shown is not None and (covered or (share >= _SPECK_SHARE and not paper.has_drawing)) else None
    return ink, _mean(image.histogram(judged))


def _share_of_ink(levels: list[int]) -> float:
    return sum(levels[:_INK_BELOW]) / sum(levels)


def _mean(levels: list[int]) -> float:
    return sum(level * count for level, count in enumerate(levels)) / sum(levels)


def _jpeg_levels(scan: Picture) -> list[int] | None:
    """How often each gray level occurs in a page that is one JPEG, decoded at an eighth of its size; None when that cannot be told so.

    Four times as fast as having the page drawn.  What says that it is blank or black is not believed: a mask or a /Decode array, which
    are not seen here, may show it otherwise.  CMYK is left to the renderer, which knows whether its inks are inverted.
    """
    if scan.item.get_filters() != ["DCTDecode"]:
        return None
    try:
        with Image.open(io.BytesIO(scan.item.get_data())) as image:
            if image.mode not in {"L", "RGB"}:
                return None
            image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
            return image.convert("L").histogram()
    except (OSError, SyntaxError, ValueError):
        return None


def _drawn(page: pdfium.PdfPage) -> Image.Image:
    """The content box in gray, as the page is drawn."""
    image: Image.Image = page.render(scale=SCALE, grayscale=True, draw_annots=False).to_pil()
    top = LETTER.height - CONTENT.y1
    left, upper, right, lower = (round(edge * SCALE) for edge in (CONTENT.x0, top, CONTENT.x1, top + CONTENT.height))
    return image.convert("L").crop((left, upper, right, lower))


def looks(pdf: bytes) -> Iterator[PageLook]:
    """Every page of a converted PDF, in order."""
    with pdfium_document(pdf) as document:
        for page in document:
            yield _look(page)
            page.close()


def look_at(sheets: Sheets, source: Source) -> list[PageFinding]:
    """A finding for each thing that is hard to see, with the pages of the client's file it is on."""
    pages: dict[str, list[int]] = {fault: [] for fault, *_ in _MESSAGES}
    for number, look in zip(sheets.chosen, looks(sheets.pdf), strict=True):
        faults = {
            "blank": look.is_blank and not look.has_text,
            "bare": look.is_blank and look.has_text,
            "black": look.is_black,
            "dpi": look.dpi is not None and look.dpi < LEAST_DPI and not look.is_blank,
            "reduced": look.is_reduced and not look.is_blank,
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
    ("bare", "evidence-blank-page", "nothing to be seen but a few words", "Leave it out by a page range, if nothing was lost in scanning."),
    ("black", "evidence-black-page", "nearly black", "Scan it again."),
    (
        "dpi",
        "evidence-low-resolution",
        f"a picture of fewer than {LEAST_DPI:.0f} dots per inch",
        "Scan it again at 300 dots per inch, if it is hard to read.",
    ),
    (
        "reduced",
        "evidence-small-picture",
        f"a picture of more than {MOST_DPI:.0f} dots per inch on letter paper, which may be too small to read",
        "Cut a long screenshot into parts of a page each; save any other picture at its real size.",
    ),
    ("small", "evidence-small-text", f"text of less than {LEAST_TEXT:.0f} points on letter paper", "File it in larger print, or in parts."),
)
