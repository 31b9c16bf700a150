"""How far a filed request has come: what the documents of a stage print, and what decides which of their sentences hold.

It is made from the case and the facts of law as of the letter's day.  Amounts and news are taken from the facts, so that a
fact which an office corrects or ends changes the letters; a fact that is not known is an empty text, and no sentence
speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from pipeline.case.model import PREPARED, RESPONSES, Case, Role
from pipeline.law.facts import Facts
from pipeline.law.model import Fact, NoticeFact, ParoleFeeException
from pipeline.letters.context import LetterContext
from pipeline.letters.office import LabelStyle, exhibit_label
from pipeline.letters.people import Address
from pipeline.letters.reminders import Condition, filing_facts
from pipeline.letters.request import Citation
from pipeline.letters.wording import and_list, capital, country, in_words, long_date, money
from pipeline.rules.answers import bar_of
from pipeline.rules.context import day_at, return_day
from pipeline.rules.dates import BIOMETRICS_AGES
from pipeline.rules.people import age_on
from pipeline.rules.stage import TARGET_DAYS
from pipeline.sealed import Sealed

_PLACES = {
    "urgent-humanitarian": "abroad",
    "significant-public-benefit": "abroad",
    "program-parole": "abroad",
    "advance-parole": "travel",
}
_LONG_STAY = timedelta(days=240)
_NAMED_AT_MOST = 4
"""Beneficiaries that a sentence names; more are counted."""


class Notice(Sealed, frozen=True):
    """A request for evidence, or a notice of intent to deny."""

    kind: str
    """The stage's name: `request-for-evidence` or `intent-to-deny`."""
    receipt: str
    dated: date
    due: date
    """The day that the notice prints; never computed."""
    address: Address | None = None
    beneficiary: str | None = None
    """Name of the person whom it is about; None for all of them."""

    @property
    def title(self) -> str:
        """`request for evidence` or `notice of intent to deny`."""
        return "request for evidence" if self.kind == RESPONSES[0] else "notice of intent to deny"

    @property
    def target(self) -> date:
        """The day by which the response should have arrived, a week before the notice's own date."""
        return self.due - timedelta(days=TARGET_DAYS)


class Answer(Sealed, frozen=True):
    """One thing that a notice asks for, and the answer in the case's own words with its proof."""

    asked: str
    text: str
    citations: tuple[Citation, ...] = ()


class Receipt(Sealed, frozen=True):
    """The receipt number of one person's request."""

    beneficiary: str
    """The beneficiary's id."""
    name: str
    number: str


class Claim(Sealed, frozen=True):
    """An exception from the parole fee that one person will claim, with the exhibits that prove it."""

    name: str
    exception: str
    """The exception as a noun phrase."""
    labels: tuple[str, ...]


class Ground(Struct, frozen=True):
    """Where a fact of law comes from."""

    source: str
    read_on: date
    stale: bool
    """Past the age that its topic allows, so that the source has to be read again."""


class Stage(Sealed, frozen=True):
    """The stage of one case."""

    name: str
    """`prepared`, or the name that the case gives."""
    place: str
    """Where the beneficiaries are: `abroad`, `here`, or `travel` for those who will leave and return."""
    receipts: tuple[Receipt, ...]
    notice: Notice | None
    claims: tuple[Claim, ...]
    conditions: Mapping[str, Condition]
    """What the `when` of a sentence may ask for."""
    words: Mapping[str, str]
    """What a sentence may print, by name; empty where the case or the facts have nothing."""
    grounds: Mapping[str, Ground]
    """The facts of law that hold, by the name that a sentence gives."""


def stage_of(case: Case, facts: Facts, context: LetterContext, labels: LabelStyle = LabelStyle.LETTERS) -> Stage:
    """The stage of a case as of the day of its letters; `context` is the one of its other documents, `labels` how they label exhibits."""
    given: Mapping[str, Any] = case.data.get("stage", {})
    name = str(given.get("name", PREPARED))
    place = _PLACES.get(case.kind, "here")
    names = {str(person.data.get("id")): person.full_name for person in case.beneficiaries}
    notice = _notice(name, given["notice"], names) if "notice" in given else None
    claims = tuple(_claims(case, facts, context.day, labels))
    fee_day = _fee_day(case, place, context.day) or context.day
    return Stage(
        name=name,
        place=place,
        receipts=tuple(Receipt(one["beneficiary"], names.get(one["beneficiary"], ""), one["number"]) for one in given.get("receipts", ())),
        notice=notice,
        claims=claims,
        conditions=_conditions(case, context, name, place, bool(claims)),
        words=_words(case, facts, context, notice, fee_day),
        grounds=_grounds(case, facts, context.day, fee_day),
    )


