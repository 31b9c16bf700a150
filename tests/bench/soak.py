"""`make soak`: thousands of light cases through a batch: packets a second, the memory of each worker over time, failures.

`python -m tests.bench.soak [CASES]` prints a table and keeps it as `out/soak.json`; `docs/scale.md` has the figures of a quiet machine.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from pipeline.batch.model import Bounds, BuildSettings, Outcome, Task
from pipeline.batch.report import write_reports
from pipeline.batch.run import run_batch
from pipeline.batch.tasks import find_tasks
from tests.batch.cases import write_cases

_PAGE = resource.getpagesize()
_EVIDENCE_PAGES = 30


@dataclass
class Meter:
    """Resident memory of each worker, in bytes, whenever it begins a case."""

    resident: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def begin(self, total: int, unchanged: int) -> None:
        """Nothing to measure yet."""

    def started(self, task: Task, pid: int) -> None:  # noqa: ARG002 - the memory is the worker's
        self.resident[pid].append(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE)

    def done(self, outcome: Outcome) -> None:  # noqa: ARG002 - counted, not looked at
        self.count += 1
        if self.count % 100 == 0:
            print(f"\r{self.count} packets", end="", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    wall: float
    cpu: float
    meter: Meter
    outcomes: Sequence[Outcome]

    @property
    def rate(self) -> float:
        return len(self.outcomes) / self.wall


def _measure(tasks: Sequence[Task], out: Path, workers: int) -> Measured:
    meter, begun = Meter(), time.perf_counter()
    outcomes = run_batch(tasks, BuildSettings(out), Bounds(workers), meter)
    print(file=sys.stderr)
    return Measured(time.perf_counter() - begun, sum(one.cpu_seconds for one in outcomes), meter, outcomes)


def rows(count: int, folder: Path) -> list[tuple[str, str]]:
    """What was measured, and its figure."""
    write_cases(folder / "cases", count, evidence_pages=_EVIDENCE_PAGES)
    tasks = find_tasks([str(folder / "cases")])
    some = tasks[: max(20, count // 10)]
    _measure(some[:8], folder / "warm", 2)  # forms, fonts and maps into the user's cache
    one, two = _measure(some, folder / "one", 1), _measure(some, folder / "two", 2)
    soak = _measure(tasks, folder / "soak", 2)
    again = _measure(tasks, folder / "soak", 2)
    begun = time.perf_counter()
    write_reports(soak.outcomes, folder / "soak")
    reports = time.perf_counter() - begun
    stored = sum(path.stat().st_size for path in (folder / "soak").rglob("*") if path.is_file())
    states = Counter(str(outcome.state) for outcome in soak.outcomes)
    return [
        ("cases, evidence pages each", f"{count:,}, {_EVIDENCE_PAGES}"),
        ("load of the machine before", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"),
        (f"1 worker, {len(some)} cases", f"{one.rate:.2f} packets a second"),
        (f"2 workers, {len(some)} cases", f"{two.rate:.2f} packets a second, {two.rate / one.rate:.2f} times one"),
        (f"2 workers, {count:,} cases", f"{soak.rate:.2f} packets a second, {soak.wall:.0f} s"),
        ("processor time of a packet in its worker", f"{1000 * soak.cpu / count:.0f} ms"),
        *_memory(soak.meter),
        ("what became of the cases", ", ".join(f"{number} {state}" for state, number in sorted(states.items()))),
        ("the same command again", f"{again.wall:.2f} s, {sum(one.built for one in again.outcomes)} built"),
        ("reports", f"{reports:.2f} s"),
        ("written for each packet", f"{stored / count / 1e6:.2f} MB"),
    ]


def _memory(meter: Meter) -> list[tuple[str, str]]:
    """Of each worker, the mean of each tenth of its life: a flat line is no leak."""
    lines = []
    for number, series in enumerate(meter.resident.values(), 1):
        size = max(1, len(series) // 10)
        tenths = [mean(series[start : start + size]) / 1e6 for start in range(0, len(series), size)][:10]
        lines.append((f"memory of worker {number}, MB, by tenths of {len(series)} cases", " ".join(f"{each:.0f}" for each in tenths)))
    return lines


def main() -> None:
    """Runs and prints."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"  # nothing is converted or prepared beforehand
        found = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, Path(folder))
    width = max(len(what) for what, _ in found)
    for what, figure in found:
        print(f"{what:<{width}}  {figure}")
    kept = Path("out") / "soak.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(dict(found), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
