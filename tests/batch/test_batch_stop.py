"""Stopping a batch, politely and not: what is finished is whole and kept, the rest is built by the next run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.batch.cases import write_cases
from tests.batch.killing import kill_often, start
from tests.batch.whole import leftovers, packets

CASES = 10


def test_a_signal_stops_within_five_seconds_and_leaves_whole_packets(tmp_path: Path, no_official: Path) -> None:
    write_cases(tmp_path / "cases", CASES)
    done: dict[str, str] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        batch = start(tmp_path / "cases", tmp_path / "out", no_official)
        assert batch.stdout is not None
        begun = ""
        while f"/{CASES - len(done)} " not in begun:  # the first case of this run is done
            begun = batch.stdout.readline()
        os.killpg(batch.pid, number)
        since = time.monotonic()
        log, _ = batch.communicate()
        assert time.monotonic() - since < 5
        assert batch.returncode == 128 + number, log
        assert "run the same command again" in log
        assert leftovers(tmp_path / "out") == []
        now = packets(tmp_path / "out")
        assert len(done) < len(now) < CASES
        assert now.items() >= done.items()
        done = now
    batch = start(tmp_path / "cases", tmp_path / "out", no_official)
    log, _ = batch.communicate()
    assert batch.returncode == 0
    assert f"{CASES - len(done)} built, {len(done)} unchanged" in log
    assert packets(tmp_path / "out").items() >= done.items()


def test_a_batch_that_is_killed_at_random_moments_loses_nothing(tmp_path: Path) -> None:
    assert "8 kills" in kill_often(tmp_path, 8, 6)
