"""Representative, preparer and interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.case.model import Role
from pipeline.rules.context import UNITED_STATES, RuleContext
from pipeline.rules.model import Check, Hit


def no_representative(context: RuleContext) -> Iterator[Hit]:
    if context.case.representative is None:
        yield Hit("/representative")


def bar_number_missing(context: RuleContext) -> Iterator[Hit]:
    representative = context.case.representative
    if representative and representative.data["kind"] == "attorney" and "bar_number" not in representative.data:
        yield Hit("/representative/bar_number")


def disciplinary_order(context: RuleContext) -> Iterator[Hit]:
    representative = context.case.representative
    if representative and representative.data.get("disciplinary_order"):
        yield Hit("/representative/disciplinary_order")


def representative_abroad(context: RuleContext) -> Iterator[Hit]:
    representative = context.case.representative
    if representative and representative.data["address"].get("country", UNITED_STATES) != UNITED_STATES:
        yield Hit("/representative/address/country")


def representative_is_party(context: RuleContext) -> Iterator[Hit]:
    representative = context.case.representative
    if representative and representative.full_name.casefold() in _names(context):
        yield Hit("/representative/name")


def supporter_unrepresented(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        if context.case.representative and supporter.pointers[-1] != "/petitioner":
            yield Hit(supporter.pointer)


def preparer_unsaid(context: RuleContext) -> Iterator[Hit]:
    if context.case.preparer is None:
        yield Hit("/preparer")


def interpreter_without_contact(context: RuleContext) -> Iterator[Hit]:
    for interpreter in _interpreters(context):
        if "daytime_phone" not in interpreter.data:
            yield Hit(interpreter.pointer)


def interpreter_is_party(context: RuleContext) -> Iterator[Hit]:
    for interpreter in _interpreters(context):
        if interpreter.full_name.casefold() in _names(context):
            yield Hit(f"{interpreter.pointer}/name")


def _names(context: RuleContext) -> set[str]:
    return {role.full_name.casefold() for role in context.own}


def _interpreters(context: RuleContext) -> Iterator[Role]:
    for role in context.own:
        interpreter = context.case.interpreter_of(role)
        if interpreter:
            yield interpreter


CHECKS: Mapping[str, Check] = {
    "no-representative": no_representative,
    "bar-number-missing": bar_number_missing,
    "disciplinary-order": disciplinary_order,
    "representative-abroad": representative_abroad,
    "representative-is-party": representative_is_party,
    "supporter-unrepresented": supporter_unrepresented,
    "preparer-unsaid": preparer_unsaid,
    "interpreter-without-contact": interpreter_without_contact,
    "interpreter-is-party": interpreter_is_party,
}
