"""`packet show`: the plan as a tree, before anything is built."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import templates as office_folder


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@office_folder
def show(case: Path, templates: Path | None) -> None:
    """Show what the packet of a case will hold: sections, forms and exhibits in order, under the labels of the office.

    \b
    Examples:
      packet show samples/urgent-humanitarian/case.json
      packet show case.json --templates office/letters
    """
    from pipeline.letters.office import load_office
    from pipeline.packet.examine import examine
    from pipeline.packet.plan import make_plan

    office = load_office(templates)
    examined = examine(case)
    plan = make_plan(examined.case, examined.item, office.style.labels)
    click.echo(f"{examined.case.case_id} ({examined.case.kind})")
    for number, section in enumerate(plan.sections, 1):
        last = number == len(plan.sections)
        click.echo(f"{'└──' if last else '├──'} {section.heading}")
        for place, part in enumerate(section.files, 1):
            click.echo(
                f"{'   ' if last else '│  '} {'└──' if place == len(section.files) else '├──'} {part.role}: {part.file or 'made for ink'}"
            )
