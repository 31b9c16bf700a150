"""Required evidence: most rules are data (`when` and `needs`), and one check reads them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from pipeline.case.model import Role
from pipeline.rules.context import RuleContext
from pipeline.rules.model import Check, Hit, Rule, When
from pipeline.rules.people import age_on

_ADULT = 18


def requirement(context: RuleContext, *, rule: Rule) -> Iterator[Hit]:
    """No exhibit is of any of the kinds that a rule of data asks for."""
    if rule.needs is None or not _concerned(context, rule.when):
        return
    kinds = rule.needs.any_of
    if rule.needs.per == "beneficiary":
        for beneficiary in context.case.beneficiaries:
            role = beneficiary.data.get("military_role")
            if (not rule.when.roles or role in rule.when.roles) and not context.has_evidence(*kinds, beneficiary=beneficiary):
                yield Hit(beneficiary.pointer)
    elif rule.needs.per == "petitioner":
        if not context.petitioner_benefits and not context.has_evidence(*kinds):
            yield Hit("/petitioner")
    elif not context.has_evidence(*kinds):
        yield Hit(_place_of_reason(context, rule.when))


def child_alone(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        shown = context.has_evidence("custody", "parental-consent", beneficiary=beneficiary)
        if _is_child(context, beneficiary) and not _adult_travels(context) and not shown:
            yield Hit(beneficiary.pointer)


def child_with_adult(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        shown = context.has_evidence("custody", "parental-consent", "relationship", beneficiary=beneficiary)
        if _is_child(context, beneficiary) and _adult_travels(context) and not shown:
            yield Hit(beneficiary.pointer)


def travel_pending_case(context: RuleContext) -> Iterator[Hit]:
    rests_on_case = context.is_item("5") and not context.is_item("5.D", "5.H", "5.M")
    if rests_on_case and "filed_with" not in context.request and not context.has_evidence("pending-case-receipt", "approval-notice"):
        yield Hit("/request/receipt")


def name_change_not_shown(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        shown = context.has_evidence("marriage", "end-of-marriage", "court-document", "relationship", beneficiary=beneficiary)
        if beneficiary.data.get("other_names") and not shown:
            yield Hit(context.place(beneficiary, "other_names"))


def requirements(rules: tuple[Rule, ...]) -> Mapping[str, Check]:
    """A check for every rule that says in its data what it needs."""
    return {rule.id: partial(requirement, rule=rule) for rule in rules if rule.needs}


def _concerned(context: RuleContext, when: When) -> bool:
    return (
        (not when.kinds or context.case.kind in when.kinds)
        and (not when.items or context.is_item(*when.items))
        and (not when.reasons or any(reason in when.reasons for reason in context.reasons))
    )


def _place_of_reason(context: RuleContext, when: When) -> str:
    """Where the reason stands that asks for the evidence; else the list of exhibits."""
    places = (f"/request/reasons/{n}" for n, reason in enumerate(context.reasons) if reason in when.reasons)
    return next(places, "/exhibits")


def _is_child(context: RuleContext, beneficiary: Role) -> bool:
    age = age_on(beneficiary, context.as_of)
    return context.from_abroad and age is not None and age < _ADULT


def _adult_travels(context: RuleContext) -> bool:
    return any((age_on(other, context.as_of) or 0) >= _ADULT for other in context.case.beneficiaries)


CHECKS: Mapping[str, Check] = {
    "child-alone": child_alone,
    "child-with-adult": child_with_adult,
    "travel-pending-case": travel_pending_case,
    "name-change-not-shown": name_change_not_shown,
}
