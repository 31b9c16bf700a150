"""Typst within bounds of time and memory, for templates that are not ours.

Typst stops `while true` and endless recursion of itself.  What it does not stop (a loop over a huge range, a page without end) can
only be ended with its process; so an office's templates are typeset by a kept worker process, and ours, which are tested, in this one.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import threading
from functools import cache
from multiprocessing import Pipe

from pipeline.typeset.job import Bounds, Job, Made
from pipeline.workers import HOME, command


class OutOfBoundsError(Exception):
    """The document used more than it may; the words say what."""


def run_bounded(job: Job, bounds: Bounds) -> Made:
    """The same as `run`, in the kept worker.  Raises OutOfBoundsError when the worker had to be ended or ended by itself."""
    return _bench(os.getpid()).run(job, bounds)


@cache
def _bench(process: int) -> _Bench:
    """One for each process: a worker that a fork inherits answers its parent."""
    del process
    bench = _Bench()
    atexit.register(bench.close)
    return bench


class _Bench:
    """Keeps one worker, and starts another when it is gone or has other bounds."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._worker: _Worker | None = None

    def run(self, job: Job, bounds: Bounds) -> Made:
        with self._turn:
            if self._worker is None or self._worker.memory != bounds.memory:
                self.close()
                self._worker = _Worker(bounds.memory)
            try:
                return self._worker.run(job, bounds.seconds)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()


class _Worker:
    def __init__(self, memory: int) -> None:
        self.memory = memory
        jobs, self._jobs = Pipe(duplex=False)
        self._answers, answers = Pipe(duplex=False)
        handles = (jobs.fileno(), answers.fileno())
        self._process = subprocess.Popen(
            command("pipeline.typeset.worker", memory, *handles),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=handles,
            start_new_session=True,
            env={"PYTHONPATH": HOME},
        )
        jobs.close()
        answers.close()

    def run(self, job: Job, seconds: float) -> Made:
        try:
            self._jobs.send((job, seconds))
            if not self._answers.poll(seconds):
                raise OutOfBoundsError(f"Typst took longer than {seconds:g} seconds")
            made: Made = self._answers.recv()
        except (EOFError, OSError):
            raise OutOfBoundsError(f"Typst needed more than {self.memory:,} bytes of memory, or failed") from None
        return made

    def kill(self) -> None:
        """Ends the process at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._jobs, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
