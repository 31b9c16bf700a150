"""Plain text, such as an exported chat: set in a typewriter face, every character as it stands or not at all."""

from __future__ import annotations

import codecs
import textwrap
from dataclasses import replace
from datetime import date
from typing import Final

from pipeline.errors import TemplateError
from pipeline.evidence.letter import CONTENT
from pipeline.evidence.model import Sheets, Source
from pipeline.evidence.other_kinds import PLAIN_TEXT, kind_of
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.typeset.compile import literal, typeset

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COLUMNS: Final = 83
"""Characters of DejaVu Sans Mono at 10 points (6.02 points each) between margins of 36 points."""
_TAB: Final = 8
_NO_DAY: Final = date(2000, 1, 1)
"""The typesetter wants a day; it goes with the rest of the document's data when the pages are rebuilt."""

_SHEET: Final = """#set document(title: "Text")
#set page(width: {width}pt, height: {height}pt, margin: 36pt)
#show raw: set text(font: "DejaVu Sans Mono", size: 10pt)
#raw({text}, block: true)
"""


class TextConverter:
    """Text in UTF-8, or in UTF-16 with a byte-order mark; other encodings cannot be told apart and are refused.

    Lines are broken at 83 characters, words longer than that too; tabs go to every eighth column and a form feed counts as a line
    break.  Characters that the typewriter face lacks (emoji, Chinese) are refused, never left out.
    """

    def accepts(self, head: bytes) -> bool:
        return kind_of(head)[0] == PLAIN_TEXT

    def convert(self, source: Source) -> Sheets:
        sheet = _SHEET.format(width=CONTENT.width, height=CONTENT.height, text=literal("\n".join(_lines(_decoded(source)))))
        try:
            pdf = typeset(sheet, name=source.shown_as, timestamp=_NO_DAY)
        except TemplateError as error:
            message = "the text has characters that no font here has"
            raise source.refusal(
                "evidence-text-characters", message, "Open it and print it to PDF, then name the PDF in the case."
            ) from error
        return replace(PdfConverter().convert(replace(source, data=pdf)), kind=PLAIN_TEXT)


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
