"""Fault injectors.  They use what the system has (limits, signals, permissions, links), not stand-ins for our code."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def disk_full_after(most: int) -> Callable[[], None]:
    """For `preexec_fn`: every file of the process and its children ends at `most` bytes, as on a disk that fills up."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


@contextmanager
def killed_worker(find: Callable[[], int | None], times: int) -> Iterator[list[int]]:
    """Kills the process that `find` names, each time another, `times` times while the block runs; gives the ids of those it killed."""
    killed: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set() and len(killed) < times:
            found = find()
            if found is not None and found not in killed:
                time.sleep(0.05)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(found, signal.SIGKILL)
                    killed.append(found)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        stop.set()
        watcher.join()


def unreadable_file(path: Path) -> None:
    """Takes away the right to read; root may read everything, and gets a name that leads nowhere instead."""
    if os.geteuid() == 0:
        path.unlink()
        path.symlink_to(path.with_name("gone"))
    else:
        path.chmod(0)


@contextmanager
def read_only_output(folder: Path) -> Iterator[Path]:
    """A place for output in which nothing can be made; for root, who may write anywhere, below a file."""
    if os.geteuid() == 0:
        folder.write_text("a file")
        yield folder / "out"
        return
    folder.mkdir(mode=0o500)
    try:
        yield folder / "out"
    finally:
        folder.chmod(0o700)


def clock_jumps(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Every look at the time of day finds it moved on by this much more (or back, when negative)."""
    real, looks = time.time, iter(range(10**9))
    patch.setattr(time, "time", lambda: real() + seconds * next(looks))
