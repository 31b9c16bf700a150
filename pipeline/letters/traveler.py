"""What the case knows of a person who is to be paroled, as printed text, for the DS-160 data sheet and the arrival checklist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pipeline.case.model import Case, Role
from pipeline.letters.facts import address_lines
from pipeline.letters.wording import long_date, lower_first
from pipeline.sealed import Sealed


class Contact(Sealed, frozen=True):
    """The person in the United States whom a traveler names."""

    name: str
    relationship: str
    address: str
    phone: str
    email: str


class Traveler(Sealed, frozen=True):
    """One beneficiary as printed text; what the case does not say is empty."""

    beneficiary: str
    """The beneficiary's id."""
    family: str
    given: str
    other_names: tuple[str, ...] | None
    """None when the case does not say; an empty tuple when it says that there are none."""
    sex: str
    marital_status: str
    birth_date: str
    birth_city: str
    birth_province: str
    birth_country: str
    citizenship: str
    a_number: str
    ssn: str
    passport_number: str
    passport_country: str
    passport_issued: str
    passport_expires: str
    home: str
    mailing: str
    """Empty when it is the home address."""
    phone: str
    mobile: str
    email: str
    visas: tuple[str, ...] | None
    """Visas asked for before; None when the case does not say."""
    petitions: tuple[str, ...] | None
    """Petitions and requests for the person; None when the case does not say."""
    i94_number: str
    class_of_admission: str
    entered_on: str
    i94_expires: str
    companions: tuple[str, ...]
    """The other beneficiaries."""
    contact: Contact | None


def travelers(case: Case) -> tuple[Traveler, ...]:
    """Every beneficiary of a case, in file order."""
    return tuple(_traveler(case, person) for person in case.beneficiaries)


def _traveler(case: Case, person: Role) -> Traveler:
    data = person.data
    name, birth, passport, immigration = data["name"], data["birth"], data.get("passport", {}), data.get("immigration", {})
    mailing = _address(data.get("mailing_address"))
    home = _address(data.get("physical_address")) or mailing
    return Traveler(
        beneficiary=str(data["id"]),
        family=name["family"],
        given=_joined(name, "given", "middle"),
        other_names=tuple(_joined(other, "given", "middle", "family") for other in data["other_names"]) if "other_names" in data else None,
        sex=data.get("sex", ""),
        marital_status=data.get("marital_status_explanation") or data.get("marital_status", "").replace("-", " "),
        birth_date=_day(data.get("date_of_birth")),
        birth_city=birth.get("city", ""),
        birth_province=birth.get("province", ""),
        birth_country=birth["country"],
        citizenship=data["citizenship"],
        a_number=data.get("a_number", ""),
        ssn=data.get("ssn", ""),
        passport_number=passport.get("number", ""),
        passport_country=passport.get("country", ""),
        passport_issued=_day(passport.get("issued")),
        passport_expires=_day(passport.get("expires")),
        home=home,
        mailing="" if mailing == home else mailing,
        phone=data.get("daytime_phone", ""),
        mobile=data.get("mobile_phone", ""),
        email=data.get("email", ""),
        visas=tuple(_visas(immigration)) if "visa_applications" in immigration else None,
        petitions=tuple(_petitions(immigration)) if "earlier_requests" in immigration else None,
        i94_number=immigration.get("i94_number", ""),
        class_of_admission=immigration.get("class_of_admission", ""),
        entered_on=_day(immigration.get("entered_on")),
        i94_expires=_day(immigration.get("i94_expires")),
        companions=tuple(other.full_name for other in case.beneficiaries if other.pointer != person.pointer),
        contact=_contact(case, person),
    )


def _joined(name: Mapping[str, Any], *parts: str) -> str:
    return " ".join(name[part] for part in parts if name.get(part))


def _day(value: str | None) -> str:
    return long_date(date.fromisoformat(value)) if value else ""


def _address(data: Mapping[str, Any] | None) -> str:
    return ", ".join(address_lines(data)) if data else ""


def _visas(immigration: Mapping[str, Any]) -> Iterator[str]:
    for visa in immigration["visa_applications"]:
        yield f"{visa['visa']}, {visa['where']}, {_day(visa['applied_on'])}: {visa['outcome']}"


def _petitions(immigration: Mapping[str, Any]) -> Iterator[str]:
    for request in immigration["earlier_requests"]:
        receipt = f", {request['receipt']}" if "receipt" in request else ""
        decided = f" on {_day(request['decided_on'])}" if "decided_on" in request else ""
        yield f"Form {request['form']}{receipt}: {request['outcome']}{decided}"


def _contact(case: Case, person: Role) -> Contact | None:
    """The petitioner, or for one who asks for themself the first supporter who is somebody else; only with a U.S. address."""
    supports = [one for one in case.supports_of(person) if not one.self_supported]
    if person.pointers[-1] == case.petitioner.pointer:
        promise = next(iter(supports), None)
        role = promise.supporter if promise else None
    else:
        promise = next((one for one in supports if one.supporter.pointers[-1] == case.petitioner.pointer), None)
        role = case.petitioner
    address = (role.data.get("physical_address") or role.data.get("mailing_address")) if role else None
    if role is None or not address or not address.get("state"):
        return None
    relation = str(promise.terms.data.get("relationship", "")) if promise else _relation(person)
    return Contact(role.full_name, relation, _address(address), role.data.get("daytime_phone", ""), role.data.get("email", ""))


def _relation(person: Role) -> str:
    """What the traveler is to the petitioner: the case has no word for the other direction."""
    word = str(person.data.get("relationship_to_petitioner", ""))
    return f"the traveler is the {lower_first(word)} of this person" if word else ""
