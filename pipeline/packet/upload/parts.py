"""The packet for a USCIS online account: each form as a file, and the evidence in parts that the account takes.

Facts: at most 12 MB a file, which is taken as 12,000,000 bytes; PDF without encryption; original, translation and certificate together
(USCIS, "Tips for Filing Forms Online", 2026-08-19).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pikepdf
from msgspec.structs import replace

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.shrink import shrink
from pipeline.findings import Finding, Level
from pipeline.letters.context import ExhibitEntry
from pipeline.packet.layout import LaidSection, Layout, Pages
from pipeline.packet.plan import PartRole, SectionKind
from pipeline.packet.stamps import Stamp
from pipeline.packet.upload.cut import Cutter
from pipeline.packet.upload.split import split, too_heavy
from pipeline.sealed import Sealed
from pipeline.typeset.kept import page_count

LIMIT: Final = 12_000_000
"""Bytes of one file."""

UPLOADS: Final = "upload"
"""The folder of the files, in the packet's output folder."""

_FRAME: Final = 300_000
"""Bytes kept free in a part for its index and for what holds a PDF together; when a part needs more, all are divided anew."""
_ROUNDS: Final = 6
_SMALLER_DOTS: Final = (200, 150)

Index = Callable[[Sequence[ExhibitEntry]], bytes]
"""Typesets the index of some exhibits."""


