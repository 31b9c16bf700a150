"""Worker processes of this machine: each builds one case at a time, and is replaced when a case ended it, hung it or made it too large.

The workers are separate programs and not forks, since Typst keeps threads.  One thread hands out and gathers; a case that
ends its worker is told from one that was hit by something outside, which gets a second try.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from types import FrameType, TracebackType
from typing import Any, Final, Protocol, Self

from msgspec import Struct, field

from pipeline.batch.model import Answer, Bounds, BuildSettings, Outcome, State, Task, without_packet
from pipeline.errors import ExitCode
from pipeline.findings import Finding, Level
from pipeline.packet.publish import mend
from pipeline.workers import HOME, command

_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGHUP})
"""Signals that a case cannot cause; the system's own out-of-memory killer is among their senders."""
_TRIES: Final = 2
_GRACE: Final = 3.0
"""Seconds that running cases have to finish after a signal."""
_FAREWELL: Final = 1.0
"""Seconds that a worker has to end its own processes before it is killed."""


class BatchStopped(BaseException):
    """A signal stopped the batch; what was finished until then was handed on.  It is no error and must pass for none."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class Watch(Protocol):
    """Who is told how a batch gets on."""

    def begin(self, total: int, unchanged: int) -> None:
        """Cases in all, and how many of them need no work."""

    def started(self, task: Task, pid: int) -> None:
        """A worker, by its process id, begins a case: for who measures workers, as `tests/bench/soak` does.  Not told on a cluster."""

    def done(self, outcome: Outcome) -> None:
        """A case has been built, refused or has failed."""


class _Worker(Struct):
    """A running worker process."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Answer]
    task: Task | None = None
    until: float = 0.0
    """When its case has taken too long, on the monotonic clock."""

    def farewell(self) -> None:
        """Asks it to end itself and what it started."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def end(self, patience: float = _FAREWELL) -> int:
        """Ends it within some seconds, by force if it must be; its exit status, negative for a signal."""
        self.farewell()
        self.connection.close()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class StopSignals:
    """SIGINT and SIGTERM as something to wait for, while it is entered; in a thread that gets no signals, as nothing."""

    def __init__(self) -> None:
        self.handle, self._write = os.pipe()
        """The file descriptor that can be read from once a signal came."""
        self._before: dict[int, Any] = {}
        self.number = 0
        """The last signal that came; 0 before the first."""

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.handle)
        os.close(self._write)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.number = number
        os.write(self._write, b".")

    def take(self) -> None:
        """Forgets the signal that woke whoever waited."""
        os.read(self.handle, 1)


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGINT and SIGTERM raise BatchStopped in the block, but while `StopSignals` are entered within it.

    Another one soon after is let go, so that it does not disturb what tidies up after the first.  In a thread that gets no signals
    nothing changes.
    """
    last = -math.inf

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > _GRACE:
            raise BatchStopped(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def build_in_processes(
    tasks: Sequence[Task], settings: BuildSettings, bounds: Bounds, watch: Watch, held: int | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Build tasks in worker processes, the largest first, and yield each outcome when it is there.

    `held` is a file descriptor that the workers keep open, such as a lock that must last as long as any of them.  Raises BatchStopped
    after SIGINT or SIGTERM: running cases have 3 seconds to finish, and those that do not leave what was there before.
    """
    with StopSignals() as signals, _Pool(settings, bounds, watch, held) as pool:
        yield from pool.run(in_order(tasks), signals)
    if signals.number:  # it came when every case was done
        raise BatchStopped(signals.number)


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """The order in which tasks are handed out: the largest first, so that none of them is left for the end."""
    return sorted(tasks, key=lambda task: (-task.weight, task.name))


class _Pool(Struct):
    """The workers of one run."""

    settings: BuildSettings
    bounds: Bounds
    watch: Watch
    held: int | None
    workers: list[_Worker] = field(default_factory=list)
    waiting: deque[Task] = field(default_factory=deque)
    tries: dict[str, int] = field(default_factory=dict)
    """How often a worker was lost over a task, by its key."""
    stopping: bool = False
    """Whether a signal came."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self.workers:
            worker.farewell()
        while self.workers:
            self._end(self.workers[-1])

    def run(self, tasks: Sequence[Task], signals: StopSignals) -> Iterator[tuple[Task, Outcome]]:
        self.waiting.extend(tasks)
        while True:
            self._hand_out()
            busy = [worker for worker in self.workers if worker.task]
            if not busy:
                break
            patience = min(worker.until for worker in busy) - time.monotonic()
            ready = wait([signals.handle, *(worker.connection for worker in busy)], max(0.0, patience))
            if signals.handle in ready:
                self._stop(signals)
            for worker in busy:
                if worker.connection in ready:
                    yield from self._received(worker)
                elif time.monotonic() >= worker.until:
                    yield from self._overdue(worker)
        if self.stopping:
            raise BatchStopped(signals.number)

    def _hand_out(self) -> None:
        """A task for every worker that has none; workers are started as they are needed."""
        while self.waiting:
            idle = next((worker for worker in self.workers if worker.task is None), None)
            if idle is None and len(self.workers) >= self.bounds.workers:
                return
            worker = idle or self._started()
            worker.task, worker.until = self.waiting.popleft(), time.monotonic() + self.bounds.seconds
            self.watch.started(worker.task, worker.process.pid)
            with contextlib.suppress(OSError):  # a worker that is gone is noticed when its answer is waited for
                worker.connection.send(worker.task)

    def _started(self) -> _Worker:
        ours, theirs = Pipe()
        kept = [theirs.fileno(), *([] if self.held is None else [self.held])]
        process = subprocess.Popen(
            command("pipeline.batch.worker", theirs.fileno()),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # what libraries print may quote a case
            stderr=subprocess.DEVNULL,
            pass_fds=kept,
            env={**os.environ, "PYTHONPATH": HOME},
        )
        theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        with contextlib.suppress(OSError):
            ours.send((self.settings, self.bounds))
        return worker

    def _received(self, worker: _Worker) -> Iterator[tuple[Task, Outcome]]:
        """The answer of a worker, or what its end says."""
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._lost(worker)
            return
        task = worker.task
        assert task is not None
        worker.task = None
        if answer.last:
            self._end(worker)
        yield self._noted(task, answer.outcome)

    def _lost(self, worker: _Worker) -> Iterator[tuple[Task, Outcome]]:
        task, number = worker.task, max(0, -self._end(worker))
        assert task is not None
        if self.stopping:
            return
        self.tries[task.key] = self.tries.get(task.key, 0) + 1
        if number in _FROM_OUTSIDE and self.tries[task.key] < _TRIES:
            self.waiting.append(task)
            return
        how = signal.strsignal(number) if number else "without an answer"
        remedy = "Run the command again; if it fails again, build the case alone with `packet --debug build`."
        yield self._noted(task, _failed(task, "batch-worker", f"ended the process that built it ({how})", remedy))

    def _overdue(self, worker: _Worker) -> Iterator[tuple[Task, Outcome]]:
        """A case that takes too long fails; one that does not finish in time after a signal has no outcome."""
        task = worker.task
        assert task is not None
        if self.stopping:
            for each in self.workers:  # all at once, so that it takes no longer with many
                each.farewell()
            self._end(worker, max(0.0, worker.until + _FAREWELL - time.monotonic()))
            return
        self._end(worker)
        message, remedy = (
            f"took longer than {self.bounds.seconds:g} seconds",
            "Allow more with --seconds, or --memory: a worker short of it can stand still.",
        )
        yield self._noted(task, _failed(task, "batch-time", message, remedy))

    def _noted(self, task: Task, outcome: Outcome) -> tuple[Task, Outcome]:
        if self.bounds.fail_fast and outcome.state in (State.REFUSED, State.FAILED):
            self.waiting.clear()
        return task, outcome

    def _stop(self, signals: StopSignals) -> None:
        """Begins no further case; those that run have a moment to finish, and none after a second signal."""
        signals.take()
        now = time.monotonic()
        for worker in self.workers:
            worker.until = min(worker.until, now if self.stopping else now + _GRACE)
        self.stopping = True
        self.waiting.clear()

    def _end(self, worker: _Worker, patience: float = _FAREWELL) -> int:
        """Ends a worker, and brings the folder of its case in order; its exit status."""
        status = worker.end(patience)
        self.workers.remove(worker)
        if worker.task and worker.task.folder:
            with contextlib.suppress(OSError):
                mend(self.settings.out, {worker.task.folder})
        return status


def _failed(task: Task, rule: str, message: str, remedy: str) -> Outcome:
    return without_packet(task, State.FAILED, ExitCode.WORKER, Finding(rule, Level.ERROR, task.name, message, remedy))
