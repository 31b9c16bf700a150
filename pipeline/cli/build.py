"""`packet build`: build packets, one after the other, each on its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import day, decisions, how_to_build

if TYPE_CHECKING:
    from pipeline.packet.examine import Mode


@click.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE...")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True, help="Folder for packets.")
@how_to_build
@click.pass_context
def build(
    ctx: click.Context,
    cases: tuple[Path, ...],
    out: Path,
    as_of: datetime | None,
    mode: Mode | None,
    draft: bool,
    templates: Path | None,
    keep_work: bool,
    accepted: tuple[str, ...],
    reasons: tuple[str, ...],
) -> None:
    """Build the packet of each case into OUT/<case-id>/.

    A packet with facsimile forms is a draft and says so on every page.  While errors are open nothing is written,
    unless --draft is given: then it is a draft too.  Warnings make no draft.

    \b
    Examples:
      packet build case.json
      packet build cases/*/case.json --out /srv/packets --as-of 2026-12-01
      packet build case.json --draft
      packet build case.json --mode online
      packet build case.json --templates office/letters
      packet build case.json --accept point-uncited --because "Shown by the whole of Exhibit D"
    """
    from pipeline.cli.report import Progress, print_findings
    from pipeline.errors import ExitCode, PacketError
    from pipeline.letters.office import load_office
    from pipeline.packet.build import BuildOptions, build_packet

    chosen = decisions(accepted, reasons)
    office = load_office(templates)
    options = BuildOptions(out=out, as_of=day(as_of), mode=mode, draft=draft, keep_work=keep_work, decisions=chosen, office=office)
    worst = ExitCode.OK
    for path in cases:
        try:
            built = build_packet(path, options, Progress(str(path)).stage)
        except PacketError as error:
            print_findings(error.findings)
            click.echo(f"{path}: no packet written", err=True)
            worst = max(worst, error.exit_code)
            continue
        print_findings(built.findings)
        click.echo(f"{built.folder / 'packet.pdf'}: {built.status}, {built.pages} pages")
        for name, size in built.uploads.items():
            click.echo(f"  upload/{name}: {size:,} bytes")
        for reason in built.reasons:
            click.echo(f"  draft because {reason}")
    ctx.exit(int(worst))
