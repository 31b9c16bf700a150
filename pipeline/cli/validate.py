"""`packet validate`: check cases and print every finding."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import day

if TYPE_CHECKING:
    from pipeline.findings import Finding


@click.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE...")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Take facts of law as of this day instead of the case's own date.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "github"]), default="text", show_default=True, help="How findings print."
)
@click.pass_context
def validate(ctx: click.Context, cases: tuple[Path, ...], as_of: datetime | None, style: str) -> None:
    """Check cases against the schema and the rules, and print every finding in file order.

    \b
    Examples:
      packet validate case.json
      packet validate cases/*/case.json --as-of 2026-12-01
      packet validate cases/*/case.json --format github
    """
    from pipeline.cli.report import counts
    from pipeline.packet.examine import validate as check_case

    checked = [(path, check_case(path, day(as_of))) for path in cases]
    every = [(path, finding) for path, one in checked for finding in one.findings]
    _print(every, style, len(cases) > 1)
    click.echo(f"{len(cases)} case{'' if len(cases) == 1 else 's'}: {counts(f for _, f in every)}", err=style != "text")
    ctx.exit(int(max(one.exit_code for _, one in checked)))


def _print(every: Iterable[tuple[Path, Finding]], style: str, many: bool) -> None:
    import json

    from msgspec.structs import asdict

    from pipeline.cli.report import print_findings

    if style == "json":
        click.echo(json.dumps([{"case": str(path), **asdict(finding)} for path, finding in every], indent=2, ensure_ascii=False))
    elif style == "github":
        for path, finding in every:
            click.echo(_annotation(path, finding))
    else:
        for path, found in groupby(every, key=lambda pair: pair[0]):
            if many:
                click.echo(f"{path}:", err=True)
            print_findings(finding for _, finding in found)


def _annotation(path: Path, finding: Finding) -> str:
    """A workflow command that puts the finding at its line in a pull request."""
    import re

    from pipeline.cli.report import annotation

    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.level]
    place = re.match(r"[^:]+:(\d+):(\d+)", finding.where)
    at = f",line={place[1]},col={place[2]}" if place else ""
    return annotation(level, f"file={path}{at}", finding)
