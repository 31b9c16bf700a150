"""Reading an e-mail: which parts are the message's own words, which are attachments, and what the words are."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Final

from pipeline.evidence.enclosed import Enclosed

_SHOWN: Final = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
_UNSEEN: Final = frozenset({"head", "script", "style", "template", "title"})
_BLOCKS: Final = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "div",
        "dd",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
    }
    | {"h1", "h2", "h3", "h4", "h5", "h6", "section", "table", "tr", "ul"}
)
"""Elements of HTML that stand on lines of their own."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is read."""

    head: tuple[tuple[str, str], ...]
    """The headers that a reader sees, in the order they are printed."""
    words: str
    attachments: tuple[Enclosed, ...]
    had_layout: bool
    """Whether some of the words were there as HTML only, whose layout is not shown."""
    is_sealed: bool
    """Whether its words are encrypted."""


def read_message(data: bytes) -> Message:
    """The message in `data`; raises LookupError for a character set that is not known, ValueError and others for a malformed message."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    words: list[str] = []
    attachments: list[Enclosed] = []
    had_layout = False
    for part in _parts(message):
        if _is_words(part):
            text = _text_of(part)
            had_layout = had_layout or part.get_content_subtype() == "html"
            words.append(_text_of_html(text) if part.get_content_subtype() == "html" else text)
        else:
            attachments.append(Enclosed(_CONTROL.sub("", part.get_filename() or ""), _bytes_of(part)))
    head = tuple((name, _CONTROL.sub(" ", str(value))) for name in _SHOWN for value in message.get_all(name, ()))
    sealed = message.get_content_type() in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
    return Message(head, "\n".join(words).replace("\r\n", "\n"), tuple(attachments), had_layout, sealed)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts in reading order: of alternatives the one with plain text, or else the last, and every picture of any of them."""
    if message.get_content_type() == "multipart/alternative":
        choices = [list(_parts(child)) for child in _children(message)]
        chosen = next((choice for choice in choices if any(_is_plain(part) for part in choice)), choices[-1] if choices else [])
        yield from chosen
        yield from (part for choice in choices if choice is not chosen for part in choice if part.get_content_maintype() != "text")
    elif message.get_content_maintype() == "multipart":
        for child in _children(message):
            yield from _parts(child)
    else:
        yield message


def _children(message: EmailMessage) -> Iterator[EmailMessage]:
    payload = message.get_payload()
    yield from (part for part in payload if isinstance(part, EmailMessage)) if isinstance(payload, list) else ()


def _is_plain(part: EmailMessage) -> bool:
    return part.get_content_type() == "text/plain" and _is_words(part)


def _is_words(part: EmailMessage) -> bool:
    return part.get_content_type() in {"text/plain", "text/html"} and not part.is_attachment() and not part.get_filename()


def _bytes_of(part: EmailMessage) -> bytes:
    """The file in a part: a message within the message as it would be saved, text in UTF-8."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"\n".join(each.as_bytes() for each in inner if isinstance(each, EmailMessage))
    if part.get_content_maintype() == "text":
        return _text_of(part).encode()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text_of(part: EmailMessage) -> str:
    """The text in the character set that the part states; raises LookupError and UnicodeDecodeError when that does not work.

    A part that states none, or ASCII, is read as UTF-8, which ASCII is a part of: other bytes are hardly ever UTF-8 by chance.
    """
    payload = part.get_payload(decode=True)
    if part.get_content_charset("us-ascii") in {"us-ascii", "ascii"} and isinstance(payload, bytes):
        return payload.decode()
    return str(part.get_content(errors="strict"))


def _text_of_html(html: str) -> str:
    reader = _HtmlWords()
    reader.feed(html)
    reader.close()
    return reader.text()


class _HtmlWords(HTMLParser):
    """The words of a web page, with a line for each block; pictures give their alternative text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._hidden = 0
        if tag in _UNSEEN:
            self._hidden += 1
        self._pieces.append(self._mark(tag))
        alternative = dict(attrs).get("alt") if tag == "img" else None
        if alternative:
            self._pieces.append(f"[{alternative}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        self._pieces.append("\n" if self._mark(tag) == "\n" and tag != "br" else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._pieces.append(re.sub(r"\s+", " ", data))

    def _mark(self, tag: str) -> str:
        if tag == "br" or tag in _BLOCKS:
            return "\n"
        return "\t" if tag in {"td", "th"} else ""

    def text(self) -> str:
        """Lines without spaces at their ends, and never more than one empty line."""
        lines = (line.strip(" ") for line in "".join(self._pieces).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
