"""What the print of an office document does not say as the document did: words beyond the paper, letters without a font, dates of today."""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

import pikepdf
from pikepdf import Dictionary, Stream

from pipeline.evidence.model import Source, plural
from pipeline.findings import Finding, Level
from pipeline.pdfium import pdfium_document

_BODY: Final = "word/document.xml"
_NOT_PRINTED: Final = re.compile(r"<mc:Fallback>.*?</mc:Fallback>", re.DOTALL)
"""The same text once more, for programs that do not know the first."""
_STEPS: Final = re.compile(
    r'<w:t(?:\s[^>]*)?>(?P<text>[^<]*)</w:t>|w:fldCharType="(?P<field>begin|end)"|(?P<gap></w:p>|<w:(?:tab|br|cr|noBreakHyphen)\b)'
)
_HIDES: Final = re.compile(r"<w:(?:vanish|webHidden)\b")
_WORD: Final = re.compile(r"[^\W_]+")
_LATIN: Final = re.compile(r"[0-9a-z]+")
"""Words of letters that are read back from a PDF as they were written."""

_TODAY: Final[Mapping[str, tuple[re.Pattern[str], re.Pattern[bytes]]]] = {
    "docx": (
        re.compile(r"word/.*\.xml"),
        re.compile(rb'(?:<w:instrText[^>]*>|w:instr=")\s*(?:DATE|TIME)\b'),
    ),
    "xlsx": (re.compile(r"xl/worksheets/.*\.xml"), re.compile(rb"<f\b[^>]*>[^<]*\b(?:TODAY|NOW)\(")),
    "odt": (re.compile(r"(?:content|styles)\.xml"), re.compile(rb'<text:(?:date|time)\b(?![^>]*text:fixed="true")')),
    "ods": (re.compile(r"content\.xml"), re.compile(rb'table:formula="[^"]*\b(?:TODAY|NOW)\(')),
}
"""By the ending of the format: the parts, and the signs in them of a date that changes from day to day."""

_TABLES_AT: Final = 12
_TABLE: Final = struct.Struct(">4s4xII")
_WIDE_AT: Final = 50
"""Where a font's list of tables begins, what a line of it holds, and where /head says how wide the places of glyphs are (OpenType 1.9)."""


def said_otherwise(source: Source, ending: str, printed: bytes) -> Iterator[Finding]:
    """The findings for a document of this format and its print."""
    yield from _today(source, ending)
    if ending == "docx":
        yield from _lost(source, printed)


def _today(source: Source, ending: str) -> Iterator[Finding]:
    if ending not in _TODAY:
        return
    part, sign = _TODAY[ending]
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        found = any(part.fullmatch(name) and sign.search(archive.read(name)) for name in archive.namelist())
    if found:
        message = "the document has a date or time that changes by itself: its print shows the day of the conversion, not the document's"
        remedy = "Ask for a PDF from the day it was written, or write the right date into the document instead of the field."
        yield source.finding("evidence-office-today", Level.WARNING, message, remedy)


def _lost(source: Source, printed: bytes) -> Iterator[Finding]:
    """The finding for words of a Word document that its print lacks, as when a table is wider than the paper.

    Limits: Latin letters and digits of the text itself; not those that a field makes, and not in a document that hides text, which is
    said already.
    """
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        body = archive.read(_BODY).decode("utf-8", "replace") if _BODY in archive.namelist() else ""
    if not body or _HIDES.search(body):
        return
    wanted, shown = Counter(_words(_text_of(body))), _text_of_print(printed)
    there, joined = Counter(_words(shown)), "".join(_WORD.findall(shown.casefold()))
    lacking = {word: count - there[word] for word, count in wanted.items() if count > there[word] and count > joined.count(word)}
    if lost := sum(lacking.values()):
        message = f"{plural(lost, 'word')} of the document cannot be found on its print; something may stand beyond the edge of the paper"
        remedy = (
            "Compare with the document; where something is missing, print it to PDF on the author's machine, and name that in the case."
        )
        yield source.finding("evidence-office-lost", Level.WARNING, message, remedy)


def _text_of(body: str) -> str:
    """The text without what fields have made, since that is made anew in print."""
    pieces: list[str] = []
    fields = 0
    for step in _STEPS.finditer(_NOT_PRINTED.sub("", body)):
        if step["field"]:
            fields = max(0, fields + (1 if step["field"] == "begin" else -1))
        elif step["gap"]:
            pieces.append("\n")
        elif not fields:
            pieces.append(html.unescape(step["text"]))
    return "".join(pieces)


def _text_of_print(printed: bytes) -> str:
    with pdfium_document(printed) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if _LATIN.fullmatch(word)]


def boxed_letters(source: Source, printed: bytes) -> Iterator[Finding]:
    """The finding for a print with letters or signs that no font here has.

    Limits: it is told by the TrueType fonts that LibreOffice 7 embeds; which letters, and on which pages, is not told.
    """
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        files = (each.get("/FontFile2") for each in pdf.objects if isinstance(each, Dictionary))
        if not any(_shows_box(each.read_bytes()) for each in files if isinstance(each, Stream)):
            return
    message = "the document has letters or signs that no font of this machine has; each is printed as an empty box"
    remedy = (
        "Install a font that has them, such as one of the Noto fonts; or print the document to PDF where it looks right, and name that."
    )
    yield source.finding("evidence-office-letters", Level.WARNING, message, remedy)


def _shows_box(font: bytes) -> bool:
    """Whether a font that holds only what is shown has its sign for a missing letter, glyph 0, once more as a letter."""
    try:
        count = int.from_bytes(font[4:6], "big")
        lines = (_TABLE.unpack_from(font, _TABLES_AT + _TABLE.size * number) for number in range(count))
        tables = {name: font[start : start + length] for name, start, length in lines}
        places = _places(tables[b"loca"], is_wide=bool(int.from_bytes(tables[b"head"][_WIDE_AT : _WIDE_AT + 2], "big")))
        box, *letters = (tables[b"glyf"][start:end] for start, end in pairwise(places))
    except (struct.error, KeyError, ValueError):
        return False
    return bool(box) and box in letters


def _places(loca: bytes, *, is_wide: bool) -> list[int]:
    """Where each glyph begins, and behind the last one ends."""
    if is_wide:
        return [place for (place,) in struct.iter_unpack(">I", loca)]
    return [place * 2 for (place,) in struct.iter_unpack(">H", loca)]
