"""How findings and progress look on a terminal, and as plain lines elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

import click

from pipeline.findings import Finding, Level

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}


def print_findings(findings: Iterable[Finding]) -> None:
    """One line a finding on standard error, its remedy indented below it."""
    for finding in findings:
        level = click.style(f"{finding.level}:", fg=_COLOURS[finding.level])
        click.echo(f"{_printable(finding.where)}  {level} {_printable(finding.message)}  [{finding.rule}]", err=True)
        if finding.remedy:
            click.echo(f"    {_printable(finding.remedy)}", err=True)


def _printable(text: str) -> str:
    """The text with control characters, which a file's name may hold to steer a terminal, as escapes."""
    return text if text.isprintable() else "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def annotation(level: str, place: str, finding: Finding) -> str:
    """A workflow command of GitHub that puts a finding at its place in a pull request, such as `file=case.json,line=3`."""
    text = f"{finding.message}. {finding.remedy}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} {place},title={finding.rule}::{text}"


def counts(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 0 notes`."""
    number = Counter(finding.level for finding in findings)
    names = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
    return ", ".join(f"{number[level]} {name}{'' if number[level] == 1 else 's'}" for level, name in names.items())


class Progress:
    """Progress by stage: one line that is written over on a terminal, one line a stage elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._live = sys.stderr.isatty()

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Show a stage while it runs, and off a terminal how long it took; when it fails the line is free for the error."""
        start = perf_counter()
        if self._live:
            click.echo(f"\r\033[K{self._name}: {title} ...", err=True, nl=False)
        try:
            yield
        finally:
            if self._live:
                click.echo("\r\033[K", err=True, nl=False)
        if not self._live:
            click.echo(f"{self._name}: {title}, {perf_counter() - start:.2f} s", err=True)
