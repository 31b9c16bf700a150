"""Typst source in, tagged PDF out: one kept compiler, no file access, every Typst message as a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level
from pipeline.typeset.bounded import OutOfBoundsError, run_bounded
from pipeline.typeset.job import Job, Made, Reach, run
from pipeline.typeset.messages import VALUE, Diagnostic, diagnostics
from pipeline.typeset.scripts import remedy_for

Trace = Callable[[int, int], str]
"""From a line and column of the Typst source (both from 1) to the place in the template that wrote it."""

NO_REACH = Reach()

ENDLESS = "template-endless"
"""The rule of a document that was stopped."""

_OF_HTML = ("html export is under active development", "page set rule was ignored", "unknown font family")
"""Warnings that mean nothing for HTML, which has no pages and no fonts; Typst calls that export unfinished."""

_PACKAGE_IMPORT = re.compile(r'\b(?:import|include)\s*\(*\s*"@')
_COMMENT = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_RAW = re.compile(r"(?<!\\)(`+)[^`].*?\1", re.DOTALL)


class GlyphFinding(Finding, frozen=True):
    """A finding about characters that no font has, or that no font sets well."""

    characters: str = ""


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


def typeset(source: str, *, name: str, timestamp: date, reach: Reach = NO_REACH, trace: Trace | None = None) -> bytes:
    """Set Typst source as a tagged PDF that passes Typst's own PDF/UA-1 checks, the same bytes for the same input.

    `name` is the template's name for messages, `timestamp` the day written into the document.  `trace` names the place in the template
    behind a line and column of the source.

    Raises TemplateError with one finding for each error or warning of Typst; a character that no font has is one, a GlyphFinding.
    Limits: a package import is refused, since Typst would fetch it from the network; so is a value in raw text.
    """
    made = _made(Job(source, timestamp, reach), name, trace)
    if made.diagnostics:
        raise TemplateError(_findings(made.diagnostics, source, name, trace))
    return made.data


def hypertext(source: str, *, name: str, prelude: str = "", reach: Reach = NO_REACH, trace: Trace | None = None) -> str:
    """The content of Typst source as an HTML page; `prelude` is Typst source to stand before it.  The other words are those of `typeset`.

    Raises TemplateError for each error of Typst, and for each element that HTML cannot show: nothing is left out silently.
    """
    lines = prelude.count("\n")
    traced: Trace | None = (lambda line, column: trace(max(1, line - lines), column)) if trace else None
    made = _made(Job(prelude + source, None, reach), name, traced)
    wrong = [text for text in made.diagnostics if made.failed or not any(known in text for known in _OF_HTML)]
    if wrong:
        raise TemplateError(_findings(wrong, prelude + source, name, traced))
    return made.data.decode()


def _made(job: Job, name: str, trace: Trace | None) -> Made:
    """What Typst makes of a job.  Raises TemplateError for what a source may not hold, and when it goes beyond the bounds."""
    if refused := list(_refused(job.source)):
        raise TemplateError([_finding(diagnostic, name, trace) for diagnostic in refused])
    if job.reach.bounds is None:
        return run(job)
    try:
        return run_bounded(job, job.reach.bounds)
    except OutOfBoundsError as error:
        remedy = "Look for a loop over a huge range, or for a space or a page without end."
        raise TemplateError.one(ENDLESS, name, str(error), remedy) from None


def _refused(source: str) -> Iterator[Diagnostic]:
    """What a source may not hold although Typst would take it."""
    if '"@' in source and (found := _PACKAGE_IMPORT.search(source)):  # which takes as long as all else here, and is hardly ever needed
        yield Diagnostic("Typst packages may not be imported", *_position(source, found.start()))
    if "`" not in source:
        return
    blanked = VALUE.sub(lambda value: "\0" * len(value[0]), _COMMENT.sub(lambda line: " " * len(line[0]), source))
    for raw in _RAW.finditer(blanked):
        if "\0" in raw[0]:
            yield Diagnostic("a value stands between backticks, where its code would be printed", *_position(source, raw.start()))


def _position(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _findings(messages: Sequence[str], source: str, name: str, trace: Trace | None) -> list[Finding]:
    """Each message of Typst as a finding, once; no finding holds a value of the case."""
    parsed = [entry for text in messages for entry in diagnostics(text, source)]
    return list(dict.fromkeys(_finding(entry, name, trace) for entry in parsed))


def _finding(diagnostic: Diagnostic, name: str, trace: Trace | None) -> Finding:
    where = name
    if diagnostic.line:
        where = trace(diagnostic.line, diagnostic.column) if trace else f"{name} (typeset line {diagnostic.line})"
    if diagnostic.unset:
        return glyph_finding(diagnostic.unset, where, "no font has")
    return Finding("template-typst", Level.ERROR, where, f"Typst: {diagnostic.message}", "Mend the template at this place.")


def glyph_finding(text: str, where: str, what: str) -> GlyphFinding:
    """The finding for characters that cannot be set, each by code point and Unicode name: `U+6F22 (CJK UNIFIED IDEOGRAPH-6F22)`."""
    characters = "".join(dict.fromkeys(text))
    names = ", ".join(f"U+{ord(c):04X} ({unicodedata.name(c, 'no name')})" for c in characters)
    message = f"{what} the character{'s' if len(characters) > 1 else ''} {names}"
    return GlyphFinding("template-glyph", Level.ERROR, where, message, remedy_for(characters), characters=characters)
