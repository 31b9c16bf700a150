"""Kinds that intake does not convert: told apart by content, so that the message can name the kind and the way out."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
import zipfile
from typing import Final

from pipeline.errors import EvidenceError
from pipeline.evidence.model import Source

PRINT_TO_PDF: Final = "Open it and print or export it to PDF, then name the PDF in the case."

PLAIN_TEXT: Final = "plain text"

OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RICH_TEXT: Final = b"{\\rtf"
"""How files begin."""
_OUTLOOK: Final = "__properties_version1.0".encode("utf-16-le")
"""The name of a stream that every .msg file has ([MS-OXMSG], 2.4)."""

_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
"""The name of a stream that every encrypted Word, Excel or PowerPoint file has ([MS-OFFCRYPTO], 2.3.4)."""
_LOCKED_KIND: Final = "an Office document that opens only with a password"

_STARTS: Final = (
    (OLD_OFFICE, "a file of an old Office program", PRINT_TO_PDF),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", "Export it as JPEG, PNG or PDF."),
    (b"\x78\x9f\x3e\x22", "a bundle of attachments by Outlook (winmail.dat)", "Ask the sender for the files themselves."),
    (b"8BPS\0", "a Photoshop file", "Export it as JPEG, PNG or PDF."),
    (b"%!PS", "a PostScript file", PRINT_TO_PDF),
    (b"Rar!\x1a", "a RAR archive", "Unpack it and name the files in it."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and name the files in it."),
    (b"\x1f\x8b", "a compressed file", "Unpack it and name the files in it."),
    (b"ID3\2", "a sound recording", "File a transcript as PDF."),
    (b"ID3\3", "a sound recording", "File a transcript as PDF."),
    (b"ID3\4", "a sound recording", "File a transcript as PDF."),
)

_ZIP_MEMBERS: Final = (
    ("content.xml", "an OpenDocument file"),
    ("Index/", "a Pages, Numbers or Keynote file"),
    ("META-INF/container.xml", "an electronic book"),
    ("pass.json", "a card of a phone's wallet"),
    ("visio/", "a Visio drawing"),
)
_ASK_AGAIN: Final = "Ask for the file again."
_MEMBER: Final = rb"PK\x03\x04.{26}"
"""The head of an archive's member, up to its name (APPNOTE 4.3.7)."""
_OFFICE_START: Final = re.compile(_MEMBER + rb"(?:\[Content_Types\]\.xml|_rels/|docProps/|word/|xl/|ppt/)", re.DOTALL)
_OFFICE_PART: Final = re.compile(_MEMBER + rb"(word|xl|ppt)/", re.DOTALL)
_OFFICE: Final = {b"word": "a damaged Word document", b"xl": "a damaged Excel workbook", b"ppt": "a damaged PowerPoint presentation"}
_OPEN_DOCUMENT_START: Final = re.compile(_MEMBER + rb"mimetype.{0,40}application/vnd\.oasis\.opendocument", re.DOTALL)


def _damaged_office(data: bytes) -> str:
    """What an archive that cannot be opened was, by the names of its members; empty when it can be, or was no office document."""
    is_open_document = bool(_OPEN_DOCUMENT_START.match(data))
    if not (is_open_document or _OFFICE_START.match(data)) or _zip_names(data) is not None:
        return ""
    if is_open_document:
        return "a damaged OpenDocument file"
    found = _OFFICE_PART.search(data)
    return _OFFICE[found[1]] if found else "a damaged office document"


