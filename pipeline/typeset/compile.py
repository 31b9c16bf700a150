"""Typst source in, tagged PDF out: one kept compiler, no file access, every Typst message as a finding."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import typst

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level

Trace = Callable[[int, int], str]
"""From a line and column of the Typst source (both from 1) to the place in the template that wrote it."""

NOTHING = Path("/dev/null")
"""A root that is no folder: Typst accepts it, and every file it is then asked to read is an error."""

_PACKAGE_IMPORT = re.compile(r'\b(?:import|include)\s*\(*\s*"@')
_VALUE = re.compile(r'#\(("(?:[^"\\]|\\.)*")\)')
_DIAGNOSTIC = re.compile(
    r"^(?:error|warning): (?P<message>.*?)(?:\n *┌─ [^\n]*?:(?P<line>\d+):(?P<column>\d+)$|\n *= |\n\n|\Z)", re.MULTILINE | re.DOTALL
)
_NO_GLYPH = re.compile(r'the text `"(?P<text>.*)"` could not be displayed|disallowed codepoint `"(?P<codepoint>.*)"`', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of Typst: its first sentence, and the line and column it points at (0 when it points nowhere)."""

    message: str
    line: int = 0
    column: int = 0


def literal(value: str) -> str:
    """A Typst string literal, quotes included, that prints `value` as it was typed and can never be code or markup.

    Any line ending becomes a line break and a tab a space (Typst prints nothing for a tab).  Raises ValueError for a
    lone surrogate, which is no character and cannot be encoded.
    """
    lines = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + (lines if lines.isprintable() else "".join(_escaped(character) for character in lines)) + '"'


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if "\ud800" <= character <= "\udfff":
        raise ValueError("a lone surrogate is no character")
    return f"\\u{{{ord(character):x}}}"


def typeset(
    source: str,
    *,
    name: str,
    timestamp: date,
    root: Path | None = None,
    fonts: Sequence[Path] = (),
    trace: Trace | None = None,
) -> bytes:
    """Set Typst source as a tagged PDF that passes Typst's own PDF/UA-1 checks, the same bytes for the same input.

    `name` is the template's name for messages, `timestamp` the day written into the document, `root` the only folder
    Typst may read (none when absent), `fonts` further font folders beside the fonts in the wheel; fonts of the machine
    are never used.  `trace` names the place in the template behind a line and column of the source.

    Raises TemplateError with one finding for each error or warning of Typst; a character that no font has is one.
    Limits: a package import is refused, since Typst would fetch it from the network; a loop in Typst code is not timed.
    """
    found = _PACKAGE_IMPORT.search(source)
    if found:
        line, column = _position(source, found.start())
        raise TemplateError([_finding(Diagnostic("Typst packages may not be imported", line, column), source, name, trace)])
    day = datetime(timestamp.year, timestamp.month, timestamp.day, tzinfo=UTC)
    try:
        pdf, warnings = compiler(root, fonts).compile_with_warnings(
            input=source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=day
        )
    except typst.TypstError as error:
        raise TemplateError(findings_of([error.diagnostic], source, name, trace)) from None
    if warnings:
        raise TemplateError(findings_of([warning.diagnostic for warning in warnings], source, name, trace))
    if not isinstance(pdf, bytes):
        raise TypeError(f"Typst gave {type(pdf).__name__} for a PDF")
    return pdf


def compiler(root: Path | None = None, fonts: Sequence[Path] = ()) -> typst.Compiler:
    """The kept compiler of this thread that reads files of `root` alone, and fonts of the wheel and of the folders `fonts`."""
    return _compiler(root or NOTHING, tuple(fonts), threading.get_ident())


@lru_cache(maxsize=8)
def _compiler(root: Path, fonts: tuple[Path, ...], thread: int) -> typst.Compiler:
    """One compiler for each root, font folders and thread; made when first asked for (about 5 ms)."""
    del thread
    return typst.Compiler(root=root, font_paths=list(fonts), ignore_system_fonts=True)


def _position(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def findings_of(diagnostics: Sequence[str], source: str, name: str, trace: Trace | None) -> list[Finding]:
    """Each message of Typst as a finding, once; no finding holds a value of the case."""
    parsed = [entry for text in diagnostics for entry in _parsed(text)]
    return list(dict.fromkeys(_finding(entry, source, name, trace) for entry in parsed))


def _parsed(diagnostic: str) -> Iterator[Diagnostic]:
    for found in _DIAGNOSTIC.finditer(diagnostic):
        yield Diagnostic(found["message"], int(found["line"] or 0), int(found["column"] or 0))


def _finding(diagnostic: Diagnostic, source: str, name: str, trace: Trace | None) -> Finding:
    where = name
    if diagnostic.line:
        where = trace(diagnostic.line, diagnostic.column) if trace else f"{name} (typeset line {diagnostic.line})"
    glyph = _NO_GLYPH.search(diagnostic.message)
    if glyph:
        return Finding(
            "template-glyph",
            Level.ERROR,
            where,
            f"no font has {_named(glyph['text'] or glyph['codepoint'])}",
            "Write the value with letters that the fonts have, or add a font that has them to the office's font folder.",
        )
    message = _redacted(diagnostic.message, source)
    return Finding("template-typst", Level.ERROR, where, f"Typst: {message}", "Mend the template at this place.")


def _named(text: str) -> str:
    """Characters by code point and Unicode name, such as `the character U+6F22 (CJK UNIFIED IDEOGRAPH-6F22)`."""
    characters = dict.fromkeys(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    names = [f"U+{ord(c):04X} ({unicodedata.name(c, 'no name')})" for c in characters]
    return f"the character{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _redacted(message: str, source: str) -> str:
    """The message without any value of the case and without a path of this machine."""
    first = message.partition(" (searched at ")[0]
    values = {found[1] for found in _VALUE.finditer(source)}
    for value in sorted(values, key=len, reverse=True):
        bare = value[1:-1]
        if len(bare) > 1:
            first = first.replace(bare, "…")
    return first
