"""`packet status`: what the last batch left, and what the next one would build."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import click


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
    from pipeline.evidence.names import natural_key

    desk = desk_of(out)
    with closing(open_known(desk)) as journal:
        run, entries = journal.last_run(), journal.entries()
        mine, waiting = journal.keys_of(run.number) if run else frozenset(), journal.waiting()
    if run is None:
        return
    at_work = is_running(desk)
    ended = "at work" if at_work else f"ended {run.ended} with exit code {run.exit_code}" if run.ended else "was killed"
    click.echo(f"run {run.number}, began {run.began}, {ended}")
    if waiting and not at_work:
        click.echo("it has not begun or not finished every case: the same command builds the others")
    shown = [entry for key, entry in entries.items() if key in mine]
    left = {key: entries[key] for key in waiting if key in entries}
    again = {} if is_remote(out) else dict.fromkeys(waiting, "new") | reasons([*shown, *left.values()], run.settings)
    still = ", an earlier packet is still there and not right any more"
    rows = [(entry.key, entry.name, str(entry.outcome.state), still if entry.outcome.former else "") for entry in shown]
    for key, name in waiting.items():
        former = f", an earlier run left it {left[key].outcome.state}" if key in left else ""
        rows.append((key, name, "waiting" if at_work else "not begun", former))
    for key, name, state, former in sorted(rows, key=lambda row: natural_key(row[1])):
        why = f"; to build: {again[key]}" if again.get(key) else ""
        click.echo(f"{name}: {state}{former}{why}")
    counted = ", ".join(f"{number} {state}" for state, number in sorted(Counter(state for _, _, state, _ in rows).items()))
    to_build = "" if is_remote(out) else f"; {sum(map(bool, again.values()))} to build"
    click.echo(f"{len(rows)} case{'' if len(rows) == 1 else 's'}: {counted or 'none yet'}{to_build}")
