"""Options that several commands have, and what they mean together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

as_of = click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Date the letters and take facts of law as of this day.")
templates = click.option(
    "--templates", type=click.Path(path_type=Path), envvar="PACKET_TEMPLATES", metavar="DIR", help="The office's templates, laid over ours."
)
_HOW = (
    as_of,
    click.option("--mode", type=click.Choice(["paper", "online"]), help="File by mail or online, whatever the case says."),
    click.option("--draft", is_flag=True, help="Write a draft even while errors are open."),
    templates,
    click.option("--keep-work", is_flag=True, help="Keep the typeset sources and converted exhibits in work/."),
    click.option("--accept", "accepted", multiple=True, metavar="RULE", help="Accept what a rule finds; give --because for each."),
    click.option("--because", "reasons", multiple=True, metavar="TEXT", help="Why, in the order of --accept; the manifest records it."),
)


def how_to_build(command: _Command) -> _Command:
    """Adds the options that say how packets are built, whatever becomes of them."""
    for option in reversed(_HOW):
        command = option(command)
    return command


def decisions(accepted: tuple[str, ...], reasons: tuple[str, ...]) -> dict[str, str]:
    """Accepted rules with their reasons; raises click.UsageError when one is missing."""
    if len(accepted) != len(reasons):
        raise click.UsageError("Give one --because for each --accept.")
    return dict(zip(accepted, reasons, strict=True))


def day(given: datetime | None) -> date | None:
    """The day of --as-of."""
    return given.date() if given else None
