"""Examining a case: read it, and check it against the schema and every rule as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from pipeline.case.model import Case, CaseSource
from pipeline.case.schema import read_case
from pipeline.errors import CaseInvalidError, ExitCode, PacketError
from pipeline.findings import Finding, Level
from pipeline.law.facts import Facts
from pipeline.law.load import load_facts
from pipeline.law.office import office_folder
from pipeline.rules.check import accept, check, unacceptable
from pipeline.sealed import Sealed

Mode = Literal["paper", "online"]
"""How a packet is filed: by mail, or through a USCIS online account."""


class Examined(Sealed, frozen=True):
    """A schema-valid case and everything the rules find in it."""

    case: Case
    as_of: date
    item: str
    """The I-131's Part 1 item: 7, 5.A, 10.C, ..."""
    findings: tuple[Finding, ...]
    facts: Facts
    decisions: Mapping[str, str] = field(default_factory=dict)
    """Rules that the attorney accepted, with the reason."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level is Level.ERROR)


def examine(
    source: CaseSource, as_of: date | None = None, decisions: Mapping[str, str] | None = None, mode: Mode | None = None
) -> Examined:
    """Read and check a case, as of a day or else of the day it was prepared on.

    `decisions` maps ids of rules that the attorney accepts to the reason; `mode` stands instead of the case's own.  Raises
    CaseUnreadableError, and CaseInvalidError with every break of the schema, for a decision on a rule that cannot be accepted, or
    for a mode that the case cannot be filed by; what the rules find is in the result.  Raises TypeError, which names the option, when
    one is of no use at all.
    """
    _require_options(as_of, decisions, mode)
    accepted = decisions or {}
    require_acceptable(accepted)
    case = filed_by(read_case(source), mode)
    day = as_of or date.fromisoformat(case.data["prepared_on"])
    facts = load_facts(office_folder())
    findings = accept(check(case, day, facts), accepted)
    return Examined(case, day, part1_item(case, facts, day), tuple(findings), facts, accepted)


def require_acceptable(decisions: Mapping[str, str]) -> None:
    """Raises CaseInvalidError when a decision names a rule that does not exist or cannot be accepted, or gives no reason."""
    if refused := unacceptable(decisions):
        raise CaseInvalidError([_refused(rule_id) for rule_id in refused])


def filed_by(case: Case, mode: Mode | None) -> Case:
    """The case as if its filing had that mode; None leaves it as it is.

    Carrier and address, which only a filing on paper has, stay out of a filing online.  Raises CaseInvalidError when a filing on
    paper has no carrier, on which its address depends.
    """
    filing = case.data["filing"]
    if mode is None or mode == filing["mode"]:
        return case
    if mode == "paper":
        message = "--mode paper needs a carrier, on which the address depends, and a case for a filing online has none"
        raise CaseInvalidError.one("mode-carrier", case.where("/filing"), message, 'Set "mode" to "paper" in the case, and "carrier".')
    kept = {name: value for name, value in filing.items() if name not in {"carrier", "address"}}
    return replace(case, data={**case.data, "filing": {**kept, "mode": mode}})


class Validation(Struct, frozen=True):
    """What was found in a case, whatever is wrong with it."""

    exit_code: ExitCode
    """OK, or why no packet can be built that is ready: unreadable, or invalid."""
    findings: tuple[Finding, ...]
    """Breaks of the schema, or else what the rules find, in file order."""
    case_id: str | None = None
    """None when the case cannot be read or breaks the schema."""

    @property
    def valid(self) -> bool:
        """Whether no error is open; whether its evidence can be used, only building tells."""
        return self.exit_code is ExitCode.OK

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level is Level.ERROR)


def validate(source: CaseSource, as_of: date | None = None, decisions: Mapping[str, str] | None = None) -> Validation:
    """Check a case like `examine`, but give what is wrong as a result and raise nothing for it."""
    try:
        examined = examine(source, as_of, decisions)
    except PacketError as error:
        return Validation(error.exit_code, error.findings)
    return Validation(ExitCode.CASE_INVALID if examined.errors else ExitCode.OK, examined.findings, examined.case.case_id)


def _require_options(as_of: object, decisions: object, mode: object) -> None:
    if as_of is not None and type(as_of) is not date:
        raise TypeError(f"as_of is a datetime.date or None, not a {type(as_of).__name__}")
    if decisions is not None and not isinstance(decisions, Mapping):
        raise TypeError(f"decisions is a mapping from rules to reasons or None, not a {type(decisions).__name__}")
    if mode not in (None, *get_args(Mode)):
        raise TypeError(f"mode is one of {', '.join(get_args(Mode))}, or None for that of the case")


def _refused(rule_id: str) -> Finding:
    message = "the rule does not exist, cannot be accepted, or no reason was given"
    return Finding("accept", Level.ERROR, f"--accept {rule_id}", message, f"See `packet explain {rule_id}`, and give --because.")


def part1_item(case: Case, facts: Facts, as_of: date) -> str:
    """The Part 1 item that the request names, or the only one that its filing kind has."""
    named = case.data["request"].get("item")
    if named:
        return str(named)
    kind = facts.kind(case.kind, as_of)
    return kind.items[0] if kind else "7"
