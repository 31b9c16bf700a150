"""Cases for form tests: one for every Part 1 item of the I-131, with every property that a form can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Data = dict[str, Any]

KINDS = {
    "advance-parole": ("4", *(f"5.{letter}" for letter in "ABCDEFGHIJKLM")),
    "program-parole": tuple(f"6.{letter}" for letter in "ABCDE"),
    "urgent-humanitarian": ("7",),
    "military-parole-in-place": ("8.A",),
    "parole-in-place": ("8.B", "8.C", "9"),
    "re-parole": (*(f"10.{letter}" for letter in "ABCDEFGHI"), "11"),
}
KIND_OF = {item: kind for kind, items in KINDS.items() for item in items}
ITEMS = tuple(KIND_OF)
"""Items 4 to 11 in the form's order."""
SELF_ONLY = (*KINDS["advance-parole"], "8.A")
"""Items that the form has no place for another person under."""

RECEIPT = "IOE0915550101"
PROGRAM = "Program for testers"
TASK_FORCE = "FRT01555010"
AGENCY = {"name": "Bureau of Fictional Affairs", "email": "desk@example.org"}
OTHER_BASIS = "Deferred action in a labor matter"

_ASKS: Mapping[str, Data] = {
    **{item: {"receipt": RECEIPT} for item in ("4", "5.A", "5.B", "5.C", "5.E", "5.F", "5.G", "5.I", "5.J", "5.K", "5.L", "6.A")},
    "5.M": {"other_basis": OTHER_BASIS},
    "6.C": {"agency": AGENCY},
    "6.D": {"task_force_number": TASK_FORCE},
    "6.E": {"program": PROGRAM},
    "8.B": {"task_force_number": TASK_FORCE},
    "8.C": {"program": PROGRAM},
    "10.I": {"program": PROGRAM},
}
"""What an item asks for in the request."""

ROLES = {"6.B": ("service-member", "family", "guardian"), "8.A": ("service-member", "family")}
ROLES |= {"10.E": ROLES["6.B"], "10.H": ROLES["8.A"]}
"""The military sub-boxes of an item, (1) first."""

US_ADDRESS = {"street": "4820 Larkmere Avenue", "unit": {"kind": "apt", "number": "12B"}, "city": "Houston", "state": "TX", "zip": "77036"}
ABROAD = {"street": "Barrio El Parnaso 31", "city": "Siguatepeque", "province": "Comayagua", "postal_code": "12111", "country": "Honduras"}
"""No unit: its number stands in the street."""


def name(family: str, given: str, middle: str = "") -> Data:
    """A name as the case has it."""
    return {"family": family, "given": given} | ({"middle": middle} if middle else {})


def full_case(item: str = "7", *, self_filed: bool | None = None) -> Data:
    """A schema-valid case for an item; asked for oneself when the item allows nothing else or `self_filed` says so."""
    alone = item in SELF_ONLY if self_filed is None else self_filed
    kind = KIND_OF[item]
    beneficiary: Data = {"id": "nerea", "ever_in_proceedings": False, "refugee_status": True, "biographic": _biographic()}
    beneficiary |= {"same_as": "petitioner"} if alone else _other_person()
    if kind != "advance-parole":
        beneficiary["qualifies_because"] = "Tetralogy of Fallot; the operation is not done in Honduras."
    if kind == "re-parole":
        beneficiary["wants_work_permit"] = True
    if item in ROLES:
        beneficiary["military_role"] = ROLES[item][0]
    return {
        "case_id": "quennevar",
        "kind": kind,
        "prepared_on": "2026-11-24",
        "petitioner": _petitioner(),
        "beneficiaries": [beneficiary],
        "supporters": [_supporter(alone)],
        "representative": _representative(),
        "request": _request(item, kind),
        "exhibits": [],
        "filing": {"mode": "paper", "carrier": "usps", "payment": "card"},
    }


