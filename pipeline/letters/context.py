"""What a letter is told: plain frozen facts, filled by the packet room from the case, the plan and the layout.

Page numbers are packet pages, counted from 1, and always come from the layout: a letter prints them and computes none.
An optional fact that the case does not have is None or an empty tuple, and no sentence speaks of it.
`Annotated[str, Words(...)]` marks a text that can only be one of the words that the case schema lists at that place.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Protocol

from pipeline.findings import Finding
from pipeline.letters.closed import Words


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
class VisaApplication:
    """A visa that a person asked for before."""

    visa: str
    """The kind: B-2."""
    where: str
    applied_on: date
    outcome: Annotated[str, Words(("petitioner", "immigration", "visa_applications", 0, "outcome"))]


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """A petition or request that was filed for a person before."""

    form: str
    outcome: Annotated[str, Words(("petitioner", "immigration", "earlier_requests", 0, "outcome"))]
    receipt: str | None = None
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Who read a document to its signer, and in which language."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Person:
    """A petitioner or beneficiary as letters speak of them."""

    name: str
    """Full name in the order it is spoken."""
    sex: Annotated[str, Words(("petitioner", "sex"))] | None = None
    """`female` or `male`; anything else is spoken of as they."""
    status: Annotated[str, Words(("petitioner", "status"))] | None = None
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
    military_role: Annotated[str, Words(("beneficiaries", 0, "military_role"))] | None = None
    """The sub-box of items 6.B, 8.A, 10.E and 10.H."""
    class_of_admission: str | None = None
    i94_number: str | None = None
    i94_ends: date | None = None
    """The admit-until date, or the end of parole, on the I-94."""
    entered_on: date | None = None
    admitted: bool | None = None
    """Whether the last entry was with inspection and admission; None when the case does not say."""
    wants_work_permit: bool = False
    """Asks for an employment document with re-parole, Part 9 of the I-131."""
    ever_in_proceedings: bool | None = None
    removal_order: bool | None = None
    visas: tuple[VisaApplication, ...] = ()
    earlier_requests: tuple[EarlierRequest, ...] = ()
    interpreter: Interpreter | None = None
    """Who reads to this person what they sign; None when they read English."""
    in_united_states: bool | None = None
    """Whether the address the person lives at is in the United States; None when there is no address."""

    @property
    def came_unseen(self) -> bool:
        """Whether the last entry was without inspection and admission: not admitted, and no sign of a parole."""
        paroled = self.status == "parolee" or self.class_of_admission or self.i94_number
        return self.admitted is False and not paroled


@dataclass(frozen=True, slots=True)
class Representative:
    """The attorney or accredited representative who signs the letter."""

    name: str
    kind: Annotated[str, Words(("representative", "kind"))]
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

    @property
    def given(self) -> bool:
        """Whether any section has a point."""
        return any(getattr(self, entry.name) for entry in fields(self))


@dataclass(frozen=True, slots=True)
class Trip:
    """The travel that advance parole is asked for: Part 7 of the I-131."""

    departs_on: date
    purpose: str
    countries: tuple[str, ...]
    trips: Annotated[str, Words(("request", "trip", "trips"))]
    days: int
    """How long one trip lasts."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that the request replaces: Part 4, items 5 and 6, of the I-131."""

    reason: Annotated[str, Words(("request", "replacement", "reason"))]
    corrections: tuple[Annotated[str, Words(("request", "replacement", "corrections", 0))], ...] = ()
    explanation: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and why."""

    kind: Annotated[str, Words(("kind",))]
    """The filing kind."""
    item: Annotated[str, Words(("request", "item"))]
    """The item of Part 1 of the I-131: 7."""
    reasons: tuple[Annotated[str, Words(("request", "reasons", 0))], ...] = ()
    purpose: str | None = None
    """A phrase that follows `for`: open-heart surgery in Houston."""
    arrive_on: date | None = None
    """The day of arrival; for a person who is here the first day of the period asked for."""
    leave_by: date | None = None
    length: str | None = None
    """As the I-131 says it: 11 months and 20 days."""
    notify_office: str | None = None
    """City and country of the U.S. post to be told: Tegucigalpa, Honduras."""
    expedite: Point | None = None
    """Why the request is to be decided out of turn; None when that is not asked."""
    expedite_ground: Annotated[str, Words(("request", "expedite", "ground"))] | None = None
    receipt: str | None = None
    """Receipt number of the case that the item rests on."""
    filed_with: Annotated[str, Words(("request", "filed_with"))] | None = None
    """The form that goes in the same package, so that there is no receipt yet."""
    other_basis: str | None = None
    """Item 5.M: the basis in the case's own words."""
    program: str | None = None
    """Items 6.E, 8.C and 10.I: the program that the case names."""
    agency: str | None = None
    """Item 6.C: the agency that refers the request."""
    task_force_number: str | None = None
    trip: Trip | None = None
    replacement: Replacement | None = None


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
class Translator:
    """Who signs a certificate of translation that is made for ink."""

    name: str
    competence: str | None = None
    """How they know both languages, as a sentence of theirs."""
    address: Address | None = None
    phone: str | None = None
    email: str | None = None


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
    extract: str = ""
    """Which pages of its file the exhibit holds, such as `pages 1-3 and 7 of 12`; empty when it holds all."""
    translator: Translator | None = None
    """Who signs the certificate of translation that the packet holds for ink; None when there is none."""


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

    mode: Annotated[str, Words(("filing", "mode"))] = "paper"
    carrier: Annotated[str, Words(("filing", "carrier"))] | None = None
    address: Address | None = None
    """Where it is sent; None when it is not known."""
    delivery: str | None = None
    """How it is sent, as the letter says it: By U.S. Postal Service."""
    fee: Fee | None = None
    """The I-131 fee; None when it is not known."""
    permit_fee: Fee | None = None
    """The fee of the work permits asked for in Part 9, a payment of its own; None when none is asked for or it is not known."""


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
class Promise:
    """One beneficiary whom a supporter stands for."""

    person: Person
    relationship: str
    """What the supporter is to the beneficiary, as the I-134 says it: Aunt by marriage of the beneficiary."""
    own: bool = False
    """The supporter is the beneficiary."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Money or property of a supporter."""

    kind: Annotated[str, Words(("supporters", 0, "assets", 0, "type"))]
    amount: int
    """Whole dollars."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A person who lives on a supporter's income."""

    name: str
    relationship: str
    """What the dependent is to the supporter: Spouse."""


