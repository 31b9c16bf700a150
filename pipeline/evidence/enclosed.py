"""Files within a file: what is attached to an e-mail or held by a PDF goes through intake like any other file."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

import pikepdf
from msgspec import Struct
from msgspec.structs import replace
from pikepdf import Pdf

from pipeline.errors import EvidenceError
from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.model import PageFinding, Sheets, Source, Wishes
from pipeline.evidence.other_kinds import kind_of
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed

SheetsOf = Callable[[Source], Sheets]
"""Makes the letter pages of a file that is in memory."""

_TAKEN: Final = ((b"%PDF-", "a PDF"), (b"\xff\xd8\xff", "a JPEG"), (b"\x89PNG", "a PNG"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"))
"""How files of common kinds that intake takes begin."""


class Enclosed(Sealed, frozen=True):
    """A file within a file."""

    name: str
    """As the holder calls it; empty when it has no name."""
    data: bytes

    @property
    def kind(self) -> str:
        """What it is by its content, for a list."""
        if not self.data:
            return "empty"
        return next((kind for start, kind in _TAKEN if self.data.startswith(start)), kind_of(self.data)[0])


class Shown(Struct, frozen=True):
    """What became of an enclosed file: its pages, or None and the kind that cannot be shown."""

    name: str
    place: str
    """The holder and which of its attachments this is, from 1, as findings say it."""
    sheets: Sheets | None
    kind: str

    @property
    def pages(self) -> int:
        return len(self.sheets.chosen) if self.sheets else 0


def shown(source: Source, enclosed: Sequence[Enclosed], wishes: Wishes, sheets_of: SheetsOf) -> list[Shown]:
    """The files that `source` encloses, as pages; one of a kind that intake does not take is there without pages.

    Raises EvidenceError for a file that is damaged or locked, as it would be refused alone.
    """
    return [_shown(source, number, each, wishes, sheets_of) for number, each in enumerate(enclosed, 1)]


def _shown(source: Source, number: int, enclosed: Enclosed, wishes: Wishes, sheets_of: SheetsOf) -> Shown:
    place = f"{source.shown_as}, attachment {number}"
    if not enclosed.data:
        return Shown(enclosed.name, place, None, enclosed.kind)
    try:
        inner = replace(source, data=enclosed.data, shown_as=place, wishes=wishes, depth=source.depth + 1)
        return Shown(enclosed.name, place, sheets_of(inner), "")
    except EvidenceError as error:
        if any(finding.rule != "evidence-kind" for finding in error.findings):
            raise
        return Shown(enclosed.name, place, None, enclosed.kind)


def not_shown(every: Sequence[Shown]) -> Iterator[Finding]:
    """A warning for each file that could not be shown."""
    for each in every:
        if each.sheets is None:
            message = f"the attachment is {each.kind} and is not shown"
            remedy = "Save the attachment as a file of its own, if it is evidence."
            yield Finding("evidence-attachments", Level.WARNING, each.place, message, remedy)


def noted(every: Sequence[Sheets], chosen: Sequence[int]) -> Iterator[Finding]:
    """What was noted of the parts of which a page is chosen; findings about pages name those of all parts, counted through from 1."""
    wanted, before = set(chosen), 0
    for sheets in every:
        pages = range(before + 1, before + len(sheets.chosen) + 1)
        if not wanted.isdisjoint(pages):
            yield from _renumbered(sheets, pages, wanted)
        before = pages.stop - 1


def _renumbered(sheets: Sheets, pages: Sequence[int], wanted: Collection[int]) -> Iterator[Finding]:
    """A part's findings; `pages` are its pages in the whole."""
    numbers = dict(zip(sheets.chosen, pages, strict=True))
    for finding in sheets.findings:
        if not isinstance(finding, PageFinding):
            yield finding
        elif there := tuple(numbers[page] for page in finding.pages if numbers[page] in wanted):
            yield replace(finding, pages=there)


def joined(every: Sequence[Sheets], chosen: Sequence[int]) -> bytes:
    """The chosen pages of all parts, counted through from 1, as one document."""
    target = Pdf.new()
    wanted = set(chosen)
    first = 1
    for sheets in every:
        with pikepdf.open(io.BytesIO(sheets.pdf)) as part:
            target.pages.extend(page for number, page in enumerate(part.pages, first) if number in wanted)
            first += len(part.pages)
    return write_letter_pdf(target)
