"""A packet with 300 pages of evidence (63 MB) from a warm cache, against reading, hashing and writing the same bytes in the same run.

Where WeasyPrint is installed, the packet as everybody would make it (`recipe.py`) is measured in the same run.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pipeline.packet.build import BuildOptions, build_packet
from tests.bench.cases import make_case
from tests.bench.clock import in_turn, processor_time
from tests.bench.recipe import Recipe, is_possible
from tests.bench.row import Row, table

_PAGES = 300
_FILES = 20
_ROUNDS = 7
_RECIPE_ROUNDS = 3
_GROWTH = (100, 300, 1000, 3000)


def rows() -> list[Row]:
    """Time against the floor and the recipe, peak memory, and growth."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = make_case(folder / "case", _PAGES, _FILES)
        return [*_speed(case, folder), *_memory(case, folder), *_growth(folder)]


def _read_hash_write(files: list[Path], target: Path) -> None:
    """The floor: every byte of the evidence read, hashed, and written to the disk."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        for file in files:
            data = file.read_bytes()
            hashlib.sha256(data).hexdigest()
            stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _speed(case: Path, folder: Path) -> Iterator[Row]:
    files = sorted((case.parent / "scans").iterdir())
    size = sum(file.stat().st_size for file in files)
    options = BuildOptions(out=folder / "out", draft=True)
    build = partial(build_packet, case, options)
    floor = partial(_read_hash_write, files, folder / "floor.bin")
    what = f"packet with {_PAGES} evidence pages ({size / 1e6:.0f} MB)"
    start = time.perf_counter()
    build()
    yield Row(f"{what}, nothing cached, wall", time.perf_counter() - start, "s", digits=2)
    for clock, name in ((time.perf_counter, "wall"), (processor_time, "processor time")):
        ours, least = in_turn(build, floor, rounds=_ROUNDS, clock=clock)
        yield Row(f"{what}, warm, read back included, {name}", 1000 * ours, "ms")
        yield Row(f"read + sha256 + write of the same bytes, {name}", 1000 * least, "ms")
        yield Row(f"{what} to that, {name}", ours / least, "times", at_most=2.5 if name == "wall" else None, digits=1)
    if is_possible():
        recipe = Recipe(case)
        ours, theirs = in_turn(build, lambda: recipe.make(folder / "recipe"), rounds=_RECIPE_ROUNDS)
        yield Row("the same with WeasyPrint and pypdf, nothing read back, processor time", 1000 * theirs, "ms")
        yield Row("WeasyPrint and pypdf to ours, processor time", theirs / ours, "times", at_least=10, digits=1)


def _memory(case: Path, folder: Path) -> Iterator[Row]:
    """The peak of a process of its own; on Linux not by getrusage, which counts the parent's before the start."""
    command = [sys.executable, "-m", "tests.bench.evidence", "--peak", str(case), str(folder / "memory")]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    yield Row("the same in a new process, warm, peak memory", peak / 1e6, "MB", at_most=200)


def _print_peak(case: Path, out: Path) -> None:
    build_packet(case, BuildOptions(out=out, draft=True))
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
        print(int(line.split()[1]) * 1024)
    else:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _growth(folder: Path) -> Iterator[Row]:
    """Time for each page at several sizes: level when the build grows linearly."""
    first = 0.0
    for pages in _GROWTH:
        case = make_case(folder / f"grow-{pages}", pages, max(11, pages // 15))
        (spent,) = in_turn(partial(build_packet, case, BuildOptions(out=folder / "grown", draft=True)), rounds=2)
        each = 1000 * spent / pages
        yield Row(f"{pages} evidence pages, warm, for each page, processor time", each, "ms", at_most=first or None, digits=2)
        first = first or round(each, 2)
        shutil.rmtree(case.parent)


if __name__ == "__main__":
    if "--peak" in sys.argv:
        _print_peak(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(table(rows()))
