"""Converted evidence kept between builds, and the folder that one run works in.

    <cache>/                      mode 0700: it holds the clients' papers
      entries/<key>/pages.pdf     the letter pages
      entries/<key>/record.json   what else is known; touched at each use, so that the oldest use goes first
      marks/<hash>.json           the files of a case folder that were hashed before (`marks`)
      run-<random>/               one run's work, and links to what it uses, so that nobody can take that away
      run-<random>.lock           held by the run for as long as it lives

A run without a cache works in the system's temporary folder, under names that begin with the program's.
An entry appears whole by one rename, and goes whole by one rename, whatever other processes do meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from msgspec import Struct
from msgspec.structs import asdict

from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Wishes
from pipeline.evidence.record import JsonObject, Made
from pipeline.storage import is_text, made_by, portions, private_folder, write_atomically

_LIBRARIES: Final = ("pikepdf", "pillow", "pillow-heif", "pypdfium2", "typst")
_ROOMS: Final = ("evidence", "typeset")
_PAGES: Final = "pages.pdf"
_RECORD: Final = "record.json"
_SUM: Final = "pages_crc32"
"""Key of the record: CRC-32 of the pages, for a file that is no longer as it was written.  Nobody else can write here."""
_STATE: Final = "pages_state"
"""Key of the record: bytes and time of change of the pages as they were written, which a crash or a copy of the cache changes."""
_RUN: Final = "run-"
_TEMPORARY_RUN: Final = "parole-packet-run-"
"""How the names of runs begin in the cache, and in a folder that other programs use too."""
_KEEP_SHARE: Final = 0.9
"""How full the cache is after it was over its bound."""


@cache
def _converters() -> str:
    """A hash of the code and the libraries that convert."""
    house = Path(__file__).resolve().parent.parent
    return made_by((path for room in _ROOMS for path in (house / room).rglob("*.py")), *_LIBRARIES)


def key_of(sha256: str, wishes: Wishes, limits: Limits) -> str:
    """The name of a conversion: the hash of the source's hash, of all that was asked for, and of what converts."""
    asked = json.dumps([_converters(), sha256, asdict(wishes), _all_of(limits)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


@lru_cache(maxsize=8)
def _all_of(limits: Limits) -> Mapping[str, Any]:
    return asdict(limits)


class _Entry(Struct, frozen=True):
    """An entry as the bound sees it."""

    folder: Path
    size: int
    used: float
    """When it was last used, as its file system counts time."""


class Run:
    """One run's work folder and its view of the cache; gone when closed, and left to a later run's `close` when it was killed."""

    def __init__(self, home: Path, entries: Path | None, most_bytes: int) -> None:
        """`entries` is None for a run without a cache; raises OSError when nothing can be written to `home`."""
        self._prefix = _RUN if entries else _TEMPORARY_RUN
        handle, name = tempfile.mkstemp(prefix=self._prefix, suffix=".lock", dir=home)
        os.close(handle)
        self._home = home
        self._entries = entries
        self._most = most_bytes
        self._grew = False
        self._lock = FileLock(name, thread_local=False)
        self._lock.acquire()
        self._folder = Path(name).with_suffix("")
        self._folder.mkdir(mode=0o700)
        self._numbers = itertools.count(1)

    @property
    def marks(self) -> Path | None:
        """The folder for marks of files that were hashed; None without a cache."""
        return self._home / "marks" if self._entries else None

    def new_path(self) -> Path:
        """A path in the work folder where nothing is yet."""
        return self._folder / str(next(self._numbers))

    def find(self, key: str) -> Made | None:
        """The conversion of that key from the cache, linked into the work folder; None when there is none or it is not whole."""
        if self._entries is None:
            return None
        entry = self._entries / key
        try:
            record: JsonObject = json.loads((entry / _RECORD).read_bytes())
            file = self.new_path()
            _link(entry / _PAGES, file)
            if record[_STATE] != _state_of(file) and record[_SUM] != _sum_of(file):
                return None
            os.utime(entry / _RECORD)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Made(record, file)

    def keep(self, key: str, made: Made) -> None:
        """Puts a conversion into the cache, in the place of one that is not whole or that another process has put there meanwhile.

        A disk that refuses is no error.
        """
        if self._entries is None:
            return
        entry = self.new_path()
        try:
            entry.mkdir(mode=0o700)
            _link(made.file, entry / _PAGES)
            kept = {**made.record, _SUM: _sum_of(made.file), _STATE: _state_of(entry / _PAGES)}
            write_atomically(entry / _RECORD, json.dumps(kept).encode())
            if (self._entries / key).exists():
                (self._entries / key).rename(self.new_path())
            entry.rename(self._entries / key)
            self._grew = True
        except OSError:
            shutil.rmtree(entry, ignore_errors=True)

    def close(self) -> None:
        """Removes the work folder and those of runs that were killed, and brings the cache below its bound when this run added to it."""
        for lock in self._home.glob(f"{self._prefix}*.lock"):
            if lock != Path(self._lock.lock_file):
                _remove_abandoned(lock)
        if self._entries is not None and self._grew:
            self._trim(self._entries)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def _trim(self, entries: Path) -> None:
        """Removes the entries whose last use is longest ago while the cache is over its bound."""
        oldest_first = sorted(_measured(entries), key=lambda entry: (entry.used, entry.folder.name))
        total = sum(entry.size for entry in oldest_first)
        goal = total if total <= self._most else self._most * _KEEP_SHARE
        for entry in oldest_first:
            if total <= goal:
                break
            total -= entry.size
            with contextlib.suppress(OSError):
                entry.folder.rename(self.new_path())


def open_run(cache: Path, most_bytes: int) -> Run:
    """A run with the cache in a folder of its own at `cache`, open to nobody else, at most `most_bytes` large after each run.

    Without a cache, in a temporary folder, when `most_bytes` is 0, or the cache cannot be written or has a name that is no text, which
    qpdf could not open.  Raises OSError when a temporary folder cannot be written either.
    """
    entries = cache / "entries"
    try:
        if not most_bytes or not is_text(cache):
            raise OSError
        for folder in (cache, entries):
            private_folder(folder).chmod(0o700)
        return Run(cache, entries, most_bytes)
    except OSError:
        return temporary_run()


def temporary_run() -> Run:
    """A run without a cache; raises OSError when a temporary folder cannot be written."""
    return Run(Path(tempfile.gettempdir()), None, 0)


def _measured(entries: Path) -> Iterator[_Entry]:
    for folder in entries.iterdir():
        try:
            record, pages = (folder / _RECORD).stat(), (folder / _PAGES).stat()
        except OSError:  # removed by another process
            continue
        yield _Entry(folder, record.st_size + pages.st_size, record.st_mtime)


def _state_of(file: Path) -> list[int]:
    state = file.stat()
    return [state.st_size, state.st_mtime_ns]


def _sum_of(file: Path) -> int:
    total = 0
    with file.open("rb") as stream:
        for portion in portions(stream):
            total = zlib.crc32(portion, total)
    return total


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, or a copy where the file system has no links."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _remove_abandoned(lock: Path) -> None:
    """Removes the folder of a run of this user's that no longer lives: nobody holds its lock."""
    try:
        found = lock.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():  # to lock another's link would empty what it leads to
            return
        with FileLock(lock, timeout=0):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
    except (OSError, Timeout):
        return
