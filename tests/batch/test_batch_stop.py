"""Stopping a batch, politely and not: what is finished is whole and kept, the rest is built by the next run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.batch.cases import write_cases
from tests.batch.killing import kill_often, start
from tests.batch.whole import leftovers, packets


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_within_five_seconds_and_leaves_whole_packets(tmp_path: Path, no_official: Path, number: signal.Signals) -> None:
    write_cases(tmp_path / "cases", 8)
    batch = start(tmp_path / "cases", tmp_path / "out", no_official)
    assert batch.stdout is not None
    line = batch.stdout.readline()
    os.killpg(batch.pid, number)
    since = time.monotonic()
    log, _ = batch.communicate()
    assert time.monotonic() - since < 5
    assert batch.returncode == 128 + number, line + log
    assert "run the same command again" in log
    done = packets(tmp_path / "out")
    assert 1 <= len(done) < 8
    assert leftovers(tmp_path / "out") == []
    batch = start(tmp_path / "cases", tmp_path / "out", no_official)
    log, _ = batch.communicate()
    assert batch.returncode == 0
    assert f"{8 - len(done)} built, {len(done)} unchanged" in log
    assert packets(tmp_path / "out").items() >= done.items()


def test_a_batch_that_is_killed_at_random_moments_loses_nothing(tmp_path: Path) -> None:
    assert "8 kills" in kill_often(tmp_path, 8, 12)
