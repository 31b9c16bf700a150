"""`packet law`: the dated facts of law, with their sources and ages."""

from __future__ import annotations

from datetime import date, datetime

import click


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The facts that hold on this day, and their age on it; default today.")
def law(as_of: datetime | None) -> None:
    """Print the facts of law that packets rest on: what each says, its source, when it was read, and whether it is stale.

    An office adds or corrects facts in a folder of its own, which PACKET_LAW names.

    \b
    Examples:
      packet law
      packet law --as-of 2026-12-01
    """
    from pipeline.law.load import load_facts
    from pipeline.law.office import office_folder
    from pipeline.law.report import law_report

    day = as_of.date() if as_of else date.today()
    click.echo(law_report(load_facts(office_folder()), day), nl=False)
