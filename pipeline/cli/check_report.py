"""How the findings of `packet templates check` look: for people, for programs, and as annotations of a pull request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import asdict

from pipeline.cli.report import annotation
from pipeline.findings import Finding
from pipeline.letters.checking.golden import Change
from pipeline.resources import shipped

_OURS = "templates/letters"


def show(findings: Sequence[Finding], changes: Sequence[Change], style: str, folder: Path | None) -> None:
    """Print findings as `text`, `json` or `github`, one line each; with text also the difference to each golden text."""
    placed = [(*_place(finding.where, folder), finding) for finding in findings]
    if style == "json":
        entries = [{"file": file, "line": line, **asdict(finding)} for file, line, finding in placed]
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
    elif style == "github":
        for file, line, finding in placed:
            click.echo(annotation("error", f"file={file},line={line}", finding))
    else:
        for file, line, finding in placed:
            click.echo(f"{file}:{line}  {finding.message}  [{finding.rule}]")
        for change in changes:
            click.echo("\n".join(change.diff))


def _place(where: str, folder: Path | None) -> tuple[str, int]:
    """The file, as seen from the office's folder or the project's, and the line of `parts/letterhead.typ.j2:7`."""
    name, _, number = where.rpartition(":")
    file, line = (name, int(number)) if number.isdigit() else (where.partition(" ")[0], 1)
    if folder and (folder / file).is_file():
        return (folder / file).as_posix(), line
    return (f"{_OURS}/{file}" if (shipped("templates") / "letters" / file).is_file() else file), line
