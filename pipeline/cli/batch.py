"""`packet batch`: build many packets with several workers, and again only what is missing, failed or changed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TextIO

import click
from click.core import ParameterSource

from pipeline.cli.options import day, decisions, how_to_build

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from pipeline.batch.model import Bounds, BuildSettings, Outcome, Task
    from pipeline.packet.examine import Mode

_OF_ONE_CASE = ("evidence added", "evidence changed", "evidence gone", "packet ")
"""What a reason begins with that names a file of the case."""
_BAR = 12
"""Columns of the bar, so that rate and time left fit beside it on 80."""
_NOTHING = "Name a case, a folder, a pattern or a roster."


def _workers() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE", help="A table (CSV, XLSX) that gives each row a case; needs --base."
)
@click.option("--base", type=click.Path(path_type=Path), metavar="CASE", help="The case that the rows are laid over.")
@click.option("--columns", type=click.Path(path_type=Path), metavar="FILE", help="Which header of the roster fills which place of a case.")
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook is the roster; the first that is not hidden unless it is named.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=_workers, show_default="one for each processor", help="Workers at a time.")
@click.option("--fail-fast", is_flag=True, help="Begin no further case once one was refused or failed.")
@click.option("--seconds", type=click.IntRange(1), default=900, show_default=True, help="Time that one case may take.")
@click.option(
    "--memory", type=click.IntRange(1000), default=4000, show_default=True, metavar="MB", help="Address space that one worker may take."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Build on the workers of a Dask scheduler, such as tcp://host:8786; not with --jobs, --seconds or --memory.",
)
@click.option(
    "--out",
    default="out",
    show_default=True,
    metavar="DIR",
    help="Folder for packets; with --scheduler also one such as s3://bucket/packets.",
)
@how_to_build
@click.pass_context
def batch(
    ctx: click.Context,
    paths: tuple[str, ...],
    roster: Path | None,
    base: Path | None,
    columns: Path | None,
    sheet: str | None,
    jobs: int,
    fail_fast: bool,
    seconds: int,
    memory: int,
    scheduler: str | None,
    out: str,
    as_of: datetime | None,
    mode: Mode | None,
    draft: bool,
    templates: Path | None,
    keep_work: bool,
    accepted: tuple[str, ...],
    reasons: tuple[str, ...],
) -> None:
    """Build the packets of all cases behind each PATH: a case file, a folder that holds cases, or a pattern.

    The same command run again builds only what is missing, has failed, or whose case, evidence, templates, forms, facts, options or
    program changed, and says why.  Ctrl-C stops within five seconds; whatever is finished is whole and is kept.

    \b
    Examples:
      packet batch cases/
      packet batch 'cases/2026-*/case.json' -j 4 --out /srv/packets
      packet batch cases/ --draft --fail-fast
      packet batch --roster families.csv --base base.json
      packet batch s3://office/cases --out s3://office/packets --scheduler tcp://10.0.0.5:8786
      packet status out
    """
    from pipeline.batch.model import Bounds, BuildSettings
    from pipeline.batch.pool import stopped_by_signals
    from pipeline.batch.run import worst

    _refuse_what_does_not_go_together(ctx, scheduler, (*paths, out))
    settings = BuildSettings(Path(out), day(as_of), mode, draft, keep_work, decisions(accepted, reasons), templates=templates)
    bounds, watch = Bounds(jobs, seconds, memory * 1_000_000, fail_fast=fail_fast), Watcher()
    with stopped_by_signals(), _told(ctx, watch):
        rows = _rows(roster, base, columns, sheet)
        if scheduler:
            total, outcomes, reports = _elsewhere(paths, rows, settings, out, scheduler, watch, fail_fast)
        else:
            total, outcomes, reports = _here(paths, rows, settings, bounds, watch)
        with _or_go_on(sys.stdout):
            summary(outcomes, total)
            click.echo(f"reports: {', '.join(path.name for path in reports)} in {out}")
        ctx.exit(int(worst(outcomes)))


@contextmanager
def _told(ctx: click.Context, watch: Watcher) -> Iterator[None]:
    """Says how far the batch is when a signal stops the block, and leaves with the signal's exit code."""
    from pipeline.batch.pool import BatchStopped

    try:
        yield
    except BatchStopped as stopped:
        so_far = watch.so_far()
        watch.end()
        watch.say(f"stopped: {so_far}; run the same command again to go on")
        ctx.exit(128 + stopped.signal)


def _refuse_what_does_not_go_together(ctx: click.Context, scheduler: str | None, paths: Sequence[str]) -> None:
    if not scheduler and any("://" in path for path in paths):
        raise click.UsageError("A path with :// needs --scheduler.")
    given = [f"--{name}" for name in ("jobs", "seconds", "memory") if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT]
    if scheduler and given:
        remedy = "Dask's workers have these bounds from where they are started, such as `dask worker --nthreads 1 --memory-limit 4GB`."
        raise click.UsageError(f"{', '.join(given)} cannot be used with --scheduler. {remedy}")


_Done = tuple[int, "list[Outcome]", tuple[Path, ...]]
"""How many cases there are, what became of them, and the reports."""


def _here(paths: Sequence[str], rows: list[Task], settings: BuildSettings, bounds: Bounds, watch: Watcher) -> _Done:
    """Builds in processes of this machine."""
    from pipeline.batch.report import write_reports
    from pipeline.batch.run import run_batch, with_not_begun
    from pipeline.batch.tasks import find_tasks, refuse_clashes

    tasks = [*find_tasks(paths), *rows]
    if not tasks:
        raise click.UsageError(_NOTHING)
    refuse_clashes(tasks)
    outcomes = run_batch(tasks, settings, bounds, watch)
    watch.end()
    return len(tasks), outcomes, write_reports(with_not_begun(tasks, outcomes), settings.out)


