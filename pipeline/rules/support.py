"""Supporters and Form I-134: who supports whom, with what means, shown by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pipeline.case.model import Role
from pipeline.rules.context import RuleContext
from pipeline.rules.model import Check, Hit

INCOME = ("supporter-income", "supporter-employment", "tax-return", "pay-records", "bank-letter")
ASSETS = ("supporter-assets", "bank-letter", "property-value")
MEANS = frozenset({*INCOME, *ASSETS, "supporter-commitment", "housing", "medical-cover", "treatment-payment", "treatment-cost"})
_LODGING = ("room", "board", "house", "housing", "lodging", "live with", "home", "apartment")


def beneficiary_without_supporter(context: RuleContext) -> Iterator[Hit]:
    return _without_supporter(context) if context.is_item("7") else iter(())


def program_without_supporter(context: RuleContext) -> Iterator[Hit]:
    return _without_supporter(context) if context.is_item("6") else iter(())


def supporter_not_asked_for(context: RuleContext) -> Iterator[Hit]:
    if context.case.supporters and context.item_fact and context.item_fact.support == "none":
        yield Hit("/supporters")


def supporter_unknown_beneficiary(context: RuleContext) -> Iterator[Hit]:
    known = {beneficiary.data["id"] for beneficiary in context.case.beneficiaries}
    for pointer, beneficiary in _promises(context):
        if beneficiary not in known:
            yield Hit(pointer)


def supporter_beneficiary_twice(context: RuleContext) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for pointer, beneficiary in _promises(context):
        key = (pointer.split("/supports/")[0], beneficiary)
        if key in seen:
            yield Hit(pointer)
        seen.add(key)


def supporter_without_means(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if not supporter.data.get("annual_income") and not supporter.data.get("assets"):
            yield Hit(supporter.pointer)


def supporter_status_missing(context: RuleContext) -> Iterator[Hit]:
    """One who is the petitioner may be shown as such; a beneficiary who supports themself is shown by the identity document."""
    for supporter in context.case.supporters:
        petitioner = "/petitioner" in supporter.pointers
        kinds = ["supporter-status", *(["petitioner-status"] if petitioner else [])]
        if not _benefits(context, supporter) and not context.has_evidence(*kinds):
            yield Hit(supporter.pointer)


def supporter_income_not_shown(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if supporter.data.get("annual_income") and not context.has_evidence(*INCOME):
            yield Hit(f"{supporter.pointer}/annual_income")


def supporter_assets_not_shown(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if supporter.data.get("assets") and not context.has_evidence(*ASSETS):
            yield Hit(f"{supporter.pointer}/assets")


def supporter_property_value(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        for n, asset in enumerate(supporter.data.get("assets", ())):
            if asset["type"] == "real-estate" and not context.has_evidence("property-value"):
                yield Hit(f"{supporter.pointer}/assets/{n}")


def supporter_status_none(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if supporter.data.get("status") == "none" and not _benefits(context, supporter):
            yield Hit(context.place(supporter, "status"))


def income_below_guideline(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for pointer, share in _shares(context) if share < 100)


def income_below_125(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for pointer, share in _shares(context) if 100 <= share < 125)


def employed_without_income(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        working = supporter.data.get("employment", {}).get("kind") in {"employed", "self-employed"}
        if working and supporter.data.get("annual_income") == 0:
            yield Hit(f"{supporter.pointer}/annual_income")


def dependents_count_differs(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        counted = supporter.data.get("dependents_counting_self")
        if counted is not None and counted != len(supporter.data.get("dependents", ())) + 1:
            yield Hit(f"{supporter.pointer}/dependents_counting_self")


def dependent_is_beneficiary(context: RuleContext) -> Iterator[Hit]:
    beneficiaries = {_identity(role.data) for role in context.case.beneficiaries}
    return (Hit(pointer) for _, pointer, who in _dependents(context) if who in beneficiaries)


def dependent_is_supporter(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for supporter, pointer, who in _dependents(context) if who == _identity(supporter.data))


def room_and_board_address(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        text = str(supporter.data.get("contributions", "")).casefold()
        if any(word in text for word in _LODGING) and not any(map(str.isdigit, text)):
            yield Hit(f"{supporter.pointer}/contributions")


def contributions_unsaid(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        others = [p for p in supporter.data["supports"] if not _is_beneficiary(context, supporter, p["beneficiary"])]
        if others and "contributions" not in supporter.data:
            yield Hit(f"{supporter.pointer}/contributions")


def self_support(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        for n, promise in enumerate(supporter.data["supports"]):
            if _is_beneficiary(context, supporter, promise["beneficiary"]):
                yield Hit(f"{supporter.pointer}/supports/{n}")


def support_point_missing_exhibit(context: RuleContext) -> Iterator[Hit]:
    means = {exhibit.id for exhibit in context.exhibits if not MEANS.isdisjoint(exhibit.evidence)}
    points = [point for _, point in context.points("support")]
    cited = {citation["exhibit"] for point in points for citation in point["exhibits"]}
    if points and cited and not cited & means:
        yield Hit("/request/argument/support")


def _without_supporter(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if not context.case.supports_of(beneficiary):
            yield Hit(beneficiary.pointer)


def _promises(context: RuleContext) -> Iterator[tuple[str, str]]:
    """Each promise's place and the beneficiary it names."""
    for supporter in context.case.supporters:
        for n, promise in enumerate(supporter.data["supports"]):
            yield f"{supporter.pointer}/supports/{n}/beneficiary", str(promise["beneficiary"])


