"""The exhibits' files as pages for the packet, and where in the packet what was noted about them stands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future

from msgspec import Struct

from pipeline.errors import EvidenceError, PacketError
from pipeline.evidence.intake import Intake
from pipeline.evidence.model import Kept, PageFinding, Wishes
from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Finding
from pipeline.packet.assemble import Piece
from pipeline.packet.layout import Layout
from pipeline.packet.plan import ExhibitPart, PacketPlan, PartRole


class ReadyFile(Struct, frozen=True):
    """A converted file with its pages for the packet."""

    name: str
    """As in the case; for a file of a folder or pattern, as the case would name it."""
    kept: Kept
    piece: Piece


class ReadyPart(Struct, frozen=True):
    """What a case names as one file of an exhibit: that file, or the files of a folder or pattern."""

    part: ExhibitPart
    files: tuple[ReadyFile, ...]
    findings: tuple[Finding, ...]
    """About the name itself; those about a file are the file's."""

    @property
    def pages(self) -> int:
        return 1 if self.part.made else sum(file.piece.pages for file in self.files)

    def pieces(self, certificates: Iterator[Piece]) -> Iterator[Piece]:
        """Its pages: of its files, or the next of the certificates when it is one that is made here."""
        if self.part.made:
            yield next(certificates)
        yield from (file.piece for file in self.files)

    @property
    def extract(self) -> str:
        """Which pages were taken of how many, such as `pages 1-3 and 7 of 12`; empty when all were."""
        if not self.part.pages or self.files[0].kept.pages_out == self.files[0].kept.pages_in:
            return ""
        return f"{describe_pages(self.files[0].kept.chosen)} of {self.files[0].kept.pages_in}"


class LaidFile(Struct, frozen=True):
    """A file with its place in the packet."""

    file: ReadyFile
    first: int
    """The packet page of its first page."""

    @property
    def pages(self) -> range:
        """Its packet pages."""
        return range(self.first, self.first + self.file.piece.pages)


class StartedPart(Struct, frozen=True):
    """A part whose files are being converted; `failure` says why there are none."""

    part: ExhibitPart
    files: tuple[tuple[str, Future[Kept]], ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: PacketError | None = None


def start_exhibits(plan: PacketPlan, intake: Intake) -> Mapping[int, Sequence[StartedPart]]:
    """Begins to convert every file of every exhibit, a response's notice and the office's own letter; by place in the plan."""
    return {
        number: [_started(plan, part, intake) for part in section.files] for number, section in enumerate(plan.sections) if section.files
    }


def _started(plan: PacketPlan, part: ExhibitPart, intake: Intake) -> StartedPart:
    if part.made:
        return StartedPart(part)
    try:
        named = intake.files_named(plan.case.folder, part.file)
        if part.pages and named.files != (part.file,):
            message, remedy = "a page range goes with one file, and this name stands for several", "Name the file, or leave out `pages`."
            raise EvidenceError.one("evidence-page-range", part.file, message, remedy)
        if part.role is PartRole.LETTER and named.files != (part.file,):
            message, remedy = "this is one file, and the name stands for several", "Name the file itself."
            raise EvidenceError.one("evidence-one-file", f"{plan.case.where(part.pointer)}, {part.file}", message, remedy)
        wishes = Wishes(part.pages, _password(part), part.shrink, part.attachments)
    except PacketError as error:
        return StartedPart(part, failure=error)
    files = tuple((name, intake.start(plan.case.folder, name, wishes)) for name in named.files)
    return StartedPart(part, files, named.findings)


def _password(part: ExhibitPart) -> str | None:
    """The password from the environment variable that the case names; raises EvidenceError when it is not set."""
    if part.password_from is None:
        return None
    password = os.environ.get(part.password_from)
    if not password:
        message = f"the environment variable {part.password_from}, which should hold its password, is not set"
        raise EvidenceError.one("evidence-password", part.file, message, "Set it in the shell that runs `packet`, and run it again.")
    return password


def finish_exhibits(started: Mapping[int, Sequence[StartedPart]], failures: list[PacketError]) -> Mapping[int, tuple[ReadyPart, ...]]:
    """Waits for every conversion; what failed is added to `failures`, and the result is whole only when nothing did."""
    return {number: tuple(_ready(part, failures) for part in parts) for number, parts in started.items()}


def _ready(started: StartedPart, failures: list[PacketError]) -> ReadyPart:
    if started.failure is not None:
        failures.append(started.failure)
    files = []
    for name, future in started.files:
        try:
            kept = future.result()
        except PacketError as error:
            failures.append(error)
            continue
        files.append(ReadyFile(name, kept, Piece(kept.key, kept.file, kept.pages_out, bookmarks=kept.bookmarks)))
    return ReadyPart(started.part, tuple(files), started.findings)


def extracts(plan: PacketPlan, exhibits: Mapping[int, Sequence[ReadyPart]]) -> Mapping[str, str]:
    """For each exhibit that holds only some pages of a file, by id: which, such as `pages 1-3 and 7 of 12`.

    Of an exhibit of several files: `document 2: pages 1-3 and 7 of 12`, with the files counted from 1 and several set apart by semicolons.
    """
    found = [(plan.sections[number].exhibit, _extract(parts)) for number, parts in exhibits.items()]
    return {exhibit.exhibit_id: extract for exhibit, extract in found if exhibit and extract}


def _extract(parts: Sequence[ReadyPart]) -> str:
    originals = [part for part in parts if part.part.role is PartRole.ORIGINAL]
    taken = {}
    number = 1
    for part in originals:
        if part.extract:
            taken[number] = part.extract
        number += len(part.files)
    if number == 2:
        return taken.get(1, "")
    return "; ".join(f"document {number}: {extract}" for number, extract in taken.items())


def laid_files(exhibits: Mapping[int, Sequence[ReadyPart]], layout: Layout) -> Iterator[LaidFile]:
    """Every file of every exhibit, and of the notice of a response, with its packet pages, in packet order."""
    for number, parts in exhibits.items():
        page = layout.sections[number].evidence.first
        for file in (file for part in parts for file in part.files):
            yield LaidFile(file, page)
            page += file.piece.pages


def evidence_findings(exhibits: Mapping[int, Sequence[ReadyPart]], layout: Layout) -> Iterator[Finding]:
    """What was noted about the evidence, with the packet pages that it is about, in packet order."""
    for number, parts in exhibits.items():
        page = layout.sections[number].evidence.first
        for part in parts:
            yield from part.findings
            for file in part.files:
                yield from (_located(finding, file, page) for finding in file.kept.findings)
                page += file.piece.pages


def _located(finding: Finding, file: ReadyFile, first: int) -> Finding:
    """A plain finding whose place also names packet pages: those of the pages it is about, or all of the file's."""
    chosen = file.kept.chosen
    about = finding.pages if isinstance(finding, PageFinding) else chosen
    pages = [first + chosen.index(page) for page in about if page in chosen]
    where = f"{finding.where}, packet {describe_pages(pages)}" if pages else finding.where
    return Finding(finding.rule, finding.level, where, finding.message, finding.remedy, finding.source)
