"""`packet status`: what the last batch left, and what the next one would build."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import click

_BY_SIGNAL = 128
"""Exit codes from here on tell the signal that stopped a batch."""


@click.command()
@click.argument("out", default="out")
def status(out: str) -> None:
    """Show the last batch of the output folder OUT: each case with its state, and why the next run would build it again.

    Of packets that a Dask cluster delivered to another file system only what became of them is shown.

    \b
    Examples:
      packet status
      packet status /srv/packets
      packet status s3://office/packets
    """
    from pipeline.batch.journal import is_running, open_known
    from pipeline.batch.places import desk_of, is_remote
    from pipeline.batch.run import reasons

    desk = desk_of(out)
    with closing(open_known(desk)) as journal:
        run, entries = journal.last_run(), journal.entries()
        mine = journal.keys_of(run.number) if run else frozenset()
    if run is None:
        return
    ended = "at work" if is_running(desk) else f"ended {run.ended} with exit code {run.exit_code}" if run.ended else "was killed"
    click.echo(f"run {run.number}, began {run.began}, {ended}")
    if not run.ended or (run.exit_code or 0) >= _BY_SIGNAL:
        click.echo("it has not begun every case: those are not listed, and the same command builds them")
    shown = [entry for key, entry in entries.items() if key in mine]
    again = {} if is_remote(out) else reasons(shown, run.settings)
    for entry in shown:
        why = f"; to build: {again[entry.key]}" if again.get(entry.key) else ""
        click.echo(f"{entry.name}: {entry.outcome.state}{why}")
    states = Counter(entry.outcome.state for entry in shown)
    counted = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    to_build = "" if is_remote(out) else f"; {sum(map(bool, again.values()))} to build"
    click.echo(f"{len(shown)} cases: {counted or 'none yet'}{to_build}")
