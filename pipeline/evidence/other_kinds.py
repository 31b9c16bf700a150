"""Kinds that intake does not convert: told apart by content, so that the message can name the kind and the way out."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from pipeline.errors import EvidenceError
from pipeline.evidence.model import Source

_PRINT_TO_PDF: Final = "Open it and print or export it to PDF, then name the PDF in the case."

_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1")

_STARTS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", _PRINT_TO_PDF),
    (b"{\\rtf", "a rich-text document", _PRINT_TO_PDF),
    (b"8BPS", "a Photoshop file", "Export it as JPEG, PNG or PDF."),
    (b"%!PS", "a PostScript file", _PRINT_TO_PDF),
    (b"Rar!", "a RAR archive", "Unpack it and name the files in it."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and name the files in it."),
    (b"\x1f\x8b", "a compressed file", "Unpack it and name the files in it."),
    (b"ID3", "a sound recording", "File a transcript as PDF."),
    (b"RIFF", "a sound or film recording", "File pictures or a transcript as PDF."),
)

_ZIP_MEMBERS: Final = (
    ("word/", "a Word document"),
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
    ("Index/", "a Pages, Numbers or Keynote file"),
)


def _zip_kind(data: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError):
        names = []
    for start, kind in _ZIP_MEMBERS:
        if any(name.startswith(start) for name in names):
            return kind, _PRINT_TO_PDF
    return "a ZIP archive", "Unpack it and name the files in it."


def _media_kind(head: bytes) -> tuple[str, str] | None:
    if head[4:8] != b"ftyp":
        return None
    if head[8:12] in _HEIF_BRANDS:
        return "a HEIC photo", 'Save it as JPEG (on an iPhone: Settings, Camera, Formats, "Most Compatible").'
    return "a film recording", "File pictures or a transcript as PDF."


def _text_kind(data: bytes) -> tuple[str, str] | None:
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"\0" in head:
        return None
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page", _PRINT_TO_PDF
    if b"\nsubject:" in b"\n" + head and b"\nfrom:" in b"\n" + head:
        return "an e-mail", _PRINT_TO_PDF
    try:
        data[:2048].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(data[:2048]) - 4:
            return None
    return "plain text", _PRINT_TO_PDF


def _kind_of(data: bytes) -> tuple[str, str]:
    for start, kind, remedy in _STARTS:
        if data.startswith(start):
            return kind, remedy
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    unknown = ("of a kind that is not known", "Convert it to PDF, JPEG or PNG.")
    return _media_kind(data[:16]) or _text_kind(data) or unknown


def refusal_of(source: Source) -> EvidenceError:
    """The error for a file that no converter accepts: what it is, whatever its name says, and how to convert it."""
    kind, remedy = _kind_of(source.data)
    return source.refusal("evidence-kind", f"the file is {kind}; intake takes PDF, JPEG, PNG, TIFF, GIF, BMP, WebP and AVIF", remedy)
