"""A whole batch: what is still right is kept, the rest is built, and the journal knows of each case the moment it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from pipeline.batch.fingerprint import Fingerprint, Look, changed, fingerprint, house, house_change, look, look_again, require_usable
from pipeline.batch.journal import Entry, Journal, alone
from pipeline.batch.model import Bounds, BuildSettings, Outcome, State, Task, without_packet
from pipeline.batch.pool import BatchStopped, Watch, build_in_processes
from pipeline.errors import ExitCode, OutputError, PacketError
from pipeline.packet.publish import PACKET, mend
from pipeline.sealed import Sealed


class _Planned(Sealed, frozen=True):
    """A task that has to be built: why, and what its case and evidence were before."""

    task: Task
    why: str
    before: Look


def run_batch(tasks: Sequence[Task], settings: BuildSettings, bounds: Bounds, watch: Watch) -> list[Outcome]:
    """Build what is missing, failed or changed, and give the outcome of every case in the order of `tasks`.

    `tasks` must not clash (`tasks.refuse_clashes`).  After `--fail-fast` stopped it, cases that were not begun have no outcome, until
    `with_not_begun` gives them one.  Raises what `require_usable` raises, OutputError when the output folder cannot be written or another
    batch is at work in it, and BatchStopped after a signal; what was finished until then is in the journal.
    """
    require_usable(settings)
    with alone(settings.out) as lock, closing(Journal(settings.out)) as journal:
        _tidy(settings.out, tasks)
        with begun(journal, settings):
            now, known = house(settings), journal.entries()
            earlier = _earlier(tasks, settings.out, known)
            kept, planned = _plan(tasks, settings.out, known, now, earlier)
            answers = build_in_processes([one.task for one in planned.values()], settings, bounds, watch, lock)
            return follow(tasks, kept, (_entry(planned[task.key], outcome, now, earlier) for task, outcome in answers), journal, watch)


def _tidy(out: Path, tasks: Iterable[Task]) -> None:
    try:
        mend(out, {task.folder for task in tasks})
    except OSError as error:
        message = f"what a run that was killed left in it cannot be removed: {error.strerror or 'the system refuses'}"
        raise OutputError.one("output", str(out), message, "Correct the permissions of the hidden folders in it.") from error


@contextmanager
def begun(journal: Journal, settings: BuildSettings) -> Iterator[None]:
    """A run of the block's in the journal, whose end is noted also when a signal or an error stops it."""
    journal.begin(settings)
    try:
        yield
    except BatchStopped as stopped:
        journal.end(128 + stopped.signal)
        raise
    except PacketError as error:
        with suppress(OutputError):  # when the journal itself is what cannot be written
            journal.end(error.exit_code)
        raise


def follow(tasks: Sequence[Task], kept: Mapping[str, Entry], built: Iterable[Entry], journal: Journal, watch: Watch) -> list[Outcome]:
    """Note what was kept, and each case the moment it is built; the outcome of every case in the order of `tasks`."""
    journal.keep(kept.values())
    journal.plan(task for task in tasks if task.key not in kept)
    watch.begin(len(tasks), len(kept))
    outcomes = {key: entry.outcome for key, entry in kept.items()}
    for entry in built:
        journal.record(entry)
        outcomes[entry.key] = entry.outcome
        watch.done(entry.outcome)
    journal.end(worst(outcomes.values()))
    return [outcomes[task.key] for task in tasks if task.key in outcomes]


def with_not_begun(tasks: Sequence[Task], outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes in the order of `tasks`, those included that `--fail-fast` left: for the reports, which leave no case out."""
    became = {outcome.name: outcome for outcome in outcomes}
    return [became.get(task.name) or _not_begun(task) for task in tasks]


def _not_begun(task: Task) -> Outcome:
    return replace(without_packet(task, State.NOT_BEGUN, ExitCode.OK), built=False)


def worst(outcomes: Iterable[Outcome]) -> ExitCode:
    """The exit code of a batch: the highest of its cases."""
    return max((outcome.exit_code for outcome in outcomes), default=ExitCode.OK)


def _earlier(tasks: Sequence[Task], out: Path, known: Mapping[str, Entry]) -> dict[str, set[str]]:
    """By key of a task: the folders that earlier runs' packets of it lie in, its own and, when its case file had another id, that one's."""
    keys, moved = {task.key for task in tasks}, defaultdict(set)
    for entry in known.values():
        if entry.in_file and entry.key not in keys:
            moved[entry.path].add(entry.key)
    named = {task.key: {task.folder} | (moved[task.path.absolute()] if task.text is None else set()) for task in tasks}
    return {key: {folder for folder in folders if folder and (out / folder / PACKET).is_file()} for key, folders in named.items()}


def _plan(
    tasks: Sequence[Task], out: Path, known: Mapping[str, Entry], now: Mapping[str, str], earlier: Mapping[str, set[str]]
) -> tuple[dict[str, Entry], dict[str, _Planned]]:
    """What an earlier run left that is still right, and what has to be built, by key."""
    kept: dict[str, Entry] = {}
    planned: dict[str, _Planned] = {}
    for task in tasks:
        before = look(task)
        entry = known.get(task.key)
        why, made = _reason(entry, before, now, out)
        if why or entry is None:
            planned[task.key] = _Planned(task, why, before)
        else:
            outcome = replace(entry.outcome, name=task.name, folder=out / task.folder, built=False, why="unchanged")
            outcome = replace(outcome, former=_former(earlier[task.key], outcome))
            path, in_file = task.path.absolute(), task.text is None
            kept[task.key] = Entry(task.key, task.name, path, outcome, entry.house, made, in_file)
    return kept, planned


def _reason(entry: Entry | None, before: Look, now: Mapping[str, str], out: Path) -> tuple[str, Fingerprint | None]:
    """Why a case has to be built, or an empty text; and the fingerprint with the marks of files that were only touched."""
    if entry is None:
        return "new", None
    if entry.fingerprint is None:
        return f"{entry.outcome.state} last time", None
    why, made = changed(before, entry.fingerprint, out / entry.key)
    return why or house_change(entry.house, now), made


def _former(earlier: set[str], outcome: Outcome) -> str:
    """The first folder whose packet is not right any more: each but the one that the outcome's packet is in."""
    return min(earlier - {outcome.folder.name if outcome.folder else ""}, default="")


def _entry(one: _Planned, outcome: Outcome, now: Mapping[str, str], earlier: Mapping[str, set[str]]) -> Entry:
    task = one.task
    outcome = replace(outcome, why=one.why, former=_former(earlier[task.key], outcome))
    made = fingerprint(one.before, outcome, outcome.folder) if outcome.folder else None
    return Entry(task.key, task.name, task.path.absolute(), outcome, now if made else {}, made, task.text is None)


def reasons(entries: Iterable[Entry], settings: BuildSettings) -> dict[str, str]:
    """Why the next run with the same settings would build each case again, by key; empty for what it would keep.

    Of a row of a roster, which is not at hand here, the evidence and the packet are compared but not its values.
    """
    now = house(settings)
    found: dict[str, str] = {}
    for entry in entries:
        made = entry.fingerprint
        before = look_again(made, entry.path.parent) if made and not entry.in_file else look(_task(entry))
        found[entry.key] = _reason(entry, before, now, settings.out)[0]
    return found


def _task(entry: Entry) -> Task:
    return Task(entry.name, entry.path, entry.outcome.case_id, 0, folder=entry.key)
