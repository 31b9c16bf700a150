"""Any case that the schema allows and a form can show, as hypothesis strategies over the properties that forms read."""

from __future__ import annotations

import random
import string
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.forms.cases import ITEMS, KIND_OF, ROLES, SELF_ONLY, Data, full_case

_LETTERS = string.ascii_letters + "áéíñÑøŁșțŽẹğİßÅœŵ'-.,&/#" + string.digits
_POOL = "".join(random.Random(20261124).choices(_LETTERS + " " * 9, k=30_000))
"""Fixed text that lines are cut from: two numbers draw a line, so that a whole case stays within what hypothesis draws."""
_PLACES = st.integers(0, len(_POOL) - 1000)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat)
STATES = st.sampled_from(["TX", "CA", "NY", "PR", "AP", "GU", "DC"])
COUNTRIES = st.sampled_from(
    ["Honduras", "United States", "Bosnia and Herzegovina", "Côte d'Ivoire", "Türkiye", "Saint Vincent and the Grenadines"]
)


def line(longest: int) -> st.SearchStrategy[str]:
    """One line of at most this many characters, without space at its ends."""
    return st.builds(_cut, _PLACES, st.integers(1, longest))


def _cut(place: int, length: int) -> str:
    return " ".join(_POOL[place : place + length].split()) or "X"


def text(longest: int) -> st.SearchStrategy[str]:
    """Words and a few paragraphs, up to this many characters."""
    return st.builds(_paragraphs, line(min(longest, 900)), st.integers(1, 12))


def _paragraphs(words: str, every: int) -> str:
    parts = words.split()
    return "".join(word + ("\n" if number % (every * 4) == 0 else " ") for number, word in enumerate(parts, 1)).strip()


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    """Only digits."""
    return st.integers(least, most).flatmap(lambda n: st.integers(0, 10**n - 1).map(lambda v: str(v).zfill(n)))


PHONES = st.one_of(digits(10, 10), digits(10, 10).map(lambda d: f"+1 ({d[:3]}) {d[3:6]}-{d[6:]}"), digits(7, 9))
EMAILS = st.integers(1, 10**14).map(lambda n: f"e{n}@example.org")
RECEIPTS = digits(10, 10).map(lambda d: f"IOE{d}")


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """An object with any of these properties."""
    return st.fixed_dictionaries({}, optional=fields)


NAMES = st.fixed_dictionaries({"family": line(40), "given": line(30)}, optional={"middle": line(25)})
ENGLISH_NAMES = st.fixed_dictionaries({"family": line(22), "given": line(16)}, optional={"middle": line(16)})
"""Short enough for the G-1145, which has no second place for a name."""
UNITS = st.fixed_dictionaries({"kind": st.sampled_from(["apt", "ste", "flr"]), "number": line(6)})
US_ADDRESSES = st.fixed_dictionaries(
    {"street": line(34), "city": line(20), "state": STATES, "zip": st.sampled_from(["77036", "00501-0001"])},
    optional={"in_care_of": line(34), "unit": UNITS},
)
FOREIGN_ADDRESSES = st.fixed_dictionaries(
    {"street": line(34), "city": line(20), "country": COUNTRIES.filter(lambda c: c != "United States")},
    optional={"in_care_of": line(34), "unit": UNITS, "province": line(20), "postal_code": line(9)},
)
ADDRESSES = st.one_of(US_ADDRESSES, FOREIGN_ADDRESSES)
BIRTHS = st.fixed_dictionaries({"country": COUNTRIES}, optional={"city": line(40), "province": line(20)})
DOCUMENTS = st.lists(st.fixed_dictionaries({"issued": DAYS, "disposition": line(60)}), max_size=2)
CONTACT = {"daytime_phone": PHONES, "mobile_phone": PHONES, "email": EMAILS}
INTERPRETERS = st.fixed_dictionaries({"name": NAMES, "language": line(18)}, optional={"firm": line(34), **CONTACT})
IMMIGRATION = some(
    class_of_admission=line(34),
    i94_number=digits(10, 10).map("A".__add__),
    i94_expires=DAYS,
    emedical_parolee_id=line(20),
)
PERSON = some(
    other_names=st.lists(NAMES, max_size=5),
    a_number=st.one_of(digits(7, 9), digits(9, 9).map("A".__add__)),
    physical_address=ADDRESSES,
    immigration=IMMIGRATION,
    earlier_documents=some(travel_document=DOCUMENTS, advance_parole=DOCUMENTS),
    reads_english=st.just(True),
    **CONTACT,
)
BASICS = {
    "date_of_birth": DAYS,
    "sex": st.sampled_from(["female", "male"]),
    "birth": BIRTHS,
    "citizenship": COUNTRIES,
    "mailing_address": ADDRESSES,
}
STATUSES = [
    "us-citizen", "us-national", "lawful-permanent-resident", "nonimmigrant", "asylee", "refugee", "parolee", "tps-holder",
    "deferred-action", "none",
]  # fmt: skip
MARITAL = ["single", "married", "divorced", "widowed", "legally-separated", "annulled"]
BIOGRAPHIC = st.fixed_dictionaries(
    {
        "ethnicity": st.sampled_from(["hispanic", "not-hispanic"]),
        "race": st.lists(
            st.sampled_from(["american-indian", "asian", "black", "pacific-islander", "white"]), min_size=1, max_size=5, unique=True
        ),
        "height": st.fixed_dictionaries({"feet": st.integers(2, 8), "inches": st.integers(0, 11)}),
        "weight_pounds": st.integers(1, 999),
        "eyes": st.sampled_from(["black", "blue", "brown", "gray", "green", "hazel", "maroon", "pink", "other"]),
        "hair": st.sampled_from(["bald", "black", "blond", "brown", "gray", "red", "sandy", "white", "other"]),
    }
)
EMPLOYMENTS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("employed"), "occupation": line(60), "employer": line(90)}),
    st.fixed_dictionaries({"kind": st.just("self-employed"), "occupation": line(90)}),
    st.fixed_dictionaries({"kind": st.sampled_from(["not-employed", "retired"])}),
    st.fixed_dictionaries({"kind": st.just("other"), "explanation": line(90)}),
)
ASSETS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["checking", "savings", "annuities", "securities", "retirement", "real-estate", "personal-property"]),
            "amount": st.integers(0, 999_999_999),
        }
    ),
    max_size=9,
)
DEPENDENTS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "date_of_birth": DAYS, "relationship": line(30)}, optional={"a_number": digits(7, 9), "receipt": RECEIPTS}
    ),
    max_size=11,
)
SUPPORT = some(
    employment=EMPLOYMENTS,
    annual_income=st.integers(0, 999_999_999),
    assets=ASSETS,
    earlier_declarations=st.integers(0, 99),
    dependents_counting_self=st.integers(1, 99),
    dependents=DEPENDENTS,
    contributions=text(700),
)
ATTORNEYS = st.fixed_dictionaries(
    {"kind": st.just("attorney"), "licensing_authority": line(66), "disciplinary_order": st.booleans()},
    optional={"firm": line(30), "bar_number": line(10)},
)
ACCREDITED = st.fixed_dictionaries({"kind": st.just("accredited-representative"), "organization": line(30), "accredited_on": DAYS})
REPRESENTATIVE = st.fixed_dictionaries(
    {"name": NAMES, "address": ADDRESSES, "daytime_phone": PHONES},
    optional={
        "mobile_phone": PHONES,
        "fax": PHONES,
        "email": EMAILS,
        "uscis_account": digits(12, 12),
        "notices_to_representative": st.booleans(),
        "documents_to_representative": st.booleans(),
        "i94_to_client": st.booleans(),
    },
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Data, str]:
    """A case and its Part 1 item."""
    item = draw(st.sampled_from(ITEMS))
    alone = item in SELF_ONLY or draw(st.booleans())
    data = full_case(item, self_filed=alone)
    data["petitioner"] = {
        "name": draw(ENGLISH_NAMES),
        **draw(st.fixed_dictionaries(BASICS)),
        "status": draw(st.sampled_from(STATUSES)),
        **draw(PERSON),
        **draw(some(ssn=digits(9, 9), uscis_account=digits(12, 12))),
    }
    if draw(st.booleans()):
        data["petitioner"] |= {"interpreter": draw(INTERPRETERS), "reads_english": False}
    _beneficiary(draw, data, item, alone)
    _supporter(draw, data)
    _representative(draw, data)
    _request(draw, data, item)
    return data, item


