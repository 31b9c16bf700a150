"""Ways in which a case of a batch goes wrong, each as a change to a good case on disk, or to the worker that builds it."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.batch.model import Outcome, State, Task
from pipeline.errors import ExitCode
from tests.conftest import ROOT

_FILES: Final = ROOT / "tests" / "resources" / "files"


def _changed(case: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(case.read_text(encoding="utf-8"))
    change(data)
    case.write_text(json.dumps(data, indent=2), encoding="utf-8")


def _cut_off(case: Path) -> None:
    case.write_bytes(case.read_bytes()[:-200])


def _evidence(case: Path, file: str) -> None:
    shutil.copy(_FILES / file, case.parent / "evidence" / "reason.pdf")


def make_too_deep(folder: Path) -> None:
    """Makes a folder in it that cannot be searched to the bottom, also not by root."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):  # root may read every folder, but no path is longer than the system allows
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


ON_DISK: Final[Mapping[str, tuple[Callable[[Path], None], ExitCode]]] = {
    "not JSON": (_cut_off, ExitCode.CASE_UNREADABLE),
    "breaks the schema": (lambda case: _changed(case, lambda data: data["petitioner"].pop("sex")), ExitCode.CASE_INVALID),
    "breaks a rule": (
        lambda case: _changed(case, lambda data: data["beneficiaries"][0].update(date_of_birth="2030-01-01")),
        ExitCode.CASE_INVALID,
    ),
    "ended program": (lambda case: _changed(case, lambda data: data.update(kind="chnv")), ExitCode.CASE_INVALID),
    "evidence missing": (lambda case: (case.parent / "evidence" / "means.pdf").unlink(), ExitCode.EVIDENCE),
    "evidence encrypted": (lambda case: _evidence(case, "encrypted-user.pdf"), ExitCode.EVIDENCE),
    "evidence outside": (lambda case: _changed(case, lambda data: data["exhibits"][0].update(file="../secret.pdf")), ExitCode.EVIDENCE),
    "evidence broken": (lambda case: _evidence(case, "header-only.pdf"), ExitCode.EVIDENCE),
    "evidence a bomb": (lambda case: _evidence(case, "bomb.pdf"), ExitCode.EVIDENCE),
}
"""What is done to a good case, and the exit code that it then has."""


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def halt(pid: int) -> None:
    """Lets a process stand still, as one that hangs does."""
    os.kill(pid, signal.SIGSTOP)


IN_WORKER: Final[Mapping[str, Callable[[int], None]]] = {"worker killed": _kill}
"""What is done to a worker when it begins the case; the case fails."""


class Saboteur:
    """A watch that harms the workers of some cases, and otherwise only looks."""

    def __init__(self, harm: Mapping[Path, Callable[[int], None]]) -> None:
        self._harm = harm
        self.total = (0, 0)
        self.began: list[str] = []
        self.pids: list[int] = []
        self.outcomes: list[Outcome] = []

    def begin(self, total: int, unchanged: int) -> None:
        self.total = (total, unchanged)

    def started(self, task: Task, pid: int) -> None:
        self.began.append(task.name)
        self.pids.append(pid)
        if task.path in self._harm:
            self._harm[task.path](pid)

    def done(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def states(self) -> dict[str, State]:
        """What became of each case, by name."""
        return {outcome.name: outcome.state for outcome in self.outcomes}
