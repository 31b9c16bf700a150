"""`packet batch`: build many packets with several workers, and again only what is missing, failed or changed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import building, day, decisions

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from pipeline.batch.model import Outcome, Task


def _workers() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE", help="A table (CSV, XLSX) that gives each row a case; needs --base."
)
@click.option("--base", type=click.Path(path_type=Path), metavar="CASE", help="The case that the rows are laid over.")
@click.option("--columns", type=click.Path(path_type=Path), metavar="FILE", help="Which header of the roster fills which place of a case.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=_workers, show_default="one for each processor", help="Workers at a time.")
@click.option("--fail-fast", is_flag=True, help="Begin no further case once one was refused or failed.")
@click.option("--seconds", type=click.FloatRange(1), default=900, show_default=True, help="Time that one case may take.")
@click.option(
    "--memory", type=click.IntRange(300), default=4000, show_default=True, metavar="MB", help="Address space that one worker may take."
)
@building
@click.pass_context
def batch(
    ctx: click.Context,
    paths: tuple[str, ...],
    roster: Path | None,
    base: Path | None,
    columns: Path | None,
    jobs: int,
    fail_fast: bool,
    seconds: float,
    memory: int,
    out: Path,
    as_of: datetime | None,
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
      packet status out
    """
    from pipeline.batch.model import Bounds, BuildSettings
    from pipeline.batch.pool import BatchStopped
    from pipeline.batch.report import write_reports
    from pipeline.batch.run import run_batch, worst
    from pipeline.batch.tasks import find_tasks, refuse_clashes

    settings = BuildSettings(out, day(as_of), draft, keep_work, decisions(accepted, reasons), templates=templates)
    bounds = Bounds(jobs, seconds, memory * 1_000_000, fail_fast=fail_fast)
    tasks = [*find_tasks(paths), *_rows(roster, base, columns)]
    if not tasks:
        raise click.UsageError("Name a case, a folder, a pattern or a roster.")
    refuse_clashes(tasks)
    watch = Watcher()
    try:
        outcomes = run_batch(tasks, settings, bounds, watch)
    except BatchStopped as stopped:
        watch.end()
        click.echo("stopped; run the same command again to go on", err=True)
        ctx.exit(128 + stopped.signal)
    watch.end()
    summary(outcomes, len(tasks))
    click.echo(f"reports: {', '.join(path.name for path in write_reports(outcomes, out))} in {out}")
    ctx.exit(int(worst(outcomes)))


def _rows(roster: Path | None, base: Path | None, columns: Path | None) -> list[Task]:
    """The rows of a roster as tasks."""
    if roster is None and base is None and columns is None:
        return []
    if roster is None or base is None:
        raise click.UsageError("--roster and --base go together; --columns belongs to them.")
    from pipeline.batch.roster import roster_tasks

    return roster_tasks(roster, base, columns)


class Watcher:
    """Shows how a batch gets on: a bar on a terminal, a line a case elsewhere.  Names files and places, never a value of a case."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._count = 0
        self._total = 0
        self._bar: ProgressBar[None] | None = None
        self._unlucky: list[Outcome] = []

    def begin(self, total: int, unchanged: int) -> None:
        self._total = total - unchanged
        if unchanged:
            click.echo(f"{unchanged} of {total} unchanged", err=True)
        stream = sys.stderr
        if self._total and stream.isatty():
            self._bar = click.progressbar(length=self._total, label="packets", show_pos=True, file=stream, item_show_func=self._rate)
            self._bar.__enter__()

    def started(self, task: Task, pid: int) -> None:
        """Nothing is shown of a case before it is done."""

    def done(self, outcome: Outcome) -> None:
        self._count += 1
        if outcome.folder is None:
            self._unlucky.append(outcome)
        if self._bar:
            self._bar.update(1)
            return
        pages = f", {outcome.pages} pages" if outcome.folder else ""
        click.echo(f"{self._count}/{self._total} {outcome.name}: {outcome.state}{pages} ({outcome.why})", err=True)
        self._explain()

    def end(self) -> None:
        """Closes the bar, and says below it why cases have no packet."""
        if self._bar:
            self._bar.__exit__(None, None, None)
            self._bar = None
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
    """`40 cases: 36 ready, 0 draft, 3 refused, 1 failed; 4 built, 36 unchanged`."""
    from pipeline.batch.model import State

    states = Counter(outcome.state for outcome in outcomes)
    built = sum(outcome.built for outcome in outcomes)
    left = f", {total - len(outcomes)} not begun" if total > len(outcomes) else ""
    told = ", ".join(f"{states[state]} {state}" for state in State)
    click.echo(f"{total} case{'' if total == 1 else 's'}: {told}; {built} built, {len(outcomes) - built} unchanged{left}")