def _shares(context: RuleContext) -> Iterator[tuple[str, float]]:
    """Each supporter's income in percent of the guideline for their household, with the place of the income.

    The household is counted as Form I-134 asks: the supporter and dependents, people under earlier declarations, and the
    beneficiaries supported.  A supporter who shares a beneficiary with another supporter is left out.
    """
    promises = Counter(named for _, named in _promises(context))
    for supporter in context.case.supporters:
        income = supporter.data.get("annual_income")
        guideline = context.facts.poverty(str(supporter.data["mailing_address"].get("state", "")), context.as_of)
        named = [str(promise["beneficiary"]) for promise in supporter.data["supports"]]
        if income and guideline and all(promises[beneficiary] == 1 for beneficiary in named):
            others = [beneficiary for beneficiary in named if not _is_beneficiary(context, supporter, beneficiary)]
            household = supporter.data.get("dependents_counting_self", 1) + supporter.data.get("earlier_declarations", 0) + len(others)
            yield context.place(supporter, "annual_income"), 100 * income / guideline.line(household)


def _benefits(context: RuleContext, supporter: Role) -> bool:
    """Whether the supporter is one of the beneficiaries."""
    return any(role.pointers[-1] == supporter.pointers[-1] for role in context.case.beneficiaries)


def _is_beneficiary(context: RuleContext, supporter: Role, beneficiary_id: str) -> bool:
    """Whether the supporter is the beneficiary of that id."""
    return any(role.data["id"] == beneficiary_id and role.pointers[-1] == supporter.pointers[-1] for role in context.case.beneficiaries)


def _dependents(context: RuleContext) -> Iterator[tuple[Role, str, tuple[str, str]]]:
    for supporter in context.case.supporters:
        for n, dependent in enumerate(supporter.data.get("dependents", ())):
            yield supporter, f"{supporter.pointer}/dependents/{n}", _identity(dependent)


def _identity(person: Mapping[str, object]) -> tuple[str, str]:
    """Name and date of birth, to tell whether two entries are one person."""
    name = person["name"]
    parts = (name.get("given", ""), name.get("family", "")) if isinstance(name, Mapping) else ()
    return " ".join(map(str, parts)).casefold(), str(person["date_of_birth"])


CHECKS: Mapping[str, Check] = {
    "beneficiary-without-supporter": beneficiary_without_supporter,
    "program-without-supporter": program_without_supporter,
    "supporter-not-asked-for": supporter_not_asked_for,
    "supporter-unknown-beneficiary": supporter_unknown_beneficiary,
    "supporter-beneficiary-twice": supporter_beneficiary_twice,
    "supporter-without-means": supporter_without_means,
    "supporter-status-missing": supporter_status_missing,
    "supporter-income-not-shown": supporter_income_not_shown,
    "supporter-assets-not-shown": supporter_assets_not_shown,
    "supporter-property-value": supporter_property_value,
    "supporter-status-none": supporter_status_none,
    "income-below-guideline": income_below_guideline,
    "income-below-125": income_below_125,
    "employed-without-income": employed_without_income,
    "dependents-count-differs": dependents_count_differs,
    "dependent-is-beneficiary": dependent_is_beneficiary,
    "dependent-is-supporter": dependent_is_supporter,
    "room-and-board-address": room_and_board_address,
    "contributions-unsaid": contributions_unsaid,
    "self-support": self_support,
    "support-point-missing-exhibit": support_point_missing_exhibit,
}
