"""Building one case of a batch, and the process that does it for one case after the other.

`build_case` is the only place where a batch builds; where it runs, here or on another machine, is not its business.
The process is started by `pool` as `python -m pipeline.batch.worker CONNECTION` and ends when its standard input does, so that
it never outlives a batch that was killed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from pipeline.batch.model import Answer, Bounds, BuildSettings, Outcome, State, Task
from pipeline.batch.parcel import parcel_of
from pipeline.errors import ExitCode, PacketError
from pipeline.evidence.workbench import Workbench
from pipeline.findings import Finding, Level
from pipeline.letters.office import load_office
from pipeline.packet.build import BuildOptions, Built, build_packet
from pipeline.packet.publish import MANIFEST, PACKET
from pipeline.storage import sha256_of
from pipeline.workers import bound, place_of

_OURS_TO_MEND: Final = frozenset({ExitCode.READ_BACK, ExitCode.OUTPUT, ExitCode.ENVIRONMENT, ExitCode.INTERNAL})
"""Errors that are not the case's: with one of these a case failed and was not refused."""
_NO_ROOM: Final = ("can't start new thread", "cannot allocate memory", "failed to map segment")
"""Words of Python and of the system's loader when memory is short."""
MORE_MEMORY: Final = "Give a worker more with --memory, or build the case alone with `packet build`."


class _Clock:
    """Wall seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[title] = self.seconds.get(title, 0.0) + time.perf_counter() - start


def build_case(task: Task, settings: BuildSettings, bench: Workbench | None = None) -> Outcome:
    """Build one case and say what became of it; never raises for what a case, its evidence or this program does wrong.

    `bench` converts the evidence of several cases; None starts a worker when one is needed.  The outcome's `why` is left empty.
    """
    clock, start = _Clock(), time.process_time()

    def became(state: State, code: ExitCode, findings: tuple[Finding, ...], **more: Any) -> Outcome:
        known: dict[str, Any] = {"folder": None, "pages": 0, **more}
        spent = time.process_time() - start
        return Outcome(
            task.name,
            task.case_id,
            state,
            code,
            findings,
            seconds=clock.seconds,
            cpu_seconds=spent,
            memory_bytes=_peak(),
            built=True,
            why="",
            **known,
        )

    try:
        built = build_packet(task.source, _options(settings, bench, task.folder), clock.stage)
        return became(State(built.status), ExitCode.OK, built.findings, folder=built.folder, pages=built.pages, **_published(built))
    except PacketError as error:
        state = State.FAILED if error.exit_code in _OURS_TO_MEND else State.REFUSED
        return became(state, error.exit_code, error.findings)
    except Exception as error:  # whatever it is, it ends this case and no other
        if _is_shortage(error):
            return became(
                State.FAILED, ExitCode.WORKER, (lost("batch-memory", task, "needs more memory than a worker may take", MORE_MEMORY),)
            )
        message, remedy = f"a fault of this program stopped it ({place_of(error)})", "Report the fault, without the case."
        return became(State.FAILED, ExitCode.INTERNAL, (lost("batch-fault", task, message, remedy),))


def _is_shortage(error: BaseException) -> bool:
    """Whether an error comes from an address space that is used up, in which also no thread begins and no library is loaded."""
    short = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    no_room = isinstance(error, RuntimeError | ImportError) and any(words in str(error) for words in _NO_ROOM)
    return short or no_room


def lost(rule: str, task: Task, message: str, remedy: str) -> Finding:
    """The finding of a case that failed for no reason of its own files."""
    return Finding(rule, Level.ERROR, task.name, message, remedy)


def _options(settings: BuildSettings, bench: Workbench | None, name: str) -> BuildOptions:
    return BuildOptions(
        out=settings.out,
        as_of=settings.as_of,
        mode=settings.mode,
        draft=settings.draft,
        keep_work=settings.keep_work,
        decisions=settings.decisions,
        forms=settings.forms,
        office=load_office(settings.templates),
        bench=bench,
        alone=False,
        name=name,
    )


def _published(built: Built) -> Mapping[str, Any]:
    """The hashes of what went in and of what came out, and what the mail room needs to know."""
    record = json.loads((built.folder / MANIFEST).read_bytes())
    hashes = {PACKET: record["packet_sha256"]}
    for path in sorted(built.folder.rglob("*")):
        name = path.relative_to(built.folder).as_posix()
        if path.is_file() and name not in hashes:
            with path.open("rb") as stream:
                hashes[name] = sha256_of(stream)
    inputs = {entry["path"]: entry["sha256"] for entry in record["inputs"]}
    return {"inputs": inputs, "files": hashes, "parcel": parcel_of(record)}


def _peak() -> int:
    """The largest resident memory of this process so far, in bytes; macOS counts in bytes, Linux in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _resident() -> int:
    """The resident memory now, or where the system does not tell, the largest so far."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return _peak()


def main() -> None:
    """Builds the tasks that come through the connection, until it ends or the process has grown too large."""
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the batch, which tells its workers; a handler is not inherited
        signal.signal(number, lambda *_: None)
    bench = Workbench()
    threading.Thread(target=_end_with_owner, args=(bench,), daemon=True).start()
    connection: Connection[Answer, Any] = Connection(int(sys.argv[1]))
    settings, bounds = connection.recv()
    bound({resource.RLIMIT_AS: bounds.memory_bytes})
    with contextlib.suppress(EOFError):
        while not _answer(connection, connection.recv(), bounds, lambda task: build_case(task, settings, bench)):
            pass
    bench.close()


def _answer(connection: Connection[Answer, Any], task: Task, bounds: Bounds, build: Callable[[Task], Outcome]) -> bool:
    """Builds and answers; whether that was the last."""
    outcome = build(task)
    last = (
        outcome.state is State.FAILED or _resident() > bounds.recycle_bytes
    )  # what a failure still holds would be missing to the next case
    connection.send(Answer(outcome, last))
    return last


def _end_with_owner(bench: Workbench) -> None:
    """Ends this process and the one that converts evidence when the batch closes our standard input, or is gone.

    The process that typesets an office's templates ends of itself when this one is gone.
    """
    os.read(0, 1)
    bench.close()
    os._exit(0)


if __name__ == "__main__":
    main()
