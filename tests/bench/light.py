"""A light packet: one beneficiary, 30 pages of evidence, all four forms, read back included; another person each time.

Against it, where they are installed, the two recipes that an office would write: WeasyPrint and pypdf, and pdftk and LibreOffice.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

from pipeline.packet.build import BuildOptions, build_packet
from tests.bench import office_recipe, recipe
from tests.bench.cases import make_case, others
from tests.bench.clock import in_turn, processor_time
from tests.bench.row import Row

_PAGES, _FILES = 30, 11
_ROUNDS = 15
_EACH_WORKER = 15
_SLOW_ROUNDS = 2
_WHAT = "light packet (30 evidence pages, four forms, read back)"


def rows() -> list[Row]:
    """Processor time of one packet, by stage and against the recipes, and packets a second with one and two workers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = make_case(folder / "case", _PAGES, _FILES)
        ours, stages = _ours(case, folder / "out")
        return [
            Row(f"{_WHAT}, warm, processor time", 1000 * ours, "ms", at_most=150),
            *stages,
            *_recipes(case, folder, ours),
            *_throughput(case, folder / "out"),
        ]


def _ours(case: Path, out: Path) -> tuple[float, list[Row]]:
    """Seconds of a packet, and a row for each of its stages."""
    spent: dict[str, list[float]] = defaultdict(list)
    cases = others(case)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        start = processor_time()
        yield
        spent[name].append(processor_time() - start)

    options = BuildOptions(out=out, draft=True, alone=False)  # one stage after the other
    (seconds,) = in_turn(lambda: build_packet(next(cases), options, stage), rounds=_ROUNDS)
    return seconds, [Row(f"  of it {name}", 1000 * median(times[1:]), "ms") for name, times in spent.items()]


def _recipes(case: Path, folder: Path, ours: float) -> Iterator[Row]:
    if recipe.is_possible():
        plain = recipe.Recipe(case)
        (theirs,) = in_turn(lambda: plain.make(folder / "recipe"), rounds=_SLOW_ROUNDS)
        yield Row("the same with WeasyPrint and pypdf, nothing read back, processor time", 1000 * theirs, "ms")
        yield Row("WeasyPrint and pypdf to ours", theirs / ours, "times", at_least=8, digits=1)
    if office_recipe.is_possible():
        batch = office_recipe.OfficeRecipe([next(others(case)) for _ in range(3)], folder / "office")
        (theirs,) = (seconds / batch.cases for seconds in in_turn(batch.make, rounds=1))
        yield Row("the same with pdftk and LibreOffice, one conversion for three cases, processor time", 1000 * theirs, "ms")
        yield Row("pdftk and LibreOffice to ours", theirs / ours, "times", at_least=30, digits=1)


@dataclass(frozen=True)
class _Run:
    """What several workers did at the same time."""

    packets: int
    wall: float
    processor: float


def _throughput(case: Path, out: Path) -> Iterator[Row]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    seconds: list[float] = []
    for _ in range(3):
        for workers, found in rates.items():
            run = _run(case, out, workers)
            found.append(run.packets / run.wall)
            seconds += [run.processor / run.packets] * (workers == 2)
    one, two = median(rates[1]), median(rates[2])
    yield Row("packets a second, 1 worker, wall", one, "", digits=1)
    yield Row("packets a second, 2 workers, wall", two, "", at_least=12, digits=1)
    yield Row("packets a second that 2 cores have processor time for, 2 workers at once", 2 / median(seconds), "", at_least=12, digits=1)
    yield Row("2 workers to 1, wall", two / one, "times", at_least=1.8, digits=2)


def _run(case: Path, out: Path, workers: int) -> _Run:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(workers), context.SimpleQueue()
    processes = [_started(context, case, out / f"{workers}-{number}", barrier, answers) for number in range(workers)]
    results: Sequence[tuple[float, float]] = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    return _Run(workers * _EACH_WORKER, max(wall for wall, _ in results), sum(cpu for _, cpu in results))


def _started(context: SpawnContext, case: Path, out: Path, barrier: Barrier, answers: object) -> multiprocessing.process.BaseProcess:
    process = context.Process(target=_work, args=(case, out, barrier, answers))
    process.start()
    return process


def _work(case: Path, out: Path, barrier: Barrier, answers: multiprocessing.SimpleQueue[tuple[float, float]]) -> None:
    """Builds packets as a batch's worker does, the first to get warm; what the processes write lies apart."""
    mine = Path(shutil.copytree(case.parent, out / "case")) / case.name
    cases, options = others(mine), BuildOptions(out=out, draft=True, alone=False)
    build_packet(next(cases), options)
    barrier.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(_EACH_WORKER):
        build_packet(next(cases), options)
    answers.put((time.perf_counter() - wall, time.process_time() - cpu))
    shutil.rmtree(out)
