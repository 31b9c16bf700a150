"""One file of evidence goes in, letter pages come out: the kind is told by the file's content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pipeline.evidence.limits import Limits
from pipeline.evidence.look import look_at
from pipeline.evidence.mail.converter import MailConverter
from pipeline.evidence.model import Converted, Converter, Sheets, Source, Wishes
from pipeline.evidence.office.converter import OfficeConverter
from pipeline.evidence.other_kinds import refusal_of
from pipeline.evidence.pdf.attached import PdfAndItsFilesConverter
from pipeline.evidence.pictures.jpeg import JpegConverter
from pipeline.evidence.pictures.raster import RasterConverter
from pipeline.evidence.plain_text import TextConverter
from pipeline.evidence.shrink import shrunk
from pipeline.evidence.source import read_source

_HEAD: Final = 4096


def convert(path: Path, *, shown_as: str, wishes: Wishes | None = None, limits: Limits | None = None) -> Converted:
    """A file of evidence as upright letter pages, made in this process and without a bound on time and memory.

    `path` comes from `resolve_source`; `shown_as` is the name that findings use.  Raises EvidenceError, which names the file and the
    mend, when the file cannot be read, is of an unknown kind, is encrypted, is damaged so that something is lost, or goes beyond
    `limits`.
    """
    source = read_source(path, shown_as=shown_as, limits=limits or Limits(), wishes=wishes or Wishes())
    sheets = shrunk(sheets_of(source), source)
    return Converted(
        kind=sheets.kind,
        pdf=sheets.pdf,
        pages_in=sheets.pages_in,
        chosen=sheets.chosen,
        sha256=hashlib.sha256(source.data).hexdigest(),
        bookmarks=sheets.bookmarks,
        findings=(*sheets.findings, *look_at(sheets, source)),
    )


def sheets_of(source: Source) -> Sheets:
    """The letter pages of a file that is in memory; raises EvidenceError as `convert` does."""
    head = source.data[:_HEAD]
    converter = next((each for each in CONVERTERS if each.accepts(head)), None)
    if converter is None:
        raise refusal_of(source)
    return converter.convert(source)


CONVERTERS: Final[tuple[Converter, ...]] = (
    JpegConverter(),
    RasterConverter(),
    PdfAndItsFilesConverter(sheets_of),
    OfficeConverter(),
    MailConverter(sheets_of),
    TextConverter(),
)
"""In the order they are asked; pictures first, because a PDF may begin with other bytes, and text last, because it has no mark."""
