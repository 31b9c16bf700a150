"""`packet verify`: read a built packet against its manifest."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="OUT/CASE-ID...")
@click.pass_context
def verify(ctx: click.Context, folders: tuple[Path, ...]) -> None:
    """Read packet.pdf in a folder with pdfplumber and compare it with manifest.json.

    \b
    Example:
      packet verify out/quennevar-medical/
    """
    from pipeline.cli.report import print_findings
    from pipeline.errors import ExitCode
    from pipeline.packet.readback.verify import verify as verify_packet

    def progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\033[Kpage {done} of {of}", err=True, nl=done == of)

    wrong = False
    for folder in folders:
        result = verify_packet(folder, progress)
        print_findings(result.findings)
        read = f"{result.values_read} of {result.values} values read back, {100 * result.values_read // max(1, result.values)} %"
        state = f"NOT AS ITS MANIFEST SAYS, {len(result.findings)} found" if result.findings else result.status
        click.echo(f"{folder}: {state}, {result.pages} pages, {read if result.values else 'no form values to read back'}")
        wrong = wrong or bool(result.findings)
    ctx.exit(int(ExitCode.VERIFY if wrong else ExitCode.OK))
