"""Typst's messages read: what is wrong and where, with nothing left of the values that stand in the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

VALUE = re.compile(r'#\(("(?:[^"\\]|\\.)*")\)')
"""A value of the case as letters print it: a string literal in brackets."""

_DIAGNOSTIC = re.compile(
    r"^(?:error|warning): (?P<message>.*?)(?:\n *┌─ [^\n]*?:(?P<line>\d+):(?P<column>\d+)$|\n *= |\n\n|\Z)", re.MULTILINE | re.DOTALL
)
_FRAME = re.compile(r"^(?:error|warning): |\n *┌─ [^\n]*?:\d+:\d+$", re.MULTILINE)
_NO_GLYPH = re.compile(
    r'(?:PDF/\S+ error: )?(?:the text `"(?P<text>.*)"` could not be displayed|.{0,40}disallowed codepoint `"(?P<codepoint>.*)"`)', re.DOTALL
)
_ESCAPE = re.compile(r"\\u\{(?P<code>0*(?:10|[0-9a-fA-F])?[0-9a-fA-F]{1,4})\}|\\(?P<mark>.)|.", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}
_PATH = " (searched at "
_HIDDEN = "\0"


class Diagnostic(Struct, frozen=True):
    """One message of Typst: its first sentence, and the line and column it points at (0 when it points nowhere)."""

    message: str
    line: int = 0
    column: int = 0
    unset: str = ""
    """The text that has characters of no font, when that is what the message says."""


def diagnostics(text: str, source: str) -> Iterator[Diagnostic]:
    """The messages of one text of Typst about `source`, without a path of this machine and with `…` for each value of the source.

    Limits: a value of one character stays, and so does a part of a value that the template cut off itself.
    """
    hidden = _hidden(text, source)
    for found in _DIAGNOSTIC.finditer(hidden):
        start, end = found.span("message")
        place = int(found["line"] or 0), int(found["column"] or 0)
        glyph = _NO_GLYPH.match(text[start:end])
        unset = _decoded(glyph["text"] or glyph["codepoint"]).text if glyph else ""
        path = text.find(_PATH, start, end)
        yield Diagnostic(re.sub(f"{_HIDDEN}+", "…", hidden[start : path if path >= 0 else end]), *place, unset)


def _hidden(text: str, source: str) -> str:
    """The text, as long as it was, with every value of the source blanked but not what tells one message from the next."""
    forms = {form for found in VALUE.finditer(source) for form in _forms(_decoded(found[1][1:-1]).text)}
    blanked = list(text)
    for reading in (_Reading(text, range(len(text) + 1)), _decoded(text)):
        for start, end in reading.spans(forms):
            blanked[start:end] = _HIDDEN * (end - start)
    for frame in _FRAME.finditer(text):
        blanked[slice(*frame.span())] = frame[0]
    return "".join(blanked)


def _forms(value: str) -> Iterator[str]:
    """What Typst may print of a value: all of it, the name of a font in small letters, or a line on its own."""
    return (form for form in (value, value.lower(), *value.splitlines()) if len(form) > 1)


class _Reading(Struct, frozen=True):
    """A way to read a message; `starts` has the place of each character in the message itself, and where the last one ends."""

    text: str
    starts: Sequence[int]

    def spans(self, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where the forms stand in the message itself, also where they overlap."""
        for form in forms:
            at = self.text.find(form)
            while at >= 0:
                yield self.starts[at], self.starts[at + len(form)]
                at = self.text.find(form, at + 1)


def _decoded(text: str) -> _Reading:
    """The text with each escape of a string literal read as the character that it means."""
    pieces = [(found.start(), _character(found)) for found in _ESCAPE.finditer(text)]
    return _Reading("".join(character for _, character in pieces), [*(start for start, _ in pieces), len(text)])


def _character(found: re.Match[str]) -> str:
    if found["code"]:
        return chr(int(found["code"], 16))
    return _SHORT.get(found["mark"], found["mark"]) if found["mark"] else found[0]
