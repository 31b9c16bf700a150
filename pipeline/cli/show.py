"""`packet show`: the plan as a tree, before anything is built."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
def show(case: Path) -> None:
    """Show what the packet of a case will hold: sections, forms and exhibits in order.

    \b
    Example:
      packet show samples/urgent-humanitarian/case.json
    """
    from pipeline.packet.examine import examine
    from pipeline.packet.plan import make_plan

    examined = examine(case)
    plan = make_plan(examined.case, examined.item)
    click.echo(f"{examined.case.case_id} ({examined.case.kind})")
    for number, section in enumerate(plan.sections, 1):
        last = number == len(plan.sections)
        click.echo(f"{'└──' if last else '├──'} {section.heading}")
        for place, part in enumerate(section.files, 1):
            click.echo(
                f"{'   ' if last else '│  '} {'└──' if place == len(section.files) else '├──'} {part.role}: {part.file or 'made for ink'}"
            )
