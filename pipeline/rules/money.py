"""Fees, waivers, payment, and the parole fee that is never sent with the filing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.case.model import Role
from pipeline.rules.answers import NO_PAROLE_FEE_ITEMS, Charge, charge, parole_fee, parole_fee_day, work_permit_charge
from pipeline.rules.context import UNITED_STATES, RuleContext, day_at
from pipeline.rules.model import Check, Hit
from pipeline.rules.people import age_on

WAIVER_PROOF = ("benefit-letter", "tax-return", "pay-records", "hardship")
EXEMPTION_PROOF = ("fee-exemption", "military-id", "service-record", "approval-notice")
EXCEPTION_OF_REASON = {
    "medical": "medical-emergency",
    "dying-relative": "dying-relative",
    "funeral": "funeral",
    "organ-donor": "organ-donor",
    "law-enforcement": "law-enforcement-assistance",
}
_OF_AGE = 18
REASONS_OF_EXCEPTION: Mapping[str, frozenset[str]] = {
    "medical-emergency": frozenset({"medical"}),
    "parent-of-medical-minor": frozenset({"medical"}),
    "organ-donor": frozenset({"organ-donor"}),
    "dying-relative": frozenset({"dying-relative"}),
    "funeral": frozenset({"funeral"}),
    "adopted-child": frozenset({"medical", "family-need"}),
    "returned-for-hearing": frozenset({"court-or-witness"}),
    "law-enforcement-assistance": frozenset({"law-enforcement", "court-or-witness"}),
}


def fee_unknown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, fee in _charges(context):
        if fee.amount is None and not fee.exemption:
            yield Hit(f"{beneficiary.pointer}" if len(context.case.beneficiaries) > 1 else "/filing/fee")


def fee_differs(context: RuleContext) -> Iterator[Hit]:
    known = context.facts.fee(context.item, context.mode, "", context.as_of)
    if known and context.filing.get("fee", {}).get("amount", known.amount) != known.amount:
        yield Hit("/filing/fee/amount", source=known.cited)


def fee_read_long_ago(context: RuleContext) -> Iterator[Hit]:
    read = day_at(context.filing, "fee", "read_on")
    days = context.facts.ages["fees"]
    if read and (context.as_of - read).days > days:
        yield Hit("/filing/fee/read_on", {"days": str(days)})


def exemption_not_for_item(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, fee in _charges(context):
        if fee.exemption and fee.amount is None:
            yield Hit(_exemption_place(beneficiary))


def exemption_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, fee in _charges(context):
        shown = context.has_evidence(*EXEMPTION_PROOF, beneficiary=beneficiary)
        if fee.exemption and fee.amount is not None and not shown:
            yield Hit(_exemption_place(beneficiary))


def payment_missing(context: RuleContext) -> Iterator[Hit]:
    if context.filing.get("payment") == "none" and any(fee.due for fee in _dues(context)):
        yield Hit("/filing/payment")


def payment_for_nothing(context: RuleContext) -> Iterator[Hit]:
    known = all(fee.amount is not None for fee in _dues(context))
    if context.filing.get("payment") != "none" and known and not any(fee.amount for fee in _dues(context)):
        yield Hit("/filing/payment", source=next((fee.fact.cited for fee in _dues(context) if fee.fact), ""))


def payment_each_person(context: RuleContext) -> Iterator[Hit]:
    if context.mode == "paper" and sum(fee.due > 0 for fee in _dues(context)) > 1:
        yield Hit("/filing/payment")


def payment_no_checks(context: RuleContext) -> Iterator[Hit]:
    if context.mode == "paper" and any(fee.due for fee in _dues(context)):
        yield Hit("/filing/payment")


def card_of_a_bank_abroad(context: RuleContext) -> Iterator[Hit]:
    lives_abroad = context.country_of(context.case.petitioner) != UNITED_STATES
    by_card = context.mode == "paper" and context.filing.get("payment") == "card" and any(fee.due for fee in _dues(context))
    if by_card and lives_abroad and not context.case.representative:
        yield Hit("/filing/payment")


def waiver_online(context: RuleContext) -> Iterator[Hit]:
    if context.filing.get("payment") == "waiver" and context.mode == "online":
        yield Hit("/filing/payment")


def waiver_not_shown(context: RuleContext) -> Iterator[Hit]:
    shows_need = any(map(_is_petitioner, context.case.supporters)) and not any(waiver_income_high(context))
    own_income = ("supporter-income",) if shows_need else ()
    if context.filing.get("payment") == "waiver" and not context.has_evidence(*WAIVER_PROOF, *own_income):
        yield Hit("/filing/payment")


def waiver_income_high(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if context.filing.get("payment") != "waiver" or not _is_petitioner(supporter):
            continue
        guideline = context.facts.poverty(str(supporter.data["mailing_address"].get("state", "")), context.as_of)
        household = supporter.data.get("dependents_counting_self", 1)
        if guideline and supporter.data.get("annual_income", 0) > guideline.line(household, 150):
            yield Hit(context.place(supporter, "annual_income"))


def work_permit_own_payment(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        fee = work_permit_charge(context, beneficiary)
        if fee and fee.fact:
            yield Hit(f"{beneficiary.pointer}/wants_work_permit", {"amount": f"{fee.fact.amount:,}"}, source=fee.fact.cited)


def work_permit_payment_unsaid(context: RuleContext) -> Iterator[Hit]:
    asked = any(beneficiary.data.get("wants_work_permit") for beneficiary in context.case.beneficiaries)
    waived = context.mode == "paper" and context.filing.get("payment") == "waiver"
    if asked and waived and "permit_payment" not in context.filing:
        yield Hit("/filing/payment")


def parole_fee_at_port(context: RuleContext) -> Iterator[Hit]:
    return _parole_fee(context, "/request/stay/arrive_on") if context.from_abroad else iter(())


def parole_fee_on_return(context: RuleContext) -> Iterator[Hit]:
    return _parole_fee(context, "/request/trip") if context.is_item("5") else iter(())


def parole_fee_on_grant(context: RuleContext) -> Iterator[Hit]:
    return _parole_fee(context, "/kind") if context.is_item("8", "9", "10", "11") else iter(())


def parole_fee_task_force(context: RuleContext) -> Iterator[Hit]:
    if context.item in NO_PAROLE_FEE_ITEMS:
        yield Hit("/request/item")


def exception_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        claim = beneficiary.data.get("parole_fee_exception")
        fact = context.facts.parole_fee_exception(str(claim["exception"]), context.as_of) if claim else None
        if claim and fact:
            cited = {citation["exhibit"] for citation in claim["exhibits"]}
            kinds = {kind for exhibit in context.exhibits if exhibit.id in cited for kind in exhibit.evidence}
            if kinds.isdisjoint({*fact.proof, "fee-exception"}):
                yield Hit(context.place(beneficiary, "parole_fee_exception"), source=fact.cited)


def exception_not_for_request(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        claimed = str(beneficiary.data.get("parole_fee_exception", {}).get("exception", ""))
        fits = REASONS_OF_EXCEPTION.get(claimed)
        wrong_reason = fits is not None and bool(context.reasons) and fits.isdisjoint(context.reasons)
        wrong_item = claimed == "adjustment-applicant" and context.item != "5.A"
        if wrong_reason or wrong_item or not _of_age_for(claimed, beneficiary, context):
            yield Hit(context.place(beneficiary, "parole_fee_exception/exception"))


def _of_age_for(exception: str, claimant: Role, context: RuleContext) -> bool:
    """Whether an exception for a parent is claimed by an adult with a minor in the case, and that for an adopted child by a minor."""
    minors = [one for one in context.case.beneficiaries if (age_on(one, context.as_of) or 0) < _OF_AGE]
    if exception == "parent-of-medical-minor":
        return bool(minors) and claimant not in minors
    return exception != "adopted-child" or claimant in minors


def exception_unclaimed(context: RuleContext) -> Iterator[Hit]:
    if any("parole_fee_exception" in beneficiary.data for beneficiary in context.case.beneficiaries):
        return
    reasons = context.reasons if context.from_abroad else ()
    names = [EXCEPTION_OF_REASON.get(reason, "") for reason in reasons] + (["adjustment-applicant"] if context.item == "5.A" else [])
    for name in names:
        fact = context.facts.parole_fee_exception(name, context.as_of)
        if fact:
            yield Hit("/request/reasons" if context.from_abroad else "/request/item", {"exception": fact.title}, source=fact.cited)


def _is_petitioner(supporter: Role) -> bool:
    return supporter.pointers[-1] == "/petitioner"


def _charges(context: RuleContext) -> Iterator[tuple[Role, Charge]]:
    for beneficiary in context.case.beneficiaries:
        yield beneficiary, charge(context, beneficiary)


def _dues(context: RuleContext) -> list[Charge]:
    """Every fee to be paid with the filing: for each person Form I-131, and the work permit where it is asked for."""
    permits = (work_permit_charge(context, one) for one in context.case.beneficiaries)
    return [fee for _, fee in _charges(context)] + [fee for fee in permits if fee]


def _exemption_place(beneficiary: Role) -> str:
    own = "fee_exemption" in beneficiary.data
    return f"{beneficiary.pointer}/fee_exemption" if own else "/filing/fee_exemption"


def _parole_fee(context: RuleContext, pointer: str) -> Iterator[Hit]:
    fee = parole_fee(context)
    if fee:
        yield Hit(pointer, {"amount": fee.told(parole_fee_day(context))}, source=fee.cited)


CHECKS: Mapping[str, Check] = {
    "fee-unknown": fee_unknown,
    "fee-differs": fee_differs,
    "fee-read-long-ago": fee_read_long_ago,
    "exemption-not-for-item": exemption_not_for_item,
    "exemption-not-shown": exemption_not_shown,
    "payment-missing": payment_missing,
    "payment-for-nothing": payment_for_nothing,
    "payment-each-person": payment_each_person,
    "payment-no-checks": payment_no_checks,
    "card-of-a-bank-abroad": card_of_a_bank_abroad,
    "waiver-online": waiver_online,
    "waiver-not-shown": waiver_not_shown,
    "waiver-income-high": waiver_income_high,
    "work-permit-own-payment": work_permit_own_payment,
    "work-permit-payment-unsaid": work_permit_payment_unsaid,
    "parole-fee-at-port": parole_fee_at_port,
    "parole-fee-on-return": parole_fee_on_return,
    "parole-fee-on-grant": parole_fee_on_grant,
    "parole-fee-task-force": parole_fee_task_force,
    "exception-not-shown": exception_not_shown,
    "exception-not-for-request": exception_not_for_request,
    "exception-unclaimed": exception_unclaimed,
}
