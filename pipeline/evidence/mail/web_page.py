"""The words of an e-mail that is a web page, as its reader sees them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from msgspec import Struct, field

from pipeline.evidence.mail.style import Look, StyleSheet, style_sheet
from pipeline.sealed import Sealed

STRUCK: Final = "[struck out: "
"""Stands before words that are struck out, and a bracket behind them."""

_UNSEEN: Final = frozenset({"head", "script", "style", "template", "title"})
_OF_HEAD: Final = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_ALONE: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements without an end."""
_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption"}
    | {"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol", "option", "p"}
    | {"pre", "section", "summary", "table", "tr", "ul"}
)
"""Elements that stand on lines of their own."""
_CELLS: Final = frozenset({"td", "th"})
_ENDED_BY: Final[Mapping[str, frozenset[str]]] = {
    "p": _BLOCKS,
    "li": frozenset({"li"}),
    "dt": frozenset({"dd", "dt"}),
    "dd": frozenset({"dd", "dt"}),
    "option": frozenset({"option"}),
    "td": frozenset({"td", "th", "tr"}),
    "th": frozenset({"td", "th", "tr"}),
    "tr": frozenset({"tr"}),
}
"""Elements whose end may be left out, and what then ends them (HTML, 13.1.2.4)."""
_WORD: Final = re.compile(r"\w+")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_DEEPEST_QUOTE: Final = 8
_DEEPEST: Final = 500
"""Elements within each other that are followed; browsers stop there too."""
_FROM_THE_NET: Final = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_WITHIN: Final = re.compile(r"\s*data:image/", re.IGNORECASE)
_PART: Final = re.compile(r"\s*cid:(\S+)", re.IGNORECASE)
_NOT_TYPED: Final = frozenset({"file", "hidden", "image", "password"})
"""Fields of a form whose value is not shown."""
_SPECK: Final = frozenset({"0", "1", "2"})
"""Width or height of a picture that only tells its sender that the message was opened."""


class PagePicture(Sealed, frozen=True):
    """A picture whose data stand in the page itself."""

    name: str
    """Its alternative text; empty when there is none."""
    data: bytes


class WebPage(Sealed, frozen=True):
    """What is to be read on a page."""

    words: str
    """With a line for each block, `> ` before what is quoted, points of lists with their numbers, pictures by their alternative text."""
    hidden: int
    """Words that the page hides from its reader; they are not among `words`."""
    has_struck: bool
    has_pictures: bool
    """Whether it shows pictures from the network, which are not taken from there."""
    pictures: tuple[PagePicture, ...] = ()
    named: frozenset[str] = frozenset()
    """Pictures that it shows from another part of the message, by the part's Content-ID."""


def read_page(html: str) -> WebPage:
    """The page as far as its styles can be followed: its own elements' and those of its style sheets that speak of one kind of element."""
    sheets = _Styles()
    sheets.feed(html)
    sheets.close()
    reader = _Reader(style_sheet("".join(sheets.found)))
    reader.feed(html)
    reader.close()
    return reader.page()


