"""The journal of an output folder: its runs, its cases, what became of each and what it was made of.

It is an SQLite file, `OUT/.packet-batch.sqlite`, mode 0600, in WAL mode: a process that is killed at any moment loses at most
the entry that it was writing, and that case is built again.  A lock file beside it admits one batch at a time; worker
processes hold the same lock open, so that it outlives a batch that was killed by as long as its workers do.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from pipeline.batch.fingerprint import Fingerprint, Seen
from pipeline.batch.model import BuildSettings, Outcome, Task
from pipeline.batch.parcel import Parcel
from pipeline.errors import BatchError, OutputError
from pipeline.packet.publish import require_text
from pipeline.sealed import Sealed
from pipeline.storage import private_folder

JOURNAL: Final = ".packet-batch.sqlite"
LOCK: Final = ".packet-batch.lock"
_LOCK_PATIENCE: Final = 3.0
"""Seconds in which the workers of a batch that was killed are gone."""
_TABLES: Final = """
create table runs (number integer primary key, began text not null, ended text, exit_code integer, settings text not null);
create table houses (digest text primary key, parts text not null) without rowid;
create table cases (
    key text primary key, run integer not null references runs, name text not null, path text not null, in_file integer not null,
    outcome text not null, house text not null references houses, fingerprint text
) without rowid;
create table waiting (key text primary key, name text not null) without rowid;
create index cases_by_run on cases (run);
"""
_RECORDED: Final = (Outcome, Parcel, Fingerprint, Seen, BuildSettings)
_SHAPE: Final = zlib.crc32("\n".join([_TABLES, *(name for kind in _RECORDED for name in kind.__struct_fields__)]).encode()) >> 1
"""Of the tables and of what is written into them, as SQLite keeps it in a journal: a number below 2 to the 31st."""
_DAMAGE: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What a damaged text in a journal that opens comes to when it is read."""


class Entry(Sealed, frozen=True):
    """A case as a run left it."""

    key: str
    """As `Task.key`."""
    name: str
    path: Path
    """The case file, absolute; for a row of a roster the base case."""
    outcome: Outcome
    house: Mapping[str, str]
    """What it was built with besides the case; empty when there is no packet."""
    fingerprint: Fingerprint | None
    """None when there is no packet."""
    in_file: bool = True
    """Whether the case file holds the case; False for a row of a roster."""


class Run(Struct, frozen=True):
    """One run of a batch; times are UTC."""

    number: int
    began: str
    ended: str | None
    """None while it runs, and when it was killed."""
    exit_code: int | None
    settings: BuildSettings