@dataclass(frozen=True, slots=True)
class SupportEntry:
    """What one supporter promises and has, as the I-134 says it."""

    person: Person
    promises: tuple[Promise, ...]
    employment: Annotated[str, Words(("supporters", 0, "employment", "kind"))] | None = None
    occupation: str | None = None
    employer: str | None = None
    livelihood: str | None = None
    """What the supporter lives on, when `employment` is other."""
    annual_income: int | None = None
    assets: tuple[Asset, ...] = ()
    earlier_declarations: int | None = None
    """People under earlier declarations that still run."""
    dependents_counting_self: int | None = None
    dependents: tuple[Dependent, ...] = ()
    contributions: str | None = None


@dataclass(frozen=True, slots=True)
class FeeClaim:
    """An exception of 8 U.S.C. 1804(b) from the immigration parole fee that a person will claim."""

    person: Person
    number: int
    """The paragraph of 8 U.S.C. 1804(b)."""
    title: str
    """What the exception is for, as a phrase: the funeral of a close relative, with no time for a visa."""
    because: str
    citations: tuple[Citation, ...] = ()


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
    """The petitioner asks for themself too, and is the first of the beneficiaries."""
    supporters: tuple[str, ...] = ()
    """Names of those who sign a Form I-134."""
    support: tuple[SupportEntry, ...] = ()
    """What each supporter promises and has, in file order."""
    claims: tuple[FeeClaim, ...] = ()
    """Exceptions from the parole fee, in the order of the beneficiaries."""
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
