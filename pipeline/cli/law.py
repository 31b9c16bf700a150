"""`packet law`: the dated facts of law, with their sources and ages."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.law.model import Fact


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Show only facts that hold on this day, and their age on it.")
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

    facts = load_facts(office_folder())
    day = as_of.date() if as_of else None
    for fact in facts.facts:
        if day and not fact.holds(day):
            continue
        age = _age(fact, day, facts.max_age(fact)) if day else ""
        until = f" to {fact.valid_to}" if fact.valid_to else ""
        click.echo(f"{fact.where}  from {fact.valid_from}{until}  [{fact.confidence}] {fact.source}, read {fact.read_on}{age}")


def _age(fact: Fact, day: date, limit: int | None) -> str:
    days = (day - fact.read_on).days
    return f", {days} days old" + (f", STALE after {limit}" if limit is not None and days > limit else "")
