"""Kinds of request, programs and who may ask for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from pipeline.law.model import ProgramFact, ProgramStatus
from pipeline.rules.context import UNITED_STATES, RuleContext, is_governmental
from pipeline.rules.model import Check, Hit
from pipeline.rules.papers import immigration

_DACA_PURPOSES = frozenset({"education", "employment", "humanitarian", "medical", "family-emergency"})


def who_decides(context: RuleContext) -> Iterator[Hit]:
    kind = context.facts.kind(context.case.kind, context.as_of)
    if kind:
        yield Hit("/kind", {"decides": kind.decides}, source=kind.cited)


def item_unknown(context: RuleContext) -> Iterator[Hit]:
    kind = context.facts.kind(context.case.kind, context.as_of)
    if kind is None or context.item not in kind.items or context.item_fact is None:
        yield Hit("/request/item")


def for_oneself_only(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.item_fact and context.item_fact.self_only and not context.self_filed(beneficiary):
            yield Hit(beneficiary.pointer)


def beneficiary_in_us(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.from_abroad and context.country_of(beneficiary) == UNITED_STATES:
            yield Hit(context.place(beneficiary, _address(beneficiary.data)))


def beneficiary_abroad(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if not context.from_abroad and context.country_of(beneficiary) not in {UNITED_STATES, ""}:
            yield Hit(context.place(beneficiary, _address(beneficiary.data)))


def parole_in_place_admitted(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item("8", "9") and immigration(beneficiary).get("admitted"):
            yield Hit(context.place(beneficiary, "immigration/admitted"))


def program_ended(context: RuleContext) -> Iterator[Hit]:
    """By the kind, where a case gets this far with it, and by the name of a program in free text; re-parole is not a new request."""
    fact = context.facts.program(context.case.kind, context.as_of)
    if fact and fact.status is ProgramStatus.ENDED:
        yield _program(fact, "/kind")
    named = context.facts.program_named(str(context.request.get("program", "")), context.as_of)
    if named and not context.is_item("10", "11"):
        yield _program(named, "/request/program")


def program_unclear(context: RuleContext) -> Iterator[Hit]:
    return _program_of_item(context, ProgramStatus.UNCLEAR)


def program_open(context: RuleContext) -> Iterator[Hit]:
    return _program_of_item(context, ProgramStatus.OPEN)


def daca_purpose(context: RuleContext) -> Iterator[Hit]:
    if context.is_item("5.E") and _DACA_PURPOSES.isdisjoint(context.reasons):
        yield Hit("/request/reasons")


def to_be_known(context: RuleContext, *, pointer: str, items: tuple[str, ...]) -> Iterator[Hit]:
    """What holds for every request under one of the items."""
    if context.is_item(*items):
        yield Hit(pointer)


def agency_files_itself(context: RuleContext) -> Iterator[Hit]:
    if context.item == "6.C" and not is_governmental(str(context.case.petitioner.data.get("email", ""))):
        yield Hit("/request/item")


def refugee_item_13(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if beneficiary.data["refugee_status"]:
            yield Hit(f"{beneficiary.pointer}/refugee_status")


def work_permit_after_grant(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item("10", "11") and "wants_work_permit" not in beneficiary.data:
            yield Hit(f"{beneficiary.pointer}/wants_work_permit")


def _program_of_item(context: RuleContext, status: ProgramStatus) -> Iterator[Hit]:
    fact = context.facts.program_of_item(context.item, context.as_of)
    if fact and fact.status is status:
        yield _program(fact, "/request/item")


def _program(fact: ProgramFact, pointer: str) -> Hit:
    return Hit(pointer, {"program": fact.title, "summary": fact.summary}, source=fact.cited)


def _address(person: Mapping[str, object]) -> str:
    return "physical_address" if "physical_address" in person else "mailing_address"


CHECKS: Mapping[str, Check] = {
    "who-decides": who_decides,
    "item-unknown": item_unknown,
    "for-oneself-only": for_oneself_only,
    "beneficiary-in-us": beneficiary_in_us,
    "beneficiary-abroad": beneficiary_abroad,
    "parole-in-place-admitted": parole_in_place_admitted,
    "program-ended": program_ended,
    "program-unclear": program_unclear,
    "program-open": program_open,
    "daca-purpose": daca_purpose,
    "leaving-before-document": partial(to_be_known, pointer="/request/trip", items=("4", "5")),
    "travel-is-a-departure": partial(to_be_known, pointer="/request/trip", items=("5",)),
    "tps-travel-open": partial(to_be_known, pointer="/request/trip", items=("4",)),
    "notice-to-appear": partial(to_be_known, pointer="/kind", items=("8", "9", "10", "11")),
    "adjustment-after-parole": partial(to_be_known, pointer="/kind", items=("8", "9")),
    "re-parole-ends-on-departure": partial(to_be_known, pointer="/kind", items=("10", "11")),
    "agency-files-itself": agency_files_itself,
    "refugee-item-13": refugee_item_13,
    "work-permit-after-grant": work_permit_after_grant,
}