def _elsewhere(
    paths: Sequence[str], rows: list[Task], settings: BuildSettings, out: str, scheduler: str, watch: Watcher, fail_fast: bool
) -> _Done:
    """Builds on the workers of a Dask scheduler."""
    from pipeline.batch.places import require_extra

    require_extra()
    from pipeline.batch.dask import deliver_reports, run_on_dask
    from pipeline.batch.errands import errands_of, find_errands
    from pipeline.batch.run import with_not_begun

    errands = [*find_errands(paths), *errands_of(rows)]
    if not errands:
        raise click.UsageError(_NOTHING)
    outcomes = run_on_dask(errands, settings, out, scheduler, watch, fail_fast, watch.say)
    watch.end()
    return len(errands), outcomes, deliver_reports(with_not_begun([errand.task for errand in errands], outcomes), out)


def _rows(roster: Path | None, base: Path | None, columns: Path | None, sheet: str | None) -> list[Task]:
    """The rows of a roster as tasks."""
    if roster is None and base is None and columns is None and sheet is None:
        return []
    if roster is None or base is None:
        raise click.UsageError("--roster and --base go together; --columns and --sheet belong to them.")
    from pipeline.batch.roster import roster_tasks

    return roster_tasks(roster, base, columns, sheet)


@contextmanager
def _or_go_on(stream: TextIO) -> Iterator[None]:
    """What is written in the block, unless the stream refuses it (its disk is full, its reader is gone): from then on it leads nowhere."""
    try:
        yield
    except OSError:
        with suppress(OSError), Path(os.devnull).open("w", encoding="ascii") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


class Watcher:
    """Shows how a batch gets on: a bar on a terminal, a line a case elsewhere.  Names files and places, never a value of a case.

    A log that cannot be written stops no case.
    """

    def __init__(self) -> None:
        self._start = perf_counter()
        self._count = 0
        self._total = 0
        self._all: int | None = None
        """Cases in all; None until they are looked at."""
        self._ended = False
        self._bar: ProgressBar[None] | None = None
        self._unlucky: list[Outcome] = []

    def begin(self, total: int, unchanged: int) -> None:
        self._all, self._total = total, total - unchanged
        with _or_go_on(sys.stderr):
            if unchanged:
                click.echo(f"{unchanged} of {total} unchanged", err=True)
            if self._total and sys.stderr.isatty():
                self._bar = click.progressbar(
                    length=self._total, label="packets", width=_BAR, show_pos=True, file=sys.stderr, item_show_func=self._rate
                )
                self._bar.__enter__()

    def started(self, task: Task, pid: int) -> None:
        """Nothing is shown of a case before it is done."""

    def done(self, outcome: Outcome) -> None:
        self._count += 1
        if outcome.folder is None:
            self._unlucky.append(outcome)
        with _or_go_on(sys.stderr):
            if self._bar:
                self._bar.update(1)
                return
            pages = f", {outcome.pages} pages" if outcome.folder else ""
            former = ", an earlier packet is still there" if outcome.former else ""
            click.echo(f"{self._count}/{self._total} {outcome.name}: {outcome.state}{pages}{former} ({outcome.why})", err=True)
            self._explain()

    def say(self, text: str) -> None:
        """Shows a line about the batch as a whole."""
        with _or_go_on(sys.stderr):
            click.echo(text, err=True)

    def so_far(self) -> str:
        """What is written and what is not, for a batch that was stopped."""
        if self._all is None:
            return "no case was begun and no packet written"
        done, unchanged = self._count, self._all - self._total
        kept = f", {unchanged} unchanged" if unchanged else ""
        reports = "some reports may be missing or an earlier run's" if self._ended else "the reports are not written"
        return f"{done} of {self._total} cases are done and their packets whole{kept}; {reports}"

    def end(self) -> None:
        """Closes the bar, and says below it why cases have no packet."""
        self._ended = True
        bar, self._bar = self._bar, None
        if bar:
            with _or_go_on(sys.stderr):
                bar.__exit__(None, None, None)
                self._explain(named=True)

    def _rate(self, _: object) -> str:
        rate = self._count / max(perf_counter() - self._start, 1e-6)
        return f"{rate:.1f} a second, {len(self._unlucky)} without a packet"

    def _explain(self, *, named: bool = False) -> None:
        from pipeline.cli.report import print_findings

        for outcome in self._unlucky:
            if named:
                click.echo(f"{outcome.name}: {outcome.state}", err=True)
            print_findings(outcome.findings)
        self._unlucky.clear()


def summary(outcomes: Sequence[Outcome], total: int) -> None:
    """`40 cases: 36 ready, 0 draft, 3 refused, 1 failed; 4 built, 36 unchanged`, and the reasons for which they were built."""
    from pipeline.batch.model import State

    states = Counter(outcome.state for outcome in outcomes)
    built = sum(outcome.built for outcome in outcomes)
    left = f", {total - len(outcomes)} not begun" if total > len(outcomes) else ""
    told = ", ".join(f"{states[state]} {state}" for state in State if state is not State.NOT_BEGUN)
    click.echo(f"{total} case{'' if total == 1 else 's'}: {told}; {built} built, {len(outcomes) - built} unchanged{left}")
    if built:
        because = Counter(_reason(outcome.why) for outcome in outcomes if outcome.built)
        click.echo(f"built because: {', '.join(f'{count} {why}' for why, count in because.most_common())}")


def _reason(why: str) -> str:
    """Why a case was built, without the file that is its own: `evidence changed`, `forms changed: i-131.pdf`."""
    return why.partition(": ")[0] if why.startswith(_OF_ONE_CASE) else why