def _beneficiary(draw: st.DrawFn, data: Data, item: str, alone: bool) -> None:
    person = data["beneficiaries"][0]
    if not alone:
        own = {"name": draw(NAMES), **draw(st.fixed_dictionaries(BASICS)), **draw(PERSON), "relationship_to_petitioner": "nephew"}
        own |= draw(some(marital_status=st.sampled_from(MARITAL)))
        person = {k: v for k, v in person.items() if k in ("id", "military_role", "qualifies_because", "wants_work_permit")} | own
    person |= {"ever_in_proceedings": draw(st.booleans()), "refugee_status": draw(st.booleans()), "biographic": draw(BIOGRAPHIC)}
    if "qualifies_because" in person:
        person["qualifies_because"] = draw(text(900))
    if item in ROLES:
        person["military_role"] = draw(st.sampled_from(ROLES[item]))
    data["beneficiaries"] = [person]


def _supporter(draw: st.DrawFn, data: Data) -> None:
    supporter = {"supports": data["supporters"][0]["supports"], **draw(SUPPORT)}
    if draw(st.booleans()):
        supporter["same_as"] = "petitioner"
    else:
        basics = {name: BASICS[name] for name in ("date_of_birth", "birth", "mailing_address")}
        supporter |= {"name": draw(NAMES), "status": draw(st.sampled_from(STATUSES)), **draw(st.fixed_dictionaries(basics)), **draw(PERSON)}
        supporter.pop("immigration", None)
    supporter["supports"][0]["relationship"] = draw(line(90))
    data["supporters"] = [supporter]


def _representative(draw: st.DrawFn, data: Data) -> None:
    del data["representative"]
    if draw(st.booleans()):
        data["representative"] = {**draw(REPRESENTATIVE), **draw(st.one_of(ATTORNEYS, ACCREDITED))}
    if draw(st.booleans()):
        data["preparer"] = draw(st.fixed_dictionaries({"name": NAMES}, optional={"firm": line(34), **CONTACT}))


def _request(draw: st.DrawFn, data: Data, item: str) -> None:
    request = data["request"]
    if KIND_OF[item] == "advance-parole":
        trip = {
            "departs_on": DAYS,
            "purpose": text(300),
            "countries": st.lists(COUNTRIES, min_size=1, unique=True),
            "days": st.integers(1, 9999),
        }
        request["trip"] = draw(st.fixed_dictionaries({**trip, "trips": st.sampled_from(["one", "several"])}))
        if draw(st.booleans()):
            del request["replacement"]
        else:
            request["replacement"]["explanation"] = draw(text(400))
    else:
        ends = st.one_of(st.fixed_dictionaries({"leave_by": DAYS}), st.just({"no_end_date": True}))
        request["stay"] = {"arrive_on": draw(DAYS), "length": draw(line(30)), **draw(ends)}
    if "program" in request:
        request["program"] = draw(line(100))
    if "other_basis" in request:
        request["other_basis"] = draw(text(400))
