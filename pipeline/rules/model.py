"""A rule as the office reads it, and a hit as a check reports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from pipeline.findings import Level

if TYPE_CHECKING:
    from pipeline.rules.context import RuleContext


class When(Struct, frozen=True):
    """Which cases an evidence rule is about; an empty field means every case.

    `items` are boxes of Part 1: `5` also means 5.A to 5.M, and `10.C` only itself.
    """

    kinds: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Values of a beneficiary's `military_role`."""


class Needs(Struct, frozen=True):
    """The evidence a rule asks for: one of `any_of`, for the `case`, for each `beneficiary`, or for a `petitioner` who is none of them."""

    any_of: tuple[str, ...]
    per: str = "case"


class Rule(Struct, frozen=True):
    """One rule: what it says, how much it weighs and where it comes from.

    `message` and `remedy` may hold `{placeholders}` that a check fills with words of the law, of the program or of the packet, never
    with a value of the case.  `source` is empty for plain rules of good form.  `final`: a person cannot accept it.
    `while_building`: it takes the packet's pages to find it, so it has no check here; `found` makes its findings.
    """

    id: str
    concern: str
    level: Level
    message: str
    remedy: str
    source: str = ""
    read_on: str = ""
    confidence: str = ""
    final: bool = False
    while_building: bool = False
    when: When = field(default_factory=When)
    needs: Needs | None = None

    @property
    def cited(self) -> str:
        """The source with the day it was read, as a finding prints it."""
        return f"{self.source} (read {self.read_on})" if self.source and self.read_on else self.source


class Hit(Struct, frozen=True):
    """Where a rule is broken.

    `pointer` is a place in the case; `place` stands instead of it for what lies outside the case file; `words` fill the
    placeholders of the rule's message; `source` stands instead of the rule's own when a fact of law gives it.
    """

    pointer: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    source: str = ""


Check = Callable[["RuleContext"], Iterable[Hit]]
"""A check finds every place where its rule is broken."""
