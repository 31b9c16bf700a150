"""What the case alone says, as the letters' own plain facts; what hangs on the packet's pages is added by the packet room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.case.model import Case, Role
from pipeline.law.facts import Facts
from pipeline.letters.context import LetterContext, Translator
from pipeline.letters.people import (
    Address,
    Asset,
    Dependent,
    EarlierRequest,
    Interpreter,
    Person,
    Promise,
    Representative,
    SupportEntry,
    VisaApplication,
)
from pipeline.letters.request import Argument, Citation, FeeClaim, Point, Replacement, Request, Trip

Cite = Callable[[Sequence[Mapping[str, Any]]], tuple[Citation, ...]]
"""From the case's citations (`{"exhibit": "surgeon-letter", "pages": "1"}`) to packet pages."""

_UNITS = {"apt": "Apt.", "ste": "Suite", "flr": "Floor"}


def from_case(case: Case, item: str, day: date, facts: Facts, cite: Cite) -> LetterContext:
    """The context of a case's letters, without filing, enclosures, exhibits, signatures, findings and draft reasons.

    `item` is the Part 1 item, `day` the date of the letters and of the law; `cite` turns citations into packet pages.
    """
    letters = case.data.get("letters", {})
    self_first = sorted(case.beneficiaries, key=lambda beneficiary: not _is_petitioner(beneficiary, case))
    return LetterContext(
        case_id=case.case_id,
        day=day,
        petitioner=person(case.petitioner),
        beneficiaries=tuple(person(beneficiary) for beneficiary in self_first),
        request=_request(case, item, cite),
        representative=_representative(case.representative),
        self_filed=_is_petitioner(self_first[0], case),
        supporters=tuple(supporter.full_name for supporter in case.supporters),
        support=tuple(_support(case, supporter) for supporter in case.supporters),
        claims=tuple(_claims(case, day, facts, cite)),
        argument=_argument(case.data["request"].get("argument", {}), cite),
        salutation=letters.get("salutation"),
        remarks=tuple(letters.get("remarks", ())),
        statements=tuple(letters.get("declaration", ())),
    )


def _is_petitioner(beneficiary: Role, case: Case) -> bool:
    return beneficiary.pointers[-1] == case.petitioner.pointer


def address_lines(address: Mapping[str, Any]) -> tuple[str, ...]:
    """An address as it is printed, one string a line; who takes the mail in is told from an addressee by a `c/o`."""
    unit = address.get("unit")
    street = address.get("street", "")
    if unit:
        street += f", {_UNITS[unit['kind']]} {unit['number']}"
    if address.get("state"):
        place = f"{address['city']}, {address['state']} {address.get('zip', '')}"
        lines = [_in_care_of(address), street, place]
    else:
        place = ", ".join(p for p in (address.get("city"), address.get("province"), address.get("postal_code")) if p)
        lines = [_in_care_of(address), street, place, address.get("country")]
    return tuple(line.strip() for line in lines if line and line.strip())


def _in_care_of(address: Mapping[str, Any]) -> str:
    name = str(address.get("in_care_of", "")).strip()
    return f"c/o {name}" if name and not name.lower().startswith("c/o") else name


def person(role: Role) -> Person:
    """A petitioner, beneficiary or supporter as letters speak of them."""
    data = role.data
    immigration, reader = data.get("immigration", {}), data.get("interpreter")
    lives_at = data.get("physical_address") or data.get("mailing_address")
    return Person(
        name=role.full_name,
        sex=data.get("sex"),
        status=data.get("status"),
        citizenship=data.get("citizenship"),
        date_of_birth=_day(data.get("date_of_birth")),
        birth_country=data.get("birth", {}).get("country"),
        a_number=data.get("a_number"),
        relationship=data.get("relationship_to_petitioner"),
        address=_address(data, "mailing_address"),
        phone=data.get("daytime_phone"),
        email=data.get("email"),
        military_role=data.get("military_role"),
        class_of_admission=immigration.get("class_of_admission"),
        i94_number=immigration.get("i94_number"),
        i94_ends=_day(immigration.get("i94_expires")),
        entered_on=_day(immigration.get("entered_on")),
        admitted=immigration.get("admitted"),
        wants_work_permit=data.get("wants_work_permit", False),
        ever_in_proceedings=data.get("ever_in_proceedings"),
        removal_order=immigration.get("removal_order"),
        visas=tuple(_visa(entry) for entry in immigration.get("visa_applications", ())),
        earlier_requests=tuple(_earlier(entry) for entry in immigration.get("earlier_requests", ())),
        interpreter=Interpreter(_name(reader), reader["language"]) if reader else None,
        in_united_states="state" in lives_at if lives_at else None,
    )


