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

    Each folder on its own: one that cannot be read does not stop the others.

    \b
    Examples:
      packet verify out/quennevar-medical/
      packet verify out/*/
    """
    from pipeline.cli.report import print_findings
    from pipeline.errors import ExitCode, PacketError
    from pipeline.packet.readback.verify import verify as verify_packet

    worst = ExitCode.OK
    for folder in folders:
        try:
            result = verify_packet(folder, _show_page)
        except PacketError as error:
            _write_over("")
            print_findings(error.findings)
            click.echo(f"{folder}: not verified", err=True)
            worst = max(worst, error.exit_code)
            continue
        print_findings(result.findings)
        read = f"{result.values_read} of {result.values} values read back, {100 * result.values_read // max(1, result.values)} %"
        state = f"NOT AS ITS MANIFEST SAYS, {len(result.findings)} found" if result.findings else result.status
        click.echo(f"{folder}: {state}, {result.pages} pages, {read if result.values else 'no form values to read back'}")
        worst = max(worst, ExitCode.VERIFY if result.findings else ExitCode.OK)
    ctx.exit(int(worst))


def _show_page(done: int, of: int) -> None:
    _write_over(f"page {done} of {of}" + ("\n" if done == of else ""))


def _write_over(text: str) -> None:
    """The line of progress, on a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", err=True, nl=False)
