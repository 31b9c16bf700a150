"""People: dates, names, numbers and what the case says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pipeline.case.model import Case, Role
from pipeline.case.pointer import walk
from pipeline.rules.context import UNITED_STATES, RuleContext, day, day_at, is_post_office_box, years_between
from pipeline.rules.model import Check, Hit

_PAST = frozenset({"date_of_birth", "issued", "entered_on", "applied_on", "decided_on", "accredited_on", "read_on"})
"""Properties whose date has to lie in the past."""

_NUMBERS = ("a_number", "uscis_account", "ssn")
_SPOUSES = {"spouse", "wife", "husband"}
_FEMALE = {
    "wife",
    "mother",
    "daughter",
    "sister",
    "aunt",
    "niece",
    "grandmother",
    "granddaughter",
    "stepmother",
    "stepdaughter",
    "fiancee",
    "fiancée",
}
_MALE = {"husband", "father", "son", "brother", "uncle", "nephew", "grandfather", "grandson", "stepfather", "stepson"}
_UNITED_STATES = {"united states", "united states of america", "usa", "u.s.a.", "us", "u.s."}

_STATES_OF_DIGIT = (
    "CT MA ME NH NJ PR RI VT VI AE",
    "DE NY PA",
    "DC MD NC SC VA WV",
    "AL FL GA MS TN AA",
    "IN KY MI OH",
    "IA MN MT ND SD WI",
    "IL KS MO NE",
    "AR LA OK TX",
    "AZ CO ID NM NV UT WY",
    "AK AP AS CA FM GU HI MH MP OR PW WA",
)
"""The states whose ZIP codes begin with each digit."""

_STRAY_ZIPS: Mapping[str, tuple[str, ...]] = {"NY": ("005", "06390"), "TX": ("885",), "DC": ("569",)}
"""Beginnings of ZIP codes that lie outside their state's digit."""

_ASKED: Mapping[str, tuple[str, ...]] = {
    "petitioner": ("earlier_documents", "daytime_phone"),
    "beneficiary": ("biographic",),
    "supporter": ("employment", "annual_income", "earlier_declarations", "dependents_counting_self"),
    "signer of support": ("status", "birth/city", "daytime_phone", "reads_english"),
    "supported": ("marital_status", "birth/city"),
}
"""Properties that the schema leaves open and the forms ask for."""

_WORDS: Mapping[str, str] = {"birth/city": "city of birth", "reads_english": "reads English, or an interpreter"}
"""What a property is called where its name does not say it."""


def date_in_future(context: RuleContext) -> Iterator[Hit]:
    for pointer, value in context.everything:
        when = day(value)
        if when and when > context.as_of and pointer.rpartition("/")[2] in _PAST:
            yield Hit(pointer)


