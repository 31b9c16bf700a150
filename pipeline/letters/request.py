"""What a case asks for, and the argument for it, as letters say it: plain frozen facts, a part of `context`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec.structs import asdict

from pipeline.letters.closed import Words
from pipeline.letters.people import Person
from pipeline.sealed import Sealed


class Citation(Sealed, frozen=True):
    """An exhibit and the packet pages of it that prove a point."""

    label: str
    """The exhibit's label: D."""
    first_page: int
    last_page: int


class Point(Sealed, frozen=True):
    """One point of the argument, in the case's own words, with its proof."""

    text: str
    citations: tuple[Citation, ...] = ()


class Argument(Sealed, frozen=True):
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
        return any(asdict(self).values())


class Trip(Sealed, frozen=True):
    """The travel that advance parole is asked for: Part 7 of the I-131."""

    departs_on: date
    purpose: str
    countries: tuple[str, ...]
    trips: Annotated[str, Words(("request", "trip", "trips"))]
    days: int
    """How long one trip lasts."""


class Replacement(Sealed, frozen=True):
    """A document that the request replaces: Part 4, items 5 and 6, of the I-131."""

    reason: Annotated[str, Words(("request", "replacement", "reason"))]
    corrections: tuple[Annotated[str, Words(("request", "replacement", "corrections", 0))], ...] = ()
    explanation: str | None = None
    receipt: str | None = None


class Request(Sealed, frozen=True):
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


class FeeClaim(Sealed, frozen=True):
    """An exception of 8 U.S.C. 1804(b) from the immigration parole fee that a person will claim."""

    person: Person
    number: int
    """The paragraph of 8 U.S.C. 1804(b)."""
    title: str
    """What the exception is for, as a phrase: the funeral of a close relative, with no time for a visa."""
    because: str
    citations: tuple[Citation, ...] = ()
