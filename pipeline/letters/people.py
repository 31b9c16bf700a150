"""The people of a case as letters speak of them: plain frozen facts, a part of `context`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pipeline.letters.closed import Words
from pipeline.sealed import Sealed


class Address(Sealed, frozen=True):
    """An address as it is printed, one string a line."""

    lines: tuple[str, ...]


class VisaApplication(Sealed, frozen=True):
    """A visa that a person asked for before."""

    visa: str
    """The kind: B-2."""
    where: str
    applied_on: date
    outcome: Annotated[str, Words(("petitioner", "immigration", "visa_applications", 0, "outcome"))]


class EarlierRequest(Sealed, frozen=True):
    """A petition or request that was filed for a person before."""

    form: str
    outcome: Annotated[str, Words(("petitioner", "immigration", "earlier_requests", 0, "outcome"))]
    receipt: str | None = None
    decided_on: date | None = None


class Interpreter(Sealed, frozen=True):
    """Who read a document to its signer, and in which language."""

    name: str
    language: str


class Person(Sealed, frozen=True):
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
    """What the beneficiary is to the petitioner, nephew.  None for the petitioner."""
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


class Representative(Sealed, frozen=True):
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


class Promise(Sealed, frozen=True):
    """One beneficiary whom a supporter stands for."""

    person: Person
    relationship: str
    """What the supporter is to the beneficiary, as the I-134 says it: Aunt by marriage of the beneficiary."""
    own: bool = False
    """The supporter is the beneficiary."""


class Asset(Sealed, frozen=True):
    """Money or property of a supporter."""

    kind: Annotated[str, Words(("supporters", 0, "assets", 0, "type"))]
    amount: int
    """Whole dollars."""


class Dependent(Sealed, frozen=True):
    """A person who lives on a supporter's income."""

    name: str
    relationship: str
    """What the dependent is to the supporter: Spouse."""


class SupportEntry(Sealed, frozen=True):
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
