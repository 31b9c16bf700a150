"""Which template line wrote which piece of Typst source, so that an error of Typst is shown where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from pipeline.sealed import Sealed

_NOTE = re.compile("\x00([^\x00\x01]*)\x01")


class Source(Sealed, frozen=True):
    """A rendered template: the Typst source, and which template line wrote each piece of it."""

    name: str
    text: str
    noted: str
    """The text with its notes, from which places are counted when one is asked for."""

    def place(self, line: int, column: int) -> str:
        """The template and line that wrote the character at a line and column of the source: `cover.typ.j2:12`."""
        found, here = self.name, (1, 1)
        head, *rest = _NOTE.split(self.noted)
        here = _after(head, *here)
        for place, piece in zip(rest[::2], rest[1::2], strict=True):
            if here > (line, column):
                break
            found, here = place, _after(piece, *here)
        return found

    def place_at(self, offset: int) -> str:
        """The same for a character of the source by its offset, from 0."""
        return self.place(*_after(self.text[:offset], 1, 1))


class Places(Extension):
    """Jinja2 extension that puts an invisible note of template and line before each line of template text and each value.

    `source` takes the notes out again.  They cannot be mistaken for a value: values are printed as Typst literals, which
    hold no control characters.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The same tokens, with notes in the template text."""
        name = stream.name or "template"
        for token in stream:
            if token.type == "variable_begin":
                yield Token(token.lineno, "data", _note(name, token.lineno))
            yield Token(token.lineno, "data", _noted(token, name)) if token.type == "data" else token


def _noted(token: Token, name: str) -> str:
    lines = token.value.split("\n")
    return "\n".join(_note(name, token.lineno + i) + line for i, line in enumerate(lines))


def _note(name: str, line: int) -> str:
    return f"\x00{name}:{line}\x01"


def source(name: str, noted: str) -> Source:
    """The Typst source without its notes, and where each piece of it came from."""
    return Source(name, _NOTE.sub("", noted), noted)


def _after(text: str, line: int, column: int) -> tuple[int, int]:
    """Line and column behind a piece of text that starts at a line and column."""
    breaks = text.count("\n")
    return (line + breaks, len(text) - text.rfind("\n")) if breaks else (line, column + len(text))