def date_before_birth(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        born = day_at(role.data, "date_of_birth")
        for pointer, value in walk(role.data, role.pointer):
            when = day(value)
            if born and when and when < born and "/dependents/" not in pointer:
                yield Hit(pointer)


def age_implausible(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        if (age_on(role, context.as_of) or 0) > 110:
            yield Hit(f"{role.pointer}/date_of_birth")


def beneficiary_id_duplicate(context: RuleContext) -> Iterator[Hit]:
    seen: set[str] = set()
    for beneficiary in context.case.beneficiaries:
        if beneficiary.data["id"] in seen:
            yield Hit(f"{beneficiary.pointer}/id")
        seen.add(beneficiary.data["id"])


def person_twice(context: RuleContext) -> Iterator[Hit]:
    seen: set[tuple[str, object]] = set()
    for role in context.own:
        person = (role.full_name.casefold(), role.data.get("date_of_birth"))
        if person in seen:
            yield Hit(role.pointer)
        seen.add(person)


def number_shared(context: RuleContext) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for role in context.own:
        for path, value in _numbers(role):
            shape = str.isdigit if path in _NUMBERS else str.isalnum
            number = (path, "".join(filter(shape, value)).upper())
            if number in seen:
                yield Hit(f"{role.pointer}/{path}")
            seen.add(number)


def number_impossible(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        for path, value in _numbers(role):
            digits = "".join(filter(str.isdigit, value))
            if (path in _NUMBERS and not digits.strip("0")) or (path == "ssn" and not _possible_ssn(digits)):
                yield Hit(f"{role.pointer}/{path}")


def name_with_digit(context: RuleContext) -> Iterator[Hit]:
    for pointer, part in _name_parts(context):
        if any(map(str.isdigit, part)):
            yield Hit(pointer)


def name_in_capitals(context: RuleContext) -> Iterator[Hit]:
    for pointer, part in _name_parts(context):
        if part.isupper() and len(part) > 3:
            yield Hit(pointer)


def other_name_same(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        own = {part: str(text).casefold() for part, text in role.data["name"].items()}
        for n, other in enumerate(role.data.get("other_names", ())):
            if {part: str(text).casefold() for part, text in other.items()} == own:
                yield Hit(f"{role.pointer}/other_names/{n}")


def relationship_of_oneself(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if context.self_filed(beneficiary) and "relationship_to_petitioner" in beneficiary.data:
            yield Hit(f"{beneficiary.pointer}/relationship_to_petitioner")


def relationship_spouse_unmarried(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        states = {str(role.data.get("marital_status", "married")) for role in (beneficiary, context.case.petitioner)}
        if _relationship(beneficiary) in _SPOUSES and not states <= {"married", "legally-separated", "other"}:
            yield Hit(f"{beneficiary.pointer}/relationship_to_petitioner")


def relationship_sex_differs(context: RuleContext) -> Iterator[Hit]:
    words = {"female": _MALE, "male": _FEMALE}
    for beneficiary in context.case.beneficiaries:
        wrong = words.get(str(beneficiary.data.get("sex")), set())
        if _relationship(beneficiary).removesuffix("-in-law") in wrong and not context.self_filed(beneficiary):
            yield Hit(f"{beneficiary.pointer}/relationship_to_petitioner")


def beneficiary_citizen(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if _is_us(beneficiary.data.get("citizenship")):
            yield Hit(context.place(beneficiary, "citizenship"))


def beneficiary_born_in_us(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        if _is_us(beneficiary.data.get("birth", {}).get("country")):
            yield Hit(context.place(beneficiary, "birth/country"))


def status_citizenship_differ(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        status = role.data.get("status", "us-national")
        if status != "us-national" and "citizenship" in role.data and (status == "us-citizen") != _is_us(role.data["citizenship"]):
            yield Hit(f"{role.pointer}/status")


def answer_missing(context: RuleContext) -> Iterator[Hit]:
    case = context.case
    asked = [(case.petitioner.pointer, case.petitioner, "petitioner")]
    asked += [(beneficiary.pointer, beneficiary, "beneficiary") for beneficiary in case.beneficiaries]
    asked += [(supporter.pointer, supporter, "supporter") for supporter in case.supporters]
    # What is said of a person stands with the person, whose own place is the last pointer of a `same_as`.
    asked += [(supporter.pointers[-1], supporter, "signer of support") for supporter in case.supporters]
    asked += [(person.pointers[-1], person, "supported") for person in case.beneficiaries if _supported_by_another(case, person)]
    missing = {f"{pointer}/{path}": path for pointer, role, part in asked for path in _ASKED[part] if not _answered(role, path)}
    for pointer, path in missing.items():
        yield Hit(pointer, {"what": _WORDS.get(path, path.replace("_", " "))})


def _supported_by_another(case: Case, person: Role) -> bool:
    return any(not support.self_supported for support in case.supports_of(person))


def _answered(role: Role, path: str) -> bool:
    """Whether a role has the property; an interpreter answers whether a signer reads English."""
    head, _, rest = path.partition("/")
    if path == "reads_english" and "interpreter" in role.data:
        return True
    return head in role.data and (not rest or rest in role.data[head])


def build_implausible(context: RuleContext) -> Iterator[Hit]:
    for beneficiary in context.case.beneficiaries:
        age, biographic = age_on(beneficiary, context.as_of), beneficiary.data.get("biographic")
        if age is not None and biographic and not _ordinary(biographic, age):
            yield Hit(context.place(beneficiary, "biographic"))


def signer_under_14(context: RuleContext) -> Iterator[Hit]:
    age = age_on(context.case.petitioner, context.as_of)
    if age is not None and age < 14:
        yield Hit("/petitioner/date_of_birth")


def supporter_under_18(context: RuleContext) -> Iterator[Hit]:
    for supporter in context.case.supporters:
        age = age_on(supporter, context.as_of)
        if age is not None and age < 18:
            yield Hit(context.place(supporter, "date_of_birth"))


def address_post_office_box(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        street = str(role.data.get("mailing_address", {}).get("street", ""))
        if "physical_address" not in role.data and is_post_office_box(street):
            yield Hit(f"{role.pointer}/mailing_address/street")


def zip_state_differ(context: RuleContext) -> Iterator[Hit]:
    for pointer, value in context.everything:
        if isinstance(value, dict) and "zip" in value and "state" in value and not _zip_in_state(str(value["zip"]), str(value["state"])):
            yield Hit(f"{pointer}/zip")


def phone_digits(context: RuleContext) -> Iterator[Hit]:
    for role in (*context.own, *filter(None, (context.case.representative,))):
        if not (role.data.get("mailing_address") or role.data.get("address") or {}).get("state"):
            continue
        for name in ("daytime_phone", "mobile_phone", "fax"):
            digits = "".join(filter(str.isdigit, str(role.data.get(name, ""))))
            if digits and len(digits.removeprefix("1")) != 10:
                yield Hit(f"{role.pointer}/{name}")


def interpreter_of_english(context: RuleContext) -> Iterator[Hit]:
    for role in context.own:
        if str(role.data.get("interpreter", {}).get("language", "")).casefold() == "english":
            yield Hit(f"{role.pointer}/interpreter/language")


def age_on(role: Role, on: date) -> int | None:
    """Someone's age in full years on a day; None when the date of birth is not known."""
    born = day_at(role.data, "date_of_birth")
    return years_between(born, on) if born else None


def _numbers(role: Role) -> Iterator[tuple[str, str]]:
    for name in _NUMBERS:
        if name in role.data:
            yield name, str(role.data[name])
    if "passport" in role.data:
        yield "passport/number", f"{role.data['passport']['country']} {role.data['passport']['number']}"
    if "i94_number" in role.data.get("immigration", {}):
        yield "immigration/i94_number", str(role.data["immigration"]["i94_number"])


def _zip_in_state(code: str, state: str) -> bool:
    return state in _STATES_OF_DIGIT[int(code[0])].split() or any(code.startswith(start) for start in _STRAY_ZIPS.get(state, ()))


def _possible_ssn(digits: str) -> bool:
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _name_parts(context: RuleContext) -> Iterator[tuple[str, str]]:
    for pointer, value in context.everything:
        if pointer.rpartition("/")[2] in {"family", "given", "middle"} and isinstance(value, str):
            yield pointer, value


def _relationship(beneficiary: Role) -> str:
    return str(beneficiary.data.get("relationship_to_petitioner", "")).strip().casefold()


def _is_us(country: object) -> bool:
    return str(country).strip().casefold() in _UNITED_STATES | {UNITED_STATES.casefold()}


def _ordinary(biographic: Mapping[str, Any], age: int) -> bool:
    """Wide bounds: grown people between 4 and 7 feet and 60 and 500 pounds, and no child under 13 above 6 feet or 250 pounds."""
    inches = biographic["height"]["feet"] * 12 + biographic["height"]["inches"]
    pounds = biographic["weight_pounds"]
    if age < 13:
        return bool(inches <= 72 and pounds <= 250)
    return age < 18 or bool(48 <= inches <= 84 and 60 <= pounds <= 500)


CHECKS: Mapping[str, Check] = {
    "date-in-future": date_in_future,
    "date-before-birth": date_before_birth,
    "age-implausible": age_implausible,
    "beneficiary-id-duplicate": beneficiary_id_duplicate,
    "person-twice": person_twice,
    "number-shared": number_shared,
    "number-impossible": number_impossible,
    "name-with-digit": name_with_digit,
    "name-in-capitals": name_in_capitals,
    "other-name-same": other_name_same,
    "relationship-of-oneself": relationship_of_oneself,
    "relationship-spouse-unmarried": relationship_spouse_unmarried,
    "relationship-sex-differs": relationship_sex_differs,
    "beneficiary-citizen": beneficiary_citizen,
    "beneficiary-born-in-us": beneficiary_born_in_us,
    "status-citizenship-differ": status_citizenship_differ,
    "answer-missing": answer_missing,
    "build-implausible": build_implausible,
    "signer-under-14": signer_under_14,
    "supporter-under-18": supporter_under_18,
    "address-post-office-box": address_post_office_box,
    "zip-state-differ": zip_state_differ,
    "phone-digits": phone_digits,
    "interpreter-of-english": interpreter_of_english,
}
