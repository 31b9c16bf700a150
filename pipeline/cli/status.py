"""`packet status`: what the last batch left, and what the next one would build."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import click


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"))
def status(out: Path) -> None:
    """Show the last batch of the output folder OUT: each case with its state, and why the next run would build it again.

    \b
    Examples:
      packet status
      packet status /srv/packets
    """
    from pipeline.batch.journal import is_running, open_known
    from pipeline.batch.run import reasons

    with closing(open_known(out)) as journal:
        run, entries = journal.last_run(), journal.entries()
        mine = journal.keys_of(run.number) if run else frozenset()
    if run is None:
        return
    ended = "at work" if is_running(out) else f"ended {run.ended} with exit code {run.exit_code}" if run.ended else "was killed"
    click.echo(f"run {run.number}, began {run.began}, {ended}")
    shown = [entry for key, entry in entries.items() if key in mine]
    again = reasons(shown, run.settings)
    for entry in shown:
        why = f"; to build: {again[entry.key]}" if again[entry.key] else ""
        click.echo(f"{entry.name}: {entry.outcome.state}{why}")
    states = Counter(entry.outcome.state for entry in shown)
    counted = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    click.echo(f"{len(shown)} cases: {counted or 'none yet'}; {sum(map(bool, again.values()))} to build")
