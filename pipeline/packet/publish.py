"""Publishing: a whole output folder appears by rename, or the former one stays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import OutputError

MANIFEST = "manifest.json"
_REMEDY = "Name another folder with --out, or free the space and run it again."


def publish(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder beside `target`, mode 0600, then put it in the target's place.

    `files` maps relative paths with forward slashes to their bytes.  Raises OutputError, and leaves what was there, when
    the target is a folder that no earlier run made or the disk refuses.
    """
    if target.exists() and not (target / MANIFEST).is_file():
        message = "exists and is not the output of an earlier run"
        raise OutputError.one("output-taken", str(target), message, "Name another folder with --out, or move it away.")
    work: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.new-"))
        for name, data in files.items():
            _write(work / name, data)
        _swap(work, target)
    except OSError as error:
        raise OutputError.one("output", str(target), f"could not be written: {error.strerror or error}", _REMEDY) from error
    finally:
        if work is not None and work.exists():
            shutil.rmtree(work, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _swap(work: Path, target: Path) -> None:
    """Two renames; when the second fails the first is undone."""
    former = target.with_name(f".{target.name}.former")
    if former.exists():
        shutil.rmtree(former)
    if not target.exists():
        work.rename(target)
        return
    target.rename(former)
    try:
        work.rename(target)
    except OSError:
        former.rename(target)
        raise
    shutil.rmtree(former)
