"""Publishing: a whole output folder appears by rename, or the former one stays."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.storage import is_text, sha256_of

MANIFEST = "manifest.json"
PACKET = "packet.pdf"
_LEFT = re.compile(r"\.(?P<name>.+)\.(?:new-[a-z0-9_]+|(?P<former>former))")
"""Names of a folder that is being written and of the packet that it takes the place of."""
FOLDERS = ("forms", "letters", "payment", "upload", "work")
"""What a packet's folder may have in it."""
_OF_A_PACKET = re.compile(
    r"manifest\.json|packet\.pdf|checklist\.pdf|(letters|forms|payment)/.+\.pdf|upload/.+\.(pdf|jpg)|work/.+\.(pdf|typ)"
)
_WRITERS = 4
"""Files that wait for the disk at the same time: it takes several in one go."""
_REMEDY = "Name another folder with --out, or free the space and run it again."


@contextmanager
def publication(target: Path, case: Path, *, mended: bool = False) -> Iterator[Path]:
    """A new folder beside `target`, which takes its place when the block ends without an error and is gone otherwise.

    What a killed run left of a publication to `target` is brought in order first, unless `mended` says that a batch has done it for all
    its packets.  Of two publications to one target at the same time the later stays.

    Raises OutputError, and leaves what was there, when the target holds `case`, the folder of the case and its evidence; when it is a
    folder that no earlier run made; when its name is no text; or when the disk refuses, also within the block.  The error names the folder
    around the target, since the target's own name is a value of the case.
    """
    out = str(target.parent)
    require_text(target.parent)
    if case.resolve().is_relative_to(target.resolve()):
        message = "the packet's folder in it holds the case and its evidence, and the packet would take their place"
        raise OutputError.one("output-case", out, message, "Name another folder with --out, or move the case.")
    if not mended:
        with suppress(OSError):  # what cannot be removed hinders no packet
            _mend(target.parent, {target.name}, without_locks=False)
    try:
        if _is_anothers(target):
            raise taken(out)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _new_folder(target) as work:
            yield work
            _swap(work, target)
    except OSError as error:
        raise OutputError.one("output", out, f"the packet could not be written into it: {error.strerror or error}", _REMEDY) from error


def taken(out: str) -> OutputError:
    """The error for a packet's folder in `out` that holds what no earlier run made; for the caller to raise."""
    message = "the packet's folder in it exists and is not the output of an earlier run"
    return OutputError.one("output-taken", out, message, "Name another folder with --out, or move it away.")


def is_of_a_packet(file: str) -> bool:
    """Whether a file, named by its path in a packet's folder, may be one that a build wrote; anything else is somebody's own."""
    return bool(_OF_A_PACKET.fullmatch(file))


def require_text(folder: Path) -> None:
    """Raises OutputError for an output folder whose name is no text."""
    if not is_text(folder):
        message = "has a name with bytes that are no UTF-8 text"
        raise OutputError.one("output-name", str(folder), message, "Name another folder with --out, or rename it.")


def mend(out: Path, names: Collection[str]) -> None:
    """Brings in order what killed runs left of publications to `out/<name>`.

    Unfinished folders go, and a packet that had been set aside comes back; what a run is still at work on is left to it.  On a file system
    without locks nobody may publish to one of `names` meanwhile.  Raises OSError.
    """
    _mend(out, names, without_locks=True)


def _mend(out: Path, names: Collection[str], *, without_locks: bool) -> None:
    for left in list(out.glob(".*")):
        found = _LEFT.fullmatch(left.name)
        if found is None or found["name"] not in names or not left.is_dir():
            continue
        with _holding(left, wait=False, without_locks=without_locks) as abandoned:
            if abandoned and found["former"] and not (out / found["name"]).exists():
                left.rename(out / found["name"])
            elif abandoned:
                _remove(left)