def _zip_names(data: bytes) -> list[str] | None:
    """The names in an archive; None when it cannot be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError):
        return None


def _zip_kind(data: bytes) -> tuple[str, str]:
    if damaged := _damaged_office(data):
        return damaged, _ASK_AGAIN
    names = _zip_names(data) or []
    for start, kind in _ZIP_MEMBERS:
        if any(name.startswith(start) for name in names):
            return kind, PRINT_TO_PDF
    return "a ZIP archive", "Unpack it and name the files in it."


def _media_kind(head: bytes) -> tuple[str, str] | None:
    if head[:4] == b"RIFF" and head[8:12] in {b"WAVE", b"AVI ", b"RMID"}:
        return "a sound or film recording", "File pictures or a transcript as PDF."
    if head[4:8] != b"ftyp":
        return None
    return "a film recording", "File pictures or a transcript as PDF."


_GAPS: Final = frozenset(" \t\n\v\f\r")
_CONTROLS: Final = frozenset(map(chr, range(32))) - _GAPS

_MARKUP: Final = (
    (("<!doctype html", "<html"), "a web page", PRINT_TO_PDF),
    (("<?xml", "<svg"), "an XML file", PRINT_TO_PDF),
)

_HEAD: Final = 2048
"""Bytes that tell whether a file is text."""
_MOSTLY: Final = 0.7


def _is_another_encoding(head: bytes) -> bool:
    """Whether the bytes are text in an older encoding, which the text converter refuses by that name: mostly ASCII, no controls."""
    plain = sum(byte >= 32 or chr(byte) in "\t\n\v\f\r" for byte in head if byte < 127)
    return not any(chr(byte) in _CONTROLS for byte in head) and plain >= _MOSTLY * len(head)


_MARKED: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNMARKED: Final = ("utf-8", "utf-16-le", "utf-16-be")
_NO_CHARACTERS: Final = frozenset({"Cc", "Cn", "Co"})
"""Of Unicode: controls, characters that do not exist, and those of private fonts."""


def text_encoding(data: bytes) -> str | None:
    """The encoding of a text, told by its first 2,048 bytes: UTF-8, or UTF-16 with or without a mark; None for everything else.

    Without a mark, UTF-16 must read as text with spaces or line breaks: of the two orders of bytes only the right one does.
    """
    head = data[:_HEAD]
    marked = next((encoding for mark, encoding in _MARKED if head.startswith(mark)), None)
    return next((each for each in ((marked,) if marked else _UNMARKED) if _reads_as(head, each)), None)


def _reads_as(head: bytes, encoding: str) -> bool:
    """Whether the bytes are text in an encoding, apart from a character cut in two at their end."""
    try:
        words = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    if not _CONTROLS.isdisjoint(words):
        return False
    if encoding not in {"utf-16-le", "utf-16-be"}:
        return True
    return not _GAPS.isdisjoint(words) and all(unicodedata.category(each) not in _NO_CHARACTERS for each in set(words) - _GAPS)


def _text_kind(data: bytes) -> tuple[str, str] | None:
    head = data[:_HEAD]
    encoding = text_encoding(data)
    if encoding is None and not _is_another_encoding(head):
        return None
    lower = head.decode(encoding or "latin-1", "ignore").lstrip().lower()
    if "endobj" in lower:
        return "a PDF without its beginning", _ASK_AGAIN
    for starts, kind, remedy in _MARKUP:
        if lower.startswith(starts):
            return kind, remedy
    return PLAIN_TEXT, PRINT_TO_PDF


def kind_of(data: bytes) -> tuple[str, str]:
    """What a file is, from its bytes, and how to bring it into a kind that intake takes."""
    if data.startswith(OLD_OFFICE) and _OUTLOOK in data:
        return "an Outlook message", "Save it in Outlook as .eml, or print it to PDF, and name that in the case."
    if data.startswith(OLD_OFFICE) and _LOCKED in data:
        return _LOCKED_KIND, "Save a copy without a password, or print it to PDF, and name that in the case."
    for start, kind, remedy in _STARTS:
        if data.startswith(start):
            return kind, remedy
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    unknown = ("of a kind that is not known", "Convert it to PDF, JPEG or PNG.")
    return _media_kind(data[:16]) or _text_kind(data) or unknown


def refusal_of(source: Source) -> EvidenceError:
    """The error for a file that no converter accepts: what it is, whatever its name says, and how to convert it."""
    kind, remedy = kind_of(source.data)
    if _damaged_office(source.data):
        return source.refusal("evidence-damaged", f"the file is {kind} that cannot be opened", remedy)
    if kind == _LOCKED_KIND:
        return source.refusal("evidence-password", f"the file is {kind}", remedy)
    return source.refusal("evidence-kind", f"the file is {kind}; intake takes PDF, pictures, text, e-mails and office documents", remedy)
