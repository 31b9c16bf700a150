"""A build in a process of its own, and the letters of the sample."""

from __future__ import annotations

import compileall
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from pipeline.evidence.intake import Intake
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import checklist, cover_letter, evidence_index, exhibit_sheets
from pipeline.packet.compose import compose
from pipeline.packet.examine import examine
from pipeline.packet.filing import filing_of
from pipeline.packet.gather import gather
from pipeline.packet.plan import make_plan
from tests.bench.cases import SAMPLE, make_case
from tests.bench.clock import in_turn, processor_time
from tests.bench.row import Row

_ROUNDS = 5
_NAMES = ["Rosaura", "Celeste", "Noemi", "Beatriz", "Paloma", "Ximena", "Lucero", "Jacinta", "Ofelia", "Renata", "Zulema", "Graciela"]


def rows() -> list[Row]:
    """Cold builds, as a user starts them, and the letters, warm in this process."""
    with tempfile.TemporaryDirectory() as folder:
        light = make_case(Path(folder) / "light", 30, 11)
        return [
            *_cold("one light case", light, Path(folder), at_most=1.0),
            *_cold("the sample (2 beneficiaries, 99 pages)", SAMPLE, Path(folder)),
            _letters(),
        ]


def _cold(which: str, case: Path, out: Path, at_most: float | None = None) -> Iterator[Row]:
    """The build of a new process, with evidence and forms prepared by an earlier one and modules compiled, as an installer leaves them."""
    compileall.compile_dir(Path(__file__).resolve().parents[2] / "pipeline", quiet=2)
    command = [str(Path(sys.executable).with_name("packet")), "build", str(case), "--draft", "--out", str(out / "cold")]
    walls, processors = [], []
    for _ in range(_ROUNDS + 1):
        wall, processor = time.perf_counter(), processor_time()
        subprocess.run(command, check=True, capture_output=True)
        walls.append(time.perf_counter() - wall)
        processors.append(processor_time() - processor)
    yield Row(f"packet build, new process, {which}, wall", median(walls[1:]), "s", at_most=at_most, digits=2)
    yield Row(f"packet build, new process, {which}, processor time", median(processors[1:]), "s", digits=2)


def _letters() -> Row:
    """Letter, index, checklist and exhibit sheets of the sample, for another petitioner each time: Typst remembers what it has set."""
    context = _context()
    contexts = iter([_renamed(context, name) for name in _NAMES])

    def typeset() -> None:
        letter = next(contexts)
        for document in (cover_letter, evidence_index, checklist, exhibit_sheets):
            document(letter)

    (seconds,) = in_turn(typeset, rounds=len(_NAMES) - 1)
    return Row("letter, index, checklist and exhibit sheets of the sample, warm, processor time", 1000 * seconds, "ms", at_most=120)


def _renamed(context: LetterContext, name: str) -> LetterContext:
    exhibits = tuple(replace(exhibit, title=f"{exhibit.title}, {name}") for exhibit in context.exhibits)
    return replace(context, petitioner=replace(context.petitioner, name=f"{name} Quennevar"), exhibits=exhibits)


def _context() -> LetterContext:
    examined = examine(SAMPLE)
    plan = make_plan(examined.case, examined.item)
    with Intake() as intake:
        gathered = gather(plan, None, examined.as_of, intake)
        return compose(plan, examined, gathered, filing_of(examined), ()).context
