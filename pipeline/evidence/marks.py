"""Which files of a case folder were hashed before: one that nobody has written since is known without being read again.

A file is told by device, number, size, time of change and time of change of its state.  The last is the file system's own and
cannot be set back, so that a file changed in place, or replaced with its times restored, has another mark.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Final

from pipeline.storage import private_folder, write_atomically

_STILL: Final = 3.0
"""Seconds that a file must have been left alone before it was hashed: file systems count time in steps of up to 2 seconds."""
_MOST_FOLDERS: Final = 2000
"""Case folders that are remembered; those hashed longest ago go."""

_MOST_FILES: Final = 10_000
"""Files that are remembered of one case folder."""

_File = tuple[int, int]
"""Device and number."""
_State = tuple[int, int, int]
"""Bytes, and times of change of the content and of the state, in nanoseconds."""


class Marks:
    """What is remembered of one case folder; kept as one small file, which holds no name.

    A memory that cannot be read or written is no error: then files are hashed.  Limits: a file system whose clock is wrong by more than
    3 seconds and that counts time in whole seconds may give two states of a file one mark when both are of the same second and size.
    """

    def __init__(self, folder: Path | None, case_folder: Path) -> None:
        """`folder` is where it is kept; with None nothing is remembered."""
        self._file = folder / f"{hashlib.sha256(os.fsencode(case_folder.absolute())).hexdigest()}.json" if folder else None
        self._known = _read(self._file) if self._file else {}
        self._news = False

    def find(self, file: os.stat_result) -> str | None:
        """The sha256 of a file as it is now, or None."""
        state, sha256 = self._known.get(_file(file), (None, ""))
        return sha256 if state == _state(file) else None

    def note(self, before: os.stat_result, after: os.stat_result, began: float, sha256: str) -> None:
        """Remembers the hash of a file as it was before and after it was read; `began` is when reading began, in seconds since 1970."""
        if _state(before) == _state(after) and max(after.st_mtime, after.st_ctime) < began - _STILL:
            self._known.pop(_file(after), None)
            self._known[_file(after)] = (_state(after), sha256)  # the newest stand last
            self._news = True

    def close(self) -> None:
        """Writes down what is new."""
        if self._file is None or not self._news:
            return
        rows = [[*file, *state, sha256] for file, (state, sha256) in self._known.items()]
        try:
            private_folder(self._file.parent)
            write_atomically(self._file, json.dumps(rows[-_MOST_FILES:]).encode(), durable=False)
            oldest_first = sorted(self._file.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
            for file in oldest_first[:-_MOST_FOLDERS]:
                file.unlink()
        except OSError:
            return


def _file(found: os.stat_result) -> _File:
    return found.st_dev, found.st_ino


def _state(found: os.stat_result) -> _State:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _read(file: Path) -> dict[_File, tuple[_State, str]]:
    try:
        rows = json.loads(file.read_bytes())
        return {(device, number): ((size, content, state), sha256) for device, number, size, content, state, sha256 in rows}
    except (OSError, ValueError, TypeError):  # none yet, or damaged
        return {}
