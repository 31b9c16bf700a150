"""What happened before: visas, petitions, proceedings, removal orders and unlawful presence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.case.model import Role
from pipeline.rules.answers import bar_of
from pipeline.rules.context import RuleContext
from pipeline.rules.model import Check, Hit
from pipeline.rules.papers import immigration

DECISIONS = ("petition-decision", "waiver-decision", "earlier-parole-decision", "approval-notice")
_DECIDED = {"approved", "denied", "revoked"}


def visa_not_shown(context: RuleContext) -> Iterator[Hit]:
    applied = any(immigration(beneficiary).get("visa_applications") for beneficiary in context.case.beneficiaries)
    if context.is_item("7") and not applied and not context.has_evidence("visa-application", "visa-refusal"):
        yield Hit("/exhibits")


def visa_refusal_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, pointer, visa in _entries(context, "visa_applications"):
        if visa["outcome"] == "refused" and not context.has_evidence("visa-refusal", beneficiary=beneficiary):
            yield Hit(pointer)


def visa_open(context: RuleContext) -> Iterator[Hit]:
    for _, pointer, visa in _entries(context, "visa_applications"):
        if context.from_abroad and visa["outcome"] in {"issued", "pending"}:
            yield Hit(f"{pointer}/outcome")


def petition_decision_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, pointer, earlier in _entries(context, "earlier_requests"):
        if earlier["outcome"] in _DECIDED and not context.has_evidence(*DECISIONS, beneficiary=beneficiary):
            yield Hit(pointer)


def petition_pending_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, pointer, earlier in _entries(context, "earlier_requests"):
        shown = context.has_evidence("pending-petition", "pending-case-receipt", beneficiary=beneficiary)
        if earlier["outcome"] == "pending" and not shown:
            yield Hit(pointer)


def earlier_parole_denied(context: RuleContext) -> Iterator[Hit]:
    for _, pointer, earlier in _entries(context, "earlier_requests"):
        if str(earlier["form"]).upper().replace(" ", "").endswith("I-131") and earlier["outcome"] in {"denied", "revoked"}:
            yield Hit(f"{pointer}/outcome")


def removal_order_abroad(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for _, pointer in _ordered_removed(context) if context.is_item("7"))


def removal_order_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, pointer in _ordered_removed(context):
        if not context.has_evidence("removal-order", "proceedings-record", beneficiary=beneficiary):
            yield Hit(pointer)


def removal_order_without_proceedings(context: RuleContext) -> Iterator[Hit]:
    for beneficiary, _ in _ordered_removed(context):
        if not beneficiary.data["ever_in_proceedings"]:
            yield Hit(f"{beneficiary.pointer}/ever_in_proceedings")


def waiver_not_addressed(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        before = immigration(beneficiary)
        needed = before.get("removal_order") or bar_of(beneficiary)
        if context.from_abroad and needed and not context.has_evidence("waiver-decision", beneficiary=beneficiary):
            yield Hit(context.place(beneficiary, "immigration"))


def proceedings_in_country(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        concerned = beneficiary.data["ever_in_proceedings"] or immigration(beneficiary).get("removal_order")
        if context.is_item("8", "9", "10", "11") and concerned:
            yield Hit(f"{beneficiary.pointer}/ever_in_proceedings")


def parole_in_place_again(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item("8", "9") and context.to_be_filed and beneficiary.data.get("status") == "parolee":
            yield Hit(context.place(beneficiary, "status"))


def presence_not_counted(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item("4", "5") and "unlawful_presence_days" not in immigration(beneficiary):
            yield Hit(f"{beneficiary.pointer}/immigration/unlawful_presence_days")


def departure_bar(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item("4", "5") and (bar := bar_of(beneficiary)):
            yield Hit(context.place(beneficiary, "immigration/unlawful_presence_days"), {"bar": bar})


def criminal_record_unspoken(context: RuleContext) -> Iterator[Hit]:
    cited = {citation["exhibit"] for _, point in context.points("discretion") for citation in point["exhibits"]}
    for exhibit in context.exhibits:
        if "criminal-record" in exhibit.evidence and exhibit.id not in cited:
            yield Hit(exhibit.pointer)


def _entries(context: RuleContext, name: str) -> Iterator[tuple[Role, str, Mapping[str, Any]]]:
    """Each visa application or earlier request of each beneficiary, with its place."""
    for beneficiary in context.case.beneficiaries:
        place = context.place(beneficiary, f"immigration/{name}")
        for n, entry in enumerate(immigration(beneficiary).get(name, ())):
            yield beneficiary, f"{place}/{n}", entry


def _ordered_removed(context: RuleContext) -> Iterator[tuple[Role, str]]:
    for beneficiary in context.case.beneficiaries:
        if immigration(beneficiary).get("removal_order"):
            yield beneficiary, context.place(beneficiary, "immigration/removal_order")


CHECKS: Mapping[str, Check] = {
    "visa-not-shown": visa_not_shown,
    "visa-refusal-not-shown": visa_refusal_not_shown,
    "visa-open": visa_open,
    "petition-decision-not-shown": petition_decision_not_shown,
    "petition-pending-not-shown": petition_pending_not_shown,
    "earlier-parole-denied": earlier_parole_denied,
    "removal-order-abroad": removal_order_abroad,
    "removal-order-not-shown": removal_order_not_shown,
    "removal-order-without-proceedings": removal_order_without_proceedings,
    "waiver-not-addressed": waiver_not_addressed,
    "proceedings-in-country": proceedings_in_country,
    "parole-in-place-again": parole_in_place_again,
    "presence-not-counted": presence_not_counted,
    "departure-bar": departure_bar,
    "criminal-record-unspoken": criminal_record_unspoken,
}
