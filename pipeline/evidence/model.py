"""What goes into a converter and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct, field

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.page_range import PageRangeError, parse_pages
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed

Attachments = Literal["add", "drop", "refuse"]
"""Files in a PDF: added as pages behind its own, left out with a note, or a reason to stop."""


class Wishes(Sealed, frozen=True):
    """What the case asks for beyond showing the file as it is."""

    pages: str | None = None
    """The pages to take, such as `1-3,7`; None for all."""
    password: str | None = None
    """What opens an encrypted PDF."""
    shrink: int | None = None
    """Dots per inch that pictures are reduced to; None leaves them as they are."""
    attachments: Attachments | None = None
    """What becomes of files in a PDF; None drops them with a warning, and refuses a portfolio."""


class PageFinding(Finding, frozen=True):
    """A finding about some pages of a file and not about all of it."""

    pages: tuple[int, ...] = ()
    """Pages of the client's file, from 1."""


class Source(Sealed, frozen=True):
    """One file of the client, read into memory."""

    data: bytes
    shown_as: str
    """The file's name as the case gives it; every finding names the file so."""
    limits: Limits = field(default_factory=Limits)
    wishes: Wishes = field(default_factory=Wishes)
    depth: int = 0
    """How many messages this file lies within."""

    def finding(self, rule: str, level: Level, message: str, remedy: str = "") -> Finding:
        """A finding about this file."""
        return Finding(rule, level, self.shown_as, message, remedy)

    def refusal(self, rule: str, message: str, remedy: str) -> EvidenceError:
        """The error that keeps this file out of the packet; for the caller to raise."""
        return EvidenceError([self.finding(rule, Level.ERROR, message, remedy)])

    def select(self, count: int) -> tuple[int, ...]:
        """The pages to take from a file of `count` pages; raises EvidenceError when there are none, too many, or not those asked for."""
        if count == 0:
            raise self.refusal("evidence-no-pages", "the file has no pages", "Ask for the file again, or take the exhibit out of the case.")
        self.check_length(count)
        if self.wishes.pages is None:
            return tuple(range(1, count + 1))
        try:
            chosen = parse_pages(self.wishes.pages, count)
        except PageRangeError as error:
            raise self.refusal("evidence-page-range", str(error), "Correct the exhibit's page range in the case.") from error
        if len(chosen) > self.limits.pages:
            message = f"the range asks for {len(chosen)} pages; the limit is {self.limits.pages}"
            raise self.refusal("evidence-too-many-pages", message, "Ask for fewer pages, or make several exhibits of it.")
        return chosen

    def check_length(self, count: int) -> None:
        """Raises EvidenceError for a file of more pages than may be taken, or than may be looked through for those that are asked for."""
        taken, there = self.limits.pages, max(self.limits.pages, self.limits.file_pages)
        most = taken if self.wishes.pages is None else there
        if count > most:
            is_whole = self.depth > 0 or self.wishes.attachments == "add"
            ranged = "" if is_whole or count > there else ', or name those of its pages that are evidence in the exhibit\'s "pages"'
            raise self.refusal("evidence-too-many-pages", f"the file has {count} pages; the limit is {most}", f"Split the file{ranged}.")


class Bookmark(Struct, frozen=True):
    """An entry of a file's own outline."""

    title: str
    page: int
    """Page of the converted file, from 1."""
    children: tuple[Bookmark, ...] = ()


class Sheets(Sealed, frozen=True):
    """What a converter makes: letter pages, and which pages of the source they show."""

    kind: str
    """What the file is, as in `its content is ...`."""
    pdf: bytes
    pages_in: int
    """Pages (or pictures) in the source, whether asked for or not."""
    chosen: tuple[int, ...]
    """Source page of each output page, from 1."""
    bookmarks: tuple[Bookmark, ...] = ()
    findings: tuple[Finding, ...] = ()


class Conversion(Sealed, frozen=True, kw_only=True):
    """What is known of a converted file beside its pages."""

    kind: str
    """What the file is by its content, such as `PDF`."""
    pages_in: int
    """Pages in the source."""
    chosen: tuple[int, ...]
    """Source page of each output page, from 1; all of them unless the case asked for a page range."""
    sha256: str
    """Of the source's bytes, in hexadecimal."""
    bookmarks: tuple[Bookmark, ...] = ()
    """The source's own outline, with output pages."""
    findings: tuple[Finding, ...] = ()
    """What a person should know; none is of level error."""

    @property
    def pages_out(self) -> int:
        """Pages that were made."""
        return len(self.chosen)


class Converted(Conversion, frozen=True, kw_only=True):
    """One file of evidence as upright letter pages, ready to be stamped.

    Every page of `pdf` has the MediaBox 0 0 612 792, no /Rotate, no CropBox and no annotations; all it shows lies in `letter.CONTENT`.
    """

    pdf: bytes


class Kept(Conversion, frozen=True, kw_only=True):
    """A converted file on disk: the same pages as `Converted.pdf`, readable until the intake that made it is closed."""

    key: str
    """The same for the same bytes and wishes, and for no other."""
    file: Path


class Converter(Protocol):
    """One kind of input."""

    def accepts(self, head: bytes) -> bool:
        """Whether a file that starts with these bytes (at least 1024 when it has as many) is of this kind."""
        ...

    def convert(self, source: Source) -> Sheets:
        """The file as letter pages; raises EvidenceError when it cannot be shown whole."""
        ...


def plural(number: int, one: str, many: str = "") -> str:
    """`1 page`, `3 pages`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def flat(bookmarks: Sequence[Bookmark]) -> list[Bookmark]:
    """Bookmarks of all levels, in reading order."""
    return [entry for bookmark in bookmarks for entry in (bookmark, *flat(bookmark.children))]
