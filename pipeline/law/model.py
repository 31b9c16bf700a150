"""The dated facts of law, one small type a topic.

A fact holds from `valid_from` to `valid_to` (both days included) and was read from `source` on `read_on`.
`confidence` is `H` (the primary page or form itself, or the statute) or `M` (one good secondary source, or an older
primary one).  Weaker statements are no facts: they become a question to the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct


class Confidence(StrEnum):
    """How well a fact is sourced."""

    HIGH = "H"
    MEDIUM = "M"


class Fact(Struct, frozen=True, kw_only=True):
    """What every fact carries."""

    id: str
    valid_from: date
    source: str
    read_on: date
    confidence: Confidence
    valid_to: date | None = None
    note: str = ""
    file: str = ""
    """The file the fact stands in, as findings name it."""

    @property
    def where(self) -> str:
        """`law/fees.yaml fee-7-paper`, the place that findings about the fact name."""
        return f"{self.file} {self.id}".strip()

    def holds(self, as_of: date) -> bool:
        """Whether the fact holds on that day."""
        return self.valid_from <= as_of and (self.valid_to is None or as_of <= self.valid_to)

    @property
    def cited(self) -> str:
        """The source with the day it was read, as a finding prints it."""
        return f"{self.source} (read {self.read_on.isoformat()})"


class FeeFact(Fact, frozen=True, kw_only=True):
    """A fee in whole dollars for one person and one form; `exemption` is empty for the general fee."""

    items: tuple[str, ...]
    modes: tuple[str, ...]
    amount: int
    exemption: str = ""


class Serves(Struct, frozen=True, kw_only=True):
    """A request that goes to an address: a Part 1 item and the letters its pending case's receipt begins with."""

    item: str
    receipts: tuple[str, ...] = ()


class AddressFact(Fact, frozen=True, kw_only=True):
    """Where paper goes, as address lines for the U.S. mail and for couriers; no `states` means every state."""

    serves: tuple[Serves, ...]
    states: tuple[str, ...] = ()
    usps: tuple[str, ...] = ()
    courier: tuple[str, ...] = ()

    def lines(self, carrier: str) -> tuple[str, ...]:
        """The address lines for `usps` or `courier`; empty when the fact has none for it."""
        return self.courier if carrier == "courier" else self.usps


class EditionFact(Fact, frozen=True, kw_only=True):
    """The edition of a form that USCIS accepts, as the form's footer prints it (`01/20/25`)."""

    form: str
    edition: str
    watch: str = ""


class PovertyFact(Fact, frozen=True, kw_only=True):
    """An HHS poverty guideline: dollars a year for one person, and what each further person adds."""

    area: str
    states: tuple[str, ...]
    one_person: int
    each_more: int

    def line(self, household: int, percent: int = 100) -> int:
        """Dollars a year for a household of at least one person at a percentage of the guideline, rounded up."""
        if household < 1:
            raise ValueError("a household has at least one person")
        hundredths = (self.one_person + self.each_more * (household - 1)) * percent
        return -(-hundredths // 100)


class ParoleFeeFact(Fact, frozen=True, kw_only=True):
    """The immigration parole fee of Pub. L. 119-21 for one person and one grant, by the day of entry or grant."""

    amount: int
    rises_on: date | None = None
    """The first day on which a higher amount may hold, which nobody has announced yet."""

    def told(self, day: date) -> str:
        """What an entry or grant on that day costs: `$1,050`, or at least so much."""
        amount = f"${self.amount:,}"
        return amount if self.rises_on is None or day < self.rises_on else f"at least {amount}"


class ParoleFeeException(Fact, frozen=True, kw_only=True):
    """An exception of 8 U.S.C. 1804(b) by number and name, with the kinds of evidence that speak to it."""

    number: int
    name: str
    title: str
    proof: tuple[str, ...]


class ProgramStatus(StrEnum):
    """Whether a program takes new requests."""

    OPEN = "open"
    ENDED = "ended"
    UNCLEAR = "unclear"
    """No source says."""


class ProgramFact(Fact, frozen=True, kw_only=True):
    """A parole program: the words that mean it in a case, its boxes of Part 1, and whether it takes new requests."""

    title: str
    status: ProgramStatus
    kinds: tuple[str, ...]
    items: tuple[str, ...]
    words: tuple[str, ...]
    summary: str


class NoticeFact(Fact, frozen=True, kw_only=True):
    """Dated news to know before filing, with the countries whose citizens or natives it is about (none: no country)."""

    countries: tuple[str, ...]
    countries_in_all: int = 0
    """How many countries it is about where `countries` does not name every one; 0 where it does."""
    text: str


class KindFact(Fact, frozen=True, kw_only=True):
    """A filing kind: its boxes of Part 1 and who decides."""

    kind: str
    title: str
    items: tuple[str, ...]
    decides: str


class ItemFact(Fact, frozen=True, kw_only=True):
    """A box of Part 1 of Form I-131.

    `online` is yes, no, ioe-receipt (only with an I-485 receipt that begins IOE) or unknown; `photos` is yes, no or
    unknown; `support` is expected or none.
    """

    item: str
    title: str
    online: str
    photos: str
    support: str
    self_only: bool


TOPICS: Mapping[str, type[Fact]] = {
    "fees": FeeFact,
    "addresses": AddressFact,
    "editions": EditionFact,
    "poverty": PovertyFact,
    "parole-fee": ParoleFeeFact,
    "parole-fee-exceptions": ParoleFeeException,
    "programs": ProgramFact,
    "notices": NoticeFact,
    "kinds": KindFact,
    "items": ItemFact,
}
"""The type of the facts of each topic."""
