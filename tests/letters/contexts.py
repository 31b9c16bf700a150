"""Letter contexts for tests, built from the sample case with page numbers made up by a simple count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipeline.findings import Finding, Level
from pipeline.letters.context import Enclosure, ExhibitEntry, Fee, Filing, LetterContext, PartEntry, SignatureEntry
from pipeline.letters.people import Address, Person, Representative
from pipeline.letters.request import Argument, Citation, Point, Request

SAMPLE = Path(__file__).parents[2] / "samples" / "urgent-humanitarian" / "case.json"
FIRST_EXHIBIT_PAGE = 58


def _name(person: Mapping[str, Any]) -> str:
    return " ".join(person["name"][part] for part in ("given", "middle", "family") if part in person["name"])


def _person(person: Mapping[str, Any], address: Address | None = None) -> Person:
    return Person(
        name=_name(person),
        sex=person["sex"],
        status=person.get("status"),
        citizenship=person["citizenship"],
        date_of_birth=date.fromisoformat(person["date_of_birth"]),
        birth_country=person["birth"]["country"],
        relationship=person.get("relationship_to_petitioner"),
        address=address,
        phone=person["daytime_phone"],
        email=person["email"],
    )


def _exhibits(case: Mapping[str, Any]) -> tuple[ExhibitEntry, ...]:
    page, made = FIRST_EXHIBIT_PAGE, []
    for number, exhibit in enumerate(case["exhibits"]):
        count = 3 if "translation" in exhibit else 1 + number % 3
        parts: tuple[PartEntry, ...] = ()
        if "translation" in exhibit:
            parts = tuple(
                PartEntry(role, page + 1 + i, page + 1 + i, exhibit["translation"]["language"])
                for i, role in enumerate(("original", "translation", "certificate"))
            )
        made.append(ExhibitEntry(chr(65 + number), exhibit["id"], exhibit["title"], exhibit["shows"], page + 1, page + count, parts))
        page += 1 + count
    return tuple(made)


def _points(points: list[Mapping[str, Any]], exhibits: Mapping[str, ExhibitEntry]) -> tuple[Point, ...]:
    return tuple(
        Point(
            point["text"],
            tuple(Citation(e.label, e.first_page, e.last_page) for e in (exhibits[c["exhibit"]] for c in point["exhibits"])),
        )
        for point in points
    )


@cache
def sample() -> LetterContext:
    """The sample case: represented, two beneficiaries, eleven exhibits."""
    case = json.loads(SAMPLE.read_text(encoding="utf-8"))
    exhibits = _exhibits(case)
    by_id = {exhibit.exhibit_id: exhibit for exhibit in exhibits}
    request, representative = case["request"], case["representative"]
    expedite = Point(
        request["expedite"]["reason"], (Citation("G", by_id["surgeon-letter"].first_page, by_id["surgeon-letter"].first_page),)
    )
    own = Address(("4820 Larkmere Avenue, Apt. 12B", "Houston, TX 77036"))
    return LetterContext(
        case_id=case["case_id"],
        day=date.fromisoformat(case["prepared_on"]),
        petitioner=_person(case["petitioner"], own),
        beneficiaries=tuple(_person(person) for person in case["beneficiaries"]),
        request=Request(
            kind=case["kind"],
            item="7",
            purpose=request["purpose"],
            arrive_on=date.fromisoformat(request["stay"]["arrive_on"]),
            leave_by=date.fromisoformat(request["stay"]["leave_by"]),
            length=request["stay"]["length"],
            notify_office="Tegucigalpa, Honduras",
            expedite=expedite,
        ),
        representative=Representative(
            name=_name(representative),
            kind="attorney",
            firm=representative["firm"],
            licensing_authority=representative["licensing_authority"],
            bar_number=representative["bar_number"],
            address=Address(("1901 Tamberlane Street, Suite 400", "Houston, TX 77002")),
            phone=representative["daytime_phone"],
            fax=representative["fax"],
            email=representative["email"],
        ),
        supporters=(_name(case["petitioner"]),),
        filing=Filing(
            carrier="usps",
            address=Address(("USCIS", "Attn: HP", "P.O. Box 660865", "Dallas, TX 75266-0865")),
            delivery="By U.S. Postal Service",
            fee=Fee(630, 2, "G-1450"),
        ),
        enclosures=(
            Enclosure("Form G-1145"),
            Enclosure("Form G-28", 2),
            Enclosure("Form I-131", 2),
            Enclosure("Form I-134", 2),
            Enclosure("Evidence index"),
            Enclosure("Exhibits A to K"),
        ),
        argument=Argument(**{name: _points(points, by_id) for name, points in request["argument"].items()}),
        exhibits=exhibits,
        signatures=tuple(
            SignatureEntry(who, form, part, page)
            for who, form, part, page in (
                ("Marisolda Ivette Quennevar (petitioner)", "G-28", "Part 4, item 2", 6),
                ("Imogen P Ravensholt (representative)", "G-28", "Part 5, item 1", 7),
                ("Marisolda Ivette Quennevar (petitioner)", "I-131", "Part 10, item 4", 20),
                ("Marisolda Ivette Quennevar (supporter)", "I-134", "Part 4, item 6", 34),
            )
        ),
        findings=(
            Finding("x", Level.WARNING, "case.json:88:20 /request/argument/no_other_way/1", "this point cites no exhibit", "Cite one."),
        ),
        draft_reasons=("4 forms are facsimiles; add the official files with packet forms add",),
    )


def alone() -> LetterContext:
    """A short case: one beneficiary, no representative, next to no optional fact."""
    base = sample()
    return LetterContext(
        case_id="short",
        day=base.day,
        petitioner=replace(base.petitioner, phone=None),
        beneficiaries=(Person(name="Ilario Benedicto Tostabrel", sex="male", citizenship="Honduras"),),
        request=Request(kind="urgent-humanitarian", item="7"),
        argument=Argument(need=(Point("He needs an operation that is not done in Honduras."),)),
        exhibits=base.exhibits[:1],
    )


def large(exhibits: int = 60, beneficiaries: int = 9) -> LetterContext:
    """A long case with long names and titles."""
    base = sample()
    names = "Maria-Guadalupe Concepción Esperanza Villanueva-Etcheverría de la Santísima Trinidad"
    people = tuple(
        replace(base.beneficiaries[0], name=f"{names} {i}", relationship="first cousin once removed") for i in range(1, beneficiaries + 1)
    )
    rows = tuple(
        ExhibitEntry(
            f"{chr(65 + i // 26 - 1) if i >= 26 else ''}{chr(65 + i % 26)}",
            f"exhibit-{i}",
            f"Record {i} of the Hospital of the Province, with every page of the course of the illness and its treatment",
            "Diagnosis, course of the illness, treatment so far, and what is still to be done",
            100 + 10 * i,
            104 + 10 * i,
        )
        for i in range(exhibits)
    )
    need = tuple(
        Point(f"{point.text} " * 6, tuple(Citation(e.label, e.first_page, e.last_page) for e in rows[:9]))
        for point in base.argument.need * 3
    )
    return replace(base, beneficiaries=people, exhibits=rows, argument=replace(base.argument, need=need))
