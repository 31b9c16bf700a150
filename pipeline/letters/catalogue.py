"""The documents that templates are filled for, and the names that each is given beside those of the context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.case.skeleton import kinds
from pipeline.letters.context import ExhibitEntry, LetterContext
from pipeline.letters.documents import Rendered, checklist, cover_letter, evidence_index, exhibit_sheets
from pipeline.letters.guidance import Section, Sentence
from pipeline.letters.office import Office
from pipeline.letters.people import Person, SupportEntry
from pipeline.letters.reminders import Reminder
from pipeline.letters.request import FeeClaim
from pipeline.letters.stage import Answer, Notice, Stage
from pipeline.letters.statements import certified, packet_certificates, statement_documents
from pipeline.letters.traveler import Traveler

Maker = Callable[[LetterContext, Office], Mapping[str, Rendered]]
"""Makes some of the documents of a case, by file name without ending."""

Names = Mapping[str, Any]
"""A name to the type hint of its value."""

TEMPLATES: Mapping[str, Names] = {
    **{f"cover/{kind}.typ.j2": {} for kind in kinds()},
    "index.typ.j2": {},
    "exhibit-sheets.typ.j2": {},
    "checklist.typ.j2": {"reminders": tuple[Reminder, ...]},
    "declaration-petitioner.typ.j2": {},
    "declaration-supporter.typ.j2": {"entry": SupportEntry},
    "translator-certificate.typ.j2": {"uncertified": tuple[ExhibitEntry, ...]},
    "expedite-request.typ.j2": {},
    "fee-exception.typ.j2": {"claim": FeeClaim},
    "stages/client.typ.j2": {"stage": Stage, "steps": tuple[Section, ...], "asked_for": str},
    "stages/sources.typ.j2": {"stage": Stage, "sentences": tuple[Sentence, ...]},
    "stages/arrival.typ.j2": {
        "stage": Stage,
        "sections": tuple[Section, ...],
        "travelers": tuple[Traveler, ...],
        "arrived": bool,
        "begins": date | None,
    },
    "stages/ds160.typ.j2": {"stage": Stage, "traveler": Traveler, "receipt": str},
    "stages/response-letter.typ.j2": {"notice": Notice, "answers": tuple[Answer, ...], "people": tuple[Person, ...]},
    "stages/response-checklist.typ.j2": {"notice": Notice, "sections": tuple[Section, ...], "target_days": int},
}
"""Every file of `templates/letters/` that is filled, and what it is given beside the context; the others are parts of these."""


def filing_makers(context: LetterContext) -> Sequence[Maker]:
    """What makes the documents of a filing: letter, index, sheets, certificates, checklist, and what people sign."""
    sheets: list[Maker] = [lambda context, office: {"exhibit-sheets": exhibit_sheets(context, office)}] if context.exhibits else []
    certificates: list[Maker] = (
        [lambda context, office: {"certificates-of-translation": packet_certificates(context, office)}] if certified(context) else []
    )
    return (
        lambda context, office: {"cover-letter": cover_letter(context, office)},
        lambda context, office: {"evidence-index": evidence_index(context, office)},
        *sheets,
        *certificates,
        lambda context, office: {"checklist": checklist(context, office)},
        statement_documents,
    )
