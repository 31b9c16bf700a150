"""The notice that a response answers, and the receipt numbers of a filed request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from pipeline.case.model import RESPONSES
from pipeline.rules.context import RuleContext, day_at
from pipeline.rules.model import Check, Hit

TARGET_DAYS = 7
"""How long before the day that a notice prints the answer is to arrive at USCIS."""

_LONGEST: Final = {RESPONSES[0]: timedelta(weeks=12), RESPONSES[1]: timedelta(days=30)}
"""The longest time to answer a request for evidence and a notice of intent to deny: 8 CFR 103.2(b)(8)(iv)."""
_MAILED: Final = timedelta(days=3)
"""More when the notice came by mail: 8 CFR 103.8(b)."""


def _notice(context: RuleContext) -> Mapping[str, Any]:
    notice: Mapping[str, Any] = context.case.data.get("stage", {}).get("notice", {})
    return notice


def _days(context: RuleContext) -> tuple[date, date] | None:
    """The days on which the notice is dated and its answer is due."""
    notice = _notice(context)
    dated, due = day_at(notice, "dated"), day_at(notice, "due")
    return (dated, due) if dated and due else None


def notice_from_later(context: RuleContext) -> Iterator[Hit]:
    days = _days(context)
    if days and days[0] > context.as_of:
        yield Hit("/stage/notice/dated")


def notice_due_before_date(context: RuleContext) -> Iterator[Hit]:
    days = _days(context)
    if days and days[1] <= days[0]:
        yield Hit("/stage/notice/due")


def notice_overdue(context: RuleContext) -> Iterator[Hit]:
    days = _days(context)
    if days and days[0] < days[1] < context.as_of:
        yield Hit("/stage/notice/due")


def notice_due_late(context: RuleContext) -> Iterator[Hit]:
    days = _days(context)
    longest = _LONGEST.get(context.case.data.get("stage", {}).get("name", ""))
    if days and longest and days[1] - days[0] > longest + _MAILED:
        yield Hit("/stage/notice/due", {"days": str((longest + _MAILED).days)})


def notice_due_soon(context: RuleContext) -> Iterator[Hit]:
    days = _days(context)
    if days and days[0] < days[1] and days[1] - timedelta(days=TARGET_DAYS) < context.as_of <= days[1]:
        yield Hit("/stage/notice/due")


def stage_unknown_person(context: RuleContext) -> Iterator[Hit]:
    known = {beneficiary.data.get("id") for beneficiary in context.case.beneficiaries}
    for number, receipt in enumerate(context.case.data.get("stage", {}).get("receipts", ())):
        if receipt["beneficiary"] not in known:
            yield Hit(f"/stage/receipts/{number}/beneficiary")
    if _notice(context).get("beneficiary", next(iter(known))) not in known:
        yield Hit("/stage/notice/beneficiary")


def response_letter_unused(context: RuleContext) -> Iterator[Hit]:
    answers = context.case.data.get("stage", {}).get("name") in RESPONSES
    if not answers and "response" in context.case.data.get("letters", {}):
        yield Hit("/letters/response")


CHECKS: Mapping[str, Check] = {
    "notice-from-later": notice_from_later,
    "notice-due-before-date": notice_due_before_date,
    "notice-overdue": notice_overdue,
    "notice-due-late": notice_due_late,
    "notice-due-soon": notice_due_soon,
    "stage-unknown-person": stage_unknown_person,
    "response-letter-unused": response_letter_unused,
}