class Upload(Sealed, frozen=True):
    """One file to upload."""

    name: str
    """Small letters, digits and hyphens; sorted by name the files are in the order of the packet."""
    data: bytes
    pages: Pages | None
    """The packet pages in it; None for a picture."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class _File(Sealed, frozen=True):
    """A file before its place in the order is known."""

    name: str
    data: bytes
    pages: Pages | None = None


class UploadPlan(Sealed, frozen=True):
    """What the files are made of beside the packet itself."""

    layout: Layout
    entries: Sequence[ExhibitEntry]
    """The rows of the index, in exhibit order."""
    index: Index
    pictures: Mapping[str, bytes]
    """Pictures for the slots that take no PDF, by name without its ending."""
    draft: bool


def upload_parts(packet: Path, plan: UploadPlan) -> tuple[Upload, ...]:
    """The files for an online filing, made of the pages of a finished packet, which keep their stamps.

    Raises EvidenceError with everything that is too large for a file of its own, saying what shrinking it would give.
    """
    with pikepdf.open(packet, access_mode=pikepdf.AccessMode.stream) as opened:
        cutter = Cutter(opened)
        files = [
            _section(cutter, laid) for laid in plan.layout.sections if laid.section.kind not in (SectionKind.INDEX, SectionKind.EXHIBIT)
        ]
        files += _Evidence(cutter, plan).parts()
    files += [_File(name, data) for name, data in plan.pictures.items()]
    large = [each for each in files if len(each.data) > LIMIT]
    if large:
        raise EvidenceError([_too_large(each) for each in large])
    width = max(2, len(str(len(files))))
    return tuple(Upload(f"{number:0{width}}-{each.name}{_ending(each)}", each.data, each.pages) for number, each in enumerate(files, 1))


def _section(cutter: Cutter, laid: LaidSection) -> _File:
    return _File(laid.section.file_name, cutter.cut(range(laid.pages.first, laid.pages.last + 1)), laid.pages)


def _ending(file: _File) -> str:
    return ".pdf" if file.pages else ".jpg"


def _too_large(file: _File) -> Finding:
    message = f"it is {len(file.data):,} bytes; an online account takes {LIMIT:,} in a file"
    return Finding("upload-too-large", Level.ERROR, file.name, message, "File on paper, or make what is in it smaller.")


def divided_translations(layout: Layout, uploads: Sequence[Upload]) -> Iterator[Finding]:
    """The finding for each exhibit whose original, translation and certificate are in several files, since one could not take them."""
    for laid in layout.exhibits:
        pages = laid.pages
        parts = [u.name for u in uploads if u.pages and u.pages.first <= pages.last and pages.first <= u.pages.last]
        if len(parts) > 1 and any(part.part.role is PartRole.TRANSLATION for part in laid.parts):
            message = f"original, translation and certificate are in several files ({', '.join(parts)}), and belong into one"
            remedy = 'Set "shrink": 200 in the exhibit, so that one file takes them, or file on paper.'
            yield Finding("upload-translation-divided", Level.WARNING, laid.section.title, message, remedy)


class _Evidence:
    """Divides the exhibits of a packet."""

    def __init__(self, cutter: Cutter, plan: UploadPlan) -> None:
        self._cutter = cutter
        self._plan = plan
        self._exhibits = plan.layout.exhibits

    def parts(self) -> list[_File]:
        """Each part behind its slice of the index, at exhibit borders where that can be, else at page borders."""
        runs = [range(laid.pages.first, laid.pages.last + 1) for laid in self._exhibits]
        weights = {number: self._cutter.weights(number) for run in runs for number in run}
        frame = _FRAME
        files: list[_File] = []
        for _ in range(_ROUNDS):
            heavy = too_heavy(weights, LIMIT - frame)
            if heavy:
                raise EvidenceError([self._page_too_large(number, sum(weights[number].values())) for number in heavy])
            divided = list(split(runs, weights, LIMIT - frame))
            files = [self._part(numbers, place, len(divided)) for place, numbers in enumerate(divided, 1)]
            over = max((len(each.data) - LIMIT for each in files), default=0)
            if over <= 0:
                break
            frame += over + _FRAME
        return files

    def _part(self, numbers: Sequence[int], place: int, count: int) -> _File:
        pages = Pages(numbers[0], numbers[-1])
        rows = (_row(laid, entry, pages) for laid, entry in zip(self._exhibits, self._plan.entries, strict=True))
        index = self._plan.index([row for row in rows if row is not None])
        length = page_count(index)
        right = f"Packet pages {pages.first} to {pages.last} of {self._plan.layout.pages}"
        left = f"Evidence, part {place} of {count}, index page"
        stamps = [Stamp(f"{left} {page} of {length}", right, self._plan.draft) for page in range(1, length + 1)]
        return _File(f"evidence-part-{place}-of-{count}", self._cutter.cut(numbers, index, stamps), pages)

    def _page_too_large(self, number: int, size: int) -> Finding:
        """The finding for a page that fills more than a file, with what the first shrinking that helps would give."""
        where = f"{self._file_of(number)}, packet page {number}"
        message = f"the page alone is {size:,} bytes; an online account takes {LIMIT:,} in a file"
        if size <= LIMIT:
            message += f", of which the index of the part and its frame may need {_FRAME:,}"
        for dots in _SMALLER_DOTS:
            smaller = len(shrink(self._cutter.cut([number]), dots, Limits().pixels).pdf)
            if smaller + _FRAME <= LIMIT:
                remedy = f'Set "shrink": {dots} in the exhibit, or file on paper.'
                return Finding(
                    "upload-page-too-large", Level.ERROR, where, f"{message}; at {dots} dots per inch it would be {smaller:,}", remedy
                )
        remedy = "Scan the page again in gray at 200 dots per inch, or file on paper."
        return Finding("upload-page-too-large", Level.ERROR, where, message, remedy)

    def _file_of(self, number: int) -> str:
        """The name in the case whose pages hold a packet page."""
        laid = next(each for each in self._exhibits if each.pages.first <= number <= each.pages.last)
        return next((part.part.file for part in laid.parts if part.pages.first <= number <= part.pages.last), laid.section.title)


def _row(laid: LaidSection, entry: ExhibitEntry, pages: Pages) -> ExhibitEntry | None:
    """The exhibit's row in the index of a part: only the pages that are in it; None when none is."""
    first, last = max(entry.first_page, pages.first), min(entry.last_page, pages.last)
    if laid.pages.first > pages.last or first > last:
        return None
    title = entry.title if first == entry.first_page else f"{entry.title} (continued)"
    inside = (part for part in entry.parts if part.first_page <= last and part.last_page >= first)
    parts = tuple(replace(part, first_page=max(part.first_page, first), last_page=min(part.last_page, last)) for part in inside)
    return replace(entry, title=title, first_page=first, last_page=last, parts=parts)
