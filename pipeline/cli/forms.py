"""`packet forms`: the official form PDFs on this machine, and what our maps say of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.forms.reader import FormFile

_FILE = click.Path(path_type=Path)


@click.group()
def forms() -> None:
    """List, add, fetch, inspect and compare official form PDFs.

    Official PDFs are never part of this program.  They lie in the folder that PACKET_FORMS names, by default a folder in
    your own data; without them packets are drafts on facsimiles.

    \b
    Examples:
      packet forms list
      packet forms add ~/Downloads/i-131.pdf
      packet forms fetch
      packet forms inspect ~/Downloads/i-131.pdf
      packet forms diff old/i-131.pdf ~/Downloads/i-131.pdf
      packet forms coverage
    """


@forms.command("list")
def list_() -> None:
    """List the forms this program knows, and which official files are here."""
    from pipeline.cli.report import print_findings
    from pipeline.forms.editions import current, editions
    from pipeline.forms.store import default_folder, find_official

    click.echo(f"forms folder: {default_folder()}")
    for form in sorted({e.form for e in editions()}):
        inventory = current(form).inventory
        official, refused = find_official(form)
        expires = inventory.omb_expires or "-"
        state = f"official  {official.sha256}  {official.path.name}" if official else f"missing   get it from {inventory.source_url}"
        click.echo(f"{form:<8}{inventory.edition}  OMB expires {expires:<11} {state}")
        print_findings(refused)


@forms.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
def add(files: tuple[Path, ...]) -> None:
    """Check official form PDFs and copy them into the forms folder."""
    from pipeline.forms.store import add as add_form

    for file in files:
        added = add_form(file)
        click.echo(f"{file}: Form {added.edition.form} {added.edition.inventory.edition}, kept as {added.path}")


@forms.command()
@click.argument("names", nargs=-1, metavar="[FORM...]")
@click.pass_context
def fetch(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Download forms from their publisher into the forms folder; all known forms when none is named."""
    from pipeline.cli.report import print_findings
    from pipeline.errors import ExitCode, PacketError
    from pipeline.forms.editions import editions
    from pipeline.forms.fetch import fetch as fetch_form

    worst = ExitCode.OK
    for form in names or sorted({e.form for e in editions()}):
        try:
            fetched = fetch_form(form.upper())
            click.echo(
                f"Form {fetched.edition.form} {fetched.edition.inventory.edition}: {len(fetched.data):,} bytes, kept as {fetched.path}"
            )
        except PacketError as error:
            print_findings(error.findings)
            worst = max(worst, error.exit_code)
    ctx.exit(int(worst))


@forms.command()
@click.argument("file", type=_FILE)
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False), help="Write inventory.json into DIR/<form>/<edition>/.", metavar="DIR"
)
def inspect(file: Path, write: Path | None) -> None:
    """Print a form PDF's edition, fields and traps; with --write make the inventory that a field map starts from."""
    from pipeline.forms.traps import traps

    _, read = _read(file)
    click.echo(f"Form {read.form or 'unknown'}, edition {read.edition or 'unknown'}, {read.pages} pages, {len(read.fields)} fields")
    for field in read.fields:
        limit = f" max {field.max_len}" if field.max_len is not None else ""
        state = f" {field.on_state!r}" if field.on_state else ""
        click.echo(f"p{field.page:<3} {field.type:<9} {field.name}{limit}{state}")
    for trap in traps(read.fields):
        click.echo(f"trap {trap.name}: {trap.says} ({len(trap.fields)} fields, first {trap.fields[0]})")
    if write:
        click.echo(f"wrote {_write_inventory(file, write)}")


@forms.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def diff(old: Path, new: Path, style: str) -> None:
    """Compare two editions of a form, and name the mapped values that each change hits."""
    import json

    from pipeline.forms.difference import difference

    (_, before), (_, after) = _read(old), _read(new)
    hits = difference(before, after)
    if style == "json":
        click.echo(json.dumps([hit.data() for hit in hits], indent=2))
        return
    click.echo(f"Form {before.form} {before.edition} -> {after.form} {after.edition}: {len(hits)} changes")
    for hit in hits:
        click.echo(f"{hit.change}" + (f"  [hits {hit.hits}]" if hit.hits else ""))


@forms.command()
@click.pass_context
def coverage(ctx: click.Context) -> None:
    """Count the fields of each form that its map accounts for; fails on a field that is neither mapped nor listed as blank."""
    from pipeline.cli.report import print_findings
    from pipeline.errors import ExitCode
    from pipeline.forms.coverage import cover
    from pipeline.forms.editions import current, editions
    from pipeline.forms.fieldmap import load_map

    click.echo(f"{'form':<8}{'edition':<10}{'accounted':>10}{'mapped':>8}{'sign':>6}{'blank':>7}")
    wrong = False
    for form in sorted({e.form for e in editions()}):
        found = cover(load_map(current(form)))
        total = f"{found.accounted}/{found.fields}"
        click.echo(f"{form:<8}{found.edition:<10}{total:>10}{found.mapped:>8}{found.signatures:>6}{found.blank:>7}")
        print_findings(found.findings)
        wrong = wrong or bool(found.findings)
    ctx.exit(int(ExitCode.TEMPLATE if wrong else ExitCode.OK))


def _read(file: Path) -> tuple[bytes, FormFile]:
    from pipeline.errors import FormFileError
    from pipeline.forms.reader import read_form

    try:
        data = file.read_bytes()
    except OSError as error:
        raise FormFileError.one("form-unreadable", str(file), error.strerror or "cannot be read", "Name an existing PDF file.") from error
    return data, read_form(data, file.name)


def _write_inventory(file: Path, folder: Path) -> Path:
    from pipeline.errors import FormFileError, OutputError
    from pipeline.forms.inventorize import inventory_of
    from pipeline.forms.inventory import dump_inventory

    data, read = _read(file)
    if not read.form or not read.edition:
        raise FormFileError.one(
            "form-unknown", file.name, "no form name and edition are printed on its pages", "Check that this is the blank form."
        )
    inventory, date = inventory_of(read, data)
    target = folder / read.form.lower() / date / "inventory.json"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dump_inventory(inventory), encoding="utf-8")
    except OSError as error:
        message = error.strerror or "cannot be written"
        raise OutputError.one("output", str(target), message, "Name a folder that can be written into.") from error
    return target
