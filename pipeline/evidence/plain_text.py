"""Plain text, such as an exported chat or a Markdown file: set in a typewriter face, every character as it stands or by its name."""

from __future__ import annotations

import codecs
import re
import textwrap
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pipeline.errors import TemplateError
from pipeline.evidence.letter import CONTENT
from pipeline.evidence.model import Sheets, Source, plural
from pipeline.evidence.other_kinds import PLAIN_TEXT, kind_of
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.findings import Finding, Level
from pipeline.typeset.compile import literal, typeset

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COLUMNS: Final = 83
"""Characters of DejaVu Sans Mono at 10 points (6.02 points each) between margins of 36 points."""
_TAB: Final = 8
_NO_DAY: Final = date(2000, 1, 1)
"""The typesetter wants a day; it goes with the rest of the document's data when the pages are rebuilt."""
_PRINT_IT: Final = "Open it and print it to PDF, then name the PDF in the case."
_CODE_POINT: Final = re.compile(r"U\+([0-9A-F]{4,6}) \(")
"""How the typesetter names a character that no font has."""
_ROUNDS: Final = 5
"""The typesetter names all that is missing at once, or one after the other."""
_UNSEEN: Final = re.compile("[\u200d\ufe0e\ufe0f\U000e0020-\U000e007f]")
"""What joins emoji or chooses their style; names say nothing of it."""

_SHEET: Final = """#set document(title: "Text")
#set page(width: {width}pt, height: {height}pt, margin: 36pt)
#show raw: set text(font: "DejaVu Sans Mono", size: 10pt)
#raw({text}, block: true)
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """Text as pages of the size of the content box."""

    pdf: bytes
    findings: tuple[Finding, ...]


class TextConverter:
    """Text in UTF-8, or in UTF-16 with a byte-order mark; other encodings cannot be told apart and are refused.

    Lines are broken at 83 characters, words longer than that too; tabs go to every eighth column; a form feed and a vertical tab
    count as line breaks.  Markdown has no mark of its own and is text like any other.
    """

    def accepts(self, head: bytes) -> bool:
        return kind_of(head)[0] == PLAIN_TEXT

    def convert(self, source: Source) -> Sheets:
        typed = typed_pages(source, _decoded(source))
        sheets = PdfConverter().convert(replace(source, data=typed.pdf))
        return replace(sheets, kind=PLAIN_TEXT, findings=(*typed.findings, *sheets.findings))


def typed_pages(source: Source, text: str) -> Typed:
    """The text in a typewriter face.

    Emoji and other signs that the face lacks are given by their Unicode names in brackets, with a finding.  Raises EvidenceError for
    letters that it lacks, such as Chinese: they are never left out.
    """
    named = 0
    for _ in range(_ROUNDS):
        sheet = _SHEET.format(width=CONTENT.width, height=CONTENT.height, text=literal("\n".join(_lines(text))))
        try:
            return Typed(typeset(sheet, name=source.shown_as, timestamp=_NO_DAY), _noted(source, named))
        except TemplateError as error:
            missing = {chr(int(code, 16)) for finding in error.findings for code in _CODE_POINT.findall(finding.message)}
            if not missing or any(unicodedata.category(each)[0] in "LMN" for each in missing):
                break
            named += sum(text.count(each) for each in missing)
            text = _UNSEEN.sub("", text).translate({ord(each): _name(each) for each in missing})
    raise source.refusal("evidence-text-characters", "the text has characters that no font here has", _PRINT_IT)


def _name(character: str) -> str:
    return f"[{unicodedata.name(character, f'sign U+{ord(character):04X}').lower()}]"


def _noted(source: Source, named: int) -> tuple[Finding, ...]:
    if not named:
        return ()
    message = f"{plural(named, 'sign')} that no font here has, such as emoji, given by name in brackets"
    return (source.finding("evidence-text-signs", Level.INFO, message, _PRINT_IT),)


def _decoded(source: Source) -> str:
    encoding = next((name for mark, name in _MARKS if source.data.startswith(mark)), "utf-8")
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        raise source.refusal("evidence-text-encoding", "the text is not in UTF-8", "Save it as UTF-8, or print it to PDF.") from error


def _lines(text: str) -> list[str]:
    """The text's lines, long ones broken; spaces are kept."""
    wrapper = textwrap.TextWrapper(_COLUMNS, expand_tabs=False, replace_whitespace=False, drop_whitespace=False, break_on_hyphens=False)
    return [piece for line in text.splitlines() for piece in wrapper.wrap(line.expandtabs(_TAB)) or [""]]