def _petitioner() -> Data:
    return {
        "name": name("Quennevar", "Marisolda", "Ivette"),
        "other_names": [name("Tostabrel", "Marisolda"), name("Amarindo", "Sol", "I")],
        "date_of_birth": "1984-03-17",
        "sex": "female",
        "birth": {"city": "Comayagua", "province": "Comayagua", "country": "Honduras"},
        "citizenship": "Honduras",
        "status": "parolee",
        "marital_status": "married",
        "a_number": "A55501234",
        "uscis_account": "055501230001",
        "ssn": "078-05-1120",
        "mailing_address": {**US_ADDRESS, "in_care_of": "Oswin Quennevar"},
        "physical_address": {
            "street": "77 Orrindale Road",
            "unit": {"kind": "flr", "number": "3"},
            "city": "Katy",
            "state": "TX",
            "zip": "77450",
        },
        "daytime_phone": "713-555-0142",
        "mobile_phone": "+1 (713) 555-0143",
        "email": "m.quennevar@example.org",
        "immigration": {
            "class_of_admission": "PAR",
            "i94_number": "055501234A5",
            "i94_expires": "2027-03-31",
            "emedical_parolee_id": "USP0155501",
        },
        "earlier_documents": {"travel_document": [], "advance_parole": [{"issued": "2019-05-02", "disposition": "Expired"}]},
        "reads_english": False,
        "interpreter": {
            "name": name("Velanique", "Corisande"),
            "firm": "Velanique Language Services",
            "daytime_phone": "713-555-0151",
            "mobile_phone": "713-555-0152",
            "email": "c.velanique@example.org",
            "language": "Spanish",
        },
    }


def _other_person() -> Data:
    return {
        "name": name("Tostabrel", "Nerea", "Luz"),
        "other_names": [name("Amarindo", "Nerea")],
        "date_of_birth": "1990-11-02",
        "sex": "male",
        "birth": {"city": "La Esperanza", "province": "Intibuca", "country": "Honduras"},
        "citizenship": "Honduras",
        "status": "none",
        "marital_status": "widowed",
        "a_number": "A55509876",
        "mailing_address": ABROAD,
        "physical_address": {**ABROAD, "street": "Colonia Ficticia 9"},
        "daytime_phone": "504-555-0117",
        "email": "parnaso31@example.org",
        "immigration": {"class_of_admission": "PAR", "i94_number": "055501234B6", "i94_expires": "2027-02-28"},
        "relationship_to_petitioner": "nephew",
    }


def _biographic() -> Data:
    return {
        "ethnicity": "hispanic",
        "race": ["american-indian", "white"],
        "height": {"feet": 5, "inches": 3},
        "weight_pounds": 68,
        "eyes": "brown",
        "hair": "black",
    }


def _supporter(alone: bool) -> Data:
    dependents = [{"name": name("Quennevar", "Oswin"), "date_of_birth": "1981-09-25", "relationship": "Spouse"}]
    return {
        "same_as": "petitioner",
        "supports": [{"beneficiary": "nerea", "relationship": "Myself" if alone else "Aunt of the beneficiary"}],
        "employment": {"kind": "employed", "occupation": "Registered nurse", "employer": "Larkmere Valley Clinic"},
        "annual_income": 91400,
        "assets": [{"type": "savings", "amount": 38250}, {"type": "checking", "amount": 6120}],
        "earlier_declarations": 0,
        "dependents_counting_self": 2,
        "dependents": dependents,
        "contributions": "Room and board at 4820 Larkmere Avenue.",
    }


def _representative() -> Data:
    return {
        "kind": "attorney",
        "name": name("Ravensholt", "Imogen", "P"),
        "firm": "Ravensholt Law Office",
        "licensing_authority": "State Bar of Texas",
        "bar_number": "24055501",
        "disciplinary_order": False,
        "uscis_account": "055501230009",
        "address": {
            "street": "1901 Tamberlane Street",
            "unit": {"kind": "ste", "number": "400"},
            "city": "Houston",
            "state": "TX",
            "zip": "77002",
        },
        "daytime_phone": "713-555-0188",
        "mobile_phone": "713-555-0189",
        "fax": "713-555-0190",
        "email": "counsel@example.org",
        "notices_to_representative": True,
        "documents_to_representative": False,
        "i94_to_client": True,
    }


def _request(item: str, kind: str) -> Data:
    request: Data = {"item": item, **_ASKS.get(item, {})}
    if kind == "advance-parole":
        trip = {
            "departs_on": "2027-02-01",
            "purpose": "Visit to a dying grandmother",
            "countries": ["Honduras"],
            "trips": "one",
            "days": 21,
        }
        request["trip"] = trip
        request["replacement"] = {
            "reason": "wrong-by-agency",
            "corrections": ["sex", "photo"],
            "explanation": "The given name lacks a letter.",
            "receipt": "IOE0915550103",
        }
        return request
    request["stay"] = {"arrive_on": "2027-01-11", "leave_by": "2027-12-31", "length": "11 months and 20 days"}
    request["argument"] = {"need": [{"text": "The operation is not done in Honduras.", "exhibits": []}]}
    if kind in ("urgent-humanitarian", "program-parole"):
        request |= {"purpose": "an operation", "notify_office": {"city": "Tegucigalpa", "country": "Honduras"}}
    if kind == "urgent-humanitarian":
        request["reasons"] = ["medical"]
    return request
