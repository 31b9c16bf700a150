"""The worker as its owner sees it: one process that converts file after file."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Wishes
from pipeline.evidence.record import JsonObject
from pipeline.workers import HOME, command

_PASSED_ON: Final = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TMPDIR", "XDG_RUNTIME_DIR")
"""Settings of the environment that a converter may need; passwords and keys are not among them."""
_LONGEST_ANSWER: Final = 50_000_000
"""Bytes; an outline of many long titles stays far below."""


class WorkerEndedError(Exception):
    """The worker ended before it answered; `signal` is what ended it, or 0."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class WorkerTooSlowError(Exception):
    """The worker did not answer in time and was killed."""


class Job(Struct, frozen=True):
    """One file to convert."""

    path: Path
    wishes: Wishes
    limits: Limits
    into: Path
    """Where the letter pages go; not there yet."""

    def line(self) -> bytes:
        """The job as the worker reads it."""
        job = {"path": str(self.path), "wishes": asdict(self.wishes), "limits": asdict(self.limits), "into": str(self.into)}
        return json.dumps(job).encode("ascii") + b"\n"


class Worker:
    """A running worker process, with the memory limit it was started with; not for several threads at once."""

    def __init__(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self._process = subprocess.Popen(
            command("pipeline.evidence.worker", memory_bytes),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, "PYTHONPATH": HOME},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet, as far as this side has noticed."""
        return self._process.returncode is None

    def ask(self, job: Job) -> JsonObject:
        """The worker's answer; raises WorkerEndedError and WorkerTooSlowError, after which this worker is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(job.line())
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None
        answer: JsonObject = json.loads(self._line(time.monotonic() + job.limits.seconds))
        return answer

    def _line(self, until: float) -> bytes:
        """One line of the worker's output, read no longer than `until` on the monotonic clock, which no change of the time of day moves."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    self.kill()
                    raise WorkerTooSlowError
                piece = os.read(handle, 1 << 20)
                if not piece or len(line) > _LONGEST_ANSWER:
                    raise self._ended()
                line += piece
        return line

    def _ended(self) -> WorkerEndedError:
        self.kill()
        return WorkerEndedError(max(0, -(self._process.returncode or 0)))

    def kill(self) -> None:
        """Ends the worker and every process that it started, at once; what ended the worker before stays its exit status."""
        self.interrupt()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()

    def interrupt(self) -> None:
        """Ends the worker while another thread may be waiting for it, which then finds it gone."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