def _notice(kind: str, given: Mapping[str, Any], names: Mapping[str, str]) -> Notice:
    lines = given.get("address")
    return Notice(
        kind,
        given["receipt"],
        date.fromisoformat(given["dated"]),
        date.fromisoformat(given["due"]),
        Address(tuple(lines)) if lines else None,
        names.get(given.get("beneficiary", "")),
    )


def _claims(case: Case, facts: Facts, day: date, style: LabelStyle) -> Iterator[Claim]:
    labels = {entry["id"]: exhibit_label(n, style) for n, entry in enumerate(case.data.get("exhibits", ()))}
    for person in case.beneficiaries:
        claim = person.data.get("parole_fee_exception")
        if claim and (fact := facts.parole_fee_exception(claim["exception"], day)):
            cited = dict.fromkeys(labels[entry["exhibit"]] for entry in claim["exhibits"] if entry["exhibit"] in labels)
            yield Claim(person.full_name, fact.title, tuple(cited))


def _fee_day(case: Case, place: str, day: date) -> date | None:
    """The day whose parole fee is told: of arrival, of the period's start, or of the first return unless that is past and others follow."""
    request = case.data["request"]
    if place == "travel":
        first = return_day(request)
        return first if first and (request["trip"]["trips"] == "one" or first >= day) else None
    stay = request.get("stay", {})
    return date.fromisoformat(stay["arrive_on"]) if "arrive_on" in stay else None


def _conditions(case: Case, context: LetterContext, name: str, place: str, claimed: bool) -> dict[str, Condition]:
    people = case.beneficiaries
    return filing_facts(context) | {
        "stage": name,
        "place": place,
        "claimed": claimed,
        "tps": context.request.item == "4",
        "short": _is_short(case, name == "arrived"),
        "self_filed": context.self_filed,
        "biometrics": bool(_of_biometrics_age(people, context.day)),
        "proceedings": any(person.data["ever_in_proceedings"] for person in people),
        "removal_order": any(person.data.get("immigration", {}).get("removal_order", False) for person in people),
        "counted": all("unlawful_presence_days" in person.data.get("immigration", {}) for person in people),
        "barred": any(map(bar_of, people)),
        "work_permit": any(person.data.get("wants_work_permit", False) for person in people),
    }


def _is_short(case: Case, arrived: bool) -> bool:
    """Whether the stay asked for, or once there the parole of anybody, is too short to speak of its end half a year before."""
    records = [person.data.get("immigration", {}) for person in case.beneficiaries] if arrived else []
    stay = case.data["request"].get("stay", {})
    spans = [(day_at(record, "entered_on"), day_at(record, "i94_expires")) for record in records]
    spans.append((day_at(stay, "arrive_on"), day_at(stay, "leave_by")))
    return any(begins and ends and ends - begins < _LONG_STAY for begins, ends in spans)


def _parole_ends(people: Sequence[Role]) -> str:
    """The last day on the Forms I-94, with names where they differ; empty unless each person's is known."""
    days = [day_at(person.data, "immigration", "i94_expires") for person in people]
    if None in days:
        return ""
    if len(set(days)) == 1:
        return _long(days[0])
    return and_list([f"{_long(day)} for {person.full_name}" for day, person in zip(days, people, strict=True)])


def _barred(context: LetterContext, people: Iterable[Role]) -> str:
    """Who would start a bar by leaving, with days and bar, as a letter to the petitioner says it; empty when nobody would."""
    told = []
    for person in people:
        if bar := bar_of(person):
            who = _addressed(context, person.full_name)
            days = person.data["immigration"]["unlawful_presence_days"]
            told.append(f"{who} {'have' if who == 'you' else 'has'} {days} days of unlawful presence, which is enough for the {bar} bar")
    return and_list(told)


