"""The `packet` command: its subcommands, loaded when they run, and how errors reach the person at the terminal."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

_COMMANDS = {
    "init": ("pipeline.cli.init", "Begin a case of a filing kind."),
    "validate": ("pipeline.cli.validate", "Check cases and print every finding."),
    "show": ("pipeline.cli.show", "Show what a packet will hold, before building it."),
    "build": ("pipeline.cli.build", "Build packets that need only ink signatures."),
    "batch": ("pipeline.cli.batch", "Build many packets, and again only what changed."),
    "status": ("pipeline.cli.status", "Show the last batch, and what the next would build."),
    "verify": ("pipeline.cli.verify", "Read a built packet against its manifest."),
    "letters": ("pipeline.cli.letters", "Write the letters alone, also as Word files for editing."),
    "rules": ("pipeline.cli.rules", "List the rules that a case is checked against."),
    "explain": ("pipeline.cli.rules", "Explain one rule."),
    "law": ("pipeline.cli.law", "Print the dated facts of law with their sources."),
    "templates": ("pipeline.cli.templates", "Check letter templates, and show what a change does."),
    "forms": ("pipeline.cli.forms", "List, add and inspect official form PDFs."),
}


class LazyGroup(click.Group):
    """A group that imports a subcommand's module only when that subcommand runs."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The whole program.  Once its command has ended, a signal changes nothing more: not what was said, nor the exit code."""
        _open_what_is_closed()
        try:
            return super().__call__(*args, **kwargs)
        except OSError as error:
            if error.errno != errno.ENOSPC or "--debug" in sys.argv:
                raise
            _say_that_it_is_full()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(128 + signal.SIGINT)
        except Exception as error:
            if ctx.params.get("debug") or getattr(error, "errno", None) == errno.ENOSPC:
                raise
            return _report(ctx, error)


def _say_that_it_is_full() -> NoReturn:
    """Ends the program when there is no room for what it prints, or for its temporary files; what it could not print is dropped."""
    from pipeline.cli.report import print_findings
    from pipeline.errors import OutputError

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    full = OutputError.one("disk-full", "output", "no space is left on the disk", "Free the space, or send the output elsewhere.")
    with suppress(OSError):  # standard error may be on the same disk
        print_findings(full.findings)
    os.dup2(1, 2)
    sys.exit(full.exit_code)


def _open_what_is_closed() -> None:
    """Leads a standard stream that the caller has closed (`2>&-`) nowhere: a file of ours would get its number, and its messages."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _report(ctx: click.Context, error: Exception) -> None:
    """Print what went wrong and leave with its exit code.

    Of a fault of ours only the kind is shown: its text may hold values of the case.
    """
    from pipeline.cli.report import print_findings
    from pipeline.errors import ExitCode, PacketError

    if isinstance(error, PacketError):
        print_findings(error.findings)
        ctx.exit(int(error.exit_code))
    click.echo(f"internal error: {type(error).__name__}. Run again with `packet --debug ...` and report the traceback.", err=True)
    ctx.exit(int(ExitCode.INTERNAL))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="parole-packet", prog_name="packet")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
def main(**_: bool) -> None:
    """One case file and a folder of evidence in; one parole packet out.

    \b
    Examples:
      packet validate samples/urgent-humanitarian/case.json
      packet show samples/urgent-humanitarian/case.json
      packet build samples/urgent-humanitarian/case.json --draft
      packet verify out/quennevar-medical/
    """
