"""What is printed for the mail room, in which order: for each ready packet its payment pages and then the packet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from pipeline.batch.model import Outcome, State
from pipeline.packet.publish import PACKET


class Sheet(Struct, frozen=True):
    """A file to print."""

    parcel: int
    """The packet's number on the mail-room sheet, from 1."""
    case: str
    """The packet's folder."""
    file: str
    """Path from the folder of packets, with forward slashes."""
    pages: int


def to_mail(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes whose packets go out on paper, in the order of the batch: drafts stay, and an online filing is uploaded."""
    return tuple(one for one in outcomes if one.state is State.READY and one.parcel is not None and one.parcel.mode == "paper")


def print_order(outcomes: Sequence[Outcome]) -> Iterator[Sheet]:
    """The files to print, in order.  A payment page is one page and lies on top of the packet that it pays for."""
    for number, outcome in enumerate(to_mail(outcomes), 1):
        folder = PurePosixPath(outcome.title)
        for page in outcome.parcel.payment_pages if outcome.parcel else ():
            yield Sheet(number, outcome.title, str(folder / page), 1)
        yield Sheet(number, outcome.title, str(folder / PACKET), outcome.pages)