class _Styles(HTMLParser):
    """Collects the text of style elements, wherever they stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.found.append(data)


class _Open(Struct):
    """An element that has begun."""

    tag: str
    look: Look
    is_unseen: bool = False
    is_typed: bool = False
    """Whether its spaces and line breaks count."""
    quotes: int = 0
    """Quotations it lies in."""
    point: int = 0
    """Of an ordered list: the number of its next point."""
    letters: str = ""
    """Of an ordered list that counts in letters: the first one."""

    @property
    def is_seen(self) -> bool:
        return self.look.is_seen and not self.is_unseen

    def within(self, tag: str, attributes: Mapping[str, str | None], sheet: StyleSheet) -> _Open:
        """An element that begins in this one."""
        start, kind = attributes.get("start") or "", attributes.get("type") or ""
        return _Open(
            tag,
            self.look.within(tag, sheet.declared(tag, attributes)),
            is_unseen=self.is_unseen or tag in _UNSEEN,
            is_typed=self.is_typed or tag == "pre",
            quotes=self.quotes + (tag == "blockquote"),
            point=int(start) if re.fullmatch(r"-?\d{1,6}", start, re.ASCII) else 1,
            letters=kind if kind in {"a", "A"} else "",
        )


class _Line(Struct):
    """A line while it is written."""

    mark: str = ""
    """The bullet or number of a point."""
    quotes: int = 0
    pieces: list[str] = field(default_factory=list)
    is_begun: bool = False
    is_struck: bool = False

    def write(self, text: str, within: _Open) -> None:
        if not self.is_begun:
            self.quotes = within.quotes
        struck = within.look.struck
        if self.is_struck and not struck:
            self.end_strike()
        if struck and not self.is_struck and text.strip():
            self.pieces.append(STRUCK)
            self.is_struck = True
            text = text.lstrip(" ")
        self.pieces.append(text.replace("\N{NO-BREAK SPACE}", " "))
        self.is_begun = self.is_begun or bool(text.strip())

    def end_strike(self) -> None:
        if self.is_struck:
            last = self.pieces[-1]
            self.pieces[-1:] = [last.rstrip(" "), "]", " " if last.endswith(" ") else ""]
            self.is_struck = False

    def finished(self) -> str:
        self.end_strike()
        words = "".join(self.pieces).strip(" ")
        words = f"{self.mark}{words if words.strip() else ''}".rstrip(" ")
        return "> " * min(self.quotes, _DEEPEST_QUOTE) + words if words else ""


class _Reader(HTMLParser):
    """Walks through a page with the elements that are open, and the look of each."""

    def __init__(self, sheet: StyleSheet) -> None:
        super().__init__(convert_charrefs=True)
        self._sheet = sheet
        self._open: list[_Open] = []
        self._lines = [_Line()]
        self._hidden = 0
        self._has_struck = False
        self._has_pictures = False
        self._pictures: list[PagePicture] = []
        self._named: set[str] = set()

    def page(self) -> WebPage:
        """Lines without spaces at their ends, and never more than one empty line."""
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.finished() for line in self._lines)).strip("\n")
        return WebPage(text + "\n", self._hidden, self._has_struck, self._has_pictures, tuple(self._pictures), frozenset(self._named))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._end_before(tag)
        here = self._here.within(tag, attributes, self._sheet)
        if tag == "br" or (tag in _BLOCKS and not (self._lines[-1].mark and not self._lines[-1].is_begun)):
            self._lines.append(_Line(quotes=here.quotes))
        if tag in _CELLS and here.is_seen:
            self._lines[-1].write("\t", here)
        if tag == "img" and here.is_seen:
            self._show_picture(attributes, here)
        if tag == "input" and here.is_seen:
            self._show_field(attributes, here)
        if tag == "li" and here.is_seen and here.look.marked:
            self._lines[-1].mark = self._mark_of_point()
        if tag not in _ALONE and len(self._open) < _DEEPEST:
            self._open.append(here)

    @property
    def _here(self) -> _Open:
        return self._open[-1] if self._open else _Open("", Look())

    def _end_before(self, tag: str) -> None:
        """Ends what a new element ends without saying so; a body, and what cannot stand in a head, ends the head."""
        if tag == "body" or (self._here.tag == "head" and tag not in _OF_HEAD):
            self._open = [each for each in self._open if not each.is_unseen]
        while tag in _ENDED_BY.get(self._here.tag, ()):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        place = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at].tag == tag), None)
        if place is not None:
            del self._open[place:]
        if tag in _BLOCKS:
            self._lines.append(_Line(quotes=self._here.quotes))

    def handle_data(self, data: str) -> None:
        if self._here.tag == "head" and data.strip():
            self._open.pop()
        here = self._here
        if here.is_unseen:
            return
        if not here.is_seen:
            self._hidden += len(_WORD.findall(data))
            return
        self._has_struck = self._has_struck or (here.look.struck and bool(data.strip()))
        first, *more = data.replace("\r\n", "\n").split("\n") if here.is_typed else [_SPACE.sub(" ", data)]
        self._lines[-1].write(first, here)
        for line in more:
            self._lines.append(_Line())
            self._lines[-1].write(line, here)

    def _show_picture(self, attributes: Mapping[str, str | None], here: _Open) -> None:
        is_speck = {attributes.get("width"), attributes.get("height")} & _SPECK
        address = attributes.get("src") or ""
        self._has_pictures = self._has_pictures or bool(_FROM_THE_NET.match(address) and not is_speck)
        if _WITHIN.match(address) and not is_speck:
            self._pictures.append(PagePicture(attributes.get("alt") or "", _data_of(address)))
        if found := _PART.match(address):
            self._named.add(unquote(found[1]))
        if attributes.get("alt"):
            self._lines[-1].write(f"[{attributes['alt']}]", here)

    def _show_field(self, attributes: Mapping[str, str | None], here: _Open) -> None:
        """What is typed or ticked in a form."""
        kind = (attributes.get("type") or "text").lower()
        if kind in {"checkbox", "radio"}:
            self._lines[-1].write("[x]" if "checked" in attributes else "[ ]", here)
        elif kind not in _NOT_TYPED and attributes.get("value"):
            self._lines[-1].write(f"[{attributes['value']}]", here)

    def _mark_of_point(self) -> str:
        """The number of a new point of an ordered list, else a dash."""
        holder = next((each for each in reversed(self._open) if each.tag in {"ol", "ul"}), None)
        if holder is None or holder.tag == "ul":
            return "- "
        number, holder.point = holder.point, holder.point + 1
        return f"{chr(ord(holder.letters) + number - 1) if holder.letters and 1 <= number <= 26 else number}. "


def _data_of(address: str) -> bytes:
    """What stands in a `data:` address (RFC 2397); empty when it cannot be decoded."""
    head, _, data = address.partition(",")
    raw = unquote_to_bytes(data)
    if not head.rstrip().lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw + b"=" * (-len(b"".join(raw.split())) % 4))
    except ValueError:
        return b""
