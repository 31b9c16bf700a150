"""Writing files so that a reader sees the whole new file or the whole old one, and nobody else sees either."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(target: Path, data: bytes) -> None:
    """Write through a temporary file in the same folder and rename it; mode 0600.  Raises OSError."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 when it is missing.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
