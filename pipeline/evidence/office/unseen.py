"""What an office document holds that its print does not show: hidden sheets and text, comments, notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from pipeline.evidence.model import PageFinding, Sheets, Source
from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Finding, Level
from pipeline.pdfium import pdfium_document


class _Trace(Struct, frozen=True):
    """How a part of a document shows that something in it does not print."""

    what: str
    part: re.Pattern[str]
    """Of the names of the document's parts."""
    sign: re.Pattern[bytes]
    """Of a part's text; a part that merely exists says it already when this is empty."""


def _trace(what: str, part: str, sign: bytes = b"") -> _Trace:
    return _Trace(what, re.compile(part), re.compile(sign))


_TRUE: Final = rb'"(?:1|true|on)"'
_OPEN_DOCUMENT: Final = (
    _trace("comments", r"content\.xml", rb"<office:annotation\b"),
    _trace("hidden sheets", r"content\.xml", rb'\btable:display="false"'),
    _trace("hidden rows or columns", r"content\.xml", rb'\btable:visibility="(?:collapse|filter)"'),
    _trace("hidden text", r"(?:content|styles)\.xml", rb'\btext:display="(?:none|condition)"|<text:hidden-(?:text|paragraph)\b'),
    _trace("a print range that leaves cells out", r"content\.xml", rb"\btable:print-ranges="),
)
_FILLED: Final = rb'(?![^>]*\bpresentation:placeholder="true")'
_TRACES: Final[Mapping[str, tuple[_Trace, ...]]] = {
    "xlsx": (
        _trace("hidden sheets", r"xl/workbook\.xml", rb'<sheet\b[^>]*\bstate="(?:hidden|veryHidden)"'),
        _trace("hidden rows or columns", r"xl/.*\.xml", rb"<(?:col|row)\b[^>]*\bhidden=" + _TRUE),
        _trace("comments", r"xl/(?:.*/)?(?:comment|threadedComment)[^/]*\.xml"),
        _trace("a print area that leaves cells out", r"xl/workbook\.xml", rb"_xlnm\.Print_Area"),
    ),
    "docx": (
        _trace("comments", r"word/comments\.xml", rb"<w:comment\b"),
        _trace("hidden text", r"word/.*\.xml", rb"<w:(?:vanish|webHidden)(?:\s*/?>|\s+w:val=" + _TRUE + rb")"),
    ),
    "pptx": (
        _trace("hidden slides", r"ppt/slides/[^/]*\.xml", rb'<p:sld\b[^>]*\bshow="(?:0|false)"'),
        _trace("speaker notes", r"ppt/notesSlides/[^/]*\.xml"),
        _trace("comments", r"ppt/comments/.*\.xml"),
    ),
    "odt": _OPEN_DOCUMENT,
    "ods": _OPEN_DOCUMENT,
    "odp": (
        _trace("hidden slides", r"content\.xml", rb'\bpresentation:visibility="hidden"'),
        _trace("speaker notes", r"content\.xml", rb"<draw:frame\b" + _FILLED + rb'[^>]*\bpresentation:class="notes"'),
        *_OPEN_DOCUMENT,
    ),
}
"""By the ending of the format.  Of old PowerPoint presentations nothing is known."""

_SHEETS: Final = frozenset({"xlsx", "xls", "ods"})
_TOO_NARROW: Final = re.compile(r"#{3,}")


def unseen(source: Source, ending: str) -> Iterator[Finding]:
    """The finding for what a document of this format holds and its print does not show; tracked changes are shown.

    Limits: it is told by signs in the document's parts, so that a print area which covers everything is named too.
    """
    traces = _TRACES.get(ending, ())
    if not traces:
        return
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        found = [trace.what for trace in traces if _is_in(archive, trace)]
    if found:
        message = f"the document has {', '.join(found)}, which its print does not show"
        remedy = "If they are evidence: show them in the program that made it, print it to PDF, and name that in the case."
        yield source.finding("evidence-office-unseen", Level.WARNING, message, remedy)


def _is_in(archive: zipfile.ZipFile, trace: _Trace) -> bool:
    return any(trace.part.fullmatch(name) and trace.sign.search(archive.read(name)) for name in archive.namelist())


def too_narrow(source: Source, ending: str, sheets: Sheets) -> Iterator[Finding]:
    """The finding for numbers of a spreadsheet that are wider than their column, which prints `###` in their place."""
    if ending not in _SHEETS:
        return
    with pdfium_document(sheets.pdf) as document:
        numbered = zip(sheets.chosen, document, strict=True)
        pages = tuple(number for number, page in numbered if _TOO_NARROW.search(page.get_textpage().get_text_range()))
    if pages:
        message = f"numbers are wider than their columns and are printed as ###, {describe_pages(pages)} as it is printed"
        remedy = "Make the columns wider in the workbook, or print it to PDF and name that in the case."
        yield PageFinding("evidence-office-narrow", Level.WARNING, source.shown_as, message, remedy, pages=pages)
