"""Where a packet goes and what it costs, as letters print it and as payment pages say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from pipeline.case.model import Case, Role
from pipeline.law.model import Confidence
from pipeline.letters.context import Fee, Filing
from pipeline.letters.people import Address
from pipeline.letters.wording import and_list, possessive
from pipeline.packet.examine import Examined
from pipeline.rules.answers import PAYMENT_FORMS, Charge, charge, destination, facts_used, work_permit_charge
from pipeline.rules.context import RuleContext

_DELIVERY = {"usps": "By U.S. Postal Service", "courier": "By courier"}
_EXEMPT = {
    "armed-forces": "{who} is a current or former member of the U.S. armed forces",
    "sij": "{who} is seeking or has special immigrant juvenile classification",
    "t-nonimmigrant": "{who} is seeking or has T nonimmigrant status",
    "u-nonimmigrant": "{who} is seeking or has U nonimmigrant status",
    "vawa": "{who} is a VAWA self-petitioner or derivative",
    "afghan-iraqi-special-immigrant": "{who} is an Afghan or Iraqi special immigrant",
    "i485-fee-paid-2007-2024": "{whose} pending Form I-485 was filed with its fee between July 30, 2007, and March 31, 2024",
}
_SET, _KNOWN = "none is set for {requests}", "none is known to be due for {requests}"
"""Without an exemption: what was read in the fee schedule, by the office or by us; and what others say of it."""


class Payment(Struct, frozen=True):
    """One fee to be paid by a form of its own; `what` is request or work-permit."""

    beneficiary: Role
    what: str
    dollars: int


class FilingFacts(Struct, frozen=True):
    """The filing as letters print it, every payment it needs, and the ids of the facts it rests on."""

    filing: Filing
    payments: tuple[Payment, ...]
    facts: tuple[str, ...]


def filing_of(examined: Examined) -> FilingFacts:
    """The address, fee and payments of a case; what is unknown is None, and the rules have named it."""
    case, context = examined.case, RuleContext(examined.case, examined.as_of, examined.facts)
    given = case.data["filing"]
    paper = given["mode"] == "paper"
    carrier = str(given.get("carrier", "usps")) if paper else None
    to = destination(context)
    charges = [charge(context, beneficiary) for beneficiary in case.beneficiaries]
    permits = [work_permit_charge(context, beneficiary) for beneficiary in case.beneficiaries]
    form = payment_form(case)
    filing = Filing(
        str(given["mode"]),
        carrier,
        Address(to.lines) if to and to.lines else None,
        _DELIVERY[carrier] if carrier else None,
        _fee(case.beneficiaries, charges, form),
        _permit_fee(permits, form),
        tuple(_exempt(case.beneficiaries, charges)) if any(c.amount != 0 for c in charges) else (),
    )
    return FilingFacts(filing, tuple(_payments(case.beneficiaries, charges, permits)), tuple(fact.id for fact in facts_used(context)))


def payment_form(case: Case) -> str | None:
    """The form that pays on paper, with a fee waiver the one for what a waiver never covers; None where nothing is paid by form."""
    given = case.data["filing"]
    paid = given.get("permit_payment") or given["payment"]
    return PAYMENT_FORMS.get(str(paid)) if given["mode"] == "paper" else None


def response_filing(case: Case) -> Filing:
    """Where the response to a notice goes: the address that the notice gives, else the online account; it costs nothing."""
    lines, free = case.data["stage"]["notice"].get("address"), Fee(0, 0, exemption="the response to a notice costs nothing")
    return Filing("paper", address=Address(tuple(lines)), fee=free) if lines else Filing("online", fee=free)


def _fee(beneficiaries: Sequence[Role], charges: Sequence[Charge], form: str | None) -> Fee | None:
    """The fee of all requests; None when it is not known for someone who has to pay."""
    paying = [c for c in charges if c.amount != 0]
    if not paying:
        return Fee(0, 0, exemption=_exemption(beneficiaries, charges), confirmed=all(map(_is_confirmed, charges)))
    if any(c.amount is None for c in paying):
        return None
    return Fee(paying[0].amount or 0, len(paying), form, paying[0].waived)


def _exemption(beneficiaries: Sequence[Role], charges: Sequence[Charge]) -> str:
    """Why no fee is due from anybody: said once when all share the reason, else person by person."""
    if len({c.exemption for c in charges}) > 1:
        return and_list(list(_exempt(beneficiaries, charges)))
    one = len(charges) == 1
    requests = "this request" if one else "these requests"
    who, whose = ("the beneficiary", "the") if one else ("each beneficiary", "each")
    return _reason(charges[0]).format(who=who, whose=whose, requests=requests)


def _reason(claimed: Charge) -> str:
    """Why no fee is due, with places for the names."""
    return _EXEMPT.get(claimed.exemption, _SET if _is_confirmed(claimed) else _KNOWN)


def _is_confirmed(claimed: Charge) -> bool:
    """Whether the charge was read at its source; the office has read what it gives."""
    return claimed.fact is None or claimed.fact.confidence is Confidence.HIGH


def _exempt(beneficiaries: Sequence[Role], charges: Sequence[Charge]) -> Iterator[str]:
    """Why no fee is due from each person who pays none, with the person's name."""
    for person, claimed in zip(beneficiaries, charges, strict=True):
        if claimed.amount == 0:
            name = person.full_name
            yield _reason(claimed).format(who=name, whose=possessive(name), requests=f"the request of {name}")


def _permit_fee(permits: Sequence[Charge | None], form: str | None) -> Fee | None:
    """The fee of the work permits asked for with re-parole, which is never waived; None when none is asked for or it is not known."""
    asked = [permit for permit in permits if permit]
    if not asked or any(permit.amount is None for permit in asked):
        return None
    return Fee(asked[0].amount or 0, len(asked), form)


def _payments(beneficiaries: Sequence[Role], charges: Sequence[Charge], permits: Sequence[Charge | None]) -> Iterator[Payment]:
    for beneficiary, request, permit in zip(beneficiaries, charges, permits, strict=True):
        if request.due:
            yield Payment(beneficiary, "request", request.due)
        if permit and permit.due:
            yield Payment(beneficiary, "work-permit", permit.due)
