"""What the stages of a batch hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field, to_builtins
from msgspec.structs import asdict

from pipeline.batch.parcel import Parcel
from pipeline.case.model import CaseSource, CaseText
from pipeline.errors import ExitCode
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed

if TYPE_CHECKING:
    from pipeline.packet.examine import Mode

_OF_A_FINDING = Finding.__struct_fields__


class State(StrEnum):
    """What became of a case."""

    READY = "ready"
    """A packet that can be filed."""
    DRAFT = "draft"
    """A packet with a facsimile or, because --draft was given, with open errors."""
    REFUSED = "refused"
    """No packet: the case, its evidence or a form stopped it."""
    FAILED = "failed"
    """No packet: the worker crashed, ran out of time or memory, the disk refused, or the program erred."""
    NOT_BEGUN = "not begun"
    """The run ended before it: whatever lies there is an earlier run's, and the next run builds it anew."""


class Task(Sealed, frozen=True):
    """One case of a batch, not yet built."""

    name: str
    """The case as the user named it: `cases/osei/case.json`, or `families.csv row 12`."""
    path: Path
    """The case file; for a row of a roster the base case, beside which the evidence lies."""
    case_id: str
    """Empty when the file cannot be read."""
    weight: int
    """Bytes of the case and its evidence: the largest is built first."""
    text: str | None = None
    """The case as JSON when it is a row of a roster; None when `path` holds it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The headers of the roster's columns by the JSON pointers that they fill; none when `path` holds the case."""
    folder: str = ""
    """Name of the folder that the packet goes into; empty when the file cannot be read."""

    @property
    def source(self) -> CaseSource:
        """What to build from."""
        return self.path if self.text is None else CaseText(self.path, self.text, self.name, self.columns)

    @property
    def key(self) -> str:
        """What the journal knows the case by: its folder, or its path when it cannot be read."""
        return self.folder or str(self.path.absolute())


class BuildSettings(Sealed, frozen=True):
    """What every case of a batch is built with; can be sent to another process or machine."""

    out: Path
    """The folder that gets one folder a case."""
    as_of: date | None = None
    mode: Mode | None = None
    """How packets are filed; None takes each case's own."""
    draft: bool = False
    keep_work: bool = False
    decisions: Mapping[str, str] = field(default_factory=dict)
    """Rules that the attorney accepts, with the reason."""
    forms: Path | None = None
    """The folder of official forms; None takes PACKET_FORMS or the user's own."""
    templates: Path | None = None
    """The office's folder of templates; None takes ours alone."""


class Bounds(Struct, frozen=True):
    """How many workers there are, and what a case may cost one of them."""

    workers: int = 1
    seconds: float = 900
    """Wall time of one case, after which its worker is ended."""
    memory_bytes: int = 4_000_000_000
    """Address space of a worker; macOS does not enforce it."""
    recycle_bytes: int = 500_000_000
    """Resident memory above which a worker that has finished its case is replaced."""
    fail_fast: bool = False
    """Begin no further case once one was refused or failed."""


class Outcome(Sealed, frozen=True):
    """What became of one task; goes through JSON into the journal and back."""

    name: str
    case_id: str
    state: State
    exit_code: ExitCode
    findings: tuple[Finding, ...]
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
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Sha256 of each evidence file that went into the packet, by its name in the case."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Sha256 of each published file, by its path within the folder."""
    parcel: Parcel | None = None
    """What the mail room needs to know; None when there is no packet."""
    former: str = ""
    """The folder of an earlier run's packet of this case that still lies there and is not right any more: the case is refused now, or
    has another id.  Mostly empty."""

    @property
    def title(self) -> str:
        """What papers call the case: its packet's folder, which tells a request from the response for it; else the id, or the source."""
        return self.folder.name if self.folder else self.case_id or self.name

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON data."""
        plain = asdict(self)
        findings = [{name: getattr(finding, name) for name in _OF_A_FINDING} for finding in self.findings]
        parcel = to_builtins(self.parcel) if self.parcel else None
        return {**plain, "folder": str(self.folder) if self.folder else None, "findings": findings, "parcel": parcel}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """What `to_json` gave."""
        return cls(
            **{
                **data,
                "state": State(data["state"]),
                "exit_code": ExitCode(data["exit_code"]),
                "findings": tuple(Finding(**{**finding, "level": Level(finding["level"])}) for finding in data["findings"]),
                "folder": Path(data["folder"]) if data["folder"] else None,
                "parcel": Parcel.from_json(data["parcel"]) if data["parcel"] else None,
            }
        )


def without_packet(task: Task, state: State, exit_code: ExitCode, *findings: Finding) -> Outcome:
    """The outcome of a case of which no build has said anything: its worker was lost, or it was never begun."""
    return Outcome(task.name, task.case_id, state, exit_code, findings, None, 0, {}, 0.0, 0, built=True, why="")


class Answer(Struct, frozen=True):
    """What a worker says of a case."""

    outcome: Outcome
    last: bool
    """Whether the worker ends now, because it has grown too large or a case has failed in it."""
