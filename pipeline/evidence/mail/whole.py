"""Whether an e-mail is whole: what its parts promise and what is there."""

from __future__ import annotations

import re
from email.errors import CloseBoundaryNotFoundDefect, NoBoundaryInMultipartDefect, StartBoundaryNotFoundDefect
from email.message import EmailMessage
from typing import Final

_WITHOUT_PARTS: Final = (NoBoundaryInMultipartDefect, StartBoundaryNotFoundDefect)
_BASE64: Final = re.compile(r"(?P<letters>[A-Za-z0-9+/]*)(?P<padding>={0,2})")
_SPACE: Final = re.compile(r"\s+")
_HALF_A_SIGN: Final = re.compile(r"=[0-9A-Fa-f]?\Z")
"""Quoted-printable that goes on after its end: a line that is continued, or one of two digits."""


class CutOffError(ValueError):
    """Some of a message is certainly missing."""


def doubt_about(message: EmailMessage) -> str:
    """Why some of the message may be missing, in words for a finding; empty when nothing says so.

    Raises CutOffError when something is certainly missing.  Plain words that break off at the end of the file cannot be told from whole
    ones.
    """
    parts = list(message.walk())
    if any(isinstance(defect, _WITHOUT_PARTS) for part in parts for defect in part.defects):
        raise CutOffError("no part of a message that should have parts")
    is_open = any(isinstance(defect, CloseBoundaryNotFoundDefect) for part in parts for defect in part.defects)
    last = parts[-1]
    if (is_open or last is message) and _encoding(last) == "quoted-printable" and _HALF_A_SIGN.search(_raw(last)):
        raise CutOffError("quoted-printable without its end")
    unsure = [_base64_doubt(part, is_open and part is last) for part in parts if _encoding(part) == "base64"]
    end = "the message lacks the mark of its end: it may be cut off" if is_open else ""
    return end or next(filter(None, unsure), "")


def _base64_doubt(part: EmailMessage, is_at_the_end: bool) -> str:
    found = _BASE64.fullmatch(_SPACE.sub("", _raw(part)))
    if found is None:
        return "a part of the message has signs that its coding (base64) does not know: words may be missing"
    letters = len(found["letters"])
    lacks_padding = (letters + len(found["padding"])) % 4 != 0
    if letters % 4 == 1 or (lacks_padding and is_at_the_end):
        raise CutOffError("base64 without its end")
    return "a part of the message ends within its coding (base64): it may be cut off" if lacks_padding else ""


def _encoding(part: EmailMessage) -> str:
    return "" if part.is_multipart() else str(part.get("content-transfer-encoding", "")).strip().lower()


def _raw(part: EmailMessage) -> str:
    payload = part.get_payload()
    return payload if isinstance(payload, str) else ""
