"""One worker for many files, packets and threads: started with the first file, replaced when a file ended it."""

from __future__ import annotations

import signal
import threading
from typing import Final

from pipeline.evidence.process import Job, Worker, WorkerEndedError
from pipeline.evidence.record import NO_MEMORY, JsonObject

_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGHUP})
"""Signals that a file cannot cause: the system or a person sent them, so the file gets a second try."""


class Workbench:
    """Hands files to a worker one at a time; several threads may use it, and one waits for the other."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._worker: Worker | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of the worker that was started last, for whoever watches it; None before the first."""
        return self._worker.pid if self._worker else None

    def convert(self, job: Job) -> JsonObject:
        """The worker's answer.

        Raises WorkerTooSlowError, and WorkerEndedError when the file ended the worker, when something outside ended two in a row, or
        when the bench was closed.
        """
        with self._turn:
            try:
                return self._ask(job)
            except WorkerEndedError as error:
                job.into.unlink(missing_ok=True)
                if error.signal not in _FROM_OUTSIDE:
                    raise
            return self._ask(job)

    def _ask(self, job: Job) -> JsonObject:
        worker = self._running(job.limits.memory_bytes)
        answer = worker.ask(job)
        if NO_MEMORY in answer:  # what it still holds would be missing to the next file
            worker.kill()
        return answer

    def _running(self, memory_bytes: int) -> Worker:
        with self._state:
            if self._closed:
                raise WorkerEndedError(0)
            if self._worker is not None and self._worker.memory_bytes != memory_bytes:
                self._worker.kill()
            if self._worker is None or not self._worker.alive:
                self._worker = Worker(memory_bytes)
            return self._worker

    def close(self) -> None:
        """Ends the worker at once; a file that it is at work on ends in WorkerEndedError."""
        with self._state:
            self._closed = True
            if self._worker is not None:
                self._worker.interrupt()
        with self._turn:
            if self._worker is not None:
                self._worker.kill()
