"""`packet init`: the beginning of a case."""

from __future__ import annotations

import os
from errno import ENOSPC
from pathlib import Path
from typing import TextIO

import click


@click.command()
@click.option("--kind", required=True, metavar="KIND", help="Filing kind; --kind help explains them.")
@click.argument("target", type=click.Path(path_type=Path), required=False)
def init(kind: str, target: Path | None) -> None:
    """Write the skeleton of a case of a filing kind to TARGET, or to standard output.

    It validates but for what only the office knows; an existing file is never replaced.

    \b
    Examples:
      packet init --kind urgent-humanitarian cases/new/case.json
      packet init --kind help
    """
    from pipeline.case.refusals import refusal
    from pipeline.case.skeleton import kinds, meaning, skeleton
    from pipeline.errors import OutputError

    if kind == "help":
        click.echo("\n".join(f"{name:<28}{meaning(name)}" for name in kinds()))
        return
    if kind not in kinds():
        allowed = ", ".join(kinds())
        refused = refusal(["kind"], kind, allowed)
        raise click.BadParameter(f"{refused.message}. {refused.remedy}" if refused else f"one of: {allowed}", param_hint="--kind")
    if target is None:
        click.echo(skeleton(kind), nl=False)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        text = skeleton(kind, _schema_from(target.parent.resolve()))
        with target.open("x", encoding="utf-8") as stream:
            _write(stream, text)
    except OSError as error:
        remedy = "Free the space, or name a file in another folder." if error.errno == ENOSPC else "Name a file that does not exist yet."
        raise OutputError.one("output", str(target), error.strerror or "cannot be written", remedy) from error
    click.echo(f"wrote {target}; fill in what is marked, then: packet validate {target}")


def _write(stream: TextIO, text: str) -> None:
    """Write a file that was made for it, or take the file away again.  Raises OSError."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        Path(stream.name).unlink(missing_ok=True)
        raise


def _schema_from(folder: Path) -> str:
    """Where a case file in this folder finds its schema: a path within the checkout, or else an address on this machine."""
    from pipeline.resources import shipped

    schema = shipped("schemas") / "case.json"
    root = schema.parent.parent
    return Path(os.path.relpath(schema, folder)).as_posix() if folder.is_relative_to(root) else schema.as_uri()
