"""Words of a case that mean something real that this program does not file, and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from pipeline.law.load import load_facts
from pipeline.law.model import ProgramStatus


class Refusal(Struct, frozen=True):
    """Why a word is refused: message and remedy as a finding prints them, and the source."""

    message: str
    remedy: str
    source: str = ""


_TRAVEL_DOCUMENTS = Refusal(
    "items 1 to 3 of Part 1 are reentry permits and refugee travel documents, not parole",
    "File those by hand; this program makes packets for items 4 to 11.",
    "Form I-131 edition 01/20/25, Part 1",
)


def refusal(path: Sequence[str | int], value: object, allowed: str) -> Refusal | None:
    """The reason for refusing a word at a path of the case, or None when it is merely unknown.

    `allowed` names the words that may stand there.  An ended program is refused with the facts of law about it, which
    name the program and never the rest of the case.
    """
    if not isinstance(value, str):
        return None
    if list(path) == ["request", "item"] and value.strip().partition(".")[0] in {"1", "2", "3"}:
        return _TRAVEL_DOCUMENTS
    return _ended(value.strip().lower(), allowed) if list(path) == ["kind"] else None


def _ended(kind: str, allowed: str) -> Refusal | None:
    program = load_facts().program(kind, date.max)
    if program is None or program.status is not ProgramStatus.ENDED:
        return None
    return Refusal(
        f"new requests under {program.title} are not taken: {program.summary}",
        f"Choose another kind if one fits: {allowed}.",
        program.cited,
    )
