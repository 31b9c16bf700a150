"""Reading a case file: JSON with the line and column of every value.

The file is UTF-8 (a byte order mark is allowed), at most 10 MB, one JSON object without repeated properties.
"""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from pipeline.case.model import Case, CaseSource, CaseText, Position
from pipeline.case.pointer import step
from pipeline.errors import CaseUnreadableError
from pipeline.findings import Finding, Level

MAX_BYTES = 10_000_000
"""The largest case file that is read."""

MAX_DEPTH = 100
"""Objects and lists within each other; a case has about ten."""

_HALF_CHARACTER = re.compile(r"\\u[dD][89abAB]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s\[\]{},:"]+')
"""What a valid JSON text consists of beside commas, colons and white space."""
_SYNTAX = {
    "Expecting property name": ("a property name is expected here", "Write it in double quotes, and no comma after the last property."),
    "Expecting ':'": ("a colon is expected here", "Write a colon between the property's name and its value."),
    "Expecting ','": ("a comma or a closing bracket is expected here", "Put a comma after the value before it, or close the bracket."),
    "Expecting value": ("a value is expected here", "Write a value, and no comma after the last; true and false have no quotes."),
    "Unterminated string": ("the text that begins here has no closing quote", "Close it with a double quote."),
    "Invalid control character": ("the text is broken by a line break or tab", "Write \\n for a line break and \\t for a tab."),
    "Invalid \\": ("the text holds a backslash that means nothing", "Write \\\\ for a backslash, and / between folders."),
    "Extra data": ("the case ends before this place", "Take out what follows the last closing bracket."),
    "Illegal trailing comma": ("no comma may follow the last value", "Take the comma out."),
}
"""What the parser's reasons begin with, and what is wrong and the remedy in our words."""


class _Span(Struct, frozen=True):
    """A value of the source: its JSON pointer, its place, its first token in characters, and where its property name stands."""

    pointer: str
    place: Position
    start: int
    end: int
    name: str | None
    name_place: Position | None


def load(source: CaseSource) -> Case:
    """The case in a file or a text, with the place of every value; its content is not checked against the schema.

    Raises CaseUnreadableError when the file is missing, is no file, is too large, is not UTF-8 or is not JSON, and with
    one finding for each repeated property name and each broken character; TypeError for a source of another type.
    """
    if isinstance(source, CaseText):
        return _case(source.path, source.text, source.name, source)
    path = Path(source)
    return _case(path, _decoded(_bytes(path, str(path)), path.name), path.name)


def _case(path: Path, text: str, name: str, origin: CaseText | None = None) -> Case:
    data = _parse(text, name)
    spans = list(_spans(text))
    if any(span.pointer.count("/") > MAX_DEPTH for span in spans):
        raise _too_deep(name)
    findings = list(_unprintable(text, spans, name)) or list(_repeated(spans, name))
    if findings:
        raise CaseUnreadableError(findings)
    return Case(path, data, {span.pointer: span.place for span in spans}, origin)


def _bytes(path: Path, shown: str) -> bytes:
    try:
        if path.is_dir():
            raise CaseUnreadableError.one("case-not-a-file", shown, "this is a folder", "Name the case file inside it, such as case.json.")
        if path.exists() and not path.is_file():
            raise CaseUnreadableError.one("case-not-a-file", shown, "this is not a regular file", "Name a JSON file on disk.")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CaseUnreadableError.one("case-missing", shown, "there is no such file", "Check the path and the spelling.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise CaseUnreadableError.one(
            "case-unreadable", shown, f"the file cannot be read: {reason or 'its name is not a path'}", "Check the file's permissions."
        ) from None
    if len(content) > MAX_BYTES:
        raise CaseUnreadableError.one(
            "case-too-large", shown, "the file is larger than 10 MB", "Keep evidence in files of its own, and name them in the case."
        )
    return content


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CaseUnreadableError.one("case-not-utf8", f"{name}:1:1", "the file is UTF-16, not UTF-8", "Save it as UTF-8.")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        where = f"{name}:{line}:{column}"
        raise CaseUnreadableError.one("case-not-utf8", where, "a byte here is not UTF-8", "Save the file as UTF-8.") from None


