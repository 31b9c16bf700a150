"""Proof-reading a rendered document: what a template left over, doubled words, sections without text, text off its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import asdict

from pipeline.findings import Finding, Level
from pipeline.letters.office import Style
from pipeline.letters.source import Source
from pipeline.pdfium import pdfium_document

STAMP = 40.0
"""Points at the top of a page that belong to the packet's stamp."""

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_WRAPPERS = re.compile(r'#box\[|\];|#\(|"|\);|#page-link\(\d+\)\[')
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_HEADING = re.compile(r"=+ ")
_SILENT = re.compile(r"\s*(?:#(?:set|show|let|v|pagebreak|parbreak)\b.*|#?[\[\](){},;]*|//.*)\s*")
_LEFT_OVER = {
    "a leftover brace": re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}"),
    "leftover code": re.compile(r"#\(|\\u\{|#[a-z-]+[(\[]"),
    "the word that stands for no value": re.compile(r"\b(?:None|Undefined|True|False)\b"),
    "a space before punctuation": re.compile(r"(?<=\S) [,;:!?)](?=\s|$)|(?<=\S) \.(?=\s|$)|\( "),
    "doubled punctuation": re.compile(r",,|;;|(?<!\.)\.\.(?!\.)|,\.|::|\(\)"),
}
_AROUND = (24, 12, 6)
"""Characters before a find by which it is looked for in the source."""
_EDGE = 4.0
"""Points that a line may hang over a margin: the space at its end does."""
_DESCENT = 5.0
"""Points that letters reach below the last line."""


class Read(Struct, frozen=True):
    """A document read back from its PDF."""

    pages: tuple[str, ...]
    """The text of each page, line by line, without its number."""
    outside: tuple[int, ...]
    """Pages, from 1, on which text other than the page number stands outside the margins or in the stamp's place."""

    @property
    def text(self) -> str:
        """All pages, with a form feed between them."""
        return "\f\n".join(self.pages)


def read(pdf: bytes, style: Style) -> Read:
    """Read a document back with pdfium: text as it stands, and which pages have text off their margins."""
    with pdfium_document(pdf) as document:
        pages, outside = [], []
        for number, page in enumerate(document, 1):
            words, own_number = page.get_textpage(), f"{number} of {len(document)}"
            boxes = [words.get_rect(i) for i in range(words.count_rects())]
            off = {words.get_text_bounded(*box).strip() for box in boxes if _outside(box, style)}
            if off - {own_number}:
                outside.append(number)
            lines = _tidy(words.get_text_range()).splitlines(keepends=True)
            pages.append("".join(line for line in lines if own_number not in off or line != f"{own_number}\n"))
    return Read(tuple(pages), tuple(outside))


def _tidy(text: str) -> str:
    """Text with a hyphen where pdfium reports one at a line's end, and without the spaces at line ends."""
    lines = text.replace("\ufffe", "-").replace("\x02", "-").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _outside(box: tuple[float, float, float, float], style: Style) -> bool:
    left, bottom, right, top = box
    if right - left < 0.1 or top - bottom < 0.1:
        return False
    beside = left < 72 * style.left - _EDGE or right > 612 - 72 * style.right + _EDGE
    return beside or bottom < 72 * style.bottom - _DESCENT or top > 792 - STAMP


def proofread(source: Source, back: Read, said: str) -> Iterator[Finding]:
    """What is wrong with a document's text, given its source and how it reads; `said` is every text that the case put into it.

    What the case itself says is not proof-read: a doubled word or a brace that stands in `said` is the case's own.
    """
    for what, pattern in _LEFT_OVER.items():
        found = next((one for one in pattern.finditer(back.text) if one[0] not in said), None)
        if found:
            yield _finding("template-left-over", _place(source, back.text, found.span()), f"the document shows {what}")
    for number in back.outside:
        yield _finding("template-outside", source.name, f"text stands outside the margins of page {number}")
    yield from _doubled(source)
    yield from _empty_sections(source)


def texts(value: object) -> Iterator[str]:
    """Every text in a context: of its fields, and of what they hold."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from texts(entry)
    elif isinstance(value, Struct):
        for held in asdict(value).values():
            yield from texts(held)


def _finding(rule: str, where: str, message: str) -> Finding:
    return Finding(rule, Level.ERROR, where, message, "Look at the document, and mend the template at this place.")


def _place(source: Source, text: str, span: tuple[int, int]) -> str:
    """The template line that wrote a piece of the document's text, as far as the source shows it; else the document's template."""
    plain, offsets = _plain(source.text)
    for around in _AROUND:
        before = " ".join(text[max(0, span[0] - around) : span[0]].split("\n"))
        place = plain.rfind(before + text[span[0] : span[1]])
        if place >= 0:
            return source.place_at(offsets[place + len(before)])
    return source.name


def _plain(source: str) -> tuple[str, list[int]]:
    """The source without the wrapping of its values and with single spaces, and where each of its characters stood."""
    kept: list[tuple[str, int]] = []
    wrapped = {offset for found in _WRAPPERS.finditer(source) for offset in range(*found.span())}
    for offset, character in enumerate(source):
        if offset in wrapped or (character.isspace() and kept and kept[-1][0] == " "):
            continue
        kept.append((" " if character.isspace() else character, offset))
    return "".join(character for character, _ in kept), [offset for _, offset in kept]


def _doubled(source: Source) -> Iterator[Finding]:
    """A word twice in a row, when the template wrote at least one of the two; so the message shows no more than the template does."""
    values = [found.span() for found in _LITERAL.finditer(source.text)]
    before: re.Match[str] | None = None
    for word in _WORD.finditer(source.text):
        same = before and word[0].lower() == before[0].lower() and _adjoin(source.text[before.end() : word.start()])
        if before and same and not (_within(before.start(), values) and _within(word.start(), values)):
            where = source.place_at(word.start())
            yield _finding("template-doubled", where, f'the word "{word[0].lower()}" stands twice in a row')
        before = word


def _adjoin(gap: str) -> bool:
    bare = _WRAPPERS.sub("", gap)
    return not bare.strip() and bare.count("\n") < 2 and bool(gap)


def _within(offset: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= offset < end for start, end in spans)


def _empty_sections(source: Source) -> Iterator[Finding]:
    """A heading with no text before the next one or the end."""
    heading: int | None = None
    for number, line in enumerate([*source.text.split("\n"), "= "], 1):
        if _HEADING.match(line):
            if heading is not None:
                yield _finding("template-empty-section", source.place(heading, 1), "the section below this heading is empty")
            heading = number
        elif not _SILENT.fullmatch(line):
            heading = None
