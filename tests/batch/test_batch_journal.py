"""The journal: what it keeps, who may read it, who may write at the same time."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from pipeline.batch import journal as module
from pipeline.batch.fingerprint import Fingerprint, Seen
from pipeline.batch.journal import JOURNAL, LOCK, Entry, Journal, alone, is_running, open_known
from pipeline.batch.model import BuildSettings, Outcome, State
from pipeline.cli.main import main
from pipeline.errors import BatchError, ExitCode, OutputError
from pipeline.findings import Finding, Level

SETTINGS = BuildSettings(
    Path("out"), date(2026, 11, 24), "paper", True, False, {"stay-over-a-year": "two operations"}, Path("/forms"), None
)
OUTCOME = Outcome(
    "cases/a/case.json",
    "a-1",
    State.DRAFT,
    ExitCode.OK,
    (Finding("who-decides", Level.INFO, "case.json:4:11 /kind", "a message", "a remedy"),),
    Path("out/a-1"),
    39,
    {"letters": 0.25},
    0.5,
    130_000_000,
    True,
    "new",
    {"evidence/a.pdf": "0" * 64},
    {"packet.pdf": "1" * 64},
)
MADE = Fingerprint("2" * 64, {"evidence/a.pdf": Seen(10, 11, "0" * 64)}, {"packet.pdf": Seen(20, 21, "1" * 64)})
ENTRY = Entry("a-1", "cases/a/case.json", Path("/cases/a/case.json"), OUTCOME, {"code: errors.py": "3" * 64}, MADE)


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    failed = replace(OUTCOME, name="b", case_id="", state=State.FAILED, exit_code=ExitCode.WORKER, folder=None)
    other = Entry("/cases/b.json", "b", Path("/cases/b.json"), failed, {}, None, in_file=False)
    with closing(Journal(tmp_path)) as journal:
        journal.begin(SETTINGS)
        journal.record(ENTRY)
        journal.record(other)
        journal.end(15)
    with closing(open_known(tmp_path)) as journal:
        assert journal.entries() == {"a-1": ENTRY, "/cases/b.json": other}
        run = journal.last_run()
        assert run is not None
        assert (run.number, run.exit_code, run.settings) == (1, 15, replace(SETTINGS, out=tmp_path))
        assert journal.keys_of(1) == {"a-1", "/cases/b.json"}


def test_a_kept_entry_belongs_to_the_new_run(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        journal.begin(SETTINGS)
        journal.record(ENTRY)
        journal.begin(SETTINGS)
        moved = replace(ENTRY, name="./b/case.json", path=Path("/b/case.json"), in_file=False)
        touched = replace(moved, fingerprint=replace(MADE, evidence={"evidence/a.pdf": Seen(10, 99, "0" * 64)}))
        journal.keep([touched])
        assert journal.keys_of(2) == {"a-1"}
        assert journal.entries()["a-1"] == touched


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "out")) as journal:
        journal.begin(SETTINGS)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()}
    assert JOURNAL in modes
    assert set(modes.values()) == {0o600}


def test_a_journal_of_another_version_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Journal(tmp_path)) as journal:
        journal.begin(SETTINGS)
        journal.record(ENTRY)
    monkeypatch.setattr(module, "_SHAPE", 5)
    with closing(Journal(tmp_path)) as journal:
        assert journal.entries() == {}
        assert journal.last_run() is None


def test_a_look_changes_no_file_and_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out #1?"
    with closing(Journal(out)) as journal:
        journal.begin(SETTINGS)
        journal.record(ENTRY)
        journal.end(0)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.iterdir()}
    assert CliRunner().invoke(main, ["status", str(out)]).exit_code == 0
    monkeypatch.setattr(module, "_SHAPE", 5)
    shown = CliRunner().invoke(main, ["status", str(out)])
    assert shown.exit_code == ExitCode.BATCH
    assert "written by another version of the program" in shown.stderr
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.iterdir()} == before


def test_a_look_sees_what_a_batch_at_work_has_recorded(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal, closing(Journal(tmp_path)):
        journal.begin(SETTINGS)
        journal.record(ENTRY)
        with closing(open_known(tmp_path)) as look:
            assert look.entries() == {"a-1": ENTRY}
            with pytest.raises(OutputError, match=JOURNAL):
                look.begin(SETTINGS)


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"no database" * 100)
    with pytest.raises(OutputError, match=JOURNAL):
        Journal(tmp_path)


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="no batch has run here"):
        open_known(tmp_path)


def test_a_second_batch_in_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOCK_PATIENCE", 0.1)
    assert not is_running(tmp_path)
    with alone(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(OutputError, match="another batch is at work"), alone(tmp_path):
            pass
    with alone(tmp_path):
        pass


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def none(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / LOCK).touch()
    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(OutputError) as begun, alone(tmp_path):
        pass
    with pytest.raises(OutputError) as asked:
        is_running(tmp_path)
    for caught in (begun, asked):
        (finding,) = caught.value.findings
        assert (finding.where, finding.message) == (str(tmp_path / LOCK), f"cannot be locked: {os.strerror(code)}")
        assert "has locks" in finding.remedy


def test_the_lock_lasts_as_long_as_a_process_that_was_handed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOCK_PATIENCE", 0.1)
    with alone(tmp_path) as handle:
        heir = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[handle])
    try:
        assert is_running(tmp_path)
    finally:
        heir.communicate()
    assert not is_running(tmp_path)


_WRITER = """
import sys
from pathlib import Path
from tests.batch.test_batch_journal import ENTRY, SETTINGS
from msgspec.structs import replace
from pipeline.batch.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.begin(SETTINGS)
for number in range(1, 100_000):
    journal.record(replace(ENTRY, key=str(number)))
    print(number, flush=True)
