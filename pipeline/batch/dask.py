"""A batch on a Dask cluster: cases and packets on any path that all its machines can open, the journal on the machine that asked.

Each case is fetched into a worker's temporary folder, built there by the same `build_case` as on one machine, and delivered with
the manifest last.  What was delivered is in the journal; a worker that is lost gives its case to another, and when the scheduler is
lost, what it had not finished is handed to the one that comes back.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from distributed import Client, Future, Worker, WorkerPlugin, get_worker, wait
from distributed.comm.addressing import get_address_host_port
from distributed.comm.core import CommClosedError, connect
from distributed.security import Security
from msgspec import Struct, field
from msgspec.structs import replace

from pipeline.batch.errands import Delivered, Errand, refuse_folders_of_cases
from pipeline.batch.fingerprint import Fingerprint, Seen, house, house_change, require_usable
from pipeline.batch.journal import Entry, Journal, alone
from pipeline.batch.model import BuildSettings, Outcome, State, Task, without_packet
from pipeline.batch.places import Place, desk_of, is_remote
from pipeline.batch.pool import BatchStopped, StopSignals, Watch
from pipeline.batch.report import write_reports
from pipeline.batch.run import begun, follow
from pipeline.batch.tasks import refuse_clashes
from pipeline.batch.worker import build_case, lost
from pipeline.case.load import MAX_BYTES
from pipeline.errors import EnvironmentMissingError, ExitCode, OutputError
from pipeline.evidence.workbench import Workbench

_PLUGIN: Final = "parole-packet"
_PATIENCE: Final = 30.0
"""Seconds in which a scheduler has to answer, also after it was lost."""
_PULSE: Final = 0.5
"""Seconds between two looks at signals and at the scheduler."""
_ATTEMPT: Final = 2.0
"""Seconds that a question to the scheduler, or taking leave of it, may take while signals wait."""
_TRIES: Final = 3
"""How often a case is begun when its files cannot be fetched or its packet not be delivered."""


_Answer = TypeVar("_Answer")


class Equipment(WorkerPlugin):
    """What a worker process keeps: an evidence worker for all its cases, and how its machine differs from the one that asked."""

    def __init__(self, settings: BuildSettings, expected: Mapping[str, str]) -> None:
        self._settings, self._expected = settings, expected
        self.bench: Workbench | None = None
        self.difference = ""
        """Such as `forms changed: i-131.pdf`; empty when packets come out the same."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask gives it
        """Called by Dask when a worker process begins."""
        self.bench = Workbench()
        self.difference = house_change(self._expected, house(self._settings))

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask gives it
        """Called by Dask when a worker process ends."""
        if self.bench:
            self.bench.close()


def build_errand(errand: Errand, settings: BuildSettings, out: str) -> Delivered:
    """Fetch a case, build it and deliver its packet; runs on a worker.  Raises only OSError, when an errand should be tried again."""
    equipment = get_worker().plugins[_PLUGIN]
    assert isinstance(equipment, Equipment)
    if equipment.difference:
        remedy = "Install the same version, forms, templates and facts on every machine."
        message = f"the machine that should build it is not like this one ({equipment.difference})"
        finding = lost("batch-other-house", errand.task, message, remedy)
        return Delivered(without_packet(errand.task, State.FAILED, ExitCode.ENVIRONMENT, finding), {})
    with tempfile.TemporaryDirectory(prefix="packet-") as stage:
        case, made = Path(stage) / "case", Path(stage) / "out"
        case.mkdir()
        _fetch(errand, case)
        task = replace(errand.task, path=case / errand.task.path.name)
        outcome = build_case(task, replace(settings, out=made), equipment.bench)
        if outcome.folder is None:
            return Delivered(outcome, {})
        try:
            marks = Place(out).publish(outcome.folder, outcome.folder.name)
        except OutputError as error:
            return Delivered(without_packet(errand.task, State.FAILED, error.exit_code, error.findings[0]), {})
        return Delivered(replace(outcome, folder=Path(outcome.folder.name)), marks)


def _fetch(errand: Errand, into: Path) -> None:
    place, name = Place(errand.folder), errand.task.path.name
    if errand.too_large:
        (into / name).write_bytes(place.head(name, MAX_BYTES + 1))
    else:
        place.fetch(errand.files, into)


