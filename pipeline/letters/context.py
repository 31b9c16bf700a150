"""What a letter is told: plain frozen facts, filled by the packet room from the case, the plan and the layout.

Page numbers are packet pages, counted from 1, and always come from the layout: a letter prints them and computes none.
An optional fact that the case does not have is None or an empty tuple, and no sentence speaks of it.
The people are in `people`, the request and its argument in `request`.
`Annotated[str, Words(...)]` marks a text that can only be one of the words that the case schema lists at that place.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Protocol

from msgspec import Struct, field

from pipeline.findings import Finding
from pipeline.letters.closed import Words
from pipeline.letters.people import Address, Person, Representative, SupportEntry
from pipeline.letters.request import Argument, FeeClaim, Request
from pipeline.sealed import Sealed


class Pages(Protocol):
    """Anything that spans packet pages."""

    @property
    def first_page(self) -> int: ...
    @property
    def last_page(self) -> int: ...


class Enclosure(Struct, frozen=True):
    """One line of what is enclosed, in packet order."""

    title: str
    count: int = 1


class PartEntry(Struct, frozen=True):
    """One part of a translated exhibit."""

    role: str
    """`original`, `translation` or `certificate`."""
    first_page: int
    last_page: int
    language: str | None = None
    """The language of the original."""


class Translator(Sealed, frozen=True):
    """Who signs a certificate of translation that is made for ink."""

    name: str
    competence: str | None = None
    """How they know both languages, as a sentence of theirs."""
    address: Address | None = None
    phone: str | None = None
    email: str | None = None


class ExhibitEntry(Struct, frozen=True):
    """One exhibit as the index and its sheet name it."""

    label: str
    exhibit_id: str
    title: str
    shows: str
    first_page: int
    """First page of the evidence itself, after the sheet."""
    last_page: int
    parts: tuple[PartEntry, ...] = ()
    """Empty unless the exhibit is translated."""
    extract: str = ""
    """Which pages of its file the exhibit holds, such as `pages 1-3 and 7 of 12`; empty when it holds all."""
    translator: Translator | None = None
    """Who signs the certificate of translation that the packet holds for ink; None when there is none."""


class Fee(Struct, frozen=True):
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
    confirmed: bool = True
    """Whether the exemption was read at its source; False: the office has to confirm it on the day of filing."""

    @property
    def total(self) -> int:
        """Dollars for all requests."""
        return self.each * self.count


class Filing(Struct, frozen=True):
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
    exempt: tuple[str, ...] = ()
    """Why no fee is due from each person who pays none while others pay, as clauses that follow `because` and name the person."""


class SignatureEntry(Struct, frozen=True):
    """One signature that the packet still needs, in ink."""

    who: str
    """Name and role: Marisolda Ivette Quennevar (petitioner)."""
    form: str
    part: str
    """Part and item: Part 10, item 4."""
    packet_page: int


class LetterContext(Sealed, frozen=True):
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
    argument: Argument = field(default_factory=Argument)
    exhibits: tuple[ExhibitEntry, ...] = ()
    salutation: str | None = None
    """How the letter greets, without the colon; None for Dear Officer."""
    remarks: tuple[str, ...] = ()
    """Paragraphs of the office's own before the closing."""
    statements: tuple[str, ...] = ()
    """What the petitioner declares in words of their own."""
    signatures: tuple[SignatureEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is still open: errors and warnings."""
    draft_reasons: tuple[str, ...] = ()
    """Why the packet is a draft; empty when it is ready."""

    @property
    def others(self) -> tuple[Person, ...]:
        """The beneficiaries who are not the petitioner."""
        return self.beneficiaries[1:] if self.self_filed else self.beneficiaries
