"""What can go wrong, as exit codes and exceptions.  `docs/errors.md` has a section for each code."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Self

from pipeline.findings import Finding, Level


class ExitCode(IntEnum):
    """Exit codes of the `packet` command; 1 and 2 are Click's own."""

    OK = 0
    CASE_UNREADABLE = 3
    """The case file is missing, is not JSON, or cannot be read."""
    CASE_INVALID = 4
    """The case breaks the schema or a rule of level error."""
    EVIDENCE = 5
    """An exhibit's file is missing, broken, encrypted or outside the case folder."""
    FORM_FILE = 6
    """A form file is of another edition than the map knows, changed, or not a form at all."""
    FORM_VALUE = 7
    """A value cannot be written into its box: too long, or a character the form cannot show."""
    TEMPLATE = 8
    """A template does not parse, names something that does not exist, or does not typeset."""
    READ_BACK = 9
    """The built packet does not say what it should; nothing was published."""
    VERIFY = 10
    """A packet on disk differs from its manifest."""
    OUTPUT = 11
    """The output could not be written; what was there before is still there."""
    ENVIRONMENT = 12
    """Something the program needs is missing or misconfigured on this machine."""
    INTERNAL = 13
    """A fault of this program, not of the case."""
    BATCH = 14
    """The cases of a batch cannot be built together, or there is none."""
    WORKER = 15
    """A case of a batch ended its worker process, or took more time or memory than it may."""


class PacketError(Exception):
    """A failure the user can act on: an exit code and every finding behind it, in file order."""

    exit_code: ExitCode = ExitCode.CASE_INVALID

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.where}: {f.message}" for f in self.findings))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Finding, ...]]]:
        """As it is made: another process has it raised again, and a copy is one."""
        return type(self), (self.findings,)

    @classmethod
    def one(cls, rule: str, where: str, message: str, remedy: str = "") -> Self:
        """An error of this class with a single finding of level error."""
        return cls([Finding(rule, Level.ERROR, where, message, remedy)])


class CaseUnreadableError(PacketError):
    exit_code = ExitCode.CASE_UNREADABLE


class CaseInvalidError(PacketError):
    exit_code = ExitCode.CASE_INVALID


class EvidenceError(PacketError):
    exit_code = ExitCode.EVIDENCE


class FormFileError(PacketError):
    exit_code = ExitCode.FORM_FILE


class FormValueError(PacketError):
    exit_code = ExitCode.FORM_VALUE


class TemplateError(PacketError):
    exit_code = ExitCode.TEMPLATE


class ReadBackError(PacketError):
    exit_code = ExitCode.READ_BACK


class VerifyError(PacketError):
    exit_code = ExitCode.VERIFY


class OutputError(PacketError):
    exit_code = ExitCode.OUTPUT


class EnvironmentMissingError(PacketError):
    exit_code = ExitCode.ENVIRONMENT


class BatchError(PacketError):
    exit_code = ExitCode.BATCH