def translator(role: Role) -> Translator:
    """Who translated an exhibit."""
    data = role.data
    return Translator(role.full_name, data.get("competence"), _address(data, "address"), data.get("daytime_phone"), data.get("email"))


def _name(data: Mapping[str, Any]) -> str:
    """The name of somebody who is no role of the case."""
    return Role((), data).full_name


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _address(data: Mapping[str, Any], key: str) -> Address | None:
    return Address(address_lines(data[key])) if key in data else None


def _visa(entry: Mapping[str, Any]) -> VisaApplication:
    return VisaApplication(entry["visa"], entry["where"], date.fromisoformat(entry["applied_on"]), entry["outcome"])


def _earlier(entry: Mapping[str, Any]) -> EarlierRequest:
    return EarlierRequest(entry["form"], entry["outcome"], entry.get("receipt"), _day(entry.get("decided_on")))


def _representative(role: Role | None) -> Representative | None:
    if role is None:
        return None
    data = role.data
    return Representative(
        name=role.full_name,
        kind=data["kind"],
        firm=data.get("firm") or data.get("organization"),
        licensing_authority=data.get("licensing_authority"),
        bar_number=data.get("bar_number"),
        address=_address(data, "address"),
        phone=data.get("daytime_phone"),
        fax=data.get("fax"),
        email=data.get("email"),
    )


def _request(case: Case, item: str, cite: Cite) -> Request:
    request = case.data["request"]
    stay, office, expedite = request.get("stay", {}), request.get("notify_office"), request.get("expedite")
    return Request(
        kind=case.kind,
        item=item,
        reasons=tuple(request.get("reasons", ())),
        purpose=request.get("purpose"),
        arrive_on=_day(stay.get("arrive_on")),
        leave_by=_day(stay.get("leave_by")),
        length=stay.get("length"),
        notify_office=f"{office['city']}, {office['country']}" if office else None,
        expedite=Point(expedite["reason"], cite(expedite["exhibits"])) if expedite else None,
        expedite_ground=expedite.get("ground") if expedite else None,
        receipt=request.get("receipt"),
        filed_with=request.get("filed_with"),
        other_basis=request.get("other_basis"),
        program=request.get("program"),
        agency=request["agency"]["name"] if "agency" in request else None,
        task_force_number=request.get("task_force_number"),
        trip=_trip(request.get("trip")),
        replacement=_replacement(request.get("replacement")),
    )


def _trip(trip: Mapping[str, Any] | None) -> Trip | None:
    if trip is None:
        return None
    return Trip(date.fromisoformat(trip["departs_on"]), trip["purpose"], tuple(trip["countries"]), trip["trips"], trip["days"])


def _replacement(replacement: Mapping[str, Any] | None) -> Replacement | None:
    if replacement is None:
        return None
    corrections = tuple(replacement.get("corrections", ()))
    return Replacement(replacement["reason"], corrections, replacement.get("explanation"), replacement.get("receipt"))


def _argument(argument: Mapping[str, Any], cite: Cite) -> Argument:
    return Argument(**{name: tuple(_points(argument.get(name, ()), cite)) for name in Argument.__struct_fields__})


def _points(points: Sequence[Mapping[str, Any]], cite: Cite) -> Iterator[Point]:
    for point in points:
        yield Point(point["text"], cite(point["exhibits"]))


def _support(case: Case, supporter: Role) -> SupportEntry:
    data, employment = supporter.data, supporter.data.get("employment", {})
    promises = ((beneficiary, each) for beneficiary in case.beneficiaries for each in case.supports_of(beneficiary))
    return SupportEntry(
        person=person(supporter),
        promises=tuple(
            Promise(person(beneficiary), each.terms.data["relationship"], each.self_supported)
            for beneficiary, each in promises
            if each.supporter.pointer == supporter.pointer
        ),
        employment=employment.get("kind"),
        occupation=employment.get("occupation"),
        employer=employment.get("employer"),
        livelihood=employment.get("explanation"),
        annual_income=data.get("annual_income"),
        assets=tuple(Asset(asset["type"], asset["amount"]) for asset in data.get("assets", ())),
        earlier_declarations=data.get("earlier_declarations"),
        dependents_counting_self=data.get("dependents_counting_self"),
        dependents=tuple(Dependent(_name(each), each["relationship"]) for each in data.get("dependents", ())),
        contributions=data.get("contributions"),
    )


def _claims(case: Case, day: date, facts: Facts, cite: Cite) -> Iterator[FeeClaim]:
    """The exceptions that a fact of law describes on that day; the rules name the others."""
    for beneficiary in case.beneficiaries:
        claim = beneficiary.data.get("parole_fee_exception")
        fact = facts.parole_fee_exception(claim["exception"], day) if claim else None
        if claim and fact:
            yield FeeClaim(person(beneficiary), fact.number, fact.title, claim["because"], cite(claim["exhibits"]))
