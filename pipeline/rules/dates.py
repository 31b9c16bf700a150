"""Dates of the request: arrival, stay, trip, re-parole and biometrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pipeline.rules.context import RuleContext, day_at, return_day
from pipeline.rules.model import Check, Hit
from pipeline.rules.people import age_on

_LONGEST_PREPARATION = timedelta(days=90)
_EARLIEST_RE_PAROLE = timedelta(days=180)
_TOLERANCE_DAYS = 4
BIOMETRICS_AGES = range(14, 80)
"""Ages at which USCIS takes biometrics (Form I-131 Instructions, edition 01/20/25)."""
_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {word: n for n, word in enumerate(_UNITS, start=1)} | {"eighteen": 18, "a": 1, "an": 1}
_SPAN = re.compile(r"(\d+(?:\.\d+)?|[a-z]+)[\s-]+(year|month|week|day)s?\b", re.IGNORECASE)
_DAYS = {"year": 365.25, "month": 365.25 / 12, "week": 7.0, "day": 1.0}


def prepared_after_packet(context: RuleContext) -> Iterator[Hit]:
    prepared = day_at(context.case.data, "prepared_on")
    if prepared and prepared > context.as_of:
        yield Hit("/prepared_on")


def prepared_long_ago(context: RuleContext) -> Iterator[Hit]:
    prepared = day_at(context.case.data, "prepared_on")
    if prepared and context.as_of - prepared > _LONGEST_PREPARATION:
        yield Hit("/prepared_on")


def arrival_before_packet(context: RuleContext) -> Iterator[Hit]:
    arrives = day_at(context.request, "stay", "arrive_on")
    if context.from_abroad and context.to_be_filed and arrives and arrives <= context.as_of:
        yield Hit("/request/stay/arrive_on")


def arrival_soon(context: RuleContext) -> Iterator[Hit]:
    arrives = day_at(context.request, "stay", "arrive_on")
    soon = arrives and context.as_of < arrives <= context.as_of + timedelta(days=60)
    if context.from_abroad and context.to_be_filed and soon and "expedite" not in context.request:
        yield Hit("/request/stay/arrive_on")


def stay_backwards(context: RuleContext) -> Iterator[Hit]:
    stay = _stay(context)
    if stay and stay[1] <= stay[0]:
        yield Hit("/request/stay/leave_by")


def stay_over_a_year(context: RuleContext) -> Iterator[Hit]:
    stay = _stay(context)
    if context.from_abroad and stay and stay[1] > _a_year_after(stay[0]):
        yield Hit("/request/stay/leave_by")


def parole_in_place_over_a_year(context: RuleContext) -> Iterator[Hit]:
    stay = _stay(context)
    if context.is_item("8.A") and stay and stay[1] > _a_year_after(stay[0]):
        yield Hit("/request/stay/leave_by")


def period_before_packet(context: RuleContext) -> Iterator[Hit]:
    begins = day_at(context.request, "stay", "arrive_on")
    if context.is_item("8", "9") and context.to_be_filed and begins and begins <= context.as_of:
        yield Hit("/request/stay/arrive_on")


def stay_without_end(context: RuleContext) -> Iterator[Hit]:
    if "no_end_date" in context.request.get("stay", {}):
        yield Hit("/request/stay/no_end_date")


def stay_length_differs(context: RuleContext) -> Iterator[Hit]:
    stay = _stay(context)
    if stay and stay[0] < stay[1]:
        said = days_in_words(str(context.request["stay"]["length"]))
        meant = (stay[1] - stay[0]).days
        if said is not None and abs(said - meant) > _TOLERANCE_DAYS + said * 0.01:
            yield Hit("/request/stay/length")


def biometrics(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if age_on(beneficiary, context.as_of) in BIOMETRICS_AGES:
            where = "abroad at an embassy or consulate or where USCIS says" if context.from_abroad else "where USCIS says"
            yield Hit(context.place(beneficiary, "date_of_birth"), {"where": where})


def trip_before_packet(context: RuleContext) -> Iterator[Hit]:
    departs = day_at(context.request, "trip", "departs_on")
    if context.to_be_filed and departs and departs <= context.as_of:
        yield Hit("/request/trip/departs_on")


def trip_within_15_days(context: RuleContext) -> Iterator[Hit]:
    return _trip_within(context, 0, 15)


def trip_within_45_days(context: RuleContext) -> Iterator[Hit]:
    return _trip_within(context, 15, 45)


def trip_after_parole_ends(context: RuleContext) -> Iterator[Hit]:
    returns = return_day(context.request)
    for beneficiary in context.case.beneficiaries:
        ends = day_at(beneficiary.data, "immigration", "i94_expires")
        if context.is_item("5.H") and returns and ends and returns > ends:
            yield Hit("/request/trip/days")


def re_parole_too_early(context: RuleContext) -> Iterator[Hit]:
    return _re_parole_early(context) if context.item == "10.C" else iter(())


def re_parole_early(context: RuleContext) -> Iterator[Hit]:
    return _re_parole_early(context) if context.is_item("10", "11") and context.item != "10.C" else iter(())


def re_parole_after_end(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for pointer, ends in _parole_ends(context) if ends < context.as_of)


def re_parole_gap(context: RuleContext) -> Iterator[Hit]:
    begins = day_at(context.request, "stay", "arrive_on")
    for _, ends in _parole_ends(context):
        if begins and context.as_of <= ends and begins > ends + timedelta(days=1):
            yield Hit("/request/stay/arrive_on")


def re_parole_overlap(context: RuleContext) -> Iterator[Hit]:
    begins = day_at(context.request, "stay", "arrive_on")
    return (Hit(pointer) for pointer, ends in _parole_ends(context) if begins and begins <= ends)


def days_in_words(length: str) -> float | None:
    """The days that a length such as `11 months and 20 days` means, with average months and years; None when it says none."""
    days = 0.0
    for number, unit in _SPAN.findall(length):
        count = float(number) if number[0].isdigit() else _WORDS.get(number.lower())
        if count is None:
            return None
        days += count * _DAYS[unit.lower()]
    return days or None


def _stay(context: RuleContext) -> tuple[date, date] | None:
    arrives, leaves = day_at(context.request, "stay", "arrive_on"), day_at(context.request, "stay", "leave_by")
    return (arrives, leaves) if arrives and leaves else None


def _a_year_after(start: date) -> date:
    """The same day a year later; March 1 for a leap day."""
    try:
        return start.replace(year=start.year + 1)
    except ValueError:
        return date(start.year + 1, 3, 1)


def _trip_within(context: RuleContext, after: int, days: int) -> Iterator[Hit]:
    departs = day_at(context.request, "trip", "departs_on")
    if context.to_be_filed and departs and timedelta(days=after) < departs - context.as_of <= timedelta(days=days):
        yield Hit("/request/trip/departs_on")


def _parole_ends(context: RuleContext) -> Iterator[tuple[str, date]]:
    """For each beneficiary of a request for re-parole that is to be filed: where the end of the present parole stands, and the day."""
    for beneficiary in context.case.beneficiaries:
        ends = day_at(beneficiary.data, "immigration", "i94_expires")
        if context.is_item("10", "11") and context.to_be_filed and ends:
            yield context.place(beneficiary, "immigration/i94_expires"), ends


def _re_parole_early(context: RuleContext) -> Iterator[Hit]:
    return (Hit(pointer) for pointer, ends in _parole_ends(context) if ends - context.as_of > _EARLIEST_RE_PAROLE)


CHECKS: Mapping[str, Check] = {
    "prepared-after-packet": prepared_after_packet,
    "prepared-long-ago": prepared_long_ago,
    "arrival-before-packet": arrival_before_packet,
    "arrival-soon": arrival_soon,
    "stay-backwards": stay_backwards,
    "stay-over-a-year": stay_over_a_year,
    "parole-in-place-over-a-year": parole_in_place_over_a_year,
    "period-before-packet": period_before_packet,
    "stay-without-end": stay_without_end,
    "stay-length-differs": stay_length_differs,
    "biometrics": biometrics,
    "trip-before-packet": trip_before_packet,
    "trip-within-15-days": trip_within_15_days,
    "trip-within-45-days": trip_within_45_days,
    "trip-after-parole-ends": trip_after_parole_ends,
    "re-parole-too-early": re_parole_too_early,
    "re-parole-early": re_parole_early,
    "re-parole-after-end": re_parole_after_end,
    "re-parole-gap": re_parole_gap,
    "re-parole-overlap": re_parole_overlap,
}