class _Planned(Struct, frozen=True):
    """An errand that has to be run, and why."""

    errand: Errand
    why: str


def run_on_dask(
    errands: Sequence[Errand],
    settings: BuildSettings,
    out: str,
    scheduler: str,
    watch: Watch,
    fail_fast: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Build what is missing, failed or changed, and give the outcome of every case in the order of `errands`.

    `out` is the folder of packets, on any path; a relative one is meant from here, whatever folder a worker works in.  With `fail_fast`
    no case is sent to the scheduler once one was refused or failed; those that were not sent have no outcome.  `say` is told, again
    every 30 seconds, that the scheduler has no worker.  Raises EnvironmentMissingError when no scheduler answers, and else like
    `run_batch`.
    """
    tasks = [errand.task for errand in errands]
    refuse_clashes(tasks)
    refuse_folders_of_cases(errands, out)
    require_usable(settings)
    desk = desk_of(out)
    with alone(desk), closing(Journal(desk)) as journal, begun(journal, replace(settings, out=desk)):
        expected = house(settings)
        kept, planned = _plan(errands, journal.entries(), expected, Place(out).marks())
        run = _Run(_absolute(settings), Place(out).url, scheduler, Equipment(_absolute(settings), expected), watch, fail_fast, say)
        answers = run.all([one.errand for one in planned.values()])
        built = (_entry(planned[errand.task.key], delivered, expected) for errand, delivered in answers)
        return follow(tasks, kept, built, journal, watch)


def _absolute(settings: BuildSettings) -> BuildSettings:
    """The settings with folders that mean the same in every worker, whatever folder it works in."""
    forms, templates = (path.absolute() if path else None for path in (settings.forms, settings.templates))
    return replace(settings, forms=forms, templates=templates)


def deliver_reports(outcomes: Sequence[Outcome], out: str) -> tuple[Path, ...]:
    """Writes the reports on this machine, and beside the packets when these are elsewhere; their paths here."""
    written = write_reports(outcomes, desk_of(out))
    if is_remote(out):
        place = Place(out)
        for path in written:
            place.write(path.name, path.read_bytes())
    return written


def _plan(
    errands: Sequence[Errand], known: Mapping[str, Entry], expected: Mapping[str, str], there: Mapping[str, Any]
) -> tuple[dict[str, Entry], dict[str, _Planned]]:
    """What an earlier run left that is still right, and what has to be built, by key; `there` are the marks of all delivered files."""
    kept: dict[str, Entry] = {}
    planned: dict[str, _Planned] = {}
    for errand in errands:
        entry = known.get(errand.task.key)
        why = _reason(errand, entry, there) or (house_change(entry.house, expected) if entry else "")
        if why or entry is None:
            planned[errand.task.key] = _Planned(errand, why)
        else:
            outcome = replace(entry.outcome, name=errand.task.name, built=False, why="unchanged")
            in_file = errand.task.text is None
            kept[errand.task.key] = replace(entry, name=errand.task.name, path=errand.task.path, outcome=outcome, in_file=in_file)
    return kept, planned


def _reason(errand: Errand, entry: Entry | None, there: Mapping[str, Any]) -> str:
    """Why a case has to be built; on these paths a file is told by its size and what the file system says of it, and is not hashed."""
    if entry is None or entry.fingerprint is None:
        return f"{entry.outcome.state} last time" if entry else "new"
    made = entry.fingerprint
    if made.case != errand.digest:
        return "case changed"
    evidence = {name: seen.mark for name, seen in made.evidence.items()}
    if differ := sorted(name for name in evidence.keys() | errand.evidence.keys() if evidence.get(name) != errand.evidence.get(name)):
        return f"evidence changed: {differ[0]}"
    gone = (name for name, seen in made.files.items() if there.get(f"{entry.key}/{name}") != seen.mark)
    return f"packet changed: {name}" if (name := next(gone, "")) else ""


def _entry(planned: _Planned, delivered: Delivered, expected: Mapping[str, str]) -> Entry:
    errand, outcome = planned.errand, replace(delivered.outcome, why=planned.why)
    made = None
    if outcome.folder is not None:
        evidence = {name: Seen(*mark, outcome.inputs.get(name, "")) for name, mark in errand.evidence.items()}
        files = {name: Seen(*delivered.marks[name], digest) for name, digest in outcome.files.items()}
        made = Fingerprint(errand.digest, evidence, files)
    return Entry(errand.task.key, errand.task.name, errand.task.path, outcome, expected if made else {}, made, errand.task.text is None)


class _Begun(Generic[_Answer]):
    """A question to a cluster, asked in a thread that nobody has to wait for: where nothing answers, Dask can wait for ever."""

    def __init__(self, question: Callable[[], _Answer]) -> None:
        self.ended = threading.Event()
        self.answer: _Answer | None = None
        self.error: Exception | None = None
        threading.Thread(target=self._ask, args=(question,), daemon=True).start()

    def _ask(self, question: Callable[[], _Answer]) -> None:
        try:
            self.answer = question()
        except Exception as error:  # for whoever asked
            frames, error.__traceback__ = error.__traceback__, None
            self.error = error
            self.ended.set()
            del frames  # and with them a half-made client, which may take its time to end
        self.ended.set()

    def wait(self, signals: StopSignals, until: float = math.inf) -> _Answer:
        """The answer, or the error that came of it.  Raises TimeoutError when it is too late, and BatchStopped after a signal."""
        while not self.ended.wait(_PULSE):
            if signals.number:
                raise BatchStopped(signals.number)
            if time.monotonic() > until:
                raise TimeoutError
        if self.error:
            raise self.error
        return cast(_Answer, self.answer)


async def _greet(scheduler: str) -> None:
    """Connects as a client does: a Client that finds no scheduler is in the way of everything for a minute, when it is taken apart."""
    comm = await connect(scheduler, timeout=_PATIENCE, **Security().get_connection_args("client"))  # type: ignore[no-untyped-call]
    await comm.close()


def _client(scheduler: str, until: float) -> Client:
    """A client, once the scheduler answers.  Raises OSError, or ValueError for what is no address."""
    with suppress(ValueError):  # not every address has a host
        host, port = get_address_host_port(scheduler)
        while not _is_known(host, port):
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(_PULSE)
    asyncio.run(_greet(scheduler))
    return Client(scheduler, timeout=_PATIENCE, set_as_default=False, name="packet")  # type: ignore[no-untyped-call]


def _is_known(host: str, port: int) -> bool:
    """Whether a host has an address; asked here, since the program could not end while Dask's own threads ask."""
    try:
        return bool(socket.getaddrinfo(host, port))
    except OSError:
        return False


@contextmanager
def _unless_lost(client: Client) -> Iterator[None]:
    """Lets an error pass that comes of a scheduler that was lost."""
    try:
        yield
    except OSError as error:
        if client.status == "running" and not isinstance(error, CommClosedError):
            raise


def _leave(client: Client) -> None:
    with suppress(Exception):
        client.close()  # type: ignore[no-untyped-call]
    client.status = "closed"  # so that it does not try again when it is forgotten


class _Run(Struct):
    """Errands on their way."""

    settings: BuildSettings
    out: str
    scheduler: str
    equipment: Equipment
    watch: Watch
    fail_fast: bool
    say: Callable[[str], None]
    lonely: float = math.inf
    """When it is time to say that there is no worker, on the monotonic clock."""
    waiting: deque[Errand] = field(default_factory=deque)
    running: dict[Future[Delivered], Errand] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    """How often an errand was begun, by its task's key."""

    def all(self, errands: Sequence[Errand]) -> Iterator[tuple[Errand, Delivered]]:
        """Every errand with what came of it, as they are done, the largest begun first."""
        self.waiting.extend(sorted(errands, key=lambda one: (-one.task.weight, one.task.name)))
        with StopSignals() as signals:
            while self.waiting:
                with self._connected(signals) as client, client.as_current(), _unless_lost(client):
                    _Begun(partial(client.register_plugin, self.equipment, name=_PLUGIN)).wait(signals)
                    yield from self._with(client, signals)

    @contextmanager
    def _connected(self, signals: StopSignals) -> Iterator[Client]:
        """A client of the scheduler, which may just be coming back.

        Raises EnvironmentMissingError when it does not, and BatchStopped after a signal.
        """
        until = time.monotonic() + _PATIENCE
        try:
            client = _Begun(lambda: _client(self.scheduler, until)).wait(signals, until + _ATTEMPT)
        except (OSError, ValueError, MemoryError) as error:  # a length of a message that is none can be beyond all memory
            message, remedy = "no Dask scheduler answers there", "Start it, check the address, and run the same command again."
            raise EnvironmentMissingError.one("batch-scheduler", self.scheduler, message, remedy) from error
        try:
            yield client
        finally:
            _Begun(lambda: _leave(client)).ended.wait(_ATTEMPT)

    def _with(self, client: Client, signals: StopSignals) -> Iterator[tuple[Errand, Delivered]]:
        """Works until all is done or the scheduler is lost; then what was under way is waiting again."""
        self.lonely = time.monotonic() + _PATIENCE
        try:
            while (self.waiting or self.running) and client.status == "running":
                self._hand_out(client)
                for future in self._done():
                    answer = self._gathered(future, self.running[future], signals)
                    errand = self.running.pop(future)
                    if answer is None:
                        self.waiting.append(errand)
                        continue
                    if self.fail_fast and answer.outcome.state in (State.REFUSED, State.FAILED):
                        self.waiting.clear()
                    yield errand, answer
                if signals.number:
                    client.cancel(list(self.running))  # type: ignore[no-untyped-call]
                    raise BatchStopped(signals.number)
        except CancelledError:
            return  # it was lost, or somebody restarted the cluster: what workers keep has to be sent again
        finally:
            self.waiting.extendleft(self.running.values())
            self.running.clear()

    def _hand_out(self, client: Client) -> None:
        """Keeps two cases for each thread of the cluster on their way: what the scheduler holds does not grow with the batch."""
        threads = self._threads(client) if client.status == "running" else 0
        while self.waiting and len(self.running) < max(4, 2 * threads):
            errand = self.waiting.popleft()
            count = self.tries[errand.task.key] = self.tries.get(errand.task.key, 0) + 1
            name = hashlib.sha256(f"{errand.task.key} {errand.digest} {count} {time.monotonic_ns()}".encode()).hexdigest()[:20]
            self.running[client.submit(build_errand, errand, self.settings, self.out, key=f"packet-{name}")] = errand

    def _threads(self, client: Client) -> int:
        """How many the workers have; that there is none, which a cluster that grows may mend, is said now and then."""
        try:
            threads = sum(client.nthreads(callback_timeout=_ATTEMPT).values())  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError):
            return 0
        now = time.monotonic()
        if threads:
            self.lonely = now + _PATIENCE
        elif now > self.lonely:
            self.say(f"{self.scheduler}: no worker is there; the batch waits for one. Start some: dask worker {self.scheduler}")
            self.lonely = now + _PATIENCE
        return threads

    def _done(self) -> list[Future[Delivered]]:
        """What is finished, failed or was cancelled, after a moment at the most."""
        with suppress(TimeoutError, CancelledError):
            wait(list(self.running), timeout=_PULSE, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        return [future for future in self.running if future.status != "pending"]

    def _gathered(self, future: Future[Delivered], errand: Errand, signals: StopSignals) -> Delivered | None:
        """What came of an errand; None when it is to be tried again.  Raises CancelledError when the scheduler was lost."""
        if future.status == "cancelled":
            raise CancelledError
        if future.status == "finished":
            return _Begun(future.result).wait(signals)
        if self.tries[errand.task.key] < _TRIES:
            return None
        return Delivered(_failure(errand.task, future.exception()), {})  # type: ignore[no-untyped-call]


def _failure(task: Task, error: BaseException | None) -> Outcome:
    """What became of a case whose errand failed every time; only the kind of error is told, since its words may hold more."""
    remedy = "Check that the workers reach the case and the folder of packets, and run the same command again."
    finding = lost("batch-errand", task, f"could not be brought through ({type(error).__name__})", remedy)
    return without_packet(task, State.FAILED, ExitCode.WORKER, finding)
