"""Passports, Forms I-94 and the numbers that a request rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pipeline.case.model import Role
from pipeline.rules.context import RuleContext, day_at, return_day
from pipeline.rules.model import Check, Hit

_TASK_FORCE_NUMBER_LENGTH = 11


def passport_missing(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.from_abroad and "passport" not in beneficiary.data:
            yield Hit(f"{beneficiary.pointer}/passport")


def passport_expired(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        expires = day_at(beneficiary.data, "passport", "expires")
        if expires and expires < context.as_of:
            yield Hit(context.place(beneficiary, "passport/expires"))


def passport_expires_during_stay(context: RuleContext) -> Iterator[Hit]:
    leaves = _last_day(context)
    for beneficiary in context.case.beneficiaries:
        expires = day_at(beneficiary.data, "passport", "expires")
        if leaves and expires and context.as_of <= expires < leaves:
            yield Hit(context.place(beneficiary, "passport/expires"))


def passport_other_country(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        issuer = role.data.get("passport", {}).get("country")
        if issuer and "citizenship" in role.data and issuer != role.data["citizenship"]:
            yield Hit(f"{role.pointer}/passport/country")


def passport_dates(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        issued, expires = day_at(role.data, "passport", "issued"), day_at(role.data, "passport", "expires")
        if issued and expires and expires <= issued:
            yield Hit(f"{role.pointer}/passport/expires")


def i94_end_missing(context: RuleContext) -> Iterator[Hit]:
    return _immigration_missing(context, "i94_expires", "10", "11")


def class_of_admission_missing(context: RuleContext) -> Iterator[Hit]:
    return _immigration_missing(context, "class_of_admission", "5.H", "10", "11")


def i94_number_missing(context: RuleContext) -> Iterator[Hit]:
    return _immigration_missing(context, "i94_number", "5.H", "10", "11")


def entry_after_i94_end(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        entered, ends = day_at(role.data, "immigration", "entered_on"), day_at(role.data, "immigration", "i94_expires")
        if entered and ends and ends < entered:
            yield Hit(f"{role.pointer}/immigration/i94_expires")


def a_number_missing(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        has_one = context.is_item("4", "5", "10", "11") or beneficiary.data["ever_in_proceedings"]
        if has_one and "a_number" not in beneficiary.data:
            yield Hit(f"{beneficiary.pointer}/a_number")


def receipt_not_of_pending_case(context: RuleContext) -> Iterator[Hit]:
    receipt = context.request.get("receipt")
    closed = {"denied", "withdrawn", "revoked"}
    for beneficiary in context.case.beneficiaries:
        for earlier in immigration(beneficiary).get("earlier_requests", ()):
            if receipt and earlier.get("receipt") == receipt and earlier["outcome"] in closed:
                yield Hit("/request/receipt")


def task_force_number_long(context: RuleContext) -> Iterator[Hit]:
    if len(str(context.request.get("task_force_number", ""))) > _TASK_FORCE_NUMBER_LENGTH:
        yield Hit("/request/task_force_number")


def immigration(role: Role) -> Mapping[str, Any]:
    """What the case says of someone's entries and earlier requests; empty when it says nothing."""
    found: Mapping[str, Any] = role.data.get("immigration", {})
    return found


def _last_day(context: RuleContext) -> date | None:
    """The last day of the stay or trip; of a stay without an end the first day."""
    stay = context.request.get("stay", {})
    return return_day(context.request) or day_at(stay, "leave_by") or day_at(stay, "arrive_on")


def _immigration_missing(context: RuleContext, name: str, *items: str) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.is_item(*items) and name not in immigration(beneficiary):
            yield Hit(f"{beneficiary.pointer}/immigration/{name}")


CHECKS: Mapping[str, Check] = {
    "passport-missing": passport_missing,
    "passport-expired": passport_expired,
    "passport-expires-during-stay": passport_expires_during_stay,
    "passport-other-country": passport_other_country,
    "passport-dates": passport_dates,
    "i94-end-missing": i94_end_missing,
    "class-of-admission-missing": class_of_admission_missing,
    "i94-number-missing": i94_number_missing,
    "entry-after-i94-end": entry_after_i94_end,
    "a-number-missing": a_number_missing,
    "receipt-not-of-pending-case": receipt_not_of_pending_case,
    "task-force-number-long": task_force_number_long,
}
