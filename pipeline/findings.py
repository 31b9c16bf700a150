"""A finding: one thing a person should know about a case or a packet."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How much a finding weighs: an open error keeps a packet a draft."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(Struct, frozen=True):
    """One finding.  Never holds a value of the case: only names, places and remedies."""

    rule: str
    """Stable id, such as `exhibit-uncited`."""
    level: Level
    where: str
    """`case.json:41:17 /beneficiaries/0/date_of_birth`, a file as the user named it, or `packet page 31`."""
    message: str
    """One sentence: what is wrong."""
    remedy: str = ""
    """One sentence: what to do about it."""
    source: str = ""
    """Where the rule comes from, with the date it was read; empty for plain format rules."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean "petitioner"?`, to stand behind the message about an unknown word; empty when none comes near."""
    near = get_close_matches(word, list(known), 1)
    return f'; did you mean "{near[0]}"?' if near else ""
