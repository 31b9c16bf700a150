"""What the checks ask of a case: the request, the exhibits, the citations and the texts, worked out once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from pipeline.case.model import PREPARED, SECTIONS, Case, Role
from pipeline.case.pointer import walk
from pipeline.law.facts import Facts
from pipeline.law.model import ItemFact
from pipeline.sealed import Sealed

UNITED_STATES = "United States"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Exhibit(Sealed, frozen=True):
    """One exhibit, with its place in the case; `of` holds beneficiary ids, and is empty for an exhibit about everyone."""

    pointer: str
    id: str
    evidence: tuple[str, ...]
    of: tuple[str, ...]
    data: Mapping[str, Any]


class Citation(Struct, frozen=True):
    """One mention of an exhibit, with its place in the case; `pages` as written, such as `1-2`."""

    pointer: str
    exhibit: str
    pages: str


class Text(Sealed, frozen=True):
    """One text that a reader will see, with its place in the case."""

    pointer: str
    text: str


class RuleContext(Struct, frozen=True, dict=True):
    """A schema-valid case, the day it is judged on, and the facts of law."""

    case: Case
    as_of: date
    facts: Facts

    @cached_property
    def everything(self) -> tuple[tuple[str, Any], ...]:
        """Every value of the case with its pointer, as `walk` gives them."""
        return tuple(walk(self.case.data))

    @cached_property
    def request(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.case.data.get("request", {})
        return found

    @cached_property
    def filing(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.case.data.get("filing", {})
        return found

    @cached_property
    def item(self) -> str:
        """The box of Part 1 of Form I-131; where the kind has only one, the case need not name it."""
        if "item" in self.request:
            return str(self.request["item"])
        kind = self.facts.kind(self.case.kind, self.as_of)
        return kind.items[0] if kind and len(kind.items) == 1 else ""

    @cached_property
    def item_fact(self) -> ItemFact | None:
        return self.facts.item(self.item, self.as_of)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        return tuple(self.request.get("reasons", ()))

    @property
    def from_abroad(self) -> bool:
        """Whether the beneficiaries are outside the United States (items 6 and 7)."""
        return self.is_item("6", "7")

    @property
    def to_be_filed(self) -> bool:
        """Whether the request has not been sent yet, so that what it asks for can still be changed."""
        return bool(self.case.data.get("stage", {}).get("name", PREPARED) == PREPARED)

    @property
    def mode(self) -> str:
        return str(self.filing.get("mode", "paper"))

    def is_item(self, *items: str) -> bool:
        """Whether the box is one of these; `5` also means 5.A to 5.M."""
        return any(item in (self.item, self.item.partition(".")[0]) for item in items)

    @cached_property
    def exhibits(self) -> tuple[Exhibit, ...]:
        return tuple(
            Exhibit(f"/exhibits/{n}", str(entry["id"]), tuple(entry.get("evidence", ())), tuple(entry.get("of", ())), entry)
            for n, entry in enumerate(self.case.data.get("exhibits", ()))
        )

    def has_evidence(self, *kinds: str, beneficiary: Role | None = None) -> bool:
        """Whether an exhibit is of one of the kinds of evidence, and about the beneficiary when one is named."""
        wanted = frozenset(kinds)
        about = (exhibit for exhibit in self.exhibits if beneficiary is None or not exhibit.of or beneficiary.data.get("id") in exhibit.of)
        return any(not wanted.isdisjoint(exhibit.evidence) for exhibit in about)

    def points(self, *sections: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The points of some sections of the argument, or of all when none is named, each with its place."""
        argument = self.request.get("argument", {})
        for section in sections or SECTIONS:
            for n, point in enumerate(argument.get(section, ())):
                yield f"/request/argument/{section}/{n}", point

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """Every mention of an exhibit anywhere in the case, in file order."""
        return tuple(
            Citation(f"{pointer}/exhibit", str(value["exhibit"]), str(value.get("pages", "")))
            for pointer, value in self.everything
            if isinstance(value, Mapping) and isinstance(value.get("exhibit"), str)
        )

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Every text of the case, in file order, comments left out."""
        return tuple(Text(pointer, value) for pointer, value in self.everything if isinstance(value, str))

    @cached_property
    def own(self) -> tuple[Role, ...]:
        """Every person whose data stand in the file at their own place: none is `same_as` another."""
        everyone = (self.case.petitioner, *self.case.beneficiaries, *self.case.supporters)
        return tuple(role for role in everyone if len(role.pointers) == 1)

    def place(self, role: Role, path: str) -> str:
        """Where a property of a role stands: at its own place, or at the one it is `same_as`."""
        found = (f"{pointer}/{path}" for pointer in role.pointers if self.case.at(f"{pointer}/{path}") is not None)
        return next(found, f"{role.pointer}/{path}")

    @cached_property
    def petitioner_benefits(self) -> bool:
        """Whether the petitioner is one of the beneficiaries."""
        return any(self.self_filed(beneficiary) for beneficiary in self.case.beneficiaries)

    def self_filed(self, beneficiary: Role) -> bool:
        """Whether the beneficiary is the petitioner."""
        return "/petitioner" in beneficiary.pointers

    def country_of(self, role: Role) -> str:
        """The country of the place where someone lives: the physical address, else the mailing address."""
        address = role.data.get("physical_address") or role.data.get("mailing_address") or {}
        return UNITED_STATES if address.get("state") else str(address.get("country", ""))


def day(value: object) -> date | None:
    """The date of a text written as in a case, such as 1990-05-05; None for anything else, such as the number 19900505."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        return None


def day_at(data: Mapping[str, Any], *path: str) -> date | None:
    """The date at a path of property names; None when nothing stands there."""
    value: Any = data
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return day(value)


def return_day(request: Mapping[str, Any]) -> date | None:
    """The day of return from the first trip, whose length counts the day of departure too; None without a trip."""
    departs = day_at(request, "trip", "departs_on")
    return departs + timedelta(days=int(request["trip"]["days"]) - 1) if departs else None


def years_between(earlier: date, later: date) -> int:
    """Full years from one day to another: someone's age on a day."""
    return later.year - earlier.year - ((later.month, later.day) < (earlier.month, earlier.day))


def is_governmental(email: str) -> bool:
    """Whether an address is one of the U.S. government or military."""
    return email.casefold().endswith((".gov", ".mil"))


def is_post_office_box(line: str) -> bool:
    """Whether a line of an address begins with the name of a post office box; "Attn: HP (Box 660865)" does not."""
    return "".join(filter(str.isalpha, line)).casefold().startswith(("pobox", "postofficebox", "apartadopostal"))
