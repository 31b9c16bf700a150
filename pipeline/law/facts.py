"""Facts of law looked up by date.

A lookup answers None where no fact is known: then the office is asked, and nothing is guessed.  Where several facts
hold, the one with the latest `valid_from` is taken, and of two equal ones the later in order (an office's own).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TypeVar

from msgspec import Struct, field

from pipeline.law.model import (
    TOPICS,
    AddressFact,
    EditionFact,
    Fact,
    FeeFact,
    ItemFact,
    KindFact,
    NoticeFact,
    ParoleFeeException,
    ParoleFeeFact,
    PovertyFact,
    ProgramFact,
    ProgramStatus,
)

AnyFact = TypeVar("AnyFact", bound=Fact)


class Age(Struct, frozen=True):
    """Days since a fact was read, and the greatest number of days that its topic allows (None: any)."""

    days: int
    greatest: int | None

    @property
    def stale(self) -> bool:
        """Past its age: the source has to be read again."""
        return self.greatest is not None and self.days > self.greatest

    @property
    def too_old(self) -> bool:
        """Past twice its age: too old for a packet that is to be filed."""
        return self.greatest is not None and self.days > 2 * self.greatest


class Facts(Struct, frozen=True, dict=True):
    """All facts in order, and for each topic the days after `read_on` from which its facts are stale."""

    facts: tuple[Fact, ...]
    ages: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: type[AnyFact], as_of: date | None = None) -> list[AnyFact]:
        """The facts of one type, in order; with a date only those that hold on it."""
        return [fact for fact in self._by_type.get(kind, ()) if isinstance(fact, kind) and (as_of is None or fact.holds(as_of))]

    @cached_property
    def _by_type(self) -> Mapping[type[Fact], Sequence[Fact]]:
        groups: dict[type[Fact], list[Fact]] = {}
        for fact in self.facts:
            groups.setdefault(type(fact), []).append(fact)
        return groups

    def fee(self, item: str, mode: str, exemption: str, as_of: date) -> FeeFact | None:
        """The fee for a Part 1 item (or `part-9`, or a form's name), filed on paper or online.

        With an exemption: the fact that grants it for this item, or None when no fact does.
        """
        return _latest(
            fact for fact in self.of(FeeFact, as_of) if item in fact.items and mode in fact.modes and fact.exemption == exemption
        )

    def address(self, item: str, carrier: str, as_of: date, *, state: str = "", receipt: str = "") -> AddressFact | None:
        """Where a request on paper goes by `usps` or `courier`, for an applicant in a state and a pending case's receipt number."""
        letters = receipt[:3].upper() or "none"
        return _latest(
            fact
            for fact in self.of(AddressFact, as_of)
            if fact.lines(carrier)
            and (not fact.states or state in fact.states)
            and any(serves.item == item and (not serves.receipts or letters in serves.receipts) for serves in fact.serves)
        )

    def parole_fee(self, on: date) -> ParoleFeeFact | None:
        """The immigration parole fee on the day of entry or grant; None before it existed."""
        return _latest(self.of(ParoleFeeFact, on))

    def parole_fee_exception(self, name: str, as_of: date) -> ParoleFeeException | None:
        """An exception of 8 U.S.C. 1804(b) by its name in the case."""
        return _latest(fact for fact in self.of(ParoleFeeException, as_of) if fact.name == name)

    def poverty(self, state: str, as_of: date) -> PovertyFact | None:
        """The poverty guideline for a state; every state that no area names has the guideline of the 48 states."""
        facts = self.of(PovertyFact, as_of)
        named = _latest(fact for fact in facts if state in fact.states)
        return named or _latest(fact for fact in facts if not fact.states)

    def edition(self, form: str, as_of: date) -> EditionFact | None:
        """The edition of a form that USCIS accepts on that day."""
        return _latest(fact for fact in self.of(EditionFact, as_of) if fact.form == form)

    def kind(self, name: str, as_of: date) -> KindFact | None:
        """A filing kind by its name in the case."""
        return _latest(fact for fact in self.of(KindFact, as_of) if fact.kind == name)

    def item(self, item: str, as_of: date) -> ItemFact | None:
        """A box of Part 1 of Form I-131."""
        return _latest(fact for fact in self.of(ItemFact, as_of) if fact.item == item)

    def program(self, kind: str, as_of: date) -> ProgramFact | None:
        """The program that a case's `kind` means, such as `chnv`; None for the kinds that are no program."""
        return _latest(fact for fact in self.of(ProgramFact, as_of) if kind.lower() in fact.kinds)

    def program_of_item(self, item: str, as_of: date) -> ProgramFact | None:
        """The program that a box of Part 1 belongs to."""
        return _latest(fact for fact in self.of(ProgramFact, as_of) if item in fact.items)

    def program_named(self, text: str, as_of: date) -> ProgramFact | None:
        """The ended program that a text names, if it names one."""
        lower = text.lower()
        return _latest(
            fact for fact in self.of(ProgramFact, as_of) if fact.status is ProgramStatus.ENDED and any(word in lower for word in fact.words)
        )

    def notices(self, countries: Iterable[str], as_of: date) -> list[NoticeFact]:
        """The news about citizens or natives of any of the countries, in order."""
        wanted = {country.casefold() for country in countries}
        return [fact for fact in self.of(NoticeFact, as_of) if not wanted.isdisjoint(map(str.casefold, fact.countries))]

    def max_age(self, fact: Fact) -> int | None:
        """Days after `read_on` from which the fact is stale."""
        return next((self.ages.get(topic) for topic, kind in TOPICS.items() if type(fact) is kind), None)

    def age(self, fact: Fact, as_of: date) -> Age:
        """How old a fact is on a day."""
        return Age((as_of - fact.read_on).days, self.max_age(fact))


def _latest(facts: Iterable[AnyFact]) -> AnyFact | None:
    best: AnyFact | None = None
    for fact in facts:
        if best is None or fact.valid_from >= best.valid_from:
            best = fact
    return best
