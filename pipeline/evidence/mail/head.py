"""The beginning of an e-mail: by which headers a file is known as one."""

from __future__ import annotations

import re
from typing import Final

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


def is_message(head: bytes) -> bool:
    """Whether a file begins with the headers of an e-mail: header lines only, two that messages have, one of them written by a machine.

    A letter whose first lines are `Date:` and `To:` is none.  Neither is a message that was copied by hand with such lines only: it has
    no attachments to show, and as text all of it is shown.
    """
    lines: list[bytes] = []
    for line in re.split(rb"\r?\n", head.removeprefix(b"\xef\xbb\xbf"))[:-1]:
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
