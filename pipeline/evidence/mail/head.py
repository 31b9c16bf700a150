"""The beginning of an e-mail: by which headers a file is known as one, and what may stand before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.policy import EmailPolicy
from typing import Final

_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?P<envelope>(?:>?From [^\r\n]*\r?\n)*)")
"""A byte-order mark, and the line that mailboxes set before each message (RFC 4155); some programs keep the line of an older mailbox."""
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
    """The message without what may stand before its headers."""
    found = _BEFORE.match(data)
    return data[found.end() :] if found else data


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
    for line in re.split(rb"\r?\n", without_envelope(head))[:-1]:
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


class RawHeaders(EmailPolicy):
    """The policy of Python's e-mail package, but for raw bytes in headers: those that are not UTF-8 are Windows-1252, as is common.

    Five bytes have no character in Windows-1252 and become U+FFFD.
    """

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        if value.isascii():
            return name, value
        return name, _in_utf_8(value.encode(errors="surrogateescape")).decode("ascii", "surrogateescape")


def _in_utf_8(raw: bytes) -> bytes:
    """Bytes that are UTF-8 as they are, others read as Windows-1252."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").encode()
    return raw
