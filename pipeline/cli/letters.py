"""`packet letters`: the letters of a case alone, to be read or to be edited."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from pipeline.cli import options


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--docx", is_flag=True, help="Also write each letter as a Word file for editing (needs parole-packet[word]).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("letters"), show_default=True, metavar="DIR")
@click.option("--replace", is_flag=True, help="Write over files in DIR that have other contents.")
@options.as_of
@options.templates
def letters(case: Path, docx: bool, out: Path, replace: bool, as_of: datetime | None, templates: Path | None) -> None:
    """Write the generated letters of a case into DIR, with the page numbers of its packet.

    To use a letter in your own words, edit its Word file, save it as PDF beside the case, and name it in the case as letters.cover
    (or letters.response): it then takes the generated one's place.

    \b
    Examples:
      packet letters case.json
      packet letters case.json --docx --out drafts
    """
    from pipeline.cli.report import Progress, print_findings
    from pipeline.letters.office import load_office
    from pipeline.packet.build import BuildOptions
    from pipeline.packet.letters_alone import letters_alone, save_letters

    wanted = BuildOptions(as_of=options.day(as_of), office=load_office(templates))
    made = letters_alone(case, wanted, docx, Progress(str(case)).stage)
    save_letters(made.files, out, replace)
    print_findings(made.findings)
    for name in made.files:
        click.echo(str(out / name))
