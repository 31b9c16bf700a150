"""What the generated pages print: the case, the plan and the layout as the letters' own plain facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from pipeline.case.model import Case, Role
from pipeline.findings import Level
from pipeline.letters.context import (
    Address,
    Argument,
    Citation,
    Enclosure,
    ExhibitEntry,
    LetterContext,
    PartEntry,
    Person,
    Point,
    Representative,
    Request,
    SignatureEntry,
)
from pipeline.packet.examine import Examined
from pipeline.packet.filing import FilingFacts
from pipeline.packet.layout import LaidSection, Layout
from pipeline.packet.manifest import Signature
from pipeline.packet.plan import SectionKind

_UNITS = {"apt": "Apt.", "ste": "Suite", "flr": "Floor"}


def letter_context(
    examined: Examined, layout: Layout, filing: FilingFacts, signatures: Sequence[Signature], reasons: tuple[str, ...]
) -> LetterContext:
    """The context of all generated pages of a packet."""
    case = examined.case
    letters = case.data.get("letters", {})
    return LetterContext(
        case_id=case.case_id,
        day=examined.as_of,
        petitioner=_person(case.petitioner),
        beneficiaries=tuple(_person(b) for b in case.beneficiaries),
        request=_request(case, examined.item, layout),
        representative=_representative(case.representative),
        self_filed=case.beneficiaries[0].pointers[-1] == case.petitioner.pointer,
        supporters=tuple(s.full_name for s in case.supporters),
        filing=filing.filing,
        enclosures=tuple(_enclosures(layout)),
        argument=_argument(case.data["request"].get("argument", {}), layout),
        exhibits=tuple(_exhibit(laid) for laid in layout.exhibits),
        signatures=tuple(SignatureEntry(f"{s.name} ({s.who})", s.form, s.part, s.packet_page) for s in signatures),
        findings=tuple(f for f in examined.findings if f.level is not Level.INFO),
        draft_reasons=reasons,
        salutation=letters.get("salutation"),
        remarks=tuple(letters.get("remarks", ())),
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def address_lines(address: Mapping[str, Any]) -> tuple[str, ...]:
    """An address as it is printed, one string a line."""
    unit = address.get("unit")
    street = address.get("street", "")
    if unit:
        street += f", {_UNITS[unit['kind']]} {unit['number']}"
    if address.get("state"):
        place = f"{address['city']}, {address['state']} {address.get('zip', '')}"
        lines = [address.get("in_care_of"), street, place]
    else:
        place = ", ".join(p for p in (address.get("city"), address.get("province"), address.get("postal_code")) if p)
        lines = [address.get("in_care_of"), street, place, address.get("country")]
    return tuple(line.strip() for line in lines if line and line.strip())


def _address(data: Mapping[str, Any], key: str) -> Address | None:
    return Address(address_lines(data[key])) if key in data else None


def _person(role: Role) -> Person:
    data = role.data
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
    )


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


def _request(case: Case, item: str, layout: Layout) -> Request:
    request = case.data["request"]
    stay, office = request.get("stay", {}), request.get("notify_office")
    expedite = request.get("expedite")
    return Request(
        kind=case.kind,
        item=item,
        purpose=request.get("purpose"),
        arrive_on=_day(stay.get("arrive_on")),
        leave_by=_day(stay.get("leave_by")),
        length=stay.get("length"),
        notify_office=f"{office['city']}, {office['country']}" if office else None,
        expedite=Point(expedite["reason"], _citations(expedite["exhibits"], layout)) if expedite else None,
    )


def _argument(argument: Mapping[str, Any], layout: Layout) -> Argument:
    return Argument(**{f.name: tuple(_points(argument.get(f.name, ()), layout)) for f in fields(Argument)})


def _points(points: Sequence[Mapping[str, Any]], layout: Layout) -> Iterator[Point]:
    for point in points:
        yield Point(point["text"], _citations(point["exhibits"], layout))


def _citations(cited: Sequence[Mapping[str, Any]], layout: Layout) -> tuple[Citation, ...]:
    return tuple(citation for entry in cited for citation in _citation(entry, layout))


def _citation(entry: Mapping[str, Any], layout: Layout) -> Iterator[Citation]:
    """Packet pages of a citation: its pages count within the exhibit, from 1, its sheet left out."""
    laid = layout.exhibit(entry["exhibit"])
    assert laid.section.exhibit is not None
    first = laid.evidence.first
    for run in str(entry["pages"]).split(",") if "pages" in entry else [f"1-{laid.evidence.count}"]:
        low, _, high = run.strip().partition("-")
        yield Citation(laid.section.exhibit.label, first + int(low) - 1, first + int(high or low) - 1)


def _enclosures(layout: Layout) -> Iterator[Enclosure]:
    """Each form by name with how many there are, then index and exhibits, in packet order."""
    counts = Counter(laid.section.form for laid in layout.forms)
    seen: set[str | None] = set()
    for laid in layout.sections:
        form = laid.section.form
        if form and form not in seen:
            seen.add(form)
            yield Enclosure(f"Form {form}", counts[form])
        elif laid.section.kind is SectionKind.INDEX:
            yield Enclosure(laid.section.title)
    labels = [laid.section.exhibit.label for laid in layout.exhibits if laid.section.exhibit]
    if labels:
        yield Enclosure(f"Exhibits {labels[0]} to {labels[-1]}" if len(labels) > 1 else f"Exhibit {labels[0]}")


def _exhibit(laid: LaidSection) -> ExhibitEntry:
    exhibit = laid.section.exhibit
    assert exhibit is not None
    parts = tuple(
        PartEntry(str(p.part.role), p.pages.first, p.pages.last, exhibit.language or None) for p in laid.parts if exhibit.language
    )
    return ExhibitEntry(
        exhibit.label,
        exhibit.exhibit_id,
        exhibit.title,
        exhibit.shows,
        laid.evidence.first,
        laid.evidence.last,
        laid.pages.first,
        parts,
    )
