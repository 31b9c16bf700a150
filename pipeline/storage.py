"""Files that a reader sees whole or not at all, and nobody else sees; reading without waiting; and the user's own folders."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import platformdirs
from msgspec import Struct

_APP = "parole-packet"
_PORTION = 1 << 22


def user_cache() -> Path:
    """The folder of this program in the user's cache."""
    return platformdirs.user_cache_path(_APP)


def user_data() -> Path:
    """The folder of this program in the user's data."""
    return platformdirs.user_data_path(_APP)


def user_config() -> Path:
    """The folder of this program in the user's configuration."""
    return platformdirs.user_config_path(_APP)


def write_atomically(target: Path, data: bytes, *, durable: bool = True) -> None:
    """Write through a temporary file in the same folder and rename it; mode 0600.  Raises OSError.

    `durable` waits for the disk; what can be made again need not.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def open_regular(path: Path) -> io.BufferedReader:
    """A regular file, to be read.  Raises OSError, also for a pipe or device, which could make the reader wait for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)  # os.fdopen refuses a folder, and leaves it open
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(descriptor, "rb")


def portions(stream: io.BufferedReader) -> Iterator[memoryview]:
    """What is left of a file, in portions of 4 MB at most; each is gone when the next is asked for.  Raises OSError.

    Hashing lets other threads run, and waits up to 5 ms for its turn after each portion while one of them runs Python code.
    """
    left = os.fstat(stream.fileno()).st_size - stream.tell()
    portion = memoryview(bytearray(max(1, min(left, _PORTION))))
    while count := stream.readinto(portion):
        yield portion[:count]


def sha256_of(stream: io.BufferedReader) -> str:
    """The sha256 in hexadecimal of what is left of a file.  Raises OSError."""
    sums = hashlib.sha256()
    for portion in portions(stream):
        sums.update(portion)
    return sums.hexdigest()


def private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 when it is missing.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def is_text(path: Path) -> bool:
    """Whether a path is text: Linux allows names of any bytes, and neither PDFium nor the journal can hold those that are not UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_ours_alone(folder: Path) -> bool:
    """Whether nobody else can put anything into a folder.  Raises OSError."""
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


_SUM = hashlib.sha256().digest_size


class Shelf(Struct, frozen=True):
    """A folder of the user's cache for what is made once from our own files, by our own code, and takes long to make.

    It is private (mode 0700) and trusted as much as Python's own compiled files beside the code: what is taken from it may be run.
    A folder that others may write into is left alone.  A cache that cannot be read or written is no error.
    """

    name: str
    made_by: str
    """A hash of the code that makes what is kept; see `made_by`."""

    def find(self, *sources: bytes) -> bytes | None:
        """What was made from these bytes, or None."""
        try:
            place = self._place(sources)
            if not _is_ours_alone(place.parent):
                return None
            kept = place.read_bytes()
        except (OSError, RuntimeError):
            return None
        made = kept[_SUM:]
        return made if hashlib.sha256(made).digest() == kept[:_SUM] else None  # a power cut may have left half of it

    def keep(self, made: bytes, *sources: bytes) -> None:
        """Put what was made from these bytes onto the shelf."""
        try:
            place = self._place(sources)
            if not _is_ours_alone(private_folder(place.parent)):
                return
            write_atomically(place, hashlib.sha256(made).digest() + made, durable=False)
        except (OSError, RuntimeError):  # the user has no home
            return

    def _place(self, sources: Iterable[bytes]) -> Path:
        sums = hashlib.sha256(self.made_by.encode())
        for source in sources:
            sums.update(b"%d %b" % (len(source), source))
        return user_cache() / self.name / sums.hexdigest()


def made_by(code: Iterable[Path], *libraries: str) -> str:
    """A hash of source files, of this Python, and of the versions of libraries."""
    sums = hashlib.sha256("\n".join((sys.version, *(f"{name} {version(name)}" for name in libraries))).encode())
    for file in sorted(code):
        sums.update(file.read_bytes())
    return sums.hexdigest()
