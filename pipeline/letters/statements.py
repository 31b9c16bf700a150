"""What people sign beside the forms: declarations, translator's certificates, the request to expedite, claims on the parole fee.

Each is one template of `templates/letters/`.  They are drafts for ink: once signed and scanned, a declaration or a
certificate becomes an exhibit.
"""

from __future__ import annotations

from pipeline.errors import TemplateError
from pipeline.letters.context import ExhibitEntry, LetterContext
from pipeline.letters.documents import Rendered, document
from pipeline.letters.office import OURS, Office
from pipeline.letters.people import SupportEntry
from pipeline.letters.request import FeeClaim


def statement_documents(context: LetterContext, office: Office = OURS) -> dict[str, Rendered]:
    """Every statement that the case has a use for, by file name without ending.  Raises TemplateError."""
    made = {"declaration-petitioner": petitioner_declaration(context, office)}
    for entry, name in zip(context.support, _numbered("declaration-supporter", len(context.support)), strict=True):
        made[name] = supporter_declaration(context, entry, office)
    for claim, name in zip(context.claims, _numbered("parole-fee-exception", len(context.claims)), strict=True):
        made[name] = fee_exception(context, claim, office)
    if uncertified(context):
        made["translator-certificates"] = translator_certificates(context, office)
    if context.request.expedite:
        made["expedite-request"] = expedite_request(context, office)
    return made


def petitioner_declaration(context: LetterContext, office: Office = OURS) -> Rendered:
    """The petitioner's declaration under penalty of perjury, worded for the place they live at (28 U.S.C. 1746).

    Raises TemplateError.
    """
    return document("declaration-petitioner.typ.j2", context, office)


def supporter_declaration(context: LetterContext, entry: SupportEntry, office: Office = OURS) -> Rendered:
    """A supporter's declaration under penalty of perjury, from the facts of their Form I-134 (28 U.S.C. 1746).

    Raises TemplateError.
    """
    return document("declaration-supporter.typ.j2", context, office, entry=entry)


def uncertified(context: LetterContext) -> tuple[ExhibitEntry, ...]:
    """The exhibits with a translation that no certificate goes with."""
    roles = {exhibit.exhibit_id: {part.role for part in exhibit.parts} for exhibit in context.exhibits}
    return tuple(e for e in context.exhibits if "translation" in roles[e.exhibit_id] and "certificate" not in roles[e.exhibit_id])


def certified(context: LetterContext) -> tuple[ExhibitEntry, ...]:
    """The exhibits whose certificate of translation is made for ink and stands in the packet."""
    return tuple(exhibit for exhibit in context.exhibits if exhibit.translator)


def packet_certificates(context: LetterContext, office: Office = OURS) -> Rendered:
    """The certificates that stand in the packet, one page for each exhibit of `certified`, of which there is at least one.

    Raises TemplateError, also when a certificate does not fit on its page.
    """
    made = document("translator-certificate.typ.j2", context, office, uncertified=certified(context))
    if made.pages != len(certified(context)):
        message = f"{len(certified(context))} certificates made {made.pages} pages; each must fit on one page"
        remedy = "Shorten the translator's competence, or the title of the exhibit."
        raise TemplateError.one("template-certificate-length", "translator-certificate.typ.j2", message, remedy)
    return made


def translator_certificates(context: LetterContext, office: Office = OURS) -> Rendered:
    """A page for the translator to fill in and sign, for each exhibit without a certificate; there must be one (8 CFR 103.2(b)(3)).

    Raises TemplateError.
    """
    return document("translator-certificate.typ.j2", context, office, uncertified=uncertified(context))


def expedite_request(context: LetterContext, office: Office = OURS) -> Rendered:
    """The request to be decided out of turn; except for item 7 on paper with blanks for the receipt number and the day.

    The context must have `request.expedite`.  Raises TemplateError.
    """
    return document("expedite-request.typ.j2", context, office)


def fee_exception(context: LetterContext, claim: FeeClaim, office: Office = OURS) -> Rendered:
    """One person's claim to an exception from the immigration parole fee, for the officer who collects it.  Raises TemplateError."""
    return document("fee-exception.typ.j2", context, office, claim=claim)


def _numbered(name: str, count: int) -> list[str]:
    """The name, with a number behind it when there are several."""
    return [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]
