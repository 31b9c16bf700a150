"""Stopping a batch, politely and not: what is finished is whole and kept, the rest is built by the next run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.batch import report
from pipeline.batch.journal import open_known
from pipeline.batch.mailroom import mail_room_sheet
from pipeline.batch.model import Bounds, BuildSettings, Outcome
from pipeline.batch.pool import BatchStopped, stopped_by_signals
from pipeline.batch.run import run_batch
from pipeline.batch.tasks import find_tasks
from pipeline.cli.batch import Watcher
from pipeline.cli.main import main
from pipeline.errors import OutputError
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
        now = packets(tmp_path / "out")
        assert f"stopped: {len(now) - len(done)} of {CASES - len(done)} cases are done and their packets whole" in log
        assert "the reports are not written; run the same command again to go on" in log
        assert leftovers(tmp_path / "out") == []
        assert len(done) < len(now) < CASES
        assert now.items() >= done.items()
        done = now
    batch = start(tmp_path / "cases", tmp_path / "out", no_official)
    log, _ = batch.communicate()
    assert batch.returncode == 0
    assert f"{CASES - len(done)} built, {len(done)} unchanged" in log
    assert packets(tmp_path / "out").items() >= done.items()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_cases_are_still_being_listed_stops_with_its_exit_code(tmp_path: Path, no_official: Path, number: int) -> None:
    (base,) = write_cases(tmp_path / "cases", 1)
    roster = tmp_path / "families.csv"
    os.mkfifo(roster)  # whose rows never come
    batch = start(tmp_path / "cases", tmp_path / "out", no_official, "--roster", str(roster), "--base", str(base))
    rows = _write_end(roster)
    os.killpg(batch.pid, number)
    log, _ = batch.communicate(timeout=20)
    os.close(rows)
    assert batch.returncode == 128 + number, log
    assert log == "stopped: no case was begun and no packet written; run the same command again to go on\n"
    assert not (tmp_path / "out").exists()


def _write_end(pipe: Path) -> int:
    """The pipe opened for writing, once somebody reads from it."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("no_official")
def test_a_signal_while_the_reports_are_written_stops_with_its_exit_code(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cases(tmp_path / "cases", 2)
    out = tmp_path / "out"

    def stopped(outcomes: Sequence[Outcome]) -> bytes:
        for _ in range(2):  # as one does who has no patience
            os.kill(os.getpid(), number)
        return mail_room_sheet(outcomes)

    with monkeypatch.context() as patch:
        patch.setattr(report, "mail_room_sheet", stopped)
        ended = CliRunner().invoke(main, ["batch", str(tmp_path / "cases"), "--out", str(out)])
    assert ended.exit_code == 128 + number, ended.output
    assert "stopped: 2 of 2 cases are done and their packets whole; some reports may be missing or an earlier run's" in ended.output
    assert (len(packets(out)), leftovers(out)) == (2, [])
    assert (out / "print-order.csv").is_file()
    assert not (out / "mail-room.pdf").exists()
    assert CliRunner().invoke(main, ["status", str(out)]).output.endswith("2 cases: 2 draft; 0 to build\n")
    again = CliRunner().invoke(main, ["batch", str(tmp_path / "cases"), "--out", str(out)])
    assert "0 built, 2 unchanged" in again.output
    assert (out / "mail-room.pdf").is_file()


def test_a_signal_after_the_summary_changes_nothing_any_more(tmp_path: Path, no_official: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    for number in (signal.SIGINT, signal.SIGTERM):
        batch = start(tmp_path / "cases", tmp_path / "out", no_official)
        assert batch.stdout is not None
        while not batch.stdout.readline().startswith("reports: "):
            pass
        time.sleep(0.02)
        os.killpg(batch.pid, number)
        assert batch.communicate()[0] == ""
        assert batch.returncode == 0


def test_a_run_that_is_stopped_while_it_looks_at_its_cases_is_noted_with_its_exit_code(tmp_path: Path, no_official: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    settings = BuildSettings(tmp_path / "out", forms=no_official)

    class Impatient(Watcher):
        def begin(self, total: int, unchanged: int) -> None:
            super().begin(total, unchanged)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(BatchStopped), stopped_by_signals():
        run_batch(find_tasks([str(tmp_path / "cases")]), settings, Bounds(1), Impatient())
    with closing(open_known(settings.out)) as journal:
        run = journal.last_run()
    assert run
    assert (run.exit_code, run.ended is None) == (143, False)


def test_a_file_named_like_an_unfinished_packet_is_somebodys_own(tmp_path: Path, no_official: Path) -> None:
    (case,) = write_cases(tmp_path / "cases", 1)
    tasks = find_tasks([str(case)])
    own = tmp_path / "out" / f".{tasks[0].folder}.new-abc"
    own.parent.mkdir()
    own.write_text("somebody's own", encoding="utf-8")
    (built,) = run_batch(tasks, BuildSettings(own.parent, forms=no_official), Bounds(1), Watcher())
    assert built.state == "draft"
    assert own.is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove every folder")
def test_what_a_killed_run_left_and_cannot_be_removed_is_named(tmp_path: Path, no_official: Path) -> None:
    (case,) = write_cases(tmp_path / "cases", 1)
    tasks = find_tasks([str(case)])
    left = tmp_path / "out" / f".{tasks[0].folder}.new-abc"
    (left / "inner").mkdir(parents=True)
    left.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be removed"):
        run_batch(tasks, BuildSettings(left.parent, forms=no_official), Bounds(1), Watcher())
    left.chmod(0o700)


def test_a_batch_that_is_killed_at_random_moments_loses_nothing(tmp_path: Path) -> None:
    assert "8 kills" in kill_often(tmp_path, 8, 6)
