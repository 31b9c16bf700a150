"""The beginning of an e-mail: by which headers a file is known as one, and what may stand before them."""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from typing import Any, Final, cast

from pipeline.evidence.mail.whole import CutOffError
from pipeline.sealed import Sealed

SHOWN: Final = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
"""The headers that a reader sees."""
_NAMING: Final = ("Content-Disposition", "Content-Type")
"""Headers with the names of attached files."""
UNSTATED: Final = frozenset({"ascii", "binary", "default", "unknown", "unknown-8bit", "us-ascii", "x-unknown"})
"""What programs write where they do not know the character set."""
OTHER_NAMES: Final = {
    "cp-850": "cp850",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "x-gbk": "gbk",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
}
"""Names of character sets that Python does not know (WHATWG, Encoding, 4.2; RFC 1556)."""
_USUAL: Final = "windows-1252"

_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?P<length>\d{1,9}) *\r?\n(?=[!-9;-~]+:))?(?P<envelope>(?:>?From [^\r\n]*\r?\n)*)")
"""A byte-order mark; the length of the message, as Apple Mail has it; and the line that mailboxes set before each message (RFC 4155).

Some programs keep the line of an older mailbox.
"""
_SAVED_PAGE: Final = re.compile(rb"^(?:Snapshot-Content-Location:|From: \W{0,2}Saved by )", re.IGNORECASE | re.MULTILINE)
"""Headers of a web page that a browser saved with all its parts."""
_NEXT: Final = re.compile(rb"\n\r?\nFrom [^\r\n]*\d\d:\d\d[^\r\n]*\r?\n[!-9;-~]+:")
"""Where the next message of a mailbox begins."""
_HEADER: Final = re.compile(rb"[!-9;-~]+[ \t]*:")
"""A header line begins with a name of visible ASCII (RFC 5322, 2.2)."""
_TYPED: Final = frozenset({b"date", b"from", b"subject", b"to"})
"""Headers that messages have, and letters too."""
_BY_MACHINE: Final = frozenset(
    {
        b"authentication-results",
        b"content-transfer-encoding",
        b"content-type",
        b"delivered-to",
        b"dkim-signature",
        b"message-id",
        b"mime-version",
        b"received",
        b"return-path",
    }
)
"""Headers that programs write and people do not."""
_RECEIVED: Final = re.compile(rb"received[ \t]*:\s*(?:from\s+\S+\s+(?:\(|by\s)|by\s+\S+\s+(?:\(|with\s|id\s|via\s))", re.IGNORECASE)
"""From and by which host (RFC 5321, 4.4); in a letter the word stands before a day."""


def without_envelope(data: bytes) -> bytes:
    """The message without what may stand before its headers; with a length before it, also without what stands behind the message.

    Raises CutOffError when less is there than the length says.
    """
    found = _BEFORE.match(data)
    if not found or not found["length"]:
        return _headed(data)
    message = data[found.end() : found.end() + int(found["length"])]
    if len(message) < int(found["length"]):
        raise CutOffError("less than the length of the message")
    return message


def _headed(data: bytes) -> bytes:
    found = _BEFORE.match(data)
    return data[found.end() :] if found else data


def is_saved_page(data: bytes) -> bool:
    """Whether a message is no letter but a web page that a browser saved (MHTML)."""
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    return bool(_SAVED_PAGE.search(head))


def is_mailbox(data: bytes) -> bool:
    """Whether a file has the line of a mailbox before its first message, and before another one."""
    found = _BEFORE.match(data)
    return bool(found and found["envelope"] and _NEXT.search(data))


def is_message(head: bytes) -> bool:
    """Whether a file begins with the headers of an e-mail: header lines only, two that messages have, one of them written by a machine.

    A letter whose first lines are `Date:` and `To:` is none.  Neither is a message that was copied by hand with such lines only: it has
    no attachments to show, and as text all of it is shown.
    """
    lines: list[bytes] = []
    for line in re.split(rb"\r?\n", _headed(head))[:-1]:
        if not line:
            break
        if line[:1] in b" \t" and lines:
            lines[-1] += b"\n" + line
            continue
        if not _HEADER.match(line):
            return False
        lines.append(line)
    names = {_name(line) for line in lines if _name(line) != b"received" or _RECEIVED.match(line)}
    return bool(names & _BY_MACHINE) and len(names & (_BY_MACHINE | _TYPED)) >= 2


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


class Parsed(Sealed, frozen=True):
    """A message, and what is not certain about its headers."""

    message: EmailMessage
    guessed: str = ""
    """The character set in which raw headers were read, when they do not say theirs and are not UTF-8."""
    is_told: bool = False
    """Whether the message's words state that character set."""


def parsed(data: bytes) -> Parsed:
    """The message in `data`.  Headers of raw bytes that are not UTF-8 are read in the character set of the words, else as Windows-1252."""
    message = _message(data, RawHeaders())
    if data.isascii() or not _has_unknown_headers(data):
        return Parsed(message)
    told = _charset_of_words(message)
    return Parsed(_message(data, RawHeaders.of(told)) if told else message, told or _USUAL, bool(told))


def _message(data: bytes, policy: Policy[Any]) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(data, EmailMessage, policy=policy))


def _has_unknown_headers(data: bytes) -> bool:
    """Whether a header that is shown, of this message or of one within it, has raw bytes that are not UTF-8."""
    shown = {name.lower() for name in (*SHOWN, *_NAMING)}
    parts = _message(data, EmailPolicy()).walk()
    raw = (str(value) for part in parts for name, value in part.raw_items() if name.lower() in shown)
    return any(not _is_utf_8(value.encode(errors="surrogateescape")) for value in raw if not value.isascii())


def _charset_of_words(message: EmailMessage) -> str:
    """The character set that the words state, if it is known and has ASCII's letters where ASCII has them; empty for UTF-8 too."""
    for part in message.walk():
        stated = part.get_content_charset("") if part.get_content_maintype() == "text" else ""
        stated = OTHER_NAMES.get(stated, stated)
        try:
            if stated and b"From".decode(stated) == "From" and codecs.lookup(stated).name not in {"ascii", "utf-8"}:
                return stated
        except (LookupError, UnicodeDecodeError):
            continue
    return ""


class RawHeaders(EmailPolicy):
    """The policy of Python's e-mail package, but for raw bytes in headers: those that are not UTF-8 are read in another character set.

    Bytes that have no character there, nor in Windows-1252, become U+FFFD.
    """

    raw_charset: str = _USUAL

    @classmethod
    def of(cls, charset: str) -> RawHeaders:
        """Reads them in this character set; the package takes every attribute of a policy as an argument, which its types do not say."""
        return cast(RawHeaders, cast(Any, cls)(raw_charset=charset))

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        if value.isascii():
            return name, value
        raw = value.encode(errors="surrogateescape")
        return name, (raw if _is_utf_8(raw) else self._decoded(raw).encode()).decode("ascii", "surrogateescape")

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self.raw_charset)
        except UnicodeDecodeError:
            return raw.decode(_USUAL, "replace")


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