def _parse(text: str, name: str) -> Any:
    if not text.strip():
        raise CaseUnreadableError.one(
            "case-syntax", f"{name}:1:1", "the file is empty", "Write a case into it; packet init makes a skeleton."
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message, remedy = _explained(error.msg)
        raise CaseUnreadableError.one("case-syntax", f"{name}:{error.lineno}:{error.colno}", message, remedy) from None
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError:
        raise CaseUnreadableError.one(
            "case-syntax", name, "a number has too many digits", "Take the number out or write it as text."
        ) from None


def _explained(reason: str) -> tuple[str, str]:
    """The parser's reason in our words: what is wrong, and the remedy."""
    for begins, (message, remedy) in _SYNTAX.items():
        if reason.startswith(begins):
            return message, remedy
    return "this is not JSON", "Compare the place with a sample case."


def _too_deep(name: str) -> CaseUnreadableError:
    return CaseUnreadableError.one("case-syntax", name, "brackets are nested too deeply", "Compare the file with a sample case.")


class _Open(Struct):
    """An object or list whose end has not come yet."""

    pointer: str
    is_object: bool
    entries: int = 0
    name: str | None = None
    """The property whose value comes next."""
    name_place: Position | None = None


def _spans(text: str) -> Iterator[_Span]:
    """Every value of a valid JSON text in file order, repeated properties included."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    holders: list[_Open] = []
    for token in _TOKEN.finditer(text):
        written, line = token[0], bisect_right(lines, token.start())
        place = Position(line, token.start() - lines[line - 1] + 1)
        holder = holders[-1] if holders else _Open("", False)
        if written in ("]", "}"):
            holders.pop()
        elif holder.is_object and holder.name is None:
            holder.name, holder.name_place = json.loads(written) if "\\" in written else written[1:-1], place
        else:
            span = _Span(_pointer(holder, bool(holders)), place, token.start(), token.end(), holder.name, holder.name_place)
            holder.entries, holder.name, holder.name_place = holder.entries + 1, None, None
            if written in ("[", "{"):
                holders.append(_Open(span.pointer, written == "{"))
            yield span


def _pointer(holder: _Open, inside: bool) -> str:
    """The pointer of the value that comes next in an object or list; empty for the whole text."""
    return holder.pointer + step(holder.entries if holder.name is None else holder.name) if inside else ""


def _repeated(spans: list[_Span], file: str) -> Iterator[Finding]:
    """A finding for every property that its object has already."""
    seen: set[str] = set()
    inside = ""
    for span in spans:
        if inside and span.pointer.startswith(inside + "/"):
            continue
        inside = ""
        if span.pointer in seen and span.name_place is not None:
            inside = span.pointer
            where = f"{file}:{span.name_place.line}:{span.name_place.column} {span.pointer}"
            yield Finding("case-duplicate", Level.ERROR, where, f'property "{span.name}" is written twice', "Keep one of the two.")
        seen.add(span.pointer)


def _unprintable(text: str, spans: list[_Span], file: str) -> Iterator[Finding]:
    """A finding for every half of a surrogate pair, which no encoding can write, and for every line break in a name."""
    halves = _HALF_CHARACTER.search(text) is not None
    for span in spans:
        where = f"{file}:{span.place.line}:{span.place.column}"
        if span.name is not None and not span.name.isprintable():
            yield Finding(
                "case-syntax", Level.ERROR, where, "the property's name holds a character that cannot be printed", "Correct the name."
            )
        elif halves and text[span.start] == '"' and not _encodes(json.loads(text[span.start : span.end])):
            yield Finding(
                "case-syntax", Level.ERROR, where, r"the text holds half of a \u pair", "Write the character itself; the file is UTF-8."
            )


def _encodes(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
