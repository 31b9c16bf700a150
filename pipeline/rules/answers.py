"""What the case and the law together say about fee, address, forms and facts.

The packet, the letters and the checklist ask here, so that they say the same as the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.case.model import Case, Role
from pipeline.law.facts import Facts
from pipeline.law.model import AddressFact, Fact, FeeFact, ParoleFeeFact
from pipeline.rules.context import RuleContext, day_at

NO_PAROLE_FEE_ITEMS = ("6.D", "8.B", "10.G")
"""Members of the Ms. L. settlement class do not pay the parole fee."""


@dataclass(frozen=True, slots=True)
class Charge:
    """The I-131 fee for one beneficiary in whole dollars; None when it is not known.

    `fact` is the shipped fact, None when the office gave the fee or it is unknown.  `waived`: a fee waiver is asked for
    instead, so that nothing is paid with the filing.  `exemption`: the one that the case claims, or empty.
    """

    amount: int | None
    fact: FeeFact | None
    waived: bool = False
    exemption: str = ""

    @property
    def due(self) -> int:
        """Dollars to be paid with the filing; 0 when waived or not known."""
        return 0 if self.waived or self.amount is None else self.amount


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the packet is mailed, line by line; no lines when it is not known.  `fact`: None when the office gave it."""

    lines: tuple[str, ...]
    fact: AddressFact | None


@dataclass(frozen=True, slots=True)
class ParoleFee:
    """The fee of Pub. L. 119-21 as it stands on the day expected for entry or grant: never sent with the filing."""

    on: date
    fact: ParoleFeeFact


def charge(case: Case, beneficiary: Role, facts: Facts, as_of: date) -> Charge:
    """The I-131 fee for one beneficiary: the exemption claimed when a fact grants it, else what the office read, else the general fee."""
    context = RuleContext(case, as_of, facts)
    filing = context.filing
    waived = filing.get("payment") == "waiver"
    exemption = str(beneficiary.data.get("fee_exemption") or filing.get("fee_exemption", ""))
    if exemption and (granted := facts.fee(context.item, context.mode, exemption, as_of)):
        return Charge(granted.amount, granted, exemption=exemption)
    if "fee" in filing:
        return Charge(int(filing["fee"]["amount"]), None, waived, exemption)
    if exemption:
        return Charge(None, None, exemption=exemption)
    fact = facts.fee(context.item, context.mode, "", as_of)
    return Charge(fact.amount if fact else None, fact, waived)


def work_permit_charge(case: Case, beneficiary: Role, facts: Facts, as_of: date) -> Charge | None:
    """The fee for the work permit asked for in Part 9, as its own payment and never waived; None when none is asked for."""
    if not beneficiary.data.get("wants_work_permit"):
        return None
    fact = facts.fee("part-9", RuleContext(case, as_of, facts).mode, "", as_of)
    return Charge(fact.amount if fact else None, fact)


def destination(case: Case, facts: Facts, as_of: date) -> Destination | None:
    """Where the packet is mailed: what the office gave, else the shipped address; None when it is filed online."""
    context = RuleContext(case, as_of, facts)
    if context.mode == "online":
        return None
    if "address" in context.filing:
        return Destination(tuple(context.filing["address"]["lines"]), None)
    if "filed_with" in context.request:
        return Destination((), None)
    fact = published_address(case, facts, as_of)
    return Destination(fact.lines(str(context.filing.get("carrier", "usps"))) if fact else (), fact)


def published_address(case: Case, facts: Facts, as_of: date) -> AddressFact | None:
    """The shipped address for the request by its carrier, from where the petitioner lives, whatever address the case gives."""
    context = RuleContext(case, as_of, facts)
    home = case.petitioner.data.get("physical_address") or case.petitioner.data["mailing_address"]
    carrier, receipt = str(context.filing.get("carrier", "usps")), str(context.request.get("receipt", ""))
    return facts.address(context.item, carrier, as_of, state=str(home.get("state", "")), receipt=receipt)


def parole_fee(case: Case, facts: Facts, as_of: date) -> ParoleFee | None:
    """The parole fee on the day of the intended arrival or return, or on `as_of` for a person here; None when none is due."""
    context = RuleContext(case, as_of, facts)
    if context.item in NO_PAROLE_FEE_ITEMS:
        return None
    on = as_of
    if context.from_abroad:
        on = day_at(context.request, "stay", "arrive_on") or as_of
    elif "trip" in context.request:
        on = (day_at(context.request, "trip", "departs_on") or as_of) + timedelta(days=int(context.request["trip"]["days"]))
    fact = facts.parole_fee(on)
    return ParoleFee(on, fact) if fact else None


def forms_used(case: Case, facts: Facts, as_of: date) -> tuple[str, ...]:
    """The forms of the packet by name, payment forms included, in the order of assembly."""
    context = RuleContext(case, as_of, facts)
    forms = {"card": "G-1450", "bank": "G-1650", "waiver": "I-912"}
    paid = [forms[how] for how in (context.filing.get("permit_payment"), context.filing.get("payment")) if how in forms]
    on_paper = context.mode == "paper"
    wanted = {
        **dict.fromkeys(paid, on_paper),
        "G-1145": on_paper,
        "G-28": case.representative is not None,
        "I-131": True,
        "I-134": bool(case.supporters),
    }
    return tuple(form for form, used in wanted.items() if used)


def facts_used(case: Case, facts: Facts, as_of: date) -> tuple[Fact, ...]:
    """Every fact of law that this case's packet rests on, each once, in the order in which it is met."""
    context = RuleContext(case, as_of, facts)
    sent_to = destination(case, facts, as_of)
    collected = parole_fee(case, facts, as_of)
    met: list[Fact | None] = [facts.kind(case.kind, as_of), context.item_fact, facts.program_of_item(context.item, as_of)]
    met += [facts.edition(form, as_of) for form in forms_used(case, facts, as_of)]
    met += [sent_to.fact if sent_to else None, collected.fact if collected else None]
    for beneficiary in case.beneficiaries:
        permit = work_permit_charge(case, beneficiary, facts, as_of)
        met += [charge(case, beneficiary, facts, as_of).fact, permit.fact if permit else None]
        claimed = beneficiary.data.get("parole_fee_exception")
        met.append(facts.parole_fee_exception(str(claimed["exception"]), as_of) if claimed else None)
        met += facts.notices(countries_of(beneficiary), as_of)
    for supporter in case.supporters:
        met.append(facts.poverty(str(supporter.data["mailing_address"].get("state", "")), as_of))
    return tuple({fact.id: fact for fact in met if fact}.values())


def countries_of(role: Role) -> tuple[str, ...]:
    """The countries of someone's citizenship and birth."""
    return tuple(str(country) for country in (role.data.get("citizenship"), role.data.get("birth", {}).get("country")) if country)
