"""What a letter is told: plain frozen facts, filled by the packet room from the case, the plan and the layout.

Page numbers are packet pages, counted from 1, and always come from the layout: a letter prints them and computes none.
An optional fact that the case does not have is None or an empty tuple, and no sentence speaks of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pipeline.findings import Finding


class Pages(Protocol):
    """Anything that spans packet pages."""

    @property
    def first_page(self) -> int: ...
    @property
    def last_page(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it is printed, one string a line."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A petitioner or beneficiary as letters speak of them."""

    name: str
    """Full name in the order it is spoken."""
    sex: str | None = None
    """`female` or `male`; anything else is spoken of as they."""
    status: str | None = None
    """The case's word for the standing in the United States, such as `us-citizen`."""
    citizenship: str | None = None
    """The country, not the adjective: Honduras."""
    date_of_birth: date | None = None
    birth_country: str | None = None
    a_number: str | None = None
    """Digits, with or without the A."""
    relationship: str | None = None
    """What the beneficiary is to the petitioner, in lower case: nephew.  None for the petitioner."""
    address: Address | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Representative:
    """The attorney or accredited representative who signs the letter."""

    name: str
    kind: str
    """`attorney` or `accredited`."""
    firm: str | None = None
    licensing_authority: str | None = None
    bar_number: str | None = None
    address: Address | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """An exhibit and the packet pages of it that prove a point."""

    label: str
    """The exhibit's label: D."""
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the argument, in the case's own words, with its proof."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """The argument by section; an empty section does not appear."""

    need: tuple[Point, ...] = ()
    no_other_way: tuple[Point, ...] = ()
    discretion: tuple[Point, ...] = ()
    security: tuple[Point, ...] = ()
    support: tuple[Point, ...] = ()
    departure: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and why."""

    kind: str
    """The filing kind: `urgent-humanitarian` or `significant-public-benefit`."""
    item: str
    """The item of Part 1 of the I-131: 7."""
    purpose: str | None = None
    """A phrase that follows `for`: open-heart surgery in Houston."""
    arrive_on: date | None = None
    leave_by: date | None = None
    length: str | None = None
    """As the I-131 says it: 11 months and 20 days."""
    notify_office: str | None = None
    """City and country of the U.S. post to be told: Tegucigalpa, Honduras."""
    expedite: Point | None = None
    """Why the request is to be decided out of turn; None when that is not asked."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One line of what is enclosed, in packet order."""

    title: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One part of a translated exhibit."""

    role: str
    """`original`, `translation` or `certificate`."""
    first_page: int
    last_page: int
    language: str | None = None
    """The language of the original."""


@dataclass(frozen=True, slots=True)
class ExhibitEntry:
    """One exhibit as the index and its sheet name it."""

    label: str
    exhibit_id: str
    title: str
    shows: str
    first_page: int
    """First page of the evidence itself, after the sheet."""
    last_page: int
    sheet_page: int
    parts: tuple[PartEntry, ...] = ()
    """Empty unless the exhibit is translated."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What USCIS is paid with this filing."""

    each: int
    """Dollars for one request."""
    count: int = 1
    """How many requests are paid for."""
    form: str | None = None
    """The form that pays: G-1450 or G-1650."""
    waiver: bool = False
    """A waiver is asked for with Form I-912."""
    exemption: str | None = None
    """Why no fee is due, as a phrase that follows `because`."""

    @property
    def total(self) -> int:
        """Dollars for all requests."""
        return self.each * self.count


@dataclass(frozen=True, slots=True)
class Filing:
    """Where the packet goes and what it costs."""

    mode: str = "paper"
    """`paper` or `online`."""
    carrier: str | None = None
    """`usps` or `courier`."""
    address: Address | None = None
    """Where it is sent; None when it is not known."""
    delivery: str | None = None
    """How it is sent, as the letter says it: By U.S. Postal Service."""
    fee: Fee | None = None
    """None when the fee is not known."""


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One signature that the packet still needs, in ink."""

    who: str
    """Name and role: Marisolda Ivette Quennevar (petitioner)."""
    form: str
    part: str
    """Part and item: Part 10, item 4."""
    packet_page: int


@dataclass(frozen=True, slots=True)
class LetterContext:
    """Everything the generated pages print."""

    case_id: str
    day: date
    """The day of the letter and of the document's own date."""
    petitioner: Person
    beneficiaries: tuple[Person, ...]
    request: Request
    representative: Representative | None = None
    self_filed: bool = False
    """The petitioner is the first of the beneficiaries."""
    supporters: tuple[str, ...] = ()
    """Names of those who sign a Form I-134."""
    filing: Filing = Filing()
    enclosures: tuple[Enclosure, ...] = ()
    argument: Argument = Argument()
    exhibits: tuple[ExhibitEntry, ...] = ()
    salutation: str | None = None
    """How the letter greets, without the colon; None for Dear Officer."""
    remarks: tuple[str, ...] = ()
    """Paragraphs of the office's own before the closing."""
    signatures: tuple[SignatureEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is still open: errors and warnings."""
    draft_reasons: tuple[str, ...] = ()
    """Why the packet is a draft; empty when it is ready."""

    @property
    def others(self) -> tuple[Person, ...]:
        """The beneficiaries who are not the petitioner."""
        return self.beneficiaries[1:] if self.self_filed else self.beneficiaries
