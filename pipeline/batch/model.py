"""What the stages of a batch hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pipeline.case.model import CaseSource, CaseText
from pipeline.errors import ExitCode
from pipeline.findings import Finding


class State(StrEnum):
    """What became of a case."""

    READY = "ready"
    """A packet that can be filed."""
    DRAFT = "draft"
    """A packet with open errors, a facsimile or an unconfirmed fact."""
    REFUSED = "refused"
    """No packet: the case, its evidence or a form stopped it."""
    FAILED = "failed"
    """No packet: the worker crashed, ran out of time or memory, or the program erred."""


@dataclass(frozen=True, slots=True)
class Task:
    """One case of a batch, not yet built."""

    name: str
    """The case as the user named it: `cases/osei/case.json`, or `families.csv row 12`."""
    path: Path
    """The case file; for a row of a roster the base case, beside which the evidence lies."""
    case_id: str
    weight: int
    """Bytes of the case and its evidence: the largest is built first."""
    text: str | None = field(default=None, repr=False)
    """The case as JSON when it is a row of a roster; None when `path` holds it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The headers of the roster's columns by the JSON pointers that they fill; none when `path` holds the case."""

    @property
    def source(self) -> CaseSource:
        """What to build from."""
        return self.path if self.text is None else CaseText(self.path, self.text, self.name, self.columns)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task; goes through JSON into the journal and back."""

    name: str
    case_id: str
    state: State
    exit_code: ExitCode
    findings: tuple[Finding, ...] = field(repr=False)
    folder: Path | None
    """The packet's folder; None when there is no packet."""
    pages: int
    seconds: Mapping[str, float]
    """Wall seconds by stage."""
    cpu_seconds: float
    memory_bytes: int
    """Largest resident memory of the worker so far."""
    built: bool
    """False when an earlier run's packet was still right."""
    why: str
    """Why it was built: `new`, `evidence changed: evidence/letter.pdf`, ...; or `unchanged`."""