"""


def test_what_was_recorded_outlives_a_kill(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(200)][-1]
    os.kill(writer.pid, signal.SIGKILL)
    told = max([told, *(int(line) for line in writer.stdout.read().splitlines())])
    writer.stdout.close()
    writer.wait()
    with closing(open_known(tmp_path)) as journal:
        assert journal.entries().keys() >= {str(number) for number in range(1, told + 1)}
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as base:
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_broken_journal_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"x" * 5000)
    with pytest.raises(OutputError) as caught:
        Journal(tmp_path)
    assert "move the file away" in caught.value.findings[0].remedy


def _with_many(folder: Path) -> Path:
    """A journal of several pages, and its file."""
    with closing(Journal(folder)) as journal:
        journal.begin(SETTINGS)
        for number in range(300):
            journal.record(replace(ENTRY, key=f"a-{number}"))
        journal.end(0)
    return folder / JOURNAL


def _is_refused(use: Callable[[], object]) -> None:
    with pytest.raises(OutputError, match=JOURNAL) as caught:
        use()
    assert caught.value.findings[0].rule == "batch-journal"
    assert "move the file away" in caught.value.findings[0].remedy


def test_a_journal_that_is_damaged_inside_is_named_with_the_way_out(tmp_path: Path) -> None:
    file = _with_many(tmp_path)
    content = bytearray(file.read_bytes())
    content[8192:-8192] = b"\xff" * (len(content) - 16384)
    file.write_bytes(content)
    with closing(Journal(tmp_path)) as journal:
        for use in (journal.entries, lambda: journal.record(replace(ENTRY, key="a-77x"))):
            _is_refused(use)
    shown = CliRunner().invoke(main, ["status", str(tmp_path)])
    assert (shown.exit_code, "[batch-journal]" in shown.stderr) == (ExitCode.OUTPUT, True)


@pytest.mark.parametrize(("table", "column"), [("cases", "outcome"), ("cases", "fingerprint"), ("runs", "settings")])
@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_a_text_of_the_journal_that_is_damaged_is_named_with_the_way_out(tmp_path: Path, table: str, column: str, text: str) -> None:
    with closing(sqlite3.connect(_with_many(tmp_path))) as base:
        base.execute(f"update {table} set {column} = ?", (text,))
        base.commit()
    with closing(Journal(tmp_path)) as journal:
        _is_refused(journal.last_run if table == "runs" else journal.entries)
