"""`packet validate`: check cases and print every finding."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE...")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Take facts of law as of this day instead of the case's own date.")
@click.pass_context
def validate(ctx: click.Context, cases: tuple[Path, ...], as_of: datetime | None) -> None:
    """Check cases against the schema and the rules, and print every finding in file order.

    \b
    Examples:
      packet validate case.json
      packet validate cases/*/case.json --as-of 2026-12-01
    """
    from pipeline.cli.report import counts, print_findings
    from pipeline.errors import ExitCode, PacketError
    from pipeline.findings import Finding, Level
    from pipeline.packet.examine import examine

    every: list[Finding] = []
    worst = ExitCode.OK
    for path in cases:
        try:
            findings = examine(path, as_of.date() if as_of else None).findings
        except PacketError as error:
            findings, worst = error.findings, max(worst, error.exit_code)
        print_findings(findings)
        every.extend(findings)
    if worst is ExitCode.OK and any(f.level is Level.ERROR for f in every):
        worst = ExitCode.CASE_INVALID
    click.echo(f"{len(cases)} case{'' if len(cases) == 1 else 's'}: {counts(every)}")
    ctx.exit(int(worst))
