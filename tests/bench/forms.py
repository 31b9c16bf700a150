"""Filling forms, timed in one run: the official I-131 against the plain pypdf recipe, the forms of one person, and the memory they take."""

from __future__ import annotations

import io
import logging
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

from pypdf import PdfReader, PdfWriter

from pipeline.forms.fieldmap import FieldMap
from pipeline.forms.fill import fill
from pipeline.forms.store import default_folder
from pipeline.forms.template import FormTemplate
from pipeline.forms.values import Subject
from tests.bench.row import Row, table
from tests.forms.cases import full_case
from tests.forms.reading import map_of
from tests.forms.support import subject_of, template

FORMS = ("G-28", "I-131", "I-134")
"""The forms of one person; with the G-1145 once a packet."""
ROUNDS = 15


def rows() -> list[Row]:
    """What was measured, the figure, and the target.

    The official I-131 comes from the forms folder, a facsimile stands for it when it is not there.  Times are CPU times of
    this process, medians, with the variants in turn, and forms prepared; memory is the peak of a process of its own.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    folder = default_folder()
    file = folder / "i-131.pdf"
    least = 100 if file.is_file() else None
    of = "official" if file.is_file() else "facsimile (no official file)"
    jobs = [_job(form, folder) for form in FORMS]
    i131 = jobs[1]
    with tempfile.TemporaryDirectory() as work:
        plain = file if file.is_file() else _as_file(Path(work))
        ours, both, theirs = _in_turn(i131.flat, i131.both, partial(_pypdf, plain, _values(i131)), rounds=ROUNDS)
    (person,) = _in_turn(partial(_all, jobs), rounds=ROUNDS)
    peak = _peak(folder)
    return [
        Row(f"I-131, {of}: filled, flat copy, processor time", ours * 1e3, "ms", digits=1),
        Row(f"I-131, {of}: filled, flat and editable copy, processor time", both * 1e3, "ms", digits=1),
        Row("the same values with pypdf clone_from, update_page_form_field_values, write, processor time", theirs * 1e3, "ms"),
        Row("pypdf to ours, flat copy", theirs / ours, "times", at_least=least),
        Row("pypdf to ours, flat and editable copy", theirs / both, "times", at_least=least),
        Row("forms of one person (G-28, I-131, I-134), both copies, processor time", person * 1e3, "ms", at_most=15, digits=1),
        Row("peak memory of a process that prepares them and fills them 20 times", peak, "MB", at_most=150),
    ]


@dataclass(frozen=True)
class _Job:
    """A form to be filled, prepared as a second build in the same process finds it."""

    blank: FormTemplate
    form_map: FieldMap
    subject: Subject

    def flat(self) -> None:
        """Fill; write the flat copy."""
        fill(self.blank, self.form_map, self.subject).flat()

    def both(self) -> None:
        """Fill; write both copies."""
        done = fill(self.blank, self.form_map, self.subject)
        done.flat()
        done.editable()


def _job(form: str, folder: Path) -> _Job:
    return _Job(template(form, folder), map_of(form), subject_of(full_case("7"), form))


def _all(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.both()


def _values(job: _Job) -> dict[str, str]:
    values = fill(job.blank, job.form_map, job.subject).values
    return {v.field.name: v.text if v.ticked is None else (v.field.on_state or "") if v.ticked else "/Off" for v in values}


def _as_file(work: Path) -> Path:
    target = work / "i-131.pdf"
    target.write_bytes(template("I-131", None).editable)
    return target


def _pypdf(file: Path, values: dict[str, str]) -> None:
    """Fill as the library's own guide does it."""
    writer = PdfWriter(clone_from=PdfReader(file))
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    writer.write(io.BytesIO())


def _in_turn(*variants: Callable[[], None], rounds: int) -> list[float]:
    """Median CPU seconds of each; the slow ones run in every third round only."""
    for variant in variants:
        variant()
    times: list[list[float]] = [[] for _ in variants]
    for number in range(rounds):
        for variant, taken in zip(variants, times, strict=True):
            if number % 3 == 0 or taken[-1] < 0.1:
                start = process_time()
                variant()
                taken.append(process_time() - start)
    return [median(taken) for taken in times]


def _peak(folder: Path) -> float:
    """Megabytes of a fresh process that prepares the forms, with an empty cache, and fills them."""
    command = [sys.executable, "-m", "tests.bench.forms", "--peak"]
    with tempfile.TemporaryDirectory() as cache:
        names = {**os.environ, "PACKET_FORMS": str(folder), "XDG_CACHE_HOME": cache}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=names)
    return float(done.stdout)


def _print_peak() -> None:
    jobs = [_job(form, default_folder()) for form in FORMS]
    for _ in range(20):
        _all(jobs)
    print(_used())


def _used() -> float:
    """Peak megabytes of this process alone; what `getrusage` says on Linux counts the parent's before the start."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1000
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1_000_000 if sys.platform == "darwin" else 1_000)


if __name__ == "__main__":
    if "--peak" in sys.argv:
        _print_peak()
    else:
        print(table(rows()))
