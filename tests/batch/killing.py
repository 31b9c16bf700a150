"""Killing a batch with SIGKILL at random moments, and looking at what is left.

`python -m tests.batch.killing 50` kills one fifty times; the tests do it a few times.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.batch.journal import JOURNAL, open_known
from pipeline.errors import BatchError
from tests.batch.cases import write_cases
from tests.batch.whole import leftovers, packets

_DAYS = ("2026-11-24", "2026-11-25")
"""A changed day lets packets that are there be built again, so that kills hit the exchange of folders as well."""


def start(cases: Path, out: Path, forms: Path, *options: str) -> subprocess.Popen[str]:
    """`packet batch` as a process group of its own."""
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("packet")), "batch", str(cases), "--out", str(out), "-j", "2", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PACKET_FORMS": str(forms)},
    )


def kill_often(folder: Path, kills: int, count: int, seed: int = 7) -> str:
    """Kills a batch of `count` cases that many times and lets it finish; says what was seen, and fails when a packet is not whole or lost.

    Two of three kills come after a case was done, while workers are at the next ones; the others at any moment from the start on.
    """
    chance = random.Random(seed)
    (folder / "forms").mkdir()
    write_cases(folder / "cases", count)
    out = folder / "out"
    known: set[str] = set()
    unfinished = 0
    for number in range(kills):
        batch = start(folder / "cases", out, folder / "forms", "--as-of", _DAYS[number // 3 % len(_DAYS)])
        if number % 3:
            _first_case(batch)
        time.sleep(chance.uniform(0.0, 0.5 if number % 3 else 1.6))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(batch.pid, signal.SIGKILL)
        batch.communicate()
        there = _there(out)
        assert known <= there, "a packet that was there is lost"
        known = there
        unfinished += any(".new-" in name or ".former" in name for name in leftovers(out)) if out.exists() else 0
        _journal_agrees(out)
    batch = start(folder / "cases", out, folder / "forms", "--as-of", _DAYS[-1])
    log, _ = batch.communicate()
    assert batch.returncode == 0, log
    assert len(packets(out)) == count
    assert leftovers(out) == []
    return f"{kills} kills, {unfinished} of them while a packet was being written; {count} packets whole"


def _first_case(batch: subprocess.Popen[str]) -> None:
    """Waits until a batch has done a case, or has ended."""
    assert batch.stdout is not None
    for line in batch.stdout:
        if line[:1].isdigit() and "/" in line.split()[0]:
            return


def _there(out: Path) -> set[str]:
    """The packets that are there, or set aside for the moment in which a new one takes their place; all whole."""
    if not out.exists():
        return set()
    aside = {each.name.removeprefix(".").removesuffix(".former") for each in out.glob(".*.former") if (each / "manifest.json").is_file()}
    return packets(out).keys() | aside


def _journal_agrees(out: Path) -> None:
    """Whatever the journal calls built is there."""
    journal_file = out / JOURNAL
    if not journal_file.exists() or not journal_file.stat().st_size:
        return
    try:
        journal = open_known(out)
    except BatchError as error:
        if error.findings[0].rule != "batch-unknown":
            raise
        return  # it was killed before it had made the tables
    with contextlib.closing(journal):
        assert {key for key, entry in journal.entries().items() if entry.fingerprint} <= _there(out)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(kill_often(Path(temporary), int(sys.argv[1]), 40))
