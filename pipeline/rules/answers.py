"""What the case and the law together say about fee, address, forms and facts.

The packet, the letters and the checklist ask here, so that they say the same as the rules.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from pipeline.case.model import Role
from pipeline.law.model import AddressFact, Fact, FeeFact, ParoleFeeFact
from pipeline.rules.context import RuleContext, day_at, return_day

NO_PAROLE_FEE_ITEMS = ("6.D", "8.B", "10.G")
"""Members of the Ms. L. settlement class do not pay the parole fee."""

PAYMENT_FORMS = {"card": "G-1450", "bank": "G-1650"}
"""The form of each way to pay; it goes with a filing on paper."""


class Charge(Struct, frozen=True):
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


class Destination(Struct, frozen=True):
    """Where the packet is mailed, line by line; no lines when it is not known.  `fact`: None when the office gave it."""

    lines: tuple[str, ...]
    fact: AddressFact | None


def charge(context: RuleContext, beneficiary: Role) -> Charge:
    """The I-131 fee for one beneficiary: the exemption claimed when a fact grants it, else what the office read, else the general fee."""
    filing, facts = context.filing, context.facts
    waived = filing.get("payment") == "waiver"
    exemption = str(beneficiary.data.get("fee_exemption") or filing.get("fee_exemption", ""))
    if exemption and (granted := facts.fee(context.item, context.mode, exemption, context.as_of)):
        return Charge(granted.amount, granted, exemption=exemption)
    if "fee" in filing:
        return Charge(int(filing["fee"]["amount"]), None, waived, exemption)
    if exemption:
        return Charge(None, None, exemption=exemption)
    fact = facts.fee(context.item, context.mode, "", context.as_of)
    return Charge(fact.amount if fact else None, fact, waived)


def work_permit_charge(context: RuleContext, beneficiary: Role) -> Charge | None:
    """The fee for the work permit asked for in Part 9, as its own payment and never waived; None when none is asked for."""
    if not beneficiary.data.get("wants_work_permit"):
        return None
    fact = context.facts.fee("part-9", context.mode, "", context.as_of)
    return Charge(fact.amount if fact else None, fact)


def destination(context: RuleContext) -> Destination | None:
    """Where the packet is mailed: what the office gave, else the shipped address; None when it is filed online."""
    if context.mode == "online":
        return None
    if "address" in context.filing:
        return Destination(tuple(context.filing["address"]["lines"]), None)
    if "filed_with" in context.request:
        return Destination((), None)
    fact = published_address(context)
    return Destination(fact.lines(carrier_of(context)) if fact else (), fact)


def published_address(context: RuleContext) -> AddressFact | None:
    """The shipped address for the request and for the place that the petitioner lives at, whatever address the case gives."""
    home = context.case.petitioner.data.get("physical_address") or context.case.petitioner.data["mailing_address"]
    receipt = str(context.request.get("receipt", ""))
    return context.facts.address(context.item, carrier_of(context), context.as_of, state=str(home.get("state", "")), receipt=receipt)


def carrier_of(context: RuleContext) -> str:
    """Who brings a filing on paper."""
    return str(context.filing.get("carrier", "usps"))


def parole_fee(context: RuleContext) -> ParoleFeeFact | None:
    """The fee of Pub. L. 119-21 on its day, which is never sent with the filing; None when none is due."""
    return None if context.item in NO_PAROLE_FEE_ITEMS else context.facts.parole_fee(parole_fee_day(context))


def parole_fee_day(context: RuleContext) -> date:
    """The day of the intended arrival or return, or for a person who is here that of the check."""
    if context.from_abroad:
        return day_at(context.request, "stay", "arrive_on") or context.as_of
    return return_day(context.request) or context.as_of


def forms_used(context: RuleContext) -> tuple[str, ...]:
    """The forms of the packet by name, payment forms included, in the order of assembly."""
    forms = {**PAYMENT_FORMS, "waiver": "I-912"}
    paid = [forms[how] for how in (context.filing.get("permit_payment"), context.filing.get("payment")) if how in forms]
    on_paper = context.mode == "paper"
    wanted = {
        **dict.fromkeys(paid, on_paper),
        "G-1145": on_paper,
        "G-28": context.case.representative is not None,
        "I-131": True,
        "I-134": bool(context.case.supporters),
    }
    return tuple(form for form, used in wanted.items() if used)


def facts_used(context: RuleContext) -> tuple[Fact, ...]:
    """Every fact of law that this case's packet rests on, each once, in the order in which it is met."""
    case, facts, as_of = context.case, context.facts, context.as_of
    sent_to = destination(context)
    met: list[Fact | None] = [facts.kind(case.kind, as_of), context.item_fact, facts.program_of_item(context.item, as_of)]
    met += [facts.edition(form, as_of) for form in forms_used(context)]
    met += [sent_to.fact if sent_to else None, parole_fee(context)]
    for beneficiary in case.beneficiaries:
        permit = work_permit_charge(context, beneficiary)
        met += [charge(context, beneficiary).fact, permit.fact if permit else None]
        claimed = beneficiary.data.get("parole_fee_exception")
        met.append(facts.parole_fee_exception(str(claimed["exception"]), as_of) if claimed else None)
        met += facts.notices(countries_of(beneficiary), as_of)
    for supporter in case.supporters:
        met.append(facts.poverty(str(supporter.data["mailing_address"].get("state", "")), as_of))
    return tuple({fact.id: fact for fact in met if fact}.values())


_BARS = ((365, "ten-year"), (181, "three-year"))
"""Days of unlawful presence from which a departure starts a bar of INA 212(a)(9)(B)(i), longest first."""


def bar_of(role: Role) -> str:
    """The bar that a departure would start by the case's count of unlawful presence: three-year, ten-year, or empty for none."""
    days = role.data.get("immigration", {}).get("unlawful_presence_days", 0)
    return next((bar for least, bar in _BARS if days >= least), "")


def countries_of(role: Role) -> tuple[str, ...]:
    """The countries of someone's citizenship and birth."""
    return tuple(str(country) for country in (role.data.get("citizenship"), role.data.get("birth", {}).get("country")) if country)