class Journal:
    """The open journal of an output folder; used by one thread.

    Everything but `close` raises OutputError when the file is damaged or the disk refuses.
    """

    def __init__(self, out: Path, *, only_look: bool = False) -> None:
        """Opens it, or begins one.  Raises OutputError when it cannot be written or read.

        With `only_look` nothing is written, and BatchError is raised when it holds no run, or was written by another version.
        """
        self.path = out / JOURNAL
        self._run = 0
        self._houses: dict[str, Mapping[str, str]] = {}
        with _as_output_error(self.path):
            if only_look:
                self._base = sqlite3.connect(_to_look_at(self.path), isolation_level=None, uri=True)
                self._require_our_shape()
                return
            private_folder(out)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._base = sqlite3.connect(self.path, isolation_level=None)
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            self._prepare()

    def _shape(self) -> int:
        (shape,) = self._base.execute("pragma user_version").fetchone()
        return int(shape)

    def _require_our_shape(self) -> None:
        shape = self._shape()
        if shape == _SHAPE:
            return
        self.close()
        if not shape:
            raise _no_batch(self.path.parent)
        message = "the journal was written by another version of the program, and this one cannot read it"
        remedy = "Look with that version. `packet batch` of this one begins a journal anew and builds every case again."
        raise BatchError.one("batch-other-version", str(self.path), message, remedy)

    def _prepare(self) -> None:
        """Makes the tables; those of another version of the program go, whose packets have to be built again in any case."""
        if self._shape() == _SHAPE:
            return
        former = [name for (name,) in self._base.execute("select name from sqlite_master where type = 'table'")]
        with self._transaction():
            for statement in (*(f'drop table "{name}"' for name in former), *filter(str.strip, _TABLES.split(";"))):
                self._base.execute(statement)
            self._base.execute(f"pragma user_version = {_SHAPE}")

    def close(self) -> None:
        """Closes the file."""
        self._base.close()

    def begin(self, settings: BuildSettings) -> None:
        """Begins a run; what is recorded from now on belongs to it."""
        with self._transaction():
            row = self._base.execute("insert into runs (began, settings) values (?, ?)", (_now(), _settings_to(settings)))
            self._base.execute("delete from waiting")
        self._run = row.lastrowid or 0

    def end(self, exit_code: int) -> None:
        """Ends the run."""
        with self._transaction():
            self._base.execute("update runs set ended = ?, exit_code = ? where number = ?", (_now(), exit_code, self._run))

    def record(self, entry: Entry) -> None:
        """Writes what became of a case."""
        house = _digest(entry.house)
        row = self._row(entry, house)
        with self._transaction():
            self._base.execute("insert or ignore into houses values (?, ?)", (house, json.dumps(entry.house)))
            self._base.execute("insert or replace into cases values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._base.execute("delete from waiting where key = ?", (entry.key,))

    def plan(self, tasks: Iterable[Task]) -> None:
        """Notes what the run has to build, until it is recorded; what earlier runs recorded of these cases stays."""
        with self._transaction():
            self._base.executemany("insert or replace into waiting values (?, ?)", [(task.key, task.name) for task in tasks])

    def waiting(self) -> dict[str, str]:
        """The names of the cases that the last run had to build and has not built, by key."""
        with _as_output_error(self.path, *_DAMAGE):
            return dict(self._base.execute("select key, name from waiting order by name"))

    def keep(self, entries: Iterable[Entry]) -> None:
        """Takes entries of earlier runs over into this one, with where the case lies now and, of a file merely touched, the new time."""
        rows = [
            (self._run, one.name, str(one.path), int(one.in_file), json.dumps(one.fingerprint.to_json()), one.key)
            for one in entries
            if one.fingerprint
        ]
        with self._transaction():
            self._base.executemany("update cases set run = ?, name = ?, path = ?, in_file = ?, fingerprint = ? where key = ?", rows)

    def entries(self) -> dict[str, Entry]:
        """Every case that any run has recorded, by key."""
        with _as_output_error(self.path, *_DAMAGE):
            rows = self._base.execute("select key, name, path, in_file, outcome, house, fingerprint from cases order by name")
            return {row[0]: self._entry(*row) for row in rows}

    def last_run(self) -> Run | None:
        """The run that began last; None before the first."""
        with _as_output_error(self.path, *_DAMAGE):
            row = self._base.execute("select number, began, ended, exit_code, settings from runs order by number desc limit 1").fetchone()
            if row is None:
                return None
            number, began, ended, exit_code, settings = row
            return Run(number, began, ended, exit_code, _settings_from(json.loads(settings), self.path.parent))

    def keys_of(self, run: int) -> frozenset[str]:
        """The cases that belonged to a run, as far as it got."""
        with _as_output_error(self.path, *_DAMAGE):
            return frozenset(key for (key,) in self._base.execute("select key from cases where run = ?", (run,)))

    def _row(self, entry: Entry, house: str) -> tuple[str | int | None, ...]:
        made = json.dumps(entry.fingerprint.to_json()) if entry.fingerprint else None
        return entry.key, self._run, entry.name, str(entry.path), int(entry.in_file), json.dumps(entry.outcome.to_json()), house, made

    def _entry(self, key: str, name: str, path: str, in_file: int, *parts: str) -> Entry:
        outcome, house, made = parts
        if house not in self._houses:
            (text,) = self._base.execute("select parts from houses where digest = ?", (house,)).fetchone()
            self._houses[house] = json.loads(text)
        known = Fingerprint.from_json(json.loads(made)) if made else None
        return Entry(key, name, Path(path), Outcome.from_json(json.loads(outcome)), self._houses[house], known, bool(in_file))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _as_output_error(self.path):
            self._base.execute("begin immediate")
            try:
                yield
                self._base.execute("commit")
            except BaseException:
                if self._base.in_transaction:  # a signal may come when it is written already
                    self._base.execute("rollback")
                raise


@contextmanager
def alone(out: Path) -> Iterator[int]:
    """Holds the output folder's lock while the block runs; the value is its file descriptor, which may be handed to child processes.

    Raises OutputError when another batch holds it, when its name is no text, or when the file system has no locks.
    """
    require_text(out)
    with _as_output_error(out / LOCK):
        private_folder(out)
        handle = os.open(out / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not _locked(handle, out / LOCK):
            raise OutputError.one(
                "batch-running", str(out), "another batch is at work in this folder", "Wait for it, or name another with --out."
            )
        yield handle
    finally:
        os.close(handle)


def _locked(handle: int, lock: Path) -> bool:
    until = time.monotonic() + _LOCK_PATIENCE
    while not _took(handle, fcntl.LOCK_EX, lock):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _took(handle: int, kind: int, lock: Path) -> bool:
    """Whether a lock was free and is held now.  Raises OutputError where there are none."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        message = f"cannot be locked: {error.strerror or 'the system refuses'}"
        raise OutputError.one("batch-journal", str(lock), message, "Name a folder with --out whose file system has locks.") from error
    return True


def is_running(out: Path) -> bool:
    """Whether a batch is at work in an output folder.  Raises OutputError when its file system has no locks, which alone tell."""
    try:
        handle = os.open(out / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _took(handle, fcntl.LOCK_SH, out / LOCK)
    finally:
        os.close(handle)


def open_known(out: Path) -> Journal:
    """The journal of a folder that a batch has written to, for reading alone.

    Raises BatchError when there is none or another version of the program wrote it.
    """
    if not (out / JOURNAL).is_file():
        raise _no_batch(out)
    return Journal(out, only_look=True)


def _no_batch(out: Path) -> BatchError:
    return BatchError.one("batch-unknown", str(out), "no batch has run here", "Name the folder that `packet batch` wrote to.")


def _to_look_at(path: Path) -> str:
    """The address of a journal for SQLite, so that reading makes no file beside it unless a batch is at work or was killed there."""
    log = path.with_name(f"{path.name}-wal")
    settled = not log.is_file() or not log.stat().st_size
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if settled else ''}"


@contextmanager
def _as_output_error(path: Path, *damage: type[Exception]) -> Iterator[None]:
    """OutputError for what the system or SQLite refuses, and for errors of the kinds in `damage`."""
    kinds: tuple[type[Exception], ...] = (sqlite3.Error, *damage)
    try:
        yield
    except OSError as error:
        reason = error.strerror or "cannot be read or written"
        raise OutputError.one("batch-journal", str(path), reason, "Name another folder with --out, or free the space.") from error
    except kinds as error:
        remedy = "Free the space if the disk is full; else move the file away, and every case is built again."
        raise OutputError.one("batch-journal", str(path), "cannot be read or written as a journal", remedy) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _digest(house: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(house, sort_keys=True).encode()).hexdigest()


def _settings_to(settings: BuildSettings) -> str:
    places = {name: str(path.absolute()) for name in ("forms", "templates") if (path := getattr(settings, name))}
    return json.dumps({**asdict(settings), "out": "", "as_of": str(settings.as_of or ""), "forms": None, "templates": None, **places})


def _settings_from(data: Mapping[str, Any], out: Path) -> BuildSettings:
    places = {name: Path(data[name]) if data[name] else None for name in ("forms", "templates")}
    return BuildSettings(**{**data, "out": out, "as_of": date.fromisoformat(data["as_of"]) if data["as_of"] else None, **places})
