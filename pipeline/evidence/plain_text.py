"""Plain text, such as an exported chat or a Markdown file: set in a typewriter face, every character as it stands or by its name."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.evidence.letter import CONTENT
from pipeline.evidence.model import Sheets, Source, plural
from pipeline.evidence.other_kinds import PLAIN_TEXT, kind_of, text_encoding
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed
from pipeline.typeset.compile import literal, typeset

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
#set block(spacing: 6.5pt)
{blocks}
"""
"""Between blocks as much as between lines: 0.65 of their size."""
_BLOCK: Final = "#[#set text(dir: {direction}); #raw({text}, block: true)]"
_DIRECTIONS: Final = {"L": "ltr", "R": "rtl", "AL": "rtl"}
"""Of the characters that have one, by their class in Unicode (UAX #9, table 4)."""


class Typed(Sealed, frozen=True):
    """Text as pages of the size of the content box."""

    pdf: bytes
    findings: tuple[Finding, ...]


class TextConverter:
    """Text in UTF-8 or UTF-16; other encodings cannot be told apart and are refused.

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
        sheet = _SHEET.format(width=CONTENT.width, height=CONTENT.height, blocks=_blocks(text))
        try:
            return Typed(typeset(sheet, name=source.shown_as, timestamp=_NO_DAY), _noted(source, named))
        except TemplateError as error:
            missing = {chr(int(code, 16)) for finding in error.findings for code in _CODE_POINT.findall(finding.message)}
            missing = set(filter(_is_frame, missing)) or missing
            if not missing or any(_is_letter(each) for each in missing):
                break
            named += sum(text.count(each) for each in missing)
            text = _UNSEEN.sub("", text).translate({ord(each): _name(each) for each in missing})
    raise source.refusal("evidence-text-characters", "the text has characters that no font here has", _PRINT_IT)


def _is_frame(character: str) -> bool:
    """Whether it goes around the character before it, as a keycap does, which the typesetter then calls missing too."""
    return unicodedata.category(character) == "Me"


def _is_letter(character: str) -> bool:
    """Whether it must not be given by name: letters, digits and accents."""
    return unicodedata.category(character)[0] in "LMN" and not _is_frame(character)


def _name(character: str) -> str:
    name = unicodedata.name(character, f"sign U+{ord(character):04X}").removeprefix("COMBINING ENCLOSING ")
    return f"[{name.lower()}]"


def _noted(source: Source, named: int) -> tuple[Finding, ...]:
    if not named:
        return ()
    message = f"{plural(named, 'sign')} that no font here has, such as emoji, given by name in brackets"
    return (source.finding("evidence-text-signs", Level.INFO, message, _PRINT_IT),)


def _decoded(source: Source) -> str:
    try:
        return source.data.decode(text_encoding(source.data) or "utf-8")
    except UnicodeDecodeError as error:
        raise source.refusal("evidence-text-encoding", "the text is not in UTF-8", "Save it as UTF-8, or print it to PDF.") from error


def _blocks(text: str) -> str:
    """The text for the typesetter: following lines of one direction together."""
    groups = groupby(_lines(text), key=lambda line: line[0])
    return "\n".join(_block(direction, [piece for _, piece in lines]) for direction, lines in groups)


def _block(direction: str, lines: Sequence[str]) -> str:
    """Lines of one direction; the typesetter leaves out the last one if it is empty, so that it gets another one behind it."""
    return _BLOCK.format(direction=direction, text=literal("\n".join(lines if lines[-1] else [*lines, ""])))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The text's lines with their directions, long ones broken; spaces are kept.

    A line runs as its first letter does, in Hebrew or Arabic from right to left (UAX #9, P2), and one without letters as the line above.
    """
    wrapper = textwrap.TextWrapper(_COLUMNS, expand_tabs=False, replace_whitespace=False, drop_whitespace=False, break_on_hyphens=False)
    direction = "ltr"
    for line in text.splitlines():
        direction = next((_DIRECTIONS[each] for each in map(unicodedata.bidirectional, line) if each in _DIRECTIONS), direction)
        yield from ((direction, piece) for piece in wrapper.wrap(line.expandtabs(_TAB)) or [""])
