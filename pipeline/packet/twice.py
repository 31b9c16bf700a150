"""Pages of the client's files that the exhibits of a packet hold twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from pipeline.evidence.page_range import describe_pages
from pipeline.findings import Finding
from pipeline.packet.exhibits import LaidFile, ReadyPart, laid_files
from pipeline.packet.layout import Layout
from pipeline.packet.plan import ExhibitPart, PacketPlan, PartRole
from pipeline.rules.check import found


class _Taken(Struct, frozen=True):
    """A file with its place in the case and in the packet."""

    number: int
    """Of its section in the plan."""
    part: ExhibitPart
    laid: LaidFile


def pages_twice(plan: PacketPlan, exhibits: Mapping[int, Sequence[ReadyPart]], layout: Layout) -> Iterator[Finding]:
    """A finding for each two places that take the same pages of one file, told by its bytes and not by its name.

    Two certificates may be the same, since one may speak for several translations.  What the rules already say of the case alone
    (`exhibit-file-twice`, `translation-same-file`, `translation-is-certificate`) is not said again.
    """
    holders: dict[tuple[str, int], _Taken] = {}
    for here in _taken(plan, exhibits, layout):
        kept = here.laid.file.kept
        again: dict[int, tuple[_Taken, list[int]]] = {}
        for page in kept.chosen:
            first = holders.setdefault((kept.sha256, page), here)
            if first is not here and {first.part.role, here.part.role} != {PartRole.CERTIFICATE}:
                again.setdefault(id(first), (first, []))[1].append(page)
        yield from (_finding(plan, first, here, pages) for first, pages in again.values() if not _known(first, here))


def _taken(plan: PacketPlan, exhibits: Mapping[int, Sequence[ReadyPart]], layout: Layout) -> Iterator[_Taken]:
    """The files of the exhibits, in packet order."""
    laid = laid_files(exhibits, layout)
    for number, parts in exhibits.items():
        for part in parts:
            for _ in part.files:
                taken = _Taken(number, part.part, next(laid))
                if plan.sections[number].exhibit:
                    yield taken


def _known(first: _Taken, here: _Taken) -> bool:
    """Whether a rule finds it in the case alone."""
    roles = {first.part.role, here.part.role}
    if first.part.file != here.part.file or first.part is here.part:
        return False
    return (first.part.pages == here.part.pages) if roles == {PartRole.ORIGINAL} else (len(roles) == 2 and first.number == here.number)


def _finding(plan: PacketPlan, first: _Taken, here: _Taken, pages: Sequence[int]) -> Finding:
    words = {"pages": f"{describe_pages(pages)} of {here.laid.file.name}", "first": _place(plan, first, pages)}
    return found("exhibit-pages-twice", _place(plan, here, pages), words)


def _place(plan: PacketPlan, taken: _Taken, pages: Sequence[int]) -> str:
    chosen = taken.laid.file.kept.chosen
    return f"{plan.case.where(taken.part.pointer)}, packet {describe_pages([taken.laid.first + chosen.index(page) for page in pages])}"
