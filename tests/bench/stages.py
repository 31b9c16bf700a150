"""Where the time of one build goes: the sample, first in a process of its own and then warm, by stage."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from pipeline.packet.build import BuildOptions, build_packet

_SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "urgent-humanitarian" / "case.json"
_WARM = 5


def rows() -> list[tuple[str, str, str]]:
    """What, figure and target of each measurement."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_cold(Path(folder)), *_warm(Path(folder))]


def _cold(out: Path) -> Iterator[tuple[str, str, str]]:
    packet = Path(sys.executable).parent / "packet"
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([packet, "build", _SAMPLE, "--out", out / "cold"], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    yield "packet build, new process, prepared forms cached, wall", f"{median(times[1:]):.2f} s", ""


def _warm(out: Path) -> Iterator[tuple[str, str, str]]:
    spent: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        start = time.process_time()
        yield
        spent[name].append(time.process_time() - start)

    for _ in range(_WARM + 1):
        build_packet(_SAMPLE, BuildOptions(out=out / "warm"), stage)
    for name, times in spent.items():
        yield f"stage {name}, warm, processor time", f"{1000 * median(times[1:]):.0f} ms", ""
    yield "whole build, warm, processor time", f"{1000 * sum(median(times[1:]) for times in spent.values()):.0f} ms", ""