@contextmanager
def _holding(folder: Path, *, wait: bool, without_locks: bool) -> Iterator[bool]:
    """Holds a folder's lock, which ends with the process; whether it is held, and the folder still the one of that name.

    `without_locks` is what a file system says that has none.  Raises OSError when the folder is there and cannot be opened.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        except BlockingIOError:
            held = False
        except OSError:
            held = without_locks
        yield held and _is_at(handle, folder)
    finally:
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open folder is the one that a path leads to."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _is_anothers(target: Path) -> bool:
    """Whether no run made what is at `target`.  Raises OSError."""
    try:
        with _holding(target, wait=True, without_locks=True) as there:  # so that no run moves it between two looks
            return there and not (target / MANIFEST).is_file()
    except NotADirectoryError:
        return True


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target`, locked while the block runs, and then removed if it is still there."""
    while True:
        work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.new-"))
        try:
            with _holding(work, wait=False, without_locks=True) as held:
                if held:  # or another run took it for an abandoned one before it was locked
                    yield work
                    return
        finally:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def sealing(file: Path) -> Iterator[Callable[[], str]]:
    """While the block runs, a file is written to the disk and hashed; gives what waits for both, and says the sha256 in hexadecimal.

    What is given raises OSError when the disk refuses.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="seal") as pool, file.open("rb") as stream:
        written, hashed = pool.submit(os.fsync, stream.fileno()), pool.submit(sha256_of, stream)

        def sealed() -> str:
            written.result()
            return hashed.result()

        yield sealed


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files into a folder, mode 0600; `files` maps relative paths with forward slashes to their bytes.  Raises OSError."""
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="write") as pool:
        list(pool.map(_write, (folder / name for name in files), files.values()))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _take_along(target: Path, work: Path) -> None:
    """Puts what is not of a packet, such as a signed scan that the office keeps there, into the new folder too.  Raises OSError."""
    for own in sorted(target.rglob("*")):
        there = work / own.relative_to(target)
        if is_of_a_packet(own.relative_to(target).as_posix()) or there.exists() or (own.is_dir() and not own.is_symlink()):
            continue
        there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(own, there, follow_symlinks=False)


def _remove(folder: Path) -> None:
    """Removes a folder with all in it, its files side by side: the disk may take 50 ms to give up a large one.

    Folders that somebody made read-only are opened for it.  Raises OSError.
    """
    for inner in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
        with suppress(OSError):  # another's folder, of which the removal says more
            inner.chmod(0o700)
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="remove") as pool:
        list(pool.map(Path.unlink, [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]))
    shutil.rmtree(folder)


def _swap(work: Path, target: Path) -> None:
    """Puts `work` in the place of `target`, whether it is there, or was set aside by a run that died, or is new.  Raises OSError."""
    former = target.with_name(f".{target.name}.former")
    while True:
        with _holding(former, wait=True, without_locks=True) as aside:
            if aside and not target.exists():
                former.rename(target)
        with _holding(target, wait=True, without_locks=True) as there:
            if there:
                _exchange(work, target, former)
                return
        if former.exists() or target.exists():  # another run is at the same packet
            continue
        with _unless_taken(target):
            work.rename(target)
            return


@contextmanager
def _unless_taken(target: Path) -> Iterator[None]:
    """Passes over an error of the system's when meanwhile something is at `target`."""
    try:
        yield
    except OSError:
        if not target.exists():
            raise


def _exchange(work: Path, target: Path, former: Path) -> None:
    """Two renames; when the second fails or the run is stopped between them the first is undone."""
    if former.exists():
        shutil.rmtree(former)
    _take_along(target, work)
    try:
        target.rename(former)
        work.rename(target)
    except BaseException:
        if former.exists() and not target.exists():
            former.rename(target)
        raise
    with suppress(OSError):  # the packet is there, and what cannot be removed is left to the next run
        former.rename(work)  # half of it left by a run that dies now must not come back as the packet
        _remove(work)
