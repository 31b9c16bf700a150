"""Fonts that a PDF names and does not hold, where another font in their place would show other signs or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from pipeline.evidence.model import PageFinding, Source
from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Level

_FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")
_SIGNS: Final = re.compile(r"w[ei]n?[bg]ding|barcode|code-?_?(?:39|128)|hc39|3of9|free3|\bean-?(?:8|13)|upc-?a|micr", re.IGNORECASE)
"""Names of fonts whose letters stand for ticks, arrows and bars."""


def missing_fonts(source: Source, pdf: Pdf, chosen: Sequence[int]) -> Iterator[PageFinding]:
    """The finding for chosen pages with text in such fonts: of many scripts (Type 0), or of signs.

    Latin letters in a font that is missing are no finding, since every program has letters like them.
    """
    pages = tuple(number for number in chosen if any(map(_is_missing, _fonts_of(pdf.pages[number - 1].obj))))
    if pages:
        message = (
            f"fonts of letters or signs that the file does not hold, which another program may show as others: {describe_pages(pages)}"
        )
        remedy = "Compare with the original; if signs differ, print it to a new PDF on the machine where it looks right."
        yield PageFinding("evidence-font-missing", Level.WARNING, source.shown_as, f"{message} of the file", remedy, pages=pages)


def _fonts_of(page: Object) -> Iterator[Object]:
    """The fonts of a page, and of the drawings and patterns in it."""
    seen: set[tuple[int, int]] = set()
    holders: list[Object] = [page]
    while holders:
        resources = holders.pop().get("/Resources")
        if not isinstance(resources, Dictionary):
            continue
        yield from (font for font in _entries(resources, "/Font") if isinstance(font, Dictionary))
        for inner in (*_entries(resources, "/XObject"), *_entries(resources, "/Pattern")):
            if isinstance(inner, Stream) and inner.objgen not in seen:
                seen.add(inner.objgen)
                holders.append(inner)


def _entries(resources: Object, kind: str) -> Iterator[object]:
    named = resources.get(kind)
    if isinstance(named, Dictionary):
        yield from (item for _, item in named.items())


def _is_missing(font: Object) -> bool:
    kind, holder = font.get("/Subtype"), font
    if kind == Name.Type0:
        below = font.get("/DescendantFonts")
        if not isinstance(below, Array) or len(below) == 0 or not isinstance(below[0], Dictionary):
            return False
        holder = below[0]
    elif kind == Name.Type3 or not _SIGNS.search(str(font.get("/BaseFont", ""))):
        return False
    described = holder.get("/FontDescriptor")
    return not (isinstance(described, Dictionary) and any(key in described for key in _FILES))