def _of_biometrics_age(people: Iterable[Role], day: date) -> list[str]:
    return [one.full_name for one in people if age_on(one, day) in BIOMETRICS_AGES]


def _words(case: Case, facts: Facts, context: LetterContext, notice: Notice | None, fee_day: date) -> dict[str, str]:
    request, people = context.request, _people(context)
    parole_fee, permit_fee = facts.parole_fee(fee_day), facts.fee("part-9", context.filing.mode, "", context.day)
    countries = _countries(case, facts, context.day)
    trip = case.data["request"].get("trip", {})
    return {
        "adviser": "us" if context.representative else "an immigration attorney or accredited representative",
        "people": people,
        "People": capital(people),
        "day": long_date(context.day),
        "post": request.notify_office or "",
        "leave_by": _long(request.leave_by),
        "parole_ends": _parole_ends(case.beneficiaries),
        "barred": _barred(context, case.beneficiaries),
        "departs_on": _long(date.fromisoformat(trip["departs_on"]) if trip else None),
        "parole_fee": parole_fee.told(fee_day) if parole_fee else "",
        "fee_day": long_date(fee_day),
        "work_permit_fee": money(permit_fee.amount) if permit_fee else "",
        "permit_people": _permit_people(context),
        "biometrics_people": _named(_of_biometrics_age(case.beneficiaries, context.day)),
        "countries": and_list([country(name) for name in countries]),
        "notice": notice.title if notice else "",
        "notice_person": _addressed(context, notice.beneficiary) if notice and notice.beneficiary else "",
        "notice_day": _long(notice.dated if notice else None),
        "due": _long(notice.due if notice else None),
        "target": _long(notice.target if notice else None),
    }


def _long(day: date | None) -> str:
    return long_date(day) if day else ""


def _people(context: LetterContext) -> str:
    """The beneficiaries as a letter to the petitioner speaks of them: you; names; or how many they are."""
    others = [person.name for person in context.others]
    if not context.self_filed:
        return _named(others)
    return and_list(["you", *others]) if len(others) <= _NAMED_AT_MOST else f"you and {in_words(len(others))} other people"


def _permit_people(context: LetterContext) -> str:
    """Who of the beneficiaries asks for a work permit, as a letter to the petitioner says it; empty where all of them do."""
    names = [_addressed(context, person.name) for person in context.beneficiaries if person.wants_work_permit]
    return and_list(names) if len(names) < len(context.beneficiaries) else ""


def _addressed(context: LetterContext, name: str) -> str:
    """A beneficiary as a letter to the petitioner speaks of them: you, or the name."""
    return "you" if context.self_filed and name == context.petitioner.name else name


def _named(names: Sequence[str]) -> str:
    """The names, or how many people they are when they are many."""
    return and_list(names) if len(names) <= _NAMED_AT_MOST else f"the {in_words(len(names))} people of this request"


def _countries(case: Case, facts: Facts, day: date) -> list[str]:
    """The countries of the beneficiaries, by citizenship or birth, that a dated notice is about."""
    theirs = [name for person in case.beneficiaries for name in (person.data["citizenship"], person.data["birth"]["country"])]
    about = {name for fact in facts.notices(theirs, day) for name in fact.countries}
    return [name for name in dict.fromkeys(theirs) if name in about]


def _grounds(case: Case, facts: Facts, day: date, fee_day: date) -> dict[str, Ground]:
    countries = set(_countries(case, facts, day))
    holding: dict[str, Fact | None] = {
        fact.id: fact for fact in facts.of(NoticeFact, day) if not fact.countries or countries.intersection(fact.countries)
    }
    holding["parole-fee"] = facts.parole_fee(fee_day)
    holding["parole-fee-exceptions"] = next(iter(facts.of(ParoleFeeException, day)), None)
    holding["work-permit-fee"] = facts.fee("part-9", str(case.data["filing"]["mode"]), "", day)
    holding["kind"] = facts.kind(case.kind, day)
    return {name: Ground(fact.source, fact.read_on, facts.age(fact, day).stale) for name, fact in holding.items() if fact}
