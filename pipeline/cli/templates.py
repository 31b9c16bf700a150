"""`packet templates`: checks that make a change to a template safe to merge."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.findings import Finding
    from pipeline.letters.checking.golden import Change

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_MADE_UP = 40
"""Cases to make up when nothing else is asked for."""


@click.group()
def templates() -> None:
    """Check letter templates, and show what a change to them does.

    \b
    Examples:
      packet templates check
      packet templates check --templates office/letters --format github
      packet templates diff main --out changes
    """


@templates.command()
@click.option("--templates", "folder", type=_FOLDER, metavar="DIR", help="Check an office's folder laid over ours.")
@click.option("--samples", type=_FOLDER, metavar="DIR", help="Folder with one case folder a sample; by default samples, if it is here.")
@click.option(
    "--golden", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Compare documents with the golden texts in DIR."
)
@click.option("--update", is_flag=True, help="Write the golden texts anew.")
@click.option("--made-up", type=click.IntRange(0), help="Cases to make up from the schema; by default 40, where hypothesis is installed.")
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.pass_context
def check(
    ctx: click.Context, folder: Path | None, samples: Path | None, golden: Path | None, update: bool, made_up: int | None, style: str
) -> None:
    """Read every template, fill it for every sample, the smallest case of every kind and made-up cases, and proof-read the documents.

    Fails when anything is wrong, and when there was nothing to check.
    """
    from pipeline.cli.check_report import show
    from pipeline.errors import EnvironmentMissingError, ExitCode
    from pipeline.letters.checking.golden import compare
    from pipeline.letters.checking.golden import update as write_golden
    from pipeline.letters.office import load_office
    from pipeline.packet.proofs.specimens import check_all

    if update and not golden:
        raise click.UsageError("--update needs --golden DIR.")
    can_make_up = find_spec("hypothesis") is not None
    if made_up and not can_make_up:
        message, remedy = "made-up cases need hypothesis, a development tool", "Install requirements-dev.lock, or ask for --made-up 0."
        raise EnvironmentMissingError.one("hypothesis-missing", "packet templates check", message, remedy)
    if made_up is None and not can_make_up:
        click.echo("no made-up cases: they need hypothesis (requirements-dev.lock)", err=True)
    number = made_up if made_up is not None else _MADE_UP if can_make_up else 0
    checked = check_all(samples or Path("samples"), number, load_office(folder))
    changes: Sequence[Change] = ()
    if golden and update:
        write_golden(checked.texts, golden)
    elif golden:
        changes = tuple(compare(checked.texts, golden, str(golden)))
    findings: list[Finding] = [*checked.findings, *(change.finding for change in changes)]
    show(findings, changes, style, folder)
    click.echo(f"{checked.templates} templates, {checked.documents} documents: {len(findings)} wrong", err=style == "json")
    ctx.exit(int(ExitCode.TEMPLATE if findings else ExitCode.OK))


@templates.command()
@click.argument("base")
@click.option("--samples", type=_FOLDER, default=Path("samples"), show_default=True, help="Folder with one case folder a sample.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("template-changes"), show_default=True, metavar="DIR")
def diff(base: str, samples: Path, out: Path) -> None:
    """Render every sample with the templates of the git revision BASE and with those here, and write what changed.

    Writes DIR/index.html, with the text of each changed document and its pages side by side, and DIR/summary.md for a pull
    request.
    """
    from pipeline.packet.proofs.changes_page import write
    from pipeline.packet.proofs.template_changes import compare

    found = compare(base, samples)
    write(found, base, out)
    for change in found.documents:
        click.echo(f"{change.name}: {change.what}, {change.added} lines added, {change.removed} removed")
    for name in found.templates_gone:
        click.echo(f"{name}: no longer there")
    click.echo(f"{out / 'index.html'}: {len(found.documents)} documents differ from {base}")
