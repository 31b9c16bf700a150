"""The room's way in.  One file of evidence goes in, letter pages come out: the kind is told by the file's content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pipeline.evidence.limits import Limits
from pipeline.evidence.look import look_at
from pipeline.evidence.model import Bookmark, Converted, Converter
from pipeline.evidence.other_kinds import refusal_of
from pipeline.evidence.page_range import describe_pages
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.evidence.pictures.jpeg import JpegConverter
from pipeline.evidence.pictures.raster import RasterConverter
from pipeline.evidence.plain_text import TextConverter
from pipeline.evidence.source import read_source, resolve_source

__all__ = ["Bookmark", "Converted", "Limits", "convert", "describe_pages", "resolve_source"]

CONVERTERS: Final[tuple[Converter, ...]] = (JpegConverter(), RasterConverter(), PdfConverter(), TextConverter())
"""In the order they are asked; pictures first, because a PDF may begin with other bytes, and text last, because it has no mark."""

_HEAD: Final = 2048


def convert(path: Path, *, shown_as: str, pages: str | None = None, limits: Limits | None = None, password: str | None = None) -> Converted:
    """A file of evidence as upright letter pages, whole or the pages asked for.

    `path` comes from `resolve_source`; `shown_as` is the name that findings use.  `pages` is a range such as `1-3,7`.  `password` opens an
    encrypted PDF and is never shown.  Raises EvidenceError, which names the file and the mend, when the file cannot be read, is of an
    unknown kind, is encrypted, is damaged so that something is lost, or goes beyond `limits`.
    """
    source = read_source(path, shown_as=shown_as, pages=pages, limits=limits or Limits(), password=password)
    head = source.data[:_HEAD]
    converter = next((each for each in CONVERTERS if each.accepts(head)), None)
    if converter is None:
        raise refusal_of(source)
    sheets = converter.convert(source)
    findings = (*sheets.findings, *look_at(sheets, source))
    digest = hashlib.sha256(source.data).hexdigest()
    return Converted(sheets.pdf, sheets.pages_in, len(sheets.chosen), sheets.chosen, digest, sheets.bookmarks, findings)
